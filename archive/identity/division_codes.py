"""Look up codes of divisions (GB/T 2260) since 2008, and what became of each: ``division_codes.csv``. Pure.

From github.com/yescallop/areacodes @ eed219a (2025-11-04, CC0 1.0), which collects the yearly lists and the changes
that the Ministry of Civil Affairs publishes; up to 31 December 2024. A year's codes are those in force on its 31
December. ``since``/``until``: from which year on, and from which on no longer; ``successors``: the codes of its area
since then, ``330113[2021]``: a part of its area came there in that year.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from archive.identity.text import DATA_FOLDER

FIRST_YEAR, LAST_YEAR = 2008, 2024  #: years whose codes are known
_PREFIX_DIGITS = {"province": 2, "prefecture": 4, "county": 6}
_PART = re.compile(r"(\d{6})\[(\d{4})\]")


@dataclass(frozen=True, slots=True)
class Division:
    """A code with the name and area it had from ``since`` on, until ``until`` (None: still).

    ``level``: ``province``, ``prefecture`` or ``county``. ``heirs``: codes that its whole area bears since; ``parts``:
    codes to which a part of its area came, each with the year.
    """

    code: str
    name: str
    level: str
    since: int
    until: int | None
    heirs: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]

    def stands(self, year: int) -> bool:
        """Whether it was in force on 31 December of ``year``."""
        return self.since <= year and (self.until is None or year < self.until)

    @property
    def prefix(self) -> str:
        """The digits that the codes of all divisions in it begin with."""
        return self.code[: _PREFIX_DIGITS[self.level]]


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """The code of an area from ``first`` to ``last`` year (on 31 December of each), and the name it has there.

    ``how``: ``same``; ``successor`` or ``predecessor`` of the code that was asked for; ``divided``: its area bears
    several codes (``candidates``), or lies in one with other areas'; ``unknown``; ``no_list`` for years beyond the
    lists. ``code`` is None for the last three.
    """

    first: int
    last: int
    code: str | None
    name: str
    how: str
    candidates: tuple[str, ...] = ()


@cache
def divisions() -> tuple[Division, ...]:
    """Return every division, a renamed one several times, in the order of codes."""
    text = (DATA_FOLDER / "division_codes.csv").read_text(encoding="utf-8")
    return tuple(_division(row) for row in csv.DictReader(text.splitlines()))


def _division(row: dict[str, str]) -> Division:
    named = row["successors"].split(";") if row["successors"] else []
    until = int(row["until"]) if row["until"] else None
    heirs = tuple(one for one in named if "[" not in one)
    parts = tuple((match[1], int(match[2])) for one in named if (match := _PART.fullmatch(one)))
    if row["code"] in heirs and until is not None:  # it goes on under another name; what else is named got a part
        parts += tuple((one, until) for one in heirs if one != row["code"])
        heirs = (row["code"],)
    return Division(row["code"], row["name"], row["level"], int(row["since"]), until, heirs, parts)


@cache
def _by_code() -> dict[str, list[Division]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for one in divisions():
        found[one.code].append(one)
    return dict(found)


@cache
def _heirs_and_origins() -> tuple[dict[str, tuple[str, ...]], dict[str, list[str]]]:
    """Return code → the codes that its whole area bears since it ended, and code → those whose area it took over."""
    lasts = {code: max(bearers, key=lambda one: one.since) for code, bearers in _by_code().items()}
    heirs = {code: tuple(one for one in last.heirs if one != code) for code, last in lasts.items()}
    origins: dict[str, list[str]] = defaultdict(list)
    for one in divisions():
        for heir in one.heirs:
            if heir != one.code:
                origins[heir].append(one.code)
    return heirs, dict(origins)


@cache
def division(code: str, year: int | None = None) -> Division | None:
    """Return the division that bore a code in ``year``, or last; None if none did."""
    bearers = [one for one in _by_code().get(code, ()) if year is None or one.stands(year)]
    return max(bearers, key=lambda one: one.since, default=None)


def code_in(code: str, year: int) -> CodeSpan:
    """Return the code in force in ``year`` of the area that bears ``code`` in another year."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return CodeSpan(year, year, None, "", "no_list")
    bearers = _by_code().get(code, ())
    if any(one.stands(year) for one in bearers):
        return _span(year, code, "same")
    heirs, origins = _heirs_and_origins()
    begun = min((one.since for one in bearers), default=year)
    found = sorted(_reach(code, year, origins.get if begun > year else heirs.get))
    if len(found) == 1 and (begun < year or _reach(found[0], begun, heirs.get) == {code}):
        return _span(year, found[0], "predecessor" if begun > year else "successor")
    return CodeSpan(year, year, None, "", "divided" if found else "unknown", tuple(found))


def _span(year: int, code: str, how: str) -> CodeSpan:
    bearer = division(code, year)
    return CodeSpan(year, year, code, bearer.name if bearer else "", how)


def _reach(code: str, year: int, step: Callable[[str], Iterable[str] | None]) -> set[str]:
    """Return the codes in force in ``year`` to which the area of a code came, or from which it came, step by step."""
    found: set[str] = set()
    waiting, visited = [code], {code}
    while waiting:
        near = set(step(waiting.pop()) or ()) - visited
        visited |= near
        standing = {one for one in near if division(one, year) is not None}
        found |= standing
        waiting += near - standing
    return found


def redrawn(code: str, first: int, last: int) -> tuple[int, ...]:
    """Return the years after ``first`` up to ``last`` in which a division got or lost area."""
    return tuple(year for year in _years_redrawn().get(code, ()) if first < year <= last)


@cache
def _years_redrawn() -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = defaultdict(set)
    origins = _heirs_and_origins()[1]
    for one in divisions():
        for heir, year in one.parts:
            found[one.code].add(year)
            found[heir].add(year)
        for heir in one.heirs:
            if heir == one.code or one.until is None:
                continue
            begun = min((bearer.since for bearer in _by_code().get(heir, ())), default=None)
            joined = [other for other in origins[heir] if any(each.until == one.until for each in _by_code()[other])]
            only_recoded = one.heirs == (heir,) and len(joined) == 1 and begun == one.until
            if not only_recoded:
                found[heir].add(one.until)
    return {code: tuple(sorted(years)) for code, years in found.items()}


def level_of(code: str) -> str:
    """Return the level that a code of six digits says: ``province``, ``prefecture`` or ``county``."""
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def code_history(code: str, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> tuple[CodeSpan, ...]:
    """Return the codes of ``code``'s area, alike years together, oldest first."""
    spans: list[CodeSpan] = []
    for year in range(first, last + 1):
        one = code_in(code, year)
        if spans and replace(one, first=spans[-1].first) == replace(spans[-1], last=year):
            spans[-1] = replace(spans[-1], last=year)
        else:
            spans.append(one)
    return tuple(spans)
