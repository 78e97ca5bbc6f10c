"""A calibration in words, as lines on the terminal, and as one page to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from evals.calibration import Counted
from evals.measures import risk_coverage
from evals.page import element, page, table
from evals.plots import reliability_plot, risk_coverage_plot
from evals.reliability import reliability
from service.calibration import Calibration, Row

HEADS = (
    "alpha",
    "delta",
    "threshold",
    "coverage",
    "answered",
    "wrong",
    "upper bound",
    "near misses answered",
)
WIDTHS = (7, 7, 11, 10, 10, 7, 13, 22)
ASSUMPTIONS = """
The questions to come are like those that this was made from: drawn from the same source, in the \
same mixture of what can and what cannot be answered, and independently of each other. Questions \
about one text are not quite independent: where few texts carry many questions, the bound is too \
narrow.
More confidence never means more risk (the reliability diagram shows how far that is so). Without \
this, the promise holds for questions of the same confidences as these.
Answer engine, models and the most statements shown are those named below. The \
marking of right answers is taken at its word.
Each row is a promise by itself. Whoever reads the table first and then picks the row that looks \
best has been promised a little less.
""".strip().split("\n")


def statement(row: Row, counted: int) -> str:
    """Return the promise of a row in one sentence; `counted` questions were used."""
    if row.threshold is None:
        return (
            f"With {counted} questions it cannot be promised, at any threshold, that at most "
            f"{row.alpha:.3g} of the answered questions are not answered by their evidence "
            f"(confidence {1 - row.delta:.3g})."
        )
    return (
        f"At most {row.alpha:.3g} of the answered questions are not answered by their evidence, "
        f"with confidence {1 - row.delta:.3g}, when questions of confidence {row.threshold:.4g} "
        f"or more are answered: {row.answered} of {counted} here (coverage {row.coverage:.3f}), "
        f"and of the answerable ones {shown(row.answered_when_answerable)}. "
        f"{row.wrong} of these answers were wrong."
    )


def shown(value: float | None) -> str:
    """Return a share as people read it: three places, `-` for None."""
    return "-" if value is None else f"{value:.3f}"


def cells(row: Row) -> tuple[str, ...]:
    """Return a row of the table, in the order of `HEADS`."""
    near = row.near_misses
    return (
        f"{row.alpha:g}",
        f"{row.delta:g}",
        "-" if row.threshold is None else f"{row.threshold:.4f}",
        shown(row.coverage),
        str(row.answered),
        str(row.wrong),
        shown(row.upper_bound),
        "-" if near is None else f"{near.answered} of {near.questions}",
    )


def lines(calibration: Calibration, asked: Row, counted: int) -> Iterator[str]:
    """Yield the table line by line, and the promise that was asked for."""
    for row in (HEADS, *map(cells, calibration.rows)):
        yield "".join(f"{cell:>{width}}" for cell, width in zip(row, WIDTHS, strict=True))
    yield ""
    yield statement(asked, counted)


def by_set(counted: Sequence[Counted], threshold: float | None) -> list[dict[str, Any]]:
    """Return for each set, in order, what is answered at a threshold and how much is wrong.

    A threshold of None answers nothing. `risk` is None where nothing is answered.
    """
    found = []
    for name in dict.fromkeys(c.set_name for c in counted):
        judged = [c.judged for c in counted if c.set_name == name]
        given = [j for j in judged if threshold is not None and j.confidence >= threshold]
        wrong = sum(not j.is_right for j in given)
        found.append(
            {
                "set": name,
                "counted": len(judged),
                "answered": len(given),
                "wrong": wrong,
                "risk": wrong / len(given) if given else None,
            }
        )
    return found


def report_page(
    calibration: Calibration,
    asked: Row,
    counted: Sequence[Counted],
    produced: Mapping[str, str],
) -> str:
    """Return the page of a calibration; `produced` says what produced it, by name."""
    judged = [c.judged for c in counted]
    risk = asked.wrong / asked.answered if asked.answered else None
    return page(
        "Sequitur calibration",
        element("p", element("strong", statement(asked, len(counted)))),
        element("h2", "What is assumed"),
        element("ol", *(element("li", text) for text in ASSUMPTIONS)),
        element("h2", "What each promise costs"),
        table((*HEADS, "risk on near misses"), [(*cells(r), _near(r)) for r in calibration.rows]),
        element(
            "p",
            "Near misses are unanswerable questions that are asked within their own article; the "
            "risk on them is the share of wrong answers if there were no easier ones to refuse. "
            "The promise is about all questions together, not about near misses.",
        ),
        element("h2", "Risk over coverage"),
        risk_coverage_plot(risk_coverage(judged), (asked.coverage, risk), alpha=asked.alpha),
        element("h2", "What a confidence is worth"),
        reliability_plot(reliability(judged), [j.confidence for j in judged]),
        element("h2", "By set, at the threshold of the promise"),
        _sets(counted, asked.threshold),
        element("h2", "What produced this"),
        table(("what", "value"), list(produced.items())),
    )


def _near(row: Row) -> str:
    return shown(row.near_misses.risk) if row.near_misses is not None else "-"


def _sets(counted: Sequence[Counted], threshold: float | None) -> Element:
    rows = [
        (
            one["set"],
            *(str(one[key]) for key in ("counted", "answered", "wrong")),
            shown(one["risk"]),
        )
        for one in by_set(counted, threshold)
    ]
    return table(("set", "questions", "answered", "wrong", "risk"), rows)
