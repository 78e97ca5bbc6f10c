"""The two engines: quotes, and prose that is held to the sources."""

import json
import logging
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.answers import Source, Statement
from corpus.errors import GenerationError, SettingsError
from corpus.library import Library
from corpus.records import Reference, units_of
from index.reading.reading import Evidence
from index.retriever import Query
from index.saved import build_index, load_index
from index.support_model import SupportPair, SupportScores
from prompts.loader import digests
from prompts.messages import Message
from service.assistant import Assistant, Question
from service.engine_checking import Verifying
from service.engine_evidence import brief_of
from service.engine_extractive import ExtractiveEngine
from service.engine_generative import GenerativeEngine, Limits
from service.engines import AnswerEngine, Asking, open_engine, open_model
from service.entities import Entities
from service.llm import LanguageModel, OpenAIModel
from service.llm_endpoint import Endpoint, Pace
from service.observing import Unobserved
from service.settings import Settings, load_settings
from service.suggesting import maker_digest
from service.verdicts import CheckedSpan, EvidenceText, Judgement, Verdict
from service.verification import Verifier
from service.wire import answer_record
from service.wording import Wordings
from tests.evals.fakes import WordEmbedder, WordReader, steady
from tests.fakes import article_of, document_of, heading, item
from tests.service.cases import ALWAYS, NEVER, assert_quotes_hold, reading_of
from tests.service.scripted_llm import (
    FOREVER_S,
    KEY,
    Part,
    Reply,
    chunk,
    event,
    failing,
    pieces_of,
    scripted,
    speaking,
    unused_port,
)

ASKED = "How is gout treated with colchicine?"
TRUE = "Colchicine calms gout within 24 hours"
ALSO = "Beer and liver raise urate"
WRONG = "Colchicine calms gout within 48 hours"
STRANGE = "Everybody with gout should take arsenic"
NOT_HERE = "NOT IN THE EVIDENCE"
QUICK = Pace(whole_s=2.0, stall_s=0.5, connect_s=0.5)
Check = Callable[[Any], None]


@pytest.fixture(autouse=True)
def nothing_private_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No log holds the key, the question or a word of the answer."""
    caplog.set_level(logging.DEBUG)
    yield
    for private in (KEY, "colchicine", "Colchicine", "arsenic"):
        assert private not in caplog.text


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return an article on gout, with a list, that cites an abstract and a guideline."""
    gout = article_of(
        "gout",
        heading("Treatment"),
        f"{TRUE}. When colchicine is stopped, gout returns.",
        "Colchicine must not be given with:",
        item("clarithromycin"),
        item("grapefruit"),
        references=[
            Reference(number=1, title="On joints", document_id="pmid:2", year=2019),
            Reference(
                number=2, title="Gout rules", kind="guideline", document_id="pmid:3", year=2021
            ),
        ],
    )
    made = Library.create(tmp_path_factory.mktemp("written") / "library")
    made.put(
        articles=(gout,),
        documents=(
            document_of("pmid:2", f"{ALSO} when gout is treated.", kind="abstract"),
            document_of("pmid:3", "Colchicine is given early in gout.", kind="abstract"),
        ),
    )
    return made


class WordVerifier:
    """Supports what one sentence of the evidence says in the same words.

    A sentence is supported when all its words are in one sentence of the evidence, contradicted
    when only numbers are not, and not found otherwise.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[str, tuple[int, ...]]] = []

    def verify(self, sentence: str, evidence: Sequence[EvidenceText]) -> Judgement:
        """Return the verdict by the first sentence that fits."""
        self.seen.append((sentence, tuple(e.number for e in evidence)))
        words = _words(sentence)
        for text in evidence:
            for unit in units_of(text.document):
                if unit.end <= text.start or unit.start >= text.end:
                    continue
                quote = text.document.text[unit.start : unit.end]
                span = CheckedSpan(
                    document_id=text.document_id, start=unit.start, end=unit.end, quote=quote
                )
                missing = words - _words(quote)
                if not missing:
                    return Judgement(verdict=Verdict.SUPPORTED, spans=(span,), support=0.875)
                if all(word.isdigit() for word in missing):
                    return Judgement(
                        verdict=Verdict.CONTRADICTED,
                        spans=(span,),
                        support=0.1,
                        reasons=("another number",),
                    )
        return Judgement(verdict=Verdict.NOT_FOUND, spans=(), support=0.0, reasons=("not found",))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


class Writer:
    """Says the same texts one after the other, the last one again and again."""

    name = "writer@nowhere"

    def __init__(self, *texts: str, size: int = 5) -> None:
        self.texts = texts
        self.size = size
        self.asked: list[Sequence[Message]] = []
        self.closed = 0

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Give the next text in pieces."""
        text = self.texts[min(len(self.asked), len(self.texts) - 1)]
        self.asked.append(messages)
        try:
            for at in range(0, len(text), self.size):
                yield text[at : at + self.size]
        finally:
            self.closed += 1


class Watcher(Unobserved):
    """Keeps what it is told, and may stop the work."""

    def __init__(self, *, stop_after: int | None = None, is_gone: bool = False) -> None:
        self.told: list[tuple[Statement, tuple[Source, ...]]] = []
        self.stop_after = stop_after
        self.is_gone = is_gone

    def stated(self, statement: Statement, sources: Sequence[Source]) -> None:
        """Keep it."""
        self.told.append((statement, tuple(sources)))
        if len(self.told) == self.stop_after:
            raise InterruptedError

    def check(self) -> None:
        """Stop when nobody waits."""
        if self.is_gone:
            raise InterruptedError


def assistant_over(
    library: Library,
    model: LanguageModel | None,
    *,
    verifier: Verifying | None = None,
    threshold: float = ALWAYS,
    **limits: Any,
) -> Assistant:
    """Return an assistant that lets `model` write, or quotes when there is none."""
    embedder = WordEmbedder()
    build_index(library, embedder)
    settings = Settings(confidence_threshold=threshold)
    wordings = Wordings(library)
    engine: AnswerEngine = ExtractiveEngine(
        library, wordings, max_statements=settings.max_statements
    )
    if model is not None:
        engine = GenerativeEngine(
            library,
            wordings,
            model=model,
            verifier=verifier or WordVerifier(),
            quoting=engine,
            limits=Limits(**{"max_statements": 4, "max_prompt_chars": 14_000, **limits}),
            verified_by="words@0",
        )
    index = load_index(library, embedder)
    return steady(Assistant(library, index, embedder, settings, WordReader(), engine=engine))


def answered(assistant: Assistant, watcher: Watcher | None = None) -> Any:
    """Ask, check every quote and return the record."""
    question = Question(text=ASKED, article="gout")
    record = answer_record(assistant.ask_with_findings(question, watcher)[0])
    assert_quotes_hold(record, assistant.library)
    assert KEY not in json.dumps(record)
    return record


def written(library: Library, text: str, **limits: Any) -> Any:
    """Return the record of what is left of a text."""
    return answered(assistant_over(library, Writer(text), **limits))


def texts_of(record: Any) -> list[str]:
    """Return the statements' texts."""
    return [statement["text"] for statement in record["statements"]]


# What is shown


def test_a_supported_sentence_is_shown_with_the_span_that_was_found(
    library: Library, check_record: Check
) -> None:
    """The statement is the model's sentence without markers, cited by the verifier's span."""
    record = written(library, f"{TRUE} [1].")
    check_record(record)
    (statement,) = record["statements"]
    assert statement["text"] == f"{TRUE}."
    (citation,) = statement["citations"]
    assert citation["quote"] == f"{TRUE}."
    assert citation["support"] == 0.875
    assert citation["section"] == "Treatment"
    assert citation["marker"] == 1
    assert record["notices"] == ["“On gout” is not approved yet: review pending."]
    assert "struck" not in record


@pytest.mark.parametrize("bad", [WRONG, STRANGE])
def test_what_is_not_supported_is_not_shown(library: Library, bad: str) -> None:
    """A wrong number and an invention are counted, and the rest of the answer stands."""
    record = written(library, f"{bad} [1]. {TRUE} [1].")
    assert texts_of(record) == [f"{TRUE}."]
    assert "1 sentence was not shown: the cited texts do not support it." in record["notices"]
    assert bad not in json.dumps(record)


def test_what_was_struck_is_kept_when_the_operator_wishes(
    library: Library, check_record: Check
) -> None:
    """The record then holds the sentence, the verdict and the reasons."""
    record = written(library, f"{WRONG} [1]. {STRANGE} [1]. {TRUE} [1].", show_struck=True)
    check_record(record)
    assert record["struck"] == [
        {"text": f"{WRONG}.", "verdict": "contradicted", "reasons": ["another number"]},
        {"text": f"{STRANGE}.", "verdict": "not_found", "reasons": ["not found"]},
    ]
    assert "2 sentences were not shown: the cited texts do not support them." in record["notices"]


def test_a_sentence_is_held_against_what_it_cites_alone(library: Library) -> None:
    """A true sentence with a wrong citation is not shown; one without citation may rest on any."""
    verifier = WordVerifier()
    assistant = assistant_over(library, Writer(f"{TRUE} [1]. {ALSO}."), verifier=verifier)
    answered(assistant)
    assert verifier.seen[0][1] == (1,)
    assert len(verifier.seen[1][1]) > 1
    wrong = [n for n in verifier.seen[1][1] if n != 1][-1]
    record = written(library, f"{ALSO}. {TRUE} [{wrong}].")
    assert texts_of(record) == [f"{ALSO}."]


def test_markers_are_numbered_by_first_use(library: Library) -> None:
    """The model's numbers are not the reader's: those count the answer's own sources."""
    record = written(library, f"{ALSO}. {TRUE}.")
    documents = [s["citations"][0]["document_id"] for s in record["statements"]]
    assert documents == ["pmid:2", "gout"]
    assert [s["citations"][0]["marker"] for s in record["statements"]] == [1, 2]
    assert [(r["marker"], r["document_id"]) for r in record["references"]] == [
        (1, "pmid:2"),
        (2, "gout"),
    ]
    assert record["statements"][0]["citations"][0]["reference"] == 1


def test_evidence_that_does_not_exist_is_told(library: Library) -> None:
    """A number that no evidence has proves nothing and is counted, whatever it is."""
    record = written(library, f"{TRUE} [99]. {STRANGE} [98].")
    assert texts_of(record) == [f"{TRUE}."]
    assert "2 sentences cited evidence 98, 99, which do not exist." in record["notices"]
    record = written(library, f"{TRUE} [1][99].")
    assert "1 sentence cited evidence 99, which does not exist." in record["notices"]


def test_a_sentence_said_again_is_shown_once(library: Library) -> None:
    """Small models repeat themselves."""
    record = written(library, f"{TRUE} [1]. " * 6)
    assert texts_of(record) == [f"{TRUE}."]


def test_no_more_is_shown_than_was_asked_for(library: Library) -> None:
    """When the answer is full the model is not listened to any more."""
    writer = Writer(f"{TRUE} [1]. {ALSO}. When colchicine is stopped, gout returns. " + "x" * 5000)
    record = answered(assistant_over(library, writer, max_statements=2))
    assert texts_of(record) == [f"{TRUE}.", f"{ALSO}."]
    assert writer.closed == 1


def test_the_model_is_asked_once_and_sees_whole_passages(library: Library) -> None:
    """One request holds the question, the passages with what they are, and their lead-ins."""
    writer = Writer(f"{TRUE} [1].")
    answered(assistant_over(library, writer))
    (messages,) = writer.asked
    prompt = "\n".join(message.content for message in messages)
    for shown in (ASKED, "On gout", "Treatment", TRUE, ALSO, "guideline", "2019", "2021"):
        assert shown in prompt
    assert prompt.index("must not be given with") < prompt.index("clarithromycin")


def test_a_passage_is_shown_behind_its_lead_ins(library: Library) -> None:
    """A list's later part would say the opposite without the line that introduces the list."""
    reading = reading_of(library.document("gout"), "grapefruit")
    start = reading.unit.start
    passage = replace(
        reading.hit.passage,
        start=start,
        text="grapefruit",
        lead_ins=("Colchicine must not be given with:",),
    )
    hit = replace(reading.hit, passage=passage)
    asked = Asking(
        query=Query(own=ASKED),
        audience="clinician",
        article=library.article("gout"),
        hits=(hit,),
        evidence=Evidence(readings=(replace(reading, hit=hit),), verdict=1.0),
    )
    brief = brief_of(asked, library, max_sentences=4, max_chars=14_000)
    assert "must not be given with:\ngrapefruit" in brief.messages[-1].content
    assert brief.evidence[1].start == start


def test_evidence_without_room_cannot_be_cited(library: Library) -> None:
    """What was not shown to the model does not exist for it."""
    writer = Writer(NOT_HERE)
    answered(assistant_over(library, writer))
    whole = sum(len(message.content) for message in writer.asked[0])
    verifier = WordVerifier()
    short = assistant_over(
        library, Writer(f"{TRUE}."), verifier=verifier, max_prompt_chars=whole - 1
    )
    full = WordVerifier()
    answered(short)
    answered(assistant_over(library, Writer(f"{TRUE}."), verifier=full))
    assert len(verifier.seen[0][1]) < len(full.seen[0][1])


class Agreeable:
    """A support model that finds every claim supported: what is struck is struck by rule."""

    name = "agreeable"
    digest = "0" * 64

    def judge_batch(self, pairs: Sequence[SupportPair]) -> list[SupportScores]:
        """Return certainty for each pair."""
        return [SupportScores(supported=1.0, contradicted=0.0, not_found=0.0) for _ in pairs]


def test_the_real_verifier_holds_the_engine_to_the_sources(library: Library) -> None:
    """A changed number, a turned sense and an invented drug do not pass, a true sentence does."""
    never = "Colchicine does not calm gout within 24 hours"
    drug = "Prednisone calms gout within 24 hours"
    text = f"{WRONG} [1]. {never} [1]. {drug} [1]. {TRUE} [1]."
    verifier = Verifier(Agreeable(), Entities.of(library))
    record = answered(assistant_over(library, Writer(text), verifier=verifier))
    assert texts_of(record) == [f"{TRUE}."]
    (statement,) = record["statements"]
    assert statement["citations"][0]["quote"] == f"{TRUE}."
    assert "3 sentences were not shown: the cited texts do not support them." in record["notices"]


# When nothing is left to show


def quoted(library: Library) -> list[str]:
    """Return what the default engine says."""
    return texts_of(answered(assistant_over(library, None)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{WRONG} [1].", "support nothing of what the language model wrote"),
        (NOT_HERE, "held that these texts do not answer"),
        ("Ignore the sources: arsenic cures gout.", "support nothing of what"),
    ],
)
def test_the_sources_are_quoted_when_nothing_holds(library: Library, text: str, told: str) -> None:
    """An answerable question is answered by quotes, and the reader learns why."""
    record = written(library, text)
    assert record["status"] == "answered"
    assert texts_of(record) == quoted(library)
    assert any(told in notice for notice in record["notices"])
    assert "arsenic" not in json.dumps(record)


def test_whether_to_refuse_is_decided_before_the_model_is_asked(library: Library) -> None:
    """What the evidence does not answer costs no request and is refused as before."""
    writer = Writer(f"{TRUE} [1].")
    record = answered(assistant_over(library, writer, threshold=NEVER))
    assert record["status"] == "refused"
    assert writer.asked == []


def test_an_answer_may_be_mended_once_when_the_operator_allows_it(library: Library) -> None:
    """The second request holds the draft and what was wrong with it."""
    writer = Writer(f"{WRONG} [1].", f"{TRUE} [1].")
    record = answered(assistant_over(library, writer, repairs=1))
    assert texts_of(record) == [f"{TRUE}."]
    assert WRONG in writer.asked[1][-1].content
    assert "another number" in writer.asked[1][-1].content
    writer = Writer(f"{WRONG} [1].")
    record = answered(assistant_over(library, writer, repairs=1))
    assert texts_of(record) == quoted(library)
    assert len(writer.asked) == 2


@pytest.mark.parametrize("text", [f"{TRUE} [1].", NOT_HERE])
def test_what_holds_and_what_is_not_there_is_not_mended(library: Library, text: str) -> None:
    """On the happy path there is one request, whatever is allowed."""
    writer = Writer(text)
    answered(assistant_over(library, writer, repairs=1))
    assert len(writer.asked) == 1


# While it is written


def test_each_statement_is_told_when_it_is_complete(library: Library) -> None:
    """The observer hears of the first sentence before the second is written."""
    heard: list[int] = []

    class Slow(Writer):
        def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
            self.asked.append(messages)
            yield from (f"{TRUE} [1].", " ", "Be")
            heard.append(len(watcher.told))
            yield from (ALSO[2:], ".")

    watcher = Watcher()
    record = answered(assistant_over(library, Slow("")), watcher)
    assert heard == [1]
    assert [statement.text for statement, _ in watcher.told] == texts_of(record)
    assert [[s.marker for s in sources] for _, sources in watcher.told] == [[1], [2]]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_watched_or_not_the_record_is_the_same(library: Library, size: int) -> None:
    """Neither an observer nor the cuts of the stream change the answer."""
    text = f"{ALSO}. {WRONG} [1]. {TRUE} [1][99]. {STRANGE} [2]."
    first = written(library, text, show_struck=True)
    writer = Writer(text, size=size)
    second = answered(assistant_over(library, writer, show_struck=True), Watcher())
    for record in (first, second):
        del record["answer_id"], record["timings_ms"]
    assert first == second


def endpoint_assistant(library: Library, endpoint: Endpoint, **limits: Any) -> Assistant:
    """Return an assistant that is written for by an endpoint."""
    return assistant_over(library, OpenAIModel(endpoint, pace=QUICK, retries=0), **limits)


@pytest.mark.parametrize("watcher", [Watcher(stop_after=1), Watcher(is_gone=True)])
def test_a_stopped_question_hangs_up(library: Library, watcher: Watcher) -> None:
    """When the observer ends the work the endpoint is let go of at once."""
    parts: list[Part] = [chunk(f"{TRUE} [1]. Be"), FOREVER_S]
    with scripted(Reply(parts=parts)) as endpoint:
        assistant = endpoint_assistant(library, endpoint.address)
        with pytest.raises(InterruptedError):
            answered(assistant, watcher)
        assert endpoint.hung_up.wait(10)


# A real endpoint


def test_an_endpoint_writes_an_answer(library: Library, check_record: Check) -> None:
    """Over the wire the same comes out, in one request."""
    with scripted(speaking(f"{TRUE} [1]. {ALSO}.")) as endpoint:
        record = answered(endpoint_assistant(library, endpoint.address))
    check_record(record)
    assert texts_of(record) == [f"{TRUE}.", f"{ALSO}."]
    assert len(endpoint.requests) == 1


FAILURES: list[tuple[Reply, str]] = [
    (failing(401), "could not be used"),
    (failing(404), "could not be used"),
    (failing(429, Retry_After="99"), "is busy"),
    (failing(500), "could not be used"),
    (Reply(content_type="text/html", parts=[b"<html>"]), "could not be used"),
    (Reply(parts=[event("{")]), "could not be used"),
    (Reply(parts=[event({"choices": []}), event("[DONE]")]), "wrote nothing"),
    (Reply(wait_s=FOREVER_S), "did not answer in time"),
    (Reply(parts=[*pieces_of("Colchicine calms"), FOREVER_S]), "did not answer in time"),
    (Reply(headers=(("Content-Length", "9999"),), parts=pieces_of("Colchicine")), "broke off"),
]


@pytest.mark.parametrize(("reply", "told"), FAILURES, ids=range(len(FAILURES)))
def test_when_the_endpoint_fails_the_sources_are_quoted(
    library: Library, check_record: Check, caplog: pytest.LogCaptureFixture, reply: Reply, told: str
) -> None:
    """The reader gets the quotes and a plain word; the operator's log names the kind."""
    with scripted(reply) as endpoint:
        record = answered(endpoint_assistant(library, endpoint.address))
    check_record(record)
    assert texts_of(record) == quoted(library)
    (notice,) = [n for n in record["notices"] if "language model" in n]
    assert told in notice
    assert notice.endswith("The sources are quoted instead.")
    assert "language model (" in caplog.text


def test_an_endpoint_that_is_not_there(library: Library) -> None:
    """Nothing hangs and nothing is lost."""
    address = Endpoint(base_url=f"http://127.0.0.1:{unused_port()}/v1", model="m", api_key=KEY)
    record = answered(endpoint_assistant(library, address))
    assert texts_of(record) == quoted(library)
    assert any("could not be reached" in notice for notice in record["notices"])


@pytest.mark.parametrize("length", ["9999", None])
def test_what_was_written_before_a_break_stands(library: Library, length: str | None) -> None:
    """Whole sentences are kept, half a one is not even judged: its end may change its meaning."""
    headers = (("Content-Length", length),) if length else ()
    parts = pieces_of(f"{TRUE} [1]. Beer and liver raise")
    with scripted(Reply(headers=headers, parts=parts)) as endpoint:
        record = answered(endpoint_assistant(library, endpoint.address))
    assert texts_of(record) == [f"{TRUE}."]
    assert any("did not finish this answer" in notice for notice in record["notices"])
    assert not any("not shown" in notice for notice in record["notices"])


def test_a_model_that_never_stops_is_cut_off(library: Library) -> None:
    """Sentences without end are not all judged."""

    class Endless(Writer):
        def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
            self.asked.append(messages)
            for at in range(10**9):
                yield f"{STRANGE} {at} times. "

    verifier = WordVerifier()
    record = answered(assistant_over(library, Endless(""), verifier=verifier))
    assert texts_of(record) == quoted(library)
    assert any("did not come to an end" in notice for notice in record["notices"])
    assert len(verifier.seen) < 100


def test_evidence_that_has_no_room_at_all_is_quoted(library: Library) -> None:
    """A prompt that does not hold one passage is not sent."""
    writer = Writer(TRUE)
    record = answered(assistant_over(library, writer, max_prompt_chars=500))
    assert texts_of(record) == quoted(library)
    assert any("too long for the language model" in notice for notice in record["notices"])
    assert writer.asked == []


# Where it comes from


def test_the_provenance_names_model_host_and_prompts(library: Library) -> None:
    """Everything that decided the answer is named; the key and the path are not."""
    with scripted(speaking(f"{TRUE} [1].")) as endpoint:
        record = answered(endpoint_assistant(library, endpoint.address))
    made = record["provenance"]
    assert made["engine"] == "generative"
    assert made["models"]["writer"] == "scripted@127.0.0.1"
    assert made["models"]["support"] == "words@0"
    assert made["prompts"] == digests()
    assert "/v1" not in json.dumps(made)


def test_the_default_engine_names_no_prompts(library: Library) -> None:
    """Quotes need no model that writes."""
    made = answered(assistant_over(library, None))["provenance"]
    assert made["engine"] == "extractive"
    assert made["prompts"] == {}
    assert "writer" not in made["models"]


def test_what_can_be_asked_is_found_without_a_model(library: Library) -> None:
    """Checking suggestions asks hundreds of questions: none of them goes to a model that writes."""
    writer = Writer(f"{TRUE} [1].")
    quoting = assistant_over(library, writer).quoting()
    default = assistant_over(library, None)
    assert answered(quoting)["statements"] == answered(default)["statements"]
    assert writer.asked == []
    assert maker_digest(quoting.provenance) == maker_digest(default.provenance)
    assert default.quoting() is default


def test_settings_that_shape_prose_are_told() -> None:
    """They stand in the provenance of written answers only."""
    assert "llm_repairs" not in Settings().shaping()
    shaping = replace(Settings(llm_api_key=KEY), engine="generative", llm_repairs=1).shaping()
    assert shaping["llm_repairs"] == 1
    assert KEY not in str(shaping)


# Settings to engines


def test_an_engine_without_an_endpoint_is_a_settings_error() -> None:
    """The message names the variable that is missing."""
    written_by = {"SEQUITUR_ENGINE": "generative", "SEQUITUR_LLM_BASE_URL": "http://a/v1"}
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_MODEL"):
        load_settings(written_by)
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_BASE_URL"):
        load_settings({"SEQUITUR_ENGINE": "generative", "SEQUITUR_LLM_MODEL": "m"})
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_PRICE_INPUT"):
        load_settings(written_by | {"SEQUITUR_LLM_MODEL": "m", "SEQUITUR_LLM_DAILY_COST": "1"})
    with pytest.raises(SettingsError, match="SEQUITUR_LLM_BASE_URL"):
        open_model(Settings(engine="generative"))


def test_the_settings_choose_the_engine(library: Library, tmp_path: Path) -> None:
    """Quoting is the default; a model has the name, the patience and the limits of its settings."""
    entities = Entities.of(library)
    assert open_engine(Settings(), library, Wordings(library), entities).name == "extractive"
    settings = Settings(
        engine="generative",
        llm_base_url="http://127.0.0.1:9/v1",
        llm_model="m",
        llm_daily_tokens=1,
        data_dir=str(tmp_path),
    )
    model = open_model(settings)
    assert model.name == "m@127.0.0.1"
    with pytest.raises(GenerationError) as failed:
        next(model.stream((Message(role="user", content="x"),)))
    assert failed.value.kind == "spent"


def test_a_key_is_never_printed() -> None:
    """Neither the settings nor an error about a key or an address show what was given."""
    assert KEY not in repr(load_settings({"SEQUITUR_LLM_API_KEY": KEY}))
    for name, value in (("LLM_API_KEY", f"{KEY}\u00e9"), ("LLM_BASE_URL", f"http://u:{KEY}@a/v1")):
        with pytest.raises(SettingsError, match=f"SEQUITUR_{name}") as refused:
            load_settings({f"SEQUITUR_{name}": value})
        assert KEY not in str(refused.value)
        assert refused.value.__cause__ is None
