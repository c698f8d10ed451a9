"""Reports at addresses of agency and year: what an answer is, and which addresses these are."""

from __future__ import annotations

import pytest

from crawler.lists.addressed import EMPTY_ANSWER, PARTIAL, REPORT, is_address_of, judge_answer
from crawler.lists.page import Answer, Request
from tests.lists.played_portals import HOST

ORGAN, COLUMN = (
    f"http://{HOST}/nb?area={{code}}&fbtime={{year}}",
    f"http://{HOST}/column/{{code}}?type=3&title={{year}}",
)


@pytest.mark.parametrize(
    ("template", "path", "is_one"),
    [
        (ORGAN, "/nb?area=A1&fbtime=2024", True),
        (ORGAN, "/nb?fbtime=2024&showtype=1&area=A1", True),
        (ORGAN, "/nb?area=A1", True),  # shows the newest year
        (ORGAN, "/nb?fbtime=2024", False),
        (ORGAN, "/nb?area=A1&fbtime=all", False),
        (ORGAN, "/art?area=A1&fbtime=2024", False),
        (COLUMN, "/column/12?title=2024&type=3", True),
        (COLUMN, "/column/12?type=3", True),
        (COLUMN, "/column/12?title=2024", False),
    ],
)
def test_addresses_of_agency_and_year_are_known_in_any_order_of_their_fields(
    template: str, path: str, is_one: bool
) -> None:
    assert is_address_of(template, f"http://{HOST}{path}") is is_one


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
