"""Visits: fetch reports, new ones always, known ones by age; with each page its attachments, embeds and pictures.

The current season (reports on last year) weekly, older ones twice a year; conditional where the portal gave validators.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.families.lists import Page
from crawler.families.portal import VISITED
from crawler.looks import Found
from crawler.parts import parts
from crawler.quality import decode
from crawler.session import Fetched, Session
from storage.errors import StorageError
from storage.records import Capture, CaptureOutcome, CaptureRole

if TYPE_CHECKING:
    from crawler.families.portal import PortalSpider

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER = timedelta(days=182)
DAY = timedelta(days=1)
_REPORT = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})


def due(session: Session, seen: Capture | None, year: int | None, *, everything: bool = False) -> bool:
    """Whether a report is to be asked for (again). ``year`` None: unknown, treated as of the season."""
    if seen is None or seen.outcome is CaptureOutcome.SOFT_404 or everything:
        return True
    now = session.clock.now()
    season = year is None or year >= now.astimezone(SHANGHAI).year - 1
    since = now - seen.fetched_at
    wrong = since < -DAY  # seen in the future: the clock was wrong then, or is now
    return wrong or since >= (SEASON if season else OLDER)


async def visit(spider: PortalSpider, found: Iterable[Found]) -> None:
    """Visit what is due, each address once; tells the last capture of each page (signal ``VISITED``)."""
    session: Session = spider.session
    done: set[str] = set()
    stopped: set[str] = set()
    for item in found:
        url = item.link.url
        host = url.split("/", 3)[2] if "://" in url else ""
        if url in done or host in stopped:
            continue
        done.add(url)
        seen = session.known.get(url)
        if not due(session, seen, item.lead.year, everything=spider.visit_all):
            continue
        fetched = await session.fetch(
            url,
            role=CaptureRole.REPORT,
            via=item.via or None,
            link_text=item.link.text,
            referer=_shown_on(session, item),
            previous=seen if seen is not None and seen.url == url else None,
        )
        session.counts["visits"] += 1
        if fetched.spent:
            session.notes.append("the page budget was used up before all reports were visited")
            return
        if fetched.not_now is not None and fetched.not_now.host_wide:
            stopped.add(host)
        if fetched.verdict.outcome in _REPORT:
            await parts_of(spider, fetched)
        else:
            session.counts["visit_failed"] += 1
        if fetched.capture is not None:
            session.tell(VISITED, capture=fetched.capture)


def _shown_on(session: Session, item: Found) -> str:
    listing = next((row for row in session.listings if row.id == item.lead.listing), None)
    return listing.url if listing else ""


async def parts_of(spider: PortalSpider, fetched: Fetched) -> None:
    """Fetch what belongs to a page, with the page as Referer, each address once a run."""
    session: Session = spider.session
    if fetched.capture is None:
        return
    page = fetched.page
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED:
        try:
            page = Page(fetched.url, decode(session.held_body(fetched.capture)))
        except StorageError:
            return
    for part in parts(page, spider.signature()):
        if part.url in session.parts_asked:
            continue
        session.parts_asked.add(part.url)
        seen = session.known.get(part.url)
        await session.fetch(
            part.url, role=CaptureRole.ATTACHMENT, via=fetched.capture.id, link_text=part.text, referer=fetched.url,
            previous=seen if seen is not None and seen.url == part.url else None,
        )  # fmt: skip
        session.counts["attachments"] += 1
