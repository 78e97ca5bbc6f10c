"""Fitting the support model: seeded, resumable, on the CPU or on a GPU when there is one."""

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from corpus.errors import InputError
from corpus.library import write_json
from index.pairs import PairEncoder
from training.support.batches import Batch, batches
from training.support.data import Recipe, epoch
from training.support.network import SupportNetwork

LABEL_SMOOTHING = 0.03
MAX_NORM = 1.0
WARM_UP = 0.06
CHECKPOINT_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train: `rate` is the highest learning rate, `head_rate` that of the head."""

    epochs: int = 2
    seed: int = 1
    rate: float = 1e-4
    head_rate: float = 1e-3
    decay: float = 0.01


def fit_support(
    network: SupportNetwork,
    mixtures: tuple[Recipe, Recipe],
    encoder: PairEncoder,
    plan: Plan,
    folder: Path,
    *,
    limit: int | None = None,
) -> None:
    """Train the support model in place, as `train` does.

    `limit`: learn from so many examples of each epoch only, to try the command.
    """

    def batches_of(number: int) -> list[Batch]:
        rng = random.Random(f"{plan.seed}-{number}-batches")  # noqa: S311
        examples = epoch(mixtures, plan.seed, number)[:limit]
        return list(batches(examples, encoder, rng))

    train(network, batches_of, plan, folder)


def loss_of(network: SupportNetwork, batch: Batch) -> Tensor:
    """Return the smoothed cross entropy of one batch, a scalar."""
    logits = network(batch.ids, batch.mask, batch.segments).float()
    return cross_entropy(logits, batch.says, label_smoothing=LABEL_SMOOTHING)


def train(
    network: SupportNetwork,
    batches_of: Callable[[int], Sequence[Batch]],
    plan: Plan,
    folder: Path,
) -> None:
    """Train `network` in place; what is reached is kept in `folder` and taken up from there.

    `batches_of` gives an epoch's batches by its number, the same every time.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device).train()
    optimizer = _optimizer(network, plan)
    done_epoch, done_batch, losses = _resume(folder, network, optimizer, device)
    for number in range(done_epoch, plan.epochs):
        made = batches_of(number)
        with tqdm(made, desc=f"epoch {number + 1}/{plan.epochs}", file=sys.stderr) as bar:
            for position, batch in enumerate(bar):
                if number == done_epoch and position < done_batch:
                    continue
                share = (number + position / len(made)) / plan.epochs
                for group in optimizer.param_groups:
                    group["lr"] = group["highest"] * _shape(share)
                with torch.autocast(device.type, torch.bfloat16):
                    made_loss = loss_of(network, batch.to(device))
                loss = _step(network, optimizer, made_loss)
                losses = 0.98 * losses + 0.02 * loss if losses else loss
                bar.set_postfix(loss=f"{losses:.4f}", refresh=False)
                if (position + 1) % CHECKPOINT_STEPS == 0:
                    _save(folder, network, optimizer, (number, position + 1, losses))
        _save(folder, network, optimizer, (number + 1, 0, losses))
    network.to("cpu").eval()


def keep_plan(folder: Path, plan: Plan, **more: Any) -> None:
    """Keep how the training was asked for beside what it reaches.

    Raises InputError when the folder holds what another plan reached.
    """
    wanted = {**asdict(plan), **more}
    path = folder / "plan.json"
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != wanted:
        raise InputError(f"{folder}: holds a training with another plan; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, wanted)


def _step(network: SupportNetwork, optimizer: torch.optim.Optimizer, loss: Tensor) -> float:
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), MAX_NORM)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def _shape(share: float) -> float:
    """Return the learning rate's part of its highest at a share of the training done."""
    return share / WARM_UP if share < WARM_UP else (1 - share) / (1 - WARM_UP)


def _optimizer(network: SupportNetwork, plan: Plan) -> torch.optim.Optimizer:
    trained = [(n, p) for n, p in network.named_parameters() if p.requires_grad]
    heads = [p for n, p in trained if not n.startswith("backbone.")]
    plain = [p for n, p in trained if n.startswith("backbone.") and p.ndim < 2]  # noqa: PLR2004
    matrices = [p for n, p in trained if n.startswith("backbone.") and p.ndim >= 2]  # noqa: PLR2004
    return torch.optim.AdamW(
        [
            {"params": matrices, "highest": plan.rate, "weight_decay": plan.decay},
            {"params": plain, "highest": plan.rate, "weight_decay": 0.0},
            {"params": heads, "highest": plan.head_rate, "weight_decay": plan.decay},
        ],
        lr=plan.rate,
    )


def _parameters(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    for number, group in enumerate(optimizer.param_groups):
        for position, parameter in enumerate(group["params"]):
            yield f"{number}.{position}", parameter


def _save(
    folder: Path,
    network: SupportNetwork,
    optimizer: torch.optim.Optimizer,
    reached: tuple[int, int, float],
) -> None:
    """Write weights, the optimizer's moments and how far the training is; the last one last."""
    folder.mkdir(parents=True, exist_ok=True)
    moments = {
        f"{name}.{moment}": value
        for name, parameter in _parameters(optimizer)
        for moment, value in optimizer.state[parameter].items()
    }
    for name, tensors in (("network", network.state_dict()), ("moments", moments)):
        save_file({k: v.contiguous() for k, v in tensors.items()}, folder / f"{name}.new")
        (folder / f"{name}.new").rename(folder / f"{name}.safetensors")
    write_json(folder / "reached.json", dict(zip(("epoch", "batch", "loss"), reached, strict=True)))


def _resume(
    folder: Path,
    network: SupportNetwork,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> tuple[int, int, float]:
    if not (folder / "reached.json").exists():
        return 0, 0, 0.0
    reached = json.loads((folder / "reached.json").read_text(encoding="utf-8"))
    network.load_state_dict(load_file(folder / "network.safetensors", device=str(device)))
    moments = load_file(folder / "moments.safetensors", device=str(device))
    for name, parameter in _parameters(optimizer):
        state = {k.rpartition(".")[2]: v for k, v in moments.items() if k.startswith(f"{name}.")}
        optimizer.state[parameter] = state
    return reached["epoch"], reached["batch"], reached["loss"]
