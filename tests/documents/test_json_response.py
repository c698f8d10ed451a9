"""What a site's interface answers where a page would be: the report stands in one string, its metadata beside it."""

import json
from html import escape

import pytest

from archive.documents.json_response import _complete_json
from archive.documents.kinds import read_pages, sniff
from archive.documents.pages import UNREAD
from archive.parser.reader import read
from tests.documents.helpers import lines, tables, texts

_TABLE = "<table><tr><td>信息内容</td><td>本年制发件数</td></tr><tr><td>规章</td><td>7</td></tr></table>"
_TEXT = (
    "<p>一、总体情况</p><p>本机关按照《中华人民共和国政府信息公开条例》编制本报告。</p><p>二、主动公开政府信息情况</p>"
    f"{_TABLE}<p>五、存在的主要问题及改进情况</p>" + "<p>继续努力，把公开工作做细做实。</p>" * 12
)
_TITLE = "汶上县司法局2023年政府信息公开工作年度报告"
_ARTICLE = {
    "infoTitle": _TITLE,
    "publish_time": 1706167800000,
    "deptName": "汶上县司法局",
    "infoContent": _TEXT,
    "files": [{"fileName": "年度报告", "fileUrl": "/upload/2024/report.pdf"}, {"fileUrl": "/img/logo.png"}],
}
_ANSWER = {"code": 200, "data": {"list": [{"infoContent": "<p>" + "通知" * 300 + "</p>"}, _ARTICLE]}}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(("before", "behind"), [("", ""), ("jQuery112_17(", ");"), ("/**/callback(", ")")])
def test_text_metadata_and_files_of_an_article(before: str, behind: str, ascii_only: bool) -> None:
    pages = read_pages(f"{before}{json.dumps(_ANSWER, ensure_ascii=ascii_only)}{behind}".encode())
    assert pages.kind == "json"
    assert lines(pages)[0] == "一、总体情况"
    assert [texts(table) for table in tables(pages)] == [[["信息内容", "本年制发件数"], ["规章", "7"]]]
    assert pages.title == pages.meta["articletitle"] == "汶上县司法局2023年政府信息公开工作年度报告"
    assert (pages.meta["pubdate"], pages.meta["contentsource"]) == ("2024-01-25 15:30:00", "汶上县司法局")
    assert [(part.url, part.text) for part in pages.parts] == [("/upload/2024/report.pdf", "年度报告")]
    assert {block.locator["json"] for block in pages.blocks} == {"/data/list/1/infoContent"}
    assert all("css" in block.locator for block in pages.blocks)


def test_whose_and_of_which_year_is_told_by_the_keys_beside_the_text() -> None:
    reading = read(json.dumps(_ANSWER).encode())
    assert reading.is_report
    assert (reading.title, reading.identity.meta["contentsource"]) == (_ARTICLE["infoTitle"], "汶上县司法局")


def test_markup_that_an_interface_escapes_is_markup() -> None:
    article = {**_ARTICLE, "infoContent": escape(_TEXT)}
    pages = read_pages(json.dumps({"data": article}).encode())
    assert [texts(table) for table in tables(pages)] == [[["信息内容", "本年制发件数"], ["规章", "7"]]]
    assert {block.locator["json"] for block in pages.blocks} == {"/data/infoContent"}


def test_a_text_without_markup_is_read_line_by_line() -> None:
    text = "一、总体情况\n公开<10>条\r\n五、存在的主要问题及改进情况\n" + "继续努力，把公开工作做细做实。\n" * 20
    pages = read_pages(json.dumps({"title": "年报", "content": text}).encode())
    assert pages.kind == "json"
    assert lines(pages)[:3] == ["一、总体情况", "公开<10>条", "五、存在的主要问题及改进情况"]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"data": [{"title": "汶上县司法局2023年政府信息公开工作年度报告", "url": "/1.html"}] * 20}).encode(),
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"content": "<p>1</p>", }',
        b'["' + b"9" * 10_000 + b'"]',
    ],
)
def test_without_a_report_it_is_what_it_was(data: bytes) -> None:
    assert sniff(data) == "json"
    assert read_pages(data).kind in ("html", "text")
    assert not read(data).is_report


@pytest.mark.parametrize(("before", "ascii_only"), [("", True), ("", False), ("callback(", True)])
def test_of_an_answer_that_breaks_off_what_is_left_is_read(before: str, ascii_only: bool) -> None:
    whole = f"{before}{json.dumps(_ANSWER, ensure_ascii=ascii_only)}".encode()
    for at in (whole.index(b"</table>") + 400, whole.index(b"files") + 3, whole.index(b'"fileUrl"'), len(whole) - 1):
        pages = read_pages(whole[:at])
        assert (pages.kind, pages.meta["contentsource"]) == ("json", "汶上县司法局")
        assert "document_damaged" in [found.code for found in pages.findings]
        assert [texts(table) for table in tables(pages)] == [[["信息内容", "本年制发件数"], ["规章", "7"]]]


def test_a_figure_in_which_an_answer_breaks_off_is_not_taken() -> None:
    whole = json.dumps(_ANSWER).encode()
    pages = read_pages(whole[: whole.index(b"<td>7") + 5])
    assert texts(tables(pages)[0])[-1][-1] == f"7{UNREAD}"


def test_wherever_an_answer_breaks_off_it_is_brought_to_an_end() -> None:
    said = json.dumps({"a": [1, 25, True], 'k\\"': {"b": 'x\\\n\u4e00"', "c": None}, "d": [[], {}]})
    for at in range(1, len(said)):
        assert isinstance(json.loads(_complete_json(said[:at]) or ""), dict)


def test_an_answer_in_a_string_of_another_is_read() -> None:
    inner = json.dumps({"data": {"title": _TITLE, "content": _TEXT}}, ensure_ascii=False)
    data = json.dumps({"d": inner})
    pages = read_pages(data.encode())
    assert (pages.kind, pages.title) == ("json", _TITLE)
    assert {block.locator["json"] for block in pages.blocks} == {"/d#/data/content"}
    assert read_pages(json.dumps({"content": escape(escape(_TEXT))}).encode()).blocks[-1].locator["json"] == "/content"


@pytest.mark.parametrize("answer", ["{}", '{{"content": {}}}'])
def test_escaped_markup_in_an_element_is_read_as_markup(answer: str) -> None:
    said = answer.format(json.dumps(_TEXT) if "{{" in answer else _TEXT)
    answer = f"<?xml version='1.0'?><doc><title>{_TITLE}</title><content>{escape(said)}</content></doc>"
    pages = read_pages(answer.encode())
    whole = read_pages(f"<html><body>{_TEXT}</body></html>".encode())
    assert pages.title == _TITLE
    assert [type(block) for block in pages.blocks] == [type(block) for block in whole.blocks]
    assert all(block.locator["script"] for block in pages.blocks)
    assert lines(pages) == lines(whole)


def test_pictures_and_numbers_of_any_length_beside_the_text_cost_an_answer_nothing() -> None:
    long = {"id": 7, "picture": "A" * (5 << 20), "data": _ARTICLE}
    assert read_pages(json.dumps(long).encode()).title == _TITLE
    huge = json.dumps(long | {"picture": ""}).replace('"id": 7', f'"id": {"7" * 5_000}')
    assert (read_pages(huge.encode()).title, read_pages(huge.encode()).findings) == (_TITLE, ())


def test_answers_within_each_other_are_read_as_far_as_is_told() -> None:
    said = json.dumps(_ARTICLE)
    for _ in range(5):
        said = json.dumps({"data": said})
    assert read_pages(said.encode()).title == _TITLE
    for _ in range(2):
        said = json.dumps({"data": said})
    pages = read_pages(said.encode())
    assert (pages.unreadable, [found.code for found in pages.findings]) == ("too_large", ["limit_reached"])
