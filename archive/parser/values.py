"""The text of a cell → its exact value. What is no number is kept as printed and doubted, never repaired."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from archive.parser.labels import fold_widths
from storage.records import CellState

VALUE_MAX_CHARS = 60

_MARKS = frozenset({"/", "//", "\\", "无", "無", "无此项", "无数据", "暂无", "*", "×", "不涉及", "~"})
_ZERO_LETTERS = frozenset({"O", "o", "〇"})  # how a 0 is recognised from pictures, or typed
_DASHES = re.compile(r"[-_—–―−─━‐‑‒]{1,8}")
_NUMBER = re.compile(
    r"(?P<sign>增加|新增|减少|[+增减↑↓-])?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:\.\d{1,12})?)"
    r"(?P<unit>亿元|万元|元|万|亿|件次|人次|项次|[件条项个宗次份人起部例家册批])?(?P<rest>[。;；]?|[(].{0,50}[)])"
)
_TWO_NUMBERS = re.compile(r"\d\s+\d")
_NEGATIVE_SIGNS = frozenset({"-", "减", "减少", "↓"})
_TO_YUAN = {
    "元": Decimal(1),
    "万元": Decimal(10_000),
    "万": Decimal(10_000),
    "亿元": Decimal(10**8),
    "亿": Decimal(10**8),
}
_AMOUNT_KINDS = frozenset({"amount", "open_amount"})


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell says: ``value`` is None for a blank, a mark, and a text that is no number; ``flags`` are doubts."""

    value: Decimal | None
    state: CellState
    flags: tuple[str, ...] = ()


def is_value(text: str) -> bool:
    """Whether a text could be the value of a cell: blank, a mark, or a number with at most a unit and a remark."""
    plain = fold_widths(text)
    return (
        not plain
        or plain in _MARKS
        or plain in _ZERO_LETTERS
        or _DASHES.fullmatch(plain) is not None
        or _match_number(text, plain) is not None
    )


def is_number(text: str) -> bool:
    """Whether a text is a number, perhaps with a unit and a remark."""
    return _match_number(text, fold_widths(text)) is not None


def read_value(text: str, kind: str, unit: str, printed_unit: str = "") -> Value:
    """Read a cell. ``kind`` and ``unit`` are the indicator's, ``printed_unit`` is what the column's header prints."""
    plain = fold_widths(text)
    if not plain:
        return Value(None, CellState.BLANK)
    if plain in _MARKS or _DASHES.fullmatch(plain):
        return Value(None, CellState.MARK, ("mark",))
    if plain in _ZERO_LETTERS:
        return Value(Decimal(0), CellState.PRINTED, ("repaired",))
    match = _match_number(text, plain)
    if match is None:
        return Value(None, CellState.PRINTED, ("not_a_number",))
    number = Decimal(match["digits"].replace(",", ""))
    if match["sign"] in _NEGATIVE_SIGNS:
        number = -number
    if kind in _AMOUNT_KINDS:
        return _read_amount(number, match["unit"] or printed_unit, unit, kind)
    if number != number.to_integral_value() or match["unit"] in _TO_YUAN:
        return Value(None, CellState.PRINTED, ("not_integer",))
    return Value(number, CellState.PRINTED, _count_flags(match, kind))


def _match_number(text: str, plain: str) -> re.Match[str] | None:
    """Match a number in a text as printed and as folded; two runs of digits with a blank between them are none."""
    if len(text) > VALUE_MAX_CHARS or _TWO_NUMBERS.search(text):
        return None
    return _NUMBER.fullmatch(plain)


def _count_flags(match: re.Match[str], kind: str) -> tuple[str, ...]:
    flags = ("remark",) if match["rest"].startswith("(") else ()
    if match["sign"] and kind != "signed_count":
        return (*flags, "negative" if match["sign"] in _NEGATIVE_SIGNS else "signed")
    return flags


def _read_amount(number: Decimal, printed_unit: str, unit: str, kind: str) -> Value:
    """Convert an amount of money into the form's unit; an open amount without a unit is kept as printed and flagged."""
    if printed_unit not in _TO_YUAN:
        missing = kind == "open_amount" and number != 0
        return Value(number, CellState.PRINTED, ("unit_missing",) if missing else ())
    amount = number * _TO_YUAN[printed_unit] / _TO_YUAN[unit]
    is_other = kind == "amount" and printed_unit[0] != unit[0]  # the form prints this unit itself
    return Value(amount.normalize() + 0, CellState.PRINTED, ("unit_converted",) if is_other else ())
