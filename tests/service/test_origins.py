"""How sites are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.origins import origin_of, read_origins


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://a.example", "https://a.example"),
        ("HTTPS://A.Example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1]", "http://[::1]"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(written: str, origin: str) -> None:
    """Lower case, and a port only where it is not the scheme's own."""
    assert origin_of(written) == origin
    assert origin_of(origin) == origin


@given(st.text(max_size=40) | st.from_regex(r"https?://[a-z:\[\]./@?#0-9 -]{0,20}", fullmatch=True))
def test_any_text_is_an_origin_or_none(text: str) -> None:
    """No text raises; what is taken has nothing behind the host and port."""
    origin = origin_of(text)
    assert origin is None or not set("/?#@\\ ") & set(origin.partition("://")[2])
    assert origin is None or origin_of(origin) == origin


def test_each_origin_of_a_list_counts_once_and_in_order() -> None:
    """Spaces, empty parts and repetitions change nothing."""
    written = " https://b.example,, http://a.example:80 ,https://B.example:443,"
    assert read_origins(written) == ("https://b.example", "http://a.example")
    assert read_origins(" , ") == ()
