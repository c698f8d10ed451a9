"""Normalise addresses of one page to one form."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from archive.identity.routes import route_of
from archive.identity.unlinked_entries import is_unlinked

_SESSION = re.compile(r";jsessionid=[^?#/]*", re.IGNORECASE)
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


@lru_cache(maxsize=65_536)
def same_address(url: str) -> str:
    """Give the address without what does not change the page: fragment (but for a route of the one script of a whole
    site), session id, default port, case of the host. An entry that is printed there without a link is another thing
    than the page.
    """
    if is_unlinked(url):
        return url
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORT.get(scheme, "\0"))
    page = (scheme, host, _SESSION.sub("", parts.path) or "/", _SESSION.sub("", parts.query), "")
    return urlunsplit(page) + route_of(url.strip())
