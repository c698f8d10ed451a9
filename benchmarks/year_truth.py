"""What the archive must find in the simulated year, derived from the ground truth and the times of the looks.

Nothing here uses the archive's own judgement: which crawls could read a portal, and what its list showed them, follows
from the portal's story. The rules are those of docs/status-rules.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.assessment.calendar import day_begins, day_ends, local_day
from archive.assessment.deadlines import due
from benchmarks.year_portals import ANNOUNCED, BACK, GONE, LAST, MOVED, OLD_REVISED, REVISED, SPANS, County
from imitation.records import ImAgency, ImReport
from storage.records import AgencyKind

DAY, WEEK = timedelta(days=1), timedelta(days=7)
VISITED_AGAIN = {LAST: timedelta(days=7) - timedelta(hours=2), LAST - 1: timedelta(days=182)}  # crawler/lists/looks.py
ANY = "any"
#: Codes of changes of content.
CONTENT = frozenset({"silent_revision", "announced_revision", "former_content", "replaced", "part_gone"})


@dataclass(frozen=True, slots=True)
class TrueLook:
    """A crawl that could read the portal. ``sound``: its list was complete, so what is not in it was not there."""

    started: datetime
    finished: datetime
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The truth about one duty at an instant. ``right``: allowed statuses with evidence (``ANY``: any evidence).

    ``days``: least and most days late that are allowed; ``first_shown``: when the report really appeared, None if
    never; ``required`` and ``may``: the changes that must be, and that may be, reported by then.
    """

    agency: str
    year: int
    right: frozenset[tuple[str, str]]
    days: tuple[int, int] | None = None
    first_shown: datetime | None = None
    required: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    withdrawn: bool = False

    @property
    def status(self) -> str:
        """Return the only status that is right. Raises ValueError if there are several."""
        (only,) = {status for status, _ in self.right}
        return only


def looks_of(county: County, crawls: Iterable[tuple[datetime, datetime]], until: datetime) -> list[TrueLook]:
    """Return the crawls (started, ended) by ``until`` that could read the portal."""
    return [
        TrueLook(begun, ended, sound=not county.troubled(begun))
        for begun, ended in crawls
        if ended <= until and county.reads(begun)
    ]


def truths(county: County, looks: Sequence[TrueLook], now: datetime) -> list[Truth]:
    """Return the truth ``now`` about every duty of a county that had these looks."""
    return [_truth(county, agency, year, looks, now) for agency in county.portal.agencies for year in (LAST - 1, LAST)]


def _truth(county: County, agency: ImAgency, year: int, looks: Sequence[TrueLook], now: datetime) -> Truth:
    """Return the truth about one duty, from its report's story and the looks that there were."""
    reports = [one for one in county.portal.reports if one.agency == agency and one.year == year]
    day = due(agency.kind, year)
    township = agency.kind is AgencyKind.TOWNSHIP
    limit = day.practice if township else day.due
    assert limit is not None
    first_shown = min((since for one in reports for since, _ in one.periods), default=None)
    first_look = next((look for look in looks if any(county.listed(one, look.started) for one in reports)), None)
    before = [look for look in looks if look.sound and (first_look is None or look.started < first_look.started)]
    absences = [look for look in before if look.started >= day_ends(limit)]
    days = None
    if first_look is None:
        right = _right_when_unseen(absences, township, now < day_ends(limit))
    elif township:
        right = {("published", ANY)}
    else:
        declared = reports[0].versions[0].declared
        assert declared is not None
        right = _right_when_seen(first_look, absences, before, limit, local_day(declared))
        days = _true_days_late(absences, limit, local_day(declared)) if ("late", "proven") in right else None
        days = days or ((local_day(declared) - limit).days,) * 2 if ("late", "claimed") in right else days
    required, may = _true_changes(county, reports, looks)
    fated = bool(reports) and _has_fate(county, reports[0])
    return Truth(
        agency=f"{county.name}/{agency.id}",
        year=year,
        right=frozenset(right),
        days=days,
        first_shown=first_shown,
        required=frozenset(required),
        may=frozenset(may),
        withdrawn=fated and "withdrawn" in required and "returned" not in required,
    )


def _right_when_unseen(absences: Sequence[TrueLook], township: bool, early: bool) -> set[tuple[str, str]]:
    if early:
        return {("not_yet_due", ANY)}
    if not absences:
        return {("unknown", ANY)}
    proven = absences[-1].started - absences[0].started >= WEEK
    return {("not_found" if township else "missing", "proven" if proven else "one_look")}


def _right_when_seen(
    first_look: TrueLook, absences: Sequence[TrueLook], before: Sequence[TrueLook], limit: date, declared: date
) -> set[tuple[str, str]]:
    """Return the right statuses of a seen report with a statutory date, in the order of docs/status-rules.md."""
    late = declared > limit
    if day_begins(date(limit.year, 1, 1)) <= first_look.started < day_ends(limit):
        return {("on_time", "proven")}
    if absences and absences[-1].started - absences[0].started >= DAY:
        return {("late", "proven")}
    if absences:
        return {("late", "proven")} if late else {("undetermined", "conflict")}
    if late:
        return {("late", "claimed")}
    if any(look.started >= day_ends(declared) for look in before):
        return {("undetermined", ANY)}
    if any(look.started >= day_begins(declared) for look in before):  # a look on the same day, which proves nothing
        return {("undetermined", ANY), ("on_time", "claimed")}
    return {("on_time", "claimed")}


def _true_days_late(absences: Sequence[TrueLook], limit: date, declared: date) -> tuple[int, int]:
    """Return the range of days late: as the last absence proves, up to the page's own date if a verdict rests on it."""
    proven = max(1, (local_day(absences[-1].started) - limit).days)
    return proven, max(proven, (declared - limit).days)


def _has_fate(county: County, report: ImReport) -> bool:
    return report.agency.id == "d0" and report.year == LAST and county.fate != "stays"


def _true_changes(county: County, reports: Sequence[ImReport], looks: Sequence[TrueLook]) -> tuple[set[str], set[str]]:
    """Return which changes of a report must have been noticed by the last look, and which may have been."""
    required, may = set[str](), set[str]()
    if not reports:
        return required, may
    report = reports[0]
    for change, code in (
        (REVISED, "silent_revision"),
        (OLD_REVISED, "silent_revision"),
        (ANNOUNCED, "announced_revision"),
    ):
        if any(version.at == change for version in report.versions[1:]):
            visits = _visit_times(county, report, looks)
            if any(visit < change for visit in visits):
                may |= {code} if any(look.finished > change for look in looks) else set()
                required |= {code} if any(visit > change for visit in visits) else set()
    if ANNOUNCED in {version.at for version in report.versions}:
        may |= {"redated"} if may else set()
    if county.trouble == "replaced":
        may |= {"moved"}
    if _has_fate(county, report):
        _add_changes_of_fate(county, looks, required, may)
    return required, may | required


def _add_changes_of_fate(county: County, looks: Sequence[TrueLook], required: set[str], may: set[str]) -> None:
    """Add the changes of a fate. Withdrawn: absent for a week of looks; returned: shown again; moved: new address."""
    sound = [look for look in looks if look.sound]
    if county.fate == "moved":
        if any(look.started >= MOVED for look in sound) and any(look.finished < MOVED for look in sound):
            may.add("moved")
            required.add("moved")
        return
    back = BACK if county.fate == "returned" else None
    looks_without = [look for look in sound if look.started >= GONE and (back is None or look.finished <= back)]
    after = [look for look in sound if back is not None and look.started >= back]
    was_seen_before = any(look.finished < GONE for look in sound)
    if looks_without:
        may.add("page_gone")
    if after:
        may.add("page_back")
    if was_seen_before and looks_without and looks_without[-1].started - looks_without[0].finished >= WEEK:
        required.add("withdrawn")
        if after:
            required.add("returned")


def _visit_times(county: County, report: ImReport, looks: Sequence[TrueLook]) -> list[datetime]:
    """Return when a report's page was visited at the latest: when first seen, and then at intervals by its age."""
    visits: list[datetime] = []
    for look in looks:
        listed = county.listed(report, look.started)
        since, anew = SPANS["replaced"]
        moved = county.trouble == "replaced" and anew is not None and look.started >= anew and bool(visits)
        new = not visits or (moved and visits[-1] < since)
        if listed and (new or look.started - visits[-1] >= VISITED_AGAIN[report.year]):
            visits.append(look.started)
    return visits
