"""Whose report it is where the text speaks of other bodies, or names its own shortly, or only its site does."""

from __future__ import annotations

import pytest

from archive.identity.evidence import Identified, identify
from archive.parser.reader import read

_TEXT = "一、概述\n2018年,全年新增主动公开政府信息449条。\n二、主动公开政府信息情况\n公开了449条。"


def _whose(opening: str, text: str = _TEXT) -> Identified:
    return identify(read(f"{opening}\n{text}".encode()).identity)


def test_the_office_that_is_asked_about_a_report_is_not_whose_it_is() -> None:
    found = _whose(
        "本报告根据《条例》以及2018年度青岛市政府各部门和各区、市政府的信息公开工作年度报告编制。"
        "如对本报告有任何疑问,请与青岛市政府信息公开办公室联系(地址:青岛市市南区香港中路11号)。"
    )
    assert (found.agency, found.report_kind) == ("青岛市人民政府", "government")
    titled = _whose(
        "宿州市人民政府2018年政府信息公开工作年度报告\n如有疑问,请与宿州市政务公开办公室联系(地址:政务中心)。"
    )
    assert titled.agency == "宿州市人民政府"
    assert not [finding for finding in titled.findings if finding.code == "agency_conflict"]


def test_who_compiles_the_reports_of_all_compiles_the_governments() -> None:
    found = _whose(
        "本报告由南平市人民政府信息公开工作领导小组办公室根据《条例》,汇总南平市各县(市、区)、市政府各有关部门政府信息公开工作情况编制而成。"
    )
    assert found.agency == "南平市人民政府"


def test_the_mark_of_a_page_is_no_part_of_a_name() -> None:
    assert _whose("Page 8 - 威海市文登区信访局2018年政府信息公开工作年度报告").agency == "威海市文登区信访局"


@pytest.mark.parametrize(
    ("opening", "text", "agency", "place"),
    [
        (
            "普宁市人民政府门户网站\n普宁市人民政府\n流沙西街道2020年政府信息公开工作年度报告",
            _TEXT,
            "流沙西街道办事处",
            "普宁市",
        ),
        (
            "2020年政府信息公开工作年度报告",
            _TEXT.replace("2018年,", "2020年,县人社局严格按照条例发布信息,利用凤县人民政府网站,"),
            "凤县人力资源和社会保障局",
            "凤县",
        ),
    ],
)
def test_the_site_gives_the_place(opening: str, text: str, agency: str, place: str) -> None:
    found = _whose(opening, text)
    assert (found.agency, found.place) == (agency, place)


def test_what_stands_for_pictures_above_a_title_is_no_part_of_it() -> None:
    reading = read(f"明升体育\n\n图片\n\n图片\n\n鸭南乡2021年政府信息公开工作年度报告\n{_TEXT}".encode())
    assert "title_conflict" not in [finding.code for finding in reading.findings]
