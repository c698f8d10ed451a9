"""Whose an inner office is that a text names (次邱镇党政办公室, 水利局综合科): the report is the body's. Pure.

A government's own office is a body by itself, and so is that of a committee of many (老龄工作委员会办公室): they stay.
"""

from __future__ import annotations

import re

from archive.identity.divisions import is_township, split

_ENDS = "(?:办公室|办|科|股|室)"
# What within such a name is a body again: the office is that one's.
_ANOTHER = "大队|支队|总队|分局|局|委员会|管委会|中心|办事处|公司|医院|学院|学校|政府(?!信息)|管理处"
_OF_A_BODY = re.compile(f"(?:(?<=局)|(?<=[^公]厅)|(?<=中心)|(?<=海关))(?:(?!{_ANOTHER}).){{0,12}}{_ENDS}$")
#: Committees that are departments, by the words before 委员会; their short forms by the character before 委.
_DEPARTMENTS = (
    "改革", "健康", "建设", "计划生育", "事务", "技术", "教育", "管理", "交通", "贸易", "农业", "规划", "水务", "商务",
    "经济", "济和信息化", "业和信息化",
)  # fmt: skip
_OF_A_COMMITTEE = re.compile(
    f"(?:{'|'.join(f'(?<={word}委员会)' for word in _DEPARTMENTS)}|(?<=[改健计建信资宗通科]委)|(?<=管委会))"
    f"(?:(?!{_ANOTHER}).){{0,12}}{_ENDS}$"
)
_PLAIN = "(?:党政|党建|综合|行政|党政综合|综合行政)?(?:事务)?"
_OF_ANOTHER = re.compile(
    f"(?:(?<=[院馆队社联])|(?<=处)(?<!秘书处)|(?<=[合协总工]会)){_PLAIN}(?:办公室|办|科)$|(?<=府)党政(?:综合)?(?:事务)?办(?:公室)?$"
)
_OF_A_TOWN = re.compile(
    r"(?:(?!学校|小学|中学|幼儿园|卫生|医院|派出所|法庭|分局|公司|村|社区).){0,16}"
    r"(?:办公室|办|科|股|室|(?:便民|党群|政务|为民|综合|公共|治理)[^卫]{0,6}中心|指挥中心)"
)

_ANY = re.compile(
    "(?:本?[局委厅院处镇乡]|街道|机关|单位)?"
    "(?:党政|党建|党工委|综合|行政|文秘|秘书|人秘|人事|办公|信息|宣传|宣教|政策|法规|法制|政务|业务|规划|财务|督查|督办|督考"
    "|公开|事务|应急|协调|联络|治理|发展|建设|和|与|及|、)*" + _ENDS
)


def is_inner(name: str) -> bool:
    """Whether a name (squeezed) says no more than that it is an inner office (党政综合办, 局办公室, 政策法规科)."""
    return _ANY.fullmatch(name) is not None


def without_office(name: str) -> str:
    """The body whose inner office a name (squeezed) is; the same name if it is none."""
    chain, rest = split(name)
    if chain and is_township(chain[-1]):
        return "".join(chain) if rest != "办" and _OF_A_TOWN.fullmatch(rest) else name
    for pattern in (_OF_A_BODY, _OF_A_COMMITTEE, _OF_ANOTHER):
        if (found := pattern.search(name)) and len(name) - len(found[0]) > 1:
            return name[: found.start()]
    return name
