"""Read an address: an official host, a report year, an organ's code, a page of its own or a folder; compare two.

``fbtime``, ``nbYear``, ``timeFrame`` and a bare-year ``title`` in a query name the REPORT year (seen on 汶上, 临沧,
平武, 桐城); a date in a path is when the content system made the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from archive.file_endings import ENDINGS
from archive.identity.years import FIRST_YEAR, LAST_YEAR

MAX_URL_CHARS, MAX_ROUTE_CHARS, MAX_QUERY_FIELDS = 2048, 200, 40
UNLINKED = "printed_without_link"  #: reason of a lead that a page prints without a link
_TEXT_FRAGMENT = "#:~:text="
_YEAR_KEYS = ("fbtime", "nbyear", "timeframe", "title")
_CODE_KEYS = ("area", "organid", "vc_xxgkarea", "deptid")
# A page of one document, by the marks of the content systems (crawler/cms/signatures.toml).
_DETAIL = re.compile(
    r"/t\d{6,}(?:_\d+)*(?:_wap)?\.s?html?$|/art/.{1,200}\d|/art_[0-9a-f]{16,}|/content/(?:\d+/){0,3}(?:post_)?\d+"
    r"|/post_\d+|/doc_[0-9a-f]{24}|/info/\d+/\d+\.html?$|[0-9a-f]{24,32}\.s?html?$|/[a-z]?\d+[a-z]?_\d{5,}\.s?html?$"
    r"|/20\d\d[-_/]?\d\d[-/_]?\d\d/|/content[-_]\d+\.html?$|/show/[0-9a-f]+|show-\d+\.html?$|/i?\d{5,}\.[sj]?html?$"
    rf"|/[0-9a-f]{{8}}-[0-9a-f-]{{27}}\.html?$|/detail/\w+|/\d{{3,}}/\d+\.[sj]?html?$|/\d+/\d{{4,}}$|\.(?:{ENDINGS})$"
)
_DETAIL_QUERY = re.compile(
    r"(?:^|&)(?:articlekey|newsid|wbnewsid|infoid|docid|id|articleid)=[\w-]+|(?:^|&)action=detail(?:&|$)|wbfileid="
)
_LIST = re.compile(
    r"(?:^|/)(?:(?:index|list|default|class|nav_list|\w*_lists?|node|column)(?:[-_]\d+)?\.\w{2,6})?$|/col/col\d+|/column/\d+$"
)
# A script that calls itself a list answers with one, whatever its plain "id" names.
_LIST_SCRIPT = re.compile(
    r"/\w{0,20}(?:list|class|column|channel|category|lanmu|node)\.(?:jspx?|aspx?|php|do|action)\?(?:.*&)?id="
)
# A document or a column: a numbered folder (easysite, 兴安盟), or the home page with a number ("/?p=345").
_UNCLEAR = re.compile(r"/\d{5,}/(?:index\.\w{2,6})?\?|^/?\?(?:.*&)?\w{1,12}=\d{2,}(?:&|$)")
_REPORTS = re.compile(
    r"gk(?:gz)?(?:nb|ndbg|ndgb)|(?:^|[/_\d])(?:nb|ndbg|ndgb|gknb|zfnb)(?=[/_\d.]|$)|annualreport|nianbao", re.I
)
_YEAR_FOLDER = re.compile(r"^[a-z]{0,6}(20\d\d)(?:nd?\w{0,14})?$", re.I)
_PATH_DATE = re.compile(
    r"/t?(20\d\d)(0[1-9]|1[0-2])(?:\d\d)?[/_]|/(20\d\d)[-/_](0?[1-9]|1[0-2])[-/_](?:[12]\d|3[01]|0?[1-9])/"
)
_ROUTE = re.compile(r"#!?(/\w[\w/.?=&%-]*)$")
_SESSION = re.compile(r";jsessionid=[^?#/]*", re.I)


@dataclass(frozen=True, slots=True)
class Address:
    """The facts of one URL.

    ``official``: the host may publish (True, False; None without a host); ``report_year``: named by a parameter;
    ``code``: an organ's code in a parameter; ``detail``: a page of one document (True), a list (False), or unclear;
    ``addressed``: it asks for the report of an organ on a year; ``reports``: the path runs through a column of annual
    reports; ``folder_year``: a year folder below it; ``early_year``: the year before that of a date in the path, if
    that lies in the months when reports are published.
    """

    host: str = ""
    official: bool | None = None
    report_year: int | None = None
    code: str | None = None
    detail: bool | None = None
    addressed: bool = False
    reports: bool = False
    folder_year: int | None = None
    early_year: int | None = None


def host_allowed(host: str, hosts: Sequence[str]) -> bool:
    """Whether a host is one of a portal's (``.ly.gov.cn`` means it and its sub-domains; ports are not compared)."""
    plain = host.lower().rstrip(".")
    allowed = [re.sub(r":\d+\Z", "", one.lower()) for one in hosts]
    return any(plain == one.lstrip(".") or (one.startswith(".") and plain.endswith(one)) for one in allowed)


def official_host(host: str, hosts: Sequence[str] = ()) -> bool:
    """Whether a host may publish: one of the portal's, else any below ``gov.cn`` or a bare address (seen: 龙潭区)."""
    is_gov = re.search(r"(?:^|\.)gov\.cn$|^\d{1,3}(?:\.\d{1,3}){3}$", host.lower().rstrip(".")) is not None
    return host_allowed(host, hosts) if hosts else is_gov


def read(url: str | None, hosts: Sequence[str] = ()) -> Address:
    """Read an address. Never raises; none, or an unusable one, gives the empty :class:`Address`."""
    address = (url or "").strip()[:MAX_URL_CHARS]
    return _read(address, tuple(hosts)) if address else Address()


@lru_cache(maxsize=4096)  # the same links stand on every look at a listing
def _read(url: str, hosts: tuple[str, ...]) -> Address:
    try:
        parts = urlsplit(as_path(url))
        host = (parts.hostname or "").lower()
        query = {key.lower(): value for key, value in parse_qsl(parts.query, max_num_fields=MAX_QUERY_FIELDS)}
    except ValueError:
        return Address()
    path = unquote(parts.path).lower()
    report_year = next((year for key in _YEAR_KEYS if (year := _year(query.get(key, "").strip()))), None)
    code = next((query[key] for key in _CODE_KEYS if query.get(key)), None)
    by_column = "/column/" in path and (query.get("type") == "3" or query.get("action") == "detail")
    reports = bool(_REPORTS.search(path))
    addressed = report_year is not None and (code is not None or "nbyear" in query or by_column or reports)
    return Address(
        host=host,
        official=official_host(host, hosts) if host else None,
        report_year=report_year,
        code=code,
        detail=True if addressed else _is_detail(path, parts.query.lower()),
        addressed=addressed,
        reports=reports,
        folder_year=_folder_year([segment for segment in path.split("/") if segment]),
        early_year=_early_year(path),
    )


def _is_detail(path: str, query: str) -> bool | None:
    """Whether an address is that of one document; None where it may be a list as well."""
    whole = f"{path}?{query}"
    if _LIST_SCRIPT.search(whole):
        return False
    if _DETAIL.search(path) or _DETAIL_QUERY.search(query):
        return True
    return None if _UNCLEAR.search(whole) or not _LIST.search(path) else False


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"20\d\d", text) and FIRST_YEAR <= int(text) <= LAST_YEAR else None


def _folder_year(segments: Sequence[str]) -> int | None:
    for position, segment in enumerate(segments):
        for candidate in segments[position : position + 2] if _REPORTS.search(segment) else ():
            if (match := _YEAR_FOLDER.match(candidate)) and (year := _year(match[1])):
                return year
    return None


def _early_year(path: str) -> int | None:
    dates = ([int(group) for group in match.groups() if group] for match in _PATH_DATE.finditer(path))
    return next((year - 1 if month <= 6 else None for year, month in dates), None)


# ---------------------------------------------------------------------------------------------------------- one page


def route_of(url: str) -> str:
    """Return the route by which a one-script site tells its pages apart (``#/detail?id=812523``); "" if none."""
    found = _ROUTE.search(url[-MAX_ROUTE_CHARS:]) if url.count("#") == 1 else None
    return found[0] if found else ""


def as_path(url: str) -> str:
    """Return an address with its route in place of its path; others as they are."""
    route = route_of(url).lstrip("#!")
    return re.sub("(?<=://)([^/?#]*).*$", lambda host: host[1] + route, url, count=1) if route else url


@lru_cache(maxsize=65_536)
def same_address(url: str) -> str:
    """Return the address without what does not change the page: fragment, session id, port, case of the host."""
    if is_unlinked(url):
        return url
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    port = {"http": ":80", "https": ":443"}.get(parts.scheme.lower(), "\0")
    host = parts.netloc.lower().removesuffix(port)
    page = (parts.scheme.lower(), host, _SESSION.sub("", parts.path) or "/", _SESSION.sub("", parts.query), "")
    return urlunsplit(page) + route_of(url.strip())


def printed_at(page: str, text: str) -> str:
    """Return how an entry is named that a page prints without a link: a text fragment (WICG), never asked for."""
    return f"{page.partition('#')[0]}{_TEXT_FRAGMENT}{quote(text, safe='')}"


def is_unlinked(url: str) -> bool:
    """Whether an address is that of an entry printed without a link."""
    return _TEXT_FRAGMENT in url
