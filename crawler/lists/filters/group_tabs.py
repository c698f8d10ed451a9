"""Tabs and choices of groups of bodies (县直部门, 乡镇) that a script serves: what stands behind the others is not read
(pure).
"""

from __future__ import annotations

import re
from itertools import islice

import lxml.html

from archive.identity.names import group_class
from crawler.lists.addresses import text_of
from crawler.lists.controls import has_address, is_marked, may_be_pressed
from crawler.lists.filters.list_choices import scripted_options

_ENDING = re.compile(r"(?:政府信息公开|信息公开)?(?:工作)?(?:年报|年度报告)$")
_REPORT = re.compile(r"报告|年报")
_LONGEST = 24
_NODES = 20_000


def offers_other_groups(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a page has buttons of several groups of bodies that lead nowhere, and not as many lists with reports: one
    is shown, the others come when a button is pressed.
    """
    if tree is None:
        return False
    buttons = _buttons(tree)
    own = [one for nodes in buttons.values() for node in nodes for one in (node, *node)]
    pressed = any(may_be_pressed(one) or is_marked(one) for one in own)
    return len(buttons) > 1 and pressed and _lists(tree) < len(buttons)


def tabs_of_groups(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """Return the buttons of groups that lead nowhere, one of each group, the innermost."""
    return [nodes[-1] for nodes in _buttons(tree).values()]


def _buttons(tree: lxml.html.HtmlElement) -> dict[str, list[lxml.html.HtmlElement]]:
    """The buttons and choices that lead nowhere by an address, by the group that they name."""
    buttons: dict[str, list[lxml.html.HtmlElement]] = {}
    for node in islice(tree.iter("li", "a", "span", "div", "button"), _NODES):
        group = _group(node)
        if group and not any(has_address(one) for one in (*islice(node.iterancestors("a"), 1), *node.iter("a"))):
            buttons.setdefault(group, []).append(node)
    for option in scripted_options(tree):
        if group := _group(option):
            buttons.setdefault(group, []).append(option)
    return buttons


def _group(node: lxml.html.HtmlElement) -> str:
    """Which group a button names; "" where it names none."""
    if len(node) > 2:
        return ""
    text = "".join(text_of(node).split()) if len(node.text or "") <= _LONGEST else ""
    said = _ENDING.sub("", text)
    return group_class(said) if said and len(text) <= _LONGEST else ""


def _lists(tree: lxml.html.HtmlElement) -> int:
    """How many lists with reports a page has; those it does not show at first as well."""
    holders = set()
    for anchor in islice(tree.iter("a"), _NODES):
        if _REPORT.search(text_of(anchor)) and has_address(anchor):
            holders.add(
                next((one for one in islice(anchor.iterancestors(), 8) if one.tag in {"ul", "ol", "table", "dl"}), None)
            )
    return len(holders)
