"""Pages and parts of pages that wait for recognition, and files within a PDF."""

from __future__ import annotations

import io
import random
import zlib

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Table, UnseenError
from archive.parser.reader import read
from imitation.documents.grid import plain_table
from imitation.documents.portable import FONT, pdf
from tests.documents.drawing import HEIGHT, changed, image, pages, prose, write
from tests.documents.test_pdf_tamed import WORDS, written

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def half_black() -> ImageReader:
    """An image whose upper half is black."""
    picture = Image.new("L", (100, 100), 255)
    picture.paste(0, (0, 0, 100, 50))
    return ImageReader(picture)


def scanned(canvas: Canvas) -> None:
    canvas.drawImage(half_black(), 0, 0, 595, HEIGHT)


def shown(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_a_scan_is_a_picture_for_each_page() -> None:
    page = read_pages(pages(scanned, scanned))
    assert (page.kind, page.unreadable, page.blocks) == ("scan", "needs_ocr", ())
    assert [(p.at, dict(p.locator)) for p in page.pictures] == [(0, {"page": 1}), (0, {"page": 2})]
    assert page.pictures[0].points == pytest.approx((595.3, 841.9), abs=0.1)
    drawn = shown(page.pictures[0].source.load())
    assert (drawn.mode, drawn.size) == ("RGB", (1654, 2339))
    assert (drawn.getpixel((800, 300)), drawn.getpixel((800, 2000))) == (BLACK, WHITE)


def test_pictures_are_shown_as_a_viewer_turns_them() -> None:
    page = read_pages(changed(pages(scanned), lambda document: document[0].set_rotation(90)))
    assert page.pictures[0].points == pytest.approx((841.9, 595.3), abs=0.1)
    drawn = shown(page.pictures[0].source.load())
    assert drawn.size == (2339, 1654)
    assert (drawn.getpixel((2000, 800)), drawn.getpixel((300, 800))) == (BLACK, WHITE)


def test_image_pages_stand_between_their_neighbours() -> None:
    page = read_pages(pages(prose, scanned, prose))
    assert page.kind == "pdf"
    assert [(p.at, dict(p.locator)) for p in page.pictures] == [(1, {"page": 2})]
    assert [b.locator["page"] for b in page.blocks] == [1, 3]


def test_a_large_image_within_text_is_cut_out() -> None:
    def mixed(canvas: Canvas) -> None:
        prose(canvas)
        canvas.drawImage(half_black(), 60, 300, 400, 300)
        prose(canvas, 700)

    page = read_pages(pages(mixed))
    (picture,) = page.pictures
    assert (picture.at, picture.points) == (2, None)
    assert picture.locator == {"page": 1, "within": [60.0, 300.0, 460.0, 600.0]}
    drawn = shown(picture.source.load())
    assert drawn.size == (1112, 834)
    assert (drawn.getpixel((500, 100)), drawn.getpixel((500, 700))) == (BLACK, WHITE)


def test_a_low_image_as_broad_as_the_text_may_be_a_table() -> None:
    def mixed(canvas: Canvas) -> None:
        prose(canvas)
        canvas.drawImage(half_black(), 60, 600, 470, 60)
        canvas.drawImage(half_black(), 60, 500, 470, 2)  # a line

    assert [p.locator["within"] for p in read_pages(pages(mixed)).pictures] == [[60.0, 600.0, 530.0, 660.0]]


def test_small_images_and_backgrounds_are_no_pictures() -> None:
    def decorated(canvas: Canvas) -> None:
        canvas.drawImage(image(grey=230), 0, 0, 595, HEIGHT)
        prose(canvas)
        canvas.drawImage(image(), 400, 100, 60, 60)

    assert read_pages(pages(decorated)).pictures == ()


FOOT = "汶上县人民政府网 http://www.example.gov.cn 2024-01-22"


def in_print(*, dark: int = 40, paper: int = 250) -> ImageReader:
    """A page of print as a scanner sees it."""
    picture = Image.new("L", (595, 842), paper)
    for row in range(8, 55):
        for place in range(4, 70):
            picture.paste(dark, (8 * place, 15 * row, 8 * place + 5, 15 * row + 8))
    return ImageReader(picture)


@pytest.mark.parametrize("across", [[(60, 30, FOOT)], [(60, 800 - 30 * n, FOOT) for n in range(25)]])
def test_a_line_of_text_on_a_scan_is_no_text_layer(across: list[tuple[float, float, str]]) -> None:
    """What a portal prints below each page, or across all of it, hid the scan: the document was told as empty."""

    def stamped(canvas: Canvas) -> None:
        canvas.drawImage(in_print(), 0, 0, 595, HEIGHT)
        canvas.setFont(FONT, 9)
        for x, y, words in across:
            canvas.drawString(x, y, words)

    page = read_pages(pages(stamped))
    assert (page.kind, page.unreadable, page.blocks, len(page.pictures)) == ("scan", "needs_ocr", (), 1)


def test_figures_typed_on_a_scanned_form_are_read_with_it() -> None:
    def filled_in(canvas: Canvas) -> None:
        canvas.drawImage(in_print(), 0, 0, 595, HEIGHT)
        for n in range(200):
            canvas.drawString(60 + 50 * (n % 10), 700 - 30 * (n // 10), f"{37 * n}")

    page = read_pages(pages(filled_in))
    assert (page.kind, page.blocks, len(page.pictures)) == ("scan", (), 1)


@pytest.mark.parametrize("ground", [in_print(dark=225), in_print(dark=20, paper=60), image()])
def test_few_words_on_a_ground_without_print_are_read_as_text(ground: ImageReader) -> None:
    def decorated(canvas: Canvas) -> None:
        canvas.drawImage(ground, 0, 0, 595, HEIGHT)
        canvas.setFillGray(0 if ground.getRGBData()[0] > 100 else 1)
        prose(canvas, 700)

    page = read_pages(pages(decorated))
    assert (page.kind, bool(page.blocks), page.pictures) == ("pdf", True, ())


def test_an_image_of_print_with_a_line_across_is_cut_out() -> None:
    def mixed(canvas: Canvas) -> None:
        prose(canvas)
        canvas.drawImage(in_print(), 60, 300, 400, 300)
        canvas.drawString(80, 450, FOOT)

    assert [p.locator["within"] for p in read_pages(pages(mixed)).pictures] == [[60.0, 300.0, 460.0, 600.0]]


def test_text_recognised_by_others_is_not_taken() -> None:
    def layered(canvas: Canvas) -> None:
        scanned(canvas)
        text = canvas.beginText(60, 700)
        text.setFont(FONT, 10)
        text.setTextRenderMode(3)
        text.textOut("本机关共收到申请九十九件，均已办结并予答复，特此报告。")
        canvas.drawText(text)

    page = read_pages(pages(layered))
    assert (page.kind, page.unreadable, page.blocks, len(page.pictures)) == ("scan", "needs_ocr", (), 1)


def test_a_text_layer_that_means_nothing_is_a_picture() -> None:
    def garbage(canvas: Canvas) -> None:
        canvas.setFont(FONT, 10)
        for n in range(12):
            canvas.drawString(60, 700 - 20 * n, "犇猋骉羴鱻淼垚焱鑫矗晶磊")

    page = read_pages(pages(garbage))
    assert (page.kind, page.unreadable, len(page.pictures)) == ("scan", "needs_ocr", 1)


def test_files_within_are_parts_and_members_where_the_file_has_no_table() -> None:
    def attach(document: pypdfium2.PdfDocument) -> None:
        document.new_attachment("附表.txt").set_data("规章 1 2 3".encode())

    (member,) = (page := read_pages(changed(pages(prose), attach))).members
    assert (member.name, member.data.decode()) == ("附表.txt", "规章 1 2 3")
    assert [(p.kind, p.text) for p in page.parts] == [("attachment", "附表.txt")]
    table = pdf("某局报告", ["文" * 30, plain_table([["信息内容", "件数"], ["规章", "2"]])])
    page = read_pages(changed(table, attach))
    assert (page.members, [p.text for p in page.parts]) == ((), ["附表.txt"])


def test_a_page_whose_letters_are_one_shape_is_to_be_recognised() -> None:
    def outlined(canvas: Canvas) -> None:
        path = canvas.beginPath()
        for at in range(1_100):
            x, y = 40 + 7 * (at % 70), 40 + 9 * (at // 70)
            path.moveTo(x, y)
            for corner in ((x + 4, y), (x + 4, y + 6), (x, y + 6)):
                path.lineTo(*corner)
        canvas.drawPath(path, stroke=0, fill=1)

    found = read_pages(pages(outlined))
    assert (found.unreadable, len(found.pictures)) == ("needs_ocr", 1)


def test_a_cell_that_shows_a_picture_is_no_blank() -> None:
    def table(canvas: Canvas) -> None:
        prose(canvas)
        canvas.setLineWidth(0.5)
        canvas.grid([60, 160, 260, 360], [600, 620, 640])
        write(canvas, [(110, HEIGHT - 626, "行政许可"), (110, HEIGHT - 606, "行政处罚"), (210, HEIGHT - 626, "75")])
        canvas.drawImage(half_black(), 200, 604, 14, 11)  # a figure that a program drew
        canvas.drawImage(half_black(), 262, 620.2, 96, 1)  # a line
        canvas.drawImage(half_black(), 280, 500, 14, 11)  # beside the table

    (found,) = (block for block in read_pages(pages(table)).blocks if isinstance(block, Table))
    assert {(cell.row, cell.col): cell.text for cell in found.cells} == {
        (0, 0): "行政许可", (0, 1): "75", (0, 2): "", (1, 0): "行政处罚", (1, 1): UNREAD, (1, 2): "",
    }  # fmt: skip


GREY = b"/BitsPerComponent 8/ColorSpace/DeviceGray"
WIDE, HIGH = 1_240, 1_754


def scan(data: bytes, said: bytes, content: bytes = b"q 595 0 0 842 0 0 cm /I Do Q") -> bytes:
    """A PDF of one page that is an image; ``said`` of how it is packed."""
    image = b"<</Type/XObject/Subtype/Image/Width %d/Height %d%b/Length %d>>stream\n%b\nendstream"
    return written(content, b"/XObject<</I 5 0 R>>", image % (WIDE, HIGH, said, len(data), data))


def jpeg(colour: int = 255, *, printed: bool = False, profile: bytes = b"") -> bytes:
    picture = Image.new("L", (WIDE, HIGH), colour)
    if printed:
        for y in range(100, HIGH - 100, 40):
            picture.paste(0, (100, y, WIDE - 100, y + 4))
    out = io.BytesIO()
    picture.save(out, "JPEG", icc_profile=profile)
    return out.getvalue()


def noise() -> bytes:
    return random.Random(1).randbytes(WIDE * HIGH)


PACKED, SHOWN = GREY + b"/Filter/DCTDecode", GREY + b"/Filter/FlateDecode"
TORN = zlib.compress(noise())[:2] + bytes(60) + zlib.compress(noise())[62:]
UNSEEN = {
    "no head": (b"\0\0\0" + jpeg(printed=True)[3:], PACKED),
    "no content": (jpeg(printed=True)[:200] + bytes(20_000), PACKED),
    "cut behind its head": (jpeg(printed=True)[:700] + b"\xff\xd9", PACKED),
    "another kind": (jpeg(printed=True), GREY + b"/Filter/JPXDecode"),
    "another kind that is told late": (jpeg(printed=True), GREY + b"/Filter/JBIG2Decode"),
    "an unknown kind": (jpeg(printed=True), GREY + b"/Filter/FooDecode"),
    "a torn stream": (TORN, SHOWN),
    "a torn stream that shows white": (TORN, SHOWN + b"/Decode[1 0]"),
}
BLANK = {
    "paper": (jpeg(), PACKED),
    "paper with a profile": (jpeg(profile=noise()[:50_000]), PACKED),
    "bytes": (b"\xff" * (WIDE * HIGH), GREY),
    "packed": (zlib.compress(b"\xff" * (WIDE * HIGH)), SHOWN),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_a_page_whose_image_cannot_be_decoded_is_not_blank(name: str) -> None:
    data = scan(*UNSEEN[name])
    (picture,) = read_pages(data).pictures
    with pytest.raises(UnseenError):
        picture.source.load()
    reading = read(data)
    told = next(found for found in reading.findings if found.code == "picture_unreadable")
    assert (reading.is_report, reading.reason, reading.unreadable) == (False, "needs_ocr", "needs_ocr")
    assert "第 1 页" in told.zh
    assert "page 1" in told.en


@pytest.mark.parametrize("name", BLANK)
def test_a_page_of_blank_paper_is_blank(name: str) -> None:
    reading = read(scan(*BLANK[name]))
    assert (reading.is_report, reading.reason, reading.findings) == (False, "empty", ())


def test_what_else_a_page_shows_is_read_beside_an_image_that_cannot_be_decoded() -> None:
    lost, _ = UNSEEN["no head"]
    data = scan(lost, PACKED, b"q 595 0 0 400 0 0 cm /I Do Q 0 g 50 500 400 200 re f")
    (picture,) = read_pages(data).pictures
    with pytest.raises(UnseenError) as told:
        picture.source.load()
    assert shown(told.value.shown).getpixel((500, 600)) == BLACK


def test_an_image_that_is_painted_without_end_is_not_drawn() -> None:
    often = b"q 59 0 0 84 100 100 cm /I Do Q " * 2_000
    pages_read = read_pages(scan(zlib.compress(noise()), SHOWN, often))
    assert (pages_read.pictures, pages_read.unreadable) == ((), "too_large")
    assert [found.code for found in pages_read.findings] == ["limit_reached"]
    beside = read_pages(scan(zlib.compress(noise()), SHOWN, WORDS + often))
    assert any("The report of a bureau" in getattr(block, "text", "") for block in beside.blocks)
