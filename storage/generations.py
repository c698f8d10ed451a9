"""Store generations of projections and replace one by the next: SQLite files or PostgreSQL schemas.

In SQLite a symbolic link points to the current file, in PostgreSQL a row names the current schema.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from storage.atomic_files import sole_holder, sync_to_disk
from storage.database import PRAGMAS, Database, settle_file
from storage.errors import ProjectionError, UnusableError, cannot_write, database_error

BUILDING = ".building"  # suffix of a generation that is not complete yet
Make = Callable[[Connection], None]


def generations_for(url: str, attach: str | None, make: Make, *, read_only: bool = False) -> Generations:
    """Return the generations (complete builds of the derived tables, one of them current) stored at ``url``; ``make``
    creates the empty tables of a new one. ``attach``: the SQLite file of the truth (what was observed), which readers
    also see (in PostgreSQL it is the same database). ``read_only``: never create one.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteGenerations(Path(make_url(url).database or ""), attach, make, read_only=read_only)
    return PostgresGenerations(Database(url, read_only=read_only), make)


# -------------------------------------------------------------------------------------------------- SQLite files


class _SqliteFile(Database):
    """One generation as a SQLite file; readers see the truth beside it."""

    write = Database.begin  # the name that every generation has for it

    def __init__(self, path: Path, attach: str | None, synchronous: str, *, read_only: bool = False) -> None:
        self.path = path
        # projections can be rebuilt: a power cut may lose the last commits, but never damage them
        pragmas = [pragma for pragma in PRAGMAS if not pragma.startswith("synchronous")]
        pragmas.append(f"synchronous={synchronous}")
        super().__init__(f"sqlite:///{path}", pragmas=tuple(pragmas), attach=attach, read_only=read_only)

    def finish(self) -> None:
        """Close the file and sync all of it to disk. Raises DiskError if the disk is full or broken."""
        self.close()
        try:
            settle_file(self.path)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        except sqlite3.Error as error:
            raise database_error(str(self.path), error, writing=True) or error from error

    def remove(self) -> None:
        """Delete the files; processes that have them open can go on."""
        self.close()
        _remove(self.path)


class SqliteGenerations:
    """Files ``<stem>-<token>.sqlite``, and a symbolic link ``<stem>.sqlite`` to the current one. One being built is
    called ``<stem>-<token>.building`` until it is complete; the next builder deletes one that was killed.
    """

    def __init__(self, link: Path, attach: str | None, make: Make, *, read_only: bool = False) -> None:
        """``attach``: the truth's SQLite file, if it is one; ``make``: creates the tables of a new file."""
        self.link, self._attach, self._make, self._read_only = link, attach, make, read_only
        self._open: _SqliteFile | None = None
        self._open_lock = threading.RLock()

    def read(self) -> AbstractContextManager[Connection]:
        """Return a transaction that reads the current file; a swap meanwhile does not affect it."""
        return self._open_current().read()

    def write(self) -> AbstractContextManager[Connection]:
        """Return a transaction that writes to the current file."""
        return self._open_current().write()

    def close(self) -> None:
        """Close the connections."""
        with self._open_lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    @contextmanager
    def building(self) -> Iterator[Generation]:
        """Yield a new file to fill, then make it current in one step and delete all but it and the one before; after an
        exception nothing has changed. Raises ProjectionError if another process builds.
        """
        lock = self.link.with_name(f"{self.link.stem}.lock")
        litter = (f"{self.link.stem}-*{BUILDING}*", f".{self.link.name}.*")
        with sole_holder(lock, ProjectionError(code="projections.busy"), *litter):
            aside = self._create("OFF", BUILDING)
            try:
                yield aside
                aside.finish()
                path = aside.path.replace(aside.path.with_suffix(self.link.suffix))
            except BaseException:
                aside.remove()
                raise
            turn_link(self.link, path)

    def _open_current(self) -> _SqliteFile:
        """Return the file that the link points to now, reopened if it changed; create an empty one if there is none."""
        if not self.link.exists():
            if self._read_only:
                raise ProjectionError(code="projections.unmade")
            self._create_first()
        with self._open_lock:
            path = self.link.resolve()
            if self._open is None or self._open.path != path:
                self.close()
                if not os.access(path, os.R_OK):
                    raise UnusableError(code="projections.unreadable", path=path)
                self._open = _SqliteFile(path, self._attach, "NORMAL", read_only=self._read_only)
            return self._open

    def _create(self, synchronous: str, suffix: str) -> _SqliteFile:
        """Return a new file with empty tables beside the link; no file is left if that fails. ``synchronous``: SQLite's
        setting, OFF while a file is built, as it is synced at the end; ``suffix``: the end of the file's name.
        """
        path = self.link.with_name(f"{self.link.stem}-{secrets.token_hex(6)}{suffix}")
        generation = _SqliteFile(path.resolve(), self._attach, synchronous)
        try:
            with generation.write() as connection:
                self._make(connection)
        except BaseException:
            generation.remove()
            raise
        return generation

    def _create_first(self) -> None:
        """Create an empty file of derived tables unless another process was faster; replace a link to nowhere."""
        generation = self._create("NORMAL", self.link.suffix)
        generation.finish()
        if self.link.is_symlink():
            turn_link(self.link, generation.path)
            return
        try:
            self.link.symlink_to(generation.path.name)
        except FileExistsError:
            generation.remove()


def turn_link(link: Path, target: Path, *, keep_former: bool = True) -> None:
    """Point a link at a file beside it in one step; delete other such files, also the former unless ``keep_former``."""
    paths_to_keep = {target.resolve(), *([link.resolve()] if keep_former and link.exists() else [])}
    new_link = link.with_name(f".{link.name}.{secrets.token_hex(6)}")
    new_link.symlink_to(target.name)
    new_link.replace(link)
    sync_to_disk(link.parent)
    for path in link.parent.glob(f"{link.stem}-*{link.suffix}"):
        if path.resolve() not in paths_to_keep:
            _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


# -------------------------------------------------------------------------------------------- PostgreSQL schemas

_POINTER_SCHEMA, _PREFIX = "nianbao_projections", "nianbao_p_"
_LOCK = {"key": zlib.crc32(b"nianbao projections")}
_CREATE_POINTER = f"""CREATE SCHEMA IF NOT EXISTS {_POINTER_SCHEMA};
CREATE TABLE {_POINTER_SCHEMA}.current (one int PRIMARY KEY CHECK (one = 1), generation text NOT NULL)"""
_INSERT_CURRENT = text(f"INSERT INTO {_POINTER_SCHEMA}.current VALUES (1, :name)")  # noqa: S608 - our own names
_CURRENT = text(f"SELECT generation FROM {_POINTER_SCHEMA}.current")  # noqa: S608
_SET_CURRENT = text(f"UPDATE {_POINTER_SCHEMA}.current SET generation = :name")  # noqa: S608
_CURRENT_EXISTS = text(f"SELECT to_regclass('{_POINTER_SCHEMA}.current')")


class PostgresGenerations:
    """Schemas ``nianbao_p_<token>``, and one row that names the current one. ``schema``: the one being built, which
    this object reads and writes instead of the current one; "" for the current one.
    """

    def __init__(self, database: Database, make: Make, *, schema: str = "") -> None:
        self._database, self._make, self._schema = database, make, schema
        self._ensured = bool(schema)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a transaction that reads the schema that was current when it began."""
        self._ensure_schema()
        with self._database.read() as connection:
            self._select_schema(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a transaction that writes to the current schema, one process at a time, or to the one being built."""
        self._ensure_schema()
        with self._database.begin() as connection:
            if not self._schema:
                self._database.lock(connection, "projections are written")
            self._select_schema(connection)
            yield connection

    def close(self) -> None:
        """Close the connections."""
        if not self._schema:
            self._database.close()

    @contextmanager
    def building(self) -> Iterator[Generation]:
        """Yield a new schema to fill, then make it current and drop all but the one before; if this fails, drop it."""
        self._ensure_schema()
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
            if not holder.execute(text("SELECT pg_try_advisory_lock(:key)"), _LOCK).scalar_one():
                raise ProjectionError(code="projections.busy")
            try:
                with self._database.begin() as connection:
                    name = self._create(connection)
                try:
                    yield PostgresGenerations(self._database, self._make, schema=name)
                    with self._database.begin() as connection:
                        previous_schema = connection.execute(_CURRENT).scalar_one()
                        connection.execute(_SET_CURRENT, {"name": name})
                except BaseException:
                    self._drop_schema(name)
                    raise
                query = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :prefix)")
                for schema in holder.execute(query, {"prefix": _PREFIX}).scalars().all():
                    if schema not in {name, previous_schema}:
                        self._drop_schema(schema)
            finally:
                holder.execute(text("SELECT pg_advisory_unlock(:key)"), _LOCK)

    def _ensure_schema(self) -> None:
        """Create a first schema if there is none. Raises ProjectionError if none may be created."""
        if self._ensured:
            return
        if self._database.read_only:
            if self._database.scalars(_CURRENT_EXISTS) == [None]:
                raise ProjectionError(code="projections.unmade")
        else:
            with self._database.begin() as connection:
                self._database.lock(connection, _POINTER_SCHEMA)
                if connection.execute(_CURRENT_EXISTS).scalar_one() is None:
                    connection.exec_driver_sql(_CREATE_POINTER)
                    connection.execute(_INSERT_CURRENT, {"name": self._create(connection)})
        self._ensured = True

    def _create(self, connection: Connection) -> str:
        """Make the tables in a schema of a new name, and return the name."""
        name = f"{_PREFIX}{secrets.token_hex(6)}"
        connection.execute(text(f'CREATE SCHEMA "{name}"'))
        self._select_schema(connection, name)
        self._make(connection)
        return name

    def _drop_schema(self, name: str) -> None:
        # if another process still reads it, the next swap drops it
        with suppress(DBAPIError), self._database.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))

    def _select_schema(self, connection: Connection, name: str = "") -> None:
        name = name or self._schema or connection.execute(_CURRENT).scalar_one()
        connection.execute(text(f'SET LOCAL search_path TO "{name}", public'))


#: The current generation, and the way to replace it.
Generations = SqliteGenerations | PostgresGenerations
#: One generation to read and write: the current one, or one being built.
Generation = Generations | _SqliteFile
