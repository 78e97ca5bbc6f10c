"""Three questions on the terminal: two answered, one refused. `make demo` runs this."""

from pathlib import Path

import click

from corpus.library import Library
from index.embedder import SentenceTransformerEmbedder
from index.saved import build_index
from ingest.sample import sample_library
from service.assistant import Assistant, Question
from service.settings import load_settings
from service.terminal import rendered

ARTICLE = "cryptogenic-organizing-pneumonia"
QUESTIONS = (
    Question(text="How much prednisone is given at the start?", article=ARTICLE),
    Question(
        text="And what happens when it is stopped?",
        article=ARTICLE,
        history=("How much prednisone is given at the start?",),
    ),
    Question(text="Does inhaled budesonide prevent relapses?", article=ARTICLE),
)
