"""Gates as they are written, and as they hold or do not hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from evals.gates import Gate, check, read_gate, refuse_unknown, table

RESULT = {
    "set": "tiny",
    "n": 4,
    "evidence": None,
    "refusal": {"auroc": 0.9, "aurc": None},
    "by_kind": {"near_miss": {"answered": 0.25}},
    "provenance": {"whole_library": True, "unlocated_evidence": 2},
    "per_question": [{"confidence": 1}],
}


@pytest.mark.parametrize(
    ("written", "passed"),
    [
        ("refusal.auroc>=0.9", True),
        ("refusal.auroc > 0.9", False),
        (" refusal.auroc<=.9 ", True),
        ("refusal.auroc<9e-1", False),
        ("by_kind.near_miss.answered<0.3", True),
        ("n>=-1", True),
        ("provenance.unlocated_evidence<=2", True),
        ("refusal.aurc<=1", False),
        ("evidence.hit@1>=0", False),
        ("retrieval.nDCG@10>=0", False),
    ],
)
def test_a_gate_holds_or_not(written: str, passed: bool) -> None:  # noqa: FBT001 - a parameter
    """All operators, any number of the result; what is undefined never passes."""
    (found,), unknown = check([read_gate(written)], RESULT)
    assert (found.passed, unknown) == (passed, None)
    assert found.record()["passed"] is passed


@pytest.mark.parametrize(
    "written",
    [
        "",
        "refusal.auroc",
        ">=0.9",
        "a>=",
        "a==1",
        "a>=b",
        "a>=nan",
        "a<inf",
        "a>=1<2",
        "a=>1",
        "a>1 2",
    ],
)
def test_what_is_not_a_gate_is_refused(written: str) -> None:
    """One line names it."""
    with pytest.raises(InputError) as raised:
        read_gate(written)
    assert repr(written) in str(raised.value)


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="<>="), min_size=1),
    st.sampled_from([">=", "<=", ">", "<"]),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_every_path_and_number_is_read_back(path: str, comparison: str, bound: float) -> None:
    """White space around the parts is nothing, within a path it is kept."""
    if not path.strip():
        return
    gate = read_gate(f" {path} {comparison} {bound!r} ")
    assert gate == Gate(path=path.strip(), comparison=comparison, bound=bound)


def test_an_unknown_path_lists_what_is_known() -> None:
    """The group's own names where the group is there, else all; never a text, a flag or a list."""
    for path, known in (
        ("refusal.aurok", "refusal.auroc, refusal.aurc"),
        ("nonsense", "evidence.hit@1"),
        ("set", "by_kind.near_miss.answered"),
        ("provenance.whole_library", "provenance.unlocated_evidence"),
        ("per_question", "refusal.auroc"),
    ):
        found, error = check([read_gate(f"{path}>0"), read_gate("n>0")], RESULT)
        assert [one.gate.path for one in found] == ["n"]
        assert f"{path!r} is not known" in str(error)
        assert known in str(error)
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "written", ["refusal.aurok>0", "by_kind.far.answered>0", "comparison.n>0", "by_kind.near.x>0"]
)
def test_what_is_certain_beforehand_is_told_beforehand(written: str) -> None:
    """A misspelt measure, a kind that the set lacks, a comparison without a baseline."""
    with pytest.raises(InputError, match="is not known"):
        refuse_unknown([read_gate(written)], ["near"], compared=False)


@pytest.mark.parametrize(
    "written",
    [
        "evidence.hit@1>0",
        "by_kind.near.auroc>0",
        "comparison.measures.auroc.low>0",
        "stages_ms.read<250",
        "provenance.settings.x>0",
    ],
)
def test_what_may_come_is_let_through(written: str) -> None:
    """Only the result tells."""
    refuse_unknown([read_gate(written)], ["near"], compared=True)


def test_every_gate_is_printed_with_its_value() -> None:
    """A value close to the bound shows the figures that tell them apart."""
    gates = [read_gate("a>=0.9"), read_gate("b<1")]
    found, _ = check(gates, {"a": 0.89999, "b": None})
    assert list(table(found)) == ["", "gate a >= 0.9: 0.89999, failed", "gate b < 1: -, failed"]
    assert list(table(())) == []
