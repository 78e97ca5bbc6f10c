"""The whole generative path with a real language model, which writes badly: the proof must hold.

Nothing here depends on what it writes. What holds for its nonsense holds for a better model. It is
asked as any model is, and led to write sentences: held against what is shipped, and against checks
with which only the exact vetoes count, so that some of what it writes is shown.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.records import Reference
from index.reading.checker import BuiltInChecker
from service.api import create_app
from service.assistant import SURE_AT, Assistant, Question
from service.wire import answer_record
from service.writing.checking import Checks
from service.writing.notices import BROKE_OFF, DECLINED, nothing_held, quoted_instead
from service.writing.units import EvidenceUnit, distinct_spans
from tests.fakes import article_of, document_of, heading, item
from tests.llm.recording import Judged, Recording, led, recorded
from tests.llm.tiny_model import NAME
from tests.service.cases import (
    NEVER,
    SEQUITUR,
    as_bytes,
    assert_quotes_hold,
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
PATIENT = {"llm_timeout_s": 280.0, "llm_stall_s": 280.0, "llm_retries": 0}
SMALL = {"llm_max_output_tokens": 60, "llm_max_prompt_tokens": 1500, "max_statements": 3}
# With these a sentence in which nothing is out of place is shown, whatever the checker says.
VETOES_ONLY = 0.0
Ask = Callable[..., Assistant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's record, with what was written and judged on the way to it."""

    record: dict[str, Any]
    recording: Recording

    @property
    def is_refused(self) -> bool:
        """True when nothing is stated."""
        return bool(self.record["status"] == "refused")

    @property
    def texts(self) -> list[str]:
        """The texts of the statements."""
        return [statement["text"] for statement in self.record["statements"]]

    @property
    def struck(self) -> list[str]:
        """The texts of the sentences that are not shown as written."""
        return [struck["text"] for struck in self.record.get("struck", [])]

    @property
    def is_quoted(self) -> bool:
        """True when nothing that was written is shown."""
        return any("quoted instead" in notice for notice in self.record["notices"])

    @property
    def held(self) -> list[Judged]:
        """What was judged to hold."""
        return [judged for judged in self.recording.judged if judged.judgement.holds]

    def pointed_at(self, judged: Judged) -> list[EvidenceUnit]:
        """Return the units that a sentence names itself, of those that were shown."""
        shown = self.recording.shown
        by_text = {unit.text: unit for unit in judged.units}
        return [by_text[shown[name]] for name in judged.sentence.units if name in shown]


def is_written(text: str, judged: Judged) -> bool:
    """Tell whether a text is what was judged, alone or behind the sentence that it points at."""
    return judged.sentence.text == text or judged.sentence.text.endswith(f" {text}")


def words(text: str) -> list[str]:
    """Return the words of a text, without the marks of a list."""
    return re.findall(r"\w+", text)


def ask(assistant: Assistant, text: str) -> Asked:
    """Ask one question, recorded."""
    same, recording = recorded(assistant)
    record = answer_record(same.ask(Question(text=text, article="gout")))
    return Asked(record=record, recording=recording)


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
def led_by_vetoes(opened: Ask) -> Assistant:
    """Return an assistant that shows what the tiny model writes unless a veto speaks against it."""
    return led(opened(), checks=Checks(BuiltInChecker(), shown_at=VETOES_ONLY))


@pytest.fixture(scope="module")
def shown(led_by_vetoes: Assistant) -> tuple[Asked, ...]:
    """Ask all questions of the model that is led, once, with the vetoes alone."""
    return tuple(ask(led_by_vetoes, text) for text in QUESTIONS)


@pytest.fixture(scope="module")
def answers(opened: Ask, shown: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """Ask all questions as they are asked, and led; with what was shown."""
    plain = opened()
    asked = [ask(assistant, text) for assistant in (plain, led(plain)) for text in QUESTIONS]
    return (*asked, *shown)


def test_the_model_was_asked_once_and_wrote(
    answers: tuple[Asked, ...], shown: tuple[Asked, ...]
) -> None:
    """The other tests are about something: each question led to one request, some to sentences."""
    for asked in answers:
        assert len(asked.recording.requests) == 1
        assert asked.recording.written.strip()
    assert any(asked.held and asked.texts for asked in shown)
    assert any(asked.struck for asked in answers)
    assert any(asked.recording.declined for asked in answers)


def test_every_quote_is_stored_text(
    answers: tuple[Asked, ...], library: Library, check_record: Callable[[Any], None]
) -> None:
    """The record is of the contract's shape; each citation's quote is the slice that it names."""
    for asked in answers:
        check_record(asked.record)
        assert asked.is_refused or asked.texts
        assert all(statement["citations"] for statement in asked.record["statements"])
        assert_quotes_hold(asked.record, library)


def test_nothing_is_shown_that_does_not_hold(answers: tuple[Asked, ...]) -> None:
    """A statement is a sentence that holds, with exactly its units' spans, or else a quote."""
    for asked in answers:
        for statement in asked.record["statements"]:
            citations = statement["citations"]
            judged = next((j for j in asked.held if is_written(statement["text"], j)), None)
            if judged is None:
                assert {c["support"] for c in citations} == {1.0}
                assert words(statement["text"]) == words(" ".join(c["quote"] for c in citations))
                continue
            cited = [(c["document_id"], c["start"], c["end"]) for c in citations]
            spans = distinct_spans(asked.pointed_at(judged))
            assert cited == [(d.document_id, span.start, span.end) for d, span in spans]
            assert {c["support"] for c in citations} == {judged.judgement.support}


def test_where_nothing_holds_it_is_quoted_or_refused(answers: tuple[Asked, ...]) -> None:
    """A notice says that it is quoted; a model that declines is believed unless it is sure."""
    for asked in answers:
        sure = asked.record["confidence"] >= SURE_AT
        assert asked.is_refused == (asked.recording.declined and not asked.held and not sure)
        if not asked.is_refused:
            assert asked.is_quoted == (not asked.held)
        for judged in asked.held:
            assert any(is_written(text, judged) for text in asked.texts)


def test_the_notices_tell_why(answers: tuple[Asked, ...]) -> None:
    """Why nothing that was written is shown is told; of what is shown, that it broke off."""
    reasons = (quoted_instead("cut"), DECLINED, nothing_held(), quoted_instead("empty"))
    cut, declined, failed, empty = reasons
    for asked in answers:
        if asked.is_refused:
            continue
        recording, told = asked.recording, asked.record["notices"]
        if asked.held:
            enough = len(asked.texts) >= SMALL["max_statements"]
            assert (BROKE_OFF in told) == (not recording.ended and not enough)
            assert not set(told) & set(reasons)
        elif not recording.ended:
            assert cut in told
        else:
            why = declined if recording.declined else failed if asked.struck else empty
            assert [notice for notice in told if notice in reasons] == [why]


def test_the_units_were_shown_to_the_model(answers: tuple[Asked, ...]) -> None:
    """A sentence is held against units that stood in the prompt, by the ids that it names."""
    for asked in answers:
        shown = asked.recording.shown
        for judged in asked.recording.judged:
            named = {shown[name] for name in judged.sentence.units if name in shown}
            assert named
            assert named <= {unit.text for unit in judged.units} <= set(shown.values())


def test_no_sentence_is_lost(answers: tuple[Asked, ...]) -> None:
    """Each complete sentence is shown or struck out until there is enough; half of one neither."""
    for asked in answers:
        first: dict[str, str] = {}
        for sentence in asked.recording.sentences:
            first.setdefault(sentence.text.casefold(), sentence.text)
        complete = list(first.values())
        held = [t for t in complete if any(is_written(t, judged) for judged in asked.held)]
        assert set(held) <= set(asked.texts)
        read = [text for text in complete if text in held or text in asked.struck]
        assert asked.struck == [text for text in read if text not in held]
        assert read == complete or len(asked.texts) >= SMALL["max_statements"]


def test_ids_that_lead_nowhere_are_reported(answers: tuple[Asked, ...]) -> None:
    """An id that no unit had is told in a notice when one was named, and only then."""
    for asked in answers:
        taken = [s for s in asked.recording.sentences if s.text in (*asked.texts, *asked.struck)]
        astray = any(name not in asked.recording.shown for s in taken for name in s.units)
        told = any("cited evidence" in notice for notice in asked.record["notices"])
        assert asked.is_refused or told == astray


def test_the_stream_is_the_record(led_by_vetoes: Assistant, shown: tuple[Asked, ...]) -> None:
    """Over HTTP, streamed, the same question gives the same statements and the same record."""
    place = next(place for place, asked in enumerate(shown) if asked.held)
    before = shown[place].record
    with TestClient(create_app(lambda: led_by_vetoes, led_by_vetoes.settings)) as client:
        assert client.app.state.reception.wait(10)  # type: ignore[attr-defined]
        sent = {"question": QUESTIONS[place], "stream": True}
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
    assert quoted_instead("slow") in answer.notices
    assert (
        answer.statements
        == hasty.quoting().ask(Question(text=QUESTIONS[0], article="gout")).statements
    )


def test_half_a_sentence_is_not_shown(opened: Ask, library: Library) -> None:
    """A reply that is cut within its first sentence is quoted instead, with a notice."""
    asked = ask(led(opened(llm_max_output_tokens=18)), QUESTIONS[0])
    assert asked.recording.written.strip()
    assert asked.recording.sentences == ()
    assert asked.recording.judged == []
    assert quoted_instead("cut") in asked.record["notices"]
    assert asked.texts
    assert_quotes_hold(asked.record, library)


def test_what_is_near_to_answering_is_not_quoted(opened: Ask) -> None:
    """Below the threshold the model is asked, and what does not hold leads to a refusal."""
    asked = ask(led(opened(threshold=NEVER, llm_max_output_tokens=18)), QUESTIONS[0])
    assert asked.recording.written.strip()
    assert asked.is_refused
    assert asked.texts == []


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
    led_by_vetoes: Assistant, shown: tuple[Asked, ...]
) -> None:
    """A model that writes the same gives the same bytes, times and id aside."""
    again = answer_record(led_by_vetoes.ask(Question(text=QUESTIONS[2], article="gout")))
    assert as_bytes(again) == as_bytes(shown[2].record)
