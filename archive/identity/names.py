"""Bring agency names into one order: completed from a place, with their kind; whose name none is (groups, offices).

A government and its office are two agencies. The words lie in ``names.toml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from archive.identity import divisions
from archive.identity.divisions import DivisionChain, is_generic_zone, is_listed, is_township, is_zone, split
from archive.identity.text import any_word, pattern, squeeze, words
from storage.records import AgencyKind

MAX_NAME_CHARS, MAX_BODY_CHARS = 160, 40
_EDGES = "\"'《》〈〉<>【】[]·•●■◆▪→>-—–_:,.;、|"


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
        return DivisionChain(self.chain).county

    @property
    def township(self) -> str:
        """The township or street it belongs to ("" if none)."""
        return self.chain[-1] if self.chain and is_township(self.chain[-1]) else ""


def normalise(name: str | None) -> str:
    """Return a name in its normal form, without decorations at its ends."""
    return squeeze(name)[:MAX_NAME_CHARS].strip(_EDGES)


# ----------------------------------------------------------------------------------------------- what words can name


def ends_as_body(name: str) -> bool:
    """Whether words end as the names of bodies do."""
    return pattern("body").search(name) is not None


def looks_like_body(name: str) -> bool:
    """Whether words cut out of a text can be an agency's name (在此基础上整理 cannot, nor 新闻中心, part of a site)."""
    is_named = 3 <= len(name) <= MAX_BODY_CHARS and ends_as_body(name) and not pattern("no_body").search(name)
    return is_named and pattern("site_section").fullmatch(name) is None


@lru_cache(maxsize=8192)
def is_generic(name: str) -> bool:
    """Whether a name could be any body's ("县级部门"), its place before it or not ("汶上县各部门")."""
    is_group = len(name) <= MAX_BODY_CHARS and pattern("group").fullmatch(name) is not None
    return is_group or name in words("generic")


def is_own_level(name: str) -> bool:
    """Whether a label means the portal's own government by its level (本级, 县本级, 政府本级, 县级政府)."""
    return "级" in name and pattern("own_government").fullmatch(name) is not None


@cache
def words_within(kind: str) -> re.Pattern[str]:
    """Return the pattern of a class's words as they stand within longer labels (各县直部门、乡镇年报汇总)."""
    return re.compile(any_word(words("groups")[kind]))


def names_bodies(title: str) -> bool:
    """Whether a squeezed title has words for a group of bodies in it (内乡县各单位2024年…); 本机关 is one body."""
    plain = re.sub("[本我](?:机关|单位|部门)", "", title)
    return any(words_within(kind).search(plain) for kind in words("groups"))


def is_inner(name: str) -> bool:
    """Whether a name says no more than that it is an inner office (党政综合办, 局办公室, 政策法规科)."""
    return pattern("inner_office").fullmatch(name) is not None


def without_office(name: str) -> str:
    """Return the township or zone whose inner office a name is (次邱镇党政办公室); the same name if it is none."""
    chain, rest = split(re.sub(r"\([^()]{0,30}\)$", "", name))
    kinds = ((is_township, "town_office"), (is_zone, "zone_office"))
    is_office = chain and any(is_kind(chain[-1]) and pattern(office).fullmatch(rest) for is_kind, office in kinds)
    return "".join(chain) if is_office else name


def is_central(name: str) -> bool:
    """Whether a name is a central body's, or that of a branch of one (国家税务总局汶上县税务局), and so whole."""
    return pattern("central_name").match(name) is not None or "海关" in name


def county_of_branch(plain: str) -> str:
    """Return the place of which a body higher up has a branch ("" if its name prints none)."""
    branch = pattern("branch").search(plain)
    if branch and is_listed(branch[1]):
        return branch[1]
    head = pattern("central_body").match(plain)
    return DivisionChain(split(plain[head.end() :].removeprefix("驻"))[0]).county if head else ""


# --------------------------------------------------------------------------------------------------------- completing


@lru_cache(maxsize=16384)
def complete(printed: str | None, place_text: str | None = None) -> Name:
    """Complete a printed name from a place: "司法局", "县司法局", "汶上司法局" in 汶上县 → 汶上县司法局.

    A bare division gives its government. What names no body gives the empty :class:`Name`.
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
    misread = next((one for one in divided if county in divisions.lookalikes(one) and county not in divided), "")
    chain = tuple(county if one == misread else one for one, _ in groupby(divided))
    is_below = chain and county != chain[0] and (is_township(chain[0]) or is_generic_zone(chain[0]))
    is_placed = plain.startswith(("国家", "中国", *words("provinces"))) or any(stem in plain for stem in where.stems)
    if county and (is_below or not (chain or pattern("level").match(plain) or is_placed)):
        chain = (county, *chain)
    local = _local_form(chain[-1] if chain else "", rest)
    text, is_whole = party + "".join(chain) + local, bool(chain) or bool(county and is_placed)
    return Name(text, chain, local, is_whole, _is_foreign(DivisionChain(chain).county, plain, where), misread)


def _is_foreign(own: str, plain: str, where: DivisionChain) -> bool:
    """Whether a name's own county is another than the place's; "经开区" on its own can be any city's zone."""
    county = where.county
    if not own or not county or divisions.same_division(own, county) or any(stem in plain for stem in where.stems[-1:]):
        return False
    return not is_generic_zone(own.partition("(")[0]) and not (is_generic_zone(county) and is_zone(own))


def _open_bracket(plain: str) -> str:
    """Return 锡山区(司法局) as 锡山区司法局, and any other name without the remark in brackets behind it."""
    match = re.fullmatch(r"([^()]{0,80})\(([^()]{1,40})\)", plain)
    if match is None or is_generic(match[2]):
        return match[2] if match else plain
    chain, rest = split(match[1])
    if not chain or rest:
        return match[1]
    below, rest = split(match[2])
    return plain if below and not rest else match[1] + match[2]  # 高新区(新市区)


def _divide(plain: str, where: DivisionChain) -> tuple[tuple[str, ...], str]:
    """Return divisions and rest; a bare level or stem stands for the portal's own division."""
    county, stem = where.county, divisions.stem_of(where.county)
    if len(county) >= 2 and plain.startswith(county):  # it may be called 城区
        below, rest = split(plain[len(county) :])
        return ((county, *below), rest) if below and is_township(below[0]) else ((county,), plain[len(county) :])
    two = pattern("two_places").match(plain)
    if two and not any(split(one)[1] for one in two.groups()):
        return (two[0],), plain[two.end() :]
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
    """Return the rest behind a division in its official form; a bare division stands for its government."""
    if street := re.fullmatch("人民政府(.{2,12}街道)办(?:事处)?", rest):
        return f"{street[1]}办事处"
    if last.endswith("街道") and rest in ("", "办", "办事处", "街道办事处", "人民政府"):
        return "办事处"
    if "(" in last and rest in ("", "政府"):  # 高新区(新市区)政府 is its own name
        return "政府"
    if last and not rest and (is_zone(last) or last.endswith(("盟", "地区"))):
        return "管委会" if is_zone(last) else "行政公署"
    if last and not last.endswith("街道") and (not rest or is_own_level(rest)):
        return "人民政府"
    expanded: str = words("expand").get(rest, rest)
    return expanded


def kind_of(name: Name) -> AgencyKind:
    """Return what kind of body a completed name is, by its form alone (the registry knows better)."""
    if name.township or "街道办事处" in name.local:
        is_town = bool(name.township) and not name.township.endswith("街道")
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
    """Whether a name is a government's or its office's, which portals print as the source of everybody's pages."""
    return kind_of(name) in (AgencyKind.GOVERNMENT, AgencyKind.OFFICE)
