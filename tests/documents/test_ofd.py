"""OFD: what our writer prints in the ways of the usual producers is read back; hostile and damaged files are told."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from archive.documents.kinds import read_pages, sniff
from archive.documents.openfixed.glyphs import deltas
from archive.documents.openfixed.paths import polylines
from archive.documents.pages import Limits, Pages, Paragraph, Table
from archive.forms.loader import load_forms
from archive.forms.model import Form
from archive.forms.printer import PrintedCell, PrintedTable, tables
from archive.parser.reader import read
from imitation.documents.ofd import Style, ofd, pictured
from imitation.wording import Block, Heading
from tests.documents.helpers import lines, places
from tests.documents.helpers import tables as tables_of
from tests.documents.test_round_trip import content, printed_tables
from tests.documents.test_round_trip import filled as has_words
from tests.form_rendering import HEADINGS, TITLE, filled, printed

STYLES = [
    Style(),
    Style(single=True, filled=True),
    Style(points=True, repeats=False, rooted=True),
    Style(template=True, prefix="", space=""),
    Style(turned=1, prefix="o:", space="http://www.ofdspec.org"),
    Style(turned=2, points=True, filled=True),
    Style(turned=3, single=True),
]
FORMS = load_forms()


def report(form: Form, cells: Mapping[str, Decimal | None]) -> list[Block]:
    made: list[Block] = [Heading("一、总体情况"), "本机关按照要求推进政务公开工作，各项工作有序开展。" * 4]
    for heading, table in zip(HEADINGS, tables(form, printed(form, cells)), strict=True):
        made += [Heading(heading), table]
    return [*made, Heading("五、存在的主要问题及改进情况"), "无。", Heading("六、其他需要报告的事项"), "无。"]


def changed(data: bytes, change: Mapping[str, bytes | None], *, rename: str = "") -> bytes:
    """The zip with parts replaced, or left out (None); ``rename``: a format for every name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            given_content = change.get(name, old.read(name))
            if given_content is not None:
                new.writestr(rename.format(name) if rename else name, given_content)
        for name in change.keys() - set(old.namelist()):
            new.writestr(name, change[name] or b"")
    return out.getvalue()


def page(objects: str, *, document: str = "", extra: Mapping[str, bytes] | None = None) -> bytes:
    """An OFD of one page with ``objects`` on it."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    parts = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
        "</ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:PublicRes>R.xml</ofd:PublicRes>{document}"
        '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="P/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/P/Content.xml": f"<ofd:Page {space}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content>"
        "</ofd:Page>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def codes(pages: Pages) -> list[str]:
    return [finding.code for finding in pages.findings]


def text_object(text: str, x: float = 20, y: float = 20, says: str = "", code: str = 'X="0" Y="4"') -> str:
    return (
        f'<ofd:TextObject Boundary="{x} {y} 100 5" Font="1" Size="4" {says}><ofd:TextCode {code}>{text}</ofd:TextCode>'
        "</ofd:TextObject>"
    )


@pytest.mark.parametrize("style", STYLES)
@given(table=printed_tables(lines_in_cells=False).filter(has_words))
@settings(max_examples=15, deadline=None)
def test_tables_of_any_shape(style: Style, table: PrintedTable) -> None:
    pages = read_pages(ofd("某局报告", content(table), style=style))  # type: ignore[arg-type]
    assert [places(t, squeeze=True) for t in tables_of(pages)] == [places(table, squeeze=True)]
    assert lines(pages)[-2:] == ["五、存在的主要问题", "无。"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@given(data=st.data(), style=st.sampled_from(STYLES))
@settings(max_examples=15, deadline=None)
def test_whole_forms(form: Form, data: st.DataObject, style: Style) -> None:
    cells = data.draw(filled(form))
    reading = read(ofd(TITLE, report(form, cells), style=style))
    assert (reading.kind, reading.form, reading.title) == ("ofd", form.name, TITLE)
    assert {name: cell.value for name, cell in reading.cells.items()} == dict(cells)
    assert [section.text for section in reading.sections if section.key == "problems"] == ["无。"]


def test_places_are_given_in_millimetres_from_the_upper_left_corner() -> None:
    pages = read_pages(ofd("某局报告", content(two_by_two())))
    (table,) = tables_of(pages)
    cell = table.cells[3]
    left, top, right, bottom = cell.locator["box"]
    assert (cell.locator["unit"], cell.locator["page"], cell.locator["table"]) == ("mm", 1, 0)
    assert 20 <= left < right <= 190.5
    assert 40 <= top < bottom <= 80
    title = pages.blocks[0]
    assert isinstance(title, Paragraph)
    assert 20 <= title.locator["box"][1] <= 27  # type: ignore[index]


def two_by_two() -> PrintedTable:
    cells = tuple(PrintedCell(row=r, col=c, text=f"{r}行{c}列") for r in range(2) for c in range(2))
    return PrintedTable(key="x", rows=2, cols=2, cells=cells)


def only_line(pages: Pages) -> str:
    (line,) = lines(pages)
    return line


def test_steps_between_characters() -> None:
    assert deltas("3 g 2 1.5 4", 9) == [3, 1.5, 1.5, 4]
    assert deltas("g 999999999 2", 3) == [2, 2, 2]
    assert deltas("1 x 2", 9) == [1]
    assert deltas("g 2", 9) == []


def test_paths_of_every_operator() -> None:
    assert polylines("M 0 0 L 5 0 L 5 5 C") == [[(0, 0), (5, 0), (5, 5), (0, 0)]]
    assert polylines("S0,0L5 0 7 0") == [[(0, 0), (5, 0), (7, 0)]]
    assert polylines("M 0 0 Q 1 1 2 0 L 9 0") == [[(0, 0)], [(2, 0), (9, 0)]]
    assert polylines("M 0 0 B 1 1 2 2 3 0 A 1 1 0 0 1 4 0 L 9 0") == [[(0, 0)], [(3, 0)], [(4, 0), (9, 0)]]
    assert polylines("hello") == []


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        (text_object("甲乙丙"), "甲乙丙"),
        (text_object("甲乙", code='X="0" Y="4" DeltaX="40"'), "甲\t乙"),
        ("<ofd:PageBlock>" * 3 + text_object("甲乙") + "</ofd:PageBlock>" * 3, "甲乙"),
        (text_object("甲12") + text_object("甲12", x=20.2), "甲12"),  # bold type drawn twice
        (text_object("甲") + text_object("水印", says='CTM="0.7 0.7 -0.7 0.7 0 0"'), "甲"),
        (text_object("甲") + text_object("看不见", y=40, says='Visible="false"'), "甲"),
        (text_object("甲") + text_object("看不见", y=40, says='Alpha="0"'), "甲"),
        (text_object("甲") + text_object("看不见", y=40, says='HScale="nan"'), "甲"),
        (text_object("甲") + text_object(" ", y=40) + text_object("\u3000 ", y=60), "甲"),
        (text_object("甲") + text_object("远", code='X="1e300" Y="inf"'), "甲"),
        (text_object("ab\\0020cd"), "ab cd"),
    ],
)
def test_single_objects(objects: str, said: str) -> None:
    assert only_line(read_pages(page(objects))) == said


def test_upright_characters_below_each_other() -> None:
    upright = text_object("甲乙丙", says='ReadDirection="90"')
    assert [line.text for line in read_pages(page(upright)).blocks if isinstance(line, Paragraph)] == ["甲", "乙", "丙"]


def test_cells_of_one_text_object_are_parted_by_its_steps() -> None:
    """A whole row of figures in one object: the steps lead from cell to cell."""
    rulings = "".join(
        f'<ofd:PathObject Boundary="{x} {y} {w} {h}"><ofd:AbbreviatedData>M 0 0 L {w} {h}</ofd:AbbreviatedData>'
        "</ofd:PathObject>"
        for x, y, w, h in [(20, 50, 60, 0), (20, 60, 60, 0), *((x, 50, 0, 10) for x in (20, 40, 60, 80))]
    )
    row = text_object("12345", x=21, y=52, code='X="0" Y="5" DeltaX="2 18 18 2"')
    (table,) = tables_of(read_pages(page(rulings + row)))
    assert [cell.text for cell in table.cells] == ["12", "3", "45"]


def test_composites_draw_what_they_name_and_never_without_end() -> None:
    resources = (
        '<Res><CompositeGraphicUnits><CompositeGraphicUnit ID="7"><Content><TextObject Boundary="0 0 9 9" Size="4">'
        '<TextCode X="0" Y="4">组合</TextCode></TextObject><CompositeObject ResourceID="7" Boundary="0 0 1 1"/>'
        "</Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>"
    )
    data = page('<ofd:CompositeObject ResourceID="7" Boundary="30 30 9 9"/>', extra={"Doc_0/R.xml": resources.encode()})
    assert only_line(read_pages(data)) == "组合"


def test_pages_that_are_images_wait_for_recognition() -> None:
    data = pictured("扫描", [b"\x89PNG one", b"\x89PNG two"])
    pages = read_pages(data)
    assert (pages.kind, pages.unreadable, pages.blocks, pages.page_count) == ("scan", "needs_ocr", (), 2)
    assert [(p.source.load(), p.locator) for p in pages.pictures] == [
        (b"\x89PNG one", {"page": 1}),
        (b"\x89PNG two", {"page": 2}),
    ]


def test_an_image_between_text_has_its_place() -> None:
    image = '<ofd:ImageObject Boundary="20 60 150 90" CTM="150 0 0 90 0 0" ResourceID="4"/>'
    resources = b'<Res><MultiMedias><MultiMedia ID="4"><MediaFile>a.jpg</MediaFile></MultiMedia></MultiMedias></Res>'
    data = page(
        text_object("甲" * 20) + text_object("乙" * 20, y=200) + image,
        extra={"Doc_0/R.xml": resources, "Doc_0/a.jpg": b"\xff\xd8\xff"},
    )
    pages = read_pages(data)
    assert (pages.kind, pages.unreadable, len(pages.blocks)) == ("ofd", "", 2)
    assert [(p.at, p.source.load()) for p in pages.pictures] == [(1, b"\xff\xd8\xff")]


def jbig2(*, sequential: bool = True, width: int = 400) -> bytes:
    """A JBIG2 file of one black page: its size, black as what stands where nothing is drawn, and its end."""
    page_segment = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + struct.pack(">IIIIBH", width, 200, 0, 0, 4, 0)
    end = struct.pack(">IBBBI", 1, 49, 0, 1, 0)
    return b"\x97JB2\r\n\x1a\n" + bytes((int(sequential),)) + struct.pack(">I", 1) + page_segment + end


def scanned(image: bytes | None) -> Pages:
    """A page that is nothing but the image ``a.jb2``."""
    resources = b'<Res><MultiMedias><MultiMedia ID="4"><MediaFile>a.jb2</MediaFile></MultiMedia></MultiMedias></Res>'
    placed = '<ofd:ImageObject Boundary="0 0 210 297" CTM="210 0 0 297 0 0" ResourceID="4"/>'
    return read_pages(page(placed, extra={"Doc_0/R.xml": resources} | ({"Doc_0/a.jb2": image} if image else {})))


def test_bitonal_scans_are_decoded() -> None:
    (picture,) = scanned(jbig2()).pictures
    with Image.open(io.BytesIO(picture.source.load())) as image:
        assert (image.size, image.convert("L").getextrema()) == ((400, 200), (0, 0))


@pytest.mark.parametrize("broken", [jbig2(sequential=False), jbig2(width=1 << 30), jbig2()[:30], jbig2()[:13]])
def test_bitonal_scans_that_cannot_be_decoded_say_so(broken: bytes) -> None:
    (picture,) = scanned(broken).pictures
    with pytest.raises(ValueError, match=r"JBIG2|pixels"):
        picture.source.load()


def test_an_image_that_is_missing_is_told() -> None:
    pages = scanned(None)
    assert (pages.unreadable, pages.pictures) == ("needs_ocr", ())
    assert [finding.code for finding in pages.findings] == ["picture_unreadable"]


UNPLACED = {
    "size": text_object("测试县司法局").replace('Size="4"', 'Size="nan"'),
    "place": text_object("测试县司法局", code='X="inf" Y="4"'),
    "steps": text_object("测试县司法局", code='X="0" Y="4" DeltaX="nan"'),
    "bounds": text_object("测试县司法局").replace('Boundary="20', 'Boundary="nan'),
}


@pytest.mark.parametrize("name", UNPLACED)
def test_text_whose_place_is_no_number_is_told(name: str) -> None:
    pages = read_pages(page(UNPLACED[name]))
    assert {finding.code for finding in pages.findings} == {"document_damaged"}
    assert "第 1 页" in pages.findings[0].zh
    assert pages.unreadable == ("" if name == "steps" else "damaged")  # its first character is read
    assert not read_pages(page(text_object("测试县司法局"))).findings


def test_names_in_other_spellings_are_found() -> None:
    data = ofd("某局报告", content(two_by_two()))
    slashed = changed(data, {}, rename="{0}")
    with zipfile.ZipFile(io.BytesIO(slashed)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            info = zipfile.ZipInfo("x")
            info.filename = name.replace("/", "\\").replace("Doc_0", "DOC_0")  # as some Windows programs write them
            archive.writestr(info, part)
    assert sniff(out.getvalue()) == "ofd"
    assert len(tables_of(read_pages(out.getvalue()))) == 1


def test_attachments_are_listed_and_read_where_no_page_has_a_table() -> None:
    attached = b'<Attachments><Attachment Name="a.txt" ID="9"><FileLoc>a.txt</FileLoc></Attachment></Attachments>'
    extra = {"Doc_0/A.xml": attached, "Doc_0/a.txt": "某局".encode()}
    plain = [page(text_object("正文")), ofd("某局报告", content(two_by_two()))]
    for data, members in zip(plain, (1, 0), strict=True):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document = archive.read("Doc_0/Document.xml")
        said = re.sub(rb"</(o?f?d?:?)Document>", rb"<\1Attachments>A.xml</\1Attachments></\1Document>", document)
        pages = read_pages(changed(data, {"Doc_0/Document.xml": said} | extra))
        assert [(part.kind, part.text) for part in pages.parts] == [("attachment", "a.txt")]
        assert [member.data for member in pages.members] == ["某局".encode()] * members


def test_what_is_missing_or_broken() -> None:
    data = ofd("某局报告", content(two_by_two()))
    content_name = "Doc_0/Pages/Page_0/Content.xml"
    assert read_pages(changed(data, {"OFD.xml": None})).unreadable == ""
    assert read_pages(changed(data, {"Doc_0/Document.xml": None})).unreadable == "missing"
    declared = changed(data, {content_name: b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"})
    assert read_pages(declared).unreadable == "empty"
    assert read_pages(changed(data, {content_name: b"\x00\x01"})).unreadable == "damaged"
    locked = changed(data, {content_name: b"\x00\x01", "Doc_0/Encryptions.xml": b"<Encryptions/>"})
    assert read_pages(locked).unreadable == "encrypted"
    assert read_pages(data[: len(data) // 2]).unreadable == "truncated"


def test_a_page_cut_short_is_read_as_far_as_it_goes() -> None:
    data = ofd("某局报告", ["第一段。", "第二段。", "第三段。"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = archive.read("Doc_0/Pages/Page_0/Content.xml")
    cut = whole[: whole.index("第三段".encode())]
    assert lines(read_pages(changed(data, {"Doc_0/Pages/Page_0/Content.xml": cut})))[:3] == [
        "某局报告",
        "第一段。",
        "第二段。",
    ]


def test_one_unreadable_page_of_several_is_a_finding() -> None:
    data = ofd("某局报告", ["很长的一段话。" * 400] * 3)
    pages = read_pages(changed(data, {"Doc_0/Pages/Page_1/Content.xml": b"nothing"}))
    assert pages.unreadable == ""
    assert "document_damaged" in [finding.code for finding in pages.findings]


def test_a_page_of_more_elements_than_are_read_is_too_large_and_not_damaged() -> None:
    objects = "".join(text_object("甲", x=n % 50, y=n // 50) for n in range(100))
    data = page(text_object("某局报告", y=9) + objects * 1_600)
    pages = read_pages(data)
    assert (pages.unreadable, codes(pages)) == ("too_large", ["limit_reached"])
    assert "某局报告" in lines(pages)
    large = ofd("某局报告", ["很长的一段话。" * 400] * 3)
    many = f'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">{"<a/>" * 600_001}</ofd:Page>'
    rest = read_pages(changed(large, {"Doc_0/Pages/Page_1/Content.xml": many.encode()}))
    assert (rest.unreadable, codes(rest)) == ("", ["limit_reached"])
    assert lines(rest)


def test_bounds_are_kept() -> None:
    deep = page(text_object("甲") + "<ofd:PageBlock>" * 100 + text_object("乙") + "</ofd:PageBlock>" * 100)
    assert (lines(read_pages(deep)), codes(read_pages(deep))) == (["甲"], ["limit_reached"])
    many = page(text_object("甲") * 3_000 + "<ofd:PageBlock>" * 100 + "</ofd:PageBlock>" * 100)
    assert read_pages(many).unreadable == ""
    bomb = page(
        "<ofd:PathObject><ofd:AbbreviatedData>" + "M 0 0 L 9 0 " * 90_000 + "</ofd:AbbreviatedData></ofd:PathObject>"
    )
    assert read_pages(bomb).unreadable == "empty"
    pages = read_pages(ofd("某局报告", ["很长的一段话。" * 400] * 3), Limits(pages=1))
    assert "limit_reached" in [finding.code for finding in pages.findings]


@given(
    at=st.floats(0, 1),
    junk=st.sampled_from([b"", b"\x00", b"<", b"999999999999", b"-", b"\xff\xfe"]),
    cut=st.integers(0, 60),
)
@settings(max_examples=60, deadline=None)
def test_damage_never_escapes(at: float, junk: bytes, cut: int) -> None:
    """Any page of XML with a piece replaced, and any zip with a piece replaced."""
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        whole = archive.read("Doc_0/Pages/Page_0/Content.xml")
    place = int(at * len(whole))
    inner = changed(SMALL, {"Doc_0/Pages/Page_0/Content.xml": whole[:place] + junk + whole[place + cut :]})
    place = int(at * len(SMALL))
    for data in (inner, SMALL[:place] + junk + SMALL[place + cut :]):
        pages = read_pages(data)
        assert pages.unreadable != "reader_failed"
        assert not [finding for finding in pages.findings if finding.code == "reader_failed"]


SMALL = ofd("某局报告", content(two_by_two()), style=Style(points=True))


def test_no_personal_name_is_taken_from_the_properties() -> None:
    data = ofd("某局报告", ["正文。"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.read("OFD.xml")
    said = re.sub(rb"<ofd:Title>", b"<ofd:Author>\xe7\x94\xb2</ofd:Author><ofd:Title>", entry)
    pages = read_pages(changed(data, {"OFD.xml": said}))
    assert (pages.title, "author" in pages.meta) == ("某局报告", False)
    assert not [block for block in pages.blocks if isinstance(block, Table)]


def test_radicals_in_place_of_ideographs_are_read_as_these() -> None:
    said = ["各部⻔于2023年1⽉公开⻓期有效的⾏政规范性⽂件，⼈⺠政府网站⽆差错。" * 2]
    pages = read_pages(ofd("桓台县⼈⺠政府2023年政府信息公开⼯作年度报告", said))
    assert lines(pages)[0] == "桓台县人民政府2023年政府信息公开工作年度报告"
    assert lines(pages)[1] == "各部门于2023年1月公开长期有效的行政规范性文件，人民政府网站无差错。" * 2
