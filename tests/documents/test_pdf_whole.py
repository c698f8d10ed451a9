"""Streams of a PDF that do not unpack: what they print is missing without a word of pdfium, so it is told."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest

from archive.documents.findings import TORN
from archive.documents.kinds import read_pages
from archive.documents.pdfium.printable import from_base_85, from_hex
from archive.documents.pdfium.whole import torn_streams
from archive.findings import finding
from archive.forms.loader import form
from archive.parser.reader import read_pages_to_reading
from storage.records import CellState, Severity
from tests import form_rendering as render

PACKED = zlib.compress(b"BT /F1 12 Tf (2024) Tj ET " * 20)


TYPED = base64.a85encode(PACKED, wrapcol=70) + b"~>"
SAID = b"[ /ASCII85Decode /FlateDecode ]"


def _file(body: bytes, said: bytes = b"", filters: bytes = b"/FlateDecode") -> bytes:
    head = b"<< /Filter %b /Length %d %b >>" % (filters, len(body), said)
    return b"%%PDF-1.4\n1 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (head, body)


@pytest.mark.parametrize(
    ("data", "torn"),
    [
        (_file(PACKED), 0),
        (_file(PACKED[:-9]), 1),
        (_file(PACKED[:20] + b"\0" * 8 + PACKED[28:]), 1),
        (_file(PACKED[:-9], filters=b"[ /FlateDecode ]") + _file(PACKED[:-9]), 2),
        (_file(PACKED[:-9], filters=b"/DCTDecode"), 0),
        (_file(PACKED[:-9], b"/Subtype /Image"), 0),
        (_file(PACKED[:-9]) + b"trailer << /Encrypt 5 0 R >>", 0),
        (_file(b""), 0),
        (_file(PACKED[:-9], b"/Length1 9000"), 1),
        (b"%PDF-1.4\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n" + PACKED[:-9], 1),
        (_file(TYPED, filters=SAID), 0),
        (_file(b"<~" + TYPED[:-2], filters=SAID), 0),
        (_file(TYPED[:-9], filters=SAID), 1),
        (_file(TYPED[:20] + b"~" + TYPED[21:], filters=SAID), 1),
        (_file(TYPED[:20] + b"A" + TYPED[21:], filters=b"[/A85/Fl]"), 1),
        (_file(TYPED[:-9], b"/Subtype /Image", filters=SAID), 0),
        (_file(base64.a85encode(bytes(40) + b"abc") + b"~>", filters=b"/ASCII85Decode"), 0),
        (_file(TYPED[:-9], filters=b"/ASCII85Decode"), 1),
        (_file(TYPED[:-9], filters=b"[/ASCII85Decode /DCTDecode]"), 0),
        (_file(PACKED.hex("\n", 30).encode() + b" >", filters=b"[/ASCIIHexDecode /FlateDecode]"), 0),
        (_file(PACKED.hex().encode()[:-9], filters=b"[/ASCIIHexDecode /FlateDecode]"), 1),
        (_file(b"4142", filters=b"/AHx"), 1),
        (_file(b"414>", filters=b"/AHx"), 0),
        (_file(PACKED, filters=b"/FlatfDecode"), 1),
    ],
)
def test_streams_that_do_not_unpack_to_their_end_are_counted(data: bytes, torn: int) -> None:
    assert torn_streams(data) == torn


@pytest.mark.parametrize("size", [*range(12), 1_000, 4_099])
def test_printable_characters_stand_for_what_was_written(size: int) -> None:
    body = bytes(number * number % 256 if number % 7 else 0 for number in range(size))
    assert from_base_85(base64.a85encode(body, wrapcol=60, adobe=True)) == (body, True)
    assert from_base_85(base64.a85encode(body)) == (body, False)
    assert from_hex(body.hex().encode() + b">") == (body, True)


def test_what_streams_come_to_is_bounded() -> None:
    body = zlib.compress(bytes(1 << 20))
    assert torn_streams(b"".join(_file(body) for _ in range(80))) == 0


def test_a_page_whose_content_is_torn_is_told() -> None:
    head = (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1"
        b" >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>\nendobj\n"
    )
    body = b"4 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream\nendobj\n"
    torn = head + body % (len(PACKED) - 9, PACKED[:-9]) + b"trailer << /Root 1 0 R >>\n%%EOF"
    assert "document_damaged" in [found.code for found in read_pages(torn).findings]


@pytest.mark.parametrize(("kind", "severity"), [("pdf", Severity.WARNING), ("docx", Severity.INFO)])
def test_one_table_without_anything_is_told_and_doubted_where_it_is_drawn(kind: str, severity: Severity) -> None:
    plan = form("2021")
    remedies = {name for row in plan.table("remedies").rows for name in row.place_ids}
    cells = {name: None if name in remedies else Decimal(3) for name in plan.ids}
    pages = replace(render.as_pages(render.tables_of(plan, cells)), kind=kind)
    reading = read_pages_to_reading(pages, "0" * 64)
    told = [(found.severity, set(found.cells)) for found in reading.findings if found.code == "table_blank"]
    assert told == [(severity, remedies)]
    for name in remedies:
        assert reading.cells[name].state is CellState.BLANK
        assert ("label_doubt" in reading.cells[name].flags) == (kind == "pdf")


def test_every_figure_of_a_file_with_a_torn_stream_is_doubted() -> None:
    plan = form("2021")
    pages = render.as_pages(render.tables_of(plan, {name: Decimal(3) for name in plan.ids}))
    reading = read_pages_to_reading(
        replace(pages, kind="pdf", findings=(finding("document_damaged", case="streams", found=TORN, count=1),)),
        "0" * 64,
    )
    assert all("label_doubt" in cell.flags for cell in reading.cells.values())
