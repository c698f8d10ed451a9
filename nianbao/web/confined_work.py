"""Work on a document that a portal sent, in a process that gives up files, connections and programs and has limits.

Documents are hostile: a page may cost far more to clean than its size, a PDF may attack what draws it.
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
    """The process reached one of its limits, or could not do its work."""


class BusyError(Exception):
    """Others held all places for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfinedWork:
    """Processes for one kind of work, two at once.

    ``cpu_seconds``: of one, by the clock of the CPU; ``memory``: bytes; ``seconds``: how long one may take on a busy
    machine, and how long is waited for others.
    """

    cpu_seconds: int
    memory: int
    seconds: float
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for one process. Raises BusyError."""
        if not self.places.acquire(timeout=self.seconds):
            raise BusyError
        try:
            yield
        finally:
            self.places.release()

    def run(self, function: str, task: object, document: bytes) -> bytes:
        """Call ``module:function`` with a document and what is ``given`` in a process of its own.

        Raises TimeoutError and CostlyError.
        """
        head = {"function": function, "given": task, "cpu_seconds": self.cpu_seconds, "memory": self.memory}
        try:
            process = subprocess.run(
                [sys.executable, "-m", "nianbao.web.confined_work"],
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
    """Read what is to be done and a document from standard input; write the result."""
    import resource  # noqa: PLC0415 - these only in the process that works

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
