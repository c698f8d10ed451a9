"""Reads one list to its end: by links, by the addresses of its content system, and if these fail, in a browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from crawler.lists.browser import Browser, State
from crawler.lists.engine import (
    Confirmation,
    EntryKey,
    IsReport,
    Unmet,
    choose_shapes,
    entry_key,
    find_unmet,
    find_unshown,
    meets_totals,
    rows_by_page,
    rows_of,
    shapes_of_list,
)
from crawler.lists.idioms import first_request, key_of, next_request
from crawler.lists.page import (
    COUNT_OF_PAGES,
    SCRIPTED,
    TOTAL,
    Claim,
    Control,
    Entry,
    Fetch,
    PageOfList,
    Request,
    choose_claims,
)
from crawler.lists.page_reader import read_page
from crawler.lists.words import CHOICE, WALK, is_scripted, squeeze

MAX_PAGES, MAX_CHOICES = 120, 40  # pages read of a list by links; tabs and choices tried on it in a browser
MAX_ASKED_ROWS = 120  # rows without an address that are pressed in one part of a list
_ERROR_OF_PAGE = re.compile("error: Cannot (?:read|set) properties of (?:null|undefined) ")  # as Chromium says it


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReading:
    """What was read of a list. ``unmet``: the rules of ``engine`` that it fails; if there are none, the list is
    complete. ``pages``: the number of its pages.

    ``by_browser``: whether a browser turned the pages; ``pressed``: the controls that it pressed. ``states``: what it
    showed, to be stored; ``picture``: a PNG of the first state. ``shown_on``: the address of the first page with an
    entry, by its key. ``is_scripted``, ``says_empty``: facts about the first page. ``longest_page``: the shape of the
    list's rows, and how many its longest page has.

    Set only by :mod:`crawler.lists.walk`: ``path``, the labels of the links to the list, with ``>`` between them;
    ``leads_to``, the columns that a page without entries links; ``found_on``, the ``engine.address_key`` of the page
    that links the list.
    """

    url: str
    entries: tuple[Entry, ...] = ()
    claims: tuple[Claim, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    pages: int = 0
    by_browser: bool = False
    pressed: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    picture: bytes = field(default=b"", repr=False)
    shown_on: Mapping[EntryKey, str] = field(default_factory=dict, repr=False)
    is_scripted: bool = False
    says_empty: bool = False
    longest_page: tuple[str, int] = ("", 0)
    # set by walk
    path: str = ""
    leads_to: tuple[str, ...] = ()
    found_on: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the list was read whole."""
        return not self.unmet

    @property
    def may_be_cut(self) -> bool:
        """Whether the list was read whole, unless its single page is cut, which a longer page elsewhere disproves."""
        return {one.rule for one in self.unmet} == {"full_page"}

    @property
    def has_met_total(self) -> bool:
        """Whether a page or an answer of an interface states the number of entries, and that many were read."""
        totals = [one for one in choose_claims(self.claims, TOTAL) if one.source != SCRIPTED]
        return bool(totals) and self.is_whole


def read_list(
    url: str, fetch: Fetch, is_report: IsReport, *, first: PageOfList | None = None, browser: Browser | None = None,
    known_urls: Collection[str] = (), browser_first: bool = False,
) -> ListReading:  # fmt: skip
    """Return what was read of the list at ``url``; ``is_report`` says which entries are reports.

    ``first``: its first page, if it was fetched already; ``known_urls``: addresses of entries that it must show;
    ``browser_first``: begin in the browser, which was needed in an earlier look, and use links only if that fails.
    """
    in_browser = None
    if browser_first and browser is not None:
        in_browser = _BrowserReader(browser, is_report).read(url, known_urls)
        if in_browser.is_whole:
            return replace(in_browser, is_scripted=True)  # its page was not fetched: a browser was needed before
    page = first or read_page(fetch(Request(url)))
    by_links = _read_by_links(url, page, fetch, is_report, known_urls)
    shows_more = in_browser is not None and len(in_browser.entries) > len(by_links.entries)
    if (by_links.is_whole and not shows_more) or browser is None or page.is_static:
        return by_links  # whole, or there is no browser, or it would show the same
    in_browser = in_browser or _BrowserReader(browser, is_report).read(url, known_urls)
    return _join(by_links, in_browser)


def _join(by_links: ListReading, in_browser: ListReading) -> ListReading:
    """Return both readings of a list as one: the browser's if it is whole, else the entries of both and what tells that
    they are not whole (``unmet``; the browser's alone, if it read more or neither has entries), with the claims on its
    size, pages and pressed controls of that with more entries.
    """
    if in_browser.is_whole:
        return replace(
            in_browser, is_scripted=by_links.is_scripted, says_empty=by_links.says_empty, shown_on=by_links.shown_on
        )
    entries = tuple({entry_key(one): one for one in (*by_links.entries, *in_browser.entries)}.values())
    is_more = len(in_browser.entries) > len(by_links.entries)
    better = in_browser if is_more else by_links
    return replace(
        by_links, entries=entries, claims=better.claims,
        unmet=in_browser.unmet if is_more or not entries else (*by_links.unmet, *in_browser.unmet),
        pages=better.pages, by_browser=better.by_browser, pressed=better.pressed,
        states=in_browser.states, picture=in_browser.picture,
    )  # fmt: skip


def _read_by_links(
    url: str, first: PageOfList, fetch: Fetch, is_report: IsReport, known_urls: Collection[str]
) -> ListReading:
    """Read a list without a browser, by links and addresses of content systems. ``url``: as asked for; ``first``: the
    page there (its own ``url`` may differ after a redirect).
    """
    requested, pages, ways_left = {first.url}, [first], list[str]()
    request = None if first.refusal else first_request(first)
    if request is not None:
        answer = read_page(fetch(request))
        if choose_shapes(answer, is_report):
            pages = [answer]
            requested.add(key_of(request))
    shell_page = first if pages[0] is not first else None
    while _may_go_on(pages):
        request = next_request(pages, requested, shell_page)
        if request is None:
            break
        if len(pages) == MAX_PAGES:
            ways_left = [f"more than {MAX_PAGES} pages"]
            break
        requested.add(key_of(request))
        pages.append(read_page(fetch(request)))
    by_page = zip(pages, rows_by_page(pages, is_report), strict=True)
    rows = [(entry_key(one), one, page.url) for page, entries in by_page for one in entries]
    return ListReading(
        url=url, entries=tuple({key: entry for key, entry, _ in rows}.values()), claims=_claims_of(pages),
        unmet=find_unmet(pages, is_report, known_urls=known_urls, ways_left=ways_left), pages=len(pages),
        shown_on={key: page for key, _, page in reversed(rows)},  # the first page with it
        is_scripted=is_scripted(first), says_empty=first.says_empty,
        longest_page=_longest_page(pages, shapes_of_list(pages, is_report)),
    )  # fmt: skip


def _may_go_on(pages: Sequence[PageOfList]) -> bool:
    """Whether to ask for the page after ``pages``: not if the first was refused, always if the last has entries. One
    bad page (refused, or without entries) must not hide those behind it: go on after it if it is the only one, a page
    before it other than the first has entries, and the list numbers or states more pages than these.
    """
    if pages[0].refusal:
        return False
    bad = [bool(page.refusal) or not page.blocks for page in pages[1:]]
    if not bad or not bad[-1]:
        return True
    is_only_one, has_good_before = bad.count(True) == 1, len(bad) > 1
    numbers = [one.number for page in pages for one in page.controls]
    numbers += [one.value for one in choose_claims(_claims_of(pages), COUNT_OF_PAGES)]
    return is_only_one and has_good_before and max(numbers, default=0) > len(pages)


def _longest_page(pages: Iterable[PageOfList], shapes: Collection[str]) -> tuple[str, int]:
    """Return how many rows a page shows at most, and their shape; of rows under headings, those under one of them: each
    group may be cut for itself.
    """
    blocks = (block for page in pages for block in page.blocks if block.shape in shapes)
    counts = (Counter((block.shape, entry.group) for entry in block.entries) for block in blocks)
    numbers = [(shape, number) for count in counts for (shape, _), number in count.items()]
    return max(numbers, key=itemgetter(1), default=("", 0))


def _claims_of(pages: Iterable[PageOfList]) -> tuple[Claim, ...]:
    return tuple(dict.fromkeys(claim for page in pages for claim in page.claims))


class _ListPart:
    """A part of a list that is read in a browser, beginning with the state that is shown now."""

    def __init__(self, browser: Browser, state: State, is_report: IsReport) -> None:
        """Begin with ``state``, in which the browser shows the first page of this part of the list."""
        self.browser, self.is_report = browser, is_report
        self.shapes = choose_shapes(state.page, is_report)
        self.pressed: list[str] = []
        self.states, self.pages = [state], [state.page]
        self.growths: list[int] = []  # the number of entries that each press or scroll added to the same page
        self.url_of_row: dict[EntryKey, str] = {}  # of rows without an address: where pressing them leads

    def rows(self, page: PageOfList | None = None) -> dict[EntryKey, Entry]:
        """Return the entries of a page (None: the page shown now) by key."""
        return {entry_key(one): one for one in rows_of(page or self.states[-1].page, self.shapes, self.is_report)}

    def read_to_end(self) -> Confirmation:
        """Press and scroll until nothing adds entries, totals are met or turns run out; return what this proves."""
        tried: set[str] = set()  # names of controls that added nothing since the last one that did
        presses = scrolls = 0
        while True:
            self._ask_where_rows_lead()
            name, control = self._choose_control(tried)
            is_done = meets_totals(self.pages, self.is_report) or name in tried
            if is_done or (scrolls if control is None else presses) == self.browser.turns:
                break
            if control is None:
                scrolls += 1
                state = self.browser.scroll()
            else:
                presses += 1
                state = self.browser.press(control.handle)
            if self._add_state(state):
                self.pressed.append(name)
                tried.clear()
            else:
                tried.add(name)
        # only the last step may be shorter; each other divides the largest (10 divides 20), or rows may be left out
        grew_in_full_steps = all(max(self.growths) % one == 0 for one in self.growths[:-1])
        return Confirmation(
            ended=is_done and grew_in_full_steps and all(one.settled for one in self.states),
            failed_scripts=tuple(dict.fromkeys(one for state in self.states for one in state.failed)),
            grown=len(self.growths), is_cut=len({one.is_cut for one in self.states}) > 1, is_out_of_turns=not is_done,
        )  # fmt: skip

    def _choose_control(self, tried: Collection[str]) -> tuple[str, Control | None]:
        """Return the name and control to press next: 下一页, else the next number, else 更多; else ("scroll", None)."""
        for kind in ("next", "number", "more"):
            for one in self.states[-1].page.controls:
                name = f"{kind} {one.number or one.text}"
                # the number of another page, or the address of another list
                leads_away = (kind == "number" and one.number != len(self.pages) + 1) or (kind == "more" and one.url)
                if one.kind == kind and one.enabled and one.handle and not (leads_away or name in tried):
                    return name, one
        return "scroll", None

    def _ask_where_rows_lead(self) -> None:
        """Press each shown row without an address, and note where it leads; the page stays (:meth:`Browser.ask`)."""
        for key, entry in self.rows().items():
            if not entry.url and entry.handle and key not in self.url_of_row and len(self.url_of_row) < MAX_ASKED_ROWS:
                self.url_of_row[key] = self.browser.ask(entry.handle)

    def _add_state(self, state: State) -> bool:
        """Add the state after a press or scroll; return whether it has new rows. Its page replaces the last one if it
        shows the same rows and more; it is a further page if it shows others, unless all are on earlier pages.
        """
        before, after = self.rows(), self.rows(state.page)
        self.states.append(state)
        if not state.did or after.keys() == before.keys():
            return False
        if before and before.keys() <= after.keys():
            self.pages[-1] = state.page
            self.growths.append(len(after) - len(before))
        elif after and after.keys() <= {key for page in self.pages for key in self.rows(page)}:
            return False  # an earlier page is shown again
        else:
            self.pages.append(state.page)  # also a page without rows: find_unmet reports it
        return bool(after)


def _total_without_rows(page: PageOfList, before: PageOfList, shapes: Collection[str]) -> int:
    """Return the total that a tab's ``page`` states while it shows no rows; 0 if it states none of its own, or has a
    block in one of the list's ``shapes`` or that the page ``before`` the press had not.
    """
    totals, former = ({one.value for one in choose_claims(each.claims, TOTAL)} for each in (page, before))
    others = {block.shape for block in before.blocks} - {*shapes}
    has_rows = any(block.shape not in others for block in page.blocks)
    return 0 if has_rows else max(totals - former, default=0)


def _is_agency(text: str) -> bool:
    """Whether the label of a choice names one agency (财政局), not a group of them (县政府部门)."""
    return WALK["agencies"].fullmatch(text) is not None and not CHOICE.fullmatch(text)


class _BrowserReader:
    """Reads a list in a browser as a person does: opens each tab and each choice of a box, and reads it to its end."""

    def __init__(self, browser: Browser, is_report: IsReport) -> None:
        self.browser, self.is_report = browser, is_report
        self.parts: list[_ListPart] = []
        self.unmet: list[Unmet] = []
        self.shown: PageOfList  # what the browser shows now: only its handles are those of the browser's elements

    def read(self, url: str, known_urls: Collection[str]) -> ListReading:
        """Read the list at an address, each tab or choice as a part. ``known_urls``: of entries that it must show."""
        first = self.browser.open(url)
        shown, picture = ((first,), self.browser.draw()) if first.markup else ((), b"")
        self.shown = first.page
        self._read_part(first)
        offered = dict.fromkeys(self._find_choices(first.page))
        tried, untried = self._try_choices(offered)
        entries = self._entries()
        claims = _claims_of(page for part in self.parts for page in part.pages)
        unmet = [*self._unmet_of_parts(), *(Unmet("choice", text) for text in untried)]
        unmet += [] if self.parts else [Unmet("shows_nothing")]
        unmet += [Unmet("unlinked", entry.title[:40]) for entry in entries if not entry.url]
        unmet += find_unshown(known_urls, entries, claims)
        unmet = self._without_errors_of_site(unmet, entries)
        pressed = dict.fromkeys([*tried, *(name for part in self.parts for name in part.pressed)])
        return ListReading(
            url=url, entries=entries, claims=claims, unmet=tuple(dict.fromkeys(unmet)),
            pages=sum(len(part.pages) for part in self.parts), by_browser=True, pressed=tuple(pressed),
            states=tuple(one for part in self.parts for one in part.states) or shown, picture=picture,
            longest_page=self._longest_page(),
        )  # fmt: skip

    def _without_errors_of_site(self, unmet: Sequence[Unmet], entries: Sequence[Entry]) -> list[Unmet]:
        """Return the unmet rules without the errors of scripts that an article on the list shows as well: they stand in
        the head of every page (西安) and fail for each visitor. What is not defined counts: its script did not come,
        and may be that which turns the pages.
        """
        article = next((one.url for one in entries if one.url), "")
        errors = {one.detail for one in unmet if _ERROR_OF_PAGE.match(one.detail)}
        of_site = errors & self.browser.errors_on(article) if errors and article else set()
        return [one for one in unmet if one.detail not in of_site]

    def _unmet_of_parts(self) -> list[Unmet]:
        """Return the unmet rules of the parts, without those that a part cannot judge alone: ``unlinked``, as pressing
        a row may give its address; ``full_page``, if another part has a longer page, so that none was cut there.
        """
        _, longest = self._longest_page()
        others = (one for one in self.unmet if one.rule != "unlinked")
        return [one for one in others if not one.is_disproved_by(longest)]

    def _longest_page(self) -> tuple[str, int]:
        pages = (_longest_page(part.pages, part.shapes) for part in self.parts)
        return max(pages, key=itemgetter(1), default=("", 0))

    def _read_part(self, state: State) -> None:
        """Read the part of the list that begins with ``state`` to its end. Note in ``unmet`` the rules of a whole list
        that it does not meet. If ``state`` shows no reports, no part begins there: note only that a page did not come.
        """
        part = _ListPart(self.browser, state, self.is_report)
        if part.shapes:
            self.parts.append(part)
            confirmation = part.read_to_end()  # adds states and pages to the part
            self.shown = part.states[-1].page
            self.unmet += find_unmet(part.pages, self.is_report, confirmation=confirmation)
        elif state.page.refusal:
            self.unmet.append(Unmet("not_received", state.page.refusal))

    def _find_choices(self, page: PageOfList) -> list[str]:
        """Return the labels of the tabs and choices that show another part; one with an address is another list."""
        rows = {squeeze(one.title).lower() for part in self.parts[-1:] for one in part.rows(page).values()}
        offered = (one for one in page.controls if one.kind == "choice" and one.enabled and one.handle and not one.url)
        return list(dict.fromkeys(one.text for one in offered if one.text not in rows))

    def _try_choices(self, offered: Collection[str]) -> tuple[Collection[str], Collection[str]]:
        """Open each choice of the list. Return the labels that were tried, and those that were not, as there are more
        than ``MAX_CHOICES``, or only the press of another shows or hides them (a group of a menu). ``offered``: the
        labels on the first page.
        """
        tried, known = dict[str, None](), dict.fromkeys(offered)
        while len(tried) < MAX_CHOICES and (text := self._next_choice(offered, tried)) is not None:
            tried[text], before = None, {*self._find_choices(self.shown)}
            self._open_choice(text)
            known |= dict.fromkeys(sorted(before ^ {*self._find_choices(self.shown)}))
        return tried, [one for one in known if one not in tried]

    def _next_choice(self, offered: Collection[str], tried: Collection[str]) -> str | None:
        """Return the label of the choice to open next; None after the last. Agencies come first, also those that only
        the last press has shown, as a heading of a menu may hide them again. ``offered``: labels on the first page.
        """
        left = [one for one in self._find_choices(self.shown) if one not in tried]
        return next(filter(_is_agency, left), next((one for one in left if one in offered), None))

    def _open_choice(self, text: str) -> None:
        """Press the tab or choice labelled ``text``. If it shows other rows than before, read them as a part; else note
        what keeps the list from being whole: it could not be pressed, a script failed, or its rows did not come.
        """
        current, before = self.parts[-1] if self.parts else None, self.shown
        control = next((one for one in before.controls if one.kind == "choice" and one.text == text), None)
        state = self.browser.press(control.handle) if control is not None else None
        if state is None or not state.did:
            why_failed = state.page.refusal if state is not None else ""
            unmet = Unmet("not_received", why_failed) if why_failed else Unmet("choice", f"{text} could not be tried")
            self.unmet.append(unmet)
            return
        self.shown = state.page
        has_rows = bool(choose_shapes(state.page, self.is_report))
        rows = current.rows() if current is not None else {}
        # two agencies may have rows of the same titles and dates: only the addresses behind them differ
        may_differ = _is_agency(text) and not all(url for url, _ in rows)
        if has_rows and (current is None or may_differ or current.rows(state.page).keys() != rows.keys()):
            self._read_part(state)
            return
        self.unmet += [Unmet("script_failed", one) for one in state.failed]
        if has_rows and current is not None:  # the rows that were shown before: nothing new to read
            current.states += [state] if state.page.links != before.links else []  # but a menu may have been opened
            return
        if not (state.page.says_empty or state.settled):
            self.unmet.append(Unmet("choice", f"{text} shows nothing that could be read"))
        elif total := _total_without_rows(state.page, before, current.shapes if current else ()):
            self.unmet.append(Unmet("total", text, stated=total))

    def _entries(self) -> tuple[Entry, ...]:
        """Return all entries; those without an address get the one that pressing them led to."""
        entries = (
            replace(entry, url=part.url_of_row.get(key) or entry.url)
            for part in self.parts
            for page in part.pages
            for key, entry in part.rows(page).items()
        )
        return tuple({entry_key(one): one for one in entries}.values())
