"""Which request leads to the next page of a list: a link, a number, a form, or a content system's own way. Pure.

The ways of content systems are those that no link shows and no browser could draw, one function for each. It takes the
first page of a list and a number from 1 and returns the request for that page of the list, or None if the page is none
of its system. Number 1 is only asked for where the first page itself shows no entries.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.lists import claims
from crawler.lists.fetch import Request
from crawler.lists.page import Page
from crawler.lists.page_reader import parse_json
from crawler.lists.words import SCRIPT, WALK, squeeze

_CALL_UCAP, _CALL_TRS = re.compile(SCRIPT["calls_named"]), re.compile(SCRIPT["calls_trs"])
_COUNT_PAGE = re.compile(r"countPage\s*=\s*(\d{1,4})")
_WRITTEN = re.compile(r"([\w./-]{0,60}_)[\"']\s*\+\s*\(?\w+(?:\s*[-+]\s*1)?\)?\s*\+\s*[\"']\.(\w{2,6})")
_JOINED = re.compile(r"[\"']\s*\+\s*[\"']")  # between two pieces of one text
_JPAGE = re.compile(r"\{[^{}]{0,400}?columnid\s*:[^{}]{0,800}\}")
_FIELD = re.compile(r"[\"']?([\w-]{1,30})[\"']?\s*:\s*(?:\[\s*)?[\"']?([^\"',\]}\n]*)[\"']?")
_LABEL = re.compile(r"ajaxHtml\(\s*\{\s*url\s*:\s*[\"']([^\"']+)[\"']\s*,\s*data\s*:\s*\{([^{}]{1,2000})\}")
_UNIT = re.compile(r"<script\b[^>]*parseType=[\"']?bu\w+[^>]*>", re.I)
_QUERY = re.compile(r"params\s*=\s*(\{[^{}]{0,1500}?channelCode[^{}]{0,1500}\})")
_SID = re.compile(r"SID[\"']?\s*:\s*[\"'](\w+)[\"']")
_NEXT_GROUP = re.compile(r"<nextgroup>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</nextgroup>", re.S)
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']+)")
_TREE = re.compile(r"TREE[\"']?\s*:\s*(?=\[)")

Idiom = Callable[[Page, int], Request | None]


def create_page_html(page: Page, number: int) -> Request | None:
    """TRS counts from 0 (page 2 is ``index_1.html``), UCAP from 1 (page 2 is ``common_list_2.shtml``)."""
    ucap, trs = _CALL_UCAP.search(page.source), _CALL_TRS.search(page.source)
    if ucap and 1 < number <= int(ucap[1]):
        return Request(urljoin(page.url, f"{ucap[3]}_{number}.{ucap[4]}"))
    if trs and 1 < number <= int(trs[1]):
        return Request(urljoin(page.url, f"{trs[3]}_{number - 1}.{trs[4]}"))
    return None


def written_numbers(page: Page, number: int) -> Request | None:
    """TRS without a function: a loop writes ``index_`` and a number, as many as ``countPage`` says."""
    count, written = _COUNT_PAGE.search(page.source), _WRITTEN.search(_JOINED.sub("", page.source))
    if not count or not written or not 1 < number <= int(count[1]):
        return None
    return Request(urljoin(page.url, f"{written[1]}{number - 1}.{written[2]}"))


def jcms_records(page: Page, number: int) -> Request | None:
    """JCMS: the first page holds some records of all; the others are asked for by number, or by the next group."""
    fields = next((dict(_FIELD.findall(one)) for one in _JPAGE.findall(page.source) if "unitid" in one), None)
    total = max((one.value for one in page.claims if one.kind == claims.TOTAL), default=0)
    size = max((len(block.entries) for block in page.blocks), default=0)
    if number < 2 or not size or (number - 1) * size >= total:
        return None
    if not fields:
        group = _next_group(page.source)
        return Request(urljoin(page.url, unescape(group))) if group and number == 2 else None
    per_page = next((one.value for one in page.claims if one.kind == claims.PAGE_SIZE), size)
    span = {"startrecord": (number - 1) * size + 1, "endrecord": min(number * size, total), "perpage": per_page}
    address = f"/module/web/jpage/dataproxy.jsp?{urlencode(span)}"
    return Request(urljoin(page.url, address), body=urlencode(fields).encode())


def lonsun_label(page: Page, number: int) -> Request | None:
    """龙讯: further pages are answers of a label; its fields stand in the script."""
    call = _LABEL.search(page.source)
    pages = max((one.value for one in page.claims if one.kind == claims.COUNT_OF_PAGES), default=0)
    if not call or not 1 < number <= pages:
        return None
    fields = dict(_FIELD.findall(call[2])) | {"pageIndex": str(number), "IsAjax": "1", "dataType": "html"}
    address = urljoin(page.url, f"{call[1]}?{urlencode(fields)}")
    return Request(address, headers=(("X-Requested-With", "XMLHttpRequest"), ("Referer", page.url)))


def jpaas_unit(page: Page, number: int) -> Request | None:
    """JPAAS: the column's page names a unit, and the unit's answers hold the list."""
    tag = _UNIT.search(page.source)
    url = re.search(r"\burl=[\"']([^\"']+)", tag[0]) if tag else None
    data = re.search(r"queryData=\"([^\"]+)\"", tag[0], re.I) if tag else None
    query = parse_json(unescape(data[1]).replace("'", '"')) if data else None
    if url is None or not isinstance(query, dict):
        return None
    asked = query | {"paramJson": json.dumps({"pageNo": number, "pageSize": 20}, separators=(",", ":"))}
    return Request(urljoin(page.url, f"{url[1]}?{urlencode(asked)}"), headers=(("Referer", page.url),))


def gkmlpt_category(page: Page, number: int) -> Request | None:
    """开普 gkmlpt: a shell with a tree of categories, of which the answers hold the list."""
    sid = _SID.search(page.source)
    wanted = re.search(r"#(\d+)$", page.url)
    category = wanted[1] if wanted else next((key for _, key in gkmlpt_categories(page)), "")
    is_tree = not wanted and urlsplit(page.url).path.endswith("/index")  # which leads to the lists
    if not sid or not category or is_tree or "/gkmlpt" not in page.url:
        return None
    organ = urlsplit(page.url).path.partition("/gkmlpt")[0]
    return Request(urljoin(page.url, f"{organ}/gkmlpt/api/all/{category}?page={number}&sid={sid[1]}"))


def gkmlpt_categories(page: Page) -> list[tuple[str, str]]:
    """Return name and number of the categories of reports in the tree of a shell."""
    tree = _TREE.search(page.source)
    if not tree or "/gkmlpt" not in page.url:
        return []
    try:
        nodes, _ = json.JSONDecoder().raw_decode(page.source, tree.end())
    except ValueError:
        return []
    return list(_find_categories(nodes))


def _find_categories(nodes: object) -> Iterator[tuple[str, str]]:
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict):
            name = squeeze(str(node.get("name")))
            if WALK["reports"].fullmatch(name) and not WALK["not_reports"].search(name):
                yield name, str(node.get("id"))
            yield from _find_categories(node.get("children"))


def ucap_query(page: Page, number: int) -> Request | None:
    """UCAP of 江西: the newest entries stand in a script, all of them are asked for by a form."""
    found = _QUERY.search(page.source)
    fields = dict(_FIELD.findall(found[1])) if found else {}
    if not fields.get("channelCode") or not fields.get("webSiteCode"):
        return None
    size = fields.get("perPage") or "15"
    form = (
        ("webSiteCode[]", fields["webSiteCode"]), ("channelCode[]", fields["channelCode"]), ("current", str(number)),
        ("pageSize", size), ("perPage", size), ("unitid", fields.get("unitid", "")),
    )  # fmt: skip
    headers = (("X-Requested-With", "XMLHttpRequest"), ("Referer", page.url))
    return Request(urljoin(page.url, "/queryList"), headers, urlencode(form).encode())


def _next_group(source: str) -> str:
    """Return the address of the next group of records of a JCMS list, as it is printed; "" if there is none."""
    group = _NEXT_GROUP.search(source)
    href = _HREF.search(group[1]) if group else None
    return href[1] if href else ""


#: Systems of which the first page shows entries, and those of which it is a shell.
TURNED: tuple[Idiom, ...] = (create_page_html, written_numbers, lonsun_label, jcms_records)
SHELLS: tuple[Idiom, ...] = (jpaas_unit, gkmlpt_category, ucap_query)
LINKS = "links"  # what leads on where no idiom does


def first_request(page: Page) -> tuple[Request, str] | None:
    """Return the request for the list of which a page is the shell, and by which idiom; None if it is none."""
    found = ((idiom(page, 1), idiom.__name__) for idiom in SHELLS)
    return next(((request, name) for request, name in found if request is not None), None)


def next_request(
    pages: Sequence[Page], asked: Collection[str], shell: Page | None = None
) -> tuple[Request, str] | None:
    """Return the request that leads on from the pages of a list, and by what."""
    last, number = pages[-1], len(pages) + 1
    nexts = [one for one in last.controls if one.kind == "next" and one.enabled]
    numbers = [one for one in (*last.controls, *pages[0].controls) if one.kind == "number" and one.number == number]
    linked = [(Request(one.url), LINKS) for one in (*nexts, *numbers) if one.url]
    linked += [(Request(pages[0].url, body=urlencode(one.form).encode()), LINKS) for one in nexts if one.form]
    totals = [one.value for one in claims.choose(list(last.claims), claims.TOTAL)] if shell is not None else []
    idioms = () if totals and _count_rows(pages) >= max(totals) else TURNED if shell is None else SHELLS
    by_system = ((idiom(shell or pages[0], number), idiom.__name__) for idiom in idioms)
    found = ((request, by) for request, by in itertools.chain(linked, by_system) if request is not None)
    return next(((request, by) for request, by in found if key_of(request) not in asked), None)


def _count_rows(pages: Sequence[Page]) -> int:
    return sum(max((len(block.entries) for block in page.blocks), default=0) for page in pages)


def key_of(request: Request) -> str:
    """Return what tells requests apart."""
    return request.url if request.body is None else f"{request.url} {request.body!r}"
