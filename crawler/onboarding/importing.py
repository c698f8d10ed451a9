"""Imports documents that people saved by hand (plain files, MHTML, WARC, WACZ) as captures, if a portal has their host.

An import proves that a document existed, not when: its capture has the time of the import, and states as text when the
document is said to have been fetched. Its run has a purpose of its own, so that the assessment can tell it from a
crawl. The address and time in a file (MHTML, WARC) are believed, and an option that contradicts them is refused.
"""

from __future__ import annotations

import email.parser
import email.policy
import email.utils
import hashlib
import mimetypes
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.documents.kinds import sniff
from crawler import portals
from crawler.errors import CrawlError
from crawler.lists.engine import address_key
from crawler.onboarding.wayback_files import archive_files, open_regular
from crawler.spider import PortalSpider
from storage.capture_store import CaptureStore
from storage.captures import CaptureWriter, Resource
from storage.errors import CodedError
from storage.exchange import decode_body, mime_of
from storage.home import Home
from storage.observations import Observations
from storage.records import LARGEST_BODY, Capture, CaptureOutcome, CaptureRole, Note, Run, RunOutcome
from storage.registry import Registry
from storage.warc_fields import one_line
from storage.warc_reader import BrokenRecordError, WarcRecord, digests_hold, read_records

PURPOSE = "import"
MAX_HEAD_BYTES = 65_536  # of a saved file, in which its headers are looked for
DAYS_APART = timedelta(days=1)  # a time from a person that differs by more from that in the file contradicts it
CLOCK_SKEW = timedelta(minutes=5)  # the clock of the machine that saved the file may be so far ahead of ours
_MIMES = {".mht": "multipart/related", ".mhtml": "multipart/related", ".ofd": "application/ofd", ".shtml": "text/html"}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_WARC_ENDINGS = (".warc", ".warc.gz", ".wacz", ".arc", ".arc.gz")


@dataclass(frozen=True, slots=True)
class SavedDocument:
    """A document that a person saved, and what became of it.

    ``fetched``: when it is said to have been fetched; ``origin``: the file that it was taken from; ``simulated``: its
    WARC file says that it comes from an imitation portal. ``portal``, ``capture``: where it was stored; ``held``: there
    was a capture of it already. ``refused``: why it was left out; ``error``: why the rest of a whole file was.
    """

    url: str
    body: bytes = b""
    mime: str = ""
    fetched: str = ""
    origin: str = ""
    simulated: bool = False
    portal: str | None = None
    capture: Capture | None = None
    held: bool = False
    refused: str = ""
    error: CodedError | None = None


# ------------------------------------------------------------------------------------------------ reading files


def read_files(
    paths: Sequence[Path], url: str | None, fetched: datetime | None, *, now: datetime
) -> list[SavedDocument]:
    """Return all documents in some files. ``url``, ``fetched``: address and time of a single file without them; of WARC
    files, only responses from ``url`` are returned. A damaged record costs itself only.

    Raises :class:`CrawlError` with what to do.
    """
    documents: list[SavedDocument] = []
    for path in paths:
        is_warc = path.name.lower().endswith(_WARC_ENDINGS)
        if (fetched and (is_warc or len(paths) > 1)) or (url and len(paths) > 1 and not is_warc):
            raise CrawlError(code="import.of_one_file", path=path)
        if not is_warc:
            documents.append(_saved_file(path, url, fetched, now))
            continue
        try:
            is_empty = True
            for one in _saved_records(path, now):
                is_empty = False
                documents += [one] if url in (None, one.url) or one.refused == "damaged" else []
            if is_empty:
                raise CrawlError(code="import.empty", path=path)
        except CrawlError as error:
            documents.append(SavedDocument(str(path), refused=error.code, error=error))
    return documents


def _saved_file(path: Path, url: str | None, fetched: datetime | None, now: datetime) -> SavedDocument:
    """Return a saved file as a document, with the address and time in it (MHTML), else ``url`` and ``fetched``.

    Raises :class:`CrawlError` if it cannot be read, lacks address or time, contradicts those given, or is yet to come.
    """
    body = _read_body(path)
    own_url, own_time = _mhtml_origin(body)
    if own_url and url and address_key(own_url) != address_key(url):
        raise CrawlError(code="import.contradicted", path=path, own=own_url, text=url)
    if own_time and fetched and abs(own_time - fetched) > DAYS_APART:
        raise CrawlError(code="import.contradicted", path=path, own=own_time.isoformat(), text=fetched.isoformat())
    url, at = url or own_url, own_time or fetched
    if not url or at is None:
        raise CrawlError(code="import.neither", path=path)
    if at > now + CLOCK_SKEW:
        raise CrawlError(code="import.future", path=path, at=at.isoformat())
    mime = _MIMES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    origin = f"{path.name}, SHA-256 {hashlib.sha256(body).hexdigest()}"
    return SavedDocument(url, body, mime, at.isoformat(), origin)


def _read_body(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises :class:`CrawlError` for any other."""
    try:
        with open_regular(path) as file:
            body = file.read(LARGEST_BODY + 1)
    except OSError as error:
        raise CrawlError(code="import.unreadable", path=path, cause=error.strerror) from error
    if len(body) > LARGEST_BODY:
        raise CrawlError(code="import.too_large", path=path, most=LARGEST_BODY)
    if not body:
        raise CrawlError(code="import.empty", path=path)
    return body


def _mhtml_origin(body: bytes) -> tuple[str | None, datetime | None]:
    """Return the address and time in the headers of an MHTML file; None for what is missing, and for other files."""
    if sniff(body) != "mhtml":
        return None, None
    head = re.split(rb"\r?\n\r?\n", body[:MAX_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n"), maxsplit=1)[0]
    mail = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
    address = str(mail.get("Snapshot-Content-Location") or mail.get("Content-Location") or "").strip().partition("#")[0]
    url = address if address.startswith(("http://", "https://")) else None
    try:
        at = email.utils.parsedate_to_datetime(str(mail.get("Date") or ""))
    except ValueError:
        return url, None
    return url, at if at.tzinfo else at.replace(tzinfo=UTC)  # "-0000": UTC, its offset unknown


def _saved_records(path: Path, now: datetime) -> Iterator[SavedDocument]:
    """Yield the responses in a WARC file or a WACZ package. Raises :class:`CrawlError` if it is neither."""
    is_simulated = False
    with TemporaryDirectory(prefix="nianbao-import-") as scratch:
        for file in archive_files(path, Path(scratch)):
            with file.path.open("rb") as opened:
                for record in read_records(opened):
                    if isinstance(record, BrokenRecordError):
                        yield SavedDocument(str(path), refused="damaged")
                    elif record.kind == "warcinfo":
                        is_simulated = record.info.get("simulated") == "true"
                    elif record.kind in {"response", "resource"}:
                        yield replace(_saved_record(file.name, record, now), simulated=is_simulated)


def _saved_record(name: str, record: WarcRecord, now: datetime) -> SavedDocument:
    """Return a response in the file ``name`` as a document; refused if it was not successful, or cannot be believed."""
    headers = record.headers if record.is_http else [("Content-Type", record.fields.get("content-type", ""))]
    status = record.status if record.is_http else 200
    body, date = decode_body(record.payload, headers), record.fields.get("warc-date", "")
    refused = "" if body else "empty"
    if body is None:
        refused = "encoding_broken"
    if not digests_hold(record):
        refused = "digest_differs"
    if (at := instant_of(date)) is not None and at > now + CLOCK_SKEW:
        refused = "dated_in_the_future"
    if not 200 <= status < 300:
        refused = f"http_{status}"
    origin = f"{name}, record {one_line(record.fields.get('warc-record-id', ''))[:200]}"
    return SavedDocument(record.target, body or b"", mime_of(headers) or "", date, origin, refused=refused)


def instant_of(date: str) -> datetime | None:
    """Return the date of a WARC record; None if it has none in the form that WARC asks for."""
    try:
        return datetime.fromisoformat(date).astimezone(UTC) if _DATE.fullmatch(date) else None
    except (ValueError, OverflowError):
        return None


# ------------------------------------------------------------------------------------------------ storing captures


def import_documents(
    home: Home, documents: Sequence[SavedDocument], *, by: str, note: str, role: CaptureRole = CaptureRole.REPORT,
    portal: str | None = None,
) -> list[SavedDocument]:  # fmt: skip
    """Store documents as captures of the portals with their hosts (only of ``portal``, if given), in one run for each
    portal with new ones; return what became of each, in order. ``by``: who imports them; ``note``: what they tell ("":
    nothing); ``role``: what they are. Raises :class:`~crawler.errors.UnknownPortal`.
    """
    classes = portals.classes(home.path)
    chosen = {portal: portals.find(portal, home.path, classes)} if portal is not None else classes
    values = {"by": by, "text": note} if note else {"by": by}
    ended, results = Note("imported_with_text" if note else "imported", values), list[SavedDocument]()
    with ExitStack() as stack:
        runs: dict[str, tuple[CaptureWriter, list[Capture]]] = {}
        for document in documents:
            refused, names = document.refused, portals.owners(document.url, chosen)
            if not refused and document.simulated and not home.simulated:
                refused = "from_an_imitation_of_a_portal"
            if refused or not names:
                results.append(replace(document, refused=refused or "no_portal_has_this_host"))
                continue
            name, existing = names[0], _existing_capture(home, document, role)
            if existing is None and name not in runs:
                portals.register(Registry(home), chosen[name](name=name), home.clock.now())
                runs[name] = stack.enter_context(import_run(home, chosen[name], PURPOSE, ended))
            if existing is None:
                writer, new = runs[name]
                new.append(_write(writer, document, by, note, role))
            capture = existing or new[-1]
            results.append(replace(document, url=capture.url, portal=name, capture=capture, held=existing is not None))
    return results


@contextmanager
def import_run(
    home: Home, portal: type[PortalSpider], purpose: str, note: Note, *, group: int = 1
) -> Iterator[tuple[CaptureWriter, list[Capture]]]:
    """Yield a writer of a new run of a portal, and a list to which the block adds each capture that it stores.
    ``note``: says how the run ended if it ended well; the number of captures is added. ``group``: so many captures are
    acknowledged together (:class:`CaptureWriter`).
    """
    observations, now, new = Observations(home), home.clock.now(), list[Capture]()
    run = Run(id=uuid.uuid4().hex, portal=portal.name, purpose=purpose, started=now)
    observations.start_run(run)
    outcome, noted = RunOutcome.FAILED, Note("import_stopped")
    try:
        with CaptureWriter(home, run, group=group) as writer:
            yield writer, new
        outcome, noted = RunOutcome.OK, Note(note.code, {"number": len(new), **note.values})
    finally:
        counts = {"imported": len(new)}
        observations.finish_run(run, finished=home.clock.now(), outcome=outcome, notes=[noted], counts=counts)


def _write(writer: CaptureWriter, saved: SavedDocument, by: str, note: str, role: CaptureRole) -> Capture:
    """Store a document; the WARC record states who imported it, from where, and the note."""
    about = {
        "description": "brought in by a person, not fetched: it proves that the document exists, not since when",
        "brought-by": by, "said-to-be-fetched": saved.fetched or "at an unknown time", "origin": saved.origin,
        "note": note,
    }  # fmt: skip
    resource = Resource(url=saved.url, mime=saved.mime, body=saved.body, at=writer.home.clock.now(), about=about)
    reason = f"imported:{by}; {saved.fetched or '?'}; {saved.origin}"
    return writer.keep(resource, role=role, reason=f"{reason}; {note}" if note else reason)


def _existing_capture(home: Home, saved: SavedDocument, role: CaptureRole) -> Capture | None:
    """Return an existing capture with the same bytes, role and address, which need not be stored again; or None."""
    same = CaptureStore(home).by_document(hashlib.sha256(saved.body).hexdigest())
    pages = (one for one in same if one.role is role and one.outcome is CaptureOutcome.PAGE)
    return next((one for one in pages if saved.url in (one.url, one.requested)), None)
