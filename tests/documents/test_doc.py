from __future__ import annotations

import random
import re
import struct
from pathlib import Path

import pytest

from archive.documents.kinds import read_pages
from archive.documents.ole import Ole
from archive.documents.pages import UNREAD, Limits, Table
from archive.documents.paragraph_tables import Builder
from archive.documents.runs import PrintedText, Raised, Run, Visibility, printed
from archive.documents.word97.boxes import ANCHOR, boxes, runs_of, with_boxes
from archive.documents.word97.header import ANCHORS, BOXES, CLX, Streams, streams
from archive.documents.word97.model import Mark, Marked
from archive.documents.word97.modifiers import Properties, is_shifted, is_struck, is_superscript, prints_faintly
from archive.documents.word97.paragraphs import Numbers
from archive.documents.word97.pieces import TextPiece, pieces
from archive.documents.word97.property_pages import Look, Looks
from imitation.documents.compound import compound
from imitation.documents.legacy import goldens
from storage.records import Finding
from tests.documents.helpers import lines, places, tables, texts

WHOLE = goldens()[0].data


def test_the_streams_of_a_compound_file() -> None:
    ole = Ole(WHOLE)
    assert {"WordDocument", "1Table"} <= ole.names
    assert struct.unpack_from("<H", ole.stream("WordDocument"))[0] == 0xA5EC
    assert ole.stream("no such stream") == b""
    assert not ole.torn


def test_merged_cells_keep_their_identity() -> None:
    table = tables(read_pages(WHOLE))[1]
    held = places(table, squeeze=True)
    assert (0, 0, 3, 3, "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）") in held
    assert (5, 0, 22, 1, "三、本年度办理结果") in held
    assert (7, 1, 8, 1, "（三）不予公开") in held


def test_encryption_is_told() -> None:
    data = bytearray(WHOLE)
    at = data.index(b"\xec\xa5")
    data[at + 11] |= 0x01  # fEncrypted
    assert read_pages(bytes(data)).unreadable == "encrypted"


@pytest.mark.parametrize("sixteenths", range(2, 16))
def test_a_torn_file_says_so(sixteenths: int) -> None:
    pages = read_pages(WHOLE[: len(WHOLE) * sixteenths // 16])
    told = "document_damaged" in {found.code for found in pages.findings}  # with what is left, or words alone
    assert pages.unreadable in ("truncated", "kind_unsupported") or (told and pages.blocks)


@pytest.mark.parametrize(("at", "size"), [(0, 2), (76, 4), (CLX, 8)])
def test_of_a_damaged_file_the_words_are_had(at: int, size: int) -> None:
    """Its signature (that of Word 95 is another), the length of its text, the place of its piece table."""
    data = bytearray(WHOLE)
    at += data.index(b"\xec\xa5")
    data[at : at + size] = bytes(size)
    pages = read_pages(bytes(data))
    assert pages.unreadable == "damaged"
    assert {found.code for found in pages.findings} == {"document_damaged"}
    assert goldens()[0].title in lines(pages)
    assert not tables(pages)


def test_a_text_that_lies_beyond_the_end_of_the_file_is_missed() -> None:
    word = Ole(WHOLE).stream("WordDocument")
    table = Ole(WHOLE).stream("1Table")
    whole = "".join(piece.text for piece in pieces(Streams(word, table, b"")))
    cut = "".join(piece.text for piece in pieces(Streams(word[:4_000], table, b"")))
    assert UNREAD not in whole
    assert cut.startswith(whole[:100])
    assert cut.endswith(UNREAD)


def test_wps_is_told_by_its_own_streams() -> None:
    data = WHOLE.replace("CompObj".encode("utf-16-le"), "WpsObjj".encode("utf-16-le"))
    assert data != WHOLE
    assert read_pages(data).kind == "wps"


def test_numbers_are_written_out_and_what_does_not_print_is_left_out() -> None:
    """Lists, tracked changes, hidden and struck-out text, a sign of another plane, a field, a table in a table."""
    pages = read_pages((Path(__file__).parent / "hidden_things.doc").read_bytes())
    assert lines(pages) == [
        "一、总体情况", "（一）主动公开", "（二）依申请", "二、其他", "点", "七、续", "本年收到35\U0001f600件止",
        "第7页",
    ]  # fmt: skip
    assert [texts(table) for table in tables(pages)] == [[["甲", f"乙\n{UNREAD}\n丙"]], [["规章", "3"]]]
    assert [(found.code, found.found) for found in pages.findings] == [("struck_out", "89")]


def test_a_cell_of_nothing_but_its_number_is_not_blank() -> None:
    ole = Ole((Path(__file__).parent / "hidden_things.doc").read_bytes())
    numbers, cell = Numbers(streams(ole)), Mark(1, cell_end=True)
    listed, plain = Properties(in_table=True, list=1), Properties(in_table=True)
    told = [(listed, "", cell), (plain, "甲", Mark(1)), (listed, "", cell), (listed, "乙", cell), (plain, "", cell)]
    said = [numbers.before(b"\0\0", properties, text, ended) for properties, text, ended in told]
    assert said == [UNREAD + "一、", "甲", "", "三、乙", ""]


def test_a_file_as_wps_writer_keeps_it() -> None:
    doc, wps = (next(g for g in goldens() if g.kind == kind) for kind in ("doc", "wps"))
    assert read_pages(wps.data).kind == "wps"
    assert read_pages(wps.data).blocks == read_pages(doc.data).blocks


@pytest.mark.parametrize("seed", range(20))
def test_damaged_lists_and_styles_lose_no_text(seed: int) -> None:
    chance = random.Random(seed)
    ole = Ole((Path(__file__).parent / "hidden_things.doc").read_bytes())
    main, table = ole.stream("WordDocument"), bytearray(ole.stream("1Table"))
    for place in (154 + 8, 154 + 73 * 8, 154 + 74 * 8):
        begin, size = struct.unpack_from("<2I", main, place)
        for _ in range(6):
            table[begin + chance.randrange(max(1, size))] = chance.randrange(256)
    pages = read_pages(compound({"WordDocument": main, "1Table": bytes(table), "Data": ole.stream("Data")}))
    assert pages.kind == "doc"
    assert "".join(lines(pages)).endswith("页")


def blip(kind: int, image: bytes) -> bytes:
    """An image as Office art keeps it: record header, digest, tag, file."""
    return struct.pack("<HHI", 0x6E0, kind, 17 + len(image)) + bytes(16) + b"\xff" + image


def test_images_come_out_and_seals_stay() -> None:
    ole = Ole((Path(__file__).parent / "hidden_things.doc").read_bytes())
    png, jpeg = b"\x89PNG\r\n\x1a\n" + bytes(9_000), b"\xff\xd8\xff\xe0" + bytes(9_000)
    seal, torn = b"\x89PNG\r\n\x1a\n" + bytes(500), blip(0xF01E, png)[:-10]
    data = blip(0xF01E, png) + blip(0xF01E, seal) + bytes(99) + blip(0xF01D, jpeg) + torn
    streams = {"WordDocument": ole.stream("WordDocument"), "1Table": ole.stream("1Table"), "Data": data}
    pages = read_pages(compound(streams))
    assert [picture.source.load() for picture in pages.pictures] == [png, jpeg]
    assert {picture.at for picture in pages.pictures} == {len(pages.blocks)}
    assert read_pages(compound(streams)).pictures == pages.pictures


def shown(text: str, looks: Looks, *, in_cell: bool = False) -> list[PrintedText]:
    """What the paragraphs and cells of a text print that begins at byte 100 of its file, two bytes a character."""
    printing, begun, found = TextPiece(100, 2, text).printed_as(looks), 0, []
    for part in re.split("[\r\x07]", text):
        here = printing[begun : begun + len(part)] if printing is not None else None
        found.append(printed(runs_of(part, here), in_cell=in_cell))
        begun += len(part) + 1
    return found


def test_digits_shifted_behind_a_figure_are_none_of_it() -> None:
    assert is_shifted(bytes.fromhex("350801" + "45480800"))
    shifted, hidden = Look(raised=Raised.SHIFTED), Look(Visibility.HIDDEN)
    assert shown("38123\r15", [(shifted, [(104, 108), (112, 116)])]) == [("38¹²3", ""), ("15", "")]
    assert shown("38123\r15", [(hidden, [(104, 106)]), (shifted, [(106, 108)])]) == [("38²3", ""), ("15", "")]


@pytest.mark.parametrize(
    ("text", "above", "lines"),
    [
        ("381①3\r15", [(104, 108)], ["38[1①]3", "15"]),  # behind a figure
        ("381①3\r15", [(104, 106), (106, 108)], ["38[1①]3", "15"]),  # in two runs
        ("38123\r15", [(112, 116)], ["38123", "15"]),  # a paragraph of its own is no note
        ("年11\r1甲", [(104, 106)], ["年1[1]", "1甲"]),
        ("10m2\r1", [(106, 108)], ["10m2", "1"]),
    ],
)
def test_superscript_behind_a_figure_is_a_note(text: str, above: list[tuple[int, int]], lines: list[str]) -> None:
    assert [line.text for line in shown(text, [(Look(raised=Raised.NOTE), above)])] == lines


@pytest.mark.parametrize(
    ("text", "white", "cells", "in_cell"),
    [
        ("甲\x0784029", [(112, 114)], ["甲", f"8402{UNREAD}9"], True),
        ("甲\x0784029", [(104, 114)], ["甲", f"{UNREAD}84029"], True),
        ("甲\x072023年", [(104, 112)], ["甲", "2023年"], True),  # labels say what stands where in any colour
        ("甲\r84029", [(112, 114)], ["甲", "84029"], False),
    ],
)
def test_white_digits_in_a_cell_of_figures_are_not_surely_seen(
    text: str, white: list[tuple[int, int]], cells: list[str], *, in_cell: bool
) -> None:
    assert [cell.text for cell in shown(text, [(Look(Visibility.FAINT), white)], in_cell=in_cell)] == cells


def test_white_is_told_by_the_palette_and_by_its_figure() -> None:
    told = {"422a08": True, "7068ffffff00": True, "422a01": False, "7068ffffffff": False, "422a087068ff000000": False}
    assert {code: prints_faintly(bytes.fromhex(code)) for code in told} == told


def test_struck_out_text_is_told_beside_its_cell() -> None:
    assert is_struck(bytes.fromhex("370801"))
    assert not is_struck(bytes.fromhex("370800"))
    looks = [(Look(Visibility.HIDDEN), [(108, 110)]), (Look(struck=True), [(104, 108)])]
    assert shown("38123\r15", looks) == [("38", "12"), ("15", "")]
    mark = Mark(1, cell_end=True)
    told: list[Finding] = []
    row = [Marked("甲", mark), Marked("", mark, 0, "135"), Marked("", Mark(1, row_end=True))]
    (table,) = Builder(Limits(), told).build([*row, Marked("年", Mark()), Marked("", Mark(), 0, "删")])[:1]
    assert isinstance(table, Table)
    assert [(cell.text, cell.locator.get("struck")) for cell in table.cells] == [("甲", None), ("", "135")]
    assert [(found.code, found.found) for found in told] == [("struck_out", "135删")]


def test_shifted_down_digits_and_those_on_the_line_are_digits() -> None:
    codes = [bytes.fromhex(code) for code in ("4548f8ff", "482a00", "350801", "482a01482a00", "482a02482a00")]
    assert not any(is_shifted(code) or is_superscript(code) for code in codes)
    assert is_superscript(bytes.fromhex("482a00" + "482a01"))
    assert is_superscript(bytes.fromhex("482a02"))


def streams_with_boxes(main: str, *told: tuple[int, str]) -> Streams:
    """Text with boxes anchored in it: the shape of each and its text; shapes are numbered as their anchors."""
    story = "".join(text for _, text in told)
    head = bytearray(700)
    struct.pack_into("<7i", head, 76, len(main), 0, 0, 0, 0, 0, len(story))
    whole = (main + story).encode("utf-16-le")
    places = [at for at, character in enumerate(main) if character == ANCHOR]
    ends = [sum(len(text) for _, text in told[:n]) for n in range(len(told) + 1)]
    anchors = struct.pack(f"<{len(places) + 1}i", *places, len(main))
    anchors += b"".join(struct.pack("<I22x", n) for n in range(len(places)))
    texts = struct.pack(f"<{len(ends)}i", *ends) + b"".join(struct.pack("<14xI4x", shape) for shape, _ in told)
    plc = struct.pack("<2I", 0, len(main + story)) + struct.pack("<HIH", 0, len(head), 0)
    clx = b"\x02" + struct.pack("<I", len(plc)) + plc
    table = b""
    for at, part in ((CLX, clx), (ANCHORS, anchors), (BOXES, texts)):
        struct.pack_into("<2I", head, at, len(table), len(part))
        table += part
    return Streams(bytes(head) + whole, table, b"")


def test_text_boxes_stand_where_they_are_anchored() -> None:
    main = f"甲\x07{ANCHOR}\x07乙{ANCHOR}\x07"
    found = boxes(streams_with_boxes(main, (1, "35\r"), (0, "4\r6\r")), [])
    assert found.texts == {2: [Run("4\n6")], 5: [Run("35")]}
    assert found.tables == []
    assert "".join(run.text for run in with_boxes([Run(f"乙{ANCHOR}丙")], 4, found.texts)) == "乙\n35\n丙"
    assert "".join(run.text for run in with_boxes([Run(f"{ANCHOR}{ANCHOR}")], 1, found.texts)) == "\n4\n6\n"


def test_tables_in_text_boxes_are_tables() -> None:
    (table,) = boxes(streams_with_boxes(f"甲{ANCHOR}\r", (0, "a\x07b\x07\x07\r")), []).tables
    assert [piece.text for piece in table] == ["a\x07b\x07\x07\r"]


def test_a_box_named_by_many_anchors_is_printed_once() -> None:
    streams = streams_with_boxes(ANCHOR * 3, (0, "7\r"))
    anchors = struct.pack("<4i", 0, 1, 2, 3) + bytes(26 * 3)
    begin, _ = struct.unpack_from("<2I", streams.main, ANCHORS)
    same = Streams(streams.main, streams.table[:begin] + anchors + streams.table[begin + len(anchors) :], b"")
    assert boxes(same, []).texts == {0: [Run("7")]}


@pytest.mark.parametrize("kind", ["doc", "wps"])
def test_a_file_without_its_directory_gives_its_words_and_no_table(kind: str) -> None:
    whole = next(golden for golden in goldens() if golden.kind == kind)
    of_no_size = whole.data[:30] + b"\0" + whole.data[31:]  # its head tells no size of sectors
    for data in (of_no_size, *[whole.data[: int(len(whole.data) * share)] for share in (0.95, 0.9, 0.8)]):
        pages = read_pages(data)
        assert (pages.kind, pages.unreadable) == ("doc", "truncated")
        assert {found.code for found in pages.findings} == {"document_damaged"}
        assert whole.title in lines(pages)
        assert not tables(pages)
