"""Rows and columns that nothing names for certain: placed where only one place is left, else told or doubted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.reader import read_pages_to_reading
from archive.parser.values import read_value
from archive.parser.walk import State
from archive.parser.walk import _in_other_order as in_other_order
from storage.records import Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
NEW = form("2021")
Cells = list[GridCell]


def true_sums(plan: Form) -> dict[str, Decimal | None]:
    """Figures whose rows add up, each row's different."""
    cells: dict[str, Decimal | None] = {name: Decimal(100 + at) for at, name in enumerate(plan.ids)}
    for row in plan.table("applications").rows:
        for at, name in enumerate(row.place_ids):
            cells[name] = Decimal(at + len(row.id))
        cells[row.place_ids[-1]] = sum((cells[name] or Decimal(0) for name in row.place_ids[:-1]), Decimal(0))
    return cells


def changed(plan: Form, number: int, change: Callable[[Cells], Cells], cells: render.Cells | None = None) -> Reading:
    """The reading of a form of which one table (from 0) was changed."""
    blocks: list[Paragraph | Table] = list(render.as_pages(render.tables_of(plan, cells or true_sums(plan))).blocks)
    at = [i for i, block in enumerate(blocks) if isinstance(block, Table)][number]
    table = blocks[at]
    assert isinstance(table, Table)
    made = tuple(change([replace(cell) for cell in table.cells]))
    blocks[at] = replace(table, cells=made, cols=max(cell.col + cell.colspan for cell in made))
    return read_pages_to_reading(Pages(kind="test", blocks=tuple(blocks)), "0" * 64)


def relabelled(before: str, after: str) -> Callable[[Cells], Cells]:
    return lambda cells: [replace(cell, text=after) if cell.text == before else cell for cell in cells]


def row_cells(reading: Reading, row: str) -> dict[str, tuple[Decimal | None, tuple[str, ...]]]:
    return {name: (cell.value, cell.flags) for name, cell in reading.cells.items() if name.startswith(row + ".")}


def told(reading: Reading, code: str) -> set[str]:
    return {name for found in reading.findings if found.code == code for name in found.cells}


# -------------------------------------------------------------------------------------------------------------- rows


@pytest.mark.parametrize(
    ("label", "printed", "row"),
    [
        ("一、本年新收政府信息公开申请数量", "一、本年新收", "applications.received"),
        ("二、上年结转政府信息公开申请数量", "二、上年结转", "applications.carried_in"),
        ("四、结转下年度继续办理", "四、结转下年度", "applications.carried_out"),
    ],
)
@pytest.mark.parametrize("blank", [False, True], ids=["figures", "blanks"])
def test_a_piece_of_a_label_is_enough_where_one_row_alone_is_missing(
    label: str, printed: str, row: str, *, blank: bool
) -> None:
    figures = true_sums(NEW)
    if blank:
        figures |= {name: None for name in figures if name.startswith(row + ".")}
    read = changed(NEW, 1, relabelled(label, printed), figures)
    wanted = {name: (figures[name], ("order_only",)) for name in figures if name.startswith(row + ".")}
    assert row_cells(read, row) == wanted
    assert told(read, "order_only") == set(wanted)


@FORMS
def test_a_row_that_nobody_can_name_makes_what_is_missing_told(plan: Form) -> None:
    read = changed(plan, 1, relabelled("（一）予以公开", "其中：网上申请"))
    gone = {name for name in plan.ids if name.startswith("applications.result.granted.")}
    assert not gone & set(read.cells)
    assert told(read, "rows_missing") == gone


@FORMS
def test_a_row_that_is_not_printed_is_told_and_no_zero(plan: Form) -> None:
    def without(cells: Cells) -> Cells:
        [label] = [cell for cell in cells if cell.text == "（一）予以公开"]
        kept = [cell for cell in cells if cell.row != label.row or cell.rowspan > 1]
        return [replace(cell, row=cell.row - (cell.row > label.row)) for cell in kept]

    read = changed(plan, 1, without)
    assert not row_cells(read, "applications.result.granted")
    assert told(read, "rows_missing") == {name for name in plan.ids if name.startswith("applications.result.granted.")}


def test_words_in_place_of_figures_are_told_as_no_values() -> None:
    ids = [name for name in NEW.ids if name.startswith("applications.result.partial.")]

    def worded(cells: Cells) -> Cells:
        [named] = [cell for cell in cells if cell.text.startswith("（二）部分公开")]
        return [
            replace(cell, text=f"约{cell.col}0") if cell.row == named.row and cell.col > named.col else cell
            for cell in cells
        ]

    read = changed(NEW, 1, worded)
    assert [read.cells[name].value for name in ids] == [None] * len(ids)
    assert told(read, "not_a_number") == set(ids)


def test_a_row_of_marks_is_no_header() -> None:
    figures = true_sums(NEW) | {name: None for name in NEW.ids if name.startswith("applications.result.total.")}

    def marked(cells: Cells) -> Cells:
        [label] = [cell for cell in cells if cell.text == "（七）总计"]
        out = [replace(cell, text="/") if cell.row == label.row and cell.col > label.col else cell for cell in cells]
        return relabelled("（七）总计", "总计")(out)

    read = changed(NEW, 1, marked, figures)
    assert {value for value, _ in row_cells(read, "applications.result.total").values()} == {None}
    assert len(row_cells(read, "applications.result.total")) == 7


# ----------------------------------------------------------------------------------------------------------- columns


def in_order(cells: Cells, order: list[int]) -> Cells:
    """The columns of figures (the third and on) in another order, each cell by itself."""
    moved = []
    for cell in cells:
        if cell.col < 3:
            moved.append(cell)
        elif cell.colspan == 1:
            moved.append(replace(cell, col=3 + order.index(cell.col - 3)))
    return sorted(moved, key=lambda cell: (cell.row, cell.col))


def without_header(cells: Cells) -> Cells:
    return [replace(cell, row=cell.row - 3) for cell in cells if cell.row >= 3]


@FORMS
def test_without_a_header_figures_that_add_up_are_believed(plan: Form) -> None:
    figures = true_sums(plan)
    read = changed(plan, 1, without_header, figures)
    assert {name: cell.value for name, cell in read.cells.items() if name.startswith("applications.")} == {
        name: value for name, value in figures.items() if name.startswith("applications.")
    }
    assert not any(cell.flags for name, cell in read.cells.items() if name.startswith("applications."))


@FORMS
def test_without_a_header_figures_that_do_not_add_up_are_doubted(plan: Form) -> None:
    """总计 may stand first: nothing says which column is which."""
    read = changed(plan, 1, lambda cells: without_header(in_order(cells, [6, 0, 1, 2, 3, 4, 5])))
    cells = {name: cell for name, cell in read.cells.items() if name.startswith("applications.")}
    assert len(cells) == sum(len(row.columns) for row in plan.table("applications").rows)
    assert all("label_doubt" in cell.flags for cell in cells.values())


@FORMS
def test_columns_side_by_side_are_believed_in_any_order(plan: Form) -> None:
    """The merged header was written into the first of its places, and the bodies stand before 自然人."""

    def bodies_first(cells: Cells) -> Cells:
        [group] = [cell for cell in cells if cell.text == "法人或其他组织"]
        return [*in_order(cells, [1, 2, 3, 4, 5, 0, 6]), replace(group, col=3, colspan=1)]

    figures = true_sums(plan)
    read = changed(plan, 1, lambda cells: sorted(bodies_first(cells), key=lambda cell: (cell.row, cell.col)), figures)
    wrong = {name for name, cell in read.cells.items() if cell.value != figures[name] and not cell.flags}
    assert wrong == set()
    assert read.cells["applications.received.natural_person"].value == figures["applications.received.natural_person"]


def test_a_blank_at_the_end_is_doubted_where_other_rows_are_too_short() -> None:
    """The table has no 自然人, its header lost its spans: six figures and the blank beside them are no seven cells."""

    def pushed(cells: Cells) -> Cells:
        rows: dict[int, Cells] = {}
        for cell in cells:
            if cell.col != 3 or cell.row < 3:
                rows.setdefault(cell.row, []).append(cell)
        out = []
        for number, row in rows.items():
            texts = [cell.text for cell in sorted(row, key=lambda cell: cell.col)]
            texts += [""] * (9 - len(texts))
            out += [GridCell(row=number, col=at, rowspan=1, colspan=1, text=text) for at, text in enumerate(texts)]
        return out

    figures = true_sums(NEW)
    read = changed(NEW, 1, pushed, figures)
    silent = {
        name
        for name, cell in read.cells.items()
        if name.startswith("applications.") and cell.value != figures[name] and not cell.flags
    }
    assert silent == set()


# ------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("text", ["12人次", "12例", "12家", "12册"])
def test_what_counts_people_and_cases_is_a_unit(text: str) -> None:
    assert (read_value(text).value, read_value(text).flags) == (Decimal(12), ())


def test_the_rest_of_a_table_in_another_order_is_doubted_without_its_header() -> None:
    """总计 stands first, as the header says; what was cut off from it has no header of its own."""
    figures = true_sums(NEW)
    blocks: list[Paragraph | Table] = []
    for block in render.as_pages(render.tables_of(NEW, figures)).blocks:
        if not isinstance(block, Table) or block.rows < 20:
            blocks.append(block)
            continue
        cells = in_order(list(block.cells), [6, 0, 1, 2, 3, 4, 5])
        upper = tuple(cell for cell in cells if cell.row < 15)
        lower = tuple(replace(cell, row=cell.row - 15) for cell in cells if cell.row >= 15)
        blocks += [replace(block, cells=upper, rows=15), replace(block, cells=lower, rows=block.rows - 15)]
    read = read_pages_to_reading(Pages(kind="test", blocks=tuple(blocks)), "0" * 64)
    first, last = (read.cells[f"applications.{row}.total"] for row in ("received", "carried_out"))
    assert (first.value, first.flags) == (figures["applications.received.total"], ())
    assert "label_doubt" in last.flags


@pytest.mark.parametrize("spans", [True, False])
def test_a_row_named_by_a_word_that_columns_have_too_is_told_where_it_is_blank(*, spans: bool) -> None:
    """3.其他 lost its number and holds nothing: it is no header of a column."""
    row = "applications.result.other.misc"
    figures = true_sums(NEW) | {name: None for name in NEW.ids if name.startswith(row + ".")}

    def bare(cells: Cells) -> Cells:
        named = relabelled("3.其他", "其他")(cells)
        return named if spans else [replace(cell, rowspan=1) if cell.row > 2 else cell for cell in named]

    read = changed(NEW, 1, bare, figures)
    assert {value for value, _ in row_cells(read, row).values()} <= {None}
    assert len(row_cells(read, row)) == 7 or len(told(read, "rows_missing")) == 7


@FORMS
def test_a_corner_that_reaches_over_the_first_row_takes_nothing_from_it(plan: Form) -> None:
    """Its rowspan is one too many: a browser pushes the row to the right."""

    def pushed(cells: Cells) -> Cells:
        [corner] = [cell for cell in cells if "勾稽关系" in cell.text]
        first = corner.rowspan
        return [
            replace(cell, rowspan=first + 1)
            if cell is corner
            else replace(cell, col=cell.col + 3 * (cell.row == first))
            for cell in cells
        ]

    figures = true_sums(plan)
    read = changed(plan, 1, pushed, figures)
    wanted = {name: (value, ()) for name, value in figures.items() if name.startswith("applications.received.")}
    assert row_cells(read, "applications.received") == wanted


@pytest.mark.parametrize(("at", "text", "sound"), [(3, "77", False), (7, "77", True)])
def test_a_cell_too_many_in_every_row_tells_nothing_unless_what_is_under_the_header_adds_up(
    at: int, text: str, sound: bool
) -> None:
    first = 3  # columns of labels

    def pushed(cells: Cells) -> Cells:
        moved = [replace(c, col=c.col + 1) if c.row > 2 and c.col >= first + at else c for c in cells]
        return [
            *moved,
            *(GridCell(row=row, col=first + at, text=text) for row in range(3, 1 + max(c.row for c in cells))),
        ]

    figures = true_sums(NEW)
    read = changed(NEW, 1, pushed, figures)
    got = {name: value for name, (value, _) in row_cells(read, "applications.received").items()}
    wanted = {name: value for name, value in figures.items() if name.startswith("applications.received.")}
    assert got == (wanted if sound else dict.fromkeys(wanted))


def test_a_header_of_which_loose_lines_name_two_columns_tells_no_order() -> None:
    """Without rulings 总计 stands higher than 其他 beside it, and so comes first."""
    two = {"total": (4, 5), "other_org": (7, 8)}
    columns = [column.id for column in NEW.table("applications").columns]
    turned = {name: (9 - at, 10 - at) for at, name in enumerate(columns)}
    asked = [State({"applications": NEW}, table_key="applications", table=0, header=header) for header in (two, turned)]
    assert [in_other_order(state) for state in asked] == [False, True]
