"""A page → where it points, with what it says of each place (pure).

Links, image maps, choices of a ``<select>``, ``onclick`` and ``data-url``, frames, and addresses that stand in the
source of scripts (menus, JSON). A label is compared without blanks: portals break theirs by spaces and spans.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode, urlsplit

import lxml.html

from archive.file_endings import ENDINGS
from crawler.lists.addresses import GOES_TO, LONGEST, address_in_attributes, join, target_of, text_of
from crawler.lists.controls import hidden_fields
from crawler.lists.filters.list_choices import ADDRESS, choices
from crawler.lists.labels import HAN, LABEL, label, said
from crawler.lists.list_page import Page, parse

MOST = 3_000  # pointers of one page
_SCRIPT = 400_000  # characters of a script, or of an answer that is none of markup, that are read
_TOKENS = 6_000  # strings of all scripts of a page that are read
_NEAR = 400  # characters between an address in a script and its name
_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.){0,400})\"|'((?:[^'\\\n]|\\.){0,400})'")
_NESTED = re.compile(r"[\"']((?:https?:/)?/[^\"'\\\s<>{}]{1,300})\\?[\"']")  # of {\"pc\": \"/a/list.shtml\"}
_NO_PAGE = re.compile(
    rf"\.(?:css|js|png|jpe?g|gif|ico|svg|bmp|webp|woff2?|ttf|eot|swf|mp[34]|apk|{ENDINGS})(?:$|\?)",
    re.IGNORECASE,
)
_MENU_FILE = re.compile(r"(?:menu|nav|tree|left|column|channel|catalog|lanmu|daohang|xxgk|head|top)", re.IGNORECASE)
_BEGINS = re.compile(  # a script: its markup stands in strings, with escaped quotes
    r"/[/*]|[!;(+~]{0,3}\s{0,9}(?:async\s{1,9})?function\b|(?:var|let|const)\s|[\"']use strict"
    r"|[\w$.]{1,80}\s{0,9}[=(]|;?\("
)
_JUMP, _SAID = 4_000, 30  # characters of a page that only goes on, of its text (正在跳转，请稍候)
_SEARCH = re.compile(r"搜索|检索|查询|search|(?:^|/)so(?:/|$)|query", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pointer:
    """An address with what the page says of it. ``how``: link, area, option, onclick, frame, script, script_file,
    goes (a script that leaves the page at once).
    """

    url: str
    text: str
    how: str = "link"


def pointers(page: Page) -> tuple[Pointer, ...]:
    """Return where a page points, in reading order, each address once under its most telling label."""
    return pointers_of(page)[0]


def pointers_of(page: Page) -> tuple[tuple[Pointer, ...], bool]:
    """Return :func:`pointers`, and whether they are all: those beyond ``MOST`` are left out."""
    if not is_markup(page):
        return _kept(page.url, page.url, _in_script(page.text, iter(range(_TOKENS))))
    tree = page.tree
    if tree is None:
        return (), True
    return _kept(page.url, page.base, _in_tree(tree))


def is_markup(page: Page) -> bool:
    """Whether an answer is a page, and no script or data (JSON, JSONP)."""
    head = page.text[:2_000].lstrip("\ufeff \t\r\n")
    data = head[:1] in {"{", "["} or (head and "<" not in page.text[:_SCRIPT])
    return not (data or _BEGINS.match(head))


def only_goes_on(page: Page) -> bool:
    """Whether a page is there for nothing but a script that goes to another at once (栏目跳转): it says no more than
    that.
    """
    if len(page.text) > _JUMP or not GOES_TO.search(page.text):
        return False
    tree = page.tree
    if tree is None or next(tree.iter("form", "iframe", "frame"), None) is not None:
        return False
    body = next(tree.iter("body"), tree)
    shown = "".join(str(text) for text in body.xpath(".//text()[not(ancestor::script or ancestor::style)]"))
    return len(label(shown)) <= _SAID and any(pointer.how == "goes" for pointer in pointers(page))


def _kept(own: str, base: str, raw: Iterator[tuple[str, str, str]]) -> tuple[tuple[Pointer, ...], bool]:
    found: dict[str, Pointer] = {}
    for href, text, how in islice(raw, MOST):
        try:
            url = join(base, href)
            parts = urlsplit(url)
        except ValueError:
            continue
        if "/gkmlpt/" in parts.path and (category := re.search(r"#\d{1,9}$", href.strip())):
            url += category.group(0)  # what stands behind this hash is another list
        if parts.scheme not in {"http", "https"} or not parts.netloc or len(url) > LONGEST or url == own:
            continue
        if how != "script_file" and _NO_PAGE.search(parts.path):
            continue
        name = label(text)
        before = found.get(url)
        if before is None or (not before.text and name):
            found[url] = Pointer(url, name, how)
    return tuple(found.values()), next(raw, None) is None


def _in_tree(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, str, str]]:
    tokens = iter(range(_TOKENS))
    for node in tree.iter():
        if node.tag in {"a", "area"}:
            if href := target_of(node):
                yield href, said(node), "link" if node.tag == "a" else "area"
        elif node.tag in {"iframe", "frame"}:
            source = (node.get("src") or "").strip()
            hidden = {(node.get(side) or "").strip("px ") for side in ("width", "height")} & {"0", "1"}
            if source and not hidden and not source.lower().startswith(("javascript:", "about:", "data:")):
                yield source, node.get("title") or node.get("name") or "", "frame"
        elif node.tag == "select":
            yield from choices(node)
        elif node.tag == "script":
            yield from _of_script(node, tokens)
        elif (
            isinstance(node.tag, str)
            and (node.get("onclick") or address_in_attributes(node))
            and next(node.iter("a"), None) is None
            and (href := target_of(node))
        ):
            yield href, text_of(node), "onclick"


def _of_script(node: lxml.html.HtmlElement, tokens: Iterator[int]) -> Iterator[tuple[str, str, str]]:
    source = (node.get("src") or "").strip()
    if source:
        name = source.partition("?")[0].rsplit("/", 1)[-1]
        if _MENU_FILE.search(name) and "jquery" not in name.lower():
            yield source, "", "script_file"
        return
    text = "".join(str(part) for part in node.itertext())[:_SCRIPT]
    if going := GOES_TO.search(text[:4_000]):
        yield going.group(1), "", "goes"
    yield from _in_script(text, tokens)


def _in_script(text: str, tokens: Iterator[int]) -> Iterator[tuple[str, str, str]]:
    """Addresses in a script or a JSON answer, each with the name that stands in the same object, list or call.

    Each string that is read takes one of ``tokens``, which all scripts of a page share.
    """
    text = text[:_SCRIPT]
    if "<a" in text.lower():
        markup = text.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
        markup = markup.replace("<![CDATA[", "").replace("]]>", "")
        tree = parse(f"<div>{markup}</div>")
        for node in islice(tree.iter("a", "area"), 1_000) if tree is not None else ():
            href = target_of(node)
            if href and not re.search(r"[\s'\"+{}]", href):
                yield href, said(node), "script"
    names: list[tuple[int, int, str]] = []
    places: list[tuple[int, int, str]] = []
    for found, _ in zip(_STRING.finditer(text), tokens, strict=False):
        value = (found.group(1) or found.group(2) or "").replace("\\/", "/").strip()
        if "\\u" in value:
            value = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: _character(m.group(1)), value)
        if HAN.search(value):
            if len(value) <= LABEL and "<" not in value:
                names.append((found.start(), found.end(), value))
        elif place := _place(value):
            places.append((found.start(), found.end(), place))
    starts = [row[0] for row in names]
    for start, end, value in places:
        near = names[bisect_left(starts, start - _NEAR) : bisect_right(starts, end + _NEAR)]
        if name := _name_of(text, start, end, near):
            yield value, name, "script"
        elif value.endswith(".json") or ".json?" in value:
            yield value, "", "script_file"


def _place(value: str) -> str:
    """The address that a string of a script is, or that stands in it where it is an object written down; else ""."""
    inner = _NESTED.search(value) if value.startswith("{") else None
    if inner is not None:
        return inner.group(1)
    return value if ADDRESS.match(value) and value not in {"/", "//", "./", "../"} else ""


def _character(digits: str) -> str:
    number = int(digits, 16)
    return "" if 0xD800 <= number <= 0xDFFF else chr(number)


def _name_of(text: str, start: int, end: int, names: list[tuple[int, int, str]]) -> str:
    """The name in the smallest record around an address; else the one right before it. ``names``: those near it."""
    left = max((text.rfind(mark, max(0, start - _NEAR), start) for mark in "{[(;"), default=-1)
    rights = [at for mark in "}]);" if (at := text.find(mark, end, end + _NEAR)) >= 0]
    right = min(rights, default=end + 1)
    inside = [row for row in names if left <= row[0] and row[1] <= right]
    if inside:
        return min(inside, key=lambda row: min(abs(row[0] - start), abs(start - row[1])))[2]
    before = [row for row in names if start - 120 <= row[1] <= start]
    return before[-1][2] if before else ""


def search_address(page: Page, words: str) -> str | None:
    """Return the address that the page's own search asks for ``words``: a plain GET form only; None without one."""
    tree = page.tree
    for form in islice(tree.iter("form"), 10) if tree is not None else ():
        if (form.get("method") or "get").lower() != "get":
            continue
        boxes = [
            i
            for i in islice(form.iter("input"), 40)
            if i.get("name") and (i.get("type") or "text").lower() in {"text", "search"}
        ]
        says = f"{form.get('action') or ''} {form.get('id') or ''} {text_of(form)} " + " ".join(
            f"{i.get('value') or ''} {i.get('placeholder') or ''}" for i in islice(form.iter("input"), 40)
        )
        if len(boxes) != 1 or not _SEARCH.search(says) or form.get("onsubmit"):
            continue
        fields = [*hidden_fields(form), (str(boxes[0].get("name")), words)]
        try:
            url = join(page.base, f"{(form.get('action') or '').partition('?')[0]}?{urlencode(fields)}")
        except ValueError:
            continue
        return url if url.startswith(("http://", "https://")) and len(url) <= LONGEST else None
    return None
