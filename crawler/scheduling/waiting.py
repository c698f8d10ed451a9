"""Portals that wait for a worker: first come, first served, but never two that ask one machine at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Waiting:
    """The queue between the clock and the crawls. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: dict[str, frozenset[str]] = {}
        self._busy: dict[str, frozenset[str]] = {}
        self._closed = False

    def put(self, portal: str, machines: Iterable[str]) -> None:
        """Let a portal wait; one that waits or is being crawled already is left where it is."""
        with self._changed:
            if portal not in self._busy:
                self._wanted.setdefault(portal, frozenset(machines))
                self._changed.notify_all()

    def take(self) -> str | None:
        """The next portal whose machines nobody asks, once there is one; None when the queue is closed."""
        with self._changed:
            while not self._closed:
                taken = set().union(*self._busy.values())
                for portal, machines in self._wanted.items():
                    if not machines & taken:
                        self._busy[portal] = self._wanted.pop(portal)
                        return portal
                self._changed.wait()
            return None

    def done(self, portal: str) -> None:
        """Say that a portal taken is not being crawled any more."""
        with self._changed:
            self._busy.pop(portal, None)
            self._changed.notify_all()

    def drop(self, portal: str) -> None:
        """Take a portal out that waits; one that is being crawled goes on."""
        with self._changed:
            self._wanted.pop(portal, None)

    def close(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def held(self) -> frozenset[str]:
        """The portals that wait or are being crawled."""
        with self._changed:
            return frozenset(self._wanted) | frozenset(self._busy)
