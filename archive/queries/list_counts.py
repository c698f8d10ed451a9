"""Count the agencies whose reports each portal shows, compare with expected counts, and find the list lacking most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import ColumnElement, distinct, func, select

from archive.assessment.calendar import local_day
from archive.assessment.expected_counts import (
    Basis,
    CountVerdict,
    ExpectedCount,
    compare_count,
    median_of_neighbours,
    settled_days,
)
from archive.identity.divisions import level_of
from archive.queries.frames import Result
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from archive.queries.where import choose
from storage.errors import ProjectionError
from storage.home import Home
from storage.records import Status
from storage.registry import Registry


class ListCount(Result):
    """How many agencies of a portal have their report on ``year`` shown (``agencies``).

    ``expected``: the usual count and the verdict, None if nothing is known; ``list_url``: if the count is too low, the
    address of the list that lacks most agencies of the year before; ``zh``, ``en``: what is unusual, "" if nothing is.
    """

    portal: str
    place: str
    year: int
    agencies: int
    expected: ExpectedCount | None
    list_url: str | None
    zh: str
    en: str


def list_counts(home: Home) -> Mapping[str, ListCount]:
    """Return by portal how many agencies' reports it shows on the newest year whose due dates are all long past; empty
    if the projections must be rebuilt first.
    """
    chosen = choose(home)
    try:
        year = _settled_year(chosen)
    except ProjectionError:
        return {}
    return {} if year is None else _count_year(chosen, year)


def _count_year(chosen: Selection, year: int) -> Mapping[str, ListCount]:
    agencies, before, registered = (
        _count_first_shown(chosen, year),
        _count_first_shown(chosen, year - 1),
        _registered(chosen, year),
    )
    by_level: dict[str, dict[str, int]] = defaultdict(dict)
    for name, portal in chosen.portals.items():
        if portal.division and agencies.get(name):
            by_level[level_of(portal.division)][name] = agencies[name]
    counts = {}
    for name, portal in chosen.portals.items():
        level = by_level.get(level_of(portal.division), {}) if portal.division else {}
        bases = {
            Basis.LAST_YEAR: before.get(name, 0),
            Basis.REGISTRY: registered.get(name, 0),
            Basis.NEIGHBOURS_MEDIAN: median_of_neighbours([n for other, n in level.items() if other != name]),
        }
        expected = compare_count(agencies.get(name, 0), bases)
        is_below = expected is not None and expected.verdict is CountVerdict.BELOW
        url = _list_that_lacks_most(chosen, name, year) if is_below else None
        count = agencies.get(name, 0)
        zh, en = expected.sentences(portal.place, year, count, url or "") if expected else ("", "")
        counts[name] = ListCount(
            portal=name, place=portal.place, year=year, agencies=count, expected=expected, list_url=url, zh=zh, en=en
        )
    return counts


def _settled_year(chosen: Selection) -> int | None:
    """Return the newest year with all statutory due dates at least ``settled_days()`` ago, or None."""
    duties = chosen.store.tables.duties
    last_day = local_day(chosen.as_of) - timedelta(days=settled_days())
    query = select(duties.c.year, func.max(duties.c.due)).where(duties.c.due.is_not(None)).group_by(duties.c.year)
    return max((year for year, due in fetch(chosen.store, query) if _day(due) <= last_day), default=None)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _count_first_shown(chosen: Selection, year: int) -> Mapping[str, int]:
    statuses = chosen.store.tables.statuses
    return _count_agencies(chosen, year, statuses.c.first_shown.is_not(None))


def _registered(chosen: Selection, year: int) -> Mapping[str, int]:
    tables = chosen.store.tables
    is_attested = tables.duties.c.guessed.is_(False)
    return _count_agencies(chosen, year, is_attested, tables.statuses.c.status != Status.NOT_EXPECTED.value)


def _count_agencies(chosen: Selection, year: int, *conditions: ColumnElement[bool]) -> Mapping[str, int]:
    """Count by portal the agencies whose present status on ``year`` meets the conditions."""
    statuses, duties = chosen.store.tables.statuses, chosen.store.tables.duties
    query = (
        select(duties.c.portal, func.count(distinct(statuses.c.agency)))
        .join(duties, (duties.c.agency == statuses.c.agency) & (duties.c.year == statuses.c.year))
        .where(statuses.c.year == year, statuses.c.until.is_(None), *conditions)
        .group_by(duties.c.portal)
    )
    return dict(map(tuple, fetch(chosen.store, query)))


def _list_that_lacks_most(chosen: Selection, portal: str, year: int) -> str | None:
    """Return the address of the list with the most agencies with a report on the year before and none on ``year``."""
    agencies: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for lead in chosen.store.leads(portal):
        if lead.is_report and lead.agency and lead.year in {year - 1, year}:
            agencies[lead.listing][lead.year].add(lead.agency)
    lacking = {listing: len(by_year[year - 1] - by_year[year]) for listing, by_year in agencies.items()}
    listing = max(lacking, key=lacking.__getitem__, default=None)
    urls = {one.id: one.url for one in Registry(chosen.home).listings(portal)}
    return chosen.out.address(urls[listing]) if listing in urls and lacking[listing] else None
