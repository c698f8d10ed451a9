from __future__ import annotations

import struct

import pytest

from archive.documents import doc as module
from archive.documents.kinds import read_pages
from archive.documents.ole import Ole
from crawler.imitation.documents.legacy import goldens
from tests.documents.helpers import lines, places, tables

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
    assert pages.unreadable in ("truncated", "kind_unsupported")


def test_the_library_is_asked_where_our_reader_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables have no merged cells, but its words are all there."""
    monkeypatch.setattr(module, "paragraphs", lambda ole: iter(()))
    pages = module.read(WHOLE, module.Limits())
    assert lines(pages)[0] == goldens()[0].title
    assert sum(len(t.cells) for t in tables(pages)) > 200


def test_wps_is_told_by_its_own_streams() -> None:
    data = WHOLE.replace("CompObj".encode("utf-16-le"), "WpsObjj".encode("utf-16-le"))
    assert data != WHOLE
    assert read_pages(data).kind == "wps"
