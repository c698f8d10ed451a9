"""Find stale portals: since their projections were made, the truth, the code or the last finished year has changed.

The truth is append-only, so counts and newest row numbers show every change of it. A digest of the rooms that read and
judge shows every change of the code.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, func, or_, select

from archive.assessment.calendar import local_day
from storage.home import Home
from storage.projections import ProjectionStore
from storage.records import Portal, RulingKind
from storage.tables import AGENCIES, CAPTURES, EXTRACTIONS, LISTINGS, LOOKS, PORTALS, RULINGS, RUNS

_ROOMS = ("identity", "documents", "forms", "parser", "assessment", "projection")
_ON_ANY_PORTAL = (RulingKind.LEAD, RulingKind.BINDING, RulingKind.CERTIFICATE)  # their subjects name no portal
_INCOMPLETE = "left to do: "  # before the digest of a portal with documents that could not be read yet


def fingerprint(home: Home, portal: Portal, now: datetime) -> str:
    """Return a digest that changes whenever judging ``portal`` again could give another result."""
    with home.truth.read() as connection:
        state = [list(connection.execute(query).one()) for query in _counts(portal.name)]
    state.append([local_day(now).year, code_digest()])
    return hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()


def _counts(portal: str) -> list[Executable]:
    """Return queries for how many rows each table has of a portal, and the newest: a change makes its answers stale."""
    of_looks = EXTRACTIONS.join(LOOKS, EXTRACTIONS.c.look == LOOKS.c.no)
    return [
        _newest(PORTALS.c.no).where(PORTALS.c.name == portal),
        *(_newest(table.c.no).where(table.c.portal == portal) for table in (AGENCIES, LISTINGS, LOOKS)),
        _newest(RULINGS.c.no).where(_is_ruled(portal)),
        _newest(EXTRACTIONS.c.no).select_from(of_looks).where(LOOKS.c.portal == portal),
        _newest(CAPTURES.c.fetched_at).where(CAPTURES.c.portal == portal),
        select(func.count(), func.count(RUNS.c.finished)).select_from(RUNS).where(RUNS.c.portal == portal),
    ]


def _is_ruled(portal: str) -> ColumnElement[bool]:
    """Return the condition of the rulings that may change what is judged of a portal."""
    subject = RULINGS.c.subject  # a report or agency, a listing, a look
    return or_(
        RULINGS.c.kind.in_(_ON_ANY_PORTAL),
        *(subject.startswith(portal + mark, autoescape=True) for mark in "/:"),
        subject.in_(select(LOOKS.c.id).where(LOOKS.c.portal == portal)),
    )


def find_last_ruling(home: Home, portal: str) -> datetime | None:
    """Return when the newest ruling was made that may change what is judged of a portal; None if there is none."""
    with home.truth.read() as connection:
        newest: datetime | None = connection.execute(
            select(func.max(RULINGS.c.made_at)).where(_is_ruled(portal))
        ).scalar_one()
    return newest


def _newest(column: ColumnElement[Any]) -> Select[int, Any]:
    return select(func.count(), func.max(column))


@cache
def code_digest() -> str:
    """Return a digest of the code and data in ``_ROOMS`` and above: if it changes, all portals are judged anew."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted([*root.iterdir(), *(path for room in _ROOMS for path in (root / room).rglob("*"))]):
        if path.suffix in {".py", ".toml", ".csv"}:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def note_of_made(digest: str, *, is_full: bool) -> str:
    """Return the note of what a portal's projections were made from; not ``is_full``: documents are left to read."""
    return digest if is_full else f"{_INCOMPLETE}{digest}"


def is_waiting(noted: str | None, digest: str, *, unread: bool) -> bool:
    """True if a portal changed since its note (None: it has none) or, with ``unread``, has documents left to read."""
    return noted != digest and (unread or noted != f"{_INCOMPLETE}{digest}")


def count_rows(store: ProjectionStore, portals: tuple[str, ...]) -> dict[str, int]:
    """Return how many ``editions`` and ``duties`` the projections have of some portals."""
    tables = {"editions": store.tables.editions, "duties": store.tables.duties}
    with store.read() as connection:
        return {
            name: connection.execute(
                select(func.count()).select_from(table).where(table.c.portal.in_(portals))
            ).scalar_one()
            for name, table in tables.items()
        }
