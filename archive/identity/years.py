"""Find years and dates in titles: the reporting year is printed; the year of publication is one later.

A year printed with its month ("2024-01-29", "2024年1月", "二〇二四年一月") is a date, never a reporting year.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from storage.records import SHANGHAI

#: Reports exist since 2004 (Shanghai); the duty since 2008 (条例 2007).
FIRST_YEAR, LAST_YEAR = 2003, 2099

_CN = "〇○零0一二三四五六七八九oO"
_DIGITS = str.maketrans("〇○零一二三四五六七八九oO", "00012345678900")
_PRINTED = rf"(?:(?:19|20)\d\d|二[〇○零][{_CN}]{{2}})"  # a year of a date
_COUNT = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"  # its month, its day
#: A day in any text, as a pattern's source: 2024-01-29, 2024年1月29日, 二〇二四年一月二十九日, with blanks between.
DAY = rf"{_PRINTED}\s*[-/.年]\s*{_COUNT}\s*[-/.月]\s*{_COUNT}\s*日?"
MONTH = rf"{_PRINTED}\s*[-/.年]\s*{_COUNT}\s*月"  #: the same of a month
_DATE = re.compile(
    rf"(?<!\d){_PRINTED}(?:[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])|年{_COUNT}月(?:{_COUNT}日)?)"
    r"(?:T?\d{1,2}:\d{2}(?::\d{2})?)?|(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:(?<!\d)\d{1,2}/\d{1,2}/(?:20)?\d\d,?)?(?<!\d)\d{1,2}:\d{2}(?::\d{2})?[APap][Mm]"
)
_WHOLE_YEAR = re.compile(r"(?<=年)[1一]月?(?:[1一]日)?[-—–~至到]{1,2}(?:12|十二)月(?:(?:31|三十一)日)?")
_SHORT_DATE = re.compile(r"[\[(]?(?<![\d-])(?:0[1-9]|1[0-2])[-/.](?:0[1-9]|[12]\d|3[01])[\])]?$")
_NUMBER = re.compile(r"[〔\[(](?:19|20)\d\d[〕\])]\d{1,4}号")
#: A year as printed, with what belongs to it ("年", "年度", a "度" whose 年 was forgotten; 度假区 is a body's own).
YEAR = re.compile(
    rf"(?<!\d)(?P<year>20\d\d(?!\d)|二[〇○零0oO][{_CN}]{{2}}(?=[年度]))(?P<unit>年度|年(?!报)|年(?=年报)|度(?![假量]))?"
)
#: A year of two figures, told by what follows: 24年政府信息公开工作年度报告.
_SHORT = re.compile(r"(?<![\d第])(?=[0-3]\d年度?(?:政府信息|政务信息|政务公开|信息公开))")
# letters that recognition and typing put for figures: 2O24年, 20l9年
_ALIKE = re.compile(r"(?<=\d)[OoОоΟο〇○](?=\d)|(?<=20)[lI丨](?=\d)")
_RANGE = re.compile(r"#(?:年度|年)?(?:[-—–~至到、和及]|--)+#")


@dataclass(frozen=True, slots=True)
class Years:
    """What years a title prints. ``marked``: the text with each year replaced by ``#`` and dates taken out.

    ``years``: distinct years in order of appearance; ``span``: they are printed as a range ("2023—2024年").
    """

    marked: str
    years: tuple[int, ...]
    span: bool


def _value(printed: str) -> int:
    return int(printed.translate(_DIGITS))


def without_dates(text: str) -> str:
    """Take dates and document numbers ("〔2021〕6号") out of a squeezed text."""
    text = _DATE.sub("", _WHOLE_YEAR.sub("", _NUMBER.sub("", text)))
    return _SHORT_DATE.sub("", text)


def mark_years(text: str) -> Years:
    """Find the years of a squeezed title."""
    plain = _ALIKE.sub(lambda letter: "1" if letter[0] in "lI丨" else "0", text.replace("#", ""))
    text = _SHORT.sub("20", without_dates(plain))
    found: list[int] = []

    def note(match: re.Match[str]) -> str:
        year = _value(match["year"])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return match[0]
        if year not in found:
            found.append(year)
        return "#"

    marked = YEAR.sub(note, text)
    return Years(marked, tuple(found), bool(_RANGE.search(marked)))


_UNHEARD = re.compile(r"(?<!\d)(?:1\d{3}|2[1-9]\d\d|20\d\d)(?=年)")


def unheard_of(title: str) -> int | None:
    """Give the year that a squeezed title prints although no report can be on it (1998年, 2204年), or None."""
    years = (int(found[0]) for found in _UNHEARD.finditer(title[:200]))
    return next((year for year in years if not FIRST_YEAR <= year <= LAST_YEAR), None)


def first_day_of_reports(year: int) -> datetime:
    """Give the instant from which a report for ``year`` can exist: 1 January of the next year, Asia/Shanghai."""
    return datetime(year + 1, 1, 1, tzinfo=SHANGHAI)


def could_exist(year: int, shown_at: datetime) -> bool:
    """Whether a report for ``year`` can have been shown at the (aware) instant."""
    return shown_at.astimezone(UTC) >= first_day_of_reports(year).astimezone(UTC)


def is_ahead(year: int, at: datetime) -> bool:
    """Whether no report on a year is made yet at the (aware) instant: some are signed in the December of their year."""
    return at < datetime(year, 12, 1, tzinfo=SHANGHAI)


_PARTED = re.compile(rf"(?<!\d)({_PRINTED})[-/.年\\]({_COUNT})[-/.月\\]({_COUNT})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_WIDE = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")


@lru_cache(maxsize=256)
def parse_date(text: str | None) -> date | None:
    """Read the first full date (2024-01-29, [2024年1月9日], 20240129, 二〇二四年一月九日) of a short text, or None."""
    short = (text or "")[:200].translate(_WIDE)
    for pattern in (_PARTED, _COMPACT):
        for match in pattern.finditer(re.sub(r"\s*([-/.年月])\s*", r"\1", short)):
            try:
                return date(_value(match[1]), _number_in_words(match[2]), _number_in_words(match[3]))
            except ValueError:
                continue
    return None


_MONTH = re.compile(rf"(?<!\d)({_PRINTED})年({_COUNT})月(?![\d一二三四五六七八九十])")


def parse_days(text: str | None) -> tuple[date, date] | None:
    """First and last day of the first full date of a short text, else of its first month (2024年1月)."""
    if day := parse_date(text):
        return day, day
    short = re.sub(r"\s+", "", (text or "")[:200].translate(_WIDE))
    for match in _MONTH.finditer(short):
        year, month = _value(match[1]), _number_in_words(match[2])
        if 1 <= month <= 12:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return None


def _number_in_words(printed: str) -> int:
    """A number up to 39 as printed: 12, 十二, 二十."""
    tens, ten, ones = printed.rpartition("十")
    return ((_value(tens) if tens else 1) * 10 if ten else 0) + (_value(ones) if ones else 0)
