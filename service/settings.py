"""Every setting: name, default, unit, help. The only module that reads the environment."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError
from index.embedder import BUILT_IN
from service.audit_settings import read_fails_on
from service.origins import read_origins
from service.setting_values import (
    amount,
    read_base_url,
    read_email,
    read_key,
    seconds,
    whole_number,
    yes_or_no,
)

PREFIX = "SEQUITUR_"
# from one half on, a promise is as good as a coin
LARGEST_DELTA = 0.5
# a hundred years; beyond the calendar's reach nothing can be counted
MOST_DAYS = 36_500
ENGINES = ("extractive", "generative")

# As many as some six passages hold.
READ_TOKENS = 1000


def _setting(default: Any, help_text: str, parse: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"help": help_text, "parse": parse})


def _secret(help_text: str, parse: Callable[[str], str]) -> Any:
    """Return a setting whose value is never shown, not even when it cannot be used."""
    metadata = {"help": help_text, "parse": parse, "secret": True}
    return field(default="", repr=False, metadata=metadata)


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
    if text not in ENGINES:
        raise ValueError(f"must be one of: {', '.join(ENGINES)}")
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
    engine: str = _setting(
        "extractive",
        "Answer engine: `extractive` quotes; `generative` lets a language model write, and shows "
        "what the sources support.",
        _engine,
    )
    embedding_model: str = _setting(
        BUILT_IN,
        "Name of the built-in model, or a folder of sentence-transformers (extra `models`).",
    )
    risk: float = _setting(
        0.3,
        "Highest share of the answered questions (above 0, below 1) that their evidence does not "
        "answer; one of those in the calibration.",
        _risk,
    )
    risk_delta: float = _setting(
        0.05,
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
    max_statements: int = _setting(6, "Most statements in an answer.", _positive_int)
    read_tokens: int = _setting(
        READ_TOKENS,
        "Tokens that are read with a question, of four characters each: those of the passages "
        "that come nearest, one in any case, chosen from 5600. Fewer answer faster.",
        _positive_int,
    )
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
    llm_base_url: str = _secret(
        "Address of an OpenAI-compatible endpoint, up to the version: `http://localhost:11434/v1`.",
        read_base_url,
    )
    llm_model: str = _setting("", "Name of the model at that endpoint.")
    llm_api_key: str = _secret("Key for that endpoint, where it asks for one.", read_key)
    llm_timeout_s: float = _setting(
        60.0,
        "Longest time, in seconds, for what the language model writes, further attempts and waits "
        "included.",
        seconds,
    )
    llm_stall_s: float = _setting(
        30.0,
        "Longest silence of the endpoint in seconds, also before the first word: a model on a "
        "slow machine reads for long before it writes.",
        seconds,
    )
    llm_retries: int = _setting(
        1,
        "Further attempts (0 to 5) when the endpoint cannot be reached, is busy or fails before "
        "the first word.",
        whole_number(0, 5),
    )
    llm_max_output_tokens: int = _setting(
        600, "Most tokens that the language model may write for one answer.", _positive_int
    )
    llm_max_prompt_tokens: int = _setting(
        4000,
        "Most tokens, estimated, that are sent for one answer; evidence without room is left out.",
        _positive_int,
    )
    llm_daily_tokens: int = _setting(
        0,
        "Most tokens in a day (UTC), read and written; 0: no limit. Beyond it answers are quoted.",
        whole_number(0, 10**12),
    )
    llm_daily_cost: float = _setting(
        0.0,
        "Most money in a day (UTC), in the currency of the prices; 0: no limit.",
        amount,
    )
    llm_price_input: float = _setting(
        0.0, "Price of a million tokens that the model reads.", amount
    )
    llm_price_output: float = _setting(
        0.0, "Price of a million tokens that the model writes.", amount
    )
    judge_model: str = _setting(
        "",
        "Name of a model that is asked, sentence by sentence, whether the cited units say what was "
        "written; empty: none is.",
    )
    judge_base_url: str = _secret(
        "Address of that model's endpoint; empty: the one of the model that writes.", read_base_url
    )
    judge_api_key: str = _secret("Key for that endpoint, where it has an address.", read_key)
    llm_repairs: int = _setting(
        0,
        "Further requests (0 or 1) to mend an answer of which no sentence was supported.",
        whole_number(0, 1),
    )
    show_struck: bool = _setting(
        False,  # noqa: FBT003 - the value of a setting
        "`yes` puts the sentences that were not supported into the record, under `struck`; `no` "
        "only counts them.",
        yes_or_no,
    )
    ask_unreviewed: bool = _setting(
        True,  # noqa: FBT003 - the value of a setting
        "`yes` answers from articles that the editors have not approved, with a notice; `no` "
        "refuses to, and leaves them, and what only they cite, out of answers from the whole "
        "library.",
        yes_or_no,
    )
    show_reviewers: bool = _setting(
        False,  # noqa: FBT003 - the value of a setting
        "`yes` tells readers who approved an article, `no` only when; editors always see both.",
        yes_or_no,
    )
    ncbi_email: str = _setting(
        "",
        "Your e-mail address, which `sequitur fetch` tells NCBI as NCBI asks: it is written to "
        "before a program that asks too much is shut out.",
        read_email,
    )
    ncbi_api_key: str = _secret(
        "Key of an NCBI account: 10 requests a second are allowed with one, 3 without.", read_key
    )
    ncbi_eutils_url: str = _secret(
        "Address of the E-utilities; empty: `https://eutils.ncbi.nlm.nih.gov/entrez/eutils`.",
        read_base_url,
    )
    ncbi_idconv_url: str = _secret(
        "Address of PMC's converter of identifiers; empty: "
        "`https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles`.",
        read_base_url,
    )
    ncbi_timeout_s: float = _setting(
        60.0, "Longest time, in seconds, for one request to NCBI.", seconds
    )
    retraction_watch: str = _setting(
        "",
        "CSV file of the Retraction Watch database, as Crossref distributes it; empty: none. What "
        "is fetched or audited is looked up in it.",
    )
    audit_fails_on: tuple[str, ...] = _setting(
        ("must-mend",),
        "Severities (`must-mend`, `look-at`, `note`) and rules of which one finding makes an "
        "audit fail, with commas between; `never`: none.",
        read_fails_on,
    )
    audit_guideline_years: int = _setting(
        5, "Years after which an audit calls a guideline old.", _positive_int
    )
    audit_supported: float = _setting(
        0.5,
        "Least probability, by the checker, with which an audit calls a citing sentence supported.",
        _probability,
    )
    audit_contradicted: float = _setting(
        0.8,
        "Least probability, by the checker, with which an audit calls a citing sentence "
        "contradicted.",
        _probability,
    )
    audit_partly: float = _setting(
        0.5,
        "Least probability, by the checker, that a sentence of the cited text bears on a citing "
        "one, with which an audit calls that partly supported.",
        _probability,
    )
    audit_passages: int = _setting(
        8,
        "Most passages of a long cited text (a whole paper) that an audit reads for one sentence.",
        _positive_int,
    )

    def judging(self) -> "Settings":
        """Return the settings of the model that judges, as those of one that writes."""
        own = bool(self.judge_base_url)
        return replace(
            self,
            llm_model=self.judge_model,
            llm_base_url=self.judge_base_url if own else self.llm_base_url,
            llm_api_key=self.judge_api_key if own else self.llm_api_key,
        )

    def shaping(self) -> dict[str, Any]:
        """Return the settings that can change an answer, for its provenance.

        The risk stands in the operating point that it leads to (service/calibration.py).
        """
        shaping: dict[str, Any] = {
            "confidence_threshold": self.confidence_threshold,
            "max_statements": self.max_statements,
            "read_tokens": self.read_tokens,
            "max_history_turns": self.max_history_turns,
        }
        if not self.ask_unreviewed:
            shaping["ask_unreviewed"] = False
        if self.engine == "generative":
            names = ("llm_max_output_tokens", "llm_max_prompt_tokens", "llm_repairs", "show_struck")
            names = (*names, *(("judge_model",) if self.judge_model else ()))
            shaping |= {name: getattr(self, name) for name in names}
        return shaping


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
            if setting.metadata.get("secret"):
                raise SettingsError(f"{name}: {error}") from None
            raise SettingsError(f"{name}={text!r}: {error}") from error
    settings = Settings(**values)
    require_endpoint(settings)
    return settings


def require_endpoint(settings: Settings) -> None:
    """Raise SettingsError when the engine needs an endpoint and what leads there is not set."""
    if settings.engine != "generative":
        return
    for name in ("llm_base_url", "llm_model"):
        if not getattr(settings, name):
            raise SettingsError(f"{PREFIX}ENGINE='generative' needs {PREFIX}{name.upper()} as well")
    if settings.llm_daily_cost and not (settings.llm_price_input or settings.llm_price_output):
        raise SettingsError(
            f"{PREFIX}LLM_DAILY_COST needs {PREFIX}LLM_PRICE_INPUT or {PREFIX}LLM_PRICE_OUTPUT: "
            "without a price nothing costs anything"
        )


def _as_set(default: Any) -> str:
    """Return a default as it would be written in the environment."""
    if isinstance(default, tuple):
        return ", ".join(default)
    return ("no", "yes")[default] if isinstance(default, bool) else str(default)


def settings_table() -> str:
    """Return the settings as a Markdown table, as it stands in docs/settings.md."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for setting in fields(Settings):
        default = setting.default
        blank = setting.name == "data_dir" or default in ("", None, ())
        shown = "" if blank else f"`{_as_set(default)}`"
        rows.append(f"| `{PREFIX}{setting.name.upper()}` | {shown} | {setting.metadata['help']} |")
    return "\n".join(rows)
