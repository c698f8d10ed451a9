"""Form files → forms, read once and checked.

The forms are the files ``…<year>.toml`` beside this module. A broken file stops the program at its first use, with a
sentence that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from archive.forms.model import (
    BlockPlan,
    Bridge,
    ColumnPlan,
    Form,
    Indicator,
    Link,
    RowPlan,
    SectionPlan,
    Sum,
    SumRule,
    TablePlan,
)

FOLDER = Path(__file__).parent
_HEAD = ("name", "title", "source", "issued", "first_year", "last_year", "is_free")  # of a form alone: never extended
_KEYS = {"section": "key", "table": "key", "block": "caption", "row": "id", "column": "id", "bridge": "id"}
_KEYS |= {"identity": "code", "link": "code"}

Entry = Mapping[str, Any]


class FormError(ValueError):
    """A form file that does not hold together; the message names the file."""


@cache
def load_forms() -> tuple[Form, ...]:
    """Return the national forms, oldest first; FormError where a file cannot be used."""
    return tuple(form for form in all_forms() if not form.is_free)


@cache
def all_forms() -> tuple[Form, ...]:
    """Return all forms that cells may be of, oldest first: the free table of before 2019, then the national ones."""
    forms = [read_form(path) for path in FOLDER.glob("*[0-9].toml")]
    return tuple(sorted(forms, key=lambda form: form.first_year))


@cache
def old_form() -> Form:
    """Return the free table of the reports before 2019."""
    return next(form for form in all_forms() if form.is_free)


def form(name: str) -> Form:
    """Return the form of this name (``"2021"``, ``"pre2019"``); KeyError if there is none."""
    return {plan.name: plan for plan in all_forms()}[name]


def known_form(name: str | None) -> Form | None:
    """Return the form of this name; None where a document names none, or one that is no longer (or not yet) here."""
    return next((plan for plan in all_forms() if plan.name == name), None)


def form_of_year(year: int) -> Form:
    """Return the form that was made for the reports on a year: the newest one by then, or the oldest of all."""
    return next((plan for plan in reversed(all_forms()) if plan.first_year <= year), all_forms()[0])


def read_form(path: Path) -> Form:
    """Read and check one form file, with what it extends."""
    try:
        return _make_form(_read_file(path))
    except KeyError as error:
        raise FormError(f"{path.name}: an entry lacks {error}") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        key = ".".join(map(str, wrong["loc"]))
        raise FormError(f"{path.name}: {key} = {wrong['input']!r}: {wrong['msg']}") from error
    except (OSError, TypeError, ValueError) as error:
        raise FormError(f"{path.name}: {error}") from error


# ---------------------------------------------------------------------------------------- files that extend one another


def _read_file(path: Path) -> dict[str, Any]:
    """Return what a file says, put over what the form says that it extends."""
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if not (base := own.pop("extends", None)):
        return own
    return _merge(_without(_read_file(FOLDER / f"{base}.toml"), *_HEAD), own)


def _without(entry: Entry, *keys: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}


def _merge(base: Entry, own: Entry) -> dict[str, Any]:
    merged = dict(base)
    for name, value in own.items():
        if name in _KEYS:
            merged[name] = _merge_entries(base.get(name, ()), value, _KEYS[name])
        else:
            merged[name] = {**base.get(name, {}), **value} if isinstance(value, dict) else value
    return merged


def _merge_entries(base: Sequence[Entry], own: Iterable[Entry], key: str) -> list[Entry]:
    """Put entries in the place of those of the same key, or of those that they replace; new ones stand at the end."""
    entries = list(base)
    by_key = {one[key]: one for one in base}
    for entry in own:
        replaces = entry.get("replaces", ())
        _check(f"replaces of {entry[key]}", replaces, by_key)
        old = [one for one in entries if one in base and one[key] in (entry[key], *replaces)]
        at = entries.index(old[0]) if old else len(entries)
        changed = _merge(by_key.get(entry[key], {}), _without(entry, "replaces"))
        entries = [*entries[:at], changed, *(one for one in entries[at:] if one not in old)]
    return entries


# ------------------------------------------------------------------------------------------------------------- entries


def _make_form(data: Entry) -> Form:
    orders = count()
    tables = tuple(_make_table(entry, data["name"], orders) for entry in data["table"])
    rows = [row for table in tables for row in table.rows]
    indicators = [
        Indicator(id=name, table=row.table, row=row, column=column, kind=row.kind or column.kind, unit=column.unit)
        for row in rows
        for name, column in zip(row.place_ids, row.columns, strict=True)
    ]
    bridges = tuple(Bridge(**{**one, "rows": tuple(_match_rows(one["rows"], rows))}) for one in data.get("bridge", ()))
    summed = {bridge.id: bridge.rows for bridge in bridges}
    form = Form(
        **{"last_year": None, **_without(data, "table", "section", "identity", "bridge", "link", "narrative")},
        tables=tables,
        sections=tuple(SectionPlan(**one) for one in data["section"]),
        bridges=bridges,
        identities=tuple(one for entry in data.get("identity", ()) for one in _expand_sums(entry, tables)),
        links=tuple(one for entry in data.get("link", ()) for one in _expand_links(entry, tables)),
        narrative={
            what: tuple(tuple(_signed_terms(names, summed)) for names in sums)
            for what, sums in data.get("narrative", {}).items()
            if sums
        },
        places={one.id: one for one in indicators},
    )
    if len(form.places) < len(indicators):
        raise ValueError("a place stands twice")
    _check_names(form)
    return form


def _check_names(form: Form) -> None:
    """Raise ValueError where an entry names a kind, section, row or place that the form does not have."""
    rows = {row.id for table in form.tables for row in table.rows}
    sums = [terms for several in form.narrative.values() for terms in several]
    sums += [side for link in form.links for side in (link.now, link.before)]
    _check("section", (table.section for table in form.tables), [section.key for section in form.sections])
    _check("rule_makers", form.rule_makers, rows)
    _check("bridge", (row for bridge in form.bridges for row in bridge.rows), rows)
    _check("identity", (name for rule in form.identities for name in (*rule.left, *rule.right)), form.places)
    _check("narrative or link", (name for terms in sums for name, _ in terms), form.places)


def _check(what: str, names: Iterable[str], form_names: Collection[str]) -> None:
    if unknown := next((name for name in names if name not in form_names), ""):
        raise ValueError(f"{what} names {unknown!r}, which the form does not have")


def _make_table(entry: Entry, form: str, orders: Iterator[int]) -> TablePlan:
    parts = entry.get("block") or [{"column": entry["column"], "row": entry["row"]}]
    rows = [
        _make_row(row, part["column"], form=form, table=entry["key"], block=at, order=next(orders))
        for at, part in enumerate(parts)
        for row in part["row"]
    ]
    blocks = [
        BlockPlan(**_without(block, "column", "row"), columns=_make_columns(block["column"]))
        for block in entry.get("block", ())
    ]
    plain, columns = _without(entry, "column", "row", "block"), _make_columns(entry.get("column", ()))
    return TablePlan(**plain, columns=columns, rows=tuple(rows), blocks=tuple(blocks))


def _make_columns(entries: Iterable[Entry], **more: str) -> tuple[ColumnPlan, ...]:
    return tuple(ColumnPlan(**{**one, **more}) for one in entries)


def _make_row(entry: Entry, columns: Iterable[Entry], **place: Any) -> RowPlan:
    """Return a row. Its unit, where it has one, is that of all its columns."""
    own = _make_columns(columns, **({"unit": entry["unit"]} if "unit" in entry else {}))
    ids = tuple(f"{entry['id']}.{column.id}" for column in own)
    return RowPlan(**_without(entry, "unit"), columns=own, place_ids=ids, **place)


# --------------------------------------------------------------------------------------------------------------- rules


def _match_rows(names: Iterable[str], rows: Sequence[RowPlan]) -> Iterator[str]:
    """Yield row ids; ``applications.result.denied.*`` are all rows below it."""
    for name in names:
        yield from (row.id for row in rows if row.id.startswith(name[:-1])) if name.endswith(".*") else (name,)


def _signed_terms(names: Iterable[str], bridges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Yield the terms of a sum: ``-`` takes away; an id of a bridge stands for the rows that it adds up."""
    for name in names:
        row, _, column = name.removeprefix("-").rpartition(".")
        for one in bridges.get(row, (row,)):
            yield f"{one}.{column}", -1 if name.startswith("-") else 1


def _expand_sums(entry: Entry, tables: Iterable[TablePlan]) -> Iterator[SumRule]:
    """Expand a rule over the columns (row ids given) or over the rows (column ids given) of its table."""
    table = {one.key: one for one in tables}[entry["table"]]
    words = {name: entry[name] for name in ("code", "zh", "en")}
    if entry["over"] == "rows":
        for row in table.rows:
            left, right = (tuple(f"{row.id}.{name}" for name in entry[side]) for side in ("left", "right"))
            label = " / ".join((*row.groups, row.label))
            yield SumRule(**words, label=label, left=left, right=right, rows=(row.id,))
        return
    sides = [tuple(_match_rows(entry[side], table.rows)) for side in ("left", "right")]
    for column in table.columns:
        left, right = (tuple(f"{row}.{column.id}" for row in side) for side in sides)
        yield SumRule(**words, label=column.label, left=left, right=right, rows=(*sides[0], *sides[1]))


def _expand_links(entry: Entry, tables: Iterable[TablePlan]) -> Iterator[Link]:
    """Expand a rule between years: with ``table``, row ids are given and it is repeated for each of its columns."""
    columns = next((table.columns for table in tables if table.key == entry.get("table")), ())
    for end in [f".{column.id}" for column in columns] or [""]:
        now, before = (_sum_of([name + end for name in entry[side]]) for side in ("now", "before"))
        yield Link(**_without(entry, "table", "now", "before"), now=now, before=before)


def _sum_of(names: Iterable[str]) -> Sum:
    return tuple(_signed_terms(names, {}))
