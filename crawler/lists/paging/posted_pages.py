"""Pages of a list that are turned by sending a form of the page, where the markup says all that is sent (pure).

Three ways: ``__doPostBack('AspNetPager1','2')`` (ASP.NET), a button of the form itself (``<input type=submit>``), and a
function of the page that does nothing but set fields and send a form (``function page(n){$("#pageNo").val(n);
$("#searchForm").submit()}``). What a button's script does is read in ``button_scripts``.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from crawler.lists.addresses import text_of
from crawler.lists.controls import is_marked
from crawler.lists.list_requests import ListRequest
from crawler.lists.paging.pagers import is_a_day, is_next, is_off, label_of, number_of
from crawler.lists.scripts.button_scripts import ARGUMENT, CALL, TARGET, Document, Element

_BUTTONS = 20_000  # elements of a page that are looked at
_NUMBERS = 200  # of pagers, on one page
_AROUND = 6  # elements between a number of a pager and the pager
_INSIDE = 400  # elements of a pager
_HERE = re.compile(
    r"(?:第|页[次码]\s?[:：]?|当前(?:页|是)?(?:[为:：]|第)?)\s?(\d{1,4})(?=\s?[页/])|(?<![\d/])(\d{1,4})\s?/\s?\d{1,4}\s?页"
)
_FURTHER = frozenset({"...", "…", "……"})  # to the next ten numbers


class Turn(NamedTuple):
    """How a list goes on by a form. ``step``: the request of the next page, None if none is known; ``unread``: there
    are numbers that a form turns to, and which of them comes next could not be told.
    """

    step: ListRequest | None = None
    unread: bool = False


def posted_next(url: str, base: str, tree: Element | None) -> Turn:
    """Return the request of the next page where a form of the page is sent for it: that of 下一页, else that of the
    number after the one that is shown.

    ``base``: what the addresses of the page are relative to. The fields are those the form holds, as a browser would
    send them back.
    """
    if tree is None or next(tree.iter("form"), None) is None:
        return Turn()
    document = Document(url, base, tree)
    numbers: list[tuple[Element, int | None]] = []
    for node in islice(tree.iter("a", "button", "input", "span", "li"), _BUTTONS):
        if not _acts(node):
            continue
        label = label_of(node)
        if is_next(node, label):
            step = None if is_off(node) else document.sent_by(node)
            if step is not None:
                return Turn(step)
        elif len(numbers) < _NUMBERS and (number := number_of(label)[0] or _further(node)):
            numbers.append((node, number))
    return _numbered_next(document, numbers)


def _acts(node: Element) -> bool:
    """Whether an element has a script of its own, or sends the form it stands in."""
    if node.get("onclick") or (node.get("href") or "").strip().lower().startswith("javascript:"):
        return True
    return node.tag in {"input", "button"} and (node.get("type") or "submit").lower() in {"submit", "image"}


def _further(node: Element) -> int | None:
    """The number that a link to the next ten numbers (…) leads to; None for any other."""
    if text_of(node) not in _FURTHER:
        return None
    found = re.search(r"(\d{1,4})['\"]?\s?\)", f"{node.get('href') or ''} {node.get('onclick') or ''}"[:CALL])
    return int(found.group(1)) if found else None


def _numbered_next(document: Document, numbers: list[tuple[Element, int | None]]) -> Turn:
    """The number after the one that is shown, of the first pager that says which that is."""
    calendars: dict[Element, bool] = {}
    pagers: dict[tuple[str, ...], dict[int, tuple[Element, ListRequest]]] = {}
    for node, number in numbers:
        if number is None or is_a_day(node, calendars):
            continue
        step = document.sent_by(node)
        if step is not None and _says(document.changed, number):
            pagers.setdefault((step.url, *_kind_of(document.changed)), {}).setdefault(number, (node, step))
    unread = False
    for pages in pagers.values():
        here = _shown(pages)
        if here is None:
            unread = True
        elif here + 1 in pages:
            return Turn(pages[here + 1][1])
        else:
            unread = unread or max(pages) > here
    return Turn(None, unread)


def _kind_of(changed: dict[str, str]) -> tuple[str, ...]:
    """What the buttons of one pager have in common: the names of what they set, and the control of ASP.NET."""
    return (*changed, re.sub(r"\d+", "0", changed.get(TARGET, "")))


def _says(changed: dict[str, str], number: int) -> bool:
    """Whether what a button sets is the number it says (or the one before: some count from 0); a control of ASP.NET
    without an argument is a button of its own.
    """
    if changed.get(ARGUMENT) == "":
        return True
    values = (value for name, value in changed.items() if name != TARGET)
    digits = {int(found.group()) for value in values if (found := re.search(r"\d{1,6}$", value))}
    return number in digits or number - 1 in digits


def _shown(pages: dict[int, tuple[Element, ListRequest]]) -> int | None:
    """The number of the page that is shown: the one that is marked, has no link, or is printed; None if that cannot be
    told.
    """
    nodes = [node for node, _ in pages.values()]
    marked = [number for number, (node, _) in pages.items() if is_marked(node)]
    if len(marked) == 1:
        return marked[0]
    around = _around(nodes)
    if around is not None:
        bare, told = _bare_numbers(around, {*nodes})
        for numbers in (told, bare):
            beside = {number for number in numbers if number not in pages and {number - 1, number + 1} & pages.keys()}
            if len(beside) == 1:
                return beside.pop()
        printed = {int(one or other) for one, other in _HERE.findall(text_of(around))}
        if len(printed) == 1:
            return printed.pop()
    return None


def _around(nodes: list[Element]) -> Element | None:
    """The innermost element that holds all numbers of a pager, and one more: the number that is shown may be beside."""
    for around in islice(nodes[0].iterancestors(), _AROUND):
        if all(around in islice(node.iterancestors(), _AROUND) for node in nodes) and len(around) + len(nodes) > 2:
            return around
    return None


def _bare_numbers(around: Element, linked: set[Element]) -> tuple[set[int], set[int]]:
    """Numbers that stand in a pager and are no button: all of them, and those that are marked as the one shown."""
    bare: set[int] = set()
    told: set[int] = set()
    for node in islice(around.iter(), _INSIDE):
        if not isinstance(node.tag, str) or node.tag in {"script", "style", "option"}:
            continue
        texts = [node.tail or ""] if node is not around else []
        within = any(one in linked for one in (node, *islice(node.iterancestors(), 3)))
        texts += [] if within else [node.text or ""]
        for at, text in enumerate(texts):
            if re.fullmatch(r"\s*\[?[0-9]{1,4}\]?\s*", text):
                number = int(re.sub(r"\D", "", text))
                bare.add(number)
                if at == len(texts) - 1 and not within and is_marked(node):
                    told.add(number)
    return bare, told
