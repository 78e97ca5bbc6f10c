import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import LibraryError
from corpus.library import Library
from corpus.records import ReviewStatus
from ingest.sample import QUESTIONS, sample_folder, sample_library
from tests.fakes import contents

ANSWERABLE = {"clinician", "oblique"}
UNANSWERABLE = {"near_miss", "other_medicine", "hostile", "senseless"}
KINDS = {*ANSWERABLE, *UNANSWERABLE, "follow_up"}
SHARED_WORDS = 8


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return the built-in library."""
    return Library(sample_library(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
def questions() -> list[dict[str, Any]]:
    """Return the built-in question set."""
    text = (sample_folder() / QUESTIONS).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def folded(text: str) -> str:
    """Return text with its white space folded."""
    return " ".join(text.split())


# --- building -----------------------------------------------------------------------------------


def test_the_sample_is_a_library_with_cited_abstracts(sample: Library) -> None:
    """Articles with different review statuses, references of both kinds, texts behind them."""
    articles = sample.articles()
    assert len(articles) >= 3
    assert {a.review_status for a in articles} >= {ReviewStatus.APPROVED}
    for article in articles:
        assert article.references
        assert article.findings == ()
        assert len(sample.scope(article.slug).document_ids) > 1
    references = [r for a in articles for r in a.references]
    assert {r.kind for r in references} == {"guideline", "research"}
    assert any(r.document_id is None for r in references)


def test_every_article_has_a_glossary_in_plain_words(sample: Library) -> None:
    """Its terms stand in the texts; it holds no number and no advice."""
    for article in sample.articles():
        texts = [sample.document(key) for key in sample.scope(article.slug).document_ids]
        words = " ".join(folded(f"{d.title} {d.text}") for d in texts).lower().replace("-", " ")
        assert 12 <= len(article.glossary) <= 20
        for entry in article.glossary:
            assert re.search(rf"\b{entry.term.lower().replace('-', ' ')}", words), entry.term
            said = f"{entry.meaning} {entry.written_out or ''}"
            assert entry.meaning.endswith("."), entry
            assert not re.search(r"\d", said), entry
            assert not re.search(r"(?i)\b(?:should|must|ought|please|you|your)\b", said), entry


def test_summaries_say_that_they_are_no_abstracts(sample: Library) -> None:
    """Texts written for the sample are marked wherever they are shown."""
    abstracts = [d for d in sample.documents() if d.kind == "abstract"]
    assert abstracts
    assert all("it is not" in (d.note or "") for d in abstracts)


def test_the_second_call_finds_what_the_first_built(tmp_path: Path) -> None:
    """The same folder comes back, and not a byte or a time in it has changed."""
    first = sample_library(tmp_path / "deep" / "data")
    before = contents(tmp_path)
    times = {p: p.stat().st_mtime_ns for p in sorted(tmp_path.rglob("*"))}
    assert sample_library(tmp_path / "deep" / "data") == first
    assert contents(tmp_path) == before
    assert {p: p.stat().st_mtime_ns for p in sorted(tmp_path.rglob("*"))} == times


def test_nothing_is_left_beside_the_library(tmp_path: Path) -> None:
    """The folder under the temporary name is gone after building."""
    folder = sample_library(tmp_path)
    assert list(tmp_path.iterdir()) == [folder]


def test_builders_at_the_same_time_are_safe(tmp_path: Path) -> None:
    """Several that start at once all get the one folder, whole."""
    together = threading.Barrier(4)

    def build() -> Path:
        together.wait()
        return sample_library(tmp_path)

    with ThreadPoolExecutor(4) as pool:
        folders = {future.result() for future in [pool.submit(build) for _ in range(4)]}
    assert len(folders) == 1
    assert list(tmp_path.iterdir()) == list(folders)
    assert len(Library(folders.pop()).articles()) >= 3


def test_a_builder_that_comes_second_uses_what_the_first_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may finish in the very moment before the rename."""
    rename = Path.rename

    def overtaken(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        assert sample_library(tmp_path) == target
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", overtaken)
    folder = sample_library(tmp_path)
    assert list(tmp_path.iterdir()) == [folder]
    assert len(Library(folder).articles()) >= 3


def test_a_build_that_was_killed_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    """Half a library under a temporary name is not taken for the sample."""
    half = tmp_path / ".sample-abc" / "articles"
    half.mkdir(parents=True)
    assert len(Library(sample_library(tmp_path)).articles()) >= 3


def test_a_folder_that_cannot_be_written_is_named_with_the_setting(tmp_path: Path) -> None:
    """The error says which folder, why, and which setting names another."""
    blocked = tmp_path / "file" / "data"
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError, match="SEQUITUR_DATA_DIR") as caught:
        sample_library(blocked)
    assert str(blocked) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


# --- the question set ---------------------------------------------------------------------------


def test_the_question_set_is_large_and_mixed(questions: list[dict[str, Any]]) -> None:
    """At least 120 questions, every kind among them, answerable and not, with ids of their own."""
    assert len(questions) >= 120
    assert {q["kind"] for q in questions} == KINDS
    assert {q["answerable"] for q in questions} == {True, False}
    ids = [q["id"] for q in questions]
    assert len(set(ids)) == len(ids)


def test_every_evidence_text_stands_in_its_document(
    sample: Library, questions: list[dict[str, Any]]
) -> None:
    """Gold texts are verbatim, white space aside, and lie in the scope of the question."""
    for question in questions:
        scope = sample.scope(question.get("article")).document_ids
        for evidence in question["evidence"]:
            assert evidence["doc"] in scope, question["id"]
            text = sample.document(evidence["doc"]).text
            assert evidence["text"].strip(), question["id"]
            assert folded(evidence["text"]) in folded(text), question["id"]


def test_exactly_the_answerable_questions_have_evidence(questions: list[dict[str, Any]]) -> None:
    """What can be answered has a gold text and a reference answer; the rest has none."""
    for question in questions:
        assert bool(question["evidence"]) == question["answerable"], question["id"]
        if question["answerable"]:
            assert question["reference_answer"].strip(), question["id"]


def test_every_kind_is_what_it_says(questions: list[dict[str, Any]]) -> None:
    """A kind says whether its questions can be answered; follow-ups alone have a history."""
    for question in questions:
        kind = question["kind"]
        assert bool(question.get("history")) == (kind == "follow_up"), question["id"]
        if kind != "follow_up":
            assert question["answerable"] == (kind in ANSWERABLE), question["id"]


def test_every_kind_is_explained() -> None:
    """Whoever reads a result by kind finds in the sample's notes what the kind means."""
    notes = (sample_folder() / "SOURCES.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in notes for kind in KINDS)


@pytest.mark.shared
def test_the_sample_copies_no_sentence_of_the_real_page(
    shared: Path, sample: Library, questions: list[dict[str, Any]]
) -> None:
    """No eight words in a row of the sample's texts or questions stand in the real page."""
    page = (shared / "samples" / "article" / "cop_page.txt").read_text(encoding="utf-8")
    copied = runs(page)
    assert len(copied) > 300
    texts = [d.text for d in sample.documents()]
    texts += [q["question"] for q in questions]
    texts += [turn for q in questions for turn in q.get("history", ())]
    texts += [q.get("reference_answer") or "" for q in questions]
    assert copied.isdisjoint(run for text in texts for run in runs(text))


def runs(text: str) -> set[tuple[str, ...]]:
    """Return all stretches of eight words, in lower case."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + SHARED_WORDS]) for i in range(len(words) - SHARED_WORDS + 1)}
