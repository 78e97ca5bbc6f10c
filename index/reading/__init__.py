"""The reader: which units of a text answer a question, and whether the text answers it."""
