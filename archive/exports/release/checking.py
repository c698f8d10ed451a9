"""Whether a release is what it was when it was made: its files against its own digests and its descriptor.

Names in it were perhaps written by somebody else: none may lead out of it, and a link is no file of a release.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from archive.exports.release.making import SUMS

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_DESCRIPTOR = "datapackage.json"
_CHUNK = 1 << 20
_MOST = 64 << 20  # bytes of a descriptor or a list of digests
Open = Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True, slots=True)
class ReleaseCheck:
    """What was found: the files looked at, the digest of their list, what is not as it should be."""

    files: int
    digest: str
    problems: tuple[str, ...]


def check_release(path: Path) -> ReleaseCheck:
    """Compare every file of a release (a folder or a zip file) with what it says of itself. Raises OSError."""
    try:
        with _contents(path) as (files, odd):
            return _checked(files, odd)
    except zipfile.BadZipFile as error:
        return ReleaseCheck(0, "", (f"{path.name} is no zip file that can be read: {error}",))


def _checked(files: Mapping[str, Open], odd: list[str]) -> ReleaseCheck:
    if SUMS not in files:
        return ReleaseCheck(0, "", (*odd, f"{SUMS} is not there: it is no release, or not a whole one"))
    listed, problems = _sums(_bytes(files[SUMS]))
    problems = [*odd, *problems]
    for name, digest in listed.items():
        if name not in files:
            problems.append(f"{name} is listed and not there")
        elif _digest(files[name]) != digest:
            problems.append(f"{name} is not what it was: its SHA-256 differs")
    problems += [f"{name} is there and not listed" for name in sorted(set(files) - set(listed) - {SUMS})]
    problems += _described(files, listed)
    return ReleaseCheck(len(listed), _digest(files[SUMS]), tuple(problems))


def _sums(content: bytes) -> tuple[dict[str, str], list[str]]:
    listed, problems = {}, []
    for line in content.decode("utf-8", errors="replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None or not _is_inside(found[2]):
            problems.append(f"{SUMS} has a line that is none: {line[:100]!r}")
        else:
            listed[found[2]] = found[1]
    return listed, problems


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _described(files: Mapping[str, Open], listed: Mapping[str, str]) -> Iterator[str]:
    """What the descriptor says of each table: its bytes, its digest, its header and, of CSV, how many rows."""
    if _DESCRIPTOR not in files:
        yield f"{_DESCRIPTOR} is not there"
        return
    try:
        resources = json.loads(_bytes(files[_DESCRIPTOR]))["resources"]
        entries = [(str(one["path"]), one) for one in resources]
    except (ValueError, LookupError, TypeError) as error:
        yield f"{_DESCRIPTOR} cannot be understood: {error}"
        return
    for name, one in entries:
        if name not in files or name not in listed:
            yield f"{_DESCRIPTOR} names {name}, which is not there"
        elif one.get("hash") != f"sha256:{listed[name]}":
            yield f"{_DESCRIPTOR} has another digest of {name} than {SUMS}"
        elif name.endswith(".csv"):
            yield from _rows(name, one, files[name])


def _rows(name: str, told: Mapping[str, Any], opened: Open) -> Iterator[str]:
    with opened() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        head = next(reader, [])
        rows = sum(1 for _ in reader)
    if head != [one["name"] for one in told["schema"]["fields"]]:
        yield f"{name} has other columns than {_DESCRIPTOR} says"
    if rows != told["rows"]:
        yield f"{name} has {rows} rows, {_DESCRIPTOR} says {told['rows']}"


def _digest(opened: Open) -> str:
    found = hashlib.sha256()
    with opened() as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _bytes(opened: Open) -> bytes:
    with opened() as stream:
        return stream.read(_MOST)


@contextmanager
def _contents(path: Path) -> Iterator[tuple[dict[str, Open], list[str]]]:
    """The plain files of a release by name, each with what opens it, and what else is there."""
    if path.is_dir():
        yield _of_folder(path)
        return
    with zipfile.ZipFile(path) as packed:
        yield _of_zip(packed)


def _of_folder(folder: Path) -> tuple[dict[str, Open], list[str]]:
    files: dict[str, Open] = {}
    odd = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            files[name] = lambda path=path: path.open("rb")  # type: ignore[misc]
        elif not stat.S_ISDIR(mode):
            odd.append(f"{name} is no plain file")
    return files, odd


def _of_zip(packed: zipfile.ZipFile) -> tuple[dict[str, Open], list[str]]:
    files: dict[str, Open] = {}
    odd = []
    for entry in packed.infolist():
        _, _, name = entry.filename.partition("/")
        if entry.is_dir():
            continue
        if not name or not _is_inside(entry.filename) or name in files:
            odd.append(f"{entry.filename!r} is no name of a file of a release")
        else:
            files[name] = lambda entry=entry: packed.open(entry)  # type: ignore[misc]
    return files, odd
