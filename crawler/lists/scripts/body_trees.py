"""Trees of bodies that a script of a page makes, each node a list that the script goes to (pure).

``zTree`` and its like: the nodes stand in the script with a number and a name, and a click goes to an address that the
script makes of the number (``"/xxgk/deptlist.jsp?deptId=" + treeNode.id``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import lxml.html

from archive.identity.names import looks_like_body
from crawler.lists.addresses import joined
from crawler.lists.list_page import Page
from crawler.lists.script_values import Scripts
from storage.records import Link

_NODE = re.compile(r"\{[^{}]{10,600}\}")
_MEMBER = re.compile(
    r"""["']?([A-Za-z_]\w{0,30})["']?\s{0,9}:\s{0,9}(?:"([^"\\\n]{0,200})"|'([^'\\\n]{0,200})'|(-?\d{1,15}))"""
)
_NAMES = ("name", "title", "text", "label")
_PARENTS = ("pid", "parentid", "parent", "parent_id")
_ADDRESSES = frozenset({"url", "href", "link"})
_GOES = re.compile(
    r"""["']([^"'<>\s]{1,300}[=/])["']\s{0,9}\+\s{0,9}[A-Za-z_$][\w$]{0,30}(?:\[\d{1,4}\])?\.([A-Za-z_]\w{0,30})"""
    r"""(?![\w.(])\s{0,9}(?:\+\s{0,9}["']([^"'<>\s]{0,200})["'])?"""
)
_MAKES = re.compile(r"\b(?:zTree\.init|treeview|d?[tT]ree(?:\.render)?)\s{0,9}\(")
_MOST = 3_000  # nodes of a page
_FEWEST = 3  # bodies that make a tree of them

Node = dict[str, str]  # the members of a node, their names in lower case


def lists_of_bodies(page: Page) -> tuple[Link, ...]:
    """Return the lists to which the nodes of a tree of bodies lead, under their names; none where its script does not
    say in one way where that is.
    """
    if page.tree is None:
        return ()
    text = Scripts.of(page.tree).text
    ways = {(before, field.lower(), after) for before, field, after in islice(_GOES.findall(text), 50)}
    if len(ways) != 1:
        return ()
    before, field, after = ways.pop()
    found: dict[str, Link] = {}
    for node in _leaves(text):
        url = joined(page.base, f"{before}{node[field]}{after}") if field in node else None
        if url is not None and url.startswith("http"):
            found.setdefault(url, Link(url=url, text=_name(node)))
    return tuple(found.values())


def has_a_tree_of_bodies(tree: lxml.html.HtmlElement | None) -> bool:
    """Whether a script of a page makes a tree of bodies whose nodes have no addresses."""
    if tree is None:
        return False
    text = Scripts.of(tree).text
    return bool(_MAKES.search(text)) and next(_leaves(text), None) is not None


def _leaves(text: str) -> Iterator[Node]:
    """The nodes of a tree of bodies that have none below them; none where most of them are no bodies."""
    nodes = [
        node for one in islice(_NODE.finditer(text), _MOST) if _name(node := _members(one.group())) and _is_bare(node)
    ]
    above = {node[key] for node in nodes for key in _PARENTS if key in node}
    leaves = [node for node in nodes if node.get("id", "") not in above]
    bodies = sum(looks_like_body(_name(node)) for node in leaves)
    yield from leaves if bodies >= _FEWEST and 2 * bodies > len(leaves) else ()


def _members(written: str) -> Node:
    return {name.lower(): double or single or number for name, double, single, number in _MEMBER.findall(written)}


def _name(node: Node) -> str:
    return next((node[key] for key in _NAMES if node.get(key)), "")


def _is_bare(node: Node) -> bool:
    """Whether a node is one of a tree, and does not say itself where it leads."""
    return "id" in node and not any(node.get(key) for key in _ADDRESSES)
