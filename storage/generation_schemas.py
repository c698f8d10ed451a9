"""Generations of projections as PostgreSQL schemas: one row names the current one."""

from __future__ import annotations

import secrets
import threading
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.generation import Generations, Make, being_rebuilt, building_within, unmade

_HOME = "nianbao_projections"
_PREFIX = "nianbao_p_"
_WRITING = "projections are written"
_LOCK = zlib.crc32(b"nianbao projections")


class _PostgresSchema:
    """One generation: every transaction sees its tables before all others."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._database.read() as connection:
            _look_into(connection, self.name)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._database.begin() as connection:
            _look_into(connection, self.name)
            yield connection

    def current(self) -> str:
        return self.name

    def building(self) -> AbstractContextManager[Generations]:
        raise building_within()

    def close(self) -> None:
        pass


class _Reading(threading.local):
    """The schema that a thread reads."""

    name: str | None = None


class PostgresGenerations:
    """Schemas ``nianbao_p_<token>`` and one row that names the current one."""

    def __init__(self, database: Database, make: Make) -> None:
        self._database = database
        self._make = make
        self._ensured = False
        self._reading = _Reading()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """On the schema current when the transaction began."""
        self._ensure()
        with self._database.read() as connection:
            former, self._reading.name = self._reading.name, _current(connection)
            try:
                _look_into(connection, self._reading.name)
                yield connection
            finally:
                self._reading.name = former

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """On the current schema; one process at a time, as they read and judge side by side."""
        self._ensure()
        with self._database.begin() as connection:
            self._database.lock(connection, _WRITING)
            _look_into(connection, _current(connection))
            yield connection

    def close(self) -> None:
        """Give connections back."""
        self._database.close()

    def current(self) -> str:
        """The name of the current schema; while this thread reads, of the one that it reads."""
        if self._reading.name is not None:
            return self._reading.name
        self._ensure()
        with self._database.read() as connection:
            return _current(connection)

    @contextmanager
    def building(self) -> Iterator[Generations]:
        """Fill another schema, then name it as the current one; the schema before the last is dropped."""
        self._ensure()
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
            if not holder.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar_one():
                raise being_rebuilt()
            try:
                aside = _PostgresSchema(self._database, self._new())
                try:
                    yield aside
                    former = self._swap(aside.name)
                except BaseException:
                    self._drop([aside.name])
                    raise
                self._drop([name for name in self._schemas() if name not in {aside.name, former}])
            finally:
                holder.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})

    def _ensure(self) -> None:
        if self._ensured:
            return
        if self._database.read_only:
            with self._database.read() as connection:
                if connection.execute(text(f"SELECT to_regclass('{_HOME}.current')")).scalar_one() is None:
                    raise unmade()
            self._ensured = True
            return
        with self._database.begin() as connection:
            self._database.lock(connection, _HOME)
            if connection.execute(text(f"SELECT to_regclass('{_HOME}.current')")).scalar_one() is None:
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {_HOME}"))
                connection.execute(
                    text(
                        f"CREATE TABLE {_HOME}.current (one int PRIMARY KEY CHECK (one = 1), generation text NOT NULL)"
                    )
                )
                name = self._create(connection)
                connection.execute(text(f"INSERT INTO {_HOME}.current VALUES (1, :name)"), {"name": name})  # noqa: S608
        self._ensured = True

    def _new(self) -> str:
        with self._database.begin() as connection:
            return self._create(connection)

    def _create(self, connection: Connection) -> str:
        name = f"{_PREFIX}{secrets.token_hex(6)}"
        connection.execute(text(f'CREATE SCHEMA "{name}"'))
        _look_into(connection, name)
        self._make(connection)
        return name

    def _swap(self, name: str) -> str:
        with self._database.begin() as connection:
            former = _current(connection)
            connection.execute(text(f"UPDATE {_HOME}.current SET generation = :name"), {"name": name})  # noqa: S608
        return former

    def _schemas(self) -> list[str]:
        with self._database.engine.connect() as connection:
            query = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :prefix)")
            return list(connection.execute(query, {"prefix": _PREFIX}).scalars())

    def _drop(self, names: list[str]) -> None:
        for name in names:
            # somebody may still be reading it: then it goes at the next swap
            with suppress(DBAPIError), self._database.begin() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '2s'"))
                connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))


def _current(connection: Connection) -> str:
    name: str = connection.execute(text(f"SELECT generation FROM {_HOME}.current")).scalar_one()  # noqa: S608
    return name


def _look_into(connection: Connection, name: str) -> None:
    connection.execute(text(f'SET LOCAL search_path TO "{name}", public'))
