"""Decides from the pages of a list alone whether the list was read whole. Pure.

A list is complete only if it meets all these rules. Each rule that it does not meet is an :class:`Unmet`. Methods of
``_Rules`` name the rules that they apply; what only other modules can see is named with the module:

1.  ``not_received``: every page that was requested came whole and readable, and none is an error or a login page.
2.  ``shows_nothing``: the list has entries. An empty list is never called complete: emptiness proves nothing.
3.  ``total``: the number of different entries is exactly every total that the list states, with or without the rows on
    top of every page. Statements in visible text and answers count; those in scripts only if there are no others.
4.  ``pages``: as many pages were read as the list states, and no page number that is shown is left out, unless a
    stated total is met by links.
5.  ``way_on``: nothing leads to more: no link to a next page, no box of pages, no button that was not tried.
6.  ``empty_page``: every page has entries.
7.  ``repeated_page``: no page shows only entries of other pages. Without a stated total, no entry is shown on two
    pages, except for a few rows on top of every page.
8.  ``short_page``: without a stated total, only the last page has fewer entries than the others. If the addresses of
    the pages are counted down and the last is full, new entries stay on the first page until they fill another: only
    this one may differ.
9.  ``unlinked``: every entry has an address.
10. ``unconfirmed``: if neither a total nor a number of pages is stated (shown page numbers state one, the first value
    in a script's settings does not), a browser showed the list until nothing was left to press.
    Whole pages without any script, frame or box need no browser: it would show the same.
11. ``script_failed``: no script of the page failed in the browser, but one that fails on an article of the list too
    (``list_reader.py``).
12. ``choice``: everything that shows another part of the list (tabs, boxes of years or groups) was tried
    (``list_reader.py``). An agency's mere name that leads from several years to one address is such a choice, a menu of
    all agencies (``walk.py``).
13. ``unread_frame``: no frame of the page was left out.
14. ``other_years``: if an address has the reporting year as a parameter, the list shows it with several years. Else
    there may be other years at addresses that nothing links.
15. ``preview``: no link 更多 beside the entries leads to another list: with one, they are only the newest.
16. ``known_entry``: all entries that earlier looks or a twin of the list (``walk.py``) showed are shown again, unless
    a stated total is met.
17. ``full_page``: if no size is stated, a single page does not have a round number of entries (10, 15, 20 … 60, then
    tens, above 100 fifties): the list may have been cut there. Lists in groups (of years) have no pages. Another part
    of the list (``list_reader.py``) or list of its template (``walk.py``) with a longer page disproves that.
18. ``site_search``: it is not the result of the site's own search, which shows only what it has indexed (``looks.py``).
19. ``unnamed``: no link beside the list says only 查看 or 下载: it may lead to a report.
20. ``out_of_turns``: the browser reached the end of the list before it had turned as many pages as it may.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crawler.lists.page import COUNT_OF_PAGES, SCRIPTED, TOTAL, Claim, Control, Entry, PageOfList, choose_claims
from crawler.lists.words import TO_VIEW

MIN_FULL_PAGE, MAX_PINNED, MAX_END = 10, 3, 20_000  # the last: of a page, in which ``</html>`` must be
_FULL_PAGES = ((60, 5), (100, 10), (math.inf, 50))  # (n, step): a page of up to n entries is full at multiples of step
_LAST_NUMBER = re.compile(r"(\d+)\D*$")
_YEAR_FIELD = re.compile(r"(?<=[?&])\w{1,20}=((?:19|20)\d\d)(?=&|$)")

IsReport = Callable[[Entry], bool]
EntryKey = tuple[str, str]  # address and title: two titles with one address are two entries


class Unmet(NamedTuple):
    """A rule of this module that a list does not meet, or ``reading_failed`` if its page broke our reader.

    ``detail``: the address, label, text or page that shows it. ``stated``, ``read``: how many entries (``total``) or
    pages (``pages``) the list states, and how many were read; ``full_page`` has only ``read``.
    """

    rule: str
    detail: str = ""
    stated: int = 0
    read: int = 0

    def is_disproved_by(self, longest: int) -> bool:
        """Whether a page of the same kind with ``longest`` rows shows that this one was not cut (``full_page``)."""
        return self.rule == "full_page" and self.read < longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a browser found at the end of a list. ``ended``: pressing and scrolling shows no more entries. False if a
    page never came to rest, or grew before the last time by a number that does not divide the largest (10 divides 20).

    ``grown``: how often pressing or scrolling added entries to the same page. ``is_cut``: one of the pages lacks the
    closing tags that others have. ``is_out_of_turns``: the browser gave up before the end, at its limit of turns.
    """

    ended: bool
    failed_scripts: tuple[str, ...]
    grown: int
    is_cut: bool
    is_out_of_turns: bool


def choose_shapes(page: PageOfList, is_report: IsReport) -> tuple[str, ...]:
    """Return the shapes (places in the tree) of the blocks that form the list: that with most reports, and those at
    least half reports; () if no block has a report.
    """
    reports = {  # by shape; each address counts once
        block.shape: sum(map(is_report, {one.url or one.title: one for one in block.entries}.values()))
        for block in page.blocks
    }
    best = max(page.blocks, key=lambda one: (reports[one.shape], len(one.entries)), default=None)
    if best is None or not reports[best.shape]:
        return ()
    own = {entry.url for entry in best.entries}
    other_shapes = [  # of blocks that do not only repeat links of the best
        block.shape
        for block in page.blocks
        if reports[block.shape] * 2 >= len(block.entries) and not {entry.url for entry in block.entries} <= own
    ]
    return (best.shape, *other_shapes)


def rows_of(page: PageOfList, shapes: Collection[str], is_report: IsReport) -> tuple[Entry, ...]:
    """Return the entries of a list's page in blocks of ``shapes``, else of the shapes chosen for this page alone."""
    shapes = {block.shape for block in page.blocks}.intersection(shapes) or choose_shapes(page, is_report)
    in_blocks = (one for block in page.blocks if block.shape in shapes for one in block.entries)
    entries = [one for one in in_blocks if not one.is_crumb or is_report(one)]  # the path back is no entry
    return tuple({entry_key(one): one for one in entries}.values())


def shapes_of_list(pages: Iterable[PageOfList], is_report: IsReport) -> tuple[str, ...]:
    """Return the shapes of the list's blocks, as the first page with reports has them."""
    return next((shapes for page in pages if (shapes := choose_shapes(page, is_report))), ())


def rows_by_page(pages: Sequence[PageOfList], is_report: IsReport) -> list[tuple[Entry, ...]]:
    """Return the list's entries on each of its pages."""
    shapes = shapes_of_list(pages, is_report)
    return [rows_of(page, shapes, is_report) for page in pages]


def entry_key(entry: Entry) -> EntryKey:
    """Return the address and title of an entry; without an address also its date, as many reports have one title."""
    return entry.url, entry.title if entry.url else f"{entry.title} {entry.date}"


def address_key(url: str) -> str:
    """Return an address without scheme, ``www.`` and a final ``index.*``, so that spellings of one page are equal."""
    return re.sub(r"(?<=[^/]/)index\.\w{3,5}$", "", url.partition("://")[2].removeprefix("www."))


def find_unmet(
    pages: Sequence[PageOfList], is_report: IsReport, *, confirmation: Confirmation | None = None,
    known_urls: Collection[str] = (), ways_left: Collection[str] = (),
) -> tuple[Unmet, ...]:  # fmt: skip
    """Return the rules that a list does not meet; an empty tuple if it was read whole. The first is the most important:
    it becomes the look's stored reason.

    ``confirmation``: what pressing in a browser proved (None: no browser was used); ``known_urls``: addresses of
    entries that it must show; ``ways_left``: reasons why further pages were not followed.
    """
    rules = _Rules(pages, is_report, confirmation)
    left = (Unmet("way_on", one) for one in ways_left)
    unshown = find_unshown(known_urls, [entry for row in rules.rows for entry in row], rules.stated)
    in_order = (
        rules.arrivals(), rules.sizes(), left, rules.ways(), rules.pagination(), rules.full_page(), rules.previews(),
        rules.years(), rules.unnamed(), rules.confirmed(), unshown,
    )  # fmt: skip
    return tuple(dict.fromkeys(itertools.chain(*in_order)))


def meets_totals(pages: Sequence[PageOfList], is_report: IsReport) -> bool:
    """Whether a total and a number of pages are stated and both were reached, so that nothing need be pressed."""
    rules = _Rules(pages, is_report)
    counts = [one.value <= len(pages) for one in rules.counts]
    return bool(rules.totals and counts) and all(counts) and not [*rules.sizes()]


def find_unshown(known_urls: Collection[str], entries: Collection[Entry], claims: Iterable[Claim]) -> list[Unmet]:
    """Return ``known_entry`` for each known address that no entry has; nothing if they meet a stated total."""
    totals = {one.value for one in choose_claims(claims, TOTAL) if one.source != SCRIPTED}
    if totals == {len(set(map(entry_key, entries)))}:
        return []
    keys = {address_key(entry.url) for entry in entries}
    return [Unmet("known_entry", url) for url in known_urls if address_key(url) not in keys]


class _Rules:
    """Applies the rules of this module to the pages of one list. Each method yields what does not meet its rules."""

    def __init__(
        self, pages: Sequence[PageOfList], is_report: IsReport, confirmation: Confirmation | None = None
    ) -> None:
        """Gather the rows, and what pages claim of the list's size; ``confirmation``: as in :func:`find_unmet`."""
        self.pages, self.confirmation = pages, confirmation
        self.shapes, self.rows = shapes_of_list(pages, is_report), rows_by_page(pages, is_report)
        self.keys = {entry_key(entry) for row in self.rows for entry in row}
        self.stated = [claim for page in pages for claim in page.claims]
        self.totals = choose_claims(self.stated, TOTAL)
        self.counts = choose_claims(self.stated, COUNT_OF_PAGES)
        self.grown = confirmation.grown if confirmation is not None else 0
        self.highest = max((one.number for page in pages for one in page.controls), default=0)
        # a script's number of pages counts if it is more than 1 (often a default), or an argument of a call
        counts = [one for one in self.counts if one.source != SCRIPTED or one.value > 1 or "(" in one.text]
        self.is_sized = bool(self.totals or counts) or self.highest == len(pages) > 1

    def arrivals(self) -> Iterator[Unmet]:
        """Yield the pages that came not whole (no ``</html>``, but others have it), and frames that were not read.
        Rules: not_received, unread_frame.
        """
        yield from (Unmet("not_received", f"{page.url} ({page.refusal})") for page in self.pages if page.refusal)
        ends = {
            page.url: "</html>" in page.source[-MAX_END:].lower()
            for page in self.pages
            if "<html" in page.source.lower()
        }
        if any(ends.values()):
            yield from (Unmet("not_received", f"{url} (cut)") for url, has_end in ends.items() if not has_end)
        yield from (Unmet("unread_frame", frame) for page in self.pages for frame in page.frames)

    def sizes(self) -> Iterator[Unmet]:
        """Yield that there are no entries, or the stated totals and numbers of pages that were not read. Rules:
        shows_nothing, total, pages.
        """
        if not self.keys:
            yield Unmet("shows_nothing")
        pinned = self._find_pinned()  # notices on top of every page: many totals do not count them
        wrong = [one for one in self.totals if one.value not in (len(self.keys), len(self.keys - pinned))]
        yield from (Unmet("total", one.text, stated=one.value, read=len(self.keys)) for one in wrong)
        number = len(self.pages) + self.grown
        if wrong or not self.totals:  # a met total is enough: one answer may contain several pages
            more = (one for one in self.counts if one.value > number)
            yield from (Unmet("pages", one.text, stated=one.value, read=number) for one in more)

    def ways(self) -> Iterator[Unmet]:
        """Yield what leads to more of the list: page numbers, and controls and choices that no browser tried. Rules:
        way_on, pages, choice.
        """
        # a browser pressed all controls, and the pages or their stated size show that they turn
        has_turned = self.confirmation is not None and self.confirmation.ended
        if not (has_turned and (self.is_sized or len(self.pages) > 1)):
            on = (one for one in self.pages[-1].controls if one.kind in ("next", "more") and one.enabled)
            yield from (Unmet("way_on", control.text) for control in on if self._leads_on(control))
        if self.highest > len(self.pages) and not (self.totals and self.confirmation is None):
            yield Unmet("pages", "shown", stated=self.highest, read=len(self.pages))
        if self.confirmation is None:
            offered = (one for page in self.pages if not page.is_static for one in page.controls)
            choices = {one.text for one in offered if one.kind == "choice" and one.enabled and not one.url}
            yield from (Unmet("choice", text) for text in sorted(choices))  # a choice with an address is another list

    def _leads_on(self, control: Control) -> bool:
        """Whether a control for the next page, or for more, leads to a page that was not read."""
        if control.url:  # 更多 with an address leads to another list
            return control.kind != "more" and control.url not in {page.url for page in self.pages}
        return control.form is not None or not self.is_sized

    def pagination(self) -> Iterator[Unmet]:
        """Yield what tells that entries may lack: empty, repeated or short pages, entries without an address. Rules:
        empty_page, unlinked, repeated_page, short_page.
        """
        yield from (Unmet("empty_page", f"page {n}") for n, row in enumerate(self.rows, 1) if not row)
        yield from (Unmet("unlinked", entry.title[:40]) for row in self.rows for entry in row if not entry.url)
        earlier: set[EntryKey] = set()
        pinned = self._find_pinned()
        for n, row in enumerate(self.rows, 1):
            own = set(map(entry_key, row))
            own = own - pinned or own
            if own and earlier and (own <= earlier or (not self.totals and own & earlier)):
                yield Unmet("repeated_page", f"page {n}")
            earlier |= own
        sizes = list(map(len, self.rows))
        most_behind_first = max(sizes[1:], default=0)
        # new entries wait on the first page to fill another
        is_first_odd = self._is_counted_down() and sizes[-1] == most_behind_first
        full_size, odd_page = (most_behind_first, 1) if is_first_odd else (max(sizes), len(sizes))
        if not self.totals:
            short = (n for n, size in enumerate(sizes, 1) if size < full_size and n != odd_page)
            yield from (Unmet("short_page", f"page {n}") for n in short)

    def _is_counted_down(self) -> bool:
        """Whether the pages behind the first are numbered backwards in their addresses, down to 1."""
        numbers = [_LAST_NUMBER.findall(page.url) for page in self.pages[1:]]
        return len(numbers) > 1 and numbers == [[str(n)] for n in range(len(numbers), 0, -1)]

    def _find_pinned(self) -> set[EntryKey]:
        """Return the keys of the first rows if every page begins with them, and they are few; else nothing."""
        same = itertools.takewhile(lambda row: len(set(row)) == 1, zip(*self.rows, strict=False))
        pinned = {entry_key(row[0]) for row in same}
        return pinned if len(pinned) <= MAX_PINNED and len(self.rows) > 1 else set()

    def full_page(self) -> Iterator[Unmet]:
        """Yield ``full_page``: the only page has a round number of entries; the list may have been cut there."""
        if len(self.rows) != 1 or self.grown or self.is_sized:
            return
        count = len(self.rows[0])
        step = next(step for most, step in _FULL_PAGES if count <= most)
        # lists under headings of years, and tables with columns of years, have no pages
        is_grouped = len({entry.group or entry.title.rpartition(">")[0] for entry in self.rows[0]}) > 1
        if count >= MIN_FULL_PAGE and count % step == 0 and not is_grouped:
            yield Unmet("full_page", read=count)

    def previews(self) -> Iterator[Unmet]:
        """Yield ``preview`` for links 更多 next to the list that lead to none of its pages."""
        blocks = (block for page in self.pages for block in page.blocks if block.shape in self.shapes)
        led = {url for block in blocks for url in block.more} - {page.url for page in self.pages}
        yield from (Unmet("preview", url) for url in sorted(led))

    def years(self) -> Iterator[Unmet]:
        """Yield ``other_years`` if the list has an address with a year as parameter (``?year=2024``) that it shows
        with that year alone: there may be pages of other years that nothing links. Only the first of such addresses.
        """
        years: dict[str, set[str]] = defaultdict(set)
        for url in {url for url, _ in self.keys}:
            for match in _YEAR_FIELD.finditer(url):
                years[_YEAR_FIELD.sub("", url)].add(match[1])
        single = sorted(url for url, of_address in years.items() if len(of_address) == 1)
        yield from (Unmet("other_years", url) for url in single[:1])

    def unnamed(self) -> Iterator[Unmet]:
        """Yield ``unnamed`` for the first link beside the list that says only 查看, or ends so behind its text."""
        blocks = (block for page in self.pages for block in page.blocks if block.shape not in self.shapes)
        urls = (one.url for block in blocks for one in block.entries if TO_VIEW.search(one.title))
        yield from (Unmet("unnamed", url) for url in itertools.islice(filter(None, urls), 1))

    def confirmed(self) -> Iterator[Unmet]:
        """Yield what leaves the list's end unproven: no size or browser tells it, scripts failed, turns ran out. Rules:
        unconfirmed, out_of_turns, script_failed, not_received.
        """
        confirmation = self.confirmation
        is_static = all(page.is_static for page in self.pages)
        if not self.is_sized and not (confirmation.ended if confirmation is not None else is_static):
            yield Unmet("unconfirmed")
        if confirmation is not None and not self.totals:
            if confirmation.is_out_of_turns:
                yield Unmet("out_of_turns")
            yield from (Unmet("script_failed", url) for url in confirmation.failed_scripts)
            if confirmation.is_cut:
                yield Unmet("not_received", "a page (cut)")
