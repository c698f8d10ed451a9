"""Read WARC files written by other programs, with warcio; faults in them are reported, not trusted."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from storage.errors import StorageError
from storage.exchange import Headers
from storage.warc_fields import one_line

_CHUNK = 1 << 18
_ANSWERS = frozenset({"response", "resource"})
_CAUSE_MAX_CHARS = 300  # characters of warcio's error message that are shown
_WARCIO = logging.getLogger("warcio.recordloader")
_SIMULATED = re.compile(rb"simulated:\s*true", re.IGNORECASE)  # a line of a warcinfo record


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRecord:
    """A response (or a resource, with status 200) from a WARC file of another program; ``payload`` is as sent.

    ``fault``: why it must not be trusted (``torn``, ``digest_differs``, ``too_large``: then it is cut), or "".
    ``simulated``: the warcinfo before it says that it comes from an imitation.
    """

    url: str
    date: str
    record_id: str
    status: int
    headers: Headers
    payload: bytes
    fault: str
    simulated: bool


def foreign(path: Path, *, limit: int) -> Iterator[ForeignRecord]:
    """Yield the web responses of another program's WARC file in order, with at most ``limit`` bytes of payload.

    Raises StorageError if it is not a WARC file or ends within a record's head, after the responses before that.
    """
    try:
        with path.open("rb") as handle:
            simulated = False
            records = iter(ArchiveIterator(handle, check_digests=True))
            while True:
                with _silence_warcio():
                    record = next(records, None)
                    if record is None:
                        return
                    if record.rec_type == "warcinfo":
                        lines = record.content_stream().read(_CHUNK).splitlines()
                        simulated = any(_SIMULATED.fullmatch(line.strip()) for line in lines)
                    foreign_record = _read_foreign(record, limit, simulated) if record.rec_type in _ANSWERS else None
                if foreign_record is not None:
                    yield foreign_record
    except (ArchiveLoadFailed, OSError, ValueError, EOFError, zlib.error, AttributeError, OverflowError) as error:
        cause = one_line(f"{type(error).__name__}: {error}")[:_CAUSE_MAX_CHARS]
        raise StorageError(code="import.warc_unread", path=path, cause=cause) from error


def _read_foreign(record: ArcWarcRecord, limit: int, simulated: bool) -> ForeignRecord:
    fields, http = record.rec_headers, record.http_headers
    headers = [(str(name), str(value)) for name, value in http.headers] if http is not None else []
    status = http.get_statuscode() if http is not None else "200"
    pieces, room = [], limit + 1
    while room and (piece := record.raw_stream.read(min(room, _CHUNK))):
        pieces.append(piece)
        room -= len(piece)
    fault = "" if record.digest_checker.passed is not False else "digest_differs"
    fault = "torn" if record.raw_stream.limit else fault  # bytes that the record announces but the file lacks
    return ForeignRecord(
        url=fields.get_header("WARC-Target-URI") or "",
        date=fields.get_header("WARC-Date") or "",
        record_id=fields.get_header("WARC-Record-ID") or "",
        status=int(status) if status and status.isdecimal() else 0,
        headers=headers or [("Content-Type", fields.get_header("Content-Type") or "")],
        payload=b"".join(pieces),
        fault="too_large" if not room else fault,
        simulated=simulated,
    )


@contextmanager
def _silence_warcio() -> Iterator[None]:
    """In the block, suppress warcio's messages: they repeat bytes of the file, control characters included."""
    before = _WARCIO.disabled
    _WARCIO.disabled = True
    try:
        with redirect_stderr(StringIO()):
            yield
    finally:
        _WARCIO.disabled = before
