"""Compute the time line of a report's status: coordinates of statuses, due date, looks and editions.

The template draws it as SVG; the page has all of it in words too. No function here reads the archive.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from archive.queries.duty_rows import absent_as_of
from archive.queries.results import Verdict
from archive.queries.words import CHINA
from storage.records import LookOutcome

LEFT, RIGHT = 110, 20
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months between ticks
_LEAST_WORD = 64  # a span that is narrower shows its letter instead of its word
_LEAST_LETTER = 16  # and a span that is narrower than this shows nothing


def time_line(verdict: Verdict, width: int) -> dict[str, Any] | None:
    """Return the lanes of a report's time line (statuses, looks at lists, editions) in a picture of this ``width``;
    None if there is no event.

    ``unchecked``: spans of an absence after the last complete look, in which nobody checked again; ``due``: x of the
    end of the due date, or None. The ``shape`` of a look is ``ring``, or ``bad`` if the look proves nothing.
    """
    end = verdict.as_of
    day = verdict.duty.due or verdict.duty.practice
    due = None if day is None else _midnight(day + timedelta(days=1))
    begins = [one.since for one in verdict.history] + [one.started for one in verdict.looks]
    begins += [one.first_seen for one in verdict.editions]
    declared = None if verdict.duty.declared is None else _midnight(verdict.duty.declared)
    begins += [at for at in (due, declared) if at is not None]
    if not begins:
        return None
    first = min(*begins, end) - timedelta(days=1)
    end = max(end, *begins) + timedelta(days=1)
    first -= (end - first) / 40

    def x(at: datetime) -> float:
        return round(LEFT + (width - LEFT - RIGHT) * ((at - first) / (end - first)), 1)

    def span(begin: datetime, until: datetime, name: str) -> dict[str, Any]:
        """Return the span of a status or edition; ``words``: text that fits: 2 its word, 1 its letter, 0 none."""
        length = max(x(until) - x(begin), 2.0)
        words = 2 if length >= _LEAST_WORD else 1 if length >= _LEAST_LETTER else 0
        return {"x": x(begin), "width": length, "name": name, "words": words}

    runs: list[tuple[datetime, datetime, datetime, str]] = []
    for one in verdict.history:
        until = verdict.as_of if one.until is None else one.until
        checked = max(one.since, absent_as_of(one.status, one.last_absent) or until)
        joins = bool(runs) and runs[-1][3] == one.status.value
        runs.append((runs.pop()[0] if joins else one.since, checked, until, one.status.value))
    absent = {one.last_absent for one in verdict.history if one.last_absent} - {one.started for one in verdict.looks}
    is_bad = [(one.started, one.suspect or one.outcome is not LookOutcome.OK) for one in verdict.looks]
    looks = [*is_bad, *((at, False) for at in sorted(absent))]
    return {
        "statuses": [span(since, checked, status) for since, checked, _, status in runs],
        "unchecked": [span(checked, until, status) for _, checked, until, status in runs if checked < until],
        "looks": [{"x": x(at), "shape": "bad" if bad else "ring", "at": at} for at, bad in looks],
        "editions": [span(one.first_seen, one.last_seen, one.id) for one in verdict.editions],
        "ticks": [(x(at), label) for at, label in _ticks(first, end, width // 100)],
        "due": None if due is None else x(due),
        "declared": None if declared is None else x(declared),
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def _ticks(first: datetime, end: datetime, most: int) -> list[tuple[datetime, str]]:
    """Return beginnings of months with labels, at most about ``most``, so that labels do not overlap."""
    first, end = first.astimezone(CHINA), end.astimezone(CHINA)
    months = (end.year - first.year) * 12 + end.month - first.month + 1
    step = next((one for one in _STEPS if months <= one * most), _STEPS[-1])
    ticks = []
    number = first.year * 12 + first.month - 1
    number += -number % step
    while (at := datetime(number // 12, number % 12 + 1, 1, tzinfo=CHINA)) <= end:
        if at >= first:
            ticks.append((at, f"{at.year}" if step >= 12 else f"{at:%Y-%m}"))
        number += step
    return ticks
