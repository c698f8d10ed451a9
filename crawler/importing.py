"""What people saved by hand → captures: files, MHTML, WARC, of addresses on a portal's own hosts.

An import proves that a document existed, never when: its capture carries the time at which it came in, and says in
words when it is said to have been fetched. It is a run of its own purpose, so that assessment knows it for what it is.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler import portals
from crawler.errors import CrawlError
from crawler.families.portal import PortalSpider
from crawler.guard import Territory
from storage.captures import CaptureWriter, Given
from storage.errors import StorageError
from storage.exchange import DECODED_MAX, decode, mime_of
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureRole, Run
from storage.registry import Registry
from storage.warc import foreign

PURPOSE = "import"
_WARC = (".warc", ".warc.gz", ".arc", ".arc.gz")
_MIMES = {
    ".html": "text/html", ".htm": "text/html", ".shtml": "text/html", ".mht": "multipart/related",
    ".mhtml": "multipart/related", ".pdf": "application/pdf", ".json": "application/json", ".ofd": "application/ofd",
    ".doc": "application/msword", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".zip": "application/zip", ".txt": "text/plain",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """A document as a person saved it. ``fetched``: when, as it is said; ``origin``: where it was taken from."""

    url: str
    body: bytes
    mime: str
    fetched: str
    origin: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one document: its capture and portal, or why it was left out."""

    url: str
    portal: str | None = None
    capture: Capture | None = None
    refused: str = ""


def is_warc(path: Path) -> bool:
    """Whether a file is to be read as WARC, by its name."""
    return path.name.lower().endswith(_WARC)


def saved_file(path: Path, url: str, fetched: datetime) -> Saved:
    """A saved file as the document of ``url``. Raises :class:`CrawlError` where it cannot be kept."""
    try:
        size = path.stat().st_size
        body = path.read_bytes() if size <= DECODED_MAX else b""
    except OSError as error:
        raise CrawlError(f"{path} cannot be read ({error.strerror}); nothing of it was imported") from error
    if size > DECODED_MAX:
        raise CrawlError(f"{path} has {size} bytes; more than {DECODED_MAX} are not taken for a report")
    if not body:
        raise CrawlError(f"{path} is empty; nothing of it was imported")
    mime = _MIMES.get(path.suffix.lower(), "application/octet-stream")
    return Saved(url, body, mime, fetched.isoformat(), f"{path.name}, SHA-256 {hashlib.sha256(body).hexdigest()}")


def saved_in_warc(path: Path, wanted: str | None = None) -> Iterator[Saved | Imported]:
    """The good answers in a WARC file (only those of the address ``wanted``, if given), and why others are left out.

    Raises :class:`~storage.errors.StorageError` where the file is none or torn, after what came before.
    """
    for record in foreign(path, limit=DECODED_MAX):
        if wanted is not None and record.url != wanted:
            continue
        body = decode(record.payload, record.headers)
        if not 200 <= record.status < 300:
            yield Imported(record.url, refused=f"http_{record.status}")
        elif record.fault:
            yield Imported(record.url, refused=record.fault)
        elif not body:
            yield Imported(record.url, refused="empty" if body is not None else "encoding_broken")
        else:
            origin = f"{path.name}, record {record.record_id}"
            yield Saved(record.url, body, mime_of(record.headers) or "", record.date, origin)


def import_documents(
    home: Home,
    documents: Sequence[Saved | Imported],
    *,
    by: str,
    note: str,
    role: CaptureRole = CaptureRole.REPORT,
    portal: str | None = None,
) -> list[Imported]:
    """Keep documents as captures of the portals on whose hosts their addresses lie; the others are left out and told.

    One run per portal, ended in any case. Raises :class:`~crawler.errors.UnknownPortal`.
    """
    known = portals.classes(home.path)
    chosen = {portal: portals.find(portal, home.path, known)} if portal is not None else known
    homes = [_home_of(chosen, saved) for saved in documents]
    answers: list[Imported] = [
        saved if isinstance(saved, Imported) else Imported(saved.url, refused="no_portal_has_this_host")
        for saved in documents
    ]
    for name in dict.fromkeys(filter(None, homes)):
        mine = [index for index, found in enumerate(homes) if found == name]
        kept = _keep(home, chosen[name], [s for i in mine if isinstance(s := documents[i], Saved)], by, note, role)
        for index, capture in zip(mine, kept, strict=True):
            answers[index] = Imported(capture.url, name, capture)
    return answers


def _home_of(known: Mapping[str, type[PortalSpider]], saved: Saved | Imported) -> str | None:
    if isinstance(saved, Imported):
        return None
    return next((n for n, portal in known.items() if Territory(tuple(portal.hosts)).refusal(saved.url) is None), None)


def _keep(
    home: Home, portal: type[PortalSpider], documents: Sequence[Saved], by: str, note: str, role: CaptureRole
) -> list[Capture]:
    now = home.clock.now()
    portals.register(Registry(home), portal(name=portal.name), now)
    run = Run(id=uuid.uuid4().hex, portal=portal.name, purpose=PURPOSE, started=now)
    observations = Observations(home)
    observations.start_run(run)
    kept: list[Capture] = []
    outcome, said = "failed", "stopped before its end"
    try:
        with CaptureWriter(home, run) as writer:
            for saved in documents:
                reason = f"imported by {by}: said to be fetched {saved.fetched or 'at an unknown time'}; {saved.origin}"
                given = Given(url=saved.url, mime=saved.mime, body=saved.body, at=home.clock.now())
                kept.append(writer.keep(given, role=role, reason=f"{reason}; {note}" if note else reason))
        outcome, said = "ok", f"{len(kept)} documents imported by {by}" + (f": {note}" if note else "")
    finally:
        counts = {"imported": len(kept)}
        observations.finish_run(run, finished=home.clock.now(), outcome=outcome, note=said, counts=counts)
    return kept


def read_files(paths: Sequence[Path], url: str | None, fetched: datetime | None) -> list[Saved | Imported]:
    """All documents of the files given. ``url`` and ``fetched`` are needed for a file that is no WARC.

    Raises :class:`CrawlError` with what to give or to mend; of a torn WARC file what came before is kept.
    """
    found: list[Saved | Imported] = []
    for path in paths:
        if not is_warc(path):
            if url is None or fetched is None or len(paths) > 1:
                raise CrawlError(f"{path} does not say where it is from: give it alone, with --url and --fetched")
            found.append(saved_file(path, url, fetched))
            continue
        try:
            found += saved_in_warc(path, url)
        except StorageError as error:
            found.append(Imported(str(path), refused=str(error)))
    return [replace(one, fetched=fetched.isoformat()) if isinstance(one, Saved) and not one.fetched and fetched else one
            for one in found]  # fmt: skip
