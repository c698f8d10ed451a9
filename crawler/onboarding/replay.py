"""Stands for a session: answers from pages that are held, asks the live session for the others, if there is one.

A probe reads one column as several families would without asking twice; a recorded portal is looked at offline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from archive.identity.leads import lead_of
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import Step
from crawler.looks.crawl_context import Fetched, Session
from crawler.net.guard import Territory
from crawler.net.response_verdict import Verdict, decode
from crawler.rendering.render import Renderer
from crawler.rendering.rendered_page import Rendering
from storage.records import (
    Agency,
    Capture,
    CaptureOutcome,
    CaptureRole,
    Extraction,
    Lead,
    Link,
    Listing,
    Look,
    Portal,
)

Key = tuple[str, tuple[tuple[str, str], ...] | None]
_NOT_HELD = Verdict(CaptureOutcome.UNREACHABLE, "not_recorded")


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is held: the address it came from in the end, what it is, its entity."""

    url: str
    outcome: CaptureOutcome
    reason: str
    body: bytes = b""

    @property
    def page(self) -> Page:
        """The page as families read it."""
        return Page(self.url, decode(self.body), len(self.body))


class HeldRenderer:
    """Stands for a renderer: a page is shown to the ``live`` one once, whichever family reads it, and as long as
    requests are left; without one, what is held of it is all there is.
    """

    def __init__(self, replay: Replay, live: Renderer | None) -> None:
        self.replay, self.live = replay, live

    async def again(
        self, fetched: Fetched, plain: ListPage, read: Callable[[Fetched], ListPage]
    ) -> list[tuple[Fetched, ListPage]]:
        """Return a page that was read as ``script_only`` as rendered, with those to which its list was turned; as it
        was, where nobody has done that.
        """
        wanted = self.replay.spider.rendered and not self.replay.plain
        made = await self.made(fetched.url) if wanted else None
        return [(fetched, plain)] if made is None else made.read(fetched, plain, read)

    async def turned_on(
        self, fetched: Fetched, plain: ListPage, read: Callable[[Fetched], ListPage]
    ) -> list[tuple[Fetched, ListPage]]:
        """As :meth:`again`, for a page of whose list more is turned to by scripts only; as it was while families are
        tried.
        """
        return [(fetched, plain)] if self.replay.tries else await self.again(fetched, plain, read)

    async def page_of(self, fetched: Fetched) -> Page | None:
        """Return a page as a browser shows it; None where it was shown to none."""
        made = await self.made(fetched.url)
        return made.page if made is not None else None

    async def made(self, url: str) -> Rendering | None:
        """Return what became of the page of an address; None where it was shown to no browser."""
        replay = self.replay
        plain = replay.answered.get(url)
        if url not in replay.rendered and self.live is not None and plain is not None and replay.asked < replay.most:
            made, _, _ = await self.live.render(plain)
            if made is not None:
                replay.rendered[url] = made
                replay.asked += made.asked
        return replay.rendered.get(url)


class Replay:
    """See the module. ``pages`` grows with what the live session answers; ``most``: requests it may be asked.

    ``tries``: families are tried, and no list is turned on for one of them; ``plain``: nor is any shown to a browser.
    ``rendered``: what became of pages that were shown to a browser, by their addresses; it grows with what ``browser``
    shows.
    """

    def __init__(
        self,
        now: datetime,
        pages: dict[Key, Held],
        live: Session | None = None,
        most: int = 0,
        *,
        rendered: dict[str, Rendering] | None = None,
        browser: Renderer | None = None,
    ) -> None:
        self.pages, self.live, self.most, self.asked = pages, live, most, 0
        self.rendered = rendered if rendered is not None else {}
        self.answered: dict[str, Fetched] = {}  # what the live session gave, by the address it came from in the end
        self.renderer = HeldRenderer(self, browser)
        self.used: dict[Key, None] = {}
        self.clock = SimpleNamespace(now=lambda: now)
        self.run = SimpleNamespace(id="replay")
        self.writer = SimpleNamespace(flush=lambda: None)
        self.observations = SimpleNamespace(
            add_look=lambda look, extraction: self.stored.append((look, extraction)), looks=lambda _portal, _listing: []
        )
        self.registry = SimpleNamespace(put_listing=self._put, put_listings=self._put_all)
        self.known: dict[str, Capture] = {}
        self.parts_asked: set[str] = set()
        self.spent = self.tries = self.plain = False
        self.spider: Any = None
        self.portal: Portal
        self.agencies: tuple[Agency, ...] = ()
        self.listings: tuple[Listing, ...] = ()
        self.reset()

    def reset(self) -> None:
        """Forget what was looked at; the pages stay."""
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self.stored: list[tuple[Look, Extraction]] = []
        self.put: dict[str, Listing] = {row.id: row for row in self.listings}

    def stands_for(self, spider: Any, portal: Portal, agencies: Sequence[Agency], listings: Sequence[Listing]) -> None:
        """Take a portal's place; ``spider`` gets this as its session."""
        self.spider, self.portal = spider, portal
        self.agencies, self.listings = tuple(agencies), tuple(listings)
        self.territory = self.live.territory if self.live is not None else Territory(portal.hosts)
        spider.session, spider.renderer = self, self.renderer
        self.reset()

    def _put(self, listing: Listing) -> None:
        self.put[listing.id] = listing

    def _put_all(self, listings: Iterable[Listing]) -> None:
        self.put |= {row.id: row for row in listings}

    def held_body(self, capture: Capture) -> bytes:
        """Return the bytes held of an address."""
        return self.pages[capture.requested, None].body

    async def fetch(
        self,
        url: str,
        *,
        role: CaptureRole,
        refine: Callable[[Page], Verdict] | None = None,
        referer: str = "",
        step: Step | None = None,
        **_: Any,
    ) -> Fetched:
        """Answer from what is held, else from the live session; without one, what is not held cannot be reached."""
        key: Key = (url, step.form if step is not None else None)
        held = self.pages.get(key)
        if held is None and self.live is not None:
            if self.asked >= self.most:
                self.spent = True
                return Fetched(url, Verdict(CaptureOutcome.ERROR, "page_budget"), (), spent=True)
            self.asked += 1
            fetched = await self.live.fetch(url, role=role, referer=referer, step=step)
            if fetched.spent or fetched.not_now is not None:
                return fetched
            self.answered[fetched.url] = fetched
            held = self.pages[key] = Held(fetched.url, fetched.verdict.outcome, fetched.verdict.reason, fetched.body)
        self.used[key] = None
        verdict = Verdict(held.outcome, held.reason) if held is not None else _NOT_HELD
        if held is not None and refine is not None and verdict.outcome is CaptureOutcome.PAGE:
            verdict = refine(held.page)
        capture = Capture(
            id=url,
            run="replay",
            portal=self.portal.name,
            role=role,
            url=held.url if held else url,
            requested=url,
            fetched_at=self.clock.now(),
            outcome=verdict.outcome,
            reason=verdict.reason,
        )
        body = held.body if held is not None and verdict.outcome is CaptureOutcome.PAGE else b""
        return Fetched(held.url if held else url, verdict, (capture,), body)

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """What a link of a listing promises."""
        return lead_of(link, listing, self.portal, self.agencies)

    def leads(self) -> list[Lead]:
        """Judge the links of all looks, in the order of the looks."""
        return [
            self.lead_of(replace(link, capture=""), self.put[look.listing])
            for look, extraction in self.stored
            for link in extraction.links
        ]
