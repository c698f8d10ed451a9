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
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

from archive.file_endings import HTML
from archive.identity.titles import Strength, judge
from crawler import portals
from crawler.errors import CrawlError
from crawler.lists.html_tree import parse_html, text_of
from crawler.net.guard import AllowedHosts
from crawler.net.web_page import decode, is_cut, is_document
from crawler.net.web_page import judge as judge_response
from crawler.onboarding.importing import CLOCK_SKEW, import_run
from crawler.onboarding.wayback_files import ArchiveFile, Key, archive_files, is_list, key_of, read_list
from crawler.spider import PortalSpider
from storage.captures import CaptureStore, CaptureWriter
from storage.exchange import decode as undo_codings
from storage.exchange import header, mime_of, without_chunks
from storage.home import Home
from storage.records import COPIED_FROM, Capture, CaptureOutcome, CaptureRole, ListingForm, Note
from storage.registry import Registry
from storage.warc_copies import digests_hold, foreign_records
from storage.warc_fields import one_line
from storage.warc_reader import WarcRecord, read_record

PURPOSE = "wayback"
FIRST_WEB_YEAR = 1996
TOGETHER = timedelta(hours=48)  # a page and its file, captured so close, are one report as it stood then
MAX_FOUND = 20_000  # pages, and files, that one import chooses from
MAX_TITLES, MAX_TITLE_CHARS, MAX_LINKS = 60, 300, 500  # of one page
MAX_SOURCE_CHARS, MAX_PAGE_CHARS = 100, 2_000_000
_ROLES = (CaptureRole.REPORT, CaptureRole.ATTACHMENT)
_GROUP = 100  # captures whose rows are committed together
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_IGNORED = frozenset({"warcinfo", "request", "metadata"})
_TITLES = "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')] | //meta[@name='ArticleTitle']"
_REFRESH = "//meta[translate(@http-equiv, 'REFSH', 'refsh')='refresh'][contains(@content, '=')]"
_TARGETS = "//a/@href | //iframe/@src | //embed/@src | //object/@data"
_NO_FILE = re.compile(rf"^#|^javascript:|/$|\.{HTML}$", re.IGNORECASE)
_TITLE_END = re.compile(r"[_\-—|–]")  # the name of the site follows
_OF_REPORTS = frozenset({Strength.FULL, Strength.BARE, Strength.UNDATED, Strength.HEADED, Strength.WEAK})
_REASONS = {  # what an answer is → why it is refused
    CaptureOutcome.BLOCKED: "challenge", CaptureOutcome.SOFT_404: "soft_404", CaptureOutcome.EMPTY: "empty",
    CaptureOutcome.REDIRECT: "redirect", CaptureOutcome.ERROR: "error_page",
}  # fmt: skip
_BY_STATUS = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.NOT_MODIFIED, CaptureOutcome.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCopy:
    """A record that may be copied. ``links``: the files that it links, as ``key_of`` has them; None: it is no page."""

    file: ArchiveFile
    offset: int
    portal: str
    id: str
    url: str
    at: datetime
    links: frozenset[str] | None

    @property
    def key(self) -> str:
        """Return the address in the spelling in which links are compared."""
        return key_of(self.url)


@dataclass(slots=True)
class WaybackImport:
    """What an import did: the new captures, and by file how many records had which result (``kept``, ``held``, or why
    they were refused). ``errors``: files that could not be read, by name; records before the damage were taken.
    """

    captures: list[Capture] = field(default_factory=list)
    results: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    errors: dict[str, CrawlError] = field(default_factory=dict)


def import_wayback(home: Home, paths: Sequence[Path], *, source: str, by: str) -> WaybackImport:
    """Copy the captures of reports in some files, made by the archive ``source``, into one run for each portal.

    If there are lists among the files, only what they list is taken. Raises :class:`CrawlError` for a wrong ``source``.
    """
    if not source.strip() or len(source) > MAX_SOURCE_CHARS or ";" in source or one_line(source) != source:
        message = "give the archive's name in one line without ';'"
        raise CrawlError(message, code="wayback.source", most=MAX_SOURCE_CHARS)
    classes, summary = portals.classes(home.path), WaybackImport()
    listed = _read_lists([path for path in paths if is_list(path)], summary)
    with TemporaryDirectory(prefix="nianbao-wayback-") as scratch:
        search = _Search(home, classes, listed, summary)
        for path in (path for path in paths if not is_list(path)):
            try:
                for file in archive_files(path, Path(scratch)):
                    search.read(file)
            except CrawlError as error:
                summary.errors[str(path)] = error
        for copies in search.chosen_copies().values():
            _store(home, classes[copies[0].portal], copies, summary, source, by)
    return summary


def _read_lists(paths: Sequence[Path], summary: WaybackImport) -> Mapping[Key, str] | None:
    """Return what the lists name, with digests; None if there is no list."""
    listed: dict[Key, str] = {}
    for path in paths:
        try:
            rows, unread = read_list(path)
        except CrawlError as error:
            summary.errors[str(path)] = error
        else:
            listed |= rows
            summary.results[path.name] += Counter({"listed": len(rows), "line_unread": unread})
    return listed if paths else None


class _Search:
    """Searches files for records that may be reports, and then chooses among them."""

    def __init__(
        self, home: Home, classes: portals.Known, listed: Mapping[Key, str] | None, summary: WaybackImport
    ) -> None:
        self._home, self._listed, self._summary, self._now = home, listed, summary, home.clock.now()
        self._hosts = {name: AllowedHosts(tuple(kind.hosts)) for name, kind in classes.items()}
        self._addresses: dict[str, frozenset[str]] = {}
        self._pages: list[FoundCopy] = []
        self._files: list[FoundCopy] = []

    def read(self, file: ArchiveFile) -> None:
        """Judge the records of a file: remember those that may be reports, and count why others are refused."""
        results, is_simulated = self._summary.results[file.name], False
        with file.path.open("rb") as opened:
            for record in foreign_records(opened):
                if isinstance(record, Note):
                    results["damaged"] += 1
                elif record.kind == "warcinfo":
                    is_simulated = record.info.get("simulated") == "true"
                elif record.kind not in _IGNORED:
                    refused = "from_an_imitation_of_a_portal" if is_simulated and not self._home.simulated else ""
                    refused = refused or self._judge(file, record)
                    if refused:
                        results[refused] += 1

    def chosen_copies(self) -> Mapping[str, list[FoundCopy]]:
        """Return the copies to store by portal: the pages, and the files that a page links or the archive knows."""
        linked = {(page.portal, link) for page in self._pages for link in page.links or ()}
        copies: dict[str, list[FoundCopy]] = defaultdict(list)
        for one in (*self._pages, *self._files):
            is_linked = (one.portal, one.key) in linked or one.key in self._known_addresses(one.portal)
            if one.links is None and not is_linked:
                self._summary.results[one.file.name]["not_linked"] += 1
            else:
                copies[one.portal].append(one)
        return copies

    def _judge(self, file: ArchiveFile, record: WarcRecord) -> str:
        """Remember a record that may be a report; else return why it is refused."""
        url = record.fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">")
        portal = next((name for name, hosts in self._hosts.items() if hosts.refusal(url) is None), None)
        at = _instant(record.fields.get("warc-date", ""))
        if portal is None:
            return "no_portal_has_this_host"
        if at is None or at.year < FIRST_WEB_YEAR:
            return "undated"
        if at > self._now + CLOCK_SKEW:
            return "dated_in_the_future"
        listed = None if self._listed is None else self._listed.get((key_of(url), at.strftime("%Y%m%d%H%M%S")))
        if self._listed is not None and listed is None:
            return "not_listed"
        if record.kind != "response" or not record.is_http:
            return "revisit" if record.kind == "revisit" else "no_response"
        if "warc-truncated" in record.fields:
            return "truncated"
        if not digests_hold(record, listed or ""):
            return "digest_differs"
        body = undo_codings(record.payload, record.headers)
        if body is None:
            return "encoding_broken"
        if _is_cut(record, body):
            return "truncated"
        return self._judge_answer(file, record, portal, url, at, body)

    def _judge_answer(
        self, file: ArchiveFile, record: WarcRecord, portal: str, url: str, at: datetime, body: bytes
    ) -> str:
        status, mime = "".join(record.first_line.split(" ")[1:2]), mime_of(record.headers) or ""
        code = int(status) if status.isascii() and status.isdecimal() and len(status) == 3 else 0
        verdict = judge_response(code, body, url=url, mime=mime)
        if verdict.outcome is not CaptureOutcome.PAGE:
            return f"http_{code}" if code != 200 and verdict.outcome in _BY_STATUS else _REASONS[verdict.outcome]
        if verdict.reason == "script_shell":
            return "script_shell"
        is_page = not is_document(body) and ("html" in mime or b"<html" in body[:4096].lower())
        links: frozenset[str] | None = None
        if is_page:
            tree = parse_html(decode(body)[:MAX_PAGE_CHARS])
            if tree.xpath(_REFRESH):
                return "redirect"
            if key_of(url) not in self._known_addresses(portal) and not _is_titled_as_report(tree):
                return "other_page"
            links = frozenset(_links_of_files(tree, url))
        copies = self._pages if is_page else self._files
        if len(copies) >= MAX_FOUND:
            return "too_many"
        # named after what it is, not after its record: some records have no UUID, and ids of others cannot be trusted
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"{url} {at.isoformat()} {record.payload_digest}").hex
        copies.append(FoundCopy(file=file, offset=record.offset, portal=portal, id=id_, url=url, at=at, links=links))
        return ""

    def _known_addresses(self, portal: str) -> frozenset[str]:
        """Return the addresses at which the archive knows reports and their files of a portal."""
        if portal not in self._addresses:
            store, listings = CaptureStore(self._home), Registry(self._home).listings(portal)
            urls = {one.url for one in listings if one.form is ListingForm.ADDRESSED}
            urls = urls.union(*(store.requested_urls(portal, role) for role in _ROLES))
            self._addresses[portal] = frozenset(map(key_of, urls))
        return self._addresses[portal]


def _instant(date: str) -> datetime | None:
    """Return the date of a WARC record, None if it has none in the form that WARC asks for."""
    try:
        return datetime.fromisoformat(date).astimezone(UTC) if _DATE.fullmatch(date) else None
    except (ValueError, OverflowError):
        return None


def _is_cut(record: WarcRecord, body: bytes) -> bool:
    """Whether a record ends before its document does: archives keep what they got, and do not always say so."""
    if without_chunks(record.payload, record.headers) != record.payload:
        return False  # chunked, down to the last chunk
    stated = header(record.headers, "content-length") or ""
    return len(record.payload) < int(stated) if re.fullmatch(r"[0-9]{1,12}", stated) else is_cut(body)


def _is_titled_as_report(tree: Any) -> bool:
    """Whether a title or heading of a page is that of a report."""
    nodes = islice(tree.xpath(_TITLES), MAX_TITLES)
    texts = ((node.get("content") or text_of(node))[:MAX_TITLE_CHARS] for node in nodes)
    return any(judge(_TITLE_END.split(text)[0].strip()).strength in _OF_REPORTS for text in texts)


def _links_of_files(tree: Any, url: str) -> Iterator[str]:
    """Yield the addresses that a page links or embeds and that may be files, as ``key_of`` spells them."""
    targets = (str(one).strip() for one in tree.xpath(_TARGETS))
    for target in islice((one for one in targets if not _NO_FILE.search(one)), MAX_LINKS):
        with suppress(ValueError):
            yield key_of(urljoin(url, target))


# ----------------------------------------------------------------------------------------------------- storing


def _store(
    home: Home, portal: type[PortalSpider], copies: Sequence[FoundCopy], summary: WaybackImport, source: str, by: str
) -> None:
    """Store the copies of one portal that the archive does not have yet in a new run."""
    store, new = CaptureStore(home), dict[str, FoundCopy]()
    for copy in copies:
        is_held = copy.id in new or store.get(copy.id) is not None
        summary.results[copy.file.name]["held" if is_held else "kept"] += 1
        if not is_held:
            new[copy.id] = copy
    if not new:
        return
    if Registry(home).portal(portal.name) is None:  # else only a crawl may add lists, which must then be looked at
        portals.register(Registry(home), portal(name=portal.name), home.clock.now())
    pages, note = _pages_of_files(copies), Note("copied", {"by": by, "source": source})
    with import_run(home, portal, PURPOSE, note, group=_GROUP) as (writer, captures):
        for copy in new.values():
            captures.append(_copy(writer, copy, source, by, pages.get(copy.id)))
    summary.captures += captures


def _pages_of_files(copies: Sequence[FoundCopy]) -> Mapping[str, str]:
    """Return file → page by their ids: the page that links a file, captured nearest to it and within 48 hours; of
    several captures of a file only that nearest to the page belongs to it.
    """
    keys = {one.key for one in copies if one.links is None}
    linking: dict[str, list[FoundCopy]] = defaultdict(list)
    for page in sorted(copies, key=lambda one: one.at):
        for key in keys.intersection(page.links or ()):
            linking[key].append(page)
    pairs = []
    for file in (one for one in copies if one.links is None):
        later = bisect_left(linking[file.key], file.at, key=lambda page: page.at)
        nearest = linking[file.key][max(0, later - 1) : later + 1]  # the last before it, the first after it
        pairs += [(abs(page.at - file.at), page.id, file.id, file.key) for page in nearest]
    pages: dict[str, str] = {}
    paired: set[tuple[str, str]] = set()
    for distance, page_id, file_id, key in sorted(pairs):
        if distance <= TOGETHER and file_id not in pages and (page_id, key) not in paired:
            pages[file_id] = page_id
            paired.add((page_id, key))
    return pages


def _copy(writer: CaptureWriter, copy: FoundCopy, source: str, by: str, page: str | None) -> Capture:
    """Store a copy; ``page``: the capture of the page to which a file belongs."""
    file = copy.file
    with file.path.open("rb") as opened:
        record = read_record(opened, copy.offset)
    name, digest = (one_line(record.fields.get(f"warc-{key}", ""))[:200] for key in ("record-id", "payload-digest"))
    origin = {"source": source, "file": file.name, "size": file.size, "sha256": file.sha256, "offset": copy.offset,
              "record": name, "payload": digest}  # fmt: skip
    return writer.keep_copy(
        record,
        origin,
        url=copy.url,
        capture_id=copy.id,
        role=CaptureRole.REPORT if page is None else CaptureRole.ATTACHMENT,
        reason=COPIED_FROM + "; ".join([source, by, file.name, f"SHA-256 {file.sha256}", name]),
        via=page,
    )
