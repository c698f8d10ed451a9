"""Duties and their statuses → rows: each status with what is asked together with it, and how many there are of each.

``tallies`` counts the statuses that hold to this day. ``since``: from when on all that a row counts have held, so that
whoever asks as of an earlier instant knows that he has to count the histories themselves. ``dated``: what sets the day
(``statute``, ``practice``, ``nothing``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from storage.records import Duty, StatusInterval
from storage.shapes import shape

_BESIDE = ("kind", "due", "practice", "guessed", "holiday")


def status_rows(portal: str, duties: Iterable[Duty], statuses: Iterable[StatusInterval]) -> list[dict[str, Any]]:
    """The rows of ``statuses``: every interval, with what its duty says (NULL where there is none)."""
    described, of_duty = shape(StatusInterval), shape(Duty)
    beside = {
        (duty.agency, duty.year): {name: of_duty.encode[name](getattr(duty, name)) for name in _BESIDE}
        for duty in duties
    }
    nothing = dict.fromkeys(_BESIDE)
    return [described.row(one) | beside.get((one.agency, one.year), nothing) | {"portal": portal} for one in statuses]


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
