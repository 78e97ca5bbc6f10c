"""Numbers, negations, directions and hedges: what a claim says that its evidence does not."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.differences import DifferenceKind
from service.facts import MAX_CHARS, differences, facts_of


def stated(text: str) -> list[tuple[float, float, str, str]]:
    """Return low, high, unit and comparator of a text's quantities."""
    return [
        (float(q.low), float(q.high), q.unit, q.comparator)
        for q in facts_of(text).numbers.quantities
        if not q.soft
    ]


def kinds(claim: str, evidence: str) -> set[str]:
    """Return the kinds of the differences."""
    return {d.kind.value for d in differences(facts_of(claim), facts_of(evidence))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7,515 patients", [(7515, 7515, "", "")]),
        ("7\u2009515 patients", [(7515, 7515, "", "")]),
        ("a pH of 7·4", [(7.4, 7.4, "", "")]),
        ("P < .05", [(0.05, 0.05, "", "<")]),
        ("twenty-one cases", [(21, 21, "", "")]),
        ("5 million people", [(5e6, 5e6, "", "")]),
        ("half of them", [(50, 50, "%", "")]),
        ("one in four", [(25, 25, "%", "")]),
        ("10 per cent", [(10, 10, "%", "")]),
        ("two weeks", [(14 * 86400, 14 * 86400, "s", "")]),
        ("a 12-month course", [(12, 12, "month", "")]),
        ("1 g", [(1000, 1000, "mg", "")]),
        ("250 mcg", [(0.25, 0.25, "mg", "")]),
        ("at least three months", [(3, 3, "month", ">=")]),
        ("75 years or older", [(900, 900, "month", ">=")]),
        ("no more than 3%", [(3, 3, "%", "<=")]),
        ("up to 4 mg", [(4, 4, "mg", "<=")]),
        ("under 60 kg", [(6e7, 6e7, "mg", "<")]),
        ("10-30%", [(10, 30, "%", "")]),
        ("between 1 and 4 mg", [(1, 4, "mg", "")]),
        ("10 to 15 mg", [(10, 15, "mg", "")]),
        ("twice as much", [(2, 2, "x", "")]),
        ("PD-1, CD4/CD8, COVID-19 and the 2nd line", []),
        ("a half-life", []),
    ],
)
def test_quantities_are_read_with_unit_and_comparator(
    text: str, expected: list[tuple[float, float, str, str]]
) -> None:
    """A quantity is its exact value in the base of its unit, and on which side of it."""
    assert [tuple(map(_rounded, q)) for q in stated(text)] == expected


def _rounded(value: object) -> object:
    return round(value, 9) if isinstance(value, float) else value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 g", "1000 mg"),
        ("14 days", "two weeks"),
        ("12 months", "one year"),
        ("45 ng/mL", "45 µg/L"),
        ("1 g/dL", "10 g/L"),
        ("5 µg", "5 mcg"),
        ("a dose of 5 mg once daily", "a dose of 5 mg a day"),
        ("5 mg every other day", "5 mg on alternate days"),
        ("5 mg every 12 hours", "5 mg twice a day"),
        ("half of them", "50% of them"),
        ("one in ten", "10%"),
        ("10-30%", "between 10 and 30 per cent"),
        ("≥ 3 mg", "at least 3 mg"),
        ("7,515", "7515"),
    ],
)
def test_the_same_quantity_written_otherwise_is_no_difference(one: str, other: str) -> None:
    """Conversions are exact, in both directions."""
    assert kinds(one, other) == set()
    assert kinds(other, one) == set()


@pytest.mark.parametrize(
    ("claim", "evidence", "kind"),
    [
        ("Give 5 mg.", "Give 2.5 mg.", "number"),
        ("Give 5 g.", "Give 5 mg.", "unit"),
        ("Give 5 mg twice daily.", "Give 5 mg once daily.", "number"),
        ("A 10 mg twice daily", "A 2.5 mg twice daily or B 10 mg once daily", "number"),
        ("It took 3 days.", "It took 3 weeks.", "unit"),
        ("It rose in 10%.", "It rose in 10-30%.", "number"),
        ("It rose by at most 10 g.", "It rose by at least 10 g.", "comparator"),
        ("It lasts three months.", "It lasts at least three months.", "comparator"),
        ("Check it after four weeks.", "Check it within four weeks.", "comparator"),
        ("It clears within hours.", "It clears within weeks.", "unit"),
        ("It fell from 2% to 8%.", "It fell from 8% to 2%.", "direction"),
        ("Smoking is a risk factor.", "Smoking is not a risk factor.", "negation"),
        ("Smoking is not a risk factor.", "Smoking is a risk factor.", "negation"),
        ("Clubbing is present.", "Clubbing is absent.", "negation"),
        ("It heals with a scar.", "It heals without a scar.", "negation"),
        ("The sign is specific.", "The sign is nonspecific.", "negation"),
        ("The rash is likely.", "The rash is unlikely.", "negation"),
        ("It argues for gout and against flu.", "It argues for flu and against gout.", "negation"),
        ("Colchicine lowers urate.", "Colchicine raises urate.", "direction"),
        ("It favours the upper zones.", "It favours the lower zones.", "direction"),
        ("The effusion is large.", "The effusion is small.", "direction"),
        ("Start the drug at once.", "Stop the drug at once.", "direction"),
        ("Men fared better than women.", "Women fared better than men.", "comparison"),
        ("Zinc shortens a cold.", "Zinc may shorten a cold.", "hedge"),
        ("Zinc probably helps.", "Zinc possibly helps.", "hedge"),
        ("Beer causes gout.", "Beer is associated with gout.", "hedge"),
        ("Zinc should be offered.", "Zinc may be offered.", "hedge"),
        ("Zinc must be offered.", "Zinc should be offered.", "hedge"),
        ("All patients recover.", "Most patients recover.", "quantifier"),
        ("Few patients recover.", "Most patients recover.", "quantifier"),
        ("Patients recover.", "Few patients recover.", "quantifier"),
    ],
)  # fmt: skip
def test_one_changed_fact_is_a_difference(claim: str, evidence: str, kind: str) -> None:
    """Whatever is turned, strengthened or not there is found, and by its kind."""
    assert kind in kinds(claim, evidence)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("It fell.", "It fell from 8.8% to 1.7% over a year."),
        ("Men had a higher risk than women.", "Women had a lower risk than men."),
        ("Zinc may shorten a cold.", "Zinc might shorten a cold."),
        ("Up to 30% have it.", "10-30% have it."),
        ("About 10% have it.", "10.3% have it."),
        ("A third of men have it.", "33% of men have it."),
        ("By ten years, 36% had recurred.", "25% had recurred by five years and 36% by ten."),
        ("There is no clubbing.", "Clubbing is absent."),
        ("Neither CT nor MRI shows it.", "CT and MRI do not show it."),
        ("Zinc is not only cheap but safe.", "Zinc is cheap and safe."),
        ("Give no more than 3 mg.", "Give at most 3 mg."),
    ],
)
def test_a_claim_may_say_less_or_the_same_in_other_words(claim: str, evidence: str) -> None:
    """Dropping a number, turning a comparison about, another word for no: none is a difference."""
    assert kinds(claim, evidence) == set()


def test_a_reason_names_the_fact() -> None:
    """An editor reads what is wrong, and what stands there instead."""
    (found,) = differences(facts_of("Give 20 mg."), facts_of("Give 10 mg."))
    assert found.reason == "“20 mg” is not in the cited sentence (it has “10 mg”)"
    assert (found.kind, found.turned) == (DifferenceKind.NUMBER, True)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_a_text_agrees_with_itself(text: str) -> None:
    """No text, however strange, differs from itself by rule."""
    assert differences(facts_of(text), facts_of(text)) == ()


SENTENCES = st.lists(
    st.sampled_from(
        "not no may most few all 5 mg 10% twice daily at least rises falls men women than never "
        "without fever , . and but in patients 3 to 6 months one unlikely higher lower".split(" ")
    ),
    max_size=25,
).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(SENTENCES)
def test_a_sentence_of_loaded_words_agrees_with_itself(text: str) -> None:
    """Rules that fire on the same words would strike out true quotations."""
    assert differences(facts_of(text), facts_of(text)) == ()


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 999), st.integers(1, 999))
def test_no_changed_dose_passes(one: int, other: int) -> None:
    """Two doses are the same exactly when their values are."""
    found = kinds(f"Give {one} mg.", f"Give {other} mg.")
    assert ("number" in found) == (Fraction(one) != Fraction(other))


def test_a_hostile_text_is_bounded() -> None:
    """Nothing beyond the limit is read, so the work is bounded."""
    facts = facts_of("1 mg " * MAX_CHARS)
    assert len(facts.text) == MAX_CHARS
