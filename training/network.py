"""The reader's network: a text is encoded once, a question is read with it.

The lower layers see the question and the window apart from each other, so that what they make of a
window can be kept for all questions; the upper layers see both together (MacAvaney et al. 2020,
"Efficient Document Re-Ranking for Transformers by Precomputing Term Representations"). Layers are
MPNet's (Song et al. 2020): self-attention with a bias by the distance of two tokens.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear

from index.reading.network import BUCKETS, bucket

VOCABULARY = 30527


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of a network: of its states and layers, and how many layers see what.

    `first` is the position of a text's first token among `positions`.
    """

    width: int
    inner: int
    lower: int
    upper: int
    positions: int
    first: int
    epsilon: float
    heads: int = 12


# MPNet counts positions from behind its padding token.
MPNET = Shape(width=768, inner=3072, lower=5, upper=4, positions=514, first=2, epsilon=1e-5)
# Of the embedding and the support model; no reader is trained from it.
MINILM = Shape(width=384, inner=1536, lower=0, upper=6, positions=512, first=0, epsilon=1e-12)


class Layer(nn.Module):
    """One transformer layer, normalised after each half."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, epsilon = shape.width, shape.epsilon
        self.heads = shape.heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.attended = nn.LayerNorm(width, eps=epsilon)
        self.inner = nn.Linear(width, shape.inner)
        self.outer = nn.Linear(shape.inner, width)
        self.ended = nn.LayerNorm(width, eps=epsilon)

    def forward(self, states: Tensor, mask: Tensor, bias: Tensor) -> Tensor:
        """Return new states, float (tokens, width): those of `mask`'s true places, in order.

        `mask` (n, length) is true for a token. `bias` is added to attention's
        logits. Only attention works on padded rows.
        """
        n, length = mask.shape
        width = states.shape[-1]
        parts = (self.query, self.key, self.value)  # as one product and one padding: far faster
        weight, offset = (torch.cat([getattr(p, of) for p in parts]) for of in ("weight", "bias"))
        rows = padded(linear(states, weight, offset), mask).view(n, length, 3, self.heads, -1)
        query, key, value = rows.permute(2, 0, 3, 1, 4)
        logits = (query / math.sqrt(width // self.heads)) @ key.transpose(-1, -2) + bias
        seen = logits.softmax(dim=-1).to(value.dtype) @ value
        seen = seen.transpose(1, 2).reshape(n * length, width).index_select(0, places_of(mask))
        states = self.attended(states + self.out(seen))
        ended: Tensor = self.ended(states + self.outer(gelu(self.inner(states))))
        return ended


def padded(states: Tensor, mask: Tensor) -> Tensor:
    """Return packed states (tokens, width) in their rows, float (n, length, width), 0.0 between."""
    rows = states.new_zeros((mask.numel(), states.shape[-1]))
    return rows.index_copy(0, places_of(mask), states).view(*mask.shape, -1)


def places_of(mask: Tensor) -> Tensor:
    """Return where a mask is true, counted through its rows, int64 (tokens,)."""
    return mask.reshape(-1).nonzero().squeeze(1)


class Encoder(nn.Module):
    """Embeddings and the lower layers: what stands in one text, whatever is asked of it."""

    def __init__(self, shape: Shape = MPNET) -> None:
        super().__init__()
        self.first = shape.first
        self.words = nn.Embedding(VOCABULARY, shape.width)
        self.positions = nn.Embedding(shape.positions, shape.width)
        self.embedded = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.distances = nn.Embedding(BUCKETS, shape.heads)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.lower))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the states of `ids` (n, length), float (tokens, width), packed.

        `mask` (n, length) is true for a token; states come in the order of its true places.
        """
        places = torch.arange(ids.shape[1]).expand_as(ids)[mask] + self.first
        states: Tensor = self.embedded(self.words(ids[mask]) + self.positions(places))
        bias = biased(self.distances, mask)
        for layer in self.layers:
            states = layer(states, mask, bias)
        return states


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Log odds for n pairs: `answers` (n,) of the window, `units` (n, units) of each unit.

    `denies` (n,) is what a judge of claims says beside: that the window says otherwise.
    """

    answers: Tensor
    units: Tensor
    denies: Tensor | None = None


class Judge(nn.Module):
    """The upper layers and the heads: what a window says to a question.

    One of claims (`denying`) has a second output for the whole window: that it says otherwise.
    """

    def __init__(self, shape: Shape = MPNET, *, denying: bool = False) -> None:
        super().__init__()
        width = shape.width
        self.distances = nn.Embedding(BUCKETS, shape.heads)
        self.asked = nn.Parameter(torch.zeros(width))
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.upper))
        self.whole = nn.Sequential(
            nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1 + denying)
        )
        self.unit_end = nn.Linear(width, 1)
        self.unit_part = nn.Linear(width, 1)

    def forward(self, states: Tensor, mask: Tensor, asked: Tensor, parts: Tensor) -> Scores:
        """Judge pairs, a question's tokens and right behind them its window's.

        `states` are packed, float (tokens, width); `mask`, `asked` and `parts` are padded: `asked`
        (n, length) is 1.0 for the question's tokens, `parts` (n, units, length) averages over
        each unit's tokens, the last of which is its separator.
        """
        bias = biased(self.distances, mask).to(states.dtype)
        states = states + asked[mask].unsqueeze(-1) * self.asked
        for layer in self.layers:
            states = layer(states, mask, bias)
        states = padded(states, mask)
        whole = self.whole(states[:, 0])
        units = torch.einsum("nul,nl->nu", parts, self.unit_part(states).squeeze(-1))
        ends = torch.einsum("nul,nl->nu", _ends(parts), self.unit_end(states).squeeze(-1))
        denies = whole[:, 1] if whole.shape[1] > 1 else None
        return Scores(answers=whole[:, 0], units=units + ends, denies=denies)


def joined(
    questions: Tensor, asked: Tensor, windows: Tensor, seen: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return questions and windows, each packed with its mask, as the judge's pairs.

    Packed states, their mask (n, length), and 1.0 for the question's tokens, float (n, length).
    """
    before, behind = asked.sum(dim=1).tolist(), seen.sum(dim=1).tolist()
    pieces = zip(torch.split(questions, before), torch.split(windows, behind), strict=True)
    states = torch.cat([part for pair in pieces for part in pair])
    ends = torch.tensor(before)[:, None]
    totals = ends + torch.tensor(behind)[:, None]
    places = torch.arange(int(totals.max()))[None, :]
    return states, places < totals, (places < ends).float()


def _ends(parts: Tensor) -> Tensor:
    """Return `parts` with 1.0 at each unit's last token and 0.0 elsewhere."""
    inside = (parts > 0).to(parts.dtype)
    later = inside.flip(-1).cumsum(-1).flip(-1)
    return inside * (later == 1)


def biased(distances: nn.Embedding, mask: Tensor) -> Tensor:
    """Return what is added to attention's logits, float (n, heads, length, length)."""
    length = mask.shape[1]
    at = np.arange(length)
    places = torch.from_numpy(bucket(at[None, :] - at[:, None]))
    by_distance: Tensor = distances(places).permute(2, 0, 1)
    hidden = torch.zeros(mask.shape, dtype=by_distance.dtype, device=mask.device)
    hidden = hidden.masked_fill(~mask, torch.finfo(by_distance.dtype).min / 2)
    return by_distance[None] + hidden[:, None, None, :]
