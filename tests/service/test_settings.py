"""Settings from the environment."""

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
]
BAD = [
    ("engine", "generative"),
    ("engine", "Extractive"),
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
        if setting.name not in blank:
            assert default == f"`{getattr(Settings(), setting.name)}`"
    assert Settings().data_dir not in settings_table()


def test_the_calibration_chooses_the_threshold_by_default() -> None:
    """No threshold is set unless the operator sets one, and then it may be 0."""
    assert Settings().confidence_threshold is None
    assert load_settings({"SEQUITUR_CONFIDENCE_THRESHOLD": "0"}).confidence_threshold == 0


def test_the_documentation_holds_the_table() -> None:
    """docs/settings.md says exactly what the program does."""
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"\n{settings_table()}\n" in written


def test_no_setting_is_a_secret_yet() -> None:
    """Whoever adds a key must mask it first, and then change this test."""
    secret = ("key", "token", "secret", "password")
    assert not [f.name for f in fields(Settings) if any(word in f.name for word in secret)]
