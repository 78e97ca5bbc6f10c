"""Reading an article: its state, its numbers, its references."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.library import SIGNS
from tests.e2e.servers import TinyServer


@pytest.fixture
def page(tiny: TinyServer, open_page: OpenPage) -> Page:
    """Open the article on signs, which is under review and not free of trouble."""
    return open_page(f"{tiny.url}/articles/{SIGNS}")


def test_the_review_can_be_seen(page: Page) -> None:
    """Three steps, the present one marked, and a caution while the review is pending."""
    steps = page.get_by_role("list", name="Editorial review").get_by_role("listitem")
    expect(steps).to_have_count(3)
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    expect(page.get_by_role("note").filter(has_text="Review pending")).to_be_visible()
    expect(page.get_by_text("Advisory board: The chest editors")).to_be_visible()
    expect(page.get_by_text("3 February 2025")).to_be_visible()


def test_a_number_leads_to_its_reference(page: Page) -> None:
    """The entry comes into view, with its links, its badge, and what is stored of it."""
    page.locator("article.text").get_by_role("link", name="Reference 1").first.click()
    entry = page.locator("#ref-1")
    expect(entry).to_be_in_viewport()
    expect(entry).to_contain_text("Percussion 🥁 and its echoes")
    expect(entry.get_by_role("link", name="doi:10.1000/knock")).to_have_attribute(
        "href", "https://doi.org/10.1000/knock"
    )


def test_a_retracted_reference_is_marked(page: Page) -> None:
    """Where it is listed, nobody can overlook it."""
    entry = page.locator("#ref-2")
    entry.scroll_into_view_if_needed()
    expect(entry.get_by_text("Retracted")).to_be_visible()


def test_a_number_without_a_reference_is_marked(page: Page) -> None:
    """It does not look like one that leads somewhere."""
    expect(page.locator("article.text .unresolved")).to_contain_text(
        "(not in the list of references)"
    )
