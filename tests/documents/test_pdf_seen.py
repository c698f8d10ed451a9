"""What nobody sees is not read; what is typed into a form is."""

from __future__ import annotations

import ctypes

import pytest
from pypdfium2 import raw
from reportlab.lib.colors import HexColor, white
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Limits
from imitation.documents.grid import plain_table
from imitation.documents.portable import FONT, pdf
from tests.documents.drawing import HEIGHT, changed, image, pages, prose, write
from tests.documents.helpers import lines, tables, texts

XS, YS = (60, 160, 260), (200, 230, 260)


def grid(canvas: Canvas) -> None:
    """Running text, and an empty table of two columns and two rows."""
    prose(canvas)
    canvas.grid(XS, [HEIGHT - y for y in YS])


def read_cells(*draw: object) -> list[list[str]]:
    def page(canvas: Canvas) -> None:
        grid(canvas)
        for one in draw:
            one(canvas)  # type: ignore[operator]

    return texts(tables(read_pages(pages(page)))[0])


def figures(canvas: Canvas) -> None:
    write(canvas, [(110, 218, "规章"), (205, 218, "57"), (110, 248, "文件"), (210, 248, "6")])


def strike(x0: float, x1: float, y: float = 214.5) -> object:
    return lambda canvas: canvas.line(x0, HEIGHT - y, x1, HEIGHT - y)


def test_struck_out_digits_are_left_out_and_told() -> None:
    def page(canvas: Canvas) -> None:
        grid(canvas)
        figures(canvas)
        canvas.line(199.8, HEIGHT - 214.5, 205, HEIGHT - 214.5)  # through the 5 of 57

    done = read_pages(pages(page))
    (cell,) = [c for c in tables(done)[0].cells if (c.row, c.col) == (0, 1)]
    assert (cell.text, cell.locator["struck"]) == ("7", "5")
    assert [(f.code, f.found) for f in done.findings] == [("struck_out", "5")]


@pytest.mark.parametrize("y", [220.5, 207.0])
def test_underlined_and_overlined_digits_stay(y: float) -> None:
    assert read_cells(figures, strike(199.8, 210, y))[0] == ["规章", "57"]


def test_a_ruling_through_a_digit_strikes_nothing() -> None:
    assert "57" in "".join(read_cells(figures, strike(60, 260))[0] + read_cells(figures, strike(60, 260))[1])


def test_white_print_shows_only_on_a_colour() -> None:
    def hidden(canvas: Canvas) -> None:
        canvas.setFillColor(white)
        write(canvas, [(235, 218, "9")])
        canvas.setFillColor(HexColor(0x204080))
        canvas.rect(161, HEIGHT - 259, 98, 28, stroke=0, fill=1)
        canvas.setFillColor(white)
        write(canvas, [(235, 248, "8")])

    assert read_cells(figures, hidden)[0] == ["规章", "57"]
    assert read_cells(hidden)[1][1] == "8"


def test_invisible_text_among_visible_is_left_out() -> None:
    def hidden(canvas: Canvas) -> None:
        text = canvas.beginText(235, HEIGHT - 218)
        text.setFont(FONT, 10)
        text.setTextRenderMode(3)
        text.textOut("99")
        canvas.drawText(text)

    assert read_cells(figures, hidden)[0] == ["规章", "57"]


def test_text_under_an_opaque_image_is_left_out() -> None:
    def covered(canvas: Canvas) -> None:
        canvas.drawImage(image(), 165, HEIGHT - 228, 90, 26)

    assert read_cells(figures, covered)[0] == ["规章", UNREAD]  # nor is what the image shows


def test_figures_in_bold_drawn_twice_count_once() -> None:
    def shifted(canvas: Canvas) -> None:
        grid(canvas)
        for n in range(40):
            write(canvas, [(60 + 0.3 + 12 * n, 400 + n, "7")])
            write(canvas, [(60 + 12 * n, 400 + n, "7")])

    page = read_pages(pages(shifted))
    printed = lines(page) + [cell.text for table in tables(page) for cell in table.cells]
    assert sum(text.count("7") for text in printed) == 40


@pytest.mark.parametrize("drawn", ["二", "⼆"])
@pytest.mark.parametrize("scale", [1.0, 0.8])
def test_characters_given_in_place_of_others_stand_where_their_form_is_put(drawn: str, scale: float) -> None:
    def page(canvas: Canvas) -> None:
        prose(canvas)
        canvas.beginForm("table", 0, 0, 300, 300)
        canvas.grid((20, 120, 220), (20, 50, 80))
        canvas.setFont(FONT, 10)
        for y, label, figure in ((62, drawn, "7"), (32, "三", "8")):
            canvas._code.append("/Span <</ActualText <FEFF4E8C>>> BDC" if label == drawn else "/Span BMC")
            canvas.drawString(60, y, label)
            canvas._code.append("EMC")
            canvas.drawString(170, y, figure)
        canvas.endForm()
        canvas.translate(90, 300)
        canvas.scale(scale, scale)
        canvas.doForm("table")

    (table,) = tables(read_pages(pages(page)))
    assert texts(table) == [["二", "7"], ["三", "8"]]


def test_cells_printed_sideways_are_read_in_order() -> None:
    for turns in (1, 3):

        def sideways(canvas: Canvas, turns: int = turns) -> None:
            canvas.saveState()
            canvas.translate(110 + (4 if turns == 1 else -4), HEIGHT - 230)
            canvas.rotate(90 * turns)
            canvas.setFont(FONT, 6)
            canvas.drawCentredString(0, 0, "办理结果")
            canvas.restoreState()

        def tall(canvas: Canvas, draw: object = sideways) -> None:
            prose(canvas)
            canvas.grid(XS, [HEIGHT - 200, HEIGHT - 260])
            write(canvas, [(210, 233, "5")])
            draw(canvas)  # type: ignore[operator]

        assert texts(tables(read_pages(pages(tall)))[0]) == [["办理结果", "5"]]


def test_values_of_form_fields_belong_to_the_page() -> None:
    def form(canvas: Canvas) -> None:
        canvas.acroForm.textfield(
            name="a", value="1234", x=170, y=HEIGHT - 228, width=80, height=24, fontName="Helvetica", borderWidth=0
        )

    assert read_cells(form)[0][1] == "1234"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_read_alike(turn: int) -> None:
    table = plain_table([["信息内容", "本年制发件数"], ["规章", "-2"]])
    plain = pdf("某局报告", ["文" * 30, table])
    done = read_pages(changed(plain, lambda document: document[0].set_rotation(turn)))
    assert texts(tables(done)[0]) == texts(tables(read_pages(plain))[0])


def test_what_is_cropped_away_is_not_read() -> None:
    def crop(canvas: Canvas) -> None:
        grid(canvas)
        figures(canvas)
        canvas.drawString(60, 30, "页边之外的文字")

    done = read_pages(changed(pages(crop), lambda document: document[0].set_cropbox(40, 60, 560, HEIGHT)))
    assert not any("页边" in line for line in lines(done))
    assert texts(tables(done)[0])[0] == ["规章", "57"]


def test_pages_drawn_to_another_scale() -> None:
    def small(canvas: Canvas) -> None:
        canvas.scale(0.2, 0.2)
        grid(canvas)
        figures(canvas)

    done = read_pages(pages(small))
    (cell,) = [c for c in tables(done)[0].cells if (c.row, c.col) == (0, 1)]
    assert cell.text == "57"
    box = [160 * 0.2, (HEIGHT - 230) * 0.2, 260 * 0.2, (HEIGHT - 200) * 0.2]
    assert cell.locator["box"] == pytest.approx(box, abs=0.2)


def test_fonts_of_the_machine_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fonts that are not embedded are looked for when drawing, never when reading."""
    from archive.documents.pdfium import library

    asked: list[str] = []

    class Machine:
        def __getattr__(self, name: str) -> object:
            asked.append(name)
            raise AssertionError(name)

    monkeypatch.setattr(library._FONTS, "_own", Machine())
    assert read_pages(pdf("某局报告", ["文" * 30])).blocks
    assert asked == []


def test_too_many_characters_are_told() -> None:
    done = read_pages(pages(*[prose] * 4), Limits(characters=60))
    assert [f.code for f in done.findings] == ["limit_reached"]


def test_thousands_of_strokes_end() -> None:
    def strokes(canvas: Canvas) -> None:
        prose(canvas)
        path = canvas.beginPath()
        for n in range(30_000):
            path.moveTo(n % 500, n // 500)
            path.lineTo(n % 500 + 3, n // 500)
            if n % 1_000 == 999:
                canvas.drawPath(path)
                path = canvas.beginPath()

    assert read_pages(pages(strokes)).blocks


def test_library_answers_stay_numbers() -> None:
    """Handles of pdfium are plain numbers here: a null one is 0."""
    from archive.documents.pdfium import library

    assert library.address_of(ctypes.c_void_p(0)) == 0
    assert raw.FPDF_PAGEOBJ_TEXT == 1


def test_the_text_around_a_seal_and_the_star_in_it_are_no_part_of_a_table() -> None:
    def seal(canvas: Canvas) -> None:
        canvas.setFont(FONT, 10)
        canvas.saveState()
        canvas.translate(205, HEIGHT - 235)
        for n, character in enumerate("某县教育体育局"):
            angle = 60.0 - 20 * n  # the fourth stands upright by chance, above a figure
            canvas.saveState()
            canvas.rotate(angle)
            canvas.drawCentredString(0, 14, character)
            canvas.restoreState()
        canvas.drawCentredString(0, -12, "★")
        canvas.restoreState()

    assert read_cells(figures, seal) == [["规章", "57"], ["文件", "6"]]
