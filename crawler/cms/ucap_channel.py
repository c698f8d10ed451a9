"""UCAP columns whose list a script fetches by the channel's id (ccontent; zfxxgk pages of central organs and counties).

* The page gives the channel: ``<meta name="channelId" content="<32 hex>">`` or ``var channelId = "…"``.
* GET ``/searchList/<channel>?_isAgg=true&_isJson=true&_pageSize=18&_template=index&page=1`` answers
  ``{data: {channelId, page, rows, total, results: [{title, url, publishedTimeStr}]}}``.
* POST ``/getFileListByCodeId`` with ``channelId``, ``page``, ``size`` answers the same within ``results``. Its
  answer does not name the channel, so one large page is asked for; a column with more is read in part.

Seen: requests and keys as several collectors use them. Not seen: how a county's page names its interface; one that
names none of the two is read as a static list of UCAP, and is changed where it has no entry.
"""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urlsplit

from crawler.cms.ucap import Ucap
from crawler.listing_specs import addressed, column, searched
from crawler.lists.addresses import join
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import (
    Entry,
    at,
    entries,
    interface_page,
    json_of,
    number_of,
    query_of,
    rows_of,
    unless_behind,
    with_query,
)

__all__ = ["UcapChannel", "addressed", "column", "searched"]

_SEARCH = re.compile(r"/searchList/[0-9a-f]{32}$")
_FILES = "/getFileListByCodeId"
_META = re.compile(
    r"""<meta\s[^<>]{0,200}name=["']channelId["'][^<>]{0,200}content=["']([0-9a-f]{32})["']""", re.IGNORECASE
)
_VARIABLE = re.compile(r"""\bchannelId["']?\s{0,9}[:=]\s{0,9}["']([0-9a-f]{32})["']""")
_SEARCHED = re.compile(r"/searchList/(?:[0-9a-f]{32})?")
_GATHERED = re.compile(r"\b_isAgg=(true|false)")
_DAYS = ("publishedTimeStr", "publishedTime", "writtendate")
_SIZE = 200
_MOST = 200


class UcapChannel(Ucap):
    """Base of portals whose columns are fetched by channel."""

    family: ClassVar[str] = "ucap_channel"

    def read_list(self, page: Page) -> ListPage:
        """Return the request for a column's channel, an answer's entries, or a static list."""
        path = urlsplit(page.url).path
        if _SEARCH.search(path):
            return _answered(page, at(json_of(page.text), "data"))
        if path.endswith(_FILES):
            return _answered(page, at(json_of(page.text), "results", "data"))
        plain = super().read_list(page)
        step = None if plain.links else _step(page)
        return unless_behind(plain, page, self.family) if step is None else interface_page(step)


def _step(page: Page) -> ListRequest | None:
    channel = _META.search(page.text) or _VARIABLE.search(page.text)
    if channel is None:
        return None
    if _SEARCHED.search(page.text):
        gathered = _GATHERED.search(page.text)
        asked = {"_isAgg": gathered.group(1) if gathered else "true", "_isJson": "true", "_pageSize": "18"}
        asked |= {"_template": "index", "page": "1"}
        return ListRequest(with_query(join(page.url, f"/searchList/{channel.group(1)}"), asked))
    if _FILES in page.text:
        form = (("codeId", ""), ("channelId", channel.group(1)), ("page", "1"), ("size", str(_SIZE)))
        return ListRequest(join(page.url, _FILES), (*form, ("relateSubChannels", "true")))
    return None


def _answered(page: Page, data: object) -> ListPage:
    total = number_of(at(data, "total"))
    number = number_of(at(data, "page")) or number_of(query_of(page.url).get("page")) or 1
    rows, ended = rows_of(at(data, "results"), total, number)
    if ended is not None:
        return ended
    found = entries((_entry(row) for row in rows), page.url)
    doubt = found.doubt or ("no_total_in_answer" if total is None else "")
    if total is None or number > 1:
        return ListPage(links=found.links, total=total, doubt=doubt)
    pages = range(2, min(_MOST, -(-total // len(rows))) + 1) if _SEARCH.search(urlsplit(page.url).path) else ()
    turned = (ListRequest(with_query(page.url, query_of(page.url) | {"page": str(n)})) for n in pages)
    whole = total - found.twice if total == len(rows) else total
    return ListPage(links=found.links, total=whole, following=tuple(turned), doubt=doubt)


def _entry(row: object) -> Entry:
    day = next((at(row, key) for key in _DAYS if at(row, key)), None)
    return Entry(at(row, "url") or at(row, "redirectUrl"), at(row, "title") or at(row, "titleHtml"), day)
