"""Blocks → logical rows: a label and the cells that stand after it, however the table was broken up on its way here.

Two sources give the same thing: *grids* (a row of a table) and *streams* (labels and values on lines of their own).
Nothing is placed here; see :mod:`archive.parser.place`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from archive.documents.pages import GridCell, Table
from archive.forms.spelling import key
from archive.parser.labels import CORNER, Hit, column_hit, heading_hit, row_hit, strip_block
from archive.parser.values import is_number, looks_like_value

Source = Literal["grid", "ragged", "list", "lines"]


@dataclass(frozen=True, slots=True)
class Item:
    """One cell of a row. ``carried``: it began in a row above (rowspan)."""

    text: str
    col: int
    span: int
    locator: Mapping[str, object]
    carried: bool = False


@dataclass(slots=True)
class Row:
    """``kind``: ``data`` (labelled or not), ``header`` or ``caption``. ``source``: ``grid`` columns are true.

    ``ragged`` (tabs, pipes):
    fields are true but may be shifted; ``list``: blanks are kept; ``lines``: blanks are lost.
    """

    kind: Literal["data", "header", "caption"]
    source: Source
    table: int
    hit: Hit | None = None
    lead: str = ""
    label_col: int = 0
    items: list[Item] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    last: bool = False

    @property
    def numbers(self) -> int:
        """How many items hold a number."""
        return sum(is_number(item.text) for item in self.items)


def table_rows(table: Table, number: int) -> Iterator[Row]:
    """The rows of a grid, top to bottom."""
    source: Source = "grid" if table.ruled else "ragged"
    for cells in _covering(table):
        for items in _unfold(cells):
            row = _classify(items, source, number)
            if row is not None:
                yield row


def _covering(table: Table) -> Iterator[list[Item]]:
    by_row: dict[int, list[GridCell]] = {}
    for cell in table.cells:
        by_row.setdefault(cell.row, []).append(cell)
    open_cells: list[GridCell] = []
    for r in range(table.rows):
        open_cells = [cell for cell in open_cells if cell.row + cell.rowspan > r]
        carried = [Item(c.text, c.col, c.colspan, c.locator, True) for c in open_cells]
        started = by_row.get(r, [])
        own = [Item(c.text, c.col, c.colspan, c.locator) for c in started]
        open_cells += [cell for cell in started if cell.rowspan > 1]
        if own:
            yield sorted(carried + own, key=lambda item: item.col)


def _unfold(items: list[Item]) -> list[list[Item]]:
    """Sub-rows joined by line breaks inside their cells, taken apart.

    Only where every cell has as many lines as labels.
    """
    for at, item in enumerate(items):
        lines = item.text.split("\n") if "\n" in item.text and not item.carried else []
        if len(lines) < 2 or not all(row_hit(line) and not row_hit(line).vague for line in lines):  # type: ignore[union-attr]
            continue
        values = [other.text.split("\n") for other in items[at + 1 :]]
        if values and all(len(parts) == len(lines) for parts in values):
            return [
                [*items[:at]]
                + [
                    Item(
                        item.text.split("\n")[i] if n == 0 else values[n - 1][i],
                        it.col,
                        it.span,
                        it.locator,
                        it.carried,
                    )
                    for n, it in enumerate(items[at:])
                ]
                for i in range(len(lines))
            ]
    return [items]


def _classify(items: list[Item], source: Source, number: int) -> Row | None:
    texts = [item.text for item in items if item.text.strip()]
    if not texts:
        return Row("data", source, number, items=items) if len(items) >= 5 else None
    found = [(at, hit) for at, item in enumerate(items) if item.text.strip() and (hit := row_hit(item.text))]
    headings = [hit for text in texts if (hit := heading_hit(text))]
    columns = [text for text in texts if column_hit(text)]
    numbers = sum(is_number(text) for text in texts)
    if any(hit.kind == "caption" for hit in headings):
        return Row("caption", source, number, texts=texts, items=items)
    sure = [(at, hit) for at, hit in found if not hit.vague]
    if _is_header(headings, columns, texts, bool(sure), numbers):
        return Row("header", source, number, texts=texts, items=items)
    best: Sequence[tuple[int, Hit | None]] = sure or found or [(-1, None)]
    at, hit = best[-1]
    after = items[at + 1 :]
    if hit is None or (
        not any(is_number(i.text) for i in after) and sum(not looks_like_value(i.text) for i in after) > 1
    ):
        return _anonymous(items, source, number)
    lead = "".join(key(item.text) for item in items[:at])
    return Row("data", source, number, hit=hit, lead=lead, label_col=items[at].col, items=after, texts=texts)


def _is_header(headings: Sequence[Hit], columns: Sequence[str], texts: Sequence[str], sure: bool, numbers: int) -> bool:
    if any(CORNER in text for text in texts):
        return True
    if any(hit.kind == "header" for hit in headings):
        return numbers == 0
    if sure or numbers:
        return False
    blocks = [text for text in texts if strip_block(text) or _over_blocks(text)]
    return len(columns) >= 2 or len(blocks) >= 2 or (len(columns) + len(blocks) == len(texts))


def _over_blocks(text: str) -> bool:
    """行政诉讼: the merged header over two blocks of the remedies."""
    hit = heading_hit(text)
    return hit is not None and hit.kind == "group" and hit.table == "remedies"


def _anonymous(items: list[Item], source: Source, number: int) -> Row:
    """A row that names no place: its trailing run of values, and what stands before them."""
    while items and not looks_like_value(items[-1].text) and len(items) > 5:
        items = items[:-1]  # a column of remarks
    at = len(items)
    while at > 0 and looks_like_value(items[at - 1].text):
        at -= 1
    lead = "".join(key(item.text) for item in items[:at])
    texts = [item.text for item in items if item.text.strip()]
    col = items[at - 1].col if at else -1
    return Row("data", source, number, lead=lead, label_col=col, items=items[at:], texts=texts)
