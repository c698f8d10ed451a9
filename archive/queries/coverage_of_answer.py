"""Count how much is known of what a question asks about, so that an empty answer says if it is empty or unknown.

Counted are duties by status, and gaps that no duty shows: reports that name no known agency, listings that were not
read to their end, agencies that are only guessed, places with hardly any known agency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from archive.queries.results import Known
from archive.queries.selection import Selection
from archive.queries.stored import fetch
from archive.queries.tallies import Tally, count_duties, parse_tally_key, sum_tallies
from archive.queries.where import EVERYTHING, Where, choose
from storage.home import Home
from storage.observations import Observations, look_outcome, look_reason
from storage.projections import ProjectionStore
from storage.records import AgencyKind, ListingForm, LookOutcome, RulingKind, Status
from storage.registry import Registry
from storage.statements import among, batches
from storage.tables import LOOKS

_MAX_PORTALS_NAMED = 8
_MIN_DEPARTMENTS = 5  # even the smallest county has about twenty, so with fewer most are unknown
#: if duties are unknown, no answer is taken for empty; other gaps are then only counted for so few portals
_MAX_PORTALS_SEARCHED = 64


def knowledge_of(home: Home, where: Where = EVERYTHING) -> Known:
    """Return how much was known at the time asked about of the chosen duties."""
    chosen = choose(home, where)
    return replace(known_in(chosen), asked=len(chosen.portals))


def known_in(chosen: Selection) -> Known:
    """Return how much is known about the duties of a selection; if it has none, also when the first became known."""
    knowledge = known_of(count_duties(chosen, by_year=False))
    return knowledge if knowledge.duties else replace(knowledge, first_record=_first_record(chosen))


def known_of(tallies: Sequence[Tally]) -> Known:
    """Return how many of the counted reports owed are unknown, undetermined or not due, with reasons and portals."""
    by_status: Counter[Status] = Counter()
    by_law = 0
    reasons: Counter[str] = Counter()
    unknown_keys = set()
    for key, number in sum_tallies(tallies).items():
        parsed = parse_tally_key(key)
        by_status[parsed.status] += number
        by_law += number * (parsed.group == "statutory")
        if parsed.status is Status.UNKNOWN:
            reasons[parsed.reason] += number
            unknown_keys.add(key)
    unknown: Counter[str] = Counter()
    for portal, _, counts in tallies:
        unknown[portal] += sum(counts[key] for key in unknown_keys.intersection(counts))
    return Known(
        duties=by_status.total(),
        by_law=by_law,
        not_owed=by_status[Status.NOT_EXPECTED] + by_status[Status.NOT_YET_DUE],
        unknown=by_status[Status.UNKNOWN],
        reasons=dict(reasons.most_common()),
        undetermined=by_status[Status.UNDETERMINED],
        portals=tuple(name for name, number in unknown.most_common(_MAX_PORTALS_NAMED) if number),
    )


def _first_record(chosen: Selection) -> datetime | None:
    """Return when the first of the chosen reports owed became known, to be told if none was by the time asked about."""
    table = chosen.store.tables.statuses
    query = select(table.c.agency, func.min(table.c.since)).where(*chosen.year_conditions(table))
    instants: list[datetime] = []
    for names in batches(chosen.portals):
        rows = fetch(chosen.store, query.where(table.c.portal.in_(names)).group_by(table.c.agency))
        instants += [since for agency, since in rows if agency in chosen.agencies]
    return min(instants, default=None)


# ---------------------------------------------------------------------------------------------- gaps beside the duties


def with_known_gaps(chosen: Selection, knowledge: Known) -> Known:
    """Return ``knowledge`` with gaps that no status shows: unnamed reports, unread lists, guessed or few agencies."""
    knowledge = replace(knowledge, asked=len(chosen.portals))
    if not chosen.portals or (knowledge.unknown and len(chosen.portals) > _MAX_PORTALS_SEARCHED):
        return knowledge  # unknown duties warn already, and counting at many portals takes long
    store, has_departments = chosen.store, chosen.kinds is None or AgencyKind.DEPARTMENT in chosen.kinds
    counts = _count_agencies(chosen)
    unread = _unread_lists(chosen)
    few = tuple(portal for portal, number, _ in counts if number < _MIN_DEPARTMENTS)
    return replace(
        knowledge,
        unnamed=count_unnamed(chosen.home, store, chosen.portals, chosen.years),
        unread=unread.total(),
        unread_at=tuple(sorted(unread)),
        guessed=sum(guessed for *_, guessed in counts),
        few=few if chosen.is_by_kind and has_departments else (),
        unjudged=unjudged(chosen),
    )


def unjudged(chosen: Selection) -> tuple[str, ...]:
    """Return the chosen portals whose captures were never read and judged."""
    return tuple(sorted(chosen.portals.keys() - chosen.store.notes_by_portal()))


def count_unnamed(
    home: Home, store: ProjectionStore, portals: Collection[str], years: Collection[int] | None = None
) -> int:
    """Count the reports of ``portals`` (on ``years``; None: all) without known agency or year and without a ruling."""
    table = store.tables.bindings
    unnamed = table.c.agency.is_(None) | table.c.year.is_(None)
    where = [among(table.c.portal, portals), table.c.is_report.is_(True), unnamed]
    if years is not None:
        where.append(table.c.year.in_(years) | table.c.year.is_(None))
    unbound = fetch(store, select(table.c.url, table.c.document).where(*where))
    if not unbound:
        return 0
    ruled = {one.subject for one in Observations(home).rulings(RulingKind.BINDING, RulingKind.LEAD)}
    return len({url for url, document in unbound if not {url, document} & ruled})


def _count_agencies(chosen: Selection) -> Sequence[tuple[str, int, int]]:
    """Return for each portal how many departments have a duty, and how many agencies with one no source attests."""
    table = chosen.store.tables.duties
    department = case((table.c.kind == AgencyKind.DEPARTMENT.value, table.c.agency))
    guessed = case((table.c.guessed.is_(True), table.c.agency))
    query = select(table.c.portal, func.count(department.distinct()), func.count(guessed.distinct()))
    return fetch(chosen.store, query.where(*chosen.conditions(table)).group_by(table.c.portal).order_by(table.c.portal))


def _unread_lists(chosen: Selection) -> Counter[str]:
    """Count by portal the open lists without a look (reading) by the time asked about, or whose last look did not reach
    their end. Addressed listings are not counted: each is the address of one report and has no end to be reached.
    """
    names, years = sorted(chosen.portals), chosen.years
    listings = Registry(chosen.home).listings(*names, as_of=chosen.as_of)
    unread = {
        one.id: one.portal
        for one in listings
        if one.portal in chosen.portals and one.ended_at is None and one.form is not ListingForm.ADDRESSED
        and (years is None or one.year is None or one.year in years)
    }  # fmt: skip
    last = chosen.home.truth.rows(last_looks(chosen))
    looks = {one.listing: (one.id, one.outcome) for one in last if one.listing in unread}
    judged = chosen.store.tables.look_judgements
    columns = select(judged.c.look, judged.c.suspect, judged.c.whole_from).where(
        among(judged.c.portal, names), among(judged.c.look, sorted(look for look, _ in looks.values()))
    )
    judgement_of = {row.look: row for row in fetch(chosen.store, columns)}
    first_year = min(years or (), default=None)
    for listing, (look, outcome) in looks.items():
        if _is_read_far_enough(outcome, judgement_of.get(look), first_year):
            del unread[listing]
    return Counter(unread.values())


def _is_read_far_enough(outcome: str, judgement: Row[Any] | None, first_year: int | None) -> bool:
    """Whether a look read a listing to its end, or as far back as ``first_year`` if given, and is not suspect."""
    if judgement is None:
        return outcome == LookOutcome.OK
    reaches = first_year is not None and judgement.whole_from is not None and judgement.whole_from <= first_year
    return not judgement.suspect and (outcome == LookOutcome.OK or reaches)


def last_looks(chosen: Selection, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Select each list's last look (reading) that meets ``conditions``, of those begun by the time asked about."""
    last = (
        select(LOOKS.c.listing, func.max(LOOKS.c.started).label("at"))
        .where(among(LOOKS.c.portal, chosen.portals), LOOKS.c.started <= chosen.as_of, *conditions)
        .group_by(LOOKS.c.listing)
        .subquery()
    )
    is_last = (LOOKS.c.listing == last.c.listing) & (LOOKS.c.started == last.c.at)
    columns = (LOOKS.c.id, LOOKS.c.portal, LOOKS.c.listing, LOOKS.c.finished, look_outcome, look_reason)
    return select(*columns).join(last, is_last)
