"""Make the duties: one for each agency and each reporting year in which it owes a report."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from archive.assessment.calendar import local_day
from archive.assessment.deadlines import due
from storage.records import Agency, Duty


def duty(agency: Agency, year: int, reports: Collection[tuple[str, int]] = ()) -> Duty:
    """Return the duty of ``agency`` to report on ``year``; ``reports``: agency and year of the reports that are held.

    It is guessed if the registry row is a guess and no report attests the agency in that year or later.
    """
    when = due(agency.kind, year)
    return Duty(
        agency=agency.id,
        year=year,
        kind=agency.kind,
        due=when.due,
        practice=when.practice,
        basis=when.basis,
        guessed=agency.guessed and not any(who == agency.id and other >= year for who, other in reports),
        holiday=when.holiday,
    )


def duties(
    agencies: Iterable[Agency], first_year: int, now: datetime, reports: Collection[tuple[str, int]] = ()
) -> tuple[Duty, ...]:
    """Every duty from ``first_year`` to the last year that is over at ``now``, in the order agency, year.

    ``agencies`` holds the current row of each. Years outside an agency's life are there too: they are *not expected*.
    """
    first_year = min([first_year, *(year for _, year in reports)])
    return tuple(duty(agency, year, reports) for agency in agencies for year in range(first_year, local_day(now).year))
