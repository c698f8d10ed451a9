"""Find the agency whose report a document is: by its title, else the column or address, else the document's text.

The title decides. A name it prints that the registry does not know may be settled by the address, with a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.findings import finding
from archive.identity import addresses, names
from archive.identity.classify import agency_by_code, column_agency
from archive.identity.evidence import Claim, agree, claims, is_publisher_of_all, place_notes
from archive.identity.groups import names_bodies
from archive.identity.names import Match, Name
from archive.identity.text import squeeze
from archive.identity.titles import TitleVerdict, judge
from storage.records import Agency, AgencyKind, Finding, Lead, Listing, Portal, Reading

_CRUMBS = 20
_TITLES = 12
_OWN_COLUMN = re.compile(
    "(?:(?:[县市区旗州]|本级)(?:人民)?政府(?:本级)?|[县市区旗州]?本级)(?:政府)?(?:信息公开|政务公开)?(?:工作)?(?:年度工作报告|年度报告|年报)(?:专栏)?"
)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything one binding is made from; ``shown_at`` is aware. ``leads``: of links under several bodies' titles."""

    reading: Reading
    url: str
    lead: Lead | None
    listing: Listing | None
    portal: Portal
    agencies: tuple[Agency, ...]
    shown_at: datetime
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvedAgency:
    """The agency found: its registry row, its name completed, the evidence that decided, and what disagrees."""

    agency: Agency | None = None
    name: Name | None = None
    basis: str = ""
    findings: tuple[Finding, ...] = ()


def _listing_claims(case: Case) -> Iterator[tuple[Agency, Name]]:
    """Yield the agencies named by the link's words, the listing's own address, the organ code, the column's path."""
    place, listing = case.portal.place, case.listing
    words = [judge(case.lead.title).agency if case.lead else "", column_agency(listing.column if listing else "")]
    link, column = (names.match_agency(text, case.agencies, place=place).agency if text else None for text in words)
    own = next((agency for agency in case.agencies if listing and agency.id == listing.agency), None)
    coded = agency_by_code(addresses.read(case.url).code, case.agencies)
    only = None
    if listing and listing.covers == (AgencyKind.GOVERNMENT,):
        governments = {agency.id: agency for agency in case.agencies if agency.kind is AgencyKind.GOVERNMENT}
        only = next(iter(governments.values())) if len(governments) == 1 else None
    for agency in (link, own, coded, column, only):
        if agency:
            yield agency, names.complete(agency.name, place)


def _akin(one: Name, other: Name) -> bool:
    """Whether two names are so near that an address settles which is meant (教育局, at that of 教育和体育局)."""
    if one.foreign or other.foreign or one.township or other.township:
        return False
    a, b = names.key(one), names.key(other)
    misprint = len(a) == len(b) >= 4 and sum(x != y for x, y in zip(a, b, strict=True)) == 1
    return misprint or names.abbreviates(a, b)


def _lookup(name: Name, case: Case, year: int | None) -> Match:
    return names.match_agency(name.text, case.agencies, place=case.portal.place, year=year)


def _by_title(title: Claim, case: Case, year: int | None) -> ResolvedAgency:
    """Give the agency the title prints, as the registry knows it; an unknown name may be settled by the address."""
    match = _lookup(title.name, case, year)
    first = next(_listing_claims(case), None)
    if match.agency:
        notes = [one for one in place_notes(title.name, case.portal.place) if one.code == "place_misread"]
        if match.how == "short":
            notes.append(finding("agency_short_name", found=title.name.text, expected=match.agency.name))
        if first and first[0].id != match.agency.id and not agree(title.name, first[1]):
            notes.append(finding("agency_conflict", basis="listing", found=first[0].name, expected=match.agency.name))
        return ResolvedAgency(match.agency, title.name, title.basis, tuple(notes))
    if match.ambiguous:
        if first and first[0].id in match.ambiguous:
            return ResolvedAgency(first[0], first[1], "listing")
        return ResolvedAgency(
            None,
            title.name,
            title.basis,
            (finding("agency_ambiguous", found=title.name.text, expected="、".join(match.ambiguous)),),
        )
    if first and _akin(title.name, first[1]):
        conflict = finding("agency_conflict", basis=title.basis, found=title.name.text, expected=first[0].name)
        return ResolvedAgency(first[0], first[1], "listing", (conflict,))
    if title.name.foreign:
        notes = [finding("foreign_report", found=title.name.text, expected=case.portal.place)]
    else:
        notes = [finding("agency_unknown", found=title.name.text)]
        if first:
            notes.append(finding("agency_conflict", basis="listing", found=first[0].name, expected=title.name.text))
    return ResolvedAgency(None, title.name, title.basis, tuple(notes))


def _by_listing(case: Case) -> ResolvedAgency:
    """Give the agency that the link, the address or the column names first; another one named there is a finding."""
    listed = list(_listing_claims(case))
    if not listed:
        return ResolvedAgency()
    agency, name = listed[0]
    notes = tuple(
        finding("agency_conflict", basis="listing", found=other.name, expected=agency.name)
        for other, other_name in listed[1:]
        if other.id != agency.id and not agree(name, other_name)
    )
    return ResolvedAgency(agency, name, "listing", tuple(dict.fromkeys(notes)))


def whose_report(case: Case, verdict: TitleVerdict | None, basis: str, year: int | None) -> ResolvedAgency:
    """Give the agency: by the title, else the column or address, else metadata and statements."""
    found = claims(case.reading.identity, verdict, basis, case.portal.place)
    if found and found[0].basis == "title":
        whose = _by_title(found[0], case, year)
        others = found[1:]
    else:
        whose, others = _by_listing(case), found
        if verdict is not None and _is_of_many(case, verdict, whose.agency):
            return ResolvedAgency()
        if whose.agency is None and verdict is not None and verdict.generic and not case.reading.cells:
            return ResolvedAgency()  # a notice of the reports of many: whom its text names first is one of them
        if whose.agency is None:
            whose, others = _by_document(found, case, year), ()
            whose = whose if whose.name is not None else _by_own_column(case)
    if whose.name is None:
        return whose
    conflicts = tuple(
        finding("agency_conflict", basis=claim.basis, found=claim.name.text, expected=whose.name.text)
        for claim in others
        if not agree(whose.name, claim.name) and not (claim.basis == "metadata" and is_publisher_of_all(claim.name))
    )
    return replace(whose, findings=tuple(dict.fromkeys((*whose.findings, *conflicts))))


def _is_of_many(case: Case, verdict: TitleVerdict, listed: Agency | None) -> bool:
    """Whether a page without figures that announces the reports of a group of bodies (内乡县各单位2024年…) stands in a
    column of the government or its office: they publish it, and it is nobody's report. In a department's column such
    a title is often that of its own.
    """
    if not verdict.generic or case.reading.cells or listed is None:
        return False
    titles = (*case.reading.identity.titles[:_TITLES], case.lead.title if case.lead else "")
    grouped = any(names_bodies(squeeze(title)) for title in titles if judge(title).generic)
    return grouped and listed.kind in (AgencyKind.GOVERNMENT, AgencyKind.OFFICE)


def _by_own_column(case: Case) -> ResolvedAgency:
    """Nothing names anybody, and the page stands, as it says itself, in the column of the government's own reports
    (县政府信息公开年报, 本级年报): the government, if the registry knows exactly one; said as inferred.
    """
    crumbs = [squeeze(part) for part in case.reading.identity.breadcrumb[:_CRUMBS]]
    if not any(_OWN_COLUMN.fullmatch(part) for part in crumbs):
        return ResolvedAgency()
    found = {agency.id: agency for agency in case.agencies if agency.kind is AgencyKind.GOVERNMENT}
    if len(found) != 1:
        return ResolvedAgency()
    agency = next(iter(found.values()))
    name = names.complete(agency.name, case.portal.place)
    return ResolvedAgency(agency, name, "listing", (finding("agency_inferred", basis="listing", found=agency.name),))


def _by_document(claims: Sequence[Claim], case: Case, year: int | None) -> ResolvedAgency:
    """No title, no column: what the metadata or the opening name, if the registry knows it; said as inferred."""
    for claim in claims:
        portal_wide = claim.basis == "metadata" and is_publisher_of_all(claim.name)
        match = _lookup(claim.name, case, year)
        if match.agency and not portal_wide:
            return ResolvedAgency(
                match.agency,
                claim.name,
                claim.basis,
                (finding("agency_inferred", basis=claim.basis, found=match.agency.name),),
            )
    named = next(
        (claim for claim in claims if not (claim.basis == "metadata" and is_publisher_of_all(claim.name))),
        None,
    )
    return ResolvedAgency(None, named.name, named.basis) if named else ResolvedAgency()


def leader_of_system(case: Case, verdict: TitleVerdict) -> Agency | None:
    """Give the body that leads a system ("规划和自然资源系统" → …局), if the registry knows exactly one."""
    stem = verdict.agency.removesuffix("系统")
    found = {
        match.agency.id: match.agency
        for ending in ("局", "委员会", "厅", "办公室")
        if (match := names.match_agency(stem + ending, case.agencies, place=case.portal.place)).agency
    }
    return next(iter(found.values())) if len(found) == 1 else None
