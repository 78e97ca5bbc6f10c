"""The questions that an article's headings and sentences raise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Document
from ingest.drafts import Draft
from service.question_doses import drugs_dosed
from service.question_english import (
    MAX_QUESTION_CHARS,
    finished,
    is_noun_phrase,
    is_plural,
    usage_of,
)
from service.question_phrasing import MAX_CANDIDATES, candidates_of
from service.question_studies import is_study
from service.question_subject import subject_of
from tests.fakes import document_of, heading, item, paragraph

# Says in lower case what titles and headings write with a capital.
WORDS = (
    "Here acute gout and gouty arthritis, chronic kidney disease, recurrent aphthous ulcers, "
    "crystals, drugs, stones, organizing pneumonia and joint pain are named."
)


def article(title: str, *drafts: Draft | str) -> Document:
    """Return an article that names everything once before it begins."""
    return document_of("a", WORDS, *drafts, kind="article", title=title)


def asked(title: str, *drafts: Draft | str) -> list[str]:
    """Return the questions of an article."""
    return [c.text for c in candidates_of(article(title, *drafts)).questions]


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("What Causes Acute Gout?", "acute gout"),
        ("What causes organizing pneumonia, a type of lung disease?", "organizing pneumonia"),
        ("How is chronic kidney disease worked up in adults?", "chronic kidney disease"),
        ("What is the best treatment for acute gout?", "acute gout"),
        ("Acute Gout: A Review", "acute gout"),
        ("Diagnosis and Management of Acute Gout", "acute gout"),
        ("Update on recurrent aphthous ulcers", "recurrent aphthous ulcers"),
        ("Chronic kidney disease management", "chronic kidney disease"),
        ("Acute gout", "acute gout"),
    ],
)
def test_the_subject_is_told_by_the_title(title: str, subject: str) -> None:
    """A question, a review and a guideline are about what they name, in its own spelling."""
    document = article(title)
    found = subject_of(document, usage_of(document))
    assert found is not None
    assert found.full == subject


@pytest.mark.parametrize(
    "title",
    [
        "Colchicine reduces joint pain in acute gout",
        "Gout, stones and crystals in kidneys, hearts and joints of the old",
        "Zyxtor: a review",
    ],
)
def test_an_unclear_title_has_no_subject(title: str) -> None:
    """A sentence, a list, and a word that may be a name or not, tell none."""
    document = article(title)
    assert subject_of(document, usage_of(document)) is None


def test_an_abbreviation_names_the_subject_when_the_text_uses_it() -> None:
    """It is explained once and used often; else the words are written out."""
    uses = "CKD is silent. CKD progresses. CKD ends in dialysis."
    title = "Chronic kidney disease (CKD)"
    assert "How is CKD treated?" in asked(title, uses, heading("Treatment"), "Rest helps.")
    assert "How is chronic kidney disease treated?" in asked(title, heading("Treatment"), "Rest.")


@pytest.mark.parametrize(
    ("title", "head", "question"),
    [
        ("Acute gout", "Treatment", "How is acute gout treated?"),
        ("Recurrent aphthous ulcers", "3. Treatment", "How are recurrent aphthous ulcers treated?"),
        ("Acute gout", "Clinical Presentation and Diagnosis", "How does acute gout present?"),
        ("Acute gout", "Clinical Presentation and Diagnosis", "How is acute gout diagnosed?"),
        ("Acute gout", "Causes of Acute Gout", "What causes acute gout?"),
        ("Acute gout", "Prognosis", "What is the prognosis of acute gout?"),
        ("Acute gout", "What acute gout is", "What is acute gout?"),
        ("Acute gout", "Who needs drugs", "Who needs drugs?"),
        ("Acute gout", "Which drugs are safe?", "Which drugs are safe?"),
        ("Acute gout", "Replacing crystals", "How are crystals replaced?"),
        ("Acute gout", "Measurement of joint pain", "How was joint pain measured?"),
        ("Acute gout", "Effect of drugs on pain", "What was the effect of drugs on pain?"),
        ("Acute gout", "Acute gout vs. joint pain", "How does acute gout differ from joint pain?"),
        ("Acute gout", "Acute and recurrent gout", "How do acute and recurrent gout differ?"),
    ],
)  # fmt: skip
def test_a_heading_raises_its_question(title: str, head: str, question: str) -> None:
    """In the subject's number, with the heading's words in their own spelling."""
    assert question in asked(title, heading(head), "Rest helps.")


@pytest.mark.parametrize(
    "head", ["References", "Competing interests", "Authors’ contributions", "Acknowledgements"]
)
def test_back_matter_raises_nothing(head: str) -> None:
    """What stands behind an article is not asked about, nor what stands under it."""
    assert asked("Acute gout", heading(head), heading("Treatment", 2), "Rest helps.") == []


@pytest.mark.parametrize(
    ("lead_in", "question"),
    [
        ("Drugs known to cause it include:", "Which drugs can cause acute gout?"),
        ("Recognised triggers of pain include:", "What are the recognised triggers of pain?"),
        ("Typical features are:", "What are the typical features in acute gout?"),
        ("Acute gout typically presents as:", "How does acute gout present?"),
        ("Definitive diagnosis requires:", "What does definitive diagnosis require?"),
        ("Joint pain can be triggered by:", "What can trigger joint pain?"),
        ("Crystals may be seen by using:", None),
        ("Crystals may be obtained through:", "How can crystals be obtained?"),
        ("If the joint stays swollen:", "What should be done if the joint stays swollen?"),
        ("It includes:", None),
        ("Exceptions to remember:", None),
        ("This, above all:", None),
    ],
)  # fmt: skip
def test_a_list_answers_the_question_of_its_lead_in(lead_in: str, question: str | None) -> None:
    """What introduces a list tells what it answers; a fragment or a pronoun tells nothing."""
    found = asked("Acute gout", paragraph(lead_in), item("colchicine"), item("rest"))
    assert found == ([] if question is None else [question])


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Colchicine is usually started at 0.5 mg twice a day.",
         "What dose of colchicine is used in acute gout?"),
        ("Joint pain should be checked within two weeks.", "When should joint pain be checked?"),
        ("Once it is normal, treatment is continued for about three months.",
         "How long is treatment continued?"),
        ("Surgical biopsy, today rarely done, is the most reliable source of crystals.",
         "What is the most reliable source of crystals?"),
        ("Smoking does not appear to be a risk factor.",
         "Is smoking a risk factor for acute gout?"),
        ("Stones are common in old age.", "How common are stones?"),
        ("Treatment is recommended when pain persists.", "When is treatment recommended?"),
        ("Joint pain is a symptom of many diseases. Again joint pain.", "What is joint pain?"),
    ],
)  # fmt: skip
def test_a_sentence_answers_its_question(sentence: str, question: str) -> None:
    """Doses, times, risks and terms are asked for in the sentence's own number."""
    assert question in asked("Acute gout", sentence)


@pytest.mark.parametrize(
    "sentence",
    ["It is common.", "They should be checked within a week.", "This is a form of gout.",
     "Zyx is common."],
)  # fmt: skip
def test_what_points_elsewhere_raises_nothing(sentence: str) -> None:
    """A pronoun, or a capital that may be a name's, makes no question."""
    assert asked("Acute gout", sentence) == []


def test_a_study_is_asked_about_as_a_study() -> None:
    """Who, how many, with what outcome; and nothing about treating its subject."""
    document = article(
        "Colchicine for acute gout: a trial",
        heading("Methods"),
        heading("Participants", 2),
        "In all, 40 patients were randomised. The primary endpoint was joint pain.",
        heading("Results"),
        heading("Treatment", 2),
        "Colchicine 1 mg was better.",
    )
    assert is_study(document)
    found = [c.text for c in candidates_of(document).questions]
    assert {
        "Who was included in the study?",
        "How many patients were randomised?",
        "What was the primary endpoint?",
        "What dose of colchicine was used?",
    } <= set(found)
    assert not any("acute gout treated" in text for text in found)


def test_amounts_per_volume_are_no_doses() -> None:
    """What is measured in blood is not what is taken."""
    assert drugs_dosed("Warfarin 5 mg and digoxin 2 ng/mL, lithium, digoxin 1 mg/L") == (
        "warfarin",
    )


def test_no_more_candidates_than_the_limit() -> None:
    """A long article is asked its most telling questions, and the others are counted."""
    many = [paragraph(f"Stones of kind{i} are common.") for i in range(MAX_CANDIDATES + 7)]
    found = candidates_of(article("Acute gout", *many))
    assert (len(found.questions), found.left_out) == (MAX_CANDIDATES, 7)


def test_a_question_raised_twice_is_asked_once() -> None:
    """Both places count as its origin."""
    drafts = (
        heading("Treatment"),
        "Rest helps.",
        heading("Drugs", 1),
        heading("Treatment", 2),
        "Ice.",
    )
    (found,) = candidates_of(article("Acute gout", *drafts)).questions
    assert (found.text, len(found.others)) == ("How is acute gout treated?", 1)


@pytest.mark.parametrize(
    ("phrase", "plural"),
    [("recurrent ulcers", True), ("diabetes", False), ("sepsis", False), ("causes of gout", True),
     ("risk of relapses", False), ("asthma and gout", None), ("biopsies", True), ("people", True)],
)  # fmt: skip
def test_number_is_that_of_the_head(phrase: str, *, plural: bool | None) -> None:
    """Words that only end in s are singular; two things joined are left open."""
    assert is_plural(phrase) is plural


@pytest.mark.parametrize(
    "text",
    ["what causes it", "how is gout gout treated", "treatment of gout", "what is “gout”", "why",
     f"what is {'very ' * 40}long", "how is gout (acute) treated", "what is the cause; and then"],
)  # fmt: skip
def test_an_awkward_question_is_not_shown(text: str) -> None:
    """Pronouns, doubled words, quotes, brackets, fragments and length are turned away."""
    assert finished(text) is None


@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=60),
    st.lists(st.text(min_size=1, max_size=80).filter(str.strip), min_size=1, max_size=4),
)
def test_whatever_the_text_every_question_is_well_formed(title: str, texts: list[str]) -> None:
    """No input breaks the rules, and what comes out is one question on one line."""
    drafts = [d for text in texts for d in (heading(text), paragraph(f"{text} is common."))]
    document = document_of("a", *drafts, kind="article", title=title.strip() or "Gout")
    for candidate in candidates_of(document).questions:
        assert candidate.text.endswith("?")
        assert candidate.text == " ".join(candidate.text.split())
        assert len(candidate.text) <= MAX_QUESTION_CHARS
        assert 0 <= candidate.origin.start < candidate.origin.end <= len(document.text)


def test_a_noun_phrase_is_short_and_no_clause() -> None:
    """What holds a verb or a pronoun, or begins with a preposition, is none."""
    assert is_noun_phrase("triggers of joint pain")
    for text in ("in the joint", "joints that hurt", "it", "gout, or pain", " ".join("abcdefghi")):
        assert not is_noun_phrase(text), text
