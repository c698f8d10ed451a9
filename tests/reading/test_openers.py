"""Files of every kind through the opener: what is printed stands in the grid at its place, and damage is told.

What documents cost that are made to cost time or memory is bounded, and what was left out is told.
"""

from __future__ import annotations

import io
import sys
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import OPENERS, open_document, sniff
from archive.documents.model import Document, Limits, Paragraph
from archive.documents.ocr import fill
from archive.documents.sheet import read_visible_texts
from archive.parser.reader import read
from imitation.documents import archived

HERE = Path(__file__).parent
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def grid(document: Document, number: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row] for _, row in groupby(document.tables[number].cells, lambda cell: cell.row)]


def test_old_word_prints_insertions_and_results_of_fields() -> None:
    document = open_document((HERE / "hidden_things.doc").read_bytes())
    assert texts(document)[:4] == ["总体情况", "主动公开", "依申请", "其他"]
    assert texts(document)[-2:] == ["本年收到35😀件止", "第7页"]


def test_a_real_word_file_keeps_its_tables_and_images(shared: Path) -> None:
    document = open_document((shared / "real/cqupt_jobs_2014_notreport.doc").read_bytes())
    assert (len(document.tables), len(document.images)) == (13, 4)


def word(body: str, head: str = "", **parts: bytes) -> bytes:
    """A .docx of this body and further parts of its folder, named with two lines for a dot or stroke."""
    document = f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'.encode()
    more = [("word/" + name.replace("___", "/").replace("__", "."), data) for name, data in parts.items()]
    return archived.zipped([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", document), *more])


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def cell(content: str, properties: str = "") -> str:
    content = content if content.startswith("<w:tbl") else f"<w:p>{content}</w:p>"
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def test_word_leaves_out_what_does_not_print_or_is_crossed_out_and_doubts_a_cell_without_other_text() -> None:
    figure = run("1") + f"<w:del>{run('2')}</w:del><w:ins>{run('3')}</w:ins>" + run("4", "<w:strike/>")
    figure += run("5", "<w:vanish/>") + run("6", '<w:vertAlign w:val="superscript"/>')
    white = run("7", '<w:color w:val="FFFFFF"/>')
    gone = f"<w:tr><w:trPr><w:del/></w:trPr>{cell(run('旧'))}{cell(run('0'))}</w:tr>"
    label = run("规章") + run("8", '<w:strike w:val="0"/>')
    body = f"<w:tbl>{gone}<w:tr>{cell(label)}{cell(figure)}{cell(white)}{cell(run('9', '<w:dstrike/>'))}</w:tr></w:tbl>"
    document = open_document(word(body))
    read = [("规章8", True), ("13[6]", True), ("7", False), ("9", False)]
    assert [(cell.text, cell.visible) for cell in document.tables[0].cells] == read


def test_word_merges_cells_and_sets_inner_tables_behind_the_outer() -> None:
    inner = f"<w:tbl><w:tr>{cell(run('甲'))}{cell(run('1'))}</w:tr></w:tbl>"
    restart, onward, wide = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    rows = f"<w:tr>{cell(run('组'), restart)}{cell(run('头'), wide)}</w:tr>"
    rows += f"<w:tr>{cell('', onward)}{cell(run('2'))}{cell(inner)}</w:tr>"
    document = open_document(word(f"<w:tbl>{rows}</w:tbl>"))
    outer, within = document.tables
    placed = [(cell.row, cell.col, cell.rowspan, cell.colspan, cell.text) for cell in outer.cells]
    assert placed == [(0, 0, 2, 1, "组"), (0, 1, 1, 2, "头"), (1, 1, 1, 1, "2"), (1, 2, 1, 1, "\ufffc")]
    assert [cell.text for cell in within.cells] == ["甲", "1"]
    assert outer.cells[3].locator == {"table": 0, "row": 1, "col": 2}


def test_word_gives_text_boxes_and_images() -> None:
    relations = b'<Relationships><Relationship Id="r1" Target="media/a.png"/></Relationships>'
    spaces = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:a="a"'
    box = f"<w:txbxContent><w:p>{run('年报')}</w:p></w:txbxContent>"
    body = f"<w:p>{run('总体')}</w:p>"
    body += f'<w:p><w:r><w:drawing><a:blip {spaces} r:embed="r1"/></w:drawing></w:r></w:p>'
    body += f"<w:p><w:r><w:drawing>{box * 2}</w:drawing></w:r></w:p>"
    document = open_document(word(body, _rels___document__xml__rels=relations, media___a__png=b"picture"))
    assert texts(document) == ["总体", "年报", "年报"]
    (image,) = document.images
    assert (image.before, image.data, image.locator) == (1, b"picture", {"member": "word/media/a.png"})


def test_sheets_give_numbers_as_stored_and_doubt_what_is_hidden() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, hidden = book.add_worksheet("表"), book.add_worksheet("草稿")
        sheet.write_row(0, 0, ["信息内容", "制发", "废止"])
        sheet.write_row(1, 0, ["规章", 12.345, 7], book.add_format({"num_format": "0.0"}))
        sheet.write_row(2, 0, ["合计", 3])
        sheet.write_formula(2, 2, "=1/0", value="#DIV/0!")
        sheet.set_row(2, None, None, {"hidden": True})
        hidden.write(0, 0, "不看")
        hidden.hide()
    document = open_document(out.getvalue())
    assert grid(document) == [["信息内容", "制发", "废止"], ["规章", "12.345", "7"], ["合计", "3", "#DIV/0!"]]
    cells = document.tables[0].cells
    assert cells[4].locator == {"table": 0, "row": 1, "col": 1, "sheet": "表", "cell": "B2"}
    assert [cell.visible for cell in cells] == [True] * 6 + [False] * 3
    assert [finding.code for finding in document.findings] == ["formula_without_value"]


def test_a_zip_gives_its_files_by_their_chinese_names_and_says_what_it_leaves_out() -> None:
    packed = partial(archived.zipped, names="gbk")  # as Chinese systems write them without saying so
    files = [("附件", b"a"), ("年报", b"b")]
    assert [(one.name, one.data) for one in open_document(packed(files)).members] == files
    many = open_document(packed(files), Limits(members=1))
    assert [member.name for member in many.members] == ["年报"]
    assert [finding.code for finding in many.findings] == ["limit_reached"]
    bomb = open_document(packed([("年报", bytes(8 << 20))]))
    assert (bomb.unreadable, [finding.code for finding in bomb.findings]) == ("too_large", ["part_unreadable"])


KINDS = {
    b"<!DOCTYPE html><html><body>a</body></html>": "html",
    "一、总体情况\n本年收到申请3件。".encode("gb18030"): "text",
    b'{"data": [1]}': "json",
    b"%PDF-1.7": "pdf",
    b"\x89PNG\r\n\x1a\n": "scan",
    b"{\\rtf1 a}": "rtf",
    b"Rar!\x1a\x07\0": "rar",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
    b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>': "office_xml",
    b" \n": "empty",
    bytes(range(256)): "unknown",
}


@pytest.mark.parametrize(("data", "kind"), KINDS.items(), ids=KINDS.values())
def test_bytes_tell_their_kind(data: bytes, kind: str) -> None:
    assert sniff(data) == kind
    assert kind in OPENERS


def test_old_sheets_give_their_texts_by_place_unless_they_are_locked() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for row, texts in enumerate((["信息内容", "制发", "废止"], ["规章", 3, 4], ["合计", 5, 6])):
        for col, text in enumerate(texts):
            sheet.write(row, col, text)
    out = io.BytesIO()
    book.save(out)
    ((name, texts_by_place),) = read_visible_texts(out.getvalue(), Limits())
    assert (name, texts_by_place[1, 1], texts_by_place[2, 0]) == ("表", "3", "合计")
    begin = out.getvalue().index(b"\x09\x08\x10\0") + 20
    locked = out.getvalue()[:begin] + b"\x2f\0" + out.getvalue()[begin + 2 :]
    assert open_document(locked).unreadable == "encrypted"


# ------------------------------------------------------------------------------------------------ costly documents

PAGE = b"<!DOCTYPE html><html><body>"
CHEAP = Limits(cells=50, characters=2_000, images=2, pages=1, pixels=10_000)


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (PAGE + b"<div>" * 400_000, Limits()),
        (PAGE + b"<p " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">x", Limits()),
        (PAGE + b"<table>" + b"<tr><td>1" * 100, CHEAP),
        (PAGE + b"<p>x" * 1_000, CHEAP),
        (b"x" * 3_000, CHEAP),
        (b"\t1\n" * 100, CHEAP),
    ],
    ids=["elements", "attributes", "cells", "characters", "text", "lines"],
)
def test_what_passes_a_bound_is_left_out_and_told(data: bytes, limits: Limits) -> None:
    document = open_document(data, limits)
    assert {finding.code for finding in document.findings} == {"limit_reached"}
    assert sum(len(table.cells) for table in document.tables) <= 60


def test_merged_cells_cannot_cover_a_grid_without_end() -> None:
    document = open_document(PAGE + b"<table>" + b"<tr><td rowspan=1000 colspan=1000>1" * 5_000)
    assert sum(len(table.cells) for table in document.tables) < 10


def test_drawn_tables_of_too_many_cells_are_left_out_and_told() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    for _ in range(3):
        for number in range(11):
            canvas.line(100, 100 + 20 * number, 300, 100 + 20 * number)
            canvas.line(100 + 20 * number, 100, 100 + 20 * number, 300)
        canvas.drawString(102, 104, "1")
        canvas.showPage()
    canvas.save()
    document = open_document(out.getvalue(), Limits(cells=250))
    assert [finding.code for finding in document.findings] == ["limit_reached"]
    assert sum(len(table.cells) for table in document.tables) <= 250


def test_workbooks_with_one_cell_far_away_are_not_laid_out() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, 1)
        sheet.write(1_000_000, 16_000, 1)
    old, old_book = io.BytesIO(), xlwt.Workbook()
    old_sheet = old_book.add_sheet("a")
    old_sheet.write(0, 0, 1)
    old_sheet.write(65_000, 250, 1)
    old_book.save(old)
    assert [open_document(one.getvalue()).unreadable for one in (out, old)] == ["too_large"] * 2


def test_a_workbook_of_which_a_chain_has_no_end_is_damaged() -> None:
    data = bytearray((HERE.parent / "cases/combinations/2019.excel.xls").read_bytes())
    table = 512 * (1 + int.from_bytes(data[76:80], "little"))
    data[table : table + 4] = (1).to_bytes(4, "little")
    data[table + 4 : table + 8] = (0).to_bytes(4, "little")
    assert open_document(bytes(data)).unreadable == "damaged"


def test_a_package_that_unpacks_to_too_much_is_not_unpacked() -> None:
    package = archived.zipped([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a>" + bytes(32 << 20))])
    assert open_document(package).unreadable == "too_large"


def test_no_entity_of_a_package_is_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not for a reader", encoding="utf-8")
    head = f'<!DOCTYPE d [<!ENTITY file SYSTEM "{secret.as_uri()}"><!ENTITY word "an entity">]>'
    document = open_document(word(f"<w:p>{run('1&file;&word;')}</w:p>", head=head))
    assert "not for a reader" not in repr(document)
    assert "an entity" not in repr(document)
    assert document.unreadable or document.findings


@pytest.mark.parametrize(("side", "pages", "reason"), [(400, 1, "picture_too_large"), (40, 41, "limit_reached")])
def test_a_picture_of_too_many_pixels_or_pages_is_not_read(side: int, pages: int, reason: str) -> None:
    out, page = io.BytesIO(), Image.new("L", (side, side), 255)
    page.save(out, "TIFF", save_all=True, append_images=[page] * (pages - 1))
    document = fill(open_document(out.getvalue(), CHEAP), CHEAP)
    assert [finding.found for finding in document.findings] == [reason]


def test_without_recognition_a_scan_is_told_and_has_no_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "archive.documents.ocr.recognized_images", None)
    scan = HERE.parent / "cases/combinations/2019.scanned_150_grey.pdf"
    reading = read(scan.read_bytes())
    assert "recognition_not_installed" in {found.code for found in reading.findings}
    assert (reading.cells, reading.unreadable) == ({}, "needs_ocr")
