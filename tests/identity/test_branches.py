"""Branches of a city's bodies: the district that their name says is their place."""

from __future__ import annotations

import pytest

from archive.identity.evidence import identify
from storage.records import IdentityEvidence


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("洛阳市自然资源和规划局洛龙区分局", "洛龙区"),
        ("洛阳市自然资源和规划局洛龙分局", "洛龙区"),
        ("济宁市生态环境局汶上县分局", "汶上县"),
        ("山东省济宁市生态环境局汶上分局", "汶上县"),
        ("郑州市生态环境局新密分局", "新密市"),
        ("济南市公安局市中分局", "市中区"),
        ("成都市公安局交通警察支队武侯大队", "武侯区"),
        ("深圳市规划和自然资源局宝安管理局", "宝安区"),
        ("上海市公安局浦东分局", "浦东新区"),
        ("北京市规划和自然资源委员会朝阳分局", "朝阳区"),
        ("洛阳市公安局朝阳分局", "洛阳市"),  # a district of other cities
        ("洛阳市自然资源和规划局高新区分局", "洛阳市"),  # zones stand in no list
        ("成都市公安局交通警察支队", "成都市"),
        ("汶上县公安局交通警察大队", "汶上县"),
        ("汶上县自然资源和规划局南站镇分局", "汶上县"),
        ("山东省公安厅济南分局", "山东省"),
    ],
)
def test_the_place_of_a_branch_is_the_district_of_its_city_that_it_names(body: str, place: str) -> None:
    found = identify(IdentityEvidence(titles=(f"{body}2023年政府信息公开工作年度报告",)))
    assert (found.agency, found.place) == (body, place)
    assert found.basis["place"] == "title"


@pytest.mark.parametrize(("year", "place"), [(2020, "孟津县"), (2022, "孟津区")])
def test_a_district_is_called_as_in_the_year_of_the_report(year: int, place: str) -> None:
    """孟津 was a county up to 2020."""
    title = f"洛阳市生态环境局孟津分局{year}年政府信息公开工作年度报告"
    assert identify(IdentityEvidence(titles=(title,))).place == place


def test_the_place_that_a_portal_gives_stays() -> None:
    title = "济宁市生态环境局汶上县分局2023年政府信息公开工作年度报告"
    assert identify(IdentityEvidence(titles=(title,)), place="汶上县").place == "汶上县"
    assert identify(IdentityEvidence(titles=(title,)), place="济宁市").place == "济宁市"
