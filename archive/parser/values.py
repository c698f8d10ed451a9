"""Read the exact value of a printed cell's text.

What counts as blank, mark, number, and what is doubted (docs/reading.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from archive.documents.bounded_cache import Remembered
from archive.forms import money
from archive.forms.spelling import widths
from storage.records import CellState

STAIN = "\ufffc\ufffc"  #: in a recognised cell of figures: ink that is no character
DASH_AS_MINUS = "minus_drawn"  #: flag: a dash, or two, stands where a minus is meant (—253, --253)
_LONGEST = 200  #: characters; a longer text is no value
_MOST = 4_096  #: texts of cells remembered, for each kind of place
_THOUSANDS = 3  # digits behind a point that may part thousands
_PLAIN = 18  #: digits; a longer run of them is no figure
_MARKS = frozenset(
    {
        "/",
        "//",
        "\\",
        "|",
        "无",
        "無",
        "无此项",
        "无数据",
        "暂无",
        "*",
        "×",
        "不涉及",
        "~",
    }
)
_LINE = re.compile("[-_\u2010-\u2015\u2212\u2500\u2501]{1,8}")  # dashes of any length, and what is drawn for them
_SPACES = re.compile(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_DASHES = str.maketrans({"−": "-", "－": "-", "﹣": "-", "＋": "+", "，": ",", "﹐": ","})
_SIGNS = {"+": 1, "-": -1, "增": 1, "增加": 1, "新增": 1, "↑": 1, "减": -1, "减少": -1, "↓": -1, "減": -1, "減少": -1}
_NUMBER = re.compile(
    r"(?P<sign>增加|新增|减少|減少|[+增减減↑↓]|[-\u2010-\u2015\u2500\u2501]{1,2})?(?P<money>[¥￥]|人民[币幣])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,18}(?:\.\d{1,12})?)(?P<exponent>[eE]\+?\d{1,2})?"
    rf"(?P<unit>[件条项條項個个宗次份人起部例家册批笔]|[人批项]次|{money.UNIT}|[万亿萬億])?"
    r"(?P<rest>[.。,;；、]?|[*※]{1,3}|[(\[〔【].{0,120})$"
)
_WORDS = {"零": 0, "〇": 0}
#: what stands for 0 where a change is counted (本年增/减), and for no figure elsewhere
_UNCHANGED = frozenset(
    {"未增未减", "不增不减", "无增减", "无增无减", "无变化", "没有变化", "未变化", "未变", "不变", "持平"}
)
_SHORT = {"万": "万元", "萬": "万元", "亿": "亿元", "億": "亿元"}  # of money, behind its figure
_AMOUNT = re.compile(r"\d[\d,]{0,30}(?:\.\d{1,30})?")
_MONEY_UNIT = re.compile(money.UNIT)
_IN_BRACKETS = re.compile(rf"\(({money.UNIT})\)")  # 86.35(万元)
_MULTIPLES = frozenset("十百千万亿萬億")
_COUNTED = re.compile(r"(?:单位[:：]?|單位[:：]?|[(（])([十百千万亿萬億])[件个個条條项項宗]")
_BRACKET = re.compile(r"[(\[〔【（［]")  # with it a remark begins
_SPLIT = re.compile(r"\d\s+\d")
_STRAY = re.compile(r"\s*\?[^\S\n]+(?=\d)")  # what conversions make of a blank that does not break, and a blank
_WITHIN = re.compile(r"[\]］][,.]?\d")  # a digit behind a note's mark: 1[3]8 is neither 1 nor 18
AMOUNTS = frozenset(
    {"amount", "open_amount"}
)  #: kinds of places that hold money; ``open``: the form leaves its unit open


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell says. ``value`` None for blank, mark and text that is no number (its ``state`` is then printed).

    ``flags``: ``mark remark unit_missing unit_converted not_integer not_a_number signed negative scientific spaced
    word minus_drawn repaired``.
    """

    value: Decimal | None
    state: CellState
    flags: tuple[str, ...] = ()


BLANK = Value(None, CellState.BLANK)
_NO_NUMBER = Value(None, CellState.PRINTED, ("not_a_number",))


def is_plain(text: str) -> bool:
    """Whether a text is nothing but Western digits, few enough for a figure: what most cells are."""
    return text.isdigit() and text.isascii() and len(text) <= _PLAIN


def looks_like_value(text: str) -> bool:
    """Whether a cell could hold a figure: blank, a mark, or a number with at most a unit and a remark."""
    return not text or is_plain(text) or (len(text) <= _LONGEST and _text_sort(text) != "text")


def is_number(text: str) -> bool:
    """Whether a cell holds a number (perhaps with a unit or remark)."""
    return is_plain(text) or (len(text) <= _LONGEST and _text_sort(text) == "number")


@lru_cache(maxsize=16384)
def _text_sort(text: str) -> Literal["blank", "mark", "number", "text"]:
    """Of which sort a short text is."""
    plain = squeeze(_without_stray_mark(text))
    if not plain:
        return "blank"
    if plain in _WORDS or _NUMBER.match(plain) is not None:
        return "number"
    return "mark" if _is_mark(plain) or plain == STAIN or plain in _UNCHANGED else "text"


def _is_mark(plain: str) -> bool:
    """Whether a squeezed text stands for nothing: a word or sign that says so (its full stop aside), or dashes."""
    return plain in _MARKS or is_dashes(plain) or plain.rstrip(".。") in _MARKS


def is_dashes(text: str) -> bool:
    """Whether a text is a dash of any kind, or several."""
    return _LINE.fullmatch(text) is not None


def squeeze(text: str) -> str:
    """Widths folded and every blank taken out; "…" for a text too long to be a value."""
    if len(text) > _LONGEST:
        return "…"
    return _SPACES.sub("", widths(text).translate(_DASHES))


def _without_stray_mark(text: str) -> str:
    """A text without the sign of a character that could not be converted, where a blank is between it and a figure."""
    return _STRAY.sub("", text, count=1) if "?" in text and _STRAY.match(text) else text


# Signs of a footnote (26² must not be read as 262), and the one that turns what follows: it shows 698 as 896.
_NOTE = re.compile("[\u202e\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")


def read_value(text: str, kind: str = "count", unit: str = "件", header_unit: str = "") -> Value:
    """Read a cell of a place of this ``kind`` kept in ``unit``.

    ``header_unit`` is the money unit its header prints, or the multiple in which it counts (万), or "".
    """
    return values_of(kind, unit, header_unit)[text]


@lru_cache(maxsize=256)  # places of the forms are of three kinds, and headers print a dozen units
def values_of(kind: str, unit: str, header_unit: str = "") -> Mapping[str, Value]:
    """Text → value, for the cells of places of one kind: see :func:`read_value`."""
    return Remembered(
        lambda text: _read_value(text, kind, unit, header_unit) if len(text) <= _LONGEST else _NO_NUMBER,
        longest=_LONGEST,
        most=_MOST,
    )


def _read_value(text: str, kind: str, unit: str, header_unit: str) -> Value:
    if kind not in AMOUNTS and is_plain(text) and header_unit not in _MULTIPLES:
        return Value(Decimal(text), CellState.PRINTED)
    plain = squeeze(_without_stray_mark(text))
    if not plain:
        return BLANK
    if _is_mark(plain):
        return Value(None, CellState.MARK, ("mark",))
    if plain in _UNCHANGED and kind == "signed_count":
        return Value(Decimal(0), CellState.PRINTED, ("word",))
    if plain in _WORDS:
        return Value(Decimal(_WORDS[plain]), CellState.PRINTED, ("word",))
    match = _NUMBER.match(plain)
    number = _decimal(match) if match else None
    if (
        match is None
        or number is None
        or (not text.isascii() and _has_footnote_mark(text))
        or _WITHIN.search(match["rest"])
    ):
        return _NO_NUMBER
    if _is_dash_as_minus(match) and kind != "signed_count":
        return _NO_NUMBER
    flags = _flags(text, match, kind)
    bracketed = _IN_BRACKETS.match(match["rest"])
    printed_unit = match["unit"] or (bracketed[1] if bracketed else "")
    if kind in AMOUNTS:
        number, extra = _money(number, printed_unit, header_unit, unit, kind)
        return Value(number, CellState.PRINTED, flags + extra)
    paid = match["money"] or printed_unit in money.WORTH or printed_unit in _SHORT
    if paid or (header_unit in _MULTIPLES and number != 0):
        return Value(None, CellState.PRINTED, (*flags, "not_a_number"))
    if number != number.to_integral_value():
        return Value(None, CellState.PRINTED, (*flags, "not_integer"))
    if not match["exponent"] and len(match["digits"].partition(".")[2]) == _THOUSANDS:
        flags = (*flags, "not_integer")  # 12.000 may be twelve thousand; 12.0, as spreadsheets paste it, is twelve
    return Value(number.quantize(Decimal(1)), CellState.PRINTED, flags)


def _has_footnote_mark(text: str) -> bool:
    """Whether a mark of a note stands in a figure or behind it, not in a remark; or something is shown turned."""
    return "\u202e" in text or _NOTE.search(_BRACKET.split(text, maxsplit=1)[0]) is not None


def _decimal(match: re.Match[str]) -> Decimal | None:
    try:
        number = Decimal(match["digits"].replace(",", "") + (match["exponent"] or ""))
    except InvalidOperation:
        return None
    if number.adjusted() > 18:
        return None
    return number * _SIGNS.get(match["sign"] or "+", -1)


def _is_dash_as_minus(match: re.Match[str]) -> bool:
    """Whether a dash, or two, stands before a figure where a minus is meant (—253, --253)."""
    return bool(match["sign"]) and match["sign"] not in _SIGNS


def _flags(text: str, match: re.Match[str], kind: str) -> tuple[str, ...]:
    flags = []
    if match["rest"] and match["rest"][0] in "([〔【*※":
        flags.append("remark")
    elif match["rest"] or _without_stray_mark(text) != text:
        flags.append("repaired")
    if _is_dash_as_minus(match):
        flags.append(DASH_AS_MINUS)
    elif match["sign"] and kind != "signed_count":
        flags.append("negative" if _SIGNS[match["sign"]] < 0 else "signed")
    if match["exponent"]:
        flags.append("scientific")
    if _SPLIT.search(text):
        flags.append("spaced")
    return tuple(flags)


def _money(number: Decimal, printed: str, header: str, unit: str, kind: str) -> tuple[Decimal, tuple[str, ...]]:
    """Amounts in the place's unit. A unit in the cell goes before that of the header, that before the form's."""
    source = next((said for said in (_SHORT.get(printed, printed), header) if said in money.WORTH), "")
    if not source:
        missing = kind == "open_amount" and number != 0
        return number, ("unit_missing",) if missing else ()
    amount = money.converted(number, source, unit)
    return amount, ("unit_converted",) if amount != number and kind == "amount" else ()


def printed_unit(raw: str, value: Decimal, unit: str) -> str:
    """The unit in which an amount was printed as ``raw`` that is ``value`` in another ``unit``; "" if unknown."""
    found = _AMOUNT.search(squeeze(raw))
    number = Decimal(found[0].replace(",", "")) if found else Decimal(0)
    return money.unit_worth(value * money.WORTH[unit] / number) if number else ""


@lru_cache(maxsize=1024)
def header_unit(text: str) -> str:
    """The money unit a column header prints (（万元） → 万元) or the multiple of its counts (（万件） → 万), or ""."""
    plain = squeeze(text)[-60:]
    match = _MONEY_UNIT.search(plain) or _COUNTED.search(plain)
    return match[match.lastindex or 0] if match else ""
