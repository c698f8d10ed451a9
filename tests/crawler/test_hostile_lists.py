"""Lists whose end is not where it seems: each is followed or told, and plain lists are believed."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import pytest

from crawler.cms.channel_oid import ChannelOid
from crawler.cms.dated_list import DatedList
from crawler.cms.generic import Generic
from crawler.cms.static_list import StaticList
from crawler.cms.trs_wcm import TrsWcm
from crawler.cms.ucap import Ucap
from crawler.cms.vsb import Vsb
from crawler.lists.list_page import ListPage, Page
from crawler.spider import PortalSpider
from storage.records import LookOutcome

AT = "http://www.a.gov.cn/zwgk/nb/"
FAMILIES = [StaticList, TrsWcm, Ucap, ChannelOid, Vsb, Generic, DatedList]


def rows(count: int, year: int = 2024) -> str:
    return "".join(
        f'<li><a href="/zwgk/nb/{year + 1}01/t{year + 1}0120_{n}.html" title="甲县第{n}局{year}年政府信息公开工作年度报告">甲县第{n}局{year}年政府信息公开工作年度报告</a><span>{year + 1}-01-20</span></li>'
        for n in range(1, count + 1)
    )


def read(pager: str, family: type[PortalSpider] = StaticList, *, count: int = 7, items: str = "") -> ListPage:
    text = f"<html><head><title>政府信息公开年报_甲县</title></head><body><ul class='list'>{items or rows(count)}</ul>{pager}</body></html>"
    return family(name="x").read_list(Page(AT, text))


def is_ok_alone(found: ListPage) -> bool:
    """Whether a look at this page alone would end as read to its end, with nothing else asked for."""
    exact = found.total == len(found.links)
    told = found.outcome is not LookOutcome.OK or found.doubt or (found.pages or 1) > 1
    told = told or (found.total or 0) > len(found.links) or (found.by_script and not exact and found.pages is None)
    return not told and (not found.following or found.speculative)


HOSTILE = {
    "laypage": '<div id="page"></div><script>layui.use("laypage",function(){laypage.render({elem:"page",count:48,limit:7})})</script>',
    "laypage_old": '<div id="p"></div><script>laypage({cont:"p",pages:12,curr:1,jump:function(o){}})</script>',
    "laypage_unread": '<div id="p"></div><script>laypage({cont:"p",pages:n})</script>',
    "jquery_pagination": '<div id="Pagination"></div><script>$("#Pagination").pagination(48, {items_per_page:7})</script>',
    "jquery_unread": '<div id="Pagination"></div><script>$("#Pagination").pagination(total, {items_per_page:7})</script>',
    "words": "<p>共12页 当前第1页</p>",
    "words_apart": "<p>共 <b>12</b> 页 每页 7 条</p>",
    "fraction": "<p><span>首页</span> <span>上一页</span> 1/12 <span>下一页</span></p>",
    "english": "<p>Page 1 of 12</p>",
    "select": "<select onchange='location=this.value'><option value='1'>1</option><option value='2'>2</option></select>",
    "last_by_script": '<a href="javascript:goPage(12)">尾页</a>',
    "call": '<a href="javascript:goPage(2)">下一页</a>',
    "element_ui": '<div class="el-pagination"><button class="btn-prev" disabled><i></i></button><ul class="el-pager"><li class="number active">1</li><li class="number">2</li></ul><button type="button" class="btn-next"><i></i></button></div>',
    "element_ui_tag": "<el-pagination :total='total'></el-pagination>",
    "numbers_without_links": '<div class="pagination"><span class="cur">1</span><span>2</span><span>3</span></div>',
    "more_in_a_div": '<div class="load-more">加载更多</div>',
    "more_in_a_paragraph": "<p>上拉加载更多</p>",
    "more_on_click": '<a href="javascript:;" class="btn">点击加载更多</a>',
    "submit": '<form method="post"><input type="hidden" name="p" value="2"><input type="submit" value="下一页"></form>',
    "button": '<button type="button" class="x">下一页</button>',
    "data_page": '<a href="javascript:;" data-page="2">下一页</a>',
    "hash": '<a href="#page=2">下一页</a>',
    "same_address": '<a href="/zwgk/nb/" onclick="go(2);return false">下一页</a>',
    "arrow": '<a href="javascript:go(2)">&gt;</a>',
    "place": '<div class="page" id="page"></div><script src="/js/list.js"></script>',
    "total": "<p>共48条</p>",
    "total_found": "<p>共查询到 48 条记录</p>",
    "pages_to_be_filled": "<p>共<span id='n'>0</span>页</p>",
    "other_box": "<div>共2条</div><div>本页共7条，共48条</div>",
    "set_anew": "<script>var totalPages = 1; $.get('/n', function(d){ totalPages = d.pages })</script><a href='javascript:go(2)'>下一页</a>",
    "years": "<select onchange='show(this.value)'><option value='2024'>2024年</option><option value='2023'>2023年</option><option value='2022'>2022年</option></select>",
    "document_write": "<script>document.write('<a href=\"index_1.html\">下一页</a>')</script>",
    "written_in_a_loop": "<script>for(var i=0;i<n;i++){document.write('<a href=\"index_'+i+'.html\">'+(i+1)+'</a>')}</script>",
    "data_address": "<span data-url='index_1.html'>下一页</span>",
    "data_page_of_a_span": "<span data-page='2' class='next'>下一页</span>",
    "aria": "<a href='javascript:go(2)' aria-label='Next page'><svg></svg></a>",
    "jump": "<p>转到第<input id='p' value='1'>页 <a href='javascript:go()'>GO</a></p>",
    "flow": "<script>layui.flow.load({elem:'#l',done:function(p,next){}})</script>",
    "comments": "<p>评论共7条</p><a href='javascript:go(2)'>下一页</a>",
    "in_an_object": "<script>var pageInfo={pageNum:1,totalPages:4}</script>",
    "hidden_pages": "<input type='hidden' id='pageCount' value='4'>",
    "hidden_total": "<input type='hidden' name='totalRecord' value='48'>",
    "years_by_data": "<div data-year='2023'>2023年</div><div data-year='2022'>2022年</div>",
    "years_in_tabs": "<ul><li onclick='tab(0)'>2024</li><li onclick='tab(1)'>2023</li><li onclick='tab(2)'>2022</li></ul>",
    "unmarked": "<div><span>下一页</span></div>",
    "unmarked_in_a_list": "<ul><li>1</li><li class='n'><span>下一页</span></li><li>2</li></ul>",
    "unmarked_link": "<p><a href='javascript:;'>下一页</a> <a href='javascript:;'>尾页</a></p>",
    "beside_one_that_is_off": "<ul><li class='disabled'>上一页</li><li>下一页</li></ul>",
    "beside_one_that_looks_otherwise": "<span class='grey'>上一页</span><span class='blue'>下一页</span>",
    "beside_plain_words": "<span>首页</span><span>上一页</span><a>下一页</a><a>尾页</a>",
    "spoken_of": "<a class='prev' href='javascript:;'>上一页</a><a class='next' href='javascript:;'>下一页</a><script>$('.page .next').on('click',go)</script>",
    "server_table": "<table id='t'></table><script>$('#t').DataTable({ serverSide: true, ajax: '/l' })</script>",
    "server_table_by_data": "<table data-side-pagination='server'></table>",
    "inline_object": "<script>var p = {pages:4,total:48}</script>",
    "inline_json": "<script>window.s={\"list\":[{\"id\":1}],\"total\":48,\"pages\":4}</script>",
    "number_in_a_title": "<div class='pages'><span title='1'></span><span title='第2页'></span></div>",
    "number_in_the_title_of_a_dot": "<a href='javascript:;' title='1'>●</a><a href='javascript:;' title='2'>○</a>",
    "numeral": "<a href='javascript:;'>一</a><a href='javascript:;'>二</a>",
    "numeral_of_a_page": "<a href='javascript:go(2)'>第二页</a>",
    "second_page": "<a href='javascript:go(2)'>第2页</a>",
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_followed_is_told(name: str, family: type[PortalSpider]) -> None:
    assert not is_ok_alone(read(HOSTILE[name], family))


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="javascript:;">上一页</a><a href="javascript:;">下一页</a>',
        "<script>$(window).scroll(function(){ $.ajax({url:'/more'}) })</script>",
    ],
)
def test_a_full_list_that_may_go_on_is_told(pager: str) -> None:
    for family in FAMILIES:
        assert not is_ok_alone(read(pager, family, count=20))
        assert is_ok_alone(read(pager, family, count=7))


def test_years_that_a_form_asks_for_are_columns() -> None:
    years = "".join(f"<option value='{year}'>{year}年</option>" for year in (2022, 2023, 2024))
    form = "<form action='list.jsp'><input type='hidden' name='t' value='nb'><select name='y'>{}</select></form>"
    found = read(form.format(years))
    assert [link.url.removeprefix(AT) for link in found.subcolumns] == ["list.jsp?t=nb&y=2022", "list.jsp?t=nb&y=2023", "list.jsp?t=nb&y=2024"]  # fmt: skip
    assert found.doubt == ""
    assert read(form.format(f"<option value='0'>全部</option>{years}")).subcolumns == ()
    assert read(form.format(years), items=rows(2, 2022) + rows(2, 2023)).subcolumns == ()
    older = read(form.format(f"{years}<option value='0'>2021年及以前</option>")).subcolumns
    assert ("2021年及以前", f"{AT}list.jsp?t=nb&y=0") in {(link.text, link.url) for link in older}


def test_a_menu_with_a_way_home_says_nothing_of_the_end() -> None:
    assert read('<a href="/">首页</a>', Vsb, count=20).doubt == "end_of_list_not_said"
    assert read('<a href="index.html">上一页</a>', Vsb, count=20).doubt == ""


@pytest.mark.parametrize(
    ("pager", "names"),
    [
        ('<a href="index.html">1</a><a href="index_1.html">第2页</a>', ["index_1.html"]),
        ("<a href=\"javascript:location.href='index_1.html'\">下一页</a>", ["index_1.html"]),
        ("<button onclick=\"location.href='index_1.html'\">下一页</button>", ["index_1.html"]),
        ('<a href="index_1.html">下一页(1/3)</a>', ["index_1.html"]),
        ('<a href="a_1.html">下一页</a><a href="index_1.html">下一页</a>', ["a_1.html", "index_1.html"]),
        ('<a href="index_1.html">加载更多</a>', ["index_1.html"]),
        ('<a href="index.html">１</a><a href="index_1.html">２</a>', ["index_1.html"]),
        ('<map><area href="index_1.html" alt="下一页"></map>', ["index_1.html"]),
        ('<a href="index_1.html" aria-label="下一页"><svg></svg></a>', ["index_1.html"]),
        ('<a href="index_1.html"><img src="/images/next.gif"></a>', ["index_1.html"]),
        ('<link rel="next" href="index_1.html">', ["index_1.html"]),
        ('<a href="index_11.html">尾页</a>', ["index_11.html"]),
        ('<a href="index_1.html" title="第2页"><i></i></a>', ["index_1.html"]),
        ('<a href="index_1.html" title="2">●</a>', ["index_1.html"]),
        ('<span>一</span><a href="index_1.html">二</a><a href="index_2.html">三</a>', ["index_1.html", "index_2.html"]),
        ("<select onchange='location=this.value'><option value='index.html'>1</option><option value='index_1.html'>2</option></select>", ["index_1.html"]),
    ],
)  # fmt: skip
def test_pagers_that_are_followed(pager: str, names: list[str]) -> None:
    for family in FAMILIES:
        assert [str(url).rsplit("/", 1)[1] for url in read(pager, family).following] == names


def test_where_only_the_last_page_is_linked_those_between_are_doubted() -> None:
    assert read('<a href="index_11.html">尾页</a>').doubt == "only_the_last_page_is_linked"
    for single in ('<a href="index.html">尾页</a>', '<a href="x.html">首页</a><a href="x.html">尾页</a>', '<a href="index_1.html">下一页</a><a href="index_9.html">尾页</a>'):  # fmt: skip
        assert read(single).doubt == ""


def test_the_largest_number_of_a_pager_is_how_many_pages_there_are() -> None:
    gap = '<a href="index.html">1</a><a href="index_1.html">2</a>…<a href="index_11.html">12</a>'
    assert (read(gap).pages, len(read(gap).following)) == (12, 2)


@pytest.mark.parametrize(
    "pager",
    [
        "",
        "<script>createPageHTML(1,0,'index','html')</script>",
        "<div id='page_div'></div><script>createPageHTML('page_div',1,1,'index','html',7)</script>",
        "<script>var countPage = 1;</script>",
        "<p>共7条 第1页/共1页</p><a href='javascript:go(1)'>下一页</a>",
        '<span class="disabled">上一页</span><span class="cur">1</span><span class="disabled">下一页</span>',
        '<a>首页</a><a class="disabled" href="javascript:;">下一页</a><a class="disabled" href="javascript:;">尾页</a>',
        "<p>首页 上一页 下一页 尾页</p>",
        '<div id="page"></div><script>laypage.render({elem:"page",count:7,limit:10})</script>',
        '<div class="pages"><a class="on">1</a></div>',
        '<div class="swiper-pagination"></div><ul class="dots"><li>1</li><li>2</li></ul><script src="/js/s.js"></script>',
        "<p>每页20条 共7条</p>",
        "<select><option>全部</option><option>2024年</option><option>2022年</option></select>",
        "<select onchange='location=this.value'><option value='/2024/'>2024</option><option value='/2022/'>2022</option></select>",
        "<div>今天是2026年1月1日 星期四</div><script>$(window).scroll(function(){top()})</script>",
        '<a href="/xw/">查看更多</a><a href="/xw/">更多&gt;&gt;</a>',
        '<form action="/search"><input name="q"><input type="submit" value="GO"></form>',
        "<input type='hidden' id='pageCount' value='1'><input type='hidden' name='totalRecord' value='7'>",
        "<li>上一页</li><li class='on'>1</li><li>下一页</li>",
        '<span class="p_prev_d p_fun_d">上页</span><span class="p_next_d p_fun_d">下页</span>',
        "<a class='prev'>上一页</a><a class='next'>下一页</a><script>$('.menu .item').hover()</script>",
        "<span class='cur'>1</span><a href='javascript:;'>下一页</a>",
        "<a href='index.html'>首页</a> <span>下一页</span>",
        "<table class='t'></table><script>$('.t').DataTable({paging: true})</script>",
        "<script>var chart = {total: 12, data: [1]}; var menu = {pages: ['a']}</script>",
        "<table><tr><td>一</td><td>二</td><td>三</td></tr></table>",
        '<a href="?page=1">首页</a><a href="?page=1">上一页</a><a href="?page=1">下一页</a><a href="?page=1">尾页</a>',
    ],
)  # fmt: skip
def test_plain_lists_are_believed(pager: str) -> None:
    for family in FAMILIES:
        found = read(pager, family)
        assert is_ok_alone(found), (family, found)
        assert len(found.links) == 7
