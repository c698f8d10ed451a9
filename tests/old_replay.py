"""A source of looks that answers from pages that are held, and asks the live portal for the others, if there is one.

A probe reads one column as several families would without asking twice; a recorded portal is looked at offline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from archive.identity.classification import lead_of
from crawler.items import ListingSnapshot
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.looks.source import ListReader, LiveSource
from crawler.net.decoding import decode
from crawler.net.fetching import FetchContext, Fetched
from crawler.net.guard import AllowedHosts
from crawler.net.response_verdict import Verdict
from crawler.rendering.render import Renderer
from crawler.rendering.rendered_page import Rendering
from storage.records import (
    Agency,
    Capture,
    CaptureOutcome,
    Lead,
    Link,
    Listing,
    Note,
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
        wanted = not self.replay.plain
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
            made, captures, _ = await self.live.render(plain)
            if made is not None:
                replay.rendered[url] = made
                replay.asked += made.asked
                replay.hosts_of_rendered |= {urlsplit(one.url).netloc for one in captures}
        return replay.rendered.get(url)


class Replay:
    """See the module. ``pages`` grows with what the ``live`` portal answers; ``most``: requests it may be asked.

    ``tries``: classes are tried, and no list is turned on for one of them; ``plain``: nor is any shown to a browser.
    ``rendered``: what became of pages that were shown to a browser, by their addresses; it grows with what ``browser``
    shows; ``hosts_of_rendered``: those that they asked. ``stored``: the looks that were made; ``put``: the listings
    that are known, by id.
    """

    reader: ListReader
    portal: Portal

    def __init__(
        self,
        now: datetime,
        pages: dict[Key, Held],
        live: LiveSource | None = None,
        most: int = 0,
        *,
        rendered: dict[str, Rendering] | None = None,
        browser: Renderer | None = None,
    ) -> None:
        self.pages, self.live, self.most, self.asked = pages, live, most, 0
        self.rendered = rendered if rendered is not None else {}
        self.hosts_of_rendered: set[str] = set()
        self.answered: dict[str, Fetched] = {}  # what the live portal gave, by the address it came from in the end
        self.browser = HeldRenderer(self, browser)  # whatever the portal's file says
        self.used: dict[Key, None] = {}
        self.last_captures: dict[str, Capture] = {}
        self.reports_of_cut_runs = self.reports_without_files = frozenset[str]()
        self.spent = self.tries = self.plain = False
        self.agencies: tuple[Agency, ...] = ()
        self.listings: tuple[Listing, ...] = ()
        self._now = now
        self.reset()

    @property
    def renderer(self) -> HeldRenderer | None:
        """What shows pages to a browser; None for a portal whose lists are not rendered."""
        return self.browser if getattr(self.reader, "rendered", True) else None

    def now(self) -> datetime:
        """The instant as of which pages are looked at."""
        return self._now

    def reset(self) -> None:
        """Forget what was looked at; the pages stay."""
        self.notes: list[Note] = []
        self.stored: list[ListingSnapshot] = []
        self.put: dict[str, Listing] = {row.id: row for row in self.listings}

    def stands_for(
        self, reader: ListReader, portal: Portal, agencies: Sequence[Agency], listings: Sequence[Listing]
    ) -> None:
        """Take a portal's place, read by ``reader``."""
        self.reader, self.portal = reader, portal
        self.agencies, self.listings = tuple(agencies), tuple(listings)
        self.allowed_hosts = self.live.allowed_hosts if self.live is not None else AllowedHosts(portal.hosts)
        self.reset()

    def put_listings(self, listings: Iterable[Listing]) -> None:
        """Take note of listings that were found."""
        self.put |= {row.id: row for row in listings}

    def host_left(self, url: str) -> bool:
        """Whether the host of an address is not asked any more."""
        return self.live is not None and self.live.host_left(url)

    def held_body(self, capture: Capture) -> bytes:
        """Return the bytes held of an address."""
        return self.pages[capture.requested, None].body

    async def fetch(self, context: FetchContext, *, referer: str = "", step: ListRequest | None = None) -> Fetched:
        """Answer from what is held, else from the live portal; without one, what is not held cannot be reached."""
        url = context.requested
        key: Key = (url, step.form if step is not None else None)
        held = self.pages.get(key)
        if held is None and self.live is not None:
            if self.asked >= self.most:
                self.spent = True
                return Fetched(url, Verdict(CaptureOutcome.ERROR, "page_budget"), (), spent=True)
            self.asked += 1
            fetched = await self.live.fetch(FetchContext(context.role, url), referer=referer, step=step)
            if fetched.spent or fetched.not_now is not None:
                return fetched
            self.answered[fetched.url] = fetched
            held = self.pages[key] = Held(fetched.url, fetched.verdict.outcome, fetched.verdict.reason, fetched.body)
        self.used[key] = None
        verdict = Verdict(held.outcome, held.reason) if held is not None else _NOT_HELD
        if held is not None and context.addressed and verdict.outcome is CaptureOutcome.PAGE:
            verdict = self.reader.judge_addressed(held.page)
        capture = Capture(
            id=url,
            run="replay",
            portal=self.portal.name,
            role=context.role,
            url=held.url if held else url,
            requested=url,
            fetched_at=self.now(),
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
            for look in self.stored
            for link in look.links
        ]
