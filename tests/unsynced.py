"""Nothing that a test writes waits for the disk: it need not survive a power cut.

Imported by the tests and by the server from which their programs are forked. Programs that are started anew wait.
"""

from __future__ import annotations

import os

from sqlalchemy.engine import Engine

from storage import database

_sqlite_engine = database.sqlite_engine


def _engine(url: str, pragmas: tuple[str, ...], attach: str | None, *, read_only: bool = False) -> Engine:
    return _sqlite_engine(url, (*pragmas, "synchronous=OFF"), attach, read_only=read_only)


def stop_syncing() -> None:
    """Let neither our files nor SQLite's wait."""
    os.fsync = lambda _: None
    database.sqlite_engine = _engine
