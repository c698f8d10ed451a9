"""The entries of a list as links of a look: of one that was read, or whose pages are held. Nothing is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from archive.identity.addresses import printed_at
from archive.identity.several_reports import name_two
from crawler.lists.engine import find_rows
from crawler.lists.fetch import Answer, Request
from crawler.lists.page import Entry
from crawler.lists.page_reader import read_page
from crawler.lists.walk import Walk, year_above
from storage.records import Lead, Link, Listing, Portal

LeadOf = Callable[[Link, Listing], Lead]  # what a link of a listing promises


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page of a list, or what a browser showed of one. ``capture``: its id."""

    capture: str
    url: str
    body: bytes


def links_of(pages: Sequence[StoredPage], listing: Listing, portal: Portal, lead_of: LeadOf) -> list[Link]:
    """Return the links that stand on the pages of a list, each with the first page that shows it."""
    shown = [read_page(Answer(Request(one.url), one.url, 200, one.body)) for one in pages]
    if not shown:
        return []
    walk = Walk("", lambda request: Answer(request, request.url, 0), place=portal.place, hosts=portal.hosts)
    is_report = walk.judge_for(tuple(listing.column.split(">")), shown[0])
    links: dict[str, Link] = {}
    for page, rows in zip(pages, find_rows(shown, is_report)[1], strict=True):
        for entry in rows:
            add_link(links, entry, listing, listing.column, page.capture, lead_of)
    return list(links.values())


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
