"""What each look is worth, and which listings speak for a duty: the facts that are shared by many duties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from archive.assessment.facts import LookFact, ScopeEntry
from archive.assessment.folders import Appearance, Folders, Span, years_named
from archive.assessment.scopes import scope
from archive.assessment.suspicion import LookJudgement, LookView, ShownLead, is_endless, suspicion
from archive.identity.years import parse_date
from archive.projection.binding import Bound
from archive.projection.leads import LookLead
from archive.projection.linked_folders import LinkedFolder
from archive.projection.sightings import ShownReports
from archive.projection.truth import PortalTruth
from storage import judgements
from storage.records import NOT_A_LISTING, Agency, ListingForm, Look, LookOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLooks:
    """All looks of a portal. ``standing_in``: looks at a list that speak for a folder hanging on it as well, judged as
    looks at the folder (``listing``); they share their ids with looks of ``own``.
    """

    own: tuple[LookJudgement, ...]
    standing_in: tuple[LookJudgement, ...] = ()


def judge_looks(truth: PortalTruth, leads: Mapping[str, tuple[LookLead, ...]], shown: ShownReports) -> JudgedLooks:
    """Judge all looks of the portal, listing by listing; a folder after the list that it hangs on, which was written
    down before it.
    """
    by_listing: dict[str, list[Look]] = defaultdict(list)
    for look in truth.looks:
        by_listing[look.listing].append(look)
    never = datetime.min.replace(tzinfo=UTC)
    written = {name: rows[0].recorded_at for name, rows in truth.listing_history.items() if rows}
    addressed = {listing.id for listing in truth.listings if listing.form is ListingForm.ADDRESSED}
    chains = {one.id: one.tls.rpartition(":")[2] for one in truth.captures if one.tls is not None}
    own: dict[str, list[LookJudgement]] = {}
    standing_in: dict[str, list[LookJudgement]] = {}
    for listing in sorted(by_listing, key=lambda one: (one in truth.linked_folders, written.get(one, never), one)):
        views = [_view(look, truth, leads, shown, listing in addressed, chains) for look in by_listing[listing]]
        names = {view.look.id for view in views}
        folder = truth.linked_folders.get(listing)
        if folder is not None:
            above = [*own.get(folder.below, ()), *standing_in.get(folder.below, ())]
            views += _looks_above(listing, folder, above, begins=_is_of_one_year(truth, listing, views))
        found = suspicion(views, truth.rulings)
        own[listing] = [judged for judged in found if judged.look.id in names]
        standing_in[listing] = [judged for judged in found if judged.look.id not in names]
    return JudgedLooks(
        own=tuple(judged for listing in sorted(own) for judged in own[listing]),
        standing_in=tuple(judged for listing in sorted(standing_in) for judged in standing_in[listing]),
    )


def _looks_above(listing: str, folder: LinkedFolder, above: Iterable[LookJudgement], *, begins: bool) -> list[LookView]:
    """The sound looks at the list above a folder at which nothing led to it. ``begins``: before it was found, too."""
    wanted = folder.after | (folder.before if begins else frozenset())
    sound = (one for one in above if one.look.id in wanted and one.fact.outcome is LookOutcome.OK)
    return [
        LookView(look=replace(one.look, listing=listing, total=None, control=None))
        for one in sound
        if not one.fact.suspect and not one.fact.unverified
    ]


def _is_of_one_year(truth: PortalTruth, listing: str, views: Iterable[LookView]) -> bool:
    """Whether a folder was one of a single year when it was found, by what stood there, or by its name where nothing
    did. One with reports of several years was there before anybody led to it.
    """
    first = next((view for view in views if view.look.outcome is LookOutcome.OK), None)
    years = {lead.year for lead in first.leads} if first else set()
    row = truth.listing_history[listing][0]
    by_name = row.year is not None or len(years_named(row.column)) == 1
    return first is not None and (len(years) == 1 and None not in years if years else by_name)


def _view(
    look: Look,
    truth: PortalTruth,
    leads: Mapping[str, tuple[LookLead, ...]],
    shown: ShownReports,
    addressed: bool,
    chains: Mapping[str, str],
) -> LookView:
    """``chains``: by capture, the chain of certificates that does not hold over which it came."""
    extraction = truth.extractions.get(look.id)
    found = {
        row.address: ShownLead(url=row.address, agency=row.lead.agency, year=row.lead.year)
        for row in leads.get(look.id, ())
        if row.lead.is_report
    }
    for address, (agency, year) in shown.proven.get(look.id, {}).items():
        found[address] = ShownLead(url=address, agency=agency, year=year)
    links = () if extraction is None or not is_endless(look) else extraction.links
    return LookView(
        look=look,
        leads=tuple(found[key] for key in sorted(found)),
        entries=None if extraction is None else len({(link.url, link.text) for link in extraction.links}),
        addressed=addressed,
        days=tuple(parse_date(link.listed) for link in sorted(links, key=lambda link: link.position)),
        chains=frozenset(chains[capture] for capture in look.captures if capture in chains),
    )


def look_rows(found: JudgedLooks, leads: Mapping[str, tuple[LookLead, ...]]) -> list[judgements.StoredLookJudgement]:
    """Give the rows that the projections keep of the judgements."""
    on_parent_list = {(one.look.listing, one.look.run) for one in found.standing_in}
    return [
        judgements.StoredLookJudgement(
            look=judged.look.id,
            listing=judged.look.listing,
            leads=sum(row.lead.is_report for row in leads.get(judged.look.id, ())),
            suspect=judged.fact.suspect,
            reason=_doubt(judged, shows=bool(leads.get(judged.look.id)), on_parent_list=on_parent_list),
            lost=judged.fact.lost,
            whole_from=None if judged.fact.voided else judged.fact.complete_from,
        )
        for judged in found.own
    ]


def _doubt(judged: LookJudgement, *, shows: bool, on_parent_list: Collection[tuple[str, str]]) -> str:
    """Name what is wrong with a look that proves nothing though it ended well, as a code; of a folder that was not
    there, that nothing led to it.
    """
    fact = judged.fact
    if fact.voided:
        return "voided"
    if fact.outcome is LookOutcome.CHANGED and (judged.look.listing, judged.look.run) in on_parent_list:
        return "not_linked"
    if fact.outcome is not judged.look.outcome:
        return "total_not_reached"
    if fact.skewed:
        return "skewed"
    if fact.unverified:
        return "unverified"
    if not fact.control and not shows:
        return "uncontrolled"
    return "shrunk" if fact.suspect else ""


def base_facts(found: JudgedLooks, bounds: Iterable[Bound]) -> dict[str, list[LookFact]]:
    """Give every look as a fact for a duty that it does not show, by listing, those that stand in behind the others.

    A control is one only if what it answered was read and is a report.
    """
    good = {bound.visit.main.id for bound in bounds if bound.binding is not None and bound.binding.is_report}
    facts: dict[str, list[LookFact]] = {}
    for on_parent_list, looks in ((False, found.own), (True, found.standing_in)):
        for judged in looks:
            control = judged.fact.control if judged.look.control is None else judged.look.control in good
            fact = replace(judged.fact, on_parent_list=on_parent_list, control=control)
            facts.setdefault(fact.listing, []).append(fact)
    return facts


def no_listings(looks: Iterable[Look]) -> dict[str, tuple[Span, ...]]:
    """Give the ids of listings that looks found to be none, each with the times from such a look to an ok one."""
    found: dict[str, tuple[Span, ...]] = {}
    for look in sorted(looks, key=lambda one: (one.started, one.finished, one.id)):
        *closed, last = found.get(look.listing, ()) or (None,)
        is_open = last is not None and last.until is None
        if look.reason in NOT_A_LISTING and not is_open:
            found[look.listing] = (*found.get(look.listing, ()), Span(look.finished, None))
        elif look.outcome is LookOutcome.OK and last is not None and is_open:
            found[look.listing] = (*closed, replace(last, until=look.finished))
    return found


class Scopes:
    """Which listings speak for a duty; asked duty by duty."""

    def __init__(self, truth: PortalTruth, shown: ShownReports) -> None:
        self._rulings, self._rows = truth.rulings, truth.listing_history
        appearances = _appearances(shown)
        self._folders = Folders(truth.listings, appearances, {agency.id: agency.kind for agency in truth.agencies})
        self._no_listings = no_listings(truth.looks)
        self._appearances: dict[str, list[Appearance]] = defaultdict(list)
        for appearance in appearances:
            self._appearances[appearance.agency].append(appearance)
        self._of: dict[str | None, set[str]] = defaultdict(set)  # whose own a listing is or was, None: everybody's
        for name, rows in self._rows.items():
            for row in rows:
                self._of[row.agency].add(name)

    def of(self, agency: Agency, year: int) -> tuple[ScopeEntry, ...]:
        """Give the listings that speak for ``agency`` on ``year``."""
        appearances = self._appearances.get(agency.id, ())
        names = self._of[None] | self._of[agency.id] | {appearance.listing for appearance in appearances}
        names |= {ruling.subject for ruling in self._rulings if ruling.decision.get("agency") == agency.id}
        of_year = [
            row
            for name in sorted(names & self._rows.keys())
            if any(row.year in (None, year) for row in self._rows[name])
            for row in self._rows[name]
        ]
        return scope(agency, year, of_year, appearances, self._rulings, self._folders, self._no_listings)


def _appearances(shown: ShownReports) -> tuple[Appearance, ...]:
    """Since when each agency is known to have appeared on each listing with a report on each year."""
    found: dict[tuple[str, str, int], datetime] = {}
    for (agency, year), sightings in shown.of.items():
        for sighting in sightings:
            if sighting.listing is not None:
                key = (sighting.listing, agency, year)
                found[key] = min(found.get(key, sighting.known_from), sighting.known_from)
    return tuple(
        Appearance(listing=listing, agency=agency, year=year, known_from=known)
        for (listing, agency, year), known in sorted(found.items())
    )
