"""Choices of a year that a form sends by POST: each is asked for, and believed where the page says that it shows it."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from urllib.parse import urldefrag

import pytest
from loopback_web import Answer, Archive, Asked, Web, a_report, page

from crawler.cms.generic import Generic
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest, list_request
from crawler.looks.page_reading import read_page
from storage.records import LookOutcome

HOST = "www.wanping.gov.cn"
AT = f"http://{HOST}/nb/List.aspx"
YEARS = (2025, 2024, 2023)
BODIES = ("财政局", "司法局", "统计局")
STATE = "<input type=hidden name=__VIEWSTATE value='/wE{}'>"
BACK = "onchange=\"javascript:setTimeout('__doPostBack(\\'ddlYear\\',\\'\\')', 0)\""


def rows(year: int) -> str:
    return "".join(
        f"<li><a href='/nb/{who}{year}.html'>宛平县{who}{year}年政府信息公开工作年度报告</a><i>{year + 1}-01-20</i></li>"
        for who in BODIES
    )


def choice(chosen: int, changed: str = BACK) -> str:
    options = "".join(f"<option value={y}{' selected' if y == chosen else ''}>{y}年</option>" for y in YEARS)
    return f"<select name=ddlYear {changed}>{options}</select>"


def a_page(chosen: int, listed: int | None = None, changed: str = BACK, beside: str = "") -> str:
    form = f"<form method=post action='List.aspx'>{STATE.format(chosen)}{choice(chosen, changed)}{beside}</form>"
    return f"<html><title>政府信息公开年报</title><body>{form}<ul>{rows(listed or chosen)}</ul></body></html>"


def read(text: str, url: str = AT) -> ListPage:
    return read_page(Generic(name="x"), Page(url, text))


def forms(found: ListPage) -> list[dict[str, str]]:
    return [dict(step.form or ()) for step in map(list_request, found.following)]


@pytest.mark.parametrize(
    ("changed", "beside"),
    [
        (BACK, ""),
        ("onchange='this.form.submit()'", ""),
        ("onchange='go()'", "<script>function go(){document.forms[0].submit()}</script>"),
        ("", "<input type=submit value=查询>"),
    ],
)
def test_each_other_year_is_one_request_with_all_that_the_form_holds(changed: str, beside: str) -> None:
    found = read(a_page(2025, changed=changed, beside=beside))
    assert (found.outcome, found.doubt) == (LookOutcome.OK, "")
    assert [(one["ddlYear"], one["__VIEWSTATE"]) for one in forms(found)] == [("2024", "/wE2025"), ("2023", "/wE2025")]
    assert {urldefrag(list_request(one).url).url for one in found.following} == {AT}


@pytest.mark.parametrize(
    "text",
    [
        a_page(2025, changed="onchange='load(this.value)'"),  # nobody knows what that does
        a_page(2025, changed="", beside="<input type=submit><input type=submit>"),
        a_page(2025, beside="<input type=password name=p>"),
    ],
)
def test_a_form_that_is_not_understood_is_not_sent(text: str) -> None:
    found = read(text)
    assert (found.doubt, [one for one in found.following if isinstance(one, ListRequest)]) == (
        "other_years_by_script",
        [],
    )


def test_a_page_that_shows_another_year_than_was_asked_for_proves_nothing() -> None:
    asked = f"{AT}#of-year?2024"
    assert (read(a_page(2024), asked).doubt, read(a_page(2024), asked).following) == ("", ())
    assert read(a_page(2025), asked).doubt == "other_years_by_script"
    assert read(a_page(2024, listed=2022), asked).doubt == "other_years_by_script"
    assert read(a_page(2024).replace("<ul>", "<p>共18条</p><ul>"), asked).doubt == "3_of_18"


def test_all_years_are_read_to_their_end(archive: Archive, web: Web) -> None:
    def answer(asked: Asked) -> Answer:
        return page(a_page(int(asked.form.get("ddlYear", 2025))))

    archive.portal(family="generic.Generic", listings=f'column("nb", "{AT}", covers="department"),')
    web.routes[HOST, "/nb/List.aspx"] = answer
    for year in YEARS:
        for who in BODIES:
            web.routes[HOST, f"/nb/{who}{year}.html"] = a_report(f"宛平县{who}{year}年政府信息公开工作年度报告")
    archive.crawl()
    (look,) = archive.looks()
    assert (look.outcome, look.reason, len(archive.links(look))) == (LookOutcome.OK, "", 9)
    assert len([one for one in web.log if one.path == "/nb/List.aspx"]) == 3
