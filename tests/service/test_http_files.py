"""Scripts and styles, for our pages and for everybody's."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.pages import STATIC_FOLDER

SCRIPTS = ["/widget.js", "/static/widget/widget.js"]
FILES = [*SCRIPTS, "/static/style.css", "/static/widget/chat.css"]


@pytest.mark.parametrize("path", FILES)
def test_every_site_may_load_them(client: TestClient, path: str) -> None:
    """With or without an origin, new or unchanged, and each time asked after."""
    response = client.get(path)
    again = client.get(path, headers={"if-none-match": response.headers["etag"]})
    elsewhere = client.get(path, headers={"origin": "https://evil.example"})
    assert [r.status_code for r in (response, again, elsewhere)] == [200, 304, 200]
    for one in (response, again, elsewhere):
        assert one.headers["access-control-allow-origin"] == "*"
        assert one.headers["cross-origin-resource-policy"] == "cross-origin"
        assert one.headers["cache-control"] == "no-cache"
        assert one.headers["x-content-type-options"] == "nosniff"
    assert again.content == b""


def test_the_widget_is_one_script_at_two_addresses(client: TestClient) -> None:
    """Both give the same file, as a script, and say so before it is fetched."""
    source = (STATIC_FOLDER / "widget" / "widget.js").read_bytes()
    for path in SCRIPTS:
        assert client.get(path).content == source
        assert client.head(path).headers["content-length"] == str(len(source))


def test_every_file_has_the_type_that_browsers_ask_for(client: TestClient) -> None:
    """A module with another type is not run, wherever the server stands."""
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
    for file in sorted(STATIC_FOLDER.rglob("*")):
        if file.suffix in types:
            path = file.relative_to(STATIC_FOLDER).as_posix()
            assert client.get(f"/static/{path}").headers["content-type"] == types[file.suffix]


@pytest.mark.parametrize("path", ["/static/nope.js", "/static/../api.py", "/static/%2e%2e/api.py"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    """404 for what is not there, and for what lies outside the folder."""
    assert Path(STATIC_FOLDER, "..", "api.py").exists()
    assert client.get(path).status_code == 404
