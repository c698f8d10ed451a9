"""Locks by name that the death of their process gives up: files on one machine, PostgreSQL's where several work."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.errors import UnansweredError, cannot_write, cause_of

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds between two tries at a lock that another machine may hold
#: a machine that loses its power is noticed within a minute
_KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_HOST = 40  # characters of a machine's name that fit into an application_name


def this_machine() -> str:
    """The name of this machine, as locks bear it."""
    return socket.gethostname()[:_HOST]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: ``process`` on ``machine``, ``since`` an instant; None where that is not known."""

    machine: str
    process: int | None
    since: str | None = None

    @property
    def is_here(self) -> bool:
        """Whether it is a known process of this machine."""
        return self.machine == this_machine() and self.process is not None


class FileLocks:
    """Locks as files ``<folder>/<name>.lock`` of one machine, which say who holds them.

    Each is held once, whichever threads and processes want it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mine: dict[str, int] = {}

    def take(self, name: str, waiting: Callable[[str], object] = str) -> None:
        """Wait for a lock; ``waiting`` is called with its name if somebody holds it."""
        if not self._locked(name, fcntl.LOCK_EX | fcntl.LOCK_NB):
            waiting(name)
            self._locked(name, fcntl.LOCK_EX)

    def try_take(self, name: str) -> bool:
        """Take a lock if nobody holds it."""
        return self._locked(name, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def release(self, name: str, *, forget: bool = False) -> None:
        """Give back a lock that this object holds. ``forget``: nobody will take it again."""
        handle = self._mine.pop(name)
        if forget:
            self._path(name).unlink(missing_ok=True)
        else:
            with suppress(OSError):
                os.truncate(handle, 0)
        os.close(handle)

    def holder(self, name: str) -> Holder | None:
        """Who holds a lock, as its file says."""
        try:
            with self._path(name).open("rb") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return _holder_of(handle.read(500))
        except FileNotFoundError:
            return None
        return None

    def check(self) -> None:
        """A lock of a file is held as long as its process lives."""

    def close(self) -> None:
        """Give all of them back."""
        while self._mine:
            os.close(self._mine.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.lock"

    def _locked(self, name: str, how: int) -> bool:
        path = self._path(name)
        try:
            self.folder.mkdir(exist_ok=True)
            handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            fcntl.flock(handle, how)
        except BaseException as error:
            os.close(handle)
            if isinstance(error, BlockingIOError):
                return False
            raise
        if not _is_named(path, handle):  # its holder has forgotten it meanwhile: the name is another file's
            os.close(handle)
            return self._locked(name, how)
        notice = {"pid": os.getpid(), "host": this_machine(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        with suppress(OSError):  # on a full disk it is held all the same
            os.truncate(handle, 0)
            os.pwrite(handle, json.dumps(notice).encode(), 0)
        self._mine[name] = handle
        return True


def _is_named(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _holder_of(text: bytes) -> Holder:
    """What the file of a lock says."""
    try:
        notice = json.loads(text)
        return Holder(str(notice["host"]), int(notice["pid"]), str(notice["since"]))
    except (ValueError, KeyError, TypeError):
        return Holder(this_machine(), None)


class PostgresLocks:
    """Advisory locks of a PostgreSQL database, of all machines that use it (its manual, 13.3.5).

    One connection, open as long as any lock is held, holds them; when it is lost they are.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._mine: set[str] = set()
        self._asking = threading.RLock()

    def take(self, name: str, waiting: Callable[[str], object] = str) -> None:
        """Wait for a lock, and ask for it again and again: so the connection is there for other threads."""
        pause, notice = _FIRST_PAUSE, False
        while not self.try_take(name):
            if not notice:
                waiting(name)
                notice = True
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def try_take(self, name: str) -> bool:
        """Take a lock if nobody holds it, not another thread either: the server would give it to both."""
        with self._asking:
            if name in self._mine:
                return False
            try:
                answer = self._ask("SELECT pg_try_advisory_lock(:key)", key=_key(name))
                if answer:
                    self._mine.add(name)
            finally:
                self._rest()
            return bool(answer)

    def release(self, name: str, *, forget: bool = False) -> None:
        """Give a lock back; one of a connection that was lost is given back already."""
        del forget
        with self._asking:
            self._mine.remove(name)
            with suppress(UnansweredError):
                self._ask("SELECT pg_advisory_unlock(:key)", key=_key(name))
            self._rest()

    def holder(self, name: str) -> Holder | None:
        """Who holds a lock, as its connection says."""
        key = _key(name) & (1 << 64) - 1
        query = text(
            "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND l.granted "
            "AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::bigint = :high AND l.objid::bigint = :low"
        )
        try:
            with self._opened().connect() as connection:
                row = connection.execute(query, {"high": key >> 32, "low": key & 0xFFFFFFFF}).first()
        except DBAPIError as error:
            raise self._unanswered(error) from error
        if row is None:
            return None
        words = str(row[0]).split(" ")
        is_ours = len(words) == 3 and words[0] == "nianbao" and words[2].isdecimal()
        machine, process = (words[1], int(words[2])) if is_ours else ("", None)
        return Holder(machine, process, row[1].isoformat(timespec="seconds"))

    def check(self) -> None:
        """Ask the connection whether it still is one."""
        with self._asking:
            if self._mine:
                self._ask("SELECT 1")

    def close(self) -> None:
        """Give all of them back, by ending the connection."""
        with self._asking:
            self._mine.clear()
            self._rest()

    def _opened(self) -> Engine:
        if self._engine is None:
            name = f"nianbao {this_machine().replace(' ', '_')} {os.getpid()}"
            self._engine = create_engine(
                self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"application_name": name}
            )
        return self._engine

    def _ask(self, statement: str, **values: object) -> object:
        try:
            if self._connection is None:
                if self._mine:
                    raise UnansweredError(code="lock.lost")
                self._connection = self._opened().connect()
                for name, value in _KEEPALIVES.items():
                    self._connection.execute(select(func.set_config(name, value, False)))
            return self._connection.execute(text(statement), values).scalar()
        except DBAPIError as error:
            with suppress(DBAPIError):
                if self._connection is not None:
                    self._connection.invalidate()
                    self._connection.close()
            self._connection = None
            raise self._unanswered(error) from error

    def _unanswered(self, error: DBAPIError) -> UnansweredError:
        name = make_url(self._url).render_as_string(hide_password=True)
        code = "lock.unanswered_lost" if self._mine else "lock.unanswered"
        cause = cause_of(error.orig)
        return UnansweredError(code=code, name=name, cause=cause)

    def _rest(self) -> None:
        if not self._mine and self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None


def _key(name: str) -> int:
    digest = hashlib.blake2b(f"nianbao {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


#: The locks of one archive.
Locks = FileLocks | PostgresLocks


def run_lock(run: str) -> str:
    """The name of the lock that a run holds while it is under way."""
    return f"run-{_UNSAFE.sub('_', run)}"


def locks_for(url: str, folder: Path) -> Locks:
    """The locks of an archive whose truth is kept at ``url``: files in ``folder`` where that is SQLite."""
    return FileLocks(folder) if make_url(url).get_backend_name() == "sqlite" else PostgresLocks(url)
