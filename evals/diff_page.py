"""A replay on two libraries as a page: what changed first, the unexplained before the rest."""

from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from evals.diff_replaying import CHANGES
from evals.page import element, flag, page, table

Record = dict[str, Any]


def diff_page(record: Record) -> str:
    """Return the page of a result."""
    changed = [one for one in record["per_question"] if one["change"] != "unchanged"]
    changed.sort(key=lambda one: not one["unexplained"])  # else in the set's order
    return page(
        f"Sequitur diff: {record['set']}",
        element("p", f"{record['n']} questions, asked of two states of a library."),
        _counts(record),
        element("h2", "What changed in the library"),
        _documents(record["documents"]),
        element("h2", "What changed in the answers"),
        *([_question(one) for one in changed] or [element("p", "Nothing.")]),
        element("h2", "What produced this"),
        _provenance(record["provenance"]),
    )


def _counts(record: Record) -> Element:
    rows = [
        (element("span", name.replace("_", " "), element("small", CHANGES[name])), str(count))
        for name, count in record["counts"].items()
        if name in CHANGES
    ]
    none = record["unexplained"] == 0
    rows.append((element("b", flag("unexplained", good=none)), str(record["unexplained"])))
    return table(("outcome", "questions"), rows, numeric=(1,))


def _documents(documents: dict[str, list[str]]) -> Element:
    rows = [(kind, str(len(ids)), ", ".join(ids)) for kind, ids in documents.items()]
    return element("div", table(("", "documents", "ids"), rows, numeric=(1,)), class_="wide")


def _question(one: Record) -> Element:
    said = one["change"].replace("_", " ")
    moved = f"Confidence {one['old']['confidence']:.3f} → {one['new']['confidence']:.3f}."
    return element(
        "section",
        element("h3", one["question"]),
        element("p", f"{one['id']}: ", flag(said, good=not one["unexplained"]), f" {moved}"),
        *_reasons("Because", one["why"]),
        *_reasons("Found, but not cited", [] if one["why"] else one["hints"]),
        element("h4", "Before"),
        *_outcome(one["old"]),
        element("h4", "After"),
        *_outcome(one["new"]),
    )


def _reasons(title: str, reasons: Sequence[Record]) -> Iterator[Element]:
    if reasons:
        items = (element("li", f"{why['document_id']}: {why['text']}") for why in reasons)
        yield element("h4", title)
        yield element("ul", *items)


def _outcome(side: Record) -> Iterator[Element]:
    if not side["answered"]:
        yield element("p", f"Refused: {side['reason']}.")
    for statement in side["statements"]:
        places = dict.fromkeys(
            ", ".join(filter(None, (c["document_id"], c["section"])))
            for c in statement["citations"]
        )
        yield element("blockquote", statement["text"], element("small", "; ".join(places)))
    for notice in side["notices"]:
        yield element("p", notice, class_="note")


def _provenance(values: Record) -> Element:
    rows = [(name, str(value)) for name, value in values.items()]
    return element("div", table(("what", "value"), rows), class_="wide")
