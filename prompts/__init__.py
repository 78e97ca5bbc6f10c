"""What we say to a language model: templates, the messages made from them, and their fences."""
