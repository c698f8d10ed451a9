"""A page without an item: whether it says that it is empty, scripts make its list, or it is no list at all; and places
of a page that scripts are yet to fill (pure).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import lxml.html
from lxml import etree

from archive.identity.names import group_class
from crawler.lists.addresses import text_of
from crawler.lists.kinds.page_kinds import is_known_folder, is_notice, names_a_column
from crawler.lists.list_page import Page
from crawler.lists.page_words import words
from crawler.lists.reasons import NO_ITEM
from storage.records import LookOutcome

_UNSHOWN = frozenset({"hide", "hidden", "none", "dn"})  # words of classes that keep an element from being shown
_FOR_ITEMS = re.compile(r"\w*(?:lists?|data|contents?|results?|items?|rows?|news|articles?|nianbao|xxgk)")
_OF_FURNITURE = re.compile(
    r"(?:top|main|sub|left|right|side)?(?:nav\w*|menus?|head(?:er)?|foot(?:er)?|top|crumbs?|positions?|share|search|login|pages?"
    r"|pager|pagination|banners?|slides?|swiper|side(?:bar)?|tools?(?:bar)?|tree|float|copyright|qrcode|barrier\w*|wza"
    r"|clear\w*|lines?|hot|tabs?|counter|weather|hits?|clicks?|visits?|views?|counts?|times?|dates?|users?)"
)
_A_REPORT = re.compile(r"信息公开[一-龥]{0,6}(?:年度报告|年报|年度工作报告)")
_SCRIPT = 400_000  # characters of a script that are read
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_QUOTED = re.compile(r"""["']#?([\w-]{1,60})["']""")
_SCRIPTS, _QUOTES, _NODES = 60, 5_000, 20_000
_PIECES = 12  # elements of a place that waits
_LONGEST_WAIT = 20  # characters
_SHELL = 200  # characters that the shell of a site may print: please wait, who keeps it
_HOLDS = frozenset({"a", "img", "input", "select", "form", "iframe", "table", "script"})
_WHEEL = re.compile(
    r"(?<![a-z])(?:load(?:ing|er)?|wait(?:ing)?|spin(?:ner)?|jiazai)[\w-]{0,20}\.(?:gif|svg|png|webp)(?:$|[?#])",
    re.IGNORECASE,
)
_UNREAD = frozenset({"script", "style", "template", "noscript"})


def without_items(page: Page) -> tuple[LookOutcome, str]:
    """Return what a list page without a single item is: empty and saying so, made by scripts, or changed.

    It says so only as a column of reports, or as a folder that is known to lie below one: a notice, a refusal and the
    home page print such words too. Words that are not shown, or stand beside a place that a script may fill, are there
    for a script to show.
    """
    source, tree = page.text.lower(), page.tree
    if any(mark in source for mark in words("script_list", "marks")):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    shown = "".join(page.visible_text.split())
    says = any(word in shown for word in words("empty_list"))
    named = names_a_column(tree) or is_known_folder(tree, page.column)
    waits = tree is not None and _waits_for_a_frame(tree)
    if tree is None or is_notice(tree) or not (named or waits):
        return LookOutcome.CHANGED, NO_ITEM
    if not says:
        made = _is_filled_by_script(tree, furniture=False) and next(tree.iter("iframe", "frame"), None) is None
        made = made or _holds_the_list(tree) or waits
        return (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list") if made else (LookOutcome.CHANGED, NO_ITEM)
    unhidden = unhidden_text(tree)
    if not any(word in unhidden for word in words("empty_list")) or _is_filled_by_script(tree):
        return LookOutcome.SCRIPT_ONLY, "scripts_make_the_list"
    if "display:none" in "".join(source.split()):
        return LookOutcome.CHANGED, NO_ITEM
    return LookOutcome.OK, "says_it_is_empty"


def unhidden_text(tree: lxml.html.HtmlElement) -> str:
    """Text of a page, without blanks and the elements that its own markup keeps from being shown."""
    pieces: list[str] = []
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walker:
        if event == "end":
            pieces.append(node.tail or "")
        elif node.tag in _UNREAD or is_hidden(node):
            walker.skip_subtree()
        else:
            pieces.append(node.text or "")
    return "".join("".join(pieces).split())


def is_hidden(node: lxml.html.HtmlElement) -> bool:
    """Whether an element is kept from being shown by its own attributes."""
    style = "".join((node.get("style") or "").split()).lower()
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


def _holds_the_list(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a script in the page itself names reports and writes markup: the list, out of its own data."""
    for node in tree.iter("script") if tree is not None else ():
        text = (node.text or "")[:_SCRIPT]
        lower = text.lower()
        if any(mark in lower for mark in words("script_list", "writes")) and _A_REPORT.search(unescaped(text)):
            return True
    return False


def unescaped(text: str) -> str:
    """A text with the characters that JSON writes by their numbers."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)


def has_a_scripted_list(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether scripts make a list on a page that leads to further lists besides: it has a place for items, or a script
    that holds them.
    """
    return has_a_place_for_items(tree) or _holds_the_list(tree)


def has_a_place_for_items(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page loads a script and has an empty element made for items: a list or a table of its own, one that
    is called so, the one in which a framework makes a page, or one that a script of the page with a request names; not
    any empty element, for menus, tools and footers are filled as well. One that says no more than 加载中 is empty.
    """
    if tree is None or not _loads_a_script(tree):
        return False
    return has_an_empty_list(tree) or is_filled_by_its_own(tree)


def is_made_by_scripts(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page loads a script and prints next to nothing itself, no form and no frame: the shell of a site that
    scripts make, whatever its title says.
    """
    if tree is None or not _loads_a_script(tree) or next(tree.iter("form", "iframe", "frame"), None) is not None:
        return False
    return len(unhidden_text(next(tree.iter("body"), tree))) <= _SHELL


def has_an_empty_list(tree: lxml.html.HtmlElement) -> bool:
    """Whether a page has an empty element made for items, whoever was to fill it, or a frame into which a script of the
    page puts a list.
    """
    return any(map(_is_for_items, _places(tree))) or _waits_for_a_frame(tree)


def _waits_for_a_frame(tree: lxml.html.HtmlElement) -> bool:
    """Whether a page has a frame without an address whose name a script of the page names."""
    blank = [one for one in tree.iter("iframe", "frame") if (one.get("src") or "").strip() in {"", "#", "about:blank"}]
    names = {name for one in blank for name in (one.get("id"), one.get("name")) if name}
    return bool(names) and not names.isdisjoint(_quoted(node.text or "" for node in tree.iter("script")))


def is_filled_by_its_own(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a script of the page with a request names an empty element: ``$("#div33398").html(…)``."""
    if tree is None:
        return False
    named = _named_by_scripts(tree)
    return bool(named) and any(node.get("id") in named for node in _places(tree))


def waits_for_a_group(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page loads a script and has an empty place for items below a heading that names a group of bodies
    (县直部门): other groups may stand in the page as it is.
    """
    if tree is None or not _loads_a_script(tree):
        return False
    return any(_named(node) and group_class(_heading_above(node)) for node in _places(tree))


def _heading_above(place: lxml.html.HtmlElement) -> str:
    """What stands right above a place, or above what holds it, without blanks; "" where that is longer than a name."""
    above = (node.getprevious() for node in (place, *islice(place.iterancestors(), 2)))
    said = next((text for node in above if node is not None and (text := "".join(text_of(node).split()))), "")
    return said if len(said) <= _LONGEST_WAIT else ""


def _places(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The elements that are empty, or say no more than 加载中, and are not called a menu's, a pager's and the like."""
    empty = _empty(tree, "ul", "ol", "dl", "tbody", "table", "div", "section")
    return (node for node in (*empty, *_waiting(tree)) if not _is_called(node, _OF_FURNITURE))


def _is_for_items(node: lxml.html.HtmlElement) -> bool:
    if node.tag in {"div", "section"}:
        return _is_root(node) or _is_called(node, _FOR_ITEMS) or (_says_to_wait(node) and not is_hidden(node))
    return node.tag == "tbody" or bool(_named(node))


def _is_root(node: lxml.html.HtmlElement) -> bool:
    return (node.get("id") or "").lower() in words("script_list", "roots")


def _waiting(tree: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The elements that say no more than that something is being loaded, or show it by a wheel and no word."""
    for node in islice(tree.iter("div", "section", "ul", "ol", "tbody"), _NODES):
        if not 0 < len(node) <= _PIECES and not (node.text or "").strip():
            continue
        inside = list(islice(node.iterdescendants(), _PIECES + 1))
        wheels = [one for one in inside if _is_a_wheel(one)]
        if len(inside) > _PIECES or any(one.tag in _HOLDS for one in inside if one not in wheels):
            continue
        if _says_to_wait(node) or ((wheels or _is_root(node)) and not text_of(node)):
            yield node


def _is_a_wheel(node: lxml.html.HtmlElement) -> bool:
    """Whether a picture is one that is shown while something is being loaded, by the name of its file."""
    return node.tag == "img" and _WHEEL.search((node.get("src") or "")[:500]) is not None


def _says_to_wait(node: lxml.html.HtmlElement) -> bool:
    said = re.sub(r"[\s.…。·]+", "", text_of(node)[: 2 * _LONGEST_WAIT]).lower()
    return 0 < len(said) <= _LONGEST_WAIT and any(word in said for word in words("script_list", "waiting"))


def _named_by_scripts(tree: lxml.html.HtmlElement) -> frozenset[str]:
    """The ids that scripts of a page with a request name: ``$("#div33398").html(…)``, ``divid: "div33398"``."""
    scripts = islice(tree.iter("script"), _SCRIPTS)
    return _quoted(text for node in scripts if _asks(text := node.text or ""))


def _quoted(scripts: Iterable[str]) -> frozenset[str]:
    """What stands in quotes in scripts and may be the name of an element."""
    own = (text[:_SCRIPT] for text in islice(scripts, _SCRIPTS))
    return frozenset(found.group(1) for text in own for found in islice(_QUOTED.finditer(text), _QUOTES))


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
