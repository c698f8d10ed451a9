"""List the values that differ between two releases of the panel, each with a reason. Both are read once, in parallel.

A figure can change by a new edition of its report, a ruling, a newer reader or program; a status by new captures or
looks, a ruling, or the passing of time. Changes without such a reason are called unexplained.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path

from archive.exports.files import whole
from archive.exports.formats.columns import panel_columns
from archive.exports.plain_values import neutral
from archive.exports.release.checking import Files, files_of
from archive.exports.release.making import ReleaseError
from storage.records import EvidenceGrade

_TABLE, _PACKAGE = "data/panel.csv", "datapackage.json"
_KEY = ("portal", "agency_id", "year")
_SIGHTS = ("days_fetched", "last_fetched", "first_shown", "last_absent", "absent_as_of", "editions_held", "marks")
Cells = Mapping[str, str]


class ChangeReason(StrEnum):
    """Why a value differs between two releases."""

    RULING = "ruling"
    NEW_EDITION = "new_edition"
    NEWER_READER = "newer_reader"
    NEW_CAPTURE = "new_capture"
    REGISTRY = "registry"
    NEWER_PROGRAM = "newer_program"
    TIME = "time"
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
    """Yield the values that differ between two releases of the panel, by portal, agency and year.

    Raises :class:`ReleaseError` if one is no release of the panel; OSError.
    """
    with ExitStack() as stack:
        before, after = _opened(old, stack), _opened(new, stack)
        for first, second in _side_by_side(before.rows, after.rows):
            if first is None or second is None:
                yield _moved(first or second or {}, "", "1" if first else "", "1" if second else "", ChangeReason.ROWS)
            else:
                yield from _compare_rows(first, second, before, after)


def write_comparison(old: Path, new: Path, path: Path) -> Counter[ChangeReason]:
    """Write the differences as CSV, completely or not at all; return how many there are for each reason."""
    counts: Counter[ChangeReason] = Counter()
    with whole(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([one.name for one in fields(Moved)])
        for moved in compare_releases(old, new):
            counts[moved.why] += 1
            writer.writerow([neutral(text) for text in astuple(moved)])
    return counts


def _opened(path: Path, stack: ExitStack) -> _Release:
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


def _key(row: Cells) -> tuple[str, str, int]:
    portal, agency, year = (row[name] for name in _KEY)
    return portal, agency, int(year)


def _side_by_side(old: Iterator[Cells], new: Iterator[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    """Yield pairs of rows with equal keys from two tables sorted by key; None in place of a row that one lacks."""
    first, second = next(old, None), next(new, None)
    while first is not None or second is not None:
        if second is None or (first is not None and _key(first) < _key(second)):
            yield first, None
            first = next(old, None)
        elif first is None or _key(second) < _key(first):
            yield None, second
            second = next(new, None)
        else:
            yield first, second
            first, second = next(old, None), next(new, None)


def _moved(row: Cells, column: str, before: str, after: str, why: ChangeReason) -> Moved:
    return Moved(row["agency_id"], row["agency"], row["year"], column, before, after, why)


def _compare_rows(old: Cells, new: Cells, before: _Release, after: _Release) -> Iterator[Moved]:
    for column in dict.fromkeys((*old, *new)):
        first, second = old.get(column, ""), new.get(column, "")
        if first != second and column not in panel_columns()["provenance"]:
            yield _moved(new, column, first, second, _why(column, old, new, before, after))


def _why(column: str, old: Cells, new: Cells, before: _Release, after: _Release) -> ChangeReason:
    """Return why one value differs: the first reason in this order that applies."""
    if column in panel_columns()["registry"]:
        return ChangeReason.REGISTRY
    is_held = bool(old["edition"] or new["edition"])
    is_of_status = not is_held or column in panel_columns()["status"] or column.startswith("score.punctual")
    is_ruled = old["evidence"] != new["evidence"] and EvidenceGrade.RULED.value in {old["evidence"], new["evidence"]}
    if is_ruled if is_of_status else old["withheld"] != new["withheld"]:
        return ChangeReason.RULING
    if not is_of_status and old["edition"] != new["edition"]:
        return ChangeReason.NEW_EDITION
    if not is_of_status and old["reader"] != new["reader"]:
        return ChangeReason.NEWER_READER
    if any(old[name] != new[name] for name in _SIGHTS) or old["edition"] != new["edition"]:
        return ChangeReason.NEW_CAPTURE
    if before.software != after.software:
        return ChangeReason.NEWER_PROGRAM
    return ChangeReason.TIME if is_of_status and before.as_of != after.as_of else ChangeReason.UNEXPLAINED
