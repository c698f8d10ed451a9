"""Read the headers of the statistical table: what each column holds, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from archive.forms.loader import old_form
from archive.forms.spelling import counts_lines, key, simplify
from archive.parser.values import is_dashes, is_number, squeeze

LABEL, UNIT, YEAR, CUMULATIVE, OTHER, LINE = "label", "unit", "year", "cumulative", "other", "line"
FIGURES = (YEAR, CUMULATIVE)  #: columns whose figures are taken
_LONGEST = 40  # characters; a longer text is no header
_DATED = "{year}"
_IN_BRACKETS = re.compile(r"[(\[](?:单位[:,]?)?([\u4e00-\u9fff]{1,3})[)\]]")
_STATED_UNIT = re.compile(r"[(\[](?:计量)?单位[:,]?([^()\[\]]{1,20})[)\]]")
_ABOVE = re.compile(r"[(\[]?(?:计量)?单位[:,]([\u4e00-\u9fff、,/]{1,12})[)\]]?")
_BETWEEN = re.compile(r"[、,/和或及]")
_NOTHING = frozenset({"", "/", "无"})


@lru_cache(maxsize=1024)
def column_kind(text: str, year: int | None) -> str | None:
    """What a column with this header holds; None for a header that nobody knows. ``year``: the year of the report."""
    if len(text) > _LONGEST:
        return None
    name = key(text)
    if not name:
        return None
    if (kind := _column_kinds().get(name)) is not None:
        return kind
    for pattern in _year_headers():
        if match := pattern.fullmatch(name):
            return YEAR if year == int(match[1]) else OTHER
    return LINE if counts_lines(text) else None


@cache
def _column_kinds() -> Mapping[str, str]:
    """Key of a header → what its column is."""
    return {
        key(header): kind for kind, headers in old_form().column.items() for header in headers if _DATED not in header
    }


@cache
def _year_headers() -> tuple[re.Pattern[str], ...]:
    """Headers that name the year they are of."""
    headers = (header for header in old_form().column[YEAR] if _DATED in header)
    return tuple(re.compile(re.escape(header).replace(re.escape(_DATED), r"(20\d\d)")) for header in headers)


@cache
def known_units() -> frozenset[str]:
    """Every unit that a row of the form may have, and those met for none of them."""
    return frozenset(unit for row in old_form().rows for unit in (row.unit, *row.units) if unit) | {"元", "亿元", "份"}


@lru_cache(maxsize=1024)
def unit_in(text: str) -> str:
    """The unit that a label or header prints in brackets (（万元）), "" for none."""
    found = [unit for unit in _IN_BRACKETS.findall(simplify(text[:120])) if unit in known_units()]
    return found[-1] if found else ""


@lru_cache(maxsize=1024)
def unit_of_column(text: str) -> str:
    """The unit that the header of a column prints, known or not (百 of 统计数（单位：百）); "" for none, and for a list
    of units that are all known (条、件、次).
    """
    if len(text) > _LONGEST or not (known := simplify(text)).endswith((")", "]")):
        return ""
    if unit := unit_in(text):
        return unit
    match = _STATED_UNIT.search(known)
    inner = match[1] if match else known.removesuffix(")").removesuffix("]").replace("[", "(").rpartition("(")[2]
    parts = [part for part in _BETWEEN.split(inner) if part]
    return inner if (match or _scaled(inner)) and not known_units().issuperset(parts) else ""


def unit_above(text: str) -> str:
    """The multiple that a line above a table says its figures are counted in (单位：百件); "" for none."""
    match = _ABOVE.fullmatch(simplify(text))
    return match[1] if match is not None and _scaled(match[1]) and match[1] not in known_units() else ""


def _scaled(unit: str) -> bool:
    return unit.strip("十百千万亿") in ("", "元", *known_units()) and unit[:1] in tuple("十百千万亿")


@lru_cache(maxsize=1024)
def without_unit(text: str) -> str:
    """A figure without the unit that is printed behind it, where that is one of this table alone (21篇)."""
    if is_number(text):
        return text
    plain = squeeze(text)
    unit = max((unit for unit in known_units() if plain.endswith(unit)), key=len, default="")
    cut = plain.removesuffix(unit)
    return cut if unit and is_number(cut) else text


def unit_of(text: str) -> str:
    """Return the unit that a cell of the column of units names; "" for none."""
    plain = squeeze(text)
    return "" if plain in _NOTHING or is_dashes(plain) else plain
