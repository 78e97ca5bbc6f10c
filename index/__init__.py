"""How passages are found: embedding, dense and lexical search, fusion, and the saved index."""
