"""Whose report a document is at an address: reading + lead + listing + registry + rulings → binding. Pure; made again any time.

The title decides, then the column or address, then metadata; a ruling decides over all of them. A year whose report could
not yet exist when the document was shown is a finding, never a binding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.identity import addresses, names
from archive.identity.classify import agency_by_code, column_agency, kind_of_report
from archive.identity.evidence import Claim, agree, best_title, claims, place_notes, title_of, year_of
from archive.identity.names import Match, Name
from archive.identity.notes import note
from archive.identity.titles import TitleVerdict, judge
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

# A printed title of one of these is no report, whatever stands below it …
_NEVER = frozenset(
    {
        "derivative",
        "draft",
        "comparison",
        "part_of_year",
        "website_report",
        "rule_of_law_report",
        "template",
        "repost",
        "hijacked",
    }
)
# … and one of these is none unless the form itself stands below it (some publish the report under the title of a notice).
_NO_FORM = frozenset({"rule", "notice", "guide", "work_points", "summary", "statistics", "catalogue", "news", "column"})


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything one binding is made from."""

    reading: Reading
    url: str
    lead: Lead | None
    listing: Listing | None
    portal: Portal
    agencies: tuple[Agency, ...]
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class _Whose:
    agency: Agency | None = None
    name: Name | None = None
    basis: str = ""
    findings: tuple[Finding, ...] = ()


def ruling_for(rulings: Sequence[Ruling], kind: RulingKind, subjects: Sequence[str]) -> Ruling | None:
    """Give the latest ruling of a kind on any of the subjects."""
    found = [ruling for ruling in rulings if ruling.kind is kind and ruling.subject in subjects]
    return max(found, key=lambda ruling: (ruling.made_at, ruling.id), default=None)


def _why_not(case: _Case) -> str:
    """Why a document is no report ("" if it is one)."""
    reading = case.reading
    address = addresses.read(case.url, case.portal.hosts)
    if address.official is False and not case.url.startswith("file:"):
        return "unofficial_host"
    if reading.unreadable:
        addressed = case.listing is not None and case.listing.form is ListingForm.ADDRESSED
        expected = case.lead.is_report if case.lead else addressed
        return "" if expected or reading.is_report else reading.reason or "unreadable"
    if not reading.is_report:
        return reading.reason or "not_a_report"
    if best_title(reading.identity.titles):
        return ""
    printed = next(
        (
            title
            for title in (*reading.identity.titles, reading.title, case.lead.title if case.lead else "")
            if title.strip()
        ),
        "",
    )
    verdict = judge(printed)
    if not verdict.could_be and (verdict.reason in _NEVER or (verdict.reason in _NO_FORM and not reading.cells)):
        return verdict.reason
    return ""


def _listing_claims(case: _Case) -> Iterator[tuple[str, Agency | None, Name]]:
    """Yield what the column and the address say: the listing's agency, the organ code, the link's words, the column's."""
    place = case.portal.place
    listing, lead = case.listing, case.lead
    named = next((a for a in case.agencies if listing and a.id == listing.agency), None)
    named = named or agency_by_code(addresses.read(case.url).code, case.agencies)
    if named:
        yield named.name, named, names.complete(named.name, place)
    texts = [judge(lead.title).agency if lead else "", column_agency(listing.column if listing else "")]
    for text in texts:
        if text:
            yield text, names.match_agency(text, case.agencies, place=place).agency, names.complete(text, place)
    if listing and listing.covers == (AgencyKind.GOVERNMENT,) and not named:
        governments = {a.id: a for a in case.agencies if a.kind is AgencyKind.GOVERNMENT}
        if len(governments) == 1:
            agency = next(iter(governments.values()))
            yield agency.name, agency, names.complete(agency.name, place)


def _akin(one: Name, other: Name) -> bool:
    """Whether two names are so near that an address can settle which body is meant (教育局 at the address of 教育和体育局)."""
    if one.foreign or other.foreign:
        return False
    short, long = sorted((names.key(one), names.key(other)), key=len)
    if len(short) >= 3 and short[-1] == long[-1] and short[0] == long[0]:
        rest = iter(long)
        if all(character in rest for character in short):
            return True
    return len(short) == len(long) >= 4 and sum(a != b for a, b in zip(short, long, strict=True)) == 1


def _lookup(name: Name, case: _Case, year: int | None) -> Match:
    return names.match_agency(name.text, case.agencies, place=case.portal.place, year=year)


def _by_title(title: Claim, case: _Case, year: int | None) -> _Whose:
    """The agency the title prints, as the registry knows it; a name it does not know may be settled by the address."""
    match = _lookup(title.name, case, year)
    listed = list(_listing_claims(case))
    first = next(((agency, name) for _, agency, name in listed if agency), None)
    if match.agency:
        notes = [*place_notes(title.name, case.portal.place)]
        if first and first[0].id != match.agency.id and not agree(title.name, first[1]):
            notes.append(note("agency_conflict", basis="listing", found=first[0].name, expected=match.agency.name))
        return _Whose(match.agency, title.name, title.basis, tuple(notes))
    if match.ambiguous:
        if first and first[0].id in match.ambiguous:
            return _Whose(first[0], first[1], "listing")
        return _Whose(
            None,
            title.name,
            title.basis,
            (note("agency_ambiguous", found=title.name.text, expected="、".join(match.ambiguous)),),
        )
    if first and _akin(title.name, first[1]):
        finding = note("agency_conflict", basis=title.basis, found=title.name.text, expected=first[0].name)
        return _Whose(first[0], first[1], "listing", (finding,))
    if title.name.foreign:
        notes = [note("foreign_report", found=title.name.text, expected=case.portal.place)]
    else:
        notes = [note("agency_unknown", found=title.name.text)]
        if first:
            notes.append(note("agency_conflict", basis="listing", found=first[0].name, expected=title.name.text))
    return _Whose(None, title.name, title.basis, tuple(notes))


def _whose(case: _Case, verdict: TitleVerdict | None, basis: str, year: int | None) -> _Whose:
    """The agency: by the title, else the column or address, else metadata and statements."""
    found = claims(case.reading.identity, verdict, basis, case.portal.place)
    if found and found[0].basis == "title":
        whose = _by_title(found[0], case, year)
        others = found[1:]
    else:
        listed = next(((agency, name) for _, agency, name in _listing_claims(case) if agency), None)
        if listed:
            whose, others = _Whose(listed[0], listed[1], "listing"), found
        else:
            whose, others = _by_document(found, case, year), ()
    if whose.name is None:
        return whose
    conflicts = tuple(
        note("agency_conflict", basis=claim.basis, found=claim.name.text, expected=whose.name.text)
        for claim in others
        if not agree(whose.name, claim.name)
        and not (claim.basis == "metadata" and names.kind_of(claim.name) in _PORTAL_WIDE)
    )
    return replace(whose, findings=tuple(dict.fromkeys((*whose.findings, *conflicts))))


_PORTAL_WIDE = (AgencyKind.GOVERNMENT, AgencyKind.OFFICE)


def _by_document(found: Sequence[Claim], case: _Case, year: int | None) -> _Whose:
    """No title, no column: what the metadata or the opening name, if the registry knows it; said as inferred."""
    for claim in found:
        portal_wide = claim.basis == "metadata" and names.kind_of(claim.name) in _PORTAL_WIDE
        match = _lookup(claim.name, case, year)
        if match.agency and not portal_wide:
            return _Whose(
                match.agency,
                claim.name,
                claim.basis,
                (note("agency_inferred", basis=claim.basis, found=match.agency.name),),
            )
    named = next(
        (claim for claim in found if not (claim.basis == "metadata" and names.kind_of(claim.name) in _PORTAL_WIDE)),
        None,
    )
    return _Whose(None, named.name, named.basis) if named else _Whose()


def _listed_years(case: _Case) -> list[tuple[str, int]]:
    """Reporting years that the address, the listing and the link name."""
    address = addresses.read(case.url)
    years = [address.report_year, case.listing.year if case.listing else None, case.lead.year if case.lead else None]
    return [("listing", year) for year in dict.fromkeys(year for year in years if year is not None)]


def _system(case: _Case, verdict: TitleVerdict) -> Agency | None:
    """The body that leads a system ("规划和自然资源系统" → …局), if the registry knows exactly one."""
    stem = verdict.agency.removesuffix("系统")
    found = {
        match.agency.id: match.agency
        for ending in ("局", "委员会", "厅", "办公室")
        if (match := names.match_agency(stem + ending, case.agencies, place=case.portal.place)).agency
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _bind(case: _Case) -> Binding:
    """Bind by evidence alone."""
    blank = Binding(
        document=case.reading.document,
        url=case.url,
        is_report=False,
        reason="",
        agency=None,
        agency_name=None,
        year=None,
        report_kind=None,
    )
    if reason := _why_not(case):
        return replace(blank, reason=reason)
    verdict, basis = title_of(case.reading.identity)
    if verdict is None and case.lead is not None and judge(case.lead.title).could_be:
        verdict, basis = judge(case.lead.title), "listing"
    year = year_of(case.reading.identity, verdict, basis, _listed_years(case))
    findings, value = [*year.findings], year.year
    if value is not None and not could_exist(value, case.shown_at):
        expected = ("当时该年度尚未结束", "that year was not over when it was shown")
        findings.append(
            note("year_conflict", basis=year.basis, found=value, expected=expected[0], expected_en=expected[1])
        )
        value = None
    reasons: dict[str, str] = {"year": year.basis} if value is not None else {}
    if verdict and verdict.system:
        agency = _system(case, verdict)
        whose = _Whose(agency, None, basis, (note("system_report", found=verdict.agency),))
        name = verdict.agency
        kind: ReportKind | None = ReportKind.SYSTEM
        reasons["system"] = verdict.agency
    else:
        whose = _whose(case, verdict, basis, value)
        name = whose.name.text if whose.name else ""
        kind = kind_of_report(whose.name or Name(), whose.agency)
    if whose.agency or name:
        reasons["agency"] = whose.basis
    reason = "" if whose.agency and value is not None else ("agency_unbound" if value is not None else "year_unbound")
    return replace(
        blank,
        is_report=True,
        reason=reason,
        agency=whose.agency.id if whose.agency else None,
        agency_name=name or None,
        year=value,
        report_kind=kind,
        basis=reasons,
        findings=tuple(dict.fromkeys((*whose.findings, *findings))),
    )


def _ruled(binding: Binding, decision: Mapping[str, str | int | bool | None], agencies: Sequence[Agency]) -> Binding:
    """Put what a person decided in place of what the evidence says; what the ruling leaves open stands."""
    if decision.get("is_report") is False:
        return replace(
            binding,
            is_report=False,
            reason="ruling",
            agency=None,
            agency_name=None,
            year=None,
            report_kind=None,
            basis={"report": "ruling"},
        )
    basis = dict(binding.basis)
    changed = replace(binding, is_report=True)
    ruled_id = decision.get("agency")
    if isinstance(ruled_id, str) and ruled_id:
        agency = next(
            (a for a in sorted(agencies, key=lambda a: a.recorded_at, reverse=True) if a.id == ruled_id), None
        )
        kind = kind_of_report(Name(), agency) if agency else binding.report_kind
        changed = replace(
            changed, agency=ruled_id, agency_name=agency.name if agency else binding.agency_name, report_kind=kind
        )
        basis["agency"] = "ruling"
    year = decision.get("year")
    if isinstance(year, int) and not isinstance(year, bool):
        changed = replace(changed, year=year)
        basis["year"] = "ruling"
    kind_text = decision.get("report_kind")
    if isinstance(kind_text, str) and kind_text in tuple(ReportKind):
        changed = replace(changed, report_kind=ReportKind(kind_text))
        basis["report_kind"] = "ruling"
    whole = changed.agency is not None and changed.year is not None
    return replace(changed, basis=basis, reason="" if whole else changed.reason)


def bind(
    reading: Reading,
    *,
    url: str,
    lead: Lead | None,
    listing: Listing | None,
    portal: Portal,
    agencies: Sequence[Agency],
    rulings: Sequence[Ruling],
    shown_at: datetime,
) -> Binding:
    """Bind a document at an address to an agency and a year, or say that it is no report and why.

    ``shown_at`` (aware): when it was first met there. ``agency`` or ``year`` None on a report: it could not be told; ``reason``
    is then ``agency_unbound`` or ``year_unbound``, and the findings say what is known.
    """
    binding = _bind(_Case(reading, url, lead, listing, portal, tuple(agencies), shown_at))
    ruling = ruling_for(rulings, RulingKind.BINDING, (reading.document, url))
    if ruling:
        return _ruled(binding, ruling.decision, agencies)
    led = ruling_for(rulings, RulingKind.LEAD, (url,))
    if led and led.decision.get("is_report") is False:
        return _ruled(binding, {"is_report": False}, agencies)
    return binding
