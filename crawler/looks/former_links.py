"""Reports whose links former looks showed and today's do not, and that nobody has ever asked for."""

from __future__ import annotations

from collections.abc import Collection

from archive.identity.addresses import is_unlinked
from crawler.crawl_run import CrawlRun
from crawler.items import ReportLink
from crawler.looks.source import LookSource
from storage.records import CaptureRole


def never_asked(source: LookSource, run: CrawlRun, listed_urls: Collection[str]) -> list[ReportLink]:
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
            if passed or listing not in listings or source.allowed_hosts.refusal(link.url) is not None:
                continue
            lead = source.lead_of(link, listings[listing])
            if lead.is_report:
                reports[link.url] = ReportLink(link, lead, link.capture, lead.year)
    return list(reports.values())
