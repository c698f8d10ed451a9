"""Tabs that a template (Vue) makes of data in the page's script: each shows another list of one interface (pure)."""

from __future__ import annotations

import re
from itertools import islice

import lxml.html

from archive.identity.names import group_class
from crawler.lists.addresses import text_of

_SCRIPTS, _SCRIPT, _NAMES = 60, 200_000, 2_000  # scripts of a page, characters of one, names in one
_NODES = 20_000
_NAMED = re.compile(r"""["']([^"'\n<>]{2,20})["']""")
_YEAR = re.compile(r"20[0-2]\d\s?年度?")
_PRESSED = ("@click", "v-on:click")
_SEVERAL = 2  # names that make tabs


def has_template_tabs(source: str, tree: lxml.html.HtmlElement) -> bool:
    """Whether a template repeats what is pressed, and the page's script names two years or two groups of bodies. What
    the script asks for at first is the list of one of them.
    """
    if "v-for" not in source or not any(map(_is_repeated_button, islice(tree.iter(), _NODES))):
        return False
    scripts = (node.text or "" for node in islice(tree.iter("script"), _SCRIPTS))
    found = (one for text in scripts for one in islice(_NAMED.finditer(text[:_SCRIPT]), _NAMES))
    names = {one.group(1).strip() for one in found}
    years = {one for one in names if _YEAR.fullmatch(one)}
    groups = {kind for one in names if (kind := group_class(one))}
    return max(len(years), len(groups)) >= _SEVERAL


def _is_repeated_button(node: lxml.html.HtmlElement) -> bool:
    """Whether a template makes as many of an element as its data say, each with its own words, to be pressed."""
    if "v-for" not in node.attrib or "{{" not in text_of(node):
        return False
    return any(name in one.attrib for one in (node, *node) for name in _PRESSED)
