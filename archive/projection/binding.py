"""Visits → bound reports: whose, which year, or none. A page and its attachments are one report, of several bodies as
many times.

The page decides whose report it is; an attachment's own identity does not make a second one. Where the page is only the
frame of an attached report (no form of its own), the first attachment that is a report speaks for it. A notice with the
reports of several bodies or years is none itself: each of its files is one of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archive.identity.addresses import same_address
from archive.identity.binding import BindingCase, bind, binding_of_each
from archive.identity.several_reports import are_several, lead_to, withdraw_disputed
from archive.parser.reading import combine
from archive.projection.truth import PortalTruth
from archive.projection.visits import Visit, moved_to, stands_in, visits
from storage.records import Binding, Capture, CaptureOutcome, Finding, Lead, Listing, ListingForm, Reading, RulingKind

#: Agency and year.
Report = tuple[str, int]
#: The readings of attachments with their captures, in order.
Parts = Sequence[tuple[Capture, Reading]]
#: Answers whose bytes may be the report; what came with an error or a challenge is kept, but is no page.
PAGES = frozenset({CaptureOutcome.PAGE, CaptureOutcome.NOT_MODIFIED})
#: Answers that the crawler took for nothing; their bytes count only if the reader finds the form in them.
HOLLOW = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A visit and what it turned out to be.

    ``binding`` is None if nothing was fetched or nothing has read it yet (``pending`` tells the two apart).
    ``cells_from``: whose cells hold (the page's, an attachment's, or a reading combined from several of them).
    ``findings``: what only shows where page and attachments meet. ``several``: a page whose files are reports of their
    own, bound as visits of theirs. ``foreign``: a page that is no report and has no title under which it was linked: it
    says nothing of what is.
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
        binding = self.binding
        if binding is None or not binding.is_report or binding.agency is None or binding.year is None:
            return None
        return binding.agency, binding.year

    @property
    def is_readable(self) -> bool:
        """Whether something in it could be read."""
        return self.reading is not None and not (self.reading.unreadable and self.cells_from is None)

    @property
    def failed(self) -> bool:
        """Nothing could be fetched that could be the report; an answer from elsewhere (refused) says nothing of it."""
        silent = HOLLOW | {CaptureOutcome.REFUSED}
        return self.binding is None and not self.pending and self.visit.main.outcome not in silent


#: What a page and its parts make together: whose cells hold, and the findings that only show where they meet.
Whole = tuple[Reading | None, tuple[Finding, ...]]
#: The same by the document of the page and the addresses and documents of its parts.
Wholes = dict[tuple[str, ...], Whole]


def bind_visits(
    truth: PortalTruth,
    readings: Mapping[str, Reading],
    leads: Mapping[str, Lead],
    rivals: Mapping[str, tuple[Lead, ...]],
    wholes: Wholes,
) -> tuple[tuple[Bound, ...], tuple[Binding, ...]]:
    """Bind the visits of a portal, once for each body that shares a report; and give every binding, one for each
    document at an address, and for each body that shares it.

    ``leads``: the best by address; ``rivals``: all, of addresses to which links of several bodies lead. ``wholes``:
    what pages and parts made together when the portal was judged before.
    """
    binder = _Binder(truth, readings, leads, rivals, wholes)
    bounds = [
        bound if binding is bound.binding else replace(bound, binding=binding)
        for visit in visits(truth)
        for bound in binder.bounds_of(visit)
        for binding in ((None,) if bound.binding is None else binding_of_each(bound.binding, truth.agencies))
    ]
    bindings = (one for key in sorted(binder.bound) for one in binding_of_each(binder.bound[key], truth.agencies))
    return tuple(bounds), tuple(bindings)


class _Binder:
    """Binds visits, oldest first, as the first time a document was met at an address is its ``shown_at``."""

    def __init__(
        self,
        truth: PortalTruth,
        readings: Mapping[str, Reading],
        leads: Mapping[str, Lead],
        rivals: Mapping[str, tuple[Lead, ...]],
        wholes: Wholes,
    ) -> None:
        self.truth, self.readings, self.leads, self.rivals, self.wholes = truth, readings, leads, rivals, wholes
        self._ruled = {ruling.subject for ruling in truth.rulings if ruling.kind is RulingKind.BINDING}
        listings = {
            look.listing for look in truth.looks if (it := truth.extractions.get(look.id)) is not None and it.links
        }
        # addresses of lists that showed links: a list of one entry has its title, and prints no more of it
        self._lists = {
            same_address(one.url)
            for one in truth.listings
            if one.id in listings and one.form is not ListingForm.ADDRESSED
        }
        #: each (document, address) once
        self.bound: dict[tuple[str, str], Binding] = {}
        #: the same by what a document says without its attachments
        self._alone: dict[tuple[str, str], Binding] = {}

    def bounds_of(self, visit: Visit) -> Iterator[Bound]:
        """Bind a visit; if its files are reports of several bodies or years, each file as a visit of its own."""
        page = self.readings.get(visit.main.document or "")
        parts = [
            (part, as_met(self.readings[part.document]))
            for part in visit.parts
            if part.outcome in PAGES and part.document is not None and part.document in self.readings
        ]
        if visit.main.outcome in PAGES and page is not None and parts:
            page = as_met(page)
            self._bind_document(visit, page)
            alone = self._alone[page.document, visit.address]
            files = [(part.link_text, reading) for part, reading in parts]
            if are_several(page, alone, files, self.truth.portal.place):
                none = self._keep(visit, _no_report(alone, "reports_attached"))
                yield Bound(visit=visit, binding=none, reading=page, several=True)
                yield from (self._bind_file(visit, part, reading) for part, reading in parts)
                return
        yield self._bind_visit(visit, parts)

    def _bind_file(self, page: Visit, part: Capture, reading: Reading) -> Bound:
        """Bind a file of a notice; its link on the notice is its lead."""
        visit = Visit(main=part, address=same_address(part.requested), moved=moved_to(part))
        portal, agencies, key = self.truth.portal, self.truth.agencies, (reading.document, visit.address)
        if key not in self.bound:
            lead = lead_to(part.requested, part.link_text, self.leads.get(page.address), portal)
            first = self._bind(visit, reading, lead)
            self.bound[key] = withdraw_disputed(first, reading, lead, portal, agencies)
        binding = self.bound[key]
        cells_from, findings = self._whole(binding, reading, ())
        return Bound(visit=visit, binding=binding, reading=reading, cells_from=cells_from, findings=findings)

    def _bind_visit(self, visit: Visit, parts: Parts) -> Bound:
        main = visit.main
        if main.document is None or main.outcome not in PAGES | HOLLOW:
            return Bound(visit=visit, binding=None)
        if main.document not in self.readings:
            return Bound(visit=visit, binding=None, pending=True)
        reading = as_met(self.readings[main.document])
        binding = self._bind_page(visit, reading, [part for _, part in parts])
        cells_from, findings = self._whole(binding, reading, parts)
        leads = (self.leads.get(address) for address in (visit.address, visit.moved))
        titles = [main.link_text, *(lead.title for lead in leads if lead is not None)]
        is_none = not binding.is_report and main.outcome in PAGES and not binding.is_ruled
        return Bound(
            visit=visit,
            binding=binding,
            reading=reading,
            parts=tuple(parts),
            cells_from=cells_from,
            findings=findings,
            foreign=is_none and stands_in(reading, titles),
        )

    def _bind_page(self, visit: Visit, reading: Reading, parts: Sequence[Reading]) -> Binding:
        page = self._bind_document(visit, reading)
        if visit.main.outcome in HOLLOW and not page.is_ruled and (reading.form is None or not reading.is_report):
            reason = reading.reason or visit.main.outcome.value
            return self._keep(visit, replace(page, is_report=False, reason=reason))
        # of a report nothing but its title was read, neither form nor opening, and nobody has ruled that it is one
        is_bare = not page.is_ruled and not any(
            one.form is not None or one.cells or one.identity.statements or one.identity.period
            for one in (reading, *parts)
        )
        if visit.address in self._lists and page.is_report and is_bare:
            return self._keep(visit, _no_report(page, "listing"))
        part = next((part for part in parts if part.is_report and part.form is not None), None)
        if part is None or (page.is_report and page.agency is not None and page.year is not None):
            return page
        return self._keep(visit, _filled_from(page, self._bind_document(visit, part)))

    def _bind_document(self, visit: Visit, reading: Reading) -> Binding:
        key = (reading.document, visit.address)
        if key not in self.bound:
            lead = self.leads.get(visit.address) or self.leads.get(visit.moved)
            listing = self.truth.listing_by_id.get(visit.listing or (lead.listing if lead else ""))
            rivals = self.rivals.get(visit.address) or self.rivals.get(visit.moved, ())
            self.bound[key] = self._alone[key] = self._bind(visit, reading, lead, listing, rivals)
        return self.bound[key]

    def _bind(
        self,
        visit: Visit,
        reading: Reading,
        lead: Lead | None,
        listing: Listing | None = None,
        rivals: Sequence[Lead] = (),
    ) -> Binding:
        """Bind a document by the address as it was asked for, unless a ruling names the one it moved to."""
        case = BindingCase(
            reading=reading,
            url=visit.main.url if visit.main.url in self._ruled else visit.main.requested,
            lead=lead,
            listing=listing,
            portal=self.truth.portal,
            agencies=self.truth.agencies,
            shown_at=visit.at,
            leads=rivals,
        )
        return bind(case, self.truth.rulings)

    def _keep(self, visit: Visit, binding: Binding) -> Binding:
        self.bound[binding.document, visit.address] = binding
        return binding

    def _whole(self, binding: Binding, page: Reading, parts: Parts) -> Whole:
        """Combine once what is met at every visit, and in every judging of the portal."""
        if not binding.is_report:
            return None, ()
        key = (page.document, *(name for part, reading in parts for name in (part.requested, reading.document)))
        if key not in self.wholes:
            self.wholes[key] = whole_of(page, parts)
        return self.wholes[key]


def _no_report(binding: Binding, reason: str) -> Binding:
    return Binding(document=binding.document, url=binding.url, is_report=False, reason=reason)


def as_met(reading: Reading) -> Reading:
    """Give a reading of a kind that cannot be read (yet) as unreadable: what it is, its lead tells, not its bytes. But
    the answer of an interface may be its error, and says nothing of a report.
    """
    if reading.reason != "kind_unsupported":
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
    names = ("agency", "agency_name", "year", "report_kind", "covers")
    filled = {name: getattr(page, name) or getattr(part, name) for name in names}
    basis = {**part.basis, **page.basis, "report": "attachment"}
    return replace(page, **filled, basis=basis, findings=(*page.findings, *part.findings))


def whole_of(page: Reading, parts: Parts) -> Whole:
    """Give the reading whose cells are the report's: the page's, an attachment's, or one combined from several.

    A combined one is made if cells come from several documents, or contradict each other; it is named by a digest
    over the documents that it was made from.
    """
    if not any(reading.cells for _, reading in parts):
        return (page if page.cells else None), ()
    files = [(part.requested, reading) for part, reading in parts]
    whole = combine(page, files)
    own_findings = {finding for reading in (page, *(reading for _, reading in files)) for finding in reading.findings}
    findings = tuple(finding for finding in whole.findings if finding not in own_findings)
    sources = {_source_of(str(cell.locator.get("part", "")), files) for cell in whole.cells.values()}
    if not sources:
        return None, findings
    if len(sources) == 1 and not any(finding.code == "parts_differ" for finding in findings):
        return ({"": page} | dict(reversed(files)))[sources.pop()], findings
    made_of = "\n".join((page.document, *(reading.document for _, reading in files)))
    document = hashlib.sha256(f"nianbao combined\n{made_of}".encode()).hexdigest()
    return replace(whole, document=document), findings


def _source_of(part: str, files: Sequence[tuple[str, Reading]]) -> str:
    """The address of the attachment that a cell came from, be it out of a file packed in it; "" for the page's own."""
    sources = (name for name, _ in files if part == name or part.startswith(f"{name}/"))
    return max(sources, key=len, default="")
