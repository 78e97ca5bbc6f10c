"""Words that turn, weaken or bound what a sentence says, each with the words that it governs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from corpus.records import Span
from service.fact_opposites import PLACE_AXIS, PLACES, poles
from service.fact_text import Words, same_word

# How many terms a word governs, and how many lie beside it on each side.
SCOPE_TERMS = 4
BESIDE_TERMS = 3

CueKind = Literal["negation", "hedge", "quantifier", "duty", "cause", "link"]

_NOT_PREFIXED = (
    "under until unto unit uniq union univers unilat uniform unless uncle uncinat unguent "
    "unction unanim unfold"
).split()
_NEGATED_WHOLE = {
    "ineffective": "effective",
    "inactive": "active",
    "inadequate": "adequate",
    "insufficient": "sufficient",
    "insignificant": "significant",
    "incomplete": "complete",
    "inappropriate": "appropriate",
    "asymptomatic": "symptomatic",
    "irreversible": "reversible",
    "irrelevant": "relevant",
    "impossible": "possible",
    "nonspecific": "specific",
    "nonmajor": "major",
    "dissimilar": "similar",
}
_NEGATIONS = re.compile(
    r"\b(?:(?P<forward>no(?! (?:more|less|fewer|greater|later|earlier|longer) than\b)(?!\.)|"
    r"not(?! (?:only|more|less|over|above|under|below|exceed\w*)\b)|never|neither|nor|without|none|"
    r"cannot|unlike|\w+n't|nobody|nothing|nowhere|"
    r"(?:argu\w+|speaks?|recommend\w*|decid\w+|and|or) against|"
    r"fail(?:s|ed|ing|ure)? to|unable to|lack(?:s|ed|ing)?|"
    r"absence of|absent|free of|free from|rather than|instead of|except(?: for| in)?|"
    r"advis\w+ against|refus\w+|deni\w+|deny|rul\w+ out|exclud\w+|avoid\w*|contraindicated)\b|"
    r"(?P<prefix>non-?|un)(?P<root>[a-z]{4,})\b)",
    re.IGNORECASE,
)
_NOR = re.compile(r"\bnor\b", re.IGNORECASE)
# These stand after what they deny: "clubbing is absent", "trials are lacking".
_BACKWARDS = re.compile(
    r"absent|none|lacking|excluded|avoided|contraindicated|refused|denied", re.IGNORECASE
)

# How sure: 1 possible, 2 probable. What is stated outright is 3.
_HEDGES = {
    1: "may(?! \\d)|might|could|can|possibly|possible|perhaps|potential(?:ly)?|conceivabl[ey]|"
    "considered|consider|considering|reasonabl[ey]|optional",
    2: "probabl[ey]|likely|presumabl[ey]|suggest\\w*|appear(?:s|ed)?|seem(?:s|ed)?|apparently|"
    "thought|believed|presumed|assumed|suspected|indicat(?:e|es|ed|ing) that|tend(?:s|ed)?|"
    "suggestive",
}
# How binding: 1 allowed, 2 advised, 3 required.
_DUTIES = {
    1: "may|might|can|could|suggests?|suggested|option|reasonabl[ey]|considered",
    2: "should|recommend\\w*|advis\\w+|ought|suitable|indicated|needs? to be",
    3: "must|has to|have to|required|requires?|mandatory|obligatory|imperative|essential",
}
_MOST_OF_THEM = (
    "(?<!the )most(?! (?:useful|common|important|severe|"
    "\\w{3,}(?:al|able|ible|ant|ent|ive|ic|ous|ed|ing))\\b)"
)
# How many or how often: 0 none, 1 few, 2 some, 3 most, 4 all.
_QUANTIFIERS = {
    0: "none of|no one|nobody|never",
    1: "few|rarely|rare|seldom|minority|uncommon|infrequent(?:ly)?|occasional(?:ly)?|"
    "unusual|hardly",
    2: "some|sometimes|several|certain|at times",
    3: f"{_MOST_OF_THEM}|mostly|majority|usual(?! interstitial)|usually|mainly|often|frequent|"
    "frequently|commonly|common|typical|typically|generally|as a rule|predominantly|many|largely",
    4: "all|every|each|always|invariably|everyone|everybody|(?<!not )only(?! (?:about |some )?\\d)|"
    "exclusively|universally",
}
_CAUSES = (
    r"causes?|caused|causing|causal|leads? to|led to|leading to|results? in|resulted in|due to|"
    r"provokes?"
)
_LINKS = r"associat\w+|linked|link|correlat\w+|related to|relationship|accompan\w+|connected"
_THAN = re.compile(r"\bthan\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A word with the terms that it governs, and all those of its clause; `level` is its rank."""

    kind: CueKind
    level: int
    printed: str
    start: int
    end: int
    scope: tuple[str, ...]
    clause: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """A word at one pole (+1 or -1) of an axis, and the terms beside it in its clause."""

    axis: str
    pole: int
    printed: str
    start: int
    beside: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is said to be more or less than what: the terms of both sides."""

    axis: str
    pole: int
    printed: str
    start: int
    left: frozenset[str]
    right: frozenset[str]


def cues_of(words: Words, numbers: tuple[Span, ...] = ()) -> tuple[Cue, ...]:
    """Return all cues in text order; those inside `numbers` belong to a quantity."""
    found = [*_negations(words), *_ranked(words)]
    outside = (c for c in found if not any(s.start <= c.start < s.end for s in numbers))
    return tuple(sorted(outside, key=lambda c: (c.start, c.end, c.kind, c.level)))


def _cue(words: Words, kind: CueKind, level: int, match: re.Match[str], **at: bool) -> Cue:
    backwards = at.get("backwards", False)
    scope = (
        words.before(match.start(), SCOPE_TERMS)[::-1]
        if backwards
        else words.after(match.end(), SCOPE_TERMS)
    )
    clause = frozenset(words.within(words.clause(match.start())))
    return Cue(
        kind=kind,
        level=level,
        printed=match[0],
        start=match.start(),
        end=match.end(),
        scope=scope,
        clause=clause,
    )


def _negations(words: Words) -> Iterator[Cue]:
    neither = False
    for match in _NEGATIONS.finditer(words.text):
        if match["prefix"]:
            yield from _prefixed(words, match)
            continue
        if match[0].lower() == "nor" and neither:
            continue
        after = words.after(match.end(), 1)
        backwards = bool(_BACKWARDS.fullmatch(match[0])) and not (
            match[0].lower() == "none" and after
        )
        cue = _cue(words, "negation", 0, match, backwards=backwards)
        nor = _NOR.search(words.text, match.end()) if match[0].lower() == "neither" else None
        if nor is not None:  # "neither … nor" is one denial
            neither = True
            one, other = words.after(match.end(), 1), words.after(nor.end(), SCOPE_TERMS - 1)
            cue = replace(cue, scope=(*one, *other))
        yield cue
    for match in _WORD.finditer(words.text):
        root = _NEGATED_WHOLE.get(match[0].lower())
        if root is not None:
            yield _rooted(words, match, root)


def _prefixed(words: Words, match: re.Match[str]) -> Iterator[Cue]:
    """Read "unlikely" and "non-major" as a negation of the rest of the word."""
    whole = match[0].lower()
    if whole == "unlike" or whole in _NEGATED_WHOLE or whole.startswith(tuple(_NOT_PREFIXED)):
        return
    yield _rooted(words, match, match["root"].lower())


def _rooted(words: Words, match: re.Match[str], root: str) -> Cue:
    clause = frozenset(words.within(words.clause(match.start())))
    return Cue(
        kind="negation",
        level=1,  # inside a word: a text may say the same without a word of its own
        printed=match[0],
        start=match.start(),
        end=match.end(),
        scope=(same_word(root),),
        clause=clause,
    )


def _ranked(words: Words) -> Iterator[Cue]:
    for kind, pattern, levels in _PATTERNS:
        for match in pattern.finditer(words.text):
            named = match.lastgroup or ""
            yield _cue(words, kind, levels[named], match)


def _pattern(ranks: dict[int, str]) -> tuple[re.Pattern[str], dict[str, int]]:
    named = "|".join(rf"(?P<l{level}>{words})" for level, words in ranks.items())
    levels = {f"l{level}": level for level in ranks}
    return re.compile(rf"(?<![\w-])(?:{named})(?![\w-])", re.IGNORECASE), levels


_PATTERNS: tuple[tuple[CueKind, re.Pattern[str], dict[str, int]], ...] = (
    ("hedge", *_pattern(_HEDGES)),
    ("duty", *_pattern(_DUTIES)),
    ("quantifier", *_pattern(_QUANTIFIERS)),
    ("cause", *_pattern({1: _CAUSES})),
    ("link", *_pattern({1: _LINKS})),
)


def directions_of(words: Words) -> tuple[Direction, ...]:
    """Return the words that have an opposite, in text order."""
    found = []
    for match in _WORD.finditer(words.text):
        axes = _poles(words.text, match)
        beside: set[str] = (
            set()
            if not axes
            else {
                *words.before(match.start(), BESIDE_TERMS),
                *words.after(match.end(), BESIDE_TERMS),
            }
        )
        found += [
            Direction(
                axis=axis,
                pole=sign,
                printed=match[0],
                start=match.start(),
                beside=frozenset(beside),
            )
            for axis, sign in axes
        ]
    return tuple(found)


def _poles(text: str, match: re.Match[str]) -> tuple[tuple[str, int], ...]:
    word = match[0].lower()
    if word in ("upper", "lower"):
        following = _WORD.search(text, match.end())
        adjoins = following is not None and text[match.end() : following.start()].isspace()
        if following and adjoins and following[0].lower() in PLACES:
            return ((PLACE_AXIS, 1 if word == "upper" else -1),)
    if word == "upper":
        return ((PLACE_AXIS, 1),)
    return poles().get(same_word(word), ())


def comparisons_of(words: Words, directions: tuple[Direction, ...]) -> tuple[Comparison, ...]:
    """Return what is said to be more or less than what."""
    found = []
    for than in _THAN.finditer(words.text):
        clause = words.clause(than.start())
        inside = [d for d in directions if clause.start <= d.start < than.start()]
        if not inside:
            continue
        comparative = inside[-1]
        left = words.within(Span(start=clause.start, end=comparative.start))
        between = words.within(Span(start=comparative.start, end=than.start()))
        right = words.after(than.end(), SCOPE_TERMS)
        found.append(
            Comparison(
                axis=comparative.axis,
                pole=comparative.pole,
                printed=words.text[comparative.start : than.end()],
                start=comparative.start,
                left=frozenset((*left, *between)) - frozenset(right),
                right=frozenset(right) - frozenset((*left, *between)),
            )
        )
    return tuple(found)
