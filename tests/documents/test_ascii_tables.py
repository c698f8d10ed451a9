"""Tables drawn with characters: every cell of any form, however strokes are shown, in text and in other kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import pytest
from hypothesis import given, settings

from archive.documents.kinds import read_pages
from archive.forms.printer import PrintedTable
from archive.parser.reader import read
from benchmarks.reading_files import Sample, sample
from imitation.documents import boxes, rich, word
from imitation.documents.boxes import Strokes
from tests.documents.helpers import lines, places, tables
from tests.documents.test_round_trip import printed_tables

STROKES: tuple[Strokes, ...] = ("light", "heavy", "double", "ascii")


@pytest.mark.parametrize("strokes", STROKES)
@pytest.mark.parametrize("way", [{}, {"broad": True}, {"counted": True}, {"widest": 6}], ids=str)
@pytest.mark.parametrize("seed", [4, 5])
def test_a_report_with_drawn_tables(strokes: Strokes, way: dict[str, int], seed: int) -> None:
    report = sample(seed)
    reading = read(boxes.text(report.title, report.blocks, strokes, **way))  # type: ignore[arg-type]
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)
    assert not any(cell.flags for cell in reading.cells.values() if "unit_missing" not in cell.flags)


_DRAWS = str.maketrans("-", "0")  # a sign that draws may fill a narrow cell


@settings(max_examples=40, deadline=None)
@given(table=printed_tables(lines_in_cells=False))
def test_grids_of_any_shape(table: PrintedTable) -> None:
    plain = tuple(replace(cell, text=cell.text.translate(_DRAWS)) for cell in table.cells)
    table = replace(table, cells=plain)
    text = boxes.text("某局报告", ["一、总体情况", table, "五、存在的主要问题"], widest=40)
    pages = read_pages(text)
    shapes = {(r, c, down, across, "".join(t.split("\n"))) for r, c, down, across, t in places(tables(pages)[0])}
    assert shapes == {(c.row, c.col, c.rowspan, c.colspan, c.text.strip()) for c in table.cells}
    assert lines(pages) == ["某局报告", "一、总体情况", "五、存在的主要问题"]


def held(kind: str, title: str, text: str) -> bytes:
    """The same lines in another kind of document."""
    shown = text.split("\n")
    if kind == "docx":
        return word.docx(title, shown[1:])
    if kind == "rtf":
        return rich.rtf(title, shown[1:])
    inside = {
        "pre": f"<pre>{escape(text)}</pre>",
        "br": f"<p>{'<br>'.join(map(escape, shown))}</p>",
        "p": "".join(f"<p>{escape(line)}</p>" for line in shown),
    }[kind]
    return f"<html><body><h1>{title}</h1>{inside}</body></html>".encode()


@pytest.mark.parametrize("kind", ["docx", "rtf", "pre", "br", "p"])
@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_tables_in_other_kinds(kind: str, seed: int) -> None:
    """In most of them the blanks that keep strokes one below the other are lost."""
    report = sample(seed)
    text = boxes.text(report.title, report.blocks, widest=12).decode()
    reading = read(held(kind, report.title, text))
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)


def in_lines(report: Sample, rows: Callable[[list[str], int], list[str]]) -> str:
    """A report as lines: its paragraphs, and what ``rows`` makes of each row of its tables: its cells, and how wide."""
    text = [report.title]
    for block in report.blocks:
        if isinstance(block, PrintedTable):
            for row in range(block.rows):
                own = [cell.text.replace("\n", "") for cell in block.cells if cell.row == row]
                text += rows(own, block.cols)
        else:
            text.append(block if isinstance(block, str) else block.text)
    return "\n".join(text)


@pytest.mark.parametrize("kind", ["docx", "pre", "br", "p"])
@pytest.mark.parametrize("stroke", ["|", "｜", " │ "])
def test_rows_with_strokes_between_their_cells(kind: str, stroke: str) -> None:
    report = sample(3)
    shown = in_lines(report, lambda row, _: [f"{stroke}{stroke.join(row)}{stroke}".strip()])
    reading = read(held(kind, report.title, shown))
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)


@pytest.mark.parametrize("kind", ["text", "docx", "pre", "br", "p"])
@pytest.mark.parametrize("ends", ["row", "cell", "last cell", "label", "stroke"])
def test_rows_as_converters_of_pages_write_them(kind: str, ends: str) -> None:
    """Blank cells left out, rows filled up with pipes: a row, or a cell, to a line."""

    def rows(cells: list[str], width: int) -> list[str]:
        own = [cell for cell in cells if cell]
        fill = "|" * (width - len(own))
        if ends == "row" or (ends == "label" and not own[-1].isdigit()):
            return [f"{' | '.join(own)} |{fill}"]
        if ends == "label":
            figures = [cell for cell in own if cell.isdigit()]
            labels = own[: len(own) - len(figures)]
            return [*(f"{label} |" for label in labels), f"{' | '.join(figures)} |{fill}"]
        if ends == "stroke":
            return [*(line for cell in own for line in (cell, "|")), *([fill] if fill else [])]
        last = [f"{own[-1]} |{' ' * bool(fill)}{fill}"] if ends == "last cell" else [f"{own[-1]} |", fill or "|"]
        return [*(f"{cell} |" for cell in own[:-1]), *last]

    report = sample(5)
    shown = in_lines(report, rows)
    reading = read(shown.encode() if kind == "text" else held(kind, report.title, shown))
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)


def test_two_rows_with_strokes_are_a_table_that_ends_a_page() -> None:
    shown = "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n规章 | 0 | 0 | 0 |\n行政规范性文件 | 9 | 7 | 20 |"
    title = "汶上县水利局2023年政府信息公开工作年度报告"
    reading = read(held("p", title, f"{title}\n二、主动公开政府信息情况\n{shown}"))
    assert [cell.value for cell in reading.cells.values()] == [0, 0, 0, 9, 7, 20]


@pytest.mark.parametrize(
    "rows",
    [
        ["| 首页 | 新闻 |", "| 部门 | 乡镇 |"],
        ["|a", "|b", "|c"],
        ["|a|", "|b|", "|c|"],
        ["首页", "|", "新闻", "|", "2024", "|", "部门"],
    ],
)
def test_strokes_that_make_no_rows(rows: list[str]) -> None:
    shown = "\n".join(["某局报告", *rows, "五、存在的主要问题"])
    pages = read_pages(held("p", "某局报告", shown))
    assert not tables(pages)
    assert {"某局报告", *rows, "五、存在的主要问题"} == set(lines(pages))


@pytest.mark.parametrize(
    "text",
    ["┌──┐", "┌──┬──┐\n├──┼──┤\n└──┴──┘", "+--+\n|", "──────\n一、总体情况", "│a│b│\n│c│d│", "┌─┐\n│甲│\n└─┘\n┌─┐"],
)
def test_strokes_that_draw_no_table(text: str) -> None:
    pages = read_pages(f"某局报告\n{text}\n五、存在的主要问题".encode())
    assert lines(pages)[-1] == "五、存在的主要问题"
    assert not pages.unreadable


@pytest.mark.parametrize(
    "text",
    [
        ("┌" + "─┬" * 300 + "┐\n" + "│" + " │" * 300 + "\n") * 3,
        "┌─┬─┐\n" * 400,
        ("┌─┐\n" + "┌" + "─┬" * 300 + "┐\n") * 3,
        "".join("┌" + "─" * (n % 230 + 1) + "┬┐\n│" + " " * n + "││\n" for n in range(300)),
    ],
)
@pytest.mark.parametrize("kind", ["text", "pre"])
def test_what_is_drawn_but_no_table_stays_text(text: str, kind: str) -> None:
    """Drawings wider than any table, edges without rows, strokes that never meet: nothing of them is lost."""
    data = ("某局报告\n" + text).encode() if kind == "text" else held("pre", "某局报告", "\n" + text)
    pages = read_pages(data)
    said = [*lines(pages), *(cell.text for table in tables(pages) for cell in table.cells)]
    assert said[0] == "某局报告"
    assert len(tables(pages)) <= 1
    assert tables(pages) or sum(line.count("┌") for line in said) == text.count("┌")


def test_rows_below_the_article_of_the_form_are_a_table_though_few_hold_figures() -> None:
    """A page whose rows stand in paragraphs, nearly all of them blank: strokes alone may be those of a menu."""
    rows = ["第二十条第（一）项 | |||", "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |", "规章 | |||"]
    rows += [
        "行政规范性文件 | 2 | ||",
        "第二十条第（五）项 | |||",
        "信息内容 | 本年处理决定数量 | ||",
        "行政许可 | |||",
    ]
    page = "".join(f"<p>{row}</p>" for row in ["某县司法局2023年政府信息公开工作年度报告", *rows, "三、其他", "无。"])
    reading = read(f"<html><body>{page}</body></html>".encode())
    blank = [f"proactive.rules.{name}" for name in ("issued", "repealed", "in_force")]
    assert {*blank, "proactive.normative.issued", "proactive.admin_license.decided"} <= reading.cells.keys()
    assert reading.cells["proactive.normative.issued"].value == 2
    traditional = page.replace("条", "條").replace("项", "項")
    assert read(f"<html><body>{traditional}</body></html>".encode()).cells.keys() == reading.cells.keys()
    menu = "".join(f"<p>{row}</p>" for row in ["首页 | |||", "信息内容 | 政策 | 解读 |", "规章 | |||"])
    assert not read(f"<html><body>{menu}</body></html>".encode()).cells


def test_an_edge_may_begin_and_end_with_the_strokes_of_the_sides() -> None:
    """As ``links -dump`` draws tables; where a merged row follows, the edge has no corner within."""
    rows = ["+---------+", "| 甲甲      |", "|---------|", "| 乙  | - |", "|----+----|", "| 丙  | 2  |", "|---------|"]
    pages = read_pages("\n".join(["某局报告", *rows, "| 丁丁      |", "+---------+", "完"]).encode())
    assert [cell.text for table in tables(pages) for cell in table.cells] == ["甲甲", "乙", "-", "丙", "2", "丁丁"]
