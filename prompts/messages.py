"""The messages for a language model: answer from evidence, mend a draft.

The system message holds our rules; the user message holds texts of others, each between
delimiters (`prompts.fencing`) and cleaned (`prompts.cleaning`), and a reminder of ours at the end.
docs/prompts.md tells more.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.answers import AUDIENCES, Audience
from corpus.errors import InputError
from prompts.cleaning import clean_line, clean_text
from prompts.fencing import code_for
from prompts.loader import render

Role = Literal["system", "user", "assistant"]
# about 4,000 tokens of English
MAX_CHARS = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a chat, in the roles of the OpenAI interface."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """A unit behind its id ("u3"), or without one what introduces the units below it."""

    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBlock:
    """A passage as the model sees it: what it is, and its lines.

    `kind` is said as it stands ("guideline"); `section` is the path of its section.
    """

    title: str
    kind: str
    year: int | None
    section: str | None
    lines: tuple[EvidenceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """What is to be answered, after which `earlier` questions, and from what; all as it came.

    `evidence` is in order of importance, most important first. `max_chars` is the room for the
    contents of all messages together, in characters.
    """

    question: str
    article_title: str
    audience: Audience
    evidence: tuple[EvidenceBlock, ...]
    max_sentences: int
    max_chars: int = MAX_CHARS
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Messages, and how many blocks of the evidence they had room for."""

    messages: tuple[Message, ...]
    kept: int


def answer_prompt(task: AnswerTask) -> Prompt:
    """Return what asks for an answer; evidence without room is dropped whole, from the end.

    Raises InputError for a task that cannot be asked: no evidence, a unit's id twice, an unknown
    audience, no room for the first block of evidence.
    """
    clean = _checked(task)

    def build(kept: int) -> tuple[Message, ...]:
        evidence = clean.evidence[:kept]
        own = (clean.article_title, *clean.earlier, clean.question)
        code = code_for((*own, *_texts(evidence)))
        return _messages(
            "answer",
            _rules(clean, code),
            article_title=clean.article_title,
            earlier=clean.earlier,
            question=clean.question,
            evidence_blocks=render("evidence", code=code, evidence=evidence),
            code=code,
        )

    return _fitted(clean, build)


def repair_prompt(task: AnswerTask, draft: str, problems: Sequence[str]) -> Prompt:
    """Return what asks to mend a draft of an answer, of which `problems` say what is wrong.

    Evidence without room is dropped as in `answer_prompt`; raises InputError as it does.
    """
    clean = _checked(task)
    draft = clean_text(draft, is_draft=True)
    problems = tuple(clean_line(problem, is_draft=True) for problem in problems)

    def build(kept: int) -> tuple[Message, ...]:
        evidence = clean.evidence[:kept]
        own = (clean.article_title, *clean.earlier, clean.question, draft, *problems)
        code = code_for((*own, *_texts(evidence)))
        return _messages(
            "repair",
            _rules(clean, code),
            article_title=clean.article_title,
            earlier=clean.earlier,
            question=clean.question,
            evidence_blocks=render("evidence", code=code, evidence=evidence),
            draft=draft,
            problems=problems,
            code=code,
        )

    return _fitted(clean, build)


def judge_messages(sentence: str, evidence: Sequence[EvidenceBlock]) -> tuple[Message, ...]:
    """Return what asks whether units state what a sentence says."""
    sentence, blocks = clean_line(sentence), tuple(map(_clean, evidence))
    code = code_for((sentence, *_texts(blocks)))
    return _messages(
        "judge",
        {"data_rule": render("data", code=code)},
        evidence_blocks=render("evidence", code=code, evidence=blocks),
        sentence=sentence,
        code=code,
    )


def _checked(task: AnswerTask) -> AnswerTask:
    """Return the task with clean texts."""
    units = [line.unit for block in task.evidence for line in block.lines if line.unit]
    if not units or len(set(units)) < len(units):
        raise InputError("a prompt needs evidence, each unit with its own id")
    if task.audience not in AUDIENCES:
        raise InputError(f"a prompt's audience must be one of: {', '.join(AUDIENCES)}")
    if task.max_sentences < 1:
        raise InputError("a prompt must ask for at least one sentence")
    return replace(
        task,
        question=clean_line(task.question),
        earlier=tuple(map(clean_line, task.earlier)),
        article_title=clean_line(task.article_title),
        evidence=tuple(map(_clean, task.evidence)),
    )


def _clean(block: EvidenceBlock) -> EvidenceBlock:
    return replace(
        block,
        title=clean_line(block.title),
        kind=clean_line(block.kind),
        section=clean_line(block.section or ""),
        lines=tuple(replace(line, text=clean_line(line.text)) for line in block.lines),
    )


def _texts(evidence: Sequence[EvidenceBlock]) -> tuple[str, ...]:
    return tuple(
        text
        for block in evidence
        for text in (
            block.title,
            block.kind,
            str(block.year),
            block.section or "",
            *(line.text for line in block.lines),
        )
    )


def _rules(task: AnswerTask, code: str) -> dict[str, str]:
    """Return the parts of a system message that answers and repairs have in common."""
    return {
        "rules": render("rules", max_sentences=task.max_sentences),
        "audience_rule": render(f"audience_{task.audience}"),
        "data_rule": render("data", code=code),
    }


def _messages(prompt: str, rules: dict[str, str], **data: object) -> tuple[Message, ...]:
    system = render(f"{prompt}_system", **rules)
    return (
        Message(role="system", content=system),
        Message(role="user", content=render(f"{prompt}_user", **data)),
    )


def _fitted(task: AnswerTask, build: Callable[[int], tuple[Message, ...]]) -> Prompt:
    """Return the messages with as much evidence as has room; they grow with it."""

    def size(kept: int) -> int:
        return sum(len(message.content) for message in build(kept))

    kept = bisect_right(range(1, len(task.evidence) + 1), task.max_chars, key=size)
    if not kept:
        raise InputError(f"a prompt needs {size(1)} characters and may have {task.max_chars}")
    return Prompt(messages=build(kept), kept=kept)
