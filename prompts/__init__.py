"""What we say to a language model. Nothing yet: the default engine quotes and asks no model."""
