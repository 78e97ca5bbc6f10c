"""What a reader is told about an answer that a language model was asked to write."""

from collections.abc import Collection
from dataclasses import dataclass, field

from corpus.errors import GenerationFailure
from service.writing.reply import Sentence

# Ids that a notice names; a model may print any number of them.
UNITS_NAMED = 3
_QUOTED = "The sources are quoted instead."
_WENT_WRONG: dict[GenerationFailure, str] = {
    "unreachable": "The language model could not be reached.",
    "slow": "The language model did not answer in time.",
    "busy": "The language model is busy.",
    "spent": "The language model has reached its limit for today.",
    "cut": "The language model broke off.",
    "endless": "The language model did not come to an end.",
    "empty": "The language model wrote nothing.",
    "filtered": "The language model declined to write an answer.",
    "too_large": "The evidence is too long for the language model.",
}
_OTHERWISE = "The language model could not be used."
BROKE_OFF = "The language model did not finish this answer; what it wrote until then is shown."
DECLINED = (
    "The language model held that these texts do not answer the question. The sentences that came "
    "nearest are quoted instead; judge for yourself."
)
NOTHING_HELD = "The cited texts support nothing of what the language model wrote."


def quoted_instead(failure: GenerationFailure) -> str:
    """Return why the sources are quoted where a model was to write."""
    return f"{_WENT_WRONG.get(failure, _OTHERWISE)} {_QUOTED}"


def nothing_held() -> str:
    """Return that nothing of what was written can be shown."""
    return f"{NOTHING_HELD} {_QUOTED}"


@dataclass(slots=True)
class Counts:
    """What became of sentences that are not shown as they were written.

    `astray` counts sentences that named a unit that was not shown, `unknown` are these ids.
    """

    struck: int = 0
    replaced: int = 0
    astray: int = 0
    unknown: set[str] = field(default_factory=set)

    def note(self, sentence: Sentence, units: Collection[str]) -> None:
        """Count the ids that a sentence names and that lead nowhere."""
        unknown = [name for name in sentence.units if name not in units]
        self.unknown.update(unknown)
        self.astray += bool(unknown)

    def notices(self) -> tuple[str, ...]:
        """Return what was replaced or not shown, and which ids led nowhere; none if all is well."""
        found = []
        if self.replaced:
            were = "was" if self.replaced == 1 else "were"
            found.append(
                f"{_sentences(self.replaced)} {were} replaced by what the cited texts say: they "
                f"do not support {_them(self.replaced)}."
            )
        if self.struck:
            were = "was" if self.struck == 1 else "were"
            found.append(
                f"{_sentences(self.struck)} {were} not shown: the cited texts do not support "
                f"{_them(self.struck)}."
            )
        if self.unknown:
            named = ", ".join(sorted(self.unknown, key=_number)[:UNITS_NAMED])
            do = "does" if len(self.unknown) == 1 else "do"
            found.append(f"{_sentences(self.astray)} cited evidence {named}, which {do} not exist.")
        return tuple(found)


def _number(name: str) -> int:
    return int(name[1:])


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _sentences(count: int) -> str:
    return "1 sentence" if count == 1 else f"{count} sentences"
