"""What tests, and the programs forked for them, need not wait for: a disk, the loading of the reader, and an empty
archive's tables, which are copied from the first that was made.

All are as they are outside of tests in programs that are started anew, and in the tests that are about them.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import cache
from multiprocessing import current_process
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.engine import Engine

from archive.projection import workers
from storage import database
from tests import forking

START_PROCESS = workers.start_process
_sqlite_engine = database.sqlite_engine
MIGRATE = database.Database.migrate


def take() -> None:
    """Take them in this process, and in what is forked from it."""
    os.fsync = lambda _: None
    database.sqlite_engine = _engine
    database.Database.migrate = _migrate_by_copy  # type: ignore[method-assign]
    workers.start_process = _start_reader  # type: ignore[assignment]


def _engine(url: str, pragmas: tuple[str, ...], attach: str | None, *, read_only: bool = False) -> Engine:
    """Without waiting for the disk: what a test writes need not survive a power cut."""
    return _sqlite_engine(url, (*pragmas, "synchronous=OFF"), attach, read_only=read_only)


def _migrate_by_copy(one: database.Database) -> None:
    """All migrations of an empty database take a tenth of a second, and the tests make hundreds."""
    if not one.is_sqlite or one.state() != "absent":
        MIGRATE(one)
        return
    with closing(sqlite3.connect(":memory:")) as migrated, closing(one.engine.raw_connection()) as connection:
        migrated.deserialize(migrated_database())
        empty: Any = connection.driver_connection
        migrated.backup(empty)


@cache
def migrated_database() -> bytes:
    """The bytes of an empty SQLite database with this version's tables."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "truth.sqlite"
        made = database.Database(f"sqlite:///{path}")
        MIGRATE(made)
        made.close()
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA journal_mode=DELETE")  # one in memory has no write-ahead log
            return file.serialize()


def _start_reader(pipe: Connection, target: str, limits: workers.WorkerLimits) -> object:
    """Forked; but anew by a process of a queue's worker, which knows no server to fork from."""
    start = START_PROCESS if current_process().daemon else forking.start_reader
    return start(pipe, target, limits)
