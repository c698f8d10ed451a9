"""Documents made to cost time or memory: what they cost is bounded, and what was left out is told."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import open_document
from archive.documents.model import Limits
from archive.documents.ocr import fill
from archive.parser.reader import read
from imitation.documents import archived

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
    data = bytearray((Path(__file__).parents[1] / "cases/combinations/2019.excel.xls").read_bytes())
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
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = f"<w:document {space}><w:body><w:p><w:r><w:t>1&file;&word;</w:t></w:r></w:p></w:body></w:document>"
    package = [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", (head + body).encode())]
    document = open_document(archived.zipped(package))
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
    scan = Path(__file__).parents[1] / "cases/combinations/2019.scanned_150_grey.pdf"
    reading = read(scan.read_bytes())
    assert "recognition_not_installed" in {found.code for found in reading.findings}
    assert (reading.cells, reading.unreadable) == ({}, "needs_ocr")
