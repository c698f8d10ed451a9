"""Finds the controls of a list on a page of HTML: next, page numbers, more, and choices of its parts. Pure."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from crawler.lists.html_tree import HtmlTree, hidden_fields, resolve, text_of
from crawler.lists.page import HANDLE, PRESSED, Control
from crawler.lists.words import CHOICE, CONTROLS, DISABLED, NEXT_CLASS, NO_CHOICE, NUMBER, WALK, WHOLE, squeeze

MAX_CONTROL_CHARS = 20
_WORDS = frozenset().union(*CONTROLS.values())
_PRESSED = frozenset(re.findall(r"\w+", "a b button dd div dt em font h2 h3 h4 h5 i img li p span strong td th"))
_TAB = re.compile(r"(?:^|[\s_-])tabs?(?:$|[\s_-])", re.I)
_CALL = re.compile(r"\s*(?:javascript:\s*|return\s+)?(?!void)([\w.$]{1,40})\(", re.I)
_ADDRESS_NUMBER = re.compile(r"(?P<stem>.+?)[_-]?(?P<number>\d{0,4})(?P<end>\.\w{3,5})")  # list2.htm, index_1.html
_PAGER_NAMES = re.compile("pag|fenye|next|turn", re.I)


def read_controls(tree: HtmlTree, items: Collection[Any]) -> Iterator[Control]:
    """Yield the controls of a page, which show more of a list. ``items``: the rows of its lists; in these only elements
    with the text of a control count, or those that call the same function as others.
    """
    numbers: list[tuple[Any, Control]] = []
    choices: list[Any] = []
    in_items = {inner for item in items for inner in item.iter(etree.Element)}
    calls = Counter(filter(None, map(_call, tree.root.xpath("//*[@onclick or starts-with(@href, 'javascript:')]"))))
    for element in tree.root.iter(etree.Element):
        if element.tag == "option":
            yield from _option(tree, element)
            continue
        text = _control_text(element) or _named_by_address(tree, element)
        is_called = element in in_items and calls[_call(element)] > 1
        if element in in_items and not (is_called or is_control_text(text) or _is_node(element, text)):
            continue
        if not text or (len(element) and element.tag not in ("a", "button", "li")) or _holds_control(element):
            continue
        kind = next((kind for kind in ("next", "more") if text in CONTROLS[kind]), "")
        number = NUMBER.fullmatch(text)
        if kind:
            control = _control(tree, kind, text, element)
            if kind != "next" or text.isalpha() or _in_pager(element):
                yield control
        elif number and "total" in (element.get("class") or ""):  # 共<span class="totalRecordNum">3</span> of kkpager
            continue
        elif number and 0 < int(number[1]) < 2000 and (element.tag not in ("td", "th") or _can_press(element)):
            numbers.append((element, _control(tree, "number", text, element, int(number[1]))))
        elif _is_choice(element, text, is_called=is_called):
            choices.append(element)
    yield from _choices(tree, choices)
    yield from _in_rows(numbers)


def _choices(tree: HtmlTree, elements: Collection[Any]) -> Iterator[Control]:
    """Yield the choices without an address, and the elements in a row with them that call the same function. Such rows
    have names of groups that differ from place to place: 市政府, 市级部门, 区镇（街道）.
    """
    pressed = [one for one in elements if not _control(tree, "choice", "", one).url]
    kinds_by_row: dict[Any, set[tuple[str, str]]] = defaultdict(set)  # each row is walked once
    for one in filter(_can_press, pressed):
        kinds_by_row[_row_above(one)].add((one.tag, _call(one)))
    beside = (one for row, kinds in kinds_by_row.items() for one in _in_row(row, kinds))
    for element in dict.fromkeys((*pressed, *beside)):
        text = _control_text(element)
        control = _control(tree, "choice", text, element)
        if text and not control.url and not is_control_text(text) and not NO_CHOICE.search(text):
            yield control


def _row_above(element: Any) -> Any:
    """Return the row in which an element stands: its parent, or the one above if it is alone in an item of its own."""
    parent = element.getparent()
    return parent if len(parent) > 1 or parent.getparent() is None else parent.getparent()


def _in_row(row: Any, kinds: Collection[tuple[str, str]]) -> Iterator[Any]:
    """Yield the elements of a row that can be pressed and have one of these tags and called functions."""
    for item in row:
        inner = (one for one in item if len(item) == 1 and one.tag != item.tag)
        yield from (one for one in (item, *inner) if _can_press(one) and (one.tag, _call(one)) in kinds)


def _option(tree: HtmlTree, option: Any) -> Iterator[Control]:
    """Yield an option of a box as a control, if it is a page number, or a part of a list that the box does not show."""
    text, value = squeeze(text_of(option)), option.get("value") or ""
    number = re.fullmatch(r"第?(\d{1,4})页?(?:/\d+页?)?", text)
    url = resolve(tree.base, value) if (is_address := bool(re.search(r"[/.?]", value))) else ""
    if number and (is_address or "页" in text):
        enabled = option.get("selected") is None
        yield Control("number", text, url, int(number[1]), enabled, option.get(HANDLE, ""))
    elif CHOICE.fullmatch(text) or WALK["agencies"].fullmatch(text):
        options = list(option.getparent().iter("option"))
        chosen = next((one for one in options if one.get("selected") is not None), options[0])
        url = url if is_address else _form_address(tree, option, value or text)
        if not WHOLE.fullmatch(squeeze(text_of(chosen))):  # else the whole list is shown already
            yield Control("choice", text, url, handle=option.get(HANDLE, ""))


def _form_address(tree: HtmlTree, option: Any, value: str) -> str:
    """Return the address that a GET form requests if ``option`` is chosen; "" for any other form."""
    select, form = option.getparent(), next(option.iterancestors("form"), None)
    if form is None or not select.get("name") or (form.get("method") or "get").lower() != "get":
        return ""
    fields = hidden_fields(form) | {select.get("name"): value}
    return resolve(tree.base, f"{form.get('action') or ''}?{urlencode(fields)}")


def _control(tree: HtmlTree, kind: str, text: str, element: Any, number: int = 0) -> Control:
    """Return ``element`` as a control of this kind. Its address and form are those of the nearest link: itself, one of
    two ancestors, or its first child. Disabled if it or its parent says so, or if nothing can be pressed or followed.
    ``number``: of the page it leads to.
    """
    elements = [element, *list(element.iterancestors())[:2], *list(element.iterchildren("a"))[:1]]
    link = next((one for one in elements if one.tag == "a"), None)
    enabled = not any(
        one.get("disabled") is not None or one.get("aria-disabled") == "true" or DISABLED.search(one.get("class") or "")
        for one in elements[:2]
    )
    url, form = "", None
    if link is not None:
        url, form = tree.target(link), _form(tree, link)
    can_press = element.get(HANDLE) or element.tag in ("button", "input") or element.get("onclick")
    enabled = enabled and bool(can_press or url or form or (link is not None and link.get("href")))
    return Control(kind, text, url, number, enabled, (link if link is not None else element).get(HANDLE, ""), form)


def _form(tree: HtmlTree, link: Any) -> tuple[tuple[str, str], ...] | None:
    """Return the form fields that a link on an ASP.NET page posts (``__doPostBack``); None if it is none."""
    call = re.search(r"__doPostBack\('([^']*)','([^']*)'\)", f"{link.get('href') or ''} {link.get('onclick') or ''}")
    if not call:
        return None
    target = {"__EVENTTARGET": call[1].replace("\\", ""), "__EVENTARGUMENT": call[2]}
    return tuple((hidden_fields(tree.root) | target).items())


def _control_text(element: Any) -> str:
    """Return the words of a control, else of its title or picture, else 下一页 by its class; "" if it is none."""
    if element.tag == "input" and element.get("type") in ("button", "submit"):
        return squeeze(element.get("value")).lower()
    if element.tag not in _PRESSED or len(element) > 3 or len((element.text or "").strip()) > MAX_CONTROL_CHARS * 2:
        return ""
    text = squeeze("".join(element.itertext()) if len(element) else element.text).lower()
    if not text:
        text = squeeze(element.get("title") or element.get("aria-label") or element.get("alt")).lower()
        text = CONTROLS["next"][0] if not text and element.tag != "span" and _looks_like_next(element) else text
    return text if len(text) <= MAX_CONTROL_CHARS else ""


def _looks_like_next(element: Any) -> bool:
    """Whether the class of an element without a text, or of the icon inside it in a pager, says that it is next."""
    inside = element.iter(etree.Element) if _in_pager(element) else (element,)
    return any(NEXT_CLASS.search(one.get("class") or "") for one in inside)


def _named_by_address(tree: HtmlTree, element: Any) -> str:
    """Return 下一页 for a link with only a picture, if its address is this page's with the next number; else ""."""
    if element.tag != "a" or element.find(".//img") is None or squeeze(text_of(element)):
        return ""
    own, other = _ADDRESS_NUMBER.fullmatch(tree.url), _ADDRESS_NUMBER.fullmatch(tree.target(element))
    if own is None or other is None or own.group("stem", "end") != other.group("stem", "end"):
        return ""
    is_next = int(other["number"] or 0) == int(own["number"]) + 1 if own["number"] else other["number"] in ("1", "2")
    return CONTROLS["next"][0] if is_next else ""


def _call(element: Any) -> str:
    """Return the name of the function that an element calls when pressed; "" for none, or doSearchHot (gxzf.gov.cn)."""
    match = _CALL.match(element.get("onclick") or element.get("href") or "")
    return match[1] if match and not NO_CHOICE.search(match[1]) else ""


def _can_press(element: Any) -> bool:
    return element.tag in ("a", "button") or element.get("onclick") is not None or element.get(PRESSED) is not None


def _is_choice(element: Any, text: str, *, is_called: bool) -> bool:
    """Whether an element may show another part of the list: by its text, as a tab, or as others call its function."""
    if element.tag in ("td", "th") or len(text) < 2:
        return False
    elements = [element, *list(element.iterancestors())[:1]]
    is_tab = any(one.get("role") == "tab" or _TAB.search(one.get("class") or "") for one in elements)
    return (
        bool(CHOICE.fullmatch(text) or WALK["years"].fullmatch(text))
        or is_tab
        or (is_called and not text.isascii() and not NO_CHOICE.search(text))
        or (any(map(_can_press, elements)) and any(WALK[one].fullmatch(text) for one in ("agencies", "groups")))
        or _is_node(element, text)
    )


def _is_node(element: Any, text: str) -> bool:
    """Whether an element is a node in a tree of agencies: a name in an item without address (zTree, Element)."""
    item = element if element.tag == "li" else next(element.iterancestors("li"), None)
    return item is not None and WALK["agencies"].fullmatch(text) is not None and not item.xpath(".//a[@href]")


def _holds_control(element: Any) -> bool:
    """Whether a link, button or span inside this element has the same text, and so is the control itself."""
    own = _control_text(element)
    return any(inner is not element and _control_text(inner) == own for inner in element.iter("a", "button", "span"))


def _in_pager(element: Any) -> bool:
    """Whether an element is inside a pager, by class or id. A sign such as > is also used between links of a path."""
    elements = [element, *list(element.iterancestors())[:3]]
    return any(_PAGER_NAMES.search(f"{one.get('class') or ''} {one.get('id') or ''}") for one in elements)


def is_control_text(text: str) -> bool:
    """Whether a text names a control of a pager, such as 下一页 or a number."""
    plain = squeeze(text).lower()
    return len(plain) <= MAX_CONTROL_CHARS and (plain in _WORDS or bool(NUMBER.fullmatch(plain)))


def _in_rows(numbers: list[tuple[Any, Control]]) -> Iterator[Control]:
    """Yield the controls of ``numbers`` that number pages: several in a row, or 2 alone in a pager (1 is no link)."""
    rows: dict[Any, list[Control]] = defaultdict(list)
    for element, control in numbers:
        levels = list(element.iterancestors())[:3]
        row = next((one for one in levels if len(one) > 1), levels[-1] if levels else element)
        rows[row].append(control)
    for row, controls in rows.items():
        page_numbers = sorted({control.number for control in controls})
        steps = [after - before for before, after in itertools.pairwise(page_numbers)]
        is_row = bool(steps) and min(steps) <= 2 and page_numbers[0] <= 2 + len(page_numbers) * 100
        if is_row or (page_numbers == [2] and _in_pager(row)):
            yield from controls
