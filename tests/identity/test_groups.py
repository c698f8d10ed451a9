"""What groups of bodies are called is nobody's name, and every room has the words from one list."""

from __future__ import annotations

import pytest

from archive.identity.classification import classify, column_agency
from archive.identity.names import is_generic
from crawler.lists.labels import kinds_in_label
from storage.records import AgencyKind

# ruff: noqa: E501 - names stay on one line

GROUPS = ("委办局", "县直委办局", "委局", "各委局", "县直部门", "各部门", "县直单位", "乡镇街道", "各乡镇（街道）", "直属机构", "县政府直属机构", "垂直管理部门",
          "驻县单位", "企事业单位", "部门及企事业单位", "省直厅局", "镇、街道",
          "县政府及部门", "县人民政府及其工作部门")  # fmt: skip
BODIES = (
    "红旗街道",
    "城区街道",
    "蓝旗镇",
    "新州镇",
    "桥市乡",
    "县委办",
    "司法局",
    "机关事务服务中心",
    "乡镇企业局",
    "县政府",
    "江北办事处",
)


@pytest.mark.parametrize("name", GROUPS)
def test_the_name_of_a_group_is_nobodys(name: str) -> None:
    assert is_generic(name)
    assert column_agency(f"首页>政府信息公开年报>{name}") == ""
    found = classify(f"{name}2024年政府信息公开工作年度报告", None, place="宛平县")
    assert (found.agency_name, found.year) == (None, 2024)


@pytest.mark.parametrize("name", ["宛平县各部门", "宛平县委办局", "宛平县乡镇街道", "宛平县直属机构"])
def test_nor_is_it_with_its_place_before_it(name: str) -> None:
    assert is_generic(name)


@pytest.mark.parametrize("name", BODIES)
def test_the_name_of_a_body_is_no_groups(name: str) -> None:
    assert not is_generic(name)


def test_of_which_kinds_a_column_is() -> None:
    assert kinds_in_label("委办局政府信息公开年报") == (AgencyKind.DEPARTMENT, AgencyKind.OFFICE)
    assert kinds_in_label("直属机构年报") == ()  # not all departments are
