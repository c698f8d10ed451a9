"""A page for which a plain fetch was recognised as made, or a list as turned on, by scripts → the same page as Chromium
shows it: lists, pages on the way to them, reports.

No other page is rendered: not by default, and not one that was recognised as a challenge. A page that cannot be
rendered stays what it was, with the reason; whatever the browser does, it costs that page alone.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from crawler.lists.list_page import ListPage, Page
from crawler.net.fetching import Fetched, Fetcher
from crawler.net.response_verdict import Verdict, judge
from crawler.rendering import evidence
from crawler.rendering.browser_search import browser, missing
from crawler.rendering.browser_session import conversation, turn_on
from crawler.rendering.channel import Message
from crawler.rendering.process import STARTS, BrowserProcess, RenderingFailed
from crawler.rendering.rendered_page import Rendering, Turned
from crawler.rendering.rendered_reading import Circumstances
from crawler.rendering.request_proxy import BrowserRequestProxy, Challenged, Given
from crawler.run_protocol import RunProtocol
from storage.records import Capture, CaptureOutcome, CaptureRole, LookOutcome, Note

MOST_PAGES = 20  # of one crawl
MOST_REPORTS = 150  # likewise, beside those
_IN_ONE = 25  # reports that are shown in one browser, which would keep growing
SIDE_BY_SIDE = 2  # browsers over one archive
_PICTURE = 8 << 20  # bytes
_POLL = 0.5  # seconds


class Rendered(Protocol):
    """A portal, as far as rendering goes."""

    rendered: bool


class Renderer:
    """Renders the pages of one crawl, one after the other."""

    def __init__(self, portal: Rendered, fetcher: Fetcher, run: RunProtocol) -> None:
        self.portal, self.fetcher, self.run = portal, fetcher, run
        self._one_at_a_time = asyncio.Lock()
        self.done = self.reports = 0
        self.broken: Note | None = None
        self.why: Note | None = None  # why a page was not rendered
        self.other_hosts: set[str] = set()  # that scripts of the pages asked for data
        self._lasting: dict[str, Given] = {}
        self._kept_open: BrowserProcess | None = None  # the browser of the last report, which waits for the next

    async def again(
        self, fetched: Fetched, plain: ListPage, read: Callable[[Fetched], ListPage]
    ) -> list[tuple[Fetched, ListPage]]:
        """Return a page that was read as ``script_only`` as it is when rendered, and behind it those to which its list
        was turned; where it cannot be, as it was, and where it could not be, with the reason. ``read``: how a fetched
        page is read.
        """
        made, captures, turns = await self.render(fetched)
        return [(fetched, plain)] if made is None else made.read(fetched, plain, read, captures, turns)

    async def turned_on(
        self, fetched: Fetched, plain: ListPage, read: Callable[[Fetched], ListPage]
    ) -> list[tuple[Fetched, ListPage]]:
        """As :meth:`again`, for a page that was read, and of whose list more is turned to by scripts only."""
        return await self.again(fetched, plain, read)

    async def page_of(self, fetched: Fetched) -> Page | None:
        """Return a page as the browser shows it; None where it does not."""
        made, _, _ = await self.render(fetched)
        return made.page if made is not None else None

    async def report(self, fetched: Fetched) -> Fetched | None:
        """Return the page of a report as the browser shows it, kept as what belongs to that page, or what stood in the
        way; None where no further one is shown.
        """
        made, captures, _ = await self.render(fetched, of_report=True)
        if made is None:
            return None
        if made.outcome is not None:
            blocked = made.outcome is LookOutcome.BLOCKED
            ended = CaptureOutcome.BLOCKED if blocked else CaptureOutcome.ERROR
            return Fetched(fetched.url, Verdict(ended, made.reason), fetched.captures)
        verdict = judge(200, made.dom, url=fetched.url, mime="text/html")
        if verdict.outcome is CaptureOutcome.PAGE and (verdict.reason or made.how.failed):
            verdict = Verdict(CaptureOutcome.ERROR, verdict.reason or made.how.failed[0])
        return Fetched(fetched.url, verdict, captures[-1:], made.dom)

    async def render(
        self, fetched: Fetched, *, of_report: bool = False
    ) -> tuple[Rendering | None, tuple[Capture, ...], tuple[Capture, ...]]:
        """Show a page to the browser: what became of it (None: nothing is rendered here), its captures now, and those
        of the pages to which its list was turned. ``of_report``: it is a report's, of which nothing is turned.
        """
        async with self._one_at_a_time:
            return await self._render(fetched, of_report=of_report)

    async def _render(
        self, fetched: Fetched, *, of_report: bool
    ) -> tuple[Rendering | None, tuple[Capture, ...], tuple[Capture, ...]]:
        if not self._can(of_report):
            return None, fetched.captures, ()
        self.done, self.reports = self.done + (not of_report), self.reports + of_report
        door = BrowserRequestProxy(self.run, self.fetcher, fetched, self._lasting)
        try:
            async with _turn(self.run.home.path / "locks"):
                return await (self._of_report if of_report else self._rendered)(fetched, door)
        except Challenged as challenge:
            ends = Rendering(fetched.url, outcome=LookOutcome.BLOCKED, reason=str(challenge))
        except RenderingFailed as failure:
            if failure.reason == "browser_not_started":
                self.broken = Note("browser_not_started", {"text": failure.said})
                self.run.notes.append(self.broken)
            elif failure.said:
                self.run.notes.append(_not_shown("not_rendered", fetched.url, failure))
            ends = Rendering(fetched.url, outcome=LookOutcome.SCRIPT_ONLY, reason=failure.reason)
        return replace(ends, asked=len(door.captures)), (*door.captures, *fetched.captures), ()

    def _can(self, of_report: bool) -> bool:
        """Whether a further page is rendered; why not stands in the run's report, unless the portal's file says so."""
        if not self.portal.rendered:
            return False
        why = self.broken or missing(self.run.home.config.browser)
        done, most = (self.reports, MOST_REPORTS) if of_report else (self.done, MOST_PAGES)
        if why is None and done >= most:
            why = Note("more_reports_by_script" if of_report else "more_pages_by_script", {"most": most})
        if why is not None:
            self.why = why
            self.run.notes.append(why)
        return why is None

    async def _rendered(
        self, fetched: Fetched, door: BrowserRequestProxy
    ) -> tuple[Rendering, tuple[Capture, ...], tuple[Capture, ...]]:
        config, job = self.run.home.config, self._job(fetched)
        async with BrowserProcess() as process:
            first_said = await _started(process, job)
            process.left = config.render_seconds
            shown, dom = await conversation(process, door, *first_said)
            first = fetched.capture
            via = first.id if first is not None else None
            said = _how_shown(shown, door)
            url = _stands(shown, dom, door, fetched)
            same = evidence.known(self.run, url, dom)
            picture = None if same is not None else await self._picture(process, url, via, said)
            process.left = config.render_seconds
            turns = await turn_on(process, door, dom, url, config.render_turns)
        if turns.first is not None:
            dom, same = turns.first, evidence.known(self.run, url, turns.first)
        kept = evidence.keep_dom(self.run, url, dom, via=via, said=said, same=same)
        turned = [self._kept(one, number, via, said) for number, one in enumerate(turns.pages, 1)]
        self.run.count("rendered")
        self.other_hosts |= door.other_hosts
        made = (*fetched.captures, *door.captures, *([picture] if picture else []), kept)
        settled = shown.get("settled") is True and turns.settled
        sound = shown.get("sound") is True
        how = Circumstances(door.failed, door.foreign, settled, turning=turns.ended, sound=sound)
        return Rendering(url, dom, how, asked=len(door.captures), turned=turns.pages), made, tuple(turned)

    def _job(self, fetched: Fetched) -> dict[str, Any]:
        return {
            "url": fetched.url,
            "browser": browser(self.run.home.config.browser),
            "agent": self.fetcher.crawler.settings["USER_AGENT"],
            "seconds": STARTS,
        }

    async def _of_report(
        self, fetched: Fetched, door: BrowserRequestProxy
    ) -> tuple[Rendering, tuple[Capture, ...], tuple[Capture, ...]]:
        """Show a report in the browser of the one before, whose start would cost most of it: each in a context of its
        own, some of them in one browser.
        """
        job = self._job(fetched)
        if self._kept_open is not None and self.reports % _IN_ONE == 0:
            await self.close()
        try:
            if self._kept_open is None:
                self._kept_open = await BrowserProcess().__aenter__()
                first_said = await _started(self._kept_open, job)
                self._kept_open.left = self.run.home.config.render_seconds
            else:
                self._kept_open.left = self.run.home.config.render_seconds
                await self._kept_open.say({"next": job})
                first_said = await self._kept_open.hear()
            shown, dom = await conversation(self._kept_open, door, *first_said)
            _stands(shown, dom, door, fetched)
        except BaseException:
            await self.close()
            raise
        return self._kept_report(fetched, dom, shown.get("settled") is True, door, _how_shown(shown, door))

    async def close(self) -> None:
        """End the browser that waits for another report, if there is one."""
        process, self._kept_open = self._kept_open, None
        if process is not None:
            await process.__aexit__(None, None, None)

    def _kept_report(
        self, fetched: Fetched, dom: bytes, settled: bool, door: BrowserRequestProxy, said: str
    ) -> tuple[Rendering, tuple[Capture, ...], tuple[Capture, ...]]:
        """Keep a report as rendered: by the address that was asked for, as what belongs to the answer from there."""
        url, via = fetched.url, fetched.capture.id if fetched.capture is not None else None
        same = evidence.known(self.run, url, dom)
        kept = evidence.keep_dom(self.run, url, dom, via=via, said=said, same=same, role=CaptureRole.ATTACHMENT)
        self.run.count("rendered")
        how = Circumstances(door.failed, door.foreign, settled)
        return Rendering(url, dom, how, asked=len(door.captures)), (*fetched.captures, *door.captures, kept), ()

    def _kept(self, turned: Turned, number: int, via: str | None, said: str) -> Capture:
        """Keep a page to which a list was turned, or one of the further lists of the page."""
        said = f"{said}; its list turned on by a control of the page"
        same = evidence.known(self.run, turned.url, turned.dom)
        return evidence.keep_dom(
            self.run, turned.url, turned.dom, via=via, said=said, same=same, turn=number, label=turned.label
        )

    async def _picture(self, process: BrowserProcess, url: str, via: str | None, said: str) -> Capture | None:
        """Keep the picture of the page; a browser that fails at it has shown the page all the same."""
        try:
            await process.say({"picture": True})
            told, png = await process.hear()
            while told.get("say") == "fetch":  # nothing more is loaded for it
                await process.say({})
                told, png = await process.hear()
        except RenderingFailed as failure:
            self.run.notes.append(_not_shown("no_picture", url, failure))
            return None
        if not png.startswith(b"\x89PNG") or len(png) > _PICTURE:
            return None
        return evidence.keep_picture(self.run, url, png, via=via, said=said)


def _not_shown(code: str, url: str, failure: RenderingFailed) -> Note:
    return Note(code, {"url": url, "reason": failure.reason, "text": failure.said})


def _how_shown(shown: dict[str, Any], door: BrowserRequestProxy) -> str:
    """How a page was shown, in words."""
    return f"rendered by {str(shown.get('browser'))[:60]}; {door.asked} requests" + "".join(
        f", {count} refused ({reason})" for reason, count in sorted(door.refused.items())
    )


def _stands(shown: dict[str, Any], dom: bytes, door: BrowserRequestProxy, fetched: Fetched) -> str:
    """Return the address at which a page says it stands. Raises :class:`Challenged` for one that is a challenge."""
    url = door.address(shown.get("url"), fetched.url)
    verdict = judge(200, dom, url=url, mime="text/html")
    if verdict.outcome is CaptureOutcome.BLOCKED:
        raise Challenged(verdict.reason)
    return url


async def _started(process: BrowserProcess, job: dict[str, Any]) -> Message:
    """Let the browser begin with a page; what it asks for first."""
    try:
        await process.hear()
        await process.say(job)
        told, body = await process.hear()
    except RenderingFailed as failure:
        raise RenderingFailed("browser_not_started", str(failure)) from failure
    if told.get("say") == "failed":
        raise RenderingFailed("browser_not_started", str(told.get("reason"))[:300])
    return told, body


@asynccontextmanager
async def _turn(folder: Path) -> AsyncIterator[None]:
    """Hold one of the places for browsers over this archive; waits for one."""
    with ExitStack() as stack:
        places = [stack.enter_context((folder / f"browser-{n}.lock").open("w")) for n in range(SIDE_BY_SIDE)]
        while not any(_taken(place.fileno()) for place in places):
            await asyncio.sleep(_POLL)
        yield


def _taken(place: int) -> bool:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
