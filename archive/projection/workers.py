"""Read documents in child processes, so that a document that crashes, hangs or needs too much memory harms only itself.

A child (``child.py``) reads one document at a time from a pipe, confined, without this program's environment, and under
limits on memory, CPU and wall time; after many documents it is replaced. A document that it cannot read becomes a
:class:`Failure` with a reason (``memory``, ``cpu``, ``wall``, ``crash``, ``exception``). If the child had read others
before, the document is tried once more in a fresh child, because those may be to blame; not after a time limit, which
each document has for itself. Then cheaper readers are tried with little time: one without pictures, so that the text is
not lost with them, and one that only takes the words. Results come in the order of the documents.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
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
READER = "archive.parser.reader:read"
PLAIN = ("archive.parser.reader:read_plain", "archive.parser.reader:read_bare")
_PER_DOCUMENT_LIMITS = frozenset(("cpu", "wall"))  # do not depend on what the child read before
START_SECONDS = 120.0  # that a busy machine may take to start a child
_END_SECONDS = 5.0  # that a child may take to end after its pipe was closed
MAX_ANSWER_BYTES = 256 << 20
_MAX_AHEAD = 8  # results for each child that may wait for an earlier document
#: Environment variables that Python may need in a child; all others may contain secrets and are not given to it.
_PASSED_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONHOME", "LD_LIBRARY_PATH")


class ReaderNotStartedError(StorageError):
    """No child could start: the installation is broken or memory is short; it is not the fault of a document."""


@dataclass(slots=True)
class Pool:
    """A few children that read documents. ``target``: the reader as ``module:function``, from bytes to a Reading;
    ``plain``: cheaper readers that are tried after a failure, the best first.
    """

    workers: int = 2
    limits: WorkerLimits = field(default_factory=WorkerLimits)
    target: str = READER
    plain: tuple[str, ...] = PLAIN

    def read(
        self,
        documents: Iterable[tuple[str, Callable[[], bytes]]],
        charge: Callable[[str, float], object] | None = None,
    ) -> Iterator[tuple[str, Reading | Failure]]:
        """Yield ``(document, reading or failure)`` in the order of ``documents``: pairs of a name and a function that
        returns the bytes when a child is free. ``charge`` gets each document and its CPU seconds.
        """
        children = [_Child(self) for _ in range(max(1, self.workers))]
        idle, source = list(children), enumerate(documents)
        running: dict[Future[Reading | Failure], tuple[int, str, _Child]] = {}
        results: dict[int, tuple[str, Reading | Failure]] = {}
        turn = 0
        with ThreadPoolExecutor(len(children)) as threads:
            try:
                while True:
                    while (
                        idle and len(results) < _MAX_AHEAD * len(children) and (item := next(source, None)) is not None
                    ):
                        index, (name, data) = item
                        child = idle.pop()
                        running[threads.submit(child.read, data())] = index, name, child
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        index, name, child = running.pop(future)
                        results[index] = name, future.result()
                        idle.append(child)
                        if charge is not None:
                            charge(name, child.cpu)
                    while turn in results:
                        yield results.pop(turn)
                        turn += 1
            finally:
                for child in children:
                    child.end()


class _Child:
    """One child process, used by one thread. ``cpu``: CPU seconds that the last document cost (at most, if the process
    ended with it); ``served``: documents that this process has read.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool, self.cpu, self.is_closed, self.is_late, self.served = pool, 0.0, False, False, 0
        self.process: subprocess.Popen[bytes] | None = None
        self.pipe: Connection | None = None

    def read(self, data: bytes) -> Reading | Failure:
        """Read a document with the best reader that can read it; return its failure if none can."""
        self.cpu = 0.0
        limits = self.pool.limits
        if self.served >= limits.recycle:
            self._stop()
        was_used = self.served > 0
        best = self._ask(data, self.pool.target, limits)
        if isinstance(best, Failure) and was_used and best.reason not in _PER_DOCUMENT_LIMITS:
            best = self._ask(data, self.pool.target, limits)
        if isinstance(best, Reading):
            return best
        for target in self.pool.plain:
            answer = self._ask(data, target, replace(limits, cpu=min(limits.cpu, limits.again)))
            self._stop()
            if isinstance(answer, Reading):
                return _with_failure(answer, best)
        return best

    def end(self) -> None:
        """Kill the process, and never start another."""
        self.is_closed = True
        process = self.process
        if process is not None:
            process.kill()
            self._stop()

    def _ask(self, data: bytes, target: str, limits: WorkerLimits) -> Reading | Failure:
        """Send a document to the process and return its answer, or a failure if the process ended without one."""
        if self.process is None:
            self._start(target, limits)
        pipe, began = self.pipe, time.monotonic()
        assert pipe is not None
        timer = threading.Timer(limits.wall, self._kill_late)
        timer.daemon = True
        timer.start()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its exit code shows how it died
                pipe.send_bytes(data)
            answer = _parsed_answer(pipe.recv_bytes(MAX_ANSWER_BYTES))
        except (EOFError, OSError):
            self.cpu += min(time.monotonic() - began, limits.cpu)
            code = self._stop()
            if self.is_late:
                return Failure(reason="wall", detail=f"no answer within {limits.wall:g} s")
            return _failure_of_exit(code)
        finally:
            timer.cancel()
        self.served += 1
        self.cpu += answer.cpu
        if answer.reading is not None:
            return answer.reading
        self._stop()
        return answer.failure or Failure(reason="crash", detail="the reading process said nothing")

    def _kill_late(self) -> None:
        """Kill a process whose wall time is over; it may hang even before it has received the whole document."""
        process = self.process
        if process is not None:
            self.is_late = True
            process.kill()

    def _start(self, target: str, limits: WorkerLimits) -> None:
        """Start a fresh process and wait until it is ready to read."""
        if self.is_closed:
            raise CancelledError
        ours, theirs = Pipe()
        self.process, self.pipe, self.is_late = start_process(theirs, target, limits), ours, False
        theirs.close()
        try:
            failure: Failure | None = Failure(reason="wall", detail=f"it did not start within {START_SECONDS:g} s")
            if ours.poll(START_SECONDS):
                failure = _parsed_answer(ours.recv_bytes(MAX_ANSWER_BYTES)).failure
        except (EOFError, OSError):
            failure = _failure_of_exit(self._stop())
        if self.is_closed:
            raise CancelledError
        if failure is not None:
            self._stop()
            message = (
                f"the reader could not be started ({failure.detail}); no more was read, what was read before is kept. "
                "Most often there is too little memory: see what ulimit -v and free -m say, and ask for fewer --workers"
            )
            raise ReaderNotStartedError(message, code="reader_not_started", cause=failure.detail)

    def _stop(self) -> int | None:
        """End the process and return its exit code (negative: it was ended by this signal)."""
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
    """Start a child that reads from ``pipe``, with no threads, files or loaded libraries of this process."""
    return subprocess.Popen(  # noqa: S603  our own module, our own arguments
        [sys.executable, "-P", "-m", CHILD, str(pipe.fileno()), target, json.dumps(asdict(limits))],
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
