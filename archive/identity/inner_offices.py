"""Find the body that an inner office in a text belongs to (次邱镇党政办公室, 水利局综合科). Pure.

A government's own office is a body by itself, and so is that of a committee of many (老龄工作委员会办公室): they stay.
That of a ministry is within it (海关总署办公厅, 教育部办公厅政务公开处); 国务院办公厅 is a government's.
"""

from __future__ import annotations

import re

from archive.identity.central import is_head
from archive.identity.divisions import is_township, is_zone, split

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

# What an office is for by its name; so named, a 处 or a 中心 within a body has no report of its own.
_TASK = (
    "(?:综合|秘书|文秘|办公|行政|机关|党务|党建|组织|人事|人教|财务|审计|规划|计划|发展|研究|调研|政策|法规|法制|政法|条法|审批|许可|政务|信息|公开"
    "|宣传|宣教|新闻|网络|舆情|督查|督办|督察|监察|纪检|协调|联络|事务|业务|科技|后勤|和|与|及|、)"
)
_BODY = (
    f"(?:(?<=局)|(?<=厅)|(?<=中心)|(?<=海关)|(?<=[^府]办公室)|{'|'.join(f'(?<={word}委员会)' for word in _DEPARTMENTS)}"
    "|(?<=[改健计建信资宗通科]委)|(?<=管委会))"
)
_OF_MANY_OFFICES = re.compile(
    f"{_BODY}{_TASK}{{1,6}}(?:管理)?处$|(?<=[^公]厅)(?:(?!{_ANOTHER.removesuffix('|管理处')}).){{1,10}}处$"
    f"|{_BODY}{_TASK}{{0,5}}(?:信息|信息化|网络|宣传|后勤|机关|指挥)(?:服务|保障)?中心$|(?<=[局厅会])机关党委$"
)
_BRACKET = re.compile(r"\([^()]{0,30}\)$")
_LAST = frozenset("室办科股处心委厅)")  # characters with which offices end
_OF_A_MINISTRY = "办公厅"
_WITHIN = 3  # offices within offices (水利厅办公室综合处)

_OF_A_ZONE = frozenset(("办公室", "党政办公室", "党政办", "综合办公室", "党政综合办公室", "党工委办公室"))

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
    if name[-1:] not in _LAST:
        return name  # as most are
    outer = _BRACKET.sub("", name)
    if outer != name:  # 大云镇人民政府综合信息指挥室(党政综合办公室)
        body = without_office(outer)
        return body if body != outer else name
    for _ in range(_WITHIN):
        if (body := _outer(name)) == name:
            break
        name = body
    return name


def _outer(name: str) -> str:
    """What the office is an office of that a name ends with."""
    if is_head(ministry := name.removesuffix(_OF_A_MINISTRY)):
        return ministry
    chain, rest = split(name)
    if chain and is_township(chain[-1]):
        return "".join(chain) if rest != "办" and _OF_A_TOWN.fullmatch(rest) else name
    if chain and rest in _OF_A_ZONE and is_zone(chain[-1]):
        return "".join(chain)
    for pattern in (_OF_A_BODY, _OF_A_COMMITTEE, _OF_ANOTHER, _OF_MANY_OFFICES):
        if (found := pattern.search(name)) and len(name) - len(found[0]) > 1:
            return name[: found.start()]
    return name
