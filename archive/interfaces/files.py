"""Files that are whole or not there: written beside under another name, then renamed; never among the archive's."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.home import Home

#: folders of an archive in which people may have files written
_OURS = ("exports", "releases")
_CHUNK = 1 << 20


class PlaceError(ValueError):
    """A place in which nothing is written; the message says why."""


def safe_place(home: Home, path: Path) -> Path:
    """``path``, absolute and with its links followed. Raises :class:`PlaceError` for a folder, for what is no plain
    file, and inside the archive but for ``exports/`` and ``releases/``: nothing there is ever overwritten.
    """
    place = path.expanduser().resolve()
    if place.is_dir():
        raise PlaceError(f"{path} is a folder; name a file in it")
    if place.exists() and not place.is_file():
        raise PlaceError(f"{path} is no plain file; nothing is written over it")
    own = home.path.resolve()
    if place.is_relative_to(own) and not any(place.is_relative_to(own / one) for one in _OURS):
        raise PlaceError(
            f"{path} lies among the files of the archive itself; write below {own / _OURS[0]}, or elsewhere"
        )
    return place


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """A path to write to that becomes ``place`` when the block ends well; if it raises, nothing is left."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        yield aside
        handle = os.open(aside, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        aside.replace(place)
    except BaseException:
        with suppress(OSError):  # what kept it from being written may keep it from being there
            aside.unlink()
        raise


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def sync_all(folder: Path) -> None:
    """Have every file below a folder on the disk before it takes its name."""
    for path in folder.rglob("*"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
