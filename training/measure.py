"""How well a training reads whole texts: `python -m training.measure DATA WORK [--questions N]`.

Every window of held-out pages and articles with abstracts is read, not the nearest alone, and
then the best units together as in use. Each question is asked of the version that answers and of
the one that does not.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from safetensors.torch import load_file

from corpus.errors import SequiturError
from evals.measures import auroc
from index.reading.model import Asked, WindowReader
from index.reading.reading import TOGETHER, TOGETHER_CHARS, with_room
from training.asked import Asked as AskedOfText
from training.asked import Text, Unit, lines_of, versions
from training.base import reader_of
from training.mining import windows_of
from training.network import Judge
from training.sources import asked_texts, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What is said of a text: the last reading's verdict, and whether the first unit is right."""

    verdict: float
    right: bool


def read_text(reader: WindowReader, text: Text, units: Sequence[Unit], asked: AskedOfText) -> Read:
    """Read all of a text's windows, and then its best units together."""
    question = Asked(question=asked.question, earlier=asked.earlier, title=text.title)
    windows = windows_of(units)
    lines = [lines_of(text.title, [units[i] for i in window], joint=False) for window in windows]
    alone = {
        position: score
        for window, scores in zip(windows, reader.read_windows(question, lines), strict=True)
        for position, score in zip(window, scores.units, strict=True)
        if score is not None
    }
    order = sorted(alone, key=lambda position: (-alone[position], position))
    lengths = [len(units[p].text) for p in order[:TOGETHER]]
    best, chosen = order[0], sorted(order[: with_room(lengths, TOGETHER_CHARS)])
    joint = lines_of(text.title, [units[p] for p in chosen], joint=True)
    (said,) = reader.read_windows(question, [joint])
    score = {
        position: alone[position] + (alone[position] if together is None else together)
        for position, together in zip(chosen, said.units, strict=True)
    }
    first = max(chosen, key=lambda p: (score[p], p == best))
    return Read(verdict=said.answers, right=units[first].answers)


def measured(
    reader: WindowReader, texts: Sequence[Text], questions: int
) -> Iterator[tuple[str, str, Read, Read]]:
    """Yield for a fixed sample of questions its source, kind, and both versions as read."""
    every = [(text, asked) for text in texts for asked in text.questions]
    drawn = random.Random("measure").sample(every, min(questions, len(every)))  # noqa: S311
    for text, asked in sorted(drawn, key=lambda pair: pair[0].text_id):
        answering, lacking = versions(text, asked)
        if lacking and any(unit.answers for unit in answering):
            kind = "cut" if asked.units else "added"
            with_it, without = (read_text(reader, text, v, asked) for v in (answering, lacking))
            yield text.source, kind, with_it, without


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("work", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--questions", type=int, default=200, show_default=True)
def main(data: Path, work: Path, *, questions: int) -> None:
    """Print pairs right, AUROC and the share of right first units, by source and kind."""
    try:
        judge = Judge()
        judge.load_state_dict(load_file(work / "judge.safetensors"))
        reader = reader_of(judge)
        found: dict[tuple[str, str], list[tuple[Read, Read]]] = defaultdict(list)
        held = split(asked_texts(data))[1]
        for source, kind, with_it, without in measured(reader, held, questions):
            found[source, kind].append((with_it, without))
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)
    for (source, kind), pairs in sorted(found.items()):
        right = sum(w.verdict > o.verdict for w, o in pairs) / len(pairs)
        area = auroc(
            [True] * len(pairs) + [False] * len(pairs),
            [w.verdict for w, _ in pairs] + [o.verdict for _, o in pairs],
        )
        first = sum(w.right for w, _ in pairs) / len(pairs)
        click.echo(
            f"{source:<8}{kind:<8}{len(pairs):>4} pairs right {right:.2f}, "
            f"AUROC {area:.2f}, right unit first {first:.2f}"
        )


if __name__ == "__main__":
    main()
