"""Find years and dates in titles: the reporting year is printed; the year of publication is one later.

A year printed with its month ("2024-01-29", "二〇二四年一月") is a date, never a reporting year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from storage.records import SHANGHAI

#: Reports exist since 2004 (Shanghai); the duty since 2008.
FIRST_YEAR, LAST_YEAR = 2003, 2099
MAX_DATE_CHARS = 200  #: characters of a text that are searched for a date

_DIGITS = "〇○零一二三四五六七八九oO"
_AS_FIGURES = str.maketrans(_DIGITS, "00012345678900")
_PRINTED = rf"(?:(?:19|20)\d\d|二[〇○零0oO][{_DIGITS}\d]{{2}})"
_COUNT = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
#: A day in any text, as a pattern's source: 2024-01-29, 2024年1月29日, 二〇二四年一月二十九日, with blanks between.
DAY = rf"{_PRINTED}\s*[-/.年]\s*{_COUNT}\s*[-/.月]\s*{_COUNT}\s*日?"

_DATE = re.compile(
    rf"(?<!\d){_PRINTED}(?:[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])|年{_COUNT}月(?:{_COUNT}日)?)"
    r"(?:T?\d{1,2}:\d{2}(?::\d{2})?)?|(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|[(\[]?(?<![\d-])(?:0[1-9]|1[0-2])[-/.](?:0[1-9]|[12]\d|3[01])[\])]?$"  # a list's date without its year
)
_NUMBER = re.compile(r"[〔\[(](?:19|20)\d\d[〕\])]\d{1,4}号")
_WHOLE_YEAR = re.compile(r"(?<=年)[1一]月?(?:[1一]日)?[-—–~至到]{1,2}(?:12|十二)月(?:(?:31|三十一)日)?")
# A year as printed, with what belongs to it ("年", "年度", a "度" whose 年 was forgotten; 度假区 is a body's own).
_YEAR = re.compile(
    rf"(?<!\d)(?P<year>20\d\d(?!\d)|二[〇○零0oO][{_DIGITS}\d]{{2}}(?=[年度]))(?:年度|年(?!报)|年(?=年报)|度(?![假量]))?"
)
_TWO_FIGURES = re.compile(r"(?<![\d第])(?=[0-3]\d年度?(?:政府信息|政务信息|政务公开|信息公开))")  # 24年政府信息公开…
_LETTERS = re.compile(r"(?<=\d)[OoОоΟο〇○](?=\d)|(?<=20)[lI丨](?=\d)")  # 2O24年, 20l9年
_RANGE = re.compile(r"#(?:年度|年)?(?:[-—–~至到、和及]|--)+#")
_UNHEARD = re.compile(r"(?<!\d)(?:1\d{3}|2[1-9]\d\d|20\d\d)(?=年)")
_PARTED = re.compile(rf"(?<!\d)({_PRINTED})[-/.年\\]({_COUNT})[-/.月\\]({_COUNT})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_WIDE = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")


@dataclass(frozen=True, slots=True)
class Years:
    """What years a title prints. ``marked``: the text with each year replaced by ``#`` and dates taken out.

    ``printed``: the years that the ``#`` stand for; ``years``: the distinct ones among them, in that order.
    """

    marked: str
    printed: tuple[int, ...] = ()

    @property
    def years(self) -> tuple[int, ...]:
        """The distinct years in order of appearance."""
        return tuple(dict.fromkeys(self.printed))

    @property
    def span(self) -> bool:
        """Whether they are printed as a range ("2023—2024年")."""
        return bool(_RANGE.search(self.marked))


@lru_cache(maxsize=4096)
def mark_years(text: str) -> Years:
    """Find the years of a squeezed title."""
    plain = _LETTERS.sub(lambda letter: "1" if letter[0] in "lI丨" else "0", text.replace("#", ""))
    plain = _DATE.sub("", _WHOLE_YEAR.sub("", _NUMBER.sub("", plain)))
    found: list[int] = []

    def mark(match: re.Match[str]) -> str:
        year = _figure(match["year"])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return match[0]
        found.append(year)
        return "#"

    marked = _YEAR.sub(mark, _TWO_FIGURES.sub("20", plain))
    return Years(marked, tuple(found))


def unheard_of(title: str) -> int | None:
    """Return the year that a squeezed title prints although no report can be on it (1998年, 2204年), or None."""
    years = (int(match[0]) for match in _UNHEARD.finditer(title[:MAX_DATE_CHARS]))
    return next((year for year in years if not FIRST_YEAR <= year <= LAST_YEAR), None)


def could_exist(year: int, shown_at: datetime) -> bool:
    """Whether a report for ``year`` can have been shown at the (aware) instant: none is before 1 January after it."""
    return shown_at.astimezone(UTC) >= datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)


def is_ahead(year: int, at: datetime) -> bool:
    """Whether no report on a year is made yet at the (aware) instant: some are signed in the December of their year."""
    return at < datetime(year, 12, 1, tzinfo=SHANGHAI)


@lru_cache(maxsize=1024)
def parse_date(text: str | None) -> date | None:
    """Read the first full date (2024-01-29, [2024年1月9日], 20240129, 二〇二四年一月九日) of a short text, or None."""
    short = re.sub(r"\s*([-/.年月])\s*", r"\1", (text or "")[:MAX_DATE_CHARS].translate(_WIDE))
    for pattern in (_PARTED, _COMPACT):
        for match in pattern.finditer(short):
            try:
                return date(_figure(match[1]), _count(match[2]), _count(match[3]))
            except ValueError:
                continue
    return None


def _figure(printed: str) -> int:
    return int(printed.translate(_AS_FIGURES))


def _count(printed: str) -> int:
    """Return a number up to 39 as printed: 12, 十二, 二十."""
    tens, ten, ones = printed.rpartition("十")
    return ((_figure(tens) if tens else 1) * 10 if ten else 0) + (_figure(ones) if ones else 0)
