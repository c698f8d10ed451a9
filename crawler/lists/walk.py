"""From a portal's home page to its columns of annual reports, and each of them read, within a budget of requests."""

from __future__ import annotations

import heapq
import itertools
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from archive.documents.charset import decode
from archive.file_endings import ENDINGS
from archive.identity.classification import classify
from crawler.lists.addressed import read_years
from crawler.lists.engine import IsReport, Verdict, address_key, choose_shapes
from crawler.lists.fetch import Answer, Fetch, Request, Stopped
from crawler.lists.idioms import gkmlpt_categories
from crawler.lists.labels import BODY, GROUP, HOME, OPENNESS, REPORTS, SURE, labels_in_script, labels_of, rule_for
from crawler.lists.list_reader import ListReading, OpenBrowser, read_list
from crawler.lists.page import Entry, Page
from crawler.lists.page_reader import read_page
from crawler.lists.site_search import find_search
from crawler.lists.twins import Report, find_lacking, merge_names
from crawler.lists.words import squeeze

log = logging.getLogger(__name__)

if TYPE_CHECKING:  # Playwright is an extra
    from crawler.lists.browser import Browser

MAX_REQUESTS, MAX_DEPTH, MAX_BROWSED, MAX_SAME_LABELS, MAX_MENU_FILES = 400, 7, 4, 40, 2
SURELY_NONE = 0.65  # what is judged no report with less confidence may be one, or a notice that publishes many
KNOWN_WEIGHT = 101  # of columns that are known: before all others
REPORTS_LABEL = "政府信息公开年报"  # of a list that is known and not led to
_YEAR = re.compile(r"(?:19|20)\d\d年?度?")
_MENU_FILE = re.compile(r"<script[^>]+src=[\"']([^\"']*(?:menu|nav|tree)[^\"']*\.js[^\"']*)[\"']", re.I)
_FILE = re.compile(rf"\.(?:{ENDINGS}|jpe?g|png|gif|mp[34]|apk)$", re.I)
_Names = tuple[str, ...]


@dataclass(order=True, slots=True)
class _Step:
    """A link to go, the heaviest first. ``trail``: labels on the way to it, ``above``: the pages on it."""

    order: tuple[int, int, int]
    url: str = field(compare=False)
    context: str = field(compare=False)
    trail: _Names = field(compare=False)
    above: _Names = field(compare=False, default=())


class _Counting:
    """A fetch that counts, and stops asking when the budget is used up."""

    def __init__(self, fetch: Fetch, most: int) -> None:
        self.fetch, self.most, self.count = fetch, most, 0

    def __call__(self, request: Request) -> Answer:
        """Ask, while the budget lasts."""
        if self.count >= self.most:
            return Answer(request, request.url, 0)
        self.count += 1
        return self.fetch(request)


class Walk:
    """One walk over a portal; ``run`` is the door."""

    def __init__(
        self, home: str, fetch: Fetch, *, place: str, hosts: Sequence[str],
        open_browser: Callable[[Fetch], Browser] | None = None, most: int = MAX_REQUESTS,
        known: Mapping[str, Collection[str]] | None = None, turned: Collection[str] = (), search: bool = False,
    ) -> None:  # fmt: skip
        """Begin a walk. ``known``: what lists showed in earlier looks, by address; ``turned``: those that a browser
        turned then.

        ``search``: ask the portal's own search too. It is always asked where no report was found on lists.
        """
        self.home, self.place, self._given = home, place, tuple(hosts)
        self.hosts = tuple(dict.fromkeys((*hosts, *(one.removeprefix("www.") for one in hosts))))
        self.fetch = _Counting(fetch, most)
        self.lists: dict[str, ListReading] = {}
        self._numbers = itertools.count()
        self._queue: list[_Step] = []
        self._seen: dict[str, int] = {}
        self.browser: Browser | None = None  # which shows lists, once it is needed
        self._make_browser = open_browser
        self.open_browser: OpenBrowser | None = self._browser_of_walk if open_browser is not None else None
        self._browsed = 0
        self._reports: set[str] = set()
        self._known, self._turned = dict(known or {}), frozenset(map(address_key, turned))
        self._search, self._front = search, Page(home)
        self._named: defaultdict[str, set[Report]] = defaultdict(set)  # what lists say of reports, by address

    def run(self) -> tuple[ListReading, ...]:
        """Walk; return each list of reports on the way, compared with the others."""
        entrances = [self.home, *(f"{urlsplit(self.home).scheme}://{host}/" for host in self._given)]
        try:
            for _ in self.read_each((), entrances):
                continue
            if self._search or not self._reports:
                self._ask_search()
        finally:
            self.close()
        for url, read in list(self.lists.items()):
            more = [self.lists[one] for one in _previewed(read) if one != url and one in self.lists]
            whole = {entry.url for one in more for entry in one.entries}
            if more and {entry.url for entry in read.entries} <= whole:
                del self.lists[url]  # the lists that it leads to show all of it
        self.compare_twins()
        return tuple(self.lists.values())

    def _ask_search(self) -> None:
        """Read the reports among the results of the portal's own search. They are never all."""
        request, is_report = find_search(self._front), self.judge_for((), self._front)
        if request is None or not self._is_ours(request.url):
            return
        first, is_link = read_page(self.fetch(request)), request.form is None and request.body is None
        browser = self.open_browser if is_link else None
        read = read_list(first.url, self.fetch, is_report, first=first, open_browser=browser)
        unmet = ("site_search: it shows what it has indexed", *read.verdict.unmet)
        if found := tuple(filter(is_report, read.entries)):
            self._keep(request.url, replace(read, entries=found, verdict=Verdict(False, unmet)), is_report)

    def read_each(self, columns: Sequence[tuple[str, str]], entrances: Sequence[str] = ()) -> Iterator[ListReading]:
        """Read columns that are known, by address and path of labels, and what these and pages on the way lead to.

        Gives each list as soon as it is read. The session of the browser stays open until :meth:`close`.
        """
        for url, path in columns:  # each of them, though one may be the mirror of another
            self._seen[address_key(url)] = KNOWN_WEIGHT
            trail = tuple(path.split(">")) if path else ()
            heapq.heappush(self._queue, _Step((-KNOWN_WEIGHT, 0, next(self._numbers)), url, REPORTS, trail))
        yield from self._read_queue()
        for at, url in enumerate(entrances):
            context = OPENNESS if urlsplit(url).path.strip("/") else HOME
            self._push(url, context, (), 0 if at else 1, 0)
        yield from self._read_queue()

    def _read_queue(self) -> Iterator[ListReading]:
        while self._queue and self.fetch.count < self.fetch.most:
            step = heapq.heappop(self._queue)
            is_new = step.url not in self._reports and step.url not in self.lists
            if is_new and (read := self._try(step)) is not None:
                yield read

    def _try(self, step: _Step) -> ListReading | None:
        """Visit a step; a page that breaks the reading is told, and the others are read."""
        try:
            read = self._visit(step)
        except Stopped:
            raise
        except Exception as error:
            log.exception("%s could not be read", step.url)
            failed = Verdict(False, (f"reading_failed: {type(error).__name__}",))
            read = ListReading(step.url, "", (), (), failed, 0, "links", path=">".join(step.trail))
        return replace(read, found_on=step.above[-1]) if read is not None and step.above else read

    def close(self) -> None:
        """End the session of the browser, if there is one."""
        if self.browser is not None:
            self.browser.__exit__(None, None, None)

    def compare_twins(self) -> None:
        """Let no list be complete that lacks what another one shows of its agencies."""
        named = {key: merge_names(said) for key, said in self._named.items()}
        shown = {
            url: {key: named[key] for one in read.entries if (key := address_key(one.url)) in named}
            for url, read in self.lists.items()
        }
        for url, lacking in find_lacking(shown).items():
            if self.lists[url].has_met_total:
                continue  # it says itself that this is all of it
            unmet = (*self.lists[url].verdict.unmet, *(f"known_entry: {one} (on another list)" for one in lacking))
            self.lists[url] = replace(self.lists[url], verdict=Verdict(False, tuple(dict.fromkeys(unmet))))

    def _browser_of_walk(self) -> Browser:
        if self.browser is None and self._make_browser is not None:
            self.browser = self._make_browser(self.fetch).__enter__()
        assert self.browser is not None
        return self.browser

    def _push(self, url: str, context: str, trail: _Names, weight: int, depth: int, above: _Names = ()) -> None:
        key = address_key(url)
        if depth > MAX_DEPTH or self._seen.get(key, -1) >= weight or not self._is_ours(url):
            return
        if key in self._seen and (context != REPORTS or any(address_key(one) == key for one in self.lists)):
            return
        self._seen[key] = weight
        heapq.heappush(self._queue, _Step((-weight, depth, next(self._numbers)), url, context, trail, above))

    def _is_ours(self, url: str, *, files: bool = False) -> bool:
        host = urlsplit(url).hostname or ""
        is_own = any(host == own or host.endswith(f".{own}") for own in self.hosts)
        return is_own and (files or not _FILE.search(urlsplit(url).path))

    def _visit(self, step: _Step) -> ListReading | None:
        """Read the page of a step, and the list that stands there, if one does; what it leads to joins the queue."""
        page, read = read_page(self.fetch(Request(step.url))), None
        if step.url == self.home:
            self._front = page
        if page.refusal:
            if step.context != REPORTS:
                return None
            return read_list(step.url, self.fetch, lambda _: False, first=page, path=">".join(step.trail))
        is_report = self.judge_for(step.trail, page)
        if self._is_list(page, step.context, is_report):
            key = address_key(step.url)
            known = [one for url, shown in self._known.items() if address_key(url) == key for one in shown]
            read = read_list(
                step.url, self.fetch, is_report, first=page, open_browser=self.open_browser, known=known,
                browser_first=key in self._turned, path=">".join(step.trail),
            )  # fmt: skip
            if any("other_years: " in one for one in read.verdict.unmet):
                read, asked = read_years(read, self.fetch, known)
                self._reports.update(asked)
            if read.entries or not self._leads_on(page, step):
                self._keep(step.url, read, is_report)
        elif not self._leads_on(page, step) and self._may_browse(page):
            page = self._look_in_browser(step)
        ways = self._follow(page, step)
        return replace(read, leads_to=ways) if read is not None and not read.entries else read

    def _look_in_browser(self, step: _Step) -> Page:
        """Show a page in a browser; what can be pressed leads on where no link of it does."""
        browser = self._browser_of_walk()
        page = browser.open(step.url).page
        named = [(one, rule_for(one.title, step.context)) for block in page.blocks for one in block.entries]
        pressed = [(one, rule) for one, rule in named if rule and one.handle and not one.url]
        if not pressed or self._leads_on(page, step):
            return page
        entry, rule = max(pressed, key=lambda one: one[1][1])
        shown = browser.press(entry.handle).page
        self._push(shown.url, rule[0], (*step.trail, squeeze(entry.title)), rule[1], step.order[1] + 1)
        return shown

    def _may_browse(self, page: Page) -> bool:
        self._browsed += 1
        is_made = page.is_scripted or not page.links
        return self.open_browser is not None and is_made and self._browsed <= MAX_BROWSED

    def _keep(self, url: str, read: ListReading, is_report: IsReport) -> None:
        self.lists[url] = read
        self._reports.update(entry.url for entry in read.entries if is_report(entry))

    def _is_list(self, page: Page, context: str, is_report: IsReport) -> bool:
        """In a column of reports whatever shows one or nothing; elsewhere only what is mostly reports."""
        if context == REPORTS:
            return True
        shapes = choose_shapes(page, is_report)
        block = next((one for one in page.blocks if shapes and one.shape == shapes[0]), None)
        found = sum(map(is_report, block.entries)) if block else 0
        return context != HOME and block is not None and found >= 2 and found * 2 >= len(block.entries)

    def judge_for(self, trail: tuple[str, ...], page: Page) -> IsReport:
        """Return what judges entries under these labels; below a year's label a body's mere name is a report."""
        column, kept = ">".join(trail), dict[tuple[str, str], bool]()

        def judge(entry: Entry, prefix: str = "") -> bool:
            title, url = f"{prefix}{entry.title}", entry.url or None
            key = (title, entry.url)
            if key not in kept:
                own = [urlsplit(entry.url).hostname or ""] if entry.url and self._is_ours(entry.url, files=True) else []
                found = classify(title, url, place=self.place, column=column, hosts=(*self.hosts, *own))
                kept[key] = found.is_report or (found.reason == "notice" and found.confidence < SURELY_NONE)
                if found.is_report and entry.url:
                    self._named[address_key(entry.url)].add((found.agency_name, found.year))
            return kept[key]

        def judge_below_year(entry: Entry) -> bool:
            year = year_above(entry, trail)
            return judge(entry, f"{year}>" if year else "")

        plain = any(judge(entry) for block in page.blocks for entry in block.entries)
        return judge if plain else judge_below_year

    def _leads_on(self, page: Page, step: _Step) -> bool:
        """Whether links of the page lead further: to columns of reports, where it is called one itself."""
        found = [(rule_for(label, step.context), url) for label, url in labels_of(page)]
        wanted = (REPORTS,) if step.context == REPORTS else (OPENNESS, GROUP, BODY, REPORTS)
        return any(rule and rule[0] in wanted and address_key(url) not in self._seen for rule, url in found)

    def _follow(self, page: Page, step: _Step) -> tuple[str, ...]:
        """Put what the page leads to into the queue; return the columns of reports among it."""
        depth, columns = step.order[1] + 1, dict[str, None]()
        above = (*step.above, address_key(step.url))
        for url in _previewed(self.lists[step.url]) if step.url in self.lists else ():
            self._push(url, REPORTS, step.trail, 100, depth, above)
        labels = labels_of(page)
        if step.url not in self.lists and all(rule_for(one, BODY) != (REPORTS, SURE) for one, _ in labels):
            labels += [(name, f"{page.url.partition('#')[0]}#{key}") for name, key in gkmlpt_categories(page)]
        for url in _MENU_FILE.findall(page.source)[:MAX_MENU_FILES] if not page.links else ():
            menu = self.fetch(Request(urljoin(page.url, url)))
            labels += labels_in_script(page.url, decode(menu.body).text)
        for frame in page.frames:
            self._push(frame, step.context, step.trail, -step.order[0] + 1, depth, above)
        many = Counter(squeeze(label) for label, _ in labels)
        dated = {entry.url for entry in page.links if entry.date}  # articles, not columns
        for label, url in labels:
            rule = rule_for(label, step.context)
            if rule and rule[1] < SURE and address_key(url) in above:
                continue  # a link back: what led here is no list because its name stands here
            if rule and url not in self._reports | dated and many[squeeze(label)] < MAX_SAME_LABELS:
                self._push(url, rule[0], (*step.trail, squeeze(label)), rule[1], depth, above)
                if rule[0] == REPORTS and self._is_ours(url) and address_key(url) != address_key(step.url):
                    columns[url] = None
        return tuple(columns)


def _previewed(read: ListReading) -> list[str]:
    """Return the lists of which a list shows the newest entries only."""
    return [one.removeprefix("preview: ") for one in read.verdict.unmet if one.startswith("preview: ")]


def year_above(entry: Entry, trail: Sequence[str]) -> str:
    """Return the year that stands over an entry, else over its list: below it a mere name of an agency is a report."""
    printed = _YEAR.search(entry.group)
    return printed[0] if printed else next((label for label in reversed(trail[-2:]) if _YEAR.fullmatch(label)), "")
