"""What stands on a page beside its text, told by the page's own marks and taken out.

Elements go that are no text (scripts, controls), that a reader does not see (hidden), and that are
marked as navigation, notices, advertisements, comments or teasers: by element, by role, or by the
words of their class. A mark by class alone never takes away a large part of the page, a table, or
what holds the reference list.
"""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from ingest.article_parts import is_disclaimer_heading, is_references_heading
from ingest.drafts import join_words
from ingest.html_tree import class_names, remove_all, words_of

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
MAX_LINE_CHARS = 300  # of an author's line or a date
MIN_HIDDEN_WORDS = 15  # fewer are labels for a screen reader
_SHOWN_CHARS = 60
_LARGE_PART = 0.4

_NO_TEXT = frozenset(
    "script style template noscript iframe frame object embed applet svg canvas video audio map "
    "input select textarea datalist progress meter dialog nav del s strike rt rp source link meta "
    "title base colgroup".split()
)
_NO_TEXT_ROLES = frozenset(
    "navigation contentinfo search dialog alertdialog menu menubar toolbar tablist tooltip "
    "status banner".split()
)
_MAYBE_TEXT = frozenset(("aside", "footer", "form"))
_NOTE_ASIDE = re.compile(
    r"\b(?:key|summary|notes?|box|callout|tips?|warning|caution|info|highlights?|points?|evidence"
    r"|definition|practice|pull ?quote)\b"
)
_BESIDE = re.compile(
    r"\b(?:cookies?|gdpr|consent (?:banner|manager|bar|popup|dialog)|breadcrumbs?|newsletter"
    r"|advert\w*"
    r"|ads?|sponsor(?:ed)?|promos?|paywall|side ?(?:bar|nav)|nav(?:bar|box|igation)?|menu|tool ?bar"
    r"|pagination|pager|shar(?:e|ing)|addthis|social|disqus|pop ?up|modal|tooltip|catlinks"
    r"|no ?print|edit ?section|comments?|respond|subscri\w+|sign ?up|log ?in"
    r"|related\w*|recommended|c recommendations"
    r"|trending|mast ?head|skip(?: (?:to|nav|link))?|toc|footer|altmetrics?"
    r"|header ?link|permalink|back ?link|site (?:header|sub))\b"
)
_BESIDE_IDS = frozenset(
    "comments respond sidebar footer header nav navigation toc masthead colophon secondary "
    "breadcrumbs disqus_thread sitesub jump-to-nav catlinks mw-navigation mw-panel mw-head "
    "related related-posts related-articles cookie-banner cookie-notice cookie-consent".split()
)
_BESIDE_TAGS = frozenset("div section p span ul ol aside header footer a form sup figure".split())
_SIDE_LINE = re.compile(
    r"\b(?:by ?line|authors?|dateline|timestamp|reading time|(?:entry|post) meta)\b"
)
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNSEEN_CLASSES = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screenreader-only u-visually-hidden "
    "show-for-sr offscreen".split()
)
_HIDDEN_CLASSES = frozenset(("hidden", "d-none", "is-hidden"))
_SHOWN_AGAIN = re.compile(r":|-(?:block|flex|grid|inline|table)\b")
_MATH = frozenset(
    ("math", "mwe-math-mathml-inline", "mwe-math-mathml-display", "mjx-assistive-mml")
)


def cleaned(root: Element) -> tuple[str, ...]:
    """Take out of a page what is not its text; returns what an editor should know of it.

    `root` is changed. Hidden text of more than a label's length is told, because it may be an
    article's closed section.
    """
    hidden: list[str] = []

    def unseen(element: Element) -> bool:
        if not is_unseen(element):
            return False
        words = join_words(list(element.itertext()))
        if len(words.split()) >= MIN_HIDDEN_WORDS:
            hidden.append(words[:_SHOWN_CHARS].rsplit(" ", 1)[0])
        return True

    _without(root, lambda e: e.tag in _NO_TEXT or e.get("role", "") in _NO_TEXT_ROLES)
    large = _LARGE_PART * len(words_of(root))
    _without(root, lambda e: _is_beside(e) and len(words_of(e)) <= large and not _is_wanted(e))
    _without(root, unseen)
    return tuple(f"Hidden on the page and left out: “{words} …”." for words in hidden)


def is_unseen(element: Element) -> bool:
    """Tell whether a browser shows nothing of an element; formulas are hidden for their image."""
    classes = class_names(element)
    if element.tag in ("math", "html", "body") or _MATH.intersection(classes):
        return False
    if element.get("hidden") is not None and element.get("hidden") != "until-found":
        return True
    if element.get("aria-hidden", "").lower() == "true" or _UNSEEN_CLASSES.intersection(classes):
        return True
    if _HIDDEN_CLASSES.intersection(classes) and not any(map(_SHOWN_AGAIN.search, classes)):
        return True
    return bool(_UNSEEN_STYLE.search(element.get("style", "")))


def _without(root: Element, drops: Callable[[Element], bool]) -> None:
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        dropped = [child for child in parent if drops(child)]
        remove_all(parent, dropped)
        waiting.extend(parent)


def _is_beside(element: Element) -> bool:
    """Tell whether an element is marked as something beside the text."""
    marks = _marks(element)
    if element.tag in _MAYBE_TEXT or element.get("role") == "complementary":
        return not (element.tag == "aside" and _NOTE_ASIDE.search(marks))
    if element.tag not in _BESIDE_TAGS:
        return False
    if element.get("id", "").lower() in _BESIDE_IDS or _BESIDE.search(marks):
        return True
    return bool(_SIDE_LINE.search(marks)) and len(words_of(element)) <= MAX_LINE_CHARS


def _is_wanted(element: Element) -> bool:
    """Tell whether an element holds the article's own head, reference list or disclaimer."""
    if element.get("role") in ("doc-bibliography", "doc-endnotes"):
        return True
    for inner in element.iter():
        if inner.tag in ("main", "article", "h1"):
            return True
        if inner.get("role") in ("doc-bibliography", "doc-endnotes"):
            return True
        if inner.tag in HEADINGS:
            words = words_of(inner)
            if is_references_heading(words) or is_disclaimer_heading(words):
                return True
    return False


def _marks(element: Element) -> str:
    """Return the words of an element's classes: `relatedArticles` gives "related articles"."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", element.get("class", ""))
    names = (re.sub(r"[^a-z]+", " ", name.lower()) for name in parted.split())
    return " ".join(names)
