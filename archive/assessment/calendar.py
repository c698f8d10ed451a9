"""Convert days to instants in Asia/Shanghai and back, because only instants are compared."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from storage.records import SHANGHAI


def day_begins(day: date) -> datetime:
    """Return 00:00 Asia/Shanghai of ``day``."""
    return datetime.combine(day, time(), SHANGHAI)


def day_ends(day: date) -> datetime:
    """Return 00:00 Asia/Shanghai of the day after ``day``; of a due date this is D_end of the status rules."""
    return day_begins(day + timedelta(days=1))


def local_day(instant: datetime) -> date:
    """Return the calendar day of ``instant`` in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def year_over(year: int) -> datetime:
    """Return the beginning of 1 January of ``year`` + 1; no report on ``year`` can exist before."""
    return day_begins(date(year + 1, 1, 1))
