"""Web origins: scheme, host and port, as a browser names the site that a page belongs to."""

import re

ANY = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443}
# A name or address as browsers spell it: international names in their ASCII form (xn--…).
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
_LAST_PORT = 65535


def read_origins(text: str) -> tuple[str, ...]:
    """Return the origins of a list with commas, each once and in order; raises ValueError.

    >>> read_origins("https://Journal.example:443, http://localhost:9000")
    ('https://journal.example', 'http://localhost:9000')
    """
    parts = [part.strip() for part in text.split(",")]
    return tuple(dict.fromkeys(read_origin(part) for part in parts if part))


def read_origin(text: str) -> str:
    """Return an origin as browsers write it, or `*`; raises ValueError."""
    if text == ANY:
        return ANY
    origin = origin_of(text)
    if origin is None:
        raise ValueError(
            f"{text!r} is no origin: write scheme://host or scheme://host:port, without a path"
        )
    return origin


def origin_of(text: str) -> str | None:
    """Return `scheme://host[:port]` in lower case, a default port left out; None for other text."""
    scheme, mark, place = text.lower().partition("://")
    if scheme not in _DEFAULT_PORTS or not mark:
        return None
    host, port = _host_and_port(place)
    if host is None or not _HOST.fullmatch(host):
        return None
    return f"{scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}")


def _host_and_port(place: str) -> tuple[str | None, int | None]:
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    if not colon:
        return (host or port), None
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) <= _LAST_PORT:
        return None, None
    return host, int(port)
