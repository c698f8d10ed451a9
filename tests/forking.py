"""Programs of the project, forked from the server of worker processes: a start costs a tenth of a second.

What runs is the ``main`` of the program's module, in a process of its own, with the arguments, environment, folder and
streams it is given. What a program does before its ``main`` is seen only where it is started anew:
tests/test_commands.py starts every command so.
"""

from __future__ import annotations

import importlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

from crawler import processes

processes.PRELOADED.append("tests.preload")
_context = get_context("forkserver")


def run(
    program: str,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdin: str | None = None,
    folder: Path | None = None,
    seconds: float = 280,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as ``subprocess.run`` does with its output captured as text."""
    with tempfile.TemporaryDirectory() as made:
        streams = [Path(made) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin or "")
        processes.start_server()
        process = _context.Process(
            target=_main, args=(program, [*words], dict(environment), folder or Path.cwd(), streams)
        )
        process.start()
        process.join(seconds)
        late = process.is_alive()
        process.kill()
        process.join()
        out, err = (path.read_text() if path.exists() else "" for path in streams[1:])
    if late:
        raise subprocess.TimeoutExpired([program, *words], seconds, out, err)
    return subprocess.CompletedProcess([program, *words], process.exitcode or 0, out, err)


def _main(program: str, words: list[str], environment: dict[str, str], folder: Path, streams: Sequence[Path]) -> None:
    """Run in the process of the program."""
    module = importlib.import_module(program)
    sys.modules["__main__"] = module
    sys.argv = [str(module.__file__), *words]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    _take(streams)
    tempfile.tempdir = None
    time.tzset()
    random.seed()
    sys.exit(module.main())


def _take(streams: Sequence[Path]) -> None:
    """Take standard streams, as the environment says that they are encoded."""
    for number, path in enumerate(streams):
        stream = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(stream, number)
        os.close(stream)
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    told = encoding or sys.stdout.encoding
    sys.stdin = os.fdopen(0, encoding=told, errors=errors or "strict", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=told, errors=errors or sys.stdout.errors, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding=told, errors="backslashreplace", closefd=False)
    sys.stdout.reconfigure(write_through="PYTHONUNBUFFERED" in os.environ)
    sys.stderr.reconfigure(line_buffering=True)
