"""The whole generative path with a real language model, which writes badly: the proof must hold.

Nothing here depends on what it writes. What holds for its nonsense holds for a better model.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.records import Reference
from service.api import create_app
from service.assistant import Assistant, Question


from service.wire import answer_record
from tests.fakes import article_of, document_of, heading, item
from tests.llm.recording import Recording, recorded
from tests.llm.tiny_model import NAME
from tests.service.cases import (
    SEQUITUR,
    as_bytes,
    assert_quotes_hold,
    citations_in,
    over,
    run_command,
    without_chance,
)
from tests.service.conftest import check_record as check_record  # noqa: PLC0414 - a fixture
from tests.service.live import events_of

QUESTIONS = (
    "How is a gout flare treated with colchicine?",
    "Which foods raise urate in gout?",
    "How long should allopurinol be given in gout?",
)
QUOTED = "The sources are quoted instead."
PATIENT = {"llm_timeout_s": 280.0, "llm_stall_s": 280.0, "llm_retries": 0}
SMALL = {"llm_max_output_tokens": 60, "llm_max_prompt_tokens": 1500, "max_statements": 3}
Ask = Callable[..., Assistant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's record, with what was written and judged on the way to it."""

    record: dict[str, Any]
    recording: Recording

    @property
    def shown(self) -> list[str]:
        """The texts of the statements."""
        return [statement["text"] for statement in self.record["statements"]]

    @property
    def is_quoted(self) -> bool:
        """True when nothing that was written is shown."""
        return any("quoted instead" in notice for notice in self.record["notices"])


def gout_library(folder: Path) -> Library:
    """Return an article on gout that cites a guideline and a trial."""
    gout = article_of(
        "gout",
        heading("Flares"),
        "Colchicine calms a gout flare within 24 hours when it is given early. "
        "It must not be given together with clarithromycin.",
        heading("Prevention"),
        "Allopurinol lowers urate and is continued for life in most patients.",
        "Foods that raise urate in gout are:",
        item("beer"),
        item("liver"),
        references=[
            Reference(
                number=1, title="Gout rules", kind="guideline", document_id="pmid:3", year=2021
            ),
            Reference(number=2, title="A trial", document_id="pmid:2", year=2019),
        ],
    )
    library = Library.create(folder)
    library.put(
        articles=(gout,),
        documents=(
            document_of(
                "pmid:2",
                "In a trial of 120 patients, 0.5 mg colchicine twice daily "
                "halved the number of gout flares.",
            ),
            document_of(
                "pmid:3",
                "Colchicine is the first choice for a gout flare; the foods "
                "that raise urate, such as beer, are best avoided.",
            ),
        ),
    )
    return library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return the small library that most tests ask."""
    return gout_library(tmp_path_factory.mktemp("tiny") / "library")


@pytest.fixture(scope="module")
def opened(library: Library, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a maker of assistants over the library that let the tiny model write."""

    def opening(**settings: Any) -> Assistant:
        common = {"llm_base_url": endpoint, "llm_model": NAME, "show_struck": True}
        data_dir = str(tmp_path_factory.mktemp("data"))
        chosen = {**common, **PATIENT, **SMALL, **settings}
        return over(library, engine="generative", data_dir=data_dir, **chosen)

    return opening


@pytest.fixture(scope="module")
def writing(opened: Ask) -> Assistant:
    """Return an assistant that waits for the tiny model as long as it takes."""
    return opened()


@pytest.fixture(scope="module")
def answers(writing: Assistant) -> tuple[Asked, ...]:
    """Ask all questions, once."""
    asked = []
    for text in QUESTIONS:
        assistant, recording = recorded(writing)
        record = answer_record(assistant.ask(Question(text=text, article="gout")))
        asked.append(Asked(record=record, recording=recording))
    return tuple(asked)


def test_the_model_was_asked_once_and_wrote(answers: tuple[Asked, ...]) -> None:
    """The other tests are about something: each question led to one request and to sentences."""
    for asked in answers:
        assert len(asked.recording.requests) == 1
        assert "".join(asked.recording.pieces).strip()
    assert any(asked.recording.judged for asked in answers)


def test_every_quote_is_stored_text(
    answers: tuple[Asked, ...], library: Library, check_record: Callable[[Any], None]
) -> None:
    """The record is of the contract's shape; each citation's quote is the slice that it names."""
    for asked in answers:
        check_record(asked.record)
        assert asked.record["status"] == "answered"
        assert all(statement["citations"] for statement in asked.record["statements"])
        assert_quotes_hold(asked.record, library)


def test_nothing_is_shown_that_was_not_supported(answers: tuple[Asked, ...]) -> None:
    """A statement is a sentence judged supported, with the verifier's spans, or else a quote."""
    for asked in answers:
        supported = {
            judged.text: judged.judgement
            for judged in asked.recording.judged
            if judged.judgement.verdict is Any.SUPPORTED
        }
        assert asked.is_quoted == (not supported)
        if asked.is_quoted:
            assert all(c["support"] == 1.0 for c in citations_in(asked.record))
            continue
        assert asked.shown == list(supported)
        for statement in asked.record["statements"]:
            judgement = supported[statement["text"]]
            cited = [(c["document_id"], c["start"], c["end"]) for c in statement["citations"]]
            spans = [(s.document_id, s.start, s.end) for s in judgement.spans]
            assert cited == list(dict.fromkeys(spans))
            assert {c["support"] for c in statement["citations"]} == {judgement.support}


def test_the_evidence_was_shown_to_the_model(answers: tuple[Asked, ...]) -> None:
    """A sentence is held against passages that stood in the prompt, by the numbers they had."""
    for asked in answers:
        prompt = asked.recording.requests[0][-1].content
        for judged in asked.recording.judged:
            for evidence in judged.evidence:
                assert f"\n[{evidence.number}] " in prompt
                passage = evidence.document.text[evidence.start : evidence.end]
                assert passage.splitlines()[0] in prompt


def test_no_sentence_is_lost(answers: tuple[Asked, ...]) -> None:
    """Each complete sentence is shown or struck out until there is enough; half of one neither."""
    for asked in answers:
        judged = asked.recording.judged
        first: dict[str, str] = {}
        for sentence in asked.recording.sentences:
            if sentence.text and not sentence.declines:
                first.setdefault(sentence.text.casefold(), sentence.text)
        complete = list(first.values())
        assert [j.text for j in judged] == complete[: len(judged)]
        enough = not asked.is_quoted and len(asked.shown) == SMALL["max_statements"]
        assert len(judged) == len(complete) or enough
        struck = [(s["text"], s["verdict"]) for s in asked.record.get("struck", [])]
        rejected = [j for j in judged if j.judgement.verdict is not Any.SUPPORTED]
        assert struck == [(j.text, j.judgement.verdict.value) for j in rejected]


def test_citations_that_lead_nowhere_are_reported(answers: tuple[Asked, ...]) -> None:
    """A number that no evidence had is told in a notice when one was printed, and only then."""
    for asked in answers:
        count = asked.recording.requests[0][-1].content.count("\nText:\n")
        judged = {j.text for j in asked.recording.judged}
        read = [s for s in asked.recording.sentences if s.text in judged]
        told = any("cited evidence" in notice for notice in asked.record["notices"])
        assert told == any(_astray(sentence, count) for sentence in read)


def _astray(sentence: Any, count: int) -> bool:
    return any(number > count for number in sentence.markers)


def test_the_stream_is_the_record(writing: Assistant, answers: tuple[Asked, ...]) -> None:
    """Over HTTP, streamed, the same question gives the same statements and the same record."""
    before = answers[0].record
    with TestClient(create_app(lambda: writing, writing.settings)) as client:
        assert client.app.state.reception.wait(10)  # type: ignore[attr-defined]
        sent = {"question": QUESTIONS[0], "stream": True}
        events = events_of(client.post("/v1/articles/gout/questions", json=sent).text)
    streamed = [data for name, data in events if name == "statement"]
    done = dict(events)["done"]
    assert [s["text"] for s in streamed] == [s["text"] for s in before["statements"]]
    assert [s["citations"] for s in streamed] == [s["citations"] for s in before["statements"]]
    assert without_chance(done) == json.loads(json.dumps(without_chance(before)))


def test_a_model_that_is_too_slow_is_not_waited_for(opened: Ask) -> None:
    """The sentences of the sources come instead, in bounded time, and a notice says why."""
    hasty = opened(llm_timeout_s=0.3, llm_stall_s=0.3)
    started = time.perf_counter()
    answer = hasty.ask(Question(text=QUESTIONS[0], article="gout"))
    assert time.perf_counter() - started < 20
    assert f"The language model did not answer in time. {QUOTED}" in answer.notices
    assert (
        answer.statements
        == hasty.quoting().ask(Question(text=QUESTIONS[0], article="gout")).statements
    )


def test_half_a_sentence_is_not_shown(opened: Ask, library: Library) -> None:
    """A text that is cut within its first sentence is quoted instead, with a notice."""
    curt, recording = recorded(opened(llm_max_output_tokens=3))
    answer = curt.ask(Question(text=QUESTIONS[0], article="gout"))
    assert "".join(recording.pieces).strip()
    assert recording.judged == []
    assert f"The language model broke off. {QUOTED}" in answer.notices
    assert answer.statements
    assert_quotes_hold(answer_record(answer), library)


def test_the_command_answers_with_the_model(endpoint: str, tmp_path: Path) -> None:
    """`sequitur ask` with every model real: each quote holds; the record names the writer."""
    library = gout_library(tmp_path / "library")
    indexed = run_command(SEQUITUR, "index", "--library", library.folder)
    assert indexed.returncode == 0, indexed.stderr
    result = run_command(
        SEQUITUR, "ask", QUESTIONS[0], "--article", "gout", "--library", library.folder, "--json",
        SEQUITUR_CONFIDENCE_THRESHOLD="0",
        SEQUITUR_DATA_DIR=str(tmp_path),
        SEQUITUR_ENGINE="generative",
        SEQUITUR_LLM_BASE_URL=endpoint,
        SEQUITUR_LLM_MODEL=NAME,
        SEQUITUR_LLM_MAX_OUTPUT_TOKENS="60",
        SEQUITUR_LLM_MAX_PROMPT_TOKENS="1500",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    record = json.loads(result.stdout)
    assert record["status"] == "answered"
    assert record["provenance"]["engine"] == "generative"
    assert NAME in record["provenance"]["models"]["writer"]
    assert_quotes_hold(record, library)
    saved = tmp_path / "answer.json"
    saved.write_text(result.stdout, encoding="utf-8")
    checked = run_command(SEQUITUR, "verify", saved, "--library", library.folder)
    assert checked.returncode == 0, checked.stdout


def test_the_same_question_has_the_same_answer(
    writing: Assistant, answers: tuple[Asked, ...]
) -> None:
    """A model that writes the same gives the same bytes, times and id aside."""
    again = answer_record(writing.ask(Question(text=QUESTIONS[2], article="gout")))
    assert as_bytes(again) == as_bytes(answers[2].record)
