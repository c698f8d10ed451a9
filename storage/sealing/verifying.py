"""Compare the chain of seals with what the archive contains today, to find any change of what was sealed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection

from storage.blobs import Blobs
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Note
from storage.sealing import manifest
from storage.sealing.contents import KINDS, SealedKind, files, lines
from storage.sealing.making import altered_seals, recorded_seals
from storage.sealing.manifest import FOLDER, KeptManifest, SealedFile

Progress = Callable[[int, int], None]
_MAX_LISTED = 100  # changed rows of one kind that are listed; more are only counted
#: code of a problem's note → code of the problem
CODES = {
    "seal_of_other_archive": "other_archive",
    "seal_repeated": "chain_broken",
    "seal_after_another": "chain_broken",
    "seals_between_gone": "seal_missing",
    "seal_gone": "seal_missing",
    "seal_not_as_made": "seal_changed",
    "seal_time_backwards": "seal_time",
    "rows_sealed_twice": "row_sealed_twice",
    "sealed_row_gone": "row_missing",
    "sealed_row_changed": "row_changed",
    "sealed_rows_more": "row_changed",
    "sealed_file_outside": "file_missing",
    "sealed_file_unread": "file_missing",
    "sealed_file_shorter": "file_shorter",
    "sealed_file_changed": "file_changed",
    "sealed_file_longer": "file_longer",
}


@dataclass(frozen=True, slots=True)
class SealProblem:
    """A difference from what was sealed. ``where``: a file, or kind and key of a row; ``note``: what is wrong.

    ``code``: a value of CODES, ``seal_unreadable`` or ``rows_unreadable``.
    """

    code: str
    where: str
    note: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class SealCheck:
    """The result: ``chain``: the readable seals; ``files`` and ``rows``: how many were compared; ``unsealed_files`` and
    ``unsealed_rows``: how many no seal covers yet (files: not, or not to their end).
    """

    chain: tuple[KeptManifest, ...]
    problems: tuple[SealProblem, ...]
    files: int
    rows: int
    unsealed_files: int
    unsealed_rows: int


def _problem(where: str, note_code: str, **values: object) -> SealProblem:
    return SealProblem(CODES[note_code], where, Note(note_code, values))


def verify(home: Home, *, progress: Progress | None = None) -> SealCheck:
    """Compare every seal with all files and rows that it covers, and count those that none covers yet. Nothing is
    changed, and memory use does not grow with the archive. ``progress``: called with bytes hashed and bytes in total.
    """
    folder, born = home.path / FOLDER, home.born.isoformat()
    problems: list[SealProblem] = []
    paths = manifest.paths(folder) if folder.is_dir() else []
    chain = tuple(_chain(paths, {one.number: one.sha256 for one in recorded_seals(home)}, problems))
    problems += _altered_seals(altered_seals(home, chain), chain, {path.name for path in paths})
    for name, archive in ((one_seal.path.name, one_seal.seal.archive) for one_seal in chain):
        if archive != born:
            problems.append(_problem(name, "seal_of_other_archive", seal=name, at=archive))
    sealed = sorted((one for one_seal in chain for one in one_seal.seal.files), key=attrgetter("name", "size"))
    last = {one.name: one.size for one in sealed}
    with home.truth.read() as connection, closing(manifest.scratch_of_rows()) as scratch:
        scratch.execute("CREATE TABLE held (key TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID")
        for one_seal in chain:
            problems += _load_seal(scratch, one_seal)
        unsealed_rows = 0
        for kind in KINDS:
            unsealed_rows += _load_rows(scratch, connection, kind)
            problems += _find_changed_rows(scratch, kind)
        rows = int(scratch.execute("SELECT count(*) FROM sealed").fetchone()[0])
        unsealed_files = sum(size > last.get(name, 0) for name, size in files(connection).items())
        closed = files(connection, closed=True)
    checked_bytes, total = 0, sum(last.values())
    for name, ones in groupby(sealed, key=attrgetter("name")):
        problems += _check_growing_file(home.blobs, name, [*ones], closed.get(name))
        checked_bytes += last[name]
        if progress is not None:
            progress(checked_bytes, total)
    return SealCheck(
        chain=chain,
        problems=tuple(problems),
        files=len(last),
        rows=rows,
        unsealed_files=unsealed_files,
        unsealed_rows=unsealed_rows,
    )


# ------------------------------------------------------------------------------------------------- the chain


def _chain(paths: Iterable[Path], digests: Mapping[int, str], problems: list[SealProblem]) -> Iterator[KeptManifest]:
    """Yield the readable seals; faults in their order are added to ``problems``, except missing seals that the database
    records. ``digests``: the SHA-256 of each recorded seal by its number.
    """
    number, digest, before = 0, None, None
    for path in paths:
        name = path.name
        try:
            current = manifest.read(path)
        except StorageError as error:
            problems.append(SealProblem("seal_unreadable", name, note_of(error)))
            number, digest = number + 1, "unknown"
            continue
        gap = range(number + 1, current.seal.number)
        if current.seal.number <= number:
            problems.append(_problem(name, "seal_repeated", seal=name))
        elif not digests.keys() >= set(gap):  # else ``_altered_seals`` reports each
            problems.append(_problem(name, "seals_between_gone", seal=name, number=number))
        elif (digests[gap[-1]] if gap else digest) not in {"unknown", current.seal.previous}:
            problems.append(_problem(name, "seal_after_another", seal=name))
        if before is not None and current.seal.made_at < before.seal.made_at:
            times = {"at": current.seal.made_at.isoformat(), "then": before.seal.made_at.isoformat()}
            problems.append(_problem(name, "seal_time_backwards", seal=name, before=before.path.name, **times))
        number, digest, before = current.seal.number, current.sha256, current
        yield current


def _altered_seals(
    altered: Iterable[Any], chain: Sequence[KeptManifest], file_names: set[str]
) -> Iterator[SealProblem]:
    """Yield a problem for each seal of ``altered`` (recorded, but missing or different on disk), unless its file is
    unreadable, which is reported already.
    """
    names_by_number = {sealed.seal.number: sealed.path.name for sealed in chain}
    for recorded in altered:
        if (name := names_by_number.get(recorded.number)) is not None:
            yield _problem(name, "seal_not_as_made", seal=name, number=recorded.number, digest=recorded.sha256)
        elif recorded.name not in file_names:
            yield _problem(recorded.name, "seal_gone", seal=recorded.name)


# ------------------------------------------------------------------------------------------------- rows


def _load_seal(scratch: sqlite3.Connection, sealed: KeptManifest) -> Iterator[SealProblem]:
    """Load the rows of a seal; yield a problem if they are unreadable, or if a row was sealed differently before."""
    try:
        # equal digests are fine: a lost seal came back after its rows were sealed again
        row_count = scratch.executemany(
            "INSERT INTO sealed VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET digest = digest WHERE digest = excluded.digest",
            manifest.unpacked(sealed),
        ).rowcount
    except StorageError as error:
        yield SealProblem("rows_unreadable", manifest.rows_name(sealed.path.name), note_of(error))
        return
    if twice := sum(sealed.seal.rows.values()) - row_count:
        yield _problem(sealed.path.name, "rows_sealed_twice", seal=sealed.path.name, number=twice)


def _load_rows(scratch: sqlite3.Connection, connection: Connection, kind: SealedKind) -> int:
    """Load the archive's rows of a kind into the scratch table ``held``; return how many of them no seal covers."""
    scratch.execute("DELETE FROM held")
    rows = ((line.key, line.digest) for line in lines(connection, kind))
    scratch.executemany("INSERT OR REPLACE INTO held VALUES (?, ?)", rows)
    query = "SELECT count(*) FROM held WHERE NOT EXISTS (SELECT 1 FROM sealed WHERE kind = ? AND sealed.key = held.key)"
    return int(scratch.execute(query, (kind.name,)).fetchone()[0])


def _find_changed_rows(scratch: sqlite3.Connection, kind: SealedKind) -> Iterator[SealProblem]:
    """Yield the sealed rows of a kind that are gone or changed today; beyond ``_MAX_LISTED`` only their number."""
    query = (
        "SELECT sealed.key, held.key IS NULL FROM sealed LEFT JOIN held USING (key) "
        "WHERE kind = ? AND held.digest IS NOT sealed.digest"
    )
    changed_rows = scratch.execute(query, (kind.name,))
    for key, is_missing in islice(changed_rows, _MAX_LISTED):
        row = f"{kind.name} {key}"
        yield _problem(row, "sealed_row_gone" if is_missing else "sealed_row_changed", row=row)
    if unlisted := sum(1 for _ in changed_rows):
        yield _problem(kind.name, "sealed_rows_more", number=unlisted, table=kind.name)


# ------------------------------------------------------------------------------------------------- files


def _check_growing_file(blobs: Blobs, name: str, parts: Sequence[SealedFile], end: int | None) -> Iterator[SealProblem]:
    """Yield what is wrong with a file. Sealed as it grew, it has a SHA-256 for each length: all are checked in one
    pass, up to the first that differs. ``end``: the size with which it was closed; nothing may follow then.
    """
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        yield _problem(name, "sealed_file_outside", file=name)
        return
    where, length = blobs.where(name), 0
    try:
        with blobs.open(name) as handle:
            prefixes = manifest.prefix_digests(handle, [part.size for part in parts])
            for part, (length, digest) in zip(parts, prefixes, strict=True):
                if length < part.size:
                    yield _problem(name, "sealed_file_shorter", file=where, number=part.size - length, size=part.size)
                    return
                if digest != part.sha256:
                    yield _problem(name, "sealed_file_changed", file=where, size=part.size)
                    return
            if end is not None and end <= length and (bytes_after := handle.seek(0, os.SEEK_END) - length) > 0:
                yield _problem(name, "sealed_file_longer", file=where, number=bytes_after, size=length)
    except OSError as error:
        yield _problem(name, "sealed_file_unread", file=where, cause=error.strerror)
