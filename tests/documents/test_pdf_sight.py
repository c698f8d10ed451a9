"""What a person who looks at the page sees is what counts; where text and sight may differ, the cell is doubted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from reportlab.lib.colors import Color, black, white
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName
from reportlab.pdfgen.canvas import Canvas

from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, GridCell, Pages
from tests.documents.drawing import HEIGHT, image, pages, prose, write
from tests.documents.helpers import tables

Draw = Callable[[Canvas], None]
LEFT, RIGHT, LOW, HIGH = 162, 258, HEIGHT - 228, HEIGHT - 202  # within the cell of the figure


def figure(canvas: Canvas, text: str = "57", x: float = 210, y: float = 218) -> None:
    write(canvas, [(x, y, text)])


def box(canvas: Canvas, x0: float = LEFT, x1: float = RIGHT, colour: Color = white) -> None:
    canvas.setFillColor(colour)
    canvas.rect(x0, LOW, x1 - x0, HIGH - LOW, stroke=0, fill=1)
    canvas.setFillColor(black)


def code(*operators: str) -> Draw:
    return lambda canvas: canvas._code.extend(operators)


def drawn(*draw: Draw) -> Pages:
    """Running text, and a table of two columns and two rows; ``draw`` fills the cell in the upper right."""

    def page(canvas: Canvas) -> None:
        prose(canvas)
        canvas.grid((60, 160, 260), [HEIGHT - y for y in (200, 230, 260)])
        write(canvas, [(110, 218, "规章"), (110, 248, "文件"), (210, 248, "6")])
        for one in draw:
            one(canvas)

    return read_pages(pages(page))


def cell(*draw: Draw) -> tuple[str, bool]:
    """What stands in the cell, and whether it is doubted; all others are as they were."""
    found: dict[tuple[int, int], GridCell] = {(c.row, c.col): c for c in tables(drawn(*draw))[0].cells}
    others = [found[place] for place in ((0, 0), (1, 0), (1, 1))]
    assert [c.text for c in others] == ["规章", "文件", "6"]
    assert not any(c.locator.get("astray") for c in others)
    return found[0, 1].text, bool(found[0, 1].locator.get("astray"))


def polygon(canvas: Canvas) -> None:
    canvas.setFillColor(white)
    path = canvas.beginPath()
    path.moveTo(LEFT, LOW)
    path.curveTo(LEFT, HIGH, RIGHT, HIGH, RIGHT, LOW)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFillColor(black)


def thick(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setStrokeColor(white)
    canvas.setLineWidth(16)
    canvas.line(LEFT, HEIGHT - 215, RIGHT, HEIGHT - 215)
    canvas.restoreState()


def in_form(canvas: Canvas) -> None:
    canvas.beginForm("cover", 0, 0, 600, 850)
    box(canvas)
    canvas.endForm()
    canvas.doForm("cover")


def picture(canvas: Canvas) -> None:
    canvas.drawImage(image(grey=255), LEFT, LOW, RIGHT - LEFT, HIGH - LOW)


def shading(canvas: Canvas) -> None:
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(LEFT, LOW, RIGHT - LEFT, HIGH - LOW)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.linearGradient(LEFT, LOW, RIGHT, HIGH, (white, white))
    canvas.restoreState()


@pytest.mark.parametrize("cover", [box, polygon, thick, in_form, picture, shading])
def test_what_is_painted_over_is_gone_and_what_stands_on_top_is_read(cover: Draw) -> None:
    assert cell(figure, cover) == (UNREAD if cover is picture else "", False)
    assert cell(figure, cover, lambda canvas: figure(canvas, "8")) == ("8", False)


def test_what_is_painted_before_or_shines_through_hides_nothing() -> None:
    def glass(canvas: Canvas) -> None:
        box(canvas, colour=Color(1, 1, 0, alpha=0.3))

    def clipped(canvas: Canvas) -> None:
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(0, 0, 1, 1)
        canvas.clipPath(path, stroke=0, fill=0)
        box(canvas)
        canvas.restoreState()

    assert cell(box, figure) == ("57", False)
    assert cell(figure, glass) == ("57", False)
    assert cell(figure, clipped) == ("57", False)


def test_a_figure_hidden_in_part_or_hardly_seen_is_doubted() -> None:
    def pale(canvas: Canvas) -> None:
        canvas.setFillColor(Color(0.95, 0.95, 0.95))
        figure(canvas)

    def nearly(canvas: Canvas) -> None:
        box(canvas, colour=Color(1, 1, 1, alpha=0.97))

    assert cell(figure, lambda canvas: box(canvas, x1=210)) == ("7", True)
    assert cell(figure, nearly) == ("57", True)
    assert cell(pale) == ("57", True)


def test_type_in_the_colour_of_its_ground_is_not_seen() -> None:
    assert cell(lambda canvas: box(canvas, colour=black), figure) == ("", False)


@pytest.mark.parametrize(("x", "y"), [(210, 218), (212, 218), (210, 215)])
def test_two_figures_at_one_place_are_doubted(x: float, y: float) -> None:
    assert cell(figure, lambda canvas: figure(canvas, "98", x, y))[1]


def test_bold_type_drawn_twice_is_no_doubt() -> None:
    assert cell(figure, lambda canvas: figure(canvas, x=210.3)) == ("57", False)


def clip(x0: float, x1: float) -> Draw:
    return code("q", f"{x0} {LOW} {x1 - x0} {HIGH - LOW} re W n")


@pytest.mark.parametrize(
    ("x0", "x1", "seen"), [(300, 310, ("", False)), (LEFT, RIGHT, ("57", False)), (LEFT, 210, (f"5{UNREAD}", True))]
)
def test_what_a_clip_cuts_away_is_not_seen(x0: float, x1: float, seen: tuple[str, bool]) -> None:
    assert cell(clip(x0, x1), figure, code("Q")) == seen


def test_words_cut_at_the_edge_of_a_narrow_cell_stay() -> None:
    def wide(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 10)
        canvas.drawString(225, HEIGHT - 218, "无此情况")

    assert cell(clip(LEFT, 250), wide, code("Q")) == ("无此情况", False)


@pytest.mark.parametrize(("x", "label"), [(112, "1.其他法律无规定"), (20, "其他法律无规定")])
def test_words_cut_at_the_edge_of_a_narrow_cell_stand_within_it(x: float, label: str) -> None:
    """Letters that nobody sees beyond the edge of their cell are no part of the next, where a figure stands."""

    def page(canvas: Canvas) -> None:
        prose(canvas)
        canvas.grid((60, 160, 260), [HEIGHT - y for y in (200, 230, 260)])
        write(canvas, [(110, 248, "文件"), (210, 218, "57"), (210, 248, "6")])
        clip(61, 160.2)(canvas)
        canvas.setFont("STSong-Light", 10)
        canvas.drawString(x, HEIGHT - 218, label)
        code("Q")(canvas)

    found = {(c.row, c.col): c for c in tables(read_pages(pages(page)))[0].cells}
    assert (found[0, 0].text, found[0, 1].text) == (label, "57")
    assert not found[0, 1].locator.get("astray")


@pytest.mark.parametrize(
    ("x", "text"), [(590.0, f"2{UNREAD}"), (598.0, UNREAD), (586.0, "27"), (640.0, UNREAD)], ids=str
)
def test_a_figure_over_the_edge_of_the_page_is_not_read(x: float, text: str) -> None:
    """Of 27 the 7 stands over the edge, or all of it: what is seen is no figure, and the cell is not blank."""

    def wide(canvas: Canvas) -> None:
        prose(canvas)
        for y in (200, 230, 260):
            canvas.line(60, HEIGHT - y, 595, HEIGHT - y)
        for edge in (60, 160, 500, 595):
            canvas.line(edge, HEIGHT - 200, edge, HEIGHT - 260)
        write(canvas, [(110, 218, "规章"), (110, 248, "文件"), (300, 218, "5"), (300, 248, "6"), (550, 248, "8")])
        canvas.setFont("Helvetica", 10)
        canvas.drawString(x - 5, HEIGHT - 218, "27")

    found = {(c.row, c.col): c.text for c in tables(read_pages(pages(wide)))[0].cells}
    assert found[0, 2] == text
    assert (found[0, 1], found[1, 1], found[1, 2]) == ("5", "6", "8")


@pytest.mark.parametrize(
    "matrix", ["-1 0 0 1 420 0", f"1 0 0 -1 0 {2 * HEIGHT - 430}", f"-1 0 0 -1 420 {2 * HEIGHT - 430}"]
)
def test_figures_in_a_mirror_or_upside_down_are_doubted(matrix: str) -> None:
    assert cell(code("q", f"{matrix} cm"), figure, code("Q"))[1]


@pytest.mark.parametrize("slant", [0.2, 0.33, -0.2])
def test_italics_made_of_an_upright_font_are_no_text_that_leans(slant: float) -> None:
    leaning = code("q", f"1 0 {slant} 1 {-slant * (HEIGHT - 218):.2f} 0 cm")
    assert cell(leaning, figure, code("Q")) == ("57", False)


@pytest.mark.parametrize(("given", "doubted"), [("57", False), ("88", True), ("-", True), (" ", True)])
def test_characters_given_in_place_of_a_figure_must_be_it(given: str, doubted: bool) -> None:
    told = f"/Span <</ActualText <FEFF{given.encode('utf-16-be').hex()}>>> BDC"
    assert cell(code(told), figure, code("EMC"))[1] == doubted


@pytest.mark.parametrize(
    ("given", "printed", "doubted"),
    [
        *[("——", "⸺", False), ("–", "‒", False), ("／", "∕", False), ("-", "\u00ad", False), ("胶", "㬵", False)],
        *[("5①", "51", True), ("一", "—", True), ("5", "6", True), ("⼋", "5", True)],
    ],
)
def test_characters_that_share_a_glyph_are_the_same(given: str, printed: str, doubted: bool) -> None:
    """Programs that write PDFs go back from a font's glyph to any of the codes it prints, and tell the right one."""
    told = f"/Span <</ActualText <FEFF{given.encode('utf-16-be').hex()}>>> BDC"
    found = drawn(figure, code(told), lambda canvas: figure(canvas, printed, y=248, x=235), code("EMC"))
    assert [f.code for f in found.findings] == ["seen_otherwise"] * doubted


def test_a_page_of_invisible_type_without_an_image_says_nothing() -> None:
    def unseen(canvas: Canvas) -> None:
        canvas._code.append("3 Tr")
        prose(canvas)

    assert read_pages(pages(unseen)).blocks == ()


PLACE = {"x": LEFT, "y": LOW, "width": RIGHT - LEFT, "height": HIGH - LOW}


def test_a_field_covers_what_stands_under_it() -> None:
    def field(canvas: Canvas) -> None:
        canvas.acroForm.textfield(name="a", value="12", fillColor=white, borderWidth=0, fontName="Helvetica", **PLACE)

    assert cell(figure, field) == ("12", False)


def test_a_field_that_shows_otherwise_than_it_says_is_doubted() -> None:
    def page(canvas: Canvas) -> None:
        prose(canvas)
        canvas.grid((60, 160, 260), [HEIGHT - y for y in (200, 230, 260)])
        write(canvas, [(110, 218, "规章")])
        canvas.acroForm.textfield(name="a", value="12", borderWidth=0, fontName="Helvetica", **PLACE)

    data = re.sub(rb"/V \(12\)", b"/V (99)", pages(page))
    found = {(c.row, c.col): c for c in tables(read_pages(data))[0].cells}
    assert found[0, 1].locator.get("astray")


def test_a_note_that_only_viewers_draw_makes_doubtful_what_is_there() -> None:
    def note(canvas: Canvas) -> None:
        square = PDFDictionary({"Type": PDFName("Annot"), "Subtype": PDFName("Square"),
                                "Rect": PDFArray([LEFT, LOW, RIGHT, HIGH]), "IC": PDFArray([1, 1, 1])})  # fmt: skip
        canvas._addAnnotation(square)

    assert cell(figure, note) == ("57", True)


def test_a_watermark_across_the_page_is_no_part_of_the_table() -> None:
    def watermark(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.setFillColor(Color(0.9, 0.9, 0.9))
        canvas.translate(60, HEIGHT - 260)
        canvas.rotate(20)
        canvas.setFont("STSong-Light", 40)
        canvas.drawString(0, 0, "内部2023")
        canvas.restoreState()

    found = drawn(watermark, figure)
    assert [c.text for c in tables(found)[0].cells] == ["规章", "57", "文件", "6"]
    assert found.findings == ()


def test_a_figure_in_a_table_without_rulings_is_doubted_too() -> None:
    def page(canvas: Canvas) -> None:
        prose(canvas)
        for n, label in enumerate(("（一）予以公开", "（二）部分公开", "（三）不予公开", "（四）无法提供")):
            y = 200 + 20 * n
            write(canvas, [(110, y, label), *((210 + 50 * k, y, str(10 + n + k)) for k in range(4))])
        canvas.setFillColor(white)
        canvas.rect(310, HEIGHT - 225, 8, 12, stroke=0, fill=1)  # over a part of the second row's third figure

    loose = read_pages(pages(page)).positioned
    assert loose is not None
    assert [piece.text for piece in loose.pieces if piece.locator.get("astray")] == ["13"]


def test_figures_beyond_the_edge_at_which_a_table_was_cut_are_doubted() -> None:
    """The rulings run out over the edge of the page, and so do the figures of the last column."""

    def page(canvas: Canvas) -> None:
        prose(canvas)
        canvas.grid((60, 160, 590, 690), [HEIGHT - y for y in (200, 230, 260)])
        write(canvas, [(110, 218, "规章"), (110, 248, "文件"), (210, 218, "5"), (210, 248, "6")])
        write(canvas, [(640, 218, "7"), (640, 248, "8"), (640, 400, "9")])

    read = read_pages(pages(page))
    found = {(c.row, c.col): c for c in tables(read)[0].cells}
    assert [found[row, 1].text for row in (0, 1)] == ["5", "6"]
    assert [found[row, 2].locator.get("astray") for row in (0, 1)] == [True, True]
    assert [f.found for f in read.findings if f.code == "seen_otherwise"] == ["78"]


@pytest.mark.parametrize(("old", "new"), [("26961", "26960"), ("30", "39"), ("57", "57"), ("999", "39"), ("8", "18")])
def test_a_figure_typed_over_one_that_was_covered_is_read_whole(old: str, new: str) -> None:
    assert cell(lambda c: figure(c, old), box, lambda c: figure(c, new)) == (new, False)


@pytest.mark.parametrize(("x", "read", "doubted"), [(240, "26960", False), (256, "269", True)])
def test_a_figure_that_runs_out_over_the_edge_of_its_table_is_doubted(x: float, read: str, doubted: bool) -> None:
    cells = {(c.row, c.col): c for c in tables(drawn(lambda c: figure(c, "26960", x=x)))[0].cells}
    assert (cells[0, 1].text, bool(cells[0, 1].locator.get("astray"))) == (read, doubted)
    assert not cells[1, 1].locator.get("astray")
