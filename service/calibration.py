"""The stored calibration: which threshold keeps which promise, and for which model it holds.

The promise: at most `alpha` of the answered questions are not answered by their evidence, with
confidence 1 - `delta`. `sequitur calibrate` issues it (docs/calibration.md says how and under
which assumptions); the one in calibration.json comes with the program.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import cattrs
from cattrs.preconf.json import make_converter

from corpus.errors import SettingsError
from service.settings import Settings

FORMAT = "sequitur-calibration"
VERSION = 1
SHIPPED = "calibration.json"
ISSUE = "`sequitur calibrate SET… --output FILE`, then SEQUITUR_CALIBRATION=FILE"
# Settings that decide what evidence is shown: with others the promise was never tested.
HOLDS_FOR = ("engine", "max_statements", "read_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMisses:
    """What happens to unanswerable questions that are asked within their own article.

    `answered` of `questions` get an answer. `risk` is the share of wrong answers if near misses
    were the only unanswerable questions: over them and the answerable questions of the sets that
    hold them. None when nothing of these is answered.
    """

    questions: int
    answered: int
    risk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one pair of alpha and delta (probabilities) came to on the calibration questions.

    `threshold` is the least confidence that is answered, None when the promise cannot be made.
    `answered` questions have at least that confidence, `wrong` of them are not answered by their
    evidence; `coverage` is the share of all counted questions that is answered, and
    `answered_when_answerable` the share of the answerable ones. `upper_bound` bounds the risk at
    this threshold with confidence 1 - delta.
    """

    alpha: float
    delta: float
    threshold: float | None
    answered: int = 0
    wrong: int = 0
    coverage: float = 0.0
    answered_when_answerable: float | None = None
    upper_bound: float | None = None
    near_misses: NearMisses | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFrom:
    """A set that the calibration was made from; `sha256` is of its questions.

    `questions` were asked; `counted` of them were not screened out and tell a right answer from a
    wrong one, `answerable` and `near_misses` among these.
    """

    set: str
    sha256: str
    questions: int
    counted: int
    answerable: int
    near_misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Rows by (delta, alpha), what they were made from, and what they hold for.

    `models` names them as an answer's provenance does, the one called "confidence" among them;
    `part` says which of the sets' questions were used.
    """

    models: Mapping[str, str]
    engine: str
    max_statements: int
    read_tokens: int
    part: str
    made_from: tuple[MadeFrom, ...]
    rows: tuple[Row, ...]

    def row(self, alpha: float, delta: float) -> Row | None:
        """Return the row of a pair; None when it was not issued."""
        return next((r for r in self.rows if (r.alpha, r.delta) == (alpha, delta)), None)

    def record(self) -> dict[str, Any]:
        """Return the calibration as its file holds it."""
        return {"format": FORMAT, "version": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A promise that is kept at present: its row, and the names of the sets behind it."""

    row: Row
    made_from: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """The least confidence that is answered, and the promise that goes with it.

    Without a `certificate`, `void` says why nothing is promised.
    """

    threshold: float
    certificate: Certificate | None = None
    void: str | None = None

    def record(self) -> dict[str, Any]:
        """Return it as plain values, for an answer's provenance; `n` questions were answered."""
        if self.certificate is None:
            return {"threshold": self.threshold, "void": self.void}
        row = self.certificate.row
        return {
            "alpha": row.alpha,
            "delta": row.delta,
            "threshold": self.threshold,
            "coverage": row.coverage,
            "n": row.answered,
            "wrong": row.wrong,
            "upper_bound": row.upper_bound,
            "made_from": list(self.certificate.made_from),
        }


def operating_point(settings: Settings, models: Mapping[str, str]) -> OperatingPoint:
    """Return the threshold that the settings ask for, and what is promised with it.

    `models` are the running ones as provenance names them. Raises SettingsError when the
    calibration cannot be read, is of another confidence model, or does not hold the promise
    that is asked for.
    """
    if settings.confidence_threshold is not None:
        return OperatingPoint(
            threshold=settings.confidence_threshold, void="SEQUITUR_CONFIDENCE_THRESHOLD is set"
        )
    calibration = read_calibration(settings.calibration)
    fitted, running = calibration.models.get("confidence"), models["confidence"]
    if fitted != running:  # on another scale a threshold means nothing
        raise SettingsError(
            f"{_name(settings.calibration)} is for the confidence model {fitted}, not {running}; "
            f"issue it again: {ISSUE}"
        )
    threshold, row = _asked_for(calibration, settings)
    void = _void(calibration, settings, models)
    if void is not None:
        return OperatingPoint(threshold=threshold, void=void)
    names = tuple(source.set for source in calibration.made_from)
    return OperatingPoint(threshold=threshold, certificate=Certificate(row=row, made_from=names))


def _asked_for(calibration: Calibration, settings: Settings) -> tuple[float, Row]:
    """Return the threshold and the row of the settings' pair.

    Raises SettingsError when it was not issued or cannot be promised.
    """
    alpha, delta = settings.risk, settings.risk_delta
    row = calibration.row(alpha, delta)
    asked = f"SEQUITUR_RISK={alpha:g} with SEQUITUR_RISK_DELTA={delta:g}"
    if row is None:
        raise SettingsError(
            f"{asked} is not in {_name(settings.calibration)} (it has {_pairs(calibration)}); "
            f"issue it: `sequitur calibrate SET… --alpha {alpha:g} --delta {delta:g} "
            "--output FILE`, then SEQUITUR_CALIBRATION=FILE"
        )
    if row.threshold is None:
        same = [r.alpha for r in calibration.rows if r.delta == delta and r.threshold is not None]
        least = f"the least that can is {min(same):g}" if same else "nor can any other it lists"
        raise SettingsError(
            f"{asked} cannot be promised by {_name(settings.calibration)}; with this delta {least}"
        )
    return row.threshold, row


def _pairs(calibration: Calibration) -> str:
    deltas = sorted({row.delta for row in calibration.rows})
    return "; ".join(
        f"risk {', '.join(f'{r.alpha:g}' for r in calibration.rows if r.delta == delta)} "
        f"with delta {delta:g}"
        for delta in deltas
    )


def _void(calibration: Calibration, settings: Settings, models: Mapping[str, str]) -> str | None:
    """Return why the calibration promises nothing here; None when it does."""
    if not calibration.made_from:
        return f"the calibration was made from no questions; issue it: {ISSUE}"
    for name in HOLDS_FOR:
        if getattr(calibration, name) != getattr(settings, name):
            return f"issued with another SEQUITUR_{name.upper()}; issue it again: {ISSUE}"
    for role in sorted({*calibration.models, *models}):
        if calibration.models.get(role) != models.get(role):
            return f"issued with another {role} model; issue it again: {ISSUE}"
    return None


def read_calibration(path: str = "") -> Calibration:
    """Return the calibration in a file, or the shipped one when `path` is empty.

    Raises SettingsError naming the file when it is not a calibration that this version reads.
    """
    source = Path(path) if path else resources.files("service").joinpath(SHIPPED)
    try:
        stored = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"{_name(path)} cannot be read: {reason}") from error
    found = (stored.get("format"), stored.get("version")) if isinstance(stored, dict) else "no JSON"
    if found != (FORMAT, VERSION):
        raise SettingsError(f"{_name(path)}: expected {FORMAT} version {VERSION}, found {found}")
    return _structured(stored, path)


def _structured(stored: Mapping[str, Any], path: str) -> Calibration:
    values = {key: value for key, value in stored.items() if key not in ("format", "version")}
    try:
        return _converter.structure(values, Calibration)
    except (cattrs.BaseValidationError, ValueError, TypeError) as error:
        reason = "; ".join(cattrs.transform_error(error))
        raise SettingsError(f"{_name(path)} is not a calibration: {reason}") from error


def _name(path: str) -> str:
    return f"SEQUITUR_CALIBRATION={path}" if path else "the calibration of this version"


def _exactly(value: Any, kind: type) -> Any:
    """Refuse what the converter would silently turn into text or a whole number."""
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value


def _share(value: Any, _: type) -> float:
    """Every number with a fraction here is a share or a probability."""
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError("expected a number from 0 to 1")
    return float(value)


_converter = make_converter(forbid_extra_keys=True)
_converter.register_structure_hook(str, _exactly)
_converter.register_structure_hook(int, _exactly)
_converter.register_structure_hook(float, _share)
