"""Rows and columns that a sheet does not show, and cells printed in the colour of paper: what stands in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from archive.documents.pages import UNREAD
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.labels import FIGURE


def doubt_hidden(sheet: Sheet, rows: Collection[int], columns: Collection[int]) -> None:
    """Figures of rows and columns that the sheet hides are not taken; labels there still say what stands where.

    Hidden columns apart from all that shows, without a word in them, are somebody's notes and no part of the table.
    """
    if columns:
        _leave_notes(sheet, columns)
    for number, texts in sheet.rows.items() if rows or columns else ():
        for col, text in texts.items():
            height, width = sheet.merged.get((number, col), (1, 1))
            unseen = all(row in rows for row in range(number, number + height)) or all(
                place in columns for place in range(col, col + width)
            )
            if unseen and FIGURE.match(text):
                texts[col] = UNREAD + text


def doubt_white(sheet: Sheet, places: Iterable[tuple[int, int]]) -> None:
    """Figures printed in white on white are not surely seen."""
    for row, col in places:
        text = sheet.rows.get(row, {}).get(col, "")
        if text and FIGURE.match(text):
            sheet.rows[row][col] = UNREAD + text


def _leave_notes(sheet: Sheet, columns: Collection[int]) -> None:
    """Take away hidden columns of nothing but figures that a gap parts from what shows, if that has figures."""
    places = {col for texts in sheet.rows.values() for col in texts}
    shown = {col for col in places if col not in columns}
    if not any(FIGURE.match(text) for texts in sheet.rows.values() for col, text in texts.items() if col in shown):
        return
    worded = {col for texts in sheet.rows.values() for col, text in texts.items() if not FIGURE.match(text)}
    first, last = min(shown), max(_reach(sheet, shown))
    gone = {col for col in places - shown - worded if not first - 1 <= col <= last + 1}
    for texts in sheet.rows.values() if gone else ():
        for col in gone & texts.keys():
            del texts[col]


def _reach(sheet: Sheet, shown: Collection[int]) -> Iterator[int]:
    """The last columns of what stands in these."""
    for number, texts in sheet.rows.items():
        for col in texts:
            if col in shown:
                yield col + sheet.merged.get((number, col), (1, 1))[1] - 1
