"""Without JavaScript: everything can be read, asked and checked all the same."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.browser import View
from tests.e2e.conftest import OpenPage
from tests.e2e.servers import SampleServer
from tests.service.cases import COP


@pytest.fixture
def page(open_page: OpenPage, cop: str) -> Page:
    """Open the sample's first article in a browser that runs no script."""
    return open_page(cop, java_script_enabled=False)


def test_an_article_can_be_read(page: Page) -> None:
    """Title, review steps, sections, references and disclaimer are there."""
    expect(page.get_by_role("heading", level=1)).to_contain_text("organizing pneumonia")
    expect(page.get_by_role("list", name="Editorial review")).to_contain_text("Approved")
    expect(page.get_by_role("heading", name="References")).to_be_visible()
    expect(page.get_by_role("heading", name="Disclaimer")).to_be_visible()
    number = page.locator("article.text").get_by_role("link", name="Reference 1").first
    number.click()
    expect(page.locator("#ref-1")).to_be_in_viewport()


def test_a_question_is_answered(page: Page) -> None:
    """The form is sent, the answer stands in the page, with its quotes and sources."""
    page.get_by_role("textbox", name="Your question").fill("How long is prednisone tapered?")
    page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator("article.answer")
    expect(answer).to_contain_text("6 to 12 months")
    answer.get_by_role("link", name=re.compile("^Source 1")).first.click()
    page.go_back()
    page.locator("summary").filter(has_text="Quoted").first.click()
    expect(page.locator("blockquote").first).to_be_visible()


def test_a_follow_up_keeps_its_subject(page: Page) -> None:
    """The conversation goes on from form to form."""
    for question in ("What is the starting dose of prednisone?", "And how long is it tapered?"):
        page.get_by_role("textbox", name="Your question").fill(question)
        page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Understood as:").last).to_contain_text("prednisone")


def test_a_refusal_helps(page: Page) -> None:
    """It offers a question that can be asked with one press."""
    box = page.get_by_role("textbox", name="Your question")
    box.fill("What is the five-year survival of lung cancer?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="Nearest passages")).to_be_visible()
    page.locator("form.suggestion button").first.click()
    expect(page.locator("blockquote").first).to_be_attached()


def test_the_audience_can_be_chosen(page: Page) -> None:
    """The choice is sent, the same article comes back for that audience."""
    group = page.get_by_role("group", name="Which best describes you?")
    group.get_by_role("button", name="patient").click()
    expect(page.locator("html")).to_have_attribute("data-audience", "patient")
    assert page.url.partition("#")[0].endswith(f"/articles/{COP}")
    expect(page.locator("article.text .added").first).to_be_visible()


@pytest.mark.parametrize("view", ["desktop", "narrow"])
def test_it_fits(open_page: OpenPage, cop: str, view: View) -> None:
    """No width scrolls sideways, and what needs a script is not shown."""
    page = open_page(cop, view=view, java_script_enabled=False)
    wide, screen = page.locator("html").bounding_box(), page.viewport_size
    assert wide is not None
    assert screen is not None
    assert wide["width"] <= screen["width"]
    expect(page.get_by_role("button", name="Ask", exact=True)).to_have_count(1)


def test_an_answer_without_script_is_accessible(sample: SampleServer, open_page: OpenPage) -> None:
    """axe-core looks at the page with the plain form and a server-rendered answer."""
    page = open_page()
    page.route(
        re.compile(r"\.js$"), lambda route: route.fulfill(content_type="text/javascript", body="")
    )
    page.goto(f"{sample.url}/articles/{COP}")
    page.get_by_role("textbox", name="Your question").fill("How long is prednisone tapered?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("article.answer")).to_be_visible()
    page.locator("summary").filter(has_text="Quoted").first.click()
    assert_accessible(page)
