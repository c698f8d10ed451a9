"""Reads one listing to its end: page by page, until the list says, or shows, that it ends.

Stop rules: no new link, a repeated page, a page number that nobody promised and that is not there. A page that was
promised and fails makes the look partial; so does a printed total that was not reached, and paging without end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
from crawler.looks.source import LookSource
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


def comparable_first_page(look: LookBuilder, seen: PaginationState) -> FirstPage | None:
    """The first page of a list of which nothing, or its end alone, is in doubt; none of one that scripts make."""
    if seen.unrendered is None or seen.rendered or (look.outcome is not LookOutcome.OK and look.reason != END_NOT_SAID):
        return None
    fetched, read = seen.unrendered
    if len(fetched.page.text) > _COMPARED:
        return None
    return FirstPage(look.listing.url, look.listing.column, fetched.page, read)


async def judge_by_siblings(
    source: LookSource, look: LookBuilder, seen: PaginationState, first_pages: Iterable[FirstPage]
) -> None:
    """End a look of which the end alone is in doubt, if lists of other years show that it ends there; one at a folder
    without a single item, if lists of the same template show that it is empty; one at a page that leads to lists.
    """
    if seen.blank is not None and look.reason == NO_ITEM:
        lists = tuple(first_pages)
        empty = not seen.year_folders and is_empty_there(seen.blank, lists)
        if empty or is_way_to(seen.blank, lists, seen.year_folders):
            look.set_outcome(LookOutcome.OK, "")
        return
    own = comparable_first_page(look, seen)
    if len(seen.pages) != 1 or own is None or not ends_there(own, first_pages):
        return
    seen.pages = [replace(page, doubt="") for page in seen.pages]
    look.set_outcome(LookOutcome.OK, "")
    judge_whole(source, look, seen)
    if look.outcome is LookOutcome.OK:
        await _look_into_frames(source, look, seen.pages[0])


async def looks_side_by_side(source: LookSource, listings: Iterable[Listing]) -> list[LookBuilder]:
    """Return the looks at columns, not stored yet, each judged by the others as well."""
    looks = [(LookBuilder(listing, source.now()), PaginationState()) for listing in listings]
    first_pages: list[FirstPage] = []
    for look, seen in looks:
        await read_column(source, look, seen=seen)
        if (first_page := comparable_first_page(look, seen)) is not None:
            first_pages.append(first_page)
    for look, seen in looks:
        if look.reason == END_NOT_SAID and not seen.rendered:
            await judge_by_siblings(source, look, seen, first_pages)
    return [look for look, _ in looks]


async def read_column(
    source: LookSource,
    look: LookBuilder,
    fresh: dict[str, Fetched] | None = None,
    seen: PaginationState | None = None,
) -> None:
    """Read a column to its end. A page that fails, changes or is made by scripts ends the look as what it is.

    ``fresh``: pages that were fetched a moment ago, in this run; each is taken once. ``seen``: takes the pages.
    """
    queue: list[tuple[ListRequest, bool]] = [(list_request(look.listing.url), False)]
    asked: set[ListRequest] = set()
    seen = seen or PaginationState()
    while queue or (queue := await _turned_on(source, look, seen)):
        step, speculative = queue.pop(0)
        if step in asked:
            seen.next_is_same_form = seen.next_is_same_form or (step.form is not None and not step.script)
            continue
        if len(asked) >= MOST_PAGES or len(look.links) > MOST_LINKS:
            return look.set_outcome(LookOutcome.PARTIAL, "more_pages_than_allowed")
        first = not asked
        asked.add(step)
        referer = "" if first else look.listing.url
        held = fresh.pop(step.url, None) if fresh and step.form is None else None
        fetched = held or await _fetch(source, look, step, referer)
        look.add_captures(fetched)
        look.host_left = first and source.host_left(look.listing.url)
        if fetched.verdict.outcome is not CaptureOutcome.PAGE and not seen.can_be_made(fetched):
            instead = _replacement(look, seen, step, speculative=speculative or (has_all(look, seen) and not first))
            if instead is not None and fetched.verdict.outcome in _GONE:
                queue += instead
                continue
            outcome, reason = failure(fetched)
            return look.set_outcome(outcome if first else LookOutcome.PARTIAL, reason)
        plain, ((fetched, page), *turned), first = await _answer(source, look, seen, queue, fetched, first=first)
        new = _add_links(look, page, fetched)
        if first and page.outcome is LookOutcome.CHANGED and (shown := _frames(source, page)):
            queue += [(list_request(frame), False) for frame in shown[:MOST_FRAMES]]
            seen.unread_frames = len(shown) > MOST_FRAMES
            continue
        if page.outcome is not LookOutcome.OK:
            seen.note_blank(fetched, page, look.listing.column, unrendered=first and fetched is plain)
            return look.set_outcome(page.outcome if first else LookOutcome.PARTIAL, page.reason)
        seen.add(page, new, speculative)
        seen.note_first(fetched, page, rendered=fetched is not plain)
        if unread := _add_browser_pages(look, seen, turned):
            return look.set_outcome(LookOutcome.PARTIAL, unread)
        if page.speculative and has_all(look, seen):
            continue
        # a page that brings nothing new is the end, unless what is printed says otherwise
        if new or first or page.interface_page or len(seen.pages) == 1:  # what such a page shows may come again
            queue += [(list_request(following), page.speculative) for following in page.following]
    if look.outcome is LookOutcome.OK:
        await _look_into_frames(source, look, seen.pages[0])
    return None


async def _fetch(source: LookSource, look: LookBuilder, step: ListRequest, referer: str) -> Fetched:
    """Return what a request gives; a further page that refuses GET is asked for by POST, once, as its script would."""
    fetched = await source.fetch(FetchContext(CaptureRole.LISTING, step.url), referer=referer, step=step)
    posted = posted_instead(step, fetched.verdict.reason) if referer else None
    if posted is None or fetched.verdict.outcome is CaptureOutcome.BLOCKED:
        return fetched
    look.add_captures(fetched)
    return await source.fetch(FetchContext(CaptureRole.LISTING, posted.url), referer=referer, step=posted)


async def _answer(
    source: LookSource,
    look: LookBuilder,
    seen: PaginationState,
    queue: list[tuple[ListRequest, bool]],
    plain: Fetched,
    *,
    first: bool,
) -> tuple[Fetched, list[tuple[Fetched, ListPage]], bool]:
    """Return a page as it was fetched, as it is read (:func:`_shown`), and whether it is the first one. Where a request
    was made up in place of a page's script, and its answer is not understood, that page itself is shown to a browser
    and becomes the first one again.
    """
    (fetched, page), *turned = await _shown(source, look, plain)
    page = page if first else _accepted_past_end(look, seen, page)
    if seen.pages and page.reason == PREVIEW:  # whatever stands over its entries, it is a further page of a list
        page = replace(page, outcome=LookOutcome.OK, reason="")
    if first and page.interface_page and any(is_asked(list_request(one).url) for one in page.following):
        seen.page_behind_request = plain
    elif page.outcome is not LookOutcome.OK and seen.page_behind_request is not None:
        plain = seen.page_behind_request
        seen.start_again()
        queue.clear()
        look.links.clear()
        return plain, await _as_made(source, look, plain, _MADE), True
    return plain, [(fetched, page), *turned], first


def _replacement(
    look: LookBuilder, seen: PaginationState, step: ListRequest, *, speculative: bool
) -> list[tuple[ListRequest, bool]] | None:
    """Requests in place of a page that was not found: none if it was only a guess; the last page if numbering
    turned out to start at 1; None if a promised page is missing.
    """
    if speculative:
        return []
    last = counted_from_one(step, seen.pages_said) if len(seen.pages) == 1 and step.url != look.listing.url else None
    return [(list_request(last), False)] if last is not None else None


def _accepted_past_end(look: LookBuilder, seen: PaginationState, page: ListPage) -> ListPage:
    """Return a later page; an empty one is accepted if all entries are there already: 下一页 on the last page may lead
    past the end.
    """
    past_end = page.reason in WITHOUT_ITEM and has_all(look, seen)
    return ListPage(links=(), total=page.total, pages=page.pages) if past_end else page


async def _turned_on(source: LookSource, look: LookBuilder, seen: PaginationState) -> list[tuple[ListRequest, bool]]:
    """Judge a look that has read all that has an address. Where the list is turned on by scripts, show its first page
    to a browser, once; the further pages with an address that are known then.

    What the browser shows takes the place of the pages in ``seen``; a list that it cannot show stays as it was read.
    """
    judge_whole(source, look, seen)
    if seen.unrendered is None or seen.rendered or source.renderer is None or look.outcome is LookOutcome.OK:
        return []
    fetched, plain = seen.unrendered
    other = look.listing.form is ListingForm.SEARCHED or look.outcome is not LookOutcome.PARTIAL
    if seen.page_behind_request is not None:  # the request that was made up brought less than the list
        fetched, plain, seen.page_behind_request = seen.page_behind_request, _MADE, None
    elif other or not is_turned_by_script(fetched.page, plain, look.reason):
        return []
    shown: list[tuple[Fetched, ListPage]] = await source.renderer.turned_on(
        fetched, plain, partial(_read, source, column=look.listing.column)
    )
    seen.rendered = True
    look.add_captures(
        replace(shown[0][0], captures=tuple(one for one in shown[0][0].captures if one not in fetched.captures))
    )
    first = shown[0][1]
    if first.outcome is not LookOutcome.OK or first is plain:
        if first is not plain:
            source.notes.append(Note("not_turned", {"listing": look.listing.id, "reason": first.reason}))
        return []
    seen.forget_pages()
    _add_links(look, first, shown[0][0])
    seen.add(first, 1, speculative=False)
    if unread := _add_browser_pages(look, seen, shown[1:]):
        look.set_outcome(LookOutcome.PARTIAL, unread)
        return []
    look.set_outcome(LookOutcome.OK, "")
    further = {list_request(following): page.speculative for _, page in shown for following in page.following}
    if not further:
        judge_whole(source, look, seen)
    return list(further.items())


async def _look_into_frames(source: LookSource, look: LookBuilder, first: ListPage) -> None:
    """Look into the frames beside the entries of a list. A frame that has further reports is a column of its own, and
    this look is then one in part.
    """
    shown = [
        url
        for url in _frames(source, first)
        if not _NO_LIST.search(url) and bare_address(url) != bare_address(look.listing.url)
    ]
    for url in shown[:MOST_FRAMES]:
        fetched = await source.fetch(FetchContext(CaptureRole.LISTING, url), referer=look.listing.url)
        look.add_captures(fetched)
        if fetched.verdict.outcome is not CaptureOutcome.PAGE:
            if fetched.verdict.outcome in _GONE:
                continue
            return look.set_outcome(LookOutcome.PARTIAL, failure(fetched)[1])
        page = _read(source, fetched)
        if page.outcome is LookOutcome.SCRIPT_ONLY or page.interface_page:
            return look.set_outcome(LookOutcome.PARTIAL, "scripts_make_a_frame")
        if reports_on(
            source, look, replace(page, links=tuple(link for link in page.links if link.url not in look.links))
        ):
            _add_links(look, replace(page, total=None), fetched)
            look.subcolumns[fetched.url] = Link(url=fetched.url, text=look.listing.column)
            return look.set_outcome(LookOutcome.PARTIAL, "a_list_in_a_frame")
    return look.set_outcome(LookOutcome.PARTIAL, "more_frames_than_read") if len(shown) > MOST_FRAMES else None


def _read(source: LookSource, fetched: Fetched, column: str = "") -> ListPage:
    return read_page(source.reader, replace(fetched.page, column=column), fetched.verdict.reason, source.notes)


async def _shown(source: LookSource, look: LookBuilder, plain: Fetched) -> list[tuple[Fetched, ListPage]]:
    """Return a page as its content system's class reads it. One that scripts make is shown to a browser: then the page
    as shown, followed by the pages to which its list was turned; what the first one loaded belongs to the look.
    """
    page = _read(source, plain, look.listing.column)
    return [(plain, page)] if page.outcome is not LookOutcome.SCRIPT_ONLY else await _as_made(source, look, plain, page)


async def _as_made(
    source: LookSource, look: LookBuilder, plain: Fetched, page: ListPage
) -> list[tuple[Fetched, ListPage]]:
    """Return a page that scripts make as :func:`_shown` does."""
    if source.renderer is None:
        return [(plain, page)]
    shown: list[tuple[Fetched, ListPage]] = await source.renderer.again(
        plain, page, partial(_read, source, column=look.listing.column)
    )
    fetched = shown[0][0]
    look.add_captures(replace(fetched, captures=tuple(one for one in fetched.captures if one not in plain.captures)))
    return shown


def _frames(source: LookSource, page: ListPage) -> list[str]:
    """Pages of the portal that are shown inside one without items: the list may stand there. Those of a preview are
    none of its lists.
    """
    return [] if page.reason == PREVIEW else [url for url in page.frames if source.allowed_hosts.refusal(url) is None]


def _add_links(look: LookBuilder, page: ListPage, fetched: Fetched) -> int:
    """Add the links of a page; how many were new."""
    new = gather(look.links, page.links, fetched.capture.id if fetched.capture else "")
    look.total = max(filter(None, (page.total, look.total)), default=page.total)
    look.subcolumns |= {link.url: link for link in page.subcolumns}
    return new


def _add_browser_pages(look: LookBuilder, seen: PaginationState, turned: Iterable[tuple[Fetched, ListPage]]) -> str:
    """Add the pages to which the list of a page was turned in a browser; why one is not to be believed, or ""."""
    for fetched, page in turned:
        look.add_captures(fetched)
        if page.outcome is not LookOutcome.OK:
            return page.reason
        _add_links(look, page, fetched)
        seen.add(page, 1, speculative=False)  # what it proves was judged where it was turned to
    return ""
