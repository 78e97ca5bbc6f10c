"""Building an index and its suggestions where a person waits: with a progress bar on stderr."""

import sys

from tqdm import tqdm

from corpus.library import Library
from index.embedder import Embedder
from index.saved import BuildReport, build_index
from service.suggestion_building import (
    Asker,
    SuggestionReport,
    build_suggestions,
    plan_suggestions,
)


def build_with_progress(library: Library, embedder: Embedder) -> BuildReport:
    """Bring the library's index up to date; a bar appears when it takes more than two seconds."""
    with tqdm(unit=" passages", desc="embedding", delay=2, mininterval=1, file=sys.stderr) as bar:

        def planned(passages: int) -> None:
            bar.total = passages

        return build_index(library, embedder, progress=bar.update, planned=planned)


def suggest_with_progress(assistant: Asker) -> SuggestionReport:
    """Bring the library's suggestions up to date; asking an article takes some ten seconds."""
    plan = plan_suggestions(assistant)
    with tqdm(
        total=plan.questions,
        unit=" questions",
        desc="checking what to suggest",
        delay=2,
        mininterval=1,
        file=sys.stderr,
    ) as bar:
        return build_suggestions(assistant, plan, progress=bar.update)
