"""Lists of other years of one portal show where a full list without a pager ends; nothing else does."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

import pytest
from loopback_web import Archive, Web, a_list, page
from made_up_portals import links
from shown_portals import entered, run

from crawler.cms.generic import Generic
from crawler.lists.list_page import Page
from crawler.looks.sibling_lists import FirstPage, ends_there
from storage.records import LookOutcome

HEAD = '<link rel="stylesheet" href="/css/list.css?v=1">'


def rows(count: int, year: int, cls: str = "") -> str:
    return "".join(
        f'<li{cls}><a href="/a/{year}/{n}.html">宛平县第{n}局{year}年政府信息公开工作年度报告</a><span>{year + 1}-01-20</span></li>'
        for n in range(count)
    )


def first(
    count: int, year: int, *, path: str = "/nb/{}/bm/", label: str = "{}年部门年报", markup: str = "<ul>{}</ul>", head: str = HEAD, cls: str = ""
) -> FirstPage:  # fmt: skip
    url, name = f"http://www.a.gov.cn{path.format(year)}", label.format(year)
    text = f"<html><head><title>{name}</title>{head}</head><body><div class='m{year}'>{markup.format(rows(count, year, cls))}</div></body></html>"
    page = Page(url, text)
    return FirstPage(url, name, page, Generic(name="x").read_list(page))


PAGER = '<ul>{}</ul><p><a href="index_1.html">下一页</a></p>'


@pytest.mark.parametrize(
    ("sisters", "ends"),
    [
        ([first(22, 2024)], True),
        ([first(20, 2023), first(18, 2022), first(21, 2021)], True),
        ([first(20, 2024, markup=PAGER)], True),  # as many, and its pager leads on
        ([first(30, 2024, markup=PAGER)], True),
        ([], False),
        ([first(20, 2024), first(18, 2023)], False),  # perhaps all are cut at 20
        ([first(15, 2024, markup=PAGER)], False),
        ([first(22, 2024, path="/nb/{}/xz/", label="{}年乡镇年报")], False),  # of other bodies
        ([first(22, 2024, label="{}年乡镇年报")], False),
        ([first(22, 2025, path="/nb/{}/bm/a.html")], False),  # of the same year
        ([first(22, 2024, head='<link rel="stylesheet" href="/css/former.css">')], False),  # a former template
        ([first(22, 2024, markup="<div><ul>{}</ul></div>")], False),
        ([first(22, 2024, cls=" class='r'")], False),
        ([first(19, 2024, markup="<ul>{}</ul><p><a href='/a/1.html'>宛平县一局2024年政府信息公开工作年度报告</a></p><p><a href='/a/2.html'>宛平县二局2024年政府信息公开工作年度报告</a></p>")], False),
    ],
)  # fmt: skip
def test_only_a_list_of_another_year_made_alike_shows_the_end(sisters: list[FirstPage], ends: bool) -> None:
    doubted = first(20, 2025)
    assert doubted.read.doubt == "end_of_list_not_said"
    assert ends_there(doubted, [doubted, *sisters]) is ends


def test_a_crawl_judges_a_full_list_by_that_of_another_year(archive: Archive, web: Web) -> None:
    host = "www.wanping.gov.cn"
    column = 'column("nb{0}", "http://{1}/nb/{0}/", title="{0}年政府信息公开年报", year={0}), '
    archive.portal(family="generic.Generic", listings="".join(column.format(year, host) for year in (2025, 2024)))
    for year, count in ((2025, 10), (2024, 11)):
        entries = [
            (f"{n}.html", f"宛平县第{n}局{year}年政府信息公开工作年度报告", f"{year + 1}-01-20") for n in range(count)
        ]
        web.routes[host, f"/nb/{year}/"] = a_list(*entries)
    archive.crawl()
    told = [(look.listing, look.outcome, look.reason) for look in archive.looks()]
    assert told == [("wanping:nb2024", LookOutcome.OK, ""), ("wanping:nb2025", LookOutcome.OK, "")]


def test_a_full_list_that_another_one_ends_keeps_a_crawl_from_walking_again(archive: Archive, web: Web) -> None:
    host = "www.wanping.gov.cn"
    columns = "".join(
        f'column("nb{year}", "http://{host}/nb/{year}/", title="政府信息公开年报"), ' for year in (2025, 2024)
    )
    archive.portal(family="generic.Generic", listings=columns, extra=f'entrances = ("http://{host}/",)')
    web.routes[host, "/"] = page("<title>宛平县</title>")
    for year, count in ((2025, 10), (2024, 15)):  # both full: the longer one shows that the other is whole
        web.routes[host, f"/nb/{year}/"] = a_list(
            *(
                (f"{n}.html", f"宛平县第{n}局{year}年政府信息公开工作年度报告", f"{year + 1}-01-20")
                for n in range(count)
            )
        )
    for walks in (1, 0):
        archive.crawl()
        assert web.paths().count("/") == walks
        assert {look.outcome for look in archive.looks()} == {LookOutcome.OK, LookOutcome.PARTIAL}
        web.log.clear()


@pytest.mark.xfail(strict=True, reason="the list engine does not judge a full page by the list of another year yet")
def test_a_probe_judges_a_full_list_by_that_of_another_year(archive: Archive, web: Web) -> None:
    site = entered("www.wanping.gov.cn", "宛平县")
    site.put("/gk/nb/", links([(f"/gk/nb/{year}/", f"{year}年") for year in (2025, 2024)]), "政府信息公开年报")
    for year, count in ((2025, 10), (2024, 11)):
        site.put(f"/gk/nb/{year}/", f"<ul>{rows(count, year)}</ul>", f"{year}年政府信息公开年报")
    site.on(web)
    archive.map(*site.hosts)
    said = run(archive, "portal", "probe", site.url).stdout
    assert "2 of 2 listings found and read to their end" in said
