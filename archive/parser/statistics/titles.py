"""Read what stands above a statistical table: is it another body's, or not of the report's whole year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from archive.forms.loader import old_form
from archive.forms.spelling import simplify
from archive.identity import names
from archive.identity.evidence import agree, is_publisher_of_all
from archive.identity.names import Name
from archive.identity.periods import is_part_of_year
from archive.identity.title_parts import clean_head
from archive.identity.titles import Strength, judge
from archive.identity.years import mark_years
from archive.parser.other_years import mark_of
from archive.parser.statistics.headers import unit_above
from archive.parser.statistics.row import Doubt

ABOVE = 3  #: lines above a table that may say what it is of
_LONGEST = 60  # characters of such a line
_DATED = re.compile(r"20\d\d\s?年?.{0,20}表")  # a table of a year, which may be the report's
_CAPTION = re.compile(
    r"(?P<body>[^。,;]{2,40}?)(?:政府信息公开|政务公开|信息公开|主动公开|公开政府信息)[^。,;]{0,20}表"
)
# headings of the form, before which nothing else stands (二、汶上县教育局主动公开政府信息情况)
_HEADING = re.compile(
    r"(?:[一二三四五六]、)?(?P<body>[^。,;、]{2,30}?)(?:主动公开政府信息|收到和处理政府信息公开申请)的?情况$"
)
_ANYBODY = frozenset({"行政机关", "政府机关", "机关", "政府", "政府部门", "行政单位", "单位", "部门"})
_WHOLE = re.compile(r"全(?P<level>[省市县区旗州盟镇乡])")


def doubt_above(lines: Sequence[str], year: int | None, own: Sequence[Name] = ()) -> Doubt | None:
    """Return why the table below these lines, the nearest first, may not be the report's own; None where nothing says
    so.

    ``year``: that of the report; None if it is in doubt. ``own``: the names of the body that reports.
    """
    if is_of_another(lines, year):
        return Doubt.OTHER
    if own and is_of_another_body(lines, own):
        return Doubt.BODY
    return Doubt.UNIT if any(len(line) <= _LONGEST and unit_above(line) for line in lines) else None


def is_of_another(lines: Iterable[str], year: int | None) -> bool:
    """Whether the nearest line that says so (they come in this order) is of another year, or of a part of one.

    ``year``: that of the report; None if it is in doubt.
    """
    for line in lines:
        if len(line) > _LONGEST:
            continue
        if is_part_of_year(line) or (year is None and _DATED.search(line)):
            return True
        if (mark := mark_of(line, year)) is not None:
            return mark == "former"
    return False


def is_of_another_body(lines: Iterable[str], own: Sequence[Name]) -> bool:
    """Whether the nearest line that names a body (汶上县教育局…情况统计表, 填报单位：汶上县教育局, 全县…统计表)
    names none of ``own``.
    """
    return next((not ours for line in lines if (ours := _is_ours(line, own)) is not None), False)


def _is_ours(line: str, own: Sequence[Name]) -> bool | None:
    """Whether a line says that the table below it is of one of these bodies; None where it names none."""
    body = body_above(line)
    if not body or body.startswith(("我", "本")) or body in _ANYBODY:
        return None
    if (whole := _WHOLE.match(body)) or names.is_generic(body):
        of_township = whole is not None and whole["level"] in "镇乡"
        return any(bool(name.township) if of_township else is_publisher_of_all(name) for name in own)
    name = names.complete(body)
    if not name.text or not (names.looks_like_body(body) or name.chain):
        return None
    return any(agree(one, name) for one in own)


@lru_cache(maxsize=4096)
def body_above(line: str) -> str:
    """The body that a table's caption, a report's title or the line on who filled it in names; "" for other lines."""
    if len(line) > _LONGEST or not ("公开" in line or "：" in line or ":" in line):
        return ""
    if found := _filled_in_by().search(line):
        return found[1]
    if "公开" not in line:
        return ""
    if line.endswith("报告") and (title := judge(line)).strength is Strength.FULL:
        return title.agency
    plain = mark_years(simplify(line)).marked
    caption = _CAPTION.match(plain) if "表" in line else _HEADING.match(plain)
    if caption is None:
        return ""
    body = clean_head(caption["body"])
    return body + "政府" if body.endswith("人民") else body


@cache
def _filled_in_by() -> re.Pattern[str]:
    words = "|".join(map(re.escape, old_form().filled_in_by))
    return re.compile(rf"(?:{words})\s*(?:[(（][^()（）]{{1,6}}[)）])?\s*[:：]\s*([\u4e00-\u9fff]{{3,30}})")
