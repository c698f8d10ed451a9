"""Pages and answers of portals: where cells stand, what is seen, what a page says of itself, metadata in all shapes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from lxml import html
from lxml.cssselect import CSSSelector
from selectolax.lexbor import LexborHTMLParser

from archive.documents.kinds import open_document
from archive.documents.model import Document, Paragraph, TableCell, find_cell
from archive.documents.page_facts import read_labels
from archive.parser.reader import read
from storage.page_metadata import built_not_published, meta_values, meta_values_in, published, stamp
from storage.records import SHANGHAI, PagePart
from tests.case_tables import read_cases

ARTICLE = "本机关认真落实《条例》，主动公开各类信息，办理公开申请，完善平台建设，接受社会监督，全年工作平稳有序。" * 5


def page(body: str, head: str = "") -> Document:
    return open_document(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode())


def cells(document: Document) -> list[TableCell]:
    return list(document.tables[0].cells)


@pytest.mark.parametrize("name", ["pingtan_2020.html", "shanghai_office_2019.html", "shuyang_fgj_2023.html"])
def test_the_selector_of_each_cell_leads_to_it_in_a_browser_and_in_the_source(name: str, shared: Path) -> None:
    data = (shared / "corpus" / name).read_bytes()
    document = open_document(data)
    browser, source = LexborHTMLParser(data.decode()), html.document_fromstring(data.decode())
    for cell in [cell for table in document.tables for cell in table.cells]:
        (node,) = browser.css(str(cell.locator["css"]))
        (element,) = CSSSelector(str(cell.locator["css"]), translator="html")(source)
        assert "".join(node.text().split()) == "".join(cell.text.split()) == "".join(element.text_content().split())
        assert find_cell(document, {"css": cell.locator["css"]}) in [(table, cell) for table in document.tables]


def test_figures_in_running_text_lead_to_the_element_in_which_they_stand(shared: Path) -> None:
    lines = (shared / "corpus/wenshang_sfj_2022.txt").read_text("utf-8").split("\n")
    source = f"<body><main>{''.join(f'<p>{line}</p>' for line in lines)}</main></body>"
    reading, tree = read(source.encode()), LexborHTMLParser(source)
    assert len(reading.cells) == 200
    for cell in reading.cells.values():
        (node,) = tree.css(str(cell.locator["css"]))
        assert cell.raw in node.text()


def test_what_is_hidden_or_crossed_out_is_no_part_of_a_figure() -> None:
    row = "<td>1<span style='display: none'>9</span></td><td><s>8</s>2</td><td>3<sup>4</sup></td><td hidden>7</td>"
    row += "<td><del>8</del></td><td style='display:none'>7</td><td style='color:red;font-family:宋体'>5</td>"
    document = page(f"<table><tr>{row}</tr><tr hidden><td>6</td></tr></table><p style='visibility:hidden'>无</p>")
    assert [cell.text for cell in cells(document)] == ["1", "2", "3[4]", "7", "8", "5"]
    assert [cell.visible for cell in cells(document)] == [True, True, True, False, False, True]
    assert len(document.blocks) == 1


def test_a_style_that_is_not_known_to_be_harmless_doubts_its_figure() -> None:
    sheet = "<style>@media print{td{display:none}} .a{position:absolute} td:hover{opacity:.1} .b{color:#333}</style>"
    row = "<td class=a>1</td><td class=b>2</td><td style='color:#fff'>3</td><td><b style='float:right'>4</b></td>"
    document = page(f"<table><tr>{row}</tr></table>", sheet)
    assert [cell.visible for cell in cells(document)] == [False, True, False, False]


def test_a_page_says_where_it_stands_and_what_it_is_about() -> None:
    head = '<meta name="ArticleTitle" content="某县教育局2023年度报告"><meta name=PubDate content=2024-01-05>'
    menu = '<div class="nav"><a href="/">首页</a><a href="/b">公开</a></div>'
    menu += "<p>当前位置：首页 &gt; 政务公开 &gt; 年报</p>"
    facts = "<table><tr><td>索引号：</td><td>0143/2024-2</td><td>发布机构</td><td>某县教育局</td></tr></table>"
    line = "<p>来源：某县教育局 2024-01-05 浏览次数：12</p>"
    text = f"<h2>一、总体情况</h2><p>{ARTICLE}</p><p>来源：不算</p>"
    document = page(menu + facts + line + text, head)
    assert document.breadcrumb == ("首页", "政务公开", "年报")
    assert {**read_labels(document.blocks), **document.meta} == {
        "articletitle": "某县教育局2023年度报告", "pubdate": "2024-01-05", "索引号": "0143/2024-2",
        "发布机构": "某县教育局", "来源": "某县教育局",
    }  # fmt: skip
    paragraphs = [block for block in document.blocks if isinstance(block, Paragraph)]
    assert [block.text for block in paragraphs if block.furniture] == ["首页公开"]


def test_a_page_gives_its_attachments_and_the_documents_that_it_shows() -> None:
    links = '<a href="/files/2023.pdf">附件</a><a href="/about.html">关于</a>'
    links += """<a href="javascript:void(0)" onclick="down('/f/b.docx')">表</a>"""
    viewer = '<iframe src="/pdfjs/web/viewer.html?file=%2Ff%2Fc.pdf"></iframe><img src="/a/scan1.jpg" alt="第一页">'
    assert page(links + viewer + f"<p>{ARTICLE}</p>").parts == (
        PagePart(kind="attachment", url="/files/2023.pdf", text="附件"),
        PagePart(kind="attachment", url="/f/b.docx", text="表"),
        PagePart(kind="embed", url="/f/c.pdf"),
        PagePart(kind="image", url="/a/scan1.jpg", text="第一页"),
    )


# ------------------------------------------------------------------------------------------------ metadata


@pytest.mark.parametrize("markup", read_cases(__file__, "markup"))
def test_names_and_values_however_they_are_written(markup: str) -> None:
    assert meta_values_in(f"<head>{markup}</head>") == {"articletitle": "甲县报告"}


def test_markup_and_blanks_in_a_value_are_taken_out() -> None:
    assert meta_values([("ArticleTitle", '<h1 style="x">甲县\n <b>报告</b></h1>'), ("x" * 61, "y"), (None, "z")]) == {
        "articletitle": "甲县 报告"
    }


@pytest.mark.parametrize(("text", "at", "day_only"), read_cases(__file__, "dates"))
def test_dates(text: str, at: tuple[int, ...], day_only: bool) -> None:
    found = stamp(text)
    assert found is not None
    assert (found.at, found.day_only) == (datetime(*at, tzinfo=SHANGHAI), day_only)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    "text", ["", "暂无", "2024-13-01", "2019-10-08 25:00", "2024-1-321", "12-01-2024", "²024-01-01"]
)
def test_what_is_no_date(text: str) -> None:
    assert stamp(text) is None


def test_the_day_in_the_head_of_a_page_is_no_day_of_the_report(shared: Path) -> None:
    document = open_document((shared / "domain/html/trs_wcm/detail_gxzf.html").read_bytes())
    assert "2023年9月9日" in {one.text for one in document.blocks if isinstance(one, Paragraph)}
    assert "dateline" not in read_labels(document.blocks)


def test_a_time_of_building_is_none_of_publication() -> None:
    built = {"pubdate": "2024-04-15 14:53:51", "others": "页面生成时间 2024-04-15 14:53:51"}
    other = built | {"pubdate": "2023-07-19 19:21"}
    day = {"pubdate": "2024-04-15", "others": "页面生成时间 2024-04-15 00:00:00"}  # a day is no copy of an instant
    assert [built_not_published(one) for one in (built, other, day)] == [True, False, False]
    assert [published(one) for one in (built, other)] == [None, stamp("2023-07-19 19:21")]
    assert published({"pubdate": "2024-06-17 12:00:00", "htmlgeneratetime": "2024-06-17 12:00:00"}) is None
