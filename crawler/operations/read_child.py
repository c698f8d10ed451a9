"""Reads one portal in this process, which ``job_runner.py`` starts.

The archive is that of ``NIANBAO_ARCHIVE``. Standard output carries a JSON line for each event, ``read`` or
``failed``, with its note; standard error carries what went wrong.
"""

from __future__ import annotations

import json
import sys

from archive.projection.update import update
from storage.errors import DiskError, StorageError, UnansweredError, note_of
from storage.home import open_home
from storage.records import Note

DONE, UNFINISHED, HINDERED = 0, 3, 75


def main(portal: str, workers: int = 1) -> int:
    """Read what is unread of a portal, and judge it.

    Exit codes: 0 done; 3 could not finish; 75 not now, a disk, the database or the object store prevents it. The last
    event says why.
    """
    try:
        with open_home() as home:
            report = update(home, [portal], workers=workers)
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        _say("failed", note_of(error))
        return HINDERED if isinstance(error, DiskError | UnansweredError) else UNFINISHED
    if report.documents_read or report.judged:
        _say("read", report.done)
    if report.naming is not None:
        _say("read", report.naming)
    for problem in report.problems:
        _say("failed", problem)
    return DONE


def _say(event: str, note: Note) -> None:
    sys.stdout.write(json.dumps([event, note.plain], ensure_ascii=False) + "\n")
