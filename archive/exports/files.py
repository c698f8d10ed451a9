"""Write files that are complete or not there (written under another name, then renamed), and never in the archive."""

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

#: folders of an archive in which users may write files
_OURS = ("exports", "releases")
_SHOWN = 200  # characters of a path that errors quote
_LONGEST_NAME = 120  # bytes of a file's name
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that zip files can hold


class NotWritableError(QuestionError, ValueError):
    """A path to which nothing may be written; the message says why."""


def safe_place(home: Home, path: Path) -> Path:
    """Return ``path``, to which a file is to be written, as an absolute path with links followed.

    Raises :class:`NotWritableError` for a folder, a pipe or device, a path in a folder that does not exist (probably a
    typing error), and a path inside the archive, whose files are never overwritten, except in ``exports/`` and
    ``releases/``.
    """
    place = _outside(home, path)
    if place.is_dir():
        raise NotWritableError(code="place_folder", path=path)
    if path.exists() and not path.is_file():  # a pipe, a terminal
        raise NotWritableError(code="place_no_file", path=path)
    return place


def safe_folder(home: Home, path: Path) -> Path:
    """Return ``path``, at which a new folder or file is to be made, as an absolute path; a link at its end is not
    followed. Raises :class:`NotWritableError` as :func:`safe_place`, but not for existing files or folders.
    """
    path = path.expanduser().absolute()
    return _outside(home, path.parent / "any", shown_path=path).parent / path.name


def _outside(home: Home, path: Path, shown_path: Path | None = None) -> Path:
    """Return ``path`` resolved; raise NotWritableError if its folder does not exist or belongs to the archive (except
    ``_OURS``). Errors name ``shown_path`` instead, if given.
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
    """Give a path to write to, which is renamed to ``place`` if the block succeeds and deleted if it raises."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        yield aside
        sync(aside)
        aside.replace(place)
    except BaseException:
        with suppress(OSError):  # it may not even have been created
            aside.unlink()
        raise


def take_name(aside: Path, place: Path) -> None:
    """Rename the folder or file ``aside`` to ``place``, which must not exist; of several processes that try at once,
    one succeeds. Raises FileExistsError for all others, and leaves their ``aside`` as it is; OSError.
    """
    try:
        if aside.is_dir():
            aside.rename(place)  # fails if a file or a folder with content exists
            return
        sync(aside)
        place.touch(exist_ok=False)  # reserve the name first: renaming a file would replace an existing one
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
    """Pack files into a new zip file, by their names in it; the same files give the same bytes."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as packed:
        for name, path in entries.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            with path.open("rb") as source, packed.open(entry, "w", force_zip64=True) as out:
                shutil.copyfileobj(source, out, 1 << 20)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_all(folder: Path) -> None:
    """Flush all files below a folder to disk, before the folder gets its final name."""
    for path in folder.rglob("*"):
        sync(path)


def sync(path: Path) -> None:
    """Flush one file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_name(capture: Capture) -> str:
    """Return a safe file name for a document: its digest and the end of its address (letters, digits, ``._-``)."""
    path = unquote(urlsplit(capture.url.replace("\\", "/")).path, errors="replace") if "//" in capture.url else ""
    last = path.rstrip("/").rpartition("/")[2]
    plain = "".join(c if c in "._-" or unicodedata.category(c)[0] in "LN" else "_" for c in last).strip("._-")
    while len(plain.encode()) > _LONGEST_NAME:
        plain = plain[1:]  # keep the end, as it has the file type
    return "-".join(filter(None, ((capture.document or "")[:16], plain)))
