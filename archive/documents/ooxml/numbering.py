"""Numbers that Word writes before paragraphs ("一、", "（二）", "第三条", "1.") and what styles say of paragraphs.

Text of a report whose headings are numbered automatically has no 一、 of its own: without it a heading would be no
heading. Bullets are left out, as are pictures and what is counted in ways no report uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

_LEVELS = 9
_MOST = 3_000  # no list of a report is longer
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])$", re.IGNORECASE)
_NAME = re.compile(rb'<(?:\w{1,20}:)?name\s[^<>]{0,40}?val="([^"<>]{1,200})"')
_MOST_OF_ONE = 20_000  # bytes of a style looked at
_LONGEST = 4_000  # bytes of the last style looked at
_NUM = re.compile(rb'<(?:\w{1,20}:)?numId\s[^<>]{0,40}?val="(\d{1,6})"')
_ILVL = re.compile(rb'<(?:\w{1,20}:)?ilvl\s[^<>]{0,40}?val="(\d)"')
_BASE = re.compile(rb'<(?:\w{1,20}:)?basedOn\s[^<>]{0,40}?val="([^"<>]{1,200})"')
_HIDES = re.compile(rb'<(?:\w{1,20}:)?(vanish|strike|dstrike)(?:\s[^<>]{0,40}?val="(\w{1,8})"\s?)?\s?/?>')
_OFF = frozenset((b"0", b"false", b"off", b"none"))
_ID = re.compile(rb'styleId="([^"<>]{1,200})"')
_DEFAULT = re.compile(rb'default="(?:1|true|on)"')
_DEFAULTS = 8  # kinds of styles have one each
_LOOKED = 20  # styles up to which looking for each is cheaper than going over all of them
_BASES = 20  # styles each based on the next; Word allows eleven
_PLACE = re.compile(r"%([1-9])")
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a style makes of a paragraph: a heading (1–6, 0 none), an item of a list (numId, level; None not)."""

    heading: int = 0
    numbered: tuple[str, int] | None = None


_NO_STYLE = ParagraphStyle()
_NOTHING: Mapping[str, bool] = {}
_NEVER: frozenset[str] = frozenset()


@dataclass(slots=True)
class Styles:
    """The part styles.xml, looked up where a paragraph names a style; it is often larger than the text: not parsed."""

    content: bytes = b""
    _known: dict[str, ParagraphStyle] = field(default_factory=lambda: {"": _NO_STYLE})
    _places: dict[str, tuple[int, int]] | None = None  # of each style in the part
    _looked: int = 0
    _everywhere: Mapping[str, bool] | None = None
    _default: Mapping[str, bool] = field(default_factory=dict)  # of paragraphs that name no style
    _said: dict[str, Mapping[str, bool]] = field(default_factory=dict)

    def get(self, identifier: str) -> ParagraphStyle:
        """The style of this id; one that says nothing if there is none."""
        found = self._known.get(identifier)
        if found is None:
            found = self._look(identifier)
            if found is not _NO_STYLE:  # of styles that are none a document may name any number
                self._known[identifier] = found
        return found

    def visibility_of(self, identifier: str) -> Mapping[str, bool]:
        """What a style, and those it is based on, say of not printing text: by property (vanish, strike), yes or no."""
        found = self._said.get(identifier)
        if found is None:
            found = self._chain(identifier)
            if found:
                self._said[identifier] = found
            elif identifier in self._known or self._text(identifier):
                self._said[identifier] = _NOTHING
        return found

    def hides(self, identifier: str) -> frozenset[str]:
        """The properties by which a style, or one it is based on, keeps text from being printed (vanish, strike)."""
        return _switched_on(self.visibility_of(identifier))

    def paragraph_hides(self, identifier: str) -> frozenset[str]:
        """The same of a paragraph of this style, or of none: what the part says of all text holds beneath it."""
        if self._everywhere is None:
            self._everywhere, self._default = self._beneath()
        own = self.visibility_of(identifier) if identifier else self._default
        return _switched_on({**self._everywhere, **own}) if self._everywhere or own else _NEVER

    def _beneath(self) -> tuple[Mapping[str, bool], Mapping[str, bool]]:
        """What is said of all text, and of paragraphs that name no style."""
        begin = self.content.find(b"rPrDefault>")
        defaults = self.content[begin : self.content.find(b"rPrDefault>", begin + 11)] if begin >= 0 else b""
        at = -1
        for _ in range(_DEFAULTS):
            at = self.content.find(b'default="', at + 1)
            tag = self.content[self.content.rfind(b"<", 0, at) : self.content.find(b">", at)] if at >= 0 else b""
            if not tag:
                break
            named = _ID.search(tag)
            if named and b'"paragraph"' in tag and _DEFAULT.search(tag):
                return _hiding_properties(defaults), self.visibility_of(named[1].decode("utf-8", "replace"))
        return _hiding_properties(defaults), _NOTHING

    def _chain(self, identifier: str) -> Mapping[str, bool]:
        properties: Mapping[str, bool] = _NOTHING
        met: set[str] = set()
        while identifier not in met and len(met) < _BASES:
            met.add(identifier)
            content = self._text(identifier)
            properties = {**_hiding_properties(content), **properties}
            base = _BASE.search(content)
            if base is None:
                break
            identifier = base[1].decode("utf-8", "replace")
        return properties

    def _text(self, identifier: str) -> bytes:
        """What the part says of a style; b"" if there is none of this id."""
        if self._places is None and self._looked < _LOOKED:
            self._looked += 1
            begin = self.content.find(b'styleId="' + identifier.encode("utf-8", "replace") + b'"')
            if begin < 0:
                return b""
            end = self.content.find(b"styleId=", begin + 9)
            end = end if end >= 0 else begin + _LONGEST
        else:
            begin, end = self._indexed().get(identifier, (0, 0))
        return self.content[begin : min(end, begin + _MOST_OF_ONE)]

    def _indexed(self) -> Mapping[str, tuple[int, int]]:
        if self._places is None:
            places: dict[str, tuple[int, int]] = {}
            self._places = places
            begun, start = "", 0
            for match in _ID.finditer(self.content):
                places.setdefault(begun, (start, match.start()))
                begun, start = match[1].decode("utf-8", "replace"), match.start()
            places.setdefault(begun, (start, min(len(self.content), start + _LONGEST)))
            places[""] = (0, 0)
        return self._places

    def _look(self, identifier: str) -> ParagraphStyle:
        markup = self._text(identifier)
        if not markup:
            return _NO_STYLE
        match = _NAME.search(markup)
        name = match[1].decode("utf-8", "replace") if match else ""
        level = _HEADING.match(name)
        number, depth = _NUM.search(markup), _ILVL.search(markup)
        listed = (number[1].decode(), int(depth[1]) if depth else 0) if number else None
        return ParagraphStyle(int(level[1]) if level else int(name.lower() == "title"), listed)


def _hiding_properties(markup: bytes) -> dict[str, bool]:
    return {name.decode(): value not in _OFF for name, value in _HIDES.findall(markup)}


def _switched_on(properties: Mapping[str, bool]) -> frozenset[str]:
    return frozenset([name for name, on in properties.items() if on]) if properties else _NEVER


@dataclass(slots=True)
class Level:
    """One level of a list: its first number, its form (w:numFmt) and its text, %1 … %9 for the numbers in it."""

    start: int = 1
    form: str = "decimal"
    text: str = ""


@dataclass(slots=True)
class Numbering:
    """The lists of a document, counted as its paragraphs are read in order."""

    lists: Mapping[str, str] = field(default_factory=dict)  # numId → abstractNumId
    levels: Mapping[str, Mapping[int, Level]] = field(default_factory=dict)  # abstractNumId → level → plan
    restarts: Mapping[str, Mapping[int, int]] = field(default_factory=dict)  # numId → level → start
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)

    def next(self, number: str, level: int) -> str:
        """The text before the next paragraph of list ``number`` at ``level``; "" for bullets and unknown lists."""
        abstract = self.lists.get(number)
        plans = self.levels.get(abstract or "", {})
        plan = plans.get(level)
        if abstract is None or plan is None or not 0 <= level < _LEVELS:
            return ""
        counts = self._counts.setdefault(abstract, [None] * _LEVELS)
        if number not in self._met:
            self._met.add(number)
            for at, start in self.restarts.get(number, {}).items():
                counts[at] = start - 1
        held = counts[level]
        counts[level] = plan.start if held is None else held + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        return self._written(plans, plan, counts)

    def _written(self, plans: Mapping[int, Level], plan: Level, counts: list[int | None]) -> str:
        if plan.form in ("bullet", "none"):
            return ""

        def one(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            below = plans.get(at, Level())
            held = counts[at]
            return number_text(below.start if held is None else held, below.form)

        text = _PLACE.sub(one, plan.text)
        return text + " " if text[-1:].isalnum() else text


def read_numbering(content: etree._Element) -> Numbering:
    """The part numbering.xml, parsed."""
    levels: dict[str, dict[int, Level]] = {}
    for abstract in content.iter("{*}abstractNum"):
        plans = levels[_attribute_named(abstract, "abstractNumId")] = {}
        for level in abstract.iterchildren("{*}lvl"):
            held = {
                str(child.tag).rpartition("}")[2]: _attribute_named(child, "val") for child in level if child.attrib
            }
            plans[_whole_number(_attribute_named(level, "ilvl"))] = Level(
                _whole_number(held.get("start", "1")), held.get("numFmt", "decimal"), held.get("lvlText", "")[:40]
            )
    lists: dict[str, str] = {}
    restarts: dict[str, dict[int, int]] = {}
    for number in content.iter("{*}num"):
        name = _attribute_named(number, "numId")
        abstract_id = next(number.iterchildren("{*}abstractNumId"), None)
        lists[name] = "" if abstract_id is None else _attribute_named(abstract_id, "val")
        restarts[name] = {
            _whole_number(_attribute_named(change, "ilvl")): _whole_number(_attribute_named(start, "val"))
            for change in number.iterchildren("{*}lvlOverride")
            for start in change.iterchildren("{*}startOverride")
            if _whole_number(_attribute_named(change, "ilvl")) < _LEVELS
        }
    return Numbering(lists, levels, restarts)


def _attribute_named(element: etree._Element, name: str) -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), "")


def _whole_number(text: str) -> int:
    return min(int(text), _MOST) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def chinese(value: int) -> str:
    """一 … 九十九, 一百〇一 … as chineseCountingThousand writes."""
    if value >= 10_000 or value <= 0:
        return str(value)
    text, gap = "", False
    for unit, name in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            text += ("〇" if gap else "") + _DIGITS[digit] + name
        gap = bool(text) and not digit and value % unit > 0
    return text[1:] if text.startswith("一十") else text


def _legal(value: int) -> str:
    tens, ones = divmod(value, 10)
    if value >= 100:
        return str(value)
    return (_LEGAL[tens] + "拾" if tens else "") + (_LEGAL[ones] if ones or not tens else "")


def _letter(value: int) -> str:
    """From a to z, then aa to zz, as Word counts."""
    return chr(97 + (value - 1) % 26) * min((value - 1) // 26 + 1, 20)


def _roman(value: int) -> str:
    text = ""
    for number, sign in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        text += sign * (value // number)
        value %= number
    return text


def _circled(value: int) -> str:
    return chr(0x2460 + value - 1) if value <= 20 else str(value)


_FORMS: Mapping[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "ideographDigital": lambda value: "".join(_DIGITS[int(digit)] for digit in str(value)),
    "japaneseDigitalTenThousand": lambda value: "".join(_DIGITS[int(digit)] for digit in str(value)),
    "chineseLegalSimplified": _legal,
    "ideographLegalTraditional": _legal,
    "ideographTraditional": lambda value: _STEMS[(value - 1) % 10],
    "ideographZodiac": lambda value: _BRANCHES[(value - 1) % 12],
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalZero": lambda value: f"{value:02d}",
    "lowerLetter": _letter,
    "upperLetter": lambda value: _letter(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
}


def number_text(value: int, form: str) -> str:
    """A number in one of the forms of w:numFmt; in figures where the form is not known."""
    if value <= 0 and form not in ("decimal", "decimalZero"):
        return str(value)
    return _FORMS.get(form, str)(value)
