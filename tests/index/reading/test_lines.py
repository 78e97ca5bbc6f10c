"""Units under their headings."""

from hypothesis import given
from hypothesis import strategies as st

from index.reading.lines import Placed, under_headings


def shown(*units: Placed) -> list[str]:
    """Return the lines of units; those that are only read stand in brackets."""
    return [line.text if line.judged else f"[{line.text}]" for line in under_headings(units)]


def gout(text: str, *introduced_by: str, section: str = "Care") -> Placed:
    """Return a unit of one text."""
    return Placed(text=text, title="Gout", section=section, introduced_by=introduced_by)


def test_titles_sections_and_lead_ins_come_once() -> None:
    """Before the first unit of each; a section's name means another one under another title."""
    assert shown(
        gout("Rest helps."),
        gout("aspirin", "Care of attacks:", "Avoid:"),
        gout("beer", "Care of attacks:", "Avoid:"),
        gout("Urate.", section="Causes"),
        gout("Ice helps."),
        Placed(text="Sleep helps.", title="Fever", section="Care"),
    ) == [
        "[Gout]",
        "[Care]",
        "Rest helps.",
        "[Care of attacks:]",
        "[Avoid:]",
        "aspirin",
        "beer",
        "[Causes]",
        "Urate.",
        "[Care]",
        "Ice helps.",
        "[Fever]",
        "[Care]",
        "Sleep helps.",
    ]


def test_a_lead_in_that_was_read_as_a_unit_is_not_read_again() -> None:
    """It stands above its items already; under another title it has to come anew."""
    item = Placed(text="aspirin", title="Gout", introduced_by=("Avoid:",))
    lead_in = Placed(text="Avoid:", title="Gout")
    assert shown(lead_in, item) == ["[Gout]", "Avoid:", "aspirin"]
    other = Placed(text="beer", title="Fever", introduced_by=("Avoid:",))
    assert shown(item, other)[2:] == ["aspirin", "[Fever]", "[Avoid:]", "beer"]


def test_what_has_no_title_begins_with_itself() -> None:
    """No empty line is read."""
    assert shown(Placed(text="Rest helps.")) == ["Rest helps."]
    assert shown(Placed(text="Rest helps.", section="Care")) == ["[Care]", "Rest helps."]
    assert shown() == []


FEW = st.sampled_from(["", "Gout", "Care", "Avoid:"])


@given(
    st.lists(
        st.builds(
            Placed,
            text=st.sampled_from(["Rest helps.", "aspirin", "Avoid:"]),
            title=FEW,
            section=FEW,
            introduced_by=st.lists(FEW.filter(bool), max_size=2).map(tuple),
        ),
        max_size=8,
    )
)
def test_the_judged_lines_are_the_units(units: list[Placed]) -> None:
    """Each unit once, in order: scores can be given back to them."""
    judged = [line.text for line in under_headings(units) if line.judged]
    assert judged == [unit.text for unit in units]
