"""A sentence is supported by an exact span of what it cites, or it is not shown."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.library import Library
from corpus.records import Document, passages_of, units_of
from index.support_model import SupportPair, SupportScores
from ingest.sample import sample_library
from service.entities import Entities
from service.verification import EvidenceText, Judgement, Thresholds, Verdict, Verifier
from tests.fakes import document_of, heading, item
from tests.service.support_rows import rows


class Scripted:
    """Says the same of every pair, and keeps the pairs that it was given."""

    name = "scripted"
    digest = "0" * 64

    def __init__(self, supported: float = 1.0, contradicted: float = 0.0) -> None:
        self._says = SupportScores(
            supported=supported,
            contradicted=contradicted,
            not_found=1.0 - supported - contradicted,
        )
        self.pairs: list[SupportPair] = []
        self.calls = 0

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return one score for all."""
        self.calls += 1
        self.pairs += pairs
        return [self._says] * len(pairs)


GOUT = document_of(
    "gout",
    heading("Treatment"),
    "Colchicine 1 mg calms gout. Beer may raise urate in men. Rest is not needed.",
    "Never give in pregnancy:",
    item("aspirin 300 mg daily"),
    item("colchicine"),
    heading("Signs"),
    item("a red toe"),
)
FEVER = document_of("fever", "Paracetamol lowers a fever. Aspirin lowers it too.")


def texts(*documents: Document) -> tuple[EvidenceText, ...]:
    """Return whole documents as evidence."""
    return tuple(
        EvidenceText(number=n, document_id=d.document_id, document=d, start=0, end=len(d.text))
        for n, d in enumerate(documents, start=1)
    )


def judged(sentence: str, *documents: Document, model: Scripted | None = None) -> Judgement:
    """Judge a sentence by rules alone: the scripted model agrees with everything."""
    verifier = Verifier(model or Scripted(), Entities(long_forms={}))
    return verifier.verify(sentence, texts(*(documents or (GOUT,))))


@pytest.mark.parametrize(
    "sentence",
    [
        "Colchicine 1 mg calms gout.",
        "  colchicine  1 mg calms gout",
        "Never give in pregnancy: aspirin 300 mg daily",
        "a red toe",
        "Signs: a red toe",
    ],
)
def test_a_verbatim_sentence_needs_no_model(sentence: str) -> None:
    """Stored words are supported outright, whatever a model would say."""
    model = Scripted(supported=0.0, contradicted=1.0)
    judgement = judged(sentence, model=model)
    assert (judgement.verdict, judgement.support) == (Verdict.SUPPORTED, 1.0)
    assert model.calls == 0


def test_an_item_without_its_lead_in_is_not_verbatim() -> None:
    """What a list forbids may not be told as if it were advised."""
    judgement = judged("Aspirin 300 mg daily.")
    assert judgement.verdict is not Verdict.SUPPORTED


def test_the_span_is_exactly_what_is_stored() -> None:
    """Quote, start and end name the sentence; an item brings the sentence that introduces it."""
    judgement = judged("Never give aspirin 300 mg daily in pregnancy.")
    assert [s.quote for s in judgement.spans] == [
        "aspirin 300 mg daily",
        "Never give in pregnancy:",
    ]
    assert all(GOUT.text[s.start : s.end] == s.quote for s in judgement.spans)


@pytest.mark.parametrize(
    ("sentence", "verdict", "reason"),
    [
        ("Gout is calmed by colchicine 2 mg.", Verdict.CONTRADICTED,
         "“2 mg” is not in the cited sentence (it has “1 mg”)"),
        ("Rest is needed.", Verdict.CONTRADICTED, "the cited sentence says “not”"),
        ("Beer may lower urate in men.", Verdict.CONTRADICTED,
         "“lower” is “raise” in the cited sentence"),
        ("Beer raises urate in men.", Verdict.PARTLY, "the cited sentence says only “may”"),
        ("Beer may raise urate in women.", Verdict.PARTLY,
         "“women” is “men” in the cited sentence"),
        ("Beer may raise urate in children.", Verdict.PARTLY,
         "“children” is not in the cited sentence (it has “men”)"),
        ("Naproxen 1 mg calms gout.", Verdict.PARTLY,
         "“Naproxen” is not in the cited sentence"),
        ("Bananas are yellow.", Verdict.NOT_FOUND, "no cited sentence says this"),
        ("", Verdict.NOT_FOUND, "no cited sentence says this"),
    ],
)  # fmt: skip
def test_a_changed_fact_is_told_by_its_name(sentence: str, verdict: Verdict, reason: str) -> None:
    """The rules alone judge so, though the model agrees with everything."""
    judgement = judged(sentence)
    assert (judgement.verdict, judgement.reasons[0]) == (verdict, reason)


def test_the_model_has_to_agree() -> None:
    """Without it nothing but verbatim words is supported; by itself it contradicts nothing."""
    sentence = "Gout is calmed by colchicine 1 mg."
    assert judged(sentence).verdict is Verdict.SUPPORTED
    assert judged(sentence, model=Scripted(supported=0.2)).verdict is Verdict.NOT_FOUND
    denied = judged(sentence, model=Scripted(supported=0.05, contradicted=0.95))
    assert denied.verdict is Verdict.NOT_FOUND
    assert judged("Colchicine 1 mg does not calm gout.").verdict is Verdict.CONTRADICTED


def test_a_sentence_that_only_asks_contradicts_nothing() -> None:
    """An aim in an abstract says neither that something is so nor that it is not."""
    asking = document_of("aim", "We studied whether colchicine 1 mg calms gout.")
    claim = "Colchicine 1 mg does not calm gout."
    said = document_of("finding", "Colchicine 1 mg calms gout.")
    assert judged(claim, said).verdict is Verdict.CONTRADICTED
    assert judged(claim, asking).verdict is Verdict.PARTLY


def test_the_thresholds_decide() -> None:
    """The same probability supports or does not, as the operator's measurement says."""
    model = Scripted(supported=0.6)
    for threshold, verdict in ((0.5, Verdict.SUPPORTED), (0.7, Verdict.NOT_FOUND)):
        verifier = Verifier(model, Entities(long_forms={}), Thresholds(supported=threshold))
        judgement = verifier.verify("Gout is calmed by colchicine 1 mg.", texts(GOUT))
        assert judgement.verdict is verdict


def test_each_document_that_supports_is_named() -> None:
    """A sentence that two sources bear out cites both, the better first."""
    other = document_of("other", "A fever is lowered by paracetamol.")
    judgement = judged("Paracetamol lowers fever.", FEVER, other)
    assert {s.document_id for s in judgement.spans} == {"fever", "other"}


def test_a_sentence_may_join_two_documents() -> None:
    """Each clause is supported by its own source; with one source it would be partly."""
    sentence = "Colchicine 1 mg calms gout, and paracetamol lowers a fever."
    assert judged(sentence, GOUT, FEVER).verdict is Verdict.SUPPORTED
    assert judged(sentence, GOUT).verdict is not Verdict.SUPPORTED


def test_no_evidence_supports_nothing() -> None:
    """A sentence without citations is not found."""
    judgement = Verifier(Scripted(), Entities(long_forms={})).verify("Gout is painful.", ())
    assert (judgement.verdict, judgement.spans) == (Verdict.NOT_FOUND, ())


def test_a_batch_is_judged_one_by_one() -> None:
    """Company changes no judgement, and neither does repetition."""
    sentences = ["Rest is needed.", "Gout is calmed by colchicine 1 mg.", "Bananas are yellow.",
                 "Colchicine 1 mg calms gout, and paracetamol lowers a fever."]  # fmt: skip
    verifier = Verifier(Scripted(), Entities(long_forms={}))
    cases = [(sentence, texts(GOUT, FEVER)) for sentence in sentences]
    together = verifier.verify_batch(cases)
    assert together == tuple(verifier.verify(*case) for case in cases)
    assert together == verifier.verify_batch(cases)


def test_hostile_evidence_is_bounded() -> None:
    """A text of a million characters is judged, and quickly."""
    huge = document_of("huge", "Gout 1 mg " * 20_000, *("Gout hurts." for _ in range(2000)))
    judgement = judged("Gout hurts at 7 mg a day.", huge)
    assert judgement.verdict is not Verdict.SUPPORTED


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=150))
def test_any_sentence_is_judged(sentence: str) -> None:
    """Nothing that a model can write stops the check."""
    judgement = judged(sentence)
    assert judgement.verdict in Verdict
    assert (judgement.verdict is Verdict.SUPPORTED) == (judgement.reasons == ())


@cache
def sample() -> Library:
    """Return the built-in sample, read once."""
    import tempfile

    return Library(sample_library(Path(tempfile.mkdtemp())))


def passage_with(words: str) -> tuple[EvidenceText, ...]:
    """Return the first passage of the sample that holds these words."""
    for document in sample().documents():
        for p in passages_of(document):
            if words in " ".join(p.text.split()):
                return (
                    EvidenceText(
                        number=1,
                        document_id=document.document_id,
                        document=document,
                        start=p.start,
                        end=p.end,
                    ),
                )
    raise AssertionError(words)


def by_rules(sentences: Iterable[tuple[str, str]]) -> list[bool]:
    """Tell of each (stored words, sentence) whether the rules have nothing against it."""
    verifier = Verifier(Scripted(), Entities.of(sample()))
    cases = [(sentence, passage_with(stored)) for stored, sentence in sentences]
    return [j.verdict is Verdict.SUPPORTED for j in verifier.verify_batch(cases)]


@pytest.mark.parametrize(
    ("name", "least_caught"), [("support_pairs.jsonl", 0.95), ("support_pairs_unseen.jsonl", 0.85)]
)
def test_rules_lose_little_and_catch_much(name: str, least_caught: float) -> None:
    """Of true paraphrases at most 5 % are lost, of changed facts most are caught, model or not."""
    pairs = rows(name)
    passed = by_rules((row.stored, row.true) for row in pairs)
    slipped = by_rules((row.stored, row.changed) for row in pairs)
    assert sum(passed) >= 0.95 * len(pairs)
    assert len(pairs) - sum(slipped) >= least_caught * len(pairs)


def test_stored_sentences_stay_supported_with_a_word_before_them() -> None:
    """Nearly verbatim sentences of the sample are not struck out by a rule."""
    lost = total = 0
    verifier = Verifier(Scripted(), Entities.of(sample()))
    for document in sample().documents():
        evidence = texts(document)
        units = [document.text[u.start : u.end] for u in units_of(document)]
        cases = [(f"Here, {unit}", evidence) for unit in units[::3]]
        judgements = verifier.verify_batch(cases)
        total += len(cases)
        lost += sum(j.verdict is not Verdict.SUPPORTED for j in judgements)
    assert lost <= 0.05 * total
