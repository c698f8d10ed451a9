"""Looks, captures and listings by their ids, many at once and no more of them than an answer names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, LargeBinary, Select, Text, bindparam, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage import rows
from storage.home import Home
from storage.prepared import Prepared
from storage.records import Capture
from storage.tables import AddressRow, CaptureRow, Hex, ListingRow, LookCaptureRow, LookRow

_BATCH = 5_000
_REMEMBERED = 100_000  # looks whose heads are kept
_MANY = frozenset({"portal", "agency"})


@dataclass(frozen=True, slots=True)
class LookHead:
    """What an answer says of a look: no more, for they are many."""

    id: str
    listing: str
    started: datetime
    finished: datetime
    outcome: str
    captures: tuple[str, ...]


class _Heads:
    """Heads of looks that were read: rows of looks are only added, so what was read once stays true. Threads share it:
    whole entries alone are looked up and set, each in one step of a dict.
    """

    def __init__(self) -> None:
        self.held: dict[str, LookHead] = {}

    def close(self) -> None:
        self.held.clear()


def look_heads(home: Home, ids: Collection[str]) -> list[LookHead]:
    """Give those of the looks that are held, with their captures; those that were asked for last are remembered."""
    held = home.kept("looks", _Heads).held
    if len(held) > _REMEMBERED:
        held.clear()
    found = {name: one for name in ids if (one := held.get(name)) is not None}
    for one in _read_heads(home, [name for name in ids if name not in found]):
        found[one.id] = held[one.id] = one
    return list(found.values())


def _read_heads(home: Home, ids: Collection[str]) -> Iterator[LookHead]:
    table, pages = rows.table(LookRow), rows.table(LookCaptureRow)
    query = select(
        *(table.c.id, table.c.listing, table.c.started, table.c.finished, table.c.outcome), pages.c.capture
    ).outerjoin(pages, pages.c.look == table.c.no)
    query = query.order_by(table.c.no, pages.c.position)
    with home.truth.read() as connection:
        for names in _batches(ids):
            found = connection.execute(query.where(among(table.c.id, names))).all()
            for _, same in groupby(found, key=itemgetter(0)):
                parts = [*same]
                name, listing, started, finished, outcome, _ = parts[0]
                pages_read = tuple([part[-1] for part in parts if part[-1] is not None])
                yield LookHead(name, listing, started, finished, outcome, pages_read)


def captures_by_id(home: Home, ids: Collection[str]) -> Mapping[str, Capture]:
    """Give those of the captures that are held, in the order of ``ids``."""
    captures: dict[str, Capture] = {}
    with home.truth.read() as connection:
        for names in _batches(ids):
            for row in connection.execute(_captures_among(), {"ids": names}).mappings():
                captures[row["id"]] = rows.capture_of(row)
    return {name: captures[name] for name in dict.fromkeys(ids) if name in captures}


def ids_begun(home: Home, begun: str, most: int = 3) -> list[str]:
    """The ids of captures and looks that begin with some hex digits, ``most`` at most of each."""
    found: set[str] = set()
    first, last = begun.ljust(_ID, "0"), begun.ljust(_ID, "f")
    with home.truth.read() as connection:
        for row in (CaptureRow, LookRow):
            ids = rows.table(row).c.id
            query = select(ids).where(ids.between(first, last)).order_by(ids).limit(most)
            found.update(connection.execute(query).scalars())
    return sorted(found)


_ID = 32  # hex digits of an id


@cache
def _captures_among() -> Select[Any]:
    """The captures whose id is one of ``ids``."""
    query: Select[Any] = rows.captures_query().where(CaptureRow.id.in_(bindparam("ids", expanding=True)))
    return query


@cache
def capture_by_id() -> Prepared:
    """The capture of an ``id``."""
    return Prepared(rows.captures_query().where(CaptureRow.id == bindparam("id")))


def capture_heads(home: Home, ids: Collection[str]) -> Iterator[tuple[str, str, datetime, str, int | None]]:
    """Id, address, time, outcome and HTTP status of those of the captures that are held: no more, for they are many."""
    table, addresses = rows.table(CaptureRow), rows.table(AddressRow)
    query = select(table.c.id, addresses.c.url, table.c.fetched_at, table.c.outcome, table.c.status).join(
        addresses, table.c.address == addresses.c.no
    )
    with home.truth.read() as connection:
        for names in _batches(ids):
            for row in connection.execute(query.where(among(table.c.id, names))).all():
                yield tuple(row)


def listing_urls(home: Home, ids: Collection[str]) -> Mapping[str, str]:
    """Give the addresses of listings, as they stand now."""
    table = rows.table(ListingRow)
    found: dict[str, str] = {}
    with home.truth.read() as connection:
        for names in _batches(ids):
            query = select(table.c.id, table.c.url).where(among(table.c.id, names))
            found |= {row.id: row.url for row in connection.execute(query.order_by(table.c.recorded_at, table.c.no))}
    return found


def among(column: ColumnElement[Any], names: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column of ids or digests is one of these, which come from the database itself: thousands of them are
    handed to the driver as they are, for checking each takes longer than looking it up.
    """
    if isinstance(column.type, Hex):
        return type_coerce(column, LargeBinary).in_([bytes.fromhex(name) for name in names])
    return column.op("IN", is_comparison=True)(TextList(bindparam(None, listed(names), type_=Text())))


def among_given(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether a column of texts is one of those that a prepared statement is given, by :func:`listed`."""
    return column.op("IN", is_comparison=True)(TextList(bindparam(parameter, type_=Text())))


def is_one_given(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether a column is one of the values that a statement is given: of ``portal`` and ``agency``, which may be
    thousands, by :func:`listed`; of others as a list, which lets an index find them.
    """
    if parameter in _MANY:
        return among_given(column, parameter)
    return column.in_(bindparam(parameter, expanding=True))


def listed(names: Iterable[object]) -> str:
    """Texts as one parameter of a statement."""
    return json.dumps([str(name) for name in names])


class TextList(FunctionElement[str]):
    """Texts, all of them in one parameter: as JSON, which either engine reads. A statement with it is compiled once,
    whatever the texts are.
    """

    type = Text()
    inherit_cache = True

    def __init__(self, texts: BindParameter[str]) -> None:
        super().__init__(texts)


@compiles(TextList, "sqlite")
def _listed_by_sqlite(one: TextList, compiler: Any, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(one.clauses, **more)}))"  # noqa: S608 - a parameter's mark


@compiles(TextList, "postgresql")
def _listed_by_postgresql(one: TextList, compiler: Any, **more: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(one.clauses, **more)} AS json)))"


def _batches(ids: Collection[str]) -> Iterator[list[str]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _BATCH):
        yield wanted[start : start + _BATCH]
