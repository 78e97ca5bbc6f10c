"""Records of every shape, for property tests."""

from hypothesis import strategies as st

from corpus.records import Article, Document, Reference

IDS = st.text(min_size=1, max_size=12).filter(lambda text: not text.startswith("."))
# st.builds fills every field from its type: nested records, tuples, dates, literals and None.
documents = st.builds(Document, document_id=IDS)
references = st.builds(Reference)


def articles() -> st.SearchStrategy[Article]:
    """Draw articles whose document bears their slug, as ingest makes them."""
    return IDS.flatmap(
        lambda slug: st.builds(
            Article,
            slug=st.just(slug),
            document=st.builds(Document, document_id=st.just(slug), kind=st.just("article")),
        )
    )
