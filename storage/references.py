"""Looks, captures and listings by their ids, many at once and no more of them than an answer names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, select

from storage.capture_rows import capture_of, captures_query
from storage.home import Home
from storage.records import Capture
from storage.statements import among, batches
from storage.tables import ADDRESSES, CAPTURES, LISTINGS, LOOK_CAPTURES, LOOKS


@dataclass(frozen=True, slots=True)
class LookHead:
    """What an answer says of a look: no more, for they are many."""

    id: str
    listing: str
    started: datetime
    finished: datetime
    outcome: str
    captures: tuple[str, ...]


def look_heads(home: Home, ids: Collection[str]) -> list[LookHead]:
    """Give those of the looks that are held, with their captures."""
    query = select(
        *(LOOKS.c.id, LOOKS.c.listing, LOOKS.c.started, LOOKS.c.finished, LOOKS.c.outcome),
        LOOK_CAPTURES.c.capture.label("captures"),
    ).outerjoin(LOOK_CAPTURES, LOOK_CAPTURES.c.look == LOOKS.c.no)
    query = query.order_by(LOOKS.c.no, LOOK_CAPTURES.c.position)
    heads = []
    for names in batches(ids):
        for _, same in groupby(home.truth.rows(query.where(among(LOOKS.c.id, names))), key=itemgetter(0)):
            rows = [*same]
            captures = tuple([row[-1] for row in rows if row[-1] is not None])
            heads.append(LookHead(**{**rows[0]._mapping, "captures": captures}))
    return heads


def captures_by_id(home: Home, ids: Collection[str]) -> Mapping[str, Capture]:
    """Give those of the captures that are held, in the order of ``ids``."""
    captures: dict[str, Capture] = {}
    for names in batches(ids):
        for row in home.truth.rows(_captures_among(), ids=names):
            captures[row.id] = capture_of(row._mapping)
    return {name: captures[name] for name in dict.fromkeys(ids) if name in captures}


def ids_begun(home: Home, begun: str, most: int = 3) -> list[str]:
    """The ids of captures and looks that begin with some hex digits, ``most`` at most of each."""
    found: set[str] = set()
    first, last = begun.ljust(_ID, "0"), begun.ljust(_ID, "f")
    for ids in (CAPTURES.c.id, LOOKS.c.id):
        found.update(home.truth.scalars(select(ids).where(ids.between(first, last)).order_by(ids).limit(most)))
    return sorted(found)


_ID = 32  # hex digits of an id


@cache
def _captures_among() -> Select[Any]:
    """The captures whose id is one of ``ids``."""
    query: Select[Any] = captures_query().where(CAPTURES.c.id.in_(bindparam("ids", expanding=True)))
    return query


def capture_heads(home: Home, ids: Collection[str]) -> Iterator[tuple[str, str, datetime, str, int | None]]:
    """Id, address, time, outcome and HTTP status of those of the captures that are held: no more, for they are many."""
    query = select(CAPTURES.c.id, ADDRESSES.c.url, CAPTURES.c.fetched_at, CAPTURES.c.outcome, CAPTURES.c.status).join(
        ADDRESSES, CAPTURES.c.address == ADDRESSES.c.no
    )
    for names in batches(ids):
        for row in home.truth.rows(query.where(among(CAPTURES.c.id, names))):
            yield tuple(row)


def listing_urls(home: Home, ids: Collection[str]) -> Mapping[str, str]:
    """Give the addresses of listings, as they stand now."""
    found: dict[str, str] = {}
    query = select(LISTINGS.c.id, LISTINGS.c.url).order_by(LISTINGS.c.recorded_at, LISTINGS.c.no)
    for names in batches(ids):
        found |= dict(map(tuple, home.truth.rows(query.where(among(LISTINGS.c.id, names)))))
    return found
