"""Excel 5–2003: the worksheets as the library (calamine) reads them, with what it leaves out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from archive.documents.container import ContainerError
from archive.documents.workbook import biff
from archive.documents.workbook.formats import PLAIN, NumberFormat, formatted
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.hidden_cells import doubt_hidden, doubt_white
from archive.documents.workbook.merged_ranges import merged_ranges
from archive.documents.workbook.sheet_facts import Known, Place, Worksheet
from archive.documents.workbook.text import Value, differs, rounded, shown

_NOTHING: Mapping[int, set[int]] = {}


def worksheets(data: bytes) -> Iterator[Worksheet]:
    """The worksheets of a workbook in its order, each read when it is asked for. Raises ContainerError.

    ``encrypted``, ``truncated``, ``damaged``, ``missing``, ``too_large``.
    """
    known = biff.look(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for index, about in enumerate(book.sheets_metadata):
                if about.typ != SheetTypeEnum.WorkSheet:
                    continue
                shows = about.visible == SheetVisibleEnum.Visible
                beforehand = known[index] if index < len(known) else Known()
                try:
                    held = book.get_sheet_by_index(index)
                except CalamineError:
                    yield Worksheet(name=about.name, shows=shows, sheet=None)
                    continue
                yield _worksheet(held, shows, beforehand)
    except PasswordError as error:
        raise ContainerError("encrypted") from error
    except (CalamineError, OSError, ValueError) as error:
        raise ContainerError("damaged") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the library fails over contradictory records
            raise
        raise ContainerError("damaged") from error


def _worksheet(held: CalamineSheet, shows: bool, known: Known) -> Worksheet:
    """Texts by place; what lies under a merged range belongs to its corner."""
    merged, covered = merged_ranges(held.merged_cell_ranges or (), held.end or (0, 0))
    rows = _rows(held, covered, known)
    for (row, col), text in known.unsolved.items():
        if col not in covered.get(row, ()):
            rows.setdefault(row, {}).setdefault(col, text)
    blank = {row: cols.difference(covered.get(row, ()), rows.get(row, ())) for row, cols in known.blank.items()}
    cells = sum(map(len, rows.values())) + sum(map(len, blank.values()))
    sheet = Sheet(held.name, rows, {row for row, cols in blank.items() if cols}, merged, known.struck, known.kept)
    doubt_white(sheet, [place for place, style in known.styles.items() if style.white])
    doubt_hidden(sheet, known.rows, known.columns)
    return Worksheet(name=held.name, shows=shows, sheet=sheet, cells=cells, unsolved=len(known.unsolved))


def _rows(sheet: CalamineSheet, covered: Mapping[int, set[int]], known: Known) -> dict[int, dict[int, str]]:
    """The texts by row and column."""
    rows: dict[int, dict[int, str]] = {}
    if sheet.start is None:
        return rows
    first_row, first_col = sheet.start
    nothing: Value = ""
    lines: list[list[Value]] = sheet.to_python(skip_empty_area=True)
    if known.styles or not known.zeros:
        _format(lines, sheet.start, known)
    for row, values in enumerate(lines, first_row):
        texts: dict[int, str] = {}
        for col, value in enumerate(values, first_col):
            if value is nothing:
                continue  # most places are empty, those under merged ranges too
            if type(value) is str:
                if value and not value.isspace():
                    texts[col] = value if "\r" not in value else shown(value)
            elif type(value) is float:
                whole = value.is_integer() and -1e15 < value < 1e15
                texts[col] = str(int(value)) if whole else _rounded(value, (row, col), known)
            else:
                texts[col] = shown(value)
        under = covered.get(row)
        if under and not under.isdisjoint(texts):
            texts = {col: text for col, text in texts.items() if col not in under}
        if texts:
            rows[row] = texts
    return rows


def _rounded(value: float, place: Place, known: Known) -> str:
    """A number as its format rounds it; what the cell keeps is noted where it shows another."""
    text, held = rounded(value, known.styles.get(place, PLAIN).decimals), shown(value)
    if differs(text, held):
        known.kept[place] = held
    return text


def _format(lines: list[list[Value]], start: Place, known: Known) -> None:
    """Put in place of the numbers what is shown of them; one that is not shown leaves a blank place."""
    for row, values in enumerate(lines, start[0]):
        for col, value in enumerate(values, start[1]):
            look = known.styles.get((row, col), PLAIN).look
            if value != "" and look is NumberFormat.STRUCK:
                known.struck[row, col] = shown(value).strip()
                said = ""
            elif type(value) is not float and type(value) is not int:
                continue  # the library has made dates of numbers that are shown as such
            elif not known.zeros and value == 0:
                said = ""
            elif look:
                said = formatted(value, look, since_1904=known.since_1904)
                if differs(said, shown(value)):
                    known.kept[row, col] = shown(value)
            else:
                continue
            values[col - start[1]] = said
            if not said or said.isspace():
                known.blank[row].add(col)
