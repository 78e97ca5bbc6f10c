"""Fixtures for all tests: no network, the measuring data, and small hand-made records."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

SHARED = Path(__file__).resolve().parents[2] / "shared"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NetworkForbiddenError(RuntimeError):
    """A test tried to reach a host other than this machine's loopback."""


def _guarded(connect: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, address: tuple[str, int] | str) -> object:
        if not isinstance(address, str) and address[0] not in _LOOPBACK:
            raise NetworkForbiddenError(f"a test tried to connect to {address[0]}")
        return connect(self, address)

    return guarded


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test connect to the loopback only."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of measuring data beside the checkout, or skip the test."""
    if not SHARED.is_dir():
        pytest.skip("the measuring data (../shared) are not beside this checkout")
    return SHARED
