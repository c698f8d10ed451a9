"""A look as an item of the crawl, and the links worth a visit: of today's looks and of former ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from archive.identity.addresses import UNLINKED, is_unlinked, printed_at
from archive.identity.classification import UNOFFICIAL
from archive.identity.several_reports import name_two
from crawler.crawl_run import CrawlRun
from crawler.items import ListingSnapshot, ReportLink
from crawler.lists.labels import latest_year
from crawler.lists.page import Entry
from crawler.lists.source import LiveSource
from crawler.lists.walk import SURELY_NONE, year_above
from crawler.net.fetching import Fetched
from crawler.net.host_health import host_of
from storage.records import CaptureOutcome, CaptureRole, Lead, Link, Listing, LookOutcome, Note

LeadOf = Callable[[Link, Listing], Lead]  # what a link of a listing promises
_NO_DOCUMENT = frozenset({"folder", "column", UNOFFICIAL, UNLINKED})


def new_look(
    source: LiveSource, listing: Listing, fetched: Sequence[Fetched], *, started: datetime | None = None
) -> ListingSnapshot:
    """Return the look at a listing that was read by these fetches, ``ok`` and without links until it is known better.

    What they say of the server's clock is compared with ours.
    """
    captures = [capture for one in fetched for capture in one.captures]
    stamped = [(one.fetched_at, one.server_date) for one in captures if one.server_date is not None]
    skews = [abs((ours - theirs).total_seconds()) for ours, theirs in stamped]
    now = source.now()
    return ListingSnapshot(
        id=uuid.uuid4().hex, run=source.run.record.id if source.run is not None else "", portal=source.portal.name,
        listing=listing.id, url=listing.url, finished=now, outcome=LookOutcome.OK, links=(),
        started=started or min((one.fetched_at for one in captures), default=now),
        captures=tuple(one.id for one in captures), clock_skew=max(skews, default=None),
    )  # fmt: skip


def add_link(links: dict[str, Link], entry: Entry, listing: Listing, path: str, capture: str, lead_of: LeadOf) -> None:
    """Add an entry to the links of a look, if none leads there yet, or only another body's.

    ``path``: the labels that lead to its list. A year above a mere name stands before it where that makes a report.
    """
    link = Link(
        url=entry.url or printed_at(listing.url, entry.title), text=entry.title, listed=entry.date or None,
        row=entry.row if entry.row != entry.title else "", position=len(links), capture=capture,
    )  # fmt: skip
    first, year = links.get(link.url), year_above(entry, path.split(">"))
    key = printed_at(link.url, link.text) if first is not None and name_two(first.text, link.text) else link.url
    below = replace(link, text=f"{year}>{link.text}")
    is_named = bool(year) and not lead_of(link, listing).is_report and lead_of(below, listing).is_report
    links.setdefault(key, below if is_named else link)


def failure(fetched: Fetched) -> tuple[LookOutcome, str]:
    """Return what a fetch that gave no page means for a look."""
    if fetched.not_now is not None:
        elsewhere = fetched.capture is not None and host_of(fetched.capture.url) != host_of(fetched.url)
        return fetched.not_now.outcome, f"{'other_host:' if elsewhere else ''}{fetched.not_now.reason}"
    if fetched.spent:
        return LookOutcome.PARTIAL, "page_budget"
    outcome, reason = fetched.verdict.outcome, fetched.verdict.reason
    if outcome is CaptureOutcome.BLOCKED:
        return LookOutcome.BLOCKED, reason
    if outcome in {CaptureOutcome.UNREACHABLE, CaptureOutcome.ERROR}:
        return LookOutcome.UNREACHABLE, reason
    return LookOutcome.CHANGED, f"{outcome}:{reason}" if reason else str(outcome)


def _year(lead: Lead, listing: Listing) -> int | None:
    """The year that a title says, or its column; else the one before it was listed, or that which stands over it or its
    folder: no report is on a later one.
    """
    listed = lead.listed.year - 1 if lead.listed else None
    folder = latest_year(lead.title) or latest_year(listing.column.rpartition(">")[2])
    return lead.year or listing.year or listed or folder


def worth_a_visit(source: LiveSource, listing: Listing, links: Iterable[Link]) -> list[ReportLink]:
    """Return the links of a listing worth a visit: leads, and what cannot be told from the title alone."""
    found, elsewhere, unlinked = [], 0, 0
    for link in links:
        lead = source.lead_of(link, listing)
        elsewhere += lead.reason == UNOFFICIAL
        unlinked += lead.reason == UNLINKED
        if lead.is_report or (lead.confidence < SURELY_NONE and lead.reason not in _NO_DOCUMENT):
            found.append(ReportLink(link, lead, link.capture, _year(lead, listing)))
    if elsewhere:
        source.notes.append(Note("reports_elsewhere", {"listing": listing.id, "number": elsewhere}))
    if unlinked:
        source.notes.append(Note("reports_without_link", {"listing": listing.id, "number": unlinked}))
    return found


def never_asked(source: LiveSource, run: CrawlRun, listed_urls: Collection[str]) -> list[ReportLink]:
    """Return the reports that were on a list once, but never visited: a run was ended before it came to them, or its
    page budget was. Each is asked for once, so that one that was taken down is not asked for ever. ``listed_urls``: the
    addresses on today's lists.
    """
    listings = {listing.id: listing for listing in run.listings}
    reports: dict[str, ReportLink] = {}
    asked = run.store.asked(run.portal.name, CaptureRole.REPORT)
    for listing, links in run.observations.lists_shown(run.portal.name):
        for link in links:
            passed = link.url in asked or link.url in listed_urls or is_unlinked(link.url)
            if passed or listing not in listings or source.fetcher.allowed_hosts.refusal(link.url) is not None:
                continue
            lead = source.lead_of(link, listings[listing])
            if lead.is_report:
                reports[link.url] = ReportLink(link, lead, link.capture, lead.year)
    return list(reports.values())
