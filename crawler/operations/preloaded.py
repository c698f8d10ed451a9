"""Processes of crawls forked from one parent that has imported everything: a start costs a tenth of a second of CPU.

``python -m crawler.operations.preloaded FD`` is that parent. Over the socket FD it is sent arguments of
``crawler.operations.child`` and the clock they are to go by, with three descriptors (standard output, standard error,
exit code), and answers with the process id. It has no thread, no reactor and no connection to a database, so a child
inherits nothing that another could disturb. It ends when the socket is closed, and its children end with it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from crawler.operations.parentage import end_with
from storage.clock import clock_words

_LINE = 4096  # bytes of a request at most
_NO_MORE = b"\n"
_BURY_EVERY = 1.0  # seconds
_KILLED = -int(signal.SIGKILL)
_EVERY_CRAWL = (  # what Scrapy would import by name once the crawl begins; none of it makes a reactor
    *(
        "crawler.looks.flow",
        "scrapy.core.engine",
        "scrapy.core.scheduler",
        "scrapy.core.downloader",
        "scrapy.logformatter",
    ),
    *("scrapy.core.downloader.contextfactory", "scrapy.core.downloader.handlers.http11", "scrapy.statscollectors"),
    *("scrapy.resolver", "scrapy.dupefilters", "scrapy.pqueues", "scrapy.squeues", "scrapy.spiderloader"),
    *("twisted.internet.asyncioreactor", "twisted.web.client", "sqlalchemy.dialects.sqlite.pysqlite"),
)


class Child:
    """A crawl's process, as far as whoever started it needs to know: two streams and an exit code."""

    def __init__(self, pid: int, out: int, err: int, code: int) -> None:
        self.pid = pid
        self.stdout: IO[str] = os.fdopen(out, "r", encoding="utf-8", errors="replace")
        self.stderr: IO[str] = os.fdopen(err, "r", encoding="utf-8", errors="replace")
        self._code = code

    def wait(self) -> int:
        """Return the exit code once the process has ended; that of SIGKILL if it could not tell one."""
        with os.fdopen(self._code, "rb") as told:
            said = told.read()
        return int(said) if said else _KILLED

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stdout.close()
        self.stderr.close()


class Preloaded:
    """The parent, seen from the program that runs crawls. Use as a context manager; may be used by several threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "crawler.operations.preloaded", str(theirs.fileno())],
                env=dict(environment), stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def start(self, arguments: list[str]) -> Child | None:
        """Fork a process for ``crawler.operations.child`` with these arguments; None where the parent is gone.

        It goes by the clock of the caller, which an imitation may have moved since the parent was begun.
        """
        asked = json.dumps({"arguments": arguments, "clock": clock_words()}).encode() + b"\n"
        ours, theirs = zip(*(os.pipe() for _ in range(3)), strict=True)
        try:
            with self._lock:
                socket.send_fds(self._socket, [asked], theirs)
                said = self._socket.recv(_LINE)
        except OSError:
            said = b""
        finally:
            for end in theirs:
                os.close(end)
        if not said:
            for end in ours:
                os.close(end)
            return None
        return Child(int(said), *ours)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._socket.sendall(_NO_MORE)
        self._process.wait()
        self._socket.close()


def _fork(control: socket.socket, asked: Mapping[str, Any], out: int, err: int, code: int) -> int:
    """Fork a crawl; the child never returns from here."""
    ours = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    done = 1
    try:
        end_with(ours)
        control.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        random.seed()
        os.environ.update(asked["clock"])
        done = importlib.import_module("crawler.operations.child").main(asked["arguments"])
    except SystemExit as error:
        done = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - the process ends here, and says why as any other would
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os.write(code, str(done).encode())
        os._exit(done)


def serve(control: socket.socket) -> None:
    """Fork what is asked for until told that no more comes (then the last ones are buried), or nobody is there."""
    while True:
        ready, _, _ = select.select([control], [], [], _BURY_EVERY)
        _bury()
        if not ready:
            continue
        said, ends, _, _ = socket.recv_fds(control, _LINE, 3)
        if not said:
            return
        if said == _NO_MORE:
            _bury(wait=True)
            return
        pid = _fork(control, json.loads(said), *ends)
        for end in ends:
            os.close(end)
        control.sendall(str(pid).encode())


def _bury(*, wait: bool = False) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG)[0]:
            pass


def main(descriptor: int) -> int:
    """Entry of the parent."""
    end_with(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the crawls, which end in good order
    for name in ("crawler.operations.child", *_EVERY_CRAWL):
        importlib.import_module(name)
    warming = importlib.import_module("crawler.operations.warming")
    warming.load_components(importlib.import_module("crawler.operations.child").settings())
    warming.warm()
    if "twisted.internet.reactor" in sys.modules or threading.active_count() > 1:
        raise RuntimeError("something imported a reactor or began a thread: crawls cannot be forked from here.")
    gc.freeze()  # pages of the parent stay shared
    with socket.socket(fileno=descriptor) as control:
        serve(control)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])))
