"""The words of a quote that the question asks about, so that a reader's eye finds them at once.

They are the words that the question and the quote share, as stems or as concepts of the lexicon;
for a question that asks for a quantity also numbers with their unit, or beside a shared word.
"""

import re
from collections.abc import Iterable, Iterator

from corpus.records import Span
from index.lexical import terms
from index.retriever import Query
from index.term_spans import term_spans

_ASKS_QUANTITY = re.compile(
    r"\bhow (?:much|many|long|often|soon|old|high|low|large|big|small|fast|quickly|frequent|"
    r"frequently|common|likely)\b|\bwhen\b|"
    r"\b(?:doses?|dosages?|durations?|incidence|prevalence|rates?|percentages?|proportions?|"
    r"frequency|thresholds?|levels?|ages?|cut-?offs?|numbers?)\b",
    re.IGNORECASE,
)
_WRITTEN_NUMBER = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    "sixty|ninety|hundred|once|twice|half"
)
_FIGURE = rf"(?:\d+(?:[.,\u00b7]\d+)*|(?:{_WRITTEN_NUMBER}))"
_NUMBER = rf"(?<![\w.,-]){_FIGURE}(?:\s?(?:-|\u2013|to|or|and|\u00b1|/)\s?{_FIGURE})*"
_TIME = "seconds?|minutes?|min|hours?|hrs?|h|days?|d|weeks?|months?|years?|yrs?|decades?"
_MASS = "kg|g|mg|\u00b5g|\u03bcg|mcg|ng|pg|mmol|\u00b5mol|\u03bcmol|nmol|mol|IU|units?|U"
_SIZE = "l|dl|ml|mm|cm|m|mmHg|kPa|bpm|kcal|J|Hz|MHz|Gy|mSv|\u00b0C|\u00b0F"
_ONE_UNIT = rf"(?:{_TIME}|{_MASS}|{_SIZE}|tablets?|puffs?|drops?|doses?|times?)"
_PER = (
    rf"(?:\s?/\s?{_ONE_UNIT}|\s(?:per|a|every|each)\s"
    rf"(?:\d[\d,.\s]*\d|{_ONE_UNIT}|(?:{_WRITTEN_NUMBER})\s{_ONE_UNIT})|\s(?:once|twice)?\s?daily)"
)
_MEASURE = re.compile(
    rf"(?P<number>{_NUMBER})"
    rf"(?P<unit>(?:[\s-]?(?:{_ONE_UNIT}(?!\w){_PER}*|%|percent(?!\w)|per cent(?!\w))|{_PER})?)"
    r"(?!\w)",
    re.IGNORECASE,
)


def supporting(query: Query, text: str, quote: Span) -> tuple[Span, ...]:
    """Return spans of `text`, inside `quote`, sorted and not overlapping, that bear on `query`.

    No span begins or ends within a word. Words that only white space or a hyphen parts make one
    span.
    """
    wanted = {*terms(query.own), *terms(query.carried)}
    words = quote.of(text)
    shared = [found.span for found in term_spans(words) if found.term in wanted]
    if _ASKS_QUANTITY.search(query.text):
        shared += list(_measures(words, shared))
    return tuple(
        Span(start=quote.start + span.start, end=quote.start + span.end)
        for span in _joined(shared, words)
    )


def _measures(words: str, shared: Iterable[Span]) -> Iterator[Span]:
    """Yield numbers with their unit, and those without one that stand before a shared word."""
    starts = {span.start for span in shared}
    for found in _MEASURE.finditer(words):
        counts = words[found.end() : found.end() + 1].isspace() and found.end() + 1 in starts
        if found["unit"] or counts:
            yield Span(start=found.start(), end=found.end())


def _joined(spans: Iterable[Span], words: str) -> list[Span]:
    """Return the spans in order; those that overlap, or that are neighbours, as one."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        last = joined[-1] if joined else None
        if last is not None and re.fullmatch(r"[ \u00a0-]?", words[last.end : span.start]):
            joined[-1] = Span(start=last.start, end=max(last.end, span.end))
        else:
            joined.append(span)
    return joined
