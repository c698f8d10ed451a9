"""What costs more than a document may is cut before it is paid for, and what was cut is not said to be empty."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest

from archive.documents import text
from archive.documents.kinds import read_pages
from archive.documents.pages import Limits
from archive.documents.pdfium.streams import MOST
from archive.parser.reader import read
from tests.documents.helpers import lines


def pdf_of(*streams: bytes, said: bytes = b"") -> bytes:
    """A PDF of a page for each content stream, packed; ``said``: more of what their dictionaries say."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * n) for n in range(len(streams)))
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    out = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    out += b"2 0 obj<</Type/Pages/Kids[" + kids + b"]/Count %d>>endobj\n3 0 obj" % len(streams) + font + b"endobj\n"
    for n, stream in enumerate(streams):
        packed = zlib.compress(stream, 1)
        out += b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R" % (10 + 2 * n, 11 + 2 * n)
        out += b"/Resources<</Font<</F1 3 0 R>>>>>>endobj\n"
        out += b"%d 0 obj<</Length %d/Filter/FlateDecode%b>>stream\n" % (11 + 2 * n, len(packed), said)
        out += packed + b"\nendstream endobj\n"
    return out + b"trailer<</Root 1 0 R>>\n%%EOF"


TEXT = b"BT /F1 12 Tf 50 700 Td (No applications for information were received in 2024.) Tj ET"


def test_a_stream_that_bursts_costs_its_own_page() -> None:
    burst = b"q " * (MOST // 2 + 1)
    pages = read_pages(pdf_of(TEXT, burst))
    assert lines(pages) == ["No applications for information were received in 2024."]
    assert [found.code for found in pages.findings] == ["limit_reached"]
    alone = read_pages(pdf_of(burst))
    assert (alone.kind, alone.unreadable) == ("pdf", "too_large")


def test_a_stream_that_bursts_when_it_is_unpacked_again_is_told() -> None:
    burst = b"q " * (MOST // 2 + 1)
    for _ in range(3):
        burst = zlib.compress(burst, 9)
    alone = pdf_of(b"").replace(zlib.compress(b"", 1), burst).replace(b"/Length 8/", b"/Length %d/" % len(burst))
    thrice = alone.replace(b"/Filter/FlateDecode", b"/Filter [ /FlateDecode/Fl\n/FlateDecode]")
    assert len(thrice) < 5_000
    pages = read_pages(thrice)
    assert (pages.unreadable, [found.code for found in pages.findings]) == ("too_large", ["limit_reached"])
    twice = pdf_of(zlib.compress(TEXT)).replace(b"/Filter/FlateDecode", b"/Filter[/FlateDecode/FlateDecode]")
    assert lines(read_pages(twice)) == ["No applications for information were received in 2024."]


def test_a_stream_within_bounds_is_left_as_it_is() -> None:
    pages = read_pages(pdf_of(TEXT + b" " * (1 << 20)))
    assert lines(pages) == ["No applications for information were received in 2024."]
    assert not pages.findings


@pytest.mark.parametrize("before", ["<td></td>" * 200_001, "<p>" * 200_001])
def test_what_was_cut_before_anything_was_met_is_not_empty(before: str) -> None:
    """A report may stand behind the bound: that it is none is not known."""
    title = "<h1>汶上县司法局2024年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>好。</p>"
    reading = read(f"<html><body><table><tr>{before}</table>{title}".encode())
    assert (reading.is_report, reading.reason, reading.unreadable) == (False, "too_large", "too_large")
    assert {found.code for found in reading.findings} == {"limit_reached", "unreadable"}


@pytest.mark.parametrize("row", ["\t", "1\t", "1|", "|"])
def test_of_a_line_of_separators_no_more_is_taken_apart_than_is_kept(row: str) -> None:
    data = ("年" + row * 400_000 + "\n").encode()
    tracemalloc.start()
    pages = text.read(data, Limits(cells=1_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [found.code for found in pages.findings] == ["limit_reached"]
    assert peak < 12 << 20  # the cells of the line alone are 40 MB


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            ("有序公开。\n\n" + "年\t" * 300_000 + "\n").encode(),
            "which limit_reached names); only words in it were taken.",
        ),
        (b"PK\x03\x04" + bytes(40), "only its bytes are kept."),
    ],
)
def test_what_is_said_of_a_document_that_cannot_be_read_is_what_was_done(data: bytes, said: str) -> None:
    (found,) = [one for one in read(data).findings if one.code == "unreadable"]
    assert found.en.endswith(said)
