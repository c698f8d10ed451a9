"""Links of looks → leads, and what the address behind a lead turned out to hold at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.identity.addresses import same_address
from archive.identity.classification import lead_of
from archive.identity.several_reports import announced_agencies
from archive.projection.binding import HOLLOW, Bound, Report
from archive.projection.truth import PortalTruth
from storage.records import Binding, Lead, Link, Listing, RulingKind

#: A visit this long after a look still tells what the look's link led to then (an absence may take as long).
_SAME_ROUND = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLead:
    """A lead as it stood on a look: ``at`` is the fetch time of the page it stood on.

    ``ruled_out``: when a person decided that it is no report; ``lead`` then says so.
    """

    look: str
    link: Link
    lead: Lead
    address: str
    at: datetime
    ruled_out: datetime | None = None

    @property
    def strength(self) -> tuple[bool, bool, bool, float, str, str]:
        """Higher means a better lead: a report with agency and year before one without, then the surest."""
        lead = self.lead
        return lead.is_report, lead.agency is not None, lead.year is not None, lead.confidence, lead.listing, lead.title


def look_leads(truth: PortalTruth) -> dict[str, tuple[LookLead, ...]]:
    """Judge the links of every look, by look id; an unchanged link is judged once."""
    fetched = {capture.id: capture.fetched_at for capture in truth.captures}
    ruled = {ruling.subject: ruling for ruling in truth.rulings if ruling.kind is RulingKind.LEAD}
    judged: dict[tuple[str, str, str, str | None, str], Lead] = {}

    def lead_to(link: Link, listing: Listing) -> Lead:
        key = (listing.id, link.url, link.text, link.listed, link.row)
        if key not in judged:
            lead = lead_of(link, listing, truth.portal, truth.agencies)
            decided = ruled[link.url].decision.get("is_report") if link.url in ruled else None
            if isinstance(decided, bool):
                lead = replace(lead, is_report=decided, confidence=1.0, reason="ruling")
            judged[key] = lead
        return judged[key]

    leads_of = {}
    for look in truth.looks:
        extraction, listing = truth.extractions.get(look.id), truth.listing_by_id.get(look.listing)
        if extraction is None or listing is None:
            continue
        leads = [(link, lead_to(link, listing)) for link in extraction.links]
        leads_of[look.id] = tuple(
            LookLead(
                look=look.id,
                link=link,
                lead=lead,
                address=same_address(link.url),
                at=fetched.get(link.capture, look.started),
                ruled_out=ruled[link.url].made_at if link.url in ruled and not lead.is_report else None,
            )
            for link, lead in leads
        )
    return leads_of


def best_leads(leads: Iterable[LookLead]) -> dict[str, Lead]:
    """Give the strongest lead for each address."""
    best: dict[str, LookLead] = {}
    for row in leads:
        best[row.address] = max(best.get(row.address, row), row, key=lambda one: one.strength)
    return {address: row.lead for address, row in best.items()}


def rival_leads(rows: Iterable[LookLead], truth: PortalTruth) -> dict[str, tuple[Lead, ...]]:
    """Give all leads to each address to which the reports of several bodies were linked, each body's first."""
    claims: dict[str, dict[tuple[str, ...], Lead]] = {}
    for row in rows:
        if row.lead.is_report and (claim := announced_agencies(row.lead, truth.agencies, truth.portal.place)):
            claims.setdefault(row.address, {}).setdefault(claim, row.lead)
    return {
        address: tuple(leads.values())
        for address, leads in claims.items()
        if len({agency for claim in leads for agency in claim}) > 1
    }


def lead_rows(leads: Iterable[LookLead]) -> tuple[Lead, ...]:
    """Give one lead for each address on each listing, as last shown, and for each body that one look named there; of
    equals the strongest.
    """
    rows: dict[tuple[str, str], dict[str, LookLead]] = {}
    for row in leads:
        by_body = rows.setdefault((row.lead.listing, row.address), {})
        body = row.lead.agency or row.lead.agency_name or ""
        beside = any(other.look == row.look and other.link.text != row.link.text for other in by_body.values())
        if beside and body not in by_body:
            by_body[body] = row
        elif all((row.at, row.strength) > (other.at, other.strength) for other in by_body.values()):
            rows[row.lead.listing, row.address] = {body: row}
    return tuple(row.lead for key in sorted(rows) for row in rows[key].values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What an address held at a time, as far as visits tell.

    ``at``: since when that is known, None if it is not. ``reports``: the (agency, year) of each body that it is
    bound to. ``open``: a report still unbound or something unread, so that it could be anybody's. ``unfetched``: every
    attempt to fetch it failed. ``failed_at``: since when it was known that it could not be fetched, if nothing had been
    read there by then. ``read_at``: when it was first read. ``binding``: what it was taken for, if it was read.
    """

    at: datetime | None = None
    reports: tuple[Report, ...] = ()
    open: bool = False
    unfetched: bool = False
    failed_at: datetime | None = None
    read_at: datetime | None = None
    binding: Binding | None = None

    @property
    def names(self) -> tuple[str | None, int | None]:
        """Whom and which year an unbound report names, as far as it does."""
        is_unbound = self.open and self.binding is not None and self.binding.is_report
        return (self.binding.agency_name, self.binding.year) if is_unbound and self.binding else (None, None)


def by_address(bounds: Iterable[Bound]) -> dict[str, list[Bound]]:
    """Bound visits by every address that they were asked for under, or that answered."""
    bounds_at: dict[str, list[Bound]] = {}
    for bound in bounds:
        for address in {bound.visit.address, bound.visit.moved}:
            bounds_at.setdefault(address, []).append(bound)
    return bounds_at


def resolve(bounds: Sequence[Bound], shown_at: datetime) -> Resolution:
    """Say what a lead that stood on a page at ``shown_at`` led to; ``bounds``: the bound visits at its address."""
    read = [(bound, bound.binding) for bound in bounds if bound.binding is not None]
    if not read:
        if bounds and all(bound.failed for bound in bounds):
            return Resolution(at=bounds[0].visit.at, unfetched=True, failed_at=bounds[0].visit.at)
        return Resolution(open=True)
    read_at = read[0][0].visit.at
    sound = [one for one in read if not one[0].is_placeholder]
    if not sound:  # what answered says nothing of the report, as if nobody had answered; but it may be it
        return Resolution(open=True, read_at=read_at)
    # the visit nearest after ``shown_at`` (within 48 h), else the last before it, else the first after
    before = [one for one in sound if one[0].visit.at < shown_at]
    after = [one for one in sound if one[0].visit.at >= shown_at]
    soon = bool(after) and after[0][0].visit.at - shown_at <= _SAME_ROUND
    bound, binding = after[0] if soon or not before else before[-1]
    failed = bounds[0].visit.at if bounds[0].failed else None
    resolution = Resolution(failed_at=failed, read_at=read_at, binding=binding)
    if bound.report is not None:
        same = tuple(one.report for one, _ in read if one.visit is bound.visit and one.report is not None)
        return replace(resolution, at=min(one.visit.at for one, _ in read if one.report == bound.report), reports=same)
    is_hollow = bound.visit.main.outcome in HOLLOW and not binding.is_ruled  # an empty page proves nothing
    if binding.is_report or is_hollow:
        return replace(resolution, open=True)
    return replace(resolution, at=min(one.visit.at for one, other in read if not other.is_report))
