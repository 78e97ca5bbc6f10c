"""The guard of `tests/conftest.py`: no test reaches another machine.

The addresses are of the blocks that no host has (RFC 5737, RFC 3849), so that nothing is reached
even where the guard fails.
"""

import asyncio
import socket
from collections.abc import Callable

import pytest

from tests.conftest import NetworkForbiddenError

FOREIGN, FOREIGN_6 = "192.0.2.1", "2001:db8::1"


def by_connect(host: str, port: int) -> None:
    """Connect with a socket."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(1)
        client.connect((host, port))


def by_connect_ex(host: str, port: int) -> None:
    """Connect with a socket that returns an error number instead of raising."""
    with socket.socket() as client:
        client.settimeout(1)
        if client.connect_ex((host, port)):
            raise ConnectionRefusedError(host)


def by_create_connection(host: str, port: int) -> None:
    """Connect as http.client and urllib do."""
    socket.create_connection((host, port), timeout=1).close()


def by_asyncio(host: str, port: int) -> None:
    """Connect as asynchronous clients do."""

    async def opened() -> None:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), timeout=1)
        writer.close()
        await writer.wait_closed()

    asyncio.run(opened())


Way = Callable[[str, int], None]


@pytest.mark.parametrize("way", [by_connect, by_connect_ex, by_asyncio])
def test_another_machine_cannot_be_reached(way: Way) -> None:
    """Every way to connect is refused at once, naming the host."""
    with pytest.raises(NetworkForbiddenError, match=FOREIGN):
        way(FOREIGN, 80)


def test_another_machine_cannot_be_reached_by_ipv6() -> None:
    """The guard looks at addresses of both families."""
    with pytest.raises(NetworkForbiddenError, match=FOREIGN_6):
        by_connect(FOREIGN_6, 80)


@pytest.mark.parametrize("way", [by_connect, by_connect_ex, by_create_connection, by_asyncio])
def test_the_loopback_can_be_reached(way: Way) -> None:
    """A server that a test started on this machine answers as ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        way("127.0.0.1", server.getsockname()[1])
        server.settimeout(1)
        server.accept()[0].close()


def test_a_local_socket_can_be_reached(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A socket in the file system is no network."""
    path = str(tmp_path_factory.mktemp("s") / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        server.accept()[0].close()
