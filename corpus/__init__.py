"""What we know: articles, references, documents, passages, and the library that keeps them.

This package imports nothing else of Sequitur and nothing heavy.
"""
