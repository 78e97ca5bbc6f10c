"""Whole texts read as in use."""

from dataclasses import replace

from tests.evals.fakes import WordReader
from tests.training.texts import asked, gout
from training.asked import Asked, versions
from training.measure import measured, read_text


def test_a_text_is_read_whole() -> None:
    """The right unit comes first where its words are asked for, from whatever section."""
    text = gout(asked("does allopurinol help?", 6))
    answering, lacking = versions(text, text.questions[0])
    with_it = read_text(WordReader(), text, answering, text.questions[0])
    without = read_text(WordReader(), text, lacking, text.questions[0])
    assert (with_it.right, without.right) == (True, False)
    # "does", "help" and "allopurinol" are asked for, one of three is held
    assert with_it.verdict == 6 / 3 - 3.2
    assert without.verdict == -3.2


def test_a_wrong_first_unit_is_told() -> None:
    """Words that another unit holds mislead this reader."""
    text = gout(asked("second attack within what time?", 1))
    answering, _ = versions(text, text.questions[0])
    assert not read_text(WordReader(), text, answering, text.questions[0]).right


def test_both_versions_of_each_question_are_read() -> None:
    """As many as are wanted, always the same, told by kind; those without a contrast are not."""
    near_miss = Asked(
        question="febuxostat?",
        earlier=(),
        units=(),
        added=(7, ("Febuxostat lowers urate.",)),
        added_other=(2, ("Women are spared before the menopause.",)),
    )
    text = gout(asked("naproxen?", 4), near_miss, asked("everything?", *range(8)))
    found = list(measured(WordReader(), [text], 10))
    assert sorted(kind for _, kind, _, _ in found) == ["added", "cut"]
    assert all(with_it.verdict > without.verdict for _, _, with_it, without in found)
    assert list(measured(WordReader(), [text], 10)) == found
    both = replace(text, questions=text.questions[:2])
    assert [len(list(measured(WordReader(), [both], n))) for n in (1, 2, 3)] == [1, 2, 2]
