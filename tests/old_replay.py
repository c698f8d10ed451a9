"""A source of looks for the readers of lists that the list engine will replace: it answers from what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.identity.classification import lead_of
from crawler.items import ListingSnapshot
from crawler.lists.list_page import ListPage, Page
from crawler.looks.source import ListReader
from crawler.net.fetching import Fetched
from crawler.net.guard import AllowedHosts
from crawler.rendering.rendered_page import Rendering
from storage.records import Agency, Capture, CaptureOutcome, Lead, Link, Listing, Note, Portal

Key = tuple[str, tuple[tuple[str, str], ...] | None]
Read = Callable[[Fetched], ListPage]


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is held: the address it came from in the end, what it is, its entity."""

    url: str
    outcome: CaptureOutcome
    reason: str
    body: bytes = b""


class HeldRenderer:
    """Stands for a renderer: ``rendered`` is what became of pages that were shown to a browser, by their addresses."""

    def __init__(self, rendered: dict[str, Rendering]) -> None:
        self.rendered = rendered

    async def again(self, fetched: Fetched, plain: ListPage, read: Read) -> list[tuple[Fetched, ListPage]]:
        """Return a page that was read as ``script_only`` as rendered, with those to which its list was turned."""
        made = self.rendered.get(fetched.url)
        return [(fetched, plain)] if made is None else made.read(fetched, plain, read)

    turned_on = again

    async def page_of(self, fetched: Fetched) -> Page | None:
        """Return a page as a browser shows it; None where it was shown to none."""
        made = self.rendered.get(fetched.url)
        return made.page if made is not None else None


class Replay:
    """See the module. ``stored``: the looks that were made; ``put``: the listings that are known, by id."""

    reader: ListReader
    portal: Portal

    def __init__(self, now: datetime, *, rendered: dict[str, Rendering] | None = None) -> None:
        self.browser = HeldRenderer(rendered if rendered is not None else {})
        self.last_captures: dict[str, Capture] = {}
        self.reports_of_cut_runs = self.reports_without_files = frozenset[str]()
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
        """Forget what was looked at."""
        self.notes: list[Note] = []
        self.stored: list[ListingSnapshot] = []
        self.put: dict[str, Listing] = {row.id: row for row in self.listings}

    def stands_for(
        self, reader: ListReader, portal: Portal, agencies: Sequence[Agency], listings: Sequence[Listing]
    ) -> None:
        """Take a portal's place, read by ``reader``."""
        self.reader, self.portal = reader, portal
        self.agencies, self.listings = tuple(agencies), tuple(listings)
        self.allowed_hosts = AllowedHosts(portal.hosts)
        self.reset()

    def put_listings(self, listings: Iterable[Listing]) -> None:
        """Take note of listings that were found."""
        self.put |= {row.id: row for row in listings}

    def host_left(self, url: str) -> bool:
        """Whether the host of an address is not asked any more."""
        del url
        return False

    def held_body(self, capture: Capture) -> bytes:
        """Return the bytes held of an address."""
        raise KeyError(capture.requested)

    def lead_of(self, link: Link, listing: Listing) -> Lead:
        """What a link of a listing promises."""
        return lead_of(link, listing, self.portal, self.agencies)
