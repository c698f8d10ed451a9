"""What Word's styles and lists add to paragraphs: hidden or crossed out text, and numbers such as 一、 or （二）."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from archive.documents.packages import Element, parse_xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL, P_PR, R_PR = f"{W}val", f"{W}pPr", f"{W}rPr"

MAX_BASES = 12  # styles each based on the next; Word allows eleven
LEVEL_TEXT_MAX_CHARS = 40
_OFF = (None, "0", "false", "off", "none")
_DIGITS = "〇一二三四五六七八九"
# how what no text is read from begins and ends: nine tenths of many a list of styles
_UNUSED = ((b'<w:style w:type="table"', b"</w:style>"), (b"<w:latentStyles", b"</w:latentStyles>"))

Properties = Mapping[str, Element]
ListItem = tuple[str, int]  # list and level


class Style(NamedTuple):
    """``looks``: property (``vanish``, ``strike``, ``dstrike``) → whether it is on."""

    looks: Mapping[str, bool] = {}
    item: ListItem | None = None


PLAIN = Style()


def children_by_name(parent: Element | None) -> Properties:
    """Return the children of an element by their names in Word's namespace."""
    return {} if parent is None else {str(one.tag)[len(W) :]: one for one in parent}


def child(parent: Element, name: str) -> Element | None:
    """Return the first child of a name."""
    return next(parent.iterchildren(name), None)


def value_of(properties: Properties, name: str) -> str | None:
    """Return ``w:val`` of a property, "" if it has none; None if there is no such property."""
    found = properties.get(name)
    return found.get(VAL, "") if found is not None else None


def is_on(properties: Properties, name: str) -> bool:
    """Whether a property is there and not switched off."""
    return value_of(properties, name) not in _OFF


def parse_integer(text: str | None, default: int = 0, most: int = 30_000) -> int:
    """Return a whole number of at most ``most``, else the default."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 10 else default


def read_looks(properties: Properties) -> dict[str, bool]:
    """Return which of the properties that keep text from counting a w:rPr switches on or off."""
    return {name: is_on(properties, name) for name in ("vanish", "strike", "dstrike") if name in properties}


def _read_list_item(properties: Properties) -> ListItem | None:
    """Return list and level of a w:pPr, if it names a list."""
    said = children_by_name(properties.get("numPr"))
    number = value_of(said, "numId")
    return None if number is None else (number, parse_integer(value_of(said, "ilvl"), 0, 8))


def parse_side_part(xml: bytes) -> Element:
    """Return the root of a part beside the text, such as the styles, without what is unused. Raises UnreadableError."""
    for begin, end in _UNUSED:
        first, *others = xml.split(begin)
        xml = first + b"".join(piece.partition(end)[2] if end in piece else piece for piece in others)
    return parse_xml(xml)[0]


class WordStyles:
    """Styles by their id; the default paragraph style also stands under ""."""

    def __init__(self, root: Element) -> None:
        self._elements: dict[str, Element] = {}
        self._known: dict[str, Style] = {}
        for style in root.iterchildren(f"{W}style"):
            self._elements[style.get(f"{W}styleId", "")] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self._elements[""] = style

    def of_paragraph(self, properties: Element | None) -> Style:
        """Return the style that a w:pPr names, with what else it says."""
        if properties is None:
            return self.get("")
        said = children_by_name(properties)
        style = self.get(value_of(said, "pStyle") or "")
        return style._replace(item=_read_list_item(said) or style.item)

    def get(self, name: str, depth: int = 0) -> Style:
        """Return what a style says, with what it is based on."""
        if name in self._known:
            return self._known[name]
        element = self._elements.get(name)
        if element is None or depth > MAX_BASES:
            return PLAIN
        based_on = value_of(children_by_name(element), "basedOn")
        base = self.get(based_on, depth + 1) if based_on else PLAIN
        looks = {**base.looks, **read_looks(children_by_name(child(element, R_PR)))}
        item = _read_list_item(children_by_name(child(element, P_PR)))
        self._known[name] = Style(looks, item or base.item)
        return self._known[name]


class WordLists:
    """Gives the numbers that Word writes before paragraphs, counting as it is asked."""

    def __init__(self, root: Element) -> None:
        abstract = {
            one.get(f"{W}abstractNumId"): {
                parse_integer(level.get(f"{W}ilvl")): children_by_name(level) for level in one.iter(f"{W}lvl")
            }
            for one in root.iter(f"{W}abstractNum")
        }
        used = {one.get(f"{W}numId", ""): children_by_name(one) for one in root.iter(f"{W}num")}
        self._abstract = {number: value_of(said, "abstractNumId") for number, said in used.items()}
        self._levels = {number: abstract.get(name, {}) for number, name in self._abstract.items()}
        self._counts: dict[str | None, dict[int, int]] = {}

    def next_number(self, item: ListItem) -> str:
        """Return the number of the next paragraph of this list and level, "" for bullets and unknown lists."""
        number, at = item
        levels = self._levels.get(number, {})
        if at not in levels:
            return ""
        name = self._abstract[number]
        counts = {level: count for level, count in self._counts.get(name, {}).items() if level <= at}
        for level in range(at + 1):
            start = parse_integer(value_of(levels.get(level, {}), "start"), 1)
            counts[level] = counts.get(level, start - (level == at)) + (level == at)
        self._counts[name] = counts
        forms = {level: value_of(said, "numFmt") or "decimal" for level, said in levels.items()}
        if forms[at] in ("bullet", "none"):
            return ""
        written = {str(level + 1): write_number(count, forms.get(level, "")) for level, count in counts.items()}
        text = (value_of(levels[at], "lvlText") or "")[:LEVEL_TEXT_MAX_CHARS]
        return re.sub(r"%([1-9])", lambda match: written.get(match[1], ""), text)


def write_number(value: int, form: str) -> str:
    """Write a number of a list in Chinese or in digits."""
    if value >= 100 or not form.startswith(("chineseCounting", "japaneseCounting", "taiwaneseCounting")):
        return str(value)
    tens, ones = divmod(value, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")
