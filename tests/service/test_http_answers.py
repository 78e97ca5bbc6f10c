"""What can be done with an answer once it is given."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from service.exporting import FORMATS
from service.http_answers import attachment
from service.store import AnswerStore
from tests.service.test_api import assert_problem

QUESTIONS = "/v1/articles/lungs/questions"


@pytest.fixture
def answer(client: TestClient) -> dict[str, Any]:
    """Return an answer that was given."""
    record: dict[str, Any] = client.post(
        QUESTIONS, json={"question": "What are Masson bodies?"}
    ).json()
    return record


@pytest.fixture
def path(answer: dict[str, Any]) -> str:
    """Return the address of the answer."""
    return f"/v1/answers/{answer['answer_id']}"


class TestExport:
    """Files to take away."""

    @pytest.mark.parametrize("form", FORMATS)
    def test_each_format_is_a_file(self, client: TestClient, path: str, form: str) -> None:
        """An attachment with a name, its type and something in it."""
        response = client.get(f"{path}/export", params={"format": form})
        assert response.status_code == 200
        assert response.headers["content-disposition"].startswith('attachment; filename="')
        assert response.headers["content-disposition"].endswith(f'.{FORMATS[form].extension}"')
        assert response.headers["content-type"].startswith(FORMATS[form].media_type)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "Buds in the alveoli" in response.text

    def test_the_file_names_our_own_address(self, client: TestClient, path: str) -> None:
        """Links in a file are whole, since it is read elsewhere."""
        text = client.get(f"{path}/export", params={"format": "markdown"}).text
        assert "http://testserver/answers/" in text
        json.loads(client.get(f"{path}/export", params={"format": "csl-json"}).text)

    @pytest.mark.parametrize("form", ["endnote", "", "../etc", "BibTeX"])
    def test_an_unknown_format_is_refused_with_the_known(
        self, client: TestClient, path: str, form: str
    ) -> None:
        """422 that names what there is."""
        response = client.get(f"{path}/export", params={"format": form})
        problem = assert_problem(response, 422, "invalid-value", f"{path}/export")
        assert all(known in problem["detail"] for known in FORMATS)

    def test_a_format_must_be_named(self, client: TestClient, path: str) -> None:
        """422, and not a word about the media type of a body that a GET does not have."""
        problem = assert_problem(
            client.get(f"{path}/export"), 422, "invalid-value", f"{path}/export"
        )
        assert "format" in problem["detail"]

    def test_an_unknown_answer_is_a_problem(self, client: TestClient) -> None:
        """404 before anything else."""
        response = client.get("/v1/answers/nope/export?format=ris")
        assert_problem(response, 404, "not-found", "/v1/answers/nope/export")

    @given(st.text(max_size=40))
    def test_any_name_makes_one_header(self, name: str) -> None:
        """No name breaks out of the header, of its quotes or of the folder."""
        header = attachment(name)
        assert header.isascii()
        assert header.isprintable()
        quoted = header.partition('filename="')[2].partition('"')[0]
        assert quoted
        assert not set(quoted) & set('\\/"')
        assert header.count('"') == 2


class TestFeedback:
    """What readers say."""

    @pytest.fixture
    def kept(self, app: FastAPI) -> AnswerStore:
        """Return the store of the application."""
        store: AnswerStore = app.state.reception.store
        return store

    def test_the_last_word_counts(
        self, client: TestClient, kept: AnswerStore, path: str, answer: dict[str, Any]
    ) -> None:
        """A rating and a comment are kept with their time; the next ones take their place."""
        said = {"rating": "down", "comment": " Too short. "}
        assert client.post(f"{path}/feedback", json=said).status_code == 204
        first = kept.feedback(answer["answer_id"])
        assert first is not None
        assert (first.rating, first.comment) == ("down", "Too short.")
        response = client.post(f"{path}/feedback", json={"rating": "up"})
        assert (response.status_code, response.content) == (204, b"")
        second = kept.feedback(answer["answer_id"])
        assert second is not None
        assert (second.rating, second.comment) == ("up", None)
        assert client.get(path).json() == answer

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "#/rating"),
            ({"rating": "meh"}, "#/rating"),
            ({"rating": "up", "comment": 7}, "#/comment"),
            ({"rating": "up", "comment": "x" * 2001}, "#/comment"),
        ],
    )
    def test_what_cannot_be_used_is_pointed_at(
        self, client: TestClient, kept: AnswerStore, path: str, body: Any, pointer: str
    ) -> None:
        """422 without a word of the comment, and nothing is kept."""
        response = client.post(f"{path}/feedback", json=body)
        problem = assert_problem(response, 422, "invalid-value", f"{path}/feedback")
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
        assert "xx" not in response.text
        assert kept.feedback(path.rpartition("/")[2]) is None

    def test_a_comment_may_be_as_long_as_the_limit(self, client: TestClient, path: str) -> None:
        """2,000 characters are taken, and half a character is not."""
        said = {"rating": "up", "comment": "é" * 2000}
        assert client.post(f"{path}/feedback", json=said).status_code == 204
        half = client.post(
            f"{path}/feedback",
            content=b'{"rating": "up", "comment": "\\ud800"}',
            headers={"content-type": "application/json"},
        )
        assert half.status_code == 422

    def test_feedback_on_nothing_is_a_problem(self, client: TestClient) -> None:
        """404 for an answer that is not kept."""
        response = client.post("/v1/answers/nope/feedback", json={"rating": "up"})
        assert_problem(response, 404, "not-found", "/v1/answers/nope/feedback")

    def test_another_media_type_is_refused(self, client: TestClient, path: str) -> None:
        """415 for what does not call itself JSON, as a form of another page would."""
        response = client.post(
            f"{path}/feedback", content=b'{"rating": "up"}', headers={"content-type": "text/plain"}
        )
        assert_problem(response, 415, "media-type", f"{path}/feedback")
