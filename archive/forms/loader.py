"""Form files → plans, read once and validated.

A broken form file stops the program at its first use, with a sentence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from archive.forms.model import (
    BlockPlan,
    Bridge,
    ColumnPlan,
    Form,
    Identity,
    Place,
    RowPlan,
    SectionPlan,
    TablePlan,
)

_HERE = Path(__file__).parent
_LAYOUTS = {"blocks", "matrix", "strip"}
_KINDS = {"count", "stock", "signed_count", "printed_sum", "amount", "open_amount"}


class FormError(ValueError):
    """A form file that does not hold together; the message names the file and the entry."""


@cache
def load_forms() -> tuple[Form, ...]:
    """All national forms, oldest first. Any ``<year>.toml`` beside this module is one."""
    return tuple(read_form(path) for path in sorted(_HERE.glob("[0-9]*.toml")))


@cache
def form(name: str) -> Form:
    """The form of this name (``"2021"``); KeyError if there is none."""
    for candidate in load_forms():
        if candidate.name == name:
            return candidate
    raise KeyError(name)


@cache
def all_indicator_ids() -> tuple[str, ...]:
    """Every indicator id over all forms, each once, in printed order of the newest form that has it."""
    ids: dict[str, None] = {}
    for plan in reversed(load_forms()):
        ids.update(dict.fromkeys(plan.ids))
    return tuple(ids)


def read_form(path: Path) -> Form:
    """Read and validate one form file. Raises :class:`FormError`."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        tables = tuple(_table(entry) for entry in data["table"])
        plan = Form(
            name=data["name"],
            title=data["title"],
            source=data["source"],
            first_year=data["first_year"],
            last_year=data.get("last_year"),
            issued=data.get("issued"),
            tables=tables,
            sections=tuple(SectionPlan(**{**s, "variants": tuple(s.get("variants", ()))}) for s in data["section"]),
            identities=tuple(_identities(data.get("identity", ()), tables)),
            bridges=tuple(Bridge(id=b["id"], label=b["label"], rows=tuple(b["rows"])) for b in data.get("bridge", ())),
            places=MappingProxyType(_places(tables)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormError(f"{path.name}: {error!r}") from error
    _validate(plan, path.name)
    return plan


def _column(entry: Mapping[str, Any]) -> ColumnPlan:
    return ColumnPlan(**{**entry, "variants": tuple(entry.get("variants", ()))})


def _row(entry: Mapping[str, Any], columns: tuple[ColumnPlan, ...], block: int = 0) -> RowPlan:
    return RowPlan(
        id=entry["id"],
        label=entry["label"],
        variants=tuple(entry.get("variants", ())),
        groups=tuple(entry.get("groups", ())),
        kind=entry.get("kind"),
        columns=columns,
        block=block,
    )


def _table(entry: Mapping[str, Any]) -> TablePlan:
    if entry["layout"] not in _LAYOUTS:
        raise ValueError(f"layout {entry['layout']!r} is none of {sorted(_LAYOUTS)}")
    columns = tuple(_column(c) for c in entry.get("column", ()))
    rows = [_row(r, columns) for r in entry.get("row", ())]
    blocks = []
    for number, block in enumerate(entry.get("block", ())):
        own = tuple(_column(c) for c in block["column"])
        blocks.append(BlockPlan(caption=block["caption"], header=block["header"], columns=own))
        rows += [_row(r, own, number) for r in block["row"]]
    return TablePlan(
        key=entry["key"],
        section=entry["section"],
        layout=entry["layout"],
        law=entry["law"],
        rows=tuple(rows),
        blocks=tuple(blocks),
        columns=columns,
        corner=entry.get("corner", ""),
        header=entry.get("header", ""),
        group_header=entry.get("group_header", ""),
    )


def _places(tables: Iterable[TablePlan]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for table in tables:
        for row in table.rows:
            for column in row.columns:
                name = f"{row.id}.{column.id}"
                if name in places:
                    raise ValueError(f"place {name} stands twice")
                places[name] = Place(id=name, table=table.key, row=row, column=column)
    return places


def _identities(entries: Iterable[Mapping[str, Any]], tables: tuple[TablePlan, ...]) -> Iterable[Identity]:
    """Expand each rule over the columns (row ids given) or over the rows (column ids given) of its table."""
    for entry in entries:
        table = next(t for t in tables if t.key == entry["table"])
        left, right = entry["left"], entry["right"]
        if entry["over"] == "columns":
            for column in table.columns:
                yield Identity(
                    code=entry["code"],
                    zh=entry["zh"],
                    left=tuple(f"{row}.{column.id}" for row in left),
                    right=tuple(f"{row}.{column.id}" for row in right),
                    rows=(*left, *right),
                )
        else:
            for row in table.rows:
                yield Identity(
                    code=entry["code"],
                    zh=entry["zh"],
                    left=tuple(f"{row.id}.{column}" for column in left),
                    right=tuple(f"{row.id}.{column}" for column in right),
                    rows=(row.id,),
                )


def _validate(plan: Form, name: str) -> None:
    for identity in plan.identities:
        for place in (*identity.left, *identity.right):
            if place not in plan.places:
                raise FormError(f"{name}: identity {identity.code} names {place}, which the form does not print")
    rows = {row.id for table in plan.tables for row in table.rows}
    for bridge in plan.bridges:
        if missing := set(bridge.rows) - rows:
            raise FormError(f"{name}: bridge {bridge.id} names {sorted(missing)}, which the form does not print")
    sections = {section.key for section in plan.sections}
    for table in plan.tables:
        if table.section not in sections:
            raise FormError(f"{name}: table {table.key} stands in section {table.section!r}, which is not described")
    for spot in plan.places.values():
        if spot.kind not in _KINDS:
            raise FormError(f"{name}: {spot.id} is of kind {spot.kind!r}, which is none of {sorted(_KINDS)}")
