"""How far the training is: windows of the held-out pages, told from those that do not answer."""

import random
import sys
from collections.abc import Mapping, Sequence

import torch

from index.reading.tokens import ReaderTokens
from training.asked import Floats, Text, contrasts
from training.batches import Batch, asked, batches
from training.fitting import read
from training.network import Encoder, Judge

QUESTIONS = 240


class Probe:
    """A fixed sample of contrasts of pages that are not learnt from."""

    def __init__(
        self,
        held: Sequence[Text],
        near: Mapping[str, list[Floats]],
        tokens: ReaderTokens,
        encoder: Encoder,
        judge: Judge,
        *,
        bf16: bool,
    ) -> None:
        rng = random.Random("probe")  # noqa: S311
        every = [c for text in held for c in contrasts(text, near[text.text_id], held, rng)]
        chosen = [contrast[:2] for contrast in rng.sample(every, min(len(every), QUESTIONS))]
        self._batches: list[Batch] = list(batches(chosen, asked(tokens), rng))
        self._encoder, self._judge = encoder, judge
        self._bf16 = bf16

    def report(self, tokens: int) -> None:
        """Write the shares of pairs told apart, of right first units, and the window's AUROC."""
        pairs, first, every = [], [], []
        for batch in self._batches:
            with torch.inference_mode():
                scores = read(self._encoder, self._judge, batch, bf16=self._bf16)
            for row in range(0, len(batch.answers), 2):
                pairs.append(bool(scores.answers[row] > scores.answers[row + 1]))
                units = scores.units[row].masked_fill(batch.judged[row] == 0, -1e9)
                first.append(bool(batch.relevant[row, int(units.argmax())] > 0))
            every += list(zip(scores.answers.tolist(), batch.answers.tolist(), strict=True))
        yes = [s for s, a in every if a]
        no = [s for s, a in every if not a]
        auroc = sum((y > n) + 0.5 * (y == n) for y in yes for n in no) / (len(yes) * len(no))
        sys.stderr.write(
            f"\n{tokens:,} tokens: pairs {sum(pairs) / len(pairs):.3f}, right unit first "
            f"{sum(first) / len(first):.3f}, AUROC {auroc:.3f}\n"
        )
