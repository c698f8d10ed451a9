"""Write files that are never half there: complete from the moment they have their name. Also locks on whole folders."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.errors import StorageError, cannot_write

PART = ".part"  # suffix of a file that is still being written


@contextmanager
def whole_file(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Yield a file to write to. At the end of the block it is synced to disk and renamed to ``path``, in one step.

    A file already there is replaced and its mode kept; if the block raises, ``path`` stays as it was. Raises OSError.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_to_disk(path.parent)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write ``data`` to ``path`` with :func:`whole_file`."""
    with whole_file(path, mode=mode) as out:
        out.write(data)


def write_if_changed(path: Path, data: bytes) -> None:
    """Write a small file with :func:`whole_file`, unless it has these bytes already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != data:
        write_whole(path, data)


@contextmanager
def locked(path: Path) -> Iterator[int | None]:
    """Yield a handle of a file locked for the block, or None if another process has locked it. Raises OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def create_locked(path: Path) -> int | None:
    """Create a file that is locked from the beginning; return its handle, None if the name is taken. Raises OSError."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return None
    fcntl.flock(handle, fcntl.LOCK_EX)
    if is_still_at(path, handle):
        return handle
    os.close(handle)  # another process has deleted it as empty before we had the lock
    return None


def is_still_at(path: Path, handle: int) -> bool:
    """Return whether an open file still has this name: another process may have deleted or replaced it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


@contextmanager
def sole_holder(lock: Path, busy: StorageError, *litter: str) -> Iterator[None]:
    """Hold the file lock ``lock`` for the block. First files that a killed process left in its folder are deleted:
    those whose names match ``litter``, or all unfinished ones (``*.part``).

    Raises ``busy`` if another process holds the lock, DiskError if the lock file cannot be made.
    """
    try:
        lock.touch()
    except OSError as error:
        raise cannot_write(lock, error) from error
    with locked(lock) as handle:
        if handle is None:
            raise busy
        for pattern in litter or (f"*{PART}",):
            for unfinished in lock.parent.glob(pattern):
                unfinished.unlink(missing_ok=True)
        yield


def sync_to_disk(path: Path) -> None:
    """Sync a file, or the names in a folder, so that what was just written survives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
