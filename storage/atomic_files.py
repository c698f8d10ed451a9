"""Files that are whole from the moment they have their name, and folders that one process works in at a time."""

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

PART = ".part"  # what a file is called at its end until it is whole


@contextmanager
def whole_file(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Give a file to be written that is on disk before it has its name; one that is there is replaced, its mode kept.

    Raises OSError.
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
    sync_folder(path.parent)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file as :func:`whole_file` does."""
    with whole_file(path, mode=mode) as out:
        out.write(data)


def copy_small_files(source: Path, target: Path) -> None:
    """Copy a folder of small files that are written once; what changed is replaced."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        there = target / path.relative_to(source)
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        if not there.exists() or there.read_bytes() != path.read_bytes():
            write_whole(there, path.read_bytes())


@contextmanager
def locked(path: Path) -> Iterator[int | None]:
    """A handle of a file that is locked for the block; None where another process has it locked. Raises OSError."""
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


@contextmanager
def alone(lock: Path, busy: StorageError, *litter: str) -> Iterator[None]:
    """Hold ``lock`` for the block, whose folder is first rid of what a killed process left unfinished: files whose
    names are like ``litter``.

    Raises ``busy`` where another process holds it, DiskError where the lock cannot be made.
    """
    try:
        lock.touch()
    except OSError as error:
        raise cannot_write(lock, error) from error
    with locked(lock) as handle:
        if handle is None:
            raise busy
        for pattern in litter or (f"*{PART}",):
            for unborn in lock.parent.glob(pattern):
                unborn.unlink(missing_ok=True)
        yield


def sync_folder(folder: Path) -> None:
    """Make names just created in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
