"""Read documents in child processes, so that a document that crashes, hangs or needs too much memory harms only itself.

A child (``child.py``) reads one document at a time from a pipe, confined, without this program's environment, and under
limits on memory, CPU and wall time; after many documents it is replaced. A document that it cannot read becomes a
:class:`Failure` with a reason (``memory``, ``cpu``, ``wall``, ``crash``, ``exception``). If the child had read others
before, the document is tried once more in a fresh child, because those may be to blame; not after a time limit, which
each document has for itself. Then a cheaper reader is tried with little time, which leaves out the pictures, so that
the text is not lost with them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from archive.parser.reading import failure_finding
from archive.projection.child import Failure, ReaderAnswer, WorkerLimits
from storage import mapping
from storage.errors import StorageError
from storage.records import Reading

__all__ = ["Failure", "Pool", "ReaderNotStartedError", "WorkerLimits"]

CHILD = "archive.projection.child"
READER, PLAIN_READER = "archive.parser.reader:read", "archive.parser.reader:read_plain"
_PER_DOCUMENT_LIMITS = frozenset(("cpu", "wall"))  # do not depend on what the child read before
START_SECONDS = 120.0  # that a busy machine may take to start a child
_END_SECONDS = 5.0  # that a child may take to end after its pipe was closed
MAX_ANSWER_BYTES = 256 << 20
#: Environment variables that Python may need in a child; all others may contain secrets and are not given to it.
_PASSED_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONHOME", "LD_LIBRARY_PATH")


class ReaderNotStartedError(StorageError):
    """No child could start: the installation is broken or memory is short; it is not the fault of a document."""


@dataclass(slots=True)
class Pool:
    """A few children that read documents. ``target``: the reader as ``module:function``, from bytes to a Reading;
    ``plain``: a cheaper one that is tried after a failure, "" for none.
    """

    workers: int = 2
    limits: WorkerLimits = field(default_factory=WorkerLimits)
    target: str = READER
    plain: str = PLAIN_READER

    def read(self, documents: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Reading | Failure, float]]:
        """Yield for each of ``documents`` (name and bytes) its name, reading or failure, and CPU seconds, as soon as it
        is read. The next document is asked for when a child is free.
        """
        children = [_Child(self) for _ in range(max(1, self.workers))]
        idle, source = list(children), iter(documents)
        running: dict[Future[Reading | Failure], tuple[str, _Child]] = {}
        with ThreadPoolExecutor(len(children)) as threads:
            try:
                while True:
                    while idle and (document := next(source, None)) is not None:
                        name, data = document
                        child = idle.pop()
                        running[threads.submit(child.read, data)] = name, child
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        name, child = running.pop(future)
                        idle.append(child)
                        yield name, future.result(), child.cpu
            finally:
                for child in children:
                    child.end()


class _Child:
    """One child process, used by one thread. ``cpu``: CPU seconds that the last document cost (at most, if the process
    ended with it); ``served``: documents that this process has read.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool, self.cpu, self.is_closed, self.served = pool, 0.0, False, 0
        self.process: subprocess.Popen[bytes] | None = None
        self.pipe: Connection | None = None

    def read(self, data: bytes) -> Reading | Failure:
        """Read a document; if that fails, in a fresh process and then by a cheaper reader; else return the failure."""
        pool, limits, self.cpu = self.pool, self.pool.limits, 0.0
        if self.served >= limits.recycle:
            self._stop()
        was_used = self.served > 0
        answer = self._ask(data, pool.target, limits)
        # documents read before may be to blame, but not for a limit that each document has for itself
        if isinstance(answer, Failure) and was_used and answer.reason not in _PER_DOCUMENT_LIMITS:
            answer = self._ask(data, pool.target, limits)
        if isinstance(answer, Reading) or not pool.plain:
            return answer
        plain = self._ask(data, pool.plain, replace(limits, cpu=min(limits.cpu, limits.again)))
        self._stop()
        return _with_failure(plain, answer) if isinstance(plain, Reading) else answer

    def end(self) -> None:
        """Kill the process, and never start another."""
        self.is_closed = True
        process = self.process
        if process is not None:
            process.kill()
            self._stop()

    def _ask(self, data: bytes, target: str, limits: WorkerLimits) -> Reading | Failure:
        """Return the answer to a document, from the process or a fresh one; end the process if it could not read it."""
        if self.process is None:
            self._start(target, limits)
        answer = self._await_answer(limits.wall, data)
        self.served += 1
        self.cpu += min(answer.cpu, limits.cpu)
        if answer.reading is not None:
            return answer.reading
        self._stop()
        return answer.failure or Failure(reason="crash", detail="the reading process said nothing")

    def _start(self, target: str, limits: WorkerLimits) -> None:
        """Start a fresh process; wait until it is ready. Raises ReaderNotStartedError; CancelledError after ``end``."""
        ours, theirs = Pipe()
        self.process, self.pipe = start_process(theirs, target, limits), ours
        theirs.close()
        failure = None if self.is_closed else self._await_answer(START_SECONDS).failure
        if self.is_closed:
            self._stop()
            raise CancelledError
        if failure is not None:
            self._stop()
            message = (
                f"the reader could not be started ({failure.detail}); no more was read, what was read before is kept. "
                "Most often there is too little memory: see what ulimit -v and free -m say, and ask for fewer --workers"
            )
            raise ReaderNotStartedError(message, code="reader_not_started", cause=failure.detail)

    def _await_answer(self, seconds: float, data: bytes | None = None) -> ReaderAnswer:
        """Send a document, if any, and return the answer; the process is killed if it gives none within ``seconds``. A
        timer does so, because the process may hang even before it has received the whole document.
        """
        process, pipe, began = self.process, self.pipe, time.monotonic()
        assert process is not None
        assert pipe is not None
        timer = threading.Timer(seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # its exit code shows how it died
                if data is not None:
                    pipe.send_bytes(data)
            return _parsed_answer(pipe.recv_bytes(MAX_ANSWER_BYTES))
        except (EOFError, OSError):
            duration, failure = time.monotonic() - began, _failure_of_exit(self._stop())
            if duration >= seconds:
                failure = Failure(reason="wall", detail=f"no answer within {seconds:g} s")
            return ReaderAnswer(failure=failure, cpu=duration)
        finally:
            timer.cancel()

    def _stop(self) -> int | None:
        """End the process, by force after some seconds; return its exit code (negative: a signal ended it)."""
        process, pipe = self.process, self.pipe
        self.process, self.pipe, self.served = None, None, 0
        if process is None or pipe is None:
            return None
        pipe.close()  # a healthy process ends then
        try:
            return process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def start_process(pipe: Connection, target: str, limits: WorkerLimits) -> subprocess.Popen[bytes]:
    """Start a child without our threads, files and libraries; it keeps no compiled modules (a full disk cuts them).
    ``pipe``: its end of the connection; ``target``: its work, as ``module:function``.
    """
    return subprocess.Popen(  # noqa: S603  our own module, our own arguments
        [sys.executable, "-PB", "-m", CHILD, str(pipe.fileno()), target, json.dumps(asdict(limits))],
        pass_fds=(pipe.fileno(),),
        env={name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _parsed_answer(line: bytes) -> ReaderAnswer:
    """Return a child's answer from its JSON; a failure if this is no valid answer."""
    try:
        return mapping.from_json(ReaderAnswer, line.decode("ascii"))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        detail = f"the reading process gave an answer that is none ({type(error).__name__})"
        return ReaderAnswer(failure=Failure(reason="crash", detail=detail))


def _failure_of_exit(code: int | None) -> Failure:
    """Return the failure of a child that ended without an answer, from its exit code."""
    if code == -signal.SIGXCPU:
        return Failure(reason="cpu", detail="the CPU time limit was reached")
    if code is None or code >= 0:
        return Failure(reason="crash", detail=f"the reading process ended with code {code}")
    return Failure(reason="crash", detail=f"the reading process ended by signal {signal.Signals(-code).name}")


def _with_failure(reading: Reading, failure: Failure) -> Reading | Failure:
    """Return a cheaper reader's reading with a finding about the failure; the failure itself if it is empty."""
    if not reading.text and not reading.cells:
        return replace(failure, kind=reading.kind)
    return replace(
        reading, findings=(failure_finding(failure.reason, failure.detail, was_read_plainly=True), *reading.findings)
    )
