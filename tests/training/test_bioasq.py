"""Experts' questions, each beside the answer of a neighbouring one."""

import random
from pathlib import Path

from tests.evals.fakes import WordEmbedder
from tests.training.files import written
from training.bioasq import MOST_SENTENCES, Bioasq


def row(question: str, *evidence: tuple[str, str]) -> dict[str, object]:
    """Return a question with the texts that answer it, by document."""
    return {"question": question, "evidence": [{"doc": d, "text": t} for d, t in evidence]}


ROWS = (
    row("Which gene is mutated in Marfan syndrome?", ("1", "FBN1 is mutated. It is large.")),
    row("Which gene is mutated in cystic fibrosis?", ("2", "CFTR is mutated."), ("1", "No.")),
    row("Which gene is mutated in Rett syndrome?", ("3", "MECP2 is mutated. " * 9)),
    row("Does aspirin help?", ("4", "It does.")),
    row("Nothing known?", ("5", "  ")),
)


def test_each_question_meets_its_answer_and_anothers(tmp_path: Path) -> None:
    """The other is a neighbour's, never from a document of its own."""
    source = Bioasq(written(tmp_path / "bioasq.jsonl", *ROWS), WordEmbedder())
    for seed in range(20):
        made = {pair[0].question: pair for pair in source.epoch(random.Random(seed))}
        assert len(made) == 4, "the one without a text is left out"
        first, second = made["Which gene is mutated in Marfan syndrome?"]
        assert [line.text for line in first.lines] == ["FBN1 is mutated.", "It is large."]
        assert (first.answers, first.relevant) == (True, (True, True))
        assert (second.answers, any(second.relevant or ())) == (False, False)
        assert "CFTR" not in second.lines[0].text, "shares document 1"
        assert second.question == first.question


def test_long_evidence_is_cut(tmp_path: Path) -> None:
    """A window has room for MOST_SENTENCES of it."""
    source = Bioasq(written(tmp_path / "bioasq.jsonl", *ROWS), WordEmbedder())
    made = [pair[0] for pair in source.epoch(random.Random(0)) if "Rett" in pair[0].question]
    assert len(made[0].lines) == MOST_SENTENCES == 5
