"""The list of articles."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.servers import SampleServer


def test_an_article_is_found_and_opened(sample: SampleServer, open_page: OpenPage) -> None:
    """Search by the beginning of a word, see how many there are, and open one."""
    page = open_page(sample.url)
    expect(page.locator("ul.library > li")).to_have_count(3)
    page.get_by_role("searchbox").fill("anaem")
    page.keyboard.press("Enter")
    expect(page.locator("ul.library > li")).to_have_count(1)
    expect(page.locator("#count")).to_contain_text("1 of 3")
    page.locator("ul.library a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("anaemia")


def test_articles_are_chosen_by_review_status(sample: SampleServer, open_page: OpenPage) -> None:
    """The filter stays chosen, and can be taken back."""
    page = open_page(sample.url)
    page.get_by_role("combobox", name="Review status").select_option("submitted")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("combobox", name="Review status")).to_have_value("submitted")
    expect(page.locator("ul.library > li")).not_to_have_count(3)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("ul.library > li")).to_have_count(3)


@pytest.mark.parametrize("text", ["zebra", "<script>alert(1)</script>", "🫁"])
def test_a_search_without_a_hit_says_so(
    sample: SampleServer, open_page: OpenPage, text: str
) -> None:
    """The words that were looked for are named, as text."""
    page = open_page(sample.url)
    page.get_by_role("searchbox").fill(text)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No article")).to_contain_text(text)
    expect(page.get_by_role("searchbox")).to_have_value(text)
