"""Judges stored looks again with today's engine: extracts their links from the stored pages, and finds why a list that
counts as read whole is not. The result is stored as a further extraction.

Nothing is fetched: the pages, also those that a browser showed, are in the archive. An extraction is stored only if it
differs from the last; earlier ones and the look stay. A look that was not ok never becomes ok: what a better engine
would have asked for was not fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urldefrag

from archive.identity.addresses import is_unlinked
from archive.identity.classification import lead_of
from crawler import portals
from crawler.lists.addressed import judge_addressed, link_to
from crawler.lists.stored_lists import read_again
from crawler.lists.words import REASONS
from crawler.net.web_page import WebPage, decode
from crawler.spider import EXTRACTOR_VERSION
from storage.captures import CaptureStore
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureOutcome, CaptureRole, Extraction, Link, LookOutcome
from storage.registry import Registry

_ROLES = frozenset({CaptureRole.REPORT, CaptureRole.LISTING})


def relook(home: Home, name: str) -> int:
    """Judge every stored look of a portal again: extract its links, and find why its list may not be whole. Return the
    number of looks that changed.

    A look with a page that cannot be read from the archive stays as it is. The addresses of rows that have none on the
    page, as a browser found them by pressing the rows, are those of the links so far. Raises
    :class:`~crawler.errors.UnknownPortal`.
    """
    family = portals.find(name, home.path).family
    observations, store = Observations(home), CaptureStore(home)
    registry = Registry(home)
    portal, agencies = registry.portal(name), registry.agencies(name)
    assert portal is not None, "a portal that was looked at is known"
    listings = {row.id: row for row in registry.listings(name)}
    latest = observations.latest_extractions(name)
    changed = 0
    for look in observations.looks(name):
        captures = [one for one in map(store.get, look.captures) if one is not None and one.outcome.is_page]
        last, listing = latest.get(look.id), listings[look.listing]
        before = last.links if last is not None else ()
        try:
            bodies = [(one, store.body(one)) for one in captures if one.role in _ROLES]
        except StorageError:
            continue
        pressed = {link.text: link.url for link in before if not is_unlinked(link.url)}
        pages = [(one, _address(one), body) for one, body in bodies if one.role is CaptureRole.LISTING]
        shown, doubt = read_again(pages, listing, portal, partial(lead_of, portal=portal, agencies=agencies))
        by_url = {link.url: link for link in _links_of_report(bodies)}
        for link in shown:
            url = pressed.get(link.text, link.url) if is_unlinked(link.url) else link.url
            by_url[f"{url} {link.text}"] = replace(link, url=url, position=len(by_url))  # agencies may share an address
        links = tuple(by_url.values())
        if before and not links:
            doubt = REASONS["shows_nothing"]
        if look.outcome is not LookOutcome.OK and not (last is not None and last.doubt):
            doubt = None  # it proves nothing anyway
        if last is None or (before, last.doubt) != (links, doubt):
            extractor, made_at = f"{family}/{EXTRACTOR_VERSION}", home.clock.now()
            again = Extraction(look=look.id, extractor=extractor, made_at=made_at, links=links, doubt=doubt)
            observations.add_extraction(again)
            changed += 1
    return changed


def _links_of_report(bodies: Sequence[tuple[Capture, bytes]]) -> Iterator[Link]:
    """Yield a link to each report among the captures of an address of agency and year."""
    for capture, body in bodies:
        page = WebPage(_address(capture), decode(body))
        if capture.role is CaptureRole.REPORT and judge_addressed(page).outcome is CaptureOutcome.PAGE:
            yield replace(link_to(page, capture.requested), capture=capture.id)


def _address(capture: Capture) -> str:
    fragment = urldefrag(capture.requested).fragment  # idioms may need it to read the answer
    return f"{urldefrag(capture.url).url}#{fragment}" if fragment else capture.url
