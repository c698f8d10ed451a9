"""Worker processes, each forked from a server that has imported what they need; none outlives its program.

The server is that of ``multiprocessing`` (start method ``forkserver``). It has no thread, no reactor and no connection
to a database, so a worker inherits nothing that another could disturb.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import forkserver, get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import IO, Self

from storage.records import Note

PRELOADED = ["crawler.preload"]  # modules that the server imports
MEMORY = 1 << 30  # bytes of its own that a worker may have; whatever portals send, crawls need less than 400 MB
_context = get_context("forkserver")
_lock = threading.Lock()  # each start reads the exit codes of workers that have ended, and one can be read only once


def start_server() -> None:
    """Start the server if it does not run yet; it imports while this program does something else."""
    _context.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def end_with(pipe: int) -> None:
    """Kill this process as soon as the other end of a pipe is closed, by its holder or because that has ended.

    Nothing is ever written into the pipe: it is the sentinel of a parent process, or a standard input kept open.
    """

    def watch() -> None:
        wait([pipe])
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()


def say(event: str, note: Note) -> None:
    """Say in a worker what happens, as a line ``[event, note]`` of JSON, to the program that follows it."""
    sys.stdout.write(json.dumps([event, note.plain], ensure_ascii=False) + "\n")
    sys.stdout.flush()


class WorkerProcess:
    """A process that runs ``work(*arguments)`` and ends with the exit code that this returns. Use as a context manager.

    ``last_error``: the last line of its standard error.
    """

    def __init__(self, work: Callable[..., int], *arguments: object, environment: Mapping[str, str]) -> None:
        self._lines, their_output = _pipe()
        errors, their_errors = _pipe()
        self.last_error = ""
        self._process = _context.Process(
            target=_run, args=(work, arguments, dict(environment), their_output, their_errors), daemon=True
        )
        with their_output, their_errors, _lock:
            start_server()
            self._process.start()
        self._reader = threading.Thread(target=self._read_errors, args=(errors,), daemon=True)
        self._reader.start()

    def events(self) -> Iterator[tuple[str, Note]]:
        """Return what it says, until it ends."""
        for line in self._lines:
            try:
                event, plain = json.loads(line)
                note = Note.of(plain)
            except (ValueError, TypeError):  # a line that a library printed
                continue
            yield str(event), note

    def wait(self) -> int:
        """Wait for the process to end and return its exit code; that of a signal is negative."""
        wait([self._process.sentinel])
        with _lock:
            self._process.join()
        self._reader.join(timeout=5)  # what the worker has started may hold its standard error open
        code = self._process.exitcode
        assert code is not None
        return code

    def terminate(self) -> None:
        """Ask the process to end in good order."""
        self._process.terminate()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._lines.close()
        self.terminate()  # does nothing where it was waited for
        self.wait()

    def _read_errors(self, errors: IO[str]) -> None:
        with errors:
            for line in errors:
                self.last_error = line.strip() or self.last_error


def _pipe() -> tuple[IO[str], Connection]:
    """The end of a pipe from which we read lines, and the end that a worker can be given."""
    ours, theirs = os.pipe()
    return os.fdopen(ours, encoding="utf-8", errors="replace"), Connection(theirs, readable=False)


def _run(
    work: Callable[..., int],
    arguments: tuple[object, ...],
    environment: dict[str, str],
    output: Connection,
    errors: Connection,
) -> None:
    """Run in the worker. The server was started with another environment, and maybe without standard streams."""
    parent = parent_process()
    assert parent is not None
    end_with(parent.sentinel)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout = os.fdopen(os.dup2(output.fileno(), 1), "w", 1, "utf-8", closefd=False)
    sys.stderr = os.fdopen(os.dup2(errors.fileno(), 2), "w", 1, "utf-8", "backslashreplace", closefd=False)
    output.close()
    errors.close()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    gc.freeze()  # what is held by now is held to the end: it is never looked through for garbage
    sys.exit(work(*arguments))
