"""Bind visits: decide which agency's report on which year a page with its attachments is, or that it is none.

The page decides whose report it is; an attachment does not make a second report. If the page has no form of its own,
the first attachment that is a report fills in what the page does not say. A page that links the reports of several
agencies or years is no report itself: each of its files is bound alone. A report of several agencies is bound to each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import merge

from archive.assessment.calendar import year_over
from archive.documents.kinds import TEXTUAL_KINDS
from archive.forms.labels import squeezed
from archive.identity.addresses import same_address
from archive.identity.binding import BindingCase, bind, binding_of_each
from archive.identity.several_reports import are_several, lead_to, withdraw_disputed
from archive.parser.reading import combine
from archive.projection.truth import PortalTruth, Visit, moved_to
from storage.records import (
    Binding,
    Capture,
    CaptureOutcome,
    Finding,
    Lead,
    Listing,
    ListingForm,
    Reading,
    ReportKey,
    RulingKind,
)

#: The readings of attachments with their captures, in order.
Parts = Sequence[tuple[Capture, Reading]]
#: Outcomes of pages that the crawler judged empty; they count only if the reader finds the form in them.
HOLLOW = frozenset({CaptureOutcome.SOFT_404, CaptureOutcome.EMPTY})
MIN_TITLE_CHARS = 8  # shorter titles do not distinguish pages


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundVisit:
    """A visit with its binding.
    ``binding``: None if nothing was fetched, or if it is not read yet (``pending``). ``cells_from``: the reading with
    the report's cells (of the page, of an attachment, or combined from several). ``findings``: those that only show
    when page and attachments are compared. ``has_several``: the page is a notice; its files are reports of their own
    and bound as visits of their own. ``is_placeholder``: a page that is no report and lacks the title under which it
    was linked, such as a login page: it says nothing about the report.
    """

    visit: Visit
    binding: Binding | None
    reading: Reading | None = None
    parts: tuple[tuple[Capture, Reading], ...] = ()
    cells_from: Reading | None = None
    findings: tuple[Finding, ...] = ()
    pending: bool = False
    has_several: bool = False
    is_placeholder: bool = False

    @property
    def report(self) -> ReportKey | None:
        """Return agency and year if this is a report and both are known, else None."""
        binding = self.binding
        if binding is None or not binding.is_report or binding.agency is None or binding.year is None:
            return None
        return binding.agency, binding.year

    @property
    def is_readable(self) -> bool:
        """True if the page or an attachment could be read."""
        return self.reading is not None and not (self.reading.unreadable and self.cells_from is None)

    @property
    def failed(self) -> bool:
        """True if the fetch failed; an empty page or an answer refused by our guard (another host) is no failure."""
        no_failures = HOLLOW | {CaptureOutcome.REFUSED}
        return self.binding is None and not self.pending and self.visit.main.outcome not in no_failures


#: A page combined with its parts: the reading with the report's cells, and the findings from comparing them.
Whole = tuple[Reading | None, tuple[Finding, ...]]


def bind_visits(
    truth: PortalTruth,
    readings: Mapping[str, Reading],
    leads: Mapping[str, Lead],
    contested: Mapping[str, tuple[Lead, ...]],
) -> tuple[tuple[BoundVisit, ...], tuple[Binding, ...]]:
    """Decide whose report, and on which year, each visit (a fetched page with its attachments) of a portal found.
    Return the visits with this (bound), oldest first, and the bindings (whose report each is): one for each document at
    an address. A report of several agencies is in both once for each of them. A visit of another archive is left out
    unless it is a report. ``readings``: by document; ``leads``: the best lead (judged link) by address; ``contested``:
    address → all its leads, if links of several agencies lead there.
    """
    binder = _Binder(truth, readings, leads, contested)
    own = binder.bind_all(visit for visit in truth.visits if not visit.is_copy)
    # captures of other archives are bound last, so that their times never decide what our own captures are
    copies = binder.bind_all(visit for visit in truth.visits if visit.is_copy)
    bounds = merge(own, filter(_proves_something, copies), key=lambda bound: bound.visit.at)
    bindings = (one for key in sorted(binder.bindings) for one in binding_of_each(binder.bindings[key], truth.agencies))
    return tuple(bounds), tuple(bindings)


def _proves_something(copy: BoundVisit) -> bool:
    """True if a capture of another archive is a report on a year that was over when it was made; others never count."""
    return copy.report is not None and copy.visit.at >= year_over(copy.report[1])


class _Binder:
    """Binds visits; they must come oldest first, as the first visit of a document at an address is its ``shown_at``."""

    def __init__(
        self,
        truth: PortalTruth,
        readings: Mapping[str, Reading],
        leads: Mapping[str, Lead],
        contested: Mapping[str, tuple[Lead, ...]],
    ) -> None:
        """Begin with no document bound to a report. ``readings``: by document; ``leads``: the best link to each
        address; ``contested``: all links to it, if they name several agencies.
        """
        self.truth, self.leads, self.contested = truth, leads, contested
        self.readings = {document: _unmark_json(reading) for document, reading in readings.items()}
        #: the document of a page, addresses and documents of its parts → what they are together
        self._wholes: dict[tuple[str, ...], Whole] = {}
        self._ruled = {ruling.subject for ruling in truth.rulings if ruling.kind is RulingKind.BINDING}
        with_links = {look.listing for look in truth.looks if (row := truth.extractions.get(look.id)) and row.links}
        # addresses of lists that showed links: a list with one entry may look like a report without text
        self._lists = {
            same_address(listing.url)
            for listing in truth.listings
            if listing.id in with_links and listing.form is not ListingForm.ADDRESSED
        }
        #: (document, address) → binding
        self.bindings: dict[tuple[str, str], Binding] = {}
        #: (document, address) → binding of the document without its attachments
        self._alone: dict[tuple[str, str], Binding] = {}

    def bind_all(self, visits: Iterable[Visit]) -> list[BoundVisit]:
        """Return visits with their bindings; one of a report of several agencies, once for each of them."""
        return [
            bound if binding is bound.binding else replace(bound, binding=binding)
            for visit in visits
            for bound in self._bound_visits(visit)
            for binding in ((None,) if bound.binding is None else binding_of_each(bound.binding, self.truth.agencies))
        ]

    def _bound_visits(self, visit: Visit) -> Iterator[BoundVisit]:
        """Yield the visit with its binding (whose report it is, if any). If the page is only a notice with the files of
        several reports, yield it as no report, and then each file as a visit of its own.
        """
        page = self.readings.get(visit.main.document or "")
        parts = [
            (part, self.readings[part.document])
            for part in visit.parts
            if part.outcome.is_page and part.document is not None and part.document in self.readings
        ]
        if visit.main.outcome.is_page and page is not None and parts:
            alone = self._bind_alone(visit, page)
            files = [(part.link_text, reading) for part, reading in parts]
            if are_several(page, alone, files, self.truth.portal.place):
                no_report = self._store_binding(visit, _no_report(alone, "reports_attached"))
                yield BoundVisit(visit=visit, binding=no_report, reading=page, has_several=True)
                yield from (self._bind_file(visit, part, reading) for part, reading in parts)
                return
        yield self._bind_visit(visit, parts)

    def _bind_file(self, page: Visit, part: Capture, reading: Reading) -> BoundVisit:
        """Decide whose report, and on which year, one file of a page with several reports is. The file is bound alone,
        like a page; its link on that page is its lead. Agency or year stay unknown if file and link contradict on it.
        """
        visit = Visit(main=part, address=same_address(part.requested), moved=moved_to(part))
        portal, agencies, key = self.truth.portal, self.truth.agencies, (reading.document, visit.address)
        if key not in self.bindings:
            lead = lead_to(part.requested, part.link_text, self.leads.get(page.address), portal)
            proposed = self._bind(visit, reading, lead)
            self.bindings[key] = withdraw_disputed(proposed, reading, lead, portal, agencies)
        binding = self.bindings[key]
        cells_from, findings = self._combined_once(binding, reading, ())
        return BoundVisit(visit=visit, binding=binding, reading=reading, cells_from=cells_from, findings=findings)

    def _bind_visit(self, visit: Visit, parts: Parts) -> BoundVisit:
        """Return a visit with the one binding that says whose report its page and attachments (``parts``) are. The
        binding is None if nothing was fetched that could be a report, or if it is not read yet (``pending``).
        """
        main = visit.main
        if main.document is None or not (main.outcome.is_page or main.outcome in HOLLOW):
            return BoundVisit(visit=visit, binding=None)
        if main.document not in self.readings:
            return BoundVisit(visit=visit, binding=None, pending=True)
        reading = self.readings[main.document]
        binding = self._bind_page(visit, reading, [part for _, part in parts])
        cells_from, findings = self._combined_once(binding, reading, parts)
        leads = (self.leads.get(address) for address in (visit.address, visit.moved))
        titles = [main.link_text, *(lead.title for lead in leads if lead is not None)]
        is_no_report = not binding.is_report and main.outcome.is_page and not binding.is_ruled
        return BoundVisit(
            visit=visit,
            binding=binding,
            reading=reading,
            parts=tuple(parts),
            cells_from=cells_from,
            findings=findings,
            is_placeholder=is_no_report and lacks_titles(reading, titles),
        )

    def _bind_page(self, visit: Visit, reading: Reading, parts: Sequence[Reading]) -> Binding:
        """Decide whose report a page with its attachments (``parts``) is. Unless a ruling says otherwise, it is none if
        it is empty, or a list that only looks like one; what it lacks is taken from its first attachment with the form.
        """
        page = self._bind_document(visit, reading)
        if visit.main.outcome in HOLLOW and not page.is_ruled and (reading.form is None or not reading.is_report):
            reason = reading.reason or visit.main.outcome.value
            return self._store_binding(visit, replace(page, is_report=False, reason=reason))
        # neither form nor opening was read, only a title, and no ruling says that it is a report
        has_only_title = not page.is_ruled and not any(
            one.form is not None or one.cells or one.identity.statements or one.identity.period
            for one in (reading, *parts)
        )
        if visit.address in self._lists and page.is_report and has_only_title:
            return self._store_binding(visit, _no_report(page, "listing"))
        part = next((part for part in parts if part.is_report and part.form is not None), None)
        if part is None or (page.is_report and page.agency is not None and page.year is not None):
            return page
        return self._store_binding(visit, _filled_from(page, self._bind_document(visit, part)))

    def _bind_alone(self, visit: Visit, reading: Reading) -> Binding:
        """Return whose report a document is, as ``_bind_document`` decided before attachments or lists changed that."""
        self._bind_document(visit, reading)
        return self._alone[reading.document, visit.address]

    def _bind_document(self, visit: Visit, reading: Reading) -> Binding:
        """Decide, once for a document at an address, whose report it is, from its text and the links (leads) there."""
        key = (reading.document, visit.address)
        if key not in self.bindings:
            lead = self.leads.get(visit.address) or self.leads.get(visit.moved)
            listing = self.truth.listing_by_id.get(visit.listing or (lead.listing if lead else ""))
            contested = self.contested.get(visit.address) or self.contested.get(visit.moved, ())
            self.bindings[key] = self._alone[key] = self._bind(visit, reading, lead, listing, contested)
        return self.bindings[key]

    def _bind(
        self,
        visit: Visit,
        reading: Reading,
        lead: Lead | None,
        listing: Listing | None = None,
        contested: Sequence[Lead] = (),
    ) -> Binding:
        """Decide whose report a document is, from its text and links. ``lead``: the best link to it; ``listing``: the
        list that showed it; ``contested``: all links to it, if they name several agencies.
        """
        case = BindingCase(
            reading=reading,
            # the requested address, or the final one after redirects if a ruling names that
            url=visit.main.url if visit.main.url in self._ruled else visit.main.requested,
            lead=lead,
            listing=listing,
            portal=self.truth.portal,
            agencies=self.truth.agencies,
            shown_at=visit.at,
            leads=contested,
        )
        return bind(case, self.truth.rulings)

    def _store_binding(self, visit: Visit, binding: Binding) -> Binding:
        self.bindings[binding.document, visit.address] = binding
        return binding

    def _combined_once(self, binding: Binding, page: Reading, parts: Parts) -> Whole:
        """Return ``_combine_parts`` (cells, findings), done once for the same files; (None, ()) if no report."""
        if not binding.is_report:
            return None, ()
        key = (page.document, *(name for part, reading in parts for name in (part.requested, reading.document)))
        if key not in self._wholes:
            self._wholes[key] = _combine_parts(page, parts)
        return self._wholes[key]


def _no_report(binding: Binding, reason: str) -> Binding:
    """Return the binding of a document that is no report for ``reason``."""
    return Binding(document=binding.document, url=binding.url, is_report=False, reason=reason)


def _unmark_json(reading: Reading) -> Reading:
    """Return a JSON document as readable and no report: it may be an error message of an interface. Of other kinds that
    are not read, the lead (judged link) tells what they are.
    """
    return replace(reading, unreadable="", findings=()) if reading.kind == "json" else reading


def _filled_from(page: Binding, part: Binding) -> Binding:
    """Return the page's binding (whose report it is), filled from its attachment's (``part``); unchanged if the part is
    no report; if only the part is a report, the part's binding for the page.
    """
    if not part.is_report:
        return page
    if not page.is_report:
        return replace(part, document=page.document, url=page.url, basis={**part.basis, "report": "attachment"})
    names = ("agency", "agency_name", "year", "report_kind", "covers")
    filled = {name: getattr(page, name) or getattr(part, name) for name in names}
    basis = {**part.basis, **page.basis, "report": "attachment"}
    return replace(page, **filled, basis=basis, findings=(*page.findings, *part.findings))


def _combine_parts(page: Reading, parts: Parts) -> Whole:
    """Return the reading with the report's cells (of the page, a part, or combined; None: no cells), and new findings.
    A reading is combined if cells come from several documents or contradict each other. Its document id is a digest
    over the documents that it was made from.
    """
    if not any(reading.cells for _, reading in parts):
        return (page if page.cells else None), ()
    files = [(part.requested, reading) for part, reading in parts]
    combined = combine(page, files)
    own_findings = {finding for reading in (page, *(reading for _, reading in files)) for finding in reading.findings}
    findings = tuple(finding for finding in combined.findings if finding not in own_findings)
    sources = {_source_of(str(cell.locator.get("part", "")), files) for cell in combined.cells.values()}
    if not sources:
        return None, findings
    if len(sources) == 1 and not any(finding.code == "parts_differ" for finding in findings):
        return ({"": page} | dict(reversed(files)))[sources.pop()], findings
    made_of = "\n".join((page.document, *(reading.document for _, reading in files)))
    document = hashlib.sha256(f"nianbao combined\n{made_of}".encode()).hexdigest()
    return replace(combined, document=document), findings


def _source_of(part: str, files: Sequence[tuple[str, Reading]]) -> str:
    """Return the address of the attachment that a cell came from, also if it was packed in it; "" for the page."""
    sources = (name for name, _ in files if part == name or part.startswith(f"{name}/"))
    return max(sources, key=len, default="")


def lacks_titles(reading: Reading, titles: Iterable[str]) -> bool:
    """True if a document may be a placeholder: a page that has none of the ``titles`` under which it was linked. A page
    normally prints the title of its link. One that does not, and is no report, may be a challenge, a login, a notice of
    maintenance or another page that the portal sends instead of any page; it proves nothing about the report.
    """
    if reading.kind not in TEXTUAL_KINDS:  # a server sends no other kind instead of the requested document
        return False
    return not any(_has_title(reading.title, reading.identity.titles, reading.text, title) for title in set(titles))


@lru_cache(maxsize=4096)
def _has_title(title: str, titles: tuple[str, ...], text: str, link_title: str) -> bool:
    """True if a page prints the title of its link (without a final …), or has a title that is over half of it."""
    link_title = squeezed(link_title).rstrip("….·")
    if len(link_title) < MIN_TITLE_CHARS:
        return False
    own_titles = [one for one in map(squeezed, (title, *titles)) if len(one) >= MIN_TITLE_CHARS]
    return link_title in squeezed(text) or any(
        link_title in own or (own in link_title and 2 * len(own) > len(link_title)) for own in own_titles
    )
