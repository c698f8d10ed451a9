"""CPU time used by this process and by the child processes that it has waited for."""

from __future__ import annotations

import resource
from multiprocessing import forkserver


def cpu_seconds(*, children_only: bool = False) -> float:
    """Return the CPU seconds used so far."""
    processes = (resource.RUSAGE_CHILDREN,) if children_only else (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(usage) for usage in processes]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def end_server() -> None:
    """End the server process of the crawls, so that their CPU time is counted; the next crawl starts another."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
