"""An answer as text to keep: plain with Vancouver references, and Markdown with its quotes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from service.certainty import told_in
from service.cited_papers import paper_line
from service.export_entries import Entry, cited_besides, entries_of, one_line, web_address

SOURCES_ONLY = (
    "Answers come from these sources only. They are no substitute for clinical judgement."
)
EMERGENCY = "Get help now."
NEAREST = "Nearest passages"
_ITEM = re.compile(r"((?:  )*)- (.*)", re.DOTALL)
# Markdown's own characters, and what renderers make links of without being asked.
_MARKDOWN = re.compile(r"[\\`*_{}\[\]|~$^@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_OPENS_BLOCK = re.compile(r"[#+=-]|\d{1,9}(?=[.)])")


def plain(record: Mapping[str, Any], site: str = "") -> str:
    """Return question, statements with their markers, how sure they are, references, origin.

    The references are Vancouver's; behind them come the other papers that quoted articles cite
    there. A refusal has its message and the nearest passages instead of statements.
    """
    lines = [f"Question: {one_line(record.get('question'))}", ""]
    for statement in record.get("statements") or ():
        lines += [*_lines(statement), ""]
        lines[-2] += " " + "".join(f"[{marker}]" for marker in _markers(statement))
    told = [one_line(line) for line in told_in(record)]
    refusal = record.get("refusal")
    if refusal:
        lines += [f"{_head(refusal, told)} {one_line(refusal.get('message'))}", ""]
        near = [one_line(passage.get("quote")) for passage in refusal.get("nearest") or ()]
        lines += [NEAREST, *(f"- “{text}”" for text in near), ""] if near else []
    elif told:
        lines += [*told, ""]
    notices = [f"Note: {one_line(notice)}" for notice in record.get("notices") or ()]
    lines += [*notices, ""] if notices else []
    entries = entries_of(record, site)
    if entries:
        lines += ["References", *(f"{e.marker}. {_vancouver(e)}" for e in entries), ""]
    for group in cited_besides(record):
        papers = (
            _available(one_line(paper_line(p)), web_address(p.get("url"))) for p in group.papers
        )
        lines += [group.heading, *papers, ""]
    return "\n".join([*lines, *_origin(record, site)]) + "\n"


def markdown(record: Mapping[str, Any], site: str = "") -> str:
    """Return the same as Markdown, each statement with its quotes as blockquotes and with links.

    No character of a text takes effect as Markdown or HTML. The `- ` before the items of a list
    statement stays a list.
    """
    lines = [f"# {_escaped(record.get('question'))}", ""]
    listing = entries_of(record, site)
    entries = {entry.marker: entry for entry in listing}
    for statement in record.get("statements") or ():
        lines += [*map(_markdown_line, _lines(statement)), ""]
        lines[-2] += " " + "".join(rf"\[{marker}\]" for marker in _markers(statement))
        for citation in statement.get("citations") or ():
            lines += [*_blockquote(citation, entries, site), ""]
    told = [_escaped(line) for line in told_in(record)]
    refusal = record.get("refusal")
    if refusal:
        lines += [f"**{_head(refusal, told)}** {_escaped(refusal.get('message'))}", ""]
        nearest = refusal.get("nearest") or ()
        lines += [f"**{NEAREST}**", ""] if nearest else []
        for passage in nearest:
            lines += [f"> {_escaped(passage.get('quote'))}", ""]
    else:
        lines += [text for line in told for text in (line, "")]
    for notice in record.get("notices") or ():
        lines += [f"**Note:** {_escaped(notice)}", ""]
    if listing:
        listed = (f"{e.marker}. {_escaped(e.formatted)}{_link('Open', e.url)}" for e in listing)
        lines += ["## References", "", *listed, ""]
    for group in cited_besides(record):
        # behind a bullet, because Markdown would number the papers on from the first
        papers = (
            f"- {_escaped(paper_line(p))}{_link('Open', web_address(p.get('url')))}"
            for p in group.papers
        )
        lines += [f"## {_escaped(group.heading)}", "", *papers, ""]
    origin = " ".join(map(_escaped, _origin(record)))
    permalink = web_address(f"/answers/{quote(one_line(record.get('answer_id')))}", site)
    return "\n".join([*lines, f"{origin}{_link('Link to this answer', permalink)}"]) + "\n"


def _head(refusal: Mapping[str, Any], told: Iterable[str]) -> str:
    return EMERGENCY if refusal.get("reason") == "emergency" else " ".join(told)


def _lines(statement: Mapping[str, Any]) -> list[str]:
    """Return the lines of a statement's text; those of a list keep their indentation."""
    lines = str(statement.get("text") or "").split("\n")
    shown = [
        f"{item[1]}- {one_line(item[2])}" if (item := _ITEM.fullmatch(line)) else one_line(line)
        for line in lines
    ]
    return [line for line in shown if line] or [""]


def _markers(statement: Mapping[str, Any]) -> list[int]:
    return sorted({int(c.get("marker") or 0) for c in statement.get("citations") or ()})


def _vancouver(entry: Entry) -> str:
    # an article of ours is only found by its address; the others have their identifiers
    return _available(entry.formatted, entry.url if entry.kind == "webpage" else None)


def _available(line: str, address: str | None) -> str:
    return f"{line} Available from: {address}" if address else line


def _origin(record: Mapping[str, Any], site: str = "") -> Iterator[str]:
    date = one_line(record.get("corpus_date")) or "not stated"
    status = one_line(record.get("review_status")) or "not stated"
    answer_id = one_line(record.get("answer_id"))
    yield SOURCES_ONLY
    yield f"Corpus date: {date}. Review status: {status}. Answer: {answer_id}."
    permalink = web_address(f"/answers/{quote(answer_id)}", site) if site else None
    if permalink:
        yield permalink


def _blockquote(
    citation: Mapping[str, Any], entries: Mapping[int, Entry], site: str
) -> Iterator[str]:
    marker = int(citation.get("marker") or 0)
    section = f", {_escaped(citation.get('section'))}" if citation.get("section") else ""
    entry = entries.get(marker)
    address = entry.url if entry else None
    if entry is not None and entry.kind == "webpage":
        slug = quote(str(citation.get("document_id")), safe="")
        at = f"#at-{citation.get('start')}-{citation.get('end')}"
        address = web_address(f"/articles/{slug}{at}", site)
    yield f"> {_escaped(citation.get('quote'))}"
    yield ">"
    yield rf"> — \[{marker}\]{section}{_link('Source', address)}"


def _link(name: str, address: str | None) -> str:
    """Return a link behind a space; "" without an address."""
    return f" [{name}](<{address}>)" if address else ""


def _markdown_line(line: str) -> str:
    item = _ITEM.fullmatch(line)
    return f"{item[1]}- {_escaped(item[2])}" if item else _escaped(line)


def _escaped(text: Any) -> str:
    """Return one line of text that Markdown shows as it is."""
    line = one_line(text)
    marked = _MARKDOWN.sub(lambda found: f"\\{found[0]}", line)
    marked = re.sub("[<>&]", lambda found: _ENTITY[found[0]], marked)
    opening = _OPENS_BLOCK.match(marked)
    if opening is None:
        return marked
    # a sign is escaped itself, a number by the point or bracket behind it
    at = opening.end() if opening[0].isdecimal() else 0
    return f"{marked[:at]}\\{marked[at:]}"
