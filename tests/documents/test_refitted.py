"""One record that cannot be right costs an old workbook its own cell or text, and no other; nothing comes of it."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pytest
import xlwt

from archive.documents.kinds import read_pages
from archive.documents.ole import Ole
from archive.documents.pages import Pages
from archive.documents.workbook.cut import compound
from archive.documents.workbook.refitted import refitted
from tests.documents.helpers import tables, texts

ROWS = [["指标名称", "合计", "其中自然人"], ["新收申请数量", "12", "8"], ["予以公开", "7", "5"]]
Record = tuple[int, bytes]
MERGED, MULRK, NUMBER, SHARED, CONTINUED, EXTENT = 0xE5, 0xBD, 0x203, 0xFC, 0x3C, 0x200


def workbook(change: Callable[[list[Record]], list[Record]] = lambda records: records) -> bytes:
    """An .xls of two sheets; ``change``: what becomes of its records."""
    made, out = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    for name in ("一", "二"):
        sheet = made.add_sheet(name)
        for row, held in enumerate(ROWS):
            for col, text in enumerate(held):
                sheet.write(row, col, float(text) if text.isdigit() else text)
    made.save(out)
    stream, records, at = Ole(out.getvalue()).stream("Workbook"), [], 0
    while at + 4 <= len(stream) and stream[at : at + 4] != bytes(4):
        kind, length = struct.unpack_from("<2H", stream, at)
        records.append((kind, stream[at + 4 : at + 4 + length]))
        at += 4 + length
    written, begins = bytearray(), []
    for kind, held in change(records):
        begins += [len(written)] if kind == 0x809 else []
        written += struct.pack("<2H", kind, len(held)) + held
    at, sheets = 0, iter(begins[1:])
    while at + 4 <= len(written):
        kind, length = struct.unpack_from("<2H", written, at)
        if kind == 0x85:
            struct.pack_into("<I", written, at + 4, next(sheets))
        at += 4 + length
    whole = compound(bytes(written))
    assert whole is not None
    return whole


def behind_the_cells(kind: int, held: bytes) -> Callable[[list[Record]], list[Record]]:
    """Put a record before the end of the first sheet."""

    def change(records: list[Record]) -> list[Record]:
        ends = [at for at, (one, _) in enumerate(records) if one == 0x0A]
        return [*records[: ends[1]], (kind, held), *records[ends[1] :]]

    return change


def shared(change: Callable[[bytes], bytes]) -> Callable[[list[Record]], list[Record]]:
    return lambda records: [(kind, change(held) if kind == SHARED else held) for kind, held in records]


def read(data: bytes) -> tuple[Pages, list[list[list[str]]]]:
    pages = read_pages(data)
    return pages, [texts(table) for table in tables(pages)]


@pytest.mark.parametrize(
    "change",
    [
        behind_the_cells(MERGED, struct.pack("<9H", 0xFFFF, 9, 1, 9, 1, 9, 1, 9, 1)),
        behind_the_cells(MULRK, struct.pack("<2H", 9, 0) + bytes(6 * 300) + b"\xff\xff"),
        behind_the_cells(NUMBER, b""),
        behind_the_cells(EXTENT, struct.pack("<2I3H", 9, 1, 0, 1, 0)),
        shared(lambda held: b"\xff" * 8 + held[8:]),
    ],
    ids=["merged ranges", "row of numbers", "number", "extent", "count of texts"],
)
def test_one_record_that_cannot_be_right_costs_no_other(change: Callable[[list[Record]], list[Record]]) -> None:
    pages, found = read(workbook(change))
    assert pages.unreadable == ""
    assert found == [ROWS, ROWS]
    assert "document_damaged" in [finding.code for finding in pages.findings]


@pytest.mark.parametrize(
    "head", [struct.pack("<HB", 0xFFFF, 1), struct.pack("<HBHI", 5, 0x0D, 0xFFFF, 0xFFFFFFFF)], ids=["long", "rich"]
)
def test_a_shared_text_of_no_length_costs_itself(head: bytes) -> None:
    """What it said stays open: neither blank, nor what the bytes behind it seem to say."""
    pages, found = read(workbook(shared(lambda held: held[:8] + head + held[11:])))
    known = [["\N{REPLACEMENT CHARACTER}", *ROWS[0][1:]], *ROWS[1:]]
    assert found == [known, known]
    assert "document_damaged" in [finding.code for finding in pages.findings]


def test_numbers_whose_record_contradicts_itself_are_not_blank() -> None:
    def change(records: list[Record]) -> list[Record]:
        return [
            (kind, held[:-2] + b"\xf0\0" if kind == MULRK and held[:2] == b"\2\0" else held) for kind, held in records
        ]

    if (data := workbook(change)) == workbook():
        pytest.fail("the numbers of a row stand in records of their own")
    pages, found = read(data)
    assert found == [[*ROWS[:2], ["予以公开", "#N/A", "#N/A"]]] * 2
    assert pages.findings


def test_texts_that_nobody_can_part_are_left_alone() -> None:
    """With more texts said to follow than there are, no place is where they go on."""
    broken = shared(lambda held: held[:4] + struct.pack("<I", 60) + struct.pack("<HB", 0xFFFF, 1) + held[11:])
    assert refitted(workbook(broken)) is None
    assert read_pages(workbook(broken)).unreadable == "damaged"
    assert refitted(workbook()) is None


def test_shared_texts_that_would_cost_long_are_given_up() -> None:
    """Texts that seem to run through records of a byte each."""
    short = [(CONTINUED, b"\xff")] * 60_000

    def change(records: list[Record]) -> list[Record]:
        at = next(at for at, (kind, _) in enumerate(records) if kind == SHARED)
        head = records[at][1][:8] + struct.pack("<HB", 0xFFFF, 1) + b"\xff" * 8_000
        return [*records[:at], (SHARED, head), *short, *records[at + 1 :]]

    assert refitted(workbook(change)) is None


def test_a_format_that_is_none_hides_no_number() -> None:
    def change(records: list[Record]) -> list[Record]:
        broken = struct.pack("<HHB", 164, 3, 0) + b'"""'
        held = [(kind, broken if kind == 0x41E and text[:2] == b"\xa4\0" else text) for kind, text in records]
        return [(kind, text[:2] + b"\xa4\0" + text[4:] if kind == 0xE0 else text) for kind, text in held]

    assert read(workbook(change))[1] == [ROWS, ROWS]
