# ruff: noqa: E501 - markup and its text read best on one line
"""zip, gzip, MHTML, RTF and Word's XML: what is in them, within bounds."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Limits, Pages
from archive.forms.printer import PrintedTable
from archive.parser.reader import read
from benchmarks.reading_files import sample
from imitation import scenario, wording
from imitation.documents.archived import mhtml, zipped
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.documents.legacy import goldens
from imitation.documents.ofd import ofd
from imitation.documents.rich import rtf
from imitation.documents.sheets import xls, xlsx
from imitation.documents.word import docx
from tests.documents.helpers import lines, places, tables, texts
from tests.documents.test_round_trip import content, printed_tables

NAME = "汶上县司法局2022年政府信息公开工作年度报告.docx"
TABLE = plain_table([["规章", "3", "4"], ["文件", "5", ""]])
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(60)


def named(pages: Pages) -> list[str]:
    return [member.name for member in pages.members]


def codes(pages: Pages) -> list[str]:
    return [finding.code for finding in pages.findings]


# ------------------------------------------------------------------------------------------------------------- zip


@pytest.mark.parametrize("charset", ["", "gbk", "utf-8", "gb18030"])
def test_names_come_as_they_were_meant(charset: str) -> None:
    pages = read_pages(zipped([(f"附件/{NAME}", b"x"), ("b.txt", b"y")], names=charset))
    assert (pages.kind, named(pages), pages.unreadable) == ("zip", [f"附件/{NAME}", "b.txt"], "")
    assert [member.data for member in pages.members] == [b"x", b"y"]


def test_a_name_in_the_extra_field_holds() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("_1.docx")
        name = NAME.encode()
        info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, 0) + name
        archive.writestr(info, b"x")
    assert named(read_pages(out.getvalue())) == [NAME]


def test_a_member_without_a_name_costs_nothing_else() -> None:
    pages = read_pages(zipped([("abc.txt", b"x"), ("b.txt", b"y")]).replace(b"abc.txt", b"\0bc.txt"))
    assert "b.txt" in named(pages)


def test_what_systems_leave_behind_is_no_member() -> None:
    litter = ["__MACOSX/._a.docx", "a/.DS_Store", "a/Thumbs.db", "desktop.ini", "~$报告.docx", "a/", ".hidden"]
    pages = read_pages(zipped([*((name, b"x" if name[-1] != "/" else b"") for name in litter), ("a/b.docx", b"x")]))
    assert named(pages) == ["a/b.docx"]
    assert read_pages(zipped([("__MACOSX/x", b"x")])).unreadable == "empty"


def test_names_cannot_climb() -> None:
    assert named(read_pages(zipped([("../../etc/报告.txt", b"x"), ("/abs\\甲.txt", b"x")]))) == [
        "etc/报告.txt",
        "abs/甲.txt",
    ]


def test_members_and_bytes_are_bounded() -> None:
    many = zipped([(f"{n}.txt", b"x") for n in range(30)])
    pages = read_pages(many, Limits(members=10))
    assert (len(pages.members), codes(pages)) == (10, ["limit_reached"])
    noise = random.Random(1).randbytes(3_000)
    pages = read_pages(zipped([(f"{n}.txt", noise) for n in range(4)]), Limits(bytes=13_000, members=3))
    assert len(pages.members) == 3
    fat = zipped([(f"{n}.txt", noise + bytes(9_000)) for n in range(4)])
    pages = read_pages(fat, Limits(bytes=25_000))
    assert len(pages.members) == 2
    assert codes(pages) == ["part_unreadable", "part_unreadable"]


def test_of_more_files_than_are_read_those_named_like_a_report_come_first() -> None:
    """More than 5,000 of them are no damage."""
    many = [(f"{n}.js", b"x") for n in range(5_100)]
    for count in (60, 5_100):
        data = zipped([*many[:count], ("某局2023年度报告.txt", b"y"), ("a.html", b"z")])
        pages = read_pages(data, Limits(members=50))
        assert named(pages)[-2:] == ["某局2023年度报告.txt", "a.html"]
        assert [(found.code, found.found, found.expected) for found in pages.findings] == [
            ("limit_reached", str(count + 2), "50")
        ]
    none = read_pages(zipped(many[:3]), Limits(members=0))
    assert (none.unreadable, codes(none)) == ("limit_reached", ["limit_reached"])


def test_a_container_read_in_part_without_a_report_in_it_is_not_known_to_be_none() -> None:
    assert read(zipped([(f"{n}.txt", b"x") for n in range(201)])).reason == "too_large"
    assert read(zipped([(f"{n}.txt", b"x") for n in range(200)])).reason == "not_recognised"


def test_a_directory_of_more_entries_than_any_zip_has_makes_no_room_for_them() -> None:
    data = zipped([("a.txt", b"good")])
    entries = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    pages = read_pages(data[: data.index(b"PK\x01\x02")] + entries * 100_001 + data[data.index(b"PK\x05\x06") :])
    assert (named(pages), codes(pages)) == (["a.txt"], ["limit_reached"])


def test_bombs_are_refused() -> None:
    pages = read_pages(zipped([("bomb.txt", bytes(40 << 20)), ("a.txt", b"x")]))
    assert (named(pages), codes(pages)) == (["a.txt"], ["part_unreadable"])
    alone = read_pages(zipped([("bomb.txt", bytes(40 << 20))]))
    assert (alone.unreadable, alone.members) == ("too_large", ())


def test_a_torn_zip_of_bombs_is_given_up_soon() -> None:
    packed = zlib.compress(bytes(1 << 20), 9)[2:-4]
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 8, 8, 0, 0, 0, 0, 0, 5, 0) + b"a.txt" + packed
    good = zipped([("b.txt", b"good")])
    limits = Limits(bytes=8 << 20)
    near = read_pages(local * 3 + good[: good.index(b"PK\x01\x02")], limits)
    far = read_pages(local * 60 + good[: good.index(b"PK\x01\x02")], limits)
    assert (named(near), named(far)) == (["b.txt"], [])  # none of them is whole: what was inflated counts all the same


def test_entries_that_share_their_bytes_are_refused() -> None:
    data = bytearray(zipped([("a.txt", b"x" * 50), ("b.txt", b"y" * 50)]))
    entries = [at for at in range(len(data)) if data[at : at + 4] == b"PK\x01\x02"]
    data[entries[1] + 42 : entries[1] + 46] = bytes(4)  # the second begins where the first does
    assert read_pages(bytes(data)).unreadable == "damaged"


def test_encrypted_members_are_told() -> None:
    data = bytearray(zipped([("a.txt", b"x"), ("b.txt", b"y")]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    pages = read_pages(bytes(data))
    assert (named(pages), codes(pages), pages.findings[0].found) == (["b.txt"], ["part_unreadable"], "encrypted")
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert read_pages(bytes(data)).unreadable == "encrypted"


def test_a_cut_zip_gives_the_files_that_are_whole() -> None:
    noise = random.Random(2).randbytes(4_000)
    whole = zipped([("甲.txt", b"one"), ("b.txt", b"two"), ("c.txt", noise)])
    pages = read_pages(whole[: len(whole) - 2_500])
    assert (named(pages), codes(pages)) == (["甲.txt", "b.txt"], ["document_damaged"])
    assert read_pages(whole[:20]).unreadable == "truncated"


def test_what_is_cut_is_read_as_far_as_it_goes_and_told() -> None:
    """Files whose directories stand at their end, and those that say where they end: every kind, cut by a little."""
    report = sample(4)
    saved = page(report.title, report.blocks)
    written = {
        "xlsx": xlsx(report.title, report.blocks),
        "ofd": ofd(report.title, report.blocks),
        "rtf": rtf(report.title, report.blocks),
        "mhtml": mhtml(saved),
        "zip": zipped([("报告.xlsx", xlsx(report.title, report.blocks))]),
    }
    for kind, whole in written.items():
        reading = read(whole[: len(whole) - len(whole) // 100])
        assert reading.kind == kind
        assert {found.code for found in reading.findings} == {"document_damaged"}, kind
        assert {name: cell.value for name, cell in reading.cells.items()} == dict(report.truth), kind


@pytest.mark.parametrize("kept", [0.35, 0.5, 0.65, 0.8])
def test_of_what_is_cut_no_figure_is_wrong(kept: float) -> None:
    report = sample(4)
    for write in (xlsx, xls, ofd, docx, rtf):
        whole = write(report.title, report.blocks)
        reading = read(whole[: int(len(whole) * kept)])
        assert {found.code for found in reading.findings} & {"document_damaged", "unreadable"}
        assert all(cell.value in (None, report.truth[name]) for name, cell in reading.cells.items())
        assert not [
            name for name, cell in reading.cells.items() if cell.value is None and not cell.flags and report.truth[name]
        ]


def test_a_cut_word_file_or_old_workbook_gives_its_words() -> None:
    report = sample(4)
    for kind, whole in (("doc", goldens()[0].data), ("xls", xls(report.title, report.blocks))):
        for percent in (99, 80):
            pages = read_pages(whole[: len(whole) * percent // 100])
            assert (pages.kind, codes(pages)) == (kind, ["document_damaged"])
            assert pages.unreadable in {"truncated", "damaged"}
            assert any("政府信息公开工作年度报告" in line for line in lines(pages))
            assert not tables(pages)


def test_a_gzip_of_one_file() -> None:
    out = io.BytesIO()
    with gzip.GzipFile("报告.txt".encode("gbk").decode("latin-1"), "wb", fileobj=out, mtime=0) as file:
        file.write(b"x" * 100)
    pages = read_pages(out.getvalue())
    assert [(member.name, member.data) for member in pages.members] == [("报告.txt", b"x" * 100)]
    assert read_pages(out.getvalue()[:-12]).unreadable == "truncated"
    cut = read_pages(gzip.compress("第一行\n第二行".encode(), 0)[:-10])
    assert ([member.data.decode() for member in cut.members], codes(cut)) == (["第一行\n"], ["document_damaged"])
    assert read_pages(gzip.compress(bytes(2 << 20)), Limits(bytes=1 << 20)).unreadable == "too_large"
    assert read_pages(gzip.compress(bytes(1 << 20)) * 2, Limits(bytes=3 << 19)).unreadable == "too_large"


def test_a_gzip_of_several_pieces_is_one_file() -> None:
    first, second = "第一行\n".encode(), "第二行\n".encode()
    pages = read_pages(gzip.compress(first) + gzip.compress(second))
    assert ([member.data for member in pages.members], pages.findings) == ([first + second], ())
    torn = read_pages(gzip.compress(first) + gzip.compress(second)[:12])
    assert ([member.data for member in torn.members], len(torn.findings)) == ([first], 1)


def test_a_gzip_of_several_members_is_all_of_them() -> None:
    first, second = gzip.compress("第一行\n".encode()), gzip.compress(random.Random(1).randbytes(1 << 18) + b"\n")
    whole = read_pages(first + second + bytes(512))  # padded, as tapes are
    assert (whole.members[0].data[:10], len(whole.members[0].data)) == ("第一行\n".encode(), 10 + (1 << 18) + 1)
    assert whole.findings == ()
    wrong = read_pages(first + second[:200_000] + b"\xff" + second[200_001:])
    assert ([member.data.decode() for member in wrong.members], codes(wrong)) == (["第一行\n"], ["document_damaged"])
    assert read_pages(second[:200_000] + b"\xff" + second[200_001:]).unreadable == "damaged"
    assert read_pages(first + gzip.compress(bytes(2 << 20)), Limits(bytes=1 << 20)).unreadable == "too_large"
    assert read_pages(gzip.compress(b"") * 20_000).unreadable == "too_large"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["docx", "xlsx", "ofd"])
@pytest.mark.parametrize("same", [True, False])
def test_parts_of_one_name_with_different_contents_are_told(kind: str, same: bool) -> None:
    made = {"docx": docx, "xlsx": xlsx, "ofd": ofd}[kind]("某局报告", ["一、总体情况", "本机关公开3件。"])
    parts = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml"}
    out = io.BytesIO(made)
    with zipfile.ZipFile(out, "a") as archive:
        name = parts.get(kind) or next(name for name in archive.namelist() if name.lower().endswith("content.xml"))
        held = archive.read(name)
        archive.writestr(name, held if same else held + b" ")
    assert codes(read_pages(made)) == []
    assert codes(read_pages(out.getvalue())) == ([] if same else ["document_damaged"])


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_damaged_containers_give_pages(junk: bytes, at: int, value: int) -> None:
    whole = bytearray(zipped([(NAME, b"x" * 40), ("a.txt", junk)], names="gbk"))
    whole[at % len(whole)] = value
    pages = read_pages(bytes(whole))
    assert pages.unreadable != "reader_failed"
    assert pages.members or pages.unreadable or pages.kind != "zip"


def test_a_zip_of_a_report_is_that_report() -> None:
    golden = goldens()[0]
    reading = read(zipped([("附件.doc", golden.data)], names="gbk"))
    alone = read(golden.data)
    assert {name: cell.value for name, cell in reading.cells.items()} == {n: c.value for n, c in alone.cells.items()}
    assert {cell.locator["part"] for cell in reading.cells.values()} == {"附件.doc"}
    assert reading.content_digest == alone.content_digest
    nested = read(zipped([("内.zip", zipped([("附件.doc", golden.data)]))]))
    assert {cell.locator["part"] for cell in nested.cells.values()} == {"内.zip/附件.doc"}


# ----------------------------------------------------------------------------------------------------------- MHTML


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_saved_page(charset: str) -> None:
    body = page("某局2023年政府信息公开工作年度报告", ["一、总体情况", TABLE], variant="word", charset=charset)
    pages = read_pages(mhtml(body, charset=charset))
    assert (pages.kind, pages.unreadable) == ("mhtml", "")
    assert [places(t) for t in tables(pages)] == [places(TABLE)]


def test_its_images_stand_in_the_page_and_its_files_are_members() -> None:
    body = b"<html><body><p>x</p><img src=\"report.files/image001.png\"><img src='other.png'></body></html>"
    data = mhtml(
        body, [("file:///C:/report.files/image001.png", "image/png", IMAGE), ("a.pdf", "application/pdf", b"%PDF-1.4")]
    )
    from archive.documents import html

    seen: list[bytes] = []
    original = html.read

    def spy(content: bytes, limits: Limits) -> Pages:
        seen.append(content)
        return original(content, limits)

    html.read = spy
    try:
        pages = read_pages(data)
    finally:
        html.read = original
    assert b'src="data:image/png;base64,iVBOR' in seen[0]
    assert b"src='other.png'" in seen[0]
    assert named(pages) == ["a.pdf"]


def test_an_endless_header_of_a_saved_page_is_cut() -> None:
    header = "MIME-Version: 1.0\r\nContent-Type: text/html; " + "a=b; " * 200_000 + "\r\n\r\n"
    assert lines(read_pages(header.encode() + "<p>一、总体情况</p>".encode())) == ["一、总体情况"]


def test_a_message_without_a_page_is_damaged() -> None:
    assert (
        read_pages(b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n\n").unreadable == "damaged"
    )


@pytest.mark.parametrize("seed", range(25))
def test_damaged_saved_pages(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(mhtml(page("某局报告", ["一、总体情况", TABLE]), [("a.png", "image/png", IMAGE)]))
    for _ in range(chance.choice((1, 5, 50))):
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(3)] = chance.choice((b"", b"=", b"--", b"\n\n", chance.randbytes(5)))
    assert read_pages(bytes(data)).unreadable != "reader_failed"


# ------------------------------------------------------------------------------------------------------------- RTF


@pytest.mark.parametrize("unicode", [False, True])
@given(table=printed_tables())
@settings(max_examples=20, deadline=None)
def test_rtf_gives_back_what_was_written(unicode: bool, table: object) -> None:
    pages = read_pages(rtf("某局报告", content(table), unicode=unicode))  # type: ignore[arg-type]
    assert (pages.kind, pages.findings) == ("rtf", ())
    assert [places(t) for t in tables(pages)] == [places(table)]
    assert lines(pages)[0] == "某局报告"
    assert lines(pages)[-2:] == ["五、存在的主要问题", "无。"]


def rich(body: str) -> Pages:
    return read_pages(
        (r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 SimSun;}{\f1\fcharset0 Arial;}}" + body + "}").encode(
            "latin-1"
        )
    )


def test_rtf_prints_neither_deleted_nor_hidden_words_nor_field_codes() -> None:
    pages = rich(
        r"\f0 \'b1\'be\'c4\'ea{\deleted\revdttmdel-2074015744 9}{\v 8}{\strike 7}35{\field{\*\fldinst PAGE 12}{\fldrslt 6}}"
        r"{\pict\pngblip 89504e47}{\*\unknown 4}{\header 1}{\footnote 2}\u20214 ?\par"
    )
    assert lines(pages) == ["本年356件"]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "7")]


def test_rtf_names_the_cells_in_which_something_is_struck_out() -> None:
    row = r"\trowd\cellx1000\cellx2000\cellx3000\pard\intbl {\strike 135}\cell\striked1 7\tab\striked0 4\cell\strike\plain 9\cell\row"
    pages = rich(row)
    (table,) = tables(pages)
    assert [(cell.text, cell.locator.get("struck")) for cell in table.cells] == [("", "135"), ("4", "7"), ("9", None)]


@pytest.mark.parametrize(("green", "blue", "unseen"), [(255, 255, UNREAD), (255, 0, UNREAD), (0, 0, "")])
def test_rtf_says_which_digits_of_figures_are_white_or_yellow_and_not_surely_seen(
    green: int, blue: int, unseen: str
) -> None:
    colours = rf"{{\colortbl;\red0\green0\blue0;\red255\green{green}\blue{blue};}}"
    row = r"\trowd\cellx2000\cellx4000\pard\intbl {\cf2 2023} a\cell{\cf1 8402}{\cf2 9}\cf2\plain 5\cell\row"
    pages = rich(colours + row + r"\pard {\cf2 7}\par")
    assert texts(tables(pages)[0]) == [["2023 a", f"8402{unseen}95"]]
    assert lines(pages)[-1] == "7"


def test_rtf_keeps_raised_digits_apart_from_the_figure_before() -> None:
    body = r"38{\super 12}\par 38{\up6 1}\par {\super 38}\par 38\super 1\nosupersub 2\par 38{\super\plain 1}{\up0 2}{\dn4 3}\par 38{\sub 4}\par"
    assert lines(rich(body)) == ["38[12]", "38¹", "38", "38[1]2", "38123", "38[4]"]
    assert lines(rich(r"38{\super \u9312 ?}{\super 2}\par m{\super 2}\par")) == ["38[①][2]", "m2"]


def test_rtf_of_two_byte_signs_split_over_escapes_and_of_other_planes() -> None:
    assert lines(rich(r"\f0 \'81\\\u-10179?\u-8692?\lquote a\rquote\~b\par")) == ["乗\U0001f60c‘a’\u00a0b"]


def test_a_cell_of_an_rtf_with_a_picture_alone_is_not_blank() -> None:
    picture = r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict\wmetafile8 0100}}"
    row = r"\trowd\cellx1000\cellx2000\cellx3000\pard\intbl " + picture + r"规\cell " + picture + r"\cell\cell\row"
    row = row.replace("规", r"\u35268 ?")
    assert texts(tables(rich(row))[0]) == [["规", UNREAD, ""]]


def test_rtf_that_calls_itself_western() -> None:
    western = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Times;}{\f13\fcharset134 SimSun;}}\f0 {\dbch\af13 \'b1\'be\'c4\'ea}it\'92s\par}"
    assert lines(read_pages(western)) == ["本年it’s"]


def test_rtf_tables_in_tables_and_merged_rows() -> None:
    pages = rich(
        r"\trowd\clmgf\cellx1000\clmrg\cellx2000\cellx3000\pard\intbl a\cell\cell b\cell\row"
        r"\trowd\cellx1000\cellx2000\cellx3000\pard\intbl 1\cell 2\cell\pard\intbl\itap2 x\nestcell y\nestcell"
        r"{\*\nesttableprops\trowd\cellx2500\cellx3000\nestrow}{\nonesttables\par}\pard\intbl 3\cell\row\pard z\par"
    )
    assert lines(pages) == ["z"]
    assert texts(tables(pages)[0]) == [["a", "b"], ["1", "2", f"{UNREAD}\n3"]]
    assert texts(tables(pages)[1]) == [["x", "y"]]
    assert (0, 0, 1, 2, "a") in places(tables(pages)[0])


@pytest.mark.parametrize("seed", range(40))
def test_damaged_rtf(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(rtf("某局报告", ["一、总体情况", TABLE, "无。"], unicode=bool(seed % 2)))
    for _ in range(chance.choice((1, 5, 50))):
        at = chance.randrange(6, len(data))
        data[at : at + chance.randrange(4)] = chance.choice(
            (
                b"",
                b"{" * 40,
                b"}",
                b"\\cell ",
                b"\\row ",
                b"\\trowd",
                b"\\cellx-9 ",
                b"\\itap99 ",
                b"\\bin9 ",
                chance.randbytes(3),
            )
        )
    pages = read_pages(bytes(data))
    assert pages.unreadable != "reader_failed"
    for table in tables(pages):
        assert all(c.row + c.rowspan <= table.rows and c.col + c.colspan <= table.cols for c in table.cells)


def test_groups_without_end() -> None:
    assert read_pages(b"{\\rtf1" + b"{" * 200_000 + b"x").unreadable == "truncated"


def test_rtf_nested_too_deep_or_cut_within_a_row_is_no_figure() -> None:
    row = r"\trowd\cellx1000\cellx2000\pard\intbl a\cell "
    assert texts(tables(rich(row + "{" * 1_500 + "896" + "}" * 1_500 + r"\cell\row"))[0]) == [["a", "896"]]
    deep = rich(row + "{" * 2_500 + "896" + "}" * 2_500 + r"\cell\row")
    assert texts(tables(deep)[0]) == [["a", UNREAD]]
    assert [found.code for found in deep.findings] == ["limit_reached"]
    assert texts(tables(rich(row + "89"))[0]) == [["a", UNREAD]]


# ----------------------------------------------------------------------------------------------------- Word's XML

_BODY = (
    '<w:body><w:p><w:r><w:t>甲</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr><w:vmerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>1</w:t></w:r></w:p>'
    "</w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vmerge/></w:tcPr><w:p/></w:tc><w:tc><w:p><w:r><w:t>3</w:t></w:r></w:p>"
    "</w:tc></w:tr></w:tbl></w:body>"
)  # fmt: skip


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_word_2003_xml(charset: str) -> None:
    space = "http://schemas.microsoft.com/office/word/2003/wordml"
    text = f'<?xml version="1.0" encoding="{charset}"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="{space}">{_BODY}</w:wordDocument>'
    pages = read_pages(text.encode(charset))
    assert (pages.kind, lines(pages)) == ("wordml", ["甲"])
    assert places(tables(pages)[0]) == {(0, 0, 2, 1, "1"), (0, 1, 1, 1, "2"), (1, 1, 1, 1, "3")}


def test_flat_opc() -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = (
        '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f'<pkg:part pkg:name="/word/footer1.xml"><pkg:xmlData><w:ftr xmlns:w="{space}"><w:p><w:r><w:t>页脚</w:t></w:r></w:p></w:ftr></pkg:xmlData></pkg:part>'
        f'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData><w:document xmlns:w="{space}">{_BODY.replace("vmerge", "vMerge")}</w:document></pkg:xmlData></pkg:part></pkg:package>'
    )
    pages = read_pages(text.encode())
    assert (pages.kind, lines(pages), len(tables(pages))) == ("wordml", ["甲"], 1)


# ------------------------------------------------------------------------------------------- documents in documents


def test_tables_in_an_embedded_workbook_are_those_of_the_document() -> None:
    report = next(r for portal in scenario.load().portals for r in portal.reports if r.form == "2021")
    version = report.versions[-1]
    blocks = wording.blocks(report, version)
    out = io.BytesIO(docx(version.title, [block for block in blocks if not isinstance(block, PrintedTable)]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/embeddings/Microsoft_Excel.xlsx", xlsx(version.title, blocks))
    reading = read(out.getvalue())
    assert {name: cell.value for name, cell in reading.cells.items()} == wording.values(report, version)
    assert {cell.locator["part"] for cell in reading.cells.values()} == {"Microsoft_Excel.xlsx"}
    assert (reading.kind, reading.title) == ("docx", version.title)


def test_a_package_with_something_before_it_is_that_package() -> None:
    made = docx("某局报告", ["一、总体情况", "本机关公开3件。"])
    whole = read_pages(made)
    assert read_pages(b"MZ\x01\x02\x90\x00" * 400 + made) == whole
    assert read_pages(b"MZ\x01\x02\x90\x00" * 400).unreadable == "kind_unsupported"


def test_names_of_parts_know_no_case() -> None:
    made = docx("某局报告", ["一、总体情况", "本机关公开3件。"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr("WORD/DOCUMENT.XML" if name == "word/document.xml" else name, old.read(name))
    assert read_pages(out.getvalue()).blocks == read_pages(made).blocks


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "utf-8\0"])
def test_no_codec_that_a_saved_page_names_costs_its_contents(charset: str) -> None:
    """These are codecs of Python's that fail on any text: such pages were called damaged."""
    head = f"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html; charset={charset}\n"
    data = f"{head}Content-Transfer-Encoding: 8bit\n\n<html><body><p>一、总体情况</p></body></html>\n--x--\n".encode()
    assert "总体情况" in str(read_pages(data).blocks)
