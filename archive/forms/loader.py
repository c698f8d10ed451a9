"""Form files → plans, read once and validated.

The forms are the files ``…<year>.toml`` beside this module and in the folders that ``NIANBAO_FORMS`` names. A broken
file stops the program at its first use, with a sentence that names the file and, where one can be named, the line.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

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

_HERE = Path(__file__).parent
FOLDERS = "NIANBAO_FORMS"  #: environment variable: folders with further form files
MAX_EXTENSIONS = 10  # forms that extend one another
_PATTERN = "*[0-9].toml"
_TYPES: Mapping[str, type] = {"tuple": tuple, "bool": bool, "int": int, "str": str}
_LAYOUTS = {"proactive": "blocks", "applications": "matrix", "remedies": "strip", "statistics": "list"}
_KINDS = {"count", "stock", "signed_count", "printed_sum", "amount", "open_amount"}
_HEAD = ("name", "title", "source", "issued", "first_year", "last_year", "is_free")  # of a form alone: never extended
_KEYS = {"section": "key", "table": "key", "block": "caption", "row": "id", "column": "id", "bridge": "id"}
_KEYS |= {"identity": "code", "link": "code"}

Entry = Mapping[str, Any]


class FormError(ValueError):
    """A form file that does not hold together; the message names the file and the line."""


class _EntryError(ValueError):
    """What is wrong; ``words`` are looked for in the file to name its line."""

    def __init__(self, message: str, *words: str) -> None:
        super().__init__(message)
        self.words = words


@cache
def load_forms() -> tuple[Form, ...]:
    """Return the national forms, oldest first; FormError where a folder or file cannot be used."""
    return tuple(form for form in all_forms() if not form.is_free)


@cache
def all_forms() -> tuple[Form, ...]:
    """Return all forms that cells may be of, oldest first: the free table of before 2019, then the national ones."""
    return read_forms((_HERE, *further_folders()))


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


def further_folders() -> tuple[Path, ...]:
    """Return the folders that ``NIANBAO_FORMS`` names."""
    return tuple(Path(name) for name in os.environ.get(FOLDERS, "").split(os.pathsep) if name)


@cache
def further_edition() -> str:
    """Return a plus and eight characters that change with the files of further forms; "" without such forms.

    Part of the reader's version: a form more, or a form put right, may change readings.
    """
    files = [path for folder in further_folders() for path in sorted(folder.glob(_PATTERN))]
    digest = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files))
    return f"+{digest.hexdigest()[:8]}" if files else ""


def read_forms(folders: Sequence[Path]) -> tuple[Form, ...]:
    """Return the forms of folders, oldest first. A form of a later folder replaces one of the same name."""
    plans: dict[str, Form] = {}
    for folder in folders:
        files = sorted(folder.glob(_PATTERN))
        if not files:
            what = "holds no <year>.toml" if folder.is_dir() else "is no folder"
            raise FormError(f"{FOLDERS} names {folder}, which {what}")
        plans |= {plan.name: plan for plan in map(read_form, files)}
    return tuple(sorted(plans.values(), key=lambda plan: (plan.first_year, plan.name)))


def read_form(path: Path) -> Form:
    """Read and validate one form file, with what it extends."""
    files: list[Path] = []
    try:
        return _form(_read(path, files))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormError(f"{(files or [path])[-1].name}: {error}") from error
    except KeyError as error:
        raise FormError(f"{path.name}: an entry lacks {error}") from error
    except _EntryError as fault:
        raise FormError(f"{_line_of(fault.words, files)}: {fault}") from fault


def _line_of(words: Iterable[str], files: Sequence[Path]) -> str:
    """Return file and line where one of the words stands first, in the form's own file or one that it extends."""
    for word, path in product(words, files):
        lines = path.read_text(encoding="utf-8").split("\n")
        if found := next((number for number, line in enumerate(lines, 1) if word in line.partition("#")[0]), 0):
            return f"{path.name}, line {found}"
    return files[0].name


def _read(path: Path, files: list[Path]) -> dict[str, Any]:
    """Return what a file says, put over what the form says that it extends."""
    files.append(path)
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if not (base := own.pop("extends", None)):
        return own
    beside = path.with_name(f"{base}.toml")
    found = beside if beside.is_file() else _HERE / f"{base}.toml"
    if not found.is_file() or len(files) > MAX_EXTENSIONS:
        raise _EntryError(f"no form {base!r} to extend", "extends")
    return _merge(_without(_read(found, files), *_HEAD), own)


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
    known = {one[key]: one for one in base}
    for entry in own:
        replaces = entry.get("replaces", ())
        if missing := [name for name in replaces if name not in known]:
            raise _EntryError(f"{entry[key]} replaces {missing[0]}, which is not there", f'"{missing[0]}"')
        old = [one for one in entries if one in base and one[key] in (entry[key], *replaces)]
        at = entries.index(old[0]) if old else len(entries)
        changed = _merge(known.get(entry[key], {}), _without(entry, "replaces"))
        entries = [*entries[:at], changed, *(one for one in entries[at:] if one not in old)]
    return entries


def _form(data: Entry) -> Form:
    tables = tuple(map(_table, data["table"]))
    places = _places(tables)
    rows = {row.id for table in tables for row in table.rows}
    sections: tuple[SectionPlan, ...] = _make_all(SectionPlan, data["section"])
    for table in tables:
        _check(f"table {table.key}", (table.section,), {section.key for section in sections})
    bridges = tuple(replace(one, rows=_rows(one.rows, tables)) for one in _make_all(Bridge, data.get("bridge", ())))
    for bridge in bridges:
        _check(f"bridge {bridge.id}", bridge.rows, rows)
    _check("rule_makers", data.get("rule_makers", ()), rows)
    identities = tuple(one for entry in data.get("identity", ()) for one in _identities(entry, tables))
    for identity in identities:
        _check(f"identity {identity.code}", (*identity.left, *identity.right), places)
    links = tuple(one for entry in data.get("link", ()) for one in _links(entry, tables))
    for link in links:
        _check(f"link {link.code}", (name for name, _ in (*link.now, *link.before)), places)
    narrative = _narrative(data.get("narrative", {}), bridges)
    for what, sums in narrative.items():
        _check(f"narrative {what}", (name for terms in sums for name, _ in terms), places)
    plan: Form = _make(
        Form,
        _without(data, "table", "section", "identity", "bridge", "link"),
        last_year=data.get("last_year"),
        tables=tables,
        sections=sections,
        identities=identities,
        bridges=bridges,
        links=links,
        narrative=MappingProxyType(narrative),
        places=MappingProxyType(places),
    )
    return plan


def _check(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise _EntryError for the first name that is none of those known."""
    for name in names:
        if name not in known:
            row = name.rpartition(".")[0] or name
            raise _EntryError(f"{what} names {name!r}, which the form does not have", f'"{name}"', f'"{row}"', row)


def _make_all(kind: type[Any], entries: Iterable[Entry]) -> tuple[Any, ...]:
    return tuple(_make(kind, entry) for entry in entries)


def _make(kind: type[Any], entry: Entry, **built: object) -> Any:
    """Return a plan made of an entry; unknown, missing and mistyped keys are faults."""
    own = {one.name: one for one in fields(kind) if one.init}
    name = next((str(entry[key]) for key in ("id", "key", "code", "caption", "name") if key in entry), "")
    values = {key: _frozen(value) for key, value in entry.items() if key not in built}
    if unknown := values.keys() - own.keys():
        word = min(unknown)
        raise _EntryError(f"{name}: {word} is no key of a {kind.__name__}", f"{word} =")
    for key, one in own.items():
        if key not in values and key not in built and one.default is MISSING and one.default_factory is MISSING:
            raise _EntryError(f"{name} lacks {key}", f'"{name}"')
        wanted = _TYPES.get(str(one.type).split("[")[0].split(" ")[0], object)
        if key in values and not isinstance(values[key], wanted):
            raise _EntryError(f"{name}: {key} is no {'list' if wanted is tuple else wanted.__name__}", f'"{name}"')
    return kind(**values, **built)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _table(entry: Entry) -> TablePlan:
    name = entry["key"]
    if _LAYOUTS.get(name) != entry["layout"]:
        raise _EntryError(f"table {name!r} with layout {entry['layout']!r}: known are {_LAYOUTS}", f'"{name}"')
    columns = _make_all(ColumnPlan, entry.get("column", ()))
    rows = [_row(row, name, columns) for row in entry.get("row", ())]
    blocks: list[BlockPlan] = []
    for number, block in enumerate(entry.get("block", ())):
        own = _make_all(ColumnPlan, block["column"])
        blocks.append(_make(BlockPlan, _without(block, "column", "row"), columns=own))
        rows += [_row(row, name, own, number) for row in block["row"]]
    plain = _without(entry, "column", "row", "block")
    plan: TablePlan = _make(TablePlan, plain, columns=columns, rows=tuple(rows), blocks=tuple(blocks))
    return plan


def _row(entry: Entry, table: str, columns: tuple[ColumnPlan, ...], block: int = 0) -> RowPlan:
    """Return a row. Its unit, where it has one, is that of all its columns."""
    if unit := entry.get("unit"):
        columns = tuple(replace(column, unit=unit) for column in columns)
    plan: RowPlan = _make(RowPlan, _without(entry, "unit"), table=table, columns=columns, block=block)
    return plan


def _places(tables: Iterable[TablePlan]) -> dict[str, Indicator]:
    places: dict[str, Indicator] = {}
    for table in tables:
        for row in table.rows:
            for name, column in zip(row.place_ids, row.columns, strict=True):
                if name in places:
                    raise _EntryError(f"place {name} stands twice", f'"{row.id}"')
                places[name] = Indicator(id=name, table=table.key, row=row, column=column)
                _check(f"kind of {name}", (places[name].kind,), _KINDS)
    return places


def _rows(names: Iterable[str], tables: Iterable[TablePlan]) -> tuple[str, ...]:
    """Return row ids; ``applications.result.denied.*`` are all rows below it."""
    ids = [row.id for table in tables for row in table.rows]
    groups = ([one for one in ids if one.startswith(name[:-1])] if name.endswith(".*") else [name] for name in names)
    return tuple(one for group in groups for one in group)


def _narrative(entry: Entry, bridges: Iterable[Bridge]) -> dict[str, tuple[Sum, ...]]:
    """``received = [["a", "b"], ["a", "-c"]]`` → sums; an id of a bridge stands for the rows it adds up."""
    rows = {bridge.id: bridge.rows for bridge in bridges}
    return {what: tuple(tuple(_terms(names, rows)) for names in sums) for what, sums in entry.items() if sums}


def _terms(names: Iterable[str], bridges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    for name in names:
        row, _, column = name.removeprefix("-").rpartition(".")
        for one in bridges.get(row, (row,)):
            yield f"{one}.{column}", -1 if name.startswith("-") else 1


def _identities(entry: Entry, tables: Iterable[TablePlan]) -> Iterator[SumRule]:
    """Expand a rule over the columns (row ids given) or over the rows (column ids given) of its table."""
    table = _table_of(entry, tables)
    words = {name: entry[name] for name in ("code", "zh", "en")}
    if entry["over"] == "rows":
        for row in table.rows:
            left, right = (tuple(f"{row.id}.{name}" for name in entry[side]) for side in ("left", "right"))
            label = " / ".join((*row.groups, row.label))
            yield SumRule(**words, label=label, left=left, right=right, rows=(row.id,))
        return
    sides = [_rows(entry[side], (table,)) for side in ("left", "right")]
    for column in table.columns:
        left, right = (tuple(f"{row}.{column.id}" for row in side) for side in sides)
        yield SumRule(**words, label=column.label, left=left, right=right, rows=(*sides[0], *sides[1]))


def _links(entry: Entry, tables: Iterable[TablePlan]) -> Iterator[Link]:
    """Expand a rule between years: with ``table``, row ids are given and it is repeated for each of its columns."""
    ends = [f".{column.id}" for column in _table_of(entry, tables).columns] if "table" in entry else [""]
    for end in ends:
        sides = {side: tuple(_terms([name + end for name in entry[side]], {})) for side in ("now", "before")}
        yield _make(Link, {"en": entry["zh"], **_without(entry, "table")}, **sides)


def _table_of(entry: Entry, tables: Iterable[TablePlan]) -> TablePlan:
    if found := [table for table in tables if table.key == entry["table"]]:
        return found[0]
    raise _EntryError(f"{entry['code']}: no table {entry['table']!r}", f'"{entry["table"]}"')
