"""A text that is another one after every change of an archive's databases: what was answered before may be asked anew.

It may also change where nothing did (a write that is rolled back, another database on the same server), never the
other way round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from os import stat_result as Stat  # noqa: N812
from pathlib import Path

from sqlalchemy import make_url, text

from storage.home import Home

_FILES = ("", "-wal")  # of SQLite: what is committed lies in either


def change_mark(home: Home) -> str:
    """The mark, as 16 hexadecimal characters."""
    said = [f"{path.name} {found.st_ino} {found.st_mtime_ns} {found.st_size}" for path, found in _files(home)]
    if not home.truth.is_sqlite:
        with home.truth.read() as connection:
            said.append(str(connection.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def last_changed(home: Home) -> datetime | None:
    """When a database file was last written; None where the databases are no files."""
    times = [found.st_mtime for _, found in _files(home)]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _files(home: Home) -> Iterator[tuple[Path, Stat]]:
    for path in _paths(home.truth.url, home.projection_url):
        with suppress(FileNotFoundError):
            yield path, path.stat()


@lru_cache
def _paths(*urls: str) -> tuple[Path, ...]:
    """The files in which databases may lie; none of a server's."""
    parsed = map(make_url, urls)
    names = {one.database for one in parsed if one.get_backend_name() == "sqlite" and one.database}
    return tuple(Path(name + ending) for name in sorted(names) for ending in _FILES)
