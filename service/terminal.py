"""An answer as the terminal shows it."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from corpus.answers import Answer, Audience, Refusal, Statement
from service.certainty import certainty_of, partly
from service.cited_papers import cited_there, paper_line
from service.citing import source_record
from service.reference_marks import marks_told
from service.section_paths import news_of
from service.wire import answer_record
from service.wording import explained, viewed_text

WIDTH = 88
MAX_QUOTE_CHARS = 300
# A question or a text must not be able to steer the terminal that shows it.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def rendered(answer: Answer) -> str:
    """Return the answer or refusal as plain text, with quotes and references.

    For students and patients abbreviations are written out, and a list explains the words used.
    """
    lines = [f"Q: {answer.question}"]
    if answer.standalone_question != answer.question:
        lines.append(f"   understood as: {answer.standalone_question}")
    lines.append("")
    if answer.refusal is not None:
        lines += _refusal(answer, answer.refusal)
    else:
        lines += _answer(answer)
    lines += [f"Note: {notice}" for notice in answer.notices]
    lines += [f"Not shown: {struck.text}" for struck in answer.struck]
    if answer.suggestions:
        lines += ["", "Ask next", *(_wrapped(text, "  - ") for text in answer.suggestions)]
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines)).rstrip() + "\n"


def _answer(answer: Answer) -> Iterator[str]:
    titles = {source.document_id: source.reference.title for source in answer.sources}
    before: dict[str, str | None] = {}
    for statement in answer.statements:
        yield _statement(statement, answer.audience)
        for citation in statement.citations:
            key = citation.document_id
            numbers = ", ".join(map(str, citation.article_references))
            cites = f"; the article cites {numbers}" if numbers else ""
            news = news_of(citation.section, title=titles.get(key, ""), before=before.get(key))
            before = {key: citation.section}
            section = f", “{news}”" if news else ""
            yield _wrapped(f"“{_short(citation.quote)}”", "    > ")
            yield f"      [{citation.marker}] {key} {citation.start}-{citation.end}{section}{cites}"
        yield ""
    certainty = certainty_of(answer)
    yield _wrapped(f"{certainty.mark} {certainty.words}.", "  ", "      ")
    if answer.missing:
        yield _wrapped(f"{partly(answer.missing)}.", "  ")
    yield ""
    if answer.audience != "clinician":
        yield from _words(answer.statements)
    yield "References"
    for source in answer.sources:
        marks = marks_told(source_record(source))
        line = f"[{source.marker}]{marks} {source.kind}: {source.formatted}"
        yield _wrapped(line, "  ", "      ")
    yield from _papers(answer)
    yield ""
    yield "Answered from these sources only."


def _papers(answer: Answer) -> Iterator[str]:
    """Give the papers that quoted articles cite at the quotes, below the marker of each article."""
    for group in cited_there(answer_record(answer)):
        yield group.heading
        for paper in group.papers:
            yield _wrapped(paper_line(paper), "  ", "      ")


def _words(statements: Sequence[Statement]) -> Iterator[str]:
    """Give the terms of all statements in order of first use, each with its meaning."""
    words = explained(use for statement in statements for use in statement.terms)
    if not words:
        return
    yield "Words explained"
    for use in words:
        name = f"{use.text} ({use.written_out})" if use.meaning and use.written_out else use.text
        yield _wrapped(f"{name}: {use.meaning or use.written_out}", "  - ")
    yield ""


def _statement(statement: Statement, audience: Audience) -> str:
    markers = sorted({citation.marker for citation in statement.citations})
    text = viewed_text(statement.text, statement.terms, audience)
    lines = f"{text} {''.join(f'[{m}]' for m in markers)}".split("\n")
    return "\n".join(_wrapped(line, "  ", "  " + " " * _indent(line)) for line in lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) + (2 if line.lstrip().startswith("- ") else 0)


def _refusal(answer: Answer, refusal: Refusal) -> Iterator[str]:
    certainty = certainty_of(answer)
    head = f"{certainty.mark} No answer ({refusal.reason}). {certainty.words}."
    if refusal.reason == "emergency":
        head = f"!!! GET HELP NOW. No answer ({refusal.reason})."
    yield _wrapped(f"{head} {refusal.message}", "  ")
    yield ""
    if refusal.nearest:
        yield "Nearest passages (they do not answer the question)"
    before: dict[str, str | None] = {}
    for near in refusal.nearest:
        key = near.document_id
        news = news_of(near.section, title=near.title, before=before.get(key))
        before = {key: near.section}
        section = f", “{news}”" if news else ""
        quote = " ".join([*near.lead_ins, near.quote])
        yield _wrapped(f"“{_short(quote)}”", "    > ")
        yield f"      {near.passage_id}{section}"
    for question in refusal.try_asking:
        yield f"Try asking: {question}"


def _short(text: str) -> str:
    return textwrap.shorten(text, MAX_QUOTE_CHARS, placeholder=" …")


def _wrapped(text: str, first: str, rest: str | None = None) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest if rest is not None else " " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
