"""Runs the list engine of a crawl in a thread of its own; Scrapy sends its requests.

So the engine is plain sequential code, and still each of its requests, and each request of its browser, passes the
guard, robots.txt, the pace of its host and the WARC writer, like any other request of the crawl.

Pages are stored as a browser showed them in WARC resource records: the DOM as text and, if it is new, a picture. The
records are named ``urn:dom:<address>`` and ``urn:view:<address>`` (a usual name for pictures of pages), so that no
player replays them in place of the page. A DOM that has not changed is stored as a revisit.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import TypeVar
from urllib.parse import urldefrag

import scrapy
from scrapy.http import Response

from crawler.crawl_run import CrawlRun
from crawler.lists.browser import Browser, State, find_program, why_no_browser
from crawler.lists.page import Answer, Request, Stopped
from crawler.net.fetching import FetchContext, Fetched, Fetcher, request_of
from crawler.net.web_page import ResponseVerdict, judge_response
from storage.captures import Resource
from storage.home import Home
from storage.records import RENDERED_BY, Capture, CaptureOutcome, CaptureRole, Note
from storage.warc_fields import SHOWN_DOM, SHOWN_PICTURE, urn

WAIT_SECONDS = 0.5  # between two checks of the waiting thread if the crawl has ended
IDLE_SECONDS = 60.0  # after which an unused browser is closed, so that another crawl can use one
MAX_HELD_BYTES = 64 << 20  # of answers that are kept for a second request of the same address
_OUR_HEADERS = re.compile("user-agent|cookie|accept-encoding|range|origin|(?:if|sec|upgrade|proxy)-.*")  # never copied
_NOT_THERE = frozenset((CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_FOUND))
DOM, PICTURE = (SHOWN_DOM, "text/html; charset=utf-8"), (SHOWN_PICTURE, "image/png")  # beginnings of names, and types
_CONTROLS = "; browser: "  # before the controls in the reason of a capture, if a browser turned the list
MAX_REPORTS = 150  # shown in a browser in one crawl
_NOT_FAILED = frozenset(
    (CaptureOutcome.PAGE, CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_MODIFIED)
)
Result = TypeVar("Result")


class CrawlFetch:
    """The engine's ``Fetch`` in a crawl. Each address is requested once a run; a second answer is a copy.

    ``fetched``: the fetches since the last :meth:`take`, in order, with their captures. ``answers``: the answers so
    far, by requested address. ``ended``: set when the crawl has ended. ``error``: an error of ours that ends the crawl
    (full disk, wrong clock).
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher, self.loop, self.ended = fetcher, asyncio.get_running_loop(), Event()
        self.fetched: list[Fetched] = []
        self.error: Exception | None = None
        self.answers: dict[str, tuple[Answer, Fetched]] = {}
        self._held_bytes = 0

    def __call__(self, request: Request) -> Answer:
        """Return the answer, an earlier one of this run if any; called in the list thread. Raises ``Stopped``."""
        is_shared = request.body is None  # a POST is asked each time
        known = self.answers.get(request.url) if is_shared else None
        answer, fetched = known or self._wait_for(request)
        self.fetched.append(fetched)
        is_final = not (fetched.spent or fetched.not_now)
        if is_shared and not known and is_final and self._held_bytes + len(answer.body) <= MAX_HELD_BYTES:
            self.answers[request.url] = answer, fetched
            self._held_bytes += len(answer.body)
        return replace(answer, request=request)

    def pause(self, seconds: float) -> None:
        """Wait for some seconds. Raises :class:`~crawler.lists.page.Stopped` if the crawl ends meanwhile."""
        if self.ended.wait(seconds):
            raise Stopped

    def take(self) -> list[Fetched]:
        """Return the fetches since the last call."""
        taken, self.fetched = self.fetched, []
        return taken

    def _wait_for(self, request: Request) -> tuple[Answer, Fetched]:
        """Let Scrapy's loop send a request; wait in the list thread. Raises Stopped if the crawl ends or must end."""
        task = asyncio.run_coroutine_threadsafe(self._send(request), self.loop)
        while not wait((task,), timeout=WAIT_SECONDS).done:
            if self.ended.is_set():
                task.cancel()
                raise Stopped
        try:
            return task.result()
        except Exception as error:  # an error of ours: a full disk, a wrong clock
            self.error = error
            raise Stopped from error

    async def _send(self, request: Request) -> tuple[Answer, Fetched]:
        """Send a request, unless its host is foreign: then nothing comes. Runs in Scrapy's event loop."""
        context = FetchContext(CaptureRole.RESOURCE if request.by_browser else CaptureRole.LISTING, request.url)
        if (reason := self.fetcher.allowed_hosts.refusal(request.url)) is not None:
            return Answer(request, request.url, 0, refused=True), self.fetcher.refused(context, reason)
        fetched, response = await self.fetcher.send(_as_scrapy(request, context), context)
        return _as_answer(request, fetched, response), fetched


class EngineThread:
    """The thread of the engine, with its ``fetch`` and, if one may and can be used, its browser, until ``aclose()``."""

    def __init__(self, fetcher: Fetcher, home: Home | None = None) -> None:
        """``home``: the archive that has the browser's settings, and limits how many run; None: use no browser."""
        self.fetch = CrawlFetch(fetcher)
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lists")  # all calls in the same thread
        self._idle: asyncio.TimerHandle | None = None
        self.browser: Browser | None = None
        self._problem = why_no_browser(home.config.browser) if home is not None else None
        if home is not None and self._problem is None:
            self.browser = Browser(
                self.fetch, find_program(home.config.browser), seconds=home.config.render_seconds,
                turns=home.config.render_turns, lock_folder=home.path / "locks", pause=self.fetch.pause,
            )  # fmt: skip

    @property
    def version(self) -> str:
        """Name and version of the browser that runs."""
        return self.browser.version if self.browser is not None else ""

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """Run ``work`` in the thread and return its result; if the crawl is cancelled meanwhile, make it end. Then
        start the time anew after which an unused browser is closed.
        """
        loop = asyncio.get_running_loop()
        if self._idle is not None:
            self._idle.cancel()
        try:
            return await loop.run_in_executor(self._executor, work, *arguments)
        except asyncio.CancelledError:
            self.fetch.ended.set()
            raise
        finally:
            if self.browser is not None:
                self._idle = loop.call_later(IDLE_SECONDS, self._executor.submit, self.browser.close)

    def browser_problem(self) -> Note | None:
        """Return why no browser can be used; None also if none is wanted (:meth:`can_browse` tells these apart)."""
        return self._problem if self.browser is None else self.browser.not_started

    def can_browse(self) -> bool:
        """Whether a browser can be used."""
        return self.browser is not None and self.browser.not_started is None

    async def aclose(self) -> None:
        """End the reading of lists, the browser and the thread."""
        if self._idle is not None:
            self._idle.cancel()
        self.fetch.ended.set()
        if self.browser is not None:
            await asyncio.get_running_loop().run_in_executor(self._executor, self.browser.close)
        self._executor.shutdown()


def _as_scrapy(request: Request, context: FetchContext) -> scrapy.Request:
    """Return a list reader's request as one of Scrapy's, with its body and the headers that may be copied."""
    result = request_of(request.url, context)
    if request.body is not None:
        result = result.replace(method="POST", body=request.body)
        result.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    for name, value in request.headers:
        if not _OUR_HEADERS.fullmatch(name.lower()) and value.isascii() and value.isprintable():
            result.headers[name] = urldefrag(value).url if name.lower() == "referer" else value
    return result


def _as_answer(request: Request, fetched: Fetched, response: Response | None) -> Answer:
    """Return how a request ended as an answer for the list reader; status 0 if nothing usable came (no response)."""
    outcome = fetched.verdict.outcome
    if response is None or outcome not in {CaptureOutcome.PAGE, *_NOT_THERE}:
        return Answer(request, fetched.url, 0)
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    if outcome is CaptureOutcome.PAGE:
        return Answer(request, fetched.url, 200, fetched.body, kind)
    status = response.status if request.by_browser else 404  # to the engine, an empty page or soft 404 is no list
    return Answer(request, fetched.url, status, response.body, kind)


# ------------------------------------------------------------------------------------------------ what a browser showed


def keep_shown(
    run: CrawlRun, url: str, dom: bytes, *, via: str | None, how: str, turn: int = 0,
    role: CaptureRole = CaptureRole.LISTING, picture: bytes = b"",
) -> list[Capture]:  # fmt: skip
    """Store a page as a browser showed it after ``turn`` turns (presses, scrolls); return the captures, the DOM's last.
    ``how``: as :func:`rendered_by` says it. ``role``: of the DOM's capture: a list page, or an attachment to a report's
    page. ``picture``: a PNG, stored if the DOM is new.
    """
    run.writer.flush()
    holder = run.store.holder(hashlib.sha256(dom).hexdigest())
    same = holder if holder is not None and holder.url == url and holder.is_shown_by_browser else None
    after = f", after {turn} turns of its list" if turn else ""
    records = [(DOM, dom, f"the page's DOM as the browser held it, as text{after}", role)]
    if picture and same is None:
        records.insert(0, (PICTURE, picture, "a picture of the page as the browser showed it", CaptureRole.RESOURCE))
    captures = []
    for (prefix, mime), body, about, of_role in records:
        fields = {"description": about, "via": url, "made-from": urn(via) if via else "", "made-by": how}
        record = Resource(url=url, mime=mime, body=body, at=run.clock.now(), target=prefix + url, about=fields)
        captures.append(run.writer.keep(record, role=of_role, reason=how, via=via, same=same))
    return captures


def rendered_by(version: str, requests: int, pressed: Iterable[str] | None = None) -> str:
    """Return the reason of captures that a browser made. ``version``: its name and version; ``requests``: how many it
    made; ``pressed``: the controls by which it turned the pages of a list; None if it turned none.
    """
    controls = f"{_CONTROLS}{', '.join(pressed)}" if pressed is not None else ""
    return f"{RENDERED_BY}{version}; {requests} requests{controls}"


def was_turned(captures: Iterable[Capture]) -> bool:
    """Whether a look needed a browser to turn the list, according to its captures (:func:`rendered_by`)."""
    return any(one.is_shown_by_browser and _CONTROLS in one.reason for one in captures)


class ReportBrowser:
    """Shows pages of reports that scripts make in a browser, at most ``MAX_REPORTS``. ``shown``: how many so far."""

    def __init__(self, run: CrawlRun, thread: EngineThread) -> None:
        self.run, self.shown, self.thread = run, 0, thread

    async def render(self, fetched: Fetched) -> Fetched | None:
        """Return the page of a report as the browser shows it, stored as an attachment; with an error verdict if it
        could not be shown; None if no browser may be used.
        """
        if self._refuses():
            return None
        self.shown += 1
        state, fetches = await self.thread.run(self._show, fetched)
        if state.page.refusal == "browser_not_started":
            self._refuses()  # notes why no browser can be used from now on
        return self._store_shown(fetched, state, fetches)

    def _refuses(self) -> bool:
        """Return whether no further report can be shown; note why, unless the portal's file forbids a browser."""
        problem = self.thread.browser_problem()
        if problem is None and self.shown >= MAX_REPORTS:
            problem = Note("more_reports_by_script", {"most": MAX_REPORTS})
        if problem is not None:
            self.run.notes.append(problem)
        return problem is not None or not self.thread.can_browse()

    def _show(self, fetched: Fetched) -> tuple[State, list[Fetched]]:
        """Open a report's page, whose document is not fetched again; return its state and what the browser fetched."""
        url, fetch = urldefrag(fetched.url).url, self.thread.fetch
        page = Answer(Request(url), url, 200, fetched.body, "text/html")

        def ask(request: Request) -> Answer:
            return page if request.url == url and request.body is None else fetch(request)

        browser = self.thread.browser
        assert browser is not None
        browser.fetch = ask
        return browser.open(fetched.url, bare=True), fetch.take()

    def _store_shown(self, fetched: Fetched, state: State, fetches: list[Fetched]) -> Fetched:
        """Store what was shown and return it; with an error verdict if the page was blocked or incomplete."""
        blocked = next((one.verdict for one in fetches if one.verdict.outcome is CaptureOutcome.BLOCKED), None)
        dom = state.markup.encode("utf-8", "replace")
        verdict = judge_response(200, dom, url=fetched.url, mime="text/html")
        if blocked is not None or verdict.outcome is CaptureOutcome.BLOCKED:
            return Fetched(fetched.url, blocked or verdict, fetched.captures)
        if not dom:
            return Fetched(fetched.url, ResponseVerdict(CaptureOutcome.ERROR, state.page.refusal), fetched.captures)
        reason = verdict.reason or _why_incomplete(state, fetches)
        if verdict.outcome is CaptureOutcome.PAGE and reason:
            verdict = ResponseVerdict(CaptureOutcome.ERROR, reason)
        how = rendered_by(self.thread.version, len(fetches))
        captures = keep_shown(self.run, fetched.url, dom, via=fetched.capture_id, how=how, role=CaptureRole.ATTACHMENT)
        self.run.count("rendered")
        return Fetched(fetched.url, verdict, tuple(captures), dom)


def _why_incomplete(state: State, fetches: list[Fetched]) -> str:
    """Return why a page is incomplete: the reason of the first fetch that failed and that it needs; "" if there is
    none. ``fetches``: all that the browser asked for; ``state``: what it shows then. Not needed: what refused hosts
    would have sent, and scripts that do not exist.
    """
    for fetched in fetches:
        outcome, names = fetched.verdict.outcome, {fetched.url, *(capture.requested for capture in fetched.captures)}
        is_missing_script = outcome is CaptureOutcome.NOT_FOUND and not names.intersection(state.lacking)
        has_failed = outcome not in {*_NOT_FAILED, CaptureOutcome.REFUSED} and not is_missing_script
        if has_failed and names.intersection(state.failed):
            return fetched.verdict.reason or str(outcome)
    return ""
