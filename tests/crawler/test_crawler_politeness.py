"""Politeness, measured from the server's own log: order, overlap, gaps."""

from __future__ import annotations

import itertools

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_list, a_report, page

from crawler.operations.planner import machine_locks
from storage.records import CaptureOutcome, LookOutcome
from tests.case_tables import read_cases

DELAY = 0.8
LATE = 0.4  # seconds that a busy machine may take to hear of a request; without a delay no gap is half as long
ROWS = [
    (f"/nb/t20250120_{n}.html", f"宛平县第{n}中学2024年政府信息公开工作年度报告", "2025-01-20") for n in range(1, 4)
]


def reports(web: Web, host: str, hold: float = 0.0, number: int = 3) -> None:
    answer = a_list(*ROWS[:number])
    web.routes[host, "/nb/"] = Answer(200, answer.body, answer.headers, hold=hold)
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
    archive: Archive, web: Web, monkeypatch: pytest.MonkeyPatch
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


def test_robots_txt_is_asked_first_and_obeyed(archive: Archive, web: Web) -> None:
    rules = read_cases(__file__, "rules")
    for name, status, text, *_ in rules:
        archive.portal(name, host=f"www.{name}.gov.cn")
        reports(web, f"www.{name}.gov.cn")
        web.routes[f"www.{name}.gov.cn", "/robots.txt"] = page(text, status)
    archive.crawl(*(name for name, *_ in rules))
    ended = {look.portal: (look.outcome, look.reason) for look in archive.looks()}
    assert ended == {name: (outcome, reason) for name, _, _, outcome, reason in rules}
    for name in ("forbids", "broken", "shielded", "slow"):
        assert set(web.paths(f"www.{name}.gov.cn")) == {"/robots.txt"}
    assert all(web.paths(f"www.{name}.gov.cn")[0] == "/robots.txt" for name, *_ in rules)


def test_crawl_delay_and_retry_after_hold_the_host(archive: Archive, web: Web) -> None:
    archive.portal("later", host="www.later.gov.cn")
    reports(web, "www.later.gov.cn")
    busy = iter([page("busy", 503, Retry_After="1"), page("busy", 503, Retry_After="1")])
    good = web.routes["www.later.gov.cn", "/nb/"]
    web.routes["www.later.gov.cn", "/nb/"] = lambda a: next(busy, good)  # type: ignore[return-value, arg-type]
    archive.portal("never", host="www.never.gov.cn")
    web.routes["www.never.gov.cn", "/nb/"] = page("busy", 503, Retry_After="86400")
    archive.portal("crawl", host="www.crawl.gov.cn")
    reports(web, "www.crawl.gov.cn")
    web.routes["www.crawl.gov.cn", "/robots.txt"] = page("User-agent: *\nCrawl-delay: 0.6\n")
    archive.crawl("later", "never", "crawl")
    ended = {look.portal: (look.outcome, look.reason) for look in archive.looks()}
    assert ended == {
        "later": (LookOutcome.OK, ""),
        "never": (LookOutcome.UNREACHABLE, "http_503"),
        "crawl": (LookOutcome.OK, ""),
    }
    lists = [a for a in web.log if a.host == "www.later.gov.cn" and a.path == "/nb/"]
    assert [a.status for a in lists] == [503, 503, 200]
    assert min(gaps(lists)) >= 1 - LATE
    assert web.paths("www.never.gov.cn").count("/nb/") == 1
    assert kept_apart([a for a in web.log if a.host == "www.crawl.gov.cn"][1:], 0.6)
    assert [c.outcome for c in archive.captures("later")][1:4] == [
        CaptureOutcome.ERROR,
        CaptureOutcome.ERROR,
        CaptureOutcome.PAGE,
    ]


def test_a_host_that_asks_for_hours_is_left_at_once_and_nothing_is_concluded(archive: Archive, web: Web) -> None:
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
