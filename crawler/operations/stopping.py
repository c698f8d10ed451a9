"""End a crawl that is under way in good order; what it fetched is kept, and the next one goes on there."""

from __future__ import annotations

import os
import signal

from crawler.errors import CrawlError
from storage.cut_runs import run_locks
from storage.home import Home
from storage.records import Run


def is_under_way(home: Home, run: Run) -> bool:
    """Whether a process on this machine still works on a run."""
    return run.finished is None and run_locks(home).holder(run.id) is not None


def stop_run(home: Home, run: Run) -> int:
    """Ask the process of a run to end, and give its number. Raises :class:`CrawlError` where there is none to ask."""
    if run.finished is not None:
        raise CrawlError(
            f"run {run.id} has ended already ({run.outcome})", code="run.ended", run=run.id, outcome=run.outcome
        )
    holder = run_locks(home).holder(run.id)
    if holder is None:
        raise CrawlError(
            f"no process on this machine holds run {run.id}; nianbao doctor ends runs that were cut short",
            code="run.no_process", run=run.id,
        )  # fmt: skip
    if not holder.is_here or holder.process is None:
        machine = holder.machine or "?"
        raise CrawlError(
            f"run {run.id} is under way on another machine ({machine}); stop it there",
            code="run.elsewhere", run=run.id, machine=machine,
        )  # fmt: skip
    os.kill(holder.process, signal.SIGTERM)
    return holder.process
