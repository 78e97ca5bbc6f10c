"""CSL-JSON."""

import json
from typing import Any

import pytest
from hypothesis import given

from corpus.errors import FileInputError
from corpus.records import Reference
from ingest.csl_json import CslJsonParser
from ingest.drafts import Parsed, Rejection, SourceFile
from tests.ingest.record_reader_contract import RecordContract
from tests.ingest.test_ris import TITLES, check_article_read_back, check_read_back

ITEM: dict[str, Any] = {
    "id": "roe",
    "type": "article-journal",
    "title": "Effect of <i>X</i> on CO<sub>2</sub> &amp; 10<sup>5</sup> cells",
    "author": [
        {"family": "Dam", "given": "Mary Ann", "non-dropping-particle": "van"},
        {"family": "Roe", "given": "J.", "suffix": "Jr."},
        {"literal": "The Example Group"},
    ],
    "container-title": "The journal of examples",
    "container-title-short": "J Ex",
    "issued": {"date-parts": [["2009", 11]]},
    "volume": 3,
    "issue": "2",
    "page": "101-9",
    "DOI": "10.1000/Ex.1",
    "note": "PMID: 11\nPMCID: PMC77",
    "abstract": "<jats:title>Background</jats:title><jats:p>One thing.</jats:p>"
    "<jats:title>Results</jats:title><jats:p>Two things fell: <jats:italic>p</jats:italic> "
    "&lt; 0.05.</jats:p>",
}


def source(data: Any, name: str = "some.json") -> SourceFile:
    return SourceFile(name=name, data=json.dumps(data, indent=1).encode())


def parse(*items: Any) -> Parsed:
    return CslJsonParser().parse(source(list(items)))


def only(**changes: Any) -> Reference:
    """Return the reference of one item with some fields changed."""
    parsed = parse({"id": "x", "type": "article-journal", "title": "On lungs"} | changes)
    (found,) = parsed.references
    return found


class TestContract(RecordContract):
    parser = CslJsonParser()
    reader = CslJsonParser()
    good_sources = (source([ITEM]), source(ITEM, "one.json"), source({"items": [ITEM]}, "z.json"))


def test_an_item_becomes_an_abstract_with_its_identity() -> None:
    """Crossref's titles inside the abstract are headings, and every field is filled."""
    (document,) = parse(ITEM).documents
    assert document.document_id == "pmid:11"
    assert document.text == ("Background\n\nOne thing.\n\nResults\n\nTwo things fell: p < 0.05.")
    found = document.reference
    assert found is not None
    assert found.title == "Effect of X on CO2 & 10⁵ cells"
    assert found.authors == ("van Dam MA", "Roe J Jr", "The Example Group")
    assert (found.journal, found.year, found.volume, found.issue) == ("J Ex", 2009, "3", "2")
    assert (found.pages, found.doi, found.pmcid) == ("101-9", "10.1000/ex.1", "PMC77")


@pytest.mark.parametrize(
    ("issued", "year"),
    [
        ({"date-parts": [[2020, 5, 17]]}, 2020),
        ({"date-parts": [["2020"]]}, 2020),
        ({"raw": "2020-05"}, 2020),
        ({"literal": "Spring 2020"}, 2020),
        ("2020-05-17", 2020),
        ({"date-parts": [[]]}, None),
        ({"date-parts": "2020"}, None),
        ([2020], None),
        (None, None),
    ],
)
def test_the_year_is_read_from_every_kind_of_date(issued: Any, year: int | None) -> None:
    """Parts, raw text, a literal; what has no year gives none."""
    assert only(issued=issued).year == year


@pytest.mark.parametrize(
    "field",
    [{"title": ["On lungs"]}, {"DOI": 7}, {"author": "Roe"}, {"author": [None, 3]}, {"note": {}}],
)
def test_fields_of_another_type_do_no_harm(field: dict[str, Any]) -> None:
    """A list is read by its first text, and what is no text is left out."""
    assert only(**field).title == "On lungs"


def test_items_that_cannot_be_read_are_reported_by_position() -> None:
    """The others are read."""
    parsed = parse(ITEM, 5, {"id": "b", "type": "book"}, {"title": "Bare", "DOI": "10.1000/z"})
    assert [d.document_id for d in parsed.documents] == ["pmid:11"]
    assert parsed.rejections == (
        Rejection(place="item 2", reason="not an object"),
        Rejection(place="item 3 (b)", reason="no title, no PMID and no DOI"),
        Rejection(place="item 4", reason="no abstract"),
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[1", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "a number that is too long"),
        (b'"text"', "neither a list nor an item"),
        (b"[]", "holds no CSL-JSON item"),
    ],
)
def test_what_is_no_csl_json_is_refused(data: bytes, reason: str) -> None:
    """One line, whatever the damage."""
    with pytest.raises(FileInputError, match=reason):
        CslJsonParser().parse(SourceFile(name="x.json", data=data))


def test_characters_that_cannot_be_stored_are_replaced() -> None:
    """A lone half of a character, a NUL and a direction mark are written in JSON as escapes."""
    data = b'[{"id":"x","type":"book","title":"A\\ud800 b\\u0000c\\u202e","DOI":"10.1000/x"}]'
    (found,) = CslJsonParser().parse(SourceFile(name="x.json", data=data)).references
    assert found.title == "A\ufffd b c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"_id": "1", "title": "T", "text": "x", "type": "a"}', False),
        ('{"answer_id": "1", "question": "Q", "references": []}', False),
        ('[{"type": "article-journal", "DOI": "10.1/x"}]', True),
    ],
)
def test_the_format_is_told_from_its_neighbours(text: str, expected: bool) -> None:  # noqa: FBT001 - an expectation, not a flag
    """Lines of a corpus and answers of ours are JSON as well."""
    found = CslJsonParser().recognises(SourceFile(name="x.json", data=text.encode()))
    assert found is expected


@given(TITLES)
def test_our_own_export_is_read_back(title: str) -> None:
    """Every field that the export writes comes back, whatever the title holds."""
    check_read_back(CslJsonParser(), "csl-json", title)


def test_an_article_of_ours_is_read_back() -> None:
    """It has a title, a year and an address."""
    check_article_read_back(CslJsonParser(), "csl-json")
