"""Figures of a PDF on their side: read whole, doubted where they reach out of their cells. Digits of another size."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from archive.documents.pages import GridCell, Limits, Table
from archive.documents.pdf import read

ROWS, COLS, HIGH, WIDE = 4, 4, 20.0, 60.0
LEFT, TOP = 100.0, 700.0


def printed(figures: dict[tuple[int, int], str], *, angle: int = 90, size: float = 8.0) -> list[GridCell]:
    """The cells of a ruled table of words, with ``figures`` on their side at (row, column)."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for n in range(ROWS + 1):
        canvas.line(LEFT, TOP - n * HIGH, LEFT + COLS * WIDE, TOP - n * HIGH)
    for n in range(COLS + 1):
        canvas.line(LEFT + n * WIDE, TOP, LEFT + n * WIDE, TOP - ROWS * HIGH)
    canvas.setFont("Helvetica", size)
    for row in range(ROWS):
        for col in range(COLS):
            x, y = LEFT + col * WIDE + 10, TOP - (row + 1) * HIGH
            if (row, col) not in figures:
                canvas.drawString(x, y + 6, "words")
                continue
            canvas.saveState()
            canvas.translate(x + (size if angle > 0 else 0), y + (1 if angle > 0 else HIGH - 1))
            canvas.rotate(angle)
            canvas.drawString(0, 0, figures[row, col])
            canvas.restoreState()
    canvas.save()
    [table] = [block for block in read(out.getvalue(), Limits()).blocks if isinstance(block, Table)]
    return list(table.cells)


@pytest.mark.parametrize("angle", [90, -90])
def test_they_are_read_as_they_stand(angle: int) -> None:
    figures = {(1, 1): "12", (2, 2): "345", (3, 3): "7.5"}
    cells = {(cell.row, cell.col): cell for cell in printed(figures, angle=angle)}
    assert {place: cells[place].text for place in figures} == figures
    assert not any("astray" in cell.locator for cell in cells.values())


@pytest.mark.parametrize("angle", [90, -90])
def test_one_that_reaches_out_of_its_cell_is_whole_and_doubted(angle: int) -> None:
    cells = printed({(2, 1): "269601", (2, 2): "34"}, angle=angle)
    assert [cell.text for cell in cells if cell.text.strip().isdigit()] == ["269601", "34"]
    doubted = {(cell.row, cell.col) for cell in cells if "astray" in cell.locator}
    assert (2, 1) in doubted
    assert doubted <= {(1, 1), (2, 1), (3, 1)}


def beside(text: str, size: float, up: float, gap: float = 0.0) -> GridCell:
    """A cell with the figure 39 in type of 8 points, and ``text`` in another behind it."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for n in range(3):
        canvas.line(LEFT, TOP - n * HIGH, LEFT + 2 * WIDE, TOP - n * HIGH)
        canvas.line(LEFT + n * WIDE, TOP, LEFT + n * WIDE, TOP - 2 * HIGH)
    canvas.setFont("Helvetica", 8)
    for x, y, word in ((65, 6, "words of a cell"), (5, 26, "words"), (65, 26, "words 1234 5678"), (5, 6, "39")):
        canvas.drawString(LEFT + x, TOP - 2 * HIGH + y, word)
    canvas.setFont("Helvetica", size)
    canvas.drawString(LEFT + 5 + canvas.stringWidth("39", "Helvetica", 8) + gap, TOP - 2 * HIGH + 6 + up, text)
    canvas.save()
    [table] = [block for block in read(out.getvalue(), Limits()).blocks if isinstance(block, Table)]
    [cell] = [cell for cell in table.cells if (cell.row, cell.col) == (1, 0)]
    return cell


@pytest.mark.parametrize(
    ("size", "up", "gap", "shown"),
    [
        (4, 3, 0.0, "39[1]"),
        (4, 3, 2.5, "39[1]"),
        (6.67, 3, 0.0, "39[1]"),  # as browsers print a note's mark: hardly smaller, and higher
        (6.0, 1.2, 0.0, "39¹"),  # not so clear
        (7.5, 3, 0.0, "391"),  # type of the same size
    ],
)
def test_a_raised_digit_is_none_of_the_figure(size: float, up: float, gap: float, shown: str) -> None:
    assert beside("1", size, up, gap).text.replace(" ", "") == shown


def test_what_nobody_sees_is_not_read() -> None:
    assert beside("9", 0.1, 0).text == "39"


@pytest.mark.parametrize("size", [1, 4])
def test_a_digit_far_smaller_than_the_others_is_doubted(size: float) -> None:
    assert "astray" in beside("9", size, 0).locator
    assert "astray" not in beside("9", 7.5, 0).locator
