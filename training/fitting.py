"""The training loop: seeded, and resumable at its checkpoints."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.functional import softplus

from corpus.errors import InputError
from corpus.library import write_json
from index.reading.tokens import PADDING
from training.batches import Batch
from training.network import Encoder, Judge, Scores, joined

UNIT_POSITIVE = 2.0
CONTRAST_WEIGHT = 0.5
DENIAL_WEIGHT = 0.5
MAX_NORM = 1.0
WARM_UP = 0.05
CHECKPOINT_S = 600
HEADS_FASTER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train: `rate` is the highest learning rate, HEADS_FASTER times it that of the heads.

    `start` tells the weights that it starts from. `tokens` are read in all; the rate falls to zero
    with them. `bf16`: matrices are multiplied in bfloat16, weights stay float32; worth it on a
    processor with instructions for it.
    """

    start: str = "base"
    tokens: int = 14_000_000
    seed: int = 1
    rate: float = 8e-5
    decay: float = 0.01
    bf16: bool = False


def multiplies_bfloat16() -> bool:
    """Tell whether the processor has instructions for products of bfloat16."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("amx_bf16") or has.get("avx512_bf16"))


def read(encoder: Encoder, judge: Judge, batch: Batch, *, bf16: bool = False) -> Scores:
    """Return the scores of a batch's pairs, float32; the encoder is not trained."""
    asked, seen = batch.questions != PADDING, batch.windows != PADDING
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        with torch.no_grad():
            questions, windows = encoder(batch.questions, asked), encoder(batch.windows, seen)
        scores: Scores = judge(*joined(questions, asked, windows, seen), batch.parts)
    denies = None if scores.denies is None else scores.denies.float()
    return Scores(answers=scores.answers.float(), units=scores.units.float(), denies=denies)


def loss_of(scores: Scores, batch: Batch) -> Tensor:
    """Return the loss of one batch, a scalar: windows, units, and windows against each other."""
    whole = cross_entropy(scores.answers, batch.answers)
    each = cross_entropy(
        scores.units,
        batch.relevant,
        weight=batch.judged,
        reduction="sum",
        pos_weight=torch.full((1,), UNIT_POSITIVE),
    ) / batch.judged.sum().clamp(min=1)
    same = batch.contrast[:, None] == batch.contrast[None, :]
    against = same & (batch.answers[:, None] > batch.answers[None, :])
    apart = softplus(scores.answers[None, :] - scores.answers[:, None])[against]
    loss = whole + each + CONTRAST_WEIGHT * (apart.mean() if len(apart) else 0.0)
    if scores.denies is not None:
        loss = loss + DENIAL_WEIGHT * cross_entropy(scores.denies, batch.denies)
    return loss


def fit(
    networks: tuple[Encoder, Judge],
    batches_of: Callable[[int], Iterator[Batch]],
    plan: Plan,
    folder: Path,
    report: Callable[[int], None] = lambda _: None,
) -> None:
    """Train the judge in place; what is reached is kept in `folder` and taken up from there.

    `batches_of` gives a round's batches by its number, the same every time. `report` is called
    after each checkpoint with the tokens read so far.
    """
    _keep_plan(folder, plan)
    encoder, judge = networks
    encoder.eval()
    if plan.bf16:
        encoder.to(torch.bfloat16)
    judge.train()
    optimizer = _optimizer(judge, plan)
    reached = _resume(folder, judge, optimizer)
    done, skipped, loss = int(reached["tokens"]), int(reached["batches"]), reached["loss"]
    started, kept, first = time.monotonic(), time.monotonic(), done
    number = count = 0
    while done < plan.tokens:
        for batch in batches_of(number):
            count += 1
            if count <= skipped:
                continue
            for group in optimizer.param_groups:
                group["lr"] = group["highest"] * _shape(done / plan.tokens)
            made = _step(
                judge, optimizer, loss_of(read(encoder, judge, batch, bf16=plan.bf16), batch)
            )
            done += batch.tokens
            loss = 0.98 * loss + 0.02 * made if loss else made
            now = time.monotonic()
            _show(done, plan.tokens, (done - first) / (now - started), loss)
            if now - kept > CHECKPOINT_S or done >= plan.tokens:
                _save(folder, judge, optimizer, {"tokens": done, "batches": count, "loss": loss})
                judge.eval()
                report(done)
                judge.train()
                kept = time.monotonic()
            if done >= plan.tokens:
                break
        number += 1
    judge.eval()


def _show(done: int, of: int, pace: float, loss: float) -> None:
    left = (of - done) / pace / 60
    sys.stderr.write(
        f"\r{done:,} of {of:,} tokens, {pace:.0f} a second, {left:.0f} min left, loss {loss:.4f}  "
    )


def _keep_plan(folder: Path, plan: Plan) -> None:
    """Keep the plan beside what it reaches; raises InputError where another one was begun."""
    path = folder / "plan.json"
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != asdict(plan):
        raise InputError(f"{folder}: holds a training with another plan; name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, asdict(plan))


def _step(judge: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> float:
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(judge.parameters(), MAX_NORM)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def _shape(share: float) -> float:
    """Return the learning rate's part of its highest at a share of the training done."""
    return share / WARM_UP if share < WARM_UP else max(0.0, (1 - share) / (1 - WARM_UP))


def _optimizer(judge: Judge, plan: Plan) -> torch.optim.Optimizer:
    heads = ("whole.", "unit_end.", "unit_part.", "asked")
    named = [(n, p) for n, p in judge.named_parameters() if p.requires_grad]
    groups = (
        ([p for n, p in named if n.startswith(heads)], HEADS_FASTER * plan.rate, 0.0),
        ([p for n, p in named if not n.startswith(heads) and p.ndim > 1], plan.rate, plan.decay),
        ([p for n, p in named if not n.startswith(heads) and p.ndim < 2], plan.rate, 0.0),  # noqa: PLR2004
    )
    return torch.optim.AdamW(
        [{"params": p, "highest": rate, "weight_decay": d} for p, rate, d in groups],
        lr=plan.rate,
        betas=(0.9, 0.98),
    )


def _parameters(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    for number, group in enumerate(optimizer.param_groups):
        for position, parameter in enumerate(group["params"]):
            yield f"{number}.{position}", parameter


def _save(
    folder: Path, judge: Judge, optimizer: torch.optim.Optimizer, reached: dict[str, float]
) -> None:
    """Write weights, the optimizer's moments and how far the training is; the last one last."""
    moments = {
        f"{name}.{moment}": value
        for name, parameter in _parameters(optimizer)
        for moment, value in optimizer.state[parameter].items()
    }
    for name, tensors in (("judge", judge.state_dict()), ("moments", moments)):
        save_file({k: v.contiguous() for k, v in tensors.items()}, folder / f"{name}.new")
        (folder / f"{name}.new").rename(folder / f"{name}.safetensors")
    write_json(folder / "reached.json", reached)


def _resume(folder: Path, judge: Judge, optimizer: torch.optim.Optimizer) -> dict[str, float]:
    if not (folder / "reached.json").exists():
        return {"tokens": 0, "batches": 0, "loss": 0.0}
    reached: dict[str, float] = json.loads((folder / "reached.json").read_text(encoding="utf-8"))
    judge.load_state_dict(load_file(folder / "judge.safetensors"))
    moments = load_file(folder / "moments.safetensors")
    for name, parameter in _parameters(optimizer):
        state = {k.rpartition(".")[2]: v for k, v in moments.items() if k.startswith(f"{name}.")}
        optimizer.state[parameter] = state
    return reached
