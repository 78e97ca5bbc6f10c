"""What a page highlights as the cited span, read back from the browser."""

import re

from playwright.sync_api import Page

# Citation numbers, what was added for an audience, and what only screen readers see are no part
# of the stored text; a table's cells and a list's lines stand apart without the marks between.
_CITED = """() => {
  const ranges = globalThis.CSS.highlights
    ? [...(CSS.highlights.get("cited") ?? [])]
    : [...document.querySelectorAll(".cited")].map((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range;
      });
  return ranges.map((range) => {
    const copy = range.cloneContents();
    copy.querySelectorAll("sup, .added, .unseen").forEach((one) => one.remove());
    const within = range.commonAncestorContainer;
    const parent = within.nodeType === 3 ? within.parentElement : within;
    return parent.closest("sup, .added, .unseen") ? "" : copy.textContent;
  }).join(" ");
}"""
# True once something is highlighted.
IS_CITED = """() => (globalThis.CSS.highlights?.get("cited")?.size ?? 0) > 0
  || document.querySelector(".cited") !== null"""
# True once the beginning of it is on the screen; the page may be scrolling there.
IS_IN_VIEW = """() => {
  const range = globalThis.CSS.highlights && [...(CSS.highlights.get("cited") ?? [])][0];
  const place = (range || document.querySelector(".cited")).getBoundingClientRect();
  return place.top >= 0 && place.top < innerHeight && place.width > 0;
}"""


def without_highlights(page: Page) -> None:
    """Make the page's browser one that does not know custom highlights."""
    page.add_init_script("delete CSS.highlights; delete globalThis.Highlight;")


def cited_text(page: Page) -> str:
    """Return the highlighted text, without white space."""
    return re.sub(r"\s+", "", page.evaluate(_CITED))
