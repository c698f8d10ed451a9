"""Agency names for other rooms: put in order (``naming``), and found in the registry.

A name that fits two bodies of the registry fits none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.identity.naming import (
    Name,
    abbreviates,
    complete,
    county_of_branch,
    has_level,
    is_generic,
    is_own_level,
    is_section,
    is_short_for,
    key,
    kind_of,
    looks_like_body,
    normalise,
    same_division,
    short_keys,
)
from archive.identity.short_names import department_key, keeps_each_word
from storage.records import Agency

__all__ = [
    "Match",
    "Name",
    "abbreviates",
    "complete",
    "county_of_branch",
    "has_level",
    "home",
    "is_generic",
    "is_own_level",
    "is_section",
    "is_short_for",
    "key",
    "kind_of",
    "looks_like_body",
    "match_agency",
    "normalise",
    "same_division",
]


@dataclass(frozen=True, slots=True)
class Match:
    """A name looked up in the registry. ``how``: exact, name, short (one name is short for the other), or
    office_of_township.
    """

    agency: Agency | None = None
    how: str = ""
    ambiguous: tuple[str, ...] = ()


def home(agencies: Iterable[Agency]) -> str:
    """Give the county or city most of the agencies name ("" if none does)."""
    counties = Counter(county for agency in agencies if (county := complete(agency.name).county))
    return min(counties, key=lambda county: (-counties[county], county)) if counties else ""


@dataclass(frozen=True, slots=True)
class _Index:
    exact: dict[str, frozenset[str]]
    keys: dict[str, frozenset[str]]
    short: dict[str, frozenset[str]]
    departments: dict[str, frozenset[str]]
    by_id: dict[str, tuple[Agency, ...]]
    where: str


@lru_cache(maxsize=32)
def _index(agencies: tuple[Agency, ...], place_text: str | None) -> _Index:
    where = place_text or home(agencies)
    exact: defaultdict[str, set[str]] = defaultdict(set)
    keys: defaultdict[str, set[str]] = defaultdict(set)
    short: defaultdict[str, set[str]] = defaultdict(set)
    departments: defaultdict[str, set[str]] = defaultdict(set)
    by_id: defaultdict[str, list[Agency]] = defaultdict(list)
    for agency in agencies:
        by_id[agency.id].append(agency)
        for spelling in (agency.name, *agency.aliases):
            if not (plain := normalise(spelling)):
                continue
            exact[plain].add(agency.id)
            name = complete(plain, where)
            keys[key(name)].add(agency.id)
            departments[department_key(name)].add(agency.id)
            for full in short_keys().get(key(name), ()):
                short[full].add(agency.id)

    def frozen(table: defaultdict[str, set[str]]) -> dict[str, frozenset[str]]:
        return {entry: frozenset(ids) for entry, ids in table.items() if entry}

    latest = {
        identity: tuple(sorted(rows, key=lambda row: (row.recorded_at, row.name), reverse=True))
        for identity, rows in by_id.items()
    }
    return _Index(frozen(exact), frozen(keys), frozen(short), frozen(departments), latest, where)


def _valid(agency: Agency, year: int | None) -> bool:
    if year is None:
        return True
    return not (agency.valid_from and agency.valid_from.year > year) and not (
        agency.valid_to and agency.valid_to.year < year
    )


def _single_match(index: _Index, ids: frozenset[str], how: str, year: int | None) -> Match:
    if len(ids) > 1:
        ids = frozenset(identity for identity in ids if _valid(index.by_id[identity][0], year)) or ids
    if len(ids) == 1:
        return Match(index.by_id[next(iter(ids))][0], how)
    return Match(None, "", tuple(sorted(ids)))


def _shortened(index: _Index, short: str) -> frozenset[str]:
    """Return the departments whose name keeps each of its words in ``short``."""
    bearers = (ids for full, ids in index.departments.items() if short and keeps_each_word(short, full))
    return frozenset().union(*bearers)


def match_agency(
    name: str | None, agencies: Sequence[Agency], *, place: str | None = None, year: int | None = None
) -> Match:
    """Find the one agency a name means: as printed, then without higher divisions, then by its unambiguous short form.

    Bodies valid in ``year`` win over namesakes. The order of ``agencies`` never matters.
    """
    plain = normalise(name)
    if not plain or not agencies:
        return Match()
    index = _index(tuple(agencies), place)
    found = complete(plain, index.where)
    sought = key(found)
    if is_generic(plain) or not sought:
        return Match()
    if ids := index.exact.get(plain) or index.exact.get(found.text):
        return _single_match(index, ids, "exact", year)
    if ids := index.keys.get(sought):
        return _single_match(index, ids, "name", year)
    agency_ids = frozenset().union(
        *(index.keys.get(full, frozenset()) for full in short_keys().get(sought, ())),
        index.short.get(sought, frozenset()),
    )
    if agency_ids := agency_ids or _shortened(index, department_key(found)):
        return _single_match(index, agency_ids, "short", year)
    if (
        found.township
        and "办公室" in found.local
        and (ids := index.keys.get(key(complete(found.county + found.township, index.where))))
    ):
        return _single_match(index, ids, "office_of_township", year)
    return Match()
