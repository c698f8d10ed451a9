"""Signs on a page that its list goes on where no address leads: buttons, numbers and places that only scripts serve
(pure).

A list of which page 2 was never seen is not read. What is switched off, or does nothing at all, is no sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import lxml.html

from crawler.lists.addresses import ADDRESS_ATTRIBUTES, IDLE, text_of
from crawler.lists.controls import has_address, short_text
from crawler.lists.list_page import SHORTEST, is_full
from crawler.lists.page_words import data, words
from crawler.lists.paging.pagers import (
    TURNS,
    is_next,
    is_off,
    label_of,
    number_of,
    says_back,
    says_last,
    says_more,
    says_next,
    says_turn,
)

_PAGER = re.compile(
    r"^(?:\w{1,20}[-_])?(?:pages?|pager|paging|pagination|paginator|pagenation|page(?:bar|list|nav|num|div|info)|fenye"
    r"|laypage)(?:[-_]?\d{1,4}|[-_](?:box|div|bar|list|nav|num|numbers?|wrap|main|con))?$",
    re.IGNORECASE,
)
_SLIDES = re.compile(r"swiper|slide|banner|focus|carousel|flex", re.IGNORECASE)  # pictures that take turns
_JUMPS = frozenset({"go", "跳转", "转到", "跳页", "跳转到"})  # to a page that is typed in
_CLICKED = frozenset({"a", "button", "input"})
_PRESSED = frozenset({"button", "submit", "image", ""})
_LEAF = 40  # characters of a button, with blanks
_HINT = re.compile(rf"{TURNS.pattern}|[页頁2二]|加载|显示|更多|全部|more|go", re.IGNORECASE)
_EXPANDS = re.compile(r"(?:点击)?(?:查看|展开|浏览)(?:更多|全部)(?:内容|信息|年报|报告|列表)?")
_DIRECTION = re.compile(r"prev(?:ious)?|pre|next|nxt|back|last|first|home|left|right|up|down|[0-9]+")
_TELLING = frozenset({"title", "id", "aria-label", "style", "class"})
_BUTTONS = 60  # elements of a pager that are looked at
_SCRIPT = 200_000  # characters of a script
_HANDLER = 400  # characters of a function that listens
_LOADS = re.compile(data()["script_pager"]["files"])
_NUMBERED = 3  # elements between a number of a pager and the pager
_SOME = 5  # entries beside a place that waits for a pager
_WRITTEN = re.compile(
    r"""下一?页|下一頁|[尾末]页|_["']\s{0,9}\+\s{0,9}\(?\w{1,20}\)?\s{0,9}\+\s{0,9}\\?["']\.["'\s+]{0,9}s?html?"""
)


def turned_by_script(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a first page shows that there is more (下一页, a number 2, 加载更多), and only a script leads there."""
    if tree is None:
        return False
    if any(_turns(node) for node in tree.iter("a", "button", "input", "span", "li", "div", "p", "em", "td")):
        return True
    for select in tree.iter("select"):
        choices = [re.sub(r"\D", "", text_of(option)) for option in select.iter("option")][:3]
        page_numbers = choices[:2] == ["1", "2"]
        if page_numbers and (select.get("onchange") or "页" in text_of(select)):
            return True
    return False


def _turns(node: lxml.html.HtmlElement) -> bool:
    """Whether an element is a button of a pager that only a script serves."""
    clicked = node.tag in _CLICKED or bool(node.get("onclick"))
    if not clicked and (
        len(node) > 2 or not _HINT.search(_without_blanks(short_text(node)) or node.get("title") or "")
    ):
        return False
    label = label_of(node)
    if says_more(label) or expands(label):
        return not has_address(node) and not is_off(node) and not any(map(has_address, node.iter("a")))
    if (second := _says_second(node, label)) and not clicked:
        return _is_second(node)
    if label in _JUMPS:
        around = node.getparent()
        return clicked and not has_address(node) and around is not None and "页" in text_of(around)
    if not clicked:
        return says_next(label) and _numbered(node) and not is_off(node)
    return (is_next(node, label) or says_last(label) or second) and _calls(node, second)


def _without_blanks(text: str) -> str:
    """A text without its blanks: pagers write 下 一 页."""
    return "".join(text.split())


def expands(label: str) -> bool:
    """Whether a button says that it shows the rest of a list (查看更多, 展开全部)."""
    return _EXPANDS.fullmatch(label) is not None


def _says_second(node: lxml.html.HtmlElement, label: str) -> bool:
    """Whether a button says the number 2; a bare 二 says it behind 一 only."""
    number, sure = number_of(label)
    if number != 2 or sure:
        return number == 2
    first = node.getprevious()
    return first is not None and isinstance(first.tag, str) and number_of(label_of(first))[0] == 1


def _calls(node: lxml.html.HtmlElement, second: bool) -> bool:
    """Whether a button (``second``: the number 2) does something by script; one that is switched off, or does nothing
    at all, does not.
    """
    if is_off(node):
        return False
    acts = not IDLE.match(node.get("onclick") or "")
    if has_address(node):
        return acts and not second and _leads_to_itself(node)
    if node.tag in {"button", "input"}:
        return (node.get("type") or "").lower() in _PRESSED and (acts or node.get("onclick") is None)
    href = (node.get("href") or "").strip()
    bound = second and node.tag == "a"  # a page number that leads nowhere is bound elsewhere
    return bound or _numbered(node) or acts or (bool(href[1:]) and not IDLE.match(href))


def _numbered(node: lxml.html.HtmlElement) -> bool:
    """Whether a button holds the number of a further page, or its address, for a script."""
    return any(
        name.startswith("data-")
        and (("page" in name and re.fullmatch(r"[2-9]|[1-9]\d{1,3}", value.strip())) or name in ADDRESS_ATTRIBUTES)
        for name, value in node.attrib.items()
    )


def _leads_to_itself(node: lxml.html.HtmlElement) -> bool:
    """Whether a button's address is one that its script replaces."""
    return bool(re.search(r"return\s{1,9}false|preventDefault|__doPostBack", node.get("onclick") or ""))


def _is_second(node: lxml.html.HtmlElement) -> bool:
    """Whether a bare number 2 stands behind a 1, both without an address, in what is called a pager."""
    first = node.getprevious()
    if first is None or not isinstance(first.tag, str) or number_of(label_of(first))[0] != 1 or is_off(node):
        return False
    if any(has_address(one) for own in (first, node) for one in (own, *own.iter("a"))):
        return False
    return in_a_pager(node)


def _named(node: lxml.html.HtmlElement) -> str:
    return f"{node.get('class') or ''} {node.get('id') or ''}"


def _is_pager(named: str) -> bool:
    return any(_PAGER.search(word) for word in named.split())


def waits_for_a_pager(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has a place without content that is called a pager, and scripts that may fill it."""
    if tree is None or next(tree.iter("script"), None) is None:
        return False
    places = tree.iter("div", "ul", "p", "span", "nav", "td")
    return any(
        _is_pager(named) and not _SLIDES.search(named) and _is_bare(node)
        for node in places
        if (named := _named(node)).strip()
    )


def _is_bare(node: lxml.html.HtmlElement) -> bool:
    """Whether an element holds nothing but scripts, which write into it."""
    texts = (node.text, *(child.tail for child in node))
    return all(child.tag == "script" for child in node) and not any((text or "").strip() for text in texts)


def loads_on_scrolling(tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether a script of a page of ``count`` entries, which fill a screen, asks for something where it listens to
    scrolling, or is one made for that.
    """
    if tree is None or count < SHORTEST:
        return False
    for node in tree.iter("script"):
        if _LOADS.search((node.get("src") or "").rpartition("/")[2].lower()):
            return True
        lower = (node.text or "")[:_SCRIPT].lower()
        for mark in words("script_pager", "scrolls"):
            at = lower.find(mark)
            if at >= 0 and any(one in lower[at : at + _HANDLER] for one in words("script_pager", "asks")):
                return True
    return False


def tells_its_end(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has buttons that turn pages, and lead somewhere or are plainly off. A link without address may be
    either, and says nothing.
    """
    nodes = tree.iter("a", "button", "span", "li", "input") if tree is not None else ()
    return any(
        says_turn(label_of(node)) and (node.tag != "a" or has_address(node) or is_off(node))
        for node in islice(nodes, 20_000)
    )


def may_wait(tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether a list of ``count`` entries stands beside an empty pager that a script may fill, or a script that speaks
    of 下一页.
    """
    if tree is None or count < _SOME:
        return False
    return waits_for_a_pager(tree) or any(_WRITTEN.search(node.text or "") for node in tree.iter("script"))


def offers_more(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has a 下一页 that is there to be pressed and leads nowhere: a script serves it."""
    return any(map(_is_offered, _idle(tree)))


def brings_more(tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether a page of ``count`` entries has what brings more of them: a pager or a 下一页 that only a script serves,
    or scripts that load on scrolling.
    """
    return turned_by_script(tree) or offers_more(tree) or loads_on_scrolling(tree, count)


def may_be_cut(source: str, tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether a full list stands beside a 下一页 that its markup leads nowhere, or scripts that load on scrolling."""
    if tree is None or not is_full(count):
        return False
    lower = source.lower()
    loads = any(mark in lower for mark in words("script_pager", "scrolls"))
    return any(node.tag == "a" for node in _idle(tree)) or (
        loads and any(mark in lower for mark in words("script_pager", "asks"))
    )


def _idle(tree: lxml.html.HtmlElement | None) -> list[lxml.html.HtmlElement]:
    """The buttons that say 下一页, lead nowhere and are not said to be off."""
    nodes = _next_buttons(tree) if tree is not None else ()
    return [node for node in nodes if not is_off(node) and not _leads_on(node)]


def _next_buttons(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The innermost elements that say 下一页, and arrows of pagers that do."""
    for node in tree.iter("a", "span", "li", "button", "em", "i", "b", "strong", "font", "td", "div", "p"):
        own = "".join((node.text or "", *(one.tail or "" for one in node))) if len(node) <= 2 else ""
        says = own and len(own) <= _LEAF and TURNS.search(_without_blanks(own)) and says_next(label_of(node))
        if says or (node.tag in _CLICKED and not text_of(node) and is_next(node, label_of(node)) and in_a_pager(node)):
            yield node


def in_a_pager(node: lxml.html.HtmlElement) -> bool:
    """Whether an element stands in what is called a pager, and not of pictures that take turns."""
    named = [_named(own) for own in islice(node.iterancestors(), _NUMBERED)]
    return any(map(_is_pager, named)) and not any(_SLIDES.search(name) for name in (*named, _named(node)))


def _leads_on(node: lxml.html.HtmlElement) -> bool:
    """Whether a button, what holds it or what it holds has an address."""
    return any(map(has_address, (*islice(node.iterancestors(), 2), *node.iter("a"))))


def _is_offered(node: lxml.html.HtmlElement) -> bool:
    """Whether a 下一页 without address is there to be pressed. It is not beside a 上一页 that has one, beside a 1 and
    no other number, or where it looks like the buttons that lead back, which are off on a first page; unless a script
    of the page speaks of it and not of them.
    """
    beside = _beside(node)
    numbers = [number for _, label in beside if (number := number_of(label)[0])]
    before = [one for one, label in beside if says_back(label) and not number_of(label)[0]]
    turning = [one for one, label in beside if number_of(label)[0] or (says_turn(label) and says_back(label))]
    if any(map(_leads_on, turning)) or (numbers and max(numbers) == 1):
        return False
    if any(_leads_on(one) and one.tag != node.tag for one in before):
        return False
    alike = next((one for one in before if _look(one) == _look(node)), None)
    return alike is None or _is_selected_by_script(_names(node) - _names(alike), node.getroottree())


def _beside(node: lxml.html.HtmlElement) -> list[tuple[lxml.html.HtmlElement, str]]:
    """The other buttons of the pager that a 下一页 stands in, innermost, with what they say."""
    for around in islice(node.iterancestors(), _NUMBERED):
        found = []
        for one in islice(around.iterdescendants(), _BUTTONS):
            label = label_of(one) if isinstance(one.tag, str) and short_text(one).strip() else ""
            if (says_turn(label) and not says_next(label)) or says_back(label) or number_of(label)[0]:
                found.append((one, label))
        if found:
            return found
    return []


def _look(node: lxml.html.HtmlElement) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """How a button and what holds it are marked up, without what says in which direction it leads."""
    return tuple(
        (
            str(own.tag),
            _DIRECTION.sub("", f"{own.get('class') or ''} {own.get('style') or ''}".lower()),
            frozenset(str(name) for name in own.attrib) - _TELLING,
        )
        for own in (node, node.getparent())
        if own is not None
    )


def _names(node: lxml.html.HtmlElement) -> set[str]:
    around = node.getparent()
    return {*_named(node).split(), *(_named(around).split() if around is not None else ())}


def _is_selected_by_script(names: set[str], document: Any) -> bool:
    """Whether a script in the page selects an element by one of its ``names``."""
    known = [re.escape(name) for name in names if len(name) <= _LEAF]
    if not known:
        return False
    selects = re.compile(rf"""["'][^"'\n]{{0,60}}[.#]?(?<![\w-])(?:{"|".join(known)})(?![\w-])""")
    return any(selects.search((node.text or "")[:_SCRIPT]) for node in document.iter("script"))
