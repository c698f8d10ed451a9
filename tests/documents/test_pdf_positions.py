"""Tables without rulings: what stands where decides, never the order."""

from __future__ import annotations

from functools import partial

import pytest
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.pages import Paragraph, Table
from imitation.documents.portable import FONT
from tests.documents.drawing import HEIGHT, PROSE, Text, pages, prose, write
from tests.documents.helpers import lines, tables

COLUMNS = (230.0, 290.0, 350.0, 410.0)
HEAD: list[Text] = [(x, 80, text) for x, text in zip(COLUMNS, ("自然人", "商业企业", "科研机构", "总计"), strict=True)]


def row(y: float, label: str, *figures: str, pitch: float = 13) -> list[Text]:
    """A row whose label of one or more lines (parted by |) is centred at the figures."""
    parts = label.split("|")
    top = y - pitch * (len(parts) - 1) / 2
    found = [(x, y, text) for x, text in zip(COLUMNS, figures, strict=True) if text]
    return found + [(120, top + n * pitch, part) for n, part in enumerate(parts)]


def cells(table: Table) -> list[list[str]]:
    """Label and figures of each row."""
    found: list[list[str]] = []
    for r in range(table.rows):
        own = sorted((c for c in table.cells if c.row == r), key=lambda c: c.col)
        found.append([c.text for c in own])
    return found


def read(*texts: list[Text]) -> list[Table]:
    return tables(read_pages(pages(*(partial(write, texts=own) for own in texts))))


@pytest.mark.parametrize("third", ["3", ""])
def test_figures_at_one_end_of_their_cells_are_in_the_columns_of_those_in_the_middle(third: str) -> None:
    """Where each heading has a figure of the row; else nobody knows which one has none."""
    rows = row(100, "1.规章", *"1234") + [
        (x - 15, 120, text) for x, text in zip(COLUMNS, ("5", "6", third, "8"), strict=True)
    ]
    found = read(HEAD + rows + [(120, 120, "小计")] + row(150, "2.文件|与办法", *"4444"))
    wanted = [["1.规章", *"1234"], ["小计", *"5638"], ["2.文件\n与办法", *"4444"]]
    assert ([cells(table) for table in found] == [wanted]) == bool(third)


def test_a_blank_stays_in_its_column() -> None:
    (table,) = read(HEAD + row(100, "规章", "1", "", "3", "4") + row(120, "文件", "", "20", "31", "400"))
    assert not table.ruled
    assert cells(table) == [["规章", "1", "", "3", "4"], ["文件", "", "20", "31", "400"]]


@pytest.mark.parametrize("mark", ["/", "\\", "-"])
def test_a_mark_for_nothing_keeps_its_place_among_figures(mark: str) -> None:
    (table,) = read(HEAD + row(100, "规章", "1", mark, "3", "4") + row(120, "文件", mark, "20", "31", mark))
    assert cells(table) == [["规章", "1", mark, "3", "4"], ["文件", mark, "20", "31", mark]]


@pytest.mark.parametrize(
    ("end", "gap", "apart"), [("", 1.4, True), ("", 0.0, False), ("、", -4, True), ("、", -8, False)]
)
def test_a_figure_close_to_its_label_stands_in_the_column_of_those_above_and_below(
    end: str, gap: float, *, apart: bool
) -> None:
    """Most of the box of a stop is blank: a figure may stand over that."""
    labels = ("规章", "文件", f"其他对外管理服务事项{end}", "收费")
    figures = ("1234", "5678", "9876", "1034")

    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        canvas.setFont(FONT, 10)
        edge = COLUMNS[0] - canvas.stringWidth("9", FONT, 10) / 2 - gap
        middle = edge - canvas.stringWidth(labels[2], FONT, 10) / 2
        write(canvas, HEAD + [text for n, own in enumerate(figures) for text in row(100 + 20 * n, "", *own)[:-1]])
        write(canvas, [(middle, 100 + 20 * n, label) for n, label in enumerate(labels)])

    found = [own for table in tables(read_pages(pages(draw))) for own in cells(table)]
    assert ([labels[2], *figures[2]] in found) is apart


def test_what_stands_above_each_column_is_told_with_the_table() -> None:
    """Headings of one and of two lines; those over several columns are none of them."""
    over: list[Text] = [(320, 40, "法人或其他组织"), (350, 66, "社会公益")]
    heads = [(x, y, "组织" if text == "科研机构" else text) for x, y, text in HEAD]
    (table,) = read(over + heads + row(100, "规章", *"1234") + row(120, "文件", *"5678"))
    assert table.heads == ("自然人", "商业企业", "社会公益\n组织", "总计")


def test_a_column_blank_throughout_is_known_by_its_heading() -> None:
    (table,) = read(HEAD + row(100, "规章", "1", "", "3", "4") + row(120, "文件", "5", "", "7", "8"))
    assert cells(table) == [["规章", "1", "", "3", "4"], ["文件", "5", "", "7", "8"]]


def test_labels_of_several_lines_go_to_the_figures_they_are_centred_at() -> None:
    rows = row(110, "（一）予以公开", "1", "2", "3", "6")
    rows += row(150, "（二）部分公开|区分处理的，只计|这一情形", "4", "5", "6", "15") + row(
        190, "（三）其他|处理", *"0000"
    )
    (table,) = read(HEAD + rows)
    assert [c[0] for c in cells(table)] == [
        "（一）予以公开",
        "（二）部分公开\n区分处理的，只计\n这一情形",
        "（三）其他\n处理",
    ]
    assert cells(table)[1][1:] == ["4", "5", "6", "15"]


def test_a_row_without_figures_is_blank_and_takes_none_of_its_neighbours() -> None:
    rows = (
        row(100, "1.属于国家秘密", *"1111") + row(120, "2.禁止公开", "", "", "", "") + row(140, "3.危及安全", *"3333")
    )
    (table,) = read(HEAD + rows)
    assert cells(table) == [
        ["1.属于国家秘密", *"1111"],
        ["2.禁止公开", "", "", "", ""],
        ["3.危及安全", *"3333"],
    ]


def test_labels_of_groups_stand_over_their_rows() -> None:
    rows = row(100, "1.甲", *"1111") + row(120, "2.乙", *"2222") + row(140, "3.丙", *"3333") + row(160, "1.丁", *"4444")
    (table,) = read([*HEAD, *rows, (50, 120, "（三）不予"), (50, 160, "（四）其他")])
    groups = {c.text: (c.row, c.rowspan) for c in table.cells if c.col == 0}
    assert groups == {"（三）不予": (0, 3), "（四）其他": (3, 1)}


@pytest.mark.parametrize("partial", [False, True])
def test_rules_across_part_the_rows(partial: bool) -> None:
    """Three-line tables: where rules stand, labels need not be centred at the figures."""

    def draw(canvas: Canvas) -> None:
        write(canvas, HEAD)
        for n, (label, figure) in enumerate([("甲", "1"), ("乙", "2"), ("丙", "3")]):
            top = 90 + 50 * n
            write(canvas, [(120, top + 12, label), (120, top + 25, "续行"), (120, top + 38, "末行")])
            write(canvas, [(x, top + 40, figure) for x in COLUMNS])
            canvas.line(60 if not partial else 180, HEIGHT - top, 450, HEIGHT - top)
        canvas.line(60, HEIGHT - 240, 450, HEIGHT - 240)
        canvas.line(60, HEIGHT - 90, 450, HEIGHT - 90)

    found = tables(read_pages(pages(draw)))
    if partial:
        assert all(c.text.count("末行") <= 1 for table in found for c in table.cells if c.rowspan == 1)
    else:
        assert cells(found[0]) == [[f"{label}\n续行\n末行", *figure * 4] for label, figure in ("甲1", "乙2", "丙3")]


def test_columns_go_on_over_the_page_end() -> None:
    first, second = read(
        HEAD + row(100, "甲项", "1", "", "3", "4") + row(120, "乙项", "5", "", "7", "8"),
        row(60, "丙项", "9", "", "1", "2") + row(80, "丁项", "3", "", "5", "6"),
    )
    assert cells(first)[0] == ["甲项", "1", "", "3", "4"]
    assert cells(second)[0] == ["丙项", "9", "", "1", "2"]


def test_figures_that_share_a_column_make_no_table() -> None:
    def both(canvas: Canvas) -> None:
        prose(canvas, 300)
        write(canvas, texts)

    texts: list[Text] = [(60, 100, "甲项"), (228, 100, "1"), (240, 100, "2"), (60, 120, "乙项"), (234, 120, "12345")]
    page = read_pages(pages(both))
    assert tables(page) == []
    assert "甲项\t1 2" in lines(page)


def test_text_with_numbers_is_no_table() -> None:
    texts: list[Text] = [(300, 100 + 16 * n, f"本年共收到申请{n}件，办结{n + 1}件，结转下年{n}件。") for n in range(6)]
    assert tables(read_pages(pages(lambda canvas: write(canvas, texts)))) == []


def test_two_pages_on_a_sheet_are_read_one_after_the_other() -> None:
    def sheet(canvas: Canvas) -> None:
        canvas.setPageSize((842, 595))
        canvas.setFont(FONT, 10)
        for n in range(10):
            canvas.drawString(50, 500 - 20 * n, f"左页第{n}行，公开政府信息。")
            canvas.drawString(470, 500 - 20 * n, f"右页第{n}行，公开政府信息。")

    found = lines(read_pages(pages(sheet)))
    assert [line[0] for line in found] == ["左"] * 10 + ["右"] * 10


def test_a_wide_table_is_not_parted() -> None:
    def sheet(canvas: Canvas) -> None:
        canvas.setPageSize((842, 595))
        canvas.setFont(FONT, 10)
        for n in range(10):
            canvas.drawString(50, 500 - 20 * n, f"第{'一二三四五六七八九十'[n]}项政府信息公开工作")
            for x in (300, 500, 600, 700):
                canvas.drawString(x, 500 - 20 * n, str(n))

    (table,) = tables(read_pages(pages(sheet)))
    assert (table.rows, table.cols) == (10, 5)


def test_rulings_around_some_cells_of_a_row_are_forgotten() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, HEAD + row(100, "规章", *"1234") + row(120, "文件", *"5678"))
        canvas.grid([320, 380, 440], [HEIGHT - y for y in (88, 106, 126)])

    (table,) = tables(read_pages(pages(draw)))
    assert cells(table) == [["规章", *"1234"], ["文件", *"5678"]]


def test_where_they_must_stay_what_they_took_is_not_blank() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, HEAD + row(100, "规章", *"1234") + row(120, "文件", *"5678") + [(380, 111, "99")])
        canvas.grid([320, 380, 440], [HEIGHT - y for y in (88, 106, 126)])

    page = read_pages(pages(draw))
    assert all(table.ruled for table in tables(page))
    assert "规章\t1\t2" in lines(page)


def test_a_figure_set_off_its_row_belongs_to_it() -> None:
    """As where a blank before it pushes a figure to a second line of its cell, the others being centred."""
    one = [(x, y, text) for x, y, text in row(100, "1.甲", "12", "3", "4", "1234") if text != "1234"]
    (table,) = read([*HEAD, *one, (COLUMNS[3], 107, "1234"), *row(130, "2.乙", *"5678")])
    assert cells(table) == [["1.甲", "12", "3", "4", "1234"], ["2.乙", *"5678"]]


def test_the_two_lines_of_a_figure_among_others_are_one_cell() -> None:
    lower: list[Text] = [
        (COLUMNS[1], 93, "179"),
        (COLUMNS[1], 107, "2"),
        (COLUMNS[3], 93, "30"),
        (COLUMNS[3], 107, "5"),
    ]
    one = row(100, "1.甲", "12", "", "4", "")
    (table,) = read(HEAD + one + lower + row(130, "2.乙", *"5678"))
    assert cells(table) == [["1.甲", "12", "179\n2", "4", "30\n5"], ["2.乙", *"5678"]]


def test_figures_of_two_rows_are_never_one_row() -> None:
    rows = row(100, "1.甲", *"12", "", "") + row(111, "2.乙", "", "", *"34") + row(122, "3.丙", *"5678")
    (table,) = read(HEAD + rows)
    assert cells(table) == [["1.甲", "1", "2", "", ""], ["2.乙", "", "", "3", "4"], ["3.丙", *"5678"]]


def test_figures_whose_order_is_not_certain_are_told_as_such() -> None:
    """Three lines in one cell: no table is made, and what is read of the lines is in doubt."""
    off: list[Text] = [(COLUMNS[1], y, text) for y, text in ((88, "17"), (100, "92"), (112, "5"))]
    found = read_pages(pages(partial(write, texts=HEAD + row(100, "1.甲", "1", "", "2", "3") + off)))
    assert not tables(found)
    doubted = [block.text for block in found.blocks if isinstance(block, Paragraph) and block.locator.get("astray")]
    assert doubted == ["17", "1.甲\t1\t92\t2\t3", "5"]


def test_a_small_digit_raised_behind_a_figure_is_none_of_it() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, HEAD + row(100, "规章", *"1234") + row(120, "文件", *"567", ""))
        write(canvas, [(COLUMNS[3], 120, "8")])
        write(canvas, [(COLUMNS[3] + 4.5, 116, "1"), (COLUMNS[3] + 7.5, 116, "2")], 5)

    (table,) = tables(read_pages(pages(draw)))
    assert cells(table) == [["规章", *"1234"], ["文件", *"567", "8[1][2]"]]


def test_a_small_digit_raised_behind_a_figure_is_none_of_it_whenever_it_was_printed() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, HEAD + row(100, "规章", *"1238") + row(120, "文件", *"5678"))
        write(canvas, [(COLUMNS[0] + 4.5, 96, "1"), (COLUMNS[3] + 4.5, 116, "1"), (COLUMNS[3] + 7.5, 116, "2")], 5)

    (table,) = tables(read_pages(pages(draw)))
    assert cells(table) == [["规章", "1[1]", *"238"], ["文件", *"567", "8[1][2]"]]


def test_a_figure_in_smaller_type_that_stands_higher_than_the_one_before_it_is_whole() -> None:
    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, HEAD + row(100, "规章", *"1234") + row(120, "文件", *"567", ""))
        write(canvas, [(COLUMNS[3], 116, "12")], 5)

    (table,) = tables(read_pages(pages(draw)))
    assert cells(table) == [["规章", *"1234"], ["文件", *"567", "12"]]


@pytest.mark.parametrize("x", [321.0, 440.6])
def test_a_figure_over_the_edge_of_a_cell_makes_its_row_doubtful(x: float) -> None:
    """It stands in the cell where most of it lies, which need not be its own; nor are the blank ones blank."""

    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, [(350, 100, "5"), (x, 120, "8"), (410, 140, "7")])
        canvas.grid([260, 320, 380, 440], [HEIGHT - y for y in (86, 106, 126, 146)])

    (table,) = tables(read_pages(pages(draw)))
    assert {cell.row for cell in table.cells if "astray" in cell.locator} == {1}


@pytest.mark.parametrize("right", [True, False])
def test_figures_at_one_end_of_columns_whose_headings_are_centred(*, right: bool) -> None:
    """Blank cells leave neighbours that never stand in one row; the headings' middles tell them apart."""
    rows = {"1.甲": ("1204", "", "", "7"), "2.乙": ("", "35", "", "12"), "3.丙": ("8", "", "", "306")}

    def draw(canvas: Canvas) -> None:
        prose(canvas, 20)
        write(canvas, HEAD)
        for n, (label, figures) in enumerate(rows.items()):
            write(canvas, [(120, 100 + 20 * n, label)])
            for x, figure in zip(COLUMNS, figures, strict=True):
                at, put = (x + 27, canvas.drawRightString) if right else (x - 27, canvas.drawString)
                put(at, HEIGHT - 100 - 20 * n, figure)

    (table,) = tables(read_pages(pages(draw)))
    assert cells(table) == [[label, *figures] for label, figures in rows.items()]


def test_lines_of_group_labels_between_rows_and_lines_of_labels_far_apart_are_no_rows() -> None:
    rows = row(100, "1.本机关不掌握", "5", "", "2", "7") + row(126, "2.没有现成信息", "", "3", "", "3")
    rows += row(152, "3.补正后仍不明确", "", "4", "", "4")
    rows += row(200, "1.申请人无正当理由|逾期不补正不再处|理其申请", "1", "", "", "1", pitch=18)
    rows += row(248, "2.申请人未缴费用|不再处理其申请", "2", "6", "", "8", pitch=18)
    groups: list[Text] = [(40, 108, "（四）"), (40, 126, "无法提"), (40, 143, "供")]
    groups += [(40, 209.5, "（六）"), (40, 228, "其他处")]  # between two lines of the labels beside them
    (table,) = read(HEAD + groups + rows)
    assert [[text for text in own if text not in {"（四）\n无法提\n供", "（六）\n其他处"}] for own in cells(table)] == [
        ["1.本机关不掌握", "5", "", "2", "7"],
        ["2.没有现成信息", "", "3", "", "3"],
        ["3.补正后仍不明确", "", "4", "", "4"],
        ["1.申请人无正当理由\n逾期不补正不再处\n理其申请", "1", "", "", "1"],
        ["2.申请人未缴费用\n不再处理其申请", "2", "6", "", "8"],
    ]


def test_where_only_columns_are_ruled_positions_tell_the_rows() -> None:
    texts = [*HEAD]
    for n in range(6):
        texts += row(100 + 20 * n, f"{n + 1}.某一事项", str(n), str(10 * n), str(n % 2), str(11 * n + n % 2))

    def ruled(canvas: Canvas) -> None:
        write(canvas, texts)
        for x in (60, 200, 260, 320, 380, 440):
            canvas.line(x, HEIGHT - 60, x, HEIGHT - 210)
        for y in (60, 210):
            canvas.line(60, HEIGHT - y, 440, HEIGHT - y)

    (table,) = tables(read_pages(pages(ruled)))
    assert cells(table) == [
        [f"{n + 1}.某一事项", str(n), str(10 * n), str(n % 2), str(11 * n + n % 2)] for n in range(6)
    ]


def test_a_row_that_numbers_the_columns_stands_above_the_only_row_of_figures() -> None:
    """Of two rows without labels one must be told as headings, else nobody knows whose figures they are."""
    places = [60.0 + 30 * n for n in range(9)]
    head: list[Text] = [(x, 80, "总计") for x in places]
    numbers: list[Text] = [(x, 96, str(n + 1)) for n, x in enumerate(places)]
    figures: list[Text] = [(x, 112, text) for x, text in zip(places, "102140203", strict=True)]
    (table,) = read(head + numbers + figures)
    assert cells(table) == [list("123456789"), list("102140203")]
    assert read(head + [(x, 96, "7") for x in places] + figures) == []


def test_what_a_ruled_frame_holds_of_the_report_is_text_and_what_it_shares_lines_with_are_tables() -> None:
    """A page laid out in a table: a menu beside all of it, title, sentences, two tables with sentences between them."""

    def framed(canvas: Canvas) -> None:
        write(canvas, [(40, 100, "2022年"), (300, 50, "某局2023年年度报告"), (300, 66, "一、总体情况")])
        prose(canvas, 82)
        for n, figures in enumerate(("1234", "5678")):
            top = 110 + 110 * n
            write(canvas, [(120, top + 14, "规章"), *((x, top + 14, t) for x, t in zip(COLUMNS, figures, strict=True))])
            write(canvas, [(120, top + 34, "文件"), *((x, top + 34, "0") for x in COLUMNS)])
            prose(canvas, top + 60)
            canvas.grid([56, 200, 260, 320, 380, 540], [HEIGHT - y for y in (top, top + 20, top + 40)])
        canvas.rect(20, HEIGHT - 310, 36, 290)
        canvas.rect(56, HEIGHT - 310, 484, 290)

    page = read_pages(pages(framed))
    found = [[["2022年", "规章", *figures], ["文件", *"0000"]] for figures in ("1234", "5678")]
    assert list(map(cells, tables(page))) == found
    said = lines(page)
    assert said[:2] == ["某局2023年年度报告", "一、总体情况"]
    assert sum(PROSE.startswith(line[:10]) for line in said) >= 3
