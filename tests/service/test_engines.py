"""From settings to engines."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import GenerationError, SettingsError
from corpus.library import Library
from prompts.messages import Message
from service.engines import open_engine, open_model
from service.settings import Settings, load_settings
from service.wording import Wordings
from tests.service.scripted_llm import KEY


def test_settings_that_shape_prose_are_told() -> None:
    """They stand in the provenance of written answers only."""
    assert "llm_repairs" not in Settings().shaping()
    shaping = replace(Settings(llm_api_key=KEY), engine="generative", llm_repairs=1).shaping()
    assert shaping["llm_repairs"] == 1
    assert KEY not in str(shaping)


def test_an_engine_without_an_endpoint_is_a_settings_error() -> None:
    """The message names the variable that is missing."""
    written_by = {"SEQUITUR_ENGINE": "generative", "SEQUITUR_LLM_BASE_URL": "http://a/v1"}
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_MODEL"):
        load_settings(written_by)
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_BASE_URL"):
        load_settings({"SEQUITUR_ENGINE": "generative", "SEQUITUR_LLM_MODEL": "m"})
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_PRICE_INPUT"):
        load_settings(written_by | {"SEQUITUR_LLM_MODEL": "m", "SEQUITUR_LLM_DAILY_COST": "1"})
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_BASE_URL"):
        open_model(Settings(engine="generative"))


def test_the_settings_choose_the_engine(tmp_path: Path) -> None:
    """Quoting is the default; a model has the name, the patience and the limits of its settings."""
    library = Library.create(tmp_path / "library")
    assert open_engine(Settings(), library, Wordings(library)).name == "extractive"
    settings = Settings(
        engine="generative",
        llm_base_url="http://127.0.0.1:9/v1",
        llm_model="m",
        llm_daily_tokens=1,
        data_dir=str(tmp_path),
    )
    engine = open_engine(settings, library, Wordings(library))
    assert engine.models["writer"] == "m@127.0.0.1"
    assert "judge" not in engine.models
    judged = replace(settings, judge_model="j", judge_base_url="http://127.0.0.2:9/v1")
    assert open_engine(judged, library, Wordings(library)).models["judge"] == "j@127.0.0.2"
    same = replace(settings, judge_model="j")
    assert open_engine(same, library, Wordings(library)).models["judge"] == "j@127.0.0.1"
    model = open_model(settings)
    with pytest.raises(GenerationError) as failed:
        next(model.stream((Message(role="user", content="x"),)))
    assert failed.value.kind == "spent"


def test_a_key_is_never_printed() -> None:
    """Neither the settings nor an error about a key or an address show what was given."""
    assert KEY not in repr(load_settings({"SEQUITUR_LLM_API_KEY": KEY}))
    for name, value in (("LLM_API_KEY", f"{KEY}\u00e9"), ("LLM_BASE_URL", f"http://u:{KEY}@a/v1")):
        with pytest.raises(SettingsError, match=f"SEQUITUR_{name}") as refused:
            load_settings({f"SEQUITUR_{name}": value})
        assert KEY not in str(refused.value)
        assert refused.value.__cause__ is None
