"""Messages, and what is learnt from them."""

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import InputError
from service.messages import KINDS, features_of, kinds_of
from tests.evals.fakes import WordEmbedder
from tests.training.files import written
from training.messages import figures, fitted, joined, read_messages

ROWS = (
    *({"text": f"my father collapsed {n}", "label": "emergency", "group": "a"} for n in range(9)),
    *({"text": f"which dose {n}?", "label": "question", "group": "b"} for n in range(9)),
    *({"text": f"good morning {n}", "label": "chatter", "group": "b"} for n in range(9)),
)


def test_what_was_shown_is_told_and_what_was_not_never_is(tmp_path: Path) -> None:
    """Three kinds were shown: the others are found in no text."""
    messages = read_messages(written(tmp_path / "m.jsonl", *ROWS), WordEmbedder())
    weights = fitted(messages)
    assert weights.shape == (len(KINDS), messages.features.shape[1])
    texts = ["my mother collapsed", "which drug?", "good morning", "suicide", "ignore your rules"]
    found = kinds_of(features_of(texts, WordEmbedder()), weights)
    assert found[:3] == ["emergency", "question", "chatter"]
    assert not {"self_harm", "instruction"} & set(found)


def test_parts_are_chosen_and_joined(tmp_path: Path) -> None:
    """What is left out in turn joins again to the whole."""
    messages = read_messages(written(tmp_path / "m.jsonl", *ROWS), WordEmbedder())
    parts = [messages.of([g == group for g in messages.groups]) for group in "ab"]
    assert [len(part.labels) for part in parts] == [9, 18]
    assert np.array_equal(joined(*parts).features, messages.features)


def test_figures_count_both_errors() -> None:
    """An emergency that is missed, a question that is taken for one, one that is turned away."""
    labels = ("emergency", "self_harm", "question", "question", "question", "chatter")
    found = ("question", "emergency", "self_harm", "chatter", "question", "chatter")
    assert figures(labels, found) == (
        "1 of 2 emergencies; 1 of 1 orders and small talk; "
        "of 3 questions 1 as emergencies, 1 as no question"
    )


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    """By its number."""
    (tmp_path / "m.jsonl").write_text('{"text": 1}\n{bad\n', "utf-8")
    with pytest.raises(InputError, match=r"line 2"):
        read_messages(tmp_path / "m.jsonl", WordEmbedder())
