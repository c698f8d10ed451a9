"""Scans and images: every cell read or doubted, whatever the scanner did; what is no image costs a finding."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from archive.documents import scan
from archive.documents.kinds import read_pages
from archive.documents.ocr import engine
from archive.documents.ocr.components import components
from archive.documents.pages import Limits, Pages, Paragraph, Picture, StoredImage, Table
from archive.forms.loader import form as load_form
from archive.forms.printer import tables as printed
from archive.parser.reader import read, read_pages_to_reading
from imitation import figures
from imitation.documents import scanned
from imitation.documents.archived import zipped
from imitation.documents.portable import pdf
from imitation.documents.scanned import Scan
from imitation.wording import Block, Heading
from storage.records import Reading

LIMITS = Limits()
TITLE = "临河县水务局2023年政府信息公开工作年度报告"
SURE = 0.9  # from which the parser trusts a recognised cell


@cache
def has_font() -> bool:
    page = scanned.pictures("政府", [])[0]
    return page.convert("L").getextrema()[0] < 128


needs_font = pytest.mark.skipif(not has_font(), reason="no CJK font is installed to draw the pages with")


def cells(form: str) -> dict[str, Decimal | None]:
    """Figures that obey the identities, some large, some signed, some left blank."""
    values = figures.drawn("临河县水务局", 2023, form)
    values |= {"review.corrected": Decimal(17), "litigation.direct.other": Decimal(206)}
    del values["review.total"], values["litigation.direct.total"]
    if form == "2021":
        values["proactive.admin_fee.amount"] = Decimal("1034.08")
    else:
        values |= {"proactive.admin_license.items_change": Decimal(-18), "proactive.procurement.projects": None}
    return {name: figures.summed(values).get(name, Decimal(0)) for name in load_form(form).ids}


def report(form: str, *sections: str) -> list[Block]:
    plan = load_form(form)
    out: list[Block] = ["本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。"]
    for section in plan.sections:
        if sections and section.key not in sections:
            continue
        out.append(Heading(f"{section.number}、{section.heading}"))
        out += [
            t for t in printed(plan, cells(form)) if t.key in {p.key for p in plan.tables if p.section == section.key}
        ]
    return out


def differing(reading: Reading, form: str) -> dict[str, str]:
    """Cells that were not read as printed, with what was read."""
    return {
        name: reading.cells[name].raw if name in reading.cells else "absent"
        for name, value in cells(form).items()
        if name not in reading.cells or reading.cells[name].value != value
    }


def doubted(reading: Reading, name: str) -> bool:
    cell = reading.cells.get(name)
    if cell is None or cell.flags or cell.locator.get("also"):
        return True
    sure = cell.locator.get("confidence", 1.0)
    assert isinstance(sure, float)
    return sure < SURE or any(name in finding.cells for finding in reading.findings)


def test_recognition_tells_nobody_of_its_use(tmp_path: Path) -> None:
    """onnxruntime 1.31 keeps in the home folder what it means to send to its maker, unless it is told not to."""
    code = "from archive.documents.ocr import engine; raise SystemExit(engine.ready() or 0)"
    home = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    home.pop("XDG_CACHE_HOME", None)
    subprocess.run([sys.executable, "-c", code], env=home, check=True)
    assert not [*tmp_path.rglob("*")]


@needs_font
def test_a_skewed_noisy_stamped_form_is_read_to_the_last_cell() -> None:
    data = scanned.tiff(TITLE, report("2021"), Scan(dpi=200, skew=2.3, noise=8, seal=True))
    reading = read(data)
    assert differing(reading, "2021") == {}
    assert (reading.kind, reading.title, reading.form, reading.unreadable) == ("scan", TITLE, "2021", "")
    last = reading.cells["litigation.after_review.total"].locator
    assert (last["page"], last["unit"]) == (2, "px")
    box = last["box"]
    assert isinstance(box, list)
    assert 0 < box[0] < box[2] <= 1654
    assert 0 < box[1] < box[3] <= 2339


@needs_font
@pytest.mark.parametrize("shade", [60, 130])
def test_a_grey_or_dark_seal_and_the_ticks_of_a_pen_leave_cells_right_or_doubted(shade: int) -> None:
    style = Scan(dpi=200, skew=0.4, noise=4, seal=True, stamp=(shade,) * 3, ticks=12)
    reading = read(scanned.tiff(TITLE, report("2021"), style))
    wrong = differing(reading, "2021")
    assert len(wrong) <= 1
    assert [name for name in wrong if not doubted(reading, name)] == []


@needs_font
def test_a_poor_jpeg_is_read_or_doubted() -> None:
    style = Scan(dpi=150, skew=-0.8, blur=0.5, quality=55, shade=0.3)
    pictures = tuple(
        Picture(at=0, source=StoredImage(data), locator={"page": number}, points=(595.3, 841.9))
        for number, data in enumerate(scanned.image_files(TITLE, report("2019"), "jpeg", style), 1)
    )
    pages = Pages(kind="scan", blocks=(), pictures=pictures, unreadable="needs_ocr")
    reading = read_pages_to_reading(pages, "0" * 64)
    boxes = [cell.locator["box"] for cell in reading.cells.values()]
    assert all(isinstance(box, list) and 0 < box[1] < box[3] <= 841.9 for box in boxes)
    wrong = differing(reading, "2019")
    assert len(wrong) <= 0.005 * len(cells("2019"))
    assert [name for name in wrong if not doubted(reading, name)] == []


@needs_font
@pytest.mark.parametrize("turned", [1, 2])
def test_a_page_that_lies_wrong(turned: int) -> None:
    (data,) = scanned.image_files(TITLE, report("2021", "proactive"), "png", Scan(dpi=150, turned=turned, skew=1.5))
    reading = read(data)
    assert reading.cells["proactive.admin_fee.amount"].value == Decimal("1034.08")
    expected = cells("2021")
    assert {name: cell.value for name, cell in reading.cells.items()} == {
        name: expected[name] for name in reading.cells
    }
    assert len(reading.cells) == 10


def ruled(*texts: str, scribble: int | None = None) -> bytes:
    """A picture of one row of cells with plain figures; one of them scribbled full."""
    picture = Image.new("L", (150 * len(texts) + 40, 340), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(3):
        for at, text in enumerate(texts):
            left, top = 20 + 150 * at, 20 + 100 * row
            draw.rectangle((left, top, left + 150, top + 100), outline="black", width=2)
            shown = text if row == 1 else "12"
            draw.text((left + 60, top + 32), shown, fill="black", font_size=34)
            if row == 1 and at == scribble:
                for step in range(5):
                    draw.arc(
                        (left + 40 + 9 * step, top + 25, left + 90 + 9 * step, top + 75), 20, 340, fill="black", width=3
                    )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_blank_is_not_zero_and_ink_is_not_blank() -> None:
    pages = scan.fill(read_pages(ruled("0", "", "", "-", "7", scribble=2)), LIMITS)
    (table,) = (block for block in pages.blocks if isinstance(block, Table))
    row = {cell.col: cell for cell in table.cells if cell.row == 1}
    assert [row[col].text for col in (0, 1, 3, 4)] == ["0", "", "-", "7"]
    assert row[2].text
    sure = row[2].locator["confidence"]
    assert isinstance(sure, float)
    assert sure < SURE or row[2].locator.get("also")


def test_pictures_stand_where_they_stood() -> None:
    data = ruled("3", "4")
    text = (Paragraph(text="前"), Paragraph(text="后"))
    picture = Picture(at=1, source=StoredImage(data), locator={"css": "img"})
    done = scan.fill(Pages(kind="html", blocks=text, pictures=(picture,)), LIMITS)
    first, table, last = done.blocks
    assert (first, last) == text
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells if cell.row == 1] == ["3", "4"]
    place = table.cells[0].locator
    assert (place["css"], place["unit"], place["table"], "page" in place) == ("img", "px", 0, False)
    assert scan.fill(Pages(kind="html", blocks=text, pictures=(picture,)), LIMITS).blocks == done.blocks


def long_scan() -> bytes:
    """Three pages in one TIFF."""
    first, *rest = (Image.open(io.BytesIO(ruled(str(page), "5"))) for page in (1, 2, 3))
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest)
    return out.getvalue()


def pages_of(pages: Pages) -> list[object]:
    """The page of each row read."""
    tables = [block for block in pages.blocks if isinstance(block, Table)]
    return [cell.locator["page"] for table in tables for cell in table.cells if cell.col == 0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_all_frames_of_a_picture_are_read(kind: str) -> None:
    first, *rest = (Image.open(io.BytesIO(ruled(str(page), "5"))) for page in (1, 2, 3))
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=rest, **({"lossless": True} if kind == "WEBP" else {}))
    pages = scan.fill(read_pages(out.getvalue()), LIMITS)
    assert pages_of(pages) == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_blank_pages_before_a_scan_do_not_keep_it_from_being_read() -> None:
    page = Image.open(io.BytesIO(ruled("1", "5")))
    blank = [Image.new("L", page.size, 255) for _ in range(4)]
    out = io.BytesIO()
    blank[0].save(out, "TIFF", save_all=True, append_images=[*blank[1:], page, page])
    pages = scan.fill(read_pages(out.getvalue()), Limits(pictures=1))
    assert pages_of(pages) == [5, 5, 5]
    (finding,) = pages.findings
    assert (finding.code, finding.found) == ("limit_reached", "6-6")


def test_a_grey_picture_takes_less_room_than_its_pixels_in_colour() -> None:
    for mode, kept in (("L", True), ("RGB", True), ("RGBA", False)):
        out = io.BytesIO()
        Image.new(mode, (1_000, 1_600), 255 if mode == "L" else "white").save(out, "PNG")
        pages = read_pages(out.getvalue(), Limits(pixels=1_000_000))
        assert (pages.unreadable == "needs_ocr") is kept
        assert all("300 dpi" in finding.zh and "300 dpi" in finding.en for finding in pages.findings)
        assert len(pages.findings) == (not kept)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_a_picture_that_is_cut_is_told_without_a_library_s_words(kind: str) -> None:
    out = io.BytesIO()
    Image.new("L", (400, 400), 255).save(out, kind)
    pages = scan.read(out.getvalue()[:30], LIMITS)
    assert pages.unreadable == "damaged"
    assert [finding.found for finding in pages.findings] == ["damaged"]


@pytest.mark.parametrize(("grey", "told"), [(0, ["no_text"]), (255, [])])
def test_a_picture_that_shows_something_and_no_text_is_told(grey: int, told: list[str]) -> None:
    out = io.BytesIO()
    Image.new("L", (600, 800), grey).save(out, "PNG")
    pages = scan.fill(read_pages(out.getvalue()), LIMITS)
    assert pages.unreadable == "empty"
    assert [finding.found for finding in pages.findings] == told


def test_a_scan_too_long_is_read_to_its_bound_and_the_rest_is_told() -> None:
    whole = scan.fill(read_pages(long_scan()), LIMITS)
    assert (whole.pictures, whole.findings) == ((), ())
    assert pages_of(whole) == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    limits = Limits(text=whole.recognised // 2)
    part = scan.fill(read_pages(long_scan()), limits)
    assert pages_of(part) == [1, 1, 1, 2, 2, 2]
    assert 0 < part.recognised < whole.recognised
    assert [(picture.at, picture.locator["page"]) for picture in part.pictures] == [(len(part.blocks), 3)]
    (finding,) = part.findings
    assert (finding.code, finding.found, finding.expected) == ("limit_reached", "3-3", str(limits.text))
    assert part.unreadable == ""
    rest = scan.fill(part, LIMITS)
    assert pages_of(rest) == pages_of(whole)
    assert rest.recognised == whole.recognised


def test_a_scan_of_which_nothing_may_be_read_still_needs_recognition() -> None:
    for limits in (Limits(text=0), Limits(pictures=0)):
        pages = scan.fill(read_pages(long_scan()), limits)
        assert (pages.unreadable, pages.blocks, len(pages.pictures)) == ("needs_ocr", (), 3)
        assert [finding.code for finding in pages.findings] == ["limit_reached"]


def test_files_of_a_container_share_one_bound() -> None:
    pages = {f"{page}.png": ruled(str(page), "5") for page in (1, 2, 3)}
    cost = scan.fill(read_pages(pages["1.png"]), LIMITS).recognised
    reading = read(zipped(pages.items()), limits=Limits(text=cost + 1))
    assert [(finding.code, finding.found) for finding in reading.findings] == [("part_unreadable", "needs_ocr")]


@given(st.integers(0, 2**32), st.floats(0, 1), st.tuples(st.integers(1, 60), st.integers(1, 60)))
@settings(max_examples=40, deadline=None)
def test_connected_ink_is_measured_as_opencv_does(seed: int, share: float, shape: tuple[int, int]) -> None:
    mask = (np.random.default_rng(seed).random(shape) < share).astype(np.uint8)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    done = components(mask)
    assert np.array_equal(done.labels, labels)
    assert np.array_equal(done.stats, stats[1:])
    assert np.array_equal(done.middles, centres[1:, 1])


def png_of_size(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [head, b"IDAT" + zlib.compress(b"\0" * 64), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts
    )


SIDE = 50_000
TAGS = ((256, SIDE), (257, SIDE), (258, 8), (262, 1), (273, 8), (279, 8))
BOMBS = {
    "png": png_of_size(SIDE, SIDE),
    "gif": b"GIF89a"
    + struct.pack("<HHBBB", SIDE, SIDE, 0x80, 0, 0)
    + b"\0\0\0\xff\xff\xff,\0\0\0\0"
    + struct.pack("<HHBB", SIDE, SIDE, 0, 2),
    "bmp": b"BM" + struct.pack("<IHHI", 1 << 20, 0, 0, 54) + struct.pack("<IiiHH24x99x", 40, SIDE, SIDE, 1, 24),
    "tiff": b"II*\0\x08\0\0\0"
    + struct.pack("<H", len(TAGS))
    + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in TAGS)
    + b"\0\0\0\0",
}


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded() -> None:
    out = io.BytesIO()
    Image.new("L", (1_000, 1_400), 255).save(out, "JPEG", progressive=True)
    usual = out.getvalue()
    last = usual[usual.rindex(b"\xff\xda") : -2]
    assert read_pages(usual).unreadable == "needs_ocr"
    assert read_pages(usual[:-2] + last * 1_000 + usual[-2:]).unreadable == "too_large"


@pytest.mark.parametrize("kind", BOMBS)
def test_an_image_bomb_is_refused_by_its_header(kind: str) -> None:
    pages = read_pages(BOMBS[kind])
    assert (pages.kind, pages.unreadable, pages.pictures) == ("scan", "too_large", ())
    assert [finding.code for finding in pages.findings] == ["picture_unreadable"]
    bomb = Picture(at=0, source=StoredImage(BOMBS[kind]))
    done = scan.fill(Pages(kind="html", blocks=(), pictures=(bomb,)), LIMITS)
    assert [finding.code for finding in done.findings] == ["picture_unreadable"]


@given(st.sampled_from([data[:12] for data in BOMBS.values()] + [b"\xff\xd8\xff\xe0"]), st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_garbage_costs_a_finding_and_nothing_else(magic: bytes, rest: bytes) -> None:
    pages = scan.read(magic + rest, LIMITS)
    assert pages.kind == "scan"
    done = scan.fill(pages, LIMITS)
    assert done.blocks == ()
    assert done.unreadable


@needs_font
@pytest.mark.parametrize("left", [1.0, 0.8, 0.55])
def test_of_an_image_that_is_cut_what_is_left_is_read(left: float) -> None:
    """As browsers show it; what stands where it ends is doubted: half a figure is none, and no blank."""
    whole = scanned.image_files(TITLE, report("2021", "applications"), "jpeg", Scan(dpi=150))[0]
    reading = read(whole[: int(left * (len(whole) - 2))])
    assert [found.en for found in reading.findings if found.code == "document_damaged"]
    wrong = differing(reading, "2021")
    assert len(reading.cells) > 40
    assert [name for name in wrong if not doubted(reading, name)] == []


def test_a_torn_image_and_a_failing_source_are_told() -> None:
    whole = ruled("1", "2")

    class Gone:
        def load(self) -> bytes:
            raise ValueError("the image is gone")

    pictures = (Picture(at=0, source=StoredImage(whole[:60])), Picture(at=0, source=Gone()))
    done = scan.fill(Pages(kind="pdf", blocks=(), pictures=pictures, unreadable="needs_ocr"), LIMITS)
    (finding,) = done.findings
    assert (finding.code, done.unreadable, done.blocks) == ("picture_unreadable", "needs_ocr", ())
    assert "1, 2" in finding.en


def test_a_jpeg_with_next_to_nothing_in_it_is_not_blank() -> None:
    out = io.BytesIO()
    Image.new("L", (16, 16), 255).save(out, "JPEG")
    small = out.getvalue()
    at = small.index(b"\xff\xc0") + 5
    reading = read(small[:at] + struct.pack(">HH", 3_000, 2_000) + small[at + 4 :])
    assert (reading.reason, reading.unreadable) == ("needs_ocr", "needs_ocr")
    assert {"document_damaged", "picture_unreadable"} & {found.code for found in reading.findings}


def test_a_small_first_frame_does_not_make_an_icon_of_the_others() -> None:
    frames = [Image.new("L", (100, 140), 255), Image.new("L", (1_240, 1_754), 255)]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    pages = scan.read(out.getvalue(), LIMITS)
    assert (pages.unreadable, len(pages.pictures)) == ("needs_ocr", 2)
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=[frames[0].copy() for _ in range(3)])
    assert scan.fill(scan.read(out.getvalue(), LIMITS), LIMITS).unreadable == "empty"
    few = Limits(pages=2)
    assert [found.code for found in scan.read(out.getvalue(), few).findings] == ["limit_reached"]


def test_icons_are_left_alone() -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "GIF")
    assert scan.read(out.getvalue(), LIMITS).unreadable == "empty"


@pytest.mark.parametrize(("size", "kept"), [((830, 93), True), ((300, 93), False), ((830, 30), False)])
def test_a_strip_as_low_as_a_table_of_a_few_rows_is_no_icon(size: tuple[int, int], kept: bool) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    assert (scan.read(out.getvalue(), LIMITS).unreadable == "needs_ocr") is kept


def test_without_models_the_pictures_stay_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    engine._models.cache_clear()
    try:
        pages = scan.fill(read_pages(ruled("1", "2")), LIMITS)
    finally:
        engine._models.cache_clear()
    assert (pages.unreadable, len(pages.pictures)) == ("needs_ocr", 1)
    assert [finding.code for finding in pages.findings] == ["needs_ocr"]


def test_the_same_options_make_the_same_bytes() -> None:
    style = Scan(dpi=60, skew=1, noise=9, speckle=0.01, seal=True, lean=0.02, shade=0.2, seed=4)
    once, twice = (scanned.scanned_pdf(TITLE, ["甲"], style) for _ in range(2))
    assert once == twice
    assert read_pages(once).kind == "scan"


_COUNTING = {name: Decimal(10 * at + 3) for at, name in enumerate(load_form("2021").ids)}


def _telling_otherwise(data: bytes, codes: Mapping[str, str]) -> bytes:
    """A PDF whose font tells other digits than it draws."""
    lines = "".join(f"<{ord(one):04X}> <{ord(other):04X}>\n" for one, other in codes.items())
    table = f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{len(codes)} beginbfchar\n{lines}endbfchar\n"
    stream = f"/CIDInit /ProcSet findresource begin begincmap\n{table}endcmap end".encode()
    added = b"999 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(stream), stream)
    assert b"/Encoding /UniGB-UCS2-H" in data
    told = data.replace(b"/Encoding /UniGB-UCS2-H", b"/Encoding /UniGB-UCS2-H /ToUnicode 999 0 R")
    return told.replace(b"\nxref\n", b"\n" + added + b"xref\n", 1)


def test_a_pdf_that_tells_other_digits_than_it_shows_is_taken_for_pictures() -> None:
    honest = pdf(TITLE, ["本机关按照规定公开政府信息。" * 2, printed(load_form("2021"), _COUNTING)[1]])
    assert scan.as_shown(read_pages(honest)) is None
    pages = read_pages(_telling_otherwise(honest, {"3": "8", "8": "3"}))
    shown = scan.as_shown(pages)
    assert shown is not None
    assert (shown.kind, shown.blocks, len(shown.pictures)) == ("scan", (), pages.page_count)
    assert [found.found for found in shown.findings if found.code == "text_untrue"] == ["3→8, 8→3"]
