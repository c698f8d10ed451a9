"""Lines about duties, many thousands at once: of each status the columns that a line shows, and the names of those
bodies alone that are listed. No history is unpacked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, Table, bindparam, select

from archive.assessment.calendar import local_day
from archive.queries.links import NO_LINKS, capture_ref, look_refs, secret_reports
from archive.queries.results import CaptureRef, DutyLine, LookRef
from archive.queries.selected_agencies import Chosen, remembered
from archive.queries.withheld_content import outgoing
from storage.home import Home
from storage.mapping import maker
from storage.projections import ProjectionStore
from storage.records import EvidenceGrade, Status
from storage.statements import Convert, is_one_given, listed, raw_rows
from storage.status_rows import instant, microseconds, rests_of_all
from storage.tables import LISTINGS, LOOKS

_COLUMNS = (
    *("agency", "year", "looks", "rests", "status", "evidence", "due", "practice", "holiday", "guessed", "reason"),
    *("zh", "en", "first_shown", "last_absent", "declared", "days_late", "findings"),
)
_BATCH = 5_000
_REMEMBERED = 50_000  # sets of looks
_REPORT = itemgetter(0, 1)  # agency and year of a row
_STATUSES = {status.value: status for status in Status}
_GRADES = {grade.value: grade for grade in EvidenceGrade}
_make_line = maker(
    DutyLine,
    *("agency", "year", "due", "practice", "status", "evidence", "reason", "zh", "en", "first_shown", "last_absent"),
    *("absent_as_of", "declared", "days_late", "findings", "holiday", "guessed", "looks", "captures", "editions"),
)


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
    converts, found = _rows(store, chosen, years, as_of, statuses)
    who = chosen.lines({row[0] for row in found})
    found = sorted((row for row in found if row[0] in who), key=_REPORT)
    refs = _looks(home, {row[2] for row in found}) if links else {}
    secret = secret_reports(home, store, [_REPORT(row) for row in found], as_of) if links else frozenset()
    out = outgoing(home) if links else None
    told_of = rests_of_all([row[3] if links else None for row in found])
    by = microseconds(as_of)
    day = _Converted(converts[_COLUMNS.index("due")])
    at = converts[_COLUMNS.index("first_shown")]
    looked = _Converted(converts[_COLUMNS.index("last_absent")])  # many reports are told by one look
    lines: list[DutyLine] = []
    for row, rests in zip(found, told_of, strict=True):
        (agency, year, looks, _, status, evidence, due, practice, holiday, guessed, reason, zh, en,
         first_shown, last_absent, declared, late, findings) = row  # fmt: skip
        due, practice, declared = day[due], day[practice], day[declared]
        first_shown = None if first_shown is None else at(first_shown)
        last_absent = None if last_absent is None else looked[last_absent]
        kind, days = _STATUSES[status], None
        if kind is Status.LATE:
            days = days_late(due, kind, late, declared, last_absent)
        captures: tuple[CaptureRef, ...] = ()
        editions: tuple[str, ...] = ()
        if rests is not None and out is not None and not (secret and (agency, year) in secret):
            captures = tuple(
                [
                    capture_ref(name, out.address(url), instant(when), ended, code)
                    for name, url, when, ended, code in rests[0]
                ]
            )
            editions = tuple([name for name, when in rests[1] if when <= by])
        codes = () if findings == "[]" else _codes(findings)
        lines.append(
            _make_line(who[agency], year, due, practice, kind, _GRADES[evidence], reason, zh, en, first_shown,
                       last_absent, absent_as_of(kind, last_absent), declared, days, codes, holiday,
                       bool(guessed), refs.get(looks, ()), captures, editions)
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


@lru_cache(maxsize=65_536)
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
        super().__init__()
        self._convert = convert

    def __missing__(self, given: Any) -> Any:
        found = self[given] = self._convert(given)
        return found


def _looks(home: Home, texts: Collection[str]) -> Mapping[str, tuple[LookRef, ...]]:
    """The looks that columns of ids name, oldest first; remembered, for many bodies rest on the same ones."""
    nothing: dict[str, tuple[LookRef, ...]] = {}
    held = remembered(home, "looks", [LOOKS, LISTINGS], lambda: nothing)
    if len(held) > _REMEMBERED:
        held.clear()
    found = {text: looks for text in texts if (looks := held.get(text)) is not None}
    unread = [text for text in texts if text not in found]
    seen = replace(NO_LINKS, looks=look_refs(home, {name for text in unread for name in _names(text)}), sets={})
    for text in unread:
        found[text] = held[text] = seen.looks_of(_names(text))
    return found


@lru_cache(maxsize=65_536)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text != "[]" else ()


@lru_cache(maxsize=65_536)
def _codes(text: str) -> tuple[str, ...]:
    """The codes of findings, once each."""
    return tuple(dict.fromkeys(one["code"] for one in json.loads(text)))
