"""Callers that are slow, or lie about who they are, keep neither others nor operators out."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest
from loopback_web import Archive

from nianbao.operate.sessions import TRIES
from nianbao.server import ConnectionLimits
from tests.patience import PATIENCE
from tests.served import served_to_operators

TOKEN = "a-token-of-our-own-for-tests"
PATIENT = ConnectionLimits(head_seconds=600, body_seconds=600, send_seconds=600, per_address=8)
HASTY = ConnectionLimits(head_seconds=0.3, body_seconds=0.3, send_seconds=0.3)


@contextmanager
def serving(archive: Archive, limits: ConnectionLimits, proxies: str = "", a_minute: int = 0) -> Iterator[str]:
    archive.judge()
    with served_to_operators(archive.path, TOKEN, limits, proxies, a_minute=a_minute) as address:
        yield address


def connection(address: str) -> socket.socket:
    where = urlsplit(address)
    return socket.create_connection((where.hostname, where.port), timeout=PATIENCE)


def sign_in(address: str, token: str, **headers: str) -> int:
    given = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    body = f"token={token}&name=x"
    return httpx.post(f"{address}/operate/en/login", content=body, headers=given, timeout=PATIENCE).status_code


def test_unfinished_heads_leave_room_for_others(archive: Archive) -> None:
    with serving(archive, PATIENT) as address, ExitStack() as stack:
        for _ in range(210):
            stack.enter_context(connection(address)).sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        assert httpx.get(f"{address}/healthz", timeout=PATIENCE).status_code == 200
        assert httpx.get(f"{address}/api/v1/portals", timeout=PATIENCE).status_code == 200
        assert sign_in(address, TOKEN) == 303


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nX-A: ",
        b"POST /operate/en/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntoken",
    ],
    ids=["head", "body"],
)
def test_a_request_that_does_not_end_is_closed(archive: Archive, begun: bytes) -> None:
    with serving(archive, HASTY) as address, connection(address) as slow:
        slow.sendall(begun)
        with suppress(ConnectionResetError):
            assert slow.recv(1) == b""


def test_a_right_token_is_never_refused(archive: Archive) -> None:
    with serving(archive, PATIENT, a_minute=1) as address:
        tried = [sign_in(address, "wrong-wrong-wrong-wrong") for _ in range(60)]
        assert tried == [403] * TRIES + [429] * (60 - TRIES)
        assert sign_in(address, TOKEN) == 303


@pytest.mark.usefixtures("one_minute")
def test_a_forwarded_header_counts_only_from_a_trusted_proxy(archive: Archive) -> None:
    for proxies, answers in (("", [200, 429]), ("127.0.0.1", [200, 200])):
        with serving(archive, PATIENT, proxies, a_minute=1) as address:
            found = [
                httpx.get(f"{address}/api/v1/portals", headers={"X-Forwarded-For": one}, timeout=PATIENCE).status_code
                for one in ("192.0.2.1", "192.0.2.2")
            ]
        assert found == answers


@pytest.mark.parametrize("caller", ["\x1b[31mred", "fe80::1%\x1b[31m", "x" * 5000])
def test_no_escape_of_a_terminal_gets_into_the_log(
    archive: Archive, caller: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        serving(archive, PATIENT, "127.0.0.1") as address,
        connection(address) as raw,
    ):
        body = b"token=wrong&name=x"
        raw.sendall(
            b"POST /operate/en/login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"X-Forwarded-For: %s\r\nContent-Length: %d\r\n\r\n%s" % (caller.encode(), len(body), body)
        )
        assert raw.recv(20).startswith(b"HTTP/1.1 403")
    [line] = [one.getMessage() for one in caplog.records if "wrong token" in one.getMessage()]
    assert line.isprintable()
    assert len(line) < 200
