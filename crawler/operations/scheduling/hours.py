"""Hours of the day in Asia/Shanghai: ``20:00-08:00``, the end not included, perhaps on the next day. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from storage.records import SHANGHAI

_HOURS = re.compile(r"(\d{1,2}:\d\d)\s*[-\u2013]\s*(\d{1,2}:\d\d)")
Hours = tuple[time, time]


def time_of(text: str) -> time:
    """A time such as ``09:00``. Raises ValueError."""
    hours, minutes = text.strip().split(":")
    return time(int(hours), int(minutes))


def hours_of(text: str) -> Hours | None:
    """Two times; None for an empty text. Raises ValueError for anything else, and for two that are the same."""
    if not text.strip():
        return None
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not two times such as 20:00-08:00")
    begin, end = time_of(found[1]), time_of(found[2])
    if begin == end:
        raise ValueError(f"{text!r} is no time at all")
    return begin, end


def holds(hours: Hours, at: datetime) -> bool:
    """Whether an instant lies within the hours."""
    begin, end = hours
    clock = at.astimezone(SHANGHAI).time()
    return begin <= clock < end if begin < end else (clock >= begin or clock < end)


def opening(hours: Hours | None, at: datetime) -> datetime:
    """The first instant from ``at`` on that lies within the hours; ``at`` itself where there are none."""
    if hours is None or holds(hours, at):
        return at
    local = at.astimezone(SHANGHAI)
    opens = datetime.combine(local.date(), hours[0], SHANGHAI)
    return opens if opens >= local else opens + timedelta(days=1)
