"""The command line: `sequitur COMMAND`.

Exit codes: 0 done, 1 the work found something wrong, 2 bad usage or bad input (one line). What a
command finds goes to stdout, what it says about its work to stderr. The commands themselves stand
in the modules `service.cli_…`, the only ones (with the demo) that may read files in, and in
`evals`; a module is imported when its command is run, so that help does not wait for any.
"""

from importlib.metadata import entry_points, version

import click

from service.cli_running import Commands

# name: where the command stands, and what help says of it
OURS = {
    "articles": ("service.cli_asking:articles", "List the library's articles."),
    "ask": ("service.cli_asking:ask", "Answer a question with citations, or refuse it."),
    "audit": ("service.cli_auditing:audit", "Check the citations of an article."),
    "calibrate": ("evals.calibrate_command:calibrate", "Find the threshold that keeps a risk."),
    "check-claims": ("evals.check_claims:check_claims", "Hold claims against their evidence."),
    "diff": ("evals.diff_command:diff", "Ask two libraries, and tell what differs."),
    "evaluate": ("evals.command:evaluate", "Ask every question of a set, and measure."),
    "fetch": ("service.cli_fetching:fetch", "Bring cited works from PubMed and PMC."),
    "index": ("service.cli_ingesting:index", "Build or update the index."),
    "ingest": ("service.cli_ingesting:ingest", "Read article and reference files in."),
    "mcp": ("service.cli_serving:mcp", "Serve the library to agents."),
    "review": ("service.cli_reviewing:review_article", "Move an article through review."),
    "serve": ("service.cli_serving:serve", "Serve the web pages and the HTTP endpoint."),
    "verify": ("service.cli_asking:verify", "Re-check every quote of a saved answer."),
}


@click.group(cls=Commands, lazy=OURS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("sequitur"), prog_name="sequitur")
def cli() -> None:
    """Follow-up questions about medical articles, answered only by what their sources say."""


def main() -> None:
    """Run the command line, with the commands that other packages add to it."""
    for entry in entry_points(group="sequitur.commands"):
        cli.add_command(entry.load(), entry.name)
    cli()
