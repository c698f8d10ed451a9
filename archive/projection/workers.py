"""Reading in child processes, so that a document that crashes, hangs or bursts costs itself and nothing else.

A child (``child.py``) serves one document at a time over a pipe, confined and without this program's environment, under
limits on memory, CPU and wall time, and is recycled. What it cannot read becomes a :class:`Failure` with a reason
(``memory``, ``cpu``, ``wall``, ``crash``, ``exception``); a failure in a child that had served others is tried once
more in a fresh one, so that the verdict does not depend on the neighbours (time does not, and is not spent twice).
Then readers that cost less are asked, one after the other and with little time: one that leaves the pictures out, so
that the text is not lost with them, and one that takes the words as they stand. Results come back in the order of the
documents given.
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
from archive.projection.child import Answer, Failure, WorkerLimits
from storage import mapping
from storage.errors import StorageError
from storage.records import Reading

__all__ = ["Failure", "Pool", "ReaderNotStartedError", "WorkerLimits"]

CHILD = "archive.projection.child"
READER = "archive.parser.reader:read"
PLAIN = ("archive.parser.reader:read_plain", "archive.parser.reader:read_bare")
_OF_ITS_OWN = frozenset(("cpu", "wall"))  # limits that hold for each document by itself, whatever was read before
START_SECONDS = 120.0  # that a busy machine may take to start a child
_FAREWELL_SECONDS = 5.0  # in which a child ends whose pipe is closed
MAX_ANSWER_BYTES = 256 << 20
_AHEAD = 8  # documents a child may be ahead of the one whose turn it is
#: What a child has of our environment, as Python may need it; the rest, with its secrets, is not a child's.
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONHOME", "LD_LIBRARY_PATH")


class ReaderNotStartedError(StorageError):
    """No child could start reading: the installation is broken or memory is short, and no document is to blame."""


@dataclass(slots=True)
class Pool:
    """A few children reading documents. ``target`` names the reader as ``module:function`` from bytes to a Reading.

    ``plain`` names those that cost less and are asked after a failure, the better ones first.
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
        """Yield ``(document, reading or failure)`` in the order given; bytes are fetched only when a child is free.

        ``charge`` is told of each document, as soon as it is read, the seconds of CPU time that it cost.
        """
        children = [_Child(self) for _ in range(max(1, self.workers))]
        idle, source = list(children), enumerate(documents)
        running: dict[Future[Reading | Failure], tuple[int, str, _Child]] = {}
        results: dict[int, tuple[str, Reading | Failure]] = {}
        turn = 0
        with ThreadPoolExecutor(len(children)) as threads:
            try:
                while True:
                    while idle and len(results) < _AHEAD * len(children) and (item := next(source, None)) is not None:
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
    """One child process, asked by one thread. ``cpu``: the seconds of CPU time that the last document cost, or at most
    cost where the process ended with it; ``served``: documents that this process has read.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool, self.cpu, self.over, self.late, self.served = pool, 0.0, False, False, 0
        self.process: subprocess.Popen[bytes] | None = None
        self.pipe: Connection | None = None

    def read(self, data: bytes) -> Reading | Failure:
        """Read a document with the best reader that manages it."""
        self.cpu = 0.0
        limits = self.pool.limits
        if self.served >= limits.recycle:
            self._stop()
        is_used = self.served > 0
        best = self._ask(data, self.pool.target, limits)
        if isinstance(best, Failure) and is_used and best.reason not in _OF_ITS_OWN:
            best = self._ask(data, self.pool.target, limits)
        if isinstance(best, Reading):
            return best
        for target in self.pool.plain:
            answer = self._ask(data, target, replace(limits, cpu=min(limits.cpu, limits.again)))
            self._stop()
            if isinstance(answer, Reading):
                return _plainer(answer, best)
        return best

    def end(self) -> None:
        """End the process, whatever it does, and start none any more."""
        self.over = True
        process = self.process
        if process is not None:
            process.kill()
            self._stop()

    def _ask(self, data: bytes, target: str, limits: WorkerLimits) -> Reading | Failure:
        """Hand a document over and wait for the answer, or for how the process ended instead of answering."""
        if self.process is None:
            self._start(target, limits)
        pipe, began = self.pipe, time.monotonic()
        assert pipe is not None
        watch = threading.Timer(limits.wall, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # how it died is told by its end
                pipe.send_bytes(data)
            answer = _understood(pipe.recv_bytes(MAX_ANSWER_BYTES))
        except (EOFError, OSError):
            self.cpu += min(time.monotonic() - began, limits.cpu)
            code = self._stop()
            if self.late:
                return Failure(reason="wall", detail=f"no answer within {limits.wall:g} s")
            return _ending(code)
        finally:
            watch.cancel()
        self.served += 1
        self.cpu += answer.cpu
        if answer.reading is not None:
            return answer.reading
        self._stop()
        return answer.failure or Failure(reason="crash", detail="the reading process said nothing")

    def _give_up(self) -> None:
        """End a process whose wall time is over; it may stand still with a document half handed over."""
        process = self.process
        if process is not None:
            self.late = True
            process.kill()

    def _start(self, target: str, limits: WorkerLimits) -> None:
        """Start a fresh process and wait until it is ready to read."""
        if self.over:
            raise CancelledError
        ours, theirs = Pipe()
        self.process, self.pipe, self.late = start_process(theirs, target, limits), ours, False
        theirs.close()
        try:
            failure: Failure | None = Failure(reason="wall", detail=f"it did not start within {START_SECONDS:g} s")
            if ours.poll(START_SECONDS):
                failure = _understood(ours.recv_bytes(MAX_ANSWER_BYTES)).failure
        except (EOFError, OSError):
            failure = _ending(self._stop())
        if self.over:
            raise CancelledError
        if failure is not None:
            self._stop()
            message = (
                f"the reader could not be started ({failure.detail}); no more was read, what was read before is kept. "
                "Most often there is too little memory: see what ulimit -v and free -m say, and ask for fewer --workers"
            )
            raise ReaderNotStartedError(message, code="reader_not_started", cause=failure.detail)

    def _stop(self) -> int | None:
        """End the process; give the exit code with which it ended by itself (negative: a signal)."""
        process, pipe = self.process, self.pipe
        self.process, self.pipe, self.served = None, None, 0
        if process is None or pipe is None:
            return None
        pipe.close()  # one that is well ends with it
        try:
            return process.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def start_process(pipe: Connection, target: str, limits: WorkerLimits) -> subprocess.Popen[bytes]:
    """Start a child that serves on ``pipe``: nothing of this process is in it, not its threads, files or loaded
    libraries.
    """
    return subprocess.Popen(  # noqa: S603  our own module, our own arguments
        [sys.executable, "-P", "-m", CHILD, str(pipe.fileno()), target, json.dumps(asdict(limits))],
        pass_fds=(pipe.fileno(),),
        env={name: os.environ[name] for name in _KEPT if name in os.environ}
        | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _understood(line: bytes) -> Answer:
    """What a child said; a failure where that is no answer of its."""
    try:
        return mapping.from_json(Answer, line.decode("ascii"))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        detail = f"the reading process gave an answer that is none ({type(error).__name__})"
        return Answer(failure=Failure(reason="crash", detail=detail))


def _ending(code: int | None) -> Failure:
    """How a child ended that gave no answer."""
    if code == -signal.SIGXCPU:
        return Failure(reason="cpu", detail="the CPU time limit was reached")
    if code is None or code >= 0:
        return Failure(reason="crash", detail=f"the reading process ended with code {code}")
    return Failure(reason="crash", detail=f"the reading process ended by signal {signal.Signals(-code).name}")


def _plainer(reading: Reading, failure: Failure) -> Reading | Failure:
    """The reading with what became of the rest; the failure if there is nothing in it but the kind of the document."""
    if not reading.text and not reading.cells:
        return replace(failure, kind=reading.kind)
    return replace(
        reading, findings=(failure_finding(failure.reason, failure.detail, otherwise=True), *reading.findings)
    )
