"""Pages of which pieces stand in another charset than the rest."""

from __future__ import annotations

import codecs

import pytest

from archive.documents.charset import decode
from archive.parser.reader import read

TITLE = "汶上县司法局2023年政府信息公开工作年度报告"
PAGE = (
    f"<html><title>{TITLE}</title><h1>{TITLE}</h1>"
    + "<p>一、总体情况</p><p>“本机关”共公开信息 12 条；收到申请 3 件。</p>" * 30
)
FOOT = "<div>版权所有：汶上县人民政府办公室　技术支持：汶上县大数据中心</div>"


def codes(data: bytes) -> list[str]:
    return [found.code for found in decode(data).findings]


@pytest.mark.parametrize("at", ["foot", "head"])
def test_a_piece_in_gbk_within_utf8_is_read_as_what_it_is(at: str) -> None:
    page, other = PAGE.encode(), FOOT.encode("gb18030")
    data = other + page if at == "head" else page + other
    assert decode(data).text == (FOOT + PAGE if at == "head" else PAGE + FOOT)
    assert codes(data) == ["charset_mixed"]
    assert read(data).is_report


def test_a_page_half_of_which_is_in_gbk_is_read() -> None:
    data = PAGE.encode() + PAGE.encode("gb18030")
    assert (decode(data).text, codes(data)) == (PAGE * 2, ["charset_mixed"])


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("taken_for", ["latin-1", "cp1252"])
def test_what_was_taken_for_latin_1_is_turned_back(charset: str, taken_for: str) -> None:
    """A move from one database to another leaves such: ÕþÎñ for 政务."""
    whole = PAGE.encode(charset)
    wrong = "".join(bytes((n,)).decode(taken_for, "replace").replace("\ufffd", chr(n)) for n in whole)
    data = (FOOT + wrong).encode()
    assert (decode(data).text, codes(data)) == (FOOT + PAGE, ["charset_mixed"])


def test_a_byte_order_mark_that_the_bytes_contradict_is_none() -> None:
    data = codecs.BOM_UTF8 + PAGE.encode("gb18030")
    assert (decode(data).text, codes(data)) == (PAGE, [])
    assert decode(codecs.BOM_UTF8 + PAGE.encode()).text == PAGE


def test_words_of_other_languages_stay() -> None:
    page = PAGE + "<p>Señor Müller, Škoda, «déjà vu», ÄÖÜäöüß, naïveté, coöperation</p>" * 3
    assert (decode(page.encode()).text, codes(page.encode())) == (page, [])


def test_what_is_broken_and_nothing_else_stays_broken() -> None:
    data = PAGE.encode().replace("公开".encode(), "公开".encode()[:-1])
    decoded = decode(data)
    assert decoded.refused
    assert codes(data) == ["charset_broken"]
