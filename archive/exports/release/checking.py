"""Check that a release is unchanged, and list the values that differ between two releases of the panel, with reasons.

A release may come from a stranger: no file name may lead out of it, and links are not accepted as its files.

A figure can change by a new edition of its report, a ruling, a newer reader or program; a status by new captures or
looks, a ruling, or the passing of time. Changes without such a reason are called unexplained. A release does not list
rulings and imports, so what only they, or reports of other years, can have changed is told as ``other_evidence``.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from heapq import merge
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from archive.exports.formats.columns import panel_columns
from archive.exports.release.making import SUMS, ReleaseError
from archive.exports.writing import digest_of, write_csv
from storage.atomic_files import whole_file
from storage.records import EvidenceGrade, Status

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
            files, odd = files_of(path, stack)
            if SUMS not in files:
                return ReleaseCheck(0, "", (*odd, f"{SUMS} is not there: it is no release, or not a whole one"))
            with files[SUMS]() as stream:
                lines = stream.read(_MAX_LIST_BYTES).decode("utf-8", errors="replace").splitlines()
            return ReleaseCheck(len(lines), digest_of(files[SUMS]()), (*odd, *_compare_digests(files, lines)))
        except zipfile.BadZipFile as error:
            return ReleaseCheck(0, "", (f"{path.name} is no zip file that can be read: {error}",))


def _compare_digests(files: Files, lines: list[str]) -> Iterator[str]:
    """Yield a sentence for each file that differs from the lines of the list of digests, or is in only one of both."""
    names = {SUMS}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or not _is_inside(match[2]):
            yield f"{SUMS} has a line that is none: {line[:100]!r}"
            continue
        digest, name = match.groups()
        names.add(name)
        if name not in files:
            yield f"{name} is listed and not there"
        elif digest_of(files[name]()) != digest:
            yield f"{name} is not what it was: its SHA-256 differs"
    yield from (f"{name} is there and not listed" for name in sorted(set(files) - names))


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def files_of(path: Path, stack: ExitStack) -> tuple[Files, list[str]]:
    """Return the files of a release by name, and problems with other entries. Raises zipfile.BadZipFile, OSError."""
    return _files_in_folder(path) if path.is_dir() else _files_in_zip(stack.enter_context(zipfile.ZipFile(path)))


def _files_in_folder(folder: Path) -> tuple[Files, list[str]]:
    """Return the plain files of a folder by name, and problems with entries that are no plain files."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    plain = {name for name, path in paths.items() if path.is_file() and not path.is_symlink()}
    odd = [name for name, path in paths.items() if name not in plain and (path.is_symlink() or not path.is_dir())]
    return {name: partial(paths[name].open, "rb") for name in plain}, [f"{name} is no plain file" for name in odd]


def _files_in_zip(archive: zipfile.ZipFile) -> tuple[Files, list[str]]:
    """Return the files of a zip by their names below its folder, and problems with other entries."""
    files: dict[str, Callable[[], Any]] = {}
    odd = []
    for entry in archive.infolist():
        name = entry.filename.partition("/")[2]
        if entry.is_dir():
            continue
        if not name or not _is_inside(entry.filename) or name in files:
            odd.append(f"{entry.filename!r} is no name of a file of a release")
        else:
            files[name] = partial(archive.open, entry)
    return files, odd


# ---------------------------------------------------------------------------------------------- two releases


_TABLE, _PACKAGE = "data/panel.csv", "datapackage.json"
_KEY = ("portal", "agency_id", "year")
_SIGHTS = ("last_fetched", "first_shown", "last_absent", "absent_as_of")
Cells = Mapping[str, str]


class ChangeReason(StrEnum):
    """Why a value differs between two releases."""

    RULING = "ruling"
    FIRST_EDITION = "first_edition"
    NEW_EDITION = "new_edition"
    NEWER_READER = "newer_reader"
    NEW_CAPTURE = "new_capture"
    REGISTRY = "registry"
    NEWER_PROGRAM = "newer_program"
    TIME = "time"
    OTHER_EVIDENCE = "other_evidence"
    ROWS = "rows"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Moved:
    """One value that differs. ``column``: "" for a row that only one release has (``before`` or ``after`` is "1")."""

    agency_id: str
    agency: str
    year: str
    column: str
    before: str
    after: str
    why: ChangeReason


@dataclass(frozen=True, slots=True)
class _Release:
    """A release of the panel to compare: its time, the program that made it, its rows in the order of their keys."""

    as_of: str
    software: str
    rows: Iterator[Cells]


def compare_releases(old: Path, new: Path) -> Iterator[Moved]:
    """Yield the values that differ between two releases of the panel, by portal, agency and year. Raises
    :class:`ReleaseError` if one is no release of the panel; OSError.
    """
    with ExitStack() as stack:
        before, after = _open_release(old, stack), _open_release(new, stack)
        for first, second in _side_by_side(before.rows, after.rows):
            if first is None or second is None:
                yield _moved(first or second or {}, "", "1" if first else "", "1" if second else "", ChangeReason.ROWS)
            else:
                yield from _compare_rows(first, second, before, after)


def write_comparison(changes: Iterable[Moved], path: Path) -> None:
    """Write differences as CSV, completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as out:
        write_csv(Path(out.name), [one.name for one in fields(Moved)], map(astuple, changes))


def _open_release(path: Path, stack: ExitStack) -> _Release:
    """Open a release in a folder or zip, which ``stack`` closes. Raises ReleaseError if it has no panel."""
    try:
        files, _ = files_of(path, stack)
    except zipfile.BadZipFile as error:
        raise ReleaseError(code="release.no_panel", path=path) from error
    if not files.keys() >= {_TABLE, _PACKAGE}:
        raise ReleaseError(code="release.no_panel", path=path)
    with files[_PACKAGE]() as stream:
        described = json.load(stream)["nianbao"]
    return _Release(described["as_of"], described["software"], _rows(files, stack))


def _rows(files: Files, stack: ExitStack) -> Iterator[Cells]:
    csv.field_size_limit(sys.maxsize)
    text = io.TextIOWrapper(stack.enter_context(files[_TABLE]()), encoding="utf-8", newline="")
    return csv.DictReader(text)


def _key(entry: tuple[int, Cells]) -> tuple[str, str, int]:
    """Return the sort key of a pair: the number of a release (0: old, 1: new) and one of its rows."""
    portal, agency, year = (entry[1][name] for name in _KEY)
    return portal, agency, int(year)


def _side_by_side(old: Iterator[Cells], new: Iterator[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    """Yield pairs of rows with equal keys from two tables sorted by key; None instead of a row that a table lacks."""
    before, after = ((0, row) for row in old), ((1, row) for row in new)
    for _, same in groupby(merge(before, after, key=_key), key=_key):
        rows = dict(same)
        yield rows.get(0), rows.get(1)


def _moved(row: Cells, column: str, before: str, after: str, why: ChangeReason) -> Moved:
    return Moved(row["agency_id"], row["agency"], row["year"], column, before, after, why)


def _compare_rows(old: Cells, new: Cells, before: _Release, after: _Release) -> Iterator[Moved]:
    for column in dict.fromkeys((*old, *new)):
        first, second = old.get(column, ""), new.get(column, "")
        if first != second and column not in panel_columns()["provenance"]:
            yield _moved(new, column, first, second, _why(column, old, new, before, after))


def _why(column: str, old: Cells, new: Cells, before: _Release, after: _Release) -> ChangeReason:
    """Return why ``column`` differs in the rows of an agency and year, the first reason here that applies: a column of
    the status changes with what was seen and when, others with the edition (content for a time) and how it was read.
    What was seen before the old release and is new all the same came by a ruling, an import or other reports.
    """
    if column in panel_columns()["registry"]:
        return ChangeReason.REGISTRY
    is_held, then = bool(old["edition"] or new["edition"]), datetime.fromisoformat(before.as_of)
    is_of_status = not is_held or column in panel_columns()["status"] or column.startswith("score.punctual")
    grades = {old["evidence"], new["evidence"]}
    is_regraded = len(grades) > 1 and EvidenceGrade.RULED.value in grades
    if (is_regraded and is_of_status) or (old["withheld"] != new["withheld"] and not is_of_status):
        return ChangeReason.RULING
    has_other_edition = not is_of_status and old["edition"] != new["edition"]
    if has_other_edition and _is_later(new["fetched_at"], then):
        return ChangeReason.NEW_EDITION if old["edition"] else ChangeReason.FIRST_EDITION
    if not is_of_status and old["reader"] and new["reader"] and old["reader"] != new["reader"]:
        return ChangeReason.NEWER_READER
    if is_of_status and not _is_evidence_lost(old, new, then) and any(_is_later(new[name], then) for name in _SIGHTS):
        return ChangeReason.NEW_CAPTURE
    if before.software != after.software:
        return ChangeReason.NEWER_PROGRAM
    if Status.NOT_YET_DUE.value in {old["status"], new["status"]} and before.as_of != after.as_of:
        return ChangeReason.TIME
    is_other = is_of_status or has_other_edition or column.startswith("findings")
    return ChangeReason.OTHER_EVIDENCE if is_other else ChangeReason.UNEXPLAINED


def _is_later(cell: str, then: datetime) -> bool:
    return bool(cell) and datetime.fromisoformat(cell) > then


def _is_evidence_lost(old: Cells, new: Cells, then: datetime) -> bool:
    """Whether evidence of the old release counts no more, or other evidence of before it (``then``) counts now: no new
    look or capture does that.
    """
    if old["first_shown"] != new["first_shown"]:
        return not _is_later(new["first_shown"], then)
    lost = any(old[name] and not _is_later(new[name], datetime.fromisoformat(old[name])) and old[name] != new[name]
               for name in ("last_absent", "absent_as_of"))  # fmt: skip
    return lost or (old["status"], old["evidence"], new["evidence"]) == (new["status"], "proven", "one_look")
