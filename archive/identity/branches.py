"""Find the district or county of a branch of a city's body by its name (济宁市生态环境局汶上县分局). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from archive.identity.division_codes import FIRST_YEAR, LAST_YEAR, Division, divisions
from archive.identity.divisions import stem_of

_BRANCH = re.compile(
    r"[\u4e00-\u9fff、]{1,30}(?:局|委员会|委|总队|支队)(?P<where>[\u4e00-\u9fff]{2,12})(?:分局|管理局|大队)"
)
_MUNICIPALITY = re.compile("[0-9]{2}0000")
_LEAST = 2  # characters of a district's name without its suffix


def district_of_branch(chain: Sequence[str], local: str, year: int | None) -> str:
    """The district or county that a branch names by its whole name or without the suffix (洛龙区分局, 洛龙分局), as the
    lists of ``year`` (None: the last) have it within the city.

    ``chain``: the divisions before the body's own name, ``local``. "" where it names none there, or one of several:
    zones stand in no list.
    """
    match = _BRANCH.fullmatch(local)
    if match is None or not chain or not chain[-1].endswith("市"):
        return ""
    where = match["where"]
    candidates = [one for one in _divisions_of_city(chain[-1]) if where in _names_of(one.name)]
    base = min(max(year or LAST_YEAR, FIRST_YEAR), LAST_YEAR)
    standing = {one.name for one in candidates if one.stands(base)} or {one.name for one in candidates}
    exact = standing & {where}
    found = exact or standing
    return found.pop() if len(found) == 1 else ""


def _names_of(name: str) -> Sequence[str]:
    """What a branch may call a division: 浦东新区 and 浦东."""
    stems = (name.removesuffix("新区"), stem_of(name))
    return (name, *(stem for stem in stems if len(stem) >= _LEAST))


@lru_cache(maxsize=256)
def _divisions_of_city(city: str) -> tuple[Division, ...]:
    """The counties and districts that were ever a city's, or a municipality's."""
    codes = {one.code for one in divisions() if one.name == city and one.code.endswith("00")}
    begins = {code[:2] if _MUNICIPALITY.fullmatch(code) else code[:4] for code in codes}
    return tuple(one for one in divisions() if one.level == "county" and one.code.startswith(tuple(begins)))
