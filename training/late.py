"""Training of late interaction: `python -m training.late DATA [--output DIR]`.

DATA holds asked.jsonl. On two cores the texts are encoded in some ten minutes, then learnt from in
five; it takes 8 GB of memory.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, softplus
from tqdm import tqdm

from corpus.errors import SequiturError
from index.reading.network import TextEncoder
from index.reading.tokens import ReaderTokens
from index.reading.weights import FOLDER, stored_weights
from index.transformer import side_by_side
from training.asked import Text, lines_of, versions
from training.export import write
from training.mining import windows_of
from training.network import MPNET, padded
from training.sources import asked_texts, split

NAME = "late.safetensors"
VECTOR = 128
RATE = 1e-3
DECAY = 0.01
# Questions of one text that are learnt from at once.
AT_ONCE = 24
# Sums of likenesses are so many times themselves in log odds, to begin with.
SCALE = 3.0
# Questions and windows whose states tell where to begin.
START_FROM = 400


class Late(nn.Module):
    """What `index.reading.late.LateInteraction` computes, to be learnt."""

    def __init__(self, drawn: Tensor) -> None:
        """Begin with the main directions of states `drawn`, float (states, width), spread alike."""
        super().__init__()
        mean = drawn.mean(dim=0)
        spread, directions = torch.linalg.eigh(torch.cov((drawn - mean).T))
        start = (directions[:, -VECTOR:] * spread[-VECTOR:].rsqrt()).T
        self.asked, self.read = (nn.Linear(MPNET.width, VECTOR) for _ in range(2))
        self.counts = nn.Linear(MPNET.width, 1)
        self.scale = nn.Parameter(torch.tensor(SCALE))
        with torch.no_grad():
            for projection in (self.asked, self.read):
                projection.weight.copy_(start)
                projection.bias.copy_(-start @ mean)
            self.counts.weight.zero_()
            self.counts.bias.zero_()

    def forward(self, questions: Sequence[Tensor], windows: Sequence[Tensor]) -> Tensor:
        """Return how near each window comes, float (questions, windows); each (tokens, width)."""
        asked = torch.cat(list(questions))
        vectors = normalize(self.asked(asked), dim=-1) * softplus(self.counts(asked))
        read = normalize(self.read(torch.cat(list(windows))), dim=-1)
        lengths = torch.tensor([len(window) for window in windows])
        seen = torch.arange(int(lengths.max()))[None] < lengths[:, None]
        alike = torch.einsum("tv,wlv->twl", vectors, padded(read, seen))
        nearest = alike.masked_fill(~seen, -torch.inf).amax(dim=-1)
        each = torch.split(nearest, [len(question) for question in questions])
        return self.scale * torch.stack([one.sum(dim=0) for one in each])


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A question's tokens, a text's windows likewise, and which of these answer: some, not all."""

    question: tuple[int, ...]
    windows: tuple[tuple[int, ...], ...]
    answers: tuple[bool, ...]


def choices_of(text: Text, tokens: ReaderTokens) -> Iterator[Choice]:
    """Yield the questions of a text, in the version that answers them."""
    for asked in text.questions:
        units = versions(text, asked)[0]
        windows = windows_of(units)
        answers = tuple(any(units[i].answers for i in window) for window in windows)
        if any(answers) and not all(answers):
            lines = [lines_of(text.title, [units[i] for i in w], joint=False) for w in windows]
            yield Choice(
                question=tokens.question(text.title, asked.earlier, asked.question),
                windows=tuple(tokens.window(one).ids for one in lines),
                answers=answers,
            )


def loss_of(near: Tensor, answers: Tensor) -> Tensor:
    """Return how little a window that answers stands out from all that do not, a scalar.

    `near` (windows,) float, `answers` (windows,) bool.
    """
    return softplus(near[~answers].logsumexp(dim=0) - near[answers]).mean()


class Trainer:
    """Learns from what the encoder makes of texts, which is kept in memory."""

    def __init__(self, texts: Sequence[Text], seed: int) -> None:
        torch.manual_seed(seed)
        self._rng = random.Random(seed)  # noqa: S311
        tokens, encoder = ReaderTokens(), TextEncoder(stored_weights("encoder.safetensors"))
        self._states: dict[tuple[int, ...], Tensor] = {}
        asked = [list(choices_of(text, tokens)) for text in texts]
        self.texts = [choices for choices in asked if choices]
        for choices in tqdm(self.texts, desc="texts encoded"):
            every = (ids for choice in choices for ids in (choice.question, *choice.windows))
            new = [ids for ids in dict.fromkeys(every) if ids not in self._states]
            for ids, states in zip(new, side_by_side(encoder, new), strict=True):
                self._states[ids] = torch.from_numpy(states).half()

    def trained(self, epochs: int) -> Late:
        """Return what is learnt from all texts so many times; the rate falls to zero."""
        some = self._rng.sample(list(self._states.values()), min(len(self._states), START_FROM))
        late = Late(torch.cat(some).float())
        optimizer = torch.optim.AdamW(late.parameters(), lr=RATE, weight_decay=DECAY)
        order = [t for _ in range(epochs) for t in self._rng.sample(self.texts, len(self.texts))]
        falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, len(order))
        for text in tqdm(order, desc="texts learnt from"):
            drawn = self._rng.sample(text, min(len(text), AT_ONCE))
            loss = torch.stack([loss_of(*one) for one in self.nearness(late, drawn)]).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad()
            falling.step()
        return late

    def nearness(self, late: Late, choices: Sequence[Choice]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield for each question of one text what `loss_of` takes."""
        windows = list(dict.fromkeys(ids for choice in choices for ids in choice.windows))
        place = {ids: i for i, ids in enumerate(windows)}
        questions = [self._states[choice.question].float() for choice in choices]
        near = late(questions, [self._states[ids].float() for ids in windows])
        for choice, row in zip(choices, near, strict=True):
            yield row[[place[ids] for ids in choice.windows]], torch.tensor(choice.answers)


def ranks(late: Late, texts: Sequence[Text]) -> Iterator[int]:
    """Yield for every question the place, from 0, of the first window that answers."""
    trainer = Trainer(texts, seed=0)
    with torch.no_grad():
        for text in trainer.texts:
            for near, answers in trainer.nearness(late, text):
                yield int((near > near[answers].max()).sum())


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=FOLDER)
@click.option("--epochs", type=int, default=4, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(data: Path, output: Path, *, epochs: int, seed: int) -> None:
    """Train on DATA, tell how it orders the windows of held-out texts, and write the weights."""
    try:
        learnt, held = split(asked_texts(data))
        late = Trainer(learnt, seed).trained(epochs)
        places = list(ranks(late, held))
    except SequiturError as error:
        click.echo(f"training: {error}", err=True)
        sys.exit(2)
    for most in (1, 2, 3, 4, 5, 6, 8):
        share = sum(place < most for place in places) / len(places)
        click.echo(f"one that answers among the nearest {most}: {share:.3f} of {len(places)}")
    weights = {n: t.numpy() for n, t in late.state_dict().items() if n != "scale"}
    write(weights, output / NAME)


if __name__ == "__main__":
    main()
