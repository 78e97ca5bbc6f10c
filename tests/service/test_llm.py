"""A language model behind an endpoint that may do anything."""

import datetime as dt
import json
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import GenerationError
from prompts.messages import Message
from service.llm import SEED, OpenAIModel
from service.llm_endpoint import Endpoint, Pace
from service.llm_spending import Allowance, Spending, Usage
from tests.service.scripted_llm import (
    FOREVER_S,
    KEY,
    MODEL,
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

PRIVATE = "Does my haemoglobin of 61 matter?"
SAID = "Buds fill the alveoli [1]."
ASKED = (Message(role="system", content="Be brief."), Message(role="user", content=PRIVATE))
QUICK = Pace(whole_s=1.0, stall_s=0.3, connect_s=0.3)
PATIENT = Pace(whole_s=20.0)
FORM = {"type": "object", "properties": {"answered": {"type": "boolean"}}}
# far below what a hung test would take, far above what a busy machine needs
BOUND_S = 20.0


@pytest.fixture(autouse=True)
def nothing_private_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, no log of ours or of a library holds the key, a question or an answer."""
    caplog.set_level(logging.DEBUG)
    yield
    for secret in (KEY, PRIVATE, "haemoglobin", "alveoli"):
        assert secret not in caplog.text


def model_of(endpoint: Endpoint, **more: Any) -> OpenAIModel:
    """Return a model with little patience."""
    return OpenAIModel(endpoint, **{"pace": QUICK, "retries": 0, **more})


def whole(message: Any, *, finish: Any = "stop", **more: Any) -> Reply:
    """Return a reply that comes at once, as from an endpoint that does not stream."""
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion", "model": MODEL, "choices": [choice], **more}
    said = json.dumps(body).encode()
    return Reply(content_type="application/json; charset=utf-8", parts=[said[:9], said[9:]])


def failure(endpoint: Endpoint, **more: Any) -> tuple[GenerationError, str]:
    """Return how a call failed and what it gave before; it must not take long."""
    began = time.monotonic()
    pieces: list[str] = []
    with pytest.raises(GenerationError) as failed:
        pieces.extend(model_of(endpoint, **more).stream(ASKED))
    assert time.monotonic() - began < BOUND_S
    shown = "".join(traceback.format_exception(failed.value))
    assert KEY not in shown
    assert PRIVATE not in shown
    assert "\n" not in str(failed.value)
    return failed.value, "".join(pieces)


# What goes well


def test_the_pieces_of_a_stream_come_as_they_are() -> None:
    """The text is given piece by piece and whole."""
    with scripted(speaking(SAID)) as endpoint:
        pieces = list(model_of(endpoint.address).stream(ASKED))
    assert "".join(pieces) == SAID
    assert len(pieces) > 2


def test_a_piece_is_given_before_the_next_one_is_sent() -> None:
    """Nothing waits for the end of the text."""
    parts: list[Part] = [chunk("One. "), FOREVER_S, *pieces_of("Two."), chunk(finish="stop")]
    with scripted(Reply(parts=parts)) as endpoint:
        stream = model_of(endpoint.address, pace=PATIENT).stream(ASKED)
        began = time.monotonic()
        assert next(stream) == "One. "
        assert time.monotonic() - began < BOUND_S
        stream.close()


def test_the_request_holds_what_the_operator_configured_and_nothing_else() -> None:
    """Model, messages, limit, temperature 0 and a seed are sent; no header tells of the machine."""
    with scripted(speaking(SAID)) as endpoint:
        list(model_of(endpoint.address, max_output_tokens=77).stream(ASKED))
    (request,) = endpoint.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": PRIVATE},
        ],
        "stream": True,
        "temperature": 0,
        "seed": SEED,
        "max_tokens": 77,
        "stream_options": {"include_usage": True},
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["user-agent"] == "sequitur"
    assert set(request.headers) == {
        "host",
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "user-agent",
    }


def test_a_form_is_sent_with_the_call_that_has_one() -> None:
    """As a strict JSON Schema, beside everything else; the next call has none."""
    with scripted(speaking(SAID)) as endpoint:
        model = model_of(endpoint.address)
        assert "".join(model.stream(ASKED, form=FORM)) == SAID
        assert "".join(model.stream(ASKED)) == SAID
    held, free = (request.body for request in endpoint.requests)
    assert held.pop("response_format") == {
        "type": "json_schema",
        "json_schema": {
            "name": "reply",
            "strict": True,
            "schema": {"type": "object", "properties": {"answered": {"type": "boolean"}}},
        },
    }
    assert held == free


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "no", "param": "response_format"}},
        {"error": {"message": "no", "param": "response_format.type"}},
        {"error": {"message": "This response_format type is unavailable now", "param": None}},
        {"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]},
    ],
)
def test_an_endpoint_that_declines_a_form_is_asked_without_it(body: Any) -> None:
    """From then on at once; everything else is sent as before."""
    with scripted(failing(400, body), speaking(SAID)) as endpoint:
        model = model_of(endpoint.address)
        assert "".join(model.stream(ASKED, form=FORM)) == SAID
        assert "".join(model.stream(ASKED, form=FORM)) == SAID
    first, *others = (request.body for request in endpoint.requests)
    assert "response_format" in first
    del first["response_format"]
    assert others == [first, first]


def test_a_call_without_a_form_does_not_take_it_from_the_others() -> None:
    """An endpoint that took everything is sent the form of the next call that has one."""
    with scripted(speaking(SAID)) as endpoint:
        model = model_of(endpoint.address)
        list(model.stream(ASKED))
        list(model.stream(ASKED, form=FORM))
    assert ["response_format" in request.body for request in endpoint.requests] == [False, True]


@pytest.mark.parametrize("finish", ["stop", None, "eos", "tool_calls"])
def test_a_reply_that_comes_whole_is_read_like_a_stream(finish: str | None) -> None:
    """An endpoint that does not stream sends JSON at once; its text is given in one piece."""
    reply = whole({"role": "assistant", "content": SAID}, finish=finish)
    with scripted(reply) as endpoint:
        assert list(model_of(endpoint.address).stream(ASKED)) == [SAID]


@pytest.mark.parametrize(
    ("reply", "kind", "given"),
    [
        (whole({"content": SAID}, finish="length"), "cut", SAID),
        (whole({"content": SAID}, finish="content_filter"), "filtered", SAID),
        (whole({"content": ""}), "empty", ""),
        (whole({"content": None}), "empty", ""),
        (whole({"content": SAID * 500}), "endless", ""),
    ],
)
def test_a_whole_reply_fails_like_a_stream(reply: Reply, kind: str, given: str) -> None:
    """By its end, its length and its lack of text."""
    with scripted(reply) as endpoint:
        failed, said = failure(endpoint.address)
    assert (failed.kind, said) == (kind, given)


def test_the_count_of_a_whole_reply_is_the_endpoints_own() -> None:
    """As that of a stream; 120 of 150 tokens are used up by the first call."""
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    spending = Spending(Allowance(daily_tokens=150))
    with scripted(whole({"content": "Yes."}, usage=usage)) as endpoint:
        list(model_of(endpoint.address, spending=spending, max_output_tokens=20).stream(ASKED))
        failed, _ = failure(endpoint.address, spending=spending, max_output_tokens=20)
    assert failed.kind == "spent"


PARTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
    {"type": "text", "text": "Buds fill "},
    {"type": "text", "text": "the alveoli [1]."},
]


@pytest.mark.parametrize(
    "reply",
    [
        whole({"content": PARTS}),
        Reply(parts=[event({"choices": [{"delta": {"content": PARTS}}]}), event("[DONE]")]),
    ],
)
def test_content_in_parts_is_joined(reply: Reply) -> None:
    """The parts that are text, in order; what else there is, such as thoughts, is left out."""
    with scripted(reply) as endpoint:
        assert "".join(model_of(endpoint.address).stream(ASKED)) == "Buds fill the alveoli [1]."


@pytest.mark.parametrize("finish", [None, "stop", "eos", "end_turn", "tool_calls"])
def test_whatever_else_ends_a_text_is_its_end(finish: str | None) -> None:
    """Endpoints have many words for it, and some say nothing; the reply's form tells the rest."""
    end = [] if finish is None else [chunk(finish=finish)]
    for parts in ([*pieces_of(SAID), *end], [*pieces_of(SAID), *end, event("[DONE]")]):
        with scripted(Reply(parts=parts)) as endpoint:
            assert "".join(model_of(endpoint.address).stream(ASKED)) == SAID


def test_variables_of_the_client_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client would take from the environment by itself is not sent, and no proxy used."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-other")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-other")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Other: other")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with scripted(speaking(SAID)) as endpoint:
        assert "".join(model_of(endpoint.address).stream(ASKED)) == SAID
    assert "other" not in str(endpoint.requests[0].headers)


def test_an_endpoint_without_a_key_gets_none_of_ours() -> None:
    """A local endpoint asks for no key; what stands in its place is no secret."""
    with scripted(speaking(SAID)) as endpoint:
        address = Endpoint(base_url=endpoint.address.base_url, model=MODEL)
        assert "".join(model_of(address).stream(ASKED)) == SAID
    assert endpoint.requests[0].headers["authorization"] == "Bearer none"


def test_the_key_never_shows() -> None:
    """Neither the model nor its endpoint prints the key; the name holds the host alone."""
    model = model_of(Endpoint(base_url="https://llm.example:8443/v1", model="m", api_key=KEY))
    assert model.name == "m@llm.example"
    assert KEY not in f"{model!r}{model}{Endpoint(base_url='http://a/v1', model='m', api_key=KEY)}"


@pytest.mark.parametrize("part", ["temperature", "seed", "stream_options"])
def test_an_optional_part_that_is_declined_is_left_out(part: str) -> None:
    """An endpoint that does not know a part is asked without it, from then on at once."""
    body = {"error": {"message": f"Unsupported parameter: '{part}'", "param": part}}
    with scripted(failing(400, body), speaking(SAID)) as endpoint:
        model = model_of(endpoint.address)
        assert "".join(model.stream(ASKED)) == SAID
        assert "".join(model.stream(ASKED)) == SAID
    assert [part in request.body for request in endpoint.requests] == [True, False, False]


def test_a_limit_by_another_name_is_tried() -> None:
    """Some hosted models take `max_completion_tokens` alone."""
    body = {"detail": "max_tokens: extra fields not permitted"}
    with scripted(failing(422, body), speaking(SAID)) as endpoint:
        assert "".join(model_of(endpoint.address).stream(ASKED)) == SAID
    assert "max_tokens" not in endpoint.requests[1].body
    assert endpoint.requests[1].body["max_completion_tokens"] == 600


def test_an_endpoint_that_declines_everything_is_given_up() -> None:
    """Each optional part is left out once; there is an end to it."""
    bodies = [
        failing(400, {"error": {"message": part, "param": part}})
        for part in (
            "max_tokens",
            "temperature",
            "seed",
            "stream_options",
            "response_format",
            "seed",
        )
    ]
    with scripted(*bodies) as endpoint:
        failed, _ = failure(endpoint.address)
    assert failed.kind == "bad_request"
    assert len(endpoint.requests) == 6


# What fails


LONG_LINE = b"data: " + b"x" * 100_000


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (failing(401), "rejected"),
        (failing(403), "rejected"),
        (failing(404), "unknown_model"),
        (failing(400), "bad_request"),
        (failing(429), "busy"),
        (failing(500), "server_error"),
        (failing(503), "server_error"),
        (Reply(status=307, headers=(("Location", "http://127.0.0.1:9/v1"),)), "bad_request"),
        (Reply(status=500, content_type="text/html", parts=[b"<h1>Oops</h1>"]), "server_error"),
        (Reply(content_type="text/html", parts=[b"<html><p>Sign in</p></html>"]), "nonsense"),
        (Reply(content_type="", parts=[b"<html><p>Sign in</p></html>"]), "empty"),
        *(
            (Reply(content_type="application/json", parts=[part]), "nonsense")
            for part in (
                b"",
                b"{broken",
                b"\xff\xfe\x00",
                b"[" * 100_000,
                b"[]",
                b"3",
                b'{"choices": []}',
                b'{"choices": "all"}',
                b'{"choices": [{"message": {"content": 7}}]}',
                b'{"choices": [{"message": {"content": ["a"]}}]}',
                b'{"choices": [{"message": {"content": "a"}}], "usage": 7}',
                b'{"error": {"message": "no"}}',
            )
        ),
        (Reply(content_type="application/json", parts=repeat(LONG_LINE)), "endless"),
        (Reply(parts=[b"data: {broken\n\n"]), "nonsense"),
        (Reply(parts=[b"data: \xff\xfe\x00\n\n"]), "nonsense"),
        (Reply(parts=[b"data: " + b"[" * 100_000 + b"\n\n"]), "nonsense"),
        (Reply(parts=[event({"choices": [{"delta": {"content": 7}}]})]), "nonsense"),
        (Reply(parts=[event({"choices": [7]}), event("[DONE]")]), "empty"),
        (Reply(parts=[event({"choices": "all"})]), "nonsense"),
        (Reply(parts=[event([1, 2]), event("3"), event("[DONE]")]), "empty"),
        (Reply(parts=[event({"choices": []}), event("[DONE]")]), "empty"),
        (Reply(parts=[chunk(finish="stop"), event("[DONE]")]), "empty"),
        (Reply(parts=[chunk(" \n"), chunk(finish="stop")]), "empty"),
        (Reply(parts=[chunk(finish="content_filter")]), "filtered"),
        (Reply(parts=[event({"error": {"message": PRIVATE}})]), "server_error"),
        (Reply(), "empty"),
        (Reply(raw=True), "unreachable"),
        (Reply(raw=True, parts=[b"SSH-2.0-OpenSSH\r\n"]), "unreachable"),
        (Reply(headers=(("Content-Encoding", "gzip"),), parts=[b"\x1f\x8b"]), "endless"),
        (Reply(parts=repeat(LONG_LINE)), "endless"),
        (Reply(parts=repeat(b": still here\n\n" * 1000)), "endless"),
        (Reply(status=500, content_type="text/html", parts=repeat(LONG_LINE)), "endless"),
    ],
)
def test_each_failure_has_its_kind(reply: Reply, kind: str) -> None:
    """Whatever comes instead of text ends in an error of a known kind, without a piece of text."""
    with scripted(reply) as endpoint:
        failed, said = failure(endpoint.address, pace=PATIENT)
    assert failed.kind == kind
    assert not said.strip()


def test_an_error_that_repeats_the_question_is_not_repeated() -> None:
    """What the endpoint says about a failure may hold the prompt or the key."""
    with scripted(failing(500, {"error": {"message": f"{PRIVATE} {KEY}"}})) as endpoint:
        failed, _ = failure(endpoint.address)
    assert str(failed) == "language model (server_error): the endpoint answered with status 500"


def test_nobody_listens() -> None:
    """An endpoint that is not there cannot be reached."""
    failed, _ = failure(Endpoint(base_url=f"http://127.0.0.1:{unused_port()}/v1", model="m"))
    assert failed.kind == "unreachable"
    failed, _ = failure(Endpoint(base_url="http://no-such-host.invalid/v1", model="m"))
    assert failed.kind == "unreachable"


SLOW = [
    Reply(wait_s=FOREVER_S),
    Reply(parts=[FOREVER_S]),
    Reply(parts=[b"data: {", FOREVER_S]),
    # a byte, a comment or a token now and then, each in time for the longest silence
    Reply(raw=True, parts=(p for _ in repeat(0) for p in (b"HTTP/1.1 200 OK\r\n"[:1], 0.1))),
    Reply(parts=(p for _ in repeat(0) for p in (b": thinking\n\n", 0.1))),
    Reply(status=500, parts=(p for _ in repeat(0) for p in (b"<", 0.1))),
]


@pytest.mark.parametrize("reply", SLOW, ids=range(len(SLOW)))
def test_what_never_comes_is_not_waited_for(reply: Reply) -> None:
    """Silence, and signs of life without text, end when the time is up."""
    with scripted(reply) as endpoint:
        failed, said = failure(endpoint.address)
    assert failed.kind in {"slow", "unreachable"}
    assert said == ""


def test_a_token_now_and_then_is_too_slow() -> None:
    """Text that drips is given until the whole time is over, then it broke off."""
    with scripted(Reply(parts=(p for _ in repeat(0) for p in (chunk("drip "), 0.1)))) as endpoint:
        began = time.monotonic()
        failed, said = failure(endpoint.address)
        assert QUICK.whole_s * 0.9 < time.monotonic() - began < BOUND_S
    assert failed.kind == "slow"
    assert said.startswith("drip drip")


def test_text_without_end_is_cut_off() -> None:
    """An endpoint that does not keep to the limit of tokens is not listened to for ever."""
    with scripted(Reply(parts=repeat(chunk("and on ")))) as endpoint:
        failed, said = failure(endpoint.address, pace=PATIENT, max_output_tokens=50)
    assert failed.kind == "endless"
    assert len(said) <= 50 * 12
    assert endpoint.hung_up.is_set()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(headers=(("Content-Length", "9999"),), parts=pieces_of(SAID)),
        Reply(parts=[*pieces_of(SAID), chunk(finish="length"), event("[DONE]")]),
    ],
)
def test_a_text_that_broke_off_is_told_from_a_whole_one(reply: Reply) -> None:
    """Lost connections and full limits leave half a text."""
    with scripted(reply) as endpoint:
        failed, said = failure(endpoint.address)
    assert failed.kind == "cut"
    assert said == SAID


# Trying again


def test_a_busy_endpoint_is_asked_again_when_it_says() -> None:
    """Retry-After is kept to, in seconds; then the answer comes."""
    with scripted(failing(429, Retry_After="0.6"), speaking(SAID)) as endpoint:
        began = time.monotonic()
        model = model_of(endpoint.address, retries=1, pace=PATIENT)
        assert "".join(model.stream(ASKED)) == SAID
        assert time.monotonic() - began >= 0.6


@pytest.mark.parametrize("first", [failing(500), failing(503), Reply(raw=True)])
def test_a_passing_failure_is_tried_again(first: Reply) -> None:
    """What failed before any text came may work in a moment."""
    with scripted(first, speaking(SAID)) as endpoint:
        model = model_of(endpoint.address, retries=1, pace=PATIENT)
        assert "".join(model.stream(ASKED)) == SAID


@pytest.mark.parametrize(
    ("reply", "requests"), [(failing(500), 3), (failing(401), 1), (failing(404), 1)]
)
def test_retries_have_an_end(reply: Reply, requests: int) -> None:
    """A lasting failure is tried no more often than allowed, one that cannot pass once."""
    with scripted(reply) as endpoint:
        failure(endpoint.address, retries=2, pace=PATIENT)
    assert len(endpoint.requests) == requests


@pytest.mark.parametrize("wait", ["3600", "inf", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_an_endpoint_that_asks_for_too_long_a_wait_is_given_up_at_once(wait: str) -> None:
    """A wait that the whole time does not hold is not begun."""
    with scripted(failing(429, Retry_After=wait)) as endpoint:
        began = time.monotonic()
        failed, _ = failure(endpoint.address, retries=3, pace=PATIENT)
        assert time.monotonic() - began < PATIENT.whole_s / 2
    assert failed.kind == "busy"
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("wait", ["nonsense", "nan", "-5", ""])
def test_a_wait_that_cannot_be_read_is_no_wait_for_ever(wait: str) -> None:
    """A broken header does no harm."""
    with scripted(failing(429, Retry_After=wait), speaking(SAID)) as endpoint:
        model = model_of(endpoint.address, retries=1, pace=PATIENT)
        assert "".join(model.stream(ASKED)) == SAID


def test_text_that_came_is_never_asked_for_twice() -> None:
    """After the first piece a failure is final: a second text would not be its continuation."""
    broken = Reply(headers=(("Content-Length", "9999"),), parts=pieces_of(SAID))
    with scripted(broken) as endpoint:
        failed, said = failure(endpoint.address, retries=3)
    assert (failed.kind, said, len(endpoint.requests)) == ("cut", SAID, 1)


# Letting go


def test_closing_the_stream_hangs_up_at_once() -> None:
    """Nobody pays for text that nobody reads any more."""
    parts: list[Part] = [chunk("One. "), FOREVER_S]
    with scripted(Reply(parts=parts)) as endpoint:
        stream = model_of(endpoint.address, pace=PATIENT).stream(ASKED)
        assert next(stream) == "One. "
        stream.close()
        assert endpoint.hung_up.wait(BOUND_S)


def test_no_thread_is_left() -> None:
    """The watch over the time ends with the call, however that ends."""
    before = threading.active_count()
    with scripted(speaking(SAID)) as endpoint:
        list(model_of(endpoint.address, pace=Pace(whole_s=60)).stream(ASKED))
        failure(Endpoint(base_url=f"http://127.0.0.1:{unused_port()}/v1", model="m"))
    deadline = time.monotonic() + BOUND_S
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


# What a day may cost


def test_the_limit_of_a_day_is_kept_by_the_endpoints_own_count() -> None:
    """When the day's tokens are used up no request is sent; the next day it is."""
    days = [dt.date(2030, 1, 1)]
    spending = Spending(Allowance(daily_tokens=150), today=lambda: days[0])
    with scripted(speaking(SAID)) as endpoint:
        model = model_of(endpoint.address, spending=spending, max_output_tokens=20)
        assert "".join(model.stream(ASKED)) == SAID  # 120 tokens by the endpoint's count
        failed, _ = failure(endpoint.address, spending=spending, max_output_tokens=20)
        assert failed.kind == "spent"
        assert len(endpoint.requests) == 1
        days[0] = dt.date(2030, 1, 2)
        assert "".join(model.stream(ASKED)) == SAID


def test_a_day_has_a_price() -> None:
    """Cost is counted by the prices per million tokens, read and written."""
    allowance = Allowance(daily_cost=0.01, price_input=10.0, price_output=100.0)
    assert allowance.cost(Usage(input_tokens=100, output_tokens=50)) == pytest.approx(0.006)
    spending = Spending(allowance)
    with spending.reserved(Usage(input_tokens=100)) as receipt:
        receipt.note(chars=3, usage=Usage(input_tokens=100, output_tokens=50))
    with spending.reserved(Usage(input_tokens=100, output_tokens=29)):
        pass
    with pytest.raises(GenerationError), spending.reserved(Usage(output_tokens=41)):
        pass


def test_what_no_endpoint_counts_is_estimated() -> None:
    """Text without a count costs the prompt and its characters; a failure without text nothing."""
    spending = Spending(Allowance(daily_tokens=30))
    with spending.reserved(Usage(input_tokens=30)):
        pass
    with spending.reserved(Usage(input_tokens=10)) as receipt:
        receipt.note(chars=35)
    with spending.reserved(Usage(input_tokens=10)):
        pass
    with pytest.raises(GenerationError), spending.reserved(Usage(input_tokens=11)):
        pass


def test_questions_at_the_same_time_do_not_overspend_together() -> None:
    """What is set aside for one is not there for the next."""
    spending = Spending(Allowance(daily_tokens=100))
    with (
        spending.reserved(Usage(input_tokens=60)),
        pytest.raises(GenerationError),
        spending.reserved(Usage(input_tokens=60)),
    ):
        pass
    with spending.reserved(Usage(input_tokens=60)):
        pass


def test_the_count_outlives_the_process(tmp_path: Path) -> None:
    """A restart does not give the day's tokens back, a new day does; it tells nothing else."""
    file, day = tmp_path / "sub" / "spending.json", dt.date(2030, 1, 1)

    def opened(today: dt.date) -> Spending:
        return Spending(Allowance(daily_tokens=100), file=file, today=lambda: today)

    for _ in range(2):
        with opened(day).reserved(Usage(input_tokens=10)) as receipt:
            receipt.note(chars=1, usage=Usage(input_tokens=30, output_tokens=10))
    assert json.loads(file.read_text()) == {
        "format": 1,
        "day": "2030-01-01",
        "input_tokens": 60,
        "output_tokens": 20,
    }
    with pytest.raises(GenerationError), opened(day).reserved(Usage(input_tokens=30)):
        pass
    with opened(dt.date(2030, 1, 2)).reserved(Usage(input_tokens=30)):
        pass


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 9}', '{"format": 1}', "\x00"])
def test_a_damaged_count_costs_no_answer(tmp_path: Path, damage: str) -> None:
    """Counting starts anew; nobody is left without an answer for it."""
    file = tmp_path / "spending.json"
    file.write_text(damage)
    spending = Spending(Allowance(daily_tokens=100), file=file)
    for _ in range(2):
        with spending.reserved(Usage(input_tokens=10)) as receipt:
            receipt.note(chars=1, usage=Usage(input_tokens=40))
    with pytest.raises(GenerationError), spending.reserved(Usage(input_tokens=30)):
        pass


def test_a_count_that_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    """A folder that is a file is no reason to fail, nor to spend without end."""
    (tmp_path / "file").write_text("")
    spending = Spending(Allowance(daily_tokens=100), file=tmp_path / "file" / "spending.json")
    for _ in range(2):
        with spending.reserved(Usage(input_tokens=10)) as receipt:
            receipt.note(chars=1, usage=Usage(input_tokens=40))
    with pytest.raises(GenerationError), spending.reserved(Usage(input_tokens=30)):
        pass


def test_without_a_limit_nothing_is_counted(tmp_path: Path) -> None:
    """No file is written for an operator who set no limit."""
    file = tmp_path / "spending.json"
    with Spending(file=file).reserved(Usage(input_tokens=10**9)) as receipt:
        receipt.note(chars=10, usage=used_up())
    assert not file.exists()


def used_up() -> Usage:
    """Return more than any limit."""
    return Usage(input_tokens=10**9, output_tokens=10**9)
