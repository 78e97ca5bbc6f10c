"""Accessibility, checked by axe-core in the page (tests/e2e/vendor/axe-core)."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

VERSION = "4.14.1"
DIGEST = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"  # SHA-256
FILE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
# Everything that WCAG 2.2 asks for at levels A and AA, and what axe-core counts as good practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
# The rules whose outcome depends on the colours.
OF_COLOUR = ("color-contrast", "link-in-text-block")
# target-size is off by default in axe-core, and part of WCAG 2.2 AA
_RUN = """({ tags, rules }) => axe.run(document, rules ? {
    runOnly: { type: "rule", values: rules }, resultTypes: ["violations"],
  } : {
    runOnly: { type: "tag", values: tags }, resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } },
  }).then((found) => found.violations)"""


@lru_cache(maxsize=1)
def _source() -> str:
    return FILE.read_text(encoding="utf-8")


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Return what axe-core objects to in the page as it is now, one line each, shadow DOM too.

    Of all rules of `TAGS`, or of these `rules` only.
    """
    if page.evaluate("typeof globalThis.axe") == "undefined":
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(
        _RUN, {"tags": list(TAGS), "rules": list(rules) or None}
    )
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['target']} {node['html'][:160]}"
        f" — {' '.join(node.get('failureSummary', '').split())}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page, rules: Sequence[str] = ()) -> None:
    """Fail, with all that axe-core objects to, when it objects to anything."""
    found = violations(page, rules)
    if found:
        raise AssertionError(f"{len(found)} violation(s):\n" + "\n".join(found))
