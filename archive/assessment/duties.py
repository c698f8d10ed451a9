"""Make the duties: one for each agency and each reporting year in which it owes a report."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from archive.assessment.calendar import local_day
from archive.assessment.deadlines import DeadlineRule, due
from storage.records import Agency, Duty


def duty(
    agency: Agency,
    year: int,
    *,
    attested_years: Collection[int] = (),
    rules: Sequence[DeadlineRule] | None = None,
) -> Duty:
    """Return the duty of ``agency`` to report on ``year``.

    ``attested_years``: reporting years for which a source (a report held, say) names the agency. A duty is guessed
    if the registry row is a guess and nothing attests the agency in that year or later.
    """
    when = due(agency.kind, year, rules)
    return Duty(
        agency=agency.id,
        year=year,
        kind=agency.kind,
        due=when.due,
        practice=when.practice,
        basis=when.basis,
        guessed=agency.guessed and not any(attested >= year for attested in attested_years),
        holiday=when.holiday,
    )


def duties(
    agencies: Sequence[Agency],
    first_year: int,
    now: datetime,
    *,
    attested_years: Mapping[str, Collection[int]] | None = None,
    rules: Sequence[DeadlineRule] | None = None,
) -> tuple[Duty, ...]:
    """Every duty from ``first_year`` to the last year that is over at ``now``, in the order agency, year.

    ``agencies`` holds the current row of each. Years outside an agency's life are there too: they are *not expected*.
    """
    attested = attested_years or {}
    return tuple(
        duty(agency, year, attested_years=attested.get(agency.id, ()), rules=rules)
        for agency in agencies
        for year in range(first_year, local_day(now).year)
    )
