"""The plan of a form: which tables it prints, which rows and columns they have, what must add up. Files give it so."""

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
EXACT = ConfigDict(extra="forbid")  # an entry that a plan does not know is a slip
MONEY = ("元", "万元", "亿元")
STEM_CHARS = 2  # characters of a header by which it is known where its lines are torn apart

_EXPLANATION = re.compile(r"[(].*")


@dataclass(frozen=True, eq=False, kw_only=True, config=EXACT)
class ColumnPlan:
    """A column as printed.

    ``kind``: an ``open_amount`` is one whose unit the form does not print. ``grouped``: it stands under the table's
    ``group_header``. ``printed``: its header, if that is not the label by which it is shown. ``optional``: a table may
    leave it out.
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
    """A row that holds values. ``groups``: the labels above it, from the outermost.

    ``kind`` and ``unit`` go before those of the columns. ``units``: what is printed for the same count instead of its
    unit. ``provincial``: the national form does not print it. What follows is set by :meth:`join`: ``place_ids`` are
    the indicator ids in printed order, ``order`` the position in the form, ``span`` how many rows of the form it holds,
    as a strip that is read as a whole does.
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
        """Take the place that the row has in a form."""
        self.form, self.table, self.block, self.order = form, table, block, order
        self.columns = tuple(replace(column, unit=self.unit or column.unit) for column in columns)
        self.place_ids = tuple(f"{self.id}.{column.id}" for column in self.columns)

    @property
    def layout(self) -> str:
        """How its table is printed."""
        return LAYOUTS[self.table]

    @property
    def is_whole_strip(self) -> bool:
        """Whether it is a strip with all its blocks."""
        return self.span > 1 and self.layout == "strip"

    @property
    def block_key(self) -> tuple[str, int]:
        """The block of the form that it stands in."""
        return self.table, self.block

    @cached_property
    def keys(self) -> frozenset[str]:
        """The label keys of the row."""
        return frozenset(() if self.is_whole_strip else map(label_key, (self.label, *self.variants)))

    @cached_property
    def group_keys(self) -> frozenset[str]:
        """The label keys of the cells left of the row or, in a strip, above it."""
        return frozenset(() if self.is_whole_strip else map(label_key, self.groups))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The keys that name it in running text; there the values of a strip stand behind its last block's headers."""
        if self.layout != "strip":
            return label_key(self.label), *sorted(self.keys)
        headers = "".join(label_key(column.label) for column in self.columns)
        return (headers, label_key(self.label)) if self.is_whole_strip else ()

    @cached_property
    def printed_units(self) -> tuple[str, ...]:
        """What a list prints between label and figures."""
        unit = self.columns[0].unit
        return (unit, *self.units, *(MONEY if unit in MONEY else ())) if self.layout == "list" else ()

    @cached_property
    def columns_by_key(self) -> Mapping[str, str]:
        """Column ids by the keys of their headers."""
        return {label_key(label): one.id for one in self.columns for label in (one.label, *one.variants)}

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """For each column that is no sum its headers, and their beginning and end if no other has them."""
        names: list[tuple[str, ...]] = []
        for column in self.columns:
            others = "|".join(text for other in self.columns if other is not column for text in other.headers)
            stems = {stem for text in column.headers for stem in (text[:STEM_CHARS], text[-STEM_CHARS:])}
            if column.kind != "printed_sum":
                names.append((*column.headers, *(stem for stem in sorted(stems) if stem not in others)))
        return tuple(names)

    def with_columns(self, columns: Iterable[ColumnPlan]) -> RowPlan:
        """Return the row with some of its columns only."""
        own_columns = tuple(columns)
        return replace(self, columns=own_columns, place_ids=tuple(f"{self.id}.{column.id}" for column in own_columns))


@dataclass(frozen=True, kw_only=True, config=EXACT)
class BlockPlan:
    """A part of a table with columns of its own; in a ``blocks`` table with a caption and a header row too."""

    columns: tuple[ColumnPlan, ...]
    rows: tuple[RowPlan, ...]
    caption: str
    header: str = ""


@dataclass(frozen=True, kw_only=True, config=EXACT)
class TablePlan:
    """One printed table.

    ``blocks``: captioned blocks, each with its header (第二十条); ``matrix``: nested row labels × applicants;
    ``strip``: one row of values under nested headers (复议、诉讼), whose "rows" are the headers of its blocks;
    ``list``: a label, its unit and its figures in each row (统计表), ``corner`` or a variant of it over the labels,
    ``header`` over the units. ``other_headers``: of columns that are surely none of the form's.
    """

    key: Literal["proactive", "applications", "remedies", "statistics"]
    section: str
    blocks: tuple[BlockPlan, ...]
    law: str = ""
    corner: str = ""
    corner_variants: tuple[str, ...] = ()
    header: str = ""
    group_header: str = ""
    other_headers: tuple[str, ...] = ()

    @property
    def layout(self) -> str:
        """How it is printed: ``blocks``, ``matrix``, ``strip`` or ``list``."""
        return LAYOUTS[self.key]

    @cached_property
    def rows(self) -> tuple[RowPlan, ...]:
        """The rows of all blocks."""
        return tuple(row for block in self.blocks for row in block.rows)

    @property
    def columns(self) -> tuple[ColumnPlan, ...]:
        """The columns of a table that is one block."""
        return self.blocks[0].columns


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One cell of the form: ``id`` is the indicator; values are kept in ``unit`` (件, 项, 万元, 元)."""

    id: str
    table: str
    row: RowPlan
    column: ColumnPlan
    kind: Kind
    unit: str

    @property
    def label(self) -> str:
        """What a reader finds it by: the labels of its row and column."""
        return f"{self.row.label}／{self.column.label}"


@dataclass(frozen=True, kw_only=True, config=EXACT)
class SectionPlan:
    """A section of the report: key, 一…六, its heading and the variants met.

    ``words``: sets of words; a heading with all of one set, and none of ``unless``, is this section's too.
    """

    key: str
    number: str
    heading: str
    variants: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Rule:
    """``left = right``; ``zh`` and ``en`` are the rule in words, ``label`` the column or row in which it must hold.

    An identity (I1–I4, S1–S5) is about one report. A link (Y1–Y3) has this year's report left and that of the year
    before right; if it is not ``firm``, recounts and clean-ups break it too.
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
        """The id of the row within which it must hold, "" where it is a rule over rows."""
        rows = {name.rpartition(".")[0] for name in self.places}
        return rows.pop() if len(rows) == 1 else ""


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Bridge:
    """A derived row comparable over forms: the sum of ``rows`` (their cells column by column)."""

    id: str
    label: str
    rows: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True, config=EXACT)
class Form:
    """One form.

    ``first_year``/``last_year``: the reports it was made for; what a report really uses is read, not assumed.
    ``is_free``: each table has only the rows that its agency wanted. ``narrative``: what running text counts
    (``received``, ``answered`` …) → the sums of cells it may mean, the first being the one meant by the form, the
    others usages met in print. ``rule_makers``: rows that only bodies with the power to make 规章 fill in.
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
        """Give the rows their places; ValueError where two have the same."""
        orders = count()
        blocks = [(table, number, block) for table in self.tables for number, block in enumerate(table.blocks)]
        for table, number, block in blocks:
            for row in block.rows:
                row.join(self.name, table.key, number, next(orders), block.columns)
        if len(self.places) < sum(len(row.place_ids) for table in self.tables for row in table.rows):
            raise ValueError("a place stands twice")

    @cached_property
    def places(self) -> Mapping[str, Indicator]:
        """The cells of the form by their ids, in printed order."""
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
        """The rows in printed order, a whole strip before its blocks."""
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
        """By id the rows that share a label: (二)被依法纠错数 stands below 行政复议 and 行政诉讼."""
        alike = {row.id: [one for one in self.printed_rows if one.keys & row.keys] for row in self.printed_rows}
        return {name: several for name, several in alike.items() if len(several) > 1}

    @cached_property
    def strips(self) -> Mapping[str, RowPlan]:
        """The block of a strip that a label key names."""
        return {key: row for row in self.printed_rows if not row.labels for key in row.keys}

    @cached_property
    def headings(self) -> frozenset[str]:
        """The label keys of groups without a row of their own."""
        rows = [row for row in self.printed_rows if row.labels and row.keys]
        return frozenset().union(*(row.group_keys for row in rows)) - frozenset().union(*(row.keys for row in rows))

    @cached_property
    def units(self) -> frozenset[str]:
        """What a list prints between a label and its figures."""
        return frozenset(unit for row in self.printed_rows for unit in row.printed_units)

    @property
    def captions(self) -> list[str]:
        """What is printed above the blocks of tables."""
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
        """Return the heading of the section in which a table stands."""
        return next(section.heading for section in self.sections if section.key == table.section)
