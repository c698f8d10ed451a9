"""Which printed title is the page's own, among those of pages it links, lists or relates to."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify
from archive.parser.reader import read_plain

_REPORT = "政府信息公开工作年度报告"
OWN, OTHER, FORMER = f"汶上县水利局2024年{_REPORT}", f"汶上县财政局2024年{_REPORT}", f"汶上县水利局2023年{_REPORT}"
PAGE = f"<title>{OWN}</title>"
BODY = "<p>一、总体情况</p><p>2024年，我局公开信息12条。</p><p>二、主动公开政府信息情况</p><p>无。</p>"
RULE = "根据《中华人民共和国政府信息公开条例》规定，特编制本报告。统计期限自2024年1月1日起至2024年12月31日止。"


def link(title: str, address: str = "1.html") -> str:
    return f'<a href="{address}">{title}</a>'


def read(head: str, above: str, opening: str = RULE) -> tuple[str | None, int | None, tuple[str, ...], set[str]]:
    page = f"<html><head><meta charset=utf-8>{head}</head><body>{above}<p>{opening}</p>{BODY}</body></html>"
    reading = read_plain(page.encode())
    who = identify(reading.identity)
    return who.agency, who.year, reading.identity.titles, {found.code for found in reading.findings}


@pytest.mark.parametrize(
    "above",
    [
        f"<div><h3>相关报道</h3><ul><li>{link(OTHER)}</li></ul></div><h1>{OWN}</h1>",
        f"<div>热门：{link(OTHER)}</div><p>{OWN}</p>",
        f"<marquee>{link(FORMER)}</marquee><h2>{OWN}</h2>",
        f"<div><a href=2.html>汶上县财政局<br>2024年{_REPORT}</a></div><h2>{OWN}</h2>",
        f"<div><a onclick='go(3)'>{OTHER}</a></div><h2>{OWN}</h2>",
        f"<div>{link(OTHER)}<br>{link(FORMER)}<br>{OWN}</div>",
        f"<table><tr><td>·{link(FORMER)}</td><td>2024-01-20</td></tr></table><p>{OWN}</p>",
        f"<h1>{link(OWN)}</h1>",  # its own, a link to itself
        f"<div>{link(OTHER)}</div><h1>{link(OWN)}</h1>",
        f"<p>请输入关键字</p><h2>{OWN}</h2>",
        f"<h2>政府信息公开年报</h2><div><h3>{OWN}</h3></div>",
    ],
)
def test_what_leads_elsewhere_is_no_title_of_the_page(above: str) -> None:
    agency, year, titles, codes = read(PAGE, above)
    assert (agency, year, codes) == ("汶上县水利局", 2024, {"tables_absent"})
    assert [title for title in titles if "县" in title] == [OWN]


def test_the_title_that_the_page_bears_goes_before_another_printed_one() -> None:
    agency, year, titles, codes = read(PAGE, f"<p>{OTHER}</p><h1>{OWN}</h1>")
    assert (agency, year, titles[0]) == ("汶上县水利局", 2024, OWN)
    assert "title_conflict" in codes


@pytest.mark.parametrize(
    ("head", "above", "opening", "agency", "titles"),
    [
        ("", f"<h1>{link(OWN)}</h1>", RULE, "汶上县水利局", (OWN,)),  # nothing else names a body
        ("", f"<h1>{link(OWN)}</h1><h1>{link(OTHER)}</h1>", RULE, None, ()),
        ("", f"<p>{link(OTHER)}</p>", RULE, None, ()),
        ("", f"<p>{link(OTHER)}</p>", RULE.replace("特编制", "汶上县水利局编制"), "汶上县水利局", ()),
        ("", f"<p>附件：{link(OWN, 'a.docx')}</p>", RULE, "汶上县水利局", (f"附件：{OWN}",)),
        ("<title>汶上县水利局</title>", f"<h2>{_REPORT}</h2><p>{link(FORMER)}</p>", RULE, None, (_REPORT,)),
    ],
)
def test_a_link_names_the_report_only_where_nothing_else_speaks_against_it(
    head: str, above: str, opening: str, agency: str | None, titles: tuple[str, ...]
) -> None:
    assert read(head, above, opening)[:3] == (agency, 2024, titles)


def test_a_page_that_only_links_its_report_is_named_by_the_link() -> None:
    page = f"<html><head><meta charset=utf-8></head><body><p>{link(OWN + '.docx', 'a.docx')}</p></body></html>"
    assert identify(read_plain(page.encode()).identity).agency == "汶上县水利局"


@pytest.mark.parametrize(
    ("first", "second", "agency"),
    [
        ("汶上县人民政府", f"办公室2024年{_REPORT}", "汶上县人民政府办公室"),
        ("中共汶上县委机构编制委员会", f"办公室2024年{_REPORT}", "中共汶上县委机构编制委员会办公室"),
        ("济宁市生态环境局", f"汶上县分局2024年{_REPORT}", "济宁市生态环境局汶上县分局"),
        ("汶上县人民政府", f"汶上县分局2024年{_REPORT}", "汶上县分局"),  # the name of the site
        ("汶上县人民政府", OWN, "汶上县水利局"),
        ("汶上县水利局（汶上县", f"河长制办公室）2024年{_REPORT}", "汶上县水利局"),
        ("汶政发〔2025〕3号", OWN, "汶上县水利局"),
    ],
)
def test_a_body_on_a_line_of_its_own_has_its_office_on_the_next(first: str, second: str, agency: str) -> None:
    found, year, _, codes = read("", f"<p>{first}</p><p>{second}</p>")
    assert (found, year) == (agency, 2024)
    assert "title_conflict" not in codes


@pytest.mark.parametrize(
    "above",
    [
        f"{OTHER} 2025-01-11\n{FORMER} 2024-01-12",
        f"首页 政府信息公开\n  • {OTHER}[2025-01-11]\n\n  • {OWN}[2025-01-12]",
        f"{OTHER}\n2025-01-11\n{FORMER}\n2024-01-12",
        "汶上县人民政府 汶上县水利局 " + OWN,
    ],
)
def test_of_a_page_as_text_the_list_and_the_names_above_the_title_are_none_of_it(above: str) -> None:
    text = (
        f"{above}\n{OWN}\n信息来源：汶上县水利局\n一、总体情况\n2024年，我局公开信息12条。\n二、主动公开政府信息情况\n"
    )
    who = identify(read_plain(text.encode()).identity)
    assert (who.agency, who.year, who.findings) == ("汶上县水利局", 2024, ())


def test_a_day_behind_the_only_title_makes_no_list_of_it() -> None:
    text = f"{OWN} 2025-01-11\n一、总体情况\n2024年，我局公开信息12条。\n二、主动公开政府信息情况\n"
    assert identify(read_plain(text.encode()).identity).agency == "汶上县水利局"
