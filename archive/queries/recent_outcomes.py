"""What of the stored projections tells whether portals are well: looks that are doubted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from archive.queries.stored import fetch, open_projections
from storage.home import Home
from storage.observations import Observations

_SHRUNK = "shrunk"


@dataclass(frozen=True, slots=True)
class LookDoubt:
    """Why a look proves nothing, as a code; ``lost``: how many leads it lacks against its base."""

    reason: str
    lost: int = 0


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
    looks = {look.id: look.listing for look in Observations(home).looks(since=since) if look.run in runs}
    doubts = doubts_of(home, looks)
    return {looks[look]: doubt.lost for look, doubt in sorted(doubts.items()) if doubt.reason == _SHRUNK}
