"""Headings as agencies write them → the sections of the form; what is numbered alike and is none stays text."""

from __future__ import annotations

import pytest

from archive.parser.sections import Line, is_heading, section_key, sections

HEADINGS = {
    "overview": [
        "一、总体情况", "一、 总 体 情 况", "1、总体情况", "总体情况", "第一部分 总体情况", "一、工作基本情况",
        "一、概述",
        "一、政府信息公开工作总体情况", "一、2023年政府信息公开工作总体情况", "一、總體情況",
    ],
    "proactive": [
        "二、主动公开政府信息情况", "二、主动公开政府政府情况", "一、主动公开政府信息情况", "二、主动公开信息情况",
        "二、政府信息主动公开情况", "二 主动公开政府信息情况", "2、主动公开政府信息工作情况", "主动公开政府信息情况",
    ],
    "applications": [
        "三、收到和处理政府信息公开申请情况", "三、政府信息依申请公开办理情况", "三、依申请公开政府信息的情况",
        "三、收到和处理信息公开申请情况", "三、依申请公开情况", "三、政府信息公开申请办理情况",
    ],
    "remedies": [
        "四、政府信息公开行政复议、行政诉讼情况", "四、政府信息公开行政法复议、行政诉讼情况", "四、行政复议、诉讼情况",
        "四、因政府信息公开申请行政复议、提起行政诉讼的情况", "五、复议、诉讼和申诉情况", "四、行政复议和行政诉讼情况",
    ],
    "problems": [
        "五、存在的主要问题及改进情况", "五、存在问题及整改措施", "五、政府信息公开工作存在的主要问题和改进措施",
        "五、存在的问题及下一步工作打算", "八、存在的不足和改进措施", "五、主要问题与改进措施",
    ],
    "other": [
        "六、其他需要报告的事项", "6、 其他需要报告的事项", "六、其它需要汇报事项", "六、需要报告的其他事项",
        "六、其他事项",
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
    assert is_heading(Line(heading))


@pytest.mark.parametrize("text", NO_SECTIONS)
def test_other_headings_and_rows_name_none(text: str) -> None:
    assert section_key(text) == ""


@pytest.mark.parametrize(
    "text", ["（一）主动公开情况", "（二）依申请公开", "(一) 总体情况。", "主动公开情况", "总体情况如下，"]
)
def test_parts_of_a_section_begin_none(text: str) -> None:
    assert not is_heading(Line(text, heading=3 if text.startswith("（") else 0))


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
    found = sections([Line(text) for text in lines])
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
    found = sections([Line(text) for text in lines])
    assert [part.key for part in found] == ["overview", "proactive", "applications", "other"]
