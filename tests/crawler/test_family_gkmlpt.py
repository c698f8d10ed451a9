"""gkmlpt: shells, answers and documents of the system; a county on it crawled end to end."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import EXPECTED, FIRST, HOST, THEN, County, column, county, ends, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.parser.reader import read as read_document
from crawler.cms.gkmlpt import Gkmlpt
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import day_of
from crawler.lists.signatures import recognise
from crawler.visits.report_parts import parts
from imitation.portals.gkmlpt import category
from storage.records import CaptureRole, LookOutcome
from tests.real_documents import Saved

CZJ, JYJ = column("czj", "/czj/gkmlpt/annualreport"), column("jyj", "/jyj/gkmlpt/annualreport")
LISTINGS = (
    f'column("czj", "http://{HOST}/czj/gkmlpt/annualreport", title="政府信息公开年报", covers="department")',
    f'column("jyj", "http://{HOST}/jyj/gkmlpt/index#{category(JYJ)}", title="政府信息公开年报", covers="department")',
)
API = "http://www.a.gov.cn/czj/gkmlpt/api/all/721?page={}&sid=662021"


def read(text: str, url: str = API.format(1)) -> ListPage:
    return Gkmlpt(name="x").read_list(Page(url, text))


def article(number: int, **others: object) -> dict[str, object]:
    url = f"http://www.a.gov.cn/czj/gkmlpt/content/0/{number}/post_{number}.html"
    title = f"甲县财政局{2000 + number % 30}年政府信息公开工作年度报告"
    return {"id": number, "title": title, "url": url, "create_time": 1781771108} | others


def answer(*articles: object, **others: object) -> str:
    return json.dumps({"articles": list(articles)} | others, ensure_ascii=False)


def shell(tree: object, sid: str = "662021") -> str:
    return f"<html><head><script>window._CONFIG = {{SID: '{sid}', TREE: {json.dumps(tree)}, SERVICE_AREA_ID: 1}};</script></head><body><div id='app'></div></body></html>"


def test_the_saved_answer(saved: Saved) -> None:
    found = read(saved("gkmlpt/list_answer_yangjiang_part.json"))
    assert [(link.url, link.text, link.listed) for link in found.links] == [
        (
            "http://www.yangjiang.gov.cn/yjzjj/gkmlpt/content/0/963/post_963149.html",
            "2026年5月份阳江市工程造价信息",
            "2026-06-18",
        )
    ]
    assert found.total == 145
    assert recognise(found.links[0].url)[0][0] == "gkmlpt"


def test_pages_are_promised_by_the_total_and_then_tried() -> None:
    first = read(answer(*(article(n) for n in range(2)), total=5))
    assert [step.url.rsplit("page=", 1)[1] for step in first.following if isinstance(step, ListRequest)] == [
        "2&sid=662021",
        "3&sid=662021",
    ]
    assert (first.speculative, first.total, first.doubt) == (False, 5, "")
    second = read(answer(article(3), total=5), API.format(2))
    assert (second.speculative, len(second.following)) == (True, 1)
    beyond = read(answer(total=5), API.format(4))
    assert (beyond.links, beyond.outcome, beyond.following) == ((), LookOutcome.OK, ())


def test_what_counts_as_empty() -> None:
    empty = read(answer(total=0))
    assert (empty.outcome, empty.total, empty.reason) == (LookOutcome.OK, 0, "says_it_is_empty")
    for text in (answer(), answer(total=7), answer(total=0, classify={"post_count": 2})):
        assert (read(text).outcome, read(text).reason) == (LookOutcome.CHANGED, "answer_without_entry")
    for text in (
        "<html>系统繁忙</html>",
        "",
        "null",
        "[]",
        '{"articles": null, "total": 0}',
        '{"code": 500}',
        "[" * 100_000,
        '{"total": 0',
    ):
        assert (read(text).outcome, read(text).reason) == (LookOutcome.CHANGED, "answer_without_list")


def test_totals_that_cannot_be_right_are_doubted() -> None:
    rows = [article(n) for n in range(3)]
    assert read(answer(*rows)).doubt == "no_total_in_answer"
    assert read(answer(*rows, total="x")).doubt == "no_total_in_answer"
    low = read(answer(*rows, total=1))
    assert (low.doubt, low.total, low.speculative, len(low.following)) == ("total_below_entries", None, True, 1)
    assert read(answer(*rows, total=3, classify={"post_count": 4})).total == 4
    assert read(answer(*rows, article(1), total=4)).total == 3  # one is listed twice
    assert (
        read(answer(*rows, {"id": 9, "title": "甲县教育局2024年政府信息公开工作年度报告"}, total=4)).doubt
        == "no_address"
    )
    assert read(answer(*rows, 7, total=4)).doubt == "entry_not_understood"


def test_titles_days_and_addresses_as_they_come() -> None:
    odd = article(
        1,
        title="<p>甲县&amp;乙县<br>2024年&#8203;年报</p>",
        created_at="2025-01-20 00:10:00",
        url="//www.a.gov.cn/x/content/post_1.html",
    )
    elsewhere = article(2, url="", post_url="", jump_url="https://mp.weixin.qq.com/s/abc", create_time="1737305400000")
    links = read(answer(odd, elsewhere, article(3, title=None, create_time=True, url="http://["), total=3)).links
    assert [(link.url, link.listed) for link in links] == [
        ("http://www.a.gov.cn/x/content/post_1.html", "2025-01-20"),
        ("https://mp.weixin.qq.com/s/abc", "2025-01-20"),
    ]
    assert links[0].text == "甲县&乙县2024年\u200b年报"
    assert [day_of(value) for value in (1737305400, "1737305400", 1737305400000, 0, -1, "2025年1月20日", "soon", None, [])] == [
        "2025-01-20", "2025-01-20", "2025-01-20", None, None, "2025年1月20日", None, None, None]  # fmt: skip


def test_shells_lead_to_the_category_behind_the_hash_or_to_the_reports() -> None:
    node = {"id": 721, "name": "政府信息公开年报", "post_count": 4, "jump_url": "", "children": []}
    tree = [{"id": 5, "name": "机构职能", "children": []}, {"id": 6, "name": "主动公开", "children": [node]}]
    at, index_at = "http://www.a.gov.cn/czj/gkmlpt/annualreport", "http://www.a.gov.cn/czj/gkmlpt/index"
    found = read(shell(tree), at)
    assert (found.interface_page, found.following, found.total) == (True, (ListRequest(API.format(1)),), 1)
    assert read(shell(tree), at + "#5").following == (ListRequest(API.format(1).replace("721", "5")),)
    assert read(shell([]), at + "#2629").following == (ListRequest(API.format(1).replace("721", "2629")),)
    jumps = read(shell([node | {"jump_url": "/zwgk/xxgknb/"}]), at)
    assert (jumps.interface_page, jumps.following) == (True, ("http://www.a.gov.cn/zwgk/xxgknb/",))
    for own in ("/czj/gkmlpt/annualreport", f"{at}#721", "/czj/gkmlpt/index#721"):  # what the shell shows by itself
        assert read(shell([node | {"jump_url": own}]), at).following == (ListRequest(API.format(1)),)
        assert read(shell([node | {"jump_url": own}]), f"{at}#721").following == (ListRequest(API.format(1)),)
    assert found.aliases == (f"{at}#721", "http://www.a.gov.cn/czj/gkmlpt/index#721")
    assert read(shell([node]), f"{at}#721").aliases == ("http://www.a.gov.cn/czj/gkmlpt/index#721", at)
    other = "http://www.a.gov.cn/jyj/gkmlpt/index#812"
    assert read(shell([node | {"jump_url": other}]), at).following == (other,)
    index = read(shell(tree), index_at)  # of all that the organ makes public
    assert ([link.url for link in index.subcolumns], index.reason) == ([f"{index_at}#721"], "list_is_divided")
    years = read(shell([node | {"children": [{"id": n, "name": f"{n}年"} for n in (2023, 2024)]}]), at)
    assert [link.url for link in years.subcolumns] == [at + "#2023", at + "#2024"]
    assert (years.outcome, years.reason) == (LookOutcome.PARTIAL, "list_is_divided")


def test_half_characters_in_a_tree_cost_no_page() -> None:
    """As JSON can write them; they can neither be asked for nor stored."""
    at = "http://www.a.gov.cn/czj/gkmlpt/annualreport"
    node = {"id": 721, "name": "政府信息公开年报", "children": []}
    jumps = read(shell([node | {"jump_url": "/nb\ud800/"}]), at)
    years = read(shell([node | {"children": [{"id": n, "name": f"\ud800{n}年"} for n in (2023, 2024)]}]), at)
    for address in (*jumps.following, *(f"{link.url}{link.text}" for link in years.subcolumns)):
        assert str(address).encode()
    assert (len(jumps.following), len(years.subcolumns)) == (1, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><title>政府信息公开年报</title><p>暂无信息</p></html>", "shell_names_no_interface"),
        ("<html><script>window._CONFIG = {TREE: []}</script></html>", "shell_names_no_interface"),
        (shell([]), "no_report_category"),
        (shell([{"id": 1, "name": "统计年报"}]), "no_report_category"),
        (shell("x"), "no_report_category"),
        ("<script>_CONFIG={SID:'1',TREE: " + "[" * 50_000 + "</script>", "no_report_category"),
    ],
)
def test_other_shells_are_told(text: str, reason: str) -> None:
    found = read(text, "http://www.a.gov.cn/gkmlpt/index")
    assert (found.outcome, found.reason) == (LookOutcome.CHANGED, reason)


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["articles", "total", "classify", "post_count", "url", "title", "children", "id", "name"]), inner, max_size=5), max_leaves=25))  # fmt: skip
def test_no_answer_raises_and_none_is_empty_without_saying_so(value: object) -> None:
    for found in (read(json.dumps(value)), read(shell(value), "http://www.a.gov.cn/gkmlpt/index")):
        if found.outcome is LookOutcome.OK and not (found.links or found.following or found.subcolumns):
            assert found.total == 0 or isinstance(value, dict)
    rows = read(answer(value, total=1))
    assert rows.links or rows.doubt or rows.outcome is not LookOutcome.OK


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 3))
def test_all_pages_of_any_size_are_asked_for(total: int, size: int, overlap: int) -> None:
    """A server that pages its entries, perhaps with some of the page before: in the end all are seen."""
    entries, seen, asked = [article(n) for n in range(total)], set(), set()
    queue: list[object] = [ListRequest(API.format(1))]
    while queue:
        step = queue.pop(0)
        if not isinstance(step, ListRequest) or step in asked:
            continue
        asked.add(step)
        number = int(step.url.split("page=")[1].split("&")[0])
        begin = max(0, (number - 1) * size - min(overlap, size - 1) * (number - 1))
        found = read(answer(*entries[begin : begin + size], total=total), step.url)
        seen |= {link.url for link in found.links}
        if not (found.speculative and len(seen) >= total):
            queue += found.following
    assert len(seen) == total


DETAIL = {"id": 1, "content": '<p>（正文见附件）</p><p><a class="nfw-cms-attachment" href="http://www.a.gov.cn/czj/attachment/0/88/88389/963149.pdf" alt="报告.pdf">报告.pdf</a></p>'}  # fmt: skip


@pytest.mark.parametrize("written", [json.dumps(DETAIL).replace("<", "\\u003C"), "{id: 1, " + json.dumps(DETAIL)[9:]])
def test_attachments_stand_in_the_script(written: str) -> None:
    page = Page(
        "http://www.a.gov.cn/czj/gkmlpt/content/0/1/post_1.html",
        f"<html><head><script>window._CONFIG = {{DETAIL: {written}}};</script></head><body></body></html>",
    )
    assert [(part.kind, part.url, part.text) for part in parts(page)] == [
        ("attachment", "http://www.a.gov.cn/czj/attachment/0/88/88389/963149.pdf", "报告.pdf")
    ]


# ---------------------------------------------------------------- a county end to end


@pytest.fixture
def wanping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    with county(tmp_path / "archive", scenario("gkmlpt", CZJ, JYJ)) as running:
        running.spider("gkmlpt.Gkmlpt", *LISTINGS)
        yield running


def test_every_report_and_nothing_else_is_found(wanping: County) -> None:
    for day in (FIRST, THEN):  # the second day brings a report
        looks = wanping.crawl(day)
        assert [(look.outcome, look.total) for look in looks] == [
            (LookOutcome.OK, len(wanping.found(look))) for look in looks
        ]
        assert [wanping.found(look) for look in looks] == [
            wanping.true_entries(day, "czj"),
            wanping.true_entries(day, "jyj"),
        ]
        assert wanping.fetched() == wanping.true_reports(day, "czj", "jyj")
    assert len(wanping.true_reports(THEN, "czj", "jyj") - wanping.true_reports(FIRST, "czj", "jyj")) == 1
    assert len(wanping.fetched(CaptureRole.ATTACHMENT)) == 1
    assert not any("#" in asked.path for asked in wanping.portals.log)


def test_a_document_in_a_script_is_read_with_its_cells(wanping: County) -> None:
    wanping.crawl()
    reports = sorted(wanping.true_reports(FIRST, "jyj"))
    readings = [read_document(wanping.body(url)) for url in reports]
    assert [(reading.is_report, reading.form) for reading in readings] == [(True, "2021")] * len(reports)
    assert all(len([cell for cell in reading.cells.values() if cell.raw]) > 100 for reading in readings)


def test_what_fails_is_told_apart_and_never_an_empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column for each organ, by the organ's code in the address; each fails in its own way."""
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    organs = [column(f"c{n}", f"/113{n}/gkmlpt/annualreport") for n in range(5)]
    with county(tmp_path / "archive", scenario("gkmlpt", *organs, size=2)) as wanping:
        wanping.spider("gkmlpt.Gkmlpt", f'column("nb", "http://{HOST}/{{code}}/gkmlpt/annualreport")')
        wanping.fail("not_found", lambda ask: ask.path.startswith("/1130/") and ask.query.get("page") == "2")
        wanping.fail("soft_404", lambda ask: ask.path.startswith("/1131/gkmlpt/api"))
        wanping.reword("SID:", "SITE:", "/1132/")
        wanping.fail("challenge", lambda ask: ask.path.startswith("/1134/"))
        looks = wanping.crawl()
        assert ends(looks) == EXPECTED
        first, _, _, whole, _ = sorted(looks, key=lambda look: look.listing)
        assert len(wanping.found(first)) == 2  # the first page's leads are kept
        assert (whole.listing, wanping.found(whole)) == ("wanping:nb/d3", wanping.true_entries(FIRST, "c3"))
