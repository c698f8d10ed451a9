"""Show one capture with its WARC record, request and digests, verify it, and show the pages of a list.

If a browser rendered a list, its page is the rendered document, not what the server sent before the scripts ran. A
picture was taken when that document was first seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archive.queries.bounds import NotKnownError
from archive.queries.withheld_content import outgoing
from storage.blobs import Blobs
from storage.capture_store import captures_by_id, ids_begun
from storage.captures import CaptureStore
from storage.errors import note_of
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureOutcome, CaptureRole, Link, Note
from storage.warc_check import differences, repeated_faults
from storage.warc_reader import BrokenRecordError, RecordHead, read_head, read_record

#: an id or a digest, also as written in WARC records (``<urn:uuid:…>``), CDXJ and our tables (``sha256:…``)
_ID_OR_DIGEST = re.compile(
    r"<?(?:urn:uuid:)?(?P<id>[0-9a-f]{8}(-?)[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{4}\2[0-9a-f]{12})>?"
    r"|(?:urn:)?(?:sha-?256:)?(?P<document>[0-9a-f]{64})"
    r"|(?P<begun>[0-9a-f]{8,31})",
    re.IGNORECASE,
)


#: outcomes that say what stood at an address; an empty page, too, is what a server sent with status 200
_CONTENT = frozenset({CaptureOutcome.PAGE, CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_MODIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCapture:
    """A capture and its record. ``holder``: the capture whose record has the bytes (for a revisit another capture; None
    if none has); ``others``: how many more captures fit the name asked for; ``damage``: of its headers.
    """

    capture: Capture
    holder: Capture | None
    record: RecordHead | None
    request: RecordHead | None
    others: int = 0
    damage: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestCheck:
    """A digest that was computed again; ``wrong``: which recorded values differ from it."""

    what: str
    value: str
    wrong: tuple[Note, ...] = ()


def find_capture(home: Home, name: str) -> KeptCapture:
    """Return the capture that ``name`` means: the id of a capture or of a look (then its first page), as 32 hex digits,
    the first 8 or more of them, or ``<urn:uuid:…>``; a document's SHA-256 (its first capture with bytes); or an address
    (its newest capture). Raises :class:`NotKnownError` if there is none.
    """
    store = CaptureStore(home)
    word = name.strip()
    if match := _ID_OR_DIGEST.fullmatch(word):
        if begun := match["begun"] or match["id"]:
            identifier = begun.replace("-", "").lower()
            matches = _captures_of_id(home, store, whole_id(home, identifier) if match["begun"] else identifier)
            chosen = next(iter(matches), None)
        else:
            matches = store.by_document(match["document"].lower())
            chosen = next((one for one in matches if one.warc is not None and one.revisit_of is None), None)
            chosen = chosen or next(iter(matches), None)
    else:
        matches = store.of_url(word)
        chosen = next((one for one in reversed(matches) if one.document is not None), matches[-1] if matches else None)
    if chosen is None:
        raise NotKnownError(code="not_known.capture", text=name)
    holder = chosen if chosen.revisit_of is None else store.get(chosen.revisit_of)
    if holder is not None and (holder.warc is None or holder.document is None):
        holder = None
    return _with_heads(home, chosen, holder, len(matches) - 1)


def mementos(home: Home, url: str) -> list[Capture]:
    """Return the mementos of an address, oldest first, without those that a ruling withholds."""
    out = outgoing(home)
    return [one for one in CaptureStore(home).of_url(url) if is_memento(one) and not out.hides(one)]


def is_memento(capture: Capture) -> bool:
    """True if a server sent or confirmed what stood at an address, to us or to another archive: a page, also an empty
    one, or a file.
    """
    return bool((capture.status or capture.source) and capture.document and capture.outcome in _CONTENT)


def whole_id(home: Home, begun: str) -> str:
    """Return the only id of a capture or look (reading of a list) that begins with ``begun``, or ``begun`` itself if
    none does. Raises :class:`NotKnownError` with the ids if there are several.
    """
    ids = ids_begun(home, begun)
    if len(ids) > 1:
        raise NotKnownError(suggestions=ids, code="not_known.captures", text=begun)
    return ids[0] if ids else begun


def _captures_of_id(home: Home, store: CaptureStore, name: str) -> list[Capture]:
    """Return the capture with this id, or all captures of the look with this id, in the order of its pages."""
    one = store.get(name)
    if one is not None:
        return [one]
    looks = Observations(home).looks_by_id([name])
    return [*captures_by_id(home, [capture for look in looks for capture in look.captures]).values()]


def verify(home: Home, kept_capture: KeptCapture) -> list[DigestCheck]:
    """Compare the digests recorded of a capture with its bytes in the WARC file; for a revisit also those of the
    original. Nothing is compared if it has no record.
    """
    checks: list[DigestCheck] = []
    capture = kept_capture.capture
    if capture.warc is None:
        return checks
    checks += _verified(home.blobs, capture, "")
    if capture.revisit_of is not None:
        faults = [kept_capture.damage] if kept_capture.damage is not None else []
        if kept_capture.record is not None:
            faults = [note for _, note in repeated_faults(home, capture, kept_capture.record)]
        checks.append(DigestCheck(what="what it repeats", value=capture.revisit_of, wrong=tuple(faults)))
        if kept_capture.holder is not None:
            checks += _verified(home.blobs, kept_capture.holder, "repeated ")
    return checks


def _verified(blobs: Blobs, capture: Capture, prefix: str) -> list[DigestCheck]:
    """Check the digests of a capture's record against its bytes: of the record, the block and, except for a revisit,
    which has no content, the payload and the document. An unreadable record gives one check with its fault. ``prefix``
    begins the name of each check.
    """
    place = capture.warc
    assert place is not None
    try:
        with blobs.open(place.file) as file:
            record = read_record(file, place.offset)
    except (OSError, BrokenRecordError) as error:
        return [DigestCheck(what=f"{prefix}record", value=f"{place.file}:{place.offset}", wrong=(note_of(error),))]
    claimed = record.fields.get("warc-block-digest", "")
    block = f"sha256:{record.block_digest}"
    differ = [note for _, note in differences(capture, record)]
    checks = [
        DigestCheck(what=f"{prefix}record", value=f"{place.file}:{place.offset}+{place.length}", wrong=tuple(differ)),
        DigestCheck(what=f"{prefix}block", value=block, wrong=_unlike(block, claimed)),
    ]
    if record.kind != "revisit":
        payload = f"sha256:{record.payload_digest}"
        claimed = record.fields.get("warc-payload-digest", "")
        checks.append(DigestCheck(what=f"{prefix}payload", value=payload, wrong=_unlike(payload, claimed)))
        if capture.document is not None:
            digest = record.document if record.document == capture.document else record.payload_digest
            wrong = () if digest == capture.document else (Note("document_not_of_row", {"row": capture.document}),)
            checks.append(DigestCheck(what=f"{prefix}document", value=f"sha256:{digest}", wrong=wrong))
    return checks


def _unlike(digest: str, claimed: str) -> tuple[Note, ...]:
    return () if digest == claimed else (Note("digest_claimed", {"digest": claimed}),)


def _with_heads(home: Home, capture: Capture, holder: Capture | None, others: int) -> KeptCapture:
    """Return a capture with the heads of its WARC record and request, or with the damage that hides them; with neither
    if it has no record. Passed on: ``holder``, the capture whose record has the bytes (for a revisit another capture;
    None if none has), and ``others``, how many more captures fit the name asked for.
    """
    answer = KeptCapture(capture=capture, holder=holder, record=None, request=None, others=others)
    place = capture.warc
    if place is None:
        return answer
    try:
        file = home.blobs.open(place.file)
    except OSError as error:
        return replace(answer, damage=Note("capture_file_unopened", {"file": place.file, "cause": error.strerror}))
    with file:
        try:
            record = read_head(file, place.offset)
            answer = replace(answer, record=record)
            if record.has_request:
                return replace(answer, request=read_head(file, place.offset + place.length))
        except (OSError, BrokenRecordError) as error:
            why = note_of(error).as_json
            return replace(answer, damage=Note("capture_heads_unread", {"file": place.file, "why": why}))
    return answer


# ---------------------------------------------------------------------------------------------- pages of lists

_BESIDE = frozenset({CaptureRole.RESOURCE, CaptureRole.ROBOTS})  # files loaded for a page, not pages
_PICTURE = "image/png"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """An entry of a list: its text, without what is withheld, and the date beside it."""

    text: str
    listed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPage:
    """A page of a list. ``capture``: its id; ``is_html``: its media type is HTML or missing, so that it can be shown as
    a page; ``picture``: the id of the capture of its picture (what the browser showed), if one was taken.
    """

    capture: str
    is_html: bool
    picture: str | None
    entries: tuple[ListEntry, ...]


def list_pages(home: Home, look: str) -> tuple[LookPage, ...]:
    """Return the pages of the list that a look (its id) read, in their order; empty if there is no such look."""
    observed = Observations(home)
    record = next(iter(observed.looks_by_id([look])), None)
    if record is None:
        return ()
    extractions = observed.extractions(look)
    links = extractions[-1].links if extractions else ()
    captures, out = captures_by_id(home, record.captures), outgoing(home)
    pictures = {one.via: one.id for one in captures.values() if _is_picture(one)}
    return tuple(
        LookPage(
            capture=one.id,
            is_html="html" in (one.mime or "html"),
            picture=_picture_of(home, one, pictures),
            entries=tuple(
                ListEntry(text=out.title(link.url, link.text), listed=link.listed or "")
                for link in links
                if link.capture == one.id
            ),
        )
        for one in _pages(captures.values(), links)
    )


def _pages(captures: Iterable[Capture], links: Sequence[Link]) -> list[Capture]:
    """Return the captures that are pages of the list: those with entries; if none has any, rendered pages, else all."""
    pages = [one for one in captures if one.role not in _BESIDE and one.document is not None]
    bearing = {link.capture for link in links}
    rendered = [one for one in pages if one.is_shown_by_browser]
    return [one for one in pages if one.id in bearing] or rendered or pages


def _picture_of(home: Home, page: Capture, pictures: dict[str | None, str]) -> str | None:
    """Return the id of the picture of a rendered page; of an unchanged page, that taken when it was first seen."""
    if not page.is_shown_by_browser:
        return None
    if page.via in pictures:
        return pictures[page.via]
    store = CaptureStore(home)
    first = None if page.revisit_of is None else store.get(page.revisit_of)
    if first is None:
        return None
    beside = (one.id for one in store.of_url(first.url) if _is_picture(one) and one.via == first.via)
    return next(beside, None)


def _is_picture(capture: Capture) -> bool:
    return capture.role is CaptureRole.RESOURCE and capture.mime == _PICTURE
