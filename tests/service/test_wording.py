"""Where the words of an article stand in a text, and what is added for whom."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.answers import TermUse
from corpus.library import Library
from corpus.records import Article, GlossaryEntry, Reference, ReviewStatus
from service.wording import Wording, Wordings, explained, viewed, viewed_text
from tests.fakes import article_of, document_of

GLOSSARY = (
    GlossaryEntry(
        term="HRCT",
        written_out="high-resolution computed tomography",
        variants=("HR-CT", "high-resolution CT"),
        meaning="A scan in thin slices.",
    ),
    GlossaryEntry(term="CT", written_out="computed tomography"),
    GlossaryEntry(term="PE", written_out="pulmonary embolism", meaning="A clot in the lung."),
    GlossaryEntry(term="IL-6", written_out="interleukin-6"),
    GlossaryEntry(term="embolism", meaning="A clot that was carried away."),
    GlossaryEntry(term="ground-glass opacity", variants=("opacities",), meaning="A grey area."),
    GlossaryEntry(term="Crohn's disease", meaning="An inflamed bowel."),
    GlossaryEntry(term="C-reactive protein", meaning="A sign of inflammation."),
)


def worded(*glossary: GlossaryEntry, text: str = "Text.") -> Wording:
    """Return the wording of an article with this glossary and text."""
    return Wording.of(replace(article_of("lungs", text), glossary=glossary))


WORDING = worded(*GLOSSARY)


def found(text: str, wording: Wording = WORDING) -> list[str]:
    """Return the texts of the uses."""
    return [use.text for use in wording.uses(text)]


def shown(text: str, wording: Wording = WORDING) -> str:
    """Return the text as a patient reads it."""
    return viewed_text(text, wording.uses(text), "patient")


# --- finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HRCT, CTs and HR‑CT.", ["HRCT", "CTs", "HR‑CT"]),
        ("hrct ct Ct CTX XCT CT1 _CT CT́ C&CT", []),
        ("CT/PE; CT-guided; non-PE (CT)", ["CT", "PE", "CT", "PE", "CT"]),
        ("PET-CT AMPLIFY-PE CT-A PE-1", []),
        ("Ground-glass opacity", ["Ground-glass opacity"]),
        ("a ground glass Opacitys", ["ground glass Opacitys"]),
        ("Ground\u00a0glass opacity", ["Ground\u00a0glass opacity"]),
        ("ground-glass\nopacity GROUND-GLASS OPACITY opacitiesx", []),
        ("High-resolution computed tomography", ["High-resolution computed tomography"]),
        ("high-resolution CT", ["high-resolution CT"]),
        ("Pulmonary embolism, embolism", ["Pulmonary embolism", "embolism"]),
        ("Crohn’s disease, crohn's Disease", ["Crohn’s disease", "crohn's Disease"]),
        ("C-reactive protein, c reactive protein", ["C-reactive protein", "c reactive protein"]),
        ("", []),
    ],
)  # fmt: skip
def test_words_are_found_whole_and_the_longest_first(text: str, expected: list[str]) -> None:
    """Abbreviations as written, with plural s; terms with some freedom; no halves of names."""
    assert found(text) == expected


def test_the_longer_of_two_terms_wins() -> None:
    """Of terms that begin alike, the one that reaches further is meant."""
    short, long = (GlossaryEntry(term=t, meaning=t) for t in ("iron", "iron deficiency"))
    assert found("iron deficiency, iron", worded(short, long)) == ["iron deficiency", "iron"]


@pytest.mark.parametrize(("term", "text"), [("ΑΣ", "ΑΣs"), ("ıs", "Is ıs"), ("ßa", "SSa ßas")])
def test_letters_that_change_with_their_case_are_no_trap(term: str, text: str) -> None:
    """Where capitals are not simply capitals, only the spelling itself is found."""
    wording = worded(GlossaryEntry(term=term, meaning="A word."))
    assert found(text, wording) == [text.rsplit(maxsplit=1)[-1]]


def test_a_use_says_what_is_known() -> None:
    """An abbreviation has what it stands for; its long form, and a term, only the meaning."""
    hrct, long, term = WORDING.uses("HRCT or high-resolution computed tomography of an embolism")
    assert hrct == TermUse(
        start=0,
        end=4,
        text="HRCT",
        kind="abbreviation",
        meaning="A scan in thin slices.",
        written_out="high-resolution computed tomography",
    )
    assert (long.kind, long.meaning, long.written_out) == ("term", "A scan in thin slices.", None)
    assert (term.text, term.kind, term.end) == ("embolism", "term", 58)
    (bare,) = WORDING.uses("A CT")
    assert (bare.meaning, bare.written_out) == (None, "computed tomography")
    assert found("computed tomography") == []  # there is nothing to say of it


def test_no_glossary_and_no_article_find_nothing() -> None:
    """Without an article there are no terms, nor with blank ones."""
    assert Wording.of(None).uses("CT and PE") == ()
    assert worded().uses("CT and PE") == ()
    assert worded(GlossaryEntry(term="-", meaning="a"), GlossaryEntry(term=" ")).uses("- s") == ()


# --- written out in the text ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "High-resolution computed tomography (HRCT) first",
        "high-resolution  CT (HRCT; thin slices)",
        "HRCT (high-resolution computed tomography)",
        "HRCTs (high-resolution CTs, thin) first",
    ],
)
def test_an_abbreviation_that_is_written_out_right_there_is_no_use(text: str) -> None:
    """Neither there nor later in that text is anything added."""
    later = f"{text} and HRCT after it."
    starts = [u.start for u in WORDING.uses(later) if u.kind == "abbreviation"]
    assert [later[start:] for start in starts] == ["HRCT after it."]
    assert shown(later) == later


def test_long_forms_of_the_glossary_need_no_matching_letters() -> None:
    """What the letters cannot show, the glossary knows."""
    entry = GlossaryEntry(term="DLCO", written_out="diffusing capacity for carbon monoxide")
    text = "a reduced diffusing capacity for carbon monoxide (DLCO), and"
    assert worded(entry).uses(text) == ()
    assert shown("a reduced capacity (DLCO)", worded(entry)) == (
        "a reduced capacity (DLCO (diffusing capacity for carbon monoxide))"
    )


def test_a_text_that_means_something_else_is_left_alone() -> None:
    """A sentence that defines an abbreviation in its own way gets no other expansion."""
    text = "After a physical examination (PE), the PE was repeated."
    assert found(text) == []


# --- defined by the texts ------------------------------------------------------------------------


def test_the_texts_of_an_article_define_its_abbreviations() -> None:
    """Without a glossary, what article and abstracts agree on is written out everywhere."""
    article = article_of("lungs", "An interstitial lung disease (ILD) scars.")
    first = document_of("pmid:1", "Any interstitial lung diseases (ILDs) count.")
    second = document_of("pmid:2", "The usual interstitial pneumonia (UIP).", title="A UIP")
    wording = Wording.of(article, [first, second])
    assert shown("ILD and UIP", wording) == (
        "ILD (interstitial lung disease) and UIP (usual interstitial pneumonia)"
    )


def test_texts_that_disagree_leave_an_abbreviation_out() -> None:
    """Which of two meanings is meant cannot be told."""
    article = article_of("lungs", "A pulmonary embolism (PE).")
    other = document_of("pmid:1", "A physical examination (PE).")
    assert Wording.of(article, [other]).uses("A PE") == ()


def test_the_glossary_wins_but_not_in_a_document_that_means_something_else() -> None:
    """The editors decide for the article; a cited abstract keeps its own meaning."""
    article = replace(article_of("lungs", "A physical examination (PE)."), glossary=GLOSSARY)
    other = document_of("pmid:1", "A physical examination (PE).")
    wording = Wording.of(article, [other])
    assert shown("A PE.", wording) == "A PE (pulmonary embolism)."
    assert [u.written_out for u in wording.uses("PE", document_id="lungs")] == [
        "pulmonary embolism"
    ]
    assert wording.uses("The PE was repeated.", document_id="pmid:1") == ()


def test_a_glossary_that_only_explains_takes_the_words_from_the_text() -> None:
    """Its meaning and the text's definition are put together."""
    entry = GlossaryEntry(term="ILD", meaning="A disease of the lung.")
    (use,) = worded(entry, text="An interstitial lung disease (ILD).").uses("ILD")
    assert (use.kind, use.meaning) == ("abbreviation", "A disease of the lung.")
    assert use.written_out == "interstitial lung disease"


def test_a_text_does_not_turn_a_term_into_an_abbreviation() -> None:
    """What the glossary names, in any spelling, is as the glossary has it."""
    entry = GlossaryEntry(term="aspirin", variants=("ASA",), meaning="A medicine.")
    (use,) = worded(entry, text="An acetyl salicylic acid (ASA).").uses("ASA")
    assert (use.kind, use.meaning, use.written_out) == ("term", "A medicine.", None)


# --- the views -----------------------------------------------------------------------------------


def test_a_clinician_sees_the_text() -> None:
    """Nothing is added and nothing marked."""
    text = "A CT shows PE."
    assert [p.text for p in viewed(text, WORDING.uses(text), "clinician")] == [text]
    assert viewed("", (), "clinician") == viewed("", (), "patient") == ()


@pytest.mark.parametrize("audience", ["student", "patient"])
def test_the_first_mention_is_written_out(audience: str) -> None:
    """Every abbreviation once, singular or plural, with its use beside it."""
    text = "CTs show PE; a CT shows PEs."
    pieces = viewed(text, WORDING.uses(text), audience)  # type: ignore[arg-type]
    assert "".join(p.text for p in pieces) == (
        "CTs (computed tomography) show PE (pulmonary embolism); a CT shows PEs."
    )
    added = [p for p in pieces if p.added]
    assert [p.use.text for p in added if p.use] == ["CTs", "PE"]
    assert [p.text for p in pieces if p.use and not p.added] == ["CTs", "PE", "CT", "PEs"]


def test_an_abbreviation_within_a_term_is_not_its_first_mention() -> None:
    """The abbreviation by itself is still written out."""
    assert (
        shown("High-resolution CT after CT") == "High-resolution CT after CT (computed tomography)"
    )


def test_numbers_and_negations_are_never_added() -> None:
    """An expansion that holds one is left to the list of words."""
    entries = (
        GlossaryEntry(term="NSAID", written_out="non-steroidal anti-inflammatory drug"),
        GlossaryEntry(term="FEV", written_out="volume breathed out in one second"),
        GlossaryEntry(term="ABC", written_out="A doesn’t"),
        GlossaryEntry(term="KNOT", written_out="noble notion"),
    )
    text = "IL-6, NSAIDs, FEV, ABC"
    wording = worded(*GLOSSARY, *entries)
    assert [u.written_out for u in wording.uses(text)] == [
        "interleukin-6",
        *(entry.written_out for entry in entries[:3]),
    ]
    assert shown(text, wording) == text
    assert shown("KNOT", wording) == "KNOT (noble notion)"


def test_each_word_is_explained_once() -> None:
    """In order of first use; an abbreviation and its long form are one word."""
    uses = WORDING.uses("An embolism: PE. Pulmonary embolism. CT and CTs. Embolism.")
    assert [use.text for use in explained(uses)] == ["embolism", "PE", "CT"]


# --- kept ----------------------------------------------------------------------------------------


def test_a_wording_is_made_once_and_again_when_the_article_changes(tmp_path: Path) -> None:
    """What the cited abstracts define counts; a new version of the article gets a new wording."""
    library = Library.create(tmp_path / "library")
    cites = Reference(title="On lungs", document_id="pmid:1")
    library.put(
        articles=[article_of("lungs", "ILD scars.", references=[cites])],
        documents=[
            document_of("pmid:1", "An interstitial lung disease (ILD)."),
            document_of("pmid:2", "A usual interstitial pneumonia (UIP)."),
        ],
    )
    wordings = Wordings(library)
    first = wordings.of(library.article("lungs"))
    assert shown("ILD, UIP", first) == "ILD (interstitial lung disease), UIP"
    assert wordings.of(library.article("lungs")) is first
    approved = replace(library.article("lungs"), review_status=ReviewStatus.APPROVED)
    library.put(articles=[replace(approved, glossary=GLOSSARY)])
    assert found("CT", wordings.of(library.article("lungs"))) == ["CT"]
    assert wordings.of(None).uses("ILD") == ()


# --- any text, any glossary ----------------------------------------------------------------------

WORDS = st.text("aAsSbİıßΣσſ-‑ '’()[].*+?\\\n\u00a0\u03011²", max_size=8)
ENTRIES = st.builds(
    GlossaryEntry,
    term=WORDS,
    meaning=st.one_of(st.just(""), WORDS),
    written_out=st.one_of(st.none(), WORDS),
    variants=st.lists(WORDS, max_size=2).map(tuple),
)
PIECES = st.one_of(WORDS, st.sampled_from(["CT", "(CT)", " PE", "pulmonary embolism (PE)", " s"]))


@st.composite
def glossaries_and_texts(draw: st.DrawFn) -> tuple[Article, str]:
    """Draw an article, and a text that holds words of its glossary."""
    glossary = (*draw(st.lists(ENTRIES, max_size=4)), *GLOSSARY)
    own = [form for e in glossary for form in (e.term, *e.variants, e.written_out or "")]
    pieces = draw(st.lists(st.one_of(PIECES, st.sampled_from(own)), max_size=12))
    glue = draw(st.sampled_from(["", " ", "s "]))
    return replace(article_of("lungs", "Text."), glossary=glossary), glue.join(pieces)


@given(glossaries_and_texts())
@settings(max_examples=300, deadline=None)
def test_uses_lie_in_the_text_and_views_only_add(drawn: tuple[Article, str]) -> None:
    """Uses are slices, sorted and apart; without what was added, a view is the text."""
    article, text = drawn
    uses = Wording.of(article).uses(text)
    assert [text[use.start : use.end] for use in uses] == [use.text for use in uses]
    assert all(a.end <= b.start for a, b in pairwise(uses))
    assert all(use.text and (use.meaning or use.written_out) for use in uses)
    for audience in ("student", "patient"):
        pieces = viewed(text, uses, audience)
        assert "".join(p.text for p in pieces if not p.added) == text
        assert tuple(p.use for p in pieces if p.use and not p.added) == uses
