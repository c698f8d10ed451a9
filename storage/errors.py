"""The errors that storage raises. Each has a sentence that says what is wrong and what a person can do about it."""

from __future__ import annotations

import errno
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from storage.records import Note


class CodedError(Exception):
    """An error that people read; its sentence says what is wrong, where, what was kept and what to do.

    ``code`` selects the sentence and never changes; ``values`` fill it in. ``errors.toml`` has the sentences of storage
    and the crawler in both languages; an error of another package may bring its English ``message``.
    """

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        super().__init__(message or _english(code, values))
        self.code = code
        self.values = values


@cache
def error_sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of errors of storage and the crawler: code → language → text."""
    texts: Mapping[str, Mapping[str, str]] = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text("utf-8"))[
        "error"
    ]
    return texts


def _english(code: str, values: Mapping[str, object]) -> str:
    entry = error_sentences().get(code)
    return code if entry is None else entry["en"].format_map({name: _plain(value) for name, value in values.items()})


def _plain(value: object) -> object:
    """Return a value for a sentence; a note as JSON (``{"code": …, "values": …}``) becomes a sentence itself."""
    if isinstance(value, Mapping) and value.keys() == {"code", "values"}:
        note = Note.of(value)
        code = note.code.removeprefix("error.")
        return _english(code, note.values) if code in error_sentences() else note.values.get("text", note)
    return value


class StorageError(CodedError):
    """Something that the archive was asked to do could not be done."""


class HomeError(StorageError):
    """An archive's folder, settings, clock or database is not in the state that the command needs."""


class ReadOnlyError(StorageError):
    """Something was to be written to an archive that was opened for reading only."""


class UnusableError(HomeError):
    """The archive exists, but its folder or database cannot be used now."""


class ProjectionError(StorageError):
    """The projections are missing, outdated or being rebuilt by another process."""


class GenerationTurned(ProjectionError):  # noqa: N818 - nothing failed: it reports a change
    """Another process rebuilt the projections while this one was judging from the old ones."""


class DiskError(StorageError):
    """The disk of the archive accepts no more data: it is full, read-only or broken."""


class UnansweredError(StorageError):
    """A database or an object store cannot answer now: it is locked, or its disk or server is unreachable.

    Nothing may be concluded about its contents.
    """


class DamagedError(StorageError):
    """A database file is damaged; ``cause`` among the values is the message of SQLite."""


class TookTooLongError(StorageError):
    """A query kept the database working for longer than is allowed."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def is_of_the_disk(error: OSError) -> bool:
    """Return whether an error says that a disk is full, read-only or broken."""
    return error.errno in {*_FULL, errno.EROFS, errno.EIO}


def cannot_write(path: object, error: OSError) -> DiskError:
    """Return the error to raise if ``path`` cannot be written."""
    code = "disk_full" if error.errno in _FULL else "disk_forbidden" if error.errno in _FORBIDDEN else "disk_broken"
    return DiskError(code=code, path=path, cause=error.strerror or str(error))


# --------------------------------------------------------------------------------------- errors of database drivers

# Primary result codes of SQLite (sqlite3.h), and classes of PostgreSQL's SQLSTATE (its manual, appendix A)
_DAMAGED = frozenset({11, 26})  # CORRUPT, NOTADB
_DISK = frozenset({8, 10, 13, 14})  # READONLY, IOERR, FULL, CANTOPEN
_BUSY = frozenset({5, 6, 7, 10, 13, 14, 15})  # while reading: BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN, PROTOCOL
_DISK_STATES = frozenset({"53100", "25006"})  # disk_full, read_only_sql_transaction
_SERVER = frozenset({"08", "53", "55", "57", "58", "XX"})  # connection, resources, locks, an operator, its system


def _result(error: BaseException | None) -> int | None:
    """Return SQLite's primary result code of an error, None if it has none."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def is_damaged(error: BaseException | None) -> bool:
    """Return whether a driver's error says that a SQLite file is damaged."""
    return _result(error) in _DAMAGED


def cause_of(error: BaseException | None) -> str:
    """Return the first line of a driver's error message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def database_error(name: str, error: BaseException | None, *, writing: bool) -> StorageError | None:
    """Return the error to raise for a driver's ``error`` if database ``name`` is damaged, cannot answer now or, when
    ``writing``, has no disk space; None if our statement was wrong.
    """
    state = getattr(error, "sqlstate", None)
    is_lost = hasattr(error, "sqlstate") and state is None and type(error).__name__ == "OperationalError"
    if is_damaged(error):
        return DamagedError(code="damaged", name=name, cause=cause_of(error))
    if writing and (_result(error) in _DISK or state in _DISK_STATES):
        return DiskError(code="database_disk", name=name, cause=cause_of(error))
    if not writing and (is_lost or str(state)[:2] in _SERVER or _result(error) in _BUSY):
        return UnansweredError(code="unanswered", name=name, cause=cause_of(error))
    return None


def note_of(error: BaseException) -> Note:
    """Return an exception as a note (code and values, worded later): its own, or of its code, or else of its text."""
    if isinstance(own_note := getattr(error, "note", None), Note):
        return own_note
    code, values = getattr(error, "code", ""), getattr(error, "values", {})
    if not code:
        return Note("error", {"text": str(error)})
    plain = {key: value if isinstance(value, (str, int, float, dict)) else str(value) for key, value in values.items()}
    return Note(f"error.{code}", plain)
