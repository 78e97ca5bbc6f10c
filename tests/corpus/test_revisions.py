"""What changed between two texts: complete, by sentence, and nothing that did not change."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Article, Callout, GlossaryEntry, Notice, Reference
from corpus.revision_matching import ALIKE, MAX_COMPARED, likeness, said_in, words_of
from corpus.revisions import Change, change_record, changes, lines
from ingest.drafts import Draft
from tests.fakes import article_of, heading, item

ONE = Reference(number=1, title="On colchicine", pmid="1", year=2001)
TWO = Reference(number=2, title="On beer", doi="10.1/b", year=2002)
THREE = Reference(number=3, title="On rest in bed after gout", year=2003)


def cited(text: str, *numbers: int) -> Draft:
    """Return a paragraph with citation numbers before its full stop."""
    callouts = (Callout(at=len(text) - 1, numbers=numbers),) if numbers else ()
    return Draft(kind="paragraph", text=text, callouts=callouts)


def gout(*drafts: Draft | str, references: Sequence[Reference] = (), **around: Any) -> Article:
    """Return an article with this text."""
    return replace(article_of("gout", *drafts, references=references), **around)


def told(old: Article, new: Article) -> list[tuple[str, str, str, str]]:
    """Return the changes in short."""
    return [(c.kind, c.section, c.before, c.after) for c in changes(old, new)]


# --- sentences ----------------------------------------------------------------------------------


def test_each_kind_of_change_is_told_by_section() -> None:
    """Reworded with both texts, removed and added where they stood, in the order of the text."""
    old = gout(
        heading("Causes"),
        "Beer raises urate. Rain does nothing to it.",
        heading("Treatment"),
        "Give 0.5 mg of colchicine twice a day.",
        item("rest the joint"),
    )
    new = gout(
        heading("Causes"),
        "Beer raises urate. Fructose is another culprit.",
        heading("Treatment"),
        "Give 0.5 mg of colchicine once a day.",
        item("rest the joint"),
        item("cool it with ice"),
    )
    assert told(old, new) == [
        ("removed", "Causes", "Rain does nothing to it.", ""),
        ("added", "Causes", "", "Fructose is another culprit."),
        (
            "reworded",
            "Treatment",
            "Give 0.5 mg of colchicine twice a day.",
            "Give 0.5 mg of colchicine once a day.",
        ),
        ("added", "Treatment", "", "cool it with ice"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Colchicine is safe in renal failure.", "Colchicine is not safe in renal failure."),
        ("Give 5 mg daily.", "Give 50 mg daily."),
        ("It may help.", "It helps."),
        ("Beer raises urate.", "BEER raises urate."),
        ("Beer raises urate.", "Beer raises urate!"),
    ],
)
def test_the_smallest_change_of_a_sentence_is_told(before: str, after: str) -> None:
    """A "not", a dose, a softer verb, a letter: nothing that changes a text is passed over."""
    found = changes(gout(before), gout(after))
    assert {c.before for c in found} - {""} == {before}
    assert {c.after for c in found} - {""} == {after}


def test_what_stands_elsewhere_now_is_no_change() -> None:
    """Sentences may move in their section and to another one; white space does not count."""
    old = gout(heading("A"), "One fell. Two rose.", heading("B"), "Three stood.")
    new = gout(heading("A"), "Two rose.  One\nfell.", "Three stood.", heading("B"), "Three stood.")
    assert told(old, new) == [("added", "A", "", "Three stood.")]
    assert told(new, old) == [("removed", "A", "Three stood.", "")]
    turned = gout(heading("B"), "Three stood.", heading("A"), "Two rose. One fell.")
    assert told(old, turned) == []


def test_the_most_alike_is_what_was_reworded() -> None:
    """Of two new sentences that share words with an old one, the other was added."""
    near, far = "Give 5 mg of prednisone for a month.", "Give 9 mg of cortisone for a month."
    old = gout("Give 5 mg of prednisone for a week.")
    for new in (gout(near, far), gout(far, near)):
        found = {(c.kind, c.after) for c in changes(old, new)}
        assert found == {("reworded", near), ("added", far)}


def test_a_heading_is_told_as_such() -> None:
    """A heading that became a sentence is not the same."""
    (change,) = changes(gout(heading("Treatment"), "x y."), gout(heading("The treatment"), "x y."))
    assert (change.kind, change.what) == ("reworded", "heading")
    found = changes(gout(heading("Beer"), "x y."), gout("Beer", "x y."))
    assert [(c.kind, c.what) for c in found] == [("removed", "heading"), ("added", "sentence")]


SENTENCES = st.lists(
    st.sampled_from(
        [
            "Beer raises urate.",
            "Beer raises urate a lot.",
            "Beer lowers urate.",
            "Rest helps.",
            "Ice helps.",
            "Colchicine works within a day or two.",
            "Colchicine works within an hour or two.",
        ]
    ),
    min_size=1,
    max_size=7,
)


def articles_of(sentences: Sequence[str], sections: Sequence[bool]) -> Article:
    """Return an article in which a section begins wherever `sections` says so."""
    drafts: list[Draft | str] = []
    for number, sentence in enumerate(sentences):
        if number < len(sections) and sections[number]:
            drafts.append(heading(f"Part {number}"))
        drafts.append(sentence)
    return gout(*drafts)


@given(SENTENCES, SENTENCES, st.lists(st.booleans(), max_size=7), st.lists(st.booleans()))
@settings(max_examples=200, deadline=None)
def test_applying_the_changes_gives_the_new_text(
    old: list[str], new: list[str], old_parts: list[bool], new_parts: list[bool]
) -> None:
    """Old sentences, less what was removed or reworded, and what took its place: the new ones."""
    before, after = articles_of(old, old_parts), articles_of(new, new_parts)
    found = changes(before, after)
    said = Counter(one.text for one in said_in(before))
    said.subtract(c.before for c in found if c.before)
    assert min(said.values()) >= 0
    said.update(c.after for c in found if c.after)
    assert +said == Counter(one.text for one in said_in(after))
    assert all(likeness(words_of(c.before), words_of(c.after)) >= ALIKE for c in found if _both(c))
    assert changes(before, before) == ()
    assert found == changes(before, after)


def _both(change: Change) -> bool:
    return bool(change.before and change.after)


@given(SENTENCES, SENTENCES)
@settings(max_examples=100, deadline=None)
def test_no_sentence_that_stayed_is_reported(old: list[str], new: list[str]) -> None:
    """Every sentence that both texts hold equally often is left out."""
    found = changes(articles_of(old, []), articles_of(new, []))
    was, now = Counter(old), Counter(new)
    same = {text for text in was if was[text] == now[text]}
    assert not same & {text for c in found for text in (c.before, c.after)}


def test_a_whole_book_rewritten_is_compared_in_time() -> None:
    """What is beyond the limit of comparisons is told as removed and added: nothing is lost."""
    count = int(MAX_COMPARED**0.5) * 3
    old = gout(*[f"Alpha{n} beta{n} gamma{n} delta." for n in range(count)])
    new = gout(*[f"Alpha{n} beta{n} gamma{n} epsilon." for n in range(count)])
    start = time.perf_counter()
    found = changes(old, new)
    assert time.perf_counter() - start < 10
    assert {c.before for c in found} - {""} == {s.text for s in said_in(old)}
    assert {c.after for c in found} - {""} == {s.text for s in said_in(new)}
    assert sum(c.kind == "reworded" for c in found) == count


# --- citations and references -------------------------------------------------------------------


def test_a_sentence_that_cites_another_work_is_told() -> None:
    """The words are the same; what they rest on is not."""
    old = gout(cited("Beer raises urate.", 1), references=[ONE, TWO])
    new = gout(cited("Beer raises urate.", 1, 2), references=[ONE, TWO])
    (change,) = changes(old, new)
    assert (change.kind, change.numbers_before, change.numbers_after) == ("cites", (1,), (1, 2))
    assert lines([change]) == ("text: cites 1, 2 instead of 1: “Beer raises urate.”",)
    bare = gout("Beer raises urate.", references=[ONE, TWO])
    assert lines(changes(old, bare)) == ("text: cites nothing instead of 1: “Beer raises urate.”",)


def test_a_list_numbered_anew_changes_no_sentence() -> None:
    """The same works under other numbers are told once each, in the list."""
    old = gout(cited("Beer raises urate.", 1), cited("Rest helps.", 2), references=[ONE, TWO])
    swapped = [replace(TWO, number=1), replace(ONE, number=2)]
    new = gout(cited("Beer raises urate.", 2), cited("Rest helps.", 1), references=swapped)
    found = changes(old, new)
    assert [(c.kind, c.numbers_before, c.numbers_after) for c in found] == [
        ("renumbered", (1,), (2,)),
        ("renumbered", (2,), (1,)),
    ]
    assert lines(found)[0].startswith("reference 1 → 2: renumbered: “On colchicine. 2001.")


def test_the_same_number_with_another_work_changes_its_sentences() -> None:
    """A list that was exchanged under a text is not passed over."""
    old = gout(cited("Beer raises urate.", 1), references=[ONE])
    new = gout(cited("Beer raises urate.", 1), references=[replace(TWO, number=1)])
    assert [(c.kind, c.what) for c in changes(old, new)] == [
        ("cites", "sentence"),
        ("removed", "reference"),
        ("added", "reference"),
    ]


def test_numbers_that_the_list_lacks_are_compared_as_they_are() -> None:
    """A number without an entry names nothing but itself."""
    old, new = (gout(cited("Beer raises urate.", n), references=[ONE]) for n in (6, 7))
    assert [c.kind for c in changes(old, new)] == ["cites"]
    assert changes(old, old) == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"year": 1999}, "1999"),
        ({"pmid": "12"}, "PMID: 12"),
        ({"kind": "guideline"}, "guideline"),
        ({"document_id": "pmid:3"}, "abstract pmid:3"),
        ({"title": "On resting in bed after gout"}, "On resting"),
        (
            {"notices": (Notice(kind="retraction", source="PubMed", date=dt.date(2020, 1, 2)),)},
            "retraction of 2020-01-02 (PubMed)",
        ),
        ({"notices": (Notice(kind="correction", source="PubMed"),)}, "correction (PubMed)"),
    ],
)
def test_an_entry_that_changed_is_told_with_both(changed: dict[str, Any], words: str) -> None:
    """Identifiers, kind, abstract and notices are told; an erratum is no retraction."""
    (change,) = changes(
        gout("x y.", references=[THREE]), gout("x y.", references=[replace(THREE, **changed)])
    )
    assert (change.kind, change.what, change.numbers_after) == ("reworded", "reference", (3,))
    assert words in change.after
    assert words not in change.before
    assert ("etract" in change.after) == ("retraction" in words)


def test_entries_come_and_go() -> None:
    """What was removed and what was added bear their numbers."""
    old, new = gout("x y.", references=[ONE, TWO]), gout("x y.", references=[ONE, THREE])
    assert lines(changes(old, new)) == (
        "reference 2: removed: “On beer. 2002. doi:10.1/b [research]”",
        "reference 3: added: “On rest in bed after gout. 2003. [research]”",
    )


# --- around the text, and telling ---------------------------------------------------------------


def test_what_stands_around_the_text_is_told() -> None:
    """Title, date, disclaimer and glossary are part of what an editor approves."""
    old = gout("x y.", disclaimer="None.", glossary=(GlossaryEntry(term="UA", meaning="Acid."),))
    new = gout("x y.", updated=dt.date(2026, 1, 2), disclaimer="Ask a doctor.")
    new = replace(
        new,
        document=replace(new.document, title="Gout"),
        glossary=(GlossaryEntry(term="UA", meaning="A salt."), GlossaryEntry(term="OA")),
    )
    assert [(c.what, c.kind, c.before, c.after) for c in changes(old, new)] == [
        ("title", "reworded", "On gout", "Gout"),
        ("disclaimer", "reworded", "None.", "Ask a doctor."),
        ("updated", "added", "", "2026-01-02"),
        ("glossary", "reworded", "UA: Acid.", "UA: A salt."),
        ("glossary", "added", "", "OA: "),
    ]


def test_lines_say_how_many_more_there_are() -> None:
    """A limit counts changes, and never hides that there are more."""
    found = changes(gout("x y."), gout("Beer.", "Wine.", "Rest."))
    assert len(found) == 4
    assert lines(found, limit=1) == ("text: removed: “x y.”", "… and 3 more changes")
    assert lines(found, limit=3)[-1] == "… and 1 more change"
    assert lines(found, limit=None) == lines(found)
    assert lines(()) == ()
    (reworded,) = changes(gout("Beer raises urate."), gout("Beer lowers urate."))
    assert lines([reworded]) == (
        "text: reworded: “Beer raises urate.”",
        "    now: “Beer lowers urate.”",
    )


def test_a_text_cannot_steer_the_terminal() -> None:
    """Control characters become a sign; what is very long is cut."""
    (line,) = lines([Change(kind="added", what="sentence", after="a\x1b[2J\nb" + "c" * 5000)])
    assert line.startswith("text: added: “a\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}b")
    assert len(line) < 1100


def test_a_change_as_json() -> None:
    """All keys are always there."""
    (change,) = changes(gout("x y.", references=[ONE]), gout("x y."))
    assert change_record(change) == {
        "kind": "removed",
        "what": "reference",
        "section": "",
        "before": "On colchicine. 2001. PMID: 1 [research]",
        "after": "",
        "numbers_before": [1],
        "numbers_after": [],
    }
