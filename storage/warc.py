"""Write WARC files: each under a lock, whole records only, begun anew when it is full.

WARC/1.1, one gzip member per record. A capture is a ``response`` (or ``revisit``) followed by its ``request``; what was
brought in or made is a ``resource`` (or ``revisit``), followed by ``metadata`` that says how it came to be. A field of
the first adds what the record does not say itself (:mod:`storage.warc_fields`), so that rows can be made again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from storage.atomic_files import sync_folder
from storage.errors import StorageError, cannot_write
from storage.records import WarcPlace
from storage.warc_records import Members, warcinfo_member

SUFFIX = ".warc.gz"
BIRTH = ".new"  # a file that has not got its name yet


class WarcWriter:
    """Appends to one WARC file at a time, which it holds under a lock until :meth:`rotate` or :meth:`close`.

    Files are named ``<prefix>-<time>-<number>.warc.gz`` below ``folder`` (``prefix`` may hold one "/") and begin with a
    warcinfo record of ``info``. Nothing is safe before :meth:`sync` has returned.
    """

    def __init__(self, folder: Path, prefix: str, max_bytes: int, info: Mapping[str, str]) -> None:
        self.folder = folder
        self.prefix = prefix
        self.max_bytes = max_bytes
        self.info = dict(info)
        self.file = ""
        self.size = 0
        self._handle: int | None = None
        self._unsafe: StorageError | None = None
        self._number = 0

    @property
    def is_open(self) -> bool:
        """Whether a file is being written."""
        return self._handle is not None

    @property
    def full(self) -> bool:
        """Whether the file has reached its size; what follows belongs into the next."""
        return self.is_open and self.size >= self.max_bytes

    def append(self, members: Members, at: datetime) -> WarcPlace:
        """Append a record and the one that belongs to it; the place is that of the first. Not yet synced.

        Both are one write, so that a killed process seldom leaves the first without the second. One that fails (disk
        full) leaves the file as it was and raises StorageError.
        """
        handle = self._open(at)
        place = WarcPlace(file=self.file, offset=self.size, length=len(members[0]))
        data, done = b"".join(members), 0
        try:
            while done < len(data):
                done += os.pwrite(handle, memoryview(data)[done:], self.size + done)
        except BaseException as error:
            told = cannot_write(self.folder / self.file, error) if isinstance(error, OSError) else None
            try:
                os.ftruncate(handle, self.size)  # an interrupt must not leave half a record either
            except OSError as worse:  # what is torn stays at the end, and the next run puts it aside
                self._unsafe = told = cannot_write(self.folder / self.file, worse)
            if told is None:
                raise
            raise told from error
        self.size += len(data)
        return place

    def sync(self) -> None:
        """Wait until everything written is on the disk.

        Raises DiskError where that cannot be had. From then on it always does: a second attempt may succeed although
        what the first could not write is gone (fsync(2)), so this writer acknowledges nothing more.
        """
        if self._unsafe is not None:
            raise self._unsafe
        if self._handle is None:
            return
        try:
            os.fsync(self._handle)
        except OSError as error:
            self._unsafe = cannot_write(self.folder / self.file, error)
            raise self._unsafe from error

    def rotate(self) -> tuple[str, int] | None:
        """Sync and close the file, giving up its lock: its name and size. The next write begins another."""
        if self._handle is None:
            return None
        try:
            self.sync()
        finally:
            os.close(self._handle)
            self._handle = None
        return self.file, self.size

    close = rotate

    def _open(self, now: datetime) -> int:
        """Return the file being written, or else a new one."""
        if self._unsafe is not None:
            raise self._unsafe
        if self._handle is None:
            target = self.folder / self.prefix
            try:
                self._handle = self._open_next(target, now)
            except OSError as error:
                self._unsafe = cannot_write(target.parent, error)
                raise self._unsafe from error
        return self._handle

    def _open_next(self, target: Path, now: datetime) -> int:
        target.parent.mkdir(parents=True, exist_ok=True)
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        handle = None
        while handle is None:
            self._number += 1
            name = f"{target.name}-{stamp}-{self._number:03}{SUFFIX}"
            handle = _born_locked(target.parent / name, warcinfo_member(name, self.info, now))
        self.file = (target.parent / name).relative_to(self.folder).as_posix()
        self.size = os.fstat(handle).st_size
        sync_folder(target.parent)
        sync_folder(self.folder)
        return handle


def _born_locked(path: Path, first: bytes) -> int | None:
    """Make a file that is whole and locked from the moment it has its name; None if the name is taken."""
    birth = path.with_name(f".{path.name}.{secrets.token_hex(4)}{BIRTH}")
    handle = os.open(birth, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = 0
        while done < len(first):  # on a disk that is almost full only a part is taken
            done += os.write(handle, memoryview(first)[done:])
        os.fsync(handle)
        os.link(birth, path)
    except BaseException as error:
        os.close(handle)
        if isinstance(error, (FileExistsError, FileNotFoundError)):  # taken, or tidied away before it was locked
            return None
        raise
    finally:
        birth.unlink(missing_ok=True)
    return handle
