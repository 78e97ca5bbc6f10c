"""An answer as the terminal shows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.answers import Answer, Nearest, Refusal
from corpus.evidence_levels import EvidenceLabel
from corpus.library import Library
from corpus.records import Article, Callout, GlossaryEntry, Reference
from service.assistant import Assistant, Question
from service.refusal import refuse
from service.terminal import MAX_QUOTE_CHARS, WIDTH, rendered
from tests.fakes import article_of, document_of, heading, item
from tests.service.cases import ALWAYS, NEVER, over
from tests.service.made_answers import made_answer


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return an article that waits for review, with nested items, and a long abstract."""
    interferon = item("interferon", depth=2)
    article = article_of(
        "lungs",
        "Triggers of organizing pneumonia include:",
        item("infection"),
        item("medicines, particularly:"),
        replace(interferon, callouts=(Callout(at=len(interferon.text), numbers=(1, 2)),)),
        references=[Reference(number=1, title="On buds", year=2020, document_id="pmid:1")],
    )
    long = f"Buds {'of granulation tissue ' * 40}fill alveoli."
    made = Library.create(tmp_path_factory.mktemp("terminal") / "library")
    made.put(articles=[article], documents=[document_of("pmid:1", long, kind="abstract")])
    return made


@pytest.fixture(scope="module")
def answering(library: Library) -> Assistant:
    """Return an assistant that shows whatever it finds."""
    return over(library, threshold=ALWAYS)


def asked(assistant: Assistant, text: str, *history: str) -> Answer:
    """Ask within the article."""
    return assistant.ask(Question(text=text, article="lungs", history=history))


def test_an_answer_shows_its_quotes_and_where_they_stand(library: Library) -> None:
    """Each statement has its markers, its quotes, their places, and the article's own numbers."""
    lead_in = "Triggers of organizing pneumonia include:"
    answer = made_answer(library, ("lungs", lead_in), ("lungs", "interferon"))
    shown = rendered(answer)
    assert shown.startswith("Q: What is said?\n\n")
    assert shown.endswith("\n")
    (citation,) = answer.statements[1].citations
    assert f"[1] lungs {citation.start}-{citation.end}" in shown
    assert "the article cites 1, 2" in shown
    assert "    > “Triggers of organizing pneumonia include:”" in shown
    for source in answer.sources:
        assert f"[{source.marker}] {source.kind}: " in shown


def test_words_are_explained_to_those_who_may_not_know_them(library: Library) -> None:
    """Abbreviations are written out and terms listed in order of use; a clinician sees neither."""
    glossary = (
        GlossaryEntry(term="OP", written_out="organizing pneumonia"),
        GlossaryEntry(term="UIP", written_out="usual scarring", meaning="A pattern of scars."),
        GlossaryEntry(term="trigger", meaning="What sets something off."),
    )
    article = replace(article_of("lungs", "OP is a trigger of UIP."), glossary=glossary)
    made = Library.create(library.folder.parent / "explained")
    made.put(articles=[article])
    answer = asked(over(made, threshold=ALWAYS), "Is OP a trigger of UIP?")
    for audience in ("patient", "student"):
        shown = rendered(replace(answer, audience=audience))
        assert "  OP (organizing pneumonia) is a trigger of UIP (usual scarring). [1]\n" in shown
        assert (
            "\n\nWords explained\n  - OP: organizing pneumonia\n"
            "  - trigger: What sets something off.\n"
            "  - UIP (usual scarring): A pattern of scars.\n\nReferences\n"
        ) in shown
        assert "    > “OP is a trigger of UIP.”\n" in shown
    shown = rendered(answer)
    assert "  OP is a trigger of UIP. [1]\n" in shown
    assert "explained" not in shown
    plain = replace(answer, statements=tuple(replace(s, terms=()) for s in answer.statements))
    assert "explained" not in rendered(replace(plain, audience="patient"))


def test_nested_items_are_indented(answering: Assistant) -> None:
    """The nesting of a list can be seen."""
    lines = rendered(asked(answering, "Which triggers are there?")).splitlines()
    assert "  - infection" in lines
    assert "  - medicines, particularly:" in lines
    assert any(line.startswith("    - interferon") for line in lines)


def test_notices_come_last(answering: Assistant) -> None:
    """What a reader must know stands below the references."""
    answer = asked(answering, "Does interferon trigger organizing pneumonia?")
    tail = rendered(answer).splitlines()[-len(answer.notices) :]
    assert tail == [f"Note: {notice}" for notice in answer.notices]
    assert "review pending" in tail[0]


def test_lines_fit_and_long_quotes_are_cut(answering: Assistant) -> None:
    """No line is wider than the terminal; a long quote is shown by its beginning."""
    answer = asked(answering, "What do buds of granulation tissue fill?")
    shown = rendered(answer)
    (quote,) = answer.statements[0].citations
    assert len(quote.quote) > MAX_QUOTE_CHARS
    assert "    > “Buds of granulation tissue" in shown
    assert " …”\n" in shown
    assert f"“{quote.quote}”" not in " ".join(shown.replace(">", " ").split())
    assert max(map(len, shown.splitlines())) <= WIDTH


def test_what_was_understood_is_shown_when_it_differs(library: Library) -> None:
    """What an earlier question adds can be seen."""
    answer = made_answer(library, ("lungs", "infection"))
    assert "understood as" not in rendered(answer)
    leaning = replace(answer, standalone_question="What is said? (Which infection?)")
    assert "   understood as: What is said? (Which infection?)\n" in rendered(leaning)


def test_a_refusal_shows_reason_and_nearest(library: Library) -> None:
    """Reason, message, and passages that are said not to answer; no references, no confidence."""
    answer = asked(over(library, threshold=NEVER), "Does interferon trigger pneumonia?")
    assert answer.refusal is not None
    shown = rendered(answer)
    said = "○○○ No answer (not_in_these_sources). The sources come near, but do not say this. "
    assert said + answer.refusal.message in " ".join(shown.split())
    assert "they do not answer" in shown
    for near in answer.refusal.nearest:
        assert f"      {near.passage_id}" in shown
    assert "References" not in shown


def test_a_refusal_without_passages_is_short(library: Library) -> None:
    """Nothing near, nothing shown."""
    shown = rendered(asked(over(library), ""))
    said = "○○○ No answer (empty). Nothing was asked. There is no question here."
    assert shown == f"Q: \n\n  {said}\n"


def test_a_suggestion_is_shown(answering: Assistant) -> None:
    """What would be answered is offered."""
    answer = asked(answering, "???")
    assert answer.refusal is not None
    offered = replace(answer, refusal=replace(answer.refusal, try_asking=("What is zinc?",)))
    assert "Try asking: What is zinc?\n" in rendered(offered)


def test_what_to_ask_next_stands_under_an_answer(answering: Assistant) -> None:
    """Each question has its line; without any, nothing is said of them."""
    answer = asked(answering, "Does interferon trigger organizing pneumonia?")
    offered = replace(answer, suggestions=("What is a bud?", "Who is treated?"))
    assert rendered(offered).endswith("\n\nAsk next\n  - What is a bud?\n  - Who is treated?\n")
    assert "Ask next" not in rendered(replace(answer, suggestions=()))


def test_a_retracted_source_is_marked(answering: Assistant) -> None:
    """The mark stands beside the number, before anything else is said of the paper."""
    answer = asked(answering, "Does interferon trigger organizing pneumonia?")
    assert "RETRACTED" not in rendered(answer)
    retracted = tuple(replace(source, retracted=True) for source in answer.sources)
    assert "  [1] RETRACTED " in rendered(replace(answer, sources=retracted))


def test_evidence_and_notices_are_marked(answering: Assistant) -> None:
    """A concern stands out, a correction and the kind of evidence are told more quietly."""
    answer = asked(answering, "Does interferon trigger organizing pneumonia?")
    marked = replace(
        answer.sources[0],
        concern=True,
        corrected=True,
        evidence_label=EvidenceLabel.CASE_REPORT,
    )
    shown = rendered(replace(answer, sources=(marked,)))
    listed = shown[shown.index("References") :]
    assert "[1] EXPRESSION OF CONCERN corrected (case report) " in " ".join(listed.split())


def test_an_emergency_cannot_be_overlooked(answering: Assistant) -> None:
    """The first words below the question name help, and no line runs out of sight."""
    answer = asked(answering, "???")
    urgent = replace(answer, refusal=refuse("emergency", question="I can't breathe"))
    shown = rendered(urgent)
    assert shown.split("\n\n")[1].startswith("  !!! GET HELP NOW. No answer (emergency).")
    assert max(map(len, shown.splitlines())) <= WIDTH


def test_words_without_support_are_shown(answering: Assistant) -> None:
    """What nothing was found on is named."""
    refusal = refuse("not_in_these_sources", unsupported=("inhaled zinc",))
    shown = rendered(replace(asked(answering, "???"), refusal=refusal))
    assert "Nothing here was found on: inhaled zinc." in " ".join(shown.split())


@pytest.mark.parametrize("control", ["\x1b[2J", "\x9b31m"])
def test_text_cannot_drive_the_terminal(tmp_path: Path, control: str) -> None:
    """Control characters of a question or a source do not reach the terminal."""
    library = Library.create(tmp_path / "library")
    library.put(articles=[article_of("odd", f"Colchicine calms {control} gout.")])
    shown = rendered(over(library).ask(Question(text=f"What does colchicine {control} calm?")))
    assert "Colchicine calms" in shown
    assert control[0] not in shown


def lines_of(answer: Answer) -> str:
    """Return what the terminal shows, folded into one line."""
    return " ".join(rendered(answer).split())


def test_how_sure_an_answer_is_stands_below_it(library: Library) -> None:
    """The mark and the words, above the references; the number is the confidence."""
    answer = made_answer(library, ("lungs", "infection"), confidence=0.8)
    shown = rendered(answer)
    said = "  ●●○ Likely the answer: about 80 in 100 such answers rest on the right text.\n"
    assert shown.index(said) < shown.index("References")
    assert "Partly" not in shown
    partly = rendered(replace(answer, missing=("children", "the dose")))
    assert f"{said}  Partly answered: nothing here on children, the dose.\n" in partly


def test_what_the_article_cites_there_is_listed(library: Library) -> None:
    """Each paper by its own number, with kind, year and marks, below the article's marker."""
    answer = made_answer(library, ("lungs", "infection"), ("lungs", "interferon"))
    shown = rendered(answer)
    assert "Papers that [1] cites there, by its numbers\n  1. research: On buds. 2020.\n" in shown
    assert "cites there" not in rendered(made_answer(library, ("lungs", "infection")))
    (citing,) = answer.statements[1].citations
    (paper,) = citing.cites
    marked = replace(paper, retracted=True, evidence_label=EvidenceLabel.RANDOMISED_TRIAL)
    cited = replace(citing, cites=(marked,))
    statements = (replace(answer.statements[1], citations=(cited,)),)
    listed = "1. RETRACTED (randomised trial) research: On buds. 2020."
    assert listed in lines_of(replace(answer, statements=statements))


def test_a_section_is_named_once(tmp_path: Path) -> None:
    """The second quote of a section says what differs from the line before, or nothing."""
    document = document_of(
        "gout",
        heading("Care"),
        heading("Attack", level=2),
        "Rest helps.",
        "Ice numbs.",
        heading("Later", level=2),
        "Urate is lowered.",
        kind="article",
    )
    library = Library.create(tmp_path / "library")
    library.put(articles=[Article(slug="gout", document=document)])
    quoted = [("gout", words) for words in ("Rest helps.", "Ice numbs.", "Urate is lowered.")]
    shown = rendered(made_answer(library, *quoted)).splitlines()
    places = [line.partition("] gout ")[2] for line in shown if "] gout " in line]
    assert [place.partition(", ")[2] for place in places] == ["“Care > Attack”", "", "“… > Later”"]


def test_a_nearest_part_is_shown_with_its_lead_in(library: Library) -> None:
    """The words that introduce it, then its own, and the section that is new."""
    near = Nearest(
        document_id="lungs",
        passage_id="lungs@0-40",
        quote="interferon",
        score=1.0,
        title="On lungs",
        section="Care > Drugs",
        lead_ins=("Triggers include:", "medicines:"),
    )
    refusal = Refusal(reason="beyond_corpus", message="No.", nearest=(near, near))
    shown = rendered(replace(made_answer(library, ("lungs", "infection")), refusal=refusal))
    assert shown.count("    > “Triggers include: medicines: interferon”\n") == 2
    assert "      lungs@0-40, “Care > Drugs”\n" in shown
    assert "      lungs@0-40\n" in shown
