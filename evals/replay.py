"""Recorded replies through the whole path, offline: `python -m evals.replay FILE.jsonl`.

A line holds what a language model replied to a question: `id`, `question`, `article`, `history`,
`answerable`, `answered`, and `sentences` with `text`, `units` (the texts of the units that each
points at), `faithful` and `kind`. The question is asked of a library; in the model's place the
reply is given, with the ids that its units have in the prompt. Counted is what a reader sees: how
many faithful and how many false sentences, as they were written.
"""

import json
import re
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import InputError, SequiturError
from corpus.library import Library, write_json
from evals.files import refuse_unwritable
from prompts.cleaning import clean_line
from prompts.messages import Message
from service.assistant import Assistant, Question
from service.wording import Wordings

if TYPE_CHECKING:
    from service.writing.checking import Checks

PLACES = 3
UNKNOWN = "u9999"
_UNIT = re.compile(r"^\[(u\d+)\] (.*)$", re.MULTILINE)
Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A sentence of a reply with the texts of its units; `kind` says how it is true or false."""

    text: str
    units: tuple[str, ...]
    faithful: bool
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model replied to a question, and whether the library answers that."""

    reply_id: str
    question: str
    article: str | None
    history: tuple[str, ...]
    answerable: bool
    answered: bool
    sentences: tuple[Written, ...]


@dataclass(slots=True, kw_only=True)
class Replaying:
    """A model that gives one reply, whatever it is asked."""

    reply: Reply
    name: str = "replay@nowhere"
    asked: int = field(default=0)

    def stream(
        self, messages: Sequence[Message], *, form: Mapping[str, Any] | None = None
    ) -> Generator[str, None, None]:
        """Give the reply as JSON, with the ids that its units have in the messages."""
        del form
        self.asked += 1
        ids = {text: name for name, text in _UNIT.findall(messages[-1].content)}
        sentences = [
            {"text": s.text, "units": [ids.get(clean_line(unit), UNKNOWN) for unit in s.units]}
            for s in self.reply.sentences
        ]
        yield json.dumps({"answered": self.reply.answered, "sentences": sentences})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of a reply: which of its sentences are shown as written, and of the answer."""

    reply: Reply
    asked: bool
    refused: bool
    shown: tuple[bool, ...]

    @property
    def whole(self) -> bool:
        """Whether every faithful sentence of it is shown."""
        pairs = zip(self.reply.sentences, self.shown, strict=True)
        return self.asked and all(shown for one, shown in pairs if one.faithful)


@click.command()
@click.argument("replies", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--library", type=click.Path(path_type=Path, file_okay=False), help="Default: sample")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False))
def main(replies: Path, *, library: Path | None, json_file: Path | None) -> None:
    """Give recorded REPLIES in a language model's place, and count what is shown of them."""
    from index.reading.checker import BuiltInChecker
    from ingest.sample import sample_library
    from service.settings import load_settings
    from service.writing.checking import Checks

    try:
        refuse_unwritable(json_file)
        settings = load_settings()
        folder = library or sample_library(Path(settings.data_dir))
        assistant = Assistant.open(folder, settings)
        found = replayed(read_replies(replies), assistant, Checks(BuiltInChecker()))
    except SequiturError as error:
        click.echo(f"replay: {error}", err=True)
        sys.exit(2)
    result = measured(found)
    if json_file is not None:
        write_json(json_file, result)
    click.echo("\n".join(table(result)))


def read_replies(path: Path) -> list[Reply]:
    """Return the replies of a file; raises InputError naming a bad line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_reply(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: no reply ({error})") from error
    return found


def _reply(row: Mapping[str, Any]) -> Reply:
    return Reply(
        reply_id=row["id"],
        question=row["question"],
        article=row["article"],
        history=tuple(row["history"]),
        answerable=row["answerable"],
        answered=row["answered"],
        sentences=tuple(
            Written(text=s["text"], units=tuple(s["units"]), faithful=s["faithful"], kind=s["kind"])
            for s in row["sentences"]
        ),
    )


def replayed(
    replies: Sequence[Reply], assistant: Assistant, checks: "Checks"
) -> Iterator[Replayed]:
    """Yield what becomes of each reply when the assistant's questions lead to it."""
    for reply in replies:
        model = Replaying(reply=reply)
        answer = writing(assistant, model, checks).ask(
            Question(text=reply.question, article=reply.article, history=reply.history)
        )
        stated = {statement.text for statement in answer.statements}
        yield Replayed(
            reply=reply,
            asked=bool(model.asked),
            refused=answer.refusal is not None,
            shown=tuple(sentence.text in stated for sentence in reply.sentences),
        )


def writing(assistant: Assistant, model: Replaying, checks: "Checks") -> Assistant:
    """Return an assistant like another one that lets `model` write."""
    from copy import copy

    from service.writing.engine import GenerativeEngine, Limits

    library: Library = assistant.library
    same = copy(assistant)
    same.engine = GenerativeEngine(
        library,
        Wordings(library),
        model=model,
        checks=checks,
        quoting=assistant.engine,
        limits=Limits.of(assistant.settings),
    )
    return same


def measured(found: Iterator[Replayed] | Sequence[Replayed]) -> Record:
    """Return shares of sentences shown as written, by kind, and what became of the answers."""
    every = list(found)
    shown: dict[str, list[bool]] = {}
    for one in every:
        for sentence, is_shown in zip(one.reply.sentences, one.shown, strict=True):
            side = "faithful" if sentence.faithful else "false"
            for name in (side, f"{side}: {sentence.kind}"):
                shown.setdefault(name, []).append(is_shown)
    answered = [one for one in every if one.reply.answered]
    answerable = [one for one in every if one.reply.answerable]
    declined = [one for one in every if not one.reply.answered]
    return {
        "replies": len(every),
        "shown": {
            name: {"n": len(each), "share": round(sum(each) / len(each), PLACES)}
            for name, each in sorted(shown.items())
        },
        "whole": sum(one.whole for one in answered),
        "answered": len(answered),
        "refused_before_asked": sum(not one.asked for one in answerable),
        "answerable": len(answerable),
        "declined_and_refused": sum(one.refused for one in declined),
        "declined": len(declined),
    }


def table(result: Record) -> Iterator[str]:
    """Give the lines of a table."""
    for name, row in result["shown"].items():
        yield f"{name:<24}{row['n']:>5}{row['share']:>8.3f}"
    yield f"answers whole and in prose: {result['whole']} of {result['answered']}"
    yield (
        f"answerable questions refused before the model is asked: "
        f"{result['refused_before_asked']} of {result['answerable']}"
    )
    yield f"declined and refused: {result['declined_and_refused']} of {result['declined']}"


if __name__ == "__main__":
    main()
