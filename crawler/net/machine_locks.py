"""Locks by which two crawls never ask the same machine at once: one for each cluster, or for each host.

A crawl takes them before its first request and releases them one delay after its last, so that there is a gap between
two crawls too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Protocol

from storage.locks import Locks


class Located(Protocol):
    """The attributes of a portal that determine the machines it asks."""

    cluster: str | None
    hosts: tuple[str, ...]


def lock_names(portal: Located | type[Located]) -> list[str]:
    """Return the names of the locks for a crawl of the portal: its cluster, or each of its hosts (the domain for
    sub-domains). Hosts of a wrong type are ignored here: the crawl itself reports them before its first request.
    """
    if portal.cluster:
        return [f"cluster-{portal.cluster}"]
    hosts = portal.hosts if isinstance(portal.hosts, tuple) else ()
    return sorted({re.sub(r":\d+$", "", str(host)).strip(".").removeprefix("www.") for host in hosts})


def machine_of(known: Mapping[str, type[Located]], name: str) -> str:
    """Return the first lock name of a portal, which stands for its machine; its own name if it has none."""
    return next(iter(lock_names(known[name])), name) if name in known else name


class MachineLocks:
    """The locks of one crawl, taken when this is made and held until :meth:`release`.

    If another crawl holds a lock, calls ``waiting`` with the lock's name and waits.
    """

    def __init__(self, locks: Locks, names: list[str], delay: float, waiting: Callable[[str], object] = str) -> None:
        self.delay = delay
        self._locks = locks
        self._stack = ExitStack()
        for name in sorted(names):  # in order, against deadlocks
            locks.take(name, waiting)
            self._stack.callback(locks.release, name)

    def release(self) -> None:
        """Wait for one delay, then release the locks."""
        time.sleep(self.delay)
        self._stack.close()
