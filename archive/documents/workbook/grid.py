"""A sheet's values and merged ranges → blocks: titles and running text as paragraphs, the rest as tables.

A sheet has no tables of its own. Empty rows part blocks; so do rows of a single text that is wide or reads like a
heading. What stands between them, with its formatted blank cells, is a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archive.documents.pages import GridCell, Paragraph, Table
from archive.documents.workbook.known import Spot
from archive.documents.workbook.labels import FIGURE, spread

Block = Paragraph | Table

_HEADING = re.compile(r"^\s*[（(]?[一二三四五六七八九十]{1,3}[)）、.．\s]")
_NUMBERED = re.compile(r"^\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]")
_CAPTION = re.compile(r"^\s*第.{1,12}[条项]")  # the article a part of a table rests on stands over its rows
_DENSE = 100_000  # places; of a larger rectangle only what has text is told
_SINGLE = 1, 1  # height and width of a place that is not merged
_LONG = 45  # characters; no label of a row is longer


@dataclass(slots=True)
class Sheet:
    """A sheet. ``texts``: what is shown, by place; ``blank``: formatted places that hold nothing.

    ``merged``: height and width by the place of the upper left corner; what lies under a merged range is in none.
    """

    name: str
    texts: dict[Spot, str]
    blank: set[Spot] = field(default_factory=set)
    merged: Mapping[Spot, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Row:
    """One row: its places with text, those without, and whether a merged range from above reaches into it."""

    number: int
    texts: list[int] = field(default_factory=list)
    blanks: list[int] = field(default_factory=list)
    reached: bool = False


class _Rows(dict[int, _Row]):
    """Rows by their number, each made when first asked for."""

    def __missing__(self, number: int) -> _Row:
        self[number] = row = _Row(number)
        return row


def blocks(sheet: Sheet, tables: int = 0) -> list[Block]:
    """What a sheet shows, from top to bottom. ``tables``: how many stand on sheets before it."""
    found: list[Block] = []
    for band in _bands(sheet):
        first, end = _extent(sheet, band)
        labels = {_label(sheet, row) for row in band if len(row.texts) > 1} - {None}
        kinds = ["" if _label(sheet, row) in labels else _is_prose(sheet, row, end - first) for row in band]
        table: list[_Row] = []
        for at, row in enumerate(band):
            inside = (
                kinds[at] != "" and any(not kind for kind in kinds[:at]) and any(not kind for kind in kinds[at + 1 :])
            )
            if inside and kinds[at] == "heading" and _is_label(sheet, band, at, first):
                kinds[at] = ""
            if kinds[at] in ("surely", "heading") or (kinds[at] == "perhaps" and not inside):
                tables += _add_table(sheet, table, tables, found)
                table = []
                found.append(_paragraph(sheet, row))
            else:
                table.append(row)
        tables += _add_table(sheet, table, tables, found)
    return found


def _bands(sheet: Sheet) -> Iterator[list[_Row]]:
    """Runs of rows that are not empty."""
    rows = _Rows()
    for row, col in sorted(sheet.texts):
        rows[row].texts.append(col)
    for row, col in sorted(sheet.blank):
        rows[row].blanks.append(col)
    for (top, _), (height, _) in sheet.merged.items():
        for below in range(top + 1, top + height):
            rows[below].reached = True
    band: list[_Row] = []
    for number in sorted(rows):
        if band and number > band[-1].number + 1:
            yield band
            band = []
        band.append(rows[number])
    if band:
        yield band


def _span(sheet: Sheet, row: int, col: int) -> tuple[int, int]:
    return sheet.merged.get((row, col), _SINGLE)


def _extent(sheet: Sheet, rows: list[_Row]) -> tuple[int, int]:
    """First column and the one behind the last, of all that has text. Formatted columns without any do not count."""
    span = sheet.merged.get
    ends = [col + span((row.number, col), _SINGLE)[1] for row in rows for col in row.texts]
    return min([row.texts[0] for row in rows if row.texts], default=0), max(ends, default=0)


def _label(sheet: Sheet, row: _Row) -> tuple[int, int] | None:
    """Column and width of the merged label a row begins with: a row with nothing else may be one of several such."""
    if not row.texts:
        return None
    width = _span(sheet, row.number, row.texts[0])[1]
    return (row.texts[0], width) if width > 1 else None


def _is_prose(sheet: Sheet, row: _Row, width: int) -> str:
    """Whether a row is running text: ``surely``, a ``heading``, ``perhaps``, or "" for a row of a table."""
    if len(row.texts) != 1 or row.reached:
        return ""
    text = sheet.texts[row.number, row.texts[0]]
    if FIGURE.match(text):
        return ""
    across = _span(sheet, row.number, row.texts[0])[1]
    if across * 2 < width and row.blanks:
        return ""  # a label, and its fields left blank
    if len(text) > _LONG:
        return "surely"
    if _CAPTION.match(text):
        return ""
    if not _HEADING.match(text):
        return "perhaps"
    return "surely" if across * 2 >= width else "heading" if across == 1 else "perhaps"


def _is_label(sheet: Sheet, band: list[_Row], at: int, first: int) -> bool:
    """Whether a numbered text of its own between rows of a table is a label whose fields are blank.

    Headings stand in the first column; figures or numbered labels follow only a label, no table begins with them.
    """
    if band[at].texts[0] > first:
        return True
    for row in band[at + 1 :]:
        text = sheet.texts[row.number, row.texts[0]] if row.texts else ""
        if _has_figure(sheet, row):
            return True
        if len(row.texts) > 1 or len(text) > _LONG:
            return len(row.texts) > 1 and _NUMBERED.match(text) is not None
    return False


def _has_figure(sheet: Sheet, row: _Row) -> bool:
    return any(FIGURE.match(sheet.texts[row.number, col]) for col in row.texts)


def _paragraph(sheet: Sheet, row: _Row) -> Paragraph:
    col = row.texts[0]
    locator = {"sheet": sheet.name, "cell": f"{_letters(col)}{row.number + 1}"}
    return Paragraph(text=sheet.texts[row.number, col].strip(), locator=locator)


def _add_table(sheet: Sheet, rows: list[_Row], number: int, found: list[Block]) -> int:
    """Add the rows as one table, every place in its rectangle a cell; how many were added: none where nothing is."""
    rows = _trimmed(sheet, rows)
    if not rows:
        return 0
    first, end = _extent(sheet, rows)
    top, bottom = rows[0].number, rows[-1].number
    lines, columns = range(top, bottom + 1), range(first, end)
    spans: Mapping[Spot, tuple[int, int]] = sheet.merged
    if not any(row in lines and col in columns for row, col in sheet.merged):
        spans = spread({spot: text for spot, text in sheet.texts.items() if spot[0] in lines}, lines, columns)
    letters = [_letters(col) for col in columns]
    texts, name = sheet.texts, sheet.name
    covered: set[Spot] = set()
    cells: list[GridCell] = []
    dense = len(lines) * len(columns) <= _DENSE
    for r, row in enumerate(lines):
        line = str(row + 1)
        for c, col in enumerate(columns):
            spot = row, col
            if spot in covered or not (dense or spot in texts):
                continue
            at = {"table": number, "row": r, "col": c, "sheet": name, "cell": letters[c] + line}
            text = texts.get(spot, "")
            if spot not in spans:
                cells.append(GridCell(row=r, col=c, text=text, locator=at))
                continue
            height, width = spans[spot]
            height, width = min(height, bottom + 1 - row), min(width, end - col)
            if not dense:
                height, width = min(height, 100), min(width, 100)
            covered.update([(down, across) for down in range(row, row + height) for across in range(col, col + width)])
            cells.append(GridCell(row=r, col=c, rowspan=height, colspan=width, text=text, locator=at))
    locator = {"table": number, "sheet": name}
    found.append(Table(cells=tuple(cells), rows=len(lines), cols=len(columns), locator=locator))
    return 1


def _trimmed(sheet: Sheet, rows: list[_Row]) -> list[_Row]:
    """Without the empty rows at both ends, but for one below a row of labels: its fields, left blank."""
    filled = [at for at, row in enumerate(rows) if row.texts]
    if not filled:
        return []
    first, last = filled[0], filled[-1]
    texts = [sheet.texts[rows[last].number, col] for col in rows[last].texts]
    while last + 1 < len(rows) and rows[last + 1].reached:
        last += 1
    if last + 1 < len(rows) and len(texts) > 1 and not any(FIGURE.match(text) for text in texts):
        last += 1
    return rows[first : last + 1]


def _letters(col: int) -> str:
    """The name of a column, counted from 0."""
    letters, number = "", col + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
