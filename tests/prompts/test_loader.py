import hashlib
from pathlib import Path

import pytest

from corpus.errors import ModelError
from prompts.loader import Templates, digests, render, shipped

FOLDER = Path(__file__).parents[2] / "prompts" / "templates"


def templates(folder: Path, **sources: str) -> Templates:
    """Return templates of a folder with these files."""
    for name, source in sources.items():
        (folder / f"{name}.j2").write_bytes(source.encode())
    return Templates(folder)


def test_a_value_is_filled_in_and_never_read_as_a_template(tmp_path: Path) -> None:
    """Braces, tags and quotes of a value arrive as they are."""
    value = "{{ 7 * 7 }} {% raw %} <b>&amp; 'x' {# no #}"
    assert templates(tmp_path, say="So: {{ it }}.").render("say", it=value) == f"So: {value}."


def test_missing_variables_are_named_with_their_template(tmp_path: Path) -> None:
    """All of them at once, in order, and no value of another variable with them."""
    found = templates(tmp_path, say="{{ b }} {{ a }} {{ c }}")
    with pytest.raises(ModelError) as raised:
        found.render("say", c="secret")
    assert str(raised.value) == "template say.j2 lacks a value for: a, b"


def test_a_variable_may_not_be_missing_in_a_branch_that_is_not_taken(tmp_path: Path) -> None:
    """What a rarely taken branch lacks is found at once."""
    with pytest.raises(ModelError, match=r"say\.j2 .*: rare$"):
        templates(tmp_path, say="{% if a %}{{ rare }}{% endif %}").render("say", a=False)


def test_a_missing_attribute_names_its_template(tmp_path: Path) -> None:
    """A misspelt field of a value is an error, not an empty string."""
    with pytest.raises(ModelError, match=r"say\.j2 .*'nmae'"):
        templates(tmp_path, say="{{ a.nmae }}").render("say", a=object())


def test_an_unknown_template_lists_the_known_ones(tmp_path: Path) -> None:
    """In order; what is no template is not among them, and no path leads out of the folder."""
    found = templates(tmp_path, b="", a="")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    for name in ("c", "a.j2", "../prompts/templates/rules", ""):
        with pytest.raises(ModelError) as raised:
            found.render(name)
        assert str(raised.value) == f"no template is named {name!r}; known are: a, b"


@pytest.mark.parametrize(
    "source",
    [
        "{{ a|upper }}",
        "{{ a is defined }}",
        "{% include 'other' %}",
        "{% include a %}",
        "{% import 'other' as o %}",
        "{% extends 'other' %}",
        "{{ a }",
        "{% if a %}",
    ],
)
def test_a_template_that_can_do_more_or_is_broken_is_refused(tmp_path: Path, source: str) -> None:
    """No filter, test or other template can be used; the error names the file."""
    with pytest.raises(ModelError, match=r"^template say\.j2"):
        templates(tmp_path, other="", say=source)


@pytest.mark.parametrize("source", ["{{ a.__class__ }}", "{{ a.append(1) }}", "{{ a.__len__() }}"])
def test_a_template_cannot_reach_into_a_value(tmp_path: Path, source: str) -> None:
    """Python's inner attributes are closed, and no list can be changed."""
    values = [0]
    with pytest.raises(ModelError, match=r"^template say\.j2"):
        templates(tmp_path, say=source).render("say", a=values)
    assert values == [0]


def test_no_function_is_at_hand(tmp_path: Path) -> None:
    """What jinja offers everywhere is only another missing variable here."""
    with pytest.raises(ModelError, match="lacks a value for: range"):
        templates(tmp_path, say="{{ range(9) }}").render("say")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """The error is ours and names the file."""
    (tmp_path / "say.j2").write_bytes(b"caf\xe9")
    with pytest.raises(ModelError, match=r"say\.j2 is not in UTF-8"):
        Templates(tmp_path)


def test_digests_are_those_of_the_files_in_order() -> None:
    """Anyone can check them with sha256sum."""
    names = sorted(path.stem for path in FOLDER.iterdir())
    assert list(digests()) == names
    for name, digest in digests().items():
        assert digest == hashlib.sha256((FOLDER / f"{name}.j2").read_bytes()).hexdigest()


def test_a_changed_template_has_another_digest(tmp_path: Path) -> None:
    """One character more is enough, and no other digest changes."""
    before = templates(tmp_path, a="x", b="y").digests()
    after = templates(tmp_path, a="x ").digests()
    assert before["a"] != after["a"]
    assert before["b"] == after["b"]


def test_the_shipped_templates_are_read_once_and_plainly() -> None:
    """They end with one line feed and hold no tab or character that cannot be seen."""
    assert shipped() is shipped()
    assert render("audience_patient")
    for path in FOLDER.iterdir():
        text = path.read_bytes().decode()
        assert text.endswith("\n")
        assert text.replace("\n", " ").isprintable(), path.name


def test_the_documentation_tells_every_template() -> None:
    """docs/prompts.md lists them all."""
    told = (FOLDER.parents[1] / "docs" / "prompts.md").read_text(encoding="utf-8")
    assert [name for name in digests() if f"`{name}`" not in told] == []
