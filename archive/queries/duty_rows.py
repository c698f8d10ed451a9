"""Lines about duties, many thousands at once: of each status the columns that a line shows, and the names of those
bodies alone that are listed. No history is unpacked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from archive.assessment.calendar import local_day
from archive.queries.chosen import Chosen
from archive.queries.links import NO_LINKS, Links, capture_ref, look_refs, secret_reports
from archive.queries.results import DutyLine
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import EvidenceGrade, Status
from storage.status_rows import NOTHING, rests_of_all

_COLUMNS = (
    *("agency", "year", "looks", "rests", "status", "evidence", "due", "practice", "holiday", "guessed", "reason"),
    *("zh", "en", "first_shown", "last_absent", "declared", "days_late", "findings"),
)
_STATUSES = {status.value: status for status in Status}
_GRADES = {grade.value: grade for grade in EvidenceGrade}


def duty_rows(
    home: Home,
    store: ProjectionStore,
    chosen: Chosen,
    *,
    years: Collection[int] | None,
    as_of: datetime,
    statuses: Collection[Status] | None,
    links: bool,
) -> list[DutyLine]:
    """Every duty of the chosen agencies (with one of ``statuses``) at ``as_of``, by agency and year."""
    found = _rows(store, chosen, years, as_of, statuses)
    who = chosen.lines({row[0] for row in found})
    found = sorted((row for row in found if row[0] in who), key=lambda row: (row[0], row[1]))
    seen = _looks(home, found) if links else NO_LINKS
    secret = secret_reports(home, store, [(row.agency, row.year) for row in found], as_of) if links else frozenset()
    told_of = rests_of_all([row.rests if links else None for row in found], as_of)
    lines = []
    for row, known in zip(found, told_of, strict=True):
        agency, year, looks, _, status, evidence, due, practice, holiday, guessed, *told = row
        reason, zh, en, first_shown, last_absent, declared, days, findings = told
        kind = _STATUSES[status]
        rests = NOTHING if (agency, year) in secret else known
        lines.append(
            DutyLine(
                agency=who[agency],
                year=year,
                due=due,
                practice=practice,
                holiday=holiday,
                guessed=guessed,
                status=kind,
                evidence=_GRADES[evidence],
                reason=reason,
                zh=zh,
                en=en,
                first_shown=first_shown,
                last_absent=last_absent,
                declared=declared,
                days_late=days_late(due, kind, days, declared, last_absent),
                findings=_codes(findings),
                looks=seen.looks_of(_names(looks)),
                captures=tuple([capture_ref(*one) for one in rests.captures]),
                editions=rests.editions,
            )
        )
    return lines


@lru_cache(maxsize=65_536)
def days_late(
    due: date | None, status: Status, told: int | None, declared: date | None, last_absent: datetime | None
) -> int | None:
    """Give the days late: as the site's own date says where it lies after the due date and what looks prove; else the
    least that the last absence proves.
    """
    if status is not Status.LATE or due is None:
        return None
    if told is not None:
        return told
    claimed = (declared - due).days if declared else 0
    proven = (local_day(last_absent) - due).days if last_absent else 0
    return max(1, claimed, proven) if claimed > 0 or last_absent else None


def _rows(
    store: ProjectionStore,
    chosen: Chosen,
    years: Collection[int] | None,
    as_of: datetime,
    wanted: Collection[Status] | None,
) -> Sequence[Any]:
    table = store.tables.statuses
    where = chosen.conditions(table) or [table.c.portal.in_(sorted(chosen.portals))]
    query = select(*(table.c[name] for name in _COLUMNS)).where(
        *where, table.c.kind.is_not(None), table.c.since <= as_of, table.c.until.is_(None) | (table.c.until > as_of)
    )
    if years is not None:
        query = query.where(table.c.year.in_(sorted(set(years))))
    if wanted is not None:
        query = query.where(table.c.status.in_(sorted(status.value for status in wanted)))
    with store.read() as connection:
        return connection.execute(query).all()


def _looks(home: Home, rows: Sequence[Any]) -> Links:
    names = {name for text in {row.looks for row in rows} for name in _names(text)}
    return replace(NO_LINKS, looks=look_refs(home, names), sets={})


@lru_cache(maxsize=65_536)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()


@lru_cache(maxsize=65_536)
def _codes(text: str) -> tuple[str, ...]:
    """The codes of findings, once each."""
    return tuple(dict.fromkeys(one["code"] for one in json.loads(text))) if text != "[]" else ()
