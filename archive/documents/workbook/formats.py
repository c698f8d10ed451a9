"""Formats that show a number as a percentage, a date or another number, and the styles of Excel 2007+ with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from html import unescape

from lxml import etree

from archive.documents.contrast import from_hex, is_faint, is_tiny
from archive.documents.runs import Raised, Run, Visibility
from archive.documents.workbook.patterns import Pattern, decimals, pattern
from archive.documents.workbook.text import Value, shown

_USED = re.compile(rb'numFmtId="([0-9]{1,9})"')
_PLAIN = frozenset((b"0", b"1", b"2", b"3", b"4", b"12", b"13", b"37", b"38", b"39", b"40", b"41", b"42", b"43", b"44",
                    b"49"))  # fmt: skip
_CODE = re.compile(
    rb'<(?:\w{1,9}:)?numFmt (?=[^<>]{0,400}numFmtId="(?P<id>\d{1,9})")[^<>]{0,400}?formatCode="(?P<code>[^"]{0,400})"'
)
_STYLES = 65_536
# decimals of the formats without a code of their own that round; exponents and fractions are let be
_BUILT_IN = {b"1": 0, b"2": 2, b"3": 0, b"4": 2, b"37": 0, b"38": 0, b"39": 2, b"40": 2, b"41": 0, b"42": 0, b"43": 2,
             b"44": 2, b"11": -1, b"12": -1, b"13": -1, b"48": -1}  # fmt: skip
# how a font in a light colour may be told: by its figure, as paper of the theme, of the palette
_LIGHT = re.compile(rb'<(?:\w{1,9}:)?color [^<>]{0,80}?(?:rgb="|theme="0"|indexed="(?:1|9|65)")')
# what of a format's code is no sign: literal texts, characters after "\", "_" and "*", colours, currencies, conditions
_LITERAL = re.compile(r'"[^"]*"?|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_QUOTES = re.compile(r'"[^"]*"|[\\!_*].|"', re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATED = re.compile(r"[dmhys]|a(?:m/p|/p)", re.IGNORECASE)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a sheet's days have no time zone
_FIRST_MARCH_1900 = 60  # before it a day is missing: Excel takes 1900 for a leap year
_SINCE_1904 = 1_462  # days from the one epoch to the other
_LARGEST = 1e15
_SIZE = re.compile(r"\d{1,4}(?:\.\d{0,9})?")
_DAYS = 2_958_466  # up to the end of the year 9999
_MILLISECONDS = 86_400_000


class NumberFormat(Enum):
    """How a number is shown that is not shown as it is."""

    PERCENT = "percent"
    DATE = "date"
    DURATION = "duration"
    STRUCK = "struck"  # crossed out: seen, and not meant (of Excel 5–2003, where styles tell it with the formats)


@dataclass(frozen=True, slots=True)
class CellStyle:
    """A cell style of Excel 5–2003, binary or XML: its look, how many decimals it shows, whether it prints in white.

    ``decimals`` as :func:`archive.documents.workbook.text.rounded` takes it.
    """

    look: NumberFormat | Pattern | None = None
    decimals: int | None = None
    white: bool = False


PLAIN = CellStyle()  #: a number as it is


_EXPONENTS = {"11": "0.00E+00", "48": "##0.0E+0"}  # codes of formats that have none of their own


def mutes(look: NumberFormat | Pattern | None) -> bool:
    """Whether texts under a format are not seen."""
    return isinstance(look, Pattern) and look.mute


@lru_cache(maxsize=512)
def of_format(code: str | None, name: str = "") -> CellStyle:
    """The style of a format's code; of one that has a number (``name``) but no code of its own where that is None."""
    if code is None:
        style = CellStyle(built_in(name), _BUILT_IN.get(name.encode()))
    else:
        look = of_code(code)
        style = CellStyle(look, decimals(code) if code else None, white=mutes(look))
    return PLAIN if style == PLAIN else style


def special(content: bytes) -> bool:
    """Whether a styles part may hold formats that show a number as something else."""
    return b"formatCode" in content or not _PLAIN.issuperset(_USED.findall(content))


def looks(styles: etree._Element) -> dict[str, NumberFormat | Pattern]:
    """The cell styles, by number as text, that show a number as something else."""
    codes = {e.get("numFmtId"): e.get("formatCode") or "" for e in styles.iter("{*}numFmt")}
    used = styles.find("{*}cellXfs")
    found: dict[str, NumberFormat | Pattern] = {}
    for number, style in enumerate(used.iterchildren("{*}xf") if used is not None else ()):
        name = style.get("numFmtId") or ""
        if look := of_code(codes[name]) if name in codes else built_in(name):
            found[str(number)] = look
    return found


class Decimals(dict[str, int | None]):
    """How many decimals each cell style shows, as :func:`archive.documents.workbook.text.rounded` takes it.

    ``content``: the part of the styles, looked through when first asked for: most workbooks hold whole numbers.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    def __missing__(self, style: str) -> int | None:
        if not self:
            self.update(self._read())
        self.setdefault(style, None)
        return self[style]

    def _read(self) -> dict[str, int | None]:
        codes = {
            code["id"]: unescape(code["code"].decode("utf-8", "replace")) for code in _CODE.finditer(self._content)
        }
        begin = self._content.find(b"cellXfs")
        used = self._content[begin : self._content.find(b"cellXfs>", begin + 8)] if begin >= 0 else b""
        names = [match[1] for match in map(_USED.search, used.split(b"xf ")[1:]) if match]
        return {
            str(number): decimals(codes[name]) if name in codes else _BUILT_IN.get(name)
            for number, name in enumerate(names[:_STYLES])
        }


def struck(styles: etree._Element) -> frozenset[str]:
    """The cell styles, by number as text, whose font is crossed out."""
    fonts = styles.find("{*}fonts")
    crossed = {str(at) for at, font in enumerate(fonts if fonts is not None else ()) if strikes(font)}
    used = styles.find("{*}cellXfs") if crossed else None
    return frozenset(
        str(number)
        for number, style in enumerate(used.iterchildren("{*}xf") if used is not None else ())
        if style.get("fontId") in crossed
    )


def whitens(content: bytes) -> bool:
    """Whether a styles part may hold a font in white, or nearly so."""
    return _LIGHT.search(content) is not None


def whites(styles: etree._Element) -> frozenset[str]:
    """The cell styles, by number as text, that print in white on no ground, or on a white one."""
    fonts, fills, used = (styles.find(f"{{*}}{name}") for name in ("fonts", "fills", "cellXfs"))
    white = {str(at) for at, font in enumerate(fonts if fonts is not None else ()) if _is_white(font.find("{*}color"))}
    if not white or used is None:
        return frozenset()
    grounds = {str(at) for at, fill in enumerate(fills if fills is not None else ()) if _is_ground(fill)}
    return frozenset(
        str(number)
        for number, style in enumerate(used.iterchildren("{*}xf"))
        if style.get("fontId") in white and style.get("fillId") not in grounds
    )


def white_rules(styles: etree._Element) -> frozenset[str]:
    """The formats of conditional rules (dxf), by number as text, that print in white, on no ground of their own."""
    found = styles.find("{*}dxfs")
    return frozenset(
        str(number)
        for number, style in enumerate(found.iterchildren("{*}dxf") if found is not None else ())
        if _is_white(style.find("{*}font/{*}color")) and style.find("{*}fill") is None
    )


def _is_white(colour: etree._Element | None) -> bool:
    """Whether a colour is white or nearly so: by its figure, of the palette, or the theme's first, that of paper."""
    if colour is None or colour.get("tint", "0").strip("-0."):
        return False
    named = from_hex(colour.get("rgb", ""))
    if named is not None:
        return is_faint(named)
    return colour.get("theme") == "0" or colour.get("indexed") in {"1", "9", "65"}


def _is_ground(fill: etree._Element) -> bool:
    """Whether a fill is one that white print is seen on."""
    pattern = fill.find("{*}patternFill")
    if pattern is None:
        return len(fill) > 0  # a gradient
    kind = pattern.get("patternType", "none")
    return kind != "none" and not (kind == "solid" and _is_white(pattern.find("{*}fgColor")))


def strikes(font: etree._Element) -> bool:
    """Whether a font or the properties of a run cross out their text."""
    strike = font.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in {"0", "false"}


def as_run(text: str, properties: etree._Element) -> Run:
    """A text as the properties of its run print it."""
    size = properties.find("{*}sz")
    tiny = size is not None and _SIZE.fullmatch(size.get("val", "")) and is_tiny(float(size.get("val", "")))
    faint = Visibility.FAINT if _is_white(properties.find("{*}color")) else Visibility.SHOWN
    aligned = properties.find("{*}vertAlign")
    noted = aligned is not None and aligned.get("val") in ("superscript", "subscript")
    raised = Raised.NOTE if noted else Raised.NOT
    return Run(text, Visibility.TINY if tiny else faint, strikes(properties), raised)


def built_in(name: str) -> NumberFormat | Pattern | None:
    """The look of a format that has a number but no code of its own (ECMA-376, 18.8.30)."""
    if name in _EXPONENTS:
        return pattern(_EXPONENTS[name])
    if name in {"9", "10"}:
        return NumberFormat.PERCENT
    if name == "46":
        return NumberFormat.DURATION
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 4 else 0
    return NumberFormat.DATE if 14 <= number <= 22 or number in {45, 47} else None


def of_code(code: str) -> NumberFormat | Pattern | None:
    """The look of a format's code by its first section, for positive numbers; a percent sign counts anywhere."""
    if code.count('"') % 2 and '"' in _QUOTES.findall(code):
        return None  # a literal text without an end: no program writes it, and what it shows nobody knows
    first = _LITERAL.sub("", code).partition(";")[0]
    if _ELAPSED.search(first):
        return NumberFormat.DURATION
    if _DATED.search(first):
        return NumberFormat.DATE
    return NumberFormat.PERCENT if "%" in code else pattern(code)


def formatted(number: float, look: NumberFormat | Pattern | None, *, since_1904: bool) -> str:
    """What a number shows under its format; one with more digits than a spreadsheet keeps, or none, shows as it is."""
    if look is None or look is NumberFormat.PERCENT:
        return shown(number, look is not None)
    if not abs(number) < _LARGEST:
        return shown(number)
    if isinstance(look, Pattern):
        return look.show(number)
    return shown(dated(number, look, since_1904=since_1904))


def dated(number: float, look: NumberFormat, *, since_1904: bool) -> Value:
    """A serial number of days → date, time or duration; the number itself where there is no such day."""
    if look is NumberFormat.DURATION:
        return timedelta(milliseconds=round(number * _MILLISECONDS)) if abs(number) < _DAYS else number
    day = number + _SINCE_1904 if since_1904 else number
    if not 0 <= day < _DAYS:
        return number
    if day < _FIRST_MARCH_1900:
        day += 1
    moment = _EPOCH + timedelta(milliseconds=round(day * _MILLISECONDS))
    if number < 1:
        return moment.time()
    return moment.date() if number == int(number) else moment
