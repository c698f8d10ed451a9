"""Reading in child processes, so that a document that crashes, hangs or bursts costs itself and nothing else.

A child serves one document at a time over a pipe, under limits on memory, CPU and wall time, and is recycled. What
it cannot read becomes a :class:`Failure` with a reason (``memory``, ``cpu``, ``wall``, ``crash``, ``exception``); a
failure in a child that had served others is tried once more in a fresh one, so that the verdict does not depend on the
neighbours. Results come back in the order of the documents given.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from storage.errors import StorageError
from storage.records import Reading

READER = "archive.parser.reader:read"
_STARTING = 120.0  # seconds that a busy machine may take to start a child


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """Bounds for one document: ``memory`` in bytes of the child's private memory, ``cpu`` and ``wall`` in seconds.

    ``recycle``: documents after which a child is replaced. ``wall`` is far above ``cpu``, so that a busy machine does
    not decide what can be read.
    """

    memory: int = 1 << 30
    cpu: int = 60
    wall: float = 300.0
    recycle: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a document could not be read: ``reason`` is a code, ``detail`` one line for people."""

    reason: str
    detail: str


class ReaderNotStartedError(StorageError):
    """No child could start reading: the installation is broken or memory is short, and no document is to blame."""


@dataclass(slots=True)
class _Job:
    """A document on its way: its place in the order, name, bytes, and whether a fresh child has been asked already."""

    index: int
    document: str
    data: bytes
    retried: bool = False


# ---------------------------------------------------------------------------------------------- in the child


def _limit(limits: WorkerLimits) -> None:
    """Take this process's limits: private memory, no core dumps, no output of native libraries on the terminal."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory * 4, limits.memory * 4))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _allow_cpu(seconds: int) -> None:
    """Allow ``seconds`` more of CPU time; past them the kernel ends this process with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _load(target: str) -> Callable[[bytes], Reading]:
    module, _, name = target.partition(":")
    return cast("Callable[[bytes], Reading]", getattr(import_module(module), name))


def _serve(pipe: Connection, target: str, limits: WorkerLimits) -> None:
    """Read documents until the pipe closes (also when the parent was killed)."""
    read = _load(target)
    _limit(limits)
    pipe.send(None)  # ready: from now on the time is the document's
    while True:
        try:
            data = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        _allow_cpu(limits.cpu)
        answer: Reading | Failure
        try:
            answer = read(data)
        except MemoryError:
            answer = Failure(reason="memory", detail="the memory limit was reached")
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  native panics are BaseExceptions; the child reports and is replaced
            answer = Failure(reason="exception", detail=f"{type(error).__name__}: {error}"[:300])
        pipe.send(answer)
        if isinstance(answer, Failure):
            return


# ---------------------------------------------------------------------------------------------- in the parent


@dataclass(slots=True)
class _Child:
    """One child process and what it is doing."""

    target: str
    limits: WorkerLimits
    process: Any = None
    pipe: Connection | None = None
    job: _Job | None = None
    served: int = 0
    ready: bool = False
    deadline: float = 0.0

    def start(self) -> None:
        """Start a fresh process."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.target, self.limits), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe, self.served, self.ready = ours, 0, False

    def stop(self) -> int | None:
        """End the process and give its exit code (negative: a signal)."""
        if self.process is None:
            return None
        if self.pipe is not None:
            self.pipe.close()
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        code = cast("int | None", self.process.exitcode)
        self.process, self.pipe = None, None
        return code

    def take(self, job: _Job) -> None:
        """Hand a document to the process, starting one if there is none or the old one has served enough."""
        if self.process is not None and self.served >= self.limits.recycle:
            self.stop()
        if self.process is None:
            self.start()
        assert self.pipe is not None
        self.job = job
        self.deadline = time.monotonic() + (self.limits.wall if self.ready else _STARTING)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died: answer() finds out and says how
            self.pipe.send_bytes(job.data)

    def answer(self) -> Reading | Failure | None:
        """Give the child's answer, or how it ended instead of answering; None if it only says that it has started."""
        assert self.pipe is not None
        try:
            answer = cast("Reading | Failure | None", self.pipe.recv())
        except (EOFError, OSError):
            return _ending(self.stop())
        if answer is None:
            self.ready, self.deadline = True, time.monotonic() + self.limits.wall
            return None
        self.served += 1
        if isinstance(answer, Failure):
            self.stop()
        return answer

    def kill(self) -> Failure:
        """End a child whose wall time is over."""
        self.process.kill()
        self.stop()
        return Failure(reason="wall", detail=f"no answer within {self.limits.wall:g} s")


def _ending(code: int | None) -> Failure:
    if code == -signal.SIGXCPU:
        return Failure(reason="cpu", detail="the CPU time limit was reached")
    if code is not None and code < 0:
        return Failure(reason="crash", detail=f"the reading process ended by signal {signal.Signals(-code).name}")
    return Failure(reason="crash", detail=f"the reading process ended with code {code}")


@dataclass(slots=True)
class Pool:
    """A few children reading documents. ``target`` names the reader as ``module:function`` from bytes to a Reading."""

    workers: int = 2
    limits: WorkerLimits = field(default_factory=WorkerLimits)
    target: str = READER

    def read(self, documents: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[tuple[str, Reading | Failure]]:
        """Yield ``(document, reading or failure)`` in the order given; bytes are fetched only when a child is free."""
        children = [_Child(self.target, self.limits) for _ in range(max(1, self.workers))]
        source = iter(enumerate(documents))
        done: dict[int, tuple[str, Reading | Failure]] = {}
        out = taken = 0
        more = True
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
                    done[job.index] = (job.document, answer)
                while out in done:
                    yield done.pop(out)
                    out += 1
        finally:
            for child in children:
                if child.job is not None and child.process is not None:
                    child.process.kill()
                child.stop()


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
            raise ReaderNotStartedError(
                f"the reader could not be started ({answer.detail}); nothing was read, what was read before is kept."
            )
        child.job = None
        if isinstance(answer, Failure) and not fresh and not job.retried:
            job.retried = True
            child.stop()
            child.take(job)
            continue
        yield job, answer
