"""The one server of a real, tiny language model that these tests share."""

from collections.abc import Iterator

import openai
import pytest

from tests.llm.serving import served


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Run the server, once; give the address for clients of the OpenAI protocol."""
    with served() as address:
        yield address


@pytest.fixture
def client(endpoint: str) -> Iterator[openai.OpenAI]:
    """Give the real client; it tries nothing twice."""
    with openai.OpenAI(base_url=endpoint, api_key="none", max_retries=0, timeout=300) as client:
        yield client
