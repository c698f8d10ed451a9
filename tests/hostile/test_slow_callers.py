"""Callers who are slow, take much, or lie about who they are, keep neither others nor operators out."""

from __future__ import annotations

import logging
import random
import re
import resource
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import httpx
import pytest
from loopback_web import Reply, Sandbox, Web, a_list

from nianbao.answer_tables import AnswerTable
from nianbao.api.downloads import MAX_DOWNLOADS, MAX_FILES_AT_ONCE, MAX_OF_CALLER
from nianbao.application import application
from nianbao.operate.sessions import TRIES
from nianbao.server import ConnectionLimits
from storage.home import open_home
from tests.patience import PATIENCE
from tests.served import serve_process, served, served_to_operators

TOKEN = "a-token-of-our-own-for-tests"
PATIENT = ConnectionLimits(head_seconds=600, body_seconds=600, send_seconds=600, per_address=8)
HASTY = ConnectionLimits(head_seconds=0.3, body_seconds=0.3, send_seconds=0.3)


@contextmanager
def serving(archive: Sandbox, limits: ConnectionLimits, proxies: str = "", a_minute: int = 0) -> Iterator[str]:
    archive.judge()
    with served_to_operators(archive.path, TOKEN, limits, proxies, a_minute=a_minute) as address:
        yield address


def connection(address: str) -> socket.socket:
    where = urlsplit(address)
    return socket.create_connection((where.hostname, where.port), timeout=PATIENCE)


def sign_in(address: str, token: str, **headers: str) -> httpx.Response:
    given = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    body = f"token={token}&name=x"
    return httpx.post(f"{address}/operate/en/login", content=body, headers=given, timeout=PATIENCE)


def test_unfinished_heads_leave_room_for_others(archive: Sandbox) -> None:
    with serving(archive, PATIENT) as address, ExitStack() as stack:
        for _ in range(210):
            stack.enter_context(connection(address)).sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        assert httpx.get(f"{address}/healthz", timeout=PATIENCE).status_code == 200
        assert httpx.get(f"{address}/api/v1/portals", timeout=PATIENCE).status_code == 200
        assert sign_in(address, TOKEN).status_code == 303


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nX-A: ",
        b"POST /operate/en/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntoken",
    ],
    ids=["head", "body"],
)
def test_a_request_that_does_not_end_is_closed(archive: Sandbox, begun: bytes) -> None:
    with serving(archive, HASTY) as address, connection(address) as slow:
        slow.sendall(begun)
        with suppress(ConnectionResetError):
            assert slow.recv(1) == b""


def test_a_right_token_is_never_refused(archive: Sandbox) -> None:
    with serving(archive, PATIENT, a_minute=1) as address:
        tried = [sign_in(address, "wrong-wrong-wrong-wrong") for _ in range(60)]
        assert [one.status_code for one in tried] == [403] * TRIES + [429] * (60 - TRIES)
        assert int(tried[-1].headers["retry-after"]) > 0
        assert sign_in(address, TOKEN).status_code == 303


@pytest.mark.usefixtures("one_minute")
def test_a_forwarded_header_counts_only_from_a_trusted_proxy(archive: Sandbox) -> None:
    for proxies, answers in (("", [200, 429]), ("127.0.0.1", [200, 200])):
        with serving(archive, PATIENT, proxies, a_minute=1) as address:
            found = [
                httpx.get(f"{address}/api/v1/portals", headers={"X-Forwarded-For": one}, timeout=PATIENCE).status_code
                for one in ("192.0.2.1", "192.0.2.2")
            ]
        assert found == answers


@pytest.mark.parametrize("caller", ["\x1b[31mred", "fe80::1%\x1b[31m", "x" * 5000])
def test_no_escape_of_a_terminal_gets_into_the_log(
    archive: Sandbox, caller: str, caplog: pytest.LogCaptureFixture
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


# ------------------------------------------------------------------------------------------------ downloads

HOST = "www.wanping.gov.cn"
UNHURRIED = ConnectionLimits(send_seconds=600)
BODY = b"%PDF-1.4\n" + random.Random(54).randbytes(20 << 20)
READERS = 40
MAX_GROWTH = 150 << 10  # kilobytes


def memory() -> int:
    """Return the memory of this process, in which the server runs too, in kilobytes."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    assert found is not None
    return int(found[1])


def begin_download(address: str, path: str, caller: str = "192.0.2.1") -> socket.socket:
    """Ask for a file through a proxy, which names the caller, and take only the status line of the answer."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(PATIENCE)
    where = urlsplit(address)
    reader.connect((where.hostname, where.port))
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {caller}\r\n\r\n"
    reader.sendall(head.encode())
    return reader


@pytest.fixture
def path_of_file(archive: Sandbox, web: Web) -> str:
    web.routes[HOST, "/nb/"] = a_list(("/nb/1.pdf", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-20"))
    web.routes[HOST, "/nb/1.pdf"] = Reply(200, BODY, {"Content-Type": "application/pdf"})
    archive.portal()
    archive.crawl()
    [file] = [one for one in archive.captures() if one.url.endswith(".pdf")]
    return f"/captured/{file.id}/file"


@pytest.mark.nightly
def test_slow_readers_of_a_large_file(archive: Sandbox, path_of_file: str) -> None:
    with serving(archive, UNHURRIED, "127.0.0.1") as address:
        assert httpx.get(f"{address}/api/v1/portals", timeout=PATIENCE).status_code == 200
        before = memory()
        with ExitStack() as stack:
            callers = [f"192.0.2.{number}" for number in range(READERS)]
            readers = [stack.enter_context(begin_download(address, path_of_file, one)) for one in callers]
            answers = [reader.recv(12) for reader in readers]
            assert httpx.get(f"{address}/api/v1/portals", timeout=PATIENCE).status_code == 200
            assert memory() - before < MAX_GROWTH
        assert answers.count(b"HTTP/1.1 200") == MAX_DOWNLOADS
        assert answers.count(b"HTTP/1.1 503") == READERS - MAX_DOWNLOADS


@pytest.mark.nightly
def test_one_caller_leaves_places_to_others(archive: Sandbox, path_of_file: str) -> None:
    with serving(archive, UNHURRIED, "127.0.0.1") as address, ExitStack() as stack:
        readers = [stack.enter_context(begin_download(address, path_of_file)) for _ in range(MAX_OF_CALLER + 1)]
        answers = [reader.recv(12) for reader in readers]
        assert sorted(answers) == [b"HTTP/1.1 200"] * MAX_OF_CALLER + [b"HTTP/1.1 503"]
        other = stack.enter_context(begin_download(address, path_of_file, "192.0.2.2"))
        assert other.recv(12) == b"HTTP/1.1 200"


@pytest.mark.nightly
def test_a_download_is_whole_and_gives_back_its_place(archive: Sandbox, path_of_file: str) -> None:
    with serving(archive, ConnectionLimits()) as address:
        for _ in range(MAX_DOWNLOADS + 1):
            with begin_download(address, path_of_file) as reader:
                assert reader.recv(12) == b"HTTP/1.1 200"
        assert httpx.get(address + path_of_file, timeout=PATIENCE).content == BODY


@pytest.mark.nightly
def test_an_answer_that_is_taken_too_slowly_is_cut_off(archive: Sandbox, path_of_file: str) -> None:
    limits, taken = ConnectionLimits(answer_seconds=0.5), 0
    with (
        serving(archive, limits) as address,
        begin_download(address, path_of_file) as reader,
        suppress(ConnectionResetError),
    ):
        while piece := reader.recv(4):
            taken += len(piece)
    assert taken < len(BODY)


# ------------------------------------------------------------------------------------------------ files of whole tables

TABLES = [f"/api/v1/{table}.{suffix}" for table in ("agencies", "duties", "portals") for suffix in ("xlsx", "parquet")]


@pytest.fixture
def read_archive(archive: Sandbox) -> Sandbox:
    archive.portal()
    archive.crawl()
    archive.judge()
    return archive


def test_only_so_many_files_are_made_at_once(read_archive: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, write = Event(), AnswerTable.write

    def wait_and_write(*given: object) -> None:
        goes_on.wait(PATIENCE)
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(AnswerTable, "write", wait_and_write)
    with (
        open_home(read_archive.path, read_only=True) as home,
        served(application(home, a_minute=0)) as address,
        ThreadPoolExecutor(len(TABLES)) as callers,
    ):
        asked = [callers.submit(httpx.get, address + path, timeout=PATIENCE) for path in TABLES]
        try:
            while sum(one.done() for one in asked) < len(TABLES) - MAX_FILES_AT_ONCE:
                Event().wait(0.05)
        finally:
            goes_on.set()
        answers = sorted(one.result().status_code for one in asked)
    assert answers == [200] * MAX_FILES_AT_ONCE + [503] * (len(TABLES) - MAX_FILES_AT_ONCE)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
def test_a_disk_without_room_is_told_and_all_is_answered_once_there_is_room(read_archive: Sandbox) -> None:
    with serve_process(read_archive.path) as (server, address):
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (100, before[1]))
        assert httpx.get(f"{address}api/v1/agencies.xlsx", timeout=PATIENCE).status_code == 503
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        assert httpx.get(f"{address}en/", timeout=PATIENCE).status_code == 200
        assert httpx.get(f"{address}api/v1/agencies.xlsx", timeout=PATIENCE).status_code == 200
