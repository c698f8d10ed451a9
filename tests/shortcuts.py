"""What tests, and the programs forked for them, need not wait for: a disk, and the loading of the reader.

Both are as they are outside of tests in programs that are started anew, and in the tests that are about them.
"""

from __future__ import annotations

import os
from multiprocessing import current_process
from multiprocessing.connection import Connection

from sqlalchemy.engine import Engine

from archive.projection import workers
from storage import database
from tests import forking

START_PROCESS = workers.start_process
_sqlite_engine = database.sqlite_engine


def take() -> None:
    """Take both in this process, and in what is forked from it."""
    os.fsync = lambda _: None
    database.sqlite_engine = _engine
    workers.start_process = _start_reader  # type: ignore[assignment]


def _engine(url: str, pragmas: tuple[str, ...], attach: str | None, *, read_only: bool = False) -> Engine:
    """Without waiting for the disk: what a test writes need not survive a power cut."""
    return _sqlite_engine(url, (*pragmas, "synchronous=OFF"), attach, read_only=read_only)


def _start_reader(pipe: Connection, target: str, limits: workers.WorkerLimits) -> object:
    """Forked; but anew by a process of a queue's worker, which knows no server to fork from."""
    start = START_PROCESS if current_process().daemon else forking.start_reader
    return start(pipe, target, limits)
