"""What looks and visits showed of each report, and which leads could still be anybody's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from archive.assessment.facts import Sighting, UnresolvedLead
from archive.assessment.suspicion import is_skewed
from archive.identity.addresses import UNLINKED, same_address
from archive.identity.binding import announced_agencies, names_many
from archive.identity.classification import BODY_UNDER_YEAR, UNOFFICIAL
from archive.identity.matching import could_mean
from archive.projection.binding import Bound
from archive.projection.leads import LookLead, Resolution, by_address, resolve
from archive.projection.truth import PortalTruth
from storage.records import MOST_SKEW, Agency, Binding, Lead, ListingForm, Look, RulingKind

Report = tuple[str, int]
MAY_BE_ONE = 0.65  # confidence below which a link judged no report may be one all the same


class Candidate(NamedTuple):
    """A lead on a look whose document is not known, and whose it could be: None means anybody's, any year."""

    lead: UnresolvedLead
    agency: str | None
    name: str | None
    year: int | None

    def could_be(self, agency: Agency, year: int, place: str) -> bool:
        """Say whether it could be the report of ``agency`` on ``year``; ``place``: to complete names by."""
        if self.year not in (None, year):
            return False
        if self.agency is not None:
            return self.agency == agency.id
        return not self.name or could_mean(self.name, agency, place)


@dataclass(frozen=True, slots=True)
class ShownReports:
    """Where and when each report was shown.

    ``of``: sightings by (agency, year). ``listed``: the leads among them. ``candidates``: by look and agency (None:
    anybody's), the leads that are or were open. ``proven``: by look, address → report, as known now. ``bodies``: by
    look and year, the bodies whose reports it showed (None: nobody known), and since when that is known.
    ``linked_beside``: by (agency, year), the reports of others that a link under its title opens as well as theirs,
    each with the instant from which that is known. ``linked_together``: by (agency, year), since when links of several
    bodies led to what could not be fetched, and whose.
    """

    of: dict[Report, list[Sighting]] = field(default_factory=dict)
    listed: dict[Report, list[LookLead]] = field(default_factory=dict)
    candidates: dict[str, dict[str | None, list[Candidate]]] = field(default_factory=dict)
    proven: dict[str, dict[str, Report]] = field(default_factory=dict)
    bodies: dict[tuple[str, int], dict[str | None, datetime]] = field(default_factory=dict)
    linked_beside: dict[Report, dict[Report, datetime]] = field(default_factory=dict)
    linked_together: dict[Report, tuple[datetime, tuple[str, ...]]] = field(default_factory=dict)

    def add_sighting(self, report: Report, sighting: Sighting, address: str | None = None) -> None:
        """Note that a report was shown; ``address``: where it stood on a look."""
        if sighting.look is not None and address is not None:
            self.proven.setdefault(sighting.look, {})[address] = report
        held = self.of.setdefault(report, [])
        if held and held[-1] == sighting:
            return  # two links of one look to the report that several bodies share
        held.append(sighting)
        if sighting.look is not None:
            self.add_body(sighting.look, report[1], report[0], sighting.known_from)

    def add_body(self, look: str, year: int, agency: str | None, known: datetime) -> None:
        """Note that a look showed the report of a body on a year."""
        shown = self.bodies.setdefault((look, year), {})
        shown[agency] = min(known, shown.get(agency, known))

    def add_candidate(self, look: Look, candidate: Candidate) -> None:
        """Note a lead that was open when the look was made, or later."""
        resolved = candidate.lead.resolved_at
        if resolved is None or resolved > look.started:
            self.candidates.setdefault(look.id, {}).setdefault(candidate.agency, []).append(candidate)


def open_leads(shown: ShownReports, look: str, agency: Agency, year: int, place: str) -> tuple[UnresolvedLead, ...]:
    """Give the leads on a look that are or were open and could be the report of ``agency`` on ``year``."""
    found = shown.candidates.get(look, {})
    return tuple(
        replace(candidate.lead, names_it=(candidate.agency, candidate.year) == (agency.id, year))
        for candidate in (*found.get(agency.id, ()), *found.get(None, ()))
        if candidate.could_be(agency, year, place)
    )


def others_from(shown: ShownReports, look: str, agency: Agency, year: int) -> datetime | None:
    """Say since when a look is known to have shown the report of another body than ``agency`` on ``year``."""
    bodies = shown.bodies.get((look, year), {})
    return min((known for body, known in bodies.items() if body != agency.id), default=None)


def shown_reports(
    truth: PortalTruth,
    bounds: Sequence[Bound],
    leads: Mapping[str, Sequence[LookLead]],
    rivals: Mapping[str, Sequence[Lead]],
) -> ShownReports:
    """Read every look and visit of the portal; ``rivals``: leads to addresses to which those of several bodies lead."""
    shown = ShownReports()
    links = _links(truth, bounds, rivals)
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
                    own = (listing.agency, listing.year)
                    _read_addressed(shown, look, by_capture[capture], own, truth.imports)
        else:
            for row in leads.get(look.id, ()):
                _read_lead(shown, look, row, links)
    for bound in bounds:
        if bound.visit.main.id not in on_looks and bound.report is not None:
            shown.add_sighting(bound.report, _sighting_of_page(bound, truth.imports))
    return shown


def _read_addressed(
    shown: ShownReports,
    look: Look,
    bounds: Sequence[Bound],
    own: tuple[str | None, int | None],
    imports: Collection[str],
) -> None:
    """Take an addressed listing's answer: the report itself, nothing, or something that could be the report."""
    bound, reports = bounds[0], [bound.report for bound in bounds if bound.report is not None]
    for report in reports:
        shown.add_sighting(report, _sighting_of_page(bound, imports, look), bound.visit.address)
    if reports:
        if any(who == own[0] or when != own[1] for who, when in reports):
            return
        # Of another agency by its text, though at this one's own address: not proof of absence here.
    elif not bound.pending and not (bound.binding and bound.binding.is_report):
        return
    shown.add_candidate(look, Candidate(UnresolvedLead(url=bound.visit.main.url), own[0], None, own[1]))


def _sighting_of_page(bound: Bound, imports: Collection[str], look: Look | None = None) -> Sighting:
    main = bound.visit.main
    return Sighting(
        at=main.fetched_at,
        known_from=main.fetched_at,
        url=main.url,
        capture=main.id,
        look=look.id if look else None,
        listing=look.listing if look else None,
        imported=main.run in imports,
        skewed=main.server_date is not None and abs(main.server_date - main.fetched_at) > MOST_SKEW,
    )


# ------------------------------------------------------------------------------------------------ leads on lists


@dataclass(frozen=True, slots=True, kw_only=True)
class _Links:
    """What is known of the links of a portal: bound visits by address; addresses of notices with several reports and of
    listings; ids of listings of one body; whose reports links to one address announce, where they are several; since
    when a ruling says what an address or document is.
    """

    visits: Mapping[str, Sequence[Bound]]
    notices: Collection[str]
    columns: Collection[str]
    of_one: Collection[str]
    claimed: Mapping[str, frozenset[str]]
    ruled: Mapping[str, datetime]
    agencies: Sequence[Agency]
    place: str

    def announced(self, lead: Lead) -> tuple[str, ...]:
        """The agencies whose report a link announces."""
        return announced_agencies(lead, self.agencies, self.place) if lead.is_report else ()

    def ruled_at(self, binding: Binding | None) -> datetime | None:
        """Since when a person has said what a document is."""
        subjects = () if binding is None else (binding.document, binding.url)
        return min((self.ruled[one] for one in subjects if one in self.ruled), default=None)


def _links(truth: PortalTruth, bounds: Sequence[Bound], rivals: Mapping[str, Sequence[Lead]]) -> _Links:
    agencies, place = truth.agencies, truth.portal.place
    return _Links(
        visits=by_address(bounds),
        notices=frozenset(bound.visit.address for bound in bounds if bound.several),
        columns=frozenset(same_address(listing.url) for listing in truth.listings),
        of_one=frozenset(listing.id for listing in truth.listings if listing.agency),
        claimed={
            address: frozenset(agency for lead in found for agency in announced_agencies(lead, agencies, place))
            for address, found in rivals.items()
        },
        ruled={r.subject: r.made_at for r in reversed(truth.rulings) if r.kind is RulingKind.BINDING},
        agencies=agencies,
        place=place,
    )


def _read_lead(shown: ShownReports, look: Look, row: LookLead, links: _Links) -> None:
    """Take a lead on a look: a sighting once it is known whose it is, open until then (or until ruled out).

    A notice with the files of several bodies leaves open for ever whose report stood on it when.
    """
    found = resolve(links.visits.get(row.address, ()), row.at)
    if row.address in links.notices or _is_of_many(row, found, links):
        _leave_open(shown, look, row, None, year=row.lead.year)
    if row.address in links.notices:
        return
    if row.ruled_out is not None:
        _leave_open_as_named(shown, look, row, Resolution(at=row.ruled_out), (), links)
        return
    if row.lead.is_report and row.lead.year is not None:
        shown.add_body(look.id, row.lead.year, row.lead.agency, look.finished)
    claimed, reports = links.announced(row.lead), found.reports
    if found.unfetched and claimed and row.lead.year:  # what was shown and cannot be had: the listing's word holds
        reports = tuple((agency, row.lead.year) for agency in claimed)
        _note_together(shown, row, reports, links.claimed.get(row.address, frozenset()))
    for report in reports:
        sighting = Sighting(
            at=row.at,
            known_from=_known_from(row, found, report),
            url=row.link.url,
            capture=row.link.capture or None,
            look=look.id,
            listing=look.listing,
            skewed=is_skewed(look),
        )
        shown.add_sighting(report, sighting, row.address)
        if report[0] in claimed or report[0] not in links.claimed.get(row.address, ()):
            shown.listed.setdefault(report, []).append(row)
    beyond = row.lead.reason in {UNOFFICIAL, UNLINKED}  # published perhaps, where nobody may look, or can
    if row.lead.is_report or beyond or (found.open and found.name is not None):
        _leave_open_as_named(shown, look, row, found, reports, links)
    elif row.lead.confidence < MAY_BE_ONE and (found.open or found.unfetched):  # unread
        if row.lead.reason == "other_title":  # 县财政局
            _leave_open(shown, look, row, None, name=row.lead.title, year=row.lead.year)
        elif row.lead.reason == "cut_title":  # 县财政局2024年政府信…, 县综合行政执…: of whom it names, or anybody's
            _leave_open(shown, look, row, None, agency=row.lead.agency, name=row.lead.agency_name, year=row.lead.year)


def _known_from(row: LookLead, resolution: Resolution, report: Report) -> datetime:
    """Say since when a lead is known to show ``report``: its proof, or the failed fetch after which the lead's own word
    held, if that came first and the proof bore it out.
    """
    since = resolution.at
    if resolution.failed_at is not None and (row.lead.agency, row.lead.year) == report:
        since = resolution.failed_at if since is None else min(since, resolution.failed_at)
    assert since is not None
    return max(since, row.at)


def _note_together(shown: ShownReports, row: LookLead, reports: Sequence[Report], claimed: frozenset[str]) -> None:
    together = (row.at, tuple(sorted(claimed)))
    for report in reports if len(claimed) > 1 else ():
        shown.linked_together[report] = min(together, shown.linked_together.get(report, together))


def _is_of_many(row: LookLead, found: Resolution, links: _Links) -> bool:
    """Whether a lead on a column of several announces the reports of many bodies, and opens no column that is
    looked at: whoever it is bound to, the others may be in it, or behind what is not followed, until a ruling.
    """
    if row.address in links.columns or row.lead.listing in links.of_one or not names_many(row.lead.title):
        return False
    return row.ruled_out is None and links.ruled_at(found.binding) is None


def _leave_open_as_named(
    shown: ShownReports, look: Look, row: LookLead, found: Resolution, reports: Sequence[Report], links: _Links
) -> None:
    """Keep a lead as one that could be somebody's report, until a capture shows whose it is.

    A report that names nobody we know could be his whom it names, and still his whom its link names. A link that
    names agency and year and opens something else is a wrong link: what it names was announced, so it is not
    missing before a person says what the document is.
    """
    lead = row.lead
    resolved = found.at if reports or not (found.open or found.unfetched) else None
    if resolved is not None and row.ruled_out is None:
        ruled = links.ruled_at(found.binding)
        for agency in _wrongly_announced(lead, reports, links):
            resolved = ruled if agency == lead.agency else resolved
            if lead.agency is None:  # a title of several bodies, of which the page names others
                _leave_open(shown, look, row, ruled, agency=agency, year=lead.year)
            others = [report for report in reports if report[0] in links.claimed.get(row.address, ())]
            if others and ruled is None and lead.year is not None:
                known = max(row.at, found.read_at or row.at)
                beside = shown.linked_beside.setdefault((agency, lead.year), {})
                beside[others[0]] = min(known, beside.get(others[0], known))
    named = found.open and found.name is not None
    if named:
        _leave_open(shown, look, row, None, name=found.name, year=found.year or lead.year)
        if lead.agency is None:  # what the link leaves open, the document settles once it is read
            resolved = found.read_at
    if lead.is_report or not named:
        _leave_open(shown, look, row, resolved, agency=lead.agency, name=lead.agency_name, year=lead.year or found.year)


def _wrongly_announced(lead: Lead, reports: Collection[Report], links: _Links) -> Iterator[str]:
    """The agencies that a link names with the year of a report, while it opens none of theirs on it; or that it names
    below a year and nothing else, while it opens no report of theirs: that may be one link further.
    """
    for agency in links.announced(lead):
        if lead.reason == BODY_UNDER_YEAR:
            if all(who != agency for who, _ in reports):
                yield agency
        elif lead.year is not None and (agency, lead.year) not in reports:
            yield agency


def _leave_open(
    shown: ShownReports,
    look: Look,
    row: LookLead,
    resolved: datetime | None,
    *,
    agency: str | None = None,
    name: str | None = None,
    year: int | None,
) -> None:
    """Note a lead as open until ``resolved``, for the agency that it means, or those whose ``name`` it could be."""
    lead = UnresolvedLead(url=row.link.url, resolved_at=resolved)
    shown.add_candidate(look, Candidate(lead, agency, name if agency is None else None, year))
