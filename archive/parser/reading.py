"""The version of the reader, and the reading of a document on which it failed."""

from __future__ import annotations

from dataclasses import replace

from archive.documents.model import why
from archive.findings import finding
from archive.parser.text import NORMALISER
from storage.records import Finding, Reading

#: Raise the number whenever a reading may come out differently.
READER_VERSION = "37"


def failure_finding(reason: str, detail: str = "", *, otherwise: bool = False) -> Finding:
    """Return the finding that the reader failed. ``reason``: a code (``memory``, ``cpu``, ``crash``) or the exception.

    ``otherwise``: a plainer way of reading gave something all the same.
    """
    zh, en = why(reason)
    more = f"{reason}: {detail or en}" if detail or en != reason else reason
    words = (f"{zh}（{detail}）" if detail else zh, more)
    return finding("reader_failed", case="plainer" if otherwise else "document", found=reason, why=words)


def empty_reading(digest: str, reason: str, *, kind: str, reader: str = READER_VERSION) -> Reading:
    """Return a reading with nothing in it. ``reason``: why it is no report."""
    return Reading(
        document=digest, reader=reader, normaliser=NORMALISER, kind=kind, reason=reason, content_digest=digest
    )


def failed_reading(digest: str, reason: str, detail: str = "", *, kind: str = "unknown") -> Reading:
    """Return the reading of a document on which the reader failed. Whether it is a report, its link says."""
    note = failure_finding(reason, detail)
    return replace(empty_reading(digest, "reader_failed", kind=kind), findings=(note,), unreadable="reader_failed")
