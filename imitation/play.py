"""Let days pass on the imitation portals: set the clock, call back, go on to the next day."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from imitation.server import ImitationPortals
from storage.clock import NOW, OFFSET
from storage.home import Home, open_home

Result = TypeVar("Result")


def play_days(
    home: Home,
    days: Iterable[datetime] | None = None,
    *,
    crawl: Callable[[Home, datetime], Result],
    portals: ImitationPortals | None = None,
) -> list[Result]:
    """Call ``crawl`` once for each day (by default the scenario's days), and return its results.

    ``crawl`` gets the archive opened with that day's clock, which processes that it starts inherit. ``portals`` that
    are running already get the same clock; otherwise they run during this call. Raises ValueError for an archive that
    is not simulated.
    """
    if portals is None:
        with ImitationPortals(home.path) as own:
            return play_days(home, days, crawl=crawl, portals=own)
    results = []
    for day in days or portals.scenario.days:
        portals.set_now(day)
        with on(day), open_home(home.path) as today:
            results.append(crawl(today, day))
    return results


@contextmanager
def on(day: datetime) -> Iterator[None]:
    """In the block, set the clock of simulated archives in this process and its child processes."""
    previous = {name: os.environ.pop(name, None) for name in (NOW, OFFSET)}
    os.environ[NOW] = day.isoformat()
    try:
        yield
    finally:
        for name, value in previous.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
