"""What an article page prints around its text: review status, date, board, audience, controls."""

import datetime as dt
import re
from dataclasses import dataclass, field

from corpus.records import ReviewStatus
from ingest.drafts import join_words
from ingest.sentences import sentence_spans

_STEPS = {
    "submitted": ReviewStatus.SUBMITTED,
    "under review": ReviewStatus.UNDER_REVIEW,
    "approved": ReviewStatus.APPROVED,
}
_STEP_BREAK = re.compile(r"\s*[/|>→•,]\s*")
_STATUS = re.compile(r"(?:article |editorial )?review status:?\s*(?P<steps>.*)", re.IGNORECASE)
_PENDING = re.compile(
    # subtle: "a drug pending approval" is the article's business, a page pending review is not
    r"\b(?:content|article|page|review|text)\b.*\b"
    r"(?:(?:pending|awaiting|awaits)\s+(?:\w+\s+)?(?:review|approval)|not yet (?:been )?reviewed)",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"(?P<last>last )?(?:updated|reviewed|modified)(?:\s*:|\s+on\b)(?P<rest>.*)", re.IGNORECASE
)
_BOARD = re.compile(
    r"(?P<label>(?:\w+ ){0,2}(?:advisory|editorial|review) (?:board|team))\b:?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
# A label set without a gap before the sentence that it heads: "… BoardAll articles are …".
_GLUED_LABEL = re.compile(r"(?P<label>(?:[A-Z]\w*? ){1,3}(?:Board|Team))(?P<rest>[A-Z].*)")
_BANNER = re.compile(r"(?:for )?educational purposes? only\b.*", re.IGNORECASE)
_INTENDED = re.compile(
    r"\bintended (?:only |solely )?for (?:use by )?.*"
    r"\b(?:professionals|clinicians|physicians|patients|students|public)\b",
    re.IGNORECASE,
)
_MAX_NOTE_CHARS = 200
_CONTROLS = re.compile(
    r"personali[sz]e|help us tailor your experience|which best describes you\?.*"
    r"|view editorial policy|share|print|save|copy link",
    re.IGNORECASE,
)
_FOLLOW_UP = re.compile(
    r"(?:have|got|ask) (?:a|an|any|another) follow-?\s?up question.*", re.IGNORECASE
)
_POLICY_URL = re.compile(r"editorial policy\W*(https?://[^\s<>\"]+)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<m>[a-z]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<m>[a-z]{3,9})\.?,?\s+(?P<y>\d{4})"),
)


@dataclass(slots=True, kw_only=True)
class Front:
    """What was printed around the text, gathered line by line."""

    steps: list[ReviewStatus] = field(default_factory=list)
    pending: bool = False
    updated: dt.date | None = None
    editorial_board: str | None = None
    policy_url: str | None = None
    notes: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    in_steps: bool = False

    def takes(self, line: str, *, before_text: bool) -> bool:
        """Take a line that is not of the text; False when it may belong to the text.

        Labels that a text could hold as well count only before the text has begun.
        """
        line = join_words([line])
        if self._takes_step(line) or _CONTROLS.fullmatch(line):
            return True
        if self._takes_date(line, before_text=before_text):
            return True
        if len(line) <= _MAX_NOTE_CHARS and (
            _BANNER.fullmatch(line) or (before_text and _is_note(line))
        ):
            self._take_banner(line)
            return True
        return before_text and self._takes_board(line)

    def review_status(self) -> ReviewStatus:
        """Return the status that the page vouches for: never approved while review is pending."""
        if len(set(self.steps)) == 1:
            printed = self.steps[0]
            approved = printed is ReviewStatus.APPROVED
            return ReviewStatus.UNDER_REVIEW if approved and self.pending else printed
        return ReviewStatus.UNDER_REVIEW if self.pending else ReviewStatus.SUBMITTED

    def status_findings(self) -> tuple[str, ...]:
        """Say what about the status had to be decided."""
        status = self.review_status().value
        if len(set(self.steps)) > 1:
            why = "it says that review is pending" if self.pending else "nothing says more"
            undecided = (
                f"The page prints {len(set(self.steps))} review steps without saying which is "
                f"reached; {why}, so the article is taken as {status}."
            )
            return (undecided,)
        if self.pending and ReviewStatus.APPROVED in self.steps:
            return (f"The page says approved and also that review is pending; taken as {status}.",)
        return ()

    def audience_note(self, disclaimer: str) -> str | None:
        """Return whom the article is for: the banner's words, and a sentence that says so."""
        spans = (s for s in sentence_spans(disclaimer) if s.end - s.start <= _MAX_NOTE_CHARS)
        intended = (s.of(disclaimer) for s in spans if _INTENDED.search(s.of(disclaimer)))
        said = dict.fromkeys((*self.notes, *intended))
        return " ".join(s if s.endswith((".", "!", "?")) else f"{s}." for s in said) or None

    def _takes_step(self, line: str) -> bool:
        status = _STATUS.fullmatch(line)
        if status is None and not self.in_steps:
            return False
        parts = _STEP_BREAK.split(status["steps"] if status else line)
        steps = [_STEPS.get(part.strip(" .✓✔").replace("-", " ").lower()) for part in parts]
        known = [step for step in steps if step]
        self.steps += known
        self.pending = self.pending or bool(status and _PENDING.search(line[:_MAX_NOTE_CHARS]))
        self.in_steps = bool(known) or status is not None
        return self.in_steps

    def _take_banner(self, line: str) -> None:
        """Keep the banner's parts, save what it says of a review that will be over one day."""
        self.pending = self.pending or bool(_PENDING.search(line))
        parts = (part.strip() for part in re.split(r"[•|·]", line))
        self.notes += (part for part in parts if part and not _PENDING.search(part))

    def _takes_date(self, line: str, *, before_text: bool) -> bool:
        match = _UPDATED.match(line)
        if match is None or not any(c.isdigit() for c in match["rest"]):
            return False
        if not (before_text or match["last"]):
            return False
        self.updated = printed_date(match["rest"])
        if self.updated is None:
            self.findings.append(f"The date of the last update cannot be read: {line[:80]!r}.")
        policy = _POLICY_URL.search(line)
        self.policy_url = policy[1] if policy else self.policy_url
        return True

    def _takes_board(self, line: str) -> bool:
        match = _GLUED_LABEL.fullmatch(line) or _BOARD.fullmatch(line)
        if match is None or self.editorial_board:
            return False
        label, rest = match["label"], match["rest"]
        says_it_all = not rest or label.lower() in rest.lower()
        self.editorial_board = (rest or label) if says_it_all else f"{label}: {rest}"
        return True


def _is_note(line: str) -> bool:
    return bool(_PENDING.search(line) or _INTENDED.search(line))


def opens_follow_up_box(line: str) -> bool:
    """Tell whether a line opens the page's own question box, with which the article is over."""
    return bool(_FOLLOW_UP.fullmatch(line.strip()))


def printed_date(text: str) -> dt.date | None:
    """Return the first date in `text`, or None; words glued to its end do not matter.

    >>> printed_date("September 9, 2025View editorial policy")
    datetime.date(2025, 9, 9)
    """
    for pattern in _DATES:
        match = pattern.search(text.lower())
        if match:
            month = match["m"]
            number = int(month) if month.isdigit() else _month(month)
            try:
                return dt.date(int(match["y"]), number, int(match["d"]))
            except ValueError:
                return None
    return None


def _month(name: str) -> int:
    """Return 1 to 12, or 0 (no month) for another word."""
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0
