"""Bind a document at an address to its agency and year: reading + lead + listing + registry + rulings. Pure.

The title decides, then the column or address, then metadata; a ruling overrides all of them. A year for which no report
could exist yet when the document was first seen gives a finding, never a binding. One report may belong to several
agencies (a joint name, or links for several agencies).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.findings import finding
from archive.identity import addresses, evidence
from archive.identity.classification import agency_by_code, column_agency, kind_of_report
from archive.identity.evidence import IdentityClaim, disagreements, without_blanks
from archive.identity.matching import is_near, match_agency
from archive.identity.names import Name, complete, is_publisher_of_all, names_agencies
from archive.identity.several_reports import announced_agencies, joined_names
from archive.identity.text import squeeze, words
from archive.identity.titles import TitleVerdict, judge_title
from archive.identity.years import could_exist
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    Finding,
    Lead,
    Listing,
    ListingForm,
    Portal,
    Reading,
    ReportKind,
    Ruling,
    RulingKind,
)

#: Key in the basis of a binding: the report is that of each agency in ``covers``, by its text or by the links to it.
SHARED = "shared"
_UNSURE = frozenset({"agency_unknown", "agency_conflict", "agency_ambiguous"})
_LEADERS = ("局", "委员会", "厅", "办公室")  # name endings of the agency that leads a system (规划和自然资源系统 → …局)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingCase:
    """A document at an address, and all evidence on whose report it is.

    ``shown_at`` (aware): when it was first seen there. ``leads``: all leads to it, if they name several agencies.
    """

    reading: Reading
    url: str
    lead: Lead | None
    listing: Listing | None
    portal: Portal
    agencies: Sequence[Agency]
    shown_at: datetime
    leads: Sequence[Lead] = ()

    def registered(self, *names: str, year: int | None = None) -> list[Agency]:
        """Return the registry's agencies that the names mean, each once; with ``year``, those valid then win."""
        matches = (match_agency(name, self.agencies, place=self.portal.place, year=year).agency for name in names)
        return list({agency.id: agency for agency in matches if agency is not None}.values())


def bind(case: BindingCase, rulings: Sequence[Ruling]) -> Binding:
    """Bind a document at an address to an agency and a year, or say that it is no report and why. A person's newest
    ruling on the document or its address prevails over the evidence; without one, a ruling that its link is no report.
    ``agency`` or ``year`` of a report is None if it is not known; ``reason`` is then ``agency_unbound`` or
    ``year_unbound``, and the findings say what is known.
    """
    binding, newest_last = _share(case, _bind(case)), sorted(rulings, key=lambda one: (one.made_at, one.id))
    subjects = (case.reading.document, case.url)
    on_document = [one for one in newest_last if one.kind is RulingKind.BINDING and one.subject in subjects]
    on_link = [one for one in newest_last if one.kind is RulingKind.LEAD and one.subject == case.url]
    refusals = [one for one in on_link[-1:] if one.decision.get("is_report") is False]
    for ruling in (on_document or refusals)[-1:]:
        return _apply_ruling(binding, ruling.decision, case.agencies)
    return binding


def _apply_ruling(
    binding: Binding, decision: Mapping[str, str | int | bool | None], agencies: Sequence[Agency]
) -> Binding:
    """Return the binding (agency, year …) with a person's decision instead of evidence; other values are unchanged."""
    if decision.get("is_report") is False:
        basis = {"report": "ruling"}
        return Binding(document=binding.document, url=binding.url, is_report=False, reason="ruling", basis=basis)
    ruled: dict[str, Any] = {name: decision[name] for name in ("agency", "year", "report_kind") if decision.get(name)}
    basis = {**binding.basis, **dict.fromkeys(ruled, "ruling")}
    if "report_kind" in ruled:
        ruled["report_kind"] = ReportKind(ruled["report_kind"])
    rows = [agency for agency in agencies if agency.id == ruled.get("agency")]
    if newest := max(rows, key=lambda row: row.recorded_at, default=None):
        ruled = {"agency_name": newest.name, "report_kind": kind_of_report(Name(), newest), **ruled}
    changed = replace(binding, is_report=True, basis=basis, **ruled)
    is_complete = changed.agency is not None and changed.year is not None
    return replace(changed, reason="" if is_complete else changed.reason)


def _bind(case: BindingCase) -> Binding:
    """Bind a document by evidence alone, to at most one agency and without rulings. If its own title has no agency and
    year, its link's title counts. A year that lies after the document was first shown is left open, with a finding.
    """
    identity, document, why_not = case.reading.identity, case.reading.document, _why_not(case)
    if why_not:
        return Binding(document=document, url=case.url, is_report=False, reason=why_not)
    verdict, basis = evidence.title_of(identity)
    is_unnamed = verdict is None or not (verdict.agency or verdict.years)
    if is_unnamed and case.lead and judge_title(case.lead.title).could_be:
        verdict, basis = judge_title(case.lead.title), "listing"
    claims = evidence.claims(identity, verdict, basis, case.portal.place, _listing_claims(case))
    year, year_notes = evidence.year_of(claims, identity, verdict.years if verdict else (), basis)
    if year.year is not None and not could_exist(year.year, case.shown_at):
        year_notes.append(finding("year_conflict", case="shown_before", basis=year.basis, found=year.year))
        year = IdentityClaim()
    claim, notes = _choose_agency(case, verdict, basis, claims, year.year)
    system = verdict.agency if verdict and verdict.system else ""
    reasons = {"year": year.basis, "system": system, "agency": claim.basis if claim.words else ""}
    return Binding(
        document=document,
        url=case.url,
        is_report=True,
        reason="year_unbound" if year.year is None else "" if claim.agency else "agency_unbound",
        agency=claim.agency.id if claim.agency else None,
        agency_name=claim.name.text or None,
        year=year.year,
        report_kind=ReportKind.SYSTEM if system else kind_of_report(claim.name, claim.agency),
        basis=without_blanks(reasons),
        findings=tuple(dict.fromkeys((*notes, *year_notes))),
    )


def _why_not(case: BindingCase) -> str:
    """Return the code why a document at this address is no report, "" if it is one; an unreadable one is one if its
    link, or without a link its list (one address for each agency and year), says so.
    """
    reading, lead = case.reading, case.lead
    if addresses.read(case.url, case.portal.hosts).official is False and not case.url.startswith("file:"):
        return "unofficial_host"
    if reading.unreadable:
        addressed = case.listing is not None and case.listing.form is ListingForm.ADDRESSED
        expected = (lead.is_report if lead else addressed) or reading.is_report
        return "" if expected else reading.reason or "unreadable"
    if not reading.is_report:
        return reading.reason or "not_a_report"
    titles = [*reading.identity.titles, reading.title, lead.title if lead else ""]
    if any(judge_title(title).could_be for title in reading.identity.titles):
        return ""
    verdict = judge_title(next((title for title in titles if title.strip()), ""))
    reasons = [*words("never_a_report"), *(() if reading.cells else words("no_report_without_form"))]
    return verdict.reason if verdict.reason in reasons and not verdict.could_be else ""


# --------------------------------------------------------------------------------------------------- agency and year


def _listing_claims(case: BindingCase) -> Iterator[IdentityClaim]:
    """Yield the claims of links and lists: agencies by the link's text, the listing, the code in the address, the path
    of the column (栏目) and, if the listing covers governments alone, the only one; years by address, listing and link.
    """
    listing, address = case.listing, addresses.read(case.url)
    agencies = [*case.registered(judge_title(case.lead.title).agency)] if case.lead else []
    agencies += [agency for agency in case.agencies if listing and agency.id == listing.agency][:1]
    agencies += filter(None, [agency_by_code(address.code, case.agencies)])
    agencies += case.registered(column_agency(listing.column)) if listing else []
    if listing and listing.covers == (AgencyKind.GOVERNMENT,):
        governments = {agency.id: agency for agency in case.agencies if agency.kind is AgencyKind.GOVERNMENT}
        agencies += governments.values() if len(governments) == 1 else ()
    for agency in {one.id: one for one in agencies}.values():
        yield IdentityClaim("listing", complete(agency.name, case.portal.place), agency=agency)
    years = (address.report_year, *(one.year for one in (listing, case.lead) if one))
    yield from (IdentityClaim("listing", year=year) for year in dict.fromkeys(years) if year)


def _choose_agency(
    case: BindingCase, verdict: TitleVerdict | None, basis: str, all_claims: Iterable[IdentityClaim], year: int | None
) -> tuple[IdentityClaim, list[Finding]]:
    """Return the claim that names the agency (its ``agency`` None: not in the registry; empty: nothing names one), and
    findings on claims that disagree. The first of these decides: a title of a whole system (…系统); another printed
    title with an agency; what metadata and text both say; what lists and addresses say (their claims have an
    ``agency``); what the document says of itself. A notice for many gets none. ``verdict``, ``basis``: on the report's
    title, and where that stands.
    """
    if verdict and verdict.system:  # the agency that leads it, if there is exactly one
        leading = case.registered(*(verdict.agency.removesuffix("系统") + end for end in _LEADERS))
        leader = leading[0] if len(leading) == 1 else None
        return IdentityClaim(basis, Name(verdict.agency), agency=leader), [
            finding("system_report", found=verdict.agency)
        ]
    claims = [claim for claim in all_claims if claim.name.text]
    listed = [claim for claim in claims if claim.agency]
    own_claims = [claim for claim in claims if not claim.agency]
    if claims and claims[0].basis == "title":
        claim, notes = _by_title(claims[0], listed[0] if listed else IdentityClaim(), case, year)
        return claim, [*notes, *disagreements(claim, own_claims[1:])]
    titles = (*case.reading.identity.titles, case.lead.title if case.lead else "")
    of_many = bool(listed) and any(names_agencies(squeeze(title)) for title in titles)
    generic = verdict is not None and verdict.generic and not case.reading.cells
    if generic and (not listed or (of_many and is_publisher_of_all(listed[0].name))):
        return IdentityClaim(), []  # a notice with the reports of many agencies, in the government's column or in none
    own_claims = [claim for claim in own_claims if not claim.is_portal_wide]
    if listed:
        chosen, is_linked_by_name = listed[0], bool(case.lead and judge_title(case.lead.title).agency)
        if not is_linked_by_name and (own := _of_a_predecessor(own_claims, chosen)):
            chosen = replace(own, agency=next(iter(case.registered(own.name.text, year=year)), None))
        return chosen, disagreements(chosen, claims)
    for claim in own_claims:  # neither title nor column names an agency
        for agency in case.registered(claim.name.text, year=year):
            return replace(claim, agency=agency), [finding("agency_inferred", basis=claim.basis, found=agency.name)]
    return (own_claims[0] if own_claims else IdentityClaim()), []


def _of_a_predecessor(claims: Iterable[IdentityClaim], listed: IdentityClaim) -> IdentityClaim | None:
    """Return the claim of another agency than the ``listed`` one, if both the metadata and the text of a document name
    it, and no other: a successor's column shows its predecessors' reports, too (食品药品监督管理局's in that of
    市场监督管理局 in 平度市). None if there is a doubt.
    """
    own = [one for one in claims if one.basis in ("metadata", "statement")]
    others = [one for one in own if one.of_another_agency(listed) and not is_near(one.name, listed.name)]
    is_one = bool(own) and others == own and not any(one.of_another_agency(own[0]) for one in own)
    return own[0] if is_one and len({one.basis for one in own}) == 2 else None


def _by_title(
    title: IdentityClaim, listed: IdentityClaim, case: BindingCase, year: int | None
) -> tuple[IdentityClaim, list[Finding]]:
    """Return the claim of ``title`` with the agency of the registry that it names, if any, or ``listed``, the list's,
    if the title fits several agencies and this is one, or is nearly its name; with findings.
    """
    match = match_agency(title.name.text, case.agencies, place=case.portal.place, year=year)
    printed = title.name.text
    if match.agency:
        notes = [note for note in evidence.place_notes(title.name, case.portal.place) if note.code == "place_misread"]
        if match.is_short:
            notes.append(finding("agency_short_name", found=printed, expected=match.agency.name))
        claim = replace(title, agency=match.agency)
        is_same = listed.agency is not None and listed.agency.id == match.agency.id
        return claim, notes + disagreements(claim, [] if is_same else [listed])
    if match.ambiguous:
        if listed.agency and listed.agency.id in match.ambiguous:
            return listed, []
        return title, [finding("agency_ambiguous", found=printed, expected="、".join(match.ambiguous))]
    if listed.agency and is_near(title.name, listed.name):
        return listed, [finding("agency_conflict", basis=title.basis, found=printed, expected=listed.words)]
    if title.name.foreign:
        return title, [finding("foreign_report", found=printed, expected=case.portal.place)]
    notes = [finding("agency_unknown", found=printed)]
    if listed.agency:
        notes.append(finding("agency_conflict", basis="listing", found=listed.words, expected=printed))
    return title, notes


# ----------------------------------------------------------------------------------------- a report of several agencies


def _share(case: BindingCase, binding: Binding) -> Binding:
    """Bind a report to all agencies that share it: ``covers`` lists them, ``agency`` is the first."""
    if not binding.is_report or binding.year is None or binding.report_kind is ReportKind.SYSTEM:
        return binding
    printed, sharing, basis = _sharing_agencies(case, binding)
    is_joint = bool(printed) or len(sharing) > 1
    if not sharing or (not is_joint and binding.agency == sharing[0].id):
        return binding
    notes = [one for one in binding.findings if one.code not in _UNSURE]
    reasons, kind = {**binding.basis, "agency": "statement"}, kind_of_report(Name(), sharing[0])
    if is_joint:
        names = printed or "、".join(one.name for one in sharing)
        notes.append(finding("shared_report", case="named" if basis == "title" else "listed", found=names))
        reasons, kind = reasons | {"agency": basis, SHARED: basis}, ReportKind.SYSTEM
    return replace(
        binding, reason="", agency=sharing[0].id, agency_name=sharing[0].name, report_kind=kind,
        covers=tuple(one.id for one in sharing) if len(sharing) > 1 else (), basis=reasons, findings=tuple(notes),
    )  # fmt: skip


def _sharing_agencies(case: BindingCase, binding: Binding) -> tuple[str, list[Agency], str]:
    """Return the printed joint name (or ""), the agencies that share a report, and what decided: title or listing. The
    text decides; if it names none of the agencies for which links lead here, all of these share it.
    """
    identity, by_id = case.reading.identity, {agency.id: agency for agency in case.agencies}
    leads = [lead for lead in case.leads if lead.is_report and lead.year in (None, binding.year)]
    ids = dict.fromkeys(one for lead in leads for one in announced_agencies(lead, case.agencies, case.portal.place))
    linked = [by_id[one] for one in ids if one in by_id]
    titled = [judge_title(title).agency for title in (*identity.titles, identity.meta.get("articletitle", ""))]
    printed, authors = "", list[Agency]()
    for name in dict.fromkeys((*titled, *identity.statements)):
        joined = case.registered(*joined_names(name), year=binding.year)
        if joined and (name in titled or binding.agency in (None, *(one.id for one in joined))):
            printed, authors = name, list(joined)
            break
    if not authors and len(linked) < 2:
        return "", [], ""
    decided_by = binding.basis.get("agency")
    if binding.agency and decided_by == "title":
        authors.append(by_id[binding.agency])
    agencies = case.registered(*identity.statements, year=binding.year)
    authors += [one for one in linked if one.id in {agency.id for agency in agencies}]
    if not authors and decided_by not in (None, "listing"):
        return "", [], ""  # the text names an agency that no link names
    return printed, list({one.id: one for one in authors or linked}.values()), "title" if authors else "listing"


def binding_of_each(binding: Binding, agencies: Iterable[Agency]) -> tuple[Binding, ...]:
    """Return one binding for each agency in ``covers``, or the binding itself if there is none."""
    names = {agency.id: agency.name for agency in agencies}
    return tuple(replace(binding, agency=one, agency_name=names.get(one)) for one in binding.covers) or (binding,)
