"""PDF, OFD and scans: every printed label and value stands in the grid where it is printed."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import open_document
from archive.documents.model import Document, Limits, Paragraph, TableCell
from archive.documents.ocr import fill, ink
from archive.documents.pdf import draw_page
from archive.forms.loader import form
from archive.forms.printer import PrintedTable, tables
from imitation.documents import ofd, portable, scanned
from imitation.wording import Block, SectionHeading

PRINTS = Path(__file__).parent / "prints"  #: EDITION_SEED_program.pdf: ``report(EDITION, SEED)``, printed by others
TITLE = "汶上县财政局2021年政府信息公开工作年度报告"
PROSE = "本机关认真落实《条例》，主动公开各类信息，办理公开申请，完善平台建设，接受社会监督，全年工作平稳有序。"


def report(edition: str, seed: int = 0) -> list[Block]:
    """Return the blocks of a filled form; where its tables stand on their pages depends on the seed."""
    chance = random.Random(seed)
    plan = form(edition)
    values = {name: chance.choice([0, 0, 1, 3, 12, 345, 1200345]) for name in plan.ids}
    blocks: list[Block] = [SectionHeading("一、总体情况"), PROSE * chance.randint(1, 12)]
    for number, table in enumerate(tables(plan, values)):
        blocks += [SectionHeading(f"{'二三四'[number]}、政府信息公开情况"), table]
    return [*blocks, SectionHeading("五、存在的主要问题及改进情况"), PROSE * 2]


def squeeze(text: str) -> str:
    """Return a text without blanks and line breaks."""
    return "".join(text.split())


def placed(cells: tuple[TableCell, ...]) -> list[tuple[int, int, int, int, str]]:
    """Return place, spans and text of each cell."""
    return [(c.row, c.col, c.rowspan, c.colspan, squeeze(c.text)) for c in cells]


def assert_grids(document: Document, blocks: list[Block]) -> None:
    """Assert that a document holds the printed tables, each cell at its place and none doubted."""
    printed = [block for block in blocks if isinstance(block, PrintedTable)]
    assert len(document.tables) == len(printed)
    for table, expected in zip(document.tables, printed, strict=True):
        want = [(c.row, c.col, c.rowspan, c.colspan, squeeze(c.text)) for c in expected.cells]
        assert placed(table.cells) == sorted(want)
        assert not [cell for cell in table.cells if cell.doubts or not cell.visible]


PDF_STYLES = {
    "plain": portable.PdfStyle(),
    "upside down": portable.PdfStyle(turned=2),
    "turned right": portable.PdfStyle(turned=3),
}
OFD_STYLES = {
    "advances one by one": ofd.OfdStyle(repeats=False),
    "scaled by a matrix": ofd.OfdStyle(points=True),
    "with a template page": ofd.OfdStyle(template=True),
    "turned": ofd.OfdStyle(turned=1),
    "without a name space": ofd.OfdStyle(prefix="", space="", rooted=True),
}


@pytest.mark.parametrize("style", PDF_STYLES.values(), ids=PDF_STYLES)
def test_pdf_grids(style: portable.PdfStyle) -> None:
    blocks = report("2021")
    assert_grids(open_document(portable.pdf(TITLE, blocks, style=style)), blocks)


@pytest.mark.parametrize("style", OFD_STYLES.values(), ids=OFD_STYLES)
def test_ofd_grids(style: ofd.OfdStyle) -> None:
    blocks = report("2019", seed=2)
    assert_grids(open_document(ofd.ofd(TITLE, blocks, style=style)), blocks)


@pytest.mark.parametrize("name", [path.name for path in sorted(PRINTS.glob("*.pdf"))])
def test_prints_of_other_programs(name: str) -> None:
    """Chromium and LibreOffice printed the same filled form: rows and merged cells over page breaks are whole."""
    edition, seed = name.split("_")[:2]
    blocks = report(edition, int(seed))
    printed = [block for block in blocks if isinstance(block, PrintedTable)]
    document = open_document((PRINTS / name).read_bytes())
    assert [placed(t.cells) for t in document.tables] == [
        sorted((c.row, c.col, c.rowspan, c.colspan, squeeze(c.text)) for c in table.cells) for table in printed
    ]


def test_text_and_places() -> None:
    """Lines that run on are one paragraph, also over a page break; page numbers are left out; boxes tell the places."""
    blocks: list[Block] = [SectionHeading("一、总体情况"), PROSE * 30, SectionHeading("二、其他"), "无。"]
    found = [block for block in open_document(portable.pdf(TITLE, blocks)).blocks if isinstance(block, Paragraph)]
    assert [squeeze(block.text) for block in found] == [TITLE, "一、总体情况", PROSE * 30, "二、其他", "无。"]
    assert found[0].locator["page"] == 1
    assert found[0].locator["box"] == pytest.approx([172.5, 758.5, 422.7, 772.3], abs=3)
    in_ofd = open_document(ofd.ofd(TITLE, report("2021"))).tables[1].cells[-1]
    place = {"table": 1, "row": in_ofd.row, "col": in_ofd.col, "page": in_ofd.locator["page"], "unit": "mm"}
    assert in_ofd.locator == place | {"box": in_ofd.locator["box"]}


class Drawn:
    """A PDF with the lines of a grid, to be drawn upon."""

    def __init__(self, xs: Sequence[int], ys: Sequence[int]) -> None:
        self._out = io.BytesIO()
        self.canvas = Canvas(self._out, invariant=1)
        self.canvas.setFont("Helvetica", 9)
        for x in xs:
            self.canvas.line(x, ys[0], x, ys[-1])
        for y in ys:
            self.canvas.line(xs[0], y, xs[-1], y)

    def cells(self) -> list[TableCell]:
        """Return the cells in which something is read."""
        self.canvas.save()
        return [cell for cell in open_document(self._out.getvalue()).tables[0].cells if cell.text]


def test_figures_over_a_ruling_are_doubted() -> None:
    """A figure too wide for its cell runs over into the next one: nobody knows which cell it belongs to."""
    drawn = Drawn((100, 130, 160, 190), (700, 730, 760))
    drawn.canvas.drawString(135, 710, "1234567")
    drawn.canvas.drawString(110, 740, "7")
    found = {cell.text: cell.doubts for cell in drawn.cells()}
    assert found == dict.fromkeys(("12345", "67"), ("label_doubt",)) | {"7": ()}


def test_figures_printed_twice_to_look_bold_count_once() -> None:
    """As in jsvine/pdfplumber#992; pdfium itself leaves out a second print of the same size."""
    drawn = Drawn((100, 200, 300), (700, 730))
    drawn.canvas.drawString(110, 710, "6676")
    drawn.canvas.setFont("Helvetica", 8)
    drawn.canvas.drawString(110.2, 711, "6676")
    assert [cell.text for cell in drawn.cells()] == ["6676"]


def test_text_that_nobody_sees_and_fields_of_a_form() -> None:
    """Text in white, drawn in no ink or under a white box is no visible text; white text on black is. On the white box
    there may be another figure, as an editor prints it (huaian_2024_city.pdf and hongze_2023.pdf are made with one).
    """
    drawn = Drawn((100, 300), (540, 570, 600, 630, 660, 690, 720, 750))
    canvas = drawn.canvas
    canvas.drawString(110, 730, "seen")
    canvas.setFillGray(1)
    canvas.drawString(110, 700, "white")
    canvas.setFillGray(0)
    canvas.drawString(110, 640, "covered")
    canvas.drawString(110, 550, "7267")
    canvas.setFillGray(1)
    canvas.rect(105, 632, 90, 26, stroke=0, fill=1)
    canvas.rect(105, 542, 90, 26, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.drawString(110.5, 550, "7144")
    canvas.rect(101, 601, 198, 28, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.drawString(110, 610, "onblack")
    unpainted = canvas.beginText(110, 670)
    unpainted.setTextRenderMode(3)
    unpainted.textOut("unpainted")
    canvas.drawText(unpainted)
    canvas.acroForm.textfield(value="345", x=110, y=572, width=80, height=26, borderWidth=0, fillColor=None)
    assert {cell.text: cell.visible for cell in drawn.cells()} == {
        "seen": True, "white": False, "unpainted": False, "covered": False, "onblack": True, "345": True,
        "7144": False,
    }  # fmt: skip


def test_pages_without_text_are_images() -> None:
    pdf = open_document(scanned.scanned_pdf(TITLE, report("2021"), scanned.Scan(dpi=100)))
    assert (pdf.kind, pdf.unreadable) == ("scan", "needs_ocr")
    assert [image.locator for image in pdf.images] == [{"page": n + 1} for n in range(len(pdf.images))]
    assert all(image.data.startswith(b"II*") and image.points is not None for image in pdf.images)
    pages = scanned.image_files(TITLE, report("2021"), "png", scanned.Scan(dpi=72))
    pictured = open_document(ofd.pictured(TITLE, pages))
    assert (pictured.kind, [image.data for image in pictured.images]) == ("scan", pages)


def test_a_page_of_letters_that_no_report_has_is_recognised_but_no_scan() -> None:
    """Text without readable characters is recognised; the file is no picture for that."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setFont("Symbol", 12)
    canvas.drawString(100, 700, "αβγδεζηθικλμνξοπρστυφχψω")
    canvas.save()
    document = open_document(out.getvalue())
    assert (document.kind, document.unreadable, len(document.images)) == ("pdf", "needs_ocr", 1)


@pytest.mark.nightly
def test_scan_grids() -> None:
    """A skewed, noisy scan with a red seal gives the printed grid; unsure cells are doubted; boxes are in points."""
    blocks = report("2021")
    scan = scanned.Scan(dpi=150, skew=0.8, noise=6, seal=True)
    document = fill(open_document(scanned.scanned_pdf(TITLE, blocks, scan)), Limits())
    assert document.unreadable == ""
    printed = [block for block in blocks if isinstance(block, PrintedTable)]
    assert len(document.tables) == len(printed)
    for table, expected in zip(document.tables, printed, strict=True):
        found = {(c.row, c.col, c.rowspan, c.colspan): c for c in table.cells}
        assert set(found) == {(c.row, c.col, c.rowspan, c.colspan) for c in expected.cells}
        values = [(found[c.row, c.col, c.rowspan, c.colspan], c.text) for c in expected.cells if c.id]
        assert [(cell.text, text) for cell, text in values if cell.text != text and not cell.doubts] == []
        assert sum(cell.text == text for cell, text in values) >= 0.99 * len(values)
    first = document.tables[0].cells[0]
    assert first.locator["page"] == 1
    assert 0 < float(str(first.locator["confidence"])) < 1


@pytest.mark.parametrize(("above", "is_ruling"), [([1532, 1560], True), ([1560], False)])
def test_a_ruling_may_run_on_into_a_character_below_the_table(above: list[int], is_ruling: bool) -> None:
    """As into the 收 of 三、收到和处理… in a single-spaced Word print (made: 都安瑶族自治县石桥镇, 200 dpi)."""
    page = np.full((2339, 1655), 255, np.uint8)
    for y in (*above, 1587):
        cv2.line(page, (118, y), (1537, y), 0, 2)
    cv2.line(page, (484, above[0]), (484, 1587), 0, 2)
    cv2.line(page, (484, 1592), (484, 1623), 0, 3)
    _, vertical, _ = ink.find_rulings(ink.find_ink(page))
    assert any(abs(line.at - 484) < 3 for line in vertical) is is_ruling


def test_picture_of_a_table() -> None:
    """A bare picture is placed in its own pixels; one that cannot be read is told and costs nothing else."""
    blocks = report("2021")
    picture = scanned.image_files(TITLE, blocks, "png", scanned.Scan(dpi=150))[-1]
    document = fill(open_document(picture), Limits())
    assert document.tables[-1].cells[-1].locator["unit"] == "px"
    broken = fill(open_document(b"\x89PNG\r\n\x1a\nbroken"), Limits())
    assert (broken.unreadable, [found.code for found in broken.findings]) == ("no_text", ["picture_unreadable"])


def test_locked_and_damaged_files_are_told() -> None:
    data = portable.pdf(TITLE, report("2021"))
    assert open_document(portable.pdf(TITLE, ["无。"], password="x")).unreadable == "encrypted"
    assert open_document(data[:200]).unreadable == "truncated"
    assert open_document(b"PK\x03\x04", kind="ofd").unreadable == "truncated"


def test_a_page_of_a_pdf_is_drawn_as_shown_and_its_boxes_are_found_on_it() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, (400, 300))
    canvas.setPageRotation(90)
    canvas.drawString(20, 30, "7")
    canvas.save()
    picture, box = draw_page(out.getvalue(), 1, 480_000, (20, 30, 40, 60))
    assert (picture[:4], box) == (b"\x89PNG", (60, 40, 120, 80))
    with pytest.raises(ValueError, match="no page 2"):
        draw_page(out.getvalue(), 2, 30_000, (0, 0, 1, 1))
