"""A page without an item: whether it says that it is empty, scripts make its list, or it is no list at all (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.html
from lxml import etree

from crawler.families.lists import Page
from crawler.families.page_kinds import is_known_folder, is_notice, names_a_column
from crawler.signatures import words
from storage.records import LookOutcome

_UNSHOWN = frozenset({"hide", "hidden", "none", "dn"})  # words of classes that keep an element from being shown
_FOR_ITEMS = re.compile(r"\w*(?:lists?|data|contents?|results?|items?|rows?|news|articles?|nianbao|xxgk)")
_OF_FURNITURE = re.compile(
    r"(?:top|main|sub|left|right|side)?(?:nav\w*|menus?|head(?:er)?|foot(?:er)?|top|crumbs?|positions?|share|search|login|pages?"
    r"|pager|pagination|banners?|slides?|swiper|side(?:bar)?|tools?(?:bar)?|tree|float|copyright|qrcode|barrier\w*|wza"
    r"|clear\w*|lines?|hot|tabs?|counter|weather)"
)
_A_REPORT = re.compile(r"信息公开[一-龥]{0,6}(?:年度报告|年报|年度工作报告)")
_SCRIPT = 400_000  # characters of a script that are read
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_UNREAD = frozenset({"script", "style", "template", "noscript"})


def without_items(page: Page, text: str, tree: lxml.html.HtmlElement | None) -> tuple[LookOutcome, str]:
    """Return what a list page without a single item is: empty and saying so, made by scripts, or changed.

    It says so only as a column of reports, or as a folder that is known to lie below one: a notice, a refusal and the
    home page print such words too. Words that are not shown, or stand beside a place that a script may fill, are there
    for a script to show.
    """
    source = page.text.lower()
    if any(mark in source for mark in words("script_list", "marks")):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    shown = re.sub(r"\s+", "", text)
    says = any(word in shown for word in words("empty_list"))
    named = names_a_column(tree) or is_known_folder(tree, page.column)
    if tree is None or not named or is_notice(tree):
        return LookOutcome.CHANGED, "no_item_found"
    if not says:
        made = _is_filled_by_script(tree, furniture=False) and next(tree.iter("iframe", "frame"), None) is None
        made = made or _holds_the_list(tree)
        return (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list") if made else (LookOutcome.CHANGED, "no_item_found")
    unhidden = unhidden_text(tree)
    if not any(word in unhidden for word in words("empty_list")) or _is_filled_by_script(tree):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    if "display:none" in re.sub(r"\s+", "", source):
        return LookOutcome.CHANGED, "no_item_found"
    return LookOutcome.OK, "says_it_is_empty"


def unhidden_text(tree: lxml.html.HtmlElement) -> str:
    """Text of a page, without blanks and the elements that its own markup keeps from being shown."""
    pieces: list[str] = []
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walker:
        if event == "end":
            pieces.append(node.tail or "")
        elif node.tag in _UNREAD or _is_hidden(node):
            walker.skip_subtree()
        else:
            pieces.append(node.text or "")
    return re.sub(r"\s+", "", "".join(pieces))


def _is_hidden(node: lxml.html.HtmlElement) -> bool:
    style = re.sub(r"\s+", "", node.get("style") or "").lower()
    named = (node.get("class") or "").lower().split()
    return node.get("hidden") is not None or not _UNSHOWN.isdisjoint(named) or "display:none" in style


def _is_filled_by_script(tree: lxml.html.HtmlElement, *, furniture: bool = True) -> bool:
    """Whether a page loads a script and has an empty element with an id, where a script puts items; ``furniture``: or
    that is called a menu's, a pager's and the like.
    """
    return _loads_a_script(tree) and any(
        node.get("id") and (furniture or not _is_called(node, _OF_FURNITURE))
        for node in _empty(tree, "ul", "ol", "tbody", "div")
    )


def _holds_the_list(tree: lxml.html.HtmlElement) -> bool:
    """Whether a script in the page itself names reports and writes markup: the list, out of its own data."""
    for node in tree.iter("script"):
        text = (node.text or "")[:_SCRIPT]
        lower = text.lower()
        if any(mark in lower for mark in words("script_list", "writes")) and _A_REPORT.search(_unescaped(text)):
            return True
    return False


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)


def has_a_place_for_items(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page loads a script and has an empty element made for items: a list or a table of its own, or one that
    is called so; not any empty element, for menus, tools and footers are filled as well.
    """
    if tree is None or not _loads_a_script(tree):
        return False
    return any(
        not _is_called(node, _OF_FURNITURE)
        and (_is_called(node, _FOR_ITEMS) if node.tag in {"div", "section"} else node.tag == "tbody" or _named(node))
        for node in _empty(tree, "ul", "ol", "dl", "tbody", "table", "div", "section")
    )


def _is_called(node: lxml.html.HtmlElement, names: re.Pattern[str]) -> bool:
    return any(names.fullmatch(word.lower()) for word in _WORDS.findall(_named(node)))


def _loads_a_script(tree: lxml.html.HtmlElement) -> bool:
    """Whether a page has a script that may ask for items: one of a file, or one of its own that asks for something."""
    return any((node.get("src") or "").strip() or _asks(node.text or "") for node in tree.iter("script"))


def _asks(script: str) -> bool:
    lower = script[:_SCRIPT].lower()
    return any(mark in lower for mark in words("script_list", "requests"))


def _empty(tree: lxml.html.HtmlElement, *tags: str) -> Iterator[lxml.html.HtmlElement]:
    return (node for node in tree.iter(*tags) if not len(node) and not (node.text or "").strip())


def _named(node: lxml.html.HtmlElement) -> str:
    return f"{node.get('id') or ''} {node.get('class') or ''}".strip()[:300]
