"""What an entry of a list looks like: its row, its date, the words of a report's title (pure)."""

from __future__ import annotations

import re

ROWS = frozenset({"li", "tr", "dd", "dt", "article"})
DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?:\s*日)?(?!\d)"
    r"|二[〇○零][〇○零一二三四五六七八九]{2}\s*年\s*[一二三四五六七八九十]{1,3}\s*月\s*[一二三四五六七八九十]{1,3}\s*日"
)
TODAY = re.compile(  # the day on which a page is shown; of no entry
    rf"(?:今天|今日|现在|当前|北京|系统)(?:的?(?:时间|日期))?(?:是|为)?\s?[:：]?\s?(?:{DATE.pattern})"
)
REPORT = re.compile(r"(?:年度报告|年\s*报|工作报告|年度报表|情况报告)")
YEAR = re.compile(r"(?:19|20)\d\d|[一二][〇○零O0九][〇○零一二三四五六七八九]{2}")


def speaks(title: str) -> bool:
    """Whether a title speaks of a report of a year."""
    return bool(REPORT.search(title) and YEAR.search(title))
