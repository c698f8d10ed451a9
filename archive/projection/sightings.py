"""What looks and visits showed of each report, and which leads could still be anybody's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from archive.assessment.facts import Sighting, UnresolvedLead
from archive.identity.addresses import UNLINKED, same_address
from archive.identity.classification import BODY_UNDER_YEAR, UNOFFICIAL
from archive.identity.matching import could_mean
from archive.identity.several_reports import announced_agencies, names_many
from archive.projection.binding import Bound, Report
from archive.projection.leads import LookLead, Resolution, by_address, resolve
from archive.projection.look_trust import is_skewed
from archive.projection.truth import PortalTruth
from storage.records import MOST_SKEW, Agency, Binding, Lead, ListingForm, Look, RulingKind

MAY_BE_ONE = 0.65  # confidence below which a link judged no report may be one all the same


class Candidate(NamedTuple):
    """A lead on a look whose document is not known, and whose it could be: of the ``agency``, else of one that ``name``
    could mean, else anybody's; ``year`` None: on any year.
    """

    lead: UnresolvedLead
    agency: str | None
    name: str | None
    year: int | None


class ShownReports:
    """Where and when each report was shown: every look and visit of a portal, read once.

    ``rivals``: leads to addresses to which those of several bodies lead.
    """

    def __init__(
        self,
        truth: PortalTruth,
        bounds: Sequence[Bound],
        leads: Mapping[str, Sequence[LookLead]],
        rivals: Mapping[str, Sequence[Lead]],
    ) -> None:
        #: sightings of each report
        self.of: dict[Report, list[Sighting]] = {}
        #: the leads among them
        self.listed: dict[Report, list[LookLead]] = defaultdict(list)
        #: by look and agency (None: anybody's), the leads that are or were open
        self._candidates: dict[tuple[str, str | None], list[Candidate]] = defaultdict(list)
        #: by look, address → report, as known now
        self.proven: dict[str, dict[str, Report]] = defaultdict(dict)
        #: by look and year, the bodies whose reports it showed (None: nobody known), and since when that is known
        self._bodies: dict[tuple[str, int], dict[str | None, datetime]] = defaultdict(dict)
        #: the reports of others that a link under a report's title opens as well, and since when that is known
        self.linked_beside: dict[Report, dict[Report, datetime]] = defaultdict(dict)
        #: since when links of several bodies led to what could not be fetched, and whose
        self.linked_together: dict[Report, tuple[datetime, tuple[str, ...]]] = {}
        self._truth = truth
        self._visits = by_address(bounds)
        self._notices = frozenset(bound.visit.address for bound in bounds if bound.has_several)
        self._lists = frozenset(same_address(listing.url) for listing in truth.listings)
        self._claimed = {
            address: frozenset(agency for lead in rival for agency in self._announced(lead))
            for address, rival in rivals.items()
        }
        self._ruled = {r.subject: r.made_at for r in reversed(truth.rulings) if r.kind is RulingKind.BINDING}
        answers: dict[str, list[Bound]] = defaultdict(list)
        for bound in bounds:
            answers[bound.visit.main.id].append(bound)
        on_looks: set[str] = set()
        for look in truth.looks:
            listing = truth.listing_by_id.get(look.listing)
            if listing is None or listing.form is not ListingForm.ADDRESSED:
                for row in leads.get(look.id, ()):
                    self._read_lead(look, row)
                continue
            for capture in look.captures:
                if capture != look.control and capture in answers:
                    on_looks.add(capture)
                    self._read_addressed(look, answers[capture], listing.agency, listing.year)
        for bound in bounds:
            if bound.visit.main.id not in on_looks and bound.report is not None:
                self._add(bound.report, self._sighting_of_page(bound))

    def open_leads(self, look: str, agency: Agency, year: int) -> tuple[UnresolvedLead, ...]:
        """Give the leads on a look that are or were open and could be the report of ``agency`` on ``year``."""
        place = self._truth.portal.place
        return tuple(
            replace(one.lead, names_it=(one.agency, one.year) == (agency.id, year))
            for body in (agency.id, None)
            for one in self._candidates.get((look, body), ())
            if one.year in (None, year) and (one.agency or not one.name or could_mean(one.name, agency, place))
        )

    def others_from(self, look: str, agency: Agency, year: int) -> datetime | None:
        """Say since when a look is known to have shown the report of another body than ``agency`` on ``year``."""
        bodies = self._bodies.get((look, year), {})
        return min((since for body, since in bodies.items() if body != agency.id), default=None)

    def appearances(self) -> dict[tuple[str, str, int], datetime]:
        """Give since when it is known that a report of an agency on a year was shown, by listing, agency and year."""
        first: dict[tuple[str, str, int], datetime] = {}
        for (agency, year), sightings in self.of.items():
            for one in sightings:
                if one.listing is not None:
                    key = (one.listing, agency, year)
                    first[key] = min(one.known_from, first.get(key, one.known_from))
        return first

    def _add(self, report: Report, sighting: Sighting, address: str | None = None) -> None:
        """Note that a report was shown; ``address``: where it stood on a look."""
        if sighting.look is not None and address is not None:
            self.proven[sighting.look][address] = report
        sightings = self.of.setdefault(report, [])
        if sightings and sightings[-1] == sighting:
            return  # two links of one look to the report that several bodies share
        sightings.append(sighting)
        if sighting.look is not None:
            self._add_body(sighting.look, report[1], report[0], sighting.known_from)

    def _add_body(self, look: str, year: int, agency: str | None, known_from: datetime) -> None:
        bodies = self._bodies[look, year]
        bodies[agency] = min(known_from, bodies.get(agency, known_from))

    def _leave_open(
        self, look: Look, url: str, resolved: datetime | None, agency: str | None, name: str | None, year: int | None
    ) -> None:
        """Note a lead as open until ``resolved``, for the agency that it means, or those whose ``name`` it could be."""
        if resolved is None or resolved > look.started:
            lead = UnresolvedLead(url=url, resolved_at=resolved)
            self._candidates[look.id, agency].append(Candidate(lead, agency, name, year))

    def _read_addressed(self, look: Look, bounds: Sequence[Bound], agency: str | None, year: int | None) -> None:
        """Take an addressed listing's answer: the report itself, nothing, or something that could be the report."""
        bound, reports = bounds[0], [bound.report for bound in bounds if bound.report is not None]
        for report in reports:
            self._add(report, self._sighting_of_page(bound, look), bound.visit.address)
        if reports:
            if any(who == agency or when != year for who, when in reports):
                return
            # Of another agency by its text, though at this one's own address: not proof of absence here.
        elif not bound.pending and not (bound.binding and bound.binding.is_report):
            return
        self._leave_open(look, bound.visit.main.url, None, agency, None, year)

    def _sighting_of_page(self, bound: Bound, look: Look | None = None) -> Sighting:
        main = bound.visit.main
        return Sighting(
            at=main.fetched_at,
            known_from=main.fetched_at,
            url=main.url,
            capture=main.id,
            look=look.id if look else None,
            listing=look.listing if look else None,
            imported=main.run in self._truth.imports,
            skewed=main.server_date is not None and abs(main.server_date - main.fetched_at) > MOST_SKEW,
        )

    # -------------------------------------------------------------------------------------------- leads on lists

    def _announced(self, lead: Lead) -> tuple[str, ...]:
        """The agencies whose report a link announces."""
        return announced_agencies(lead, self._truth.agencies, self._truth.portal.place) if lead.is_report else ()

    def _ruled_at(self, binding: Binding | None) -> datetime | None:
        """Since when a person has said what a document is."""
        subjects = () if binding is None else (binding.document, binding.url)
        return min((self._ruled[one] for one in subjects if one in self._ruled), default=None)

    def _read_lead(self, look: Look, row: LookLead) -> None:
        """Take a lead on a look: a sighting once it is known whose it is, open until then (or until ruled out).

        A notice with the files of several bodies leaves open for ever whose report stood on it when.
        """
        lead, url, resolution = row.lead, row.link.url, resolve(self._visits.get(row.address, ()), row.at)
        is_notice = row.address in self._notices
        if is_notice or self._is_of_many(row, resolution):
            self._leave_open(look, url, None, None, None, lead.year)
        if is_notice:
            return
        if row.ruled_out is not None:
            self._leave_open(look, url, row.ruled_out, lead.agency, lead.agency_name, lead.year)
            return
        if lead.is_report and lead.year is not None:
            self._add_body(look.id, lead.year, lead.agency, look.finished)
        announced, reports = self._announced(lead), resolution.reports
        claimed = self._claimed.get(row.address, frozenset())
        # what was shown and cannot be had: the listing's word holds
        if resolution.unfetched and announced and lead.year:
            reports = tuple((agency, lead.year) for agency in announced)
            for report in reports if len(claimed) > 1 else ():
                together = (row.at, tuple(sorted(claimed)))
                self.linked_together[report] = min(together, self.linked_together.get(report, together))
        for report in reports:
            self._add(report, _sighting_of_lead(look, row, resolution, report), row.address)
            if report[0] in announced or report[0] not in claimed:
                self.listed[report].append(row)
        beyond = lead.reason in {UNOFFICIAL, UNLINKED}  # published perhaps, where nobody may look, or can
        if lead.is_report or beyond or resolution.names[0] is not None:
            self._leave_open_as_named(look, row, resolution, reports)
        elif lead.confidence < MAY_BE_ONE and (resolution.open or resolution.unfetched):
            self._leave_open_unread(look, lead)

    def _leave_open_unread(self, look: Look, lead: Lead) -> None:
        """Keep a link that was judged no report and never read, where its title may be that of one."""
        if lead.reason == "other_title":  # 县财政局
            self._leave_open(look, lead.url, None, None, lead.title, lead.year)
        elif lead.reason == "cut_title":  # 县财政局2024年政府信…, 县综合行政执…: of whom it names, or anybody's
            self._leave_open(look, lead.url, None, lead.agency, lead.agency_name, lead.year)

    def _is_of_many(self, row: LookLead, resolution: Resolution) -> bool:
        """Whether a lead on a column of several announces the reports of many bodies, and opens no column that is
        looked at: whoever it is bound to, the others may be in it, or behind what is not followed, until a ruling.
        """
        listing = self._truth.listing_by_id.get(row.lead.listing)
        is_own = listing is not None and listing.agency is not None
        if row.address in self._lists or is_own or not names_many(row.lead.title):
            return False
        return row.ruled_out is None and self._ruled_at(resolution.binding) is None

    def _leave_open_as_named(
        self, look: Look, row: LookLead, resolution: Resolution, reports: Sequence[Report]
    ) -> None:
        """Keep a lead as one that could be somebody's report, until a capture shows whose it is.

        A report that names nobody we know could be his whom it names, and still his whom its link names. A link that
        names agency and year and opens something else is a wrong link: what it names was announced, so it is not
        missing before a person says what the document is.
        """
        lead, url = row.lead, row.link.url
        resolved = resolution.at if reports or not (resolution.open or resolution.unfetched) else None
        if resolved is not None:
            ruled = self._ruled_at(resolution.binding)
            others = [report for report in reports if report[0] in self._claimed.get(row.address, ())]
            for agency in self._wrongly_announced(lead, reports):
                resolved = ruled if agency == lead.agency else resolved
                if lead.agency is None:  # a title of several bodies, of which the page names others
                    self._leave_open(look, url, ruled, agency, None, lead.year)
                if others and ruled is None and lead.year is not None:
                    since = max(row.at, resolution.read_at or row.at)
                    beside = self.linked_beside[agency, lead.year]
                    beside[others[0]] = min(since, beside.get(others[0], since))
        name, year = resolution.names
        if name is not None:
            self._leave_open(look, url, None, None, name, year or lead.year)
            if lead.agency is None:  # what the link leaves open, the document settles once it is read
                resolved = resolution.read_at
        if lead.is_report or name is None:
            self._leave_open(look, url, resolved, lead.agency, lead.agency_name, lead.year or year)

    def _wrongly_announced(self, lead: Lead, reports: Collection[Report]) -> Iterator[str]:
        """The agencies that a link names with the year of a report, while it opens none of theirs on it; or that it
        names below a year and nothing else, while it opens no report of theirs: that may be one link further.
        """
        opened = {who for who, _ in reports}
        for agency in self._announced(lead):
            is_opened = agency in opened if lead.reason == BODY_UNDER_YEAR else (agency, lead.year) in reports
            if not is_opened and (lead.reason == BODY_UNDER_YEAR or lead.year is not None):
                yield agency


def _sighting_of_lead(look: Look, row: LookLead, resolution: Resolution, report: Report) -> Sighting:
    """A lead is known to show ``report`` since its proof, or since the failed fetch after which the lead's own word
    held, if that came first and the proof bore it out.
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
        skewed=is_skewed(look),
    )
