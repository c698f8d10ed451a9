"""Read captures back: their rows from the database, their bytes from the WARC files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from storage import capture_rows
from storage.column_types import is_hex
from storage.errors import StorageError
from storage.exchange import decode_body
from storage.home import Home
from storage.records import COPIED_FROM, Capture, CaptureOutcome, CaptureRole, WarcPlace
from storage.statements import batches, rows_among
from storage.tables import ADDRESSES, CAPTURES, LOOKS
from storage.warc_reader import payload_pieces, stored_record

_BATCH = 500
_ID_CHARS = 32
_PIECE_BYTES = 1 << 17  # of a body returned in pieces
_READ_AT_ONCE = BoundedSemaphore(2)  # how many bodies returned in pieces are read from WARC files at the same time

_QUERY: Select[Any] = capture_rows.captures_query()
_OLDEST_FIRST = (CAPTURES.c.fetched_at, CAPTURES.c.id)
_NEWEST_FIRST = (CAPTURES.c.fetched_at.desc(), CAPTURES.c.id.desc())
_FIRST_URL = func.coalesce(CAPTURES.c.requested, ADDRESSES.c.url).label("requested_url")
# asked for each page of a crawl: making these statements anew would cost it a fifteenth of its speed (bench-finding)
_LAST_DOCUMENT = (
    _QUERY.where(ADDRESSES.c.key == bindparam("key"), CAPTURES.c.status.between(200, 299) | (CAPTURES.c.status == 304))
    .where(CAPTURES.c.document.is_not(None) | CAPTURES.c.revisit_of.is_not(None))
    .order_by(*_NEWEST_FIRST)
    .limit(1)
)
_BY_DIGEST = _QUERY.where(
    CAPTURES.c.document == bindparam("digest"), CAPTURES.c.warc_file.is_not(None), CAPTURES.c.revisit_of.is_(None)
).limit(1)


class CaptureStore:
    """Reads captures back: rows from the database, bytes from the WARC files."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def get(self, capture_id: str) -> Capture | None:
        """Return the capture with this id, None if there is none."""
        return self._first_capture(_QUERY.where(CAPTURES.c.id == capture_id)) if is_hex(capture_id, _ID_CHARS) else None

    def last(self, url: str) -> Capture | None:
        """Return the newest capture of an address that has a document (or confirms one), for its validators."""
        return self._first_capture(_LAST_DOCUMENT, key=capture_rows.url_key(url))

    def holder(self, digest: str) -> Capture | None:
        """Return a capture whose own record contains this document."""
        return self._first_capture(_BY_DIGEST, digest=digest) if is_hex(digest, 64) else None

    def of_url(self, url: str) -> list[Capture]:
        """Return all captures of an address, including failures, oldest first."""
        return [*self._select_captures(ADDRESSES.c.key == capture_rows.url_key(url))]

    def for_portal(self, portal: str, roles: Iterable[CaptureRole] | None = None) -> Iterator[Capture]:
        """Yield the captures of a portal, oldest first, optionally only those of some roles."""
        of_roles = [] if roles is None else [CAPTURES.c.role.in_([str(role) for role in roles])]
        return self._select_captures(CAPTURES.c.portal == portal, *of_roles)

    def by_document(self, digest: str) -> list[Capture]:
        """Return all captures of a document, revisits included, oldest first."""
        return self.by_documents([digest])

    def by_documents(self, digests: Collection[str]) -> list[Capture]:
        """Return all captures of documents with these SHA-256 digests, unchanged repeats included, oldest first."""
        captures: list[Capture] = []
        for batch in batches(digest for digest in digests if is_hex(digest, 64)):
            in_batch = CAPTURES.c.document.in_(batch)
            is_revisit = CAPTURES.c.revisit_of.in_(select(CAPTURES.c.id).where(in_batch))
            captures += self._select_captures(in_batch | is_revisit)
        return sorted(captures, key=lambda capture: (capture.fetched_at, capture.id))

    def newest(
        self, portal: str, *, roles: Iterable[CaptureRole], outcomes: Iterable[CaptureOutcome]
    ) -> Iterator[Capture]:
        """Yield the newest fetch of each address (before redirects) with such a role and outcome; no manual import."""
        conditions = (
            CAPTURES.c.portal == portal,
            CAPTURES.c.role.in_([str(role) for role in roles]),
            CAPTURES.c.outcome.in_([str(outcome) for outcome in outcomes]),
            CAPTURES.c.status.is_not(None),
        )
        latest = func.row_number().over(partition_by=_FIRST_URL, order_by=_NEWEST_FIRST).label("place")
        ranked = select(CAPTURES.c.id, latest).select_from(capture_rows.captures_from()).where(*conditions).subquery()
        return self._select_captures(CAPTURES.c.id.in_(select(ranked.c.id).where(ranked.c.place == 1)))

    # ------------------------------------------------------------------------------------------------ counted, asked

    def visits(self, since: datetime, until: datetime) -> Counter[str]:
        """Count our fetches of reports answered with a page or "not modified" in (since, until], by portal."""
        is_ok = CAPTURES.c.outcome.in_([CaptureOutcome.PAGE.value, CaptureOutcome.NOT_MODIFIED.value])
        when = (CAPTURES.c.fetched_at > since, CAPTURES.c.fetched_at <= until, CAPTURES.c.status.is_not(None))
        query = select(CAPTURES.c.portal, func.count()).where(CAPTURES.c.role == CaptureRole.REPORT.value, is_ok, *when)
        return Counter(dict(map(tuple, self.home.truth.rows(query.group_by(CAPTURES.c.portal)))))

    def last_requested_urls(self, portal: str, run: str, role: CaptureRole, count: int) -> list[str]:
        """Return the last ``count`` addresses (as first requested) of a run in a role, whatever the outcome."""
        query = _requested_urls_query(portal, role).where(capture_rows.run_of_capture() == run)
        query = query.group_by(_FIRST_URL).order_by(func.max(CAPTURES.c.fetched_at).desc(), _FIRST_URL).limit(count)
        return [*self.home.truth.scalars(query)]

    def requested_urls(self, portal: str, role: CaptureRole) -> frozenset[str]:
        """Return all addresses (as first requested) ever requested in a role, whatever the outcome."""
        return frozenset(self.home.truth.scalars(_requested_urls_query(portal, role).distinct()))

    def came_over(self, chain: str) -> bool:
        """Return whether anything was fetched over the faulty certificate chain with this SHA-256."""
        query = select(CAPTURES.c.id).where(CAPTURES.c.tls.endswith(f" sha256:{chain}", autoescape=True)).limit(1)
        return bool(self.home.truth.scalars(query))

    # ------------------------------------------------------------------------------------------------------- bytes

    def body(self, source: Capture | str) -> bytes:
        """Return the document bytes (content coding undone) of a capture, or of a document by its digest.

        Revisits are followed. Raises StorageError if there are no bytes, or a file is damaged.
        """
        holder, place = self._find_holder(source)
        record = stored_record(self.home.blobs, place)
        for candidate in (decode_body(record.payload, record.headers), record.payload):
            if candidate is not None and hashlib.sha256(candidate).hexdigest() == holder.document:
                return candidate
        raise StorageError(code="capture.altered", capture=holder.id, file=place.file)

    def body_pieces(self, source: Capture | str) -> Generator[bytes, None, None]:
        """Return the bytes of :meth:`body` in pieces from a temporary file, so that a slow client costs no memory. Only
        two bodies are read at once, and only those with a content coding are loaded.
        """
        holder, place = self._find_holder(source)
        file = TemporaryFile()  # noqa: SIM115 - the generator closes it
        with _READ_AT_ONCE:
            digest = hashlib.sha256()
            for piece in payload_pieces(self.home.blobs, place):
                file.write(piece)
                digest.update(piece)
            if digest.hexdigest() != holder.document:
                file.seek(0)
                file.truncate()
                file.write(self.body(holder))
        return _read_pieces(file)

    def _find_holder(self, source: Capture | str) -> tuple[Capture, WarcPlace]:
        """Return the capture whose own record contains the bytes, and where that record is."""
        if isinstance(source, str):
            holder = self.holder(source)
        else:
            holder = source if source.revisit_of is None else self.get(source.revisit_of)
        if holder is None or holder.warc is None or holder.document is None:
            raise StorageError(code="capture.no_bytes", name=source if isinstance(source, str) else source.id)
        return holder, holder.warc

    def _first_capture(self, query: Select[Any], **values: object) -> Capture | None:
        with self.home.truth.read() as connection:
            row = connection.execute(query, values).mappings().first()
        return None if row is None else capture_rows.capture_of(row)

    def _select_captures(self, *conditions: ColumnElement[bool]) -> Iterator[Capture]:
        query = _QUERY.where(*conditions).order_by(*_OLDEST_FIRST).execution_options(yield_per=_BATCH)
        with self.home.truth.read() as connection:
            for row in connection.execute(query).mappings():
                yield capture_rows.capture_of(row)


def _read_pieces(file: IO[bytes]) -> Generator[bytes, None, None]:
    with file:
        file.seek(0)
        yield from iter(partial(file.read, _PIECE_BYTES), b"")


def _requested_urls_query(portal: str, role: CaptureRole) -> Select[Any]:
    """Return the query for the addresses (as first requested) of our own captures of a portal in a role."""
    query = select(_FIRST_URL).select_from(capture_rows.captures_from())
    is_own = ~CAPTURES.c.reason.startswith(COPIED_FROM, autoescape=True)
    return query.where(CAPTURES.c.portal == portal, CAPTURES.c.role == str(role), is_own)


# ------------------------------------------------------------------------------- many at once, no more than are named


def captures_by_id(home: Home, ids: Collection[str]) -> Mapping[str, Capture]:
    """Return the captures that exist among these ids, by id, in the order of ``ids``."""
    with home.truth.read() as connection:
        rows = rows_among(connection, _QUERY, CAPTURES.c.id, ids)
        captures = {row.id: capture_rows.capture_of(row._mapping) for row in rows}
    return {name: captures[name] for name in dict.fromkeys(ids) if name in captures}


def captures_in_file(home: Home, portal: str, number: int) -> dict[str, Capture]:
    """Return the captures of a portal that are stored in one WARC file, by id, in the order of their offsets."""
    query = _QUERY.where(CAPTURES.c.portal == portal, CAPTURES.c.warc_file == number)
    query = query.order_by(CAPTURES.c.warc_offset, CAPTURES.c.id)
    return {row.id: capture_rows.capture_of(row._mapping) for row in home.truth.rows(query)}


def capture_heads(home: Home, ids: Collection[str]) -> dict[str, tuple[str, str, datetime, str, int | None]]:
    """Return id, address, time, outcome, HTTP status of captures that exist, by id; whole ones would be too big."""
    columns = CAPTURES.c
    query = select(columns.id, ADDRESSES.c.url, columns.fetched_at, columns.outcome, columns.status)
    query = query.join(ADDRESSES, columns.address == ADDRESSES.c.no)
    with home.truth.read() as connection:
        return {row.id: tuple(row) for row in rows_among(connection, query, columns.id, ids)}


def ids_begun(home: Home, begun: str) -> list[str]:
    """Return the ids of captures and looks that begin with these hex digits, at most three of each."""
    matches: set[str] = set()
    first, last = begun.ljust(_ID_CHARS, "0"), begun.ljust(_ID_CHARS, "f")
    for ids in (CAPTURES.c.id, LOOKS.c.id):
        matches.update(home.truth.scalars(select(ids).where(ids.between(first, last)).order_by(ids).limit(3)))
    return sorted(matches)
