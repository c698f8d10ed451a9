"""The page of a report that scripts make: shown to a browser, and kept as the browser shows it.

The browser works in a thread of its own; each of its requests is sent by the crawl like any other, and what it shows is
kept in the crawl's thread. A page that cannot be shown stays what it was, with the reason.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from urllib.parse import urldefrag

from crawler.crawl_run import CrawlRun
from crawler.lists.browser import Browser, State, find_program, why_no_browser
from crawler.lists.crawling import CrawlFetch
from crawler.lists.evidence import keep_dom, known
from crawler.lists.fetch import Answer, Request
from crawler.net.fetching import Fetched, Fetcher
from crawler.net.response_verdict import Verdict, judge
from storage.records import CaptureOutcome, CaptureRole, Note

MAX_REPORTS = 150  # of one crawl
_NOT_FAILED = frozenset(
    (CaptureOutcome.PAGE, CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_MODIFIED)
)


class ReportBrowser:
    """Shows reports of one crawl, one after another. ``allowed``: whether the portal's file lets a browser be used."""

    def __init__(self, run: CrawlRun, fetcher: Fetcher, *, allowed: bool = True) -> None:
        self.run, self.fetcher, self.allowed = run, fetcher, allowed
        self.shown = 0
        self._ended = Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reports")
        self._browser: Browser | None = None
        self._fetch: CrawlFetch | None = None

    async def report(self, fetched: Fetched) -> Fetched | None:
        """Return the page of a report as the browser shows it, kept as what belongs to that page, or what stood in the
        way; None where no further one is shown.
        """
        if not self._may_show():
            return None
        self.shown += 1
        loop = asyncio.get_running_loop()
        self._fetch = self._fetch or CrawlFetch(self.fetcher, loop, self._ended)
        try:
            state, asked, version = await loop.run_in_executor(self._thread, self._show, fetched, self._fetch)
        except asyncio.CancelledError:
            self._ended.set()
            raise
        if state.page.refusal == "browser_not_started":
            self._may_show()  # no further one is shown, and the run's report says why
        return self._judge(fetched, state, asked, f"rendered by {version}; {len(asked)} requests")

    async def close(self) -> None:
        """End the browser."""
        self._ended.set()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _may_show(self) -> bool:
        """Whether a further report is shown; why not stands in the run's report, unless the portal's file says so."""
        if not self.allowed:
            return False
        why = why_no_browser(self.run.home.config.browser)
        if why is None and self._browser is not None and self._browser.not_started is not None:
            why = self._browser.not_started
        if why is None and self.shown >= MAX_REPORTS:
            why = Note("more_reports_by_script", {"most": MAX_REPORTS})
        if why is not None and why not in self.run.notes:
            self.run.notes.append(why)
        return why is None

    def _show(self, fetched: Fetched, fetch: CrawlFetch) -> tuple[State, list[Fetched], str]:
        """Show a report, in the thread of the browser. What was fetched already is not asked for again."""
        config, url = self.run.home.config, urldefrag(fetched.url).url
        held = Answer(Request(url), url, 200, fetched.body, "text/html")
        if self._browser is None:
            self._browser = Browser(
                fetch, find_program(config.browser), seconds=config.render_seconds,
                places=self.run.home.path / "locks", pause=fetch.pause,
            )  # fmt: skip
        self._browser.fetch = partial(_fetch, held, fetch)
        return self._browser.open(fetched.url, bare=True), fetch.take(), self._browser.version

    def _close(self) -> None:
        if self._browser is not None:
            self._browser.close()

    def _judge(self, fetched: Fetched, state: State, asked: list[Fetched], said: str) -> Fetched:
        """Return what was shown, kept, or what stood in the way."""
        blocked = next((one.verdict for one in asked if one.verdict.outcome is CaptureOutcome.BLOCKED), None)
        dom = state.markup.encode("utf-8", "replace")
        verdict = judge(200, dom, url=fetched.url, mime="text/html")
        if blocked is not None or verdict.outcome is CaptureOutcome.BLOCKED:
            return Fetched(fetched.url, blocked or verdict, fetched.captures)
        if not dom:
            return Fetched(fetched.url, Verdict(CaptureOutcome.ERROR, state.page.refusal), fetched.captures)
        failed = _find_failed(state, asked)
        if verdict.outcome is CaptureOutcome.PAGE and (verdict.reason or failed):
            verdict = Verdict(CaptureOutcome.ERROR, verdict.reason or failed)
        same, via = known(self.run, fetched.url, dom), fetched.capture.id if fetched.capture is not None else None
        kept = keep_dom(self.run, fetched.url, dom, via=via, said=said, same=same, role=CaptureRole.ATTACHMENT)
        self.run.count("rendered")
        return Fetched(fetched.url, verdict, (kept,), dom)


def _fetch(held: Answer, fetch: CrawlFetch, request: Request) -> Answer:
    """Return what is held where that is asked for, else ask the crawl."""
    return held if request.url == held.url and request.body is None else fetch(request)


def _find_failed(state: State, asked: list[Fetched]) -> str:
    """Return why something that the page needs could not be had; what the crawl refused is not the portal's own."""
    needed = {*state.failed_scripts, *state.lacking}
    for one in asked:
        outcome, names = one.verdict.outcome, {one.url, *(capture.requested for capture in one.captures)}
        is_missing_script = outcome is CaptureOutcome.NOT_FOUND and not names & {*state.lacking}
        if names & needed and not is_missing_script and outcome not in {*_NOT_FAILED, CaptureOutcome.REFUSED}:
            return one.verdict.reason or str(outcome)
    return ""
