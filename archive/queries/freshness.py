"""Say when each portal's lists were last read to their end, what is unknown there, and how many agencies they show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, distinct, func, select

from archive.assessment.calendar import local_day
from archive.assessment.expected_counts import ExpectedCount, compare_count, limit, median_of_neighbours
from archive.identity.divisions import level_of
from archive.queries.coverage_of_answer import last_looks
from archive.queries.frames import Result
from archive.queries.selection import Selection
from archive.queries.stored import editions_of_reports, fetch
from archive.queries.tallies import count_duties, parse_tally_key
from archive.queries.where import EVERYTHING, Where, choose
from storage.errors import ProjectionError
from storage.home import Home
from storage.observations import Observations, look_outcome
from storage.records import NOT_A_LISTING, Listing, ListingForm, LookOutcome, Portal, Status, editions_known
from storage.registry import Registry
from storage.statements import among
from storage.tables import LOOKS

LookByListing = Mapping[str, Mapping[str, Any]]  #: portal → listing → one of its looks
MAX_PLACES = 64  #: with more places an answer names none; the question "freshness" lists them


class PlaceFreshness(Result):
    """What is known of one portal, and as of when.

    ``lists``: those in use; ``lists_complete``: those of them whose last look read them to their end and is not
    doubted. ``addresses``: where each report has an address (汶上), how many were asked; ``addresses_answered``: those
    whose last look says for certain whether the report is there. ``last_look``: the newest look at a list or address,
    whatever came of it; ``complete_as_of``: the oldest of the lists' last complete looks (without lists: of the
    sure answers of addresses that showed no report), so that each was read to its end since then; None: one never was.
    ``unknown``: reports of which nobody can say whether they were published; ``unjudged``: nothing of the portal was
    ever read and judged.
    """

    portal: str
    place: str
    division: str | None
    lists: int
    lists_complete: int
    addresses: int
    addresses_answered: int
    last_look: datetime | None
    complete_as_of: datetime | None
    unknown: int
    unjudged: bool

    @property
    def is_addressed(self) -> bool:
        """Whether the portal has no list: each of its reports has an address of its own."""
        return bool(self.addresses) and not self.lists


class Freshness(Result):
    """How fresh an answer is. ``portals``: how many it is about; ``places``: each of them, those first whose lists were
    completely read longest ago; None where they are more than an answer names.
    """

    portals: int
    places: tuple[PlaceFreshness, ...] | None


def freshness(home: Home, where: Where = EVERYTHING) -> tuple[PlaceFreshness, ...]:
    """Return the freshness of each chosen portal; those not read completely for the longest time come first."""
    return _places(choose(home, replace(where, years=None)))


def freshness_of(home: Home, where: Where, portals: Collection[str] | None = None) -> Freshness:
    """Return how fresh an answer about the agencies of ``where`` is, or of these ``portals`` among theirs."""
    chosen = choose(home, replace(where, years=None))
    if portals is not None:
        theirs = {name: one for name, one in chosen.portals.items() if name in portals}
        chosen = replace(chosen, portals=theirs, everywhere=False)
    count = len(chosen.portals)
    return Freshness(portals=count, places=_places(chosen) if count <= MAX_PLACES else None)


def lists_complete_as_of(chosen: Selection, listings: Collection[str]) -> datetime | None:
    """Return the oldest of the last complete looks at some lists; None without lists, or if one never had such one."""
    looks = {key: look for of_portal in _last_and_complete(chosen)[1].values() for key, look in of_portal.items()}
    return min((looks[one].finished for one in listings), default=None) if looks.keys() >= set(listings) else None


def open_looks(home: Home, where: Where = EVERYTHING) -> Mapping[str, Any]:
    """Return by portal the newest look (id, finished, outcome, reason) that leaves one of its lists open: it was the
    last one there, and not complete or doubted.
    """
    chosen = choose(home, replace(where, years=None))
    last, complete = _last_and_complete(chosen)
    ids = _listings_in_use(chosen, last)
    looks = [
        look
        for name in chosen.portals
        for listing, look in last[name].items()
        if listing in ids[name, False] and look.id != getattr(complete[name].get(listing), "id", "")
    ]
    return {look.portal: look for look in sorted(looks, key=attrgetter("finished"))}


def _places(chosen: Selection) -> tuple[PlaceFreshness, ...]:
    """Return the freshness of each portal, those first whose lists were completely read longest ago. A list counts as
    complete, an address as answered, if its last look (reading) was ok and is not suspect.
    """
    last, complete = _last_and_complete(chosen)
    ids = _listings_in_use(chosen, last)
    unknown: Counter[str] = Counter()
    for of_portal, _, counts in count_duties(chosen, by_year=False):
        unknown[of_portal] += sum(n for key, n in counts.items() if parse_tally_key(key).status is Status.UNKNOWN)
    judged = chosen.store.notes_by_portal()
    addressed = [one for of_kind in ids.values() for one in of_kind.values() if one.form is ListingForm.ADDRESSED]
    by_report = {(str(one.agency), one.year or 0): one.id for one in addressed}
    editions = editions_of_reports(chosen.store, by_report)
    # a report that was met is visited from then on
    with_report = {by_report[key] for key, some in editions.items() if editions_known(some, chosen.as_of)}
    lines = []
    for name, portal in chosen.portals.items():
        lists, addresses = ids[name, False].keys(), ids[name, True].keys()
        places = lists or addresses - with_report or addresses
        ends = {one: look.finished for one, look in complete[name].items()}
        answered = {one for one, end in ends.items() if last[name][one].finished == end}
        lines.append(
            PlaceFreshness.of(
                portal,
                portal=name,
                lists=len(lists),
                lists_complete=len(answered & lists),
                addresses=len(addresses),
                addresses_answered=len(answered & addresses),
                last_look=max((look.finished for look in last[name].values()), default=None),
                complete_as_of=min(ends[one] for one in places) if places and places <= ends.keys() else None,
                unknown=unknown[name],
                unjudged=name not in judged,
            )
        )
    never = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(lines, key=lambda one: (one.complete_as_of or never, one.portal)))


def _last_and_complete(chosen: Selection) -> tuple[LookByListing, LookByListing]:
    """Return portal → listing → the last look (reading of the list), and the same of the last ok, not suspect one."""
    judged = chosen.store.tables.look_judgements
    query = select(judged.c.look).where(among(judged.c.portal, chosen.portals), judged.c.suspect.is_(True))
    doubted = sorted({row.look for row in fetch(chosen.store, query)})
    conditions = [look_outcome == LookOutcome.OK, *([~among(LOOKS.c.id, doubted)] if doubted else [])]
    last: dict[str, dict[str, Any]] = defaultdict(dict)
    complete: dict[str, dict[str, Any]] = defaultdict(dict)
    for looks, query in ((last, last_looks(chosen)), (complete, last_looks(chosen, *conditions))):
        for look in chosen.home.truth.rows(query):
            looks[look.portal][look.listing] = look
    return last, complete


def _listings_in_use(chosen: Selection, last: LookByListing) -> Mapping[tuple[str, bool], dict[str, Listing]]:
    """Return by id the open listings in use, of which freshness counts how many were read: under (portal, False)
    lists, but no page whose last look found that it is no list; under (portal, True) addresses, each made for the
    report of one agency and year, if ever asked. ``last``: the last look at each listing.
    """
    ids: dict[tuple[str, bool], dict[str, Listing]] = defaultdict(dict)
    for listing in Registry(chosen.home).listings(*chosen.portals, as_of=chosen.as_of):
        look, is_address = last[listing.portal].get(listing.id), listing.form is ListingForm.ADDRESSED
        is_used = look is not None if is_address else look is None or look.reason not in NOT_A_LISTING
        if listing.ended_at is None and is_used:
            ids[listing.portal, is_address][listing.id] = listing
    return ids


# ---------------------------------------------------------------------------------------------- expected counts


class ListCount(Result):
    """How many agencies of a portal have their report on ``year`` shown (``agencies``).

    ``expected``: the usual count and the verdict, None if nothing is known; ``list_url``: if the count is too low (or
    high), the address of the list that lost (or gained) most agencies since the year before; ``zh``, ``en``: both
    counts in words, "" if nothing is expected.
    """

    portal: str
    place: str
    year: int
    agencies: int
    expected: ExpectedCount | None
    list_url: str | None
    zh: str
    en: str

    @property
    def is_unusual(self) -> bool:
        """True if far fewer or more agencies are shown than expected."""
        return self.expected is not None and self.expected.verdict != "within"


def list_counts(home: Home, portals: Collection[str] | None = None) -> Mapping[str, ListCount]:
    """Return by portal (of ``portals``; None: of all) how many agencies' reports it shows on the newest year whose due
    dates are all long past, and whether these are unusually few or many. Empty if there is no such year, or the
    projections must be rebuilt first. A portal that shows nothing, and of which no list was ever read to its end, is
    left out: nothing is known of it.
    """
    chosen = choose(home)
    try:
        year = _settled_year(chosen)
    except ProjectionError:
        return {}
    if year is None:
        return {}
    tables = chosen.store.tables
    is_shown, is_attested = tables.statuses.c.first_shown.is_not(None), tables.duties.c.guessed.is_(False)
    agencies, before = _count_agencies(chosen, year, is_shown), _count_agencies(chosen, year - 1, is_shown)
    registered = _count_agencies(chosen, year, is_attested, tables.statuses.c.status != Status.NOT_EXPECTED.value)
    by_level: dict[str, list[int]] = defaultdict(list)
    for name, portal in chosen.portals.items():
        if portal.division and name in agencies:
            by_level[level_of(portal.division)].append(agencies[name])
    counts, looks = {}, Observations(home).look_counts()
    for name, portal in chosen.portals.items():
        is_known = name in agencies or (name in looks and looks[name].last_ok is not None)
        if not is_known or (portals is not None and name not in portals):
            continue
        neighbours = [*by_level[level_of(portal.division)]] if portal.division else []
        if name in agencies and neighbours:
            neighbours.remove(agencies[name])
        bases = {
            "last_year": before.get(name, 0),
            "registry": registered.get(name, 0),
            "neighbours_median": median_of_neighbours(neighbours),
            "usual": limit("usual_agencies") if portal.division else 0,
        }
        counts[name] = _list_count(chosen, portal, year, agencies.get(name, 0), bases)
    return counts


def _list_count(chosen: Selection, portal: Portal, year: int, count: int, bases: Mapping[str, int]) -> ListCount:
    """Compare how many agencies' reports on ``year`` a portal shows (``count``) with what to expect, so that a list
    that lacks some is noticed. ``bases``: as for :func:`compare_count`.
    """
    expected = compare_count(count, bases)
    years = {"below": (year - 1, year), "above": (year, year - 1)}.get(expected.verdict if expected else "")
    url = _list_to_look_at(chosen, portal.name, *years) if years else None
    zh, en = expected.sentences(portal.place, year, count, url or "") if expected else ("", "")
    return ListCount.of(
        portal, portal=portal.name, year=year, agencies=count, expected=expected, list_url=url, zh=zh, en=en
    )


def _settled_year(chosen: Selection) -> int | None:
    """Return the newest year with all statutory due dates at least ``settled_days`` ago, or None."""
    duties = chosen.store.tables.duties
    last_day = local_day(chosen.as_of) - timedelta(days=limit("settled_days"))
    query = select(duties.c.year).where(duties.c.due.is_not(None)).group_by(duties.c.year)
    years = fetch(chosen.store, query.having(func.max(duties.c.due) <= last_day))
    return max((row.year for row in years), default=None)


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


def _list_to_look_at(chosen: Selection, portal: str, year: int, other: int) -> str | None:
    """Return the address of the list to look at first where a portal shows too few or too many reports: the list with
    the most agencies that have a report on ``year`` and none on the ``other``. None: no list has any.
    """
    agencies: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for lead in chosen.store.leads(portal):
        if lead.is_report and lead.agency and lead.year in {year, other}:
            agencies[lead.listing][lead.year].add(lead.agency)
    numbers = {listing: len(by_year[year] - by_year[other]) for listing, by_year in agencies.items()}
    listing = max(numbers, key=numbers.__getitem__, default=None)
    urls = {one.id: one.url for one in Registry(chosen.home).listings(portal)}
    return chosen.out.address(urls[listing]) if listing in urls and numbers[listing] else None
