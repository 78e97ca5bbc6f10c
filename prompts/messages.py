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
from prompts.cleaning import NO_ANSWER, clean_line, clean_text
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
class NumberedEvidence:
    """A passage as the model sees it; `number`, from 1, is what an answer's marker names.

    `kind` is said as it stands ("guideline"); `section` is the path of its section.
    """

    number: int
    title: str
    kind: str
    year: int | None
    section: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """What is to be answered, and from what; nothing in it has to be clean.

    `evidence` is in order of importance, most important first. `max_chars` is the room for the
    contents of all messages together, in characters.
    """

    question: str
    article_title: str
    audience: Audience
    evidence: tuple[NumberedEvidence, ...]
    max_sentences: int
    max_chars: int = MAX_CHARS


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Messages, and the numbers of the evidence that they had no room for, in order."""

    messages: tuple[Message, ...]
    dropped: tuple[int, ...] = ()


def answer_prompt(task: AnswerTask) -> Prompt:
    """Return what asks for an answer; evidence without room is dropped whole, from the end.

    Raises InputError for a task that cannot be asked: no evidence, a number twice or below 1, an
    unknown audience, no room for the first piece of evidence.
    """
    clean = _checked(task)

    def build(kept: int) -> tuple[Message, ...]:
        evidence = clean.evidence[:kept]
        code = code_for((clean.article_title, clean.question, *_texts(evidence)))
        return _messages(
            "answer",
            _rules(clean, code),
            article_title=clean.article_title,
            question=clean.question,
            evidence_blocks=render("evidence", code=code, evidence=evidence),
            code=code,
            no_answer=NO_ANSWER,
        )

    return _fitted(clean, build)


def answer_messages(task: AnswerTask) -> tuple[Message, ...]:
    """Return the messages of `answer_prompt`; raises InputError."""
    return answer_prompt(task).messages


def repair_prompt(task: AnswerTask, draft: str, problems: Sequence[str]) -> Prompt:
    """Return what asks to mend a draft of an answer, of which `problems` say what is wrong.

    Evidence without room is dropped as in `answer_prompt`; raises InputError as it does.
    """
    clean = _checked(task)
    draft = clean_text(draft, is_draft=True)
    problems = tuple(clean_line(problem, is_draft=True) for problem in problems)

    def build(kept: int) -> tuple[Message, ...]:
        evidence = clean.evidence[:kept]
        own = (clean.article_title, clean.question, draft, *problems)
        code = code_for((*own, *_texts(evidence)))
        return _messages(
            "repair",
            _rules(clean, code),
            article_title=clean.article_title,
            question=clean.question,
            evidence_blocks=render("evidence", code=code, evidence=evidence),
            draft=draft,
            problems=problems,
            code=code,
            no_answer=NO_ANSWER,
        )

    return _fitted(clean, build)


def repair_messages(task: AnswerTask, draft: str, problems: Sequence[str]) -> tuple[Message, ...]:
    """Return the messages of `repair_prompt`; raises InputError."""
    return repair_prompt(task, draft, problems).messages


def _checked(task: AnswerTask) -> AnswerTask:
    """Return the task with clean texts."""
    numbers = [piece.number for piece in task.evidence]
    if not numbers or min(numbers) < 1 or len(set(numbers)) < len(numbers):
        raise InputError("a prompt needs evidence, each piece with its own number from 1")
    if task.audience not in AUDIENCES:
        raise InputError(f"a prompt's audience must be one of: {', '.join(AUDIENCES)}")
    if task.max_sentences < 1:
        raise InputError("a prompt must ask for at least one sentence")
    return replace(
        task,
        question=clean_line(task.question),
        article_title=clean_line(task.article_title),
        evidence=tuple(map(_clean, task.evidence)),
    )


def _clean(piece: NumberedEvidence) -> NumberedEvidence:
    return replace(
        piece,
        title=clean_line(piece.title),
        kind=clean_line(piece.kind),
        section=clean_line(piece.section or ""),
        text=clean_text(piece.text),
    )


def _texts(evidence: Sequence[NumberedEvidence]) -> tuple[str, ...]:
    return tuple(
        text for e in evidence for text in (e.title, e.kind, str(e.year), e.section or "", e.text)
    )


def _rules(task: AnswerTask, code: str) -> dict[str, str]:
    """Return the parts of a system message that answers and repairs have in common."""
    return {
        "rules": render("rules", max_sentences=task.max_sentences, no_answer=NO_ANSWER),
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
    dropped = tuple(piece.number for piece in task.evidence[kept:])
    return Prompt(messages=build(kept), dropped=dropped)
