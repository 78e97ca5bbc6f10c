"""What the templates are given: steps, addresses, places, letters."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.records import ReviewStatus
from service.assistant import Assistant
from service.http_articles import doi_address, pubmed_address, web_address
from service.http_page_views import letter_of, local_path, outline, review_steps, span_finder
from service.http_parts import parts_of
from tests.service.conftest import bones, lungs

HERE = "https://sequitur.example"


@pytest.mark.parametrize(
    ("status", "states"),
    [
        (ReviewStatus.SUBMITTED, ["current", "to come", "to come"]),
        (ReviewStatus.UNDER_REVIEW, ["done", "current", "to come"]),
        (ReviewStatus.APPROVED, ["done", "done", "current"]),
    ],
)
def test_steps_before_the_current_one_are_done(status: ReviewStatus, states: list[str]) -> None:
    """The three steps keep their order and their names, whatever the status."""
    steps = review_steps(status)
    assert [step.state for step in steps] == states
    assert [step.label for step in steps] == ["Submitted", "Under Review", "Approved"]


@given(text=st.text())
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https://evil.example/")
@example("javascript:alert(1)")
@example("/a\r\nSet-Cookie: b=c")
@example("")
def test_a_way_back_never_leads_elsewhere(text: str) -> None:
    """Whatever a form names, the address is a path of this site, fit for a header."""
    path = local_path(text)
    assert path in ("/", text)
    parts = urlsplit(urljoin(HERE, path))
    assert (parts.scheme, parts.netloc) == ("https", "sequitur.example")
    assert path.isascii()
    assert path.isprintable()


@pytest.mark.parametrize("path", ["/", "/articles/lungs", "/articles/doi:10.1%2Fx?a=b#c"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    """The ways back that our own pages name come through unchanged."""
    assert local_path(path) == path


@given(number=st.integers(1, 10_000))
def test_no_two_places_share_a_letter(number: int) -> None:
    """Letters count on past z, and a letter tells its place."""
    letters = letter_of(number)
    back = 0
    for letter in letters:
        back = back * 26 + "abcdefghijklmnopqrstuvwxyz".index(letter) + 1
    assert back == number


def test_an_outline_has_the_outermost_sections_only() -> None:
    """Inner headings stay out, and a text with few sections needs no outline."""
    article, _ = lungs()
    found = outline(parts_of(article.document, article))
    assert [link.label for link in found] == ["Repair", "Triggers", "Doses"]
    assert outline(parts_of(bones().document, None)) == ()


def test_a_span_is_found_by_its_block(assistant: Assistant) -> None:
    """On its own page by the anchor alone, elsewhere with the page, unknown texts not at all."""
    find = span_finder(assistant.library, here="lungs")
    here, there = find("lungs", 60), find("bones", 3)
    assert here is not None
    assert here.page == ""
    assert here.href.startswith("#b-")
    assert there is not None
    assert there.href == "/articles/bones#b-0"
    assert find("nowhere", 0) is None


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", " JaVaScript:x", "data:text/html,x", "java\tscript:x"),
        *("//host", "http:", "https:x", "http://[", "file:///etc/passwd", "mailto:a@b.c"),
        *("", None),
    ],
)
def test_only_the_web_is_linked(url: str | None) -> None:
    """Anything but http and https with a host is no link."""
    assert web_address(url) is None


def test_identifiers_become_addresses() -> None:
    """A DOI may hold any character; a PubMed id is a number."""
    sici = "10.1002/(SICI)1097(19980815)17:15<1661::AID>3.0.CO;2-2#x"
    address = doi_address(sici)
    assert address is not None
    assert urlsplit(address).fragment == ""
    assert "<" not in address
    assert pubmed_address("123") == "https://pubmed.ncbi.nlm.nih.gov/123/"
    assert pubmed_address("12a") is pubmed_address("١٢") is pubmed_address(None) is None
