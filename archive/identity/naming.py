"""Bring agency names into one order: completed from a place, and compared without higher divisions.

A government and its office are two agencies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from archive.identity.central import is_central, place_of_branch, without_customs_district
from archive.identity.divisions import Place, is_generic_zone, is_township, is_zone, place, split, stem_of
from archive.identity.groups import names_a_group, names_a_group_of
from archive.identity.text import data, squeeze
from storage.records import AgencyKind

_EDGES = re.compile(r"^[\s\"'《》〈〉<>【】\[\]·•●■◆▪→>\-—–_:,.;、|]+|[\"'《》〈〉<>【】\[\]·:,.;、|\-—–_]+$")
_DOMAIN = re.compile(
    r"\(?(?:https?://)?(?<![a-z0-9-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|cn|cc|top|vip|xyz|info|edu|gov|hk)(?![a-z0-9])/?\)?",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"([^()]{0,80})\(([^()]{1,40})\)")
_STREET_OF_GOVERNMENT = re.compile(r"^人民政府(.{2,12}街道)办(?:事处)?$")
# A leading 县, 市 … stands for the portal's own division, unless it begins a word.
_LEVEL = re.compile(
    r"^(?:省(?![际级直])|市(?!场|政(?!府|务|协|法)|容|郊|直|民(?=中心|服务|广场|之家|办事|热线|卡|代表|学校))|县(?![域级直])|区(?![域划块])|旗|州|盟|镇(?!街)|乡(?![村镇]))(?=.)"
)
# 公安局 in 公安县 is no 局 of 公安; 乡村振兴局 in 振兴区 does not name its place.
_NOT_A_START = tuple("局办委厅部厂")
_COMMON_WORDS = re.compile("乡村振兴|区域合作|经济合作|公安|安全")
_AUTONOMOUS = re.compile("自治[区州县旗](?=.)")
_COUNCIL = re.compile(r"(?<![党纪法市县区团编工州镇乡省旗])委$")
_OFFICE = re.compile(r"^人民政府办公[室厅]$")
_ZONE_BOARD = re.compile(r"^(?:党工委)?[、和]?(?:管委会|管理委员会)$")
_OWN_LEVEL = re.compile("[县市区旗州]?(?:人民)?(?:政府)?本级(?:人民)?(?:政府)?|[县市区旗州]?级(?:人民)?政府")
_PARTY = "中共"
_NATIONAL = re.compile(r"^(?:国家|中国)[^省市县区旗州盟]{2,8}?(?:局|银行)(?=.)")  # 国家税务总局汶上县税务局


@dataclass(frozen=True, slots=True)
class Name:
    """An agency's name put in order.

    ``text``: completed as far as the place allows; ``chain``: its divisions, highest first; ``local``: what follows;
    ``complete``: it says (or was given) its place; ``foreign``: it names another place than the one given; ``misread``:
    the place as printed, when that is the given place with a look-alike character.
    """

    text: str = ""
    chain: tuple[str, ...] = ()
    local: str = ""
    complete: bool = False
    foreign: bool = False
    misread: str = ""

    @property
    def county(self) -> str:
        """The lowest division above townships ("" if the name has none)."""
        return Place(self.chain).county

    @property
    def township(self) -> str:
        """The township or street it belongs to ("" if none)."""
        return self.chain[-1] if self.chain and is_township(self.chain[-1]) else ""


def normalise(name: str | None) -> str:
    """Give a name in its normal form, without decorations at its ends; a site's domain is no part of it."""
    plain = squeeze(name)[:160]
    if "." in plain:
        plain = _DOMAIN.sub("", plain)
    for _ in range(3):
        plain = _EDGES.sub("", plain)
    return plain


_BODY = re.compile(
    "(?:局|委|办|厅|府|院|会|署|处|所|站|社|队|部|室|馆|联|镇|乡|街道|苏木|县|市|区|旗|州|盟|省|中心|公司|集团|学校|中学|小学|大学|学院|银行|支行|分行|海关|系统|分局)$"
)
_NO_BODY = re.compile(
    "我[省市县区局委办镇乡]|[全本各][省市县区镇乡局]|XX|××|某|整理|汇总|情况|促进|推动|按照|根据|依据|基础|编制(?!委)|编写|领导下|要求|精神|规定|部署|《|》|[,。;:、!?]|工作$|网站?$|上$"
)


@cache
def _section() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(data('names.toml')['sections'])}){{1,4}}(?:中心|大?厅|会|室|馆|站|台|部)")


def is_section(name: str) -> bool:
    """Whether a name is that of a part of a web site (新闻中心, 网上办事大厅), by its words alone."""
    return len(name) <= 40 and _section().fullmatch(name) is not None


def looks_like_body(name: str) -> bool:
    """Whether words cut out of a text can be an agency's name ("在此基础上整理", a person's name and the section of a
    site, 新闻中心, cannot).
    """
    fits = 3 <= len(name) <= 40 and bool(_BODY.search(name)) and not _NO_BODY.search(name)
    return fits and not is_section(name)


def is_generic(name: str) -> bool:
    """Whether a name could be any body's ("县级部门"), its place before it or not ("汶上县各部门")."""
    return name in data("names.toml")["generic"] or _is_many(name)


def is_group(name: str) -> bool:
    """Tell whether a name is that of all bodies of a place ("汶上县各部门"): the words behind it name one of them."""
    return len(name) >= 4 and _is_many(name)


def _is_many(name: str) -> bool:
    return names_a_group(name) or names_a_group_of(split(name)[1])


def looks_alike(printed: str, county: str) -> bool:
    """Whether a name is another one but for a character that looks like the one there (沐阳县, 沭阳县)."""
    if len(printed) != len(county) or printed == county:
        return False
    pairs = [(a, b) for a, b in zip(printed, county, strict=True) if a != b]
    return len(pairs) == 1 and any(
        pairs[0][0] in group and pairs[0][1] in group for group in data("names.toml")["confusable"]
    )


def same_division(one: str, other: str) -> bool:
    """Whether two spellings can name one division: 临夏州 and 临夏回族自治州, 喀左县 and 喀喇沁左翼蒙古族自治县."""
    if one == other:
        return True
    if one[-1:] != other[-1:]:
        return False
    short, long = sorted((stem_of(one), stem_of(other)), key=len)
    if len(short) < 2 or short[0] != long[0]:
        return False
    rest = iter(long)
    return len(long) - len(short) >= 2 and all(character in rest for character in short)


def _level(plain: str, where: Place) -> tuple[str, int]:
    """Give the division that a leading 县, 自治州 … stands for, and the length of that word ("" if none)."""
    if match := _AUTONOMOUS.match(plain):
        return next((name for name in reversed(where.chain) if name.endswith(match[0])), ""), len(match[0])
    if not _LEVEL.match(plain):
        return "", 0
    return next((name for name in reversed(where.chain) if name.endswith(plain[0])), ""), 1


def _take_bracket(plain: str) -> str:
    match = _BRACKET.fullmatch(plain)
    if not match:
        return plain
    outer, inner = match[1], match[2]
    if is_generic(inner):
        return inner
    chain, rest = split(outer)
    if not chain or rest:
        return outer
    return outer + (inner[1:] if has_level(inner) and chain[-1].endswith(inner[0]) else inner)


def _is_township_of(level: str, township: str) -> bool:
    """Whether what stands behind a bare 县, 区 … is a township by itself (县梅城镇): not where that is the first
    character of its own name (县底镇, 市坪苗族布依族乡).
    """
    return not is_township(level) and is_township(township) and len(stem_of(township)) >= 2 and "族" not in township


def _divide(plain: str, where: Place) -> tuple[tuple[str, ...], str]:
    """Divisions and rest, the place's own county first (it may be called "城区")."""
    county = where.county
    if county and len(county) >= 2 and plain.startswith(county):
        below, rest = split(plain[len(county) :])
        below = below if below and is_township(below[0]) else ()
        return (county, *below), plain[len(county) + sum(map(len, below)) :]
    chain, rest = split(plain)
    level, length = _level(plain, where)
    if level and (not chain or is_generic_zone(chain[0][1:]) or _is_township_of(level, chain[0][length:])):
        below, rest = split(plain[length:])
        return (level, *below), rest
    if chain and county and chain[-1] != county and rest.startswith(county):
        return (*chain, county), rest[len(county) :]
    if chain:
        return chain, rest
    stem = stem_of(county)
    if (
        county
        and len(stem) >= 2
        and plain.startswith(stem)
        and not is_zone(county)
        and plain[len(stem) :][:1] not in _NOT_A_START
    ):
        return (county,), plain[len(stem) :]
    return (), plain


def _names_own_place(plain: str, where: Place) -> bool:
    """Whether a name without divisions at its head names its place some other way ("国家税务总局汶上县税务局")."""
    provinces = tuple(data("names.toml")["provinces"])
    named = _COMMON_WORDS.sub("", plain)
    return plain.startswith((*provinces, "国家", "中国", "中共")) or any(stem in named for stem in where.stems)


def _is_central_body(plain: str, where: Place) -> bool:
    """Whether a name is a central body's or its branch's; at a place's portal 商务部 may be that of a zone there."""
    named = not where.chain or plain.startswith(("国家", "中国", "国务院")) or plain.endswith("海关")
    return named and is_central(plain)


def county_of_branch(plain: str) -> str:
    """Give the place that a branch of a national body prints in its name ("" if it prints none)."""
    match = _NATIONAL.match(plain)
    behind = Place(split(plain[match.end() :])[0]).county if match else ""
    return behind or place_of_branch(plain)


def _local(chain: tuple[str, ...], rest: str) -> str:
    """Give the rest in its official form; a bare division stands for its government."""
    if match := _STREET_OF_GOVERNMENT.match(rest):
        return match[1] + "办事处"
    last = chain[-1] if chain else ""
    if last.endswith("街道"):
        return "办事处" if rest in ("", "办", "办事处", "街道办事处", "人民政府") else rest
    if (rest in ("", "政府", "人民政府") or is_own_level(rest)) and last:
        if is_township(last):
            return "人民政府"
        if rest == "" and is_zone(last):
            return "管委会"
        if rest == "" and last.endswith(("盟", "地区")):
            return "行政公署"
        return "人民政府"
    expanded: str = data("names.toml")["expand"].get(rest, rest)
    return expanded


def is_own_level(name: str) -> bool:
    """Whether a label means the government that the portal is of (本级, 县本级, 政府本级, 县级政府)."""
    return _OWN_LEVEL.fullmatch(name) is not None


@lru_cache(maxsize=8192)
def complete(printed: str | None, place_text: str | None = None) -> Name:
    """Complete a printed name from a place: "司法局", "县司法局", "汶上司法局" in 汶上县 → 汶上县司法局.

    A bare division gives its government. What names no body gives the empty :class:`Name`.
    """
    where = place(place_text)
    plain = without_customs_district(_take_bracket(normalise(printed)))
    if not plain or is_generic(plain):
        return Name()
    whole = _is_central_body(plain, where)
    chain, rest = ((), plain) if whole else _divide(plain, where)
    party = _PARTY if chain and chain[0].startswith(_PARTY) else ""
    if party:  # 中共汶上县委: the committee's county is 汶上县
        chain = (chain[0].removeprefix(party), *chain[1:])
    if chain:  # 汶上县 汶上县司法局, 南旺镇 南旺镇人民政府
        chain = tuple(one for one, _ in groupby(chain))
        while rest.startswith(chain[-1]):
            rest = rest.removeprefix(chain[-1])
    county, misread = where.county, ""
    if chain and county and county not in chain:
        for position, division in enumerate(chain):
            if looks_alike(division, county):
                chain, misread = (*chain[:position], county, *chain[position + 1 :]), division
    if chain and (is_township(chain[0]) or is_generic_zone(chain[0])) and county and county != chain[0]:
        chain = (county, *chain)
    unknown_level = bool(_LEVEL.match(plain) or _AUTONOMOUS.match(plain))
    if not chain and county and not whole and not unknown_level and not _names_own_place(plain, where):
        chain = (county,)
    local = _local(chain, rest)
    known = (
        bool(chain) or whole or (bool(where.chain) and _names_own_place(plain, where)) or bool(county_of_branch(plain))
    )
    own = Place(chain).county
    foreign = (
        bool(own and county) and not same_division(own, county) and not any(stem in plain for stem in where.stems[-1:])
    )
    # "经开区" on its own can be any city's zone: no contradiction
    foreign = foreign and not is_generic_zone(own) and not (is_generic_zone(county) and is_zone(own))
    return Name(party + "".join(chain) + local, chain, local, known, foreign, misread)


def kind_of(name: Name) -> AgencyKind:
    """Say what kind of body a completed name is, by its form alone (the registry knows better)."""
    if name.township:
        street = name.township.endswith("街道")
        return AgencyKind.SUBDISTRICT if street else AgencyKind.TOWNSHIP
    if "街道办事处" in name.local:
        return AgencyKind.SUBDISTRICT
    last = name.chain[-1] if name.chain else ""
    own_zone = (
        bool(last) and is_zone(last) and all(is_zone(above) or above[-1] in "省市区州" for above in name.chain[:-1])
    )
    if name.local in ("人民政府", "行政公署") or (own_zone and _ZONE_BOARD.match(name.local)):
        return AgencyKind.GOVERNMENT
    if _OFFICE.match(name.local) or (own_zone and name.local in ("管委会办公室", "管理委员会办公室")):
        return AgencyKind.OFFICE
    if name.local.endswith(("局", "委员会", "委", "办公室", "厅", "部")):
        return AgencyKind.DEPARTMENT
    return AgencyKind.OTHER


def _canonical(township: str, local: str) -> str:
    if not township:
        if local.endswith("委"):
            local = _COUNCIL.sub("委员会", local)
        if len(local) > 4:
            local = local.translate(str.maketrans("", "", "和与及、"))
    return township + local.replace("管理委员会", "管委会")


def key(name: Name) -> str:
    """Give what is compared: the name without county and higher divisions (kept where they are foreign)."""
    body = _canonical(name.township, name.local)
    return name.county + body if name.foreign else body


@cache
def short_keys() -> dict[str, tuple[str, ...]]:
    """Give the known short forms, each with the full forms it can stand for, all as :func:`key` gives them."""
    table: dict[str, list[str]] = data("names.toml")["short"]
    return {_canonical("", short): tuple(_canonical("", full) for full in fulls) for short, fulls in table.items()}


def has_level(plain: str) -> bool:
    """Whether a name begins with a bare 县, 市 … that stands for some division."""
    return bool(_LEVEL.match(plain))


def is_short_for(short: str, full: str) -> bool:
    """Whether one comparable form (:func:`key`) is a known short form of another."""
    return full in short_keys().get(short, ())


def abbreviates(one: str, other: str) -> bool:
    """Whether one comparable form may shorten the other: in order, same first and last character (教体局)."""
    short, long = sorted((one, other), key=len)
    if len(short) < 3 or short[0] != long[0] or short[-1] != long[-1]:
        return False
    rest = iter(long)
    return all(character in rest for character in short)
