"""Read one list to its end: by links, by a content system's own addresses, and where these do not do, in a browser."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crawler.lists.claims import SCRIPTED, TOTAL, Claim, choose
from crawler.lists.engine import (
    Confirmation,
    IsReport,
    Verdict,
    choose_shapes,
    find_rows,
    find_unshown,
    judge,
    meets_totals,
    name_of,
    rows_of,
)
from crawler.lists.fetch import Fetch, Request
from crawler.lists.idioms import LINKS, SHELLS, key_of, next_request, order_idioms
from crawler.lists.page import Control, Entry, Page
from crawler.lists.page_reader import read_page
from crawler.lists.words import squeeze

if TYPE_CHECKING:  # Playwright is an extra
    from crawler.lists.browser import Browser, State

MAX_PAGES, MAX_CHOICES, MAX_PRESSES, MAX_ASKED_ROWS = 120, 40, 120, 120
BROWSER = "browser"  # begins the way of a list that was turned in one
_TURNING = ("next", "number", "more")

OpenBrowser = Callable[[], "Browser"]
_Rows = dict[tuple[str, str], Entry]


@dataclass(frozen=True, slots=True)
class ListReading:
    """What was read of a list. ``states``: what a browser showed, to be kept, ``picture``: the first of them.

    ``way``: what turned the list, to be tried first in the next look: ``links``, the name of an idiom, or ``browser:``
    with what was pressed. ``shown_on``: the address of the page that shows an entry, by its name. ``path``: the labels
    that lead to the list. ``is_scripted``: scripts make it, as far as its first page shows. ``leads_to``: columns to
    which a page without entries leads.
    """

    url: str
    title: str
    entries: tuple[Entry, ...]
    claims: tuple[Claim, ...]
    verdict: Verdict
    pages: int
    way: str
    states: tuple[State, ...] = ()
    picture: bytes = field(default=b"", repr=False)
    shown_on: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    path: str = ""
    is_scripted: bool = False
    leads_to: tuple[str, ...] = ()
    found_on: str = ""  # the page that led to it, as ``engine.address_key`` says
    says_empty: bool = False  # its first page says that there is nothing

    @property
    def by(self) -> str:
        """Whether links were enough, or a browser was needed."""
        return BROWSER if self.way.startswith(BROWSER) else LINKS

    @property
    def unmet_at_last(self) -> list[str]:
        """What is not met where a browser was needed: there, else by links."""
        found = [one.removeprefix(f"{BROWSER}: ") for one in self.verdict.unmet if one.startswith(f"{BROWSER}: ")]
        return found or list(self.verdict.unmet)

    @property
    def has_met_total(self) -> bool:
        """Whether the page or an answer says how many entries there are, and so many were read."""
        stated = [one for one in choose(list(self.claims), TOTAL) if one.source != SCRIPTED and one.value > 0]
        return bool(stated) and self.verdict.complete


def read_list(
    url: str,
    fetch: Fetch,
    is_report: IsReport,
    *,
    first: Page | None = None,
    open_browser: OpenBrowser | None = None,
    known: Collection[str] = (),
    way: str = "",
    path: str = "",
) -> ListReading:
    """Read a list. ``first``: its first page, if it was fetched already; ``known``: addresses that it must show.

    ``way``: what turned it in an earlier look. Where that was a browser, links are followed only if it does not do.
    ``path``: the labels that lead to it.
    """
    turned = None
    if way.startswith(BROWSER) and open_browser is not None:
        turned = turn_in_browser(url, open_browser(), is_report, known, way)
        if turned.verdict.complete:
            return replace(turned, path=path, is_scripted=True)
    page = first or read_page(fetch(Request(url)))
    pages, left, linked = follow_links(page, fetch, is_report, way)
    verdict = judge(pages, is_report, known=known, left=left)
    read = replace(_reading(url, page, pages, is_report, verdict, linked), path=path)
    is_hopeless = any(one.startswith("not_received") and "access control" in one for one in verdict.unmet)
    shows_all = all(one.is_static for one in pages)  # a browser would show nothing else
    if verdict.complete or open_browser is None or is_hopeless or shows_all:
        return read
    turned = turned or turn_in_browser(url, open_browser(), is_report, known)
    turned = replace(
        turned, path=path, shown_on=read.shown_on, is_scripted=read.is_scripted, says_empty=read.says_empty
    )
    if turned.verdict.complete:
        return turned
    entries = {name_of(entry): entry for entry in (*read.entries, *turned.entries)}
    better = turned if len(turned.entries) > len(read.entries) else read
    unmet = (*read.verdict.unmet, *(f"{BROWSER}: {one}" for one in turned.verdict.unmet))
    return replace(
        better,
        entries=tuple(entries.values()),
        states=turned.states,
        picture=turned.picture,
        verdict=Verdict(False, unmet),
    )


def _reading(
    url: str, page: Page, pages: Sequence[Page], is_report: IsReport, verdict: Verdict, way: str
) -> ListReading:
    shown = zip(pages, find_rows(pages, is_report)[1], strict=True)
    rows = [(name_of(entry), entry, one.url) for one, entries in shown for entry in entries]
    stated = tuple(dict.fromkeys(claim for one in pages for claim in one.claims))
    return ListReading(
        url, page.title, tuple({name: entry for name, entry, _ in rows}.values()), stated, verdict, len(pages), way,
        shown_on={name: shown for name, _, shown in reversed(rows)}, is_scripted=page.is_scripted,
        says_empty=page.says_empty,
    )  # fmt: skip


def follow_links(page: Page, fetch: Fetch, is_report: IsReport, way: str = "") -> tuple[list[Page], list[str], str]:
    """Read the pages that links and addresses lead to; return them, what was left unread, and what led on."""
    asked = {page.url}
    shell, by = None, LINKS
    if page.refusal:
        return [page], [], by
    idiom, request = next(((one, found) for one in order_idioms(SHELLS, way) if (found := one(page, 1))), (None, None))
    if idiom is not None and request is not None:
        answer = read_page(fetch(request))
        if choose_shapes(answer, is_report):
            shell, page, by = page, answer, idiom.__name__
            asked.add(key_of(request))
    pages = [page]
    while len(pages) < MAX_PAGES:
        step = next_request(pages, asked, shell, way)
        if step is None:
            return pages, [], by
        request, name = step
        by = name if name != LINKS else by
        asked.add(key_of(request))
        following = read_page(fetch(request))
        pages.append(following)
        if following.refusal or not following.blocks:
            return pages, [], by
    return pages, [f"more than {MAX_PAGES} pages"], by


class _Turning:
    """A list that is turned in a browser from a state that it shows."""

    def __init__(self, browser: Browser, state: State, is_report: IsReport, way: str) -> None:
        self.browser, self.is_report = browser, is_report
        self.kinds = sorted(_TURNING, key=lambda kind: f" {kind} " not in way)  # what turned it before first
        self.pressed: list[str] = []
        self.states: list[State] = [state]
        self.pages: list[Page] = [state.page]
        self.failed: list[str] = list(state.failed)
        self.unsettled, self.grown = not state.settled, list[int]()  # by how many entries
        self.cut = [state.is_cut]  # of each page
        self.leads: dict[tuple[str, str], str] = {}  # to where rows without an address lead

    @property
    def last(self) -> Page:
        """The page as it is shown now."""
        return self.states[-1].page

    def rows(self, page: Page) -> _Rows:
        """Entries of a page by address."""
        shapes = choose_shapes(self.pages[0], self.is_report)
        return {name_of(entry): entry for entry in rows_of(page, shapes, self.is_report)}

    def shows_the_same(self, state: State) -> bool:
        """Whether a state shows the rows that the last one shows."""
        return self.rows(state.page).keys() == self.rows(self.last).keys()

    def run(self) -> Confirmation:
        """Press and scroll until nothing shows more of the list."""
        tried: set[str] = set()
        for _ in range(MAX_PRESSES):
            self._ask_where_rows_lead()
            control = self._choose_control(tried)
            if meets_totals(self.pages, self.is_report) or (control is None and "scroll" in tried):
                is_even = all(max(self.grown) % one == 0 for one in self.grown[:-1])  # nothing is short but the last
                ended = is_even and not self.unsettled
                is_cut = any(self.cut) and not all(self.cut)
                return Confirmation(ended, tuple(dict.fromkeys(self.failed)), len(self.grown), is_cut)
            name = "scroll" if control is None else f"{control.kind} {control.number or control.text}"
            state = self.browser.scroll() if control is None else self.browser.press(control.handle)
            if self._take(state):
                self.pressed.append(name)
                tried.clear()
            else:
                tried.add(name)
        return Confirmation(ended=False, failed_scripts=tuple(self.failed))

    def _choose_control(self, tried: set[str]) -> Control | None:
        """Return what to press next: 下一页, the next number, 更多."""
        for kind in self.kinds:
            for control in self.last.controls:
                wanted = control.kind == kind and control.enabled and control.handle
                if not wanted or (kind == "number" and control.number != len(self.pages) + 1):
                    continue
                if kind == "more" and control.url:
                    continue
                if f"{kind} {control.number or control.text}" not in tried:
                    return control
        return None

    def _ask_where_rows_lead(self) -> None:
        """Press each row without an address that is shown, while nothing may lead away."""
        for key, entry in self.rows(self.last).items():
            if not entry.url and entry.handle and key not in self.leads and len(self.leads) < MAX_ASKED_ROWS:
                self.leads[key] = self.browser.ask(entry.handle)

    def _take(self, state: State) -> bool:
        """Add what a turn showed; return whether it is anything new."""
        self.failed += state.failed
        self.unsettled = self.unsettled or not state.settled
        self.cut.append(state.is_cut)
        before, now = self.rows(self.last), self.rows(state.page)
        self.states.append(state)
        if not state.did or now.keys() == before.keys():
            return False
        seen = {url for page in self.pages for url in self.rows(page)}
        if before.keys() <= now.keys() and before:
            self.pages[-1] = state.page
            self.grown.append(len(now) - len(before))
        elif now and now.keys() <= seen:
            return False  # turned back to what was shown before
        else:
            self.pages.append(state.page)
        return bool(now)


def turn_in_browser(
    url: str, browser: Browser, is_report: IsReport, known: Collection[str] = (), way: str = ""
) -> ListReading:
    """Read a list as a person does, and each part of it that a tab or a box shows."""
    state = browser.open(url)
    picture = browser.draw() if state.markup else b""
    parts: list[_Turning] = []
    unmet: list[str] = []
    offered = [one for one in state.page.controls if one.kind == "choice" and one.enabled and one.handle]
    rows = {squeeze(one.title).lower() for one in rows_of(state.page, choose_shapes(state.page, is_report), is_report)}
    choices = [one.text for one in offered if not one.url and one.text not in rows]  # an address is a list of its own
    _read_part(browser, state, is_report, parts, unmet, way)
    for text in dict.fromkeys(choices[:MAX_CHOICES]):
        now = parts[-1].last if parts else state.page
        control = next((one for one in now.controls if one.kind == "choice" and one.text == text), None)
        shown = browser.press(control.handle) if control is not None else None
        if shown is None or not shown.did:
            unmet.append(f"choice: {text} could not be tried")
        elif parts and parts[-1].shows_the_same(shown):
            unmet += [f"script_failed: {one}" for one in shown.failed]  # the choice was that already
        elif choose_shapes(shown.page, is_report):
            _read_part(browser, shown, is_report, parts, unmet, way)
        elif not shown.page.says_empty and not shown.settled:
            unmet.append(f"choice: {text} shows nothing that could be read")
    unmet += [f"choice: {text}" for text in dict.fromkeys(choices[MAX_CHOICES:])]
    entries = {key: entry for part in parts for page in part.pages for key, entry in part.rows(page).items()}
    leads = {key: url for part in parts for key, url in part.leads.items() if url}
    entries = {key: replace(entry, url=leads.get(key, entry.url)) for key, entry in entries.items()}
    if not parts:
        unmet.append("shows_nothing: no entries of reports in a browser")
    unmet = [one for one in unmet if not one.startswith("unlinked")]
    unmet += [f"unlinked: {entry.title[:40]}" for entry in entries.values() if not entry.url]
    pressed = [*choices, *(name for part in parts for name in part.pressed)]
    stated = tuple(dict.fromkeys(claim for part in parts for page in part.pages for claim in page.claims))
    unmet += find_unshown(known, entries.values(), stated)
    return ListReading(
        url, state.page.title, tuple(entries.values()), stated, Verdict(not unmet, tuple(dict.fromkeys(unmet))),
        sum(len(part.pages) for part in parts), f"{BROWSER}: {', '.join(dict.fromkeys(pressed))}",
        tuple(one for part in parts for one in part.states), picture,
    )  # fmt: skip


def _read_part(
    browser: Browser, state: State, is_report: IsReport, parts: list[_Turning], unmet: list[str], way: str
) -> None:
    """Turn what a choice shows to its end."""
    if not choose_shapes(state.page, is_report):
        if state.page.refusal:
            unmet.append(f"not_received: {state.page.refusal}")
        return
    part = _Turning(browser, state, is_report, way)
    confirmation = part.run()
    parts.append(part)
    unmet.extend(judge(part.pages, is_report, confirmation=confirmation).unmet)
