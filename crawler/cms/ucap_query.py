"""UCAP with lists behind ``/queryList`` (江西's cluster of government sites; 广安 in 四川 as well).

* A column's page writes its newest entries into a script, ``var listData = {articleList: [{title, pubDate, urls}]}``,
  and what the column is, ``var channelsTagSelf = {code, articleCount}``; templates make the list of it.
* A column of reports may have a column for each body or group below it: ``children`` of ``channelsTagSelf``, or of the
  same object as a script of the page makes its menu of it (``renderChannelTemplate('subMenu', ({…}).children)``).
* ``loadPageData(params, …)`` names the question: ``webSiteCode``, ``channelCode`` (or ``channelId``), ``perPage``. It
  goes by POST to ``/queryList`` as ``current=1&pageSize=15&webSiteCode[]=…&channelCode[]=…``, without the texts.
* The answer: ``{data: {results: [{source: {title, pubDate, urls: '{"pc": "/…"}'}}]}}``; ``urls`` is JSON in a text.

Seen: a column's page, the request and how collectors read its answer. Not seen: the answer itself, so the name of a
total in it is guessed; the column's ``articleCount`` is what must be reached, and it was seen one behind. A column that
gathers others counts none of its own; such a look is partial. How a column with children lists: the page of one at a
county was not seen; the object is the same as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urlsplit

import lxml.html

from crawler.listing_specs import addressed, column, searched
from crawler.lists.addresses import join
from crawler.lists.kinds.page_kinds import is_known_folder
from crawler.lists.list_page import DIVIDED, ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.reasons import END_NOT_SAID
from crawler.lists.scripts.answers import (
    Entries,
    Entry,
    at,
    changed,
    entries,
    interface_page,
    json_of,
    names_reports,
    number_of,
    rows_of,
    unless_behind,
    value_after,
)
from crawler.spider import PortalSpider
from storage.records import Link, LookOutcome

__all__ = ["UcapQuery", "addressed", "column", "searched"]

_LIST = re.compile(r"\barticleList[\"']?\s{0,9}:\s{0,9}(?=\[)")
_SELF = re.compile(r"\bchannelsTagSelf\s{0,9}=\s{0,9}(?=\{)")
_MENU = re.compile(r"\brenderChannelTemplate\(\s{0,9}[\"'][\w-]{1,80}[\"']\s{0,9},\s{0,9}\(?\s{0,9}(?=\{)")
_PARAMS = re.compile(r"\bvar\s{1,9}params\s{0,9}=\s{0,9}\{([^{}]{0,3000})\}")
_CODES = re.compile(
    r"""\b(webSiteCode|channelCode|channelId)["']?\s{0,9}:\s{0,9}\[\s{0,9}["']([\w.-]{1,80})["']\s{0,9}\]"""
)
_ROWS = re.compile(r"""\b(?:perPage|pageSize)["']?\s{0,9}:\s{0,9}["']?(\d{1,3})\b""")
_TOTALS = ("total", "totalCount", "totalHits", "recordCount", "totalRecord", "count")
_MOST = 200
_FEWEST = 10  # entries of a full page
_CHILDREN = 150  # columns below one


class UcapQuery(PortalSpider):
    """Base of portals whose columns ask ``/queryList``."""

    family: ClassVar[str] = "ucap_query"

    def read_list(self, page: Page) -> ListPage:
        """Return the entries in a column's page and the questions for all, an answer's entries, or an ordinary list."""
        if urlsplit(page.url).path.endswith("/queryList"):
            return _answered(page)
        tree = page.tree
        rows, own = value_after(page.text, _LIST), value_after(page.text, _SELF)
        below = _below(page, own) if _is_of_reports(page, own, tree) else ()
        read = self._listed(page, rows, own)
        if below and not read.links and not number_of(at(own, "articleCount")):
            return ListPage(links=(), subcolumns=below, outcome=LookOutcome.PARTIAL, reason=DIVIDED)
        return replace(read, subcolumns=tuple({link.url: link for link in (*read.subcolumns, *below)}.values()))

    def _listed(self, page: Page, rows: object, own: object) -> ListPage:
        """A column's own entries, ``rows`` those in its page."""
        base, asked = page.base, _question(page, own)
        if not isinstance(rows, list) and asked is None:
            return unless_behind(super().read_list(page), page, self.family)
        found = _read(rows if isinstance(rows, list) else [], base)
        count = number_of(at(own, "articleCount"))
        given = len(rows) if isinstance(rows, list) else 0
        full = _is_full(given) if asked is None else given >= asked(1).rows  # more may stand behind a full page
        if count and count <= len(found.links) + found.twice and (asked is None or not full):
            doubt = found.doubt or (END_NOT_SAID if full else "")
            return ListPage(links=found.links, total=len(found.links), doubt=doubt)
        if asked is None or not count:
            return _uncounted(found, None if asked is None else asked(1), count == 0 and not _gathers(own))
        last = min(
            _MOST, max(count, given) // asked(1).rows + 1
        )  # a page more where all are full: the count was seen one behind
        steps = (asked(number).step for number in range(1, last + 1))
        return replace(interface_page(*steps, total=count), links=found.links)


def _is_of_reports(page: Page, own: object, tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a column is one of annual reports, or known to lie below one."""
    return names_reports(at(own, "name") or at(own, "showName")) or is_known_folder(tree, page.column)


def _below(page: Page, own: object) -> tuple[Link, ...]:
    """The columns below a page's own, as its data name them."""
    code, menu = at(own, "code"), value_after(page.text, _MENU)
    told = [at(one, "children") for one in (own, menu) if code and at(one, "code") == code]
    rows = [row for children in told if isinstance(children, list) for row in children[:_CHILDREN]]
    shown = (row for row in rows if at(row, "code") != code and str(at(row, "showOrNot")) != "0")
    found = entries((Entry(_address(row), at(row, "name") or at(row, "showName")) for row in shown), page.url)
    return tuple(Link(url=link.url, text=link.text) for link in found.links if link.text and link.url != page.url)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question for one page of a column, and how many entries it asks for."""

    step: ListRequest
    rows: int


def _question(page: Page, own: object) -> Callable[[int], _Asked] | None:
    """What the page asks for its list: the question for its own column where there are several; None without one."""
    found = [(dict(_CODES.findall(block)), _ROWS.search(block)) for block in _PARAMS.findall(page.text)[:50]]
    asked = [(codes, rows) for codes, rows in found if "webSiteCode" in codes and len(codes) > 1]
    mine = [(codes, rows) for codes, rows in asked if at(own, "code") in codes.values()] or asked
    if not mine:
        return None
    codes, rows = mine[0]
    size = max(1, int(rows.group(1))) if rows else 15
    fields = tuple((f"{name}[]", code) for name, code in sorted(codes.items(), reverse=True))

    def ask(number: int) -> _Asked:
        form = (("current", str(number)), ("pageSize", str(size)), *fields, ("notReturnContent", "true"))
        return _Asked(ListRequest(join(page.url, "/queryList"), form), size)

    return ask


def _is_full(given: int) -> bool:
    """Whether so many entries look like a full page, where none says how many a page has."""
    return given >= _FEWEST and given % 5 == 0


def _gathers(own: object) -> bool:
    """Whether a column shows the entries of others: then it counts none of its own."""
    return str(at(own, "aggregationChannel") or "0") != "0" or bool(number_of(at(own, "childCount")))


def _uncounted(found: Entries, asked: _Asked | None, empty: bool) -> ListPage:
    """A column that does not say how many entries it has, or says that it has none."""
    if empty and not found.links and not found.doubt:
        return ListPage(links=(), total=0, reason="says_it_is_empty")
    if not found.links:
        return changed("no_total_in_page")
    following = (asked.step,) if asked is not None else ()
    return ListPage(links=found.links, following=following, speculative=True, doubt=found.doubt or "no_total_in_page")


def _answered(page: Page) -> ListPage:
    data = at(json_of(page.text), "data")
    said = (number_of(at(data, name)) for name in _TOTALS)
    total = next((one for one in said if one is not None), None)
    rows, ended = rows_of(at(data, "results"), total, None)
    if ended is not None:
        return ended
    found = _read(rows, page.url)
    return ListPage(links=found.links, total=total, doubt=found.doubt)


def _read(rows: list[object], base: str) -> Entries:
    sources = [inner if isinstance(inner := at(row, "source"), dict) else row for row in rows]  # or it says whence
    return entries((Entry(_address(source), _title(source), at(source, "pubDate")) for source in sources), base)


def _address(source: object) -> object:
    """``urls`` is an object, or JSON in a text: ``{"pc": "/…/content_1.html"}``."""
    urls = at(source, "urls")
    return at(json_of(urls) if isinstance(urls, str) else urls, "pc") or at(source, "url")


def _title(source: object) -> object:
    return at(source, "title") or at(source, "showTitle")
