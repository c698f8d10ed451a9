"""Compute a mark that differs after every change of an archive's databases, so that old answers are not reused.

The mark may also change when nothing did (a write was rolled back, another database on the same server changed), but
it never stays the same after a change.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url, text

from storage.home import Home

_FILES = ("", "-wal")  # endings of SQLite's files: committed data may be in either


class ArchiveChange(NamedTuple):
    """The last change of an archive. ``mark``: 16 hexadecimal characters, different after every change; ``at``: when a
    database file was last written, None if the databases are not files.
    """

    mark: str
    at: datetime | None


def last_change(home: Home) -> ArchiveChange:
    """Return the mark of an archive's state (a digest that any write changes), and when its files were last written."""
    files = []
    for path in _database_paths(home.truth.url, home.projection_url):
        with suppress(FileNotFoundError):
            files.append((path, path.stat()))
    state = [f"{path.name} {stat.st_ino} {stat.st_mtime_ns} {stat.st_size}" for path, stat in files]
    if not home.truth.is_sqlite:
        with home.truth.read() as connection:
            state.append(str(connection.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()))
    written = max([stat.st_mtime for _, stat in files], default=None)
    return ArchiveChange(
        mark=hashlib.sha256("\n".join(state).encode()).hexdigest()[:16],
        at=None if written is None else datetime.fromtimestamp(written, UTC),
    )


@lru_cache
def _database_paths(*urls: str) -> tuple[Path, ...]:
    """Return the files that may contain these databases; none for a PostgreSQL server."""
    parsed = map(make_url, urls)
    names = {url.database for url in parsed if url.get_backend_name() == "sqlite" and url.database}
    return tuple(Path(name + ending) for name in sorted(names) for ending in _FILES)
