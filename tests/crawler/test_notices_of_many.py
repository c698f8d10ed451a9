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


LINKS = {  # by year: the file's own name, or what stands beside the link
    2024: '<p>附件{n}：<a href="{href}">{who}.docx</a></p>',
    2023: '<tr><td>{n}</td><td>{who}</td><td><a href="{href}">下载</a></td></tr>',
}


def notices() -> Site:
    """A notice a year, each with the files of all bureaus."""
    site = entered("www.jinshui.gov.cn", COUNTY)
    for year in YEARS:
        files = []
        for n, who in enumerate(BUREAUS, 1):
            href = f"/files/{year}/{n}0ab.docx"
            site.put(href, text(f"{COUNTY}{who}", year))
            files.append(LINKS[year].format(n=n, href=href, who=who))
        heading = f"{COUNTY}{year}年各部门政府信息公开工作年度报告"
        site.put(
            f"/gk/nb/{year}.html",
            f"<h1>{heading}</h1><div id='zoom'><p>现将年度报告公布如下：</p><table>{''.join(files)}</table></div>",
            heading,
        )
    return site


def test_each_file_of_a_notice_is_a_report_of_its_agency_and_nobody_is_missing_while_a_notice_may_hold_his(
    archive: Archive, web: Web
) -> None:
    """A link that says nothing is called what its row prints. The notice of 2025 links pages, not files; nothing
    follows them, so nothing of that year is known.
    """
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
    assert told.held() == {(f"{COUNTY}{who}", year) for who in BUREAUS for year in YEARS}
    assert {told.status(f"{COUNTY}{who}", 2025) for who in BUREAUS} == {"unknown"}


def test_a_row_that_names_two_bodies_calls_no_file_after_both() -> None:
    row = '<table><tr><td>司法局</td><td><a href="/f/1.pdf">下载</a></td><td>财政局</td><td><a href="/f/2.pdf">下载</a></td></tr></table>'
    assert {part.text for part in parts(WebPage("http://a.gov.cn/1.html", f"<html><body>{row}</body></html>"))} == {
        "下载"
    }
