"""Finds the request for the next page of a list: a link, a page number, a form, or an idiom of a content system. Pure.

An idiom is the way in which a content system's scripts request pages that nothing links. ``idioms.toml`` has one table
for each; only gkmlpt, which has a tree of categories, needs a function.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import unescape
from importlib import resources
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.lists.page import COUNT_OF_PAGES, TOTAL, PageOfList, Request, choose_claims
from crawler.lists.words import SCRIPT, WALK, squeeze

_IDIOMS = tomllib.loads(resources.files("crawler.lists").joinpath("idioms.toml").read_text("utf-8"))["idiom"]
_FIND = {one["name"]: [re.compile(SCRIPT.get(text, text)) for text in one["find"]] for one in _IDIOMS}
_FIELD = re.compile(r"[\"']?([\w-]{1,30})[\"']?\s*:\s*(?:\[\s*)?[\"']?([^\"',\]}\n]*)[\"']?")
_GAP = re.compile(r"\{(\w+)\}")
_SID = re.compile(r"SID[\"']?\s*:\s*[\"'](\w+)[\"']")
_TREE = re.compile(r"TREE[\"']?\s*:\s*(?=\[)")


def _ask(idiom: Mapping[str, Any], page: PageOfList, number: int) -> Request | None:
    """Return the request for a list's page ``number`` as a content system makes it; None if the page lacks what the
    idiom needs, or the list has no such page. ``idiom``: a table of ``idioms.toml``, which explains its members.
    """
    matches = [pattern.search(page.source) for pattern in _FIND[idiom["name"]]]
    groups = {name: unescape(text or "") for match in matches if match for name, text in match.groupdict().items()}
    members = {name: value for name, value in _FIELD.findall(groups.pop("fields", "")) if value or "send" in idiom}
    if None in matches or not members.keys() >= {*idiom.get("needs", ())}:
        return None
    rows, total = max((len(block.entries) for block in page.blocks), default=0), _largest_claim(page, TOTAL)
    counts = {"pages": groups.get("pages", 0), "claimed pages": _largest_claim(page, COUNT_OF_PAGES)}
    counts["claimed total"] = math.ceil(total / rows) if rows else 0
    if "last" in idiom and not (1 < number <= int(counts[idiom["last"]]) and number == idiom.get("only", number)):
        return None
    numbers = {"n": number, "before": number - 1, "size": rows}
    numbers |= {"first": (number - 1) * rows + 1, "end": min(number * rows, total)}
    values = idiom.get("defaults", {}) | members | groups | {name: str(value) for name, value in numbers.items()}
    parts = {idiom.get("send"): members}
    query, form = (
        parts.get(part, {}) | {name: _fill(text, values) for name, text in idiom.get(part, {}).items()}
        for part in ("query", "form")
    )
    address = urljoin(page.url, _fill(idiom["address"], values)) + (f"?{urlencode(query)}" if query else "")
    headers = (("X-Requested-With", "XMLHttpRequest"), ("Referer", page.url)) if query or form else ()
    return Request(address, headers, urlencode(form).encode() if form else None)


def _largest_claim(page: PageOfList, kind: str) -> int:
    return max((one.value for one in page.claims if one.kind == kind), default=0)


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _GAP.sub(lambda gap: values.get(gap[1], ""), template)


def _ask_gkmlpt(page: PageOfList, number: int) -> Request | None:
    """Return the request for a list's page in gkmlpt, a content system whose pages show only categories; or None."""
    sid = _SID.search(page.source)
    fragment = re.search(r"#(\d+)$", page.url)
    own_lists = (re.fullmatch(r"#(\d+)", url.removeprefix(page.url)) for _, url in gkmlpt_categories(page))
    category = fragment or next(filter(None, own_lists), None)
    is_tree = not fragment and urlsplit(page.url).path.endswith("/index")  # this page only leads to the lists
    if not sid or not category or is_tree or "/gkmlpt" not in page.url:
        return None
    organ = urlsplit(page.url).path.partition("/gkmlpt")[0]
    return Request(urljoin(page.url, f"{organ}/gkmlpt/api/all/{category[1]}?page={number}&sid={sid[1]}"))


def gkmlpt_categories(page: PageOfList) -> list[tuple[str, str]]:
    """Return label and address of the lists of reports in the tree of a page of gkmlpt, a content system; or []."""
    tree = _TREE.search(page.source)
    if not tree or "/gkmlpt" not in page.url:
        return []
    try:
        nodes, _ = json.JSONDecoder().raw_decode(page.source, tree.end())
    except ValueError:
        return []
    return [(label, urljoin(page.url, address)) for label, address in _find_categories(nodes)]


def _find_categories(nodes: object, column: str = "") -> Iterator[tuple[str, str]]:
    """Yield label and relative address of the categories of reports among nodes and below. ``column``: the name of such
    a category above them, in which each node has the reports of a part of the agencies. A node has ``name``, ``id``,
    ``children``, and ``jump_url`` if its list is on the portal instead.
    """
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict):
            name = squeeze(str(node.get("name")))
            is_column = WALK["reports"].fullmatch(name) and not WALK["not_reports"].search(name)
            if is_column or column:
                yield name if is_column else name + column, str(node.get("jump_url") or f"#{node.get('id')}")
            yield from _find_categories(node.get("children"), name if is_column else column)


def first_request(shell: PageOfList) -> Request | None:
    """Return the request for the list that a page's scripts load; None if no idiom fits the page."""
    return next(_ask_all(shell, 1, is_shell=True), None)


def _ask_all(page: PageOfList, number: int, *, is_shell: bool) -> Iterator[Request]:
    """Yield the requests for page ``number`` by all idioms that fit; ``is_shell``: ``page`` itself has no entries."""
    by_table = [_ask(one, page, number) for one in _IDIOMS if ("last" not in one) == is_shell]
    yield from filter(None, (*by_table, _ask_gkmlpt(page, number) if is_shell else None))


def next_request(pages: Sequence[PageOfList], keys: Collection[str], shell: PageOfList | None = None) -> Request | None:
    """Return the request for the page after ``pages``, None if nothing leads on. ``keys``: of the requests made so far;
    ``shell``: the page without entries that loads the list, if there is one; then no page beyond a stated total.
    """
    last, number = pages[-1], len(pages) + 1
    nexts = [one for one in last.controls if one.kind == "next" and one.enabled]
    shown = (one for page in reversed(pages) for one in page.controls)
    numbers = [one for one in shown if one.kind == "number" and one.number == number]
    linked = [Request(one.url) for one in (*nexts, *numbers) if one.url]
    linked += [Request(pages[0].url, body=urlencode(one.form).encode()) for one in nexts if one.form]
    totals = [one.value for one in choose_claims(last.claims, TOTAL)] if shell is not None else []
    rows = sum(max((len(block.entries) for block in page.blocks), default=0) for page in pages)
    is_read = bool(totals) and rows >= max(totals)
    by_system = () if is_read else _ask_all(shell or pages[0], number, is_shell=shell is not None)
    return next((one for one in itertools.chain(linked, by_system) if key_of(one) not in keys), None)


def key_of(request: Request) -> str:
    """Return the key of a request: its address, with the body if it has one."""
    return request.url if request.body is None else f"{request.url} {request.body!r}"
