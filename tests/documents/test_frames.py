"""Pages that a page holds within itself: their tables are read where their frames stand, hidden ones never win."""

from __future__ import annotations

from html import escape
from typing import Literal

import pytest

from archive.documents.kinds import read_pages
from archive.parser.reader import read
from benchmarks.reading_files import HEADINGS, sample
from imitation.documents import html
from tests.documents.helpers import lines, tables


@pytest.mark.parametrize("how", ["srcdoc", "data", "base64"])
@pytest.mark.parametrize("seed", [2, 3])
def test_a_report_in_a_frame_of_the_page(how: Literal["srcdoc", "data", "base64"], seed: int) -> None:
    report = sample(seed)
    held = html.page(report.title, report.blocks, variant="word").decode()
    reading = read(html.enclosing(report.title, held, how))
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)
    assert len({section.key for section in reading.sections if section.key}) >= 4


def test_each_table_in_a_frame_of_its_own() -> None:
    report = sample(1)
    whole = html.page(report.title, report.blocks).decode()
    parts = whole.split('<table border="1">')
    framed = parts[0] + "".join(
        "<iframe srcdoc='{}'></iframe>{}".format(escape(f"<table>{held}</table>"), rest)
        for held, rest in (part.split("</table>") for part in parts[1:])
    )
    reading = read(framed.encode())
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth)
    texts = lines(read_pages(framed.encode()))
    assert [text for text in texts if text in HEADINGS] == list(HEADINGS)


def test_what_a_page_frames_is_named_where_its_tables_are_missing() -> None:
    title = "汶上县司法局2024年政府信息公开工作年度报告"
    held = "<iframe src='/web/viewer.html?file=/files/%E5%B9%B4%E6%8A%A5.pdf'></iframe><img src='a/b.png' width=900>"
    reading = read(f"<html><body><h1>{title}</h1>{held}</body></html>".encode())
    (absent,) = [found for found in reading.findings if found.code == "tables_absent"]
    assert absent.found == "年报.pdf、b.png"


def test_frames_within_frames_end() -> None:
    page = "<table><tr><td>规章<td>1<td>2<td>3</table>"
    for _ in range(6):
        page = f'<p>一、总体情况</p><iframe srcdoc="{escape(page)}"></iframe>'
    pages = read_pages(page.encode())
    assert tables(pages) == []  # deeper than anybody frames
    assert lines(pages)


@pytest.mark.parametrize("src", ["data:text/html;base64,#99", "data:text/html;base64,%%%", "data:text/html,", "a.html"])
def test_frames_that_hold_nothing(src: str) -> None:
    body = f"<p>一、总体情况</p><p>本机关全年公开信息34条。</p><iframe srcdoc='' src='{src}'></iframe>"
    assert "一、总体情况" in lines(read_pages(body.encode()))


@pytest.mark.parametrize(("levels", "told"), [(3, []), (4, ["limit_reached"])])
def test_frames_that_are_too_deep_are_told(levels: int, told: list[str]) -> None:
    page = "<p>汶上县水利局2023年政府信息公开工作年度报告</p>"
    for _ in range(levels):
        page = f"<html><body><iframe srcdoc='{escape(page)}'></iframe></body></html>"
    pages = read_pages(page.encode())
    assert [found.code for found in pages.findings] == told
    assert (pages.unreadable == "too_large") is bool(told)
