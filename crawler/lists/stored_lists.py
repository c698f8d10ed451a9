"""The links of a list whose pages are held: what a look showed, or a person brought in. Nothing is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.lists.engine import find_rows
from crawler.lists.fetch import Answer, Request
from crawler.lists.look_builder import LeadOf, add_link
from crawler.lists.page_reader import read_page
from crawler.lists.walk import Walk
from storage.records import Link, Listing, Portal


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
    walk = Walk("", _ask_nothing, place=portal.place, hosts=portal.hosts)
    is_report = walk.judge_for(tuple(listing.column.split(">")), shown[0])
    links: dict[str, Link] = {}
    for page, rows in zip(pages, find_rows(shown, is_report)[1], strict=True):
        for entry in rows:
            add_link(links, entry, listing, listing.column, page.capture, lead_of)
    return list(links.values())


def _ask_nothing(request: Request) -> Answer:
    return Answer(request, request.url, 0)
