"""Reads an answer as a page of a list: HTML, the DOM that a browser shows, XML of records, or JSON. Pure.

Callers use ``read_page``. It returns what the page contains; ``engine`` decides what that means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from archive.documents.charset import decode
from crawler.lists.html_controls import read_controls
from crawler.lists.html_entries import read_blocks
from crawler.lists.html_tree import HtmlTree, resolve
from crawler.lists.page import (
    ANSWER,
    COUNT_OF_PAGES,
    JSON,
    MAX_TITLE_CHARS,
    SCRIPTED,
    TOTAL,
    VISIBLE,
    Answer,
    Block,
    Claim,
    Entry,
    PageOfList,
)
from crawler.lists.words import DATE_KEYS, EMPTY, PAGES, SCRIPT, TITLE_KEYS, TOTALS, URL_KEYS, find_date, squeeze

_TAGS = re.compile(r"<[^>]{0,200}>")
_MARKUP = re.compile(r"<(?:a|li|table|ul)\b", re.I)
_JSONP = re.compile(r"^\s*[\w.$]{1,80}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*$", re.S)
MAX_SCRIPT_CHARS = 400_000
_KINDS = {name: kind for kind in (TOTAL, COUNT_OF_PAGES) for name in SCRIPT[kind]}
_KINDS_OF_ATTRIBUTES = dict.fromkeys(SCRIPT["attributes_total"], TOTAL) | dict.fromkeys(
    SCRIPT["attributes_pages"], COUNT_OF_PAGES
)
_OF_PAGERS = frozenset(SCRIPT["attributes_of_pagers"])
_NAMED_VALUE = re.compile(r"[\"']?(?<![\w.$])([A-Za-z][\w-]{2,24})[\"']?\s{0,9}[:=]\s{0,9}[\"']?(\d{1,7})(?![\d.\w])")
_XML = re.compile(r"<(totalrecords?|totalpages?)>\s*(\d{1,7})\s*</", re.I)
_SETTINGS = re.compile(SCRIPT["settings"])
_COUNT = re.compile(r"[\"']?\b(?:count|total|items)[\"']?\s*:\s*[\"']?(\d{1,7})")
_CALL, _CALL_NAMED = re.compile(SCRIPT["calls"]), re.compile(SCRIPT["calls_named"])
_NO_CODE = re.compile(SCRIPT["no_code"], re.S)


def read_page(answer: Answer) -> PageOfList:
    """Return an answer as a page; with only a ``refusal`` (why) if its status is not 200, or it cannot be read."""
    if answer.status != 200:
        return PageOfList(answer.url, refusal=f"status {answer.status}")
    decoded = decode(answer.body)
    if decoded.refused:
        return PageOfList(answer.url, refusal="unreadable text")
    return (
        read_text(answer.url, decoded.text) if decoded.text.strip() else PageOfList(answer.url, refusal="empty answer")
    )


def read_text(url: str, text: str) -> PageOfList:
    """Return a text as a page: HTML, XML of records, or JSON, with its lists of rows and the markup in its values."""
    value = parse_json(text)
    if value is None:
        is_xml = "<datastore>" in text.lstrip()[:400].lower()
        return _read_html(url, text, _read_members(dict(_XML.findall(text))) if is_xml else ())
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
    """Return markup as a page: entries, controls, frames, claims on a list's size (``elsewhere``: those around it)."""
    tree = HtmlTree(url, markup)
    blocks, items = read_blocks(tree)
    sized = tree.root.xpath("|".join(f"//*[@{name}]" for name in sorted(_KINDS_OF_ATTRIBUTES)))
    page = PageOfList(
        url, title=squeeze("".join(tree.root.xpath("//title//text()")))[:MAX_TITLE_CHARS], blocks=blocks,
        controls=tuple(read_controls(tree, items)), frames=tuple(tree.frames()), is_static=tree.is_static(),
        source=markup,
    )  # fmt: skip
    claims = [
        *elsewhere,
        *(claim for script in tree.scripts for claim in _read_script(script)),
        *(claim for element in sized for claim in _read_attributes(element.attrib)),
    ]
    text = tree.take_text(items)  # last, because it removes the entries from the tree
    claims += _read_visible(text)
    return replace(page, claims=tuple(dict.fromkeys(claims)), says_empty=bool(EMPTY.search(text)))


def _search_json(url: str, value: Any) -> Iterator[Claim | Block | str]:
    """Yield the claims on a list's size, lists of rows, and pieces of markup in the value of a JSON answer."""
    if isinstance(value, dict):
        yield from _read_members(value)
    if isinstance(value, list):
        entries = tuple(entry for one in value if isinstance(one, dict) and (entry := _read_row(url, one)))
        if entries and len(entries) == len(value):
            yield Block(JSON, entries)
            return
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _search_json(url, member)
    elif isinstance(value, str) and _MARKUP.search(value):
        yield value


def _read_row(url: str, row: dict[str, Any]) -> Entry | None:
    """Return a JSON object (or the one that it wraps) as an entry; None if it has no title or address."""
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


# claims: statements of a page, its scripts or an answer about the size of a list


def _read_visible(text: str) -> Iterator[Claim]:
    """Yield the claims in the visible text of a page."""
    for kind, patterns in ((TOTAL, TOTALS), (COUNT_OF_PAGES, PAGES)):
        for match in (match for pattern in patterns for match in pattern.finditer(text)):
            yield Claim(kind, int(match[1]), VISIBLE, match[0].strip())


def _read_script(text: str) -> Iterator[Claim]:
    """Yield what a script claims about the size of a list (total, number of pages): in named values, in the
    settings of a pager, and in calls that write one.
    """
    text = _NO_CODE.sub(" ", text[:MAX_SCRIPT_CHARS])
    claims = ((_KINDS.get(match[1].lower()), match[2], match[0]) for match in _NAMED_VALUE.finditer(text))
    counted = (_COUNT.finditer(settings[1]) for settings in _SETTINGS.finditer(text))
    calls = list(_CALL_NAMED.finditer(text))
    for kind, number, printed in (
        *claims,
        *((TOTAL, match[1], match[0]) for of_settings in counted for match in of_settings),
        *((COUNT_OF_PAGES, match[1], match[0]) for match in (*_CALL.finditer(text), *calls)),
        *((TOTAL, match["total"], match[0]) for match in calls if match["total"]),
    ):
        if kind:
            yield Claim(kind, int(number), SCRIPTED, printed)


def _read_members(members: Mapping[str, Any], kinds: Mapping[str, str] = _KINDS) -> Iterator[Claim]:
    """Yield the claims in the members of a JSON object. ``kinds``: kind of claim by member name."""
    for name, member in members.items():
        number = int(member) if isinstance(member, str) and member.isascii() and member.isdigit() else member
        if name.lower() in kinds and isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 10**7:
            yield Claim(kinds[name.lower()], number, ANSWER, f"{name}: {number}")


def _read_attributes(attributes: Mapping[str, str]) -> Iterator[Claim]:
    """Return the claims in the attributes of an element; some names count only on elements of a pager."""
    is_pager = re.search("pag", f"{attributes.get('class', '')} {attributes.get('id', '')}", re.I)
    read = {name: value for name, value in attributes.items() if is_pager or name not in _OF_PAGERS}
    return _read_members(read, _KINDS_OF_ATTRIBUTES)
