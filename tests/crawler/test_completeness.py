"""The gate of lists: what anything received says of a list's size is met, or the look is one in part and says which."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import pytest
from loopback_web import Answer, Archive, Asked, Web, page

from crawler.cms.hanweb_jcms import HanwebJcms
from crawler.cms.trs_wcm import TrsWcm
from crawler.lists.completeness import Extent, shortfall, with_claims
from crawler.lists.list_page import ListPage, Page, parse
from crawler.lists.size_claims import Claim, Stated
from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
AT = f"http://{HOST}/nb/"
TURN = 'Ls.pagination("#page", function (index) { go(index); }, {currentPage: 1, pageCount: 6, linkUrl: "/nb/page_{pageIndex}.html"})'


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.02")
    monkeypatch.setenv("NIANBAO_BROWSER", "none")


def title(number: int) -> str:
    return f"宛平县第{number}局2024年政府信息公开工作年度报告"


def rows(*numbers: int, form: str = "/nb/202501/t20250120_{}.html") -> str:
    return "".join(
        f'<li><a href="{form.format(n)}" title="{title(n)}">{title(n)}</a><span>2025-01-20</span></li>' for n in numbers
    )


def a_page(items: str, tail: str = "") -> Answer:
    return page(
        f"<html><head><title>政府信息公开年报</title></head><body><h1>政府信息公开年报</h1><ul class='xxgk_nav_list'>{items}</ul>{tail}</body></html>"
    )


def ended(archive: Archive) -> tuple[LookOutcome, str, int]:
    looks = [look for look in archive.looks() if look.listing == "wanping:nb"]
    return looks[-1].outcome, looks[-1].reason, len(archive.links(looks[-1]))


def script(text: str) -> str:
    return f"<script>{text}</script>"


@pytest.mark.parametrize("family", ["lonsun.Lonsun", "trs_wcm.TrsWcm", "generic.Generic", "hanweb_jcms.HanwebJcms"])
def test_a_pager_of_a_static_list_is_followed_by_its_template(archive: Archive, web: Web, family: str) -> None:
    archive.portal(family=family)
    for number in range(1, 7):
        path = "/nb/" if number == 1 else f"/nb/page_{number}.html"
        web.routes[HOST, path] = a_page(rows(2 * number, 2 * number + 1, form="/public/1/{}.html"), script(TURN))
    archive.crawl()
    assert ended(archive) == (LookOutcome.OK, "", 12)
    del web.routes[HOST, "/nb/page_4.html"]
    archive.crawl()
    assert ended(archive)[0] is LookOutcome.PARTIAL


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ('Ls.pagination("#page", go, {currentPage: 1, pageCount: 6})', "1_of_6_pages"),
        ('Ls.pagination("#page", go, {currentPage: 1, total: 77})', "2_of_77:total"),
        ('$(".p").createPage({pageCount: 6}); var o = {totalPages: 7}', "1_of_6_pages"),
        ('$(".p").twbsPagination({totalPages: 7})', "1_of_7_pages:totalPages"),
        ('Ls.pagination("#page", go, settings)', "pager_not_understood:Ls.pagination"),
        ("laypage.render({elem: 'page', count: all, jump: go})", "pager_not_understood:laypage"),
    ],
)
def test_a_pager_that_leads_nowhere_is_a_claim_that_is_not_met(
    archive: Archive, web: Web, call: str, reason: str
) -> None:
    archive.portal(family="lonsun.Lonsun")
    web.routes[HOST, "/nb/"] = a_page(rows(1, 2, form="/public/1/{}.html"), script(call))
    archive.crawl()
    assert ended(archive) == (LookOutcome.PARTIAL, reason, 2)


@pytest.mark.parametrize("pages", [6, 1])
def test_the_pager_in_an_answer_of_a_label_is_followed(archive: Archive, web: Web, pages: int) -> None:
    """Seen: ``pageCount:6,total:77`` stands in the answer of ``/site/label/8888`` alone."""
    listing = f'column("nb", "http://{HOST}/public/column/33?type=4&action=list&catId=7", title="政府信息公开年报"),'
    archive.portal(family="lonsun.Lonsun", listings=listing)
    ask = "load('/site/label/8888', {labelName: 'publicInfoList', siteId: '4704161', file: '/xxgk/publicInfoList'})"
    web.routes[HOST, "/public/column/33?type=4&action=list&catId=7"] = a_page("", script(ask))

    def label(asked: Asked) -> Answer:
        if not asked.path.startswith("/site/label/8888"):
            return page("<h1>404</h1>", 404)
        number = int(asked.path.partition("pageIndex=")[2])
        call = f'Ls.pagination("#page", go, {{currentPage: {number}, pageCount: {pages}, total: {2 * pages}}})'
        return page(
            f"<ul class='xxgk_nav_list'>{rows(2 * number, 2 * number + 1, form='/public/33/{}.html')}</ul>{script(call)}"
        )

    web.routes[HOST, "*"] = label
    archive.crawl()
    assert ended(archive) == (LookOutcome.OK, "", 2 * pages)
    web.routes[HOST, "*"] = lambda asked: page("", 404) if asked.path.endswith("pageIndex=3") else label(asked)
    archive.crawl()
    assert ended(archive)[0] is (LookOutcome.PARTIAL if pages == 6 else LookOutcome.OK)


PROXY = "/module/web/jpage/dataproxy.jsp?page=1&webid=67&path=/&columnid=7&unitid=42"


def store(*numbers: int, following: str = PROXY) -> str:
    records = "".join(f"<record><![CDATA[{rows(n, form='/art/2025/1/20/art_7_{}.html')}]]></record>" for n in numbers)
    return f'<datastore><nextgroup><![CDATA[<a href="{following}"></a>]]></nextgroup><recordset>{records}</recordset></datastore>'


def of_jcms(call: str, *numbers: int) -> Answer:
    return page(
        f"<html><title>政府信息公开年报</title><div id='42'><script type='text/xml'>{store(*numbers)}</script></div>{script(call)}</html>"
    )


@pytest.mark.parametrize(
    "call",
    [
        "$('#42').jpage({dataStore: x, totalRecord: 12, perPage: 15, ajaxParam: p})",
        "jQuery('#42').jpage({dataStore: x, totalRecord: '12', perPage: 15})",
        "$('#42').jpage({totalRecord:1000,perPage:15});$('#42').jpage({dataBefore:'<ul>',dataStore:$('#42').html(),totalRecord:12,perPage:15})",
        "$('#42').jpage({'totalRecord':12, perPage: 15})",
    ],
)
@pytest.mark.parametrize("answer", [page(""), page("<div></div>"), page("<h1>error</h1>", 500)])
def test_a_total_that_is_reached_on_the_page_ends_the_look(
    archive: Archive, web: Web, call: str, answer: Answer
) -> None:
    archive.portal(family="hanweb_jcms.HanwebJcms")
    web.routes[HOST, "/nb/"] = of_jcms(call, *range(12))
    web.routes[HOST, PROXY] = answer
    archive.crawl()
    assert ended(archive) == (LookOutcome.OK, "", 12)
    assert PROXY not in web.paths()


NEXT = '<div class="page">共12条 <a href="javascript:void(0)" onclick="turn(2)">下一页</a></div>'


@pytest.mark.parametrize(
    ("items", "beside", "tail", "expected"),
    [
        (range(12), "", "共12条", (LookOutcome.OK, "", 12)),
        (range(6), f"<ul class='xxgk_nav_list'>{rows(*range(6, 12))}</ul>", "共12条", (LookOutcome.OK, "", 12)),
        (range(6), f"<ul class='right'>{rows(*range(6, 12))}</ul>", "共12条", (LookOutcome.OK, "", 12)),
        (
            range(6),
            f"<ul class='right'>{rows(*range(6, 12))}</ul>",
            NEXT,
            (LookOutcome.PARTIAL, "pages_turned_by_script", 12),
        ),
        (
            range(10),
            f"<div class='side'><ul>{rows(*range(20, 25))}</ul></div>",
            "共12条",
            (LookOutcome.PARTIAL, "10_of_12", 15),
        ),
        (range(12), f"<div class='side'><ul>{rows(*range(20, 25))}</ul></div>", "共12条", (LookOutcome.OK, "", 17)),
    ],
    ids=["one list", "divided", "two columns", "two columns that are turned", "a side box", "a side box beside all"],
)
def test_a_total_is_met_by_entries_of_its_own_list(
    archive: Archive, web: Web, items: range, beside: str, tail: str, expected: tuple[LookOutcome, str, int]
) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_page(rows(*items), f"{beside}<p>{tail}</p>")
    archive.crawl()
    assert ended(archive) == expected


def test_an_interface_that_refuses_get_is_asked_by_post(archive: Archive, web: Web) -> None:
    """The script of the page posts to ``dataproxy.jsp``; some servers answer GET with 405."""
    archive.portal(family="hanweb_jcms.HanwebJcms")
    web.routes[HOST, "/nb/"] = of_jcms("$('#42').jpage({dataStore: x, totalRecord: 5, perPage: 3})", 1, 2, 3)

    def proxy(asked: Asked) -> Answer:
        if not asked.form:
            return page("<h1>405 Method Not Allowed</h1>", 405)
        return page(store(4, 5, following="")) if asked.form["columnid"] == "7" else page("", 400)

    web.routes[HOST, PROXY] = proxy
    archive.crawl()
    assert ended(archive) == (LookOutcome.OK, "", 5)
    assert web.paths().count(PROXY) == 2
    refused = page("<h1>405 Method Not Allowed</h1>", 405)
    for answer, outcome, asked in (
        (refused, LookOutcome.PARTIAL, 4),  # by post once
        (page("<h1>您的访问被阻断</h1>", 405), LookOutcome.PARTIAL, 5),  # an access control is not got around
    ):
        web.routes[HOST, PROXY] = answer
        archive.crawl()
        assert (ended(archive)[0], web.paths().count(PROXY)) == (outcome, asked)


@pytest.mark.parametrize("family", ["static_list.StaticList", "generic.Generic", "trs_wcm.TrsWcm"])
@pytest.mark.parametrize("attribute", ["", ' tagname="ADDRESS"', " href='javascript:void(0)'"])
def test_buttons_that_give_an_address_to_their_script_are_followed(
    archive: Archive, web: Web, family: str, attribute: str
) -> None:
    """Seen: ``queryArticleByCondition(this,'/…/8d466fbe-2.html')``, of which 20 entries of 64 were read."""
    archive.portal(family=family)

    def button(label: str, number: int) -> str:
        to = f"/nb/8d466fbe-{number}.html"
        clicked = f" onclick=\"queryArticleByCondition(this,'{to}')\""
        return f"<a style='cursor:pointer'{attribute.replace('ADDRESS', to)}{clicked}>{label}</a>"

    for number in range(1, 5):
        path = "/nb/" if number == 1 else f"/nb/8d466fbe-{number}.html"
        last = min(20 * number, 64)
        pager = f"<div>共64条 {button('首页', 1)}{button('上一页', max(1, number - 1))}{button('下一页', min(4, number + 1))}{button('尾页', 4)}</div>"
        web.routes[HOST, path] = a_page(rows(*range(20 * number - 20, last)), pager)
    archive.crawl()
    assert ended(archive) == (LookOutcome.OK, "", 64)


def test_a_full_page_whose_script_asks_for_pages_is_told(archive: Archive, web: Web) -> None:
    """Seen: 45 records stand in the page, a script has the others by JSONP."""
    archive.portal(family="trs_wcm.TrsWcm")
    ask = "function more(n) { $.ajax({url: '/api/list', dataType: 'jsonp', data: {channel: 7, pageNo: n}, success: add}); }"
    web.routes[HOST, "/nb/"] = a_page(rows(*range(45)), script(ask))
    archive.crawl()
    assert ended(archive) == (LookOutcome.PARTIAL, "pager_not_understood:pageNo", 45)
    count = "$.post('/visit/hits', {page: location.href, pageNo: 1})"
    web.routes[HOST, "/nb/"] = a_page(rows(*range(45)), script(count))
    archive.crawl()
    assert ended(archive)[0] is LookOutcome.OK
    web.routes[HOST, "/nb/"] = a_page(rows(*range(44)), script(ask))
    archive.crawl()
    assert ended(archive) == (LookOutcome.OK, "", 44)


def test_towns_behind_scripts_that_name_an_address_are_further_columns() -> None:
    towns = "".join(
        f"<li onclick=\"linkToNew('/nb/xz{n}/')\"><span>{name}镇</span></li><a href='javascript:;' onclick=\"linkToNew('/nb/jd{n}/')\">{name}街道</a>"
        for n, name in enumerate(("城关", "东风", "卢沟"))
    )
    read = TrsWcm(name="x").read_list(Page(AT, a_page(rows(1, 2), towns).body.decode()))
    assert [link.url.removeprefix(AT) for link in read.subcolumns] == ["xz0/", "jd0/", "xz1/", "jd1/", "xz2/", "jd2/"]


GOES = "function linkToNew(id) { window.location.href = '/nb/xz' + id + '/'; }"


@pytest.mark.parametrize(
    ("given", "own", "reason"),
    [
        ("'/nb/xz{}/'", "", ""),
        ("'{}'", script(GOES), ""),  # a function of the page that does nothing but go there
        ("'{}'", "", "other_bodies_by_script"),
        ("'{}'", script("function linkToNew(id) { $.get('/open/' + id, go); }"), "other_bodies_by_script"),
    ],
)
def test_towns_behind_scripts_are_looked_at_or_told(
    archive: Archive, web: Web, given: str, own: str, reason: str
) -> None:
    archive.portal(family="trs_wcm.TrsWcm")
    names = ("城关", "东风", "卢沟")
    towns = "".join(f'<li onclick="linkToNew({given.format(n)})">{name}镇</li>' for n, name in enumerate(names))
    web.routes[HOST, "/nb/"] = a_page(rows(1).replace("第1局", "财政局"), f"<ul>{towns}</ul>{own}")
    for n, name in enumerate(names):
        web.routes[HOST, f"/nb/xz{n}/"] = a_page(rows(1).replace("第1局", f"{name}镇"))
    archive.crawl()
    assert ended(archive)[:2] == (LookOutcome.PARTIAL if reason else LookOutcome.OK, reason)
    assert len(archive.looks()) == (1 if reason else 4)


@pytest.mark.parametrize(
    ("element", "own"),
    [
        ("<a href='javascript:;' id=1 onclick='view(this)'>", "$.ajax({data:{id:'7'}});function view(o){location.href='/d.html?id='+o.id}"),
        ("<a href='javascript:;' onclick='view()'>", "var id='';function view(){location.href='/d.html?id='+id}"),
        ("<a href='javascript:;' onclick='return jump(this.href)'>", "share({href:'/index.html'});function jump(u){window.open(u)}"),
        ("<a href='javascript:;' onclick=\"view(this,'5')\">", "function view(id){location.href='/d.html?id='+id}"),
        ("<a href='/nb/t0.html' onclick=\"login('x')\">", "function login(t){window.open('/hits.html?t='+t)}"),
    ],
)  # fmt: skip
def test_a_call_that_does_not_say_where_it_goes_gives_no_address(element: str, own: str) -> None:
    tree = parse(f"{element}宛平县2024年政府信息公开工作年度报告</a>{script(own)}")
    assert tree is not None
    assert [one.get("href") for one in tree.iter("a")] == ["/nb/t0.html" if "t0" in element else "javascript:;"]


def test_each_of_several_stores_is_read_to_its_end() -> None:
    calls = script(
        "$('#1').jpage({dataStore:x,totalRecord:60,perPage:15});$('#2').jpage({dataStore:y,totalRecord:20,perPage:15})"
    )
    stores = f"{store(*range(45), following='')}{store(*range(100, 120), following='')}"
    read = HanwebJcms(name="x").read_list(Page(AT, f"<title>政府信息公开年报</title><div>{stores}</div>{calls}"))
    assert (read.linked, read.total) == (65, 80)


@pytest.mark.parametrize(
    "tail",
    [
        script('new Swiper(".banner", {pagination: {el: ".swiper-pagination"}, slidesPerView: 6})'),
        script('jQuery(".focus").slide({mainCell: ".bd ul", effect: "left", autoPage: true, vis: 6})'),
        "<table><tr>" + "".join(f'<td><a href="/d{n}">{n}</a></td>' for n in range(1, 32)) + "</tr></table>",
        script("/* laypage.render({count: 77}) */ // $('#p').pagination(77, {})"),
        script("function createPageNum(pageCount) { return pageCount; } $.fn.pagination = function (total) {}"),
        '<script src="/js/laypage.js"></script><script src="/js/list.js?totalPage=9"></script>',
        script("var pageCount = 1, totalPage = 0;"),
        script("$('.box').pagination('destroy'); $.get('/counter?page=' + location.href)"),
        '<!-- <el-pagination :total="77"></el-pagination> -->',
    ],
)
def test_what_says_nothing_of_the_list_is_no_claim(tail: str) -> None:
    text = a_page(rows(1, 2, 3), tail).body.decode()
    read = with_claims(ListPage(links=TrsWcm(name="x").read_list(Page(AT, text)).links), Page(AT, text))
    assert shortfall([read], read.claims, Extent(3, 1)) == ""


@pytest.mark.parametrize(
    ("claim", "extent", "reason"),
    [
        (Claim("p", Stated("total", 12)), Extent(12, 1), ""),
        (Claim("p", Stated("total", 12)), Extent(11, 1), "11_of_12:total"),
        (Claim("p", Stated("total", 12), Stated("pages", 2)), Extent(12, 1), ""),
        (Claim("p", Stated("total", 12), Stated("pages", 2)), Extent(13, 1), "1_of_2_pages:pages"),
        (Claim("p", None, Stated("pageCount", 6)), Extent(12, 1), "1_of_6_pages:pageCount"),
        (Claim("p", None, Stated("pageCount", 6)), Extent(12, 6), ""),
        (Claim("p"), Extent(12, 1), "pager_not_understood:p"),
        (Claim("", Stated("", 12)), Extent(11, 1), "11_of_12"),
        (Claim("", None, Stated("", 2)), Extent(12, 1), "1_of_2_pages"),
    ],
)
def test_a_claim_is_met_or_told(claim: Claim, extent: Extent, reason: str) -> None:
    assert shortfall([ListPage(links=(), claims=(claim,))], (claim,), extent) == reason


def test_a_list_that_has_all_of_its_own_total_needs_no_pager() -> None:
    read = ListPage(links=(), total=12, claims=(Claim("p"),))
    assert shortfall([read], read.every_claim, Extent(12, 1)) == ""
    assert shortfall([read], read.every_claim, Extent(12, 1, outside_list=2)) == "pager_not_understood:p"
