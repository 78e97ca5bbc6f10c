"""Words to scores: BM25 over stems and concepts, and how rare each word is in this library."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN
from numpy.typing import NDArray

from index.lexicon import Lexicon, american

Scores = NDArray[np.float32]

# Lucene's variant (Robertson & Zaragoza, 2009) with its usual k1 and b; on the four BEIR-shaped
# development sets no other pair is better on average (docs/evaluation.md).
K1, B = 1.2, 0.75
_WORD = re.compile(r"\w+")
_STOP = frozenset(STOPWORDS_EN)
# Words that only ask, point or keep a conversation going; no passage answers better for them.
_ASKING = frozenset(
    "what which who whom whose when where why how does do did is are was were can could should "
    "would will may might must has have had am been being many much i me my we us our you your he "
    "him his she her hers its them theirs this that these those one ones any some about so also "
    "just now here please tell let say explain describe talk thanks ok okay".split()
)


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    word = american(word)
    # the stemmer would make one of "hepatitis" and "hepatic", of "sinusitis" and "sinus"
    return word if word.endswith("itis") else str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """Return the SHA-256 of all that decides stems and terms; an index keeps it."""
    digest = hashlib.sha256()
    for name in ("lexical.py", "lexicon.py", "lexicon.txt"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


def stems(text: str) -> list[str]:
    """Return the words of `text` in American spelling, stemmed, in order, without stop words."""
    return [_stem(w) for w in _WORD.findall(text.lower()) if w not in _STOP and w not in _ASKING]


def terms(text: str) -> list[str]:
    """Return what a text is read by: its stems, and "=concept" where the lexicon knows one.

    A word that has synonyms is replaced by its concept, so that they count as the same word; a
    phrase of several words keeps its words and gets the concept besides.

    >>> terms("The febrile patient was short of breath")
    ['=fever', 'patient', 'short', 'breath', '=dyspnoea']
    """
    words = stems(text)
    found: list[str] = []
    done = 0
    for start, end, concept in Lexicon.load(stems).concepts(words):
        found += words[done:start]
        found += [concept] if end - start == 1 else [*words[start:end], concept]
        done = end
    return found + words[done:]


class LexicalIndex:
    """BM25 over the stems of n texts, addressed by position.

    `document_frequency[term]` is the number of texts that hold the stem or concept.
    """

    def __init__(self, bm25: bm25s.BM25, document_frequency: dict[str, int], size: int) -> None:
        self._bm25 = bm25
        self.document_frequency = document_frequency
        self.size = size

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index `texts`; their positions are their addresses."""
        tokenised = [stems(text) for text in texts]
        bm25 = bm25s.BM25(k1=K1, b=B)
        # subtle: bm25s refuses an empty vocabulary; a word that no query has stands in for it
        bm25.index([t or [""] for t in tokenised] or [[""]], show_progress=False)
        # concepts blur what BM25 is good at (docs/evaluation.md): they only weigh the reading
        frequency = Counter(
            term
            for words, text in zip(tokenised, texts, strict=True)
            for term in {*words, *terms(text)}
        )
        return cls(bm25, dict(sorted(frequency.items())), len(tokenised))

    def scores(self, query: str) -> Scores:
        """Return float32 (n,): BM25 of every text, 0 where no word is shared."""
        known = [t for t in stems(query) if t in self.document_frequency]
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def rarity(self, term: str) -> float:
        """Return the term's inverse document frequency, ln(1 + (n - df + 0.5) / (df + 0.5))."""
        frequency = self.document_frequency.get(term, 0)
        return float(np.log1p((self.size - frequency + 0.5) / (frequency + 0.5)))

    def save(self, folder: Path) -> None:
        """Write into `folder`, which must exist."""
        self._bm25.save(str(folder / "bm25"), show_progress=False)
        counts = {"size": self.size, "document_frequency": self.document_frequency}
        (folder / "terms.json").write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote."""
        counts = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        bm25 = bm25s.BM25.load(str(folder / "bm25"))
        return cls(bm25, counts["document_frequency"], counts["size"])
