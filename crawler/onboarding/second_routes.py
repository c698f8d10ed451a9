"""Two ways to the same reports: what the lists of a portal's file lack that its search or its directories show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.lists.engine import address_key
from crawler.lists.fetch import Fetch
from crawler.lists.source import LiveSource
from crawler.lists.walk import Walk
from crawler.spider import PortalSpider
from storage.records import Link, Listing, ListingForm, Note

MAX_REQUESTS = 200


def find_lacking(
    portal: PortalSpider, source: LiveSource, told: Mapping[str, Any], fetch: Fetch
) -> list[dict[str, Any]]:
    """Return what only other lists than the declared ones show, found by a walk from the entrances and the search.

    ``told``: the leads of the declared lists. The same agency and year at another address is no lack.
    """
    walk = Walk(portal.entrances[0], fetch, place=portal.place, hosts=source.portal.hosts, most=MAX_REQUESTS, search="")
    reports = [row for row in told["leads"] if row["is_report"]]
    urls = {address_key(row["url"]) for row in reports}
    known = {(row["agency"], row["year"]) for row in reports if row["agency"] and row["year"]}
    found: list[dict[str, Any]] = []
    for read in walk.run().lists:
        listing = Listing(
            id=f"{portal.name}:second", portal=portal.name, url=read.url, form=ListingForm.COLUMN, column=read.path,
            recorded_at=source.now(),
        )  # fmt: skip
        leads = [source.lead_of(Link(url=one.url, text=one.title), listing) for one in read.entries if one.url]
        lacking = [
            lead.url
            for lead in leads
            if lead.is_report and address_key(lead.url) not in urls and (lead.agency, lead.year) not in known
        ]
        if lacking:
            urls |= set(map(address_key, lacking))
            values = {"url": read.url, "number": len(lacking), "address": lacking[0]}
            found.append(Note("second_route", values).plain)
    return found
