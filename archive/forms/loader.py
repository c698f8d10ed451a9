"""Form files → forms, read once and checked.

The forms are the files ``…<year>.toml`` beside this module. A broken file stops the program at its first use, with a
sentence that names it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import filter as matching
from functools import cache
from pathlib import Path
from typing import Any

from archive.forms.model import Form, Indicator, RowPlan, Sum

FOLDER = Path(__file__).parent
RULES = ("identities", "links", "bridges", "narrative")  # entries that name places of the form

Entry = Mapping[str, Any]


class FormError(ValueError):
    """A form file that does not hold together; the message names the file."""


@cache
def all_forms() -> tuple[Form, ...]:
    """Return all forms that cells may be of, oldest first: the free table of before 2019, then the national ones."""
    return tuple(sorted(map(read_form, FOLDER.glob("*[0-9].toml")), key=lambda form: form.first_year))


@cache
def load_forms() -> tuple[Form, ...]:
    """Return the national forms, oldest first; FormError where a file cannot be used."""
    return tuple(form for form in all_forms() if not form.is_free)


@cache
def old_form() -> Form:
    """Return the free table of the reports before 2019."""
    return next(form for form in all_forms() if form.is_free)


def known_form(name: str | None) -> Form | None:
    """Return the form of this name; None where a document names none, or one that is no longer (or not yet) here."""
    return next((plan for plan in all_forms() if plan.name == name), None)


def form(name: str) -> Form:
    """Return the form of this name (``"2021"``, ``"pre2019"``); KeyError if there is none."""
    return {plan.name: plan for plan in all_forms()}[name]


def form_of_year(year: int) -> Form:
    """Return the form that was made for the reports on a year: the newest one by then, or the oldest of all."""
    return next((plan for plan in reversed(all_forms()) if plan.first_year <= year), all_forms()[0])


@cache
def all_places() -> Mapping[str, Indicator]:
    """Return the places of all forms by their ids: a table may have rows of another form."""
    return {name: place for form in all_forms() for name, place in form.places.items()}


@cache
def rows_by_key(form: Form) -> Mapping[str, RowPlan]:
    """Return the rows that a label key may name: those of a form, and rows of other forms for a group of its rows.

    hongze_2023.pdf: （六）其他处理 as one row, as in 2019, in a report on the form of 2021.
    """
    rows = {key: row for row in reversed(form.printed_rows) for key in row.keys}
    for row in (row for other in load_forms() for row in other.printed_rows):
        inside = [one for one in form.printed_rows if one.group_keys & row.keys and one.table == row.table]
        if inside and not row.keys & rows.keys():
            moved = replace(row, order=inside[0].order, span=len(inside), block=inside[0].block)
            rows |= dict.fromkeys(row.keys, moved)
    return rows


@cache
def foreign_headers(form: Form) -> frozenset[str]:
    """Return the column headers that only other national forms have."""
    headers = {one: {text for place in one.places.values() for text in place.column.headers} for one in load_forms()}
    return frozenset().union(*headers.values()) - headers.get(form, set())


def read_form(path: Path) -> Form:
    """Read and check one form file, with what it extends."""
    try:
        data = _read_entries(path)
        plain = Form(**{name: value for name, value in data.items() if name not in RULES})
        return _with_rules(plain, data)
    except (OSError, LookupError, TypeError, ValueError) as error:
        raise FormError(f"{path.name}: {' '.join(str(error).split())}") from error


# ---------------------------------------------------------------------------------------- files that extend one another


def _read_entries(path: Path) -> Entry:
    """Return what a file says, put over what the form says that it extends."""
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if not (base := own.pop("extends", None)):
        return own
    return _extend({**_read_entries(FOLDER / f"{base}.toml"), "last_year": None}, own)


def _extend(base: Entry, own: Entry) -> dict[str, Any]:
    merged = dict(base)
    for name, value in own.items():
        if isinstance(value, dict):
            merged[name] = {**base.get(name, {}), **value}
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            merged[name] = _extend_list(base.get(name, ()), value)
        elif name != "replaces":
            merged[name] = value
    return merged


def _extend_list(base: Sequence[Entry], own: Sequence[Entry]) -> list[Entry]:
    """Put entries in the place of those of the same key, or of those that they replace; new ones stand at the end."""
    by_key = {_key(entry): entry for entry in base}
    keys = list(map(_key, base))
    slots: list[list[Entry]] = [[entry] for entry in base]
    end: list[Entry] = []
    for entry in own:
        key, replaces = _key(entry), entry.get("replaces", ())
        if unknown := {*replaces} - {*by_key}:
            raise KeyError(*unknown)
        spots = [at for at, name in enumerate(keys) if name in {key, *replaces}]
        for at in spots:
            slots[at], keys[at] = [], ""
        (slots[spots[0]] if spots else end).append(_extend(by_key.get(key, {}), entry))
    return [entry for slot in (*slots, end) for entry in slot]


def _key(entry: Entry) -> str:
    """Return what tells an entry from the others of its list."""
    return str(next(entry[name] for name in ("key", "code", "id", "caption") if name in entry))


# --------------------------------------------------------------------------------------------------------------- rules


def _with_rules(form: Form, data: Entry) -> Form:
    """Return a form with its rules, each place and row of which it has."""
    rows = {row.id: row for table in form.tables for row in table.rows}
    _find(form.rule_makers, rows)
    _find((table.section for table in form.tables), [section.key for section in form.sections])
    phrases = data.get("narrative", {})
    narrative = {what: [_find(names, form.places) for names in sums] for what, sums in phrases.items()}
    rules: Entry = {
        "identities": list(_repeat(data.get("identities", ()), form)),
        "links": list(_repeat(data.get("links", ()), form)),
        "bridges": [{**one, "rows": [row for row, _ in _find(one["rows"], rows)]} for one in data.get("bridges", ())],
        "narrative": {what: sums for what, sums in narrative.items() if sums},
    }
    return replace(form, **rules)


def _find(names: Iterable[str], names_of_form: Collection[str]) -> Sum:
    """Return a sum of what the names stand for, with its signs; KeyError where one stands for nothing.

    ``applications.result.denied.*`` are all rows below it; ``-`` takes away.
    """
    terms: list[tuple[str, int]] = []
    for name in names:
        matches = matching(names_of_form, name.removeprefix("-"))
        if not matches:
            raise KeyError(name)
        terms += [(one, -1 if name.startswith("-") else 1) for one in matches]
    return tuple(terms)


def _repeat(entries: Iterable[Entry], form: Form) -> Iterator[Entry]:
    """Yield each rule for every column or row of its table, as it says with ``over``, or once as it stands."""
    for entry in entries:
        patterns = [("", "{}")]
        if "over" in entry:
            table = form.table(entry["table"])
            rows = [(" / ".join((*row.groups, row.label)), f"{row.id}.{{}}") for row in table.rows]
            columns = [(column.label, f"{{}}.{column.id}") for column in table.columns]
            patterns = rows if entry["over"] == "rows" else columns
        sides = {name: value for name, value in entry.items() if isinstance(value, list)}
        rest = {name: value for name, value in entry.items() if name not in {"table", "over", *sides}}
        for label, pattern in patterns:
            terms = {name: _find(map(pattern.format, names), form.places) for name, names in sides.items()}
            yield {**rest, **terms, "label": label}
