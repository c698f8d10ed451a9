"""Make the lines of answers about duties, with the looks, captures and editions that each rests on.

A question can list many thousands of duties, so only the columns that lines show and the names of the listed agencies
are read, and no history is unpacked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import select

from archive.assessment.absences import is_withdrawn
from archive.assessment.calendar import local_day
from archive.queries.results import CaptureRef, DutyLine, LookRef
from archive.queries.selection import Selection
from archive.queries.stored import editions_of_reports
from archive.queries.withheld_content import outgoing
from storage.capture_store import capture_heads
from storage.column_types import instant, microseconds
from storage.home import Home
from storage.mapping import maker
from storage.observations import Observations
from storage.records import CaptureOutcome, EvidenceGrade, ReportKey, Status
from storage.registry import listing_urls
from storage.statements import Convert, raw_rows
from storage.status_rows import rests_of_all

_COLUMNS = (
    *("agency", "year", "looks", "rests", "status", "evidence", "due", "practice", "holiday", "guessed", "reason"),
    *("zh", "en", "first_shown", "last_absent", "declared", "days_late", "findings"),
)
FINDING_CODE = '"code":"{}"'  #: in the JSON column of findings
_BATCH = 5_000
_REPORT = itemgetter(0, 1)  # the agency and year of a row
_make_line = maker(
    DutyLine,
    *("agency", "year", "due", "practice", "status", "evidence", "reason", "zh", "en", "first_shown", "last_absent"),
    *("absent_as_of", "declared", "days_late", "findings", "holiday", "guessed", "looks", "captures", "editions"),
    "withdrawn",
)
_make_capture_ref = maker(CaptureRef, "id", "url", "fetched_at", "outcome", "http_status")


def duty_lines(
    chosen: Selection, *, statuses: Collection[Status] | None = None, finding: str = "", links: bool = True
) -> list[DutyLine]:
    """Return the chosen agencies' duties (reports owed) at the time asked about, by agency and year. ``statuses``: only
    with one of these; ``finding``: only with a finding of this code; ``links``: include the looks, captures and
    editions that each rests on (of withheld ones looks).
    """
    converts, rows = _rows(chosen, statuses, finding)
    who = chosen.lines({row[0] for row in rows})
    rows = sorted((row for row in rows if row[0] in who), key=_REPORT)
    secret = _secret_reports(chosen, [_REPORT(row) for row in rows]) if links else frozenset()
    looks = _looks_by_text(chosen.home, {row[2] for row in rows}) if links else {}
    all_rests, latest = rests_of_all([row[3] if links else None for row in rows]), microseconds(chosen.as_of)
    # many reports have equal dates and looks: convert each value once
    day, first_sight, last_absence = (
        _with_cache(converts[_COLUMNS.index(name)]) for name in ("due", "first_shown", "last_absent")
    )
    lines: list[DutyLine] = []
    address = chosen.out.address if links else str
    for row, rests in zip(rows, all_rests, strict=True):
        (agency, year, look_ids, _, status, evidence, due, practice, holiday, guessed, reason, zh, en,
         first_shown, last_absent, declared, late, findings) = row  # fmt: skip
        kind, due, declared, last_absent = Status(status), day(due), day(declared), last_absence(last_absent)
        captures: tuple[CaptureRef, ...] = ()
        editions: tuple[str, ...] = ()
        if rests is not None and (agency, year) not in secret:
            captures = tuple(
                [
                    _make_capture_ref(name, address(url), instant(when), CaptureOutcome(ended), code)
                    for name, url, when, ended, code in rests[0]
                ]
            )
            editions = tuple([name for name, when in rests[1] if when <= latest])
        codes, is_gone = _codes(findings)
        lines.append(
            _make_line(who[agency], year, due, day(practice), kind, EvidenceGrade(evidence), reason, zh, en,
                       first_sight(first_shown), last_absent, absent_as_of(kind, last_absent), declared,
                       days_late(due, kind, reason, late, declared, last_absent), codes, holiday,
                       bool(guessed), looks.get(look_ids, ()), captures, editions, is_gone)
        )  # fmt: skip
    return lines


def _secret_reports(chosen: Selection, reports: Collection[ReportKey]) -> frozenset[ReportKey]:
    """Return the reports that a ruling withholds, also those with only an edition withheld that was seen by then."""
    ruled = chosen.out.ruled
    by_report = editions_of_reports(chosen.store, reports) if ruled.documents else {}
    then = {report: [one for one in some if one.known_from <= chosen.as_of] for report, some in by_report.items()}
    return frozenset({report for report, some in then.items() if ruled.hides_any(report, some)} | ruled.reports.keys())


#: an unknown report that was not on a complete look has a last absence too
_ABSENCES = frozenset({Status.MISSING, Status.NOT_FOUND, Status.UNKNOWN})
_UPON_DATE_TOO = "absent_and_dated_late"  # reason of a verdict that rests on a look and on the site's date


def absent_as_of(status: Status, last_absent: datetime | None) -> datetime | None:
    """Return the time as of which an absence is stated, or None for a status that states none. It is the start of the
    last complete look without the report. All screens and exports use it, as nothing is known of later times.
    """
    return last_absent if status in _ABSENCES else None


def days_late(
    due: date | None,
    status: Status,
    reason: str,
    days_by_site: int | None,
    declared: date | None,
    last_absent: datetime | None,
) -> int | None:
    """Return the days by which a report is late: ``days_by_site`` if its verdict counted them, else days to the last
    absence or, if the verdict rests on it and it is later, to the site's date (``declared``); None if neither is known.
    """
    if status is not Status.LATE or due is None:
        return None
    if days_by_site is not None:
        return days_by_site
    claimed = (declared - due).days if declared and reason == _UPON_DATE_TOO else 0
    proven = (local_day(last_absent) - due).days if last_absent else 0
    return max(1, claimed, proven) if claimed > 0 or last_absent else None


def _rows(
    chosen: Selection, statuses: Collection[Status] | None, finding: str
) -> tuple[Sequence[Convert], list[tuple[Any, ...]]]:
    """Return the functions that convert the columns ``_COLUMNS``, and the chosen duties' statuses at the time asked
    about as rows of unconverted values, in no order; rows of agencies not chosen may be among them.
    """
    table = chosen.store.tables.statuses
    conditions = [*chosen.conditions(table), *chosen.kind_conditions(table), *chosen.conditions_then(table)]
    if statuses is not None:
        conditions.append(table.c.status.in_([status.value for status in sorted(statuses)]))
    if finding:
        conditions.append(table.c.findings.contains(FINDING_CODE.format(finding), autoescape=True))
    query = select(*(table.c[name] for name in _COLUMNS)).where(*conditions, table.c.kind.is_not(None))
    with chosen.store.read() as connection:
        converts, batches = raw_rows(connection, query, _BATCH)
        return converts, [*chain.from_iterable(batches)]


def _with_cache(convert: Convert) -> Convert:
    """Return ``convert`` as a function that caches its results and returns None for None."""
    return cache(lambda value: None if value is None else convert(value))


@lru_cache(maxsize=65_536)
def _codes(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the different codes in a JSON text of findings, and whether they say that the report is taken down."""
    codes = [] if text == "[]" else [one["code"] for one in json.loads(text)]
    return tuple(dict.fromkeys(codes)), is_withdrawn(codes)


# ---------------------------------------------------------------------------------------------- what lines rest on


def _looks_by_text(home: Home, texts: Collection[str]) -> Mapping[str, tuple[LookRef, ...]]:
    """Return for each JSON list of look ids the looks (readings of lists), oldest first; many agencies share one."""
    names = {text: json.loads(text) for text in texts}
    looks = look_refs(home, {name for look_ids in names.values() for name in look_ids})
    return {
        text: tuple(sorted((looks[name] for name in look_ids if name in looks), key=lambda one: (one.started, one.id)))
        for text, look_ids in names.items()
    }


def look_refs(home: Home, ids: Collection[str]) -> Mapping[str, LookRef]:
    """Return short descriptions of looks with the addresses of their listings, by id; unknown ids are left out."""
    looks = Observations(home).looks_by_id(ids)
    urls = listing_urls(home, {look.listing for look in looks})
    return {look.id: LookRef.of(look, url=urls.get(look.listing, "")) for look in looks}


def capture_refs(home: Home, ids: Collection[str]) -> Mapping[str, CaptureRef]:
    """Return short descriptions of captures with addresses and times, by id; unknown ids are left out."""
    out = outgoing(home)
    return {
        name: _make_capture_ref(name, out.address(url), at, CaptureOutcome(outcome), status)
        for name, url, at, outcome, status in capture_heads(home, ids).values()
    }
