"""What somebody typed is told from what they might have typed; figures are on unseen messages."""

import json
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ModelError
from service import messages
from service.messages import (
    HASHED,
    KINDS,
    emergency_within,
    hashed,
    kinds_of,
    message_kind,
    message_kinds,
    plain,
    shipped_weights,
)

UNSEEN = Path("training/data/messages_unseen.jsonl")


@pytest.fixture(scope="module")
def told() -> Counter[tuple[str, str]]:
    """How often a message of one kind, written by another hand, is taken for each kind."""
    rows = [json.loads(line) for line in UNSEEN.read_text("utf-8").splitlines()]
    found = message_kinds([row["text"] for row in rows])
    return Counter(zip((row["label"] for row in rows), found, strict=True))


def test_unseen_emergencies_are_told(told: Counter[tuple[str, str]]) -> None:
    """112 of 120 at least: of patients, relatives and bystanders, in situations of many kinds."""
    alarms = ("emergency", "self_harm")
    urgent = [(kind, n) for (label, kind), n in told.items() if label in alarms]
    assert sum(n for _, n in urgent) == 120
    assert sum(n for kind, n in urgent if kind in alarms) >= 112


def test_unseen_questions_stay_questions(told: Counter[tuple[str, str]]) -> None:
    """Half of the 130 are on the same situations; 126 at least are looked up."""
    assert sum(n for (label, _), n in told.items() if label == "question") == 130
    assert told["question", "question"] >= 126


def test_most_unseen_orders_and_small_talk_are_told(told: Counter[tuple[str, str]]) -> None:
    """Two in three; the others are looked up and refused by the evidence."""
    unseen = sum(n for (label, _), n in told.items() if label in ("instruction", "chatter"))
    right = told["instruction", "instruction"] + told["chatter", "chatter"]
    assert unseen == 73
    assert right >= 48


@pytest.mark.parametrize(
    ("patient", "person"),
    [
        ("My patient can't breathe lying flat, which drug?", "My wife can't breathe"),
        ("He is not breathing after extubation, what is the differential?", "He is not breathing"),
        ("My patient took 30 tablets. When is the antidote given?", "My daughter took 30 tablets"),
        ("How do I ask a patient about wanting to die?", "My son says he wants to die"),
        ("What is the risk of stroke?", "I think I'm having a stroke"),
    ],
)
def test_a_patient_is_told_from_a_person(patient: str, person: str) -> None:
    """Whose emergency it is decides, not what it is."""
    assert message_kind(patient) == "question"
    assert message_kind(person) in ("emergency", "self_harm")


@pytest.mark.parametrize(
    "text", ["i cant breathe", "I can’t breathe!!!", "I CAN'T BREATHE", "HELP"]
)
def test_spelling_does_not_matter(text: str) -> None:
    """Capitals, apostrophes and line breaks change nothing."""
    wanted = message_kind(text)
    assert message_kind(text.upper()) == message_kind(text.lower()) == wanted
    assert message_kind("\n  " + text.replace(" ", "  ").replace("'", "’")) == wanted


def test_a_wish_to_die_is_told_from_an_illness() -> None:
    """Other words are needed for it."""
    assert emergency_within("I want to kill myself") == "self_harm"
    assert emergency_within("I have crushing chest pain") == "body"
    assert emergency_within("What is the dose of prednisone?") is None


LONG = "Prednisone was tapered over six months and the opacities cleared on the next CT scan. "


@pytest.mark.parametrize("before", [0, 5, 50, 200])
@pytest.mark.parametrize("after", [0, 100])
def test_a_long_text_hides_no_emergency(before: int, after: int) -> None:
    """Wherever it stands, and whatever else is told around it."""
    assert emergency_within(LONG * before + "I want to die. " + LONG * after) == "self_harm"
    assert emergency_within(LONG * before + "I can't breathe! " + LONG * after) == "body"
    assert emergency_within(LONG * (before + after)) is None


def test_the_surest_piece_decides() -> None:
    """Of a long text's pieces several may sound alarming; what is said plainly is answered."""
    accident = "She took all her pills. "
    assert emergency_within(LONG * 12 + accident) == "body"
    assert emergency_within(LONG * 12 + accident + "She says she will kill herself.") == "self_harm"


def test_a_long_text_without_a_full_stop_is_read_to_its_end() -> None:
    """What runs on is read in pieces that overlap."""
    text = LONG.replace(".", " and") * 20
    assert emergency_within(text) is None
    cry = "i cannot go on like this i want to die and nobody would miss me if i killed myself"
    assert emergency_within(text + cry) == "self_harm"


def test_the_longest_body_takes_a_moment() -> None:
    """64 KiB, no piece like another: two hundred pieces of them are read."""
    begun = time.process_time()
    emergency_within(" ".join(map(str, range(12_000))))
    assert time.process_time() - begun < 60


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_read(text: str) -> None:
    """No text raises, not even half characters; plain text is on one line."""
    assert message_kind(text) in KINDS
    assert not re.search(r"\n|  ", plain(text))


@given(st.text(max_size=200))
def test_words_are_counted_to_length_one(text: str) -> None:
    """Each text has its words at the same places, whatever came before it."""
    counts = hashed(text)
    assert counts.shape == (HASHED,)
    assert np.linalg.norm(counts) == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(counts, hashed(text.upper() if text.isascii() else text))


@pytest.mark.parametrize(
    ("logits", "kind"),
    [
        ([0.0, 0.0, 0.0, -9.0, -9.0], "emergency"),  # 2/3 together, none of them alone
        ([0.0, -0.1, 0.1, -9.0, -9.0], "self_harm"),
        ([0.1, -0.7, -0.8, -9.0, -9.0], "question"),  # 0.46 together
        ([0.0, -9.0, -9.0, 0.1, -9.0], "instruction"),
        ([0.0, -9.0, -9.0, -9.0, 1.3], "question"),  # chatter 0.79
        ([0.0, -9.0, -9.0, -9.0, 1.5], "chatter"),  # 0.82
    ],
)
def test_how_sure_is_sure(logits: list[float], kind: str) -> None:
    """Emergencies and orders from one half on, what asks nothing from 0.8."""
    assert kinds_of(np.ones((1, 1), np.float32), np.array([logits], np.float32).T) == [kind]


def test_foreign_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing or changed, they are named and not used."""
    changed = tmp_path / "messages.safetensors"
    monkeypatch.setattr(messages, "WEIGHTS", changed)
    shipped_weights.cache_clear()
    try:
        with pytest.raises(ModelError, match=r"messages\.safetensors is missing"):
            shipped_weights()
        changed.write_bytes(b"other")
        with pytest.raises(ModelError, match=r"messages\.safetensors has SHA-256"):
            shipped_weights()
    finally:
        shipped_weights.cache_clear()
