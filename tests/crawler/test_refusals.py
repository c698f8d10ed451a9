"""When a host is left for the rest of a run: at once where it is not there, by the third address that fails alike."""

from __future__ import annotations

import pytest
from loopback_web import Answer, Archive, Web, a_list, a_report, page

from nianbao.sentences import notes_sentence
from storage.observations import Observations
from storage.recent_outcomes import paces
from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
BROKEN = page("<html><body><h1>系统异常</h1><p>java.sql.SQLException</p></body></html>")
SHUT = page(
    "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>", 403
)
GOOD = a_list(("/2026/01-15/1234.html", "宛平县财政局2025年政府信息公开工作年度报告", "2026-01-15"))
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
        ((BROKEN, SHUT, BROKEN, SHUT, GOOD), [DOWN, HTTP_403, DOWN, HTTP_403, OK], False),  # they differ
        ((BROKEN, BROKEN, BROKEN, GOOD), [DOWN] * 3, True),
        ((CHALLENGE, CHALLENGE, CHALLENGE, GOOD), [HTTP_521] * 3, True),
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
TITLE = "宛平县{}局2025年政府信息公开工作年度报告"


def test_a_host_whose_rules_cannot_be_had_costs_only_what_leads_there(archive: Archive, web: Web) -> None:
    """One report of nineteen and one list of three have moved to a host whose robots.txt answers 503."""
    rows = [(f"/2026/01-15/{n}.html", TITLE.format(f"第{n}教育"), "2026-01-15") for n in range(19)]
    away = Answer(302, b"", {"Location": f"http://{SISTER}/nb/"})
    web.routes[SISTER, "/robots.txt"] = page("", 503)
    web.routes[HOST, "/nb0/"] = away
    web.routes[HOST, "/nb1/"] = a_list(*rows)
    web.routes[HOST, "/nb2/"] = GOOD
    for path, title, _ in [*rows, ("/2026/01-15/1234.html", TITLE.format("财政"), "")]:
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
