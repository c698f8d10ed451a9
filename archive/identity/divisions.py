"""China's administrative divisions and their codes (GB/T 2260) since 2008; find divisions at the head of names. Pure.

``division_codes.csv`` is from github.com/yescallop/areacodes @ eed219a (2025-11-04, CC0 1.0), which collects the lists
of the Ministry of Civil Affairs up to 31 December 2024. A year's codes are those in force on its 31 December. Columns:
``since``: the first year; ``until``: the first year without it; ``heirs``: the codes of its whole area since then;
``redrawn``: years in which it got or lost area. Other divisions (townships, zones) are recognised by their suffixes.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

from archive.identity.text import DATA_FOLDER, pattern, squeeze, words

DIVISION_CODES = DATA_FOLDER / "division_codes.csv"
FIRST_YEAR, LAST_YEAR = 2008, 2024  #: years whose codes are known
MAX_PLACE_CHARS, MAX_CHAIN = 120, 6
MAX_DIVISION_CHARS = 15  # the longest name in the lists (双江拉祜族佤族布朗族傣族自治县)
_TOWNSHIP = ("镇", "乡", "苏木")
_ANY_CITYS = frozenset(("城区", "郊区", "矿区"))


@dataclass(frozen=True, slots=True)
class Division:
    """A code with its name and area from the year ``since`` to the year before ``until`` (None: still in force)."""

    code: str
    name: str
    since: int
    until: int | None
    heirs: tuple[str, ...]
    redrawn: tuple[int, ...]

    def stands(self, year: int) -> bool:
        """True if the division was in force on 31 December of ``year``."""
        return self.since <= year and (self.until is None or year < self.until)


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """The code of an area from ``first`` to ``last`` year (on 31 December of each), and the name it has there.

    ``how``: ``same``; ``successor`` or ``predecessor`` of the code that was asked for; ``carried``: the newest code, in
    a year after the lists; ``divided``: its area bears several codes (``candidates``), or lies in one with others';
    ``unknown``; ``no_list`` for years before the lists. ``code`` is None for the last three.
    """

    first: int
    last: int
    code: str | None
    name: str
    how: str
    candidates: tuple[str, ...] = ()


@cache
def divisions() -> tuple[Division, ...]:
    """Return all divisions in the order of codes; a division that was renamed is in it once for each name."""
    with DIVISION_CODES.open(encoding="utf-8", newline="") as rows:
        return tuple(
            Division(
                row["code"], row["name"], int(row["since"]), int(row["until"]) if row["until"] else None,
                tuple(row["heirs"].split()), tuple(map(int, row["redrawn"].split())),
            )
            for row in csv.DictReader(rows)
        )  # fmt: skip


@cache
def _index(field: str) -> Mapping[str, Sequence[Division]]:
    """Return value of ``field`` (``code`` or ``name``) → divisions with it, oldest first."""
    index = defaultdict[str, list[Division]](list)
    for one in sorted(divisions(), key=lambda one: one.since):
        index[getattr(one, field)].append(one)
    return index


# ------------------------------------------------------------------------------------------------ codes of other years


def prefix_of(code: str) -> str:
    """Return the first digits that the codes of all divisions within this one have in common."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def level_of(code: str) -> str:
    """Return the level of a code of six digits: ``province``, ``prefecture`` or ``county``."""
    return {2: "province", 4: "prefecture"}.get(len(prefix_of(code)), "county")


@cache
def division(code: str, year: int | None = None) -> Division | None:
    """Return the division with this code in ``year`` (None: the newest one with it); None if there is none."""
    bearers = [one for one in _index("code").get(code, ()) if year is None or one.stands(year)]
    return bearers[-1] if bearers else None


@cache
def _codes_one_change_away(*, later: bool) -> Mapping[str, set[str]]:
    """Return code → those that took over its whole area in one change; not ``later``: whose whole area it took over."""
    codes = defaultdict[str, set[str]](set)
    for one in divisions():
        for heir in {*one.heirs} - {one.code}:
            before, after = (one.code, heir) if later else (heir, one.code)
            codes[before].add(after)
    return codes


def _codes_in_year(code: str, year: int, *, later: bool) -> set[str]:
    """Return the codes in force in ``year`` that follow a code over all changes, or (not ``later``) precede it."""
    codes, waiting, visited = set[str](), [code], {code}
    while waiting:
        next_codes = _codes_one_change_away(later=later).get(waiting.pop(), set()) - visited
        visited |= next_codes
        codes |= {one for one in next_codes if division(one, year)}
        waiting += next_codes - codes
    return codes


@lru_cache(maxsize=65_536)
def code_in(code: str, year: int) -> CodeSpan:
    """Return the code of the area of ``code`` in ``year`` (None: divided, or not listed), and how it is related."""
    if year > LAST_YEAR and (newest := code_in(code, LAST_YEAR)).code is not None:
        return replace(newest, first=year, last=year, how="carried")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return CodeSpan(year, year, None, "", "no_list")
    if same := division(code, year):
        return CodeSpan(year, year, code, same.name, "same")
    begun = min((one.since for one in _index("code").get(code, ())), default=year)
    is_earlier = begun > year
    codes = sorted(_codes_in_year(code, year, later=not is_earlier))
    only = division(codes[0], year) if len(codes) == 1 else None
    if only and (not is_earlier or _codes_in_year(only.code, begun, later=True) == {code}):
        return CodeSpan(year, year, only.code, only.name, "predecessor" if is_earlier else "successor")
    return CodeSpan(year, year, None, "", "divided" if codes else "unknown", tuple(codes))


def code_history(code: str) -> tuple[CodeSpan, ...]:
    """Return the codes of the area of ``code`` in all years, oldest first; years that do not differ are one span."""
    spans: list[CodeSpan] = []
    for span in (code_in(code, year) for year in range(FIRST_YEAR, LAST_YEAR + 1)):
        is_alike = spans and replace(span, first=spans[-1].first, last=spans[-1].last) == spans[-1]
        spans.append(replace(spans.pop(), last=span.last) if is_alike else span)
    return tuple(spans)


def redrawn(code: str, first: int, last: int) -> tuple[int, ...]:
    """Return the years after ``first`` and up to ``last`` in which a division gained or lost area."""
    years = {year for one in _index("code").get(code, ()) for year in one.redrawn}
    return tuple(sorted(year for year in years if first < year <= last))


# ------------------------------------------------------------------------------------------------------ kinds and names


def is_township(name: str) -> bool:
    """True if a division is a township or a subdistrict, by its suffix."""
    return name.endswith(_TOWNSHIP) or is_subdistrict(name)


def is_subdistrict(name: str) -> bool:
    """True for a 街道, and for a 地区 in a district of 北京 (檀营地区 in 密云区), which is no prefecture (和田地区)."""
    return name.endswith("街道") or (name.endswith("地区") and not is_listed(name))


def is_zone(name: str) -> bool:
    """True if a division is a zone run by a 管委会, and not an ordinary 区."""
    return name.endswith(tuple(words("zones"))) and name not in _index("name")


def is_generic_zone(name: str) -> bool:
    """True if a zone's name says only what it is ("经济开发区"), not where."""
    return pattern("generic_zone").fullmatch(name) is not None


@lru_cache(maxsize=8192)
def stem_of(name: str) -> str:
    """Return a division's name without its suffix ("汶上县" → "汶上")."""
    return pattern("division_suffix").sub("", name) or name


def same_division(one: str, other: str) -> bool:
    """True if two names can mean one division: 临夏州 and 临夏回族自治州, 喀左县 and 喀喇沁左翼蒙古族自治县."""
    if one == other or not one or not other or one[-1] != other[-1]:
        return one == other
    short, long = sorted((stem_of(one), stem_of(other)), key=len)
    rest = iter(long)
    return 2 <= len(short) <= len(long) - 2 and short[0] == long[0] and all(one in rest for one in short)


@lru_cache(maxsize=8192)
def is_listed(name: str) -> bool:
    """True if the list of any year has a division with this name, or one for which it is short (喀左县, 临夏州)."""
    if name in _index("name") or name in words("uncoded"):
        return True
    return any(len(other) > len(name) and same_division(name, other) for other in _index("name"))


def _divisions_named(stem: str) -> list[Division]:
    return [one for one in divisions() if one.name.startswith(stem) and stem_of(one.name) == stem]


@lru_cache(maxsize=256)
def prefixes(name: str) -> tuple[str, ...]:
    """Return the first digits of codes in the province or prefecture of this name (济宁市, 济宁), () if there is none.
    There are several if its code changed. A stem that two places have (吉林, 朝阳) gives ().
    """
    places = [one for one in _index("name").get(name, ()) if level_of(one.code) != "county"]
    if not places and len(name) >= 2:
        bearers = _divisions_named(name)
        is_one = len({one.name for one in bearers}) == 1 and all(level_of(one.code) != "county" for one in bearers)
        places = bearers if is_one else []
    return tuple(dict.fromkeys(prefix_of(one.code) for one in places))


@lru_cache(maxsize=1024)
def place_of_stem(stem: str) -> str:
    """Return the county, city or prefecture with this stem (济源 → 济源市), "" if there is none, or several."""
    names = {one.name for one in _divisions_named(stem) if one.until is None}
    return names.pop() if len(names) == 1 else ""


def divisions_meant(name: str) -> list[Division]:
    """Return the divisions in force that a text without blanks names by code, or by name at its start (曹县政府)."""
    lowest, above = _lowest_and_above(name)
    return [
        one
        for one in divisions()
        if one.stands(LAST_YEAR) and lowest in (one.name, one.code, prefix_of(one.code)) and one.code.startswith(above)
    ]


@cache
def former_names(code: str) -> frozenset[str]:
    """Return the other names of a division since the first list, also under other codes: 130609 徐水区 → 徐水县."""
    names = {code_in(code, year).name for year in range(FIRST_YEAR, LAST_YEAR + 1)}
    return frozenset(names - {"", code_in(code, LAST_YEAR).name})


def former_divisions(name: str) -> list[Division]:
    """Return the divisions no longer in force that a text names as in :func:`divisions_meant`, or without their suffix
    (襄樊), of each code the last; none if one in force is named so.
    """
    lowest, above = _lowest_and_above(name)
    if len(lowest) < 2 or divisions_meant(name):
        return []
    past = (one for one in divisions() if one.until is not None and one.code.startswith(above))
    bearers = (one for one in past if lowest in (one.name, one.code, stem_of(one.name)))
    return [*{one.code: one for one in sorted(bearers, key=lambda one: one.since)}.values()]


def heirs_today(past: Division) -> list[Division]:
    """Return the divisions in force with the area of a former one: the one with its code, or those that took it over,
    or (if the lists do not tell that of a prefecture) those of its counties.
    """
    if same := division(past.code, LAST_YEAR):
        return [same]
    codes, last_year = _codes_in_year(past.code, LAST_YEAR, later=True), (past.until or LAST_YEAR) - 1
    if not codes and level_of(past.code) != "county":
        below = [one for one in divisions() if one.code.startswith(prefix_of(past.code)) and one.stands(last_year)]
        codes = {code for one in below for code in _codes_in_year(one.code, LAST_YEAR, later=True)}
    return [one for code in sorted(codes) if (one := division(code, LAST_YEAR))]


def codes_and_names(several: Iterable[Division]) -> tuple[str, str]:
    """Return the codes and the names of divisions as two texts: "420600, 420700", "襄阳市, 鄂州市"."""
    chosen = [*several]
    return ", ".join(one.code for one in chosen), ", ".join(one.name for one in chosen)


def _lowest_and_above(name: str) -> tuple[str, str | tuple[str, ...]]:
    """Return the lowest division that a text names (else the text), and the first digits of codes in the one above."""
    chain, _ = split(name, short_province=True)
    lowest = next((link for link in reversed(chain) if not is_township(link)), name)
    return lowest, tuple([digits for link in chain for digits in prefixes(link)][-1:]) or ""


def lookalikes(name: str) -> list[str]:
    """Return the listed names that have a look-alike instead of one character of a name (沐阳县 → 沭阳县)."""
    spellings = (
        name[:at] + other + name[at + 1 :]
        for at, one in enumerate(name)
        for group in words("confusable")
        if one in group
        for other in group.replace(one, "")
    )
    return [one for one in spellings if one in _index("name")]


# --------------------------------------------------------------------------------------------------------- in a text


class DivisionChain(NamedTuple):
    """A chain of divisions, highest first; ``note``: the text in brackets behind it ("锡山区(司法局)")."""

    chain: tuple[str, ...] = ()
    note: str = ""

    @property
    def county(self) -> str:
        """The lowest division that is no township or subdistrict ("" if there is none)."""
        return next((name for name in reversed(self.chain) if not is_township(name)), "")

    @property
    def stems(self) -> tuple[str, ...]:
        """The names without their suffix, of two characters or more."""
        return tuple(stem for name in self.chain if len(stem := stem_of(name)) >= 2)


def split(name: str, *, short_province: bool = False) -> tuple[tuple[str, ...], str]:
    """Split the divisions off the head of a squeezed name: "济宁市汶上县司法局" → (("济宁市", "汶上县"), "司法局").
    ``short_province``: also split off a province without its suffix ("广西柳州市…"), as in written places.
    """
    chain, rest = list[str](), name
    province = pattern("province").match(name)
    if province and (province["suffix"] or (short_province and not _listed_division(name))):
        chain, rest = [province[0]], name[province.end() :]
    while rest and len(chain) < MAX_CHAIN and (head := _first_division(rest, is_below=bool(chain))):
        chain.append(head)
        rest = rest[len(head) :]
    return tuple(chain), rest


def _first_division(text: str, *, is_below: bool) -> str:
    """Return the division that a text begins with ("" if none); 城区 counts only below another one (``is_below``)."""
    head = _listed_division(text)
    if head and (is_below or head not in _ANY_CITYS):
        return head
    match = pattern("unlisted_division").match(text)
    return "" if match is None or pattern("no_division").search(match[0]) else match[0]


def _listed_division(text: str) -> str:
    """Return the longest listed division that a text begins with, "" if none; a town of the same name is not it."""
    ends = range(min(len(text), MAX_DIVISION_CHARS), 1, -1)
    is_town = pattern("town_behind").match
    return next((text[:end] for end in ends if text[:end] in _index("name") and not is_town(text, end)), "")


def listed_at_end(text: str) -> str:
    """Return the longest listed division that a text ends with ("" if none)."""
    return next((text[at:] for at in range(len(text) - 1) if text[at:] in _index("name")), "")


@lru_cache(maxsize=4096)
def place(text: str | None) -> DivisionChain:
    """Read a place: a chain of divisions, or one, perhaps a township. Unknown words at the end become the last link."""
    plain = squeeze(text)[:MAX_PLACE_CHARS]
    bracket = re.search(r"\(([^()]{1,40})\)$", plain)
    note = bracket[1] if bracket and not split(bracket[1])[0] else ""  # 高新区(新市区) is one place
    chain, rest = split(plain[: bracket.start()] if bracket else plain, short_province=True)
    return DivisionChain((*chain, rest) if rest else chain, note)
