"""龙讯 Lonsun, 政府信息公开 (about 80 county units: 安徽, parts of 甘肃, 四川, 青海, 湖北).

* ``/public/column/<organ>?type=4&catId=…&action=list`` is a list; its first page stands in the page or is fetched like
  the others. Further pages: GET ``…/site/label/8888`` with all fields that the page's script names (``labelName``,
  ``siteId``, ``organId``, ``catId``, ``file``; ``file`` and the path before ``/site`` differ by site), ``pageIndex=N``;
  ``pageCount:N`` in the script says how many. The answer is a piece of markup. ``length`` cuts titles and is raised.
* ``/public/column/<organ>?type=3&action=detail&nav=3&title=2021`` is the report of that organ on that year; so is
  ``…?type=3&nav=5&sub=1&timeFrame=2023&hasContent=true``. They are declared with ``addressed``.
* Older sites have static lists: ``/XxgkContent/showList/865/0/page_1.html``, ``/content/column/<id>?pageIndex=1``, with
  documents ``/XxgkAnnualReport/show/<id>.html``, ``/Xxgknb/show/<id>.html``, ``/xxgkAnnualReport/detail/<hex>.html``.

Seen: requests and rows as collectors use them, document pages. Not seen: a whole list page (how its script writes the
fields), an answer, a page addressed by year, above all one for a year without a report. Whatever is otherwise is
``changed`` or ``partial``; an addressed page counts as empty only where the place of the text stands and is empty.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

import lxml.html

from archive.file_endings import ENDINGS
from archive.identity.classification import classify
from crawler.listing_specs import addressed, column, searched
from crawler.lists.addresses import join
from crawler.lists.kinds.page_kinds import is_notice
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.page_words import words
from crawler.lists.paging.pagers import next_links
from crawler.lists.paging.stated_pagers import stated_pagers
from crawler.lists.scripts.answers import changed, interface_page, number_of, query_of, unless_behind, with_query
from crawler.net.response_verdict import Verdict
from crawler.spider import PortalSpider
from storage.records import CaptureOutcome

__all__ = ["Lonsun", "addressed", "column", "searched"]

_LABEL = re.compile(r"/site/label/\d{1,8}$")
_WHERE = re.compile(r"""["']([^"'\s<>?]{0,300}/site/label/\d{1,8})(\?[^"'\s<>]{0,2000})?""")
_NAMED = re.compile(r"""\blabelName["']?\s{0,9}:\s{0,9}["']publicInfo\w{0,30}["']""")
_FIELD = re.compile(
    r"""["']?\b(\w{1,30})["']?\s{0,9}:\s{0,9}(?:"([^"]{0,300})"|'([^']{0,300})'|(-?\d{1,20}|true|false)\b)"""
)
_PAGES = re.compile(r"""\bpageCount["']?\s{0,9}[:=]\s{0,9}["']?(\d{1,4})\b""")
_ORGAN = re.compile(r"/public/column/(\d{1,20})")
_EMPTY = "暂无相关信息"
_AROUND = 3_000  # characters before and after labelName in which its fields stand
_MOST = 200
_PARTS = re.compile(rf"<(?:iframe|embed|object|img)\b|\.(?:{ENDINGS})\b(?!\()", re.IGNORECASE)
_HEADINGS = "//title | //h1 | //h2 | //h3 | //*[contains(@class, 'title')] | //meta[@name='ArticleTitle']/@content"


class Lonsun(PortalSpider):
    """Base of portals on Lonsun's openness system."""

    family: ClassVar[str] = "lonsun"

    def read_list(self, page: Page) -> ListPage:
        """Return a list page with the requests of its script, an answer to one, or a static list."""
        if _LABEL.search(urlsplit(page.url).path):
            return self._answered(page)
        plain = self.read_entries(page)
        said = _PAGES.search(page.text)
        count = int(said.group(1)) if said else None
        label = _request(page)
        if label is None:
            return unless_behind(_static(page, plain, count), page, self.family)
        url, fields = label
        first = 2 if plain.links and self._in_its_place(page) else 1
        last = max(1, min(count or 1, _MOST))
        steps = tuple(_step(url, fields, number) for number in range(first, last + 1))
        if not plain.links:  # that pages are counted is enough to disbelieve an answer with none
            return replace(interface_page(*steps, total=1 if count else None), pages=count)
        doubt = plain.doubt or ("" if count is not None else "no_page_count")
        return replace(plain, following=steps, pages=count, by_script=False, doubt=doubt)

    def _in_its_place(self, page: Page) -> bool:
        """Whether the links of a page are those of its list, not of a menu."""
        tree = page.tree
        return tree is not None and any(tree.cssselect(f"{area} a[href]") for area in self.signature().areas)

    def _answered(self, page: Page) -> ListPage:
        plain, asked = self.read_entries(page), query_of(page.url)
        if plain.links:
            pages = max((one.pages or 1 for one in stated_pagers(page)), default=1)
            turned = range(2, min(pages, _MOST) + 1) if number_of(asked.get("pageIndex")) == 1 else ()
            steps = tuple(ListRequest(with_query(page.url, asked | {"pageIndex": str(number)})) for number in turned)
            return ListPage(links=plain.links, following=steps, doubt=plain.doubt)
        said = "".join(page.visible_text.split())
        if said and said == "".join((asked.get("result") or _EMPTY).split()):
            return ListPage(links=(), reason="says_it_is_empty" if asked.get("pageIndex") == "1" else "")
        return changed("answer_without_list")

    def judge_addressed(self, page: Page) -> Verdict:
        """Whether a page addressed by organ and year holds that report.

        Empty is a page on which the place of the text stands and holds nothing (or 暂无…), with no heading of a
        report. A report of another year, a heading without text and all else is not understood.
        """
        tree = page.tree
        if tree is None:
            return Verdict(CaptureOutcome.EMPTY, "no_markup")
        year, named = _asked_year(page.url), set(_years(tree))
        bodies = [body for selector in self.signature().content for body in tree.cssselect(selector)]
        inside = "".join(str(part) for body in bodies for part in body.itertext()).strip()
        markup = "".join(lxml.html.tostring(body, encoding="unicode", with_tail=False)[:200_000] for body in bodies)
        filled = len(inside) >= 40 or bool(_PARTS.search(markup))
        chapters = any(chapter in page.visible_text for chapter in words("report_page", "chapters"))
        of_year = year in named or (not named and (year is None or f"{year}年" in inside))
        if (filled or chapters) and of_year and (named or chapters):
            return Verdict(CaptureOutcome.PAGE)
        if named or filled or chapters or is_notice(tree):
            return Verdict(CaptureOutcome.PAGE, "not_understood")
        if bodies or any(word in page.visible_text for word in words("empty_list")):
            return Verdict(CaptureOutcome.SOFT_404, "empty_report")
        return Verdict(CaptureOutcome.PAGE, "not_understood")


def _request(page: Page) -> tuple[str, dict[str, str]] | None:
    """The address of the label and its fields, as the page's script names them; None if it names none."""
    where = _WHERE.search(page.text)
    fields: dict[str, str] = {}
    if where is not None and where.group(2):
        fields = query_of(html.unescape(where.group(2)))
    named = _NAMED.search(page.text)
    if named is not None:
        before = page.text[max(0, named.start() - _AROUND) : named.start()].rpartition("{")[2]
        after = page.text[named.start() : named.start() + _AROUND].partition("}")[0]
        found = _FIELD.findall(before + after)
        fields |= {name: double or single or bare for name, double, single, bare in found}
    if not fields.get("labelName", "").startswith("publicInfo"):
        return None
    organ, asked = _ORGAN.search(urlsplit(page.url).path), query_of(page.url)
    known = {"organId": organ.group(1) if organ else "", "type": asked.get("type", ""), "catId": asked.get("catId", "")}
    fields |= {name: value for name, value in known.items() if value and not fields.get(name)}
    if not fields.get("organId") and not fields.get("siteId"):
        return None
    try:
        return join(page.url, where.group(1) if where else "/site/label/8888"), fields
    except ValueError:
        return None


def _step(url: str, fields: dict[str, str], number: int) -> ListRequest:
    usual = {"IsAjax": "1", "dataType": "html", "isDate": "true", "dateFormat": "yyyy-MM-dd", "result": _EMPTY}
    own = {name: value for name, value in fields.items() if name != "_"}
    return ListRequest(with_query(url, usual | own | {"length": "300", "pageIndex": str(number)}))


def _static(page: Page, plain: ListPage, count: int | None) -> ListPage:
    """A list without a label: linked pages, or ``?pageIndex=N``, or a pager that only a script turns."""
    tree = page.tree
    linked = next_links(page.url, page.url, tree)
    if count is None or count <= 1:
        return replace(plain, following=linked)
    own = query_of(page.url)
    if "/content/column/" in urlsplit(page.url).path and number_of(own.get("pageIndex", "1")) == 1:
        pages = range(2, min(count, _MOST) + 1)
        turned = tuple(with_query(page.url, own | {"pageIndex": str(number)}) for number in pages)
        return replace(plain, following=turned, pages=count, by_script=False)
    return replace(plain, following=linked, pages=count, by_script=plain.by_script or not linked)


def _asked_year(url: str) -> int | None:
    asked = query_of(url)
    years = (re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", asked.get(name, "")) for name in ("title", "timeFrame"))
    return next((int(year.group()) for year in years if year), None)


def _years(tree: lxml.html.HtmlElement) -> Iterator[int]:
    """The years of the annual reports that headings name."""
    for heading in tree.xpath(_HEADINGS)[:60]:
        text = heading if isinstance(heading, str) else "".join(str(part) for part in heading.itertext())
        found = classify(text.strip()[:300], None)
        if found.is_report and found.year is not None:
            yield found.year
