# ruff: noqa: E501 - markup and its text read best on one line
from __future__ import annotations

import pytest
from lxml import etree

from archive.documents.kinds import read_pages
from archive.documents.pages import Pages, Paragraph, Table
from tests.documents.helpers import lines, places, tables, texts


def read(html: str) -> Pages:
    return read_pages(f"<!DOCTYPE html><html><body>{html}</body></html>".encode())


def test_spans_place_every_cell_once() -> None:
    page = read(
        "<table><tr><td rowspan=2>甲</td><td colspan=2>乙</td></tr><tr><td>1</td><td>2</td></tr><tr><td>丙<td>3<td>4</table>"
    )
    assert places(tables(page)[0]) == {
        (0, 0, 2, 1, "甲"),
        (0, 1, 1, 2, "乙"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
        (2, 0, 1, 1, "丙"),
        (2, 1, 1, 1, "3"),
        (2, 2, 1, 1, "4"),
    }


def test_senseless_spans_are_cut_to_the_table() -> None:
    table = tables(read("<table><tr><td colspan=1000000>1<td>2<tr><td>3<td rowspan=99999999>4<tr><td>5</table>"))[0]
    assert places(table) == {
        (0, 0, 1, 2, "1"),
        (0, 2, 1, 1, "2"),
        (1, 0, 1, 1, "3"),
        (1, 1, 2, 1, "4"),
        (2, 0, 1, 1, "5"),
    }
    assert (table.rows, table.cols) == (3, 3)


def test_rowspan_zero_reaches_to_the_last_row() -> None:
    table = tables(read("<table><tr><td rowspan=0>甲<td>1<tr><td>2<tr><td>3</table>"))[0]
    assert table.cells[0].rowspan == 3
    assert [c.col for c in table.cells if c.text in "123"] == [1, 1, 1]


@pytest.mark.parametrize("closing", ["</table>", ""])
def test_an_unclosed_last_cell_does_not_swallow_the_next_chapter(closing: str) -> None:
    page = read(
        "<table><tr><td>一<td>二<td>三<tr><td>甲<td>5<td>6<tr><td>乙<td>7<td>8<tr><td>丙<td>9<td>57"
        f"{closing}<p>四、政府信息公开行政复议、行政诉讼情况</p><table><tr><td>结果维持<td>总计<tr><td>1<td>1</table><p>五、存在的主要问题</p>"
    )
    assert [texts(t) for t in tables(page)] == [
        [["一", "二", "三"], ["甲", "5", "6"], ["乙", "7", "8"], ["丙", "9", "57"]],
        [["结果维持", "总计"], ["1", "1"]],
    ]
    assert lines(page) == ["四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题"]


def test_a_heading_glued_to_the_last_figure_is_parted_from_it() -> None:
    page = read("<table><tr><td>甲<td>1<tr><td>乙<td>57 四、政府信息公开行政复议、行政诉讼情况</table>")
    assert texts(tables(page)[0])[1] == ["乙", "57"]
    assert lines(page) == ["四、政府信息公开行政复议、行政诉讼情况"]


def test_a_row_label_with_a_chapter_number_stays_in_its_cell() -> None:
    page = read("<table><tr><td>（七）总计<td>5<tr><td>四、结转下年度继续办理<td>0</table>")
    assert texts(tables(page)[0]) == [["（七）总计", "5"], ["四、结转下年度继续办理", "0"]]


def test_layout_tables_dissolve_and_data_tables_stay() -> None:
    page = read(
        "<table><tr><td>左栏</td><td><p>一、总体情况</p><p>全年无事。</p><p>二、主动公开政府信息情况</p>"
        "<table><tr><td>规章<td>3<tr><td>规范性文件<td>5</table></td></tr></table>"
    )
    assert [texts(t) for t in tables(page)] == [[["规章", "3"], ["规范性文件", "5"]]]
    assert "全年无事。" in lines(page)


def test_a_table_cut_in_two_is_one() -> None:
    page = read("<table><tr><td>甲<td>1<td>2<td>3</table>\n<table><tr><td>乙<td>4<td>5<td>6</table>")
    assert [texts(t) for t in tables(page)] == [[["甲", "1", "2", "3"], ["乙", "4", "5", "6"]]]


def test_text_is_joined_as_a_browser_shows_it() -> None:
    page = read(
        "<p>截至<span>20</span><span>2</span><span>5</span>年\n  底，收到 3 件</p>"
        "<table><tr><td><p>本年新</p><p>制作数量</p><td>甲<br/>乙<td><span>1</span><span>5</span><tr><td>a\n b<td>2 <sup>1</sup><td><s>3</s>4</table>"
    )
    assert lines(page) == ["截至2025年底，收到 3 件"]
    assert texts(tables(page)[0]) == [["本年新\n制作数量", "甲\n乙", "15"], ["a b", "2 [1]", "4"]]


def test_what_is_hidden_in_a_cell_is_not_printed() -> None:
    page = read("<table><tr><td>甲<td><span style='DISPLAY: none'>3</span>5<tr><td>乙<td>6<!-- 7 --></table>")
    assert texts(tables(page)[0]) == [["甲", "5"], ["乙", "6"]]


def test_blank_cells_are_empty_texts() -> None:
    page = read("<table><tr><td>甲<td>&nbsp;<td>\u3000<td><tr><td>乙<td>0<td>-<td>无</table>")
    assert texts(tables(page)[0]) == [["甲", "", "", ""], ["乙", "0", "-", "无"]]


def test_every_css_path_selects_its_cell_again() -> None:
    html = (
        "<!DOCTYPE html><html><body><div><o:p>x</o:p></div><div id='a b'><div><table><thead><tr><th>列<th>数</thead><tr><td>甲<td>1"
        "</table></div><div id=c><table><tr><td>乙<td>2<tr><td rowspan=2>丙<td>3<tr><td>4</table></div></div></body></html>"
    )
    tree = etree.fromstring(html, etree.HTMLParser())
    cells = [cell for table in tables(read_pages(html.encode())) for cell in table.cells]
    assert len(cells) == 9
    for cell in cells:
        chosen = tree.cssselect(str(cell.locator["css"]))
        assert ["".join(e.itertext()).strip() for e in chosen] == [cell.text]


def as_browsers(tree: etree._Element) -> etree._Element:
    """The tree as a browser has it: rows that stand in no <tbody> in one of their own."""
    for table in tree.iter("table"):
        body = None
        for child in list(table):
            if child.tag != "tr":
                body = None
                continue
            if body is None:
                body = etree.Element("tbody")
                child.addprevious(body)
            body.append(child)
    return tree


@pytest.mark.parametrize(
    "around",
    [
        "<table><tr><td>{}</table>",
        "<table><tr><td>一<table><tr><td>二</table><tr><td><table><tr><td>{}</table></table>",
        "<table><tbody><tr><td>一</tbody><tr><td>{}</table>",
        "<table><thead><tr><td>一</thead><tr><td>二<tr><td>{}<tbody><tr><td>三</tbody></table>",
        "<table id=a><tr><td>一<tr><td>{}</table>",
    ],
)
@pytest.mark.parametrize(
    "table", ["<table>{}</table>", "<table><tr><th>列<th>数{}</table>", "<table><thead>{}</thead>{}</table>"]
)
def test_css_paths_hold_where_a_browser_adds_bodies(around: str, table: str) -> None:
    rows = "<tr><td>甲<td>1<tr><td>乙<td>2"
    html = (
        "<!DOCTYPE html><html><body><p>文</p>" + around.format(table.format(rows, "<tr><td>丙<td>3")) + "</body></html>"
    )
    parser = etree.HTMLParser(encoding="utf-8")
    trees = [etree.fromstring(html.encode(), parser) for _ in range(2)]
    as_browsers(trees[1])
    cells = [cell for table in tables(read_pages(html.encode())) for cell in table.cells]
    assert {"甲", "乙", "1", "2"} <= {cell.text for cell in cells}
    for cell in cells:
        for tree in trees:
            chosen = tree.cssselect(str(cell.locator["css"]))
            assert ["".join(e.itertext()).strip() for e in chosen] == [cell.text]


def test_the_copy_for_telephones_is_read_once() -> None:
    body = "<p>一、总体情况</p><p>无。</p><p>二、主动公开政府信息情况</p><p>五、存在的主要问题</p><p>六、其他需要报告的事项</p>"
    page = read(f"<div class='pc'>{body}</div><div class='phone' style='display:none'>{body}</div>")
    assert lines(page).count("一、总体情况") == 1


def test_furniture_is_left_out_whatever_the_day() -> None:
    report = "<h1>某县2024年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>六、其他需要报告的事项</p><p>无。</p>"
    pages = [
        read(
            f"<div class=top>今天是{day} <a href=/>首页</a></div><div class=con>{report}<p>浏览次数：{n}</p><div class=share>分享到：微信</div>"
            f"<p>上一篇：别的</p></div><p>页面生成时间 {day}</p>"
        )
        for day, n in (("2025年1月3日星期五", 7), ("2026年2月1日星期日", 9001))
    ]
    assert lines(pages[0]) == lines(pages[1])
    assert lines(pages[0])[0] == "某县2024年政府信息公开工作年度报告"
    assert not any("浏览" in line or "分享" in line or "上一篇" in line for line in lines(pages[0]))


def test_related_pages_behind_the_text_are_left_out() -> None:
    links = "".join(f"<li><a href='/{n}.html'>某局{n}年年报</a><span>{n}</span></li>" for n in (2021, 2022))
    page = read(
        "<div id=zoom><p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>六、其他需要报告的事项</p><p>无。</p>"
        f"<p>相关链接：</p><ul>{links}</ul><p>某局</p></div>"
    )
    assert lines(page)[-2:] == ["无。", "某局"]


def test_what_word_leaves_behind_is_no_text() -> None:
    page = read(
        "<xml><w:WordDocument><w:View>Normal</w:View><w:PunctuationKerning/></w:WordDocument></xml><!--[if gte mso 9]><xml>x</xml><![endif]-->"
        "<table><tr><td><![if !supportEmptyParas]>&nbsp;<![endif]><o:p></o:p></td><td>5</td></tr><tr style='display:none'><td>9<td>9</tr>"
        "<tr><td style='display:none'>9</td><td>甲<td>6</table>"
    )
    assert lines(page) == []
    assert texts(tables(page)[0]) == [["", "5"], ["甲", "6"]]


def test_the_title_above_the_text_comes_first() -> None:
    page = read_pages(
        "<html><head><meta content='某局2024年报告' name='articletitle'></head><body><div><span>某局2024年报告</span>"
        "<div id=zoom><p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>五、存在的主要问题</p></div></div></body></html>".encode()
    )
    assert page.blocks[0] == Paragraph(text="某局2024年报告", heading=1, locator=page.blocks[0].locator)


def test_meta_tags_in_any_order_case_and_with_markup() -> None:
    page = read_pages(
        '<html><head><meta name="ColumnName"content="通知"><META content="2026-08-28 16:28" NAME="PubDate">'
        "<meta name='ArticleTitle' content='<h1 style=\"x\">某局报告</h1>'><title><h1>某局报告</h1></title></head><body><p>文</p></body>".encode()
    )
    assert page.meta == {"columnname": "通知", "pubdate": "2026-08-28 16:28", "articletitle": "某局报告"}
    assert page.title == "某局报告"


def test_the_metadata_table_with_broken_labels() -> None:
    page = read(
        "<table><tr><td>索<span></span>引<span> </span>号：</td><td>K1/2024-1</td><td>发布&emsp;机构</td><td>某县司法局</td></tr>"
        "<tr><td>成文日期: 2024-01-05</td><td colspan=3>文&emsp;&emsp;号：</td></tr></table>"
        "<div><span>发布日期：2024-01-17 09:30</span> <span>来源：某县司法局</span> 浏览次数：<b>5</b></div>"
        "<p>公开日期：<publishtime>2024-01-18</publishtime></p><div id=zoom><p>一、总体情况</p><p>二、主动公开政府信息情况</p>"
        "<p>五、存在的主要问题</p><p>来源：不是元数据</p></div>"
    )
    assert page.meta["索引号"] == "K1/2024-1"
    assert page.meta["发布机构"] == "某县司法局"
    assert page.meta["成文日期"] == "2024-01-05"
    assert page.meta["发布日期"] == "2024-01-17 09:30"
    assert page.meta["来源"] == "某县司法局"
    assert page.meta["publishtime"] == "2024-01-18"
    assert "文号" not in page.meta
    assert "浏览次数" not in page.meta


@pytest.mark.parametrize(
    ("line", "day", "source"),
    [
        ("<p>2022年2月10日　来源：某县司法局　浏览：12</p>", "2022年2月10日", "某县司法局"),
        ("<p>来源：某县司法局 2022-02-10 10:12</p>", "2022-02-10 10:12", "某县司法局"),
        ("<div><span>2022-02-10</span> <span>点击：5</span></div>", "2022-02-10", None),
        ("<div><span>2022/2/1 19:30</span> <span>【字体：大 中 小】</span></div>", "2022/2/1 19:30", None),
        ("<p>【二〇二二年二月十日】</p>", "二〇二二年二月十日", None),
        ("<p>2022-02-10</p>", "2022-02-10", None),
        (
            "<p><span>来源：某局</span> <span>时间：2022-02-10 10:23:11</span> <span>阅读：<em>1</em>次</span></p>",
            "2022-02-10 10:23:11",
            "某局",
        ),
        ("<p>时间：2022-02-10</p>", None, None),  # of nobody knows what
        ("<p>2022-02-10</p><div>2022-03-01 来源：某办</div>", None, "某办"),  # two days
        ("<p>2022年2月10日 星期四</p>", None, None),  # today's, as pages have it at their head
        ("<p>别的话。</p><p>2022-02-10</p>", None, None),  # not below the title
        ("<p>2022-02-10至2022-03-10 来源：某办</p>", None, None),
    ],
)
def test_the_day_below_the_title_needs_no_label(line: str, day: str | None, source: str | None) -> None:
    title = "某县司法局2021年政府信息公开工作年度报告"
    page = read(
        f"<title>{title}_某县人民政府</title><h1>{title}</h1>{line}<div id=zoom><p>一、总体情况</p><p>无。</p>"
        "<p>二、主动公开政府信息情况</p><p>五、存在的主要问题</p><p>2020年1月3日 来源：不是元数据</p></div>"
    )
    assert page.meta.get("dateline") == day
    assert page.meta.get("来源") == source


@pytest.mark.parametrize(
    ("html", "steps"),
    [
        (
            "<div class=crumb>当前位置：<a href=/>首页</a> &gt; <a href=/nb>政府信息公开年报</a> &gt; 正文</div>",
            ("首页", "政府信息公开年报", "正文"),
        ),
        ("<div>您现在的位置： 首页 >> 县司法局 >> 年报</div>", ("首页", "县司法局", "年报")),
    ],
)
def test_breadcrumbs(html: str, steps: tuple[str, ...]) -> None:
    assert (
        read(
            html + "<div id=zoom><p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>五、存在的主要问题</p></div>"
        ).breadcrumb
        == steps
    )


def test_parts_of_every_kind() -> None:
    page = read(
        "<div id=zoom><p>见附件。</p><a href='./P020260101.pdf'>附件：年度报告</a>"
        "<a href='/system/_content/download.jsp?urltype=x&wbfileid=5'>年报.docx</a>"
        "<a href='/module/download/downfile.jsp?classid=0&filename=a1.doc'>下载</a>"
        "<iframe src='/pdfjs/web/viewer.html?file=/files/2024.pdf'></iframe><iframe src='/module/visitcount/visit.jsp?i=1'></iframe>"
        "<embed src='/a/b.pdf'><img src='./W020.png' title='表'><img src='/images/fileicon/pdf.gif'><img src=x.gif width=16></div>"
        "<div><a href='/index.html'>首页</a><a href='javascript:void(0)'>打印</a></div>"
    )
    assert [(p.kind, p.url) for p in page.parts] == [
        ("attachment", "./P020260101.pdf"),
        ("attachment", "/system/_content/download.jsp?urltype=x&wbfileid=5"),
        ("attachment", "/module/download/downfile.jsp?classid=0&filename=a1.doc"),
        ("embed", "/files/2024.pdf"),
        ("embed", "/a/b.pdf"),
        ("image", "./W020.png"),
    ]


_HIDDEN_BODY = (
    "<p>一、总体情况</p><p>二、主动公开政府信息情况</p><table><tr><td>规章<td>3<tr><td>文件<td>4</table><p>五、存在的主要问题</p>"
    + "<p>文</p>" * 100
)


@pytest.mark.parametrize(
    "page",
    [
        '<script>window._CONFIG = {{SID:\'7\', DETAIL: {{"title":"t","content":"{}"}}}};</script><div id=app></div>'.format(
            _HIDDEN_BODY.encode("ascii", "backslashreplace").decode().replace("<", "\\u003c").replace('"', '\\"')
        ),
        f"<script>var body = '{_HIDDEN_BODY}';</script><div>加载中</div>",
        f"<textarea style='display:none'>{_HIDDEN_BODY}</textarea><div>加载中</div>",
        f"<input type=hidden id=body value='{_HIDDEN_BODY.replace('<', '&lt;')}'><div id=show></div>",
    ],
)
def test_a_text_that_stands_only_in_a_script(page: str) -> None:
    pages = read(page)
    assert texts(tables(pages)[0]) == [["规章", "3"], ["文件", "4"]]
    assert lines(pages)[0] == "一、总体情况"
    assert pages.blocks[0].locator["script"] is True


def test_a_text_within_cdata_is_text() -> None:
    pages = read(f"<record><![CDATA[{_HIDDEN_BODY}]]></record>")
    assert texts(tables(pages)[0]) == [["规章", "3"], ["文件", "4"]]


def test_tables_are_numbered_in_the_order_of_the_page() -> None:
    found = tables(read("<table><tr><td>1<td>2</table><p>文</p><table><tr><td>3<td>4</table>"))
    assert [c.locator["table"] for t in found for c in t.cells] == [0, 0, 1, 1]
    assert all(c.locator["row"] == c.row and c.locator["col"] == c.col for t in found for c in t.cells)


def test_headings_keep_their_level_and_lines() -> None:
    page = read("<h2>某县<br>2024年报告</h2><p>甲<br>乙</p>")
    assert [(b.text, b.heading) for b in page.blocks if not isinstance(b, Table)] == [
        ("某县\n2024年报告", 2),
        ("甲", 0),
        ("乙", 0),
    ]


def test_a_figure_in_a_form_field_is_printed_by_browsers() -> None:
    table = tables(
        read("<table><tr><td>规章<td><input value='0' readonly><td><input type=hidden value=7><td>2</table>")
    )[0]
    assert [cell.text for cell in table.cells] == ["规章", "0", "", "2"]


@pytest.mark.parametrize("name", ["idna", "punycode", "undefined", "raw_unicode_escape", "utf-7", "zlib"])
def test_a_charset_that_no_browser_knows_says_nothing(name: str) -> None:
    page = f'<meta charset="{name}"><h1>汶上县司法局2024年政府信息公开工作年度报告</h1>'.encode()
    assert "汶上县司法局2024年" in " ".join(lines(read_pages(page)))
