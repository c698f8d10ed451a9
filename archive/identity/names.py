"""Complete agency names from a place, tell the kind of agency, and recognise words that name no single agency.

A government and its office are two agencies. Words and patterns are in ``names.toml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from archive.identity import divisions
from archive.identity.divisions import DivisionChain, is_generic_zone, is_subdistrict, is_township, is_zone, split
from archive.identity.text import any_word, pattern, squeeze, words
from storage.records import AgencyKind

MAX_NAME_CHARS, MAX_AGENCY_CHARS = 160, 40
_EDGES = "\"'《》〈〉<>【】[]·•●■◆▪→>-—–_:,.;、|"


@dataclass(frozen=True, slots=True)
class Name:
    """An agency's name, split and completed.

    ``text``: completed as far as the given place allows; ``chain``: its divisions, highest first; ``local``: the rest
    of the name; ``complete``: no place is missing; ``foreign``: it names another place than the given one; ``misread``:
    the place as printed, if it is the given place with a look-alike character.
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
        return DivisionChain(self.chain).county

    @property
    def township(self) -> str:
        """The township or street it belongs to ("" if none)."""
        return self.chain[-1] if self.chain and is_township(self.chain[-1]) else ""


def normalise(name: str | None) -> str:
    """Return a name in its normal form (:func:`squeeze`), without punctuation at its ends."""
    return squeeze(name)[:MAX_NAME_CHARS].strip(_EDGES)


# ----------------------------------------------------------------------------------------------- what words can name


def ends_as_agency(name: str) -> bool:
    """True if a text ends like the name of an agency (局, 委员会 …)."""
    return pattern("agency").search(name) is not None


def looks_like_agency(name: str) -> bool:
    """True if a piece of text can be an agency's name; 在此基础上整理 cannot, nor 新闻中心, a part of a site."""
    is_named = 3 <= len(name) <= MAX_AGENCY_CHARS and ends_as_agency(name) and not pattern("no_agency").search(name)
    return is_named and pattern("site_section").fullmatch(name) is None


@lru_cache(maxsize=8192)
def is_generic(name: str) -> bool:
    """True if a name fits many agencies ("县级部门"), even with a place before it ("汶上县各部门")."""
    is_group = len(name) <= MAX_AGENCY_CHARS and pattern("group").fullmatch(name) is not None
    return is_group or name in words("generic")


def is_own_level(name: str) -> bool:
    """True if a label means the portal's own government (本级, 县本级, 政府本级, 县级政府)."""
    return "级" in name and pattern("own_government").fullmatch(name) is not None


@cache
def words_within(kind: str) -> re.Pattern[str]:
    """Return a pattern that finds the words for groups of one kind of agency in a label (各县直部门、乡镇年报汇总)."""
    return re.compile(any_word(words("groups")[kind]))


def names_agencies(title: str) -> bool:
    """True if a squeezed title has a word for a group of agencies (内乡县各单位2024年…); 本机关 is a single one."""
    plain = re.sub("[本我](?:机关|单位|部门)", "", title)
    return any(words_within(kind).search(plain) for kind in words("groups"))


def is_inner(name: str) -> bool:
    """True if a name is only that of an office within an agency (党政综合办, 局办公室, 政策法规科)."""
    return pattern("inner_office").fullmatch(name) is not None


def without_office(name: str) -> str:
    """Return the township or zone that an inner office belongs to (次邱镇党政办公室 → 次邱镇); else the name itself."""
    chain, rest = split(re.sub(r"\([^()]{0,30}\)$", "", name))
    kinds = ((is_township, "town_office"), (is_zone, "zone_office"))
    is_office = chain and any(is_kind(chain[-1]) and pattern(office).fullmatch(rest) for is_kind, office in kinds)
    return "".join(chain) if is_office else name


def is_central(name: str) -> bool:
    """True if a name is a central agency's, or its branch's (国家税务总局汶上县税务局), and so needs no place."""
    return pattern("central_name").match(name) is not None or "海关" in name


# --------------------------------------------------------------------------------------------------------- completing


@lru_cache(maxsize=16384)
def complete(printed: str | None, place_text: str | None = None) -> Name:
    """Complete a printed name from a place: "司法局", "县司法局", "汶上司法局" in 汶上县 → 汶上县司法局.
    A division alone means its government. A text that names no agency gives the empty :class:`Name`.
    """
    where = divisions.place(place_text)
    county = where.county
    plain = re.sub("街办(?:事处)?$", "街道办事处", _open_bracket(normalise(printed)))
    if not plain or is_generic(plain):
        return Name()
    is_nations = plain.startswith(("国家", "中国", "国务院")) or "海关" in plain
    if is_central(plain) and (is_nations or not where.chain):
        return Name(plain, (), plain, complete=True)
    party = next(filter(plain.startswith, ("中共", "中国共产党")), "")
    divided, rest = _divide(plain.removeprefix(party), where)
    # 沐阳县 printed for 沭阳县
    misread = next((one for one in divided if county in divisions.lookalikes(one) and county not in divided), "")
    chain = tuple(county if one == misread else one for one, _ in groupby(divided))
    # begins with a township or an unnamed zone: its county goes before it
    is_below = chain and county != chain[0] and (is_township(chain[0]) or is_generic_zone(chain[0]))
    # names a province, or the place without its suffix (汶上)
    is_placed = plain.startswith(("国家", "中国", *words("provinces"))) or any(stem in plain for stem in where.stems)
    if county and (is_below or not (chain or pattern("level").match(plain) or is_placed)):
        chain = (county, *chain)
    local = _local_form(chain[-1] if chain else "", rest)
    text, is_whole = party + "".join(chain) + local, bool(chain) or bool(county and is_placed)
    return Name(text, chain, local, is_whole, _is_foreign(chain, plain, where), misread)


def _is_foreign(chain: tuple[str, ...], plain: str, where: DivisionChain) -> bool:
    """True if the county in a name is not that of the place; "经开区" alone can be a zone of any city. A name with the
    place's stem is its own (徐水县 of 徐水区; 深圳市公安局龙华分局), but not that of another division in force (铁岭市
    around 铁岭县).
    """
    own, county = DivisionChain(chain).county, where.county
    if not own or not county or county in plain or divisions.same_division(own, county):
        return False
    stem = next(reversed(where.stems), "")
    if stem and (f"{stem}分" in plain or (stem in plain and not divisions.divisions_meant(own))):
        return False
    return not is_generic_zone(own.partition("(")[0]) and not (is_generic_zone(county) and is_zone(own))


def _open_bracket(plain: str) -> str:
    """Return 锡山区司法局 for 锡山区(司法局), and any other name without a remark in brackets at its end."""
    match = re.fullmatch(r"([^()]{0,80})\(([^()]{1,40})\)", plain)
    if match is None or is_generic(match[2]):
        return match[2] if match else plain
    chain, rest = split(match[1])
    if not chain or rest:
        return match[1]
    below, rest = split(match[2])
    return plain if below and not rest else match[1] + match[2]  # 高新区(新市区)


def _divide(plain: str, where: DivisionChain) -> tuple[tuple[str, ...], str]:
    """Split a name into divisions and rest; a level (县) or stem (汶上) at its head means the portal's own division."""
    county, stem = where.county, divisions.stem_of(where.county)
    if len(county) >= 2 and plain.startswith(county):  # a district may be called 城区
        below, rest = split(plain[len(county) :])
        return ((county, *below), rest) if below and is_township(below[0]) else ((county,), plain[len(county) :])
    district = pattern("district").match(plain)
    if district and county.endswith(district[0]):
        below, rest = split(plain[district.end() :])
        return (county, *below), rest
    match = pattern("two_places").match(plain)
    if match and not any(split(one)[1] for one in match.groups()):
        return (match[0],), plain[match.end() :]
    chain, rest = split(plain)
    if chain:
        return ((*chain, county), rest[len(county) :]) if county and rest.startswith(county) else (chain, rest)
    level = pattern("level").match(plain)
    if level and (own := next((one for one in reversed(where.chain) if one.endswith(level[0])), "")):
        below, rest = split(plain[level.end() :])
        return (own, *below), rest
    is_stem = len(stem) >= 2 and plain.startswith(stem) and not is_zone(county)
    if is_stem and plain[len(stem) :][:1] not in set("局办委厅部厂"):  # 公安局 in 公安县 is no 局 of 公安
        return (county,), plain[len(stem) :]
    return (), plain


def _local_form(last: str, rest: str) -> str:
    """Return the official form of ``rest``, the name behind the division ``last``; for "" that of its government."""
    if street := re.fullmatch("人民政府(.{2,12}街道)办(?:事处)?", rest):
        return f"{street[1]}办事处"
    if is_subdistrict(last) and rest in ("", "办", "办事处", "街道办事处", "人民政府"):
        return "办事处"
    if "(" in last and rest in ("", "政府"):  # 高新区(新市区)政府 is its own name
        return "政府"
    if last and not rest and (is_zone(last) or last.endswith(("盟", "地区"))):
        return "管委会" if is_zone(last) else "行政公署"
    if last and not is_subdistrict(last) and (not rest or is_own_level(rest)):
        return "人民政府"
    expanded: str = words("expand").get(rest, rest)
    return expanded


def kind_of(name: Name) -> AgencyKind:
    """Return the kind of agency by its completed name alone; the registry, if it knows the agency, is more reliable."""
    if name.township or "街道办事处" in name.local:
        is_town = bool(name.township) and not is_subdistrict(name.township)
        return AgencyKind.TOWNSHIP if is_town else AgencyKind.SUBDISTRICT
    of_zone = is_zone(name.county) and all(is_zone(one) or one[-1] in "省市区州" for one in name.chain[:-1])
    is_board = of_zone and pattern("board").match(name.local) and "办" not in name.local
    if is_board or name.local in ("政府", "人民政府", "行政公署"):
        return AgencyKind.GOVERNMENT
    if pattern("government_office").fullmatch(name.local) and (of_zone or "管" not in name.local):
        return AgencyKind.OFFICE
    is_department = name.local.endswith(("局", "委员会", "委", "办公室", "厅", "部"))
    return AgencyKind.DEPARTMENT if is_department else AgencyKind.OTHER


def is_publisher_of_all(name: Name) -> bool:
    """True for a government or its office, which portals print as the source of all agencies' pages."""
    return kind_of(name) in (AgencyKind.GOVERNMENT, AgencyKind.OFFICE)
