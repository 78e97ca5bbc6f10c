"""Training the reader of messages: `python -m training.messages DATA [--output FILE]`.

Questions of DATA/asked.jsonl join the messages that were written for it. Before the weights are
written, each group of messages is left out in turn and told by what was learnt from the others.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from index.embedder import Embedder, embedder_of
from index.tensors import Floats
from service.messages import EMERGENCIES, KINDS, WEIGHTS, features_of, kinds_of
from training.examples import read_rows
from training.sources import OURS

QUESTIONS = 3000
PENALTY = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """n messages: what each is, which group it was written in, features (n, features)."""

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    features: Floats

    def of(self, chosen: Sequence[bool]) -> "Messages":
        """Return those that are chosen."""
        kept = [i for i, is_chosen in enumerate(chosen) if is_chosen]
        return Messages(
            labels=tuple(self.labels[i] for i in kept),
            groups=tuple(self.groups[i] for i in kept),
            features=self.features[kept],
        )


def fitted(messages: Messages) -> Floats:
    """Return weights, float32 (kinds, features), of a multinomial logistic regression."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=PENALTY, max_iter=500, fit_intercept=False)
    model.fit(messages.features, np.array(messages.labels))
    weights = np.full((len(KINDS), messages.features.shape[1]), 0.0)
    for kind, row in zip(model.classes_, model.coef_, strict=True):
        weights[KINDS.index(kind)] = row
    weights[[k for k, kind in enumerate(KINDS) if kind not in model.classes_], 0] = -99.0
    return weights.astype(np.float32)


def figures(labels: Sequence[str], found: Sequence[str]) -> str:
    """Say how many emergencies were told, and how many questions were taken for something else."""
    pairs = list(zip(labels, found, strict=True))
    urgent = [f in EMERGENCIES for label, f in pairs if label in EMERGENCIES]
    asked = [f for label, f in pairs if label == "question"]
    others = [f == label for label, f in pairs if label in ("instruction", "chatter")]
    parts = [f"{sum(urgent)} of {len(urgent)} emergencies"] if urgent else []
    parts += [f"{sum(others)} of {len(others)} orders and small talk"] if others else []
    alarms, lost = sum(f in EMERGENCIES for f in asked), sum(f in KINDS[3:] for f in asked)
    parts += [f"of {len(asked)} questions {alarms} as emergencies, {lost} as no question"]
    return "; ".join(parts)


def read_messages(path: Path, embedder: Embedder) -> Messages:
    """Return a file of messages; raises InputError naming a bad line."""
    rows = read_rows(path)
    return Messages(
        labels=tuple(row["label"] for row in rows),
        groups=tuple(row["group"] for row in rows),
        features=features_of([row["text"] for row in rows], embedder),
    )


def asked_questions(path: Path, embedder: Embedder) -> Messages:
    """Return twice QUESTIONS of a file of asked texts, the second half to be measured on."""
    every = [q["question"] for row in read_rows(path) for q in row["questions"]]
    drawn = random.Random("messages").sample(every, 2 * QUESTIONS)  # noqa: S311
    return Messages(
        labels=("question",) * len(drawn),
        groups=("asked",) * len(drawn),
        features=features_of(drawn, embedder),
    )


def joined(*parts: Messages) -> Messages:
    """Return messages as one."""
    return Messages(
        labels=tuple(label for part in parts for label in part.labels),
        groups=tuple(group for part in parts for group in part.groups),
        features=np.vstack([part.features for part in parts]),
    )


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default=WEIGHTS)
def main(data: Path, output: Path) -> None:
    """Fit on our messages and DATA's questions, print figures on what was left out, and write."""
    from safetensors.numpy import save

    embedder = embedder_of()
    ours = read_messages(OURS / "messages.jsonl", embedder)
    unseen = read_messages(OURS / "messages_unseen.jsonl", embedder)
    asked = asked_questions(data / "asked.jsonl", embedder)
    first = [i < QUESTIONS for i in range(2 * QUESTIONS)]
    learnt, kept = asked.of(first), asked.of([not f for f in first])
    for group in sorted(set(ours.groups)):
        rest = joined(ours.of([g != group for g in ours.groups]), learnt)
        out = ours.of([g == group for g in ours.groups])
        click.echo(f"{group:<10} {figures(out.labels, kinds_of(out.features, fitted(rest)))}")
    weights = fitted(joined(ours, learnt))
    for name, part in (("unseen", unseen), ("asked", kept)):
        click.echo(f"{name:<10} {figures(part.labels, kinds_of(part.features, weights))}")
    output.write_bytes(save({"weights": weights}))
    click.echo(f"{output.name}: SHA-256 {hashlib.sha256(output.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
