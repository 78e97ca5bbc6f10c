"""LaTeX as it stands in BibTeX fields, as plain text: accents, symbols, braces, percent signs.

Each step is one pass over the text, so that no nesting and no broken command makes it slow. What
is not understood stays as it stands: a field is data, and a word of it must not be lost.
"""

import re
import unicodedata
from functools import cache

from ingest.xml import raised

MAX_CHARS = 200_000
_COMBINING = {
    **dict(zip("`'^~=\"", "\u0300\u0301\u0302\u0303\u0304\u0308", strict=True)),
    **dict(zip(".urHvckdb", "\u0307\u0306\u030a\u030b\u030c\u0327\u0328\u0323\u0331", strict=True)),
}
# A sign takes the letter that follows; a letter's name must end before it: `\v{S}`, `\v S`.
_ACCENT = re.compile(
    r"\\(?:([`'^~=\".])\s{0,3}|([urHvckdb])(?:\s{1,3}|(?=[{\\])))"
    r"(?:\{\s{0,3}\\?([A-Za-z])\s{0,3}\}|\\([ij])(?![A-Za-z])\s?|([A-Za-z]))"
)
_MATH = re.compile(r"(?<!\\)\$([^$\n]{0,400})(?<!\\)\$")
_IS_MATH = re.compile(r"[\\^_=<>+±]|^\s*\S{1,12}\s*$")
_RAISED = re.compile(
    r"(.?)(?:\\textsuperscript\s?|(?:\$|\\\()?\^)(?:\{([^{}]{1,20})\}|([0-9a-z]))\$?", re.DOTALL
)
_DEGREE = re.compile(r"\$?\^\{?\\circ\}?\$?(?![A-Za-z]{2})")
_LOWERED = re.compile(r"\$_(?:\{([^{}]{1,20})\}|(\w))\$")
_FRACTION = re.compile(r"\\frac\{([^{}]{1,60})\}\{([^{}]{1,60})\}")
_COMMAND = re.compile(r"\\([A-Za-z]{1,40})\*?(\{\}|[ \t]{1,3}(?=[^{])|)")
_ESCAPED = re.compile(r"\\([^A-Za-z\s])")
_QUOTES = (("``", "“"), ("''", "”"), ("---", "—"), ("--", "–"))
# Signs that were written out stand aside until braces and quotation marks are done.
_ASIDE = {ord(sign): 0xE000 + at for at, sign in enumerate("{}~$^`'-\\%&#_,")}
_BACK = {aside: sign for sign, aside in _ASIDE.items()}
_LACKING = {
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textbackslash": "\\",
    "textasciigrave": "`",
    "textless": "<",
    "textgreater": ">",
}
_SPACES = frozenset(("quad", "qquad", "newline", "par", "linebreak", "hspace", "space"))
_SPACED = frozenset(",;:! \\/")
# Commands that only say how a text looks.
_LOOKS = frozenset(
    "em it bf rm sc tt sf sl tiny small large itshape bfseries scshape normalfont upshape "
    "displaystyle textstyle left right relax protect noopsort mathsurround".split()
)


def plain_text(value: str) -> str:
    r"""Return a field's text, at most `MAX_CHARS` of it taken for LaTeX.

    A percent sign opens no comment, and two dollar signs are mathematics only around what looks
    like it.

    >>> plain_text(r"Caf{\'e} {COVID}: 10$^{5}$ at 50% ($\alpha$)")
    'Café COVID: 10⁵ at 50% (α)'
    """
    if len(value) > MAX_CHARS or not re.search(r"[\\{}$~`']|--", value):
        return value
    text = unicodedata.normalize("NFC", _ACCENT.sub(_accented, value))
    text = _LOWERED.sub(lambda found: found[1] or found[2], _DEGREE.sub("°", text))
    # `{}` parts what LaTeX would join
    text = _RAISED.sub(_raise, text).replace("-{}-", "-\ue100-").replace("'{}'", "'\ue100'")
    text = _MATH.sub(_without_dollars, text)
    text = _FRACTION.sub(r"\1/\2", text)
    text = _COMMAND.sub(_symbol, _ESCAPED.sub(_written_out, text))
    text = re.sub(r"_\{([^{}]{1,20})\}", r"\1", text)
    for latex, sign in _QUOTES:
        text = text.replace(latex, sign)
    text = text.replace("~", " ").translate({ord("{"): None, ord("}"): None, 0xE100: None})
    return text.translate(_BACK)


def _accented(found: re.Match[str]) -> str:
    letter = found[3] or found[4] or found[5]
    return f"{letter}{_COMBINING[found[1] or found[2]]}"


def _raise(found: re.Match[str]) -> str:
    mark = found[2] or found[3]
    if found[1] == "\\":  # `\^{e}` that is no accent
        return found[0]
    return found[1] + raised(mark, after=found[1])


def _without_dollars(found: re.Match[str]) -> str:
    inside = re.sub(r"(?<=\w)_(?=\w)", "", found[1])
    return inside if _IS_MATH.search(found[1]) else f"${found[1]}$".translate(_ASIDE)


def _written_out(found: re.Match[str]) -> str:
    sign = found[1]
    if sign in _SPACED:
        return " "
    if sign in "-()[]":  # where a word may be divided, and around mathematics
        return ""
    return sign.translate(_ASIDE)


def _symbol(found: re.Match[str]) -> str:
    """Return a command's character; one that takes an argument gives its argument alone."""
    name, after = found[1], found[2]
    if name in _SPACES:
        return " "
    sign = _LACKING.get(name, _signs().get(name))
    if sign is not None:
        return sign.translate(_ASIDE)
    takes_argument = found.string.startswith("{", found.end())
    return "" if takes_argument or name in _LOOKS else f"\\{name}{after}".translate(_ASIDE)


@cache
def _signs() -> dict[str, str]:
    """Return the characters of LaTeX's symbol commands by their names."""
    from pylatexenc.latex2text import get_default_latex_context_db

    context = get_default_latex_context_db()
    specs = ((spec.macroname, spec.simplify_repl) for spec in context.iter_macro_specs())
    return {
        name: sign
        for name, sign in specs
        if isinstance(sign, str) and 0 < len(sign) <= 3 and "%" not in sign  # noqa: PLR2004
    }
