"""Reports as converters write them out: lines read across columns, Markdown, tables run together into a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.documents import text
from archive.documents.pages import Paragraph, Table
from archive.forms.loader import form, load_forms
from archive.forms.model import Form
from archive.forms.printer import tables
from archive.parser.findings import count_mismatch
from archive.parser.reader import read
from storage.records import Reading
from tests import form_rendering as render

FORMS = pytest.mark.parametrize("plan", load_forms(), ids=lambda plan: plan.name)


def numbered(plan: Form) -> dict[str, Decimal | None]:
    return {name: Decimal(1000 + i) for i, name in enumerate(plan.ids)}


def wholly(plan: Form) -> list[list[str]]:
    """The rows of each table of a numbered form, a line of cells each."""
    cells = render.printed(plan, numbered(plan))
    found = []
    for table in tables(plan, cells):
        rows: list[list[str]] = [[] for _ in range(table.rows)]
        for cell in table.cells:
            rows[cell.row].append(cell.text)
        found += rows
    return found


def text_of(plan: Form, lines: list[str]) -> Reading:
    return read(
        "\n".join([render.TITLE, "一、总体情况", "我局工作。", *lines, "五、存在的主要问题及改进情况"]).encode()
    )


@FORMS
def test_a_row_on_a_line_with_blanks_between_its_cells(plan: Form) -> None:
    lines = ["   ".join(row) for row in wholly(plan)]
    reading = text_of(plan, lines)
    assert render.differences(reading, numbered(plan)) == {}


def test_a_table_on_one_line_leaves_no_row_over() -> None:
    plan = form("2021")
    cells = [
        tuple(cell.text for cell in table.cells if cell.text)
        for table in tables(plan, render.printed(plan, numbered(plan)))
    ]
    reading = text_of(plan, [" ".join(texts) for texts in cells])
    assert not {found.code for found in reading.findings} & {"row_unplaced", "order_only"}
    assert render.lies(reading, numbered(plan)) == {}


def test_figures_on_a_line_of_their_own_are_several() -> None:
    plan = form("2021")
    reading = text_of(
        plan, ["第二十条第（一）项", "信息内容  本年制发件数  本年废止件数  现行有效件数", "规章", "1 2 3"]
    )
    found = {name: cell.value for name, cell in reading.cells.items() if name.startswith("proactive.rules.")}
    assert list(found.values()) == [1, 2, 3]


def test_labels_broken_over_the_lines_around_their_figures() -> None:
    """As pdftotext -layout prints narrow columns: all are placed by order, and none is wrong in silence."""
    plan = form("2021")
    lines = []
    for row in wholly(plan):
        label = row[-8] if len(row) >= 8 and row[-1].isdigit() else ""
        if len(label) > 6 and label[0].isdigit():
            head = " ".join(row[:-8])
            lines += [f"{head}  {label[:4]}   " + "   ".join(row[-7:]), f"      {label[4:7]}", f"      {label[7:]}"]
        else:
            lines.append("   ".join(row))
    reading = text_of(plan, lines)
    assert render.lies(reading, numbered(plan)) == {}
    placed = [name for name, cell in reading.cells.items() if cell.value == numbered(plan)[name]]
    assert len(placed) == len(plan.ids)


def test_labels_apart_from_their_figures_are_no_blank_rows() -> None:
    plan = form("2021")
    rows = wholly(plan)
    labels = [text for row in rows for text in row if not text.isdigit()]
    figures = [text for row in rows for text in row if text.isdigit()]
    assert render.lies(text_of(plan, [*labels, *figures]), numbered(plan)) == {}


def test_a_table_run_together_into_one_line_makes_no_blanks() -> None:
    plan = form("2021")
    rows = wholly(plan)
    labels = [text for row in rows for text in row if not text.isdigit()]
    strip = " ".join(" ".join(row) for row in rows[-4:])
    assert render.lies(text_of(plan, [*labels, strip]), numbered(plan)) == {}


@FORMS
def test_merged_cells_written_out_into_each_of_their_columns(plan: Form) -> None:
    lines = []
    for grid in written_out(plan):
        lines += ["| " + " | ".join(row) + " |" for row in grid] + [""]
    assert render.differences(text_of(plan, lines), numbered(plan)) == {}


def test_emphasis_and_escapes_of_markdown_are_no_text() -> None:
    pages = text.read(
        "**二、标题**\n\n|**规章**|**0**| 1\\.属于<br>国家秘密 |\n|---|---|---|\n\n2 * 3\n\n**　　三、标题**".encode()
    )
    texts = [block.text.strip() for block in pages.blocks if isinstance(block, Paragraph)]
    assert texts == ["二、标题", "2 * 3", "三、标题"]
    table = next(block for block in pages.blocks if isinstance(block, Table))
    assert [cell.text for cell in table.cells] == ["规章", "0", "1.属于\n国家秘密"]


@FORMS
@pytest.mark.parametrize("around", [("", ""), ("<html><body>", "</body></html>")])
def test_markdown_with_its_tables_in_html(plan: Form, around: tuple[str, str]) -> None:
    lines = [
        "# 汶上县司法局2023年政府信息公开工作年度报告",
        "## 一、总体情况",
        "2023年，**主动公开**12件。",
        "第二段。",
    ]
    for table in tables(plan, render.printed(plan, numbered(plan))):
        rows = ["" for _ in range(table.rows)]
        for cell in table.cells:
            rows[cell.row] += f'<td rowspan="{cell.rowspan}" colspan="{cell.colspan}">{cell.text}</td>'
        lines.append(f"{around[0]}<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + f"</table>{around[1]}")
    reading = read("\n\n".join(lines).encode())
    assert render.differences(reading, numbered(plan)) == {}
    assert reading.title == lines[0][2:]
    assert reading.sections[1].text == "2023年，主动公开12件。\n第二段。"


@FORMS
def test_an_empty_column_more_beside_every_table(plan: Form) -> None:
    parts = []
    for table in tables(plan, render.printed(plan, numbered(plan))):
        rows = ["" for _ in range(table.rows)]
        for cell in table.cells:
            rows[cell.row] += f'<td rowspan="{cell.rowspan}" colspan="{cell.colspan}">{cell.text}</td>'
        parts.append("<table>" + "".join(f"<tr>{row}<td></td></tr>" for row in rows) + "</table>")
    html = f"<html><body><h1>{render.TITLE}</h1>" + "<p>下一节</p>".join(parts) + "</body></html>"
    assert render.differences(read(html.encode()), numbered(plan)) == {}


@FORMS
def test_a_table_drawn_with_borders(plan: Form) -> None:
    lines = []
    for table in tables(plan, render.printed(plan, numbered(plan))):
        grid = [["" for _ in range(table.cols)] for _ in range(table.rows)]
        for cell in table.cells:
            grid[cell.row][cell.col] = cell.text
        lines.append("+" + "------+" * table.cols)
        for row in grid:
            lines += ["|" + "|".join(f" {text[:4]} " for text in row) + "|"]
            lines += ["|" + "|".join(f" {text[at : at + 6]} " for text in row) + "|" for at in range(4, 60, 6)]
            lines.append("+" + "------+" * table.cols)
        lines.append("")
    assert render.differences(text_of(plan, lines), numbered(plan)) == {}


def test_a_row_whose_label_lost_its_end_is_no_heading() -> None:
    """三、本年 | （一）予以公开 | figures: the rest of the first label stands on the next line."""
    plan = form("2021")
    lines = []
    for row in wholly(plan):
        if row[0].startswith("三、本年度"):
            lines += ["三、本年  （一）予以公开   " + "   ".join(row[-7:]), "度办理结  "]
        elif "1.本机关" in "".join(row):
            lines += ["（四）无    1.      " + "   ".join(row[-7:]), "法提供  本机关不", "     掌握相关"]
        else:
            lines.append("   ".join(row))
    reading = text_of(plan, lines)
    assert render.lies(reading, numbered(plan)) == {}
    for name in ("applications.result.granted.total", "applications.result.unable.not_held.natural_person"):
        assert reading.cells[name].value == numbered(plan)[name]


def test_figures_of_the_remedies_scattered_about_are_doubted() -> None:
    plan = form("2021")
    lines = [
        "四、政府信息公开行政复议、行政诉讼情况",
        "行政复议",
        "结果",
        "维持",
        "3",
        "结果",
        "纠正",
        "0",
        "0",
        "0",
        "5",
        "8",
    ]
    reading = text_of(plan, ["第二十条第（一）项", "规章", "0", "0", "0", *lines])
    assert all(cell.flags for name, cell in reading.cells.items() if name.startswith(("review.", "litigation.")))
    assert plan.name == reading.form


def test_a_row_one_field_short_is_doubted() -> None:
    """Whether the last field was cut off because it is blank, or one within was lost, nobody can tell."""
    plan = form("2021")
    lines = ["\t".join(row) for row in wholly(plan)]
    at = next(i for i, line in enumerate(lines) if "部分公开" in line)
    fields = lines[at].split("\t")
    lines[at] = "\t".join([*fields[:-4], *fields[-3:]])
    assert render.lies(text_of(plan, lines), numbered(plan)) == {}


BODIES = "| 商业企业 | 科研机构 | 社会公益组织 | 法律服务机构 | 其他 |"


@pytest.mark.parametrize(
    "header",
    [
        ["| | | 总计 | 自然人 | 法人或其他组织 | | | | |", f"| | | | {BODIES}"],
        [f"| | | 总计 | 自然人 {BODIES}"],
        ["| 总计 | 自然人 | 法人或其他组织 |", BODIES],
    ],
    ids=["padded", "in one line", "not padded"],
)
def test_a_header_without_its_spans_still_tells_the_order_of_the_columns(header: list[str]) -> None:
    plan = form("2021")
    lines = []
    for row in wholly(plan):
        if any("勾稽关系" in text for text in row):
            lines += header
        elif len(row) > 7 and row[-1].isdigit() and not row[0].isdigit():
            lines.append(f"| {' | '.join([*row[:-7], row[-1], *row[-7:-1]])} |")
        elif "商业企业" not in row and "自然人" not in row:
            lines.append(f"| {' | '.join(row)} |")
    assert render.differences(text_of(plan, lines), numbered(plan)) == {}


def test_two_rows_below_the_corner_of_their_table_are_its_rows() -> None:
    lines = ["三、收到和处理政府信息公开申请情况", "（本列数据的勾稽关系为：第一项加第二项之和） |", "申请人情况 |",
             "一、本年新收政府信息公开申请数量 | 3 | 1 | 0 | 0 | 0 | 0 | 4 |",
             "二、上年结转政府信息公开申请数量 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |"]  # fmt: skip
    reading = text_of(form("2021"), lines)
    assert reading.cells["applications.received.total"].value == 4


@pytest.mark.parametrize("figures", ["1 0 0 0 1 0 0 2 0 2 0 0 0 0 0", "1 |\n" + "0 |\n" * 3 + "1 |\n" + "0 |\n" * 10])
def test_the_remedies_alone_their_header_in_pieces(figures: str) -> None:
    """As columns of narrow cells are read across: nothing else of the form stands there."""
    lines = ["四、因政府信息公开工作被申请行政复议提起行政诉讼情况", "行政复议 行政诉讼", "未经复议直接起诉 复议后起诉",
             "结果 结果 其他 尚未 总", "维持 纠正 结果 审结 计 结果 结果 其他 尚未 总 结果 结果 其他 尚未 总",
             "维持 纠正 结果 审结 计 维持 纠正 结果 审结 计", figures]  # fmt: skip
    reading = text_of(form("2021"), lines)
    assert (reading.cells["review.upheld"].value, reading.cells["review.total"].value) == (1, 1)
    assert len([name for name in reading.cells if name.startswith(("review", "litigation"))]) == 15
    assert not any(found.code == "digits_glued" for found in reading.findings)


def test_words_for_none_among_the_figures_of_a_line_are_marks() -> None:
    """The row was none, and its cells were told to be blank."""
    plan = form("2021")
    rows = [" ".join(row) for row in wholly(plan)[:-1]]
    reading = text_of(plan, [*rows, "无 2 无 无 2 无 无 1 无 1 无 无 无 无 无"])
    found = {name: (cell.value, cell.flags) for name, cell in reading.cells.items() if name.startswith("review.")}
    assert found["review.corrected"] == (Decimal(2), ())
    assert found["review.upheld"] == (None, ("mark",))


def test_the_number_of_a_label_in_a_line_of_its_own_is_no_figure_of_the_row_above() -> None:
    plan = form("2021")
    lines: list[str] = []
    for row in wholly(plan):
        for cell in row:
            begin = cell[:2] if cell[1:2] == "." else ""
            lines += [begin, cell[2:]] if begin else [cell]
    reading = text_of(plan, [line for line in lines if line])
    assert "3." in lines
    assert render.differences(reading, numbered(plan)) == {}
    assert "count_mismatch" not in {found.code for found in reading.findings}


def test_figures_that_end_in_points_stay_figures() -> None:
    lines = ["第二十条第（五）项", "信息内容", "本年处理决定数量", "行政许可", "3.", "第二十条"]
    reading = text_of(form("2021"), lines)
    assert reading.cells["proactive.admin_license.decided"].value == 3


def test_a_row_whose_figures_are_as_many_as_its_columns_is_not_told_to_have_too_few() -> None:
    said = count_mismatch("规章", 3, 3, ())
    assert "可用的是" not in said.zh
    assert "3 usable" not in said.en
    assert "可用的是 2 个" in count_mismatch("规章", 3, 2, ()).zh


def in_one_line(plan: Form, cells: Mapping[str, Decimal | None]) -> str:
    """A report as converters to Markdown write it that stands in a cell of a page's layout."""
    pieces = [render.TITLE, "一、总体情况", "我局工作。"]
    for heading, table in zip(render.HEADINGS, tables(plan, render.printed(plan, cells)), strict=True):
        rows = [
            "|" + "".join(f" {cell.text} " + "|" + " |" * (cell.colspan - 1) for cell in table.cells if cell.row == row)
            for row in range(table.rows)
        ]
        pieces += [heading, " ".join(["|" + "  |" * table.cols, "|" + " --- |" * table.cols, *rows])]
    pieces += ["五、存在的主要问题及改进情况", "无。"]
    return "| 网站 |\n| --- |\n| " + "   ".join(pieces) + " |\n"


@FORMS
def test_tables_within_one_line_of_a_table(plan: Form) -> None:
    reading = read(in_one_line(plan, numbered(plan)).encode())
    assert render.differences(reading, numbered(plan)) == {}
    assert [part.heading for part in reading.sections if part.key][-1] == "五、存在的主要问题及改进情况"


@FORMS
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_blank_cells_of_tables_within_one_line_make_no_figure_wrong(plan: Form, data: st.DataObject) -> None:
    cells = data.draw(render.filled(plan))
    assert render.lies(read(in_one_line(plan, cells).encode()), cells) == {}


def test_a_row_of_marks_is_no_rule_within_a_line() -> None:
    pages = text.read(("| 项 | 数 | 数 |\n| --- | --- | --- |\n" + "| 甲 | --- | --- |\n" * 2).encode())
    table = next(block for block in pages.blocks if isinstance(block, Table))
    assert [cell.text for cell in table.cells if cell.row == 1] == ["甲", "---", "---"]


def written_out(plan: Form) -> Iterator[list[list[str]]]:
    """The rows of each table, merged cells written out into each of their columns and rows."""
    for table in tables(plan, render.printed(plan, numbered(plan))):
        grid = [["" for _ in range(table.cols)] for _ in range(table.rows)]
        for cell in table.cells:
            for r in range(cell.row, cell.row + cell.rowspan):
                grid[r][cell.col : cell.col + cell.colspan] = [cell.text] * cell.colspan
        yield grid


def framed(plan: Form, *, serial: bool) -> list[str]:
    """The tables as programs print frames of data: columns numbered from 0, ``serial``: the rows too."""
    lines = []
    for grid in written_out(plan):
        heads, numbers = [str(col) for col in range(len(grid[0]))], [str(row) for row in range(len(grid))]
        rows = [["", *heads], *([n, *row] for n, row in zip(numbers, grid, strict=True))] if serial else [heads, *grid]
        lines += [f"| {' | '.join(row)} |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]]] + [""]
    return lines


@FORMS
@pytest.mark.parametrize("serial", [False, True])
def test_numbers_of_columns_and_rows_as_programs_print_them_are_no_figures(plan: Form, *, serial: bool) -> None:
    assert render.differences(text_of(plan, framed(plan, serial=serial)), numbered(plan)) == {}


@pytest.mark.parametrize("parting", [" ", "\n"])
def test_numbers_of_columns_above_as_many_figures_in_text_are_none(parting: str) -> None:
    """栏次 without its label: 1 to 15 below the headings of 复议 and 诉讼, and the figures right behind them."""
    plan = form("2021")
    *rows, figures = wholly(plan)
    numbers = [str(at) for at in range(1, len(figures) + 1)]
    reading = text_of(plan, [parting.join(row) for row in [*rows, numbers, figures]])
    assert render.differences(reading, numbered(plan)) == {}


def test_units_below_headings_that_are_written_out_leave_them_written_out() -> None:
    plan = form("2019")
    heads = ["信息内容", "本年新制作数量", "本年新公开数量", "对外公开总数量"]
    rows = [heads, ["信息内容", "（件）", "（件）", "（件）"], ["规章", "0", "0", "7"], ["规范性文件", "12", "0", "12"]]
    reading = text_of(plan, ["", *("| " + " | ".join(text for text in row for _ in "123") + " |" for row in rows), ""])
    found = [reading.cells[place].value for row in plan.tables[0].rows[:2] for place in row.place_ids]
    assert found == [0, 0, 7, 12, 0, 12]


def in_words(words: str, columns: int = 7) -> str:
    """The form with blanks between its columns, and a row of ``words`` instead of figures for 1.属于国家秘密."""
    lines = render.as_tabs(render.tables_of(form("2021"), dict.fromkeys(form("2021").ids, Decimal(0))), padded=False)
    text = "\n".join(" ".join(line.split()) for line in lines.split("\n"))
    return text.replace("1.属于国家秘密" + " 0" * columns, f"1.属于国家秘密 {words}")


@pytest.mark.parametrize("words", ["无 无 无 无 无 无 无", "0 无 无 无 无 无 0", "无 无 无 无 0 0 0"])
def test_a_row_of_text_may_say_that_there_was_none(words: str) -> None:
    reading = read(in_words(words).encode())
    row = [reading.cells[name] for name in form("2021").ids if ".state_secret." in name]
    assert [cell.raw for cell in row] == words.split()
    assert {cell.value for cell in row if cell.raw == "无"} == {None}
    assert not {"cut_by_sums", "digits_glued"} & {found.code for found in reading.findings}
    assert len(reading.cells) == len(form("2021").ids)


def test_a_word_among_words_is_no_figure() -> None:
    text = in_words("0 0 0 0 0 0 0").replace("我局工作。", "1.属于国家秘密 无 有 无 有 无")
    assert [cell.raw for name, cell in read(text.encode()).cells.items() if ".state_secret." in name] == ["0"] * 7


@FORMS
def test_a_word_for_nothing_on_a_line_of_its_own_is_a_cell_as_in_any_table(plan: Form) -> None:
    """无 in rows with figures and in rows of nothing else; as the whole text of a section it stays a sentence."""
    some = [name for at, name in enumerate(plan.ids) if at % 3 == 0 and not name.endswith("amount")]
    cells = numbered(plan) | dict.fromkeys(some, Decimal(0))
    cells |= {name: Decimal(0) for name in cells if ".denied." in name or "coercion" in name}
    rows = [
        ["无" if text == "0" else text for text in (cell.text for cell in table.cells) if text]
        for table in tables(plan, render.printed(plan, cells))
    ]
    reading = text_of(plan, [*(text for row in rows for text in row), "六、其他需要报告的事项", "无"])
    assert reading.cells.keys() == cells.keys()
    assert {name: cell.value for name, cell in reading.cells.items()} == {
        name: value or None for name, value in cells.items()
    }
    assert {cell.raw for name, cell in reading.cells.items() if not cells[name]} == {"无"}
    assert not {found.code for found in reading.findings} & {"count_mismatch", "rows_missing", "row_unplaced"}
    assert {part.key: part.text for part in reading.sections}["other"] == "无"


def test_a_word_for_nothing_below_headings_of_a_text_is_no_row() -> None:
    lines = ["（一）主动公开", "无", "其他", "无", "三、收到和处理政府信息公开申请情况", "无", "六、其他事项", "无"]
    reading = text_of(form("2021"), lines)
    assert not reading.cells
    assert not {found.code for found in reading.findings} & {"row_unplaced", "count_mismatch", "merged_value"}


@FORMS
def test_the_first_words_of_labels_with_their_numbers_are_labels_and_no_headings(plan: Form) -> None:
    short = {"一、本年新收政府信息公开申请数量": "一、本年新收", "二、上年结转政府信息公开申请数量": "二、上年结转"}
    lines = [short.get(text, text) for row in wholly(plan) for text in row if text]
    assert set(short.values()) <= set(lines)
    reading = text_of(plan, lines)
    assert render.differences(reading, numbered(plan)) == {}
    assert not {found.code for found in reading.findings} & {"rows_missing", "row_unplaced"}
