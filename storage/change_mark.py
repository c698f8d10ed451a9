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
from typing import NamedTuple

from sqlalchemy import make_url, text

from storage.home import Home

_FILES = ("", "-wal")  # of SQLite: what is committed lies in either


class Change(NamedTuple):
    """The last change of an archive. ``mark``: 16 hexadecimal characters, other ones after every change; ``at``: when a
    database file was last written (None: the databases are no files).
    """

    mark: str
    at: datetime | None


def last_change(home: Home) -> Change:
    """What tells the state of an archive from all states before and after it."""
    files = [*_files(home)]
    state = [f"{path.name} {stat.st_ino} {stat.st_mtime_ns} {stat.st_size}" for path, stat in files]
    if not home.truth.is_sqlite:
        with home.truth.read() as connection:
            state.append(str(connection.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()))
    written = max([stat.st_mtime for _, stat in files], default=None)
    return Change(
        mark=hashlib.sha256("\n".join(state).encode()).hexdigest()[:16],
        at=None if written is None else datetime.fromtimestamp(written, UTC),
    )


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
