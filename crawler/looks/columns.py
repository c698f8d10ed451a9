"""The columns of a portal, each looked at once: declared, found earlier, found on the way."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import replace

from archive.identity.addresses import read as facts_of
from archive.identity.classify import BODY_UNDER_YEAR, column_agency, reports_column
from archive.identity.listing_ends import ends_ruled
from crawler.discovery.found import FoundListing
from crawler.discovery.labels import body_in_label, kinds_in_label, names_a_year, reporting_year
from crawler.discovery.same_addresses import bare_address
from crawler.items import ListingSnapshot, ReportLink
from crawler.lists.addresses import is_page_part
from crawler.lists.reasons import END_NOT_SAID
from crawler.looks.addressed import address_pattern
from crawler.looks.entrances import walk_from, walk_is_due
from crawler.looks.listing_reader import comparable_first_page, judge_by_siblings, read_column
from crawler.looks.look_builder import LookBuilder, snapshot_of, worth_a_visit
from crawler.looks.narrowed_lists import narrows
from crawler.looks.pagination_state import PaginationState
from crawler.looks.sibling_lists import FirstPage
from crawler.looks.source import LookSource
from crawler.net.fetching import Fetched
from crawler.run_protocol import RunProtocol
from storage.records import PAGE_PART, Link, Listing, ListingForm, LookOutcome, Note

MOST_COLUMNS = 100
_SURE_REPORT = 0.7  # confidence from which a title of a report is no label of a column
_PATH = 120  # characters of what a column is called, with those above it
LookAndLinks = tuple[ListingSnapshot, list[ReportLink]]


class Columns:
    """The columns of one portal, growing while they are read: declared, found earlier, found on the way."""

    def __init__(self, source: LookSource, run: RunProtocol) -> None:
        self.source = source
        rows = [row for row in run.listings if row.form is not ListingForm.ADDRESSED and row.ended_at is None]
        self.queue: list[Listing] = sorted(rows, key=lambda row: ":found-" in row.id)
        self.index_of = {bare_address(row.url): at for at, row in enumerate(self.queue)}
        ruled = ends_ruled(run.observations.rulings())
        self.ruled_ended = {bare_address(str(one.decision.get("url", ""))) for one in ruled.values()}

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
            listing = Listing(
                id=f"{self.source.portal.name}:found-{hashlib.sha256(bare.encode()).hexdigest()[:10]}",
                portal=self.source.portal.name,
                url=link.url,
                form=ListingForm.COLUMN,
                column=path,
                agency=over.agency if over is not None and names_a_year(link.text) else None,
                covers=kinds_in_label(link.text),
                year=reporting_year(link.text) or facts_of(link.url).report_year,
                recorded_at=self.source.now(),
            )
            self.source.put_listings([listing])
            self.index_of[bare] = len(self.queue)
            self.queue.append(listing)

    def _complete_path(self, at: int, path: str) -> None:
        """Give a found column its full path, if it was recorded before the names above it were kept."""
        row = self.queue[at]
        if ":found-" in row.id and path.endswith(f">{row.column}"):
            self.queue[at] = replace(row, column=path, recorded_at=self.source.now())
            self.source.put_listings([self.queue[at]])


def _below(column: Listing, label: str) -> str:
    """What a column below another is called: a folder of a body's own column is that body's, one that does not say
    that reports stand there has the names of what it lies below before it (政府信息公开年报>县政府>2024年).
    """
    own = column_agency(column.column) and not names_a_year(column.column)
    if own and not (body_in_label(label) or kinds_in_label(label)):
        return f"{column.column}>{label}"
    over = [part for part in column.column.split(">") if not (column_agency(part) or names_a_year(part))]
    return label if reports_column(label) else ">".join((*over, label))[-_PATH:]


async def read_columns(source: LookSource, run: RunProtocol, entrances: tuple[str, ...]) -> AsyncIterator[LookAndLinks]:
    """Return a look at each column of a portal, with its links worth a visit: those declared, then those found."""
    columns = Columns(source, run)
    fresh: dict[str, Fetched] = {}
    shown: set[str] = set()
    addressed = any(spec.form is ListingForm.ADDRESSED for spec in source.reader.listings)  # known, looked at apart
    at, walked, looked_ok = 0, False, addressed
    doubted: list[tuple[LookBuilder, PaginationState]] = []  # judged when the lists beside them are known
    first_pages: list[FirstPage] = []
    while True:
        if at == len(columns.queue):
            if walked or not walk_is_due(run, entrances, columns.queue, addressed=addressed, looked_ok=looked_ok):
                for look, seen in doubted:
                    await judge_by_siblings(source, look, seen, first_pages)
                    yield snapshot_of(source, look), worth_a_visit(source, look)
                return
            walked = True
            found, fresh = await walk_from(source, entrances, columns.queue)
            new = (one for one in found if _is_new(source, one, shown if at else set(), anew=not at))
            columns.add((Link(url=one.url, text=one.title), one.path) for one in new)
            continue
        listing = columns.queue[at]
        at += 1
        if source.host_left(listing.url):
            run.count("listings_not_asked")
            continue
        look, seen = LookBuilder(listing, source.now()), PaginationState()
        if is_page_part(listing.url):  # found earlier, and not asked for any more
            look.set_outcome(LookOutcome.CHANGED, PAGE_PART)
        else:
            await read_column(source, look, fresh, seen)
        if (first_page := comparable_first_page(look, seen)) is not None:
            first_pages.append(first_page)
        below = [link for link in look.subcolumns.values() if not _is_item(source, look, link.url)]
        below = [link for link in below if not narrows(look, source, link)]
        below = [link for link in below if _unaddressed(source, (link.url,))]
        columns.add(((link, _below(listing, link.text)) for link in below), listing)
        shown |= look.links.keys()
        if (look.reason == END_NOT_SAID and not seen.rendered) or seen.blank is not None:
            doubted.append((look, seen))
            continue
        searched = listing.form is ListingForm.SEARCHED and look.outcome is LookOutcome.PARTIAL  # the best it can be
        looked_ok = looked_ok or searched or look.outcome is LookOutcome.OK
        yield snapshot_of(source, look), worth_a_visit(source, look)


def _is_new(source: LookSource, column: FoundListing, shown: Collection[str], *, anew: bool) -> bool:
    """Whether a column that a walk found has reports that no other one ``shown`` has, and that are not looked at one by
    one at addresses made of agency and year. ``anew``: there is no other column.
    """
    if not column.reports:
        return anew or column.why == "label"
    return bool(_unaddressed(source, column.reports).difference(shown))


def _unaddressed(source: LookSource, urls: Iterable[str]) -> set[str]:
    """The addresses that are none of those made of agency and year, which are looked at one by one."""
    made = [address_pattern(spec.url) for spec in source.reader.listings if spec.form is ListingForm.ADDRESSED]
    return {url for url in urls if not any(shape.fullmatch(url) for shape in made)}


def _is_item(source: LookSource, look: LookBuilder, url: str) -> bool:
    """Whether an address is that of a report listed there: a title without its year looks like a column's label."""
    link = look.links.get(url)
    lead = source.lead_of(link, look.listing) if link is not None else None
    if lead is None or not lead.is_report:
        return False
    if lead.confidence >= _SURE_REPORT or lead.reason != BODY_UNDER_YEAR:
        return lead.confidence >= _SURE_REPORT
    declared = {bare_address(spec.url) for spec in source.reader.listings}
    # a probe, or a person, has seen what stands behind the bodies of one that the file names
    return ":found-" not in look.listing.id or bare_address(look.listing.url) in declared
