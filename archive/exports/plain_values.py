"""A value as JSON holds it, as one cell of text, and as a spreadsheet may safely open it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from archive.exports.safe_text import safe_text
from archive.queries.words import CHINA

# A spreadsheet runs a cell that begins with one of these as a formula; some take the full-width signs for the others.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def jsonable(value: object) -> object:
    """Dates in ISO form, instants in Asia/Shanghai, decimals as numbers that keep their digits, enums as text."""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(v) for v in value]
    return value


def cell_text(value: object) -> str:
    """A value as a person reads it: "" for None, instants to the minute in Asia/Shanghai."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (list, tuple)):
        return ", ".join(cell_text(v) for v in value)
    if isinstance(value, Mapping):
        return safe_text(json.dumps(jsonable(value), ensure_ascii=False))
    return safe_text(str(value))


def number(value: Decimal | None) -> str:
    """A number in plain digits without idle zeros; "" for None."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None) -> str:
    """A rate as a percentage to a tenth."""
    return "" if value is None else f"{value.scaleb(2):.1f}%"


def neutral(text: str) -> str:
    """``text`` for a spreadsheet: a leading formula sign is shown, not run. Plain numbers stay numbers."""
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except ArithmeticError:
        return False
    return text.strip() == text
