"""Unknown systems, read from the page alone: repeated structure, any declared pager, ends that are not seen."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import re
from pathlib import Path

import pytest
from county import column, scenario
from hypothesis import given, settings
from hypothesis import strategies as st
from whole_crawl import look_at, prove, reports_among, true_reports

from crawler.cms.generic import Generic
from crawler.lists.address_shapes import shape_of
from crawler.lists.list_page import ListPage, Page
from storage.records import LookOutcome
from tests.real_documents import Saved

AT = "http://www.a.gov.cn/open/nb/"


def read(text: str, url: str = AT) -> ListPage:
    return Generic(name="x").read_list(Page(url, f"<title>政府信息公开年报</title>{text}"))


def cards(numbers: range, dated: int = 2) -> str:
    return "".join(
        f'<div class="card"><a href="view/{84000 + n}">甲县第{n}局公开的材料</a><em>{"2026-01-20" if n % dated == 0 else ""}</em></div>'
        for n in numbers
    )


@pytest.mark.parametrize(
    ("url", "same", "other"),
    [
        ("http://a/x/2024/12/abc_1234.html", "http://a/x/2023/1/abc_9.html", "http://a/y/2024/12/abc_1234.html"),
        ("http://a/v.jsp?id=1234&x=a", "http://a/v.jsp?id=77&x=a", "http://a/v.jsp?id=77&x=b"),
        (
            "http://a/c/bd1244e9-83be-4acc-9962-5c3adb9f5167.html",
            "http://a/c/aeb0c6b9-2a0a-4d8e-be9b-ffd9af02a2d8.html",
            "http://a/c/index.html",
        ),
        ("http://a/n/4014696/index.html", "http://a/n/4014697/index.html", "http://a/n/index.html"),
        ("http://a/view/84521", "http://a/view/9", "http://a/view/about"),
    ],
)
def test_the_shape_of_an_address(url: str, same: str, other: str) -> None:
    assert re.search(shape_of(url), same)
    assert not re.search(shape_of(url), other)


@pytest.mark.parametrize(
    "url", ["http://a/nb/index.html", "http://a/", "http://a/x?id=7", "http://a/zwgk", "http://[", "x" * 400 + "/1234"]
)
def test_what_has_no_number_to_speak_of_has_no_shape(url: str) -> None:
    assert url == "http://[" or shape_of(url) == ""


def test_items_without_a_date_are_known_by_those_with_one() -> None:
    found = read(f'<a href="/about/12">联系我们的方式</a>{cards(range(1, 8))}')
    assert len(found.links) == 7
    assert [link.listed for link in found.links[:2]] == [None, "2026-01-20"]


def test_names_of_bodies_under_addresses_of_one_shape_are_items() -> None:
    rows = "".join(
        f'<td><a href="show.do?doc=99{n}">宛平县{name}</a></td>'
        for n, name in enumerate(("财政局", "教育局", "水利局"))
    )
    found = read(f"<table><tr>{rows}</tr></table><a href='about.do?doc=1111'>收藏本站</a>")
    assert [link.text for link in found.links] == ["宛平县财政局", "宛平县教育局", "宛平县水利局"]


def test_a_full_page_that_says_nothing_of_its_end_is_doubted() -> None:
    assert read(cards(range(1, 11), 1)).doubt == "end_of_list_not_said"
    for said in ("共10条", "共1页", "<span>上一页</span><span>下一页</span>", '<a href="?pageNo=2">下一页</a>'):
        assert read(cards(range(1, 11), 1) + said).doubt == ""
    assert read(cards(range(1, 9), 1)).doubt == ""


def test_real_lists_of_other_systems_are_read_too(saved: Saved) -> None:
    found = read(saved("vsb/list_pager_part.html"), "http://www.a.gov.cn/cg/zbgg.htm")
    assert (len(found.links), found.total, len(found.following)) == (2, 52, 1)
    assert len(read(saved("henan_dated/list_yindu_county_part.html")).links) == 3
    ordos = read(saved("trs_wcm/annual_list_ordos_egb.html"))
    assert (len(ordos.links), ordos.pages) == (10, 2)
    assert read(saved("trs_dir_style/handan_list.html")).pages == 56


@pytest.mark.parametrize(
    "family", ["unknown", "posted", "rednet", "easysite", "ucap", "ucap_packed", "nfcms", "trs_bare", "vsb"]
)
def test_lists_of_any_system_are_read_to_their_end(tmp_path: Path, family: str) -> None:
    path = {"vsb": "/zfxxgk/nb.htm", "ucap": "/c1/common_list.shtml", "ucap_packed": "/c1/common_list.shtml"}.get(
        family, "/open/nb/"
    )
    made = scenario(family, column("nb", path))
    look, links, truth = look_at(tmp_path, Generic, made)
    assert (look.outcome, look.reason, {link.url for link in links}) == (LookOutcome.OK, "", truth)
    assert reports_among(links) == true_reports(made, tmp_path)


def test_a_list_whose_end_is_not_seen_is_read_in_part(tmp_path: Path) -> None:
    look, links, truth = look_at(tmp_path, Generic, scenario("mute", column("nb", "/open/nb/")))
    assert (look.outcome, look.reason) == (LookOutcome.PARTIAL, "4_of_21")  # the script says how many
    assert {link.url for link in links} < truth


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="<>/=\"' ahrefdivtlcps?[]01239年报告局:;#&%\x00", max_size=300))
def test_no_page_makes_it_raise(text: str) -> None:
    assert isinstance(read(text), ListPage)
    assert isinstance(read(f"<a href='{text}'>甲县财政局2024年年报</a><script>atob(1)</script><i>{text}</i>"), ListPage)
    shape_of(f"http://a.gov.cn/{text}")


def test_a_county_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DELAY", "0.01")
    prove(tmp_path / "archive", "generic.Generic", "unknown", "/open/nb/", "/open/nb/list-2.do")


def under(who: str, years: range, *, folder: str = "", title: str = "{}年政府信息公开工作年度报告") -> str:
    rows = (f"<li><a href='{folder}{year}/index.html'>{title.format(year)}</a></li>" for year in years)
    return f"<div><h3>{who}</h3><ul>{''.join(rows)}</ul></div>"


def test_titles_without_a_body_are_named_by_the_heading_they_stand_under() -> None:
    years, bodies = range(2022, 2025), ("甲县财政局", "甲县司法局", "东关街道")
    groups = [under(who, years, folder=f"{n}/") for n, who in enumerate(bodies)]
    assert [(link.url.removeprefix(AT), link.text) for link in read("".join(groups)).links] == [
        (f"{n}/{year}/index.html", f"{who}{year}年政府信息公开工作年度报告")
        for n, who in enumerate(bodies)
        for year in years
    ]
    own = under("甲县民政局", years, folder="9/", title="甲县审计局{}年政府信息公开工作年度报告")
    assert "甲县审计局2022年政府信息公开工作年度报告" in [link.text for link in read("".join([*groups, own])).links]


@pytest.mark.parametrize(
    "groups",
    [
        under("甲县财政局", range(2022, 2025), folder="1/") + under("甲县司法局", range(2022, 2025), folder="2/"),
        "".join(under(who, range(2022, 2025)) for who in ("甲县财政局", "甲县司法局", "东关街道")),
        "".join(under(who, range(2022, 2025), folder=f"{who}/") for who in ("最新公开", "政策文件", "公示公告")),
        "".join(
            under(who, range(2022, 2025), folder=f"{who}/").replace("</ul>", f"<li><a href='x{who}/2022.html'>2022年政府信息公开工作年度报告</a></li></ul>")
            for who in ("甲县财政局", "甲县司法局", "东关街道")
        ),
    ],
    ids=["two_bodies", "same_addresses", "no_bodies", "a_title_twice"],
)  # fmt: skip
def test_headings_that_may_not_be_the_titles_bodies_name_nothing(groups: str) -> None:
    assert {re.sub(r"\d{4}", "", link.text) for link in read(groups).links} == {"年政府信息公开工作年度报告"}
