"""A folder that appears below a body's own pages is that body's: its way says so, where its titles do not."""

from __future__ import annotations

from loopback_web import Archive, Web, a_list, a_report, page

from storage.registry import Registry

HOST = "www.wanping.gov.cn"
TITLE = "{}年政府信息公开工作年度报告"


def folder(web: Web, at: str, year: int) -> None:
    web.routes[HOST, f"{at}{year}n/"] = a_list(
        (f"{at}{year}n/t{year + 1}0120_1.html", TITLE.format(year), f"{year + 1}-01-20")
    )
    web.routes[HOST, f"{at}{year}n/t{year + 1}0120_1.html"] = a_report(TITLE.format(year))


def menu(title: str, *links: tuple[str, str]) -> str:
    rows = "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in links)
    return f"<html><head><title>{title}</title></head><body><ul>{rows}</ul></body></html>"


def test_a_year_below_an_agencys_column_is_that_agencys_though_no_title_names_it(archive: Archive, web: Web) -> None:
    web.routes[HOST, "/bm/cz/nb/"] = page(
        menu("政府信息公开年报", ("/bm/cz/nb/2025n/", "2025年"), ("/bm/cz/nb/2024n/", "2024年"), ("/nb/", "县政府年报"))
    )
    web.routes[HOST, "/nb/"] = page(menu("县政府政府信息公开年报"))
    folder(web, "/bm/cz/nb/", 2025)
    folder(web, "/bm/cz/nb/", 2024)
    own = f'column("cz", "http://{HOST}/bm/cz/nb/", title="政府信息公开年报", agency="cz"),'
    archive.portal(listings=own, agencies="cz,宛平县财政局,部门\n")
    archive.crawl()
    with archive.home() as home:
        whose = {row.url.removeprefix(f"http://{HOST}"): row.agency for row in Registry(home).listings("wanping")}
    assert whose["/bm/cz/nb/2025n/"] == whose["/bm/cz/nb/2024n/"] == "wanping/cz"
    assert whose.get("/nb/") is None
