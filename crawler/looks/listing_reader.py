"""Reads one listing to its end: page by page, until the list says, or shows, that it ends.

Stop rules: no new link, a repeated page, a page number that nobody promised and that is not there. A page that was
promised and fails makes the look partial; so does a printed total that was not reached, and paging without end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial

from archive.file_endings import ENDINGS
from crawler.discovery.knowledge import knowledge
from crawler.discovery.same_addresses import bare_address
from crawler.lists.list_page import ListPage
from crawler.lists.list_requests import ListRequest, list_request, posted_instead
from crawler.lists.paging.script_pagers import counted_from_one
from crawler.lists.reasons import END_NOT_SAID, NO_ITEM
from crawler.lists.scripts.asked_lists import is_asked
from crawler.looks.look_builder import LookBuilder, failure, gather
from crawler.looks.page_reading import read_page
from crawler.looks.pagination_state import WITHOUT_ITEM, PaginationState, has_all, judge_whole, reports_on
from crawler.looks.sibling_lists import FirstPage, ends_there, is_empty_there, is_way_to
from crawler.looks.source import LookSource, Pages
from crawler.net.fetching import FetchContext, Fetched
from crawler.rendering.rendering_need import is_turned_by_script
from storage.records import PREVIEW, CaptureOutcome, CaptureRole, Link, Listing, ListingForm, LookOutcome, Note

MOST_PAGES = 200
MOST_LINKS = 20_000
MOST_FRAMES = 3  # pages shown inside one that are read in its place
_COMPARED = 1_000_000  # characters of a page that is kept to be compared with those of other lists
_NO_LIST = re.compile(  # counters, doors, documents and their viewers, by address
    rf"{knowledge()['refused']['addresses']}|\.(?:{ENDINGS}|png|jpe?g|gif|swf|mp4)\b|viewer",
    re.IGNORECASE,
)
_MADE = ListPage(links=(), outcome=LookOutcome.SCRIPT_ONLY, reason="scripts_make_the_list")
_GONE = frozenset({CaptureOutcome.NOT_FOUND, CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})


async def looks_side_by_side(source: LookSource, listings: Iterable[Listing]) -> list[LookBuilder]:
    """Return the looks at columns, not stored yet, each judged by the others as well."""
    readers = [ListingReader(source, LookBuilder(listing, source.now())) for listing in listings]
    for reader in readers:
        await reader.read()
    first_pages = [one for reader in readers if (one := reader.comparable_first_page()) is not None]
    for reader in readers:
        if reader.end_is_doubted:
            await reader.judge_by_siblings(first_pages)
    return [reader.look for reader in readers]


class ListingReader:
    """Reads one listing. ``look``: what comes of it; ``pagination``: its pages as they came; ``queue``: the requests
    that are still to be made, each with whether it is speculative: a guess that there is such a page.
    """

    def __init__(self, source: LookSource, look: LookBuilder) -> None:
        self.source, self.look, self.pagination = source, look, PaginationState()
        self.queue: list[tuple[ListRequest, bool]] = [(list_request(look.listing.url), False)]
        self.asked: set[ListRequest] = set()
        self.ended_early = False

    async def read(self, fetched_before: dict[str, Fetched] | None = None) -> None:
        """Read the listing to its end. A page that fails, changes or is made by scripts ends the look as what it is.

        ``fetched_before``: pages that were fetched a moment ago, in this run; each is taken once.
        """
        while not self.ended_early and (self.queue or await self._judge_or_render()):
            request, speculative = self.queue.pop(0)
            if request in self.asked:
                self.pagination.next_is_same_form |= request.form is not None and not request.script
            elif len(self.asked) >= MOST_PAGES or len(self.look.links) > MOST_LINKS:
                self._end_early(LookOutcome.PARTIAL, "more_pages_than_allowed")
            else:
                await self._ask(request, fetched_before or {}, speculative=speculative)
        if self.look.outcome is LookOutcome.OK:
            await self._look_into_frames()

    def _end_early(self, outcome: LookOutcome, reason: str) -> None:
        """End the look before all requests were made."""
        self.look.set_outcome(outcome, reason)
        self.ended_early = True

    async def _ask(self, request: ListRequest, fetched_before: dict[str, Fetched], *, speculative: bool) -> None:
        """Ask for a page, unless it was ``fetched_before``, and accept what came."""
        first = not self.asked
        self.asked.add(request)
        held = fetched_before.pop(request.url, None) if request.form is None else None
        fetched = held or await self._fetch(request, referer="" if first else self.look.listing.url)
        self.look.add_captures(fetched)
        self.look.host_left = first and self.source.host_left(self.look.listing.url)
        if fetched.verdict.outcome is not CaptureOutcome.PAGE and not self.pagination.can_be_made(fetched):
            return self._go_on_without(request, fetched, first=first, speculative=speculative)
        return await self._accept(fetched, first=first, speculative=speculative)

    async def _fetch(self, request: ListRequest, referer: str) -> Fetched:
        """Return what a request gives; a further page that refuses GET is asked for by POST, as its script would."""
        fetched = await self.source.fetch(FetchContext(CaptureRole.LISTING, request.url), referer=referer, step=request)
        posted = posted_instead(request, fetched.verdict.reason) if referer else None
        if posted is None or fetched.verdict.outcome is CaptureOutcome.BLOCKED:
            return fetched
        self.look.add_captures(fetched)
        return await self.source.fetch(FetchContext(CaptureRole.LISTING, posted.url), referer=referer, step=posted)

    def _go_on_without(self, request: ListRequest, fetched: Fetched, *, first: bool, speculative: bool) -> None:
        """Go on where a page was not found that was only a guess, or when all entries are there; ask for the last page
        where numbering turns out to start at 1. Any other page that fails ends the look.
        """
        if fetched.verdict.outcome in _GONE:
            if speculative or (not first and has_all(self.look, self.pagination)):
                return None
            second = len(self.pagination.pages) == 1 and request.url != self.look.listing.url
            last = counted_from_one(request, self.pagination.pages_said) if second else None
            if last is not None:
                return self.queue.append((list_request(last), False))
        outcome, reason = failure(fetched)
        return self._end_early(outcome if first else LookOutcome.PARTIAL, reason)

    async def _accept(self, fetched: Fetched, *, first: bool, speculative: bool) -> None:
        """Read a page and add it to the look.

        Some requests are made up in place of a page's script. Where the answer to one is not understood, that page is
        shown to a browser, and the reading begins again with it.
        """
        (fetched_or_rendered, page), *browser_pages = await self._read_or_render(fetched)
        page = page if first else self._further_page(page)
        behind = self.pagination.page_behind_request
        if page.outcome is not LookOutcome.OK and behind is not None:
            self.pagination.start_again()
            self.queue.clear()
            self.look.links.clear()
            return self._add(behind, await self._render(behind, _MADE), first=True, speculative=speculative)
        if first and page.interface_page and any(is_asked(list_request(one).url) for one in page.following):
            self.pagination.page_behind_request = fetched
        return self._add(fetched, [(fetched_or_rendered, page), *browser_pages], first=first, speculative=speculative)

    async def _read_or_render(self, unrendered: Fetched) -> Pages:
        """Return a page as its content system's class reads it; as :meth:`_render` does where scripts make it."""
        page = self._read(unrendered, self.look.listing.column)
        if page.outcome is LookOutcome.SCRIPT_ONLY:
            return await self._render(unrendered, page)
        return [(unrendered, page)]

    async def _render(self, unrendered: Fetched, page: ListPage, *, turned_on: bool = False) -> Pages:
        """Return a page as a browser shows it, followed by the pages to which its list was turned there; as it was
        where there is no browser. What the browser loaded belongs to the look.
        """
        renderer = self.source.renderer
        if renderer is None:
            return [(unrendered, page)]
        show = renderer.turned_on if turned_on else renderer.again
        rendered_pages = await show(unrendered, page, partial(self._read, column=self.look.listing.column))
        first = rendered_pages[0][0]
        further = tuple(one for one in first.captures if one not in unrendered.captures)
        self.look.add_captures(replace(first, captures=further))
        return rendered_pages

    def _read(self, fetched: Fetched, column: str = "") -> ListPage:
        page = replace(fetched.page, column=column)
        return read_page(self.source.reader, page, fetched.verdict.reason, self.source.notes)

    def _further_page(self, page: ListPage) -> ListPage:
        """Return a page that is not the first: one without entries is accepted where all are there already, and one
        that looks like a preview is a page of the list, whatever stands over its entries.
        """
        if page.reason in WITHOUT_ITEM and has_all(self.look, self.pagination):  # 下一页 led past the end
            return ListPage(links=(), total=page.total, pages=page.pages)
        if self.pagination.pages and page.reason == PREVIEW:
            return replace(page, outcome=LookOutcome.OK, reason="")
        return page

    def _add(self, unrendered: Fetched, pages: Pages, *, first: bool, speculative: bool) -> None:
        """Add a page, and those to which a browser turned its list, to the look; put what follows it into the queue."""
        (fetched, page), *browser_pages = pages
        look, pagination = self.look, self.pagination
        new = self._add_links(page, fetched)
        if first and page.outcome is LookOutcome.CHANGED and (frame_urls := self._frame_urls(page)):
            self.queue += [(list_request(url), False) for url in frame_urls[:MOST_FRAMES]]
            pagination.unread_frames = len(frame_urls) > MOST_FRAMES
            return None
        if page.outcome is not LookOutcome.OK:
            pagination.note_blank(fetched, page, look.listing.column, unrendered=first and fetched is unrendered)
            return self._end_early(page.outcome if first else LookOutcome.PARTIAL, page.reason)
        pagination.add(page, new, speculative)
        pagination.note_first(fetched, page, rendered=fetched is not unrendered)
        if unread := self._add_browser_pages(browser_pages):
            return self._end_early(LookOutcome.PARTIAL, unread)
        # a further page that brings nothing new is the end; whether more was promised is judged then
        goes_on = new or first or page.interface_page or len(pagination.pages) == 1
        if goes_on and not (page.speculative and has_all(look, pagination)):
            self.queue += [(list_request(following), page.speculative) for following in page.following]
        return None

    def _add_links(self, page: ListPage, fetched: Fetched) -> int:
        """Add the links of a page; how many were new."""
        look = self.look
        new = gather(look.links, page.links, fetched.capture.id if fetched.capture else "")
        look.total = max(filter(None, (page.total, look.total)), default=page.total)
        look.subcolumns |= {link.url: link for link in page.subcolumns}
        return new

    def _add_browser_pages(self, browser_pages: Pages) -> str:
        """Add pages to which a list was turned in a browser; why one is not to be believed, or ""."""
        for fetched, page in browser_pages:
            self.look.add_captures(fetched)
            if page.outcome is not LookOutcome.OK:
                return page.reason
            self._add_links(page, fetched)
            self.pagination.add(page, 1, speculative=False)  # what it proves was judged where it was turned to
        return ""

    async def _judge_or_render(self) -> bool:
        """Judge a look that has read all that has an address. Where scripts turn the list on, show its first page to a
        browser, once. Whether further pages with an address are known then.
        """
        judge_whole(self.source, self.look, self.pagination)
        if (turned := self._turned_by_script()) is None:
            return False
        self.pagination.rendered, self.pagination.page_behind_request = True, None
        return self._add_rendered(await self._render(*turned, turned_on=True), turned[1])

    def _add_rendered(self, rendered_pages: Pages, unrendered: ListPage) -> bool:
        """Put what a browser showed in the place of the pages that were read; where it could not, the look stays as it
        was judged. Whether further pages are to be asked for.
        """
        (fetched, page), *browser_pages = rendered_pages
        if page is unrendered:
            return False
        if page.outcome is not LookOutcome.OK:
            self.source.notes.append(Note("not_turned", {"listing": self.look.listing.id, "reason": page.reason}))
            return False
        self.pagination.forget_pages()
        self._add_links(page, fetched)
        self.pagination.add(page, 1, speculative=False)
        if unread := self._add_browser_pages(browser_pages):
            self.look.set_outcome(LookOutcome.PARTIAL, unread)
            return False
        self.look.set_outcome(LookOutcome.OK, "")
        further = {list_request(step): one.speculative for _, one in rendered_pages for step in one.following}
        self.queue += further.items()
        if not self.queue:
            judge_whole(self.source, self.look, self.pagination)
        return bool(self.queue)

    def _turned_by_script(self) -> tuple[Fetched, ListPage] | None:
        """Return the first page of a list that only scripts turn on; None where no browser is to be asked for it."""
        look, pagination = self.look, self.pagination
        unrendered, behind = pagination.unrendered, pagination.page_behind_request
        if unrendered is None or pagination.rendered or self.source.renderer is None or look.outcome is LookOutcome.OK:
            return None
        if behind is not None:  # the request that was made up brought less than the list
            return behind, _MADE
        if look.listing.form is ListingForm.SEARCHED or look.outcome is not LookOutcome.PARTIAL:
            return None
        return unrendered if is_turned_by_script(unrendered[0].page, unrendered[1], look.reason) else None

    async def _look_into_frames(self) -> None:
        """Look into the frames beside the entries of a list: the look is one in part if there may be more reports."""
        own = bare_address(self.look.listing.url)
        urls = self._frame_urls(self.pagination.pages[0])
        frame_urls = [url for url in urls if not _NO_LIST.search(url) and bare_address(url) != own]
        for url in frame_urls[:MOST_FRAMES]:
            if (reason := await self._more_in_frame(url)) is not None:
                return self.look.set_outcome(LookOutcome.PARTIAL, reason)
        if len(frame_urls) > MOST_FRAMES:
            self.look.set_outcome(LookOutcome.PARTIAL, "more_frames_than_read")
        return None

    async def _more_in_frame(self, url: str) -> str | None:
        """Return why a frame may have more reports, if it may. One that has some is a column of its own."""
        look = self.look
        fetched = await self.source.fetch(FetchContext(CaptureRole.LISTING, url), referer=look.listing.url)
        look.add_captures(fetched)
        if fetched.verdict.outcome is not CaptureOutcome.PAGE:
            return None if fetched.verdict.outcome in _GONE else failure(fetched)[1]
        page = self._read(fetched)
        if page.outcome is LookOutcome.SCRIPT_ONLY or page.interface_page:
            return "scripts_make_a_frame"
        others = tuple(link for link in page.links if link.url not in look.links)
        if not reports_on(self.source, look, replace(page, links=others)):
            return None
        self._add_links(replace(page, total=None), fetched)
        look.subcolumns[fetched.url] = Link(url=fetched.url, text=look.listing.column)
        return "a_list_in_a_frame"

    def _frame_urls(self, page: ListPage) -> list[str]:
        """Pages of the portal that are shown inside one, and may be the list; those of a preview are not."""
        refusal = self.source.allowed_hosts.refusal
        return [] if page.reason == PREVIEW else [url for url in page.frames if refusal(url) is None]

    @property
    def end_is_doubted(self) -> bool:
        """Whether nothing states where the list ends, so that lists of other years may show it."""
        return self.look.reason == END_NOT_SAID and not self.pagination.rendered

    def comparable_first_page(self) -> FirstPage | None:
        """Return the first page of a list of which no more than the end is in doubt; None where scripts make it."""
        look, unrendered = self.look, self.pagination.unrendered
        doubted = look.outcome is not LookOutcome.OK and look.reason != END_NOT_SAID
        if unrendered is None or self.pagination.rendered or doubted or len(unrendered[0].page.text) > _COMPARED:
            return None
        return FirstPage(look.listing.url, look.listing.column, unrendered[0].page, unrendered[1])

    async def judge_by_siblings(self, first_pages: Collection[FirstPage]) -> None:
        """End a look of which the end alone is in doubt, if lists of other years show that it ends there; one at a
        folder without a single item, if lists of the same template show that it is empty; one at a page that leads to
        lists.
        """
        look, pagination = self.look, self.pagination
        if pagination.blank is not None and look.reason == NO_ITEM:
            empty = not pagination.year_folders and is_empty_there(pagination.blank, first_pages)
            if empty or is_way_to(pagination.blank, first_pages, pagination.year_folders):
                look.set_outcome(LookOutcome.OK, "")
            return
        own = self.comparable_first_page()
        if own is None or len(pagination.pages) != 1 or not ends_there(own, first_pages):
            return
        pagination.pages = [replace(page, doubt="") for page in pagination.pages]
        look.set_outcome(LookOutcome.OK, "")
        judge_whole(self.source, look, pagination)
        if look.outcome is LookOutcome.OK:
            await self._look_into_frames()
