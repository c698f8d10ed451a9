"""Days and instants in Asia/Shanghai. Only instants are compared; a day becomes the instant at which it ends."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from storage.records import SHANGHAI


def day_begins(day: date) -> datetime:
    """00:00 Asia/Shanghai of ``day``."""
    return datetime.combine(day, time(), SHANGHAI)


def day_ends(day: date) -> datetime:
    """D_end: 00:00 Asia/Shanghai of the day after ``day``."""
    return day_begins(day + timedelta(days=1))


def local_day(instant: datetime) -> date:
    """Return the calendar day of ``instant`` in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def year_over(year: int) -> datetime:
    """1 January of ``year`` + 1: before it no report on ``year`` can exist."""
    return day_begins(date(year + 1, 1, 1))
