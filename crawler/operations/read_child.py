"""The reading of one portal, as the work of a process that ``runs.py`` starts; it says events (``progress.py``)."""

from __future__ import annotations

from archive.projection.update import update
from crawler.operations.progress import DONE, NOT_NOW, UNFINISHED, say
from storage.errors import DiskError, StorageError, UnansweredError, note_of
from storage.home import open_home


def main(portal: str, workers: int = 1) -> int:
    """Read what is unread of a portal, and judge it; return the exit code."""
    try:
        with open_home() as home:
            report = update(home, [portal], workers=workers)
    except StorageError as error:
        say("error", note_of(error))
        return NOT_NOW if isinstance(error, DiskError | UnansweredError) else UNFINISHED
    if report.documents_read or report.judged:
        say("read", report.summary)
    if report.naming is not None:
        say("read", report.naming)
    for problem in report.problems:
        say("failed", problem)
    return DONE
