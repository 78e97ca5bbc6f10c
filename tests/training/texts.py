"""A page as it is asked, made by hand."""

from training.asked import Asked, Text, Unit

PLACES = {"Course": 3, "Treatment": 3, "Prevention": 2}
WORDS = (
    "Gout begins at night in the big toe.",
    "An attack leaves within two weeks.",
    "A second attack follows within a year.",
    "Colchicine shortens the attack.",
    "Naproxen is an alternative.",
    "Ice relieves pain.",
    "Allopurinol lowers urate.",
    "Beer raises urate.",
)


def gout(*questions: Asked) -> Text:
    """Return eight sentences in three sections with these questions."""
    sections = [section for section, count in PLACES.items() for _ in range(count)]
    units = tuple(
        Unit(section=section, kind="s", text=text)
        for section, text in zip(sections, WORDS, strict=True)
    )
    return Text(text_id="gout", title="Gout", units=units, questions=questions, source="page")


def asked(question: str, *units: int) -> Asked:
    """Return a question that these units answer."""
    return Asked(question=question, earlier=(), units=units)
