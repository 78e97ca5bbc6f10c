"""The tiny model behind its server, as the real client of the protocol sees it."""

from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.llm.tiny_model import NAME

FRANCE = "What is the capital of France?"
LONG_STORY = "Tell a long story about a whale."


def said(client: openai.OpenAI, content: str, limit: int = 24) -> ChatCompletion:
    """Ask one question and wait for the whole reply."""
    return client.chat.completions.create(
        model=NAME, messages=[{"role": "user", "content": content}], max_tokens=limit
    )


def streamed(client: openai.OpenAI, content: str, limit: int = 24) -> list[ChatCompletionChunk]:
    """Ask one question and keep the pieces of the reply."""
    pieces = client.chat.completions.create(
        model=NAME,
        messages=[{"role": "user", "content": content}],
        max_tokens=limit,
        temperature=0,
        seed=1,
        stream=True,
        stream_options={"include_usage": True},
    )
    return list(pieces)


def text_of(completion: ChatCompletion) -> str:
    """Return what was written."""
    return completion.choices[0].message.content or ""


def test_it_is_a_real_model(client: openai.OpenAI) -> None:
    """Weights, tokens and chat template fit together: it knows a capital, and when to stop."""
    reply = said(client, FRANCE)
    assert "Paris" in text_of(reply)
    assert reply.choices[0].finish_reason == "stop"
    assert "<|" not in text_of(reply)


def test_a_stream_is_the_whole_reply_in_pieces(client: openai.OpenAI) -> None:
    """The pieces make up the same text with the same end and counts, several of them."""
    whole, pieces = said(client, LONG_STORY), streamed(client, LONG_STORY)
    texts = [p.choices[0].delta.content or "" for p in pieces if p.choices]
    assert "".join(texts) == text_of(whole)
    assert len([text for text in texts if text]) > 10
    ends = [p.choices[0].finish_reason for p in pieces if p.choices]
    assert ends == [None] * (len(ends) - 1) + [whole.choices[0].finish_reason]
    assert pieces[-1].usage == whole.usage


def test_the_limit_of_tokens_is_kept(client: openai.OpenAI) -> None:
    """A text that was cut says so and counts what it took."""
    reply = said(client, LONG_STORY, limit=5)
    assert reply.choices[0].finish_reason == "length"
    assert reply.usage is not None
    assert reply.usage.completion_tokens == 5
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + 5


def test_the_same_question_has_the_same_reply(client: openai.OpenAI) -> None:
    """Whatever was asked before or is asked meanwhile, it writes the same."""
    alone = said(client, LONG_STORY)
    with ThreadPoolExecutor(3) as pool:
        replies = list(pool.map(lambda q: said(client, q), (LONG_STORY, FRANCE, LONG_STORY)))
    assert [text_of(r) for r in replies[::2]] == [text_of(alone)] * 2
    assert text_of(replies[1]) != text_of(alone)


def test_a_client_that_leaves_does_not_keep_the_model(client: openai.OpenAI) -> None:
    """A stream that is closed half-way ends the writing; the next question is answered."""
    pieces = client.chat.completions.create(
        model=NAME,
        messages=[{"role": "user", "content": LONG_STORY}],
        max_tokens=4000,
        stream=True,
    )
    with pieces:
        next(iter(pieces))
    assert "Paris" in text_of(said(client, FRANCE))


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    """The list names the one model there is."""
    assert [model.id for model in client.models.list()] == [NAME]


def test_another_model_is_not_there(client: openai.OpenAI) -> None:
    """A name that is not in the list is refused as such."""
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="larger", messages=[{"role": "user", "content": "?"}])


def test_a_prompt_beyond_the_context_is_refused(client: openai.OpenAI) -> None:
    """It names the fault before anything is computed; nothing is cut off silently."""
    with pytest.raises(openai.BadRequestError) as refused:
        said(client, "whale " * 8200)
    assert refused.value.code == "context_length_exceeded"


@pytest.mark.parametrize(
    "messages", [[], "whale", [{"role": "user"}], [{"role": "x", "content": ""}]]
)
def test_messages_of_another_shape_are_refused(client: openai.OpenAI, messages: object) -> None:
    """The request's fault is named, and nothing is written."""
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=NAME, messages=messages)  # type: ignore[call-overload]
    assert refused.value.param == "messages"
