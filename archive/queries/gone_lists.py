"""Lists that are no longer where they were: since when, what they showed, and which other lists show that now.

Nothing is ended by this: a person rules that a list has ended (``nianbao rule listing``), or gives its new address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from archive.queries.frames import Result
from storage.home import Home
from storage.observations import Observations
from storage.projections import ProjectionStore
from storage.records import NOT_A_LISTING, Extraction, Lead, Listing, ListingForm, Look, LookOutcome
from storage.registry import Registry

_MOST = 3  # lists named that show what one list showed
_NOT_LINKED = "not_linked"  # looks at a folder that went with what led to it: the list above speaks in its place
Report = tuple[str, int | str]  # whose and of which year; else the title and the address


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere(Result):
    """A list that shows reports of one that is gone: ``reports`` of them that none named before it shows."""

    listing: str
    url: str
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneList(Result):
    """A listing whose last ``looks`` looks, since ``since``, found no list at its address; ``reason``: of the last.

    ``reports``: those that its last whole look showed (0: it never had one); ``elsewhere``: other lists that were read
    to their end and show them, those that show most first; ``nowhere``: how many no list shows.
    """

    portal: str
    listing: str
    title: str
    url: str
    reason: str
    since: datetime
    looks: int
    reports: int
    elsewhere: tuple[Elsewhere, ...] = ()
    nowhere: int = 0


def gone_lists(home: Home, store: ProjectionStore, portal: str) -> list[GoneList]:
    """Return the portal's lists that have not ended and are gone, by id. One that never was a list is told if it is
    said to speak for somebody: it keeps every absence of theirs open.
    """
    rows = {row.id: row for row in Registry(home).listings(portal) if row.ended_at is None}
    observations = Observations(home)
    looks: dict[str, list[Look]] = {}
    for look in sorted(observations.looks(portal), key=lambda one: (one.started, one.id)):
        looks.setdefault(look.listing, []).append(look)
    gone = {key: _gone_since(looks.get(key, ())) for key, row in rows.items() if row.form is ListingForm.COLUMN}
    if not any(gone.values()):
        return []
    passed = {one.look for one in store.look_judgements(portal) if one.reason == _NOT_LINKED}
    extractions, leads = observations.latest_extractions(portal), _by_listing(store.leads(portal))
    shown = {key: _reports_shown(looks.get(key, ()), extractions, leads.get(key, ())) for key in rows}
    there = {
        key: reports for key, reports in shown.items() if reports and not gone.get(key) and _is_read_to_end(looks, key)
    }
    return [
        _gone_list(row, gone[key], shown[key], {other: (rows[other].url, there[other]) for other in there})
        for key, row in sorted(rows.items())
        if gone.get(key)
        and gone[key][-1].id not in passed
        and (_keeps_open(gone[key][-1], row, shown[key]) or ":found-" not in key)
    ]


def _keeps_open(last: Look, row: Listing, shown: frozenset[Report]) -> bool:
    """Whether a list that is gone keeps absences open: what turned out to be no listing speaks for nobody."""
    return last.reason not in NOT_A_LISTING and bool(shown or row.covers or row.agency)


def _gone_since(looks: Sequence[Look]) -> list[Look]:
    """The last looks, all of which found no list."""
    return [*takewhile(lambda look: look.outcome is LookOutcome.CHANGED, reversed(looks))][::-1]


def _is_read_to_end(looks: Mapping[str, Sequence[Look]], listing: str) -> bool:
    return bool(looks.get(listing)) and looks[listing][-1].outcome is LookOutcome.OK


def _by_listing(leads: Iterable[Lead]) -> dict[str, list[Lead]]:
    found: dict[str, list[Lead]] = {}
    for lead in leads:
        if lead.is_report:
            found.setdefault(lead.listing, []).append(lead)
    return found


def _reports_shown(
    looks: Sequence[Look], extractions: Mapping[str, Extraction], leads: Iterable[Lead]
) -> frozenset[Report]:
    """The reports on the last look that was read to its end."""
    last = next((look for look in reversed(looks) if look.outcome is LookOutcome.OK), None)
    if last is None or last.id not in extractions:
        return frozenset()
    linked = {link.url for link in extractions[last.id].links}
    return frozenset(_report(lead) for lead in leads if lead.url in linked)


def _report(lead: Lead) -> Report:
    whose = lead.agency or lead.agency_name
    return (whose, lead.year) if whose and lead.year is not None else (lead.title, lead.url)


def _gone_list(
    row: Listing, looks: Sequence[Look], showed: Collection[Report], there: Mapping[str, tuple[str, frozenset[Report]]]
) -> GoneList:
    left: set[Report] = {*showed}
    elsewhere: list[Elsewhere] = []
    while left and len(elsewhere) < _MOST:
        listing, (url, reports) = max(there.items(), key=lambda one: len(left & one[1][1]), default=("", ("", ())))
        if not left.intersection(reports):
            break
        elsewhere.append(Elsewhere(listing=listing, url=url, reports=len(left.intersection(reports))))
        left.difference_update(reports)
    return GoneList.of(
        row,
        listing=row.id,
        title=row.column or row.url,
        reason=looks[-1].reason,
        since=looks[0].started,
        looks=len(looks),
        reports=len(showed),
        elsewhere=tuple(elsewhere),
        nowhere=len(left),
    )
