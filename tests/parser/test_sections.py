"""Headings as agencies write them → the sections of the form; what is numbered alike and is none stays text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.documents.pages import GridCell, Pages, Table
from archive.parser.outline import sections
from archive.parser.reader import read
from archive.parser.sections import TextLine, is_heading, main_lines, section_key

HEADINGS = {
    "overview": [
        "一、总体情况", "一、 总 体 情 况", "1、总体情况", "总体情况", "第一部分 总体情况", "一、工作基本情况",
        "一、概述", "一、工作概况",
        "一、政府信息公开工作总体情况", "一、2023年政府信息公开工作总体情况", "一、總體情況",
    ],
    "proactive": [
        "二、主动公开政府信息情况", "二、主动公开政府政府情况", "一、主动公开政府信息情况", "二、主动公开信息情况",
        "⼆、主动公开政府信息情况", "第二章 主动公开政府信息情况", "II、主动公开政府信息情况", "二,主动公开情况",
        "贰、主动公开政府信息情况",
        "二、政府信息主动公开情况", "二 主动公开政府信息情况", "2、主动公开政府信息工作情况", "主动公开政府信息情况",
    ],
    "applications": [
        "三、收到和处理政府信息公开申请情况", "三、政府信息依申请公开办理情况", "三、依申请公开政府信息的情况",
        "三、收到和处理信息公开申请情况", "三、依申请公开情况", "三、政府信息公开申请办理情况",
        "三、收到和处理政府公开信息申请情况",
    ],
    "remedies": [
        "四、政府信息公开行政复议、行政诉讼情况", "四、政府信息公开行政法复议、行政诉讼情况", "四、行政复议、诉讼情况",
        "四、因政府信息公开申请行政复议、提起行政诉讼的情况", "五、复议、诉讼和申诉情况", "四、行政复议和行政诉讼情况",
    ],
    "problems": [
        "五、存在的主要问题及改进情况", "五、存在问题及整改措施", "五、政府信息公开工作存在的主要问题和改进措施",
        "五、存在的问题及下一步工作打算", "八、存在的不足和改进措施", "五、主要问题与改进措施",
        "五、存在的问题与不足", "六、改进情况",
    ],
    "other": [
        "六、其他需要报告的事项", "6、 其他需要报告的事项", "六、其它需要汇报事项", "六、需要报告的其他事项",
        "六、其他事项", "六、其他需要报告事宜",
    ],
}  # fmt: skip
NO_SECTIONS = [
    "四、结转下年度继续办理", "一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量",
    "五、咨询处理情况",
    "六、支出与收费情况", "四、依申请信息公开收费情况", "七、人员和培训情况", "四、平台建设情况",
    "其他对外管理服务事项",
]  # fmt: skip


@pytest.mark.parametrize(("name", "heading"), [(name, text) for name, texts in HEADINGS.items() for text in texts])
def test_a_heading_names_its_section(name: str, heading: str) -> None:
    assert section_key(heading) == name
    assert is_heading(TextLine(heading))


@pytest.mark.parametrize("text", NO_SECTIONS)
def test_other_headings_and_rows_name_none(text: str) -> None:
    assert section_key(text) == ""


@pytest.mark.parametrize("text", ["第三章 主动公开", "第四章 依申请公开", "I、重要事项说明", "一,二,三", "一、,"])
def test_chapters_of_a_rule_and_lists_are_no_headings(text: str) -> None:
    assert not (is_heading(TextLine(text)) and section_key(text))


@pytest.mark.parametrize(
    "text", ["（一）主动公开情况", "（二）依申请公开", "(一) 总体情况。", "主动公开情况", "总体情况如下，"]
)
def test_parts_of_a_section_begin_none(text: str) -> None:
    assert not is_heading(TextLine(text, heading=3 if text.startswith("（") else 0))


def test_the_parts_of_the_overview_stay_in_it() -> None:
    lines = [
        "一、总体情况",
        "（一）主动公开",
        "公开信息5条。",
        "（二）依申请公开",
        "无。",
        "二、主动公开政府信息情况",
        "见表。",
    ]
    found = sections([TextLine(text) for text in lines])
    assert [(part.key, part.text.count("\n")) for part in found] == [("overview", 3), ("proactive", 0)]


def test_headings_without_their_numbers_part_the_text_too() -> None:
    lines = [
        "总体情况",
        "公开信息5条。",
        "主动公开政府信息情况",
        "收到和处理政府信息公开申请情况",
        "其他需要报告的事项",
        "无",
    ]
    found = sections([TextLine(text) for text in lines])
    assert [part.key for part in found] == ["overview", "proactive", "applications", "other"]


def parted(text: str) -> list[tuple[str, str, str]]:
    """Heading, key and text of each section of lines."""
    return [(part.heading, part.key, part.text) for part in sections([TextLine(line) for line in text.split("\n")])]


A_VALUE_A_LINE = """\
三、收到和处理政府信息公开申请情况
（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）
申请人情况
自然人
一、本年新收政府信息公开申请数量
2
0
2
三、本年度办理结果
（一）予以公开
1
0
1
四、结转下年度继续办理
0
1
1
以上为全部申请。
四、政府信息公开行政复议、行政诉讼情况
无。"""
ROWS_IN_LINES = """\
三、收到和处理政府信息公开申请情况
一、本年新收政府信息公开申请数量 242 11 39 14 34 6 346
二、上年结转政府信息公开申请数量 | 2 | 0 | 0 | 0 | 0 | 0 | 2 |
三、本年度办理结果（一）予以公开111212022010184
四、结转下年度继续办理 1 0 0 4 4 5 14
以上为全部申请。
四、政府信息公开行政复议、行政诉讼情况
无。"""
IN_ONE_LINE = (
    "三、收到和处理政府信息公开申请情况（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    "申请人情况自然人商业企业科研机构社会公益组织法律服务机构一、本年新收政府信息公开申请数量2000002"
    "三、本年度办理结果（一）予以公开2000002四、政府信息公开行政复议、行政诉讼情况无。"
    "五、存在的主要问题及改进情况更新不及时。"
)


@pytest.mark.parametrize("text", [A_VALUE_A_LINE, ROWS_IN_LINES])
def test_rows_of_the_table_begin_no_section_and_are_text_of_none(text: str) -> None:
    assert parted(text) == [
        ("三、收到和处理政府信息公开申请情况", "applications", "以上为全部申请。"),
        ("四、政府信息公开行政复议、行政诉讼情况", "remedies", "无。"),
    ]


def test_a_report_in_one_line_has_its_sections() -> None:
    assert [(key, text) for _, key, text in parted(IN_ONE_LINE)] == [
        ("applications", ""),
        ("remedies", "无。"),
        ("problems", "更新不及时。"),
    ]


FREE = (
    "现将2009年我镇年度报告如下: 一、政府信息主动公开情况 全年公开46件。 二、政府信息依申请公开情况 没有收到申请。 "
    "三、收费和减免情况 没有收费。 四、行政復(fù)議、行政訴訟情況 没有发生。"
)


def test_a_report_of_any_headings_between_blanks_in_one_line_has_its_sections() -> None:
    assert [(key, text) for _, key, text in parted(FREE)] == [
        ("", "现将2009年我镇年度报告如下:"),
        ("proactive", "全年公开46件。"),
        ("applications", "没有收到申请。"),
        ("", "没有收费。"),
        ("remedies", "没有发生。"),
    ]
    assert [key for _, key, _ in parted("概述如下: 一、总体情况 1、主动公开 我局公开46件。")] == ["", "overview"]


def test_the_first_heading_alone_is_one_in_a_line_where_its_first_part_follows() -> None:
    said = "(一)机构建设方面。建立了工作机制。 (二)信息公开方面。 1、主动公开政府信息。公开46件。"
    text = f"现将2020年工作报告如下: 一、2020年政务公开工作完成情况 {said}"
    assert parted(text) == [
        ("", "", "现将2020年工作报告如下:"),
        ("一、2020年政务公开工作完成情况", "", said),
    ]
    rest = "二、存在的主要问题及改进情况 (一)更新不及时。"
    assert [key for _, key, _ in parted(f"{text} {rest}")] == ["", "", "problems"]


@pytest.mark.parametrize(
    "text",
    [
        "我局抓三件事: 一、学习文件 全员参加。 二、开展培训 共三次。",
        "报告包括 一、总体情况 (一)主动公开 等内容。",
        "根据条例 一、总体情况,二、主动公开情况 (一)公开。",
        "我局抓三件事: 一、学习文件 全员参加。 二、开展培训 共三次。 三、主动公开政府信息情况良好 群众满意。",
        "本报告分 一、总体情况 和 二、主动公开情况 与 三、依申请公开情况 三部分。",
        "如下: 一、总体情况良好,二、主动公开情况,三、依申请公开情况。",
        "如下: 四、总体情况 好。 二、主动公开情况 好。 三、依申请公开情况 好。",
    ],
)
def test_points_that_a_line_numbers_begin_no_sections(text: str) -> None:
    assert parted(text) == [("", "", text)]


def test_sentences_that_count_what_the_table_counts_are_text() -> None:
    text = (
        "二、主动公开政府信息情况\n规章：本年制发件数0件，现行有效件数3件。\n行政许可12件，行政处罚3件，行政强制0件。"
    )
    assert [len(text.split("\n")) for _, _, text in parted(text)] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "五、存在的主要问题及改进情况\n加强队伍建设。六、其他需要报告的事项\n无。",
        "五、存在的主要问题及改进情况\n加强队伍建设。\n六、其他需要报告的事项。无。",
        "五、存在的主要问题及改进情况\n加强队伍建设。\n六、其他需要\n报告的事项\n无。",
    ],
)
def test_a_heading_that_ran_together_or_is_broken_begins_its_section(text: str) -> None:
    assert [(key, text) for _, key, text in parted(text)] == [("problems", "加强队伍建设。"), ("other", "无。")]


def test_headings_that_a_sentence_counts_begin_none() -> None:
    text = "本报告包括一、总体情况，二、主动公开政府信息情况和六、其他需要报告的事项。\n全文公布如下。"
    assert parted(text) == [("", "", text)]


def test_the_heading_with_which_a_text_breaks_off_names_its_section() -> None:
    assert parted("一、总体情况\n好。\n三、收到和") == [
        ("一、总体情况", "overview", "好。"),
        ("三、收到和", "applications", ""),
    ]
    assert parted("三、收到和处理政府信息公开申请情况\n无\n三、本年度办")[-1][1] == "applications"


def test_headings_of_a_lower_level_begin_no_section() -> None:
    text = (
        "一、总体情况\n1、主动公开信息总数\n公开121条。\n2、主动公开信息分类\n概况类12条。\n一、加强领导\n二、确保安全\n"
        "二、主动公开政府信息情况\n无。\n6、其他需要报告的事项\n无。"
    )
    assert [(key, text.count("\n")) for _, key, text in parted(text)] == [
        ("overview", 5),
        ("proactive", 0),
        ("other", 0),
    ]


def test_a_second_part_takes_up_the_section_of_the_first_order() -> None:
    text = (
        "一、总体情况\n(一)基本情况\n1、主动公开政府信息情况\n公开12条。\n"
        "1、收到和处理政府信息公开申请情况\n没有收到申请。\n2、行政复议、提起行政诉讼情况\n无。\n"
        "(二)保障措施\n调整了领导小组。\n二、存在的主要问题及改进情况\n更新不及时。"
    )
    assert parted(text) == [
        ("一、总体情况", "overview", "(一)基本情况"),
        ("1、主动公开政府信息情况", "proactive", "公开12条。"),
        ("1、收到和处理政府信息公开申请情况", "applications", "没有收到申请。"),
        ("2、行政复议、提起行政诉讼情况", "remedies", "无。"),
        ("(二)保障措施", "overview", "调整了领导小组。"),
        ("二、存在的主要问题及改进情况", "problems", "更新不及时。"),
    ]


@pytest.mark.parametrize(
    "points", ["(一)网站\n公开3条。\n(二)微信\n公开9条。", "(三)微信\n公开9条。", "(二)微信:公开9条。"]
)
def test_parts_of_what_stands_below_a_section_take_none_up(points: str) -> None:
    text = (
        "一、总体情况\n(一)基本情况\n1、收到和处理政府信息公开申请情况\n无。\n2、行政复议、提起行政诉讼情况\n无。\n"
        f"1、主动公开政府信息情况\n{points}\n二、存在的主要问题及改进情况\n无。"
    )
    assert parted(text)[3] == ("1、主动公开政府信息情况", "proactive", points)


def test_a_table_of_contents_begins_no_sections() -> None:
    names = ["一、总体情况", "二、主动公开政府信息情况", "六、其他需要报告的事项"]
    text = "\n".join(["目录", *(f"{name}……{at}" for at, name in enumerate(names, 2)), "前言。", *names])
    assert [key for _, key, _ in parted(text)] == ["", "overview", "proactive", "other"]


def grid(*rows: str) -> Table:
    """A table of four columns; a row is its cells, parted by blanks: a single one is merged over all columns."""
    cells = [
        GridCell(row=at, col=col, colspan=4 if " " not in row else 1, text=text)
        for at, row in enumerate(rows)
        for col, text in enumerate(row.split(" "))
    ]
    return Table(cells=tuple(cells), rows=len(rows), cols=4)


def of_tables(form_tables: set[int], *tables: Table) -> list[tuple[str, str]]:
    """Key and text of each section of a document of tables."""
    pages = Pages(kind="docx", blocks=tables)
    return [(part.key, part.text) for part in sections(main_lines(pages, form_tables))]


def test_a_table_around_the_report_is_text() -> None:
    frame = grid("某县2023年度报告", "一、总体情况", "好。", "六、其他需要报告的事项", "无。")
    assert of_tables(set(), frame) == [("", "某县2023年度报告"), ("overview", "好。"), ("other", "无。")]
    assert of_tables(set(), grid("好。", "站点地图 更多 帮助 首页")) == []


def test_rows_of_text_between_those_of_the_form_are_text() -> None:
    whole = grid(
        "一、总体情况", "好。", "二、主动公开政府信息情况", "第二十条第（一）项", "信息内容 制发 废止 有效",
        "规章 0 0 3",
        "六、其他需要报告的事项", "无。",
    )  # fmt: skip
    assert of_tables({1}, whole) == [("overview", "好。"), ("proactive", ""), ("other", "无。")]
    assert of_tables({1}, grid("第二十条第（一）项", "单位：件", "规章 0 0 3")) == []


def test_headings_beside_blank_cells_are_text_and_labels_beside_them_are_none() -> None:
    """A sheet saved as a page: one table, whose headings are merged over some of its columns."""
    rows = [
        "一、总体情况",
        "好。",
        "三、收到和处理政府信息公开申请情况",
        "一、本年新收政府信息公开申请数量",
        "五、存在的主要问题及改进情况",
        "少。",
    ]
    wide = grid("项目 甲 乙 丙", *rows)
    blank = [GridCell(row=at, col=3, text="") for at in range(1, wide.rows)]
    narrow = [replace(cell, colspan=min(cell.colspan, 3)) for cell in wide.cells]
    told = of_tables({1}, replace(wide, cells=tuple(sorted([*narrow, *blank], key=lambda cell: (cell.row, cell.col)))))
    assert told == [("overview", "好。"), ("applications", ""), ("problems", "少。")]


def test_headings_in_brackets_are_those_of_a_report_without_others() -> None:
    bracketed = "（一）主动公开政府信息情况\n好。\n（二）收到和处理政府信息公开申请情况\n无。\n—2－"
    assert [(key, text) for _, key, text in parted(bracketed)] == [("proactive", "好。"), ("applications", "无。")]
    assert [key for _, key, _ in parted(f"一、总体情况\n{bracketed}")] == ["overview"]


ALL = ["overview", "proactive", "applications", "remedies", "problems", "other"]
STANDARD = [HEADINGS[name][0].partition("、")[2] for name in ALL]


@pytest.mark.parametrize("sign", [".", "．", ". ", " ", "、"])
def test_headings_numbered_by_a_word_processor_begin_sections(sign: str) -> None:
    lines = [f"{at}{sign}{name}\n好。" for at, name in enumerate(STANDARD, 1)]
    assert [(key, text) for _, key, text in parted("\n".join(lines))] == [(name, "好。") for name in ALL]


def test_points_of_a_section_begin_none_though_they_are_numbered_as_its_heading_is() -> None:
    points = "1.主动公开政府信息情况\n多。\n2.依申请公开情况\n少。\n3.平台建设情况\n新。"
    lines = [f"{at}.{name}" for at, name in enumerate(STANDARD, 1)]
    whole = "\n".join(
        ["目录", *lines, lines[0], points, *lines[1:5], "1.主动公开不足\n2.主动公开要加强", lines[5], "无。"]
    )
    assert [key for _, key, _ in parted(whole)] == ["", *ALL]
    assert {key: text for _, key, text in parted(whole)}["overview"] == points
    assert [key for _, key, _ in parted(f"一、总体情况\n{points}\n二、主动公开政府信息情况\n好。")] == ALL[:2]
    assert [key for _, key, _ in parted(f"总体情况\n{points}")] == ["overview"]
    assert [key for _, key, _ in parted(points)] == [""]


def test_free_headings_so_numbered_begin_sections_where_they_count_on() -> None:
    names = ["1.概述", "2.主动公开情况", "3.依申请公开情况", "5.复议、诉讼和申诉情况", "7.存在的问题和改进措施"]
    text = "\n".join(f"{name}\n好。" for name in names)
    assert [key for _, key, _ in parted(text)] == ALL[:5]


def test_headings_that_a_document_marks_and_others_that_it_does_not_begin_sections() -> None:
    lines = [TextLine(f"{at}.{name}", heading=2 if at in {3, 4} else 0) for at, name in enumerate(STANDARD, 1)]
    assert [part.key for part in sections(lines)] == ALL


def test_a_text_of_which_no_section_could_be_named_is_told() -> None:
    table = (
        "第二十条第（一）项\n信息内容\t本年制发件数\t本年废止件数\t现行有效件数\n规章\t0\t0\t3\n行政规范性文件\t1\t0\t5"
    )
    title, body = "汶上县水利局2023年政府信息公开工作年度报告", "本局公开信息，答复申请，未收取费用。" * 20

    def codes(*lines: str) -> list[str]:
        return [found.code for found in read("\n".join(lines).encode()).findings if found.code == "sections_unnamed"]

    assert codes(title, "甲、怎样做的", body, table) == ["sections_unnamed"]
    assert codes(title, "一、总体情况", body, table) == codes(title, "无。", table) == codes(title, body) == []
