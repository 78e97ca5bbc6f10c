"""The servers that the browser visits, each on a free port of the loopback.

`SampleServer` is the program itself (`sequitur serve`) over the built-in sample. `TinyServer`
runs the application in a thread over a small library with fakes, behind a gate. `ForeignServer`
is somebody else's site.
"""

import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from service.api import create_app
from service.assistant import Assistant
from service.settings import Settings
from service.store import AnswerStore
from tests.e2e.gate import Gate, Gated
from tests.service.cases import ROOT, SEQUITUR, clean_environment

START_S = 60.0
# Answers come by it whatever risk is promised: what is tried here is the page.
THRESHOLD = 0.3
_BUILD_S = 900.0  # the index of the sample, once per version
_STOP_S = 20.0
_LOOK_EVERY_S = 0.02
_FOLDER = re.compile(r"^Sequitur reads (.+)$", re.MULTILINE)


def wait_until(holds: Callable[[], bool], what: str, *, timeout_s: float = 20.0) -> None:
    """Wait until something holds; fails with `what` when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:.0f} s"
        time.sleep(_LOOK_EVERY_S)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def sample_copy(folder: Path, data_dir: str) -> Path:
    """Copy the built-in sample with its index, which is built first where it is missing.

    The kept answers of the original are left behind.
    """
    done = subprocess.run(
        [str(SEQUITUR), "index", "--suggestions"],
        cwd=ROOT,
        env=clean_environment(SEQUITUR_DATA_DIR=data_dir),
        capture_output=True,
        encoding="utf-8",
        timeout=_BUILD_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    original = Path(done.stdout.partition(": index ")[0])
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns("answers.sqlite*"))
    return folder


class SampleServer:
    """`sequitur serve` over a library folder, as a process of its own.

    Pages of `allowed_origin` may ask it too.
    """

    def __init__(self, library: Path, log: Path, *, allowed_origin: str) -> None:
        self.library = library
        self.log = log
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(SEQUITUR), "serve", "--library", str(library), "--port", str(self.port)],
                cwd=ROOT,
                env=clean_environment(
                    SEQUITUR_ALLOWED_ORIGINS=allowed_origin,
                    SEQUITUR_CONFIDENCE_THRESHOLD=str(THRESHOLD),
                ),
                stdout=out,
                stderr=out,
            )

    def wait(self) -> None:
        """Wait until questions are answered."""
        wait_until(self._is_ready, f"{self.log} tells why", timeout_s=START_S)

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
        return _answers(f"{self.url}/readyz")


class TinyServer:
    """The application over an assistant in this process; it can be stopped and started again.

    What it keeps lies in `folder`, so that a server that comes back still knows it.
    """

    def __init__(self, assistant: Assistant, folder: Path, **settings: Any) -> None:
        self.assistant = assistant
        self.gate = Gate()
        self.settings = Settings(**settings)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "answers.sqlite"

    def start(self, loaded: threading.Event | None = None) -> None:
        """Answer on the port, from now on, until `stop`; questions only once `loaded` is set."""
        self._store = AnswerStore(self.file)

        def opened() -> Assistant:
            if loaded is not None:
                loaded.wait(_STOP_S)
            return self.assistant

        self.app = app = create_app(opened, self.settings, store=self._store)
        config = uvicorn.Config(
            Gated(app, self.gate),
            host="127.0.0.1",
            port=self.port,
            log_config=None,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="tiny", daemon=True)
        self._thread.start()
        path = "readyz" if loaded is None else "healthz"
        wait_until(lambda: _answers(f"{self.url}/{path}"), "the tiny server")

    def stop(self) -> None:
        """Close the port, and every connection with it."""
        self.gate.open()
        self._server.should_exit = True
        self._thread.join(_STOP_S)
        assert not self._thread.is_alive()
        self._store.close()


class ForeignServer:
    """Pages of another origin; `put` places one and returns its address."""

    def __init__(self) -> None:
        pages: dict[str, bytes] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._pages = pages
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.origin = f"http://127.0.0.1:{self.port}"
        # the same pages, but a browser takes another name for another origin
        self.other_origin = f"http://localhost:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def put(self, path: str, html: str) -> str:
        """Place a page; return its address."""
        self._pages[path] = html.encode()
        return self.origin + path

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answers(url: str) -> bool:
    with httpx2.Client(trust_env=False) as client:
        try:
            return client.get(url, timeout=5).status_code == 200
        except httpx2.TransportError:
            return False
