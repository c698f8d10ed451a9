"""Keep readings of former reader versions, as a record of what was read, until somebody prunes them.

They are in a SQLite file of their own beside the projections, because a rebuild cannot make them again.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage import mapping
from storage.errors import StorageError
from storage.home import Home
from storage.records import Reading

FILE = "former-readings.sqlite"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS readings "
    "(document TEXT NOT NULL, reader TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (document, reader)) WITHOUT ROWID"
)


class FormerReadings:
    """The former readings of one archive. Methods raise StorageError if the file cannot be used."""

    def __init__(self, home: Home) -> None:
        self.path = home.path / FILE

    def keep(self, readings: Iterable[Reading]) -> None:
        """Store readings (what our reader extracted) in one transaction; one by a version stored already is skipped."""
        rows = [
            (reading.document, reading.reader, zlib.compress(mapping.to_json(reading).encode("ascii")))
            for reading in readings
        ]
        if rows:
            with self._connect() as connection:
                connection.execute(_SCHEMA)
                connection.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", rows)

    def of(self, document: str) -> dict[str, Reading]:
        """Return the former readings of a document, by version of the reader."""
        if not self.path.exists():
            return {}
        query = "SELECT reader, body FROM readings WHERE document = ? ORDER BY reader"
        with self._connect(write=False) as connection:
            rows = connection.execute(query, (document,)).fetchall()
        return {reader: mapping.from_json(Reading, zlib.decompress(body).decode("ascii")) for reader, body in rows}

    def prune(self, reader: str) -> int:
        """Delete the readings of one version; return how many there were."""
        if not self.path.exists():
            return 0
        with self._connect() as connection:
            connection.execute(_SCHEMA)
            return connection.execute("DELETE FROM readings WHERE reader = ?", (reader,)).rowcount

    @contextmanager
    def _connect(self, *, write: bool = True) -> Iterator[sqlite3.Connection]:
        """Yield a connection (to ``write``, or only read) and commit at the end. Raises StorageError for a bad file."""
        uri = f"{Path(self.path).absolute().as_uri()}{'' if write else '?mode=ro'}"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=30)) as connection, connection:
                yield connection
        except sqlite3.Error as error:
            raise StorageError(code="database.former", path=self.path, cause=error) from error
