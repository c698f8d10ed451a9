"""The columns of a portal, each looked at once: declared, found earlier, found on the way."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from archive.identity.addresses import read as facts_of
from archive.identity.classification import BODY_UNDER_YEAR, column_agency, reports_column
from crawler.discovery.found import FoundListing
from crawler.discovery.labels import body_in_label, kinds_in_label, names_a_year, reporting_year
from crawler.discovery.same_addresses import bare_address
from crawler.items import ListingSnapshot, ReportLink
from crawler.listing_ends import ends_ruled
from crawler.lists.addresses import is_page_part
from crawler.looks.addressed import address_pattern
from crawler.looks.entrances import walk_from, walk_is_due
from crawler.looks.listing_reader import ListingReader
from crawler.looks.look_builder import LookBuilder, snapshot_of, worth_a_visit
from crawler.looks.narrowed_lists import narrows
from crawler.looks.sibling_lists import FirstPage
from crawler.looks.source import LookSource
from crawler.net.fetching import Fetched
from crawler.run_protocol import RunProtocol
from storage.records import PAGE_PART, Link, Listing, ListingForm, LookOutcome, Note

MOST_COLUMNS = 100
_SURE_REPORT = 0.7  # confidence from which a title of a report is no label of a column
_PATH = 120  # characters of what a column is called, with those above it
LookAndLinks = tuple[ListingSnapshot, list[ReportLink]]


async def read_columns(source: LookSource, run: RunProtocol, entrances: tuple[str, ...]) -> AsyncIterator[LookAndLinks]:
    """Return a look at each column of a portal, with its links worth a visit: those declared, then those found.

    A look of which the end alone is in doubt is judged by its siblings before it is decided whether to walk: it may be
    the one that is ok. It is judged once more when the walk's columns are read, which may be further siblings.
    """
    columns = Columns(source, run)
    async for ended in columns.read_queue():
        yield ended
    async for ended in columns.judge_doubted_ends():
        yield ended
    if walk_is_due(run, entrances, columns.queue, addressed=bool(columns.addressed), looked_ok=columns.looked_ok):
        await columns.walk(entrances)
        async for ended in columns.read_queue():
            yield ended
    for reader in columns.doubted:
        await reader.judge_by_siblings(columns.first_pages)
        yield columns.ended(reader.look)


class Columns:
    """The columns of one portal, growing while they are read: declared, found earlier, found on the way.

    ``queue``: all of them; ``index_of``: where in it a column stands, by its address; ``doubted``: those that wait for
    what their siblings show (``first_pages``); ``listed_urls``: what was on any; ``looked_ok``: whether one was read to
    its end; ``addressed``: the patterns of addresses made of agency and year, which are looked at one by one.
    """

    def __init__(self, source: LookSource, run: RunProtocol) -> None:
        self.source, self.run = source, run
        rows = [row for row in run.listings if row.form is not ListingForm.ADDRESSED and row.ended_at is None]
        self.queue: list[Listing] = sorted(rows, key=lambda row: ":found-" in row.id)
        self.index_of = {bare_address(row.url): at for at, row in enumerate(self.queue)}
        ruled = ends_ruled(run.observations.rulings())
        self.ruled_ended = {bare_address(str(one.decision.get("url", ""))) for one in ruled.values()}
        declared = source.reader.listings
        self.addressed = [address_pattern(spec.url) for spec in declared if spec.form is ListingForm.ADDRESSED]
        self.number_read = 0
        self.looked_ok = bool(self.addressed)
        self.fetched_before: dict[str, Fetched] = {}
        self.listed_urls: set[str] = set()
        self.doubted: list[ListingReader] = []
        self.first_pages: list[FirstPage] = []

    async def read_queue(self) -> AsyncIterator[LookAndLinks]:
        """Read the columns that were not read yet, and those that they lead to."""
        while self.number_read < len(self.queue):
            listing = self.queue[self.number_read]
            self.number_read += 1
            if self.source.host_left(listing.url):
                self.run.count("listings_not_asked")
                continue
            reader = ListingReader(self.source, LookBuilder(listing, self.source.now()))
            look = reader.look
            if is_page_part(listing.url):  # found earlier, and not asked for any more
                look.set_outcome(LookOutcome.CHANGED, PAGE_PART)
            else:
                await reader.read(self.fetched_before)
            if (first_page := reader.comparable_first_page()) is not None:
                self.first_pages.append(first_page)
            below = [link for link in look.subcolumns.values() if self._is_column(look, link)]
            self.add(((link, _below(listing, link.text)) for link in below), listing)
            self.listed_urls |= look.links.keys()
            if reader.end_is_doubted or reader.pagination.blank is not None:
                self.doubted.append(reader)
            else:
                yield self.ended(look)

    async def judge_doubted_ends(self) -> AsyncIterator[LookAndLinks]:
        """Judge by their siblings the looks of which the end alone is in doubt; those that stay in doubt wait, and so
        do pages without an item: whether such a page leads to all lists is known only when all are read.
        """
        for reader in [one for one in self.doubted if one.end_is_doubted]:
            await reader.judge_by_siblings(self.first_pages)
            if not reader.end_is_doubted:
                self.doubted.remove(reader)
                yield self.ended(reader.look)

    def ended(self, look: LookBuilder) -> LookAndLinks:
        """Return a look that has ended as an item, with its links worth a visit."""
        searched = look.listing.form is ListingForm.SEARCHED and look.outcome is LookOutcome.PARTIAL
        self.looked_ok |= searched or look.outcome is LookOutcome.OK  # in part is the best that a search can be
        return snapshot_of(self.source, look), worth_a_visit(self.source, look)

    async def walk(self, entrances: tuple[str, ...]) -> None:
        """Add the columns that a walk from the entrances finds."""
        found, self.fetched_before = await walk_from(self.source, entrances, self.queue)
        new = [one for one in found if self._is_new(one)]
        self.add((Link(url=one.url, text=one.title), one.path) for one in new)

    def add(self, links: Iterable[tuple[Link, str]], over: Listing | None = None) -> None:
        """Register columns that a page links by name and that lie in the portal, each with the path that says whose it
        is; known ones are left alone, and those that a person ruled to have ended. A folder of a year is of the agency
        whose own the column ``over`` it is.
        """
        for link, path in links:
            bare = bare_address(link.url)
            if bare in self.index_of:
                self._complete_path(self.index_of[bare], path)
                continue
            if bare in self.ruled_ended or is_page_part(link.url) or self.source.allowed_hosts.refusal(link.url):
                continue
            if len(self.queue) >= MOST_COLUMNS:
                self.source.notes.append(Note("more_columns", {"most": MOST_COLUMNS}))
                return
            portal, key = self.source.portal.name, hashlib.sha256(bare.encode()).hexdigest()[:10]
            listing = Listing(
                id=f"{portal}:found-{key}", portal=portal, url=link.url, form=ListingForm.COLUMN, column=path,
                agency=over.agency if over is not None and names_a_year(link.text) else None,
                covers=kinds_in_label(link.text), recorded_at=self.source.now(),
                year=reporting_year(link.text) or facts_of(link.url).report_year,
            )  # fmt: skip
            self.source.put_listings([listing])
            self.index_of[bare] = len(self.queue)
            self.queue.append(listing)

    def _complete_path(self, at: int, path: str) -> None:
        """Give a found column its full path, if it was recorded before the names above it were kept."""
        row = self.queue[at]
        if ":found-" in row.id and path.endswith(f">{row.column}"):
            self.queue[at] = replace(row, column=path, recorded_at=self.source.now())
            self.source.put_listings([self.queue[at]])

    def _is_new(self, column: FoundListing) -> bool:
        """Whether a found column has reports that no other has; without any it counts by its label, or as the first."""
        if not column.reports:
            return column.why == "label" or not self.queue
        return any(url not in self.listed_urls and not self._is_addressed(url) for url in column.reports)

    def _is_column(self, look: LookBuilder, link: Link) -> bool:
        """Whether a link of a look leads to a column, and not to a report, nor to a part of the same list."""
        leads = (self.source.lead_of(one, look.listing) for one in look.links.values())
        is_report = _is_item(self.source, look, link.url) or self._is_addressed(link.url)
        return not (is_report or narrows(look, link, leads))

    def _is_addressed(self, url: str) -> bool:
        """Whether an address is one made of agency and year."""
        return any(pattern.fullmatch(url) for pattern in self.addressed)


def _below(column: Listing, label: str) -> str:
    """What a column below another is called: a folder of a body's own column is that body's, one that does not say
    that reports stand there has the names of what it lies below before it (政府信息公开年报>县政府>2024年).
    """
    own = column_agency(column.column) and not names_a_year(column.column)
    if own and not (body_in_label(label) or kinds_in_label(label)):
        return f"{column.column}>{label}"
    over = [part for part in column.column.split(">") if not (column_agency(part) or names_a_year(part))]
    return label if reports_column(label) else ">".join((*over, label))[-_PATH:]


def _is_item(source: LookSource, look: LookBuilder, url: str) -> bool:
    """Whether an address is that of a report listed there: a title without its year looks like a column's label."""
    link = look.links.get(url)
    lead = source.lead_of(link, look.listing) if link is not None else None
    if lead is None or not lead.is_report:
        return False
    if lead.confidence >= _SURE_REPORT:
        return True
    if lead.reason != BODY_UNDER_YEAR:
        return False
    declared = {bare_address(spec.url) for spec in source.reader.listings}
    # a probe, or a person, has seen what stands behind the bodies of one that the file names
    return ":found-" not in look.listing.id or bare_address(look.listing.url) in declared
