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
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import IO, Self

from crawler.errors import CrawlError
from storage.home import Home
from storage.mending import run_holder
from storage.records import Note, Run

PRELOADED = ["crawler.preload"]  # modules that the server imports
MEMORY = 1 << 30  # bytes of its own that a worker may have; whatever portals send, crawls need less than 400 MB
_context = get_context("forkserver")
_lock = threading.Lock()  # each start reads the exit codes of workers that have ended, and one can be read only once


def start_server() -> None:
    """Start the server if it does not run yet; it imports while this program does something else."""
    _context.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def start_server_apart() -> None:
    """Start the server of worker processes so that a terminal's Ctrl-C reaches neither it nor them.

    They inherit that the signal is blocked, and the program that Ctrl-C does reach ends them in good order.
    """
    resource_tracker.ensure_running()  # it unblocks the signal again when it is started with the server
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        start_server()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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


# ------------------------------------------------------------------------------------------------ stopping


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set.

    A thread sets it: the main thread, which a signal interrupts anywhere, may hold the lock of the event just then, and
    a terminal's SIGINT is often followed by a SIGTERM at once.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, daemon=True).start())
    return stop


def is_under_way(home: Home, run: Run) -> bool:
    """Whether a process on this machine still works on a run."""
    return run.finished is None and run_holder(home, run.id) is not None


def stop_run(home: Home, run: Run) -> int:
    """Ask the process of a run to end, and give its number. Raises :class:`CrawlError` where there is none to ask."""
    holder = run_holder(home, run.id) if run.finished is None else None
    if holder is None or not holder.is_here or holder.process is None:
        machine = (holder.machine if holder is not None else None) or "-"
        message = f"no process on this machine works on run {run.id} (ended: {run.outcome}; machine: {machine})"
        raise CrawlError(message, code="run.no_process", run=run.id, outcome=run.outcome or "-", machine=machine)
    os.kill(holder.process, signal.SIGTERM)
    return holder.process
