"""Whether the units that a sentence points at say what it says.

Three layers, each strict by itself: exact vetoes (figures, names, quotes), the trained checker, and
by choice a second model that judges (`service.writing.judging`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from index.reading.checker import Checked, CheckerModel
from index.reading.lines import Placed, under_headings
from service.writing.reply import Sentence
from service.writing.units import EvidenceUnit
from service.writing.vetoes import figures_lacking, names_lacking, quotes_lacking

# The checker's probability from which on a sentence is shown. Of claims on held-out texts, half of
# them made to mislead, 59 of 100 true and 10 of 100 false ones pass; at 0.97 it is 39 and 4
# (docs/verification.md has the table). A sentence that does not pass is not lost: it is quoted.
SHOWN_AT = 0.9
NOT_ALL = "these units do not say all of this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a sentence's units say of it: the probability that they say all of it, and faults.

    `faults` are short English phrases; a sentence with any is not shown.
    """

    support: float
    faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the sentence may be shown."""
        return not self.faults


class Judge(Protocol):
    """A second opinion on sentences that the first two layers let pass."""

    @property
    def name(self) -> str:
        """The judge's name as shown to people."""
        ...

    def faults(self, sentence: str, units: Sequence[Placed]) -> tuple[str, ...]:
        """Return what is wrong with a sentence, empty when nothing is."""
        ...


class Checks:
    """Judges sentences by their units; the same input always gives the same judgement.

    `judge` is asked last, where there is one.
    """

    def __init__(
        self, model: CheckerModel, *, shown_at: float = SHOWN_AT, judge: Judge | None = None
    ) -> None:
        self.model = model
        self._shown_at = shown_at
        self._judge = judge

    @property
    def judged_by(self) -> str:
        """The name of the second opinion, empty where there is none."""
        return self._judge.name if self._judge is not None else ""

    def judge(self, sentence: Sentence, units: Sequence[EvidenceUnit]) -> Judgement:
        """Judge a sentence by the units that it points at; there is at least one."""
        placed = tuple(unit.placed() for unit in units)
        (judged,) = self.judge_placed([(sentence.text, placed)], quotes=sentence.quotes)
        if judged.holds and self._judge is not None:
            return replace(judged, faults=self._judge.faults(sentence.text, placed))
        return judged

    def judge_placed(
        self, pairs: Sequence[tuple[str, Sequence[Placed]]], *, quotes: Sequence[str] = ()
    ) -> list[Judgement]:
        """Judge texts by units, each by its own, in order, without the second opinion.

        `quotes` must stand in the units of each.
        """
        windows = [(text, under_headings(units)) for text, units in pairs]
        said = self.model.check(windows)
        return [
            self._judged(text, "\n".join(line.text for line in lines), one, quotes)
            for (text, lines), one in zip(windows, said, strict=True)
        ]

    def _judged(self, text: str, evidence: str, said: Checked, quotes: Sequence[str]) -> Judgement:
        faults = vetoed(text, evidence, quotes)
        denied = "these units say otherwise" if said.denies > said.supports else NOT_ALL
        told = (*faults, denied) if said.supports < self._shown_at else faults
        return Judgement(support=said.supports, faults=told)


def vetoed(text: str, evidence: str, quotes: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what a sentence holds and its evidence does not, as phrases.

    >>> vetoed("Give 5 mg.", "Give 2 mg.")
    ('5 mg is not there',)
    """
    lacking = (
        *figures_lacking(text, evidence),
        *names_lacking(text, evidence),
        *(f"“{quote}”" for quote in quotes_lacking(quotes, evidence)),
    )
    return tuple(f"{what} is not there" for what in lacking)
