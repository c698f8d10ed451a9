"""CPU that was used by this process and by those it has waited for."""

from __future__ import annotations

import resource
from multiprocessing import forkserver


def cpu_seconds(*, children_only: bool = False) -> float:
    """Return the seconds of CPU so far."""
    processes = (resource.RUSAGE_CHILDREN,) if children_only else (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in processes]
    return sum(one.ru_utime + one.ru_stime for one in used)


def end_server() -> None:
    """End the server of the processes that crawls ran in, so that their CPU is known; the next crawl begins another."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
