"""A stored value as it is shown."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

Value = int | float | str | bool | time | date | datetime | timedelta

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
