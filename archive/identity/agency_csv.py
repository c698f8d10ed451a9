"""Agencies from the text of a CSV: ``id,name,kind,code,parent,valid_from,valid_to,aliases,source``.

A portal's own file and ``nianbao agencies import`` read the same shape. Kinds are in English or Chinese, aliases
divided by ``|``; a ``source`` that is empty, or begins with ``guessed`` (behind a colon: where the name was met), marks
a body that no source attests.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from datetime import date, datetime

from storage.records import Agency, AgencyKind

COLUMNS = ("id", "name", "kind", "code", "parent", "valid_from", "valid_to", "aliases", "source")
KINDS: Mapping[str, AgencyKind] = {
    "政府": AgencyKind.GOVERNMENT,
    "办公室": AgencyKind.OFFICE,
    "部门": AgencyKind.DEPARTMENT,
    "乡镇": AgencyKind.TOWNSHIP,
    "街道": AgencyKind.SUBDISTRICT,
    "其他": AgencyKind.OTHER,
} | {str(kind): kind for kind in AgencyKind}
#: First word of a source that attests nobody.
GUESSED = "guessed"
SLUG = re.compile(r"[a-z0-9_]{1,60}")
_NAME = 200  # characters; no body has a longer name


class AgencyListError(ValueError):
    """A list of agencies is not as it must be; the message names the line and the column."""


def parse_agencies(
    text: str, *, portal: str, origin: str, now: datetime, known: Mapping[str, Agency] | None = None
) -> tuple[Agency, ...]:
    """The agencies of ``text``, their sources after ``origin`` (the file they stand in).

    ``known``: the registry's agencies by name; with it the columns ``id`` and ``code`` may be left out: a known
    body keeps its own, a new one gets an id made from its name. Without it every row needs an id.
    Raises AgencyListError.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    needed = ("name", "kind") if known is not None else ("id", "name", "kind")
    try:
        given = reader.fieldnames or ()
        if missing := [column for column in needed if column not in given]:
            raise AgencyListError(f"{origin}: the column {missing[0]!r} is missing; columns are {','.join(COLUMNS)}")
        made = [_agency(row, portal, origin, reader.line_num, now, known) for row in reader]
    except csv.Error as error:
        raise AgencyListError(f"{origin}:{reader.line_num}: this is no CSV ({error})") from error
    seen: set[str] = set()
    for agency in made:
        if agency.id in seen:
            raise AgencyListError(
                f"{origin}: the id {agency.id.partition('/')[2]!r} ({agency.name}) stands there twice"
            )
        seen.add(agency.id)
    bodies = seen | {agency.id for agency in (known or {}).values()}
    if known is not None and (orphan := next((a for a in made if a.parent and a.parent not in bodies), None)):
        raise AgencyListError(f"{origin}: {orphan.name} names a parent {orphan.parent!r} that nobody knows")
    return tuple(made)


def _agency(
    row: Mapping[str, str | None],
    portal: str,
    origin: str,
    line: int,
    now: datetime,
    known: Mapping[str, Agency] | None,
) -> Agency:
    value = {column: (row.get(column) or "").strip() for column in COLUMNS}
    where = f"{origin}:{line}"
    if not value["name"] or len(value["name"]) > _NAME:
        raise AgencyListError(f"{where}: the name must be not empty, and of at most {_NAME} characters")
    kind = KINDS.get(value["kind"].lower())
    if kind is None:
        raise AgencyListError(f"{where}: unknown kind {value['kind']!r}; one of {', '.join(KINDS)}")
    former = (known or {}).get(value["name"])
    return Agency(
        id=f"{portal}/{_local_id(value, where, former, known is None)}",
        portal=portal,
        name=value["name"],
        kind=kind,
        code=value["code"] or (former.code if former else None),
        parent=f"{portal}/{value['parent']}" if value["parent"] else (former.parent if former else None),
        valid_from=_day(value["valid_from"], f"{where}: valid_from"),
        valid_to=_day(value["valid_to"], f"{where}: valid_to"),
        aliases=tuple(a.strip() for a in value["aliases"].split("|") if a.strip()),
        source=f"{origin}: {value['source']}",
        guessed=_is_guessed(value["source"]) or (known is None and not value["source"]),
        recorded_at=now,
    )


def _is_guessed(source: str) -> bool:
    """Whether a source says that it attests nobody (``guessed``), perhaps with where the name was met behind it."""
    return source.partition(":")[0].strip() == GUESSED


def _local_id(value: Mapping[str, str], where: str, former: Agency | None, required: bool) -> str:
    if value["id"] or required:
        if not SLUG.fullmatch(value["id"]):
            raise AgencyListError(f"{where}: id must be [a-z0-9_]+ (at most 60), is {value['id']!r}")
        return value["id"]
    if former is not None:
        return former.id.partition("/")[2]
    return "n" + hashlib.sha256(value["name"].encode()).hexdigest()[:12]


def _day(text: str, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise AgencyListError(f"{where} must be YYYY-MM-DD, is {text!r}") from None
