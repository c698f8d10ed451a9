"""Whether a list was really read to its end: pagers of scripts, printed numbers, repeated pages, pages that are none."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from loopback_web import Answer, Archive, Web, a_list, page

from crawler.cms.channel_oid import ChannelOid
from crawler.cms.dated_list import DatedList
from crawler.cms.hanweb_jcms import HanwebJcms
from crawler.cms.trs_wcm import TrsWcm
from crawler.lists.list_page import ListPage, Page
from crawler.lists.paging.pagers import printed_pages, printed_total
from crawler.net.politeness import retry_after
from crawler.net.response_verdict import is_cut, judge
from crawler.spider import PortalSpider
from crawler.visits.report_parts import parts
from storage.records import CaptureOutcome, LookOutcome

AT = "http://www.a.gov.cn/zwgk/nb/"
FAMILIES = [TrsWcm, DatedList, ChannelOid, HanwebJcms]
CZ, JY, SL = (f"宛平县{name}2024年政府信息公开工作年度报告" for name in ("财政局", "教育局", "水利局"))
ROW = f'<li><a href="./t20250120_1.html">{CZ}</a><span>2025-01-20</span></li>'
MENU = '<a href="/">首页</a><a href="/nb/index.html">政府信息公开年报</a><a href="/bm/">部门年报</a>'
NEWS = "".join(
    f'<li><a href="/xw/t202501{n}_1.html">宛平县召开第{n}次经济工作会议</a><span>2025-01-{n}</span></li>'
    for n in range(10, 20)
)


def read(text: str, family: type[PortalSpider] = TrsWcm) -> ListPage:
    return family(name="x").read_list(
        Page(AT, f"<html><head><title>政府信息公开年报</title></head><body>{text}</body></html>")
    )


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "pager",
    [
        '<a href="javascript:goPage(2)">下一页</a>',
        '<a href="#" onclick="goPage(2)">下一页</a>',
        '<a href="javascript:void(0)" onclick="goPage(2)">下页 &gt;</a>',
        '<a href="javascript:;">1</a><a href="javascript:;">2</a>',
        '<button onclick="more()">加载更多</button>',
        "<select onchange='go(this.value)'><option>第1页</option><option>第2页</option></select>",
    ],
)
def test_a_pager_that_only_a_script_turns_is_told(family: type[PortalSpider], pager: str) -> None:
    found = read(f"<ul>{ROW}</ul>{pager}", family)
    assert (len(found.links), found.by_script, found.following) == (1, True, ())


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="javascript:void(0)">上一页</a><a href="javascript:void(0)">下一页</a>',
        '<a class="disabled" onclick="go(2)">下一页</a>',
        "<span>上一页</span><span>下一页</span>",
        '<a href="index_1.html">下一页</a>',
    ],
)
def test_a_pager_that_is_off_or_can_be_followed_is_not(pager: str) -> None:
    assert not read(f"<ul>{ROW}</ul>{pager}").by_script


@pytest.mark.parametrize(
    ("pager", "names"),
    [
        ('<a href="index_1.html">下一页 &gt;</a>', ["index_1.html"]),
        ('<a href="index_1.html">[下一页]</a>', ["index_1.html"]),
        ('<a href="index_1.html"><img src="n.gif" alt="下一页"></a>', ["index_1.html"]),
        (
            '<a href="index.html">1</a><a href="index_1.html">2</a><a href="index_2.html">3</a>',
            ["index_1.html", "index_2.html"],
        ),
        ('<a href="list.jsp?id=3&page=1">下一页</a>', ["list.jsp?id=3&page=1"]),
        ('<a href="http://[bad">下一页</a>', []),
        (
            "<table><th>日<th>一<th>二<th>三<th>四<th>五<th>六<tr>"
            + "".join(f'<td><a href="day{n}.html">{n}</a></td>' for n in range(1, 32)),
            [],
        ),
    ],
)
def test_what_follows_a_page(pager: str, names: list[str]) -> None:
    assert [url.rsplit("/", 1)[1] for url in read(f"<ul>{ROW}</ul>{pager}").following] == names


def test_printed_numbers_of_entries_and_pages() -> None:
    for text, total in (
        ("共 25 条", 25),
        ("总记录数：25", 25),
        ("总共 25 条记录", 25),
        ("显示1到10,共25记录", 25),
        ("共3个页面", None),
        ("2024年", None),
    ):
        assert printed_total(text) == total
    for text, pages in (
        ("共3页", 3),
        ("第1页/共4页", 4),
        ("页次：1/5", 5),
        ("1/6页", 6),
        ("总页数：7", 7),
        ("2025/01/20", None),
    ):
        assert printed_pages(text) == pages


@pytest.mark.parametrize(
    "item",
    [
        f'<li><a href="javascript:openDoc(77)">{SL}</a></li>',
        f'<li onclick="go(9)">{SL}</li>',
        f'<li><a href="/nb/t20250120_3.html?{"a" * 3000}">{SL}</a></li>',
        f'<li><a href="http://[x/">{SL}</a></li>',
        "<div>" * 400 + f'<a href="./t20250120_3.html">{SL}</a>' + "</div>" * 400,
        "<!--" + "x" * 4_000_100 + f'--><li><a href="./t20250120_3.html">{SL}</a></li>',
        "".join(f'<li><a href="t2025012_{n}.html">第{n}局</a></li>' for n in range(6000)),
    ],
)
def test_an_item_without_a_usable_address_leaves_a_doubt(item: str) -> None:
    assert read(f"<ul>{ROW}{item}</ul>").doubt
    assert not read(f"<ul>{ROW}</ul>").doubt


def test_addresses_in_scripts_and_under_a_base_and_rows_of_bare_names_are_found() -> None:
    links = read(
        f"<base href='http://www.a.gov.cn/zw/'><ul>{ROW}<li><a href='javascript:;' onclick=\"window.open('/nb/t2025012_7.html')\">{SL}</a></li>"
        "<li><a href='/a/12.jhtml'>宛平县教育局</a></li><li><a href='/zc/1.jhtml'>政策文件解读</a></li></ul><ul><li><a href='/b'>宛平县审计局</a></li></ul>"
    ).links
    assert [link.url.removeprefix("http://www.a.gov.cn") for link in links] == [
        "/zw/t20250120_1.html",
        "/nb/t2025012_7.html",
        "/a/12.jhtml",
    ]
    part = parts(Page(AT, "<base href='/zw/'><a href='f.pdf'>附件</a>"))
    assert [one.url for one in part] == ["http://www.a.gov.cn/zw/f.pdf"]


@pytest.mark.parametrize(
    "text",
    [
        f"{MENU}<h1>栏目维护中</h1><p>系统升级，请稍后访问</p>",
        f"{MENU}<p>用户登录</p><input type=password>",
        "<p>您没有相关权限访问该栏目</p>",
        "<p>数据查询失败，暂无数据</p>",
    ],
)
def test_a_notice_is_no_empty_list_whatever_its_menu_leads_to(text: str) -> None:
    for family in FAMILIES:
        assert read(text, family).outcome is LookOutcome.CHANGED
    home = f"<html><title>宛平县人民政府</title>{MENU}<li>暂无信息</li></html>"
    assert TrsWcm(name="x").read_list(Page(AT, home)).outcome is LookOutcome.CHANGED


def test_a_datastore_that_does_not_say_how_many_there_are_is_doubted() -> None:
    record = f"<record><![CDATA[<li><a href='/art/2025/1/8/art_7_1.html'>{CZ}</a></li>]]></record>"
    assert read(f"<script><datastore><recordset>{record}</recordset></datastore></script>", HanwebJcms).doubt
    said = "<script>$('#4').jpage( { totalRecord : 1, dataStore : x, ajaxParam: p});</script>"
    assert not read(f"<script><datastore><recordset>{record}</recordset></datastore></script>{said}", HanwebJcms).doubt


def test_a_datastore_with_nothing_behind_the_first_page_is_an_answer() -> None:
    """Read as no answer at all it made the look at a whole list one in part."""
    said = b"<datastore><nextgroup></nextgroup><totalrecord>1</totalrecord><recordset></recordset></datastore>"
    assert judge(200, said, url=f"{AT}dataproxy.jsp").outcome is CaptureOutcome.PAGE
    assert judge(200, b"<?xml version='1.0'?><list></list>", url=AT).outcome is CaptureOutcome.PAGE
    for nothing in (said[:-3], b"<div></div>", b"<?xml version='1.0'?><html></html>", b"<html><body></body></html>"):
        assert judge(200, nothing, url=AT).outcome is CaptureOutcome.EMPTY
    record = f"<record><![CDATA[<li><a href='/art/2025/1/8/art_7_1.html'>{CZ}</a></li>]]></record>"
    call = "<script>$('#4').jpage({dataStore:x,totalRecord:1,perPage:15,proxyUrl:'/module/web/jpage/dataproxy.jsp'},p);</script>"
    found = read(f"<script><datastore><nextgroup><![CDATA[<a href='/module/web/jpage/dataproxy.jsp?page=1'></a>]]></nextgroup>"
                 f"<recordset>{record}</recordset></datastore></script>{call}", HanwebJcms)  # fmt: skip
    assert (found.total, found.following, found.doubt) == (1, (), "")


def test_an_address_of_an_empty_year_is_told_from_a_notice_in_its_place() -> None:
    spider = HanwebJcms(name="x")
    empty, busy = (
        "<html><body><p>政府信息公开年报</p></body></html>",
        "<html><body><p>系统繁忙 请稍后再试</p></body></html>",
    )
    assert spider.judge_addressed(Page(AT, empty)).outcome is CaptureOutcome.SOFT_404
    assert spider.judge_addressed(Page(AT, busy)).reason == "not_understood"


def test_odd_digits_are_no_numbers() -> None:
    assert retry_after(b"\xb2", datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert retry_after(b"12", datetime(2026, 1, 1, tzinfo=UTC)) == 12
    assert read(f"<ul>{ROW}</ul><script>createPageHTML('d',²,1,'x','shtml',3)</script>").by_script


def test_pages_that_are_counted_from_one_are_found_where_there_is_no_page_one(archive: Archive, web: Web) -> None:
    host, call = "www.wanping.gov.cn", '<script>createPageHTML(3,0,"list","html")</script>'
    archive.portal(listings=f'column("nb", "http://{host}/nb/list.html", title="政府信息公开年报"),')
    for n, title in enumerate((CZ, JY, SL), 1):
        name = "/nb/list.html" if n == 1 else f"/nb/list_{n}.html"
        web.routes[host, name] = a_list((f"./t20250120_{n}.html", title, "2025-01-20"), tail=call)
    archive.crawl()
    del web.routes[host, "/nb/list_3.html"]
    archive.crawl()
    assert [(look.outcome, len(archive.links(look))) for look in archive.looks()] == [
        (LookOutcome.OK, 3),
        (LookOutcome.PARTIAL, 2),
    ]


def test_a_page_is_cut_where_its_end_is_missing() -> None:
    assert is_cut(b"<html><body><ul><li>")
    assert not is_cut(b"<html><body><ul></BODY></HTML>")
    assert not is_cut(b'{"a": 1}')
    assert is_cut(b"%PDF-1.4 stream")


def test_only_lists_read_to_their_end_are_ok(archive: Archive, web: Web) -> None:
    row = {n: (f"./t20250120_{n}.html", title, "2025-01-20") for n, title in enumerate((CZ, JY, SL), 1)}
    following = [f'<a href="index_{n}.html">下一页</a>' for n in range(4)]
    call = '<script>createPageHTML(3,0,"index","html")</script>'
    cut = Answer(
        200, a_list(row[1], row[2]).body[:-40], {"Content-Type": "text/html", "Connection": "close"}, length=-1
    )
    home = page(f"<html><head><title>宛平县人民政府</title></head><body>{MENU}<ul>{NEWS}</ul></body></html>")
    cases: dict[str, tuple[LookOutcome, str, int, list[Answer]]] = {
        "script": (
            LookOutcome.PARTIAL,
            "pages_turned_by_script",
            1,
            [a_list(row[1], tail="<a href='javascript:go(2)'>下一页</a>")],
        ),
        "single": (LookOutcome.OK, "", 1, [a_list(row[1], tail="第1页/共1页<a href='javascript:go(1)'>下一页</a>")]),
        "printed": (LookOutcome.PARTIAL, "1_of_3_pages", 1, [a_list(row[1], tail="第1页/共3页")]),
        "repeats": (
            LookOutcome.PARTIAL,
            "second_page_repeats_the_first",
            1,
            [a_list(row[1], tail=following[1]), a_list(row[1], tail=following[2])],
        ),
        "called": (LookOutcome.PARTIAL, "1_of_3_pages", 2, [a_list(row[1], row[2], tail=call)] * 3),
        "last": (
            LookOutcome.OK,
            "",
            2,
            [a_list(row[1], tail=following[1]), a_list(row[2], tail=following[2]), a_list(row[2], tail=following[3])],
        ),
        "behind": (
            LookOutcome.OK,
            "",
            2,
            [
                a_list(row[1], tail=f"共2条{following[1]}"),
                a_list(row[2], tail=f"共2条{following[2]}"),
                a_list(tail=f"共2条，第3页 主办：宛平县人民政府办公室 网站标识码：9900010001{following[3]}"),
            ],
        ),
        "short": (
            LookOutcome.PARTIAL,
            "no_item_found",
            1,
            [
                a_list(row[1], tail=f"共2条{following[1]}"),
                a_list(tail=f"共2条，第2页 主办：宛平县人民政府办公室 网站标识码：9900010001{following[2]}"),
            ],
        ),
        "home": (LookOutcome.CHANGED, "no_report_among_links", 10, [home]),
        "goeson": (
            LookOutcome.OK,
            "",
            3,
            [
                a_list(row[1], tail=following[1]),
                a_list(
                    ("./t20250119_8.html", "宛平县2024年法治政府建设年度报告", "2025-01-19"),
                    ("./t20250110_9.html", "宛平县2024年国民经济和社会发展统计公报", "2025-01-10"),
                ),
            ],
        ),
        "anew": (
            LookOutcome.PARTIAL,
            "a_page_without_report",
            2,
            [
                a_list(row[1], tail=following[1]),
                a_list(("./t20250121_8.html", "宛平县2024年法治政府建设年度报告", "2025-01-21")),
            ],
        ),
        "later": (LookOutcome.PARTIAL, "a_page_without_report", 11, [a_list(row[1], tail=following[1]), home]),
        "frame": (
            LookOutcome.OK,
            "",
            1,
            [page("<html><h1>年报</h1><iframe src='/nb/index_1.html'></iframe></html>"), a_list(row[1])],
        ),
        "itself": (LookOutcome.OK, "", 1, [a_list(row[1], head='<meta http-equiv="refresh" content="5;url=/nb/">')]),
        "broken": (LookOutcome.UNREACHABLE, "cut_short", 0, [cut]),
        "wrong": (  # what the script turns to is not what is linked
            LookOutcome.PARTIAL,
            "pages_turned_by_script",
            1,
            [
                a_list(row[1], tail='<a href="index_1.html">&gt;</a><a href="javascript:go(2)">下一页</a>'),
                page(
                    "<html><head><title>政府信息公开年报</title></head><p>宛平县人民政府办公室主办，网站标识码 9900010001</p><p>暂无数据</p></html>"
                ),
            ],
        ),
    }
    for name, (_, _, _, pages) in cases.items():
        archive.portal(name, host=f"www.{name}.gov.cn")
        web.routes |= {
            (f"www.{name}.gov.cn", f"/nb/index_{n}.html" if n else "/nb/"): one for n, one in enumerate(pages)
        }
    archive.crawl(*cases)
    looks = {look.portal: look for look in archive.looks() if look.listing.endswith(":nb")}
    seen = {name: (look.outcome, look.reason, len(archive.links(look))) for name, look in looks.items()}
    assert seen == {name: case[:3] for name, case in cases.items()}


def test_a_menu_of_sub_columns_is_no_list_where_a_template_makes_the_items() -> None:
    """The menu alone may be all a column shows; with a template in it, its own entries are made by scripts."""
    menu = '<h1>政府信息公开年报</h1><ul><li><a href="bm/">部门政府信息公开年报</a></li><li><a href="xz/">乡镇政府信息公开年报</a></li></ul>'
    plain = read(menu)
    made = read(f'{menu}<ul><li v-for="item in items"><a>title</a></li></ul>')
    assert (plain.hub, plain.outcome) == (True, LookOutcome.OK)
    assert (made.outcome, made.reason) == (LookOutcome.SCRIPT_ONLY, "scripts_make_the_list")
    assert len(made.subcolumns) == 2


@pytest.mark.parametrize(
    "labels",
    [
        ("2026年县政府年报", "2026年县直部门年报", "2026年乡镇年报"),
        ("县政府", "委办局", "镇街道"),
        ("2026年", "2025年", "2024年度"),
    ],
)
def test_folders_of_years_and_kinds_of_bodies_below_a_column_are_further_columns(labels: tuple[str, ...]) -> None:
    """A folder that was empty when the portal was probed, and those of the years to come, are found by a crawl."""
    menu = "".join(f'<li><a href="{n}/">{label}</a></li>' for n, label in enumerate(labels))
    found = read(f'<h1>政府信息公开年报</h1><ul>{menu}</ul><p><a href="/zwgk/bm/">县直部门</a></p>')
    assert [link.text for link in found.subcolumns] == list(labels)
    assert (found.hub, found.outcome) == (True, LookOutcome.OK)


@pytest.mark.parametrize(
    ("beside", "made"),
    [
        ('<ul id="list"></ul>', True),
        ('<ul class="news-list"> </ul>', True),
        ("<table><tbody></tbody></table>", True),
        ('<div id="dataBox"></div>', True),
        (
            '<div id="footer"></div><div class="clear"></div><div id="share"></div><ul id="topnav"></ul><div></div>',
            False,
        ),
        ('<div id="list"><p>1</p></div>', False),
        ("", False),
    ],
)
def test_a_menu_beside_a_place_that_an_external_script_fills_is_not_the_whole_list(beside: str, made: bool) -> None:
    menu = '<h1>政府信息公开年报</h1><ul><li><a href="bm/">部门政府信息公开年报</a></li><li><a href="xz/">乡镇政府信息公开年报</a></li></ul>'
    found = read(f'{menu}{beside}<script src="/js/list.js"></script>')
    assert (found.outcome is LookOutcome.SCRIPT_ONLY) == made
    assert (found.hub, len(found.subcolumns)) == (True, 2)
    assert read(menu + beside).outcome is LookOutcome.OK


def test_all_frames_of_a_page_are_known_before_those_of_other_hosts_are_left_out(archive: Archive, web: Web) -> None:
    foreign = "".join(f'<iframe src="http://f{n}.example.com/"></iframe>' for n in range(4))
    own = "".join(f'<iframe src="/nb/index_{n}.html"></iframe>' for n in range(1, 5))
    for name, text in (("one", foreign + '<iframe src="/nb/index_1.html"></iframe>'), ("four", own)):
        archive.portal(name, host=f"www.{name}.gov.cn")
        web.routes[f"www.{name}.gov.cn", "/nb/"] = page(f"<html><h1>年报</h1>{text}</html>")
        for n, title in enumerate((CZ, JY, SL, CZ), 1):
            web.routes[f"www.{name}.gov.cn", f"/nb/index_{n}.html"] = a_list((f"./t20250120_{n}.html", title, "2025-01-20"))  # fmt: skip
    archive.crawl("one", "four")
    looks = {look.portal: look for look in archive.looks() if look.listing.endswith(":nb")}
    assert {name: (look.outcome, look.reason, len(archive.links(look))) for name, look in looks.items()} == {
        "one": (LookOutcome.OK, "", 1),
        "four": (LookOutcome.PARTIAL, "more_frames_than_read", 3),
    }


def test_a_list_in_a_frame_beside_reports_is_a_column_of_its_own(archive: Archive, web: Web) -> None:
    def at(n: int, title: str, frame: str = "") -> Answer:
        shown = a_list((f"./t20250120_{n}.html", title, "2025-01-20"))
        return replace(shown, body=shown.body.replace(b"</body>", frame.encode() + b"</body>"))

    hidden = "<iframe src='/hits.jsp' width='0' height='0'></iframe><iframe src='/nb/a.pdf'></iframe>"
    frames = {
        "list": "<iframe src='/nb/all.html'></iframe>",
        "same": "<iframe src='/nb/index.html'></iframe><iframe src='/nb/gone.html'></iframe>" + hidden,
        "head": "<iframe src='/head.html'></iframe>",
        "made": "<iframe src='/made.html'></iframe>",
        "down": "<iframe src='/down.html'></iframe>",
    }
    for name, frame in frames.items():
        host = f"www.{name}.gov.cn"
        archive.portal(name, host=host)
        web.routes[host, "/nb/"] = at(1, CZ, frame)
        web.routes[host, "/nb/all.html"] = at(2, JY)
        web.routes[host, "/head.html"] = page(
            "<html><body>宛平县人民政府门户网站，欢迎您访问本网站！<a href='/'>首页</a></body></html>"
        )
        web.routes[host, "/made.html"] = page(
            "<html><body><div id='app'></div><script src='/app.js'></script></body></html>"
        )
        web.routes[host, "/down.html"] = page("<html><body>403</body></html>", 403)
    archive.crawl(*frames)
    looks = {
        look.listing.partition(":found")[0]: (look.outcome, look.reason)
        for look in archive.looks()
        if look.listing.endswith(":nb")
    }
    assert looks == {
        "list:nb": (LookOutcome.PARTIAL, "a_list_in_a_frame"),
        "same:nb": (LookOutcome.OK, ""),
        "head:nb": (LookOutcome.OK, ""),
        "made:nb": (LookOutcome.PARTIAL, "scripts_make_a_frame"),
        "down:nb": (LookOutcome.PARTIAL, "http_403"),
    }
    (own,) = (look for look in archive.looks() if ":found-" in look.listing)
    assert (own.portal, own.outcome, len(archive.links(own))) == ("list", LookOutcome.OK, 1)
    assert "/hits.jsp" not in web.paths()


THIRTEEN = "".join(
    f'<li><a href="./t20250120_{n}.html">宛平县第{n}局2024年政府信息公开工作年度报告</a></li>' for n in range(13)
)
TABS = '<ul><li class="on" data-id="bm">县直部门</li><li data-id="xz">乡镇</li></ul>'
SCROLLS = "window.onscroll=function(){if(document.body.scrollHeight-window.scrollY<1200){$}}"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "sign",
    [
        f"<script>{SCROLLS.replace('$', 'var x=new XMLHttpRequest();x.open(`GET`,`/more`)')}</script>",
        "<script src='/js/dropload.min.js'></script>",
        "<div class='page'><script src='/js/page.js'></script><script>showPage(3,1)</script></div>",
        '<ul class="pagination" data-total-pages="3" data-current="1"></ul>',
        '<div class="pager" pagecount="3" pageindex="1"></div>',
        f"{TABS}<script src='/js/tab.js'></script>",
        '<ul><li class="on" onclick="show(1)">县直部门</li><li onclick="show(2)">各乡镇</li></ul>',
        '<select onchange="query(1)"><option value="bm" selected>县直部门</option><option value="xz">乡镇</option></select>',
        '<select id="unit"><option value="bm">县直部门</option><option value="xz">乡镇</option></select>',
    ],
)
def test_a_sign_that_there_is_more_counts_whatever_the_number_of_entries(family: type[PortalSpider], sign: str) -> None:
    found = read(f"{sign}<ul>{THIRTEEN}</ul>", family)
    assert len(found.links) == 13
    assert found.by_script or (found.pages or 0) > 1


@pytest.mark.parametrize(
    "no_sign",
    [
        f"<script>{SCROLLS.replace('$', 'top.show()')}</script><script>$.get('/visits')</script>",
        f"{TABS}<ul hidden><li><a href='./t20250121_1.html'>宛平县甲镇2024年政府信息公开工作年度报告</a></li></ul>",
        "<ul><li><a href='/bm/'>县直部门</a></li><li><a href='/xz/'>乡镇</a></li></ul>",
        "<select id=unit><option>全部</option><option value=bm>县直部门</option><option value=xz>乡镇</option></select>",
        "<select><option value=/bm/>县直部门</option><option value=/xz/>乡镇</option></select>",
        "<form action=/s><select name=u><option value=1>县直部门</option><option value=2>乡镇</option></select><button>搜索</button></form>",
        "<div class='page'><script>a()</script>共1页</div>",
        '<ul class="pagination" data-total-pages="1"></ul><p data-pages="x"></p>',
    ],
)
def test_what_is_no_sign_of_more(no_sign: str) -> None:
    found = read(f"{no_sign}<ul>{THIRTEEN}</ul>")
    assert (found.by_script, found.pages or 1, found.doubt) == (False, 1, "")
