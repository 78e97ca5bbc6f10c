"""What of an old text is what of a new one: equal first, then the most alike, each once."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from corpus.records import Article, Reference, Span

# Two sentences that share this part of their words (Dice) are one that was reworded.
ALIKE = 0.5
# Titles are short: two of one field share half of their words easily.
ENTRY_ALIKE = 0.75
# Comparing all with all is bounded; beyond it only what stands at a similar place is compared.
MAX_COMPARED = 200_000
_WORD = re.compile(r"\w+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence, list item, table row or heading; `section` is the path of its section.

    `numbers` are the citation numbers printed at it.
    """

    text: str
    section: str
    is_heading: bool
    numbers: tuple[int, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """The different words, without regard to case."""
        return words_of(self.text)


@dataclass(slots=True)
class Pairing(Generic[T]):
    """Pairs of positions in `old` and `new`, found in rounds; no position is paired twice."""

    old: Sequence[T]
    new: Sequence[T]
    pairs: dict[int, int] = field(default_factory=dict)

    def left(self) -> tuple[list[int], list[int]]:
        """Return the positions without a partner, in order."""
        taken = set(self.pairs.values())
        old = [i for i in range(len(self.old)) if i not in self.pairs]
        return old, [j for j in range(len(self.new)) if j not in taken]

    def by_key(self, key: Callable[[T], Hashable | None]) -> None:
        """Pair what has the same key, in order; None is no key."""
        old, new = self.left()
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for j in reversed(new):
            waiting[key(self.new[j])].append(j)
        for i in old:
            found = key(self.old[i])
            if found is not None and waiting[found]:
                self.pairs[i] = waiting[found].pop()

    def by_likeness(
        self,
        words: Callable[[T], frozenset[str]],
        same: Callable[[T, T], bool],
        *,
        least: float = ALIKE,
    ) -> None:
        """Pair what shares the most words, the most alike first, then the nearest.

        Left alone is what shares less than `least` (Dice) or is not the `same` otherwise.
        """
        old, new = self.left()
        reach = MAX_COMPARED // max(1, len(old), len(new))
        bags = {j: words(self.new[j]) for j in new}
        found: list[tuple[float, int, int, int]] = []
        for at, i in enumerate(old):
            bag = words(self.old[i])
            beside = at * len(new) // len(old)
            for j in new[max(0, beside - reach) : beside + reach + 1]:
                alike = likeness(bag, bags[j])
                if alike >= least and same(self.old[i], self.new[j]):
                    found.append((-alike, abs(i - j), i, j))
        taken: set[int] = set()
        for _, _, i, j in sorted(found):
            if i not in self.pairs and j not in taken:
                self.pairs[i] = j
                taken.add(j)


def words_of(text: str) -> frozenset[str]:
    """Return the different words of a text, without regard to case."""
    return frozenset(_WORD.findall(text.casefold()))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of words in common (Dice), 0 to 1.

    >>> likeness(words_of("It heals slowly."), words_of("It heals fast."))
    0.6666666666666666
    """
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0


def said_in(article: Article) -> tuple[Said, ...]:
    """Return all that an article's text says, in order; white space is made even."""
    document, found = article.document, []
    for block in document.blocks:
        spans = block.sentences or (Span(start=block.start, end=block.end),)
        # a number printed behind a sentence's end belongs to it, up to where the next begins
        reaches = [*(span.start for span in spans[1:]), block.end]
        section = " > ".join(document.section_path(block.section))
        for span, reach in zip(spans, reaches, strict=True):
            text = " ".join(span.of(document.text).split())
            if text:
                numbers = document.numbers_cited_in(Span(start=span.start, end=reach))
                is_heading = block.kind == "heading"
                found.append(
                    Said(text=text, section=section, is_heading=is_heading, numbers=numbers)
                )
    return tuple(found)


def paired_sentences(old: Sequence[Said], new: Sequence[Said]) -> dict[int, int]:
    """Return which sentence is which: equal in the same section, equal anywhere, reworded."""
    pairing = Pairing(old, new)
    pairing.by_key(lambda said: (said.text, said.is_heading, said.section))
    pairing.by_key(lambda said: (said.text, said.is_heading))
    pairing.by_likeness(lambda said: said.words, lambda a, b: a.is_heading == b.is_heading)
    return pairing.pairs


def paired_references(old: Sequence[Reference], new: Sequence[Reference]) -> dict[int, int]:
    """Return which entry is which: by identifier, as printed, by title and year, then mended."""
    pairing = Pairing(old, new)
    pairing.by_key(lambda reference: reference.pmid)
    pairing.by_key(lambda reference: reference.doi.casefold() if reference.doi else None)
    pairing.by_key(lambda reference: reference.pmcid)
    pairing.by_key(lambda reference: _plain(reference.as_listed))
    pairing.by_key(lambda reference: (_plain(reference.title), reference.year))
    pairing.by_likeness(
        lambda reference: words_of(f"{reference.as_listed} {reference.title}"),
        _is_mended,
        least=ENTRY_ALIKE,
    )
    return pairing.pairs


def _is_mended(one: Reference, other: Reference) -> bool:
    """Tell whether one may be the other, mended: its number stayed, no identifier differs."""
    ids = ((one.pmid, other.pmid), (one.doi, other.doi), (one.pmcid, other.pmcid))
    differs = any(a and b and a.casefold() != b.casefold() for a, b in ids)
    return one.number == other.number and not differs


def _plain(text: str) -> str | None:
    return " ".join(_WORD.findall(text.casefold())) or None
