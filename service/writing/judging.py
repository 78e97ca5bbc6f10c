"""A second model's opinion on a sentence: by choice, the last of the checks."""

import json
import re
from collections.abc import Sequence

from corpus.errors import GenerationError
from index.reading.lines import Placed
from prompts.messages import EvidenceBlock, EvidenceLine, judge_messages
from service.llm import LanguageModel

VERDICT_FORM = {
    "type": "object",
    "properties": {"because": {"type": "string"}, "supported": {"type": "boolean"}},
    "required": ["because", "supported"],
    "additionalProperties": False,
}
MAX_REASON_CHARS = 200
UNHEARD = "the second model gave no verdict"
_VERDICT = re.compile(r'\{[^{}]*"supported"[^{}]*\}', re.DOTALL)


class ModelJudge:
    """Asks a language model whether units say what a sentence says.

    A model that cannot be reached, or whose verdict cannot be read, lets nothing pass.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._model = model

    def faults(self, sentence: str, units: Sequence[Placed]) -> tuple[str, ...]:
        """Return what the model objects to in a sentence, empty when nothing."""
        messages = judge_messages(sentence, _blocks(units))
        try:
            said = "".join(self._model.stream(messages, form=VERDICT_FORM))
        except GenerationError:
            return (UNHEARD,)
        verdict = _read(said)
        if verdict is None:
            return (UNHEARD,)
        supported, because = verdict
        return () if supported else (f"a second model objects: {because}",)


def _blocks(units: Sequence[Placed]) -> tuple[EvidenceBlock, ...]:
    """Return units as a model sees them, neighbours of one section together."""
    blocks: list[EvidenceBlock] = []
    for number, unit in enumerate(units, start=1):
        lines = (
            *map(_lead_in, unit.introduced_by),
            EvidenceLine(text=unit.text, unit=f"u{number}"),
        )
        blocks.append(
            EvidenceBlock(
                title=unit.title, kind="", year=None, section=unit.section or None, lines=lines
            )
        )
    return tuple(blocks)


def _lead_in(text: str) -> EvidenceLine:
    return EvidenceLine(text=text)


def _read(said: str) -> tuple[bool, str] | None:
    """Return the verdict and its reason from a reply; the last one counts where there are more."""
    for found in reversed(_VERDICT.findall(said)):
        try:
            verdict = json.loads(found, strict=False)
        except ValueError:
            continue
        if isinstance(verdict.get("supported"), bool):
            because = " ".join(str(verdict.get("because", "")).split())
            return verdict["supported"], because[:MAX_REASON_CHARS]
    return None
