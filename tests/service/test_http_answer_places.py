"""What stands beside the quotes of an answer."""

from typing import Any

from service.http_answer_page import whole
from service.http_answer_places import near_lines, passage_span, quote_places

REFERENCES = [
    {"marker": 1, "document_id": "gout", "title": "Gout"},
    {"marker": 2, "document_id": "pmid:1", "title": "Colchicine"},
]


def citation(document_id: str, section: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a citation as a whole record has it."""
    marker = {"gout": 1, "pmid:1": 2}[document_id]
    known = {"marker": marker, "document_id": document_id, "section": section}
    return {"reference": None, "article_references": []} | known | more


def test_a_quote_says_where_it_stands_and_what_is_cited_there() -> None:
    """Of the section only what is new; an abstract has its number, or at last its id."""
    citations = [
        citation("gout", "Gout > Care > Attack", article_references=[2, 1], reference=2),
        citation("gout", "Gout > Care > Attack"),
        citation("gout", "Gout > Care > Relapse", article_references=[4]),
        citation("pmid:1", reference=7),
        citation("gout", "Gout > Care > Relapse"),
    ]
    assert quote_places(citations, REFERENCES) == (
        "[1] Care > Attack, cites 2, 1",
        "[1]",
        "[1] … > Relapse, cites 4",
        "[2] reference 7",
        "[1] Care > Relapse",
    )
    assert quote_places([citation("pmid:1"), citation("pmid:1")], REFERENCES) == (
        "[2] pmid:1",
        "[2]",
    )


def near(document_id: str, title: str, section: str | None, **more: Any) -> dict[str, Any]:
    """Return a nearest passage as a record has it."""
    return {
        "document_id": document_id,
        "passage_id": f"{document_id}@10-90",
        "quote": "Gout hurts.",
        "score": 1.0,
        "title": title,
        "section": section,
    } | more


def lines_of(article: str | None, *nearest: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Return where each line is from, and its span."""
    refusal = {"reason": "beyond_corpus", "message": "No.", "nearest": list(nearest)}
    record = whole({"statements": [], "article": article, "refusal": refusal})
    return [(line.where, line.start, line.end) for line in near_lines(record)]


def test_the_nearest_passages_do_not_repeat_themselves() -> None:
    """Neither the text that was asked nor what the line before said is named again."""
    nearest = (
        near("gout", "Gout", "Gout > Care"),
        near("gout", "Gout", "Gout > Care"),
        near("gout", "Gout", "Gout > Care > Attack"),
        near("pmid:1", "Colchicine", None),
        near("pmid:1", "Colchicine", None),
        near("gout", "Gout", "Gout > Care"),
    )
    assert [where for where, *_ in lines_of("gout", *nearest)] == [
        "Care",
        "",
        "… > Attack",
        "Colchicine",
        "",
        "Gout › Care",
    ]
    assert [where for where, *_ in lines_of(None, *nearest[:2])] == ["Gout › Care", ""]


def test_a_nearest_passage_without_a_title_has_its_id() -> None:
    """Something names every text but the one that was asked."""
    untitled = near("pmid:1", "", None)
    assert lines_of("gout", untitled)[0][0] == "pmid:1"
    assert lines_of("pmid:1", untitled)[0][0] == ""
    old = {k: v for k, v in untitled.items() if k not in ("title", "section")}
    assert lines_of(None, old)[0][0] == "pmid:1"


def test_a_part_of_a_passage_is_shown_in_its_own_place() -> None:
    """Its offsets count where the record has them, else those in the passage's id."""
    part = near("gout", "Gout", None, start=20, end=31, lead_ins=["Gout:"])
    assert [span for _, *span in lines_of("gout", part, near("gout", "Gout", None))] == [
        [20, 31],
        [10, 90],
    ]
    assert passage_span("doi:10.1/a@b-c@12-40") == (12, 40)
