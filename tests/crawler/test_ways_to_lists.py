"""A page without an item that is there to lead to other lists, and those that may have lost their items."""

from __future__ import annotations

import pytest

from crawler.cms.static_list import StaticList
from crawler.lists.list_page import Page
from crawler.looks.sibling_lists import FirstPage, is_way_to

HOST = "http://www.wanping.gov.cn/gk/"
ENTRY = '<ul><li><a href="/art/1.html">宛平县司法局{year}年政府信息公开工作年度报告</a> {next}-01-20</li></ul>'


def page(path: str, body: str, label: str = "政府信息公开年报") -> Page:
    head = "<title>政府信息公开年报</title>"
    return Page(HOST + path, f"<html><head>{head}</head><body>{body}</body></html>", column=label)


def read(path: str, year: int) -> FirstPage:
    shown = page(path, ENTRY.format(year=year, next=year + 1))
    return FirstPage(shown.url, f"{year}年", shown, StaticList(name="x").read_list(shown))


LISTS = [read("c2/nb.html", 2025), read("c3/nb.html", 2024)]
BOTH = '<div><a href="/gk/c2/nb.html">2025年</a><a href="/gk/c3/nb.html">2024年</a></div>'
WAYS = (f"{HOST}c2/nb.html", f"{HOST}c3/nb.html")


@pytest.mark.parametrize(
    ("body", "label", "ways", "leads"),
    [
        (BOTH, "政府信息公开年报", WAYS, True),
        (BOTH, "政府信息公开年报", (), True),
        (BOTH, "政府信息公开年报", (*WAYS, f"{HOST}c4/nb.html"), False),  # one of them was not read
        (BOTH, "政府信息公开年报>2023年", WAYS, False),  # a folder of a year that may have lost its items
        (f"<div><b>2023年</b>{BOTH[5:]}", "政府信息公开年报", WAYS, False),  # the same by its bar of years
        ('<a href="/gk/c2/nb.html">2025年</a>', "政府信息公开年报", WAYS[:1], False),
        (BOTH + '<ul id="list"></ul>', "政府信息公开年报", WAYS, False),  # a place for items
        (f'{BOTH[:-6]}<a href="/gk/c4/nb.html">综合类</a></div>', "政府信息公开年报", WAYS, False),  # one beside them
        (BOTH + '<ul><li><a href="/gk/c4/nb.html">政策文件</a></li></ul>', "政府信息公开年报", WAYS, True),
    ],
)
def test_an_index_of_lists_that_were_read_has_no_items_of_its_own(
    body: str, label: str, ways: tuple[str, ...], leads: bool
) -> None:
    assert is_way_to(page("c1/nb.html", body, label), LISTS, ways) is leads


def test_a_route_of_a_sites_one_script_is_no_column_without_it() -> None:
    shown = page("", '<a href="/zfxxgk/#/nb">政府信息公开年报</a><a href="/bm/nb/">部门政府信息公开年报</a>')
    assert [link.url for link in StaticList(name="x").read_list(shown).subcolumns] == [
        "http://www.wanping.gov.cn/bm/nb/"
    ]


def test_what_stands_among_folders_is_one_whatever_it_is_called() -> None:
    boxes = "".join(
        f'<div class="sub"><h3><a href="{href}">{label}</a></h3></div>'
        for href, label in (
            ("a/", "乡镇街道"),
            ("b/", "综合类"),
            ("/gk/zn/", "其他"),
            ("content_1.html", "2024年度报告"),
        )
    )
    menu = '<ul><li><a href="c/">办事大厅</a></li></ul>'
    shown = Page(f"{HOST}nb/y2024/index.htm", f"<body>{menu}{boxes}</body>", column="政府信息公开年报>2024年度")
    found = StaticList(name="x").read_list(Page(shown.url, f"<title>2024年度</title>{shown.text}", column=shown.column))
    assert [link.text for link in found.subcolumns] == ["乡镇街道", "综合类"]


@pytest.mark.parametrize(("others", "followed"), [(("综合类",), True), (("综合类", "政策", "规划", "许可"), False)])
def test_at_addresses_of_other_numbers_it_is_one_where_most_are(others: tuple[str, ...], followed: bool) -> None:
    labels = ("部门政府信息公开年报", "乡镇政府信息公开年报", *others)
    menu = "".join(
        f'<li><a href="/col/col{number}/index.html">{label}</a></li>' for number, label in enumerate(labels, 20)
    )
    shown = Page("http://www.wanping.gov.cn/col/col19/index.html", f"<title>政府信息公开年报</title><ul>{menu}</ul>")
    found = {link.text for link in StaticList(name="x").read_list(shown).subcolumns}
    assert found == {*labels[:2], *(others if followed else ())}
