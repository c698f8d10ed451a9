"""Reports at addresses of agency and year: what an answer is, and that empty ones count only beside a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from crawler.lists.addressed import EMPTY_ANSWER, PARTIAL, REPORT, judge_answer
from crawler.lists.fetch import Answer, Request
from crawler.lists.list_reader import ListReading
from crawler.lists.walk import Walk
from tests.lists.played_portals import BODIES, HOST, PLACE

HOME, YEARS = f"http://{HOST}/nb", (2025, 2024, 2019)  # nobody has reported on 2019
Damage = Callable[[int, Answer], Answer]


class Directory:
    """A list that links the reports of 2025, whose pages link those of other years; some answers are changed."""

    def __init__(self, damage: Damage = lambda _, answer: answer) -> None:
        self.damage, self.asked = damage, list[str]()

    def __call__(self, request: Request) -> Answer:
        if request.url == HOME:
            items = "".join(
                f"<li><a href='/nb?organ={n}&fbtime=2025'>{PLACE}{b}</a></li>" for n, b in enumerate(BODIES)
            )
            return Answer(request, HOME, 200, f"<html><h1>政府信息公开年报</h1><ul>{items}</ul></html>".encode())
        self.asked.append(request.url)
        organ, _, year = request.url.partition("organ=")[2].partition("&fbtime=")
        menu = "".join(f"<a href='/nb?organ={organ}&amp;fbtime={one}'>{one}年</a>" for one in YEARS)
        title = f"{PLACE}{BODIES[int(organ)]}{year}年政府信息公开年度报告"
        text = "<div id=zoom></div>" if year == "2019" else f"<h1>{title}</h1><div id=zoom>{title * 3}</div>"
        body = f"<html><p>{menu}</p>{text}</html>".encode()
        return self.damage(len(self.asked) - 1, Answer(request, request.url, 200, body))


def read(fetch: Directory, known: tuple[str, ...] = ()) -> ListReading:
    walk = Walk("", fetch, place=PLACE, hosts=(HOST,), known_urls={HOME: known})
    (found,) = walk.read_each([(HOME, "政府信息公开年报")])
    return found


def test_each_agency_and_year_is_asked_once_and_a_report_once_more_for_the_empty_answers() -> None:
    portal = Directory()
    found = read(portal)
    assert (found.verdict.unmet, len(found.entries)) == ((), 2 * len(BODIES))
    assert Counter(Counter(portal.asked).values()) == {1: 3 * len(BODIES) - 1, 2: 1}


def dated_back(body: bytes) -> bytes:
    return body.replace("2024年政".encode(), "2023年政".encode())


def emptied(answer: Answer) -> Answer:
    return replace(answer, body=b"<html><div id=zoom></div></html>")


@pytest.mark.parametrize(
    ("damage", "unmet"),
    [
        (lambda n, one: emptied(one) if n >= 3 * len(BODIES) else one, {"control_failed"}),
        (lambda n, one: replace(one, status=0, body=b"") if n == 5 else one, {"not_received"}),
        (lambda n, one: replace(one, status=412) if n == 5 else one, {"not_received"}),
        (lambda n, one: replace(one, status=412) if n > 5 else one, {"not_received", "not_asked"}),
        (lambda n, one: replace(one, url=f"http://{HOST}/") if n == 5 else one, {"not_understood"}),
        (lambda _, one: replace(one, body=dated_back(one.body)), {"not_understood"}),
        (lambda n, one: emptied(one) if n == 5 else one, {"known_entry"}),
    ],
    ids=["control", "no answer", "blocked", "blocked for good", "sent home", "another year", "known, and empty"],
)  # fmt: skip
def test_an_answer_that_is_neither_a_report_nor_empty_leaves_the_list_in_part(damage: Damage, unmet: set[str]) -> None:
    portal = Directory(damage)
    found = read(portal, known=(f"{HOME}?organ=5&fbtime=2025",))
    said = {one.partition(":")[0] for one in found.verdict.unmet}
    assert (found.verdict.complete, said & unmet) == (False, unmet)
    assert len(portal.asked) <= 3 * len(BODIES) + 1


def test_a_site_that_shows_one_report_at_all_addresses_proves_nothing() -> None:
    first: list[Answer] = []

    def repeat(_: int, answer: Answer) -> Answer:
        first.append(answer)
        return replace(answer, body=first[0].body)

    assert not read(Directory(repeat)).verdict.complete


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
    url = f"http://{HOST}/nb?organ=1&fbtime=2024"
    page = f"<html><head><title>中国·宛平</title></head><body><a href='/'>首页</a>{body}</body></html>"
    assert judge_answer(Answer(Request(url), url, 200, page.encode()), 2024).outcome == outcome
