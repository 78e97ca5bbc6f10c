"""Every setting: name, default, unit, help. The only module that reads the environment."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError
from index.embedder import BUILT_IN
from service.origins import read_origins

PREFIX = "SEQUITUR_"
# from one half on, a promise is as good as a coin
LARGEST_DELTA = 0.5
# a hundred years; beyond the calendar's reach nothing can be counted
MOST_DAYS = 36_500


def _setting(default: Any, help_text: str, parse: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"help": help_text, "parse": parse})


def _positive_int(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError("must lie between 0 and 1")
    return value


def _risk(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError("must lie between 0 and 1, and be neither")
    return value


def _chance_of_failure(text: str) -> float:
    value = float(text)
    if not 0 < value < LARGEST_DELTA:
        raise ValueError(f"must lie between 0 and {LARGEST_DELTA}, and be neither")
    return value


def _days(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError("must not be less than 0")
    if value > MOST_DAYS:
        raise ValueError(f"must be at most {MOST_DAYS}, or 0 for no end")
    return value


def _engine(text: str) -> str:
    if text != "extractive":
        raise ValueError("this version has one engine, 'extractive'")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One value per variable `SEQUITUR_<NAME>`; units are in the names."""

    library: str = _setting("", "Folder of the library; empty: the built-in sample.")
    data_dir: str = _setting(
        str(Path(sys.prefix) / "share" / "sequitur"),
        "Folder where the built-in sample and the libraries of evaluation sets are built; "
        "default: `share/sequitur` in the virtual environment.",
    )
    engine: str = _setting("extractive", "Answer engine: `extractive`.", _engine)
    embedding_model: str = _setting(
        BUILT_IN, "Folder of a sentence-transformers model, or the name of the built-in one."
    )
    risk: float = _setting(
        0.4,
        "Highest share of the answered questions (above 0, below 1) that their evidence does not "
        "answer; one of those in the calibration.",
        _risk,
    )
    risk_delta: float = _setting(
        0.1,
        "Highest chance (above 0, below 0.5) that the promise about the risk fails; one of those "
        "in the calibration.",
        _chance_of_failure,
    )
    calibration: str = _setting(
        "", "File written by `sequitur calibrate --output`; empty: the one of this version."
    )
    confidence_threshold: float | None = _setting(
        None,
        "Least confidence (0 to 1) with which a question is answered; empty: what the calibration "
        "asks for. When it is set, nothing is promised about the risk.",
        _probability,
    )
    max_question_chars: int = _setting(1000, "Longest question taken.", _positive_int)
    max_history_turns: int = _setting(20, "Earlier questions taken into account.", _positive_int)
    max_statements: int = _setting(4, "Most statements in an answer.", _positive_int)
    max_body_bytes: int = _setting(65536, "Largest HTTP request body.", _positive_int)
    max_file_bytes: int = _setting(100_000_000, "Largest file that ingest reads.", _positive_int)
    questions_at_once: int = _setting(
        4,
        "Questions that the server answers at the same time; some more wait, and when those are "
        "many, one is refused with 503.",
        _positive_int,
    )
    answers_kept_days: int = _setting(
        365,
        "Days after which the server erases an answer with its question and feedback; 0: kept "
        "until somebody deletes it. What people ask may tell of their health, so it is not kept "
        "for ever; a year lets links to an answer work for as long as they are commonly followed.",
        _days,
    )
    allowed_origins: tuple[str, ...] = _setting(
        (),
        "Other sites whose pages may use the assistant, with commas between: "
        "`https://journal.example, https://www.journal.example:8443`. `*`: any site, which lets "
        "everybody spend your server's time on their own pages.",
        read_origins,
    )

    def shaping(self) -> dict[str, Any]:
        """Return the settings that can change an answer, for its provenance.

        The risk stands in the operating point that it leads to (service/calibration.py).
        """
        return {
            "confidence_threshold": self.confidence_threshold,
            "max_statements": self.max_statements,
            "max_history_turns": self.max_history_turns,
        }


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `SEQUITUR_*` from the environment; raises SettingsError naming the variable."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        name = f"{PREFIX}{setting.name.upper()}"
        text = environment.get(name, "").strip()
        if not text:
            continue
        try:
            values[setting.name] = setting.metadata["parse"](text)
        except ValueError as error:
            raise SettingsError(f"{name}={text!r}: {error}") from error
    return Settings(**values)


def settings_table() -> str:
    """Return the settings as a Markdown table, as it stands in docs/settings.md."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for setting in fields(Settings):
        default = setting.default
        blank = setting.name == "data_dir" or default in ("", None, ())
        shown = "" if blank else f"`{default}`"
        rows.append(f"| `{PREFIX}{setting.name.upper()}` | {shown} | {setting.metadata['help']} |")
    return "\n".join(rows)
