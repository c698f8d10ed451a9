"""Whose report it is where a text says whom to ask about it."""

from __future__ import annotations

import pytest

from archive.identity.evidence import Identified, identify
from archive.identity.inner_offices import is_inner
from archive.parser.reader import read

_OF_LATER = "\n二、主动公开政府信息情况\n有序。"


def _whose(asked: str, work: str, opening: str = "2023年政府信息公开工作年度报告") -> Identified:
    text = f"{opening}\n根据《条例》编制本报告。如有疑问,请{asked}。\n一、总体情况\n2023年,{work}。{_OF_LATER}"
    return identify(read(text.encode()).identity)


@pytest.mark.parametrize(
    ("asked", "work", "agency"),
    [
        ("与汶上县人民政府办公室联系", "汶上县人民政府坚持公开", "汶上县人民政府"),
        ("与汶上县人民政府办公室联系", "汶上县坚持公开", "汶上县人民政府"),
        ("与汶上县人民政府办公室联系", "我县有序公开", "汶上县人民政府"),
        ("与汶上县人民政府办公室联系", "我办有序公开", "汶上县人民政府办公室"),
        ("与汶上县人民政府办公室联系", "有序公开", None),
        ("与汶上县行政审批服务局联系", "汶上县坚持公开", None),
        ("与市大数据管理局联系(地址:济宁市1号)", "济宁市人民政府坚持公开", None),
        ("与汶上县水利局办公室联系", "汶上县坚持公开。我局落实", "汶上县水利局"),
        ("与汶上县水利局联系", "我委有序公开", None),
        ("与浙江省水利厅政策法规处联系", "有序公开", "浙江省水利厅"),
        ("与汶上县水利局信息中心联系", "我局有序公开", "汶上县水利局"),
        ("与济宁市城市管理局园林绿化处联系", "我局有序公开", "济宁市城市管理局"),
        ("与济宁市城市管理局园林绿化处联系", "我处有序公开", "济宁市城市管理局园林绿化处"),
        ("与汶上县水利局政府信息公开领导小组办公室联系", "有序公开", "汶上县水利局"),
        ("与海关总署办公厅政务公开处联系", "有序公开", "海关总署"),
        ("與海關總署辦公廳政務公開處聯繫(地址:北京市)", "有序公开", "海关总署"),
        ("与浙江省人民政府办公厅政务公开处联系", "我办有序公开", "浙江省人民政府办公厅"),
        ("联系汶上县次邱镇人民政府(办公地址:1号)", "有序公开", "汶上县次邱镇人民政府"),
        ("联系湖滨街道办事处政府信息公开领导小组办公室(地址:1号)", "有序公开", "湖滨街道办事处"),
    ],
)
def test_whom_to_ask_is_whose_it_is_only_where_the_text_does_not_speak_as_another(
    asked: str, work: str, agency: str | None
) -> None:
    assert _whose(asked, work).agency == agency


@pytest.mark.parametrize("asked", ["党政综合办", "局办公室", "办公室", "政策法规科", "济宁市大数据局"])
def test_whom_to_ask_contradicts_nothing(asked: str) -> None:
    opening = "现公布2023年汶上县次邱镇政府信息公开工作年度报告。"
    found = _whose(f"与{asked}联系(地址:1号)", "有序公开", opening)
    assert found.agency == "汶上县次邱镇人民政府"
    assert "agency_conflict" not in [finding.code for finding in found.findings]


def test_who_is_to_be_asked_adds_the_place_that_the_title_lacks() -> None:
    assert _whose("与汶上县水利局联系", "有序公开", "水利局2023年政府信息公开工作年度报告").agency == "汶上县水利局"


@pytest.mark.parametrize("unread", ["汶上县人民政府机关", "汶上县政府机关"])
def test_who_is_to_be_asked_is_inferred_where_nobody_can_tell_whom_the_title_names(unread: str) -> None:
    found = _whose("与汶上县人民政府办公室联系", "我办有序公开", f"{unread}2023年政府信息公开工作年度报告")
    assert found.agency == "汶上县人民政府办公室"
    assert "agency_inferred" in [finding.code for finding in found.findings]


@pytest.mark.parametrize("name", ["次邱镇党政办", "县扶贫办", "法制办公室主任", "老干局办公室"])
def test_an_office_with_a_name_of_its_own_is_not_any_bodys(name: str) -> None:
    assert not is_inner(name)
