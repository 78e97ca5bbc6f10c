"""The proof that clinicians, students and patients are told the same.

Numbers, units, names of medicines and negations are counted by patterns of this file's own, in
the whole text as each audience reads it, added words included.
"""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.answers import AUDIENCES, Audience
from corpus.library import Library
from corpus.records import GlossaryEntry, units_of
from ingest.sample import sample_library
from service.assistant import Assistant, Question
from service.wire import answer_record
from service.wording import Wording, Wordings, viewed
from tests.fakes import article_of, clinic
from tests.service.cases import ALWAYS, NEVER, over, without_chance

NUMBER = r"\d+(?:[.,]\d+)*"
FACTS = {
    "numbers": NUMBER,
    "units": r"(?<![A-Za-z])(?:mg|g|kg|mL|ng/mL|g/L|%)(?![A-Za-z])",
    "doses": rf"{NUMBER}(?:-{NUMBER})?\s?(?:mg|g|kg|mL|ng|%)\S*",
    "negations": r"(?i)\b(?:no|not|nor|none|never|neither|without|cannot|non|absent|lacking)\b",
    "medicines": r"(?i)\b\w+(?:ban|nisone|olone|mycin|mab|prine|toin|trexate|feron|darone|feronn|"
    r"phamide|fenolate|sulfate|fumarate|gluconate|dexide)\b|\baspirin\b|\bvitamin K\b|\biron\b|"
    r"\bsteroids?\b|\bcorticosteroids?\b|\binterferon\b",
    "citations": r"\[\d[\d,; -]*\]",
}
ADDED_NEVER = re.compile(rf"(?i)\d|[¹²³½]|{FACTS['negations'].removeprefix('(?i)')}|n['’]t\b")


def facts(text: str) -> dict[str, Counter[str]]:
    """Return how often a text holds each of its facts."""
    return {name: Counter(re.findall(pattern, text)) for name, pattern in FACTS.items()}


def assert_views_agree(wording: Wording, text: str, document_id: str | None = None) -> bool:
    """Check the three views of a text; tell whether anything was added."""
    uses = wording.uses(text, document_id=document_id)
    views = {audience: viewed(text, uses, audience) for audience in AUDIENCES}
    assert "".join(p.text for p in views["clinician"]) == text
    for pieces in views.values():
        assert "".join(p.text for p in pieces if not p.added) == text
        assert facts("".join(p.text for p in pieces)) == facts(text)
        assert not any(ADDED_NEVER.search(p.text) for p in pieces if p.added)
    return any(piece.added for piece in views["patient"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return the built-in sample."""
    return Library(sample_library(tmp_path_factory.mktemp("views")))


def test_the_sample_says_the_same_to_everybody(sample: Library) -> None:
    """Every sentence, list item and row of every article and of all that it cites."""
    wordings = Wordings(sample)
    articles = sample.articles()
    assert len(articles) >= 3
    for article in articles:
        wording, added, count = wordings.of(article), 0, 0
        for key in sample.scope(article.slug).document_ids:
            document = sample.document(key)
            assert_views_agree(wording, document.text, key)
            for unit in units_of(document):
                text = document.text[unit.start : unit.end]
                added += assert_views_agree(wording, text, key)
                count += 1
        assert count > 40
        assert added, f"nothing was written out in {article.slug}: this proves nothing"


def test_these_patterns_would_notice() -> None:
    """A number, unit, medicine, negation or citation more or less is another text."""
    text = "Prednisone 10 mg, not 20 mg, for 10-30% without aspirin [1, 2]."
    for change in ("10", "mg", "%", "not ", "without", "Prednisone", "aspirin", "[1, 2]", "20"):
        assert facts(text.replace(change, "", 1)) != facts(text), change


HOSTILE_GLOSSARY = (
    GlossaryEntry(term="ABC", written_out="about 5 mg"),
    GlossaryEntry(term="NO", written_out="nitric oxide", meaning="A gas."),
    GlossaryEntry(term="DEF", written_out="does not work"),
    GlossaryEntry(term="GHI", written_out="it isn’t so"),
    GlossaryEntry(term="JKL", written_out="half² of it"),
    GlossaryEntry(term="PE", written_out="pulmonary embolism", meaning="A clot."),
    GlossaryEntry(term="mg", written_out="milligram"),
    GlossaryEntry(term="not", meaning="A word."),
    GlossaryEntry(term="10 mg", meaning="A dose."),
    GlossaryEntry(term="aspirin", variants=("ASA",), meaning="A medicine."),
)
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            "ABC NO DEF GHI JKL PE PEs ASA aspirin mg 10 0.5 not no without ( ) (PE) (NO) [1] "
            "[2,3] pulmonary embolism usual interstitial pneumonia (UIP) UIP nitric oxide "
            "; , . - ‑ % </span> \u202e \x00 n't never"
            .split(" ")
        ),
        st.text(max_size=4),
    ),
    max_size=30,
)  # fmt: skip


@given(words=HOSTILE, glue=st.sampled_from(["", " ", "-", "\n"]))
@settings(max_examples=300, deadline=None)
def test_hostile_texts_and_glossaries_change_nothing(words: list[str], glue: str) -> None:
    """Not even a glossary that would add a dose or a negation gets it in."""
    text = glue.join(words)
    article = replace(article_of("odd", f"Text: {text}"), glossary=HOSTILE_GLOSSARY)
    wording = Wording.of(article)
    assert_views_agree(wording, text)


# --- answers ------------------------------------------------------------------------------------

QUESTIONS = ("What does colchicine do?", "What raises urate?", "How is it treated?", "", "Zinc?")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return the two small articles, one with a glossary."""
    made = clinic(tmp_path_factory.mktemp("views") / "library")
    glossary = (
        GlossaryEntry(term="urate", written_out="uric acid salt", meaning="A waste of the body."),
        GlossaryEntry(term="gout", meaning="An inflamed joint."),
        GlossaryEntry(term="tablet", meaning="A pressed medicine."),
    )
    made.put(articles=[replace(made.article("gout"), glossary=glossary)])
    return made


def answered_to(assistant: Assistant, text: str, article: str | None, to: Audience) -> Any:
    """Return the record of an answer without what chance decides, and the audience taken out."""
    record = answer_record(assistant.ask(Question(text=text, article=article, audience=to)))
    record = without_chance(record)
    assert record.pop("audience") == to
    return record


@pytest.mark.parametrize("threshold", [ALWAYS, NEVER])
@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("article", ["gout", "pmid:1", None])
def test_everybody_gets_the_same_record(
    library: Library, text: str, article: str | None, threshold: float
) -> None:
    """Statements, terms, citations, references, refusal and confidence know no audience."""
    assistant = over(library, threshold=threshold)
    first, *others = [answered_to(assistant, text, article, to) for to in AUDIENCES]
    assert others == [first, first]


def test_an_answer_within_an_article_names_its_terms(library: Library, check_record: Any) -> None:
    """Offsets lie in the statement; without an article there is no glossary to go by."""
    assistant = over(library, threshold=ALWAYS)
    record = answer_record(assistant.ask(Question(text="What raises urate?", article="gout")))
    check_record(record)
    terms = [(s["text"], t) for s in record["statements"] for t in s["terms"]]
    assert {t["text"] for _, t in terms} >= {"urate"}
    assert all(text[t["start"] : t["end"]] == t["text"] for text, t in terms)
    urate = next(t for _, t in terms if t["text"] == "urate")
    assert list(urate) == ["start", "end", "text", "kind", "meaning", "written_out"]
    assert (urate["kind"], urate["written_out"]) == ("abbreviation", "uric acid salt")
    for within in (None, "pmid:1"):
        record = answer_record(assistant.ask(Question(text="What raises urate?", article=within)))
        assert [s["terms"] for s in record["statements"]] == [[]] * len(record["statements"])
