"""What our writers print, our readers give back: every text and every span, for tables of any shape."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.documents.kinds import read_pages
from archive.forms.printer import PrintedCell, PrintedTable
from imitation import scenario, wording
from imitation.documents.html import Variant, page
from imitation.documents.legacy import Golden, doc, goldens
from imitation.documents.portable import Style, pdf
from imitation.documents.word import docx
from imitation.wording import Heading
from tests.documents.helpers import lines, places, tables

CHARACTERS = "〇一二三四五六七八九十（）、，。：本年行政机关公开申请件数0123456789.,+-/abcXYZ"
WORDS = st.text(CHARACTERS, min_size=0, max_size=12)
FIGURES = st.integers(0, 99_999).map(str)


@st.composite
def printed_tables(draw: st.DrawFn, *, lines_in_cells: bool = True) -> PrintedTable:
    """A grid cut into merged cells: every place is taken by one cell, and every line of the grid is the edge of one."""
    height, width = draw(st.integers(2, 7)), draw(st.integers(2, 6))
    taken: set[tuple[int, int]] = set()
    cells: list[PrintedCell] = []
    for row in range(height):
        for col in range(width):
            if (row, col) in taken:
                continue
            most = next((c for c in range(col, width) if (row, c) in taken), width) - col
            # the last row and column stay unmerged, so that no line of the grid is without an edge on it
            colspan = draw(st.integers(1, most)) if row < height - 1 and draw(st.booleans()) else 1
            rowspan = (
                draw(st.integers(1, height - 1 - row))
                if row < height - 1 and col < width - 1 and colspan == 1 and draw(st.booleans())
                else 1
            )
            taken |= {(row + r, col + c) for r in range(rowspan) for c in range(colspan)}
            text = draw(FIGURES | WORDS)
            if lines_in_cells and draw(st.integers(0, 9)) == 0:
                text = f"{text}甲\n乙"
            cells.append(PrintedCell(row=row, col=col, rowspan=rowspan, colspan=colspan, text=text))
    cells.sort(key=lambda c: (c.row, c.col))
    return PrintedTable(key="x", rows=height, cols=width, cells=tuple(cells))


def content(table: PrintedTable) -> tuple[object, ...]:
    return (
        Heading("一、总体情况"),
        "本机关全年无事可报。",
        Heading("二、主动公开政府信息情况"),
        table,
        Heading("五、存在的主要问题"),
        "无。",
    )


def filled(table: PrintedTable) -> bool:
    return sum(bool(cell.text.strip()) for cell in table.cells) >= 3


@pytest.mark.parametrize("variant", ["clean", "word", "crumbled", "unclosed"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@given(table=printed_tables())
@settings(max_examples=12, deadline=None)
def test_html(variant: Variant, charset: str, table: PrintedTable) -> None:
    pages = read_pages(page("某局报告", content(table), variant=variant, charset=charset))  # type: ignore[arg-type]
    assert [places(t) for t in tables(pages)] == [places(table)]
    assert lines(pages)[-2:] == ["五、存在的主要问题", "无。"]


@given(table=printed_tables())
@settings(max_examples=40, deadline=None)
def test_docx(table: PrintedTable) -> None:
    pages = read_pages(docx("某局报告", content(table)))  # type: ignore[arg-type]
    assert [places(t) for t in tables(pages)] == [places(table)]
    assert lines(pages) == [
        "某局报告",
        "一、总体情况",
        "本机关全年无事可报。",
        "二、主动公开政府信息情况",
        "五、存在的主要问题",
        "无。",
    ]


@pytest.mark.parametrize("style", [Style(), Style(pieces=True), Style(turned=1), Style(turned=2), Style(turned=3)])
@given(table=printed_tables(lines_in_cells=False).filter(filled))
@settings(max_examples=15, deadline=None)
def test_pdf(style: Style, table: PrintedTable) -> None:
    pages = read_pages(pdf("某局报告", content(table), style=style))  # type: ignore[arg-type]
    assert [places(t, squeeze=True) for t in tables(pages)] == [places(table, squeeze=True)]
    assert lines(pages)[-2:] == ["五、存在的主要问题", "无。"]


@pytest.mark.parametrize("style", [Style(), Style(open_ends=True), Style(pieces=True, open_ends=True)])
def test_pdf_over_pages(style: Style) -> None:
    """A long form with a merged label down its side, cut by two page ends."""
    rows = [
        PrintedCell(row=0, col=0, text="项目"),
        PrintedCell(row=0, col=1, text="内容"),
        PrintedCell(row=0, col=2, text="件数"),
    ]
    rows.append(PrintedCell(row=1, col=0, rowspan=119, text="一、办理结果"))
    for row in range(1, 120):
        rows += [PrintedCell(row=row, col=1, text=f"{row}.事项"), PrintedCell(row=row, col=2, text=str(row * 7))]
    table = PrintedTable(key="x", rows=120, cols=3, cells=tuple(sorted(rows, key=lambda c: (c.row, c.col))))
    pages = read_pages(pdf("某局报告", content(table), style=style))  # type: ignore[arg-type]
    assert pages.page_count >= 3
    assert [places(t, squeeze=True) for t in tables(pages)] == [places(table, squeeze=True)]


@pytest.mark.parametrize("golden", goldens(), ids=lambda g: f"{g.name}.{g.kind}")
def test_stored_word_97_files(golden: Golden) -> None:
    """Written by LibreOffice from our own .docx: shapes as printed, the cells' texts all there."""
    pages = read_pages(golden.data)
    assert pages.kind == golden.kind
    assert lines(pages)[0] == golden.title
    height = {"2021": (14, 28), "2019": (18, 26)}[golden.form]
    assert [(t.rows, t.cols) for t in tables(pages)] == [(height[0], 4), (height[1], 10), (4, 15)]
    received = [golden.cells[f"applications.received.{c}"] for c in COLUMNS]
    row = [c.text for c in tables(pages)[1].cells if c.row == 3]
    assert row == ["一、本年新收政府信息公开申请数量", *received]
    carried = [golden.cells[f"applications.carried_out.{c}"] for c in COLUMNS]
    assert [c.text for c in tables(pages)[1].cells if c.row == height[1] - 1][1:] == carried
    assert len(golden.data) < 66_000


COLUMNS = ("natural_person", "enterprise", "research", "public_welfare", "legal_service", "other_org", "total")


def test_the_stored_files_are_what_the_scenario_says() -> None:
    """If not, the scenario or its wording changed: run tests/documents/make_goldens.py."""
    reports = [report for portal in scenario.load().portals for report in portal.reports if report.kind == "doc"]
    assert reports
    for report in reports:
        data = doc(report.versions[-1].title, wording.blocks(report, report.versions[-1]))
        assert (report.key, read_pages(data).kind) == (report.key, "doc")


def test_any_other_doc_is_html_as_many_offices_publish_it() -> None:
    data = doc("某局报告", ["一、总体情况", "二、主动公开政府信息情况", "五、存在的主要问题"])
    assert read_pages(data).kind == "html"
