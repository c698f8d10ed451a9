"""JPAAS: column pages, a unit's answers; a county on it crawled end to end."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from county import EXPECTED, FIRST, HOST, THEN, County, column, county, ends, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cms.hanweb_jpaas import HanwebJpaas
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import query_of
from crawler.lists.signatures import recognise
from crawler.visits.report_parts import parts
from storage.records import CaptureRole, LookOutcome
from tests.real_documents import Saved

AT = "https://www.a.gov.cn/col/col1229565788/index.html"
UNIT = (
    "https://www.a.gov.cn/api-gateway/jpaas-publish-server/front/page/build/unit?webId=3185&pageId=1&tagId=x&paramJson="
)
NB = column("nb", "/col/col4039/index.html")
LISTING = f'column("nb", "http://{HOST}/col/col4039/index.html", title="政府信息公开年报", covers="department")'


def read(text: str, url: str = AT) -> ListPage:
    return HanwebJpaas(name="x").read_list(Page(url, text))


def asked(number: int) -> str:
    return UNIT + f"%7B%22pageNo%22%3A{number}%2C%22pageSize%22%3A15%7D"


def item(number: int) -> str:
    return f'<li><a title="甲县财政局{2000 + number}年政府信息公开工作年度报告" href="/col/col1/art/2026/art_{number:032x}.html">甲县财政局...</a><span>2026-01-{number + 1:02}</span></li>'


def answer(*items: str, count: object = None, rows: int = 15, **others: object) -> str:
    pager = (
        ""
        if count is None
        else f'<table class="pagination x" rows="{rows}" count="{count}" pageNo="1"><td>共 <span>0</span> 页 检索到 0 条</td></table>'
    )
    markup = f'<ul><div class="page-content">{"".join(items)}</div></ul>{pager}'
    return json.dumps({"success": True, "code": "200", "data": {"html": markup}} | others)


def test_the_saved_page_and_answer(saved: Saved) -> None:
    page = read(saved("hanweb_jpaas/list_fzggw_zj.html"))
    (step,) = page.following
    assert page.interface_page
    assert isinstance(step, ListRequest)
    assert step.form is None
    assert query_of(step.url) == {
        "parseType": "bulidstatic", "webId": "3185", "tplSetId": "o0YcVHHq5vWtr3uiCp4SY", "pageType": "column", "tagId": "信息列表",
        "editType": "null", "pageId": "1229565788", "paramJson": '{"pageNo":1,"pageSize":15}',
    }  # fmt: skip
    found = read(saved("hanweb_jpaas/unit_answer_fzggw_zj.json"), step.url)
    assert (len(found.links), found.total, found.doubt, len(found.following)) == (15, 388, "", 25)
    assert (
        found.links[0].url
        == "https://www.a.gov.cn/col/col1229123351/art/2026/art_937add6719f140bdac86d5b97c525d28.html"
    )
    assert found.links[14].url == "https://fzggw.zj.gov.cn/art/2025/1/27/art_1229123351_2544446.html"
    assert all(not link.text.endswith("...") and link.listed for link in found.links)
    second = found.following[0]
    assert isinstance(second, ListRequest)
    assert query_of(second.url)["paramJson"] == '{"pageNo":2,"pageSize":15}'
    assert recognise(AT, saved("hanweb_jpaas/list_fzggw_zj.html"))[0][0] == "hanweb_jpaas"


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 14), max_size=6), st.randoms(use_true_random=False))
def test_variants_of_the_saved_pages(saved: Saved, lost: set[int], random: Random) -> None:
    """Attributes in any order and case; entries that are not there are missed."""
    step = read(saved("hanweb_jpaas/list_fzggw_zj.html")).following[0]
    assert isinstance(step, ListRequest)
    tag = re.search(r"<script (id=[^>]*queryData=[^>]*)>", saved("hanweb_jpaas/list_fzggw_zj.html"))
    assert tag
    attributes = re.findall(r'\w+="[^"]*"', tag.group(1))
    random.shuffle(attributes)
    words = [
        random.choice((str.lower, str.upper, str))(name) + "=" + value
        for name, value in (one.split("=", 1) for one in attributes)
    ]
    assert read(f"<html><SCRIPT {' '.join(words)}></SCRIPT></html>").following == (step,)
    whole = json.loads(saved("hanweb_jpaas/unit_answer_fzggw_zj.json"))
    items = re.findall(r"<li class=.*?</li>", whole["data"]["html"], re.DOTALL)
    for number in lost:
        whole["data"]["html"] = whole["data"]["html"].replace(items[number], "")
    found = read(json.dumps(whole), step.url)
    assert (len(found.links), found.doubt, found.total) == (
        15 - len(lost),
        "fewer_entries_than_said" if lost else "",
        388,
    )


def test_the_printed_nothing_of_a_pager_is_not_believed() -> None:
    found = read(answer(item(1), item(2), count=2), asked(1))
    assert (len(found.links), found.total, found.pages, found.following, found.doubt) == (2, 2, None, (), "")
    empty = read(answer(count=0), asked(1))
    assert (empty.outcome, empty.total, empty.reason) == (LookOutcome.OK, 0, "says_it_is_empty")
    for text in (answer(), answer(count=3), answer(count="")):
        assert (read(text, asked(1)).outcome, read(text, asked(1)).reason) == (
            LookOutcome.CHANGED,
            "answer_without_entry",
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>系统繁忙，暂无信息，共0页</html>",
        "[]",
        "null",
        '{"data": {"html": null}}',
        "{" * 90_000,
        answer(item(1), success=False, count=1),
    ],
)
def test_what_is_no_answer(text: str) -> None:
    found = read(text, asked(1))
    assert (found.outcome, found.reason) == (LookOutcome.CHANGED, "answer_without_markup")


def test_a_page_with_fewer_entries_than_its_pager_says_is_doubted() -> None:
    assert read(answer(item(1), count=2), asked(1)).doubt == "fewer_entries_than_said"
    assert read(answer(item(1), count=17), asked(2)).doubt == "fewer_entries_than_said"
    assert read(answer(item(1), item(2), count=17), asked(2)).doubt == ""
    assert read(answer(item(1)), asked(1)).doubt == "no_total_in_answer"
    assert read(answer(item(1).replace('"/col', '"col'), count=1), asked(1)).doubt == "relative_address"
    twice = read(answer(item(1), item(1), count=2), asked(1))
    assert (len(twice.links), twice.total, twice.doubt) == (1, 1, "")


def unit(tag: str, url: str = "/api-gateway/jpaas-publish-server/front/page/build/unit", kind: str = "column") -> str:
    return f"""<script parsetype="bulidstatic" url="{url}" querydata="{{'webId':'1','pageId':'2','pageType':'{kind}','tagId':'{tag}'}}"></script>"""


def test_of_several_units_the_lists_are_asked_and_the_same_one_once() -> None:
    def tags(*scripts: str) -> list[str]:
        return [
            query_of(step.url)["tagId"] for step in read("".join(scripts)).following if isinstance(step, ListRequest)
        ]

    assert tags(unit("当前位置"), unit("信息列表"), unit("信息列表")) == ["信息列表"]
    assert tags(unit("a"), unit("b")) == ["a", "b"]
    assert tags(unit("a", kind="article"), unit("b", url="/x/y")) == []


def test_a_page_with_its_first_entries_goes_on_with_the_interface() -> None:
    pager = """<div class="pagination" rows="2" count="5" queryData="{'webId':'1','pageId':'2'}" unitUrl="/api-gateway/jpaas-publish-server/front/page/build/unit">共 <span>0</span> 页</div>"""
    found = read(f"<html><title>政府信息公开年报</title><ul>{item(1)}{item(2)}</ul>{pager}</html>")
    assert (len(found.links), found.total, len(found.following), found.interface_page) == (2, 5, 2, False)
    odd = read(f"<ul>{item(1)}{item(2)}</ul>{pager.replace('/api-gateway', 'http://[')}")
    assert (len(odd.links), odd.doubt, odd.following) == (2, "no_address", ())
    none = read(f"<html><title>政府信息公开年报</title><p>暂无信息</p>{pager}</html>")
    assert (none.outcome, none.reason) == (LookOutcome.CHANGED, "pager_without_entry")


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 40),
    st.integers(1, 9),
    st.text(max_size=20),
    st.dictionaries(st.sampled_from(["success", "data", "html"]), st.none() | st.integers() | st.text(max_size=9)),
)
def test_pages_of_any_size_and_answers_of_any_kind(total: int, rows: int, noise: str, odd: dict[str, object]) -> None:
    seen: set[str] = set()
    first = read(answer(*(item(n) for n in range(min(rows, total))), noise, count=total, rows=rows), asked(1))
    seen |= {link.url for link in first.links}
    for step in first.following:
        assert isinstance(step, ListRequest)
        number = json.loads(query_of(step.url)["paramJson"])["pageNo"]
        page = read(
            answer(*(item(n) for n in range((number - 1) * rows, min(total, number * rows))), count=total, rows=rows),
            step.url,
        )
        seen |= {link.url for link in page.links}
    assert len(seen) == total == (first.total or 0)
    assert read(json.dumps(odd), asked(1)).outcome is LookOutcome.CHANGED


def test_files_come_through_the_gateway() -> None:
    page = Page(
        AT,
        '<a download href="/api-gateway/jpaas-web-server/front/document/download?fileUrl=a%2Bb&fileName=报告">附件</a>',
    )
    assert [(part.kind, part.text) for part in parts(page)] == [("attachment", "附件")]


@pytest.fixture
def wanping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    with county(tmp_path / "archive", scenario("hanweb_jpaas", NB)) as running:
        running.spider("hanweb_jpaas.HanwebJpaas", LISTING)
        yield running


def test_every_report_and_nothing_else_is_found(wanping: County) -> None:
    for day in (FIRST, THEN):
        (look,) = wanping.crawl(day)
        assert (look.outcome, look.total) == (LookOutcome.OK, len(wanping.true_entries(day, "nb")))
        assert wanping.found(look) == wanping.true_entries(day, "nb")
        assert wanping.fetched() == wanping.true_reports(day, "nb")
    assert len(wanping.fetched(CaptureRole.ATTACHMENT)) == 1


def test_what_fails_is_told_apart_and_never_an_empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    columns = [column(f"c{n}", f"/col/col{n}/index.html") for n in range(5)]
    with county(tmp_path / "archive", scenario("hanweb_jpaas", *columns, size=2)) as wanping:
        wanping.spider(
            "hanweb_jpaas.HanwebJpaas", *(f'column("c{n}", "http://{HOST}/col/col{n}/index.html")' for n in range(5))
        )
        wanping.fail("not_found", lambda ask: ask.query.get("pageId") == "0" and '"pageNo":2' in ask.query["paramJson"])
        wanping.fail("soft_404", lambda ask: ask.query.get("pageId") == "1")
        wanping.reword("/build/unit", "/build/part", "/col/col2/")
        wanping.fail("challenge", lambda ask: ask.path.startswith("/col/col4/"))
        looks = wanping.crawl()
        assert ends(looks) == EXPECTED
        first, _, _, whole, _ = sorted(looks, key=lambda look: look.listing)
        assert len(wanping.found(first)) == 2
        assert wanping.found(whole) == wanping.true_entries(FIRST, "c3")
