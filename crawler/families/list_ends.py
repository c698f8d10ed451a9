"""Signs on a page that its list goes on where no address leads: buttons, numbers and places that only scripts serve
(pure).

A list of which page 2 was never seen is not read. What is switched off, or does nothing at all, is no sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

import lxml.html

from crawler.families.addresses import join, text_of
from crawler.families.list_choices import choices
from crawler.families.pagers import is_next, is_off, label_of, says_last, says_more, says_next, says_turn
from crawler.signatures import words
from storage.records import Link

_IDLE = re.compile(r"^(?:javascript:)?\s*(?:void\s*\(?\s*0?\s*\)?|return\s+false|;|false)?\s*;?\s*$", re.IGNORECASE)
_PAGER = re.compile(
    r"^(?:\w{1,20}[-_])?(?:pages?|pager|paging|pagination|paginator|pagenation|page(?:bar|list|nav|num|div|info)|fenye"
    r"|laypage)(?:[-_]?\d{1,4}|[-_](?:box|div|bar|list|nav|num|numbers?|wrap|main|con))?$",
    re.IGNORECASE,
)
_SLIDES = re.compile(r"swiper|slide|banner|focus|carousel|flex", re.IGNORECASE)  # pictures that take turns
_JUMPS = frozenset({"go", "跳转", "转到", "跳页", "跳转到"})  # to a page that is typed in
_DATA_ADDRESS = frozenset({"data-url", "data-href", "data-link"})
_CLICKED = frozenset({"a", "button", "input"})
_PRESSED = frozenset({"button", "submit", "image", ""})
_LEAF = 40  # characters of a button, with blanks
_HINT = re.compile(r"[页頁2]|加载|显示|more|next|go", re.IGNORECASE)
_NUMBERED = 3  # elements between a number of a pager and the pager
_SHORTEST, _FULL = 10, 5  # lists are cut at multiples of five, from ten on
_SOME = 5  # entries beside a place that waits for a pager
_YEAR = re.compile(r"(20[0-2]\d)年?度?(?:年报)?")
_ANY_YEAR = re.compile(r"(?<!\d)20[0-2]\d(?!\d)")
_WRITTEN = re.compile(
    r"""下一?页|下一頁|[尾末]页|_["']\s{0,9}\+\s{0,9}\(?\w{1,20}\)?\s{0,9}\+\s{0,9}\\?["']\.["'\s+]{0,9}s?html?"""
)
_ALL = ("全部", "所有", "不限", "请选择", "年份", "年度", "选择年")


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
    if not clicked and (len(node) > 2 or not _HINT.search(_short(node))):
        return False
    label = label_of(node)
    if says_more(label):
        return not _has_address(node) and not is_off(node) and not any(map(_has_address, node.iter("a")))
    if label == "2" and not clicked:
        return _is_second(node)
    if label in _JUMPS:
        around = node.getparent()
        return clicked and not _has_address(node) and around is not None and "页" in text_of(around)
    if not clicked:
        return says_next(label) and _numbered(node) and not is_off(node)
    return (is_next(node, label) or says_last(label) or label == "2") and _calls(node, label)


def _short(node: lxml.html.HtmlElement) -> str:
    """Text of a small element; "" for one that says more than a button does."""
    text = "".join(str(part) for part in islice(node.itertext(), 6))
    return text if len(text) <= _LEAF else ""


def _has_address(node: lxml.html.HtmlElement) -> bool:
    href = (node.get("href") or "").strip()
    return bool(href) and not href.startswith("#") and not href.lower().startswith("javascript:")


def _calls(node: lxml.html.HtmlElement, label: str) -> bool:
    """Whether a button does something by script; one that is switched off, or does nothing at all, does not."""
    if is_off(node):
        return False
    acts = not _IDLE.match(node.get("onclick") or "")
    if _has_address(node):
        return acts and label != "2" and _leads_to_itself(node)
    if node.tag in {"button", "input"}:
        return (node.get("type") or "").lower() in _PRESSED and (acts or node.get("onclick") is None)
    href = (node.get("href") or "").strip()
    bound = label == "2" and node.tag == "a"  # a page number that leads nowhere is bound elsewhere
    return bound or _numbered(node) or acts or (bool(href[1:]) and not _IDLE.match(href))


def _numbered(node: lxml.html.HtmlElement) -> bool:
    """Whether a button holds the number of a further page, or its address, for a script."""
    return any(
        name.startswith("data-")
        and (("page" in name and re.fullmatch(r"[2-9]|[1-9]\d{1,3}", value.strip())) or name in _DATA_ADDRESS)
        for name, value in node.attrib.items()
    )


def _leads_to_itself(node: lxml.html.HtmlElement) -> bool:
    """Whether a button's address is one that its script replaces."""
    return bool(re.search(r"return\s{1,9}false|preventDefault|__doPostBack", node.get("onclick") or ""))


def _is_second(node: lxml.html.HtmlElement) -> bool:
    """Whether a bare number 2 stands behind a 1, both without an address, in what is called a pager."""
    first = node.getprevious()
    if first is None or not isinstance(first.tag, str) or label_of(first) != "1" or is_off(node):
        return False
    if any(_has_address(one) for own in (first, node) for one in (own, *own.iter("a"))):
        return False
    named = [_named(own) for own in islice(node.iterancestors(), _NUMBERED)]
    return any(map(_is_pager, named)) and not any(_SLIDES.search(name) for name in named)


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
        _is_pager(named) and not _SLIDES.search(named) and not len(node) and not (node.text or "").strip()
        for node in places
        if (named := _named(node)).strip()
    )


def tells_its_end(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has buttons that turn pages, and lead somewhere or are plainly off. A link without address may be
    either, and says nothing.
    """
    nodes = tree.iter("a", "button", "span", "li", "input") if tree is not None else ()
    return any(
        says_turn(label_of(node)) and (node.tag != "a" or _has_address(node) or is_off(node))
        for node in islice(nodes, 20_000)
    )


def is_full(count: int) -> bool:
    """Whether so many entries may be a page that was cut at its full number."""
    return count >= _SHORTEST and count % _FULL == 0


def may_wait(tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether a list of ``count`` entries stands beside an empty pager that a script may fill, or a script that speaks
    of 下一页.
    """
    if tree is None or count < _SOME:
        return False
    return waits_for_a_pager(tree) or any(_WRITTEN.search(node.text or "") for node in tree.iter("script"))


def may_be_cut(source: str, tree: lxml.html.HtmlElement | None, count: int) -> bool:
    """Whether a full list stands beside a 下一页 that its markup leads nowhere, or scripts that load on scrolling."""
    if tree is None or not is_full(count):
        return False
    idle = any(says_next(label_of(node)) and not is_off(node) and not _has_address(node) for node in tree.iter("a"))
    lower = source.lower()
    loads = any(mark in lower for mark in words("script_pager", "scrolls"))
    return idle or (loads and any(mark in lower for mark in words("script_pager", "asks")))


def other_years(base: str, tree: lxml.html.HtmlElement | None, links: Iterable[Link]) -> tuple[tuple[Link, ...], bool]:
    """Return the lists of other years that choices of a page lead to, and whether there are others that only a script
    shows. None where 全部 is among the choices, or all years offered have entries here.
    """
    if tree is None:
        return (), False
    shown = {year for link in links for year in _ANY_YEAR.findall(f"{link.text} {link.listed or ''}")}
    found: dict[str, Link] = {}
    for select in tree.iter("select"):
        offered = [(href, _YEAR.fullmatch(re.sub(r"\s+", "", text))) for href, text, _ in choices(select)]
        years = {year.group(1): href for href, year in offered if year}
        if len(years) < 2 or years.keys() <= shown or _offers_all(select):
            continue
        for year, href in years.items():
            try:
                found.setdefault(url := join(base, href), Link(url=url, text=f"{year}年"))
            except ValueError:
                continue
    by_script = _offered(tree)
    return tuple(found.values()), len(by_script) >= 2 and bool(shown) and not by_script <= shown


def _offers_all(select: lxml.html.HtmlElement) -> bool:
    texts = [re.sub(r"\s+", "", text_of(option)) for option in islice(select.iter("option"), 60)]
    return any(word in text for text in texts if not _YEAR.fullmatch(text) for word in _ALL)


def _offered(tree: lxml.html.HtmlElement) -> set[str]:
    """Years that choices and buttons without address offer."""
    found: set[str] = set()
    for select in tree.iter("select"):
        if next(choices(select), None) is None and not _offers_all(select):
            texts = (re.sub(r"\s+", "", text_of(option)) for option in islice(select.iter("option"), 60))
            found |= {year.group(1) for text in texts if (year := _YEAR.fullmatch(text))}
    buttons: set[str] = set()
    for node in tree.iter("a", "li", "span", "button", "div"):
        label = re.sub(r"\s+", "", _short(node)) if len(node) <= 2 else ""
        if not label or (label not in _ALL and not _YEAR.fullmatch(label)):
            continue
        clicked = node.tag in {"a", "button"} or any(name == "onclick" or name[:5] == "data-" for name in node.attrib)
        if not clicked or _has_address(node) or any(map(_has_address, node.iter("a"))):
            continue
        if label in _ALL:
            return found
        buttons.add(label[:4])
    return found | buttons
