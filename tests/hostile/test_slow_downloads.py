"""Readers who take a large file slowly cost the server little memory, and keep nobody else waiting."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from loopback_web import Answer, Archive, Web, a_list

from nianbao.api.downloads import MAX_DOWNLOADS, MAX_OF_CALLER
from nianbao.application import application
from nianbao.server import ConnectionLimits
from storage.home import open_home
from tests.patience import PATIENCE
from tests.served import served

pytestmark = pytest.mark.nightly

HOST = "www.wanping.gov.cn"
PATIENT = ConnectionLimits(send_seconds=600)
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
def path_of_file(archive: Archive, web: Web) -> str:
    web.routes[HOST, "/nb/"] = a_list(("/nb/1.pdf", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-20"))
    web.routes[HOST, "/nb/1.pdf"] = Answer(200, BODY, {"Content-Type": "application/pdf"})
    archive.portal()
    archive.crawl()
    archive.judge()
    [file] = [one for one in archive.captures() if one.url.endswith(".pdf")]
    return f"/captured/{file.id}/file"


@contextmanager
def serving(archive: Archive, limits: ConnectionLimits | None = None, proxies: str = "") -> Iterator[str]:
    with (
        open_home(archive.path, read_only=True) as home,
        served(application(home, a_minute=0), limits, proxies) as address,
    ):
        yield address


def test_slow_readers_of_a_large_file(archive: Archive, path_of_file: str) -> None:
    with serving(archive, PATIENT, "127.0.0.1") as address:
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


def test_one_caller_leaves_places_to_others(archive: Archive, path_of_file: str) -> None:
    with serving(archive, PATIENT, "127.0.0.1") as address, ExitStack() as stack:
        readers = [stack.enter_context(begin_download(address, path_of_file)) for _ in range(MAX_OF_CALLER + 1)]
        answers = [reader.recv(12) for reader in readers]
        assert sorted(answers) == [b"HTTP/1.1 200"] * MAX_OF_CALLER + [b"HTTP/1.1 503"]
        other = stack.enter_context(begin_download(address, path_of_file, "192.0.2.2"))
        assert other.recv(12) == b"HTTP/1.1 200"


def test_a_download_is_whole_and_gives_back_its_place(archive: Archive, path_of_file: str) -> None:
    with serving(archive) as address:
        for _ in range(MAX_DOWNLOADS + 1):
            with begin_download(address, path_of_file) as reader:
                assert reader.recv(12) == b"HTTP/1.1 200"
        assert httpx.get(address + path_of_file, timeout=PATIENCE).content == BODY


def test_an_answer_that_is_taken_too_slowly_is_cut_off(archive: Archive, path_of_file: str) -> None:
    limits, taken = ConnectionLimits(answer_seconds=0.5), 0
    with (
        serving(archive, limits) as address,
        begin_download(address, path_of_file) as reader,
        suppress(ConnectionResetError),
    ):
        while piece := reader.recv(4):
            taken += len(piece)
    assert taken < len(BODY)
