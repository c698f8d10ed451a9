"""Whether a list was read whole, decided from its pages alone. Pure.

A list is complete only if all of this holds; the first part of each reason names the rule that does not:

1.  ``not_received``: every page that was asked for came, whole, readable, and is no error page or access control.
2.  ``shows_nothing``: it shows entries. An empty list is never called complete: emptiness proves nothing.
3.  ``total``: the number of its entries, each once, is every stated total, exactly. Visible statements and
    those of answers count; those of scripts count where no other speaks of the same thing.
4.  ``pages``: as many pages were read as are stated, and no number of a page that is shown is left.
5.  ``way_on``: no way on is left: no link to a next page, no box of pages, no button that was not tried.
6.  ``empty_page``: no page is without entries.
7.  ``repeated_page``: no page shows only what others showed; without a stated total, none shows anything again
    but a few rows that stand on top of each page.
8.  ``short_page``: without a stated total, no page but the last has fewer entries than the first.
9.  ``unlinked``: every entry has an address.
10. ``unconfirmed``: where neither a total nor a count of pages is stated (page numbers that are shown state one, the
    first value of a script's setting does not), a browser has shown the list to its end: nothing left to press.
    Whole pages without any script, frame or box need none: it could show nothing else.
11. ``script_failed``: in a browser, no script of the page failed.
12. ``choice``: what shows another part of the list (tabs, boxes of years and of groups) was tried, each of it.
13. ``unread_frame``: no frame of the page was left out.
14. ``other_years``: where the reporting year is a parameter of an address, more than one year of it is shown: others
    may stand at addresses that nothing links.
15. ``preview``: no link 更多 stands beside its entries, which would be the newest ones only.
16. ``known_entry``: everything that earlier looks or a twin of the list showed is shown again, unless a stated total
    is met.
17. ``full_page``: where nothing states a size, a single page does not show a round number of entries (10, 15, 20):
    it may be whole, or cut there.
18. ``site_search``: it is no answer of a site's own search, which shows what it has indexed.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.lists import claims
from crawler.lists.claims import Claim
from crawler.lists.page import Control, Entry, PageOfList

MIN_FULL_PAGE, MAX_PINNED, MAX_END_CHARS = 10, 3, 2_000
_FULL_PAGES = ((60, 5), (100, 10), (math.inf, 50))  # up to so many entries, lists are cut at multiples of that
_YEAR_FIELD = re.compile(r"(?<=[?&])\w{1,20}=((?:19|20)\d\d)(?=&|$)")

IsReport = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a browser found of a list: ``ended``: nothing that was pressed or scrolled showed any more of it.

    It has not ended where the page came cut or never rested, or grew by fewer entries once than at another time.
    ``grown``: how many times something that was pressed or scrolled added entries to the page. ``is_cut``: one of its
    pages lacks the end that others have.
    """

    ended: bool = False
    failed_scripts: tuple[str, ...] = ()
    grown: int = 0
    is_cut: bool = False


def choose_shapes(page: PageOfList, is_report: IsReport) -> tuple[str, ...]:
    """Return the shapes of the blocks that are the list: the one with most reports, and others made of reports."""
    once = {block.shape: {one.url or one.title: one for one in block.entries} for block in page.blocks}
    reports = {shape: sum(map(is_report, entries.values())) for shape, entries in once.items()}
    best = max(page.blocks, key=lambda one: (reports[one.shape], len(one.entries)), default=None)
    if best is None or not reports[best.shape]:
        return ()
    own = {entry.url for entry in best.entries}
    others = [
        block.shape
        for block in page.blocks
        if block is not best
        and reports[block.shape] * 2 >= len(block.entries) > 0
        and not {entry.url for entry in block.entries} <= own
    ]
    return (best.shape, *others)


def rows_of(page: PageOfList, shapes: Collection[str], is_report: IsReport) -> tuple[Entry, ...]:
    """Return the entries of a page of a list: of the shapes of its first page, else of its own."""
    blocks = [block for block in page.blocks if block.shape in shapes]
    if not blocks:
        own = choose_shapes(page, is_report)
        blocks = [block for block in page.blocks if block.shape in own]
    return tuple({name_of(one): one for block in blocks for one in block.entries}.values())


def find_rows(pages: Sequence[PageOfList], is_report: IsReport) -> tuple[tuple[str, ...], list[tuple[Entry, ...]]]:
    """Return the shapes of the list, as its first page with reports shows it, and the entries of each page."""
    shapes = next((of_page for page in pages if (of_page := choose_shapes(page, is_report))), ())
    return shapes, [rows_of(page, shapes, is_report) for page in pages]


def name_of(entry: Entry) -> tuple[str, str]:
    """Return what tells rows apart: two titles at one address are two rows."""
    return entry.url, entry.title


def address_key(url: str) -> str:
    """Return what is the same of addresses of one page by either scheme."""
    return re.sub(r"(?<=[^/]/)index\.\w{3,5}$", "", url.partition("://")[2].removeprefix("www."))


def judge(
    pages: Sequence[PageOfList],
    is_report: IsReport,
    *,
    confirmation: Confirmation | None = None,
    known_urls: Collection[str] = (),
    ways_left: Collection[str] = (),
) -> tuple[str, ...]:
    """Return what keeps a list from being complete, each with the rule's name first; nothing if it was read whole.

    ``known_urls``: what it is known to hold; ``ways_left``: ways not followed.
    """
    return tuple(dict.fromkeys(_Rules(pages, is_report, confirmation).check(known_urls, ways_left)))


def meets_totals(pages: Sequence[PageOfList], is_report: IsReport) -> bool:
    """Whether a total and a count of pages are stated, and what was read reaches both: nothing need be pressed."""
    rules = _Rules(pages, is_report)
    counts = [one.value for one in rules.counts]
    return bool(rules.totals and counts) and max(counts) <= len(pages) and not [*rules.sizes()]


def find_unshown(
    known_urls: Collection[str], entries: Collection[Entry], page_claims: Iterable[Claim] = ()
) -> list[str]:
    """Return as unmet what is known and not among the entries; nothing if the list itself says that these are all."""
    totals = {one.value for one in _totals(page_claims) if one.source != claims.SCRIPTED}
    if totals == {len(set(map(name_of, entries)))}:
        return []
    keys = {address_key(entry.url) for entry in entries}
    return [f"known_entry: {url}" for url in known_urls if address_key(url) not in keys]


def _totals(page_claims: Iterable[Claim]) -> list[Claim]:
    return [one for one in claims.choose(page_claims, claims.TOTAL) if one.value > 0]


class _Rules:
    """The rules of this module over the pages of one list; each gives what does not meet it."""

    def __init__(
        self, pages: Sequence[PageOfList], is_report: IsReport, confirmation: Confirmation | None = None
    ) -> None:
        self.pages, self.confirmation = pages, confirmation
        self.shapes, self.rows = find_rows(pages, is_report)
        self.names = {name_of(entry) for row in self.rows for entry in row}
        self.stated = [claim for page in pages for claim in page.claims]
        self.totals = _totals(self.stated)
        self.counts = claims.choose(self.stated, claims.COUNT_OF_PAGES)
        self.grown = confirmation.grown if confirmation is not None else 0
        numbers = [one.number for page in pages for one in page.controls if one.kind == "number"]
        self.highest = max(numbers, default=0)
        # a count of pages is stated by words, by numbers of pages, or by a script that has its data
        counts = [one for one in self.counts if one.source != claims.SCRIPTED or one.value > 1 or "(" in one.text]
        self.is_sized = bool(self.totals or counts) or self.highest == len(pages) > 1

    def check(self, known_urls: Collection[str], ways_left: Collection[str]) -> Iterator[str]:
        """Return what is not met, in the order of its weight."""
        entries = [entry for row in self.rows for entry in row]
        yield from self.arrivals()
        yield from self.sizes()
        yield from (f"way_on: {one}" for one in ways_left)
        yield from self.ways()
        yield from self.pagination()
        yield from self.full_page()
        yield from self.previews()
        yield from self.years()
        yield from self.confirmed()
        yield from find_unshown(known_urls, entries, self.stated)

    def arrivals(self) -> Iterator[str]:
        """Rules 1 and 13. A page is cut that lacks its end where another page of the list has one."""
        yield from (f"not_received: {page.url} ({page.refusal})" for page in self.pages if page.refusal)
        markup = [page for page in self.pages if "<html" in page.source.lower()]
        ends = {page.url: "</html>" in page.source[-MAX_END_CHARS:].lower() for page in markup}
        if any(ends.values()):
            yield from (f"not_received: {url} (cut)" for url, has_end in ends.items() if not has_end)
        yield from (f"unread_frame: {frame}" for page in self.pages for frame in page.frames)

    def sizes(self) -> Iterator[str]:
        """Rules 2 to 4."""
        if not self.names:
            yield "shows_nothing: no entries of reports"
        wrong = [one for one in self.totals if one.value != len(self.names)]
        yield from (f"total: {one.value} stated ({one.text}), {len(self.names)} read" for one in wrong)
        number = len(self.pages) + self.grown
        if wrong or not self.totals:  # else answers may hold several pages each
            more = (one for one in self.counts if one.value > number)
            yield from (f"pages: {one.value} stated ({one.text}), {number} read" for one in more)

    def ways(self) -> Iterator[str]:
        """Rules 4, 5 and 12."""
        has_ended = self.confirmation is not None and self.confirmation.ended
        if not has_ended or not (self.is_sized or len(self.pages) > 1):
            on = (one for one in self.pages[-1].controls if one.kind in ("next", "more") and one.enabled)
            yield from (f"way_on: {control.text}" for control in on if self._leads_on(control))
        if self.highest > len(self.pages) and not (self.totals and self.confirmation is None):
            yield f"pages: number {self.highest} is shown, {len(self.pages)} read"
        if self.confirmation is None:
            offered = (one for page in self.pages if not page.is_static for one in page.controls)
            choices = {one.text for one in offered if one.kind == "choice" and one.enabled and not one.url}
            yield from (f"choice: {text}" for text in sorted(choices))  # what has an address is a list of its own

    def _leads_on(self, control: Control) -> bool:
        if control.url:  # 更多 with an address leads to another list
            return control.kind != "more" and control.url not in {page.url for page in self.pages}
        return control.form is not None or not self.is_sized

    def pagination(self) -> Iterator[str]:
        """Rules 6 to 9."""
        yield from (f"empty_page: page {n}" for n, row in enumerate(self.rows, 1) if not row)
        yield from (f"unlinked: {entry.title[:40]}" for row in self.rows for entry in row if not entry.url)
        earlier: set[tuple[str, str]] = set()
        pinned = self._find_pinned()
        for n, row in enumerate(self.rows, 1):
            own = set(map(name_of, row))
            own = own - pinned or own
            if own and earlier and (own <= earlier or (not self.totals and own & earlier)):
                yield f"repeated_page: page {n}"
            earlier |= own
        sizes = list(map(len, self.rows))
        if not self.totals and len(sizes) > 1:
            yield from (f"short_page: page {n}" for n, size in enumerate(sizes[:-1], 1) if size < max(sizes))
            if sizes[-1] > sizes[0]:
                yield "short_page: the first page"

    def _find_pinned(self) -> set[tuple[str, str]]:
        """Return the first rows if they stand on top of every page."""
        same = itertools.takewhile(lambda row: len(set(row)) == 1, zip(*self.rows, strict=False))
        pinned = {name_of(row[0]) for row in same}
        return pinned if len(pinned) <= MAX_PINNED and len(self.rows) > 1 else set()

    def full_page(self) -> Iterator[str]:
        """Rule 17."""
        if len(self.rows) != 1 or self.grown or self.is_sized:
            return
        count = len(self.rows[0])
        step = next(step for most, step in _FULL_PAGES if count <= most)
        is_grouped = len({entry.group for entry in self.rows[0]}) > 1  # under headings of years, not cut into pages
        if count >= MIN_FULL_PAGE and count % step == 0 and not is_grouped:
            yield f"full_page: {count} entries"

    def previews(self) -> Iterator[str]:
        """Rule 15: to where the links 更多 beside a list lead, if not to a page of it."""
        blocks = (block for page in self.pages for block in page.blocks if block.shape in self.shapes)
        led = {url for block in blocks for url in block.more} - {page.url for page in self.pages}
        yield from (f"preview: {url}" for url in sorted(led))

    def years(self) -> Iterator[str]:
        """Rule 14."""
        years: dict[str, set[str]] = defaultdict(set)
        for url in {url for url, _ in self.names}:
            for match in _YEAR_FIELD.finditer(url):
                years[_YEAR_FIELD.sub("", url)].add(match[1])
        yield from (
            f"other_years: {url}"
            for url in sorted(one for one, of_address in years.items() if len(of_address) == 1)[:1]
        )

    def confirmed(self) -> Iterator[str]:
        """Rules 10 and 11."""
        confirmation = self.confirmation
        is_static = bool(self.pages) and all(page.is_static for page in self.pages)
        if not self.is_sized and not (confirmation.ended if confirmation is not None else is_static):
            yield "unconfirmed: nothing states how long the list is"
        if confirmation is not None and not self.totals:
            yield from (f"script_failed: {url}" for url in confirmation.failed_scripts)
            yield from ("not_received: a page (cut)",) if confirmation.is_cut else ()
