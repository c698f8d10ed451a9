"""Files of whole tables: few are made at once, and a disk without room for them is told."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import httpx
import pytest
from loopback_web import Archive

from nianbao.answer_tables import AnswerTable
from nianbao.api.downloads import MAX_FILES_AT_ONCE
from nianbao.application import application
from storage.home import open_home
from tests.patience import PATIENCE
from tests.served import served

TABLES = [f"/api/v1/{table}.{suffix}" for table in ("agencies", "duties", "portals") for suffix in ("xlsx", "parquet")]


@pytest.fixture
def read_archive(archive: Archive) -> Archive:
    archive.portal()
    archive.crawl()
    archive.judge()
    return archive


def test_only_so_many_files_are_made_at_once(read_archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
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


@contextmanager
def server_process(archive: Archive) -> Iterator[tuple[int, str]]:
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--port", "0", "--archive", str(archive.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().split()[0]
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
def test_a_disk_without_room_is_told_and_all_is_answered_once_there_is_room(read_archive: Archive) -> None:
    with server_process(read_archive) as (process, address):
        before = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (100, before[1]))
        assert httpx.get(f"{address}api/v1/agencies.xlsx", timeout=PATIENCE).status_code == 503
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)
        assert httpx.get(f"{address}en/", timeout=PATIENCE).status_code == 200
        assert httpx.get(f"{address}api/v1/agencies.xlsx", timeout=PATIENCE).status_code == 200
