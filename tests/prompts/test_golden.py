from corpus.answers import AUDIENCES
from tests.prompts.cases import GOLDEN, cases, printed


def test_every_prompt_is_what_its_golden_file_holds() -> None:
    """No word sent to a model changes unseen (`python -m tests.prompts` writes the files anew)."""
    made = {name: printed(messages) for name, messages in cases()}
    kept = {path.stem: path.read_bytes().decode() for path in GOLDEN.glob("*.txt")}
    assert sorted(made) == sorted(kept)
    assert {name: text for name, text in made.items() if text != kept[name]} == {}


def test_there_is_a_golden_file_for_every_prompt_and_audience() -> None:
    """A new audience, or a case that no longer runs, is seen here."""
    expected = {f"{prompt}-{audience}" for prompt in ("answer", "repair") for audience in AUDIENCES}
    assert expected <= {name for name, _ in cases()}
