"""What an article is about, told from its title: "What causes COP?" is about COP."""

import re
from dataclasses import dataclass

from corpus.records import Document
from service.question_english import BRACKETED, Usage, is_noun_phrase, is_plural, is_title_case

MAX_SUBJECT_WORDS = 7
MIN_ABBREVIATION_USES = 3
_KINDS = (
    "diagnosis|treatment|management|pathogenesis|pathophysiology|epidemiology|prevention|"
    "evaluation|assessment|approach|overview|review|update|advances?|understanding|therapy|causes?|"
    "etiology|aetiology|symptoms?|prognosis|outcomes?|work-?up|investigation|care|follow-up|"
    "guidelines?|recommendations?|monitoring|screening|principles|essentials|practice|clinical|"
    "current|recent|new|initial|acute management|long-term|medical|surgical|state of the art"
)
_KINDS_OF = re.compile(
    rf"^(?:the |an? )?(?:{_KINDS})(?:(?:,| and|, and|,? or| in the| &)? (?:the )?(?:{_KINDS}))*"
    r" (?:of|on|to|in|for|with) (?P<subject>.+)$",
    re.IGNORECASE,
)
_GERUND = re.compile(
    r"^(?:treating|managing|diagnosing|understanding|preventing|evaluating|assessing|approaching|"
    r"investigating|working up|living with|caring for) (?P<subject>.+)$",
    re.IGNORECASE,
)
_KIND_LAST = re.compile(
    rf"^(?P<subject>.+?)(?:,? (?:and )?(?:{_KINDS}))+(?: in (?:adults|children|primary care))?$",
    re.IGNORECASE,
)
_PATIENTS = re.compile(r"^(?:the )?patients? (?:with|who has) (?P<subject>.+)$", re.IGNORECASE)
_OPENS_QUESTION = re.compile(
    r"^(?:what|which|who|when|where|why|how|is|are|do|does|can|should)\b", re.IGNORECASE
)
# Of a question: what is caused; what is said to be so; what stands after the last preposition.
_IN_QUESTION = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^what (?:causes|triggers) (?P<subject>.+)$",
        r"^what (?:is|are) (?:the )?(?:\w+ ){0,3}(?:of|for|in) (?P<subject>.+)$",
        r"^what (?:is|are) (?P<subject>.+)$",
        (
            r"^(?:how|when|why) (?:is|are|should|can|do|does) (?P<subject>.+?)(?: be)?"
            r"(?: best| usually)? (?:\w+ed(?: up)?|present|develop|made)(?: (?:in|by|with) .+)?$"
        ),
        r"^.+ (?P<link>of|after|with|for|in|during) (?P<subject>.+?)(?: be \w+ed)?$",
    )
)
_APPOSITION = re.compile(r", (?:an?|the|or|also|formerly|known)\b.*$", re.IGNORECASE)
_SUBTITLE = re.compile(r"\s*(?::\s|\s[–—-]\s).*$")
_ABBREVIATED = re.compile(r"\((?P<short>[A-Z][A-Za-z0-9-]{1,8})\)")
_FINITE = re.compile(
    r"\b(?:improves?|increases|reduces?|decreases|inhibits?|alters?|induces?|predicts?|causes|"
    r"affects?|prevents?|enhances?|protects?|versus|vs|comparing|trial|study|correction)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An article's subject: as questions call it, in full, and its number (None: not told).

    `within` says that something is so of the subject: " in COP", " after a first embolism".
    """

    name: str
    full: str
    plural: bool | None
    within: str

    def verb(self, singular: str, plural: str) -> str | None:
        """Return the verb in the subject's number."""
        return None if self.plural is None else plural if self.plural else singular


def subject_of(document: Document, usage: Usage) -> Subject | None:
    """Return the subject of an article by its title; None when the title does not tell one.

    An abbreviation that the title or the text explains, and that the text uses, is the name.
    """
    title = " ".join(document.title.split()).rstrip(" .?!")
    plain = _APPOSITION.sub("", BRACKETED.sub("", _SUBTITLE.sub("", title)))
    bare, link = _topic(plain)
    if bare is None or _FINITE.search(bare):
        return None
    # a title's own first word has a capital by its place, the others when the title has them all
    full = usage.phrase(bare, every_word=is_title_case(plain))
    if full is None or not is_noun_phrase(full, longest=MAX_SUBJECT_WORDS):
        return None
    name = _abbreviation(full, f"{title}\n{document.text}") or full
    return Subject(name=name, full=full, plural=is_plural(full), within=f" {link} {name}")


def _topic(title: str) -> tuple[str | None, str]:
    """Return what a title is about, and the word that ties things to it."""
    if _OPENS_QUESTION.match(title):
        found = next((m for p in _IN_QUESTION if (m := p.match(title))), None)
        if found is None:
            return None, "in"
        link = found.groupdict().get("link") or "in"
        return found["subject"], link if link in ("after", "during") else "in"
    for pattern in (_KINDS_OF, _GERUND, _KIND_LAST, _PATIENTS):
        found = pattern.match(title)
        if found:
            title = found["subject"]
    return title, "in"


def _abbreviation(full: str, text: str) -> str | None:
    """Return the capitals that the text explains as `full` and then uses on its own."""
    if len(full.split()) < 2:  # noqa: PLR2004 - a single word is short enough
        return None
    explained = rf"\b{re.escape(full)}\s*{_ABBREVIATED.pattern}"
    found = re.search(explained, text, re.IGNORECASE)
    if found is None:
        return None
    short = found["short"]
    if sum(c.isupper() for c in short) < 2:  # noqa: PLR2004 - a word with one capital is a word
        return None
    uses = len(re.findall(rf"\b{re.escape(short)}\b", text))
    return short if uses > MIN_ABBREVIATION_USES else None
