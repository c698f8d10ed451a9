"""OFD as its makers write it, where they differ from our own writer: each way is read, or told."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping

import pytest
from PIL import Image

from archive.documents import ofd
from archive.documents.kinds import read_pages
from archive.documents.ocr import images
from archive.documents.openfixed import coded_images, opaque
from archive.documents.pages import Limits, Paragraph
from tests.documents.helpers import lines, tables
from tests.documents.test_ofd import page, text_object

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def entry(*bodies: str) -> str:
    return f"<ofd:OFD {SPACE}>{''.join(f'<ofd:DocBody>{body}</ofd:DocBody>' for body in bodies)}</ofd:OFD>"


def root(place: str) -> str:
    return f"<ofd:DocRoot>{place}</ofd:DocRoot>"


def document(*pages: str, common: str = "", more: str = "") -> str:
    listed = "".join(f'<ofd:Page ID="{number}" BaseLoc="{place}"/>' for number, place in enumerate(pages, 1))
    return (
        f"<ofd:Document {SPACE}><ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>{more}"
        "</ofd:Document>"
    )


def content(objects: str, *, before: str = "") -> str:
    return f"<ofd:Page {SPACE}>{before}<ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"


def ruled(x: float, y: float, width: float, height: float, columns: int, path: str = "M 0 0 L {w} {h}") -> str:
    """The rulings of one row of equal columns."""
    step = width / columns
    at = [
        (x, y, width, 0.0),
        (x, y + height, width, 0.0),
        *((x + n * step, y, 0.0, height) for n in range(columns + 1)),
    ]
    return "".join(
        f'<ofd:PathObject Boundary="{left} {top} {w} {h}"><ofd:StrokeColor Value="0 0 0"/><ofd:AbbreviatedData>'
        f"{path.format(w=w, h=h)}</ofd:AbbreviatedData></ofd:PathObject>"
        for left, top, w, h in at
    )


def cells(data: bytes) -> list[str]:
    (table,) = tables(read_pages(data))
    return [cell.text for cell in table.cells]


def test_type_of_size_one_that_a_matrix_enlarges_and_glyphs_of_an_embedded_font() -> None:
    """Converters from PDF: the size stands in the matrix, each run names its glyphs besides its characters."""
    run = (
        '<ofd:TextObject Boundary="{x} 50 30 10" CTM="3.5278 0 0 -3.5278 0 10" Font="7" Size="1">'
        '<ofd:FillColor Value="0 0 0"/><ofd:CGTransform CodePosition="0" CodeCount="{n}" GlyphCount="{n}">'
        '<ofd:Glyphs>12 13 14</ofd:Glyphs></ofd:CGTransform><ofd:TextCode X="0.5" Y="1"{steps}>{text}</ofd:TextCode>'
        "</ofd:TextObject>"
    )
    objects = ruled(20, 50, 60, 10, 2)
    objects += run.format(x=20, n=3, steps=' DeltaX="g 2 0.5"', text="123") + run.format(x=50, n=1, steps="", text="4")
    assert cells(page(objects)) == ["123", "4"]


def test_lines_that_one_text_code_breaks_by_its_steps() -> None:
    code = 'X="0" Y="4" DeltaX="g 2 4 -8 g 2 4" DeltaY="g 2 0 6 g 2 0"'
    assert lines(read_pages(page(text_object("甲乙丙丁戊己", code=code)))) == ["甲乙丙", "丁戊己"]


def test_characters_below_each_other_by_their_steps() -> None:
    objects = ruled(20, 20, 40, 30, 2) + text_object("合计", x=25, y=25, code='X="0" Y="4" DeltaY="6"')
    objects += text_object("7", x=45, y=30)
    assert ["".join(text.split()) for text in cells(page(objects))] == ["合计", "7"]


def test_text_set_out_by_hand_begins_with_its_first_character() -> None:
    code = 'X="1" Y="4" DeltaX="2 18 18 2"'
    objects = ruled(20, 50, 60, 10, 3) + text_object("\n            12345\n        ", x=20, y=52, code=code)
    assert cells(page(objects)) == ["12", "3", "45"]


@pytest.mark.parametrize("path", ["M 0 0 L {w} {h}L{w},{h}", "M0 0L{w} {h}", "S 0,0 L{w},{h}", "M 0 0 L {w} {h} C"])
def test_paths_without_blanks(path: str) -> None:
    assert cells(page(ruled(20, 50, 60, 10, 2, path) + text_object("12", x=22, y=52))) == ["12", ""]


@pytest.mark.parametrize("says", ['Visible="0"', 'Visible="False"', 'Fill="0"', 'Fill="false" Stroke="0"'])
def test_text_that_is_not_painted_in_any_spelling(says: str) -> None:
    assert lines(read_pages(page(text_object("甲") + text_object("看不见", y=40, says=says)))) == ["甲"]


def test_templates_bring_their_own_resources_and_are_read_once_for_all_pages() -> None:
    """A letterhead of composites, in the background of each page and in front of it."""
    unit = (
        '<ofd:Res {s}><ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="{n}" Width="60" Height="9"><ofd:Content>'
        "{o}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
    )
    common = "".join(f'<ofd:TemplatePage ID="{n}" BaseLoc="Tpls/Tpl_{n}/Content.xml"/>' for n in (8, 9))
    used = '<ofd:Template TemplateID="8"/><ofd:Template TemplateID="9" ZOrder="Foreground"/>'
    own = "<ofd:PageRes>Own.xml</ofd:PageRes>"
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("Doc_0/Document.xml")),
        "Doc_0/Document.xml": document("Pages/Page_0/Content.xml", "Pages/Page_1/Content.xml", common=common),
    }
    for n, word in ((8, "信头"), (9, "信尾")):
        placed = f'<ofd:CompositeObject ID="1" ResourceID="{n}0" Boundary="20 {n}0 60 9" CTM="0.5 0 0 0.5 0 0"/>'
        parts[f"Doc_0/Tpls/Tpl_{n}/Content.xml"] = content(placed, before=own)
        parts[f"Doc_0/Tpls/Tpl_{n}/Own.xml"] = unit.format(s=SPACE, n=f"{n}0", o=text_object(word, x=0, y=0))
    for number in (0, 1):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = content(text_object(f"第{number}件", y=30), before=used)
    assert lines(read_pages(package(parts))) == ["第0件", "信头", "信尾", "第1件", "信头", "信尾"]


def test_a_great_template_on_every_page_is_drawn_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "MAX_OBJECTS", 100)
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("Doc_0/Document.xml")),
        "Doc_0/Document.xml": document(*["P.xml"] * 9, common='<ofd:TemplatePage ID="8" BaseLoc="T.xml"/>'),
        "Doc_0/T.xml": content("".join(text_object("甲", x=5 * n, y=10) for n in range(40))),
        "Doc_0/P.xml": content(text_object("乙丙丁戊", y=40), before='<ofd:Template TemplateID="8"/>'),
    }
    pages = read_pages(package(parts))
    assert sum("乙丙丁戊" in line for line in lines(pages)) == 3
    assert "limit_reached" in [finding.code for finding in pages.findings]


@pytest.mark.parametrize(
    ("common", "area"),
    [
        ("<ofd:PageArea><ofd:ApplicationBox>10 10 100 50</ofd:ApplicationBox></ofd:PageArea>", ""),
        ("", "<ofd:Area><ofd:PhysicalBox>0 0 100 50</ofd:PhysicalBox></ofd:Area>"),
        (
            "<ofd:PageArea><ofd:PhysicalBox>0 0 1 1</ofd:PhysicalBox></ofd:PageArea>",
            "<ofd:Area><ofd:PhysicalBox>0,0,100,50</ofd:PhysicalBox></ofd:Area>",
        ),
    ],
)
def test_a_picture_is_weighed_against_the_page_whatever_box_gives_its_size(common: str, area: str) -> None:
    """A tenth of this page is a picture between the text; on A4 it would be an ornament."""
    media = (
        f'<ofd:Res {SPACE}><ofd:MultiMedias><ofd:MultiMedia ID="4" Type="image"><ofd:MediaFile>a.png</ofd:MediaFile>'
    )
    image = '<ofd:ImageObject ResourceID="4" Boundary="10 30 50 10" CTM="50 0 0 10 0 0"/>'
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("Doc_0/Document.xml")),
        "Doc_0/Document.xml": document("P.xml", common=f"{common}<ofd:DocumentRes>R.xml</ofd:DocumentRes>"),
        "Doc_0/R.xml": f"{media}</ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
        "Doc_0/a.png": b"\x89PNG",
        "Doc_0/P.xml": content(text_object("甲" * 20, x=5, y=5) + image, before=area),
    }
    assert [picture.source.load() for picture in read_pages(package(parts)).pictures] == [b"\x89PNG"]


def test_several_documents_follow_each_other_and_none_is_read_twice() -> None:
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("Doc_0/Document.xml"), root("/Doc_1/Document.xml"), root("Doc_1/./Document.xml"))
    }
    for number in (0, 1):
        parts[f"Doc_{number}/Document.xml"] = document("Pages/Page_0/Content.xml")
        parts[f"Doc_{number}/Pages/Page_0/Content.xml"] = content(text_object("甲乙"[number] * 9))
    pages = read_pages(package(parts))
    assert (lines(pages), pages.page_count) == (["甲" * 9, "乙" * 9], 2)


@pytest.mark.parametrize(("current", "said"), [("true", "后稿"), ("false", "前稿")])
def test_the_current_version_of_a_document_counts(current: str, said: str) -> None:
    versions = f'<ofd:Versions><ofd:Version ID="1" Index="1" Current="{current}" BaseLoc="Doc_0/Versions/V1.xml"/>'
    version = f"<ofd:DocVersion {SPACE}><ofd:FileList/><ofd:DocRoot>/Doc_0/Later.xml</ofd:DocRoot></ofd:DocVersion>"
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("Doc_0/Document.xml") + f"{versions}</ofd:Versions>"),
        "Doc_0/Versions/V1.xml": version,
        "Doc_0/Document.xml": document("P0.xml"),
        "Doc_0/Later.xml": document("P1.xml"),
        "Doc_0/P0.xml": content(text_object("前稿")),
        "Doc_0/P1.xml": content(text_object("后稿")),
    }
    assert lines(read_pages(package(parts))) == [said]


def test_stamps_and_notes_laid_over_a_page_are_no_text_of_it() -> None:
    noted = content(text_object("正文"))
    stamp = (
        f'<ofd:PageAnnot {SPACE}><ofd:Annot ID="5" Type="Stamp"><ofd:Appearance Boundary="0 0 90 90">'
        f"{text_object('已核验 99')}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>"
    )
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("Doc_0/Document.xml") + "<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures>"),
        "Doc_0/Document.xml": document("P.xml", more="<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>"),
        "Doc_0/Annots/Annotations.xml": f'<ofd:Annotations {SPACE}><ofd:Page PageID="1"><ofd:FileLoc>A.xml'
        "</ofd:FileLoc></ofd:Page></ofd:Annotations>",
        "Doc_0/Annots/A.xml": stamp,
        "Doc_0/Signs/Signatures.xml": f"<ofd:Signatures {SPACE}/>",
        "Doc_0/Signs/Sign_0/Seal.esl": b"\x30\x82",
        "Doc_0/P.xml": noted,
    }
    assert lines(read_pages(package(parts))) == ["正文"]


@pytest.mark.parametrize(
    ("place", "lies"),
    [
        ("Pages/Page_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"),
        ("/Doc_0/Pages/Page_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"),
        ("./Pages/../Seiten/Content.xml", "Doc_0/Seiten/Content.xml"),
        ("Doc_0\\Pages\\Content.xml", "Doc_0/Pages/Content.xml"),
        ("\\Pages\\Content.xml", "Doc_0/Pages/Content.xml"),
        (" ../Gemeinsam/Content.xml\n", "Gemeinsam/Content.xml"),
    ],
)
def test_places_from_the_root_and_from_the_folder(place: str, lies: str) -> None:
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root(" /Doc_0/Document.xml ")),
        "Doc_0/Document.xml": document(place),
        lies: content(text_object("正文")),
    }
    assert lines(read_pages(package(parts))) == ["正文"]


@pytest.mark.parametrize("charset", ["gbk", "utf-8"])
def test_chinese_names_that_the_zip_does_not_mark(charset: str) -> None:
    """Names of parts in GBK, or in UTF-8 without the flag that says so."""
    name = "Doc_0/页面/第一页.xml"
    stand_in = "Doc_0/" + "x" * (len(name.encode(charset)) - len("Doc_0/"))
    data = package(
        {
            "OFD.xml": entry(root("Doc_0/Document.xml")),
            "Doc_0/Document.xml": document("页面/第一页.xml"),
            stand_in: content(text_object("正文")),
        }
    )
    assert lines(read_pages(data.replace(stand_in.encode(), name.encode(charset)))) == ["正文"]


@pytest.mark.parametrize(("suffix", "written"), [("jp2", "JPEG2000"), ("tif", "TIFF"), ("bmp", "BMP"), ("jpg", "JPEG")])
def test_scanned_pages_in_every_format_of_the_standard(suffix: str, written: str) -> None:
    out = io.BytesIO()
    scan = Image.new("L", (600, 800), 255)
    scan.paste(0, (0, 400, 600, 800))
    scan.save(out, format=written)
    placed = '<ofd:ImageObject Boundary="0 0 210 297" CTM="210 0 0 297 0 0" ResourceID="4"/>'
    media = f'<MultiMedia ID="4" Type="Image"><MediaFile>a.{suffix}</MediaFile></MultiMedia>'
    resources = f"<Res><MultiMedias>{media}</MultiMedias></Res>".encode()
    pages = read_pages(page(placed, extra={"Doc_0/R.xml": resources, f"Doc_0/a.{suffix}": out.getvalue()}))
    (picture,) = pages.pictures
    assert (pages.kind, pages.unreadable) == ("scan", "needs_ocr")
    shown = images.decode(picture.source.load(), 10_000_000).data
    assert (shown.shape[:2], shown[100].min() > 250, shown[700].max() < 5) == ((800, 600), True, True)


@pytest.mark.parametrize(
    "data", [b"\xff\x4f\xff\x51", b"\xff\x4f\xff\x51" + b"\x7f" * 40, b"\xff\x4f\xff\x51" + bytes(40)]
)
def test_pictures_in_jpeg_2000_without_a_size_say_so(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JPEG 2000|pixels"):
        coded_images.from_jpeg_2000(data, 10_000_000)


@pytest.mark.parametrize(("ink", "share"), [(255, 1.0), (255, 0.6), (0, 0.6)])
def test_a_decoder_that_gives_up_is_no_blank_page(ink: int, share: float) -> None:
    """A blank page is read as one; of a file cut short the decoder paints nothing, which is told."""
    out = io.BytesIO()
    Image.new("L", (300, 300), ink).save(out, format="JPEG2000")
    data = out.getvalue()
    if share == 1.0:
        assert images.decode(coded_images.from_jpeg_2000(data, 10_000_000), 10_000_000).data.min() == ink
        return
    with pytest.raises(ValueError, match="cannot be decoded"):
        coded_images.from_jpeg_2000(data[: int(share * len(data))], 10_000_000)


def test_the_unseen_text_of_a_recognised_scan_gives_no_figures() -> None:
    """Two layers: characters that a program guessed, not painted, over the picture of the page."""
    placed = '<ofd:ImageObject Boundary="0 0 210 297" CTM="210 0 0 297 0 0" ResourceID="4"/>'
    unseen = "".join(text_object("猜测的文字" * 4, y=20 + 6 * n, says='Alpha="0"') for n in range(20))
    media = b'<Res><MultiMedias><MultiMedia ID="4"><MediaFile>a.png</MediaFile></MultiMedia></MultiMedias></Res>'
    pages = read_pages(page(placed + unseen, extra={"Doc_0/R.xml": media, "Doc_0/a.png": b"\x89PNG"}))
    assert (pages.kind, pages.unreadable, len(pages.pictures)) == ("scan", "needs_ocr", 1)
    assert not [block for block in pages.blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("name", "says", "layer", "above", "seen"),
    [
        ("a.jpg", "", "Body", True, False),
        ("a.JB2", "", "Foreground", True, False),
        ("a.jpg", "", "Body", False, True),  # a background
        ("a.jpg", "", "Background", True, True),
        ("a.jpg", 'Alpha="60"', "Body", True, True),
        ("a.png", "", "Body", True, True),  # a watermark, it may be
    ],
)
def test_text_beneath_a_scan_gives_no_figures(name: str, says: str, layer: str, above: bool, seen: bool) -> None:
    placed = f'<ofd:ImageObject Boundary="0 0 210 297" CTM="210 0 0 297 0 0" ResourceID="4" {says}/>'
    image = f'<ofd:Layer Type="{layer}">{placed}</ofd:Layer>'
    guessed = "".join(text_object("猜测的文字" * 4, y=20 + 6 * n) for n in range(20))
    text = f'<ofd:Layer Type="Body">{guessed}</ofd:Layer>'
    layers = text + image if above else image + text
    media = f'<MultiMedia ID="4"><MediaFile>{name}</MediaFile></MultiMedia>'
    resources = f"<Res><MultiMedias>{media}</MultiMedias></Res>".encode()
    parts = {
        "OFD.xml": entry(root("Doc_0/Document.xml")),
        "Doc_0/Document.xml": document("P.xml", common="<ofd:DocumentRes>R.xml</ofd:DocumentRes>"),
        "Doc_0/R.xml": resources,
        f"Doc_0/{name}": b"\xff\xd8\xff",
        "Doc_0/P.xml": f"<ofd:Page {SPACE}><ofd:Content>{layers}</ofd:Content></ofd:Page>",
    }
    pages = read_pages(package(parts))
    assert (pages.kind, pages.unreadable) == (("ofd", "") if seen else ("scan", "needs_ocr"))
    assert (len(pages.pictures), bool(pages.blocks)) == (int(not seen), seen)


def png(mode: str, size: tuple[int, int] = (300, 400), clear: bool = False) -> bytes:
    """A PNG of noise, so that its rows are filtered in every way; ``clear``: with one pixel that shines through."""
    lot = random.Random(7)
    rows = [lot.randbytes(3 * size[0]) if n % 3 else bytes(range(100)) * 9 for n in range(size[1])]
    picture = Image.frombytes("RGB", size, b"".join(rows)).convert(mode)
    if clear:
        picture.putpixel((size[0] // 2, size[1] // 2), (9, 0) if mode == "LA" else (9, 9, 9, 0))
    out = io.BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA", "RGBA"])
def test_a_png_without_a_pixel_that_shines_through_hides(mode: str) -> None:
    assert opaque.is_opaque(png(mode))


@pytest.mark.parametrize(
    "data",
    [
        png("LA", clear=True),
        png("RGBA", clear=True),
        png("RGBA")[:2000],
        png("RGBA")[:20],
        b"",
        png("RGB")[:33] + b"\0\0\0\x06tRNS" + bytes(10) + png("RGB")[33:],
    ],
    ids=["grey", "colours", "cut", "cut in its head", "nothing", "a colour that is clear"],
)
def test_a_png_that_may_shine_through_hides_nothing(data: bytes) -> None:
    assert not opaque.is_opaque(data)


@pytest.mark.parametrize(
    ("strips", "picture", "seen"),
    [
        (1, png("RGBA"), False),
        (6, png("L"), False),
        (6, png("RGBA"), False),
        (1, png("RGBA", clear=True), True),
        (6, png("RGBA", clear=True), True),
    ],
)
def test_text_beneath_a_scan_in_strips_or_as_png_gives_no_figures(strips: int, picture: bytes, seen: bool) -> None:
    high = 297 / strips
    scan = "".join(
        f'<ofd:ImageObject Boundary="0 {n * high} 210 {high}" CTM="210 0 0 {high} 0 0" ResourceID="4"/>'
        for n in range(strips)
    )
    guessed = "".join(text_object("猜测的文字" * 4, y=20 + 6 * n) for n in range(20))
    media = b'<Res><MultiMedias><MultiMedia ID="4"><MediaFile>a.png</MediaFile></MultiMedia></MultiMedias></Res>'
    pages = read_pages(page(guessed + scan, extra={"Doc_0/R.xml": media, "Doc_0/a.png": picture}))
    assert (pages.kind, bool(pages.blocks)) == (("ofd", True) if seen else ("scan", False))
    assert seen or len(pages.pictures) == 1


WHITES = ["255 255 255", "#FF #ff #FF", "255", "0 0 0 0"]  # RGB twice, grey, CMYK


@pytest.mark.parametrize("white", WHITES)
def test_white_print_shows_only_on_a_colour(white: str) -> None:
    colour = f'<ofd:FillColor Value="{white}"/>'
    hidden = text_object("看不见", y=60).replace("<ofd:TextCode", colour + "<ofd:TextCode")
    on_blue = text_object("表头", y=40).replace("<ofd:TextCode", colour + "<ofd:TextCode")
    fill = (
        '<ofd:PathObject Boundary="{0}" Fill="true" Stroke="false"><ofd:FillColor Value="{1}"/>'
        "<ofd:AbbreviatedData>M 0 0 L 150 0 L 150 10 L 0 10 C</ofd:AbbreviatedData></ofd:PathObject>"
    )
    grounds = fill.format("10 38 150 10", "0 0 180") + fill.format("10 58 150 10", white)
    assert lines(read_pages(page(text_object("正文") + grounds + on_blue + hidden))) == ["正文", "表头"]


@pytest.mark.parametrize("white", WHITES)
def test_white_rulings_rule_nothing(white: str) -> None:
    drawn = ruled(20, 50, 60, 10, 2).replace("0 0 0", white)
    assert not tables(read_pages(page(drawn + text_object("正文", x=21, y=52) + text_object("7", x=55, y=52))))


def test_cells_a_little_apart_on_a_ground_are_a_table() -> None:
    fill = (
        '<ofd:PathObject Boundary="{0} {1} {2} {3}" Fill="true" Stroke="false"><ofd:FillColor Value="{4}"/>'
        "<ofd:AbbreviatedData>M 0 0 L {2} 0 L {2} {3} L 0 {3} C</ofd:AbbreviatedData></ofd:PathObject>"
    )
    boxes = [fill.format(20, 50, 80.9, 20.9, "0 0 0")]
    boxes += [fill.format(x, y, 39.7, 9.7, "255 255 255") for y in (50.4, 60.5) for x in (20.4, 60.8)]
    words = [text_object(text, x=x, y=y) for text, x, y in (("规章", 22, 52), ("7", 70, 52), ("文件", 22, 62))]
    (table,) = tables(read_pages(page("".join(boxes + words))))
    assert [(cell.row, cell.col, cell.text) for cell in table.cells] == [
        (0, 0, "规章"),
        (0, 1, "7"),
        (1, 0, "文件"),
        (1, 1, ""),
    ]


@pytest.mark.parametrize(("folders", "read"), [(["年报/"], True), (["a/b/"], True), (["a/", "b/"], False)])
def test_a_folder_packed_with_what_is_in_it(folders: list[str], read: bool) -> None:
    """Which of several is the document nobody says."""
    parts: dict[str, str | bytes] = {
        "OFD.xml": entry(root("/Doc_0/Document.xml")),
        "Doc_0/Document.xml": document("P.xml"),
        "Doc_0/P.xml": content(text_object("正文")),
    }
    pages = ofd.read(package({folder + name: part for folder in folders for name, part in parts.items()}), Limits())
    assert (lines(pages), pages.unreadable) == ((["正文"], "") if read else ([], "missing"))


def test_what_all_documents_may_hold_is_told_once() -> None:
    names = [f"Doc_{number}/" for number in range(4)]
    parts: dict[str, str | bytes] = {"OFD.xml": entry(*(root(name + "Document.xml") for name in names))}
    for name in names:
        parts[name + "Document.xml"] = document("P.xml")
        parts[name + "P.xml"] = content(text_object("正文" * 9))
    pages = ofd.read(package(parts), Limits(characters=30))
    assert [finding.code for finding in pages.findings] == ["limit_reached"]
    assert pages.page_count == 4
