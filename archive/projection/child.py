"""The child that reads: one document after the other, each under its limits. Started as a program by ``workers.py``.

It is confined before it loads a library that opens documents, and it answers in JSON: whoever takes it over can neither
reach anything nor have its parent run code.
"""

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

from archive.projection.confinement import confine
from storage import mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a child says: what became of a document, and the seconds of ``cpu`` that it cost; neither reading nor
    failure: it has started.
    """

    reading: Reading | None = None
    failure: Failure | None = None
    cpu: float = 0.0


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


def _used() -> float:
    """Seconds of CPU time that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _allow_cpu(seconds: int) -> None:
    """Allow ``seconds`` more of CPU time; past them the kernel ends this process with SIGXCPU."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(_used()) + 1 + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _load(target: str) -> Callable[[bytes], Reading]:
    module, _, name = target.partition(":")
    return cast("Callable[[bytes], Reading]", getattr(import_module(module), name))


def serve(pipe: Connection, target: str, limits: WorkerLimits) -> None:
    """Read documents until the pipe closes (also when the parent was killed)."""
    try:
        confine()
        read = _load(target)
    except Exception as error:  # noqa: BLE001  told to the parent, which raises it as its own
        pipe.send_bytes(_refused("start", f"{type(error).__name__}: {error}"))
        return
    collect_seldom()
    _limit(limits)
    pipe.send_bytes(_encoded(Answer()))  # ready: from now on the time is the document's
    while True:
        try:
            data = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        _allow_cpu(limits.cpu)
        began = _used()
        failed = False
        try:
            message = _encoded(Answer(reading=read(data), cpu=_used() - began))
        except MemoryError:
            failed, message = True, _refused("memory", "the memory limit was reached", _used() - began)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  native panics are BaseExceptions; the child reports and is replaced
            failed, message = True, _refused("exception", f"{type(error).__name__}: {error}", _used() - began)
        pipe.send_bytes(message)
        if failed:
            return


def _encoded(answer: Answer) -> bytes:
    return mapping.to_json(answer).encode("ascii")


def _refused(reason: str, detail: str, cpu: float = 0.0) -> bytes:
    return _encoded(Answer(failure=Failure(reason=reason, detail=detail[:300]), cpu=cpu))


def main(arguments: list[str]) -> None:
    """Serve on the inherited file descriptor ``arguments[0]`` with the reader and limits named after it."""
    serve(Connection(int(arguments[0])), arguments[1], WorkerLimits(**json.loads(arguments[2])))


if __name__ == "__main__":
    main(sys.argv[1:])
