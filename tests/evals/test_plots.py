"""The pictures of the report, as elements of a page."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, tostring

import pytest

from evals.plots import reliability_plot, risk_coverage_plot
from evals.reliability import Bin

POINTS = [(i / 500, (i / 500) ** 2 / 3) for i in range(1, 501)]
BINS = [Bin(n=9, confidence=c, right=c / 2, low=c / 4, high=c) for c in (0.1, 0.5, 0.8)]


def risk() -> Element:
    return risk_coverage_plot(POINTS, (0.6, 0.2), alpha=0.1)


def trust() -> Element:
    return reliability_plot(BINS, [0.1, 0.5, 0.8])


def texts(picture: Element) -> str:
    return " ".join(node.text or "" for node in picture.iter("text"))


@pytest.mark.parametrize("draw", [risk, trust])
def test_the_same_numbers_give_the_same_bytes(draw: Callable[[], Element]) -> None:
    """Nothing in a picture depends on the day or on chance."""
    assert tostring(draw()) == tostring(draw())


@pytest.mark.parametrize("draw", [risk, trust])
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
    first, second = (
        {n.attrib["id"] for n in p.iter() if "id" in n.attrib} for p in (risk(), trust())
    )
    assert not first & second


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
