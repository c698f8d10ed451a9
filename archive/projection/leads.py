"""Links of looks → leads, and what the address behind a lead turned out to hold at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.identity.addresses import same_address
from archive.identity.binding import announced_agencies
from archive.identity.classification import lead_of
from archive.projection.binding import HOLLOW, Bound
from archive.projection.truth import PortalTruth
from storage.records import Binding, Lead, Link, Ruling, RulingKind

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


def look_leads(truth: PortalTruth) -> dict[str, tuple[LookLead, ...]]:
    """Judge the links of every look, by look id; an unchanged link is judged once."""
    listings = {listing.id: listing for listing in truth.listings}
    fetched = {capture.id: capture.fetched_at for capture in truth.captures}
    ruled = {ruling.subject: ruling for ruling in truth.rulings if ruling.kind is RulingKind.LEAD}
    judged: dict[tuple[str, str, str, str | None, str], Lead] = {}
    found = {}
    for look in truth.looks:
        extraction, listing = truth.extractions.get(look.id), listings.get(look.listing)
        if extraction is None or listing is None:
            continue
        rows = []
        for link in extraction.links:
            key = (listing.id, link.url, link.text, link.listed, link.row)
            if key not in judged:
                judged[key] = _ruled(lead_of(link, listing, truth.portal, truth.agencies), ruled.get(link.url))
            ruling = ruled.get(link.url)
            row = LookLead(
                look=look.id,
                link=link,
                lead=judged[key],
                address=same_address(link.url),
                at=fetched.get(link.capture, look.started),
                ruled_out=ruling.made_at if ruling is not None and not judged[key].is_report else None,
            )
            rows.append(row)
        found[look.id] = tuple(rows)
    return found


def _ruled(lead: Lead, ruling: Ruling | None) -> Lead:
    """Put what a person decided about a link in place of the judgement."""
    decided = None if ruling is None else ruling.decision.get("is_report")
    if not isinstance(decided, bool):
        return lead
    return replace(lead, is_report=decided, confidence=1.0, reason="ruling")


def best_leads(leads: Iterable[LookLead]) -> dict[str, Lead]:
    """Give the strongest lead for each address: a report with agency and year before one without, then the surest."""
    best: dict[str, LookLead] = {}
    for row in leads:
        held = best.get(row.address)
        if held is None or _strength(row) > _strength(held):
            best[row.address] = row
    return {address: row.lead for address, row in best.items()}


def rival_leads(found: Iterable[LookLead], truth: PortalTruth) -> dict[str, tuple[Lead, ...]]:
    """Give all leads to each address to which the reports of several bodies were linked, each body's first."""
    claims: dict[str, dict[tuple[str, ...], Lead]] = {}
    for row in found:
        if row.lead.is_report and (claim := announced_agencies(row.lead, truth.agencies, truth.portal.place)):
            claims.setdefault(row.address, {}).setdefault(claim, row.lead)
    return {
        address: tuple(leads.values())
        for address, leads in claims.items()
        if len({agency for claim in leads for agency in claim}) > 1
    }


def _strength(row: LookLead) -> tuple[bool, bool, bool, float, str, str]:
    lead = row.lead
    return lead.is_report, lead.agency is not None, lead.year is not None, lead.confidence, lead.listing, lead.title


def lead_rows(leads: Iterable[LookLead]) -> tuple[Lead, ...]:
    """Give one lead for each address on each listing, as last shown, and for each body that one look named there; of
    equals the strongest.
    """
    rows: dict[tuple[str, str], dict[str, LookLead]] = {}
    for row in leads:
        shown = rows.setdefault((row.lead.listing, row.address), {})
        whose = row.lead.agency or row.lead.agency_name or ""
        beside = any(other.look == row.look and other.link.text != row.link.text for other in shown.values())
        last = max(shown.values(), key=lambda other: (other.at, _strength(other)), default=None)
        if beside and whose not in shown:
            shown[whose] = row
        elif last is None or (row.at, _strength(row)) > (last.at, _strength(last)):
            rows[row.lead.listing, row.address] = {whose: row}
    return tuple(row.lead for key in sorted(rows) for row in rows[key].values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What an address held at a time, as far as visits tell.

    ``at``: since when that is known, None where it is not. ``reports``: the (agency, year) of each body that it is
    bound to. ``open``: a report still unbound or something unread, so that it could be anybody's; ``name`` and ``year``
    are then whom it names, if anybody. ``unfetched``: every attempt to fetch it failed. ``failed_at``: since when it
    was known that it could not be fetched, if nothing had been read there by then. ``read_at``: when it was first read.
    ``binding``: what it was taken for, where it was read.
    """

    at: datetime | None
    reports: tuple[tuple[str, int], ...] = ()
    open: bool = False
    name: str | None = None
    year: int | None = None
    unfetched: bool = False
    failed_at: datetime | None = None
    read_at: datetime | None = None
    binding: Binding | None = None


def by_address(bounds: Iterable[Bound]) -> dict[str, list[Bound]]:
    """Bound visits by every address that they were asked for under, or that answered."""
    found: dict[str, list[Bound]] = {}
    for bound in bounds:
        for address in {bound.visit.address, bound.visit.moved}:
            found.setdefault(address, []).append(bound)
    return found


def resolve(found: Sequence[Bound], shown: datetime) -> Resolution:
    """Say what a lead that stood on a page at ``shown`` led to; ``found``: the bound visits at its address."""
    read = [bound for bound in found if bound.binding is not None]
    if not read:
        if found and all(bound.failed for bound in found):
            return Resolution(at=found[0].visit.at, unfetched=True, failed_at=found[0].visit.at)
        return Resolution(at=None, open=True)
    sound = [bound for bound in read if not bound.foreign]
    if not sound:  # what answered says nothing of the report, as if nobody had answered; but it may be it
        return Resolution(at=None, open=True, read_at=read[0].visit.at)
    failed = found[0].visit.at if found[0].failed else None
    held = _in_force(sound, shown)
    return replace(_read(read, held), failed_at=failed, read_at=read[0].visit.at, binding=held.binding)


def _read(read: Sequence[Bound], bound: Bound) -> Resolution:
    if bound.report is not None:
        same = [b.report for b in read if b.visit is bound.visit and b.report is not None]
        return Resolution(at=min(b.visit.at for b in read if b.report == bound.report), reports=tuple(same))
    assert bound.binding is not None
    if bound.binding.is_report:
        return Resolution(at=None, open=True, name=bound.binding.agency_name, year=bound.binding.year)
    if bound.visit.main.outcome in HOLLOW and not bound.binding.is_ruled:  # an empty page proves nothing
        return Resolution(at=None, open=True)
    return Resolution(at=min(b.visit.at for b in read if b.binding and not b.binding.is_report))


def _in_force(read: Sequence[Bound], shown: datetime) -> Bound:
    """Give the visit nearest after ``shown`` (within 48 h), else the last before it, else the first after."""
    after = [bound for bound in read if bound.visit.at >= shown]
    if after and after[0].visit.at - shown <= _SAME_ROUND:
        return after[0]
    before = [bound for bound in read if bound.visit.at < shown]
    return before[-1] if before else after[0]
