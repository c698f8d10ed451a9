"""Bars of years that lead to the page itself: each year is another list, or another report of the same body."""

from __future__ import annotations

import pytest
from loopback_web import Archive, Web
from made_up_portals import CHAPTERS, FURNITURE, Site, links
from test_portal_add import add

from crawler.cms.generic import Generic
from crawler.cms.hanweb_jcms import HanwebJcms
from crawler.cms.static_list import StaticList
from crawler.lists.list_page import ListPage, Page
from crawler.looks.addressed import address_pattern
from crawler.looks.page_reading import read_page
from crawler.spider import PortalSpider
from storage.records import LookOutcome

HOST = "http://www.wanping.gov.cn"
YEARS = (2025, 2024, 2023)


def bar(address: str, years: tuple[int, ...] = YEARS, on: int | None = 2025) -> str:
    cells = (f'<li{" class=on" if y == on else ""}><a href="{address.format(y)}">{y}年</a></li>' for y in years)
    return f"<ul class=years>{''.join(cells)}</ul>"


def report(who: str = "宛平县财政局", year: int = 2025) -> str:
    return f"<h1>{who}{year}年政府信息公开工作年度报告</h1><div id=zoom>{CHAPTERS}</div>"


def read(family: type[PortalSpider], url: str, body: str) -> ListPage:
    return read_page(family(name="x"), Page(f"{HOST}{url}", f"<title>政府信息公开年报</title><body>{body}</body>"))


@pytest.mark.parametrize("family", [Generic, StaticList])
@pytest.mark.parametrize("address", ["/gk/show.php?dept=7&y={}", "/gk/nb/7_{}.html", "?dept=7&y={}"])
def test_the_page_of_a_report_with_a_bar_of_years_is_a_list_of_all_of_them(
    family: type[PortalSpider], address: str
) -> None:
    own = "/gk/nb/7_1.html" if "nb" in address else "/gk/show.php?dept=7"
    found = read(family, own, bar(address) + report())
    assert [link.text for link in found.links] == [f"宛平县财政局{year}年政府信息公开工作年度报告" for year in YEARS]
    assert [
        link.url.endswith(address.format(year).rpartition("/")[2])
        for link, year in zip(found.links[1:], YEARS[1:], strict=True)
    ] == [True, True]
    assert found.doubt == ""


def test_years_that_may_be_those_of_publication_are_left_to_the_documents() -> None:
    found = read(Generic, "/gk/show.php?dept=7", bar("/gk/show.php?dept=7&y={}", (2026, 2025), 2026) + report())
    assert [link.text for link in found.links[1:]] == ["宛平县财政局政府信息公开年度报告"] * 2


def test_years_beside_a_report_that_only_a_script_shows_are_no_end() -> None:
    buttons = "".join(f"<a onclick='show({year})'>{year}年</a>" for year in YEARS)
    assert read(Generic, "/gk/show.php?dept=7", f"<div>{buttons}</div>{report()}").doubt == "other_years_by_script"


ROWS = "".join(
    f"<li><a href='/d/{n}.html'>宛平县{who}2025年政府信息公开工作年度报告</a><span>2026-01-2{n}</span></li>"
    for n, who in enumerate(("司法局", "财政局", "民政局"))
)


@pytest.mark.parametrize("family", [Generic, StaticList, HanwebJcms])
def test_a_list_of_one_year_leads_to_those_of_the_others(family: type[PortalSpider]) -> None:
    found = read(family, "/gk/nb.jsp?id=5", f"{bar('/gk/nb.jsp?id=5&year={}')}<ul>{ROWS}</ul>")
    assert {link.url.rpartition("=")[2] for link in found.subcolumns} == {"2025", "2024", "2023"}
    every = "<a href='/gk/nb.jsp?id=5'>全部</a>"
    assert not read(
        family, "/gk/nb.jsp?id=5", f"<div>{every}{bar('/gk/nb.jsp?id=5&year={}', on=None)}</div><ul>{ROWS}</ul>"
    ).subcolumns


def test_years_that_are_pictures_are_known_by_their_addresses() -> None:
    pictures = "".join(f'<a href="?id=5&amp;y={year}"><img src="/i/{year % 7}.png"></a>' for year in YEARS)
    found = read(Generic, "/gk/nb.jsp?id=5", f"<div>{pictures}</div><ul>{ROWS}</ul>")
    assert {link.url.rpartition("=")[2] for link in found.subcolumns} == {"2025", "2024", "2023"}


def test_a_list_whose_other_years_are_not_followed_is_not_at_its_end() -> None:
    class OwnWay(PortalSpider):
        family = "generic"

        def read_list(self, page: Page) -> ListPage:
            return ListPage(links=super().read_list(page).links)

    text = f"{bar('/gk/nb.jsp?id=5&year={}')}<ul>{ROWS}</ul>"
    assert read(OwnWay, "/gk/nb.jsp?id=5", text).doubt == "other_years_not_followed"
    assert read(OwnWay, "/gk/nb.jsp?id=5", f"<ul>{ROWS}</ul>").doubt == ""
    elsewhere = text.replace("/gk/nb.jsp", "/archive/news.jsp")
    assert read(OwnWay, "/gk/nb.jsp?id=5", elsewhere).doubt == ""


def test_bodies_names_below_a_year_that_the_address_or_the_bar_says_are_its_reports() -> None:
    names = "".join(
        f"<td><a href='/info/nb/{n}.html'>{who}</a></td>"
        for n, who in enumerate(("司法局", "财政局", "民政局", "大河镇"), 4)
    )
    body = f"{{}}<table><tr>{names}</tr></table>"
    named = read(Generic, "/nb.html?nbYear=2024", body.format(bar("/nb.html?nbYear={}", on=2024)))
    assert [link.text for link in named.links] == [
        f"{who}2024年政府信息公开年报" for who in ("司法局", "财政局", "民政局", "大河镇")
    ]
    for choice in (bar("/nb.html?y={}"), "<select name=y><option>2024</option><option selected>2025</option></select>"):
        marked = read(Generic, "/nb.html", body.format(choice))
        assert marked.links[0].text == "2025年>司法局"  # it may be the year of publication


@pytest.mark.parametrize(
    "function",
    [
        "function changeYear(y) { window.location.href = '/gk/nb.jsp?id=5&year=' + y; }",
        "var base = '/gk/nb.jsp?id='; function changeYear(year) { location = base + 5 + '&year=' + year }",
        "function changeYear(y) { window.open(`/gk/nb.jsp?id=5&year=${y}`, '_self'); }",
    ],
)
def test_years_that_a_function_of_the_page_goes_to_are_followed(function: str) -> None:
    buttons = "".join(f'<a href="javascript:;" onclick="changeYear({year})">{year}年</a>' for year in YEARS)
    options = "".join(f"<option value={year}>{year}年</option>" for year in YEARS)
    script = f"<script>{function}</script>"
    for choice in (f"<div>{buttons}</div>", f"<select onchange='changeYear(this.value)'>{options}</select>"):
        found = read(Generic, "/gk/nb.jsp?id=5", f"{choice}<ul>{ROWS}</ul>{script}")
        assert {link.url.rpartition("=")[2] for link in found.subcolumns} == {"2025", "2024", "2023"}
        assert found.doubt == ""
    article = read(Generic, "/gk/nb.jsp?id=5", f"<div>{buttons}</div>{report()}{script}")
    assert (len(article.links), article.doubt) == (3, "")


def test_a_function_that_does_anything_else_is_not_followed() -> None:
    buttons = "".join(f'<a onclick="show({year})">{year}年</a>' for year in YEARS)
    for body in (
        "if (y) location.href = '/gk/nb.jsp?id=5&year=' + y",
        "location.href = at(y)",
        "$.get('/d?y=' + y, f)",
    ):
        script = f"<script>function show(y) {{ {body} }}</script>"
        found = read(Generic, "/gk/nb.jsp?id=5", f"<div>{buttons}</div><ul>{ROWS}</ul>{script}")
        assert (found.subcolumns, found.doubt) == ((), "other_years_by_script")


def test_an_address_without_its_year_is_one_of_those_made_of_organ_and_year() -> None:
    jcms = address_pattern(f"{HOST}/x/xxgkAnnualReport.jsp?area={{code}}&fbtime={{year}}&showType=2")
    for query in ("area=A1&fbtime=2024&showType=2", "showType=2&fbtime=2024&area=A1", "area=A1", "area=A1&fbtime=2023"):
        assert jcms.fullmatch(f"{HOST}/x/xxgkAnnualReport.jsp?{query}")
    for query in ("fbtime=2024", "area=A1&showType=3", "area=A1&fbtime=", ""):
        assert not jcms.fullmatch(f"{HOST}/x/xxgkAnnualReport.jsp?{query}")
    lonsun = address_pattern(f"{HOST}/public/column/{{code}}?type=3&nav=3&title={{year}}")
    assert lonsun.fullmatch(f"{HOST}/public/column/7?type=3&nav=3")
    assert not lonsun.fullmatch(f"{HOST}/public/column/7?type=4&nav=3&title=2024")


def organ_by_organ(script: str) -> Site:
    """A tree of organs, the page of each with its newest report and a bar of years."""
    site = Site("www.wulin.gov.cn", "五林县")
    site.put("/", FURNITURE + links([("/gk/", "政府信息公开")]))
    organs = {
        "1137112100430571A": "五林县人民政府",
        "1137112100430572B": "五林县财政局",
        "1137112100430573C": "五林县大河镇人民政府",
    }
    tree = "".join(f'<dd><a href="{script}?area={code}">{name}</a></dd>' for code, name in organs.items())
    site.put("/gk/", links([(f"{script}?area=1137112100430571A", "政府信息公开年报")]) + tree)
    for code, who in organs.items():
        for year in (None, *YEARS):
            at = f"{script}?area={code}" + (f"&fbtime={year}" if year else "")
            shown = bar(f"{script}?area={code}&amp;fbtime={{}}", on=year or 2025)
            gap = "财政局" in who and year == 2023
            site.put(
                at,
                f"<div>{tree}</div><h2>{who}政府信息公开年报</h2>{shown}"
                + ("<p>暂无内容！</p>" if gap else report(who, year or 2025)),
            )
            if year and not gap:
                site.truth.add(f"http://{site.host}{at}")
    return site


def test_organs_whose_pages_have_bars_of_years_are_found_with_all_their_years(archive: Archive, web: Web) -> None:
    site = organ_by_organ("/module/xxgk/xxgkAnnualReport.jsp")
    site.on(web)
    archive.map(*site.hosts)
    found = add(archive, site)
    assert (found.family, [one.form for one in found.listings]) == ("hanweb_jcms", ["addressed"])
    archive.crawl("added")
    fetched = {
        one.requested for one in archive.captures("added") if "fbtime" in one.requested and one.outcome == "page"
    }
    assert fetched == site.truth
    ended = {(look.outcome, look.reason) for look in archive.looks("added")}
    assert ended == {(LookOutcome.OK, ""), (LookOutcome.OK, "empty_report")}


def test_the_same_on_a_system_that_nobody_knows(archive: Archive, web: Web) -> None:
    site = organ_by_organ("/nianbao/show.php")
    site.on(web)
    archive.map(*site.hosts)
    add(archive, site)
    archive.crawl("added")
    shown = {url for look in archive.looks("added") for url in archive.links(look)}
    newest = {url.partition("&")[0] for url in site.truth}
    assert {url for url in site.truth if "2025" not in url} | newest <= shown
    assert {(look.outcome, look.reason) for look in archive.looks("added")} == {(LookOutcome.OK, "")}
