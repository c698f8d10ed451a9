"""Visits: fetch reports, new ones always, known ones by age; with each page its attachments, embeds and pictures.

The current season (reports on last year) weekly, older ones twice a year; conditional where the portal gave validators.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.lists.kinds.emptiness import has_a_place_for_items, is_made_by_scripts, unescaped
from crawler.lists.kinds.page_kinds import CHAPTERS, chapters_in
from crawler.lists.list_page import Page, parse
from crawler.lists.page_text import visible_text
from crawler.looks.crawl_context import Fetched, Session
from crawler.looks.look_builder import Found
from crawler.net.response_verdict import Verdict
from crawler.spider import VISITED
from crawler.visits.report_parts import parts
from storage.errors import StorageError
from storage.records import Capture, CaptureOutcome, CaptureRole, Part

if TYPE_CHECKING:
    from crawler.spider import PortalSpider

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEASON = timedelta(days=7) - timedelta(hours=2)  # a weekly crawl that starts a little earlier is still a weekly crawl
OLDER = timedelta(days=182)
DAY = timedelta(days=1)
_ENOUGH = 3
_LATER = frozenset({"http_429", "http_503"})
_REPORT = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
_SHELL = 400  # characters that the page of a report made by scripts has at most
_NOT_SHOWN = Verdict(CaptureOutcome.ERROR, "scripts_make_the_page")


def due(session: Session, seen: Capture | None, year: int | None, *, everything: bool = False) -> bool:
    """Whether a report is to be asked for (again). ``year`` None: unknown, treated as of the season, and so is what was
    answered by a page that was not understood.
    """
    unfinished = seen is None or seen.requested in session.cut_off or seen.requested in session.lacking
    if seen is None or unfinished or everything or seen.outcome is CaptureOutcome.SOFT_404:
        return True
    now = session.clock.now()
    # a page that nobody understood is perhaps another's: of strangers in whose hands the domain was that day
    odd = bool(seen.reason) and seen.reason != "script_shell"  # what scripts show there is kept beside it
    season = year is None or year >= now.astimezone(SHANGHAI).year - 1 or odd
    since = now - seen.fetched_at
    wrong = since < -DAY  # seen in the future: the clock was wrong then, or is now
    return wrong or since >= (SEASON if season else OLDER)


async def visit(spider: PortalSpider, found: Iterable[Found]) -> None:
    """Visit what is due, each address once; tells the last capture of each page (signal ``VISITED``).

    The next request waits in the slot of its host while the last answer is stored and read, so that the host's pace,
    not our work, is what counts; one request at a time all the same.
    """
    visits = _Visits(spider)
    try:
        for item in found:
            if not await visits.add(item):
                return
        await visits.finish()
    finally:
        await visits.drop()


class _Visits:
    """Visits of one crawl. ``ahead``: the one that is asked for and not taken yet."""

    def __init__(self, spider: PortalSpider) -> None:
        self.spider = spider
        self.session: Session = spider.session
        self.done: set[str] = set()
        self.stopped: set[str] = set()
        self.answered: set[str] = set()  # hosts that gave an answer in this run
        self.failing: Counter[str] = Counter()  # failures in a row that would meet any page of a host
        self.ahead: tuple[str, Found, asyncio.Task[Fetched]] | None = None

    async def add(self, item: Found) -> bool:
        """Ask for a page if it is due, then take the one before; False when no further one can be asked for."""
        url = item.link.url
        host = url.split("/", 3)[2] if "://" in url else ""
        if url in self.done:
            return True
        self.done.add(url)
        if host not in self.answered and not await self.finish():  # its first answer decides about the others
            return False
        if host in self.stopped:
            return True
        seen = self.session.known.get(url)
        if not due(self.session, seen, item.year, everything=self.spider.visit_all):
            return True
        before, self.ahead = self.ahead, (host, item, asyncio.create_task(_ask(self.session, item, seen)))
        return before is None or await self._take(*before)

    async def finish(self) -> bool:
        """Take what was asked for; False when no further page can be asked for."""
        before, self.ahead = self.ahead, None
        return before is None or await self._take(*before)

    async def drop(self) -> None:
        """Let nothing run on that nobody takes: after an error, or at the end of the budget."""
        if self.ahead is not None:
            self.ahead[2].cancel()
            await asyncio.wait([self.ahead[2]])
        if self.spider.renderer is not None:
            await self.spider.renderer.close()

    async def _take(self, host: str, item: Found, asked: asyncio.Task[Fetched]) -> bool:
        session, fetched = self.session, await asked
        session.counts["visits"] += 1
        if fetched.spent:
            session.unvisited = True
            session.notes.append("the page budget was used up before all reports were visited")
            return False
        self.failing[host] = self.failing[host] + 1 if _meets_all(fetched) else 0
        if self.failing[host] >= _ENOUGH:
            session.notes.append(f"{host}: {_ENOUGH} pages in a row could not be fetched, not asked again in this run")
        if self.failing[host] >= _ENOUGH or (fetched.not_now is not None and fetched.not_now.host_wide):
            self.stopped.add(host)
            session.unvisited = True
        elif fetched.capture is not None and fetched.capture.status is not None:
            self.answered.add(host)
        if fetched.verdict.outcome in _REPORT:
            await parts_of(self.spider, fetched)
        else:
            session.failed("visit", fetched, lead=item.lead)
        if fetched.capture is not None:
            session.tell(VISITED, capture=fetched.capture)
        return True


def _meets_all(fetched: Fetched) -> bool:
    """Whether what stopped a fetch is the host's state, not the page's: it asks to come later."""
    return fetched.verdict.reason in _LATER


async def _ask(session: Session, item: Found, seen: Capture | None) -> Fetched:
    return await session.fetch(
        item.link.url,
        role=CaptureRole.REPORT,
        via=item.via or None,
        link_text=item.link.text,
        referer=_shown_on(session, item),
        previous=seen if seen is not None and seen.url == item.link.url else None,
    )


def _shown_on(session: Session, item: Found) -> str:
    listing = next((row for row in session.listings if row.id == item.lead.listing), None)
    return listing.url if listing else ""


async def parts_of(spider: PortalSpider, fetched: Fetched) -> None:
    """Fetch what belongs to a page, with the page as Referer, each address once a run.

    Of a page with very many files those that are not held come first. What the limit, or the budget of the run, leaves
    is told, and the page is due again in the next run.
    """
    session: Session = spider.session
    if fetched.capture is None:
        return None
    if fetched.verdict.outcome is CaptureOutcome.NOT_MODIFIED:
        try:
            fetched = replace(fetched, body=session.held_body(fetched.capture))
        except StorageError:
            return None
    page = fetched.page
    if _is_shell(page) and not _has_parts(page, spider):
        shown = await _shown(spider, fetched)
        if shown is None:
            return None
        fetched, page = shown, shown.page
    if fetched.capture is None:
        return None
    named = [part for part in parts(page, spider.signature()) if part.url not in session.parts_asked]
    if len(named) > spider.files_at_once:
        named.sort(key=lambda part: _fetched_at(session, part))
    for at, part in enumerate(named):
        if at == spider.files_at_once:
            return _leave(session, fetched, named[at:])
        session.parts_asked.add(part.url)
        seen = session.known.get(part.url)
        got = await session.fetch(
            part.url, role=CaptureRole.ATTACHMENT, via=fetched.capture.id, link_text=part.text, referer=fetched.url,
            previous=seen if seen is not None and seen.url == part.url else None,
        )  # fmt: skip
        if got.spent:
            return _leave(session, fetched, named[at:])
        session.counts["attachments"] += 1
        if got.verdict.outcome not in _REPORT:
            session.failed("attachment", got)
    return None


def _is_shell(page: Page) -> bool:
    """Whether scripts make a report's page out of what an interface answers: its text does not stand in their source,
    as that of gkmlpt does.
    """
    if len(visible_text(page.text)) > _SHELL or not is_made_by_scripts(parse(page.text)):
        return False
    return chapters_in(unescaped(page.text)) < CHAPTERS


def _has_parts(page: Page, spider: PortalSpider) -> bool:
    """Whether something of the report stands on its page: a file; or a picture, where nothing else is to come there."""
    named = parts(page, spider.signature())
    return any(part.kind != "image" for part in named) or (bool(named) and not has_a_place_for_items(parse(page.text)))


async def _shown(spider: PortalSpider, fetched: Fetched) -> Fetched | None:
    """Return the page of a report that scripts make as a browser shows it. One that is not shown is told, and due again
    in the next run.
    """
    session: Session = spider.session
    shown: Fetched | None = await spider.renderer.report(fetched) if spider.renderer is not None else None
    if shown is not None and shown.verdict.outcome is CaptureOutcome.PAGE:
        return shown
    session.failed("attachment", shown or replace(fetched, verdict=_NOT_SHOWN))
    if fetched.capture is not None:
        session.put_off(Part(kind="embed", url=fetched.url, text=""), fetched.capture)
        session.counts["attachments_left"] += 1
        session.unvisited = True
    return None


def _fetched_at(session: Session, part: Part) -> float:
    """When a file was last got; 0 for one that is not held."""
    held = session.known.get(part.url)
    return held.fetched_at.timestamp() if held is not None else 0.0


def _leave(session: Session, fetched: Fetched, left: Sequence[Part]) -> None:
    """Say that files of a page were not asked for, and write it down, so that the next run goes on with them."""
    assert fetched.capture is not None
    unheld = [part for part in left if part.url not in session.known]
    if unheld:
        session.put_off(unheld[0], fetched.capture)
        session.counts["attachments_left"] += len(unheld)
        session.unvisited = True
        session.notes.append(
            f"{fetched.capture.requested}: {len(unheld)} of its files are left for the next run, which begins with them"
        )
