"""The due dates around which a portal is crawled more often: those of the law, and stricter ones of its place. Pure."""

from __future__ import annotations

from datetime import date

from archive.assessment.deadlines import due, local_due
from storage.records import AgencyKind


def deadlines(place: str, around: date) -> tuple[date, ...]:
    """The due (or customary) dates that fall into the year of ``around`` and those before and after it, in order."""
    found: set[date] = set()
    for year in (around.year - 2, around.year - 1, around.year):
        for kind in AgencyKind:
            statutory = due(kind, year)
            found.update(day for day in (statutory.due, statutory.practice) if day is not None)
            found.update(local.due for local in local_due(place, kind, year) if local.due is not None)
    return tuple(sorted(found))
