"""From a home page the columns of annual reports are found and read, without a browser where links are enough.

The recorded pages of the project's portals give the reports that were read of them by hand. What is asked for by a
query is judged by what it shows: reports at addresses of agency and year, and the search.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from crawler.lists.addressed import EMPTY_ANSWER, NOT_UNDERSTOOD, REPORT, is_address_of, judge_page
from crawler.lists.engine import Unmet
from crawler.lists.list_reader import ListReading, read_list
from crawler.lists.page import Answer, Request
from crawler.lists.page_reader import read_text
from crawler.lists.stored_lists import outcomes_of_ways
from crawler.lists.walk import Walk
from crawler.onboarding.site_facts import find_search
from storage.records import LookOutcome
from tests.case_tables import read_cases
from tests.lists.played_portals import HOST, PLACE, Served, is_report_of, links, made_up, page, pages_of, played, walk

FAMILIES = (  # whose lists are read to their end by links alone
    "channel_oid", "trs_bare", "trs_dated", "dated_list", "gkmlpt", "hanweb_jpaas", "ucap_query", "vsb", "vsb_folders",
    "ucap", "ucap_packed", "hebei", "rednet", "xian", "snowflake", "ivs", "easysite", "cms_html", "unknown",
)  # fmt: skip
YEARS, NAMES = (2022, 2023, 2024), ("财政局", "教育局", "司法局")


def shown_on(lists: tuple[ListReading, ...]) -> set[str]:
    return {entry.url for one in lists for entry in one.entries if entry.url}


@pytest.mark.parametrize("family", FAMILIES)
def test_reports_of_a_portal_are_found_by_links(tmp_path: Path, family: str) -> None:
    with played(tmp_path, made_up(family)) as portal:
        found = walk(portal.fetch)
        asked, reports = len(portal.fetch.asked), set().union(*portal.truth.values())
        assert reports <= shown_on(found)
        assert all(one.is_whole for one in found)
        assert asked <= 12
        for one in found:
            known = [entry.url for entry in one.entries]
            again = read_list(one.url, portal.fetch, lambda entry: entry.url in reports, known_urls=known)
            assert (again.entries, again.unmet, again.pages) == (one.entries, one.unmet, one.pages)
        assert len(portal.fetch.asked) < 2 * asked


def reports(year: int, folder: str = "/nb") -> list[tuple[str, str]]:
    return [
        (f"{folder}/{year}{n}.html", f"{PLACE}{name}{year}年政府信息公开工作年度报告") for n, name in enumerate(NAMES)
    ]


def of_each_year(address: str, label: str) -> list[tuple[str, str]]:
    return [(address.format(year), label.format(year)) for year in YEARS]


ALL = [one for year in YEARS for one in reports(year)]
OWN = of_each_year("/nb/{}.html", f"{PLACE}人民政府{{}}年政府信息公开工作年度报告")
ROWS_OF_REPORTS = {
    "ALL": ALL, "OWN": OWN, "YEARS": YEARS, "NAMES": NAMES, "PLACE": PLACE, "reports": reports,
    "of_each_year": of_each_year,
}  # fmt: skip
URLS = {f"http://{HOST}{url}" for url, _ in ALL}


def walk_over(pages: dict[str, str]) -> tuple[ListReading, ...]:
    return walk(Served(HOST, pages))


def results_of(lists: tuple[ListReading, ...]) -> dict[str, str]:
    """By address, how many entries a list has, and which rules it does not meet."""
    host, found = f"http://{HOST}", {}
    for one in lists:
        unmet = sorted(f"{each.rule} {each.detail}".strip() for each in one.unmet)
        found[one.url.removeprefix(host)] = "; ".join([str(len(one.entries)), *unmet]).replace(host, "")
    return found


@pytest.mark.parametrize("case", read_cases(__file__, "walked"), ids=lambda case: case["name"])
def test_lists_are_found_and_read_as_what_they_are(case: dict[str, Any]) -> None:
    pages = pages_of(case["pages"], **ROWS_OF_REPORTS)
    found = walk(Served(HOST, pages), case.get("given", "/"), columns=case.get("columns", ()))
    assert results_of(found) == case["lists"]
    shown = shown_on(found)
    assert {"all": shown == URLS, "all and others": shown > URLS}.get(case.get("reports", ""), True)
    paths = {one.url.removeprefix(f"http://{HOST}"): one.path for one in found}
    assert paths == paths | case.get("paths", {})


def test_pages_that_lead_to_each_other_are_complete_if_their_lists_are() -> None:
    """As 天津市和平区 has it: a page of units, and one for each unit, with the list's name in a menu on every page."""
    menu = links(("/bm/", "区政府部门"), ("/zj/", "街道办事处"))
    pages = {"/nb/": page(menu), "/bm/": page(menu + links(("/bm/czj/", "财政局"))), "/zj/": page(menu)}
    served = Served(HOST, pages | {"/bm/czj/": page(menu + links(*ALL))})
    found = [*Walk(served, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/"])]
    complete = {one.url: one.is_whole for one in found}
    ways = [one for one in found if one.leads_to]
    assert {urlsplit(one.url).path for one in ways} == {"/nb/", "/bm/", "/zj/"}
    assert {outcome for outcome, _ in outcomes_of_ways(ways, complete).values()} == {LookOutcome.OK}
    circle = outcomes_of_ways([one for one in ways if "czj" not in str(one.leads_to)], {})
    assert {outcome for outcome, _ in circle.values()} == {LookOutcome.PARTIAL}
    empty = replace(ways[0], says_empty=True)  # as 揭阳's column of an agency: 暂无数据, beside a menu
    assert outcomes_of_ways([empty], {}) == {empty.url: (LookOutcome.PARTIAL, "says_it_is_empty")}
    complete[f"http://{HOST}/bm/czj/"] = False
    assert {outcome for outcome, _ in outcomes_of_ways(ways, complete).values()} == {LookOutcome.PARTIAL}


def test_a_page_that_names_a_column_on_another_host_does_not_lead_to_all() -> None:
    """As 内黄 has it: its government's reports stand in a list of its city (report_urls.jsonl: www.anyang.gov.cn)."""
    foreign = "http://www.anyang.gov.cn/xsqxxgknb/"
    columns = links((foreign, "县政府信息公开年报"), ("/bm/", "县直部门信息公开年报"))
    served = Served(HOST, {"/nb/": page(columns), "/bm/": page(links(*ALL))})
    way, departments = Walk(served, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/"])
    outcome = outcomes_of_ways([way], {departments.url: departments.is_whole})[way.url]
    assert outcome == (LookOutcome.PARTIAL, f"list_is_divided:{foreign}")


def test_a_portal_at_a_port_is_walked() -> None:
    """As the openness site of 龙潭区 is (http://122.137.242.24:8080/pub/ltqxxgkw/)."""
    host = f"{HOST}:8080"
    found = Walk(Served(HOST, {"/nb/": page(links(*ALL))}), place=PLACE, hosts=(host,)).read_each(
        (), [f"http://{host}/"]
    )
    assert shown_on(tuple(found)) == {f"http://{host}{url}" for url, _ in ALL}


def test_a_walk_that_used_up_its_requests_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As 乌审旗 had it: of 38 units with a page and eight years each, the townships were left out."""
    pages = {f"/nb/{n}/": page(links(*ALL[n::3])) for n in range(3)}
    pages["/nb/"] = page(links(*((f"/nb/{n}/", name) for n, name in enumerate(NAMES))))
    for most, is_cut_off in ((3, True), (9, False)):
        monkeypatch.setattr("crawler.lists.walk.MAX_REQUESTS", most)
        made = Walk(Served(HOST, pages), place=PLACE, hosts=(HOST,))
        found = [*made.read_each((), [f"http://{HOST}/"])]
        assert (made.is_cut_off, sum(one.is_whole for one in found) < 3) == (is_cut_off, is_cut_off)


def test_agencies_of_a_foot_do_not_use_up_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """As 蜀山 has it (html/lonsun/detail_hfss_county.html): introductions of some 60 agencies in each foot."""
    others = ("统计局", "水务局", "审计局", "文旅局", "交通局", "气象局", "体育局", "档案局")
    foot = links(*((f"/jj/{n}", name) for n, name in enumerate(others)))
    pages = {"/": page(links(("/gk/", "政务公开")) + foot), "/nb/": page(links(*OWN) + foot)} | {
        f"/jj/{n}": page("<p>单位简介</p>") for n in range(8)
    }
    for n in range(3):
        pages[f"/bm/{n}/"] = page(links((f"/bm/{n}/nb/", "政府信息公开年报")))
        pages[f"/bm/{n}/nb/"] = page(links(*ALL[n::3]))
    pages["/gk/"] = page(
        links(("/nb/", "政府信息公开年报"), *((f"/bm/{n}/", name) for n, name in enumerate(NAMES))) + foot
    )
    monkeypatch.setattr("crawler.lists.walk.MAX_REQUESTS", 14)
    found = [*Walk(Served(HOST, pages), place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/gk/"])]
    assert shown_on(tuple(found)) > URLS


TOP = ("/nb/top.html", f"{PLACE}2025年政府信息公开工作年度报告")
ROWS = {  # what the cases leave out
    "@FIRST": links(*ALL[:5]),
    "@REST": links(*ALL[5:]),
    "@SIXTH": links(*ALL[5:7]),
    "@EIGHTH": links(*ALL[7:]),
    "@FOUR": links(*ALL[:4]),
    "@NEXT_FOUR": links(*ALL[4:8]),
    "@NINTH": links(*ALL[8:]),
    "@TOP_AND_FIRST": links(TOP, *ALL[:5]),
    "@TOP_AND_REST": links(TOP, *ALL[5:]),
    "@OLD": "".join(f"<li><a href='{u}'><b>{t}</b><i>02-09</i><i>2026</i></a></li>" for u, t in ALL[:5]),
    "@ITEMS": "".join(f"<ul><li><a href='{u}'>{t}</a></li><li>2025-02-09</li></ul>" for u, t in ALL),
    "@TITLED": "".join(f"<tr><td><a href='{u}' title='文章标题：{t}&#13;&#10;作者：办公室'>{t}</a>" for u, t in ALL),
}


@pytest.mark.parametrize("printed", read_cases(__file__, "printed"), ids=lambda case: case["name"])
def test_a_list_is_read_whole_however_it_is_printed(printed: dict[str, str]) -> None:
    parts = [printed.get(name, "") for name in ("first", "second", "second", "third")]
    for mark, rows in ROWS.items():
        parts = [one.replace(mark, rows) for one in parts]
    paths = ("/nb/index.html", "/nb/2.html", "/nb/index2.html", "/nb/1.html")
    column = {"/": page(links(("/nb/index.html", "政府信息公开年报")))}
    found = walk_over(column | dict(zip(paths, map(page, parts), strict=True)))
    assert shown_on(found) >= URLS
    assert [one.unmet for one in found] == [()]


@pytest.mark.parametrize(("extra", "unmet"), read_cases(__file__, "going_on"))
def test_a_list_that_may_go_on_is_partial_without_a_browser(extra: str, unmet: str) -> None:
    (read,) = (one for one in walk_over({"/nb/": page(links(*ALL) + extra)}) if one.url.endswith("/nb/"))
    assert unmet in {one.rule for one in read.unmet}


def test_a_page_that_breaks_the_reading_is_told_and_the_others_are_read() -> None:
    pages = {"/": page(links(("/nb/", "政府信息公开年报"), ("/bm/", "部门年报"))), "/nb/": page(links(*ALL))}
    served = Served(HOST, pages)

    def fetch(request: Request) -> Answer:
        if request.url.endswith("/bm/"):
            raise KeyError(request.url)
        return served(request)

    lists = {one.url: one.unmet for one in Walk(fetch, place=PLACE, hosts=(HOST,)).read_each((), [f"http://{HOST}/"])}
    assert lists[f"http://{HOST}/nb/"] == ()
    assert lists[f"http://{HOST}/bm/"] == (Unmet("reading_failed", "KeyError"),)


PORTALS = Path(__file__).parents[1] / "portals"
PLACES = {"jiyuan": "济源市", "luoyang": "洛阳市", "yaodu": "临汾市尧都区", "yiyuan": "沂源县"}


class Recorded:
    """Answers of a recording; ``without``: an address that answers 404."""

    def __init__(self, name: str, without: str = "") -> None:
        self.folder = PORTALS / name
        self.said = tomllib.loads((self.folder / "pages.toml").read_text("utf-8"))
        self.without = without

    def __call__(self, request: Request) -> Answer:
        name = self.said["pages"].get(request.url)
        if name is None or request.url == self.without:
            return Answer(request, request.url, 404)
        return Answer(request, request.url, 200, (self.folder / name).read_bytes())


@pytest.mark.parametrize("name", PLACES)
def test_recorded_lists_give_their_reports_unless_a_promised_page_is_missing(name: str) -> None:
    recorded, pages = Recorded(name), Recorded(name).said["pages"]
    is_report = partial(is_report_of, place=PLACES[name], hosts=tuple({urlsplit(url).hostname or "" for url in pages}))
    lists = {url: read_list(url, recorded, is_report) for url in pages}
    leads = json.loads((PORTALS / name / "leads.json").read_text("utf-8"))
    found = {entry.url for one in lists.values() for entry in filter(is_report, one.entries)}
    assert found == {lead["url"] for lead in leads if lead["is_report"] and lead["title"]}
    without = recorded.said["paged"]["without"]
    first = min(filter(without.startswith, pages), key=len)
    assert lists[first].is_whole
    assert not read_list(first, Recorded(name, without), is_report).is_whole


@pytest.mark.shared
def test_an_answer_in_xml_states_how_many_entries_and_pages_there_are(saved: Callable[[str], str]) -> None:
    page = read_text("http://jshrss.jiangsu.gov.cn/dataproxy.jsp", saved("hanweb_jcms/dataproxy_excerpt.xml"))
    assert [(one.kind, one.value) for one in page.claims] == [("total", 1928), ("pages", 20)]
    assert len(page.blocks) == 1


TEMPLATES = {
    "ORGAN": f"http://{HOST}/nb?area={{code}}&fbtime={{year}}",
    "COLUMN": f"http://{HOST}/column/{{code}}?type=3&title={{year}}",
}


@pytest.mark.parametrize(("template", "path", "is_one"), read_cases(__file__, "addresses"))
def test_addresses_of_agency_and_year_are_known_in_any_order_of_their_fields(
    template: str, path: str, is_one: bool
) -> None:
    assert is_address_of(TEMPLATES[template], f"http://{HOST}{path}") is is_one


@pytest.mark.parametrize(("body", "outcome"), read_cases(__file__, "pages"))
def test_a_page_is_judged_by_what_it_shows(body: str, outcome: str) -> None:
    url = f"http://{HOST}/nb?organ=1&fbtime=2024"
    page = f"<html><head><title>中国·宛平</title></head><body><a href='/'>首页</a>{body}</body></html>"
    verdicts = {"report": REPORT, "empty": EMPTY_ANSWER, "partial": NOT_UNDERSTOOD}
    assert judge_page(read_text(url, page), 2024)[0] == verdicts[outcome]


FORM = "<form action='/so?old=1' name=search><input type=hidden name=site value=7><input name=keyword></form>"
POSTED = "<form action='/so' method=post class=searchForm><input type=text name=q></form>"


@pytest.mark.parametrize("form", [*read_cases(__file__, "forms"), POSTED])
def test_only_a_form_that_is_a_search_with_an_address_is_sent(form: str) -> None:
    assert find_search(read_text(f"http://{HOST}/", form)) == ""


def test_a_page_in_gbk_is_asked_in_gbk() -> None:
    sent = find_search(read_text(f"http://{HOST}/", f"<html><meta charset=gb2312>{FORM}"))
    asked = quote("政府信息公开工作年度报告", encoding="gb18030")
    assert sent == f"http://{HOST}/so?site=7&keyword={asked}"
