"""The fetcher of a probe: it asks a portal for nothing twice, and keeps what was answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urldefrag

import scrapy
from scrapy.http import Response, TextResponse

from crawler.net.fetching import FetchContext, Fetched, Fetcher
from crawler.net.response_verdict import Verdict
from storage.records import CaptureOutcome

HTML = "text/html"
Key = tuple[str, str | None]  # of an answer: the address, and what was posted


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer that is held: the address it came from in the end, what it is, its entity."""

    url: str
    outcome: CaptureOutcome
    reason: str = ""
    body: bytes = b""
    kind: str = HTML


class CachingFetcher(Fetcher):
    """The fetcher of a probe asks the portal ``most`` times, and for nothing twice. ``tell``: is told the number of
    requests so far.
    """

    def __init__(self, live: Fetcher, most: int, tell: Callable[[int], None]) -> None:
        super().__init__(live.crawler)
        self.most, self.tell, self.asked = most, tell, 0
        self.answers: dict[Key, CachedAnswer] = {}

    async def send(self, request: scrapy.Request, context: FetchContext) -> tuple[Fetched, Response | None]:
        """Return what is held for a request, else what the live portal answers."""
        key = request.url, request.body.decode("latin-1") if request.method == "POST" else None
        if (held := self.answers.get(key)) is not None:
            fragment = urldefrag(context.requested).fragment
            url = f"{held.url}#{fragment}" if fragment else held.url
            answer = TextResponse(held.url, headers={"Content-Type": held.kind}, body=held.body, request=request)
            is_page = held.outcome is CaptureOutcome.PAGE
            return Fetched(url, Verdict(held.outcome, held.reason), (), held.body), answer if is_page else None
        if self.asked >= self.most:
            return Fetched(context.requested, Verdict(CaptureOutcome.ERROR, "page_budget"), (), spent=True), None
        self.asked += 1
        self.tell(self.asked)
        fetched, response = await super().send(request, context)
        if not (fetched.spent or fetched.not_now):
            kind = (response.headers.get("Content-Type") or b"").decode("latin-1") if response is not None else ""
            verdict, url = fetched.verdict, urldefrag(fetched.url).url
            self.answers[key] = CachedAnswer(url, verdict.outcome, verdict.reason, fetched.body, kind or HTML)
        return fetched, response
