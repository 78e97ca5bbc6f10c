"""What the pages weigh, and what they are forbidden to do."""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from service.pages import STATIC_FOLDER
from tests.e2e.browser import Watch
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenPage
from tests.e2e.library import IN_TEXT, SIGNS, UNANSWERED
from tests.e2e.servers import TinyServer
from tests.service.conftest import HOSTILE_SLUG

MAX_SCRIPT_BYTES = 60_000
MAX_STYLE_BYTES = 30_000
_INLINE = """() => [...document.querySelectorAll("script:not([src]), style, [style]")]
  .map((one) => one.outerHTML.slice(0, 100))"""


def use_everything(page: Page, address: str) -> None:
    """Do what may load more: ask, be refused, open a card, unfold, copy, change the audience."""
    chat = Chat(page)
    page.goto(address)
    turn = chat.ask(IN_TEXT[0])
    chat.open_card(turn).get_by_role("link", name="Show in article").first.click()
    turn.get_by_role("button", name="Helpful", exact=True).click()
    turn.get_by_role("button", name="Copy as text").click()
    turn.get_by_text("Export", exact=True).click()
    group = page.get_by_role("group", name="Which best describes you?")
    group.get_by_role("button", name="patient").click()
    chat.ask(UNANSWERED)
    page.wait_for_load_state("networkidle")


def test_scripts_and_styles_are_light(tiny: TinyServer, open_page: OpenPage) -> None:
    """All that the article page ever loads, uncompressed, stays within the budget."""
    page = open_page()
    loaded: dict[str, Response] = {}

    def received(response: Response) -> None:
        loaded[response.url] = response

    page.on("response", received)
    use_everything(page, f"{tiny.url}/articles/{SIGNS}")
    weights = {"script": 0, "style": 0}
    for response in loaded.values():
        kind = response.headers.get("content-type", "")
        if "javascript" in kind:
            weights["script"] += len(response.body())
        elif "text/css" in kind:
            weights["style"] += len(response.body())
    assert 0 < weights["script"] <= MAX_SCRIPT_BYTES
    assert 0 < weights["style"] <= MAX_STYLE_BYTES


@pytest.mark.parametrize(("ending", "limit"), [("js", MAX_SCRIPT_BYTES), ("css", MAX_STYLE_BYTES)])
def test_the_files_are_light(ending: str, limit: int) -> None:
    """So do all files of the kind together: nothing heavy waits to be loaded."""
    total = sum(path.stat().st_size for path in STATIC_FOLDER.rglob(f"*.{ending}"))
    assert 0 < total <= limit


@pytest.mark.parametrize("path", ["/", "/?q=x", f"/articles/{SIGNS}", "/articles/pmid:1761"])
def test_no_page_has_a_script_or_style_inside(
    tiny: TinyServer, open_page: OpenPage, path: str
) -> None:
    """The policy allows files of our own alone, and the pages need nothing else."""
    page = open_page()
    response = page.goto(tiny.url + path)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'"):
        assert directive in policy
    assert page.evaluate(_INLINE) == []
    inside = r"<style|<script(?![^>]*\bsrc=)|<[^>]*\s(on\w+|style)="
    assert not re.search(inside, response.text())


def test_what_slips_into_a_page_does_not_run(
    tiny: TinyServer, open_page: OpenPage, watch: Watch
) -> None:
    """Were a script of a text ever inserted, the browser would refuse it."""
    watch.allow("Content Security Policy|CSP violation")
    page = open_page(f"{tiny.url}/articles/lungs")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "globalThis.ran = true";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("globalThis.ran") is None


def test_the_hostile_article_has_nothing_inside(tiny: TinyServer, open_page: OpenPage) -> None:
    """Its scripts stay text in the page that the server sends."""
    page = open_page()
    from urllib.parse import quote

    page.goto(f"{tiny.url}/articles/{quote(HOSTILE_SLUG)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate(_INLINE) == []
