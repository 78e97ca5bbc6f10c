"""BEIR's corpus.jsonl."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FileInputError
from ingest.corpus_jsonl import CorpusJsonlParser
from ingest.drafts import Parsed, Rejection, SourceFile
from tests.ingest.parser_contract import ParserContract, assert_consistent


def line(document_id: Any = "d1", **values: Any) -> str:
    return json.dumps({"_id": document_id, "title": "T", "text": "Text."} | values)


def source(*lines: str) -> SourceFile:
    return SourceFile(name="corpus.jsonl", data="\n".join(lines).encode())


def parse(*lines: str) -> Parsed:
    return CorpusJsonlParser().parse(source(*lines))


class TestContract(ParserContract):
    parser = CorpusJsonlParser()
    good_sources = (
        source(line(), line("d2", text="Two.\n\nParagraphs.")),
        source(line(metadata={"type": "guideline", "pmid": "1"})),
    )


def test_a_line_becomes_a_text_by_its_id() -> None:
    """Paragraphs part at blank lines, other line ends become spaces, metadata identify the work."""
    metadata = {
        "pmid": 12,
        "doi": "doi:10.1000/X",
        "year": "2011",
        "journal": "J",
        "type": "guideline",
    }
    text = "One\nline.\n\n \nTwo   lines.\n"
    (document,) = parse(line("a/B 1", text=text, metadata=metadata)).documents
    assert (document.document_id, document.kind, document.title) == ("a/B 1", "text", "T")
    assert document.text == "One line.\n\nTwo lines."
    reference = document.reference
    assert reference is not None
    assert (reference.title, reference.kind, reference.year) == ("T", "guideline", 2011)
    assert (reference.pmid, reference.doi, reference.journal) == ("12", "10.1000/x", "J")


def test_a_title_alone_is_the_text() -> None:
    """A line that has only a title can still be quoted; one without either cannot."""
    parsed = parse(line("d1", text=""), line("d2", text=" \n", title=None))
    assert [d.text for d in parsed.documents] == ["T"]
    assert parsed.rejections == (Rejection(place="line 2", reason="neither text nor title"),)


def test_a_text_without_a_title_is_called_by_its_id() -> None:
    """No title is made up."""
    (document,) = parse(line("d7", title="")).documents
    assert document.title == "d7"


@pytest.mark.parametrize(
    "values",
    [{"_id": 5}, {"_id": " "}, {"text": ["a"]}, {"title": 3}, {"text": "\ud800"}],
)
def test_a_line_with_unusable_values_is_reported(values: dict[str, Any]) -> None:
    """The line is left out and named, and the others are read."""
    parsed = parse(line("d1"), json.dumps(json.loads(line("d2")) | values))
    assert [d.document_id for d in parsed.documents] == ["d1"]
    assert [r.place for r in parsed.rejections] == ["line 2"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_metadata_of_any_shape_do_no_harm(value: Any) -> None:
    """What is no identifier is ignored, whatever it is."""
    names = ("pmid", "doi", "year", "journal", "type")
    parsed = parse(line(metadata=value), line("d2", metadata=dict.fromkeys(names, value)))
    assert_consistent(parsed)
    assert len(parsed.documents) == 2


def test_of_two_lines_with_one_id_the_last_is_kept() -> None:
    """The report names the earlier line and the one that replaced it."""
    parsed = parse(line(), line("d2"), line(text="Newer."))
    assert [d.text for d in parsed.documents] == ["Text.", "Newer."]
    reason = "replaced by line 3, which has the same _id"
    assert parsed.rejections == (Rejection(place="line 1", reason=reason),)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ('{"_id": "d2"', "line 3, column 13: not JSON"),
        ("[1]", "line 3: not a JSON object"),
        ("[" * 100_000, "line 3: JSON with a number too long or brackets too deep"),
        ('{"_id": ' + "9" * 5000 + "}", "line 3: JSON with a number too long"),
    ],
)
def test_broken_json_is_refused_with_its_line(bad: str, expected: str) -> None:
    """One broken line makes the file unusable: a record may have been cut."""
    with pytest.raises(FileInputError, match=expected):
        parse(line(), "", bad, line("d3"))


@pytest.mark.parametrize(
    "first",
    ['{"_id": "1", "text": "a query"}', '{"id": "1", "question": "q"}', "[]", "text", "[" * 9999],
)
def test_other_json_lines_are_not_taken_for_a_corpus(first: str) -> None:
    """Queries and question sets have other keys."""
    assert not CorpusJsonlParser().recognises(source(first))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "documents"),
    [("bioasq", 7234), ("covidqa", 34), ("covidqa_near", 49), ("pubmedqa", 341), ("scifact", 5183)],
)
def test_every_corpus_is_read_whole_and_quickly(shared: Path, name: str, documents: int) -> None:
    """No line is lost, every word is kept, and thousands of lines take seconds."""
    path = shared / "eval" / name / "corpus.jsonl"
    started = time.perf_counter()
    parsed = CorpusJsonlParser().parse(SourceFile(name=path.name, data=path.read_bytes()))
    assert time.perf_counter() - started < 30
    assert len(parsed.documents) == documents
    assert parsed.rejections == ()
    with path.open(encoding="utf-8") as lines:
        for document, printed in zip(parsed.documents, lines, strict=True):
            values = json.loads(printed)
            assert document.document_id == values["_id"]
            assert document.text.split() == values["text"].split()
