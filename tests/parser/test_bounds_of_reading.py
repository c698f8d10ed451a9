"""What bounds a reading: bytes of a container, pictures that say less than the text, parts of a page that are none."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents import scan
from archive.documents.pages import Limits, Pages, Paragraph, Picture, Table
from archive.findings import finding
from archive.forms.loader import form, old_form
from archive.parser.ocr_correction import corrected_text
from archive.parser.reader import read, read_pages_to_reading
from storage.records import Reading
from tests import form_rendering as render
from tests.adding_up import adding_up

PLAN = form("2021")
CELLS = adding_up(PLAN, random.Random(1))
NAME = "0" * 64


def codes(reading: Reading) -> list[str]:
    return [found.code for found in reading.findings]


def whole() -> Pages:
    return render.as_pages(render.tables_of(PLAN, CELLS))


class NoImage:
    """An image whose bytes nobody can give."""

    def load(self) -> bytes:
        raise ValueError("no such image")


def pictured(*blocks: Paragraph | Table) -> Pages:
    return Pages(kind="html", blocks=blocks, pictures=(Picture(at=len(blocks), source=NoImage()),))


def packed(**files: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return into.getvalue()


def test_files_of_nested_containers_beyond_the_bytes_of_a_document_are_left_out_and_told() -> None:
    page = render.as_html(render.tables_of(PLAN, CELLS))
    inner = packed(report_html=page, again_html=page + b" " * 50_000)
    data = packed(first_zip=inner, second_html=page)
    enough = read(data)
    assert render.differences(enough, CELLS) == {}
    assert "limit_reached" not in codes(enough)
    bound = read(data, limits=Limits(bytes=len(inner) + len(page) + 1_000))
    assert "limit_reached" in codes(bound)
    assert render.lies(bound, CELLS) == {}


def test_two_files_of_one_name_in_a_container_are_told_apart() -> None:
    """Findings of one were told of the other's cells: sums that hold were said to be broken."""
    other = {**CELLS, next(name for name, value in CELLS.items() if value): Decimal(999)}
    into = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(into, "w") as archive:
        warnings.simplefilter("ignore")  # of the second name
        for cells in (CELLS, other):
            archive.writestr("a.html", render.as_html(render.tables_of(PLAN, cells)))
    reading = read(into.getvalue())
    assert render.differences(reading, CELLS) == {}
    assert "parts_differ" in codes(reading)
    assert "identity_broken" not in codes(reading)
    assert any("a.html (2)" in found.en for found in reading.findings)


def test_pictures_beside_the_free_tables_of_old_reports_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reports before 2019 have their tables as text: none of the form's is missing."""

    def never(shown: Pages, limits: Limits) -> Pages:
        raise AssertionError("asked for its pictures")

    monkeypatch.setattr(scan, "fill", never)
    lines = [
        "测试县司法局2015年政府信息公开工作年度报告",
        "一、概述",
        "我局工作。",
        "二、主动公开政府信息的情况",
        "公开5条。",
        "三、依申请公开政府信息情况",
        "无。",
        "四、政府信息公开的收费及减免情况",
        "无。",
        "五、因政府信息公开申请行政复议、提起行政诉讼的情况",
        "无。",
    ]
    reading = read_pages_to_reading(pictured(*(Paragraph(text=line) for line in lines)), NAME)
    assert reading.form == old_form().name
    assert reading.is_report
    assert not {"needs_ocr", "reader_failed"} & set(codes(reading))


def test_a_text_that_says_more_than_its_pictures_is_kept_with_what_was_said_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = [block for block in whole().blocks if not (isinstance(block, Table) and block.cols < 6)]
    told = finding("limit_reached", bound="page_text", expected=1)

    def less(shown: Pages, limits: Limits) -> Pages:
        return replace(shown, blocks=(Paragraph(text="看不清"),), pictures=(), findings=(told,))

    before = read_pages_to_reading(replace(pictured(*kept), pictures=()), NAME)
    assert before.cells
    assert len(before.cells) < len(PLAN.ids)
    monkeypatch.setattr(scan, "fill", less)
    reading = read_pages_to_reading(pictured(*kept), NAME)
    assert reading.cells == before.cells
    assert reading.text == before.text
    assert told in reading.findings


def test_an_interruption_is_no_failure_of_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(shown: Pages, limits: Limits) -> Pages:
        raise KeyboardInterrupt

    monkeypatch.setattr(scan, "fill", stopped)
    with pytest.raises(KeyboardInterrupt):
        read_pages_to_reading(pictured(Paragraph(text=render.TITLE)), NAME)


def test_what_belongs_to_the_page_is_not_text_of_the_report() -> None:
    blocks = (*whole().blocks, Paragraph(text="相关阅读：某县2020年工作要点", furniture=True))
    reading = read_pages_to_reading(Pages(kind="html", blocks=blocks), NAME)
    assert "相关阅读" not in reading.text
    assert all("相关阅读" not in section.text for section in reading.sections)


@pytest.mark.parametrize("at", [3, 9])
def test_a_label_without_any_cell_of_its_own_is_no_row_of_blanks(at: int) -> None:
    """Nothing was printed for the row: its cells are absent, not blank and not 0."""
    blocks = list(whole().blocks)
    where, table = next((i, b) for i, b in enumerate(blocks) if isinstance(b, Table) and b.rows > 20)
    assert isinstance(table, Table)
    row = PLAN.table("applications").rows[at]
    printed = next(cell.row for cell in table.cells if cell.text == row.label)
    blocks[where] = replace(table, cells=tuple(c for c in table.cells if c.row != printed or not c.text.isdigit()))
    reading = read_pages_to_reading(Pages(kind="docx", blocks=tuple(blocks)), NAME)
    assert not [name for name in row.place_ids if name in reading.cells and reading.cells[name].value is not None]
    others = {name: value for name, value in CELLS.items() if name not in row.place_ids}
    assert {name: reading.cells[name].value for name in others} == others


def test_what_recognition_makes_of_long_or_no_ink_stays() -> None:
    assert corrected_text("") == ""
    assert corrected_text("一" * 500) == "一" * 500
    assert corrected_text("l2") == "12"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2023年，我局共收到政府信息公开申请三十三件。", "33"),
        ("2023年，我局共收到政府信息公开申请一百二十件。", "120"),
        ("2023年，我局共收到政府信息公开申请十二件。", "12"),
        ("2023年，我局共收到政府信息公开申请3.5件。", None),
        ("2023年，我局共收到政府信息公开申请3—4件。", None),
        ("2023年，我局共收到政府信息公开申请三四件。", None),
    ],
)
def test_figures_in_words_are_held_against_the_table_and_vague_ones_are_not(text: str, told: str | None) -> None:
    blocks = list(render.as_pages(render.tables_of(PLAN, dict.fromkeys(PLAN.ids, Decimal(0)))).blocks)
    blocks[2] = Paragraph(text=text)
    reading = read_pages_to_reading(Pages(kind="docx", blocks=tuple(blocks)), NAME)
    conflicts = [found.found for found in reading.findings if found.code == "narrative_conflict"]
    assert conflicts == ([] if told is None else [told])


def test_a_row_printed_thousands_of_times_is_read_like_one_printed_once() -> None:
    """Each print is held against the first; whether there is a second form is looked for once, not for each."""
    page = render.as_html(render.tables_of(PLAN, CELLS))
    at = page.index("（一）予以公开".encode())
    start, end = page.rindex(b"<tr", 0, at), page.index(b"</tr>", at) + 5
    label = "（一）予以公开"
    again = f"<tr><td colspan='2'>{label}</td>{'<td></td>' * 7}</tr>".encode() * 6_000
    reading = read(page[:end] + again + page[end:])
    assert start < end
    assert render.lies(reading, CELLS) == {}
    assert reading.cells["applications.result.granted.total"].value == CELLS["applications.result.granted.total"]


# ------------------------------------------------------------------------- rows of a table that lose their cells


def written(row: str) -> Reading:
    """A page whose row 行政处罚 is ``row``, between others."""
    head = '<tr><td>信息内容</td><td colspan="3">本年处理决定数量</td></tr>'
    page = (
        "<meta charset=utf-8><h1>汶上县财政局2022年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p><table>"
        f'{head}<tr><td>行政许可</td><td colspan="3">1</td></tr>{row}<tr><td>行政强制</td><td colspan="3">3</td></tr>'
        '<tr><td>信息内容</td><td colspan="3">本年收费金额（单位：万元）</td></tr>'
        '<tr><td>行政事业性收费</td><td colspan="3">4</td></tr></table>'
    )
    return read(page.encode())


GONE = "proactive.admin_penalty.decided"


@pytest.mark.parametrize(
    "row",
    ["<tr><td>2</td><td>行政处罚</td></tr>", "<tr><td>行政处罚</td></tr>", '<tr><td colspan="4">行政处罚</td></tr>'],
)
def test_a_label_without_cells_behind_it_is_told(row: str) -> None:
    reading = written(row)
    assert GONE not in reading.cells
    assert [found.cells for found in reading.findings if found.code == "columns_missing"] == [(GONE,)]


def test_a_row_under_an_endless_label_is_told() -> None:
    reading = written(f'<tr><td>{"行政处罚" * 200_000}</td><td colspan="3">2</td></tr>')
    assert GONE not in reading.cells
    assert "row_unplaced" in codes(reading)


def test_cells_pushed_over_the_edge_of_a_table_are_told() -> None:
    reading = written(
        "<tr>" + "<td rowspan=60000 colspan=90>" * 20 + '</tr><tr><td>行政处罚</td><td colspan="3">2</td></tr>'
    )
    assert GONE not in reading.cells
    assert [found.expected for found in reading.findings if found.code == "limit_reached"] == ["1000"]
    assert "limit_reached" not in codes(written('<tr><td>行政处罚</td><td colspan="90">2</td></tr>'))
