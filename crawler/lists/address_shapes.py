"""The shape of an address: what stays the same from one document of a list, or page of a site, to the next (pure)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|\d+", re.IGNORECASE)
_ID = 3  # characters of a number or id that may name a document
_LONGEST = 300


def shape_of(url: str) -> str:
    """Return the shape of an address of a document as a regular expression: its numbers and ids may be others, the
    rest stays; "" where its last part (or query) holds no number or id to speak of.
    """
    parts = urlsplit(url)
    last = parts.path.rpartition("/")[2] + (f"?{parts.query}" if parts.query else "")
    named = _IDS.search(last) or re.search(r"\d{4,}/(?:index|content)\.\w+$", parts.path)
    if len(url) > _LONGEST or named is None or max((len(i) for i in _IDS.findall(parts.path + last)), default=0) < _ID:
        return ""
    text, at, shape = f"{parts.netloc}{parts.path}{last.partition('?')[1]}{last.partition('?')[2]}", 0, ""
    for match in _IDS.finditer(text, len(parts.netloc)):
        kind = r"\d+" if match.group().isdigit() else "[0-9a-f-]+"
        shape += re.escape(text[at : match.start()]) + kind
        at = match.end()
    return f"//{shape}{re.escape(text[at:])}$"


def page_shape(url: str) -> str:
    """Return an address with its numbers taken out: pages of one kind have one shape."""
    parts = urlsplit(url)
    keys = ",".join(sorted({part.partition("=")[0] for part in parts.query.split("&")}))
    return f"{parts.netloc}{re.sub(r'[0-9a-f]{16,}|[0-9]+', '#', parts.path.lower())}?{keys}"
