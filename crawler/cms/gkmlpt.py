"""开普 gkmlpt, 政府信息公开目录管理平台 (practically all of 广东; 24 county units seen by address).

* A list page is a shell: ``/<organ>/gkmlpt/index#721``, ``/<organ>/gkmlpt/annualreport#2629``. What stands behind the
  hash is the category; without one, the category called 政府信息公开年报 in the shell's ``TREE`` is meant.
* ``window._CONFIG`` of the shell has ``SID`` and ``TREE``; the entries come from
  ``/<organ>/gkmlpt/api/all/<category>?page=N&sid=<SID>``: ``{total, articles: [{title, url, create_time}]}``, up to
  100 a page. Instants are epochs.
* A category whose entry in the tree has a ``jump_url`` is a static list of the same portal (南方网 NFCMS), or stands
  behind a shell: of the organ itself (``…/annualreport#2629``, what the shell shows without a hash), or of another.
* A document's text is JSON in the page (``_CONFIG.DETAIL.content``); the address alone says nothing.

Seen: an answer, the shells' names, ``SID`` and ``TREE`` as collectors read them. Not seen: a whole shell (that
``annualreport`` without a hash has a tree), what an empty category answers, whether ``classify.post_count`` can differ
from ``total``, a page beyond the last. Each ends as ``changed`` or ``partial`` if it is otherwise, never as empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from crawler.cms.nfcms import Nfcms
from crawler.listing_specs import addressed, column, searched
from crawler.lists.addresses import join
from crawler.lists.list_page import DIVIDED, ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import (
    Entry,
    at,
    changed,
    entries,
    interface_page,
    json_of,
    names_reports,
    number_of,
    plain,
    query_of,
    rows_of,
    storable,
    value_after,
    walk,
    with_query,
)
from storage.records import Link, LookOutcome

__all__ = ["Gkmlpt", "addressed", "column", "searched"]

_API = re.compile(r"/gkmlpt/api/all/\d+$")
_SID = re.compile(r"""["']?\bSID["']?\s{0,9}:\s{0,9}["']?(\d{1,12})""")
_HASH = re.compile(r"#\D{0,20}(\d{1,9})$")
_SHELL = re.compile(r"/gkmlpt(?:/[a-z]{0,20})?/?")  # the rest of a shell's address behind its organ
_TREE = re.compile(r"""["']?\bTREE["']?\s{0,9}:\s{0,9}(?=\[)""")
_MOST = 200
_SHOWN = ("display_publish_time", "first_publish_time", "created_at", "create_time", "date")


class Gkmlpt(Nfcms):
    """Base of portals and organs on gkmlpt; their static lists are those of NFCMS."""

    family: ClassVar[str] = "gkmlpt"

    def read_list(self, page: Page) -> ListPage:
        """Return an answer's entries, the request that a shell names, or a static list."""
        path = urlsplit(page.url).path
        if _API.search(path):
            return _answered(page)
        if "/gkmlpt/" in f"{path}/" and "/gkmlpt/content/" not in path:
            return _shell(page)
        return super().read_list(page)


def _shell(page: Page) -> ListPage:
    """Return what a shell leads to: the category behind the hash, else those that the tree names as reports."""
    sid = _SID.search(page.text)
    if "_CONFIG" not in page.text or sid is None:
        return changed("shell_names_no_interface")
    nodes = [node for node in walk(value_after(page.text, _TREE), "children") if _id(node)]
    wanted = re.fullmatch(r"\D{0,20}(\d{1,9})", urlsplit(page.url).fragment)
    if wanted is not None:
        node = next((node for node in nodes if _id(node) == wanted.group(1)), {"id": wanted.group(1)})
        return _leads_to(page, sid.group(1), node, alone=[_id(leaf) for leaf in _of_reports(nodes)] == [_id(node)])
    leaves = _of_reports(nodes)
    if not leaves:
        return changed("no_report_category")
    of_reports = any(map(names_reports, page.column.split(">"))) or urlsplit(page.url).path.endswith("/annualreport")
    if len(leaves) == 1 and of_reports:
        return _leads_to(page, sid.group(1), leaves[0], alone=True)
    shown = page.url.partition("#")[0]
    columns = (Link(url=f"{shown}#{_id(leaf)}", text=plain(leaf.get("name"))[:200]) for leaf in leaves[:30])
    return ListPage(
        links=(), subcolumns=tuple(columns), outcome=LookOutcome.PARTIAL, reason=DIVIDED
    )  # each is a list of its own; this page proves nothing


def _of_reports(nodes: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """The categories of a tree that hold annual reports: the innermost ones."""
    named = [node for node in nodes if names_reports(node.get("name"))]
    leaves = [leaf for node in named for leaf in walk(node, "children") if _id(leaf) and not leaf.get("children")]
    return list({_id(leaf): leaf for leaf in leaves}.values())


def _leads_to(page: Page, sid: str, node: dict[str, object], *, alone: bool) -> ListPage:
    """What a shell leads to for a category. ``alone``: the only one of reports, which shells show by themselves."""
    jump, category = node.get("jump_url"), _id(node)
    organ = page.url.partition("#")[0].partition("/gkmlpt")[0]
    if isinstance(jump, str) and jump.strip():
        try:
            url = join(page.url, storable(jump.strip()))
        except ValueError:
            return changed("no_address")
        hash_ = _HASH.search(jump.strip())
        if not url.startswith(organ) or not _SHELL.fullmatch(url[len(organ) :]):
            return interface_page(url + (hash_.group(0) if hash_ and "/gkmlpt/" in url else ""))
        category = hash_.group(1) if hash_ else category  # a shell of this organ: what would be asked for there
    step = ListRequest(f"{organ}/gkmlpt/api/all/{category}?page=1&sid={sid}")
    # that the tree counts entries is enough to disbelieve an answer with none
    read = interface_page(step, total=min(1, number_of(node.get("post_count")) or 0) or None)
    shells = [f"{organ}/gkmlpt/annualreport", f"{organ}/gkmlpt/index"]
    aliases = (*(f"{shell}#{category}" for shell in shells), *(shells[:1] if alone else ()))
    return replace(read, aliases=tuple(url for url in aliases if url != page.url))


def _answered(page: Page) -> ListPage:
    answer = json_of(page.text)
    said = [number_of(at(answer, "total")), number_of(at(answer, "classify", "post_count"))]
    total = max((number for number in said if number is not None), default=None)
    number = max(1, number_of(query_of(page.url).get("page")) or 1)
    rows, ended = rows_of(at(answer, "articles"), total, number)
    if ended is not None:
        return ended
    found = entries((_entry(row) for row in rows if isinstance(row, dict)), page.url)
    doubt = found.doubt or ("entry_not_understood" if not all(isinstance(row, dict) for row in rows) else "")
    if total is None:
        return ListPage(links=found.links, following=(_turned(page, number + 1),), speculative=True,
                        doubt=doubt or "no_total_in_answer")  # fmt: skip
    if number > 1:  # pages may overlap: one more is asked for as long as the total is not reached
        return ListPage(
            links=found.links, total=total, following=(_turned(page, number + 1),), speculative=True, doubt=doubt
        )
    if total < len(rows) - found.twice:
        return ListPage(
            links=found.links, following=(_turned(page, 2),), speculative=True, doubt=doubt or "total_below_entries"
        )
    pages = range(2, min(_MOST, -(-total // len(rows))) + 1)
    whole = total - found.twice if total == len(rows) else total  # an entry listed twice is counted twice
    return ListPage(links=found.links, total=whole, following=tuple(_turned(page, n) for n in pages), doubt=doubt)


def _entry(row: dict[str, object]) -> Entry:
    href = next((row[key] for key in ("url", "post_url", "jump_url") if row.get(key)), None)
    return Entry(href, row.get("title"), next((row[key] for key in _SHOWN if row.get(key)), None))


def _turned(page: Page, number: int) -> ListRequest:
    return ListRequest(with_query(page.url, query_of(page.url) | {"page": str(number)}))


def _id(node: dict[str, object]) -> str:
    number = number_of(node.get("id"))
    return "" if number is None else str(number)
