"""A server of a test's own on loopback, in a thread.

Not here: what it answers.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _say_nothing(*_: object) -> None:
    """Stand in for the note on standard error that a handler makes of each request."""


class Loopback:
    """Answers by a handler until it is closed."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        quiet = type("Quiet", (handler,), {"log_message": _say_nothing})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), quiet)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
