"""Reads an answer as a page of a list: HTML, the DOM that a browser shows, XML of records, or JSON. Pure.

Callers use ``read_page``. It returns what the page contains; ``engine`` decides what that means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from archive.documents.charset import decode
from crawler.addresses import resolve
from crawler.lists import claims
from crawler.lists.claims import Claim
from crawler.lists.html_controls import read_controls
from crawler.lists.html_entries import read_blocks
from crawler.lists.html_tree import HtmlTree
from crawler.lists.page import MAX_TITLE_CHARS, Answer, Block, Entry, PageOfList
from crawler.lists.words import DATE_KEYS, EMPTY, TITLE_KEYS, URL_KEYS, find_date, squeeze

_TAGS = re.compile(r"<[^>]{0,200}>")
_MARKUP = re.compile(r"<(?:a|li|table|ul)\b", re.I)
_JSONP = re.compile(r"^\s*[\w.$]{1,80}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*$", re.S)


def read_page(answer: Answer) -> PageOfList:
    """Return an answer as a page; one with a ``refusal`` if it cannot be read."""
    if answer.status != 200:
        return PageOfList(answer.url, refusal=f"status {answer.status}")
    decoded = decode(answer.body)
    if decoded.refused:
        return PageOfList(answer.url, refusal="unreadable text")
    return (
        read_text(answer.url, decoded.text) if decoded.text.strip() else PageOfList(answer.url, refusal="empty answer")
    )


def read_text(url: str, text: str) -> PageOfList:
    """Return a text (JSON, XML of records, or HTML) as a page."""
    value = parse_json(text)
    if value is None:
        is_xml = "<datastore>" in text.lstrip()[:400].lower()
        return _read_html(url, text, claims.read_xml(text) if is_xml else ())
    parts = list(_search_json(url, value))
    statements = tuple(one for one in parts if isinstance(one, Claim))
    markup = "".join(one for one in parts if isinstance(one, str))
    page = _read_html(url, markup, statements) if markup else PageOfList(url, claims=statements)
    blocks = (*page.blocks, *(one for one in parts if isinstance(one, Block)))
    return replace(page, blocks=blocks, frames=(), is_static=False, source=text)


def parse_json(text: str) -> Any:
    """Return the value of an answer in JSON or JSONP; None if it is neither."""
    wrapped = _JSONP.match(text) if text.rstrip().endswith((")", ";")) else None
    body = wrapped[1] if wrapped else text.strip()
    try:
        return json.loads(body) if body.startswith(("{", "[")) else None
    except ValueError:
        return None


def _read_html(url: str, markup: str, elsewhere: Iterable[Claim] = ()) -> PageOfList:
    """Return markup as a page. ``elsewhere``: claims in the rest of the answer, to be added."""
    tree = HtmlTree(url, markup)
    blocks, items = read_blocks(tree)
    sized = tree.root.xpath("|".join(f"//*[@{name}]" for name in sorted(claims.ATTRIBUTES)))
    page = PageOfList(
        url, title=squeeze("".join(tree.root.xpath("//title//text()")))[:MAX_TITLE_CHARS], blocks=blocks,
        controls=tuple(read_controls(tree, items)), frames=tuple(tree.frames()), is_static=tree.is_static(),
        source=markup,
    )  # fmt: skip
    statements = [
        *elsewhere,
        *(claim for script in tree.scripts for claim in claims.read_script(script)),
        *(claim for element in sized for claim in claims.read_attributes(element.attrib)),
        *claims.read_visible(text := tree.take_text(items)),
    ]
    return replace(page, claims=tuple(dict.fromkeys(statements)), says_empty=bool(EMPTY.search(text)))


def _search_json(url: str, value: Any) -> Iterator[Claim | Block | str]:
    """Yield the claims, lists of rows, and pieces of markup in the value of a JSON answer."""
    if isinstance(value, dict):
        yield from claims.read_members(value)
    if isinstance(value, list):
        entries = tuple(entry for one in value if isinstance(one, dict) and (entry := _read_row(url, one)))
        if entries and len(entries) == len(value):
            yield Block("json", entries)
            return
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _search_json(url, member)
    elif isinstance(value, str) and _MARKUP.search(value):
        yield value


def _read_row(url: str, row: dict[str, Any]) -> Entry | None:
    """Return a JSON object as an entry; None if it has no title or address."""
    inner = next((row[name] for name in ("source", "_source", "fields") if isinstance(row.get(name), dict)), row)
    members = {name.lower(): value for name, value in inner.items()}
    title = next((_TAGS.sub("", str(members[key])).strip() for key in TITLE_KEYS if members.get(key)), "")
    target = next((members[key] for key in URL_KEYS if members.get(key)), "")
    if isinstance(target, str) and target.startswith("{"):
        target = parse_json(target) or ""
    if isinstance(target, dict):
        target = next((target[key] for key in URL_KEYS if target.get(key)), "")
    if not title or not isinstance(target, str) or not target:
        return None
    date = next((day for key in DATE_KEYS if (day := find_date(str(members.get(key) or "")))), "")
    return Entry(title[:MAX_TITLE_CHARS], resolve(url, target), date)
