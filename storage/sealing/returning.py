"""A WARC file of this archive that comes back: known by its digest under a seal, so it proves what it always proved."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storage.atomic_files import sync_folder
from storage.errors import StorageError
from storage.home import Home
from storage.mending import mend
from storage.sealing import manifest
from storage.sealing.manifest import FOLDER, SealedFile

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """``name``: of the file here; ``put_back``: it was missing; ``adopted``: captures that got their rows anew."""

    name: str
    put_back: bool
    adopted: int


def bring_back(home: Home, path: Path) -> Returned | None:
    """Put a WARC file back into its place if a seal of this archive speaks for its bytes; None for any other file.

    Of a file that is longer than what was sealed only the sealed bytes come back. Raises StorageError where the place
    holds something else, or the disk refuses.
    """
    known = _known(home, path)
    if known is None:
        return None
    target = home.warc_dir / known.name
    if home.blobs.size(known.name) is not None and not target.exists():
        with home.blobs.open(known.name) as held:
            if _longest(Path(held.name), [known]) is None:
                raise _altered(home.blobs.where(known.name), path)
        return Returned(name=known.name, put_back=False, adopted=len(mend(home).adopted))
    if target.exists():
        if _longest(target, [known]) is None:
            raise _altered(target, path)
        return Returned(name=known.name, put_back=False, adopted=len(mend(home).adopted))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with path.open("rb") as reading, part.open("xb") as writing:
            left = known.size
            while left and (chunk := reading.read(min(left, _CHUNK))):
                writing.write(chunk)
                left -= len(chunk)
            writing.flush()
            os.fsync(writing.fileno())
        part.rename(target)
    except OSError as error:
        raise StorageError(code="seal.not_put_back", path=target, cause=error.strerror) from error
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
    return Returned(name=known.name, put_back=True, adopted=len(mend(home).adopted))


def _altered(there: object, path: Path) -> StorageError:
    return StorageError(code="seal.altered", there=there, path=path)


def _known(home: Home, path: Path) -> SealedFile | None:
    """The longest sealed beginning of a file."""
    folder = home.path / FOLDER
    sealed: list[SealedFile] = []
    for one in manifest.paths(folder) if folder.is_dir() else ():
        sealed += manifest.read(one).seal.files
    inside = [one for one in sealed if (home.warc_dir / one.name).resolve().is_relative_to(home.warc_dir.resolve())]
    return _longest(path, inside)


def _longest(path: Path, sealed: Iterable[SealedFile]) -> SealedFile | None:
    found, digest, at = None, hashlib.sha256(), 0
    try:
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            for one in sorted((one for one in sealed if one.size <= size), key=lambda one: one.size):
                while at < one.size and (chunk := handle.read(min(_CHUNK, one.size - at))):
                    digest.update(chunk)
                    at += len(chunk)
                if digest.hexdigest() == one.sha256:
                    found = one
    except OSError as error:
        raise StorageError(code="import.unreadable", path=path, cause=error.strerror) from error
    return found
