"""Questions that a research paper answers: who was studied, how, with what result and limits."""

import re
from collections.abc import Iterator

from corpus.records import Document, Span
from service.question_english import sentences_of
from service.question_headings import BACK_MATTER, Candidate, asked_about

STUDY = 1
_METHODS = re.compile(r"^(?:\W|\d)*(?:\w+ and )?method", re.IGNORECASE)
_RESULTS = re.compile(r"^(?:\W|\d)*(?:\w+ and )?results?\b", re.IGNORECASE)
_BY_SECTION = tuple(
    (re.compile(rf"^(?:\W|\d)*(?:{pattern})\W*$", re.IGNORECASE), question)
    for pattern, question in (
        ((r"(?:study |the )?participants|study population|study sample(?: and procedure)?|"
         r"(?:study )?(?:patients|subjects)|patient population|eligibility(?: criteria)?|"
         r"inclusion criteria|study area and population"), "Who was included in the study?"),
        (r"randomi[sz]ation(?: procedures?)?|(?:blinding and )randomi[sz]ation",
         "How were the participants {randomised}?"),
        (r"blinding(?: and randomi[sz]ation)?", "How was blinding done?"),
        (r"(?:study )?(?:setting|location)s?", "Where was the study carried out?"),
        (r"(?:study |experimental )?design", "How was the study designed?"),
        (r"interventions?|intervention condition|treatments|study medication",
         "Which intervention was studied?"),
        (r"sample size(?: and power| calculations?)?|.*power calculations?",
         "How was the sample size determined?"),
        (r"adverse events|safety(?: analysis)?|tolerability|side effects",
         "Which adverse events were reported?"),
        (r"(?:study )?limitations|strengths and limitations.*",
         "What are the limitations of the study?"),
        (r"(?:study )?hypothes[ie]s", "What did the study set out to test?"),
        (r"objectives?|aims?", "What was the objective of the study?"),
        (r"(?:main |principal |key )?(?:results?|findings?)", "What did the study find?"),
        (r"conclusions?|interpretation", "What did the study conclude?"),
    )
)  # fmt: skip
_PEOPLE = r"(?P<people>patients|participants|subjects|women|men|children|adults|infants|volunteers)"
_BY_SENTENCE = tuple(
    (re.compile(pattern, re.IGNORECASE), question)
    for pattern, question in (
        ((rf"\b\d[\d,]* {_PEOPLE} (?:\([^)]*\) )?were (?:randomly |finally )?"
         r"(?P<done>randomi[sz]ed|enrolled|included|recruited|assigned)"),
         "how many {people} were {done}"),
        ((r"\bprimary (?P<end>outcome|end ?point|outcome measure|efficacy (?:variable|parameter))s?"
         r" (?P<be>was|were)\b"), "what {be} the primary {end}{s}"),
        (r"\bsecondary (?P<end>outcome|end ?point|outcome measure)s (?P<be>were)\b",
         "what {be} the secondary {end}{s}"),
        ((rf"\b{_PEOPLE} were followed(?: up)? for "
          r"(?:[\w-]+ ){0,4}?(?:\d|one|two|three|six)"),
         "how long were the {people} followed up"),
        (r"\b(?:mean|median) follow-up (?:period |time )?(?:was|of)\b",
         "how long was the follow-up"),
        (r"\bexclusion criteria (?:were|included)\b|\bwere excluded if\b",
         "what were the exclusion criteria"),
        (r"\b(?:main |major |important )?limitations? of (?:this|our|the) study\b",
         "what are the limitations of the study"),
    )
)  # fmt: skip


def is_study(document: Document) -> bool:
    """Tell whether an article reports a study: it has a section of methods and one of results."""
    titles = [section.title for section in document.sections]
    return any(map(_METHODS.match, titles)) and any(map(_RESULTS.match, titles))


def from_study(document: Document) -> Iterator[Candidate]:
    """Yield the questions that sections and sentences of a study answer, in text order."""
    american = re.search(r"\brandomiz", document.text, re.IGNORECASE) is not None
    randomised = "randomized" if american else "randomised"
    for section in asked_about(document):
        origin = Span(start=section.start, end=section.end)
        for pattern, question in _BY_SECTION:
            if pattern.match(section.title):
                text = question.format(randomised=randomised)
                yield Candidate(text=text, origin=origin, priority=STUDY)
    for position, sentence in sentences_of(document):
        path = document.section_path(document.blocks[position].section)
        if any(BACK_MATTER.match(title) for title in path):
            continue
        text = " ".join(sentence.of(document.text).split())
        for pattern, question in _BY_SENTENCE:
            if found := pattern.search(text):
                words = {k: v.lower() for k, v in found.groupdict().items() if v}
                words["s"] = "s" if words.get("be") == "were" else ""
                made = question.format_map(words)
                yield Candidate(text=made, origin=sentence, priority=STUDY)
