"""Rows and columns that a sheet does not show: what stands in them."""

from __future__ import annotations

from collections.abc import Collection

from archive.documents.pages import UNREAD
from archive.documents.workbook.grid import Sheet
from archive.documents.workbook.labels import FIGURE


def doubt_hidden(sheet: Sheet, rows: Collection[int], columns: Collection[int]) -> None:
    """Figures of rows and columns that the sheet hides are not taken; labels there still say what stands where."""
    for number, texts in sheet.rows.items() if rows or columns else ():
        for col, text in texts.items():
            height, width = sheet.merged.get((number, col), (1, 1))
            unseen = all(row in rows for row in range(number, number + height)) or all(
                place in columns for place in range(col, col + width)
            )
            if unseen and FIGURE.match(text):
                texts[col] = UNREAD + text
