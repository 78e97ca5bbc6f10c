"""The YAML block at the head of a Markdown article, checked key by key.

    ---
    slug: cop-causes
    title: What causes cryptogenic organizing pneumonia?
    review_status: approved
    updated: 2025-09-09
    references:
      - number: 1
        kind: research
        title: Cryptogenic organizing pneumonia.
        pmid: 22718212
        abstract: …
    ---

All keys may be left out; of a reference only its title must be there, of an entry of the glossary
its term, and what it means or what it stands for.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpus.errors import FileInputError
from corpus.records import GlossaryEntry, Reference, ReferenceKind, ReviewStatus
from ingest.drafts import SourceFile
from ingest.reference_lists import kind_named
from ingest.yaml_values import YamlValue, yaml_value

MAX_NUMBER = 999
_KEYS = (
    "slug",
    "title",
    "review_status",
    "updated",
    "audience_note",
    "editorial_board",
    "policy_url",
    "disclaimer",
    "glossary",
    "references",
)
_GLOSSARY_KEYS = ("term", "written_out", "meaning", "variants")
_REFERENCE_KEYS = (
    "number",
    "kind",
    "title",
    "authors",
    "journal",
    "year",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "url",
    "publication_types",
    "abstract",
    "abstract_note",
)
_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_HEAD = re.compile(r"---[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:---|[A-Za-z_]+[ \t]*:)")
_EARLIEST_YEAR, _LATEST_YEAR = 1500, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedReference:
    """A reference of the front matter with its abstract, in paragraphs (none: no abstract)."""

    reference: Reference
    abstract: tuple[str, ...] = ()
    abstract_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What the front matter says; None for a key that is absent or empty."""

    slug: str | None = None
    title: str | None = None
    review_status: ReviewStatus | None = None
    updated: dt.date | None = None
    audience_note: str | None = None
    editorial_board: str | None = None
    policy_url: str | None = None
    disclaimer: str | None = None
    glossary: tuple[GlossaryEntry, ...] = ()
    references: tuple[ListedReference, ...] | None = None


def opens_front_matter(head: str) -> bool:
    """Tell whether a text begins with front matter."""
    return _HEAD.match(head) is not None


def split_front_matter(source: SourceFile) -> tuple[FrontMatter, str, int]:
    """Return the front matter, the text after it, and the number of lines before that text.

    Raises FileInputError, with line and key, for front matter that is not closed, not YAML, not a
    mapping, or holds an unknown key or a value of the wrong kind.
    """
    text = source.text()
    opening = _OPENING.match(text)
    if opening is None:
        if text.rstrip() == "---":
            raise _unclosed(source)
        return FrontMatter(), text, 0
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise _unclosed(source)
    root = yaml_value(source, text[opening.end() : closing.start()], first_line=2)
    return _front_matter(root), text[closing.end() :], text.count("\n", 0, closing.end())


def _front_matter(root: YamlValue | None) -> FrontMatter:
    if root is None:
        return FrontMatter()
    given = root.mapping(_KEYS)
    status = given.get("review_status")
    references = given.get("references")
    return FrontMatter(
        slug=given["slug"].raw() if "slug" in given else None,
        title=_text(given, "title"),
        review_status=ReviewStatus(status.one_of(list(ReviewStatus))) if status else None,
        updated=given["updated"].date() if "updated" in given else None,
        audience_note=_text(given, "audience_note"),
        editorial_board=_text(given, "editorial_board"),
        policy_url=given["policy_url"].web_address() if "policy_url" in given else None,
        disclaimer=_disclaimer(given),
        glossary=tuple(_glossary(given["glossary"])) if "glossary" in given else (),
        references=_references(references) if references else None,
    )


def _glossary(listed: YamlValue) -> Iterator[GlossaryEntry]:
    spellings: set[str] = set()
    for entry in listed.items():
        explained = _glossary_entry(entry)
        for spelling in (explained.term, *explained.variants):
            if spelling in spellings:
                raise entry.wrong(f"{spelling[:60]!a} stands in the glossary already")
            spellings.add(spelling)
        yield explained


def _glossary_entry(entry: YamlValue) -> GlossaryEntry:
    given = entry.mapping(_GLOSSARY_KEYS)
    term, meaning, written_out = (_text(given, key) for key in ("term", "meaning", "written_out"))
    if term is None:
        raise entry.wrong("has no term")
    if meaning is None and written_out is None:
        raise entry.wrong("has neither a meaning nor what is written out")
    variants = given["variants"].items() if "variants" in given else ()
    return GlossaryEntry(
        term=term,
        meaning=meaning or "",
        written_out=written_out,
        variants=tuple(text for text in (value.text() for value in variants) if text),
    )


def _references(listed: YamlValue) -> tuple[ListedReference, ...]:
    references: list[ListedReference] = []
    for entry in listed.items():
        reference = _reference(entry)
        number = reference.reference.number
        if number is not None and number in (r.reference.number for r in references):
            raise entry.wrong(f"the number {number} is given to another reference already")
        references.append(reference)
    return tuple(references)


def _reference(entry: YamlValue) -> ListedReference:
    given = entry.mapping(_REFERENCE_KEYS)
    title = _text(given, "title")
    if title is None:
        raise entry.wrong("has no title")
    if "abstract_note" in given and "abstract" not in given:
        raise given["abstract_note"].wrong("stands without an abstract")
    year, number = given.get("year"), given.get("number")
    reference = Reference(
        title=title,
        number=number.whole_number(1, MAX_NUMBER) if number else None,
        kind=_kind(given),
        authors=_texts(given, "authors"),
        journal=_text(given, "journal"),
        year=year.whole_number(_EARLIEST_YEAR, _LATEST_YEAR) if year else None,
        volume=_text(given, "volume"),
        issue=_text(given, "issue"),
        pages=_text(given, "pages"),
        doi=given["doi"].doi() if "doi" in given else None,
        pmid=_matching(given, "pmid", r"(?:PMID:?\s*)?(\d{1,9})", "digits"),
        pmcid=_pmcid(given),
        url=given["url"].web_address() if "url" in given else None,
        publication_types=_texts(given, "publication_types"),
    )
    return ListedReference(
        reference=reference,
        abstract=given["abstract"].paragraphs() if "abstract" in given else (),
        abstract_note=_text(given, "abstract_note"),
    )


def _text(given: Mapping[str, YamlValue], key: str) -> str | None:
    return given[key].text() if key in given else None


def _matching(given: Mapping[str, YamlValue], key: str, pattern: str, expected: str) -> str | None:
    return given[key].matching(pattern, expected) if key in given else None


def _pmcid(given: Mapping[str, YamlValue]) -> str | None:
    digits = _matching(given, "pmcid", r"(?:PMC)?(\d{1,9})", "PMC and digits")
    return f"PMC{digits}" if digits else None


def _disclaimer(given: Mapping[str, YamlValue]) -> str | None:
    return "\n\n".join(given["disclaimer"].paragraphs()) or None if "disclaimer" in given else None


def _texts(given: Mapping[str, YamlValue], key: str) -> tuple[str, ...]:
    entries = given[key].items() if key in given else ()
    return tuple(text for text in (entry.text() for entry in entries) if text)


def _kind(given: Mapping[str, YamlValue]) -> ReferenceKind:
    if "kind" not in given:
        return "research"
    kind = kind_named(given["kind"].raw())
    if kind is None:
        raise given["kind"].wrong("expected guideline or research")
    return kind


def _unclosed(source: SourceFile) -> FileInputError:
    reason = "front matter opens here and is never closed by a line '---'"
    return FileInputError(source.name, reason, place="line 1")
