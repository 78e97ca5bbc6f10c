"""Where the right texts lie in a library, and whether what was shown hits one.

White space is left out of account on both sides: a set's text and the stored one often differ in
it, and in nothing else.
"""

from dataclasses import dataclass

from corpus.library import Library
from evals.sets import GoldText


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch `[start, end)` of a document's stored text, in characters."""

    document_id: str
    start: int
    end: int

    def overlaps(self, other: "Place") -> bool:
        """Tell whether the two share a character."""
        same = self.document_id == other.document_id
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A gold text and every place where it stands; no places when it stands nowhere."""

    gold: GoldText
    places: tuple[Place, ...]

    @property
    def unlocated(self) -> bool:
        """True when there is a text and it could not be found."""
        return bool(self.gold.text) and not self.places

    def is_hit(self, shown: Place, quote: str) -> bool:
        """Tell whether the text shown, `quote` at `shown`, contains or overlaps the gold text.

        Only the gold document counts where one is named. Where the gold text was not found
        there, it is compared with the quote itself: one must hold the other.
        """
        if self.gold.doc not in (None, shown.document_id):
            return False
        if not self.gold.text:
            return True
        if self.places:
            return any(place.overlaps(shown) for place in self.places)
        wanted, found = squeezed(self.gold.text), squeezed(quote)
        return wanted in found or found in wanted


def squeezed(text: str) -> str:
    """Return the text without any white space.

    >>> squeezed("P < .05 (n = 12)")
    'P<.05(n=12)'
    """
    return "".join(text.split())


class GoldFinder:
    """Finds gold texts in the documents of one library; each document is squeezed once."""

    def __init__(self, library: Library) -> None:
        self._texts = {d.document_id: d.text for d in library.documents()}
        self._squeezed: dict[str, str] = {}
        self._offsets: dict[str, list[int]] = {}

    def find(self, gold: GoldText) -> Target:
        """Return every place of a gold text in its document, or in all when none is named."""
        documents = self._texts if gold.doc is None else [gold.doc]
        places = (p for document_id in documents for p in self._places(document_id, gold.text))
        return Target(gold=gold, places=tuple(places))

    def _places(self, document_id: str, text: str) -> list[Place]:
        wanted = squeezed(text)
        if not wanted or document_id not in self._texts:
            return []
        if document_id not in self._squeezed:
            self._squeezed[document_id] = squeezed(self._texts[document_id])
        found: list[Place] = []
        at = self._squeezed[document_id].find(wanted)
        while at >= 0:
            offsets = self._offsets_of(document_id)
            start, last = offsets[at], offsets[at + len(wanted) - 1]
            found.append(Place(document_id=document_id, start=start, end=last + 1))
            at = self._squeezed[document_id].find(wanted, at + 1)
        return found

    def _offsets_of(self, document_id: str) -> list[int]:
        """Return, for every character of the squeezed text, its offset in the stored one."""
        if document_id not in self._offsets:
            text = self._texts[document_id]
            self._offsets[document_id] = [i for i, c in enumerate(text) if not c.isspace()]
        return self._offsets[document_id]
