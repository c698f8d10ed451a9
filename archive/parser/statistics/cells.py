"""Read the statistical table of a report into cells: each is certain, or left out with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from archive.documents.pages import Pages, Paragraph, Table
from archive.findings import finding, first_in_both, words
from archive.forms.free import CUMULATIVE, TABLE, YEAR
from archive.forms.loader import old_form
from archive.forms.model import Indicator, OldRow, OldSum
from archive.forms.spelling import item_key
from archive.identity import names
from archive.identity.names import Name
from archive.parser.cells import Placement, cell_of
from archive.parser.rows import Item
from archive.parser.statistics.grids import ColumnHead, grid_rows
from archive.parser.statistics.headers import LABEL, column_kind, without_unit
from archive.parser.statistics.lines import text_rows
from archive.parser.statistics.naming import NamedRow, is_label, name_rows
from archive.parser.statistics.places import placed_rows, without_order
from archive.parser.statistics.row import Doubt, StatisticsRow
from archive.parser.statistics.titles import ABOVE, doubt_above
from archive.parser.values import AMOUNTS, squeeze
from storage.records import Cell, Finding

_TITLES = 4  # rows of a table above its header, and cells of each
_SHOWN = 12  # rows named in a finding
_RIGHT = 2  # labels of the table that make another one its rest
# said of another print than the one that is certain: of another year or body, of any row
_WEAK = (Doubt.OTHER, Doubt.BODY, Doubt.PLACE)
# flags of what is not surely this figure; nothing repairs one of this table
_UNUSABLE = {"spaced", "not_a_number", "not_integer", "negative", "signed", "low_confidence", "label_doubt"}
_SUFFIX = re.compile(r"\d([\u4e00-\u9fff]{1,3})")


@dataclass(slots=True)
class _FoundCell:
    """A cell that was found, and where: tables in which it stands, and whether they agree."""

    cell: Cell
    tables: list[int] = field(default_factory=list)
    agreed: bool = True


@dataclass(slots=True)
class _Cells:
    cells: dict[str, _FoundCell] = field(default_factory=dict)
    doubts: dict[str, tuple[OldRow, Doubt]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def take(
    pages: Pages, tables: frozenset[int], labels: Sequence[str], year: int | None, agencies: Sequence[str] = ()
) -> Placement:
    """Return the cells of the statistical table, with the findings about them.

    ``tables``: numbers (from 1) of those that are it; ``labels``: those of its rows that stand anywhere in the
    document; ``year``: the year of the report, None if it does not say; ``agencies``: the names of who reports.
    """
    own = [name for text in agencies if (name := names.complete(text)).text]
    groups = _rows_by_place(pages, tables, year, own) or (
        _grids(pages, tables, year, own) if tables else [list(name_rows(text_rows(pages, year, own)))]
    )
    taking = _Cells()
    for group in groups:
        for one in group:
            _take(one, taking)
    cells = _agreed(taking)
    if not taking.cells and not taking.doubts:
        _doubt_all(labels, taking)
    placed = Placement(form=old_form().plan, cells=cells, tables={TABLE})
    placed.findings += _unsure_findings(taking)
    placed.findings += dict.fromkeys(found for group in groups for found in _sums(group, cells))
    return placed


# ---------------------------------------------------------------------------------------------- which tables


def _rows_by_place(pages: Pages, tables: frozenset[int], year: int | None, own: Sequence[Name]) -> list[list[NamedRow]]:
    """The rows by their places on the page, where no table of them is ruled; nothing where that does not tell."""
    if pages.positioned is None or any(grid.ruled for number, grid in _numbered(pages) if number in tables):
        return []
    rows = placed_rows(pages.positioned, year, own)
    return [] if rows is None else [list(name_rows(rows))]


def _numbered(pages: Pages) -> Iterator[tuple[int, Table]]:
    return enumerate((block for block in pages.blocks if isinstance(block, Table)), 1)


def _grids(pages: Pages, tables: frozenset[int], year: int | None, own: Sequence[Name]) -> list[list[NamedRow]]:
    """The rows of each table with their names; what is the rest of one belongs to it."""
    found: list[list[StatisticsRow]] = []
    head: ColumnHead | None = None
    open_ = False  # whether the table before was one of these
    number, lines_above = 0, list[str]()
    for block in pages.blocks:
        if isinstance(block, Paragraph):
            lines_above += [] if block.furniture else [block.text]
            continue
        number += 1
        rest = head if open_ else None
        if number in tables or (rest is not None and _continues_table(block, rest)):
            aside = doubt_above([*_top(block, year), *reversed(lines_above[-ABOVE:])], year, own)
            rows, head = grid_rows(block, number, year, rest)
            rows = rows if aside is None else [_set_aside(row, aside) for row in rows]
            if pages.positioned is not None and not block.ruled:
                rows = [without_order(row) for row in rows]
            if rest is not None and found and not _has_header(block, year):
                found[-1] += rows
            else:
                found.append(rows)
            open_ = True
        else:
            open_ = False
        lines_above = []
    return [list(name_rows(rows)) for rows in found]


def _continues_table(table: Table, head: ColumnHead) -> bool:
    """Whether a table that was not recognised is the rest of the one before: as wide, with labels of its rows."""
    first = {cell.text for cell in table.cells[: head.cols * _SHOWN]}
    return table.cols == head.cols and sum(map(is_label, first)) >= _RIGHT


def _has_header(table: Table, year: int | None) -> bool:
    return any(column_kind(cell.text, year) == LABEL for cell in table.cells[: 4 * table.cols])


def _top(table: Table, year: int | None) -> list[str]:
    """What stands in a table above its header."""
    found: list[str] = []
    for _, cells in table.by_row()[:_TITLES]:
        if any(column_kind(cell.text, year) == LABEL for cell in cells):
            return found
        found += [cell.text for cell in cells[:_TITLES]]
    return found[:1]  # there is none: a title at most


def _set_aside(row: StatisticsRow, doubt: Doubt) -> StatisticsRow:
    return StatisticsRow(row.labels, row.units, {}, {}, doubt, filled=row.filled, table=row.table)


# ---------------------------------------------------------------------------------------------- one row


def _take(one: NamedRow, taking: _Cells) -> None:
    line, row = one.printed, one.row
    if row is None:
        if one.several:
            for several in one.several:
                _doubt(several, Doubt.PLACE if line.doubt is None else line.doubt, taking)
        elif line.filled:
            taking.unknown.append(line.labels[-1] if line.labels else "")
        return
    if not row.unit:
        return
    if line.doubt is not None:
        _doubt(row, line.doubt, taking)
        return
    for column, item in line.figures.items():
        doubt = _take_cell(row, line, column, item, taking)
        if doubt is not None:
            _doubt(row, doubt, taking)


def _take_cell(row: OldRow, line: StatisticsRow, column: str, item: Item, taking: _Cells) -> Doubt | None:
    """Keep the cell of a row in a column, or say why it is not certain."""
    spot: Indicator = old_form().plan.places[f"{row.id}.{column}"]
    units = {*line.units, line.heads.get(column, ""), _suffix(item.text)} - {""}
    if not units <= {row.unit, *row.units}:
        return Doubt.UNIT
    cell = cell_of(spot, replace(item, text=without_unit(item.text)), (), row.unit if spot.kind in AMOUNTS else "")
    cell = cell if cell.raw == item.text else replace(cell, raw=item.text)
    if _UNUSABLE & set(cell.flags):
        return Doubt.FIGURE
    known_cell = taking.cells.get(spot.id)
    if known_cell is None:
        taking.cells[spot.id] = _FoundCell(cell, [line.table])
        return None
    known_cell.tables.append(line.table)
    known_cell.agreed = known_cell.agreed and (cell.value, cell.state) == (known_cell.cell.value, known_cell.cell.state)
    return None


def _suffix(text: str) -> str:
    """The unit printed behind a figure, "" for none."""
    match = _SUFFIX.search(squeeze(text).partition("(")[0])
    return match[1] if match else ""


def _doubt(row: OldRow, doubt: Doubt, taking: _Cells) -> None:
    if taking.doubts.get(row.id, (row, Doubt.OTHER))[1] in _WEAK:
        taking.doubts[row.id] = (row, doubt)


def _agreed(taking: _Cells) -> dict[str, Cell]:
    """The cells that stand once, or alike wherever they stand.

    Where two tables contradict each other they are not of the same body or year: what only one of them has is nobody's.
    """
    rows = {f"{row.id}.{column}": row for row in old_form().rows for column in (YEAR, CUMULATIVE)}
    apart = any(not found_cell.agreed and len(set(found_cell.tables)) > 1 for found_cell in taking.cells.values())
    cells: dict[str, Cell] = {}
    for name, found_cell in taking.cells.items():
        row = rows[name]
        if taking.doubts.get(row.id, (row, None))[1] in _WEAK:
            del taking.doubts[row.id]
        if not found_cell.agreed or (apart and len(set(found_cell.tables)) < 2):
            taking.doubts[row.id] = (row, Doubt.TWICE)
        elif row.id not in taking.doubts:
            cells[name] = found_cell.cell
    return {name: cell for name, cell in cells.items() if rows[name].id not in taking.doubts}


def _doubt_all(labels: Sequence[str], taking: _Cells) -> None:
    """None of the labels that stand in the document has a figure that stands apart."""
    known = {label for label in labels if not any(label != other and label in other for other in labels)}
    for row in old_form().rows:
        if row.unit and known.intersection(map(item_key, row.labels)):
            _doubt(row, Doubt.APART, taking)


# ---------------------------------------------------------------------------------------------- what is told


def _unsure_findings(taking: _Cells) -> Iterator[Finding]:
    """Say which rows gave no figure, and why."""
    rows = list(taking.doubts.values())
    strange = list(dict.fromkeys(" ".join(text.split())[:40] for text in taking.unknown))
    if not rows and not strange:
        return
    reasons: dict[str, list[str]] = {}
    for row, doubt in rows:
        reasons.setdefault(doubt, []).append(row.label)
    if strange:
        reasons["unknown"] = strange
    told = [(words("doubt")[reason], first_in_both(labels, _SHOWN, "……")) for reason, labels in reasons.items()]
    yield finding(
        "pre2019_unsure",
        cells=[f"{row.id}.{YEAR}" for row, _ in rows],
        found=len(rows) + len(strange),
        title=old_form().title,
        reasons=(
            "；".join(f"{doubt[0]}：{labels[0]}" for doubt, labels in told),
            "; ".join(f"{doubt[1]}: {labels[1]}" for doubt, labels in told),
        ),
    )


def _sums(group: Sequence[NamedRow], cells: Mapping[str, Cell]) -> Iterator[Finding]:
    """The sums that the table states, where the whole and all its parts are printed, and nothing unknown among them."""
    places = {one.row.id: at for at, one in enumerate(group) if one.row is not None}
    for rule in old_form().sums:
        names = (rule.total, *rule.parts)
        if not all(name in places and group[places[name]].printed.doubt is None for name in names):
            continue
        if not _unbroken(group, [places[name] for name in names]):
            continue
        for column in (YEAR, CUMULATIVE):
            values_printed = [cells.get(f"{name}.{column}") for name in names]
            values = [cell.value for cell in values_printed if cell is not None and cell.value is not None]
            if len(values) == len(names) and values[0] != sum(values[1:]):
                yield _broken_sum(rule, column, values)


def _unbroken(group: Sequence[NamedRow], places: Sequence[int]) -> bool:
    """Whether all rows from the whole to the one behind its last part are known: none is a part nobody counted."""
    first, last = min(places), max(places)
    return first == places[0] and all(one.row is not None or not one.printed.filled for one in group[first : last + 2])


def _broken_sum(rule: OldSum, column: str, values: Sequence[Decimal]) -> Finding:
    total, parts = values[0], sum(values[1:], Decimal(0))
    names = [f"{name}.{column}" for name in (rule.total, *rule.parts)]
    labels = [name for name, value in zip(names, values, strict=True) if name == names[0] or value]
    return finding(
        "identity_broken", cells=labels, expected=parts, found=total, sum=rule.code, place=column, rule=rule.zh
    )
