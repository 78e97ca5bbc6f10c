"""Question sets: what is asked, what is right, and which texts it is asked of.

    <set>/questions.jsonl      one question a line; it may stand alone, without a folder
    <set>/qrels/test.tsv       which documents answer (BEIR's layout: three columns with a header)
    <set>/corpus.jsonl         documents of the set's own, and
    <set>/articles/*.nxml      articles of the set's own, each with `<same name>.nbib` beside it
                               for the abstracts that it cites

Read without a model; importing this loads no model library.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ir_measures import Qrel

from corpus.errors import FileInputError
from ingest.reading import read_file

QRELS_COLUMNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldText:
    """A text that answers: `doc` is its document's id (None: not said which).

    An empty `text` means anywhere in that document.
    """

    doc: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question of a set with all that is known about its right answer.

    `evidence` holds no text twice. `article` is what the question is asked within, None for the
    whole library; `history` holds the earlier questions, oldest first; `kind` is the set's own
    name for a group of questions; versions of one question share their `pair`.
    """

    question_id: str
    question: str
    answerable: bool
    evidence: tuple[GoldText, ...] = ()
    article: str | None = None
    history: tuple[str, ...] = ()
    reference_answer: str | None = None
    kind: str | None = None
    pair: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusPart:
    """Files that are read together; `slug` is the article they belong to (None: each by itself)."""

    files: tuple[Path, ...]
    slug: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """A set as read. `sha256` is of questions.jsonl; `corpus` is empty when it brings none."""

    name: str
    sha256: str
    cases: tuple[Case, ...]
    qrels: tuple[Qrel, ...]
    corpus: tuple[CorpusPart, ...] = ()


def read_set(path: Path) -> QuestionSet:
    """Read a set from its folder or from a single file of questions.

    Raises FileInputError naming the file and the line. A file alone brings no corpus and no
    qrels, even when they lie beside it.
    """
    folder = path if path.is_dir() else None
    source = read_file(folder / "questions.jsonl" if folder else path)
    cases = _cases(source.name, source.text())
    given = _qrels(folder / "qrels" / "test.tsv") if folder else ()
    return QuestionSet(
        name=_name(path.resolve()),
        sha256=hashlib.sha256(source.data).hexdigest(),
        cases=cases,
        qrels=given or qrels_from_evidence(cases),
        corpus=tuple(_corpus(folder)) if folder else (),
    )


def qrels_from_evidence(cases: Sequence[Case]) -> tuple[Qrel, ...]:
    """Return grade 1 for every document that holds evidence, in the order of the questions."""
    return tuple(
        Qrel(case.question_id, doc, 1)
        for case in cases
        for doc in dict.fromkeys(g.doc for g in case.evidence if g.doc is not None)
    )


def _name(path: Path) -> str:
    """Return the folder's name, or the file's; one called questions.jsonl has its folder's."""
    if path.is_dir():
        return path.name
    return path.parent.name if path.stem == "questions" else path.stem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One JSON object of a file; `number` counts from 1."""

    name: str
    number: int
    values: Mapping[str, Any]

    def error(self, reason: str) -> FileInputError:
        return FileInputError(self.name, reason, place=f"line {self.number}")

    def required(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self.error(f"{key!r} is missing or not a text")
        return value

    def optional(self, key: str) -> str | None:
        value = self.values.get(key)
        if not isinstance(value, str | None):
            raise self.error(f"{key!r} is not a text")
        return value or None

    def flag(self, key: str) -> bool:
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise self.error(f"{key!r} is missing or not true or false")
        return value

    def items(self, key: str) -> list[Any]:
        value = self.values.get(key)
        if not isinstance(value, list | None):
            raise self.error(f"{key!r} is not a list")
        return value or []


def _cases(name: str, text: str) -> tuple[Case, ...]:
    seen: dict[str, int] = {}
    cases: list[Case] = []
    for line in _lines(name, text):
        case = _case(line)
        if not case.question_id:
            raise line.error("'id' is empty")
        if case.question_id in seen:
            first = seen[case.question_id]
            raise line.error(f"id {case.question_id!r} is also on line {first}")
        seen[case.question_id] = line.number
        cases.append(case)
    if not cases:
        raise FileInputError(name, "holds no questions")
    return tuple(cases)


def _lines(name: str, text: str) -> Iterator[_Line]:
    for number, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        place = f"line {number}"
        try:
            values = json.loads(written)
            json.dumps(values, ensure_ascii=False).encode()  # refuses half characters
        except (ValueError, RecursionError) as error:
            other = "too deep, a number too long, or half a character"
            reason = f"not usable JSON: {getattr(error, 'msg', other)}"
            raise FileInputError(name, reason, place=place) from error
        if not isinstance(values, dict):
            raise FileInputError(name, "not a JSON object", place=place)
        yield _Line(name=name, number=number, values=values)


def _case(line: _Line) -> Case:
    history = line.items("history")
    if not all(isinstance(turn, str) for turn in history):
        raise line.error("'history' holds something that is not a text")
    return Case(
        question_id=line.required("id"),
        question=line.required("question"),
        answerable=line.flag("answerable"),
        evidence=tuple(dict.fromkeys(_gold(line, item) for item in line.items("evidence"))),
        article=line.optional("article"),
        history=tuple(history),
        reference_answer=line.optional("reference_answer"),
        kind=line.optional("kind"),
        pair=line.optional("pair"),
    )


def _gold(line: _Line, item: Any) -> GoldText:
    """Read one piece of evidence: a bare text, or an object with `doc` and `text`."""
    if isinstance(item, str):
        item = {"text": item}
    if not isinstance(item, dict):
        raise line.error("'evidence' holds something that is neither a text nor an object")
    doc, text = item.get("doc"), item.get("text", "")
    if not isinstance(doc, str | None) or not isinstance(text, str):
        raise line.error("'evidence' has a 'doc' or a 'text' that is not a text")
    if not doc and not text.strip():
        raise line.error("'evidence' names neither a document nor a text")
    return GoldText(doc=doc or None, text=text.strip())


def _qrels(path: Path) -> tuple[Qrel, ...]:
    if not path.exists():
        return ()
    source = read_file(path)
    found: list[Qrel] = []
    for number, line in enumerate(source.text().split("\n"), start=1):
        columns = line.split("\t")
        if not line.strip() or (number == 1 and columns[0] == "query-id"):
            continue
        try:
            query_id, document_id, grade = columns
            found.append(Qrel(query_id, document_id, int(grade)))
        except ValueError as error:
            reason = f"not {QRELS_COLUMNS} columns of query id, document id and a whole number"
            raise FileInputError(source.name, reason, place=f"line {number}") from error
    return tuple(found)


def _corpus(folder: Path) -> Iterator[CorpusPart]:
    if (folder / "corpus.jsonl").exists():
        yield CorpusPart(files=(folder / "corpus.jsonl",), slug=None)
    alone: list[Path] = []  # read at one go: a set may bring hundreds of versions of a page
    for article in sorted((folder / "articles").glob("*.nxml")):
        cited = article.with_suffix(".nbib")
        if cited.exists():
            yield CorpusPart(files=(article, cited), slug=article.stem)
        else:
            alone.append(article)
    if alone:
        yield CorpusPart(files=tuple(alone), slug=None)
