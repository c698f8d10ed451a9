"""Find provinces, cities, counties, zones and townships at the head of names. Pure.

Provinces, prefectures and counties are those of the lists since 2008 (``division_codes``); townships, zones and what
no list has are told by their suffixes. A place is written as a chain ("山东省济宁市汶上县") or alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.identity.division_codes import Division, divisions
from archive.identity.text import alternatives, data, squeeze

MAX_PLACE_CHARS, MAX_CHAIN = 120, 6
_TOWNSHIP = ("镇", "乡", "苏木", "街道")
_SUFFIX = re.compile("(?:特别行政区|自治[区州县旗]|林区|街道|地区|苏木|[省市州盟县旗区镇乡])$")
_STOP = "局委厅署#()\"'《》,。;:!?·、_|/>"
# Of what no list has, at the head of a name. What may not follow keeps 市场监督, 乡村振兴, 县级 … in one piece.
_UNLISTED = re.compile(
    rf"第[一二三四五六七八九十]{{1,3}}师(?=[^{_STOP}]{{2,6}}?市)|[^{_STOP}][镇乡](?=(?:人民)?政府|$)|[^{_STOP}]{{2,14}}?(?:自治[区州县旗]|林区|街道|地区|苏木|省(?![际级直])|州(?![市区县湾])|盟(?!市)"
    r"|市(?![场直容]|政(?!府|协)|民(?!政)|[镇乡](?:人民|政府|党|办|$))|县(?![级域直市]|[镇乡](?:(?:人民)?政府|$))|旗(?![下舰帜区县镇乡街])|区(?![域划块级])"
    r"|镇(?![市县区化]|街道)|乡(?![市县区村镇建统居规族]|街道))"
)
# What ends or begins like a division and is none.
_NO_DIVISION = re.compile(
    "^(?:[省市县区旗州盟]?(?:城市|直|人民|机关|政)|自治|乡镇|村镇|住房|城[乡镇]|新型|农村|社会|公共|行政|政府|人民|机关|文化|教育|各|全(?![椒南州])|本(?!溪)|我|关于|根据|按照|通过|依据)"
    "|(?:社区|小区|校区|灾区|院区|片区|辖区|居民区|牧区|库区)$|政府|中心(?!街道|镇|乡)|公司|法院|大学|办公|管理(?!区)|管委|城市$"
)
_GENERIC_ZONE = re.compile(
    "(?:经济|高新|高新技术|产业|工业|农业|技术|旅游|自然|国家级|省级|风景|综合|保税)*"
    "(?:开发区|园区|示范区|实验区|试验区|保税区|管理区|名胜区|风景区|度假区|新区|景区|林区|矿区|库区|港区|城区|郊区|市区|经开区|高新区)"
)
_TOWN_BEHIND = re.compile("街道|[镇乡](?:(?:人民)?政府|$)")  # 青县镇 is a town
_ANY_CITYS = frozenset(("城区", "郊区", "矿区"))
_MAX_NAME_CHARS = 15  # of the longest division in the lists (双江拉祜族佤族布朗族傣族自治县)


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
    return name.endswith(tuple(data("names.toml")["zones"])) and name not in by_name()


def is_generic_zone(name: str) -> bool:
    """Whether a zone's name says only what it is ("经济开发区"), not where."""
    return _GENERIC_ZONE.fullmatch(name) is not None


@lru_cache(maxsize=8192)
def stem_of(name: str) -> str:
    """Return a division's name without its suffix ("汶上县" → "汶上")."""
    return _SUFFIX.sub("", name) or name


@cache
def by_name() -> Mapping[str, Sequence[Division]]:
    """Return the divisions of all lists by name."""
    found: dict[str, list[Division]] = defaultdict(list)
    for one in divisions():
        found[one.name].append(one)
    return found


@cache
def _province() -> re.Pattern[str]:  # 河北区, 海南州, 吉林市 are no provinces
    suffix = "(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)(?:新疆生产建设兵团)?|生产建设兵团"
    return re.compile(f"(?:{alternatives(data('names.toml')['provinces'])})(?P<suffix>{suffix})?(?![区县州])")


def split(name: str, *, short_province: bool = False) -> tuple[tuple[str, ...], str]:
    """Split the divisions off the head of a squeezed name: "济宁市汶上县司法局" → (("济宁市", "汶上县"), "司法局").

    ``short_province``: also a province without its suffix ("广西柳州市…"), as places are written.
    """
    chain: list[str] = []
    start = 0
    province = _province().match(name)
    if province and (province["suffix"] or (short_province and _listed(name) == "")):
        chain.append(province[0])
        start = province.end()
    while start < len(name) and len(chain) < MAX_CHAIN and (found := _head(name[start:], bool(chain))):
        chain.append(found)
        start += len(found)
    return tuple(chain), name[start:]


def _listed(text: str) -> str:
    """Return the longest division of the lists that a text begins with; a township of its name is another thing."""
    ends = range(min(len(text), _MAX_NAME_CHARS), 1, -1)
    return next((text[:end] for end in ends if text[:end] in by_name() and not _TOWN_BEHIND.match(text, end)), "")


def listed_at_end(text: str) -> str:
    """Return the longest listed division that a text ends with ("" if none)."""
    return next((text[at:] for at in range(len(text) - 1) if text[at:] in by_name()), "")


def _head(text: str, is_below: bool) -> str:
    """Return the division that a text begins with ("" if none); 城区 may be any city's, and needs one before it."""
    found = _listed(text)
    if found and (is_below or found not in _ANY_CITYS):
        return found
    match = _UNLISTED.match(text)
    return "" if match is None or _NO_DIVISION.search(match[0]) else match[0]


@lru_cache(maxsize=4096)
def place(text: str | None) -> Place:
    """Read a place: a chain or a single name, township included. Unknown words at the end are kept as a last link."""
    plain = squeeze(text)[:MAX_PLACE_CHARS]
    bracket = re.search(r"\(([^()]{1,40})\)$", plain)
    note = bracket[1] if bracket and not split(bracket[1])[0] else ""  # 高新区(新市区) is one place
    chain, rest = split(plain[: bracket.start()] if bracket else plain, short_province=True)
    return Place((*chain, rest) if rest else chain, note)


def same_division(one: str, other: str) -> bool:
    """Whether two spellings can name one division: 临夏州 and 临夏回族自治州, 喀左县 and 喀喇沁左翼蒙古族自治县."""
    if one == other:
        return True
    if not one or not other or one[-1] != other[-1]:
        return False
    short, long = sorted((stem_of(one), stem_of(other)), key=len)
    rest = iter(long)
    return 2 <= len(short) <= len(long) - 2 and short[0] == long[0] and all(one in rest for one in short)


@lru_cache(maxsize=8192)
def is_listed(name: str) -> bool:
    """Whether a list of any year has a division of this name, or one that it is short for (喀左县, 临夏州)."""
    if name in by_name() or name in data("names.toml")["uncoded"]:
        return True
    return any(len(other) > len(name) and same_division(name, other) for other in by_name())


@lru_cache(maxsize=256)
def prefixes(name: str) -> tuple[str, ...]:
    """Return the beginnings of codes in the province or prefecture of this name (济宁市, 济宁), () if there is none.

    Several where its code changed. A stem that names two places (吉林, 朝阳) names none.
    """
    named = [one for one in by_name().get(name, ()) if one.level != "county"]
    if not named and len(name) >= 2:
        stemmed = [one for one in divisions() if one.name.startswith(name) and stem_of(one.name) == name]
        is_one = len({one.name for one in stemmed}) == 1 and all(one.level != "county" for one in stemmed)
        named = stemmed if is_one else []
    return tuple(dict.fromkeys(one.prefix for one in named))


def differs_by_one(one: str, other: str) -> bool:
    """Whether two names of one length differ in exactly one character (鄂城县, 郓城县)."""
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _lookalikes(name: str) -> Iterator[str]:
    """Yield the names that differ from one by a character that looks like the one there."""
    groups = data("names.toml")["confusable"]
    for at, one in enumerate(name):
        yield from (name[:at] + other + name[at + 1 :] for group in groups if one in group for other in group)


def looks_alike(printed: str, name: str) -> bool:
    """Whether a name is another one but for a character that looks like the one there (沐阳县, 沭阳县)."""
    return printed != name and name in _lookalikes(printed)


def misprints(name: str) -> tuple[str, ...]:
    """Return the listed divisions that an unlisted name looks like."""
    return () if is_known(name) else tuple(one for one in _lookalikes(name) if one in by_name())


def is_known(name: str) -> bool:
    """Whether a division is in a list, or of a kind that no list has (townships, zones)."""
    return is_listed(name) or is_township(name) or is_zone(name) or is_generic_zone(name)
