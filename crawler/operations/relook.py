"""Extracts the links of stored list pages again with today's engine, and stores them as further extractions.

Nothing is fetched: the pages, also those that a browser showed, are in the archive. An extraction is stored only if it
differs from the last; earlier ones stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urldefrag

from archive.identity.addresses import is_unlinked
from archive.identity.classification import lead_of
from crawler import portals
from crawler.lists.addressed import link_to
from crawler.lists.stored_lists import links_of
from crawler.net.web_page import WebPage, decode
from crawler.spider import EXTRACTOR_VERSION, PortalSpider
from storage.captures import CaptureStore
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureOutcome, CaptureRole, Extraction, Link, Look
from storage.registry import Registry

_HELD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})


def relook(home: Home, name: str) -> int:
    """Extract the links of every stored look of a portal again; return the number of looks that changed.

    A look with a page that cannot be read from the archive stays as it is. Raises
    :class:`~crawler.errors.UnknownPortal`.
    """
    again = _Relook(home, portals.find(name, home.path)(name=name))
    latest = again.observations.latest_extractions(name)
    changed = 0
    for look in again.observations.looks(name):
        before = latest[look.id].links if look.id in latest else None
        try:
            links = again.read(look, before or ())
        except StorageError:
            continue
        if before == links:
            continue
        extractor = f"{again.spider.family}/{EXTRACTOR_VERSION}"
        again.observations.add_extraction(
            Extraction(look=look.id, extractor=extractor, made_at=home.clock.now(), links=links)
        )
        changed += 1
    return changed


class _Relook:
    """Extracts the links of stored looks of one portal."""

    def __init__(self, home: Home, spider: PortalSpider) -> None:
        self.spider, self.store, self.observations = spider, CaptureStore(home), Observations(home)
        registry = Registry(home)
        portal, agencies = registry.portal(spider.name), tuple(registry.agencies(spider.name))
        assert portal is not None, "a portal that was looked at is known"
        self.portal = portal
        self.listings = {row.id: row for row in registry.listings(spider.name)}
        self.lead_of = lambda link, listing: lead_of(link, listing, portal, agencies)

    def read(self, look: Look, before: tuple[Link, ...]) -> tuple[Link, ...]:
        """Return the links of a look. ``before``: its links so far; they give the addresses of rows that have none on
        the page, and were found by pressing the row in a browser.
        """
        captures = [one for one in map(self.store.get, look.captures) if one is not None and one.outcome in _HELD]
        shown = [one for one in captures if one.role is CaptureRole.REPORT]  # an address of agency and year
        found = {link.url: link for one in shown for link in self._of_report(one)}
        listing = self.listings[look.listing]
        pressed = {link.text: link for link in before if not is_unlinked(link.url)}
        listed = [one for one in captures if one.role is CaptureRole.LISTING]
        bodies = [(one.id, _address(one), self.store.body(one)) for one in listed]
        for link in links_of(bodies, listing, self.portal, self.lead_of):
            known = pressed.get(link.text, link) if is_unlinked(link.url) else link
            found[f"{known.url} {link.text}"] = replace(link, url=known.url, position=len(found))  # agencies may share
        return tuple(found.values())

    def _of_report(self, capture: Capture) -> Iterator[Link]:
        page = WebPage(_address(capture), decode(self.store.body(capture)))
        if self.spider.judge_addressed(page).outcome is CaptureOutcome.PAGE:
            yield replace(link_to(page, capture.requested), capture=capture.id)


def _address(capture: Capture) -> str:
    fragment = urldefrag(capture.requested).fragment  # idioms may need it to read the answer
    return f"{urldefrag(capture.url).url}#{fragment}" if fragment else capture.url
