"""What styles say of the text that they apply to: hidden, crossed out, or not certainly seen as it stands there.

What plainly hides or crosses out is known; a list in data names what is harmless; anything else is doubted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

Attributes = Mapping[str, str | None]

MAX_SHEET_CHARS = 400_000  # of all style sheets in a page
MAX_DOUBTFUL_RULES = 300
MAX_STYLE_CHARS = 4_000  # of one element
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|<!--|-->", re.DOTALL)
_PRINT = re.compile(r"@media\s{1,9}print\b[^{}]{0,200}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
_RULE = re.compile(r"([^{};]{1,2000})\{([^{}]{0,4000})\}")
_DYNAMIC = re.compile(r":(?:hover|focus|active|visited|link|target|checked|disabled)", re.IGNORECASE)
_PSEUDO = re.compile(r"::?(?:before|after|first-letter|first-line|marker)\b", re.IGNORECASE)
_PREFIX = re.compile(r"^-(?:webkit|moz|ms|o|khtml)-")
_HIDING = re.compile(r"(?:display:none|visibility:(?:hidden|collapse)|(?:opacity|font-size):0(?:\.0+)?(?:[a-z%]*)?)$")


_CROSSING = frozenset(("s", "strike", "del"))


class Look(NamedTuple):
    """What a style makes of text."""

    hidden: bool = False
    struck: bool = False
    doubtful: bool = False


PLAIN = Look()


@cache
def _harmless() -> tuple[frozenset[str], tuple[str, ...], Mapping[str, re.Pattern[str]]]:
    """Return the names that are harmless whatever they say, the beginnings of such, and harmless values by name."""
    source = files("archive.documents").joinpath("harmless_styles.toml").read_text("utf-8")
    data = tomllib.loads(source)
    values = {name: re.compile(pattern, re.DOTALL) for name, pattern in data["values"].items()}
    return frozenset(data["names"]), tuple(data["prefixes"]), values


@lru_cache(maxsize=4096)
def judge_style(style: str) -> Look:
    """Return what the declarations of a ``style`` attribute or of a rule make of text."""
    if len(style) > MAX_STYLE_CHARS:
        return Look(doubtful=True)
    names, prefixes, values = _harmless()
    hidden = struck = doubtful = False
    for declaration in _COMMENT.sub(" ", style).lower().split(";"):
        name, colon, value = declaration.partition(":")
        name, value = _PREFIX.sub("", name.strip()), value.replace("!important", "").strip()
        if not colon or not value:
            continue
        if _HIDING.match(f"{name}:{value}"):
            hidden = True
        elif name.startswith("text-decoration") and "line-through" in value:
            struck = True
        elif name in values:
            doubtful = doubtful or not values[name].fullmatch(value)
        elif name not in names:
            doubtful = doubtful or not name.startswith(prefixes)
    return Look(hidden, struck, doubtful) if hidden or struck or doubtful else PLAIN


def find_doubtful_nodes(tree: LexborHTMLParser) -> frozenset[int]:
    """Return the nodes of which a style sheet in the page says something that is not harmless, by their address.

    Which rule wins is not worked out, and scripts exchange classes: so what hides here only doubts.
    """
    source = "\n".join(node.text() for node in tree.css("style"))[:MAX_SHEET_CHARS]
    found: set[int] = set()
    for selector in _doubtful_selectors(_PRINT.sub("", _COMMENT.sub(" ", source))):
        try:
            found.update(node.mem_id for node in tree.css(selector))
        except SelectolaxError:
            continue  # a selector that the library does not know
    return frozenset(found)


def _doubtful_selectors(source: str) -> Iterator[str]:
    count = 0
    for rule in _RULE.finditer(source):
        selector = rule[1].strip()
        if selector.startswith("@") or _DYNAMIC.search(selector) or judge_style(rule[2]) == PLAIN:
            continue
        count += 1
        if count > MAX_DOUBTFUL_RULES:
            return
        yield _PSEUDO.sub("", selector)


def look_of(node: LexborNode, attributes: Attributes, doubtful_nodes: frozenset[int]) -> Look:
    """Return what an element's own attributes, its tag and the page's style sheets make of its text."""
    style = attributes.get("style")
    look = judge_style(style) if style else PLAIN
    if "hidden" in attributes:
        look = look._replace(hidden=True)
    if node.tag in _CROSSING:
        look = look._replace(struck=True)
    return look._replace(doubtful=True) if doubtful_nodes and node.mem_id in doubtful_nodes else look
