"""Whatever the bytes: no exception, bounded work, and what was cut is told."""

# ruff: noqa: E501 - markup and its text read best on one line
from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from archive.documents.grid import RawCell, RawRow, lay_out
from archive.documents.kinds import read_pages
from archive.documents.pages import UNREAD, Limits, Pages
from imitation.documents.grid import plain_table
from imitation.documents.html import page
from imitation.documents.legacy import goldens
from imitation.documents.ofd import ofd
from imitation.documents.portable import pdf
from imitation.documents.sheets import xlsx
from imitation.documents.word import docx
from tests.documents.helpers import lines, tables, texts
from tests.documents.test_docx import document

CONTENT = [
    "一、总体情况",
    "本机关全年收到申请3件。" * 9,
    plain_table([["规章", "3", "4"], ["文件", "5", ""]]),
    "六、其他需要报告的事项",
]
WHOLE = {
    "html": page("某局报告", CONTENT, variant="word"),
    "gbk": page("某局报告", CONTENT, charset="gb18030"),
    "docx": docx("某局报告", CONTENT),
    "pdf": pdf("某局报告", CONTENT),
    "doc": goldens()[0].data,
}


def sane(pages: Pages) -> None:
    assert pages.unreadable or pages.blocks or pages.kind == "html"
    for table in tables(pages):
        for cell in table.cells:
            assert 0 <= cell.row < cell.row + cell.rowspan <= table.rows
            assert 0 <= cell.col < cell.col + cell.colspan <= table.cols


@pytest.mark.parametrize("kind", WHOLE)
def test_cut_at_every_sixteenth(kind: str) -> None:
    whole = WHOLE[kind]
    for sixteenth in range(16):
        sane(read_pages(whole[: len(whole) * sixteenth // 16]))


@pytest.mark.parametrize("kind", WHOLE)
def test_mutated_bytes(kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(60):
        data = bytearray(WHOLE[kind])
        for _ in range(chance.choice((1, 4, 40))):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(1, 40)]
                case _:
                    data[at:at] = chance.randbytes(chance.randrange(1, 40))
        sane(read_pages(bytes(data)))


@pytest.mark.parametrize("seed", range(30))
def test_random_bytes_behind_every_signature(seed: int) -> None:
    noise = random.Random(seed).randbytes(3_000)
    for head in (
        b"",
        b"%PDF-1.4\n",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"<html>",
        b"\xff\xfe",
        b"\xff\xd8\xff",
    ):
        sane(read_pages(head + noise))


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 100_000 + b"x",
        b"<font>" * 100_000 + b"x" + b"</font>" * 100_000,
        b"<table><tr><td>" * 30_000,
        b"<table><tr><td>1<td>2<td>3<td>4<td>5<td>6<td>" * 10_000,
    ],
)
def test_deep_nesting(body: bytes) -> None:
    pages = read_pages(b"<html><body>" + body)
    assert "limit_reached" in [f.code for f in pages.findings]


def test_a_hundred_megabytes_of_cells() -> None:
    assert read_pages(b"<td>" * (25 << 20)).unreadable == "too_large"
    pages = read_pages(b"<table><tr>" + b"<td>1" * (2 << 20), Limits(cells=20_000))
    assert "limit_reached" in [f.code for f in pages.findings]
    assert sum(len(t.cells) for t in tables(pages)) <= 20_000


def test_senseless_spans() -> None:
    pages = read_pages(b"<table>" + b"<tr><td colspan=1000000 rowspan=65534>1<td>2" * 300 + b"</table>")
    sane(pages)
    wide = lay_out([RawRow([RawCell("1", 65_534, 1_000)] * 500)] * 50)
    assert wide.cols <= 2_000


def test_thousands_of_attributes_and_one_endless_tag() -> None:
    attributes = b" ".join(b"a%d=1" % n for n in range(7_000))
    pages = read_pages(b"<html><body>" + (b"<p " + attributes + b">") * 100 + "<p>文</p>".encode())
    assert lines(pages)[-1] == "文"
    sane(read_pages(b"<html><p " + b" ".join(b"a%d=1" % n for n in range(300_000)) + b">x"))


def test_nul_characters() -> None:
    assert lines(read_pages("<html><body><p>本年\0收到3件</p>\0\0</body>".encode())) == ["本年收到3件"]


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_bomb_is_not_inflated() -> None:
    bomb = zipped("word/document.xml", bytes(200 << 20))
    tracemalloc.start()
    pages = read_pages(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pages.unreadable == "too_large"
    assert peak < 20 << 20


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_entity_bombs_and_outside_entities_give_nothing(charset: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{charset}"?><!DOCTYPE d [<!ENTITY a "{"a" * 1000}"><!ENTITY b "{"&a;" * 1000}"><!ENTITY c "{"&b;" * 1000}">'
        '<!ENTITY x SYSTEM "file:///etc/hostname">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:p><w:r><w:t>&c;&x;</w:t></w:r></w:p></w:document>"
    )
    pages = read_pages(zipped("word/document.xml", text.encode(charset)))
    assert set("".join(lines(pages))) <= {UNREAD}


@pytest.mark.parametrize("write", [docx, xlsx, ofd])
def test_a_document_type_costs_a_document_no_cell(write: Callable[..., bytes]) -> None:
    """Brackets within quotes and comments end nothing; an entity that a text names is something that was not read."""
    declared = (
        b"""<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x>" [ <!-- ]> don't --> <!ENTITY a "]>"> <!ENTITY b '&a;"'>\n] >"""
    )
    whole, out = write("某局报告", CONTENT), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".xml") and content.startswith(b"<?xml"):
                head = content.index(b"?>") + 2
                content = content[:head] + declared + content[head:].replace("其他需要报告的事项".encode(), b"&b;")
            new.writestr(name, content)
    plain, pages = read_pages(whole), read_pages(out.getvalue())
    assert [texts(table) for table in tables(pages)] == [texts(table) for table in tables(plain)]
    assert lines(pages) == [line.replace("其他需要报告的事项", UNREAD) for line in lines(plain)]
    assert tables(pages)


@pytest.mark.parametrize("declared", [b'<!DOCTYPE d [<!ENTITY a "b">', b"<!DOCTYPE d><!DOCTYPE d>", b"<!ENTITY a 'b'>"])
def test_a_document_type_without_end_is_damage(declared: bytes) -> None:
    assert read_pages(zipped("word/document.xml", declared + b"<w:document/>")).unreadable == "damaged"


@pytest.mark.parametrize("tag", ["sdt", "ins", "tbl><w:tr><w:tc", "p><w:r><w:txbxContent"])
def test_deep_docx(tag: str) -> None:
    sane(read_pages(document(f"<w:{tag}>" * 3_000 + "<w:p><w:r><w:t>x")))


def test_a_library_that_panics_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rust libraries raise an exception that is no Exception."""

    class PanicException(BaseException):
        pass

    def panic(data: bytes, limits: Limits) -> Pages:
        raise PanicException("index out of range")

    monkeypatch.setattr("archive.documents.docx.read", panic)
    pages = read_pages(WHOLE["docx"])
    assert (pages.unreadable, [f.code for f in pages.findings]) == (
        "reader_failed",
        ["reader_failed", "document_damaged"],
    )
    assert "六、其他需要报告的事项" in lines(pages)  # the words are there all the same
    assert not tables(pages)

    def stop(data: bytes, limits: Limits) -> Pages:
        raise KeyboardInterrupt

    monkeypatch.setattr("archive.documents.docx.read", stop)
    with pytest.raises(KeyboardInterrupt):
        read_pages(WHOLE["docx"])
