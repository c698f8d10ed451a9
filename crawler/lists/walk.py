"""Walks from a portal's home page to its columns (栏目) of annual reports, and reads each, in a limited number of
requests.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urljoin, urlsplit

from archive.file_endings import ENDINGS
from archive.identity.classification import classify
from crawler.lists.browser import Browser
from crawler.lists.engine import IsReport, Unmet, address_key, choose_shapes, rows_of
from crawler.lists.idioms import gkmlpt_categories
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import JSON, Answer, Entry, Fetch, PageOfList, Request, Stopped
from crawler.lists.page_reader import read_page
from crawler.lists.twins import NamedReport, find_lacking, merge_names
from crawler.lists.words import (
    AGENCY,
    HOME,
    LEAST_IN_MENU,
    MERE_YEAR,
    OPENNESS,
    REPORTS,
    SURE,
    UNNAMED,
    WALK,
    LinkRule,
    in_menus,
    is_scripted,
    labels_of,
    leads_to_reports,
    names_column,
    plain_label,
    rule_for,
    squeeze,
    year_above,
)

log = logging.getLogger(__name__)

MAX_REQUESTS, MAX_DEPTH, MAX_BROWSED = 800, 7, 4  # the last: pages of a kind that are shown to a browser in vain
SURELY_NONE = 0.65  # what is judged no report with less confidence may be one
UNCLEAR = frozenset({"notice", "cut_title"})  # reasons for which it is kept: a notice may publish many reports
KNOWN_WEIGHT = 200  # of columns that are known: they are read first
IN_COLUMNS = frozenset({REPORTS, UNNAMED})  # kinds of pages that are lists of reports, or lead to such lists
IN_MENU = LinkRule(AGENCY, 20)  # for links in menus that name no column by themselves
_BEFORE_SITE = re.compile(r"[-_|—–]")  # between the name of a column and that of the site, in the title of a page
_FILE = re.compile(rf"\.(?:{ENDINGS}|jpe?g|png|gif|mp[34]|apk)$", re.I)


@dataclass(frozen=True, slots=True)
class _Step:
    """A link to follow; higher weights are followed first. ``page_kind``: the kind of page that it leads to (a constant
    of ``words``); ``trail``: the labels on the way to it; ``above``: the ``address_key`` of each page on the way.
    """

    url: str
    page_kind: str
    weight: int
    depth: int = 0
    trail: tuple[str, ...] = ()
    above: tuple[str, ...] = ()

    def on(self, url: str, page_kind: str, weight: int, label: str = "") -> _Step:
        """Return the step for a link on the page that this step leads to."""
        trail = (*self.trail, label) if label else self.trail
        return _Step(url, page_kind, weight, self.depth + 1, trail, (*self.above, address_key(self.url)))


def _with_title(step: _Step, page: PageOfList) -> _Step:
    """Return the step to an address that was given, not reached by a label, with the title of its page for a label if
    that names a column of reports (政府信息公开年报_上海市杨浦区人民政府).
    """
    name = plain_label(_BEFORE_SITE.split(page.title)[0])
    is_column = names_column(name) and WALK["reports"].fullmatch(name)
    return replace(step, page_kind=REPORTS, trail=(name,)) if is_column else step


def _template(url: str, read: ListReading) -> tuple[str, str]:
    """Return what lists of one template share: host and shape of rows. Answers of interfaces have no template."""
    shape = read.longest_page[0]
    return urlsplit(url).hostname or "", url if shape == JSON else shape


def _is_file(url: str) -> bool:
    """Whether an address is that of a document, a picture or the like by its ending."""
    return _FILE.search(urlsplit(url).path) is not None


class Walk:
    """One walk over a portal, begun by ``read_each``. ``lists``: those read, by address; ``asked``: requests made;
    ``is_cut_off``: pages were left out as the budget of requests was used up; ``foreign``: agencies' pages on hosts of
    others that columns of reports link, by address the labels on the way.
    """

    def __init__(
        self, fetch: Fetch, *, place: str, hosts: Sequence[str], browser: Browser | None = None,
        known_urls: Mapping[str, Collection[str]] | None = None, turned: Collection[str] = (),
    ) -> None:  # fmt: skip
        """Prepare a walk. ``known_urls``: address of a list → addresses of its entries in the last look; ``turned``:
        addresses of the lists that were read in a browser then.
        """
        self.place = place
        self.hosts = tuple(dict.fromkeys((*hosts, *(one.removeprefix("www.") for one in hosts))))
        self._own_names = {one.partition(":")[0] for one in self.hosts}  # the guard checks the port
        self.lists: dict[str, ListReading] = {}
        self.foreign: dict[str, str] = {}
        self._send, self.asked, self.is_cut_off = fetch, 0, False
        self._asked_urls = set[str]()
        self._browser, self._browsed_in_vain = browser, Counter[str]()  # by kind of page
        if browser is not None:
            browser.fetch = self.fetch
        self._numbers = itertools.count()
        self._queue: list[tuple[int, int, int, _Step]] = []
        self._queued_weights: dict[str, int] = {}  # of each page that was ever queued, by ``address_key``
        self._home_links: dict[str, set[str]] = {}  # by address of a home page, the ``address_key`` of its links
        self._reports: set[str] = set()  # addresses as they are linked, as in ``lists``
        self._known_urls: defaultdict[str, list[str]] = defaultdict(list)
        for url, urls in (known_urls or {}).items():
            self._known_urls[address_key(url)] += urls
        self._turned_keys = frozenset(map(address_key, turned))
        self._reports_named: defaultdict[str, set[NamedReport]] = defaultdict(set)  # as lists print them, by address
        self._years_above: defaultdict[str, set[str]] = defaultdict(set)  # labels above mere names, by address

    def fetch(self, request: Request) -> Answer:
        """Return the answer to a request; an answer with status 0 once the budget is used up."""
        is_held = request.body is None and request.url in self._asked_urls  # such as scripts of every page (乌鲁木齐)
        if self.asked >= MAX_REQUESTS and not is_held:
            self.is_cut_off = True
            return Answer(request, request.url, 0)
        self.asked += not is_held
        self._asked_urls.add(request.url)
        return self._send(request)

    def read_each(self, columns: Sequence[tuple[str, str]], entrances: Sequence[str] = ()) -> Iterator[ListReading]:
        """Read the known columns (address, path of labels), then the lists that these and ``entrances`` lead to.

        Yields each list as soon as it is read. Leaves the browser open.
        """
        for url, path in columns:
            # without _push, which would leave out a column with the ``address_key`` of another
            self._enqueue(_Step(url, REPORTS, KNOWN_WEIGHT, trail=tuple(path.split(">")) if path else ()))
        yield from self._read_queue()
        for at, url in enumerate(entrances):
            self._push(_Step(url, OPENNESS if urlsplit(url).path.strip("/") else HOME, 0 if at else 1))
        yield from self._read_queue()

    def compare_lists(self) -> None:
        """Judge again by the other lists which lists are complete, once all are read."""
        self._clear_full_pages()
        self._mark_lacking()
        for url, read in self.lists.items():  # agencies' mere names below several years, as in a menu of all agencies
            in_menu = (one.url for one in read.entries if len(self._years_above[address_key(one.url)]) > 1)
            if first := next(in_menu, ""):
                self._mark(url, [Unmet("choice", f"{first} (below several years)")])

    def _clear_full_pages(self) -> None:
        """Take a single page of ten for whole if another list of its template has a longer one (吴起, wqx.gov.cn)."""
        longest: Counter[tuple[str, str]] = Counter()
        for url, read in self.lists.items():
            longest[_template(url, read)] = max(read.longest_page[1], longest[_template(url, read)])
        for url, read in self.lists.items():
            most = longest[_template(url, read)]
            unmet = tuple(one for one in read.unmet if not one.is_disproved_by(most))
            self.lists[url] = replace(read, unmet=unmet)

    def _mark_lacking(self) -> None:
        """Mark a list as incomplete if another shows reports of its agencies that it lacks, unless it meets a total."""
        reports = {key: merge_names(names) for key, names in self._reports_named.items()}
        reports_by_list = {
            url: {key: reports[key] for one in read.entries if (key := address_key(one.url)) in reports}
            for url, read in self.lists.items()
        }
        for url, lacking in find_lacking(reports_by_list).items():
            if not self.lists[url].has_met_total:  # a list that states its total, and meets it, lacks nothing
                self._mark(url, [Unmet("known_entry", one) for one in lacking])

    def _mark(self, url: str, unmet: Sequence[Unmet]) -> None:
        read = self.lists[url]
        self.lists[url] = replace(read, unmet=tuple(dict.fromkeys((*read.unmet, *unmet))))

    def judge_for(self, trail: tuple[str, ...], page: PageOfList) -> IsReport:
        """Return a function that judges whether an entry of ``page``, reached by the labels ``trail``, is a report.

        If no title on the page names a report, a mere year counts as one, and an agency's name below a year: 2023年 >
        县财政局. Beside titles that name reports, a year leads to another list.
        """
        column = ">".join(trail)

        def is_report(entry: Entry, prefix: str = "") -> bool:
            """Whether the entry's title, behind ``prefix`` (a year above it), is a report's or a doubtful notice's.
            Notes the report that it names: which agencies are known, and what twins lack, follows from these notes.
            """
            if not (prefix or entry.date) and names_column(entry.title):  # in a menu
                return False
            title, url = f"{prefix}{entry.title}", entry.url
            own = [urlsplit(url).hostname or ""] if url and self._is_ours(url, files=True) else []
            verdict = classify(title, url or None, place=self.place, column=column, hosts=(*self.hosts, *own))
            if verdict.is_report and url:
                self._reports_named[address_key(url)].add((verdict.agency_name, verdict.year))
            return verdict.is_report or (verdict.reason in UNCLEAR and verdict.confidence < SURELY_NONE)

        def is_report_below_year(entry: Entry) -> bool:
            is_column = self._queued_weights.get(address_key(entry.url), 0) >= SURE  # 县政府年报, in a menu of columns
            year = year_above(entry.group, trail)
            if is_column or not is_report(entry, year):
                return False
            if year and not MERE_YEAR.fullmatch(squeeze(entry.title)):
                self._years_above[address_key(entry.url)].add(year[:4])
            return True

        def is_report_by_title(entry: Entry) -> bool:
            return not MERE_YEAR.fullmatch(squeeze(entry.title)) and is_report(entry)

        by_title = any(is_report_by_title(entry) for block in page.blocks for entry in block.entries)
        return is_report_by_title if by_title else is_report_below_year

    # ---------------------------------------------------------------------------------------------------------- inside

    def _read_queue(self) -> Iterator[ListReading]:
        """Visit the queued pages, the greatest weight first; yield each list. Stops once the budget is used up
        (``is_cut_off``). A page that breaks our reader is yielded as a list that could not be read.
        """
        while self._queue and self.asked < MAX_REQUESTS:
            *_, step = heapq.heappop(self._queue)
            is_report = step.url in self._reports and step.weight < KNOWN_WEIGHT  # a known column always gets a look
            if is_report or step.url in self.lists:
                continue
            try:
                read = self._visit(step)
            except Stopped:
                raise
            except Exception as error:  # one page that breaks our reader must not end the walk
                log.exception("%s could not be read", step.url)
                read = ListReading(url=step.url, unmet=(Unmet("reading_failed", type(error).__name__),))
            if read is not None:
                path = read.path or ">".join(step.trail)
                read = replace(read, path=path, found_on=step.above[-1] if step.above else "")
                if step.url in self.lists:
                    self.lists[step.url] = read
                yield read
        self.is_cut_off |= bool(self._queue)

    def _visit(self, step: _Step) -> ListReading | None:
        """Read the page of a step (address, labels that led there), and the list on it; put its links into the queue.
        None: no list, or only years that lead to lists. A page without list or ways on is tried in the browser.
        """
        page, read = read_page(self.fetch(Request(step.url))), None
        if page.refusal:
            is_column = step.page_kind == REPORTS  # a column that cannot be read still gives a look
            return read_list(step.url, self.fetch, lambda _: False, first=page) if is_column else None
        step = step if step.trail else _with_title(step, page)
        is_report = self.judge_for(step.trail, page)
        if self._is_list(page, step, is_report):
            key = address_key(step.url)
            read_it = partial(
                read_list, step.url, self.fetch, is_report, first=page, browser=self._browser,
                known_urls=self._known_urls.get(key, ()),
            )  # fmt: skip
            read = read_it(browser_first=key in self._turned_keys)
            if step.page_kind != REPORTS or self._is_first_of_one_agency(read):
                # the lists of other agencies may be anywhere in this part of the site: links to them are followed, too
                step = replace(step, page_kind=UNNAMED)
                if self._may_hide_agencies(read, page, step):
                    read = max(read, read_it(browser_first=True), key=lambda one: len(one.entries))
            if read.entries or not self._leads_on(page, step):
                self.lists[step.url] = read
                self._reports.update(entry.url for entry in read.entries if is_report(entry))
        elif not self._leads_on(page, step):
            page = self._look_in_browser(page, step)
        columns = self._follow(page, step)
        shown = {one.page.links: one.page for one in read.states} if read is not None else {}
        for state_page in shown.values():  # links that only scripts draw, also those that a press has opened
            columns += tuple(one for one in self._follow(state_page, step) if one not in columns)
        if read is None:
            return None
        return replace(read, path=">".join(step.trail), leads_to=() if read.entries else columns)

    def _is_first_of_one_agency(self, read: ListReading) -> bool:
        """Whether this is the portal's first list, seen for the first time, and has the reports of one agency."""
        names = {name for one in read.entries for name, _ in self._reports_named.get(address_key(one.url), ())}
        return len(names) == 1 and not self.lists and not self._known_urls

    def _may_hide_agencies(self, read: ListReading, page: PageOfList, step: _Step) -> bool:
        """Whether scripts may draw a menu of agencies beside a first list of one agency that links alone show whole."""
        if read.by_browser or not read.is_whole or page.is_static or not self._is_first_of_one_agency(read):
            return False
        return not self._leads_on(page, step, rows={one.url for one in read.entries})

    def _is_list(self, page: PageOfList, step: _Step, is_report: IsReport) -> bool:
        """Whether to read a page as a list: always in a column of reports; elsewhere only if half of it is reports, and
        two, or below such a column one (县政府 of a year).
        """
        if step.page_kind == REPORTS:
            return True
        entries = rows_of(page, choose_shapes(page, is_report)[:1], is_report)
        number, least = sum(map(is_report, entries)), 1 if any(map(leads_to_reports, step.trail)) else 2
        return step.page_kind != HOME and number >= least and number * 2 >= len(entries)

    def _look_in_browser(self, page: PageOfList, step: _Step) -> PageOfList:
        """Return a page as a browser shows it, if scripts make it, it has no links, or it has scripts and is an
        agency's own or no two agencies' reports are known; the page unchanged if there is no browser, or
        ``MAX_BROWSED`` pages of its kind led to nothing new in it.
        """
        browser = self._browser
        agencies = {name for names in self._reports_named.values() for name, _ in names}
        is_sought = step.page_kind == AGENCY or len(agencies) < 2
        may_show_more = is_scripted(page) or not page.links or (is_sought and not page.is_static)
        if browser is None or self._browsed_in_vain[step.page_kind] >= MAX_BROWSED or not may_show_more:
            return page
        page = browser.open(step.url).page
        self._browsed_in_vain[step.page_kind] += not self._leads_on(page, step)
        return page

    def _leads_on(self, page: PageOfList, step: _Step, rows: Collection[str] = ()) -> bool:
        """Whether a new link leads on: from a column of reports to another, elsewhere to all but a home page, or to a
        page in a frame. ``rows``: addresses of rows of the list on the page, which lead to reports.
        """
        queued = self._queued_weights
        new = (label for label, url in labels_of(page) if url not in rows and address_key(url) not in queued)
        kinds = {rule.page_kind for label in new if (rule := rule_for(label, step.page_kind))}
        if step.page_kind in IN_COLUMNS:
            return REPORTS in kinds
        return bool(kinds - {HOME}) or any(address_key(one) not in queued for one in page.frames)

    def _follow(self, page: PageOfList, step: _Step) -> tuple[str, ...]:
        """Put the pages that a page leads to into the queue, by the labels of its links; return the columns of reports
        (栏目, lists) among them. Left out: articles, reports, links back or home.
        """
        read = self.lists.get(step.url)
        previews = [one.detail for one in read.unmet if one.rule == "preview"] if read is not None else []
        for preview in previews:  # the full lists, of which this one shows only the newest entries
            self._push(step.on(preview, REPORTS, SURE))
        for frame in page.frames:
            self._push(step.on(frame, step.page_kind, step.weight + 1))
        labels = self._labels(page, is_list=step.url in self.lists)
        dated = {entry.url for entry in page.links if entry.date}  # links with a date are articles, not columns
        columns: dict[str, None] = {}
        if step.page_kind in IN_COLUMNS:
            self._note_agencies_elsewhere(page, step, [one for one in labels if one[1] not in self._reports | dated])
        menus = self._in_menus(page, step, is_list=bool(read and read.entries))
        for label, url in labels:
            rule, key = rule_for(label, step.page_kind), address_key(url)
            if url in self._reports | dated or not (rule or url in menus):
                continue
            if rule is None or (step.page_kind in IN_COLUMNS and rule.weight < SURE and self._is_on_home(url, page)):
                rule = IN_MENU  # also 工作机构 in the head of each page (gzns.gov.cn), which is no column
            above = (*step.above, address_key(step.url))
            if rule.weight < SURE and (key in above or key.rstrip("/") in self.hosts):
                continue  # a link back to a page above or home, which is no list just because this page names it
            self._push(step.on(url, *rule, plain_label(label)))
            # one on another host is not read, so this page does not lead to all (县政府年报 on the city's site, 内黄)
            may_lead = self._is_ours(url) or (rule.weight >= SURE and not _is_file(url))
            if rule.page_kind == REPORTS and may_lead and key not in above:
                columns[url] = None
        return tuple(columns)

    def _note_agencies_elsewhere(self, page: PageOfList, step: _Step, labels: Sequence[tuple[str, str]]) -> None:
        """Note as ``foreign`` the agencies whose links lead to hosts of others, if the page is a directory of agencies'
        columns: one of its agencies has a page that our home page does not link, as it does all agencies' web sites.
        """
        named = [(plain_label(label), url) for label, url in labels]
        agencies = [(label, url) for label, url in named if WALK["agencies"].fullmatch(label)]
        elsewhere = {url: label for label, url in agencies if not self._is_ours(url, files=True)}
        inner = (url for _, url in agencies if elsewhere and urlsplit(url).path.strip("/"))
        if any(not self._is_on_home(url, page) for url in inner):
            self.foreign |= {url: ">".join((*step.trail, label)) for url, label in elsewhere.items()}

    def _in_menus(self, page: PageOfList, step: _Step, *, is_list: bool) -> set[str]:
        """Return the addresses of links in menus of agencies, and of those beside names of agencies and groups on a
        page that leads to columns of reports (县直 beside 乡镇); ``is_list``: it has reports itself.
        """
        if step.page_kind in {HOME, AGENCY}:
            return set()
        menus = in_menus(page, ("agencies",), LEAST_IN_MENU, of_half=True)
        if step.page_kind in IN_COLUMNS and not is_list:
            beside = in_menus(page, ("agencies", "groups"), 1, of_half=False)
            menus |= {url for url in beside if not self._is_on_home(url, page)}
        return menus

    def _is_on_home(self, url: str, page: PageOfList) -> bool:
        """Whether the home page of the host of ``page`` has a link to ``url``: it leads to any part of the site."""
        home = urljoin(page.url, "/")
        if home not in self._home_links:
            self._home_links[home] = {address_key(one.url) for one in read_page(self.fetch(Request(home))).links}
        return page.url != home and address_key(url) in self._home_links[home]

    def _labels(self, page: PageOfList, *, is_list: bool) -> list[tuple[str, str]]:
        """Return label and address of links and, unless ``is_list`` (read as a list), of the categories of gkmlpt."""
        labels = labels_of(page)
        if not is_list and all(rule_for(one, AGENCY) != (REPORTS, SURE) for one, _ in labels):
            labels += gkmlpt_categories(page)
        return labels

    def _push(self, step: _Step) -> None:
        """Put a step (a page to visit) into the queue, if it is not too deep, foreign, or queued with as much weight.

        A page that was queued before is queued again only as a column of reports that was not read yet.
        """
        key = address_key(step.url)
        if step.depth > MAX_DEPTH or self._queued_weights.get(key, -1) >= step.weight or not self._is_ours(step.url):
            return
        if key not in self._queued_weights or (step.page_kind == REPORTS and key not in map(address_key, self.lists)):
            self._enqueue(step)

    def _enqueue(self, step: _Step) -> None:
        self._queued_weights[address_key(step.url)] = step.weight
        heapq.heappush(self._queue, (-step.weight, step.depth, next(self._numbers), step))

    def _is_ours(self, url: str, *, files: bool = False) -> bool:
        """Whether an address is the portal's, on any port; that of a file counts only with ``files``."""
        host = urlsplit(url).hostname or ""
        is_own = any(host == own or host.endswith(f".{own}") for own in self._own_names)
        return is_own and (files or not _is_file(url))
