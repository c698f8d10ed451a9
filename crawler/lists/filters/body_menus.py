"""Menus of bodies that only a script serves (a tree of organs whose nodes load a list, a choice of them): what stands
behind the others is not read (pure).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import chain, islice

import lxml.html

from archive.identity.names import is_generic, looks_like_body
from archive.identity.titles import judge_in_column
from crawler.lists.addresses import IDLE, joined, target_of
from crawler.lists.controls import has_address, short_text
from crawler.lists.filters.list_choices import scripted_options

_TAGS = ("a", "li", "span", "div", "button", "dd", "td", "p", "em")
_NODES = 20_000
_FEWEST = 3  # bodies that make a menu
_SHORTEST, _LONGEST = 3, 24  # characters of a name
#: Classes of the nodes that trees of scripts make, which listen to them: zTree, jsTree, Element, layui, Ant, EasyUI.
_NODES_OF_TREES = frozenset(
    {"node_name", "jstree-anchor", "el-tree-node__label", "layui-tree-txt", "ant-tree-title", "tree-title"}
)


def bodies_by_script(tree: lxml.html.HtmlElement) -> dict[str, lxml.html.HtmlElement]:
    """Return the buttons and choices of a page that are bodies' names and lead nowhere by an address, each name with
    its innermost; none where there are but one or two.
    """
    found: dict[str, lxml.html.HtmlElement] = {}
    options = {*scripted_options(tree)}
    for node in chain(islice(tree.iter(*_TAGS), _NODES), options):
        name = "".join(short_text(node).split()) if len(node) <= 1 else ""
        if not _SHORTEST <= len(name) <= _LONGEST or not looks_like_body(name) or is_generic(name):
            continue
        linked = any(map(has_address, (node, *node.iter("a"), *islice(node.iterancestors("a"), 1))))
        if node in options or (_is_bound(node) and not linked):
            found[name] = node
    return found if len(found) >= _FEWEST else {}


def _is_bound(node: lxml.html.HtmlElement) -> bool:
    """Whether a script is bound to an element by what it says of itself."""
    clicked = node.get("onclick")
    href = (node.get("href") or "").strip()
    if (clicked and not IDLE.match(clicked)) or (href.lower().startswith("javascript:") and not IDLE.match(href)):
        return True
    if not _NODES_OF_TREES.isdisjoint((node.get("class") or "").split()):
        return True
    return any(
        re.fullmatch(r"data-(?:\w{1,20}-)?(?:id|code|org|organ|dept|area|value|key)", str(one)) for one in node.attrib
    )


def offers_other_bodies(
    tree: lxml.html.HtmlElement | None, titles: Iterable[str], base: str = "", known: Collection[str] = ()
) -> bool:
    """Whether a page has a menu of bodies that only a script serves, and the reports of one of them, or of nobody who
    is named: one body's list is shown, the others come when a button is pressed. ``known``: addresses that are looked
    at; a button that gives its script one of them leads there. ``base``: what addresses are relative to.
    """
    if tree is None or not of_one_body(titles):
        return False
    return any(joined(base, target_of(node)) not in known for node in bodies_by_script(tree).values())


def of_one_body(titles: Iterable[str]) -> bool:
    """Whether titles name one body at most."""
    return len({agency for title in titles if (agency := judge_in_column(title).agency)}) <= 1
