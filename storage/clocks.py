"""Is it our clock that is off? What the servers that were asked last said of it.

A look during which our clock and a server's differ by more than :data:`~storage.records.MOST_SKEW` proves nothing,
whosever clock is wrong. Where the last machines that told their time all differ from ours, it is ours: then seals and
crawls stop until one agrees with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain

from sqlalchemy import select

from storage import rows
from storage.home import Home
from storage.records import MOST_SKEW
from storage.tables import LookRow

AGREE = 3  # machines


def latest_by(now: datetime) -> datetime:
    """What bears a later time was made while our clock was ahead, or it is behind."""
    return now + MOST_SKEW


def clock_offset(told: Iterable[tuple[str, float]], agree: int = AGREE) -> float | None:
    """By how many seconds our clock is off, None where nothing says that it is.

    ``told``: machine, and the difference to its clock in seconds, the newest first; each machine's newest counts. One
    among the newest ``agree`` that agrees with us is enough: then it is the others'. Pure.
    """
    found: dict[str, float] = {}
    for machine, skew in told:
        if machine in found:
            continue
        if abs(skew) <= MOST_SKEW.total_seconds():
            return None
        found[machine] = abs(skew)
        if len(found) == agree:
            return sorted(found.values())[agree // 2]
    return None


def our_clock(home: Home, machine: Callable[[str], str] = str, now: tuple[str, float] | None = None) -> float | None:
    """The same of an archive: by its looks, in the order in which they were stored, as their times may be wrong.

    ``machine``: the machine that a portal asks, where several ask one; ``now``: what one told just now.
    """
    table = rows.table(LookRow)
    told = select(table.c.portal, table.c.clock_skew).where(table.c.clock_skew.is_not(None))
    with home.truth.read() as connection:
        stored = ((machine(portal), skew) for portal, skew in connection.execute(told.order_by(table.c.no.desc())))
        return clock_offset(chain([now] if now is not None else [], stored))


def agreed_last(home: Home) -> bool:
    """Whether the machine that told its time last, not later than now by our clock, agreed with it."""
    table = rows.table(LookRow)
    told = select(table.c.started, table.c.clock_skew).where(table.c.clock_skew.is_not(None))
    with home.truth.read() as connection:
        last = connection.execute(told.order_by(table.c.no.desc()).limit(1)).first()
    if last is None or last.started > latest_by(home.clock.now()):
        return False
    return abs(float(last.clock_skew)) <= MOST_SKEW.total_seconds()
