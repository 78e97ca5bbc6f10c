"""Which units the reader itself takes for answers: what the last reading and hard windows show.

Candidates by embedding are not those that a trained reader errs on; so after a first round they are
renewed by what it has come to (as ANCE does for retrievers, Xiong et al. 2021).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from index.reading.model import Asked, WindowReader
from training.asked import Floats, Text, Unit, lines_of
from training.examples import windows

# So many windows of a text, those nearest by embedding, are read with a question.
WINDOWS = 4


def windows_of(units: Sequence[Unit]) -> list[list[int]]:
    """Return positions of consecutive windows, each of one section and about WINDOW_WORDS long."""
    made: list[list[int]] = []
    for _, places in groupby(range(len(units)), key=lambda position: units[position].place):
        section = list(places)
        pieces = windows([units[position].text for position in section])
        made += [section[first:last] for first, last in pieces]
    return made


class Miner:
    """Reads the windows of texts that come nearest by embedding with their questions."""

    def __init__(self, texts: Sequence[Text], reader: WindowReader) -> None:
        self._texts = texts
        self._reader = reader

    def renewed(
        self,
        near: Mapping[str, list[Floats]],
        drawn: Mapping[str, Sequence[int]],
        path: Path,
    ) -> dict[str, list[Floats]]:
        """Return `near` with the questions `drawn` as the judge sees them, kept in a file.

        A unit that was read has the odds that it answers, 0 to 1; others less than 0.
        """
        if not path.exists():
            found: dict[str, Floats] = {}
            for text in self._texts:
                asked = drawn[text.text_id]
                rows = list(near[text.text_id])
                for i, row in zip(asked, self._read(text, asked, rows), strict=True):
                    rows[i] = row
                found[text.text_id] = np.stack(rows)
            save_file(found, path)
        return {text_id: list(rows) for text_id, rows in load_file(path).items()}

    def _read(self, text: Text, asked: Sequence[int], near: Sequence[Floats]) -> Iterator[Floats]:
        read = windows_of(text.units)
        lines = [lines_of(text.title, [text.units[i] for i in w], joint=False) for w in read]
        for i in asked:
            of = text.questions[i]
            question = Asked(question=of.question, earlier=of.earlier, title=text.title)
            order = sorted(range(len(read)), key=lambda w: -max(near[i][read[w]]))[:WINDOWS]
            row = np.minimum(near[i], 1.0) - 1.0
            said = self._reader.read_windows(question, [lines[w] for w in order])
            for w, scores in zip(order, said, strict=True):
                for position, score in zip(read[w], scores.units, strict=True):
                    if score is not None:
                        row[position] = 1 / (1 + math.exp(-score))
            yield row.astype(np.float32)
