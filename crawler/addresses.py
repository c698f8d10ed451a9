"""Addresses as pages write them, made whole: without session ids and stamps against caches. Pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

_SESSION = re.compile(r";jsessionid=[^?#/]*", re.I)
_SESSION_KEY = re.compile(  # ``sid`` may be a section's number: only what is as long as a session's name is one
    r"(?:^|&)(?:(?:jsessionid|phpsessid|aspsessionid\w*|sessionid)=[^&]*|sid=[0-9a-z_.!-]{16,}(?=&|$))", re.I
)
_STAMP = re.compile(  # an instant of these years, in seconds or thousandths, or a random fraction: against caches
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
    """Return an address without what makes it a new one each time: session ids, and stamps against caches."""
    path, mark, query = url.partition("?")
    query = _STAMP.sub("", _SESSION_KEY.sub("", query)).lstrip("&")
    return _SESSION.sub("", path) + (mark if query else "") + query
