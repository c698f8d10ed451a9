"""Take the links out of stored list pages again with today's spider, and keep them as a further extraction.

Nothing is fetched. Only what comes out differently is stored; the earlier extractions stay.
"""

from __future__ import annotations

from urllib.parse import urldefrag

from crawler import portals
from crawler.lists.list_page import Page
from crawler.looks.addressed import link_to
from crawler.looks.look_builder import gather
from crawler.net.decoding import decode
from crawler.spider import EXTRACTOR_VERSION, PortalSpider
from storage.captures import CaptureStore
from storage.errors import StorageError
from storage.home import Home
from storage.observations import Observations
from storage.records import Capture, CaptureOutcome, CaptureRole, Extraction, Link, Look

_HELD = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})


def relook(home: Home, name: str) -> int:
    """Extract the links of every stored look of a portal anew; how many looks came out differently.

    Raises :class:`~crawler.errors.UnknownPortal`; a page whose bytes are not held leaves its look as it was.
    """
    spider = portals.find(name, home.path)(name=name)
    observations, store = Observations(home), CaptureStore(home)
    latest = observations.latest_extractions(name)
    changed = 0
    for look in observations.looks(name):
        try:
            links = _links(spider, store, look)
        except StorageError:
            continue
        before = latest.get(look.id)
        if before is not None and before.links == links:
            continue
        extractor = f"{spider.family}/{EXTRACTOR_VERSION}"
        observations.add_extraction(
            Extraction(look=look.id, extractor=extractor, made_at=home.clock.now(), links=links)
        )
        changed += 1
    return changed


def _links(spider: PortalSpider, store: CaptureStore, look: Look) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for capture in filter(None, map(store.get, look.captures)):
        if capture.outcome not in _HELD:
            continue
        fragment = urldefrag(capture.requested).fragment  # it may say how the answer is read
        url = f"{urldefrag(capture.url).url}#{fragment}" if fragment else capture.url
        page = Page(url, decode(store.body(capture)), capture.size or 0)
        gather(found, _of_page(spider, capture, page), capture.id)
    return tuple(found.values())


def _of_page(spider: PortalSpider, capture: Capture, page: Page) -> tuple[Link, ...]:
    if capture.role is CaptureRole.RESOURCE:
        return ()  # what a rendered page loaded, and its picture; the page as rendered is a list page
    if capture.role is CaptureRole.LISTING:
        return spider.read_list(page).links
    verdict = spider.judge_addressed(page)  # an addressed listing: the page is the report, or none
    return (link_to(page, capture.requested),) if verdict.outcome is CaptureOutcome.PAGE else ()
