"""The days after a due date on which no whole look was made, though the portal was being crawled by then. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.assessment.calendar import day_ends
from crawler.operations.scheduling.due import Crawl, whole
from storage.records import SHANGHAI

_DAY = timedelta(days=1)


def local(at: datetime) -> str:
    """An instant in Beijing time, to the minute."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Gap:
    """On the day after ``deadline`` no look was whole. ``tries``: crawls begun on that day; ``filled``: the start of
    the first whole one afterwards, None if there is none yet.
    """

    deadline: date
    tries: int
    filled: datetime | None


def gaps(deadlines: Sequence[date], crawls: Sequence[Crawl], now: datetime) -> tuple[Gap, ...]:
    """The gaps of a portal, in the order of the deadlines; none before its first crawl."""
    found: list[Gap] = []
    good = whole(crawls)
    for deadline in deadlines:
        begin = day_ends(deadline)
        over = begin + _DAY
        if now < over or not any(crawl.started < begin for crawl in crawls):
            continue
        first = next((crawl.started for crawl in good if crawl.started >= begin), None)
        if first is None or first >= over:
            tries = sum(begin <= crawl.started < over for crawl in crawls)
            found.append(Gap(deadline, tries, first))
    return tuple(found)
