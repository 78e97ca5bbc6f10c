"""Questions that an article's headings raise: "Course and treatment" asks how it is treated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.records import Document, Section, Span
from service.question_english import BRACKETED, Usage, is_noun_phrase, is_plural, is_title_case
from service.question_subject import Subject

# What no reader asks about.
BACK_MATTER = re.compile(
    r"^(?:\W|\d)*(?:references?|bibliography|acknowledge?ments?|funding|disclosures?|disclaimer|"
    r"competing interests?|conflicts? of interests?|authors?['’]? contributions?|"
    r"author information|supplementary|supporting information|additional files?|appendix|"
    r"abbreviations|ethic|pre-publication|figures? and tables|data availability|consent|"
    r"editorial commentary|correction|trial registration|key (?:messages|points)|highlights|"
    r"author summary|electronic supplement)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question that the text of `origin` should answer; lower `priority` is asked first.

    `others` are further places that raise the same question. `names_subject` tells whether it can
    be understood away from its article.
    """

    text: str
    origin: Span
    priority: int
    names_subject: bool = False
    others: tuple[Span, ...] = ()


# (what a heading or a part of it says, the question it raises). {S} is the subject, {is} and
# {does} agree with it.
_TOPICS: tuple[tuple[str, str], ...] = (
    (r"(?:causes?|a?etiology|triggers)", "What causes {S}?"),
    (r"(?:pathogenesis|(?:patho)?physiology|mechanisms?)", "How {does} {S} develop?"),
    (r"(?:risk factors|predisposing factors)", "What are the risk factors for {S}?"),
    (r"(?:epidemiology|incidence|prevalence|frequency)", "How common {is} {S}?"),
    (r"definitions?", "How {is} {S} defined?"),
    (r"(?:classification|types|subtypes)", "How {is} {S} classified?"),
    (r"(?:staging|stages)", "How {is} {S} staged?"),
    (
        r"(?:clinical )?(?:presentation|features|manifestations?|picture)|(?:signs|symptoms)",
        "How {does} {S} present?",
    ),
    (
        (
            r"(?:diagnosis|diagnostic (?:approach|work-?up|evaluation|criteria|tests?)|diagnostics|"
            r"work-?up|evaluation|making the diagnosis)"
        ),
        "How {is} {S} diagnosed?",
    ),
    (
        r"(?:imaging|radiology|radiological findings|imaging findings)",
        "What does imaging show{in}?",
    ),
    (r"(?:histology|pathology|histopathology)", "What does histology show{in}?"),
    (r"laboratory (?:findings|tests|investigations)", "What do laboratory tests show{in}?"),
    (r"differential diagnos[ie]s", "What is the differential diagnosis of {S}?"),
    (
        (
            r"(?:(?:medical |drug |initial |first-line |acute )?(?:treatments?|therapy|therapies)|"
            r"treatment options|pharmacotherapy)"
        ),
        "How {is} {S} treated?",
    ),
    (r"(?:(?:clinical |initial |acute |long-term )?management)", "How {is} {S} managed?"),
    (r"(?:surgery|surgical treatment)", "What is the role of surgery{in}?"),
    (r"(?:prognosis|outcomes?|outlook|survival)", "What is the prognosis of {S}?"),
    (r"(?:clinical |natural )?(?:course|history)", "What is the course of {S}?"),
    (r"(?:relapses?|recurrences?)", "How often {does} {S} recur?"),
    (r"complications", "What are the complications of {S}?"),
    (r"(?:prevention|prophylaxis)", "How can {S} be prevented?"),
    (r"screening", "Who should be screened for {S}?"),
    (r"(?:monitoring|surveillance)", "What monitoring is needed{in}?"),
    (r"follow[- ]?up", "What follow-up is needed{in}?"),
    (
        r"(?:adverse (?:effects|events|reactions)|side[- ]effects)",
        "Which side effects are reported?",
    ),
    (r"contraindications", "What are the contraindications?"),
    (r"(?:red flags|warning signs)", "What are the warning signs?"),
)
_TOPIC_PATTERNS = tuple((re.compile(p, re.IGNORECASE), question) for p, question in _TOPICS)
_NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*\.?|[IVX]+\.|[A-Za-z][.)])\s+")
_PARTS = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|/)\s*", re.IGNORECASE)
# A gerund that makes its participle by "ed", and what it is done to.
_DONE = (
    "confirm|replac|weigh|differentiat|distinguish|diagnos|treat|manag|monitor|prevent|assess|"
    "evaluat|detect|measur|stag|investigat|interpret|tailor|adjust|taper|start|stopp|initiat|"
    "discontinu|correct|estimat|predict|reduc|controll|determin|quantif|select|administer|switch"
)
_GERUND = re.compile(rf"^(?P<stem>{_DONE})ing (?P<object>.+)$", re.IGNORECASE)
_NOUN_OF_DOING = re.compile(
    r"^(?P<verb>measurement|assessment|determination|quantification|evaluation|estimation|"
    r"detection|prevention|administration) of (?:the )?(?P<object>.+)$",
    re.IGNORECASE,
)
_VERBAL = {
    "measurement": "measured",
    "assessment": "assessed",
    "determination": "determined",
    "quantification": "quantified",
    "evaluation": "evaluated",
    "estimation": "estimated",
    "detection": "detected",
    "prevention": "prevented",
    "administration": "administered",
}
_FROM_HEAD = re.compile(r"\s(?:from|with|against|without|before|after|for)\s", re.IGNORECASE)
_INVERTED = re.compile(
    r"^(?P<wh>what|who|where|when|why|how) (?P<np>.+) (?P<verb>is|are)$", re.IGNORECASE
)
_WH_SUBJECT = re.compile(
    r"^(?:(?:what|who)|(?:which|what) (?:\w+ ){1,3}?)"
    r" ?(?:needs?|causes?|happens|helps?|works?|gets?|predicts?|increases?|reduces?|triggers?|"
    r"is|are|can|should|may|comes|benefits?)\b.*\w+",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"^(?P<one>.+?) (?:vs\.?|versus) (?P<two>.+)$", re.IGNORECASE)
_TWO_KINDS = re.compile(r"^(?P<one>[\w-]+) and (?P<two>[\w-]+ .+)$", re.IGNORECASE)
_EFFECT = re.compile(
    r"^(?P<what>effects?|impact|influence|relationship|association) "
    r"(?P<rest>(?:of|between) .+)$",
    re.IGNORECASE,
)
QUESTION, TOPIC, LOOSE = 0, 2, 3


def from_headings(
    document: Document, usage: Usage, subject: Subject | None, *, by_topic: bool = True
) -> Iterator[Candidate]:
    """Yield the questions that the headings raise, in text order; not all are well formed yet.

    `by_topic` takes a heading like "Diagnosis" for what is to be asked about the subject.
    """
    for section in asked_about(document):
        origin = Span(start=section.start, end=section.end)
        heading = _plain(section.title)
        for text, priority in (*_as_it_stands(heading, usage), *_made(heading, usage, subject)):
            yield Candidate(text=text, origin=origin, priority=priority)
        for text in _topics(heading, subject) if by_topic else ():
            named = subject is not None and subject.name in text
            yield Candidate(text=text, origin=origin, priority=TOPIC, names_subject=named)


def asked_about(document: Document) -> Iterator[Section]:
    """Yield the sections that are not back matter, nor stand under it."""
    left_out: set[int] = set()
    for position, section in enumerate(document.sections):
        if BACK_MATTER.match(section.title) or section.parent in left_out:
            left_out.add(position)
        else:
            yield section


def _plain(title: str) -> str:
    return " ".join(BRACKETED.sub("", _NUMBERING.sub("", title)).split()).rstrip(":. ")


def _as_it_stands(heading: str, usage: Usage) -> Iterator[tuple[str, int]]:
    """Yield a heading that is a question, or is one but for the order of its words."""
    text = usage.phrase(heading, every_word=is_title_case(heading))
    if text is None:
        return
    inverted = _INVERTED.match(text)
    if heading.endswith("?") or (inverted is None and _WH_SUBJECT.match(text)):
        yield text, QUESTION
    elif inverted and is_noun_phrase(inverted["np"]):
        yield f"{inverted['wh']} {inverted['verb']} {inverted['np']}", QUESTION


def _made(heading: str, usage: Usage, subject: Subject | None) -> Iterator[tuple[str, int]]:
    """Yield questions made of the grammar of a heading, whatever it is about."""
    every_word = is_title_case(heading)
    if found := _GERUND.match(heading):
        yield from _how(usage.phrase(found["object"], every_word=every_word), f"{found['stem']}ed")
    if found := _NOUN_OF_DOING.match(heading):
        thing = usage.phrase(found["object"], every_word=every_word)
        yield from _how(thing, _VERBAL[found["verb"].lower()], past=True)
    if found := _VERSUS.match(heading):
        one, two = (usage.phrase(found[k], every_word=every_word) for k in ("one", "two"))
        if one and two and is_noun_phrase(one) and is_noun_phrase(two):
            verb = {True: "do", False: "does"}.get(bool(is_plural(one)))
            yield f"how {verb} {one} differ from {two}", QUESTION
    if (found := _EFFECT.match(heading)) and is_noun_phrase(heading, longest=14):
        rest = usage.phrase(found["rest"], every_word=True)
        verb = "were" if found["what"].lower() == "effects" else "was"
        if rest is not None and re.search(r"\b(?:on|and|with)\b", rest):
            yield f"what {verb} the {found['what'].lower()} {rest}", TOPIC
    if subject and (found := _TWO_KINDS.match(heading)) and _is_kind(found["two"], subject):
        kinds = usage.phrase(heading, every_word=every_word)
        if kinds and not any(p.fullmatch(found["one"]) for p, _ in _TOPIC_PATTERNS):
            yield f"how do {kinds} differ", QUESTION


def _how(thing: str | None, done: str, *, past: bool = False) -> Iterator[tuple[str, int]]:
    """Yield "How is … measured?", the object before what it is measured with or from."""
    if thing is None:
        return
    cut = _FROM_HEAD.search(thing)
    head, rest = (thing[: cut.start()], thing[cut.start() :]) if cut else (thing, "")
    plural = is_plural(head)
    if plural is None or not is_noun_phrase(head) or (rest and not is_noun_phrase(thing)):
        return
    verb = ("were" if plural else "was") if past else ("are" if plural else "is")
    yield f"how {verb} {head} {done.lower()}{rest}", TOPIC


def _is_kind(phrase: str, subject: Subject) -> bool:
    """Tell whether a phrase of an adjective and more ends as the subject does."""
    words, last = phrase.lower().split(), subject.full.lower().split()[-1]
    return len(words) > 1 and words[-1] == last


def _topics(heading: str, subject: Subject | None) -> Iterator[str]:
    """Yield the questions of a heading that names its topics: "Course and treatment"."""
    text = heading
    if subject is not None:
        names = "|".join(re.escape(n) for n in (subject.full, subject.name))
        after = re.compile(rf"\s+(?:of|in|for) (?:the )?(?:{names})\b.*$", re.IGNORECASE)
        text = after.sub("", text)
    for part in _PARTS.split(text):
        for pattern, question in _TOPIC_PATTERNS:
            if not pattern.fullmatch(part):
                continue
            if "{" not in question:
                yield question
            elif subject is not None and (verb := subject.verb("is", "are")):
                does = "do" if subject.plural else "does"
                words = {"S": subject.name, "is": verb, "does": does, "in": subject.within}
                yield question.format_map(words)
