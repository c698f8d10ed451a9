from __future__ import annotations

import io
import random
import re
import struct
import tarfile
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.documents.charset import decode, utf16_without_bom
from archive.documents.kinds import KINDS, read_pages, sniff
from archive.documents.pages import Limits
from archive.documents.unreadable_reasons import why
from archive.forms.loader import load_forms
from archive.parser.reader import read
from imitation.documents.archived import mhtml
from imitation.documents.html import page
from imitation.documents.legacy import goldens
from imitation.documents.portable import pdf
from imitation.documents.rich import rtf
from imitation.documents.sheets import xls
from imitation.documents.word import docx
from tests import form_rendering as render
from tests.documents.helpers import lines, tables

REPORT = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "五、存在的主要问题及改进情况",
    "全年未收到政府信息公开申请。" * 5,
)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def tarred(mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        (entry := tarfile.TarInfo("年报.txt")).size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    return out.getvalue()


UOF = '<?xml version="1.0" encoding="UTF-8"?><uof:UOF xmlns:uof="http://schemas.uof.org/cn/2003/uof"><字:文字处理/></uof:UOF>'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        ("| 规章 | 1<br>2 |\n|---|---|\n| 件<br>数 | 3 |\n| a<br/>b | 4 |".encode(), "text"),
        (b" \r\n\t\x00", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (page("某局报告", REPORT), "html"),
        (page("某局报告", REPORT, charset="gb18030"), "html"),
        (page("某局报告", REPORT).decode().encode("utf-16"), "html"),
        ("<p>一</p>".encode() * 5, "html"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html></html>", "html"),
        ("某局2024年政府信息公开工作年度报告\n一、总体情况\n本年收到 3 < 5 件。".encode(), "text"),
        ("一、总体情况".encode("gb18030") * 20, "text"),
        (docx("某局报告", REPORT), "docx"),
        (pdf("某局报告", REPORT), "pdf"),
        (b"junk before\r\n" + pdf("某局报告", REPORT), "pdf"),
        (goldens()[0].data, "doc"),
        (zipped(xl__workbook_dot_xml=b"<x/>"), "xlsx"),
        (zipped(OFD_dot_xml=b"<x/>"), "ofd"),
        (zipped(a_dot_pdf=b"x"), "zip"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "scan"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "scan"),
        (b"GIF89a" + bytes(40), "scan"),
        (b"II*\x00" + bytes(40), "scan"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "scan"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z"),
        (b"\x1f\x8b\x08\x00" + bytes(20), "gz"),
        (rtf("某局报告", REPORT), "rtf"),
        (mhtml(page("某局报告", REPORT)), "mhtml"),
        ("Subject: 某局报告\n一、总体情况\n本年收到 3 件。".encode(), "text"),
        (b'<?xml version="1.0"?><w:p xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>', "wordml"),
        (zipped(word__a_dot_docx=b"x"), "zip"),
        (zipped(uof_dot_xml=b"<x/>", content_dot_xml=b"<x/>"), "uof"),
        (bytes(range(256)) * 10, "unknown"),
        (b"BM is the beginning of a text and no picture at all", "text"),
    ],
)  # fmt: skip
def test_the_kind_is_in_the_bytes(data: bytes, kind: str) -> None:
    assert sniff(data) == kind
    assert kind in KINDS


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_a_torn_zip_still_says_what_it_was(kind: str) -> None:
    whole = docx("某局报告", REPORT) if kind == "docx" else zipped(xl__workbook_dot_xml=bytes(1000))
    assert sniff(whole[: len(whole) * 2 // 3]) == kind


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"", "empty", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "scan", "damaged"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(40), "rar", "rar_unreadable"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7z", "7z_unreadable"),
        (tarred("w"), "tar", "tar_unreadable"),
        (UOF.encode(), "uof", "uof_unreadable"),
        (tarred("w:bz2"), "bz2", "bz2_unreadable"),
        (tarred("w:xz"), "xz", "xz_unreadable"),
        (bytes(range(256)) * 10, "unknown", "kind_unsupported"),
        ('年报\n{| class="wikitable"\n|-\n| 规章 || 3\n|}\n'.encode(), "unknown", "kind_unsupported"),
        (bytes(range(1, 256)) * 10 + b"<p><s>\x01<b>", "unknown", "kind_unsupported"),
    ],
)
def test_kinds_that_nobody_reads_yet_say_so(data: bytes, kind: str, reason: str) -> None:
    pages = read_pages(data)
    assert (pages.kind, pages.unreadable, pages.blocks) == (kind, reason, ())
    assert reason == "empty" or why(reason)[1] != reason


def test_a_packed_tar_is_told_as_what_it_is() -> None:
    """年报.tar.gz: its one member is no document, and says what is to be done with it."""
    reading = read(tarred("w:gz"))
    assert "tar archive: unpack it" in " ".join(found.en for found in reading.findings)


def test_a_compound_file_without_its_directory_is_damaged_or_cut() -> None:
    whole = xls("某局报告", REPORT)
    at = (struct.unpack_from("<I", whole, 48)[0] + 1) * 512
    for data, reason in ((whole[:at] + bytes(512) + whole[at + 512 :], "missing"), (whole[:at], "truncated")):
        pages = read_pages(data)
        assert (pages.kind, pages.unreadable) == ("xls", reason)
        assert "一、总体情况" in lines(pages)
        assert [found.code for found in pages.findings] == ["document_damaged"]
    nothing = read_pages(whole[:512] + bytes(2_000))
    assert (nothing.kind, nothing.unreadable, nothing.blocks) == ("ole", "truncated", ())


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "rows",
    [
        '规章,0,"1,295",',
        '"三、本年度办理结果","（一）予以公开","0","1",""',
        '"规章"\t0\t12\t',
        '"规章"\t"0"\t"12"\t"3"',
    ],
)
def test_of_separated_values_the_words_are_had(rows: str, charset: str) -> None:
    written = ["某局2023年报告", "公开信息3条,其中政策1条", *[rows] * 3]
    pages = read_pages("\r\n".join(written).encode(charset))
    assert (pages.kind, pages.unreadable, tables(pages)) == ("csv", "csv_unreadable", [])
    assert written[0] in lines(pages)


def open_document(kind: str, *, packed: bool, content: bytes | None = None) -> bytes:
    """An OpenDocument file, a package or flat in one file of XML."""
    mime = f"application/vnd.oasis.opendocument.{kind}"
    spaces = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"' for p in ("office", "text", "table"))
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("规章", "12"))
    body = f"<text:h>某局年度报告</text:h><table:table><table:table-row>{cells}</table:table-row></table:table>"
    if not packed:
        return f'<?xml?><office:document {spaces} office:mimetype="{mime}">{body}</office:document>'.encode()
    whole = f"<office:document-content {spaces}>{body}</office:document-content>".encode()
    return zipped(mimetype=mime.encode(), content_dot_xml=whole if content is None else content)


@pytest.mark.parametrize(("kind", "name"), [("text", "odt"), ("spreadsheet", "ods")])
@pytest.mark.parametrize("packed", [True, False])
def test_of_an_open_document_the_words_are_had(kind: str, name: str, *, packed: bool) -> None:
    whole = open_document(kind, packed=packed)
    for data in (whole, whole[: len(whole) * 4 // 5]):
        pages = read_pages(data)
        assert (pages.kind, pages.unreadable, tables(pages)) == (name, "opendocument_unreadable", [])
        assert any("某局年度报告" in line for line in lines(pages))
    reading = read(whole)
    assert not reading.cells
    assert "save it as docx or xlsx" in " ".join(found.en for found in reading.findings)


def test_of_an_encrypted_open_document_nothing_is_taken_for_words() -> None:
    pages = read_pages(open_document("text", packed=True, content="某局年度报告".encode("gb18030") * 40))
    assert (pages.kind, pages.blocks) == ("odt", ())


def test_too_much_is_refused_unseen() -> None:
    assert read_pages(b"<p>x</p>" * 20, Limits(bytes=100)).unreadable == "too_large"


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "big5"]
)
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5", "zlib", "nonsense", ""])
def test_the_charset_is_found_whatever_is_declared(charset: str, declared: str) -> None:
    if charset == "big5" and declared != "big5":
        pytest.skip("Big5 looks like GB 18030: only its own word tells it")
    text = f"<html><head><meta charset={declared}></head><body><p>本年收到3件，汶上縣人民政府</p></body></html>"
    if charset in ("gbk", "gb18030"):
        text = text.replace("縣", "县")
    decoded = decode(text.encode(charset))
    assert decoded.text == text
    assert decoded.findings == ()


UTF16 = pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
PROSE = "我局坚持以公开为常态、不公开为例外，全面推进决策、执行、管理、服务、结果公开——回应社会关切。" * 9


@UTF16
@pytest.mark.parametrize("name", ["lines", "pipes", "html", "fragment"])
def test_chinese_in_utf16_is_read_though_no_mark_tells_its_order(charset: str, name: str) -> None:
    """It was told to be of no known kind where its first part held little but Chinese characters."""
    plan = load_forms()[-1]
    cells = render._fill(plan, random.Random(3), 0.1)
    tables = render.tables_of(plan, cells)
    text = {
        "lines": lambda: render.as_lines(tables),
        "pipes": lambda: render.as_pipe_list(tables),
        "html": lambda: render.as_html(tables).decode(),
        "fragment": lambda: re.sub(r"(?s).*<body[^>]*>", "", render.as_html(tables).decode()),
    }[name]()
    first, _, rest = text.partition("\n" if name in ("lines", "pipes") else ">")
    long = f"{first}\n\xa0\xa0{PROSE}\n{rest}" if name in ("lines", "pipes") else f"<p>{first}{PROSE}</p>{text}"
    for shown in (text, long):
        whole, wide = read(shown.encode()), read(shown.encode(charset))
        assert (wide.kind, wide.text, wide.findings) == (whole.kind, whole.text, whole.findings)
        assert {key: cell.value for key, cell in wide.cells.items()} == {k: c.value for k, c in whole.cells.items()}
        assert len(wide.cells) == len(plan.ids)


@settings(max_examples=200)
@given(
    text=st.text(
        st.one_of(st.sampled_from(PROSE), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)), max_size=90
    ),
    ascii_text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=400),
    charset=st.sampled_from(["utf-8", "gb18030"]),
    at=st.lists(st.integers(0, 400), min_size=1, max_size=9),
)
def test_what_is_no_utf16_is_not_taken_for_it_by_bytes_that_are_0(
    text: str, ascii_text: str, charset: str, at: list[int]
) -> None:
    data = bytearray((text + ascii_text).encode(charset) + b"." * 16)
    for place in at:
        data.insert(min(place, len(data)), 0)
    assert decode(bytes(data)).charset not in ("utf-16-le", "utf-16-be")


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 9, "政府信息公开\x01".encode("utf-16-le") * 90, random.Random(1).randbytes(9_000)]
)
def test_bytes_that_are_no_text_stay_of_no_known_kind(data: bytes) -> None:
    assert utf16_without_bom(data) is None
    assert read_pages(data).unreadable == "kind_unsupported"


def test_few_broken_characters_are_told_and_many_refuse_the_text() -> None:
    body = ("本机关收到政府信息公开申请，均已答复。" * 60).encode()
    few = decode(body[:-40] + b"\xe6\xff" + body[-40 + 1 :])
    assert [f.code for f in few.findings] == ["charset_broken"]
    assert not few.refused
    many = bytearray(body)
    for at in range(0, len(many), 90):
        many[at] = 0xFF
    pages = read_pages(b"<html><body><p>" + bytes(many) + b"</p></body></html>")
    assert pages.unreadable == "charset_broken"
    assert any(f.code == "charset_broken" for f in pages.findings)


def test_gbk_called_utf8_with_a_byte_lost_keeps_its_figures() -> None:
    data = page("某局2024年政府信息公开工作年度报告", (*REPORT, "本年收到12件"), charset="gb18030", declared="utf-8")
    at = data.index("申请".encode("gb18030"))
    pages = read_pages(data[:at] + data[at + 1 :])
    assert lines(pages)[-1] == "本年收到12件"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ("spreadsheetml.sheet.main+xml", "xlsx"),
        ("wordprocessingml.document.main+xml", "docx"),
        ("custom-properties+xml", "docx"),
        ("", "zip"),
    ],
)
def test_of_a_package_of_which_only_its_beginning_is_left_the_types_tell_the_kind(types: str, kind: str) -> None:
    name = b"[Content_Types].xml"
    body = (
        "<?xml"
        if not types
        else f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{types}"/>'
    )
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(body.encode()), 0, 0, len(name), 0)
    assert sniff(head + name + body.encode()) == kind
