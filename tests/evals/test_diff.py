"""The same questions on two states of a library: what changed, and whether it is explained."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from corpus.errors import IndexingError, InputError, LibraryError, SequiturError
from corpus.library import Library
from corpus.records import Article, Notice, Reference, ReviewStatus
from evals.diff_command import diff, library_of
from evals.diff_libraries import ComparedLibraries
from evals.diff_page import diff_page
from evals.diff_replaying import CHANGES, change_of
from index.saved import build_index
from service.assistant import Assistant, Question
from service.confidence import LogisticModel
from tests.evals.fakes import STEADY, WordEmbedder, WordReader
from tests.fakes import article_of, document_of, heading
from tests.service.cases import ALWAYS, NEVER, over

SCHEMA = Path(__file__).parents[2] / "contract" / "diff.schema.json"
HOSTILE = "<script>alert(1)</script>"
ASKED = {"id": "q1", "question": "What calms gout?", "answerable": True, "article": "gout"}


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Count words, and answer every question whose confidence is not below the setting."""
    monkeypatch.setattr("index.embedder.embedder_of", WordEmbedder)
    monkeypatch.setattr("index.reading.model.BuiltInReader", WordReader)
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SEQUITUR_CONFIDENCE_THRESHOLD", "0")
    monkeypatch.delenv("SEQUITUR_LIBRARY", raising=False)


def gout(*paragraphs: str, cites: str | None = "pmid:1") -> Article:
    """Return an article with one section and at most one cited abstract."""
    said = paragraphs or ("Colchicine calms gout within a day.", "Beer raises urate.")
    references = (Reference(number=1, title="Colchicine", document_id=cites),) if cites else ()
    return article_of("gout", heading("Treatment"), *said, references=references)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Library, Library]:
    """Return a library with its index, and a copy of it to be changed."""
    old = Library.create(tmp_path / "old")
    old.put(
        articles=[gout()],
        documents=[
            document_of("pmid:1", "Colchicine lowers the pain of an attack."),
            document_of("alone", "Zinc shortens a cold."),
        ],
    )
    build_index(old, WordEmbedder())
    shutil.copytree(old.folder, tmp_path / "new")
    return old, Library(tmp_path / "new")


def compared(
    pair: tuple[Library, Library], *options: Any, questions: list[dict[str, Any]] | None = None
) -> tuple[Result, dict[str, Any]]:
    """Index the new library, run the command, and return what it said and wrote."""
    old, new = pair
    build_index(new, WordEmbedder())
    file, result = old.folder.parent / "questions.jsonl", old.folder.parent / "diff.json"
    file.write_text("".join(json.dumps(line) + "\n" for line in questions or [ASKED]))
    arguments = [old.folder, new.folder, "--questions", file, "--json", result, *options]
    done = CliRunner().invoke(diff, [str(a) for a in arguments], catch_exceptions=False)
    record: dict[str, Any] = json.loads(result.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(record)
    return done, record


def only(record: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Return what became of the one question, and why."""
    (one,) = record["per_question"]
    return one["change"], [(why["kind"], why["document_id"]) for why in one["why"]]


def test_nothing_changed(pair: tuple[Library, Library]) -> None:
    """A copy answers the same, twice: exit 0, the same bytes."""
    done, record = compared(pair)
    assert done.exit_code == 0
    assert only(record) == ("unchanged", [])
    assert not any(record["documents"].values())
    assert compared(pair) == (done, record) or compared(pair)[1] == record
    assert "documents: none changed" in done.stdout


def test_an_offset_that_moved_is_no_change(pair: tuple[Library, Library]) -> None:
    """The same sentence in the same section, further down, is the same answer."""
    pair[1].put(articles=[gout("A word before.", *[p.text for p in paragraphs(pair[0])])])
    _, record = compared(pair, "--confidence", "1")
    assert only(record)[0] == "unchanged"
    assert record["documents"]["edited"] == ["gout"]


def paragraphs(library: Library) -> Iterator[Any]:
    """Give the paragraphs of the article."""
    for passage in library.passages():
        if passage.document_id == "gout":
            yield from (replace(passage, text=text) for text in passage.text.split("\n"))


def test_an_edited_sentence_is_reworded_and_explained(pair: tuple[Library, Library]) -> None:
    """The same section says it in other words: the edit stands behind it, exit 0."""
    pair[1].put(articles=[gout("Colchicine calms gout within two days.", "Beer raises urate.")])
    done, record = compared(pair)
    assert only(record) == ("reworded", [("edited", "gout")])
    assert done.exit_code == 0
    assert "gout: its text was edited" in done.stdout


def test_another_document_is_cited(pair: tuple[Library, Library]) -> None:
    """A new abstract that answers is the reason, and so is that the article cites it."""
    pair[1].put(
        articles=[gout(cites="pmid:2")],
        documents=[document_of("pmid:2", "Naproxen calms gout.", title="What calms gout")],
    )
    done, record = compared(pair)
    change, why = only(record)
    assert change == "citation_changed"
    assert ("added", "pmid:2") in why
    assert done.exit_code == 0


def test_a_removed_sentence(pair: tuple[Library, Library]) -> None:
    """Where the sentence is deleted, what is cited instead is explained by the deletion."""
    pair[1].put(articles=[gout("Beer raises urate.")])
    _, record = compared(pair)
    change, why = only(record)
    assert change == "citation_changed"
    assert ("edited", "gout") in why


def test_a_retraction_changes_what_is_told(pair: tuple[Library, Library]) -> None:
    """The same answer with a warning is a change, and the notice is its reason."""
    reference = Reference(
        title="Colchicine",
        document_id="pmid:1",
        number=1,
        notices=(Notice(kind="retraction", source="PubMed"),),
    )
    pair[1].put(articles=[replace(pair[1].article("gout"), references=(reference,))])
    asked = ASKED | {"question": "What lowers the pain of an attack?"}
    done, record = compared(pair, questions=[asked])
    assert only(record) == ("notice_changed", [("retraction", "pmid:1")])
    assert record["documents"]["noticed"] == ["pmid:1"]
    assert done.exit_code == 0


def test_a_review_that_moved_explains_other_notices(pair: tuple[Library, Library]) -> None:
    """An approved article is no longer told to be pending."""
    for status in (ReviewStatus.UNDER_REVIEW, ReviewStatus.APPROVED):
        pair[1].reviews.move(pair[1].article("gout"), status, by="An editor")
    _, record = compared(pair)
    assert only(record) == ("notice_changed", [("review", "gout")])


def test_a_change_without_a_cause_fails(
    pair: tuple[Library, Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confidence that moves while nothing has changed: exit 1, marked, and nothing is invented."""
    other = LogisticModel(weights={"together": 0.1}, intercept=0.0)
    models = cycle([STEADY, other])
    monkeypatch.setattr("service.assistant.shipped_model", lambda: next(models))
    done, record = compared(pair)
    assert only(record) == ("confidence_moved", [])
    assert done.exit_code == 1
    assert "! q1  confidence moved" in done.stdout
    assert "nothing that it rests on has changed" in done.stdout
    assert record["unexplained"] == 1


def test_an_article_that_is_gone(pair: tuple[Library, Library]) -> None:
    """Its question is asked of the whole library then, and the removal is the reason."""
    pair[1].delete_article("gout")
    _, record = compared(pair)
    change, why = only(record)
    assert change == "citation_changed"
    assert why[0] == ("removed", "gout")
    (one,) = record["per_question"]
    assert (one["old"]["asked_within"], one["new"]["asked_within"]) == ("gout", None)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [(ALWAYS, NEVER, "now_refused"), (NEVER, ALWAYS, "newly_answered")],
)
def test_refused_and_answered(
    pair: tuple[Library, Library], before: float, after: float, change: str
) -> None:
    """Which side is refused decides the name."""
    old, new = over(pair[0], threshold=before), over(pair[1], threshold=after)
    assert changed(old, new, "What calms gout?") == change


def test_another_reason(pair: tuple[Library, Library]) -> None:
    """Two refusals differ by their reason alone."""
    old, new = over(pair[0], threshold=NEVER), over(pair[1], threshold=NEVER)
    questions = ("What calms gout?", "")
    answers = [one.ask(Question(text=t)) for one, t in zip((old, new), questions, strict=True)]
    both = ComparedLibraries(old.library, new.library)
    assert change_of(answers[0], answers[1], both) == "reason_changed"


def changed(old: Assistant, new: Assistant, text: str) -> str:
    """Return what became of one question."""
    both = ComparedLibraries(old.library, new.library)
    question = Question(text=text, article="gout")
    return change_of(old.ask(question), new.ask(question), both, least_move=1.0)


def test_every_change_is_counted_and_explained_in_words(pair: tuple[Library, Library]) -> None:
    """The counts sum up to the questions; the table names those that changed, in order."""
    pair[1].put(articles=[gout("Colchicine calms gout within two days.", "Beer raises urate.")])
    second = ASKED | {"id": "q2", "question": "What shortens a cold?", "article": "alone"}
    done, record = compared(pair, questions=[ASKED, second])
    assert list(record["counts"]) == list(CHANGES)
    assert sum(record["counts"].values()) == record["n"] == 2
    assert "q2" not in done.stdout
    assert [one["id"] for one in record["per_question"]] == ["q1", "q2"]


def test_the_page_is_escaped(pair: tuple[Library, Library], tmp_path: Path) -> None:
    """Whatever a question or a text holds is text; unexplained changes come first."""
    pair[1].put(articles=[gout(f"Colchicine calms gout {HOSTILE}.")])
    page = tmp_path / "out" / "diff.html"
    asked = ASKED | {"id": HOSTILE}
    _, record = compared(pair, "--report", page, questions=[asked])
    assert "<script" not in page.read_text()
    assert page.read_text() == diff_page(record)
    assert "its text was edited" in page.read_text()


Harm = Callable[[Library], Path]


def _no_library(library: Library) -> Path:
    return library.folder.parent


def _no_index(library: Library) -> Path:
    shutil.rmtree(library.folder / "index")
    return library.folder


def _not_indexed(library: Library) -> Path:
    library.put(documents=[document_of("x", "Something new.")])
    return library.folder


def _older_generation(library: Library) -> Path:
    (library.folder / "index" / "older").mkdir()
    return library.folder / "index" / "older"


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (_no_library, LibraryError),
        (_no_index, IndexingError),
        (_not_indexed, IndexingError),
        (_older_generation, InputError),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    pair: tuple[Library, Library], harm: Harm, error: type[SequiturError], tmp_path: Path
) -> None:
    """One line that names the folder, before any question is asked."""
    folder = harm(pair[1])
    (tmp_path / "q.jsonl").write_text(json.dumps(ASKED))
    arguments = [str(pair[0].folder), str(folder), "--questions", str(tmp_path / "q.jsonl")]
    with pytest.raises(error, match=str(folder)) as raised:
        CliRunner().invoke(diff, arguments, catch_exceptions=False)
    assert len(str(raised.value).splitlines()) == 1


def test_an_index_names_its_library(pair: tuple[Library, Library]) -> None:
    """The folder of the index, and the generation in use, stand for the library."""
    folder = pair[0].folder
    current = (folder / "index" / "current").read_text().strip()
    for named in (folder, folder / "index", folder / "index" / current):
        assert library_of(named) == folder
