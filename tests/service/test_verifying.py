"""Re-checking a saved answer, from the outside and from the inside."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.library import Library
from service.assistant import Question
from service.cli import cli
from service.verifying import citations_of, failures, read_answer
from service.wire import answer_record
from tests.fakes import article_of, clinic
from tests.service.cases import citations_in, over

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return the small library of gout and fever."""
    return clinic(tmp_path / "library")


@pytest.fixture
def record(library: Library) -> dict[str, Any]:
    """Return an answer that quotes an article and an abstract that it cites."""
    asked = Question(text="Does beer or allopurinol change urate?", article="gout")
    answer = answer_record(over(library).ask(asked))
    assert len(citations_in(answer)) >= 2
    return answer


def verified(library: Library, content: Any) -> Result:
    """Save a record (bytes as they are) beside the library and run `sequitur verify` on it."""
    file = library.folder.parent / "answer.json"
    saved = content if isinstance(content, bytes) else json.dumps(content).encode()
    file.write_bytes(saved)
    arguments = ["verify", str(file), "--library", str(library.folder)]
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def test_a_good_record_passes(library: Library, record: dict[str, Any]) -> None:
    """Exit 0, and the number of citations that were checked."""
    done = verified(library, record)
    assert done.exit_code == 0
    assert f"{len(citations_in(record))} citation(s) checked, 0 problem(s)" in done.stdout
    assert done.stderr == ""


def test_a_refusal_passes(library: Library) -> None:
    """A refusal quotes nothing as an answer, so there is nothing wrong."""
    done = verified(library, answer_record(over(library).ask(Question(text=""))))
    assert done.exit_code == 0
    assert "0 citation(s) checked, 0 problem(s)" in done.stdout


def test_a_changed_text_is_found(library: Library, record: dict[str, Any]) -> None:
    """A quote that still stands there is not enough: the text must be the one that was read."""
    library.put(articles=[article_of("gout", library.document("gout").text + " Rest helps.")])
    done = verified(library, record)
    assert done.exit_code == 1
    quoted = [c for c in citations_in(record) if c["document_id"] == "gout"]
    assert done.stdout.count("text has changed") == len(quoted) > 0


CHANGES: list[tuple[str, Change, str]] = [
    ("quote", lambda c: c.update(quote=c["quote"].replace("o", "0", 1)), "not what stands there"),
    ("one more letter", lambda c: c.update(quote=c["quote"] + " "), "not what stands there"),
    (
        "span",
        lambda c: c.update(start=c["start"] + 1, end=c["end"] + 1),
        "not what stands there",
    ),
    ("end past the text", lambda c: c.update(end=10**30, start=10**29), "not what stands there"),
    ("document", lambda c: c.update(document_id="pmid:404"), "not in this library"),
    ("digest", lambda c: c.update(sha256="0" * 64), "text has changed"),
]


@pytest.mark.parametrize(("change", "said"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_each_change_is_one_problem(
    library: Library, record: dict[str, Any], change: Change, said: str
) -> None:
    """Exit 1, with one line for the citation that does not hold and none for the others."""
    wrong = citations_in(record)[-1]
    change(wrong)
    done = verified(library, record)
    assert done.exit_code == 1
    problem, summary = done.stdout.splitlines()
    assert problem.startswith(f"[{wrong['marker']}] {wrong['document_id']} ")
    assert said in problem
    assert summary.endswith("1 problem(s)")
    assert done.stderr == ""


def test_every_problem_has_its_line(library: Library, record: dict[str, Any]) -> None:
    """Two wrong citations are two lines."""
    for citation in citations_in(record)[:2]:
        citation["quote"] = "Colchicine cures everything."
    assert verified(library, record).stdout.count("not what stands there") == 2


@pytest.mark.parametrize("key", ["a\nb", "\ud800"])
def test_a_strange_id_is_still_one_line(library: Library, record: dict[str, Any], key: str) -> None:
    """A foreign record cannot break the report into lines of its own, or stop it."""
    citations_in(record)[0]["document_id"] = key
    done = verified(library, record)
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 2


CITATION: dict[str, Any] = {
    "document_id": "gout",
    "quote": "Beer",
    "sha256": "0",
    "start": 0,
    "end": 4,
}
WRONG_VALUES: list[tuple[str, Any]] = [
    ("document_id", 1),
    ("quote", {}),
    ("sha256", []),
    ("start", "0"),
    ("start", -1),
    ("start", 0.0),
    ("start", 4),
]


def with_citation(name: str, value: Any) -> dict[str, Any]:
    """Return a record whose one citation has this value."""
    return {"statements": [{"text": "x", "citations": [CITATION | {name: value}]}]}


MALFORMED: list[tuple[str, Any]] = [
    ("empty", b""),
    ("not JSON", b"{"),
    ("not UTF-8", b'{"statements": "\xff"}'),
    ("UTF-16", '{"statements": 1}'.encode("utf-16")),
    ("deep", b"[" * 100_000),
    ("a huge number", b'{"statements": [], "n": ' + b"9" * 5000 + b"}"),
    ("a list", []),
    ("a word", "answer"),
    ("nothing", None),
    ("no statements", {}),
    ("statements are no list", {"statements": {"text": "x"}}),
    ("a statement is no object", {"statements": ["x"]}),
    ("no citations", {"statements": [{"text": "x"}]}),
    ("empty citations", {"statements": [{"text": "x", "citations": []}]}),
    ("a citation is no object", {"statements": [{"text": "x", "citations": ["y"]}]}),
    *((f"{name} is {value!r}", with_citation(name, value)) for name, value in WRONG_VALUES),
    *((f"{name} is null", with_citation(name, None)) for name in CITATION),
]


@pytest.mark.parametrize("content", [m[1] for m in MALFORMED], ids=[m[0] for m in MALFORMED])
def test_what_is_no_record_is_refused_in_one_line(library: Library, content: Any) -> None:
    """Exit 2, nothing on stdout, and one line on stderr that names the file."""
    done = verified(library, content)
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "answer.json" in line


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_refused(library: Library, tmp_path: Path, name: str) -> None:
    """A missing file and a folder are bad input, not failed checks."""
    arguments = ["verify", str(tmp_path / name), "--library", str(library.folder)]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_malformed_citation_is_named_by_its_statement(tmp_path: Path) -> None:
    """The statement's number, from 1, says where to look."""
    good, bad = {"citations": [CITATION]}, {"citations": [CITATION | {"end": 0}]}
    with pytest.raises(FileInputError, match="statement 2"):
        citations_of({"statements": [good, bad]}, "x")
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"statements": [good]}))
    assert citations_of(read_answer(file), "x") == (CITATION,)


@settings(max_examples=60, deadline=None)
@given(start=st.integers(0, 200), length=st.integers(1, 200), data=st.data())
def test_only_the_exact_slice_passes(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, data: st.DataObject
) -> None:
    """A citation passes when, and only when, its quote is its span of the text."""
    folder = tmp_path_factory.getbasetemp() / "verified"
    library = Library(folder) if folder.exists() else clinic(folder)
    document = library.document("gout")
    there = document.text[start : start + length]
    quote = data.draw(st.sampled_from([there, there[1:], there[:-1], there.upper(), "gout"]))
    citation = CITATION | {"quote": quote, "sha256": document.sha256}
    citation |= {"start": start, "end": start + length}
    found = list(failures({"statements": [{"citations": [citation]}]}, "x", library))
    assert (not found) == (quote == there)
