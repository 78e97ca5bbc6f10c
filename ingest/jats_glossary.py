"""The glossary of a JATS article (`back/glossary/def-list`): abbreviations, or words explained."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from corpus.records import GlossaryEntry
from ingest.jats_inline import InlineReader

MAX_WRITTEN_OUT_WORDS = 12
_SENTENCE_END = re.compile(r"[.;:!?](?:\s|$)")


def read_glossary(root: Element, inline: InlineReader) -> tuple[GlossaryEntry, ...]:
    """Return the entries of an article in order, each term once; those without a definition not."""
    entries: dict[str, GlossaryEntry] = {}
    for item in _items(root):
        term, *variants = (inline.element(e).text for e in item.findall("term"))
        meaning = " ".join(filter(None, (inline.element(e).text for e in item.findall("def"))))
        term = term.rstrip(":")
        if term and meaning and term not in entries:
            entries[term] = _entry(term, meaning, tuple(filter(None, variants)))
    return tuple(entries.values())


def _items(root: Element) -> Iterator[Element]:
    for glossary in root.findall("back//glossary"):
        for item in glossary.iter("def-item"):
            if item.find("term") is not None:
                yield item


def _entry(term: str, meaning: str, variants: tuple[str, ...]) -> GlossaryEntry:
    """Tell a list of abbreviations, which gives a few words for each, from one of explanations."""
    letters = [c for c in term if c.isalpha()]
    shortened = " " not in term and 2 * sum(c.isupper() for c in letters) >= max(1, len(letters))
    few = len(meaning.split()) <= MAX_WRITTEN_OUT_WORDS
    if shortened and len(letters) > 1 and few and not _SENTENCE_END.search(meaning):
        return GlossaryEntry(term=term, written_out=meaning, variants=variants)
    return GlossaryEntry(term=term, meaning=meaning, variants=variants)
