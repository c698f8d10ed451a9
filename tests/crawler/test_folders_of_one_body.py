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


def columns(archive: Archive) -> dict[str, str]:
    with archive.home() as home:
        return {row.url.removeprefix(f"http://{HOST}"): row.column for row in Registry(home).listings("wanping")}


def test_a_new_folder_below_an_entrance_is_called_by_its_way(archive: Archive, web: Web) -> None:
    web.routes[HOST, "/nb/"] = page(menu("政府信息公开年报", ("/bm/cz/", "财政局"), ("/bm/mz/", "民政局")))
    for name in ("cz", "mz"):
        at = f"/bm/{name}/nb/"
        web.routes[HOST, f"/bm/{name}/"] = page(menu(name, ("/zn/", "信息公开指南"), (at, "信息公开年度报告")))
        web.routes[HOST, at] = page(menu("信息公开年度报告", (f"{at}2025n/", "2025年"), (f"{at}2024n/", "2024年")))
        folder(web, at, 2025)
        folder(web, at, 2024)
    listings = "".join(
        f'column("{name}4", "http://{HOST}/bm/{name}/nb/2024n/", title="{whose}>2024年", agency="{name}", year=2024),'
        for name, whose in (("cz", "财政局"), ("mz", "民政局"))
    )
    archive.portal(
        listings=listings,
        extra=f"entrances = ('http://{HOST}/nb/',)",
        agencies="cz,宛平县财政局,部门\nmz,宛平县民政局,部门\n",
    )
    archive.crawl()
    found = columns(archive)
    assert found["/bm/cz/nb/2025n/"] == "财政局>信息公开年度报告>2025年"
    assert found["/bm/mz/nb/2025n/"] == "民政局>信息公开年度报告>2025年"


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
