"""What stands on a list page that a person brought in: reports, and those of them whose pages are not held."""

from __future__ import annotations

from dataclasses import dataclass

from archive.identity.classification import lead_of
from crawler import portals
from crawler.discovery.same_addresses import bare_address
from crawler.lists.list_page import Page
from crawler.net.decoding import decode
from storage.captures import CaptureStore
from storage.home import Home
from storage.records import Capture, CaptureOutcome, CaptureRole, Lead, Listing, ListingForm
from storage.registry import Registry

_ROLES = (CaptureRole.REPORT, CaptureRole.ATTACHMENT)


@dataclass(frozen=True, slots=True)
class Listed:
    """``reports``: links to reports on a list page; ``lacking``: those at whose address nothing is held."""

    reports: tuple[Lead, ...]
    lacking: tuple[Lead, ...]


def listed(home: Home, portal: str, capture: Capture) -> Listed:
    """Read a list page that was brought in as the portal's family reads its lists.

    It proves no absence, and no crawl follows it: the pages of its reports are brought in themselves.
    """
    kind = portals.find(portal, home.path)
    registry, store = Registry(home), CaptureStore(home)
    record = registry.portal(portal) or portals.portal_record(kind, home.clock.now())
    bare = bare_address(capture.url)
    rows = (row for row in registry.listings(portal) if bare_address(row.url) == bare)
    nowhere = Listing(
        id=f"{portal}:", portal=portal, url=capture.url, form=ListingForm.COLUMN, recorded_at=capture.fetched_at
    )
    listing, agencies = next(rows, nowhere), registry.agencies(portal)
    links = kind(name=portal).read_list(Page(capture.url, decode(store.body(capture)), capture.size or 0)).links
    leads = {link.url: lead_of(link, listing, record, agencies) for link in links}
    reports = tuple(lead for lead in leads.values() if lead.is_report)
    held = {
        address
        for one in store.for_portal(portal, _ROLES)
        if one.outcome is CaptureOutcome.PAGE
        for address in (one.url, one.requested)
    }
    return Listed(reports, tuple(lead for lead in reports if lead.url not in held))
