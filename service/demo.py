"""Three questions on the terminal: two answered, one refused. `make demo` runs this."""

from pathlib import Path

import click

from corpus.library import Library
from index.embedder import embedder_of
from index.saved import build_index
from ingest.sample import sample_library
from service.assistant import Assistant, Question
from service.settings import load_settings
from service.terminal import rendered

ARTICLE = "cryptogenic-organizing-pneumonia"
QUESTIONS = (
    Question(text="What is the starting dose of prednisone?", article=ARTICLE),
    Question(
        text="And when it is stopped?",
        article=ARTICLE,
        history=("What is the starting dose of prednisone?",),
    ),
    Question(text="Does inhaled budesonide prevent relapses?", article=ARTICLE),
)


def main() -> None:
    """Build the sample's index, ask, and say how to open the page."""
    settings = load_settings()
    folder = sample_library(Path(settings.data_dir))
    click.echo("Building the built-in library ...", err=True)
    embedder = embedder_of(settings.embedding_model)
    build_index(Library(folder), embedder)
    assistant = Assistant.open(folder, settings)
    for question in QUESTIONS:
        click.echo("─" * 88)
        click.echo(rendered(assistant.ask(question)))
    click.echo("─" * 88)
    click.echo("Open the page: make serve, then http://127.0.0.1:8000/")
    click.echo('Ask on:        .venv/bin/sequitur ask "What does the CT show?"')


if __name__ == "__main__":
    main()
