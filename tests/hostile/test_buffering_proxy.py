"""A proxy that buffers, as docs/operating.md asks for, keeps slow callers away from `nianbao serve`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import httpx
import pytest
from loopback_web import Archive
from starlette.types import Receive, Scope, Send

from archive.projection.update import update
from nianbao.application import application
from nianbao.server import ConnectionLimits
from storage.home import open_home
from tests.patience import PATIENCE
from tests.served import served

#: fewer connections than there are slow callers: one that reached the server would be seen
FEW = ConnectionLimits(head_seconds=600, send_seconds=600, answer_seconds=600, in_all=8)
SLOW_CALLERS = 20


@contextmanager
def buffering_proxy(server: str) -> Iterator[tuple[str, int]]:
    """Listen, and ask the server only for what was asked whole; its answer is taken at once.

    Like the examples, it writes X-Forwarded-For itself, whatever the caller says there. In place of many addresses, a
    caller's name is the X-Test-Address that it sends.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {"X-Forwarded-For": self.headers.get("X-Test-Address", "192.0.2.1")}
            answer = httpx.get(server + self.path, headers=headers, timeout=PATIENCE)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        proxy.daemon_threads, proxy.block_on_close = True, False
        Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}", proxy.server_port
        finally:
            proxy.shutdown()


@pytest.fixture
def read_archive(archive: Archive) -> Archive:
    with archive.home() as home:
        update(home)
    return archive


def test_slow_callers_of_the_proxy_take_no_place_of_the_server(read_archive: Archive) -> None:
    reached = Event()
    with open_home(read_archive.path, read_only=True) as home:
        inner = application(home, a_minute=0)

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("path") == "/healthz":
                reached.set()
            await inner(scope, receive, send)

        with (
            served(noting, FEW, "127.0.0.1") as server,
            buffering_proxy(server) as (address, port),
            ExitStack() as stack,
        ):
            slow = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(SLOW_CALLERS)]
            for caller in slow:
                caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
            assert httpx.get(f"{address}/api/v1/portals", timeout=PATIENCE).status_code == 200
            assert not reached.is_set()
            slow[0].sendall(b"\r\n\r\n")
            assert slow[0].recv(12).endswith(b"200")
            assert reached.is_set()


@pytest.mark.usefixtures("one_minute")
def test_the_server_counts_the_callers_that_the_proxy_names(read_archive: Archive) -> None:
    for trusted, answers in (("127.0.0.1", [200, 200, 429]), ("", [200, 429, 429])):
        with (
            open_home(read_archive.path, read_only=True) as home,
            served(application(home, a_minute=1), None, trusted) as server,
            buffering_proxy(server) as (address, _),
        ):
            callers = ("192.0.2.1", "192.0.2.2", "192.0.2.1")
            found = [
                httpx.get(
                    f"{address}/api/v1/portals",
                    headers={"X-Test-Address": caller, "X-Forwarded-For": "198.51.100.7"},
                    timeout=PATIENCE,
                ).status_code
                for caller in callers
            ]
        assert found == answers
