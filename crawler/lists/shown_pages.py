"""Pages as a browser showed them: kept as the DOM's text and, where it is new, a picture; both as resource records.

The names are none that a server answers to, so that nobody replays them in place of the page: ``urn:dom:<address>``
and, as others name pictures of pages, ``urn:view:<address>``. A DOM that is the same as before is a revisit.
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
from crawler.net.response_verdict import ResponseVerdict, judge
from storage.captures import Resource
from storage.records import Capture, CaptureOutcome, CaptureRole, Note
from storage.warc_fields import urn

DOM, PICTURE = ("urn:dom", "text/html; charset=utf-8"), ("urn:view", "image/png")
MAX_REPORTS = 150  # of one crawl
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
    """Keep a page as a browser showed it, after ``turn`` turns of its list; return the captures, the page's last.

    ``how``: by what, and at which cost, for readers of the WARC file too. Its capture is a list page's, read by
    whoever reads list pages, or (``role``) belongs to the page of a report. ``picture``: kept where its DOM is new.
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
    """Whether a browser turned the list of a look, as its captures say."""
    return any(one.status is None and f"; {BROWSER}: " in one.reason for one in captures)


class ReportBrowser:
    """Shows the pages of reports that scripts make, one after another; one that cannot be shown stays what it was."""

    def __init__(self, run: CrawlRun, thread: EngineThread) -> None:
        self.run, self.shown, self.thread = run, 0, thread

    async def report(self, fetched: Fetched) -> Fetched | None:
        """Return the page of a report as the browser shows it, kept as what belongs to that page, or what stood in the
        way; None where no further one is shown.
        """
        if not self._may_show():
            return None
        self.shown += 1
        state, fetches = await self.thread.run(self._show, fetched)
        if state.page.refusal == "browser_not_started":
            self._may_show()  # no further one is shown, and the run's report says why
        return self._judge(fetched, state, fetches)

    def _may_show(self) -> bool:
        """Whether a further report is shown; why not stands in the run's report, unless the portal's file says so."""
        why = self.thread.why_no_browser()
        if why is None and self.shown >= MAX_REPORTS:
            why = Note("more_reports_by_script", {"most": MAX_REPORTS})
        if why is not None and why not in self.run.notes:
            self.run.notes.append(why)
        return why is None and self.thread.can_browse()

    def _show(self, fetched: Fetched) -> tuple[State, list[Fetched]]:
        """Show a report, in the thread of the browser. What was fetched already is not asked for again."""
        url, fetch = urldefrag(fetched.url).url, self.thread.fetch
        page = Answer(Request(url), url, 200, fetched.body, "text/html")

        def ask(request: Request) -> Answer:
            return page if request.url == url and request.body is None else fetch(request)

        browser = self.thread.browser
        assert browser is not None
        browser.fetch = ask
        return browser.open(fetched.url, bare=True), fetch.take()

    def _judge(self, fetched: Fetched, state: State, fetches: list[Fetched]) -> Fetched:
        """Return what was shown, kept, or what stood in the way."""
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
    """Return why something that the page needs could not be had; what the crawl refused is not the portal's own."""
    for one in fetches:
        outcome, names = one.verdict.outcome, {one.url, *(capture.requested for capture in one.captures)}
        is_missing_script = outcome is CaptureOutcome.NOT_FOUND and not names.intersection(state.lacking)
        has_failed = outcome not in {*_NOT_FAILED, CaptureOutcome.REFUSED} and not is_missing_script
        if has_failed and names.intersection(state.failed):
            return one.verdict.reason or str(outcome)
    return ""
