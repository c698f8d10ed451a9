"""A web application listened to on the loopback, in a thread of this process, as browsers and programs meet it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from nianbao.application import application
from nianbao.operate.application import operators
from nianbao.operate.jobs import Jobs
from nianbao.server import ConnectionLimits, server_settings
from storage.home import open_home
from tests.patience import PATIENCE

NOW = "2026-04-02T09:00:00+08:00"  #: the day after the demo


@contextmanager
def served(app: Any, limits: ConnectionLimits | None = None, trusted_proxies: str = "") -> Iterator[str]:
    """The address of the application while it is listened to."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(server_settings(app, limits, trusted_proxies))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=PATIENCE)


@contextmanager
def served_to_operators(path: Path, token: str, *more: Any, a_minute: int = 0) -> Iterator[str]:
    """The address at which an archive is served with its operators' pages; ``more``: as of :func:`served`."""
    with (
        open_home(path, read_only=True) as home,
        open_home(path) as writable,
        Jobs(writable) as jobs,
        served(application(home, a_minute=a_minute, operators=operators(writable, token, jobs)), *more) as address,
    ):
        yield address


@contextmanager
def asking(archive: Path, base: str = "") -> Iterator[httpx.Client]:
    """Asks what is served of an archive below ``base``, as of the day after the demo."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIANBAO_NOW", NOW)
        home = open_home(archive, read_only=True)  # its clock begins now
    with (
        home,
        served(application(home, a_minute=0)) as address,
        httpx.Client(base_url=address + base, timeout=PATIENCE) as client,
    ):
        yield client


@contextmanager
def serve_process(archive: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``nianbao serve`` in a process of its own, and the address that it says."""
    command = [sys.executable, "-m", "nianbao.cli", "serve", "--port", "0", "--archive", str(archive), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process, next_line(process).split()[0]
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    """What a process prints next."""
    assert process.stdout is not None
    return process.stdout.readline()
