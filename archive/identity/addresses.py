"""Read an address: an official host, a report year, an organ's code, a page of its own or a folder.

``fbtime``, ``nbYear``, ``timeFrame`` and a bare-year ``title`` in a query name the REPORT year (seen printed
on 汶上, 临沧, 平武, 桐城); a date in a path is when the CMS made the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from archive.file_endings import ENDINGS
from archive.identity.routes import as_path
from archive.identity.years import FIRST_YEAR, LAST_YEAR

_MAX_URL = 2048
_YEAR_KEYS = ("fbtime", "nbyear", "timeframe", "title")
_CODE_KEYS = ("area", "organid", "vc_xxgkarea", "deptid")
_PORT = re.compile(r":\d+\Z")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")
# A page of one document, by the marks of the content systems (crawler/cms/signatures.toml).
_DETAIL = re.compile(
    r"/t\d{6,}(?:_\d+)*(?:_wap)?\.s?html?$|/art/.{1,200}\d|/art_[0-9a-f]{16,}|/content/(?:\d+/){0,3}(?:post_)?\d+"
    r"|/post_\d+|/doc_[0-9a-f]{24}|/info/\d+/\d+\.html?$|[0-9a-f]{24,32}\.s?html?$|/[a-z]?\d+[a-z]?_\d{5,}\.s?html?$"
    r"|/20\d\d[-_/]?\d\d[-/_]?\d\d/|/content[-_]\d+\.html?$|/show/[0-9a-f]+|show-\d+\.html?$|/\d{9,}\.[sj]?html?$|/i\d{5,}\.html?$"
    r"|/[0-9a-f]{8}-[0-9a-f-]{27}\.html?$|/detail/\w+|/\d{3,}/\d+\.[sj]?html?$|/\d{5,}\.[sj]?html?$|/\d+/\d{4,}$"
    rf"|\.(?:{ENDINGS})$"
)
_DETAIL_QUERY = re.compile(
    r"(?:^|&)(?:articlekey|newsid|wbnewsid|infoid|docid|id|articleid)=[\w-]+|(?:^|&)action=detail(?:&|$)|wbfileid="
)
_LIST = re.compile(
    r"(?:^|/)(?:(?:index|list|default|class|nav_list|\w*_lists?|node|column)(?:[-_]\d+)?\.\w{2,6})?$|/col/col\d+|/column/\d+$"
)
# A script that calls itself a list answers with one, whatever its plain "id" names.
_LIST_SCRIPT = re.compile(r"/\w{0,20}(?:list|class|column|channel|category|lanmu|node)\.(?:jspx?|aspx?|php|do|action)$")
_PLAIN_ID = re.compile(r"(?:^|&)id=")
# A site of which every page is the home page with an id ("/?p=345"): a document, or a column.
_ROOT_ID = re.compile(r"(?:^|&)\w{1,12}=\d{2,}(?:&|$)")
# A folder called by a number may be a document (easysite, 兴安盟) or a column.
_UNCLEAR = re.compile(r"/\d{5,}/(?:index\.\w{2,6})?$")
_REPORTS = re.compile(
    r"gk(?:gz)?(?:nb|ndbg|ndgb)|(?:^|[/_\d])(?:nb|ndbg|ndgb|gknb|zfnb)(?=[/_\d.]|$)|annualreport|nianbao", re.IGNORECASE
)
_FOLDER_YEAR = re.compile(r"^[a-z]{0,6}(20\d\d)(?:nd?\w{0,14})?$", re.IGNORECASE)
_PATH_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"/t(20\d\d)(\d\d)(\d\d)_",
        r"/(20\d\d)[-/_](\d{1,2})[-/_](\d{1,2})/",
        r"/(20\d\d)(\d\d)(\d\d)/",
        r"/(20\d\d)(\d\d)/",
    )
)


@dataclass(frozen=True, slots=True)
class Address:
    """The facts of one URL.

    ``official``: the host may publish (True, False; None without a host); ``report_year``: named by a parameter;
    ``code``: an organ's code in a parameter; ``detail``: a page of one document (True), a list (False), or unclear;
    ``reports``: the path runs through a column of annual reports; ``folder_year``: a year folder below it;
    ``path_date``: the date in the path (first of the month where only that is given).
    """

    host: str = ""
    official: bool | None = None
    report_year: int | None = None
    code: str | None = None
    detail: bool | None = None
    addressed: bool = False
    reports: bool = False
    folder_year: int | None = None
    path_date: date | None = None


def host_allowed(host: str, hosts: Sequence[str]) -> bool:
    """Whether a host is one of a portal's (``.ly.gov.cn`` means it and its sub-domains; ports are not compared)."""
    host = host.lower().rstrip(".")
    for allowed in hosts:
        name = _PORT.sub("", allowed.lower())
        if host == name.lstrip(".") or (name.startswith(".") and host.endswith(name)):
            return True
    return False


def official_host(host: str, hosts: Sequence[str] = ()) -> bool:
    """Whether a host may publish: one of the portal's, else any below ``gov.cn`` or a bare address (seen: 龙潭区)."""
    if hosts:
        return host_allowed(host, hosts)
    host = host.lower().rstrip(".")
    return host == "gov.cn" or host.endswith(".gov.cn") or bool(_IP.match(host))


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"20\d\d", text) and FIRST_YEAR <= int(text) <= LAST_YEAR else None


def _folder_year(segments: Sequence[str]) -> int | None:
    for position, segment in enumerate(segments):
        if not _REPORTS.search(segment):
            continue
        for candidate in segments[position : position + 2]:
            match = _FOLDER_YEAR.match(candidate)
            if match and (year := _year(match[1])):
                return year
    return None


def _date_in(path: str) -> date | None:
    for pattern in _PATH_DATES:
        if not (match := pattern.search(path)):
            continue
        numbers = [int(group) for group in match.groups()]
        try:
            return date(numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 1)
        except ValueError:
            continue
    return None


def read(url: str | None, hosts: Sequence[str] = ()) -> Address:
    """Read an address. Never raises; none, or an unusable one, gives the empty :class:`Address`."""
    address = (url or "").strip()[:_MAX_URL]
    return _read(address, tuple(hosts)) if address else Address()


@lru_cache(maxsize=4096)  # the same links stand on every look at a listing
def _read(url: str, hosts: tuple[str, ...]) -> Address:
    try:
        parts = urlsplit(as_path(url))
        host = (parts.hostname or "").lower()
        query = {key.lower(): value for key, value in parse_qsl(parts.query, max_num_fields=40)}
    except ValueError:
        return Address()
    path = unquote(parts.path)
    report_year = next((year for key in _YEAR_KEYS if (year := _year(query.get(key, "").strip()))), None)
    code = next((query[key] for key in _CODE_KEYS if query.get(key)), None)
    by_column = "/column/" in path and (query.get("type") == "3" or query.get("action") == "detail")
    addressed = report_year is not None and (
        code is not None or "nbyear" in query or by_column or bool(_REPORTS.search(path))
    )
    lower = path.lower()
    detail: bool | None = None
    parameters = parts.query.lower()
    if not addressed and _LIST_SCRIPT.search(lower) and _PLAIN_ID.search(parameters):
        detail = False
    elif addressed or _DETAIL.search(lower) or _DETAIL_QUERY.search(parameters):
        detail = True
    elif _LIST.search(lower) and not _UNCLEAR.search(lower):
        detail = None if lower in {"", "/"} and _ROOT_ID.search(parameters) else False
    return Address(
        host=host,
        official=official_host(host, hosts) if host else None,
        report_year=report_year,
        code=code,
        detail=detail,
        addressed=addressed,
        reports=bool(_REPORTS.search(lower)),
        folder_year=_folder_year([segment for segment in lower.split("/") if segment]),
        path_date=_date_in(lower),
    )
