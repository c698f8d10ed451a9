"""Pages with a place for a list that scripts are yet to bring, whatever stands around it."""

from __future__ import annotations

import pytest

from crawler.cms.generic import Generic
from crawler.cms.hanweb_jcms import HanwebJcms
from crawler.lists.entries import items
from crawler.lists.kinds.emptiness import has_a_place_for_items
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.list_requests import ListRequest
from storage.records import LookOutcome

URL = "http://www.wanping.gov.cn/nb/list?cid=nb"
FILE = "<script src='/static/js/app.8f21c0.js'></script>"
MENU = "".join(f"<li><a href='/nb/list?cid={n}'>{n}年报</a></li>" for n in ("区政府部门", "街道"))
BODIES = ("宛平县教育局", "宛平县统计局", "宛平县司法局")
ORGANS = "".join(
    f"<li><a href='/col/col33398/index.html?vc_xxgkarea=01434{n:04d}X&number=A05'>{who}</a></li>"
    for n, who in enumerate(BODIES)
)
SEARCH = (
    "<script>function getMenuList(n){jQuery.ajax({type:'POST',url:'/module/xxgk/search.jsp?vc_number=A05&currpage='"
    "+n+'&fields=',data:{infotypeId:'A05',jdid:'35',area:'',divid:'div33398',currpage:n},success:function(d){"
    "jQuery('#div33398').html(d)}})} getMenuList(1);</script>"
)


def read(body: str, url: str = URL, family: type[Generic | HanwebJcms] = Generic) -> ListPage:
    return family(name="x").read_list(Page(url, f"<title>政府信息公开年报</title><body>{body}</body>"))


@pytest.mark.parametrize(
    "place",
    [
        "<div id='app'><div class='loading'>加载中...</div></div>",
        "<div id='root'></div>",
        "<div id=__nuxt><div class=spinner><i></i></div></div>",
        "<div class='box'>数据正在加载，请稍候……</div>",
        "<ul class='right'><li>Loading...</li></ul>",
        "<div class='gklist'><img src='/images/loading.gif'></div>",
        "<iframe id=more src=''></iframe><script>$('#more').attr('src', '/list?cat=' + cat)</script>",
        "<ul><script>var all=[{t:'宛平县2024年政府信息公开年报'}];document.write(rows(all));</script></ul>",
    ],
)
def test_a_menu_beside_a_place_that_waits_is_no_list_without_reports(place: str) -> None:
    read_so = read(f"<ul>{MENU}</ul>{place}{FILE}")
    assert (read_so.outcome, read_so.hub) == (LookOutcome.SCRIPT_ONLY, True)
    assert not has_a_place_for_items(parse(f"<body>{place}</body>"))  # no script is there to fill it


def test_a_page_that_waits_for_a_frame_need_not_be_called_a_column() -> None:
    """One shell for all columns, 政务公开: its script chooses the frame by the page's own address."""
    shell = "<title>政务公开</title><iframe id=more src=''></iframe><script>{}</script>"
    chosen = shell.format("if (location.search.indexOf('xxgknb') > 0) $('#more').attr('src', '/list?cat=105')")
    assert Generic(name="x").read_list(Page(URL, chosen)).outcome is LookOutcome.SCRIPT_ONLY
    assert Generic(name="x").read_list(Page(URL, shell.format("count()"))).outcome is LookOutcome.CHANGED


@pytest.mark.parametrize(
    "beside",
    [
        "<div id='app'><p>年报</p></div>",
        "<div class='list'><img src='/images/uploading_3.gif.jpg'></div>",
        "<div id='footer'></div>",
        "<div class='loading' hidden>加载中</div>",
        "",
    ],
)
def test_one_beside_nothing_that_waits_leads_to_its_lists(beside: str) -> None:
    assert (read(f"<ul>{MENU}</ul>{beside}{FILE}").outcome, len(read(f"<ul>{MENU}</ul>{beside}{FILE}").subcolumns)) == (
        LookOutcome.OK,
        2,
    )


def test_a_tree_of_organs_beside_a_place_that_the_page_s_script_fills_is_no_list() -> None:
    page = f"<ul>{ORGANS}</ul><h3>政府信息公开年度报告</h3><div id='div33398'></div>{SEARCH}"
    url = "http://www.wanping.gov.cn/col/col33398/index.html?number=A05"
    plain = read(page, url)
    assert (plain.outcome, plain.links) == (LookOutcome.SCRIPT_ONLY, ())
    assert [link.text for link in plain.subcolumns] == [*BODIES]
    asked = read(page, url, HanwebJcms)
    (step,) = asked.following
    assert asked.interface_page
    assert isinstance(step, ListRequest)
    assert "/module/xxgk/search.jsp?" in step.url
    assert read(f"<ul>{ORGANS}</ul>", url).outcome is LookOutcome.OK


def test_what_stands_below_a_column_among_its_lists_is_followed_whatever_it_is_called() -> None:
    menu = "".join(f"<li><a href='/nb/list?cid={who}'>{who}</a></li>" for who in ("资讯中心", "宛平县统计局"))
    assert [link.text for link in read(f"<ul>{MENU}{menu}</ul>").subcolumns] == [
        "区政府部门年报",
        "街道年报",
        "宛平县统计局",
        "资讯中心",
    ]


def test_of_a_page_of_more_links_than_any_has_the_first_are_read_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(items, "_CLICKABLE", 40)
    rows = "".join(
        f"<li><a href='/d/{n}.html'>宛平县财政局{n}年政府信息公开工作年度报告</a></li>" for n in range(2000, 2060)
    )
    found = read(f"<ul>{rows}</ul>")
    assert (len(found.links), found.doubt) == (40, "more_links_than_read")


def test_a_menu_of_bodies_by_addresses_like_the_pages_own_is_no_list_beside_a_place_that_its_script_fills() -> None:
    """The shape of Epoint's openness pages (govlist.html?deptcode=…): each body's list is filled by the same script."""
    at = "http://www.wanping.gov.cn/govxxgk/001001/govlist.html?deptcode=001001&pageIndex=1"
    menu = "".join(
        f"<li><a href='/govxxgk/00100{n}/govlist.html?deptcode=00100{n}&pageIndex=1'>{who}</a></li>"
        for n, who in enumerate(BODIES, 2)
    )
    asks = (
        "<script>$.ajax({type:'post',url:'/list.action',data:{dept:param('deptcode')},"
        "success:function(d){$('#govinfolist').html(d)}})</script>"
    )
    assert read(f"<ul>{menu}</ul><ul id='govinfolist'></ul>{asks}", at).outcome is LookOutcome.SCRIPT_ONLY
