"""The sockets of the imitation: read requests, send answers, and misbehave while sending."""

from __future__ import annotations

import socket
import struct
import sys
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, cast

from imitation.answers import Ask, ImitatedAnswer, http_date

MOST_SENT = 1 << 20  # most bytes read from a form
TRICKLE = 0.05  # seconds between the parts of a slow answer


class Answering(Protocol):
    """What the server needs for answers; implemented by ``ImitationPortals``."""

    def ask(self, host: str, target: str, headers: dict[str, str], form: str | None = None) -> Ask:
        """Return a request as portals see it."""

    def answer(self, ask: Ask) -> tuple[ImitatedAnswer, str]:
        """Return the answer, and the fault in how it is sent ("" for none)."""

    def note(self, ask: Ask, target: str, agent: str, status: int) -> None:
        """Log a request."""


class LoopbackServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1; a thread per connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, portals: Answering, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.portals = portals

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect; report other errors."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """Serves the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # header and body are two writes: without it each answer waits 40 ms
    server_version = "nginx"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Send the answer, or misbehave."""
        portals = cast("LoopbackServer", self.server).portals
        host = self.headers.get("Host", "").partition(":")[0].lower()
        length = min(int(self.headers.get("Content-Length") or 0), MOST_SENT)
        form = self.rfile.read(length).decode("utf-8", "replace") if self.command == "POST" else None
        ask = portals.ask(host, self.path, {k.lower(): v for k, v in self.headers.items()}, form)
        answer, fault = portals.answer(ask)
        status = 0 if fault == "down" else answer.status
        portals.note(ask, self.path, self.headers.get("User-Agent", ""), status)
        if fault == "down":
            self._reset_connection()
        else:
            self._send_answer(answer, fault, ask.now)

    do_HEAD = do_POST = do_GET  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Do nothing: ``ImitationPortals.log`` records the requests."""

    def _reset_connection(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _send_answer(self, answer: ImitatedAnswer, fault: str, now: datetime) -> None:
        """Send an answer, with the fault of its date, its length or its speed, if there is one."""
        self.send_response_only(answer.status)
        self.send_header("Server", "nginx")
        self.send_header("Date", http_date(now + timedelta(hours=1) if fault == "skewed_date" else now))
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command == "HEAD" or answer.status == 304:
            return
        if fault == "truncated":
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.close_connection = True
        elif fault == "slow":
            for start in range(0, len(answer.body), 256):
                self.wfile.write(answer.body[start : start + 256])
                time.sleep(TRICKLE)
        else:
            self.wfile.write(answer.body)
