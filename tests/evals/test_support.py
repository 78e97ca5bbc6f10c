"""Measuring a verifier: labelled claims, and sentences with one fact changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.errors import FileInputError
from evals import support
from evals.support import main, measured
from evals.support_cases import (
    Claim,
    documents_of,
    gold_evidence,
    passage_of,
    read_claims,
    trials_of,
)
from evals.support_figures import Assenting, ModelAlone, change_figures, claim_figures, systems
from evals.support_report import table
from index.support_model import SupportPair, SupportScores
from service.verdicts import EvidenceText, Judgement, Verdict
from tests.fakes import document_of, item

LINE: dict[str, Any] = {
    "claim": "Iron cures anaemia.",
    "doc": "1",
    "label": "SUPPORT",
    "evidence": ["Iron cured all."],
    "sentences": ["We gave iron.", "Iron cured all."],
}
TEXT = (
    "The fever of most adults (aged over 60) was cut by prednisolone from 12 to 4 days. "
    "Relapse was seen in 30% of the men within 6 months of the end."
)


@dataclass(frozen=True, slots=True)
class Knowing:
    """A verifier that judges by what a function says of a sentence and its passage."""

    judge: Callable[[str, str], tuple[Verdict, float]]

    def verify_batch(
        self, cases: Sequence[tuple[str, Sequence[EvidenceText]]]
    ) -> tuple[Judgement, ...]:
        """Ask the function about each case."""
        said = [
            self.judge(claim, " ".join(e.document.text[e.start : e.end] for e in evidence))
            for claim, evidence in cases
        ]
        return tuple(Judgement(verdict=v, spans=(), support=s) for v, s in said)


class Scoring:
    """A support model that keeps its pairs and gives every one of them the same scores."""

    name = "scoring"
    digest = "1" * 64

    def __init__(self, supported: float, contradicted: float) -> None:
        self.scores = SupportScores(
            supported=supported,
            contradicted=contradicted,
            not_found=1 - supported - contradicted,
        )
        self.pairs: list[SupportPair] = []

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return the scores as often as asked."""
        self.pairs += pairs
        return [self.scores] * len(pairs)


def written(tmp_path: Path, *lines: Any) -> Path:
    """Return a file of claims; texts are written as they are."""
    path = tmp_path / "claims.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def claim(words: str, label: Any, *evidence: str) -> Claim:
    """Return a claim on an abstract of three sentences."""
    sentences = ("One stands first.", "Two says iron.", "Three ends it.")
    return Claim(claim=words, label=label, evidence=evidence, sentences=sentences)


def test_figures_are_worked_out_from_the_table() -> None:
    """Macro-F1 is the mean of three F1; AUROC ranks supported claims against all others."""
    claims = [
        claim("a", "SUPPORT", "One stands first."),
        claim("b", "SUPPORT", "One stands first."),
        claim("c", "CONTRADICT", "Two says iron."),
        claim("d", "NOT_ENOUGH_INFO"),
    ]
    said = {
        "a": (Verdict.SUPPORTED, 0.9),
        "b": (Verdict.PARTLY, 0.4),
        "c": (Verdict.CONTRADICTED, 0.1),
        "d": (Verdict.SUPPORTED, 0.6),
    }
    figures = claim_figures(claims, Knowing(lambda words, _: said[words]), whole=False)
    assert figures["n"] == 4
    assert figures["confusion"] == {
        "SUPPORT": {"SUPPORT": 1, "CONTRADICT": 0, "NOT_ENOUGH_INFO": 1},
        "CONTRADICT": {"SUPPORT": 0, "CONTRADICT": 1, "NOT_ENOUGH_INFO": 0},
        "NOT_ENOUGH_INFO": {"SUPPORT": 1, "CONTRADICT": 0, "NOT_ENOUGH_INFO": 0},
    }
    # F1: 2*1/(2+2), 2*1/(1+1), 2*0/(1+1)
    assert figures["macro_f1"] == pytest.approx((0.5 + 1 + 0) / 3, abs=1e-4)
    # of the four pairs (a, b) against (c, d), b loses to d alone
    assert figures["auroc"] == 0.75


def test_a_sentence_that_is_stopped_does_not_outrank_one_that_is_shown() -> None:
    """A rule that stops a sentence counts, however sure the model was."""
    claims = [claim("a", "SUPPORT", "One."), claim("b", "CONTRADICT", "Two.")]
    said = {"a": (Verdict.SUPPORTED, 0.6), "b": (Verdict.CONTRADICTED, 0.99)}
    assert claim_figures(claims, Knowing(lambda w, _: said[w]), whole=False)["auroc"] == 1


def test_the_gold_sentences_or_the_whole_abstract_are_given() -> None:
    """Where nothing decides, the gold case gives the sentence nearest to the claim."""
    seen: list[str] = []

    def judge(_: str, text: str) -> tuple[Verdict, float]:
        seen.append(text)
        return Verdict.NOT_FOUND, 0.0

    claims = [claim("a", "SUPPORT", "Three ends it."), claim("Iron says two.", "NOT_ENOUGH_INFO")]
    claim_figures(claims, Knowing(judge), whole=False)
    claim_figures(claims[:1], Knowing(judge), whole=True)
    assert seen == [
        "Three ends it.",
        "Two says iron.",
        "One stands first. Two says iron. Three ends it.",
    ]


def test_sentences_stay_as_they_were_given() -> None:
    """A passage made of sentences has exactly these as its sentences."""
    passage = passage_of(["E.g. this. Dr. X.", "And that."])
    spans = passage.document.blocks[0].sentences
    assert [s.of(passage.document.text) for s in spans] == ["E.g. this. Dr. X.", "And that."]
    assert (passage.start, passage.end) == (0, len(passage.document.text))
    alone = gold_evidence(claim("a", "SUPPORT", "Three ends it."))
    assert alone.document.text == "Three ends it."


def test_caught_and_lost_are_what_is_not_supported() -> None:
    """A verifier that asks for the very words loses each variant and catches each change."""
    document = document_of("fever", TEXT)
    trials = tuple(trials_of([document], limit=9, seed=1))

    def verbatim(sentence: str, text: str) -> tuple[Verdict, float]:
        return (Verdict.SUPPORTED, 1.0) if sentence in text else (Verdict.PARTLY, 0.0)

    strict = change_figures(trials, Knowing(verbatim))
    credulous = change_figures(trials, Knowing(lambda *_: (Verdict.SUPPORTED, 1.0)))
    assert strict["verbatim"] == {"n": 2, "lost": 0}
    assert strict["varied"]["all"]["lost"] == 1
    assert strict["changed"]["all"]["caught"] == 1
    assert credulous["varied"]["all"]["lost"] == credulous["changed"]["all"]["caught"] == 0
    for group in ("varied", "changed"):
        counts = {kind: row["n"] for kind, row in strict[group].items()}
        assert counts.pop("all") == sum(counts.values()) > 0
    assert {"percentage", "comparison", "population"} <= strict["changed"].keys()


def test_nothing_to_judge_gives_no_share() -> None:
    """A share over nothing is None, never 0."""
    figures = change_figures((), Knowing(lambda *_: (Verdict.SUPPORTED, 1.0)))
    assert figures["verbatim"] == {"n": 0, "lost": None}


def test_the_same_seed_draws_the_same_trials() -> None:
    """As many sentences as asked for; items behind a lead-in and fragments are not drawn."""
    document = document_of(
        "a", TEXT, "These help:", item("rest in bed for a week or two."), "Too short."
    )
    trials = tuple(trials_of([document], limit=1, seed=3))
    assert trials == tuple(trials_of([document], limit=1, seed=3))
    assert sum(t.treatment == "verbatim" for t in trials) == 1
    everything = list(trials_of([document], limit=99, seed=3))
    assert [t.sentence for t in everything if t.treatment == "verbatim"] == [
        f"{s.rstrip('.')}." for s in TEXT.split(". ")
    ]
    assert all(t.evidence.document is document for t in everything)


def test_the_model_alone_says_its_likeliest() -> None:
    """It reads a short passage whole, and of a long one the sentence nearest to the claim."""
    model = Scoring(supported=0.2, contradicted=0.7)
    short = passage_of(["One.", "Two."])
    long = passage_of(["Iron is red.", "Zinc is blue.", "Tin is grey.", "Gold is yellow."])
    found = ModelAlone(model).verify_batch([("x", (short,)), ("Is tin grey?", (long,))])
    assert [pair.evidence for pair in model.pairs] == [("One.", "Two."), ("Tin is grey.",)]
    assert {(j.verdict, j.support) for j in found} == {(Verdict.CONTRADICTED, 0.2)}
    (unsure,) = ModelAlone(Scoring(0.3, 0.2)).verify_batch([("x", (short,))])
    assert unsure.verdict is Verdict.NOT_FOUND


def test_rules_model_and_both_are_compared() -> None:
    """Without a model only the rules, with a model that believes everything."""
    document = document_of("fever", TEXT)
    assert list(systems(None, [document])) == ["rules"]
    assert list(systems(Scoring(0.9, 0.1), [document])) == ["rules", "model", "both"]
    (scores,) = Assenting().judge_batch([SupportPair(claim="a", evidence=("b",))])
    assert scores.supported == 1


def test_a_model_that_denies_everything_is_overruled_by_no_rule() -> None:
    """Both together lose what the model loses, except for what is there word for word."""
    result = measured(
        (), {"fever": (document_of("fever", TEXT),)}, Scoring(0.1, 0.1), limit=5, seed=0
    )
    compared = result["sets"]["fever"]
    assert compared["model"]["verbatim"]["lost"] == 1
    assert compared["both"]["verbatim"]["lost"] == 0
    assert compared["both"]["changed"]["all"]["caught"] == 1
    assert result["claims"] is None
    assert result["model"] == f"scoring@{'1' * 16}"


@pytest.mark.parametrize(("supported_at", "lost"), [(None, 1), (0.05, 0), (0.5, 1)])
def test_the_threshold_that_is_asked_for_decides(supported_at: float | None, lost: float) -> None:
    """A model that is a tenth sure supports what a threshold below a tenth lets pass."""
    result = measured(
        (),
        {"fever": (document_of("fever", TEXT),)},
        Scoring(0.1, 0.1),
        limit=5,
        seed=0,
        supported_at=supported_at,
    )
    assert result["sets"]["fever"]["both"]["varied"]["all"]["lost"] == lost
    assert result["supported_at"] == supported_at


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not usable JSON"),
        ("[]", "'claim' is missing or not a text"),
        (LINE | {"claim": 1}, "'claim' is missing or not a text"),
        (LINE | {"label": "MAYBE"}, "'label' is none of SUPPORT"),
        (LINE | {"evidence": "no list"}, "'evidence' is not a list of texts"),
        (LINE | {"evidence": []}, "has no sentences to be judged by"),
        (LINE | {"sentences": [" "]}, "has no sentences to be judged by"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: Any, reason: str) -> None:
    """The error says which file, which line and why."""
    with pytest.raises(FileInputError, match=reason) as caught:
        read_claims(written(tmp_path, LINE, "", line))
    assert "claims.jsonl, line 3: " in str(caught.value)


def test_a_file_without_claims_is_refused(tmp_path: Path) -> None:
    """There is nothing to measure."""
    with pytest.raises(FileInputError, match="holds no claims"):
        read_claims(written(tmp_path, ""))


def test_documents_are_read_from_a_set_or_a_folder(tmp_path: Path) -> None:
    """A set's own corpus, sorted by id; nothing is written beside it."""
    rows = [{"_id": key, "title": "", "text": TEXT} for key in ("b", "a")]
    question = {"id": "1", "question": "Why?", "answerable": False}
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "questions.jsonl").write_text(json.dumps(question), encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    assert [d.document_id for d in documents_of(tmp_path)] == ["a", "b"]
    assert sorted(tmp_path.iterdir()) == before


def test_the_command_prints_tables_and_writes_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims and a corpus, with a model; the file holds what the table rounds."""
    monkeypatch.setattr(support, "built_in_model", lambda: Scoring(0.8, 0.1))
    rows = [{"_id": "a", "title": "", "text": TEXT}]
    folder = tmp_path / "fevers"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    question = {"id": "1", "question": "Why?", "answerable": False}
    (folder / "questions.jsonl").write_text(json.dumps(question), encoding="utf-8")
    out = tmp_path / "figures.json"
    words = ["--claims", str(written(tmp_path, LINE)), "--set", str(folder), "--json", str(out)]
    run = CliRunner().invoke(main, words)
    assert run.exit_code == 0, run.output
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert run.output.splitlines() == list(table(figures))
    assert list(figures["claims"]) == ["gold_sentences", "whole_abstract"]
    assert list(figures["sets"]["fevers"]) == ["rules", "model", "both"]
    assert figures["sets"]["fevers"]["both"]["verbatim"] == {"n": 2, "lost": 0.0}
    assert "true, verbatim: lost" in run.output


def test_the_command_tells_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    """Exit code 2, and no traceback: nothing to measure, or a file that is not there."""
    for words in ([], ["--claims", str(tmp_path / "absent.jsonl"), "--rules-only"]):
        run = CliRunner().invoke(main, words)
        assert (run.exit_code, run.output.count("\n")) == (2, 1)
        assert run.output.startswith("support: ")
