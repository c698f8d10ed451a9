"""Links that are whole cards, and days printed in pieces."""

from __future__ import annotations

import pytest

from crawler.cms.generic import Generic
from crawler.lists.list_page import Page

TITLE = "宛平县财政局2024年政府信息公开工作年度报告"
HEAD = "<html><head><title>政府信息公开年报</title></head><body>"


def listed(markup: str) -> list[tuple[str, str | None]]:
    found = Generic(name="x").read_list(Page("http://www.wanping.gov.cn/nb/", f"{HEAD}{markup}</body></html>"))
    return [(link.text, link.listed) for link in found.links]


@pytest.mark.parametrize(
    "card",
    [
        f"<div class=ttl>{TITLE}</div><div class=day><span>29</span><span>2025-01</span></div>",
        f"<div><b>29</b><p>2025.01</p></div><div>{TITLE}</div>",
        f"<p>{TITLE}</p><p><em>01-29</em><i>2025</i></p>",
        f"<div><strong>2025</strong><span>1月29日</span></div><p>{TITLE}</p><p>根据《条例》编制本报告，数据统计期限为1月1日至12月31日。</p>",
        f"<dl><dt><b>29</b><i>1月</i><u>2025</u></dt><dd>{TITLE}</dd></dl>",
    ],
)
def test_the_title_of_a_card_and_its_day_are_told_apart(card: str) -> None:
    assert listed(f"<div><a href='/nb/1234/'>{card}</a></div>") == [(TITLE, "2025-01-29")]


def test_a_day_in_pieces_stands_in_the_row_too() -> None:
    row = f"<li><div class=date><b>29</b><span>2025-01</span></div><a href='/nb/1234/'>{TITLE}</a></li>"
    assert listed(f"<ul>{row}</ul>") == [(TITLE, "2025-01-29")]


def test_what_is_no_day_is_none() -> None:
    assert listed(f"<ul><li><a href='/nb/1234/'>{TITLE}</a><p><b>30</b><i>2025-02</i></p></li></ul>") == [(TITLE, None)]
    two = "<p><b>28</b><i>2025-02</i></p><p><b>1</b><i>2025-03</i></p>"
    assert listed(f"<ul><li><a href='/nb/1234/'>{TITLE}</a>{two}</li></ul>") == [(TITLE, None)]


def test_a_body_named_beside_the_title_stays() -> None:
    card = "<p>宛平县财政局</p><p>2024年政府信息公开工作年度报告</p>"
    assert listed(f"<a href='/nb/1234/'>{card}</a>") == [("宛平县财政局 2024年政府信息公开工作年度报告", None)]
