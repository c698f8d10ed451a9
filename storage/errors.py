"""What storage raises. Every message is a sentence that says what is wrong and what a person can do about it."""

from __future__ import annotations

import errno

from storage.records import Note


class CodedError(Exception):
    """An error that people read; the message says what, where, what was kept and what to do.

    ``code`` and ``values``: the same for who words it in another language; the code of an error never changes.
    """

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values = values


class StorageError(CodedError):
    """Our work could not be done."""


class HomeError(StorageError):
    """An archive folder, its settings, its clock or its database is not as the command needs it."""


class ReadOnlyError(StorageError):
    """Something was to be written through an archive that was opened for questions only."""


class UnusableError(HomeError):
    """The archive is named rightly, but its folder or database cannot be used now."""


class ProjectionError(StorageError):
    """The projections are missing, outdated or being rebuilt by somebody else."""


class GenerationTurned(ProjectionError):  # noqa: N818 - nothing failed: it says what happened meanwhile
    """Another process made the projections anew while this one judged from the former ones."""


class DiskError(StorageError):
    """The disk on which the archive lies takes nothing more: it is full, read-only or broken."""


class UnansweredError(StorageError):
    """A database or an object store could not answer now: another program holds it, or its disk or server is not there.

    Nothing may be concluded of what it holds.
    """


class DamagedError(StorageError):
    """A database file is damaged. ``cause``: what its engine says."""

    def __init__(self, name: str, cause: str) -> None:
        self.cause = cause
        super().__init__(
            f"the database {name} is damaged ({cause}); nothing was changed, and what was fetched lies in the WARC "
            "files. nianbao doctor says whether it is archive.sqlite: then bring the archive back from a copy, nianbao "
            "restore COPY NEW-FOLDER. Else what was read and judged is made again by: nianbao rebuild "
            "(docs/keeping.md)",
            code="damaged",
            name=name,
            cause=cause,
        )


class TookTooLongError(StorageError):
    """A question kept the database at work for longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the question was stopped after {seconds:g} s of the database's work; nothing was changed. Ask for fewer "
            "years or for one portal, or let it take longer: question_seconds in nianbao.toml "
            "(NIANBAO_QUESTION_SECONDS).",
            code="took_too_long",
            seconds=f"{seconds:g}",
        )


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_KEPT = "what was acknowledged until then is kept"


def is_of_the_disk(error: OSError) -> bool:
    """Whether an error says that a disk takes nothing more: full, read-only or broken."""
    return error.errno in {*_FULL, errno.EROFS, errno.EIO}


def is_full_or_read_only(error: OSError) -> bool:
    """Whether an error says that a disk takes nothing more."""
    return error.errno in {*_FULL, errno.EROFS}


def no_store(url: str, cause: str) -> UnansweredError:
    """What to tell where the object store ``url`` does not answer as it should."""
    message = (
        f"the object store {url} could not be used ({cause}); what was stored is kept. See that its address is right, "
        "that it runs and that it lets you in, then run it again."
    )
    return UnansweredError(message, code="no_store", url=url, cause=cause)


def cannot_write(path: object, error: OSError) -> DiskError:
    """What to tell where ``path`` could not be written."""
    code, todo = "disk_broken", "see to the disk"
    if error.errno in _FULL:
        code, todo = "disk_full", "make room"
    elif error.errno in _FORBIDDEN:
        code, todo = "disk_forbidden", "make it writable for this user"
    cause = error.strerror or str(error)
    message = f"cannot write to {path} ({cause}); {_KEPT}. First {todo}, then run it again."
    return DiskError(message, code=code, path=path, cause=cause)


_DAMAGED = frozenset({11, 26})
_SQLITE = {  # primary result codes of sqlite3.h
    8: "make it writable for this user",  # SQLITE_READONLY
    10: "see that there is room and that the disk is sound",  # SQLITE_IOERR
    13: "make room",  # SQLITE_FULL
    14: "see that there is room and that its folder is writable",  # SQLITE_CANTOPEN
}


def is_damaged(error: BaseException | None) -> bool:
    """Whether a driver's ``error`` says that a SQLite file is damaged: SQLITE_CORRUPT or SQLITE_NOTADB of sqlite3.h."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _DAMAGED


_UNANSWERED = {  # likewise, of reading
    5: "Wait until whoever holds it has finished",  # SQLITE_BUSY
    6: "Wait until whoever holds it has finished",  # SQLITE_LOCKED
    7: "See that there is memory",  # SQLITE_NOMEM
    10: "See that the disk is sound",  # SQLITE_IOERR
    13: "Make room",  # SQLITE_FULL
    14: "See that it may be read, and that there is room",  # SQLITE_CANTOPEN
    15: "Wait until whoever holds it has finished",  # SQLITE_PROTOCOL
}
#: classes of PostgreSQL's manual, appendix A: connection, resources, locks, an operator's intervention, its system
_OF_THE_SERVER = frozenset({"08", "53", "55", "57", "58", "XX"})


def cause_of(error: BaseException | None) -> str:
    """What a driver's error says, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def unanswered(name: str, error: BaseException | None) -> StorageError | None:
    """What to tell where a driver's ``error`` means that database ``name`` is damaged or cannot answer now; None where
    it means that we asked wrongly.
    """
    if is_damaged(error):
        return DamagedError(name, cause_of(error))
    code, state = getattr(error, "sqlite_errorcode", None), getattr(error, "sqlstate", None)
    todo = _UNANSWERED.get(code & 0xFF) if isinstance(code, int) else None
    lost = hasattr(error, "sqlstate") and state is None and type(error).__name__ == "OperationalError"
    if lost or (isinstance(state, str) and state[:2] in _OF_THE_SERVER):
        todo = "See that its server runs and lets you in"
    if todo is None:
        return None
    cause = cause_of(error)
    message = f"the database {name} could not answer ({cause}); what was stored is kept. {todo}, then ask again."
    return UnansweredError(message, code="unanswered", name=name, cause=cause)


def database_disk_error(name: str, error: BaseException | None) -> StorageError | None:
    """What to tell where a driver's ``error`` means that the disk of database ``name`` takes nothing more, or that it
    is damaged; else None.

    SQLite: by its result code; PostgreSQL: class 53100 (disk_full) and 25006 (read-only) of its manual, appendix A.
    """
    if is_damaged(error):
        return DamagedError(name, cause_of(error))
    code = getattr(error, "sqlite_errorcode", None)
    todo = _SQLITE.get(code & 0xFF) if isinstance(code, int) else None
    if todo is None and getattr(error, "sqlstate", None) in {"53100", "25006"}:
        todo = "make room on its server, and see that it may be written"
    if todo is None:
        return None
    cause = cause_of(error)
    message = f"cannot write to the database {name} ({cause}); {_KEPT}. First {todo}, then run it again."
    return DiskError(message, code="database_disk", name=name, cause=cause)


def note_of(error: BaseException) -> Note:
    """What an exception is noted as: its note, or its code with its values; its text where it has neither."""
    if isinstance(own := getattr(error, "note", None), Note):
        return own
    code, values = getattr(error, "code", ""), getattr(error, "values", {})
    if not code:
        return Note("error", {"text": str(error)})
    plain = {name: one if isinstance(one, (str, int, float, dict)) else str(one) for name, one in values.items()}
    return Note(f"error.{code}", plain)
