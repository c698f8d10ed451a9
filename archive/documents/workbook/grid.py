"""A sheet's values and merged ranges → blocks: titles and running text as paragraphs, the rest as tables.

A sheet has no tables of its own. Empty rows part blocks; so do rows of a single text that is wide or reads like a
heading. What stands between them, with its formatted blank cells, is a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.documents.pages import GridCell, Paragraph, Table
from archive.documents.workbook.labels import FIGURE, spread

Block = Paragraph | Table

_HEADING = re.compile(r"^\s*[（(]?[一二三四五六七八九十]{1,3}[)）、.．\s]")
_NUMBERED = re.compile(r"^\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]")
_CAPTION = re.compile(r"^\s*第.{1,12}[条项]")  # the article a part of a table rests on stands over its rows
_DENSE = 100_000  # places; of a larger rectangle only what has text is told
_SPANNED = 100  # rows and columns a merged range may have in such a rectangle
_SINGLE = 1, 1  # height and width of a place that is not merged
_COLUMNS = 16_384  # that a sheet may have
_SECTION = re.compile(
    r"^\s*[二三四]、\s*(?:主动公开政府信息|收到和处理政府信息公开申请|.{0,12}行政复议、?.{0,2}行政诉讼)的?情况\s*$"
)
_TITLE = re.compile(r"年度报告[)）]?\s*$")
LONG = 45  # characters; no label of a row is longer


@dataclass(slots=True)
class Sheet:
    """A sheet. ``rows``: what is shown, by row and column; ``blank``: rows with formatted places that hold nothing, of
    those with at most one text; others may be among them.

    ``merged``: height and width by row and column of the upper left corner; what lies under a merged range is in none.
    ``struck``: what is crossed out, and left out, by row and column; ``kept``: numbers that are shown as others.
    ``astray``: places of what stands too far from all else to be read with it.
    """

    name: str
    rows: dict[int, dict[int, str]]
    blank: set[int] = field(default_factory=set)
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    struck: Mapping[tuple[int, int], str] = field(default_factory=dict)
    kept: Mapping[tuple[int, int], str] = field(default_factory=dict)
    astray: Sequence[tuple[int, int]] = ()


@dataclass(slots=True)
class _SheetRow:
    """One row: its texts by column from left to right, and whether it has blank places or is reached into from above.

    ``spans``: height and width of the merged ranges that begin in it, by column. ``first``, ``end``: its first column
    with text, and the one behind the last.
    """

    number: int
    texts: dict[int, str]
    spans: dict[int, tuple[int, int]]
    first: int = 0
    end: int = 0
    blank: bool = False
    reached: bool = False


class _SheetRows(dict[int, _SheetRow]):
    """Rows by their number, each made when first asked for."""

    def __missing__(self, number: int) -> _SheetRow:
        self[number] = row = _SheetRow(number, {}, {})
        return row


def blocks(sheet: Sheet, tables: int = 0) -> list[Block]:
    """What a sheet shows, from top to bottom. ``tables``: how many stand on sheets before it."""
    blocks: list[Block] = []
    for band in _bands(sheet):
        first, end = _extent(band)
        starts = [_label(row) for row in band]
        noted = {at for at, row in enumerate(band) if len(row.texts) == 2 and _is_noted(row, end - first)}
        labels = {start for at, start in enumerate(starts) if start and at not in noted and len(band[at].texts) > 1}
        kinds = [
            "" if start in labels or len(row.texts) != 1 else _prose(row, end - first)
            for start, row in zip(starts, band, strict=True)
        ]
        for at in noted:
            kinds[at] = "surely"
        tabular = [at for at, kind in enumerate(kinds) if not kind]
        inner = range(tabular[0] + 1, tabular[-1]) if tabular else range(0)  # between rows of tables
        table: list[_SheetRow] = []
        for at, row in enumerate(band):
            kind = kinds[at]
            if at in inner and (kind == "perhaps" or (kind == "heading" and _is_label(band, at, first))):
                kind = ""
            if kind:
                tables += _add_table(sheet.name, table, tables, blocks)
                table = []
                blocks += [_paragraph(sheet.name, row, col) for col in row.texts]
            else:
                table.append(row)
        tables += _add_table(sheet.name, table, tables, blocks)
    for name, texts in (("struck", sheet.struck), ("kept", sheet.kept)):
        if texts:
            _say(blocks, name, texts)
    return blocks


def cell_name(row: int, col: int) -> str:
    """What a sheet calls a place."""
    return f"{_LETTERS[col]}{row + 1}"


def _say(blocks: list[Block], name: str, texts: Mapping[tuple[int, int], str]) -> None:
    """Say in the locators of cells what is crossed out in them, or kept otherwise."""
    places = {cell_name(row, col): text for (row, col), text in texts.items()}
    for block in blocks:
        for cell in block.cells if isinstance(block, Table) else ():
            if isinstance(cell.locator, dict) and (text := places.get(str(cell.locator["cell"]))):
                cell.locator[name] = text


def _bands(sheet: Sheet) -> Iterator[list[_SheetRow]]:
    """Runs of rows that are not empty."""
    rows = _rows(sheet)
    band: list[_SheetRow] = []
    for number in sorted(rows):
        if band and number > band[-1].number + 1:
            yield band
            band = []
        band.append(rows[number])
    if band:
        yield band


def _rows(sheet: Sheet) -> dict[int, _SheetRow]:
    """The rows that hold text or blank places, or that a merged range reaches into."""
    rows = _SheetRows()
    for number, texts in sheet.rows.items():
        if texts:
            columns = list(texts)
            row_texts = texts if columns == (ordered := sorted(columns)) else {col: texts[col] for col in ordered}
            rows[number] = _SheetRow(number, row_texts, {}, ordered[0], ordered[-1] + 1)
    for number in sheet.blank:
        rows[number].blank = True
    for (top, _), (height, _) in sheet.merged.items():
        if height > 1:
            for below in range(top + 1, top + height):
                rows[below].reached = True
    for (top, left), span in sheet.merged.items():
        if top in rows:
            row = rows[top]
            row.spans[left] = span
            if left in row.texts:
                row.end = max(row.end, left + span[1])
            elif row.texts and left > row.first:
                row.blank = True  # a place that is merged and holds nothing
    return rows


def _extent(rows: list[_SheetRow]) -> tuple[int, int]:
    """First column and the one behind the last, of all that has text. Formatted columns without any do not count."""
    filled = [row for row in rows if row.texts]
    return min([row.first for row in filled], default=0), max([row.end for row in filled], default=0)


def _label(row: _SheetRow) -> tuple[int, int] | None:
    """Column and width of the merged label a row begins with: a row with nothing else may be one of several such."""
    if not row.texts:
        return None
    width = row.spans.get(row.first, _SINGLE)[1]
    return (row.first, width) if width > 1 else None


def _prose(row: _SheetRow, width: int) -> str:
    """Whether a row of one text is running text: ``surely``, a ``heading``, ``perhaps``, or "" for a row of a table."""
    if row.reached:
        return ""
    text = row.texts[row.first]
    if FIGURE.match(text):
        return ""
    across = row.spans.get(row.first, _SINGLE)[1]
    if _SECTION.match(text):
        return "surely"
    if across * 2 < width and row.blank:
        return ""  # a label, and its fields left blank
    if len(text) > LONG:
        return "surely"
    if _CAPTION.match(text):
        return ""
    if not _HEADING.match(text):
        return "perhaps"
    return "surely" if across * 2 >= width else "heading" if across == 1 else "perhaps"


def _is_noted(row: _SheetRow, width: int) -> bool:
    """Whether a row of two texts is a title, a heading or running text with somebody's note beside it.

    It is merged over columns, and the note stands beyond an empty one.
    """
    note = row.end - 1
    across = row.spans.get(row.first, _SINGLE)[1]
    if across == 1 or row.first + across >= note or note not in row.texts or FIGURE.match(row.texts[note]):
        return False
    return _TITLE.search(row.texts[row.first]) is not None or _prose(row, width) == "surely"


def _is_label(band: list[_SheetRow], at: int, first: int) -> bool:
    """Whether a numbered text of its own between rows of a table is a label whose fields are blank.

    Headings stand in the first column; figures or numbered labels follow only a label, no table begins with them.
    """
    if band[at].first > first:
        return True
    for row in band[at + 1 :]:
        text = row.texts[row.first] if row.texts else ""
        if _has_figure(row):
            return True
        if len(row.texts) > 1 or len(text) > LONG:
            return len(row.texts) > 1 and _NUMBERED.match(text) is not None
    return False


def _has_figure(row: _SheetRow) -> bool:
    return any(FIGURE.match(text) for text in row.texts.values())


def _paragraph(name: str, row: _SheetRow, col: int) -> Paragraph:
    return Paragraph(text=row.texts[col].strip(), locator={"sheet": name, "cell": cell_name(row.number, col)})


def _add_table(name: str, rows: list[_SheetRow], number: int, blocks: list[Block]) -> int:
    """Add the rows as one table, every place in its rectangle a cell; how many were added: none where nothing is."""
    if not rows or not (rows := _trimmed(rows)):
        return 0
    first, end = _extent(rows)
    columns = range(first, end)
    dense = len(rows) * len(columns) <= _DENSE
    most = _DENSE if dense else _SPANNED
    places = [(c, col, _LETTERS[col]) for c, col in enumerate(columns)] if dense else []
    cells: list[GridCell] = []
    covered: dict[int, set[int]] = {}
    new, add = GridCell.__new__, cells.append
    for r, (row, spans) in enumerate(zip(rows, _spans(rows, columns), strict=True)):
        line, texts, hidden = str(row.number + 1), row.texts, covered.pop(r, None) or set()
        there: dict[str, object] = {"table": number, "row": r, "col": 0, "sheet": name, "cell": ""}
        copy, text = there.copy, texts.get
        if not dense:
            places = [(col - first, col, _LETTERS[col]) for col in texts]
        for c, col, letters in places:
            if col in hidden:
                continue
            at = copy()  # costs half of what writing it out does
            at["col"] = c
            at["cell"] = letters + line
            cell = new(GridCell)  # made as grid_cell does it, without the cost of a call
            cell.row = r
            cell.col = c
            cell.text = text(col, "")
            cell.locator = at
            add(cell)
            if col not in spans:  # nearly all
                cell.rowspan = cell.colspan = 1
                continue
            height, width = spans[col]
            if width > 1:
                width = min(width, end - col, most)
                hidden.update(range(col, col + width))
            if height > 1:
                height = min(height, len(rows) - r, most)
                for below in range(r + 1, r + height):
                    covered.setdefault(below, set()).update(range(col, col + width))
            cell.rowspan = height
            cell.colspan = width
    locator = {"table": number, "sheet": name}
    blocks.append(Table(cells=tuple(cells), rows=len(rows), cols=len(columns), locator=locator))
    return 1


def _spans(rows: list[_SheetRow], columns: range) -> list[dict[int, tuple[int, int]]]:
    """Of each row the heights and widths of what spans more than its place: merged ranges, else labels spread."""
    if any(col in columns for row in rows for col in row.spans):
        return [row.spans for row in rows]
    texts = {(row.number, col): text for row in rows for col, text in row.texts.items()}
    found: dict[int, dict[int, tuple[int, int]]] = {row.number: {} for row in rows}
    for (number, col), span in spread(texts, range(rows[0].number, rows[-1].number + 1), columns).items():
        found[number][col] = span
    return list(found.values())


def _trimmed(rows: list[_SheetRow]) -> list[_SheetRow]:
    """Without the empty rows at both ends, but for one below a row of labels: its fields, left blank."""
    filled = [at for at, row in enumerate(rows) if row.texts]
    if not filled:
        return []
    first, last = filled[0], filled[-1]
    labels = rows[last]
    while last + 1 < len(rows) and rows[last + 1].reached:
        last += 1
    if last + 1 < len(rows) and len(labels.texts) > 1 and not _has_figure(labels):
        last += 1
    return rows[first : last + 1]


class _Letters(dict[int, str]):
    """The names of columns, counted from 0, each made when first asked for; a sheet has no more than 16,384."""

    def __missing__(self, col: int) -> str:
        letters, number = "", col + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        if len(self) < _COLUMNS:
            self[col] = letters
        return letters


_LETTERS = _Letters()
