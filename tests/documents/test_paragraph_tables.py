"""Paragraphs with marks of cells and rows: what stands in a cell without being text."""

from __future__ import annotations

from archive.documents.pages import UNREAD, Limits, Table
from archive.documents.paragraph_tables import Builder
from archive.documents.word97.model import Mark, Marked
from tests.documents.helpers import texts

LINE, CELL, ROW = Mark(1), Mark(1, cell_end=True), Mark(1, row_end=True)


def built(*paragraphs: tuple[str, Mark, int]) -> list[list[str]]:
    [table] = Builder(Limits(), []).build(Marked(*one) for one in paragraphs)
    assert isinstance(table, Table)
    return texts(table)


def test_a_cell_with_an_image_alone_is_not_blank() -> None:
    row = [("规章", CELL, 1), ("", LINE, 1), ("", CELL, 0), ("", LINE, 1), ("8", CELL, 0), ("", CELL, 0), ("", ROW, 0)]
    assert built(*row) == [["规章", UNREAD, "8", ""]]


def test_a_row_that_breaks_off_says_so_in_its_last_cell() -> None:
    assert built(("规章", CELL, 0), ("8", LINE, 0)) == [["规章", f"8\n{UNREAD}"]]
    assert built(("规章", CELL, 0)) == [["规章", UNREAD]]
