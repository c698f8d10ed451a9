"""Politeness, measured from the server's own log: order, overlap, gaps; and what a host that misbehaves costs.

Each fault of a portal costs its own link and is told apart in the run's report; the others are read all the same. A
host is left for the rest of a run at once where it is not there, and by the third address that fails alike.
"""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from loopback_web import Asked, Reply, Sandbox, Web, a_list, a_report, nobody_accepts, page

from crawler.operations.planner import machine_locks
from nianbao.sentences import notes_sentence
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import CaptureOutcome, LookOutcome
from tests.case_tables import read_cases

DELAY = 0.8
LATE = 0.4  # seconds that a busy machine may take to hear of a request; without a delay no gap is half as long
ROWS = [
    (f"/nb/t20250120_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(1, 4)
]


def reports(web: Web, host: str, hold: float = 0.0, number: int = 3) -> None:
    answer = a_list(*ROWS[:number])
    web.routes[host, "/nb/"] = Reply(200, answer.body, answer.headers, hold=hold)
    for href, title, _ in ROWS:
        web.routes[host, href] = a_report(title)


def gaps(asked: list[Asked]) -> list[float]:
    inorder = sorted(asked, key=lambda a: a.begun)
    return [b.begun - a.begun for a, b in itertools.pairwise(inorder)]


def kept_apart(asked: list[Asked], least: float) -> bool:
    """Whether requests came a gap apart: one that was heard of late is nearer to the next; all together are not."""
    found = gaps(asked)
    return min(found) >= least - LATE and sum(found) >= least * len(found)


def test_one_request_at_a_time_a_gap_apart_also_for_a_cluster(
    archive: Sandbox, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", str(DELAY))
    for name in ("one", "two"):  # two portals on one prefecture's platform, crawled side by side with a third
        archive.portal(name, host=f"www.{name}.gov.cn", extra='cluster = "platform"')
        reports(web, f"www.{name}.gov.cn", hold=DELAY / 2, number=2)
    archive.portal("alone", host="www.alone.gov.cn")
    reports(web, "www.alone.gov.cn", number=2)
    assert all(report.outcome == "ok" for report in archive.crawl("one", "two", "alone"))
    platform = [a for a in web.log if a.host != "www.alone.gov.cn"]
    assert len(platform) == 8  # robots.txt, list and two reports, twice
    inorder = sorted(platform, key=lambda a: a.begun)
    assert all(a.ended <= b.begun for a, b in itertools.pairwise(inorder))  # never two at once
    assert kept_apart(platform, DELAY)
    assert kept_apart([a for a in web.log if a.host == "www.alone.gov.cn"], DELAY)
    agents = {a.headers["user-agent"] for a in web.log}
    assert len(agents) == 1
    assert agents.pop().startswith("nianbao/")
    assert not any("cookie" in a.headers for a in web.log)


def test_robots_txt_is_asked_first_and_obeyed(archive: Sandbox, web: Web) -> None:
    rules = read_cases(__file__, "rules")
    for name, status, text, *_ in rules:
        archive.portal(name, host=f"www.{name}.gov.cn")
        reports(web, f"www.{name}.gov.cn")
        web.routes[f"www.{name}.gov.cn", "/robots.txt"] = page(text, status)
    runs = {run.portal: run.counts for run in archive.crawl(*(name for name, *_ in rules))}
    # "403 for robots.txt" was counted together with pages that answer 404
    assert [runs["forbidden"].get(f"capture_{one}", 0) for one in ("no_rules", "not_found")] == [1, 0]
    ended = {look.portal: (look.outcome, look.reason) for look in archive.looks()}
    assert ended == {name: (outcome, reason) for name, _, _, outcome, reason in rules}
    for name in ("forbids", "broken", "shielded", "slow"):
        assert set(web.paths(f"www.{name}.gov.cn")) == {"/robots.txt"}
    assert all(web.paths(f"www.{name}.gov.cn")[0] == "/robots.txt" for name, *_ in rules)


def test_crawl_delay_and_retry_after_hold_the_host(archive: Sandbox, web: Web) -> None:
    archive.portal("later", host="www.later.gov.cn")
    reports(web, "www.later.gov.cn")
    busy = iter([page("busy", 503, Retry_After="1"), page("busy", 503, Retry_After="1")])
    good = web.routes["www.later.gov.cn", "/nb/"]
    web.routes["www.later.gov.cn", "/nb/"] = lambda a: next(busy, good)  # type: ignore[return-value, arg-type]
    archive.portal("crawl", host="www.crawl.gov.cn")
    reports(web, "www.crawl.gov.cn")
    web.routes["www.crawl.gov.cn", "/robots.txt"] = page("User-agent: *\nCrawl-delay: 0.6\n")
    archive.crawl("later", "crawl")
    ended = {look.portal: (look.outcome, look.reason) for look in archive.looks()}
    assert ended == dict.fromkeys(("later", "crawl"), (LookOutcome.OK, ""))
    lists = [a for a in web.log if a.host == "www.later.gov.cn" and a.path == "/nb/"]
    assert [a.status for a in lists] == [503, 503, 200]
    assert min(gaps(lists)) >= 1 - LATE
    assert kept_apart([a for a in web.log if a.host == "www.crawl.gov.cn"][1:], 0.6)
    assert [c.outcome for c in archive.captures("later")][1:4] == [
        CaptureOutcome.ERROR,
        CaptureOutcome.ERROR,
        CaptureOutcome.PAGE,
    ]


def test_a_host_that_asks_for_hours_is_left_at_once_and_nothing_is_concluded(archive: Sandbox, web: Web) -> None:
    """Its word holds for looks, visits and attachments alike; another host of the portal is asked on."""
    host, other = "www.wanping.gov.cn", "xxgk.wanping.gov.cn"
    archive.portal(
        hosts=f"{other!r}",
        listings=f'column("a", "http://{host}/nb/", title="政府信息公开年报"), column("b", "http://{host}/xz/", '
        f'title="政府信息公开年报"), column("c", "http://{other}/nb/", title="政府信息公开年报"),',
    )
    archive.map(other)
    reports(web, host)
    reports(web, other)
    web.routes[host, ROWS[0][0]] = page("busy", 429, Retry_After="Mon, 02 Feb 2026 01:00:00 GMT")
    web.routes[host, "/xz/"] = web.routes[host, "/nb/"]
    (report,) = archive.crawl()
    assert web.paths(host) == ["/robots.txt", "/nb/", "/xz/", ROWS[0][0]]
    assert set(web.paths(other)) == {"/robots.txt", "/nb/", *(href for href, _, _ in ROWS)}
    left = [note.values for note in report.notes if note.code == "host_left"]
    assert left == [{"host": host, "reason": "retry_after"}]
    assert (report.outcome, report.looks) == ("attention", {"ok": 3})
    web.routes[host, "/nb/"] = page("busy", 503, Retry_After="86400")
    web.log.clear()
    archive.crawl()
    assert web.paths(host) == ["/robots.txt", "/nb/"]
    looks = {look.listing: (look.outcome, look.reason) for look in archive.looks()[3:]}
    assert looks == {"wanping:a": (LookOutcome.UNREACHABLE, "http_503"), "wanping:c": (LookOutcome.OK, "")}


def test_portals_that_share_a_host_or_cluster_run_one_after_the_other() -> None:
    def portal(cluster: str | None, *hosts: str) -> type:
        return type("P", (), {"cluster": cluster, "hosts": hosts})

    chosen = {
        "a": portal("jining", "www.a.gov.cn"),
        "b": portal(None, "www.b.gov.cn"),
        "c": portal("jining", "www.c.gov.cn"),
        "d": portal(None, "b.gov.cn", "d.gov.cn"),
        "e": portal(None, "www.d.gov.cn"),
    }
    locks = machine_locks(chosen)
    assert [locks[name] == locks["a"] for name in "abcde"] == [True, False, True, False, False]
    assert locks["b"] == locks["d"] == locks["e"]


HOST = "www.wanping.gov.cn"
HTML = {"Content-Type": "text/html; charset=utf-8"}
TITLE = "宛平县{}局2024年政府信息公开工作年度报告"
GOOD = a_report(TITLE.format("财政"))
IMPATIENT = {  # but not so that a machine which stands still for a second breaks what is sound
    "NIANBAO_FIRST_BYTE_TIMEOUT": 2,
    "NIANBAO_PACE_WINDOW": 1,
    "RETRY_TIMES": 1,
    "DOWNLOAD_MAXSIZE": 200_000,
}
BODIES = {  # of faults, by the name of the link
    "trickle": b"<html>" + b"x" * 900,
    "too_short": GOOD.body,
    "untold": b"%PDF-1.4" + bytes(900_000),
    "bomb": gzip.compress(bytes(70 << 20), 9),
}
FAULTS = read_cases(__file__, "faults")


def fault(name: str, body: str = "", headers: Mapping[str, str] = MappingProxyType({}), **given: Any) -> Reply:
    """What the server of a link does."""
    return Reply(body=BODIES.get(name, body.encode()), headers={**HTML, **headers}, **given)


def test_each_fault_costs_its_link_and_is_told(archive: Sandbox, web: Web) -> None:
    archive.portal(extra=f"custom_settings = {IMPATIENT}", hosts="'stuck.wanping.gov.cn'")
    rows = [
        (f"/nb/{name}.html", TITLE.format(name), "2025-01-20")
        for name in [*(name for name, *_ in FAULTS), "good", "slow"]
    ]
    rows.append(("http://stuck.wanping.gov.cn/nb/1.html", TITLE.format("水利"), "2025-01-20"))
    odd = [  # the last one is on no host of the portal and not even asked for
        (href, TITLE.format(f"第{n}教育"), "2025-01-21")
        for n, href in enumerate(["data:text/html,年报", "file:///etc/passwd", "http://169.254.169.254/nb/t1.html"])
    ]
    web.routes[HOST, "/nb/"] = a_list(*rows, *odd)
    web.routes[HOST, "/nb/good.html"] = GOOD
    web.routes[HOST, "/nb/slow.html"] = Reply(200, GOOD.body + b" " * 40_000, HTML, drip=0.2, piece=4_000)
    for name, given, *_ in FAULTS:
        web.routes[HOST, f"/nb/{name}.html"] = fault(name, **given)
    with nobody_accepts() as place:
        archive.map("stuck.wanping.gov.cn", to=place)
        (report,) = archive.crawl()
    captures = archive.captures()
    last = {c.requested.rpartition("/")[2].partition(".")[0]: c for c in captures if "/nb/" in c.requested}
    outcomes = {name: outcome for name, _, outcome, _, _ in FAULTS if name != "loop"}
    assert {name: last[name].outcome for name in outcomes} == outcomes
    assert (last["good"].outcome, last["slow"].outcome) == (CaptureOutcome.PAGE, CaptureOutcome.PAGE)
    assert last["1"].reason == "robots_timeout"
    asked = {name: times for name, _, _, _, times in FAULTS}
    assert {name: web.paths(HOST).count(f"/nb/{name}.html") for name in asked} == asked
    noted = {note.code: note.values for note in report.notes}
    assert (report.outcome, report.looks) == ("attention", {"partial": 1})  # two of its entries have no address
    assert noted["visits_failed"]["number"] == noted["reports_failed"]["number"] == len(FAULTS) + 1
    assert f" and {len(FAULTS) - 2} more)" in notes_sentence(report.notes)
    codes = {code for _, _, _, code, _ in FAULTS} | {"robots_timeout"}
    assert len(codes) == len(FAULTS)  # two are too large: by the length told, and by what comes
    reasons = noted["visits_failed"]["reasons"]
    assert isinstance(reasons, dict)
    assert reasons.keys() >= codes
    assert archive.looks()[0].reason == "no_address"
    assert {one.host for one in web.log} == {HOST}


def test_what_a_server_sends_beyond_its_length_is_no_answer_to_the_next_request(archive: Sandbox, web: Web) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(*(
        (f"/nb/t20250120_{n}.html", TITLE.format(f"第{n}税务"), "2025-01-20") for n in range(2)
    ))  # fmt: skip
    forged = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nforged"
    first = a_report(TITLE.format("第0税务"))
    web.routes[HOST, "/nb/t20250120_0.html"] = Reply(200, first.body + forged, HTML, length=len(first.body))
    web.routes[HOST, "/nb/t20250120_1.html"] = GOOD
    archive.crawl()
    bodies = [archive.body(c) for c in archive.captures() if "/t2025" in c.url and c.outcome is CaptureOutcome.PAGE]
    assert bodies == [first.body, GOOD.body]


LISTED = a_list(("/2026/01-15/1234.html", "宛平县财政局2025年政府信息公开工作年度报告", "2026-01-15"))
PAGES = {name: page(markup, status) for name, status, markup in read_cases(__file__, "pages")} | {"good": LISTED}


def looks_at(archive: Sandbox, web: Web, *answers: Reply) -> tuple[list[tuple[LookOutcome, str]], str]:
    """Look at a column for each answer, in their order: how each look ended, and what the run said."""
    for at, answer in enumerate(answers):
        web.routes[HOST, f"/nb{at}/"] = answer
    listings = ",".join(
        f'column("nb{at}", "http://{HOST}/nb{at}/", title="政府信息公开年报")' for at in range(len(answers))
    )
    archive.portal(family="dated_list.DatedList", listings=f"{listings},")
    (report,) = archive.crawl()
    ended = sorted((look.listing, look.outcome, look.reason) for look in archive.looks())
    return [(outcome, reason) for _, outcome, reason in ended], notes_sentence(report.notes)


@pytest.mark.parametrize(("answers", "outcomes", "is_left"), read_cases(__file__, "alike"))
def test_the_third_that_fails_alike_in_a_row_says_it_of_the_host(
    archive: Sandbox, web: Web, answers: tuple[str, ...], outcomes: tuple[tuple[str, str], ...], is_left: bool
) -> None:
    ended, said = looks_at(archive, web, *(PAGES[name] for name in answers))
    assert tuple(ended) == outcomes
    assert ("not requested again in this crawl" in said) is is_left
    assert (f"/nb{len(answers) - 1}/" in web.paths(HOST)) is not is_left


def test_files_on_a_host_that_is_left_are_asked_for_in_the_next_run(archive: Sandbox, web: Web) -> None:
    """The first one fails; of the others nothing is asked, and their pages are due again."""
    files = "files.wanping.gov.cn"
    archive.portal(hosts=f"{files!r}")
    rows = [
        (f"/nb/t2025012{n}_{n}.html", f"宛平县第{n}局2024年政府信息公开工作年度报告", f"2025-01-2{n}") for n in range(4)
    ]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for n, (href, title, _) in enumerate(rows):
        web.routes[HOST, href] = a_report(title, f'<a href="http://{files}/{n}.pdf">附件：年度报告.pdf</a>')
        web.routes[files, f"/{n}.pdf"] = Reply(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"})
    archive.map(files, to="127.0.0.1:9")
    (report,) = archive.crawl()
    assert report.outcome == "attention"
    assert "of its attachments are left for the next crawl" in notes_sentence(report.notes)
    archive.map(files)
    archive.crawl()
    had = {path for path in web.paths(files) if path.endswith(".pdf")}
    assert len(had) >= 3


SISTER = "old.wanping.gov.cn"
THIS_YEAR = "宛平县{}局2025年政府信息公开工作年度报告"


def test_a_host_whose_rules_cannot_be_had_costs_only_what_leads_there(archive: Sandbox, web: Web) -> None:
    """One report of nineteen and one list of three have moved to a host whose robots.txt answers 503."""
    rows = [(f"/2026/01-15/{n}.html", THIS_YEAR.format(f"第{n}教育"), "2026-01-15") for n in range(19)]
    away = Reply(302, b"", {"Location": f"http://{SISTER}/nb/"})
    web.routes[SISTER, "/robots.txt"] = page("", 503)
    web.routes[HOST, "/nb0/"] = away
    web.routes[HOST, "/nb1/"] = a_list(*rows)
    web.routes[HOST, "/nb2/"] = LISTED
    for path, title, _ in [*rows, ("/2026/01-15/1234.html", THIS_YEAR.format("财政"), "")]:
        web.routes[HOST, path] = a_report(title)
    web.routes[HOST, rows[3][0]] = away
    listings = ",".join(f'column("nb{at}", "http://{HOST}/nb{at}/", title="政府信息公开年报")' for at in range(3))
    archive.portal(family="dated_list.DatedList", listings=f"{listings},", hosts=f"'{SISTER}'")
    archive.map(SISTER)
    (report,) = archive.crawl()
    ended = {look.listing[-3:]: (look.outcome, look.reason) for look in archive.looks()}
    assert ended["nb1"] == ended["nb2"] == (LookOutcome.OK, "")
    assert ended["nb0"] == (LookOutcome.ROBOTS, "other_host:robots_http_503")
    visited = {path for path in web.paths(HOST) if path.startswith("/2026/")}
    assert len(visited) == 20
    assert f"{SISTER}: " in notes_sentence(report.notes)
    assert f"{HOST}: " not in notes_sentence(report.notes)
    with archive.home() as home:
        asked = {pace.host: pace.requests for pace in paces(home, Observations(home).runs()[-1])}
    assert asked[SISTER] == len(web.paths(SISTER)), "what was held back is no request"
