"""End in good order what is under way, a crawl or a process that runs on; what was fetched is kept, and the next one
goes on there.
"""

from __future__ import annotations

import os
import signal
from multiprocessing import resource_tracker
from threading import Event, Thread

from crawler.errors import CrawlError
from crawler.processes import start_server
from storage.home import Home
from storage.mending import run_holder
from storage.records import Run


def stop_on_signals() -> Event:
    """Return an event that SIGTERM and Ctrl-C set.

    A thread sets it: the main thread, which a signal interrupts anywhere, may hold the lock of the event just then, and
    a terminal's SIGINT is often followed by a SIGTERM at once.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=stop.set, daemon=True).start())
    return stop


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
