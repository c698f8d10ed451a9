"""The walk from an entry page to the columns of annual reports.

Best first: the pointer whose label speaks most plainly of 政府信息公开年报 is asked next. A walk is bounded in
requests, depth and what one rule may try in vain, and does not go where it has been: addresses, pages with the same
words, paths that only grow.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from urllib.parse import urlsplit, urlunsplit

from archive.file_endings import ENDINGS
from archive.identity.addresses import read as facts_of
from archive.identity.binding import names_many
from archive.identity.names import expand_groups, is_generic, looks_like_body
from archive.identity.titles import judge
from crawler.discovery.found import SEARCH, Ask, FoundListing, Limits, PageSummary, QueuedLink, Render, Show, WalkResult
from crawler.discovery.knowledge import knowledge
from crawler.discovery.labels import YEAR, body_in_label, is_of_department, is_of_one, kinds_in_label
from crawler.discovery.pointers import MOST, Pointer, is_markup, only_goes_on, pointers_of, search_address
from crawler.discovery.ranking import Rank, by_label, rank, refusing
from crawler.discovery.same_addresses import bare, digest_of, is_kin, is_trap
from crawler.lists.address_shapes import page_shape
from crawler.lists.addresses import is_page_part
from crawler.lists.articles import is_a_report
from crawler.lists.filters.year_bars import is_itself
from crawler.lists.kinds.emptiness import has_an_empty_list, is_made_by_scripts
from crawler.lists.kinds.site_code import Site, site_of
from crawler.lists.labels import label
from crawler.lists.list_page import Page
from storage.records import AgencyKind, Link, Note

_TOLD = 40  # refusals that are told
# why a page led nowhere, or no further
MORE_POINTERS = f"more_pointers:{MOST}"  # the others were not looked at
MADE_BY_SCRIPTS = "script_shell"
HOST_LEFT = "host_left"
NO_LIST = "no_list_seen"
_PRINTED = frozenset({"link", "area", "option", "onclick", "frame", "goes"})  # pointers that no script makes
_MENUS = frozenset({"group", "body"})  # rules by which the places of a menu of bodies are known
_REPORTED = re.compile(r"20\d\d年(?!\s?\d)")  # not a day
_FILE = re.compile(rf"\.(?:{ENDINGS})$", re.IGNORECASE)  # it leads to no list
_MENU = 3  # bodies that make links a menu of them
_MENU_ITEMS = frozenset({"link", "option"})
_FURTHER = 30  # requests for ways beneath openness pages that no label recommends
_ROOT = 3  # slashes in the address of a home page
_SHORT = 12  # characters of the label of a column, at the most
_TRIED = 2  # of the entries that are bodies' names alone, looked at
_DIVIDED = 90  # weight of a list that the data of a column name
_SAME_SHAPE = 160  # pages whose addresses differ in numbers only


class Walk:
    """One walk. ``ask(address, referer)`` fetches, ``show(page, label)`` reads a page as a list, ``refusal`` says why
    an address may not be asked for (a foreign host), ``last_year`` is the last year that a label may name.
    ``searched``: where nothing else holds reports, the portal's own search becomes a listing. ``render(page)``: a page
    of reports whose list scripts make (``lists_rendered``: False leaves it for the look at it), or one on the way that
    scripts make as a whole, as a browser shows it (None where none does).
    """

    def __init__(
        self,
        ask: Ask,
        show: Show,
        *,
        limits: Limits,
        refusal: Callable[[str], str | None],
        last_year: int,
        searched: bool = False,
        render: Render | None = None,
        lists_rendered: bool = True,
    ) -> None:
        self.ask, self.show, self.limits, self.refusal, self.last_year = ask, show, limits, refusal, last_year
        self.searched, self.render, self.lists_rendered = searched, render, lists_rendered
        self.found = WalkResult()
        self._queue: list[tuple[int, int, int, QueuedLink]] = []
        self._order = count()
        self._met: set[str] = set()  # addresses queued or asked
        self._digests: set[str] = set()
        self._shapes: Counter[str] = Counter()
        self._alike: Counter[tuple[str, str]] = Counter()  # (page, label without year) → addresses under it
        self._vain: Counter[tuple[str, str]] = Counter()  # (page, rule) → pages behind it that led nowhere
        self._told: set[str] = set()
        self._lists: set[str] = set()  # addresses of lists that are known, and others at which these are shown
        self._bodies: set[str] = set()  # whose reports were found, as far as titles and labels say
        self._ambiguous: set[str] = set()  # addresses of documents by their shape, under the label of a column
        self._of_one: dict[str, FoundListing] = {}  # pages of bodies that show reports of theirs beside other things
        self._own: Site | None = None  # that of the first page that was seen
        self._to_show: set[str] = set()  # pages that were to be shown to a browser
        self._shown = 0  # pages on the way that were shown to a browser
        self._several = False  # whether those of several bodies may be among them, whatever these say

    async def run(self, entries: Iterable[str], known: Iterable[str] = ()) -> WalkResult:
        """Walk from the entry pages until nothing is left or a limit is reached; ``known`` addresses are not asked."""
        self._lists |= {bare(url) for url in known}
        self._met |= self._lists
        for at, url in enumerate(entries):
            self._met.discard(bare(url))
            self._add(QueuedLink(url), 200 - at)
        await self._until_empty()
        if self.searched and self.found.listings and self._lacks_departments():
            await self._bodies_own()
        if self.searched:
            self._take_passed()
        if not self.found.listings:
            await self._menus_by_script()
        if self.searched and not self.found.listings:
            await self._further()
        if not self.found.listings:
            await self._search()
        self.found.ended = self.found.ended or self._followed()
        return self.found

    def _followed(self) -> Note:
        """How a walk ended that met no limit."""
        return Note("walk_followed" if self.found.pages else "walk_no_page")

    def _lacks_departments(self) -> bool:
        """Whether what was found are the reports of one body alone, or none of a department's is among them."""
        return not self._several and (len(self._bodies) <= 1 or not any(map(is_of_department, self._bodies)))

    async def _until_empty(self) -> None:
        while self._queue:
            if self.found.requests >= self.limits.requests:
                self.found.ended = Note("walk_limit_requests", {"most": self.limits.requests})
                return
            if len(self.found.listings) >= self.limits.listings:
                self.found.ended = Note("walk_limit_columns", {"most": self.limits.listings})
                return
            step = heapq.heappop(self._queue)[3]
            key = (step.via[-1] if step.via else "", step.rule)
            if self._vain[key] >= self.limits.barren:
                self._tell(step.url, step.trail, "others_led_nowhere")
                continue
            fruitful = await self._visit(step)
            self._vain[key] = 0 if fruitful else self._vain[key] + 1

    def left(self) -> list[QueuedLink]:
        """Return the places that were not asked any more, best first."""
        return [row[3] for row in sorted(self._queue)]

    def _add(self, step: QueuedLink, weight: int) -> None:
        key = bare(step.url)
        if key in self._met:
            return
        self._met.add(key)
        heapq.heappush(self._queue, (-weight, step.depth, next(self._order), step))

    def _tell(self, url: str, trail: Sequence[str], reason: str) -> None:
        key = f"{bare(url)} {reason}"
        if key not in self._told and len(self.found.refused) < _TOLD:
            self._told.add(key)
            self.found.refused.append((url, trail[-1] if trail else "", reason))

    async def _visit(self, step: QueuedLink) -> bool:
        """Ask for a place and look at it; whether it brought a column or led on."""
        if self._shapes[page_shape(step.url)] >= _SAME_SHAPE:
            self._tell(step.url, step.trail, "too_many_alike")
            return False
        self._shapes[page_shape(step.url)] += 1
        answer = await self.ask(step.url, step.via[-1] if step.via else "")
        self.found.requests += answer.asked
        if answer.page is None:
            self.found.unread.append((step.url, step.trail[-1] if step.trail else "", answer.reason))
            if answer.may_answer_later and step.context == "reports" and step.how in _PRINTED and step.trail:
                self.found.unanswered.append(
                    (FoundListing(step.url, step.trail[-1], "label", step, (), 0), answer.reason)
                )
            return False
        self._met.add(bare(answer.page.url))
        page, jump = answer.page, only_goes_on(answer.page)
        site = site_of(page)
        self._own = self._own or site
        if site.is_another_than(self._own):
            self._tell(step.url, step.trail, f"of_another_site:{site.code}")
            return False
        named, context, shown = self._read(page, step)
        if jump:  # what a browser would show of it is another page
            shown = replace(shown, is_scripted=False, is_interface_page=False)
        scripted = shown.is_scripted and context == "reports"
        pathless = not (scripted or jump or shown.items or shown.is_interface_page) and self._has_no_way(page, step)
        if (scripted or pathless) and (made := await self._rendered(page, step, pathless)) is not None:
            page = made
            named, context, shown = self._read(page, step)
            if shown.is_hub and not shown.items:  # nothing came: it is there for the lists that it leads to
                shown = replace(shown, is_scripted=False)
            self._met.add(bare(page.url))
        scripted = scripted or pathless
        shown = await self._tried(shown, page)
        unlike = (
            scripted or shown.is_interface_page or jump
        )  # the same words stand round every list that is not printed
        digest = digest_of(page) + (bare(page.url) if unlike else "")
        if shown.is_report or context == "reports":  # those on other years may have the same words
            digest += f"{shown.items[:1]} {' '.join(_REPORTED.findall(page.text))}"
        if digest in self._digests:
            self._tell(step.url, step.trail, "same_page_elsewhere")
            return False
        self._digests.add(digest)
        self.found.pages[page.url] = (replace(page), step)  # a copy, unread: pages are many, and trees large
        if jump:
            self._points(page, QueuedLink(page.url, step.trail, step.via, context, step.rule, step.how), shown)
            return True
        return self._look(page, step, context, named, shown)

    def _read(self, page: Page, step: QueuedLink) -> tuple[str, str, PageSummary]:
        """Return what a page calls itself, the context that it stands in, and what it shows."""
        named = _named(page)
        return named, "reports" if named else step.context, self.show(page, " > ".join(step.trail[-3:]) or named)

    def _has_no_way(self, page: Page, step: QueuedLink) -> bool:
        """Whether scripts make a page: it prints next to nothing, and no link into the portal."""
        if not is_made_by_scripts(page.tree):
            return False
        others = [one for one in pointers_of(page)[0] if bare(one.url) != bare(page.url) and not self.refusal(one.url)]
        told = (one for one in others if one.how == "script")  # a menu in the source of a script may be all we need
        return not any(one.how in _PRINTED for one in others) and not any(
            found.weight and not found.refused
            for found in (rank(one, step.context, last_year=self.last_year) for one in told)
        )

    async def _rendered(self, page: Page, step: QueuedLink, pathless: bool) -> Page | None:
        """Return a page as a browser shows it. One on the way that it does not show is told."""
        made = None
        self._to_show.add(page.url)
        wanted = self._shown < self.limits.rendered if pathless else self.lists_rendered
        if self.render is not None and wanted:
            self._shown += pathless
            made = await self.render(page)
        if pathless and made is None:
            self.found.unread.append((page.url, step.trail[-1] if step.trail else "", MADE_BY_SCRIPTS))
        return made

    async def _tried(self, shown: PageSummary, page: Page) -> PageSummary:
        """Return what a page shows, without what bodies' names alone call reports where these lead to further lists:
        the first of them are looked at.
        """
        if not shown.by_body or any(_FILE.search(urlsplit(url).path) for url in shown.by_body):
            return shown
        bodies = [link for link in shown.reports if link.url in shown.by_body and self.refusal(link.url) is None]
        for link in bodies[:_TRIED]:
            answer = await self.ask(link.url, page.url)
            self.found.requests += answer.asked
            if answer.page is not None and is_a_report(answer.page):
                return shown
        return replace(
            shown, reports=tuple(link for link in shown.reports if link.url not in shown.by_body), by_body=()
        )

    def _look(self, page: Page, step: QueuedLink, context: str, named: str, shown: PageSummary) -> bool:
        listed = self._may_be_a_list(page, step, shown) and self._judge(page, step, context, named, shown)
        if listed and context != "reports":
            context = "reports"
        on = self._points(page, QueuedLink(page.url, step.trail, step.via, context, step.rule, step.how), shown)
        if context == "reports" and not (listed or on or shown.is_report) and (shown.items or step.rule == "column"):
            said = "no_report_among_entries" if shown.items else NO_LIST
            self.found.unread.append((page.url, step.trail[-1] if step.trail else "", said))
        return listed or on or page.url in self._of_one

    def _may_be_a_list(self, page: Page, step: QueuedLink, shown: PageSummary) -> bool:
        """Whether a page may be a column: a preview of others is none, nor is a script, or data that a list may ask
        for.
        """
        if shown.is_preview:
            self.found.previews.append(page.url)
            self._pass(page, step, shown)
        return not (shown.is_preview or step.rule == "menu" or is_page_part(page.url)) and is_markup(page)

    def _judge(self, page: Page, step: QueuedLink, context: str, named: str, shown: PageSummary) -> bool:
        """Whether a page is a column of reports; it is kept then."""
        reports, items = len(shown.reports), len(shown.items)
        if shown.is_report and step.via and self._alike[step.via[-1], _undated(step.trail)] > 1:
            self.found.unread.append((page.url, step.trail[-1], "a_report_itself"))
            return False
        if shown.is_report and bare(page.url) in self._ambiguous:
            return False
        unread = shown.is_interface_page or shown.is_scripted or (shown.is_empty and step.rule != "year")
        if context == "reports" and (reports or unread):
            label_said = step.context == "reports" and step.rule != "address"
            why = "label" if label_said else ("address" if step.context == "reports" else "heading")
        elif reports >= 3 and 2 * reports >= items:
            why = "entries"
        elif reports and reports == items and step.rule in _MENUS and not shown.is_report:
            why = "entries"  # a young folder: whoever stands in a menu of bodies may have published once
        else:
            if reports:
                said, urls = self._pass(page, step, shown)
                if step.rule == "body" and is_of_one(said, [link.text for link in shown.reports]):
                    title = f"{said}政府信息公开年报"
                    self._of_one[page.url] = FoundListing(page.url, title, "entries", step, urls, items)
            return False
        if not self._is_new_list(page, step, shown):
            return True
        title = next((text for text in reversed(step.trail) if text), "") or named
        title = f"{named}>{title}" if named and "报" not in title else title
        self.found.listings.append(
            FoundListing(page.url, title, why, step, tuple(link.url for link in shown.reports), items)
        )
        whose = (*(judge(link.text).agency for link in shown.reports), *(body_in_label(text) for text in step.trail))
        self._bodies |= {body for body in whose if body}
        untold = shown.by_body or shown.is_interface_page or shown.is_scripted
        grouped = bool(reports) and any(AgencyKind.DEPARTMENT in kinds_in_label(text) for text in step.trail)
        many = grouped or any(names_many(link.text) for link in shown.reports)
        self._several = bool(self._several or untold or many)
        if step.rule in {"year", "group", "body"}:
            over = [
                url for url in step.via if url in self.found.pages and self.found.pages[url][1].context == "reports"
            ]
            for url in over[:1] or step.via[-1:]:
                if url in self.found.pages:
                    self.found.hubs.setdefault(url, self.found.pages[url][1])
        return True

    def _pass(self, page: Page, step: QueuedLink, shown: PageSummary) -> tuple[str, tuple[str, ...]]:
        """Keep the reports of a page that is taken for no column; its label, and their addresses."""
        said, urls = step.trail[-1] if step.trail else "", tuple(link.url for link in shown.reports)
        self.found.passed += [(page.url, said, urls)] if urls else []
        return said, urls

    def _is_new_list(self, page: Page, step: QueuedLink, shown: PageSummary) -> bool:
        """Whether a list is not known by another address of it; all of them are from now on."""
        aliases = {bare(url) for url in shown.aliases}
        if not aliases.isdisjoint(self._lists):
            self._tell(page.url, step.trail, "same_list_elsewhere")
            return False
        self._lists |= {bare(page.url), *aliases}
        self._met |= aliases
        return True

    def _pointers(self, page: Page, at: QueuedLink) -> tuple[Pointer, ...]:
        every, whole = pointers_of(page)
        if not whole:
            self.found.unread.append((page.url, at.trail[-1] if at.trail else "", MORE_POINTERS))
        return every

    def _points(self, page: Page, at: QueuedLink, shown: PageSummary) -> bool:
        """Queue where a page points; whether any of it is new and worth asking."""
        if at.depth >= self.limits.depth:
            return False
        self._divide(page, at, shown)
        ways = {link.url for link in shown.reports if at.context != "reports" and _is_called_as_a_column(link)}
        self._ambiguous |= {bare(url) for url in ways}
        skipped = {link.url for link in shown.reports if not names_many(link.text)} - ways | set(shown.following)
        many = [p for p in self._pointers(page, at) if p.url not in skipped]
        on, entries = bool(shown.divided), {link.url for link in shown.items}
        columns = {
            page_shape(p.url) for p in many if p.text and rank(p, at.context, last_year=self.last_year).rule == "column"
        }
        for pointer in [*many, *_derived(page.url, many)]:
            of_year = not YEAR.sub("", pointer.text) and is_itself(pointer.url, page.url)
            like = is_kin(pointer.url, page.url) or (at.context == "reports" and page_shape(pointer.url) in columns)
            folder = of_year or (pointer.url not in entries and like)
            found = rank(pointer, at.context, last_year=self.last_year, listed=bool(shown.items) and not folder)
            if found.rule == "goes" and len(many) > 15:
                continue
            if found.rule == "menu" and urlsplit(pointer.url).netloc != urlsplit(page.url).netloc:
                continue
            trail = (*at.trail, pointer.text) if pointer.text else at.trail
            if found.refused:
                if found.rule == "column" or (found.refused == "trap" and at.context == "reports"):
                    self._tell(pointer.url, trail, found.refused)
                continue
            if not found.weight or bare(pointer.url) in self._met:
                continue
            if pointer.text and pointer.text in at.trail[-1:] and page_shape(pointer.url) == page_shape(page.url):
                self._tell(pointer.url, trail, "leads_to_itself")
                continue
            if reason := self.refusal(pointer.url):
                if found.weight >= 45:
                    self._tell(pointer.url, trail, reason)
                continue
            leads = "reports" if at.context == "reports" and found.rule in {"frame", "goes"} else found.leads
            on = True
            if found.rule in {"column", "body"}:
                self._alike[page.url, _undated(trail)] += 1
            self._add(
                QueuedLink(pointer.url, trail, (*at.via, page.url), leads, found.rule, pointer.how),
                found.weight - 2 * at.depth,
            )
        return on

    def _divide(self, page: Page, at: QueuedLink, shown: PageSummary) -> None:
        """Queue the lists below a page that its data name: they are those of reports, whatever they are called."""
        for link in shown.divided:
            text = label(link.text)
            if self.refusal(link.url) is None:
                rule = "year" if YEAR.search(text) else "group"
                step = QueuedLink(link.url, (*at.trail, text), (*at.via, page.url), "reports", rule, "divided")
                self._add(step, _DIVIDED - 2 * at.depth)

    async def _bodies_own(self) -> None:
        """Look into the sites of single bodies that a menu names (部门网站, 乡镇网站), on the way to a column that
        shows no department's reports, or behind a link that says so: the others have columns of their own there.
        """
        sites = re.compile(expand_groups(knowledge()["sites"]["text"]))
        for page, step in self._above():
            for pointer in self._pointers(page, step):
                if pointer.how in _MENU_ITEMS and sites.fullmatch(pointer.text) and self.refusal(pointer.url) is None:
                    self._add(QueuedLink(pointer.url, (pointer.text,), (*step.via, page.url), "group", "group"), 50)
        await self._until_empty()
        for page, step in self._above():
            named = {
                bare(pointer.url): pointer
                for pointer in self._pointers(page, step)
                if pointer.how in _MENU_ITEMS and looks_like_body(pointer.text) and not is_generic(pointer.text)
                and not _FILE.search(urlsplit(pointer.url).path) and self.refusal(pointer.url) is None
                and facts_of(pointer.url).detail is not True
            }  # fmt: skip
            for pointer in named.values() if len(named) >= _MENU else ():
                queued = QueuedLink(pointer.url, (pointer.text,), (*step.via, page.url), "body", "body", pointer.how)
                self._add(queued, 48)
        await self._until_empty()

    def _above(self) -> list[tuple[Page, QueuedLink]]:
        """The pages seen on the way to columns."""
        return [(page, step) for page, step in self.found.pages.values() if step.context != "reports"]

    def _take_passed(self) -> None:
        """Take the page of a body for its column where its reports stand nowhere else: some portals put guide,
        catalogue and reports of a body on one page.
        """
        listed = {url for one in self.found.listings for url in one.reports}
        for one in self._of_one.values():
            if listed.isdisjoint(one.reports):
                self.found.listings.append(one)
                self._bodies.add(one.step.trail[-1])
        taken = {one.url for one in self.found.listings}
        self.found.passed = [row for row in self.found.passed if row[0] not in taken]

    async def _menus_by_script(self) -> None:
        """Where no label led to a column: look again at openness pages with empty lists, as a browser shows them; what
        scripts fill in may be the menu.
        """
        for page, step in list(self.found.pages.values()):
            tree = page.tree if step.context == "openness" and not self.found.listings else None
            if tree is None or page.url in self._to_show or not has_an_empty_list(tree):
                continue
            if (made := await self._rendered(page, step, pathless=True)) is not None:
                named, context, shown = self._read(made, step)
                self._look(made, step, context, named, shown)
                await self._until_empty()

    async def _further(self) -> None:
        """Where no label led to a column: the columns beneath the openness pages, whatever they are called."""
        at, left = 0, self.found.requests + _FURTHER
        while at < len(self.found.pages) and not self.found.listings and self.found.requests < left:
            page, step = list(self.found.pages.values())[at]
            at += 1
            if step.context != "openness" or step.depth >= self.limits.depth:
                continue
            own = page.url.partition("?")[0].rpartition("/")[0] + "/"
            for pointer in self._pointers(page, step):
                if _may_be_a_column(pointer, own) and self.refusal(pointer.url) is None:
                    trail = (*step.trail, pointer.text)
                    self._add(QueuedLink(pointer.url, trail, (*step.via, page.url), "openness", "further"), 10)
            while self._queue and self.found.requests < left and not self.found.listings:
                await self._visit(heapq.heappop(self._queue)[3])
        await self._until_empty()

    async def _search(self) -> None:
        """Ask the portal's own search; what it shows may name its column. Where it names none, the search itself is
        all there is to look at.
        """
        words = knowledge()["search"]["words"]
        for page, _ in list(self.found.pages.values())[:6]:
            url = search_address(page, words)
            if url is None or self.refusal(url) or self.found.requests + 8 > self.limits.requests:
                continue
            answer = await self.ask(url, page.url)
            self.found.requests += answer.asked
            if answer.page is None:
                self.found.unread.append((url, SEARCH, answer.reason))
                return
            shown = self.show(answer.page, "")
            step = QueuedLink(answer.page.url, (SEARCH,), (page.url,), "", "search", "search")
            for link in shown.reports[:3]:
                if self.refusal(link.url) is None:
                    via = (*step.via, answer.page.url)
                    self._add(QueuedLink(link.url, (*step.trail, label(link.text)), via, "", "search", "search"), 50)
            self._points(answer.page, step, shown)
            await self._until_empty()
            if not shown.reports:
                self.found.unread.append((url, SEARCH, "no_report_found"))
            elif self.searched and not self.found.listings:
                self.found.pages[answer.page.url] = (answer.page, step)
                reports = tuple(link.url for link in shown.reports)
                self.found.listings.append(
                    FoundListing(answer.page.url, SEARCH, "search", step, reports, len(shown.items))
                )
            return


def _may_be_a_column(pointer: Pointer, own: str) -> bool:
    """Whether a link of an openness page, whatever it is called, may be that of a column beneath it (``own``: its
    folder).
    """
    leads = pointer.how in {"link", "onclick"} and pointer.url.startswith(own) and own.count("/") > _ROOT
    return (
        leads
        and 2 <= len(pointer.text) <= _SHORT
        and facts_of(pointer.url).detail is not True
        and not refusing(pointer.text)
        and not is_trap(pointer.url)
    )


def _is_called_as_a_column(link: Link) -> bool:
    """Whether an entry, which may be a report by its address alone, is called as a column is: no year, no body, and no
    day beside it.
    """
    text, title = label(link.text), judge(link.text)
    if link.listed or title.agency or title.year or YEAR.search(text):
        return False
    found = by_label(text, "", 2100)
    return found is not None and found.rule == "column"


def _undated(trail: Sequence[str]) -> str:
    """The last label of a way without its year."""
    return YEAR.sub("", trail[-1]) if trail else ""


def _named(page: Page) -> str:
    """What a page calls itself, if that is a column of reports: its title's first part or a heading; else ""."""
    title = re.search(r"<title[^>]{0,200}>([^<]{0,300})", page.text[:20_000], re.IGNORECASE)
    column = re.search(
        r"<meta[^<>]{0,200}name\s*=\s*[\"']?ColumnName[\"']?[^<>]{0,100}content\s*=\s*[\"']([^\"'<>]{1,100})",
        page.text[:20_000],
        re.IGNORECASE,
    )
    pieces = re.split(r"[_\-—|–>＞»]+", title.group(1)) if title else []
    for piece in [*(([column.group(1)]) if column else []), *pieces[:2]]:
        said = label(piece)
        if 2 < len(said) <= 30 and by_label(said, "", 2100) == Rank(100, "reports", "column") and not YEAR.search(said):
            return said
    return ""


def _derived(own: str, many: Sequence[Pointer]) -> list[Pointer]:
    """Addresses that a system has wherever it has others: one for the page itself, one for each pointer of a body."""
    made: dict[str, Pointer] = {}
    for rule in knowledge()["derived"]:
        seen = re.compile(rule["seen"])
        for pointer in (Pointer(own, ""), *many):
            parts = urlsplit(pointer.url)
            if found := seen.search(parts.path):
                url = urlunsplit((parts.scheme, parts.netloc, parts.path[: found.start()] + rule["address"], "", ""))
                who = pointer.text if looks_like_body(pointer.text) else ""
                made.setdefault(url, Pointer(url, f"{who}政府信息公开年报", "derived"))
    return [*made.values()]
