"""Which sentence answers which question: the grammar of a sentence, and what it is asked with.

A pattern has to fit a whole sentence, less what softens it ("usually"). `np` must be a noun
phrase; the question keeps the sentence's own verb (`be`), so that the number agrees. In a
question {in} is " in " and the subject, {of} the same where nothing else is named, {for} " for "
and the subject; they are empty when the article's subject is not told.
"""

import re
from dataclasses import dataclass

LIST, FACT, TERM = 1, 1, 3
CAUSING = {
    "triggered": "trigger",
    "caused": "cause",
    "induced": "induce",
    "precipitated": "precipitate",
    "prevented": "prevent",
    "mimicked": "mimic",
    "worsened": "worsen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A pattern for a sentence, the question it answers, and how early that is asked."""

    pattern: re.Pattern[str]
    question: str
    priority: int


def _rule(question: str, *parts: str, priority: int = FACT) -> Rule:
    return Rule(
        pattern=re.compile("".join(parts), re.IGNORECASE), question=question, priority=priority
    )


_NP = r"(?P<np>.+?) "
_BE = r"(?P<be>is|are) "
_SHOULD = r"(?P<be>should be|is|are) "
_ABOUT = r"(?:at least |about |up to |around |approximately )?"
_NUMBER = r"(?:\d|one|two|three|four|six|twelve|several)\b"
_PATIENTS = r"(?:patients|those|people|women|men|children)\b"
_PROCEDURE = (
    r"(?:lavage|biopsy|endoscopy|colonoscopy|gastroscopy|bronchoscopy|ultrasound|echocardiography|"
    r"MRI|CT|serology|angiography|scintigraphy|spirometry)"
)

# Lead-ins of lists, without their colon; the first that fits is taken.
OF_LISTS = (
    _rule(
        "which {np} can cause {what}",
        _NP,
        r"(?:known|thought|reported) to cause (?P<what>.+) (?:include|are)",
    ),
    _rule("what are the {np}{of}", _NP, r"(?:include|are|comprise)"),
    _rule("what {be} {np} characterized by", _NP, _BE, r"characteri[sz]ed by\b.*"),
    _rule(
        "what can {do} {np}",
        _NP,
        rf"(?:can|may|could) be (?P<done>{'|'.join(CAUSING)}) by",
    ),
    _rule(
        "how {modal} {np} be {done}",
        _NP,
        r"(?P<modal>can|may|should|must) be (?P<done>\w+ed) ",
        r"(?:through|using|with|by means of|by)",
    ),
    _rule("what can {np} show{in}", _NP, r"(?:may|can) show"),
    _rule("what does {np} show{in}", _NP, r"shows"),
    _rule("what does {np} {verb}", _NP, r"(?P<verb>require|involve|comprise|include)s"),
    _rule("what do {np} require", _NP, r"require"),
    _rule("how does {np} present", _NP, r"presents (?:as|with)"),
    _rule("how do {np} present", _NP, r"present (?:as|with)"),
    _rule("what should be done {when}", r"(?P<when>(?:if|when) .+)"),
    _rule("what are the {np}{of}", r"(?P<np>(?:(?!\b(?:and|or)\b).)+)"),
)

# Sentences, without their full stop; the first that fits is taken.
OF_SENTENCES = (
    _rule(
        "when {be1} {np}{be2} {done}",
        _NP,
        _SHOULD,
        r"(?P<done>checked|repeated|measured|stopped|started|withdrawn|discontinued|reassessed|"
        r"assessed|rechecked|reviewed|performed|given) (?:again )?"
        r"(?:within|after|before|every|once|as soon as)\b.*",
    ),
    _rule(
        "how long {be1} {np}{be2} {done}",
        _NP,
        _SHOULD,
        r"(?P<done>continued|given|maintained|tapered|prescribed|taken|treated) ",
        rf"(?:for|until|over) {_ABOUT}{_NUMBER}.*",
    ),
    _rule(
        "when {be1} {np}{be2} {done}",
        _NP,
        _SHOULD,
        r"(?P<done>indicated|recommended|reserved|considered|preferred|required|needed|warranted|"
        r"advised) (?:for|in|when|if|before|after)\b.*",
    ),
    _rule("when {be} {np} used", _NP, _BE, rf"for {_PATIENTS}.*"),
    _rule(
        "what {be} the {most}{of}",
        r".+? (?:is|are) the ",
        r"(?P<most>(?:single )?(?:most|best|commonest|first-line|preferred|leading|main|usual)\b"
        r"[^,;:.]+)(?:, .*)?",
    ),
    _rule(
        "over what period is {np} tapered", _NP, r"(?:is|are) \w+ at .+ and tapered (?:over|for) .+"
    ),
    _rule(
        "which age group {does} {S} affect",
        r"(?:[\w-]+ )?patients (?:are|were) (?:\w+ ){0,2}?(?:between )?",
        r"\d+ (?:and|to) \d+ years\b.*",
    ),
    _rule(
        "how common {be} {np}",
        _NP,
        _BE,
        r"(?:very |relatively |quite |fairly )?(?:common|frequent|rare|uncommon|infrequent)\b"
        r"(?! (?:causes?|in which|reasons?|[a-z]+s?\b(?<!in)(?<!after)(?<!with)(?<!during))).*",
    ),
    _rule(
        "{isare} {np} a risk factor{for}",
        _NP,
        r"(?:is|are|is not|are not|does not appear to be|do not appear to be|seems? to be) ",
        r"(?:an? |the )?(?:\w+ ){0,2}risk factors?\b(?! for).*",
    ),
    _rule(
        "what is the role of {np}{in}",
        rf"(?P<np>(?:[\w-]+ ){{0,2}}{_PROCEDURE}),? ",
        r"(?:helps|is useful|can help|may help|remains|is needed|is not needed)\b.*",
    ),
    _rule(
        "what is {np}",
        _NP,
        r"is an? [^,;:]*?\b(?:of|that|in which|characteri[sz]ed|defined|caused|below|above)\b.+",
        priority=TERM,
    ),
)

# What a table is about: "Table 1. Risk of recurrence, by setting".
CAPTION = re.compile(
    r"^(?:(?:Table|Box|Panel) \w+\W+)?"
    r"(?P<np>(?:\w+ ){0,2}?(?:risks?|rates?|incidence|doses?|causes|criteria|indications|"
    r"contraindications|options|complications|stages|predictors) (?:of|for|in) [^,;:.]+)",
    re.IGNORECASE,
)
