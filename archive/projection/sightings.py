"""Collect where and when looks and visits showed each report, and which leads are not resolved yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from archive.assessment.facts import Sighting, UnresolvedLead, keep_earliest
from archive.identity.addresses import UNLINKED, same_address
from archive.identity.classification import BODY_UNDER_YEAR, UNOFFICIAL
from archive.identity.matching import could_mean
from archive.identity.several_reports import announced_agencies, names_many
from archive.projection.binding import BoundVisit
from archive.projection.leads import LookLead, Resolution, by_address, resolve
from archive.projection.truth import PortalTruth
from storage.clock import MOST_SKEW, clocks_agree
from storage.records import Agency, Binding, Lead, ListingForm, Look, ReportKey, RulingKind

MAX_DOUBTFUL_CONFIDENCE = 0.65  # below it a link that was judged no report may be one nevertheless


class _Candidate(NamedTuple):
    """An unresolved lead with the name of the agency and the year that it could be about (None: any)."""

    lead: UnresolvedLead
    agency_name: str | None
    year: int | None


class ShownReports:
    """Where and when each report was shown, from all looks and visits; ``contested``: of :mod:`leads`."""

    def __init__(
        self,
        truth: PortalTruth,
        bounds: Sequence[BoundVisit],
        leads: Mapping[str, Sequence[LookLead]],
        contested: Mapping[str, Sequence[Lead]],
    ) -> None:
        """Find where each report was shown, on looks and as a page, and which links may be one. ``bounds``: all visits
        with their reports; ``leads``: look → its links; ``contested``: address → links that name several agencies.
        """
        #: report → its sightings
        self.sightings: dict[ReportKey, list[Sighting]] = {}
        #: report → the leads that showed it
        self.listed: dict[ReportKey, list[LookLead]] = defaultdict(list)
        #: (look, agency or None for any) → the leads that are or were unresolved
        self._candidates: dict[tuple[str, str | None], list[_Candidate]] = defaultdict(list)
        #: look → address → report, as known now
        self.proven: dict[str, dict[str, ReportKey]] = defaultdict(dict)
        #: (look, year) → agencies of which it showed reports (None: unknown), and since when that is known
        self._agencies_on: dict[tuple[str, int], dict[str | None, datetime]] = defaultdict(dict)
        #: report that a link announced → the other agencies' reports that the link opened, and since when known
        self.linked_beside: dict[ReportKey, dict[ReportKey, datetime]] = defaultdict(dict)
        #: report → since when links of several agencies led to one address that could not be fetched, and the agencies
        self.linked_together: dict[ReportKey, tuple[datetime, tuple[str, ...]]] = {}
        self._truth = truth
        # captures of other archives only show reports: they never settle what a link on one of our looks leads to
        self._visits = by_address(bound for bound in bounds if not bound.visit.is_copy)
        self._notices = frozenset(bound.visit.address for bound in bounds if bound.has_several)
        self._lists = frozenset(same_address(listing.url) for listing in truth.listings)
        self._announced_at = {
            address: frozenset(agency for lead in leads_there for agency in self._announced_by(lead))
            for address, leads_there in contested.items()
        }
        self._first_ruled = {r.subject: r.made_at for r in reversed(truth.rulings) if r.kind is RulingKind.BINDING}
        answers: dict[str, list[BoundVisit]] = defaultdict(list)
        for bound in bounds:
            answers[bound.visit.main.id].append(bound)
        read_on_looks: set[str] = set()
        for look in truth.looks:
            listing = truth.listing_by_id.get(look.listing)
            if listing is None or listing.form is not ListingForm.ADDRESSED:
                for row in leads.get(look.id, ()):
                    self._read_lead(look, row)
                continue
            for capture in look.captures:
                if capture != look.control and capture in answers:
                    read_on_looks.add(capture)
                    self._read_addressed(look, answers[capture], listing.agency, listing.year)
        for bound in bounds:
            if bound.visit.main.id not in read_on_looks and bound.report is not None:
                self._add(bound.report, self._sighting_of_page(bound))

    def open_leads(self, look: str, agency: Agency, year: int) -> tuple[UnresolvedLead, ...]:
        """Return the links on a look (reading of a list) of which it is, or once was, not known whether they open the
        report of ``agency`` on ``year``: while it is not known, the look proves no absence. ``names_it`` of such a
        link: whether it names this agency and year itself, so that it is more than merely possible.
        """
        place = self._truth.portal.place
        return tuple(
            replace(one.lead, names_it=(author, one.year) == (agency.id, year))
            for author in (agency.id, None)
            for one in self._candidates.get((look, author), ())
            if one.year in (None, year)
            and (author or not one.agency_name or could_mean(one.agency_name, agency, place))
        )

    def others_from(self, look: str, agency: Agency, year: int) -> datetime | None:
        """Return since when a look is known to have shown another agency's report on ``year``, None if it did not."""
        agencies = self._agencies_on.get((look, year), {})
        return min((since for other, since in agencies.items() if other != agency.id), default=None)

    def appearances(self) -> dict[tuple[str, str, int], datetime]:
        """Return (listing, agency, year) → since when it is known that the listing showed this report."""
        first: dict[tuple[str, str, int], datetime] = {}
        for (agency, year), sightings in self.sightings.items():
            for one in sightings:
                if one.listing is not None:
                    keep_earliest(first, (one.listing, agency, year), one.known_from)
        return first

    def _add(self, report: ReportKey, sighting: Sighting, address: str | None = None) -> None:
        """Record that a report was shown, once if repeated; ``address``: of the link that showed it on a look."""
        if sighting.look is not None and address is not None:
            self.proven[sighting.look][address] = report
        sightings = self.sightings.setdefault(report, [])
        if sightings and sightings[-1] == sighting:
            return  # two links on one look lead to a report that several agencies share
        sightings.append(sighting)
        if sighting.look is not None:
            keep_earliest(self._agencies_on[sighting.look, report[1]], report[0], sighting.known_from)

    def _add_open(
        self, look: Look, url: str, resolved: datetime | None, agency: str | None, name: str | None, year: int | None
    ) -> None:
        """Record a link on a look (reading of a list) as unresolved until ``resolved`` (None: still): it could be the
        report of ``agency``, else of those that ``name`` could mean (None: any), on ``year`` (None: any). Not if it was
        resolved before the look.
        """
        if resolved is None or resolved > look.started:
            self._candidates[look.id, agency].append(
                _Candidate(UnresolvedLead(url=url, resolved_at=resolved), name, year)
            )

    def _read_addressed(self, look: Look, bounds: Sequence[BoundVisit], agency: str | None, year: int | None) -> None:
        """Record what an addressed listing (the address of the report of ``agency`` on ``year``) answered on a look:
        the reports that it shows, and as unresolved what could be it but is not read or not known to be anyone's yet,
        or is another agency's by its text. ``bounds``: the answer, once for each agency to which it belongs.
        """
        bound, reports = bounds[0], [bound.report for bound in bounds if bound.report is not None]
        for report in reports:
            self._add(report, self._sighting_of_page(bound, look), bound.visit.address)
        if reports:
            if any(author == agency or report_year != year for author, report_year in reports):
                return
            # another agency's report by its text, at this agency's own address: no proof of absence
        elif not bound.pending and not (bound.binding and bound.binding.is_report):
            return
        self._add_open(look, bound.visit.main.url, None, agency, None, year)

    def _sighting_of_page(self, bound: BoundVisit, look: Look | None = None) -> Sighting:
        """Record in a sighting that a page showed its report; ``look``: at an address of agency and year, if it was."""
        main = bound.visit.main
        return Sighting(
            at=main.fetched_at,
            known_from=main.fetched_at,
            url=main.url,
            capture=main.id,
            look=look.id if look else None,
            listing=look.listing if look else None,
            imported=main.run in self._truth.imports,
            source=main.source,
            skewed=main.server_date is not None and abs(main.server_date - main.fetched_at) > MOST_SKEW,
        )

    # -------------------------------------------------------------------------------------------- leads on lists

    def _announced_by(self, lead: Lead) -> tuple[str, ...]:
        """Return the agencies whose report a link announces."""
        return announced_agencies(lead, self._truth.agencies, self._truth.portal.place) if lead.is_report else ()

    def ruled_at(self, binding: Binding | None) -> datetime | None:
        """Return when a person first ruled what a document is; None if nobody did, or it is not read."""
        subjects = () if binding is None else (binding.document, binding.url)
        return min(filter(None, map(self._first_ruled.get, subjects)), default=None)

    def _read_lead(self, look: Look, row: LookLead) -> None:
        """Record a lead (a link) on a look (a reading of a list): as a sighting of the report that it opened, and as
        unresolved until that was known. If it cannot be fetched, what the link says counts, until it is ruled to be no
        report. A lead to a notice with the files of several agencies stays unresolved: what stood on it at a time is
        not known.
        """
        lead, url, resolution = row.lead, row.link.url, resolve(self._visits.get(row.address, ()), row.at)
        is_notice = row.address in self._notices
        if is_notice or self._is_of_many(row, resolution):
            self._add_open(look, url, None, None, None, lead.year)
        if is_notice:
            return
        if row.ruled_out is not None:
            self._add_open(look, url, row.ruled_out, lead.agency, lead.agency_name, lead.year)
            return
        if lead.is_report and lead.year is not None:
            keep_earliest(self._agencies_on[look.id, lead.year], lead.agency, look.finished)
        announced, reports = self._announced_by(lead), resolution.reports
        all_announced = self._announced_at.get(row.address, frozenset())
        # if the document cannot be fetched, the list's own words count
        if resolution.unfetched and announced and lead.year:
            reports = tuple((agency, lead.year) for agency in announced)
            for report in reports if len(all_announced) > 1 else ():
                together = (row.at, tuple(sorted(all_announced)))
                self.linked_together[report] = min(together, self.linked_together.get(report, together))
        for report in reports:
            self._add(report, _sighting_of_lead(look, row, resolution, report), row.address)
            if report[0] in announced or report[0] not in all_announced:
                self.listed[report].append(row)
        is_out_of_reach = lead.reason in {UNOFFICIAL, UNLINKED}  # on an unofficial host, or without a link
        if lead.is_report or is_out_of_reach or resolution.names[0] is not None:
            self._add_open_as_named(look, row, resolution, reports)
        elif lead.confidence < MAX_DOUBTFUL_CONFIDENCE and (resolution.open or resolution.unfetched):
            self._add_open_unread(look, lead)

    def _add_open_unread(self, look: Look, lead: Lead) -> None:
        """Record a link as unresolved that was judged no report and never read, if its title may be a report's."""
        if lead.reason == "other_title":  # 县财政局
            self._add_open(look, lead.url, None, None, lead.title, lead.year)
        elif lead.reason == "cut_title":  # 县财政局2024年政府信…, 县综合行政执…: of the agency it names, or of any
            self._add_open(look, lead.url, None, lead.agency, lead.agency_name, lead.year)

    def _is_of_many(self, row: LookLead, resolution: Resolution) -> bool:
        """True if a link on a shared list announces the reports of many agencies and opens no known list: whatever its
        document is taken for, others' reports may be in it or behind its links, until a person rules.
        """
        listing = self._truth.listing_by_id.get(row.lead.listing)
        is_own = listing is not None and listing.agency is not None
        if row.address in self._lists or is_own or not names_many(row.lead.title):
            return False
        return row.ruled_out is None and self.ruled_at(resolution.binding) is None

    def _add_open_as_named(
        self, look: Look, row: LookLead, resolution: Resolution, reports: Sequence[ReportKey]
    ) -> None:
        """Record a lead (a link) as unresolved for the agencies that link or document name, until a capture shows whose
        it is; meanwhile the look proves no absence of theirs. ``reports``: what the link opened, () if not known. A
        report with an unknown name could be that of the agency in its link. If a link names agency and year but opens
        another report, it is a wrong link: the report that it announced is not missing until a person rules.
        """
        lead, url = row.lead, row.link.url
        resolved = resolution.at if reports or not (resolution.open or resolution.unfetched) else None
        if resolved is not None:
            ruled = self.ruled_at(resolution.binding)
            others = [report for report in reports if report[0] in self._announced_at.get(row.address, ())]
            for agency in self._wrongly_announced(lead, reports):
                resolved = ruled if agency == lead.agency else resolved
                if lead.agency is None:  # a title with several agencies; the page names others of them
                    self._add_open(look, url, ruled, agency, None, lead.year)
                if others and ruled is None and lead.year is not None:
                    since = max(row.at, resolution.read_at or row.at)
                    keep_earliest(self.linked_beside[agency, lead.year], others[0], since)
        name, year = resolution.names
        if name is not None:
            self._add_open(look, url, None, None, name, year or lead.year)
            if lead.agency is None:  # the link names no agency, so the document decides once it is read
                resolved = resolution.read_at
        if lead.is_report or name is None:
            self._add_open(look, url, resolved, lead.agency, lead.agency_name, lead.year or year)

    def _wrongly_announced(self, lead: Lead, reports: Collection[ReportKey]) -> Iterator[str]:
        """Yield the agencies that a link names although none of the ``reports`` it opens is theirs on the named year.
        A mere name below a year (``BODY_UNDER_YEAR``) has no year of its own: any report of the agency is enough. The
        caller leaves the announced report open until a person rules.
        """
        authors = {author for author, _ in reports}
        for agency in self._announced_by(lead):
            is_opened = agency in authors if lead.year is None else (agency, lead.year) in reports
            if not is_opened and (lead.reason == BODY_UNDER_YEAR or lead.year is not None):
                yield agency


def _sighting_of_lead(look: Look, row: LookLead, resolution: Resolution, report: ReportKey) -> Sighting:
    """Make the sighting of ``report`` by a lead (judged link). ``resolution``: what the link opened. The sighting is
    known since the document proved it, or since an earlier failed fetch: from then on the lead's own words counted, if
    they proved right. It is ``skewed`` if a clock was wrong during the look.
    """
    since = resolution.at
    if resolution.failed_at is not None and (row.lead.agency, row.lead.year) == report:
        since = resolution.failed_at if since is None else min(since, resolution.failed_at)
    assert since is not None
    return Sighting(
        at=row.at,
        known_from=max(since, row.at),
        url=row.link.url,
        capture=row.link.capture or None,
        look=look.id,
        listing=look.listing,
        skewed=not clocks_agree(look.clock_skew),
    )
