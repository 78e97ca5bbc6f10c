"""The templates of the prompts, read from files and filled in strictly.

A template is a file `templates/NAME.j2` with variables, conditions and loops, and nothing more:
filters, tests, functions and other templates are out of its reach. What is filled in is never
read as a template.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from corpus.errors import ModelError

SUFFIX = ".j2"
_FOLDER = Path(__file__).parent / "templates"


class Templates:
    """The templates of one folder, as they were when it was opened.

    Raises ModelError when a file is no template.
    """

    def __init__(self, folder: Path) -> None:
        paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stem)
        self._bytes = {path.stem: path.read_bytes() for path in paths}
        self._environment = _bare_environment()
        self._compiled = {name: self._compile(name) for name in self._bytes}

    def render(self, name: str, /, **values: Any) -> str:
        """Return the template `name` filled in with `values`; a line feed at its end is left out.

        Raises ModelError naming the template and every variable that it lacks, or for an unknown
        name the known ones.
        """
        if name not in self._compiled:
            raise ModelError(f"no template is named {name!r}; known are: {', '.join(self._bytes)}")
        template, variables = self._compiled[name]
        missing = [variable for variable in variables if variable not in values]
        if missing:
            raise ModelError(f"template {name}{SUFFIX} lacks a value for: {', '.join(missing)}")
        try:
            return template.render(values)
        except TemplateError as error:
            reason = " ".join(str(error).split())
            raise ModelError(f"template {name}{SUFFIX} cannot be filled in: {reason}") from error

    def digests(self) -> dict[str, str]:
        """Return the hexadecimal SHA-256 of each file's bytes by the template's name, in order."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in self._bytes.items()}

    def _compile(self, name: str) -> tuple[Template, tuple[str, ...]]:
        """Return a template and the variables that it needs in any of its branches, in order."""
        try:
            source = self._bytes[name].decode()
            tree = self._environment.parse(source)
            variables = tuple(sorted(find_undeclared_variables(tree)))
            _refuse_other_templates(tree, name)
            return self._environment.from_string(source), variables
        except TemplateSyntaxError as error:
            place = f"{name}{SUFFIX}, line {error.lineno}"
            raise ModelError(f"template {place}: {error.message}") from error
        except UnicodeDecodeError as error:
            raise ModelError(f"template {name}{SUFFIX} is not in UTF-8") from error


def render(name: str, /, **values: Any) -> str:
    """Return the shipped template `name` filled in with `values`; raises ModelError."""
    return shipped().render(name, **values)


def digests() -> dict[str, str]:
    """Return the SHA-256 of every shipped template by name: they are part of the provenance."""
    return shipped().digests()


@cache
def shipped() -> Templates:
    """Return the templates that come with the package, read once."""
    return Templates(_FOLDER)


def _bare_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # this is text for a model, not a page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # subtle: with the tests goes `is defined`, by which a template could pass over what it lacks
    for helpers in (environment.filters, environment.tests, environment.globals):
        helpers.clear()
    return environment


def _refuse_other_templates(tree: nodes.Template, name: str) -> None:
    if any(True for _ in find_referenced_templates(tree)):
        raise ModelError(f"template {name}{SUFFIX} may not take in another template")
