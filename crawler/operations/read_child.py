"""The reading of one portal in this process, a worker that ``jobs.py`` starts.

The archive is that of ``NIANBAO_ARCHIVE``. Standard output carries notes as JSON lines, standard error what went wrong.
"""

from __future__ import annotations

import json
import sys

from archive.projection.update import update
from storage.errors import DiskError, StorageError, UnansweredError
from storage.home import open_home

DONE, UNFINISHED, HINDERED = 0, 3, 75


def main(portal: str, judge_only: bool = False, workers: int = 1) -> int:
    """Read what is unread of a portal (unless ``judge_only``), and judge it. Exit codes: 0 done, 3 could not finish,
    75 not now: a disk, the database or the object store keeps it from that.
    """
    try:
        with open_home() as home:
            report = update(home, [portal], read=not judge_only, workers=workers)
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return HINDERED if isinstance(error, DiskError | UnansweredError) else UNFINISHED
    for note in filter(None, (report.done, report.naming, *report.problems)):
        sys.stdout.write(json.dumps(note.plain, ensure_ascii=False) + "\n")
    return DONE
