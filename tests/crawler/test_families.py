"""List pages of each family → links, pages that follow, totals. Markup is our own, in the shapes that real pages have."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cms.channel_oid import ChannelOid
from crawler.cms.dated_list import DatedList
from crawler.cms.hanweb_jcms import HanwebJcms
from crawler.cms.trs_wcm import TrsWcm
from crawler.lists.addresses import join
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.paging.pagers import numbered
from crawler.lists.paging.script_pagers import pages_of
from crawler.lists.signatures import recognise
from crawler.net.decoding import decode
from crawler.spider import PortalSpider
from storage.records import LookOutcome

AT = "http://www.a.gov.cn/zwgk/nb/"


def read(family: type[PortalSpider], text: str, url: str = AT) -> ListPage:
    return family(name="x").read_list(Page(url, text))


def test_trs_pagers_count_from_zero_or_from_one() -> None:
    def names(text: str, url: str = AT) -> list[str]:
        return [page.rsplit("/", 1)[1] for page in pages_of(Page(url, text)) or ()]

    assert names('<script>createPageHTML(3, 0, "index", "html");</script>') == ["index_1.html", "index_2.html"]
    assert names("createPageHTML('page_div',3,1,'common_list','shtml',41)") == [
        "common_list_2.shtml",
        "common_list_3.shtml",
    ]
    assert names("var currentPage = 0; var countPage = 2//共多少页") == ["index_1.html"]
    assert names("var countPage = 2;", AT + "list.shtml") == ["list_1.shtml"]
    assert names("function createPageHTML(_nPageCount, _nCurrIndex) {}") == []
    assert names('createPageHTML(1, 0, "index", "html")') == []
    assert pages_of(Page(AT, "no pager")) is None


def test_trs_reads_direct_items_dates_and_full_titles() -> None:
    text = """<div class="list"><ul class="u-list">
    <li><a href="./202601/t20260120_1.html" title="甲县财政局2025年政府信息公开工作年度报告">甲县财政局2025年政府信息公开工作...</a>
      <div class="popbox"><ul><li><a href="../jd/202601/t20260121_2.html">一图读懂甲县财政局2025年年报</a></li></ul></div><span>2026/01/20</span></li>
    <li class="empty"></li></ul></div><div class="side"><a href="/x/t20200101_9.html">联系我们的方式</a></div>"""
    links = read(TrsWcm, text).links
    assert [(link.url, link.text, link.listed) for link in links] == [
        (
            "http://www.a.gov.cn/zwgk/nb/202601/t20260120_1.html",
            "甲县财政局2025年政府信息公开工作年度报告",
            "2026/01/20",
        ),
        ("http://www.a.gov.cn/zwgk/jd/202601/t20260121_2.html", "一图读懂甲县财政局2025年年报", None),
    ]


STORE = """<html><body><div id="42"><script type="text/xml"><datastore>
<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&appid=1&columnid=7&unitid=42&webname=%25E6"></a>]]></nextgroup>
<recordset><ul class="column-list"></ul>
<record><![CDATA[<li><a title='甲县司法局2024年政府信息公开工作年度报告' href="/art/2025/1/8/art_7_1.html"> 甲县司法局2024年…</a><span>2025-
 01-08</span></li>]]></record>
<record><![CDATA[<li><a title='甲县财政局2024年政府信息公开工作年度报告' href="/art/2025/1/9/art_7_2.html">甲县财政局</a><span>2025-01-09</span></li>]]></record>
</recordset></datastore></script></div>
<script>var param_42 = {col:1,appid:'1',webid:3,path:'/',columnid:7,unitid:'42',webname:'甲县',permissiontype:0};
function jpage_42(){$('#42').jpage({totalRecord:1000,ajaxParam:param_42});}
$(function(){$('#42').jpage({totalRecord:5,dataStore:$('#42').children('script').html(),groupSize:1,proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:2,ajaxParam:param_42});});
</script></body></html>"""


def test_hanweb_unwraps_the_datastore_and_ignores_the_dummy_total() -> None:
    found = read(HanwebJcms, STORE, "http://www.a.gov.cn/col/col7/index.html")
    assert [(link.url.rsplit("/", 1)[1], link.text[:5], link.listed) for link in found.links] == [
        ("art_7_1.html", "甲县司法局", "2025-01-08"),
        ("art_7_2.html", "甲县财政局", "2025-01-09"),
    ]
    assert found.total == 5


def test_hanweb_posts_for_ranges_of_records_as_the_page_does() -> None:
    found = read(HanwebJcms, STORE, "http://www.a.gov.cn/col/col7/index.html")
    proxy = "http://www.a.gov.cn/module/web/jpage/dataproxy.jsp?startrecord={}&endrecord={}&perpage=2"
    posted = ("col", "1"), ("appid", "1"), ("webid", "3"), ("path", "/"), ("columnid", "7"), ("unitid", "42")
    posted = (*posted, ("webname", "甲县"), ("permissiontype", "0"))
    assert found.following == (ListRequest(proxy.format(3, 4), posted), ListRequest(proxy.format(5, 5), posted))


def test_hanweb_follows_the_next_group_where_the_page_does_not_say_what_it_posts() -> None:
    found = read(HanwebJcms, STORE.replace("param_42", "other"), "http://www.a.gov.cn/col/col7/index.html")
    assert found.following == (
        "http://www.a.gov.cn/module/web/jpage/dataproxy.jsp?page=1&appid=1&columnid=7&unitid=42&webname=%25E6",
    )


def test_hanweb_paging_that_answers_nothing_is_partial_never_the_end() -> None:
    proxy = "http://www.a.gov.cn/module/web/jpage/dataproxy.jsp?page=2"
    for answer in ("<datastore><recordset></recordset></datastore>", "", "  "):
        assert read(HanwebJcms, answer, proxy).outcome is LookOutcome.PARTIAL
    more = "<datastore><totalrecord>5</totalrecord><recordset><record><![CDATA[<li><a href='/art/2025/1/9/art_7_3.html'>甲县水利局2024年年报</a></li>]]></record></recordset></datastore>"
    assert (len(read(HanwebJcms, more, proxy).links), read(HanwebJcms, more, proxy).total) == (1, 5)
    assert (
        read(HanwebJcms, "<script><datastore><recordset></recordset></datastore></script>").outcome
        is LookOutcome.CHANGED
    )


def test_hanweb_counts_the_pages_of_an_answer_that_names_no_next_one() -> None:
    answer = "<datastore><totalrecord>41</totalrecord><totalpage>3</totalpage><recordset><record><![CDATA[<li><a href='/art/2025/1/9/art_7_3.html'>甲县水利局2024年年报</a></li>]]></record></recordset></datastore>"
    proxy = "http://www.a.gov.cn/module/web/jpage/dataproxy.jsp?page={}&appid=1&columnid=7"
    assert read(HanwebJcms, answer, proxy.format(2)).following == (proxy.format(3),)
    assert read(HanwebJcms, answer, proxy.format(3)).following == ()


def test_hanweb_reads_the_openness_catalogue_page_by_page() -> None:
    search = "http://www.a.gov.cn/module/xxgk/search.jsp?infotypeId=A0002101&area=1137&divid=div7&currpage=1"
    row = '<tr class="tr_main_value_{}"><td>{}</td><td><a href="/art/2025/1/{}/art_7_{}.html" title="甲县水利局202{}年年报">甲县</a></td><td>2025-01-0{}</td></tr>'
    rows = "".join(row.format("odd" if n % 2 else "even", n, n, n, n, n) for n in range(1, 4))
    found = read(HanwebJcms, f"<table>{rows}</table><table class='tb_title'><td>第1页 共3页</td></table>", search)
    assert [(link.text, link.listed) for link in found.links][:1] == [("甲县水利局2021年年报", "2025-01-01")]
    assert [step.url.rsplit("&", 1)[1] for step in found.following if isinstance(step, ListRequest)] == [
        "currpage=2",
        "currpage=3",
    ]
    assert read(HanwebJcms, f"<table>{rows}</table>", search).doubt == "no_page_count_in_catalogue"
    shell = "<html><script>$('#div7').load('/module/xxgk/search.jsp?infotypeId=A0002101&area=1137&divid=div7')</script></html>"
    asked = read(HanwebJcms, shell, "http://www.a.gov.cn/col/col7/index.html?number=A0002101")
    assert (asked.interface_page, len(asked.following)) == (True, 1)


def test_the_phones_copy_of_a_trs_document_is_the_document() -> None:
    row = '<li><a href="./202001/t20200123_1473875{}.html">省政府办公厅2019年政府信息公开工作年度报告</a><span>2020-01-23</span></li>'
    assert [
        link.url.rsplit("/", 1)[1] for link in read(TrsWcm, f"<ul>{row.format('_wap')}{row.format('')}</ul>").links
    ] == ["t20200123_1473875.html"]


def test_channel_oid_follows_next_and_keeps_double_slashes_elsewhere() -> None:
    oid = "65d31c1b0adcabfa3655daae"
    text = f'<ul><li><a href="/gongkai/channel_c_1/doc_{oid}.html">沂源县人民政府2023年政府信息公开工作年度报告</a><span>2024-02-19</span></li></ul>共1条 <a href="index_2.html">下一页</a>'
    found = read(ChannelOid, text, "http://www.yiyuan.gov.cn/gongkai/channel_c_1/")
    assert [link.url for link in found.links] == [f"http://www.yiyuan.gov.cn/gongkai/channel_c_1/doc_{oid}.html"]
    assert (found.total, found.following) == (1, ("http://www.yiyuan.gov.cn/gongkai/channel_c_1/index_2.html",))
    shell = "<html><body><h1>政府信息公开年报</h1><ul><li v-for='item in list'>{{ item.title }}</li></ul></body></html>"
    assert read(ChannelOid, shell).outcome is LookOutcome.SCRIPT_ONLY


def test_dated_lists_try_the_next_number_only_where_no_pager_stands() -> None:
    row = '<div class="zfxxgk_zdgkc"><ul><li><a href="/2025/12-08/945529.html">市司法局2024年政府信息公开工作年度报告</a><b>2025-12-08</b></li></ul></div>'
    bare = read(DatedList, row, "https://www.ly.gov.cn/zwgk/nb/")
    assert (bare.following, bare.speculative) == (("https://www.ly.gov.cn/zwgk/nb/index_1.html",), True)
    second = read(DatedList, row, "https://www.ly.gov.cn/zwgk/nb/index_1.html")
    assert second.following == ("https://www.ly.gov.cn/zwgk/nb/index_2.html",)
    assert read(DatedList, row + "共 1 页 末页").following == ()
    assert read(DatedList, row + '<a href="index_1.html">下一页</a>').speculative is False
    for name, following in (("list_2.aspx", "list_3.aspx"), ("index_9.shtml", "index_10.shtml")):
        further = read(DatedList, row, f"https://www.ly.gov.cn/zwgk/nb/{name}")
        assert further.following == (f"https://www.ly.gov.cn/zwgk/nb/{following}",)
    district = read(
        DatedList,
        '<li><a href="/html/1//2/151/59946.html">洛龙区商务局2019年政府信息公开工作年度报告</a></li>',
        "https://luolong.gov.cn/html/1//2/151/",
    )
    assert district.links[0].url == "https://luolong.gov.cn/html/1//2/151/59946.html"


@pytest.mark.parametrize(
    ("base", "href", "url"),
    [
        ("http://a/html/1//2/x.html", "./y.html", "http://a/html/1//2/y.html"),
        ("http://a/b/c/d.html", "../e/", "http://a/b/e/"),
        ("http://a/b/c/", "..", "http://a/b/"),
        ("http://a/b", "?p=2", "http://a/b?p=2"),
        ("http://a/b/", "//h/x//y", "http://h/x//y"),
        ("http://a/b/", "c.html#top", "http://a/b/c.html"),
        ("http://a/b/", "c.html;jsessionid=1F", "http://a/b/c.html"),
        ("http://a/b/", "c.jsp?jsessionid=1&id=2&sid=5f3a9c01d2e84b77", "http://a/b/c.jsp?id=2"),
        ("http://a/b/", "c.jsp?sid=3&id=2", "http://a/b/c.jsp?sid=3&id=2"),
        ("http://a/b/", "/../../x", "http://a/x"),
        ("http://a/b/", "up/2025年 年报.docx", "http://a/b/up/2025年%20年报.docx"),
        ("http://a/b/", "..\\up\\1.doc?p=x", "http://a/up/1.doc?p=x"),
        ("http://a/b/", "?q=x\\y", "http://a/b/?q=x\\y"),
    ],
)
def test_addresses_are_joined_without_touching_double_slashes(base: str, href: str, url: str) -> None:
    assert join(base, href) == url


def test_numbered_pages() -> None:
    assert numbered(AT, 1) == AT + "index_1.html"
    assert numbered(AT + "index_3.shtml", 4) == AT + "index_4.shtml"


def test_families_are_recognised_by_their_marks() -> None:
    assert recognise("http://a.gov.cn/col/col284/index.html")[0][0] == "hanweb_jcms"
    assert recognise("http://a.gov.cn/nb/202401/t20240129_310451.html")[0][0] == "trs_wcm"
    assert recognise("http://a.gov.cn/nb/", '<a href="/2025/12-08/945529.html">x</a>')[0][0] == "dated_list"
    assert (
        recognise("http://a.gov.cn/g/", '<a href="/g/channel_c_5f9f/doc_65d31c1b0adcabfa3655daae.html">')[0][0]
        == "channel_oid"
    )
    assert recognise("http://a.gov.cn/x") == []


def test_real_column_pages(shared: Path) -> None:
    ordos = decode((shared / "corpus/lists/ordos_engebei_list.html").read_bytes())
    found = read(TrsWcm, ordos, "http://egb.ordos.gov.cn/xxgk/xxgknb/")
    assert len(found.links) == 10
    assert found.links[0].listed == "2020-09-03"
    assert found.following == ("http://egb.ordos.gov.cn/xxgk/xxgknb/index_1.html",)
    script = (shared / "corpus/lists/pingtan_list_2026-09-10.txt").read_text(encoding="utf-8")
    rows = "".join(
        f'<li><a href="./202601/t2026010{n}_{n}.html">平潭综合实验区202{n}年度政府信息公开工作年度报告</a></li>'
        for n in range(6)
    )
    assert read(TrsWcm, f"<ul>{rows}</ul><script>{script[script.index('require(') :]}</script>").total == 20


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([TrsWcm, HanwebJcms, ChannelOid, DatedList]),
    st.text(alphabet="<>/=\"' ahrefultdiscptxjm[]!-CDAT0123年报告:;?#\x00", max_size=400),
)
def test_no_page_makes_a_family_raise(family: type[PortalSpider], text: str) -> None:
    for wrapped in (
        text,
        f"<datastore><recordset><record><![CDATA[<li><a href='{text}'>{text}年报2024</a>]]></record>",
        f"createPageHTML({text})",
    ):
        assert isinstance(read(family, wrapped), ListPage)
