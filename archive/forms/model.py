"""The plan of a form: which tables it prints, which rows and columns they have, what must add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Layout = Literal["blocks", "matrix", "strip", "list"]


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
    """A row that holds values, with the labels of the merged cells left of it (``groups``) and its own columns.

    ``table``: the key of its table; ``marks``: words that name this row wherever in a text they stand (strips).
    ``place_ids`` and ``column_ids``: the indicator ids of the row and those of its columns, in printed order.
    """

    id: str
    table: str = ""
    label: str
    variants: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    columns: tuple[ColumnPlan, ...]
    kind: str | None = None
    block: int = 0
    marks: tuple[str, ...] = ()
    column_ids: tuple[str, ...] = field(init=False, repr=False, compare=False)
    place_ids: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # asked for with every row that is read
        object.__setattr__(self, "column_ids", tuple(column.id for column in self.columns))
        object.__setattr__(self, "place_ids", tuple(f"{self.id}.{name}" for name in self.column_ids))


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
    ``strip``: one row of values under nested headers (复议、诉讼), whose "rows" are the headers of its blocks;
    ``list``: a label and its figures a row (the statistical table of before 2019 alone).
    ``marks``: sets of words that, all in one short text, say that this table begins; ``hints``: words of its header
    that its columns share with other tables are believed beside.
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
    marks: tuple[tuple[str, ...], ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def label_columns(self) -> int:
        """Grid columns that hold row labels: one more than the deepest nesting."""
        return 1 + max((len(row.groups) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One cell of the form: ``id`` is the indicator, ``unit`` as the form prints it (件, 项, 万元, 元).

    ``kind`` is the row's where it has one (总计 rows), else the column's; values are kept in ``unit``.
    """

    id: str
    table: str
    row: RowPlan
    column: ColumnPlan
    kind: str = field(init=False, repr=False, compare=False)
    unit: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # asked for with every cell that is read
        object.__setattr__(self, "kind", self.row.kind or self.column.kind)
        object.__setattr__(self, "unit", self.column.unit)

    @property
    def label(self) -> str:
        """What a reader finds it by: the labels of its row and column."""
        return f"{self.row.label}／{self.column.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``sum(left) = sum(right)`` over indicator ids; ``code`` I1–I4; ``zh`` and ``en``: the rule in words; ``label``:
    the column or row in which it must hold, as printed.
    """

    code: str
    zh: str
    en: str
    label: str
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
class Link:
    """What a report has to do with its agency's report on the year before: ``sum(now) = sum(before)``.

    Both are sums of indicators with their signs. ``firm``: it holds by the form's meaning; else recounts and clean-ups
    break it and it is a signal only. ``code`` Y1–Y3, ``zh`` and ``en`` the rule in words.
    """

    code: str
    zh: str
    en: str
    now: Sum
    before: Sum
    firm: bool


#: A sum of cells: indicator ids, each with its sign (1 or -1).
Sum = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One national form.

    ``first_year``/``last_year``: the reports it was made for; what a report really uses is read, not assumed.
    ``narrative``: what running text counts (``received``, ``answered`` …) → the sums of cells it may mean, the first
    being the one meant by the form, the others usages met in print. ``rule_makers``: rows that only bodies with the
    power to make 规章 fill in.
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
    links: tuple[Link, ...] = ()
    narrative: Mapping[str, tuple[Sum, ...]] = field(default_factory=dict)
    rule_makers: tuple[str, ...] = ()
    places: Mapping[str, Indicator] = field(default_factory=dict)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRow:
    """A row of the table of before 2019: its label, the variants met, the unit printed beside it ("" for a heading).

    ``id``: begins with ``pre2019.``; its figures are ``<id>.year`` and ``<id>.cumulative``. ``units``: others printed
    for the same count. ``under``: id of the row that it stands below, which tells rows of one label apart.
    """

    id: str
    label: str
    unit: str = ""
    units: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    under: str = ""
    kind: str = "count"

    @property
    def labels(self) -> tuple[str, ...]:
        """All it is called."""
        return (self.label, *self.variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldSum:
    """A sum that the table of before 2019 states by itself: the row ``total`` is that of the rows ``parts``."""

    code: str
    zh: str
    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OldForm:
    """The free table of the reports before 2019: no row of it is a place of the national forms, its ids are its own.

    ``telling``: words of which a document with it has one at least; ``headings``: words of the free headings;
    ``filled_in_by``: those before the name of the body that filled it in. ``column``: what a column is (``label unit
    year cumulative other line``) → its headers, "{year}" in them for that of the report. ``plan``: its figures as a
    form of one table, by which they are labelled, stored and asked for.
    """

    name: str
    title: str
    source: str
    first_year: int
    last_year: int
    headers: tuple[str, ...]
    columns: tuple[str, ...]
    telling: tuple[str, ...]
    headings: tuple[str, ...]
    filled_in_by: tuple[str, ...]
    column: Mapping[str, tuple[str, ...]]
    rows: tuple[OldRow, ...]
    sums: tuple[OldSum, ...]
    plan: Form
