"""Reads what was crawled, beside the crawls: asks now and then which runs have ended, and updates their portals."""

from __future__ import annotations

import logging
import threading
from datetime import date, timedelta

from archive.assessment.calendar import local_day
from archive.projection.update import UpdateReport, update
from crawler.operations.runs import Progress, ProgressEvent
from storage.errors import DiskError, note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import Note

EVERY = 5.0  # seconds between two questions
_TRY_AGAIN = 60.0  # likewise, after something went wrong
_WARNING = "failed"  # the event of what a person should hear of
_LATE = timedelta(minutes=2)  # so much later may a run's end be committed than another's that came after it
log = logging.getLogger(__name__)


def read_on(home: Home, progress: Progress, stop: threading.Event, *, every: float = EVERY, workers: int = 2) -> None:
    """Read what is unread, then what comes, until ``stop`` is set. ``progress`` is told what was read.

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
                _tell_done(update(home, names, workers=workers), progress)
            day = today
            done.update(run.id for run in ended)
            since = max([since, *(run.finished - _LATE for run in ended if run.finished is not None)])
            if broken:
                broken = ""
                progress(ProgressEvent.of(Note("reading_goes_on"), event="read"))
        except DiskError as error:  # told once; it is tried again when there may be room
            if not broken:
                progress(ProgressEvent.of(Note("reading_paused", {"why": note_of(error).plain}), event=_WARNING))
            broken, day, pause = str(error), None, _TRY_AGAIN
        except Exception:  # what could not be read now is still unread in a minute
            log.exception("reading was broken off")
            progress(ProgressEvent.of(Note("reading_broken_off"), event=_WARNING))
            pause = _TRY_AGAIN
        if stop.wait(pause):
            return


def _tell_done(report: UpdateReport, progress: Progress) -> None:
    if report.documents_read or report.judged:
        progress(ProgressEvent.of(report.done, event="read"))
    if report.naming is not None:
        progress(ProgressEvent.of(report.naming, event="read"))
    for problem in report.problems:
        progress(ProgressEvent.of(problem, event=_WARNING))
