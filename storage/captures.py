"""Write captures: what was fetched becomes a WARC record on disk first, then a row."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from storage import capture_rows, warc_fields
from storage.capture_store import CaptureStore
from storage.column_types import clean, is_hex
from storage.exchange import Exchange, Resource, decode_body
from storage.home import Home
from storage.locks import safe_name
from storage.mending import warcinfo
from storage.records import Capture, CaptureOutcome, CaptureRole, Run
from storage.warc import Members, WarcWriter, copied_members, exchange_members, resource_members
from storage.warc_reader import WarcRecord

__all__ = ["CaptureStore", "CaptureWriter", "Exchange", "Resource"]

_GROUP_AGE = timedelta(seconds=2)  # the longest that a written capture waits for its row while others follow
# In an object store each acknowledgement closes a file, because objects cannot grow: so fewer and larger groups.
_SEGMENT, _SEGMENT_AGE, _SEGMENT_BYTES = 500, timedelta(minutes=5), 32 << 20
_TEXT_MAX = 1_000
_SUCCESS = frozenset((*range(200, 300), 304))  # statuses of a document, or of one that has not changed


class CaptureWriter:
    """Writes the captures of one run. Use it as a context manager.

    A capture is acknowledged when its record is synced to disk and then its row committed. With ``group=1`` that is
    done when :meth:`write` returns; otherwise when ``group`` captures are waiting, the oldest is two seconds old,
    :meth:`flush` is called or the block ends. **Flush before storing a look that names captures.** ``about``: more
    fields for the warcinfo record (``software``, ``http-header-user-agent`` …).

    With an object store each acknowledgement closes the file and uploads it before its rows are committed; so captures
    are acknowledged in groups of up to 500, five minutes or 32 MiB, and looks together with them
    (:meth:`once_acknowledged`).
    """

    def __init__(self, home: Home, run: Run, *, group: int = 1, about: Mapping[str, str] | None = None) -> None:
        """``group``: so many captures are committed at once; ``about``: further fields of the warcinfo record."""
        self.home = home
        self.run = run
        self._remote = home.blobs.is_remote
        self.group = max(1, group)
        self._max_age = _GROUP_AGE
        max_bytes = home.config.warc_max_bytes
        if self._remote:  # each group becomes one object, so it should be large
            self.group = max(group, _SEGMENT)
            self._max_age = _SEGMENT_AGE
            max_bytes = min(max_bytes, _SEGMENT_BYTES)
        self._store = CaptureStore(home)
        self._pending: list[Capture] = []
        self._callbacks: list[Callable[[], object]] = []
        self._lock = threading.RLock()
        portal, run_id = map(safe_name, (run.portal, run.id))
        prefix = f"{portal}/{portal}-{run_id}"
        self._warc = WarcWriter(home.warc_dir, prefix, max_bytes, warcinfo(home, run, about))

    def __enter__(self) -> CaptureWriter:
        with self.home.truth.begin() as connection:
            capture_rows.ensure_run(connection, self.run)
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            try:
                self._acknowledge(closing=True)
            finally:
                self._warc.close()

    @property
    def pending(self) -> int:
        """Return how many captures are written but not acknowledged."""
        return len(self._pending)

    # ------------------------------------------------------------------------------------------------ writing

    def write(
        self,
        exchange: Exchange | None,
        *,
        role: CaptureRole,
        requested: str,
        outcome: CaptureOutcome,
        reason: str = "",
        via: str | None = None,
        link_text: str = "",
        revisit_of: Capture | None = None,
        url: str | None = None,
        fetched_at: datetime | None = None,
    ) -> Capture:
        """Store one exchange, or a failure (``exchange`` None; give ``url`` then; ``fetched_at`` is now by default).

        ``via``: the capture that led here, if one did; ``revisit_of``: what a 304 confirms (by default the address's
        last document). A body equal to that is not stored again, but as a revisit record. The row is committed with its
        group. Raises ValueError, before writing, for a capture that could have no row.
        """
        at = exchange.fetched_at if exchange is not None else fetched_at or self.home.clock.now()
        if at.tzinfo is None or not (via is None or is_hex(via, 32)):
            raise ValueError(
                f"no capture at {at!r} via {via!r}: an instant needs its offset, a capture id is 32 hex digits"
            )
        with self._lock:
            capture = self._new_capture(
                url=clean(exchange.url if exchange is not None else url or requested),
                requested=clean(requested),
                fetched_at=at,
                role=role,
                outcome=outcome,
                reason=reason,
                via=via,
                link_text=link_text,
            )
            if exchange is None:
                return self._queue(capture)
            answer = warc_fields.of_answer(exchange.response_headers)
            capture = replace(capture, status=exchange.status, tls=exchange.tls, **answer)
            if exchange.status == 304:
                original = self._original_of(revisit_of or self._last_document(capture.url))
                if original is not None:
                    capture = replace(
                        capture, size=original.size, payload_digest=original.payload_digest, document=original.document
                    )
            else:
                capture = _with_digests(capture, exchange)
                original = self._find_unchanged(capture) if exchange.body else None
            capture = replace(capture, revisit_of=None if original is None else original.id)
            return self._append(capture, exchange_members(exchange, capture, original), at)

    def keep(
        self, resource: Resource, *, role: CaptureRole, reason: str, via: str | None = None, same: Capture | None = None
    ) -> Capture:
        """Store a document that a person imported or a browser made (``via``: from that capture): a capture without
        status, dated when it came in. ``same``: an acknowledged capture with the same bytes, which are then not stored
        again.
        """
        with self._lock:
            digest = hashlib.sha256(resource.body).hexdigest()
            original = same if same is not None and same.document == digest else None
            capture = self._new_capture(
                url=clean(resource.url),
                requested=clean(resource.url),
                fetched_at=resource.at,
                role=role,
                outcome=CaptureOutcome.PAGE,
                reason=reason,
                via=via,
                **warc_fields.of_answer([("Content-Type", resource.mime)]),
                size=len(resource.body),
                payload_digest=digest,
                document=digest,
                revisit_of=None if original is None else original.id,
            )
            return self._append(capture, resource_members(resource, capture, original), resource.at)

    def keep_copy(
        self,
        record: WarcRecord,
        source: Mapping[str, object],
        *,
        url: str,
        capture_id: str,
        role: CaptureRole,
        reason: str,
        via: str | None,
    ) -> Capture:
        """Store a response from another archive's WARC file: a capture without status, dated by that archive.

        ``url``: its address; ``source``: archive, file and offset that it is from; ``capture_id``: the same each time
        that this response is imported; ``via``: the capture of the page that links it, None for a page. Raises
        ValueError if its date cannot be read.
        """
        with self._lock:
            capture = self._new_capture(
                capture_id=capture_id,
                url=clean(url),
                requested=clean(url),
                fetched_at=datetime.fromisoformat(record.fields["warc-date"]),
                role=role,
                outcome=CaptureOutcome.PAGE,
                reason=reason,
                via=via,
                size=len(record.payload),
                payload_digest=record.payload_digest,
                document=record.document or record.payload_digest,
                **warc_fields.of_answer(record.headers),
            )
            return self._append(capture, copied_members(record, capture, source), self.home.clock.now())

    def _new_capture(self, *, reason: str, link_text: str = "", capture_id: str = "", **more: Any) -> Capture:
        """Return a new capture of this run, its texts cut and cleaned to be stored. ``capture_id`` "": a random one;
        ``more``: the other fields of :class:`Capture`.
        """
        return Capture(
            id=capture_id or uuid.uuid4().hex,
            run=self.run.id,
            portal=self.run.portal,
            reason=clean(reason[:_TEXT_MAX]),
            link_text=clean(link_text[:_TEXT_MAX]),
            **more,
        )

    def _append(self, capture: Capture, members: Members, at: datetime) -> Capture:
        """Append a capture's records to the file; return the capture with its place."""
        if self._warc.full:
            self._acknowledge(closing=True)
        return self._queue(replace(capture, warc=self._warc.append(members, at)))

    def _find_unchanged(self, capture: Capture) -> Capture | None:
        """Return the original of the address's last document if that has the same payload, else None."""
        last, digests = self._last_document(capture.url), (capture.payload_digest, capture.document)
        is_same = last is not None and (last.payload_digest, last.document) == digests
        return self._original_of(last) if is_same else None

    def _last_document(self, url: str) -> Capture | None:
        """Return the address's newest capture with a document, which may still wait to be acknowledged."""
        pending = [old for old in self._pending if old.url == url and old.document and old.status in _SUCCESS]
        return pending[-1] if pending else self._store.last(url)

    def _original_of(self, capture: Capture | None) -> Capture | None:
        """Return the capture whose record contains the payload of ``capture``, None if it has no document."""
        if capture is None or capture.revisit_of is None:
            return capture if capture is not None and capture.document is not None else None
        pending = next((old for old in self._pending if old.id == capture.revisit_of), None)
        return pending or self._store.get(capture.revisit_of)

    # ------------------------------------------------------------------------------------------ acknowledging

    def flush(self) -> None:
        """Acknowledge all captures written so far: sync their records, then commit their rows."""
        with self._lock:
            self._acknowledge(closing=self._remote)

    def once_acknowledged(self, store_names: Callable[[], object]) -> None:
        """Call ``store_names``, which stores something that names captures, when all captures so far are acknowledged
        (on disk and committed): at once, or with an object store when their group is full. Calls keep their order.
        """
        with self._lock:
            if not self._remote:
                self._acknowledge(closing=False)
            self._callbacks.append(store_names)
            if not self._pending:
                self._call_callbacks()

    def _queue(self, capture: Capture) -> Capture:
        self._pending.append(capture)
        if len(self._pending) >= self.group or capture.fetched_at - self._pending[0].fetched_at >= self._max_age:
            self._acknowledge(closing=self._remote)
        return capture

    def _acknowledge(self, *, closing: bool) -> None:
        """Sync the records of pending captures, if any, commit their rows, call the callbacks. ``closing``: also record
        the file as closed; an object store has it before the rows say so, and its local copy is deleted after that.
        """
        file, size, closes_file = self._warc.file, self._warc.size, closing and self._warc.is_open
        if not self._pending and not closes_file:
            return
        self._warc.sync()
        if closes_file:
            self.home.blobs.upload(file)
        with self.home.truth.begin() as connection:
            opened = next((capture.fetched_at for capture in self._pending if capture.warc is not None), None)
            number = None if opened is None else capture_rows.warc_file_number(connection, file, self.run.id, opened)
            capture_rows.insert_captures(connection, self._pending, number, self.run.id)
            if closes_file:
                capture_rows.seal(connection, file, size)
        self._pending.clear()
        self._call_callbacks()
        if closes_file:
            self.home.blobs.drop_local_copy(file)
            self._warc.close()  # its lock is released last: other processes mend files without a lock

    def _call_callbacks(self) -> None:
        while self._callbacks:
            self._callbacks[0]()
            self._callbacks.pop(0)


def _with_digests(capture: Capture, exchange: Exchange) -> Capture:
    """Return the capture with digests of payload and document (the decoded payload, or as sent if that fails)."""
    if not exchange.body and not 200 <= exchange.status < 300:
        return capture  # a refusal without a body has no document
    payload, document = hashlib.sha256(exchange.body).hexdigest(), decode_body(exchange.body, exchange.response_headers)
    as_sent = document is None or document is exchange.body
    digest = payload if as_sent else hashlib.sha256(document or b"").hexdigest()
    return replace(capture, size=len(exchange.body), payload_digest=payload, document=digest)
