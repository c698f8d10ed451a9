"""What each look is worth, and what looks found to be no listing: the facts that are shared by many duties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from archive.assessment.facts import ALWAYS, LookFact
from archive.assessment.folders import Span, years_named
from archive.assessment.suspicion import LookJudgement, LookView, ShownLead, is_endless, suspicion
from archive.identity.years import parse_date
from archive.projection.binding import Bound
from archive.projection.leads import LookLead
from archive.projection.linked_folders import LinkedFolder
from archive.projection.sightings import ShownReports
from archive.projection.truth import PortalTruth
from storage.judgements import StoredLookJudgement
from storage.records import NOT_A_LISTING, ListingForm, Look, LookOutcome


def judge_looks(
    truth: PortalTruth, leads: Mapping[str, Sequence[LookLead]], shown_reports: ShownReports
) -> tuple[list[LookJudgement], list[LookJudgement]]:
    """Judge all looks of the portal, listing by listing; a folder after the list that links it, which was written
    down before it.

    The second list has looks at a list that speak for a folder that it links as well, judged as looks at the folder
    (``listing``); they share their ids with looks of the first.
    """
    views: dict[str, list[LookView]] = {}
    for look in truth.looks:
        views.setdefault(look.listing, []).append(_view(look, truth, leads, shown_reports))
    written = {name: rows[0].recorded_at for name, rows in truth.listing_history.items() if rows}
    own: dict[str, list[LookJudgement]] = defaultdict(list)
    on_parent: dict[str, list[LookJudgement]] = defaultdict(list)
    for listing in sorted(views, key=lambda one: (one in truth.linked_folders, written.get(one, ALWAYS), one)):
        names, folder, above = {view.look.id for view in views[listing]}, truth.linked_folders.get(listing), []
        if folder is not None:
            begins = _is_of_one_year(truth, listing, views[listing])
            above = _looks_above(listing, folder, [*own[folder.below], *on_parent[folder.below]], begins=begins)
        for judged in suspicion([*views[listing], *above], truth.rulings):
            (own if judged.look.id in names else on_parent)[listing].append(judged)
    by_name = sorted(views)
    return [one for name in by_name for one in own[name]], [one for name in by_name for one in on_parent[name]]


def _looks_above(listing: str, folder: LinkedFolder, above: Iterable[LookJudgement], *, begins: bool) -> list[LookView]:
    """The sound looks at the list above a folder at which nothing led to it. ``begins``: before it was found, too."""
    ids = folder.after | (folder.before if begins else frozenset())
    sound = (one for one in above if one.fact.outcome is LookOutcome.OK)
    return [
        LookView(look=replace(one.look, listing=listing, total=None, control=None))
        for one in sound
        if one.look.id in ids and not one.fact.suspect and not one.fact.unverified
    ]


def _is_of_one_year(truth: PortalTruth, listing: str, views: Iterable[LookView]) -> bool:
    """Whether a folder was one of a single year when it was found, by what stood there, or by its name if nothing
    did. One with reports of several years was there before anybody led to it.
    """
    first = next((view for view in views if view.look.outcome is LookOutcome.OK), None)
    if first is None:
        return False
    years, row = {lead.year for lead in first.leads}, truth.listing_history[listing][0]
    if years:
        return len(years) == 1 and None not in years
    return row.year is not None or len(years_named(row.column)) == 1


def _view(
    look: Look, truth: PortalTruth, leads: Mapping[str, Sequence[LookLead]], shown_reports: ShownReports
) -> LookView:
    extraction, listing = truth.extractions.get(look.id), truth.listing_by_id.get(look.listing)
    reports = {
        row.address: (row.lead.agency, row.lead.year) for row in leads.get(look.id, ()) if row.lead.is_report
    } | shown_reports.proven.get(look.id, {})
    links = () if extraction is None or not is_endless(look) else extraction.links
    return LookView(
        look=look,
        leads=tuple(ShownLead(url=url, agency=agency, year=year) for url, (agency, year) in sorted(reports.items())),
        entries=None if extraction is None else len({(link.url, link.text) for link in extraction.links}),
        addressed=listing is not None and listing.form is ListingForm.ADDRESSED,
        days=tuple(parse_date(link.listed) for link in sorted(links, key=lambda link: link.position)),
        chains=frozenset(truth.chains[capture] for capture in look.captures if capture in truth.chains),
    )


def look_rows(
    own: Iterable[LookJudgement], on_parent: Iterable[LookJudgement], leads: Mapping[str, Sequence[LookLead]]
) -> list[StoredLookJudgement]:
    """Give the rows that the projections keep of the judgements."""
    not_linked = {(one.look.listing, one.look.run) for one in on_parent}
    return [
        StoredLookJudgement(
            look=judged.look.id,
            listing=judged.look.listing,
            leads=sum(row.lead.is_report for row in leads.get(judged.look.id, ())),
            suspect=judged.fact.suspect,
            reason=_doubt(judged, shows=bool(leads.get(judged.look.id)), not_linked=not_linked),
            lost=judged.fact.lost,
            whole_from=None if judged.fact.voided else judged.fact.complete_from,
        )
        for judged in own
    ]


def _doubt(judged: LookJudgement, *, shows: bool, not_linked: Collection[tuple[str, str]]) -> str:
    """Name what is wrong with a look that proves nothing though it ended well, as a code; of a folder that was not
    there, that nothing led to it.
    """
    fact, look = judged.fact, judged.look
    reasons = {
        "voided": fact.voided,
        "not_linked": fact.outcome is LookOutcome.CHANGED and (look.listing, look.run) in not_linked,
        "total_not_reached": fact.outcome is not look.outcome,
        "skewed": fact.skewed,
        "unverified": fact.unverified,
        "uncontrolled": not fact.control and not shows,
        "shrunk": fact.suspect,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def base_facts(
    own: Iterable[LookJudgement], on_parent: Iterable[LookJudgement], bounds: Iterable[Bound]
) -> dict[str, list[LookFact]]:
    """Give every look as a fact for a duty that it does not show, by listing, those at a parent list last.

    A control is one only if what it answered was read and is a report.
    """
    good = {bound.visit.main.id for bound in bounds if bound.binding is not None and bound.binding.is_report}
    facts: dict[str, list[LookFact]] = defaultdict(list)
    for is_on_parent, looks in ((False, own), (True, on_parent)):
        for judged in looks:
            control = judged.fact.control if judged.look.control is None else judged.look.control in good
            facts[judged.look.listing].append(replace(judged.fact, on_parent_list=is_on_parent, control=control))
    return facts


def no_listings(looks: Iterable[Look]) -> dict[str, tuple[Span, ...]]:
    """Give the ids of listings that looks found to be none, each with the times from such a look to an ok one."""
    by_listing: dict[str, list[Span]] = {}
    for look in sorted(looks, key=lambda one: (one.started, one.finished, one.id)):
        spans = by_listing.get(look.listing, [])
        is_open = bool(spans) and spans[-1].until is None
        if look.reason in NOT_A_LISTING and not is_open:
            by_listing[look.listing] = [*spans, Span(look.finished, None)]
        elif look.outcome is LookOutcome.OK and is_open:
            spans[-1] = Span(spans[-1].since, look.finished)
    return {listing: tuple(spans) for listing, spans in by_listing.items()}
