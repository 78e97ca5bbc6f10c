"""From a conversation to a stand-alone question, without a language model.

A follow-up leaves words out: "and when they are stopped?" needs the drug of the turn before. Each
turn is read by itself (`service.conversation_turns`); going through them in order, the names that
the conversation is about are kept, and those that a question lacks are carried along, at a lower
weight. docs/conversations.md tells the rules with examples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.lexical import terms
from index.retriever import Query
from service.conversation_turns import Phrase, Turn, read_turn
from service.conversation_words import PLURAL, SINGULAR, alike, is_plural

MAX_CARRIED_WORDS = 10
# So many subjects back a pronoun that does not agree with the latest one may reach.
MAX_EARLIER = 4

Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What a conversation is about after some turns.

    `focus` holds what "it" or "they" would mean now, most likely first; `earlier` what they meant
    before the subject changed, latest first; `second` what the focus was last compared with;
    `content` all that the last turn says in full, asking words too.
    """

    focus: Phrases = ()
    earlier: tuple[Phrases, ...] = ()
    second: Phrases = ()
    content: Phrases = ()


def stand_alone(question: str, history: Sequence[str], *, subject: str = "") -> Query:
    """Return the question with the words of earlier ones that it leans on.

    `history` holds the earlier questions, oldest first. `subject` is what all of them are about,
    the article's title; its words are carried where the question points to something, or asks
    of nothing, and the history does not tell what.

    >>> stand_alone("And when they are stopped?", ["Do steroids help in asthma?"]).text
    'And when they are stopped? (steroids help asthma)'
    >>> stand_alone("What causes it?", [], subject="Organizing pneumonia in adults").carried
    'Organizing pneumonia'
    """
    own = " ".join(question.split())
    talk = Talk()
    for earlier in history:
        talk = follow(talk, read_turn(earlier))
    turn = read_turn(own)
    carried = _missing(own, (*_filled_names(turn, talk), *taken(turn, talk)))
    if not carried and turn.leaning != "whole" and (turn.pointers or not turn.names):
        carried = _missing(own, _topic(subject))
    return Query(own=own, carried=" ".join(carried))


def leans(question: str) -> bool:
    """Tell whether a question cannot be understood without what was said before."""
    return read_turn(question).leaning != "whole"


def follow(talk: Talk, turn: Turn) -> Talk:
    """Return what the conversation is about after one more turn."""
    turn = replace(turn, phrases=tuple(_full_name(p, talk) or p for p in turn.phrases))
    carried = taken(turn, talk)
    inherited = tuple(p for p in carried if p.is_name)
    # in "How many legs do mammals have?" it is mammals that are talked about
    own = turn.names[1:] if turn.fronts and len(turn.names) > 1 else turn.names
    second = turn.names if turn.contrasts else _replaced(turn, talk.content)
    content = (*carried, *turn.phrases)
    if turn.leaning != "whole" and inherited:
        focus = _continued(turn, own, inherited)
        return replace(talk, focus=focus, second=second or talk.second, content=content)
    if not own:
        return replace(talk, content=content or talk.content)
    earlier = (talk.focus, *talk.earlier)[:MAX_EARLIER] if talk.focus else ()
    return Talk(focus=own, earlier=earlier, second=second, content=content)


def _continued(turn: Turn, own: Phrases, inherited: Phrases) -> Phrases:
    """Return the focus after a turn that leans: the latest name first, unless it is a detail."""
    if turn.leaning == "fragment" or (turn.leaning == "gap" and turn.has_subject):
        return (*own, *inherited)
    if turn.has_subject:
        return (*own[:1], *inherited)
    if turn.contrasts:
        return inherited
    return (*inherited, *(p for p in own if p.is_topical))


def taken(turn: Turn, talk: Talk) -> Phrases:
    """Return what a turn takes over from the talk before it."""
    if turn.leaning == "whole" or (turn.resets and turn.leaning != "pointer"):
        return ()
    if turn.leaning == "fragment" or turn.points_to_statement:
        replaced = _replaced(turn, talk.content)
        return tuple(p for p in talk.content if p not in replaced)
    focus = _meant(turn, talk) if turn.leaning == "pointer" else talk.focus
    if turn.compares and talk.second:
        focus = (*talk.second, *focus)
    elif turn.compares and len(focus) == 1:
        focus = (*next(iter(talk.earlier), ()), *focus)
    if PLURAL.intersection(turn.pointers):
        return (*_plural_aspects(talk), *focus)
    return focus


def _meant(turn: Turn, talk: Talk) -> Phrases:
    """Return the latest names that agree in number with what points to them."""
    subjects = (talk.focus, *talk.earlier)
    if PLURAL.intersection(turn.pointers) and not _plural_aspects(talk):
        many = (s for s in subjects if len(s) > 1 or any(is_plural(p.head) for p in s))
        return next(many, talk.focus)
    if SINGULAR.intersection(turn.pointers):
        one = (s for s in subjects if any(not is_plural(p.head) for p in s))
        return next(one, talk.focus)
    return talk.focus


def _plural_aspects(talk: Talk) -> Phrases:
    """Return what "they" means when no name is a plural: the relapses of a disease."""
    if any(is_plural(phrase.head) for phrase in talk.focus):
        return ()
    return tuple(p for p in talk.content if not p.is_name and is_plural(p.head))[:1]


def _replaced(turn: Turn, content: Phrases) -> Phrases:
    """Return what "what about X?" puts X in the place of; when in doubt, nothing."""
    new = next(iter((*turn.names, *turn.phrases)), None)
    if new is None or not turn.swaps:
        return ()
    same = tuple(p for p in content if p.is_name == new.is_name)
    like = tuple(p for p in same if alike(p.head, new.head))
    if like or not new.preposition or not new.is_name or "people" in new.kinds:
        return like
    led = (p for p in same if p.preposition == new.preposition)
    return tuple(p for p in led if new.is_topical or not p.is_topical)


def _filled_names(turn: Turn, talk: Talk) -> Phrases:
    return tuple(full for phrase in turn.phrases if (full := _full_name(phrase, talk)))


def _full_name(phrase: Phrase, talk: Talk) -> Phrase | None:
    """Return the longer name that one word stands for: "the plans" for "529 plans"."""
    if not phrase.is_name or len(phrase.words) > 1:
        return None
    if "disease" in phrase.kinds and not phrase.definite:
        return None  # "pneumonia" may be meant as it stands, after any kind of it
    word = phrase.words[0]
    for known in (p for names in (talk.focus, *talk.earlier) for p in names):
        first, last = known.words[0], known.words[-1]
        begins = first == word and first[0].isupper()
        if len(known.words) > 1 and (begins or terms(last) == terms(word)):
            return replace(phrase, words=known.words)
    return None


def _topic(title: str) -> Phrases:
    """Return what a title names, without its subtitle and whom it is about."""
    names = read_turn(title.split(":", maxsplit=1)[0]).names or read_turn(title).names
    return tuple(p for p in names if "people" not in p.kinds)


def _missing(own: str, phrases: Iterable[Phrase]) -> list[str]:
    """Return the words of phrases that the question lacks; asking words give way to names."""
    held = set(terms(own))
    chosen: list[tuple[bool, str]] = []
    for phrase in phrases:
        for word in (*phrase.words, *phrase.tail):
            stems = terms(word)
            if stems and not held.issuperset(stems):
                held.update(stems)
                chosen.append((phrase.is_name, word))
    spare = MAX_CARRIED_WORDS - sum(named for named, _ in chosen)
    kept: list[str] = []
    for named, word in chosen:
        if named or spare > 0:
            kept.append(word)
            spare -= not named
    return kept[:MAX_CARRIED_WORDS]
