"""An answer record as the text that chat clients and agents show.

    statements, each with its markers      "Prednisone is tapered over a year. [1]"
    how sure the answer is, and what it lacks
    words explained                        for students and patients
    references, numbered, and notices
    or the refusal with what the sources have to do with the question, the nearest passages, and
    what to ask instead; of an emergency, the words that name help and nothing else

Clients render Markdown. The words of a text stay as they are, but nothing in them becomes an
image, a link, or HTML.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from corpus.answers import Audience, TermUse
from service.certainty import told_in
from service.export_entries import Entry, entries_of, one_line
from service.wording import explained, viewed_text

MAX_NEAREST_CHARS = 300
BETWEEN = "\n\n"
_NEAREST = "Nearest passages (they do not answer the question):"
_TERM_KEYS = ("start", "end", "text", "kind", "meaning", "written_out")
# What opens an image, a link's address or definition, or a tag. A sign with an odd number of
# backslashes before it is inert already; one more would bring it to life.
_LIVE = re.compile(r"(\\*)((?<=!)\[|(?<=\])[(:]|<(?=[A-Za-z/!?]))")


def answer_text(record: Mapping[str, Any], site: str = "") -> str:
    """Return the whole text of an answer or a refusal.

    `site` (`https://example.org`) completes the addresses of our own articles; without it they
    are left out.
    """
    audience = record["audience"]
    said = [statement_text(statement, audience) for statement in record["statements"]]
    return BETWEEN.join(filter(None, [*said, closing(record, site)]))


def statement_text(statement: Mapping[str, Any], audience: Audience) -> str:
    """Return a statement as the audience reads it, its markers behind it; lists keep their lines.

    >>> statement_text({"text": "It heals.", "citations": [{"marker": 1}]}, "clinician")
    'It heals. [1]'
    """
    shown = viewed_text(statement["text"], _uses(statement), audience)
    lines = filter(None, map(_line, shown.split("\n")))
    markers = sorted({citation["marker"] for citation in statement["citations"]})
    return "\n".join(lines) + " " + "".join(f"[{marker}]" for marker in markers)


def closing(record: Mapping[str, Any], site: str = "") -> str:
    """Return all that follows the statements; for a refusal, the whole text."""
    refusal = record["refusal"]
    if refusal is not None and refusal["reason"] == "emergency":
        return str(refusal["message"])
    told = [inert(line) for line in told_in(record)]
    parts = told if refusal is None else [inert(refusal["message"]), *told, *_nearest(refusal)]
    if record["audience"] != "clinician":
        parts += _words(record)
    entries = entries_of(record, site)
    if entries:
        parts += ["References:", "\n".join(map(_reference, entries))]
    parts += [f"Note: {inert(notice)}" for notice in record["notices"]]
    return BETWEEN.join(parts)


def inert(text: Any) -> str:
    r"""Return one line in which Markdown finds no image, no link and no HTML.

    >>> inert("see ![](http://x) and <img src=y>, p < 0.05 [95% CI]")
    'see !\\[]\\(http://x) and \\<img src=y>, p < 0.05 [95% CI]'
    """
    return _LIVE.sub(lambda m: m[0] if len(m[1]) % 2 else f"{m[1]}\\{m[2]}", one_line(text))


def _line(line: str) -> str:
    """Return a line with the indentation that makes it an item of a list."""
    text = inert(line)
    return " " * (len(line) - len(line.lstrip(" "))) + text if text else ""


def _uses(statement: Mapping[str, Any]) -> tuple[TermUse, ...]:
    return tuple(
        TermUse(**{key: use[key] for key in _TERM_KEYS}) for use in statement.get("terms") or ()
    )


def _words(record: Mapping[str, Any]) -> Iterator[str]:
    uses = explained(use for statement in record["statements"] for use in _uses(statement))
    if not uses:
        return
    yield "Words explained:"
    yield "\n".join(f"- {inert(_meaning(use))}" for use in uses)


def _meaning(use: TermUse) -> str:
    both = use.meaning and use.written_out
    name = f"{use.text} ({use.written_out})" if both else use.text
    return f"{name}: {use.meaning or use.written_out}"


def _reference(entry: Entry) -> str:
    # an article of ours is only found by its address; the others have their identifiers
    available = f" Available from: {entry.url}" if entry.kind == "webpage" and entry.url else ""
    return f"{entry.marker}. {inert(entry.formatted)}{available}"


def _nearest(refusal: Mapping[str, Any]) -> Iterator[str]:
    if refusal["nearest"]:
        yield _NEAREST
    for near in refusal["nearest"]:
        quote = textwrap.shorten(one_line(near["quote"]), MAX_NEAREST_CHARS, placeholder=" …")
        place = ", ".join(filter(None, (near.get("title"), near.get("section"))))
        where = f"{place} ({near['passage_id']})" if place else near["passage_id"]
        yield f"> “{inert(quote)}”\n> — {inert(where)}"
    if refusal["try_asking"]:
        yield "Try asking:"
        yield "\n".join(f"- {inert(question)}" for question in refusal["try_asking"])
