"""How claims become exercises: every one comes, and what is false is false."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from index.reading.lines import Placed
from tests.training.files import written
from training.asked import Contrast, Exercise
from training.claims import (
    HELD_OUT_EVERY,
    Claim,
    contrasts,
    exercise,
    read_claims,
    read_scifact,
    split,
)

WORDS = (
    "Gout begins at night in 1 big toe.",
    "An attack leaves within 2 weeks.",
    "Colchicine 0.5 mg is given for 7 days.",
    "Beer raises urate.",
    "Ice relieves pain.",
)
TEXT = {i: Placed(text=text, title="Gout", section="Course") for i, text in enumerate(WORDS)}
SEEDS = st.integers(0, 2**32)


def claim(
    claim_id: str, text: str, *units: int, supported: bool = True, text_id: str = "gout"
) -> Claim:
    """Return a claim that is held against these units."""
    return Claim(
        claim_id=claim_id,
        text_id=text_id,
        text=text,
        evidence={i: TEXT[i] for i in units},
        bears=frozenset(units),
        supported=supported,
        denied=not supported,
    )


CLAIMS = (
    claim("0", "Attacks leave within 2 weeks.", 1),
    claim("1", "Attacks leave within 9 weeks.", 1, supported=False),
    claim("2", "Colchicine 0.5 mg is given for 7 days.", 2),
    claim("3", "Beer and gout go together.", 0, 3),
    claim("4", "Beer never raises urate.", 3, supported=False),
    claim("5", "Ice makes it worse.", 4, supported=False),
    claim("6", "Beer is drunk.", 3, text_id="other"),
)


def made(seed: int, claims: Sequence[Claim] = CLAIMS) -> list[Contrast]:
    """Return the contrasts of claims as they are learnt from with a seed."""
    return list(contrasts(claims, random.Random(seed)))


def judged(one: Exercise) -> list[str]:
    """Return the units of an exercise."""
    return [line.text for line in one.lines if line.judged]


def bearing(one: Exercise) -> set[str]:
    """Return the units of an exercise that bear on its claim."""
    assert one.relevant is not None
    return {text for text, bears in zip(judged(one), one.relevant, strict=True) if bears}


@given(SEEDS)
def test_every_claim_comes_with_what_bears_on_it(seed: int) -> None:
    """Once, against its own units at least, and with its own verdict."""
    found = Counter(
        (one.question, one.answers, one.denies, frozenset(bearing(one)))
        for contrast in made(seed)
        for one in contrast
        if bearing(one)
    )
    for wanted in CLAIMS:
        units = frozenset(WORDS[i] for i in wanted.bears)
        key = (wanted.text, wanted.supported, wanted.denied, units)
        # a unit that is taken for a claim as it stands may be the same
        assert found[key] == 1 or wanted.text == WORDS[2]


@given(SEEDS)
def test_a_claim_against_other_units_is_not_supported(seed: int) -> None:
    """Nor denied: they bear on nothing; beside its own units they never count as bearing."""
    units = {one.text: one for one in CLAIMS}
    for one in (one for contrast in made(seed) for one in contrast):
        own = units.get(one.question)
        if own is None:
            continue
        its_own = {WORDS[i] for i in own.bears}
        if not bearing(one):
            assert not its_own & set(judged(one))
            assert (one.answers, one.denies) == (False, False)
            assert 1 <= len(judged(one)) <= 3
        elif one.question != WORDS[2]:
            assert bearing(one) == its_own <= set(judged(one))


def test_other_units_come_often_enough_and_among_the_right_ones() -> None:
    """Half of the true claims and a seventh of the false ones are read against them too."""
    alone: Counter[bool] = Counter()
    mixed = 0
    for one in (one for seed in range(200) for contrast in made(seed) for one in contrast):
        if one.question in (CLAIMS[0].text, CLAIMS[1].text):
            alone[one.question == CLAIMS[0].text] += not bearing(one)
            mixed += bool(bearing(one)) and len(judged(one)) > 1
    assert alone[True] == pytest.approx(0.5 * 200, abs=25)
    assert alone[False] == pytest.approx(0.15 * 200, abs=15)
    assert mixed == pytest.approx(0.5 * 400, abs=40)


@given(SEEDS)
def test_a_contrast_is_of_the_same_units_true_ones_first(seed: int) -> None:
    """A false claim stands behind a true one of its units, where there is one."""
    for contrast in made(seed):
        answers = [one.answers for one in contrast]
        assert answers == sorted(answers, reverse=True)
    together = {frozenset(one.question for one in contrast) for contrast in made(seed)}
    for true, false in ((0, 1), (3, 4)):
        pair = {CLAIMS[true].text, CLAIMS[false].text}
        assert any(pair <= group for group in together)
    assert not any({CLAIMS[0].text, CLAIMS[5].text} <= group for group in together)


def test_exchanged_numbers_make_a_false_claim() -> None:
    """Both stand in the other's place, nothing else differs, and it is denied."""
    twins = [claim("0", "From 5 to 5 of 40.", 1), claim("1", "It is 3 of 3.", 2)]
    found = {
        one.question: one
        for seed in range(300)
        for contrast in made(seed, [CLAIMS[2], *twins])
        for one in contrast
        if one.question not in {CLAIMS[2].text, *(twin.text for twin in twins)}
    }
    assert set(found) == {
        "Colchicine 7 mg is given for 0.5 days.",
        "From 40 to 5 of 5.",
        "From 5 to 40 of 5.",
        # units as they stand
        WORDS[1],
    }
    for text, one in found.items():
        assert (one.answers, one.denies) == ((True, False) if text == WORDS[1] else (False, True))


def test_a_unit_as_it_stands_is_a_true_claim() -> None:
    """Of a false claim's units too, but never one that needs its lead-in."""
    led = replace(CLAIMS[5], evidence={4: replace(TEXT[4], introduced_by=("Never:",))})
    for claims, wanted in (([CLAIMS[5]], {WORDS[4]}), ([led], set())):
        found = [one for seed in range(200) for c in made(seed, claims) for one in c]
        verbatim = [one for one in found if one.question != CLAIMS[5].text]
        assert {one.question for one in verbatim} == wanted
        assert all(one.answers and bearing(one) == {WORDS[4]} for one in verbatim)


@given(SEEDS)
def test_the_same_seed_makes_the_same(seed: int) -> None:
    """And the next one something else, sooner or later."""
    assert made(seed) == made(seed)
    assert any(made(seed) != made(seed + further) for further in range(1, 9))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=80), st.randoms(use_true_random=False))
def test_texts_that_are_held_out_are_not_learnt_from(texts: list[int], rng: random.Random) -> None:
    """Every twelfth text with all of its claims, in whatever order they come."""
    assert HELD_OUT_EVERY == 12
    claims = [claim(str(n), "Beer.", 3, text_id=f"{t:02}") for n, t in enumerate(texts)]
    learnt, held = split(claims)
    assert Counter(one.claim_id for one in [*learnt, *held]) == Counter(map(str, range(len(texts))))
    names = [{one.text_id for one in part} for part in (learnt, held)]
    assert not names[0] & names[1]
    assert len(names[1]) == len(set(texts)) // 12
    rng.shuffle(claims)
    assert {one.text_id for one in split(claims)[1]} == names[1]


def test_an_exercise_has_its_units_in_text_order() -> None:
    """Whatever the claim's order; its title may be left out, what is relevant stays."""
    both = replace(CLAIMS[3], evidence={3: TEXT[3], 0: TEXT[0], 4: TEXT[4]})
    one = exercise(both)
    assert [line.text for line in one.lines] == ["Gout", "Course", WORDS[0], WORDS[3], WORDS[4]]
    assert one.relevant == (True, True, False)
    assert (one.question, one.title, one.earlier) == (both.text, "", ())
    assert exercise(both, untitled=True).lines == one.lines[1:]


def test_claims_are_read_from_their_file(tmp_path: Path) -> None:
    """Units by their position; which false ones deny is told by their kind."""
    unit = {"section": "Care", "introduced_by": ["Avoid:"], "text": "aspirin"}
    row = {
        "id": "a-1",
        "text_id": "a",
        "title": "On gout",
        "claim": "Aspirin is given.",
        "supported": False,
        "kind": "negation",
        "units": [4],
        "evidence": [unit],
    }
    path = written(tmp_path / "c.jsonl", row, row | {"kind": "beyond", "title": "(untitled)"})
    first, second = read_claims(path)
    placed = Placed(text="aspirin", title="On gout", section="Care", introduced_by=("Avoid:",))
    assert first.evidence == {4: placed}
    assert (first.bears, first.supported, first.denied) == (frozenset({4}), False, True)
    assert (second.denied, second.evidence[4].title) == (False, "")
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_claims(path)


def test_abstracts_of_scifact_are_read_whole(tmp_path: Path) -> None:
    """What bears is marked; what says nothing of a claim neither supports nor denies it."""
    row = {"doc": "d1", "claim": "Beer.", "sentences": list(WORDS[:3]), "evidence": [WORDS[1]]}
    path = written(
        tmp_path / "s.jsonl",
        row | {"label": "SUPPORT"},
        row | {"label": "CONTRADICT"},
        row | {"label": "NOT_ENOUGH_INFO", "evidence": []},
        row | {"label": "SUPPORT", "doc": "d2"},
        row | {"label": "SUPPORT", "sentences": []},
    )
    found = read_scifact(path, frozenset({"d2"}))
    assert [(one.supported, one.denied) for one in found] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert [set(one.bears) for one in found] == [{1}, {1}, set()]
    assert all(len(one.evidence) == 3 for one in found)
    assert len({one.claim_id for one in found}) == 3
    for one in (one for seed in range(20) for c in made(seed, found[2:]) for one in c):
        assert (one.answers, one.denies, bearing(one)) == (False, False, set())
