"""Figures of which a page's styles leave open what is to be seen: completed, hidden or drawn by what we do not settle.

A rule counts only where it may mean something in a cell that holds a figure or nothing: pages have such rules for
menus everywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from archive.documents.markup.colours import WHITE, shown
from archive.documents.markup.grounds import is_on_white, prints_nothing, prints_white
from archive.documents.markup.selectors import Selector, selectors
from archive.documents.markup.visibility import (
    BOXED,
    COMMENT,
    GROWING,
    MAX_ANCESTORS,
    NO_SIZE,
    RULE_HIDES,
    Element,
    hidden_by,
    rules_of,
    shortly,
    steps_of,
)

_MOVING = (
    *(f"{name}:{blank}-"
      for name in ("right", "bottom", "margin-left", "margin-top", "letter-spacing") for blank in ("", " ")),
    "translate", "unicode-bidi", "mask", "inset", "text-fill", "relative",
)  # fmt: skip  # words of a style that moves or covers, as it is mostly written
_WORDS = (
    "display", "visibility", "line-through", "content", "font-size", "opacity", "color", "text-indent", "left", "top",
    "overflow", "clip", "scale", "url(", "font:0", "font: 0",
    *_MOVING,
)  # fmt: skip
_CONTENT = re.compile(r"content(?<![\w-]content)\s{0,4}:\s{0,4}([^;]{1,200})")
_STRING = re.compile(r"\"([^\"]{1,100})\"|'([^']{1,100})'")
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{1,6})\s?")  # mostly a sign of a font of signs
_ATTRIBUTE = re.compile(r"attr\(\s{0,4}([\w:-]{1,60})")
_DRAWN = re.compile(r"background(?:-image)?(?<![\w-]background)(?<![\w-]background-image)\s{0,4}:[^;]{0,200}?url\(")
_FADED = re.compile(
    r"clip-path\s{0,4}:\s{0,4}(?:inset|circle|polygon)\(|transform\s{0,4}:[^;]{0,80}?scale[xy]?\(\s{0,4}0\s{0,4}[,)]"
    r"|content-visibility\s{0,4}:\s{0,4}hidden|filter(?<![\w-]filter)\s{0,4}:[^;]{0,80}?opacity\(\s{0,4}0?(?:\.0{1,4})?%?\s{0,4}\)"
    r"|translate[xy3]?d?(?:\(|\s{0,4}:)[^;]{0,40}?(?<!\d)(?:(?:[5-9]\d{2}|\d{4,6})(?:\.\d{1,4})?(?:px|pt)|\d{2,6}r?em)"
    r"|translate(?:y\(|\(\s{0,4}0\w{0,3}\s{0,4},)\s{0,4}-?(?:1\d\d%|[5-9]\d%|(?:1[2-9]|[2-9]\d|\d{3})(?:px|pt))"
    r"|mask(?:-image)?\s{0,4}:\s{0,4}(?!none|inherit|initial|unset)[a-z]"
    r"|inset\s{0,4}:[^;]{0,80}?-(?:[5-9]\d{2}|\d{4,6})(?:px|pt)|inset\s{0,4}:[^;]{0,80}?-\d{2,6}r?em"
    r"|-text-fill-color\s{0,4}:\s{0,4}(?:transparent|white|#fff)"
    r"|scale(?<![\w-]scale)\s{0,4}:\s{0,4}0(?:\.0{1,4})?%?\s{0,4}(?![\w.])"
    r"|(?:right|bottom|margin-left|margin-top)\s{0,4}:\s{0,4}-(?:[5-9]\d{2}|\d{4,6})(?:\.\d{1,4})?(?:px|pt|em)"
    r"|letter-spacing\s{0,4}:\s{0,4}-(?:(?:[1-9]\d{0,3}|0?\.[3-9]\d{0,3})(?:\.\d{1,4})?r?em|(?:[5-9]|\d{2,5})(?:\.\d{1,4})?(?:px|pt))"
    r"|unicode-bidi\s{0,4}:\s{0,4}(?:isolate|bidi)-override"
    r"|zoom(?<![\w-]zoom)\s{0,4}:\s{0,4}(?:0?\.[01]|0%|\d%)|display(?<![\w-]display)\s{0,4}:\s{0,4}var\("
)
_SET_OFF = re.compile(
    r"(?<![\w-])(?:top|bottom)\s{0,4}:\s{0,4}-?(?:(?:1[2-9]|[2-9]\d|\d{3,5})(?:\.\d{1,4})?(?:px|pt)|(?:\d{2}|[1-9])(?:\.\d{1,4})?r?em)"
)  # with position: relative
_FADING = (
    *_MOVING,
    "content-v",
    "filter:",
    "zoom:",
    "clip-path",
    "scale",
    "var(",
)  # words of such a style, as it is mostly written
_SMALL = ("zoom:0", "zoom:.", "zoom: 0", "zoom: .")  # no style sheet is without zoom: 1
_GROUND = re.compile(
    r"background(?:-color)?\s{0,4}:\s{0,4}(?!white|#fff(?:fff)?\b|none|transparent|inherit|unset|0\b)[^;\s]"
)
_INK = re.compile(r"color(?<![\w-]color)\s{0,4}:")
_ADDRESS = re.compile(r"background[^;]{0,200}?url\(\s{0,4}[\"']?([^\"')]{1,400})", re.IGNORECASE)
_FIGURE = re.compile(r"[\s\d.,\ufffc%]{0,40}")
_DIGIT = re.compile(r"\d")
_CLASSES = etree.XPath("//*/@class", smart_strings=False)
_GROUNDS = etree.XPath("//*[@background and (self::td or ancestor::td)]")
_STYLED = etree.XPath("//*[@style = $style and (self::td or ancestor::td)]")
_CELLS = ("td", "th")
MAX_STYLE = 200_000  # characters of style sheets in one page
MAX_RULES = 200
MAX_CHECKS = 100_000  # of a rule against an element
MAX_DOUBTED = 2_000
MAX_WHITE = 400  # cells printed white by a rule

_HIDES, _WHITENS, _DRAWS, _COMPLETES = range(4)


def doubtful(root: Element, source: bytes, styles: str, said: frozenset[str]) -> list[Element]:
    """The elements in cells whose figure is not surely what is seen, in the order met.

    ``source``: the page's; ``styles``: text of the page's style sheets; ``said``: the styles that its elements
    have of their own.
    """
    found = dict.fromkeys(_drawn(root, said, b"background=" in source))
    found.update(dict.fromkeys(_faded(root, said)))
    rules = list(islice(_rules(root, styles), MAX_RULES))
    white: list[Element] = []
    if rules:
        for element in islice(_in_rows(root), MAX_CHECKS // len(rules)):
            for selector, kind, body in rules:
                if selector.may_be(element):
                    found.update(dict.fromkeys(_meant(element, kind, body)))
                    if kind == _WHITENS and element.tag in _CELLS and shortly(element).isdecimal():
                        white.append(element)
            if len(found) > MAX_DOUBTED:
                break
    found.update(dict.fromkeys(_white_by_rule(white, styles)))
    return list(found)


def _faded(root: Element, said: frozenset[str]) -> Iterator[Element]:
    """The elements of cells whose own style makes a figure vanish otherwise than by what hides surely."""
    words = "\n".join(said).lower()
    if not any(word in words for word in _FADING):
        return
    for style in said:
        if _fades(style.lower()):
            yield from (e for e in _STYLED(root, style=style) if _is_of_a_figure(e) and _DIGIT.search(shortly(e)))


def _fades(style: str) -> bool:
    """Whether a style in lower case makes a figure vanish, or sets it off its line."""
    return _FADED.search(style) is not None or ("relative" in style and _SET_OFF.search(style) is not None)


def _white_by_rule(cells: Sequence[Element], styles: str) -> Iterator[Element]:
    """Of cells with a figure that a rule prints white, those that no rule prints otherwise, nor gives a ground."""
    if not cells:
        return
    found = rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), ("background", "color"))
    rules = [
        (selector, (*selector.weight, at), body.lower())
        for at, (named, body, _) in enumerate(found)
        for selector in selectors(named)
        if not selector.made
    ][:MAX_RULES]
    grounds = [rule for rule in rules if _GROUND.search(rule[2])]
    whites = [rule for rule in rules if prints_white(rule[2])]
    inks = [rule for rule in rules if _INK.search(rule[2]) and not prints_white(rule[2])]
    lain: dict[Element, bool] = {}

    def has_ground(element: Element) -> bool:
        if element not in lain:
            lain[element] = any(ground.may_be(element) for ground, _, _ in grounds)
        return lain[element]

    for cell in cells[:MAX_WHITE]:
        last = max((weight for rule, weight, _ in whites if rule.may_be(cell)), default=())
        inner = list(cell.iterdescendants("*"))
        inked = any(weight > last and rule.may_be(cell) for rule, weight, _ in inks) or any(
            "color" in e.get("style", "") or "color" in e.attrib or any(rule.may_be(e) for rule, _, _ in inks)
            for e in inner
        )
        around = (cell, *islice(cell.iterancestors(), MAX_ANCESTORS))
        white = not inked and "color" not in cell.get("style", "") and is_on_white(cell)
        if white and not any(map(has_ground, around)):
            yield cell


def _in_rows(root: Element) -> Iterator[Element]:
    """Rows with cells and all that is in them, once each. XPath asks of each of them whether it has met it before."""
    walker = etree.iterwalk(root, events=("start",), tag="tr")
    for _, row in walker:
        if row.find("td") is not None:
            yield from row.iter("*")
            walker.skip_subtree()


def _rules(root: Element, styles: str) -> Iterator[tuple[Selector, int, str]]:
    """The rules that may mean an element of the page and are not settled: what each does, and its declarations."""
    words = (*_WORDS, "zoom") if any(word in styles for word in _SMALL) else _WORDS
    if not any(word in styles for word in words):
        return
    used: frozenset[str] | None = None
    for named, body, holds in rules_of(COMMENT.sub(" ", styles[:MAX_STYLE]), words):
        low = body.lower()
        kinds = _kinds(low)
        if not kinds:
            continue
        if used is None:
            used = frozenset(" ".join(set(_CLASSES(root))).split())
        settled = holds and any(pattern.search(low) for pattern in RULE_HIDES)
        for selector in selectors(named):
            if not all(compound.classes <= used for _, compound in selector.steps):
                continue
            for kind in kinds:
                if (kind == _COMPLETES) != selector.made:
                    continue
                if not (kind == _HIDES and settled and steps_of(selector.text)):  # else what it hides is hidden
                    yield selector, kind, low


def _kinds(body: str) -> list[int]:
    """What declarations do to what they are for."""
    kinds = []
    if hidden_by(body) or _fades(body) or prints_nothing(body):
        kinds.append(_HIDES)
    elif "content" in body and not NO_SIZE.search(body) and any(map(_adds_digits, _CONTENT.findall(body))):
        kinds.append(_COMPLETES)  # what is put behind floating boxes is hidden
    if prints_white(body) and shown(body).ground in (None, WHITE):
        kinds.append(_WHITENS)
    if _DRAWN.search(body):
        kinds.append(_DRAWS)
    return kinds


def _adds_digits(said: str) -> bool:
    if "attr(" in said or "counter" in said or "url(" in said:
        return True
    texts = "".join(a or b for a, b in _STRING.findall(said))
    return any(sign.isdecimal() for sign in _ESCAPED.sub(lambda match: chr(min(int(match[1], 16), 0xFFFF)), texts))


def _meant(element: Element, kind: int, body: str) -> Iterator[Element]:
    """What a rule makes doubtful if it means this element."""
    if element.tag == "tr":
        for cell in element.iterchildren(*_CELLS) if kind == _HIDES else ():
            yield from _meant(cell, kind, body)
        return
    if not _is_of_a_figure(element):
        return
    text = shortly(element)
    if kind == _HIDES:
        cut = "overflow" in hidden_by(body) and element.tag in GROWING and not BOXED.search(body)
        if _DIGIT.search(text) and not cut:
            yield element
    elif kind == _COMPLETES:
        named = _ATTRIBUTE.findall(body)
        if (not text or text.isdecimal()) and (not named or any(_DIGIT.search(element.get(n, "")) for n in named)):
            yield element
    elif element.tag not in _CELLS:
        whitened = kind == _WHITENS and text.isdecimal() and is_on_white(element)
        if whitened or (kind == _DRAWS and not text and not len(element)):
            yield element


def _is_of_a_figure(element: Element) -> bool:
    """Whether the cell around an element holds a figure or nothing."""
    cell = element if element.tag in _CELLS else next(element.iterancestors(*_CELLS), None)
    return cell is not None and _FIGURE.fullmatch("".join(islice(cell.itertext(), 40))) is not None


def _drawn(root: Element, said: frozenset[str], named: bool) -> Iterator[Element]:
    """The elements of cells without text that have a picture of their own for a ground: one that others with text have
    too is an ornament.
    """
    grounds: dict[str, list[Element]] = defaultdict(list)
    for style in said:
        if "url(" in style and (match := _ADDRESS.search(style)):
            grounds[match[1]] += _STYLED(root, style=style)
    for element in _GROUNDS(root) if named else ():
        grounds[element.get("background", "")].append(element)
    for address, elements in grounds.items():
        if address and not any(shortly(element) for element in elements):
            yield from (element for element in elements if _is_of_a_figure(element))
