"""Imports documents that people saved by hand (plain files, MHTML, WARC) as captures, if a portal has their host.

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.documents.kinds import sniff
from crawler import portals
from crawler.errors import CrawlError
from crawler.lists.engine import address_key
from crawler.spider import PortalSpider
from storage.capture_store import CaptureStore
from storage.captures import CaptureWriter, Resource
from storage.errors import StorageError
from storage.exchange import decode, mime_of
from storage.home import Home
from storage.observations import Observations
from storage.records import LARGEST_BODY, Capture, CaptureOutcome, CaptureRole, Note, Run
from storage.registry import Registry
from storage.warc_foreign import foreign

PURPOSE = "import"
MAX_HEAD_BYTES = 65_536  # of a saved file, in which its headers are looked for
DAYS_APART = timedelta(days=1)  # a time from a person that differs by more from that in the file contradicts it
CLOCK_SKEW = timedelta(minutes=5)  # the clock of the machine that saved the file may be so far ahead of ours
_MIMES = {".mht": "multipart/related", ".mhtml": "multipart/related", ".ofd": "application/ofd", ".shtml": "text/html"}


@dataclass(frozen=True, slots=True)
class Saved:
    """A document that a person saved. ``fetched``: when it is said to have been fetched; ``origin``: the file that it
    was taken from; ``simulated``: its WARC file says that it comes from an imitation portal.
    """

    url: str
    body: bytes
    mime: str
    fetched: str
    origin: str
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """The result for one document: its capture and portal, or (``refused``) why it was left out.

    ``held``: the archive already had a capture of it at this address, which is ``capture``. ``error``: why the rest of
    a whole file was left out.
    """

    url: str
    portal: str | None = None
    capture: Capture | None = None
    refused: str = ""
    held: bool = False
    error: StorageError | None = None


# ------------------------------------------------------------------------------------------------ reading files


def is_warc(path: Path) -> bool:
    """Whether a file is a WARC or ARC file, by its name."""
    return path.name.lower().endswith((".warc", ".warc.gz", ".arc", ".arc.gz"))


def read_files(
    paths: Sequence[Path], url: str | None, fetched: datetime | None, *, now: datetime
) -> list[Saved | Imported]:
    """Return all documents in some files. ``url``, ``fetched``: address and time of a single file without them; of WARC
    files, only responses from ``url`` are returned, and if one is torn, only the records before the damage.

    Raises :class:`CrawlError` with what to do.
    """
    found: list[Saved | Imported] = []
    for path in paths:
        if (fetched and (is_warc(path) or len(paths) > 1)) or (url and len(paths) > 1 and not is_warc(path)):
            message = f"--url and --fetched are said of one saved page: give {path} alone, WARC files without --fetched"
            raise CrawlError(message, code="import.of_one_file", path=path)
        if not is_warc(path):
            found.append(saved_file(path, url, fetched, now=now))
            continue
        try:
            found += _saved_in_warc(path, url, now)
        except StorageError as error:
            found.append(Imported(str(path), refused=str(error), error=error))
    return found


def saved_file(path: Path, url: str | None, fetched: datetime | None, *, now: datetime) -> Saved:
    """Return a saved file as a document, with the address and time in it (MHTML), else ``url`` and ``fetched``.

    Raises :class:`CrawlError` if it cannot be read, has no address or time, contradicts those given, or is dated in the
    future.
    """
    body = _read_body(path)
    own_url, own_time = _own_word(body)
    if own_url and url and address_key(own_url) != address_key(url):
        raise _contradiction(path, own_url, url)
    if own_time and fetched and abs(own_time - fetched) > DAYS_APART:
        raise _contradiction(path, own_time.isoformat(), fetched.isoformat())
    url, at = url or own_url, own_time or fetched
    if not url or at is None:
        message = f"{path} does not say where it is from, or when it was saved: give --url and --fetched"
        raise CrawlError(message, code="import.neither", path=path)
    if at > now + CLOCK_SKEW:
        message = f"{path}: {at.isoformat()} is in the future; nothing was imported"
        raise CrawlError(message, code="import.future", path=path, at=at.isoformat())
    mime = _MIMES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Saved(url, body, mime, at.isoformat(), f"{path.name}, SHA-256 {hashlib.sha256(body).hexdigest()}")


def _contradiction(path: Path, own: str, given: str) -> CrawlError:
    message = f"{path} says {own}, not {given}: leave the option out, or mend it"
    return CrawlError(message, code="import.contradicted", path=path, own=own, text=given)


def _read_body(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises :class:`CrawlError` for any other, as a pipe might never end."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "no regular file")
        with path.open("rb") as file:
            body = file.read(LARGEST_BODY + 1)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); nothing of it was imported"
        raise CrawlError(message, code="import.unreadable", path=path, cause=error.strerror) from error
    if len(body) > LARGEST_BODY:
        message = f"{path} has more than {LARGEST_BODY} bytes; so many are not taken for a report"
        raise CrawlError(message, code="import.too_large", path=path, most=LARGEST_BODY)
    if not body:
        raise CrawlError(f"{path} is empty; nothing of it was imported", code="import.empty", path=path)
    return body


def _own_word(body: bytes) -> tuple[str | None, datetime | None]:
    """Return the address and time in the headers of an MHTML file; None for what is missing, and for other files."""
    if sniff(body) != "mhtml":
        return None, None
    head = re.split(rb"\r?\n\r?\n", body[:MAX_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n"), maxsplit=1)[0]
    said = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
    place = str(said.get("Snapshot-Content-Location") or said.get("Content-Location") or "").strip().partition("#")[0]
    url = place if place.startswith(("http://", "https://")) else None
    try:
        at = email.utils.parsedate_to_datetime(str(said.get("Date") or ""))
    except ValueError:
        return url, None
    return url, at if at.tzinfo else at.replace(tzinfo=UTC)  # "-0000": UTC, its offset unknown


def _saved_in_warc(path: Path, wanted: str | None, now: datetime) -> Iterator[Saved | Imported]:
    """Yield the successful responses in a WARC file (``wanted``: only from this address), and why others are left out.

    Raises StorageError if the file is no WARC file, is empty, or (after the records before the damage) is torn.
    """
    is_empty = True
    for record in foreign(path, limit=LARGEST_BODY):
        is_empty = False
        if wanted is not None and record.url != wanted:
            continue
        body = decode(record.payload, record.headers)
        if not 200 <= record.status < 300:
            refused = f"http_{record.status}"
        elif (at := _instant(record.date)) is not None and at > now + CLOCK_SKEW:
            refused = "dated_in_the_future"
        else:
            refused = record.fault or ("encoding_broken" if body is None else "" if body else "empty")
        if refused or body is None:
            yield Imported(record.url, refused=refused)
        else:
            origin = f"{path.name}, record {record.record_id}"
            yield Saved(record.url, body, mime_of(record.headers) or "", record.date, origin, record.simulated)
    if is_empty:
        raise StorageError(f"{path} is empty; nothing of it was imported", code="import.empty", path=path)


def _instant(date: str) -> datetime | None:
    """Return the date of a WARC record; None if it cannot be read."""
    try:
        at = datetime.fromisoformat(date)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------------ storing captures


def import_documents(
    home: Home, documents: Sequence[Saved | Imported], *, by: str, note: str, role: CaptureRole = CaptureRole.REPORT,
    portal: str | None = None,
) -> list[Imported]:  # fmt: skip
    """Store documents as captures of the portals with their hosts (only of ``portal``, if given), in one run for each
    portal with new ones; return a result for each document, in order. Raises :class:`~crawler.errors.UnknownPortal`.
    """
    known = portals.classes(home.path)
    chosen = {portal: portals.find(portal, home.path, known)} if portal is not None else known
    store, waiting = CaptureStore(home), dict[str, dict[int, Saved]]()
    answers: dict[int, Imported] = {}
    for at, one in enumerate(documents):
        if isinstance(one, Imported):
            answers[at] = one
        elif one.simulated and not home.simulated:
            answers[at] = Imported(one.url, refused="from_an_imitation_of_a_portal")
        elif not (names := portals.owners(one.url, chosen)):
            answers[at] = Imported(one.url, refused="no_portal_has_this_host")
        elif (held := _held(store, one, role)) is not None:
            answers[at] = Imported(held.url, names[0], held, held=True)
        else:
            waiting.setdefault(names[0], {})[at] = one
    for name, new in waiting.items():
        answers |= _keep(home, chosen[name], new, by, note, role)
    return [answers[at] for at in range(len(documents))]


def _keep(
    home: Home, portal: type[PortalSpider], documents: Mapping[int, Saved], by: str, note: str, role: CaptureRole
) -> dict[int, Imported]:
    """Store documents of one portal in a new run; of two that are the same, only the first."""
    portals.register(Registry(home), portal(name=portal.name), home.clock.now())
    store, kept = CaptureStore(home), dict[int, Imported]()
    values = {"by": by, "text": note} if note else {"by": by}
    with import_run(home, portal, PURPOSE, Note("imported_with_text" if note else "imported", values)) as (writer, new):
        for at, saved in documents.items():
            held = _held(store, saved, role)
            if held is None:
                new.append(_write(writer, saved, by, note, role))
            capture = held or new[-1]
            kept[at] = Imported(capture.url, portal.name, capture, held=held is not None)
    return kept


@contextmanager
def import_run(
    home: Home, portal: type[PortalSpider], purpose: str, note: Note, *, group: int = 1
) -> Iterator[tuple[CaptureWriter, list[Capture]]]:
    """Yield a writer of a new run of a portal, and a list to which the block adds each capture that it stores.

    ``note``: says how the run ended if it ended well; the number of captures is added. ``group``: as for the writer.
    """
    observations, now, new = Observations(home), home.clock.now(), list[Capture]()
    run = Run(id=uuid.uuid4().hex, portal=portal.name, purpose=purpose, started=now)
    observations.start_run(run)
    outcome, noted = "failed", Note("import_stopped")
    try:
        with CaptureWriter(home, run, group=group) as writer:
            yield writer, new
        outcome, noted = "ok", Note(note.code, {"number": len(new), **note.values})
    finally:
        counts = {"imported": len(new)}
        observations.finish_run(run, finished=home.clock.now(), outcome=outcome, notes=[noted], counts=counts)


def _write(writer: CaptureWriter, saved: Saved, by: str, note: str, role: CaptureRole) -> Capture:
    """Store a document; the WARC record states who imported it, from where, and the note."""
    about = {
        "description": "brought in by a person, not fetched: it proves that the document exists, not since when",
        "brought-by": by, "said-to-be-fetched": saved.fetched or "at an unknown time", "origin": saved.origin,
        "note": note,
    }  # fmt: skip
    given = Resource(url=saved.url, mime=saved.mime, body=saved.body, at=writer.home.clock.now(), about=about)
    reason = f"imported:{by}; {saved.fetched or '?'}; {saved.origin}"
    return writer.keep(given, role=role, reason=f"{reason}; {note}" if note else reason)


def _held(store: CaptureStore, saved: Saved, role: CaptureRole) -> Capture | None:
    """Return an existing capture with the same bytes, role and address, which need not be stored again; or None."""
    same = store.by_document(hashlib.sha256(saved.body).hexdigest())
    found = (one for one in same if one.role is role and one.outcome is CaptureOutcome.PAGE)
    return next((one for one in found if saved.url in (one.url, one.requested)), None)
