"""Building an index where a person waits: with a progress bar on stderr."""

import sys

from tqdm import tqdm

from corpus.library import Library
from index.embedder import Embedder
from index.saved import BuildReport, build_index


def build_with_progress(library: Library, embedder: Embedder) -> BuildReport:
    """Bring the library's index up to date; a bar appears when it takes more than two seconds."""
    with tqdm(unit=" passages", desc="embedding", delay=2, mininterval=1, file=sys.stderr) as bar:
        return build_index(library, embedder, progress=bar.update)
