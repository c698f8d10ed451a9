"""Tables, and blocks of one, that stand below each other in one grid, each with the headings of its own columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.parser.reader import read, read_pages_to_reading
from storage.records import Reading

TITLE = "汶上县财政局2022年政府信息公开工作年度报告"
OUTCOMES = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
OWN, OTHERS = (1, 0, 2, 0, 3), (0, 4, 0, 1, 5, 6, 0, 0, 2, 8)
Cells = Sequence[tuple[object, int]]  # the text of each and how many columns it is wide

REVIEW: list[Cells] = [[("行政复议", 10)], [(name, 2) for name in OUTCOMES], [(figure, 2) for figure in OWN]]
LITIGATION: list[Cells] = [
    [("行政诉讼", 10)],
    [("未经复议直接起诉", 5), ("复议后起诉", 5)],
    [(name, 1) for name in OUTCOMES * 2],
    [(figure, 1) for figure in OTHERS],
]


def grid(rows: Sequence[Cells]) -> str:
    made = ("".join(f'<td colspan="{wide}">{text}</td>' for text, wide in row) for row in rows)
    return "<table border=1>" + "".join(f"<tr>{row}</tr>" for row in made) + "</table>"


def tabs(rows: Sequence[Cells]) -> str:
    return "\n".join("\t".join(str(text) for text, _ in row) for row in rows)


def lines(rows: Sequence[Cells]) -> str:
    return tabs(rows).replace("\t", "\n")


def strokes(rows: Sequence[Cells]) -> str:
    made = ("|".join(f" {text} " + "| " * (wide - 1) for text, wide in row) for row in rows)
    return "\n".join(f"|{row}|" for row in made)


def report(table: str) -> Reading:
    heading = "四、政府信息公开行政复议、行政诉讼情况"
    if table.startswith("<"):
        page = f"<meta charset=utf-8><h1>{TITLE}</h1><p>一、总体情况</p><p>无。</p><p>{heading}</p>{table}"
    else:
        page = "\n".join((TITLE, "一、总体情况", "无。", heading, table, "五、存在的主要问题及改进情况", "无。"))
    return read(page.encode())


def figures(reading: Reading, start: str) -> list[Decimal | None]:
    return [
        cell.value
        for name, cell in reading.cells.items()
        if name.startswith(start) and {*cell.flags} <= {"unit_converted"}
    ]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("write", [grid, tabs, lines, strokes])
def test_blocks_with_columns_of_their_own_below_each_other(
    write: Callable[[Sequence[Cells]], str], turned: bool
) -> None:
    reading = report(write([*LITIGATION, *REVIEW] if turned else [*REVIEW, *LITIGATION]))
    assert figures(reading, "review.") == list(OWN)
    assert figures(reading, "litigation.") == list(OTHERS)
    assert not any(found.cells for found in reading.findings if found.code in {"rows_missing", "count_mismatch"})


@pytest.mark.parametrize("write", [grid, tabs, lines])
def test_blocks_below_others_in_an_order_of_their_own(write: Callable[[Sequence[Cells]], str]) -> None:
    swapped: list[Cells] = [*LITIGATION]
    swapped[1] = [("复议后起诉", 5), ("未经复议直接起诉", 5)]
    cells = report(write([*REVIEW, *swapped])).cells
    direct = [cell.value for name, cell in cells.items() if ".direct." in name]
    assert direct == ([] if write is lines else [*OTHERS[5:]])  # headings a line each tell no order


# ---------------------------------------------------------------------------------------- a list below other tables

APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
MATRIX: list[Cells] = [
    [(CORNER, 3), *((name, 1) for name in APPLICANTS)],
    [("一、本年新收政府信息公开申请数量", 3), *((figure, 1) for figure in (5, 1, 0, 0, 2, 0, 8))],
    [("二、上年结转政府信息公开申请数量", 3), *((figure, 1) for figure in (0, 0, 0, 0, 0, 1, 1))],
]
BLOCKS = ("行政复议", "未经复议直接起诉", "复议后起诉")
LISTED: list[Cells] = [
    [("类别", 2), ("结果", 1), ("件数", 7)],
    *(
        [(block, 2), (name, 1), (figure, 7)]
        for (block, name), figure in zip([(b, n) for b in BLOCKS for n in OUTCOMES], (*OWN, *OTHERS), strict=True)
    ),
]
TITLED: Cells = [("四、政府信息公开行政复议、行政诉讼情况", 10)]


@pytest.mark.parametrize("titled", [[], [TITLED], [[("", 10)], TITLED]])
@pytest.mark.parametrize("below", [False, True])
def test_a_list_in_the_grid_of_another_table(below: bool, titled: list[Cells]) -> None:
    listed, matrix = [*titled, *LISTED], [[("三、收到和处理政府信息公开申请情况", 10)], *MATRIX]
    reading = report(grid([*matrix, *listed] if below else [*listed, *matrix]))
    assert figures(reading, "applications.received.") == [5, 1, 0, 0, 2, 0, 8]
    assert figures(reading, "applications.carried_in.") == [0, 0, 0, 0, 0, 1, 1]
    assert figures(reading, "review.") + figures(reading, "litigation.") == [*OWN, *OTHERS]
    assert {cell.locator["col"] for name, cell in reading.cells.items() if name.startswith("review.")} == {3}


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5, 6), (6, 0, 5, 4, 3, 2, 1)])
def test_headings_that_bear_the_one_above_them_too_name_their_columns(order: Sequence[int]) -> None:
    """法人或其他组织—其他 is the column 其他, wherever it stands."""
    names = [f"法人或其他组织—{name}" if 0 < at < 6 else name for at, name in enumerate(APPLICANTS)]
    rows: list[Cells] = [[row[0], *(row[1:][at] for at in order)] for row in MATRIX[1:]]
    reading = report(grid([[(CORNER, 3), *((names[at], 1) for at in order)], *rows]))
    assert figures(reading, "applications.received.") == [5, 1, 0, 0, 2, 0, 8]
    assert not any(cell.flags for name, cell in reading.cells.items() if name.startswith("applications.received."))
    assert "order_only" not in {found.code for found in reading.findings}


# --------------------------------------------------------------------------------------- single figures with two names

CLAUSES: list[tuple[str, str, str, object]] = [
    ("第二十条第（一）项", "规章", "本年制发件数", 1),
    ("", "", "本年废止件数", 2),
    ("", "", "现行有效件数", ""),
    ("", "行政规范性文件", "本年制发件数", 4),
    ("", "", "本年废止件数", 0),
    ("", "", "现行有效件数", 6),
    ("第二十条第（五）项", "行政许可", "本年处理决定数量", 7),
    ("第二十条第（六）项", "行政处罚", "本年处理决定数量", 8),
    ("", "行政强制", "本年处理决定数量", 9),
    ("第二十条第（八）项", "行政事业性收费", "本年收费金额（单位：元）", 50000),
]
HEAD = ("条款", "信息内容", "指标", "数量")


def named(rows: Sequence[Sequence[object]], merged: bool) -> list[list[object]]:
    """The rows with the labels of merged cells written into each, or into the first alone."""
    made: list[list[object]] = []
    for row in rows:
        made.append(
            [*row]
            if merged or not made
            else [text or above for text, above in zip(row[:2], made[-1], strict=False)] + [*row[2:]]
        )
    return made


def listed(rows: Sequence[Sequence[object]]) -> list[Cells]:
    return [[(text, 1) for text in row] for row in (HEAD, *rows)]


@pytest.mark.parametrize("write", [grid, tabs])
@pytest.mark.parametrize("merged", [False, True])
def test_a_list_of_single_figures(write: Callable[[Sequence[Cells]], str], merged: bool) -> None:
    reading = report(write(listed(named(CLAUSES, merged))))
    assert figures(reading, "proactive.") == [1, 2, None, 4, 0, 6, 7, 8, 9, 5]
    assert reading.cells["proactive.normative.in_force"].raw == "6"


@pytest.mark.parametrize("write", [grid, tabs])
@pytest.mark.parametrize("sign", ["", "－", " "])
def test_a_list_whose_labels_name_row_and_column_in_one_cell(
    write: Callable[[Sequence[Cells]], str], sign: str
) -> None:
    rows: list[Cells] = [
        [(f"{row}{sign}{column}", 1), (figure, 1)] for _, row, column, figure in named(CLAUSES, merged=False)
    ]
    reading = report(write([[("指标", 1), ("数值", 1)], *rows]))
    assert figures(reading, "proactive.") == [1, 2, None, 4, 0, 6, 7, 8, 9, 5]
    strange: Cells = [("规章上年制发件数", 1), (3, 1)]
    other = report(write([[("指标", 1), ("数值", 1)], *rows, strange]))
    assert all(cell.value is None for cell in other.cells.values())


def test_a_list_with_units_and_remarks_above_another_table() -> None:
    rows = [[*row, "元" if row[1] == "行政事业性收费" else "件", "见附注"] for row in named(CLAUSES, False)]
    rows = [[*row[:2], str(row[2]).partition("（")[0], *row[3:]] for row in rows]
    reading = report(grid([*listed(rows), *MATRIX]))
    assert figures(reading, "proactive.") == [1, 2, None, 4, 0, 6, 7, 8, 9, 5]
    assert figures(reading, "applications.received.") == [5, 1, 0, 0, 2, 0, 8]


@pytest.mark.parametrize("strange", [("", "某某事项", "本年处理决定数量", 3), ("", "规章", "上年件数", 3), CLAUSES[3]])
def test_what_else_stands_in_a_list_gives_no_figure(strange: tuple[str, str, str, object]) -> None:
    rows = [*CLAUSES[:6], strange, *CLAUSES[6:]]
    reading = report(grid(listed(named(rows, False))))
    printed = {cell.value for name, cell in reading.cells.items() if cell.value is not None}
    assert 3 not in printed
    assert not figures(reading, "proactive.") or any(found.cells for found in reading.findings)


@pytest.mark.parametrize("strange", [("政务新媒体", "发布条数", 99), ("规章", "修改件数", 33), ("", "条数", 88)])
@pytest.mark.parametrize("at", [0, 4, 10])
@pytest.mark.parametrize("write", [grid, tabs])
@pytest.mark.parametrize("behind", [(), ("", "")])
def test_figures_of_a_list_with_strange_rows_are_not_taken_for_blanks(
    strange: tuple[object, ...], at: int, write: Callable[[Sequence[Cells]], str], behind: tuple[str, ...]
) -> None:
    rows = [(*row[1:3], row[3] or 3, *behind) for row in named(CLAUSES, merged=False)]
    rows.insert(at, (*strange, *behind))
    made: list[Cells] = [[(text, 1) for text in row] for row in (("信息", "指标", "数值", *behind), *rows)]
    reading = report(write([*made, *MATRIX]) if write is grid else write(made))
    assert not [name for name, cell in reading.cells.items() if name.startswith("proactive.")]
    assert {"table_missing", "tables_absent"} & {found.code for found in reading.findings}


def test_lists_alike_but_for_their_figures() -> None:
    one = named(CLAUSES, False)
    others = [[*row[:3], "" if at % 3 == 0 else at * 11] for at, row in enumerate(one)]
    assert figures(report(grid(listed(one))), "proactive.rules.") == [1, 2, None]
    assert figures(report(grid(listed(others))), "proactive.normative.") == [None, 44, 55]


# -------------------------------------------------------------------------------- figures below the lines of a header


def drawn(line: str) -> Reading:
    """A page that draws the box and the lines of the header alone: all that stands below is one line in a box."""
    places = {"page": 1, "box": [0.0, 0.0, 9.0, 9.0]}
    texts: list[list[tuple[str, int]]] = [
        [("行政复议", 5), ("未经复议直接起诉", 5), ("复议后起诉", 5)],
        [(name, 1) for name in OUTCOMES * 3],
        [("", 1)] * 15,
    ]
    head = [
        GridCell(row=at, col=sum(wide for _, wide in row[:n]), colspan=wide, text=text, locator=places)
        for at, row in enumerate(texts)
        for n, (text, wide) in enumerate(row)
    ]
    rules = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "规章", "1", "2", "3")
    blocks = (
        Paragraph(text=TITLE),
        Table(cells=tuple(GridCell(row=n // 4, col=n % 4, text=text) for n, text in enumerate(rules)), rows=2, cols=4),
        Paragraph(text="四、政府信息公开行政复议、行政诉讼情况"),
        Table(cells=tuple(head), rows=3, cols=15),
        Table(cells=(GridCell(row=1, col=0, text=line, locator=places),), rows=2, cols=1),
    )
    return read_pages_to_reading(Pages(kind="pdf", blocks=blocks), "0" * 64)


def test_a_line_of_figures_in_a_box_below_the_lines_of_a_header() -> None:
    reading = drawn(" ".join(map(str, ("件数", *OWN, *OTHERS))))
    assert figures(reading, "review.") + figures(reading, "litigation.") == [*OWN, *OTHERS]


def test_a_line_of_figures_in_the_box_of_its_header_is_told_as_what_was_read() -> None:
    """One column of cells, a line of the header in each, and the figures apart from each other in the last."""
    names = " ".join(OUTCOMES * 3)
    lines = ("行政复议 行政诉讼", f"未经复议直接起诉 复议后起诉 {names}", " ".join(map(str, (*OWN, *OTHERS))))
    places = {"page": 1, "box": [0.0, 0.0, 9.0, 9.0]}
    cells = tuple(GridCell(row=at, col=0, text=line, locator=places) for at, line in enumerate(lines))
    rules = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "规章", "1", "2", "3")
    blocks = (
        Paragraph(text=TITLE),
        Table(cells=tuple(GridCell(row=n // 4, col=n % 4, text=text) for n, text in enumerate(rules)), rows=2, cols=4),
        Paragraph(text="四、政府信息公开行政复议、行政诉讼情况"),
        Table(cells=cells, rows=len(lines), cols=1),
        Paragraph(text="五、存在的主要问题及改进情况"),
    )
    reading = read_pages_to_reading(Pages(kind="pdf", blocks=blocks), "0" * 64)
    assert figures(reading, "review.") + figures(reading, "litigation.") == [*OWN, *OTHERS]
    assert "count_mismatch" not in {found.code for found in reading.findings}


@pytest.mark.parametrize("mark", ["—", "0"])
def test_marks_below_a_heading_are_no_part_of_it(mark: str) -> None:
    """A row without rulings whose first cell stands below 总计, which ends the line of headings above it."""
    heads = ["一、行政复议\t二、行政诉讼", "（一）未经复议直接起诉\t（二）复议后起诉", "\t".join(OUTCOMES * 3)]
    rules = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "规章", "1", "2", "3")
    cells = tuple(GridCell(row=0, col=col, text=mark) for col in range(15))
    blocks = (
        Paragraph(text=TITLE),
        Table(cells=tuple(GridCell(row=n // 4, col=n % 4, text=text) for n, text in enumerate(rules)), rows=2, cols=4),
        Paragraph(text="四、政府信息公开行政复议、行政诉讼情况"),
        *(Paragraph(text=head) for head in heads),
        Table(cells=cells, rows=1, cols=15, ruled=False),
        Paragraph(text="五、存在的主要问题及改进情况"),
    )
    reading = read_pages_to_reading(Pages(kind="pdf", blocks=blocks), "0" * 64)
    raw = [cell.raw for name, cell in reading.cells.items() if name.startswith(("review.", "litigation."))]
    assert raw == [mark] * 15


def test_such_a_line_without_a_figure_is_no_blank_table() -> None:
    reading = drawn(" ".join(map(str, ("件数", *OWN, *OTHERS[1:]))))
    cells = [cell for name, cell in reading.cells.items() if not name.startswith("proactive.")]
    assert all(cell.flags for cell in cells)  # cut by their sums, where these leave one way
    assert "table_blank" not in {found.code for found in reading.findings}
