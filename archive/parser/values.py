"""Read the text of a cell as an exact value. A text that is no number is flagged and kept, never repaired."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from archive.forms.labels import fold_widths
from archive.forms.model import MONEY_UNIT
from storage.records import CellState

VALUE_MAX_CHARS = 60

_MARKS = frozenset({"/", "//", "\\", "无", "無", "无此项", "无数据", "暂无", "*", "×", "不涉及", "~"})
_ZERO_LETTERS = frozenset({"O", "o", "〇"})  # what OCR reads, or people type, for a 0
_DASHES = re.compile(r"[-_—–―−─━‐‑‒]{1,8}")
_NUMBER = re.compile(
    r"(?P<sign>增加|新增|减少|[+增减↑↓-])?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:\.\d{1,12})?)"
    rf"(?P<unit>{MONEY_UNIT}|万|亿|件次|人次|项次|[件条项个宗次份人起部例家册批篇])?(?P<rest>[。;；]?|[(].{{0,50}}[)])"
)
_NOT_ONE_NUMBER = re.compile(r"\d\s+\d|[²³¹⁰-₉①-⑳㉑-㊿]")  # two numbers; or a note's mark, which NFKC makes a digit
_NEGATIVE_SIGNS = frozenset({"-", "减", "减少", "↓"})
_TO_YUAN = {"元": 1, "万元": 10_000, "万": 10_000, "亿元": 10**8, "亿": 10**8}
_AMOUNT_KINDS = frozenset({"amount", "open_amount"})


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a cell. ``value``: None for a blank, a mark, and a text that is no number; ``flags``: doubts."""

    value: Decimal | None
    state: CellState
    flags: tuple[str, ...] = ()


_BLANK = Value(None, CellState.BLANK)
_MARK = Value(None, CellState.MARK, ("mark",))
_ZERO_LETTER = Value(Decimal(0), CellState.PRINTED, ("repaired",))
_NO_VALUE = Value(None, CellState.PRINTED, ("not_a_number",))


def is_value(text: str) -> bool:
    """True if a text can be the value of a cell: blank, a mark, or a number with at most a unit and a remark."""
    return _match_value(text) is not _NO_VALUE


def is_number(text: str) -> bool:
    """True if a text is a number, perhaps with a unit and a remark."""
    return isinstance(_match_value(text), re.Match)


@lru_cache(maxsize=4_096)  # most cells have one of a few texts
def read_value(text: str, kind: str, unit: str, printed_unit: str = "") -> Value:
    """Read a cell; a value of None has a state or flag that says why. ``kind``, ``unit``: those of the indicator;
    ``printed_unit``: the unit in the column's header, or "".
    """
    match = _match_value(text)
    if isinstance(match, Value):
        return match
    number = Decimal(match["digits"].replace(",", ""))
    if match["sign"] in _NEGATIVE_SIGNS:
        number = -number
    if kind in _AMOUNT_KINDS:
        return _read_amount(number, match["unit"] or printed_unit, unit, kind)
    if number != number.to_integral_value() or match["unit"] in _TO_YUAN:
        return Value(None, CellState.PRINTED, ("not_integer",))
    return Value(number, CellState.PRINTED, _count_flags(match, kind))


@lru_cache(maxsize=4_096)
def _match_value(text: str) -> Value | re.Match[str]:
    """Return the match of a number (sign, digits, unit, rest), or the Value of a text that is no number."""
    plain = fold_widths(text)
    is_number = len(text) <= VALUE_MAX_CHARS and not _NOT_ONE_NUMBER.search(text)
    if is_number and (number := _NUMBER.fullmatch(plain)):
        return number
    if not plain:
        return _BLANK
    if plain in _MARKS or _DASHES.fullmatch(plain):
        return _MARK
    return _ZERO_LETTER if plain in _ZERO_LETTERS else _NO_VALUE


def _count_flags(match: re.Match[str], kind: str) -> tuple[str, ...]:
    """Return the flags of a count: for a remark in brackets, and for a sign where the form expects none."""
    flags = ("remark",) if match["rest"].startswith("(") else ()
    if match["sign"] and kind != "signed_count":
        return (*flags, "negative" if match["sign"] in _NEGATIVE_SIGNS else "signed")
    return flags


def _read_amount(number: Decimal, printed_unit: str, unit: str, kind: str) -> Value:
    """Convert an amount of money to the form's ``unit``; flag an ``open_amount`` without unit, as printed."""
    if printed_unit not in _TO_YUAN:
        missing = kind == "open_amount" and number != 0
        return Value(number, CellState.PRINTED, ("unit_missing",) if missing else ())
    amount = number * _TO_YUAN[printed_unit] / _TO_YUAN[unit]
    is_other = kind == "amount" and printed_unit[0] != unit[0]  # the form prints ``unit``, so another unit is flagged
    return Value(amount.normalize() + 0, CellState.PRINTED, ("unit_converted",) if is_other else ())
