"""Layouts the form does not foresee: turned tables, repeated headers, two prints of the form, cells that are shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.documents.pages import GridCell, Pages, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.reader import read, read_pages_to_reading
from archive.parser.text_classes import classes_of
from archive.parser.transposed_tables import transposed_back
from storage.records import Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
MODEST = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def reading_of(plan: Form, cells: render.Cells, change: Callable[[Table], list[Table]] | None = None) -> Reading:
    return read_pages_to_reading(render.as_pages(render.tables_of(plan, cells), change), "0" * 64)


def turned(table: Table) -> Table:
    cells = (replace(c, row=c.col, col=c.row, rowspan=c.colspan, colspan=c.rowspan) for c in table.cells)
    return Table(cells=tuple(sorted(cells, key=lambda c: (c.row, c.col))), rows=table.cols, cols=table.rows)


def holds(table: Table, label: str) -> bool:
    return any(label in cell.text for cell in table.cells)


@FORMS
@pytest.mark.parametrize("label", ["自然人", "结果维持"])
@MODEST
@given(data=st.data())
def test_a_table_turned_on_its_side(plan: Form, label: str, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    reading = reading_of(plan, cells, lambda table: [turned(table) if holds(table, label) else table])
    assert render.differences(reading, cells) == {}


@FORMS
def test_upright_tables_stay_as_they_are(plan: Form) -> None:
    for printed in render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(7))):
        table = render.grid(printed)
        assert transposed_back(table) == (table,)
        half = replace(table, cells=tuple(c for c in table.cells if c.row >= table.rows // 2))
        assert transposed_back(half) == (half,)


RESULTS = {"结果维持": "upheld", "结果纠正": "corrected", "其他结果": "other", "尚未审结": "pending", "总计": "total"}
BLOCKS = {"行政复议": "review", "未经复议直接起诉": "litigation.direct", "复议后起诉": "litigation.after_review"}


def blocks_by_results(cells: render.Cells, results: list[str]) -> Table:
    """One row for each block of the remedies, under the names of the results."""
    placed = [GridCell(row=0, col=0, text="")]
    placed += [GridCell(row=0, col=at, text=label) for at, label in enumerate(results, 1)]
    for row, (label, block) in enumerate(BLOCKS.items(), 1):
        placed.append(GridCell(row=row, col=0, text=label))
        for at, result in enumerate(results, 1):
            value = cells[f"{block}.{RESULTS[result]}"]
            placed.append(GridCell(row=row, col=at, text="" if value is None else str(value)))
    return Table(cells=tuple(placed), rows=4, cols=6)


@FORMS
@pytest.mark.parametrize("turn", [False, True])
@MODEST
@given(data=st.data())
def test_remedies_with_a_row_or_a_column_for_each_block(plan: Form, turn: bool, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    table = blocks_by_results(cells, data.draw(st.permutations(list(RESULTS))))
    other = turned(table) if turn else table
    reading = reading_of(plan, cells, lambda printed: [other if holds(printed, "结果维持") else printed])
    assert render.differences(reading, cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_headers_repeated_on_every_page(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    cuts = data.draw(st.sets(st.integers(5, 24), min_size=1, max_size=3))

    def repeated(table: Table) -> list[Table]:
        if not holds(table, "自然人"):
            return [table]
        head = next(cell.row for cell in table.cells if "新收" in cell.text)
        kept: list[GridCell] = []
        shift = 0
        for row in range(table.rows):
            if row in cuts:
                kept = [replace(c, rowspan=min(c.rowspan, row + shift - c.row)) for c in kept]
                open_ = [c for c in table.cells if head <= c.row < row < c.row + c.rowspan]
                kept += [replace(c, row=c.row + row + shift) for c in table.cells if c.row < head]
                shift += head
                kept += [replace(c, row=row + shift, rowspan=c.row + c.rowspan - row) for c in open_]
            kept += [replace(c, row=row + shift) for c in table.cells if c.row == row]
        kept.sort(key=lambda c: (c.row, c.col))
        return [Table(cells=tuple(kept), rows=table.rows + shift, cols=table.cols)]

    assert render.differences(reading_of(plan, cells, repeated), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_labels_broken_by_blanks_and_line_ends(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    crumbs = ["", "", "\u3000", " ", "\n", "\u200b", "\xa0"]

    def broken(table: Table) -> list[Table]:
        def one(cell: GridCell) -> GridCell:
            if not classes_of(cell.text).key or classes_of(cell.text).number:
                return cell
            return replace(cell, text="".join(chance.choice(crumbs) + character for character in cell.text))

        return [replace(table, cells=tuple(map(one, table.cells)))]

    assert render.differences(reading_of(plan, cells, broken), cells) == {}


def two_prints(plan: Form, first: render.Cells, second: render.Cells) -> Reading:
    """A page with the form twice, as where a hidden copy was left in."""
    one, other = (render.as_pages(render.tables_of(plan, cells)) for cells in (first, second))
    tables = tuple(block for block in other.blocks if isinstance(block, Table))
    return read_pages_to_reading(replace(one, blocks=(*one.blocks, *tables)), "0" * 64)


@FORMS
@MODEST
@given(data=st.data())
def test_two_prints_of_the_form_that_differ(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan, blanks=False))
    name = data.draw(st.sampled_from(plan.ids))
    other = data.draw(st.sampled_from([Decimal(77777), None]))
    prints = (cells, {**cells, name: other})
    if data.draw(st.booleans()):
        prints = prints[::-1]
    reading = two_prints(plan, *prints)
    assert {key for key, cell in reading.cells.items() if "conflict" in cell.flags} == {name}
    assert [name] == [cell for found in reading.findings if found.code == "duplicate_differs" for cell in found.cells]


@FORMS
def test_a_blank_copy_of_the_form_contradicts_nothing(plan: Form) -> None:
    cells = {name: Decimal(5) for name in plan.ids}
    for prints in ((cells, dict.fromkeys(plan.ids)), (dict.fromkeys(plan.ids), cells), (cells, cells)):
        reading = two_prints(plan, *prints)
        assert render.differences(reading, cells) == {}
        assert not any("conflict" in cell.flags for cell in reading.cells.values())


@FORMS
@pytest.mark.parametrize("make", [render.as_html, render.as_lines, render.as_markdown], ids=["html", "lines", "pipes"])
@MODEST
@given(data=st.data())
def test_every_cell_says_where_it_stands(plan: Form, make: Callable[..., bytes | str], data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    printed = make(render.tables_of(plan, cells))
    reading = read(printed if isinstance(printed, bytes) else printed.encode())
    assert not [name for name, cell in reading.cells.items() if not {"line", "row"} & set(cell.locator)]


def test_looks_are_bounded() -> None:
    long = "公开" * 4_000
    assert classes_of(long) is not classes_of(long)
    assert not classes_of(long).value
    assert classes_of("自然人") is classes_of("自然人")


def test_blocks_of_pages_without_tables() -> None:
    assert read_pages_to_reading(Pages(kind="html", blocks=()), "0" * 64).cells == {}


def test_a_vertical_list_of_two_results_is_not_turned() -> None:
    cells = (GridCell(row=0, col=0, text="其他"), GridCell(row=1, col=0, text="总计"), GridCell(row=0, col=1, text="3"))
    table = Table(cells=cells, rows=2, cols=2)
    assert transposed_back(table) == (table,)
    assert form("2021").name == "2021"


def unmerged(table: Table) -> Table:
    """Each merged cell written into the first of its places, the others blank."""
    texts = {(cell.row, cell.col): cell.text for cell in table.cells}
    places = [(row, col) for row in range(table.rows) for col in range(table.cols)]
    cells = tuple(GridCell(row=row, col=col, text=texts.get((row, col), "")) for row, col in places)
    return Table(cells=cells, rows=table.rows, cols=table.cols)


@FORMS
@MODEST
@given(data=st.data())
def test_merged_cells_written_into_their_first_place(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    reading = reading_of(plan, cells, lambda table: [unmerged(table)])
    assert render.differences(reading, cells) == {}
    assert not any("order_only" in cell.flags for cell in reading.cells.values())


def test_what_is_crossed_out_is_told_with_its_cells() -> None:
    plan = form("2021")
    cells = {**render._fill(plan, random.Random(31), 0.0), "review.upheld": Decimal(88_961)}
    page = render.as_html(render.tables_of(plan, cells)).decode().replace(">88961<", "><s>88961</s><")
    struck = next(found for found in read(page.encode()).findings if found.code == "struck_out")
    assert (struck.cells, struck.found) == (("review.upheld",), "88961")


def test_a_row_for_each_of_its_cases_gives_no_figure() -> None:
    """政府集中采购 with the name and the price of each purchase: none of these is the amount of the year."""
    plan = form("2019")
    cells: render.Cells = {name: Decimal(at % 7) for at, name in enumerate(plan.ids)}

    def with_cases(table: Table) -> list[Table]:
        if not holds(table, "政府集中采购"):
            return [table]
        last = [cell for cell in table.cells if cell.row == table.rows - 1]
        cases = [("公务用车10辆", "1530000元"), ("物业管理服务", "350000元"), ("审计服务", "621007.6元")]
        rows = [
            tuple(replace(c, row=table.rows - 1 + at, text=t) for c, t in zip(last, (last[0].text, *case), strict=True))
            for at, case in enumerate(cases)
        ]
        kept = tuple(cell for cell in table.cells if cell.row < table.rows - 1)
        return [replace(table, cells=(*kept, *(c for row in rows for c in row)), rows=table.rows + len(cases) - 1)]

    reading = reading_of(plan, cells, with_cases)
    assert reading.cells["proactive.procurement.amount"].value is None
    told = [found for found in reading.findings if found.code == "duplicate_differs"]
    assert told
    assert all("未取值" in found.zh for found in told)


@pytest.mark.parametrize("sign", [" | ", "\t", None])
@pytest.mark.parametrize(
    ("columns", "values"),
    [
        (["本年新制作数量", "对外公开总数量"], {"made": 2, "disclosed_total": 9}),
        (["对外公开总数量"], {"disclosed_total": 9}),
    ],
)
def test_figures_of_fewer_columns_than_the_forms_stand_below_their_headings_though_blanks_fill_the_rows_up(
    sign: str | None, columns: list[str], values: dict[str, int]
) -> None:
    fill = [""] * (4 - len(values))
    rows = [["信息内容", *columns, *fill], ["规范性文件", *map(str, values.values()), *fill]]
    title = "汶上县水利局2020年政府信息公开工作年度报告"
    if sign is None:
        table = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows)
        data = f"<html><body><p>{title}</p><p>一、总体情况</p><table>{table}</table></body></html>"
    else:
        data = "\n".join([title, "一、总体情况", *(sign.join(row) for row in rows), "三、其他", ""])
    reading = read(data.encode())
    assert {name.split(".")[-1]: cell.value for name, cell in reading.cells.items()} == values
    assert [found.code for found in reading.findings if found.code == "columns_missing"] == ["columns_missing"]
