"""How every command runs: expected errors are one line on stderr, with an exit code."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import click

from corpus.errors import SequiturError

PROBLEM_EXIT = 1
USAGE_EXIT = 2


class Refused(click.ClickException):
    """A deliberate error of ours, as click wants it."""

    exit_code = USAGE_EXIT


class Commands(click.Group):
    """A group whose expected errors are one line on stderr and exit code 2.

    `lazy` names the commands: where each stands (`module:attribute`), and what help says of it.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in order."""
        return sorted({*self.lazy, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is none of that name."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names with what help says of them."""
        told = {name: command.get_short_help_str() for name, command in self.commands.items()}
        told |= {name: words for name, (_, words) in self.lazy.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(told.items()))

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
