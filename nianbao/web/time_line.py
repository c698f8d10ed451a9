"""The time line of a duty as a picture: statuses, the due date, looks that prove, editions. Pure geometry.

The template draws it as SVG; everything in it stands below in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from archive.queries.duty_rows import absent_as_of
from archive.queries.results import Verdict
from archive.queries.words import CHINA
from storage.records import LookOutcome, Status

WIDTH, LEFT, RIGHT = 960, 110, 20
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months between ticks
_TICKS = 9
_LEAST_WORD = 64  # a span narrower than this bears only its letter
_LEAST_LETTER = 16


def time_line(verdict: Verdict) -> dict[str, Any] | None:
    """The lanes of a verdict in a picture that is :data:`WIDTH` wide; None where nothing ever happened.

    ``unchecked``: where an absence was stated last, and nobody looked to the end since; ``due``: where the due date
    ends, None where there is none. The ``shape`` of a look is ``ring``, or ``bad`` of one that proves nothing.
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
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((at - first) / (end - first)), 1)

    def span(begin: datetime, until: datetime, name: str) -> dict[str, Any]:
        """A status or an edition; ``words``: how much text fits: 2 the word, 1 its letter, 0 none."""
        width = max(x(until) - x(begin), 2.0)
        words = 2 if width >= _LEAST_WORD else 1 if width >= _LEAST_LETTER else 0
        return {"x": x(begin), "width": width, "name": name, "words": words}

    runs: list[tuple[datetime, datetime, datetime, str]] = []
    for one in verdict.history:
        until = verdict.as_of if one.until is None else one.until
        checked = max(one.since, absent_as_of(one.status, one.last_absent) or until)
        joins = bool(runs) and runs[-1][3] == one.status.value
        runs.append((runs.pop()[0] if joins else one.since, checked, until, one.status.value))
    due_x = None if due is None else x(due)
    return {
        "statuses": [span(since, checked, status) for since, checked, _, status in runs],
        "unchecked": [span(checked, until, status) for _, checked, until, status in runs if checked < until],
        "looks": [
            {"x": x(one.started), "shape": "bad" if one.suspect or one.outcome is not LookOutcome.OK else "ring"}
            | {"at": one.started}
            for one in verdict.looks
        ],
        "editions": [span(one.first_seen, one.last_seen, one.id) for one in verdict.editions],
        "ticks": [(x(at), label) for at, label in _ticks(first, end)],
        "due": due_x,
        # on which side of its line the due date is written, so that it stays in the picture
        "due_anchor": "end" if due_x is not None and due_x > WIDTH - 100 else "start",
        "declared": None if declared is None else x(declared),
    }


def absences(verdict: Verdict) -> Sequence[str]:
    """The ids of the looks that are to be shown beside each other: those on which missing and late rest."""
    if verdict.duty.status not in {Status.MISSING, Status.NOT_FOUND, Status.LATE}:
        return ()
    return tuple(one.id for one in verdict.looks if one.outcome is LookOutcome.OK and one.captures)


def further_absences(verdict: Verdict) -> Sequence[datetime]:
    """Since when earlier verdicts called the report missing by looks that the present one does not name."""
    verdicts_shown = {one.id for one in verdict.looks}
    instants = []
    for interval in verdict.history:
        if interval.status in {Status.MISSING, Status.NOT_FOUND} and (further := {*interval.looks} - verdicts_shown):
            instants.append(interval.since)
            verdicts_shown |= further
    return instants


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def _ticks(first: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """The beginnings of months, as many as can be read."""
    first, end = first.astimezone(CHINA), end.astimezone(CHINA)
    months = (end.year - first.year) * 12 + end.month - first.month + 1
    step = next((one for one in _STEPS if months <= one * _TICKS), _STEPS[-1])
    ticks = []
    number = first.year * 12 + first.month - 1
    number += -number % step
    while (at := datetime(number // 12, number % 12 + 1, 1, tzinfo=CHINA)) <= end:
        if at >= first:
            ticks.append((at, f"{at.year}" if step >= 12 else f"{at:%Y-%m}"))
        number += step
    return ticks
