"""Read an answer as a page of a list: HTML, the DOM that a browser shows, XML of records, and JSON. Pure.

``read_page`` is the door. It only says what stands there; what that means is decided in ``engine``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from archive.documents.charset import decode
from crawler.addresses import resolve
from crawler.lists import claims
from crawler.lists.claims import Claim
from crawler.lists.fetch import Answer
from crawler.lists.html_controls import read_controls
from crawler.lists.html_entries import read_blocks
from crawler.lists.html_tree import RECORD, HtmlTree
from crawler.lists.page import MAX_TITLE_CHARS, Block, Entry, Page
from crawler.lists.words import DATE_KEYS, EMPTY, REFUSAL, TITLE_KEYS, URL_KEYS, find_date, squeeze

_TAGS = re.compile(r"<[^>]{0,200}>")
_JSONP = re.compile(r"^\s*[\w.$]{1,80}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*$", re.S)


def read_page(answer: Answer) -> Page:
    """Return what an answer shows."""
    if answer.status != 200:
        return Page(answer.url, refusal=f"status {answer.status}")
    decoded = decode(answer.body)
    if decoded.refused:
        return Page(answer.url, refusal="unreadable text")
    if not decoded.text.strip():
        return Page(answer.url, refusal="empty answer")
    return read_text(answer.url, decoded.text)


def read_text(url: str, text: str) -> Page:
    """Return what a text shows: JSON, XML of records, or HTML."""
    value = parse_json(text)
    if value is not None:
        return _read_json(url, text, value)
    if text.lstrip()[:400].lower().find("<datastore>") >= 0:
        markup = "<ul>" + "".join(RECORD.findall(text)) + "</ul>"
        return _read_html(HtmlTree(url, markup, text), claims.read_xml(text))
    return _read_html(HtmlTree(url, text, text))


def parse_json(text: str) -> Any:
    """Return the value of an answer in JSON or JSONP; None if it is neither."""
    wrapped = _JSONP.match(text) if text.rstrip()[-2:].strip(";)") != text.rstrip()[-2:] else None
    body = wrapped[1] if wrapped else text.strip()
    if not body.startswith(("{", "[")):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None


def _read_html(tree: HtmlTree, elsewhere: Iterable[Claim] = ()) -> Page:
    """Return the page, with claims that were found elsewhere."""
    title = squeeze("".join(tree.root.xpath("//title//text()")))[:MAX_TITLE_CHARS]
    blocks, items = read_blocks(tree)
    text = tree.visible_text(items)
    elements = (one for one in tree.root.iter(etree.Element) if not claims.NAMES_OF_SIZES.isdisjoint(one.keys()))
    statements = [
        *elsewhere,
        *(claim for script in tree.scripts for claim in claims.read_script(script)),
        *(claim for element in elements for claim in claims.read_attributes(dict(element.items()))),
        *claims.read_visible(text),
    ]
    return Page(
        tree.url, title, blocks, tuple(dict.fromkeys(statements)), tuple(read_controls(tree, items)),
        tuple(tree.frames()), _refusal(text, tree.source, bool(blocks)), bool(EMPTY.search(text)), tree.is_static(),
        tree.source,
    )  # fmt: skip


def _refusal(text: str, source: str, has_rows: bool) -> str:
    low, plain = source.lower() if not has_rows else "", squeeze(text).lower()
    if mark := next((one for one in REFUSAL["script"] if one in low), ""):
        return f"access control: {mark}"
    marks = (*REFUSAL["absent"], *REFUSAL["words"]) if len(plain) <= REFUSAL["short"] else ()
    word = next((one for one in marks if squeeze(one) in plain), "")
    return f"no page of a list: {word}" if word else ""


def _read_json(url: str, text: str, value: Any) -> Page:
    parts = list(_search_json(url, value))
    statements, rows = (
        tuple(one for one in parts if isinstance(one, Claim)),
        [one for one in parts if isinstance(one, Block)],
    )
    page = Page(url, claims=statements)
    if markup := "".join(one for one in parts if isinstance(one, str)):
        page = _read_html(HtmlTree(url, markup, text), statements)
    return Page(
        url, page.title, (*page.blocks, *rows), page.claims, page.controls, source=text, says_empty=page.says_empty
    )


def _search_json(url: str, value: Any) -> Iterator[Claim | Block | str]:
    """Return what an answer holds: claims, lists of rows, and markup."""
    if isinstance(value, dict):
        yield from claims.read_members(value)
    if isinstance(value, list):
        entries = [entry for one in value if isinstance(one, dict) and (entry := entry_of_json(url, one))]
        if entries and len(entries) == len(value):
            yield Block("json", tuple(entries))
            return
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _search_json(url, member)
    elif isinstance(value, str) and "<" in value and re.search(r"<(?:a|li|table|ul)\b", value, re.I):
        yield value


def entry_of_json(url: str, row: dict[str, Any]) -> Entry | None:
    """Return the entry that an object of an answer is, if it has a title and an address."""
    inner = next((row[name] for name in ("source", "_source", "fields") if isinstance(row.get(name), dict)), None)
    members = {name.lower(): value for name, value in (inner or row).items()}
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
