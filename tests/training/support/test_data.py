"""Tests of the support model's sources, on small files made by hand."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError
from evals.varying import varied
from tests.training.files import written
from training.squad import HELD_OUT
from training.support.claims import Answers, SciFactClaims, Statements
from training.support.data import CHANGED_SHARE, FILES, epoch, held_out_of, recipes
from training.support.effects import Effects, effect_told
from training.support.examples import ClaimExample, Says, covered
from training.support.true_sentences import TrueSentences

SUPPORTED, CONTRADICTED, NOT_FOUND = Says
FEVER = "Aspirin lowered fever in all 30 of the children that were given it."
RASH = "A rash was seen in two of the children on the third day of the study."
SLEEP = "The nurses slept well in the hospital during the whole of that winter."


def rng() -> random.Random:
    """Return the same random state every time."""
    return random.Random(5)


def said(examples: Sequence[ClaimExample], claim: str) -> set[tuple[tuple[str, ...], Says]]:
    """Return the evidence and the labels that a claim is met with."""
    return {(e.evidence, e.says) for e in examples if e.claim == claim}


def scifact_row(claim: str, label: str, *evidence: str, doc: str = "1") -> dict[str, Any]:
    """Return a labelled claim on one abstract."""
    return {
        "claim": claim,
        "doc": doc,
        "label": label,
        "evidence": list(evidence),
        "sentences": [f"{FEVER}  \n", RASH, SLEEP],
    }


def scifact_file(folder: Path) -> Path:
    """Write a claim with each label, one of them on another abstract."""
    return written(
        folder / "scifact_claims.jsonl",
        scifact_row("Aspirin lowers fever.", "SUPPORT", f"{FEVER} ", RASH),
        scifact_row("No rash is seen in children.", "CONTRADICT", RASH, doc="2"),
        scifact_row("Aspirin cures gout.", "NOT_ENOUGH_INFO", doc="3"),
    )


def test_scifact_sets_claims_against_gold_and_other_sentences(tmp_path: Path) -> None:
    """What decides has the label, one of several too; near sentences say nothing."""
    examples = list(SciFactClaims(scifact_file(tmp_path)).epoch(rng()))
    assert said(examples, "Aspirin lowers fever.") == {
        ((FEVER, RASH), SUPPORTED),
        ((FEVER,), SUPPORTED),
        ((SLEEP,), NOT_FOUND),
    }
    denied = said(examples, "No rash is seen in children.")
    assert ((RASH,), CONTRADICTED) in denied
    assert {says for evidence, says in denied if evidence != (RASH,)} == {NOT_FOUND}
    assert {says for _, says in said(examples, "Aspirin cures gout.")} == {NOT_FOUND}


def test_scifact_claims_are_turned_round(tmp_path: Path) -> None:
    """A true claim changed is false; a false one without its denial is true."""
    path = written(
        tmp_path / "claims.jsonl",
        scifact_row("Aspirin is safe.", "SUPPORT", FEVER),
        scifact_row("Rash is not seen.", "CONTRADICT", RASH),
    )
    examples = list(SciFactClaims(path).epoch(rng()))
    assert said(examples, "Aspirin is not safe.") == {((FEVER,), CONTRADICTED)}
    assert said(examples, "Aspirin is unsafe.") == {((FEVER,), CONTRADICTED)}
    assert said(examples, "Rash is seen.") == {((RASH,), SUPPORTED)}


def test_held_out_abstracts_are_never_learnt_from(tmp_path: Path) -> None:
    """Neither their claims nor their sentences are met, whichever claim they come with."""
    path = scifact_file(tmp_path)
    held = written(tmp_path / "held.jsonl", scifact_row("Other.", "NOT_ENOUGH_INFO", doc="2"))
    source = SciFactClaims(path, held_out_of([held]))
    assert len(source.abstracts()) == 2
    assert not said(list(source.epoch(rng())), "No rash is seen in children.")


def trial_row() -> dict[str, Any]:
    """Return a report with two findings and a question that nothing answers."""
    asked = (
        ("pain", "Pain was lower with zorbinol than with placebo in the end."),
        ("sleep", "Sleep did not differ between the zorbinol and placebo groups."),
        ("death", ""),
    )
    return {
        "id": "t",
        "text": f"TITLE: \nZorbinol\n\nABSTRACT.RESULTS:\n{FEVER} {RASH} {SLEEP}\n",
        "questions": [
            {
                "question": f"Compared with placebo, what was the effect of zorbinol on {outcome}?",
                "evidence": [evidence] if evidence else [],
            }
            for outcome, evidence in asked
        ],
    }


def test_a_trials_finding_is_claimed_and_turned_round(tmp_path: Path) -> None:
    """The evidence supports its own direction alone, and says nothing of another outcome."""
    source = Effects(written(tmp_path / "trials.jsonl", trial_row()))
    examples = [e for seed in range(30) for e in source.epoch(random.Random(seed))]
    down = ("reduced", "decreased", "lowered", "lower")
    for example in examples:
        assert example.claim[0].isupper()
        about = "pain" if "Pain" in example.evidence[0] else "sleep"
        falls = any(word in example.claim for word in down)
        same = any(word in example.claim for word in ("not", "no "))
        if about not in example.claim:
            assert example.says is NOT_FOUND
        elif about == "pain":
            assert (example.says is SUPPORTED) == falls
        else:
            assert (example.says is SUPPORTED) == same
    assert {example.says for example in examples} == set(Says)
    assert not any("death" in example.claim for example in examples)


@pytest.mark.parametrize(
    ("evidence", "effect"),
    [
        ("Pain rose.", "up"),
        ("Pain was reduced.", "down"),
        ("Pain did not differ, though it was lower at first.", "same"),
        ("Pain was lower and sleep was longer.", None),
        ("Pain was felt.", None),
    ],
)
def test_a_direction_is_read_only_where_there_is_one(evidence: str, effect: str | None) -> None:
    """Evidence that goes both ways, or neither, is no evidence for a rule."""
    assert effect_told(evidence) == effect


def test_evidence_that_names_the_comparator_first_is_left_out(tmp_path: Path) -> None:
    """The direction that it tells is the comparator's."""
    row = trial_row()
    row["questions"] = row["questions"][:1]
    row["questions"][0]["evidence"] = ["Pain was higher with placebo than with zorbinol tablets."]
    assert not list(Effects(written(tmp_path / "trials.jsonl", row)).epoch(rng()))


def bioasq_row() -> dict[str, Any]:
    """Return a question whose first snippet says the answer, and whose second does not."""
    return {
        "question": "What does aspirin do?",
        "reference_answer": "Aspirin lowered fever in children. Whales sing about love at night.",
        "evidence": [{"doc": "1", "text": f"{FEVER}\n"}, {"doc": "2", "text": SLEEP}],
    }


def test_an_ideal_answers_sentence_is_set_against_its_snippet(tmp_path: Path) -> None:
    """A sentence that no snippet says is left out, and a far snippet supports nothing."""
    source = Answers(written(tmp_path / "bioasq.jsonl", bioasq_row()))
    examples = [e for seed in range(20) for e in source.epoch(random.Random(seed))]
    assert said(examples, "Aspirin lowered fever in children.") == {
        ((FEVER,), SUPPORTED),
        ((SLEEP,), NOT_FOUND),
    }
    assert not any("Whales" in example.claim for example in examples)
    changed = {e.says for e in examples if e.claim != "Aspirin lowered fever in children."}
    assert changed
    assert SUPPORTED not in changed


def squad_row(title: str) -> dict[str, Any]:
    """Return a paragraph with two questions for a subject and one without an answer."""
    return {
        "title": title,
        "text": "Coal heats the water of the boiler. Steam drives the engine.",
        "questions": [
            {"question": "What heats the water of the boiler?", "answers": ["Coal"]},
            {"question": "What drives the engine?", "answers": ["Steam"]},
            {"question": "What cools the water?", "answers": []},
        ],
    }


def test_questions_for_a_subject_become_statements(tmp_path: Path) -> None:
    """With the right answer they are said, with another one they are not."""
    path = written(tmp_path / "squad2_dev.jsonl", squad_row("Steam_engine"))
    examples = list(Statements(path).epoch(rng()))
    coal = ("Coal heats the water of the boiler.",)
    assert said(examples, coal[0]) == {(coal, SUPPORTED)}
    assert said(examples, "Steam heats the water of the boiler.") == {(coal, NOT_FOUND)}
    assert not any("cools" in example.claim for example in examples)


def test_held_out_titles_give_no_statement(tmp_path: Path) -> None:
    """What measures is not what trained."""
    path = written(tmp_path / "squad2_dev.jsonl", *(squad_row(t) for t in sorted(HELD_OUT)))
    assert not list(Statements(path).epoch(rng()))


def test_true_sentences_are_supported_by_themselves_only() -> None:
    """As they stand or cut short; changed, or against another sentence, they are not."""
    texts = [(FEVER, RASH, SLEEP, "Too short.")]
    source = TrueSentences(texts, per_text=2)
    examples = [e for seed in range(30) for e in source.epoch(random.Random(seed))]
    assert not any("Too short." in e.evidence for e in examples)
    otherwise = 0
    for example in examples:
        if example.says is SUPPORTED:
            ways = {v.text for s in example.evidence for n in range(99) for v in varied(s, seed=n)}
            assert example.claim in ways | set(example.evidence)
            otherwise += example.claim not in example.evidence
        elif example.says is CONTRADICTED:
            assert example.claim not in texts[0]
    assert otherwise
    assert {len(e.evidence) for e in examples} == {1, 2, 3}


def test_only_so_many_texts_are_drawn_in_a_round() -> None:
    """A large source does not drown the others."""
    source = TrueSentences([(FEVER,), (RASH,), (SLEEP,)], per_text=5, texts_a_round=1)
    assert len({e.evidence for e in source.epoch(rng())}) == 1


def folder_of_all(folder: Path) -> Path:
    """Write every file that training reads."""
    scifact_file(folder)
    written(folder / "trials.jsonl", trial_row())
    written(folder / "bioasq.jsonl", bioasq_row())
    written(folder / "squad2_dev.jsonl", squad_row("Steam_engine"))
    written(folder / "medquad.jsonl", {"question": "Why?", "answer": f"{RASH} {SLEEP}"})
    return folder


def test_an_epoch_is_mixed_and_the_same_every_time(tmp_path: Path) -> None:
    """Seed and number of the epoch decide it, and nothing else."""
    folder = folder_of_all(tmp_path)
    first, again = (epoch(recipes(folder), 1, 0) for _ in range(2))
    assert first == again
    assert {example.says for example in first} == set(Says)
    assert epoch(recipes(folder), 2, 0) != first


def test_later_epochs_are_mostly_in_other_words(tmp_path: Path) -> None:
    """Changed sentences of texts are thinned there, and the trials' claims come in."""
    mixtures = recipes(folder_of_all(tmp_path))
    first, later, last = (epoch(mixtures, 1, number) for number in (0, 1, 2))
    assert not any("zorbinol" in example.claim.lower() for example in first)
    assert any("zorbinol" in example.claim.lower() for example in later)
    rounds = mixtures[1].thinned
    texts = {(e.claim, e.evidence) for s, _ in rounds for e in s.epoch(rng())}
    assert len(texts) > CHANGED_SHARE
    assert later != last


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Training does not start on half of its data."""
    with pytest.raises(InputError, match=FILES[0]):
        recipes(tmp_path)


def test_a_claim_is_covered_by_the_stems_that_a_text_has() -> None:
    """Other endings count, other words do not."""
    assert covered("Aspirin lowers fevers", "The fever was lowered by aspirin.") == 1
    assert covered("Aspirin lowers fevers", "Whales sing.") == 0
