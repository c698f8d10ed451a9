"""What stands on a list page that a person brought in: reports, and those of them whose pages are not held."""

from __future__ import annotations

from dataclasses import dataclass

from archive.identity.classification import lead_of
from crawler import portals
from crawler.rebuilt.engine import address_key
from crawler.rebuilt.stored_lists import StoredPage, links_of
from storage.captures import CaptureStore
from storage.home import Home
from storage.records import Capture, CaptureOutcome, CaptureRole, Lead, Link, Listing, ListingForm
from storage.registry import Registry

_ROLES = (CaptureRole.REPORT, CaptureRole.ATTACHMENT)


@dataclass(frozen=True, slots=True)
class Listed:
    """``reports``: links to reports on a list page; ``lacking``: those at whose address nothing is held."""

    reports: tuple[Lead, ...]
    lacking: tuple[Lead, ...]


def listed(home: Home, portal: str, capture: Capture) -> Listed:
    """Read a list page that was brought in.

    It proves no absence, and no crawl follows it: the pages of its reports are brought in themselves.
    """
    kind = portals.find(portal, home.path)
    registry, store = Registry(home), CaptureStore(home)
    record = registry.portal(portal) or portals.portal_record(kind, home.clock.now())
    bare = address_key(capture.url)
    rows = (row for row in registry.listings(portal) if address_key(row.url) == bare)
    nowhere = Listing(
        id=f"{portal}:", portal=portal, url=capture.url, form=ListingForm.COLUMN, recorded_at=capture.fetched_at
    )
    listing, agencies = next(rows, nowhere), registry.agencies(portal)
    page = StoredPage(capture.id, capture.url, store.body(capture))

    def judge(link: Link, listing: Listing) -> Lead:
        return lead_of(link, listing, record, agencies)

    leads = {link.url: judge(link, listing) for link in links_of([page], listing, record, judge)}
    reports = tuple(lead for lead in leads.values() if lead.is_report)
    held = {
        address
        for one in store.for_portal(portal, _ROLES)
        if one.outcome is CaptureOutcome.PAGE
        for address in (one.url, one.requested)
    }
    return Listed(reports, tuple(lead for lead in reports if lead.url not in held))
