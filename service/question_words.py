"""A question's words as typed, and what passages hold of them.

Three kinds of words are told apart: those that only ask ("which", "usually", "recommended"),
those that ask for a property ("dose", "incidence", "contraindications"), and the rest, which name
a subject. The lists are words of questions in general; a few were added after reading misses on the
built-in sample.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from index.lexical import stems, terms
from index.lexicon import Lexicon
from index.retriever import Hit

_ASKING = """
    about accept achieve add adjust advise affect after against ago aim aimed all allow also always
    amount another anything appear apply appropriate around ask assess associated available average
    avoid away back bad based be become before begin below best better between both bring call
    carry case cause certain change check choice choose clear come common commonly compare compared
    comparison confirm consider contain continue contribute control could count current currently
    daily day decide decrease define definition depend described detect determine develop differ
    difference different do does done during each early effect effective either else end enough
    especially establish estimate ever every evidence exactly example exclude exist expect explain
    far few fifth find finding first first-line five follow follow-up found four fourth frequent
    frequently full further general generally get give given go good great group half happen have
    help high higher important improve include increase indicate indicated indication influence
    initial instead interval involve isn kind know known large last late later lead least leave
    left less let level like likely limit line list little long long-term longer look lot low lower
    main make many matter may mean means measure mention method might mine minimum month months
    more most much must name near necessary need needed never new next normal normally not note now
    number occur off offer often old older once one only option order other otherwise out outcome
    over overall own part patient patients people per perform period permitted person place placed
    play point possible possibly prefer preferred present prevent probably proceed produce proper
    prove provide put question quick quickly raise raised range rate rather reach really reason
    receive recommend recommendation recommended reduce regard related relevant remain repeat
    replace report reported require required respond result right role routine routinely safe
    safest same say second see seem send set seven several severe severity should show side sign
    significant similar since single six size small smaller somebody someone something sometimes
    soon special specific standard start started state stay step still stop strongly study suffer
    suggest suitable support sure take taken talk ten term test than then there thing think third
    though three time today together too total toward try turn two type typical typically under
    undergo unless until up upon us use used useful usual usually value various very via want
    warrant warranted way week weeks well while whole whom wide will with within without wonder
    work worked worse worth year years yet yield yourself
"""
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CLITIC = re.compile(r"n['’]t$|['’][^\W_]+$")
_PERCENT = "percent percentage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word as typed; `terms` are what it is looked up by, empty for a stop word or a number.

    A word inside a known phrase is looked up by the phrase's concept alone: "blood" in "blood
    pressure" is not held by a passage on blood. `adjoins` says that only white space stands
    between it and the word before.
    """

    text: str
    terms: tuple[str, ...]
    adjoins: bool


def words_of(text: str) -> tuple[Word, ...]:
    """Return all words of a text in order.

    >>> [(word.text, word.terms) for word in words_of("Is KL-6 high?")]
    [('Is', ()), ('KL-6', ('kl',)), ('high', ('high',))]
    """
    found = list(_WORD.finditer(text))
    parts = [stems(_CLITIC.sub("", match[0])) for match in found]
    flat = [stem for part in parts for stem in part]
    looked_up = list(flat)
    for start, end, concept in Lexicon.load(stems).concepts(flat):
        looked_up[start:end] = [concept] * (end - start)
    words: list[Word] = []
    done = before = 0
    for match, part in zip(found, parts, strict=True):
        own = dict.fromkeys(t for t in looked_up[done : done + len(part)] if _is_word(t))
        adjoins = bool(words) and text[before : match.start()].isspace()
        words.append(Word(text=match[0], terms=tuple(own), adjoins=adjoins))
        done, before = done + len(part), match.end()
    return tuple(words)


def is_asking(word: Word) -> bool:
    """Tell whether a word only asks: it is never what a source must hold."""
    return _asking().issuperset(word.terms)


def held_by(hits: Iterable[Hit]) -> frozenset[str]:
    """Return all stems and concepts of the passages with their lead-ins, sections and titles."""
    held: set[str] = set()
    for passage in (hit.passage for hit in hits):
        text = " ".join([passage.title, *passage.section_path, *passage.lead_ins, passage.text])
        text = f"{text} {_PERCENT}" if "%" in text else text
        held.update(stems(text), terms(text))
    return frozenset(held)


def _is_word(term: str) -> bool:
    return len(term) > 1 and any(c.isalpha() for c in term)


@lru_cache(maxsize=1)
def _asking() -> frozenset[str]:
    return _forms(_ASKING)


def _forms(words: str) -> frozenset[str]:
    return frozenset(form for word in words.split() for form in (*stems(word), *terms(word)))
