"""Worker processes, forked from a server that has imported what they need; none runs longer than its program.

The server is that of ``multiprocessing`` (start method ``forkserver``). It has no thread, no reactor and no database
connection, so workers share no state.
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
from typing import Self

from crawler.errors import CrawlError
from storage.home import Home
from storage.mending import run_holder
from storage.records import Note, Run

#: Modules that the server imports, as every crawl needs them, which takes a second. None of them may start a thread,
#: install a reactor, open a database or read the environment, as ``crawler.settings`` does.
PRELOADED = [
    "crawler.operations.child", "crawler.cms", "crawler.pipelines", "crawler.net.capture",
    "crawler.net.download_handler", "scrapy.core.engine", "scrapy.squeues", "twisted.internet.asyncioreactor",
    "sqlalchemy.dialects.sqlite.pysqlite",
]  # fmt: skip
_ERROR_MAX_CHARS = 300
_SAFE_PATH = "PYTHONSAFEPATH"  # if it is set, Python imports nothing from the folder in which it starts
MEMORY = 1 << 30  # limit of a worker's data segment in bytes; crawls need less than 400 MB
_context = get_context("forkserver")
_lock = threading.Lock()  # starting a process reads exit codes of ended ones, and each can be read only once


def start_server() -> None:
    """Start the fork server, from which workers are forked, if it does not run; it imports modules in the background,
    none from the folder where the program was started. It and the workers inherit that a terminal's Ctrl-C is blocked:
    only the program gets it, and ends them in order.
    """
    others_are_safe = _SAFE_PATH in os.environ
    os.environ[_SAFE_PATH] = "1"
    resource_tracker.ensure_running()  # started here, as its start unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        _context.set_forkserver_preload(PRELOADED)
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if not others_are_safe:
            del os.environ[_SAFE_PATH]


def end_with(pipe: int) -> None:
    """Kill this process as soon as the other end of a pipe is closed, or the process that holds it ends.

    Nothing is ever written to the pipe: it is the sentinel of a parent process, or a standard input kept open.
    """

    def watch() -> None:
        wait([pipe])
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()


def say(event: str, note: Note) -> None:
    """Report an event from a worker to the program that started it, as a line ``[event, note]`` of JSON."""
    sys.stdout.write(json.dumps([event, note.as_json], ensure_ascii=False) + "\n")
    sys.stdout.flush()


class WorkerProcess:
    """A process that runs ``work(*arguments)``, which returns the exit code. Use it as a context manager."""

    def __init__(self, work: Callable[..., int], *arguments: object, environment: Mapping[str, str]) -> None:
        """Start ``work(*arguments)`` in a process whose environment is only ``environment``."""
        read_end, write_end = os.pipe()
        self._lines = os.fdopen(read_end, encoding="utf-8", errors="replace")  # standard output of the process
        output = Connection(write_end, readable=False)
        self._process = _context.Process(target=_run, args=(work, arguments, dict(environment), output), daemon=True)
        with output, _lock:
            start_server()
            self._process.start()

    def events(self) -> Iterator[tuple[str, Note]]:
        """Yield the events that the process reports (:func:`say`), until it ends."""
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
        self.terminate()  # does nothing if the process has ended
        self.wait()


def _run(
    work: Callable[..., int], arguments: tuple[object, ...], environment: dict[str, str], output: Connection
) -> None:
    """Run ``work`` in the worker, with our environment and output instead of those inherited from the fork server.

    Standard error is dropped: what a person must know is an event, also that ``work`` failed by an error of ours.
    """
    parent = parent_process()
    assert parent is not None
    end_with(parent.sentinel)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout = os.fdopen(os.dup2(output.fileno(), 1), "w", 1, "utf-8", closefd=False)
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open to the end
    os.dup2(sys.stderr.fileno(), 2)
    output.close()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    gc.freeze()  # existing objects stay to the end, so garbage collection can skip them
    try:
        code = work(*arguments)
    except Exception as error:  # noqa: BLE001 - of whatever kind: nobody else could tell of it
        say("error", Note("error", {"text": f"{type(error).__name__}: {error}"[:_ERROR_MAX_CHARS]}))
        code = 1
    sys.exit(code)


# ------------------------------------------------------------------------------------------------ stopping


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set.

    A thread sets it: a handler that did would wait forever if it interrupts the main thread while that holds the
    event's lock, as when a SIGTERM follows a SIGINT at once.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, daemon=True).start())
    return stop


def is_under_way(home: Home, run: Run) -> bool:
    """Whether a process still works on a run."""
    return run.finished is None and run_holder(home, run.id) is not None


def stop_run(home: Home, run: Run) -> int:
    """Ask the process of a run to end, and return its id. Raises :class:`CrawlError` if none runs on this machine."""
    holder = run_holder(home, run.id) if run.finished is None else None
    if holder is None or not holder.is_here or holder.process is None:
        machine = (holder.machine if holder is not None else None) or "-"
        raise CrawlError(code="run.no_process", run=run.id, outcome=run.outcome or "-", machine=machine)
    os.kill(holder.process, signal.SIGTERM)
    return holder.process
