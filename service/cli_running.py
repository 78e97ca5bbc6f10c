"""How every command runs: expected errors are one line on stderr, with an exit code."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from corpus.errors import SequiturError

PROBLEM_EXIT = 1
USAGE_EXIT = 2


class Refused(click.ClickException):
    """A deliberate error of ours, as click wants it."""

    exit_code = USAGE_EXIT


class Commands(click.Group):
    """A group whose expected errors are one line on stderr and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; an expected error becomes click's own kind of error."""
        try:
            return super().invoke(ctx)
        except SequiturError as error:
            line = " ".join(str(error).split()).encode("utf-8", "backslashreplace").decode()
            raise Refused(line) from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        **extra: Any,
    ) -> Any:
        """Run as a program: every error is one line on stderr."""
        run = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        try:
            code: Any = run()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            line = " ".join(error.format_message().split())
            who = "sequitur" if isinstance(error, Refused) else "Error"
            click.echo(f"{who}: {line}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(PROBLEM_EXIT)
        sys.exit(code if isinstance(code, int) else 0)
