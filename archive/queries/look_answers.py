"""Describe a portal's looks (each compared with the one before), the scopes of its listings, and which listings are
gone from their addresses.

No listing ends automatically: a person rules that it has ended (``nianbao rule listing``), or adds its new address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from operator import attrgetter

from sqlalchemy import select

from archive.queries.frames import Result
from archive.queries.stored import fetch, group_by, open_projections
from storage.errors import ProjectionError
from storage.home import Home
from storage.observations import Observations
from storage.records import NOT_A_LISTING, AgencyKind, Listing, ListingForm, Look, LookOutcome, RulingKind
from storage.registry import Registry

_MAX_LISTS_NAMED = 3  # most lists named that show the reports of a gone one
NOT_LINKED = "not_linked"  #: reason of looks at a folder that no page links any more: its parent list counts instead
ListedReport = tuple[str, int | str]  # agency and year; if unknown, title and address of the link


class LookShown(Result):
    """One look at the list with this ``title`` and address. ``entries``: number of its links; ``reports``: how many of
    them are or may be reports (None: not judged yet); ``total``: how many entries the list claims; ``reached``: whether
    all of them were read (None: no claim).

    ``new`` and ``gone``: how many links appeared and disappeared since the previous ok look at this listing (None:
    there is none, or this look is not ok). ``suspect``: why the look proves no absence; "" if it is not doubted.
    """

    id: str
    listing: str
    title: str
    url: str
    started: datetime
    outcome: str
    reason: str
    entries: int
    reports: int | None
    total: int | None
    reached: bool | None
    new: int | None
    gone: int | None
    suspect: str


class Scope(Result):
    """The scope of a listing: the agencies for which absence there means something. ``title``: its column; ``agency``:
    its only one, if any;
    ``covers``: kinds of agencies by its label or position; ``seen``: how many agencies' reports it showed; ``rulings``.
    """

    listing: str
    title: str
    url: str
    agency: str | None
    year: int | None
    covers: tuple[AgencyKind, ...]
    seen: int
    rulings: tuple[str, ...]
    ended_at: datetime | None
    looked: LookShown | None


class Elsewhere(Result):
    """Another list that shows reports of a gone one; ``reports``: how many that the lists before it do not show."""

    listing: str
    url: str
    reports: int


class GoneList(Result):
    """A listing with no list at its address in its last ``looks`` looks, since ``since``; ``reason``: of the last one.

    ``reports``: how many its last ok look showed (0: it had none); ``elsewhere``: other lists, read to their end, that
    show these reports, those with most of them first; ``nowhere``: how many reports no list shows.
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


class _PortalLooks:
    """Loads a portal's looks and what they showed, with their judgements and the leads to reports, if projected."""

    def __init__(self, home: Home, portal: str) -> None:
        """Load a portal's looks (readings of lists); without projections, judgements and links to reports are empty."""
        self.looks = Observations(home).looks(portal)
        self.listings = {one.id: one for one in Registry(home).listings(portal)}
        extractions = Observations(home).latest_extractions(portal)
        #: look → the addresses that it showed
        self.entries = {key: frozenset(link.url for link in one.links) for key, one in extractions.items()}
        self.of_listing = group_by(self.looks, attrgetter("listing"))
        try:
            store = open_projections(home)
            self.judged = {one.look: one for one in store.look_judgements(portal)}
            self.reports = [lead for lead in store.leads(portal) if lead.is_report]
        except ProjectionError:
            self.judged, self.reports = {}, []

    def answers(self) -> Iterator[LookShown]:
        """Describe each of ``looks``, oldest first; ok ones compared with the ok one before of the same list."""
        before: dict[str, frozenset[str]] = {}
        for look in self.looks:
            entries, is_whole = self.entries.get(look.id, frozenset()), look.outcome is LookOutcome.OK
            then = before.get(look.listing) if is_whole else None
            judged = self.judged.get(look.id)
            yield LookShown.of(
                look,
                title=self.listings[look.listing].column,
                url=self.listings[look.listing].url,
                outcome=str(look.outcome),
                entries=len(entries),
                reports=judged.leads if judged else None,
                reached=None if look.total is None else len(entries) >= look.total,
                new=None if then is None else len(entries - then),
                gone=None if then is None else len(then - entries),
                suspect=(judged.reason or "suspect") if judged and judged.suspect else "",
            )
            if is_whole:
                before[look.listing] = entries

    def is_read_to_end(self, listing: str) -> bool:
        """Whether the last look at a listing was ok (read to its end)."""
        looks = self.of_listing.get(listing)
        return looks is not None and looks[-1].outcome is LookOutcome.OK

    def gone_since(self, listing: str) -> list[Look]:
        """Return the newest looks at a listing, as far back as each of them found no list there, oldest first."""
        looks = reversed(self.of_listing.get(listing, ()))
        return [*takewhile(lambda look: look.outcome is LookOutcome.CHANGED, looks)][::-1]

    def reports_on(self, listing: str) -> frozenset[ListedReport]:
        """Return the reports that the last ok look (reading of a list) at a listing showed: (agency, year) or, if one
        of these is unknown, (title, address) of the link.
        """
        looks = reversed(self.of_listing.get(listing, ()))
        last = next((look for look in looks if look.outcome is LookOutcome.OK), None)
        linked = self.entries.get(last.id, frozenset()) if last is not None else frozenset()
        leads = [lead for lead in self.reports if lead.listing == listing and lead.url in linked]
        names = [(lead.agency or lead.agency_name, lead.year) for lead in leads]
        return frozenset(
            (agency, year) if agency and year is not None else (lead.title, lead.url)
            for lead, (agency, year) in zip(leads, names, strict=True)
        )


def looks_shown(home: Home, portal: str, run: str | None = None) -> tuple[LookShown, ...]:
    """Return the looks at a portal's listings in the order of their start; ``run``: only those of this crawl."""
    looks = _PortalLooks(home, portal)
    return tuple(one for look, one in zip(looks.looks, looks.answers(), strict=True) if run in {None, look.run})


def scopes(home: Home, portal: str) -> tuple[Scope, ...]:
    """Return by list, ordered by id, its scope (agencies whose absence there counts), its rulings and last look."""
    registry, looks = Registry(home), _PortalLooks(home, portal)
    rulings = Observations(home).rulings(RulingKind.SCOPE)
    agency_at = {lead.url: lead.agency for lead in looks.reports if lead.agency is not None}
    names = {agency.id: agency.name for agency in registry.agencies(portal)}
    last = {one.listing: one for one in looks.answers()}
    answers = []
    for _, listing in sorted(looks.listings.items()):
        urls = {url for look in looks.of_listing.get(listing.id, ()) for url in looks.entries.get(look.id, ())}
        decisions = (sorted(one.decision.items()) for one in rulings if one.subject == listing.id)
        scope = Scope(
            listing=listing.id,
            title=listing.column,
            url=listing.url,
            agency=names.get(listing.agency, listing.agency) if listing.agency else None,
            year=listing.year,
            covers=listing.covers,
            seen=len({agency_at[url] for url in urls if url in agency_at}),
            # in the words of ``nianbao rule``
            rulings=tuple(" ".join(f"{key}={names.get(str(value), value)}" for key, value in one) for one in decisions),
            ended_at=listing.ended_at,
            looked=last.get(listing.id),
        )
        answers.append(scope)
    return tuple(answers)


# ---------------------------------------------------------------------------------------------- lists that are gone


def gone_lists(home: Home, portal: str) -> list[GoneList]:
    """Return the portal's listings, by id, whose newest looks found no list at the address, and that no ruling ended:
    until one does, no report that they should show can be called missing. Left out are those that hold nothing up:
    folders that no page links any more, and listings that the crawler found by itself, without reports or scope.
    """
    looks = _PortalLooks(home, portal)
    rows = {key: row for key, row in looks.listings.items() if row.ended_at is None}
    last_looks = {key: looks.gone_since(key) for key, row in rows.items() if row.form is ListingForm.COLUMN}
    if not any(last_looks.values()):
        return []
    reports_on = {key: looks.reports_on(key) for key in rows}
    there = {
        rows[key]: reports
        for key, reports in reports_on.items()
        if reports and not last_looks.get(key) and looks.is_read_to_end(key)
    }
    answers = []
    for key, row in sorted(rows.items()):
        if last := last_looks.get(key):
            judged = looks.judged.get(last[-1].id)
            is_passed = judged is not None and judged.reason == NOT_LINKED
            # an address that turned out to be no listing has no scope
            keeps_open = last[-1].reason not in NOT_A_LISTING and bool(reports_on[key] or row.covers or row.agency)
            if not is_passed and (keeps_open or ":found-" not in key):
                answers.append(_gone_list(row, last, reports_on[key], there))
    return answers


def _gone_list(
    row: Listing,
    looks: Sequence[Look],
    showed: frozenset[ListedReport],
    there: Mapping[Listing, frozenset[ListedReport]],
) -> GoneList:
    """Describe a gone list and where its reports are now. ``looks``: those since it is gone, oldest first; ``showed``:
    the reports on it before; ``there``: the reports on each other list that is read to its end. Of these at most
    ``_MAX_LISTS_NAMED`` are named: each time the one with most of the reports that are still lacking.
    """
    unplaced, elsewhere = set(showed), list[Elsewhere]()
    while unplaced and there and len(elsewhere) < _MAX_LISTS_NAMED:
        other = max(there, key=lambda one: len(unplaced & there[one]))
        if not unplaced & there[other]:
            break
        elsewhere.append(Elsewhere(listing=other.id, url=other.url, reports=len(unplaced & there[other])))
        unplaced -= there[other]
    return GoneList.of(
        row,
        listing=row.id,
        title=row.column or row.url,
        reason=looks[-1].reason,
        since=looks[0].started,
        looks=len(looks),
        reports=len(showed),
        elsewhere=tuple(elsewhere),
        nowhere=len(unplaced),
    )


# ---------------------------------------------------------------------------------------------- doubted looks

_SHRUNK = "shrunk"


@dataclass(frozen=True, slots=True)
class LookDoubt:
    """Why a look proves nothing, as a code; ``lost``: how many leads of the look it is compared with are lacking."""

    reason: str
    lost: int = 0


def doubts_of(home: Home, looks: Collection[str]) -> dict[str, LookDoubt]:
    """Return for each of ``looks`` (ids of readings of lists) that proves nothing the reason (``shrunk`` …)."""
    store = open_projections(home)
    table = store.tables.look_judgements
    query = select(table.c.look, table.c.reason, table.c.lost).where(table.c.reason != "")
    return {look: LookDoubt(reason, lost) for look, reason, lost in fetch(store, query) if look in looks}


def shrunk_in(home: Home, runs: Collection[str], since: datetime) -> dict[str, int]:
    """Return listing → how many links to reports its look (reading) of ``runs``, begun at ``since`` or later, lost."""
    looks = {look.id: look.listing for look in Observations(home).looks(since=since) if look.run in runs}
    doubts = doubts_of(home, looks)
    return {looks[look]: doubt.lost for look, doubt in sorted(doubts.items()) if doubt.reason == _SHRUNK}
