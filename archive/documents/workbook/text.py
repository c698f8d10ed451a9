"""A stored value as it is shown."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

Value = int | float | str | bool | time | date | datetime | timedelta

_WIDE = 11  # characters of a number in a cell without a format: its digits and the point
_LARGEST = 1e15  # from here on digits are lost
_SAME = 1e-9  # of a number: what is less is how computers reckon
# a number among words, as formats put them; no share, date or time
_WORDED = re.compile(r"[^\d%:/.]{0,255}?(-?[0-9]{1,40}(?:\.[0-9]{1,40})?)[^\d%:/.-]{0,255}")
_DIGITS = 15  # significant digits that a spreadsheet keeps and shows


def shown(value: Value, percent: bool = False) -> str:
    """Text of a cell: whole numbers without a point, others with the digits they have, dates as 2024-01-31."""
    if type(value) is float:  # nearly all that is no text
        return f"{_plain(value * 100)}%" if percent else _plain(value)
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return f"{_plain(value * 100)}%" if percent else _plain(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _plain(value: float) -> str:
    if -1e15 < value < 1e15 and value == (whole := int(value)):
        return str(whole)
    text = f"{value:.{_DIGITS}g}"
    return f"{Decimal(text):f}" if "e" in text else text


def rounded(value: float, decimals: int | None) -> str:
    """A number with ``decimals``, as its format shows it (-1: any); without a format (None) in a cell's 11 characters.

    Where that leaves the number as it is, it is told with the digits it has.
    """
    if not abs(value) < _LARGEST:
        return shown(value)
    if decimals is None and abs(value) < _SAME:
        return "0"  # shown as 1E-12, and what is left of sums that come to nothing
    whole = len(str(int(abs(value))))
    places = _WIDE - 1 - whole if decimals is None else decimals
    if not 0 <= places <= _DIGITS or (decimals is None and 0 < abs(value) < 10**-places):
        return shown(value)
    text = f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    if float(text) == value:
        return shown(value)
    if float(text) == 0:
        text = text.lstrip("-")
    return text.rstrip("0").rstrip(".") if decimals is None and "." in text else text


def differs(text: str, kept: str) -> bool:
    """Whether a cell shows another number than it keeps, by more than computers reckon amiss."""
    try:
        held = float(kept)
    except ValueError:
        return False  # it keeps none
    try:
        seen = float(text)
    except ValueError:
        found = _WORDED.fullmatch(text)
        if found is None:
            return False  # a date, a share, words alone
        seen = float(found[1])
    return abs(seen - held) > _SAME * max(1.0, abs(held))
