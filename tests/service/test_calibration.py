"""The stored calibration, and the threshold that the settings get from it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import SettingsError
from corpus.library import write_json
from index.embedder import embedder_of
from index.reading.model import BuiltInReader
from service.calibration import (
    Calibration,
    MadeFrom,
    NearMisses,
    Row,
    operating_point,
    read_calibration,
)
from service.confidence import shipped_model
from service.settings import Settings

MODELS = {"embedding": "words@00", "confidence": "logistic@0123456789abcdef"}
KEPT = Row(
    alpha=0.2,
    delta=0.1,
    threshold=0.61,
    answered=120,
    wrong=15,
    coverage=0.6,
    answered_when_answerable=0.8,
    upper_bound=0.17,
    near_misses=NearMisses(questions=40, answered=9, risk=0.19),
)
CALIBRATION = Calibration(
    models=MODELS,
    engine="extractive",
    max_statements=Settings().max_statements,
    read_tokens=Settings().read_tokens,
    part="all questions",
    made_from=(
        MadeFrom(
            set="ours", sha256="0" * 64, questions=201, counted=200, answerable=120, near_misses=40
        ),
    ),
    rows=(
        Row(alpha=0.05, delta=0.1, threshold=None),
        KEPT,
        replace(KEPT, alpha=0.4, threshold=0.2),
        Row(alpha=0.01, delta=0.05, threshold=None),
    ),
)


def asking(folder: Path, calibration: Calibration = CALIBRATION, **settings: Any) -> Settings:
    """Return settings that name a calibration's file and leave the threshold to it."""
    path = folder / "calibration.json"
    write_json(path, calibration.record())
    given = {"risk": 0.2, "risk_delta": 0.1, "confidence_threshold": None, **settings}
    return Settings(calibration=str(path), **given)


def test_a_calibration_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Every field, the empty ones too; the file starts with its format and version."""
    settings = asking(tmp_path)
    assert read_calibration(settings.calibration) == CALIBRATION
    stored = json.loads(Path(settings.calibration).read_text())
    assert list(stored)[:2] == ["format", "version"]


def test_the_risk_chooses_the_threshold(tmp_path: Path) -> None:
    """The row of the settings' pair decides, and its promise is told in plain values."""
    point = operating_point(asking(tmp_path), MODELS)
    assert point.threshold == 0.61
    assert json.loads(json.dumps(point.record())) == {
        "alpha": 0.2,
        "delta": 0.1,
        "threshold": 0.61,
        "coverage": 0.6,
        "n": 120,
        "wrong": 15,
        "upper_bound": 0.17,
        "made_from": ["ours"],
    }
    assert operating_point(asking(tmp_path, risk=0.4), MODELS).threshold == 0.2


def test_a_threshold_set_by_hand_promises_nothing(tmp_path: Path) -> None:
    """It wins, whatever the calibration holds, and the record says that no promise goes with it."""
    settings = asking(tmp_path, risk=0.77, confidence_threshold=0.0)
    point = operating_point(replace(settings, calibration="/nowhere"), {"confidence": "new@1"})
    assert (point.threshold, point.certificate) == (0.0, None)
    assert "SEQUITUR_CONFIDENCE_THRESHOLD" in str(point.record()["void"])


def test_another_confidence_model_is_refused(tmp_path: Path) -> None:
    """Its confidences are on another scale; the error tells how to issue the calibration again."""
    with pytest.raises(SettingsError, match=r"@0123456789abcdef, not new@1.*calibrate") as refused:
        operating_point(asking(tmp_path), MODELS | {"confidence": "new@1"})
    assert "\n" not in str(refused.value)


def test_the_promise_falls_with_what_it_was_made_for(tmp_path: Path) -> None:
    """Fewer statements, or another embedding model: the threshold stays, the promise does not."""
    fewer = operating_point(asking(tmp_path, max_statements=2), MODELS)
    assert (fewer.threshold, fewer.certificate) == (0.61, None)
    assert "SEQUITUR_MAX_STATEMENTS" in str(fewer.record()["void"])
    assert "SEQUITUR_READ_TOKENS" in str(
        operating_point(asking(tmp_path, read_tokens=1), MODELS).void
    )
    for models in (MODELS | {"embedding": "words@01"}, MODELS | {"reader": "new@1"}):
        other = operating_point(asking(tmp_path), models)
        assert (other.threshold, other.certificate) == (0.61, None)
        assert "model" in str(other.void)


def test_a_calibration_from_nothing_promises_nothing(tmp_path: Path) -> None:
    """Without a set behind it a row is only a threshold."""
    point = operating_point(asking(tmp_path, replace(CALIBRATION, made_from=())), MODELS)
    assert (point.threshold, point.certificate) == (0.61, None)
    assert "no questions" in str(point.void)


def test_a_pair_that_was_not_issued_names_those_that_were(tmp_path: Path) -> None:
    """The operator sees what there is, and the command that issues the rest."""
    with pytest.raises(SettingsError) as refused:
        operating_point(asking(tmp_path, risk=0.123), MODELS)
    told = str(refused.value)
    assert "SEQUITUR_RISK=0.123" in told
    assert "risk 0.01 with delta 0.05; risk 0.05, 0.2, 0.4 with delta 0.1" in told
    assert "sequitur calibrate SET… --alpha 0.123 --delta 0.1 --output" in told


def test_a_risk_that_cannot_be_promised_names_the_least_that_can(tmp_path: Path) -> None:
    """With the same delta; where there is none, that is said."""
    with pytest.raises(SettingsError, match=r"cannot be promised.*the least that can is 0\.2$"):
        operating_point(asking(tmp_path, risk=0.05), MODELS)
    with pytest.raises(SettingsError, match=r"cannot be promised.*nor can any other"):
        operating_point(asking(tmp_path, risk=0.01, risk_delta=0.05), MODELS)


def test_a_missing_file_is_the_operators_to_mend(tmp_path: Path) -> None:
    """The variable and the file are named."""
    path = tmp_path / "nowhere.json"
    with pytest.raises(SettingsError, match=rf"SEQUITUR_CALIBRATION={path} cannot be read"):
        read_calibration(str(path))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 2}, "expected sequitur-calibration version 1, found .*2"),
        ({"format": "other"}, "expected sequitur-calibration"),
        ({"rows": [{"alpha": "0.2", "delta": 0.1, "threshold": None}]}, "expected float"),
        ({"rows": [{"alpha": 0.2, "delta": 0.1, "threshold": 1.5}]}, "expected float"),
        ({"rows": [{"alpha": 0.2, "delta": float("nan"), "threshold": None}]}, "expected float"),
        ({"rows": [{"alpha": True, "delta": 0.1, "threshold": None}]}, "expected float"),
        ({"rows": [{"alpha": 0.2, "delta": 0.1}]}, "threshold"),
        ({"rows": 3}, "not a calibration"),
        ({"engine": 1}, "expected str"),
        ({"max_statements": 4.0}, "expected int"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_damaged_calibration_is_refused(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    """Nothing is read that this version does not understand, and the error is one line."""
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(CALIBRATION.record() | changes))
    with pytest.raises(SettingsError, match=reason) as refused:
        read_calibration(str(path))
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\udcff", "[" * 100_000])
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    """Whatever the file holds, the error is ours."""
    path = tmp_path / "calibration.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match="calibration"):
        read_calibration(str(path))


def test_the_calibration_of_this_version_is_of_its_models() -> None:
    """Embedding, reader and confidence are those that are shipped: the promise holds."""
    named = {
        "embedding": embedder_of(),
        "reader": BuiltInReader(),
    }
    running = {key: f"{model.name}@{model.digest[:16]}" for key, model in named.items()}
    running["confidence"] = f"logistic@{shipped_model().digest[:16]}"
    point = operating_point(replace(Settings(), confidence_threshold=None), running)
    assert point.void is None
    assert point.certificate is not None


def test_the_calibration_of_this_version_keeps_the_default_risk() -> None:
    """It can be read, and the default settings find their threshold in it."""
    shipped = read_calibration()
    settings = replace(Settings(), confidence_threshold=None)
    point = operating_point(settings, shipped.models)
    assert 0 < point.threshold < 1
    assert [(r.delta, r.alpha) for r in shipped.rows] == sorted(
        (r.delta, r.alpha) for r in shipped.rows
    )
