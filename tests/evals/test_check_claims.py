"""Claims through the checks: the figures by hand, the command, and files that it refuses."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.errors import FileInputError
from evals.check_claims import Claim, elsewhere, judgements, measured, read_claims, table
from index.reading.checker import Checked
from index.reading.lines import Placed
from index.reading.tokens import Line
from service.cli import cli
from service.writing.checking import Checks, Judgement
from tests.training.files import written

BEER = "Beer raises urate."


class EqualChecker:
    """Is sure of a claim that stands in its evidence as it is, and not of any other."""

    name = "equal"
    digest = "0" * 64

    def __init__(self) -> None:
        self.asked: list[int] = []

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what each claim's evidence says of it, in the order given."""
        self.asked.append(len(pairs))
        held = [text in [line.text for line in lines] for text, lines in pairs]
        return [Checked(supports=0.95 if one else 0.2, denies=0.0, bears=()) for one in held]


def row(claim_id: str, text: str, *, supported: bool, kind: str = "close") -> dict[str, Any]:
    """Return a line of a file of claims, each held against the same unit."""
    unit = {"section": "Causes", "introduced_by": ["It is told:"], "text": BEER}
    values = {"id": claim_id, "text_id": "gout", "title": "On gout", "units": [0]}
    return values | {
        "claim": text,
        "supported": supported,
        "kind": kind,
        "evidence": [unit],
    }


ROWS = (
    row("a", BEER, supported=True),
    row("b", "Urate is raised.", supported=True, kind="merge"),
    row("c", "Beer raises urate 5 times.", supported=False, kind="number"),
    row("d", "Beer lowers urate.", supported=False, kind="negation"),
)


def claim(claim_id: str, kind: str, *, supported: bool) -> Claim:
    """Return a claim; what it says does not matter."""
    evidence = (Placed(text=claim_id),)
    return Claim(claim_id=claim_id, text="", evidence=evidence, supported=supported, kind=kind)


def test_a_claim_is_read_with_its_units_where_they_stand(tmp_path: Path) -> None:
    """A title in brackets is none; what may be missing is empty."""
    bare = {"id": 7, "claim": BEER, "supported": False, "evidence": [{"text": BEER}]}
    titled = row("a", BEER, supported=True)
    found = read_claims(written(tmp_path / "c.jsonl", titled, titled | {"title": "(none)"}, bare))
    placed = {"text": BEER, "section": "Causes", "introduced_by": ("It is told:",)}
    assert [one.evidence for one in found] == [
        (Placed(title="On gout", **placed),),  # type: ignore[arg-type]
        (Placed(**placed),),  # type: ignore[arg-type]
        (Placed(text=BEER),),
    ]
    assert (found[0].claim_id, found[0].text, found[0].supported) == ("a", BEER, True)
    assert (found[2].claim_id, found[2].kind, found[2].supported) == ("7", "", False)


@pytest.mark.parametrize(
    "bad",
    [
        "no JSON",
        "[]",
        "7",
        '{"id": "x"}',
        json.dumps(row("x", BEER, supported=True) | {"evidence": []}),
        json.dumps(row("x", BEER, supported=True) | {"evidence": ["text"]}),
        json.dumps(row("x", BEER, supported=True) | {"supported": "yes"}),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    """With its number, empty lines counted."""
    path = tmp_path / "claims.jsonl"
    path.write_text(f"{json.dumps(ROWS[0])}\n\n{bad}\n", encoding="utf-8")
    with pytest.raises(FileInputError, match=r"claims\.jsonl.*line 3.*not a claim"):
        read_claims(path)


def test_a_file_without_claims_is_named(tmp_path: Path) -> None:
    """One that is missing, empty or not text."""
    path = tmp_path / "claims.jsonl"
    with pytest.raises(FileInputError, match=r"claims\.jsonl"):
        read_claims(path)
    for content, reason in ((b"\n \n", "holds no claim"), (b"\xff", "UTF-8")):
        path.write_bytes(content)
        with pytest.raises(FileInputError, match=reason):
            read_claims(path)


def test_a_line_ends_at_a_line_feed_alone(tmp_path: Path) -> None:
    """Other characters that end lines stand within texts."""
    path = written(tmp_path / "c.jsonl", *(row(n, f"a{n}b", supported=True) for n in "\u2028\x85"))
    assert [one.text for one in read_claims(path)] == ["a\u2028b", "a\x85b"]


def test_claims_are_judged_by_their_own_evidence_in_order(tmp_path: Path) -> None:
    """Sixty-four at once; a figure of its own is told whatever the checker says."""
    claims = read_claims(written(tmp_path / "c.jsonl", *ROWS))
    checker = EqualChecker()
    told = judgements(claims * 20, Checks(checker))
    assert checker.asked == [64, 16]
    assert [one.faults for one in told[:4]] == [
        (),
        ("these units do not say all of this",),
        ("5 fold is not there", "these units do not say all of this"),
        ("these units do not say all of this",),
    ]
    assert told == told[:4] * 20


def test_elsewhere_every_claim_has_the_evidence_of_another() -> None:
    """Of one half a list away; each is used once."""
    claims = [claim(name, "", supported=True) for name in "abcde"]
    away = elsewhere(claims)
    assert [one.claim_id for one in away] == list("abcde")
    assert [one.evidence[0].text for one in away] == list("cdeab")


def test_the_figures_worked_out_by_hand() -> None:
    """Scores 0.9, 0.6 of true claims and 0.7, 0.5, 0.3 of false ones: 5 of 6 pairs are right."""
    claims = [
        claim("a", "close", supported=True),
        claim("b", "merge", supported=True),
        claim("c", "number", supported=False),
        claim("d", "swap", supported=False),
        claim("e", "swap", supported=False),
    ]
    judged = [
        Judgement(support=0.9),
        Judgement(support=0.6, faults=("x",)),
        Judgement(support=0.7),
        Judgement(support=0.5, faults=("y", "z")),
        Judgement(support=0.3, faults=("y",)),
    ]
    result = measured(claims, judged, [Judgement(support=0.5)] * 5)
    assert result == {
        "n": 5,
        "auroc": 0.8333,
        "auroc_elsewhere": 0.5,
        "by_kind": {
            "close": {"n": 1, "auroc": 1.0, "shown": 1.0},
            "merge": {"n": 1, "auroc": 0.6667, "shown": 0.0},
            "number": {"n": 1, "auroc": 0.5, "shown": 1.0},
            "swap": {"n": 2, "auroc": 1.0, "shown": 0.0},
        },
        "shown_when_supported": 0.5,
        "shown_when_not": 0.3333,
        "per_claim": [
            {"id": "a", "score": 0.9, "shown": True, "why": []},
            {"id": "b", "score": 0.6, "shown": False, "why": ["x"]},
            {"id": "c", "score": 0.7, "shown": True, "why": []},
            {"id": "d", "score": 0.5, "shown": False, "why": ["y", "z"]},
            {"id": "e", "score": 0.3, "shown": False, "why": ["y"]},
        ],
    }
    assert [line.split() for line in table(result)][1:6] == [
        ["true", "0.500"],
        ["false", "0.333"],
        ["all", "5", "0.833"],
        ["close", "1", "1.000", "1.000"],
        ["merge", "1", "0.667", "0.000"],
    ]


def test_claims_of_one_side_alone_have_no_area() -> None:
    """Nothing is told from nothing, and no share is made up."""
    result = measured([claim("a", "x", supported=True)], *[[Judgement(support=0.5)]] * 2)
    assert (result["auroc"], result["auroc_elsewhere"]) == (None, None)
    assert result["by_kind"] == {"x": {"n": 1, "auroc": None, "shown": 1.0}}
    assert (result["shown_when_supported"], result["shown_when_not"]) == (1.0, None)
    assert len(list(table(result))) == 6


def test_the_command_writes_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table to look at, and a file with what the contract names."""
    monkeypatch.setattr("index.reading.checker.BuiltInChecker", EqualChecker)
    out = tmp_path / "new" / "result.json"
    arguments = ["check-claims", str(written(tmp_path / "c.jsonl", *ROWS)), "--json", str(out)]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split() == ["claims", "n", "AUROC", "shown"]
    result = json.loads(out.read_text(encoding="utf-8"))
    assert (result["n"], result["shown_when_supported"], result["shown_when_not"]) == (4, 0.5, 0.0)
    # 0.95 and 0.2 against 0.2 (vetoed) and 0.2: two pairs right and two ties
    assert result["auroc"] == 0.75
    assert set(result["by_kind"]) == {"close", "merge", "negation", "number"}
    assert set(result["by_kind"]["close"]) == {"n", "auroc", "shown"}
    assert [set(one) for one in result["per_claim"]] == [{"id", "score", "shown", "why"}] * 4
    assert [one["id"] for one in result["per_claim"]] == list("abcd")


def test_the_command_refuses_a_bad_file_in_one_line(tmp_path: Path) -> None:
    """Exit 2, the line named, and nothing is written."""
    bad = written(tmp_path / "c.jsonl", ROWS[0], {"id": "x"})
    done = CliRunner().invoke(cli, ["check-claims", str(bad), "--json", str(tmp_path / "o.json")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "line 2" in done.stderr
    assert not (tmp_path / "o.json").exists()
