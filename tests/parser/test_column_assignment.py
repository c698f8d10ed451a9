"""Which figure of a row belongs to which column; where that cannot be told, none is placed."""

from __future__ import annotations

import pytest

from archive.parser.column_assignment import ColumnAssignment, fit_row, pushed_together
from archive.parser.rows import Item, Source

COLUMNS = ("issued", "repealed", "in_force")


def row(*texts: str, first: int = 1) -> list[Item]:
    """Fields side by side, from the grid column ``first`` on."""
    return [Item(text, col, 1, {}) for col, text in enumerate(texts, first)]


def placed(fit: ColumnAssignment) -> list[str | None]:
    """What stands in each column; nothing at all if the row could not be placed."""
    return [None if item is None else item.text for item in (fit.cells[name] for name in COLUMNS)] if fit.cells else []


@pytest.mark.parametrize("source", ["grid", "ragged", "list", "lines"])
def test_as_many_figures_as_columns_stand_in_their_order(source: Source) -> None:
    fit = fit_row(row("3", "0", "12"), COLUMNS, source, {}, None)
    assert (placed(fit), fit.problem, fit.single, fit.doubt) == (["3", "0", "12"], "", False, False)


@pytest.mark.parametrize(
    ("texts", "start", "wanted"),
    [
        (("", "4", "5"), 1, ["", "4", "5"]),  # rows alike begin here too: the first is blank
        (("", "4", "5"), 2, ["4", "5", None]),  # they begin one later: the last field was cut off
        (("4", "5", ""), 1, ["4", "5", ""]),
        (("", "4", "5"), None, []),  # any of the fields may be the lost one
        (("4", "5", ""), None, []),
        (("4", "", "5"), None, ["4", "", "5"]),  # figures at both ends: nothing was lost
        (("4", "5", "6"), None, ["4", "5", "6"]),
    ],
)
def test_a_tabbed_row_with_a_blank_at_its_end_needs_the_rows_alike(
    texts: tuple[str, ...], start: int | None, wanted: list[str | None]
) -> None:
    assert placed(fit_row(row(*texts), COLUMNS, "ragged", {}, start, even=False)) == wanted


def test_a_blank_field_at_the_end_is_certain_below_headings_field_for_field() -> None:
    header = {name: (col, col + 1) for col, name in enumerate(COLUMNS, 1)}
    assert placed(fit_row(row("4", "", ""), COLUMNS, "ragged", header, None, even=False)) == ["4", "", ""]
    assert placed(fit_row(row("4", "5", "", first=2), COLUMNS, "ragged", header, None, even=False)) == []
    assert placed(fit_row(row("4", "5", ""), COLUMNS, "lines", header, None, even=False)) == ["4", "5", ""]


def test_rows_of_equally_many_fields_lost_none() -> None:
    assert placed(fit_row(row("", "4", "5"), COLUMNS, "ragged", {}, None, even=True)) == ["", "4", "5"]


def test_a_cell_beside_the_columns_is_left_out_where_rows_alike_begin() -> None:
    remark = row("见附件", "4", "5", "6")
    assert placed(fit_row(remark, COLUMNS, "grid", {}, 2)) == ["4", "5", "6"]
    assert placed(fit_row(remark, COLUMNS, "grid", {}, 1)) == []
    assert placed(fit_row(row("4", "5", "6", "7"), COLUMNS, "grid", {}, 1)) == []  # one figure too many


def test_fewer_fields_than_columns_are_blank_or_unknown() -> None:
    assert placed(fit_row(row("", ""), COLUMNS, "lines", {}, None)) == ["", "", None]
    assert placed(fit_row(row("4", "5"), COLUMNS, "lines", {}, None)) == []
    header = {"issued": (1, 2), "in_force": (2, 3)}
    fit = fit_row(row("4", "5"), COLUMNS, "grid", header, None)
    assert {name: item.text for name, item in fit.cells.items() if item} == {"issued": "4", "in_force": "5"}


def test_one_figure_merged_over_the_row_counts_for_the_first_column() -> None:
    fit = fit_row([Item("4", 1, 3, {})], COLUMNS, "grid", {}, None)
    assert ({name: item.text for name, item in fit.cells.items() if item}, fit.single) == ({"issued": "4"}, True)
    assert fit_row([Item("4", 1, 2, {})], COLUMNS, "grid", {}, None).problem == "count"  # not over all of it


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ({"issued": (1, 2), "repealed": (2, 3), "in_force": (3, 4)}, ["4", "5", "6"]),
        ({"issued": (3, 4), "repealed": (1, 2), "in_force": (2, 3)}, ["6", "4", "5"]),  # printed in another order
        ({"repealed": (1, 2), "issued": (3, 4)}, []),  # some are named, and contradict the form's order
    ],
)
def test_the_header_of_a_true_grid_says_which_is_which(header: dict[str, tuple[int, int]], wanted: list[str]) -> None:
    assert placed(fit_row(row("4", "5", "6"), COLUMNS, "grid", header, None)) == wanted


def test_figures_pushed_to_the_left_of_a_line_whose_sum_is_blank_are_seen() -> None:
    def line(*texts: str) -> list[Item]:
        return [Item(text, col, 1, {"line": 3}) for col, text in enumerate(texts)]

    assert pushed_together(line("61", "8", "69", *[""] * 6), 7)
    assert not pushed_together(line("61", "", "8", "", "", "", "69"), 7)


@pytest.mark.parametrize("source", ["ragged", "list", "lines"])
def test_figures_of_a_block_that_names_fewer_columns_are_placed_by_its_header(source: Source) -> None:
    fit = fit_row(row("5"), COLUMNS, source, {"in_force": (1, 2)}, None)
    assert {name: item.text for name, item in fit.cells.items() if item is not None} == {"in_force": "5"}
    assert fit_row(row("5", "6"), COLUMNS, source, {"in_force": (1, 2)}, None).problem == "count"


def test_a_stroke_down_a_recognised_page_cuts_blank_cells_off_and_the_figures_are_whole() -> None:
    ids = ("natural", "enterprise", "research", "welfare", "legal", "other", "total")

    def recognised(*texts: str) -> list[Item]:
        return [Item(text, col, 1, {"confidence": 1.0}) for col, text in enumerate(texts)]

    fit = fit_row(recognised("74", "0", "/", "0", "5", "7", "", "89"), ids, "grid", {}, None)
    assert [item.text for item in fit.cells.values() if item is not None] == ["74", "0", "/", "0", "5", "7", "89"]
    assert fit.doubt
    header = {"issued": (0, 1)}
    one = fit_row(recognised("", "3.06"), ("issued",), "grid", header, None)
    assert [item.text for item in one.cells.values() if item is not None] == ["3.06"]
    assert one.doubt
    assert fit_row([Item(i.text, i.col, 1, {}) for i in recognised("1", "", "2")], ids, "grid", {}, None).problem


def test_fields_below_their_headings_are_theirs_where_all_others_are_blank() -> None:
    """A merged cell that was written as one field and blank ones beside it."""
    header = dict(zip(COLUMNS, ((3, 4), (5, 6), (7, 8)), strict=True))
    for texts in (["1", "", "616万元"], ["", "/", "0"]):
        fields = row("", "", texts[0], "", texts[1], "", texts[2], "")
        assert placed(fit_row(fields, COLUMNS, "ragged", header, None)) == texts
    astray = row("", "", "1", "约3", "0", "", "2", "")
    assert fit_row(astray, COLUMNS, "ragged", header, None).problem
