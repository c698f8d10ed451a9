"""The child process that reads documents one by one, each under limits. ``workers.py`` starts it as a program.

It is confined before it loads any library that opens documents, and it answers in JSON. So a document that takes it
over cannot reach anything, nor make the parent run code.
"""

from __future__ import annotations

import gc
import json
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pkgutil import resolve_name

from archive.projection.confinement import confine
from storage import mapping
from storage.records import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """Bounds for one document: ``memory`` in bytes of the child's private memory, ``cpu`` and ``wall`` in seconds.
    ``again``: CPU seconds of each further try with a cheaper reader. ``recycle``: documents after which a child is
    replaced. ``wall`` is far above ``cpu``, so that a busy machine does not decide what can be read. Recognising a page
    of a scan takes up to 2.5 s and, at its peak, almost 1 GB.
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
class ReaderAnswer:
    """A child's answer: a document's reading or failure and its cost in ``cpu`` seconds; without both: it is ready."""

    reading: Reading | None = None
    failure: Failure | None = None
    cpu: float = 0.0


def collect_seldom(objects: int = 20_000) -> None:
    """Collect garbage seldom (after so many new ``objects``), and never look through what is loaded for good. Reference
    counts free a document's objects already; looking for cycles would cost up to a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(objects, 10, 10)


def _apply_limits(limits: WorkerLimits) -> None:
    """Limit this process's private memory, forbid core dumps, and leave an interrupt to the parent."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory * 4, limits.memory * 4))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _allow_cpu(seconds: int) -> None:
    """Allow ``seconds`` more of CPU time; past them the kernel ends this process with SIGXCPU."""
    limit = int(time.process_time()) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def serve(pipe: Connection, target: str, limits: WorkerLimits) -> None:
    """Read documents from the pipe by function ``target`` (``module:function``) and send a reading or failure for each,
    until the pipe closes. First give up all rights (``confine``); if that fails, send a failure and return.
    """
    try:
        confine()
        read: Callable[[bytes], Reading] = resolve_name(target)
    except Exception as error:  # noqa: BLE001  told to the parent, which raises it as its own
        pipe.send_bytes(_failure("start", f"{type(error).__name__}: {error}"))
        return
    collect_seldom()
    _apply_limits(limits)
    message = _encoded_answer(ReaderAnswer())  # ready: from now on the time counts for the document
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(message)
            data = pipe.recv_bytes()
            _allow_cpu(limits.cpu)
            message = _answer_to(data, read)


def _answer_to(data: bytes, read: Callable[[bytes], Reading]) -> bytes:
    """Read one document and return the encoded answer; after a failure the parent replaces this process."""
    began = time.process_time()
    try:
        return _encoded_answer(ReaderAnswer(reading=read(data), cpu=time.process_time() - began))
    except MemoryError:
        return _failure("memory", "the memory limit was reached", time.process_time() - began)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  native panics are BaseExceptions
        return _failure("exception", f"{type(error).__name__}: {error}", time.process_time() - began)


def _encoded_answer(answer: ReaderAnswer) -> bytes:
    return mapping.to_json(answer).encode("ascii")


def _failure(reason: str, detail: str, cpu: float = 0.0) -> bytes:
    return _encoded_answer(ReaderAnswer(failure=Failure(reason=reason, detail=detail[:300]), cpu=cpu))


def main(arguments: list[str]) -> None:
    """Serve on the inherited file descriptor ``arguments[0]`` with the reader and limits named after it."""
    serve(Connection(int(arguments[0])), arguments[1], WorkerLimits(**json.loads(arguments[2])))


if __name__ == "__main__":
    main(sys.argv[1:])
