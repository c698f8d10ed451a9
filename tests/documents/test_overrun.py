"""Sheets whose columns run over to further pages, as Excel prints them: put together where that is sure."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.documents.pages import UNREAD, Limits, Paragraph, Table
from archive.documents.pdf import read

LEFT, TOP, WIDE, HIGH, PAGE = 54.0, 700.0, 110.0, 20.0, 842.0
FONT = "STSong-Light"
PROSE = "存在的问题：公开的及时性有待提高，政策解读形式单一，工作人员业务能力需加强。"
Row = Sequence[str]

FIRST = [("信息内容", "本年新收", "本年结转"), ("规章甲", "1", "2"), ("文件乙", "3", ""), ("事项丙", "5", "6")]
SECOND = [("本年办结", "总计"), ("7", "8"), ("9", "10"), ("11", "12")]


def book(*pages: tuple[float, Sequence[Row], str]) -> list[Paragraph | Table]:
    """What is read of pages with a ruled table each: where it begins, its rows, a line below it."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, PAGE))
    for top, rows, line in pages:
        canvas.setFont(FONT, 10)
        xs = [LEFT + WIDE * n for n in range(len(rows[0]) + 1)]
        canvas.grid(xs, [top - HIGH * n for n in range(len(rows) + 1)])
        for n, row in enumerate(rows):
            for x, text in zip(xs, row, strict=False):
                canvas.drawString(x + 4, top - HIGH * (n + 1) + 6, text)
        canvas.drawString(LEFT, top - HIGH * len(rows) - 40, line)
        canvas.showPage()
    canvas.save()
    return list(read(out.getvalue(), Limits()).blocks)


def grids(blocks: Sequence[Paragraph | Table]) -> list[list[list[str]]]:
    tables = [block for block in blocks if isinstance(block, Table)]
    return [[[c.text for c in t.cells if c.row == row] for row in range(t.rows)] for t in tables]


def test_columns_that_run_over_to_the_next_page_stand_beside_the_others() -> None:
    blocks = book((TOP, FIRST, "五、存在的主要问题及改进情况"), (TOP, SECOND, "的后半句"))
    assert grids(blocks) == [[[*one, *two] for one, two in zip(FIRST, SECOND, strict=True)]]
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert [cell.locator["page"] for cell in table.cells if cell.row == 1] == [1, 1, 1, 2, 2]


def test_a_sheet_of_several_pages_in_each_direction() -> None:
    rest, more = [("事项丁", "13", "14"), ("事项戊", "15", "16")], [("17", "18"), ("19", "20")]
    blocks = book((TOP, FIRST, ""), (TOP + 50, rest, "六、其他"), (TOP, SECOND, ""), (TOP + 50, more, ""))
    whole = [[*one, *two] for one, two in zip([*FIRST, *rest], [*SECOND, *more], strict=True)]
    assert [row for grid in grids(blocks) for row in grid] == whole


def test_sheets_of_which_each_runs_over_in_its_turn() -> None:
    other = [("事项", "件数"), ("许可丁", "21"), ("处罚戊", "22")]
    more = [("总计",), ("23",), ("24",)]
    pages = [(TOP, FIRST, ""), (TOP, SECOND, ""), (TOP - 50, other, "四、行政复议"), (TOP - 50, more, "")]
    whole = [[*one, *two] for one, two in zip([*FIRST, *other], [*SECOND, *more], strict=True)]
    assert [row for grid in grids(book(*pages)) for row in grid] == whole
    assert grids(book(*pages[:3]))[0] == [list(row) for row in FIRST]  # the last runs over to no page


def test_a_cell_that_the_end_of_the_page_cut_is_one_again() -> None:
    first = [("信息内容", "本年新收"), ("规章", "1"), ("文件", "")]
    second = [("", "总计"), ("", "8"), ("", "10")]
    assert grids(book((TOP, first, PROSE), (TOP, second, ""))) == [
        [["信息内容", "本年新收", "总计"], ["规章", "1", "8"], ["文件", "", "10"]]
    ]


def cut(*pages: tuple[float, Sequence[Row], str], left: bool = True) -> list[list[list[str]]]:
    """The grids of pages whose tables run out over their last upright line, and over the first but for ``left``."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, PAGE))
    for top, rows, line in pages:
        canvas.setFont(FONT, 10)
        wide = [LEFT + WIDE * n for n in range(len(rows[0]) + 1)]
        for n in range(len(rows) + 1):
            canvas.line(wide[0], top - HIGH * n, wide[-1], top - HIGH * n)
        for x in wide[0 if left else 1 : -1]:
            canvas.line(x, top, x, top - HIGH * len(rows))
        for n, row in enumerate(rows):
            for x, text in zip(wide, row, strict=False):
                canvas.drawString(x + 4, top - HIGH * (n + 1) + 6, text)
        canvas.drawString(LEFT, top - HIGH * len(rows) - 40, line)
        canvas.showPage()
    canvas.save()
    return grids(list(read(out.getvalue(), Limits()).blocks))


def test_what_a_page_cuts_off_is_not_blank() -> None:
    """The lines of the last column end before it does; a table that is open at both sides is whole."""
    rows = [("信息内容", "本年新收", ""), ("规章", "1", ""), ("文件", "2", "")]
    assert cut((TOP, rows, PROSE)) == [[[one, two, UNREAD] for one, two, _ in rows]]
    assert cut((TOP, rows, PROSE), left=False) == [[list(row) for row in rows]]


def test_a_heading_and_figures_that_the_page_moved_to_the_next_stand_beside_their_labels() -> None:
    first = [("信息内容", "本年新收", ""), ("规章", "1", ""), ("信息内容", "本年办结", ""), ("文件", "2", "")]
    second = [("本年结转", "总计"), ("7", "8"), ("本年收费", "总计"), ("9", "10")]
    first.append(("行政许可", "3", "5"))
    second.append(("8", "9"))
    whole = [[*(text for text in own if text), *others] for own, others in zip(first, second, strict=True)]
    assert cut((TOP, first, PROSE), (TOP, second, "")) == [whole]


def test_what_is_not_sure_stays_as_it_is() -> None:
    parted = [[list(row) for row in part] for part in (FIRST, SECOND)]
    assert grids(book((TOP, FIRST, ""), (TOP, FIRST, ""))) != [[[*row, *row] for row in FIRST]]  # labels of its own
    assert len(grids(book((TOP, FIRST, ""), (TOP - 30, SECOND, "")))) == len(parted)  # at other heights
    assert grids(book((TOP, FIRST, ""), (TOP, SECOND, "三、收到和处理"))) == parted  # a section begins there
    mixed = [SECOND[0], ("7", "8"), ("9", "10"), ("共计", "件数")]
    assert grids(book((TOP, FIRST, ""), (TOP, mixed, ""))) == [parted[0], [list(row) for row in mixed]]
