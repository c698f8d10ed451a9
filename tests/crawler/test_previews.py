"""Previews: home pages and hubs that show the newest entries of lists, and pages that look like them and are lists."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

import io
import json

import pytest
from loopback_web import Answer, Archive, Web, a_list, a_report, page
from made_up_portals import Site, links, rows
from test_divided_lists import AT, divided, entries
from test_portal_add import add

from archive.exports.duties_and_leads import export_duties
from archive.projection.update import update
from archive.queries.gone_lists import gone_lists
from archive.queries.stored import open_projections
from crawler.cms.generic import Generic
from crawler.lists.addresses import is_page_part
from crawler.lists.entries.previews import is_home_page
from crawler.lists.list_page import ListPage, Page
from crawler.looks.page_reading import read_page
from crawler.portals import find, portal_record
from nianbao.notes import notes_sentence
from storage.records import AgencyKind, CaptureRole, Listing, ListingForm, LookOutcome
from storage.registry import Registry

HOST = "www.wanping.gov.cn"
NAMES = ("县政府年报", "部门年报", "乡镇年报")
CALLED = "政府信息公开年报"
BOX = "<h4>{name} <a href='/{at}/'>更多&gt;&gt;</a></h4>{list}"


def read(body: str, title: str = CALLED, url: str = AT.format("index")) -> ListPage:
    return read_page(
        Generic(name="x"), Page(url, f"<html><head><title>{title}</title></head><body>{body}</body></html>")
    )


def boxes(box: str, names: tuple[str, ...] = NAMES) -> str:
    return "".join(box.format(name=name, at=at, list=entries(at, 5)) for at, name in enumerate(names))


@pytest.mark.parametrize(
    "box",
    [
        BOX,
        BOX.replace("更多&gt;&gt;", ""),  # a sign of the style sheet's
        BOX.replace("/{at}/", "/xw/{at}.html"),
        "<div><h4>{name}</h4>{list}<p><a href='/{at}/'>查看更多</a></p></div>",
        "<div><div class='hd'><h4>{name}</h4><a href='/{at}/'>more</a></div><div class='bd'>{list}</div></div>",
        "<div><h4>{name}</h4><a href='/{at}/'>更多</a>{list}</div>",
        "<div><h4>{name}</h4><span onclick=\"location='/{at}/'\">更多</span>{list}</div>",
        "<h4><a href='/{at}/'>{name}</a></h4>{list}",
        "<dl><dt><a href='/{at}/'>{name}</a></dt><dd>{list}</dd></dl>",
        "<table><tr><td><a href='/{at}/'>{name}</a></td></tr><tr><td>{list}</td></tr></table>",
    ],
)
@pytest.mark.parametrize("title", [CALLED, "宛平县人民政府"])
def test_boxes_whose_heading_or_more_leads_to_a_list_are_a_preview(box: str, title: str) -> None:
    found = read(boxes(box) + links([("/xw/1.html", "宛平要闻")]), title)
    assert (found.outcome, found.reason, len(found.links)) == (LookOutcome.CHANGED, "preview", 15)
    assert [(link.text, link.url.rpartition("/")[0][-1:]) for link in found.subcolumns] == [
        (name, found.subcolumns[at].url.rpartition("/")[0][-1:]) for at, name in enumerate(NAMES)
    ]


def test_boxes_whose_more_only_a_script_opens_are_no_whole_list() -> None:
    more = "<div><h4>{name}</h4><a class='more' href='javascript:;' data-id='{at}'>MORE+</a>{list}</div>"
    assert read(boxes(more)).doubt == "only_the_newest_shown"
    assert read(boxes(more.replace("MORE+", "打印"))).doubt != "only_the_newest_shown"


@pytest.mark.parametrize("names", [("2025年", "2024年", "2023年"), ("县政府", "县直部门", "乡镇（街道）")])
def test_a_hub_of_years_or_groups_is_a_preview_whatever_its_address(names: tuple[str, ...]) -> None:
    found = read(boxes("<h3><a href='/col/col5{at}/index.html'>{name}</a></h3>{list}", names), url=f"http://{HOST}/col/col40/index.html")  # fmt: skip
    assert (found.reason, tuple(link.text for link in found.subcolumns)) == ("preview", names)


def test_tabs_of_a_home_page_are_the_headings_of_their_lists() -> None:
    tabs = "".join(f"<a href='/{at}/'>{name}</a>" for at, name in enumerate(NAMES))
    lists = "".join(entries(at, 5) for at in range(3))
    found = read(f"<div class='hd'>{tabs}</div><div class='bd'>{lists}</div>", "宛平县人民政府")
    assert (found.reason, len(found.subcolumns)) == ("preview", 3)


def test_one_box_of_a_home_page_is_a_preview() -> None:
    box = f"<div class='title'><h2>{CALLED}</h2><a href='/nb/'>更多</a></div>{entries(1, 5)}"
    assert read(box, "宛平县人民政府").reason == "preview"
    assert (
        read(box.replace(CALLED, "通知公告"), "宛平县人民政府").subcolumns == ()
    )  # no column of reports: not followed


MENU = links([("/zn/", "公开指南"), ("/zd/", "公开制度"), ("/1/", "部门年报")])


@pytest.mark.parametrize(
    "body",
    [
        boxes("<h4>{name}</h4>{list}"),
        boxes("<h4><a href='#g{at}'>{name}</a></h4>{list}"),
        boxes("<h4><a href='javascript:;'>{name}</a></h4>{list}"),
        boxes("<h4>{name}</h4>{list}<p><a href='/{at}/'>查看更多</a></p>"),  # of the list over it, or below it?
        boxes("<h4>{name}</h4>{list}") + "<a href='/1/'>部门年报</a><a href='/2/'>更多</a>",
        boxes(BOX) + entries(9, 5),  # a list of its own beside the boxes
        entries(9, 12) + "<div class='side'>" + boxes(BOX) + "</div>",
        entries(1, 5) + boxes(BOX),  # the newest of the list, once more beside it
        boxes("<h4><a href='http://b{at}.gov.cn/'>{name}</a></h4>{list}", ("财政局", "教育局", "司法局")),  # their own sites
        boxes("<h4><a href='/b{at}/'>{name}</a></h4>{list}", ("财政局", "教育局", "司法局")),
        f"<h2><a href='/zfxxgk/'>{CALLED}</a></h2>{entries(1, 12)}",  # a heading that leads up
        f"<h2><a href='{AT.format('index')}'>{CALLED}</a></h2>{entries(1, 12)}",
        f"<div class='crumb'><a href='/nb/'>{CALLED}</a> &gt; 2024年</div>{entries(1, 12)}",
        f"<div><a href='/2023/'>2023年</a><a href='/2022/'>2022年</a></div>{entries(1, 12)}",  # a bar of years
        f"<div><b>2024年</b><a href='/2023/'>2023年</a></div>{entries(1, 12)}",
        f"{MENU}<div>{entries(1, 12)}</div>",
        "<ul>" + "".join(f"<li><a href='/{n % 3}/'>[{NAMES[n % 3]}]</a><a href='/view/2024{n:03}.html'>宛平县第{n}局2024年政府信息公开工作年度报告</a></li>" for n in range(12)) + "</ul>",
        boxes(BOX) + "<div>共15条</div>",  # it says that this is all of it
        boxes(BOX) + "<a href='index_2.html'>下一页</a>",
    ],
)  # fmt: skip
def test_lists_that_look_like_one_are_none(body: str) -> None:
    assert read(body).outcome is LookOutcome.OK
    assert read_page(Generic(name="x"), divided(5, 5, 4)).outcome is LookOutcome.OK


def test_an_entry_in_front_of_which_its_column_is_named_stands_in_no_box() -> None:
    item = "<div><a href='/{}/'>[部门年报]</a><a href='/view/2024{:03}.html'>宛平县第{}局2024年政府信息公开工作年度报告</a></div>"
    body = "".join(item.format(n % 3, n, n) for n in range(12))
    assert read(body, "宛平县人民政府").outcome is LookOutcome.OK


# ------------------------------------------------------------------------------------------------ whole looks


def reports(web: Web, at: str, *bodies: str, year: int = 2024) -> list[tuple[str, str, str]]:
    """Reports of some bodies as rows of a list."""
    made = []
    for number, body in enumerate(bodies):
        href, title = f"/{at}/t{year}0{number}.html", f"宛平县{body}{year}年政府信息公开工作年度报告"
        web.routes[HOST, href] = a_report(title)
        made.append((href, title, f"{year + 1}-01-2{number % 9}"))
    return made


BODIES = ("财政局", "教育局", "司法局", "民政局", "水利局", "审计局", "统计局")


def home_page(departments: list[tuple[str, str, str]], towns: list[tuple[str, str, str]]) -> str:
    def box(name: str, at: str, of: list[tuple[str, str, str]]) -> str:
        return f"<div class='box'><h3><a href='/{at}/'>{name}</a></h3>{rows([row[:2] for row in of], date=False)}</div>"

    return box("部门政府信息公开年报", "bm", departments) + box("乡镇政府信息公开年报", "xz", towns)


@pytest.fixture
def county(archive: Archive, web: Web) -> tuple[Archive, Site]:
    """A home page with the newest four reports of two columns."""
    site = Site(HOST, "宛平县")
    departments, towns = reports(web, "bm", *BODIES), reports(web, "xz", "城关镇人民政府", "大河镇人民政府")
    web.routes[HOST, "/bm/"], web.routes[HOST, "/xz/"] = a_list(*departments), a_list(*towns)
    site.put("/", home_page(departments[:4], towns))
    site.on(web)
    return archive, site


def ended(archive: Archive, portal: str = "wanping") -> dict[str, tuple[LookOutcome, str]]:
    """Path of each listing → how the last look at it ended."""
    with archive.home() as home:
        at = {row.id: row.url.partition(HOST)[2] for row in Registry(home).listings(portal)}
    return {at[look.listing]: (look.outcome, look.reason) for look in archive.looks(portal)}


AGENCIES = "cz,宛平县财政局,部门\nsl,宛平县水利局,部门\n"


def test_a_declared_home_page_is_told_to_be_a_preview_and_its_columns_are_looked_at(
    county: tuple[Archive, Site], web: Web
) -> None:
    archive, _ = county
    archive.portal(family="generic.Generic", listings=f'column("home", "http://{HOST}/"),', agencies=AGENCIES)
    (run,) = archive.crawl()
    assert ended(archive) == {
        "/": (LookOutcome.CHANGED, "preview"),
        "/bm/": (LookOutcome.OK, ""),
        "/xz/": (LookOutcome.OK, ""),
    }
    assert "the newest entries of other lists, and is no list itself" in notes_sentence(run.notes)
    visited = {capture.requested for capture in archive.captures() if capture.role == "report"}
    assert visited == {f"http://{HOST}{path}" for _, path in web.routes if path.endswith(".html")}


def judged(archive: Archive, year: int) -> dict[str, tuple[str, str]]:
    """Status and evidence of the duties of a year, by agency."""
    stream = io.StringIO()
    with archive.home() as home:
        update(home)
        export_duties(home, "jsonl", stream)
    rows = [json.loads(line) for line in stream.getvalue().splitlines()]
    return {row["agency"]: (row["status"], row["evidence"]) for row in rows if row["year"] == year}


def test_what_falls_off_a_preview_is_no_loss_and_it_speaks_for_nobody(
    county: tuple[Archive, Site], web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen: a home page spoke for 22 bodies; newer reports pushed theirs off it, and nothing more was proven of them."""
    archive, site = county
    archive.portal(family="generic.Generic", listings=f'column("home", "http://{HOST}/"),', agencies=AGENCIES)
    older = reports(web, "bm", *BODIES)
    shown = list[tuple[str, str, str]]()
    for day, newest in (("01", 0), ("03", 2), ("10", 5), ("20", 6)):
        shown = reports(web, "bm", *BODIES[1 : 1 + newest], year=2025)
        web.routes[HOST, "/bm/"] = a_list(*shown, *older)
        site.put("/", home_page([*shown, *older][:4], reports(web, "xz", "城关镇人民政府")))
        site.on(web)
        monkeypatch.setenv("NIANBAO_NOW", f"2026-02-{day}T09:00:00+08:00")
        archive.crawl()
    duties = judged(archive, 2025)
    assert duties["宛平县财政局"] == ("missing", "proven")
    assert duties["宛平县水利局"] == ("late", "proven")  # though it is dated in January


def test_what_a_crawl_found_earlier_is_kept_in_view_without_alarm(county: tuple[Archive, Site], web: Web) -> None:
    archive, _ = county
    archive.portal(family="generic.Generic", listings=f'column("bm", "http://{HOST}/bm/"),', agencies=AGENCIES)
    with archive.home() as home:
        Registry(home).put_portal(portal_record(find("wanping", home.path), home.clock.now()))
        for key, path in (("1", "/"), ("2", "/js/nb.js")):
            found = Listing(
                id=f"wanping:found-{key}", portal="wanping", url=f"http://{HOST}{path}", form=ListingForm.COLUMN,
                column="乡镇年报", covers=(AgencyKind.TOWNSHIP,), recorded_at=home.clock.now(),
            )  # fmt: skip
            Registry(home).put_listing(found)
    web.routes[HOST, "/js/nb.js"] = Answer(200, b"var a = 1;", {"Content-Type": "text/javascript"})
    (run,) = archive.crawl()
    assert (run.outcome, ended(archive)) == ("ok", {
        "/": (LookOutcome.CHANGED, "preview"),
        "/js/nb.js": (LookOutcome.CHANGED, "page_part"),
        "/bm/": (LookOutcome.OK, ""),
        "/xz/": (LookOutcome.OK, ""),
    })  # fmt: skip
    assert "2 of the places looked at are no listings" in notes_sentence(run.notes)
    with archive.home() as home:
        update(home)
        with open_projections(home) as store:
            assert gone_lists(home, store, "wanping") == []


def hub(web: Web) -> Site:
    """A hub of groups by names that lead nowhere elsewhere, below a home page that shows the same boxes."""
    site = Site(HOST, "宛平县")
    groups = {"县政府": ("人民政府",), "县直部门": BODIES, "乡镇": ("城关镇人民政府", "大河镇人民政府")}
    shown = ""
    for at, (name, bodies) in enumerate(groups.items(), 1):
        made = [
            site.report(f"/v{at}{number}/{year}0120.html", f"宛平县{body}", year)
            for year in (2024, 2023)
            for number, body in enumerate(bodies)
        ]
        site.put(f"/l{at}.html", rows(made) + f"共{len(made)}条", CALLED)
        shown += f"<div><div class='tit'><h3>{name}</h3><a class='more' href='/l{at}.html'>更多</a></div>{rows(made[:3])}</div>"
    site.put("/nb.html", shown, CALLED)
    site.put("/", shown)
    return site


@pytest.mark.parametrize("entry", ["/", "/nb.html"])
def test_a_portal_is_added_with_the_columns_of_its_previews(entry: str, archive: Archive, web: Web) -> None:
    site = hub(web)
    site.entry = entry
    site.on(web)
    archive.map(HOST)
    found = add(archive, site)
    assert {one.url.partition(HOST)[2]: one.reports for one in found.listings} == {
        "/l1.html": 2, "/l2.html": 14, "/l3.html": 4,
    }  # fmt: skip
    assert any(note.code == "preview_followed" for note in found.notes), found.notes
    assert f"http://{HOST}{entry}" in found.entrances
    archive.crawl("added")
    assert ended(archive, "added") == dict.fromkeys(("/l1.html", "/l2.html", "/l3.html"), (LookOutcome.OK, ""))
    assert {one.requested for one in archive.captures("added") if one.role is CaptureRole.REPORT} == site.truth


def test_a_walk_of_a_crawl_registers_no_preview(archive: Archive, web: Web) -> None:
    site = hub(web)
    site.on(web)
    archive.portal(
        family="generic.Generic", listings=f'column("gone", "http://{HOST}/gone/"),', extra=f'entrances = ("http://{HOST}/",)'
    )  # fmt: skip
    archive.crawl()
    assert ended(archive) == {
        "/gone/": (LookOutcome.CHANGED, "not_found:http_404"),
        **dict.fromkeys(("/l1.html", "/l2.html", "/l3.html"), (LookOutcome.OK, "")),
    }


# ------------------------------------------------------------------------------------------------ parts of pages

SCRIPT = "/* 政府信息公开年报 */ var list = [{title: '乡镇政府信息公开年报'}]; $.ajax({url: '/api/list', success: f}); document.write('<ul></ul>');"


@pytest.mark.parametrize(
    ("url", "is_part"),
    [
        ("/js/xxgk_nb.js?v=3", True),
        ("/css/nb.CSS", True),
        ("/i/nb.png", True),
        ("/f/nb.woff2", True),
        ("/nb/list.jsp?file=a.js", False),
        ("/nb.js/", False),
        ("/nb", False),
        ("/nb.json", False),
    ],
)
def test_what_pages_load_is_known_by_its_address(url: str, is_part: bool) -> None:
    assert is_page_part(f"http://{HOST}{url}") is is_part


@pytest.mark.parametrize("loads", ["/js/xxgk_nav.js", "/data/nav.json"])
def test_what_a_column_loads_is_no_listing(loads: str, archive: Archive, web: Web) -> None:
    """Seen: the script of a menu covered the towns of a portal, and scripts made its list for ever."""
    site = Site(HOST, "宛平县")
    made = [site.report(f"/v/{year}.html", "宛平县人民政府", year) for year in (2022, 2023, 2024)]
    asks = (
        f"<script>$.getJSON('{loads}', draw)</script>" if loads.endswith("json") else f"<script src='{loads}'></script>"
    )
    site.put("/", links([("/nb/", CALLED)]))
    site.put("/nb/", f"<a href='/js/towns.js'>乡镇政府信息公开年报</a>{asks}{rows(made)}共3条", CALLED)
    site.on(web)
    for path in (loads, "/js/towns.js"):
        web.routes[HOST, path] = Answer(200, SCRIPT.encode(), {"Content-Type": "application/javascript"})
    archive.map(HOST)
    found = add(archive, site)
    assert [one.url for one in found.listings] == [f"http://{HOST}/nb/"]
    archive.crawl("added")
    assert ended(archive, "added") == {"/nb/": (LookOutcome.OK, "")}


NEWEST = (
    "<ul>"
    + "".join(f'<li><a href="/nb/{n}.html">宛平县第{n}局2025年政府信息公开工作年度报告</a></li>' for n in range(8))
    + "</ul>"
)


@pytest.mark.parametrize(("heading", "reason"), [("最新年报", "only_the_newest_shown"), ("年报列表", "")])
def test_a_list_that_calls_its_entries_the_newest_is_not_whole(
    archive: Archive, web: Web, heading: str, reason: str
) -> None:
    """盐池县-like catalogues: eight newest reports, and the others in feeds of each body."""
    archive.portal(family="generic.Generic")
    web.routes["www.wanping.gov.cn", "/nb/"] = page(
        f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><h3>{heading}</h3>{NEWEST}<h3>各单位年报目录</h3>"
        "<table><tr><td>宛平县财政局</td><td><a href='/rss.xml?cat=1'>目录（RSS）</a></td></tr></table>"
    )
    archive.crawl()
    (look,) = [look for look in archive.looks() if look.listing == "wanping:nb"]
    assert look.reason == reason
    assert (look.outcome is LookOutcome.OK) == (not reason)


@pytest.mark.parametrize("address", ["/", "/index.html"])
def test_a_home_page_is_no_listing_whatever_stands_on_it(archive: Archive, web: Web, address: str) -> None:
    url = f"http://www.wanping.gov.cn{address}"
    archive.portal(family="generic.Generic", listings=f'column("nb", "{url}", title="政府信息公开年报"),')
    web.routes["www.wanping.gov.cn", address] = page(
        f"<title>宛平县人民政府</title><h2>信息公开年报</h2><div>{NEWEST}</div>"
    )
    archive.crawl()
    assert [(look.outcome, look.reason) for look in archive.looks()] == [(LookOutcome.CHANGED, "preview")]


def test_the_older_posts_of_a_blog_are_its_next_page(archive: Archive, web: Web) -> None:
    archive.portal(family="generic.Generic")
    older = '<nav><a href="/nb/page/2/"><span>&larr;</span> 早期文章</a></nav>'
    title = "<title>政府信息公开年报</title><h1>政府信息公开年报</h1>"
    web.routes["www.wanping.gov.cn", "/nb/"] = page(f"{title}{NEWEST}{older}")
    web.routes["www.wanping.gov.cn", "/nb/page/2/"] = page(
        f"{title}{NEWEST.replace('2025', '2024').replace('/nb/', '/nb/x')}"
    )
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, len(archive.links(look))) == (LookOutcome.OK, 16)


def test_a_route_of_a_sites_one_script_is_not_its_home_page() -> None:
    entry = '<ul><li><a href="/a/1.html">宛平县司法局2024年政府信息公开工作年度报告</a> 2025-01-20</li></ul>'
    text = f"<title>宛平县人民政府</title>{entry}"
    assert is_home_page(Page("http://www.wanping.gov.cn/", text))
    assert not is_home_page(Page("http://www.wanping.gov.cn/#/channel/5333", text))
