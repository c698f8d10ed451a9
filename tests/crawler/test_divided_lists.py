"""A full number of entries: of lists that a page divides by groups of bodies, of tables of bodies by years."""

# ruff: noqa: E501 - markup stays on one line

from __future__ import annotations

import pytest

from crawler.cms.generic import Generic
from crawler.lists.list_page import Page
from crawler.looks.sibling_lists import FirstPage, ends_there

AT = "http://www.wanping.gov.cn/nb/{}.html"
YEARS = (2025, 2024, 2023)
CUT = "end_of_list_not_said"


def entries(group: int, count: int, year: int = 2024) -> str:
    return "<ul>" + "".join(
        f"<li><a href='/view/{year}{group}{n:02}.html'>宛平县第{group}{n}局{year}年政府信息公开工作年度报告</a></li>" for n in range(count)
    ) + "</ul>"  # fmt: skip


def divided(
    *counts: int, names: tuple[str, ...] = ("县人民政府", "县级部门", "乡镇（街道）"), year: int = 2024
) -> Page:
    blocks = "".join(
        f"<div class='block'><h3>{name}</h3>{entries(at, count, year)}</div>"
        for at, (name, count) in enumerate(zip(names, counts, strict=True))
    )
    return Page(
        AT.format(year),
        f"<html><head><title>政府信息公开年报</title></head><body><div class='m'>{blocks}</div></body></html>",
    )


def with_menu(bodies: int, titles: int = 5, menu: str = "<ul class='units'>{}</ul>", name: str = "第{}局") -> Page:
    """A body's page: a list of reports beside a menu of bodies."""
    links = "".join(f"<li><a href='/gkml.jsp?deptid={100 + n}'>{name.format(n)}</a></li>" for n in range(bodies))
    return Page(
        AT.format("gknb"),
        f"<html><head><title>公开年报</title></head><body>{entries(1, titles)}{menu.format(links)}</body></html>",
    )


def table(rows: int, head: tuple[str, ...]) -> Page:
    heads = "".join(f"<th>{text}</th>" for text in head)
    body = "".join(
        f"<tr><td>第{n}局</td>"
        + "".join(f"<td><a href='/view/{n}{at}.html'>查看</a></td>" for at, _ in enumerate(head[1:]))
        + "</tr>"
        for n in range(rows)
    )
    return Page(
        AT.format("index"),
        f"<html><head><title>政府信息公开年报</title></head><body><table><tr>{heads}</tr>{body}</table></body></html>",
    )


@pytest.mark.parametrize(
    ("page", "doubt"),
    [
        (divided(1, 9, 5), ""),  # fifteen, none of them on one list
        (divided(1, 10, 4), CUT),  # the departments may go on
        (divided(5, 5, 5), CUT),  # each may show its first five
        (divided(1, 9, 5, names=("一", "二", "三")), CUT),
        (divided(15, names=("县级部门",)), CUT),
        (table(5, ("单位", "2025年", "2024", "2023年度")), ""),
        (table(10, ("单位", "2025年", "2024", "2023年度")), ""),
        (with_menu(15), ""),  # twenty links, five of them reports
        (
            with_menu(
                15,
                menu="<a href='/gkml.jsp?deptid=100'>信息公开</a><ul><li><a href='/gkml.jsp?deptid=101'>公开目录</a></li>{}</ul>",
            ),
            "",
        ),
        (with_menu(5, 10), CUT),
        (with_menu(15, name="第{}局2024年政府信息公开工作年度报告"), CUT),
    ],
)
def test_a_full_number_is_that_of_one_list(page: Page, doubt: str) -> None:
    found = Generic(name="x").read_list(page)
    assert (len(found.links) > 0, found.doubt) == (True, doubt)


def first(page: Page, year: int) -> FirstPage:
    return FirstPage(page.url, f"政府信息公开年报>{year}", page, Generic(name="x").read_list(page))


@pytest.mark.parametrize(("counts", "ends"), [((1, 10, 5), True), ((1, 10, 4), False), ((1, 9, 4), False)])
def test_a_divided_list_of_another_year_that_shows_more_shows_the_end(counts: tuple[int, ...], ends: bool) -> None:
    doubted = first(divided(1, 10, 4), 2024)
    assert doubted.read.doubt == CUT
    assert ends_there(doubted, [doubted, first(divided(*counts, year=2023), 2023)]) is ends
