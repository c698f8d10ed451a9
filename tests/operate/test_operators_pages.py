"""What an operator does in a browser without scripts: crawl, stop, let rest, add a county, decide."""

from __future__ import annotations

import socket
import time
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import made_up_portals
import pytest
from loopback_web import Reply, Sandbox, Web, a_list, a_report

from archive.projection.update import waiting
from archive.queries.review import review
from crawler import portals
from crawler.operations.health import settings
from crawler.operations.job_queue import make_queue, put_jobs
from crawler.operations.planner import CRAWL, Job, set_schedule
from imitation.play import on
from nianbao.messages import messages
from storage.home import init_home
from storage.observations import Observations
from storage.operator_records import Schedules
from storage.records import SHANGHAI, RulingKind
from storage.registry import Registry
from tests.operate.conftest import TOKEN, Visitor, words
from tests.patience import wait_until
from tests.served import served_to_operators

HOST = "www.wanping.gov.cn"
TITLE = "宛平县财政局2025年政府信息公开工作年度报告"


def put_up(archive: Sandbox, web: Web, first: Reply | None = None) -> str:
    """A portal of one list with a report."""
    name = archive.portal()
    web.routes[HOST, "/nb/"] = first or a_list(("/nb/1.html", TITLE, "2026-01-20"))
    web.routes[HOST, "/nb/1.html"] = a_report(TITLE)
    return name


def test_a_crawl_under_way_is_stopped_by_a_click(browser: Visitor, archive: Sandbox, web: Web) -> None:
    name = put_up(archive, web)
    _, let_go = web.hold(HOST, "/nb/1.html")
    browser.enter()
    browser.send(browser.open(f"portals?q={name}"), "/due/crawl")
    again = browser.send(browser.open(f"portals?q={name}"), f"/portals/{name}/crawl")
    assert again.status_code == 409
    browser.waits("runs", "OutcomeNote 宛平县 wanping")
    with archive.home() as home:
        [run] = Observations(home).last_runs(1)
    browser.send(browser.open("runs"), f"/runs/{run.id}/stop")
    let_go.set()
    browser.waits(f"runs/{run.id}", "stopped")


def test_a_portal_rests_and_goes_on_with_who_and_why(browser: Visitor, archive: Sandbox, web: Web) -> None:
    name = put_up(archive, web)
    browser.enter()
    place = f"portals/{name}"
    wrong = browser.send(browser.open(place), "/pause", until="2020-01-01")
    assert wrong.status_code == 422
    assert '"alert">2020-01-01 is not after today' in wrong.text  # a command would say: --until 2020-01-01
    browser.send(browser.open(place), "/pause", reason="the portal moves")
    assert "the portal moves" in words(browser.open(place))
    page = browser.open(f"portals?q={name}")
    assert all(one in words(page) for one in ("paused until it is resumed", "Paused by 李四 on", "the portal moves"))
    browser.send(page, f"/portals/{name}/resume")
    browser.send(browser.open(place), "/pause", until="2100-01-15")
    assert "暂停至2100年1月15日" in words(browser.open(f"portals?q={name}", "zh"))
    browser.send(browser.open(place), "/resume")
    assert "从未抓取，或一年以上未抓取" in words(browser.open(f"portals?q={name}", "zh"))
    with archive.home() as home:
        rows = [(one.portal, one.settings, one.by, one.reason) for one in Schedules(home).history()]
    assert browser.send(browser.open(place), "/pace", every_days="often").status_code == 422
    assert "days between crawls: 3" in browser.send(browser.open(place), "/pace", every_days="3").text
    assert rows[:2] == [(name, {"paused": "yes"}, "李四", "the portal moves"), (name, {"paused": "no"}, "李四", "")]


def test_a_pause_of_all_portals_is_told_of_one_with_a_pace_of_its_own(
    browser: Visitor, archive: Sandbox, web: Web
) -> None:
    name = put_up(archive, web)
    with archive.home() as home:
        set_schedule(home, [name], {"every_days": "3"}, by="李四")
        set_schedule(home, [], {"paused": "yes"}, by="王五", reason="the line is down")
    browser.enter()
    page = words(browser.open(f"portals?q={name}"))
    assert ("Paused by 王五 on" in page, "the line is down" in page, "Paused by 李四" in page) == (True, True, False)


def test_a_county_is_added_as_it_was_corrected(browser: Visitor, archive: Sandbox, web: Web) -> None:
    site = made_up_portals.dated()
    site.on(web)
    archive.map(*site.hosts)
    browser.enter()
    assert browser.send(browser.open("add"), "/add/probe", address="http://127.0.0.1/").status_code == 422
    assert browser.send(browser.open("add"), "/add/probe", address=site.url, requests="0").status_code == 422
    browser.send(browser.open("add"), "/add/probe", address=site.url)
    busy = browser.send(browser.open("add"), "/add/probe", address=site.url)
    assert busy.status_code == 409
    browser.waits("add", "Correct and write")
    page = browser.open("add")
    names = [one.get("value") for one in page.xpath("//input[starts-with(@name, 'agency_')]")]
    left_out = page.xpath("//input[@name='agency']")[-1]
    left_out.getparent().remove(left_out)
    browser.send(page, "/add/accept", name="by_hand", place="宛平县", csv="name,kind\n宛平县补充局,部门\n")
    assert "Crawl now" in browser.waits("add", "Written: by_hand")
    kind = portals.find("by_hand", archive.path)
    assert kind.place == "宛平县"
    assert kind.listings[0].url in browser.open("portals/by_hand").text_content()
    written = (archive.path / "portals" / "by_hand.csv").read_text("utf-8")
    assert names[-1] not in written
    assert names[0] in written
    assert "宛平县补充局" in written
    again = browser.send(page, "/add/accept", name="by_hand")
    assert (again.status_code, "by_hand" in again.text) == (422, True)


def test_agencies_that_a_later_probe_finds_are_added_to_their_portal(
    browser: Visitor, archive: Sandbox, web: Web
) -> None:
    site = made_up_portals.dated()
    site.on(web)
    archive.map(*site.hosts)
    browser.enter()
    browser.send(browser.open("add"), "/add/probe", address=site.url)
    browser.waits("add", "Correct and write")
    page = browser.open("add")
    left_out = page.xpath("//input[@name='agency']")[-1]
    number = left_out.get("value")
    name = page.xpath(f"//input[@name='agency_{number}']")[0].get("value")
    left_out.getparent().remove(left_out)
    browser.send(page, "/add/accept", name="by_hand")
    browser.waits("add", "Written: by_hand")
    browser.send(browser.open("add"), "/add/probe", address=site.url)
    browser.waits("add", "This address belongs to the portal by_hand.")
    browser.send(browser.open("add"), "/add/accept", csv="name,kind\n宛平县补充局,部门\n")
    assert f"2 agencies added to the portal by_hand 宛平县补充局, {name}" in words(browser.open("add"))
    with archive.home() as home:
        assert {one.name for one in Registry(home).agencies("by_hand")} == {name, "宛平县补充局"}


def test_a_probe_that_is_stopped_leaves_nothing(browser: Visitor, archive: Sandbox, web: Web) -> None:
    site = made_up_portals.dated()
    site.on(web)
    archive.map(*site.hosts)
    _, let_go = web.hold(site.host, site.entry)
    browser.enter()
    browser.send(browser.open("add"), "/add/probe", address=site.url)
    browser.send(browser.open("runs"), "/stop")
    let_go.set()
    assert "stopped" in browser.waits("add", "stopped")
    assert not list((archive.path / "portals").glob("*.py"))


def test_a_doubt_is_decided_by_a_click(browser: Visitor, archive: Sandbox, web: Web) -> None:
    name = put_up(
        archive,
        web,
        a_list(("/nb/1.html", "2025年政府信息公开工作年度报告（<script>alert(1)</script>）", "2026-01-20")),
    )
    web.routes[HOST, "/nb/1.html"] = a_report("某局2025年政府信息公开工作年度报告")
    neighbour = archive.portal("neighbour", host="www.neighbour.gov.cn")
    archive.crawl(neighbour)
    archive.judge()
    browser.enter()
    browser.send(browser.open(f"portals?q={name}"), f"/portals/{name}/crawl")
    assert "李四" in browser.waits("runs", "documents read: 1")
    page = browser.open(f"review?portal={name}")
    with archive.home() as home:
        [run] = [one for one in Observations(home).last_runs(5) if one.portal == name]
        line = next(one for one in review(home, name) if one.choices)
    choice = line.choices[0]
    assert line.en in words(page)
    assert not list(page.iter("script"))
    unreasoned = browser.send(page, "/review/decide", press=choice.en, subject=line.subject)
    assert unreasoned.status_code == 422
    done = browser.send(page, "/review/decide", press=choice.en, subject=line.subject, reason="its text says so")
    assert "Ruling recorded" in done.text
    twice = browser.send(page, "/review/decide", press=choice.en, subject=line.subject, reason="its text says so")
    assert twice.status_code == 409
    with archive.home() as home:
        [ruling] = Observations(home).rulings()
    assert (ruling.by, ruling.reason, ruling.kind) == ("李四", "its text says so", choice.words[0])
    assert HOST in words(browser.open(f"runs/{run.id}"))
    browser.waits("runs", "reports due")
    with archive.home() as home:
        wait_until(lambda: not waiting(home))  # a ruling on a document may concern any portal
    for path in (f"/operate/en/portals/{name}", f"/en/portal/{name}"):
        assert "Hardly any departments of" in browser.client.get(path).text


def test_any_ruling_is_written_in_the_words_of_the_command(browser: Visitor, archive: Sandbox, web: Web) -> None:
    put_up(archive, web)
    archive.crawl()
    archive.judge()
    browser.enter()
    duty = "宛平县财政局/2025"
    for lang, words_of_error in (("en", "status must be one of"), ("zh", "status 可选：")):
        page = browser.open("review?kind=duty", lang)
        wrong = browser.send(page, "/review/rule", kind="duty", subject=duty, say_status="perhaps", reason="x")
        assert wrong.status_code == 422
        assert words_of_error in wrong.text
    ended = {"kind": "listing", "subject": "wanping:nb", "say_ended": "2026-01-15", "reason": "gone"}
    assert browser.send(browser.open("review?kind=listing"), "/review/rule", **ended).status_code == 200
    with archive.home() as home:
        kinds = [one.kind for one in Observations(home).rulings()]
    assert kinds == [RulingKind.LISTING]


def test_the_table_of_portals_says_how_each_is_and_why(browser: Visitor, archive: Sandbox, web: Web) -> None:
    name = put_up(archive, web, Reply(status=403))
    browser.enter()
    assert "not crawled" in words(browser.open("portals"))
    for day in (30, 31):  # refused once may be a mishap
        with on(datetime(2026, 1, day, 9, tzinfo=SHANGHAI)):
            archive.crawl(name)
            assert "1 of 1 portal needs attention" in words(browser.open(f"portals?q={name}"))
    page = browser.open(f"portals?q={name}")
    assert "is blocked" in words(page)
    assert "Crawl less often or pause it" in words(page)
    assert [one.text for one in page.xpath("//td[@class='do']//*[@class='main' or @class='plain']")] == [
        "Crawl now", "Pause or set pace"
    ]  # fmt: skip
    shown = words(browser.open(f"portals/{name}"))
    assert "We do not get around a block" in shown
    assert "the server answered 403" in shown
    assert "nianbao " not in shown.replace("nianbao · operators", "")
    assert [code for code in settings()["problem"] if f"advice.{code}" not in messages("operate")] == []


def begin(browser: Visitor, work: str) -> None:
    """Begin work on the archive as soon as what was begun before has ended."""
    while browser.send(browser.open("care"), f"/care/{work}").status_code == HTTPStatus.CONFLICT:
        time.sleep(0.3)


def test_an_archive_is_backed_up_sealed_and_verified_by_clicks(browser: Visitor, archive: Sandbox, web: Web) -> None:
    put_up(archive, web)
    archive.crawl()
    browser.enter()
    page = browser.open("care")
    assert "none yet" in words(page)
    assert not [one for one in page.forms if one.action.endswith("/care/verify")]  # before there is a seal
    for work, told in (("seal", "sealed 1 WARC file"), ("verify", "everything is as sealed"), ("backup", "copied to")):
        begin(browser, work)
        browser.waits("care", told)
    browser.send(browser.open("care", "zh"), "/care/read")
    browser.waits("care", "reports due")
    assert "应公布年报" in words(browser.open("care", "zh"))  # each operator in the language of the page
    (seal,) = (archive.path / "seals").glob("*.json")
    copy = archive.path.with_name("archive-backup")
    assert (copy / "seals" / seal.name).read_bytes() == seal.read_bytes()
    assert f"{copy}" in words(browser.open("care"))
    next((archive.path / "warc").rglob("*.gz")).unlink()
    begin(browser, "verify")
    assert "1 difference" in browser.waits("care", "needs attention")
    assert browser.client.post("/operate/en/care/probe").status_code in {403, 415}


def test_jobs_that_wait_are_shown(tmp_path: Path, postgresql_url: str) -> None:
    with init_home(tmp_path / "archive", simulated=True, database_url=postgresql_url) as home:
        make_queue(home)
        put_jobs(home, lambda: [Job(task=CRAWL, portal="wenshang", lock="machine:wenshang")])
    with served_to_operators(tmp_path / "archive", TOKEN) as address:
        browser = Visitor(address)
        browser.enter()
        row = [cell.text_content() for cell in browser.open("runs").xpath("//tr[td[2]='wenshang']/td")]
    assert row[:3] == ["crawl", "wenshang", "waiting"]


NAMES = {"inside.gov.cn": ["10.0.0.7"], "both.gov.cn": ["1.1.1.1", "127.0.0.1"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_inside_makes_no_job(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def resolve_made_up_names(host: Any, port: Any, *given: Any, **named: Any) -> Any:
        if host in NAMES:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in NAMES[host]]
        return resolve(host, port, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_made_up_names)
    init_home(tmp_path / "archive").close()
    with served_to_operators(tmp_path / "archive", TOKEN) as address:
        browser = Visitor(address)
        browser.enter()
        answer = browser.send(browser.open("add"), "/add/probe", address=f"http://{name}/")
        assert answer.status_code == 422
        assert "not on the public web" in answer.text
        assert messages("operate")["runs.jobs"]["en"] not in words(browser.open("runs"))
