"""The list engine in a crawl: it runs in a thread of its own, and Scrapy sends what it asks for.

So the engine is read from top to bottom, while each of its requests, and each request of its browser, passes the guard,
robots.txt, the pace of its host and the WARC writer like any other of the crawl.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import Self, TypeVar
from urllib.parse import urldefrag

import scrapy
from scrapy.http import Response

from crawler.lists.browser import Browser, find_program, why_no_browser
from crawler.lists.page import Answer, Request, Stopped
from crawler.net.failures import HELD_BACK
from crawler.net.fetching import FetchContext, Fetched, Fetcher, request_of
from crawler.net.response_verdict import ResponseVerdict
from storage.home import Home
from storage.records import CaptureOutcome, CaptureRole, Note

WAIT_SECONDS = 0.5  # after which a thread that waits looks whether the crawl has ended
IDLE_SECONDS = 60.0  # after which a browser that nothing is shown to leaves its place to those of other crawls
MAX_HELD_BYTES = 64 << 20  # of answers that are given a second time without being asked for
_SENT = frozenset(("accept", "content-type", "x-requested-with", "referer"))  # of what a page's script says
_NOT_THERE = frozenset((CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_FOUND))
Result = TypeVar("Result")


class CrawlFetch:
    """The engine's ``Fetch`` over a crawl. Each address is asked for once a run.

    ``fetched``: what was asked for since :meth:`take` was last called, in order, with its captures. ``ended``: the
    crawl has ended. ``error``: what it cannot go on after.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher, self.loop, self.ended = fetcher, asyncio.get_running_loop(), Event()
        self.fetched: list[Fetched] = []
        self.error: Exception | None = None
        self._held: dict[str, tuple[Answer, Fetched]] = {}
        self._held_bytes = 0

    def __call__(self, request: Request) -> Answer:
        """Return the answer, from the thread of the engine. Raises :class:`~crawler.lists.page.Stopped`."""
        key = request.url if request.body is None else ""
        answer, fetched = self._held.get(key) or self._wait_for(request)
        self.fetched.append(fetched)
        is_final = not (fetched.spent or fetched.not_now)
        if key and key not in self._held and is_final and self._held_bytes + len(answer.body) <= MAX_HELD_BYTES:
            self._held[key] = answer, fetched
            self._held_bytes += len(answer.body)
        return replace(answer, request=request)

    @property
    def answers(self) -> Mapping[str, tuple[Answer, Fetched]]:
        """What was answered so far, by the address that was asked."""
        return self._held

    def hold(self, url: str, fetched: Fetched, response: Response) -> None:
        """Take note of an answer that is there already, so that it is not asked for again."""
        self._held[url] = _as_answer(Request(url), fetched, response), fetched

    def pause(self, seconds: float) -> None:
        """Wait. Raises :class:`~crawler.lists.page.Stopped` if the crawl ends meanwhile."""
        if self.ended.wait(seconds):
            raise Stopped

    def take(self) -> list[Fetched]:
        """Return what was asked for since the last time, and forget it."""
        taken, self.fetched = self.fetched, []
        return taken

    def _wait_for(self, request: Request) -> tuple[Answer, Fetched]:
        sent = asyncio.run_coroutine_threadsafe(self._send(request), self.loop)
        while not wait((sent,), timeout=WAIT_SECONDS).done:
            if self.ended.is_set():
                sent.cancel()
                raise Stopped
        try:
            return sent.result()
        except Exception as error:  # of ours: a full disk, a wrong clock
            self.error = error
            raise Stopped from error

    async def _send(self, request: Request) -> tuple[Answer, Fetched]:
        """Ask, in the thread of the crawl."""
        context = FetchContext(CaptureRole.RESOURCE if request.by_browser else CaptureRole.LISTING, request.url)
        if (reason := self.fetcher.allowed_hosts.refusal(request.url)) is not None:
            return Answer(request, request.url, 0, refused=True), self.fetcher.refused(context, reason)
        if (left := self.fetcher.health.refusal(request.url)) is not None:  # nothing is asked, nothing is kept
            verdict = ResponseVerdict(HELD_BACK[left.outcome], left.reason)
            return Answer(request, request.url, 0), Fetched(request.url, verdict, (), not_now=left)
        fetched, response = await self.fetcher.send(_as_scrapy(request, context), context)
        return _as_answer(request, fetched, response), fetched


class EngineThread:
    """The thread in which the engine works, with its fetch and its browser, as a context manager. ``home``: the
    archive, over which few browsers run side by side; None: there is no browser.
    """

    def __init__(self, fetcher: Fetcher, home: Home | None = None) -> None:
        self.fetch, self._home = CrawlFetch(fetcher), home
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lists")  # a browser stays in one thread
        self._idle: asyncio.TimerHandle | None = None
        self.browser: Browser | None = None
        if home is not None:
            self.browser = Browser(
                self.fetch, find_program(home.config.browser), seconds=home.config.render_seconds,
                turns=home.config.render_turns, places=home.path / "locks", pause=self.fetch.pause,
            )  # fmt: skip

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @property
    def version(self) -> str:
        """Name and version of the browser that runs."""
        return self.browser.version if self.browser is not None else ""

    async def run(self, work: Callable[..., Result], *given: object) -> Result:
        """Do work in the thread; if the crawl is cancelled meanwhile, it is told to end."""
        loop = asyncio.get_running_loop()
        self._stay()
        try:
            return await loop.run_in_executor(self._executor, work, *given)
        except asyncio.CancelledError:
            self.fetch.ended.set()
            raise
        finally:
            if self.browser is not None:
                self._idle = loop.call_later(IDLE_SECONDS, self._executor.submit, self.browser.close)

    def _stay(self) -> None:
        """Let the browser not be ended for idleness."""
        if self._idle is not None:
            self._idle.cancel()

    def why_no_browser(self) -> Note | None:
        """Return why no page can be shown; None if one can, and where none is to be shown."""
        if self._home is None or self.browser is None:
            return None
        return self.browser.not_started or why_no_browser(self._home.config.browser)

    def can_browse(self) -> bool:
        """Whether pages can be shown to a browser."""
        return self.browser is not None and self.why_no_browser() is None

    async def close(self) -> None:
        """End the work, the browser and the thread."""
        self._stay()
        self.fetch.ended.set()
        if self.browser is not None:
            await asyncio.get_running_loop().run_in_executor(self._executor, self.browser.close)
        self._executor.shutdown()


def _as_scrapy(request: Request, context: FetchContext) -> scrapy.Request:
    made = request_of(request.url, context)
    if request.body is not None:
        made = made.replace(method="POST", body=request.body)
        made.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    for name, value in request.headers:
        if name.lower() in _SENT and value.isascii() and value.isprintable():
            made.headers[name] = urldefrag(value).url if name.lower() == "referer" else value
    return made


def _as_answer(request: Request, fetched: Fetched, response: Response | None) -> Answer:
    outcome = fetched.verdict.outcome
    if response is None or outcome not in {CaptureOutcome.PAGE, *_NOT_THERE}:
        return Answer(request, fetched.url, 0)
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    if outcome is CaptureOutcome.PAGE:
        return Answer(request, fetched.url, 200, fetched.body, kind)
    status = response.status if request.by_browser else 404  # what says that it is not there is no page of a list
    return Answer(request, fetched.url, status, response.body, kind)
