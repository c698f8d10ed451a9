"""What a list prints of a report beside, around and in place of its title: tips, cards, years in cells, tables."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import pytest
from loopback_web import Archive, Web, a_report, page
from shown_portals import entered, use

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from storage.records import CaptureRole, LookOutcome

AT = "http://www.wanping.gov.cn/nb/"
TITLE = "宛平县财政局2024年政府信息公开工作年度报告"
HEAD = "<html><head><title>政府信息公开年报</title></head><body>"


def read(markup: str) -> ListPage:
    return Generic(name="x").read_list(Page(AT, f"{HEAD}{markup}</body></html>"))


@pytest.mark.parametrize(
    ("row", "listed"),
    [
        (f"<a href='/s.asp?ArticleID=1' title='文章标题：{TITLE}&#13;作　　者：admin&#13;更新时间：2025-1-12'>{TITLE[:12]}...</a>", None),
        (f"<a href='/s.asp?ArticleID=1' title='标题：{TITLE}'>{TITLE[:12]}…</a>", None),
        (f"<a href='/i/2024-0-1'><h4>{TITLE}</h4><p>发布于 2025.01.10</p></a>", "2025.01.10"),
        (f"<a href='/i/2024-0-1'><h4>{TITLE}</h4><p>发布日期：2025-01-10</p></a>", "2025-01-10"),
        (f"<a href='/d/c1639a'><h4>{TITLE}</h4><p><small>发布机构：宛平县财政局　发布日期：2025-01-10</small></p></a>", "2025-01-10"),
        (f"<a href='/d/c1639a'><p>2025-01-10　来源：宛平县财政局</p><h3>{TITLE}</h3></a>", "2025-01-10"),
    ],
)  # fmt: skip
def test_a_title_is_told_from_what_stands_with_it(row: str, listed: str | None) -> None:
    (link,) = read(f"<ul><li>{row}</li></ul>").links
    assert (link.text, link.listed) == (TITLE, listed)


def test_a_definition_lists_term_is_an_entry_with_the_day_that_follows() -> None:
    rows = "".join(
        f"<dl><dt><a href='/portal.php?mod=view&amp;aid={n}'>宛平县{who}2024年政府信息公开...</a></dt><dd>宛平政府网</dd>"
        f"<dd><span>2025-1-{n}</span></dd></dl>"
        for n, who in ((20, "财政局"), (21, "教育局"))
    )
    found = read(f"<div>{rows}</div>")
    assert [(link.text, link.listed) for link in found.links] == [
        ("宛平县财政局2024年政府信息公开...", "2025-1-20"),
        ("宛平县教育局2024年政府信息公开...", "2025-1-21"),
    ]


def test_a_cut_title_that_may_be_a_reports_is_an_entry_without_a_day() -> None:
    cut = ("宛平县财政局2024年政府信息公开工作…", "宛平县2024年国民经济和社会发展…")
    rows = "".join(f"<p><a href='/view/{n}'>{title}</a></p>" for n, title in enumerate(cut))
    assert [link.text for link in read(f"<div>{rows}</div>").links] == [cut[0]]


@pytest.mark.parametrize(
    ("date", "listed"),
    [("<b>20</b><span>2025-01</span>", "2025-01-2{}"), ("2025-01-2{}", "2025-01-2{}"), ("", None)],
)
def test_a_day_in_a_block_of_its_own_is_that_of_the_title_beside_it(date: str, listed: str | None) -> None:
    items = "".join(
        f"<div class=item><div class=date>{date.format(n).replace('<b>20', f'<b>2{n}')}</div><div class=txt>"
        f"<h4><a href='/d/{n}0000.html'>宛平县{who}2024年政府信息公开工作年度报告</a></h4><p>{who}公布</p></div></div>"
        for n, who in enumerate(("财政局", "教育局", "司法局"))
    )
    found = [link.listed for link in read(f"<div class=list><div>2026-04-01</div>{items}</div>").links]
    assert found == [listed and listed.format(n) for n in range(3)]


def test_a_title_whose_year_stands_in_a_cell_of_its_own_is_an_item() -> None:
    rows = "".join(
        f"<tr><td>{year}</td><td><a href='/d/{year}00.html'>宛平县财政局政府信息公开工作年度报告</a></td></tr>"
        for year in (2023, 2024)
    )
    found = read(f"<table><tr><th>年度</th><th>名称</th></tr>{rows}</table>")
    assert [link.url for link in found.links] == [f"http://www.wanping.gov.cn/d/{year}00.html" for year in (2023, 2024)]


def test_such_items_are_no_columns_of_one_report_each(archive: Archive, web: Web) -> None:
    """Each would be looked at as a column, end ok with its one report, and prove that the others are missing."""
    archive.portal(family="generic.Generic")
    host, rows = "www.wanping.gov.cn", ""
    for year in (2022, 2023, 2024):
        for n, body in enumerate(("宛平县财政局", "宛平县教育局")):
            rows += f"<tr><td>{year}</td><td><a href='/d/{year}0{n}.html'>{body}政府信息公开工作年度报告</a></td></tr>"
            web.routes[host, f"/d/{year}0{n}.html"] = a_report(f"{body}{year}年政府信息公开工作年度报告")
    web.routes[host, "/nb/"] = page(f"{HEAD}<table>{rows}</table></body></html>")
    archive.crawl()
    assert [(look.listing, look.outcome) for look in archive.looks()] == [("wanping:nb", LookOutcome.OK)]
    assert sum(c.role is CaptureRole.REPORT for c in archive.captures()) == 6


def test_a_document_in_place_of_a_column_proves_no_absence(archive: Archive, web: Web) -> None:
    host, path = "www.wanping.gov.cn", "/d/202400.html"
    archive.portal(family="generic.Generic", listings=f'column("nb", "http://{host}{path}", title="政府信息公开年报"),')
    web.routes[host, path] = a_report(TITLE)
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.PARTIAL, "a_report_in_place_of_a_list")
    assert archive.links(look) == [f"http://{host}{path}"]


@pytest.mark.parametrize(("cell", "head"), [("{year}年", ""), ("查看", "{year}年")])
def test_a_table_of_bodies_by_years_is_a_list_that_is_doubted(cell: str, head: str) -> None:
    years, bodies = (2023, 2024), ("宛平县财政局", "宛平县教育局", "宛平县司法局")
    heads = "".join(f"<th>{head.format(year=year)}</th>" for year in years)
    rows = "".join(
        f"<tr><td>{body}</td>"
        + "".join(f"<td><a href='/r/{y}/{n}01.html'>{cell.format(year=y)}</a></td>" for y in years)
        for n, body in enumerate(bodies)
    )
    found = read(f"<table><tr><th>单位</th>{heads}</tr>{rows}</table>")
    said = [f"{body}{year}年政府信息公开年报" for body in bodies for year in years]
    assert [link.text for link in found.links] == said
    assert read(f"<table>{rows.partition('宛平县教育局')[0]}</td></tr></table>").links == ()


def test_a_table_of_bodies_by_years_in_a_folder_is_read_by_its_way_and_by_what_its_links_are_called() -> None:
    way = "<ol class='breadcrumb'><li>当前位置：</li><a href='/'>首页</a> / <a href='/nb/'>政府信息公开年报</a> / <span>乡镇</span></ol>"
    towns = ("南诏镇人民政府", "庙街镇人民政府", "永建镇人民政府")

    def found(called: str, who: str = "{}", above: str = way) -> ListPage:
        rows = "".join(
            f"<tr><td>{who.format(town)}</td><td><a href='/info/1053/{n}01.htm' {called.format(town)}>查看</a></td></tr>"
            for n, town in enumerate(towns)
        )
        markup = (
            f"<html><title>乡镇_巍山县人民政府</title>{above}<table><tr><td>单位</td><td>2024年</td></tr>{rows}</table>"
        )
        return Generic(name="x").read_list(Page(AT, markup, column="政府信息公开年报>乡镇"))

    assert [link.text for link in found("").links] == [f"{town}2024年政府信息公开年报" for town in towns]
    called = "title='巍山县{}2024年政府信息公开工作年度报告'"
    expected = [f"巍山县{town}2024年政府信息公开工作年度报告" for town in towns]
    assert [link.text for link in found(called).links] == expected
    assert [link.text for link in found(called, "第一组", "").links] == expected
    assert (found("", "第一组").links, found("", "第一组").doubt) == ((), "entries_without_titles")


def test_a_row_that_leads_nowhere_leaves_a_doubt() -> None:
    linked = f"<li><a href='/d/20240.html'>{TITLE}</a><span>2025-01-10</span></li>"
    assert read(f"<ul>{linked}</ul>").doubt == ""
    scripted = "<li data-id='20241'>宛平县教育局2024年政府信息公开工作年度报告<span>2025-01-10</span></li>"
    assert read(f"<ul>{linked}{scripted}</ul>").doubt == "address_by_script"
    tab = "<li class='on'>2024年政府信息公开工作年度报告</li>"
    assert read(f"<ul>{tab}</ul><ul>{linked}</ul>").doubt == ""


def test_titles_cut_before_the_word_are_titles_though_each_report_is_but_a_file_that_its_page_shows(
    archive: Archive, web: Web
) -> None:
    site = entered("www.wanping.gov.cn", "宛平县")
    rows = []
    for year in (2024, 2023, 2022):
        title = f"宛平县人民政府{year}年政府信息公开工作年度报告"
        site.put(
            f"/c{year}/page.htm", f"<h1>{title}</h1><div class='wp_pdf_player' pdfsrc='/f/{year}.pdf'></div>", title
        )
        rows.append(
            f"<li><a href='/c{year}/page.htm' title='{title}'>{title[:20]}…</a><span>{year + 1}-03-10</span></li>"
        )
    site.put("/gk/nb/", f"<ul>{''.join(rows)}</ul><p>总共 3 条</p>", "政府信息公开年报")
    told = use(archive, web, site, days=())
    assert "1 of 1 listings found and read to their end, 3 reports" in told.said["add"]
