"""Reads what was crawled, beside the crawls: asks now and then which runs have ended, and updates their portals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date, timedelta

from archive.assessment.calendar import local_day
from archive.projection.update import UpdateReport, update
from storage.errors import DiskError
from storage.home import Home
from storage.observations import Observations

EVERY = 5.0  # seconds between two questions
_TRY_AGAIN = 60.0  # likewise, after something went wrong
_LATE = timedelta(minutes=2)  # so much later may a run's end be committed than another's that came after it
Tell = Callable[..., None]  # portal, sentence, level where it is no information
log = logging.getLogger(__name__)


def read_on(home: Home, tell: Tell, stop: threading.Event, *, every: float = EVERY, workers: int = 2) -> None:
    """Read what is unread, then what comes, until ``stop`` is set. ``tell(portal, sentence)`` says what was read.

    Once a day everything is judged anew: due dates pass without any crawl.
    """
    since = home.clock.now() - _LATE
    broken = ""  # why nothing can be read, as it was told
    done: set[str] = set()  # runs whose portals were read
    day: date | None = None
    while True:
        pause = every
        try:
            since = min(since, home.clock.now() - _LATE)  # our clock may have been set back
            ended = [run for run in Observations(home).ended_since(since) if run.id not in done]
            today = local_day(home.clock.now())
            names = None if today != day else {run.portal for run in ended}
            if names is None or names:
                _tell_of(update(home, names, workers=workers), tell)
            day = today
            done.update(run.id for run in ended)
            since = max([since, *(run.finished - _LATE for run in ended if run.finished is not None)])
            if broken:
                broken = ""
                tell("archive", "reading goes on")
        except DiskError as error:  # told once; it is tried again when there may be room
            if not broken:
                tell("archive", f"reading paused: {error}", "warning")
            broken, day, pause = str(error), None, _TRY_AGAIN
        except Exception:  # what could not be read now is still unread in a minute
            log.exception("reading was broken off")
            tell("archive", "reading was broken off by an error of ours; it is tried again", "warning")
            pause = _TRY_AGAIN
        if stop.wait(pause):
            return


def _tell_of(report: UpdateReport, tell: Tell) -> None:
    if report.documents_read or report.judged:
        about = ", ".join(report.judged[:3]) + (f" and {len(report.judged) - 3} more" if len(report.judged) > 3 else "")
        tell("archive", f"read {report.documents_read} documents; judged anew: {about or 'nothing'}")
    if report.naming:
        tell("archive", report.naming)
    for problem in report.problems:
        tell("archive", problem, "warning")
