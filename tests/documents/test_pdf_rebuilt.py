"""Files that break off before the table of their objects: what is left of their pages is read, and told as damaged."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.documents.kinds import read_pages
from archive.documents.pdfium.library import opened
from archive.documents.pdfium.rebuilt import rebuilt
from imitation.documents.grid import plain_table
from imitation.documents.portable import pdf
from tests.documents.helpers import tables, texts

ROWS = [["信息内容", "本年制发件数", "现行有效件数"], ["规章", "0", "15"], ["规范性文件", "", "30"]]
WHOLE = pdf("某局报告", ["一、总体情况", plain_table(ROWS)])
_OBJECTS = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 6 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)


def _packed(objects: tuple[bytes, ...] = _OBJECTS, *, more: bytes = b"") -> bytes:
    """A file whose objects 1, 2 … stand in a stream of objects, without any table of them."""
    places = [sum(len(one) + 1 for one in objects[:at]) for at in range(len(objects))]
    head = b" ".join(b"%d %d" % (number, place) for number, place in enumerate(places, 1)) + b" "
    body = zlib.compress(head + b" ".join(objects) + more)
    content = b"BT /F1 12 Tf 50 200 Td (2025 896) Tj ET"
    return b"".join(
        [
            b"%%PDF-1.7\n6 0 obj\n<< /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (len(content), content),
            b"5 0 obj\n<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode >>\n" % (len(objects), len(head)),
            b"stream\n%b\nendstream\nendobj\n" % body,
        ]
    )


def _text(data: bytes | None) -> str:
    assert data is not None
    with opened(data) as document:
        return str(document[0].get_textpage().get_text_range())


def test_a_file_without_its_table_of_objects_is_read_whole() -> None:
    at = WHOLE.rindex(b"xref\n", 0, WHOLE.rindex(b"startxref"))
    done = read_pages(WHOLE[:at])
    assert texts(tables(done)[0]) == texts(tables(read_pages(WHOLE))[0]) == ROWS
    assert [found.code for found in done.findings] == ["document_damaged"]


def test_objects_in_streams_are_unpacked() -> None:
    assert _text(rebuilt(_packed())) == "2025 896"


@pytest.mark.parametrize("left", [_OBJECTS[1:], _OBJECTS[2:]], ids=["no catalogue", "no tree of pages"])
def test_what_is_lost_above_the_pages_is_made_anew(left: tuple[bytes, ...]) -> None:
    lost = len(_OBJECTS) - len(left)
    assert _text(rebuilt(_packed((*(b"null",) * lost, *left)))) == "2025 896"


@pytest.mark.parametrize("data", [_packed() + b"/Encrypt 9 0 R", _packed()[:30], b"%PDF-1.4", b""])
def test_nothing_is_made_of_an_encrypted_file_or_one_without_pages(data: bytes) -> None:
    assert rebuilt(data) is None


def test_what_streams_of_objects_unpack_to_is_bounded() -> None:
    bomb = _packed(more=b" " * (64 << 20))
    again = rebuilt(bomb)
    assert again is not None
    assert len(again) < 33 << 20


@given(st.integers(0, len(WHOLE)), st.integers(0, 255))
def test_a_file_cut_anywhere_gives_figures_of_its_own_or_none(end: int, noise: int) -> None:
    cut = WHOLE[:end] + bytes([noise]) * 7
    again = rebuilt(cut)
    assert again is None or re.search(rb"startxref\n\d+\n%%EOF\n\Z", again)
    figures = {text for table in tables(read_pages(cut)) for row in texts(table)[1:] for text in row[1:]}
    assert figures <= {"0", "15", "30", ""}
