"""Sentences that claim something which a reader will want to trace, and cite nothing.

A claim here is a dose, a percentage, or words that leave no way out ("always", "first-line",
"contraindicated"). The rules would rather miss one than cry wolf: what the authors of a study say
of their own work, questions, and parts of an article that cite nothing by nature are left out, and
a neighbour's citation in the same paragraph makes a finding a mere note.
"""

import re
from collections.abc import Iterator, Sequence

from corpus.findings import Finding, Severity
from corpus.records import Document, Span, Unit
from ingest.audit import Audited

MIN_WORDS = 4
# Findings of this kind in one article; more than these are no list to work through.
MAX_SHOWN = 60
_NUMBER = r"\d+(?:[.,·]\d+)*"
_DOSE = re.compile(
    rf"(?<![\w.]){_NUMBER}(?:\s?(?:-|–|to)\s?{_NUMBER})?\s?"
    r"(?:mg|µg|μg|mcg|micrograms?|milligrams?|g|grams?|mL|ml|IU|units?|mmol|mEq)"
    r"(?:(?:\s?/\s?|\s(?:per|a)\s)(?:kg|day|d|dose|h|hour|week|m2|m²)\b|\s(?:once|twice|daily|"
    r"three times|weekly|every|every other|orally|intravenously|bd|tds|qid)\b)"
)
# 95% of an interval is no finding
_PERCENT = re.compile(rf"{_NUMBER}\s?(?:%|percent\b|per cent\b)(?!\s*(?:CI\b|confidence|credible))")
_STRONG = re.compile(
    r"\b(?:(?:always|never|contraindicated|first-line|second-line|first choice|"
    r"(?:drug|treatment) of choice|gold standard|standard of care|mandatory|mortality|"
    r"cures?|prevents|(?:is|are) (?:strongly )?(?:recommended|indicated)|"
    r"(?:doubles?|halves?|triples?) the risk|(?:proven|shown) to)\b|"
    r"(?:should|must) (?!be (?:noted|remembered|interpreted|considered in)))",
    re.IGNORECASE,
)
# What authors say of their own work or of this article.
_OWN = re.compile(
    r"\b(?:we|our|ours|us|I|my|the authors?|present (?:study|trial|review|analysis)|"
    r"(?:this|the current|our) (?:study|trial|review|article|report|paper|analysis|survey|cohort|"
    r"meta-analysis|guide|page|sample)|this work|(?:future|further|more) (?:studies|research|"
    r"trials|work)|see (?:also )?(?:table|figure|section))\b",
    re.IGNORECASE,
)
_TABLE_OR_FIGURE = re.compile(r"\((?:see )?(?:tables?|figs?|figures?|additional)\b", re.IGNORECASE)
# Sections of a research report that tell of the study itself, and back matter.
_OWN_SECTION = re.compile(
    r"\b(?:methods?|methodology|materials?|results?|findings|abstract|summary|conclusions?|"
    r"limitations?|strengths|statistic\w*|ethic\w*|funding|support|acknowledge?ments?|"
    r"contributions?|competing interests?|conflicts? of interest|disclosures?|availability|"
    r"consent|registration|design|participants|patients|setting|outcomes?|procedures?|"
    r"data (?:collection|analysis|extraction)|search strategy|sample size|randomi[sz]ation|"
    r"supplement\w*|appendix|abbreviations|disclaimer|key ?points?|key messages?|glossary|"
    r"author\w*|publication|history|pre-?publication|additional (?:files?|material))\b",
    re.IGNORECASE,
)
# A report of a study has both of these among its headings.
_METHODS = re.compile(r"\b(?:methods?|methodology)\b", re.IGNORECASE)
_RESULTS = re.compile(r"\bresults?|findings\b", re.IGNORECASE)
_DEFINITION = re.compile(
    r"\b(?:(?:is|are) defined (?:as|by)|stands for|means that|refers? to|(?:is|are) called)\b",
    re.IGNORECASE,
)


def uncited_claims(audited: Audited) -> Iterator[Finding]:
    """Give the claims that no number stands behind, the most conspicuous first if there are many.

    An article whose text cites nothing at all gets none: that is one finding, not a hundred.
    """
    if not audited.cited:
        return
    found = list(_claims(audited))
    yield from found[:MAX_SHOWN]
    if len(found) > MAX_SHOWN:
        yield audited.found(
            "no-citation",
            f"{len(found) - MAX_SHOWN} more sentences of this kind are not listed.",
            severity="note",
        )


def _claims(audited: Audited) -> Iterator[Finding]:
    document = audited.document
    is_report = _is_report(document)
    for place, unit in enumerate(audited.units):
        text = document.text[unit.start : unit.end]
        kind = claim_kind(text)
        if kind is None or _cites(document, unit) or document.blocks[unit.block].kind == "caption":
            continue
        section = document.section_path(document.blocks[unit.block].section)
        if is_report and (not section or any(_OWN_SECTION.search(t) for t in section)):
            continue
        if _back_matter(section) or _DEFINITION.search(text):
            continue
        near = _near_citation(audited, place)
        severity: Severity = "note" if near or is_report else "look-at"
        said = f"; {near}" if near else ""
        yield audited.found(
            "no-citation", f"States {kind} and cites nothing{said}.", severity=severity, unit=unit
        )


def claim_kind(text: str) -> str | None:
    """Return what a sentence claims, in words for a message; None for what needs no citation.

    >>> claim_kind("Prednisone is started at 1 mg/kg."), claim_kind("We gave 1 mg/kg daily.")
    ('a dose (“1 mg/kg”)', None)
    """
    short = len(text.split()) < MIN_WORDS
    if short or text.rstrip().endswith(("?", ":")) or _OWN.search(text):
        return None
    if _TABLE_OR_FIGURE.search(text):
        return None
    for pattern, kind in (
        (_DOSE, "a dose"),
        (_PERCENT, "a percentage"),
        (_STRONG, "a strong claim"),
    ):
        match = pattern.search(text)
        if match:
            return f"{kind} (“{' '.join(match[0].split())}”)"
    return None


def _cites(document: Document, unit: Unit) -> bool:
    """Tell whether a sentence, or what introduces it, prints a number."""
    spans: Sequence[Span] = (Span(start=unit.start, end=unit.end), *unit.lead_ins)
    return any(document.numbers_cited_in(span) for span in spans)


def _near_citation(audited: Audited, place: int) -> str:
    """Say which neighbour in the same paragraph cites; empty for none."""
    unit = audited.units[place]
    later, earlier = audited.units[place + 1 : place + 2], audited.units[max(0, place - 1) : place]
    for near, said in ((later, "next"), (earlier, "previous")):
        if near and near[0].block == unit.block and _cites(audited.document, near[0]):
            return f"the {said} sentence does: if it covers this one too, say so here"
    return ""


def _is_report(document: Document) -> bool:
    titles = [section.title for section in document.sections]
    return any(map(_METHODS.search, titles)) and any(map(_RESULTS.search, titles))


_BACK = re.compile(
    r"\b(?:disclaimer|acknowledge?ments?|funding|conflicts? of interest|competing interests?|"
    r"glossary|abbreviations|authors?'? contributions?|supplement\w*|appendix)\b",
    re.IGNORECASE,
)


def _back_matter(section: Sequence[str]) -> bool:
    return any(_BACK.search(title) for title in section)
