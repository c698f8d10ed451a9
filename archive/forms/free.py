"""``pre2019.toml`` → the free table of the reports before 2019, and its figures as a form of one table."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from archive.forms.model import ColumnPlan, Form, Indicator, OldForm, OldRow, OldSum, RowPlan, SectionPlan, TablePlan

TABLE = "statistics"  #: key of its one table
YEAR, CUMULATIVE = "year", "cumulative"  #: ids of its two columns of figures
_LISTS = ("headers", "columns", "telling", "headings", "filled_in_by")
_PLAIN = ("name", "title", "source", "first_year", "last_year")


def read_old_form(path: Path) -> OldForm:
    """Read the file; ValueError or KeyError where it does not hold together."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = tuple(_row(entry) for entry in data["row"])
    sums = tuple(OldSum(**{**entry, "parts": tuple(entry["parts"])}) for entry in data["sum"])
    _validate(data["name"], rows, sums)
    plain: dict[str, Any] = {name: data[name] for name in _PLAIN}
    lists: dict[str, Any] = {name: tuple(data[name]) for name in _LISTS}
    column = {kind: tuple(headers) for kind, headers in data["column"].items()}
    plan = _plan(plain, rows, data["shown"], data.get("narrative", {}))
    return OldForm(**plain, **lists, column=MappingProxyType(column), rows=rows, sums=sums, plan=plan)


def _row(entry: Mapping[str, Any]) -> OldRow:
    lists = {name: tuple(entry.get(name, ())) for name in ("units", "variants")}
    return OldRow(**{**entry, **lists})


def _validate(name: str, rows: Sequence[OldRow], sums: Sequence[OldSum]) -> None:
    known = {row.id: row for row in rows}
    if len(known) != len(rows):
        raise ValueError(f"{name}: an id stands twice")
    for row in rows:
        if not row.id.startswith(f"{name}."):
            raise ValueError(f"{name}: {row.id} does not begin with {name}.")
        if row.under and row.under not in known:
            raise ValueError(f"{name}: {row.id} stands under {row.under}, which is no row")
    for one in sums:
        if missing := {one.total, *one.parts} - {row.id for row in rows if row.unit}:
            raise ValueError(f"{name}: {one.code} names {sorted(missing)}, which are no rows with figures")


def _plan(
    plain: Mapping[str, Any],
    rows: Sequence[OldRow],
    shown: Mapping[str, str],
    narrative: Mapping[str, Sequence[Sequence[str]]],
) -> Form:
    plans = tuple(_row_plan(row, rows, shown) for row in rows if row.unit)
    table = TablePlan(key=TABLE, section=TABLE, layout="list", law="", rows=plans)
    places = {
        f"{row.id}.{column.id}": Indicator(id=f"{row.id}.{column.id}", table=TABLE, row=row, column=column)
        for row in plans
        for column in row.columns
    }
    said = {what: tuple(tuple((name, 1) for name in names) for names in sums) for what, sums in narrative.items()}
    if unknown := {name for sums in said.values() for terms in sums for name, _ in terms} - set(places):
        raise ValueError(f"{plain['name']}: [narrative] names {sorted(unknown)}, which are no figures")
    return Form(
        **plain,
        tables=(table,),
        sections=(SectionPlan(key=TABLE, number="", heading=plain["title"]),),
        identities=(),
        bridges=(),
        places=MappingProxyType(places),
        narrative=MappingProxyType(said),
    )


def _row_plan(row: OldRow, rows: Sequence[OldRow], shown: Mapping[str, str]) -> RowPlan:
    # what has added up over years is a stock: it neither repeats nor contradicts what a year counts
    kinds = {YEAR: row.kind, CUMULATIVE: "stock" if row.kind == "count" else row.kind}
    columns = tuple(ColumnPlan(id=name, label=shown[name], unit=row.unit, kind=kind) for name, kind in kinds.items())
    groups = tuple(reversed([above.label for above in _above(row, {one.id: one for one in rows})]))
    return RowPlan(id=row.id, table=TABLE, label=row.label, variants=row.variants, groups=groups, columns=columns)


def _above(row: OldRow, known: Mapping[str, OldRow]) -> Iterator[OldRow]:
    """The rows that it stands under, the nearest first."""
    seen = {row.id}
    while row.under and row.under not in seen:
        row = known[row.under]
        seen.add(row.id)
        yield row
