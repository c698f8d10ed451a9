"""Figures in one cell whose elements run on, though a style sets them on lines, or to sides, of their own: several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lxml import etree

from archive.documents.markup.selectors import Selector, selectors
from archive.documents.markup.uncertain import MAX_CHECKS, MAX_RULES, MAX_STYLE
from archive.documents.markup.visibility import COMMENT, Element, rules_of

INLINE = ("span", "a", "b", "strong", "font", "i", "em", "u")
FIGURE = re.compile(r"[\s\d.,，]{0,30}\d[\s\d.,，]{0,30}")
_APART = re.compile(
    r"(?<![\w-])(?:float\s{0,9}:\s{0,9}(?:left|right)"
    r"|display\s{0,9}:\s{0,9}(?:block|table|list-item|flow-root|(?P<holds>(?:inline-)?(?:flex|grid))))(?![\w-])"
)
_WORDS = ("float", "display")
# rules are looked at only where digits in one such element are followed by digits in the next
_SEAM = re.compile(rb"</span><span(?:\s[^<>]{0,200})?>\s{0,20}\d|</font><font(?:\s[^<>]{0,200})?>\s{0,20}\d")
_STYLED = etree.XPath("//*[@style = $style and (self::td or ancestor::td)]")
_FEW = 10  # pieces of a figure's text


def pieces(root: Element, source: bytes, styles: str, said: frozenset[str]) -> Iterator[Element]:
    """The elements in cells that hold a figure and stand by themselves.

    ``source``: the page's; ``styles``: text of its style sheets; ``said``: the styles its elements have of their own.
    """
    for style in said:
        low = style.lower()
        if ("float" in low or "display" in low) and (found := _APART.search(low)):
            yield from _figures(_STYLED(root, style=style), holds=found["holds"] is not None)
    if any(word in styles for word in _WORDS) and _SEAM.search(source) is not None:
        yield from _figures(_by_rules(root, styles), holds=False)


def _figures(elements: Iterable[Element], *, holds: bool) -> Iterator[Element]:
    """Those with a figure and nothing else; ``holds``: what they hold is set apart, not they."""
    for element in elements:
        for piece in element.iterchildren("*") if holds else (element,) if element.tag in INLINE else ():
            if FIGURE.fullmatch("".join(islice(piece.itertext(), _FEW))):
                yield piece


def _by_rules(root: Element, styles: str) -> Iterator[Element]:
    """The elements whose digits run on into others, and that a rule may set apart."""
    rules = list(islice(_rules(styles), MAX_RULES))
    checks = 0
    for element in root.iter("span", "font") if rules else ():
        holder = element.getparent()
        if holder is None or not (element.text or "").strip().isdecimal():
            continue
        around = "".join(islice(holder.itertext(), _FEW)).strip()
        if not around.isdecimal() or next(element.iterancestors("td", "th"), None) is None:
            continue
        checks += len(rules)
        if checks > MAX_CHECKS:
            return
        if any(selector.may_be(holder if holds else element) for selector, holds in rules):
            yield element


def _rules(styles: str) -> Iterator[tuple[Selector, bool]]:
    """What rules set apart, and whether it is what is in it that they do."""
    for named, body, _ in rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), _WORDS):
        found = _APART.search(body.lower())
        if found is not None:
            yield from ((selector, found["holds"] is not None) for selector in selectors(named) if not selector.made)
