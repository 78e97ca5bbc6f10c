"""Sentences with one fact changed: what is changed, what never is, and that it is told rightly."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.perturbing import Change, Perturbed, perturbed
from evals.perturbing_names import Names

TRUE = (
    "Mortality fell from 12% to 8% in men treated with prednisolone.",
    "In 24 patients (62.5%), fever was not seen after 3 days.",
    "The dose is 20-40 mg for at least 6 weeks in adults.",
    "Relapse was more common in smokers than in former smokers, and may be mild.",
    "Serum CRP was higher in patients with pneumonitis than in patients with sarcoidosis.",
    "Steroids should be continued for more than 6 months without interruption.",
    "Atorvastatin was associated with fewer strokes (4.1% vs 7.3%) in women.",
    "Cough, which was reported by two thirds, is possibly caused by lisinopril.",
)
SENTENCES = st.lists(
    st.sampled_from(
        "the in was not may 12 3.5% 6 weeks 20-40 mg men higher than IL-6 CRP ( ) , vs from to "
        "prednisolone without increased an a at least ± [3] 95% CI 2019 COVID-19".split(" ")
    ),
    max_size=20,
).map(" ".join)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def changes(sentence: str, kind: Change, *others: str) -> set[str]:
    """Return every change of a kind that some seed makes, as "before>after"."""
    found = set()
    for seed in range(12):
        made = perturbed(sentence, others=others, seed=seed)
        found |= {f"{p.before}>{p.after}" for p in made if p.kind is kind}
    return found


def assert_one_stretch(sentence: str, change: Perturbed) -> None:
    """Check that the sentence comes back when the one stretch is put back, and only then."""
    end = change.start + len(change.after)
    assert change.text[change.start : end] == change.after
    assert f"{change.text[: change.start]}{change.before}{change.text[end:]}" == sentence
    assert change.text != sentence


@pytest.mark.parametrize("sentence", TRUE)
@pytest.mark.parametrize("seed", range(4))
def test_exactly_one_stretch_differs(sentence: str, seed: int) -> None:
    """Put back what was there before, and the sentence is the true one again."""
    found = perturbed(sentence, seed=seed)
    assert found
    for change in found:
        assert_one_stretch(sentence, change)


@given(SENTENCES, st.integers(min_value=0, max_value=50))
def test_any_text_is_changed_in_one_stretch_or_not_at_all(sentence: str, seed: int) -> None:
    """Also text that is no sentence; each kind is there at most once, in the order of `Change`."""
    found = perturbed(sentence, seed=seed)
    for change in found:
        assert_one_stretch(sentence, change)
    kinds = [change.kind for change in found]
    assert kinds == [kind for kind in Change if kind in kinds]
    assert found == perturbed(sentence, seed=seed)


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        (Change.UNIT, "Give 40 mg for 6 weeks.", {"mg>g", "weeks>months"}),
        (Change.COMPARATOR, "It lasts at least 6 weeks.", {"at least>at most"}),
        (Change.COMPARATOR, "No more than 6 doses; p < 0.05.", {"No more than>More than", "<>>"}),
        (Change.DIRECTION, "Steroids reduced the relapse rate.", {"reduced>increased"}),
        (Change.DIRECTION, "Statins lower cholesterol; they seem to lower it.", {"lower>higher"}),
        (Change.NEGATION, "Relapse did not harm.", {"did not>did"}),
        (Change.NEGATION, "There was no relapse.", {"no>some"}),
        (Change.NEGATION, "It resolves without therapy.", {"without>with"}),
        (Change.NEGATION, "Relapse is common.", {"is>is not"}),
        (Change.NEGATION, "Relapse has been rare.", {"has been>has not been"}),
        (Change.HEDGE, "Smoking may cause it.", {"may>will"}),
        (Change.HEDGE, "It is possibly rare.", {"possibly >"}),
        (Change.HEDGE, "Age was associated with relapse.", {"was associated with>caused"}),
        (Change.POPULATION, "Relapse was seen in men.", {"men>women"}),
        (Change.COMPARISON, "It fell from 12% to 8%.", {"12% to 8>8% to 12"}),
        (Change.COMPARISON, "Death (4% vs 7%) was rare.", {"4% vs 7>7% vs 4"}),
        (
            Change.COMPARISON,
            "It is higher in men than in women.",
            {"in men than in women>in women than in men"},
        ),
    ],
)
def test_a_kind_changes_its_own_fact(kind: Change, sentence: str, expected: set[str]) -> None:
    """The words of that kind are exchanged for the opposite or for another of the same sort."""
    found = changes(sentence, kind)
    if kind is Change.DIRECTION and "lower" in sentence:
        assert found >= {"lower>raise"}  # a verb stays a verb
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Change.NUMBER, "The trial enrolled 120 patients."),
        (Change.NUMBER, "It took three weeks."),
        (Change.NUMBER, "Give 0.5 mg daily."),
        (Change.PERCENTAGE, "Relapse occurred in 62.5% of them."),
        (Change.BOUND, "The dose is 20-40 mg."),
        (Change.BOUND, "Between 3 and 9 weeks pass."),
    ],
)
def test_a_number_is_another_number(kind: Change, sentence: str) -> None:
    """Never the same value, never a word, and written as precisely as before."""
    found = changes(sentence, kind)
    assert found
    for change in found:
        before, after = change.split(">")
        assert before != after
        if NUMBER.fullmatch(before):
            assert len(after.partition(".")[2]) == len(before.partition(".")[2])
            assert float(after) != float(before)
    if kind is Change.PERCENTAGE:
        assert all(float(change.split(">")[1]) <= 100 for change in found)


def test_a_range_stays_a_range() -> None:
    """The lower bound stays below the upper one."""
    for change in changes("The dose is 20-40 mg.", Change.BOUND):
        before, after = change.split(">")
        assert float(after) < 40 if before == "20" else float(after) > 20


@pytest.mark.parametrize(
    "name",
    [
        "COVID-19",
        "IL-6",
        "CD4",
        "PD-1",
        "vitamin B12",
        "type 2 diabetes",
        "SARS-CoV-2",
        "HER2",
        "25-hydroxyvitamin D",
        "5-HT",
        "grade 3 disease",
        "CO(2)",
        "[12]",
        "[3, 4]",
        "the 2019 guideline",
        "95% CI",
        "95 % confidence interval",
        "Table 2",
        "interleukin 6",
        "phase 3 trials",
    ],
)
def test_what_belongs_to_a_name_is_never_changed(name: str) -> None:
    """Neither as a number nor as a percentage, a bound or a unit."""
    sentence = f"Treatment of {name} helped."
    numeric = (Change.NUMBER, Change.PERCENTAGE, Change.BOUND, Change.UNIT, Change.COMPARISON)
    assert [changes(sentence, kind) for kind in numeric] == [set()] * len(numeric)


def test_a_value_of_the_same_document_is_not_put_in() -> None:
    """It could be true: another sentence has it."""
    free = changes("Fever lasted 4 days.", Change.NUMBER)
    assert {"4>5", "4>6"} <= free
    told = changes("Fever lasted 4 days.", Change.NUMBER, "Cough lasted 5 days.", "Or 6 days.")
    assert told == free - {"4>5", "4>6"}


def test_a_sentence_that_another_one_nearly_repeats_keeps_its_words() -> None:
    """What turns one might be what the other says; a new number can still be told to be false."""
    sentence = "Steroids reduced relapse of pneumonia after 3 weeks."
    again = "Relapse of pneumonia after 4 weeks: steroids increased it."
    assert changes(sentence, Change.DIRECTION)
    assert not changes(sentence, Change.DIRECTION, again)
    assert changes(sentence, Change.NUMBER, again) == changes(sentence, Change.NUMBER) - {"3>4"}


def test_a_name_gives_way_to_one_of_its_sort_and_first_of_its_document() -> None:
    """A drug to a drug; never to a name that the sentence has, or to another word for the same."""
    sentence = "Simvastatin was stopped in pneumonitis."
    elsewhere = Names.of(["Ibuprofen and omeprazole; hepatitis."])
    near = perturbed(sentence, others=["Warfarin, amoxicillin."], names=elsewhere, seed=3)
    far = perturbed(sentence, names=elsewhere, seed=3)
    (drug,) = [p.after for p in near if p.kind is Change.ENTITY and p.before == "Simvastatin"] or [
        "Amoxicillin"
    ]
    assert drug == "Amoxicillin"
    assert {p.after for p in far if p.kind is Change.ENTITY} <= {
        "Ibuprofen",
        "Omeprazole",
        "hepatitis",
    }
    alone = perturbed("Fever was seen.", names=elsewhere)
    assert [p for p in alone if p.kind is Change.ENTITY] == []


def test_an_article_before_the_word_fits() -> None:
    """Of "a reduction" it makes "an increase": the article belongs to the stretch."""
    assert changes("There was a reduction in fever.", Change.DIRECTION) == {
        "a reduction>an increase"
    }


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Change.NEGATION, "It was not only rare but mild, and no longer seen."),
        (Change.HEDGE, "We asked whether smoking may cause it."),
        (Change.HEDGE, "It ran until May 2009."),
        (Change.COMPARATOR, "It was followed over 6 months."),
        (Change.DIRECTION, "The lower extremity was cold."),
        (Change.COMPARISON, "They were aged from 20 to 60 years."),
    ],
)
def test_what_only_looks_like_a_fact_is_left_alone(kind: Change, sentence: str) -> None:
    """Changing it would give nonsense, or a sentence that is as true as before."""
    assert changes(sentence, kind) == set()
