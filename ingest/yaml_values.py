"""YAML as written: values read from the nodes of a document, with the line for every error.

YAML builds nothing here. A scalar keeps its printed form (`volume: 012` stays "012"), dates and
numbers are read by the key that wants them, and aliases, with which a small file can unfold into
a huge one, are refused.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import yaml

from corpus.errors import FileInputError
from ingest.drafts import SourceFile, join_words
from ingest.reference_lists import normalise_doi

MAX_DEPTH = 10
ROOT = "front matter"
_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset(f"{_TAG}{name}" for name in ("str", "int", "float", "timestamp"))
_NULL_TAG = f"{_TAG}null"


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlValue:
    """A value with all that an error about it must name. Every reader raises FileInputError."""

    source: SourceFile
    name: str
    node: yaml.Node
    first_line: int = 1

    def wrong(self, reason: str) -> FileInputError:
        """Return the error that this value gives, with its key and line."""
        place = f"line {self.node.start_mark.line + self.first_line}"
        return FileInputError(self.source.name, f"{self.name}: {reason}", place=place)

    def is_null(self) -> bool:
        """Tell whether the key stands there without a value."""
        return self.node.tag == _NULL_TAG

    def raw(self) -> str:
        """Return a scalar as printed; line breaks stay."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag not in _TEXT_TAGS:
            raise self.wrong("expected text (in quotes if YAML reads it as something else)")
        if any(
            unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in self.node.value
        ):
            raise self.wrong("holds a control character")
        return str(self.node.value)

    def paragraphs(self) -> tuple[str, ...]:
        """Return the text as paragraphs, parted at blank lines, white space folded."""
        pieces = (join_words([piece]) for piece in re.split(r"\n[ \t]*\n", self.raw()))
        return tuple(piece for piece in pieces if piece)

    def text(self) -> str | None:
        """Return the text as one line, None when it is blank."""
        return join_words([self.raw()]) or None

    def whole_number(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        printed = self.raw().strip()
        if not re.fullmatch(r"[0-9]{1,6}", printed) or not least <= int(printed) <= most:
            raise self.wrong(f"expected a whole number from {least} to {most}")
        return int(printed)

    def date(self) -> dt.date:
        """Return a date printed as YYYY-MM-DD."""
        printed = self.raw().strip()
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", printed, re.ASCII):
                return dt.date.fromisoformat(printed)
        except ValueError:
            pass
        raise self.wrong("expected a date as YYYY-MM-DD")

    def web_address(self) -> str | None:
        """Return an http or https address, None when it is blank: other schemes could run code."""
        address = self.text()
        if address and not re.fullmatch(r"https?://[^\s<>\"'\\]+", address, re.IGNORECASE):
            raise self.wrong("expected a web address that begins with http:// or https://")
        return address

    def matching(self, pattern: str, expected: str) -> str | None:
        """Return the first group of `pattern` in the whole text, None when it is blank."""
        printed = self.text()
        match = re.fullmatch(pattern, printed or "", re.IGNORECASE | re.ASCII)
        if printed and match is None:
            raise self.wrong(f"expected {expected}")
        return match[1] if match else None

    def doi(self) -> str | None:
        """Return a DOI in its normal form, None when it is blank."""
        printed = self.text()
        doi = normalise_doi(printed) if printed else None
        if printed and doi is None:
            raise self.wrong("expected a DOI such as 10.1000/182")
        return doi

    def one_of(self, names: Sequence[str]) -> str:
        """Return one of `names`, spaces and underscores read as hyphens."""
        printed = (self.text() or "").lower().replace(" ", "-").replace("_", "-")
        if printed not in names:
            raise self.wrong(f"expected one of {', '.join(names)}")
        return printed

    def items(self) -> "Iterator[YamlValue]":
        """Yield the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong("expected a list")
        for position, node in enumerate(self.node.value, 1):
            yield replace(self, name=f"{self.name}, entry {position}", node=node)

    def mapping(self, keys: Sequence[str]) -> "Mapping[str, YamlValue]":
        """Return the values by key, those without content left out."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("expected keys with values")
        values: dict[str, YamlValue] = {}
        for key_node, node in self.node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            at = replace(self, node=key_node)
            if key not in keys:
                raise at.wrong(f"unknown key {key[:60]!a} (known: {', '.join(keys)})")
            if key in values:
                raise at.wrong(f"the key {key!r} stands here twice")
            prefix = "" if self.name == ROOT else f"{self.name}, "
            values[key] = replace(self, name=f"{prefix}{key}", node=node)
        return {key: value for key, value in values.items() if not value.is_null()}


class _RefusedError(Exception):
    """A construct that is legal YAML and not allowed here; never leaves this module."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


class _Loader(yaml.SafeLoader):
    """Composes nodes without aliases and without runaway depth."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        line = self.get_mark().line
        if self.check_event(yaml.AliasEvent):
            raise _RefusedError("aliases (*) are not allowed", line)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _RefusedError(f"nested more than {MAX_DEPTH} deep", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def yaml_value(source: SourceFile, text: str, *, first_line: int) -> YamlValue | None:
    """Return the root of a YAML text that begins on `first_line` of its file; None when empty.

    Raises FileInputError with the line for text that is not YAML, or uses aliases.
    """
    try:
        node: yaml.Node | None = _Loader(text).get_single_node()
    except _RefusedError as error:
        raise _not_yaml(source, str(error), error.line + first_line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + first_line if mark else first_line
        raise _not_yaml(source, error.problem or "", line) from error
    except yaml.YAMLError as error:  # the reader's, which knows no line
        raise _not_yaml(source, "a character that YAML does not allow", first_line) from error
    if node is None or node.tag == _NULL_TAG:
        return None
    return YamlValue(source=source, name=ROOT, node=node, first_line=first_line)


def _not_yaml(source: SourceFile, problem: str, line: int) -> FileInputError:
    reason = f"{ROOT} is not valid YAML: {join_words([problem])}"
    return FileInputError(source.name, reason, place=f"line {line}")
