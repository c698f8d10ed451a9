"""Read the form files and check them, once.

The forms are the files ``…<year>.toml`` beside this module. A broken file raises FormError when forms are first used.
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
RULES = ("identities", "links", "bridges", "narrative")  # entries of a form file that name indicators of the form

Entry = Mapping[str, Any]


class FormError(ValueError):
    """A form file is broken; the message names the file."""


@cache
def all_forms() -> tuple[Form, ...]:
    """Return all forms, oldest first: the free table of reports before 2019, then the national forms."""
    return tuple(sorted(map(read_form, FOLDER.glob("*[0-9].toml")), key=lambda form: form.first_year))


@cache
def load_forms() -> tuple[Form, ...]:
    """Return the national forms, oldest first; FormError if a file is broken."""
    return tuple(form for form in all_forms() if not form.is_free)


@cache
def old_form() -> Form:
    """Return the free table of the reports before 2019."""
    return next(form for form in all_forms() if form.is_free)


@cache
def known_form(name: str | None) -> Form | None:
    """Return the form of this name; None for None, and for a form that this version does not know."""
    return next((plan for plan in all_forms() if plan.name == name), None)


def form(name: str) -> Form:
    """Return the form of this name (``"2021"``, ``"pre2019"``); KeyError if there is none."""
    return {plan.name: plan for plan in all_forms()}[name]


def form_of_year(year: int) -> Form:
    """Return the form for reports on ``year``: the newest whose first year is not later, else the oldest of all."""
    return next((plan for plan in reversed(all_forms()) if plan.first_year <= year), all_forms()[0])


@cache
def all_places() -> Mapping[str, Indicator]:
    """Return indicator id → cell over all forms, as a table may have rows of another form."""
    return {name: place for form in all_forms() for name, place in form.places.items()}


@cache
def rows_by_key(form: Form) -> Mapping[str, RowPlan]:
    """Return label key (a label without numbering, brackets and blanks) → row of the form. One row of another form for
    which this form has a group of rows is there too, in that group's position: hongze_2023.pdf, on the form of 2021,
    prints （六）其他处理 as one row, like the form of 2019.
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
    """Return the column headers of the national forms that ``form`` does not have."""
    headers = {one: {text for place in one.places.values() for text in place.column.headers} for one in load_forms()}
    return frozenset().union(*headers.values()) - headers.get(form, set())


def read_form(path: Path) -> Form:
    """Read and check one form file, with the file that it extends; FormError if it is broken."""
    try:
        data = _read_entries(path)
        plain = Form(**{name: value for name, value in data.items() if name not in RULES})
        return _with_rules(plain, data)
    except (OSError, LookupError, TypeError, ValueError) as error:
        raise FormError(f"{path.name}: {' '.join(str(error).split())}") from error


# ---------------------------------------------------------------------------------------- files that extend one another


def _read_entries(path: Path) -> Entry:
    """Return the entries of a file, merged over those of the file that it extends."""
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if not (base := own.pop("extends", None)):
        return own
    return _extend({**_read_entries(FOLDER / f"{base}.toml"), "last_year": None}, own)


def _extend(base: Entry, own: Entry) -> dict[str, Any]:
    """Return ``base`` with the values of ``own`` over it: tables and lists of tables are merged, others replaced."""
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
    """Merge ``own`` entries into ``base``: in place of the same key or of what they replace; new ones at the end."""
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
    """Return the key, code, id or caption that distinguishes an entry from the others of its list."""
    return str(next(entry[name] for name in ("key", "code", "id", "caption") if name in entry))


# --------------------------------------------------------------------------------------------------------------- rules


def _with_rules(form: Form, data: Entry) -> Form:
    """Return the form with the rules of ``data``; KeyError if these name a row or indicator that it does not have."""
    rows = {row.id: row for table in form.tables for row in table.rows}
    _sum_of(form.rule_makers, rows)
    _sum_of((table.section for table in form.tables), [section.key for section in form.sections])
    phrases = data.get("narrative", {})
    narrative = {what: [_sum_of(names, form.places) for names in sums] for what, sums in phrases.items()}
    rules: Entry = {
        "identities": list(_repeat(data.get("identities", ()), form)),
        "links": list(_repeat(data.get("links", ()), form)),
        "bridges": [{**one, "rows": [row for row, _ in _sum_of(one["rows"], rows)]} for one in data.get("bridges", ())],
        "narrative": {what: sums for what, sums in narrative.items() if sums},
    }
    return replace(form, **rules)


def _sum_of(names: Iterable[str], names_of_form: Collection[str]) -> Sum:
    """Return the sum that names describe, as (name, sign) pairs: ``a.*`` means all ids that begin so, ``-``
    subtracts. KeyError if a name matches nothing.
    """
    terms: list[tuple[str, int]] = []
    for name in names:
        matches = matching(names_of_form, name.removeprefix("-"))
        if not matches:
            raise KeyError(name)
        terms += [(one, -1 if name.startswith("-") else 1) for one in matches]
    return tuple(terms)


def _repeat(entries: Iterable[Entry], form: Form) -> Iterator[Entry]:
    """Yield each rule once for every row or column of its table if it says so with ``over``, else once."""
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
            terms = {name: _sum_of(map(pattern.format, names), form.places) for name, names in sides.items()}
            yield {**rest, **terms, "label": label}
