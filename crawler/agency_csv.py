"""Agencies from a CSV: ``id,name,kind,code,parent,valid_from,valid_to,aliases,source``.

Kinds are in English or Chinese, aliases divided by ``|``; a ``source`` that is empty or ``guessed`` marks a body that
no source attests.
"""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from pathlib import Path

from crawler.errors import PortalError
from storage.records import Agency, AgencyKind

COLUMNS = ("id", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source")
KINDS = {
    "政府": AgencyKind.GOVERNMENT,
    "办公室": AgencyKind.OFFICE,
    "部门": AgencyKind.DEPARTMENT,
    "乡镇": AgencyKind.TOWNSHIP,
    "街道": AgencyKind.SUBDISTRICT,
    "其他": AgencyKind.OTHER,
} | {str(kind): kind for kind in AgencyKind}
_SLUG = re.compile(r"[a-z0-9_]{1,60}")


def read_agencies(path: Path, portal: str, now: datetime) -> tuple[Agency, ...]:
    """Agencies from a CSV with the columns of this module; ``source`` ``guessed`` marks a body no source attests."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except FileNotFoundError:
        raise PortalError(
            f"{path.name} is missing beside {path.stem}.py: it names the agencies of the portal"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise PortalError(f"{path} cannot be read as UTF-8 CSV: {error}") from error
    if rows and (missing := [c for c in ("id", "name", "kind") if c not in rows[0]]):
        raise PortalError(f"{path}: the column {missing[0]!r} is missing; columns are {','.join(COLUMNS)}")
    made = [_agency(row, portal, path, line, now) for line, row in enumerate(rows, 2)]
    twice = {a.id for a in made if sum(b.id == a.id for b in made) > 1}
    if twice:
        raise PortalError(f"{path}: the id {min(twice)!r} stands there twice")
    return tuple(made)


def _agency(row: dict[str, str | None], portal: str, path: Path, line: int, now: datetime) -> Agency:
    value = {column: (row.get(column) or "").strip() for column in COLUMNS}
    kind = KINDS.get(value["kind"].lower())
    if not _SLUG.fullmatch(value["id"]) or not value["name"]:
        raise PortalError(f"{path}:{line}: id must be [a-z0-9_]+ and name not empty")
    if kind is None:
        raise PortalError(f"{path}:{line}: unknown kind {value['kind']!r}; one of {', '.join(KINDS)}")
    dates: list[date | None] = []
    for column in ("valid_from", "valid_to"):
        try:
            dates.append(date.fromisoformat(value[column]) if value[column] else None)
        except ValueError:
            raise PortalError(f"{path}:{line}: {column} must be YYYY-MM-DD, is {value[column]!r}") from None
    return Agency(
        id=f"{portal}/{value['id']}",
        portal=portal,
        name=value["name"],
        kind=kind,
        code=value["code"] or None,
        parent=f"{portal}/{value['parent']}" if value["parent"] else None,
        valid_from=dates[0],
        valid_to=dates[1],
        aliases=tuple(a.strip() for a in value["aliases"].split("|") if a.strip()),
        source=f"{path.name}: {value['source']}",
        guessed=value["source"] in {"", "guessed"},
        recorded_at=now,
    )
