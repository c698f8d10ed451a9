"""Recognise central bodies and their branches, and the place that a branch's name holds. Pure.

A ministry (教育部) has no place. A branch prints its own behind the head's name, with its suffix or without
(国家税务总局汶上县税务局, 国家统计局安徽调查总队); a customs house is called after its city (济宁海关), and so is a
maritime administration (秦皇岛海事局).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from archive.identity.division_codes import divisions
from archive.identity.divisions import Place, split, stem_of
from archive.identity.text import data

_CUSTOMS = re.compile(r"(?:中华人民共和国)?(?P<stem>[\u4e00-\u9fff]{2,6})(?:海关|(?P<maritime>海事局))")
_WITHIN = re.compile("^.*公司(?=.*公司$)")  # 国网山东省电力公司汶上县供电公司: a company of another
_DISTRICT = "海关关区"  # 湛江海关关区: the customs house with all below it, no 区 of any county
_LEAST = 3  # characters of a branch's own name
_OF_ANY = ("门", "队")  # 财政部门, 公安部队: those of any place
_LEVELS = ("prefecture", "province")  # which of several places of one stem is meant, the likelier first


def without_customs_district(name: str) -> str:
    """A customs house's name without the word for its district (湛江海关关区 → 湛江海关)."""
    return name.removesuffix("关区") if name.endswith(_DISTRICT) else name


def is_head(name: str) -> bool:
    """Whether a name is a central body's own."""
    return name in _heads()


@lru_cache(maxsize=1024)
def is_central(name: str) -> bool:
    """Whether a name is a central body's or that of a branch of one, and so whole."""
    return is_head(name) or bool(_branch(name)) or _customs(name) != ""


@lru_cache(maxsize=1024)
def place_of_branch(name: str) -> str:
    """The place that a branch names, as the lists of divisions have it ("" if it names none, or one of several)."""
    if stem := _customs(name):
        return _place_of_stem(stem)
    rest = _WITHIN.sub("", _branch(name))
    chain, _ = split(rest, short_province=True)
    if chain:
        return Place(chain).county if chain[-1] != stem_of(chain[-1]) else _place_of_stem(chain[-1])
    stem = rest.removeprefix("驻")
    end = next((end for end in data("central.toml")["branches"] if stem.endswith(end) and len(stem) > len(end) + 1), "")
    return _place_of_stem(stem.removesuffix(end)) if end else ""


def _customs(name: str) -> str:
    match = _CUSTOMS.fullmatch(name)
    if match and match["maritime"]:
        return match["stem"] if _place_of_stem(match["stem"]) else ""
    return match["stem"] if match and not match["stem"].endswith(("山", "总", "各", "中国", "国家", "地")) else ""


def _branch(name: str) -> str:
    """What stands behind the head's name in that of a branch, "" in any other name."""
    for length in _lengths():
        rest = name[length:]
        if len(rest) >= _LEAST and name[:length] in _heads() and not rest.startswith(_OF_ANY):
            return rest
    return ""


def _place_of_stem(stem: str) -> str:
    """The one place that is called by a stem: a prefecture, else a province, else the only county or city."""
    found = _by_stem().get(stem, {})
    for level in (*_LEVELS, "county"):
        if level in found:
            return found[level][0] if len(found[level]) == 1 else ""
    return ""


@cache
def _heads() -> frozenset[str]:
    return frozenset(data("central.toml")["heads"])


@cache
def _lengths() -> Sequence[int]:
    return sorted({len(head) for head in _heads()}, reverse=True)


@cache
def _by_stem() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Places that stand, by stem and level; districts are left out, as one calls nothing after them."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in divisions():
        if one.until is None and not (one.level == "county" and one.name.endswith("区")):
            found[_plain_stem(one.name)][one.level].append(one.name)
    return found


def _plain_stem(name: str) -> str:
    """A division's stem, that of an autonomous region without its people (广西, 内蒙古)."""
    stem = stem_of(name)
    return re.sub("(?:壮族|回族|维吾尔)$", "", stem) if name.endswith("自治区") else stem
