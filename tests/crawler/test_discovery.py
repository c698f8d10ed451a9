"""Finding columns: what a page points to, which way is taken first, where a walk does not go. Pure, without network."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.found import SEARCH, Answer, Limits, PageSummary, Show, WalkResult
from crawler.discovery.labels import body_in_label, kinds_in_label, latest_year, names_a_year
from crawler.discovery.organs import templates
from crawler.discovery.pointers import MOST, Pointer, pointers, pointers_of, search_address
from crawler.discovery.ranking import rank
from crawler.discovery.same_addresses import bare, is_trap
from crawler.discovery.walk import MADE_BY_SCRIPTS, Walk
from crawler.lists.labels import label
from crawler.lists.list_page import Page
from storage.records import AgencyKind, Link

AT = "http://www.wanping.gov.cn/"


def points(markup: str, at: str = AT) -> dict[str, str]:
    return {
        p.url.removeprefix(AT.rstrip("/")): p.text for p in pointers(Page(at, f"<html><body>{markup}</body></html>"))
    }


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<a href='/nb/'>政 府<span>信息</span>公开&emsp;年&nbsp;报</a>", {"/nb/": "政府信息公开年报"}),
        ("<map><area href='/nb/' alt='政府信息公开年报'></map>", {"/nb/": "政府信息公开年报"}),
        ("<a href='/nb/'><img alt='信息公开年报'></a>", {"/nb/": "信息公开年报"}),
        ("<td onclick=\"window.open('/nb/a.html')\">年报</td>", {"/nb/a.html": "年报"}),
        ("<a href=\"javascript:go('/nb/b.html')\">年报</a>", {"/nb/b.html": "年报"}),
        ("<select onchange='location=this.value'><option value='/nb/2023/'>2023年</select>", {"/nb/2023/": "2023年"}),
        ("<select onchange=\"location.href='/nb?y='+this.value\"><option value='2023'>2023年</select>", {"/nb?y=2023": "2023年"}),
        ("<form action='/nb'><input type=hidden name=c value=7><select name=y><option value=2023>2023</select></form>", {"/nb?c=7&y=2023": "2023"}),
        ("<iframe src='/in.html'></iframe>", {"/in.html": ""}),
        ("<li data-url='/nb.html' onclick='go(this)'>年报</li><a data-href='/nb/'>年报</a><p data-url='{url}'>年报</p>", {"/nb.html": "年报", "/nb/": "年报"}),
        ("<h3>政府信息公开年报 <a href='/nb/'>更多&gt;&gt;</a></h3>", {"/nb/": "政府信息公开年报"}),
        ("<script>var m=[{name:'年报',url:'/nb/'},{name:'指南',url:'/zn/'}]</script>", {"/nb/": "年报", "/zn/": "指南"}),
        ("<script>d.add(3,0,'年报','/nb/index.html');</script>", {"/nb/index.html": "年报"}),
        ("<script>document.write('<a href=\\\"/nb/\\\">年报</a>')</script>", {"/nb/": "年报"}),
        ("<script type='text/xml'><datastore><record><![CDATA[<a href='/nb/'>年报</a>]]></record></datastore></script>", {"/nb/": "年报"}),
        ("<a href='/o/#/nb'>年报</a><a href='#/zn?c=1'>指南</a><a href='/o/#top'>首页</a>", {"/o/#/nb": "年报", "/#/zn?c=1": "指南", "/o/": "首页"}),
        ("<script>location.href='/main.html';</script>", {"/main.html": ""}),
        ("<a href='/a.css'>x</a><a href='mailto:a@b.cn'>信箱</a><a href='http://[bad'>年报</a><a href='file:///etc/passwd'>年报</a>", {}),
    ],
)  # fmt: skip
def test_every_way_in_which_a_page_points(markup: str, expected: dict[str, str]) -> None:
    assert points(markup) == expected


def test_a_json_menu_is_read_with_its_escapes() -> None:
    page = Page(f"{AT}m.json", '{"menu":[{"text":"\\u5e74\\u62a5","attributes":{"url":"\\/nb\\/"}}]}')
    assert [(p.url, p.text) for p in pointers(page)] == [(f"{AT}nb/", "年报")]


def weight(text: str, context: str = "", url: str = f"{AT}q/") -> int:
    return rank(Pointer(url, label(text)), context, last_year=2026).weight


def test_the_plainest_label_goes_first() -> None:
    order = ["政府信息公开年报", "年报", "法定主动公开内容", "政府信息公开", "政务公开", "乡镇信息公开", "网站地图"]
    weights = [weight(text) for text in order]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0


@pytest.mark.parametrize(
    "text", ["公开年报", "历年年报（2008-2018）", "以往年报", "年报（2019年以前）", "政府信息公开年报(2019年及以后)"]
)
def test_a_column_of_other_years_is_a_way(text: str) -> None:
    found = rank(Pointer(f"{AT}q/", label(text)), "openness", last_year=2026)
    assert (found.weight >= 88, found.leads) == (True, "reports")


@pytest.mark.parametrize(
    "text",
    [
        "政府网站工作年度报表",
        "法治政府建设年度报告",
        "政府工作报告",
        "政府信息公开指南",
        "政府信息公开制度",
        "统计年报",
        "企业年报公示",
        "依申请公开",
        "新闻",
        "下一页",
        "12",
    ],
)
def test_other_labels_lead_nowhere(text: str) -> None:
    assert weight(text) == 0


@pytest.mark.parametrize(
    "text", ["2021年及以前", "2021年以前", "2020年-2021年", "2021年（含）以前", "往年", "以前年度", "历年"]
)
def test_a_folder_of_several_years_is_one_beside_those_of_a_year(text: str) -> None:
    found = rank(Pointer(f"{AT}lists.php?catid=70", label(text)), "reports", last_year=2026)
    assert (found.leads, found.rule, weight(text)) == ("reports", "year", 0)
    assert not names_a_year(text)  # it speaks for no single one


@pytest.mark.parametrize("text", ["2023年", "县直部门", "财政局", "乡镇（街道）", "县政府", "镇街道", "镇（街道）"])
def test_years_groups_and_bodies_count_only_below_reports(text: str) -> None:
    assert weight(text, "reports") > 0
    assert weight(text) == 0


def test_a_menu_of_bodies_may_have_addresses_like_documents() -> None:
    organ = f"{AT}public/organIndex/6596221.html"
    assert weight("教育体育局", "openness", organ)
    assert weight("教育体育局", "group", organ)
    assert not weight("教育体育局", "reports", f"{AT}nb/202501/t20250120_6596221.html")


def test_refusals_are_told_with_their_reason() -> None:
    assert rank(Pointer(f"{AT}q/", "政府网站信息公开年度报告")).refused == "word:政府网站"
    assert rank(Pointer(f"{AT}q/", "财政局政府信息公开年报")).refused == ""
    assert rank(Pointer(f"{AT}q/", "2099年"), "reports", last_year=2026).refused == "year_out_of_range"
    assert rank(Pointer(f"{AT}a/a/a/", "政府信息公开")).refused == "trap"
    assert rank(Pointer(f"{AT}2025/01-20/123456.html", "财政局"), "reports").refused == "document"


@pytest.mark.parametrize(
    ("title", "is_asked"), [("宛平县2025年政府信息公开工作年度报告汇总", True), ("宛平县2025年政府信息公开工作年度报告", False)]
)  # fmt: skip
def test_an_article_that_collects_the_reports_of_many_is_looked_at(title: str, is_asked: bool) -> None:
    found = rank(Pointer(f"{AT}nb/2025/12345.html", title), "reports", last_year=2026)
    assert (found.leads == "reports", found.refused) == (is_asked, "" if is_asked else "document")


@pytest.mark.parametrize(
    ("text", "year"), [("2024", 2024), ("2023年部门年报", 2023), ("2020年以来", None), ("2008-2018", None), ("年报", None)]
)  # fmt: skip
def test_a_folder_of_a_year_has_no_report_on_a_later_one(text: str, year: int | None) -> None:
    assert latest_year(text) == year


@pytest.mark.parametrize(
    ("url", "trap"),
    [
        ("/a/a/a/", True),
        ("/x/" * 15, True),
        ("/?y=2091", True),
        ("/?a=1&a=2&a=3", True),
        ("/html/1//2/151/164/", False),
        ("/nb?y=2024", False),
        ("/nb?nd=2031", True),
        ("/nblist.jsp?organId=2031", False),
        ("/index.php?m=list&catid=1999", False),
    ],
)
def test_traps_are_known_by_their_addresses(url: str, trap: bool) -> None:
    assert is_trap(f"http://www.wanping.gov.cn{url}", 2026) is trap


def test_whose_a_label_says_a_column_is() -> None:
    department, town = (AgencyKind.DEPARTMENT, AgencyKind.OFFICE), (AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT)
    said = {"部门政府信息公开年报": department, "镇街年报": town, "县政府信息公开年报": (AgencyKind.GOVERNMENT,), "县政府部门年报": department,
            "乡村振兴局政府信息公开年报": (), "城关镇政府信息公开年报": (), "政府信息公开年报": (), "县政府办公室年报": (),
            "企事业单位年报": (), "直属事业单位政府信息公开年报": (), "垂直管理部门年报": (), "驻县单位年报": (), "镇（街道）年报": town,
            "部门及企事业单位年报": department, "县直单位年报": department}  # fmt: skip
    assert {text: kinds_in_label(text) for text in said} == said
    assert body_in_label("县财政局政府信息公开年报") == "县财政局"
    assert body_in_label("部门政府信息公开年报") == ""


def test_the_portals_own_search_is_a_plain_form_or_none() -> None:
    form = "<form action='/so'><input name=q placeholder=搜索><input type=hidden name=s value=1></form>"
    assert search_address(Page(AT, form), "a") == f"{AT}so?s=1&q=a"
    for other in (form.replace("<form", "<form method=post"), form.replace("搜索", "姓名").replace("/so", "/x"), ""):
        assert search_address(Page(AT, other), "a") is None


def test_organs_and_the_address_of_their_reports() -> None:
    page = Page(
        f"{AT}col/col1/index.html",
        "<select id='area'><option value='11370830004335465W'>郭仓镇人民政府</option><option value='x y'>坏</option></select>"
        '<script>open(\'/module/xxgk/xxgkAnnualReport.jsp?showType=2&area=\'+a);var z=[{id:"11370830004335529T",name:"次邱镇人民政府"}]</script>',
    )
    endless = f'<a href="/a.jsp?{"&".join(f"a{n}=1" for n in range(99))}">县财政局</a>'  # it costs itself, and no page
    (found,) = templates([page, Page(AT, endless)])
    assert found.url == f"{AT}module/xxgk/xxgkAnnualReport.jsp?area={{code}}&fbtime={{year}}&showType=2"
    assert {(o.code, o.name) for o in found.organs} == {
        ("11370830004335465W", "郭仓镇人民政府"),
        ("11370830004335529T", "次邱镇人民政府"),
    }
    lonsun = "".join(
        f"<a href='/public/column/137{n}?type=3&action=detail&nav=3&title=2023'>{w}</a>"
        for n, w in enumerate(("县财政局", "县教育局"))
    )
    made = templates([Page(AT, lonsun)])[0]
    assert (made.family, made.url) == (
        "lonsun",
        f"{AT}public/column/{{code}}?type=3&action=detail&nav=3&title={{year}}",
    )


# ------------------------------------------------------------------------------------------------ walk


def test_a_report_says_whose_the_code_in_its_own_address_is() -> None:
    """The government's own pages are linked by no name."""
    at = f"{AT}public/column/2001?type=3&action=detail&nav=3&title=2024"
    years = f"<a href='{at.replace('2024', '2025')}'>2025年</a>"
    report = "<h1>甲县人民政府2024年政府信息公开工作年度报告</h1>"
    for shown in (report, "<title>甲县人民政府政府信息公开年报-甲县人民政府</title>"):
        (made,) = templates([Page(at, years + shown)])
        assert [(organ.code, organ.name) for organ in made.organs] == [("2001", "甲县人民政府")]
    two = f"{report}<h2>甲县财政局2024年政府信息公开工作年度报告</h2>"
    assert templates([Page(at, years + two)]) == templates([Page(at, f"{years}<h1>政府信息公开年报</h1>")]) == []
    named = Page(AT, "<a href='/public/column/2001?type=3'>县财政局</a>")
    (made,) = templates([Page(at, years + report), named])  # the title of a site may stand on every page
    assert [(organ.code, organ.name) for organ in made.organs] == [("2001", "县财政局")]


def test_endings_in_capitals_are_addresses_too() -> None:
    jump = (
        "<SELECT onchange='window.location=this.value'><OPTION VALUE=''>请选择<OPTION VALUE='DW01.HTM'>教育局</SELECT>"
    )
    assert points(jump) == {"/DW01.HTM": "教育局"}
    assert points("<A HREF='javascript:go(\"DW02.HTM\")'>教育局</A>") == {"/DW02.HTM": "教育局"}


def walk(
    pages: dict[str, str],
    entry: str = "/",
    refused: str = "x.com",
    *,
    searched: bool = False,
    show: Show | None = None,
    made: dict[str, str] | None = None,
    **limits: int,
) -> tuple[WalkResult, list[str]]:
    asked: list[str] = []

    async def ask(url: str, referer: str) -> Answer:
        path = url.removeprefix(AT.rstrip("/"))
        asked.append(path)
        text = pages.get(path, pages.get("*"))
        return Answer(Page(url, text.replace("$", path)) if text is not None else None, "not_found:http_404")

    def shown(page: Page, column: str) -> PageSummary:
        if "/r/" in page.url:  # a report itself
            return PageSummary(items=(own := (Link(url=page.url, text="报告"),)), reports=own, is_report=True)
        items = tuple(Link(url=p.url, text=p.text) for p in pointers(page) if "报告" in p.text and "/r/" not in p.url)
        return PageSummary(items=items, reports=items, is_empty="暂无" in page.text)

    async def render(page: Page) -> Page | None:
        text = (made or {}).get(page.url.removeprefix(AT.rstrip("/")))
        return Page(page.url, text) if text is not None else None

    walks = Walk(
        ask,
        show or shown,
        limits=Limits.named("probe", **limits),
        refusal=lambda url: "foreign_host" if refused in url else None,
        last_year=2026,
        searched=searched,
        render=render if made is not None else None,
    )
    return asyncio.run(walks.run([AT.rstrip("/") + entry])), asked


REPORT = "<a href='/d/1.html'>财政局2023年政府信息公开工作年度报告</a>"


def test_a_walk_goes_best_first_and_keeps_the_way() -> None:
    found, asked = walk({
        "/": "<a href='/xw/'>新闻</a><a href='/zw/'>政务公开</a><a href='/zn/'>政府信息公开指南</a>",
        "/zw/": "<a href='/zw/gk/'>政府信息公开</a>",
        "/zw/gk/": "<a href='/nb/'>政府信息公开年报</a>",
        "/nb/": REPORT,
    })  # fmt: skip
    assert asked == ["/", "/zw/", "/zw/gk/", "/nb/"]
    (column,) = found.listings
    assert (column.why, column.step.trail) == ("label", ("政务公开", "政府信息公开", "政府信息公开年报"))
    assert column.step.via == (AT, f"{AT}zw/", f"{AT}zw/gk/")


SHELL = "<title>青山县人民政府</title><noscript>请启用JavaScript</noscript><div id=app></div><script src='/static/js/app.js'></script>"


def test_a_menu_that_a_script_fills_in_is_shown_to_a_browser_where_nothing_else_leads_on() -> None:
    pages = {
        "/": "<a href='/zw/'>政务公开</a>",
        "/zw/": "<a href='/'>首页</a><ul id=list></ul><script src='/menu.js'></script>",
        "/nb/": f"<h1>政府信息公开年报</h1>{REPORT}",
    }
    made = {"/zw/": "<a href='/'>首页</a><ul id=list><li><a href='/nb/'>政府信息公开年报</a></li></ul>"}
    assert [one.url for one in walk(pages, made=made)[0].listings] == [f"{AT}nb/"]
    pages["/"] += "<a href='/nb/'>政府信息公开年报</a>"
    unread = [reason for _, _, reason in walk(pages, made={})[0].unread]
    assert MADE_BY_SCRIPTS not in unread  # a label leads there: nothing is rendered


@pytest.mark.parametrize(
    "script",
    [
        """$(function(){$('#top').html("<ul><li><a href=\\"/nb/\\" target=\\"_blank\\">政府信息公开年报</a></li></ul>");});""",
        """/* menu */\ndocument.writeln("<li><a href=\\"/nb/\\">政府信息公开年报<\\/a><\\/li>");""",
        """document.write('<li><a href="/nb/">政府信息公开年报</a></li>');""",
        """var menu = '<a href=\\'/nb/\\'>政府信息公开年报</a>';""",
    ],
)
def test_a_menu_that_a_script_writes_is_read_without_the_quotes_of_its_strings(script: str) -> None:
    page = Page("http://www.a.gov.cn/js/head.js", script)
    assert [(one.url, one.text) for one in pointers(page)] == [("http://www.a.gov.cn/nb/", "政府信息公开年报")]


def test_pages_that_scripts_make_are_shown_to_a_browser_on_the_way() -> None:
    pages = {"/": SHELL, "/list?id=4": SHELL, "/list?id=44": f"<h1>政府信息公开年报</h1>{REPORT}"}
    made = {
        "/": "<div id=app><a href='/list?id=4'>政务公开</a></div>",
        "/list?id=4": "<div id=app><a href='/list?id=44'>政府信息公开年报</a></div>",
    }
    found, asked = walk(pages, made=made)
    assert (asked, len(found.listings), found.unread) == ([*pages], 1, [])
    assert walk(pages, made=made, rendered=1)[0].unread == [(f"{AT}list?id=4", "政务公开", MADE_BY_SCRIPTS)]
    assert walk(pages)[0].unread == [(AT, "", MADE_BY_SCRIPTS)]  # without a browser, it is told


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='/zw/'>政务公开</a><script src='/a.js'></script>",
        "<script>var menu = [{name: '政务公开', url: '/zw/'}];</script>",
        f"<p>{'说明' * 150}</p><script src='/a.js'></script>",
        "<div id=app></div>",
    ],
)
def test_pages_with_a_way_with_text_or_without_a_script_are_not(markup: str) -> None:
    found, _ = walk({"/": markup}, made={"/": "<a href='/nb/'>政府信息公开年报</a>"})
    assert f"{AT}nb/" not in {url for url, *_ in found.unread}


BODIES = {"x1": "公安局", "x2": "民政局", "x3": "青山镇人民政府"}


def sites(titles: str) -> dict[str, str]:
    """A home page with a menu of the bodies' own sites, each with a column of its own; the county's shows ``titles``."""
    menu = "".join(f"<a href='/{at}/'>{name}</a>" for at, name in BODIES.items())
    pages = {"/": f"<a href='/nb/'>政府信息公开年报</a>{menu}<a href='http://x.com/'>税务局</a>", "/nb/": titles}
    for at in BODIES:
        pages |= {
            f"/{at}/": f"<a href='/{at}/gk/'>政府信息公开</a>{at}",
            f"/{at}/gk/": f"<a href='/{at}/nb/'>年报</a>{at}",
        }
        pages[f"/{at}/nb/"] = f"<a href='/d/{at}.html'>2023年度政府信息公开工作年度报告</a>"
    return pages


def test_where_the_column_is_one_bodys_own_the_sites_of_the_others_are_looked_into() -> None:
    pages = sites("<a href='/d/0.html'>宛平县人民政府2023年政府信息公开工作年度报告</a>")
    found, asked = walk(pages, searched=True)
    assert [one.path for one in found.listings[1:]] == [f"{name}>政府信息公开>年报" for name in BODIES.values()]
    assert walk(pages)[1] == asked[:2]  # a crawl looks where the probe found something
    assert walk({**pages, "/nb/": pages["/nb/"] + REPORT}, searched=True)[1] == asked[:2]  # it is that of several


OWN = "<a href='/d/0.html'>宛平县人民政府2023年政府信息公开工作年度报告</a><a href='/d/9.html'>宛平县人民政府办公室2023年政府信息公开工作年度报告</a>"


@pytest.mark.parametrize(
    "menu",
    [
        "<a href='/wz/'>部门乡镇网站</a>",
        "<a href='/wz/'>政府部门网站群</a>",
        "<select onchange='window.open(this.value)'><option value=''>部门网站</option>$OPTIONS</select>",
    ],
)
def test_where_the_column_is_the_governments_and_its_offices_the_sites_of_the_others_are_looked_into(menu: str) -> None:
    options = "".join(f"<option value='/{at}/'>{name}</option>" for at, name in BODIES.items())
    pages = sites(OWN)
    behind = pages["/"].partition("</a>")[2]
    pages["/"] = "<a href='/nb/'>政府信息公开年报</a>" + menu.replace("$OPTIONS", options)
    found, asked = walk({**pages, "/wz/": behind}, searched=True)
    assert [one.path for one in found.listings[1:]] == [f"{name}>政府信息公开>年报" for name in BODIES.values()]
    assert walk(pages)[1] == asked[:2]  # a crawl looks where the probe found something


def test_the_lists_of_another_site_on_the_same_host_are_none_of_the_portals() -> None:
    """A district below a path of its city's host links the city's site, whose titles need not name the city."""
    said = "<meta name='SiteIDCode' content='{}'><meta name='SiteName' content='{}'>"
    own, city = said.format("6102020007", "王益区人民政府"), said.format("6102000001", "铜川市人民政府")
    pages = {
        "/": own + "<a href='/nb/'>政府信息公开年报</a><a href='/shi/'>铜川市人民政府信息公开年报</a>",
        "/nb/": own + REPORT,
        "/shi/": city + "<h1>政府信息公开年报</h1><a href='/d/7.html'>财政局2023年政府信息公开工作年度报告</a>",
    }
    found, _ = walk(pages, searched=True)
    assert [one.url for one in found.listings] == [f"{AT}nb/"]
    assert found.refused[0][2] == "of_another_site:6102000001"
    for there in (said.format("6102020008", "王益区教育局"), said.format("6102000001", "王益区人民政府"), ""):
        pages["/shi/"] = there + "<h1>政府信息公开年报</h1><a href='/d/7.html'>财政局2023年政府信息公开工作年度报告</a>"
        assert len(walk(pages, searched=True)[0].listings) == 2  # a body's own site; a code that was left as it was


def test_columns_told_apart_by_one_value_of_a_query_are_folders() -> None:
    at, box = "/index.php?s=news&c=category&id=", "<a href='{0}41'>县政府</a><a href='{0}42'>县政府部门</a>"
    shows = "<a href='/index.php?s=news&c=show&id={}'>财政局202{}年政府信息公开工作年度报告</a>"
    pages = {"/": f"<a href='{at}40'>政府信息公开年报</a>"} | {
        f"{at}4{n}": shows.format(n, n) + box.format(at) + "<a href='/index.php?s=news&c=show&id=9'>审计局</a>"
        for n in range(3)
    }
    found, asked = walk(pages)
    assert [one.url.removeprefix(AT.rstrip("/")) for one in found.listings] == [f"{at}4{n}" for n in range(3)]
    assert len(asked) == 4


def test_a_page_of_a_body_that_holds_its_reports_is_its_column_where_they_stand_nowhere_else() -> None:
    def shown(page: Page, column: str) -> PageSummary:
        items = tuple(Link(url=p.url, text=p.text) for p in pointers(page) if "/d" in p.url)
        return PageSummary(items=items, reports=tuple(one for one in items if "报告" in one.text))

    others = "".join(f"<a href='/d/{n}.html'>指南{n}</a>" for n in range(9))
    of = "<a href='/d1/{0}3.html'>{0}2023年政府信息公开工作年度报告</a><a href='/d1/{0}4.html'>{1}2024年政府信息公开工作年度报告</a>"
    pages = {
        "/": "<a href='/gk/'>政府信息公开</a>",
        "/gk/": "<a href='/a/'>县政府办公室</a><a href='/b/'>民政局</a><a href='/c/'>财政局</a>",
    }
    pages |= {"/a/": of.format("宛平县人民政府办公室", "") + others, "/b/": of.format("民政局", "") + others}
    pages |= {"/c/": of.format("财政局", "审计局") + others}  # what is shown there is not its own
    found, _ = walk(pages, searched=True, show=shown)
    assert [(one.url.removeprefix(AT), one.path) for one in found.listings] == [
        ("a/", "县政府办公室"),
        ("b/", "民政局"),
    ]
    assert [url.removeprefix(AT) for url, _, _ in found.passed] == ["c/"]
    assert not walk(pages, show=shown)[0].listings  # a crawl looks where the probe found something


def test_what_no_label_leads_to_is_looked_for_beneath_the_openness_pages() -> None:
    pages = {
        "/": "<a href='/gk/'>政府信息公开</a>",
        "/gk/": "<a href='/gk/jc/'>基础建设</a><a href='/xw/'>要闻</a><a href='/gk/2025/01-20/12345.html'>公告一则</a>",
        "/gk/jc/": "<a href='/gk/jc/nb/'>公开年报</a>",
        "/gk/jc/nb/": REPORT,
    }
    found, asked = walk(pages, searched=True)
    assert ([one.url for one in found.listings], asked) == ([f"{AT}gk/jc/nb/"], list(pages))
    assert walk(pages)[1] == ["/", "/gk/"]


def test_a_foreign_column_is_told_and_not_asked() -> None:
    found, asked = walk({"/": "<a href='http://x.com/nb/'>政府信息公开年报</a>"})
    assert asked == ["/"]
    assert found.refused == [("http://x.com/nb/", "政府信息公开年报", "foreign_host")]
    assert found.listings == []


def test_an_endless_portal_ends_with_the_requests_allowed() -> None:
    found, asked = walk(
        {"*": "<p>$</p>" + "".join(f"<a href='$b{n}/'>政务公开</a>" for n in range(9))}, requests=25, barren=99
    )
    assert len(asked) <= 25
    assert (found.ended is not None and "limit" in found.ended.code) or asked


def test_one_page_under_many_addresses_is_looked_at_once() -> None:
    same = "".join(f"<a href='/gk?from={n}'>政务公开</a>" for n in range(30)) + "<a href='/nb/'>年报</a>"
    found, asked = walk({"/": same, **{f"/gk?from={n}": same for n in range(30)}, "/nb/": REPORT})
    assert len(found.listings) == 1
    assert len(asked) <= 13  # ten in vain, and no more
    assert {reason for _, _, reason in found.refused} == {
        "same_page_elsewhere",
        "others_led_nowhere",
    }


def test_shells_of_one_template_are_other_pages() -> None:
    pages = {
        "/": "<a href='/nb/'>政府信息公开年报</a>",
        "/nb/": "<a href='/c/1/'>县政府年报</a><a href='/c/2/'>部门年报</a><a href='/c/3/'>镇（街道）年报</a>",
        **{f"/c/{n}/": f"<h1>政府信息公开年报</h1><script data='{n}'>list()</script>" for n in (1, 2, 3)},
    }

    def show(page: Page, column: str) -> PageSummary:
        del column
        return PageSummary(is_interface_page="/c/" in page.url)

    found, _ = walk(pages, show=show)
    assert [one.url for one in found.listings] == [f"{AT}c/{n}/" for n in (1, 2, 3)]
    scripted, _ = walk(pages, show=lambda page, _: PageSummary(is_scripted="/c/" in page.url))
    assert len(scripted.listings) == 3


def test_a_column_that_only_goes_on_to_another_is_none_itself() -> None:
    """It was rendered, as a browser that goes on shows it, and was one list the more that no look could believe."""
    goes = "<html><title>政府信息公开年报</title><body><script>window.location.replace('{}');</script></body></html>"
    pages = {
        "/": "<a href='/nb/'>政府信息公开年报</a><a href='/bm/'>部门政府信息公开年报</a>",
        "/nb/": goes.format("/c/1/"),
        "/bm/": goes.format("/c/2/"),
        "/c/1/": f"<h1>县政府年报</h1>{REPORT}",
        "/c/2/": f"<h1>部门年报</h1>{REPORT.replace('1.html', '2.html')}",
    }
    reports = tuple(Link(url=f"{AT}d/{n}.html", text="报告") for n in (1, 2))

    def show(page: Page, column: str) -> PageSummary:
        del column
        return (
            PageSummary(items=reports, reports=reports)
            if "/c/" in page.url
            else PageSummary(is_scripted=page.url != AT)
        )

    found, asked = walk(pages, show=show)
    assert [one.url for one in found.listings] == [f"{AT}c/1/", f"{AT}c/2/"]
    assert (found.unread, len(asked)) == ([], 5)


def test_the_lists_that_the_data_of_a_column_name_are_listings_whatever_they_are_called() -> None:
    """Seen: the shell of a catalogue, whose tree has 县政府, 县直单位 and 其他 below 政府信息公开年报."""
    pages = {"/": "<a href='/nb'>政府信息公开年报</a>", "/nb": "<script>TREE</script>"}
    pages |= {f"/nb#{n}": f"<script>TREE</script>{n}" for n in (1, 2)}

    def show(page: Page, column: str) -> PageSummary:
        del column
        below = tuple(Link(url=f"{page.url}#{n}", text=text) for n, text in ((1, "县直单位"), (2, "其他")))
        return PageSummary(divided=below) if page.url.endswith("nb") else PageSummary(is_interface_page="#" in page.url)

    found, _ = walk(pages, show=show)
    assert [(one.url, one.path) for one in found.listings] == [
        (f"{AT}nb#1", "政府信息公开年报>县直单位"), (f"{AT}nb#2", "政府信息公开年报>其他"),
    ]  # fmt: skip
    assert list(found.hubs) == [f"{AT}nb"]


@pytest.mark.parametrize(
    "text", ["镇（街道）年报", "镇（办）年报", "乡（镇）、街道年报", "企事业单位年报", "驻县机构2024年年报"]
)
def test_in_a_column_of_reports_whatever_calls_itself_one_is_followed(text: str) -> None:
    assert rank(Pointer(f"{AT}q/", label(text)), "reports", last_year=2026).leads == "reports"
    for other in ("统计年报", "法治政府建设年度报告", "政府网站年报", "企业年报公示"):
        assert not weight(other, "reports")


def test_sub_sites_of_one_template_are_other_pages() -> None:
    bodies = ("甲局", "乙局", "丙局")
    found, _ = walk({
        "/": "<a href='/bm/'>部门信息公开</a>",
        "/bm/": "".join(f"<a href='/d{n}/'>县{name}</a>" for n, name in enumerate(bodies)),
        **{f"/d{n}/": "<a href='nb.html'>公开年报</a>" for n in range(3)},
        **{f"/d{n}/nb.html": REPORT.replace("/d/1", f"{n}") for n in range(3)},
    })  # fmt: skip
    assert [one.url for one in found.listings] == [f"{AT}d{n}/nb.html" for n in range(3)]


def test_reports_under_one_label_are_no_columns() -> None:
    text = "<a href='/r/$.html'>县财政局政府信息公开工作年度报告</a>"
    pages = {
        "/": "<a href='/nb/'>政府信息公开年报</a>",
        "/nb/": "".join(text.replace("$", str(n)) for n in range(3)),
        **{f"/r/{n}.html": f"<p>{'甲乙丙'[n]}</p>{REPORT.replace('/d/1', f'/r/{n}')}" for n in range(3)},
    }
    found, _ = walk(pages)
    assert found.listings == []
    assert {reason for _, _, reason in found.unread} == {"a_report_itself"}


def test_a_columns_name_leads_to_it_though_its_address_is_like_a_documents() -> None:
    def show(page: Page, column: str) -> PageSummary:
        links = tuple(Link(url=p.url, text=p.text) for p in pointers(page) if "年报" in p.text or "报告" in p.text)
        return PageSummary(items=links, reports=links, is_report=page.url.endswith("/9007.html"))

    menu = "<a href='/2c908088819842f7/1584708005043160247.html'>政府信息公开年报</a>"
    found, _ = walk(
        {
            "/": f"<a href='/zw/'>政府信息公开</a>{menu}",
            "/2c908088819842f7/1584708005043160247.html": REPORT,
            "/zw/": "<a href='/2c908088819842f7/9007.html'>政府信息公开年报</a>",  # which is a report itself
            "/2c908088819842f7/9007.html": "<p>一、总体情况</p>",
        },
        show=show,
    )
    assert [column.url for column in found.listings] == [f"{AT}2c908088819842f7/1584708005043160247.html"]


def test_an_empty_column_of_its_own_label_is_one() -> None:
    found, _ = walk({"/": "<a href='/nb/'>政府信息公开年报</a>", "/nb/": "<p>暂无相关信息</p>"})
    assert [(c.url, c.reports) for c in found.listings] == [(f"{AT}nb/", ())]


def test_news_of_a_report_makes_no_column_and_is_told() -> None:
    found, _ = walk({"/": REPORT + "<a href='/xw/'>新闻</a>"})
    assert found.listings == []
    assert found.passed == [(AT, "", (f"{AT}d/1.html",))]


FORM = "<form action='/search'><input name='q'><input type='submit' value='搜索'></form>"
ASKED = "/search?q=%E6%94%BF%E5%BA%9C%E4%BF%A1%E6%81%AF%E5%85%AC%E5%BC%80%E5%B9%B4%E6%8A%A5"


def test_a_search_that_leads_to_no_column_is_a_listing_where_that_is_wanted() -> None:
    pages = {"/": FORM, ASKED: REPORT, "/d/1.html": "<p>报告</p>"}
    (listing,) = walk(pages, searched=True)[0].listings
    assert (listing.url, listing.title, listing.why) == (AT.rstrip("/") + ASKED, SEARCH, "search")
    assert listing.reports == (f"{AT}d/1.html",)
    assert walk(pages)[0].listings == []


@pytest.mark.parametrize(("shown", "said"), [("<p>没有找到</p>", "no_report_found"), (None, "not_found:http_404")])
def test_a_search_in_vain_is_told(shown: str | None, said: str) -> None:
    found, _ = walk({"/": FORM} | ({ASKED: shown} if shown else {}), searched=True)
    assert found.listings == []
    assert found.unread == [(AT.rstrip("/") + ASKED, SEARCH, said)]


@pytest.mark.parametrize("reports", [1, 2])
def test_a_young_folder_of_a_menu_of_bodies_is_a_column(reports: int) -> None:
    found, _ = walk({
        "/": "<a href='/gk/'>政府信息公开</a>",
        "/gk/": "<a href='/gk/xzf/'>县政府</a>",
        "/gk/xzf/": "".join(REPORT.replace("/d/1", f"/d/{n}") for n in range(reports)),
    })  # fmt: skip
    assert [(one.url, len(one.reports)) for one in found.listings] == [(f"{AT}gk/xzf/", reports)]


def test_addresses_are_compared_without_what_does_not_matter() -> None:
    assert bare("https://www.a.gov.cn/nb/index.html") == bare("http://a.gov.cn/nb") != bare("http://a.gov.cn/nb?y=1")


def test_pointers_beyond_the_bound_are_known_to_be_left_out() -> None:
    links = [f"<a href='/{n}/'>栏目</a>" for n in range(MOST + 1)]
    for count, whole in ((MOST, True), (MOST + 1, False)):
        found, all_of_them = pointers_of(Page(AT, "".join(links[:count])))
        assert (len(found), all_of_them) == (MOST, whole)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.text(max_size=80))
def test_nothing_on_a_page_raises(markup: str, text: str) -> None:
    page = Page(AT, f"<html><script>{markup}</script><a href='{markup}'>{text}</a><form action='{text}'>{markup}")
    for pointer in pointers(page):
        rank(pointer, "reports")
    search_address(page, "a")
    templates([page])


def test_a_tree_that_calls_make_is_read_whatever_empty_strings_stand_in_them() -> None:
    calls = (
        "d.add(0,-1,'目录','','','');d.add(2,0,'法定主动公开内容','','','main');"
        "d.add(12,2,'政府信息公开年报','list.do?catId=12','','main');d.add(13,2,\"机构职能\",\"list.do?catId=13\",\"\",\"\");"
    )
    found = {p.url: p.text for p in pointers(Page(f"{AT}xxgk/tree.jsp", f"<script>d=new dTree('d');{calls}</script>"))}
    assert found == {f"{AT}xxgk/list.do?catId=12": "政府信息公开年报", f"{AT}xxgk/list.do?catId=13": "机构职能"}
