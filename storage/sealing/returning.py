"""A WARC file of this archive that comes back: known by its digest under a seal, so it proves what it always proved."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storage.atomic_files import copy_whole
from storage.errors import StorageError
from storage.home import Home
from storage.mending import mend
from storage.sealing import manifest
from storage.sealing.manifest import FOLDER, SealedFile


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
    is_gone = not target.exists() and home.blobs.size(known.name) is None
    if is_gone:
        try:
            with path.open("rb") as reading:
                copy_whole(target, reading, known.size)
        except OSError as error:
            raise StorageError(code="seal.not_put_back", path=target, cause=error.strerror) from error
    else:
        with home.blobs.open(known.name) as present:
            if _longest(Path(present.name), [known]) is None:
                raise StorageError(code="seal.altered", there=home.blobs.where(known.name), path=path)
    return Returned(name=known.name, put_back=is_gone, adopted=len(mend(home).adopted))


def _known(home: Home, path: Path) -> SealedFile | None:
    """The longest sealed beginning of a file."""
    folder = home.path / FOLDER
    sealed: list[SealedFile] = []
    for one in manifest.paths(folder) if folder.is_dir() else ():
        sealed += manifest.read(one).seal.files
    inside = [one for one in sealed if (home.warc_dir / one.name).resolve().is_relative_to(home.warc_dir.resolve())]
    return _longest(path, inside)


def _longest(path: Path, sealed: Iterable[SealedFile]) -> SealedFile | None:
    found = None
    try:
        with path.open("rb") as handle:
            there = os.fstat(handle.fileno()).st_size
            held = sorted((one for one in sealed if one.size <= there), key=lambda one: one.size)
            for one, (_, digest) in zip(held, manifest.prefix_digests(handle, [one.size for one in held]), strict=True):
                found = one if digest == one.sha256 else found
    except OSError as error:
        raise StorageError(code="import.unreadable", path=path, cause=error.strerror) from error
    return found
