"""What is suggested: asked beforehand, kept beside the index, chosen without a model."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.answers import Answer, Citation, Provenance, Refusal, Statement
from corpus.errors import IndexingError
from corpus.library import Library
from corpus.records import Callout, Document, Reference
from index.lexical import terms
from index.retriever import Hit
from service.assistant import Question
from service.suggesting import Place, Suggestion, Suggestions, alike, file_of, read, suggest
from service.suggestion_building import (
    QUESTIONS,
    SuggestionReport,
    build_suggestions,
    plan_suggestions,
)
from tests.fakes import article_of, contents, document_of, heading, paragraph

NOTHING = Refusal(reason="not_in_these_sources", message="")


def answer_of(question: Question, document: Document, words: str) -> Answer:
    """Return an answer that quotes `words` of a document; a refusal when they are empty."""
    start = document.text.find(words)
    citation = Citation(
        marker=1,
        document_id=document.document_id,
        passage_id=f"{document.document_id}@0-1",
        reference=None,
        section=None,
        quote=words,
        start=start,
        end=start + len(words),
        sha256=document.sha256,
        support=1.0,
    )
    return Answer(
        answer_id="1",
        question=question.text,
        standalone_question=question.text,
        article=question.article,
        audience="clinician",
        statements=(Statement(text=words, citations=(citation,)),) if words else (),
        sources=(),
        refusal=None if words else NOTHING,
        confidence=0.9,
        provenance=PROVENANCE,
    )


PROVENANCE = Provenance(
    corpus_fingerprint="c" * 64,
    index_fingerprint="i" * 64,
    engine="extractive",
    models={"reader": "one"},
    prompts={},
    settings={},
)


@dataclass
class FakeAsker:
    """Answers a question with the words that `says` gives for it, and keeps what it was asked."""

    library: Library
    says: Callable[[str], str]
    provenance: Provenance = PROVENANCE
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def ask(self, question: Question) -> Answer:
        """Answer from the article "gout"."""
        self.asked.append((question.text, question.article))
        return answer_of(question, self.library.document("gout"), self.says(question.text))


TREATED = "How is it treated?"
ANSWERS = {
    TREATED: "Colchicine calms it.",
    "How is it diagnosed?": "Crystals prove acute gout.",
    "What causes it?": "Beer raises urate.",
    "What is the prognosis?": "",
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return an article of four sections that cites an abstract, and a text of its own."""
    made = Library.create(tmp_path / "library")
    cited = replace(
        paragraph("Crystals prove acute gout."), callouts=(Callout(at=5, numbers=(1,)),)
    )
    gout = article_of(
        "gout",
        heading("Causes"),
        "Beer raises urate.",
        heading("Diagnosis"),
        cited,
        heading("Treatment"),
        "Colchicine calms it.",
        heading("Prognosis"),
        "Nothing is known.",
        references=[Reference(number=1, title="On crystals", document_id="pmid:1")],
    )
    document = replace(gout.document, title="What causes acute gout?")
    made.put(
        articles=[replace(gout, document=document)],
        documents=[document_of("pmid:1", "Needles shine."), document_of("alone", "Zinc helps.")],
    )
    (made.folder / "index").mkdir()
    return made


def built(asker: FakeAsker) -> SuggestionReport:
    """Plan and build."""
    return build_suggestions(asker, plan_suggestions(asker))


def answering(library: Library, **changed: str) -> FakeAsker:
    """Return an asker that knows the answers above."""
    known = ANSWERS | changed
    return FakeAsker(library, lambda text: known.get(text, ""))


def kept(library: Library) -> list[str]:
    """Return the questions in the file, in order of where they are answered."""
    saved = read(file_of(library))
    assert saved is not None
    return [s.text for s in saved.articles["gout"].suggestions]


# Building


def test_only_what_is_answered_is_kept(library: Library) -> None:
    """Every question is asked within the article, once; a refused one is not kept."""
    asker = answering(library)
    report = built(asker)
    assert [text for text, within in asker.asked if within == "gout"] == list(QUESTIONS)
    assert kept(library) == ["What causes it?", "How is it diagnosed?", TREATED]
    assert (report.articles, report.asked, report.kept) == (1, len(QUESTIONS), 3)


def test_what_an_abstract_alone_answers_is_not_the_articles(library: Library) -> None:
    """Its sentence may lead when the article's own follows."""
    own = answer_of(Question(text=""), library.document("gout"), "Colchicine calms it.")
    abstract = answer_of(Question(text=""), library.document("pmid:1"), "Needles shine.")

    class Citing(FakeAsker):
        statements = abstract.statements

        def ask(self, question: Question) -> Answer:
            said = self.statements if question.text == TREATED else ()
            return replace(own, statements=said, refusal=None if said else NOTHING)

    asker = Citing(library, str)
    built(asker)
    assert kept(library) == []
    file_of(library).unlink()
    asker.statements = (*abstract.statements, *own.statements)
    built(asker)
    assert kept(library) == [TREATED]


def test_of_two_with_the_same_answer_the_surer_is_kept(library: Library) -> None:
    """Two questions that the same sentence answers make one suggestion."""

    class Sure(FakeAsker):
        def ask(self, question: Question) -> Answer:
            sure = 0.95 if question.text == "What is the dose?" else 0.9
            return replace(super().ask(question), confidence=sure)

    built(Sure(library, lambda _: "Colchicine calms it."))
    assert kept(library) == ["What is the dose?"]


def test_what_was_found_is_kept_when_the_asking_breaks_off(library: Library) -> None:
    """By an error of the assistant; the next time goes on from there."""
    library.put(articles=[article_of("bones", "Bones break.")])

    class Breaking(FakeAsker):
        def ask(self, question: Question) -> Answer:
            if question.article == "gout":
                raise IndexingError("gone")
            return super().ask(question)

    asker = Breaking(library, lambda _: "")
    with pytest.raises(IndexingError, match="gone"):
        build_suggestions(asker, plan_suggestions(asker))
    again = plan_suggestions(answering(library))
    assert list(again.to_ask) == ["gout"]
    assert list(again.kept) == ["bones"]


def test_no_question_hides_another() -> None:
    """Once one is asked, all the others may still be suggested; itself is not."""
    for one in QUESTIONS:
        assert [two for two in QUESTIONS if alike(one, two, frozenset())] in ([one], [])
    tellable = [one for one in QUESTIONS if not alike(one, one, frozenset())]
    assert tellable == []


def test_what_is_unchanged_is_not_asked_again(library: Library) -> None:
    """The second build asks nothing and writes nothing; a new text of no article is no reason."""
    built(answering(library))
    before = contents(library.folder)
    again = answering(library)
    report = built(again)
    assert (again.asked, report.reused) == ([], 1)
    assert contents(library.folder) == before
    grown = replace(PROVENANCE, corpus_fingerprint="d" * 64)
    other = FakeAsker(library, lambda _: "", provenance=grown)
    assert built(other).reused == 1
    assert other.asked == []
    assert len(kept(library)) == 3


@pytest.mark.parametrize("change", ["text", "abstract", "model", "damage"])
def test_what_changed_is_asked_again(library: Library, change: str) -> None:
    """A new sentence, a new abstract, another reader or a damaged file: all are asked anew."""
    built(answering(library))
    again = answering(library)
    if change == "text":
        old = library.article("gout")
        text = old.document.text.replace("Nothing is", "A little is")
        library.put(articles=[replace(old, document=replace(old.document, text=text))])
    elif change == "abstract":
        library.put(documents=[document_of("pmid:1", "Needles do not shine.")])
    elif change == "model":
        again.provenance = replace(PROVENANCE, models={"reader": "two"})
    else:
        file_of(library).write_text('{"format": "sequitur-suggestions", "version": 1}')
    assert built(again).reused == 0
    assert again.asked


def test_progress_counts_every_candidate(library: Library) -> None:
    """What the bar is told adds up to what there was to ask."""
    asker, steps = answering(library), list[int]()
    plan = plan_suggestions(asker)
    build_suggestions(asker, plan, progress=steps.append)
    assert sum(steps) == plan.questions > 0


def test_a_library_of_texts_gets_none(tmp_path: Path) -> None:
    """Without an article nothing is asked and no file is written."""
    bare = Library.create(tmp_path / "bare")
    bare.put(documents=[document_of("alone", "Zinc shortens a cold.")])
    asker = FakeAsker(bare, lambda _: "")
    report = built(asker)
    assert (report.articles, asker.asked, file_of(bare).exists()) == (0, [], False)


def test_a_file_that_cannot_be_written_is_told(library: Library) -> None:
    """The error names the file."""
    (library.folder / "index").rmdir()
    (library.folder / "index").write_text("in the way")
    with pytest.raises(IndexingError, match=r"suggestions\.json"):
        built(answering(library))


# Choosing


def stored(text: str, at: int, section: str = "", confidence: float = 0.9) -> Suggestion:
    """Return a suggestion answered at an offset of the article."""
    return Suggestion(
        text=text,
        confidence=confidence,
        at=at,
        section=section,
        shown=(Place(document_id="gout", start=at, end=at + 10),),
        in_library=True,
    )


FIVE = (
    stored("How common is gout?", 0, "Causes"),
    stored("Which beer raises urate?", 100, "Causes"),
    stored("What do crystals show?", 200, "Diagnosis"),
    stored("Over what period is colchicine tapered?", 300, "Treatment"),
    stored("What should be done if pain stays?", 400, "Treatment"),
)


def chosen(
    *asked: str, near: tuple[int, ...] = (310,), shown: tuple[Place, ...] = ()
) -> tuple[str, ...]:
    """Return what is suggested after these questions."""
    common = frozenset(terms("gout"))
    return suggest(FIVE, asked=asked, near=near, shown=shown, common=common)


def test_the_section_just_read_comes_first() -> None:
    """Its other questions, then those of the nearest sections; three in all."""
    assert chosen() == (FIVE[3].text, FIVE[4].text, FIVE[2].text)
    assert chosen(near=(0,)) == (FIVE[0].text, FIVE[1].text, FIVE[2].text)


def test_what_was_just_shown_is_not_suggested() -> None:
    """A question that the very sentences on the page answer is passed over."""
    shown = (Place(document_id="gout", start=305, end=320),)
    assert chosen(shown=shown) == (FIVE[4].text, FIVE[2].text, FIVE[1].text)
    elsewhere = (Place(document_id="pmid:1", start=305, end=320),)
    assert chosen(shown=elsewhere) == chosen()


def test_what_was_asked_is_not_suggested_again() -> None:
    """Neither in the same words nor nearly so, whether now or earlier in the conversation."""
    assert FIVE[3].text not in chosen("How long is colchicine tapered?")
    assert FIVE[3].text not in chosen("how long is colchicine TAPERED", "What do crystals show?")
    assert chosen(*(s.text for s in FIVE)) == ()


def test_the_subject_tells_no_two_questions_apart() -> None:
    """Questions that share only what all are about are different ones."""
    common = frozenset(terms("acute gout"))
    assert not alike("How is it treated?", "How is it diagnosed?", common)
    assert alike("How is it treated?", "How should it be treated?", common)
    assert alike("What is acute gout?", "So what is acute gout", common)


@settings(deadline=None)
@given(st.permutations(FIVE), st.integers(0, 500))
def test_the_order_in_the_file_does_not_matter(order: list[Suggestion], near: int) -> None:
    """The same suggestions give the same choice; none is alike another or more than three."""
    common = frozenset(terms("gout"))
    found = suggest(order, asked=(), near=(near,), shown=(), common=common)
    assert found == suggest(FIVE, asked=(), near=(near,), shown=(), common=common)
    assert len(found) == len(set(found)) <= 3


# Loading


def after(
    library: Library,
    words: str,
    *,
    within: str | None = "gout",
    provenance: Provenance = PROVENANCE,
) -> tuple[str, ...]:
    """Return what is suggested under an answer that quotes `words` of the article."""
    answer = answer_of(Question(text=""), library.document("gout"), words)
    suggestions = Suggestions(library, provenance)
    return suggestions.after_answer(within, ("What is urate?",), answer.statements)


def test_an_answer_is_followed_by_its_neighbours(library: Library) -> None:
    """The question that the answer itself answers is not among them."""
    built(answering(library))
    assert after(library, "Crystals prove acute gout.") == ("What causes it?", TREATED)


def test_an_article_offers_questions_to_begin_with(library: Library) -> None:
    """Before anything was asked there are at most three, all of this article; none of another."""
    built(answering(library))
    suggestions = Suggestions(library, PROVENANCE)
    opening = suggestions.opening("gout")
    assert 1 <= len(opening) <= 3
    assert set(opening) <= set(kept(library))
    assert suggestions.opening("pmid:1") == ()


def test_an_abstract_lies_where_it_is_cited(library: Library) -> None:
    """Under an answer from a cited abstract, the sections that cite it come first."""
    built(answering(library))
    quoted = answer_of(Question(text=""), library.document("pmid:1"), "Needles shine.")
    found = Suggestions(library, PROVENANCE).after_answer("gout", (), quoted.statements)
    assert found[0] == "How is it diagnosed?"


def test_a_refusal_offers_what_is_near(library: Library) -> None:
    """The nearest passages were no answer, so their questions are offered first of all."""
    built(answering(library))
    passages = [p for p in library.passages() if p.section_path == ("Treatment",)]
    hits = [Hit(passage=p, rank=1, score=1, bm25=1, cosine=1) for p in passages]
    found = Suggestions(library, PROVENANCE).after_refusal("gout", ("Does ice help?",), hits)
    assert found[0] == TREATED


def test_the_whole_library_is_offered_what_it_answered(library: Library) -> None:
    """Without an article only questions that were answered so, each with the article's title."""
    title = library.document("gout").title
    assert title == "What causes acute gout?"
    asker = answering(library, **{f"{title} {TREATED}": "Colchicine calms it."})
    built(asker)
    assert (f"{title} How is it diagnosed?", None) in asker.asked
    assert after(library, "Beer raises urate.", within=None) == (f"{title} {TREATED}",)
    assert after(library, "Beer raises urate.", within="alone") == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(PROVENANCE, corpus_fingerprint="other"),
        replace(PROVENANCE, index_fingerprint="other"),
        replace(PROVENANCE, models={"reader": "two"}),
        replace(PROVENANCE, engine="generative"),
    ],
)
def test_a_file_of_something_else_is_passed_over(library: Library, other: Provenance) -> None:
    """Suggestions that were checked against another corpus, index or model are not shown."""
    built(answering(library))
    assert after(library, "Beer raises urate.", provenance=other) == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "x", "version": 1}', "null"])
def test_a_damaged_file_is_passed_over(library: Library, content: str) -> None:
    """Nothing is suggested, and the question is answered all the same."""
    file_of(library).write_text(content)
    assert after(library, "Beer raises urate.") == ()
    file_of(library).unlink()
    assert after(library, "Beer raises urate.") == ()


def test_another_version_is_passed_over(library: Library) -> None:
    """The format's version is part of what must match."""
    built(answering(library))
    saved = json.loads(file_of(library).read_text())
    file_of(library).write_text(json.dumps(saved | {"version": 1}))
    assert read(file_of(library)) is None


def test_a_new_file_is_read_without_a_restart(library: Library) -> None:
    """What is built while an assistant is open is suggested from then on."""
    suggestions = Suggestions(library, PROVENANCE)
    assert suggestions.after_refusal("gout", (), ()) == ()
    built(answering(library))
    assert len(suggestions.after_refusal("gout", (), ())) == 3


def test_a_higher_threshold_hides_what_is_less_sure(library: Library) -> None:
    """What the present threshold would refuse is not suggested."""
    built(answering(library))
    assert Suggestions(library, PROVENANCE, threshold=0.95).after_refusal("gout", (), ()) == ()
