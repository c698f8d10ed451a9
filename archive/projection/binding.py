"""Visits → bound reports: whose, which year, or none. A page and its attachments are one report, of several bodies as
many times.

The page decides whose report it is; an attachment's own identity does not make a second one. Where the page is only the
frame of an attached report (no form of its own), the first attachment that is a report speaks for it. A notice with the
reports of several bodies or years is none itself: each of its files is one of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archive.identity.addresses import same_address
from archive.identity.binding import are_several, bind, binding_of_each, lead_to, withdraw_disputed
from archive.parser.combining import combine
from archive.projection.truth import PortalTruth
from archive.projection.visits import Visit, moved_to, stands_in
from storage.records import Binding, Capture, CaptureOutcome, Finding, Lead, Listing, ListingForm, Reading, RulingKind

#: Agency and year.
Report = tuple[str, int]
#: Answers whose bytes may be the report; what came with an error or a challenge is kept, but is no page.
PAGES = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
#: Answers that the crawler took for nothing; their bytes count only if the reader finds the form in them.
HOLLOW = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})
_UNSUPPORTED = frozenset({"kind_unsupported"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A visit and what it turned out to be.

    ``binding`` is None where nothing was fetched or nothing has read it yet (``pending`` tells the two apart).
    ``parts``: the readings of attachments, in order, with their captures. ``cells_from``: whose cells
    hold (the page's, an attachment's, or a reading combined from several of them). ``findings``: what only shows where
    page and attachments meet. ``several``: a page whose files are reports of their own, bound as visits of theirs.
    ``foreign``: a page that is no report and bears no title under which it was linked: it says nothing of what is.
    """

    visit: Visit
    binding: Binding | None
    reading: Reading | None = None
    parts: tuple[tuple[Capture, Reading], ...] = ()
    cells_from: Reading | None = None
    findings: tuple[Finding, ...] = ()
    pending: bool = False
    several: bool = False
    foreign: bool = False

    @property
    def report(self) -> Report | None:
        """Agency and year, if it is a report bound to both."""
        held = self.binding
        if held is None or not held.is_report or held.agency is None or held.year is None:
            return None
        return held.agency, held.year

    @property
    def failed(self) -> bool:
        """Nothing could be fetched that could be the report; an answer from elsewhere (refused) says nothing of it."""
        unsaid = HOLLOW | {CaptureOutcome.REFUSED}
        return self.binding is None and not self.pending and self.visit.main.outcome not in unsaid


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the visits of one portal are bound from, and the ``bound`` so far: each (document, address) once.

    ``leads``: the best by address; ``rivals``: all, of addresses to which links of several bodies lead. ``alone``:
    bindings by what a document says without its attachments.
    """

    truth: PortalTruth
    readings: Mapping[str, Reading]
    leads: Mapping[str, Lead]
    rivals: Mapping[str, tuple[Lead, ...]]
    wholes: Wholes
    listings: Mapping[str, Listing]
    lists: frozenset[str]
    ruled: frozenset[str]
    bound: dict[tuple[str, str], Binding] = field(default_factory=dict)
    alone: dict[tuple[str, str], Binding] = field(default_factory=dict)


def bind_visits(
    truth: PortalTruth,
    readings: Mapping[str, Reading],
    visits: Sequence[Visit],
    leads: Mapping[str, Lead],
    rivals: Mapping[str, tuple[Lead, ...]],
    wholes: Wholes,
) -> tuple[tuple[Bound, ...], tuple[Binding, ...]]:
    """Bind the visits, oldest first, as the first time a document was met at an address is its ``shown_at``; and give
    every binding, one for each document at an address, and for each body that shares it.
    """
    known = _Known(
        truth=truth,
        readings=readings,
        leads=leads,
        rivals=rivals,
        wholes=wholes,
        listings={listing.id: listing for listing in truth.listings},
        lists=_lists(truth),
        ruled=frozenset(r.subject for r in truth.rulings if r.kind is RulingKind.BINDING),
    )
    bounds = [
        bound if binding is bound.binding else replace(bound, binding=binding)
        for visit in visits
        for bound in _bounds(known, visit)
        for binding in ((None,) if bound.binding is None else binding_of_each(bound.binding, truth.agencies))
    ]
    bindings = [one for key in sorted(known.bound) for one in binding_of_each(known.bound[key], truth.agencies)]
    return tuple(bounds), tuple(bindings)


def _bounds(known: _Known, visit: Visit) -> list[Bound]:
    """Bind a visit; where its files are reports of several bodies or years, each file as a visit of its own."""
    page = known.readings.get(visit.main.document or "")
    parts = [
        (part, as_met(known.readings[part.document]))
        for part in visit.parts
        if part.outcome in PAGES and part.document is not None and part.document in known.readings
    ]
    if visit.main.outcome not in PAGES or page is None or not parts:
        return [_bind_visit(known, visit, parts)]
    page = as_met(page)
    _bind_document(known, visit, page)
    alone = known.alone[page.document, visit.address]
    files = [(part.link_text, reading) for part, reading in parts]
    if not are_several(page, alone, files, known.truth.portal.place):
        return [_bind_visit(known, visit, parts)]
    none = _keep(known, visit, _no_report(alone, "reports_attached"))
    notice = Bound(visit=visit, binding=none, reading=page, several=True)
    return [notice, *(_bind_file(known, visit, part, reading) for part, reading in parts)]


def _bind_file(known: _Known, page: Visit, part: Capture, reading: Reading) -> Bound:
    """Bind a file of a notice, whose link on the notice is its lead."""
    visit = Visit(main=part, address=same_address(part.requested), moved=moved_to(part))
    portal, agencies, key = known.truth.portal, known.truth.agencies, (reading.document, visit.address)
    if key not in known.bound:
        lead = lead_to(part.requested, part.link_text, known.leads.get(page.address), portal)
        found = _bind(known, visit, reading, lead)
        known.bound[key] = withdraw_disputed(found, reading, lead, portal, agencies)
    binding = known.bound[key]
    whole = _whole(known, binding, reading, ())
    return Bound(visit=visit, binding=binding, reading=reading, cells_from=whole.reading, findings=whole.findings)


def _bind_visit(known: _Known, visit: Visit, parts: Sequence[tuple[Capture, Reading]]) -> Bound:
    main = visit.main
    if main.document is None or main.outcome not in PAGES | HOLLOW:
        return Bound(visit=visit, binding=None)
    if main.document not in known.readings:
        return Bound(visit=visit, binding=None, pending=True)
    reading = as_met(known.readings[main.document])
    binding = _bind_page(known, visit, reading, [part for _, part in parts])
    whole = _whole(known, binding, reading, parts)
    leads = (known.leads.get(address) for address in (visit.address, visit.moved))
    titles = [main.link_text, *(lead.title for lead in leads if lead is not None)]
    is_none = not binding.is_report and main.outcome in PAGES and not binding.is_ruled
    return Bound(
        visit=visit,
        binding=binding,
        reading=reading,
        parts=tuple(parts),
        cells_from=whole.reading,
        findings=whole.findings,
        foreign=is_none and stands_in(reading, titles),
    )


def _bind_page(known: _Known, visit: Visit, reading: Reading, parts: Sequence[Reading]) -> Binding:
    page = _bind_document(known, visit, reading)
    if visit.main.outcome in HOLLOW and not page.is_ruled and (reading.form is None or not reading.is_report):
        reason = reading.reason or visit.main.outcome.value
        return _keep(known, visit, replace(page, is_report=False, reason=reason))
    if visit.address in known.lists and page.is_report and _is_bare(page, (reading, *parts)):
        return _keep(known, visit, _no_report(page, "listing"))
    if page.is_report and page.agency is not None and page.year is not None:
        return page
    part = next((part for part in parts if part.is_report and part.form is not None), None)
    return page if part is None else _keep(known, visit, _filled_from(page, _bind_document(known, visit, part)))


def _bind_document(known: _Known, visit: Visit, reading: Reading) -> Binding:
    key = (reading.document, visit.address)
    if key not in known.bound:
        lead = known.leads.get(visit.address) or known.leads.get(visit.moved)
        listing = known.listings.get(visit.listing or (lead.listing if lead else ""))
        rivals = known.rivals.get(visit.address) or known.rivals.get(visit.moved, ())
        known.bound[key] = known.alone[key] = _bind(known, visit, reading, lead, listing, rivals)
    return known.bound[key]


def _bind(
    known: _Known,
    visit: Visit,
    reading: Reading,
    lead: Lead | None,
    listing: Listing | None = None,
    rivals: Sequence[Lead] = (),
) -> Binding:
    """Bind a document by the address as it was asked for, unless a ruling names the one it moved to."""
    return bind(
        reading,
        url=visit.main.url if visit.main.url in known.ruled else visit.main.requested,
        lead=lead,
        listing=listing,
        portal=known.truth.portal,
        agencies=known.truth.agencies,
        rulings=known.truth.rulings,
        shown_at=visit.at,
        leads=rivals,
    )


def _keep(known: _Known, visit: Visit, binding: Binding) -> Binding:
    known.bound[binding.document, visit.address] = binding
    return binding


def _no_report(binding: Binding, reason: str) -> Binding:
    return replace(
        binding, is_report=False, reason=reason, agency=None, agency_name=None, year=None, report_kind=None, covers=(),
        basis={}, findings=(),
    )  # fmt: skip


def _whole(known: _Known, binding: Binding, page: Reading, parts: Sequence[tuple[Capture, Reading]]) -> Whole:
    """Combine once what is met at every visit, and in every judging of the portal."""
    if not binding.is_report:
        return Whole(None)
    key = (page.document, *(name for part, reading in parts for name in (part.requested, reading.document)))
    if key not in known.wholes:
        known.wholes[key] = whole_of(page, parts)
    return known.wholes[key]


def _lists(truth: PortalTruth) -> frozenset[str]:
    """The addresses of lists that showed links. A list of one entry bears its title, and prints no more of it."""
    shown = {look.listing for look in truth.looks if (it := truth.extractions.get(look.id)) is not None and it.links}
    return frozenset(
        same_address(one.url) for one in truth.listings if one.id in shown and one.form is not ListingForm.ADDRESSED
    )


def _is_bare(binding: Binding, readings: Iterable[Reading]) -> bool:
    """Whether of a report nothing but its title was read: neither form nor opening; nobody has ruled that it is one."""
    has_content = any(
        one.form is not None or one.cells or one.identity.statements or one.identity.period for one in readings
    )
    return not has_content and not binding.is_ruled


def as_met(reading: Reading) -> Reading:
    """Give a reading of a kind that cannot be read (yet) as unreadable: what it is, its lead tells, not its bytes. But
    the answer of an interface may be its error, and says nothing of a report.
    """
    if reading.reason not in _UNSUPPORTED:
        return reading
    if reading.kind == "json":
        return replace(reading, unreadable="", findings=())
    return replace(reading, unreadable=reading.reason)


def _filled_from(page: Binding, part: Binding) -> Binding:
    """Let an attachment with the form fill in what its page does not say; what the page says stands."""
    if not part.is_report:
        return page
    if not page.is_report:
        return replace(part, document=page.document, url=page.url, basis={**part.basis, "report": "attachment"})
    return replace(
        page,
        agency=page.agency or part.agency,
        agency_name=page.agency_name or part.agency_name,
        year=page.year or part.year,
        report_kind=page.report_kind or part.report_kind,
        covers=page.covers or part.covers,
        basis={**part.basis, **page.basis, "report": "attachment"},
        findings=(*page.findings, *part.findings),
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """What a page and its parts make together. ``findings``: what only shows where they meet."""

    reading: Reading | None
    findings: tuple[Finding, ...] = ()


#: What pages and their parts make together, by the document of the page and the addresses and documents of its parts.
Wholes = dict[tuple[str, ...], Whole]


def whole_of(page: Reading, parts: Sequence[tuple[Capture, Reading]]) -> Whole:
    """Give the reading whose cells are the report's: the page's, an attachment's, or one combined from several.

    A combined one is made where cells come from several documents, or contradict each other; it is named by a digest
    over the documents that it was made from.
    """
    if not any(reading.cells for _, reading in parts):
        return Whole(page if page.cells else None)
    named = [(part.requested, reading) for part, reading in parts]
    whole = combine(page, named)
    said = {finding for reading in (page, *(reading for _, reading in named)) for finding in reading.findings}
    findings = tuple(finding for finding in whole.findings if finding not in said)
    sources = {_giver(str(cell.locator.get("part", "")), named) for cell in whole.cells.values()}
    if not sources:
        return Whole(None, findings)
    if len(sources) == 1 and not any(finding.code == "parts_differ" for finding in findings):
        return Whole(({"": page} | dict(reversed(named)))[sources.pop()], findings)
    made_of = "\n".join((page.document, *(reading.document for _, reading in named)))
    document = hashlib.sha256(f"nianbao combined\n{made_of}".encode()).hexdigest()
    return Whole(replace(whole, document=document), findings)


def _giver(part: str, named: Sequence[tuple[str, Reading]]) -> str:
    """The address of the attachment that a cell came from, be it out of a file packed in it; "" for the page's own."""
    givers = (name for name, _ in named if part == name or part.startswith(f"{name}/"))
    return max(givers, key=len, default="")
