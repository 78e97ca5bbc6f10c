"""The questions that an article may be asked: candidates, in a clinician's words.

They are made of the article's headings, of what introduces its lists, of sentences that state a
dose, a time, a risk or a term, and of what every report of a study answers. Whether they are
answered is found out by asking them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.records import Document, Span
from service.question_english import finished, usage_of
from service.question_headings import Candidate, from_headings
from service.question_sentences import from_sentences
from service.question_studies import from_study, is_study
from service.question_subject import subject_of

# Each is asked when the index is built, which costs about a second on an ordinary machine.
MAX_CANDIDATES = 8
TITLE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """At most MAX_CANDIDATES questions of one article, and how many more there were."""

    questions: tuple[Candidate, ...]
    left_out: int


def candidates_of(document: Document) -> Candidates:
    """Return the well-formed questions of an article, most telling first, each once."""
    found: dict[str, Candidate] = {}
    for candidate in _every(document):
        text = finished(candidate.text)
        if text is None:
            continue
        kept = found.get(text.lower())
        if kept is None:
            found[text.lower()] = replace(candidate, text=text)
        elif candidate.priority != TITLE:  # a section that asks as the title does knows better
            first, second = sorted((kept, candidate), key=lambda c: c.priority)
            places = (*kept.others, second.origin)
            found[text.lower()] = replace(first, text=text, others=places)
    ordered = sorted(found.values(), key=lambda c: (c.priority, c.origin.start, c.text))
    return Candidates(
        questions=tuple(ordered[:MAX_CANDIDATES]),
        left_out=max(0, len(ordered) - MAX_CANDIDATES),
    )


def _every(document: Document) -> Iterator[Candidate]:
    usage = usage_of(document)
    study = is_study(document)
    subject = None if study else subject_of(document, usage)
    if study:
        yield from from_study(document)
    yield from from_headings(document, usage, subject, by_topic=not study)
    yield from from_sentences(document, usage, subject)
    if document.title.rstrip().endswith("?") and document.text:
        # an article that asks in its title answers where it begins, or the answer is by chance
        ends = [section.end for section in document.sections if section.parent is None]
        beginning = Span(start=0, end=ends[0] if ends else len(document.text))
        title = usage.phrase(document.title, every_word=True)
        if title is not None:
            yield Candidate(text=title, origin=beginning, priority=TITLE, names_subject=True)
