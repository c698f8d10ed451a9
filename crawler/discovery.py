"""From an entry page to the columns of annual reports: which pointer to follow (ranking), and how far (walk). Pure:
what fetches is given.

Best first: the pointer whose label speaks most plainly of 政府信息公开年报 is asked next. The words are data
(``discovery.toml``). A walk is bounded in requests, depth and what one rule may try in vain, and does not go where it
has been: addresses, pages with the same words, paths that only grow.
"""

from __future__ import annotations

import hashlib
import heapq
import html
import re
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from archive.identity import addresses
from archive.identity.names import is_generic, looks_like_body
from crawler.families.addresses import joined
from crawler.families.lists import Page
from crawler.pointers import MOST, Pointer, label, pointers_of, search_address
from crawler.quality import visible_text
from storage.records import AgencyKind, Lead, Link

_YEAR = re.compile(r"(?:19|20)\d\d(?:[-—~至](?:19|20)?\d\d)?年?度?|[二][〇○零O0][〇○零一二三四五六七八九]{2}年?度?")
_EMPTIED = re.compile(r"[(（【\[](?:及?(?:以|之)?[前后]|[-—~至])?[)）】\]]")  # a bracket whose year was taken out
_HREF = re.compile(r"(?:href|src|value)\s{0,3}=\s{0,3}[\"']?([^\"'\s<>]{1,300})", re.IGNORECASE)
_FILE = re.compile(r"\.(?:pdf|docx?|wps|ofd|xlsx?|zip|rar|js|json)$", re.IGNORECASE)
_PAGER = re.compile(
    r"^(?:\d{1,4}|.{0,2}[上下首末尾前后]一?页.{0,4}|首页|第\d{1,4}页|next|prev\w*|last|first)$", re.IGNORECASE
)
_FIRST = 2003  # no annual report speaks of an earlier year
_TOLD = 40  # refusals that are told
_SURE = 0.65  # a link judged none with less confidence is visited all the same
MORE_POINTERS = f"it points to more than {MOST:,} places; the others were not looked at"
_MENUS = frozenset({"group", "body"})  # rules by which the places of a menu of bodies are known
_SAME_SHAPE = 160  # pages whose addresses differ in numbers only
SEARCH = "站内搜索"  # what a listing that is the portal's own search is called
Ask = Callable[[str, str], Awaitable["Answer"]]
Show = Callable[[Page, str], "Shown"]
Render = Callable[[Page], Awaitable[Page | None]]


@cache
def knowledge() -> dict[str, Any]:
    """Return ``discovery.toml``."""
    return tomllib.loads(resources.files("crawler").joinpath("discovery.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a walk goes; see ``discovery.toml``."""

    requests: int
    depth: int
    listings: int
    barren: int

    @classmethod
    def named(cls, name: str, **other: int) -> Limits:
        """Return the limits of ``probe`` or ``look``, some of them changed."""
        return cls(**{**knowledge()["limits"][name], **other})


@dataclass(frozen=True, slots=True)
class Rank:
    """How well a pointer leads to a column: ``weight`` 0 is not at all; ``refused``: why not, where its label would.

    ``leads``: the context of the page behind it; ``rule``: the name of the rule that fitted.
    """

    weight: int = 0
    leads: str = ""
    rule: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking for an address gave: a page, or why none. ``asked`` counts requests (0: it was held already)."""

    page: Page | None
    reason: str = ""
    asked: int = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """What a family makes of a page: ``items`` of its list, those that are ``reports``, whether the page ``is_empty``
    and says so, ``is_report`` itself, ``is_shell``: an interface answers with the items, or ``is_scripted``: scripts
    make the list, and nobody has read it; ``following``: its further pages.
    """

    items: tuple[Link, ...] = ()
    reports: tuple[Link, ...] = ()
    is_empty: bool = False
    is_report: bool = False
    is_shell: bool = False
    is_scripted: bool = False
    following: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the way: ``trail`` are the labels from the entry page to it, ``via`` the pages."""

    url: str
    trail: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    context: str = ""
    rule: str = ""
    how: str = "entry"

    @property
    def depth(self) -> int:
        """Links from the entry page."""
        return len(self.via)


@dataclass(frozen=True, slots=True)
class Found:
    """A column that was found: ``why`` it is one (``label``, ``address``, ``heading``, ``entries``,
    ``search``), the addresses of the ``reports`` on its first page, the way to it (``step``).
    """

    url: str
    title: str
    why: str
    step: Step
    reports: tuple[str, ...]
    items: int


@dataclass(slots=True)
class Findings:
    """What a walk brought. ``pages``: every page seen, by the address it answered at; ``hubs``: pages that led to
    columns of folders, so that a new folder will stand there; ``refused``: (address, label, reason); ``unread``:
    pages that should have led on and did not, with the reason; ``passed``: pages with reports among their entries that
    were taken for no column, with the addresses of those.
    """

    listings: list[Found] = field(default_factory=list)
    hubs: dict[str, Step] = field(default_factory=dict)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    unread: list[tuple[str, str, str]] = field(default_factory=list)
    passed: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    pages: dict[str, tuple[Page, Step]] = field(default_factory=dict)
    requests: int = 0
    ended: str = ""


# ------------------------------------------------------------------------------------------------ ranking


@cache
def _rules() -> tuple[tuple[re.Pattern[str] | None, frozenset[str], dict[str, Any]], ...]:
    return tuple(
        (None if rule.get("body") else re.compile(rule["text"]), frozenset(rule.get("under", ())), rule)
        for rule in knowledge()["rule"]
    )


def rank(pointer: Pointer, context: str = "", *, last_year: int = 2100) -> Rank:
    """Return how well a pointer leads to a column of reports, seen on a page of ``context``."""
    said = pointer.text
    known = addresses.read(pointer.url)
    found = _by_label(said, context, last_year) if said and len(said) <= 60 else None
    facts = knowledge()["address"]
    if found is None and pointer.how == "frame":
        found = Rank(facts["frame"], context, "frame")
    if found is None and pointer.how == "goes":
        found = Rank(facts["goes"], context, "goes")
    if found is None and pointer.how == "script_file":
        found = Rank(facts["menu"], context, "menu")
    if found is None:
        found = _by_address(pointer, known, said)
    if found.weight and not found.refused:
        if (word := _refusing(said)) and found.rule not in {"frame", "menu"}:
            return Rank(0, "", found.rule, f"word:{word}")
        if _FILE.search(urlsplit(pointer.url).path) and pointer.how != "script_file":
            return Rank(0, "", found.rule, "file")
        by_name = found.rule in {"body", "year", "group"} or (bool(_YEAR.search(said)) and bool(body_said(said)))
        if known.detail and not known.addressed and by_name and pointer.how == "link":
            return Rank(0, "", found.rule, "document")
        if is_trap(pointer.url, last_year):
            return Rank(0, "", found.rule, "trap")
        if re.search(knowledge()["refused"]["addresses"], pointer.url.lower()):
            return Rank(0, "", found.rule, "address")
    return found


def _by_label(said: str, context: str, last_year: int) -> Rank | None:
    years = [int(y) for y in re.findall(r"(?:19|20)\d\d", said)]
    plain = _EMPTIED.sub("", _YEAR.sub("", said))
    for pattern, under, rule in _rules():
        if under and context not in under:
            continue
        if pattern is None:
            fits = looks_like_body(plain) and not is_generic(plain)
        else:
            fits = pattern.fullmatch(plain) is not None and (rule["name"] != "year" or bool(years))
        if fits:
            if years and not all(_FIRST <= year <= last_year for year in years):
                return Rank(0, "", rule["name"], "year_out_of_range")
            return Rank(int(rule["weight"]), rule["leads"], rule["name"])
    return None


def _by_address(pointer: Pointer, known: addresses.Address, said: str) -> Rank:
    facts = knowledge()["address"]
    if len(said) <= 8 and not known.detail and not _PAGER.search(said):
        if known.reports:
            return Rank(facts["reports"], "reports", "address")
        if re.search(facts["openness_path"], urlsplit(pointer.url).path.lower()) and not said:
            return Rank(facts["openness"], "openness", "address")
    return Rank()


def _refusing(said: str) -> str:
    """The word for which a label is refused; one that belongs to the name of a body is none."""
    facts = knowledge()["refused"]
    words = facts["words"] if body_said(said) else [*facts["words"], *facts["unless_body"]]
    return next((word for word in words if word in said.lower()), "")


def is_trap(url: str, last_year: int = 2100) -> bool:
    """Whether an address only grows (``/a/a/a/``), is endlessly deep, or asks for a year that cannot be."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > 14 or len(parts.query) > 600 or max(Counter(segments).values(), default=0) >= 3:
        return True
    keys = [key for key, _ in parse_qsl(parts.query, max_num_fields=60)] if parts.query.count("&") < 60 else [""] * 60
    if len(keys) > 20 or max(Counter(keys).values(), default=0) >= 3:
        return True
    given = [
        value for key, value in parse_qsl(parts.query, max_num_fields=60) if re.fullmatch(r"(?:19|20|21)\d\d", value)
    ]
    return any(not _FIRST <= int(value) <= last_year for value in given)


def bare(url: str) -> str:
    """Return an address as it is compared: without scheme, ``www.``, ``index.html`` and the closing slash."""
    parts = urlsplit(url)
    path = re.sub(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", "/", parts.path).rstrip("/")
    return (
        f"{parts.netloc.lower().removeprefix('www.')}{path}"
        + (f"?{parts.query}" if parts.query else "")
        + parts.fragment
    )


def shape(url: str) -> str:
    """Return an address with its numbers taken out: pages of one kind have one shape."""
    parts = urlsplit(url)
    keys = ",".join(sorted({part.partition("=")[0] for part in parts.query.split("&")}))
    return f"{parts.netloc}{re.sub(r'[0-9a-f]{16,}|[0-9]+', '#', parts.path.lower())}?{keys}"


def digest_of(page: Page) -> str:
    """Return what tells pages with the same words apart from others: text, without figures of the day, and where it
    leads; the pages of many sub-sites differ in nothing but what their relative addresses mean.
    """
    text = re.sub(r"[\d\s:：]+", "", visible_text(page.text))
    where = sorted({_absolute(page.url, href) for href in _HREF.findall(page.text[:1_000_000])})
    return hashlib.sha256("\n".join([text[:40_000], *where]).encode("utf-8", "replace")).hexdigest()


def _absolute(base: str, href: str) -> str:
    url = joined(base, html.unescape(href))
    return bare(url) if url else href


_SAID = (  # what a label says of who publishes behind it
    (re.compile(r"部门|单位|机关"), (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)),
    (re.compile(r"乡镇|镇街|街镇|镇乡|街道|镇办|^各?[乡镇]"), (AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT)),
    (re.compile(r"^[县市区旗州](?:人民)?政府(?!部门|工作部门|办|各|直)|本级政府"), (AgencyKind.GOVERNMENT,)),
)
_OTHERS = re.compile(  # bodies that are no departments of the place, though they are called units
    r"(?:公共|国有|直属)*(?:企事业|事业|企业)单位|(?:双重管理|垂直管理|垂直|垂管|双管|中省直?|驻)[^部单机]{0,4}(?:部门|单位|机构|机关)"
)
_GROUPS = re.compile(
    r"部门|单位|机关|乡镇|镇街|街镇|镇乡|镇办|(?:^各?|县|市|区)街道|^[县市区旗州](?:人民)?政府(?!办)|本级"
)
_REPORT_WORDS = re.compile(r"(?:法定主动公开|政府)?信息公开.*$|(?:工作)?年度报告.*$|年报.*$")


def kinds_said(text: str) -> tuple[AgencyKind, ...]:
    """Return the kinds of bodies that, by its label, publish in a column; () where it does not say, or names one."""
    plain = _OTHERS.sub("", _YEAR.sub("", label(text)))
    if looks_like_body(_REPORT_WORDS.sub("", plain)[-40:]) and not _GROUPS.search(plain):
        return ()
    return tuple(dict.fromkeys(kind for word, kinds in _SAID if word.search(plain) for kind in kinds))


def promising(leads: Sequence[Lead]) -> list[Lead]:
    """Return the reports among leads; where there is none, what may be one though only a body's name is printed."""
    sure = [lead for lead in leads if lead.is_report]
    return sure or [lead for lead in leads if lead.reason == "other_title" and lead.confidence < _SURE]


def names_a_year(text: str) -> bool:
    """Whether a label is that of one year (2023年): another year's column will be another."""
    return bool(_YEAR.search(label(text)[-60:]))


def body_said(text: str) -> str:
    """Return the one body that a label names (县财政局政府信息公开年报); "" if none."""
    plain = _REPORT_WORDS.sub("", _YEAR.sub("", label(text)))
    single = looks_like_body(plain) and not is_generic(plain) and not _GROUPS.search(plain)
    return plain if single else ""


# ------------------------------------------------------------------------------------------------ walk


class Walk:
    """One walk. ``ask(address, referer)`` fetches, ``show(page, label)`` reads a page as a list, ``refusal`` says why
    an address may not be asked for (a foreign host), ``last_year`` is the last year that a label may name.
    ``searched``: where nothing else holds reports, the portal's own search becomes a listing. ``render(page)``: a page
    of reports whose list scripts make, as a browser shows it (None where none does).
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
    ) -> None:
        self.ask, self.show, self.limits, self.refusal, self.last_year = ask, show, limits, refusal, last_year
        self.searched, self.render = searched, render
        self.found = Findings()
        self._queue: list[tuple[int, int, int, Step]] = []
        self._order = count()
        self._met: set[str] = set()  # addresses queued or asked
        self._digests: set[str] = set()
        self._shapes: Counter[str] = Counter()
        self._alike: Counter[tuple[str, str]] = Counter()  # (page, label without year) → addresses under it
        self._vain: Counter[tuple[str, str]] = Counter()  # (page, rule) → pages behind it that led nowhere
        self._told: set[str] = set()

    async def run(self, entries: Iterable[str], known: Iterable[str] = ()) -> Findings:
        """Walk from the entry pages until nothing is left or a limit is reached; ``known`` addresses are not asked."""
        self._met |= {bare(url) for url in known}
        for at, url in enumerate(entries):
            self._met.discard(bare(url))
            self._add(Step(url), 200 - at)
        await self._until_empty()
        if not self.found.listings:
            await self._search()
        followed = "everything that looked like a way was followed" if self.found.pages else "no page was shown there"
        self.found.ended = self.found.ended or followed
        return self.found

    async def _until_empty(self) -> None:
        while self._queue:
            if self.found.requests >= self.limits.requests:
                self.found.ended = f"the walk ended at its limit of {self.limits.requests} requests"
                return
            if len(self.found.listings) >= self.limits.listings:
                self.found.ended = f"the walk ended at its limit of {self.limits.listings} columns"
                return
            step = heapq.heappop(self._queue)[3]
            key = (step.via[-1] if step.via else "", step.rule)
            if self._vain[key] >= self.limits.barren:
                self._tell(step.url, step.trail, "others like it led nowhere")
                continue
            fruitful = await self._visit(step)
            self._vain[key] = 0 if fruitful else self._vain[key] + 1

    def left(self) -> list[Step]:
        """Return the places that were not asked any more, best first."""
        return [row[3] for row in sorted(self._queue)]

    def _add(self, step: Step, weight: int) -> None:
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

    async def _visit(self, step: Step) -> bool:
        """Ask for a place and look at it; whether it brought a column or led on."""
        if self._shapes[shape(step.url)] >= _SAME_SHAPE:
            self._tell(step.url, step.trail, "too many pages of this shape")
            return False
        self._shapes[shape(step.url)] += 1
        answer = await self.ask(step.url, step.via[-1] if step.via else "")
        self.found.requests += answer.asked
        if answer.page is None:
            self.found.unread.append((step.url, step.trail[-1] if step.trail else "", answer.reason))
            return False
        self._met.add(bare(answer.page.url))
        page, named = answer.page, _named(answer.page)
        context = "reports" if named else step.context
        column = " > ".join(step.trail[-3:]) or named
        shown = self.show(page, column)
        scripted = shown.is_scripted and context == "reports"
        if scripted and self.render is not None and (made := await self.render(page)) is not None:
            page, shown = made, self.show(made, column)
            self._met.add(bare(page.url))
        unlike = scripted or shown.is_shell  # the same words stand round every list that is not printed
        digest = digest_of(page) + (bare(page.url) if unlike else "")
        if digest in self._digests:
            self._tell(step.url, step.trail, "the same page under another address")
            return False
        self._digests.add(digest)
        self.found.pages[page.url] = (page, step)
        return self._look(page, step, context, named, shown)

    def _look(self, page: Page, step: Step, context: str, named: str, shown: Shown) -> bool:
        listed = self._judge(page, step, context, named, shown)
        if listed and context != "reports":
            context = "reports"
        on = self._points(page, Step(page.url, step.trail, step.via, context, step.rule, step.how), shown)
        if context == "reports" and not (listed or on or shown.is_report) and (shown.items or step.rule == "column"):
            said = "no title among its entries is a report's" if shown.items else "no list of reports was seen on it"
            self.found.unread.append((page.url, step.trail[-1] if step.trail else "", said))
        return listed or on

    def _judge(self, page: Page, step: Step, context: str, named: str, shown: Shown) -> bool:
        """Whether a page is a column of reports; it is kept then."""
        reports, items = len(shown.reports), len(shown.items)
        if shown.is_report and step.via and self._alike[step.via[-1], _undated(step.trail)] > 1:
            said = "a report itself: the page that leads to it lists reports under one label"
            self.found.unread.append((page.url, step.trail[-1], said))
            return False
        unread = shown.is_shell or shown.is_scripted or (shown.is_empty and step.rule != "year")
        if context == "reports" and (reports or unread):
            label_said = step.context == "reports" and step.rule != "address"
            why = "label" if label_said else ("address" if step.context == "reports" else "heading")
        elif reports >= 3 and 2 * reports >= items:
            why = "entries"
        elif reports and reports == items and step.rule in _MENUS and not shown.is_report:
            why = "entries"  # a young folder: whoever stands in a menu of bodies may have published once
        else:
            if reports:
                said = step.trail[-1] if step.trail else ""
                self.found.passed.append((page.url, said, tuple(link.url for link in shown.reports)))
            return False
        title = next((text for text in reversed(step.trail) if text), "") or named
        title = f"{named}>{title}" if named and "报" not in title else title
        self.found.listings.append(Found(page.url, title, why, step, tuple(link.url for link in shown.reports), items))
        if step.rule in {"year", "group", "body"}:
            over = [
                url for url in step.via if url in self.found.pages and self.found.pages[url][1].context == "reports"
            ]
            for url in over[:1] or step.via[-1:]:
                if url in self.found.pages:
                    self.found.hubs.setdefault(url, self.found.pages[url][1])
        return True

    def _pointers(self, page: Page, at: Step) -> tuple[Pointer, ...]:
        every, whole = pointers_of(page)
        if not whole:
            self.found.unread.append((page.url, at.trail[-1] if at.trail else "", MORE_POINTERS))
        return every

    def _points(self, page: Page, at: Step, shown: Shown) -> bool:
        """Queue where a page points; whether any of it is new and worth asking."""
        if at.depth >= self.limits.depth:
            return False
        skipped = {link.url for link in shown.reports} | set(shown.following)
        many = [p for p in self._pointers(page, at) if p.url not in skipped]
        on = False
        for pointer in [*many, *_derived(page.url, many)]:
            found = rank(pointer, at.context, last_year=self.last_year)
            if found.rule == "goes" and len(many) > 15:
                continue
            if found.rule == "menu" and urlsplit(pointer.url).netloc != urlsplit(page.url).netloc:
                continue
            trail = (*at.trail, pointer.text) if pointer.text else at.trail
            if found.refused:
                if found.rule == "column":
                    self._tell(pointer.url, trail, found.refused)
                continue
            if not found.weight or bare(pointer.url) in self._met:
                continue
            if pointer.text and pointer.text in at.trail[-1:] and shape(pointer.url) == shape(page.url):
                self._tell(pointer.url, trail, "a page that leads to more of itself")
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
                Step(pointer.url, trail, (*at.via, page.url), leads, found.rule, pointer.how),
                found.weight - 2 * at.depth,
            )
        return on

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
                self.found.unread.append((url, SEARCH, f"the portal's own search was asked: {answer.reason}"))
                return
            shown = self.show(answer.page, "")
            step = Step(answer.page.url, (SEARCH,), (page.url,), "", "search", "search")
            for link in shown.reports[:3]:
                if self.refusal(link.url) is None:
                    via = (*step.via, answer.page.url)
                    self._add(Step(link.url, (*step.trail, label(link.text)), via, "", "search", "search"), 50)
            self._points(answer.page, step, shown)
            await self._until_empty()
            if not shown.reports:
                self.found.unread.append((url, SEARCH, "the portal's own search was asked: it shows no report"))
            elif self.searched and not self.found.listings:
                self.found.pages[answer.page.url] = (answer.page, step)
                reports = tuple(link.url for link in shown.reports)
                self.found.listings.append(Found(answer.page.url, SEARCH, "search", step, reports, len(shown.items)))
            return


def _undated(trail: Sequence[str]) -> str:
    """The last label of a way without its year."""
    return _YEAR.sub("", trail[-1]) if trail else ""


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
        if (
            2 < len(said) <= 30
            and _by_label(said, "", 2100) == Rank(100, "reports", "column")
            and not _YEAR.search(said)
        ):
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
