"""Finding gold texts, and what hits them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library
from corpus.records import Document
from evals.gold import GoldFinder, Place, Target, squeezed
from evals.sets import GoldText


def finder(tmp_path: Path, **texts: str) -> GoldFinder:
    library = Library.create(tmp_path / "library")
    library.put(
        documents=[
            Document(document_id=key, kind="text", title=key, text=text)
            for key, text in texts.items()
        ]
    )
    return GoldFinder(library)


def place(document_id: str, start: int, end: int) -> Place:
    return Place(document_id=document_id, start=start, end=end)


def test_white_space_does_not_hide_a_text(tmp_path: Path) -> None:
    """A text is found with line breaks, missing and extra spaces, wherever it stands."""
    text = "Of 12\n\nmen, two died. Of 12 men , two died."
    target = finder(tmp_path, d=text).find(GoldText(doc="d", text="of 12 men,two"[1:]))
    assert [text[p.start : p.end] for p in target.places] == ["f 12\n\nmen, two", "f 12 men , two"]
    assert not target.unlocated


def test_without_a_document_all_are_searched(tmp_path: Path) -> None:
    """A bare text stands wherever any document has it; a named document is searched alone."""
    found = finder(tmp_path, a="one two", b="two", c="three")
    bare = found.find(GoldText(doc=None, text="two"))
    assert bare.places == (place("a", 4, 7), place("b", 0, 3))
    assert found.find(GoldText(doc="b", text="two")).places == (place("b", 0, 3),)


@pytest.mark.parametrize(
    ("shown", "hit"),
    [
        (place("d", 0, 20), True),  # contains it
        (place("d", 10, 12), True),  # lies within it
        (place("d", 0, 9), True),  # reaches into it
        (place("d", 0, 8), False),  # ends where it begins
        (place("d", 14, 20), False),  # begins where it ends
        (place("e", 0, 20), False),  # another document
    ],
)
def test_a_hit_shares_a_character_with_the_text(tmp_path: Path, shown: Place, *, hit: bool) -> None:
    """Containing and overlapping hit, touching does not, and another document never does."""
    target = finder(tmp_path, d="Zinc is bitter, they say.").find(GoldText(doc="d", text="bitter"))
    assert target.places == (place("d", 8, 14),)
    assert target.is_hit(shown, "") is hit


def test_an_empty_text_means_anywhere_in_the_document() -> None:
    """Without a text the document decides, and nothing counts as not located."""
    target = Target(gold=GoldText(doc="d", text=""), places=())
    assert target.is_hit(place("d", 3, 4), "x")
    assert not target.is_hit(place("e", 3, 4), "x")
    assert not target.unlocated


def test_a_text_that_is_not_found_is_compared_with_the_quote(tmp_path: Path) -> None:
    """What the stored text lacks hits when quote and gold text hold one another."""
    target = finder(tmp_path, d="Zinc is bitter.").find(
        GoldText(doc="d", text="Zinc is bitter [3].")
    )
    assert target.unlocated
    assert target.is_hit(place("d", 0, 14), "Zinc is  bitter")
    assert target.is_hit(place("d", 0, 14), "So: Zinc is bitter [ 3 ]. Yes.")
    assert not target.is_hit(place("d", 0, 14), "Zinc is sweet")
    assert not target.is_hit(place("e", 0, 14), "Zinc is bitter")


@given(st.text("ab \n", max_size=40), st.data())
def test_places_are_exactly_the_equal_slices(
    tmp_path_factory: pytest.TempPathFactory, text: str, data: st.DataObject
) -> None:
    """Compared with trying every slice: the places are the tight ones that squeeze to the text."""
    wanted = data.draw(st.text("ab ", max_size=4))
    found = finder(tmp_path_factory.mktemp("any"), d=text).find(GoldText(doc="d", text=wanted))
    expected = {
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if squeezed(text[start:end]) == squeezed(wanted) != ""
        and text[start:end] == text[start:end].strip()
    }
    assert {(p.start, p.end) for p in found.places} == expected
    assert len(found.places) == len(expected)
