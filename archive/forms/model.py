"""The plan of a form, as its file gives it: its tables, their rows and columns, and the sums that must hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from archive.forms.labels import fold_widths, label_key

#: A sum of cells: indicator ids, each with its sign (1 or -1).
Sum = tuple[tuple[str, int], ...]
#: How the table of each key is printed (:class:`TablePlan`).
LAYOUTS = {"proactive": "blocks", "applications": "matrix", "remedies": "strip", "statistics": "list"}
Kind = Literal["count", "stock", "signed_count", "printed_sum", "amount", "open_amount"]  #: what a cell may count
EXACT = ConfigDict(extra="forbid")  # an unknown entry in a form file is a mistake
MONEY = ("元", "万元", "亿元")
MONEY_UNIT = "|".join(MONEY)  #: pattern of one of them
STEM_CHARS = 2  # first or last characters of a header that identify it if its lines are torn apart

_EXPLANATION = re.compile(r"[(].*")


@dataclass(frozen=True, eq=False, kw_only=True, config=EXACT)
class ColumnPlan:
    """A column of a table. ``optional``: a printed table may leave it out.

    ``kind``: ``open_amount`` is an amount of which the form does not print the unit. ``grouped``: it is under the
    table's ``group_header``. ``printed``: its header, if it differs from the label that we show.
    """

    id: str
    label: str
    variants: tuple[str, ...] = ()
    unit: str = "件"
    kind: Kind = "count"
    grouped: bool = False
    printed: str = ""
    optional: bool = False

    @cached_property
    def headers(self) -> list[str]:
        """The folded headers of the column, without explanations."""
        return [_EXPLANATION.sub("", fold_widths(label)) for label in (self.label, *self.variants)]


@dataclass(eq=False, kw_only=True, config=EXACT)
class RowPlan:
    """A row with values. ``groups``: the labels of the groups that it belongs to, the outermost first.

    ``kind`` and ``unit`` override those of the columns. ``units``: other spellings of the unit in print.
    ``provincial``: only provincial tables print it. :meth:`join` sets the rest: ``place_ids``, the indicator ids in
    printed order; ``order``, the position in the form; ``span``, how many rows of the form it stands for (1 unless a
    strip).
    """

    id: str
    label: str
    variants: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kind: Kind | None = None
    unit: str = ""
    units: tuple[str, ...] = ()
    provincial: bool = False
    form: str = ""
    table: str = ""
    block: int = 0
    order: int = 0
    span: int = 1
    columns: tuple[ColumnPlan, ...] = ()
    place_ids: tuple[str, ...] = ()

    def join(self, form: str, table: str, block: int, order: int, columns: Iterable[ColumnPlan]) -> None:
        """Set the row's position in a form, its columns and the ids of its indicators."""
        self.form, self.table, self.block, self.order = form, table, block, order
        self.columns = tuple(replace(column, unit=self.unit or column.unit) for column in columns)
        self.place_ids = tuple(f"{self.id}.{column.id}" for column in self.columns)

    @property
    def is_whole_strip(self) -> bool:
        """True if this row stands for a whole strip, with all its blocks."""
        return self.span > 1 and LAYOUTS[self.table] == "strip"

    @property
    def block_key(self) -> tuple[str, int]:
        """The block of the form that the row is in: table key and number of the block."""
        return self.table, self.block

    @cached_property
    def keys(self) -> frozenset[str]:
        """The label keys of the row, one for each variant; none for a whole strip."""
        return frozenset(() if self.is_whole_strip else map(label_key, (self.label, *self.variants)))

    @cached_property
    def group_keys(self) -> frozenset[str]:
        """The label keys of the cells left of the row or, in a strip, above it."""
        return frozenset(() if self.is_whole_strip else map(label_key, self.groups))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The keys that name the row in running text: for a strip, the headers of its last block, before the values."""
        if LAYOUTS[self.table] != "strip":
            return label_key(self.label), *sorted(self.keys)
        headers = "".join(label_key(column.label) for column in self.columns)
        return (headers, label_key(self.label)) if self.is_whole_strip else ()

    @cached_property
    def printed_units(self) -> tuple[str, ...]:
        """The units that a list may print between label and figures of this row; () in other tables."""
        unit = self.columns[0].unit
        is_list = LAYOUTS[self.table] == "list"
        return (unit, *self.units, *(MONEY if unit in MONEY else ())) if is_list else ()

    @cached_property
    def columns_by_key(self) -> Mapping[str, str]:
        """Key of a column's header → id of the column."""
        return {label_key(label): one.id for one in self.columns for label in (one.label, *one.variants)}

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """For each column but sums: its headers, and their beginnings and ends that no other column has."""
        names: list[tuple[str, ...]] = []
        for column in self.columns:
            others = "|".join(text for other in self.columns if other is not column for text in other.headers)
            stems = {stem for text in column.headers for stem in (text[:STEM_CHARS], text[-STEM_CHARS:])}
            if column.kind != "printed_sum":
                names.append((*column.headers, *(stem for stem in sorted(stems) if stem not in others)))
        return tuple(names)

    def with_columns(self, columns: Iterable[ColumnPlan]) -> RowPlan:
        """Return a copy of the row that has only these columns."""
        own_columns = tuple(columns)
        return replace(self, columns=own_columns, place_ids=tuple(f"{self.id}.{column.id}" for column in own_columns))


@dataclass(frozen=True, kw_only=True, config=EXACT)
class BlockPlan:
    """A part of a table with its own columns; a table of layout ``blocks`` prints its caption and header row too."""

    columns: tuple[ColumnPlan, ...]
    rows: tuple[RowPlan, ...]
    caption: str
    header: str = ""


@dataclass(frozen=True, kw_only=True, config=EXACT)
class TablePlan:
    """One printed table.

    Layouts: ``blocks``: blocks with a caption and a header each (第二十条); ``matrix``: nested row labels × applicants;
    ``strip``: one row of values under nested headers (复议、诉讼), of which each block is a row here; ``list``: a
    label, its unit and its figures in each row (统计表), with ``corner`` or a variant of it over the labels and
    ``header`` over the units. ``other_headers``: headers of columns that are not the form's.
    """

    key: Literal["proactive", "applications", "remedies", "statistics"]
    section: str
    blocks: tuple[BlockPlan, ...]
    corner: str = ""
    corner_variants: tuple[str, ...] = ()
    header: str = ""
    group_header: str = ""
    other_headers: tuple[str, ...] = ()

    @property
    def layout(self) -> str:
        """How the table is printed: ``blocks``, ``matrix``, ``strip`` or ``list``."""
        return LAYOUTS[self.key]

    @cached_property
    def rows(self) -> tuple[RowPlan, ...]:
        """The rows of all blocks."""
        return tuple(row for block in self.blocks for row in block.rows)

    @property
    def columns(self) -> tuple[ColumnPlan, ...]:
        """The columns of a table that has only one block."""
        return self.blocks[0].columns


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One cell of a form. ``id``: row id, point, column id; ``unit``: in which values are kept (件, 项, 万元, 元)."""

    id: str
    table: str
    row: RowPlan
    column: ColumnPlan
    kind: Kind
    unit: str

    @property
    def label(self) -> str:
        """How the cell is shown to people: the labels of its row and column."""
        return f"{self.row.label}／{self.column.label}"


@dataclass(frozen=True, kw_only=True, config=EXACT)
class SectionPlan:
    """A section of the report. ``number``: 一…六; ``variants``: other headings met in print.

    ``words``: sets of words; a heading with all words of a set, and none of ``unless``, names this section too.
    """

    key: str
    number: str
    heading: str
    variants: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Rule:
    """The rule that two sums are equal. ``zh``, ``en``: in words; ``label``: the column or row that it is for.

    An identity (I1–I4, S1–S5) is about one report. A link (Y1–Y3) compares this year's report, left, with that of the
    year before, right; one that is not ``firm`` may also fail because an agency recounted or cleaned up its documents.
    """

    code: str
    zh: str
    en: str
    left: Sum
    right: Sum
    label: str
    firm: bool = True

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The indicators on both sides."""
        return tuple(name for name, _ in (*self.left, *self.right))

    @cached_property
    def row(self) -> str:
        """The id of the row that all its indicators are in, "" if they are in several rows."""
        rows = {name.rpartition(".")[0] for name in self.places}
        return rows.pop() if len(rows) == 1 else ""


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Bridge:
    """A derived row that can be compared between forms: the sum of ``rows``, column by column."""

    id: str
    label: str
    rows: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True, config=EXACT)
class Form:
    """One form.

    ``first_year``/``last_year``: years of the reports it was made for; which form a report uses is read, not assumed.
    ``is_free``: agencies choose the rows that they print. ``narrative``: what running text counts (``received``,
    ``answered`` …) → the sums of cells that this may mean, first the form's own meaning, then others met in print.
    ``rule_makers``: rows that only agencies with the power to make 规章 may fill in.
    """

    name: str
    title: str
    source: str
    first_year: int
    last_year: int | None = None
    is_free: bool = False
    tables: tuple[TablePlan, ...]
    sections: tuple[SectionPlan, ...]
    rule_makers: tuple[str, ...] = ()
    identities: tuple[Rule, ...] = ()
    links: tuple[Rule, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    narrative: Mapping[str, tuple[Sum, ...]] = Field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set the positions and indicator ids of all rows; ValueError if two cells have the same id."""
        orders = count()
        blocks = [(table, number, block) for table in self.tables for number, block in enumerate(table.blocks)]
        for table, number, block in blocks:
            for row in block.rows:
                row.join(self.name, table.key, number, next(orders), block.columns)
        if len(self.places) < sum(len(row.place_ids) for table in self.tables for row in table.rows):
            raise ValueError("a place stands twice")

    @cached_property
    def places(self) -> Mapping[str, Indicator]:
        """Indicator id → cell of the form (with its row and column), in printed order."""
        return {
            name: Indicator(
                id=name, table=row.table, row=row, column=column, kind=row.kind or column.kind, unit=column.unit
            )
            for table in self.tables
            for row in table.rows
            for name, column in zip(row.place_ids, row.columns, strict=True)
        }

    @cached_property
    def printed_rows(self) -> tuple[RowPlan, ...]:
        """All rows in printed order; before the blocks of a strip (printed as one row), a row for the whole strip."""
        rows: list[RowPlan] = []
        for table in self.tables:
            if table.layout == "strip":
                ids = tuple(place for row in table.rows for place in row.place_ids)
                order, span = table.rows[0].order, len(table.rows)
                rows.append(replace(table.rows[-1], id=table.key, place_ids=ids, order=order, span=span))
            rows += table.rows
        return tuple(rows)

    @cached_property
    def twins(self) -> Mapping[str, list[RowPlan]]:
        """Row id → all rows with the same label: (二)被依法纠错数 is printed below both 行政复议 and 行政诉讼."""
        alike = {row.id: [one for one in self.printed_rows if one.keys & row.keys] for row in self.printed_rows}
        return {name: several for name, several in alike.items() if len(several) > 1}

    @cached_property
    def strips(self) -> Mapping[str, RowPlan]:
        """Label key → the block of a strip that it names."""
        return {key: row for row in self.printed_rows if not row.labels for key in row.keys}

    @cached_property
    def headings(self) -> frozenset[str]:
        """The label keys of groups that have no row of values themselves."""
        rows = [row for row in self.printed_rows if row.labels and row.keys]
        return frozenset().union(*(row.group_keys for row in rows)) - frozenset().union(*(row.keys for row in rows))

    @cached_property
    def units(self) -> frozenset[str]:
        """The units that lists of the form may print between a label and its figures."""
        return frozenset(unit for row in self.printed_rows for unit in row.printed_units)

    @property
    def captions(self) -> list[str]:
        """The captions printed above the blocks of all tables."""
        return [block.caption for table in self.tables for block in table.blocks if block.caption]

    @property
    def ids(self) -> tuple[str, ...]:
        """All indicator ids in printed order."""
        return tuple(self.places)

    def table(self, key: str) -> TablePlan:
        """Return the table of this key; KeyError if the form has none."""
        by_key: dict[str, TablePlan] = {table.key: table for table in self.tables}
        return by_key[key]

    def heading(self, table: TablePlan) -> str:
        """Return the heading of the section that a table is in."""
        return next(section.heading for section in self.sections if section.key == table.section)
