"""Recognise titles that speak of a part of a year: quarterly figures are printed on the same form as annual ones."""

from __future__ import annotations

import re
from functools import cache

from archive.identity.text import MAX_TITLE, data, squeeze

_MONTHS = re.compile(r"(?<!\d)(\d{1,2})月?(?:份)?[-—–~至到]{1,2}(\d{1,2})月")
_AT_THE_END = re.compile(r"[(（〔【\[]([^()（）〔〕【】\[\]]{1,20})[)）〕】\]]$")
_WHOLE = re.compile(r"全年|(?<!半)年度(?:工作)?(?:报告|总结)|(?<!半)年报")


@cache
def _words() -> re.Pattern[str]:
    found = next(entry["words"] for entry in data("titles.toml")["reasons"] if entry["code"] == "part_of_year")
    return re.compile("|".join(re.escape(word) for word in found))


def is_part_of_year(title: str | None) -> bool:
    """Whether a title says that it speaks of months, a quarter or half a year, and not of the whole year too.

    What stands in brackets at its end says of an 年度报告 which part of the year it is.
    """
    text = squeeze(title)
    if not text or len(text) > MAX_TITLE:
        return False
    end = _AT_THE_END.search(text)
    return (end is not None and _is_part(end[1])) or _is_part(text)


def _is_part(text: str) -> bool:
    if _WHOLE.search(text):
        return False
    months = _MONTHS.search(text)
    if months is not None:
        return (int(months[1]), int(months[2])) != (1, 12)
    return _words().search(text) is not None
