"""A model's reply, read into sentences with the units that they point at.

    {"answered": true, "sentences": [{"text": "…", "units": ["u3"], "quotes": ["…"]}]}

The same is read inside a code fence or among other text, and from a stream as soon as a sentence
is complete. A reply in plain words is read as sentences that end in ids: `It relapses. [u3, u4]`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corpus.sentences import sentence_spans

# Text beyond this is no sentence, and a reply no answer.
MAX_SENTENCE_CHARS = 2000
MAX_REPLY_CHARS = 100_000
_SENTENCES = re.compile(r'"sentences"\s*:\s*\[')
_ANSWERED = re.compile(r'"answered"\s*:\s*(true|false)')
_THOUGHTS = r"<(think(?:ing)?|reason(?:ing)?|thoughts?|reflection)>.*?(?:</\1>|\Z)"
# The object stands behind the thoughts: what looks like a thought within it is a text's own.
_THOUGHTS_OR_OBJECT = re.compile(
    rf'{_THOUGHTS}|(?P<object>\{{\s*"(?:answered|sentences)"\s*:)', re.DOTALL
)
_UNIT = re.compile(r"(?<![\w.])u?(\d{1,4})(?![\w.])", re.IGNORECASE)
# Ids in brackets, as many as stand together: "[u3, u4]", "(u3)", "[3][4]". Several bare numbers in
# one bracket may be an interval, and a bare one in round brackets a year: these are words.
_ID = r"u\d{1,4}"
_MARK = rf"[\[【(]\s*{_ID}(?:\s*(?:[,;–-]|and|&)?\s*{_ID})*\s*[\]】)]"
_MARKS = re.compile(rf"(?:\s*{_MARK})+", re.IGNORECASE)
_MARKS_IN_WORDS = re.compile(rf"\s*(?:(?:{_MARK}|\[\d{{1,3}}\])\s?)+", re.IGNORECASE)
_BULLETS = re.compile(r"^(?:(?:[-*•–]|\d{1,2}[.)]|#{1,6}|>)\s+)+")
_FENCE = re.compile(r"`{3,}\w*")
# An escape that is not yet complete counts as one that JSON knows.
_ESCAPE = re.compile(r"\\([\"\\/bfnrt]|u[0-9a-fA-F]{4}|(?:u[0-9a-fA-F]{0,3})?\Z)?")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence as a model wrote it, the ids of the units that it names, and what it quotes."""

    text: str
    units: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


class ReplyReader:
    """Reads one reply that comes in pieces.

    >>> reader = ReplyReader()
    >>> [s.units for s in reader.feed('{"sentences": [{"text": "Yes.", "units": [')]
    []
    >>> [(s.text, s.units) for s in reader.feed('"u3"]}')], reader.declined
    ([('Yes.', ('u3',))], False)
    """

    def __init__(self) -> None:
        self._text = ""
        self._room = MAX_REPLY_CHARS
        self._at: int | None = None
        self.declined = False

    def feed(self, piece: str) -> list[Sentence]:
        """Return the sentences that are complete with this piece."""
        self._text += piece[: self._room]
        self._room = max(0, self._room - len(piece))
        if self._at is None:
            self._at = self._opened()
        return [] if self._at is None else list(self._complete())

    def finish(self) -> list[Sentence]:
        """Return what is complete at the reply's end."""
        if self._object() is not None:
            return []
        return list(_plain(_THOUGHTS_OR_OBJECT.sub("", self._text)))

    def _object(self) -> int | None:
        """Return where the object with the answer begins."""
        found = (match.start("object") for match in _THOUGHTS_OR_OBJECT.finditer(self._text))
        return next((at for at in found if at >= 0), None)

    def _opened(self) -> int | None:
        """Return where the first sentence stands, once that can be told."""
        begins = self._object()
        if begins is None:
            return None
        listed = _SENTENCES.search(self._text, begins)
        before = len(self._text) if listed is None else listed.start()
        answered = _ANSWERED.search(self._text, begins, before)
        self.declined = answered is not None and answered[1] == "false"
        return None if listed is None else listed.end()

    def _complete(self) -> Iterator[Sentence]:
        while self._at is not None and (item := self._next(self._at)) is not None:
            value, self._at = item
            sentence = _read(value)
            if sentence is not None and not self.declined:
                yield sentence

    def _next(self, at: int) -> tuple[Any, int] | None:
        while at < len(self._text) and self._text[at] in " \t\r\n,":
            at += 1
        if at >= len(self._text) or self._text[at] not in '{"':
            self._ended(at)
            return None
        try:
            return _DECODER.raw_decode(self._text, at)
        except (ValueError, RecursionError):
            return self._mended(at)

    def _mended(self, at: int) -> tuple[Any, int] | None:
        r"""Read an item with escapes that JSON does not know, as `\mu`, once it is complete."""
        mended = _ESCAPE.sub(_escaped, self._text[at:])
        text = self._text[:at] + mended
        if len(text) == len(self._text):
            return None
        try:
            found = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        self._text = text
        return found

    def _ended(self, at: int) -> None:
        """Look behind the sentences for whether the model declined after all."""
        answered = _ANSWERED.search(self._text, at)
        if answered is not None and answered[1] == "false":
            self.declined = True


def read_reply(text: str) -> tuple[tuple[Sentence, ...], bool]:
    """Return a whole reply's sentences, and whether it declines to answer.

    >>> read_reply("It relapses often. [u3][u4]")[0][0].units
    ('u3', 'u4')
    """
    reader = ReplyReader()
    sentences = (*reader.feed(text), *reader.finish())
    return sentences, reader.declined


def _escaped(escape: re.Match[str]) -> str:
    return rf"\{escape[0]}" if escape[1] is None else escape[0]


def _read(value: Any) -> Sentence | None:
    """Return an item of "sentences" as a sentence; None where it holds no text."""
    if isinstance(value, str):
        return next(_plain(_sound(value)), None)
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return None
    written = " ".join(_sound(value["text"]).split())
    text = _MARKS.sub("", written).strip()
    if not text or len(text) > MAX_SENTENCE_CHARS:
        return None
    inside = _ids(" ".join(match[0] for match in _MARKS.finditer(written)))
    quotes = value.get("quotes")
    return Sentence(
        text=text,
        units=tuple(dict.fromkeys((*_ids(_joined(value.get("units"))), *inside))),
        quotes=tuple(_sound(q) for q in quotes if isinstance(q, str) and q.strip())
        if isinstance(quotes, list)
        else (),
    )


def _sound(text: str) -> str:
    """Return a text without halves of characters, which an escape of JSON may stand for."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _joined(units: Any) -> str:
    return " ".join(map(str, units)) if isinstance(units, list) else str(units or "")


def _ids(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"u{int(number)}" for number in _UNIT.findall(text)))


def _plain(text: str) -> Iterator[Sentence]:
    """Yield the sentences of plain words that name units; what names none is no statement."""
    for printed in _FENCE.sub("\n", text).splitlines():
        line = _BULLETS.sub("", " ".join(printed.split()))
        found = list(_MARKS_IN_WORDS.finditer(line))
        start = 0
        for mark in found:
            body = line[start : mark.start()].strip()
            start = mark.end()
            sentence = _last_sentence(body)
            closing = line[start : start + 1]
            if closing in {".", "!", "?"}:  # the marks stand before the full stop
                start, sentence = start + 1, sentence + closing
            if sentence and len(sentence) <= MAX_SENTENCE_CHARS:
                yield Sentence(text=sentence, units=_ids(mark[0]))


def _last_sentence(text: str) -> str:
    spans = sentence_spans(text)
    return text[spans[-1].start : spans[-1].end].strip() if spans else text
