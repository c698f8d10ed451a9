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
import math
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait

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
_REFUSED = frozenset((signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGSEGV, signal.SIGBUS))
_STARTING = 120.0  # seconds that a busy machine may take to start a child
_HANDING = 120.0  # seconds that it may take to hand a document over, or its answer
_LONGEST = 256 << 20  # bytes of an answer
#: What a child has of our environment, as Python may need it; the rest, with its secrets, is not a child's.
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONHOME", "LD_LIBRARY_PATH")


class ReaderNotStartedError(StorageError):
    """No child could start reading: the installation is broken or memory is short, and no document is to blame."""


@dataclass(slots=True)
class _Job:
    """A document on its way: its place in the order, name, bytes, and whether a fresh child has been asked already.

    ``failure``: how reading it ended; from then on plainer readers are asked, ``asked`` of them so far. ``cpu``: the
    seconds of CPU time that it has cost.
    """

    index: int
    document: str
    data: bytes
    retried: bool = False
    failure: Failure | None = None
    asked: int = 0
    cpu: float = 0.0


@dataclass(slots=True)
class _Child:
    """One child process and what it is doing. ``peak``: the most memory in bytes that the last one had before it ended,
    ``before``: what this program had when it started that. ``told``: the seconds of CPU time that its answers gave.

    ``deadline``: until when it has to answer; ``handed``: until when what is just on its way over the pipe has to be
    there, or this program would wait for ever for a child that takes or gives nothing more; ``stuck``: it was not.
    """

    target: str
    plain: tuple[str, ...]
    limits: WorkerLimits
    process: subprocess.Popen[bytes] | None = None
    pipe: Connection | None = None
    job: _Job | None = None
    served: int = 0
    ready: bool = False
    peak: int = 0
    before: int = 0
    told: float = 0.0
    deadline: float = 0.0
    handed: float = math.inf
    stuck: bool = False

    def _asks(self) -> tuple[str, WorkerLimits]:
        """The reader to be asked, and what it may cost."""
        if self.job is None or not self.job.asked:
            return self.target, self.limits
        return self.plain[self.job.asked - 1], replace(self.limits, cpu=min(self.limits.cpu, self.limits.again))

    def start(self) -> None:
        """Start a fresh process."""
        ours, theirs = Pipe()
        asked, limits = self._asks()
        self.before = _in_bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        self.process = start_process(theirs, asked, limits)
        theirs.close()
        self.pipe, self.served, self.ready, self.stuck, self.told = ours, 0, False, False, 0.0

    def stop(self) -> int | None:
        """End the process and give its exit code (negative: a signal)."""
        if self.process is None:
            return None
        if self.pipe is not None:
            self.pipe.close()
        code, self.peak, cpu = _ended(self.process)
        if self.job is not None:
            self.job.cpu += max(0.0, cpu - self.told)
        self.process, self.pipe = None, None
        return code

    def take(self, job: _Job) -> None:
        """Hand a document to the process, starting one if there is none or the old one has served enough."""
        if self.process is not None and self.served >= self.limits.recycle:
            self.stop()
        self.job = job
        if self.process is None:
            self.start()
        assert self.pipe is not None
        self.deadline = time.monotonic() + (self.limits.wall if self.ready else _STARTING)
        # where it died, answer() finds out and says how
        with contextlib.suppress(BrokenPipeError, ConnectionResetError), self._handing():
            self.pipe.send_bytes(job.data)

    @contextlib.contextmanager
    def _handing(self) -> Iterator[None]:
        """While something is on its way over the pipe."""
        self.handed = time.monotonic() + _HANDING
        try:
            yield
        finally:
            self.handed = math.inf

    def end_if_stuck(self) -> None:
        """End the process if what is on its way over the pipe is not there in time; asked from another thread."""
        process = self.process
        if time.monotonic() > self.handed and process is not None:
            self.stuck = True
            process.kill()

    def answer(self) -> Reading | Failure | None:
        """Give the child's answer, or how it ended instead of answering; None if it only says that it has started."""
        assert self.pipe is not None
        try:
            with self._handing():
                answer = _understood(self.pipe.recv_bytes(_LONGEST))
        except (EOFError, OSError):
            code = self.stop()
            if self.stuck:
                return Failure(
                    reason="wall", detail=f"it stood still for {_HANDING:g} s with a document half handed over"
                )
            return ending(code, self.peak, self.before, self.limits.memory)
        if answer.reading is None and answer.failure is None:
            self.ready, self.deadline = True, time.monotonic() + self.limits.wall
            return None
        self.served += 1
        self.told += answer.cpu
        if self.job is not None:
            self.job.cpu += answer.cpu
        if answer.failure is not None:
            self.stop()
        return answer.failure or answer.reading

    def kill(self) -> Failure:
        """End a child whose wall time is over."""
        assert self.process is not None
        self.process.kill()
        self.stop()
        return Failure(reason="wall", detail=f"no answer within {self.limits.wall if self.ready else _STARTING:g} s")


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


def _ended(process: subprocess.Popen[bytes]) -> tuple[int, int, float]:
    """Wait for a process to end, for five seconds by itself: its exit code, the most memory it had, in bytes, and the
    seconds of CPU time that it used.
    """
    patience = time.monotonic() + 5
    if process.returncode is not None:
        return process.returncode, 0, 0.0
    while True:
        try:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
        except ChildProcessError:  # somebody else of this program has waited for it
            return process.wait(), 0, 0.0
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, _in_bytes(used.ru_maxrss), used.ru_utime + used.ru_stime
        if time.monotonic() > patience:
            process.kill()
        time.sleep(0.002)


def ending(code: int | None, peak: int, before: int, memory: int) -> Failure:
    """How a child ended that gave no answer: ``peak`` of the ``memory`` it may have, in bytes.

    Libraries that are refused memory end the process by a signal, as they do where they find an error of their own:
    which it was shows in how much they had. What this program had ``before`` counts as a child's own from its start.
    """
    if code == -signal.SIGXCPU:
        return Failure(reason="cpu", detail="the CPU time limit was reached")
    if code is None or code >= 0:
        return Failure(reason="crash", detail=f"the reading process ended with code {code}")
    name = signal.Signals(-code).name
    if -code in _REFUSED and peak > max(memory // 4, before):
        had = f"{peak >> 20} MB were taken when more was refused, {memory >> 20} MB are allowed in all"
        return Failure(reason="memory", detail=f"the memory limit was reached ({had}; signal {name})")
    return Failure(reason="crash", detail=f"the reading process ended by signal {name}")


def _in_bytes(told: int) -> int:
    """Memory as the system tells it of a process: in kilobytes, but for macOS."""
    return told if sys.platform == "darwin" else told * 1024


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
        spent: Callable[[str, float], object] | None = None,
    ) -> Iterator[tuple[str, Reading | Failure]]:
        """Yield ``(document, reading or failure)`` in the order given; bytes are fetched only when a child is free.

        ``spent`` is told of each document, as soon as it is read, the seconds of CPU time that it cost.
        """
        children = [_Child(self.target, self.plain, self.limits) for _ in range(max(1, self.workers))]
        source = iter(enumerate(documents))
        done: dict[int, tuple[str, Reading | Failure]] = {}
        out = taken = 0
        more = True
        over = threading.Event()
        threading.Thread(target=_watch, args=(children, over), name="reading watch", daemon=True).start()
        try:
            while True:
                for child in children:
                    if more and child.job is None and taken - out < 8 * len(children):
                        item = next(source, None)
                        more = item is not None
                        if item is not None:
                            index, (name, data) = item
                            child.take(_Job(index, name, data()))
                            taken += 1
                if not any(child.job for child in children):
                    return
                for job, answer in _settle(children):
                    if spent is not None:
                        spent(job.document, job.cpu)
                    done[job.index] = (job.document, answer)
                while out in done:
                    yield done.pop(out)
                    out += 1
        finally:
            over.set()
            for child in children:
                if child.job is not None and child.process is not None:
                    child.process.kill()
                child.stop()


def _watch(children: list[_Child], over: threading.Event) -> None:
    """End children that are stuck, until reading is over; all else that takes too long is found out while waiting."""
    while not over.wait(1.0):
        for child in children:
            child.end_if_stuck()


def _settle(children: list[_Child]) -> Iterator[tuple[_Job, Reading | Failure]]:
    """Wait for at least one busy child, and give what is finished; a failure in a used child is tried again."""
    busy = {child.pipe: child for child in children if child.job is not None and child.pipe is not None}
    patience = max(0.0, min(child.deadline for child in busy.values()) - time.monotonic())
    ready = wait(list(busy), timeout=patience)
    for pipe, child in busy.items():
        job, fresh = child.job, child.served == 0
        assert job is not None
        answer: Reading | Failure | None
        if pipe in ready:
            answer = child.answer()
        elif time.monotonic() >= child.deadline:
            answer = child.kill()
        else:
            answer = None
        if answer is None:
            continue
        if not child.ready and isinstance(answer, Failure):
            message = (
                f"the reader could not be started ({answer.detail}); no more was read, what was read before is kept. "
                "Most often there is too little memory: see what ulimit -v and free -m say, and ask for fewer --workers"
            )
            raise ReaderNotStartedError(message, code="reader_not_started", cause=answer.detail)
        child.job = None
        if isinstance(answer, Failure) and _tried_again(child, job, answer, fresh):
            continue
        if job.failure is not None:
            child.stop()
            answer = job.failure if isinstance(answer, Failure) else _plainer(answer, job.failure)
        yield job, answer


def _tried_again(child: _Child, job: _Job, failure: Failure, fresh: bool) -> bool:
    """Ask a fresh child, then plainer readers; False when all have been asked."""
    if not fresh and not job.retried and failure.reason not in _OF_ITS_OWN:
        job.retried = True
    elif job.asked < len(child.plain):
        job.failure = job.failure or failure
        job.asked += 1
    else:
        return False
    child.stop()
    child.take(job)
    return True


def _plainer(reading: Reading, failure: Failure) -> Reading | Failure:
    """The reading with what became of the rest; the failure if there is nothing in it but the kind of the document."""
    if not reading.text and not reading.cells:
        return replace(failure, kind=reading.kind)
    return replace(
        reading, findings=(failure_finding(failure.reason, failure.detail, otherwise=True), *reading.findings)
    )
