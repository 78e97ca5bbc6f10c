"""Pieces of a page of HTML, built as elements so that every text is escaped."""

from collections.abc import Collection, Sequence
from xml.etree.ElementTree import Element, tostring

Cell = str | Element

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;
color:#1b1f24;background:#fff;overflow-wrap:break-word}
h1{font-size:1.7rem;line-height:1.25}h2{margin:2.5rem 0 .5rem;font-size:1.3rem}
h3{margin:.3rem 0;font-size:1.05rem}h4{margin:.6rem 0 .2rem;font-size:.9rem;color:#4d555f}
.scroll{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0;
border-bottom:1px solid #d5d9de}th{color:#4d555f;font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.wide td{overflow-wrap:anywhere;min-width:7rem}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));
gap:0 2rem;align-items:start}.beside>*{min-width:0}
svg{width:100%;max-width:30rem;height:auto;stroke-linejoin:round;stroke-linecap:butt}
blockquote{margin:.3rem 0 .6rem;padding-left:.8rem;border-left:3px solid #b8bfc7;
white-space:pre-line;font-size:.94rem}small{display:block;color:#4d555f;overflow-wrap:anywhere}
details{margin:1rem 0}
section{border:1px solid #d5d9de;border-radius:.4rem;padding:.6rem 1rem;margin:1rem 0;
break-inside:avoid}.note{border-left:4px solid #0b5cad;padding:.4rem 1rem;background:#eef4fb}
mark{border-radius:.2rem;padding:0 .4rem;font-size:.88rem;font-weight:600;white-space:nowrap}
.good{background:#dcf1e1;color:#12522a}.bad{background:#fbe3e1;color:#8c1d18}
th{vertical-align:bottom}th.n{white-space:normal}
@media(max-width:40rem){table{font-size:.85rem}th,td{padding-right:.6rem}
td:first-child:not(.n){overflow-wrap:anywhere;min-width:7.5rem}}
"""


def element(tag: str, *content: Cell, **attributes: str) -> Element:
    """Return an element with texts and elements inside, in order.

    An attribute's name has its underscores turned into hyphens, and one at its end left out.

    >>> tostring(element("p", "a < b, ", element("b", "c"), " d", aria_label="x", class_="y"))
    b'<p aria-label="x" class="y">a &lt; b, <b>c</b> d</p>'
    """
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    made = Element(tag, names)
    for item in content:
        if isinstance(item, Element):
            made.append(item)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + item
        else:
            made.text = (made.text or "") + item
    return made


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], numeric: Collection[int] = ()
) -> Element:
    """Return a table with a head, to be scrolled sideways where the screen is narrow.

    `numeric` are the columns, from 0, whose cells are set to the right.
    """
    head = _row("th", heads, numeric)
    body = (_row("td", row, numeric) for row in rows)
    made = element("table", element("thead", head), element("tbody", *body))
    return element("div", made, class_="scroll", tabindex="0")


def _row(tag: str, cells: Sequence[Cell], numeric: Collection[int]) -> Element:
    classes = ({"class_": "n"} if place in numeric else {} for place in range(len(cells)))
    made = (element(tag, cell, **of) for cell, of in zip(cells, classes, strict=True))
    return element("tr", *made)


def flag(text: str, *, good: bool) -> Element:
    """Return a short word on a ground that says whether it is good; never by colour alone."""
    return element("mark", text, class_="good" if good else "bad")


def page(title: str, *content: Element) -> str:
    """Return a whole document: no script, no font, nothing fetched."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", STYLE),
    )
    document = element("html", head, element("body", element("h1", title), *content), lang="en")
    return "<!DOCTYPE html>\n" + tostring(document, encoding="unicode", method="html") + "\n"
