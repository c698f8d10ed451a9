"""Let days pass on the imitation portals: set the clock, call back, go on to the next day."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import TypeVar
from unittest.mock import patch

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
    results = []
    with ImitationPortals(home.path) if portals is None else nullcontext(portals) as running:
        for day in days or running.scenario.days:
            running.set_now(day)
            with on(day), open_home(home.path) as today:
                results.append(crawl(today, day))
    return results


@contextmanager
def on(day: datetime) -> Iterator[None]:
    """In the block, set the clock of simulated archives in this process and its child processes."""
    with patch.dict(os.environ, {NOW: day.isoformat()}):
        os.environ.pop(OFFSET, None)
        yield
