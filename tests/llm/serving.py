"""The tiny model's server as a process of its own, which is ended by its id."""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.service.cases import ROOT, clean_environment

LOAD_S = 300.0  # some seconds on an idle machine
_STOP_S = 20.0
_ADDRESS = re.compile(r" at (http://\S+)")


@contextmanager
def served() -> Iterator[str]:
    """Run the server on a free port of the loopback until the block ends; give its address.

    Raises AssertionError with what the server said when it does not start.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.llm.tiny_server", "--port", "0"],
            cwd=ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=said,
            encoding="utf-8",
        )
        # a server that hangs while it loads is ended, and the line below comes out empty
        patience = threading.Timer(LOAD_S, process.kill)
        patience.start()
        try:
            assert process.stdout is not None
            found = _ADDRESS.search(process.stdout.readline())
            patience.cancel()
            if found is None:
                process.wait(_STOP_S)
                said.seek(0)
                raise AssertionError(f"the tiny model's server did not start: {said.read()}")
            yield found[1]
        finally:
            patience.cancel()
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
