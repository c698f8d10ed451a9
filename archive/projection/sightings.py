"""What looks and visits showed of each report, and which leads could still be anybody's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.assessment.facts import Sighting, UnresolvedLead
from archive.assessment.scopes import Appearance
from archive.identity.addresses import UNLINKED, same_address
from archive.identity.binding import announced_agencies, names_many
from archive.identity.classification import BODY_UNDER_YEAR, UNOFFICIAL
from archive.identity.matching import could_mean
from archive.projection.binding import Bound
from archive.projection.leads import Addresses, LookLead, Resolution
from archive.projection.truth import PortalTruth
from storage.records import MOST_SKEW, Agency, Binding, Lead, ListingForm, Look, RulingKind

Report = tuple[str, int]
MAY_BE_ONE = 0.65  # confidence below which a link judged no report may be one all the same


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead on a look whose document is not known, and whose it could be: None means anybody's, any year.

    ``place``: of the portal, to complete names by.
    """

    lead: UnresolvedLead
    agency: str | None
    name: str | None
    year: int | None
    place: str

    def could_be(self, agency: Agency, year: int) -> bool:
        """Say whether it could be the report of ``agency`` on ``year``."""
        if self.year not in (None, year):
            return False
        if self.agency is not None:
            return self.agency == agency.id
        return not self.name or could_mean(self.name, agency, self.place)


def skewed(look: Look) -> bool:
    """Say whether the clocks differed too much during a look for it to prove anything."""
    return look.clock_skew is not None and abs(look.clock_skew) > MOST_SKEW.total_seconds()


def announces_another(lead: Lead, agency: str, reports: Collection[Report]) -> bool:
    """Say whether a link names ``agency`` and the year of a report, and what it opens is not that one; or stands below
    a year, names an agency and nothing else, and opens no report of it: that may be one link further.
    """
    if not lead.is_report:
        return False
    if lead.reason == BODY_UNDER_YEAR:
        return all(who != agency for who, _ in reports)
    return lead.year is not None and (agency, lead.year) not in reports


def _known_from(row: LookLead, resolution: Resolution, report: Report) -> datetime:
    """Say since when a lead is known to show ``report``: its proof, or the failed fetch after which the lead's own word
    held, if that came first and the proof bore it out.
    """
    since = resolution.at
    if resolution.failed_at is not None and (row.lead.agency, row.lead.year) == report:
        since = resolution.failed_at if since is None else min(since, resolution.failed_at)
    assert since is not None
    return max(since, row.at)


class ShownReports:
    """Where and when each report was shown.

    ``of``: sightings by (agency, year). ``shown_on``: the looks among them. ``listed``: the leads among them.
    ``candidates``: by look and agency (None: anybody's), the leads that are or were open. ``proven``: by look,
    address → report, as known now. ``linked_beside``: by (agency, year), the reports of others that a link under its
    title opens as well as theirs, each with the instant from which that is known. ``linked_together``: by (agency,
    year), since when links of several bodies led to what could not be fetched, and whose.
    """

    def __init__(
        self,
        truth: PortalTruth,
        bounds: tuple[Bound, ...],
        leads: Mapping[str, tuple[LookLead, ...]],
        rivals: Mapping[str, Sequence[Lead]],
    ) -> None:
        self.of: dict[Report, list[Sighting]] = {}
        self.shown_on: dict[Report, set[str]] = {}
        self.listed: dict[Report, list[LookLead]] = {}
        self.candidates: dict[str, dict[str | None, list[Candidate]]] = {}
        self.proven: dict[str, dict[str, Report]] = {}
        self._bodies_shown: dict[tuple[str, int], dict[str | None, datetime]] = {}  # since when known, by look and year
        self.linked_together: dict[Report, tuple[datetime, tuple[str, ...]]] = {}
        self.linked_beside: dict[Report, dict[Report, datetime]] = {}
        self._addresses = Addresses(bounds)
        self._several = frozenset(bound.visit.address for bound in bounds if bound.several)
        self._own = frozenset(listing.id for listing in truth.listings if listing.agency)
        self._columns = frozenset(same_address(listing.url) for listing in truth.listings)
        self._place = truth.portal.place
        self._agencies = truth.agencies
        self._claimed = {  # by address to which links of several bodies lead, whose
            address: {agency for lead in found for agency in self._announced(lead)} for address, found in rivals.items()
        }
        self._imports = truth.imports
        self._ruled_at: dict[str, datetime] = {}
        for ruling in truth.rulings:
            if ruling.kind is RulingKind.BINDING:
                first = self._ruled_at.setdefault(ruling.subject, ruling.made_at)
                self._ruled_at[ruling.subject] = min(first, ruling.made_at)
        self._read(truth, bounds, leads)

    def appearances(self) -> tuple[Appearance, ...]:
        """Since when each agency is known to have appeared on each listing with a report on each year."""
        found: dict[tuple[str, str, int], datetime] = {}
        for (agency, year), sightings in self.of.items():
            for sighting in sightings:
                if sighting.listing is not None:
                    key = (sighting.listing, agency, year)
                    found[key] = min(found.get(key, sighting.known_from), sighting.known_from)
        return tuple(
            Appearance(listing=listing, agency=agency, year=year, known_from=known)
            for (listing, agency, year), known in sorted(found.items())
        )

    def _read(self, truth: PortalTruth, bounds: tuple[Bound, ...], leads: Mapping[str, tuple[LookLead, ...]]) -> None:
        listings = {listing.id: listing for listing in truth.listings}
        by_capture: dict[str, list[Bound]] = {}
        for bound in bounds:
            by_capture.setdefault(bound.visit.main.id, []).append(bound)
        on_looks: set[str] = set()
        for look in truth.looks:
            listing = listings.get(look.listing)
            if listing is not None and listing.form is ListingForm.ADDRESSED:
                for capture in look.captures:
                    if capture != look.control and capture in by_capture:
                        on_looks.add(capture)
                        self._own_page(look, by_capture[capture], listing.agency, listing.year)
                continue
            for row in leads.get(look.id, ()):
                self._lead(look, row)
        for bound in bounds:
            if bound.visit.main.id not in on_looks and bound.report is not None:
                self._sight(bound.report, self._of_page(bound))

    def _own_page(self, look: Look, bounds: Sequence[Bound], agency: str | None, year: int | None) -> None:
        """Take an addressed listing's answer: the report itself, nothing, or something that could be the report."""
        bound, reports = bounds[0], [bound.report for bound in bounds if bound.report is not None]
        for report in reports:
            self._sight(report, self._of_page(bound, look))
            self.proven.setdefault(look.id, {})[bound.visit.address] = report
        if reports:
            if any(who == agency or when != year for who, when in reports):
                return
            # Of another agency by its text, though at this one's own address: not proof of absence here.
        elif not bound.pending and not (bound.binding and bound.binding.is_report):
            return
        candidate = Candidate(UnresolvedLead(url=bound.visit.main.url), agency, None, year, self._place)
        self._keep_open(look, candidate)

    def _lead(self, look: Look, row: LookLead) -> None:
        """Take a lead on a look: a sighting once it is known whose it is, open until then (or until ruled out).

        A notice with the files of several bodies leaves open for ever whose report stood on it when.
        """
        if self._of_many(row):
            self._could_be(look, row, None, agency=None, name=None, year=row.lead.year)
        if row.address in self._several:
            self._could_be(look, row, None, agency=None, name=None, year=row.lead.year)
            return
        if row.ruled_out is not None:
            self._open(look, row, Resolution(at=row.ruled_out), ())
            return
        if row.lead.is_report and row.lead.year is not None:
            self._shows_body(look.id, row.lead.year, row.lead.agency, look.finished)
        found = self._addresses.resolve(row.address, row.at)
        claimed, reports = self._announced(row.lead), found.reports
        if found.unfetched and claimed and row.lead.year:
            reports = self._as_listed(row, [(agency, row.lead.year) for agency in claimed])
        for report in reports:
            sighting = Sighting(
                at=row.at,
                known_from=_known_from(row, found, report),
                url=row.link.url,
                capture=row.link.capture or None,
                look=look.id,
                listing=look.listing,
                skewed=skewed(look),
            )
            self._sight(report, sighting)
            self.proven.setdefault(look.id, {})[row.address] = report
            if report[0] in claimed or report[0] not in self._claimed.get(row.address, ()):
                self.listed.setdefault(report, []).append(row)
        beyond = row.lead.reason in {UNOFFICIAL, UNLINKED}  # published perhaps, where nobody may look, or can
        if row.lead.is_report or beyond or (found.open and found.name is not None):
            self._open(look, row, found, reports)
        elif row.lead.confidence < MAY_BE_ONE and (found.open or found.unfetched):  # unread
            if row.lead.reason == "other_title":  # 县财政局
                self._could_be(look, row, None, agency=None, name=row.lead.title, year=row.lead.year)
            elif row.lead.reason == "cut_title":  # 县财政局2024年政府信…, 县综合行政执…: of whom it names, or anybody's
                name = row.lead.agency_name if row.lead.agency is None else None
                self._could_be(look, row, None, agency=row.lead.agency, name=name, year=row.lead.year)

    def _as_listed(self, row: LookLead, reports: Sequence[Report]) -> tuple[Report, ...]:
        """Take what was shown and cannot be had for what its link calls it: the listing's word holds."""
        together = tuple(sorted(self._claimed.get(row.address, ())))
        for report in reports if len(together) > 1 else ():
            self.linked_together[report] = min((row.at, together), self.linked_together.get(report, (row.at, together)))
        return tuple(reports)

    def _of_many(self, row: LookLead) -> bool:
        """Whether a lead on a column of several announces the reports of many bodies, and opens no column that is
        looked at: whoever it is bound to, the others may be in it, or behind what is not followed, until a ruling.
        """
        if row.address in self._columns or row.lead.listing in self._own or not names_many(row.lead.title):
            return False
        held = self._addresses.resolve(row.address, row.at).binding
        return row.ruled_out is None and self._ruled(held) is None

    def _open(self, look: Look, row: LookLead, resolution: Resolution, reports: tuple[Report, ...]) -> None:
        """Keep a lead as one that could be somebody's report, until a capture shows whose it is.

        A report that names nobody we know could be his whom it names, and still his whom its link names. A link that
        names agency and year and opens something else is a wrong link: what it names was announced, so it is not
        missing before a person says what the document is.
        """
        lead = row.lead
        resolved = resolution.at if reports or not (resolution.open or resolution.unfetched) else None
        if resolved is not None and row.ruled_out is None:
            ruled = self._ruled(resolution.binding)
            for agency in self._announced(lead):
                if announces_another(lead, agency, reports):
                    resolved = ruled if agency == lead.agency else resolved
                    self._opens_anothers(look, row, resolution, agency, reports, ruled)
        named = resolution.open and resolution.name is not None
        if named:
            self._could_be(look, row, None, agency=None, name=resolution.name, year=resolution.year or lead.year)
            if lead.agency is None:  # what the link leaves open, the document settles once it is read
                resolved = resolution.read_at
        if lead.is_report or not named:
            name = lead.agency_name if lead.agency is None else None
            self._could_be(look, row, resolved, agency=lead.agency, name=name, year=lead.year or resolution.year)

    def _opens_anothers(
        self,
        look: Look,
        row: LookLead,
        resolution: Resolution,
        agency: str,
        reports: tuple[Report, ...],
        ruled: datetime | None,
    ) -> None:
        """Take a link that announces the report of ``agency`` and opens those of others, whose links may lead there."""
        if row.lead.agency is None:  # a title of several bodies, of which the page names others
            self._could_be(look, row, ruled, agency=agency, name=None, year=row.lead.year)
        others = [report for report in reports if report[0] in self._claimed.get(row.address, ())]
        if others and ruled is None and row.lead.year is not None:
            known = max(row.at, resolution.read_at or row.at)
            beside = self.linked_beside.setdefault((agency, row.lead.year), {})
            beside[others[0]] = min(known, beside.get(others[0], known))

    def _announced(self, lead: Lead) -> tuple[str, ...]:
        return announced_agencies(lead, self._agencies, self._place) if lead.is_report else ()

    def _ruled(self, binding: Binding | None) -> datetime | None:
        """Since when a person has said what a document is."""
        if binding is None:
            return None
        made = (self._ruled_at.get(subject) for subject in (binding.document, binding.url))
        return min((at for at in made if at is not None), default=None)

    def _could_be(
        self,
        look: Look,
        row: LookLead,
        resolved: datetime | None,
        *,
        agency: str | None,
        name: str | None,
        year: int | None,
    ) -> None:
        if resolved is None or resolved > look.started:
            lead = UnresolvedLead(url=row.link.url, resolved_at=resolved)
            self._keep_open(look, Candidate(lead, agency, name, year, self._place))

    def _keep_open(self, look: Look, candidate: Candidate) -> None:
        self.candidates.setdefault(look.id, {}).setdefault(candidate.agency, []).append(candidate)

    def open_leads(self, look: str, agency: Agency, year: int) -> tuple[UnresolvedLead, ...]:
        """Give the leads on a look that are or were open and could be the report of ``agency`` on ``year``."""
        found = self.candidates.get(look)
        if not found:
            return ()
        own = (*found.get(agency.id, ()), *found.get(None, ()))
        return tuple(
            replace(candidate.lead, names_it=(candidate.agency, candidate.year) == (agency.id, year))
            for candidate in own
            if candidate.could_be(agency, year)
        )

    def _sight(self, report: Report, sighting: Sighting) -> None:
        held = self.of.setdefault(report, [])
        if held and held[-1] == sighting:
            return  # two links of one look to the report that several bodies share
        held.append(sighting)
        if sighting.look is not None:
            self.shown_on.setdefault(report, set()).add(sighting.look)
            self._shows_body(sighting.look, report[1], report[0], sighting.known_from)

    def _shows_body(self, look: str, year: int, agency: str | None, known: datetime) -> None:
        shown = self._bodies_shown.setdefault((look, year), {})
        shown[agency] = min(known, shown.get(agency, known))

    def others_from(self, look: str, agency: Agency, year: int) -> datetime | None:
        """Say since when a look is known to have shown the report of another body than ``agency`` on ``year``."""
        shown = self._bodies_shown.get((look, year), {})
        return min((known for body, known in shown.items() if body != agency.id), default=None)

    def _of_page(self, bound: Bound, look: Look | None = None) -> Sighting:
        main = bound.visit.main
        return Sighting(
            at=main.fetched_at,
            known_from=main.fetched_at,
            url=main.url,
            capture=main.id,
            look=look.id if look else None,
            listing=look.listing if look else None,
            imported=main.run in self._imports,
            skewed=main.server_date is not None and abs(main.server_date - main.fetched_at) > MOST_SKEW,
        )
