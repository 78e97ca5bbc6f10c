"""What a reader is told about an answer that a language model was asked to write."""

from collections.abc import Collection

from corpus.errors import GenerationFailure
from service.engine_checking import Checked

# Numbers of evidence that a notice names; a model may print any number of them.
NUMBERS_NAMED = 3
LARGEST_NAMED = 999
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


def counted(checked: Checked) -> tuple[str, ...]:
    """Return what was not shown, and which citations led nowhere; nothing when all was well."""
    found = []
    if checked.struck:
        found.append(_struck(len(checked.struck)))
    if checked.unknown:
        found.append(_unknown(checked.astray, checked.unknown))
    if checked.unread:
        found.append(f"{_sentences(checked.unread)} bore a citation that could not be read.")
    return tuple(found)


def _struck(count: int) -> str:
    was = "was" if count == 1 else "were"
    return f"{_sentences(count)} {was} not shown: the cited texts do not support " + (
        "it." if count == 1 else "them."
    )


def _unknown(astray: int, unknown: Collection[int]) -> str:
    """Return how many sentences cited evidence that is not there, and which."""
    numbers = sorted(n for n in unknown if 0 <= n <= LARGEST_NAMED)[:NUMBERS_NAMED]
    named = f" {', '.join(map(str, numbers))}" if numbers else ""
    do = "does" if len(unknown) == 1 else "do"
    return f"{_sentences(astray)} cited evidence{named}, which {do} not exist."


def _sentences(count: int) -> str:
    return "1 sentence" if count == 1 else f"{count} sentences"
