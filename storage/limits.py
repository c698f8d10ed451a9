"""How long a question may keep a database at work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Self

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from storage.errors import TookTooLongError

_STEPS = 20_000  # of SQLite's virtual machine, some tenths of a millisecond: so often it asks whether the time is over
_CANCELED = "57014"  # query_canceled: PostgreSQL's manual, appendix A


class TimedConnection(sqlite3.Connection):
    """A connection to SQLite that can be given a limit. Its time runs while SQLite works, and begins anew with each
    statement and each time that further rows are fetched: whoever takes long over the rows is not stopped.
    """

    seconds = 0.0
    until = 0.0
    over = False

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that starts the time, where there is a limit."""
        return super().cursor(factory or (_TimedCursor if self.seconds else sqlite3.Cursor))

    def limit(self, seconds: float) -> None:
        """Stop what takes longer; 0: nothing."""
        self.seconds, self.over = seconds, False
        self.set_progress_handler(self._is_over if seconds else None, _STEPS)

    def _is_over(self) -> bool:
        self.over = monotonic() > self.until
        return self.over


class _TimedCursor(sqlite3.Cursor):
    connection: TimedConnection

    def _start(self) -> None:
        self.connection.until = monotonic() + self.connection.seconds

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        self._start()
        return super().execute(sql, parameters)

    def fetchone(self) -> Any:
        self._start()
        return super().fetchone()

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        self._start()
        return super().fetchmany(size)

    def fetchall(self) -> list[Any]:
        self._start()
        return super().fetchall()


@contextmanager
def limited(connection: Connection, seconds: float) -> Iterator[None]:
    """In the block, a statement of ``connection`` is stopped that keeps its database at work for more than ``seconds``
    (0: none is). Raises :class:`~storage.errors.TookTooLongError` then.
    """
    if not seconds:
        yield
    elif isinstance(held := connection.connection.dbapi_connection, TimedConnection):
        with _limited(held, seconds):
            yield
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}")
        try:
            yield
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _CANCELED:
                raise
            raise TookTooLongError(seconds) from error


@contextmanager
def _limited(held: TimedConnection, seconds: float) -> Iterator[None]:
    held.limit(seconds)
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        if not held.over:  # Ctrl-C, which came while SQLite asked: it takes any exception for "stop"
            raise KeyboardInterrupt from error
        raise TookTooLongError(seconds) from error
    finally:
        with suppress(sqlite3.ProgrammingError):  # it was closed, for its server went away or somebody stopped it
            held.limit(0)
