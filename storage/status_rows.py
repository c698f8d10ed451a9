"""Convert duties and their statuses to rows; each status has beside it what is queried with it. Also counts statuses.

``rests`` of a status: the captures that it cites and the editions of the report seen before it ended, packed, so that
lists of many thousands find them in the row.

``tallies`` counts the statuses valid now, in one row per portal and year. ``since``: the time from which all that it
counts were valid; for an earlier as-of time the histories must be counted. ``counts``: the number of duties with equal
kind of agency, origin of the due date (``statute``, ``practice``, ``nothing``), status, evidence and reason.

A portal's statuses are stored by year and status, those valid now first: lists of one year over all portals then read
few pages of each.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from storage.column_types import microseconds
from storage.judgements import DutyInterval
from storage.mapping import dumps, shape
from storage.records import Duty, Edition, EvidenceGrade, Status, StatusInterval, editions_by_report

_OF_DUTY = ("kind", "due", "practice", "guessed", "holiday")
_DIGEST = 32  # bytes of a SHA-256
#: Id, address, time, outcome and HTTP status of a capture (:func:`storage.capture_store.capture_heads`).
Head = tuple[str, str, datetime, str, int | None]


def status_rows(
    portal: str,
    duties: Iterable[Duty],
    statuses: Iterable[StatusInterval],
    editions: Iterable[Edition],
    captures: Mapping[str, Head],
) -> list[dict[str, Any]]:
    """Return the rows of ``statuses``, each with the values of its duty (the report due; NULL if there is none) and
    its ``rests``: the captures, and the editions known by its end, packed as text.

    ``captures``: the heads of cited captures that exist, by id.
    """
    of_duty = shape(Duty)
    duty_values = {
        (duty.agency, duty.year): of_duty.values(**{name: getattr(duty, name) for name in _OF_DUTY}) for duty in duties
    }
    by_report = editions_by_report(editions)
    rows = []
    for interval in statuses:
        report = (interval.agency, interval.year)
        cited = [captures[name] for name in interval.captures if name in captures]
        before_end = (e for e in by_report.get(report, ()) if interval.until is None or e.known_from < interval.until)
        rests = packed_rests(cited, [(edition.id, edition.known_from) for edition in before_end])
        further_values = duty_values.get(report, dict.fromkeys(_OF_DUTY)) | {"portal": portal, "rests": rests}
        rows.append(shape(StatusInterval).row(interval) | further_values)
    return sorted(rows, key=_place)


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["until"] is not None, row["year"], row["status"], row["agency"], row["since"]


# --------------------------------------------------------------------------------------- captures and editions cited


def packed_rests(captures: Iterable[Head], editions: Iterable[tuple[str, datetime]]) -> str | None:
    """Return captures and editions (id, first seen; in order) that a status cites, packed as text; None if none."""
    cited = [[*one[:2], microseconds(one[2]), *one[3:]] for one in sorted(captures, key=lambda one: (one[2], one[1]))]
    edition_times = [[name, microseconds(first_seen)] for name, first_seen in editions]
    return dumps([cited, edition_times]) if cited or edition_times else None


def rests_of_all(packed: Iterable[str | None]) -> list[Any]:
    """Unpack the ``rests`` of many statuses as one text, which is faster: for each None, or its captures and editions
    as lists with instants in microseconds.
    """
    rests: list[Any] = json.loads(f"[{','.join([text or 'null' for text in packed])}]")
    return rests


def interval_row(portal: str, interval: DutyInterval, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return a row of ``standing`` (a report's state over some time); ``numbers``: of rows of readings, by document."""
    return shape(DutyInterval).row(interval) | {
        "portal": portal,
        "reading": numbers.get(interval.reading or ""),
        "documents": b"".join(bytes.fromhex(name) for name in interval.documents),
        "marks": ",".join(interval.marks),
    }


def documents_of(packed: bytes) -> frozenset[str]:
    """Return the digests in the ``documents`` column of a row of statuses."""
    return frozenset(packed[start : start + _DIGEST].hex() for start in range(0, len(packed), _DIGEST))


# ---------------------------------------------------------------------------------------------- counts


def tally_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of ``tallies`` (numbers of reports by kind, status, evidence) for rows of ``statuses``: one per
    portal and year, and one for all years together.

    Only what holds now counts. The row for all years counts only by kind, status and the reason of ``unknown``, because
    it is read for all portals at once.
    """
    counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    since: dict[tuple[str, int], datetime] = {}
    for row in rows:
        if row["until"] is not None or row["kind"] is None:
            continue
        dated = due_by(row["due"], row["practice"])
        reason = row["reason"] if row["status"] == Status.UNKNOWN else ""
        for year, state in (
            (row["year"], tally_key(row["kind"], dated, *(row[name] for name in _STATE))),
            (ALL_YEARS, tally_key(row["kind"], "nothing", row["status"], EvidenceGrade.NONE.value, reason)),
        ):
            key = (row["portal"], year)
            counts[key][state] += 1
            since[key] = max(since.get(key, row["since"]), row["since"])
    return [
        {"portal": key[0], "year": key[1], "since": since[key], "counts": dumps(dict(sorted(tally.items())))}
        for key, tally in counts.items()
    ]


def due_by(due: object, practice: object) -> str:
    """Return what sets a due date: ``statute`` (``due`` is set or true), ``practice``, or ``nothing``."""
    return "statute" if due else "practice" if practice else "nothing"


ALL_YEARS = 0  #: the ``year`` of a tally over all years
_STATE = ("status", "evidence", "reason")


def tally_key(kind: str, dated: str, status: str, evidence: str, reason: str) -> str:
    """Return the key of duties that are counted together, as one text (:func:`tally_parts` splits it)."""
    return f"{kind} {dated} {status} {evidence} {reason}"


def tally_parts(key: str) -> list[str]:
    """Return kind of agency, origin of the due date, status, evidence and reason of a key."""
    return key.split(" ", 4)


def tally_counts(packed: Sequence[str]) -> list[dict[str, int]]:
    """Unpack ``counts`` columns as one text, which is faster: numbers of duties by :func:`tally_key`."""
    counts: list[dict[str, int]] = json.loads(f"[{','.join(packed)}]")
    return counts
