"""Each fault of a portal costs its own link and is told apart in the run's report; the others are read all the same.

A host is left for the rest of a run at once where it is not there, and by the third address that fails alike.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from loopback_web import Answer, Archive, Web, a_list, a_report, nobody_accepts, page

from nianbao.sentences import notes_sentence
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import CaptureOutcome, LookOutcome
from tests.case_tables import read_cases

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


def fault(name: str, body: str = "", headers: Mapping[str, str] = MappingProxyType({}), **given: Any) -> Answer:
    """What the server of a link does."""
    return Answer(body=BODIES.get(name, body.encode()), headers={**HTML, **headers}, **given)


def test_each_fault_costs_its_link_and_is_told(archive: Archive, web: Web) -> None:
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
    web.routes[HOST, "/nb/slow.html"] = Answer(200, GOOD.body + b" " * 40_000, HTML, drip=0.2, piece=4_000)
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


def test_what_a_server_sends_beyond_its_length_is_no_answer_to_the_next_request(archive: Archive, web: Web) -> None:
    archive.portal()
    web.routes[HOST, "/nb/"] = a_list(*(
        (f"/nb/t20250120_{n}.html", TITLE.format(f"第{n}税务"), "2025-01-20") for n in range(2)
    ))  # fmt: skip
    forged = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nforged"
    first = a_report(TITLE.format("第0税务"))
    web.routes[HOST, "/nb/t20250120_0.html"] = Answer(200, first.body + forged, HTML, length=len(first.body))
    web.routes[HOST, "/nb/t20250120_1.html"] = GOOD
    archive.crawl()
    bodies = [archive.body(c) for c in archive.captures() if "/t2025" in c.url and c.outcome is CaptureOutcome.PAGE]
    assert bodies == [first.body, GOOD.body]


BROKEN = page("<html><body><h1>系统异常</h1><p>java.sql.SQLException</p></body></html>")
SHUT = page(
    "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>", 403
)
LISTED = a_list(("/2026/01-15/1234.html", "宛平县财政局2025年政府信息公开工作年度报告", "2026-01-15"))
CHALLENGE = page(
    "<html><body><script>document.cookie='__jsl_clearance=1';location.reload()</script></body></html>", 521
)


def looks_at(archive: Archive, web: Web, *answers: Answer) -> tuple[list[tuple[LookOutcome, str]], str]:
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


OK, DOWN = (LookOutcome.OK, ""), (LookOutcome.UNREACHABLE, "no_service")
HTTP_403, HTTP_521 = (LookOutcome.BLOCKED, "http_403"), (LookOutcome.BLOCKED, "http_521")


@pytest.mark.parametrize(
    ("answers", "outcomes", "is_left"),
    [
        ((BROKEN, SHUT, BROKEN, SHUT, LISTED), [DOWN, HTTP_403, DOWN, HTTP_403, OK], False),  # they differ
        ((BROKEN, BROKEN, BROKEN, LISTED), [DOWN] * 3, True),
        ((CHALLENGE, CHALLENGE, CHALLENGE, LISTED), [HTTP_521] * 3, True),
    ],
)
def test_the_third_that_fails_alike_in_a_row_says_it_of_the_host(
    archive: Archive, web: Web, answers: tuple[Answer, ...], outcomes: list[tuple[LookOutcome, str]], is_left: bool
) -> None:
    ended, said = looks_at(archive, web, *answers)
    assert ended == outcomes
    assert ("not requested again in this crawl" in said) is is_left
    assert (f"/nb{len(answers) - 1}/" in web.paths(HOST)) is not is_left


def test_files_on_a_host_that_is_left_are_asked_for_in_the_next_run(archive: Archive, web: Web) -> None:
    """The first one fails; of the others nothing is asked, and their pages are due again."""
    files = "files.wanping.gov.cn"
    archive.portal(hosts=f"{files!r}")
    rows = [
        (f"/nb/t2025012{n}_{n}.html", f"宛平县第{n}局2024年政府信息公开工作年度报告", f"2025-01-2{n}") for n in range(4)
    ]
    web.routes[HOST, "/nb/"] = a_list(*rows)
    for n, (href, title, _) in enumerate(rows):
        web.routes[HOST, href] = a_report(title, f'<a href="http://{files}/{n}.pdf">附件：年度报告.pdf</a>')
        web.routes[files, f"/{n}.pdf"] = Answer(200, b"%PDF-1.4 x", {"Content-Type": "application/pdf"})
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


def test_a_host_whose_rules_cannot_be_had_costs_only_what_leads_there(archive: Archive, web: Web) -> None:
    """One report of nineteen and one list of three have moved to a host whose robots.txt answers 503."""
    rows = [(f"/2026/01-15/{n}.html", THIS_YEAR.format(f"第{n}教育"), "2026-01-15") for n in range(19)]
    away = Answer(302, b"", {"Location": f"http://{SISTER}/nb/"})
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
