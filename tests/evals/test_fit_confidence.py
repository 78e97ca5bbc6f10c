"""Fitting the confidence model."""

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from corpus.errors import InputError
from evals.fit_confidence import Sample, ask, fit, fitted_record, main, sample_of, sampled
from evals.running import question_of
from service.calibration import read_calibration
from service.confidence import Features, LogisticModel
from tests.evals.conftest import MakeSet, OpenSet, question
from tests.evals.fakes import WordEmbedder, WordReader

GOLD = ["Aspirin lowers fever in adults."]
NAMES = tuple(field.name for field in fields(Features))


def sample(name: str, count: int, *, seed: int = 0, useful: int = 0) -> Sample:
    """Return labels that follow the feature at `useful`; the last feature never changes."""
    values = np.random.default_rng(seed).random((count, len(NAMES)))
    values[:, -1] = 0.1  # not a sum of powers of two, so its mean is not exact
    return Sample(name=name, names=NAMES, values=values, labels=values[:, useful] > 0.5)


def test_the_useful_feature_gets_the_weight() -> None:
    """Coefficients are for features as they are, and a constant one gets none."""
    found = fit([sample("a", 200)])
    assert int(np.argmax(np.abs(found.weights))) == 0
    assert found.weights[0] > 0
    assert found.weights[-1] == pytest.approx(0, abs=1e-6)
    values = sample("b", 50, seed=1).values
    assert np.mean((found.logits(values) > 0) == (values[:, 0] > 0.5)) > 0.9


def test_the_unit_of_a_feature_does_not_matter() -> None:
    """A feature that is a hundred times as large gets a coefficient a hundred times as small."""
    plain = sample("a", 200)
    scale = np.where(np.arange(len(NAMES)) == 0, 100.0, 1.0)
    large = replace(plain, values=plain.values * scale)
    assert fit([large]).weights * scale == pytest.approx(fit([plain]).weights, abs=0.01)


def test_a_set_counts_the_same_whatever_its_size() -> None:
    """Repeating every question of one set changes nothing."""
    small, other = sample("a", 20), sample("b", 30, seed=2, useful=1)
    large = Sample(
        name="a",
        names=NAMES,
        values=np.tile(small.values, (5, 1)),
        labels=np.tile(small.labels, 5),
    )
    assert fit([small, other]).weights == pytest.approx(fit([large, other]).weights, abs=0.01)


def test_the_record_can_be_used_and_comes_out_the_same() -> None:
    """The file's model gives the fit's probabilities; the same samples give the same bytes."""
    samples = [sample("a", 60), sample("b", 40, seed=3)]
    record = fitted_record(samples)
    assert json.dumps(record) == json.dumps(fitted_record(samples))
    assert list(record["weights"]) == list(NAMES)
    assert record["fitted_on"][0] == {
        "set": "a",
        "questions": 60,
        "right": int(samples[0].labels.sum()),
    }
    model = LogisticModel(weights=record["weights"], intercept=record["intercept"])
    row = samples[0].values[0]
    odds = float(fit(samples).logits(row[np.newaxis])[0])
    measured = Features(**dict(zip(NAMES, row.tolist(), strict=True)))
    assert model.probability(measured) == pytest.approx(1 / (1 + np.exp(-odds)), abs=2e-4)


def test_each_set_is_judged_by_a_model_that_has_not_seen_it() -> None:
    """A set whose labels follow another feature is told no better than by chance."""
    samples = [sample("a", 200), sample("b", 200, seed=1), sample("odd", 200, seed=2, useful=1)]
    areas = fitted_record(samples)["cross_validated_auroc"]
    assert list(areas) == ["a", "b", "odd"]
    assert areas["a"] > 0.7
    assert areas["odd"] < 0.7
    only_answerable = Sample(
        name="one", names=NAMES, values=samples[0].values, labels=np.ones(200, dtype=bool)
    )
    assert fitted_record([*samples, only_answerable])["cross_validated_auroc"]["one"] is None
    assert fitted_record(samples[:1])["cross_validated_auroc"] == {}


def test_samples_that_cannot_be_fitted_are_refused() -> None:
    """One label alone, and two sets of one name, are errors of the caller."""
    one_label = Sample(
        name="a", names=NAMES, values=np.ones((3, len(NAMES))), labels=np.ones(3, dtype=bool)
    )
    with pytest.raises(InputError, match="both answerable and unanswerable"):
        fit([one_label])
    with pytest.raises(InputError, match="both answerable and unanswerable"):
        fit([])
    with pytest.raises(InputError, match="same name"):
        fitted_record([sample("a", 20), sample("a", 20, seed=1)])


def test_features_are_measured_within_the_scope_of_each_question(open_set: OpenSet) -> None:
    """One row a question, in order, with what the assistant itself would see."""
    question_set, assistant = open_set(
        [question("c", evidence=GOLD), question("d", pair="d", article="zinc", answerable=False)]
    )
    asked = ask(question_set, assistant)
    # "c" and "d" are of the part that is fitted on
    found = sample_of(asked)
    assert found.names == NAMES
    assert found.labels.tolist() == [True, False]
    for row, case in zip(found.values, question_set.cases, strict=True):
        _, findings = assistant.ask_with_findings(question_of(case, case.article))
        assert findings.features is not None
        assert row.tolist() == list(asdict(findings.features).values())


def test_the_command_writes_the_model(
    make_set: MakeSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sets in, coefficients out; a set that is not there is one line and exit code 2."""
    monkeypatch.setattr("index.embedder.embedder_of", WordEmbedder)
    monkeypatch.setattr("index.reading.model.BuiltInReader", WordReader)
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(tmp_path / "data"))
    # ids of the part that is fitted on, and one of the other part
    lines = [
        question("c", evidence=GOLD),
        question("d", question="Who won the cup?", answerable=False),
        question("a", question="Who lost the cup?", answerable=False),
    ]
    sets = [str(make_set(lines, name=name)) for name in ("a", "b")]
    output = tmp_path / "confidence.json"
    measured = tmp_path / "questions.json"
    written = ["--output", str(tmp_path), "--questions", str(measured)]
    done = CliRunner().invoke(main, [*sets, *written], catch_exceptions=False)
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["a", "b"]
    record = json.loads(output.read_text())
    assert list(record) == ["weights", "intercept", "fitted_on", "cross_validated_auroc"]
    assert [one["questions"] for one in record["fitted_on"]] == [2, 2]
    calibration = read_calibration(str(tmp_path / "calibration.json"))
    assert [one.questions for one in calibration.made_from] == [1, 1]
    model = LogisticModel(weights=record["weights"], intercept=record["intercept"])
    assert calibration.models["confidence"] == f"logistic@{model.digest[:16]}"
    assert [one["part"] for one in json.loads(measured.read_text())] == [0, 0, 1] * 2
    apart = ["--certify", "b", "--output", str(tmp_path)]
    done = CliRunner().invoke(main, [*sets, *apart], catch_exceptions=False)
    assert [line.split()[0] for line in done.stdout.splitlines()] == []
    assert [one["set"] for one in json.loads(output.read_text())["fitted_on"]] == ["a"]
    calibration = read_calibration(str(tmp_path / "calibration.json"))
    assert [one.set for one in calibration.made_from] == ["a", "b"]
    failed = CliRunner().invoke(main, [str(tmp_path / "nowhere")], catch_exceptions=False)
    assert failed.exit_code == 2
    assert len(failed.stderr.splitlines()) == 1


def test_a_sample_keeps_all_versions_of_a_question(open_set: OpenSet) -> None:
    """Of three pairs of two, a sample of three questions holds two pairs."""
    lines = [
        question(f"{pair}-{kind}", pair=pair, evidence=GOLD)
        for pair in ("a", "b", "c")
        for kind in ("answered", "cut")
    ]
    whole, _ = open_set(lines)
    kept = sampled(whole, 3).cases
    assert len(kept) == 4
    assert len({case.pair for case in kept}) == 2
    assert sampled(whole, None) is whole
