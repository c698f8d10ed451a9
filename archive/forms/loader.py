"""Form files → plans, read once and validated.

A broken form file stops the program at its first use, with a sentence. The forms are ``<year>.toml`` beside this module
and in the folders that ``NIANBAO_FORMS`` names (several parted as in ``PATH``): a new form year is one more file. They
are read once in a process; everything that is built from them is built once too.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from archive.forms.free import read_old_form
from archive.forms.model import (
    BlockPlan,
    Bridge,
    ColumnPlan,
    Form,
    Identity,
    Indicator,
    Link,
    OldForm,
    RowPlan,
    SectionPlan,
    Sum,
    TablePlan,
)

_HERE = Path(__file__).parent
FOLDERS = "NIANBAO_FORMS"  #: environment variable: folders with further form files
_PATTERN = "[0-9]*.toml"
_LAYOUTS = {"proactive": "blocks", "applications": "matrix", "remedies": "strip"}  #: the tables of every form
_KINDS = {"count", "stock", "signed_count", "printed_sum", "amount", "open_amount"}


class FormError(ValueError):
    """A form file that does not hold together; the message names the file and the entry."""


@cache
def load_forms() -> tuple[Form, ...]:
    """All national forms, oldest first; :class:`FormError` where a folder or file cannot be used."""
    return read_forms((_HERE, *further_folders()))


def further_folders() -> tuple[Path, ...]:
    """The folders that ``NIANBAO_FORMS`` names."""
    return tuple(Path(name) for name in os.environ.get(FOLDERS, "").split(os.pathsep) if name)


@cache
def further_edition() -> str:
    """A plus and eight characters that change with what the files of further forms say; empty without such forms.

    Part of the reader's version: a form more, or a form put right, may change readings.
    """
    files = [path for folder in further_folders() for path in sorted(folder.glob(_PATTERN))]
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return f"+{digest.hexdigest()[:8]}" if files else ""


def read_forms(folders: Sequence[Path]) -> tuple[Form, ...]:
    """The forms of these folders, oldest first. A form of a later folder replaces one of the same name."""
    plans: dict[str, Form] = {}
    for folder in folders:
        if not folder.is_dir():
            raise FormError(f"{FOLDERS} names {folder}, which is no folder")
        files = sorted(folder.glob(_PATTERN))
        if not files:
            raise FormError(f"{FOLDERS} names {folder}, which holds no <year>.toml")
        for path in files:
            plan = read_form(path)
            plans[plan.name] = plan
    return tuple(sorted(plans.values(), key=lambda plan: (plan.first_year, plan.name)))


@cache
def form(name: str) -> Form:
    """The form of this name (``"2021"``, ``"pre2019"``); KeyError if there is none."""
    found = known_form(name)
    if found is None:
        raise KeyError(name)
    return found


def known_form(name: str | None) -> Form | None:
    """The form of this name; None where a document names none, or one that is no longer (or not yet) here."""
    return next((candidate for candidate in all_forms() if candidate.name == name), None)


@cache
def all_forms() -> tuple[Form, ...]:
    """The free table of before 2019 as a form of one table, then the national forms: all that cells may be of."""
    return (old_form().plan, *load_forms())


@cache
def old_form() -> OldForm:
    """The free table of the reports before 2019 (``pre2019.toml``)."""
    return read_old_form(_HERE / "pre2019.toml")


@cache
def tables_with_rows() -> frozenset[str]:
    """The keys of the national forms' tables."""
    return frozenset(table.key for plan in load_forms() for table in plan.tables if table.rows)


@cache
def all_indicator_ids() -> tuple[str, ...]:
    """Every indicator id over all forms, each once, in printed order of the newest form that has it."""
    ids: dict[str, None] = {}
    for plan in reversed(all_forms()):
        ids.update(dict.fromkeys(plan.ids))
    return tuple(ids)


def read_form(path: Path) -> Form:
    """Read and validate one form file. Raises :class:`FormError`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = tuple(_table(entry) for entry in data["table"])
        plan = Form(
            name=data["name"],
            title=data["title"],
            source=data["source"],
            first_year=data["first_year"],
            last_year=data.get("last_year"),
            issued=data.get("issued"),
            tables=tables,
            sections=tuple(_section(entry) for entry in data["section"]),
            identities=tuple(_identities(data.get("identity", ()), tables)),
            bridges=tuple(Bridge(id=b["id"], label=b["label"], rows=tuple(b["rows"])) for b in data.get("bridge", ())),
            links=tuple(_links(data.get("link", ()), tables)),
            narrative=MappingProxyType(_narrative(data.get("narrative", {}), data.get("bridge", ()))),
            rule_makers=tuple(data.get("rule_makers", ())),
            places=MappingProxyType(_places(tables)),
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise FormError(f"{path.name}: {error!r}") from error
    _validate(plan, path.name)
    return plan


def _section(entry: Mapping[str, Any]) -> SectionPlan:
    words = tuple(tuple(together) for together in entry.get("words", ()))
    lists = {"variants": tuple(entry.get("variants", ())), "unless": tuple(entry.get("unless", ())), "words": words}
    return SectionPlan(**{**entry, **lists})


def _column(entry: Mapping[str, Any]) -> ColumnPlan:
    return ColumnPlan(**{**entry, "variants": tuple(entry.get("variants", ()))})


def _narrative(entry: Mapping[str, Any], bridges: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Sum, ...]]:
    """``received = [["a", "b"], ["a", "-c"]]`` → sums; an id of a bridge stands for the rows it adds up."""
    rows = {bridge["id"]: bridge["rows"] for bridge in bridges}
    return {what: tuple(tuple(_terms(names, rows)) for names in sums) for what, sums in entry.items()}


def _terms(names: Iterable[str], bridges: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, int]]:
    for name in names:
        row, _, column = name.removeprefix("-").rpartition(".")
        for one in bridges.get(row, (row,)):
            yield f"{one}.{column}", -1 if name.startswith("-") else 1


def _row(entry: Mapping[str, Any], table: str, columns: tuple[ColumnPlan, ...], block: int = 0) -> RowPlan:
    return RowPlan(
        id=entry["id"],
        table=table,
        label=entry["label"],
        variants=tuple(entry.get("variants", ())),
        groups=tuple(entry.get("groups", ())),
        kind=entry.get("kind"),
        columns=columns,
        block=block,
        marks=tuple(entry.get("marks", ())),
    )


def _table(entry: Mapping[str, Any]) -> TablePlan:
    name = entry["key"]
    if _LAYOUTS.get(name) != entry["layout"]:
        raise ValueError(f"table {name!r} with layout {entry['layout']!r}: known are {_LAYOUTS}")
    columns = tuple(_column(c) for c in entry.get("column", ()))
    rows = [_row(r, name, columns) for r in entry.get("row", ())]
    blocks = []
    for number, block in enumerate(entry.get("block", ())):
        own = tuple(_column(c) for c in block["column"])
        blocks.append(BlockPlan(caption=block["caption"], header=block["header"], columns=own))
        rows += [_row(r, name, own, number) for r in block["row"]]
    return TablePlan(
        key=name,
        section=entry["section"],
        layout=entry["layout"],
        law=entry["law"],
        rows=tuple(rows),
        blocks=tuple(blocks),
        columns=columns,
        corner=entry.get("corner", ""),
        header=entry.get("header", ""),
        group_header=entry.get("group_header", ""),
        marks=tuple(tuple(words) for words in entry.get("marks", ())),
        hints=tuple(entry.get("hints", ())),
    )


def _places(tables: Iterable[TablePlan]) -> dict[str, Indicator]:
    places: dict[str, Indicator] = {}
    for table in tables:
        for row in table.rows:
            for column in row.columns:
                name = f"{row.id}.{column.id}"
                if name in places:
                    raise ValueError(f"place {name} stands twice")
                places[name] = Indicator(id=name, table=table.key, row=row, column=column)
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
                    en=entry["en"],
                    label=column.label,
                    left=tuple(f"{row}.{column.id}" for row in left),
                    right=tuple(f"{row}.{column.id}" for row in right),
                    rows=(*left, *right),
                )
        else:
            for row in table.rows:
                yield Identity(
                    code=entry["code"],
                    zh=entry["zh"],
                    en=entry["en"],
                    label=" / ".join(filter(None, (*row.groups, row.label))),
                    left=tuple(f"{row.id}.{column}" for column in left),
                    right=tuple(f"{row.id}.{column}" for column in right),
                    rows=(row.id,),
                )


def _links(entries: Iterable[Mapping[str, Any]], tables: tuple[TablePlan, ...]) -> Iterable[Link]:
    """Rules between years. With ``table``, row ids are given and the rule is repeated for each of its columns."""
    for entry in entries:
        table = next((t for t in tables if t.key == entry.get("table")), None)
        ends = [f".{column.id}" for column in table.columns] if table else [""]
        for end in ends:
            now, before = (tuple(_terms([name + end for name in entry[side]], {})) for side in ("now", "before"))
            words = {"zh": entry["zh"], "en": entry.get("en", entry["zh"])}
            yield Link(code=entry["code"], now=now, before=before, firm=entry["firm"], **words)


def _validate(plan: Form, name: str) -> None:
    for what, places in _places_in_rules(plan):
        if missing := set(places) - set(plan.places):
            raise FormError(f"{name}: {what} names {', '.join(sorted(missing))}, which the form does not print")
    rows = {row.id for table in plan.tables for row in table.rows}
    if missing := set(plan.rule_makers) - rows:
        raise FormError(f"{name}: rule_makers names {sorted(missing)}, which the form does not print")
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


def _places_in_rules(plan: Form) -> Iterable[tuple[str, Iterable[str]]]:
    """Every rule of a form with the places it names."""
    for identity in plan.identities:
        yield f"identity {identity.code}", (*identity.left, *identity.right)
    for what, sums in plan.narrative.items():
        yield f"narrative {what}", (place for terms in sums for place, _ in terms)
    for link in plan.links:
        yield f"link {link.code}", (place for place, _ in (*link.now, *link.before))
