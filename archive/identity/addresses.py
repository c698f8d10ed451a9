"""Read facts from an address (official host, report year, agency code, page or list), and compare addresses.

Patterns are in ``addresses.toml``. A date in a path is the day on which the content system made the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from archive.identity.text import pattern, words
from archive.identity.years import FIRST_YEAR

MAX_URL_CHARS, MAX_ROUTE_CHARS, MAX_QUERY_FIELDS = 2048, 200, 40
UNLINKED = "printed_without_link"  #: reason of a lead that a page prints as text without a link
_TEXT_FRAGMENT = "#:~:text="
_ROUTE = re.compile(r"#!?(/\w[\w/.?=&%-]*)$")
SESSION = re.compile(r";jsessionid=[^?#/]*", re.I)  #: the part of an address that names a visit, not a page


class AddressFacts(NamedTuple):
    """The facts of one URL.

    ``official``: the host may publish reports (None without a host); ``report_year``, ``code`` (an agency's): in a
    parameter; ``detail``: a page of one document (True), a list (False), or unclear (None); ``addressed``: it asks for
    the report of an agency on a year; ``reports``, ``folder_year``: its path has a folder of reports, of a year;
    ``early_year``: the year before a date in the path that is in January to June, when reports are published.
    """

    official: bool | None = None
    report_year: int | None = None
    code: str | None = None
    detail: bool | None = None
    addressed: bool = False
    reports: bool = False
    folder_year: int | None = None
    early_year: int | None = None


def official_host(host: str, hosts: Sequence[str] = ()) -> bool:
    """True if a host may publish reports: one of the portal's ``hosts`` (``.ly.gov.cn`` includes sub-domains, a port
    does not matter); without these, any host below ``gov.cn`` or an IP address (seen: 龙潭区).
    """
    plain = host.lower().rstrip(".")
    if not hosts and re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", plain):
        return True
    allowed = [re.sub(r":\d+\Z", "", one.lower()) for one in hosts or (".gov.cn",)]
    return any(plain == one.lstrip(".") or (one.startswith(".") and plain.endswith(one)) for one in allowed)


@lru_cache(maxsize=4096)  # every look at a listing has the same links
def read(url: str | None, hosts: tuple[str, ...] = ()) -> AddressFacts:
    """Read the facts of an address. Never raises; for None or a broken address they are empty."""
    plain = (url or "").strip()[:MAX_URL_CHARS]
    try:
        parts = urlsplit(as_path(plain))
        query = {key.lower(): value for key, value in parse_qsl(parts.query, max_num_fields=MAX_QUERY_FIELDS)}
    except ValueError:
        plain = ""
    if not plain:
        return AddressFacts()
    host, path = (parts.hostname or "").lower(), unquote(parts.path).lower()
    report_year = next(filter(None, (_year(query.get(name, "").strip()) for name in words("year_parameters"))), None)
    code = next(filter(None, map(query.get, words("code_parameters"))), None)
    by_column = "/column/" in path and (query.get("type") == "3" or query.get("action") == "detail")
    reports = pattern("reports_folder").search(path)
    addressed = report_year is not None and bool(code or "nbyear" in query or by_column or reports)
    folder = pattern("year_folder").search(path)
    date = pattern("dated_path").search(path)
    return AddressFacts(
        official=official_host(host, hosts) if host else None,
        report_year=report_year,
        code=code,
        detail=addressed or _is_detail(path, parts.query.lower()),
        addressed=addressed,
        reports=reports is not None,
        folder_year=_year(folder[1]) if folder else None,
        early_year=int(date[1] or date[3]) - 1 if date and int(date[2] or date[4]) <= 6 else None,
    )


def _is_detail(path: str, query: str) -> bool | None:
    """True if an address is that of one document, False for a list, None if it may be either."""
    target = f"{path}?{query}"
    if pattern("list_script").search(target):
        return False
    if pattern("document_path").search(path) or pattern("document_query").search(query):
        return True
    return None if pattern("document_or_list").search(target) or not pattern("list_path").search(path) else False


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"20\d\d", text) and int(text) >= FIRST_YEAR else None


# ---------------------------------------------------------------------------------------------------------- one page


def route_of(url: str) -> str:
    """Return the route behind ``#`` of a page in a single-page application (``#/detail?id=812523``); "" if none."""
    match = _ROUTE.search(url[-MAX_ROUTE_CHARS:]) if url.count("#") == 1 else None
    return match[0] if match else ""


def as_path(url: str) -> str:
    """Return an address with its route in place of its path; an address without a route unchanged."""
    route = route_of(url).lstrip("#!")
    return re.sub("(?<=://)([^/?#]*).*$", lambda host: host[1] + route, url, count=1) if route else url


@lru_cache(maxsize=65_536)
def same_address(url: str) -> str:
    """Return an address in one spelling: without fragment, session id and default port, the host in lower case; but a
    fragment that is a page's route (#/…) stays. An unreadable one, or one made up for an entry without link, as it is.
    """
    if is_unlinked(url):
        return url
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    port = {"http": ":80", "https": ":443"}.get(parts.scheme.lower(), "\0")
    host = parts.netloc.lower().removesuffix(port)
    page = (parts.scheme.lower(), host, SESSION.sub("", parts.path) or "/", SESSION.sub("", parts.query), "")
    return urlunsplit(page) + route_of(url.strip())


def printed_at(page: str, text: str) -> str:
    """Return an address for an entry that a page prints without a link: a text fragment (WICG); it is never fetched."""
    return f"{page.partition('#')[0]}{_TEXT_FRAGMENT}{quote(text, safe='')}"


def is_unlinked(url: str) -> bool:
    """True if an address was made by :func:`printed_at` for an entry without a link."""
    return _TEXT_FRAGMENT in url
