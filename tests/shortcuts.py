"""What tests, and the programs forked for them, need not wait for: a disk, the loading of the reader, a new schema.

Each is as it is outside of tests in programs that are started anew, and in the tests that are about it.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import Engine, make_url

from archive.projection import workers
from storage import database
from tests import forking

START_PROCESS = workers.start_process
_sqlite_engine = database.sqlite_engine
_migrate = database.Database.migrate


def take() -> None:
    """Take them all in this process, and in what is forked from it."""
    os.fsync = lambda _: None
    database.sqlite_engine = _engine
    database.Database.migrate = _copy_schema  # type: ignore[method-assign]
    workers.start_process = forking.start_reader  # type: ignore[assignment]


def _engine(url: str, pragmas: tuple[str, ...], attach: str | None, *, read_only: bool = False) -> Engine:
    """Without waiting for the disk: what a test writes need not survive a power cut."""
    return _sqlite_engine(url, (*pragmas, "synchronous=OFF"), attach, read_only=read_only)


def _copy_schema(truth: database.Database) -> None:
    """Where no file is, write that of an archive in which nothing has happened."""
    path = Path(make_url(truth.url).database or "")
    if truth.is_sqlite and path.parent.is_dir() and not path.exists():
        path.write_bytes(new_truth())
    else:
        _migrate(truth)


@cache
def new_truth() -> bytes:
    """The file of a database with our schema and without rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "truth.sqlite"
        truth = database.Database(f"sqlite:///{path}")
        _migrate(truth)
        truth.close()
        return path.read_bytes()
