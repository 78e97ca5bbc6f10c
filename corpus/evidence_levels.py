"""What kind of evidence a cited work is: told by its publication types, never guessed.

| label | PubMed's type | JATS `article-type` or heading |
|---|---|---|
| guideline | Practice Guideline, Guideline, Consensus Statement, Consensus Development Conference | guideline, practice guideline, consensus statement |
| systematic review, meta-analysis, or both | Systematic Review; Meta-Analysis, Network Meta-Analysis | systematic-review, meta-analysis |
| randomised trial | Randomized Controlled Trial | randomized controlled trial |
| cohort or observational study | Observational Study | observational study, cohort study |
| case report | Case Reports | case-report |
| review | Review, Scoping Review | review-article, review |
| opinion | Editorial, Comment, Letter | editorial, article-commentary, letter, reply |

The most telling type wins, in this order. Other types ("Clinical Trial", "Multicenter Study") tell
too little, and a protocol, a correction or a notice of retraction is no evidence whatever else it
is called. Where no type tells, a title does in the few forms that are certain: all that follows
its colon is "a randomised controlled trial", "systematic review and meta-analysis of …", "a
prospective cohort study" or "a case report".
"""  # noqa: E501 - a table's row is one line

import re
from collections.abc import Iterable
from enum import StrEnum

from corpus.records import Reference


class EvidenceLabel(StrEnum):
    """The kinds of evidence, most telling first."""

    GUIDELINE = "guideline"
    SYSTEMATIC_REVIEW_AND_META_ANALYSIS = "systematic review and meta-analysis"
    SYSTEMATIC_REVIEW = "systematic review"
    META_ANALYSIS = "meta-analysis"
    RANDOMISED_TRIAL = "randomised trial"
    OBSERVATIONAL_STUDY = "cohort or observational study"
    CASE_REPORT = "case report"
    REVIEW = "review"
    OPINION = "opinion"


_TYPES: dict[str, EvidenceLabel] = {
    "guideline": EvidenceLabel.GUIDELINE,
    "guidelines": EvidenceLabel.GUIDELINE,
    "practice guideline": EvidenceLabel.GUIDELINE,
    "clinical guideline": EvidenceLabel.GUIDELINE,
    "clinical practice guideline": EvidenceLabel.GUIDELINE,
    "consensus statement": EvidenceLabel.GUIDELINE,
    "consensus development conference": EvidenceLabel.GUIDELINE,
    "consensus development conference, nih": EvidenceLabel.GUIDELINE,
    "systematic review": EvidenceLabel.SYSTEMATIC_REVIEW,
    "systematic review and meta analysis": EvidenceLabel.SYSTEMATIC_REVIEW_AND_META_ANALYSIS,
    "meta analysis": EvidenceLabel.META_ANALYSIS,
    "network meta analysis": EvidenceLabel.META_ANALYSIS,
    "randomized controlled trial": EvidenceLabel.RANDOMISED_TRIAL,
    "randomised controlled trial": EvidenceLabel.RANDOMISED_TRIAL,
    "observational study": EvidenceLabel.OBSERVATIONAL_STUDY,
    "cohort study": EvidenceLabel.OBSERVATIONAL_STUDY,
    "case report": EvidenceLabel.CASE_REPORT,
    "case reports": EvidenceLabel.CASE_REPORT,
    "review": EvidenceLabel.REVIEW,
    "review article": EvidenceLabel.REVIEW,
    "scoping review": EvidenceLabel.REVIEW,
    "editorial": EvidenceLabel.OPINION,
    "comment": EvidenceLabel.OPINION,
    "commentary": EvidenceLabel.OPINION,
    "article commentary": EvidenceLabel.OPINION,
    "letter": EvidenceLabel.OPINION,
    "reply": EvidenceLabel.OPINION,
}
# What the record of a notice is, or of a study that has not been done: no evidence.
_NOTICES = {
    "retraction of publication": "notice of retraction",
    "retraction notice": "notice of retraction",
    "retraction": "notice of retraction",
    "partial retraction": "notice of a partial retraction",
    "expression of concern": "expression of concern",
    "published erratum": "correction notice",
    "correction": "correction notice",
    "erratum": "correction notice",
    "corrigendum": "correction notice",
    "addendum": "correction notice",
}
_PROTOCOLS = frozenset(("clinical trial protocol", "protocol", "study protocol"))
MAX_SUBTITLE_CHARS = 200
_DESIGN = (
    r"(?:(?:prospective|retrospective|multi-?cent(?:re|er)|single-cent(?:re|er)|international|"
    r"national|nationwide|population-based|hospital-based|community-based|large|matched|"
    r"longitudinal|historical|phase [1-4]|phase i{1,3}v?|(?:double|single|triple|assessor)"
    r"[- ](?:blind(?:ed)?|masked)|open[- ]label|placebo-controlled|parallel(?:[- ]group)?|"
    r"cross-?over|cluster|pragmatic|controlled|clinical|factorial|pilot|two-arm|three-arm|"
    r"non-?inferiority|superiority|equivalence)(?:,? (?:and )?))*"
)
_A = r"(?:an? |the )?"
_LITERATURE = r"(?: and (?:a )?(?:literature review|review of (?:the )?literature))?"
_TITLES: tuple[tuple[re.Pattern[str], EvidenceLabel], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), label)
    for pattern, label in (
        (
            rf"{_A}systematic (?:literature )?review and (?:network )?meta-?analysis(?: of .+)?",
            EvidenceLabel.SYSTEMATIC_REVIEW_AND_META_ANALYSIS,
        ),
        (rf"{_A}systematic (?:literature )?review", EvidenceLabel.SYSTEMATIC_REVIEW),
        (rf"{_A}(?:network )?meta-?analysis", EvidenceLabel.META_ANALYSIS),
        (
            rf"{_A}{_DESIGN}randomi[sz]ed,? {_DESIGN}trial",
            EvidenceLabel.RANDOMISED_TRIAL,
        ),
        (
            rf"{_A}{_DESIGN}(?:cohort|observational) study",
            EvidenceLabel.OBSERVATIONAL_STUDY,
        ),
        (rf"{_A}(?:rare )?case reports?{_LITERATURE}", EvidenceLabel.CASE_REPORT),
    )
)
_WHOLE_REVIEW = re.compile(r"(?:an? )?systematic review and meta-?analysis of .+", re.IGNORECASE)
# A title with one of these speaks about a study, or about one that is planned.
_ABOUT = re.compile(
    r"\b(?:protocol|rationale|design of|comment(?:ary)? on|response to|reply|letter|correction|"
    r"erratum|corrigendum|retract\w+|re:|editorial|umbrella|animal|mice|mouse|rats?|dogs?|"
    r"in vitro|secondary|post[- ]hoc|sub-?(?:study|analysis))\b",
    re.IGNORECASE,
)


def evidence_label(reference: Reference) -> EvidenceLabel | None:
    """Return what kind of evidence a work is; None where nothing certain tells.

    >>> evidence_label(Reference(title="T", publication_types=("Letter", "Case Reports")))
    <EvidenceLabel.CASE_REPORT: 'case report'>
    >>> evidence_label(Reference(title="Heat and sleep: a randomised controlled trial"))
    <EvidenceLabel.RANDOMISED_TRIAL: 'randomised trial'>
    >>> evidence_label(Reference(title="Why a randomised controlled trial of heat is needed"))
    """
    types = [_folded(printed) for printed in reference.publication_types]
    animals = any(t.endswith(", veterinary") for t in types)
    if notice_role(reference) or animals or _PROTOCOLS.intersection(types):
        return None
    return _told(filter(None, map(_TYPES.get, types))) or _titled(reference.title)


def notice_role(reference: Reference) -> str | None:
    """Return what kind of notice about another work a record itself is, None for a work.

    >>> notice_role(Reference(title="T", publication_types=("Retraction of Publication",)))
    'notice of retraction'
    """
    types = map(_folded, reference.publication_types)
    return next((_NOTICES[t] for t in types if t in _NOTICES), None)


def _told(labels: Iterable[EvidenceLabel]) -> EvidenceLabel | None:
    found = set(labels)
    if {EvidenceLabel.SYSTEMATIC_REVIEW, EvidenceLabel.META_ANALYSIS} <= found:
        found.add(EvidenceLabel.SYSTEMATIC_REVIEW_AND_META_ANALYSIS)
    return next((label for label in EvidenceLabel if label in found), None)


def _titled(title: str) -> EvidenceLabel | None:
    if _ABOUT.search(title):
        return None
    if _WHOLE_REVIEW.fullmatch(title.strip()):
        return EvidenceLabel.SYSTEMATIC_REVIEW_AND_META_ANALYSIS
    _, colon, subtitle = title.rpartition(": ")
    subtitle = " ".join(subtitle.split()).rstrip(". ")
    if not colon or len(subtitle) > MAX_SUBTITLE_CHARS:
        return None
    return next((label for form, label in _TITLES if form.fullmatch(subtitle)), None)


def _folded(printed: str) -> str:
    """Return a type as its table has it: `Meta-Analysis` and `meta-analysis` are one."""
    return " ".join(printed.replace("-", " ").casefold().split())
