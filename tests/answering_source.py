"""A source of looks for tests: a function answers instead of a portal; no network, no archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from crawler.items import ListingSnapshot
from crawler.lists.list_requests import ListRequest
from crawler.looks.addressed import read_addressed
from crawler.looks.columns import read_columns
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.response_verdict import Verdict, judge
from crawler.rendering.rendered_page import Rendering
from crawler.spider import PortalSpider
from storage.records import Agency, Capture, CaptureOutcome, Listing, Portal
from tests.old_replay import Held, Key, Replay

#: Of an address and the form sent to it: the address that answers, the status, the body, and the verdict where it is
#: not to be judged.
Answers = Callable[[str, ListRequest | None], tuple[str, int, bytes, Verdict | None]]


class AnsweringSource(Replay):
    """Asks ``answers`` for every address."""

    def __init__(self, now: datetime, answers: Answers, rendered: dict[str, Rendering] | None = None) -> None:
        super().__init__(now, rendered=rendered)
        self.answers = answers

    async def fetch(self, context: FetchContext, *, referer: str = "", step: ListRequest | None = None) -> Fetched:
        url = context.requested
        at, status, body, verdict = self.answers(url, step)
        verdict = verdict or judge(status, body, url=at)
        fetched = Fetched(at, verdict, (), body)
        if context.addressed and verdict.outcome is CaptureOutcome.PAGE:
            verdict = self.reader.judge_addressed(fetched.page)
        capture = Capture(
            id=url, run="run", portal=self.portal.name, role=context.role, url=at, requested=url, fetched_at=self.now(),
            outcome=verdict.outcome,
        )  # fmt: skip
        return Fetched(at, verdict, (capture,), body)


def held(pages: dict[Key, Held]) -> Answers:
    """Answer from recorded pages; what is not recorded is not found. The page ``*`` stands for every address."""

    def answer(url: str, step: ListRequest | None) -> tuple[str, int, bytes, Verdict | None]:
        one = pages.get((url, step.form if step is not None else None), pages.get(("*", None)))
        if one is None:
            return url, 404, b"gone", None
        at = url if one.url == "*" else one.url
        return at, 200, one.body, None if one.outcome is CaptureOutcome.PAGE else Verdict(one.outcome, one.reason)

    return answer


def look_at_all(
    source: AnsweringSource,
    spider: PortalSpider,
    portal: Portal,
    agencies: tuple[Agency, ...],
    listings: tuple[Listing, ...],
) -> list[ListingSnapshot]:
    """Look at all listings of a portal, as a crawl does; the looks."""
    source.stands_for(spider, portal, agencies, listings)
    run: Any = SimpleNamespace(
        listings=listings, observations=SimpleNamespace(rulings=lambda: ()), count=lambda name: None,
        store=SimpleNamespace(last=lambda url: None), cut_runs=frozenset(), clock=SimpleNamespace(now=source.now),
    )  # fmt: skip

    async def all_looks() -> None:
        for looks in (read_columns(source, run, spider.entrances), read_addressed(source, source)):
            async for look, _ in looks:
                source.stored.append(look)

    asyncio.run(all_looks())
    return source.stored
