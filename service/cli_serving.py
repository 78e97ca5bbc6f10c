"""Commands that keep running: `serve` for people and programs, `mcp` for agents."""

import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import InputError
from corpus.library import Library
from service.cli_options import library_option, named_library, open_assistant, warmed_assistant
from service.settings import load_settings

if TYPE_CHECKING:
    from service.assistant import Assistant

# After Ctrl-C, open connections get so long to end by themselves.
STOPPING_S = 5


@click.command()
@library_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(*, library: Path | None, host: str, port: int) -> None:
    """Serve the web pages and the HTTP endpoint."""
    import uvicorn

    from service.api import create_app
    from service.assistant import Question
    from service.store import AnswerStore

    settings = load_settings()
    assistant = open_assistant(library, settings)  # complains now, not from a running server
    folder = assistant.library.folder
    listening = _listen(host, port)

    def warmed() -> "Assistant":
        assistant.ask(Question(text="Is everything ready?"))  # reads the model's weights
        return assistant

    store = AnswerStore(folder / "answers.sqlite", kept_days=settings.answers_kept_days)
    app = create_app(warmed, settings, store=store, prepare=True)
    port = listening.getsockname()[1]
    click.echo(f"Sequitur reads {folder}\nOpen http://{host}:{port}/ (stop with Ctrl-C)", err=True)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=STOPPING_S
    )
    uvicorn.Server(config).run(sockets=[listening])


@click.command()
@library_option
def mcp(*, library: Path | None) -> None:
    """Serve the library to agents: the Model Context Protocol on stdin and stdout."""
    from service.mcp_server import serve as serve_agents

    settings = load_settings()
    named = named_library(library, settings)
    if named is not None:
        Library(named)  # complains now, not when the first question comes
    serve_agents(partial(warmed_assistant, library, settings), at_once=settings.questions_at_once)


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises InputError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputError(f"{host}:{port}: cannot listen here ({error.strerror})") from error
