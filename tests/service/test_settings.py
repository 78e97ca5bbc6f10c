"""Settings from the environment."""

import re
from dataclasses import fields
from typing import Any

import pytest

from corpus.errors import SettingsError
from service.settings import PREFIX, Settings, load_settings, settings_table
from tests.service.cases import ROOT

GOOD: list[tuple[str, str, Any]] = [
    ("library", "/srv/library", "/srv/library"),
    ("data_dir", "/var/lib/sequitur", "/var/lib/sequitur"),
    ("engine", "extractive", "extractive"),
    ("embedding_model", "/models/other", "/models/other"),
    ("risk", "0.05", 0.05),
    ("risk_delta", "0.01", 0.01),
    ("calibration", "/srv/calibration.json", "/srv/calibration.json"),
    ("confidence_threshold", "0.75", 0.75),
    ("confidence_threshold", "0", 0.0),
    ("confidence_threshold", "1", 1.0),
    ("max_question_chars", "200", 200),
    ("max_history_turns", "3", 3),
    ("max_statements", " 2 ", 2),
    ("read_tokens", "2400", 2400),
    ("max_body_bytes", "1024", 1024),
    ("max_file_bytes", "1", 1),
    ("questions_at_once", "8", 8),
    ("answers_kept_days", "30", 30),
    ("answers_kept_days", "0", 0),
    ("allowed_origins", "https://a.example", ("https://a.example",)),
    (
        "allowed_origins",
        " http://B.example:80 ,https://a.example:8443,, ",
        ("http://b.example", "https://a.example:8443"),
    ),
    ("allowed_origins", "*", ("*",)),
    ("llm_base_url", "https://llm.example/v1/", "https://llm.example/v1"),
    ("llm_base_url", "http://[::1]:8080", "http://[::1]:8080"),
    ("llm_model", "org/model:tag", "org/model:tag"),
    ("llm_api_key", "sk-A_b.c/d+e=", "sk-A_b.c/d+e="),
    ("llm_timeout_s", "2.5", 2.5),
    ("llm_stall_s", "3600", 3600.0),
    ("llm_retries", "0", 0),
    ("llm_max_output_tokens", "50", 50),
    ("llm_max_prompt_tokens", "900", 900),
    ("llm_daily_tokens", "1000000", 1_000_000),
    ("llm_daily_cost", "0.5", 0.5),
    ("llm_price_input", "0.15", 0.15),
    ("llm_price_output", "0", 0.0),
    ("judge_model", "qwen3:32b", "qwen3:32b"),
    ("judge_base_url", "http://localhost:9/v1/", "http://localhost:9/v1"),
    ("judge_api_key", "k2", "k2"),
    ("llm_repairs", "1", 1),
    ("ncbi_email", "editor@journal.example", "editor@journal.example"),
    ("ncbi_api_key", "0a1b2c3d", "0a1b2c3d"),
    ("ncbi_eutils_url", "http://127.0.0.1:8080/eutils/", "http://127.0.0.1:8080/eutils"),
    ("ncbi_idconv_url", "https://pmc.example/articles", "https://pmc.example/articles"),
    ("ncbi_timeout_s", "5", 5.0),
    ("retraction_watch", "/srv/retraction_watch.csv", "/srv/retraction_watch.csv"),
    ("ask_unreviewed", "no", False),
    ("show_reviewers", "yes", True),
    ("audit_fails_on", "must-mend, not-found", ("must-mend", "not-found")),
    ("audit_fails_on", "never", ()),
    ("audit_guideline_years", "3", 3),
    ("audit_supported", "0.7", 0.7),
    ("audit_contradicted", "1", 1.0),
    ("audit_partly", "0", 0.0),
    ("audit_passages", "4", 4),
    ("show_struck", "yes", True),
    ("show_struck", "False", False),
]
BAD = [
    ("audit_fails_on", "everything"),
    ("audit_fails_on", ","),
    ("audit_guideline_years", "0"),
    ("audit_supported", "1.1"),
    ("engine", "generated"),
    ("engine", "Extractive"),
    *(
        ("llm_base_url", text)
        for text in (
            "localhost:11434/v1",
            "ftp://a/v1",
            "http://",
            "http://a b/v1",
            "http://a/v1?key=x",
            "http://a/v1#x",
            "http://u:p@a/v1",
            "http://a:123456/v1",
            "http://[::1/v1",
            "http://ä.example/v1",
        )
    ),
    *(("llm_api_key", text) for text in ("two words", "line\nbreak", "ключ")),
    *((f"llm_{n}_s", t) for n in ("timeout", "stall") for t in ("0", "-1", "nan", "inf", "3601")),
    *((f"llm_{name}", t) for name in ("retries", "repairs") for t in ("-1", "6", "1.5")),
    *((f"llm_{name}", t) for name in ("price_input", "daily_cost") for t in ("-1", "inf", "nan")),
    ("llm_daily_tokens", "-1"),
    *(
        ("ncbi_email", text)
        for text in (
            "nobody",
            "a@b",
            "a@b@c.d",
            "a b@c.d",
            "a@b.c,d@e.f",
            "ä@b.c",
            "@b.c",
            "<a@b.c>",
        )
    ),
    ("ncbi_api_key", "two words"),
    ("ncbi_eutils_url", "http://u:p@a/v1"),
    ("ncbi_idconv_url", "ftp://a"),
    *(("ncbi_timeout_s", text) for text in ("0", "-1", "nan", "3601")),
    ("show_struck", "maybe"),
    *(("risk", text) for text in ("0", "1", "-0.1", "much", "nan", "20%")),
    *(("risk_delta", text) for text in ("0", "0.5", "1", "-0.1", "nan")),
    *(("confidence_threshold", text) for text in ("1.01", "-0.1", "high", "nan", "inf", "50%")),
    *(("answers_kept_days", text) for text in ("-1", "1.5", "ever", "36501", "9" * 5000)),
    *(
        ("allowed_origins", text)
        for text in (
            "a.example",
            "https://a.example/",
            "https://a.example/x",
            "null",
            "ftp://a",
            "https://",
            "https://a b",
            "https://a:0",
            "https://a:70000",
            "https://a:x",
            "https://u@a.example",
            "https://ä.example",
            "https://*.example",
            "https://a?b",
            "https://ok.example, nonsense",
        )
    ),
    *(
        (name, text)
        for name in (
            "questions_at_once",
            "llm_max_output_tokens",
            "llm_max_prompt_tokens",
            "max_question_chars",
            "max_history_turns",
            "max_statements",
            "max_body_bytes",
            "max_file_bytes",
        )
        for text in ("0", "-1", "1.5", "many", "9" * 5000)
    ),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_variable_sets_its_setting(name: str, text: str, value: Any) -> None:
    """Each variable sets one setting, in its own type, and leaves the others as they are."""
    read = load_settings({f"{PREFIX}{name.upper()}": text})
    assert getattr(read, name) == value
    assert type(getattr(read, name)) is type(value)
    others = [f.name for f in fields(Settings) if f.name != name]
    assert all(getattr(read, other) == getattr(Settings(), other) for other in others)


def test_every_setting_is_read() -> None:
    """No setting is without a variable, and none without a test above."""
    assert {name for name, _, _ in GOOD} == {f.name for f in fields(Settings)}


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(name: str, text: str) -> None:
    """The operator learns in one line which variable to mend."""
    variable = f"{PREFIX}{name.upper()}"
    with pytest.raises(SettingsError, match=variable) as refused:
        load_settings({variable: text})
    assert "\n" not in str(refused.value)


def test_blank_and_foreign_variables_change_nothing() -> None:
    """An empty variable is one that is not set."""
    blank = {f"{PREFIX}{f.name.upper()}": " " for f in fields(Settings)}
    assert load_settings(blank | {"MAX_STATEMENTS": "9", "PATH": "/bin"}) == Settings()
    assert load_settings({}) == Settings()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping the process's own environment counts."""
    monkeypatch.setenv("SEQUITUR_MAX_STATEMENTS", "3")
    assert load_settings().max_statements == 3


def test_what_shapes_an_answer_is_in_its_provenance() -> None:
    """A setting that can change an answer is told; a folder on this machine never is."""
    shaping = Settings(max_statements=2, confidence_threshold=0.9, library="/home/me").shaping()
    assert shaping["max_statements"] == 2
    assert shaping["confidence_threshold"] == 0.9
    assert "/home/me" not in map(str, shaping.values())


def test_the_table_names_every_variable_once() -> None:
    """One row per setting with its meaning; no row shows this machine's folders."""
    head, rule, *rows = settings_table().split("\n")
    assert (head, rule) == ("| variable | default | meaning |", "|---|---|---|")
    for setting, row in zip(fields(Settings), rows, strict=True):
        variable, default, meaning = (cell.strip() for cell in row.strip("|").split("|"))
        assert variable == f"`{PREFIX}{setting.name.upper()}`"
        assert meaning.endswith(".")
        blank = ("library", "data_dir", "calibration", "confidence_threshold", "allowed_origins")
        blank += ("ncbi_email", "ncbi_api_key", "ncbi_eutils_url", "ncbi_idconv_url")
        blank += ("retraction_watch",)
        if setting.name in (*blank, "llm_base_url", "llm_model", "llm_api_key"):
            assert default == ""
        else:
            read = load_settings({f"{PREFIX}{setting.name.upper()}": default.strip("`")})
            assert read == Settings()
    assert Settings().data_dir not in settings_table()


def test_the_calibration_chooses_the_threshold_by_default() -> None:
    """No threshold is set unless the operator sets one, and then it may be 0."""
    assert Settings().confidence_threshold is None
    assert load_settings({"SEQUITUR_CONFIDENCE_THRESHOLD": "0"}).confidence_threshold == 0


def test_the_documentation_holds_the_table() -> None:
    """docs/settings.md says exactly what the program does."""
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"\n{settings_table()}\n" in written


def test_secrets_are_masked() -> None:
    """A key, and an address that may hold one, are shown neither by settings nor by errors."""
    named = [f.name for f in fields(Settings) if re.search("key|secret|password|_url", f.name)]
    assert named == [
        "llm_base_url",
        "llm_api_key",
        "judge_base_url",
        "judge_api_key",
        "ncbi_api_key",
        "ncbi_eutils_url",
        "ncbi_idconv_url",
    ]
    for field in fields(Settings):
        assert field.repr is (field.name not in named)
    for name in named:
        with pytest.raises(SettingsError, match=name.upper()) as refused:
            load_settings({f"{PREFIX}{name.upper()}": "hush hush"})
        assert "hush" not in str(refused.value)
