"""Tables as plain data, for tests that compare grids."""

from __future__ import annotations

from archive.documents.pages import Pages, Paragraph, Table

Place = tuple[int, int, int, int, str]


def tables(pages: Pages) -> list[Table]:
    return [block for block in pages.blocks if isinstance(block, Table)]


def lines(pages: Pages) -> list[str]:
    return [block.text for block in pages.blocks if isinstance(block, Paragraph)]


def places(table: object, *, squeeze: bool = False) -> set[Place]:
    """(row, col, rowspan, colspan, text) of every cell; ``squeeze`` takes all blanks out of the texts."""
    return {
        (c.row, c.col, c.rowspan, c.colspan, "".join(c.text.split()) if squeeze else c.text)
        for c in table.cells  # type: ignore[attr-defined]
    }


def texts(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows
