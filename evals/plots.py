"""The report's pictures: SVG that stands inside the page, with a text for those who cannot see it.

The same numbers give the same bytes: ids come from a fixed salt and nothing is dated. Text stays
text. matplotlib is imported when a picture is drawn, and only its `Figure`, without its state.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import numpy as np

from evals.measures import Judged
from evals.reliability import Bin

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 200
INCHES = (4.6, 3.7)
BAR = 0.8  # of the space for a row
INK, SOFT, LINE, MARK = "#1b1f24", "#7a828c", "#0b5cad", "#b3261e"
LOOKS: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
REFERRED = re.compile(r"#([\w-]+)")


def risk_coverage_plot(
    points: Sequence[tuple[float, float]],
    operating: tuple[float | None, float | None],
    *,
    alpha: float | None = None,
) -> Element:
    """Return the risk over the coverage, with the operating point (coverage, risk) marked.

    `points` rise in coverage and there is at least one; `alpha` is a promised risk, drawn as a
    line. A risk of None, where nothing was answered, has no mark.
    """
    aurc = sum(risk for _, risk in points) / len(points)
    every = max(1, len(points) // POINTS)
    coverages, risks = zip(*[*points[:-1:every], points[-1]], strict=True)
    coverage, risk = operating
    said = f"Risk over coverage: area {aurc:.3f}, risk {points[-1][1]:.2f} if all were answered"

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        axes.fill_between(coverages, risks, color=LINE, alpha=0.12, linewidth=0)
        axes.plot(coverages, risks, color=LINE, label=f"risk (area: {aurc:.3f})")
        if alpha is not None:
            promised = f"promised at most {alpha:g}"
            axes.axhline(alpha, color=SOFT, linestyle="--", linewidth=1, label=promised)
        if coverage is not None and risk is not None:
            now = f"now: {coverage:.0%} answered, risk {risk:.2f}"
            axes.plot([coverage], [risk], "o", color=MARK, markersize=7, label=now)
        top = max(*risks, risk or 0, alpha or 0, 0.05)
        axes.set(xlim=(0, 1), ylim=(0, min(1.0, top * 1.1)))
        axes.set(xlabel="coverage (share answered)", ylabel="risk (share of these wrong)")
        figure.legend(loc="outside upper left")

    if coverage is not None and risk is not None:
        said += f"; now {coverage:.0%} are answered at a risk of {risk:.2f}"
    return _picture("risk", said, draw)


def reliability_plot(bins: Sequence[Bin], confidences: Sequence[float]) -> Element:
    """Return the share of right over the confidence, and below it how often each confidence is.

    `bins` are of rising confidence and there is at least one; `confidences` are of the questions
    in them.
    """
    x, y = [b.confidence for b in bins], [b.right for b in bins]
    below, above = [b.right - b.low for b in bins], [b.high - b.right for b in bins]
    pairs = ", ".join(f"{b.confidence:.2f}: {b.right:.2f} of {b.n}" for b in bins)

    def draw(figure: "Figure") -> None:
        axes, counts = figure.subplots(2, sharex=True, height_ratios=(4, 1))
        axes.plot([0, 1], [0, 1], color=SOFT, linestyle="--", linewidth=1, label="as it claims")
        marks = {"fmt": "o-", "color": LINE, "capsize": 2, "markersize": 4, "elinewidth": 0.8}
        axes.errorbar(x, y, (below, above), label="measured, with 95 % interval", **marks)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="share right")
        figure.legend(loc="outside upper left")
        counts.hist(list(confidences), bins=[i / 20 for i in range(21)], color=LINE, alpha=0.5)
        counts.set(xlabel="confidence", ylabel="questions")

    return _picture("reliability", f"Share of right answers by confidence: {pairs}", draw)


def kinds_plot(judged: Sequence[Judged]) -> Element:
    """Return how often each confidence is in each kind of question, and the mean of the kind.

    At least one question has a kind. The highest bar of each kind has the same height.
    """
    kinds = sorted({j.kind for j in judged if j.kind is not None})
    groups = [[j for j in judged if j.kind == kind] for kind in kinds]
    means = [fmean(j.confidence for j in group) for group in groups]
    edges = [i / 20 for i in range(21)]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        for row, (group, mean) in enumerate(zip(groups, means, strict=True)):
            counts = [_histogram(group, edges, answerable=side) for side in (True, False)]
            for count, color in zip(counts, (LINE, MARK), strict=True):
                heights = row - BAR * count / np.max(counts)
                axes.stairs(heights, edges, baseline=row, fill=True, color=color, alpha=0.5)
            axes.plot([mean, mean], [row, row - BAR], color=INK, linewidth=1.2)
        axes.hlines(range(len(kinds)), 0, 1, color=SOFT, linewidth=0.5)
        axes.set(xlim=(0, 1), ylim=(len(kinds) - BAR, -1), xlabel="confidence")
        labels = [f"{kind} ({len(group)})" for kind, group in zip(kinds, groups, strict=True)]
        axes.set_yticks(range(len(kinds)), labels)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        for color, name in ((LINE, "answerable"), (MARK, "unanswerable")):
            axes.fill_between([], [], color=color, alpha=0.5, linewidth=0, label=name)
        axes.plot([], [], color=INK, linewidth=1.2, label="mean")
        figure.legend(loc="outside upper left", ncols=3)

    pairs = ", ".join(f"{kind}: {mean:.2f}" for kind, mean in zip(kinds, means, strict=True))
    height = 1.2 + 0.4 * len(kinds)
    return _picture("kinds", f"Mean confidence by kind of question: {pairs}", draw, height)


def _histogram(judged: Sequence[Judged], edges: Sequence[float], *, answerable: bool) -> np.ndarray:
    return np.histogram([j.confidence for j in judged if j.answerable == answerable], edges)[0]


def _picture(
    name: str, said: str, draw: Callable[["Figure"], None], height: float = INCHES[1]
) -> Element:
    """Return what `draw` draws, `height` inches high, as an `svg` that says what it shows."""
    with _figure(name, height) as figure:
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _inline(file.getvalue(), said)


@contextmanager
def _figure(name: str, height: float) -> Iterator["Figure"]:
    """Give a figure that is drawn and saved with our looks; `name` keeps its ids apart."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**LOOKS, "svg.hashsalt": f"sequitur {name}"}):
        yield Figure(figsize=(INCHES[0], height))


def _inline(written: str, said: str) -> Element:
    """Return an SVG file as an element of a page.

    Names lose their namespaces, and ids are kept only where something refers to them: several
    pictures stand in one page.
    """
    from defusedxml.ElementTree import fromstring

    picture: Element = fromstring(written.encode())
    for part in list(picture):
        if _local(part.tag) in ("metadata", "defs"):  # a description, and a style of every element
            picture.remove(part)
    referred = set(REFERRED.findall(written))
    for node in picture.iter():
        node.tag = _local(node.tag)
        kept = {_local(key): value for key, value in node.attrib.items()}
        if kept.get("id") not in referred:
            kept.pop("id", None)
        node.attrib.clear()
        node.attrib.update(kept)
        node.text = (node.text or "").strip() or None
        node.tail = None
    for size in ("width", "height", "version"):
        del picture.attrib[size]
    picture.attrib.update({"role": "img", "aria-label": said})
    return picture


def _local(name: str) -> str:
    return name.rpartition("}")[2]
