"""How quantities are written: numbers in digits and words, units, frequencies, comparators."""

import re

from service.fact_text import listed
from service.fact_units import UNITS

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = dict(
    zip("thirty forty fifty sixty seventy eighty ninety".split(), range(30, 100, 10), strict=True)
)
WORDS = {word: value for value, word in enumerate(_ONES)} | _TENS | {"dozen": 12}
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
COUNTS = {"once": 1, "twice": 2, "thrice": 3}
LATIN = {"qd": 1, "od": 1, "bid": 2, "b.i.d.": 2, "tid": 3, "t.i.d.": 3, "qid": 4}

LONG = 3  # letters; a longer unit may begin with a capital
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|(?<!\d)\.\d+|\d+"
_WORD = rf"(?:twenty|{'|'.join(_TENS)})[- ](?:{'|'.join(_ONES[1:10])})|{listed(WORDS)}"
_SCALE = rf"(?:[ -](?:{'|'.join(SCALES)}))?"
_NUMBER = (
    rf"(?:(?<![\w.])(?<![A-Za-z]-)(?:{_DIGITS})|(?<![\w-])(?i:{_WORD})(?![\w]))(?i:{_SCALE})(?!\d)"
)
_UNIT = (
    rf"(?:{listed(UNITS)}|(?i:per\s?cent|percent|%|{listed(n for n in UNITS if len(n) > LONG)}))"
)
_UNITED = rf"(?:[ -]?(?P<unit{{0}}>{_UNIT})(?![\w²³]|-\d))?"
_DENOMINATOR = (
    r"(?:\s?/\s?|\sper\s)(?P<per>kg|g|dL|dl|mL|ml|L|l|µL|litre|liter|m²|m2|kilogram)(?!\w)"
)
QUANTITY = re.compile(
    rf"(?P<low>{_NUMBER}){_UNITED.format('low')}"
    rf"(?:\s?(?P<joint>-|to|and|or|through)\s?(?P<high>{_NUMBER}){_UNITED.format('high')})?"
    rf"(?:{_DENOMINATOR})?(?!\w)(?!-?(?:st|nd|rd|th)\b)"
)
SHARE = re.compile(
    rf"(?P<n>{_NUMBER})\s(?:in|out of)\s(?:every\s)?(?P<of>{_NUMBER})(?![\w%])(?!\s?{_UNIT}(?!\w))"
)
PART = re.compile(
    r"(?<![\w-])(?:(?P<n>an?|one|two|three|four)[ -])?"
    r"(?P<part>half|thirds?|quarters?|fourths?|fifths?|tenths?)(?![\w-])"
    r"(?!\s(?:line|dose|day|week|month|year|time|attempt|trimester|patient|stage|phase)\b)",
    re.IGNORECASE,
)
FOLD = re.compile(
    rf"(?P<n>{_NUMBER}|[a-z]+)[- ]?fold\b|(?P<times>{_NUMBER}|twice|thrice)(?:[ -]times)?"
    r"\s(?=as\b|the\b|higher|more|greater|larger|lower|less|fewer|longer)|"
    r"\b(?P<double>doubl(?:e|es|ed|ing))\b(?!-)|\b(?P<triple>tripl(?:e|es|ed|ing))\b",
    re.IGNORECASE,
)
_PERIOD = "day|week|month|year|hour|minute|second|night"
ADVERB = {
    "daily": "day",
    "nightly": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "hourly": "hour",
}
RATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            rf"\b(?P<n>once|twice|thrice|(?:{_NUMBER})[ -]times)[ -](?:an? |per |each |every )?"
            rf"(?P<period>{_PERIOD}|{listed(ADVERB)})\b"
        ),
        rf"\bevery (?P<each>(?:{_NUMBER})|other|second|third)[ -](?P<period>{_PERIOD})s?\b",
        r"\balternate[- ](?P<other>day|week|month)s?\b",
        rf"(?<![\w.])(?P<latin>{listed(LATIN)})(?!\w)",
        (
            rf"(?<!\bfor )(?<!about )(?<!within )(?<!after )(?<!roughly )(?<!nearly )(?<!almost )"
            r"(?<!over )(?<!\bin )(?<!than )(?<!\bof )(?<!lasts )(?<!further )(?<!under )"
            r"(?<!least )"
            rf"(?:\bper |/ ?|\ban? |\beach |\bevery )(?P<period>{_PERIOD}|[dh]|min|wk|yr)\b(?!['-])"
        ),
        rf"\b(?P<period>{listed(ADVERB)})\b",
    )
)
# Whether a time is meant up to its end or from it on.
FRAME = re.compile(
    r"\b(within|after|before)\s(?:(?:the|first|about|around|some)\s)*$", re.IGNORECASE
)
# "Within days" is no number, and yet not "within weeks".
VAGUE = re.compile(
    r"\b(?:within|in|for|over|after|lasts?|lasting)\s(?P<period>minutes|hours|days|weeks|months|years)\b",
    re.IGNORECASE,
)
SOFT = re.compile(rf"\b(?:an?|single|one)\s(?:\w+\s)?(?P<period>{_PERIOD})\b", re.IGNORECASE)

_LESS = (
    "<|less than|fewer than|lower than|smaller than|shorter than|younger than|earlier than|under|"
    "below|beneath"
)
_MORE = (
    ">|more than|greater than|higher than|longer than|older than|larger than|later than|"
    "exceed|exceeds|exceeded|exceeding|over|above|beyond|in excess of"
)
_MOST = (
    "≤|<=|=<|at most|at the most|up to|no more than|not more than|no greater than|maximum of|"
    "not exceeding|not exceed|no longer than|no later than|not over|not above|maximum"
)
_LEAST = (
    "≥|>=|=>|at least|no less than|no fewer than|not less than|minimum of|not under|not below|"
    "minimum"
)
_ABOUT = "~|≈|about|around|approximately|roughly|some|nearly|almost|close to|an estimated|circa|ca"
# a word begins where no other ends; a sign stands anywhere: "p<0.05"
_EDGE = r"(?:(?<!\w)|(?=[<>=≤≥~≈]))"
BEFORE = re.compile(
    rf"{_EDGE}(?:(?P<most>{_MOST})|(?P<least>{_LEAST})|(?P<less>{_LESS})|(?P<more>{_MORE})|"
    rf"(?P<about>{_ABOUT}))"
    r"(?P<age>\s(?:the\s)?age(?:\sof)?)?\.?\s?(?:an?\s|of\s|about\s|around\s|the\s)?$",
    re.IGNORECASE,
)
SIGNS = {"most": "<=", "least": ">=", "less": "<", "more": ">", "about": "~"}
AFTER = re.compile(
    r"[^.;:,\d]{0,30}?\b(?:or|and)\s(?:"
    r"(?P<up>more|over|above|older|higher|greater|longer|beyond|later)|"
    r"(?P<down>less|fewer|under|below|younger|lower|smaller|shorter|earlier))\b"
    r"(?!\s(?:than|\w+ing))",
    re.IGNORECASE,
)
