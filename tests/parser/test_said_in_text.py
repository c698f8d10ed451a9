"""What the text around the tables says: furniture, dates in Chinese figures, reports without a title, lines of a table.

What a page and its attachments say together stands in ``test_combining.py``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from archive.documents.pages import GridCell, Pages, Paragraph, Table
from archive.forms.loader import form
from archive.identity.evidence import identify
from archive.parser.combining import combine
from archive.parser.content import content_digest, is_furniture
from archive.parser.evidence import simplify_keeping_lines
from archive.parser.pre2019 import row_lines
from archive.parser.reader import read_pages_to_reading
from storage.records import IdentityEvidence, Reading
from tests import form_rendering as render

PLAN = form("2021")
TITLE = "测试县司法局2023年政府信息公开工作年度报告"


def said(*lines: str, title: str = "") -> Reading:
    """The reading of lines of text."""
    blocks = tuple(Paragraph(text=line) for line in lines)
    return read_pages_to_reading(Pages(kind="text", blocks=blocks, title=title), "0" * 64)


def codes(reading: Reading) -> set[str]:
    return {found.code for found in reading.findings}


# ----------------------------------------------------------------------------------------------------- same content?


@pytest.mark.parametrize(
    "line",
    [
        "鲁ICP备05002345号-1",
        "京公网安备11010202000001号",
        "您是第123456位访客",
        "浏览次数：12",
        "[2024-01-29]",
        "来源：办公室",
        "本文已被浏览123次",
        "【浏览量 1,234】",
        "网站总访问量：13298 今日访问：12",
        "0人点赞",
        "2026年02月01日 星期日 农历腊月十四",
        "宛平 多云转晴 -3~5℃",
        "发布于 2026-01-20",
        "发文字号：无",
        "（责任编辑：张三）",
        "附件1：2025年度报告.docx（32 KB）",
        "2025年年报.pdf",
        "相关文档：",
        "我要打印 | 关闭窗口 | 纠错",
        "大 中 小",
        "Copyright © 2026 某县人民政府",
        "本网站支持IPv6",
        "sessionid=8d3fa7e0b9",
        "首页 > 政务公开 > 年报",
    ],
)
def test_what_the_page_adds_is_no_content(line: str) -> None:
    assert is_furniture(line)
    assert content_digest(["我局工作。", line], {}) == content_digest(["我局工作。"], {})


@pytest.mark.parametrize(
    "line",
    [
        "设备更新备案12件。",
        "您是第二批试点单位",
        "受理备案 3 件",
        "发布 12 条",
        "网站访问量35.2万人次。",
        "下载 3 件",
        "无",
        "",
    ],
)
def test_what_the_report_says_is_content(line: str) -> None:
    assert not is_furniture(line)


@pytest.mark.parametrize("line", ["访问量：36", "来源：网站12件，信件3件", "2026年1月19日", "下载", "打印"])
def test_between_the_headings_of_a_report_nothing_is_furniture(line: str) -> None:
    lines = [TITLE, "一、总体情况", line, "六、其他需要报告的事项", "无"]
    assert content_digest(lines, {}) != content_digest([one for one in lines if one != line], {})


@pytest.mark.parametrize(
    ("one", "other"),
    [("增长5.5%", "增长55%"), ("增长5%", "增长5"), ("增长-3件", "增长3件"), ("占3‰", "占3%"), ("3.5万次", "35万次")],
)
def test_signs_that_make_another_figure_are_content(one: str, other: str) -> None:
    assert content_digest([one], {}) != content_digest([other], {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.2025年，我局", "1、2025年，我局"),
        ("公开３６条，", "公开 36 条,"),
        ("共1,234件", "共1234件"),
        ("３．５％", "3.5%"),
    ],
)
def test_other_signs_of_the_same_text_are_not(one: str, other: str) -> None:
    assert content_digest([one], {}) == content_digest([other], {})


def test_a_title_counts_once_wherever_the_page_has_it() -> None:
    content = content_digest(["一、总体情况", "甲。"], {}, TITLE)
    for head in (
        [TITLE],
        [TITLE, TITLE],
        ["测试县司法局", "2023年政府信息公开工作年度报告"],
        [f"{TITLE} ( 2024-05-11)"],
        [f"{TITLE} 2024-05-11 来源：司法局"],
        [f"标题：{TITLE}"],
    ):
        assert content_digest([*head, "一、总体情况", "甲。"], {}, TITLE) == content, head
    other = TITLE.replace("2023", "2022")
    assert content_digest([other, "一、总体情况", "甲。"], {}, other) != content


def test_the_day_of_a_signature_is_content_however_it_is_written() -> None:
    def of(day: str) -> str:
        return content_digest([TITLE, "一、总体情况", "甲。", "测试县司法局", day], {}, TITLE)

    assert of("2024年1月9日") == of("2024 年 01 月 09 日") == of("（2024年1月9日）")
    assert of("2024年1月9日") != of("2024年1月31日")
    assert of("2024-01-09") == of("2024-01-31 10:20")  # the page's own


# -------------------------------------------------------------------------------------------------- who signed, when


def signed(*lines: str) -> IdentityEvidence:
    return said(TITLE, "一、总体情况", "我局工作。", *["有关情况见下。"] * 8, *lines).identity


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("二〇二四年一月十二日", date(2024, 1, 12)),
        ("二○二四年十月二十日", date(2024, 10, 20)),
        ("二〇二四年1月31日", date(2024, 1, 31)),
        ("（2024年1月9日）", date(2024, 1, 9)),
    ],
)
def test_a_date_below_the_name_of_who_signed(printed: str, day: date) -> None:
    found = signed("测试县司法局", printed)
    assert [witness.at.date() for witness in found.dates if witness.origin == "signature"] == [day]
    assert "测试县司法局" in found.statements


def test_a_date_that_no_calendar_has_is_none() -> None:
    assert not signed("测试县司法局", "2024年13月41日").dates


@pytest.mark.parametrize("line", ["特此报告。", "联系人：张某，电话：8", "2023年度报告", "局"])
def test_what_stands_above_a_date_need_not_be_a_name(line: str) -> None:
    assert line.rstrip("。") not in {text.rstrip("。") for text in signed(line, "2024年1月9日").statements}


# ------------------------------------------------------------------------------------------- a report, or none at all


def test_a_report_without_a_title_is_known_by_its_opening_and_its_sections() -> None:
    opening = "本报告根据《中华人民共和国政府信息公开条例》编制，统计期限自2023年1月1日起至12月31日止。"
    reading = said(opening, "一、总体情况", "我局工作。", "五、存在的主要问题及改进情况", "有不足。")
    assert (reading.is_report, reading.reason) == (True, "")
    assert "tables_absent" in codes(reading)
    other = said("会议通知如下。", "一、总体情况", "我局工作。", "五、存在的主要问题及改进情况", "有不足。")
    assert not other.is_report


@pytest.mark.parametrize(
    "line",
    ["日期：2024-01-26　来源：测试县信访局", "来源：测试县信访局", "发布时间: 2024-01-26 发布机构: 测试县信访局"],
)
def test_a_line_of_the_pages_own_data_is_no_part_of_the_title(line: str) -> None:
    title = "2023年政府信息公开工作年度报告"
    assert said(title, line, "一、总体情况", "全年主动公开政府信息20条。").identity.titles == (title,)
    broken = said("测试县信访局2023年政府信息公开", "工作年度报告", line, "一、总体情况", "全年主动公开政府信息20条。")
    assert broken.identity.titles[0] == "测试县信访局2023年政府信息公开工作年度报告"


def test_a_page_and_an_attachment_that_are_both_none_are_none() -> None:
    page = said("关于开展安全生产检查的通知", "各单位：请认真落实。")
    part = said("安全生产检查表", "检查内容")
    whole = combine(page, [("检查表.docx", part)])
    assert (whole.is_report, whole.reason) == (False, page.reason)
    assert whole.cells == {}


# ------------------------------------------------------------------------------------------------------ several parts


def table_of(number: int, edition: str = "2021", **cells: int) -> Reading:
    """An attachment that is one table (from 1) of a form and nothing else."""
    plan = form(edition)
    filled = dict.fromkeys(plan.ids, Decimal(1)) | {name: Decimal(value) for name, value in cells.items()}
    block = render.as_pages(render.tables_of(plan, filled)).blocks[2 + 2 * number]
    return read_pages_to_reading(Pages(kind="xlsx", blocks=(block,)), f"{number}" * 64)


def test_attachments_of_two_editions_are_told() -> None:
    whole = combine(
        said(TITLE, "一、总体情况", "我局工作。"), [("表一.xlsx", table_of(1, "2019")), ("表二.xlsx", table_of(2))]
    )
    [found] = [found for found in whole.findings if found.code == "mixed_forms"]
    assert "2019, 2021" in found.en
    assert {cell.locator["part"] for cell in whole.cells.values()} == {"表一.xlsx", "表二.xlsx"}


def test_a_cell_on_which_three_prints_differ_is_doubted_once_and_told_for_each() -> None:
    name = "review.total"
    prints = [table_of(3), replace_cell(table_of(3), name, 5), replace_cell(table_of(3), name, 6)]
    whole = combine(
        said(TITLE, "一、总体情况", "我局工作。"), list(zip(("甲.xlsx", "乙.xlsx", "丙.xlsx"), prints, strict=True))
    )
    assert whole.cells[name].value == 1
    assert whole.cells[name].flags.count("conflict") == 1
    told = [found for found in whole.findings if found.cells == (name,)]
    assert len(told) == 2


def replace_cell(reading: Reading, name: str, value: int) -> Reading:
    cell = replace(reading.cells[name], value=Decimal(value), raw=str(value))
    return replace(reading, cells={**reading.cells, name: cell})


# ------------------------------------------------------------------------------------------------- tables kept as text


def test_rows_without_any_text_are_not_kept_as_lines() -> None:
    cells = [(0, 0, "指标"), (0, 1, "数量"), (1, 0, ""), (1, 1, " "), (2, 1, "12"), (2, 0, "公开 信息")]
    table = Table(cells=tuple(GridCell(row=row, col=col, text=text) for row, col, text in cells), rows=3, cols=2)
    assert list(row_lines(table)) == ["指标\t数量", "公开 信息\t12"]


def test_a_long_line_ends_the_row_before_it() -> None:
    """Values that stand before a paragraph belong to the label above them, and the paragraph to none."""
    lines = "行政规范性文件\n1\n2\n3\n" + "本年度我局认真贯彻落实有关要求，不断完善工作机制，" * 8
    reading = said(TITLE, "二、主动公开政府信息情况", "第二十条第（一）项", "信息内容", *lines.split("\n"))
    assert [reading.cells[f"proactive.normative.{name}"].value for name in ("issued", "repealed", "in_force")] == [
        1,
        2,
        3,
    ]


# ---------------------------------------------------------------------------------------------- who made the report


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("本报告由测试县司法局按照条例编制。", "测试县司法局"),
        ("由测试县司法局撰写。", "测试县司法局"),
        ("现将测试县司法局2023年工作公布如下。", "测试县司法局"),
        ("按要求，测试县司法局组织编制了年报。", "测试县司法局"),
        ("特编制本《测试县司法局2023年年报》。", "测试县司法局"),
        ("如有疑问请与测试县司法局联系。", "测试县司法局"),
    ],
)
def test_each_way_of_naming_the_agency_is_found_alone_and_among_others(line: str, named: str) -> None:
    others = "现发布年度数据。编制、咨询、联系电话见后。本报告分六部分。"
    assert said(TITLE, line).identity.statements == (named,)
    assert named in said(TITLE, line, others).identity.statements


@pytest.mark.parametrize("text", ["第一行 。\n二", "甲 ⏎乙\n丙", "⏎", "\n\n"])
def test_lines_stay_lines_whatever_signs_stand_in_them(text: str) -> None:
    assert simplify_keeping_lines(text) == text.replace(" ", "")


@pytest.mark.parametrize(
    ("title", "agency"),
    [
        ("新野县上港乡人民政府2023年政府信息公开工作年度报告", "新野县上港乡人民政府"),
        ("新野县审计局2023年政府信息公开年报", "新野县审计局"),
        ("2023年政府信息公开工作年度报告", "新野县上港乡人民政府"),
    ],
)
def test_a_text_without_line_ends_begins_with_its_title(title: str, agency: str) -> None:
    opening = "本报告依照《条例》编制。统计期限为2023年1月1日至2023年12月31日。"
    contact = "" if agency in title else "如有疑问，请与新野县上港乡人民政府办公室联系（电话：0394-0000000）。"
    reading = said(title + opening + contact + "一、总体情况2023年，本单位认真工作，公开信息。" * 30)
    assert reading.title == title
    assert identify(reading.identity).agency == agency
