"""Figures printed in the colour of the ground they stand on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice, takewhile

from lxml import etree

from archive.documents.markup.colours import UNKNOWN, WHITE, Colour, attribute, is_unseen, shown
from archive.documents.markup.selectors import Selector, selectors
from archive.documents.markup.visibility import COMMENT, MAX_ANCESTORS, MAX_STYLE, Element, rules_of, shortly

# each value once; of elements in tables, and of tables and what they are made of
_SETS = {"set": "http://exslt.org/sets"}
_FONT_COLOURS = etree.XPath("set:distinct(//td//font/@color)", smart_strings=False, namespaces=_SETS)
_GROUNDS = etree.XPath("set:distinct(//*/@bgcolor)", smart_strings=False, namespaces=_SETS)
_STYLED = etree.XPath("//*[@style = $style]")
_BGCOLOR = re.compile(rb"bgcolor", re.IGNORECASE)
_FIGURE = re.compile(r"\d[\d.,]{0,20}")
_CELLS = ("td", "th")
_HANDED_DOWN = frozenset(("table", "thead", "tbody", "tfoot", "tr"))  # parts of a table, whose ink is its cells'
MAX_CELLS = 20_000  # looked at
MAX_RULES = 200
MAX_CHECKS = 100_000  # of a rule against an element; what comes behind is taken as seen
_FEW = 50  # different grounds, up to which each is held against each ink


def unseen_figures(root: Element, source: bytes, said: frozenset[str], styles: str) -> list[Element]:
    """The elements of cells that hold a figure printed in the colour of its ground, as far as the page says both.

    ``said``: the styles that its elements have of their own; ``styles``: text of its style sheets. Where nothing names
    a ground it is white.
    """
    own = {style: shown(style) for style in said}
    fonts = _FONT_COLOURS(root) if next(root.iter("font"), None) is not None else []
    inks = {style: one.ink for style, one in own.items() if one.ink is not None}
    if not inks and not fonts:
        return []
    grounds = {WHITE, *(one.ground for one in own.values() if one.ground is not None)}
    if _BGCOLOR.search(source):
        grounds.update(found for text in _GROUNDS(root) if (found := attribute(text)) is not None)
    vanishing = {style: ink for style, ink in inks.items() if _may_vanish(ink, grounds)}
    met = [(element, ink) for element in _styled(root, vanishing) if (ink := vanishing.get(element.get("style", "")))]
    if any((of_font := attribute(text)) is not None and _may_vanish(of_font, grounds) for text in fonts):
        named = ((font, attribute(font.get("color"))) for font in root.iter("font"))
        met += [(font, ink) for font, ink in named if ink is not None and _may_vanish(ink, grounds)]
    if not met:
        return []
    rules = list(_grounds_of_rules(styles))
    lain: dict[Element, bool] = {}

    def has_ground(element: Element) -> bool:
        if element not in lain:
            asked = len(lain) * len(rules) < MAX_CHECKS
            lain[element] = not asked or any(rule.may_be(element) for rule in rules)
        return lain[element]

    held = ((cell, element, ink) for element, ink in met for cell in _cells_of(element))
    figures = ((cell, ink) for cell, of, ink in islice(held, MAX_CELLS) if _shows_in(of, cell, styles))
    return list(dict.fromkeys(cell for cell, ink in figures if _vanishes(cell, ink, has_ground)))


def _styled(root: Element, styles: Collection[str]) -> Iterable[Element]:
    """The elements that may have one of some styles: of several, asking each element costs less than each style."""
    return [] if not styles else root.iter("*") if len(styles) > 1 else _STYLED(root, style=next(iter(styles)))


def _may_vanish(ink: Colour, grounds: Collection[Colour]) -> bool:
    return len(grounds) > _FEW or any(is_unseen(ink, ground) for ground in grounds)


def _cells_of(element: Element) -> Iterator[Element]:
    """The cells that have the ink of a part of a table; any other element by itself."""
    return element.iter(*_CELLS) if element.tag in _HANDED_DOWN else iter((element,))


def _shows_in(element: Element, cell: Element, styles: str) -> bool:
    """Whether a figure is all that a cell (or the element itself) holds, in the ink of the element.

    A cell with a class of which the page says nothing may have another ground or ink by a style sheet outside of it.
    """
    if not _holds_a_figure(cell):
        return False
    if element is cell:
        return True
    between = [cell, *takewhile(lambda e: e is not element, islice(cell.iterancestors(), MAX_ANCESTORS))]
    return len(between) <= MAX_ANCESTORS and not any(_has_ink(e) or _is_classed(e, styles) for e in between)


def _holds_a_figure(element: Element) -> bool:
    return _FIGURE.fullmatch(shortly(element)) is not None and not any(map(_has_ink, element.iterdescendants("*")))


def _has_ink(element: Element) -> bool:
    return "color" in element.attrib or shown(element.get("style", "")).ink is not None


def _is_classed(element: Element, styles: str) -> bool:
    return any(name not in styles for name in element.get("class", "").split())


def _vanishes(element: Element, ink: Colour, has_ground: Callable[[Element], bool]) -> bool:
    """Whether the figure of an element stands in a cell, and on a ground of its colour."""
    ground, upon = ground_of(element)
    if ground is None or not is_unseen(ink, ground):
        return False
    return ink.alpha == 0 or not any(map(has_ground, upon))


def ground_of(element: Element) -> tuple[Colour | None, Sequence[Element]]:
    """The ground on which an element stands, white if none has one, and the elements above it; None outside of cells.

    Style sheets are not asked.
    """
    upon: list[Element] = []
    in_cell, ground = False, None
    for around in (element, *islice(element.iterancestors(), MAX_ANCESTORS)):
        in_cell = in_cell or around.tag in _CELLS
        if ground is None:
            upon.append(around)
            own = shown(around.get("style", "")).ground
            ground = own or (UNKNOWN if "background" in around.attrib else attribute(around.get("bgcolor")))
        if in_cell and ground is not None:
            break
    return (ground or WHITE if in_cell else None), upon


def _grounds_of_rules(styles: str) -> Iterator[Selector]:
    """The selectors of rules that give a ground that is not white."""
    if "background" not in styles:
        return
    found = rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), ("background",))
    grounds = ((named, shown(body).ground) for named, body, _ in found)
    coloured = (one for named, ground in grounds if ground not in (None, WHITE) for one in selectors(named))
    yield from islice((one for one in coloured if not one.made), MAX_RULES)


def is_on_white(element: Element) -> bool:
    """Whether an element stands in a cell whose ground, style sheets aside, is white."""
    ground, _ = ground_of(element)
    return ground is not None and is_unseen(WHITE, ground)


def prints_white(body: str) -> bool:
    """Whether declarations print white."""
    ink = shown(body).ink
    return ink is not None and is_unseen(ink, WHITE)


def prints_nothing(body: str) -> bool:
    """Whether declarations print in the colour of the ground that they give themselves."""
    ink, ground = shown(body)
    return ink is not None and ground is not None and is_unseen(ink, ground)
