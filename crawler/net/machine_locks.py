"""Two crawls never ask the same machine at once: a lock per cluster, or per host.

Taken before the first request and given back one delay after the last, so that the gap holds across processes too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Protocol

from storage.locks import Locks


class Located(Protocol):
    """What of a portal says which machines it asks."""

    cluster: str | None
    hosts: tuple[str, ...]


def lock_names(portal: Located | type[Located]) -> list[str]:
    """Return what a crawl of the portal must hold: its cluster, or each of its hosts (sub-domains: the domain).

    Hosts of a wrong type hold nothing: the crawl's own process says so, before it asks for anything.
    """
    if portal.cluster:
        return [f"cluster-{portal.cluster}"]
    hosts = portal.hosts if isinstance(portal.hosts, tuple) else ()
    return sorted({re.sub(r":\d+$", "", str(host)).strip(".").removeprefix("www.") for host in hosts})


def machine_of(known: Mapping[str, type[Located]], name: str) -> str:
    """Return the machine that a portal asks; its own name where no file says."""
    return next(iter(lock_names(known[name])), name) if name in known else name


class MachineLocks:
    """The locks of one crawl, held from the making until :meth:`release`.

    Waits for whoever holds them, and calls ``waiting`` with the lock's name before it does.
    """

    def __init__(self, locks: Locks, names: list[str], delay: float, waiting: Callable[[str], object] = str) -> None:
        self.delay = delay
        self._locks = locks
        self._stack = ExitStack()
        for name in sorted(names):  # in order, so that nobody waits in a circle
            locks.take(name, waiting)
            self._stack.callback(locks.release, name)

    def release(self) -> None:
        """Give the locks back, one delay from now."""
        time.sleep(self.delay)
        self._stack.close()
