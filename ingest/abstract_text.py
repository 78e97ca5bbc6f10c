"""Texts of reference files: markup out, one line each, and abstracts parted at their labels."""

import html
import re
from collections.abc import Iterator, Sequence

from ingest.drafts import Draft
from ingest.xml import raised

# What journals call the parts of a structured abstract. Another word before a colon may as well
# belong to its sentence ("COPD: 3 cases"), so that only these part an abstract.
_LABELS = """
aim|aims|aims and objectives|aims/hypothesis|aim of the study|background|background and aim
background and aims|background and objective|background and objectives|background and purpose
background/aims|background/objectives|background/purpose|case description|case presentation
case report|clinical relevance|clinical trial registration|clinical trials registration
conclusion|conclusion and relevance|conclusions|conclusions and implications
conclusions and relevance|conclusions/interpretation|conclusions/significance|context|data analysis
data collection|data collection and analysis|data extraction|data extraction and synthesis
data sources|data sources and study selection|data synthesis|design|design and methods
design and setting|design, setting, and participants|discussion|evidence acquisition
evidence review|evidence synthesis|experimental design|exposure|exposures|findings|funding|goal
hypothesis|implications|importance|interpretation|intervention|interventions|introduction
introduction and objectives|key messages|limitations|main outcome measure|main outcome measures
main outcome(s) and measure(s)|main outcomes and measures|main results|material and methods
materials & methods|materials and methods|measurements|measurements and main results|method
methodology|methodology/principal findings|methods|methods and analysis|methods and findings
methods and materials|methods and results|methods/design|objective|objectives|outcome|outcomes
outcome measures|participants|patient concerns|patients|patients and methods|population
primary and secondary outcome measures|principal findings|prospero registration number|purpose
purpose of review|rationale|recent findings|recommendations|registration|result|results
search methods|search strategy|selection criteria|setting|settings|significance|study design
study design and setting|study population|study registration|study selection|subjects
subjects and methods|summary|systematic review registration|trial registration
trial registration number|unlabelled|author's conclusions|authors' conclusions
""".replace("\n", "|").strip("|")
_UNLABELLED = "unlabelled"
_LABEL = re.compile(
    rf"(?:^|(?<=[.!?)\]”\"’%;0-9])\s+)({'|'.join(map(re.escape, _LABELS.split('|')))})\s?:\s+",
    re.IGNORECASE,
)
_TAGS = (
    "i|b|em|strong|u|sup|sub|sc|scp|span|small|tt|italic|bold|underline|monospace|inf|"
    "named-content|p|br|div|sec|title|abstract"
)
_TAG = re.compile(rf"<(/?)(?:jats:)?({_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAKING = frozenset("p br div sec title abstract".split())
_HEADED = re.compile(r"<(?:jats:)?title>([^<>]*)</(?:jats:)?title>", re.IGNORECASE)
_RAISED = re.compile(r"(.?)<(?:jats:)?sup>([^<>]*)</(?:jats:)?sup>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# Characters that are none, or that steer a terminal or the direction of what follows.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain_line(text: str) -> str:
    """Return text as one line: tags of inline markup and characters' names are resolved.

    What only looks like a tag stays, and no text takes effect as markup later on.

    >>> plain_line("<i>In vitro</i> &amp; CO<sub>2</sub>, 10<sup>5</sup>, p <0.05 and >1")
    'In vitro & CO2, 10⁵, p <0.05 and >1'
    """
    return " ".join(_without_markup(text).split())


def abstract_drafts(text: str) -> tuple[Draft, ...]:
    """Return an abstract as paragraphs, under headings where its labels are certain.

    Labels are certain when the abstract opens with one that journals use, all of them are
    written alike (in capitals, or with one capital first) and there are two.

    >>> [draft.text for draft in abstract_drafts("AIM: To see. RESULTS: We saw.")]
    ['AIM', 'To see.', 'RESULTS', 'We saw.']
    """
    first, *titled = _HEADED.split(text)
    if titled:  # Crossref's abstracts name their parts in titles
        return tuple(_under_titles(first, titled[::2], titled[1::2]))
    paragraphs = list(_paragraphs(text))
    labels = [m for p in paragraphs for m in _LABEL.finditer(p)]
    if len(labels) < 2 or not _LABEL.match(paragraphs[0]) or not _alike(labels):  # noqa: PLR2004
        return tuple(Draft(kind="paragraph", text=paragraph) for paragraph in paragraphs)
    return tuple(draft for paragraph in paragraphs for draft in _parted(paragraph))


def _under_titles(first: str, titles: Sequence[str], texts: Sequence[str]) -> Iterator[Draft]:
    yield from (Draft(kind="paragraph", text=paragraph) for paragraph in _paragraphs(first))
    for printed, text in zip(titles, texts, strict=True):
        title = plain_line(printed).rstrip(":").strip()
        paragraphs = list(_paragraphs(text))
        # "Abstract" names the whole
        if title and title.lower() != "abstract" and paragraphs:
            yield Draft(kind="heading", text=title, level=1)
        yield from (Draft(kind="paragraph", text=paragraph) for paragraph in paragraphs)


def _paragraphs(text: str) -> Iterator[str]:
    parts = (" ".join(p.split()) for p in re.split(r"\n\s*\n", _without_markup(text)))
    yield from filter(None, parts)


def _alike(labels: list[re.Match[str]]) -> bool:
    words = [label[1] for label in labels]
    return all(w.isupper() for w in words) or all(w[0].isupper() and not w.isupper() for w in words)


def _parted(paragraph: str) -> Iterator[Draft]:
    start = 0
    for label in _LABEL.finditer(paragraph):
        yield from _paragraph(paragraph[start : label.start()])
        if label[1].lower() != _UNLABELLED:
            yield Draft(kind="heading", text=label[1], level=1)
        start = label.end()
    yield from _paragraph(paragraph[start:])


def _paragraph(text: str) -> Iterator[Draft]:
    if text.strip():
        yield Draft(kind="paragraph", text=text.strip())


def _without_markup(text: str) -> str:
    text = _RAISED.sub(lambda found: found[1] + raised(found[2], after=found[1]), text)
    text = _TAG.sub(lambda found: "\n\n" if found[2].lower() in _BREAKING else "", text)
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = _SURROGATE.sub("\ufffd", text)
    return _UNSEEN.sub(lambda found: " " if found[0] == "\x00" else "", text)
