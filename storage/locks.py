"""Named locks that are released when their process dies: files on one machine, in PostgreSQL for several machines."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, TextClause, create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.atomic_files import is_still_at
from storage.errors import UnansweredError, cannot_write, cause_of

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds between two attempts to take a lock
#: a connection to a machine without power ends within a minute
_KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
_HOST_MAX_CHARS = 40  # of a machine's name, so that it fits into an application_name


def this_machine() -> str:
    """Return this machine's name as it is written into locks."""
    return socket.gethostname()[:_HOST_MAX_CHARS]


def run_lock(run: str) -> str:
    """Return the name of the lock that a run holds until it ends."""
    return f"run-{safe_name(run)}"


def safe_name(name: str) -> str:
    """Return a name as every file system takes it: "_" for all but letters, digits, "_" and "-"."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: ``process`` on ``machine``, ``since`` an instant; None if unknown."""

    machine: str
    process: int | None
    since: str | None = None

    @property
    def is_here(self) -> bool:
        """Return whether it is a known process on this machine."""
        return self.machine == this_machine() and self.process is not None


class Locks(ABC):
    """The locks of one archive. A lock has one holder among all threads and processes."""

    def __init__(self) -> None:
        self._handles: dict[str, int] = {}
        self._mutex = threading.RLock()

    def take(self, name: str, waiting: Callable[[str], object] = str) -> None:
        """Wait until a lock is taken; ``waiting`` (default: no effect) is called once with its name if it is held."""
        if self.try_take(name):
            return
        waiting(name)
        pause = _FIRST_PAUSE
        while not self.try_take(name):
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def try_take(self, name: str) -> bool:
        """Take a lock; return False if it is held, even by another thread."""
        with self._mutex:
            if name in self._handles or (handle := self._take_lock(name)) is None:
                return False
            self._handles[name] = handle
            return True

    def release(self, name: str, *, forget: bool = False) -> None:
        """Release a lock that this object holds. ``forget``: it will never be taken again, so delete its file."""
        with self._mutex:
            self._release_lock(name, self._handles.pop(name), forget=forget)

    def close(self) -> None:
        """Release all locks of this object."""
        while self._handles:
            self.release(next(iter(self._handles)))

    @abstractmethod
    def check(self) -> None:
        """Raise UnansweredError if locks that were taken are lost."""

    @abstractmethod
    def holder(self, name: str) -> Holder | None:
        """Return who holds a lock, None if nobody does."""

    @abstractmethod
    def _take_lock(self, name: str) -> int | None:
        """Return a handle of the lock, None if somebody else holds it."""

    @abstractmethod
    def _release_lock(self, name: str, handle: int, *, forget: bool) -> None:
        """Give a lock back; ``forget``: its name will not be used again."""


class FileLocks(Locks):
    """Locks as files ``<folder>/<name>.lock`` on one machine; each file names its holder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __del__(self) -> None:
        self.close()

    def check(self) -> None:
        """Do nothing: a file lock cannot be lost while its process lives."""

    def holder(self, name: str) -> Holder | None:
        """Return who holds a lock, according to its file; None if nobody does."""
        with suppress(FileNotFoundError), self._path(name).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _parse_holder(file.read(500))
        return None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.lock"

    def _take_lock(self, name: str) -> int | None:
        """Return the open file that holds the lock, with a note of this process; None if another process holds it."""
        path = self._path(name)
        try:
            self.folder.mkdir(exist_ok=True)
            handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if not is_still_at(path, handle):  # its holder has deleted it meanwhile: the name is free or another file's
            os.close(handle)
            return self._take_lock(name)
        notice = {"pid": os.getpid(), "host": this_machine(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        with suppress(OSError):  # the lock holds even if the disk is full
            os.truncate(handle, 0)
            os.pwrite(handle, json.dumps(notice).encode(), 0)
        return handle

    def _release_lock(self, name: str, handle: int, *, forget: bool) -> None:
        if forget:
            self._path(name).unlink(missing_ok=True)
        os.close(handle)


def _parse_holder(text: bytes) -> Holder:
    """Return the holder that a lock file names; if it is unreadable, an unknown process of this machine."""
    try:
        notice = json.loads(text)
        return Holder(str(notice["host"]), int(notice["pid"]), str(notice["since"]))
    except (ValueError, KeyError, TypeError):
        return Holder(this_machine(), None)


class PostgresLocks(Locks):
    """Advisory locks of a PostgreSQL database, for all machines that use it (its manual, 13.3.5).

    One connection holds them all; when it is lost, they are lost. Without locks each question gets a new connection.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        name = f"nianbao {this_machine().replace(' ', '_')} {os.getpid()}"
        self._engine = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"application_name": name}
        )
        self._connection: Connection | None = None

    def close(self) -> None:
        """Release all locks of this object, and close its connection."""
        super().close()
        self._close_connection()

    def holder(self, name: str) -> Holder | None:
        """Return who holds a lock, according to the name of its connection; None if nobody does."""
        key = _lock_number(name) & (1 << 64) - 1
        query = text(
            "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND l.granted "
            "AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::bigint = :high AND l.objid::bigint = :low"
        )
        row = self._ask(query, high=key >> 32, low=key & 0xFFFFFFFF)
        if row is None:
            return None
        connection_name = re.fullmatch(r"nianbao (\S+) (\d+)", str(row[0]))
        machine, process = (connection_name[1], int(connection_name[2])) if connection_name else ("", None)
        return Holder(machine, process, row[1].isoformat(timespec="seconds"))

    def check(self) -> None:
        """Raise UnansweredError if the connection that holds locks is lost."""
        if self._handles:
            self._ask(text("SELECT 1"))

    def _take_lock(self, name: str) -> int | None:
        key = _lock_number(name)
        row = self._ask(text("SELECT pg_try_advisory_lock(:key)"), key=key)
        return key if row is not None and row[0] else None

    def _release_lock(self, name: str, handle: int, *, forget: bool) -> None:
        del name, forget
        if self._connection is not None:
            with suppress(DBAPIError):  # a lost connection has released its locks already
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": handle})

    def _ask(self, statement: TextClause, **values: object) -> Any:
        """Return an answer's first row. Raises UnansweredError, also if our locks were lost with the connection."""
        with self._mutex:
            if not self._handles:
                self._close_connection()  # an idle one may be lost by now
            try:
                if self._connection is None:
                    if self._handles:
                        raise UnansweredError(code="lock.lost")
                    self._connection = self._engine.connect()
                    for name, value in _KEEPALIVES.items():
                        self._connection.execute(select(func.set_config(name, value, False)))
                return self._connection.execute(statement, values).first()
            except DBAPIError as error:
                self._close_connection()
                code = "lock.unanswered_lost" if self._handles else "lock.unanswered"
                name = self._engine.url.render_as_string(hide_password=True)
                raise UnansweredError(code=code, name=name, cause=cause_of(error.orig)) from error

    def _close_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()


def _lock_number(name: str) -> int:
    digest = hashlib.blake2b(f"nianbao {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def locks_for(url: str, folder: Path) -> Locks:
    """Return the locks of an archive whose truth is at ``url``: files in ``folder`` for SQLite, else PostgreSQL's."""
    return FileLocks(folder) if make_url(url).get_backend_name() == "sqlite" else PostgresLocks(url)
