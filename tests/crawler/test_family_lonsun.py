"""Lonsun: list pages, the label's answers, pages addressed by organ and year; a county on it crawled end to end."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from county import EXPECTED, FIRST, HOST, THEN, County, column, county, ends, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cms.lonsun import Lonsun
from crawler.lists.list_page import ListPage, Page
from crawler.lists.list_requests import ListRequest
from crawler.lists.scripts.answers import query_of
from crawler.lists.signatures import recognise
from imitation.portals.lonsun import address_of
from storage.records import CaptureOutcome, CaptureRole, LookOutcome
from tests.real_documents import Saved

AT = "https://www.a.gov.cn/public/column/6596221?type=4&action=list&nav=3&catId=7065111"
LABEL = "https://www.a.gov.cn/site/label/8888?labelName=publicInfoList&result=%E6%9A%82%E6%97%A0%E7%9B%B8%E5%85%B3%E4%BF%A1%E6%81%AF&pageIndex={}"
REPORT = "https://www.a.gov.cn/public/column/6596221?type=3&action=detail&nav=3&title={}"
NB = column("nb", "/public/column/6596221")
ORGANS = column("organs", "/public/column/")


def listing(path: str, key: str) -> str:
    return f'column("{key}", "http://{HOST}{path}", title="政府信息公开年报", covers="department")'


def read(text: str, url: str = AT) -> ListPage:
    return Lonsun(name="x").read_list(Page(url, text))


def item(number: int) -> str:
    return f'<li><a href="/public/6596221/{number}.html" title="甲县财政局{2000 + number}年政府信息公开工作年度报告">甲县财政局...</a><span>2026-01-20</span></li>'


def script(
    pages: object,
    fields: str = 'labelName: "publicInfoList", siteId: 678, pageSize: "15", pageIndex: pageIndex, length: "50", file: "/c3/hs/publicInfoList_newest"',
) -> str:
    return f'<script>Ls.pagination("#p", function (pageIndex) {{ Ls.ajaxHtml({{url: "/hszwgk/site/label/8888", data: {{ {fields} }} }}); }}, {{currentPage:1, pageCount:{pages}}});</script>'


def page(*items: str, tail: str = "") -> str:
    return f'<html><head><title>政府信息公开年报</title></head><body><ul class="clearfix xxgk_nav_list">{"".join(items)}</ul>{tail}</body></html>'


def labels(found: ListPage) -> list[dict[str, str]]:
    return [query_of(step.url) for step in found.following if isinstance(step, ListRequest)]


def test_a_list_goes_on_with_the_fields_of_its_script() -> None:
    found = read(page(item(1), item(2), tail=script(3)))
    assert (len(found.links), found.pages, found.doubt, found.by_script) == (2, 3, "", False)
    assert [fields["pageIndex"] for fields in labels(found)] == ["2", "3"]
    assert labels(found)[0] == {
        "IsAjax": "1", "dataType": "html", "isDate": "true", "dateFormat": "yyyy-MM-dd", "result": "暂无相关信息", "labelName": "publicInfoList",
        "siteId": "678", "pageSize": "15", "length": "300", "file": "/c3/hs/publicInfoList_newest", "organId": "6596221", "type": "4",
        "catId": "7065111", "pageIndex": "2",
    }  # fmt: skip
    assert {step.url.partition("?")[0] for step in found.following if isinstance(step, ListRequest)} == {
        "https://www.a.gov.cn/hszwgk/site/label/8888"
    }


def test_the_fields_may_stand_in_an_address() -> None:
    url = "/site/label/8888?IsAjax=1&amp;_=0.33&labelName=publicInfoList&siteId=678&organId=9&file=%2Fxxgk%2Fa&pageIndex=1"
    (fields,) = labels(read(page(tail=f"<script>var u = '{url}'; pageCount:1</script>")))
    assert (fields["siteId"], fields["organId"], fields["file"], fields["pageIndex"], "_" in fields) == (
        "678",
        "9",
        "/xxgk/a",
        "1",
        False,
    )


def test_a_first_page_without_its_list_is_a_shell() -> None:
    found = read(page(tail=script(2)))
    assert (found.interface_page, found.total, found.pages, [one["pageIndex"] for one in labels(found)]) == (
        True,
        1,
        2,
        ["1", "2"],
    )
    aside = read(f"<html><div class='news'>{item(1)}</div>{script(2)}</html>")  # links, but not where the list stands
    assert [one["pageIndex"] for one in labels(aside)] == ["1", "2"]
    assert read(page(item(1), tail=script('"?"'))).doubt == "no_page_count"


def test_what_the_label_answers() -> None:
    found = read(f"<ul class='xxgk_nav_list'>{item(1)}{item(2)}</ul>", LABEL.format(2))
    assert (len(found.links), found.outcome, found.links[0].text) == (
        2,
        LookOutcome.OK,
        "甲县财政局2001年政府信息公开工作年度报告",
    )
    assert read("<div>暂无相关信息</div>", LABEL.format(1)).reason == "says_it_is_empty"
    for text in ("", "<div>参数错误</div>", "<html><p>系统繁忙，暂无相关信息</p></html>", "{}", "<?=el.link?>"):
        assert (read(text, LABEL.format(1)).outcome, read(text, LABEL.format(1)).reason) == (
            LookOutcome.CHANGED,
            "answer_without_list",
        )


def test_lists_without_a_label() -> None:
    old = read(
        page(item(1), tail="<script>var x = {pageCount:3}</script>"),
        "https://www.a.gov.cn/content/column/77?pageIndex=1",
    )
    assert old.following == (
        "https://www.a.gov.cn/content/column/77?pageIndex=2",
        "https://www.a.gov.cn/content/column/77?pageIndex=3",
    )
    linked = read(
        page(item(1), tail='<a href="page_2.html">下一页</a>'),
        "https://www.a.gov.cn/XxgkContent/showList/865/0/page_1.html",
    )
    assert linked.following == ("https://www.a.gov.cn/XxgkContent/showList/865/0/page_2.html",)
    scripted = read(page(item(1), tail="<script>pageCount:3</script>"))
    assert (scripted.by_script, scripted.pages) == (True, 3)


def test_an_interface_that_is_not_understood_is_doubted() -> None:
    odd = '<script>load({labelName: "publicInfoTree", file: f})</script>'
    menu = "".join(
        f'<a href="/public/column/{n}">{n}部门年报</a>'.replace(f"{n}部门", "部门" if n else "乡镇") for n in range(2)
    )
    assert read(page(item(1), tail=odd), "https://www.a.gov.cn/x/").doubt == "interface_not_understood"
    found = read(f"<html><title>政府信息公开年报</title>{menu}{odd}</html>", "https://www.a.gov.cn/x/")
    assert (found.outcome, found.hub, len(found.subcolumns)) == (LookOutcome.CHANGED, False, 2)


def judged(body: str, year: int = 2021, title: str = "甲县人民政府") -> tuple[CaptureOutcome, str]:
    verdict = Lonsun(name="x").judge_addressed(
        Page(REPORT.format(year), f"<html><title>{title}</title><body>{body}</body></html>")
    )
    return verdict.outcome, verdict.reason


def test_an_addressed_page_is_the_report_or_empty_or_not_understood() -> None:
    text = "<p>一、总体情况</p>" + "<p>本机关认真贯彻落实条例，主动公开各类信息。</p>" * 4
    of = "<h1>甲县财政局{}年政府信息公开工作年度报告</h1>".format
    body = '<div class="j-fontContent">{}</div>'.format
    report, empty, odd = (
        (CaptureOutcome.PAGE, ""),
        (CaptureOutcome.SOFT_404, "empty_report"),
        (CaptureOutcome.PAGE, "not_understood"),
    )
    assert judged(of(2021) + body(text)) == report
    assert judged(body("<p>本报告的统计期限为2021年1月1日至12月31日。</p>" + text)) == report
    assert judged(of(2021) + body('<a href="/group1/a.docx">附件</a>')) == report
    assert judged(body("")) == judged(body("暂无相关信息")) == judged("<p>暂无内容</p>") == empty
    assert judged(of(2020) + body(text)) == odd  # that of another year, shown instead
    assert judged(body(text)) == odd  # of which year, nobody says
    assert judged(of(2021) + body("")) == odd
    assert judged(body("系统繁忙，请稍后再试")) == odd
    assert judged("<p>首页</p>") == odd
    assert judged("") == odd


def test_saved_pages_are_known_by_their_marks(saved: Saved) -> None:
    for name in ("detail_hfss_county.html", "detail_jyt_ah.html"):
        assert recognise("https://www.a.gov.cn/", saved(f"lonsun/{name}"))[0][0] == "lonsun"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "labelName:",
                "'publicInfoList'",
                '"',
                "siteId: 1",
                ",",
                "pageCount:9",
                "/site/label/8888",
                "<ul>",
                item(1),
                "'",
            ]
        ),
        max_size=25,
    )
)
def test_no_script_raises(pieces: list[str]) -> None:
    found = read("<html><title>政府信息公开年报</title>" + "".join(pieces) + "</html>")
    assert found.links or found.outcome is not LookOutcome.OK or found.following


@pytest.fixture
def wanping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    with county(tmp_path / "archive", scenario("lonsun", NB)) as running:
        running.spider("lonsun.Lonsun", listing(address_of(NB), "nb"))
        yield running


def test_every_report_and_nothing_else_is_found(wanping: County) -> None:
    for day in (FIRST, THEN):
        (look,) = wanping.crawl(day)
        assert look.outcome is LookOutcome.OK
        assert wanping.found(look) == wanping.true_entries(day, "nb")
        assert wanping.fetched() == wanping.true_reports(day, "nb")
    assert len(wanping.fetched(CaptureRole.ATTACHMENT)) == 1


def test_what_fails_is_told_apart_and_never_an_empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    columns = [column(f"c{n}", f"/public/column/10{n}") for n in range(5)]
    with county(tmp_path / "archive", scenario("lonsun", *columns, size=2)) as wanping:
        wanping.spider("lonsun.Lonsun", *(listing(address_of(one), one.key) for one in columns))
        wanping.fail("not_found", lambda ask: "label" in ask.path and ask.query["organId"] == "100")
        wanping.fail("soft_404", lambda ask: "label" in ask.path and ask.query["organId"] == "101")
        wanping.reword("href=", "data-id=", "/public/column/102")
        wanping.reword("publicInfo", "publicTree", "/public/column/102")
        wanping.fail("challenge", lambda ask: ask.path == "/public/column/104")
        looks = [look for look in wanping.crawl() if ":found-" not in look.listing]
        assert ends(looks) == [*EXPECTED[:2], LookOutcome.SCRIPT_ONLY, *EXPECTED[3:]]  # reports without an address
        first, _, _, whole, _ = sorted(looks, key=lambda look: look.listing)
        assert len(wanping.found(first)) == 2  # the first page's leads are kept
        assert wanping.found(whole) == wanping.true_entries(FIRST, "c3")


def test_organs_and_years_are_asked_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    with county(tmp_path / "archive", scenario("lonsun", ORGANS)) as wanping:
        address = f"http://{HOST}/public/column/{{code}}?type=3&action=detail&nav=3&title={{year}}"
        wanping.spider("lonsun.Lonsun", f'addressed("nb", "{address}", title="政府信息公开年报")')
        looks = wanping.crawl()
        held = {url for look in looks for url in wanping.found(look)}
        assert held == wanping.true_reports(FIRST, "organs")
        absent = [look for look in looks if not wanping.found(look)]
        assert [(look.listing.partition("/")[2], look.outcome, look.reason) for look in absent] == [
            ("d4/2025", LookOutcome.OK, "empty_report")
        ]
        assert absent[0].control
        late = next(look for look in wanping.crawl(THEN) if look.listing.endswith("/d4/2025"))
        assert wanping.found(late) == wanping.true_reports(THEN, "organs") - held
