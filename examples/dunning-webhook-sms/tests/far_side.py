"""A gateway on this machine: real sockets, every reply that a gateway can give, and what came out there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

TOKEN = "a token for tests"  # noqa: S105 - there is nothing behind it


class FarSide:
    """
    What the gateway does, and what it saw.

    Args:
        status, body, headers: Its reply to a message, in place of a good one.
        ends: How it treats the connection: "silent" never replies, "mid_body" hangs up half way through the reply.
    """

    def __init__(self, status=0, body=None, headers=None, ends=""):
        self.status, self.body, self.headers, self.ends = status, body, headers or {}, ends
        self.requests = []
        self.taken = {}
        self.sent = Counter()
        self.asked, self.over = Event(), Event()
        self.port = 0

    @property
    def url(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/messages"

    @property
    def keys(self):
        """The keys that came out, one for each time they did."""
        return list(self.sent.elements())

    def take(self, key):
        """Send once for each key, and return the id of what was sent."""
        if key not in self.taken:
            self.taken[key] = f"G-{len(self.taken) + 1}"
            self.sent[key] += 1
        return self.taken[key]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, *arguments):
        """Say nothing."""

    def do_POST(self):
        far = self.server.far_side
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["Idempotency-Key"]
        far.requests.append((key, self.headers["Authorization"], message))
        far.asked.set()
        if far.ends == "silent":
            far.take(key)
            far.over.wait()  # until the test is over: however long the other side waits, no reply comes
            return
        status = far.status or (401 if self.headers["Authorization"] != f"Bearer {TOKEN}" else 201)
        body = far.body if far.body is not None else json.dumps({"id": far.take(key)} if status == 201 else {}).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **far.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if far.ends == "mid_body" else body)


@contextmanager
def listening(far_side: FarSide) -> Iterator[FarSide]:
    """Let *far_side* listen on a free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.far_side, far_side.port = far_side, server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield far_side
        finally:
            far_side.over.set()
            server.shutdown()
            thread.join()
