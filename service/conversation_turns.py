"""Reading one question by itself: what it names, what it asks, and how it leans on others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.lexical import stems
from service.conversation_leaning import Leaning, Token, is_bare, leaning_of, points
from service.conversation_words import (
    AUXILIARIES,
    CLASSES,
    COMPOUNDS,
    GRADING,
    OPENERS,
    PLURAL,
    PREPOSITIONS,
    SINGULAR,
    WH,
    Kind,
    is_clause,
    kind,
    role,
)

_TOKEN = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_CONTRACTED = re.compile(r"'(?:s|m|re|ve|ll|d)$", re.IGNORECASE)
# announces another subject; what is announced counts, as in "New patient: a man of 70"
_RESET = re.compile(
    r"\b(?:(?:new|next|another|different|other|separate|unrelated) "
    r"(?:patient|case|question|topic|subject)|forget (?:it|that|this|about)|never mind|"
    r"(?:let's|let us|i'd like to|can we|now) (?:turn|move on|switch|talk|go) (?:to|about|on)|"
    r"turning to|moving on|on another note|chang(?:e|ing) the subject)\b[^.:;!,]*(?:[.:;!,]|$)",
    re.IGNORECASE,
)
_CHATTER = re.compile(
    r"^(?:(?:all right|alright|ok(?:ay)?|right|well|i see|thanks?(?: you)?|yes|no|good|great|fine|"
    r"in that case|interesting|please)[,.!;]+\s*)+",
    re.IGNORECASE,
)
# an "it" that stands for nothing said before: "Is it safe to give iron?"
_EXPLETIVE = re.compile(
    r"\b(?:is|was|would|be) it (?:\w+ly )?(?:safe|possible|necessary|true|advisable|better|useful|"
    r"important|likely|recommended|reasonable|worth|worthwhile|normal|common|ok|okay|good|bad|wise|"
    r"appropriate|essential)(?: (?:for|in) [\w' -]+?)? (?:to(?! (?:the|a|an|my|our))|that|\w+ing)\b"
    r"|\b(?:does|will|would|did) it take (?:for|to|until|before)\b",
    re.IGNORECASE,
)
# only a condition, and no question to it: "What if it comes back?", "And when they are stopped?"
_CONDITION = re.compile(
    r"^(?:(?:(?:and|but|so|or|then) )*what if|(?:(?:and|but|so|or|then) )+(?:if|when"
    r"(?! (?:is|are|was|were|do|does|did|can|could|should|would|will|may|must|has|have)\b)))\b"
    r"[^,;:]*$",
    re.IGNORECASE,
)
_IT = re.compile(r"\bit\b", re.IGNORECASE)
_CONTRAST = re.compile(
    r"\b(?:the same as|compared? (?:to|with)|differs? from|differen(?:t|ce) from|versus|vs|than|"
    r"similar(?: or different)? (?:to|from))\b",
    re.IGNORECASE,
)
_PREDICATE = re.compile(r"\w{2,}(?:ed|en|ful|ous|able|ible|less|ive|ic|al)")
_STATEMENT = frozenset({"that", "that's", "same"})
_COMPARES = re.compile(
    r"\b(?:which one|which of|of (?:these|those|them|the two)|both|the two|between them|former|"
    r"latter|differ|differences?|similarities|each other|came first|compared?|better|worse)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Neighbouring words of a question that name one thing, or one word that asks something.

    `words` are as written; `tail` holds asking words that belong to a name ("lung *function*").
    `preposition` is the one that leads to it, "" for none; `definite` when "the" stands before
    it; `place` is the position of its first word in the question.
    """

    words: tuple[str, ...]
    is_name: bool
    place: int
    tail: tuple[str, ...] = ()
    preposition: str = ""
    definite: bool = False

    @property
    def head(self) -> str:
        """The last word, in lower case: what kind of thing it is."""
        return self.words[-1].lower()

    @property
    def kinds(self) -> frozenset[Kind]:
        """What kinds of medical things its words name."""
        return frozenset(k for word in self.words if (k := kind(word.lower())))

    @property
    def is_topical(self) -> bool:
        """Whether it names what conversations are about: a disease, or an abbreviation."""
        return "disease" in self.kinds or any(w.isupper() and len(w) > 1 for w in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question as read by itself.

    `phrases` are in the question's order; `pointers` are the words that point to something said
    before, in lower case. `swaps`: "what about …", which puts a thing in another's place.
    `resets`: a new subject is announced. `has_subject`: it is about a name of its own, whatever
    it points to. `compares`: it needs two things; `contrasts`: it names a second one.
    `fronts`: its first name is only what is asked for ("How many *legs* do mammals have?").
    """

    phrases: tuple[Phrase, ...]
    leaning: Leaning
    pointers: tuple[str, ...] = ()
    swaps: bool = False
    resets: bool = False
    has_subject: bool = False
    compares: bool = False
    contrasts: bool = False
    fronts: bool = False

    @property
    def points_to_statement(self) -> bool:
        """Whether it points to what was asked and not to a thing: "Is that true in women?"."""
        return bool(self.pointers) and _STATEMENT.issuperset(self.pointers)

    @property
    def names(self) -> tuple[Phrase, ...]:
        """The phrases that name something."""
        return tuple(p for p in self.phrases if p.is_name)


@lru_cache(maxsize=1000)
def read_turn(question: str) -> Turn:
    """Read one question by itself."""
    text = _CHATTER.sub("", " ".join(question.split()).replace("’", "'"))
    reset = _RESET.search(text)
    if reset is not None:
        text = text[reset.end() :] or text
    text = _EXPLETIVE.sub(lambda found: _IT.sub("-", found[0]), text)
    tokens = _tokens(text)
    opened = _opening(tokens)
    rest = tokens[opened:]
    phrases = tuple(replace(p, is_name=False) if _is_class(rest, p) else p for p in _phrases(rest))
    pointers = tuple(t.word for i, t in enumerate(rest) if points(rest, i))
    swaps = opened > 0 and not is_clause([t.word for t in rest])
    leaning = leaning_of(rest, phrases, points=bool(pointers), follows=opened > 0)
    return Turn(
        phrases=phrases,
        leaning="fragment" if _CONDITION.match(text) else leaning,
        pointers=pointers,
        swaps=swaps,
        resets=reset is not None,
        has_subject=_has_subject(rest, phrases, pointers),
        compares=bool(_COMPARES.search(text)),
        contrasts=bool(_CONTRAST.search(text)),
        fronts=_fronts(rest, phrases),
    )


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        broken = bool(text[end : match.start()].strip(" -'\""))
        end = match.end()
        tokens.append(_token(match[0], broken, tokens, text[end:]))
    return tokens


def _token(written: str, broken: bool, before: Sequence[Token], rest: str) -> Token:  # noqa: FBT001
    """Return a word with the part it plays between those before it and the text after it."""
    word = written.lower()
    bare = word if word in AUXILIARIES else _CONTRACTED.sub("", word)
    part = role(bare)
    last = before[-1] if before and not broken else None
    if part == "name" and ((last and last.word in GRADING) or _is_predicate(bare, before, rest)):
        part = "aspect"  # "the most powerful"; "Why was the treatment chosen?"
    elif part == "aspect" and bare.endswith("ing") and last and last.role == "name":
        part = "name"  # "binge drinking"
    return Token(text=_CONTRACTED.sub("", written), word=word, role=part, broken=broken)


def _is_predicate(word: str, before: Sequence[Token], rest: str) -> bool:
    """Tell whether a word is said of a noun: "Why was the test chosen?", "Is it painful?"."""
    if not _PREDICATE.fullmatch(word) or not before or before[-1].role == "plain":
        return False
    after = _TOKEN.match(rest.strip())
    ends = after is None or role(after[0].lower()) == "plain"
    return ends and any(t.word in AUXILIARIES for t in before)


def _opening(tokens: Sequence[Token]) -> int:
    """Return how many words only open the question: "And what about …"."""
    count = 0
    while count < len(tokens) and tokens[count].word in OPENERS:
        count += 1
    two = [t.word for t in tokens[count : count + 2]]
    if two in (["what", "about"], ["how", "about"], ["what", "of"], ["what", "if"]):
        count += 2
    return count


def _phrases(tokens: Sequence[Token]) -> Iterator[Phrase]:
    """Give the names, and each asking word by itself, in order."""
    start: int | None = None
    for i, token in enumerate(tokens):
        if start is not None and (token.role != "name" or token.broken):
            yield _name(tokens, start, i)
            start = None
        if token.role == "name" and start is None:
            start = i
        elif token.role == "aspect":
            lead = _led_by(tokens, i)
            yield Phrase(words=(token.text,), is_name=False, place=i, preposition=lead)
    if start is not None:
        yield _name(tokens, start, len(tokens))


def _name(tokens: Sequence[Token], start: int, end: int) -> Phrase:
    tail = end
    while tail < len(tokens) and not tokens[tail].broken and _is_compound(tokens[tail]):
        tail += 1
    return Phrase(
        words=tuple(t.text for t in tokens[start:end]),
        is_name=True,
        place=start,
        tail=tuple(t.text for t in tokens[end:tail]),
        preposition=_led_by(tokens, start),
        definite=start > 0 and tokens[start - 1].word == "the",
    )


def _is_compound(token: Token) -> bool:
    return token.role == "aspect" and COMPOUNDS.issuperset(stems(token.word))


def _led_by(tokens: Sequence[Token], i: int) -> str:
    """Return the preposition that leads to a word, over an article and an adjective."""
    for token in reversed(tokens[max(0, i - 3) : i]):
        if token.word in PREPOSITIONS:
            return token.word
        if token.role == "name" or token.word in AUXILIARIES or token.word in WH:
            break
    return ""


def _is_class(tokens: Sequence[Token], phrase: Phrase) -> bool:
    """Tell whether a phrase only points: "the drug", "this disease"."""
    return len(phrase.words) == 1 and phrase.head in CLASSES and is_bare(tokens, phrase.place)


def _has_subject(
    tokens: Sequence[Token], phrases: Sequence[Phrase], pointers: Sequence[str]
) -> bool:
    """Tell whether a question is about a name of its own: "Is rituximab used for it?".

    "Is that true in women?" is so too: "that" points to what was asked, and not to a thing.
    """
    names = [p for p in phrases if p.is_name]
    if pointers and _STATEMENT.issuperset(pointers):
        return bool(names)
    verbs = [i for i, t in enumerate(tokens) if t.word in AUXILIARIES - SINGULAR - PLURAL]
    return bool(verbs and names) and names[0].place == verbs[0] + 1 and not names[0].definite


def _fronts(tokens: Sequence[Token], phrases: Sequence[Phrase]) -> bool:
    """Tell whether the first name stands before "do", and the subject behind it."""
    verbs = [i for i, t in enumerate(tokens) if t.word in {"do", "does", "did"}]
    names = [p for p in phrases if p.is_name]
    return bool(verbs and names) and names[0].place < verbs[0]
