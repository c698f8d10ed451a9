"""The plan of a form: which tables it prints, which rows and columns they have, what must add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Layout = Literal["blocks", "matrix", "strip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """A column as printed.

    ``kind``: ``count stock signed_count printed_sum amount open_amount``, the last an amount whose unit the form does
    not print. ``grouped``: it stands under the table's ``group_header``.
    """

    id: str
    label: str
    variants: tuple[str, ...] = ()
    unit: str = "件"
    kind: str = "count"
    grouped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlan:
    """A row that holds values, with the labels of the merged cells left of it (``groups``) and its own columns."""

    id: str
    label: str
    variants: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    columns: tuple[ColumnPlan, ...]
    kind: str | None = None
    block: int = 0

    @property
    def place_ids(self) -> tuple[str, ...]:
        """The indicator ids of the row in the order of its columns."""
        return tuple(f"{self.id}.{column.id}" for column in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """A part of a ``blocks`` table with a caption and a header row of its own."""

    caption: str
    header: str
    columns: tuple[ColumnPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """One printed table.

    ``blocks``: captioned blocks, each with its header (第二十条); ``matrix``: nested row labels × applicants;
    ``strip``: one row of values under nested headers (复议、诉讼), whose "rows" are the headers of its blocks.
    """

    key: str
    section: str
    layout: Layout
    law: str
    rows: tuple[RowPlan, ...]
    blocks: tuple[BlockPlan, ...] = ()
    columns: tuple[ColumnPlan, ...] = ()
    corner: str = ""
    header: str = ""
    group_header: str = ""

    @property
    def label_columns(self) -> int:
        """Grid columns that hold row labels: one more than the deepest nesting."""
        return 1 + max((len(row.groups) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One cell of the form: ``id`` is the indicator, ``unit`` as the form prints it (件, 项, 万元, 元)."""

    id: str
    table: str
    row: RowPlan
    column: ColumnPlan

    @property
    def kind(self) -> str:
        """The row's kind where it has one (总计 rows), else the column's."""
        return self.row.kind or self.column.kind

    @property
    def unit(self) -> str:
        """The unit in which values of this place are kept."""
        return self.column.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlan:
    """A section of the report: key, 一…六, its heading and the variants met."""

    key: str
    number: str
    heading: str
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``sum(left) = sum(right)`` over indicator ids; ``code`` I1–I4, ``zh`` the rule in words."""

    code: str
    zh: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A derived row comparable over forms: the sum of ``rows`` (their cells column by column)."""

    id: str
    label: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One national form.

    ``first_year``/``last_year``: the reports it was made for; what a report really uses is read, not assumed.
    """

    name: str
    title: str
    source: str
    first_year: int
    last_year: int | None = None
    issued: date | None = None
    tables: tuple[TablePlan, ...]
    sections: tuple[SectionPlan, ...]
    identities: tuple[Identity, ...]
    bridges: tuple[Bridge, ...]
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """All indicator ids in printed order."""
        return tuple(self.places)

    def table(self, key: str) -> TablePlan:
        """The table of this key; KeyError if the form has none."""
        for table in self.tables:
            if table.key == key:
                return table
        raise KeyError(key)
