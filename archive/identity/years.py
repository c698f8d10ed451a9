"""Find years and dates in titles. A title prints the reporting year; the report is published in the year after it.

A year with a month ("2024-01-29", "二〇二四年一月") is a date, never a reporting year.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from archive.identity.text import pattern
from storage.records import SHANGHAI

#: Reports exist since 2004 (Shanghai); the law requires them since 2008.
FIRST_YEAR, LAST_YEAR = 2003, 2099
MAX_DATE_CHARS = 200  #: characters of a text that are searched for a date
DAY = pattern("day").pattern  #: the pattern of a date in any text, perhaps with blanks in it
_AS_FIGURES = str.maketrans("〇○零一二三四五六七八九oO－／．", "00012345678900-/.")


@lru_cache(maxsize=4096)
def mark_years(text: str) -> tuple[str, tuple[int, ...]]:
    """Return a squeezed title with ``#`` for each year and without dates, and its distinct years in printed order."""
    years: list[int] = []

    def mark(match: re.Match[str]) -> str:
        year = int(match["year"].translate(_AS_FIGURES))
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return match[0]
        years.append(year)
        return "#"

    undated = pattern("date_in_title").sub("", pattern("zero_as_letter").sub("0", text.replace("#", "")))
    marked = pattern("year_in_title").sub(mark, undated)
    return marked, tuple(dict.fromkeys(years))


def could_exist(year: int, shown_at: datetime) -> bool:
    """True if a report on ``year`` could be online at ``shown_at`` (aware): not before 1 January of the next year."""
    return shown_at >= datetime(year + 1, 1, 1, tzinfo=SHANGHAI)


def is_ahead(year: int, at: datetime) -> bool:
    """True if ``at`` (aware) is too early for any report on ``year``: before December of it, when some are signed."""
    return at < datetime(year, 12, 1, tzinfo=SHANGHAI)


@lru_cache(maxsize=1024)
def parse_date(text: str | None) -> date | None:
    """Read the first full date (2024-01-29, [2024年1月9日], 20240129, 二〇二四年一月九日) of a short text, or None."""
    start = (text or "")[:MAX_DATE_CHARS]
    # 十二 becomes 一二, and 二十 becomes 二零
    tens = re.sub("([一二三]?)十([一-九]?)", lambda ten: f"{ten[1] or '一'}{ten[2] or '零'}", start)
    short = re.sub(r"\s*([-/.年月])\s*", r"\1", tens.translate(_AS_FIGURES))
    for match in pattern("full_date").finditer(short):
        try:
            return date(*(int(group) for group in match.groups() if group))
        except ValueError:
            continue
    return None
