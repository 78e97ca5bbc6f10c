"""What goes on beside a running server: a thread that can be ended."""

import threading


class Beside:
    """A thread of its own, begun with `start` and ended with `stop`; `_work` does what there is."""

    def __init__(self, name: str) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Go on no more; what has begun is waited for so long."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _work(self) -> None:
        """Go on until `_ended` is set."""
        raise NotImplementedError
