from corpus.answers import Answer, Provenance, Refusal


def answer(refusal: Refusal | None) -> Answer:
    """Return an answer to nothing in particular."""
    provenance = Provenance(
        corpus_fingerprint="c",
        index_fingerprint="i",
        engine="extractive",
        models={},
        prompts={},
        settings={},
    )
    return Answer(
        answer_id="1",
        question="Why?",
        standalone_question="Why?",
        article=None,
        audience="clinician",
        statements=(),
        sources=(),
        refusal=refusal,
        confidence=0.5,
        provenance=provenance,
    )


def test_an_answer_is_answered_unless_it_holds_a_refusal() -> None:
    """The outcome is told by the refusal alone, not by a phrase or a number."""
    assert answer(None).answered is True
    assert answer(Refusal(reason="empty", message="Nothing was asked.")).answered is False
