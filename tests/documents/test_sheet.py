"""Workbooks: what our writer prints as offices keep it is read back; figures as shown; hostile and damaged files."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

import pytest
import xlsxwriter
import xlwt
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Limits, Pages, Paragraph, Table
from archive.documents.workbook.formats import of_format
from archive.documents.workbook.grid import Sheet, blocks
from archive.documents.workbook.labels import spread
from archive.documents.workbook.text import rounded
from archive.forms.loader import load_forms
from archive.forms.model import Form
from archive.forms.printer import PrintedTable
from archive.parser.reader import read
from imitation.documents.sheets import Style, xls, xlsx
from tests.documents.helpers import lines, places, texts
from tests.documents.helpers import tables as tables_of
from tests.documents.test_ofd import report
from tests.documents.test_round_trip import content, printed_tables
from tests.form_rendering import TITLE, filled

FORMS = load_forms()
STYLES = [
    Style(),
    Style(apart=True),
    Style(numbers=False),
    Style(gaps=False),
    Style(across=False, gaps=False),
    Style(corner=(3, 2), hidden=True),
    Style(merged=False),
]
HEADED = re.compile(r"\s*[（(]?[一二三四五六七八九十]{1,3}[)）、.．\s]")  # over the whole width: a heading, no cell
BOTH = pytest.mark.parametrize("write", [xlsx, xls], ids=["xlsx", "xls"])


def stripped(table: PrintedTable) -> set[tuple[int, int, int, int, str]]:
    return {(*rest, text if text.strip() else "") for *rest, text in places(table)}


@BOTH
@given(table=printed_tables(), style=st.sampled_from([Style(), Style(numbers=False, corner=(2, 1))]))
@settings(max_examples=25, deadline=None)
def test_tables_of_any_shape(write: Callable[..., bytes], style: Style, table: PrintedTable) -> None:
    """A table of three rows with three texts each, above and below the random rows, holds them together."""
    assume(not any(cell.colspan * 2 >= table.cols and HEADED.match(cell.text) for cell in table.cells))
    merged = any(cell.rowspan * cell.colspan > 1 for cell in table.cells)
    assume(merged or all(cell.text.strip() for cell in table.cells))  # else labels cover the blank places beside them
    assume(not any(re.fullmatch(r"-?\d+\.\d*0", cell.text) for cell in table.cells))  # a number drops its last zeros
    framed = held(table)
    pages = read_pages(write("某局报告", content(framed), style=style))
    assert [places(t) for t in tables_of(pages)] == [stripped(framed)]
    assert lines(pages)[-2:] == ["五、存在的主要问题", "无。"]


def held(table: PrintedTable) -> PrintedTable:
    cell = type(table.cells[0])
    top = [cell(row=0, col=c, text=f"列{c}") for c in range(table.cols)]
    middle = [cell(row=c.row + 1, col=c.col, rowspan=c.rowspan, colspan=c.colspan, text=c.text) for c in table.cells]
    bottom = [cell(row=table.rows + 1, col=c, text=f"末{c}") for c in range(table.cols)]
    return PrintedTable(key="x", rows=table.rows + 2, cols=table.cols, cells=(*top, *middle, *bottom))


@BOTH
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@given(data=st.data(), style=st.sampled_from(STYLES))
@settings(max_examples=12, deadline=None)
def test_whole_forms(write: Callable[..., bytes], form: Form, data: st.DataObject, style: Style) -> None:
    cells = data.draw(filled(form, blanks=style.merged))
    reading = read(write(TITLE, report(form, cells), style=style))
    assert (reading.kind, reading.form, reading.title) == (write.__name__, form.name, TITLE)
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(cells)
    assert [section.text for section in reading.sections if section.key == "problems"] == ["无。"]


def book(fill: Callable[[Any, Any], None]) -> bytes:
    """An .xlsx with one sheet."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(made, made.add_worksheet("表"))
    made.close()
    return out.getvalue()


def row_of(pages: Pages) -> list[str]:
    (table,) = tables_of(pages)
    (row,) = texts(table)
    return row


def test_figures_are_as_shown() -> None:
    def fill(made: Any, sheet: Any) -> None:
        percent, day = made.add_format({"num_format": "0.0%"}), made.add_format({"num_format": "yyyy-mm-dd"})
        for col, value in enumerate((12, 12.5, 96171.6, 0.1 + 0.2, -35, 123456789012345, 1e21, 1.5e-7)):
            sheet.write_number(0, col, value)
        sheet.write_number(0, 8, 0.255, percent)
        sheet.write_datetime(0, 9, date(2024, 1, 31), day)
        for col, text in enumerate((" 12 ", "甲\n乙", "\u3000", "007"), 10):
            sheet.write_string(0, col, text)
        sheet.write_boolean(0, 14, True)

    assert row_of(read_pages(book(fill))) == [
        *("12", "12.5", "96171.6", "0.3", "-35", "123456789012345", "1000000000000000000000", "0.00000015"),
        *("25.5%", "2024-01-31", " 12 ", "甲\n乙", "", "007", "TRUE"),
    ]


def test_locators_name_sheet_and_cell() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.merge_range("AA7:AB8", "甲")
        sheet.write("AC7", 1)
        sheet.write("AC8", 2)

    (table,) = tables_of(read_pages(book(fill)))
    assert [(c.locator["sheet"], c.locator["cell"], c.row, c.col, c.rowspan, c.colspan) for c in table.cells] == [
        ("表", "AA7", 0, 0, 2, 2),
        ("表", "AC7", 0, 2, 1, 1),
        ("表", "AC8", 1, 2, 1, 1),
    ]
    assert table.cells[1].locator == {"table": 0, "row": 0, "col": 2, "sheet": "表", "cell": "AC7"}


def test_formulas_without_a_stored_value_are_not_blank() -> None:
    data = book(lambda _, sheet: [sheet.write_formula(0, 0, "=1+2", None, 3), sheet.write_formula(0, 1, "=4+5")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    bare = re.sub(rb"(<f>4\+5</f>)<v>[^<]*</v>", rb"\1", sheet)
    assert bare != sheet
    pages = read_pages(with_part(data, "xl/worksheets/sheet1.xml", bare))
    assert row_of(pages) == ["3", "=4+5"]
    assert [finding.code for finding in pages.findings] == ["formula_without_value"]


def test_errors_are_kept_as_they_are_shown() -> None:
    data = book(lambda _, sheet: [sheet.write(0, 0, 1), sheet.write_formula(0, 1, "=1/0", None, "#DIV/0!")])
    assert row_of(read_pages(data)) == ["1", "#DIV/0!"]


def test_formulas_of_old_workbooks() -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("表")
    sheet.write(0, 0, 7)
    sheet.write(0, 1, xlwt.Formula("A1+1"))  # the library stores no result
    out = io.BytesIO()
    made.save(out)
    pages = read_pages(out.getvalue())
    assert row_of(pages) == ["7", "="]
    assert [finding.code for finding in pages.findings] == ["formula_without_value"]


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, part if info.filename == name else old.read(info.filename))
    return out.getvalue()


def test_hidden_sheets_count_only_where_nothing_else_holds_anything() -> None:
    def fill(made: Any, sheet: Any, *, both: bool) -> None:
        other = made.add_worksheet("隐藏")
        other.write(0, 0, "藏起来的")
        other.hide()
        if both:
            sheet.write(0, 0, "看得见的")

    shown = read_pages(book(lambda made, sheet: fill(made, sheet, both=True)))
    assert (lines(shown), shown.findings) == (["看得见的"], ())
    only = read_pages(book(lambda made, sheet: fill(made, sheet, both=False)))
    assert (lines(only), [finding.code for finding in only.findings]) == (["藏起来的"], ["hidden_sheet"])


def test_a_blank_row_of_fields_is_a_row() -> None:
    """The last table of a form nobody filled in: its fields are formatted, and that is all there is."""

    def fill(made: Any, sheet: Any) -> None:
        frame = made.add_format({"border": 1})
        for col in range(3):
            sheet.write(0, col, "结果维持", frame)
            for row in range(1, 9):
                sheet.write_blank(row, col, None, frame)

    (table,) = tables_of(read_pages(book(fill)))
    assert texts(table) == [["结果维持"] * 3, [""] * 3]


def test_a_last_row_whose_field_is_merged_and_blank_is_a_row() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"))
        sheet.write_row(1, 0, ("规章", "1", "2", "3"))
        sheet.write(2, 0, "行政事业性收费")
        sheet.merge_range("B3:D3", None)

    (table,) = read_pages(book(fill)).blocks
    assert isinstance(table, Table)
    assert (table.rows, [cell.text for cell in table.cells if cell.row == 2]) == (3, ["行政事业性收费", ""])


def test_labels_without_merged_ranges_cover_what_they_mean() -> None:
    grid = ["甲,,1", "乙,丙,2", ",丁,3", "戊,,4"]
    held_texts = {(r, c): text for r, row in enumerate(grid) for c, text in enumerate(row.split(",")) if text}
    assert spread(held_texts, range(4), range(3)) == {(0, 0): (1, 2), (1, 0): (2, 1), (3, 0): (1, 2)}
    assert spread({(0, 0): "甲", (0, 1): "1"}, range(1), range(2)) == {}
    nameless = {(0, 0): "甲", (0, 2): "1", (1, 2): "2", (2, 0): "乙", (2, 1): "丙", (2, 2): "3"}
    assert spread(nameless, range(3), range(3)) == {(0, 0): (1, 2)}
    assert spread({}, range(3), range(3)) == {}


def test_titles_and_running_text_stand_outside_the_tables() -> None:
    def fill(_: Any, sheet: Any) -> None:
        rows = ["某局报告", "单位：件", "项目,件数", "第二十条第（一）项", "规章,1", "一、情况说明", "长" * 50, "甲,2"]
        for row, line in enumerate(rows):
            for col, text in enumerate(line.split(",")):
                sheet.write(row, col, text)

    pages = read_pages(book(fill))
    shown = [block.text if isinstance(block, Paragraph) else texts(block) for block in pages.blocks]
    assert shown == [
        "某局报告",
        "单位：件",
        [["项目", "件数"], ["第二十条第（一）项", ""], ["规章", "1"]],
        "一、情况说明",
        "长" * 50,
        [["甲", "2"]],
    ]


def told(pages: Pages) -> list[tuple[str, str]]:
    return [(finding.code, finding.found or "") for finding in pages.findings]


@pytest.mark.parametrize(
    ("places_held", "read_as", "left"),
    [
        (("A1", "XFD1048576"), "A1", "XFD1048576"),
        (("B2", "B3", "A1048576"), "B2", "A1048576"),
        (("B2", "B3", "C9", "XFD3"), "B2", "XFD3"),
        (("B2", "B3", "C2", "A10001", "C1048576"), "B2", "A10001、C1048576"),
    ],
)
def test_an_entry_far_from_all_else_is_told_and_fills_no_memory(
    places_held: tuple[str, ...], read_as: str, left: str
) -> None:
    data = book(lambda _, sheet: [sheet.write(place, 1) for place in places_held])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("xl/worksheets/sheet1.xml")
    others = [content.replace(b"<c r=", b"<c\nr="), content.replace(b' r="A', b' r ="A')]
    for pages in (read_pages(data), *[read_pages(with_part(data, "xl/worksheets/sheet1.xml", one)) for one in others]):
        cells = [cell for table in tables_of(pages) for cell in table.cells]
        assert cells[0].locator["cell"] == read_as
        assert not {cell.locator["cell"] for cell in cells}.intersection(left.split("、"))
        assert told(pages) == [("limit_reached", left)]


def test_a_far_entry_costs_the_blank_fields_of_a_table_nothing() -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row in range(20):
            sheet.write_row(row, 0, [f"{row}行", 1, None, 3])
        sheet.write(19, 16_000, "远")

    (table,) = tables_of(read_pages(book(fill)))
    assert (table.rows, table.cols, len(table.cells)) == (20, 4, 80)


def test_of_entries_apart_all_over_a_sheet_the_first_rows_are_read() -> None:
    data = book(lambda _, sheet: [sheet.write(row, col, 1) for row in range(0, 1_048_576, 900) for col in (0, 150)])
    pages = read_pages(data)
    read_there = [cell.locator["cell"] for table in tables_of(pages) for cell in table.cells if cell.text]
    assert {"A1", "EU1", "A9901", "EU9901"} <= set(read_there)
    assert [code for code, _ in told(pages)] == ["limit_reached"]


def test_a_sheet_with_nothing_in_its_first_rows_and_columns_is_too_large() -> None:
    pages = read_pages(book(lambda _, sheet: [sheet.write(place, 1) for place in ("A1048576", "XFD1")]))
    assert (pages.unreadable, told(pages)) == ("too_large", [("limit_reached", "XFD1、A1048576")])


def test_an_old_workbook_with_a_far_entry_is_too_large_and_gives_its_words() -> None:
    def fill(sheet: Any) -> None:
        for row in range(3):
            sheet.write(row, 0, f"第{row}行的标签")
            sheet.write(row, 1, row)
        sheet.write(65_535, 255, "远")

    pages = read_pages(old_book(fill))
    assert (pages.kind, pages.unreadable) == ("xls", "too_large")
    assert lines(pages) == [f"第{row}行的标签" for row in range(3)]


@pytest.mark.parametrize("extent", [(0xD600_0000, 5, 0, 15), (0, 5, 15, 0)])
def test_an_extent_that_ends_before_it_begins_is_damage(extent: tuple[int, int, int, int]) -> None:
    made = xlwt.Workbook()
    made.add_sheet("表").write(0, 0, "甲")
    out = io.BytesIO()
    made.save(out)
    data = bytearray(out.getvalue())
    struct.pack_into("<2I2H", data, data.index(b"\x00\x02\x0e\x00") + 4, *extent)
    pages = read_pages(bytes(data))
    assert (pages.kind, pages.unreadable, pages.blocks) == ("xls", "damaged", ())


def test_bounds_are_kept() -> None:
    merged = book(lambda _, sheet: [sheet.write(0, 0, "甲"), sheet.merge_range("B1:C2", "乙")])
    with zipfile.ZipFile(io.BytesIO(merged)) as archive:
        wide = archive.read("xl/worksheets/sheet1.xml").replace(b"B1:C2", b"B1:XFD1048576")
    assert row_of(read_pages(with_part(merged, "xl/worksheets/sheet1.xml", wide))) == ["甲", "乙"]
    many = book(lambda _, sheet: [sheet.write(row, col, row) for row in range(100) for col in range(9)])
    pages = read_pages(many, Limits(cells=100))
    assert [finding.code for finding in pages.findings] == ["limit_reached"]
    bomb = with_part(many, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 70_000_000 + b"</worksheet>")
    assert read_pages(bomb).unreadable == "too_large"
    entities = b'<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>'
    assert read_pages(with_part(many, "xl/workbook.xml", entities)).unreadable == "empty"


def test_of_a_workbook_of_more_sheets_than_are_read_the_first_are() -> None:
    def fill(made: Any, sheet: Any) -> None:
        sheet.write_row("A1", ["甲", 1])
        for _ in range(260):
            made.add_worksheet().write(0, 0, 2)

    pages = read_pages(book(fill))
    assert (pages.unreadable, [finding.code for finding in pages.findings]) == ("", ["limit_reached"])
    assert texts(tables_of(pages)[0]) == [["甲", "1"]]


def test_locked_and_foreign_workbooks() -> None:
    old = bytearray(xls("某局报告", ["无。"]))
    start = old.index(struct.pack("<HH", 0x809, 16))
    marked = old[: start + 20] + struct.pack("<HH", 0x2F, 2) + bytes(old[start + 24 :])
    assert read_pages(bytes(marked)).unreadable == "encrypted"
    binary = io.BytesIO()
    with zipfile.ZipFile(binary, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")
    assert read_pages(binary.getvalue()).unreadable == "kind_unsupported"
    assert read_pages(book(lambda *_: None)).unreadable == "empty"


@BOTH
@given(at=st.floats(0, 1), junk=st.binary(max_size=6), cut=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_damage_never_escapes(write: Callable[..., bytes], at: float, junk: bytes, cut: int) -> None:
    data = SMALL[write.__name__]
    place = int(at * len(data))
    damaged = [data[:place] + junk + data[place + cut :], data[:place]]
    if write is xlsx:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml")
        place = int(at * len(sheet))
        damaged.append(with_part(data, "xl/worksheets/sheet1.xml", sheet[:place] + junk + sheet[place + cut :]))
    for one in damaged:
        pages = read_pages(one)
        assert isinstance(pages, Pages)
        assert all(isinstance(block, Paragraph | Table) for block in pages.blocks)


SMALL: Mapping[str, bytes] = {
    write.__name__: write("某局报告", ["一、总体情况", "无。"], style=Style(hidden=False)) for write in (xlsx, xls)
}


def test_amounts_keep_every_digit() -> None:
    form = next(form for form in FORMS if form.name == "2021")
    cells = {name: Decimal(0) for name in form.places} | {"proactive.admin_fee.amount": Decimal("96171.6049")}
    for write in (xlsx, xls):
        reading = read(write(TITLE, report(form, cells)))
        assert reading.cells["proactive.admin_fee.amount"].value == Decimal("96171.6049")


EXCEL_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel">
<Worksheet ss:Name="藏"><Table><Row><Cell><Data ss:Type="String">藏</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>
<Worksheet ss:Name="表"><Table><Row ss:Index="3"><Cell ss:MergeAcross="1"><Data ss:Type="String">甲</Data></Cell>
<Cell ss:Index="4"><Data ss:Type="Number">12.50</Data></Cell></Row>
<Row><Cell ss:MergeDown="1"><Data ss:Type="String">乙</Data></Cell><Cell/><Cell/>
<Cell><Data ss:Type="Number">7</Data></Cell></Row>
<Row><Cell ss:Index="4"><Data ss:Type="DateTime">2024-01-31T00:00:00.000</Data></Cell></Row></Table>
</Worksheet></Workbook>"""


def test_workbooks_in_plain_xml() -> None:
    pages = read_pages(EXCEL_2003.encode())
    assert (pages.kind, pages.unreadable, pages.findings) == ("xls", "", ())
    (table,) = tables_of(pages)
    assert places(table) == {
        (0, 0, 1, 2, "甲"),
        (0, 2, 1, 1, ""),
        (0, 3, 1, 1, "12.5"),
        (1, 0, 2, 1, "乙"),
        (1, 1, 1, 1, ""),
        (1, 2, 1, 1, ""),
        (1, 3, 1, 1, "7"),
        (2, 1, 1, 1, ""),
        (2, 2, 1, 1, ""),
        (2, 3, 1, 1, "2024-01-31"),
    }
    assert table.cells[0].locator["cell"] == "A3"


def test_a_table_with_a_far_corner_is_told_by_its_texts() -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row in range(1_000):
            sheet.write(row, 0, f"{row}行")
            sheet.write(row, 1, row)
            sheet.write(999, 2 + row // 8, "远")

    (table,) = tables_of(read_pages(book(fill)))
    assert (table.rows, table.cols, len(table.cells)) == (1_000, 127, 2_125)


def test_plain_xml_is_bounded() -> None:
    entity = EXCEL_2003.replace("<?mso", '<!DOCTYPE x [<!ENTITY a "b">]><?mso')
    assert tables_of(read_pages(entity.encode())) == tables_of(read_pages(EXCEL_2003.encode()))
    far = EXCEL_2003.replace('ss:Index="3"', 'ss:Index="99999999"').replace('MergeDown="1"', 'MergeDown="99999999"')
    assert isinstance(read_pages(far.encode()), Pages)


def test_images_in_a_workbook_wait_for_recognition() -> None:
    for text, kind, reason in (("", "scan", "needs_ocr"), ("某局报告", "xlsx", "")):
        plain = book(lambda _, sheet, text=text: sheet.write_string(0, 0, text) if text else None)
        out = io.BytesIO(plain)
        with zipfile.ZipFile(out, "a") as archive:
            archive.writestr("xl/media/image1.png", b"\x89PNG\r\n\x1a\n")
            archive.writestr("xl/media/drawing.emf", b"x")
        pages = read_pages(out.getvalue())
        assert (pages.kind, pages.unreadable, lines(pages)) == (kind, reason, [text] if text else [])
        assert [(p.at, p.source.load()) for p in pages.pictures] == [(len(pages.blocks), b"\x89PNG\r\n\x1a\n")]


def test_sectors_that_run_in_a_circle_are_damage_before_the_library_sees_them() -> None:
    """The allocation table of a compound file tells of each sector which comes next."""
    whole = bytearray(xls(TITLE, content(PrintedTable(key="x", rows=1, cols=1, cells=()))))
    size = 1 << struct.unpack_from("<H", whole, 30)[0]
    table = (struct.unpack_from("<I", whole, 76)[0] + 1) * size
    struct.pack_into("<2I", whole, table, 1, 0)  # the first two sectors follow each other for ever
    pages = read_pages(bytes(whole))
    assert (pages.kind, pages.unreadable) == ("xls", "damaged")


def test_numbered_labels_without_figures_are_no_headings() -> None:
    table = [
        ["", "自然人", "总计"],
        ["一、本年新收", "3", "3"],
        ["二、上年结转"],
        ["三、本年度办理结果", "（一）予以公开"],
        ["", "（二）部分公开", "1"],
        ["三、收到和处理情况"],
        ["申请人", "件数"],
        ["自然人", "1"],
    ]
    held = {row: {col: text for col, text in enumerate(line) if text} for row, line in enumerate(table)}
    sheet = Sheet("表", held)
    shown = [block.rows if isinstance(block, Table) else block.text for block in blocks(sheet)]
    assert shown == [5, "三、收到和处理情况", 2]


@pytest.mark.parametrize(
    ("announced", "length", "said"), [(1, 10, ""), (4_294_967_295, 10, ""), (1, 400_000, "too_large")]
)
def test_shared_strings_do_not_fill_the_memory(announced: int, length: int, said: str) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row in range(1_000):
            sheet.write_string(row, 0, "公开")

    word = "公" * length
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = f'<sst xmlns="{main}" count="1000" uniqueCount="{announced}"><si><t>{word}</t></si></sst>'
    assert read_pages(with_part(book(fill), "xl/sharedStrings.xml", strings.encode())).unreadable == said


def test_more_shared_texts_than_bytes_are_damage_before_the_library_makes_room_for_them() -> None:
    whole = xls(TITLE, content(PrintedTable(key="x", rows=1, cols=1, cells=())))
    at = next(m.start() for m in re.finditer(rb"\xfc\x00..(.{4})(.{4})", whole, re.DOTALL) if m[1] >= m[2] != bytes(4))
    pages = read_pages(whole[: at + 8] + struct.pack("<I", 1 << 28) + whole[at + 12 :])
    assert (pages.kind, pages.unreadable) == ("xls", "damaged")


def figures() -> tuple[bytes, bytes]:
    """A workbook of a few figures, and the XML of its sheet."""

    def fill(made: Any, sheet: Any) -> None:
        percent = made.add_format({"num_format": "0.0%"})
        sheet.merge_range("A1:C1", "某局报告")
        for row, line in enumerate((["甲", 1, 2.5], ["乙 & 丙", 0.255, 4], ["丁", 5, 6]), 1):
            for col, value in enumerate(line):
                sheet.write(row, col, value, percent if value == 0.255 else None)
        sheet.write_formula("A5", "=SUM(C2:C4)", None, 12.5)

    data = book(fill)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return data, archive.read("xl/worksheets/sheet1.xml")


def with_sheet(data: bytes, sheet: bytes) -> Pages:
    return read_pages(with_part(data, "xl/worksheets/sheet1.xml", sheet))


@pytest.mark.parametrize(
    "told", [b"H" * 51 + b"3", b"ZZZ3", b"B9999999", b"B0", b"B", b"3", b"B-3", b"B4294967299", b"zzzzzzz3"]
)
def test_a_cell_that_names_no_place_is_read_behind_the_one_before(told: bytes) -> None:
    """A reader that makes room for what such a name tells ends with the process."""
    data, sheet = figures()
    whole = with_sheet(data, sheet)
    assert b' r="B3"' in sheet
    for quoted in (b' r="%b"' % told, b" r='%b'" % told, b' x=">" r = "%b"' % told):
        pages = with_sheet(data, sheet.replace(b' r="B3"', quoted))
        assert [texts(table) for table in tables_of(pages)] == [texts(table) for table in tables_of(whole)]
        assert [finding.code for finding in pages.findings] == ["document_damaged"]
    assert whole.findings == ()


def test_a_cell_that_names_no_place_makes_the_one_it_would_have_taken_unsure() -> None:
    data, sheet = figures()
    lost = sheet.replace(b' r="B2"', b' r="HHHHHHH2"').replace(b' r="C2"', b' r="B2"')
    first = next(row for table in tables_of(with_sheet(data, lost)) for row in texts(table))
    assert first[:2] == ["甲", UNREAD + "2.5"]


def test_a_sheet_written_otherwise_is_read_alike() -> None:
    data, sheet = figures()
    whole = with_sheet(data, sheet)
    prefixed = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", sheet.partition(b"?>")[2]).replace(b" xmlns=", b" xmlns:x=")
    others = [
        prefixed,
        sheet.replace(b'"', b"'"),
        sheet.replace(b"<c r", b"<c\n r"),
        sheet.replace(b"<sheetData>", b"<sheetData><!-- <c r='ZZZ99'><v>1</v></c> -->"),
        re.sub(rb'<c r="[A-Z]+\d+"', b"<c", sheet),
        re.sub(rb'<row r="\d+"', b"<row", sheet),
        sheet.replace(b"<v>6</v>", b"<v> 6.0E0 </v>"),
        sheet.replace(b'<c r="C2"><v>2.5</v>', b'<c r="C2" t="inlineStr"><is><r><t>2.</t></r><r><t>5</t></r></is>'),
    ]
    for other in others:
        assert other != sheet
        assert with_sheet(data, other) == whole


@pytest.mark.parametrize("said", ["1,600", "#REF!", "NaN", "2023-01-01T00:00:00", "16件", "1_6"])
@pytest.mark.parametrize("quote", ['"', "'"], ids=["plain", "otherwise"])
def test_a_number_that_is_none_costs_its_own_cell(said: str, quote: str) -> None:
    data, sheet = figures()
    wrong = sheet.replace(b'<c r="B4"><v>5<', f'<c r="B4" t="n"><v>{said}<'.encode()).replace(b'"', quote.encode())
    pages = with_sheet(data, wrong)
    rows = [row for table in tables_of(pages) for row in texts(table)]
    assert rows[2] == ["丁", said if said[0] == "#" else UNREAD + said, "6"]
    assert rows[:2] == [["甲", "1", "2.5"], ["乙 & 丙", "25.5%", "4"]]
    assert pages.findings == ()


def test_shared_texts_are_read_as_they_are_shown() -> None:
    data = book(lambda _, sheet: [sheet.write_string(0, col, text) for col, text in enumerate("甲乙丙丁戊己")])
    strings = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t> 甲 </t></si>
    <si><t xml:space="preserve"> 乙 </t></si><si><r><t>丙</t></r><rPh><t>bing</t></rPh><r><t>三</t></r></si>
    <si><t>丁_x000D_\n四</t></si><si/><si><t>己 &lt; &#20845;</t></si></sst>"""
    assert row_of(read_pages(with_part(data, "xl/sharedStrings.xml", strings.encode()))) == [
        *("甲", " 乙 ", "丙三", "丁\n四", "", "己 < 六"),
    ]
    short = re.sub(r"<si><t>己.*</si>", "", strings)
    pages = read_pages(with_part(data, "xl/sharedStrings.xml", short.encode()))
    assert (pages.unreadable, {finding.code for finding in pages.findings}) == ("damaged", {"document_damaged"})
    assert not tables_of(pages)  # only words are left


@pytest.mark.parametrize("number", [b"99", b"-1", b"x", b"9" * 30])
def test_the_number_of_a_text_that_cannot_be_there_costs_its_own_cell(number: bytes) -> None:
    data = book(lambda _, sheet: [sheet.write_string(0, col, text) for col, text in enumerate("甲乙丙丁戊己")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("xl/worksheets/sheet1.xml").replace(b"<v>2</v>", b"<v>" + number + b"</v>")
    pages = with_sheet(data, content)
    assert row_of(pages) == ["甲", "乙", UNREAD, "丁", "戊", "己"]
    assert [found.code for found in pages.findings] == ["document_damaged"]


@pytest.mark.parametrize(("aligned", "text"), [("superscript", "38[9]"), ("subscript", "38[9]"), ("baseline", "389")])
def test_what_is_set_above_or_below_the_line_is_told_from_the_figure(aligned: str, text: str) -> None:
    data = book(lambda _, sheet: [sheet.write_string(0, col, text) for col, text in enumerate("甲乙")])
    mark = f'<r><rPr><vertAlign val="{aligned}"/></rPr><t>9</t></r>'
    strings = f"""<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>甲</t></si>
    <si><r><t>38</t></r>{mark}</si></sst>"""
    assert row_of(read_pages(with_part(data, "xl/sharedStrings.xml", strings.encode()))) == ["甲", text]


def test_a_sheet_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    data, sheet = figures()
    pages = with_sheet(data, sheet[: sheet.index(b'<c r="C4"')])
    assert [row for table in tables_of(pages) for row in texts(table)][:2] == [
        ["甲", "1", "2.5"],
        ["乙 & 丙", "25.5%", "4"],
    ]
    assert [finding.code for finding in pages.findings] == ["document_damaged"]


@pytest.mark.parametrize(
    ("code", "value", "since_1904", "said"),
    [
        ("yyyy-mm-dd", 45322, False, "2024-01-31"),
        ("yyyy-mm-dd", 43860, True, "2024-01-31"),
        ('[$-804]yyyy"年"m"月"d"日";@', 45322.5, False, "2024-01-31 12:00:00"),
        ("h:mm AM/PM", 0.75, False, "18:00:00"),
        ("[h]:mm", 1.5, False, "1 day, 12:00:00"),
        ("yyyy-mm-dd", 59, False, "1900-02-28"),
        ("yyyy-mm-dd", 61, False, "1900-03-01"),
        ("yyyy-mm-dd", 3e9, False, "3000000000"),
        ('0.00"d"', 7, False, "7d"),
        ("[Red]0;-0", 7, False, "7"),
        ("[>=100]0.0%", 0.5, False, "50%"),
        ("#,##0*y", 7, False, "7"),
        ("0!.0,", 8_960_000, False, "896.0"),
        ('0"."0,"万"', 12_345_678, False, "1234.6万"),
        ("#,##0.00,,", 123_456_789, False, "123.46"),
        ('#,##0"件"', 1234, False, "1234件"),
        ('"约"0', 896, False, "约896"),
        ('"89"0', 6, False, "896"),
        ("000-0000", 1_234_567, False, "1234567"),
        ('000"号"0000', 1_234_567, False, "123号4567"),
        ('General"件"', 5, False, "5件"),
        ('[>500]"1000";0', 896, False, "1000"),
        ('[>500]"1000";0', 3, False, "3"),
        ("0;-0;;@", 5, False, "5"),
        ("0;-0;;@", -5, False, "-5"),
        ("#", 5, False, "5"),
        ('0"a";"b"0', -5, False, "b5"),
        ('0"a"', -5, False, "-5a"),
        ("0.0,", -1250, False, "-1.3"),
        ("0.0#,", 1250, False, "1.25"),
        ("0.0#,", 1000, False, "1.0"),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, False, "0"),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 12.5, False, "12.5"),
        ('"¥"#,##0.00', 12.5, False, "12.5"),
        ("0.00E+00", 12345, False, "1.23E+4"),
        ("0.00E+00", 12300, False, "12300"),
        ("##0.0E+0", 12345, False, "12.3E+3"),
        ("0E+0", -12345, False, "-1E+4"),
        ("0E+0", 0, False, "0"),
        (";;;", 896, False, UNREAD + "896"),
        ('"";"";""', 896, False, UNREAD + "896"),
        ('""', 896, False, UNREAD + "896"),
        (";-0;0", 896, False, UNREAD + "896"),
        ("**;**;**", 896, False, UNREAD + "896"),
        ("0;;0", -5, False, UNREAD + "-5"),
    ],
)
def test_numbers_are_shown_by_their_format(code: str, value: float, since_1904: bool, said: str) -> None:
    data = book(lambda made, sheet: sheet.write_number(0, 0, value, made.add_format({"num_format": code})))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        workbook = archive.read("xl/workbook.xml")
    if since_1904:
        workbook = workbook.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
    pages = read_pages(with_part(data, "xl/workbook.xml", workbook))
    shown = [block.text if isinstance(block, Paragraph) else texts(block)[0][0] for block in pages.blocks]
    assert shown == [said]


@pytest.mark.parametrize(
    ("code", "value"), [(";;;", 0), ("0;-0;;@", 0), ("0;-0;", 0), ("#", 0), ("#,###", 0), ('[=0]"";0', 0)]
)
def test_a_zero_that_its_format_hides_is_blank(code: str, value: int) -> None:
    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_row(1, 0, ["丁", 1, 2])
        sheet.write_number(1, 1, value, made.add_format({"num_format": code}))

    (table,) = tables_of(read_pages(book(write)))
    assert texts(table)[1] == ["丁", "", "2"]


def test_a_text_that_its_format_hides_has_no_value() -> None:
    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_row(1, 0, ["丁", "", "2"])
        sheet.write_string(1, 1, "896", made.add_format({"num_format": ";;;"}))

    (table,) = tables_of(read_pages(book(write)))
    assert texts(table)[1] == ["丁", UNREAD + "896", "2"]

    def fill(sheet: Any) -> None:
        for col in range(3):
            sheet.write(0, col, f"第{col}列")
            sheet.write(1, col, "甲12"[col], xlwt.easyxf(num_format_str=";;;" if col == 1 else "General"))

    assert second_row(read_pages(old_book(fill))) == ["甲", UNREAD + "1", "2"]


def test_zeros_that_a_sheet_does_not_show_are_blank() -> None:
    def write(_: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_row(1, 0, ["丁", 0, 20])
        sheet.write_row(2, 0, ["戊", 0.5, "0"])
        sheet.hide_zero()

    (table,) = tables_of(read_pages(book(write)))
    assert texts(table)[1:] == [["丁", "", "20"], ["戊", "0.5", "0"]]


def test_what_is_crossed_out_or_raised_in_a_workbook_is_no_part_of_its_figures() -> None:
    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        crossed, raised = made.add_format({"font_strikeout": True}), made.add_format({"font_script": 1})
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_row(1, 0, ["丁", 77, 896])
        sheet.write_number(1, 1, 77, crossed)
        sheet.write_rich_string(1, 2, crossed, "77", made.add_format(), "896", raised, "1")

    pages = read_pages(book(write))
    (table,) = tables_of(pages)
    assert texts(table)[1] == ["丁", "", "896[1]"]
    assert [cell.locator.get("struck") for cell in table.cells if cell.row == 1] == [None, "77", "77"]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "7777")]


KEPT = [
    (5.000000000001, "General", "5", None),  # eleven characters, as cells show them
    (1234.56789, "General", "1234.56789", None),
    (0.1 + 0.2, "General", "0.3", None),
    (79.4, "0", "79", "79.4"),
    (79.5, "#,##0", "80", "79.5"),
    (-0.4, "0", "0", "-0.4"),
    (12.345, "0.00", "12.35", "12.345"),
    (12.3, "0.00", "12.3", None),
    (12.3, "0.00_);[Red](0.00)", "12.3", None),
    (2, "0.0,", "0.0", "2"),
    (8960000, "0!.0,", "896.0", "8960000"),
    (79, "0", "79", None),
    (0.005, "0.0E+00", "0.005", None),
    (79.4, "0;-0;;@", "79", "79.4"),
    (79.4, '0"件"', "79件", "79.4"),
    (0, '"9"0', "90", "0"),
    (0.1234, "0%", "12.34%", None),
    (12.4, "[White]0", UNREAD + "12", "12.4"),
    (12345, "0E+0", "1E+4", "12345"),
    (10000, "0E+0", "10000", None),
]


@pytest.mark.parametrize(("number", "code", "text", "kept"), KEPT)
def test_a_number_is_taken_as_its_cell_shows_it(number: float, code: str, text: str, kept: str | None) -> None:
    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_row(1, 0, ["丁", number, 896])
        sheet.write_number(1, 1, number, made.add_format({"num_format": code}))

    (table,) = tables_of(read_pages(book(write)))
    cell = next(cell for cell in table.cells if (cell.row, cell.col) == (1, 1))
    assert (cell.text, cell.locator.get("kept")) == (text, kept)


def test_of_a_workbook_of_xml_that_breaks_off_the_whole_rows_are_read() -> None:
    """Within the row of 乙: its label stands there, its figure does not, and is not blank."""
    whole = EXCEL_2003.encode()
    cut = whole[: whole.rindex(b'<Data ss:Type="Number">7')]
    assert "乙".encode() in cut
    pages = read_pages(cut)
    assert [finding.code for finding in pages.findings] == ["document_damaged"]
    assert {cell.text for table in tables_of(pages) for cell in table.cells} == {"甲", "12.5", ""}


def test_what_a_font_of_an_old_workbook_crosses_out_is_no_figure() -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("表")
    crossed = xlwt.easyxf("font: struck_out true")
    for row, values in enumerate([["甲", "乙", "丙"], ["丁", 77, 5], ["戊", "88", 6.5]]):
        for col, value in enumerate(values):
            sheet.write(row, col, value, *([crossed] if value in (77, "88") else []))
    out = io.BytesIO()
    made.save(out)
    pages = read_pages(out.getvalue())
    (table,) = tables_of(pages)
    assert texts(table)[1:] == [["丁", "", "5"], ["戊", "", "6.5"]]
    assert [cell.locator["struck"] for cell in table.cells if "struck" in cell.locator] == ["77", "88"]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "7788")]


def second_row(pages: Pages) -> list[str]:
    return next(row for table in tables_of(pages) for row in texts(table) if row[0] == "甲")


def test_a_place_written_twice_with_two_texts_has_no_value() -> None:
    data, sheet = figures()
    cell = b'<c r="B2"><v>1</v></c>'
    assert cell in sheet
    again = with_sheet(data, sheet.replace(cell, cell + cell.replace(b">1<", b">77<")))
    assert second_row(again) == ["甲", UNREAD + "77", "2.5"]
    assert second_row(with_sheet(data, sheet.replace(cell, cell + cell))) == ["甲", "1", "2.5"]


@pytest.mark.parametrize(
    "how", ['hidden="1"', 'hidden="true"', 'ht="0" customHeight="1"', 'ht="0.75" customHeight="1"']
)
def test_figures_of_rows_that_do_not_show_have_no_value(how: str) -> None:
    data, sheet = figures()
    assert b'<row r="2" ' in sheet
    pages = with_sheet(data, sheet.replace(b'<row r="2" ', b'<row r="2" %b ' % how.encode()))
    assert second_row(pages) == ["甲", UNREAD + "1", UNREAD + "2.5"]
    assert [row[0] for table in tables_of(pages) for row in texts(table)].count("丁") == 1
    shown = how.replace('"1"', '"0"').replace("true", "false").replace('ht="0', 'ht="15')
    assert second_row(with_sheet(data, sheet.replace(b'<row r="2" ', b'<row r="2" %b ' % shown.encode()))) == [
        "甲",
        "1",
        "2.5",
    ]


def test_figures_of_columns_that_do_not_show_have_no_value_unless_they_are_merged_into_one_that_does() -> None:
    data, sheet = figures()
    columns = b'<cols><col min="2" max="2" width="0.3" customWidth="1"/></cols><sheetData>'
    hidden = sheet.replace(b"<sheetData>", columns)
    assert second_row(with_sheet(data, hidden)) == ["甲", UNREAD + "1", "2.5"]
    merged = hidden.replace(b'<c r="C2"><v>2.5</v></c>', b"").replace(
        b'<mergeCell ref="A1:C1"/>', b'<mergeCell ref="A1:C1"/><mergeCell ref="B2:C2"/>'
    )
    assert second_row(with_sheet(data, merged)) == ["甲", "1"]


def test_hidden_notes_beside_the_sheet_are_no_part_of_its_table() -> None:
    """A column of figures right of everything, hidden: the title above the table stays one."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 2, "某局2023年政府信息公开工作年度报告")
    for row, fields in enumerate((("甲", "一", "二"), ("乙", 1, 2.5)), 1):
        sheet.write_row(row, 0, fields)
    for row in range(3):
        sheet.write_number(row, 6, 77)
    sheet.set_column(6, 6, None, None, {"hidden": True})
    book.close()
    pages = read_pages(held.getvalue())
    assert lines(pages) == ["某局2023年政府信息公开工作年度报告"]
    assert [texts(table) for table in tables_of(pages)] == [[["甲", "一", "二"], ["乙", "1", "2.5"]]]


def old_book(fill: Callable[[Any], None]) -> bytes:
    """An .xls with one sheet."""
    out = io.BytesIO()
    made = xlwt.Workbook(encoding="utf-8")
    fill(made.add_sheet("表"))
    made.save(out)
    return out.getvalue()


def old_row(code: str, *values: float) -> bytes:
    """An .xls whose second row holds numbers of one format, and one that is a text."""

    def fill(sheet: Any) -> None:
        for col in range(len(values) + 2):
            sheet.write(0, col, f"第{col}列")
        sheet.write(1, 0, "甲")
        sheet.write(1, len(values) + 1, "1")
        for col, value in enumerate(values, 1):
            sheet.write(1, col, value, xlwt.easyxf(num_format_str=code))

    return old_book(fill)


SHOWN = [
    ("0.0%", 0.255, "25.5%"),
    ("0%", 0.5, "50%"),
    ("0!.0,", 8_960_000, "896.0"),
    ("0.0,", 1250.5, "1.3"),
    ('0"件"', 12, "12件"),
    ('[>500]"1000";0', 896, "1000"),
    ("0;-0;;@", 0, ""),
    (";;;", 896, UNREAD + "896"),
    ("#,##0.00", 12.5, "12.5"),
    ("General", 12, "12"),
    ('0.0,"万"', 1e30, "1" + "0" * 30),
]


@pytest.mark.parametrize(("code", "value", "said"), SHOWN)
def test_numbers_of_old_workbooks_are_shown_by_their_format(code: str, value: float, said: str) -> None:
    """Of numbers side by side that are short a record holds several."""
    assert second_row(read_pages(old_row(code, value))) == ["甲", said, "1"]
    assert second_row(read_pages(old_row(code, value, value))) == ["甲", said, said, "1"]


@pytest.mark.parametrize(("number", "code", "text", "kept"), KEPT)
def test_a_number_of_old_and_plain_xml_workbooks_is_taken_as_its_cell_shows_it(
    number: float, code: str, text: str, kept: str | None
) -> None:
    named = f'<Style ss:ID="a"><NumberFormat ss:Format="{escape(code, quote=True)}"/></Style>'
    rows = xml_row("项目", "一", "二") + xml_row("甲", number, "1", style='ss:StyleID="a"')
    for pages in (read_pages(old_row(code, number)), plain_xml(rows, named)):
        (table,) = tables_of(pages)
        cell = next(cell for cell in table.cells if (cell.row, cell.col) == (1, 1))
        assert (cell.text, cell.locator.get("kept")) == (text, kept)


def test_figures_printed_in_white_have_no_value() -> None:
    """On a ground of another colour they are seen; labels say what stands where in any colour."""

    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        looks = [{"font_color": "white"}, {"font_color": "white", "bg_color": "white"}, {"font_color": "red"},
                 {"font_color": "white", "bg_color": "blue"}]  # fmt: skip
        white, *_ = styles = [made.add_format(look) for look in looks]
        sheet.write_row(0, 0, ["项目", "一", "二", "三", "四"], white)
        sheet.write(1, 0, "甲")
        for col, (value, style) in enumerate(zip((1, 2.5, 3, "4"), styles, strict=True), 1):
            sheet.write(1, col, value, style)

    def write_old(sheet: Any) -> None:
        looks = ["font: color white", "font: color white; pattern: pattern solid, fore_color white",
                 "font: color red", "font: color white; pattern: pattern solid, fore_color blue"]  # fmt: skip
        sheet.write(1, 0, "甲")
        for col, (value, look) in enumerate(zip((1, 2.5, 3, "4"), looks, strict=True), 1):
            sheet.write(0, col, f"第{col}列", xlwt.easyxf(looks[0]))
            sheet.write(1, col, value, xlwt.easyxf(look))

    doubted = ["甲", UNREAD + "1", UNREAD + "2.5", "3", "4"]
    assert second_row(read_pages(book(write))) == second_row(read_pages(old_book(write_old))) == doubted

    def look(ground: str) -> str:
        return f'<Style ss:ID="a"><Font ss:Color="#FFFFFF"/>{ground}</Style>'

    rows = xml_row("项目", "一", "二") + xml_row("甲", 1, "2", style='ss:StyleID="a"')
    assert second_row(plain_xml(rows, look(""))) == ["甲", UNREAD + "1", "2"]
    assert second_row(plain_xml(rows, look('<Interior ss:Color="#0000FF" ss:Pattern="Solid"/>'))) == ["甲", "1", "2"]


@pytest.mark.parametrize("look", [{"font_color": "white"}, {"font_size": 1}])
@pytest.mark.parametrize("shared", [True, False])
def test_runs_within_a_figure_that_are_white_or_too_small_to_see_leave_it_without_value(
    look: dict[str, Any], shared: bool
) -> None:
    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        unseen, plain = made.add_format(look), made.add_format({"font_color": "red"})
        sheet.write_row(0, 0, ["甲", "乙", "丙"])
        sheet.write_rich_string(1, 0, unseen, "2023", plain, "年")
        sheet.write_rich_string(1, 1, plain, "8402", unseen, "9")
        sheet.write_rich_string(1, 2, plain, "89", made.add_format(), "6")

    data = book(write)
    if not shared:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts_held = re.findall(rb"<si>(.*?)</si>", archive.read("xl/sharedStrings.xml"))
            content = archive.read("xl/worksheets/sheet1.xml")
        for number, held in enumerate(texts_held):
            content = content.replace(b't="s"><v>%d</v>' % number, b't="inlineStr"><is>' + held + b"</is>")
        data = with_part(data, "xl/worksheets/sheet1.xml", content)
    (table,) = tables_of(read_pages(data))
    shown = ["年", f"8402{UNREAD}", "896"] if "font_size" in look else ["2023年", f"8402{UNREAD}9", "896"]
    assert texts(table)[1] == shown


@pytest.mark.parametrize(
    ("rule", "noughts"),
    [
        ({"type": "cell", "criteria": "==", "value": 0}, UNREAD + "0"),
        ({"type": "cell", "criteria": "<", "value": 0.5}, UNREAD + "0"),
        ({"type": "formula", "criteria": "=B2=0"}, UNREAD + "0"),
        ({"type": "formula", "criteria": "=$Z$1=0"}, "0"),
        ({"type": "cell", "criteria": ">", "value": 7}, "0"),
        ({"type": "cell", "criteria": "==", "value": 0, "fill": "blue"}, "0"),
    ],
)
def test_figures_that_a_rule_prints_in_white_have_no_value(rule: dict[str, Any], noughts: str) -> None:
    """What a rule asks of other cells is not known."""

    def write(made: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_row(0, 0, ["项目", "一", "二"])
        sheet.write_row(1, 0, ["甲", 0, 2])
        look = {"font_color": "white"} | ({"bg_color": rule.pop("fill")} if "fill" in rule else {})
        sheet.conditional_format("B2:C9", rule | {"format": made.add_format(look)})

    assert second_row(read_pages(book(write))) == ["甲", noughts, "2"]


def test_formulas_and_dates_of_old_workbooks_are_shown_by_their_format() -> None:
    """The library makes dates of numbers itself; a number that is no result of a formula is stored with it as 0."""

    def fill(sheet: Any) -> None:
        for col, text in enumerate(("项目", "一", "二")):
            sheet.write(0, col, text)
        sheet.write(1, 0, "甲")
        sheet.write(1, 1, xlwt.Formula("1+1"), xlwt.easyxf(num_format_str='"共"0'))
        sheet.write(1, 2, 45322, xlwt.easyxf(num_format_str="yyyy-mm-dd"))

    data = old_book(fill)
    (at,) = [match.start() for match in re.finditer(rb"\x06\0..\x01\0\x01\0", data, re.DOTALL)]
    solved = data[: at + 10] + struct.pack("<d", 7) + data[at + 18 :]
    assert second_row(read_pages(solved)) == ["甲", "共7", "2024-01-31"]


@pytest.mark.parametrize("hide", ["hidden", "height", "next to none"])
def test_figures_of_hidden_rows_of_old_workbooks_have_no_value(hide: str) -> None:
    def fill(sheet: Any) -> None:
        for row, said in enumerate((("项目", "一", "二"), ("甲", 1, 2.5), ("乙", 3, "4"))):
            for col, text in enumerate(said):
                sheet.write(row, col, text)
        if hide == "hidden":
            sheet.row(1).hidden = True
        else:
            sheet.row(1).height_mismatch = True
            sheet.row(1).height = 0 if hide == "height" else 15

    pages = read_pages(old_book(fill))
    assert second_row(pages) == ["甲", UNREAD + "1", UNREAD + "2.5"]
    assert texts(tables_of(pages)[0])[2] == ["乙", "3", "4"]


@pytest.mark.parametrize(("hide", "value"), [("hidden", 1), ("width", 0), ("width", 80)])
def test_figures_of_hidden_columns_of_old_workbooks_have_no_value(hide: str, value: int) -> None:
    def fill(sheet: Any) -> None:
        for row, said in enumerate((("项目", "一", "二", "三"), ("甲", 1, 2.5, 3), ("乙", 3, "4", 5))):
            for col, text in enumerate(said):
                if (row, col) not in {(2, 2), (2, 3)}:
                    sheet.write(row, col, text)
        sheet.write_merge(2, 2, 2, 3, 4)
        setattr(sheet.col(2), hide, value)

    (table,) = tables_of(read_pages(old_book(fill)))
    assert texts(table)[1:] == [["甲", "1", UNREAD + "2.5", "3"], ["乙", "3", "4"]]


def test_zeros_that_a_sheet_of_an_old_workbook_does_not_show_are_blank() -> None:
    def fill(sheet: Any) -> None:
        for row, said in enumerate((("项目", "一", "二"), ("甲", 0, 20), ("乙", 0.5, "0"))):
            for col, text in enumerate(said):
                sheet.write(row, col, text)
        sheet.show_zero_values = 0

    (table,) = tables_of(read_pages(old_book(fill)))
    assert texts(table)[1:] == [["甲", "", "20"], ["乙", "0.5", "0"]]


def plain_xml(table: str, styles: str = "", options: str = "") -> Pages:
    """An Excel 2003 XML workbook with one sheet."""
    content = f"""<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel">
<Styles>{styles}</Styles><Worksheet ss:Name="表"><Table>{table}</Table>
<x:WorksheetOptions>{options}</x:WorksheetOptions></Worksheet></Workbook>"""
    return read_pages(content.encode())


def xml_row(*texts: object, row: str = "", style: str = "") -> str:
    """A row; numbers have a style where one is given."""
    cells = [
        f'<Cell><Data ss:Type="String">{text}</Data></Cell>'
        if isinstance(text, str)
        else f'<Cell {style}><Data ss:Type="Number">{text}</Data></Cell>'
        for text in texts
    ]
    return f"<Row {row}>{''.join(cells)}</Row>"


@pytest.mark.parametrize(
    ("code", "value", "said"), [*SHOWN, ("Percent", 0.5, "50%"), ("Yes/No", 896, "Yes"), ("Fixed", 2, "2")]
)
@pytest.mark.parametrize("where", ["cell", "row", "column", "parent"])
def test_numbers_of_workbooks_in_plain_xml_are_shown_by_their_format(
    where: str, code: str, value: float, said: str
) -> None:
    named = f'<NumberFormat ss:Format="{code.replace(chr(34), "&quot;").replace(">", "&gt;")}"/>'
    styles = f'<Style ss:ID="a">{named}</Style><Style ss:ID="b" ss:Parent="a"/>'
    name = 'ss:StyleID="b"' if where == "parent" else 'ss:StyleID="a"'
    column = f'<Column ss:Index="2" {name}/>' if where == "column" else ""
    row = xml_row(
        "甲", value, "1", row=name if where == "row" else "", style=name if where in {"cell", "parent"} else ""
    )
    pages = plain_xml(column + xml_row("项目", "一", "二") + row, styles)
    assert second_row(pages)[:2] == ["甲", said]


def test_what_workbooks_in_plain_xml_hide_has_no_value() -> None:
    head, first, last = xml_row("项目", "一", "二", "三"), xml_row("甲", 1, 0, 3), xml_row("乙", 4, 5, 6)
    assert second_row(plain_xml(head + first + last)) == ["甲", "1", "0", "3"]
    for how in ('ss:Hidden="1"', 'ss:Height="0"', 'ss:Height="0.75"'):
        hidden = plain_xml(head + xml_row("甲", 1, 0, 3, row=how) + last)
        assert second_row(hidden) == ["甲", UNREAD + "1", UNREAD + "0", UNREAD + "3"]
        assert texts(tables_of(hidden)[0])[2] == ["乙", "4", "5", "6"]
    for how in ('ss:Hidden="1" ss:Span="1"', 'ss:Width="1.5" ss:Span="1"'):
        hidden = plain_xml(f'<Column ss:Index="2" {how}/>' + head + first + last)
        assert second_row(hidden) == ["甲", UNREAD + "1", UNREAD + "0", "3"]
    zeros = plain_xml(head + first + last, options="<x:DoNotDisplayZeros/>")
    assert second_row(zeros) == ["甲", "1", "", "3"]


def test_what_workbooks_in_plain_xml_cross_out_is_told() -> None:
    styles = '<Style ss:ID="a"><Font ss:StrikeThrough="1"/></Style>'
    partly = f'<Cell><ss:Data ss:Type="String"><h:S xmlns:h="{_HTML}">12</h:S>34</ss:Data></Cell>'
    row = (
        xml_row("甲", 896, style='ss:StyleID="a"') + f'<Row><Cell><Data ss:Type="String">乙</Data></Cell>{partly}</Row>'
    )
    pages = plain_xml(xml_row("项目", "一") + row, styles)
    cells = [cell for cell in tables_of(pages)[0].cells if cell.col == 1]
    assert [(cell.text, cell.locator.get("struck")) for cell in cells] == [("一", None), ("", "896"), ("34", "12")]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "89612")]


_OPEN_CELL = '<table:table-cell table:style-name="x"><text:p>乙</text:p></table:table-cell>'
_OPEN_ROW = f"<table:table-row>{_OPEN_CELL * 2}</table:table-row>"
_HTML = "http://www.w3.org/TR/REC-html40"
_OPEN_LOOKS = (
    '<style:style style:name="gone" style:family="table-cell"><style:text-properties'
    ' style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="white" style:family="table-cell">'
    '<style:text-properties fo:color="#ffffff"/></style:style>'
    '<style:style style:name="shaded" style:family="table-cell" style:parent-style-name="white">'
    '<style:table-cell-properties fo:background-color="#003366"/></style:style>'
)


@pytest.mark.parametrize(("value", "said"), [(1e-12, "0"), (-3e-17, "0"), (8 + 1e-12, "8"), (1e-6, "0.000001")])
def test_what_is_left_of_sums_that_come_to_nothing_is_nought(value: float, said: str) -> None:
    assert rounded(value, None) == said


def test_the_heading_of_a_section_parts_tables_in_whatever_column_it_stands() -> None:
    """Between two tables without an empty row it was taken for a label, and the tables for one."""
    heading = "四、政府信息公开行政复议、行政诉讼情况"
    rows = {0: {0: "一、本年新收", 1: "3", 2: "4"}, 1: {0: heading}, 2: {0: "行政复议", 1: "结果维持", 2: "1"}}
    assert [getattr(block, "text", "") for block in blocks(Sheet("表", rows))] == ["", heading, ""]
    rows[1] = {0: "四、结转下年度继续办理"}
    assert len(blocks(Sheet("表", rows))) == 1


@pytest.mark.parametrize("code", ['"""', '0"x', '"a"0"'])
def test_a_format_that_breaks_off_in_a_literal_text_hides_no_figure(code: str) -> None:
    """All 200 figures of a workbook were blank under such a one."""
    assert of_format(code).look is None
    assert of_format(r"0\"").look is not None
