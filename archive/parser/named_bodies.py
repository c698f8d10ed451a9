"""Find the bodies that the beginning of a text names as its authors: who compiled or published the report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from archive.identity.division_lists import longest_listed
from archive.identity.inner_offices import without_office
from archive.parser.opening_lines import Opening

OPENING = 3_000  #: characters that are looked at
#: What may be a name in a sentence, or more than it: a body ends as :func:`ends_as_body` says.
BODY = r"[^，。,；;：:《》“”\s]{2,28}"
# How a text names its agency, each way with words of which one must stand in the text.
_NAMED = (
    (
        ("报告",),
        rf"(?:本(?:年度|年|报)?|信息公开(?:工作)?年度)报告(?:是|系)?由(?P<a>{BODY}?)(?:按照|根据|依据|依照|遵照|结合|负责|组织|牵头|编制|编写|撰写|汇总)",
    ),
    (
        ("编制", "编写", "撰写"),
        rf"由(?P<b>{BODY}?)(?:根据政府信息公开工作情况|结合[^，。,；;]{{2,20}}?|负责|牵头|具体|组织)?(?:(?<!机构)编制(?!委)|编写|撰写)",
    ),
    (
        ("现将", "现公布", "现发布"),
        rf"现(?:将|公布|发布)(?P<c>{BODY}?)(?:关于)?(?:20\d\d年|在?20\d\d|政府信息公开|信息公开)",
    ),
    (("编制",), rf"(?:^|[，。,；;])(?P<d>{BODY}?)(?:负责|牵头|具体|组织)?(?<!机构)编制(?:完成)?(?:了|本|形成|《|20)"),
    (("编制",), rf"编制(?:完成|形成)?(?:了|本|的)?《(?P<e>{BODY}?)20\d\d"),
    (
        ("总结", "梳理"),
        rf"(?:^|[，。,；;\n])(?P<f>{BODY}?)对(?:本机关|本单位)?20\d\d年?度?的?(?:政府|政务)?信息公开(?:工作)?(?:情况)?进行了?[^，。,；;]{{0,8}}(?:总结|梳理)",
    ),
)
_BODY_END = re.compile(
    r"(?:[局委办厅室院会乡镇处系统队所站部馆校署社行库场区县市旗盟州省]|政府|街道|中心|公司|集团|支队|大队|苏木|机关)(?:\([^()]{0,30}\))?$"
)
_NO_BODY = re.compile(
    r"^[xX×某]{2}[省市县区旗镇乡局]|根据|条例|国务院|本机关|本单位|^我|^本(?!溪)|规定|要求|报告|公民|社会(?!保[障险]|工作|事务)|统计(?!局)|^各|^其|^全(?![椒州南])|^并|^请|^可|工作人员"
)
# An office of open government is asked about reports and compiles them, and they are others'; so does a government's
# inner office, of which it cannot be told whether the government's own report or its office's is meant.
_OF_OTHERS = re.compile(
    r"(?:政府信息|政务|信息)公开(?:工作)?(?:领导小组|协调小组|受理|咨询)?(?:办公室|办|处|科|机构|领导小组)$"
    r"|政府(?:党建|党政|综合|督查|督考|秘书|文秘|信息)[^局委]{0,6}(?:办公室|办|科|股|室)$"
)
# The report of a government, made of those of all below it (汇总南平市各县(市、区)、市政府各有关部门…编制而成).
_OF_ALL = re.compile(
    r"(?P<place>[\u4e00-\u9fff]{2,12}?[省市县区旗州盟])(?:人民)?(?:政府)?各[^。;]{0,40}?(?:部门|单位)[^。;要规通]{0,60}(?:编制|而成|汇总)"
)


def statements(beginning: str, opened: Sequence[Opening]) -> Iterator[str]:
    """Their names as printed. ``opened``: what the opening says of the report."""
    text = beginning[:OPENING]
    named = _naming_pattern(tuple(any(word in text for word in needed) for needed, _ in _NAMED))
    found = (next((found for found in match.groups() if found), "") for match in named.finditer(text)) if named else ()
    yield from _reports_for_all(text)
    yield from (one.agency for one in opened if _may_report(one.agency))  # an office's as that is printed
    yield from reporters(found)


def reporters(found: Iterable[str]) -> Iterator[str]:
    """The names among words cut out of a text that can be whose report it is, of an inner office its body's."""
    for printed in found:
        name = re.sub(r"^(?:按照|根据|依据)?.{0,40}(?:要求|规定|精神)[，,]?", "", printed)
        name = re.sub(r"^(?:[现特并]?由)?(?:20\d\d年?度?的?)?|(?:20\d\d年?度?|的)$", "", name)
        if _may_report(name := without_office(name)):
            yield name


def _may_report(name: str) -> bool:
    no_reporter = _NO_BODY.search(name) or _OF_OTHERS.search(name)
    return 2 < len(name) <= 28 and ends_as_body(name) and not no_reporter


def ends_as_body(text: str) -> bool:
    """Whether a text ends as names of bodies and places do."""
    return _BODY_END.search(text) is not None


def _reports_for_all(text: str) -> Iterator[str]:
    """The government whose report a text says was made of the reports of all departments and places below it."""
    if "编制" in text and (match := _OF_ALL.search(text)) and (place := longest_listed(match["place"])):
        yield f"{place}人民政府"


@cache
def _naming_pattern(possible: tuple[bool, ...]) -> re.Pattern[str] | None:
    """The ways of naming an agency that are possible in a text: each costs as much as the others where none is met."""
    ways = [pattern for (_, pattern), can in zip(_NAMED, possible, strict=True) if can]
    return re.compile("|".join(ways)) if ways else None
