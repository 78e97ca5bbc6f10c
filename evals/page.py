"""Pieces of a page of HTML, built as elements so that every text is escaped."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

PLOT = 320
MARGIN = 24
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1b1f24;background:#fff}
table{border-collapse:collapse;margin:1rem 0}th,td{text-align:left;vertical-align:top;
padding:.2rem .8rem .2rem 0;border-bottom:1px solid #d5d9de;overflow-wrap:break-word}
blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #b8bfc7;white-space:pre-line}
section{border-top:1px solid #1b1f24;margin-top:1.5rem}svg{max-width:100%;height:auto;
font-size:14px}
"""


def element(tag: str, *content: str | Element, **attributes: str) -> Element:
    """Return an element with texts and elements inside, in order.

    An attribute's name has its underscores turned into hyphens.

    >>> tostring(element("p", "a < b, ", element("b", "c"), " d", aria_label="x"))
    b'<p aria-label="x">a &lt; b, <b>c</b> d</p>'
    """
    made = Element(tag, {name.replace("_", "-"): value for name, value in attributes.items()})
    for item in content:
        if isinstance(item, Element):
            made.append(item)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + item
        else:
            made.text = (made.text or "") + item
    return made


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Element:
    """Return a table with a head."""
    head = element("tr", *(element("th", text) for text in heads))
    body = (element("tr", *(element("td", text) for text in row)) for row in rows)
    return element("table", element("thead", head), element("tbody", *body))


def curve(points: Sequence[tuple[float, float]], x: str, y: str) -> Element:
    """Return a picture of points between 0 and 1; `x` and `y` say what the two axes are."""
    drawn = " ".join(
        f"{MARGIN + px * PLOT:.1f},{MARGIN + (1 - py) * PLOT:.1f}" for px, py in points
    )
    at, side, whole = str(MARGIN), str(PLOT), PLOT + 2 * MARGIN
    below, right = str(whole - 6), str(MARGIN + PLOT)
    return element(
        "svg",
        element("rect", x=at, y=at, width=side, height=side, fill="none", stroke="#b8bfc7"),
        element("polyline", points=drawn, fill="none", stroke="#0b5cad", stroke_width="2"),
        element("text", f"1 {y}", x=at, y=str(MARGIN - 6)),
        element("text", "0", x=at, y=below),
        element("text", f"{x} 1", x=right, y=below, text_anchor="end"),
        viewBox=f"0 0 {whole} {whole}",
        width=str(whole),
        role="img",
        aria_label=f"{y} over {x}",
    )


def page(title: str, *content: Element) -> str:
    """Return a whole document: no script, no font, nothing fetched."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width"),
        element("title", title),
        element("style", STYLE),
    )
    document = element("html", head, element("body", element("h1", title), *content), lang="en")
    return "<!DOCTYPE html>\n" + tostring(document, encoding="unicode", method="html") + "\n"
