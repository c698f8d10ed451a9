"""Which figures in cells a page's styles leave uncertain: those with more in their style than is known as harmless.

harmless.toml lists what a style may say in a cell of figures. What else is said there, by the element itself or by a
rule of a style sheet that may mean it, doubts the figure: nobody here works out what a browser would show. Styles
outside of cells with a figure do not matter; pages have all kinds of them for menus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from lxml import etree

from archive.documents.contrast import is_dark, is_faint, is_near
from archive.documents.markup.colours import colour
from archive.documents.markup.selectors import Selector, selectors
from archive.documents.markup.visibility import (
    BOXED,
    COMMENT,
    GROWING,
    MAX_CHECKS,
    MAX_RULES,
    MAX_STYLE,
    NO_SIZE,
    RULE_HIDES,
    Element,
    hidden_by,
    rules_of,
    shortly,
    steps_of,
)
from archive.documents.markup.vocabulary import Harmless, harmless

_SETS = {"set": "http://exslt.org/sets"}
_ATTRIBUTES = etree.XPath("set:distinct(//font/@color | //*/@bgcolor)", smart_strings=False, namespaces=_SETS)
_CLASSES = etree.XPath("set:distinct(//*/@class)", smart_strings=False, namespaces=_SETS)
_PICTURED = etree.XPath("//*[@background and (self::td or ancestor::td)]")
_FIGURE = re.compile(r"[\s\d.,\ufffc%]{0,40}")
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"(?:-(?:webkit|moz|ms|o|khtml|epub)-)?([a-z][a-z0-9-]*)")
_ADDRESS = re.compile(r"url\(\s{0,4}[\"']?([^\"')]{1,400})")
_RAISING = re.compile(r"vertical-align\s{0,9}:\s{0,9}su(?:per|b)(?![\w-])")
_PART = re.compile(r"[a-z]{1,20}\([^()]{0,100}\)|[^\s,()]{1,40}")  # of what a ground is made of
_SHIFTS = re.compile(r"raise:|vertical-align:|top:|bottom:")
_STRING = re.compile(r"\"([^\"]{1,100})\"|'([^']{1,100})'")
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{1,6})\s?")  # mostly a sign of a font of signs
_ATTRIBUTE = re.compile(r"attr\(\s{0,4}([\w:-]{1,60})")
_AS_AROUND = frozenset(("inherit", "initial", "unset", "revert", "auto", "normal"))
_GROUNDS = frozenset(("background", "background-color", "background-image"))
_CELLS = ("td", "th")
_PARTS = ("table", "thead", "tbody", "tfoot", "tr")  # of a table; their colours are those of their cells
_RAISED = ("sup", "sub")  # told from the line by their names
_OVERFLOW = frozenset(("overflow",))
_PIECES = 40  # of a cell's text
MAX_DOUBTED = 2_000


class Effect(NamedTuple):
    """What declarations may do to a figure.

    ``unknown``: something that is not known as harmless; ``moves``: what is harmless only to what stands alone in its
    cell; ``pales``: its colour may not be told from the ground; ``cuts``: an element of no size shows nothing;
    ``boxed``: it is no cell any more; ``picture``: the address of one that is drawn; ``adds``: what is written before
    it or behind.
    """

    unknown: bool = False
    moves: str = ""
    pales: bool = False
    cuts: bool = False
    boxed: bool = False
    picture: str = ""
    adds: str = ""


_NONE = Effect()


class _Rule(NamedTuple):
    selector: Selector
    effect: Effect


def doubtful(root: Element, source: bytes, styles: str, own: frozenset[str]) -> list[Element]:
    """The elements in cells whose figure is not surely what is seen, in the order met.

    ``source``: the page's; ``styles``: text of its style sheets; ``own``: the styles that its elements have themselves.
    """
    found: dict[Element, None] = {}
    effects = {style: effect for style in own if (effect := effect_of(style, own=True)) is not _NONE}
    for element in root.iter("*") if effects else ():
        if (own_effect := effects.get(element.get("style", ""))) is not None:
            found.update(dict.fromkeys(_doubted_elements(element, own_effect)))
    found.update(dict.fromkeys(_pale_by_attribute(root)))
    found.update(dict.fromkeys(_cells_with_picture(root, effects, b"background=" in source)))
    rules = list(islice(_rules(root, styles), MAX_RULES))
    for element in islice(_row_elements(root), MAX_CHECKS // len(rules)) if rules else ():
        if len(found) > MAX_DOUBTED:
            break
        for rule in rules:
            if rule.selector.may_be(element):
                found.update(dict.fromkeys(_doubted_by_rule(element, rule)))
    return list(found)


def effect_of(style: str, *, own: bool = False) -> Effect:
    """What declarations do that is not known as harmless.

    ``own``: they are an element's own; what hides or raises it there is seen to when the page is prepared.
    """
    known = harmless()
    plain = (COMMENT.sub("", style) if "/*" in style else style).lower()
    hiding = hidden_by(plain)
    settled = _handled_elsewhere(plain, hiding) if own else frozenset[str]()
    unknown = False
    moves = ink = ground = picture = adds = ""
    for declaration in plain.split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip()
        if not colon or name in known.names or name in settled:
            continue
        value = value.partition("!")[0].removesuffix("\\9").strip()
        if name == "color":
            ink = value
        elif name in _GROUNDS:
            picture = match[1] if (match := _ADDRESS.search(value)) else "" if name != "background-color" else picture
            ground = value if name != "background-image" else ground
        elif name == "content":
            adds = value
        elif value not in _AS_AROUND and not _is_harmless(name, value, known):
            bound = known.alone.get(_base(name))
            if bound is not None and bound.fullmatch(value):
                moves += f"{name}:{value};"
            else:
                unknown = True
    pales = bool(ink or ground) and _pales(ink, ground, pictured=bool(picture))
    cuts = hiding == _OVERFLOW
    adds = "" if adds and (hiding or NO_SIZE.search(plain)) else adds  # what is put behind floating boxes
    if not (unknown or moves or pales or cuts or picture or adds):
        return _NONE
    return Effect(unknown, moves, pales, cuts, BOXED.search(plain) is not None, picture, adds)


def _handled_elsewhere(style: str, hiding: frozenset[str]) -> frozenset[str]:
    """The properties of an element's own style that are seen to elsewhere; ``hiding``: those by which it hides."""
    names = hiding | {"font"} if "font-size" in hiding else hiding
    return names | {"vertical-align"} if _RAISING.search(style) else names


def _base(name: str) -> str:
    """A property's name without a vendor's prefix; "" for what is no name, which browsers pass over."""
    match = _NAME.fullmatch(name)
    return match[1] if match else ""


def _is_harmless(name: str, value: str, known: Harmless) -> bool:
    """Whether a property is harmless with this value."""
    base = _base(name)
    if not base:
        return "\\" not in name
    pattern = known.values.get(base)
    if pattern is not None:
        return pattern.fullmatch(value) is not None
    return base in known.names or base.startswith(known.prefixes) or value == "none"


def _pales(ink: str, ground: str, *, pictured: bool) -> bool:
    """Whether a colour may not be told from its ground: one that is light, on one that is dark, or both alike."""
    inked, grounded = colour(ink), next((found for part in _PART.findall(ground) if (found := colour(part))), None)
    if inked is not None and grounded is not None:
        return is_near(inked, grounded)
    return (inked is not None and is_faint(inked) and not pictured) or (grounded is not None and is_dark(grounded))


def _doubted_elements(element: Element, effect: Effect) -> Iterator[Element]:
    """What an effect doubts if it is on this element: the element in a cell, or the cells of a part of a table."""
    cuts = effect.cuts and (effect.boxed or element.tag not in GROWING)
    if element.tag in _PARTS:
        if effect.pales or (element.tag == "tr" and (effect.unknown or cuts)):
            yield from (cell for cell in _cells_of(element) if _is_figure(cell) and _DIGIT.search(shortly(cell)))
    elif element.tag not in _RAISED and (cell := _cell_of(element)) is not None and _DIGIT.search(shortly(element)):
        moved = effect.moves and not _is_alone(element, cell, effect.moves)
        if effect.unknown or effect.pales or cuts or moved:
            yield element


def _doubted_by_rule(element: Element, rule: _Rule) -> Iterator[Element]:
    """The same of a rule that may mean this element."""
    effect = rule.effect
    if not rule.selector.is_generated:
        yield from _doubted_elements(element, effect)
    if element.tag in _PARTS or not (effect.adds or effect.picture):
        return
    text = shortly(element)
    drawn = effect.picture and element.tag not in _CELLS and not text and not len(element)
    adds = rule.selector.is_generated and (not text or text.isdecimal()) and _adds_digits(effect.adds, element)
    if (drawn or adds) and _cell_of(element) is not None:
        yield element


def _cells_of(part: Element) -> Iterator[Element]:
    """The cells of a part of a table, without those of tables in it."""
    parts = (part, *part.iterchildren("thead", "tbody", "tfoot")) if part.tag == "table" else (part,)
    rows = (part,) if part.tag == "tr" else (row for one in parts for row in one.iterchildren("tr"))
    return (cell for row in rows for cell in row.iterchildren(*_CELLS))


def _is_figure(cell: Element) -> bool:
    """Whether a cell holds a figure or nothing."""
    return _FIGURE.fullmatch("".join(islice(cell.itertext(), _PIECES))) is not None


def _cell_of(element: Element) -> Element | None:
    """The cell of a figure (or of nothing) in which an element stands, or which it is."""
    cell = element if element.tag in _CELLS else next(element.iterancestors(*_CELLS), None)
    return cell if cell is not None and _is_figure(cell) else None


def _is_alone(element: Element, cell: Element, moves: str) -> bool:
    """Whether nothing else is shown in the cell; pieces raised alike are one, those of a box are not."""
    style = element.get("style")
    pieces = [element]
    if style and _SHIFTS.search(moves):
        pieces = [piece for piece in cell.iter("*") if piece.get("style") == style]
    elif ("flex" in moves or "grid" in moves) and sum(1 for child in element if shortly(child)) > 1:
        return False
    text = "".join("".join(piece.itertext()) for piece in pieces)
    return "".join(text.split()) == "".join("".join(cell.itertext()).split())


def _pale_by_attribute(root: Element) -> Iterator[Element]:
    """The cells, or pieces of them, whose <font> or bgcolor has a colour in or on which print may not show."""
    named = {text: found for text in _ATTRIBUTES(root) if (found := colour(text.strip().lower())) is not None}
    inks = {text for text, found in named.items() if is_faint(found)}
    grounds = {text for text, found in named.items() if is_dark(found)}
    for element in root.iter("font", *_PARTS, *_CELLS) if inks or grounds else ():
        if element.get("color") in inks or element.get("bgcolor") in grounds:
            yield from _doubted_elements(element, Effect(pales=True))


def _cells_with_picture(root: Element, effects: Mapping[str, Effect], named: bool) -> Iterator[Element]:
    """The elements of cells without text on a picture of their own; one that others with text have is an ornament."""
    pictured = [(e, e.get("background", "")) for e in _PICTURED(root)] if named else []
    if any(effect.picture for effect in effects.values()):
        with_effects = ((element, effects.get(element.get("style", ""), _NONE).picture) for element in root.iter("*"))
        pictured += [(element, address) for element, address in with_effects if address]
    ornaments = {address for element, address in pictured if shortly(element)}
    for element, address in pictured:
        if address not in ornaments and element.tag not in _PARTS and _cell_of(element) is not None:
            yield element


def _row_elements(root: Element) -> Iterator[Element]:
    """Rows with cells and all that is in them, once each. XPath asks of each of them whether it has met it before."""
    walker = etree.iterwalk(root, events=("start",), tag=("table", "tr"))
    for _, part in walker:
        if part.tag == "table":
            yield part
        elif part.find("td") is not None:
            yield from part.iter("*")
            walker.skip_subtree()


def _rules(root: Element, styles: str) -> Iterator[_Rule]:
    """The rules that may mean an element of the page and doubt its figures."""
    if not styles or root.find(".//td") is None:
        return
    used: frozenset[str] | None = None
    for named, body, holds in rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), (":",)):
        effect = effect_of(body)
        if effect is _NONE:
            continue
        if used is None:
            used = frozenset(" ".join(_CLASSES(root)).split())
        settled = holds and any(pattern.search(body.lower()) for pattern in RULE_HIDES)
        for selector in selectors(named):
            if not all(compound.classes <= used for _, compound in selector.steps):
                continue
            if settled and steps_of(selector.text):
                continue  # what it hides is hidden already
            yield _Rule(selector, effect)


def _adds_digits(written: str, element: Element) -> bool:
    """Whether a style writes digits before or behind an element, or what nobody here knows."""
    if named := _ATTRIBUTE.findall(written):
        return any(_DIGIT.search(element.get(name, "")) for name in named)
    if "counter" in written or "url(" in written:
        return True
    texts = "".join(a or b for a, b in _STRING.findall(written))
    return any(sign.isdecimal() for sign in _ESCAPED.sub(lambda match: chr(min(int(match[1], 16), 0xFFFF)), texts))
