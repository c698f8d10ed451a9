"""What must be found of the simulated year, reasoned from the ground truth and the instants at which it was looked.

Nothing here asks the archive's judgement: which crawls could read a portal follows from the portal's own faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.assessment.calendar import day_ends
from archive.assessment.deadlines import due
from benchmarks.year_portals import LAST, County
from crawler.imitation.records import ImReport
from storage.records import AgencyKind

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One duty: which statuses (with evidence, "" any) are right, and which events must be told of it."""

    agency: str
    year: int
    right: frozenset[tuple[str, str]]
    findings: frozenset[str] = frozenset()
    revised: bool = False


def truths(county: County, looks: Sequence[datetime], now: datetime) -> list[Truth]:
    """Every duty on the last year of a county that was looked at, at these instants, as it must stand ``now``."""
    read = [at for at in looks if county.reads(at)]
    found = []
    for agency in county.portal.agencies:
        reports = [one for one in county.portal.reports if one.agency == agency and one.year == LAST]
        found.append(_truth(county, f"{county.portal.name}/{agency.id}", agency.kind, reports, read, now))
    return found


def _truth(
    county: County, agency: str, kind: AgencyKind, reports: Sequence[ImReport], read: Sequence[datetime], now: datetime
) -> Truth:
    day = due(kind, LAST).due
    assert day is not None
    end = day_ends(day)
    shown = min((since for one in reports for since, _ in one.periods), default=None)
    seen = next((at for at in read if shown is not None and at >= shown), None)
    if seen is None and now < end:
        return Truth(agency=agency, year=LAST, right=frozenset({("not_yet_due", "")}))
    if shown is None:
        return Truth(agency=agency, year=LAST, right=_never([at for at in read if at >= end]))
    absences = [at for at in read if end <= at < shown]
    declared = reports[0].versions[0].declared
    dated_late = declared is not None and declared >= end
    if seen is None:
        return Truth(agency=agency, year=LAST, right=_never(absences))
    findings = set[str]()
    if seen < end:
        right = {("on_time", "proven")}
    elif shown < end:
        right = {("on_time", "claimed"), ("undetermined", "")}
    elif len(absences) >= 2 and absences[-1] - absences[0] >= DAY:
        right = {("late", "proven")}
        findings |= set() if dated_late else {"date_conflict"}
    elif absences:
        right = {("late", "proven"), ("late", "one_look")} if dated_late else {("undetermined", "conflict")}
    else:
        right = {("late", "claimed")} if dated_late else {("on_time", "claimed"), ("undetermined", "")}
    if county.trouble == "withdrawn" and agency.endswith("/d0"):
        findings |= {"withdrawn", "returned"}
    changes = [version.at for one in reports for version in one.versions[1:]]
    revised = any(any(at >= change for at in read) and any(at < change for at in read) for change in changes)
    return Truth(
        agency=agency,
        year=LAST,
        right=frozenset(right),
        findings=frozenset(findings),
        revised=revised,
    )


def _never(absences: Sequence[datetime]) -> frozenset[tuple[str, str]]:
    if not absences:
        return frozenset({("unknown", "")})
    if absences[-1] - absences[0] >= WEEK:
        return frozenset({("missing", "proven")})
    return frozenset({("missing", "one_look"), ("missing", "proven")})
