"""Spell the form's labels character by character, the same however they are broken, spaced or punctuated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.forms.loader import load_forms
from archive.forms.model import Form, RowPlan, TablePlan
from archive.forms.spelling import fold, key

Spellings = tuple[str, ...]  #: longest first


@dataclass(frozen=True, slots=True)
class Spelled:
    """A table of a form: spellings of its rows, of its columns by block, of groups of rows, of all that is no row."""

    form: Form
    table: TablePlan
    rows: tuple[Spellings, ...]
    columns: tuple[tuple[Spellings, ...], ...]
    groups: Spellings
    others: Spellings


@lru_cache(maxsize=16384)
def spelled_characters(text: str) -> str:
    """What of a text is spelled: letters, ideographs and digits. That of two texts together is theirs together."""
    return "".join([c for c in fold(text) if c.isalnum()])


@cache
def spelled() -> tuple[Spelled, ...]:
    """Every table of every form, the newest form first."""
    return tuple(_table(form, table) for form in reversed(load_forms()) for table in form.tables)


def _table(form: Form, table: TablePlan) -> Spelled:
    groups = dict.fromkeys(group for row in table.rows for group in row.groups)
    if table.layout == "blocks":
        columns = tuple(tuple(_all(c.label, c.variants) for c in block.columns) for block in table.blocks)
        others = [text for block in table.blocks for text in (block.caption, block.header)]
        others += [c.label for block in table.blocks for c in block.columns]
    else:
        columns = (tuple(_all(c.label, c.variants) for c in table.columns),)
        others = [table.corner, table.header, table.group_header, *groups, *(c.label for c in table.columns)]
    rows = tuple(_row(row) for row in table.rows)
    return Spelled(
        form,
        table,
        rows,
        columns,
        _ordered(map(spelled_characters, groups)),
        _ordered(spelled_characters(text) for text in others),
    )


def _row(row: RowPlan) -> Spellings:
    number = spelled_characters(row.label)[
        : len(spelled_characters(row.label))
        - len(spelled_characters(row.label).lstrip("0123456789一二三四五六七八九十"))
    ]
    shorter = [key(row.label), *row.variants]
    return _ordered(
        [
            spelled_characters(row.label),
            *(number + spelled_characters(text) for text in shorter),
            *map(spelled_characters, shorter),
        ]
    )


def _all(label: str, variants: Iterable[str]) -> Spellings:
    return _ordered([spelled_characters(label), spelled_characters(key(label)), *map(spelled_characters, variants)])


def _ordered(spellings: Iterable[str]) -> Spellings:
    return tuple(sorted({s for s in spellings if s}, key=lambda s: (-len(s), s)))
