"""One notice a year that links the files of all bodies: the bodies are proposed, every file is had, none is missed."""

# ruff: noqa: E501 - markup and titles stay on one line, as they came

from __future__ import annotations

import csv

from loopback_web import Archive, Web
from made_up_portals import Site, rows
from shown_portals import BUREAUS, DAYS, entered, run, text, use

from crawler.net.web_page import WebPage
from crawler.visits.report_parts import parts
from storage.records import CaptureRole

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


def guessed(archive: Archive) -> dict[str, str]:
    with (archive.path / "portals" / "shown.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["source"] for row in csv.DictReader(file)}


def test_the_bodies_of_the_files_are_proposed_and_their_reports_held(archive: Archive, web: Web) -> None:
    told = use(archive, web, notices())
    assert told.exits == {"add": 0, f"crawl {DAYS[0]}": 0, "coverage": 0}
    assert f"{COUNTY}司法局" in told.said["add"]
    assert "5 guessed agencies" in told.said["add"]
    assert guessed(archive) == {
        f"{COUNTY}{who}": "guessed: http://www.jinshui.gov.cn/gk/nb/2024.html" for who in BUREAUS
    }
    assert told.held() == everything()


def test_a_link_that_says_nothing_is_called_what_its_row_prints(archive: Archive, web: Web) -> None:
    told = use(archive, web, notices(link='<tr><td>{n}</td><td>{who}</td><td><a href="{href}">下载</a></td></tr>'))
    assert set(guessed(archive)) == {f"{COUNTY}{who}" for who in BUREAUS}
    assert told.held() == everything()


def test_a_notice_of_the_government_with_one_file_names_nobody(archive: Archive, web: Web) -> None:
    site = entered("www.jinshui.gov.cn", COUNTY)
    heading = f"{COUNTY}人民政府2024年政府信息公开工作年度报告"
    site.put("/files/1.docx", text(f"{COUNTY}人民政府", 2024))
    site.put(
        "/gk/nb/1001.html",
        f"<h1>{heading}</h1><div id='zoom'><a href='/files/1.docx'>{heading}.docx</a><a href='/files/2.docx'>司法局联系方式.docx</a></div>",
        heading,
    )
    site.put("/gk/nb/", rows([("/gk/nb/1001.html", heading)]), "政府信息公开年报")
    told = use(archive, web, site)
    assert set(guessed(archive)) == {f"{COUNTY}人民政府"}
    assert "guessed" not in guessed(archive)[f"{COUNTY}人民政府"]
    assert told.held() == {(f"{COUNTY}人民政府", 2024)}


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


def test_what_a_limit_leaves_of_the_files_is_told_and_had_in_the_next_run(archive: Archive, web: Web) -> None:
    site = notices()
    site.on(web)
    archive.map(*site.hosts)
    assert run(archive, "portal", "add", site.url, "--yes", "--name", "shown").returncode == 0
    spider = archive.path / "portals" / "shown.py"
    whole = spider.read_text(encoding="utf-8")
    spider.write_text(f"{whole}    custom_settings = {{'NIANBAO_PAGE_BUDGET': 12}}\n", encoding="utf-8")
    ran = run(archive, "crawl", "shown")
    assert ran.returncode == 1
    assert "of its attachments are left for the next crawl" in ran.stdout
    spider.write_text(whole, encoding="utf-8")
    web.log.clear()
    ran = run(archive, "crawl", "shown", day="2026-02-03")
    assert ran.returncode == 0, ran.stdout
    files = {c.requested for c in archive.captures("shown") if c.role is CaptureRole.ATTACHMENT and c.document}
    assert len(files) == len(BUREAUS) * len(YEARS)


def test_no_file_of_a_page_is_cut_off_in_silence() -> None:
    many = "".join(f'<p><a href="/f/{n}.pdf">某县第{n}局年度报告.pdf</a></p>' for n in range(700))
    assert len(parts(WebPage("http://a.gov.cn/1.html", f"<html><body>{many}</body></html>"))) == 700


def test_a_row_that_names_two_bodies_calls_no_file_after_both() -> None:
    row = '<table><tr><td>司法局</td><td><a href="/f/1.pdf">下载</a></td><td>财政局</td><td><a href="/f/2.pdf">下载</a></td></tr></table>'
    assert {part.text for part in parts(WebPage("http://a.gov.cn/1.html", f"<html><body>{row}</body></html>"))} == {
        "下载"
    }
