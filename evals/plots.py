"""The report's pictures: SVG that stands inside the page, with a text for those who cannot see it.

The same numbers give the same bytes: ids come from a fixed salt and nothing is dated. Text stays
text. matplotlib is imported when a picture is drawn, and only its `Figure`, without its state.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from evals.reliability import Bin

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 200
INCHES = (4.6, 3.7)
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


def _picture(name: str, said: str, draw: Callable[["Figure"], None]) -> Element:
    """Return what `draw` draws as an `svg` element that says what it shows."""
    with _figure(name) as figure:
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _inline(file.getvalue(), said)


@contextmanager
def _figure(name: str) -> Iterator["Figure"]:
    """Give a figure that is drawn and saved with our looks; `name` keeps its ids apart."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**LOOKS, "svg.hashsalt": f"sequitur {name}"}):
        yield Figure(figsize=INCHES)


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
