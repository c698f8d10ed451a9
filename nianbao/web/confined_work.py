"""Process documents of portals in a child process without files, network and programs, with limits on time and memory.

Documents are hostile: cleaning a small page may take very long, and a PDF may attack the library that draws it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from threading import BoundedSemaphore
from typing import Any


class CostlyError(Exception):
    """The child process reached one of its limits, or failed."""


class BusyError(Exception):
    """Other requests used all child processes for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfinedWork:
    """Child processes for one kind of work, at most two at once.

    ``cpu_seconds`` and ``memory`` (bytes): limits of one process; ``seconds``: how long one may take by the clock, and
    how long a request waits for a free one.
    """

    cpu_seconds: int
    memory: int
    seconds: float
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for a process in the block, once one is free; callers of :meth:`run` do so. Raises BusyError."""
        if not self.slots.acquire(timeout=self.seconds):
            raise BusyError
        try:
            yield
        finally:
            self.slots.release()

    def run(self, function: str, task: object, document: bytes) -> bytes:
        """Call ``module:function`` with a document and a ``task`` (JSON) in a child process; return its result.

        Raises TimeoutError and CostlyError.
        """
        head = {"function": function, "given": task, "cpu_seconds": self.cpu_seconds, "memory": self.memory}
        try:
            process = subprocess.run(
                [sys.executable, "-P", "-m", "nianbao.web.confined_work"],
                input=json.dumps(head).encode() + b"\n" + document,
                capture_output=True,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        if process.returncode:
            raise CostlyError
        return process.stdout


def main() -> None:
    """Run in the child process: read a task and a document from standard input, write the result to standard output."""
    import resource  # noqa: PLC0415 - only the child process needs these

    from archive.projection.confinement import confine  # noqa: PLC0415

    head = json.loads(sys.stdin.buffer.readline())
    module, _, name = head["function"].partition(":")
    work: Callable[[bytes, Any], bytes] = getattr(import_module(module), name)
    confine()
    resource.setrlimit(resource.RLIMIT_DATA, (head["memory"], head["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (head["cpu_seconds"], head["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(work(sys.stdin.buffer.read(), head["given"]))


if __name__ == "__main__":
    main()
