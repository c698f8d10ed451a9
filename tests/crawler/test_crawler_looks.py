"""Looks at columns and at addressed lists: how they end, and that nothing that is no page counts as one."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

import pytest
from loopback_web import Asked, Reply, Sandbox, Web, a_list, a_report, page

from archive.queries.overview import missing
from archive.queries.where import Where
from crawler.lists import stored_lists
from crawler.operations.relook import relook
from nianbao.rulings import decided, rule_on
from nianbao.sentences import look_reason, notes_sentence
from storage.observations import Observations
from storage.records import CaptureOutcome, CaptureRole, LookOutcome, Status
from storage.registry import Registry
from tests.case_tables import read_cases

HOST = "www.wanping.gov.cn"
ZF = ("./202501/t20250120_1001.html", "宛平县人民政府2024年政府信息公开工作年度报告", "2025-01-20")
CZ = ("./202501/t20250121_1002.html", "宛平县财政局2024年政府信息公开工作年度报告", "2025-01-21")
NEWS = ("./202501/t20250121_1003.html", "宛平县召开2025年度经济工作会议", "2025-01-22")


def test_a_column_is_read_and_its_reports_are_visited(archive: Sandbox, web: Web) -> None:
    archive.portal()
    web.routes |= {(HOST, "/nb/"): a_list(ZF, CZ, NEWS), (HOST, "/nb/202501/t20250120_1001.html"): a_report(ZF[1])}
    web.routes[HOST, "/nb/202501/t20250121_1002.html"] = a_report(CZ[1], '<a href="P020250121.docx">点击下载</a>')
    name = "宛平县2024年报告.docx"
    sent = {"Content-Disposition": f'attachment; filename="{name.encode("gbk").decode("latin-1")}"'}
    web.routes[HOST, "/nb/202501/P020250121.docx"] = Reply(200, b"PK\x03\x04docx", sent)
    (report,) = archive.crawl()
    assert (report.outcome, report.looks, report.counts["visits"]) == ("ok", {"ok": 1}, 2)
    (look,) = archive.looks()
    assert look.outcome is LookOutcome.OK
    assert archive.links(look) == [f"http://{HOST}/nb/{row[0][2:]}" for row in (ZF, CZ, NEWS)]
    roles = [(c.role, c.url.rsplit("/", 1)[1], c.outcome) for c in archive.captures()]
    assert roles == [
        (CaptureRole.ROBOTS, "robots.txt", CaptureOutcome.NOT_FOUND),
        (CaptureRole.LISTING, "", CaptureOutcome.PAGE),
        (CaptureRole.REPORT, "t20250120_1001.html", CaptureOutcome.PAGE),
        (CaptureRole.REPORT, "t20250121_1002.html", CaptureOutcome.PAGE),
        (CaptureRole.ATTACHMENT, "P020250121.docx", CaptureOutcome.PAGE),
    ]
    attachment = next(a for a in web.log if a.path.endswith(".docx"))
    assert attachment.headers["referer"].endswith("t20250121_1002.html")
    assert (archive.captures()[-1].link_text, archive.captures()[-1].via) == (name, archive.captures()[-2].id)
    assert archive.captures()[2].via == archive.captures()[1].id


def test_the_heading_of_a_year_of_reports_dates_the_rows_below(archive: Sandbox, web: Web) -> None:
    """As 互助县 has it. A mere year may be that of publication, and is kept apart."""
    archive.portal()
    for heading, shown in (
        ("2024年度政府信息公开年报", "2024年度>宛平县财政局"),
        ("2024年度政府信息公开年报", "2024年度>宛平县财政局政府信息公开年报"),
        ("2024年", "2024年>宛平县财政局"),
    ):
        web.routes[HOST, "/nb/"] = a_list(("/d/7.html", shown.partition(">")[2], ""), head=f"<h3>{heading}</h3>")
        archive.crawl()
        with archive.home() as home:
            (link,) = Observations(home).extractions(archive.looks()[-1].id)[-1].links
        assert link.text == shown


FAILURES = read_cases(__file__, "failures")
LISTED = a_list(ZF, CZ).body.decode()


def test_every_way_a_listing_can_fail_is_told_apart(archive: Sandbox, web: Web) -> None:
    cases = {name: (page(body.replace("@LIST", LISTED), status), *ended) for name, status, body, *ended in FAILURES}
    for name, (answer, _, _) in cases.items():
        archive.portal(name, host=f"www.{name}.gov.cn")
        web.routes[f"www.{name}.gov.cn", "/nb/"] = answer
    assert {run.portal for run in archive.crawl(*cases) if run.outcome == "blocked"} == {"blocked", "challenge"}
    seen = {look.portal: look for look in archive.looks()}
    for name, (_, outcome, reason) in cases.items():
        assert (name, seen[name].outcome, seen[name].reason) == (name, outcome, reason or seen[name].reason)


def test_a_list_without_end_ends_with_the_page_budget(archive: Sandbox, web: Web) -> None:
    archive.portal(extra="custom_settings = {'NIANBAO_PAGE_BUDGET': 40}")
    numbers = count(1)

    def endless(asked: Asked) -> Reply:
        n = next(numbers)
        row = (f"./t20250120_{n}000.html", f"宛平县第{n}小学2024年政府信息公开工作年度报告", "2025-01-20")
        more = f'<a href="/nb/{n}/list.html;jsessionid={n}">下一页</a>'
        return a_report(row[1]) if "/t2025" in asked.path else a_list(row, tail=more)

    web.routes[HOST, "*"] = endless
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason) == (LookOutcome.PARTIAL, "page_budget")
    assert len(web.paths(HOST)) == 40


def test_a_report_that_was_shown_and_never_asked_for_is_visited_though_its_link_is_gone(
    archive: Sandbox, web: Web
) -> None:
    archive.portal(extra="custom_settings = {'NIANBAO_PAGE_BUDGET': 3}")  # robots.txt, the list, one report
    web.routes |= {(HOST, "/nb/"): a_list(ZF, CZ)} | {
        (HOST, f"/nb/{at[2:]}"): a_report(name) for at, name, _ in (ZF, CZ)
    }
    archive.crawl()
    asked = [path for path in web.paths() if path.endswith(".html")]
    (left,) = (row for row in (ZF, CZ) if f"/nb/{row[0][2:]}" not in asked)
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(ZF if left is CZ else CZ)
    archive.crawl()
    archive.crawl()
    assert [path for path in web.paths() if path.endswith(".html")] == [*asked, f"/nb/{left[0][2:]}"]


def test_a_known_report_is_visited_by_age_with_its_validators(archive: Sandbox, web: Web) -> None:
    archive.portal()
    title = "宛平县财政局2025年政府信息公开工作年度报告"
    this_year = a_report(title)
    web.routes[HOST, "/nb/"] = a_list(("./t20260120_1.html", title, "2026-01-20"), CZ)
    web.routes[HOST, "/nb/202501/t20250121_1002.html"] = a_report(CZ[1])

    def report(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(304, b"", {"ETag": '"v1"'})
        return Reply(200, this_year.body, {"Content-Type": "text/html", "ETag": '"v1"'})

    web.routes[HOST, "/nb/t20260120_1.html"] = report
    visited = []
    for now in ("2026-02-01", "2026-02-03", "2026-02-09", "2026-08-10"):
        archive.set_day(now)
        web.log.clear()
        archive.crawl()
        visited.append(sorted((a.path.rsplit("/", 1)[1], a.status) for a in web.log if "/t20" in a.path))
    season, older = "t20260120_1.html", "t20250121_1002.html"
    assert visited == [[(older, 200), (season, 200)], [], [(season, 304)], [(older, 200), (season, 304)]]
    same = [c for c in archive.captures() if c.outcome is CaptureOutcome.NOT_MODIFIED]
    assert len({c.document for c in same}) == 1
    assert archive.body(same[0]) == this_year.body
    web.log.clear()
    archive.crawl(visit_everything=True)
    assert sum("/t20" in a.path for a in web.log) == 2


def test_a_list_that_moved_is_not_asked_any_more_once_it_is_ruled_to_have_ended(archive: Sandbox, web: Web) -> None:
    archive.portal(extra='entrances = ("http://www.wanping.gov.cn/",)')
    web.routes[HOST, "/nb/"] = a_list(ZF)
    archive.crawl()
    old, new = '<li><a href="/nb/">部门政府信息公开年报</a></li>', '<li><a href="/xin/">政府信息公开年报</a></li>'
    web.routes[HOST, "/"] = page(f"<html><body><h1>宛平县人民政府门户网站</h1><ul>{new}{old}</ul></body></html>")
    web.routes[HOST, "/nb/"] = page("gone", 404)
    web.routes[HOST, "/xin/"] = a_list(ZF)
    archive.crawl()
    with archive.home() as home:
        rule_on(home, decided(home, "listing", "wanping:nb", ["ended=2026-01-01"]), by="somebody", reason="it moved")
    web.log.clear()
    archive.crawl()
    assert {"/xin/", "/nb/"} & {*web.paths()} == {"/xin/"}  # though the entrance still leads to it
    assert len({look.listing for look in archive.looks()}) == 2


def test_stored_pages_are_read_again_by_todays_engine(
    archive: Sandbox, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier engine took out of them stays as an extraction of its own."""
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(ZF, CZ)
    archive.crawl()
    (look,) = archive.looks()
    web.log.clear()
    with archive.home() as home:
        assert relook(home, "wanping") == 0
        with monkeypatch.context() as other:
            other.setattr(stored_lists, "add_link", lambda *given: None)  # an engine that takes nothing for an entry
            assert relook(home, "wanping") == 1
        assert relook(home, "wanping") == 1
        assert [len(e.links) for e in Observations(home).extractions(look.id)] == [2, 0, 2]
    assert web.log == []


def test_a_partial_look_names_the_page_that_did_not_come(archive: Sandbox, web: Web) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(ZF, CZ, tail="<a href='/nb/index_1.html'>下一页</a><p>共 5 条</p>")
    archive.crawl()
    (look,) = archive.looks()
    assert look.reason == f"2_of_5:not_found:http_404 http://{HOST}/nb/index_1.html"
    assert look_reason(look.reason, "en").endswith("/nb/index_1.html: the server answered 404")


@pytest.mark.parametrize(
    ("tail", "doubt"),
    [("<p>共 5 条</p>", "2_of_5"), ("<a href='/nb/index_1.html'>下一页</a>", "page_not_read_whole"), ("", None)],
)
def test_a_list_that_todays_engine_finds_incomplete_proves_no_absence_any_more(
    archive: Sandbox, web: Web, tail: str, doubt: str | None
) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(ZF, CZ, tail=tail)
    archive.crawl()
    (look,) = archive.looks()
    ok = replace(look, id="as an earlier engine judged it", outcome=LookOutcome.OK, reason="")
    with archive.home() as home:
        observations = Observations(home)
        (links,) = observations.extractions(look.id)
        observations.add_look(ok, replace(links, look=ok.id))
        assert [relook(home, "wanping"), relook(home, "wanping")] == [int(doubt is not None), 0]
        (judged,) = observations.looks_by_id([ok.id])
        assert len(observations.extractions(ok.id)) == 1 + (doubt is not None)
        assert (observations.look_counts()["wanping"].last_ok is None) == (doubt is not None)
    assert judged == (ok if doubt is None else replace(ok, outcome=LookOutcome.PARTIAL, reason=doubt))


def test_that_nothing_says_where_a_full_list_ends_is_told_once_and_never_proof(archive: Sandbox, web: Web) -> None:
    archive.portal(family="generic.Generic")
    rows = [(f"/d/{n}.html", f"宛平县第{n}局2024年政府信息公开工作年度报告", "2025-01-20") for n in range(10)]
    web.routes |= {(HOST, "/nb/"): a_list(*rows)} | {(HOST, at): a_report(title) for at, title, _ in rows}
    outcomes = []
    for now in ("2026-02-01", "2026-02-15"):
        archive.set_day(now)
        (report,) = archive.crawl()
        outcomes.append((report.outcome, "they prove no absence" in notes_sentence(report.notes)))
    assert outcomes == [("attention", False), ("ok", True)]
    assert {(look.outcome, look.reason) for look in archive.looks()} == {(LookOutcome.PARTIAL, "end_of_list_not_said")}
    web.routes[HOST, "/nb/"] = a_list(*rows, tail="<a href='/nb/index_1.html'>下一页</a>")  # broken in another way
    archive.set_day("2026-02-28")
    assert archive.crawl()[0].outcome == "attention"


def test_a_year_below_an_agencys_column_is_that_agencys_though_no_title_names_it(archive: Sandbox, web: Web) -> None:
    name, at = "{}年政府信息公开工作年度报告", "/bm/cz/nb/"
    rows = "".join(f'<li><a href="{at}{year}n/">{year}年</a></li>' for year in (2025, 2024))
    menu = f'<title>政府信息公开年报</title><ul>{rows}<li><a href="/nb/">县政府年报</a></li></ul>'
    web.routes |= {(HOST, at): page(menu), (HOST, "/nb/"): page("<title>县政府政府信息公开年报</title><ul></ul>")}
    for year in (2025, 2024):
        report = f"{at}{year}n/t{year + 1}0120_1.html"
        web.routes[HOST, f"{at}{year}n/"] = a_list((report, name.format(year), f"{year + 1}-01-20"))
        web.routes[HOST, report] = a_report(name.format(year))
    own = f'column("cz", "http://{HOST}{at}", title="政府信息公开年报", agency="cz"),'
    archive.portal(listings=own, agencies="cz,宛平县财政局,部门\n")
    archive.crawl()
    with archive.home() as home:
        whose = {row.url.removeprefix(f"http://{HOST}"): row.agency for row in Registry(home).listings("wanping")}
    assert whose[f"{at}2025n/"] == whose[f"{at}2024n/"] == "wanping/cz"
    assert whose.get("/nb/") is None


def test_a_day_in_an_item_of_its_own_is_that_of_the_row(archive: Sandbox, web: Web) -> None:
    """As 辽宁 prints it, with a list of two items for each row (ln.gov.cn, list-ul-two), and 庐山, with four."""
    titles = [f"宛平县{name}2024年政府信息公开工作年度报告" for name in ("财政局", "司法局")]
    rows = "".join(
        f"<ul>{before}<li><a href='/d/{n}.pdf'>{title}</a></li><li><a class='subStr2'>2025-01-2{n}</a></li></ul>"
        for n, (title, before) in enumerate(zip(titles, ("", "<li>1</li><li>宛平县司法局</li>"), strict=True))
    )
    web.routes[HOST, "/nb/"] = page(f"<html><title>政府信息公开年报</title>{rows}</html>")
    archive.portal()
    archive.crawl()
    with archive.home() as home:
        (extraction,) = Observations(home).latest_extractions("wanping").values()
    assert {link.text: link.listed for link in extraction.links} == {titles[0]: "2025-01-20", titles[1]: "2025-01-21"}


ADDRESS = f"http://{HOST}/module/xxgk/xxgkAnnualReport.jsp?area={{code}}&fbtime={{year}}"
EMPTY = page(
    '<html><head><title>宛平县人民政府</title></head><body><a href="/">首页</a><div class="t"></div><div id="zoom"></div><p>主办单位：宛平县人民政府办公室　网站标识码：9900010001</p></body></html>'
)
AGENCIES = "zf,宛平县人民政府,政府,A1\ncz,宛平县财政局,部门,A2\nsf,宛平县司法局,部门\n"


@pytest.fixture
def hanweb(archive: Sandbox) -> Sandbox:
    archive.portal(
        family="hanweb_jcms.HanwebJcms",
        listings=f'addressed("nb", {ADDRESS!r}, title="政府信息公开年报"),',
        agencies=AGENCIES,
    )
    return archive


def at(code: str, year: int) -> tuple[str, str]:
    return HOST, f"/module/xxgk/xxgkAnnualReport.jsp?area={code}&fbtime={year}"


def looks(archive: Sandbox) -> dict[str, tuple[LookOutcome, str, bool, int]]:
    return {
        look.listing.partition("/")[2]: (look.outcome, look.reason, look.control is not None, len(archive.links(look)))
        for look in archive.looks()
    }


def test_an_empty_answer_counts_only_if_a_known_good_address_answers_after_it(hanweb: Sandbox, web: Web) -> None:
    web.routes[HOST, "*"] = EMPTY
    web.routes[at("A1", 2024)] = a_report(
        "宛平县人民政府2024年政府信息公开工作年度报告", "<p>发布时间:2025-03-20 10:00:00</p>"
    )
    (report,) = hanweb.crawl()
    assert report.outcome == "ok"
    assert looks(hanweb) == {  # 2025 and 2024 of the two agencies with a code
        "zf/2025": (LookOutcome.OK, "empty_report", True, 0),
        "cz/2025": (LookOutcome.OK, "empty_report", True, 0),
        "zf/2024": (LookOutcome.OK, "", False, 1),
        "cz/2024": (LookOutcome.OK, "empty_report", True, 0),
    }
    with hanweb.home() as home:
        link = next(e.links[0] for e in Observations(home).latest_extractions("wanping").values() if e.links)
        listing = next(row for row in Registry(home).listings("wanping") if row.id == "wanping:nb/zf/2024")
    assert (link.text, link.listed) == ("宛平县人民政府2024年政府信息公开工作年度报告", "2025-03-20")
    assert (listing.agency, listing.year, link.url) == ("wanping/zf", 2024, listing.url)


def test_a_portal_that_answers_empty_to_everything_proves_nothing(hanweb: Sandbox, web: Web) -> None:
    web.routes[HOST, "*"] = EMPTY
    hanweb.crawl()
    assert set(looks(hanweb).values()) == {(LookOutcome.PARTIAL, "no_known_good_address", False, 0)}


def test_open_duties_are_asked_every_time_and_known_reports_by_age(hanweb: Sandbox, web: Web) -> None:
    web.routes[HOST, "*"] = EMPTY
    web.routes[at("A1", 2024)] = a_report("宛平县人民政府2024年政府信息公开工作年度报告")
    hanweb.crawl()
    hanweb.set_day("2026-02-03")
    web.log.clear()
    hanweb.crawl()
    asked = [path.split("area=")[1].replace("&fbtime=", " ") for path in web.paths() if "area=" in path]
    assert asked == ["A2 2025", "A1 2025", "A2 2024", "A1 2024"]  # three open ones, then the control
    web.routes[at("A1", 2024)] = EMPTY  # withdrawn, and with it the only address known to be good
    hanweb.set_day("2026-02-04")
    hanweb.crawl()
    assert {look.reason for look in hanweb.looks()[-3:]} == {"control_failed"}


def test_a_report_that_a_list_links_by_its_address_is_fetched_once(archive: Sandbox, web: Web) -> None:
    """As 沧源 links the years of each agency (cangyuan.gov.cn/zfxxgk_cyx_nlx/zfxxgknb.html?nbYear=2022)."""
    archive.portal(
        family="hanweb_jcms.HanwebJcms",
        listings=f'addressed("nb", {ADDRESS!r}, title="政府信息公开年报"), column("all", "http://{HOST}/nb/", title="政府信息公开年报"),',
        agencies="cz,宛平县财政局,部门,A2\n",
    )  # fmt: skip
    title, (_, path) = "宛平县财政局2024年政府信息公开工作年度报告", at("A2", 2024)
    web.routes[HOST, "*"] = EMPTY
    web.routes[HOST, "/nb/"] = a_list((path, title, "2025-01-20"))
    web.routes[HOST, path] = a_report(title)
    archive.crawl()
    assert web.paths().count(path) == 1


def test_a_bar_of_years_is_no_column_of_its_own(archive: Sandbox, web: Web) -> None:
    """Its years would be leads, and the frame of a year without report was taken for a report that is held."""
    url = f"http://{HOST}/public/column/{{code}}?type=3&action=detail&title={{year}}"
    archive.portal(
        family="lonsun.Lonsun",
        listings=f'addressed("nb", {url!r}, title="政府信息公开年报"),',
        agencies="cz,宛平县财政局,部门,7001\n",
        extra=f'entrances = ("http://{HOST}/",)',
    )
    years = "".join(
        f"<a href='/public/column/7001?type=3&action=detail&title={year}'>{year}年</a>" for year in (2025, 2024)
    )
    frame = f"<html><title>宛平县财政局政府信息公开年报</title><div>宛平县财政局 &gt; 政府信息公开年报</div>{years}"
    web.routes[HOST, "/"] = page("<html><a href='/public/column/7001?type=3'>宛平县财政局政府信息公开年报</a></html>")
    report = a_report("宛平县财政局2024年政府信息公开工作年度报告").body.decode()
    for year, shown in ((2025, "<div>暂无相关信息</div>"), (2024, report)):
        web.routes[HOST, f"/public/column/7001?type=3&action=detail&title={year}"] = page(f"{frame}{shown}</html>")
    web.routes[HOST, "/public/column/7001?type=3"] = page(f"{frame}<div>暂无相关信息</div></html>")
    archive.crawl()
    assert {key: (outcome, links) for key, (outcome, _, _, links) in looks(archive).items()} == {
        "cz/2025": (LookOutcome.OK, 0),
        "cz/2024": (LookOutcome.OK, 1),
    }


WWW, BARE = "www.wanping.gov.cn", "wanping.gov.cn"
TITLES = {
    f"/nb/t20260120_{n}.html": f"宛平县{name}局2025年政府信息公开工作年度报告"
    for n, name in enumerate(("财政", "水利"))
}
COLUMNS = {"all": f"http://{WWW}/nb/", "mirror": f"http://{BARE}/nb/", "sessions": f"http://{WWW}/list.jsp"}


def test_each_address_is_fetched_once_and_each_listing_keeps_its_evidence(archive: Sandbox, web: Web) -> None:
    numbers = count(1)

    def with_sessions(asked: Asked) -> Reply:
        """A list whose addresses, that of its next page too, are new at every request."""
        mark = f"{next(numbers):032X}"
        rows = [(f"{href};jsessionid={mark}", title, "2026-01-20") for href, title in TITLES.items()]
        if ";jsessionid" in asked.path and "/nb/" in asked.path:
            return a_report(TITLES[asked.path.partition(";")[0]])
        return a_list(*rows, tail=f'<a href="list.jsp;jsessionid={mark}">下一页</a>')

    declared = (
        f'column("{key}", "{url}", title="政府信息公开年报", covers="department"),' for key, url in COLUMNS.items()
    )
    archive.portal(listings="".join(declared), hosts=f"{BARE!r}")
    archive.map(BARE)
    for host in (WWW, BARE):
        web.routes[host, "/nb/"] = a_list(*((href, title, "2026-01-20") for href, title in TITLES.items()))
        web.routes |= {(host, href): a_report(title) for href, title in TITLES.items()}
    web.routes[WWW, "*"] = with_sessions
    (report,) = archive.crawl()
    own = [f"http://{WWW}{href}" for href in TITLES]
    assert {look.listing.partition(":")[2]: archive.links(look) for look in archive.looks()} == {
        "all": own, "mirror": [url.replace(WWW, BARE) for url in own], "sessions": own,
    }  # fmt: skip
    assert (report.outcome, report.looks, report.counts["visits"]) == ("ok", {"ok": 3}, 4)
    assert max(Counter((one.host, one.path) for one in web.log).values()) == 1
    web.log.clear()
    (report,) = archive.crawl()
    assert (report.counts.get("visits", 0), len(web.log)) == (0, 2 + 3)  # robots.txt of both hosts, and the lists


@pytest.mark.parametrize("way", ["zfxxgknb/", ""], ids=["a column", "the home page"])
def test_an_agency_with_a_page_on_a_host_of_others_is_never_missing(archive: Sandbox, web: Web, way: str) -> None:
    """The column links it by the agency's name; its reports were on the portal's list until it moved there."""
    names = ("财政局", "司法局")
    rows = [
        (f"/d/{n}.html", f"宛平县{name}2024年政府信息公开工作年度报告", "2025-01-20") for n, name in enumerate(names)
    ]
    away = f"<li><a href='http://sf.pingzhou.gov.cn/{way}'>宛平县司法局</a></li>"
    beside = "<li><a href='/nb/cz/'>宛平县财政局</a></li>"
    web.routes[HOST, "/"] = page(f"<html><a href='/nb/'>政府信息公开年报</a>{away}</html>")
    web.routes[HOST, "/nb/"] = page(
        f"<html><title>政府信息公开年报</title><a href='/nb/bm/'>县直部门</a>{beside}{away}"
    )
    web.routes |= {(HOST, "/nb/bm/"): a_list(*rows), (HOST, "/nb/cz/"): a_list(rows[0])}
    for path, title, _ in rows:
        web.routes[HOST, path] = a_report(title)
    listings = f'column("bm", "http://{HOST}/nb/bm/", title="政府信息公开年报>县直部门"),'
    extra = f'entrances = ("http://{HOST}/",)'
    archive.portal(listings=listings, extra=extra, agencies="cz,宛平县财政局,部门\nsf,宛平县司法局,部门\n")
    for day in ("2026-02-02", "2026-02-10"):
        archive.set_day(day)
        archive.crawl()
    archive.judge()
    with archive.home() as home:
        told = {duty.agency.name: duty.status for duty in missing(home, Where(years=(2025,))).duties}
        away = [row.url for row in Registry(home).listings("wanping") if row.agency == "wanping/sf"]
    assert (told, away) == ({"宛平县财政局": Status.MISSING}, [f"http://sf.pingzhou.gov.cn/{way}"])
    assert {asked.host for asked in web.log} == {HOST}
