"""From hits to evidence: windows, the last reading, and the order of units."""

from collections.abc import Sequence

import pytest

from corpus.records import Document, passages_of
from index.reading.model import Asked, WindowScores
from index.reading.reading import NOTHING_READ, TOGETHER, UNREAD, Reader
from index.reading.tokens import Line
from index.retriever import Hit
from tests.fakes import document_of, heading, item

ALL = 10_000  # tokens: room for every window here
ASKED = Asked(question="zinc?", title="On colds")


class Scripted:
    """Gives each unit the number that stands in it, and keeps what it was shown."""

    name = "scripted"
    digest = "0" * 64

    def __init__(self) -> None:
        self.windows: list[list[str]] = []
        self.judged: list[list[str]] = []
        self.compared = 0

    def read_windows(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[WindowScores]:
        """Return the scores of each window, in the order given."""
        assert asked is ASKED
        self.windows += [[line.text for line in window] for window in windows]
        self.judged += [[line.text for line in window if line.judged] for window in windows]
        odds = [tuple(float(text.split()[0]) for text in window) for window in self.judged]
        return [WindowScores(answers=max(o), units=o) for o in odds[-len(windows) :]]

    def nearness(self, asked: Asked, windows: Sequence[Sequence[Line]]) -> list[float]:
        """Return the largest number in each window."""
        assert asked is ASKED
        self.compared += len(windows)
        return [max(float(line.text.split()[0]) for line in w if line.judged) for w in windows]


def hits_of(*documents: Document) -> list[Hit]:
    """Return every passage of the documents as a hit, in order."""
    passages = [passage for document in documents for passage in passages_of(document)]
    return [
        Hit(passage=passage, rank=rank, score=1.0, bm25=1.0, cosine=1.0)
        for rank, passage in enumerate(passages, start=1)
    ]


def by_id(*documents: Document) -> dict[str, Document]:
    return {document.document_id: document for document in documents}


COLDS = document_of(
    "colds",
    heading("Course"),
    "2 days they last.",
    heading("Treatment"),
    "0 drugs help, except:",
    item("3 zinc"),
    item("1 honey"),
)


def test_a_passage_is_read_under_its_title_and_section() -> None:
    """The heading, then every unit; lines that introduce are units of their own passage."""
    model = Scripted()
    Reader(model, ALL).read(ASKED, hits_of(COLDS), by_id(COLDS))
    assert model.windows[0] == ["On colds. Course", "2 days they last."]
    assert model.windows[1] == [
        "On colds. Treatment",
        "0 drugs help, except:",
        "3 zinc",
        "1 honey",
    ]


def test_the_best_units_are_read_together_under_their_sections() -> None:
    """In the order of the text, each section named once; what introduces them is a unit here."""
    model = Scripted()
    evidence = Reader(model, ALL).read(ASKED, hits_of(COLDS), by_id(COLDS))
    assert model.windows[-1] == [
        "On colds",
        "Course",
        "2 days they last.",
        "Treatment",
        "0 drugs help, except:",
        "3 zinc",
        "1 honey",
    ]
    assert [reading.text[0] for reading in evidence.readings] == ["3", "2", "1", "0"]
    assert [reading.together for reading in evidence.readings] == [3.0, 2.0, 1.0, 0.0]
    assert evidence.verdict == 3.0


def test_an_item_is_read_behind_the_line_that_introduces_it() -> None:
    """Where that line is not among the best it is shown, and not judged."""
    many = [item(f"{n} is item number {n}") for n in range(1, 15)]
    document = document_of("many", "-9 is no use among:", *many)
    model = Scripted()
    evidence = Reader(model, ALL).read(ASKED, hits_of(document), by_id(document))
    assert model.windows[-1][:2] == ["On many", "-9 is no use among:"]
    assert model.judged[-1] == [f"{n} is item number {n}" for n in range(5, 15)]
    assert len(model.judged[-1]) == TOGETHER
    outside = evidence.readings[TOGETHER]
    assert (outside.together, outside.score) == (None, 4.0 + UNREAD)


def test_long_units_are_read_together_only_as_far_as_there_is_room() -> None:
    """Of units of 400 characters two have room; a single longer one is read all the same."""
    long = [f"{n} {'x' * 397}." for n in (1, 2, 3)]
    document = document_of("long", *long)
    model = Scripted()
    Reader(model, ALL).read(ASKED, hits_of(document), by_id(document))
    assert [text[0] for text in model.judged[-1]] == ["2", "3"]
    longer = document_of("longer", f"7 {'x' * 1200}.")
    Reader(model, ALL).read(ASKED, hits_of(longer), by_id(longer))
    assert model.judged[-1][0].startswith("7 ")


def test_the_document_of_the_best_unit_comes_first() -> None:
    """An abstract that answers stands before the article that does not."""
    abstract = document_of("pmid:1", "9 of ten were well.", kind="abstract")
    model = Scripted()
    evidence = Reader(model, ALL).read(ASKED, hits_of(COLDS, abstract), by_id(COLDS, abstract))
    assert model.windows[-1][:2] == ["On pmid:1", "9 of ten were well."]
    assert evidence.readings[0].document is abstract


def three_sections() -> Document:
    """Return a text whose windows are, with their headings, 40 characters long each."""
    sections = ((heading(name), f"{n} {'x' * 24}.") for n, name in enumerate(("One", "Two", "Six")))
    return document_of("three", *(part for section in sections for part in section))


@pytest.mark.parametrize(
    ("tokens", "read"),
    [(30, "012"), (29, "12"), (20, "12"), (19, "2"), (10, "2"), (1, "2")],
)
def test_only_the_nearest_windows_are_read(tokens: int, read: str) -> None:
    """As many as find room, at four characters a token, one in any case; in the text's order."""
    document, model = three_sections(), Scripted()
    hits = hits_of(document)
    evidence = Reader(model, tokens).read(ASKED, hits, by_id(document))
    assert {len(". ".join(("On three", *h.passage.section_path))) for h in hits} == {13}
    assert "".join(window[1][0] for window in model.windows[: len(read)]) == read
    assert sorted(reading.text[0] for reading in evidence.readings) == sorted(read)
    assert model.compared == (0 if tokens == 30 else 3)


def test_reading_ends_at_the_first_window_without_room() -> None:
    """A shorter one that is less near is not read in its place; of two as near, the first is."""
    units = ("5 is near.", f"4 {'x' * 90}.", "4 is short.", "1 is far.")
    sections = ((heading(f"S{n}"), unit) for n, unit in enumerate(units))
    document = document_of("uneven", *(part for section in sections for part in section))
    for tokens, read in ((32, "5"), (33, "54"), (38, "54"), (39, "544"), (43, "544"), (44, "5441")):
        model = Scripted()
        found = Reader(model, tokens).read(ASKED, hits_of(document), by_id(document))
        assert sorted((r.text[0] for r in found.readings), reverse=True) == list(read)
        assert len(read) != 2 or len(found.readings[1].text) == 93


def test_nothing_found_is_nothing_read() -> None:
    """Without hits there is no evidence, and the model is not asked."""
    model = Scripted()
    assert Reader(model, ALL).read(ASKED, [], {}) == NOTHING_READ
    assert model.windows == []
