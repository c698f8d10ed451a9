"""UCAP's queryList: column pages and answers; a county on it crawled end to end, questions kept with their bodies."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from county import EXPECTED, FIRST, HOST, THEN, County, column, county, ends, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cms.ucap_query import UcapQuery
from crawler.discovery.pointers import pointers
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.signatures import recognise
from storage.records import CaptureRole, LookOutcome
from tests.real_documents import Saved

AT = "https://www.a.gov.cn/jxssthjt/col/col42150/index.html"
QUERY = "https://www.a.gov.cn/queryList"
NB = column("nb", "/wpxrmzf/col/col42150/index.html")
LISTING = (
    f'column("nb", "http://{HOST}/wpxrmzf/col/col42150/index.html", title="政府信息公开年报", covers="department")'
)


def read(text: str, url: str = AT) -> ListPage:
    return UcapQuery(name="x").read_list(Page(url, text))


def source(number: int, **others: object) -> dict[str, object]:
    return {"title": f"甲县财政局{2000 + number % 30}年政府信息公开工作年度报告", "pubDate": "2026-01-20 16:59",
            "urls": json.dumps({"pc": f"/a/col/nb/content/content_{10**18 + number}.html"})} | others  # fmt: skip


def page(
    rows: object,
    count: object,
    *,
    params: str = "webSiteCode: ['a'], channelCode: ['nb'], perPage: '3',",
    **own: Any,
) -> str:
    told = {"code": "nb", "articleCount": count} | own
    return f"""<html><head><title>政府信息公开年报</title><script>var channelsTagSelf = {json.dumps(told)}; //x
var listData = {{ articleList: {json.dumps(rows)} }};</script></head><body><script>{{{{#each data}}}}</script>
<script>var params = {{ current: 1, {params} showMode: 'normal' }}; loadPageData(params, '1');</script></body></html>"""


def asked(found: ListPage) -> list[tuple[tuple[str, str], ...] | None]:
    return [step.form for step in found.following if isinstance(step, ListRequest)]


def test_an_entry_that_says_whence_it_comes_is_read_itself() -> None:
    found = read(page([source(1, source="甲县财政局"), source(2, source="")], 2))
    assert (len(found.links), found.doubt) == (2, "")


def test_the_saved_page(saved: Saved) -> None:
    text = saved("jiangxi_ucap/sthjt_list_rendered.html")
    found = read(text)
    assert (len(found.links), found.total, found.interface_page, len(found.following)) == (50, 444, True, 30)
    assert (found.links[0].url, found.links[0].listed) == (
        "https://www.a.gov.cn/jxssthjt/col/col42150/content/content_1951206363677671424.html", "2025-07-29")  # fmt: skip
    assert asked(found)[1] == (("current", "2"), ("pageSize", "15"), ("webSiteCode[]", "jxssthjt"), ("channelCode[]", "col42150"), ("notReturnContent", "true"))  # fmt: skip
    assert {step.url for step in found.following if isinstance(step, ListRequest)} == {QUERY}
    assert recognise(AT, text)[0][0] == "ucap_query"


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1))
def test_a_saved_page_that_breaks_off_is_never_whole(saved: Saved, share: float) -> None:
    text = saved("jiangxi_ucap/sthjt_list_rendered.html")
    found = read(text[: int(len(text) * share)])
    assert found.outcome is not LookOutcome.OK or found.doubt or found.interface_page


def test_what_stands_whole_in_the_page_is_not_asked_for() -> None:
    found = read(page([source(n) for n in range(2)], 2))
    assert (len(found.links), found.total, found.following, found.interface_page) == (2, 2, (), False)
    empty = read(page([], 0))
    assert (empty.outcome, empty.total, empty.reason) == (LookOutcome.OK, 0, "says_it_is_empty")


def test_one_page_more_than_the_count_needs_is_asked() -> None:
    found = read(page([source(1)], 6))
    assert [dict(form or ())["current"] for form in asked(found)] == ["1", "2", "3"]
    assert (found.total, found.interface_page) == (6, True)


@pytest.mark.parametrize("own", [{"aggregationChannel": "1"}, {"childCount": 4}])
def test_a_column_that_gathers_others_is_not_empty(own: dict[str, object]) -> None:
    assert read(page([], 0, **own)).reason == "no_total_in_page"
    found = read(page([source(1)], 0, **own))
    assert (found.doubt, found.speculative, len(found.following)) == ("no_total_in_page", True, 1)


def test_the_question_of_the_own_column_is_asked() -> None:
    text = page(
        [source(1)],
        2,
        params="webSiteCode: ['a'], channelCode: ['side'], perPage: '5' }; var params = { webSiteCode: ['a'], channelId: ['77'], channelCode: ['nb'], perPage: '2',",
    )
    assert [dict(form or ())["channelCode[]"] for form in asked(read(text))] == ["nb", "nb"]
    none = read(page([], None, params=""))
    assert (none.outcome, none.reason) == (LookOutcome.CHANGED, "no_total_in_page")


def child(code: str, name: str, **others: object) -> dict[str, object]:
    return {"code": code, "name": name, "articleCount": 5, "urls": json.dumps({"pc": f"/a/{code}/list.shtml"})} | others


BODIES = [child("c1", "县教育局"), child("c2", "城关镇"), child("c3", "县民政局", showOrNot=0)]


def test_the_columns_below_one_of_reports_are_its_own_too() -> None:
    ways: tuple[dict[str, Any], ...] = ({"children": BODIES}, {})
    for told in ways:  # or the script that makes its menu says them
        text = page([source(1)], 1, name="政府信息公开年报", **told)
        if not told:
            menu = json.dumps({"code": "nb", "children": BODIES})
            text += f"<script>renderChannelTemplate('subMenu', ({menu}).children, 'subMenu');</script>"
        found = read(text)
        assert [(link.text, link.url) for link in found.subcolumns] == [
            ("县教育局", "https://www.a.gov.cn/a/c1/list.shtml"), ("城关镇", "https://www.a.gov.cn/a/c2/list.shtml")]  # fmt: skip
        assert (len(found.links), found.outcome, found.total) == (1, LookOutcome.OK, 1)
    divided = read(page([], 0, name="政府信息公开年报", children=BODIES, childCount=3))
    assert (divided.outcome, divided.reason, len(divided.subcolumns)) == (LookOutcome.PARTIAL, "list_is_divided", 2)
    assert read(page([source(1)], 1, name="政策文件", children=BODIES)).subcolumns == ()


def test_a_menu_in_the_data_leads_a_walk_to_the_columns() -> None:
    where = pointers(Page(AT, page([], 0, name="政府信息公开年报", children=BODIES)))
    assert ("https://www.a.gov.cn/a/c1/list.shtml", "县教育局") in {(one.url, one.text) for one in where}


def test_answers() -> None:
    rows = [{"source": source(n)} for n in (1, 2)] + [source(3, urls={"pc": "/x/content_3.html"}, showTitle="<p>x</p>")]
    found = read(json.dumps({"code": 200, "data": {"total": 3, "results": rows}}), QUERY)
    assert ([link.url.rsplit("/", 1)[1][:10] for link in found.links], found.total, found.doubt) == (
        ["content_10", "content_10", "content_3."],
        3,
        "",
    )
    assert read(json.dumps({"data": {"results": [source(1, urls="{")]}}), QUERY).doubt == "no_address"
    for text in ("", "<html>404</html>", "null", '{"code": 500}', '{"data": {"results": {}}}', "[" * 99_999):
        assert (read(text, QUERY).outcome, read(text, QUERY).reason) == (LookOutcome.CHANGED, "answer_without_list")


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["data", "results", "source", "urls", "title", "total", "pc"]), inner, max_size=4), max_leaves=20))  # fmt: skip
def test_nothing_raises(value: object) -> None:
    for found in (read(json.dumps(value), QUERY), read(page(value, value))):
        assert (
            found.links
            or found.outcome is LookOutcome.CHANGED
            or found.doubt
            or found.following
            or found.total == 0
            or not found.interface_page
        )


@pytest.fixture
def wanping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    with county(tmp_path / "archive", scenario("ucap_query", NB)) as running:
        running.spider("ucap_query.UcapQuery", LISTING)
        yield running


def test_every_report_is_found_and_each_question_is_kept_with_its_body(wanping: County) -> None:
    for day in (FIRST, THEN):
        (look,) = wanping.crawl(day)
        assert (look.outcome, look.total) == (LookOutcome.OK, len(wanping.true_entries(day, "nb")))
        assert wanping.found(look) == wanping.true_entries(day, "nb")
        assert wanping.fetched() == wanping.true_reports(day, "nb")
    assert len(wanping.fetched(CaptureRole.ATTACHMENT)) == 1
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in wanping.warcs())
    sent = [
        f"current={n}&pageSize=4&webSiteCode%5B%5D=wpxrmzf&channelCode%5B%5D=col42150&notReturnContent=true"
        for n in (1, 2, 6)
    ]
    assert [kept.count(body.encode()) for body in sent] == [2, 2, 2]  # once a day
    assert kept.count(b"POST /queryList HTTP/1.1") == 12


def test_what_fails_is_told_apart_and_never_an_empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    columns = [column(f"c{n}", f"/wp/col/c{n}/index.html") for n in range(5)]

    def current(form: object, code: str) -> str:
        return form.get("current", "") if isinstance(form, dict) and form.get("channelCode[]") == code else ""

    with county(tmp_path / "archive", scenario("ucap_query", *columns, size=1)) as wanping:
        wanping.spider(
            "ucap_query.UcapQuery", *(f'column("c{n}", "http://{HOST}/wp/col/c{n}/index.html")' for n in range(5))
        )
        wanping.fail("not_found", lambda ask: current(ask.form, "c0") == "3")
        wanping.fail("soft_404", lambda ask: bool(current(ask.form, "c1")))
        wanping.reword("channelsTagSelf", "channelsOther", "/wp/col/c2/")
        wanping.reword("articleList", "articles", "/wp/col/c2/")
        wanping.fail("challenge", lambda ask: ask.path.startswith("/wp/col/c4/"))
        looks = wanping.crawl()
        assert ends(looks) == EXPECTED
        first, _, _, whole, _ = sorted(looks, key=lambda look: look.listing)
        assert len(wanping.found(first)) >= 2  # the first page's leads are kept
        assert wanping.found(whole) == wanping.true_entries(FIRST, "c3")
