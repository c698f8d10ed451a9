"""Programs of the project, forked from the server of worker processes: a start costs a tenth of a second.

What runs is the ``main`` of the program's module, in a process of its own, with the arguments, environment, folder and
streams it is given. Its own worker processes are forked from the same server: one of its own would take three seconds
to import the same modules. What a program does before its ``main``, and the start of a server of its own, are seen only
where it is started anew: tests/test_commands.py starts every command so.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, get_context, process
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from archive.projection import child
from crawler import processes
from tests.patience import PATIENCE

processes.PRELOADED.append("tests.preload")
_context = get_context("forkserver")
_server: Any = forkserver.__dict__["_forkserver"]  # the standard library has no public way to hand a server on


def run(
    program: str,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: str | None = None,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as ``subprocess.run`` does with its output captured as text.

    ``program``: its module, whose ``main`` is called, or ``module:function``.
    """
    with tempfile.TemporaryDirectory() as made:
        streams = [Path(made) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin or "")
        started = start(program, words, environment, streams, folder)
        started.join(PATIENCE)
        late = started.is_alive()
        started.kill()
        started.join()
        out, err = (path.read_text() if path.exists() else "" for path in streams[1:])
    if late:
        raise subprocess.TimeoutExpired([program, *words], PATIENCE, out, err)
    return subprocess.CompletedProcess([program, *words], started.exitcode or 0, out, err)


def start(
    program: str, words: Sequence[str], environment: Mapping[str, str], streams: Sequence[Path], folder: Path | None
) -> ForkServerProcess:
    """Start a program whose standard input, output and error are the files or terminals of these names."""
    processes.start_server()
    told = (program, [*words], dict(environment), folder or Path.cwd(), [*streams], _server._forkserver_address)
    started = _context.Process(target=_main, args=told)
    started.start()
    return started


def _main(
    program: str, words: list[str], environment: dict[str, str], folder: Path, streams: Sequence[Path], address: str
) -> None:
    """Run in the process of the program."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the server blocks it
    _share_server(address, folder)
    name, _, function = program.partition(":")
    module = importlib.import_module(name)
    sys.modules["__main__"] = module
    sys.argv = [str(module.__file__), *words]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    _take(streams)
    tempfile.tempdir = None
    time.tzset()
    random.seed()
    sys.exit(getattr(module, function or "main")())


class Reader:
    """A reading process, as ``archive.projection.workers`` uses it."""

    def __init__(self, started: ForkServerProcess) -> None:
        self._started = started
        assert started.pid is not None
        self.pid = started.pid

    @property
    def returncode(self) -> int | None:
        return self._started.exitcode

    def kill(self) -> None:
        self._started.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._started.join(timeout)
        if self._started.exitcode is None:
            raise subprocess.TimeoutExpired("a reading process", timeout or 0)
        return self._started.exitcode


def start_reader(pipe: Connection, target: str, limits: child.WorkerLimits) -> Reader:
    """Fork a reading process from the server, which has loaded the reader: to load it takes longer than most tests."""
    processes.start_server()
    started = _context.Process(target=_read, args=(pipe, target, limits), daemon=True)
    started.start()
    return Reader(started)


def _read(pipe: Connection, target: str, limits: child.WorkerLimits) -> None:
    """Run in the reading process."""
    os.environ.clear()
    child.serve(pipe, target, limits)


def _share_server(address: str, folder: Path) -> None:
    """Let the worker processes of this program be forked from the server that it was forked from, in its folder."""
    _server._forkserver_address = address
    _server.ensure_running = processes.forkserver.ensure_running = lambda: None
    process.ORIGINAL_DIR = str(folder)  # type: ignore[attr-defined]


def _take(streams: Sequence[Path]) -> None:
    """Take standard streams, as the environment says that they are encoded."""
    for number, path in enumerate(streams):
        stream = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOCTTY)
        os.dup2(stream, number)
        os.close(stream)
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    told = encoding or sys.stdout.encoding
    sys.stdin = os.fdopen(0, encoding=told, errors=errors or "strict", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=told, errors=errors or sys.stdout.errors, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding=told, errors="backslashreplace", closefd=False)
    sys.stdout.reconfigure(write_through="PYTHONUNBUFFERED" in os.environ)
    sys.stderr.reconfigure(line_buffering=True)
