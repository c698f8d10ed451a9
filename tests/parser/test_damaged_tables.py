"""Tables as the web damages them: each cell comes out right, or absent, or doubted; never wrong in silence."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.reader import read, read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)
MODEST = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a failure says enough without shrinking hundreds of cells
)
Change = Callable[[Table], list[Table]]


def reading_of(plan: Form, cells: render.Cells, change: Change | None = None) -> Reading:
    return read_pages_to_reading(render.as_pages(render.tables_of(plan, cells), change), "0" * 64)


def regrid(rows: list[list[GridCell]], *, ruled: bool = True) -> Table:
    """Rows of cells laid out again from the left, as a browser would without the spans they lost."""
    placed: list[GridCell] = []
    for r, row in enumerate(rows):
        col = 0
        for cell in row:
            placed.append(replace(cell, row=r, col=col, rowspan=1))
            col += cell.colspan
    return Table(cells=tuple(placed), rows=len(rows), cols=max(c.col + c.colspan for c in placed), ruled=ruled)


def rows_of(table: Table) -> list[list[GridCell]]:
    return [[cell for cell in table.cells if cell.row == row] for row in range(table.rows)]


def numbered(plan: Form) -> dict[str, Decimal | None]:
    """Every cell another number, so that no misplaced one can be right by chance."""
    return {name: Decimal(1000 + i) for i, name in enumerate(plan.ids)}


@FORMS
@MODEST
@given(data=st.data())
def test_lost_rowspans(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    reading = reading_of(plan, cells, lambda table: [regrid(rows_of(table))])
    assert render.differences(reading, cells) == {}


@FORMS
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_cell_printed_twice(plan: Form, number: int, at: int) -> None:
    """It pushes the rest of its row out of the table: nobody knows how far, so no figure of the row is taken."""
    count = -1
    truth = numbered(plan)
    doubled = ""

    def twice(table: Table) -> list[Table]:
        nonlocal count, doubled
        count += 1
        if count != number:
            return [table]
        figures = [cell for cell in table.cells if cell.text.isdigit()]
        found = figures[at * 7 % len(figures)]
        doubled = found.text
        rest = [replace(cell, col=cell.col + (cell.row == found.row and cell.col > found.col)) for cell in table.cells]
        again = replace(found, col=found.col + 1)
        return [replace(table, cells=tuple(sorted([*rest, again], key=lambda c: (c.row, c.col))), cols=table.cols + 1)]

    reading = reading_of(plan, truth, twice)
    wrong = {name: cell.value for name, cell in reading.cells.items() if cell.value not in {None, truth[name]}}
    assert wrong == {}
    lost = {name for name, cell in reading.cells.items() if cell.value is None}
    assert doubled in {str(truth[name]) for name in lost}
    assert all("count_mismatch" in reading.cells[name].flags for name in lost)


@FORMS
@MODEST
@given(data=st.data())
def test_cut_by_page_breaks(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))

    def cut(table: Table) -> list[Table]:
        at = data.draw(st.integers(1, table.rows - 1))
        parts = []
        for first, end in ((0, at), (at, table.rows)):
            inside = [
                replace(c, row=max(c.row, first) - first, rowspan=min(c.row + c.rowspan, end) - max(c.row, first))
                for c in table.cells
                if c.row < end and c.row + c.rowspan > first
            ]
            parts.append(Table(cells=tuple(inside), rows=end - first, cols=table.cols))
        return parts

    reading = reading_of(plan, cells, cut)
    assert render.lies(reading, cells) == {}


@FORMS
def test_one_table_per_row_with_invented_headers(plan: Form) -> None:
    cells = numbered(plan)

    def split(table: Table) -> list[Table]:
        if table.cols != 10:
            return [table]
        rows = rows_of(table)
        parts = [regrid(rows[:3])]
        for row in rows[3:]:
            kept = [c for c in row if c.colspan < 7][-8:]
            header = [replace(kept[0], text="类别", colspan=1)]
            header += [replace(c, text=f"数据{i}") for i, c in enumerate(kept[1:], 1)]
            parts.append(regrid([header, [replace(c, colspan=1) for c in kept]]))
        return parts

    assert render.differences(reading_of(plan, cells, split), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_labels_spaced_broken_and_numbered_otherwise(plan: Form, data: st.DataObject) -> None:
    cells = numbered(plan)
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    swaps = [("（", "("), ("）", ")"), ("“", '"'), ("”", "」"), ("、", ","), (".", "．"), ("1.", "1、"), ("2.", "2 . ")]

    def spoil(table: Table) -> list[Table]:
        spoilt = []
        for cell in table.cells:
            text = cell.text
            if text and not re.fullmatch(r"[\d.元]+", text):
                for old, new in chance.sample(swaps, 3):
                    text = text.replace(old, new)
                at = chance.randint(1, max(1, len(text) - 1))
                text = text[:at] + chance.choice(["", "\n", " ", "\u3000", "\u200b", "\xa0"]) + text[at:]
            spoilt.append(replace(cell, text=text))
        return [replace(table, cells=tuple(spoilt))]

    assert render.differences(reading_of(plan, cells, spoil), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_figures_written_otherwise(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    wide = str.maketrans("0123456789", "０１２３４５６７８９")

    def write(text: str) -> str:
        style = chance.choice(["plain", "wide", "comma", "space", "unit"])
        if style == "wide":
            return text.translate(wide)
        if style == "comma" and re.fullmatch(r"-?\d+", text):
            return f"{int(text):,}".replace(",", chance.choice([",", "，"]))
        if style == "unit" and re.fullmatch(r"\d+", text):
            return text + "件"
        return f" {text}\u3000" if style == "space" else text

    def spoil(table: Table) -> list[Table]:
        return [
            replace(
                table,
                cells=tuple(
                    replace(c, text=write(c.text)) if re.fullmatch(r"-?[\d.]+元?", c.text) else c for c in table.cells
                ),
            )
        ]

    assert render.differences(reading_of(plan, cells, spoil), cells) == {}


@FORMS
@pytest.mark.parametrize(
    "label", ["其他主动公开文件（含各类通知）", "其中：网站公开", "备注", "行政确认", "9.其他依法不予公开"]
)
def test_a_local_row_more(plan: Form, label: str) -> None:
    cells = numbered(plan)

    def add(table: Table) -> list[Table]:
        rows = rows_of(table)
        values = [c for c in rows[-1] if c.text.isdigit()] or [rows[-1][-1]]
        extra = [GridCell(row=0, col=0, text=label)] + [replace(c, text="77") for c in values]
        at = len(rows) // 2 if table.cols != 15 else len(rows)
        return [regrid([*rows[:at], extra, *rows[at:]])]

    reading = reading_of(plan, cells, add)
    assert render.lies(reading, cells) == {}
    assert len(reading.cells) == len(cells)


@FORMS
@MODEST
@given(data=st.data())
def test_rows_in_another_order(plan: Form, data: st.DataObject) -> None:
    cells = numbered(plan)

    def shuffle(table: Table) -> list[Table]:
        if table.cols != 10:
            return [table]
        rows = rows_of(regrid(rows_of(table)))
        body = data.draw(st.permutations(rows[3:]))
        return [regrid(rows[:3] + list(body))]

    reading = reading_of(plan, cells, shuffle)
    assert render.lies(reading, cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_columns_in_another_order(plan: Form, data: st.DataObject) -> None:
    cells = numbered(plan)

    def swap(table: Table) -> list[Table]:
        if table.cols != 10:
            return [table]
        order = data.draw(st.permutations(range(3, 10)))
        moved = [
            replace(c, col=3 + order.index(c.col), row=c.row, rowspan=c.rowspan) if c.col >= 3 and c.colspan == 1 else c
            for c in table.cells
            if not (c.row < 2 and c.colspan > 1 and c.col >= 3)
        ]
        return [replace(table, cells=tuple(sorted(moved, key=lambda c: (c.row, c.col))))]

    assert render.lies(reading_of(plan, cells, swap), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_header_cells_lost_or_broken(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))

    def lose(table: Table) -> list[Table]:
        heads = [i for i, c in enumerate(table.cells) if c.text and not re.search(r"\d", c.text) and c.row < 3]
        gone = data.draw(st.sets(st.sampled_from(heads), max_size=4))
        return [replace(table, cells=tuple(replace(c, text="") if i in gone else c for i, c in enumerate(table.cells)))]

    assert render.lies(reading_of(plan, cells, lose), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_cells_lost(plan: Form, data: st.DataObject) -> None:
    """A cell of a row is not there at all and the rest moved left: nobody can tell which, so nothing may be claimed."""
    cells = numbered(plan)

    def lose(table: Table) -> list[Table]:
        rows = rows_of(table)
        at = data.draw(st.integers(0, len(rows) - 1))
        values = [i for i, c in enumerate(rows[at]) if c.text.rstrip("元").isdigit()]
        if len(values) < 2:
            return [table]
        gone = data.draw(st.sampled_from(values))
        first = min(c.col for c in rows[at])
        kept = [c for i, c in enumerate(rows[at]) if i != gone]
        col, moved = first, []
        for cell in kept:
            moved.append(replace(cell, col=col))
            col += cell.colspan
        return [replace(table, cells=tuple(c for c in table.cells if c.row != at) + tuple(moved))]

    assert render.lies(reading_of(plan, cells, lose), cells) == {}


@FORMS
@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_table_missing(plan: Form, gone: int) -> None:
    cells = numbered(plan)
    count = iter(range(3))
    reading = reading_of(plan, cells, lambda table: [] if next(count) == gone else [table])
    assert {pair[1] for pair in render.differences(reading, cells).values()} == {"absent"}
    if gone:
        assert reading.form == plan.name
        told = {place for finding in reading.findings if finding.code == "table_missing" for place in finding.cells}
        assert told == {row_place for row in plan.tables[gone].rows for row_place in row.place_ids}


@FORMS
def test_the_same_table_twice_counts_once(plan: Form) -> None:
    cells = numbered(plan)
    reading = reading_of(plan, cells, lambda table: [table, table])
    assert render.differences(reading, cells) == {}
    assert "duplicate_differs" not in {found.code for found in reading.findings}


@FORMS
def test_two_tables_that_differ_are_told(plan: Form) -> None:
    cells = numbered(plan)

    def twice(table: Table) -> list[Table]:
        other = replace(table, cells=tuple(replace(c, text="5") if c.text == "1030" else c for c in table.cells))
        return [table, other]

    reading = reading_of(plan, cells, twice)
    assert "duplicate_differs" in {found.code for found in reading.findings}
    assert render.lies(reading, cells) == {}


@FORMS
def test_a_column_of_remarks_and_one_of_units_are_passed_over(plan: Form) -> None:
    cells = numbered(plan)

    def widen(table: Table) -> list[Table]:
        extra = tuple(
            GridCell(row=r, col=table.cols, text="备注" if r == 0 else "同比有增长" if r == table.rows - 1 else "")
            for r in range(table.rows)
        )
        return [replace(table, cells=table.cells + extra, cols=table.cols + 1)]

    assert render.differences(reading_of(plan, cells, widen), cells) == {}


@FORMS
def test_one_missing_label_is_placed_by_order_and_doubted(plan: Form) -> None:
    cells = numbered(plan)
    row = "applications.result.denied.third_party"

    def blank(table: Table) -> list[Table]:
        return [replace(table, cells=tuple(replace(c, text="") if "第三方" in c.text else c for c in table.cells))]

    reading = reading_of(plan, cells, blank)
    assert render.differences(reading, cells) == {}
    assert {name for name, cell in reading.cells.items() if cell.flags} == {n for n in cells if n.startswith(row)}


@pytest.mark.parametrize(
    ("label", "row"), [("行政规范性文件", "proactive.normative"), ("（一）予以公开", "applications.result.granted")]
)
def test_a_figure_in_a_cell_merged_over_its_row_counts_for_the_first_column_only(label: str, row: str) -> None:
    plan = form("2021")
    cells = numbered(plan)
    first, *others = [name for name in cells if name.startswith(f"{row}.")]

    def merge(table: Table) -> list[Table]:
        rows = []
        for printed in rows_of(table):
            at = next((at for at, cell in enumerate(printed) if label in cell.text), len(printed))
            figures = printed[at + 1 :]
            rows += printed[: at + 1]
            rows += [replace(figures[0], colspan=sum(cell.colspan for cell in figures))] if figures else []
        return [replace(table, cells=tuple(rows))]

    reading = reading_of(plan, cells, merge)
    assert (reading.cells[first].value, reading.cells[first].flags) == (cells[first], ("merged",))
    assert not reading.cells.keys() & set(others)  # not printed is neither 0 nor blank
    assert [said.cells for said in reading.findings if said.code == "merged_value"] == [(first, *others)]


def test_a_figure_in_a_cell_merged_over_several_rows_is_doubted_in_each_of_them() -> None:
    plan = form("2021")
    cells = numbered(plan)

    def merge(table: Table) -> list[Table]:
        """The figures of 1.信访举报投诉类申请 merged over the four rows below, too."""
        top = next((cell.row for cell in table.cells if "信访举报投诉" in cell.text), None)
        if top is None:
            return [table]
        labels = max(cell.col for cell in table.cells if cell.row == top and not cell.text.isdigit())
        placed = [replace(c, locator={"table": 1, "row": c.row, "col": c.col}) for c in table.cells]
        own = [replace(c, rowspan=5) if c.row == top and c.col > labels else c for c in placed]
        return [replace(table, cells=tuple(c for c in own if not (top < c.row < top + 5 and c.col > labels)))]

    reading = reading_of(plan, cells, merge)
    rows = [name for name in plan.ids if name.startswith("applications.result.not_handled.")]
    assert len(rows) == 5 * 7
    assert {name for name in rows if "merged" in reading.cells[name].flags} == set(rows)
    assert reading.cells["applications.result.other.misc.total"].flags == ()


def cut(pieces: tuple[str, ...], filled: int) -> Change:
    """The row 1.本机关不掌握相关政府信息 as several, with these pieces of its label, its figures in one of them."""
    more = len(pieces) - 1

    def change(table: Table) -> list[Table]:
        row = next((cell.row for cell in table.cells if "不掌握" in cell.text), None)
        if row is None:
            return [table]
        own = [cell for cell in table.cells if cell.row == row]
        label = next(cell.col for cell in own if "不掌握" in cell.text)
        cells = [replace(c, row=c.row + more * (c.row > row)) for c in table.cells if c not in own]
        cells += [cell for cell in own if cell.col < label]
        cells = [replace(c, rowspan=c.rowspan + more * (c.row <= row < c.row + c.rowspan)) for c in cells]
        for at, piece in enumerate(pieces):
            cells.append(GridCell(row=row + at, col=label, text=piece))
            cells += [replace(c, row=row + at, text=c.text if at == filled else "") for c in own if c.col > label]
        cells.sort(key=lambda cell: (cell.row, cell.col))
        return [replace(table, cells=tuple(cells), rows=table.rows + more)]

    return change


@pytest.mark.parametrize(
    ("pieces", "filled"),
    [
        (("1.本", "机关不掌握相关政府信息"), 0),
        (("1.本", "机关不掌握相关政府信息"), 1),
        (("1.本机关不掌握相", "关政府信息"), 0),
        (("1.本机关不掌握相", "关政府信息"), 1),
        (("1.本机关不掌", "握相关政", "府信息"), 1),
        (("1.本机关不掌", "握相关政", "府信息"), 2),
    ],
)
def test_a_row_cut_within_its_label_is_one_row(pieces: tuple[str, ...], filled: int) -> None:
    plan = form("2021")
    cells = numbered(plan)
    reading = reading_of(plan, cells, cut(pieces, filled))
    assert {name: cell.value for name, cell in reading.cells.items()} == cells


def test_blanks_with_a_piece_of_a_label_beside_figures_of_nobody_are_doubted() -> None:
    plan = form("2021")
    reading = reading_of(plan, numbered(plan), cut(("1.本机关不掌握相", "府信"), 1))
    cells = [cell for name, cell in reading.cells.items() if name.startswith("applications.result.unable.not_held.")]
    assert [(cell.value, cell.flags) for cell in cells] == [(None, ("label_doubt",))] * 7


def test_a_figure_above_digits_in_a_row_of_their_own_is_doubted() -> None:
    """A narrow cell wrapped 1004, and what wrote the page anew made a row of its second line."""
    plan = form("2021")

    def wrap(table: Table) -> list[Table]:
        license_ = next((cell.row for cell in table.cells if cell.text == "行政许可"), None)
        if license_ is None:
            return [table]
        cells = [replace(cell, row=cell.row + (cell.row > license_)) for cell in table.cells]
        label, figure = (cell for cell in cells if cell.row == license_)
        rest = [replace(label, row=license_ + 1, text=""), replace(figure, row=license_ + 1, text=figure.text[3:])]
        cells = [replace(cell, text=cell.text[:3]) if cell is figure else cell for cell in cells]
        ordered = sorted([*cells, *rest], key=lambda cell: (cell.row, cell.col))
        return [replace(table, cells=tuple(ordered), rows=table.rows + 1)]

    plain, wrapped = reading_of(plan, numbered(plan)), reading_of(plan, numbered(plan), wrap)
    changed = [key for key, cell in wrapped.cells.items() if cell.value != plain.cells[key].value]
    assert [(key, wrapped.cells[key].flags) for key in changed] == [(changed[0], ("label_doubt",))]
    assert changed[0].startswith("proactive.admin_license.")


@FORMS
def test_layout_and_metadata_tables_are_no_data(plan: Form) -> None:
    cells = numbered(plan)
    pages = render.as_pages(render.tables_of(plan, cells))
    meta = regrid(
        [[GridCell(row=0, col=i, text=t) for i, t in enumerate(("索引号", "0143/2024-1", "发布日期", "2024-01-17"))]]
    )
    fees = regrid(
        [
            [GridCell(row=0, col=i, text=t) for i, t in enumerate(("行政许可事项", "办件量", "备注"))],
            [GridCell(row=1, col=i, text=t) for i, t in enumerate(("律师执业许可", "12", ""))],
        ]
    )
    reading = read_pages_to_reading(replace(pages, blocks=(meta, *pages.blocks, fees)), "0" * 64)
    assert render.differences(reading, cells) == {}


@FORMS
def test_page_numbers_inside_tables_are_no_figures(plan: Form) -> None:
    cells = numbered(plan)
    text = render.as_lines(render.tables_of(plan, cells))
    lines = text.split("\n")
    for at in range(40, len(lines), 57):
        lines.insert(at, "— 4 —")
    assert render.differences(read("\n".join(lines).encode()), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_tabbed_rows_that_lost_tabs(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    lines = render.as_tabs(render.tables_of(plan, cells), padded=data.draw(st.booleans())).split("\n")
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    for at in range(5, len(lines)):
        damage = chance.choice(["", "", "", "left", "right", "both"])
        if "\t" in lines[at] and damage:
            lines[at] = {"left": lines[at].lstrip("\t"), "right": lines[at].rstrip("\t")}.get(
                damage, lines[at].strip("\t")
            )
    assert render.lies(read("\n".join(lines).encode()), cells) == {}


@FORMS
@MODEST
@given(data=st.data())
def test_any_text_of_labels_and_figures_never_raises(plan: Form, data: st.DataObject) -> None:
    words = [row.label for table in plan.tables for row in table.rows] + [
        "总计",
        "其他",
        "",
        "-",
        "无",
        "12",
        "1,295",
        "|",
        "\t",
    ]
    text = data.draw(
        st.lists(st.tuples(st.sampled_from(words), st.sampled_from(["\n", "\t", "|", " ", "\n\n"])), max_size=80)
    )
    reading = read("".join(a + b for a, b in text).encode())
    assert reading.document


def test_numbers_in_narrative_are_never_taken() -> None:
    text = "一、总体情况\n2023年行政许可\n12件，行政处罚 3 件。\n规章\n0\n五、存在的主要问题及改进情况\n无"
    assert not {k for k, c in read(text.encode()).cells.items() if c.value is not None and "license" in k}


def test_a_page_of_blocks_alone() -> None:
    empty = Pages(kind="html", blocks=(Paragraph(text="页面不存在"),))
    assert read_pages_to_reading(empty, "0" * 64).reason == "soft_404"


def test_forms_differ_by_their_tables_not_by_the_year() -> None:
    cells = numbered(form("2019"))
    reading = reading_of(form("2019"), cells)
    assert reading.form == "2019"
    assert "2023年" in reading.title


def test_a_figure_behind_a_label_in_the_text_is_never_blank() -> None:
    """Fields left blank and no rulings: what is left of 行政许可 is one figure of three."""
    plan = form("2019")
    pages = render.as_pages(render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(0))))
    lines = ("第二十条第（五）项", "信息内容\t上一年项目数量\t本年增/减\t处理决定数量", "行政许可\t545", "行政处罚")
    applications = [block for block in pages.blocks if isinstance(block, Table)][1]
    reading = read_pages_to_reading(
        replace(pages, blocks=(*(Paragraph(text=line) for line in lines), applications)), "0" * 64
    )
    names = [f"proactive.admin_license.{column}" for column in ("items_prev", "items_change", "decided")]
    assert all(reading.cells[name].flags for name in names)


def test_figures_beside_two_labels_in_one_cell_are_told() -> None:
    plan = form("2019")
    pages = render.as_pages(render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(0))))
    row = ["规章\n规范性文件", "1", "1", "10"]
    torn = Table(cells=tuple(GridCell(row=0, col=i, text=t) for i, t in enumerate(row)), rows=1, cols=4, ruled=False)
    tables = [block for block in pages.blocks if isinstance(block, Table)]
    reading = read_pages_to_reading(replace(pages, blocks=(torn, *tables[1:])), "0" * 64)
    assert "row_unplaced" in {finding.code for finding in reading.findings}
    assert not any(name.startswith("proactive.rules") for name in reading.cells)


def test_figures_printed_above_their_labels_are_doubted() -> None:
    plan = form("2021")
    labels = [row.label for row in plan.table("applications").rows]
    header = ["三、收到和处理政府信息公开申请情况", "申请人情况", "自然人", "商业企业", "科研机构", "社会公益组织"]
    lines = [*header, "法律服务机构", "其他", "总计"]
    for number, label in enumerate(labels, 1):
        lines += [f"{number} 0 0 0 0 0 {number}", label]
    document = "\n".join(["某县司法局2023年政府信息公开工作年度报告", *lines, "五、存在的主要问题及改进情况"])
    reading = read(document.encode())
    printed = [cell for name, cell in reading.cells.items() if name.startswith("applications.") and cell.value]
    told = {name for finding in reading.findings for name in finding.cells}
    assert printed
    assert all(cell.flags or cell.id in told for cell in printed)


def test_a_label_that_began_on_the_line_above_its_row() -> None:
    lines = ["某县司法局2023年政府信息公开工作年度报告", "信息", "内容\t本年制发件数\t本年废止件数\t现行有效件数"]
    lines += ["规章\t0\t0\t0", "行政规范性文件\t1\t2\t3", "第二十条第（五）项", "信息", "内容\t本年处理决定数量"]
    lines += [
        "行政",
        "许可\t12",
        "第二十条第（六）项",
        "信息",
        "内容\t本年处理决定数量",
        "行政",
        "处罚\t3",
        "行政",
        "强制\t0",
    ]
    cells = read("\n".join(lines).encode()).cells
    values = [cells[f"proactive.admin_{name}.decided"].value for name in ("license", "penalty", "coercion")]
    assert values == [12, 3, 0]


def test_a_labelled_figure_that_the_form_does_not_have_is_told() -> None:
    plan = form("2021")
    page = render.as_html(render.tables_of(plan, dict.fromkeys(plan.ids, Decimal(7)))).decode()
    assert page.count("行政许可") == 1
    usual, other = (read(text.encode()) for text in (page, page.replace("行政许可", "行政许可和备案")))
    assert "row_unplaced" not in {finding.code for finding in usual.findings}
    assert usual.cells.keys() - other.cells.keys() == {"proactive.admin_license.decided"}
    assert [finding.found for finding in other.findings if finding.code == "row_unplaced"]


@pytest.mark.parametrize("word", ["O", "?", "待定"])
@pytest.mark.parametrize("at", [0, 4, 14])
def test_a_word_among_the_figures_of_the_remedies_costs_its_own_cell(word: str, at: int) -> None:
    plan = load_forms()[-1]
    cells = render._fill(plan, random.Random(5), 0.2)
    names = [name for row in plan.table("remedies").rows for name in row.place_ids]
    texts = render.printed(plan, cells) | {names[at]: word}
    reading = read(render.as_html(tables(plan, texts)))
    assert render.differences(reading, cells | {names[at]: None}) == {}
    assert reading.cells[names[at]].flags == ("not_a_number",)


@pytest.mark.parametrize("kind", ["html", "tabs"])
def test_letters_for_the_zeros_of_one_block_of_the_remedies_cost_no_other(kind: str) -> None:
    plan = load_forms()[-1]
    cells: dict[str, Decimal | None] = {name: Decimal(1000 + at) for at, name in enumerate(plan.ids)}
    block = plan.table("remedies").rows[0].place_ids
    made = tables(plan, render.printed(plan, cells) | dict.fromkeys(block, "O"))
    reading = read(render.as_html(made) if kind == "html" else render.as_tabs(made, padded=True).encode())
    assert render.differences(reading, cells | dict.fromkeys(block, None)) == {}
    assert {reading.cells[name].flags for name in block} == {("not_a_number",)}


def test_a_word_before_fields_one_too_few_is_no_figure_of_the_remedies() -> None:
    plan = load_forms()[-1]
    cells: dict[str, Decimal | None] = {name: Decimal(1000 + at) for at, name in enumerate(plan.ids)}
    text = render.as_tabs(render.tables_of(plan, cells), padded=True)
    strip = [str(cells[name]) for row in plan.table("remedies").rows for name in row.place_ids]
    shifted = text.replace("\t".join(strip), "\t".join(["件数", *strip[:-1]]))
    assert shifted != text
    assert render.lies(read(shifted.encode()), cells) == {}


def test_a_group_before_words_that_nobody_knows_makes_no_row_of_another_form() -> None:
    plan = form("2021")
    cells = render._fill(plan, random.Random(5), 0.2)
    known = re.compile(r"[一二三四五六七]|新收|自然人|总计|第二十条|信息内容|本年|规章|行政|勾稽|结果|企业|其他$")

    def torn(table: Table) -> list[Table]:
        def text(cell: GridCell) -> str:
            label = not cell.text.isdecimal() and cell.text and cell.row > 2 and not known.search(cell.text[:6])
            return "某" + cell.text[3:5] if label else cell.text

        return [replace(table, cells=tuple(replace(cell, text=text(cell)) for cell in table.cells))]

    reading = reading_of(plan, cells, torn)
    assert "applications.received.total" in reading.cells
    assert reading.form == "2021"
    assert set(reading.cells) <= set(cells)
