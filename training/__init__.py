"""How the models are made: not part of what is installed."""
