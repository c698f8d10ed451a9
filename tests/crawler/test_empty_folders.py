"""Folders below a column of reports that call themselves by a year or a group alone, and those that are still empty."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

from dataclasses import replace

import pytest
from loopback_web import Answer, Archive, Web, a_report, page

from crawler.cms.dated_list import DatedList
from crawler.lists.kinds.page_kinds import is_known_folder
from crawler.lists.list_page import Page, parse
from crawler.looks.sibling_lists import FirstPage, is_empty_there
from storage.records import Look, LookOutcome
from storage.registry import Registry

HOST = "www.wanping.gov.cn"


def folder(name: str, inside: str, crumbs: str = "") -> Answer:
    """A page of one template: head, place, list, foot; it calls itself by its own name alone."""
    return page(
        f"<html><head><title>{name}</title></head><body><div class='head'><img src='/l.png'><p>宛平县人民政府</p></div>"
        f"<div class='position'>首页 &gt; {crumbs}{name}</div><div class='main'><h2>{name}</h2><ul class='list'>{inside}</ul></div>"
        "<div class='foot'><p>主办：宛平县人民政府办公室</p><p>地址：宛平路1号</p></div></body></html>"
    )


def links(**rows: str) -> str:
    return "".join(f"<li><a href='{href}/'>{name}</a></li>" for name, href in rows.items())


def reports(web: Web, at: str, year: int, *names: str) -> str:
    rows = ""
    for number, name in enumerate(names):
        href, title = f"{at}{year + 1}/01-15/{year}{number}000.html", f"{name}{year}年政府信息公开工作年度报告"
        web.routes[HOST, href] = a_report(title)
        rows += f"<li><a href='{href}'>{title}</a><span>{year + 1}-01-15</span></li>"
    return rows


@pytest.fixture
def grown(archive: Archive, web: Web) -> Archive:
    """A column with a folder of departments, filled, and one of the government, which has only an empty year."""
    web.routes[HOST, "/nb/"] = page(
        f"<html><head><title>政府信息公开年报</title></head><body><ul>{links(县政府='zf', 部门='bm')}</ul></body></html>"
    )
    web.routes[HOST, "/nb/bm/"] = folder("部门", links(**{"2024年": "2024", "2023年": "2023"}))
    web.routes[HOST, "/nb/bm/2024/"] = folder("2024年", reports(web, "/nb/bm/", 2024, "宛平县财政局", "宛平县司法局"))
    web.routes[HOST, "/nb/bm/2023/"] = folder("2023年", reports(web, "/nb/bm/", 2023, "宛平县财政局", "宛平县司法局"))
    web.routes[HOST, "/nb/zf/"] = folder("县政府", links(**{"2024年": "2024"}))
    web.routes[HOST, "/nb/zf/2024/"] = folder("2024年", "")
    archive.portal(family="dated_list.DatedList")
    return archive


def ended(archive: Archive) -> dict[str, tuple[LookOutcome, str]]:
    """Path of each listing → how the last look at it ended."""
    with archive.home() as home:
        at = {row.id: row.url.partition(HOST)[2] for row in Registry(home).listings("wanping")}
    looks: dict[str, Look] = {at[look.listing]: look for look in archive.looks()}
    return {path: (look.outcome, look.reason) for path, look in sorted(looks.items())}


def test_years_below_folders_are_followed_and_an_empty_one_is_ok_and_shows_nothing(grown: Archive) -> None:
    assert [run.outcome for run in grown.crawl()] == ["ok"]
    assert ended(grown) == dict.fromkeys(
        ("/nb/", "/nb/bm/", "/nb/bm/2023/", "/nb/bm/2024/", "/nb/zf/", "/nb/zf/2024/"), (LookOutcome.OK, "")
    )
    with grown.home() as home:
        called = {row.url.partition(HOST)[2]: row.column for row in Registry(home).listings("wanping")}
    assert called["/nb/zf/2024/"] == "政府信息公开年报>县政府>2024年"


def test_a_folder_that_is_rebuilt_or_broken_is_told_as_before(grown: Archive, web: Web) -> None:
    web.routes[HOST, "/nb/zf/2024/"] = page(
        "<html><head><title>2024年</title></head><body><h1>宛平县人民政府</h1><ul class='list'></ul>"
        "<p>主办：宛平县人民政府办公室 承办：宛平县大数据中心 地址：宛平县宛平路1号 网站标识码：9900010001 版权所有</p></body></html>"
    )
    assert [run.outcome for run in grown.crawl()] == ["attention"]
    assert ended(grown)["/nb/zf/2024/"] == (LookOutcome.CHANGED, "no_item_found")


def test_a_folder_that_was_found_without_what_it_lies_below_is_called_by_it_now(grown: Archive) -> None:
    grown.crawl()
    with grown.home() as home:
        registry = Registry(home)
        (row,) = (one for one in registry.listings("wanping") if one.url.endswith("/nb/zf/2024/"))
        registry.put_listing(replace(row, column="2024年"))
    grown.crawl()
    assert ended(grown)["/nb/zf/2024/"] == (LookOutcome.OK, "")


AT = f"http://{HOST}/nb/zf/2024/"
SISTER = f"http://{HOST}/nb/bm/2023/"
COLUMN = "政府信息公开年报>县政府>2024年"


def template(name: str, rows: str, foot: str = "", of: str = "ul") -> str:
    head = "<tr><th>标题</th><th>日期</th></tr>" if of == "table" else ""
    return (
        f"<html><head><title>{name}</title></head><body><div class='head'><p>宛平县</p></div><div class='side'><ul><li>年报</li></ul></div>"
        f"<div class='main'><h2>{name}</h2><{of} class='list'>{head}{rows}</{of}>{foot}</div><div class='foot'><p>主办</p></div></body></html>"
    )


def is_empty(blank: str, of: str = "ul", column: str = COLUMN) -> bool:
    row = {
        "ul": "<li><a href='/2024/01-15/{0}.html'>宛平县财政局2023年政府信息公开工作年度报告{0}</a><span>2024-01-15</span></li>",
        "table": "<tr><td><a href='/2024/01-15/{0}.html'>宛平县财政局2023年政府信息公开工作年度报告{0}</a></td><td>2024-01-15</td></tr>",
    }[of]
    sister = Page(
        SISTER, template("2023年", "".join(row.format(n) for n in (1234, 5678)), "<div class='pages'>共1页</div>", of)
    )
    read = DatedList(name="x").read_list(sister)
    assert len(read.links) == 2
    return is_empty_there(Page(AT, blank, column=column), [FirstPage(SISTER, "2023年", sister, read)])


def test_a_folder_is_empty_where_a_list_of_the_same_template_has_its_items() -> None:
    assert is_empty(template("2024年", ""))
    assert is_empty(template("2024年", "", "<div class='pages'>共1页</div>"))
    assert is_empty(template("2024年", "", of="table"), "table")


@pytest.mark.parametrize(
    "blank",
    [
        template("2024年", "<li>某局</li>"),  # something stands there that was not understood
        template("2024年", "", "<p>系统繁忙，请稍后再试</p>"),
        template("2024年", "", "<div class='more'>加载更多</div>"),  # other than the template
        template("2024年", "", "<div class='pages'>共3条</div>"),
        template("首页", ""),  # whatever was asked for, this is another page
        "<html><head><title>2024年</title></head><body><ul class='list'></ul></body></html>",
        "<html><head><title>2024年</title></head><body></body></html>",
        "",
    ],
)
def test_any_other_page_without_items_is_none(blank: str) -> None:
    assert not is_empty(blank)


def test_nothing_is_empty_that_is_not_known_to_lie_below_a_column_of_reports() -> None:
    assert not is_empty(template("2024年", ""), column="2024年")
    assert not is_empty(template("2024年", ""), column="通知公告>2024年")


@pytest.mark.parametrize(
    ("column", "heading", "known"),
    [
        ("政府信息公开年报>县政府办公室", "宛平县人民政府办公室政府信息公开指南", True),
        ("政府信息公开年报>宛平县人民政府办公室", "县政府办", True),
        ("政府信息公开年报>县政府办", "卢沟镇人民政府办公室", False),
        ("政府信息公开年报>县政府办", "宛平县教育局政府信息公开指南", False),
        ("机构职能>县政府办", "县政府办公室", False),
    ],
)
def test_the_folder_of_the_office_is_known_by_its_other_names(column: str, heading: str, known: bool) -> None:
    assert is_known_folder(parse(f"<title>{heading}</title><h1>{heading}</h1>"), column) is known


def test_a_folder_that_says_it_is_empty_need_not_call_itself_a_column_of_reports() -> None:
    read = DatedList(name="x").read_list
    blank = Page(AT, template("2024年", "<li>暂无数据</li>"), column=COLUMN)
    assert (read(blank).outcome, read(blank).reason) == (LookOutcome.OK, "says_it_is_empty")
    assert read(Page(AT, blank.text)).outcome is LookOutcome.CHANGED
    assert read(Page(AT, blank.text, column="政府信息公开年报>县政府>2023年")).outcome is LookOutcome.CHANGED


def test_a_page_that_only_leads_to_lists_read_in_the_run_is_ok_and_shows_nothing(archive: Archive, web: Web) -> None:
    """Seen: columns lie beside each other (catid=60, 61 …), each with a menu that names their parent."""
    menu = "<ul><li><a href='/l60.html'>政府信息公开年报</a></li></ul>"
    groups = "<ul><li><a href='/l61.html'>县政府</a></li><li><a href='/l62.html'>部门</a></li></ul>"
    for at, *names in (("61", "宛平县人民政府"), ("62", "宛平县财政局", "宛平县司法局")):
        web.routes[HOST, f"/l{at}.html"] = folder(
            "政府信息公开年报", reports(web, f"/v{at}", 2024, *names), crumbs=menu + groups
        )
    web.routes[HOST, "/l60.html"] = folder("政府信息公开年报", "", crumbs=menu + groups + "<p>欢迎</p>")
    listings = ", ".join(f'column("c{at}", "http://{HOST}/l{at}.html", title="政府信息公开年报")' for at in (61, 62))
    archive.portal(family="generic.Generic", listings=f"{listings},")
    archive.crawl()
    paths = ("/l60.html", "/l61.html", "/l62.html")
    assert ended(archive) == dict.fromkeys(paths, (LookOutcome.OK, ""))
    web.routes[HOST, "/l60.html"] = folder("政府信息公开年报", "系统维护中", crumbs=menu + groups)
    archive.crawl()
    assert ended(archive)["/l60.html"] == (LookOutcome.CHANGED, "no_item_found")
