"""The library page: what a search and a filter leave, and what is said when nothing is left."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library
from corpus.records import Article, ReviewStatus
from ingest.assemble import assemble
from ingest.drafts import Draft
from service.http_library_page import MAX_SEARCH_CHARS, find, search_of, words_of
from tests.service.browsing import Element, app_over, get, read
from tests.service.conftest import HOSTILE, alone, started

STATUSES = tuple(ReviewStatus)


def titled(slug: str, title: str, heading: str, status: ReviewStatus) -> Article:
    """Return an article with one section."""
    drafts = [
        Draft(kind="heading", text=heading, level=1),
        Draft(kind="paragraph", text="Hidden words stand here."),
    ]
    document = assemble(document_id=slug, kind="article", title=title, drafts=drafts)
    return Article(slug=slug, document=document, review_status=status, updated=dt.date(2026, 2, 1))


ARTICLES = (
    titled("alpha", "Anämie bei Kindern", "Therapy with iron", STATUSES[2]),
    titled("beta-blockers", "Slow hearts", "When to stop", STATUSES[1]),
    titled("gamma", "Fast hearts", "Iron and the heart", STATUSES[0]),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of an application over the three articles."""
    yield from started(app_over(tmp_path_factory.mktemp("titled") / "library", ARTICLES))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return a library of the three articles."""
    library = Library.create(tmp_path_factory.mktemp("library") / "library")
    library.put(articles=ARTICLES)
    return library


def slugs(page: Element) -> list[str]:
    """Return the slugs of the list, in its order."""
    links = [link for entry in page.all("ul", class_="library") for link in entry.all("a")]
    return [link.get("href").removeprefix("/articles/") for link in links]


class TestSearching:
    """What is found."""

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["alpha", "beta-blockers", "gamma"]),
            ("q=hearts", ["beta-blockers", "gamma"]),
            ("q=HEARTS+fast", ["gamma"]),
            ("q=anamie", ["alpha"]),
            ("q=AN%C3%84M", ["alpha"]),
            ("q=blockers", ["beta-blockers"]),
            ("q=iron", ["alpha", "gamma"]),
            ("q=iron&status=approved", ["alpha"]),
            ("status=under-review", ["beta-blockers"]),
            ("status=no-such-status", ["alpha", "beta-blockers", "gamma"]),
            ("q=earts", []),
            ("q=hidden", []),
            ("q=%3F%21", []),
            ("q=++&status=", ["alpha", "beta-blockers", "gamma"]),
        ],
    )
    def test_words_and_status_narrow_the_list(
        self, client: TestClient, query: str, found: list[str]
    ) -> None:
        """Beginnings of words of title, slug and headings; case and accents do not count."""
        assert slugs(get(client, f"/?{query}")) == found

    def test_the_page_says_how_many(self, client: TestClient) -> None:
        """All of them are counted, and those that are left out of all."""
        assert get(client, "/").one(id="count").text == "3 articles."
        narrowed = get(client, "/?q=hearts").one(id="count")
        assert narrowed.text == "2 of 3 articles. Show all"
        assert narrowed.one("a").get("href") == "/"

    def test_nothing_found_says_what_to_try(self, client: TestClient) -> None:
        """The words and the status that were looked for are named, and a way on."""
        page = get(client, "/?q=kidneys&status=submitted")
        said = page.one("div", class_="nothing").text
        assert "No article has “kidneys” in its title or headings and is submitted." in said
        assert "Try fewer or shorter words" in said

    def test_the_form_keeps_what_was_sent(self, client: TestClient) -> None:
        """It is a labelled GET form, so that a search can be kept as a link."""
        page = get(client, "/?q=slow++hearts&status=under-review")
        form = page.one("form", role="search")
        assert (form.get("method"), form.get("action")) == ("get", "/")
        assert form.one("input").get("value") == "slow hearts"
        chosen = [o.get("value") for o in form.all("option") if "selected" in o.attributes]
        assert chosen == ["under-review"]
        labels = {label.get("for") for label in form.all("label")}
        assert labels == {form.one("input").get("id"), form.one("select").get("id")}

    def test_what_was_looked_for_is_never_html(self, client: TestClient) -> None:
        """Hostile words are shown as they are."""
        response = client.get("/", params={"q": f'"{HOSTILE}', "status": HOSTILE})
        page = read(response.text)
        assert not page.all("script")
        assert not page.all("img")
        assert HOSTILE in page.one("div", class_="nothing").text

    def test_an_empty_library_says_so(self, tmp_path: Path) -> None:
        """There is nothing to search, though there are texts that answers may quote."""
        for client in started(app_over(tmp_path / "library", (), (alone(),))):
            page = get(client, "/")
            assert "holds no article yet" in page.text
            assert not page.all("form")

    def test_head_is_answered(self, client: TestClient) -> None:
        """A link checker may ask for the headers alone."""
        assert client.head("/?q=x").status_code == 200


@given(text=st.text(), status=st.sampled_from(["", "x", *(s.value for s in STATUSES)]))
def test_any_search_leaves_some_of_the_articles_in_order(
    library: Library, text: str, status: str
) -> None:
    """Whatever is looked for, the list is a part of the library in the library's order."""
    search = search_of(text, status)
    found = find(search, library).articles
    assert len(search.text) <= MAX_SEARCH_CHARS
    assert list(found) == [article for article in ARTICLES if article in found]
    assert all(search.status in (None, article.review_status) for article in found)


@given(text=st.text())
def test_comparing_words_does_not_depend_on_case(text: str) -> None:
    """Words of a text in capitals are the words of the text."""
    assert words_of(text.casefold()) == words_of(text)
