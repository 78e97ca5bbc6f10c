"""What a page says of itself to machines: title and dates, from `meta`, `time` and JSON-LD."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from ingest.html_tree import class_names, words_of
from ingest.page_front import printed_date

_TITLES = ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title")
_CHANGED = ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified")
_PUBLISHED = (
    "citation_online_date",
    "citation_publication_date",
    "citation_date",
    "article:published_time",
    "dcterms.issued",
    "dc.date",
    "date",
)
_SITE_NAME = re.compile(r"\s+(?:[|·•–—-]|::|»)\s+[^|·•–—]{1,60}$")
_POLICY = re.compile(r"(?:view |read |see )?(?:our )?editorial (?:policy|policies)", re.IGNORECASE)
_MAX_NESTING = 20
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")


class PageHead:
    """What a page's head tells; made before the page is cleaned."""

    def __init__(self, root: Element) -> None:
        self._meta = _metas(root)
        self._data = list(_json_ld(root))
        times = [e for e in root.iter("time") if e.get("datetime")]
        self._changed = [e.get("datetime", "") for e in times if _says_changed(e)]
        title = next((words_of(e) for e in root.iter("title")), "")
        self._window_title = title
        self.headline = self._headline()
        self.policy_url = next(filter(None, map(_policy, root.iter("a"))), None)

    def title(self, headings: list[str]) -> str:
        """Return the title: the page's one heading of level 1 unless its head names another.

        `headings` are those of level 1 in the text. Empty where the page names none at all.
        """
        told = [self.headline, self._window_title]
        for heading in headings:
            if any(heading and heading.casefold() in t.casefold() for t in told if t):
                return heading
        if len(headings) == 1:
            return headings[0]
        return self.headline or _without_site(self._window_title) or next(iter(headings), "")

    def updated(self) -> dt.date | None:
        """Return the day of the last change, else that of publication."""
        told = [
            *_values(self._data, "dateModified"),
            *(self._meta.get(name, "") for name in _CHANGED),
            *self._changed,
            *_values(self._data, "datePublished"),
            *(self._meta.get(name, "") for name in _PUBLISHED),
        ]
        return next(filter(None, map(_day, told)), None)

    def _headline(self) -> str:
        named = (*(self._meta.get(n, "") for n in _TITLES[:3]), *_values(self._data, "headline"))
        shown = (_without_site(self._meta.get(name, "")) for name in _TITLES[3:])
        return next(filter(None, (" ".join(t.split()) for t in (*named, *shown))), "")


def is_policy_label(text: str) -> bool:
    """Tell whether a line is nothing but the link to the editorial policy."""
    return bool(_POLICY.fullmatch(text))


def _policy(link: Element) -> str | None:
    href = link.get("href", "").strip()
    is_policy = is_policy_label(words_of(link)) and re.fullmatch(r"https?://[^\s<>\"]+", href)
    return href if is_policy else None


def _metas(root: Element) -> dict[str, str]:
    """Return the first content of each named `meta`."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("http-equiv") or ""
        name = name or meta.get("itemprop", "")
        if name and meta.get("content", "").strip():
            found.setdefault(name.lower(), meta.get("content", "").strip())
    return found


def _json_ld(root: Element) -> Iterator[dict[str, Any]]:
    """Give every object of the page's JSON-LD; what is no JSON is passed over."""
    for script in root.iter("script"):
        if script.get("type", "").lower() != "application/ld+json":
            continue
        try:
            yield from _objects(json.loads(script.text or ""), 0)
        except (ValueError, RecursionError):
            continue


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MAX_NESTING:
        return
    if isinstance(value, dict):
        yield value
        yield from _objects(value.get("@graph"), depth + 1)
        yield from _objects(value.get("mainEntity"), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, depth + 1)


def _values(objects: list[dict[str, Any]], key: str) -> Iterator[str]:
    for value in (found.get(key) for found in objects):
        if isinstance(value, str) and value.strip():
            yield value


def _says_changed(time: Element) -> bool:
    words = " ".join(class_names(time))
    return time.get("itemprop") == "dateModified" or "updated" in words or "modified" in words


def _day(printed: str) -> dt.date | None:
    """Return the day of an ISO time or a printed date; None for a month or year alone."""
    match = _DAY.match(printed.strip())
    if match is None:
        return printed_date(printed[:100])
    try:
        return dt.date(*map(int, match.groups()))
    except ValueError:
        return None


def _without_site(title: str) -> str:
    """Take the site's name off a window's title: `Gout | Joint Pages` gives "Gout"."""
    return _SITE_NAME.sub("", " ".join(title.split()))
