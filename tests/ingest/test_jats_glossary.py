"""The glossary at the end of a JATS article."""

from corpus.records import GlossaryEntry
from tests.ingest.jats_examples import article_of, cite, jats, ref


def glossary_of(*items: str) -> tuple[GlossaryEntry, ...]:
    """Return the glossary of an article whose list of definitions has these items."""
    listed = "".join(f"<def-item>{item}</def-item>" for item in items)
    back = f"<glossary><title>Words</title><def-list>{listed}</def-list></glossary>"
    return article_of(jats("<p>CT shows buds.</p>", back=back)).glossary


def test_short_forms_are_written_out_and_words_explained() -> None:
    """A list of abbreviations gives what they stand for; any other entry is a meaning."""
    assert glossary_of(
        "<term>CT:</term><def><p>computed <italic>tomography</italic></p></def>",
        "<term>HRCT</term><term>HR-CT</term><def><p>high-resolution CT</p></def>",
        "<term>DLCO</term><def><p>A test of breathing. It takes a minute.</p></def>",
        "<term>Masson body</term><def><p>bud of tissue</p></def>",
    ) == (
        GlossaryEntry(term="CT", written_out="computed tomography"),
        GlossaryEntry(term="HRCT", written_out="high-resolution CT", variants=("HR-CT",)),
        GlossaryEntry(term="DLCO", meaning="A test of breathing. It takes a minute."),
        GlossaryEntry(term="Masson body", meaning="bud of tissue"),
    )


def test_what_is_incomplete_or_said_twice_is_left_out() -> None:
    """The first entry of a term counts; one without a term or a definition says nothing."""
    assert glossary_of(
        "<term>CT</term><def><p>computed tomography</p></def>",
        "<term>CT</term><def><p>connective tissue</p></def>",
        "<term>MR</term>",
        "<def><p>lost</p></def>",
        "<term/><def><p>lost</p></def>",
    ) == (GlossaryEntry(term="CT", written_out="computed tomography"),)


def test_the_glossary_is_no_text_of_the_article() -> None:
    """It explains words and is not quoted; a list of definitions in the body stays text."""
    items = "<def-item><term>CT</term><def><p>computed tomography</p></def></def-item>"
    article = article_of(
        jats(
            f"<p>CT shows buds {cite(1)}.</p><def-list>{items}</def-list>",
            refs=ref(1),
            back=f"<app-group><app><glossary><def-list>{items.replace('CT', 'XR')}</def-list>"
            "</glossary></app></app-group>",
        )
    )
    assert [entry.term for entry in article.glossary] == ["XR"]
    assert "CT: computed tomography" in article.document.text
