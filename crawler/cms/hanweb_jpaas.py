"""大汉 JPAAS, the successor of JCMS (14 county units seen: 江苏 淮安, 甘肃, 浙江's new sites).

* A column's page holds no entry: its ``<script parseType="bulidstatic" url="…/front/page/build/unit" queryData="{…}">``
  names the interface and what to ask it for; ``paramJson={"pageNo":1,"pageSize":15}`` is added.
* The answer is JSON with markup in ``data.html``. How many entries there are, and how many stand on a page, are
  attributes of its ``.pagination`` (``count``, ``rows``): the printed 共 0 页 is filled in by a script.
* One answer holds new addresses (``/art/2026/art_<32 hex>.html``) and old ones (``//host/art/2025/11/4/art_1_2.html``).
* A page with its first entries on it and such a ``.pagination`` beside them goes on with the same interface.

Seen: a column's page, its first answer. Not seen: a later answer, an empty one, whether ``pageSize`` is obeyed, how
the page of a county's report column differs. What is otherwise ends as ``changed`` or ``partial``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import urlsplit

import lxml.html

from crawler.listing_specs import addressed, column, searched
from crawler.lists.addresses import join
from crawler.lists.entries.items import read_items
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import (
    at,
    changed,
    interface_page,
    json_of,
    number_of,
    query_of,
    unless_behind,
    with_query,
)
from crawler.spider import PortalSpider

__all__ = ["HanwebJpaas", "addressed", "column", "searched"]

_UNIT = "/front/page/build/unit"
_FIELD = re.compile(r"""(["'])(\w{1,40})\1\s{0,9}:\s{0,9}(["'])([^"']{0,300})\3""")
_LIST = re.compile(r"列表|分页|list", re.IGNORECASE)
_ROWS = 15
_MOST = 200


@dataclass(frozen=True, slots=True)
class _Pager:
    """What the attributes of ``.pagination`` say: entries in all, entries a page, the question and where to put it."""

    count: int
    rows: int
    fields: dict[str, str]
    url: str


class HanwebJpaas(PortalSpider):
    """Base of portals on 大汉 JPAAS."""

    family: ClassVar[str] = "hanweb_jpaas"

    def read_list(self, page: Page) -> ListPage:
        """Return an answer's entries, the question that a column's page names, or an ordinary list."""
        if urlsplit(page.url).path.endswith(_UNIT):
            return self._answered(page)
        pager = _pager(page.tree)
        if pager is not None:
            plain = replace(self.read_entries(page), total=pager.count, pages=None)
            if not plain.linked:
                return changed("pager_without_entry")
            try:
                interface = join(page.url, pager.url or f"/api-gateway/jpaas-publish-server{_UNIT}")
            except ValueError:  # what stands on the page is read all the same
                return replace(plain, doubt=plain.doubt or "no_address", following=())
            return replace(plain, following=tuple(_steps(interface, pager, 2)))
        units = [*_units(page)]
        if not units:
            return unless_behind(super().read_list(page), page, self.family)
        return interface_page(*dict.fromkeys(units))

    def _answered(self, page: Page) -> ListPage:
        answer = json_of(page.text)
        markup = at(answer, "data", "html")
        if not isinstance(markup, str) or at(answer, "success") is False:
            return changed("answer_without_markup")
        shown = Page(page.url, f"<div>{markup}</div>")
        links, doubt = read_items(shown, self.signature())
        if not shown.is_whole:
            doubt = "page_not_read_whole"
        pager, number = _pager(shown.tree), _page_number(page.url)
        if not doubt and _relative(shown.tree):
            doubt = "relative_address"  # to a page that the answer does not name
        if pager is None:
            return (
                ListPage(links=links, doubt=doubt or "no_total_in_answer") if links else changed("answer_without_entry")
            )
        linked = ListPage(links=links).linked
        due = max(0, min(pager.rows, pager.count - (number - 1) * pager.rows))
        if not linked:
            empty = pager.count == 0 and number == 1
            if due:
                return changed("answer_without_entry")
            return ListPage(links=(), total=pager.count, reason="says_it_is_empty" if empty else "")
        if linked + _repeated(shown.tree) < due:
            doubt = doubt or "fewer_entries_than_said"
        total = linked if due == pager.count == linked + _repeated(shown.tree) else pager.count
        interface = page.url.partition("?")[0]
        steps = _steps(interface, replace(pager, fields=query_of(page.url)), 2) if number == 1 else ()
        return ListPage(links=links, total=total, following=tuple(steps), doubt=doubt)


def _units(page: Page) -> Iterator[ListRequest]:
    """The questions that a column's page asks: those for a list, by the name of the unit, or all."""
    asked = []
    for script in page.tree.iter("script") if page.tree is not None else ():
        url, fields = (script.get("url") or "").strip(), _fields(script.get("querydata") or "")
        if url.partition("?")[0].endswith(_UNIT) and fields and fields.get("pageType", "column") == "column":
            asked.append((url, fields))
    lists = [(url, fields) for url, fields in asked if _LIST.search(fields.get("tagId", ""))]
    for url, fields in lists or asked:
        try:
            yield _step(join(page.url, url), fields, 1, _ROWS)
        except ValueError:
            continue


def _pager(tree: lxml.html.HtmlElement | None) -> _Pager | None:
    for node in tree.iter("table", "div") if tree is not None else ():
        count, rows = number_of(node.get("count")), number_of(node.get("rows"))
        if count is not None and rows and "pagination" in (node.get("class") or "").lower():
            return _Pager(count, rows, _fields(node.get("querydata") or ""), (node.get("uniturl") or "").strip())
    return None


def _fields(text: str) -> dict[str, str]:
    """``{'webId':'3185','tagId': '信息列表'}``: no JSON, for its quotes."""
    return {name: value for _, name, _, value in _FIELD.findall(html.unescape(text[:4000]))}


def _steps(interface: str, pager: _Pager, first: int) -> Iterator[ListRequest]:
    last = min(_MOST, -(-pager.count // pager.rows))
    return (_step(interface, pager.fields, number, pager.rows) for number in range(first, last + 1))


def _step(interface: str, fields: dict[str, str], number: int, rows: int) -> ListRequest:
    asked = json.dumps({"pageNo": number, "pageSize": rows}, separators=(",", ":"))
    return ListRequest(with_query(interface, fields | {"paramJson": asked}))


def _page_number(url: str) -> int:
    return max(1, number_of(at(json_of(query_of(url).get("paramJson", "")), "pageNo")) or 1)


def _anchors(tree: lxml.html.HtmlElement | None) -> list[str]:
    links = [(node.get("href") or "").strip() for node in tree.iter("a")] if tree is not None else []
    return [href for href in links if href and not href.lower().startswith(("javascript:", "#"))]


def _repeated(tree: lxml.html.HtmlElement | None) -> int:
    """How many links repeat an earlier one; an entry listed twice is counted twice by the pager."""
    found = _anchors(tree)
    return len(found) - len(set(found))


def _relative(tree: lxml.html.HtmlElement | None) -> bool:
    return any(not re.match(r"/|https?://", href, re.IGNORECASE) for href in _anchors(tree))
