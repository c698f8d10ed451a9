"""Imports captures that other web archives made of the portals: copies with the time at which the archive made them.

A copy proves that a report was shown at that time, and what it said; never an absence, and nothing before the import
was known (docs/status-rules.md, W). So whatever may not be the page that it should be is refused, with a reason.
Pages are chosen by their titles or by addresses that the archive knows, files by the pages that link them.
"""

from __future__ import annotations

import re
import uuid
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

from archive.file_endings import HTML
from archive.identity.titles import Strength
from crawler import portals
from crawler.errors import CrawlError
from crawler.lists.html_tree import REFRESH, parse_html
from crawler.net.guard import AllowedHosts
from crawler.net.web_page import decode, has_only_title, is_cut, is_document, judge_response
from crawler.onboarding.importing import CLOCK_SKEW, import_run, instant_of
from crawler.onboarding.site_facts import titles_of
from crawler.onboarding.wayback_files import ArchiveFile, Key, archive_files, is_list, key_of, read_list
from crawler.spider import PortalSpider
from storage.captures import CaptureStore, CaptureWriter
from storage.exchange import decode_body, header, mime_of, without_chunks
from storage.home import Home
from storage.records import COPIED_FROM, Capture, CaptureOutcome, CaptureRole, ListingForm, Note
from storage.registry import Registry
from storage.warc_fields import hex_id, one_line
from storage.warc_reader import BrokenRecordError, WarcRecord, digests_hold, read_record, read_records

PURPOSE = "wayback"
FIRST_WEB_YEAR = 1996
TOGETHER = timedelta(hours=48)  # a page and its file, captured so close, are one report as it stood then
MAX_FOUND = 40_000  # pages and files that one import chooses from
MAX_LINKS, MAX_SOURCE_CHARS, MAX_PAGE_CHARS = 500, 100, 2_000_000
_GROUP_CAPTURES = 100  # captures whose rows are committed together
_IGNORED = frozenset({"warcinfo", "request", "metadata"})
_TARGETS = "//a/@href | //iframe/@src | //embed/@src | //object/@data"
_NO_FILE = re.compile(rf"^#|^javascript:|/$|\.{HTML}$", re.IGNORECASE)
_OF_REPORTS = frozenset({Strength.FULL, Strength.BARE, Strength.UNDATED, Strength.HEADED, Strength.WEAK})
_REASONS = {CaptureOutcome.BLOCKED: "challenge", CaptureOutcome.ERROR: "error_page"}  # why an answer is refused
_BY_STATUS = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCopy:
    """A record that may be copied. ``key``: of its address; ``links``: keys of files that it links; None: no page.
    ``own``: the id of the capture that it is if this archive made it.
    """

    file: ArchiveFile
    offset: int
    portal: str
    id: str
    own: str
    url: str
    key: str
    at: datetime
    digest: str
    links: frozenset[str] | None


def import_wayback(home: Home, paths: Sequence[Path], *, source: str, by: str) -> WaybackImport:
    """Copy the captures of reports in some files, made by the archive ``source``, into one run for each portal. If
    there are lists among the files, only what they list is taken. Raises :class:`CrawlError` for a wrong ``source``.
    """
    if not source.strip() or len(source) > MAX_SOURCE_CHARS or ";" in source or one_line(source) != source:
        raise CrawlError(code="wayback.source", most=MAX_SOURCE_CHARS)
    done = WaybackImport(home, {} if any(map(is_list, paths)) else None)
    with TemporaryDirectory(prefix="nianbao-wayback-") as scratch:
        for path in sorted(paths, key=lambda path: not is_list(path)):  # the lists first
            try:
                done.read(path, Path(scratch))
            except CrawlError as error:
                done.errors[str(path)] = error
        done.store(source, by)
    return done


class WaybackImport:
    """What an import does: the new captures, and by file how many records had which result (``kept``, ``held``, or why
    they were refused). ``errors``: files that could not be read, by name; records before the damage were taken.
    """

    def __init__(self, home: Home, listed: dict[Key, str] | None) -> None:
        """Prepare an import. ``listed``: what lists name, with digests; None if there is no list."""
        self.captures: list[Capture] = []
        self.results: dict[str, Counter[str]] = defaultdict(Counter)
        self.errors: dict[str, CrawlError] = {}
        self._home, self._listed, self._classes = home, listed, portals.classes(home.path)
        self._hosts = {name: AllowedHosts(tuple(kind.hosts)) for name, kind in self._classes.items()}
        self._addresses: dict[str, frozenset[str]] = {}
        self._copies: list[FoundCopy] = []

    def read(self, path: Path, scratch: Path) -> None:
        """Read a list, or judge the records of an archive, unpacked into ``scratch``. Raises :class:`CrawlError`."""
        if is_list(path) and self._listed is not None:
            rows, unread = read_list(path)
            self._listed |= rows
            self.results[path.name] += Counter({"listed": len(rows), "line_unread": unread})
            return
        for file in archive_files(path, scratch):
            is_simulated = False
            with file.path.open("rb") as opened:
                for record in read_records(opened):
                    if isinstance(record, BrokenRecordError):
                        self.results[file.name]["damaged"] += 1
                    elif record.kind == "warcinfo":
                        is_simulated = record.info.get("simulated") == "true"
                    elif record.kind not in _IGNORED:
                        foreign = is_simulated and not self._home.simulated
                        refused = "from_an_imitation_of_a_portal" if foreign else self._judge(file, record)
                        self.results[file.name] += Counter([refused] if refused else [])

    def store(self, source: str, by: str) -> None:
        """Store the pages, and files that a page links or the archive knows, if it lacks them; count other files."""
        linked = {(one.portal, link) for one in self._copies for link in one.links or ()}
        copies: dict[str, list[FoundCopy]] = defaultdict(list)
        for copy in sorted(self._copies, key=lambda one: one.links is None):  # a file is stored after its page
            is_linked = (copy.portal, copy.key) in linked or copy.key in self._known_addresses(copy.portal)
            if copy.links is None and not is_linked:
                self.results[copy.file.name]["not_linked"] += 1
            else:
                copies[copy.portal].append(copy)
        for name, of_portal in copies.items():
            self._store(self._classes[name], of_portal, source, by)

    def _store(self, portal: type[PortalSpider], copies: Sequence[FoundCopy], source: str, by: str) -> None:
        """Store, as one new run, those copies of a portal that the archive lacks; count in ``results`` which were kept
        or already held. A portal that was never crawled is registered. ``source``: the archive that made the copies;
        ``by``: who imports them.
        """
        store, new = CaptureStore(self._home), dict[str, FoundCopy]()
        for copy in copies:
            is_held = copy.id in new or store.get(copy.id) is not None or _is_our_own(store, copy)
            self.results[copy.file.name]["held" if is_held else "kept"] += 1
            if not is_held:
                new[copy.id] = copy
        if not new:
            return
        registry, pages = Registry(self._home), _pages_of_files(copies)
        if registry.portal(portal.name) is None:  # else only a crawl may add lists, which must then be looked at
            portals.register(registry, portal(name=portal.name), self._home.clock.now())
        note = Note("copied", {"by": by, "source": source})
        with import_run(self._home, portal, PURPOSE, note, group=_GROUP_CAPTURES) as (writer, captures):
            for copy in new.values():
                captures.append(_copy(writer, copy, source, by, pages.get(copy.id)))
        self.captures += captures

    def _judge(self, file: ArchiveFile, record: WarcRecord) -> str:
        """Remember a record that may be a report; else return why it is refused."""
        url = record.target
        portal = next((name for name, hosts in self._hosts.items() if hosts.refusal(url) is None), None)
        if portal is None:
            return "no_portal_has_this_host"
        at, key = instant_of(record.fields.get("warc-date", "")), key_of(url)
        if at is None or at.year < FIRST_WEB_YEAR:
            return "undated"
        if at > self._home.clock.now() + CLOCK_SKEW:
            return "dated_in_the_future"
        listed = "" if self._listed is None else self._listed.get((key, at.strftime("%Y%m%d%H%M%S")))
        if listed is None:
            return "not_listed"
        if record.kind != "response" or not record.is_http:
            return "revisit" if record.kind == "revisit" else "no_response"
        body = decode_body(record.payload, record.headers)
        if "warc-truncated" in record.fields or (body is not None and _is_cut(record, body)):
            return "truncated"
        if body is None or not digests_hold(record, listed):
            return "encoding_broken" if body is None else "digest_differs"
        refused, tree = _why_no_page(url, record, body)
        if refused:
            return refused
        is_known = tree is None or key in self._known_addresses(portal)
        if not is_known and not any(one.strength in _OF_REPORTS for one in titles_of(tree)):
            return "other_page"
        if tree is not None and has_only_title(decode(body)[:MAX_PAGE_CHARS]):
            return "only_title"
        if len(self._copies) >= MAX_FOUND:
            return "too_many"
        # named after what it is, not after its record: some records have no UUID, and ids of others cannot be trusted
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {at.isoformat()} {record.payload_digest}").hex
        links = None if tree is None else frozenset(_links_of_files(tree, url))
        copy = FoundCopy(
            file=file, offset=record.offset, portal=portal, id=id_, own=hex_id(record.fields.get("warc-record-id", "")),
            url=url, key=key, at=at, digest=record.payload_digest, links=links,
        )  # fmt: skip
        self._copies.append(copy)
        return ""

    def _known_addresses(self, portal: str) -> frozenset[str]:
        """Return the addresses at which the archive knows reports and their files of a portal."""
        if portal not in self._addresses:
            store, listings = CaptureStore(self._home), Registry(self._home).listings(portal)
            urls = {one.url for one in listings if one.form is ListingForm.ADDRESSED}
            roles = (CaptureRole.REPORT, CaptureRole.ATTACHMENT)
            urls = urls.union(*(store.requested_urls(portal, role) for role in roles))
            self._addresses[portal] = frozenset(map(key_of, urls))
        return self._addresses[portal]


def _why_no_page(url: str, record: WarcRecord, body: bytes) -> tuple[str, Any]:
    """Return why an answer is no page or file of a report ("" if it may be one), and its tree if it is a page."""
    code, mime = record.status, mime_of(record.headers) or ""
    verdict = judge_response(code, body, url=url, mime=mime)
    if verdict.outcome is not CaptureOutcome.PAGE:
        by_status = code != 200 and verdict.outcome in _BY_STATUS
        return f"http_{code}" if by_status else _REASONS.get(verdict.outcome, str(verdict.outcome)), None
    if verdict.reason == "script_shell":
        return "script_shell", None
    if is_document(body) or not ("html" in mime or b"<html" in body[:4096].lower()):
        return "", None
    tree = parse_html(decode(body)[:MAX_PAGE_CHARS])
    return "redirect" if tree.xpath(f"{REFRESH}[contains(@content, '=')]") else "", tree


def _is_cut(record: WarcRecord, body: bytes) -> bool:
    """Whether a record ends before its document does: archives keep what they got, and do not always say so."""
    if without_chunks(record.payload, record.headers) != record.payload:
        return False  # chunked, down to the last chunk
    length = header(record.headers, "content-length") or ""
    return len(record.payload) < int(length) if re.fullmatch(r"[0-9]{1,12}", length) else is_cut(body)


def _links_of_files(tree: Any, url: str) -> Iterator[str]:
    """Yield the addresses that a page links or embeds and that may be files, as ``key_of`` spells them."""
    targets = (str(one).strip() for one in tree.xpath(_TARGETS))
    for target in islice((one for one in targets if not _NO_FILE.search(one)), MAX_LINKS):
        with suppress(ValueError):
            yield key_of(urljoin(url, target))


# ----------------------------------------------------------------------------------------------------- storing


def _pages_of_files(copies: Sequence[FoundCopy]) -> Mapping[str, str]:
    """Return file → page by their ids: the page that links a file, captured nearest to it and within 48 hours; of
    several captures of a file only that nearest to the page belongs to it.
    """
    keys = {one.key for one in copies if one.links is None}
    linking: dict[str, list[FoundCopy]] = defaultdict(list)
    for page in sorted(copies, key=lambda one: one.at):
        for key in keys.intersection(page.links or ()):
            linking[key].append(page)
    nearest: dict[tuple[str, str], tuple[timedelta, str]] = {}  # of a page and the address of a file
    for file in (one for one in copies if one.links is None):
        later = bisect_left(linking[file.key], file.at, key=lambda page: page.at)
        around = linking[file.key][max(0, later - 1) : later + 1]  # the last before it, the first after it
        distance, page_id = min(((abs(page.at - file.at), page.id) for page in around), default=(TOGETHER, ""))
        if page_id and distance <= TOGETHER:
            pair, this = (page_id, file.key), (distance, file.id)
            nearest[pair] = min(nearest.get(pair, this), this)
    return {file_id: page_id for (page_id, _), (_, file_id) in nearest.items()}


def _is_our_own(store: CaptureStore, copy: FoundCopy) -> bool:
    own = store.get(copy.own)
    return own is not None and (own.url, own.payload_digest) == (copy.url, copy.digest)


def _copy(writer: CaptureWriter, copy: FoundCopy, source: str, by: str, page: str | None) -> Capture:
    """Store a copy. ``source``: the archive that captured it; ``by``: who imports it; ``page``: the capture of the page
    to which a file belongs.
    """
    file = copy.file
    with file.path.open("rb") as opened:
        record = read_record(opened, copy.offset)
    name, digest = (one_line(record.fields.get(f"warc-{key}", ""))[:200] for key in ("record-id", "payload-digest"))
    origin = {"source": source, "file": file.name, "size": file.size, "sha256": file.sha256, "offset": copy.offset,
              "record": name, "payload": digest}  # fmt: skip
    return writer.keep_copy(
        record, origin, url=copy.url, capture_id=copy.id, via=page,
        role=CaptureRole.REPORT if page is None else CaptureRole.ATTACHMENT,
        reason=COPIED_FROM + "; ".join([source, by, file.name, f"SHA-256 {file.sha256}", name]),
    )  # fmt: skip
