"""`sequitur evaluate` from the outside, with an embedder that counts words."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from corpus.errors import InputError, LibraryError, SequiturError
from corpus.library import Library
from evals.command import evaluate
from index.saved import build_index
from ingest.reading import ingest
from tests.evals.conftest import MakeSet, question
from tests.evals.fakes import WordEmbedder, WordReader

SCHEMA = Path(__file__).parents[2] / "contract" / "evaluation.schema.json"
FEVER = [{"doc": "aspirin", "text": "Aspirin lowers fever in adults."}]


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("index.embedder.embedder_of", WordEmbedder)
    monkeypatch.setattr("index.reading.model.BuiltInReader", WordReader)
    monkeypatch.setenv("SEQUITUR_CONFIDENCE_THRESHOLD", "0.5")
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("SEQUITUR_LIBRARY", raising=False)


def evaluated(*arguments: Any) -> Result:
    return CliRunner().invoke(evaluate, [str(a) for a in arguments], catch_exceptions=False)


def test_the_measures_are_printed_and_written(make_set: MakeSet, tmp_path: Path) -> None:
    """The table is on stdout, the files hold the result and the page, folders made as needed."""
    folder = make_set([question(evidence=FEVER, kind="plain"), question("q2", answerable=False)])
    json_file, report = tmp_path / "out" / "r.json", tmp_path / "out" / "r.html"
    done = evaluated(folder, "--json", json_file, "--report", report)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "tiny: 2 questions, 1 answerable"
    record = json.loads(json_file.read_text())
    rows = {line[14:44].strip(): line[44:].strip() for line in lines[1:]}
    assert rows["nDCG@10"] == f"{record['retrieval']['nDCG@10']:.3f}"
    assert rows["p95"] == f"{record['latency_ms']['p95']:.1f}"
    shares = record["by_kind"]["plain"]
    columns = ("answered", "right", "first_unit_hit", "mean_confidence")
    assert rows["plain"].split() == ["1", *(f"{shares[name]:.3f}" for name in columns)]
    assert "Sequitur evaluation: tiny" in report.read_text()
    assert "building the library of tiny" in done.stderr


def test_progress_is_no_data(make_set: MakeSet) -> None:
    """What is talk goes to stderr; without gates and a baseline the table is all there is."""
    done = evaluated(make_set([question()]))
    assert "gate" not in done.stdout
    assert "building" not in done.stdout


def test_a_gate_that_fails_ends_with_1_after_everything_is_written(
    make_set: MakeSet, tmp_path: Path
) -> None:
    """Every gate is printed, passed or not, and stands in both files."""
    folder = make_set([question(evidence=FEVER)])
    json_file, report = tmp_path / "r.json", tmp_path / "r.html"
    files = ("--json", json_file, "--report", report)
    done = evaluated(folder, *files, "--gate", "n>=1", "--gate", "refusal.auroc>=0.1")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-2:] == [
        "gate n >= 1: 1, passed",
        "gate refusal.auroc >= 0.1: -, failed",
    ]
    assert [gate["passed"] for gate in json.loads(json_file.read_text())["gates"]] == [True, False]
    assert "Gates" in report.read_text()
    assert evaluated(folder, "--gate", "n>=1").exit_code == 0


@pytest.mark.parametrize("gate", ["nonsense", "refusal.aurok>0", "comparison.n>0", "n>x"])
def test_a_gate_that_means_nothing_is_told_before_any_question(
    make_set: MakeSet, tmp_path: Path, gate: str
) -> None:
    """No library is built and no file written for it."""
    json_file = tmp_path / "r.json"
    with pytest.raises(InputError, match="gate"):
        evaluated(make_set([question()]), "--gate", gate, "--json", json_file)
    assert not json_file.exists()
    assert not (tmp_path / "data").exists()


def test_a_path_that_only_the_result_can_refuse_loses_nothing(
    make_set: MakeSet, tmp_path: Path
) -> None:
    """The files and the table are there, and then the error comes."""
    json_file = tmp_path / "r.json"
    with pytest.raises(InputError, match=r"stages_ms\.total"):
        evaluated(make_set([question()]), "--gate", "stages_ms.nap<1", "--json", json_file)
    assert json.loads(json_file.read_text())["n"] == 1


def test_a_run_is_compared_with_an_earlier_one(
    make_set: MakeSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same settings nothing changed; with a threshold of 1 all is newly refused."""
    folder = make_set([question(evidence=FEVER), question("q2", answerable=False)])
    monkeypatch.setenv("SEQUITUR_CONFIDENCE_THRESHOLD", "0")
    old, new, page = tmp_path / "old.json", tmp_path / "new.json", tmp_path / "new.html"
    evaluated(folder, "--json", old)
    same = evaluated(folder, "--baseline", old, "--gate", "comparison.measures.auroc.low>=0")
    assert same.exit_code == 0
    assert "against old.json: 2 questions in common" in same.stdout
    monkeypatch.setenv("SEQUITUR_CONFIDENCE_THRESHOLD", "1")
    done = evaluated(folder, "--baseline", old, "--json", new, "--report", page)
    assert "newly refused: 2 (q1 q2)" in done.stdout
    assert "newly refused: 2" in page.read_text()
    record = json.loads(new.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(record)
    line = record["comparison"]["measures"]["answered_when_answerable"]
    assert (line["old"], line["new"], line["difference"]) == (1, 0, -1)


def test_a_baseline_of_another_set_is_told_before_any_question(
    make_set: MakeSet, tmp_path: Path
) -> None:
    """Nothing in common is an error, and so is what is no result."""
    old = tmp_path / "old.json"
    fields = {"id": "other", "answerable": True, "answered": True, "confidence": 1}
    old.write_text(json.dumps({"set": "other", "per_question": [fields]}))
    with pytest.raises(InputError, match="none of the questions"):
        evaluated(make_set([question()]), "--baseline", old)
    old.write_text("{}")
    with pytest.raises(InputError, match="not a result"):
        evaluated(make_set([question()]), "--baseline", old)
    assert not (tmp_path / "data").exists()


def test_a_named_library_is_asked_instead_of_the_corpus(make_set: MakeSet, tmp_path: Path) -> None:
    """--library comes before the set's own corpus, and nothing is built then."""
    folder = make_set([question(evidence=FEVER)])
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"_id": "only", "title": "", "text": "Fever is heat."}))
    library = Library.create(tmp_path / "library")
    ingest([other], library)
    build_index(library, WordEmbedder())
    json_file = tmp_path / "r.json"
    assert evaluated(folder, "--library", library.folder, "--json", json_file).exit_code == 0
    (asked,) = json.loads(json_file.read_text())["per_question"]
    assert asked["documents"] == ["only"]
    assert not (tmp_path / "data" / "evaluation").exists()


def test_questions_alone_are_asked_of_the_sample(make_set: MakeSet, tmp_path: Path) -> None:
    """Without a corpus and a library the built-in sample answers."""
    file = make_set([question(question="What is COP?")]) / "questions.jsonl"
    json_file = tmp_path / "r.json"
    assert evaluated(file, "--json", json_file).exit_code == 0
    (asked,) = json.loads(json_file.read_text())["per_question"]
    assert "cryptogenic-organizing-pneumonia" in asked["documents"]


def test_articles_can_be_left_out_of_account(make_set: MakeSet, tmp_path: Path) -> None:
    """--whole-library asks of all texts, and the result says so."""
    folder = make_set([question(article="zinc")])
    evaluated(folder, "--whole-library", "--json", tmp_path / "r.json")
    record = json.loads((tmp_path / "r.json").read_text())
    assert "aspirin" in record["per_question"][0]["documents"]
    assert record["provenance"]["whole_library"] is True


def test_errors_are_ours(make_set: MakeSet, tmp_path: Path) -> None:
    """No set, no library, and a file that cannot be written are known errors, told at once."""
    folder = make_set([question()])
    (tmp_path / "file").write_text("")
    with pytest.raises(SequiturError, match="nowhere"):
        evaluated(tmp_path / "nowhere")
    with pytest.raises(LibraryError):
        evaluated(folder, "--library", tmp_path / "nowhere")
    with pytest.raises(InputError, match="cannot be written"):
        evaluated(folder, "--json", tmp_path / "file" / "r.json")
    assert not (tmp_path / "data").exists()
