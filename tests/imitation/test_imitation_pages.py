"""The pages show what the ground truth says, at the instants it says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import lxml.html
import pytest
from loopback_client import Client, report, url

from imitation.records import ImReport, printed
from imitation.server import ImitationPortals
from imitation.wording import values

COLUMNS = ["yiyuan", "jiyuan", "yaodu", "luoyang", "luanchuan"]


def numbers(page: str) -> list[list[str]]:
    """All table rows of a page, cell texts without blanks."""
    return [
        ["".join(cell.text_content().split()) for cell in row.findall("td")]
        for row in lxml.html.fromstring(page).iter("tr")
    ]


def listed(get: Client, address: str) -> dict[str, str]:
    """Title → absolute address over all pages of a column, following the pager as a person would see it."""
    found: dict[str, str] = {}
    for number in range(20):
        name = "" if not number else f"index_{number}.html"
        if "channel_" in address and number:
            name = f"index_{number + 1}.html"
        got = get(address + name)
        if got.status == 404:
            return found
        tree = lxml.html.fromstring(got.text)
        tree.make_links_absolute(address)
        for anchor in tree.cssselect("ul.list-con a, div.szbmtclb a, ul.u-list > li > a, div.zfxxgk_zdgkc a"):
            found[anchor.text_content()] = anchor.get("href")
    raise AssertionError("the pager does not end")


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_list_exactly_what_is_published(portals: ImitationPortals, get: Client, name: str) -> None:
    portal, site = portals.scenario.portal(name), portals.site(name)
    portals.faults.clear()
    for now in portals.scenario.days:
        portals.set_now(now)
        for column in portal.columns:
            shown = portal.in_column(column.key, now)
            want = {(e.version(now).title if isinstance(e, ImReport) else e.title): site.url(e) for e in shown}
            assert listed(get, site.column_url(column.key)) == want


@pytest.mark.parametrize("name", ["wenshang", *COLUMNS])
def test_every_published_report_has_a_page_with_its_title_and_date(
    portals: ImitationPortals, get: Client, name: str
) -> None:
    portals.faults.clear()
    now = portals.scenario.days[-1]
    portals.set_now(now)
    for found in portals.scenario.portal(name).reports:
        if found.kind == "soft_404" or not found.shown(now):
            continue
        got = get(portals.site(name).url(found))
        assert got.status == 200
        text = got.body.decode("gb18030" if "gb18030" in got.headers["content-type"] else "utf-8", "replace")
        if found.kind != "broken_gbk":
            assert found.version(now).title in text, found.key
        date = printed(found, now)
        if date is not None:
            assert re.search(f"{date:%Y-%m-%d}|{date:%Y年%m月%d日}", text), found.key


def test_hanweb_answers_an_unpublished_year_with_an_empty_page(portals: ImitationPortals, get: Client) -> None:
    address = url(portals, "wenshang/jytyj/2025")
    absent = get(address)
    assert absent.status == 200
    assert lxml.html.fromstring(absent.text).cssselect("#zoom")[0].text_content().strip() == ""
    portals.set_now("2026-04-01T09:00:00+08:00")
    assert "汶上县教育和体育局2025年政府信息公开工作年度报告" in get(address).text
    assert get(address.replace("fbtime=2025", "fbtime=1999")).status == 200


def test_hanweb_lists_its_organs_with_their_codes(portals: ImitationPortals, get: Client) -> None:
    page = get("http://www.wenshang.gov.cn/col/col61940/index.html").text
    for agency in portals.scenario.portal("wenshang").agencies:
        assert f'vc_xxgkarea={agency.code}&amp;number=A0002101&amp;jh=263">{agency.name}<' in page


def test_the_order_of_the_query_does_not_matter(portals: ImitationPortals, get: Client) -> None:
    base = "http://www.wenshang.gov.cn/module/xxgk/xxgkAnnualReport.jsp"
    page = get(f"{base}?fbtime=2022&area=11370830004335465W").text
    assert "汶上县郭仓镇人民政府2022年政府信息公开工作年度报告" in page


def test_cells_are_printed_where_the_form_has_them(portals: ImitationPortals, get: Client) -> None:
    found = report(portals, "jiyuan/sfj/2023")
    rows = numbers(get(portals.site("jiyuan").url(found)).text)
    cells = values(found, found.versions[0])
    received = next(r for r in rows if r and r[0] == "一、本年新收政府信息公开申请数量")
    assert received[1:] == ["2", "0", "0", "0", "0", "0", "2"]
    assert next(r for r in rows if r and r[0] == "行政规范性文件")[1:] == ["1", "0", "5"]
    assert cells["applications.received.total"] == 2


def test_blank_cells_stay_blank(portals: ImitationPortals, get: Client) -> None:
    rows = numbers(get(url(portals, "yaodu/sfj/2019")).text)
    received = next(r for r in rows if r and r[0] == "一、本年新收政府信息公开申请数量")
    assert received[1:] == ["", "", "", "", "", "", "0"]
    assert next(r for r in rows if r and r[0] == "其他对外管理服务事项")[1:] == ["40", "0", "40"]


def test_a_withdrawn_report_is_gone_and_a_returned_one_is_back(portals: ImitationPortals, get: Client) -> None:
    withdrawn, returned = url(portals, "yiyuan/gaj/2025"), url(portals, "luoyang/jtj/2025")
    states = []
    for day in portals.scenario.days:
        portals.set_now(day)
        states.append((get(withdrawn).status, get(returned).status))
    assert states == [(200, 200), (200, 404), (404, 404), (404, 200)]


def test_furniture_differs_between_two_fetches(portals: ImitationPortals, get: Client) -> None:
    for key in ("wenshang/sfj/2022", "yiyuan/sfj/2024", "yaodu/sfj/2019", "luoyang/sfj/2021"):
        first, second = get(url(portals, key)).text, get(url(portals, key)).text
        assert first != second
        lines = [a for a, b in zip(first.splitlines(), second.splitlines(), strict=True) if a != b]
        assert all("hits" in line or "csrf_token" in line for line in lines)


def test_a_silent_revision_changes_cells_and_keeps_the_printed_date(portals: ImitationPortals, get: Client) -> None:
    address = url(portals, "wenshang/sthjj/2025")
    pages = []
    for day in portals.scenario.days[2:]:
        portals.set_now(day)
        pages.append(get(address).text)
    dates = [re.findall(r"发布时间:[\d: -]+", page) for page in pages]
    assert dates[0] == dates[1] == ["发布时间:2026-01-20 10:05:00"]
    rows = [next(r for r in numbers(page) if r and r[0] == "行政处罚") for page in pages]
    assert rows == [["行政处罚", "18"], ["行政处罚", "19"]]


def test_an_announced_revision_says_so_and_has_a_new_date(portals: ImitationPortals, get: Client) -> None:
    portals.set_now(portals.scenario.days[-1])
    page = get(url(portals, "jiyuan/sfj/2025")).text
    assert "（更正）" in page
    assert "更正说明" in page
    assert "2026年02月25日" in page


def test_a_back_dated_report_prints_a_day_on_which_it_was_absent(portals: ImitationPortals, get: Client) -> None:
    address = url(portals, "wenshang/czj/2025")
    portals.set_now("2026-02-01T09:00:00+08:00")
    assert "发布时间" not in get(address).text
    portals.set_now("2026-02-09T09:00:00+08:00")
    assert "发布时间:2026-01-28" in get(address).text


def test_object_ids_tell_the_second_of_creation(portals: ImitationPortals) -> None:
    found = report(portals, "yiyuan/jtj/2025")
    oid = re.search(r"doc_([0-9a-f]{8})[0-9a-f]{16}\.html$", url(portals, found.key))
    assert oid is not None
    assert datetime.fromtimestamp(int(oid[1], 16), found.created.tzinfo) == found.created
    assert found.versions[0].declared is not None
    assert found.created - found.versions[0].declared > timedelta(days=20)


def test_static_pages_answer_304_until_they_change(portals: ImitationPortals, get: Client) -> None:
    address = url(portals, "jiyuan/sfj/2025")
    first = get(address)
    again = get(address, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert get(address, If_Modified_Since=first.headers["last-modified"]).status == 304
    portals.set_now(portals.scenario.days[-1])
    changed = get(address, If_None_Match=first.headers["etag"], If_Modified_Since=first.headers["last-modified"])
    assert changed.status == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_attachments_are_served_and_move_when_they_change(portals: ImitationPortals, get: Client) -> None:
    found, site = report(portals, "luoyang/czj/2025"), portals.site("luoyang")
    before, after = (site.file_urls(found, day) for day in portals.scenario.days[2:])
    assert before != after
    portals.set_now(portals.scenario.days[-1])
    page = get(site.url(found))
    assert after[0].removeprefix("https://www.ly.gov.cn") in page.text
    assert get(after[0]).body.startswith(b"PK")
    assert get(before[0]).status == 404


def test_pages_that_are_no_report_stand_in_the_columns(portals: ImitationPortals, get: Client) -> None:
    bodies = set()
    for portal in portals.scenario.portals:
        for page in portal.others:
            got = get(portals.site(portal.name).url(page))
            assert page.title in got.text
            bodies.add(page.body)
    assert bodies == {"interpretation", "rule_of_law", "website", "notice", "blank_template"}


def test_the_date_header_is_that_of_the_imitation(portals: ImitationPortals, get: Client) -> None:
    portals.set_now("2026-02-09T09:00:00+08:00")
    assert get("http://www.yaodu.gov.cn/").headers["date"].startswith("Mon, 09 Feb 2026 01:00:0")


def test_robots(get: Client) -> None:
    assert get("http://www.wenshang.gov.cn/robots.txt").status == 404
    assert "Disallow: /search/" in get("https://www.ly.gov.cn/robots.txt").text
