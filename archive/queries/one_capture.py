"""One capture with all it rests on: its row, its record and request as they lie in the WARC file, its digests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.queries.where import NotKnownError
from storage.blobs import Reads
from storage.captures import CaptureStore
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, WarcPlace
from storage.references import captures_by_id, ids_begun
from storage.request_delta import FIELD
from storage.warc_comparison import differences, original_fault
from storage.warc_reader import BrokenRecordError, RecordHead, WarcRecord, read_head, read_record

#: an id or a digest, also as WARC records (``<urn:uuid:…>``), CDXJ and our own tables (``sha256:…``) write them
_NAMED = re.compile(
    r"<?(?:urn:uuid:)?(?P<id>[0-9a-f]{8}(-?)[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{12})>?"
    r"|(?:urn:)?(?:sha-?256:)?(?P<document>[0-9a-f]{64})"
    r"|(?P<begun>[0-9a-f]{8,31})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCapture:
    """A capture and its record. ``holder``: the capture whose own record has the bytes (another one for a revisit, None
    where nothing is held); ``others``: how many more captures there are of what was asked for.
    """

    capture: Capture
    holder: Capture | None
    record: RecordHead | None
    request: RecordHead | None
    others: int = 0
    damage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One thing that was computed anew; ``wrong`` says what does not agree, "" where all does."""

    what: str
    value: str
    wrong: str = ""


def find_capture(home: Home, name: str) -> KeptCapture:
    """Give the capture of an id (32 hex digits, its first 8 or more, or as ``<urn:uuid:…>``), the first page of a look
    of that id, the capture of a document (its SHA-256, or as ``sha256:…``: the first that holds it), or the newest of
    an address.

    Raises :class:`NotKnownError` where there is none.
    """
    store = CaptureStore(home)
    word = name.strip()
    if named := _NAMED.fullmatch(word):
        if named["begun"]:
            found = _captures_of_id(home, store, whole_id(home, named["begun"].lower()))
            chosen = next(iter(found), None)
        elif named["id"]:
            found = _captures_of_id(home, store, named["id"].replace("-", "").lower())
            chosen = next(iter(found), None)
        else:
            found = store.by_document(named["document"].lower())
            chosen = next((one for one in found if one.warc is not None and one.revisit_of is None), None)
            chosen = chosen or next(iter(found), None)
    else:
        found = store.of_url(word)
        chosen = next((one for one in reversed(found) if one.document is not None), found[-1] if found else None)
    if chosen is None:
        raise NotKnownError(
            f"No capture is known of {name!r}: give the id of a capture or of a look, a document's SHA-256, or an "
            "address as fetched.",
            code="not_known.capture", text=name,
        )  # fmt: skip
    holder = chosen if chosen.revisit_of is None else store.get(chosen.revisit_of)
    if holder is not None and (holder.warc is None or holder.document is None):
        holder = None
    return _with_heads(home, chosen, holder, len(found) - 1)


def whole_id(home: Home, begun: str) -> str:
    """The one id of a capture or look that begins so; ``begun`` itself where none does.

    Raises :class:`NotKnownError` with the ids where several do.
    """
    ids = ids_begun(home, begun)
    if len(ids) > 1:
        raise NotKnownError(
            f"{begun!r} begins the ids of several captures or looks; give more of it.",
            ids,
            code="not_known.captures",
            text=begun,
        )
    return ids[0] if ids else begun


def _captures_of_id(home: Home, store: CaptureStore, name: str) -> list[Capture]:
    """The capture of an id, or all that a look of that id kept, in the order of its pages."""
    one = store.get(name)
    if one is not None:
        return [one]
    looks = Observations(home).looks_by_id([name])
    return [*captures_by_id(home, [capture for look in looks for capture in look.captures]).values()]


def verify(home: Home, kept_capture: KeptCapture) -> list[Verified]:
    """Compute every digest anew from the bytes in the WARC file; of a revisit those of what it repeats, too."""
    found: list[Verified] = []
    capture = kept_capture.capture
    if capture.warc is None:
        return found
    found += _verified(home.blobs, capture, "")
    if capture.revisit_of is not None:
        fault = (
            original_fault(home, capture, kept_capture.record)
            if kept_capture.record is not None
            else "its record cannot be read"
        )
        found.append(Verified(what="what it repeats", value=capture.revisit_of, wrong=fault))
        if kept_capture.holder is not None:
            found += _verified(home.blobs, kept_capture.holder, "repeated ")
    return found


def _verified(blobs: Reads, capture: Capture, of: str) -> list[Verified]:
    place = capture.warc
    assert place is not None
    try:
        record = _read_record(blobs, place)
    except (OSError, BrokenRecordError) as error:
        return [Verified(what=f"{of}record", value=f"{place.file}:{place.offset}", wrong=str(error))]
    claimed = record.fields.get("warc-block-digest", "")
    block = f"sha256:{record.block_digest}"
    differences_found = "; ".join(text for _, text in differences(capture, record))
    if record.length != place.length:
        differences_found = f"it takes {record.length} bytes, by its row {place.length}" + (
            f"; {differences_found}" if differences_found else ""
        )
    found = [
        Verified(what=f"{of}record", value=f"{place.file}:{place.offset}+{place.length}", wrong=differences_found),
        Verified(what=f"{of}block", value=block, wrong="" if block == claimed else f"its record claims {claimed}"),
    ]
    if record.kind != "revisit":
        payload = f"sha256:{record.payload_digest}"
        claimed = record.fields.get("warc-payload-digest", "")
        wrong = "" if payload == claimed else f"its record claims {claimed}"
        found.append(Verified(what=f"{of}payload", value=payload, wrong=wrong))
        if capture.document is not None:
            made = record.document if record.document == capture.document else record.payload_digest
            wrong = "" if made == capture.document else f"its row says sha256:{capture.document}"
            found.append(Verified(what=f"{of}document", value=f"sha256:{made}", wrong=wrong))
    return found


def _read_record(blobs: Reads, place: WarcPlace) -> WarcRecord:
    with blobs.open(place.file) as file:
        return read_record(file.fileno(), place.offset)


def _with_heads(home: Home, capture: Capture, holder: Capture | None, others: int) -> KeptCapture:
    record = request = None
    damage = ""
    if capture.warc is not None:
        try:
            file = home.blobs.open(capture.warc.file)
        except OSError as error:
            damage = f"{capture.warc.file} cannot be opened ({error.strerror})"
        else:
            with file:
                try:
                    record = read_head(file.fileno(), capture.warc.offset)
                    if record.is_http and FIELD.lower() not in record.fields:
                        request = read_head(file.fileno(), capture.warc.offset + capture.warc.length)
                except (OSError, BrokenRecordError) as error:
                    damage = f"{capture.warc.file}: {error}"
    if record is not None and (delta := record.fields.get(FIELD.lower())) is not None:
        try:
            line, headers, _ = CaptureStore(home).request(capture)
            request = RecordHead(fields={FIELD: delta}, first_line=line, headers=headers)
        except StorageError as error:
            damage = f"its request cannot be read: {error}"
    return KeptCapture(capture=capture, holder=holder, record=record, request=request, others=others, damage=damage)
