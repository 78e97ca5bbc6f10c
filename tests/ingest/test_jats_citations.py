"""Citations in JATS text: what is taken out, what stays, and how the list is numbered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Callout, Document, Reference
from ingest.jats_citations import Inline, joined
from tests.ingest.jats_examples import article_of, cite, document_of, jats, ref

LISTED = "".join(ref(n) for n in range(1, 13))
SUP = "<sup>{}</sup>"


def told(document: Document) -> tuple[str, list[tuple[int, ...]]]:
    return document.text, [c.numbers for c in document.callouts]


@pytest.mark.parametrize(
    ("printed", "text", "numbers"),
    [
        (f"It fell [{cite(1)}].", "It fell.", (1,)),
        (f"It fell [{cite(1)},{cite(2)}]. So", "It fell. So", (1, 2)),
        (f"It fell ({cite(1)}, {cite(2)} and {cite(4)}), so", "It fell, so", (1, 2, 4)),
        (f"It fell [{cite(1)}-{cite(3)}] so", "It fell so", (1, 2, 3)),
        (f"It fell [{cite(1)},{cite(3)}–{cite(6)}].", "It fell.", (1, 3, 4, 5, 6)),
        (f"It fell [{cite(1)}–3].", "It fell.", (1, 2, 3)),
        (f"It fell {cite(1, '[1]')}, {cite(2, '[2]')}.", "It fell.", (1, 2)),
        (f"It fell {cite(1, '[1]')}–{cite(5, '[5]')} or", "It fell or", (1, 2, 3, 4, 5)),
        (f"It fell [{cite(1)}][{cite(2)}].", "It fell.", (1, 2)),
        (f"It fell ([{cite(1)}], [{cite(2)}]).", "It fell.", (1, 2)),
        (f"It fell [{cite(1, '1–3')}].", "It fell.", (1, 2, 3)),
        (f"It fell.{SUP.format(cite(1))} Then", "It fell. Then", (1,)),
        (f"It fell{SUP.format(cite(1) + ',' + cite(2))} then", "It fell then", (1, 2)),
        (f"fell,{SUP.format(cite(2))} but", "fell, but", (2,)),
        (
            f"It fell{cite(1, '<sup>1</sup>')}{SUP.format('–')}{cite(3)}.",
            "It fell.",
            (1, 2, 3),
        ),
        (f"It fell{SUP.format('1,' + cite(2))}.", "It fell.", (1, 2)),
        (f"Doe et al. [{cite(3)}]. So", "Doe et al. So", (3,)),
        (f"It{cite(1)}fell.", "It fell.", (1,)),
        (f"It fell [ {cite(1)} , {cite(2)} ] .", "It fell.", (1, 2)),
        (f"It fell ({cite(1)}; see Table 1).", "It fell (see Table 1).", (1,)),
        (f"It fell (Table 1; {cite(1)}).", "It fell (Table 1).", (1,)),
        (f"Score (5) [{cite(1)}] fell.", "Score (5) fell.", (1,)),
        (f"Interval [1, 3] and [{cite(12)}].", "Interval [1, 3] and.", (12,)),
        (f"See ref. {cite(1)}, p. 2.", "See ref. 1, p. 2.", (1,)),
        (f"See references [{cite(1)}] and more.", "See references [1] and more.", (1,)),
    ],
)
def test_numbers_are_taken_out_with_their_brackets(
    printed: str, text: str, numbers: tuple[int, ...]
) -> None:
    """Whole groups go, ranges are filled, other brackets and all words stay."""
    assert told(document_of(f"<p>{printed}</p>", refs=LISTED)) == (text, [numbers])


def test_a_callout_belongs_to_the_sentence_that_it_follows() -> None:
    """Before and after the full stop, a number counts for the sentence that it closes."""
    document = document_of(
        f"<p>A fell [{cite(1)}]. B rose.{SUP.format(cite(2))} C stayed.</p>", refs=LISTED
    )
    sentences = document.blocks[0].sentences
    assert [s.of(document.text) for s in sentences] == ["A fell.", "B rose.", "C stayed."]
    assert [document.numbers_cited_in(s) for s in sentences] == [(1,), (2,), ()]


def test_a_number_before_the_first_word_counts_for_its_sentence() -> None:
    """No callout is without a sentence."""
    document = document_of(f"<p>[{cite(4)}] showed it.</p>", refs=LISTED)
    assert document.text == "showed it."
    assert document.numbers_cited_in(document.blocks[0].sentences[0]) == (4,)


def test_author_year_citations_stay_in_the_sentence() -> None:
    """The words are the authors' own; the number is added only where the list prints one."""
    printed = f"It fell ({cite(1, 'Doe, 2001')}; {cite(2, '<italic>Doe</italic> 2003b')})."
    text = "It fell (Doe, 2001; Doe 2003b)."
    assert told(document_of(f"<p>{printed}</p>", refs=ref(1) + ref(2))) == (text, [(1,), (2,)])
    unnumbered = ref(1, label=None) + ref(2, label=None)
    assert told(document_of(f"<p>{printed}</p>", refs=unnumbered)) == (text, [])


def test_a_year_is_not_a_number_of_the_list() -> None:
    """`Doe et al. 2006` with only the year linked keeps it."""
    document = document_of(
        f"<p>Doe et al. {cite(1, '2006')} found it.</p>", refs=ref(1, label=None)
    )
    assert told(document) == ("Doe et al. 2006 found it.", [])


@pytest.mark.parametrize("label", ["{}", "{}.", "[{}]", "({})"])
def test_printed_labels_number_the_list(label: str) -> None:
    """Whatever stands around the number."""
    article = article_of(jats("<p>x</p>", refs=ref(3, label=label) + ref(7, label=label)))
    assert [r.number for r in article.references] == [3, 7]


def test_an_unlabelled_list_is_numbered_by_what_the_text_prints() -> None:
    """If every printed number is the entry's position, the entries in between have theirs too."""
    refs = "".join(ref(n, label=None) for n in (1, 2, 3))
    article = article_of(jats(f"<p>x [{cite(1)}-{cite(3)}]</p>", refs=refs))
    assert [r.number for r in article.references] == [1, 2, 3]
    assert article.findings == ()
    shifted = article_of(jats(f"<p>x [{cite(1, '5')}]</p>", refs=refs))
    assert [r.number for r in shifted.references] == [5, None, None]


def test_an_unlabelled_list_cited_by_author_has_no_numbers() -> None:
    """A position is never taken for a number."""
    refs = ref(1, label=None) + ref(2, label=None)
    article = article_of(jats(f"<p>x ({cite(1, 'Doe, 2001')})</p>", refs=refs))
    assert [r.number for r in article.references] == [None, None]
    assert article.findings == ("In the reference list but never cited: Work 2",)
    unlisted = article_of(
        jats(f"<p>x ({cite(1, 'Doe, 2001')}; {cite(9, 'Roe, 2002')})</p>", refs=refs)
    )
    assert "Cited in the text but not in the reference list: Roe, 2002." in unlisted.findings


def test_disagreement_of_text_and_list_is_found() -> None:
    """Cited but unlisted, listed but never cited, and a number printed twice are findings."""
    article = article_of(jats(f"<p>x [{cite(1)},{cite(9)}]</p>", refs=ref(1) + ref(2)))
    assert article.findings == (
        "Cited in the text but not in the reference list: 9.",
        "In the reference list but never cited: 2.",
    )
    twice = article_of(jats(f"<p>x [{cite(1)}]</p>", refs=ref(1) + ref(1)))
    assert [r.number for r in twice.references] == [None, None]
    assert "prints the number 1 2 times" in twice.findings[0]


def entry(citation: str) -> Reference:
    refs = f'<ref id="r1"><label>1</label>{citation}</ref>'
    (reference,) = article_of(jats(f"<p>x [{cite(1)}]</p>", refs=refs)).references
    return reference


def test_a_structured_entry_gives_every_field() -> None:
    """Authors, source, pages and identifiers; editors are not authors."""
    reference = entry(
        "<element-citation><person-group person-group-type='author'><name><surname>Roe</surname>"
        "<given-names>Jo A.</given-names><suffix>Jr</suffix></name><collab>X Group</collab><etal/>"
        "</person-group><person-group person-group-type='editor'><name><surname>Ed</surname></name>"
        "</person-group><article-title>On <italic>X</italic></article-title><source>J Ex</source>"
        "<year>2006b</year><volume>3</volume><issue>2</issue><fpage>1</fpage><lpage>9</lpage>"
        "<comment>doi:10.1000/AbC.</comment><pub-id pub-id-type='pmid'>5</pub-id>"
        "<pub-id pub-id-type='pmcid'>44</pub-id></element-citation>"
    )
    assert reference == Reference(
        title="On X",
        number=1,
        authors=("Roe JA Jr", "X Group"),
        journal="J Ex",
        year=2006,
        volume="3",
        issue="2",
        pages="1-9",
        doi="10.1000/abc",
        pmid="5",
        pmcid="PMC44",
    )


def test_an_entry_of_plain_text_is_kept_as_listed() -> None:
    """Without parts to tell apart, the text is the title, and identifiers beside it are read."""
    printed = "Doe A. (2004) <italic>Book</italic>, 2nd ed. USA: Press."
    reference = entry(
        f"<mixed-citation>{printed} <pub-id pub-id-type='pmid'>5</pub-id></mixed-citation>"
    )
    assert reference.title == reference.as_listed == "Doe A. (2004) Book, 2nd ed. USA: Press."
    assert (reference.number, reference.pmid, reference.journal) == (1, "5", None)


def test_a_book_is_known_by_its_source() -> None:
    """What has no field of its own is kept as listed."""
    reference = entry(
        "<element-citation><collab>Office</collab><source>Facts</source><year>2012</year>"
        "<publisher-name>Press</publisher-name></element-citation>"
    )
    assert (reference.title, reference.journal, reference.year) == ("Facts", None, 2012)
    assert reference.as_listed == "Office Facts 2012 Press"


@given(st.lists(st.tuples(st.text("ab c", max_size=4), st.booleans()), max_size=6))
def test_joined_lines_keep_their_callouts_at_their_words(parts: list[tuple[str, bool]]) -> None:
    """Joining shifts every callout by what stands before its part."""
    lines = [
        Inline(
            text=text.strip(),
            callouts=(Callout(at=len(text.strip()), numbers=(n,)),) if cited else (),
        )
        for n, (text, cited) in enumerate(parts, start=1)
    ]
    whole = joined(lines, "; ")
    assert whole.text == "; ".join(line.text for line in lines if line.text)
    assert [c.numbers for c in whole.callouts] == [
        c.numbers for line in lines for c in line.callouts
    ]
    for callout in whole.callouts:
        own = lines[callout.numbers[0] - 1].text
        assert whole.text[: callout.at].endswith(own)
