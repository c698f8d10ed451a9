"""Name entries that a page prints without a link so that they can stand among links. Pure.

The address is that of the page with a text fragment (WICG, "URL Fragment Text Directives"): a browser that opens it
shows the entry where it is printed. It is no address of a report, and is never asked for.
"""

from __future__ import annotations

from urllib.parse import quote

UNLINKED = "printed_without_link"  # reason of a lead
_TEXT = "#:~:text="


def printed_at(page: str, text: str) -> str:
    """Return how an entry is named that is printed on a page, without a link."""
    return f"{page.partition('#')[0]}{_TEXT}{quote(text, safe='')}"


def is_unlinked(url: str) -> bool:
    """Whether an address is that of an entry printed without a link."""
    return _TEXT in url
