"""The units that a model is shown: exact, numbered, and cited where they stand."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library
from corpus.records import Document, passages_of, units_of
from index.reading.lines import Placed
from index.reading.reading import Evidence
from index.retriever import Query
from ingest.drafts import Draft
from service.engines import Asking
from service.writing.units import (
    READINGS_SHOWN,
    EvidenceUnit,
    distinct_spans,
    evidence_of,
    units_within,
)
from tests.fakes import article_of, document_of, heading, item
from tests.ingest import random_drafts
from tests.service.cases import reading_of

GOUT = article_of(
    "gout",
    heading("Treatment"),
    "Colchicine must not be given with:",
    item("clarithromycin in any dose"),
    item("grapefruit"),
    "Rest helps. Ice helps\ntoo.",
    heading("Causes"),
    "Beer raises urate.",
)
ABSTRACT = document_of("pmid:1", "Colchicine calms gout. Zinc does not.", kind="abstract")


def all_units(document: Document) -> list[EvidenceUnit]:
    """Return every unit of a document, passage by passage."""
    return [unit for passage in passages_of(document) for unit in units_within(passage, document)]


def cited(units: list[EvidenceUnit]) -> list[str]:
    """Return the texts that are cited for units."""
    return [span.of(document.text) for document, span in distinct_spans(units)]


def asking(*readings: tuple[Document, str]) -> Asking:
    """Return a question of the article for which these units were read, the best first."""
    found = tuple(reading_of(document, words) for document, words in readings)
    return Asking(
        query=Query(own="What helps?"),
        audience="clinician",
        article=GOUT,
        hits=tuple(reading.hit for reading in found),
        evidence=Evidence(readings=found, verdict=1.0),
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return the article and an abstract, as a library."""
    made = Library.create(tmp_path / "library")
    made.put(articles=[GOUT], documents=[ABSTRACT])
    return made


def test_ids_count_through_the_passages_of_the_best_readings(library: Library) -> None:
    """In the readings' order; a passage that is read twice is shown once."""
    asked = asking((ABSTRACT, "Zinc"), (GOUT.document, "Beer"), (ABSTRACT, "Colchicine"))
    units, blocks = evidence_of(asked, library)
    assert {name: unit.text for name, unit in units.items()} == {
        "u1": "Colchicine calms gout.",
        "u2": "Zinc does not.",
        "u3": "Beer raises urate.",
    }
    assert [(b.title, b.kind, b.section) for b in blocks] == [
        ("On pmid:1", "research", None),
        ("On gout", "article", "Causes"),
    ]
    assert [[(line.unit, line.text) for line in block.lines] for block in blocks] == [
        [("u1", "Colchicine calms gout."), ("u2", "Zinc does not.")],
        [("u3", "Beer raises urate.")],
    ]


def test_only_so_many_readings_are_shown(library: Library) -> None:
    """The passage of the eleventh is not."""
    assert READINGS_SHOWN == 10
    asked = asking(*[(ABSTRACT, "Zinc")] * 10, (GOUT.document, "Beer"))
    assert list(evidence_of(asked, library)[0]) == ["u1", "u2"]
    asked = asking(*[(ABSTRACT, "Zinc")] * 9, (GOUT.document, "Beer"))
    assert list(evidence_of(asked, library)[0]) == ["u1", "u2", "u3"]


def test_a_lead_in_that_is_a_unit_is_shown_once(library: Library) -> None:
    """Above its items, with its own id; a line end within a unit is none when shown."""
    units, (block,) = evidence_of(asking((GOUT.document, "grapefruit")), library)
    assert [(line.unit, line.text) for line in block.lines] == [
        ("u1", "Colchicine must not be given with:"),
        ("u2", "clarithromycin in any dose"),
        ("u3", "grapefruit"),
        ("u4", "Rest helps."),
        ("u5", "Ice helps too."),
    ]
    assert units["u5"].span.of(GOUT.document.text) == "Ice helps\ntoo."


def test_a_lead_in_from_before_the_passage_is_shown_once(library: Library) -> None:
    """A list goes on in the next passage: its line stands above, and has no id."""
    items = [item(f"drug number {n} " + "in any form at all " * 8) for n in range(60)]
    long = document_of("long", "Never give with it:", *items, kind="abstract")
    last = passages_of(long)[-1]
    assert last.start > long.text.index("number 1 ")
    library.put(articles=[GOUT], documents=[ABSTRACT, long])
    units, (block,) = evidence_of(asking((long, "number 59")), library)
    assert [line.text for line in block.lines if not line.unit] == ["Never give with it:"]
    assert block.lines[0].unit == ""
    assert [line.unit for line in block.lines[1:]] == list(units)


def test_a_unit_is_read_where_it_stands() -> None:
    """With title, section and lead-ins, headings aside."""
    (unit,) = [unit for unit in all_units(GOUT.document) if unit.text == "grapefruit"]
    assert unit.placed() == Placed(
        text="grapefruit",
        title="On gout",
        section="Treatment",
        introduced_by=("Colchicine must not be given with:",),
    )
    assert [span.of(GOUT.document.text) for span in unit.spans] == [
        "Colchicine must not be given with:",
        "grapefruit",
    ]


def test_neighbours_are_cited_as_one_span() -> None:
    """What stands between them is not cited, and units in another order are not joined."""
    lead, first, second, rest, ice, beer = all_units(GOUT.document)
    together = "Colchicine must not be given with:\nclarithromycin in any dose"
    assert cited([first]) == cited([lead, first]) == [together]
    assert cited([rest, ice]) == ["Rest helps. Ice helps\ntoo."]
    assert cited([ice, rest]) == ["Ice helps\ntoo.", "Rest helps."]
    assert cited([rest, beer]) == ["Rest helps.", "Beer raises urate."]
    assert cited([second]) == ["Colchicine must not be given with:", "grapefruit"]
    assert cited([]) == []


def test_a_lead_in_is_cited_once_for_its_items() -> None:
    """Also where the first item was joined to it; nothing is cited twice."""
    _, first, second, rest, ice, _ = all_units(GOUT.document)
    assert cited([first, second]) == [
        "Colchicine must not be given with:\nclarithromycin in any dose\ngrapefruit"
    ]
    assert cited([rest, ice, rest]) == ["Rest helps. Ice helps\ntoo."]


def test_texts_of_two_documents_are_never_joined() -> None:
    """Equal places in two texts are two spans."""
    other = document_of("other", "Colchicine calms gout. Zinc does not.")
    first, second = all_units(ABSTRACT)[0], all_units(other)[1]
    assert cited([first, second]) == ["Colchicine calms gout.", "Zinc does not."]
    assert cited([first, all_units(other)[0]]) == ["Colchicine calms gout."] * 2


@given(random_drafts.drafts, st.randoms(use_true_random=False))
def test_what_is_cited_is_exactly_stored_text(drafts: list[Draft], rng: random.Random) -> None:
    """Every unit lies in some passage; of any in any order each character is cited once."""
    document = document_of("x", *drafts)
    text = document.text
    units = all_units(document)
    assert {unit.unit for unit in units} == set(units_of(document))
    assert all(unit.text == " ".join(unit.span.of(text).split()) for unit in units)
    chosen = rng.sample(units, min(5, len(units)))
    wanted = {at for unit in chosen for span in unit.spans for at in range(span.start, span.end)}
    covered = [at for _, s in distinct_spans(chosen) for at in range(s.start, s.end)]
    assert len(covered) == len(set(covered))
    assert wanted <= set(covered)
    assert all(text[at].isspace() for at in set(covered) - wanted)
