from __future__ import annotations

import functools
import io
import operator
import re
from collections.abc import Callable

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.layout.page_layout import Ruling
from archive.documents.layout.ruled_grids import grids
from archive.documents.pages import Limits
from imitation.documents.grid import plain_table
from imitation.documents.portable import FONT, Style, pdf
from tests.documents.drawing import HEIGHT, pages, write
from tests.documents.helpers import lines, tables, texts

TABLE = plain_table([["信息内容", "本年制发件数", "现行有效件数"], ["规章", "-2", "1.5"], ["规范性文件", "", "30"]])


def drawn(*sheets: list[tuple[float, float, str]], size: float = 12) -> bytes:
    """Pages of texts at (x, y from the top)."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for page in sheets:
        canvas.setFont(FONT, size)
        for x, y, text in page:
            canvas.drawString(x, A4[1] - y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_signs_and_points_stay_with_their_figures() -> None:
    page = read_pages(pdf("某局报告", ["文" * 30, TABLE]))
    assert texts(tables(page)[0])[1:] == [["规章", "-2", "1.5"], ["规范性文件", "", "30"]]


def test_sentences_are_whole_again_and_headings_stand_alone() -> None:
    long = "本机关按照规定编制本报告，" * 20
    page = read_pages(pdf("某局报告", ["一、总体情况", long, "（一）主动公开", long]))
    assert lines(page) == ["某局报告", "一、总体情况", long, "（一）主动公开", long]


def test_sentences_over_pages() -> None:
    long = "本机关按照规定编制本报告，" * 120
    page = read_pages(pdf("某局报告", [long]))
    assert page.page_count > 1
    assert lines(page) == ["某局报告", long]


def test_a_title_that_is_no_text_costs_no_more_than_itself() -> None:
    whole = pdf("某局报告", ["一、总体情况", TABLE])
    assert read_pages(whole).meta["title"] == "某局报告"
    lone_surrogate = rb"/Title (\376\377\330\000Qh)"
    page = read_pages(re.sub(rb"/Title \((?:[^()\\]|\\.)*\)", lambda _: lone_surrogate, whole))
    assert (page.unreadable, page.meta["title"]) == ("", "\ufffd全")
    assert texts(tables(page)[0]) == texts(tables(read_pages(whole))[0])


def test_encrypted() -> None:
    page = read_pages(pdf("某局报告", ["文"], password="x"))
    assert (page.kind, page.unreadable, page.blocks) == ("pdf", "encrypted", ())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_without_its_table_of_objects_says_so(share: float) -> None:
    whole = pdf("某局报告", ["文" * 900, TABLE, "文" * 900])
    page = read_pages(whole[: int(len(whole) * share)])
    assert (page.kind, page.unreadable, page.blocks) == ("pdf", "truncated", ())


def test_no_text_layer_is_a_scan() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawInlineImage(_grey(), 0, 0, A4[0], A4[1])
    canvas.save()
    page = read_pages(out.getvalue())
    assert (page.kind, page.unreadable, page.page_count) == ("scan", "needs_ocr", 1)


def _grey() -> object:
    image = pytest.importorskip("PIL.Image")
    return image.new("L", (60, 80), 128)


def test_more_pages_than_allowed_are_told() -> None:
    data = pdf("某局报告", [f"第{n}条，本机关依法办理政府信息公开事项并予答复。" for n in range(8)], page_per_line=True)
    page = read_pages(data, Limits(pages=3))
    assert page.page_count == 9
    assert [f.code for f in page.findings] == ["limit_reached"]
    assert len(lines(page)) < 8


def test_page_numbers_and_running_heads_are_dropped() -> None:
    body = [f"本段是第{'一二三四'[n]}页的正文，说明政府信息公开工作情况。" for n in range(4)]
    pages = [[(240, 40, "某局年度报告"), (72, 200, text), (290, 810, f"— {n + 1} —")] for n, text in enumerate(body)]
    assert lines(read_pages(drawn(*pages))) == body


def test_figures_at_the_ends_of_pages_are_no_page_numbers() -> None:
    first = [(72, 100, "本机关依法办理政府信息公开申请，各项数据见下。"), (300, 810, "7424")]
    second = [(72, 100, "其余各项数据同上，另行说明。"), (200, 810, "16"), (400, 810, "16")]
    assert {"7424", "16\t16"} <= set(lines(read_pages(drawn(first, second))))


def test_plain_numbers_that_count_the_pages_are_dropped() -> None:
    body = [f"本段是第{'一二三'[n]}页的正文，说明政府信息公开工作情况。" for n in range(3)]
    pages = [[(72, 200, text), (290, 810, str(n))] for n, text in enumerate(body)]
    assert lines(read_pages(drawn(*pages))) == [body[0], "0", *body[1:]]  # the cover has none


def test_rows_at_the_ends_of_pages_are_no_running_heads() -> None:
    said = "本机关依法办理政府信息公开申请，各项数据见下表。"
    first = [(72, 100, said), (72, 800, "予以公开"), (300, 800, "3")]
    second = [(72, 40, "予以公开"), (300, 40, "4"), (72, 200, said)]
    assert {"予以公开\t3", "予以公开\t4"} <= set(lines(read_pages(drawn(first, second))))


def test_wide_gaps_are_tabs_and_sure_columns_a_table() -> None:
    rows = [
        [(72, 100 + 20 * r, f"事项{r}"), (250, 100 + 20 * r, str(r)), (400, 100 + 20 * r, str(r * 10))]
        for r in range(4)
    ]
    page = read_pages(drawn([*functools.reduce(operator.iadd, rows, []), (72, 300, "收到"), (300, 300, "7")]))
    (table,) = tables(page)
    assert not table.ruled
    assert texts(table)[3] == ["事项3", "3", "30"]
    assert lines(page) == ["收到\t7"]


def test_bold_type_drawn_twice_is_one_figure() -> None:
    page = read_pages(
        drawn(
            [
                (72, 100, "收到申请33件，全部按期办结并答复申请人。"),
                (72.3, 100, "收到申请33件，全部按期办结并答复申请人。"),
            ]
        )
    )
    assert lines(page) == ["收到申请33件，全部按期办结并答复申请人。"]


def test_turned_pages_keep_their_boxes_inside_the_page() -> None:
    for turned in range(4):
        page = read_pages(pdf("某局报告", ["文" * 30, TABLE], style=Style(turned=turned)))
        width, height = A4 if turned % 2 == 0 else (A4[1], A4[0])
        for cell in tables(page)[0].cells:
            left, bottom, right, top = cell.locator["box"]  # type: ignore[misc]
            assert 0 <= left < right <= width
            assert 0 <= bottom < top <= height


def box(xs: list[float], ys: list[float]) -> tuple[list[Ruling], list[Ruling]]:
    return [Ruling(y, xs[0], xs[-1]) for y in ys], [Ruling(x, ys[0], ys[-1]) for x in xs]


def test_rulings_in_pieces_and_a_little_off_are_one_grid() -> None:
    pieces = [Ruling(y + 0.3 * (i % 2), x, x + 9) for y in (0, 20, 40) for i, x in enumerate(range(0, 100, 10))]
    _, down = box([0, 50, 100], [0, 40])
    (grid,) = grids(pieces, down)
    assert (len(grid.xs), len(grid.ys), len(grid.regions)) == (3, 3, 4)


def test_open_ends_are_edges() -> None:
    across, down = box([0, 50, 100], [0, 20])
    (grid,) = grids(across, [Ruling(v.at, 0, 40) for v in down])
    assert grid.open_bottom
    assert not grid.open_top
    assert grid.ys == (0, 20, 40)


def test_merged_regions_and_frames() -> None:
    across, down = box([0, 50, 100], [0, 20, 40])
    (grid,) = grids(across, [down[0], Ruling(50, 20, 40), down[2]])
    assert [(r.row, r.col, r.rowspan, r.colspan) for r in grid.regions] == [(0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1)]
    assert grids(*box([0, 500], [0, 700])) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [(("（六",), ("）其他处理",)), (("（",), ("六", "）", "其", "他", "处", "理"))],
    ids=["wide", "narrow"],
)
def test_a_row_cut_by_the_page_end_within_its_number_is_one_row(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    columns = [60.0, 150.0, 300.0, 400.0]

    def upper(canvas: Canvas) -> None:
        canvas.grid(columns, [HEIGHT - y for y in (700, 730, 760)])
        write(canvas, [(105, 718, "（五）不予处理"), (225, 718, "5.重新出具"), (350, 718, "3")])
        write(canvas, [(105, 748, first[0]), (225, 748, "1.申请人无正当理由逾"), (350, 748, "25")])

    def lower(canvas: Canvas) -> None:
        canvas.grid(columns, [HEIGHT - y for y in (50, 130, 160)])
        write(canvas, [(105, 68 + 11 * line, text) for line, text in enumerate(second)])  # a letter a line
        write(canvas, [(225, 68, "期不补正")])
        write(canvas, [(105, 148, "（七）总计"), (225, 148, "合计"), (350, 148, "28")])

    (table,) = tables(read_pages(pages(upper, lower)))
    row = ["".join(cell.text.split()) for cell in table.cells if cell.row == 1]
    assert (table.rows, row) == (3, ["（六）其他处理", "1.申请人无正当理由逾期不补正", "25"])


@pytest.mark.parametrize(
    ("rest", "rows"),
    [(("", "0", ""), [["6.属于四类过程性信息", "55", "1\n0", "65"], ["合计", "1", "2", "3"]]), (("7", "8", "9"), None)],
)
def test_a_figure_cut_by_the_page_end_goes_on_where_its_label_does(
    rest: tuple[str, ...], rows: list[list[str]] | None
) -> None:
    columns, middles = [60.0, 200.0, 240.0, 280.0, 320.0], (130.0, 220.0, 260.0, 300.0)

    def part(*told: tuple[float, tuple[str, ...]]) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            ys = [HEIGHT - y + 18 for y, _ in told]
            canvas.grid(columns, [*ys, ys[-1] - 30])
            for y, own in told:
                write(canvas, [(x, y, text) for x, text in zip(middles, own, strict=True) if text])

        return draw

    upper = part((718, ("5.属于三类内部", "1", "2", "3")), (748, ("6.属于四类过程", "55", "1", "65")))
    lower = part((68, ("性信息", *rest)), (98, ("合计", "1", "2", "3")))
    (table,) = tables(read_pages(pages(upper, lower)))
    told = [[c.text for c in table.cells if c.row == row] for row in range(1, table.rows)]
    told = [[own[0].replace("\n", ""), *own[1:]] for own in told]
    assert told == (rows or [["6.属于四类过程", "55", "1", "65"], ["性信息", *rest], ["合计", "1", "2", "3"]])


def test_a_figure_pushed_out_beside_a_table_does_not_end_it_at_the_page_end() -> None:
    columns = [60.0, 150.0, 250.0]

    def upper(canvas: Canvas) -> None:
        canvas.grid(columns, [HEIGHT - y for y in (700, 730, 760)])
        write(canvas, [(105, 718, "1.属于国家秘密"), (200, 718, "147"), (253, 718, "5")])
        write(canvas, [(105, 748, "2.其他法律行政"), (200, 748, "25")])

    def lower(canvas: Canvas) -> None:
        canvas.grid(columns, [HEIGHT - y for y in (50, 80, 110)])
        write(canvas, [(105, 68, "法规禁止公开")])
        write(canvas, [(105, 98, "3.危及三安全"), (200, 98, "28")])

    pages_read = read_pages(pages(upper, lower))
    (table,) = tables(pages_read)
    assert texts(table) == [["1.属于国家秘密", "147"], ["2.其他法律行政\n法规禁止公开", "25"], ["3.危及三安全", "28"]]
    assert lines(pages_read) == ["5"]


def test_blanks_below_a_page_end_are_no_part_of_the_header_above_it() -> None:
    """A row of figures that begins with blanks goes to the next page: the merged header cells end where they end."""
    xs, high = (60, 160, 260, 360, 460, 560), 24

    def grid(canvas: Canvas, top: float, rows: list[list[str]], merged: int) -> None:
        for r in range(len(rows) + 1):
            first = merged if 0 < r < len(rows) and len(rows) > 1 else 0
            canvas.line(xs[first], HEIGHT - top - r * high, xs[-1], HEIGHT - top - r * high)
        for x in xs:
            canvas.line(x, HEIGHT - top, x, HEIGHT - top - len(rows) * high)
        for r, row in enumerate(rows):
            write(canvas, [((xs[c] + xs[c + 1]) / 2, top + r * high + 16, text) for c, text in enumerate(row) if text])

    head = [["结果维持", "结果纠正", "其他结果", "尚未", "总计"], ["", "", "", "审结", "合计"]]
    data = pages(lambda c: grid(c, 760, head, 3), lambda c: grid(c, 60, [["", "", "", "1", "1"]], 0))
    [table] = tables(read_pages(data))
    assert texts(table)[-1] == ["", "", "", "1", "1"]
    assert [cell.rowspan for cell in table.cells if cell.row == 0][:3] == [2, 2, 2]
