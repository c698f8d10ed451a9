"""What styles say of the text that they apply to: hidden, crossed out, or not certainly seen as it stands there.

What plainly hides or crosses out is known; a list in data names what is harmless; anything else is doubted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
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
_DYNAMIC = re.compile(r"@|.*:(?:hover|focus|active|visited|link|target|checked|disabled)", re.IGNORECASE | re.DOTALL)
_PSEUDO = re.compile(r"::?(?:before|after|first-letter|first-line|marker)\b", re.IGNORECASE)
_PREFIX = re.compile(r"^-(?:webkit|moz|ms|o|khtml)-")
_HIDING = re.compile(r"(?:display:none|visibility:(?:hidden|collapse)|(?:opacity|font-size):0(?:\.0+)?(?:[a-z%]*)?)$")
_CROSSING = frozenset(("s", "strike", "del"))


class TextLook(NamedTuple):
    """What a style makes of text."""

    is_hidden: bool = False
    is_struck: bool = False
    is_doubtful: bool = False


PLAIN = TextLook()


@cache
def _harmless() -> tuple[frozenset[str], tuple[str, ...], Mapping[str, re.Pattern[str]]]:
    """Return the names that are harmless whatever they say, the beginnings of such, and harmless values by name."""
    data = tomllib.loads(files("archive.documents").joinpath("harmless_styles.toml").read_text("utf-8"))
    values = {name: re.compile(pattern, re.DOTALL) for name, pattern in data["values"].items()}
    return frozenset(data["names"]), tuple(data["prefixes"]), values


@lru_cache(maxsize=4096)
def judge_style(style: str) -> TextLook:
    """Return what the declarations of a ``style`` attribute or of a rule make of text."""
    if len(style) > MAX_STYLE_CHARS:
        return TextLook(is_doubtful=True)
    names, prefixes, values = _harmless()
    is_hidden = is_struck = is_doubtful = False
    for declaration in _COMMENT.sub(" ", style).lower().split(";"):
        name, _, value = declaration.partition(":")
        name, value = _PREFIX.sub("", name.strip()), value.replace("!important", "").strip()
        if not value:
            continue
        hides, crosses = (
            _HIDING.match(f"{name}:{value}"),
            name.startswith("text-decoration") and "line-through" in value,
        )
        is_hidden, is_struck = is_hidden or hides is not None, is_struck or crosses
        is_harmless = values[name].fullmatch(value) if name in values else name in names or name.startswith(prefixes)
        is_doubtful = is_doubtful or not (hides or crosses or is_harmless)
    return TextLook(is_hidden, is_struck, is_doubtful) if is_hidden or is_struck or is_doubtful else PLAIN


def find_doubtful_nodes(tree: LexborHTMLParser) -> frozenset[int]:
    """Return the nodes of which a style sheet in the page says something that is not harmless, by their address.

    Which rule wins is not worked out, and scripts exchange classes: so what hides here only doubts.
    """
    source = "\n".join(node.text() for node in tree.css("style"))[:MAX_SHEET_CHARS]
    rules = _RULE.findall(_PRINT.sub("", _COMMENT.sub(" ", source)))
    doubtful = [selector.strip() for selector, style in rules if judge_style(style) != PLAIN]
    nodes: set[int] = set()
    for selector in [one for one in doubtful if not _DYNAMIC.match(one)][:MAX_DOUBTFUL_RULES]:
        with suppress(SelectolaxError):  # a selector that the library does not know
            nodes.update(node.mem_id for node in tree.css(_PSEUDO.sub("", selector)))
    return frozenset(nodes)


def look_of(tag: str, node: LexborNode, attributes: Attributes, doubtful_nodes: frozenset[int]) -> TextLook:
    """Return what an element's own attributes, its tag and the page's style sheets make of its text."""
    style = attributes.get("style")
    look = judge_style(style) if style else PLAIN
    if "hidden" in attributes:
        look = look._replace(is_hidden=True)
    if tag in _CROSSING:
        look = look._replace(is_struck=True)
    return look._replace(is_doubtful=True) if doubtful_nodes and node.mem_id in doubtful_nodes else look
