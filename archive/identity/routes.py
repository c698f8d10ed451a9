"""Recognise routes (``#/``, ``#!/``): the part of an address by which a one-script site tells its pages apart.

Any other fragment names a place of a page. Pure.
"""

from __future__ import annotations

import re

_LONGEST = 200
_ROUTE = re.compile(r"#!?(/\w[\w/.?=&%-]*)$")


def route_of(url: str) -> str:
    """The route that an address ends with (``#/detail?id=812523``); "" if none."""
    found = _ROUTE.search(url[-_LONGEST:]) if "#" in url else None
    return found.group(0) if found is not None and url.find("#") == len(url) - len(found.group(0)) else ""


def as_path(url: str) -> str:
    """An address with its route in place of its path, which says of each of its pages the same; others as they are."""
    route = route_of(url)
    if not route or "://" not in url:
        return url
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{scheme}://{host}{route.lstrip('#!')}"
