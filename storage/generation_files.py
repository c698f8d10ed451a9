"""Generations of projections as SQLite files: a symbolic link names the current one."""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from storage.database import PRAGMAS, Database
from storage.errors import ProjectionError, UnusableError, cannot_write, database_disk_error
from storage.generation import Generations, Make, being_rebuilt, building_within, unmade
from storage.warc import sync_folder

BUILDING = ".building"  # the suffix of a generation that is not whole yet


def _pragmas(synchronous: str) -> tuple[str, ...]:
    return tuple(f"synchronous={synchronous}" if one.startswith("synchronous") else one for one in PRAGMAS)


class _SqliteFile:
    """One generation, which readers see together with the truth."""

    def __init__(self, path: Path, attach: str | None, synchronous: str, *, read_only: bool = False) -> None:
        self.path = path
        # what can be made again may lose its last commits in a power cut, but is never torn
        pragmas = _pragmas(synchronous)
        self._database = Database(f"sqlite:///{path}", pragmas=pragmas, attach=attach, read_only=read_only)

    def read(self) -> AbstractContextManager[Connection]:
        return self._database.read()

    def write(self) -> AbstractContextManager[Connection]:
        return self._database.begin()

    def current(self) -> str:
        return self.path.name

    def building(self) -> AbstractContextManager[Generations]:
        raise building_within()

    def close(self) -> None:
        self._database.close()

    def finish(self) -> None:
        """Everything in the one file, on the disk. Raises DiskError where that cannot be had."""
        try:
            with self._database.engine.connect() as connection:
                connection.rollback()
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.close()
            beside = Path(f"{self.path}-wal")
            if beside.exists() and beside.stat().st_size:
                message = f"{self.path} is not whole yet, somebody reads it; run this again."
                raise ProjectionError(message, code="projections.not_whole", path=self.path)
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        except sqlite3.Error as error:
            raise database_disk_error(str(self.path), error) or error from error

    def remove(self) -> None:
        """Delete the files; whoever has them open keeps them."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)


class SqliteGenerations:
    """Files ``<stem>-<token>.sqlite`` and the symbolic link ``<stem>.sqlite`` to the current one. One that is being
    built is ``<stem>-<token>.building`` until it is whole: if its builder is killed, the next one removes it.
    """

    def __init__(self, link: Path, attach: str | None, make: Make, *, read_only: bool = False) -> None:
        self.link = link
        self._read_only = read_only
        self._attach = attach
        self._make = make
        self._open: _SqliteFile | None = None
        self._turned: tuple[str, int, int] | None = None  # the link, when that file was found behind it
        self._opening = threading.RLock()

    def read(self) -> AbstractContextManager[Connection]:
        """On the current file; a swap meanwhile does not disturb it."""
        return self._current().read()

    def write(self) -> AbstractContextManager[Connection]:
        """On the current file."""
        return self._current().write()

    def close(self) -> None:
        """Give connections back."""
        with self._opening:
            if self._open is not None:
                self._open.close()
                self._open = None

    def current(self) -> str:
        """The name of the current file."""
        return self._current().path.name

    @contextmanager
    def building(self) -> Iterator[Generations]:
        """Fill another file, then turn the link; the file before the last is deleted."""
        path = self.link.with_name(f"{self.link.stem}.lock")
        try:
            lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise being_rebuilt() from None
            self._tidy()
            aside = self._new("OFF", BUILDING)
            try:
                yield aside
                aside.finish()
                aside = self._finished_as(aside)
            except BaseException:
                aside.close()
                aside.remove()
                raise
            self._swap(aside)
        finally:
            os.close(lock)

    def _current(self) -> _SqliteFile:
        if not self.link.exists():
            if self._read_only:
                raise unmade()
            self._ensure_first()
        with self._opening:
            turned = _link_state(self.link)
            if self._open is None or self._turned != turned:
                path = self.link.resolve()
                if self._open is None or self._open.path != path:
                    self.close()
                    if not os.access(path, os.R_OK):
                        message = f"{path} may not be read by you; see that you may."
                        raise UnusableError(message, code="projections.unreadable", path=path)
                    self._open = _SqliteFile(path, self._attach, "NORMAL", read_only=self._read_only)
                self._turned = turned
            return self._open

    def _tidy(self) -> None:
        """Remove what builders left behind that were killed; the lock is held, so that none is at work."""
        for path in self.link.parent.glob(f"{self.link.stem}-*{BUILDING}*"):
            path.unlink(missing_ok=True)
        for path in self.link.parent.glob(f".{self.link.name}.*"):
            path.unlink(missing_ok=True)

    def _finished_as(self, finished: _SqliteFile) -> _SqliteFile:
        """A generation under the name of one that is whole."""
        path = finished.path.with_suffix(self.link.suffix)
        finished.path.replace(path)
        return _SqliteFile(path, self._attach, "OFF")

    def _new(self, synchronous: str, suffix: str = "") -> _SqliteFile:
        name = f"{self.link.stem}-{secrets.token_hex(6)}{suffix or self.link.suffix}"
        path = self.link.with_name(name)
        made = _SqliteFile(path.resolve(), self._attach, synchronous)
        try:
            with made.write() as connection:
                self._make(connection)
        except BaseException:
            made.close()
            made.remove()
            raise
        return made

    def _ensure_first(self) -> None:
        """An empty generation, unless another process was faster (or a link points nowhere: then it is replaced)."""
        made = self._new("NORMAL")
        made.finish()
        if self.link.is_symlink():
            self._swap(made)
            return
        try:
            self.link.symlink_to(made.path.name)
        except FileExistsError:
            made.remove()

    def _swap(self, made: _SqliteFile) -> None:
        former = self.link.resolve() if self.link.exists() else None
        turned = self.link.with_name(f".{self.link.name}.{secrets.token_hex(6)}")
        turned.symlink_to(made.path.name)
        turned.replace(self.link)
        sync_folder(self.link.parent)
        for path in self.link.parent.glob(f"{self.link.stem}-*{self.link.suffix}"):
            if path.resolve() not in {former, made.path}:
                _SqliteFile(path, None, "OFF").remove()


def _link_state(link: Path) -> tuple[str, int, int]:
    """What a link says, and the file behind it: sooner told than the path of that file, which every question needs."""
    behind = link.stat()
    return (str(link.readlink()) if link.is_symlink() else "", behind.st_dev, behind.st_ino)
