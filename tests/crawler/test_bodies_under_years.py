"""Entries that are a body's name alone, below a year: reports by their column, whose year and text the reader decides."""

# ruff: noqa: E501 - markup and titles stay on one line, as they came

from __future__ import annotations

import pytest
from loopback_web import Archive, Web
from made_up_portals import Site, links
from shown_portals import BUREAUS, DAYS, entered, tables, text, use

from archive.identity.classification import lead_of
from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from storage.records import Lead, Listing, ListingForm, LookOutcome, Portal

PLACE = "沙湾县"
AT = "http://www.shawan.gov.cn/gk/nb/"


def leads(body: str, title: str = "政府信息公开年报", url: str = AT) -> list[Lead]:
    """The reports on a page of an unknown system, as a column would show them."""
    from datetime import UTC, datetime

    now = datetime(2026, 2, 1, tzinfo=UTC)
    portal = Portal(
        name="a", place=PLACE, division=None, hosts=("www.shawan.gov.cn",), family="generic", recorded_at=now
    )
    listing = Listing(
        id="a:b", portal="a", url=url, form=ListingForm.COLUMN, column="政府信息公开年报", recorded_at=now
    )
    page = Page(url, f"<html><head><title>{title}</title></head><body>{body}</body></html>")
    found = (lead_of(link, listing, portal, ()) for link in Generic(name="a").read_list(page).links)
    return [lead for lead in found if lead.is_report]


def bodies(names: tuple[str, ...] = BUREAUS, at: str = "{n}sfj.html") -> str:
    return "<ul>" + "".join(f'<li><a href="{at.format(n=n)}">{who}</a></li>' for n, who in enumerate(names)) + "</ul>"


def test_a_heading_that_says_of_which_year_the_reports_are_is_their_year() -> None:
    found = leads(f"<h2>2024年度政府信息公开年报</h2>{bodies()}")
    assert {(lead.agency_name, lead.year) for lead in found} == {(f"{PLACE}{who}", 2024) for who in BUREAUS}


@pytest.mark.parametrize(
    "heading", ["2024年度政府信息公开年报（部门）", "2024年县直部门政府信息公开工作年度报告", "2024年乡镇（街道）年报"]
)
def test_a_heading_may_also_say_of_which_group_the_bodies_are(heading: str) -> None:
    assert {(lead.is_report, lead.year) for lead in leads(f"<h3>{heading}</h3>{bodies()}")} == {(True, 2024)}


def test_the_work_reports_of_a_government_are_no_disclosure_reports() -> None:
    assert not any(lead.year for lead in leads(f"<h3>2024年政府工作报告</h3>{bodies()}"))


def test_a_heading_that_may_be_the_year_of_publication_leaves_the_year_to_the_document() -> None:
    found = leads(f"<h3>2025年</h3>{bodies()}<h3>2024年</h3>{bodies(at='old/{n}.html')}")
    assert {(lead.agency_name, lead.year, lead.confidence) for lead in found} == {
        (f"{PLACE}{who}", None, 0.6) for who in BUREAUS
    }
    assert len(found) == 2 * len(BUREAUS)


@pytest.mark.parametrize(
    ("body", "title", "url"),
    [
        (bodies(), "政府信息公开年报", AT),  # no year stands over them
        (f"<h3>2024年</h3>{bodies()}", "领导之窗", "http://www.shawan.gov.cn/ldzc/"),  # no column of reports
        (f"<h3>2024年</h3>{bodies(at='{n}/')}", "政府信息公开年报", AT),  # folders
        (f"<h3>2024年</h3>{bodies(at='{n}/index.html')}", "政府信息公开年报", AT),
        (f"<h3>2024年</h3>{bodies(BUREAUS[:2])}", "政府信息公开年报", AT),  # two names are no list of bodies
        (f"<h3>2024年</h3>{bodies(('县直部门', '乡镇', '各部门', '街道'))}", "政府信息公开年报", AT),  # groups
        (f"<h3>2024年</h3>{bodies(('图解', '要闻', '依申请公开', '指南', '公告'))}", "政府信息公开年报", AT),
    ],
)
def test_names_without_that_evidence_are_no_reports(body: str, title: str, url: str) -> None:
    assert leads(body, title, url) == []


def test_short_labels_are_the_government_of_the_place_and_its_office() -> None:
    found = leads(f"<h2>2024年度年报</h2>{bodies(('县人民政府', '县政府办', '县本级', '司法局'))}")
    assert [lead.agency_name for lead in found] == [
        f"{PLACE}人民政府",
        f"{PLACE}人民政府办公室",
        f"{PLACE}人民政府",
        f"{PLACE}司法局",
    ]


def test_names_on_a_notice_of_the_reports_of_many_are_reports_of_that_year() -> None:
    title = f"{PLACE}各部门2024年政府信息公开工作年度报告"
    found = leads(
        f"<h1>{title}</h1><p>公布如下：</p>{bodies(at='/bm/{n}/content_100{n}.html')}", title, f"{AT}content_9.html"
    )
    assert {(lead.agency_name, lead.year) for lead in found} == {(f"{PLACE}{who}", 2024) for who in BUREAUS}
    own = f"{PLACE}人民政府2024年政府信息公开工作年度报告"
    assert [lead.agency_name for lead in leads(f"<h1>{own}</h1>{bodies()}", own, f"{AT}content_9.html")] in (
        [],
        [f"{PLACE}人民政府"],
    )


def test_a_body_that_stands_beside_a_report_of_nobody_is_its_own() -> None:
    row = '<li><span class="org">[{who}]</span><a href="{n}001.html">2024年政府信息公开工作年度报告</a><i>2025-01-20</i></li>'
    rows = "".join(row.format(who=who, n=n) for n, who in enumerate(BUREAUS))
    assert {(lead.agency_name, lead.year) for lead in leads(f"<ul>{rows}</ul>")} == {
        (f"{PLACE}{who}", 2024) for who in BUREAUS
    }
    same = "".join(row.format(who="政府办公室", n=n) for n in range(5))  # who publishes everything, not whose they are
    assert {lead.agency_name for lead in leads(f"<ul>{same}</ul>")} == {None}


@pytest.mark.parametrize("name", ["{who}（2024年度）", "{who}2024年度", "2024年度{who}"])
def test_a_body_and_a_reporting_year_are_a_report_of_a_column(name: str) -> None:
    found = leads(bodies(tuple(name.format(who=who) for who in ("县本级", *BUREAUS)), "/xxgk-show-6900{n}.html"))
    assert {(lead.agency_name, lead.year) for lead in found} == {
        (f"{PLACE}{who}", 2024) for who in ("人民政府", *BUREAUS)
    }
    assert leads(bodies(tuple(name.format(who=who) for who in BUREAUS), at="{n}sfj/")) == []


YEARS = "".join(f"<li><a href='/channels/3260{n}.html'>{2025 - n}年政府信息公开年报</a></li>" for n in range(3))
WAY = "<div id='dqwz'>您现在的位置：<a href='/'>首页</a> &gt;&gt; <a href='/channels/32599.html'>政府信息公开年报</a> &gt;&gt; {}</div>"


def of_year(body: str, title: str = "政府信息公开年报", number: int = 599) -> ListPage:
    page = f"<html><title>{title}</title><body>{WAY.format(title)}<ul>{YEARS}</ul><h2>{title}</h2>{body}</body></html>"
    return Generic(name="a").read_list(Page(f"http://www.shawan.gov.cn/channels/32{number}.html", page))


def test_folders_of_years_that_are_called_as_reports_are_no_reports() -> None:
    """Each was fetched as a report of nobody, and the government's called missing."""
    over = of_year("")
    assert (over.links, [link.url[-10:] for link in over.subcolumns]) == ((), [f"3260{n}.html" for n in range(3)])
    groups = "<div><h4>县政府</h4><ul><li><a href='/contents/32600/10000.html'>县人民政府</a></li></ul></div><div><h4>县直部门</h4>"
    below = of_year(f"{groups}{bodies(at='/contents/32600/1000{n}1.html')}</div>", "2025年政府信息公开年报", 600)
    assert [link.text for link in below.links] == [f"{who}2025年政府信息公开年报" for who in ("县人民政府", *BUREAUS)]
    assert [link.url[-10:] for link in below.subcolumns if "年" in link.text[:5]] == ["32601.html", "32602.html"]
    beside = of_year("<p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>三、收到和处理政府信息公开申请情况</p>")
    assert len(beside.links) == 3  # beside the text of a report they are its neighbours


def under_years(heading: str = "<h3>{year}年</h3>") -> Site:
    """One page: a heading and a list of bare names for each year; the reports' titles name no year."""
    site = entered("www.shawan.gov.cn", PLACE)
    page = ""
    for year in (2024, 2023):
        rows = []
        for n, who in enumerate(("县人民政府", *BUREAUS)):
            if (who, year) == ("水利局", 2024):
                continue
            name = PLACE + who.removeprefix("县")
            site.put(
                f"/x/{year}{'abcdefg'[n]}x.html",
                text(name, year, f"{name}政府信息公开工作年度报告"),
                f"{name}政府信息公开工作年度报告",
            )
            rows.append((f"/x/{year}{'abcdefg'[n]}x.html", who))
        page += heading.format(year=year) + links(rows)
    site.put("/gk/nb/", page, "政府信息公开年报")
    return site


def test_bare_names_under_years_are_found_held_and_missed(archive: Archive, web: Web) -> None:
    told = use(archive, web, under_years(), DAYS)
    assert told.exits["add"] == 0, told.said["add"]
    assert {look.outcome for look in archive.looks("shown")} == {LookOutcome.OK}
    names = [f"{PLACE}人民政府", *(f"{PLACE}{who}" for who in BUREAUS)]
    assert told.held() == {(who, year) for who in names for year in (2024, 2023)} - {(f"{PLACE}水利局", 2024)}
    assert told.status(f"{PLACE}司法局", 2025) == "missing"


@pytest.mark.xfail(strict=True, reason="the list engine does not read lists of one behind the names of bodies yet")
def test_names_that_lead_to_lists_are_followed_and_never_called_missing(archive: Archive, web: Web) -> None:
    """The page of a body below a year is a list of one: what looks like the way of other portals is none."""
    site = entered("www.shawan.gov.cn", PLACE)
    rows = []
    for n, who in enumerate(BUREAUS):
        path, title = site.report(f"/gk/doc/{n}001.html", f"{PLACE}{who}", 2024)
        site.put(f"/gk/nb/2024/b{'abcde'[n]}.html", links([(path, title)]), f"{who}-政府信息公开年报")
        rows.append((f"/gk/nb/2024/b{'abcde'[n]}.html", who))
    site.put("/gk/nb/", f"<h3>2024年</h3>{links(rows)}", "政府信息公开年报")
    told = use(archive, web, site, DAYS)
    assert told.held() == {(f"{PLACE}{who}", 2024) for who in BUREAUS}
    assert "missing" not in {told.status(f"{PLACE}{who}", 2024) for who in BUREAUS}


def governments_own() -> Site:
    """A page for each year, which is the government's report itself and is called by its year alone."""
    site = entered("www.shawan.gov.cn", PLACE)
    years = (2024, 2023, 2022)
    site.put("/gk/nb/", links([(f"/gk/nb/n{year}.html", f"{year}年") for year in years]), "政府信息公开年报")
    for year in years:
        crumbs = f"<div class='crumb'>首页 &gt; 县政府信息公开年报 &gt; {year}年</div>"
        opening = f"<p>现公布{PLACE}人民政府{year}年政府信息公开工作年度报告。</p>"
        site.put(
            f"/gk/nb/n{year}.html",
            crumbs
            + opening
            + text(f"{PLACE}人民政府", year, f"{year}年").replace(f"申请{year % 7}件", "申请3件")
            + tables(),
            f"{year}年",
        )
    return site


@pytest.mark.xfail(strict=True, reason="the list engine does not read the report itself below the label of a year yet")
def test_a_page_for_each_year_that_is_the_governments_report_is_its_report_of_that_year(
    archive: Archive, web: Web
) -> None:
    told = use(archive, web, governments_own())
    assert "same page under another address" not in told.said["add"]
    assert told.held() == {(f"{PLACE}人民政府", year) for year in (2024, 2023, 2022)}


@pytest.mark.parametrize("title", ["乡镇年报", "县直部门政府信息公开年报", "乡镇（街道）年报"])
def test_a_column_that_is_called_after_a_group_hides_no_body(title: str) -> None:
    found = leads(f"<h3>2024年度</h3>{bodies()}", title)
    assert {(lead.agency_name, lead.year) for lead in found} == {(f"{PLACE}{who}", 2024) for who in BUREAUS}


BAR = "".join(f'<a href="nb.jsp?year={y}">{y}年</a>' for y in (2024, 2023, 2022))
SHORT = ("县政府", "县财政局", "县民政局", "县水利局", "城关镇")
GRID = "".join(f'<td><a href="show.jsp?id=77{n}00">{who}</a></td>' for n, who in enumerate(SHORT))


def test_a_page_called_after_the_reports_of_the_year_that_its_list_is_held_to_is_a_column_of_that_year() -> None:
    """And 县政府 among them is no folder of the government's: it was passed over, and the list said to be whole."""
    url, title = f"{AT}nb.jsp?year=2023", "2023年政府信息公开工作年度报告"
    found = leads(f"{BAR}<table><tr>{GRID}</tr></table>", title, url)
    whose = (f"{PLACE}人民政府", *(PLACE + name.removeprefix("县") for name in SHORT[1:4]), f"{PLACE}城关镇人民政府")
    assert [(lead.agency_name, lead.year) for lead in found] == [(name, 2023) for name in whose]


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("nb.jsp?id=9", ""),  # nothing says that its list is held to the year
        ("nb.jsp?year=2023", "<h3>一、总体情况</h3><h3>二、主动公开政府信息情况</h3><h3>五、存在的主要问题</h3>"),
        ("nb.jsp?year=2023", "<a href='/x/1.html'>宛平县2023年政府信息公开年报</a>"),
    ],
)
def test_names_beside_the_report_of_a_year_are_not_believed_to_be_its_entries(url: str, more: str) -> None:
    found = leads(f"{BAR}{more}<table><tr>{GRID}</tr></table>", "2023年政府信息公开工作年度报告", AT + url)
    assert not [lead for lead in found if "财政局" in (lead.agency_name or "")]


@pytest.mark.parametrize(
    "body",
    [
        "<div id='zoom'><p>附件：<a href='/f/{n}.docx'>下载</a></p></div>",
        "<div class='wp_pdf_player' pdfsrc='/f/{n}.docx'></div>",
        "<div id='zoom'><img src='/f/{n}.png'></div>",
    ],
)
def test_names_below_a_year_are_reports_where_each_is_but_a_file_or_a_picture(
    archive: Archive, web: Web, body: str
) -> None:
    site = entered("www.shawan.gov.cn", PLACE)
    rows = []
    for n, who in enumerate(BUREAUS):
        title = f"{PLACE}{who}2024年政府信息公开工作年度报告"
        site.put(f"/c{n}a1/page.htm", f"<h1>{title}</h1>{body.format(n=n)}", title)
        rows.append((f"/c{n}a1/page.htm", who))
    site.put("/gk/nb/", f"<h3>2024年</h3>{links(rows)}", "政府信息公开年报")
    told = use(archive, web, site, days=())
    assert "1 of 1 listings found and read to their end, 5 reports" in told.said["add"]
