"""What of the stored projections tells whether portals are well: reports seen by now, doubted looks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, func, select

from archive.queries.stored import fetch, open_projections
from storage.home import Home
from storage.recent_outcomes import Vitals

_SHRUNK = "shrunk"


@dataclass(frozen=True, slots=True)
class LookDoubt:
    """Why a look proves nothing, as a code; ``lost``: how many leads it lacks against its base."""

    reason: str
    lost: int = 0


def count_shown_by(home: Home, year: int, instant: datetime) -> dict[str, int]:
    """Count by portal the bodies whose report on ``year`` was first shown until ``instant``, as known now."""
    store = open_projections(home)
    table, duties = store.tables.statuses, store.tables.duties
    query = (
        select(duties.c.portal, func.count(distinct(table.c.agency)))
        .join(duties, (duties.c.agency == table.c.agency) & (duties.c.year == table.c.year))
        .where(table.c.year == year, table.c.until.is_(None), table.c.first_shown <= instant)
        .group_by(duties.c.portal)
    )
    return dict(map(tuple, fetch(store, query)))


def doubts_of(home: Home, looks: Collection[str]) -> dict[str, LookDoubt]:
    """What is wrong with looks that prove nothing (``shrunk``, ``skewed`` …), of those named that have a doubt."""
    store = open_projections(home)
    table = store.tables.look_judgements
    query = select(table.c.look, table.c.reason, table.c.lost).where(table.c.reason != "")
    return {look: LookDoubt(reason, lost) for look, reason, lost in fetch(store, query) if look in looks}


def shrunk_in(home: Home, runs: Collection[str], since: datetime) -> dict[str, int]:
    """The listings that showed less than before to these runs, begun at ``since`` or later, each with how many leads it
    lacks.
    """
    looks = {look.id: look.listing for look in Vitals(home).looks(since) if look.run in runs}
    doubts = doubts_of(home, looks)
    return {looks[look]: doubt.lost for look, doubt in sorted(doubts.items()) if doubt.reason == _SHRUNK}
