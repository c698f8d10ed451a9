"""Portals that wait for a worker: first come, first served, but never two that ask one machine at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from time import monotonic


class Waiting:
    """The queue between the clock and the crawls. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: dict[str, frozenset[str]] = {}
        self._busy: dict[str, frozenset[str]] = {}
        self._closed = False
        self._held_until: float | None = None

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
                patience = self._patience()
                taken = set().union(*self._busy.values())
                for portal, machines in self._wanted.items():
                    if not machines & taken and patience == 0:
                        self._busy[portal] = self._wanted.pop(portal)
                        return portal
                self._changed.wait(patience or None)
            return None

    def _patience(self) -> float:
        """Seconds until a portal may be given out: 0 for at once; what is held back is tried with one at a time."""
        if self._held_until is None:
            return 0
        left = self._held_until - monotonic()
        return max(left, 1.0) if left > 0 or self._busy else 0

    def hold(self, seconds: float) -> None:
        """Give out nothing for so long, then one portal at a time, until :meth:`go_on`."""
        with self._changed:
            self._held_until = monotonic() + seconds

    def go_on(self) -> None:
        """Give out portals as ever."""
        with self._changed:
            self._held_until = None
            self._changed.notify_all()

    def back(self, portal: str) -> None:
        """Put a portal back that was taken and not crawled."""
        with self._changed:
            machines = self._busy.pop(portal, None)
            if machines is not None:
                self._wanted = {portal: machines, **self._wanted}
            self._changed.notify_all()

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
