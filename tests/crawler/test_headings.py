"""Items that are whole only with what stands over them: whose report, of which year."""

# ruff: noqa: E501 - markup, titles and addresses stay on one line, as they came

from __future__ import annotations

import pytest

from crawler.cms.static_list import StaticList
from crawler.lists.list_page import ListPage, Page
from storage.records import LookOutcome

AT = "http://www.wanping.gov.cn/xx/nb/index.html"


def read(markup: str, title: str = "政府信息公开年报") -> ListPage:
    return StaticList(name="x").read_list(Page(AT, f"<html><title>{title}</title><body>{markup}</body></html>"))


def texts(markup: str, title: str = "政府信息公开年报") -> list[str]:
    return [link.text for link in read(markup, title).links]


def cell(path: str, text: str = "查看") -> str:
    return f"<td><a href='/xx/nb/{path}.html'>{text}</a></td>"


HEAD = "<tr><th>单位</th><th>2024年</th><th>2023年度</th></tr>"


def test_a_cell_of_a_table_has_the_headings_of_its_row_and_column() -> None:
    rows = f"<tr><td>县财政局</td><td></td>{cell('a1')}</tr><tr><td>县民政局</td>{cell('b2')}{cell('b1', '下载')}</tr>"
    third = f"<tr><td>县司法局</td>{cell('c2')}<td></td></tr>"
    assert texts(f"<table>{HEAD}{rows}{third}</table>") == [
        "县财政局2023年政府信息公开年报", "县民政局2024年政府信息公开年报", "县民政局2023年政府信息公开年报", "县司法局2024年政府信息公开年报",
    ]  # fmt: skip
    assert (
        texts(f"<table>{HEAD}{rows}</table>") == texts(f"<table>{HEAD}{rows}{third}</table>")[:3]
    )  # a tab of two bodies
    one_year = "<tr><th>单位</th><th>2024年</th></tr>"
    two = "".join(f"<tr><td>{body}</td>{cell(body)}</tr>" for body in ("县财政局", "县民政局"))
    assert texts(f"<table>{one_year}{two}</table>") == []  # under one year, two names are no list of bodies
    groups = "<tr><td colspan='3'>{}</td></tr>"  # such a row says nothing of the columns
    parted = f"<table>{groups.format('宛平县各单位')}{HEAD}{rows}{groups.format('其他')}{third}</table>"
    assert texts(parted) == texts(f"<table>{HEAD}{rows}{third}</table>")
    years = "".join(
        f"<tr><td>{n}</td><td>{body}</td>{cell(f'a{n}', '2024年')}{cell(f'b{n}', '2023年年报')}</tr>"
        for n, body in enumerate(("县财政局", "县民政局", "县司法局"), 1)
    )
    assert texts(f"<table>{years}</table>")[:2] == ["县财政局2024年政府信息公开年报", "县财政局2023年年报"]
    each = "".join(
        f"<tr><td>{n}</td><td>{body}</td><td>{year}</td><td>{year + 1}-01-20</td>{cell(f'a{n}', '点击查看')}</tr>"
        for n, (body, year) in enumerate((("县财政局", 2024), ("县民政局", 2024), ("县司法局", 2023)))
    )
    head = "<tr><th>序号</th><th>单位</th><th>年度</th><th>日期</th><th>操作</th></tr>"
    assert texts(f"<table>{head}{each}</table>")[1:] == [
        "县民政局2024年政府信息公开年报", "县司法局2023年政府信息公开年报",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        f"{HEAD}<tr><td rowspan='2'>县财政局</td>{cell('a')}</tr><tr>{cell('b')}{cell('c')}</tr>",  # under another column
        f"{HEAD}<tr><td>县财政局</td>{cell('a')}</tr>",  # a cell is missing: nobody knows which
        f"<tr><th>单位</th><th>报告</th></tr><tr><td>县财政局</td>{cell('a')}</tr>",
        f"{HEAD}<tr><td>序号</td>{cell('a')}{cell('b')}</tr>",
    ],
)
def test_no_heading_is_guessed(table: str) -> None:
    more = "".join(
        f"<tr><td>{body}</td>{cell(body)}{cell(body + '1')}</tr>" for body in ("县民政局", "县司法局", "县水利局")
    )
    assert not [text for text in texts(f"<table>{table}{more}</table>") if "县财政局" in text or "序号" in text]


def test_a_page_that_is_no_column_of_reports_has_no_such_headings() -> None:
    assert texts(f"<table>{HEAD}<tr><td>县财政局</td>{cell('a')}{cell('b')}</tr></table>", "部门预算") == []


def accordion(*bodies: str) -> str:
    return "".join(
        f"<dl><dt>{body}：</dt><dd><ul>"
        + "".join(f"<li><a href='/x/{n}{y}.html'>{y}年度报告</a><span>{y + 1}-01-20</span></li>" for y in (2024, 2023))
        + "</ul></dd></dl>"
        for n, body in enumerate(bodies)
    )


def test_a_list_below_a_body_is_that_bodys_where_there_are_several() -> None:
    bodies = ("县民政局", "县财政局", "县司法局")
    assert texts(accordion(*bodies)) == [f"{body}{year}年度报告" for body in bodies for year in (2024, 2023)]
    assert set(texts(accordion("县民政局", "县财政局"))) == {
        "2024年度报告",
        "2023年度报告",
    }  # they may stand over anything
    own = accordion(*bodies).replace("/x/02024", "/x/12024")
    assert set(texts(own)) == {"2024年度报告", "2023年度报告"}  # one report below two bodies is nobody's
    own = accordion(*bodies, "县水利局").replace("<li><a href='/x/02024.html'>", "<li><a href='/x/0.html'>县审计局")
    assert "县审计局2024年度报告" in texts(own)


def years(*dates: int) -> str:
    tabs = "".join(f"<a href='javascript:;' data-id='y{y}'>{y}年</a>" for y in (2024, 2023))
    return tabs + "".join(
        f"<div id='y{y}'><h3>{y}年</h3><ul><li><a href='/x/{y}1.html'>县财政局政府信息公开工作年度报告</a><span>{date}-01-20</span></li></ul></div>"
        for y, date in zip((2024, 2023), dates, strict=True)
    )


def test_a_heading_of_a_year_is_the_reports_only_where_it_is_older_than_the_item() -> None:
    found = read(years(2025, 2024))
    assert [link.text for link in found.links] == [
        "2024年县财政局政府信息公开工作年度报告", "2023年县财政局政府信息公开工作年度报告",
    ]  # fmt: skip
    assert (found.outcome, found.doubt) == (LookOutcome.OK, "")  # all years that its tabs offer are there
    assert {link.text for link in read(years(2024, 2023)).links} == {
        "县财政局政府信息公开工作年度报告"
    }  # published then


def test_a_year_stands_over_groups_of_bodies_by_its_rank() -> None:
    def group(name: str, year: int, *bodies: str) -> str:
        items = "".join(f'<li><a href="/a/{year + 1}/{body}.html">{body}</a></li>' for body in bodies)
        return f"<h4>{name}</h4><ul>{items}</ul>"

    markup = "".join(
        f"<h2>{year}年度</h2>{group('县政府', year)}{group('县直部门', year, '司法局', '财政局', '审计局')}{group('乡镇', year, '城关镇')}"
        for year in (2024, 2023)
    )
    titles = [link.text for link in read(markup).links]
    bodies = ("司法局", "财政局", "审计局", "城关镇")
    assert titles == [f"{body}{year}年政府信息公开年报" for year in (2024, 2023) for body in bodies]
    below = read(
        f"<h2>2024年度</h2>{group('县直部门', 2024, '司法局', '财政局', '审计局')}<h1>其他</h1>{group('乡镇', 2024, '城关镇')}"
    )
    assert [link.text[:3] for link in below.links] == ["司法局", "财政局", "审计局"]


def test_a_page_may_say_what_it_is_in_its_path() -> None:
    rows = "".join(
        f"<tr><td>{body}</td>{cell(body)}{cell(body + '1')}</tr>" for body in ("县民政局", "县司法局", "县水利局")
    )
    path = "<div class='crumbs'>首页 &gt; 政府信息公开 &gt; 政府信息公开年报</div>"
    assert len(texts(f"{path}<table>{HEAD}{rows}</table>", title="宛平县人民政府")) == 6


def panel(year: int, href: str, *bodies: str) -> str:
    rows = "".join(f"<p><a href='{href.format(year=year, at=at)}'>{body}</a></p>" for at, body in enumerate(bodies))
    return f"<div class='head' onclick='toggle(this)'><h4>{year}年政府信息公开年度报告</h4></div><div class='panel'>{rows}</div>"


def test_panels_of_years_hold_the_files_of_bodies_and_their_heads_are_no_entries() -> None:
    bodies = ("宛平县财政局", "宛平县民政局", "宛平县司法局")
    found = read("".join(panel(year, "upload/{year}/{at}.docx", *bodies) for year in (2025, 2024)))
    assert [link.text for link in found.links] == [
        f"{body}{year}年政府信息公开年报" for year in (2025, 2024) for body in bodies
    ]
    assert (found.outcome, found.doubt) == (LookOutcome.OK, "")


def test_an_entry_that_a_script_opens_is_told_where_nothing_stands_behind_it() -> None:
    entries = "".join(f"<div onclick='show({year})'>{year}年政府信息公开年度报告</div>" for year in (2025, 2024))
    row = "<ul><li><a href='t20240110_1.html'>宛平县财政局2023年政府信息公开年度报告</a></li></ul>"
    assert read(row + entries).doubt == "address_by_script"


def published(*rows: tuple[str, str], head: str = "发布机构", title: str = "政府信息公开年报") -> list[str]:
    """Titles of a catalogue table: (title, who published it)."""
    cells = "".join(
        f"<tr><td>{n}</td><td><a href='/xx/nb/{n}.html'>{title}</a></td><td>{body}</td><td>2024-01-2{n}</td></tr>"
        for n, (title, body) in enumerate(rows)
    )
    return texts(f"<table><tr><th>序号</th><th>标题</th><th>{head}</th><th>日期</th></tr>{cells}</table>", title)


NOBODYS = "2023年政府信息公开工作年度报告"


def test_a_title_without_a_body_has_the_one_that_the_column_of_publishers_names() -> None:
    agreed = ("宛平县财政局2023年政府信息公开工作年度报告", "财政局")
    assert published(agreed, (NOBODYS, "宛平县司法局")) == [agreed[0], f"宛平县司法局{NOBODYS}"]
    three = [(NOBODYS, body) for body in ("宛平县司法局", "宛平县民政局", "太平镇人民政府")]
    assert published(*three, head="公开单位") == [f"{body}{NOBODYS}" for _, body in three]
    assert published(*three, title="2023年") == [f"{body}{NOBODYS}" for _, body in three]  # they say all but whose


@pytest.mark.parametrize(
    "rows",
    [
        [(f"宛平县财政局{NOBODYS}", "宛平县司法局"), (NOBODYS, "宛平县司法局")],  # one publishes for another
        [(NOBODYS, "宛平县司法局"), (f"2022{NOBODYS[4:]}", "宛平县司法局")],  # one name that nothing bears out
        [(f"宛平县财政局{NOBODYS}", "财政局"), (NOBODYS, "县政府办公室")],  # the government's, or that of its office
        [(f"宛平县财政局{NOBODYS}", "财政局"), (NOBODYS, "")],
    ],
)
def test_a_column_of_publishers_that_may_mean_something_else_is_not_believed(rows: list[tuple[str, str]]) -> None:
    assert published(*rows) == [title for title, _ in rows]
    assert published(("宛平县财政局" + NOBODYS, "财政局"), (NOBODYS, "宛平县司法局"), head="阅读") == [
        "宛平县财政局" + NOBODYS, NOBODYS,
    ]  # fmt: skip


def test_the_office_is_a_publisher_beside_others_and_the_governments_own_report_of_the_year() -> None:
    others = [(NOBODYS, body) for body in ("宛平县司法局", "宛平县民政局", "太平镇人民政府")]
    office, own = (NOBODYS, "县政府办公室"), (f"宛平县人民政府{NOBODYS}", "县人民政府")
    assert published(*others, office, own)[3] == f"县政府办公室{NOBODYS}"
    assert published(*others, office)[3] == NOBODYS  # the government's perhaps, which its office publishes
    assert published(*others, office, (f"宛平县人民政府2022{NOBODYS[4:]}", "县人民政府"))[3] == NOBODYS
    assert published(*others[:1], office, own)[1] == NOBODYS


def announced(title: str, *bodies: str, year: str = "") -> list[str]:
    rows = "".join(
        f"<tr><td>{n}</td><td>{body}</td>{year}{cell(f'h{n}', '下载' if n == 2 else '点击查看')}</tr>"
        for n, body in enumerate(bodies, 1)
    )
    return texts(
        f"<div class='crumb'>政务公开 > 政府信息公开年报</div><h1>{title}</h1><table><tr><th>序号</th><th>单位</th>"
        f"{year and '<th>年度</th>'}<th>报告</th></tr>{rows}</table>",
        title,
    )


def test_rows_of_a_page_that_announces_the_reports_of_many_are_the_bodies_reports() -> None:
    title, bodies = "宛平县各单位2024年政府信息公开工作年度报告", ("财政局", "农业农村局", "城关镇")
    whole = [f"{body}2024年政府信息公开工作年度报告" for body in bodies]
    assert announced("宛平县2024年政府信息公开工作年度报告汇总", *bodies) == whole
    assert announced(title, *bodies) == whole
    assert announced(title, *bodies, year="<td>2024年</td>")[0].startswith("财政局2024年")
    assert announced(title, *bodies[:2]) == []  # two are no list of bodies
    assert announced("宛平县各单位2024年工作要点", *bodies) == []  # reports of what, nobody says
