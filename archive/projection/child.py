"""The child that reads: one document after the other, each under its limits. Started as a program by ``workers.py``."""

from __future__ import annotations

import gc
import json
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from typing import cast

from storage.records import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """Bounds for one document: ``memory`` in bytes of the child's private memory, ``cpu`` and ``wall`` in seconds.

    ``again``: CPU seconds of each further try with a reader that costs less, so that a document costs little more than
    ``cpu`` in all. ``recycle``: documents after which a child is replaced. ``wall`` is far above ``cpu``, so that a
    busy machine does not decide what can be read. Recognising a page of a scan takes up to 2.5 s and, at its peak,
    almost 1 GB.
    """

    memory: int = 3 << 29
    cpu: int = 150
    again: int = 20
    wall: float = 600.0
    recycle: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a document of this ``kind`` could not be read: ``reason`` is a code, ``detail`` one line for people."""

    reason: str
    detail: str
    kind: str = "unknown"


def collect_seldom() -> None:
    """Look for garbage seldom, and not in what is loaded for good.

    A document's objects are freed by their counts; looking through them for rings costs up to a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _limit(limits: WorkerLimits) -> None:
    """Take this process's limits: private memory, no core dumps; an interrupt is the parent's to handle."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory * 4, limits.memory * 4))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _allow_cpu(seconds: int) -> None:
    """Allow ``seconds`` more of CPU time; past them the kernel ends this process with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _load(target: str) -> Callable[[bytes], Reading]:
    module, _, name = target.partition(":")
    return cast("Callable[[bytes], Reading]", getattr(import_module(module), name))


def serve(pipe: Connection, target: str, limits: WorkerLimits) -> None:
    """Read documents until the pipe closes (also when the parent was killed)."""
    try:
        read = _load(target)
    except Exception as error:  # noqa: BLE001  told to the parent, which raises it as its own
        pipe.send(Failure(reason="start", detail=f"{type(error).__name__}: {error}"[:300]))
        return
    collect_seldom()
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


def main(arguments: list[str]) -> None:
    """Serve on the inherited file descriptor ``arguments[0]`` with the reader and limits named after it."""
    # by its full name, so that what is sent is known to the parent
    module = import_module("archive.projection.child")
    limits = module.WorkerLimits(**json.loads(arguments[2]))
    module.serve(Connection(int(arguments[0])), arguments[1], limits)


if __name__ == "__main__":
    main(sys.argv[1:])
