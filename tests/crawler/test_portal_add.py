"""Adding a portal nobody knows: made-up portals of many shapes are added and crawled without editing what was written."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import loopback_web
import made_up_portals
import pytest
from loopback_web import Reply, Sandbox, Web, a_list, page
from made_up_portals import Website

from archive.identity.agency_csv import parse_agencies
from crawler import portals
from crawler.errors import CrawlError
from crawler.listing_specs import SEARCH
from crawler.lists.browser import why_no_browser
from crawler.lists.walk import Walk
from crawler.onboarding.directory import address_of
from crawler.onboarding.found_portal import Probe, ProbedAgency, ProbedListing
from crawler.onboarding.portal_files import add_portal, portal_files
from crawler.onboarding.probe import probe_portal
from crawler.onboarding.site_facts import division_of, place_of
from nianbao.sentences import note_sentence, notes_sentence
from storage.home import init_home
from storage.records import CaptureOutcome, CaptureRole, ListingForm, LookOutcome
from storage.registry import Registry
from tests import played
from tests.played import Ran

needs_browser = pytest.mark.skipif(
    bool(why_no_browser("")), reason=f"{why_no_browser('')}: it is what this test is about."
)
NOW = datetime(2026, 2, 1, tzinfo=UTC)


def nianbao(archive: Sandbox, *words: str, code: int | None = None) -> Ran:
    return played.nianbao(*words, archive=archive.path, now=loopback_web.NOW, code=code)


def put_up(make: Callable[[], Website], archive: Sandbox, web: Web) -> Website:
    site = make()
    site.on(web)
    archive.map(*site.hosts)
    return site


def add(archive: Sandbox, site: Website, slug: str = "added") -> Probe:
    with archive.home() as home:
        found = probe_portal(home, site.url)
        add_portal(home, found, slug)
    return found


# ------------------------------------------------------------------------------------------------ the bar


@pytest.mark.parametrize("make", made_up_portals.WALKED, ids=lambda make: make.__name__)
def test_every_report_is_found_from_the_home_page(make: Callable[[], Website]) -> None:
    site = make()
    walk = Walk(site.fetch, place=site.place, hosts=tuple(site.hosts))
    lists = [*walk.read_each((), [site.url])]
    assert {entry.url for one in lists for entry in one.entries if entry.url} == site.truth
    assert walk.asked <= 80


@pytest.mark.parametrize("make", made_up_portals.ADDED, ids=lambda make: make.__name__)
def test_added_and_crawled_without_editing_the_spider(
    make: Callable[[], Website], archive: Sandbox, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    if make is made_up_portals.tree_in_a_frame:  # links alone do not show that its lists are whole
        monkeypatch.setenv("NIANBAO_BROWSER", "")
    site = put_up(make, archive, web)
    found = add(archive, site)
    asked = len(web.log)
    assert asked <= 80
    assert sum(a.path.startswith(site.traps) for a in web.log if site.traps) <= 8
    assert found.place == site.place
    assert not site.family or found.family == site.family
    spider = archive.path / "portals" / "added.py"
    assert len(spider.read_text(encoding="utf-8").splitlines()) <= portals.LINES
    archive.crawl("added")
    fetched = {
        c.requested
        for c in archive.captures("added")
        if c.role is CaptureRole.REPORT and c.outcome is CaptureOutcome.PAGE
    }
    assert fetched == site.truth
    declared = {look.outcome for look in archive.looks("added") if ":found-" not in look.listing}
    assert declared <= {LookOutcome.OK, LookOutcome.PARTIAL}  # in part where a busy machine lets no page come to rest
    assert {a.host for a in web.log} <= site.hosts


def test_the_column_of_a_new_year_is_known_before_anything_is_absent(archive: Sandbox, web: Web) -> None:
    site = put_up(made_up_portals.column_per_year, archive, web)
    column = f'column("nb", "{site.url}opengov/ndbg/", title="政府信息公开年度报告"),'
    archive.portal("added", host=site.host, listings=column, extra=f'entrances = ("{site.url}",)')
    archive.crawl("added")
    site.routes.clear()
    made = [
        site.report(f"/opengov/ndbg/2025/art{n}.html", f"白山县{b}", 2025) for n, b in enumerate(("财政局", "水利局"))
    ]
    site.put("/opengov/ndbg/2025/", made_up_portals.rows(made), "2025年")
    years = "".join(f"<a href='/opengov/ndbg/{y}/'>{y}年</a> " for y in (2025, *made_up_portals.YEARS))
    site.put("/opengov/ndbg/", years, "政府信息公开年度报告")
    site.on(web)
    archive.set_day("2026-02-02")
    web.log.clear()
    archive.crawl("added")
    last = archive.looks("added")[-1]
    assert (last.outcome, set(archive.links(last))) == (
        LookOutcome.OK,
        {f"http://{site.host}{path}" for path, _ in made},
    )
    assert len({a.path for a in web.log if "art" not in a.path}) <= 12


def test_a_district_is_the_place_of_a_site_with_its_name_behind_that_of_a_zone() -> None:
    """As 新北区 prints it (html/other/detail_cznd.html); the reports there name the district."""
    name = "常州国家高新区管委会（新北区人民政府）"
    assert place_of(f'<html><head><meta name="SiteName" content="{name}"></head></html>', ())[:2] == ("新北区", "")


def test_the_name_of_a_site_tells_the_code_of_its_place_among_namesakes() -> None:
    """www.putuo.gov.cn stands beside two districts of public lists, 喀左 under its whole name (county_portals.csv)."""
    assert division_of("普陀区", "舟山市普陀区人民政府", ()) == "330903"
    assert division_of("普陀区", "普陀区人民政府", ()) is None
    assert division_of("喀左县", "喀左县人民政府", ("喀喇沁左翼蒙古族自治县", "", "211324")) == "211324"
    assert division_of("江北新区", "南京市江北新区管理委员会", ("浦口区", "", "320111")) is None


def test_a_county_in_the_title_is_the_place_of_a_page_of_its_city_s_site() -> None:
    """合肥 has its counties' units on its own openness site (zwgk.hefei.gov.cn, unitid=000400010011 is 长丰县)."""
    page = "<title>长丰县-合肥市政府信息公开网</title><p>主办：合肥市人民政府办公室</p>"
    assert place_of(page, ())[:2] == ("长丰县", "")
    assert place_of(page.replace("长丰县-", ""), ())[:2] == ("合肥市", "")


# ------------------------------------------------------------------------------------------------ what is said and written


def test_a_portal_is_added_by_commands_checked_crawled_and_asked_by_a_second_way(
    archive: Sandbox, web: Web, tmp_path: Path
) -> None:
    site, given = put_up(made_up_portals.vsb, archive, web), tmp_path / "given.csv"
    (told,) = json.loads(nianbao(archive, "portal", "probe", site.url, "--json").out)
    (found,) = told["listings"]
    assert (found["sure"], found["certainty"]["sentence"]) == (True, "found by its label and read completely")
    assert {agency["kind"] for agency in told["agencies"]} == {"department"}
    ran = nianbao(archive, "portal", "add", site.url, code=1)
    assert f"nianbao portal add {site.url} --name boda --yes" in ran.out
    assert ("to list the reports: nianbao portal probe" in ran.out, "2024年" in ran.out) == (True, False), ran.out
    assert not [*(archive.path / "portals").iterdir()]
    given.write_text("name,kind\n=cmd(),怪物\n", encoding="utf-8")
    add_given = ("portal", "add", site.url, "--yes", "--agencies", str(given))
    nianbao(archive, *add_given, code=2)
    given.write_text("name,kind,source\n博大县财政局,部门,paper\n博大县体育局,部门,paper\n", encoding="utf-8")
    ran = nianbao(archive, *add_given)
    assert (ran.code, "next: nianbao crawl boda" in ran.out) == (0, True), ran.out + ran.err
    held = portals.agencies(portals.classes(archive.path)["boda"], NOW)  # what is given completes what was found
    names = [agency.name for agency in held]
    assert len(names) == len(set(names)) == 6
    assert next(a for a in held if a.name == "博大县财政局").source == "boda.csv: paper"
    again = nianbao(archive, "portal", "add", site.url, "--yes")
    assert (again.code, "belongs to the portal 'boda'" in again.err) == (2, True)
    nianbao(archive, "portal", "add", site.url, "--name", "boda", "--yes", code=2)
    checked = nianbao(archive, "portal", "check", "boda")
    assert (checked.code, "6 agencies in boda.csv" in checked.out) == (0, True), checked.out
    archive.crawl("boda")
    other = [site.report(f"/old/{year}.htm", "博大县体育局", year) for year in made_up_portals.YEARS]
    site.put("/old/", made_up_portals.rows(other), "政府信息公开年报")
    site.put("/", made_up_portals.links("/zfxxgk/zfxxgknb.htm 政府信息公开年报|/old/ 部门政府信息公开年报"))
    site.on(web)
    checked = nianbao(archive, "portal", "check", "boda")
    told = f"http://{site.host}/old/ shows 4 reports that no list of the file shows"
    assert (checked.code, told in checked.out) == (1, True), checked.out + checked.err
    web.log.clear()
    again = nianbao(archive, "portal", "check", "boda")
    assert (told in again.out, web.log) == (True, [])  # it was asked this season, and is told again
    assert nianbao(archive, "portal", "check", "boda", "--no-look").code == 0
    site.put("/", made_up_portals.links("/old/ 部门政府信息公开年报"))
    site.on(web)
    (archive.path / "portals" / "routes" / "boda.json").unlink()
    checked = nianbao(archive, "portal", "check", "boda")
    lost = "neither a walk nor the search shows 20 reports of"
    assert (told in checked.out, lost in checked.out) == (True, True), checked.out + checked.err


def test_a_portal_that_is_not_understood_is_said_so_and_nothing_is_written(archive: Sandbox, web: Web) -> None:
    web.routes["www.leer.gov.cn", "/"] = page(
        "<h1>某县人民政府门户网站欢迎您的访问，今天天气晴</h1><script src='http://oss.cloud.zj.gov.cn/menu.js'></script><a href='/xw/'>新闻</a><a href='http://mirror.com/nb/'>政府信息公开年报</a>"
    )
    archive.map("www.leer.gov.cn")
    ran = nianbao(archive, "portal", "add", "www.leer.gov.cn", "--yes", code=1)
    assert nianbao(archive, "portal", "add", "鼓楼区").code == 2  # there are several
    assert "could not be understood" in ran.out
    assert "http://mirror.com/nb/" in ran.out
    assert "the pages seen have scripts from oss.cloud.zj.gov.cn, outside the portal" in ran.out
    assert not [*(archive.path / "portals").iterdir()]
    assert "/nb/" not in web.paths()
    blocked = "<script>document.cookie='a=1';location.reload()</script>"
    web.routes["www.leer.gov.cn", "/"] = page(blocked, 412)
    ran = nianbao(archive, "portal", "probe", "http://www.leer.gov.cn/")
    assert (ran.code, "the server answered 412" in ran.out) == (1, True), ran.out
    assert "an access control instead of pages. We do not get around it: pages saved by hand" in ran.out
    assert "was followed" not in ran.out


def test_a_portal_that_only_its_search_knows_is_crawled_and_proves_no_absence(archive: Sandbox, web: Web) -> None:
    site = put_up(made_up_portals.search_alone, archive, web)
    found = add(archive, site)
    (listing,) = found.listings
    assert (listing.title, listing.form) == (SEARCH, "searched")
    assert (listing.outcome, listing.reason) == ("partial", "a_search_shows_no_absence")
    assert "only by the site's search" in notes_sentence(found.verdict)
    assert {lead["url"] for lead in found.leads} == site.truth
    spider = archive.path / "portals" / "added.py"
    spider.write_text(spider.read_text(encoding="utf-8").replace(SEARCH, "政府信息公开年报"), encoding="utf-8")
    archive.crawl("added")
    visited = {c.requested for c in archive.captures("added") if c.role is CaptureRole.REPORT}
    looks = {(look.outcome, look.reason) for look in archive.looks("added")}
    assert (visited, looks) == (site.truth, {(LookOutcome.PARTIAL, "a_search_shows_no_absence")})  # by any name
    with archive.home() as home:
        (held,) = Registry(home).listings("added")
        assert (held.form, held.column) == (ListingForm.SEARCHED, "政府信息公开年报")
    spider.write_text(spider.read_text(encoding="utf-8").replace("searched", "column"), encoding="utf-8")
    assert portals.validate(portals.find("added", archive.path)) == []
    spider.write_text(spider.read_text(encoding="utf-8").replace("政府信息公开年报", SEARCH), encoding="utf-8")
    (fault,) = portals.validate(portals.find("added", archive.path))
    assert "write it as searched(…)" in note_sentence(fault)


def test_a_column_that_does_not_answer_while_a_portal_is_added_is_written_and_told(archive: Sandbox, web: Web) -> None:
    site = put_up(made_up_portals.lists_of_two_kinds, archive, web)
    whole = dict(web.routes)
    closed = b"User-agent: *\nDisallow: /nb/bm/"
    web.routes[site.host, "/robots.txt"] = Reply(200, closed, {"Content-Type": "text/plain"})
    with archive.home() as home:
        found = probe_portal(home, site.url)
        (silent,) = [one for one in found.listings if one.outcome != "ok"]
        assert (silent.url, silent.covers) == (f"http://{site.host}/nb/bm/", ("department", "office"))
        assert not found.is_sure
        assert "but could not be read: robots.txt does not allow it" in note_sentence(silent.certainty)
        _, (doubt, alone) = add_portal(home, found, "added")
        assert alone.code == "one_agency"
        assert doubt.values == {"title": "政府信息公开年报>县直部门年报", "why": silent.certainty.as_json}
    web.routes = whole
    archive.crawl("added")
    assert {capture.url for capture in archive.captures("added") if capture.role is CaptureRole.REPORT} == site.truth


def test_a_list_of_several_of_which_titles_name_one_is_not_that_agencys(archive: Sandbox, web: Web) -> None:
    """Else the reports of all others, whose titles name nobody, would be filed as that agency's."""
    site = put_up(made_up_portals.lists_of_names, archive, web)
    with archive.home() as home:
        found = probe_portal(home, site.url)
        whose = {one.url.rpartition(".cn")[2]: one.agency for one in found.listings}
    assert whose == {"/nb/": "", "/nb/1/": "财政局", "/nb/2/": "水利局", "/nb/3/": "民政局"}


def test_a_list_named_for_the_government_that_shows_all_agencies_is_for_all(archive: Sandbox, web: Web) -> None:
    """As 公安县 has it (zwgk.gongan.gov.cn): one page for all columns, named after the first of its menu."""
    site = Website("www.anle.gov.cn", "安乐县", "/nb/")
    whose = ("人民政府", "财政局", "水利局", "民政局")
    shown = [site.report(f"/d/{n}.html", f"安乐县{name}", 2024) for n, name in enumerate(whose)]
    site.put("/", "<a href='/nb/'>县政府信息公开年报</a>")
    site.put("/nb/", made_up_portals.rows(shown))
    (listing,) = add(archive, put_up(lambda: site, archive, web)).listings
    assert (listing.agency, listing.covers, listing.outcome) == ("", (), "ok")


def test_columns_of_years_with_mere_names_tell_the_first_year(archive: Sandbox, web: Web) -> None:
    """As 密云 has them (bjmy.gov.cn, zfxxgknb/gknb2017: 高岭镇); else reports since 2008 would be due, and unknown."""
    site = Website("www.anle.gov.cn", "安乐县", "/nb/")
    site.put("/", "<a href='/nb/'>政府信息公开年报</a>")
    site.put("/nb/", "".join(f"<a href='/nb/{year}/'>{year}年</a> " for year in (2025, 2024)))
    for year in (2025, 2024):
        names = enumerate(("财政局", "水利局", "高岭镇"))
        rows = "".join(f"<li><a href='/nb/{year}/{n}.html'>{name}</a>2026-01-20</li>" for n, name in names)
        site.put(f"/nb/{year}/", f"<ul>{rows}</ul>", f"{year}年")
    assert add(archive, put_up(lambda: site, archive, web)).first_year == 2024


def test_a_page_of_the_newest_entries_of_whole_lists_is_not_written(archive: Sandbox, web: Web) -> None:
    found = add(archive, put_up(made_up_portals.newest_of_lists, archive, web))
    assert {one.url.rpartition(".cn")[2]: one.outcome for one in found.listings} == {"/nb/zf/": "ok", "/nb/bm/": "ok"}


def test_a_column_that_is_linked_on_another_host_is_to_be_looked_at() -> None:
    """As 内黄 has it: the reports of its government stand in a list of its city (www.anyang.gov.cn)."""
    whole = ProbedListing("http://www.a.gov.cn/nb/", "县直部门信息公开年报", why="label", outcome="ok", reports=9)
    foreign = ("http://www.b.gov.cn/nb/", "县政府信息公开年报", "foreign_host")
    found = Probe("http://www.a.gov.cn/", listings=(whole,))
    assert (found.is_sure, replace(found, left=(foreign,)).is_sure) == (True, False)


def test_agencies_whose_pages_are_on_other_hosts_are_told_and_registered(archive: Sandbox, web: Web) -> None:
    """As departments of a county have their reports on sites of its city (mzj.jiyuan.gov.cn, tjj.linfen.gov.cn)."""
    site = Website("www.anle.gov.cn", "安乐县", "/nb/")
    away = "http://tjj.linfen.gov.cn/nb/"
    shown = [site.report(f"/d/{n}.html", f"安乐县{name}", 2024) for n, name in enumerate(("财政局", "水利局"))]
    site.put("/", "<a href='/nb/'>政府信息公开年报</a>")
    site.put("/nb/", f"<a href='/nb/bm/'>县直部门</a><li><a href='{away}'>安乐县统计局</a></li>", "政府信息公开年报")
    site.put("/nb/bm/", made_up_portals.rows(shown), "县直部门")
    found = add(archive, put_up(lambda: site, archive, web))
    assert ("安乐县统计局", away) in {(one.name, one.source) for one in found.agencies}
    assert any(one.code == "column_elsewhere" and one.values["url"] == away for one in found.doubts)


# ------------------------------------------------------------------------------------------------ hostile


HOSTILE = [
    '"""\nimport os; os.system("x")\n"""', "'; __import__('os').system('x') #", "财政局\u202e\u2066gpj.exe", "财" * 10_000, "a\nb", "\\", "{year}{code}", "=1+1", "../../etc/passwd", "\x00\x7f",
]  # fmt: skip


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_hostile_reaches_what_is_written(bad: str) -> None:
    good = ProbedListing("http://www.a.gov.cn/nb/", "政府信息公开年报", outcome="ok")
    found = Probe(
        "http://www.a.gov.cn/", hosts=("www.a.gov.cn", bad), family="generic", place=bad, division=bad, cluster=None,
        listings=(
            good,
            ProbedListing(f"http://www.a.gov.cn/{bad}/", bad, agency=bad, covers=(bad,), reason=bad, why=bad, outcome=bad),
            ProbedListing(bad, bad),
        ),
        entrances=(bad, "http://www.b.gov.cn/"),
        agencies=(ProbedAgency(bad, "department", bad, bad), ProbedAgency("甲县财政局", bad), ProbedAgency("甲县教育局", "department", bad, bad)),
    )  # fmt: skip
    program, table = portal_files(found, "hostile", (), NOW)
    tree = ast.parse(program)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert {node.func.id for node in calls if isinstance(node.func, ast.Name)} == {"column"}
    assert len(program.splitlines()) <= portals.LINES
    assert not any(c in program + table for c in "\u202e\u2066\x00\x7f\r")
    rows = parse_agencies(table, portal="hostile", origin="hostile.csv", now=NOW)
    assert [row.name for row in rows] == ["甲县教育局"]
    assert all(
        len(cell) < 400 and not cell.startswith(("=", "+", "@"))
        for row in csv.reader(io.StringIO(table))
        for cell in row
    )
    class_body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    assert all(isinstance(node, ast.Assign) for node in class_body)
    assert "http://www.b.gov.cn/" not in program


@pytest.mark.parametrize(
    "url", ["http://localhost/", "http://127.0.0.1:80/", "http://[::1]/", "http://169.254.169.254/latest/", "http://10.0.0.1/", "http://2130706433/", "file:///etc/passwd", "ftp://a.gov.cn/", "wenshang", ""]
)  # fmt: skip
def test_addresses_that_lead_inside_are_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(CrawlError):
        address_of(url)


# ------------------------------------------------------------------------------------------------ lists that scripts make


@needs_browser
def test_a_list_that_scripts_make_is_read_with_a_browser_and_told_without(
    archive: Sandbox, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = put_up(made_up_portals.by_scripts, archive, web)
    monkeypatch.setenv("NIANBAO_BROWSER", "none")
    told = nianbao(archive, "portal", "probe", site.url)
    assert (told.code, "browser is 'none'" in told.out) == (1, True), told.out + told.err
    with archive.home() as home:
        blind = probe_portal(home, site.url)
        read = {(one.outcome, one.reports, one.how_far_read) for one in blind.listings}
        assert read == {("script_only", 0, "by_script")}
        assert len(blind.listings) == 2  # their pages differ in nothing but their addresses
    monkeypatch.setenv("NIANBAO_BROWSER", "")
    web.log.clear()
    found = add(archive, site)
    assert {(one.outcome, one.why, one.how_far_read) for one in found.listings} == {("ok", "label", "to_end")}
    assert {lead["url"] for lead in found.leads} == site.truth
    assert max(web.paths().count(path) for path in set(web.paths())) == 1  # for all families together
    assert {asked.headers["user-agent"].partition("/")[0] for asked in web.log} == {"nianbao"}
    archive.crawl("added")
    assert {look.outcome for look in archive.looks("added") if ":found-" not in look.listing} == {LookOutcome.OK}


# ------------------------------------------------------------------------------------------------ the real web, through a proxy


def test_a_real_archive_adds_and_crawls_through_a_proxy(tmp_path: Path, web: Web) -> None:
    host = "www.weizhi.gov.cn"
    web.routes[host, "/"] = a_list(
        ("/d/2025/01-10/88888.html", "未知县财政局2024年政府信息公开工作年度报告", "2025-01-10")
    )
    web.routes[host, "/d/2025/01-10/88888.html"] = page(
        f"<h1>未知县财政局2024年政府信息公开工作年度报告</h1><div>{made_up_portals.CHAPTERS}</div>"
    )
    folder = tmp_path / "real"
    init_home(folder).close()
    proxy = f"http://{web.address}"
    through = {"NIANBAO_PROXY_RESOLVES": "true", "http_proxy": proxy, "https_proxy": proxy}
    ran = played.nianbao("portal", "add", f"http://{host}/", "--yes", archive=folder, **through)
    assert ran.code in (0, 1), ran.out + ran.err
    ran = played.nianbao("crawl", "weizhi", "--no-read", archive=folder, **through)
    assert "1 report fetched" in ran.out, ran.out + ran.err
    assert played.nianbao("portal", "add", "http://localhost/", "--yes", archive=folder, **through).code == 2
    assert {a.host for a in web.log} == {host}
