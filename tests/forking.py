"""Programs of the project, forked from one process that has imported them: a start costs a hundredth of a second.

What runs is the ``main`` of the program's module, in a process of its own, with the arguments, environment, folder and
streams it is given, as crawls of several portals run too (``operations/preloaded.py``). What a program does before
its ``main`` is seen only where it is started anew: tests/test_commands.py starts every command so.
``python -m tests.forking FD`` is the process that forks. It is nobody's child, as tests look at the processes below
them, and ends, as do its children, when the socket is closed.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from crawler.operations.parentage import end_with
from crawler.operations.preloaded import Child

PROGRAMS = ("nianbao.cli.__main__", "crawler.operations.child", "crawler.onboarding.probing.__main__")
_ROOT = Path(__file__).parents[1]
_LATER = (  # what is imported by name once a crawl begins; none of it makes a reactor
    *(
        "crawler.extensions",
        "crawler.pipelines",
        "crawler.onboarding.probing.probe_spider",
        "scrapy.core.engine",
        "scrapy.core.scheduler",
        "scrapy.core.downloader",
    ),
    *("scrapy.core.downloader.handlers.http11", "scrapy.statscollectors", "scrapy.resolver", "scrapy.dupefilters"),
    *("scrapy.pqueues", "scrapy.squeues", "scrapy.spiderloader", "scrapy.logformatter", "twisted.web.client"),
    *("twisted.internet.asyncioreactor", "sqlalchemy.dialects.sqlite.pysqlite"),
)
_LENGTH = struct.Struct("!I")


class Forking:
    """The process that forks, seen from the tests; begun when it is first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None

    def start(self, program: str, words: Sequence[str], streams: Sequence[int], **given: Any) -> int:
        """Fork a program; ``streams``: its three standard streams, and where its exit code is told; gives its id."""
        asked = json.dumps({"program": program, "words": [*words], **given}).encode()
        with self._lock:
            control = self._begun()
            try:
                socket.send_fds(control, [_LENGTH.pack(len(asked))], [*streams])
                control.sendall(asked)
                answer = control.recv(_LENGTH.size, socket.MSG_WAITALL)
            except OSError:
                answer = b""
            if not answer:
                raise RuntimeError("the process that forks programs has ended; its standard error says why")
            return int(_LENGTH.unpack(answer)[0])

    def _begun(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            plain = {name: value for name, value in os.environ.items() if not name.startswith("NIANBAO_")}
            with theirs:
                subprocess.run(
                    [sys.executable, "-m", "tests.forking", str(theirs.fileno())],
                    env=plain, cwd=_ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], check=True,
                )  # fmt: skip
        return self._control


_forking = Forking()


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
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        into.write((stdin or "").encode())
        into.seek(0)
        told, tell = os.pipe()
        with os.fdopen(told, "rb") as code:
            try:
                streams = [into.fileno(), out.fileno(), err.fileno(), tell]
                pid = _forking.start(
                    program, words, streams, environment=dict(environment), folder=str(folder or Path.cwd())
                )
            finally:
                os.close(tell)
            if not select.select([code], [], [], seconds)[0]:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired([program, *words], seconds, _text(out), _text(err))
            said = code.readline()
        return subprocess.CompletedProcess([program, *words], int(said or -signal.SIGKILL), _text(out), _text(err))


def begin(program: str, words: Sequence[str], environment: Mapping[str, str], *, one_stream: bool = False) -> Child:
    """Begin a program; its output can be followed while it runs, and nothing is typed into it.

    ``one_stream``: what it says on standard error comes on standard output too.
    """
    ours, theirs = zip(*(os.pipe() for _ in range(3)), strict=True)
    out, err, tell = theirs
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        streams = [nothing, out, out if one_stream else err, tell]
        pid = _forking.start(program, words, streams, environment=dict(environment), folder=str(Path.cwd()))
    finally:
        for end in (nothing, *theirs):
            os.close(end)
    return Child(pid, *ours)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    with os.fdopen(os.dup(file.fileno()), encoding=io.text_encoding(None)) as text:
        return text.read()


# ------------------------------------------------------------------------------------------- the process that forks


def _load() -> None:
    for name in (*PROGRAMS, *_LATER):
        importlib.import_module(name)
    importlib.import_module("nianbao.cli.command_table").application()  # imports every command
    warming, settings = (
        importlib.import_module("crawler.operations.warming"),
        importlib.import_module("crawler.operations.child").settings,
    )
    warming.load_components(settings())
    # they hold what the environment says when they are made: each crawl makes its own
    settings.cache_clear()
    del sys.modules["crawler.settings"], sys.modules["crawler"].settings
    warming.warm()
    if "twisted.internet.reactor" in sys.modules or threading.active_count() > 1:
        raise RuntimeError("something imported a reactor or began a thread: programs cannot be forked from here.")
    gc.collect()
    gc.freeze()  # pages of the parent stay shared


def _serve(control: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([control], [], [], 1.0)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not ready:
            continue
        length, streams, _, _ = socket.recv_fds(control, _LENGTH.size, 4)
        if not length:
            return
        asked = json.loads(control.recv(_LENGTH.unpack(length)[0], socket.MSG_WAITALL))
        pid = _fork(control, asked, streams)
        for stream in streams:
            os.close(stream)
        control.sendall(_LENGTH.pack(pid))


def _fork(control: socket.socket, asked: dict[str, Any], streams: Sequence[int]) -> int:
    """Fork a program; it never returns from here."""
    ours = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    done = 1
    try:
        end_with(ours)
        control.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        program = importlib.import_module(asked["program"])
        sys.modules["__main__"] = program
        sys.argv = [str(program.__file__), *asked["words"]]
        _take(asked, streams)
        done = program.main()
    except SystemExit as error:
        done = error.code if isinstance(error.code, int) else error.code is not None
        if isinstance(error.code, str):
            sys.stderr.write(f"{error.code}\n")
    except BaseException:  # noqa: BLE001 - the process ends here, and says why as any other would
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads as the end of a program does
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os.write(streams[3], f"{int(done or 0)}".encode())
        os._exit(int(done or 0))


def _take(asked: dict[str, Any], streams: Sequence[int]) -> None:
    """Take the environment, folder and streams."""
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
        os.close(stream)
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    told = encoding or sys.stdout.encoding
    at_once = "PYTHONUNBUFFERED" in os.environ
    sys.stdin = os.fdopen(0, encoding=told, errors=errors or sys.stdin.errors, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=told, errors=errors or sys.stdout.errors, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding=told, errors="backslashreplace", closefd=False)
    sys.stdout.reconfigure(write_through=at_once)
    sys.stderr.reconfigure(line_buffering=True)
    tempfile.tempdir = None
    time.tzset()
    random.seed()


def main(descriptor: int) -> int:
    """Entry of the process that forks."""
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    with socket.socket(fileno=descriptor) as control:
        _serve(control)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])))
