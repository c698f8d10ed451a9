"""Lines about duties, many thousands at once, with the looks, captures and editions that each rests on.

Of each status the columns that a line shows are read, and the names of those bodies alone that are listed. No history
is unpacked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, Table, bindparam, select

from archive.assessment.calendar import local_day
from archive.queries.results import CaptureRef, DutyLine, LookRef
from archive.queries.selected_agencies import Chosen
from archive.queries.stored import editions_of_reports, open_projections
from archive.queries.withheld_content import outgoing
from archive.queries.withholding import Report, Withheld
from storage.capture_store import capture_heads
from storage.column_types import instant, microseconds
from storage.home import Home
from storage.mapping import maker
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import CaptureOutcome, EvidenceGrade, Status
from storage.registry import listing_urls
from storage.statements import Convert, is_one_given, listed, raw_rows
from storage.status_rows import rests_of_all

_COLUMNS = (
    *("agency", "year", "looks", "rests", "status", "evidence", "due", "practice", "holiday", "guessed", "reason"),
    *("zh", "en", "first_shown", "last_absent", "declared", "days_late", "findings"),
)
_BATCH = 5_000
_REPORT = itemgetter(0, 1)  # agency and year of a row
_make_line = maker(
    DutyLine,
    *("agency", "year", "due", "practice", "status", "evidence", "reason", "zh", "en", "first_shown", "last_absent"),
    *("absent_as_of", "declared", "days_late", "findings", "holiday", "guessed", "looks", "captures", "editions"),
)
_make_capture_ref = maker(CaptureRef, "id", "url", "fetched_at", "outcome", "http_status")


def duty_lines(
    home: Home,
    chosen: Chosen,
    *,
    years: Collection[int] | None = None,
    as_of: datetime,
    statuses: Collection[Status] | None = None,
    links: bool = True,
) -> list[DutyLine]:
    """Every duty of the chosen agencies (with one of ``statuses``) at ``as_of``, by agency and year; ``links``: with
    the looks, captures and editions that each rests on.
    """
    with open_projections(home) as store:
        converts, found = _rows(store, chosen, years, as_of, statuses)
        who = chosen.lines({row[0] for row in found})
        found = sorted((row for row in found if row[0] in who), key=_REPORT)
        out = outgoing(home) if links else None
        secret = secret_reports(store, out.ruled, [_REPORT(row) for row in found], as_of) if out else frozenset()
    looks = _looks_by_text(home, {row[2] for row in found}) if links else {}
    told_of = rests_of_all([row[3] if links else None for row in found])
    by = microseconds(as_of)
    day = _Converted(converts[_COLUMNS.index("due")])
    shown = _Converted(converts[_COLUMNS.index("first_shown")])
    looked = _Converted(converts[_COLUMNS.index("last_absent")])  # many reports are told by one look
    lines: list[DutyLine] = []
    for row, rests in zip(found, told_of, strict=True):
        (agency, year, seen, _, status, evidence, due, practice, holiday, guessed, reason, zh, en,
         first_shown, last_absent, declared, late, findings) = row  # fmt: skip
        kind, due, declared, last_absent = Status(status), day[due], day[declared], looked[last_absent]
        captures: tuple[CaptureRef, ...] = ()
        editions: tuple[str, ...] = ()
        if rests is not None and out is not None and (agency, year) not in secret:
            captures = tuple(
                [
                    capture_ref(name, out.address(url), instant(when), ended, code)
                    for name, url, when, ended, code in rests[0]
                ]
            )
            editions = tuple([name for name, when in rests[1] if when <= by])
        lines.append(
            _make_line(who[agency], year, due, day[practice], kind, EvidenceGrade(evidence), reason, zh, en,
                       shown[first_shown], last_absent, absent_as_of(kind, last_absent), declared,
                       days_late(due, kind, late, declared, last_absent), _codes(findings), holiday,
                       bool(guessed), looks.get(seen, ()), captures, editions)
        )  # fmt: skip
    return lines


#: an unknown report that looks did not show has a last absence too
_ABSENCES = frozenset({Status.MISSING, Status.NOT_FOUND, Status.UNKNOWN})


def absent_as_of(status: Status, last_absent: datetime | None) -> datetime | None:
    """Return the instant as of which an absence is stated, None for a status that states none.

    It is the start of the last complete look that supports the absence. Every door takes it from here: nobody looked
    after it, so nothing later can be said.
    """
    return last_absent if status in _ABSENCES else None


def days_late(
    due: date | None, status: Status, stated: int | None, declared: date | None, last_absent: datetime | None
) -> int | None:
    """Give the days late: as the site's own date says where it lies after the due date and what looks prove; else the
    least that the last absence proves.
    """
    if status is not Status.LATE or due is None:
        return None
    if stated is not None:
        return stated
    claimed = (declared - due).days if declared else 0
    proven = (local_day(last_absent) - due).days if last_absent else 0
    return max(1, claimed, proven) if claimed > 0 or last_absent else None


def _rows(
    store: ProjectionStore,
    chosen: Chosen,
    years: Collection[int] | None,
    as_of: datetime,
    wanted: Collection[Status] | None,
) -> tuple[Sequence[Convert], list[tuple[Any, ...]]]:
    """The columns of each status as the driver gives them, and what makes their values of it."""
    narrowed = chosen.narrowed() or {"portal": listed(chosen.portals)}
    if years is not None:
        narrowed["year"] = sorted(set(years))
    if wanted is not None:
        narrowed["status"] = sorted(status.value for status in wanted)
    query = _statement(store.tables.statuses, tuple(narrowed))
    with store.read() as connection:
        converts, batches = raw_rows(connection, query, _BATCH, at=as_of, **narrowed)
        return converts, [*chain.from_iterable(batches)]


@cache
def _statement(table: Table, narrowed: Sequence[str]) -> Select[Any]:
    """The statuses that hold ``at`` an instant; ``narrowed``: the columns of which some values are wanted."""
    return select(*(table.c[name] for name in _COLUMNS)).where(
        *(is_one_given(table.c[name], name) for name in narrowed),
        table.c.kind.is_not(None),
        table.c.since <= bindparam("at"),
        table.c.until.is_(None) | (table.c.until > bindparam("at")),
    )


class _Converted(dict[Any, Any]):
    """Values of a column by what the driver gives: the same days and instants come again and again."""

    def __init__(self, convert: Convert) -> None:
        super().__init__({None: None})
        self._convert = convert

    def __missing__(self, given: Any) -> Any:
        found = self[given] = self._convert(given)
        return found


@lru_cache(maxsize=65_536)
def _codes(text: str) -> tuple[str, ...]:
    """The codes of findings, once each."""
    return () if text == "[]" else tuple(dict.fromkeys(one["code"] for one in json.loads(text)))


# ---------------------------------------------------------------------------------------------- what lines rest on


def _looks_by_text(home: Home, texts: Collection[str]) -> Mapping[str, tuple[LookRef, ...]]:
    """The looks that columns of ids name, oldest first; many bodies rest on the same ones."""
    names = {text: json.loads(text) for text in texts}
    looks = look_refs(home, {name for named in names.values() for name in named})
    return {
        text: tuple(sorted((looks[name] for name in named if name in looks), key=lambda one: (one.started, one.id)))
        for text, named in names.items()
    }


def look_refs(home: Home, ids: Collection[str]) -> Mapping[str, LookRef]:
    """Name looks with the addresses of their listings, by id; one that is not held is left out."""
    looks = Observations(home).looks_by_id(ids)
    urls = listing_urls(home, {look.listing for look in looks})
    return {look.id: LookRef.of(look, url=urls.get(look.listing, "")) for look in looks}


def capture_refs(home: Home, ids: Collection[str]) -> Mapping[str, CaptureRef]:
    """Name captures with their addresses and times, by id; one that is not held is left out."""
    out = outgoing(home)
    return {
        name: capture_ref(name, out.address(url), at, outcome, status)
        for name, url, at, outcome, status in capture_heads(home, ids)
    }


def capture_ref(name: str, url: str, at: datetime, outcome: str, status: int | None) -> CaptureRef:
    """Name a capture with its address and time."""
    return _make_capture_ref(name, url, at, CaptureOutcome(outcome), status)


def secret_reports(
    store: ProjectionStore, ruled: Withheld, reports: Collection[Report], as_of: datetime
) -> frozenset[Report]:
    """The reports of which a ruling withholds something that was known by ``as_of``."""
    held = editions_of_reports(store, reports) if ruled.documents else {}
    found = {
        report
        for report, editions in held.items()
        if ruled.hides_any(report, (one for one in editions if one.first_seen <= as_of))
    }
    return frozenset(found | ruled.reports.keys())
