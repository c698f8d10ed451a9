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
14. ``other_years``: where the reporting year is a parameter of an address, more than one year of it is shown, or all
    were asked for that the reports link: others may stand at addresses that nothing links.
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
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from crawler.lists import claims
from crawler.lists.page import Control, Entry, Page

MIN_FULL_PAGE, MAX_PINNED, MAX_END_CHARS = 10, 3, 2_000
_FULL_PAGES = ((60, 5), (100, 10), (math.inf, 50))  # up to so many entries, lists are cut at multiples of that
YEAR_FIELD = re.compile(r"(?<=[?&])\w{1,20}=((?:19|20)\d\d)(?=&|$)")

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a list is complete, else what is not met, each with the rule's name first."""

    complete: bool
    unmet: tuple[str, ...] = ()


def choose_shapes(page: Page, is_report: IsReport) -> tuple[str, ...]:
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


def rows_of(page: Page, shapes: Collection[str], is_report: IsReport) -> tuple[Entry, ...]:
    """Return the entries of a page of a list: of the shapes of its first page, else of its own."""
    blocks = [block for block in page.blocks if block.shape in shapes]
    if not blocks:
        own = choose_shapes(page, is_report)
        blocks = [block for block in page.blocks if block.shape in own]
    return tuple({name_of(one): one for block in blocks for one in block.entries}.values())


def find_rows(pages: Sequence[Page], is_report: IsReport) -> tuple[tuple[str, ...], list[tuple[Entry, ...]]]:
    """Return the shapes of the list, as its first page with reports shows it, and the entries of each page."""
    shapes = next((found for page in pages if (found := choose_shapes(page, is_report))), ())
    return shapes, [rows_of(page, shapes, is_report) for page in pages]


def name_of(entry: Entry) -> tuple[str, str]:
    """Return what tells rows apart: two titles at one address are two rows."""
    return entry.url, entry.title


def address_key(url: str) -> str:
    """Return what is the same of addresses of one page by either scheme."""
    return re.sub(r"(?<=[^/]/)index\.\w{3,5}$", "", url.partition("://")[2].removeprefix("www."))


def judge(
    pages: Sequence[Page],
    is_report: IsReport,
    *,
    confirmation: Confirmation | None = None,
    known: Collection[str] = (),
    left: Collection[str] = (),
) -> Verdict:
    """Decide whether a list is complete. ``known``: addresses that it is known to hold; ``left``: ways not gone."""
    shapes, rows = find_rows(pages, is_report)
    stated = [one for page in pages for one in page.claims]
    grown = confirmation.grown if confirmation is not None else 0
    unmet = [
        *(f"not_received: {page.url} ({page.refusal})" for page in pages if page.refusal),
        *_check_ends(pages),
        *(f"unread_frame: {frame}" for page in pages for frame in page.frames),
        *_check_sizes(pages, rows, stated, grown=grown),
        *(f"way_on: {one}" for one in left),
        *_check_ways(pages, stated, confirmation),
        *_check_rows(rows, has_total=bool(_totals(stated))),
        *_check_full_page(pages, rows, stated, grown=grown),
        *(f"preview: {url}" for url in find_previews(pages, shapes)),
        *_check_years({entry.url for page in rows for entry in page}),
        *_check_confirmation(stated, pages, confirmation),
    ]
    unmet += find_unshown(known, [entry for page_rows in rows for entry in page_rows], stated)
    return Verdict(not unmet, tuple(dict.fromkeys(unmet)))


def find_unshown(known: Collection[str], entries: Collection[Entry], stated: Sequence[claims.Claim] = ()) -> list[str]:
    """Return as unmet what is known and not among the entries; nothing if the list itself says that these are all."""
    totals = [one.value for one in _totals(list(stated)) if one.source != claims.SCRIPTED]
    if totals and set(totals) == {len(set(map(name_of, entries)))}:
        return []
    shown = {address_key(entry.url) for entry in entries}
    return [f"known_entry: {url}" for url in known if address_key(url) not in shown]


def meets_totals(pages: Sequence[Page], is_report: IsReport) -> bool:
    """Whether a total and a count of pages are stated, and what was read reaches both: nothing need be pressed."""
    _, rows = find_rows(pages, is_report)
    stated = [one for page in pages for one in page.claims]
    counts = [one.value for one in claims.choose(stated, claims.COUNT_OF_PAGES)]
    return bool(_totals(stated) and counts) and max(counts) <= len(pages) and not _check_sizes(pages, rows, stated)


def find_previews(pages: Sequence[Page], shapes: Collection[str]) -> list[str]:
    """Return to where the links 更多 beside a list lead, if not to a page of it."""
    read = {page.url for page in pages}
    found = {url for page in pages for block in page.blocks if block.shape in shapes for url in block.more}
    return sorted(found - read)


def _check_ends(pages: Sequence[Page]) -> list[str]:
    """Take a page for cut that lacks its end where another page of the list has one."""
    ends = {one.url: "</html>" in one.source[-MAX_END_CHARS:].lower() for one in pages if "<html" in one.source.lower()}
    return [f"not_received: {url} (cut)" for url, has_end in ends.items() if not has_end and any(ends.values())]


def _totals(stated: list[claims.Claim]) -> list[claims.Claim]:
    return [one for one in claims.choose(stated, claims.TOTAL) if one.value > 0]


def _check_sizes(
    pages: Sequence[Page], rows: list[tuple[Entry, ...]], stated: list[claims.Claim], *, grown: int = 0
) -> list[str]:
    addresses = {name_of(entry) for page in rows for entry in page}
    unmet = [] if addresses else ["shows_nothing: no entries of reports"]
    wrong = [one for one in _totals(stated) if one.value != len(addresses)]
    unmet += [f"total: {one.value} stated ({one.text}), {len(addresses)} read" for one in wrong]
    if _totals(stated) and not wrong:
        return unmet  # answers may hold several pages each
    number_read = len(pages) + grown
    counts = [one for one in claims.choose(stated, claims.COUNT_OF_PAGES) if one.value > number_read]
    return unmet + [f"pages: {one.value} stated ({one.text}), {number_read} read" for one in counts]


def _check_ways(pages: Sequence[Page], stated: list[claims.Claim], confirmation: Confirmation | None) -> list[str]:
    sized = bool(_totals(stated)) or bool(_counts(pages, stated))
    read, has_ended = {page.url for page in pages}, confirmation is not None and confirmation.ended
    unmet = [
        f"way_on: {control.text}"
        for control in pages[-1].controls
        if control.kind in ("next", "more") and control.enabled
        if _leads_on(control, read, sized=sized) and not (has_ended and (sized or len(pages) > 1))
    ]
    highest = _highest_number(pages)
    if highest > len(pages) and not (_totals(stated) and confirmation is None):
        unmet.append(f"pages: number {highest} is shown, {len(pages)} read")
    able = [page for page in pages if not page.is_static]
    offered = [one for page in able for one in page.controls if one.kind == "choice" and one.enabled]
    choices = {one.text for one in offered if not one.url}  # what has an address is a list of its own
    if confirmation is None:
        unmet += [f"choice: {text}" for text in sorted(choices)]
    return unmet


def _leads_on(control: Control, read: Collection[str], *, sized: bool) -> bool:
    if control.kind == "more" and control.url:
        return False  # leads to another list
    return control.url not in read if control.url else control.form is not None or not sized


def _counts(pages: Sequence[Page], stated: list[claims.Claim]) -> bool:
    """Whether a count of pages is stated: by words, by numbers of pages, or by a script that has its data."""
    found = claims.choose(stated, claims.COUNT_OF_PAGES)
    if any(one.source != claims.SCRIPTED or one.value > 1 or "(" in one.text for one in found):
        return True
    return len(pages) > 1 and _highest_number(pages) == len(pages)


def _highest_number(pages: Sequence[Page]) -> int:
    return max((one.number for page in pages for one in page.controls if one.kind == "number"), default=0)


def _check_rows(rows: list[tuple[Entry, ...]], *, has_total: bool) -> list[str]:
    unmet = [f"empty_page: page {n}" for n, page in enumerate(rows, 1) if not page]
    unmet += [f"unlinked: {entry.title[:40]}" for page in rows for entry in page if not entry.url]
    seen: set[tuple[str, str]] = set()
    pinned = set() if len(rows) < 2 else _find_pinned(rows)
    for n, page in enumerate(rows, 1):
        own = {name_of(entry) for entry in page}
        own -= pinned if own - pinned else set()
        if own and seen and (own <= seen or (not has_total and own & seen)):
            unmet.append(f"repeated_page: page {n}")
        seen |= own
    if not has_total and len(rows) > 1:
        size = max(map(len, rows))
        unmet += [f"short_page: page {n}" for n, page in enumerate(rows[:-1], 1) if len(page) < size]
        if len(rows[-1]) > len(rows[0]):
            unmet.append("short_page: the first page")
    return unmet


def _find_pinned(rows: list[tuple[Entry, ...]]) -> set[tuple[str, str]]:
    """Return the first rows if they stand on top of every page."""
    same = itertools.takewhile(lambda row: len(set(row)) == 1, zip(*rows, strict=False))
    pinned = {name_of(row[0]) for row in same}
    return pinned if len(pinned) <= MAX_PINNED else set()


def _check_full_page(
    pages: Sequence[Page], rows: list[tuple[Entry, ...]], stated: list[claims.Claim], *, grown: int
) -> list[str]:
    if len(rows) != 1 or grown or _totals(stated) or _counts(pages, stated):
        return []
    count = len(rows[0])
    step = next(step for most, step in _FULL_PAGES if count <= most)
    is_grouped = len({entry.group for entry in rows[0]}) > 1  # a list under headings of years is not cut into pages
    return [f"full_page: {count} entries"] if count >= MIN_FULL_PAGE and count % step == 0 and not is_grouped else []


def _check_years(addresses: Collection[str]) -> list[str]:
    years: dict[str, set[str]] = defaultdict(set)
    for url in addresses:
        for found in YEAR_FIELD.finditer(url):
            years[YEAR_FIELD.sub("", url)].add(found[1])
    single = sorted(url for url, shown in years.items() if len(shown) == 1)
    return [f"other_years: {url}" for url in single[:1]]


def _check_confirmation(
    stated: list[claims.Claim], pages: Sequence[Page], confirmation: Confirmation | None
) -> list[str]:
    failed = [f"script_failed: {url}" for url in confirmation.failed_scripts] if confirmation else []
    failed += ["not_received: a page (cut)"] if confirmation is not None and confirmation.is_cut else []
    if _totals(stated) or _counts(pages, stated):
        return failed if confirmation is not None and not _totals(stated) else []
    if confirmation is None and pages and all(page.is_static for page in pages):
        return []
    if confirmation is None or not confirmation.ended:
        return ["unconfirmed: nothing states how long the list is", *failed]
    return failed
