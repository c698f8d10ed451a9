"""A heading that the form has not, among those that it has: no figure goes to a column that another heading names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from archive.parser.reader import read
from storage.records import Reading
from tests.parser.test_padded_rows import EVERY, Write, document, gone, strokes, values

PREV, CHANGE, DECIDED = "上一年项目数量", "本年增/减", "处理决定数量"
MADE, REPEALED, IN_FORCE = "本年制发件数", "本年废止件数", "现行有效件数"
APPLICANTS = ("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")


def licences(write: Write, *heads: str) -> Reading:
    return document(
        write, [("信息内容", *heads), ("行政许可", "4", "6", "122"), ("其他对外管理服务事项", "5", "7", "9")]
    )


def documents_in_force(write: Write, *heads: str) -> Reading:
    return document(write, [("信息内容", *heads), ("规章", "0", "0", "0"), ("行政规范性文件", "5", "2", "9")], 2022)


def a_line_each(*heads: str) -> Reading:
    rows = ["信息内容", *heads, "行政许可", "4", "6", "122", "其他对外管理服务事项", "5", "7", "9"]
    text = ["测试县水利局2020年政府信息公开工作年度报告", "二、主动公开政府信息情况", "第二十条第（五）项", *rows]
    return read("\n\n".join([*text, "三、收到和处理政府信息公开申请情况"]).encode())


def applications(inner: Sequence[str], *, html: bool) -> Reading:
    figures = ("3", "2", "4", "5", "6", "7", "27")
    title, label = "测试县水利局2022年政府信息公开工作年度报告", "一、本年新收政府信息公开申请数量"
    section = "三、收到和处理政府信息公开申请情况"
    if html:
        text = (
            f"<h1>{title}</h1><p>{section}</p><table><tr><td rowspan=3>（本列数据的勾稽关系）</td>"
            "<td colspan=7>申请人情况</td></tr><tr><td rowspan=2>自然人</td><td colspan=5>法人或其他组织</td>"
            f"<td rowspan=2>总计</td></tr><tr>{''.join(f'<td>{name}</td>' for name in inner)}</tr>"
            f"<tr><td>{label}</td>{''.join(f'<td>{figure}</td>' for figure in figures)}</tr></table>"
        )
        return read(f"<html><body>{text}</body></html>".encode())
    head = [
        "（本列数据的勾稽关系为：第一项加第二项之和） | 申请人情况 |||||||",
        "自然人 | 法人或其他组织 ||||| 总计 |",
        " | ".join(inner) + " |",
    ]
    return read("\n".join([title, section, *head, " | ".join((label, *figures)) + " |", "四、行政复议"]).encode())


def doubted(reading: Reading) -> set[str]:
    return {name.rpartition(".")[2] for name, cell in reading.cells.items() if "label_doubt" in cell.flags}


def told(reading: Reading, code: str) -> str:
    return "".join(finding.found or "" for finding in reading.findings if finding.code == code)


@EVERY
@pytest.mark.parametrize("heading", ["本年数量", "本年项目数量", "现有项目数量", "涉及人数", "本年"])
def test_column_of_an_unknown_heading_is_taken_by_its_place_and_doubted(write: Write, heading: str) -> None:
    reading = licences(write, PREV, heading, DECIDED)
    assert values(reading)["admin_license.items_change"] == 6
    assert doubted(reading) == {"items_change"}
    assert told(reading, "order_only") == f"{heading} → 本年增/减"


@EVERY
def test_where_a_known_heading_stands_elsewhere_an_unknown_one_is_left(write: Write) -> None:
    reading = licences(write, PREV, DECIDED, "本年数量")
    assert values(reading)["admin_license.decided"] == 6
    assert gone(reading) == {"admin_license.items_change", "other_service.items_change"}
    assert told(reading, "column_unplaced") == "本年数量"
    reading = licences(write, "本年数量", PREV, DECIDED)
    assert values(reading)["admin_license.items_prev"] == 6
    assert values(reading)["admin_license.decided"] == 122


def test_values_a_line_stand_below_their_own_headings() -> None:
    reading = a_line_each(PREV, DECIDED, "本年数量")
    assert values(reading) == {
        "admin_license.items_prev": 4,
        "admin_license.decided": 6,
        "other_service.items_prev": 5,
        "other_service.decided": 7,
    }
    assert doubted(a_line_each(PREV, "本年数量", DECIDED)) == {"items_change"}


@EVERY
@pytest.mark.parametrize("heading", ["备注", "合计", "增长率（%）", "本年减少", "对外公开总数量"])
def test_heading_of_something_else_is_never_the_forms(write: Write, heading: str) -> None:
    reading = licences(write, PREV, heading, DECIDED)
    assert "admin_license.items_change" not in reading.cells
    assert values(reading)["admin_license.decided"] == 122
    assert told(reading, "column_unplaced") == heading
    assert not doubted(reading)


@EVERY
def test_this_years_figures_are_not_taken_for_last_years(write: Write) -> None:
    reading = licences(write, "本年项目数量", CHANGE, DECIDED)
    assert "admin_license.items_prev" not in reading.cells


@EVERY
def test_interchanged_columns_beside_an_unknown_one_are_what_they_say(write: Write) -> None:
    reading = documents_in_force(write, "本年公开件数", IN_FORCE, REPEALED)
    assert values(reading)["normative.in_force"] == 2
    assert values(reading)["normative.repealed"] == 9
    assert "proactive.normative.issued" not in reading.cells


@EVERY
@pytest.mark.parametrize(
    "heads",
    [
        (PREV, "本年增减数", DECIDED),
        (PREV, "本年增加/减少", DECIDED),
        (PREV, "本年增/", DECIDED),
        ("上一年项目数", CHANGE, "处理决定数最"),
    ],
)
def test_slips_and_longer_forms_of_headings_are_known(write: Write, heads: Sequence[str]) -> None:
    reading = licences(write, *heads)
    assert list(values(reading).values()) == [4, 6, 122, 5, 7, 9]
    assert not doubted(reading)
    assert "order_only" not in {finding.code for finding in reading.findings}


def test_slip_of_a_heading_that_stands_elsewhere_is_followed_and_doubted() -> None:
    reading = licences(strokes, PREV, "处理决定数", CHANGE)
    assert values(reading)["admin_license.decided"] == 6
    assert values(reading)["admin_license.items_change"] == 122
    assert doubted(reading) == {"decided"}


@pytest.mark.parametrize("html", [False, True])
def test_applicants_that_the_form_has_not(html: bool) -> None:
    reading = applications(("商业企业", "社会公益组织", "新闻媒体", "法律服务机构", "其他"), html=html)
    figures = {name.rpartition(".")[2]: cell.value for name, cell in reading.cells.items()}
    assert figures == {
        "natural_person": 3, "enterprise": 2, "public_welfare": 4, "legal_service": 6, "other_org": 7, "total": 27,
    }  # fmt: skip
    assert told(reading, "column_unplaced") == "新闻媒体"
    reading = applications(("事业单位", *APPLICANTS[1:]), html=html)
    assert doubted(reading) == {"enterprise"}
    assert told(reading, "order_only") == "事业单位 → 商业企业"


@EVERY
@pytest.mark.parametrize("heads", [("本年发件", REPEALED, IN_FORCE), (MADE, REPEALED, "有效件数")])
def test_headings_that_lost_characters_are_known(write: Write, heads: Sequence[str]) -> None:
    reading = documents_in_force(write, *heads)
    assert values(reading)["normative.issued"] == 5
    assert not doubted(reading)


@EVERY
def test_headings_cut_off_alike_are_those_of_their_places(write: Write) -> None:
    rows = [("信息内容", "本年新", "本年新", "对外公开总数量"), ("规章", "0", "0", "0"), ("规范性文件", "5", "2", "9")]
    reading = document(write, rows)
    assert values(reading)["normative.made"] == 5
    assert not doubted(reading)


@pytest.mark.parametrize("html", [False, True])
def test_the_forms_own_applicants_are_not_doubted(html: bool) -> None:
    reading = applications(APPLICANTS, html=html)
    assert len(reading.cells) == 7
    assert not doubted(reading)


@pytest.mark.parametrize("apart", [True, False])
def test_a_heading_that_is_broken_around_the_line_of_the_others_stands_in_its_place(*, apart: bool) -> None:
    heads = ["        本", f"信息内容   {MADE}       {IN_FORCE}", "        年废止件数"]
    if not apart:  # a cell in each line: they stand as they are read
        heads = ["信息内容", MADE, IN_FORCE, "年废止件数"]
    text = ["测试县水利局2022年政府信息公开工作年度报告", "二、主动公开政府信息情况", "第二十条第（一）项", *heads]
    rows = ["规章      0     0     4", "行政规范性文件      5     2     9"]
    reading = read("\n\n".join([*text, *rows, "三、收到和处理政府信息公开申请情况"]).encode())
    found = values(reading)
    assert found.get("normative.in_force") == (9 if apart else 2)
    assert found.get("normative.repealed") in ((2,) if apart else (None, 9))
    assert "repealed" in doubted(reading) or not apart
