"""Read the printed rows of the statistical table from tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.documents.pages import GridCell, Table
from archive.parser.rows import Item
from archive.parser.statistics.headers import (
    FIGURES,
    LABEL,
    OTHER,
    UNIT,
    YEAR,
    column_kind,
    unit_in,
    unit_of,
    unit_of_column,
)
from archive.parser.statistics.naming import is_label
from archive.parser.statistics.row import Doubt, StatisticsRow
from archive.parser.values import is_number

_DEEP = 4  # rows of a header
_WIDEST = 64  # columns; the table has a handful
_LARGEST = 50_000  # places of a table that is looked at: this one has a few hundred

_Span = tuple[int, int]  #: first column, and that behind the last


@dataclass(frozen=True, slots=True)
class _Panel:
    """One of the tables that stand side by side: the columns of its labels, its units, and its figures by kind.

    A kind of figures that several columns claim, or that stands below a header that nobody knows, is not there.
    ``end``: the column behind its last. ``heads``: kind → the unit in its header; ``counted``: that in the header of
    units. ``foreign``: its figures are of
    another year, so that what added up is so as well.
    """

    labels: _Span
    end: int
    units: _Span | None
    figures: Mapping[str, _Span]
    heads: Mapping[str, str]
    counted: str
    foreign: bool


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """What a header says: its panels, and how many cells its line has. ``cols``: of its table; ``end``: behind its last
    cell.
    """

    panels: tuple[_Panel, ...]
    cells: int
    cols: int
    end: int

    def fits(self, line: Sequence[GridCell]) -> bool:
        """Whether a line has a cell below each of the header's columns and nothing beyond: else some were lost, put in
        or run together, and those right of them moved.
        """
        covered = {col for cell in line for col in range(cell.col, min(cell.col + cell.colspan, self.end))}
        beyond = any(cell.col + cell.colspan > self.end and cell.text.strip() for cell in line)
        return not beyond and covered.issuperset(range(self.panels[0].labels[0], self.end))


def grid_rows(
    table: Table, number: int, year: int | None, above: ColumnHead | None
) -> tuple[list[StatisticsRow], ColumnHead | None]:
    """The rows of a table, panel after panel, and the header that the table ends with.

    ``above``: that of the table before, of which this may be the rest.
    """
    if table.rows * table.cols > _LARGEST:
        labels = (text for text in table.texts if is_label(text))
        return [StatisticsRow((text,), doubt=Doubt.COLUMN, table=number) for text in sorted(labels)], None
    head = above if above is not None and above.cols == table.cols else None
    lines = _lines(table)
    below = 0
    unknown = Doubt.HEADER  # why rows below no header that is known give nothing
    rows: list[tuple[int, StatisticsRow]] = []  # by panel
    for at, cells in lines.items():
        if at < below:
            continue
        if (found := _head_at(table, lines, at, year)) is not None:
            head, below = found
            continue
        if _is_header(cells, at, year):  # 甲 乙 丙 1 2 below it
            continue
        if head is None:
            unknown = Doubt.HEADS if _names_labels(cells, at, year) else unknown
            texts = [cell.text for cell in cells if cell.row == at and cell.text.strip()]
            own = next((text for text in texts if is_label(text)), "")
            if own:
                rows.append((0, StatisticsRow((own,), doubt=unknown, filled=any(map(is_number, texts)), table=number)))
            continue
        uneven = not head.fits(cells) or (not table.ruled and len(cells) != head.cells)
        rows += [
            (order, row)
            for order, panel in enumerate(head.panels)
            if (row := _row(panel, cells, at, number, uneven=uneven)) is not None
        ]
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])], head


def _lines(table: Table) -> dict[int, list[GridCell]]:
    """Row → the cells that stand in it, those that began above too, from the left."""
    lines: dict[int, list[GridCell]] = {row: [] for row, _ in table.by_row()}
    for cell in table.cells:
        for row in range(cell.row, cell.row + min(cell.rowspan, table.rows - cell.row)):
            if row in lines:
                lines[row].append(cell)
    for cells in lines.values():
        cells.sort(key=lambda cell: cell.col)
    return lines


def _head_at(
    table: Table, lines: Mapping[int, Sequence[GridCell]], at: int, year: int | None
) -> tuple[ColumnHead, int] | None:
    """The header that begins in a row, and the row below it; None if none does."""
    own = [cell for cell in lines[at] if cell.row == at and cell.text.strip()]
    kinds = [column_kind(cell.text, year) for cell in own]
    if LABEL not in kinds or not any(kind is not None and kind not in (LABEL, OTHER) for kind in kinds):
        return None
    deep = max(cell.rowspan for cell, kind in zip(own, kinds, strict=True) if kind == LABEL)
    below = at + min(deep, _DEEP)
    columns = [_column(lines, at, below, col, year) for col in range(min(table.cols, _WIDEST))]
    starts = [col for col, kind in enumerate(columns) if kind[0] == LABEL and (not col or columns[col - 1][0] != LABEL)]
    ends = [*starts[1:], len(columns)]
    panels = tuple(_panel(columns, start, end) for start, end in zip(starts, ends, strict=True))
    end = max(cell.col + cell.colspan for cell in lines[at] if cell.text.strip())
    return ColumnHead(panels, len(lines[at]), table.cols, end), below


def _names_labels(cells: Sequence[GridCell], at: int, year: int | None) -> bool:
    """Whether a row that is no header has the header of labels in it: what stands beside it nobody knows."""
    return any(column_kind(cell.text, year) == LABEL for cell in cells if cell.row == at)


def _is_header(cells: Sequence[GridCell], at: int, year: int | None) -> bool:
    """Whether all that begins in a row is a header."""
    texts = [cell.text for cell in cells if cell.row == at and cell.text.strip()]
    return all(column_kind(text, year) is not None for text in texts)


_Column = tuple[str | None, int, str]  #: kind, a mark of its header cell, the unit in it


def _column(lines: Mapping[int, Sequence[GridCell]], at: int, below: int, col: int, year: int | None) -> _Column:
    """What a column holds by all that stands above it in the header."""
    over = {
        id(cell): cell
        for row in range(at, below)
        for cell in lines.get(row, ())
        if cell.col <= col < cell.col + cell.colspan and cell.text.strip()
    }
    cells = list(over.values())
    kinds = [column_kind(cell.text, year) for cell in cells]
    unit = next((unit for cell in cells if (unit := unit_of_column(cell.text))), "")
    mark = id(cells[-1]) if cells else 0
    if not kinds or None in kinds:
        return None, mark, unit
    if len(set(kinds)) == 1:
        return kinds[0], mark, unit
    if OTHER in kinds:
        return OTHER, mark, unit
    telling = {kind for kind in kinds if kind != YEAR}  # 统计数 over 历年累计
    return (telling.pop() if len(telling) == 1 else None), mark, unit


def _panel(columns: Sequence[_Column], start: int, end: int) -> _Panel:
    def spans(kind: str) -> dict[int, _Span]:
        """By header cell, the columns of a kind."""
        found: dict[int, _Span] = {}
        for col in range(start, end):
            if columns[col][0] == kind:
                mark = columns[col][1]
                found[mark] = (found.get(mark, (col, col))[0], col + 1)
        return found

    labels = next(col for col in range(start, end + 1) if col == end or columns[col][0] != LABEL)
    units = spans(UNIT)
    figures = {kind: next(iter(found.values())) for kind in FIGURES if len(found := spans(kind)) == 1}
    return _Panel(
        labels=(start, labels),
        end=end,
        units=next(iter(units.values())) if len(units) == 1 else None,
        figures=figures,
        heads={kind: columns[span[0]][2] for kind, span in figures.items()},
        counted=columns[next(iter(units.values()))[0]][2] if len(units) == 1 else "",
        foreign=YEAR not in figures and any(columns[col][0] == OTHER for col in range(start, end)),
    )


def _row(panel: _Panel, line: Sequence[GridCell], at: int, number: int, *, uneven: bool) -> StatisticsRow | None:
    """What a line prints in a panel; None if nothing. ``uneven``: its cells may stand below the wrong headers."""
    here = [cell for cell in line if panel.labels[0] <= cell.col < panel.end]
    begun = [cell for cell in here if cell.row == at and cell.text.strip()]
    labels = [cell for cell in begun if cell.col < panel.labels[1]]
    rest = [cell for cell in begun if cell.col >= panel.labels[1]]
    filled = any(is_number(cell.text) for cell in rest)
    if not labels and not filled:
        return None
    texts = tuple(cell.text for cell in labels)
    figures: dict[str, Item] = {}
    doubt = Doubt.COLUMN if (uneven and filled) or (labels and labels[-1].rowspan > 1) else None
    for kind, span in panel.figures.items():
        cells = [cell for cell in here if _overlap(cell, span)]
        if len(cells) == 1 and _is_own(cells[0], span, at):
            only = cells[0]
            figures[kind] = Item(only.text, only.col, only.colspan, only.locator)
        elif any(cell.text.strip() and cell.col >= panel.labels[1] for cell in cells):
            doubt = doubt or Doubt.COLUMN
    if panel.foreign or not panel.figures:
        doubt = doubt or (Doubt.OTHER if panel.foreign else Doubt.HEADS)
    units = [cell.text for cell in here if panel.units is not None and _overlap(cell, panel.units)]
    units_printed = (*(unit_of(text) for text in units), panel.counted, unit_in(texts[-1]) if texts else "")
    return StatisticsRow(
        texts, tuple(unit for unit in units_printed if unit), figures, panel.heads, doubt, filled=filled, table=number
    )


def _overlap(cell: GridCell, span: _Span) -> bool:
    return cell.col < span[1] and cell.col + cell.colspan > span[0]


def _is_own(cell: GridCell, span: _Span, at: int) -> bool:
    """Whether a cell lies below this header alone, and in this row alone."""
    inside = span[0] <= cell.col and cell.col + cell.colspan <= span[1]
    return inside and cell.row == at and cell.rowspan == 1
