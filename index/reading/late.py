"""Late interaction: how near a window comes to a question, before both are read together.

Each token of the question finds the token of the window that is most like it (Khattab and Zaharia
2020, "ColBERT"); what each of them counts is learnt. Both are taken from the lower layers, so that
only the windows that come nearest cost the upper ones. `python -m training.late` trains it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from index.tensors import Floats

# So that the places that are kept of a sum are everywhere the same.
Doubles = NDArray[np.float64]


class LateInteraction:
    """A projection of the lower layers' states for windows, and a weighted one for questions.

    `weights` holds `asked` and `read`, each with `.weight` (vector, state) and `.bias` (vector,),
    and `counts` with `.weight` (1, state) and `.bias` (1,).
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weights = {name: tensor.astype(np.float64) for name, tensor in weights.items()}

    def of_question(self, states: Floats) -> Doubles:
        """Return a question's vectors, float64 (tokens, vector), as long as each token counts."""
        counts: Doubles = np.logaddexp(0, self._linear("counts", states))
        return _unit(self._linear("asked", states)) * counts

    def of_window(self, states: Floats) -> Doubles:
        """Return a window's vectors, float64 (tokens, vector), each of length one."""
        return _unit(self._linear("read", states))

    def _linear(self, name: str, states: Floats) -> Doubles:
        found: Doubles = states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return found


def _unit(vectors: Doubles) -> Doubles:
    found: Doubles = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def nearness(question: Doubles, window: Doubles) -> float:
    """Return the sum of what each token's vector finds nearest; both (tokens, vector).

    >>> nearness(np.array([[2.0, 0], [0, 1]]), np.array([[1.0, 0], [0.6, 0.8], [0, -1]]))
    2.8
    """
    return float((question @ window.T).max(axis=1).sum())
