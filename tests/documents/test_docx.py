# ruff: noqa: E501 - markup and its text read best on one line
from __future__ import annotations

import io
import zipfile

import pytest

from archive.documents.kinds import read_pages
from archive.documents.ooxml.numbering import number_text
from archive.documents.pages import UNREAD, Pages, Paragraph
from imitation.documents.compound import compound
from imitation.documents.grid import plain_table
from imitation.documents.word import docx
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


def test_all_texts_of_a_frame_are_kept_with_its_tables_where_they_stand() -> None:
    inner = "<w:tbl><w:tr>" + tc("规章") + tc("3") + "</w:tr></w:tbl>"
    held = p("一、总体情况") + p("无。") + inner + p("六、其他需要报告的事项") + inner + p("完。")
    page = read(f"<w:tbl><w:tr><w:tc>{held}</w:tc></w:tr></w:tbl>")
    shown = [block.text if isinstance(block, Paragraph) else texts(block)[0][0] for block in page.blocks]
    assert shown == ["一、总体情况", "无。", "规章", "六、其他需要报告的事项", "规章", "完。"]


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
    page = read_pages(
        document(p("甲") + "<w:tbl><w:tr>" + tc("1") + "<w:tc><w:p><w:r><w:t>2<!--")
    )  # with all behind it
    assert lines(page) == ["甲"]
    assert texts(tables(page)[0]) == [["1", f"2\n{UNREAD}"]]
    assert [found.code for found in page.findings] == ["document_damaged"]


def test_what_is_nested_too_deep_is_neither_blank_nor_a_figure() -> None:
    def nested(count: int, opening: str, end: str) -> Pages:
        cell = f"<w:tc>{opening * count}{p('896')}{end * count}<w:p/></w:tc>"
        return read(f"<w:tbl><w:tr>{tc('规章')}{cell}</w:tr></w:tbl>")

    table = ("<w:tbl><w:tr><w:tc>", "<w:p/></w:tc></w:tr></w:tbl>")
    box = ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>")
    for opening, end in (table, box):
        assert texts(tables(nested(60, opening, end))[0]) == [["规章", "896"]]
        page = nested(70, opening, end)
        assert texts(tables(page)[0]) == [["规章", UNREAD]]
        assert [found.code for found in page.findings] == ["limit_reached"]
    page = nested(2_000, "<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>")
    assert texts(tables(page)[0]) == [["规章", UNREAD]]
    assert [found.code for found in page.findings] == ["document_damaged"]


def test_a_table_in_a_cell_is_its_text_where_it_shows_one() -> None:
    def held(*cells: str) -> list[list[list[str]]]:
        inner = "<w:tbl><w:tr>" + "".join(map(tc, cells)) + "</w:tr></w:tbl>"
        page = read(f"<w:tbl><w:tr>{tc('规章')}<w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>")
        return [texts(table) for table in tables(page)]

    assert held("896", "") == [[["规章", "896"]]]
    assert held("", "") == [[["规章", ""]]]
    assert held("8", "96") == [[["规章", UNREAD]], [["8", "96"]]]


def test_truncated_encrypted_and_empty() -> None:
    whole = docx("某局报告", ["文", plain_table([["1", "2"]])])
    assert read_pages(whole[:300]).unreadable == "truncated"
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


NUMBERS = (
    f'<w:numbering xmlns:w="{SPACE}"><w:abstractNum w:abstractNumId="4">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%3"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val=""/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="5"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="4"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num></w:numbering>'
)


def item(text: str, number: int, level: int = 0) -> str:
    return p(text, f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>')


def test_numbers_that_word_writes_before_paragraphs() -> None:
    body = "".join(
        (
            item("总体情况", 1),
            item("主动公开", 1, 1),
            item("依申请", 1, 1),
            item("", 1),
            item("其他", 1),
            item("点", 1, 1),
        )
    ) + "".join((item("细", 1, 2), item("细", 1, 2), item("点", 2), item("续", 3), item("无", 0), item("无", 9)))
    assert lines(read(body, numbering=NUMBERS)) == [
        "一、总体情况", "（一）主动公开", "（二）依申请", "三、其他", "（一）点", "三.3 细", "三.4 细", "点", "七、续", "无", "无",
    ]  # fmt: skip


def test_a_cell_of_nothing_but_its_number_is_not_blank() -> None:
    empty = item("", 1).replace("<w:r><w:t></w:t></w:r>", "")
    row = "<w:tr>" + tc("甲") + f"<w:tc>{empty}</w:tc><w:tc>{empty}{p('7')}</w:tc><w:tc><w:p/></w:tc></w:tr>"
    (table,) = tables(read(f"<w:tbl>{row}</w:tbl>", numbering=NUMBERS))
    assert texts(table) == [["甲", UNREAD + "一、", "7", ""]]


@pytest.mark.parametrize(("code", "shown"), [(r" eq \o(1,2) ", UNREAD), ("EQ \\a(1)", UNREAD), (" =SUM(ABOVE) ", "")])
def test_a_cell_of_nothing_but_composed_signs_is_not_blank(code: str, shown: str) -> None:
    field = "".join(
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' + (f"<w:r><w:instrText>{code}</w:instrText></w:r>" * at)
        for kind, at in (("begin", 1), ("separate", 0), ("end", 0))
    )
    (table,) = tables(read(f"<w:tbl><w:tr>{tc('甲')}<w:tc><w:p>{field}</w:p></w:tc>{tc('8')}</w:tr></w:tbl>"))
    assert texts(table) == [["甲", shown, "8"]]


def test_numbers_that_a_style_gives_make_the_sections_of_a_report() -> None:
    style = f'<w:styles xmlns:w="{SPACE}"><w:style w:styleId="a3"><w:name w:val="x"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
    named = '<w:pPr><w:pStyle w:val="a3"/></w:pPr>'
    page = read(p("甲", named) + p("乙") + p("丙", named), styles=style, numbering=NUMBERS)
    assert lines(page) == ["一、甲", "乙", "二、丙"]
    taken_out = p("丁", '<w:pPr><w:pStyle w:val="a3"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>')
    assert lines(read(taken_out, styles=style, numbering=NUMBERS)) == ["丁"]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (10, "chineseCounting", "十"), (11, "chineseCounting", "十一"), (20, "chineseCounting", "二十"),
        (101, "chineseCountingThousand", "一百〇一"), (110, "chineseCountingThousand", "一百一十"),
        (1001, "chineseCountingThousand", "一千〇一"), (3, "decimalEnclosedCircle", "③"), (28, "lowerLetter", "bb"),
        (14, "upperRoman", "XIV"), (12, "chineseLegalSimplified", "壹拾贰"), (3, "ideographTraditional", "丙"),
        (5, "nobodyKnows", "5"), (0, "chineseCounting", "0"), (4, "decimalZero", "04"), (13, "ideographZodiac", "子"),
    ],
)  # fmt: skip
def test_ways_of_counting(value: int, form: str, text: str) -> None:
    assert number_text(value, form) == text


def test_former_properties_and_tab_stops_print_nothing() -> None:
    page = read(
        '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="9"/></w:tabs><w:pPrChange><w:pPr><w:outlineLvl w:val="0"/><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>'
        "<w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:rPr><w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>甲</w:t></w:r>"
        "<w:ruby><w:rt><w:r><w:t>yi</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>乙</w:t></w:r></w:rubyBase></w:ruby></w:p>",
        numbering=NUMBERS,
    )
    assert lines(page) == ["甲乙"]
    assert page.blocks[0].heading == 0  # type: ignore[union-attr]


def test_alternatives_are_read_once_and_a_lone_fallback_too() -> None:
    def alternatives(*names: str) -> str:
        inner = "".join(f"<mc:{name}><w:r><w:t>{name[0]}</w:t></w:r></mc:{name}>" for name in names)
        return f"<w:p><mc:AlternateContent>{inner}</mc:AlternateContent></w:p>"

    body = alternatives("Choice", "Choice", "Fallback") + alternatives("Fallback") + alternatives("Choice", "Fallback")
    assert lines(read(body)) == ["C", "F", "C"]


def test_results_of_fields_and_not_their_codes() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    run = "<w:r><w:t>{}</w:t></w:r>"
    nested = mark("begin") + run.format("9") + mark("separate") + run.format("8") + mark("end")
    page = read(
        f"<w:p>{mark('begin')}{nested}{mark('separate')}{run.format('7')}{mark('end')}{run.format('件')}</w:p>"
        f"<w:p>{mark('begin')}{run.format('1')}</w:p>{p('乙')}"
    )
    assert lines(page) == ["7件", "乙"]


@pytest.mark.parametrize(("place", "shown"), [("inline", f"8{UNREAD}96"), ("anchor", "896")])
def test_an_image_in_the_line_keeps_digits_apart(place: str, shown: str) -> None:
    drawn = f"<w:r><w:drawing><wp:{place} xmlns:wp='x'/></w:drawing></w:r>"
    cell = f"<w:tc><w:p><w:r><w:t>8</w:t></w:r>{drawn}<w:r><w:t>96</w:t></w:r></w:p></w:tc>"
    (table,) = tables(read(f"<w:tbl><w:tr>{tc('甲') + cell}</w:tr></w:tbl>"))
    assert [c.text for c in table.cells] == ["甲", shown]


@pytest.mark.parametrize(
    ("raising", "shown"),
    [
        ('<w:vertAlign w:val="superscript"/>', "38[1][2]"),
        ('<w:vertAlign w:val="subscript"/>', "38[1][2]"),
        ('<w:position w:val="8"/>', "38¹²"),
    ],
)
def test_a_raised_digit_behind_a_figure_is_none_of_it(raising: str, shown: str) -> None:
    def run(text: str, properties: str = "") -> str:
        return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"

    note = run("1", raising) + run("2", raising)
    cell = f"<w:tc><w:p>{run('38')}{note}</w:p></w:tc><w:tc><w:p>{run('15', raising)}</w:p></w:tc>"
    (table,) = tables(read(f"<w:tbl><w:tr>{tc('甲') + cell}</w:tr></w:tbl>"))
    assert [c.text for c in table.cells] == ["甲", shown, "15"]
    lowered = run("38") + run("1", '<w:position w:val="-4"/>') + run("2", '<w:vertAlign w:val="baseline"/>')
    assert lines(read(f"<w:p>{lowered}</w:p>")) == ["3812"]


def test_hidden_tables_in_cells_keep_their_rows() -> None:
    inner = "<w:tbl><w:tr>" + tc("规章") + tc("3") + "</w:tr></w:tbl>"
    page = read(f"<w:tbl><w:tr>{tc('甲')}<w:tc>{p('乙')}{inner}{p('丙')}</w:tc></w:tr></w:tbl>")
    assert [texts(t) for t in tables(page)] == [[["甲", f"乙\n{UNREAD}\n丙"]], [["规章", "3"]]]


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(50)


def package(body: str, files: dict[str, bytes], targets: dict[str, str]) -> Pages:
    relations = "".join(f'<Relationship Id="{key}" Target="{target}"/>' for key, target in targets.items())
    out = io.BytesIO(document(body))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/_rels/document.xml.rels", f"<Relationships>{relations}</Relationships>")
        for name, data in files.items():
            archive.writestr(name, data)
    return read_pages(out.getvalue())


def image(key: str, wide: float, high: float) -> str:
    return (
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="wp"><wp:extent cx="{int(wide * 914400)}" cy="{int(high * 914400)}"/>'
        f'<a:blip xmlns:a="a" xmlns:r="{RELATIONS}" r:embed="{key}"/></wp:inline></w:drawing></w:r></w:p>'
    )


def test_images_stand_where_they_stood_and_seals_are_left_out() -> None:
    old = f'<w:p><w:r><w:pict><v:shape xmlns:v="v" style="width:400pt;height:300pt"><v:imagedata xmlns:r="{RELATIONS}" r:id="r3"/></v:shape></w:pict></w:r></w:p>'
    page = package(
        p("甲") + image("r1", 6, 4) + p("乙") + image("r2", 1.5, 1.5) + old + image("r9", 6, 4) + image("r4", 6, 4),
        {"word/media/a.png": PICTURE, "word/media/b.png": PICTURE, "word/media/c.png": b"c", "word/media/d.emf": b"d"},
        {"r1": "media/a.png", "r2": "media/b.png", "r3": "/word/media/c.png", "r4": "media/d.emf"},
    )
    assert [(one.at, one.locator["member"]) for one in page.pictures] == [
        (1, "word/media/a.png"),
        (2, "word/media/c.png"),
        (2, "word/media/d.emf"),
    ]
    assert [page.pictures[0].source.load(), page.pictures[1].source.load()] == [PICTURE, b"c"]
    with pytest.raises(ValueError, match="vector"):
        page.pictures[2].source.load()


def test_documents_in_the_document_are_members_where_it_has_no_table() -> None:
    inner = docx("内", [plain_table([["1", "2"]])])
    files = {"word/embeddings/a.docx": inner, "word/afchunk.mht": b"MIME-Version: 1.0"}
    chunk = f'<w:altChunk xmlns:r="{RELATIONS}" r:id="c1"/>'
    page = package(p("甲") + chunk, files, {"c1": "afchunk.mht"})
    assert [(one.name, one.data) for one in page.members] == [
        ("afchunk.mht", files["word/afchunk.mht"]),
        ("a.docx", inner),
    ]
    row = "<w:tr>" + tc("1") * 5 + "</w:tr>"
    assert package(p("甲") + f"<w:tbl>{row * 4}</w:tbl>", files, {}).members == ()


def test_a_package_without_directory_is_read_as_far_as_it_is_whole() -> None:
    rows = [[f"事项{n}", str(n * 1_234_567)] for n in range(400)]
    whole = docx("某局报告", ["文", plain_table(rows)])
    start = whole.index(b"word/document.xml")
    end = whole.index(b"PK\x03\x04", start)
    intact = read_pages(whole[: end + 100])
    assert (intact.unreadable, [f.code for f in intact.findings]) == ("", ["document_damaged"])
    assert texts(tables(intact)[0]) == rows
    cut = read_pages(whole[: (start + end) // 2])
    assert (cut.unreadable, [f.code for f in cut.findings]) == ("truncated", ["document_damaged"])
    got = texts(tables(cut)[0])
    assert 0 < len(got) < len(rows)
    assert got[:-1] == rows[: len(got) - 1]
    assert got[-1][-1].endswith(UNREAD)  # it broke off in this cell


def test_a_package_whose_bytes_are_not_what_they_were_gives_no_figure() -> None:
    whole = docx("某局报告", [plain_table([[f"事项{n}", str(n * 1_234_567)] for n in range(200)])])
    start = whole.index(b"word/document.xml") + 17
    end = whole.index(b"PK\x03\x04", start)
    broken = bytearray(whole[: end + 100])
    broken[start + 200] ^= 0x55
    assert (read_pages(bytes(broken)).blocks, read_pages(bytes(broken)).unreadable) == ((), "truncated")


def test_a_torn_package_with_names_that_are_none() -> None:
    whole = docx("某局报告", ["文"])
    broken = whole[:-30].replace(b"docProps/app.xml", bytes(16)).replace(b"docProps/core.xml", b"docProps/core.xm/")
    assert lines(read_pages(broken)) == ["某局报告", "文"]


def test_a_package_with_a_password() -> None:
    locked = compound({"EncryptedPackage": bytes(5_000), "EncryptionInfo": bytes(200)})
    assert (read_pages(locked).kind, read_pages(locked).unreadable) == ("docx", "encrypted")


@pytest.mark.parametrize(
    "cell",
    [
        tc("5"),
        tc(" 5\n"),
        tc("5", '<w:gridSpan w:val="2"/>'),
        tc("5", '<w:gridSpan w:val="0"/>'),
        tc("5", "<w:gridSpan/>"),
        tc("5", "<w:vMerge/>"),
        tc("5", '<w:vMerge w:val="restart"/>'),
        tc("5", '<w:vMerge val="restart"/>'),
        tc("5", '<w:hMerge w:val="continue"/>'),
        tc("5", "<w:tcBorders><w:tl2br/></w:tcBorders><w:tcPrChange><w:tcPr><w:vMerge/></w:tcPr></w:tcPrChange>"),
        f"<w:tc>{p('5')}{p('')}{p('6')}</w:tc>",
        "<w:tc>" + p("5", '<w:pPr><w:pStyle w:val="a"/></w:pPr>') + "</w:tc>",
        "<w:tc>" + p("5", '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>') + "</w:tc>",
        "<w:tc><w:p><w:r><w:rPr><w:b/><w:vanish/></w:rPr><w:t>5</w:t></w:r><w:r><w:t>6</w:t></w:r></w:p></w:tc>",
        '<w:tc><w:p><w:r><w:t>5</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>6</w:t></w:r></w:p></w:tc>',
        "<w:tc><w:p><w:r><w:rPr><w:dstrike/></w:rPr><w:t>5</w:t></w:r></w:p></w:tc>",
        "<w:tc><w:p><w:r><w:t>5</w:t><w:br/><w:t>6</w:t></w:r></w:p></w:tc>",
        "<w:tc><w:p><w:del><w:r><w:t>4</w:t></w:r></w:del><w:ins><w:r><w:t>5</w:t></w:r></w:ins></w:p></w:tc>",
        '<w:tc><w:p><w:r><w:fldChar w:fldCharType="begin"/><w:t>X</w:t></w:r></w:p></w:tc>',
        "<w:tc><w:p><w:proofErr/><w:r><w:t>5</w:t></w:r><w:bookmarkStart/><w:r><w:t>6</w:t></w:r></w:p></w:tc>",
        f"<w:tc>{p('5')}<w:tbl><w:tr>{tc('6')}{tc('7')}</w:tr></w:tbl>{p('')}</w:tc>",
        f"<w:sdt><w:sdtContent>{tc('5')}</w:sdtContent></w:sdt>",
        f"<w:trPr><w:del/></w:trPr>{tc('5')}",
        f'<w:trPr><w:cantSplit/><w:gridBefore w:val="1"/></w:trPr>{tc("5")}',
        f"<w:p><w:r><w:t>9</w:t></w:r></w:p>{tc('5')}",
        "<w:tc/>",
    ],
)
def test_a_row_reads_the_same_at_once_and_step_by_step(cell: str) -> None:
    """Rows in a wrapper are always walked through; those right below their table only if they are not plain."""
    rows = [tc("甲") + tc("1"), cell + tc("2"), tc("乙") + tc("3", "<w:vMerge/>")]
    plain = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    found = read(f"<w:tbl>{plain}</w:tbl>{p('末')}").blocks
    assert found == read(f"<w:tbl><w:sdt><w:sdtContent>{plain}</w:sdtContent></w:sdt></w:tbl>{p('末')}").blocks
    assert len(found) > 1


MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def cell(paragraph: str, **settings: str) -> str:
    """What a cell in the second row of a table is read as that holds this paragraph."""
    row = f"<w:tr>{tc('规章')}<w:tc><w:p>{paragraph}</w:p></w:tc></w:tr>"
    return texts(tables(read(f"<w:tbl><w:tr>{tc('甲')}{tc('乙')}</w:tr>{row}</w:tbl>", **settings))[0])[1][1]


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        ("<w:r><w:drawing/></w:r>", UNREAD),
        ("<w:r><w:pict/></w:r>", UNREAD),
        ("<w:r><w:object/></w:r>", UNREAD),
        ('<w:altChunk id="a"/>', UNREAD),
        ('<w:fldSimple w:instr="=SUM(ABOVE)"/>', UNREAD),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>', UNREAD),
        ("<w:r><w:object/><w:t>896</w:t></w:r>", "896"),
        ("<w:r/>", ""),
        (f"<m:oMath {MATH}><m:r><m:t>896</m:t></m:r></m:oMath>", "896"),
        (f"<m:oMath {MATH}><m:f><m:num><m:r><m:t>8</m:t></m:r></m:num><m:den><m:r><m:t>96</m:t></m:r></m:den></m:f></m:oMath>", UNREAD + "896"),
        ('<w:bdo w:val="rtl">' + run("698") + "</w:bdo>", "\u202e698"),
        ('<w:bdo w:val="ltr">' + run("896") + "</w:bdo>", "896"),
        (run("1", '<w:color w:val="ffffff"/>') + run("896"), UNREAD + "1896"),
        (run("件", '<w:color w:val="FFFFFF"/>') + run("896", '<w:color w:val="000000"/>'), "件896"),
        (run("1", '<w:sz w:val="2"/>') + run("896", '<w:sz w:val="21"/>'), f"{UNREAD}896"),
    ],
)  # fmt: skip
def test_what_is_no_plain_text_in_a_cell_is_neither_blank_nor_a_figure(paragraph: str, text: str) -> None:
    assert cell(paragraph) == text


STYLES = (
    '<w:styles><w:style w:styleId="Gone"><w:rPr><w:{}/></w:rPr></w:style>'
    '<w:style w:styleId="Based"><w:basedOn w:val="Gone"/></w:style>'
    '<w:style w:styleId="Back"><w:basedOn w:val="Gone"/><w:rPr><w:{} w:val="0"/></w:rPr></w:style></w:styles>'
)


@pytest.mark.parametrize("property_", ["vanish", "strike", "dstrike"])
@pytest.mark.parametrize(("style", "text"), [("Gone", "896"), ("Based", "896"), ("Back", "1896"), ("None", "1896")])
def test_styles_that_hide_or_strike_out(property_: str, style: str, text: str) -> None:
    styles = STYLES.format(property_, property_)
    assert cell(run("1", f'<w:rStyle w:val="{style}"/>') + run("896"), styles=styles) == text
    shown = f'<w:rStyle w:val="{style}"/><w:{property_} w:val="0"/>'
    assert cell(run("1", shown) + run("896"), styles=styles) == "1896"


@pytest.mark.parametrize(("name", "text"), [("wps", "77"), ("zzz", "896"), ("own", "896"), ("wps zzz", "896")])
def test_an_alternative_that_nobody_understands_is_not_taken(name: str, text: str) -> None:
    choice = f'<mc:Choice xmlns:own="http://example.org/own" Requires="{name}"><w:t>77</w:t></mc:Choice>'
    fallback = "<mc:Fallback><w:t>896</w:t></mc:Fallback>"
    assert cell(f"<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>") == text


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        ('<w:pPr><w:pStyle w:val="Gone"/></w:pPr>' + run("1"), ""),
        ('<w:pPr><w:pStyle w:val="Based"/></w:pPr>' + run("1"), ""),
        ('<w:pPr><w:pStyle w:val="Back"/></w:pPr>' + run("896"), "896"),
        ('<w:pPr><w:pStyle w:val="Nowhere"/></w:pPr>' + run("896"), "896"),
        ('<w:pPr><w:pStyle w:val="Gone"/></w:pPr>' + run("1") + run("896", '<w:vanish w:val="0"/>'), "896"),
        ('<w:pPr><w:pStyle w:val="Gone"/></w:pPr>' + run("896", '<w:rStyle w:val="Back"/>'), "896"),
    ],
)
def test_paragraph_styles_that_hide(paragraph: str, text: str) -> None:
    assert cell(paragraph, styles=STYLES.format("vanish", "vanish")) == text


def test_defaults_that_hide_all_but_what_says_otherwise() -> None:
    hidden = "<w:rPr><w:vanish/></w:rPr>"
    everywhere = f"<w:styles><w:docDefaults><w:rPrDefault>{hidden}</w:rPrDefault></w:docDefaults></w:styles>"
    normal = f'<w:styles><w:style w:type="paragraph" w:default="1" w:styleId="a">{hidden}</w:style></w:styles>'
    character = f'<w:styles><w:style w:type="character" w:default="1" w:styleId="a">{hidden}</w:style></w:styles>'
    shown = run("96", '<w:vanish w:val="0"/>')
    body = f"<w:p>{run('8')}{shown}</w:p>"
    for styles, text in ((everywhere, "96"), (normal, "96"), (character, "896")):
        assert lines(read(body, styles=styles)) == [text]


def test_a_style_of_a_table_that_hides_makes_its_figures_uncertain() -> None:
    styles = '<w:styles><w:style w:type="table" w:styleId="T"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    body = f'<w:tbl><w:tblPr><w:tblStyle w:val="T"/></w:tblPr><w:tr>{tc("规章")}{tc("896")}</w:tr></w:tbl>'
    assert texts(tables(read(body, styles=styles))[0]) == [["规章", UNREAD + "896"]]


def test_styles_based_on_each_other_in_a_circle_and_thousands_that_are_none() -> None:
    hidden = ["<w:rPr><w:vanish/></w:rPr>" if n == 7 else "" for n in range(50)]
    circle = "".join(
        f'<w:style w:styleId="S{n}"><w:basedOn w:val="S{(n + 1) % 50}"/>{hidden[n]}</w:style>' for n in range(50)
    )
    other = run("乙")
    unknown = "".join(f'<w:p><w:pPr><w:pStyle w:val="X{n}"/></w:pPr>{other}</w:p>' for n in range(3_000))
    body = f'<w:p><w:pPr><w:pStyle w:val="S5"/></w:pPr>{run("甲")}</w:p>{unknown}'
    assert lines(read(body, styles=f"<w:styles>{circle}</w:styles>")) == ["乙"] * 3_000


def test_a_table_of_one_row_in_a_cell_over_its_columns_is_a_part_of_that_row() -> None:
    def cell(text: str, width: int = 1) -> str:
        inner = text if text.startswith("<") else f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
        return f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/></w:tcPr>{inner}</w:tc>'

    inner = f"<w:tbl><w:tr>{cell('1')}{cell('2')}{cell('3')}</w:tr></w:tbl>"
    body = "".join(f"<w:tr>{cell(label)}{cell(inner, 3)}</w:tr>" for label in "甲乙")
    (table,) = tables(read(f"<w:tbl>{body}</w:tbl>"))
    assert texts(table) == [["甲", "1", "2", "3"], ["乙", "1", "2", "3"]]


def test_what_is_crossed_out_is_told_with_its_cell() -> None:
    """As a whole and in part; what is hidden besides is not seen, and not told."""
    gone = "<w:strike/>"
    cells = [
        run("135", gone),
        run("1") + run("896", "<w:dstrike/>"),
        run("7", "<w:strike/><w:vanish/>"),
        run("8", "<w:vanish/>"),
        run("9", '<w:strike w:val="0"/>'),
    ]
    row = "".join(f"<w:tc><w:p>{runs}</w:p></w:tc>" for runs in cells)
    pages = read_pages(document(f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"))
    (table,) = tables(pages)
    assert texts(table) == [["", "1", "", "", "9"]]
    assert [cell.locator.get("struck") for cell in table.cells] == ["135", "896", None, None, None]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "135896")]


def test_a_row_that_is_not_shown_is_none() -> None:
    def row(properties: str, *values: str) -> str:
        return f"<w:tr>{properties}{''.join(tc(value) for value in values)}</w:tr>"

    rows = row("", "甲", "1") + row("<w:trPr><w:hidden/></w:trPr>", "乙", "2") + row("", "乙", "3")
    rows += row('<w:trPr><w:hidden w:val="0"/></w:trPr>', "丙", "4")
    (table,) = tables(read_pages(document(f"<w:tbl>{rows}</w:tbl>")))
    assert texts(table) == [["甲", "1"], ["乙", "3"], ["丙", "4"]]
