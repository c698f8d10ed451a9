"""大汉 JCMS (about 200 county units in 浙江, 山东, 甘肃, 河北, 江西, 江苏).

* Lists stand inside ``<script type="text/xml"><datastore>…<record><![CDATA[<li>…]]>``: an HTML parser sees nothing
there.
* The openness catalogue: ``/module/xxgk/search.jsp?infotypeId=…&area=…`` answers with table rows and 共N页.
* Paging: as the page's script does, by posting ``param_<unit>`` to ``dataproxy.jsp?startrecord=…``; where the page does
  not say what it posts, the ``nextgroup`` address. That one answers an empty body on some sites; the look is partial
  then.
* ``xxgkAnnualReport.jsp?area=<organ>&fbtime=<reporting year>`` is the report itself, on portals such as 汶上's.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import lxml.html

from archive.file_endings import ENDINGS
from crawler.listing_specs import addressed, column, searched
from crawler.lists.addresses import joined
from crawler.lists.entries.items import read_items
from crawler.lists.kinds.emptiness import unhidden_text
from crawler.lists.kinds.page_kinds import is_notice
from crawler.lists.list_page import ListPage, Page, between, parse
from crawler.lists.list_requests import ListRequest
from crawler.lists.page_words import words
from crawler.lists.paging.stated_pagers import stated_pagers
from crawler.lists.scripts.asked_lists import request_to
from crawler.net.response_verdict import Verdict
from crawler.spider import PortalSpider
from storage.records import CaptureOutcome, LookOutcome

__all__ = ["HanwebJcms", "addressed", "column", "searched"]

_NEXT = re.compile(r"<nextgroup>\s{0,20}(?:<!\[CDATA\[)?\s{0,20}<a\s{1,20}href=[\"']([^\"']*)[\"']", re.IGNORECASE)
_ANSWERED = re.compile(r"<totalrecord>\s*(\d{1,7})", re.IGNORECASE)
_CALL = re.compile(
    r"""(?:\$|jQuery)\(\s?["']#(\w{1,20})["']\s?\)\.jpage\(\s?\{(.{0,1500}?)(?:ajaxParam|\}\s?[,)])""", re.DOTALL
)
_TOLD = re.compile(r"""\btotalRecord["']?\s{0,9}[:=]\s{0,9}["']?(\d{1,6})\b""")
_PARAM = re.compile(r"var\s+param_(\w{1,20})\s*=\s*\{(.{0,1000}?)\}", re.DOTALL)
_FIELD = re.compile(r"(\w{1,30})\s*:\s*(?:'([^']{0,300})'|(-?\d{1,12}))")
_PAGE = re.compile(r"[?&]page=(\d{1,5})(?!\d)")
_PAGES = re.compile(r"<totalpage>\s*(\d{1,5})", re.IGNORECASE)
_SEARCH = re.compile(r"""["']([\w./:-]{0,200}/module/xxgk/search\.jsp\?[^"'<>\s]{1,1000})["']""")
_CATALOGUE = "/module/xxgk/search.jsp"
_SENT = re.compile(
    r"\bdata\s{0,9}:\s{0,9}(?:\{([^{}]{1,1500})\}|[\w\"'])"
)  # an object, or an expression that is not known
_CALLED = 2_000  # characters of a call in which what it sends stands
_FBTIME = re.compile(r"(?<=[?&])fbtime=\d{0,4}&?|&fbtime=\d{0,4}$")
_MOST = 200  # pages of a catalogue
_BODY = ("#zoom", ".bt-content", "td.bt_content", ".main-txt")
_PARTS = re.compile(
    rf"<(?:iframe|embed|object|img)\b|\.(?:{ENDINGS})\b(?!\()|downfile\.jsp|download\.jsp", re.IGNORECASE
)
_DOCUMENTS = re.compile(_PARTS.pattern.replace("|img", ""), re.IGNORECASE)
_ARTICLES = 5  # links to articles that furniture does not have
_FURNITURE = 300  # characters of text outside links up to which a page without a known body is taken for empty


class HanwebJcms(PortalSpider):
    """Base of portals on 大汉 JCMS."""

    family: ClassVar[str] = "hanweb_jcms"

    def read_list(self, page: Page) -> ListPage:
        """Unwrap the datastore, or read an ordinary list page where there is none."""
        stores = between(page.text, "<datastore>", "</datastore>", 20) or (
            [page.text] if "<record>" in page.text[:4000].lower() else []
        )
        if not stores:
            if "dataproxy.jsp" in page.url:  # the known 54-byte answer, or none at all
                return ListPage(links=(), outcome=LookOutcome.PARTIAL, reason="paging_answers_empty")
            return _of_catalogue(super().read_list(page), page)
        records = "".join(_unwrapped(record) for store in stores for record in between(store, "<record>", "</record>"))
        links, doubt = read_items(Page(page.url, f"<ul>{records}</ul>"), self.signature())
        total = self._total(page, ListPage(links=links).linked)
        if not links:
            outcome = LookOutcome.PARTIAL if "dataproxy.jsp" in page.url else LookOutcome.CHANGED
            return ListPage(links=(), outcome=outcome, reason="datastore_without_record", total=total)
        pages = self._following(page, ListPage(links=links).linked, total)
        if total is None and not pages and "dataproxy.jsp" not in page.url:
            doubt = doubt or "no_total_in_datastore"  # a store holds the first pages only; how many there are is unsaid
        found = ListPage(links=links, total=total, following=pages, doubt=doubt)
        number = _PAGE.search(page.url) if "dataproxy.jsp" in page.url else None
        # the first answer may repeat what the page embeds; that is not the end
        return replace(found, interface_page=bool(number and number.group(1) == "1" and pages))

    def _total(self, page: Page, count: int) -> int | None:
        """How many entries there are: what an answer says, or the call for the store; any other call may carry a dummy
        (``totalRecord:1000``), and tells only where the ``count`` entries of the page are all that it speaks of.
        A page with several stores has the entries of all of them.
        """
        answered = _ANSWERED.search(page.text)
        if answered:
            return int(answered.group(1))
        stated = (one.claim.total for one in stated_pagers(page) if one.claim.name == "jpage")
        totals = [one.number for one in stated if one is not None]
        if len(totals) > 1 and _has_several_stores(page):
            return sum(totals)
        told = {int(number) for number in _TOLD.findall(page.text)}
        return max(totals, default=count if count in told else None)

    def _following(self, page: Page, count: int, total: int | None) -> tuple[str | ListRequest, ...]:
        if (total is not None and count >= total) or "startrecord=" in page.url:
            return ()
        if total is not None and not _has_several_stores(page):  # of several, nobody knows whose entries are not there
            posted = self._by_record(page, count, total)
            if posted:
                return posted
        following = _NEXT.search(page.text)
        if following and following.group(1):
            url = joined(page.url, html.unescape(following.group(1)))
            return (url,) if url else ()  # how many entries there are tells of those not asked for
        return _next_page(page) if "dataproxy.jsp" in page.url else ()

    def _by_record(self, page: Page, count: int, total: int) -> tuple[ListRequest, ...]:
        """The requests of the page's script for the entries that the first page does not embed: groups of them by
        ``startrecord`` and ``endrecord``. () where it does not say what it posts.
        """
        units = dict(_PARAM.findall(page.text))
        for unit, call in _CALL.findall(page.text):
            if not re.search(r"dataStore\s?:", call) or unit not in units:
                continue
            settings = dict(re.findall(r"(perPage|groupSize)\s?:\s?(\d{1,3})", call))
            step = max(1, int(settings.get("perPage", 10))) * max(1, int(settings.get("groupSize", 3)))
            proxy = re.search(r"proxyUrl:'([^']{1,200}/dataproxy\.jsp)'", call)
            fields = {name: text or number for name, text, number in _FIELD.findall(units[unit])}
            starts = range(count + 1, min(total, count + step * 100) + 1, step)
            base = joined(page.url, proxy.group(1) if proxy else "/module/web/jpage/dataproxy.jsp")
            if base is None:
                return ()
            pages = [{"startrecord": at, "endrecord": min(at + step - 1, total)} for at in starts]
            size = {"perpage": settings.get("perPage", 10)}
            return tuple(ListRequest(f"{base}?{urlencode(span | size)}", tuple(fields.items())) for span in pages)
        return ()

    def judge_addressed(self, page: Page) -> Verdict:
        """Whether ``xxgkAnnualReport.jsp`` answered with a report: it answers 200 for a year without one as well.

        A page is empty if its body is (no text, picture, document), or, where no known body stands on it, if there is
        hardly any text outside links and no sentence; it holds a report if a chapter title stands in it. Anything
        else is not understood.
        """
        tree = parse(page.text)  # a tree of its own: what is no body is taken out of it
        if tree is None:
            return Verdict(CaptureOutcome.EMPTY, "no_markup")
        bodies = [body for selector in _BODY for body in tree.cssselect(selector)]
        text = page.visible_text
        if any(chapter in text for chapter in words("report_page", "chapters")) or self.titled_as_report(tree):
            return Verdict(CaptureOutcome.PAGE)
        if bodies:
            inside = "".join(str(part) for body in bodies for part in body.itertext()).strip()
            parts = any(_PARTS.search(_markup(body)) for body in bodies)
            empty = len(inside) < 40 and not parts
        else:
            said = any(word in unhidden_text(tree) for word in words("empty_list"))
            if self._articles(page, tree) >= _ARTICLES:
                return Verdict(CaptureOutcome.PAGE, "not_understood")  # the home page, or a list
            for anchor in list(tree.iter("a", "script", "style", "select", "option")):
                anchor.drop_tree()
            rest = "".join(tree.text_content().split())
            speaks = "，" in rest or "。" in rest  # a sentence: a notice in place of the report, not its absence
            shows = (_DOCUMENTS if said else _PARTS).search(_markup(tree)) is not None
            empty = len(rest) < _FURNITURE and not speaks and not is_notice(tree) and not shows
        if empty:
            return Verdict(CaptureOutcome.SOFT_404, "empty_report")
        return Verdict(CaptureOutcome.PAGE, "not_understood")

    def _articles(self, page: Page, tree: lxml.html.HtmlElement) -> int:
        """How many links to articles a page has. Those to the same body's reports on other years are none, nor, where
        it has such, those of a menu of the other bodies.
        """
        detail, here = self.signature().detail, urlsplit(page.url).path
        hrefs = [joined(page.url, anchor.get("href") or "") or "" for anchor in tree.iter("a")]
        found = [href for href in hrefs if detail.search(href) and _without_year(href) != _without_year(page.url)]
        own = any(_without_year(href) == _without_year(page.url) for href in hrefs)
        return sum(not own or urlsplit(href).path != here for href in found)


def _has_several_stores(page: Page) -> bool:
    return len(between(page.text, "<datastore>", "</datastore>", 2)) > 1


def _without_year(url: str) -> str:
    """The address of a body's report without its year: a bar of years leads to the same body's others."""
    return _FBTIME.sub("", url.partition("://")[2])


def _next_page(page: Page) -> tuple[str, ...]:
    """The page after an answer that counts pages (``page=1`` … ``<totalpage>20``) without naming the next one."""
    number, most = _PAGE.search(page.url), _PAGES.search(page.text)
    if number is None or most is None or int(number.group(1)) >= int(most.group(1)):
        return ()
    return (f"{page.url[: number.start(1)]}{int(number.group(1)) + 1}{page.url[number.end(1) :]}",)


def _of_catalogue(plain: ListPage, page: Page) -> ListPage:
    """A page of the openness catalogue: ``search.jsp`` answers with rows and 共N页, further ones are ``currpage=2`` …;
    the column around it has no rows and names the answer in a script.
    """
    parts = urlsplit(page.url)
    if not parts.path.endswith(_CATALOGUE):
        asks = plain.interface_page or plain.outcome is not LookOutcome.OK or _is_begun(plain)
        url = _question(page) if asks else None
        if url is None:
            return plain
        return ListPage(links=plain.links, following=(ListRequest(url),), total=plain.total, interface_page=True)
    if not plain.links:
        return plain
    if plain.pages is None:
        return replace(plain, doubt=plain.doubt or "no_page_count_in_catalogue")
    fields = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "currpage"]
    pages = (
        urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*fields, ("currpage", str(number))]), ""))
        for number in range(2, min(plain.pages, _MOST) + 1)
    )
    return replace(plain, following=tuple(ListRequest(url) for url in pages), by_script=False)


def _is_begun(plain: ListPage) -> bool:
    """Whether a column shows its first rows alone: it has, or its scripts turn it to, more of them."""
    return plain.by_script or (plain.total or 0) > plain.linked


def _question(page: Page) -> str | None:
    """The address that a column's script asks for rows, with the fields that it sends along; None without one, and
    where not all that it sends is known.
    """
    made = request_to(_CATALOGUE, page.tree)
    if made is not None:
        url, sent = joined(page.url, made[0]), dict(made[1])
        return _with_fields(url, sent | {"currpage": "1"}) if url is not None else None
    named = _SEARCH.search(page.text)
    url = joined(page.url, html.unescape(named.group(1))) if named is not None else None
    if named is None or url is None:
        return None
    given = _SENT.search(page.text, named.end(), named.end() + _CALLED)
    if given is None:
        return url
    if not given.group(1):
        return None  # something that is not known
    sent = {name: text or number for name, text, number in _FIELD.findall(given.group(1))}
    return _with_fields(url, sent | {"currpage": "1"})


def _with_fields(url: str, sent: dict[str, str]) -> str:
    """An address with what a script sends along: the system answers to GET with all fields as well."""
    parts = urlsplit(url)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True)) | sent
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(fields), ""))


def _unwrapped(record: str) -> str:
    record = record.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    return html.unescape(record) if "&lt;" in record[:200] else record


def _markup(node: lxml.html.HtmlElement) -> str:
    return lxml.html.tostring(node, encoding="unicode", with_tail=False)[:200_000]
