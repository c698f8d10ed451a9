"""Two crawls never ask the same machine at once: a lock per cluster, or per host, in ``<archive>/locks``.

Taken before the first request and given back one delay after the last, so that the gap holds across processes too.
"""

from __future__ import annotations

import fcntl
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from storage.errors import cannot_write


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


class MachineLocks:
    """The locks of one crawl, held from the making until :meth:`release`.

    Waits for whoever holds them, and calls ``waiting`` with the lock's name before it does.
    """

    def __init__(self, folder: Path, names: list[str], delay: float, waiting: Callable[[str], object] = str) -> None:
        self.delay = delay
        self._stack = ExitStack()
        for name in sorted(names):  # in order, so that nobody waits in a circle
            path = folder / f"{name}.lock"
            try:
                folder.mkdir(exist_ok=True)
                handle = self._stack.enter_context(path.open("w"))
            except OSError as error:
                raise cannot_write(path, error) from error
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting(name)
                fcntl.flock(handle, fcntl.LOCK_EX)

    def release(self) -> None:
        """Give the locks back, one delay from now."""
        time.sleep(self.delay)
        self._stack.close()
