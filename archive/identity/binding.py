"""Bind a document at an address to its agency and year: reading + lead + listing + registry + rulings. Pure.

The title decides, then the column or address, then metadata; a ruling decides over all of them. A year whose report
could not yet exist when the document was shown is a finding, never a binding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.findings import finding
from archive.identity import addresses
from archive.identity.agency_resolution import Case, ResolvedAgency, leader_of_system, whose_report
from archive.identity.authors import by_authors
from archive.identity.classify import kind_of_report
from archive.identity.evidence import best_title, title_of, year_of
from archive.identity.names import Name
from archive.identity.titles import judge
from archive.identity.years import could_exist
from storage.records import Agency, Binding, Lead, Listing, ListingForm, Portal, Reading, ReportKind, Ruling, RulingKind

# A printed title of one of these is no report, whatever stands below it …
_NEVER = frozenset(
    ("derivative", "draft", "comparison", "part_of_year", "website_report", "rule_of_law_report", "template", "repost")
)
# … and one of these is none unless the form stands below it (some publish the report under the title of a notice).
_NO_FORM = frozenset({"rule", "notice", "guide", "work_points", "summary", "statistics", "catalogue", "news", "column"})


def ruling_for(rulings: Sequence[Ruling], kind: RulingKind, subjects: Sequence[str]) -> Ruling | None:
    """Give the latest ruling of a kind on any of the subjects."""
    found = [ruling for ruling in rulings if ruling.kind is kind and ruling.subject in subjects]
    return max(found, key=lambda ruling: (ruling.made_at, ruling.id), default=None)


def _why_not(case: Case) -> str:
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


def _listed_years(case: Case) -> list[tuple[str, int]]:
    """Give the reporting years that the address, the listing and the link name."""
    address = addresses.read(case.url)
    years = [address.report_year, case.listing.year if case.listing else None, case.lead.year if case.lead else None]
    return [("listing", year) for year in dict.fromkeys(year for year in years if year is not None)]


def _bind(case: Case) -> Binding:
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
    silent = verdict is None or not (verdict.agency or verdict.years)
    if silent and case.lead is not None and judge(case.lead.title).could_be:
        verdict, basis = judge(case.lead.title), "listing"
    year = year_of(case.reading.identity, verdict, basis, _listed_years(case))
    findings, value = [*year.findings], year.year
    if value is not None and not could_exist(value, case.shown_at):
        findings.append(finding("year_conflict", case="shown_before", basis=year.basis, found=value))
        value = None
    reasons: dict[str, str] = {"year": year.basis} if value is not None else {}
    if verdict and verdict.system:
        agency = leader_of_system(case, verdict)
        whose = ResolvedAgency(agency, None, basis, (finding("system_report", found=verdict.agency),))
        name = verdict.agency
        kind: ReportKind | None = ReportKind.SYSTEM
        reasons["system"] = verdict.agency
    else:
        whose = whose_report(case, verdict, basis, value)
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


def _apply_ruling(
    binding: Binding, decision: Mapping[str, str | int | bool | None], agencies: Sequence[Agency]
) -> Binding:
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
    leads: Sequence[Lead] = (),
) -> Binding:
    """Bind a document at an address to an agency and a year, or say that it is no report and why.

    ``shown_at`` (aware): when it was first met there. ``leads``: all that lead there, where they name several bodies.
    ``agency`` or ``year`` None on a report: it could not be told; ``reason`` is then ``agency_unbound`` or
    ``year_unbound``, and the findings say what is known.
    """
    case = Case(reading, url, lead, listing, portal, tuple(agencies), shown_at, tuple(leads))
    binding = by_authors(case, _bind(case))
    ruling = ruling_for(rulings, RulingKind.BINDING, (reading.document, url))
    if ruling:
        return _apply_ruling(binding, ruling.decision, agencies)
    led = ruling_for(rulings, RulingKind.LEAD, (url,))
    if led and led.decision.get("is_report") is False:
        return _apply_ruling(binding, {"is_report": False}, agencies)
    return binding
