"""Judge the links of looks as leads, and find out what stood at the address of a lead at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.absences import SAME_ROUND
from archive.identity.addresses import same_address
from archive.identity.classification import lead_of
from archive.identity.several_reports import announced_agencies
from archive.projection.binding import HOLLOW, BoundVisit
from archive.projection.truth import PortalTruth
from storage.records import Binding, Lead, Link, Listing, ReportKey, RulingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLead:
    """A lead as it stood on a look. ``at``: fetch time of the page with the link. ``ruled_out``: when a person ruled
    that it is no report (``lead`` then says so, too).
    """

    look: str
    link: Link
    lead: Lead
    address: str
    at: datetime
    ruled_out: datetime | None = None

    @property
    def strength(self) -> tuple[bool, bool, bool, float, str, str]:
        """Return a sort key; higher means a better lead: a report, with agency, with year, then higher confidence."""
        lead = self.lead
        return lead.is_report, lead.agency is not None, lead.year is not None, lead.confidence, lead.listing, lead.title


def look_leads(truth: PortalTruth) -> dict[str, tuple[LookLead, ...]]:
    """Return look id → its leads: the links on this reading of a list, each judged by what it may open (equal links on
    many looks only once). A ruling on a link's address decides. Looks without links read or without registry row lack.
    """
    fetched = {capture.id: capture.fetched_at for capture in truth.captures}
    ruled = {ruling.subject: ruling for ruling in truth.rulings if ruling.kind is RulingKind.LEAD}
    judged: dict[tuple[str, str, str, str | None, str], Lead] = {}

    def lead_to(link: Link, listing: Listing) -> Lead:
        """Return the lead (judged link), once for equal links; a ruling on its address decides if it is a report."""
        key = (listing.id, link.url, link.text, link.listed, link.row)
        if key not in judged:
            lead = lead_of(link, listing, truth.portal, truth.agencies)
            is_report = ruled[link.url].decision.get("is_report") if link.url in ruled else None
            if isinstance(is_report, bool):
                lead = replace(lead, is_report=is_report, confidence=1.0, reason="ruling")
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
    """Return the best lead for each address."""
    best: dict[str, LookLead] = {}
    for row in leads:
        best[row.address] = max(best.get(row.address, row), row, key=lambda one: one.strength)
    return {address: row.lead for address, row in best.items()}


def contested_leads(rows: Iterable[LookLead], truth: PortalTruth) -> dict[str, tuple[Lead, ...]]:
    """Return the leads (judged links) to each address that links announce as the report of several agencies: the first
    for each set of agencies. The document itself must then say whose report it is.
    """
    by_agencies: dict[str, dict[tuple[str, ...], Lead]] = {}
    for row in rows:
        if row.lead.is_report and (announced := announced_agencies(row.lead, truth.agencies, truth.portal.place)):
            by_agencies.setdefault(row.address, {}).setdefault(announced, row.lead)
    return {
        address: tuple(leads.values())
        for address, leads in by_agencies.items()
        if len({agency for agencies in leads for agency in agencies}) > 1
    }


def lead_rows(leads: Iterable[LookLead]) -> tuple[Lead, ...]:
    """Return one lead (judged link) for each address on each list: the latest, of several on one look (reading of the
    list) the best. If links with different texts on one look name several agencies for an address, each of them keeps a
    lead.
    """
    rows: dict[tuple[str, str], dict[str, LookLead]] = {}
    for row in leads:
        by_agency = rows.setdefault((row.lead.listing, row.address), {})
        agency = row.lead.agency or row.lead.agency_name or ""
        is_second_link = any(one.look == row.look and one.link.text != row.link.text for one in by_agency.values())
        if is_second_link and agency not in by_agency:
            by_agency[agency] = row
        elif all((row.at, row.strength) > (other.at, other.strength) for other in by_agency.values()):
            rows[row.lead.listing, row.address] = {agency: row}
    return tuple(row.lead for key in sorted(rows) for row in rows[key].values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What stood at an address at a time, according to the visits.
    ``at``: since when that is known, None if it is not. ``reports``: the (agency, year) of each agency to which the
    document is bound. ``open``: it is not read, or a report not bound yet, so it could be any agency's. ``unfetched``:
    every fetch failed. ``failed_at``: when the first fetch failed, if nothing had been read there before. ``read_at``:
    when it was first read. ``binding``: that of the document, if it was read.
    """

    at: datetime | None = None
    reports: tuple[ReportKey, ...] = ()
    open: bool = False
    unfetched: bool = False
    failed_at: datetime | None = None
    read_at: datetime | None = None
    binding: Binding | None = None

    @property
    def names(self) -> tuple[str | None, int | None]:
        """Return the agency's name and the year that a report names which is not bound (None: it names none)."""
        is_unbound = self.open and self.binding is not None and self.binding.is_report
        return (self.binding.agency_name, self.binding.year) if is_unbound and self.binding else (None, None)


def by_address(bounds: Iterable[BoundVisit]) -> dict[str, list[BoundVisit]]:
    """Return the bound visits by address: by the requested one, and by the one that answered."""
    bounds_at: dict[str, list[BoundVisit]] = {}
    for bound in bounds:
        for address in {bound.visit.address, bound.visit.moved}:
            bounds_at.setdefault(address, []).append(bound)
    return bounds_at


def resolve(bounds: Sequence[BoundVisit], shown_at: datetime) -> Resolution:
    """Find out what a link shown at ``shown_at`` led to; ``bounds``: the visits at its address with whose report each
    is, oldest first. ``open``: nothing was read, or only pages that prove nothing or whose agency is not known yet.
    """
    read = [(bound, bound.binding) for bound in bounds if bound.binding is not None]
    if not read:
        if bounds and all(bound.failed for bound in bounds):
            return Resolution(at=bounds[0].visit.at, unfetched=True, failed_at=bounds[0].visit.at)
        return Resolution(open=True)
    read_at = read[0][0].visit.at
    informative = [one for one in read if not one[0].is_placeholder]
    if not informative:  # a placeholder answered, which proves nothing about the report
        return Resolution(open=True, read_at=read_at)
    # the visit nearest after ``shown_at`` (within 48 h), else the last before it, else the first after
    before = [one for one in informative if one[0].visit.at < shown_at]
    after = [one for one in informative if one[0].visit.at >= shown_at]
    is_soon = bool(after) and after[0][0].visit.at - shown_at <= SAME_ROUND
    bound, binding = after[0] if is_soon or not before else before[-1]
    failed = bounds[0].visit.at if bounds[0].failed else None
    resolution = Resolution(failed_at=failed, read_at=read_at, binding=binding)
    if bound.report is not None:
        same = tuple(one.report for one, _ in read if one.visit is bound.visit and one.report is not None)
        return replace(resolution, at=min(one.visit.at for one, _ in read if one.report == bound.report), reports=same)
    is_hollow = bound.visit.main.outcome in HOLLOW and not binding.is_ruled  # an empty page proves nothing
    if binding.is_report or is_hollow:
        return replace(resolution, open=True)
    return replace(resolution, at=min(one.visit.at for one, other in read if not other.is_report))
