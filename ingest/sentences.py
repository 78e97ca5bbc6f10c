"""Where sentences end: `corpus.sentences`, by the name that parsers know it by."""

from corpus.sentences import sentence_spans

__all__ = ["sentence_spans"]
