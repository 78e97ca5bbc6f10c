"""Drafts of every kind in every order, for property tests of layout and splitting."""

from dataclasses import replace
from itertools import zip_longest

from hypothesis import strategies as st

from corpus.records import BlockKind, Callout
from ingest.drafts import Draft

_WORDS = "fever cough rash drug dose week lung relapse steroid et al. No. 5 e.g. (P = .05)".split()


def _texts(most_sentences: int) -> st.SearchStrategy[str]:
    """Draw running text; the end of the last sentence is a full stop."""
    words = st.lists(st.sampled_from(_WORDS), max_size=30)
    sentences = words.map(lambda found: " ".join(["It", *found]) + ".")
    return st.lists(sentences, min_size=1, max_size=most_sentences).map(" ".join)


# a stretch without an end, longer than a passage should be
_walls = st.integers(90, 300).map(lambda words: " ".join(["on"] * words))
_anything = st.one_of(_texts(3), _texts(1), _walls)


def _of(kind: BlockKind, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Draft]:
    return texts.map(lambda text: Draft(kind=kind, text=text))


headings = st.builds(
    lambda draft, level: replace(draft, level=level), _of("heading", _texts(1)), st.integers(1, 4)
)
items = st.builds(
    lambda draft, depth: replace(draft, depth=depth), _of("item", _anything), st.integers(1, 3)
)
paragraphs = _of("paragraph", _anything)
openers = _of("paragraph", _texts(2).map(lambda text: f"{text} These are:"))
captions = _of("caption", _texts(1))
rows = _of("row", _anything)

_groups = st.one_of(
    st.tuples(headings),
    st.tuples(paragraphs),
    st.tuples(openers, items),
    st.tuples(openers, items, items, items),
    st.tuples(captions, rows),
    st.tuples(captions, rows, rows),
    st.tuples(items, items),
    st.tuples(rows),
)
# everything that a parser may hand over and that holds text
drafts = (
    st.lists(_groups, max_size=8)
    .map(lambda groups: [draft for group in groups for draft in group])
    .filter(lambda found: any(draft.kind != "heading" for draft in found))
)


def _cited(draft: Draft, wanted: list[int] | None) -> Draft:
    """Return the draft with numbers cited after some of its characters, never after a space."""
    possible = [i for i, character in enumerate(draft.text, start=1) if not character.isspace()]
    at = sorted({possible[place % len(possible)] for place in wanted or ()})
    callouts = tuple(Callout(at=place, numbers=(n,)) for n, place in enumerate(at, start=1))
    return replace(draft, callouts=callouts)


_places = st.lists(st.lists(st.integers(0, 500), max_size=3), max_size=16)
cited_drafts = st.builds(
    lambda found, places: [
        _cited(draft, wanted) for draft, wanted in zip_longest(found, places[: len(found)])
    ],
    drafts,
    _places,
)
