"""The pictures of the report, as elements of a page."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, tostring

import pytest

from evals.measures import Judged
from evals.plots import kinds_plot, reliability_plot, risk_coverage_plot
from evals.reliability import Bin, reliability

POINTS = [(i / 500, (i / 500) ** 2 / 3) for i in range(1, 501)]
BINS = [Bin(n=9, confidence=c, right=c / 2, low=c / 4, high=c) for c in (0.1, 0.5, 0.8)]


def risk() -> Element:
    return risk_coverage_plot(POINTS, (0.6, 0.2), alpha=0.1)


def trust() -> Element:
    return reliability_plot(BINS, [0.1, 0.5, 0.8])


def judged(confidence: float, kind: str | None = None, *, right: bool = True) -> Judged:
    return Judged(
        question_id="q",
        answerable=right,
        answered=True,
        confidence=confidence,
        kind=kind,
        has_gold=True,
        best_hits=right,
    )


def kinds() -> Element:
    asked = [judged(0.5, "cut", right=False), judged(0.7, "answered"), judged(1.0, "answered")]
    return kinds_plot([*asked, judged(0.0)])


def texts(picture: Element) -> str:
    return " ".join(node.text or "" for node in picture.iter("text"))


@pytest.mark.parametrize("draw", [risk, trust, kinds])
def test_the_same_numbers_give_the_same_bytes(draw: Callable[[], Element]) -> None:
    """Nothing in a picture depends on the day or on chance."""
    assert tostring(draw()) == tostring(draw())


@pytest.mark.parametrize("draw", [risk, trust, kinds])
def test_a_picture_holds_nothing_but_itself(draw: Callable[[], Element]) -> None:
    """No namespace, style sheet, script or address: what it refers to stands in it."""
    picture = draw()
    tags = {node.tag for node in picture.iter()}
    assert tags <= {"svg", "g", "defs", "path", "use", "text", "clipPath", "rect"}
    ids = [node.attrib["id"] for node in picture.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids))
    linked = [node.attrib["href"] for node in picture.iter() if "href" in node.attrib]
    assert linked
    assert set(linked) <= {f"#{name}" for name in ids}
    assert "http" not in tostring(picture, encoding="unicode")


def test_two_pictures_share_no_id() -> None:
    """They stand in one page."""
    ids = [n.attrib["id"] for p in (risk(), trust(), kinds()) for n in p.iter() if "id" in n.attrib]
    assert len(ids) == len(set(ids))


def test_the_risk_is_also_said() -> None:
    """The text for those who cannot see has the area, the end and the operating point."""
    picture = risk()
    assert picture.attrib["role"] == "img"
    area = sum(risk for _, risk in POINTS) / len(POINTS)
    for words in (f"area {area:.3f}", "risk 0.33 if all", "60% are answered at a risk of 0.20"):
        assert words in picture.attrib["aria-label"]
    assert "promised at most 0.1" in texts(picture)
    assert "now: 60% answered, risk 0.20" in texts(picture)


def test_nothing_answered_has_no_mark() -> None:
    """Where all was refused there is a curve, and no point on it."""
    picture = risk_coverage_plot(POINTS[:1], (0.0, None))
    assert "now" not in texts(picture) + picture.attrib["aria-label"]
    assert "promised" not in texts(picture)


def test_the_bins_are_also_said() -> None:
    """The text has each bin with its count."""
    assert "0.50: 0.25 of 9" in trust().attrib["aria-label"]


@pytest.mark.parametrize("n", [4, 10, 14, 28])
@pytest.mark.parametrize("right", [True, False])
def test_a_bin_of_which_all_or_none_is_right_can_be_drawn(n: int, *, right: bool) -> None:
    """Rounding once put the share outside of its interval, and a bar of -1e-16 stopped the page."""
    asked = [judged(0.9, right=right) for _ in range(n)]
    sure = [judged(1.0)] if not right else []
    picture = reliability_plot(reliability([*asked, *sure]), [0.9] * n)
    assert "0.9" in picture.attrib["aria-label"]


def test_the_kinds_are_also_said() -> None:
    """Each has its mean and, beside its row, how many questions it has; others are left out."""
    picture = kinds()
    assert picture.attrib["aria-label"].endswith("question: answered: 0.85, cut: 0.50")
    assert "answered (2)" in texts(picture)
    assert "cut (1)" in texts(picture)
