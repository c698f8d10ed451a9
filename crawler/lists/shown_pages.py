"""Stores pages as a browser showed them, in WARC resource records: the DOM as text and, if it is new, a picture.

The records are named ``urn:dom:<address>`` and ``urn:view:<address>`` (a usual name for pictures of pages), so that no
player replays them in place of the page. A DOM that has not changed is stored as a revisit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import urldefrag

from crawler.crawl_run import CrawlRun
from crawler.lists.browser import State
from crawler.lists.crawling import EngineThread
from crawler.lists.list_reader import BROWSER
from crawler.lists.page import Answer, Request
from crawler.net.fetching import Fetched
from crawler.net.web_page import ResponseVerdict, judge
from storage.captures import Resource
from storage.records import Capture, CaptureOutcome, CaptureRole, Note
from storage.warc_fields import urn

DOM, PICTURE = ("urn:dom", "text/html; charset=utf-8"), ("urn:view", "image/png")
MAX_REPORTS = 150  # shown in a browser in one crawl
_NOT_FAILED = frozenset(
    (CaptureOutcome.PAGE, CaptureOutcome.EMPTY, CaptureOutcome.SOFT_404, CaptureOutcome.NOT_MODIFIED)
)


def keep_shown(
    run: CrawlRun,
    url: str,
    dom: bytes,
    *,
    via: str | None,
    how: str,
    turn: int = 0,
    role: CaptureRole = CaptureRole.LISTING,
    picture: bytes = b"",
) -> list[Capture]:
    """Store a page as a browser showed it after ``turn`` turns of its list; return the captures, that of the DOM last.

    ``how``: the browser and the number of its requests, as text. ``role``: of the DOM's capture: a list page, or an
    attachment to a report's page. ``picture``: a PNG, stored if the DOM is new.
    """
    run.writer.flush()
    holder = run.store.holder(hashlib.sha256(dom).hexdigest())
    same = holder if holder is not None and holder.url == url and holder.status is None else None
    after = f", after {turn} turns of its list" if turn else ""
    records = [(DOM, dom, f"the page's DOM as the browser held it, as text{after}", role, same)]
    if picture and same is None:
        about = "a picture of the page as the browser showed it"
        records.insert(0, (PICTURE, picture, about, CaptureRole.RESOURCE, None))
    captures = []
    for (name, mime), body, about, of_role, before in records:
        fields = {"description": about, "via": url, "made-from": urn(via) if via else "", "made-by": how}
        record = Resource(url=url, mime=mime, body=body, at=run.clock.now(), target=f"{name}:{url}", about=fields)
        captures.append(run.writer.keep(record, role=of_role, reason=how, via=via, same=before))
    return captures


def was_turned(captures: Iterable[Capture]) -> bool:
    """Whether a look needed a browser to turn the list, according to its captures."""
    return any(one.status is None and f"; {BROWSER}: " in one.reason for one in captures)


class ReportBrowser:
    """Shows pages of reports that scripts make in a browser, at most ``MAX_REPORTS``. ``shown``: how many so far."""

    def __init__(self, run: CrawlRun, thread: EngineThread) -> None:
        self.run, self.shown, self.thread = run, 0, thread

    async def report(self, fetched: Fetched) -> Fetched | None:
        """Return the page of a report as the browser shows it, stored as an attachment; with an error verdict if it
        could not be shown; None if no browser may be used.
        """
        if not self._may_show():
            return None
        self.shown += 1
        state, fetches = await self.thread.run(self._show, fetched)
        if state.page.refusal == "browser_not_started":
            self._may_show()  # notes why no browser can be used from now on
        return self._judge(fetched, state, fetches)

    def _may_show(self) -> bool:
        """Whether a further report may be shown; if not, note the reason, unless the portal's file forbids it."""
        why = self.thread.why_no_browser()
        if why is None and self.shown >= MAX_REPORTS:
            why = Note("more_reports_by_script", {"most": MAX_REPORTS})
        if why is not None and why not in self.run.notes:
            self.run.notes.append(why)
        return why is None and self.thread.can_browse()

    def _show(self, fetched: Fetched) -> tuple[State, list[Fetched]]:
        """Open a report's page, in the thread of the browser; its main document is not fetched again."""
        url, fetch = urldefrag(fetched.url).url, self.thread.fetch
        page = Answer(Request(url), url, 200, fetched.body, "text/html")

        def ask(request: Request) -> Answer:
            return page if request.url == url and request.body is None else fetch(request)

        browser = self.thread.browser
        assert browser is not None
        browser.fetch = ask
        return browser.open(fetched.url, bare=True), fetch.take()

    def _judge(self, fetched: Fetched, state: State, fetches: list[Fetched]) -> Fetched:
        """Store what was shown and return it; with an error verdict if the page was blocked or incomplete."""
        blocked = next((one.verdict for one in fetches if one.verdict.outcome is CaptureOutcome.BLOCKED), None)
        dom = state.markup.encode("utf-8", "replace")
        verdict = judge(200, dom, url=fetched.url, mime="text/html")
        if blocked is not None or verdict.outcome is CaptureOutcome.BLOCKED:
            return Fetched(fetched.url, blocked or verdict, fetched.captures)
        if not dom:
            return Fetched(fetched.url, ResponseVerdict(CaptureOutcome.ERROR, state.page.refusal), fetched.captures)
        reason = verdict.reason or _find_failed(state, fetches)
        if verdict.outcome is CaptureOutcome.PAGE and reason:
            verdict = ResponseVerdict(CaptureOutcome.ERROR, reason)
        how = f"rendered by {self.thread.version}; {len(fetches)} requests"
        via = fetched.capture.id if fetched.capture is not None else None
        captures = keep_shown(self.run, fetched.url, dom, via=via, how=how, role=CaptureRole.ATTACHMENT)
        self.run.count("rendered")
        return Fetched(fetched.url, verdict, tuple(captures), dom)


def _find_failed(state: State, fetches: list[Fetched]) -> str:
    """Return why something that the page needs could not be fetched; "" if nothing failed but on refused hosts."""
    for one in fetches:
        outcome, names = one.verdict.outcome, {one.url, *(capture.requested for capture in one.captures)}
        is_missing_script = outcome is CaptureOutcome.NOT_FOUND and not names.intersection(state.lacking)
        has_failed = outcome not in {*_NOT_FAILED, CaptureOutcome.REFUSED} and not is_missing_script
        if has_failed and names.intersection(state.failed):
            return one.verdict.reason or str(outcome)
    return ""
