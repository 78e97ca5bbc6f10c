"""True sentences of texts: as they stand, cut short, said otherwise, changed, and astray."""

import random
from collections.abc import Iterator, Sequence

from evals.perturbing_names import Names
from evals.varying import varied
from training.support.changes import changes, names_in, shortened
from training.support.examples import ClaimExample, Says

SENTENCE_WORDS = range(8, 61)
ALONE = 0.6
CUT_SHORT = 0.7
# A claim that is changed afterwards was said otherwise as often, so that this alone tells nothing.
SAID_OTHERWISE = 0.5


class TrueSentences:
    """Sentences drawn from texts; `per_text` of each are drawn in a round.

    With `texts_a_round` only so many texts are drawn from.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[str]],
        *,
        per_text: int,
        texts_a_round: int | None = None,
    ) -> None:
        kept = [tuple(s for s in text if len(s.split()) in SENTENCE_WORDS) for text in texts]
        kept = [text for text in kept if text]
        everywhere = Names.of(s for text in kept for s in text)
        self._texts = [(text, names_in(text, everywhere)) for text in kept]
        self._per_text = per_text
        self._texts_a_round = texts_a_round

    def epoch(self, rng: random.Random) -> Iterator[ClaimExample]:
        """Yield one round of examples."""
        texts = self._texts
        if self._texts_a_round is not None:
            texts = rng.sample(texts, min(len(texts), self._texts_a_round))
        for text, names in texts:
            for place in rng.sample(range(len(text)), min(len(text), self._per_text)):
                yield from _exercises(text, place, names, rng)


def _exercises(
    text: Sequence[str], place: int, names: Names, rng: random.Random
) -> Iterator[ClaimExample]:
    sentence = text[place]
    around = tuple(text[max(0, place - 1) : place + 2])
    evidence = (sentence,) if rng.random() < ALONE else around
    claim = shortened(sentence, rng) if rng.random() < CUT_SHORT else sentence
    if rng.random() < SAID_OTHERWISE:
        claim = _otherwise(claim, rng)
    yield ClaimExample(claim=claim, evidence=evidence, says=Says.SUPPORTED)
    for changed, says in changes(claim, rng, names):
        yield ClaimExample(claim=changed, evidence=evidence, says=says)
    other = rng.choice(text)
    if other not in evidence:
        yield ClaimExample(claim=claim, evidence=(other,), says=Says.NOT_FOUND)


def _otherwise(sentence: str, rng: random.Random) -> str:
    """Return the sentence in other words, spelling or units; as it is where nothing offers."""
    ways = varied(sentence, seed=rng.randrange(1_000_000))
    return rng.choice(ways).text if ways else sentence
