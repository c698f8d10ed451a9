"""Days go by on the imitation portals: move the clock, call back, move on."""

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
    """Let ``crawl`` run once a day (the scenario's, by default), and give back what it returned.

    ``crawl`` gets the archive opened with the clock of that day; processes it starts inherit this clock. ``portals``
    that are running already are moved along; otherwise they run for as long as this call. Raises ValueError for an
    archive that is not simulated.
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
    """Set the clock of simulated archives in this process and its children; undone at the end."""
    before = {name: os.environ.pop(name, None) for name in (NOW, OFFSET)}
    os.environ[NOW] = day.isoformat()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
