"""How the look at a column ends: the pages of its list as they came, and what they say of where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archive.identity.addresses import read as facts_of
from archive.identity.years import parse_date
from crawler.discovery.same_addresses import bare_address
from crawler.lists.address_shapes import shape_of
from crawler.lists.completeness import Extent, shortfall
from crawler.lists.filters.body_menus import of_one_body
from crawler.lists.list_page import ListPage, Page
from crawler.lists.reasons import BODIES_BY_SCRIPT, NEXT_IS_SAME, NO_ITEM
from crawler.lists.size_claims import Claim
from crawler.looks.look_builder import NO_REPORT, LookBuilder
from crawler.looks.source import LookSource
from crawler.net.fetching import Fetched
from storage.records import CaptureOutcome, ListingForm, LookOutcome

WITHOUT_ITEM = frozenset({NO_ITEM, "datastore_without_record", "paging_answers_empty"})  # what lies behind a list's end


@dataclass(slots=True)
class PaginationState:
    """The pages of a column as they came. ``productive_pages``: how many brought something; ``repeated``: the second
    did not, so that nobody knows whether its pages can be turned at all; ``unread_frames``: more pages are shown inside
    the first one than are read; ``next_is_same_form``: the form for the next page is the one that was sent for this
    page; ``unrendered``: the first page as it was fetched and read; ``rendered``: it was shown to a browser;
    ``page_behind_request``: the page for whose script a request was made up; ``blank``: the first page, where it is the
    only one and has no item, and not a word of that; ``year_folders``: those that it leads to; ``claims``: what all
    that was received says of the list's size.
    """

    pages: list[ListPage] = field(default_factory=list)
    productive_pages: int = 0
    repeated: bool = False
    next_is_same_form: bool = False
    unread_frames: bool = False
    unrendered: tuple[Fetched, ListPage] | None = None
    rendered: bool = False
    blank: Page | None = None
    year_folders: tuple[str, ...] = ()
    page_behind_request: Fetched | None = None
    claims: dict[Claim, None] = field(default_factory=dict)

    def can_be_made(self, fetched: Fetched) -> bool:
        """Whether a browser may show a page, where a request that was made up for its script failed."""
        return self.page_behind_request is not None and fetched.verdict.outcome is not CaptureOutcome.BLOCKED

    def forget_pages(self) -> None:
        """Forget the pages as they were fetched: those that a browser shows take their place."""
        self.pages, self.productive_pages, self.repeated = [], 0, False

    def start_again(self) -> None:
        """Forget what came of a request that was made up: the page itself is shown to a browser instead."""
        self.forget_pages()
        self.unrendered, self.page_behind_request, self.claims = None, None, {}

    def note_first(self, fetched: Fetched, page: ListPage, *, rendered: bool) -> None:
        """Take note of the first page of the list."""
        if self.unrendered is None and not page.interface_page:
            self.unrendered = (fetched, page)
        self.rendered = self.rendered or rendered

    def note_blank(self, fetched: Fetched, page: ListPage, column: str, *, unrendered: bool) -> None:
        """Take note of a first page without an item; no script made it."""
        if unrendered and page.reason == NO_ITEM and not page.frames:
            self.blank = replace(fetched.page, column=column)
            self.year_folders = tuple(link.url for link in page.subcolumns)

    @property
    def outside_list(self) -> int:
        """How many entries stand in other boxes than the list on every page that shows them."""
        own = {link.url for page in self.pages for link in page.links if link.url not in page.outside_list}
        return len({url for page in self.pages for url in page.outside_list} - own)

    @property
    def pages_said(self) -> int:
        """How many pages the list says it has."""
        return max((claim.pages.number for claim in self.claims if claim.is_own and claim.pages is not None), default=1)

    @property
    def stuck(self) -> str:
        """Why nobody knows whether the pages were turned; "" where they were."""
        if self.repeated:
            return "second_page_repeats_the_first"
        return NEXT_IS_SAME if self.next_is_same_form else ""

    def add(self, page: ListPage, new: int, speculative: bool) -> None:
        """Add a page with the number of links that only it had; one that but names an interface is none of the list."""
        self.claims |= dict.fromkeys(page.every_claim)
        if page.interface_page:
            return
        if len(self.pages) == 1 and not new and page.links and not speculative:
            self.repeated = True
        self.productive_pages += bool(new) or not self.pages
        self.pages.append(page)


def _is_report_for_list(look: LookBuilder) -> bool:
    """Whether one report stands in place of the column, at a document's address: the next one will have another."""
    itself = [bare_address(url) for url in look.links] == [bare_address(look.listing.url)]
    return itself and look.listing.year is None and facts_of(look.listing.url).detail is True


def judge_whole(source: LookSource, look: LookBuilder, pagination: PaginationState) -> None:
    """Set how the look ended: read in part if the list says that there is more, not believed without any report."""
    if not pagination.pages:
        return look.set_outcome(LookOutcome.CHANGED, NO_ITEM)
    if _is_report_for_list(look):
        return look.set_outcome(LookOutcome.PARTIAL, "a_report_in_place_of_a_list")
    several = _of_several(look)
    pages = [replace(one, doubt="") if one.doubt == BODIES_BY_SCRIPT and several else one for one in pagination.pages]
    if reason := shortfall(pages, pagination.claims, _extent(look, pagination)):
        return look.set_outcome(LookOutcome.PARTIAL, reason)
    if pagination.unread_frames:
        return look.set_outcome(LookOutcome.PARTIAL, "more_frames_than_read")
    reports = [reports_on(source, look, page) for page in pagination.pages]
    if look.links and not any(reports) and not any(page.hub for page in pagination.pages):
        return look.set_outcome(LookOutcome.CHANGED, NO_REPORT)
    if not has_all(look, pagination) and _leads_elsewhere(pagination.pages, reports):
        return look.set_outcome(LookOutcome.PARTIAL, "a_page_without_report")
    if look.listing.form is ListingForm.SEARCHED:
        return look.set_outcome(LookOutcome.PARTIAL, "a_search_shows_no_absence")
    return None


def has_all(look: LookBuilder, pagination: PaginationState) -> bool:
    """Whether a look has as many entries as the list says it has, all of them in that list."""
    return look.total is not None and _extent(look, pagination).has_all(look.total)


def _extent(look: LookBuilder, pagination: PaginationState) -> Extent:
    return Extent(look.linked, pagination.productive_pages, pagination.stuck, pagination.outside_list)


def _of_several(look: LookBuilder) -> bool:
    """Whether the reports of several bodies are listed, so that a page of one body's is no choice of a menu: the last
    page of a list may hold one entry.
    """
    return not of_one_body(link.text for link in look.links.values())


def reports_on(source: LookSource, look: LookBuilder, page: ListPage) -> int:
    """How many links of a page are reports."""
    return sum(source.lead_of(link, look.listing).is_report for link in page.links)


def _leads_elsewhere(pages: Sequence[ListPage], reports: Sequence[int]) -> bool:
    """Whether a later page of a list of reports has entries of which none is a report, and does not go on with the
    list: the pager may be that of another box.
    """
    if 2 * reports[0] < len(pages[0].links):
        return False
    return any(
        page.links and not found and not _goes_on(before, page)
        for before, page, found in zip(pages, pages[1:], reports[1:], strict=False)
    )


def _goes_on(before: ListPage, page: ListPage) -> bool:
    """Whether a page goes on where the one before it ended: its entries have addresses of the same shape, all have a
    day, and each is as old as the one over it or older. What another box on the page shows begins anew.
    """
    days = [parse_date(link.listed) for link in (*before.links, *page.links)]
    shapes = {shape_of(link.url) for link in before.links}
    dated = [day for day in days if day is not None]
    return (
        len(dated) == len(days)
        and dated == sorted(dated, reverse=True)
        and all(shape_of(link.url) in shapes for link in page.links)
    )
