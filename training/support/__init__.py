"""Training the support model: what evidence says of a claim."""
