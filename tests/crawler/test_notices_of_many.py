"""One notice a year that links the files of all agencies: every file is had, and none of them is called missing."""

# ruff: noqa: E501 - markup and titles stay on one line, as they came

from __future__ import annotations

from loopback_web import Archive, Web
from made_up_portals import Site, rows
from shown_portals import BUREAUS, DAYS, entered, text, use

from crawler.net.web_page import WebPage
from crawler.report_parts import parts

COUNTY = "金水县"
YEARS = (2024, 2023)


def notices(
    title: str = "{place}{year}年各部门政府信息公开工作年度报告",
    link: str = '<p>附件{n}：<a href="{href}">{who}.docx</a></p>',
) -> Site:
    """A notice a year, each with the files of all bureaus."""
    site = entered("www.jinshui.gov.cn", COUNTY)
    items = []
    for year in YEARS:
        files = []
        for n, who in enumerate(BUREAUS, 1):
            href = f"/files/{year}/{n}0ab.docx"
            site.put(href, text(f"{COUNTY}{who}", year))
            files.append(link.format(n=n, href=href, who=who))
        heading = title.format(place=COUNTY, year=year)
        site.put(
            f"/gk/nb/{year}.html",
            f"<h1>{heading}</h1><div id='zoom'><p>现将年度报告公布如下：</p><table>{''.join(files)}</table></div>",
            heading,
        )
        items.append((f"/gk/nb/{year}.html", heading))
    site.put("/gk/nb/", rows(items), "政府信息公开年报")
    return site


def everything() -> set[tuple[str, int]]:
    return {(f"{COUNTY}{who}", year) for who in BUREAUS for year in YEARS}


def test_every_file_of_a_notice_is_a_report_of_the_agency_that_it_names(archive: Archive, web: Web) -> None:
    assert use(archive, web, notices()).held() == everything()


def test_a_link_that_says_nothing_is_called_what_its_row_prints(archive: Archive, web: Web) -> None:
    told = use(archive, web, notices(link='<tr><td>{n}</td><td>{who}</td><td><a href="{href}">下载</a></td></tr>'))
    assert told.held() == everything()


def test_nobody_is_missing_while_a_notice_may_hold_his_report(archive: Archive, web: Web) -> None:
    """The notice of 2025 links pages, not files; nothing follows them, so nothing of that year is known."""
    site = notices()
    heading = f"{COUNTY}2025年各部门政府信息公开工作年度报告"
    site.put(
        "/gk/nb/2025.html",
        f"<h1>{heading}</h1><div id='zoom'><p>见<a href='http://x.example.com/'>专栏</a></p></div>",
        heading,
    )
    items = [(f"/gk/nb/{year}.html", f"{COUNTY}{year}年各部门政府信息公开工作年度报告") for year in (2025, *YEARS)]
    site.put("/gk/nb/", rows(items), "政府信息公开年报")
    told = use(archive, web, site, DAYS)
    assert {told.status(f"{COUNTY}{who}", 2025) for who in BUREAUS} == {"unknown"}


def test_a_row_that_names_two_bodies_calls_no_file_after_both() -> None:
    row = '<table><tr><td>司法局</td><td><a href="/f/1.pdf">下载</a></td><td>财政局</td><td><a href="/f/2.pdf">下载</a></td></tr></table>'
    assert {part.text for part in parts(WebPage("http://a.gov.cn/1.html", f"<html><body>{row}</body></html>"))} == {
        "下载"
    }
