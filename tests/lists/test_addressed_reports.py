"""Reports at addresses made of code and year: what the site returned, and empty answers only beside a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.lists.addressed import EMPTY_ANSWER, PARTIAL, REPORT, AddressedAnswer, judge_answer, read_addressed
from crawler.lists.fetch import Answer, Fetch, Request
from imitation.records import ImReport, Scenario
from imitation.scenario import load
from tests.lists.played_portals import HOST, Played, made_up, played

PATTERNS = {
    "hanweb_jcms": "/module/xxgk/xxgkAnnualReport.jsp?area={code}&fbtime={year}",
    "lonsun": "/public/column/{code}?type=3&action=detail&nav=3&title={year}",
}
PATHS = {"hanweb_jcms": "/module/xxgk/xxgkAnnualReport.jsp", "lonsun": "/public/column/"}
YEARS = (2025, 2024, 2019)  # nobody has reported on 2019
AT = f"http://{HOST}{PATTERNS['hanweb_jcms']}"


class Wrong:
    """A fetch that changes some of the answers, counted from 0."""

    def __init__(self, fetch: Fetch, change: Callable[[int, Answer], Answer]) -> None:
        self.fetch, self.change = fetch, change
        self.answers: list[Answer] = []

    def __call__(self, request: Request) -> Answer:
        self.answers.append(self.fetch(request))
        return self.change(len(self.answers) - 1, self.answers[-1])


def addressed(family: str) -> Scenario:
    return made_up(family, years=2, path=PATHS[family])


def read(
    portal: Played, fetch: Fetch, years: tuple[int, ...] = YEARS, known: set[str] | None = None
) -> tuple[AddressedAnswer, ...]:
    site = portal.portals.scenario.portal(portal.name)
    agencies = {agency.name: agency.code or "" for agency in site.agencies}
    pattern = f"{portal.home.rstrip('/')}{PATTERNS[site.family]}"
    return read_addressed(pattern, agencies, years, fetch, known=known or ())


def dated_back(body: bytes) -> bytes:
    return body.replace("2024年".encode(), "2023年".encode())


def outcomes(answers: tuple[AddressedAnswer, ...]) -> Counter[str]:
    return Counter(one.judgment.outcome for one in answers)


@pytest.mark.parametrize("family", PATTERNS)
def test_each_agency_and_year_is_asked_once_and_told(tmp_path: Path, family: str) -> None:
    with played(tmp_path, addressed(family)) as portal:
        answers = read(portal, portal.fetch)
        assert len(portal.fetch.asked) == len(answers) + 1 == 25  # 24 addresses, and a report once more at the end
        assert {(one.year, one.judgment.outcome, bool(one.control)) for one in answers} == {
            (2025, REPORT, False), (2024, REPORT, False), (2019, EMPTY_ANSWER, True),
        }  # fmt: skip
        first = answers[0].judgment.entry
        assert first is not None
        assert (first.title, first.date) == ("宛平县财政局2025年政府信息公开工作年度报告", "2026-01-10")


@pytest.mark.parametrize("day", [0, 1, 2])
def test_reports_of_the_demos_portal_are_told_as_they_stand(tmp_path: Path, day: int) -> None:
    scenario = load()
    days = scenario.days[: day + 1]
    with played(tmp_path, replace(scenario, days=days), "wenshang") as portal:
        site, now = portal.portals.scenario.portal("wenshang"), portal.portals.now()
        truth = {(one.agency.name, one.year) for one in site.in_column("xxgk", now) if isinstance(one, ImReport)}
        answers = read(portal, portal.fetch, tuple(range(days[-1].year - 1, 2018, -1)))
        assert {(one.agency, one.year) for one in answers if one.judgment.outcome == REPORT} == truth
        assert all(one.control for one in answers if one.judgment.outcome == EMPTY_ANSWER)


@pytest.mark.parametrize("family", PATTERNS)
def test_empty_answers_prove_nothing_unless_a_report_is_shown_before_and_after(tmp_path: Path, family: str) -> None:
    with played(tmp_path, addressed(family)) as portal:
        (empty, *_) = [portal.fetch(Request(one.url)) for one in read(portal, portal.fetch, (2019,))]

        def reasons(is_empty: Callable[[int], bool], known: set[str]) -> set[str]:
            fetch = Wrong(portal.fetch, lambda n, answer: replace(answer, body=empty.body) if is_empty(n) else answer)
            answers = read(portal, fetch, known=known)
            assert len(fetch.answers) <= len(answers) + 1
            assert EMPTY_ANSWER not in outcomes(answers)
            return {one.judgment.reason for one in answers if one.judgment.outcome == PARTIAL}

        known = {one.url for one in read(portal, portal.fetch, (2024,))}
        assert reasons(lambda n: True, set()) == {"no_known_good_address"}
        assert reasons(lambda n: True, known) == {"no_known_good_address", "known_entry: it showed a report before"}
        assert reasons(lambda n: n > 0, known) == {"control_failed", "known_entry: it showed a report before"}


@pytest.mark.parametrize("family", PATTERNS)
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda answer, _: replace(answer, status=0, body=b""), "not_received"),
        (lambda answer, _: replace(answer, status=412), "not_received"),
        (lambda answer, _: replace(answer, body="<html>系统繁忙</html>".encode()), "not_received"),
        (lambda answer, first: replace(answer, body=first.body), "not_understood: the same report"),
        (lambda answer, _: replace(answer, url=f"http://{HOST}/"), "not_understood: sent to"),
        (lambda answer, _: replace(answer, body=dated_back(answer.body)), "not_understood: a report of another"),
    ],
    ids=["no answer", "blocked", "busy", "repeated", "sent home", "another year"],
)  # fmt: skip
def test_what_is_neither_a_report_nor_empty_is_partial(
    tmp_path: Path, family: str, damage: Callable[[Answer, Answer], Answer], reason: str
) -> None:
    with played(tmp_path, addressed(family)) as portal:
        fetch = Wrong(portal.fetch, lambda n, one: damage(one, fetch.answers[0]) if n % 3 == 1 else one)
        answers = read(portal, fetch, (2024,))
        wrong = [one for n, one in enumerate(answers) if n % 3 == 1]
        assert wrong
        assert all(one.judgment.reason.startswith(reason) for one in wrong)


@pytest.mark.parametrize("family", PATTERNS)
def test_a_site_that_shows_one_report_at_all_addresses_proves_nothing(tmp_path: Path, family: str) -> None:
    with played(tmp_path, addressed(family)) as portal:
        fetch = Wrong(portal.fetch, lambda n, one: replace(one, body=fetch.answers[0].body) if n < 8 else one)
        assert outcomes(read(portal, fetch, (2024, 2019))) == Counter({PARTIAL: 16})


def test_a_site_that_fails_is_not_asked_for_every_agency() -> None:
    asked: list[Request] = []

    def refuse(request: Request) -> Answer:
        asked.append(request)
        return Answer(request, request.url, 412)

    answers = read_addressed(AT, {f"局{n}": str(n) for n in range(9)}, YEARS, refuse)
    assert (len(asked), len(answers), outcomes(answers)) == (3, 27, Counter({PARTIAL: 27}))


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("<div id=zoom>  </div>", EMPTY_ANSWER),
        ("<p>暂无内容</p><p>主办单位：某某</p>", EMPTY_ANSWER),
        ("<p>政府信息公开年报</p><p>主办单位：某某</p>", PARTIAL),
        ("<p>暂无内容</p><img src=/a/1.jpg>", PARTIAL),
        ("<h2>宛平县财政局2024年政府信息公开工作年度报告</h2><div id=zoom><a href='x.docx'>附件</a></div>", REPORT),
        ("<div id=zoom>2024年，我局…一、总体情况…五、存在的主要问题及改进情况</div>", REPORT),
        ("<h2>宛平县财政局2024年政府信息公开工作年度报告</h2><div id=zoom></div>", PARTIAL),
        ("<h2>宛平县财政局2023年政府信息公开工作年度报告</h2><div id=zoom><a href='x.docx'>附件</a></div>", PARTIAL),
        ("<div id=zoom><img src='/a/1.jpg'></div>", PARTIAL),
        ("<div id=zoom></div><p><a href='/a/1.pdf'>附件</a></p>", PARTIAL),
        ("<div id=zoom></div><iframe src='/viewer.html' width=800></iframe>", PARTIAL),
        ("<div id=zoom><a href='/module/download/downfile.jsp?filename=1'>1</a></div>", PARTIAL),
        (f"<p>{'本栏目正在建设之中，' * 60}</p>", PARTIAL),
        ("".join(f"<a href='/art/{n}.html'>县政府召开常务会议研究第{n}号文件</a>" for n in range(8)), PARTIAL),
    ],
)  # fmt: skip
def test_a_page_is_judged_by_what_it_shows(body: str, outcome: str) -> None:
    url = AT.replace("{code}", "1").replace("{year}", "2024")
    page = f"<html><head><title>中国·宛平</title></head><body><a href='/'>首页</a>{body}</body></html>"
    assert judge_answer(Answer(Request(url), url, 200, page.encode()), 2024).outcome == outcome
