"""Tables of another year beside this year's: which are taken, and that a report stays one."""

from __future__ import annotations

import pytest

from archive.parser.reader import read
from storage.records import Reading

CELL = "proactive.admin_license.decided"
NAMES = ("行政许可", "行政处罚", "行政强制", "规章", "行政规范性文件", "行政事业性收费")


def table(figure: int, top: str = "") -> str:
    first = f'<tr><td colspan="4">{top}</td></tr>' if top else ""
    rows = (
        f"{first}<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
        f"<tr><td>规章</td>{f'<td>{figure}</td>' * 3}</tr><tr><td>行政规范性文件</td>{f'<td>{figure}</td>' * 3}</tr>"
        '<tr><td>信息内容</td><td colspan="3">本年处理决定数量</td></tr>'
        + "".join(f'<tr><td>{name}</td><td colspan="3">{figure}</td></tr>' for name in NAMES[:3])
        + '<tr><td>信息内容</td><td colspan="3">本年收费金额（单位：万元）</td></tr>'
        f'<tr><td>行政事业性收费</td><td colspan="3">{figure}</td></tr>'
    )
    return f"<table>{rows}</table>"


def page(body: str, title: str = "汶上县财政局2022年政府信息公开工作年度报告") -> Reading:
    heading = "<p>二、主动公开政府信息情况</p>"
    return read(f"<meta charset=utf-8><h1>{title}</h1><p>一、总体情况</p><p>无。</p>{heading}{body}".encode())


def codes(reading: Reading) -> set[str]:
    return {found.code for found in reading.findings}


@pytest.mark.parametrize(
    "body",
    [
        "<p>2021年数据</p>" + table(1) + "<p>2022年数据</p>" + table(2),
        "<p>上年度</p>" + table(1) + "<p>本年度</p>" + table(2),
        table(2) + "<p>附：上年数据</p>" + table(1),
        table(1) + "<p>（2022年度）</p>" + table(2),
        table(1, "2021年度") + "<p>又</p>" + table(2, "2022年度"),
        "<p>表1 2021年主动公开政府信息情况统计表</p>" + table(1) + "<p>表2 2022年情况统计表</p>" + table(2),
        "<p>2022年情况：</p>" + table(2) + "<p>2021年情况（供对比）：</p>" + table(1),
        "<p>2021年度收到和处理情况</p>" + table(1) + "<p>2022年度收到和处理情况</p>" + table(2),
    ],
)
def test_a_label_tells_which_table_is_this_years(body: str) -> None:
    reading = page(body)
    assert reading.is_report
    assert reading.cells[CELL].value == 2
    assert not reading.cells[CELL].flags
    assert "other_years_tables" in codes(reading)
    assert "duplicate_differs" not in codes(reading)


@pytest.mark.parametrize("label", ["又", "2021年和2022年数据", "2021年数据与2022年数据比较", "上年结转"])
def test_without_a_label_of_one_year_the_first_stands_in_doubt(label: str) -> None:
    reading = page(table(1) + f"<p>{label}</p>" + table(2))
    assert reading.is_report
    assert reading.cells[CELL].value == 1
    assert "conflict" in reading.cells[CELL].flags
    assert "duplicate_differs" in codes(reading)


@pytest.mark.parametrize("years", [("2021年度", "2022年度"), ("2022年度", "2021年度")])
def test_a_year_in_a_row_over_the_whole_table_is_of_all_blocks_below_it(years: tuple[str, str]) -> None:
    figures = [1 if year == "2021年度" else 2 for year in years]
    tops = [f'<tr><td colspan="4">{year}</td></tr><tr><td colspan="4">第二十条第（一）项</td></tr>' for year in years]
    parts = [table(figure).replace("<table>", f"<table>{top}") for figure, top in zip(figures, tops, strict=True)]
    for body in ("<p>又</p>".join(parts), "".join(parts).replace("</table><table>", "")):
        reading = page(body)
        names = [name for name in reading.cells if name.startswith("proactive.")]
        assert len(names) > 9
        assert {reading.cells[name].value for name in names} == {2}
        assert "duplicate_differs" not in codes(reading)


def test_a_heading_of_this_years_section_is_no_label_of_a_table() -> None:
    heading = "<p>二、2022年主动公开政府信息情况</p>"
    reading = page(heading + table(1) + "<p>六、其他需要报告的事项</p>" + table(2))
    assert "conflict" in reading.cells[CELL].flags


def test_a_table_that_stands_for_no_other_is_never_left_out() -> None:
    reading = page("<p>上年数据</p>" + table(1) + "<p>其他</p><table><tr><td>行政许可</td><td>2</td></tr></table>")
    assert reading.cells[CELL].value == 1
    assert "conflict" in reading.cells[CELL].flags


def test_a_comparison_without_a_reports_title_is_none() -> None:
    compared = page(table(1) + "<p>又</p>" + table(2), "有关数据")
    assert (compared.reason, [said.code for said in compared.findings]) == ("comparison", ["tables_compared"])
    named = "汶上县财政局2022年政府信息公开工作年度报告数据对比表"
    assert page(table(1) + "<p>又</p>" + table(2), named).reason == "comparison"


def whole(year: int, figure: int, agency: str = "汶上县财政局") -> str:
    title = f"<h1>{agency}{year}年政府信息公开工作年度报告</h1>"
    return f"{title}<p>一、总体情况</p><p>无。</p><p>二、主动公开政府信息情况</p>{table(figure)}"


def said(body: str, title: str = "汶上县财政局2022年政府信息公开工作年度报告") -> Reading:
    return read(f'<meta charset=utf-8><meta name="ArticleTitle" content="{title}">{body}'.encode())


@pytest.mark.parametrize("body", [whole(2021, 1) + whole(2022, 2), whole(2022, 2) + whole(2021, 1)])
def test_of_two_reports_the_one_of_the_pages_title_is_taken(body: str) -> None:
    reading = said(body)
    assert reading.title == "汶上县财政局2022年政府信息公开工作年度报告"
    assert reading.cells[CELL].value == 2
    assert not reading.cells[CELL].flags
    assert "2021" in next(str(found.found) for found in reading.findings if found.code == "several_reports")
    assert all("2021年" not in section.text for section in reading.sections)


def test_of_two_agencies_the_pages_is_taken() -> None:
    reading = said(whole(2022, 1, "汶上县民政局") + whole(2022, 2))
    assert reading.cells[CELL].value == 2
    assert "several_reports" in codes(reading)


def test_where_no_title_tells_the_first_report_is_taken() -> None:
    reading = said(whole(2021, 1) + whole(2022, 2), "年度报告")
    assert reading.cells[CELL].value == 1
    assert "several_reports" in codes(reading)


@pytest.mark.parametrize(
    "body",
    [
        whole(2022, 2) + whole(2022, 2),
        whole(2022, 2) + "<p>汶上县财政局2021年政府信息公开工作年度报告</p>",
        whole(2022, 2)
        + "<p>汶上县财政局2021年政府信息公开工作年度报告</p><table><tr><td>法人</td><td>1</td></tr></table>",
    ],
)
def test_a_report_printed_twice_or_a_mere_title_makes_no_second_one(body: str) -> None:
    reading = said(body)
    assert reading.cells[CELL].value == 2
    assert "several_reports" not in codes(reading)


@pytest.mark.parametrize("container", ['<div id="zoom">', "<div>"])
def test_two_articles_on_one_page_are_both_seen(container: str) -> None:
    def article(year: int, figure: int) -> str:
        title, rest = whole(year, figure).split("</h1>")
        rest += "<p>五、存在的主要问题及改进情况</p>" + "<p>各方面工作有序推进。</p>" * 30
        return f"{title}</h1>{container}{rest}<p>六、其他需要报告的事项</p><p>无。</p></div><p>分享到</p>"

    reading = said(article(2021, 1) + article(2022, 2))
    assert reading.cells[CELL].value == 2
    assert "several_reports" in codes(reading)
    assert "several_reports" not in codes(said(article(2022, 2) + article(2022, 2)))


def test_articles_with_a_table_and_little_else_are_both_seen() -> None:
    def article(year: int, figure: int) -> str:
        rest = whole(year, figure).partition("</h1>")[2]
        rest = rest[rest.index("<p>二") :]
        return f"<div class=article><h2>汶上县财政局{year}年政府信息公开工作年度报告</h2>{rest}</div>"

    for first, second in ((2021, 2022), (2022, 2021)):
        reading = said(article(first, 1) + article(second, 2), f"汶上县财政局{second}年政府信息公开工作年度报告")
        assert "several_reports" in codes(reading)
        assert reading.cells[CELL].value == 2
    twice = said(article(2022, 1) + article(2022, 2))
    assert "conflict" in twice.cells[CELL].flags
    assert "conflict" not in said(article(2022, 1) + article(2022, 1)).cells[CELL].flags


@pytest.mark.parametrize("title", ["", "汶上县财政局2022年政府信息公开工作年度报告_某某县人民政府"])
def test_the_title_of_the_page_tells_which_of_its_reports_is_meant(title: str) -> None:
    above = "<h1>汶上县财政局2022年政府信息公开工作年度报告</h1>"
    reading = said((above if not title else "") + whole(2021, 1) + whole(2022, 2), title)
    assert reading.cells[CELL].value == 2
    assert "several_reports" in codes(reading)


@pytest.mark.parametrize("word", ["O", "单击此处输入文字。", "详见附件"])
def test_a_row_with_one_word_for_all_its_figures_is_printed_but_not_read(word: str) -> None:
    reading = page(
        table(1).replace("<td>规章</td><td>1</td><td>1</td><td>1</td>", f"<td>规章</td>{f'<td>{word}</td>' * 3}")
    )
    for column in ("issued", "repealed", "in_force"):
        cell = reading.cells[f"proactive.rules.{column}"]
        assert (cell.value, cell.raw, "not_a_number" in cell.flags) == (None, word, True)


def test_tables_under_another_title_are_of_no_form_and_nothing_is_said_of_their_years() -> None:
    fees = ("公务接待费", "12.80", "6.37", "6.43")
    bought = ("总计", "18", "33.26", "")
    rows = [("项目", "预算数", "决算数", "增减"), fees, ("项目", "", "数量", "金额"), bought]
    lines = ["<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows]
    tables = "".join(f"<table>{''.join(own)}</table>" for own in (lines[:2], lines[2:]))
    reading = read(f"<meta charset=utf-8><h1>某县水利局2023年度“三公”经费支出决算表</h1>{tables}".encode())
    assert not reading.is_report
    assert reading.form is None
    assert not reading.findings
