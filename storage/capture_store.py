"""Captures read back: rows from the database, bytes from the WARC files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any

from sqlalchemy import Select, bindparam, func, select

from storage import capture_rows
from storage.errors import StorageError
from storage.exchange import Exchange, Headers, decode
from storage.home import Home
from storage.records import Capture, CaptureOutcome, CaptureRole
from storage.tables import ADDRESSES, CAPTURES
from storage.warc_fields import REQUEST_FIELD, decode_request_delta
from storage.warc_reader import (
    has_content_coding,
    stored_head,
    stored_payload,
    stored_payload_pieces,
    stored_request,
)

_BATCH = 500
_DOCUMENTS = 5_000  # asked about in one statement
_PIECE_BYTES = 1 << 17  # of a body that is given piece by piece
_DECODED_AT_ONCE = BoundedSemaphore(2)  # bodies whose Content-Encoding is undone in memory


_QUERY: Select[Any] = capture_rows.captures_query()
#: The newest capture of an address whose bytes are known.
_NEWEST = (
    _QUERY.where(ADDRESSES.c.key == bindparam("key"), CAPTURES.c.status.is_not(None))
    .where(CAPTURES.c.document.is_not(None) | CAPTURES.c.revisit_of.is_not(None))
    .order_by(CAPTURES.c.fetched_at.desc(), CAPTURES.c.id.desc())
    .limit(1)
)
_LAST = _NEWEST.where(CAPTURES.c.status.between(200, 299) | (CAPTURES.c.status == 304))
_HOLDER = _QUERY.where(
    CAPTURES.c.document == bindparam("digest"), CAPTURES.c.warc_file.is_not(None), CAPTURES.c.revisit_of.is_(None)
).limit(1)


class MissingBodyError(StorageError):
    """A capture or document whose bytes are not held: a failure, or a file that is gone."""


class CaptureStore:
    """Reads captures back: rows from the database, bytes from the WARC files."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def get(self, capture_id: str) -> Capture | None:
        """Give the capture of this id."""
        return (
            self._first(capture_rows.captures_query().where(CAPTURES.c.id == capture_id))
            if is_hex(capture_id, 32)
            else None
        )

    def last(self, url: str) -> Capture | None:
        """Give the newest capture of this address that holds a document (unchanged ones too), for its validators."""
        return self._first(_LAST, key=capture_rows.url_key(url))

    def holder(self, digest: str) -> Capture | None:
        """Give a capture whose own record holds this document."""
        return self._first(_HOLDER, digest=digest) if is_hex(digest, 64) else None

    def last_payload(self, url: str) -> Capture | None:
        """Give the newest fetch of this address with a payload of any status."""
        return self._first(_NEWEST, key=capture_rows.url_key(url))

    def for_portal(self, portal: str, roles: Iterable[CaptureRole] | None = None) -> Iterator[Capture]:
        """The captures of a portal in the order of their time, optionally only of some roles."""
        query = capture_rows.captures_query().where(CAPTURES.c.portal == portal)
        if roles is not None:
            query = query.where(CAPTURES.c.role.in_([str(role) for role in roles]))
        return self._select(query.order_by(CAPTURES.c.fetched_at, CAPTURES.c.id))

    def visits(self, since: datetime, until: datetime) -> Counter[str]:
        """How many fetches of reports answered with a page after ``since`` and until ``until``, by portal."""
        met = [CaptureOutcome.PAGE.value, CaptureOutcome.NOT_MODIFIED.value]
        query = (
            select(CAPTURES.c.portal, func.count())
            .where(
                CAPTURES.c.role == CaptureRole.REPORT.value,
                CAPTURES.c.outcome.in_(met),
                CAPTURES.c.fetched_at > since,
                CAPTURES.c.fetched_at <= until,
            )
            .group_by(CAPTURES.c.portal)
        )
        return Counter(dict(map(tuple, self.home.truth.rows(query))))

    def newest(
        self, portal: str, *, roles: Iterable[CaptureRole], outcomes: Iterable[CaptureOutcome]
    ) -> tuple[list[Capture], list[Capture]]:
        """The newest fetch of each address (as first asked for) that ended so, and the captures that hold their bytes.

        What was brought in, not fetched, is no fetch.
        """
        asked = func.coalesce(CAPTURES.c.requested, ADDRESSES.c.url)
        latest = func.row_number().over(
            partition_by=asked, order_by=(CAPTURES.c.fetched_at.desc(), CAPTURES.c.id.desc())
        )
        wanted = (
            CAPTURES.c.portal == portal,
            CAPTURES.c.role.in_([str(role) for role in roles]),
            CAPTURES.c.outcome.in_([str(outcome) for outcome in outcomes]),
            CAPTURES.c.status.is_not(None),
        )
        place = select(CAPTURES.c.id, CAPTURES.c.revisit_of, latest.label("place"))
        ranked = place.select_from(capture_rows.captures_from()).where(*wanted).subquery()
        first = select(ranked.c.id).where(ranked.c.place == 1)
        others = select(ranked.c.revisit_of).where(ranked.c.place == 1, ranked.c.revisit_of.is_not(None))
        query = capture_rows.captures_query()
        newest = list(self._select(query.where(CAPTURES.c.id.in_(first))))
        held = [capture for capture in newest if capture.revisit_of is None]
        return newest, [*held, *self._select(query.where(CAPTURES.c.id.in_(others)))]

    def last_asked(self, portal: str, run: str, role: CaptureRole, count: int) -> list[str]:
        """The last ``count`` addresses (as first asked for) of captures of a run in a role, whatever became of them."""
        asked = func.coalesce(CAPTURES.c.requested, ADDRESSES.c.url).label("asked")
        where = (CAPTURES.c.portal == portal, capture_rows.run_of_capture() == run, CAPTURES.c.role == str(role))
        query = select(asked).select_from(capture_rows.captures_from()).where(*where)
        query = query.group_by(asked).order_by(func.max(CAPTURES.c.fetched_at).desc(), asked).limit(count)
        return list(self.home.truth.scalars(query))

    def asked(self, portal: str, role: CaptureRole) -> frozenset[str]:
        """All addresses (as first asked for) that were ever asked for in a role, whatever became of them."""
        asked = func.coalesce(CAPTURES.c.requested, ADDRESSES.c.url)
        query = select(asked).select_from(capture_rows.captures_from()).distinct()
        return frozenset(
            self.home.truth.scalars(query.where(CAPTURES.c.portal == portal, CAPTURES.c.role == str(role)))
        )

    def came_over(self, chain: str) -> bool:
        """Whether anything came over the chain of certificates with a SHA-256, which does not hold."""
        query = select(CAPTURES.c.id).where(CAPTURES.c.tls.endswith(f" sha256:{chain}", autoescape=True)).limit(1)
        return bool(self.home.truth.scalars(query))

    def by_document(self, digest: str) -> list[Capture]:
        """All captures of a document in the order of their time, revisits included."""
        return self.by_documents([digest])

    def by_documents(self, digests: Collection[str]) -> list[Capture]:
        """All captures of these documents in the order of their time, revisits included."""
        wanted = sorted({digest for digest in digests if is_hex(digest, 64)})
        captures: list[Capture] = []
        for start in range(0, len(wanted), _DOCUMENTS):
            held = CAPTURES.c.document.in_(wanted[start : start + _DOCUMENTS])
            first = select(CAPTURES.c.id).where(held)
            captures += self._select(capture_rows.captures_query().where(held | CAPTURES.c.revisit_of.in_(first)))
        return sorted(captures, key=lambda one: (one.fetched_at, one.id))

    def of_url(self, url: str) -> list[Capture]:
        """All captures of an address, failures too, in the order of their time."""
        query = capture_rows.captures_query().where(ADDRESSES.c.key == capture_rows.url_key(url))
        return list(self._select(query.order_by(CAPTURES.c.fetched_at, CAPTURES.c.id)))

    def body(self, wanted: Capture | str) -> bytes:
        """The document bytes (content coding undone) of a capture, or of a document by its digest.

        Revisits are followed. Raises MissingBodyError where none is held, StorageError where a file is damaged.
        """
        holder = self._holder(wanted)
        assert holder.warc is not None
        head, wire = stored_payload(self.home.blobs, holder.warc)
        for candidate in (decode(wire, head.headers), wire):
            if candidate is not None and hashlib.sha256(candidate).hexdigest() == holder.document:
                return candidate
        raise _altered(holder.id, holder.warc.file)

    def body_pieces(self, wanted: Capture | str) -> Generator[bytes, None, None]:
        """The same bytes as :meth:`body` in pieces, compared with their digest before the first; nearly none of them
        are in memory at once.

        A body with a Content-Encoding goes through a temporary file: it can only be undone as a whole. Raises as
        :meth:`body` does.
        """
        holder = self._holder(wanted)
        assert holder.warc is not None
        if has_content_coding(stored_head(self.home.blobs, holder.warc).headers):
            file = TemporaryFile()  # noqa: SIM115 - closed when it was given, or nobody wants it
            with _DECODED_AT_ONCE:
                file.write(self.body(holder))
            return _pieces_of(file)
        digest = hashlib.sha256()
        for piece in stored_payload_pieces(self.home.blobs, holder.warc):
            digest.update(piece)
        if digest.hexdigest() != holder.document:
            raise _altered(holder.id, holder.warc.file)
        return stored_payload_pieces(self.home.blobs, holder.warc)

    def exchange(self, capture: Capture) -> Exchange:
        """The exchange of a capture as it came over the wire, with the body it stands for if it is a revisit."""
        if capture.warc is None:
            raise MissingBodyError(
                code="capture.failure", capture=capture.id, cause=f"{capture.outcome}: {capture.reason}"
            )
        if capture.status is None:
            raise MissingBodyError(code="capture.no_exchange", capture=capture.id)
        head, body = stored_payload(self.home.blobs, capture.warc)
        if capture.revisit_of is not None:
            holder = self._holder(capture)
            assert holder.warc is not None
            _, body = stored_payload(self.home.blobs, holder.warc)
        request_line, request_headers, sent = self.request(capture)
        return Exchange(
            url=capture.url,
            method=request_line.partition(" ")[0],
            request_headers=request_headers,
            request_body=sent,
            status=capture.status or 0,
            reason_phrase=head.first_line.split(" ", 2)[2] if head.first_line.count(" ") > 1 else "",
            response_headers=head.headers,
            body=body,
            ip=head.fields.get("warc-ip-address"),
            fetched_at=capture.fetched_at,
        )

    def request(self, capture: Capture) -> tuple[str, Headers, bytes]:
        """Request line, headers and body of the request that a capture answered.

        Raises MissingBodyError where nothing was requested, StorageError where the request cannot be read.
        """
        if capture.warc is None or capture.status is None:
            raise MissingBodyError(code="capture.no_request", capture=capture.id)
        head, _ = stored_payload(self.home.blobs, capture.warc)
        delta = head.fields.get(REQUEST_FIELD.lower())
        if delta is None:
            request, body = stored_request(self.home.blobs, capture.warc, capture.id)
            return request.first_line, request.headers, body
        original = self.get(capture.revisit_of or "")
        if original is None or original.warc is None:
            raise StorageError(code="capture.repeated_unknown", capture=capture.id)
        request, _ = stored_request(self.home.blobs, original.warc, original.id)
        try:
            return request.first_line, decode_request_delta(delta, request.headers), b""
        except ValueError as error:
            raise StorageError(code="capture.request_unread", capture=capture.id, cause=error) from error

    def _holder(self, wanted: Capture | str) -> Capture:
        """The capture whose own record holds the bytes."""
        if isinstance(wanted, str):
            found = self.holder(wanted)
        else:
            found = wanted if wanted.revisit_of is None else self.get(wanted.revisit_of)
        if found is None or found.warc is None or found.document is None:
            name = wanted if isinstance(wanted, str) else wanted.id
            raise MissingBodyError(code="capture.no_bytes", name=name)
        return found

    def _first(self, query: Select[Any], **values: object) -> Capture | None:
        with self.home.truth.read() as connection:
            row = connection.execute(query, values).mappings().first()
        return None if row is None else capture_rows.capture_of(row)

    def _select(self, query: Select[tuple[object, ...]]) -> Iterator[Capture]:
        with self.home.truth.read() as connection:
            result = connection.execute(query.execution_options(yield_per=_BATCH))
            for row in result.mappings():
                yield capture_rows.capture_of(row)


def _pieces_of(file: IO[bytes]) -> Generator[bytes, None, None]:
    with file:
        file.seek(0)
        yield from iter(partial(file.read, _PIECE_BYTES), b"")


def _altered(capture: str, file: str) -> MissingBodyError:
    return MissingBodyError(code="capture.altered", capture=capture, file=file)


def is_hex(text: str, length: int) -> bool:
    """Whether ``text`` is an id or digest of this many lower-case hex digits."""
    return len(text) == length and all(letter in "0123456789abcdef" for letter in text)
