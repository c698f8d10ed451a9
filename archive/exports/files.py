"""Files that are whole or not there: written beside under another name, then renamed; never among the archive's."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shlex
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archive.queries.bounds import QuestionError
from storage.records import Capture

if TYPE_CHECKING:
    from storage.home import Home

#: folders of an archive in which people may have files written
_OURS = ("exports", "releases")
_SHOWN = 200  # characters of a path
_LONGEST_NAME = 120  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant that a zip file can name


class NotWritableError(QuestionError, ValueError):
    """A place in which nothing is written; the message says why."""


def safe_place(home: Home, path: Path) -> Path:
    """Return ``path`` for a file, absolute and with its links followed.

    Raises :class:`NotWritableError` for a folder, for what is no plain file, in a folder that is not there (a slip of
    the pen would make new ones), and inside the archive but for ``exports/`` and ``releases/``: nothing there is ever
    overwritten.
    """
    place = _outside(home, path)
    if place.is_dir():
        raise NotWritableError(code="place_folder", path=path)
    if path.exists() and not path.is_file():  # a pipe, a terminal
        raise NotWritableError(code="place_no_file", path=path)
    return place


def safe_folder(home: Home, path: Path) -> Path:
    """``path`` for a folder or file that is to be made, absolute; the last of its names is no link that is followed.
    Raises :class:`NotWritableError` as :func:`safe_place`, but for what is there already.
    """
    path = path.expanduser().absolute()
    return _outside(home, path.parent / "any", shown_path=path).parent / path.name


def _outside(home: Home, path: Path, shown_path: Path | None = None) -> Path:
    """A path, resolved, in a folder that is there, and none of the archive's own but those for this; errors call it
    ``shown_path``.
    """
    try:
        place = path.expanduser().resolve()
        there = place.exists() or place.parent.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a name too long, or with a NUL
        begun = str(shown_path or path)[:_SHOWN]
        raise NotWritableError(code="place_unusable", path=begun, cause=error) from error
    own = home.path.resolve()
    ours = any(place.is_relative_to(own / one) for one in _OURS)
    if place.is_relative_to(own) and not ours:
        path_as_named, below = shown_path or path, own / _OURS[0]
        raise NotWritableError(code="place_of_archive", path=path_as_named, below=below)
    if not ours and not there:
        quoted = shlex.quote(str(place.parent))
        raise NotWritableError(code="place_no_folder", folder=place.parent, quoted=quoted)
    return place


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """A path to write to that becomes ``place`` when the block ends well; if it raises, nothing is left."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        yield aside
        sync(aside)
        aside.replace(place)
    except BaseException:
        with suppress(OSError):  # what kept it from being written may keep it from being there
            aside.unlink()
        raise


def take_name(aside: Path, place: Path) -> None:
    """Give the folder or file ``aside`` the name ``place``, which nothing bears: of several that want it at one
    instant one gets it. Raises FileExistsError for all others, whose ``aside`` stays as it is; OSError.
    """
    try:
        if aside.is_dir():
            aside.rename(place)  # never over a file, nor over a folder that holds anything
            return
        sync(aside)
        place.touch(exist_ok=False)  # the name is taken first: a rename would take the place of what is there
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place)) from error
        raise
    try:
        aside.rename(place)
    except BaseException:
        place.unlink()
        raise


def write_zip(target: Path, entries: Mapping[str, Path]) -> None:
    """Pack files under these names into a new zip file: the same files give the same bytes."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as packed:
        for name, path in entries.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            with path.open("rb") as source, packed.open(entry, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out, 1 << 20)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_all(folder: Path) -> None:
    """Have every file below a folder on the disk before it takes its name."""
    for path in folder.rglob("*"):
        sync(path)


def sync(path: Path) -> None:
    """Have one file or folder on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_name(capture: Capture) -> str:
    """A name for a saved document that is only a name: of letters, digits and ``._-``, begun by its digest."""
    path = unquote(urlsplit(capture.url.replace("\\", "/")).path, errors="replace") if "//" in capture.url else ""
    last = path.rstrip("/").rpartition("/")[2]
    plain = "".join(c if c in "._-" or unicodedata.category(c)[0] in "LN" else "_" for c in last).strip("._-")
    while len(plain.encode()) > _LONGEST_NAME:
        plain = plain[1:]  # its end says what it is
    return "-".join(filter(None, ((capture.document or "")[:16], plain)))
