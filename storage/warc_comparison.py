"""Compare one WARC record with its row, its request and what it repeats: faults as (code, note).

The codes are those of :mod:`storage.warc_check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache

from storage import capture_rows
from storage.errors import StorageError, note_of
from storage.home import Home
from storage.records import Capture, Note
from storage.request_delta import FIELD, decode_request_delta
from storage.tables import CAPTURES
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_head, read_request, stored_request
from storage.warc_records import IDENTICAL, NOT_MODIFIED
from storage.wire import hex_id, target_uri, urn, warc_date

Fault = tuple[str, Note]
#: field of a revisit → the field of its original that it repeats
_REPEATED = {
    "warc-refers-to-target-uri": "warc-target-uri",
    "warc-refers-to-date": "warc-date",
    "warc-payload-digest": "warc-payload-digest",
}


def differences(capture: Capture, record: WarcRecord, *, of: tuple[str, str] | None = None) -> Iterator[Fault]:
    """What of a record is not as its row says: (code, note) each. The original of a revisit is not asked for.

    ``of``: the run and portal of its file, where they are known; else those of the row are believed.
    """
    given = record.fields
    for name, value in _expected(capture).items():
        if given.get(name) != value:
            yield "record_differs", _field_differs(name, given.get(name), value)
    yield from _address(capture, given)
    yield from _own_account(capture, record, of or (capture.run, capture.portal))
    first = record.first_line
    if record.is_http and first.split(" ")[1:2] != [f"{capture.status:03}"]:
        yield "record_differs", Note("status_not_of_row", {"line": _short(first), "status": capture.status})
    yield from _payload(capture, record)


def _expected(capture: Capture) -> dict[str, str]:
    kind = "revisit" if capture.revisit_of else "resource" if capture.status is None else "response"
    made = {"warc-type": kind, "warc-record-id": urn(capture.id), "warc-date": warc_date(capture.fetched_at)}
    if kind == "revisit":
        made["warc-profile"] = NOT_MODIFIED if capture.status == 304 else IDENTICAL
        made["warc-refers-to"] = urn(capture.revisit_of or "")
    if capture.payload_digest is not None:
        made["warc-payload-digest"] = f"sha256:{capture.payload_digest}"
    return made


def _address(capture: Capture, given: Mapping[str, str]) -> Iterator[Fault]:
    if "\ufffd" in capture.url:  # a row cannot hold what the address held
        return
    target, uri = given.get("warc-target-uri", ""), target_uri(capture.url)
    made = capture.status is None and target.startswith("urn:") and target.endswith(f":{uri}")
    if target != uri and not made:
        yield "record_differs", _field_differs("warc-target-uri", target, uri)


def _field_differs(name: str, given: str | None, row: str) -> Note:
    return Note("record_field_not_of_row", {"field": name, "given": _short(given), "row": _short(row)})


def _own_account(capture: Capture, head: RecordHead, of: tuple[str, str]) -> Iterator[Fault]:
    try:
        described = head.capture(run=of[0], portal=of[1])
    except (ValueError, TypeError, KeyError):
        yield "record_differs", Note("own_account_unread")
        return
    names = (one.name for one in fields(Capture) if one.name != "warc")
    differ = [name for name in names if getattr(described, name) != getattr(capture, name)]
    if differ:
        yield "record_differs", Note("own_account_differs", {"fields": ", ".join(differ)})


def _payload(capture: Capture, record: WarcRecord) -> Iterator[Fault]:
    if record.kind == "revisit":
        if record.payload_size:
            yield "record_differs", Note("revisit_with_payload", {"size": record.payload_size})
        return
    claimed = record.fields.get("warc-payload-digest")
    if claimed != f"sha256:{record.payload_digest}":
        yield "digest_differs", Note("payload_not_of_digest")
    if capture.payload_digest is None:
        return
    if capture.payload_digest != record.payload_digest:
        digests = {"digest": record.payload_digest, "row": capture.payload_digest}
        yield "digest_differs", Note("payload_not_of_row", digests)
    if capture.document not in (record.document, record.payload_digest):
        yield "digest_differs", Note("document_not_of_row", {"row": capture.document})
    if capture.size != record.payload_size:
        yield "record_differs", Note("size_not_of_row", {"size": record.payload_size, "row": capture.size})


def request_faults(handle: int, record: WarcRecord) -> Iterator[Fault]:
    """What is wrong with the request record that must follow that of an answer."""
    try:
        request, _ = read_request(handle, record.offset + record.length, hex_id(record.fields["warc-record-id"]))
    except (BrokenRecordError, KeyError, ValueError):
        yield "request_missing", Note("request_does_not_follow")
        return
    for name in ("warc-target-uri", "warc-date"):
        if request.fields.get(name) != record.fields.get(name):
            yield "request_missing", Note("request_field_differs", {"field": name})


class Originals:
    """What revisits repeat: rows and heads of their originals, the latest remembered."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._original = lru_cache(maxsize=4096)(self._read)

    def faults(self, capture: Capture, head: RecordHead) -> Iterator[Fault]:
        """What is wrong with what a revisit repeats, and with what the revisit says of it."""
        found = self._original(capture.revisit_of or "")
        if isinstance(found, Note):
            yield "original_missing", found
            return
        original, repeated = found
        for name, other in _REPEATED.items():
            value, expected = head.fields.get(name), repeated.get(other)
            if name == "warc-refers-to-target-uri" and "\ufffd" in original.url:
                continue  # its row could not hold what the address held, and the revisit was made from the row
            if value != expected:
                values = {"field": name, "given": _short(value), "expected": _short(expected)}
                yield "original_differs", Note("repeated_field_differs", values)
        if (capture.payload_digest, capture.document) != (original.payload_digest, original.document):
            yield "original_differs", Note("repeated_document_differs", {"capture": original.id})
        if (delta := head.fields.get(FIELD.lower())) is not None:
            yield from self._delta_faults(original, delta)

    def _delta_faults(self, original: Capture, delta: str) -> Iterator[Fault]:
        """What is wrong with the request of an older revisit."""
        assert original.warc is not None
        try:
            request, _ = stored_request(self.home.blobs, original.warc, original.id)
            decode_request_delta(delta, request.headers)
        except StorageError:
            yield "request_missing", Note("repeated_request_does_not_follow", {"capture": original.id})
        except ValueError as error:
            yield "record_differs", Note("request_delta_unread", {"field": FIELD, "text": str(error)})

    def _read(self, name: str) -> tuple[Capture, Mapping[str, str]] | Note:
        """Row and WARC fields of an original, or what is wrong with it."""
        original = next(iter(captures_of(self.home, [name])), None)
        if original is None or original.warc is None:
            return Note("repeated_without_record", {"capture": name})
        if original.revisit_of is not None:
            return Note("repeated_is_revisit", {"capture": name})
        place = original.warc
        where = f"{place.file}:{place.offset}"
        try:
            with self.home.blobs.open(place.file) as file:
                fields = read_head(file.fileno(), place.offset).fields
        except (BrokenRecordError, OSError) as error:
            return Note("repeated_unread", {"capture": name, "where": where, "why": note_of(error).plain})
        if fields.get("warc-record-id") != urn(original.id):
            return Note("repeated_by_other_record", {"capture": name, "where": where})
        return original, fields


def captures_of(home: Home, names: Sequence[str]) -> list[Capture]:
    """The captures of these ids, those that there are."""
    with home.truth.read() as connection:
        found = connection.execute(capture_rows.captures_query().where(CAPTURES.c.id.in_(names))).mappings()
        return [capture_rows.capture_of(row) for row in found]


def _short(value: str | None) -> str:
    """What a record holds, for a sentence; "" where it holds none."""
    text = value or ""
    return text if len(text) <= 120 else text[:119] + "…"
