"""Judge from CSS whether text is hidden, or possibly displayed in another way than it is written.

Declarations that hide are known; a list in data names harmless ones; any other makes the text doubtful. Text that is
crossed out counts as hidden.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

Attributes = Mapping[str, str | None]

MAX_SHEET_CHARS = 400_000  # of all style sheets of a page
MAX_DOUBTFUL_RULES = 300
MAX_STYLE_CHARS = 4_000  # of one element's style attribute
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|<!--|-->", re.DOTALL)
_PRINT = re.compile(r"@media\s{1,9}print\b[^{}]{0,200}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
_RULE = re.compile(r"([^{};]{1,2000})\{([^{}]{0,4000})\}")
_DYNAMIC = re.compile(r"@|.*:(?:hover|focus|active|visited|link|target|checked|disabled)", re.IGNORECASE | re.DOTALL)
_PSEUDO = re.compile(r"::?(?:before|after|first-letter|first-line|marker)\b", re.IGNORECASE)
_PREFIX = re.compile(r"^-(?:webkit|moz|ms|o|khtml)-")
_HIDING = re.compile(r"(?:display:none|visibility:(?:hidden|collapse)|(?:opacity|font-size):0(?:\.0+)?(?:[a-z%]*)?)$")
_CROSSING = frozenset(("s", "strike", "del"))
_HARMLESS = tomllib.loads(files("archive.documents").joinpath("harmless_styles.toml").read_text("utf-8"))
_HARMLESS_NAMES, _HARMLESS_PREFIXES = frozenset(_HARMLESS["names"]), tuple(_HARMLESS["prefixes"])
_HARMLESS_VALUES = {name: re.compile(pattern, re.DOTALL) for name, pattern in _HARMLESS["values"].items()}


class TextLook(NamedTuple):
    """How a style displays text."""

    is_hidden: bool = False
    is_doubtful: bool = False


PLAIN = TextLook()


@lru_cache(maxsize=4096)
def judge_style(style: str) -> TextLook:
    """Return how the declarations of a ``style`` attribute or a CSS rule display text."""
    if len(style) > MAX_STYLE_CHARS:
        return TextLook(is_doubtful=True)
    is_hidden = is_doubtful = False
    for declaration in _COMMENT.sub(" ", style).lower().split(";"):
        name, _, value = declaration.partition(":")
        name, value = _PREFIX.sub("", name.strip()), value.replace("!important", "").strip()
        if not value:
            continue
        hides = _HIDING.match(f"{name}:{value}") or (name.startswith("text-decoration") and "line-through" in value)
        is_hidden = is_hidden or bool(hides)
        if name in _HARMLESS_VALUES:
            is_harmless = _HARMLESS_VALUES[name].fullmatch(value) is not None
        else:
            is_harmless = name in _HARMLESS_NAMES or name.startswith(_HARMLESS_PREFIXES)
        is_doubtful = is_doubtful or not (hides or is_harmless)
    return TextLook(is_hidden, is_doubtful) if is_hidden or is_doubtful else PLAIN


def find_doubtful_nodes(tree: LexborHTMLParser) -> frozenset[int]:
    """Return the ids (``mem_id``) of nodes to which style sheets apply a rule that is not harmless. Which rule wins is
    not computed, so one that hides only makes doubtful.
    """
    source = "\n".join(node.text() for node in tree.css("style"))[:MAX_SHEET_CHARS]
    rules = _RULE.findall(_PRINT.sub("", _COMMENT.sub(" ", source)))
    doubtful = [selector.strip() for selector, style in rules if judge_style(style) != PLAIN]
    nodes: set[int] = set()
    for selector in [one for one in doubtful if not _DYNAMIC.match(one)][:MAX_DOUBTFUL_RULES]:
        with suppress(SelectolaxError):  # a selector unknown to the library
            nodes.update(node.mem_id for node in tree.css(_PSEUDO.sub("", selector)))
    return frozenset(nodes)


def look_of(tag: str, node: LexborNode, attributes: Attributes, doubtful_nodes: frozenset[int]) -> TextLook:
    """Return how an element's attributes, its tag and the page's style sheets display its text."""
    style = attributes.get("style")
    look = judge_style(style) if style else PLAIN
    if "hidden" in attributes or tag in _CROSSING:
        look = look._replace(is_hidden=True)
    return look._replace(is_doubtful=True) if doubtful_nodes and node.mem_id in doubtful_nodes else look
