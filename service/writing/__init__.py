"""Prose by a language model, each sentence held to the units that it points at."""
