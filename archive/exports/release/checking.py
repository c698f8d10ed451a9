"""Check that a release is unchanged, by comparing each of its files with its list of digests.

A release may come from a stranger: no file name may lead out of it, and links are not accepted as its files.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from archive.exports.release.making import SUMS

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_MAX_LIST_BYTES = 64 << 20
Files = Mapping[str, Callable[[], Any]]  # name → function that opens the file for reading bytes


@dataclass(frozen=True, slots=True)
class ReleaseCheck:
    """The result of a check: number of files listed, digest of the list, and problems in sentences."""

    files: int
    digest: str
    problems: tuple[str, ...]


def check_release(path: Path) -> ReleaseCheck:
    """Compare the files of a release (a folder or a zip file) with its list of digests. Raises OSError."""
    with ExitStack() as stack:
        try:
            files, odd = _of_folder(path) if path.is_dir() else _of_zip(stack.enter_context(zipfile.ZipFile(path)))
            if SUMS not in files:
                return ReleaseCheck(0, "", (*odd, f"{SUMS} is not there: it is no release, or not a whole one"))
            with files[SUMS]() as stream:
                listed = stream.read(_MAX_LIST_BYTES).decode("utf-8", errors="replace").splitlines()
            return ReleaseCheck(len(listed), _digest(files[SUMS]), (*odd, *_problems(files, listed)))
        except zipfile.BadZipFile as error:
            return ReleaseCheck(0, "", (f"{path.name} is no zip file that can be read: {error}",))


def _problems(files: Files, listed: list[str]) -> Iterator[str]:
    names = {SUMS}
    for line in listed:
        match = _LINE.fullmatch(line)
        if match is None or not _is_inside(match[2]):
            yield f"{SUMS} has a line that is none: {line[:100]!r}"
            continue
        digest, name = match.groups()
        names.add(name)
        if name not in files:
            yield f"{name} is listed and not there"
        elif _digest(files[name]) != digest:
            yield f"{name} is not what it was: its SHA-256 differs"
    yield from (f"{name} is there and not listed" for name in sorted(set(files) - names))


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _digest(opened: Callable[[], Any]) -> str:
    with opened() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_of(path: Path, stack: ExitStack) -> tuple[Files, list[str]]:
    """Return the files of a release by name, and problems with other entries. Raises zipfile.BadZipFile, OSError."""
    return _of_folder(path) if path.is_dir() else _of_zip(stack.enter_context(zipfile.ZipFile(path)))


def _of_folder(folder: Path) -> tuple[Files, list[str]]:
    """Return the plain files of a folder by name, and problems with entries that are no plain files."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    plain = {name for name, path in paths.items() if path.is_file() and not path.is_symlink()}
    odd = [name for name, path in paths.items() if name not in plain and (path.is_symlink() or not path.is_dir())]
    return {name: partial(paths[name].open, "rb") for name in plain}, [f"{name} is no plain file" for name in odd]


def _of_zip(packed: zipfile.ZipFile) -> tuple[Files, list[str]]:
    files: dict[str, Callable[[], Any]] = {}
    odd = []
    for entry in packed.infolist():
        name = entry.filename.partition("/")[2]
        if entry.is_dir():
            continue
        if not name or not _is_inside(entry.filename) or name in files:
            odd.append(f"{entry.filename!r} is no name of a file of a release")
        else:
            files[name] = partial(packed.open, entry)
    return files, odd
