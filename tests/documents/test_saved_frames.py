"""Saved pages whose frames are parts of the same file: a workbook of Excel, a portal's page with its article."""

from __future__ import annotations

from email.message import EmailMessage

from archive.documents.kinds import read_pages
from archive.documents.pages import Pages, Table
from archive.parser.reader import read

_SET = (
    b"<html><head><meta name=ProgId content=Excel.Sheet></head>"
    b'<frameset rows="*,39"><frame src="book.files/sheet001.htm"></frameset></html>'
)
_HIDDEN = b"<!--[if gte mso 9]><xml><x:Visible>SheetHidden</x:Visible></xml><![endif]-->"
_TITLE = "汶上县司法局2023年政府信息公开工作年度报告"
_TABLE = (
    "<table border=1><tr><td colspan=4>第二十条第（一）项</td></tr>"
    "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    "<tr><td>规章</td><td>0</td><td>0</td><td>4</td></tr>"
    "<tr><td>行政规范性文件</td><td>2</td><td>1</td><td>7</td></tr></table>"
)


def _page(body: str) -> bytes:
    return f'<html><head><meta charset="gb2312"></head><body>{body}</body></html>'.encode("gb18030")


def _saved(start: bytes, *parts: tuple[str, bytes]) -> bytes:
    """A page saved whole, and the pages it holds by their addresses (``cid:…`` their identities)."""
    message = EmailMessage()
    message["MIME-Version"] = "1.0"
    message.make_related()
    for place, data in (("file:///C:/x/book.htm", start), *parts):
        part = EmailMessage()
        part.set_content(data, "text", "html", cte="base64")
        if place.startswith("cid:"):
            part["Content-ID"] = f"<{place[4:]}>"
            part["Content-Location"] = f"http://www.wenshang.gov.cn/{place[4:]}/"
        else:
            part["Content-Location"] = place
        message.attach(part)
    return message.as_bytes()


def _sheet(number: int) -> str:
    return f"file:///C:/x/book.files/sheet{number:03}.htm"


def _named(number: int) -> str:
    return _sheet(number).replace("///", "/")  # as names of parts are shown


def _words(pages: Pages) -> str:
    return "".join("".join(block.texts) if isinstance(block, Table) else block.text for block in pages.blocks)


def test_the_sheets_of_a_workbook_saved_as_one_file_are_read_in_turn() -> None:
    data = _saved(
        _SET,
        (_sheet(1), _page(f"<p>{_TITLE}</p><p>一、总体情况</p><p>2023年，全局主动公开信息。</p>")),
        (_sheet(2), _page(f"<p>二、主动公开政府信息情况</p>{_TABLE}")),
    )
    reading = read(data)
    assert (reading.is_report, reading.title, reading.kind) == (True, _TITLE, "mhtml")
    assert reading.cells["proactive.rules.in_force"].value == 4
    assert reading.cells["proactive.normative.in_force"].locator["part"] == _named(2)


def test_a_sheet_that_excel_does_not_show_is_left_out() -> None:
    data = _saved(_SET, (_sheet(1), _page("<p>甲</p>")), (_sheet(2), _HIDDEN + _page(_TABLE)))
    assert [member.name for member in read_pages(data).members] == [_named(1)]


def test_what_a_saved_page_frames_is_read_where_the_file_holds_it() -> None:
    start = _page('<iframe src="cid:frame-1@mhtml.blink"></iframe><p>版权所有</p>')
    held = ("cid:frame-1@mhtml.blink", _page(f"<h1>{_TITLE}</h1><p>二、主动公开政府信息情况</p>{_TABLE}"))
    reading = read(_saved(start, held))
    assert (reading.title, reading.cells["proactive.normative.issued"].value) == (_TITLE, 2)
    assert "第二十条" not in _words(read_pages(_saved(start, ("cid:frame-2@mhtml.blink", held[1]))))


def test_frames_that_hold_themselves_end() -> None:
    around = _page('<p>甲</p><iframe src="a.htm"></iframe><iframe src="book.htm"></iframe>' * 20)
    pages = read_pages(_saved(around, ("file:///C:/x/a.htm", around), ("file:///C:/x/b.htm", around)))
    assert "甲" in _words(pages)
    assert len(_words(pages)) < 200
