"""A column found on the way speaks for the one year that its label says, and for no other."""

from __future__ import annotations

import pytest
from loopback_web import Archive, Web, a_list, a_report, page

from crawler.discovery.labels import reporting_year
from storage.registry import Registry

HOST = "www.wanping.gov.cn"


@pytest.mark.parametrize(
    ("label", "year"),
    [
        ("2024年度", 2024),
        ("2024年政府信息公开年报", 2024),
        ("财政局2023年度", 2023),
        ("2024年年度报告", 2024),
        ("2024年", None),  # may be the year of publication
        ("2024年度及以前", None),
        ("2019-2021年度报告", None),
        ("历年年度报告", None),
    ],
)
def test_a_label_names_the_year_of_its_reports_or_none(label: str, year: int | None) -> None:
    assert reporting_year(label) == year


def test_columns_found_on_the_way_have_the_year_that_is_said(archive: Archive, web: Web) -> None:
    years = {"/nb/a/": "2024年政府信息公开年报", "/nb/b/": "2023年"}
    web.routes[HOST, "/nb/"] = page(
        "<html><head><title>政府信息公开年报</title></head><body><ul>"
        + "".join(f'<li><a href="{href}">{label}</a></li>' for href, label in years.items())
        + "</ul></body></html>"
    )
    for at, (href, year) in enumerate(zip(years, (2024, 2023), strict=True)):
        title = f"宛平县财政局{year}年政府信息公开工作年度报告"
        web.routes[HOST, href] = a_list((f"/2026/01-15/{at}.html", title, f"{year + 1}-01-15"))
        web.routes[HOST, f"/2026/01-15/{at}.html"] = a_report(title)
    archive.portal(family="dated_list.DatedList")
    archive.crawl()
    with archive.home() as home:
        found = {row.url.partition(HOST)[2]: row.year for row in Registry(home).listings("wanping")}
    assert found == {"/nb/": None, "/nb/a/": 2024, "/nb/b/": None}
