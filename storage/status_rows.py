"""Duties and their statuses → rows: each status with what is asked together with it, and how many there are of each.

``rests`` of a status, packed: the captures that it cites and the editions of the report that were seen before it ended,
so that lists of many thousands find them in the row.

``tallies`` counts the statuses that hold to this day. ``since``: from when on all that a row counts have held, so that
whoever asks as of an earlier instant knows that he has to count the histories themselves. ``dated``: what sets the day
(``statute``, ``practice``, ``nothing``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from storage.judgements import Standing
from storage.records import Duty, Edition, StatusInterval
from storage.shapes import shape

_BESIDE = ("kind", "due", "practice", "guessed", "holiday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DIGEST = 32  # bytes of a SHA-256
#: Id, address, time, outcome and HTTP status of a capture (:func:`storage.references.capture_heads`).
Head = tuple[str, str, datetime, str, int | None]


def status_rows(
    portal: str,
    duties: Iterable[Duty],
    statuses: Iterable[StatusInterval],
    editions: Iterable[Edition] = (),
    captures: Mapping[str, Head] | None = None,
) -> list[dict[str, Any]]:
    """The rows of ``statuses``: every interval, with what its duty says (NULL where there is none), what it rests on.

    ``captures``: those that are held of the ones that statuses cite, by id.
    """
    described, of_duty = shape(StatusInterval), shape(Duty)
    beside = {
        (duty.agency, duty.year): {name: of_duty.encode[name](getattr(duty, name)) for name in _BESIDE}
        for duty in duties
    }
    held: dict[tuple[str, int], list[Edition]] = {}
    for edition in sorted(editions, key=attrgetter("order")):
        held.setdefault((edition.agency, edition.year), []).append(edition)
    nothing = dict.fromkeys(_BESIDE)
    rows = []
    for one in statuses:
        report = (one.agency, one.year)
        cited = [captures[name] for name in one.captures if name in captures] if captures else []
        seen = [(e.id, e.first_seen) for e in held.get(report, ()) if one.until is None or e.first_seen < one.until]
        rests = packed_rests(cited, seen)
        rows.append(described.row(one) | beside.get(report, nothing) | {"portal": portal, "rests": rests})
    return rows


# ---------------------------------------------------------------------------------------------- what a status rests on


@dataclass(frozen=True, slots=True)
class Rests:
    """What a status rests on: captures, oldest first, and the editions known as of an instant, oldest first."""

    captures: Sequence[Head] = ()
    editions: tuple[str, ...] = ()


def packed_rests(captures: Iterable[Head], editions: Iterable[tuple[str, datetime]]) -> str | None:
    """What a status rests on as text; ``editions``: id and when first seen, in order. None: nothing."""
    cited = [[*one[:2], _number(one[2]), *one[3:]] for one in sorted(captures, key=lambda one: (one[2], one[1]))]
    seen = [[name, _number(at)] for name, at in editions]
    return json.dumps([cited, seen], ensure_ascii=False, separators=(",", ":")) if cited or seen else None


def rests_of(packed: str | None, as_of: datetime) -> Rests:
    """The inverse, with the editions that were known by ``as_of``."""
    [found] = rests_of_all([packed], as_of)
    return found


def rests_of_all(packed: Iterable[str | None], as_of: datetime) -> list[Rests]:
    """The same for many, read as one text."""
    by = _number(as_of)
    return [
        NOTHING
        if one is None
        else Rests(
            captures=tuple([(name, url, _EPOCH + at * _MICROSECOND, *told) for name, url, at, *told in one[0]]),
            editions=tuple([name for name, at in one[1] if at <= by]),
        )
        for one in json.loads(f"[{','.join([text or 'null' for text in packed])}]")
    ]


NOTHING = Rests()


def _number(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


# ---------------------------------------------------------------------------------------------- how duties stand


def standing_row(portal: str, one: Standing, numbers: Mapping[str, int]) -> dict[str, Any]:
    """The row of ``standing``; ``numbers``: of readings, by document."""
    return {
        "portal": portal,
        "agency": one.agency,
        "year": one.year,
        "kind": one.kind.value,
        "counts": one.counts,
        "since": one.since,
        "until": one.until,
        "status": one.status.value,
        "edition": one.edition,
        "editions": one.editions,
        "tabled": one.tabled,
        "reading": numbers.get(one.reading or ""),
        "documents": b"".join(bytes.fromhex(name) for name in one.documents),
        "marks": ",".join(one.marks),
    }


def documents_of(packed: bytes) -> frozenset[str]:
    """The ``documents`` of such a row."""
    return frozenset(packed[at : at + _DIGEST].hex() for at in range(0, len(packed), _DIGEST))


# ---------------------------------------------------------------------------------------------- counts


def tally_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of ``tallies``, of those of ``statuses``."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    names = ("portal", "year", "kind", "status", "evidence", "reason")
    for row in rows:
        if row["until"] is not None or row["kind"] is None:
            continue
        dated = "statute" if row["due"] is not None else "practice" if row["practice"] is not None else "nothing"
        key = (*(row[name] for name in names), dated)
        tally = found.setdefault(
            key, {name: row[name] for name in names} | {"dated": dated, "duties": 0, "since": row["since"]}
        )
        tally["duties"] += 1
        tally["since"] = max(tally["since"], row["since"])
    return list(found.values())
