"""What seldom stands in a report's tables: two forms in one document, rows said twice, labels lost at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.pages import UNREAD, GridCell, Pages, Paragraph, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.parser.blocks import rows_of
from archive.parser.column_assignment import fit_row
from archive.parser.reader import read, read_pages_to_reading
from archive.parser.rows import Item
from archive.parser.values import read_value
from storage.records import CellState, Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)


def numbered(plan: Form) -> dict[str, Decimal | None]:
    return {name: Decimal(1000 + at) for at, name in enumerate(plan.ids)}


def blocks_of(plan: Form, cells: render.Cells) -> list[Paragraph | Table]:
    return list(render.as_pages(render.tables_of(plan, cells)).blocks)


def reading_of(blocks: list[Paragraph | Table]) -> Reading:
    return read_pages_to_reading(Pages(kind="test", blocks=tuple(blocks)), "0" * 64)


def changed(
    plan: Form, number: int, change: Callable[[list[GridCell]], list[GridCell]], cells: render.Cells | None = None
) -> Reading:
    """The reading of a form of which the cells of one table (from 0) were changed."""
    blocks = blocks_of(plan, cells or numbered(plan))
    at = [i for i, block in enumerate(blocks) if isinstance(block, Table)][number]
    table = blocks[at]
    assert isinstance(table, Table)
    blocks[at] = replace(table, cells=tuple(change([replace(cell) for cell in table.cells])))
    return reading_of(blocks)


def codes(reading: Reading) -> list[str]:
    return [found.code for found in reading.findings]


def values(reading: Reading, start: str) -> dict[str, Decimal | None]:
    return {name: cell.value for name, cell in reading.cells.items() if name.startswith(start)}


# ------------------------------------------------------------------------------------------------------ whole tables


FEE_OF_2021 = "第二十条第（八）项\n信息内容\n本年收费金额（单位：万元）\n行政事业性收费\n282.1"
HEAD_OF_2019 = (
    "第二十条第（一）项\n信息内容\n本年新制作数量\n本年新公开数量\n对外公开总数量\n规章\n0\n0\n0\n规范性文件\n0\n0\n0"
)


def of_lines(*tables: str) -> Reading:
    return read("\n".join([render.TITLE, "二、主动公开政府信息情况", *tables]).encode())


def test_a_table_with_columns_of_two_editions_is_told_and_the_places_of_the_other_are_named() -> None:
    reading = of_lines(HEAD_OF_2019, FEE_OF_2021)
    [said] = [found for found in reading.findings if found.code == "mixed_forms"]
    assert said.cells == ("proactive.admin_fee.amount",)
    assert values(reading, "proactive.admin_fee.") == {"proactive.admin_fee.amount": Decimal("282.1")}
    assert not any("admin_fee" in name for found in reading.findings if found is not said for name in found.cells)
    assert "mixed_forms" not in codes(of_lines(HEAD_OF_2019))
    left_in = "第二十条第（九）项\n信息内容\n采购项目数量\n采购总金额\n政府集中采购\n3\n500元"
    head_of_2021 = (
        HEAD_OF_2019.replace("新制作数量", "制发件数")
        .replace("新公开数量", "废止件数")
        .replace("对外公开总数量", "现行有效件数")
    )
    assert "mixed_forms" not in codes(of_lines(head_of_2021, FEE_OF_2021, left_in))


@pytest.mark.parametrize("kept", ["2019", "2021"])
def test_rows_in_the_words_of_another_edition_are_read_as_its_own(kept: str) -> None:
    """The 规章 of one edition above the rest of the other, in one grid."""
    old, new = form("2019"), form("2021")
    upper, lower = (old, new) if kept == "2019" else (new, old)
    tables = [next(b for b in blocks_of(plan, numbered(plan)) if isinstance(b, Table)) for plan in (upper, lower)]
    cut = 4  # rows: caption, header, two rows
    cells = [c for c in tables[0].cells if c.row < cut] + [c for c in tables[1].cells if c.row >= cut]
    mixed = replace(tables[1], cells=tuple(cells), cols=max(t.cols for t in tables))
    blocks = blocks_of(new, numbered(new))
    at = next(i for i, block in enumerate(blocks) if isinstance(block, Table))
    reading = reading_of([*blocks[:at], mixed, *blocks[at + 1 :]])
    heads = ("proactive.rules.", "proactive.normative.")
    expected = {name: value for name, value in numbered(upper).items() if name.startswith(heads)}
    rest = {n: v for n, v in numbered(lower).items() if n.startswith("proactive.") and not n.startswith(heads)}
    assert values(reading, "proactive.") == expected | rest
    assert "mixed_forms" in codes(reading)


@pytest.mark.parametrize("ruled", [True, False], ids=["grids", "lines"])
def test_tables_of_two_editions_in_one_document_are_told(ruled: bool) -> None:
    old, new = form("2019"), form("2021")
    blocks = blocks_of(new, numbered(new))
    blocks[4] = blocks_of(old, numbered(old))[4]  # 主动公开 as the edition before printed it
    reading = reading_of([replace(b, ruled=ruled) if isinstance(b, Table) else b for b in blocks])
    assert not reading.unreadable
    [said] = [found for found in reading.findings if found.code == "mixed_forms"]
    assert "2019" in said.en
    assert "2021" in said.en
    assert values(reading, "applications.") == {
        name: value for name, value in numbered(new).items() if name.startswith("applications.")
    }
    assert values(reading, "proactive.") == {
        name: value for name, value in numbered(old).items() if name.startswith("proactive.")
    }


@FORMS
def test_a_column_the_table_leaves_out_is_told_and_not_blank(plan: Form) -> None:
    """The table prints no 法律服务机构: its cells are absent, not 0 and not blank."""
    label = next(c for c in plan.table("applications").columns if c.id == "legal_service").label

    def without(cells: list[GridCell]) -> list[GridCell]:
        col = next(cell.col for cell in cells if cell.text == label)
        kept = [cell for cell in cells if not (cell.col == col and cell.colspan == 1)]
        for cell in kept:
            if cell.col > col:
                cell.col -= 1
            elif cell.col + cell.colspan > col:
                cell.colspan -= 1
        return kept

    reading = changed(plan, 1, without)
    gone = {name for name in plan.ids if name.endswith(".legal_service")}
    assert not gone & reading.cells.keys()
    assert gone == {name for found in reading.findings if found.code == "columns_missing" for name in found.cells}
    others = {name: value for name, value in numbered(plan).items() if name not in gone}
    assert values(reading, "") == others


@FORMS
@pytest.mark.parametrize(
    ("kind", "ruled", "severity"), [("docx", True, "info"), ("text", False, "warning"), ("pdf", True, "warning")]
)
def test_rows_that_are_not_there_are_told(plan: Form, kind: str, *, ruled: bool, severity: str) -> None:
    """A row that a document's own table lacks was hardly lost; one that a drawn table lacks may have been."""
    blocks = blocks_of(plan, numbered(plan))
    at = [i for i, block in enumerate(blocks) if isinstance(block, Table)][1]
    table = blocks[at]
    assert isinstance(table, Table)
    lost = plan.table("applications").rows[1]
    row = next(cell.row for cell in table.cells if cell.text == lost.label)
    kept = tuple(
        replace(cell, row=cell.row - (cell.row > row), locator={"table": 1}) for cell in table.cells if cell.row != row
    )
    blocks[at] = replace(table, cells=kept, rows=table.rows - 1, ruled=ruled, locator={"table": 1})
    reading = read_pages_to_reading(Pages(kind=kind, blocks=tuple(blocks)), "0" * 64)
    assert not set(lost.place_ids) & reading.cells.keys()
    told = [(found.cells, found.severity.value) for found in reading.findings if found.code == "rows_missing"]
    assert told == [(lost.place_ids, severity)]


@FORMS
def test_a_last_row_without_its_label_is_placed_by_order(plan: Form) -> None:
    last = plan.table("applications").rows[-1]

    def unlabelled(cells: list[GridCell]) -> list[GridCell]:
        row = max(cell.row for cell in cells)
        return [replace(cell, text="") if cell.row == row and not cell.text.isdigit() else cell for cell in cells]

    reading = changed(plan, 1, unlabelled)
    assert {name: reading.cells[name].value for name in last.place_ids} == {
        name: numbered(plan)[name] for name in last.place_ids
    }
    assert all(reading.cells[name].flags for name in last.place_ids)
    assert "order_only" in codes(reading)


@FORMS
def test_a_row_with_another_label_is_not_placed_where_one_is_missing(plan: Form) -> None:
    rows = plan.table("applications").rows
    at = next(i for i, row in enumerate(rows) if len(row.groups) > 1)

    def other(cells: list[GridCell]) -> list[GridCell]:
        return [replace(cell, text="本机关自行增加的统计") if cell.text == rows[at].label else cell for cell in cells]

    reading = changed(plan, 1, other)
    assert not {name for name in rows[at].place_ids if name in reading.cells}
    left = {name: value for name, value in numbered(plan).items() if name not in rows[at].place_ids}
    assert values(reading, "") == left


# ---------------------------------------------------------------------------------------------------------- remedies


def test_a_second_print_of_the_remedies_that_differs_is_told() -> None:
    plan = form("2021")
    blocks = blocks_of(plan, numbered(plan))
    again = blocks_of(plan, {**numbered(plan), "review.total": Decimal(7)})
    table = next(i for i, block in reversed(list(enumerate(blocks))) if isinstance(block, Table))
    reading = reading_of([*blocks[: table + 1], again[table], *blocks[table + 1 :]])
    [said] = [found for found in reading.findings if found.code == "duplicate_differs"]
    assert said.cells == ("review.total",)
    assert "conflict" in reading.cells["review.total"].flags
    assert {name for name, cell in reading.cells.items() if "conflict" in cell.flags} == {"review.total"}


@pytest.mark.parametrize("above", [True, False])
def test_a_small_table_of_the_bodys_own_does_not_displace_the_forms(*, above: bool) -> None:
    plan = form("2021")
    own = [("项目", "数量"), ("行政许可", "7"), ("行政处罚", "8")]
    cells = tuple(GridCell(row=r, col=c, text=text) for r, row in enumerate(own) for c, text in enumerate(row))
    blocks = blocks_of(plan, numbered(plan))
    first = next(i for i, block in enumerate(blocks) if isinstance(block, Table))
    reading = reading_of([*blocks[: (at := first + (not above))], Table(cells=cells, rows=3, cols=2), *blocks[at:]])
    assert values(reading, "") == numbered(plan)
    assert codes(reading).count("duplicate_differs") == 2


def test_a_form_left_blank_below_the_filled_one_takes_nothing_away() -> None:
    plan = form("2021")
    blocks = blocks_of(plan, numbered(plan))
    blank = blocks_of(plan, dict.fromkeys(plan.ids))
    table = next(i for i, block in reversed(list(enumerate(blocks))) if isinstance(block, Table))
    reading = reading_of([*blocks[: table + 1], blank[table], *blocks[table + 1 :]])
    assert render.differences(reading, numbered(plan)) == {}


# ------------------------------------------------------------------------------------------------ sub-rows in one cell


@FORMS
def test_rows_joined_by_line_breaks_in_every_cell_are_taken_apart(plan: Form) -> None:
    """A converter made one row of two: label and figures on two lines in each cell."""
    first, second = [row for row in plan.table("applications").rows if len(row.groups) > 1][:2]

    def joined(cells: list[GridCell]) -> list[GridCell]:
        at = {cell.text: cell.row for cell in cells if cell.text in {first.label, second.label}}
        below = {cell.col: cell for cell in cells if cell.row == at[second.label]}
        kept = [
            replace(cell, text=f"{cell.text}\n{below[cell.col].text}")
            if cell.row == at[first.label] and cell.col in below
            else cell
            for cell in cells
        ]
        return [cell for cell in kept if cell.row != at[second.label] or cell.rowspan > 1]

    reading = changed(plan, 1, joined)
    assert render.differences(reading, numbered(plan)) == {}


# ------------------------------------------------------------------------------------------------------------- one row


def items(*texts: str) -> list[Item]:
    return [Item(text, at, 1, {}) for at, text in enumerate(texts)]


IDS = ("a", "b", "c")
HEADER = {"a": (0, 1), "b": (1, 2), "c": (2, 3)}


def texts(cells: dict[str, Item | None]) -> dict[str, str | None]:
    return {name: None if item is None else item.text for name, item in cells.items()}


def test_headers_in_another_order_that_name_some_columns_only_place_nothing() -> None:
    fit = fit_row(items("1", "2", "3"), IDS, "grid", {"c": (0, 1), "a": (1, 2)}, None)
    assert (fit.problem, fit.cells) == ("count", {})


def test_headers_of_some_columns_place_those_and_no_figure_is_left_over() -> None:
    some = {"a": (0, 1), "c": (2, 3)}
    fit = fit_row([items("1", "2", "3")[at] for at in (0, 2)], IDS, "grid", some, None)
    assert texts(dict(fit.cells)) == {"a": "1", "c": "3"}
    over = [Item("1", 0, 1, {}), Item("9", 5, 1, {})]
    assert fit_row(over, IDS, "grid", {"a": (0, 1)}, None).problem == "count"


def test_more_cells_than_columns_in_a_grid_need_the_known_start() -> None:
    row = items("", "1", "2", "3")
    assert fit_row(row, IDS, "grid", {}, None).problem == "count"
    fit = fit_row(row, IDS, "grid", {}, 1)
    assert texts(dict(fit.cells)) == {"a": "1", "b": "2", "c": "3"}
    assert fit.doubt


def test_fields_beyond_where_values_stand_in_rows_alike_place_nothing() -> None:
    assert fit_row([Item("8", 0, 1, {}), Item("1", 2, 1, {})], IDS, "ragged", {}, 2).problem == "count"
    fit = fit_row([Item("1", 2, 1, {}), Item("2", 3, 1, {})], IDS, "ragged", {}, 2)
    assert texts(dict(fit.cells)) == {"a": "1", "b": "2", "c": None}
    assert fit.doubt


# -------------------------------------------------------------------------------------------------------- one figure


@pytest.mark.parametrize("text", ["1E30", "9" * 25, "12" + " " * 300 + "3"])
def test_figures_beyond_any_report_are_none(text: str) -> None:
    value = read_value(text)
    assert (value.value, value.state) == (None, CellState.PRINTED)
    assert "not_a_number" in value.flags


def test_a_caption_close_below_the_label_of_a_row_is_none_of_it() -> None:
    """In a table without rulings the caption of the next block looks like the second line of a label."""
    rows = [("规范性文件\n第二十条第（五）项", "4", "2", "15"), ("第二十条第（六）项\n行政处罚", "3", "0", "9")]
    cells = [GridCell(row=r, col=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    found = rows_of(Pages(kind="pdf", blocks=(Table(cells=tuple(cells), rows=2, cols=4, ruled=False),)))
    assert [row.hit.ids for row in found if row.hit] == [("proactive.normative",), ("proactive.admin_penalty",)]


# ------------------------------------------------------------------------------------- numbers that are no figures


def test_a_row_that_counts_the_columns_is_none_of_figures() -> None:
    """栏次: below the header of 复议 and 诉讼 stand 1 to 15, and below them the figures."""
    plan = form("2021")
    blocks = blocks_of(plan, numbered(plan))
    at = [i for i, block in enumerate(blocks) if isinstance(block, Table)][-1]
    table = blocks[at]
    assert isinstance(table, Table)
    last = table.rows - 1
    below = [replace(cell, row=cell.row + (cell.row == last)) for cell in table.cells]
    counted = [GridCell(row=last, col=col, text=str(col + 1)) for col in range(table.cols)]
    blocks[at] = replace(table, cells=(*below, *counted), rows=table.rows + 1)
    reading = reading_of(blocks)
    assert values(reading, "") == numbered(plan)
    assert "duplicate_differs" not in codes(reading)


@pytest.mark.parametrize(
    ("label", "gone", "named"),
    [("3.其他", "unpaid_fee", "misc"), ("2.其他法律行政法规禁止公开", "state_secret", "law_prohibited")],
)
@pytest.mark.parametrize("ruled", [True, False])
def test_rows_numbered_anew_below_one_left_out_are_told(label: str, gone: str, named: str, *, ruled: bool) -> None:
    """2.其他 may be the last row of （六）其他处理 numbered anew, or begin a longer label: nobody can tell."""
    plan = form("2021")
    left_out = next(row for row in plan.table("applications").rows if row.id.endswith(gone))

    def anew(cells: list[GridCell]) -> list[GridCell]:
        at = next(cell.row for cell in cells if cell.text == left_out.label)
        return [replace(c, text="2.其他" if c.text == label else c.text) for c in cells if c.row != at or c.rowspan > 1]

    blocks = blocks_of(plan, numbered(plan))
    tables = [replace(b, cells=tuple(anew(list(b.cells))), ruled=ruled) if _holds(b, label) else b for b in blocks]
    reading = reading_of(tables)
    got = values(reading, "applications.")
    expected = {name: number for name, number in numbered(plan).items() if name not in left_out.place_ids}
    assert got == {name: expected[name] for name in got}
    assert not any(f".{named}." in name for name in got)
    assert {"rows_missing", "identity_broken", "row_unplaced"} & set(codes(reading))


def _holds(block: Paragraph | Table, label: str) -> bool:
    return isinstance(block, Table) and any(cell.text == label for cell in block.cells)


@pytest.mark.parametrize("number", ["{}.", "（{}）", "{}"])
def test_the_number_of_an_item_may_stand_in_a_cell_of_its_own(number: str) -> None:
    """（六）其他处理 | 3. | 其他: the last is a row, the group beside it is none."""
    plan = form("2021")

    def apart(cells: list[GridCell]) -> list[GridCell]:
        made: list[GridCell] = []
        for cell in cells:
            item = re.fullmatch(r"(\d)\.(.+)", cell.text)
            if item is not None:
                first = GridCell(row=cell.row, col=2 * cell.col, text=number.format(item[1]))
                made += [first, GridCell(row=cell.row, col=2 * cell.col + 1, text=item[2])]
            else:
                made.append(replace(cell, col=2 * cell.col, colspan=2 * cell.colspan))
        return made

    assert values(changed(plan, 1, apart), "applications.") == {
        name: value for name, value in numbered(plan).items() if name.startswith("applications.")
    }


@FORMS
@pytest.mark.parametrize(("printed", "told"), [(None, True), (0, False)])
def test_a_report_whose_tables_hold_nothing_is_told(plan: Form, printed: int | None, *, told: bool) -> None:
    figures = {name: None if printed is None else Decimal(printed) for name in plan.ids}
    reading = changed(plan, 1, lambda cells: cells, figures)
    assert reading.is_report
    assert [len(found.cells) for found in reading.findings if found.code == "tables_blank"] == [len(plan.ids)] * told


def remedies(*lines: str) -> Reading:
    """The reading of a form whose table of remedies is these lines; ``|`` parts cells, ``=`` goes on to the left."""
    plan = form("2021")
    cells: list[GridCell] = []
    for row, line in enumerate(lines):
        for col, text in enumerate(line.split("|")):
            if text == "=":
                cells[-1] = replace(cells[-1], colspan=cells[-1].colspan + 1)
            else:
                cells.append(GridCell(row=row, col=col, text=text))
    blocks = blocks_of(plan, numbered(plan))
    at = [i for i, block in enumerate(blocks) if isinstance(block, Table)][2]
    table = Table(cells=tuple(cells), rows=len(lines), cols=len(lines[0].split("|")))
    return reading_of([*blocks[:at], table, *blocks[at + 1 :]])


REVIEW = ("行政复议|=|=|=|=|=|=|=|=|=", "结果维持|=|结果纠正|=|其他结果|=|尚未审结|=|总计|=", "1|=|2|=|3|=|4|=|10|=")


def test_blocks_of_remedies_below_each_other_in_one_grid() -> None:
    """Each with headings of its own, in whatever order these stand."""
    names = "结果纠正|结果维持|其他结果|尚未审结|总计"
    reading = remedies(*REVIEW, "行政诉讼|=|=|=|=|=|=|=|=|=", "未经复议直接起诉|=|=|=|=|复议后起诉|=|=|=|=",
                       f"{names}|{names}", "1|2|3|4|10|5|6|7|8|26")  # fmt: skip
    assert list(values(reading, "review.").values()) == [1, 2, 3, 4, 10]
    assert list(values(reading, "litigation.").values()) == [2, 1, 3, 4, 10, 6, 5, 7, 8, 26]
    assert "rows_missing" not in codes(reading)


def test_a_blank_block_is_no_header_of_those_below_it() -> None:
    reading = remedies("行政复议诉讼情况|结果纠正|结果维持|其他结果|尚未审结|总计", "行政复议|1|2|3|4|10",
                       "未经复议直接起诉|||||", "复议后起诉|5|6|7|8|26")  # fmt: skip
    assert list(values(reading, "review.").values()) == [2, 1, 3, 4, 10]
    assert list(values(reading, "litigation.after_review.").values()) in ([6, 5, 7, 8, 26], [None] * 5, [])


@pytest.mark.parametrize("text", ["0", "7"])
def test_one_cell_merged_over_all_columns_of_the_remedies_counts_for_the_first(text: str) -> None:
    plan = form("2021")

    def merged(cells: list[GridCell]) -> list[GridCell]:
        last = max(cell.row for cell in cells)
        return [c for c in cells if c.row < last] + [GridCell(row=last, col=0, colspan=15, text=text)]

    reading = changed(plan, 2, merged)
    strip = [place for row in plan.table("remedies").rows for place in row.place_ids]
    assert {place: str(reading.cells[place].value) for place in strip if place in reading.cells} == {strip[0]: text}
    told = {place for finding in reading.findings for place in finding.cells}
    assert "merged_value" in codes(reading)
    assert set(strip) <= told
    assert not {"cut_by_sums", "digits_glued"} & set(codes(reading))


def test_cells_merged_over_the_columns_of_each_block_count_for_their_first() -> None:
    plan = form("2021")

    def merged(cells: list[GridCell]) -> list[GridCell]:
        last = max(cell.row for cell in cells)
        own = [GridCell(row=last, col=col, colspan=5, text=text) for col, text in ((0, "0"), (5, "3"), (10, "无"))]
        return [c for c in cells if c.row < last] + own

    reading = changed(plan, 2, merged)
    rows = plan.table("remedies").rows
    found = {row.place_ids[0]: reading.cells[row.place_ids[0]].value for row in rows}
    assert list(found.values()) == [0, 3, None]
    assert not any(place in reading.cells for row in rows for place in row.place_ids[1:])
    assert [said.cells for said in reading.findings if said.code == "merged_value"] == [row.place_ids for row in rows]


def test_blocks_of_the_remedies_seen_whole_are_read_where_the_page_cuts_off_the_next() -> None:
    """Its heading and last cells are out of sight: nobody knows which block the figures below it are of."""
    plan = form("2021")

    def cut(cells: list[GridCell]) -> list[GridCell]:
        last = max(cell.row for cell in cells)
        for cell in cells:
            beyond = cell.col >= 10 and cell.col + cell.colspan > 14
            cell.text = UNREAD if beyond else "" if cell.row == last and cell.col > 10 else cell.text
        return cells

    reading = changed(plan, 2, cut)
    first, second, third = plan.table("remedies").rows
    for place in (*first.place_ids, *second.place_ids):
        assert reading.cells[place].value == numbered(plan)[place]
    assert not any(reading.cells[place].value for place in third.place_ids if place in reading.cells)
    assert "rows_missing" in codes(reading)
