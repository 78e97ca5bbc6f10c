"""What changed between two texts of an article: sentence by sentence, by section, and around it.

Sentences are compared as they are written, white space aside. One that stands elsewhere now is no
change. Citation numbers are compared by the works that they name, so that a list numbered anew
does not change every sentence that cites.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from corpus.formatting import vancouver
from corpus.records import Article, GlossaryEntry, Reference
from corpus.revision_matching import Said, paired_references, paired_sentences, said_in

ChangeKind = Literal["removed", "added", "reworded", "cites", "renumbered"]
SHOWN = 20
MAX_SHOWN_CHARS = 1000
_AROUND = ("audience_note", "disclaimer", "editorial_board", "policy_url", "updated")
# A text must not be able to steer the terminal that shows it.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; `before` is empty for what was added, `after` for what was removed.

    `what` is "sentence", "heading", "reference", "glossary", "title" or a field around the text
    ("disclaimer", "updated", …). `section` is the path of the section (the old one's for what was
    removed). `numbers_before` and `numbers_after` are the citation numbers of a sentence, or the
    number of a reference. "cites": the same words, other works; "renumbered": the same reference.
    """

    kind: ChangeKind
    what: str
    section: str = ""
    before: str = ""
    after: str = ""
    numbers_before: tuple[int, ...] = ()
    numbers_after: tuple[int, ...] = ()


def changes(old: Article, new: Article) -> tuple[Change, ...]:
    """Return what changed: around the text, in the text in its order, in the reference list."""
    pairs = paired_references(old.references, new.references)
    return (*_around(old, new), *_in_text(old, new, pairs), *_in_list(old, new, pairs))


def lines(found: Sequence[Change], limit: int | None = SHOWN) -> tuple[str, ...]:
    """Return changes as lines for people, at most `limit` changes (None: all).

    >>> lines([Change(kind="added", what="sentence", section="Doses", after="Take two.")])
    ('Doses: added: “Take two.”',)
    """
    shown = found if limit is None else found[:limit]
    told = [_CONTROL.sub("\N{REPLACEMENT CHARACTER}", line) for c in shown for line in _told(c)]
    more = len(found) - len(shown)
    if more:
        told.append(f"… and {more} more {'change' if more == 1 else 'changes'}")
    return tuple(told)


def change_record(change: Change) -> dict[str, Any]:
    """Return a change as JSON."""
    return asdict(change) | {
        "numbers_before": list(change.numbers_before),
        "numbers_after": list(change.numbers_after),
    }


def _around(old: Article, new: Article) -> Iterator[Change]:
    before, after = _surroundings(old), _surroundings(new)
    for what in before:
        yield from _between(what, before[what], after[what])
    was, now = ({entry.term: entry for entry in a.glossary} for a in (old, new))
    for term in dict.fromkeys((*was, *now)):
        yield from _between("glossary", _entry(was.get(term)), _entry(now.get(term)))


def _surroundings(article: Article) -> dict[str, str]:
    found = {"title": article.title, "note": article.document.note or ""}
    return found | {name: str(getattr(article, name) or "") for name in _AROUND}


def _entry(entry: GlossaryEntry | None) -> str:
    if entry is None:
        return ""
    spelt = ", ".join((entry.term, *entry.variants))
    return f"{spelt}: {'; '.join(filter(None, (entry.written_out, entry.meaning)))}"


def _between(what: str, before: str, after: str) -> Iterator[Change]:
    if before == after:
        return
    kind: ChangeKind = "reworded" if before and after else ("added" if after else "removed")
    yield Change(kind=kind, what=what, before=before, after=after)


def _in_text(old: Article, new: Article, references: Mapping[int, int]) -> Iterator[Change]:
    before, after = said_in(old), said_in(new)
    pairs = paired_sentences(before, after)
    old_works, new_works = _works(old, references), _works(new)
    placed: list[tuple[tuple[int, int, int], Change]] = []
    beside = -1  # what was removed is told behind the new place of what stood before it
    for i, was in enumerate(before):
        beside = pairs.get(i, beside)
        if i not in pairs:
            placed.append(((beside, 1, i), _sentence("removed", was=was)))
        elif was.text != after[beside].text:
            placed.append(((beside, 0, i), _sentence("reworded", was=was, now=after[beside])))
        elif _named(was, old_works) != _named(after[beside], new_works):
            placed.append(((beside, 0, i), _sentence("cites", was=was, now=after[beside])))
    known = set(pairs.values())
    placed += [
        ((j, 0, 0), _sentence("added", now=now)) for j, now in enumerate(after) if j not in known
    ]
    yield from (change for _, change in sorted(placed, key=lambda one: one[0]))


def _sentence(kind: ChangeKind, *, was: Said | None = None, now: Said | None = None) -> Change:
    said = now or was
    return Change(
        kind=kind,
        what="heading" if said is not None and said.is_heading else "sentence",
        section=said.section if said is not None else "",
        before=was.text if was else "",
        after=now.text if now else "",
        numbers_before=was.numbers if was else (),
        numbers_after=now.numbers if now else (),
    )


def _works(article: Article, pairs: Mapping[int, int] | None = None) -> dict[int, Hashable]:
    """Return what each number names: the entry's place in the new list, else what is only here."""
    found: dict[int, Hashable] = {}
    for place, reference in enumerate(article.references):
        if reference.number is not None:
            here = place if pairs is None else pairs.get(place, ("old", place))
            found.setdefault(reference.number, here)
    return found


def _named(said: Said, works: Mapping[int, Hashable]) -> set[Hashable]:
    return {works.get(number, ("unlisted", number)) for number in said.numbers}


def _in_list(old: Article, new: Article, pairs: Mapping[int, int]) -> Iterator[Change]:
    for place, was in enumerate(old.references):
        now = new.references[pairs[place]] if place in pairs else None
        if now is None:
            yield _reference("removed", was=was)
        elif reference_line(was) != reference_line(now):
            yield _reference("reworded", was=was, now=now)
        elif was.number != now.number:
            yield _reference("renumbered", was=was, now=now)
    known = set(pairs.values())
    for place, reference in enumerate(new.references):
        if place not in known:
            yield _reference("added", now=reference)


def _reference(
    kind: ChangeKind, *, was: Reference | None = None, now: Reference | None = None
) -> Change:
    return Change(
        kind=kind,
        what="reference",
        before=reference_line(was) if was else "",
        after=reference_line(now) if now else "",
        numbers_before=_number(was),
        numbers_after=_number(now),
    )


def _number(reference: Reference | None) -> tuple[int, ...]:
    return () if reference is None or reference.number is None else (reference.number,)


def reference_line(reference: Reference) -> str:
    """Return an entry with what an editor must know of it: kind, abstract, notices."""
    parts = [vancouver(reference) if reference.title else reference.as_listed, reference.kind]
    if reference.document_id:
        parts.append(f"abstract {reference.document_id}")
    for notice in reference.notices:
        date = f" of {notice.date.isoformat()}" if notice.date else ""
        parts.append(f"{notice.kind}{date} ({notice.source})")
    return f"{parts[0]} [{'; '.join(parts[1:])}]"


def _told(change: Change) -> Iterator[str]:
    where = _where(change)
    if change.kind == "cites":
        now, before = _listed(change.numbers_after), _listed(change.numbers_before)
        yield f"{where}: cites {now} instead of {before}: {_quoted(change.after)}"
    elif change.kind == "renumbered":
        yield f"{where}: renumbered: {_quoted(change.after)}"
    elif change.kind == "reworded":
        yield f"{where}: reworded: {_quoted(change.before)}"
        yield f"    now: {_quoted(change.after)}"
    else:
        yield f"{where}: {change.kind}: {_quoted(change.after or change.before)}"


def _where(change: Change) -> str:
    if change.what == "reference":
        numbers = dict.fromkeys((*change.numbers_before, *change.numbers_after))
        return " ".join(("reference", " → ".join(map(str, numbers)))).strip()
    if change.what in ("sentence", "heading"):
        return change.section or "text"
    return change.what.replace("_", " ")


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers)) or "nothing"


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + ' …'}”"
