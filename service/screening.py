"""What is not a question about the sources, told from its words alone.

Nothing that is asked is ever carried out; orders are named so that the refusal can say what is
wrong. In doubt a text passes: what the sources do not answer is refused later, by the evidence.
"""

import re
import unicodedata
from collections.abc import Callable

from corpus.answers import RefusalReason
from index.lexical import terms
from service.emergency import emergency_in, emergency_within
from service.emergency_words import any_of

# Orders to the program.
_ORDER = any_of(
    # "ignore all previous instructions", but not "ignore a previous positive D-dimer"
    r"\b(?:ignore|disregard|forget|override|bypass)\b\W+(?:\w+\W+){0,4}?"
    r"(?:instructions?|prompts?|guardrails?|(?:safety|content) (?:filters?|rules)|"
    r"(?:your|these|those|the) (?:rules|sources|citations)|everything (?:above|before|you)|"
    r"above(?!-))\b",
    r"\bignor(?:iere?n?|a|ez|are|e[sz]?)\b\W+(?:\w+\W+){0,4}?"
    r"(?:anweisungen|befehle|regeln|instru[cz]\w+|consignes|istruzioni|instruções)\b",
    r"\bsystem prompt\b|\bjailbreak|\bdeveloper mode\b|\byou are now\b|\bdo anything now\b",
    r"\bpretend (?:that )?(?:to be|you)\b|\brole-?play (?:as|that)\b",
    r"^\W*(?:please |now |from now on,? ){0,2}(?:act|behave|respond|answer|talk|speak|reply) "
    r"(?:as (?:if|though|an?|my|the)\b|like an?\b|only (?:in|with)\b|without (?:citing|citations?|"
    r"sources|restrictions|limits)\b)",
    r"\b(?:reveal|print|show|repeat|output|display|leak|dump|give)\b (?:me )?(?:all )?(?:of )?"
    r"(?:your|the)\b (?:(?:hidden|system|initial|secret|original|internal) (?:prompt|instructions|"
    r"settings)|prompt\b|api key|passwords?\b|environment variables|source code)",
    r"\breveal your instructions\b|\btranslate your (?:\w+ )?instructions\b",
    r"^\W*(?:system|assistant|developer)\s*:|<\|\w+\|>|\[/?inst\]|^\W*#+ *(?:system|instruct)",
    r"\b(?:begin|start|end|finish) (?:your|the|every|each) (?:reply|answer|response|sentence)s?\b",
    r"\brepeat (?:this|the following|after me)\b",
    r"\b(?:invent|fabricate|make up|fake) (?:\w+ ){0,3}?(?:references?|citations?|sources?|quotes?|"
    r"numbers|answers?)\b",
    r"\bfrom your own (?:knowledge|memory|opinion)\b",
    r"^\W*(?:please )?(?:(?:can|could) you )?(?:write|compose|sing|draw|code|generate)\b "
    r"(?:me |us )?(?:an?|some|the|my|\d+)\b (?:\w+ ){0,3}?(?:poem|song|story|essay|joke|e-?mail|"
    r"letter|code|script|program|function|sql|python|haiku|tweet|blog|malware|virus|picture|"
    r"image)\b",
    r"^\W*(?:please )?tell (?:me |us )?(?:an?|some|another) (?:\w+ )?(?:joke|story|lie)s?\b",
)
# Markup and code meant for the machinery behind the program.
_CODE = any_of(
    r"(?:<|%3c|&lt;|&#x?0*(?:60|3c);?)\s*/?\s*(?:script|iframe|img|svg|style|object|embed|body|"
    r"html|\?php)\b",
    r"\bjavascript:|\bon(?:error|load|click|mouseover)\s*=|\bdocument\.(?:cookie|write|location)",
    r"\b(?:drop|truncate|alter)\s+(?:table|database)\b|\bdelete\s+from\s+\w+\s*(?:;|where\b|$)",
    r"\binsert\s+into\s+\w+\s*(?:\(|values\b)|\bupdate\s+\w+\s+set\s+\w+\s*=",
    r"\bunion\s+(?:all\s+)?select\b|\bselect\s+(?:\*|\w+(?:\s*,\s*\w+)*)\s+from\s+\w+\s*(?:;|where\b)",
    r"\bselect\s+\*\s+from\b|;\s*--|'\s*or\s*'?1'?\s*=\s*'?1|\bor\s+1\s*=\s*1\b|'\s*--\s*$",
    r"\bxp_cmdshell\b|\bwaitfor\s+delay\b|\bpg_sleep\b|\$\{.*\}|\{\{.*\}\}|\{%.*%\}|\$\([^)]*\)",
    r"\brm\s+-rf\b|(?:\.\./){2}|/etc/(?:passwd|shadow)\b|\b[a-z]:\\windows\b|\bcmd\.exe\b",
    r"\b(?:curl|wget)\s+(?:-\w+\s+)*https?:|__import__|\b(?:eval|exec|system)\(|\bos\.environ\b",
)
_INSTRUCTION = re.compile(any_of(_ORDER, _CODE), re.IGNORECASE | re.DOTALL)

_LEAD = (
    r"(?:^|[.!?;:,\n–-]\s*)(?:(?:and|but|or|so|then|please|ok|okay|thanks|also|now|well|hi|hello|"
    r"hey|if so|briefly),?\s+)*"
)
_ASKS = re.compile(
    r"\?|\b(?:what|which|who|whom|whose|when|where|why|how|whether)\b"
    rf"|{_LEAD}(?:is|are|was|were|do|does|did|has|have|had|can|could|should|would|will|may|might|"
    r"must|any|tell|show|explain|describe|list|compare|define|give|about|name|mention|state|outline|"
    r"summari[sz]e|discuss)\b"
    r"|\bi (?:want|need|would like|wish) to know\b|\bi wonder\b|\bcan you\b",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"(?:\W|\b(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|night|day)|"
    r"dear (?:all|sir|madam|team)|thanks?|thank you|thx|ty|cheers|much appreciated|a lot|lots|very|"
    r"so|much|many|again|for (?:your|the|that|this) (?:help|answer|information|reply|time)|bye|"
    r"goodbye|see you|ok|okay|great|cool|nice|perfect|super|wow|lol|haha\w*|got it|understood|"
    r"i see|that helps|good (?:job|bot|answer)|well done|you(?:'re| are) welcome|welcome|yes|yeah|"
    r"yep|no|nope|please|sorry|test(?:ing)?|there|everyone|doctor|sir|madam|and|how are you|"
    r"how do you do|what'?s up|who (?:are|made|built|created) you|what are you|what can you do|"
    r"(?:what is|what'?s) your name|are you (?:an? )?(?:\w+ )?(?:ai|robot|bot|human|person|real|"
    r"there|chat ?gpt|doctor)|do you (?:love|like|hate) me|nice to meet you|merry christmas|"
    r"happy (?:birthday|new year))\b)+",
    re.IGNORECASE,
)
_TO_THE_PROGRAM = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_MASH = re.compile(
    r"[^aeiouy\W\d]{5,}|.*(?:qwer|asdf|sdfg|dfgh|fghj|ghjk|hjkl|zxcv|xcvb|yxcv|qwert).*|"
    r".*(.)\1{3}.*|(.{1,3}?)\2{2,}"
)
_WORD = re.compile(r"[^\W\d_]+")


def screen(
    question: str, *, max_chars: int, is_known: Callable[[str], bool]
) -> RefusalReason | None:
    """Return why this is no question to look up, or None when it is one.

    `is_known` tells whether a stemmed term occurs anywhere in the library. An emergency comes
    before everything else, the length of the text included.
    """
    text = question.strip()
    if not text:
        return "empty"
    if emergency_in(text) is not None:
        return "emergency"
    if len(text) > max_chars:
        return "too_long" if emergency_within(text) is None else "emergency"
    readable = _readable(text)
    if _INSTRUCTION.search(readable):
        return "instruction"
    return None if _reads_as_question(readable, is_known) else "not_a_question"


def _reads_as_question(text: str, is_known: Callable[[str], bool]) -> bool:
    if _SMALL_TALK.fullmatch(text):
        return False
    asks = bool(_ASKS.search(text))
    content = [term for term in terms(text) if any(c.isalpha() for c in term)]
    if not content:
        # "Why?" has no content word and still asks, when there is something to lean on
        return asks and re.search(r"[a-zA-Z]{3}", text) is not None
    known = sum(map(is_known, content))
    if asks:
        return known > 0 or not all(map(_mashed, _content_words(text)))
    # "statins any use": whether the sources have anything to say to it is for the reader to tell
    return known > 0 and not _TO_THE_PROGRAM.search(text)


def _content_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if terms(word)]


def _mashed(word: str) -> bool:
    """Tell whether a word is keys struck at random; an abbreviation in capitals is not."""
    return not word.isupper() and _MASH.fullmatch(word.lower()) is not None


def _readable(text: str) -> str:
    """Return the text with look-alike letters made plain and invisible signs left out."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")
