"""What the reader learns from, and a round of it mixed."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from index.embedder import Embedder
from index.reading.tokens import Line
from training.asked import Contrast, Exercise, Floats, Text, contrasts, read_texts, text_of
from training.bioasq import Bioasq
from training.examples import Example, read_rows, sentences_of
from training.squad import Squad
from training.trials import Trials

# Every so many pages, articles with abstracts, and pages whose lists mislead (`trap`) are not
# learnt from: how far a training is shows on them. `hard` are more questions of pages learnt from.
HELD_OUT_EVERY = {"page": 12, "bundle": 8, "trap": 8, "hard": 20}
OURS = Path(__file__).with_name("data")
# The part of a source's questions that is drawn for a round: a round is short, since candidates are
# renewed between rounds.
SHARES = {"page": 0.2, "bundle": 0.2, "trap": 0.5, "hard": 0.5}
TEXT_SHARE = 0.12
UNANSQ_A_ROUND = 180
SQUAD_A_ROUND = 100
TRIALS_A_ROUND = 140
BIOASQ_A_ROUND = 120


def asked_texts(data: Path) -> list[Text]:
    """Return our texts, and those of a data folder that are no pages of ours.

    Raises InputError naming a file that is missing or its bad line.
    """
    others = [t for t in read_texts(data / "asked.jsonl") if t.source != "page"]
    pages = read_rows(OURS / "pages.jsonl")
    by_id = {row["id"]: row for row in pages}
    hard = [by_id[row["page"]] | row for row in read_rows(OURS / "hard.jsonl")]
    more = [text for name in ("bundles.jsonl", "traps.jsonl") for text in read_texts(OURS / name)]
    return [*map(text_of, [*pages, *hard]), *more, *others]


def split(texts: Sequence[Text]) -> tuple[list[Text], list[Text]]:
    """Return the texts to learn from and those that are held out."""
    held: set[str] = set()
    for source, every in HELD_OUT_EVERY.items():
        held |= set([t.text_id for t in texts if t.source == source][every - 1 :: every])
    return (
        [t for t in texts if t.text_id not in held],
        [t for t in texts if t.text_id in held],
    )


def nearnesses(texts: Sequence[Text], embedder: Embedder) -> dict[str, list[Floats]]:
    """Return for each text how near each unit is to each question, by embedding."""
    found: dict[str, list[Floats]] = {}
    for text in texts:
        units = embedder.embed_batch([f"{u.lead} {u.text}".strip() for u in text.units])
        asked = embedder.embed_batch(
            [" ; ".join([*q.earlier[-2:], q.question]) for q in text.questions]
        )
        found[text.text_id] = list(asked @ units.T)
    return found


class Mixture:
    """All sources: questions asked of pages and texts, crowd and experts' questions, trials.

    `near` tells how near each unit of a text is to each of its questions; it may be replaced.
    """

    def __init__(
        self,
        texts: Sequence[Text],
        near: dict[str, list[Floats]],
        data: Path,
        embedder: Embedder,
        seed: int,
    ) -> None:
        self._texts = list(texts)
        self.near = near
        self._bioasq = Bioasq(data / "bioasq.jsonl", embedder)
        self._unansq = read_rows(data / "unansq.jsonl")
        self._squad = Squad(data / "squad2_dev.jsonl")
        self._trials = Trials(data / "trials.jsonl")
        self._seed = seed

    def drawn(self, number: int) -> dict[str, list[int]]:
        """Return which questions of each text a round asks, by position."""
        rng = random.Random(f"{self._seed}-{number}-drawn")  # noqa: S311
        return {
            text.text_id: [
                i
                for i in range(len(text.questions))
                if rng.random() < SHARES.get(text.source, TEXT_SHARE)
            ]
            for text in self._texts
        }

    def round(self, number: int) -> list[Contrast]:
        """Return a round of contrasts in their mixed order; the same number gives the same."""
        rng = random.Random(f"{self._seed}-{number}")  # noqa: S311
        made: list[Contrast] = []
        drawn = self.drawn(number)
        for text in self._texts:
            asked = drawn[text.text_id]
            made += contrasts(text, self.near[text.text_id], self._texts, rng, asked)
        made += rng.sample(list(_minimal(self._unansq)), UNANSQ_A_ROUND)
        made += _sampled(self._squad.epoch(rng), SQUAD_A_ROUND, rng)
        made += _sampled(self._trials.epoch(rng), TRIALS_A_ROUND, rng)
        made += rng.sample(list(self._bioasq.epoch(rng)), BIOASQ_A_ROUND)
        rng.shuffle(made)
        return made


def _sampled(examples: Iterator[Example], count: int, rng: random.Random) -> list[Contrast]:
    return [(_exercise(e),) for e in rng.sample(list(examples), count)]


def _exercise(example: Example) -> Exercise:
    heading = Line(text=example.heading, judged=False)
    return Exercise(
        title="",
        earlier=(),
        question=example.question,
        lines=(heading, *(Line(text=s) for s in example.sentences)),
        answers=example.answers,
        relevant=example.relevant,
    )


def _minimal(rows: Sequence[dict[str, object]]) -> Iterator[Contrast]:
    """Yield each answerable question of a paragraph beside the next that is not."""
    for row in rows:
        sentences = sentences_of(str(row["text"]))
        if not sentences:
            continue
        asked = row["questions"]
        assert isinstance(asked, list)  # noqa: S101
        for one, other in zip(asked[::2], asked[1::2], strict=False):
            pair = [_about(sentences, q["question"], q["answers"]) for q in (one, other)]
            yield tuple(sorted(pair, key=lambda e: not e.answers))


def _about(sentences: Sequence[str], question: str, answers: Sequence[str]) -> Exercise:
    relevant = tuple(any(a in s for a in answers) for s in sentences)
    return Exercise(
        title="",
        earlier=(),
        question=question,
        lines=tuple(Line(text=s) for s in sentences),
        answers=bool(answers),
        relevant=relevant if bool(answers) == any(relevant) else None,
    )


def cached(path: Path, texts: Sequence[Text], embedder: Embedder) -> dict[str, list[Floats]]:
    """Return `nearnesses`, kept in a file."""
    stored: dict[str, Floats] = {}
    if path.exists():
        stored = load_file(path)
    missing = [text for text in texts if text.text_id not in stored]
    if missing:
        stored |= {k: np.stack(v) for k, v in nearnesses(missing, embedder).items()}
        save_file(stored, path)
    return {text.text_id: list(stored[text.text_id]) for text in texts}
