"""Makes absolute addresses of links, without session ids and cache-busting parameters. Pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_SESSION = re.compile(r";jsessionid=[^?#/]*", re.I)
_SESSION_KEY = re.compile(  # ``sid`` may be the number of a section: only a long one is a session id
    r"(?:^|&)(?:(?:jsessionid|phpsessid|aspsessionid\w*|sessionid)=[^&]*|sid=[0-9a-z_.!-]{16,}(?=&|$))", re.I
)
_STAMP = re.compile(  # against caches: a time of these years in seconds or milliseconds, or a random fraction
    r"(?:^|&)(?:_|_?t|ts|time|timestamp|rnd|rand|random|nocache)=(?:1[4-9]\d{8}(?:\d{3})?|0?\.\d{6,20})(?=&|$)",
    re.IGNORECASE,
)
_ROUTE = re.compile(r"#(?:[!/].+|\d+)$")  # an address behind a hash, which a script of the page reads


def resolve(base: str, href: str) -> str:
    """Return the absolute address of a link; "" if it leads to no page."""
    try:
        url = urljoin(base, href.strip().replace("\\", "/").replace(" ", "%20"))
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    address, mark, route = url.partition("#")
    return _without_session(address) + (mark + route if _ROUTE.search(url) else "")


def _without_session(url: str) -> str:
    """Return an address without session ids and cache-busting parameters, which differ in each request."""
    path, mark, query = url.partition("?")
    query = _STAMP.sub("", _SESSION_KEY.sub("", query)).lstrip("&")
    return _SESSION.sub("", path) + (mark if query else "") + query
