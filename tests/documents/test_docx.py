# ruff: noqa: E501 - markup and its text read best on one line
from __future__ import annotations

import io
import zipfile

import pytest

from archive.documents.kinds import read_pages
from archive.documents.pages import Pages
from crawler.imitation.documents.grid import plain_table
from crawler.imitation.documents.word import docx
from tests.documents.helpers import lines, places, tables, texts

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(body: str, *, space: str = SPACE, name: str = "word/document.xml", **members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, f'<w:document xmlns:w="{space}" xmlns:mc="m"><w:body>{body}</w:body></w:document>')
        for key, text in members.items():
            archive.writestr(f"word/{key}.xml", text)
    return out.getvalue()


def read(body: str, **settings: str) -> Pages:
    return read_pages(document(body, **settings))


def p(text: str, properties: str = "") -> str:
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def test_insertions_are_read_and_deletions_are_not() -> None:
    page = read(
        "<w:p><w:r><w:t>本年收到</w:t></w:r><w:ins><w:r><w:t>35</w:t></w:r></w:ins><w:del><w:r><w:delText>3</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>9</w:t></w:r></w:moveFrom><w:r><w:rPr><w:strike/></w:rPr><w:t>8</w:t></w:r>"
        '<w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t>件</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>密</w:t></w:r></w:p>'
    )
    assert lines(page) == ["本年收到35件"]


def test_deleted_rows_are_gone() -> None:
    row = "<w:tr>{}" + tc("甲") + tc("1") + "</w:tr>"
    page = read("<w:tbl>" + row.format("") + row.format("<w:trPr><w:del/></w:trPr>") + "</w:tbl>")
    assert tables(page)[0].rows == 1


def test_merged_cells_both_ways_and_indented_rows() -> None:
    page = read(
        "<w:tbl><w:tr>" + tc("甲", '<w:vMerge w:val="restart"/>') + tc("乙", '<w:gridSpan w:val="2"/>') + "</w:tr><w:tr>"
        + tc("", "<w:vMerge/>") + tc("1") + tc("2") + '</w:tr><w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>' + tc("3") + tc("4") + "</w:tr></w:tbl>"
    )  # fmt: skip
    assert places(tables(page)[0]) == {
        (0, 0, 2, 1, "甲"),
        (0, 1, 1, 2, "乙"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
        (2, 1, 1, 1, "3"),
        (2, 2, 1, 1, "4"),
    }


def test_a_frame_of_one_cell_dissolves_and_inner_tables_follow() -> None:
    inner = "<w:tbl><w:tr>" + tc("规章") + tc("3") + "</w:tr></w:tbl>"
    page = read(f"<w:tbl><w:tr><w:tc>{p('说明')}{inner}</w:tc></w:tr></w:tbl>")
    assert lines(page) == ["说明"]
    assert [texts(t) for t in tables(page)] == [[["规章", "3"]]]


def test_wrappers_are_looked_into_and_text_boxes_read_once() -> None:
    box = f"<w:txbxContent>{p('框内')}</w:txbxContent>"
    page = read(
        f"<w:sdt><w:sdtContent>{p('目录')}</w:sdtContent></w:sdt><w:tbl><w:sdt><w:sdtContent><w:tr>{tc('1')}{tc('2')}</w:tr></w:sdtContent></w:sdt></w:tbl>"
        f"<w:p><w:r><w:t>文</w:t><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert lines(page) == ["目录", "文", "框内"]
    assert texts(tables(page)[0]) == [["1", "2"]]


def test_breaks_symbols_and_field_codes() -> None:
    page = read(
        '<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t><w:noBreakHyphen/></w:r><w:r><w:sym w:font="X" w:char="2160"/>'
        '<w:sym w:font="Wingdings" w:char="F0FE"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>'
    )
    assert lines(page) == ["甲\n乙\t丙-Ⅰ□"]


def test_headings_by_style_name_and_by_outline() -> None:
    styles = f'<w:styles xmlns:w="{SPACE}"><w:style w:styleId="a3"><w:name w:val="heading 2"/></w:style></w:styles>'
    page = read(
        p("甲", '<w:pPr><w:pStyle w:val="a3"/></w:pPr>')
        + p("乙", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')
        + p("丙"),
        styles=styles,
    )
    assert [b.heading for b in page.blocks] == [2, 1, 0]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "settings", [{"space": "http://purl.oclc.org/ooxml/wordprocessingml/main"}, {"name": "word/document2.xml"}]
)
def test_other_dialects(settings: dict[str, str]) -> None:
    assert lines(read(p("甲"), **settings)) == ["甲"]


def test_a_cut_document_part_is_read_as_far_as_it_goes() -> None:
    page = read_pages(document(p("甲") + "<w:tbl><w:tr>" + tc("1") + "<w:tc><w:p><w:r><w:t>2"))
    assert lines(page) == ["甲"]
    assert texts(tables(page)[0]) == [["1", "2"]]


def test_truncated_encrypted_and_empty() -> None:
    whole = docx("某局报告", ["文", plain_table([["1", "2"]])])
    assert read_pages(whole[: len(whole) // 2]).unreadable == "truncated"
    assert read_pages(document("")).unreadable == "empty"
    locked = bytearray(document(p("甲")))
    at = locked.index(b"PK\x01\x02", locked.index(b"word/document.xml"))  # its entry in the directory
    at = locked.rindex(b"PK\x01\x02", 0, locked.rindex(b"word/document.xml"))
    locked[at + 8] |= 1
    assert read_pages(bytes(locked)).unreadable == "encrypted"


def test_pictures_without_text_need_a_reader_of_pictures() -> None:
    out = io.BytesIO(document(""))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/media/image1.png", b"x")
    page = read_pages(out.getvalue())
    assert (page.unreadable, [part.kind for part in page.parts]) == ("needs_ocr", ["image"])
