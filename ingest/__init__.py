"""How text gets in: one parser per format, and one way from parsed blocks to a stored document."""
