"""A model's text, read into sentences with the evidence numbers that it printed.

The same reader serves a stream and a whole text, so both give the same sentences: a sentence is
cut off as soon as nothing that may still come can change where it ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.sentences import sentence_spans
from service.draft_markers import Marked, marked, settled

# A "sentence" longer than this is cut, so that a model that never stops costs no more than this.
MAX_SENTENCE_CHARS = 4000
MAX_HEADING_WORDS = 8
# What a list's bullet, a quotation or a heading looks like at the beginning of a line.
_BULLET = re.compile(
    r"\s*(?:>\s*)*(?P<bullet>(?:[-*+•–▪◦]|\(?\d{1,2}[.)]|[a-z]\))[ \t]+|#{1,6}[ \t]+)?"
)
# A beginning of a line that may yet turn into one of these.
_OPEN_START = re.compile(
    r"\s*(?:>\s*)*(?:[-*+•–▪◦]|\(\d{0,2}[.)]?|\d{1,2}[.)]?|[a-z]\)?|#{1,6}|`{1,2})?[ \t]*$"
)
_OTHER = re.compile(r"\s*[^\s\[【［]")
_OPEN_RULE = re.compile(r"[\s|:*_=-]*$")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[\w-]*\s*$")
_OPEN_FENCE = re.compile(r"\s*(?:`{3}|~{1,})[\w`~-]{0,40}$")
_RULE = re.compile(r"\s*(?:[-*_=][ \t]*){3,}$|[\s|:-]+$")
_DECLINES = re.compile(r"[\"'“*(\[]*NOT IN THE EVIDENCE\b", re.IGNORECASE)
_LABEL = re.compile(r"(?:final |short )?(?:answer|response)\s*:\s*", re.IGNORECASE)
_GREETING = re.compile(
    r"(?:sure|certainly|of course|absolutely|okay|ok|hello|hi|dear|thank you|thanks|"
    r"(?:great|good) question|here (?:is|are)|here['’]s|i hope|let me know|feel free|"
    r"i['’]m happy|i am happy|please (?:note|let)|as an ai|based on the (?:provided |given )?"
    r"(?:evidence|sources|passages|text)\s*[,:]?$)\b",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"[.!?…][\"'”’)\]]*$")
_EMPTY_BRACKETS = re.compile(
    r"\s*\(\s*(?:see|cf\.?|refs?\.?|evidence|sources?)?\s*\)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSentence:
    """One sentence of a draft, on one line and without its markers.

    `markers` are the evidence numbers in order, once each; `foreign` are markers that name no
    evidence number, as printed. A list item stands behind the line that introduces its list.
    `declines` tells the line that says that the evidence does not answer; its text is empty.
    """

    text: str
    markers: tuple[int, ...] = ()
    foreign: tuple[str, ...] = ()
    declines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What a line is: a list's item, a heading, or one that begins with a bracket (`bare`).

    `parts` tells one that begins with anything else: no marker below it belongs above it.
    `alone` is True while no sentence has been cut off it.
    """

    item: bool = False
    heading: bool = False
    bare: bool = False
    parts: bool = False
    alone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A sentence as cut from its line."""

    words: Marked
    line: _Line
    ends_line: bool


class DraftReader:
    """Reads a draft piece by piece; any division into pieces gives the same sentences.

    `known` is how many pieces of evidence there are; higher numbers are foreign. None: any number
    from 1 to 999 may be one.
    """

    def __init__(self, *, known: int | None = None) -> None:
        self._known = known
        self._rest = ""
        self._opens_line = True
        self._line = _Line()
        self._held: DraftSentence | None = None
        self._lead_in: DraftSentence | None = None
        self._listed = False

    def feed(self, piece: str) -> tuple[DraftSentence, ...]:
        """Take the next piece of the text; return the sentences that are now complete."""
        self._rest += piece
        return tuple(self._read(final=False))

    def finish(self) -> tuple[DraftSentence, ...]:
        """Say that the text has ended; return what was left."""
        return (*self._read(final=True), *self._released(), *self._unlisted())

    def _read(self, *, final: bool) -> Iterator[DraftSentence]:
        while (piece := self._next(final=final)) is not None:
            yield from self._taken(piece)
        if _OTHER.match(self._rest):  # no marker follows on a line of its own
            yield from self._released()

    def _next(self, *, final: bool) -> _Piece | None:
        """Cut the next sentence off what has come; None while its end is open."""
        if not self._rest or (self._opens_line and not self._begun(final=final)):
            return None
        line, newline, after = self._rest.partition("\n")
        whole = final or bool(newline)
        words = marked(line if whole else settled(line), known=self._known)
        end = _first_end(words.text)
        if end is not None:
            return self._cut(words.first(end), self._rest[words.at[end] :], ends_line=False)
        if not whole:
            return None
        if newline and _is_open(words.text) and not self._line.heading:
            joins = _joins(after, final=final)
            if joins is None:
                return None
            if joins:
                self._rest = f"{line} {after.lstrip()}"
                return self._next(final=final)
        return self._cut(words, after, ends_line=True)

    def _begun(self, *, final: bool) -> bool:
        """Take the bullet off a line; False while it may still be one."""
        line, newline, after = self._rest.partition("\n")
        whole = final or bool(newline)
        parts = _OTHER.match(line) is not None
        if not whole and any(p.match(line) for p in (_OPEN_START, _OPEN_FENCE, _OPEN_RULE)):
            return False
        if whole and (_FENCE.match(line) or _RULE.fullmatch(line)):
            line = ""
        bullet = _BULLET.match(line)
        mark = (bullet["bullet"] or "").strip() if bullet else ""
        bare = re.match(r"\s*[\[【［]", line) is not None
        self._line = _Line(
            item=bool(mark) and "#" not in mark, heading="#" in mark, bare=bare, parts=parts
        )
        self._opens_line = False
        self._rest = line[bullet.end() if bullet else 0 :] + newline + after
        return bool(self._rest)

    def _cut(self, words: Marked, rest: str, *, ends_line: bool) -> _Piece:
        line, self._rest, self._opens_line = self._line, rest, ends_line
        self._line = replace(line, alone=False, bare=False)
        return _Piece(words=words, line=line, ends_line=ends_line)

    def _taken(self, piece: _Piece) -> Iterator[DraftSentence]:
        """Give the sentences that a piece completes."""
        text = _cleaned(piece.words.text)
        sentence = DraftSentence(
            text=text, markers=piece.words.numbers, foreign=piece.words.foreign
        )
        if not text:
            if piece.line.bare and self._held is not None:
                self._held = _with_markers(self._held, sentence)
            elif sentence.markers or sentence.foreign:
                yield from self._released()
                yield sentence
            elif piece.line.parts:
                yield from self._released()
            return
        yield from self._released()
        if _DECLINES.match(text):
            yield replace(sentence, text="", declines=True)
        elif piece.line.item and self._lead_in is not None:
            self._listed = True
            yield from self._given(_behind(self._lead_in, sentence), piece)
        else:
            yield from self._unlisted()
            yield from self._plain(sentence, piece)

    def _plain(self, sentence: DraftSentence, piece: _Piece) -> Iterator[DraftSentence]:
        """Give a sentence that no list's line introduces, unless it says nothing."""
        cited = bool(sentence.markers or sentence.foreign)
        if not cited and (piece.line.heading or _says_nothing(sentence.text, piece)):
            return
        if piece.ends_line and sentence.text.endswith(":") and not piece.line.item:
            self._lead_in, self._listed = sentence, False
        else:
            yield from self._given(sentence, piece)

    def _given(self, sentence: DraftSentence, piece: _Piece) -> Iterator[DraftSentence]:
        """Give a sentence, or hold it back at the end of its line for markers on the next."""
        if piece.ends_line:
            self._held = sentence
        else:
            yield sentence

    def _released(self) -> Iterator[DraftSentence]:
        held, self._held = self._held, None
        if held is not None:
            yield held

    def _unlisted(self) -> Iterator[DraftSentence]:
        """Give up a list's first line; when it cites and nothing followed, it is a sentence."""
        lead_in, self._lead_in = self._lead_in, None
        if lead_in is not None and not self._listed and (lead_in.markers or lead_in.foreign):
            yield lead_in


def drafted(text: str, *, known: int | None = None) -> tuple[DraftSentence, ...]:
    """Return the sentences of a whole text; `known` as in `DraftReader`.

    >>> [(s.text, s.markers) for s in drafted("It fell. [2] It rose [1][3].")]
    [('It fell.', (2,)), ('It rose.', (1, 3))]
    """
    reader = DraftReader(known=known)
    return (*reader.feed(text), *reader.finish())


def _first_end(text: str) -> int | None:
    """Return where the second sentence begins; None when there is no second one."""
    spans = sentence_spans(text[: MAX_SENTENCE_CHARS + 1])
    if len(spans) > 1:
        return spans[1].start
    return MAX_SENTENCE_CHARS if len(text) > MAX_SENTENCE_CHARS else None


def _is_open(text: str) -> bool:
    """Tell whether a line's last sentence may go on in the next line."""
    return bool(text.strip()) and not _CLOSED.search(text.rstrip()) and text.rstrip()[-1] != ":"


def _joins(after: str, *, final: bool) -> bool | None:
    """Tell whether a following line goes on with a sentence; None while too little has come."""
    start = re.match(r"[ \t]*(\S{0,2})", after)
    head = start[1] if start else ""
    if len(head) < len("a)") and not final and "\n" not in after:
        return None
    return head[:1].islower() and not head.endswith(")")


def _says_nothing(text: str, piece: _Piece) -> bool:
    """Tell a greeting, or a few words on a line of their own without an end: a stray heading."""
    if _GREETING.match(text):
        return True
    alone = piece.line.alone and piece.ends_line and not piece.line.item
    return alone and len(text.split()) <= MAX_HEADING_WORDS and not _CLOSED.search(text)


def _cleaned(text: str) -> str:
    """Return a sentence on one line, without what a marker or a label has left behind."""
    text = " ".join(_EMPTY_BRACKETS.sub("", text).split())
    return _LABEL.sub("", text, count=1) if _LABEL.match(text) else text


def _with_markers(sentence: DraftSentence, more: DraftSentence) -> DraftSentence:
    return replace(
        sentence,
        markers=tuple(dict.fromkeys((*sentence.markers, *more.markers))),
        foreign=tuple(dict.fromkeys((*sentence.foreign, *more.foreign))),
    )


def _behind(lead_in: DraftSentence, item: DraftSentence) -> DraftSentence:
    """Return an item behind its lead-in, whose markers are its own when it has none."""
    foreign = tuple(dict.fromkeys((*lead_in.foreign, *item.foreign)))
    return DraftSentence(
        text=f"{lead_in.text} {item.text}",
        markers=item.markers or lead_in.markers,
        foreign=foreign,
    )
