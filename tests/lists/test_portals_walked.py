"""From a home page the columns of annual reports are found and read, without a browser where links are enough.

The recorded pages of the project's portals give the reports that were read of them by hand. What is asked for by a
query is judged by what it shows: reports at addresses of agency and year, and the search.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from crawler.lists.addressed import EMPTY_ANSWER, NOT_UNDERSTOOD, REPORT, is_address_of, judge_page
from crawler.lists.engine import Unmet
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer, Request
from crawler.lists.page_reader import read_text
from crawler.lists.stored_lists import outcomes_of_ways
from crawler.lists.walk import Walk
from crawler.onboarding.site_facts import find_search
from storage.records import LookOutcome
from tests.case_tables import read_cases
from tests.lists.played_portals import HOST, PLACE, Served, is_report_of, links, made_up, page, played, walk

FAMILIES = (  # whose lists are read to their end by links alone
    "channel_oid", "trs_bare", "trs_dated", "dated_list", "gkmlpt", "hanweb_jpaas", "ucap_query", "vsb", "vsb_folders",
    "ucap", "ucap_packed", "hebei", "rednet", "xian", "snowflake", "ivs", "easysite", "cms_html", "unknown",
)  # fmt: skip
YEARS, BODIES = (2022, 2023, 2024), ("财政局", "教育局", "司法局")


def shown_on(lists: tuple[ListReading, ...]) -> set[str]:
    return {entry.url for one in lists for entry in one.entries if entry.url}


@pytest.mark.parametrize("family", FAMILIES)
def test_reports_of_a_portal_are_found_by_links(tmp_path: Path, family: str) -> None:
    with played(tmp_path, made_up(family)) as portal:
        found = walk(portal.fetch)
        asked, reports = len(portal.fetch.asked), set().union(*portal.truth.values())
        assert reports <= shown_on(found)
        assert all(one.is_whole for one in found)
        assert asked <= 12
        for one in found:
            known = [entry.url for entry in one.entries]
            again = read_list(one.url, portal.fetch, lambda entry: entry.url in reports, known_urls=known)
            assert (again.entries, again.unmet, again.pages) == (one.entries, one.unmet, one.pages)
        assert len(portal.fetch.asked) < 2 * asked


def reports(year: int, folder: str = "/nb") -> list[tuple[str, str]]:
    return [
        (f"{folder}/{year}{n}.html", f"{PLACE}{body}{year}年政府信息公开工作年度报告") for n, body in enumerate(BODIES)
    ]


ALL = [one for year in YEARS for one in reports(year)]
URLS = {f"http://{HOST}{url}" for url, _ in ALL}


HOME = {"/": page(links(("/nb/", "政府信息公开年报")))}


def found_in(pages: dict[str, str]) -> tuple[ListReading, ...]:
    return walk(Served(HOST, HOME | pages))


def test_below_a_year_a_bodys_mere_name_is_its_report() -> None:
    pages = {"/nb/": page(links(*((f"/nb/{year}/", f"{year}年") for year in YEARS)))}
    for year in YEARS:
        pages[f"/nb/{year}/"] = page(
            links(*((url, body) for (url, _), body in zip(reports(year), BODIES, strict=True)))
        )
    assert shown_on(found_in(pages)) >= URLS


def test_years_without_reports_beside_them_lead_to_lists() -> None:  # as 阜新's channel of each year
    menu = f"<div class=menu>{links(*((f'/nb/{year}/', f'{year}年') for year in YEARS))}</div>"
    pages = {"/nb/": page(menu)} | {f"/nb/{year}/": page(menu + links(*reports(year))) for year in YEARS}
    found = found_in(pages)
    assert {urlsplit(one.url).path: len(one.entries) for one in found} == {f"/nb/{year}/": 3 for year in YEARS}
    assert shown_on(found) == URLS


def test_a_menu_of_columns_is_no_list_of_a_year() -> None:
    """As 郏县 has it (SiteServer, public crawler of jxhchb): scripts draw the lists beside a menu of three columns, and
    the page of a year states three reports.
    """
    menu = links(("/nb/1.html", "县政府年报"), ("/nb/2.html", "县直部门年报"), ("/nb/3.html", "乡镇（街道）年报"))
    year = page(f"{menu}<script>show({{pageNum:1,totalNum:3,pageCount:1}})</script>")
    pages = {f"/nb/{n}.html": page(f"<div>{menu}</div>{links(*ALL)}") for n in (1, 3)} | {"/nb/4.html": year}
    found = found_in({"/nb/": page(menu), "/nb/2.html": page(menu + links(("/nb/4.html", "2021年部门年报")))} | pages)
    unmet = {urlsplit(one.url).path: {each.rule for each in one.unmet} for one in found}
    assert "shows_nothing" in unmet["/nb/4.html"]


def test_columns_of_groups_in_a_menu_are_no_reports() -> None:
    """As 大通县 has it (迅睿, public crawler of datong.gov.cn): a menu of columns beside one report among notices."""
    menu = links(("/nb/", "县政府信息公开年报"), ("/bm/", "部门信息公开年报"), ("/xz/", "乡镇信息公开年报"))
    notices = tuple((f"/tz/{n}.html", f"关于做好第{n}批政务公开工作的通知") for n in range(4))
    lists = {
        url: page(f"<div>{menu}</div>{links(ALL[at], *notices)}") for at, url in enumerate(("/nb/", "/bm/", "/xz/"))
    }
    found = found_in(lists)
    assert {urlsplit(one.url).path: one.unmet for one in found} == dict.fromkeys(lists, ())
    assert shown_on(found) >= {f"http://{HOST}{url}" for url, _ in ALL[:3]}


@pytest.mark.parametrize("written", ["{}", "·{}（21）"])
def test_a_directory_of_other_agencies_leads_to_their_columns(written: str) -> None:
    """As 安庆, 遂宁 and 灌南 have it (public crawlers of aqxxgk.anqing.gov.cn and xxgk.guannan.gov.cn,
    county_portals.csv): each has its own menu.
    """
    units = links(*((f"/list?unit={n}", written.format(body)) for n, body in enumerate(BODIES)))
    pages = {"/nb/": page(links(ALL[0], ("/units", "选择其他公开单位&gt;&gt;"))), "/units": page(units)}
    for n in range(len(BODIES)):
        menu = (("/zn", "政府信息公开指南"), (f"/list?unit={n}&c=13", "政府信息公开年报"), ("/sq", "依申请公开"))
        pages[f"/list?unit={n}"] = page(links(*menu))
        pages[f"/list?unit={n}&c=13"] = page(links(*ALL[n::3]))
    assert shown_on(found_in(pages)) >= URLS


def test_a_known_column_is_looked_at_although_another_list_calls_it_a_report() -> None:
    """As Lonsun has it in 平武县: each unit's page of a year has a menu of all units below the label of the year."""
    columns = [(f"http://{HOST}/nb/{n}", "政府信息公开年报>2024年") for n in range(2)]
    named = ("/nb/1", f"{PLACE}民政局2024年政府信息公开工作年度报告")
    served = Served(HOST, {"/nb/0": page(links(named, *ALL)), "/nb/1": page(links(*ALL[:3]))})
    found = [*Walk(served, place=PLACE, hosts=(HOST,)).read_each(columns)]
    assert [one.url for one in found] == [url for url, _ in columns]


def test_a_menu_of_agencies_below_each_year_is_no_complete_list() -> None:
    """As in 平武县: a menu of all units on the page of each year, which is the report itself."""
    units = links(*((f"/nb/{n}.html", body) for n, body in enumerate(BODIES)))
    years = links(*((f"/nb/?y={year}", f"{year}年") for year in YEARS))
    pages = {url: page(f"<ul>{units}</ul>{years}") for url in ("/nb/", *(f"/nb/?y={year}" for year in YEARS))}
    found = found_in(pages)
    assert [(len(one.entries), {each.rule for each in one.unmet}) for one in found] == [(3, {"choice"})] * 3


CELL = "<a href='/nb/{}{}.pdf'>{}</a>"
NUMBERED = "".join(
    f"<tr><td>{n}</td><td>{body}</td><td>{' '.join(CELL.format(y, n, f'{y}年') for y in YEARS)}</td></tr>"
    for n, body in enumerate(BODIES)
)
BY_HEADING = "".join(
    f"<h3>{year}年度部门年报</h3><table>"
    + "".join(
        f"<tr><td>{n}</td><td>{body}</td><td>{CELL.format(year, n, '查看')}</td></tr>" for n, body in enumerate(BODIES)
    )
    + "</table>"
    for year in YEARS
)


def table_of_years(head: str, text: str, *, group: bool = False) -> str:
    """A row for each agency, a column for each year, and in each cell a link with ``text``; ``group``: in front of all
    rows a cell with the name of their group.
    """
    heads = "".join(f"<th>{year}{head}</th>" for year in YEARS)
    rows = [
        f"<td>{body}</td>" + "".join(f"<td>{CELL.format(year, n, text)}</td>" for year in YEARS)
        for n, body in enumerate(BODIES)
    ]
    first = f"<td rowspan={len(rows)}>县直部门</td>" if group else ""
    return (
        f"<table><tr>{'<th>类别</th>' * group}<th>单位</th>{heads}</tr><tr>{first}{'</tr><tr>'.join(rows)}</tr></table>"
    )


@pytest.mark.parametrize(
    ("table", "count", "unmet"),
    [
        (table_of_years("年", "查看"), 12, set()),
        (table_of_years("年度", "<img src=ck.png>", group=True), 12, set()),
        (f"<table>{NUMBERED}</table>", 12, set()),
        (BY_HEADING, 12, set()),
        (table_of_years("年", "查看").replace("20", ""), 3, {"unnamed"}),
    ],
)
def test_a_table_names_agencies_and_years_beside_its_links(table: str, count: int, unmet: set[str]) -> None:
    """As files of 华容县 stand (public address huarong.gov.cn/uploadfiles/…pdf): links say 查看, nothing, or a year. If
    the table is not understood, the government's own reports above it are no complete list.
    """
    own = links(*((f"/nb/{year}.html", f"{PLACE}人民政府{year}年政府信息公开工作年度报告") for year in YEARS))
    (read,) = found_in({"/nb/": page(f"{own}{table}")})
    assert (len(read.entries), {one.rule for one in read.unmet}) == (count, unmet)


def test_a_year_may_be_divided_into_lists_of_groups() -> None:
    """As 屏山县 has it: folders of years, in them folders of groups, and a page above that shows the newest year."""
    groups = {"bm": "县级部门", "xz": "乡镇"}
    parts = {(year, group): reports(year)[at * 2 : at * 2 + 2] for year in YEARS for at, group in enumerate(groups)}
    folders = links(*((f"/nb/{year}/{group}/", groups[group]) for year, group in parts))
    overview = "".join(
        f"<h3><a href='/nb/2024/{one}/'>{groups[one]}</a></h3>{links(*parts[2024, one])}" for one in groups
    )
    pages = {"/nb/": page(folders + overview)} | {
        f"/nb/{year}/{group}/": page(links(*shown)) for (year, group), shown in parts.items()
    }
    found = {urlsplit(one.url).path: one.unmet for one in found_in(pages)}
    assert {url: found[url] for url in pages if url.count("/") == 4} == {f"/nb/{y}/{g}/": () for y, g in parts}


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("/nb/?u={}", "/nb/"),
        ("/nb/zfxxgknb2{}", "/nb/zfxxgknb2"),
        ("/unit{}/gkmlpt/index", "/gkmlpt/annualreport"),
    ],
)
def test_a_box_of_agencies_leads_to_their_lists(address: str, own: str) -> None:
    """As 蕉岭县, 和顺县 and 郁南县 have it (public crawlers of meizhou.gov.cn/open, heshun.gov.cn, gdyunan.gov.cn): the
    same page with another number for each agency, a page in the same folder, or each agency's own pages.
    """
    of_agency = {address.format(n): ALL[n::3] for n in range(3)}
    options = "".join(f"<option value='{url}'>{body}</option>" for url, body in zip(of_agency, BODIES, strict=True))
    box = f"<select onchange='location.href=this.value'>{options}<option value='/ga/'>公安局</option></select>"
    pages = {url: page(box + links(*shown)) for url, shown in of_agency.items()}
    column = {"/": page(links((own, "政府信息公开年报"))), own: page(box + links(*ALL[::3]))}
    assert shown_on(found_in(column | pages)) == URLS


def test_years_beside_the_government_s_own_list_lead_to_those_of_departments() -> None:
    """As 杨浦 has it (public crawler of shyp.gov.cn): an operator gives the list, and no label says what it is."""
    of_years = {f"/nb-{year}/": [one for one in ALL if str(year) in one[1]] for year in YEARS}
    pages = {url: page(links(("/nb/", "返回"), *shown)) for url, shown in of_years.items()}
    menu = links(*((url, f"{url[4:8]}年") for url in pages))
    own = links(*((f"/nb/{year}.html", f"{PLACE}人民政府{year}年政府信息公开工作年度报告") for year in YEARS))
    served = Served(HOST, pages | {"/": page(""), "/nb/": page(menu + own)})
    found = [*Walk(served, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/nb/"])]
    assert shown_on(found) > URLS
    assert [one.unmet for one in found] == [()] * (1 + len(YEARS))


def test_the_government_s_own_list_leads_back_to_a_site_of_units() -> None:
    """As the old maker of 马鞍山 has it (public page of jxw.mas.gov.cn): each unit has a sub-site."""
    own = [(f"/nb/{year}.html", f"{PLACE}人民政府{year}年政府信息公开工作年度报告") for year in YEARS]
    shown = {f"/nb/?org={n}": ALL[n::3] for n in range(3)} | {"/nb/?org=9": own}
    back = links(("/xxgk/", "返回信息公开网首页"))
    units = links(*((f"/dw/?org={n}", body) for n, body in enumerate(BODIES)))
    pages = {f"/dw/?org={n}": page(back + links((f"/nb/?org={n}", "政府信息公开年报"))) for n in range(3)}
    pages |= {url: page(back + links((url, "政府信息公开年报"), *rows)) for url, rows in shown.items()}
    served = Served(HOST, pages | {"/": page(""), "/xxgk/": page(f"<h2>单位信息公开目录</h2>{units}")})
    found = [*Walk(served, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/nb/?org=9"])]
    assert [one.unmet for one in found] == [()] * len(shown)
    assert shown_on(found) > URLS


def test_groups_below_a_heading_of_reports_lead_to_lists() -> None:
    """As the maker of 信阳 has it (public crawlers of xinyang.gov.cn): groups below a heading, some only so named."""
    groups = {"/ca/4.htm": "县直单位", "/ca/5.htm": "乡镇（街道）"}
    menu = f"<h3>政府信息公开年报</h3>{links(*groups.items())}"
    pages = {url: page(f"{links(*ALL[n::2])}<p>共{len(ALL[n::2])}条</p>") for n, url in enumerate(groups)}
    found = found_in(pages | {"/": page(links(("/gk/", "政府信息公开"))), "/gk/": page(menu)})
    assert {urlsplit(one.url).path: one.path.rpartition(">")[2] for one in found} == {
        url: f"{group}政府信息公开年报" for url, group in groups.items()
    }
    assert shown_on(found) == URLS


def test_titles_that_are_cut_are_rows_of_their_column() -> None:
    """As old portals of 合肥 have them (public crawlers of zwgk.hefei.gov.cn): 16 characters of each title."""
    (read,) = found_in({"/nb/": page(links(*((url, f"{title[:16]}...") for url, title in ALL)))})
    assert ({one.url for one in read.entries}, read.unmet) == (URLS, ())


def test_pages_that_lead_to_each_other_are_complete_if_their_lists_are() -> None:
    """As 天津市和平区 has it: a page of units, and one for each unit, with the list's name in a menu on every page."""
    menu = links(("/bm/", "区政府部门"), ("/zj/", "街道办事处"))
    pages = {"/nb/": page(menu), "/bm/": page(menu + links(("/bm/czj/", "财政局"))), "/zj/": page(menu)}
    served = Served(HOST, HOME | pages | {"/bm/czj/": page(menu + links(*ALL))})
    found = [*Walk(served, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/"])]
    complete = {one.url: one.is_whole for one in found}
    ways = [one for one in found if one.leads_to]
    assert {urlsplit(one.url).path for one in ways} == {"/nb/", "/bm/", "/zj/"}
    assert {outcome for outcome, _ in outcomes_of_ways(ways, complete).values()} == {LookOutcome.OK}
    circle = outcomes_of_ways([one for one in ways if "czj" not in str(one.leads_to)], {})
    assert {outcome for outcome, _ in circle.values()} == {LookOutcome.PARTIAL}
    complete[f"http://{HOST}/bm/czj/"] = False
    assert {outcome for outcome, _ in outcomes_of_ways(ways, complete).values()} == {LookOutcome.PARTIAL}


def test_short_names_in_a_table_and_a_menu_of_groups_lead_to_lists() -> None:
    """A table of units as in 万宁, and the menu of 徐汇 (public crawlers of xxgk.hainan.gov.cn and xuhui.gov.cn)."""
    names = (*BODIES, "住房和城乡建设局", "实验小学")
    units = "".join(f"<td><a href='/dw/{n}/'>{one}</a></td>" for n, one in enumerate(names))
    pages = {f"/dw/{n}/": page(links((f"/nb/{n}/", "信息公开年报"))) for n in range(5)}
    pages |= {f"/nb/{n}/": page(links(*ALL[n::3])) for n in (0, 1, 2, 4)} | {"/zj/": page(links(*ALL[:3]))}
    menu = links(("/dw/", "各单位信息公开"), ("/zj/", "街道、镇"))
    found = found_in(pages | {"/nb/": page(menu + links(*ALL[::3])), "/dw/": page(f"<table><tr>{units}</tr></table>")})
    assert {urlsplit(one.url).path for one in found} >= {"/nb/0/", "/nb/1/", "/nb/2/", "/nb/4/", "/zj/"}
    assert {one.path.split(">")[-2] for one in found if one.url.count("/") == 5} >= {*BODIES}


def test_agencies_own_sites_are_entered_from_the_column_itself() -> None:
    """As 綦江 (report_urls.jsonl: /jz/yxz/zwgk_58948/zfxxgknb_58963/), and a column named as 鹿泉 names its own."""
    menu = links(("/bm/", "部门信息公开"), ("/nb/all/", "2025年区直部门"))
    units = links(*((f"/bm/{n}/", name) for n, name in enumerate(BODIES[:4])))
    pages = {"/nb/": page(menu + links(*ALL[:2])), "/bm/": page(units), "/nb/all/": page(links(*ALL[2:9]))}
    for n in range(4):
        pages |= {f"/bm/{n}/": page(links((f"/bm/{n}/zwgk/", "政务公开")))}
        pages |= {f"/bm/{n}/zwgk/": page(links((f"/bm/{n}/nb/", "信息公开年报")))}
        pages |= {f"/bm/{n}/nb/": page(links(*ALL[9 + n :: 4]))}
    assert shown_on(found_in(pages)) >= URLS


def test_a_walk_that_used_up_its_requests_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As 乌审旗 had it: of 38 units with a page and eight years each, the townships were left out."""
    pages = HOME | {f"/nb/{n}/": page(links(*ALL[n::3])) for n in range(3)}
    pages["/nb/"] = page(links(*((f"/nb/{n}/", body) for n, body in enumerate(BODIES))))
    for most, is_cut_off in ((3, True), (9, False)):
        monkeypatch.setattr("crawler.lists.walk.MAX_REQUESTS", most)
        made = Walk(Served(HOST, pages), place=PLACE, hosts=(HOST,))
        found = [*made.read_each((), [f"http://{HOST}/"])]
        assert (made.is_cut_off, sum(one.is_whole for one in found) < 3) == (is_cut_off, is_cut_off)


TABLE = "".join(f"<tr><td><a href='{url}'>{title}</a></td></tr>" for url, title in ALL[-3:])


@pytest.mark.parametrize("rows", [links(*ALL[-3:]), f"<ul><table><tbody>{TABLE}</tbody></table></ul>"])  # as 邯郸's
def test_a_box_of_the_newest_entries_is_no_list_and_leads_to_one(rows: str) -> None:
    box = f"<div><h3>年报</h3><a href='/nb/all.html'>更多</a>{rows}</div>"
    pages = {"/nb/": page(box), "/nb/all.html": page(f"{links(*ALL)}<p>共{len(ALL)}条</p>")}
    found = {urlsplit(one.url).path: one.unmet for one in found_in(pages)}
    assert found == {"/nb/": (Unmet("preview", f"http://{HOST}/nb/all.html"),), "/nb/all.html": ()}
    del pages["/nb/all.html"]
    assert not any(one.is_whole for one in found_in(pages))


TOP = ("/nb/top.html", f"{PLACE}2025年政府信息公开工作年度报告")
ROWS = {  # what the cases leave out
    "@FIRST": links(*ALL[:5]),
    "@REST": links(*ALL[5:]),
    "@SIXTH": links(*ALL[5:7]),
    "@EIGHTH": links(*ALL[7:]),
    "@FOUR": links(*ALL[:4]),
    "@NEXT_FOUR": links(*ALL[4:8]),
    "@NINTH": links(*ALL[8:]),
    "@TOP_AND_FIRST": links(TOP, *ALL[:5]),
    "@TOP_AND_REST": links(TOP, *ALL[5:]),
    "@OLD": "".join(f"<li><a href='{u}'><b>{t}</b><i>02-09</i><i>2026</i></a></li>" for u, t in ALL[:5]),
    "@ITEMS": "".join(f"<ul><li><a href='{u}'>{t}</a></li><li>2025-02-09</li></ul>" for u, t in ALL),
    "@TITLED": "".join(f"<tr><td><a href='{u}' title='文章标题：{t}&#13;&#10;作者：办公室'>{t}</a>" for u, t in ALL),
}


@pytest.mark.parametrize("printed", read_cases(__file__, "printed"), ids=lambda case: case["name"])
def test_a_list_is_read_whole_however_it_is_printed(printed: dict[str, str]) -> None:
    parts = [printed.get(name, "") for name in ("first", "second", "second", "third")]
    for mark, rows in ROWS.items():
        parts = [one.replace(mark, rows) for one in parts]
    paths = ("/nb/index.html", "/nb/2.html", "/nb/index2.html", "/nb/1.html")
    column = {"/": page(links(("/nb/index.html", "政府信息公开年报")))}
    found = found_in(column | dict(zip(paths, map(page, parts), strict=True)))
    assert shown_on(found) >= URLS
    assert [one.unmet for one in found] == [()]


def test_a_link_back_makes_no_list_of_a_page() -> None:
    column = ("/nb/", "政府信息公开年报")
    pages = {"/": page(links(("/gk/", "政务公开"))), "/gk/": page(links(("/gk/czj/", f"{PLACE}财政局"), column))}
    pages |= {"/gk/czj/": page(links(column)), "/nb/": page(f"<a href='/gk/czj/'>{PLACE}财政局</a> &gt; {links(*ALL)}")}
    assert [(urlsplit(one.url).path, one.unmet) for one in found_in(pages)] == [("/nb/", ())]
    pages = {
        "/all/": page(f"<a href='/'>{PLACE}人民政府</a> {links(*ALL)}"),
        "/": page("<a href='/gk/'>政务公开</a>"),
    }
    made, column = Walk(Served(HOST, pages), place=PLACE, hosts=(HOST,)), f"http://{HOST}/all/"
    assert [(one.url, one.unmet) for one in made.read_each([(column, "政府信息公开年报")])] == [(column, ())]


def test_a_directory_by_agency_of_one_year_is_partial() -> None:
    rows = links(*((f"/nb?organ={n}&fbtime=2024", PLACE + body) for n, body in enumerate(BODIES)))
    years = links(*((f"/nb?nbYear={year}", str(year)) for year in YEARS))  # of one agency, as in 临沧
    for shown, unmet in ((rows, ["other_years"]), (years, [])):
        (read,) = found_in({"/nb/": page(shown)})
        assert (len(read.entries), [one.rule for one in read.unmet]) == (3, unmet)


@pytest.mark.parametrize(("extra", "unmet"), read_cases(__file__, "going_on"))
def test_a_list_that_may_go_on_is_partial_without_a_browser(extra: str, unmet: str) -> None:
    (read,) = (one for one in found_in({"/nb/": page(links(*ALL) + extra)}) if one.url.endswith("/nb/"))
    assert unmet in {one.rule for one in read.unmet}


def test_a_list_is_read_on_behind_a_page_that_the_server_cannot_make() -> None:  # as PHPCMS with a damaged table
    pager = links(*((f"/nb/{n}.html", str(n)) for n in range(1, 5)))
    made = {f"/nb/{n}.html": page(links(ALL[n - 1]) + pager) for n in (1, 2, 4)}
    found = found_in({"/nb/": page(links(("/nb/1.html", "政府信息公开年报"))), **made})
    assert shown_on(found) == {f"http://{HOST}{ALL[n - 1][0]}" for n in (1, 2, 4)}
    assert any(one.rule == "not_received" for read in found for one in read.unmet)


def test_a_page_that_breaks_the_reading_is_told_and_the_others_are_read() -> None:
    pages = {"/": page(links(("/nb/", "政府信息公开年报"), ("/bm/", "部门年报"))), "/nb/": page(links(*ALL))}
    served = Served(HOST, pages)

    def fetch(request: Request) -> Answer:
        if request.url.endswith("/bm/"):
            raise KeyError(request.url)
        return served(request)

    lists = {one.url: one.unmet for one in Walk(fetch, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/"])}
    assert lists[f"http://{HOST}/nb/"] == ()
    assert lists[f"http://{HOST}/bm/"] == (Unmet("reading_failed", "KeyError"),)


PORTALS = Path(__file__).parents[1] / "portals"
PLACES = {"jiyuan": "济源市", "luoyang": "洛阳市", "yaodu": "临汾市尧都区", "yiyuan": "沂源县"}


class Recorded:
    """Answers of a recording; ``without``: an address that answers 404."""

    def __init__(self, name: str, without: str = "") -> None:
        self.folder = PORTALS / name
        self.said = tomllib.loads((self.folder / "pages.toml").read_text("utf-8"))
        self.without = without

    def __call__(self, request: Request) -> Answer:
        name = self.said["pages"].get(request.url)
        if name is None or request.url == self.without:
            return Answer(request, request.url, 404)
        return Answer(request, request.url, 200, (self.folder / name).read_bytes())


@pytest.mark.parametrize("name", PLACES)
def test_recorded_lists_give_their_reports_unless_a_promised_page_is_missing(name: str) -> None:
    recorded, pages = Recorded(name), Recorded(name).said["pages"]
    is_report = partial(is_report_of, place=PLACES[name], hosts=tuple({urlsplit(url).hostname or "" for url in pages}))
    lists = {url: read_list(url, recorded, is_report) for url in pages}
    leads = json.loads((PORTALS / name / "leads.json").read_text("utf-8"))
    found = {entry.url for one in lists.values() for entry in filter(is_report, one.entries)}
    assert found == {lead["url"] for lead in leads if lead["is_report"] and lead["title"]}
    without = recorded.said["paged"]["without"]
    first = min(filter(without.startswith, pages), key=len)
    assert lists[first].is_whole
    assert not read_list(first, Recorded(name, without), is_report).is_whole


@pytest.mark.shared
def test_an_answer_in_xml_states_how_many_entries_and_pages_there_are(saved: Callable[[str], str]) -> None:
    page = read_text("http://jshrss.jiangsu.gov.cn/dataproxy.jsp", saved("hanweb_jcms/dataproxy_excerpt.xml"))
    assert [(one.kind, one.value) for one in page.claims] == [("total", 1928), ("pages", 20)]
    assert len(page.blocks) == 1


TEMPLATES = {
    "ORGAN": f"http://{HOST}/nb?area={{code}}&fbtime={{year}}",
    "COLUMN": f"http://{HOST}/column/{{code}}?type=3&title={{year}}",
}


@pytest.mark.parametrize(("template", "path", "is_one"), read_cases(__file__, "addresses"))
def test_addresses_of_agency_and_year_are_known_in_any_order_of_their_fields(
    template: str, path: str, is_one: bool
) -> None:
    assert is_address_of(TEMPLATES[template], f"http://{HOST}{path}") is is_one


@pytest.mark.parametrize(("body", "outcome"), read_cases(__file__, "pages"))
def test_a_page_is_judged_by_what_it_shows(body: str, outcome: str) -> None:
    url = f"http://{HOST}/nb?organ=1&fbtime=2024"
    page = f"<html><head><title>中国·宛平</title></head><body><a href='/'>首页</a>{body}</body></html>"
    verdicts = {"report": REPORT, "empty": EMPTY_ANSWER, "partial": NOT_UNDERSTOOD}
    assert judge_page(read_text(url, page), 2024)[0] == verdicts[outcome]


FORM = "<form action='/so?old=1' name=search><input type=hidden name=site value=7><input name=keyword></form>"
POSTED = "<form action='/so' method=post class=searchForm><input type=text name=q></form>"


@pytest.mark.parametrize("form", [*read_cases(__file__, "forms"), POSTED])
def test_only_a_form_that_is_a_search_with_an_address_is_sent(form: str) -> None:
    assert find_search(read_text(f"http://{HOST}/", form)) == ""


def test_a_page_in_gbk_is_asked_in_gbk() -> None:
    sent = find_search(read_text(f"http://{HOST}/", f"<html><meta charset=gb2312>{FORM}"))
    asked = quote("政府信息公开工作年度报告", encoding="gb18030")
    assert sent == f"http://{HOST}/so?site=7&keyword={asked}"
