"""The command line: `sequitur COMMAND`.

Exit codes: 0 done, 1 the work found something wrong, 2 bad usage or bad input (one line). What a
command finds goes to stdout, what it says about its work to stderr. The commands themselves stand
in the modules `service.cli_…`, the only ones (with the demo) that may read files in.
"""

from importlib.metadata import entry_points, version

import click

from service.cli_asking import articles, ask, verify
from service.cli_auditing import audit
from service.cli_fetching import fetch
from service.cli_ingesting import index, ingest
from service.cli_reviewing import review_article
from service.cli_running import Commands
from service.cli_serving import mcp, serve


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("sequitur"), prog_name="sequitur")
def cli() -> None:
    """Follow-up questions about medical articles, answered only by what their sources say."""


for command in (articles, ask, audit, fetch, index, ingest, mcp, review_article, serve, verify):
    cli.add_command(command)


def main() -> None:
    """Run the command line, with the commands that other packages add to it."""
    for entry in entry_points(group="sequitur.commands"):
        cli.add_command(entry.load(), entry.name)
    cli()
