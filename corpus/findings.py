"""What an audit of an article's citations finds: findings, each by a rule with a fixed meaning.

A rule that is added needs an entry in `RULES`, and nothing else.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Severity = Literal["must-mend", "look-at", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one kind of finding means: its usual severity, its name, and what to do about it."""

    severity: Severity
    title: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A sentence of the article: `[start, end)` of its text, and the section that it stands in."""

    section: tuple[str, ...]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A cited text that a sentence was held against.

    `number` is the article's number of the reference, `verdict` one of the four of
    `service.verdicts`, `spans` are `[start, end)` in the text of `document_id`, best first: empty
    where nothing came near. `support` is the verifier's probability, `overlap` the share of the
    sentence's words that the spans hold, both 0 to 1. `reasons` are short English phrases. `note`
    is the document's own: that it is a summary, for example. `bounded` says that of a long text
    only the passages nearest to the sentence were read.
    """

    number: int
    document_id: str
    verdict: str
    support: float
    overlap: float
    spans: tuple[tuple[int, int], ...] = ()
    reasons: tuple[str, ...] = ()
    note: str | None = None
    bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that an editor should know of an article.

    `entries` are positions in the article's list of references, from 0; `numbers` are citation
    numbers as the text prints them, whether the list has them or not.
    """

    rule: str
    severity: Severity
    article: str
    message: str
    where: Where | None = None
    entries: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    against: tuple[Against, ...] = ()

    @property
    def todo(self) -> str:
        """What the editor can do about it."""
        return RULES[self.rule].todo

    @property
    def order(self) -> tuple[int, int, int, tuple[int, ...], str]:
        """The place of the finding in its article: worst first, then by rule, then in the text."""
        start = self.where.start if self.where is not None else -1
        entries = self.entries or self.numbers
        rule = tuple(RULES).index(self.rule)
        return SEVERITIES.index(self.severity), rule, start, entries, self.message


# In the order in which findings of one severity are shown.
RULES: dict[str, Rule] = {
    "contradicted": Rule(
        severity="must-mend",
        title="The cited text says otherwise",
        todo="Read both texts; correct the sentence or cite the work that says it.",
    ),
    "retracted": Rule(
        severity="must-mend",
        title="Retracted work cited",
        todo="Take the reference out, and with it every statement that rests on it alone.",
    ),
    "cited-not-listed": Rule(
        severity="must-mend",
        title="Cited number without a reference",
        todo="Add the missing entry to the list of references, or take the number out.",
    ),
    "unnumbered-list": Rule(
        severity="must-mend",
        title="Numbered citations, unnumbered list",
        todo="Print the numbers in the list of references: until then no number leads anywhere.",
    ),
    "repeated-number": Rule(
        severity="must-mend",
        title="Number used twice in the list",
        todo="Give every entry of the list a number of its own.",
    ),
    "malformed-id": Rule(
        severity="must-mend",
        title="Malformed identifier",
        todo="Correct the identifier; as printed it leads readers nowhere.",
    ),
    "mismatched-id": Rule(
        severity="must-mend",
        title="Identifiers of different works",
        todo="Find out which work is meant, and correct the entry or its stored abstract.",
    ),
    "doubtful": Rule(
        severity="look-at",
        title="The cited text may say otherwise",
        todo="Read both texts: a number, a direction or a denial differs, or seems to.",
    ),
    "not-found": Rule(
        severity="look-at",
        title="Not found in the cited abstract",
        todo="Check the full text: an abstract leaves much out. If it is not there either, cite "
        "what says it.",
    ),
    "partly": Rule(
        severity="note",
        title="Only partly in the cited abstract",
        todo="Check what is missing in the full text; weaken the sentence or add a reference.",
    ),
    "concern": Rule(
        severity="look-at",
        title="Expression of concern",
        todo="Read the notice, and decide whether the work can still be relied on.",
    ),
    "corrected": Rule(
        severity="look-at",
        title="Corrected work cited",
        todo="Read the correction; check that what the article takes from the work still holds.",
    ),
    "superseded": Rule(
        severity="look-at",
        title="Newer version published",
        todo="Cite the newer version, and check that what the article takes from it still stands.",
    ),
    "old-guideline": Rule(
        severity="look-at",
        title="Old guideline",
        todo="Look for a newer version of the guideline.",
    ),
    "no-citation": Rule(
        severity="look-at",
        title="Claim without a citation",
        todo="Cite what the statement rests on, or take it out.",
    ),
    "none-cited": Rule(
        severity="look-at",
        title="References listed, none cited",
        todo="Cite each reference at the statements that rest on it.",
    ),
    "never-cited": Rule(
        severity="look-at",
        title="Reference never cited",
        todo="Cite the work where the article rests on it, or take it off the list.",
    ),
    "duplicate": Rule(
        severity="look-at",
        title="Work listed more than once",
        todo="Keep one entry and renumber the citations.",
    ),
    "differs-from-record": Rule(
        severity="look-at",
        title="Entry differs from the stored record",
        todo="Compare the entry with the record, and correct what is wrong.",
    ),
    "numbering-gap": Rule(
        severity="look-at",
        title="Numbering with gaps",
        todo="Number the list from 1 without gaps; a missing number may be a lost entry.",
    ),
    "review-pending": Rule(
        severity="look-at",
        title="Review pending",
        todo="Have the article reviewed before it is published.",
    ),
    "no-disclaimer": Rule(
        severity="look-at",
        title="Disclaimer missing",
        todo="Add the disclaimer that the site's articles carry.",
    ),
    "older-than-reference": Rule(
        severity="look-at",
        title="Article older than its newest reference",
        todo="Check the date of the article and the year of the reference.",
    ),
    "no-abstract": Rule(
        severity="note",
        title="No stored abstract",
        todo="Fetch the abstracts: without them nothing that cites these works can be checked.",
    ),
    "no-identifier": Rule(
        severity="note",
        title="No identifier",
        todo="Add the PMID or DOI, so that readers and checks find the work.",
    ),
    "no-date": Rule(
        severity="note",
        title="No date",
        todo="State when the article was last updated.",
    ),
    "told-by-ingest": Rule(
        severity="note",
        title="Seen when the article was read in",
        todo="Check whether the source file holds what was meant.",
    ),
}
