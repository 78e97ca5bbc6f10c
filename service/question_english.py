"""English for questions made of an article's own words: casing, noun phrases, a last check.

The rules are cautious: what cannot be told (is this capital a name's?) makes no question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.records import Document, Span

MAX_PHRASE_WORDS = 8
MAX_QUESTION_CHARS = 120
MIN_QUESTION_WORDS = 3
MAX_ACRONYM_CHARS = 6
MIN_WORD_CHARS = 4
BRACKETED = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_WORD = re.compile(r"[^\W\d_](?:[\w'’]|[-–](?=\w))*")
_SMALL = frozenset(
    "a an and as at by for from in of on or per the to versus via vs with what which who when "
    "where why how is are do does can should if not no".split()
)
# No name ends so: a word that opens a sentence has its capital from its place.
_NO_NAME = re.compile(
    r"(?:ing|tion|sion|ment|ness|ity|ous|ive|ed|able|ible|ical|nal|tal|ral|ual|rial|lar|nary|tic|"
    r"pathy|itis|osis|a?emia|scopy|graphy|ectomy|logy|plasty|metry|therapy|ance|ence)s?$"
)
# Words that point to something outside the phrase, or that make a clause of it.
_NOT_IN_A_PHRASE = frozenset(
    "is are was were be been being am has have had do does did can could may might shall should "
    "will would must cannot it its itself they them their this that these those which who whom "
    "whose we our us i you your he him his she her such same other others another following above "
    "below former latter there here not no none if when whenever while whereas because although "
    "though unless until once than see figure fig table et al".split()
)
_NO_BEGINNING = frozenset(
    "in on at by for from with without after before during under over between among within "
    "across of to into as about above against despite besides unlike like since due only even "
    "both either neither each every all any some most many few several one two three four five "
    "six more less least then thus hence so however also further moreover overall finally first "
    "second third next last and or but nor what how why where to".split()
)
_NO_END = frozenset("and or of in on at by for from with to the a an as".split())
_MAY_END_A_QUESTION = frozenset("for by with from of to in".split())
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|this|these|those|we|our|us|he|she|his|her|such|I)\b"
)
_OPENS = re.compile(
    r"(?:what|which|who|when|where|why|how|over what|is|are|was|were|do|does|did|can|should)\b",
    re.IGNORECASE,
)
_STRANGE = re.compile(r"[()\[\]<>{}\"“”;:!]")
_SINGULAR_IN_S = re.compile(r"(?:ss|us|is|sis|tes|pes|bies|lies|ics|ges|aids)$", re.IGNORECASE)
_PLURAL_IN_ES = re.compile(r"[^aiouy]ies$|(?:ch|sh|x|ss)es$")
_ODD_SINGULARS = frozenset(
    "diabetes herpes measles mumps rickets rabies scabies ascites shingles hives caries "
    "series species tabes facies news".split()
)
_ODD_PLURALS = frozenset(
    "people women men children adults patients criteria bacteria data diagnoses prognoses "
    "metastases feet teeth fungi emboli thrombi nuclei phenomena diseases syndromes stages "
    "changes dosages images viruses sinuses abscesses types outcomes techniques therapies "
    "anomalies".split()
)
_AFTER_HEAD = re.compile(
    r"\s(?:of|in|on|at|by|for|from|with|without|to|after|before|during|due|caused|among|between|"
    r"under|over|within|following|versus|vs)\s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How an article writes its words: those it has in lower case, those it capitalises.

    `names` are capitalised words that stand inside a sentence, where only a name has a capital.
    """

    lower: frozenset[str]
    names: frozenset[str]

    def as_inside(self, word: str) -> str | None:
        """Return a word as it is written inside a sentence; None when that cannot be told."""
        if not word[:1].isupper():
            return word
        lowered = word.lower()
        is_acronym = len(word) <= MAX_ACRONYM_CHARS or any(c.isdigit() for c in word)
        if word.isupper() and len(word) > 1 and is_acronym and lowered not in _SMALL:
            return word
        if lowered in _SMALL or self._is_common(lowered, word):
            return lowered
        if any(c.isupper() or c.isdigit() for c in word[1:]) and not word.isupper():
            return word
        return word if {word, re.sub(r"['’]s$", "", word)} & self.names else None

    def _is_common(self, lowered: str, word: str) -> bool:
        """Tell whether a word is known in lower case, itself, in its other number or in part."""
        first = re.split("[-–]", lowered)[0]
        if {lowered, f"{lowered}s", lowered.removesuffix("s"), first} & self.lower:
            return True
        return word not in self.names and _NO_NAME.search(lowered) is not None

    def phrase(self, text: str, *, every_word: bool = False) -> str | None:
        """Return a phrase from a beginning as it is written inside a sentence, without brackets.

        `every_word` is for headings that capitalise all words. None when a word cannot be told.
        """
        plain = " ".join(BRACKETED.sub("", text).split()).strip(" ,;:.")
        done, parts = 0, []
        for match in _WORD.finditer(plain):
            word = self.as_inside(match[0])
            if word is None:
                return None
            parts += [plain[done : match.start()], word]
            done = match.end()
            if not every_word:
                break
        return "".join([*parts, plain[done:]])


def usage_of(document: Document) -> Usage:
    """Read an article's usage off its sentences; headings and table rows tell nothing."""
    lower: set[str] = set()
    names: set[str] = set()
    for _, sentence in sentences_of(document):
        words = _WORD.findall(sentence.of(document.text))
        lower.update(w for w in words if w[0].islower())
        names.update(w for w in words[1:] if w[0].isupper())
    return Usage(lower=frozenset(lower), names=frozenset(names))


def is_title_case(text: str) -> bool:
    """Tell whether a heading capitalises its words.

    >>> is_title_case("Clinical Course and Treatment"), is_title_case("Course in Crohn disease")
    (True, False)
    """
    words = [w for w in _WORD.findall(text)[1:] if len(w) >= MIN_WORD_CHARS]
    return bool(words) and sum(w[0].isupper() for w in words) * 2 > len(words)


def is_noun_phrase(text: str, *, longest: int = MAX_PHRASE_WORDS) -> bool:
    """Tell whether a text can stand as a noun phrase in a question: short, and no clause.

    >>> is_noun_phrase("triggers of secondary OP"), is_noun_phrase("in these three steps")
    (True, False)
    """
    words = text.lower().split()
    if not 1 <= len(words) <= longest or re.search(r"[^\w\s'’/%+–-]", text):
        return False
    if words[0] in _NO_BEGINNING or words[-1] in _NO_END or words[0].isdigit():
        return False
    if words[0].endswith("ly") and words[0] != "elderly":
        return False
    if not any(len(w) > 1 for w in words):
        return False
    return not _NOT_IN_A_PHRASE.intersection(re.findall(r"[\w'’]+", text.lower()))


def is_plural(phrase: str) -> bool | None:
    """Tell a noun phrase's number; None when two things joined by "and" leave it open."""
    before = _AFTER_HEAD.split(f"{phrase} ", maxsplit=1)[0]
    if re.search(r"\b(?:and|or)\b|/", before):
        return None
    head = before.split()[-1].lower() if before.split() else ""
    if head in _ODD_PLURALS:
        return True
    if head in _ODD_SINGULARS or not head.endswith("s"):
        return False
    return _PLURAL_IN_ES.search(head) is not None or not _SINGULAR_IN_S.search(head)


def sentences_of(document: Document) -> Iterator[tuple[int, Span]]:
    """Yield the position of each paragraph and item, with each of its sentences."""
    for position, block in enumerate(document.blocks):
        if block.kind in ("paragraph", "item"):
            for sentence in block.sentences:
                yield position, sentence


def finished(text: str) -> str | None:
    """Return a question with its capital and its question mark; None when it is not fit to show."""
    question = " ".join(text.split()).rstrip(" .?:;,") + "?"
    words = question.lower().rstrip("?").split()
    repeated = any(one == two for one, two in pairwise(words))
    if repeated or len(words) < MIN_QUESTION_WORDS or len(question) > MAX_QUESTION_CHARS:
        return None
    if not _OPENS.match(question) or _POINTING.search(question) or _STRANGE.search(question):
        return None
    if words[-1] in _NO_END - _MAY_END_A_QUESTION:
        return None
    return question[0].upper() + question[1:]
