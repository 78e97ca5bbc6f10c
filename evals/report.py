"""The result as one page to read: what was promised, what was measured, and what produced it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from evals import comparison
from evals.measures import (
    DEFINITIONS,
    NEAR_MISS,
    Judged,
    confusion,
    operating_point,
    outcomes_known,
    risk_coverage,
)
from evals.page import Cell, element, flag, page, table
from evals.plots import kinds_plot, reliability_plot, risk_coverage_plot
from evals.reliability import Bin, reliability
from evals.result import Record, groups_of, notes_on, shown
from evals.running import Outcome
from evals.sets import Case
from evals.worst import worst, worst_case

UNKNOWN = "No question of this set tells a right answer from a wrong one."


def report_page(result: Record, outcomes: Sequence[Outcome]) -> str:
    """Return the page of a result and the outcomes that it was made of.

    "gates" and "comparison" are shown where the result holds them.
    """
    judged = [outcome.judged for outcome in outcomes]
    counts = f"{result['n']} questions, {result['provenance']['answerable']} answerable."
    cases = worst(outcomes)
    return page(
        f"Sequitur evaluation: {result['set']}",
        element("p", counts),
        *_gates(result.get("gates", ())),
        *_certificate(result),
        element("h2", "Measures"),
        _measures(result),
        *(element("p", note, class_="note") for note in notes_on(result)),
        *_comparison(result, outcomes),
        element("h2", "Answered and refused"),
        _confusion(result["confusion"], judged),
        *_kinds(result.get("by_kind", {}), judged),
        element("h2", "Risk over coverage"),
        *_risk(result, judged),
        element("h2", "How far the confidence can be trusted"),
        *_reliability(result["calibration"], judged),
        element("h2", "Time"),
        *_time(result, outcomes),
        element("h2", "The worst cases"),
        element(
            "p", f"{len(cases)} wrong outcomes, those first whose confidence was furthest off."
        ),
        *(worst_case(outcome) for outcome in cases),
        element("h2", "What produced this"),
        _provenance(result["provenance"]),
    )


def _gates(gates: Sequence[Mapping[str, Any]]) -> Iterator[Element]:
    if not gates:
        return
    rows = [
        (
            gate["gate"],
            "-" if gate["value"] is None else f"{gate['value']:.6g}",
            flag("passed" if gate["passed"] else "failed", good=gate["passed"]),
        )
        for gate in gates
    ]
    yield element("h2", "Gates")
    yield table(("gate", "value", "outcome"), rows, numeric=(1,))


def certificate(result: Record) -> Mapping[str, Any] | None:
    """Return what the assistant's calibration promises, None where it promises nothing."""
    promised = _calibration(result)
    numbers = [isinstance(promised.get(name), int | float) for name in ("alpha", "delta")]
    return promised if all(numbers) else None


def _calibration(result: Record) -> Mapping[str, Any]:
    found = result["provenance"]["settings"].get("calibration")
    return found if isinstance(found, Mapping) else {}


def _certificate(result: Record) -> Iterator[Element]:
    promised, void = certificate(result), _calibration(result).get("void")
    if promised is None and void is None:
        return
    yield element("h2", "The promise")
    if promised is None:
        yield element("p", f"Nothing is promised about the risk: {void}.", class_="note")
        return
    alpha, sure = float(promised["alpha"]), 1 - float(promised["delta"])
    risk, coverage = result["refusal"]["risk"], result["refusal"]["coverage"]
    yield element(
        "p",
        f"At most {_percent(alpha)} of the answered questions are not answered by their evidence, "
        f"with confidence {_percent(sure)}. Assumption: the questions asked come from the same "
        f"distribution as those it was calibrated on.{_cost(promised)}",
        class_="note",
    )
    if risk is not None:
        yield element(
            "p",
            f"Measured on this set: {_percent(risk)} of the answered questions, at a coverage of "
            f"{_percent(coverage)}. A set of another make may lie above the promise.",
        )
    yield table(("what", "value"), list(_flat(promised)))


def _cost(promised: Mapping[str, Any]) -> str:
    """Say how much was answered under the promise where it was calibrated."""
    coverage, n = promised.get("coverage"), promised.get("n")
    if not isinstance(coverage, int | float):
        return ""
    answered = f" ({n} questions)" if n is not None else ""
    return (
        f" What it costs: of those, {_percent(coverage)}{answered} were answered, the rest refused."
    )


def _percent(share: float) -> str:
    """Return a share as people say it.

    >>> _percent(0.05), _percent(0.999)
    ('5 %', '99.9 %')
    """
    return f"{share * 100:.3g} %"


def _measures(result: Record) -> Element:
    rows: list[tuple[Cell, Cell]] = []
    for group in groups_of(result):
        rows.append((element("b", group), ""))
        for name, value in (result[group] or {"-": None}).items():
            meaning = DEFINITIONS[group].get(name, "not to be measured on this set")
            told = element("span", name, element("small", meaning))
            rows.append((told, shown(value, group)))
    return table(("measure", "value"), rows, numeric=(1,))


def _comparison(result: Record, outcomes: Sequence[Outcome]) -> Iterator[Element]:
    found = result.get("comparison")
    if found is None:
        return
    yield element("h2", f"Against {found['baseline']['file']}")
    said = f"{found['n']} questions in common. The interval is that of the difference, from a "
    yield element("p", said + "paired bootstrap over the questions.")
    yield from (element("p", note, class_="note") for note in comparison.notes(found, result))
    yield table(
        ("measure", "old", "new", "difference", "95 % interval", ""),
        [_compared(name, line) for name, line in found["measures"].items()],
        numeric=(1, 2, 3, 4),
    )
    cases = {outcome.case.question_id: outcome.case for outcome in outcomes}
    for name, ids in found["changed"].items():
        yield _changed(f"{name.replace('_', ' ')}: {len(ids)}", [cases[name] for name in ids])


def _changed(said: str, cases: Sequence[Case]) -> Element:
    """Return questions that went otherwise than before, folded away under what is said of them."""
    if not cases:
        return element("p", said)
    rows = [(c.question_id, "yes" if c.answerable else "no", c.question) for c in cases]
    return element(
        "details", element("summary", said), table(("id", "answerable", "question"), rows)
    )


def _compared(name: str, line: Mapping[str, Any]) -> Sequence[Cell]:
    verdict = comparison.verdict(name, line)
    numbers = (shown(line["old"]), shown(line["new"]), comparison.signed(line["difference"]))
    last: Cell = flag(verdict, good=verdict == "better") if verdict else ""
    return (name, *numbers, comparison.span(line), last)


def _confusion(counts: Mapping[str, Mapping[str, int]], judged: Sequence[Judged]) -> Element:
    """Return the table of outcomes; near misses stand apart, since the others are easier."""
    can, cannot = counts["answerable"], counts["unanswerable"]
    near = confusion([j for j in judged if j.version == NEAR_MISS])["unanswerable"]
    rest = {name: cannot[name] - near[name] for name in cannot}
    apart = [("unanswerable: near misses", near), ("unanswerable: all others", rest)]
    rows = [("answerable", can), *(apart if near["n"] else [("unanswerable", cannot)])]
    names = ("n", "refused", "answered", "right_evidence", "wrong_evidence")
    return table(
        ("", "questions", "refused", "answered", "with right evidence", "with wrong evidence"),
        [(label, *(str(row.get(name, "-")) for name in names)) for label, row in rows],
        numeric=range(1, 6),
    )


def _kinds(by_kind: Mapping[str, Mapping[str, Any]], judged: Sequence[Judged]) -> Iterator[Element]:
    if not by_kind:
        return
    rows = [(kind, *map(shown, values.values())) for kind, values in by_kind.items()]
    heads = [name.replace("_", " ") for name in next(iter(by_kind.values()))]
    yield element("h4", "By kind of question")
    yield table(("kind", *heads), rows, numeric=range(1, len(heads) + 1))
    yield kinds_plot(judged)


def _risk(result: Record, judged: Sequence[Judged]) -> Iterator[Element]:
    points, promised = risk_coverage(judged), certificate(result)
    if not points:
        yield element("p", UNKNOWN)
        return
    alpha = None if promised is None else float(promised["alpha"])
    text = element(
        "p",
        "To the right, the share of the questions that would be answered, the most confident "
        "first; upwards, the share of wrong ones among them. The area under the line is aurc. "
        "The mark is what was answered in this run: to its left are fewer answers and, if the "
        "confidence is worth anything, fewer wrong ones.",
    )
    picture = risk_coverage_plot(points, operating_point(judged), alpha=alpha)
    yield element("div", picture, text, class_="beside")


def _reliability(
    calibration: Mapping[str, Any] | None, judged: Sequence[Judged]
) -> Iterator[Element]:
    bins = reliability(judged)
    if not bins or calibration is None:
        yield element("p", UNKNOWN)
        return
    picture = reliability_plot(bins, [j.confidence for j in outcomes_known(judged)])
    text = element(
        "p",
        f"Expected calibration error {shown(calibration['ece'])}, Brier score "
        f"{shown(calibration['brier'])}. Right is a question that is answered by the evidence "
        "that was shown, or that was held back by a refusal.",
    )
    yield element("div", picture, element("div", text, _bins(bins)), class_="beside")


def _bins(bins: Sequence[Bin]) -> Element:
    rows = [
        (str(b.n), shown(b.confidence), shown(b.right), f"{b.low:.3f} to {b.high:.3f}")
        for b in bins
    ]
    return table(("questions", "confidence", "right", "95 % interval"), rows, numeric=range(4))


def _time(result: Record, outcomes: Sequence[Outcome]) -> Iterator[Element]:
    median, most = (shown(result["latency_ms"][name], "latency_ms") for name in ("p50", "p95"))
    yield element(
        "p", f"Half of the questions took at most {median} ms, 95 of 100 at most {most} ms."
    )
    rows = [
        (stage, str(sum(stage in o.answer.timings_ms for o in outcomes)), f"{mean:.1f}")
        for stage, mean in result["stages_ms"].items()
    ]
    yield table(("stage", "questions", "mean ms"), rows, numeric=(1, 2))


def _provenance(values: Mapping[str, Any]) -> Element:
    return element("div", table(("what", "value"), list(_flat(values))), class_="wide")


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value of nested mappings under its dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
