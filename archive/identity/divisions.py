"""Find provinces, cities, counties, zones and townships at the head of names, by their suffixes.

No gazetteer: the portal's place is given by the caller. A place is written as a chain ("山东省济宁市汶上县") or alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.identity.text import data, squeeze

_TOWNSHIP = ("镇", "乡", "苏木", "街道")
_SUFFIXES = (
    "特别行政区", "自治区", "自治州", "自治县", "自治旗", "林区", "街道", "地区", "苏木", "省", "市",
    "州", "盟", "县", "旗", "区", "镇", "乡",
)  # fmt: skip
_ENDS = "(?:(?:人民)?政府|$)"
_OF_A_TOWN = (
    "(?:人民|政府|党|纪|综合|办|机关|便民|[(#\\d]|$)"  # behind 镇: 上塔市镇 is a town, 宁波市镇海区 none of 市镇
)
# What may not follow, so that 市场监督, 乡村振兴, 镇江市, 州区 … are not cut in two.
_NOT_AFTER = {
    "省": "(?![际级直])",
    "市": rf"(?![镇乡]{_OF_A_TOWN})"
    "(?!场|直|政(?!府|务|协|法|和)|容(?![城县])|民(?=中心|服务|广场|之家|办事|热线|卡|代表|学校))",
    "州": "(?![市区县湾])(?!新区|工业园)",
    "盟": "(?!市(?!场))",
    "县": rf"(?![级域直])(?!乡(?!村(?![三两级道组])|镇企业))(?!区(?![域划]))(?!市(?![场政民容]))(?!镇{_ENDS})",
    "旗": rf"(?![下舰帜区县])(?![镇乡]{_ENDS}|街道)",  # 红旗镇
    "区": "(?![域划块级])",
    "镇": "(?![市县区化])(?!街道)",
    "乡": "(?![市县区村镇建统居规族])(?!街道)",
}
_STOP = "局委厅署#()\"'《》,。;:!?·、_|/"
_DIVISION = rf"第[一二三四五六七八九十]{{1,3}}师(?=[^{_STOP}]{{2,6}}?市)"  # of the Corps, with its city: 第八师石河子市
_TOKEN = re.compile(
    rf"{_DIVISION}|[^{_STOP}]县{_NOT_AFTER['县']}|[^{_STOP}]旗{_NOT_AFTER['旗']}|[^{_STOP}][镇乡](?=(?:人民)?政府|$)|[^{_STOP}]{{2,14}}?(?:"
    + "|".join(suffix + _NOT_AFTER.get(suffix, "") for suffix in _SUFFIXES)
    + ")"
)
# Words that end like a division or begin like one and are none.
_NO_DIVISION = re.compile(
    "^[省市县区旗州盟]城市|^(?:自治|乡镇|村镇|住房|住宅|城市|城乡|城镇|文明|智慧|新型|统筹|农村|社会|公共|行政|政府|人民|机关|文化|教育|各|全(?![椒南州])|本(?!溪)|我|关于|[省市县区旗州盟镇乡](?:政|人民|直))"
    "|(?:社区|小区|校区|灾区|院区|片区|辖区|居民区|牧区|库区)$|政府|中心(?!街道|镇|乡)|公司|法院|大学|办公|管理(?!区)|管委"
)
_ZONE_WORDS = re.compile(
    "^(?:(?:经济|高新|高新技术|产业|工业|农业|技术|产业园|旅游|自然|国家级|省级|风景|综合|保税)*(?:开发区|园区|示范区|实验区|试验区|保税区|管理区|名胜区|风景区|度假区|新区|景区|林区|矿区|库区|港区|城区|郊区|市区|经开区|高新区))$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A chain of divisions, highest first; ``note``: what stands in brackets behind it ("锡山区(司法局)")."""

    chain: tuple[str, ...] = ()
    note: str = ""

    @property
    def county(self) -> str:
        """The lowest division that is no township or street ("" if there is none)."""
        return next((name for name in reversed(self.chain) if not is_township(name)), "")

    @property
    def stems(self) -> tuple[str, ...]:
        """The names without their suffix, of two characters or more."""
        return tuple(stem for name in self.chain if len(stem := stem_of(name)) >= 2)


def is_township(name: str) -> bool:
    """Whether a division is a township or street."""
    return name.endswith(_TOWNSHIP)


def is_zone(name: str) -> bool:
    """Whether a division is a zone run by a 管委会 (not an ordinary 区)."""
    words = data("names.toml")
    return name.endswith(tuple(words["zones"])) and name not in words["not_zones"]


def is_generic_zone(name: str) -> bool:
    """Whether a zone's name says only what it is ("经济开发区"), not where."""
    return bool(_ZONE_WORDS.match(name))


def stem_of(name: str) -> str:
    """Give a division's name without its suffix ("汶上县" → "汶上")."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


@cache
def _provinces() -> re.Pattern[str]:
    names = "|".join(data("names.toml")["provinces"])
    # 河北区, 海南州, 吉林市 are no provinces
    return re.compile(
        rf"(?:{names})(?:(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)(?:新疆生产建设兵团)?|生产建设兵团|(?![区县市州藏蒙]))"
    )


def _token(text: str, start: int) -> str:
    match = _TOKEN.match(text, start)
    if not match:
        return ""
    found = match[0]
    if _NO_DIVISION.search(found) or (found.endswith("城市") and len(found) > 3 and found != "共青城市"):
        return ""
    return found


def split(name: str, *, short_province: bool = False) -> tuple[tuple[str, ...], str]:
    """Split the divisions off the head of a squeezed name: "济宁市汶上县司法局" → (("济宁市", "汶上县"), "司法局").

    ``short_province``: also a province without its suffix ("广西柳州市…"), as places are written.
    """
    chain: list[str] = []
    start = 0
    match = _provinces().match(name)
    if match and (short_province or match[0][-1] in "省市区团"):
        chain.append(match[0])
        start = match.end()
    while start < len(name) and len(chain) < 6 and (token := _token(name, start)):
        chain.append(token)
        start += len(token)
    return tuple(chain), name[start:]


@lru_cache(maxsize=4096)
def place(text: str | None) -> Place:
    """Read a place: a chain or a single name, township included. Unknown words at the end are kept as a last link."""
    plain = squeeze(text)[:120]
    note = ""
    if match := re.search(r"\(([^()]{1,40})\)$", plain):
        plain, note = plain[: match.start()], match[1]
    chain, rest = split(plain, short_province=True)
    if rest:
        chain = (*chain, rest)
    return Place(chain, note)
