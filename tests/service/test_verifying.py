"""Re-checking a saved answer, from the outside and from the inside."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import FileInputError
from corpus.library import Library
from corpus.records import Notice, Reference
from service.assistant import Question
from service.cli import cli
from service.sources_since import MAX_QUOTES, Quoted, quotes_of
from service.verifying import MAX_ANSWER_BYTES, read_answer
from service.verifying import verified as verification
from service.wire import answer_record
from tests.fakes import article_of, clinic
from tests.service.cases import citations_in, over
from tests.service.made_answers import OF_CLINIC, made_answer

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return the small library of gout and fever."""
    return clinic(tmp_path / "library")


@pytest.fixture
def record(library: Library) -> dict[str, Any]:
    """Return an answer that quotes an article and an abstract that it cites."""
    status = library.article("gout").review_status
    return answer_record(made_answer(library, *OF_CLINIC, review_status=status))


def verified(library: Library, content: Any, *options: str) -> Result:
    """Save a record (bytes as they are) beside the library and run `sequitur verify` on it."""
    file = library.folder.parent / "answer.json"
    saved = content if isinstance(content, bytes) else json.dumps(content).encode()
    file.write_bytes(saved)
    arguments = ["verify", str(file), "--library", str(library.folder), *options]
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


# What changed since


def rewritten(library: Library, *paragraphs: str) -> None:
    """Store the article on gout with another text."""
    library.put(articles=[article_of("gout", *paragraphs)])


def quoted_of(record: dict[str, Any], document_id: str) -> list[dict[str, Any]]:
    """Return the citations of one document; there is at least one."""
    found = [c for c in citations_in(record) if c["document_id"] == document_id]
    assert found
    return found


def test_a_quote_that_moved_still_holds(library: Library, record: dict[str, Any]) -> None:
    """Exit 0, and a note that says where the quote stands in the changed text."""
    quotes = [c["quote"] for c in quoted_of(record, "gout")]
    rewritten(library, "A new beginning.", *quotes)
    done = verified(library, record)
    assert done.exit_code == 0
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert len(notes) == len(quotes)
    at = library.document("gout").text.index(quotes[0])
    assert f"the quote stands at {at}-{at + len(quotes[0])} now" in notes[0]
    assert "0 problem(s)" in done.stdout


def test_a_quote_in_place_of_a_changed_text_is_told(
    library: Library, record: dict[str, Any]
) -> None:
    """What follows a quote may be new; that is news, not a failure."""
    rewritten(library, library.document("gout").text, "Rest helps.")
    done = verified(library, record)
    assert done.exit_code == 0
    assert "text has changed" in done.stdout


def test_a_quote_that_is_gone_fails(library: Library, record: dict[str, Any]) -> None:
    """Exit 1: nothing in the changed text says what was quoted."""
    rewritten(library, "Urate crystals do not settle at all.")
    done = verified(library, record)
    assert done.exit_code == 1
    assert done.stdout.count("the quote is gone") == len(quoted_of(record, "gout"))


@pytest.mark.parametrize(
    "around", ["It is not true that {} at all.", "{} only in dreams.", "No {}."]
)
def test_a_quote_inside_a_longer_sentence_fails(
    library: Library, record: dict[str, Any], around: str
) -> None:
    """Words that were put around a quote may turn its sense."""
    citations = quoted_of(record, "gout")
    for citation in citations:
        citation["quote"] = citation["quote"].removesuffix(".")
    rewritten(library, *(around.format(citation["quote"]) for citation in citations))
    done = verified(library, record)
    assert done.exit_code == 1
    assert done.stdout.count("only inside a longer sentence") == len(citations)


def noticed(library: Library, kind: str, *, listed: bool = False) -> None:
    """Let a notice be published about the cited abstract: known to it, or to the list only."""
    notice = Notice(kind=kind, source="PubMed", identifier="pmid:9")  # type: ignore[arg-type]
    reference = Reference(title="Allopurinol", document_id="gout#ref-2", notices=(notice,))
    document = library.document("gout#ref-2")
    if listed:
        article = library.article("gout")
        library.put(articles=[replace(article, references=(reference,))])
    else:
        library.put(documents=[replace(document, reference=reference)])


@pytest.mark.parametrize("listed", [False, True])
def test_a_source_retracted_since_fails(
    library: Library, record: dict[str, Any], *, listed: bool
) -> None:
    """Exit 1 although every quote stands, whoever of the library knows of it."""
    quoted_of(record, "gout#ref-2")
    noticed(library, "retraction", listed=listed)
    done = verified(library, record)
    assert done.exit_code == 1
    assert "gout#ref-2: has been retracted since" in done.stdout
    assert "1 problem(s)" in done.stdout


def test_a_retraction_that_the_answer_told_is_no_news(library: Library) -> None:
    """An answer that warned of it holds."""
    noticed(library, "retraction")
    asked = Question(text="Does allopurinol lower urate?", article="gout")
    record = answer_record(over(library).ask(asked))
    quoted_of(record, "gout#ref-2")
    done = verified(library, record)
    assert done.exit_code == 0
    assert "retracted" not in done.stdout


@pytest.mark.parametrize(("kind", "lines"), [("concern", 1), ("correction", 0)])
def test_a_concern_is_told_and_a_correction_is_no_retraction(
    library: Library, record: dict[str, Any], kind: str, lines: int
) -> None:
    """Both leave the quotes as they are: exit 0."""
    noticed(library, kind)
    done = verified(library, record)
    assert done.exit_code == 0
    assert done.stdout.count("note: gout#ref-2: an expression of concern") == lines
    assert "retract" not in done.stdout


def test_a_review_that_fell_back_is_told(library: Library, record: dict[str, Any]) -> None:
    """The status of the answer is compared with the present one; a step forward is no news."""
    assert "submitted" not in verified(library, record).stdout
    record["review_status"] = "approved"
    done = verified(library, record)
    assert done.exit_code == 0
    assert "note: gout: was approved, is submitted" in done.stdout


@pytest.mark.parametrize("conflicts", ["x", [{}], [{"sides": [{"quote": "x"}]}]])
def test_what_an_earlier_version_kept_of_conflicts_is_ignored(
    library: Library, record: dict[str, Any], conflicts: Any
) -> None:
    """Only the quotes of the statements count, whatever stands under the old key."""
    done = verified(library, record | {"conflicts": conflicts})
    assert done.exit_code == 0
    assert f"{len(citations_in(record))} citation(s) checked, 0 problem(s)" in done.stdout


def test_a_record_of_an_earlier_version_is_checked(
    library: Library, record: dict[str, Any]
) -> None:
    """References without ids or marks, and no review status: what is there is enough."""
    record["references"] = [{"marker": one["marker"]} for one in record["references"]]
    for key in ("review_status", "corpus_date", "review", "notices"):
        record.pop(key, None)
    assert verified(library, record).exit_code == 0
    noticed(library, "retraction")
    assert verified(library, record).exit_code == 1
    for one in record["references"]:
        one["retracted"] = True
    assert verified(library, record).exit_code == 0


def test_as_json_everything_is_there(library: Library, record: dict[str, Any]) -> None:
    """The state of each quote, what changed by kind, and the same exit code."""
    rewritten(library, "Nothing is left.")
    noticed(library, "concern")
    citations_in(record)[0]["section"] = "\ud800"
    done = verified(library, record, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["holds"] is False
    assert [q["state"] for q in told["quotes"] if q["document_id"] == "gout"] == ["gone"] * len(
        quoted_of(record, "gout")
    )
    assert told["since"] == {
        "changed": ["gout"],
        "gone": ["gout"],
        "removed": [],
        "retracted": [],
        "concern": ["gout#ref-2"],
        "review": [],
    }


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
    ("digest and quote", lambda c: c.update(sha256="0", quote="Rest helps."), "the quote is gone"),
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
    ("start", True),
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
    ("references are no list", {"statements": [], "references": {"marker": 1}}),
    ("a reference is no object", {"statements": [], "references": [1]}),
    ("large", b" " * (MAX_ANSWER_BYTES + 1)),
    ("many quotes", {"statements": [{"citations": [CITATION] * (MAX_QUOTES + 1)}]}),
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
        quotes_of({"statements": [good, bad]}, "x")
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"statements": [good]}))
    assert quotes_of(read_answer(file), "x") == (Quoted(marker=None, **CITATION),)


def test_a_pipe_is_not_waited_for(library: Library, tmp_path: Path) -> None:
    """What may never end is refused, not read."""
    os.mkfifo(tmp_path / "pipe")
    arguments = ["verify", str(tmp_path / "pipe"), "--library", str(library.folder)]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (2, "")


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
    found = verification({"statements": [{"citations": [citation]}]}, "x", library)
    assert found.failed == (quote != there)
