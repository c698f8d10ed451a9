"""Bind a document at an address to its agency and year: reading + lead + listing + registry + rulings. Pure.

The title decides, then the column or address, then metadata; a ruling decides over all of them. A year whose report
could not yet exist when the document was shown is a finding, never a binding. One report may be that of several bodies
(a joint name, links of several bodies), and one page may hold the reports of several in its files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any

from archive.file_endings import ENDINGS
from archive.findings import finding
from archive.identity import addresses
from archive.identity.classification import agency_by_code, column_agency, kind_of_report
from archive.identity.evidence import (
    Claim,
    best_title,
    claim_of_title,
    claims,
    disagreements,
    place_notes,
    title_of,
    year_of,
)
from archive.identity.matching import is_near, match_agency
from archive.identity.names import Name, complete, is_publisher_of_all, looks_like_body, names_bodies, normalise
from archive.identity.text import squeeze
from archive.identity.titles import TitleVerdict, judge, judge_in_column
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

#: In the basis of a binding: the report is that of each body in ``covers``, by its text or by the links to it.
SHARED = "shared"
MAX_JOINED_NAMES = 8
# A printed title of one of these is no report, whatever stands below it …
_NEVER = frozenset(
    ("derivative", "draft", "comparison", "part_of_year", "website_report", "rule_of_law_report", "template", "repost")
)
# … and one of these is none unless the form stands below it (some publish the report under the title of a notice).
_NO_FORM = frozenset({"rule", "notice", "guide", "work_points", "summary", "statistics", "catalogue", "news", "column"})
_UNSURE = frozenset({"agency_unknown", "agency_conflict", "agency_ambiguous"})
_FILE_ENDING = re.compile(rf"\.(?:{ENDINGS})\s*$", re.I)
_FILE_NUMBER = re.compile(r"^\s*(?:附件|附)?\s*[(（]?\d{0,3}[)）]?\s*[:：.、,，\-—]*\s*")
_REPORT_WORDS = "政府信息公开工作年度报告"


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything one binding is made from; ``shown_at`` is aware. ``leads``: of links under several bodies' titles."""

    reading: Reading
    url: str
    lead: Lead | None
    listing: Listing | None
    portal: Portal
    agencies: tuple[Agency, ...]
    shown_at: datetime
    leads: tuple[Lead, ...] = ()

    def registered(self, *names: str, year: int | None = None) -> tuple[Agency, ...]:
        """Return the agencies of the registry that names mean, each once."""
        found = (match_agency(name, self.agencies, place=self.portal.place, year=year).agency for name in names)
        return tuple({agency.id: agency for agency in found if agency is not None}.values())


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
    case = _Case(reading, url, lead, listing, portal, tuple(agencies), shown_at, tuple(leads))
    binding = _share(case, _bind(case))
    if ruling := _latest_ruling(rulings, RulingKind.BINDING, (reading.document, url)):
        return _apply_ruling(binding, ruling.decision, agencies)
    led = _latest_ruling(rulings, RulingKind.LEAD, (url,))
    if led and led.decision.get("is_report") is False:
        return _apply_ruling(binding, led.decision, agencies)
    return binding


def _latest_ruling(rulings: Sequence[Ruling], kind: RulingKind, subjects: Sequence[str]) -> Ruling | None:
    found = [ruling for ruling in rulings if ruling.kind is kind and ruling.subject in subjects]
    return max(found, key=lambda ruling: (ruling.made_at, ruling.id), default=None)


def _apply_ruling(
    binding: Binding, decision: Mapping[str, str | int | bool | None], agencies: Sequence[Agency]
) -> Binding:
    """Put what a person decided in place of what the evidence says; what the ruling leaves open stands."""
    if decision.get("is_report") is False:
        return replace(_no_report(binding.document, binding.url, "ruling"), basis={"report": "ruling"})
    ruled: dict[str, Any] = {name: decision[name] for name in ("agency", "year", "report_kind") if decision.get(name)}
    basis = {**binding.basis, **dict.fromkeys(ruled, "ruling")}
    if "report_kind" in ruled:
        ruled["report_kind"] = ReportKind(ruled["report_kind"])
    rows = [agency for agency in agencies if agency.id == ruled.get("agency")]
    if rows:
        newest = max(rows, key=lambda row: row.recorded_at)
        ruled = {"agency_name": newest.name, "report_kind": kind_of_report(Name(), newest), **ruled}
    changed = replace(binding, is_report=True, basis=basis, **ruled)
    whole = changed.agency is not None and changed.year is not None
    return replace(changed, reason="" if whole else changed.reason)


def _no_report(document: str, url: str, reason: str) -> Binding:
    return Binding(
        document=document, url=url, is_report=False, reason=reason, agency=None, agency_name=None, year=None,
        report_kind=None, basis={},
    )  # fmt: skip


def _bind(case: _Case) -> Binding:
    """Bind by evidence alone."""
    nothing = _no_report(case.reading.document, case.url, _why_not(case))
    if nothing.reason:
        return nothing
    verdict, basis = title_of(case.reading.identity)
    if (verdict is None or not (verdict.agency or verdict.years)) and case.lead and judge(case.lead.title).could_be:
        verdict, basis = judge(case.lead.title), "listing"
    named = [case.listing.year if case.listing else None, case.lead.year if case.lead else None]
    listed = [("listing", year) for year in dict.fromkeys([addresses.read(case.url).report_year, *named]) if year]
    found, year_notes = year_of(case.reading.identity, verdict, basis, listed)
    year = found.year
    if year is not None and not could_exist(year, case.shown_at):
        year_notes.append(finding("year_conflict", case="shown_before", basis=found.basis, found=year))
        year = None
    whose, notes = _whose_report(case, verdict, basis, year)
    system = verdict.agency if verdict and verdict.system else ""
    reasons = {"year": found.basis if year else "", "system": system, "agency": whose.basis if whose.words else ""}
    return replace(
        nothing,
        is_report=True,
        reason="year_unbound" if year is None else "" if whose.agency else "agency_unbound",
        agency=whose.agency.id if whose.agency else None,
        agency_name=whose.name.text or None,
        year=year,
        report_kind=ReportKind.SYSTEM if system else kind_of_report(whose.name, whose.agency),
        basis={what: why for what, why in reasons.items() if why},
        findings=tuple(dict.fromkeys((*notes, *year_notes))),
    )


def _why_not(case: _Case) -> str:
    """Return why a document is no report ("" if it is one)."""
    reading, lead = case.reading, case.lead
    if addresses.read(case.url, case.portal.hosts).official is False and not case.url.startswith("file:"):
        return "unofficial_host"
    if reading.unreadable:
        addressed = case.listing is not None and case.listing.form is ListingForm.ADDRESSED
        expected = (lead.is_report if lead else addressed) or reading.is_report
        return "" if expected else reading.reason or "unreadable"
    if not reading.is_report:
        return reading.reason or "not_a_report"
    if any(judge(title).could_be for title in reading.identity.titles):
        return ""
    titles = (*reading.identity.titles, reading.title, lead.title if lead else "")
    verdict = judge(next((title for title in titles if title.strip()), ""))
    never = verdict.reason in _NEVER or (verdict.reason in _NO_FORM and not reading.cells)
    return verdict.reason if never and not verdict.could_be else ""


# ------------------------------------------------------------------------------------------------------- whose it is


def _whose_report(
    case: _Case, verdict: TitleVerdict | None, basis: str, year: int | None
) -> tuple[Claim, list[Finding]]:
    """Return the agency: by the title, else the column or address, else metadata and statements; and what disagrees."""
    if verdict and verdict.system:  # the body that leads it (规划和自然资源系统 → …局), if there is exactly one
        stem = verdict.agency.removesuffix("系统")
        leading = case.registered(*(stem + end for end in ("局", "委员会", "厅", "办公室")))
        leader = leading[0] if len(leading) == 1 else None
        return Claim(basis, Name(verdict.agency), agency=leader), [finding("system_report", found=verdict.agency)]
    told, listed = claims(case.reading.identity, verdict, basis, case.portal.place), list(_listing_claims(case))
    if told and told[0].basis == "title":
        whose, notes = _by_title(told[0], listed[0] if listed else Claim(), case, year)
        return whose, [*notes, *disagreements(whose, told[1:])]
    titles = (*case.reading.identity.titles, case.lead.title if case.lead else "")
    of_many = bool(listed) and any(names_bodies(squeeze(title)) for title in titles)
    generic = verdict is not None and verdict.generic and not case.reading.cells
    if generic and (not listed or (of_many and is_publisher_of_all(listed[0].name))):
        return Claim(), []  # a notice with the reports of many, in the government's column or in none
    if listed:
        others = [one for one in listed[1:] if one.agency != listed[0].agency]
        return listed[0], disagreements(listed[0], [*others, *told])
    named = [claim for claim in told if not claim.is_portal_wide]
    for claim in named:  # where neither title nor column names one, what the metadata or the opening name is inferred
        for agency in case.registered(claim.name.text, year=year):
            return replace(claim, agency=agency), [finding("agency_inferred", basis=claim.basis, found=agency.name)]
    return (named[0] if named else Claim()), []


def _listing_claims(case: _Case) -> Iterator[Claim]:
    """Yield the agencies named by the link's words, the listing's own address, the organ code, the column's path."""
    listing, found = case.listing, list[Agency]()
    if case.lead:
        found += case.registered(judge(case.lead.title).agency)
    if listing:
        found += [agency for agency in case.agencies if agency.id == listing.agency][:1]
    if by_code := agency_by_code(addresses.read(case.url).code, case.agencies):
        found.append(by_code)
    if listing:
        found += case.registered(column_agency(listing.column))
    if listing and listing.covers == (AgencyKind.GOVERNMENT,):
        governments = {agency.id: agency for agency in case.agencies if agency.kind is AgencyKind.GOVERNMENT}
        found += governments.values() if len(governments) == 1 else ()
    for agency in found:
        yield Claim("listing", complete(agency.name, case.portal.place), agency=agency)


def _by_title(title: Claim, listed: Claim, case: _Case, year: int | None) -> tuple[Claim, list[Finding]]:
    """Return the agency the title prints, as the registry knows it; an unknown name may be settled by the address."""
    match = match_agency(title.name.text, case.agencies, place=case.portal.place, year=year)
    printed = title.name.text
    if match.agency:
        notes = [note for note in place_notes(title.name, case.portal.place) if note.code == "place_misread"]
        if match.is_short:
            notes.append(finding("agency_short_name", found=printed, expected=match.agency.name))
        taken = replace(title, agency=match.agency)
        others = [listed] if listed.agency and listed.agency.id != match.agency.id else []
        return taken, notes + disagreements(taken, others)
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


# ------------------------------------------------------------------------------------------- reports of several bodies


def joined_names(printed: str) -> tuple[str, ...]:
    """Return the names that a printed name joins (汶上县司法局、财政局); () for the name of one body (发展和改革局)."""
    found, begun = list[str](), ""
    for part in re.split("([、,;/和与及暨])", normalise(printed)):
        begun = "" if not begun and len(part) == 1 else begun + part
        if looks_like_body(begun):
            found.append(begun)
            begun = ""
    return tuple(found) if not begun and 1 < len(found) <= MAX_JOINED_NAMES else ()


def announced_agencies(lead: Lead, agencies: Sequence[Agency], place: str) -> tuple[str, ...]:
    """Return the ids of the agencies whose report a lead announces: one, or those whose names its title joins."""
    if lead.agency is not None:
        return (lead.agency,)
    joined = joined_names(lead.agency_name or "")
    found = (match_agency(one, agencies, place=place, year=lead.year).agency for one in joined)
    return tuple(dict.fromkeys(agency.id for agency in found if agency is not None))


def _share(case: _Case, binding: Binding) -> Binding:
    """Return a report's binding to all bodies that share it, where its text joins them or links of several lead to it.

    Those whom the text names share it; where it names none of those linked, all of them. ``covers`` of the binding
    holds them, ``agency`` is the first.
    """
    if not binding.is_report or binding.year is None or binding.report_kind is ReportKind.SYSTEM:
        return binding
    by_id = {agency.id: agency for agency in case.agencies}
    leads = [lead for lead in case.leads if lead.is_report and lead.year in (None, binding.year)]
    ids = dict.fromkeys(one for lead in leads for one in announced_agencies(lead, case.agencies, case.portal.place))
    linked = [by_id[one] for one in ids if one in by_id]
    printed, authors = _joint_authors(case, binding)
    if not authors and len(linked) < 2:
        return binding
    stated = {one.id for one in case.registered(*case.reading.identity.statements, year=binding.year)}
    if binding.agency and binding.basis.get("agency") == "title":
        authors.append(by_id[binding.agency])
    authors = list({one.id: one for one in (*authors, *(one for one in linked if one.id in stated))}.values())
    if not authors and binding.basis.get("agency") not in (None, "listing"):
        return binding  # the text names a body that none of the links names
    sharing, basis = authors or linked, "title" if authors else "listing"
    shared = replace(
        binding,
        reason="",
        agency=sharing[0].id,
        agency_name=sharing[0].name,
        report_kind=kind_of_report(Name(), sharing[0]),
        basis={**binding.basis, "agency": "statement"},
        findings=tuple(one for one in binding.findings if one.code not in _UNSURE),
    )
    if len(sharing) == 1 and not printed:
        return binding if binding.agency == sharing[0].id else shared
    names = printed or "、".join(one.name for one in sharing)
    note = finding("shared_report", case="named" if authors else "listed", found=names)
    return replace(
        shared,
        report_kind=ReportKind.SYSTEM,
        covers=tuple(one.id for one in sharing) if len(sharing) > 1 else (),
        basis={**shared.basis, "agency": basis, SHARED: basis},
        findings=(*shared.findings, note),
    )


def _joint_authors(case: _Case, binding: Binding) -> tuple[str, list[Agency]]:
    """Return the name that a title or signature joins of several bodies, and those of them that the registry knows."""
    evidence = case.reading.identity
    titled = [judge(title).agency for title in (*evidence.titles, evidence.meta.get("articletitle", ""))]
    for printed in dict.fromkeys((*titled, *evidence.statements)):
        found = case.registered(*joined_names(printed), year=binding.year)
        if found and (printed in titled or binding.agency in (None, *(one.id for one in found))):
            return printed, list(found)
    return "", []


def binding_of_each(binding: Binding, agencies: Iterable[Agency]) -> tuple[Binding, ...]:
    """Return the binding of a report once for each body whose it is."""
    if SHARED not in binding.basis:
        return (binding,)
    named = {agency.id: agency.name for agency in agencies}
    return tuple(replace(binding, agency=one, agency_name=named.get(one)) for one in binding.covers) or (binding,)


# --------------------------------------------------------------------------------------- reports in the files of a page


def title_of_link(text: str) -> str:
    """Return the words of a link to a file as a report's title ("附件1：司法局.docx" too); "" if they are none."""
    plain = _FILE_ENDING.sub("", text.strip())
    bare = normalise(_FILE_NUMBER.sub("", plain, count=1))
    titles = (plain, bare, f"{bare}{_REPORT_WORDS}" if looks_like_body(bare) else "")
    return next((title for title in titles if judge(title).could_be), "")


def names_many(title: str) -> bool:
    """Whether a title announces the reports of many bodies (汶上县2025年各部门政府信息公开工作年度报告)."""
    verdict = judge(title)
    return verdict.could_be and verdict.generic


def name_two(title: str, other: str) -> bool:
    """Whether the titles of two entries name the reports of two bodies."""
    one, two = judge_in_column(title), judge_in_column(other)
    a, b = one.agency, two.agency
    return bool(a and b) and one.could_be and two.could_be and not (a.endswith(b) or b.endswith(a))


def claim_of_link(text: str, place: str | None) -> Claim:
    """Return the body and year that the words of a link to a file name."""
    return claim_of_title(judge(title_of_link(text)), "listing", place)


def are_several(page: Reading, bound: Binding, files: Sequence[tuple[str, Reading]], place: str | None) -> bool:
    """Whether the files on a page are reports of different bodies, or years.

    ``files``: the words of each file's link, and its reading. A page with figures of its own is a report itself. Where
    the page names its own body and year, two files have to be other bodies', each by its title and its link.
    """
    pairs = [
        (own, claim_of_link(text, place))
        for text, file in files
        if file.is_report
        and ((own := claim_of_title(best_title(file.identity.titles), "title", place)).name.text or file.form)
    ]
    if page.cells or not pairs:
        return False
    if bound.is_report and bound.agency is not None and bound.year is not None:
        page_own = Claim("title", complete(bound.agency_name, place))
        agreed = [own for own, link in pairs if not own.contradicts(link)]
        others = [own for own in agreed if own.of_another_body(page_own)]
        return any(one.of_another_body(other) for one, other in combinations(others, 2))
    merged = [own.completed_by(link) for own, link in pairs]
    linked = [claim_of_link(part.text, place) for part in page.parts if part.kind == "attachment"]
    years = {one.year for one in merged} - {None}
    bodies = (*combinations(merged, 2), *combinations(linked, 2))
    return len(years) > 1 or any(one.of_another_body(other) for one, other in bodies)


def lead_to(url: str, text: str, page: Lead | None, portal: Portal) -> Lead:
    """Make the lead that a link on such a page is: its words, and the year that the page's own title names."""
    title = title_of_link(text)
    return Lead(
        portal=portal.name, listing=page.listing if page else "", url=url, title=title,
        listed=page.listed if page else None, is_report=bool(title), agency=None, agency_name=None,
        year=judge(title).year or (page.year if page else None),
        report_kind=None, confidence=0.6, reason="attachment",
    )  # fmt: skip


def withdraw_disputed(
    binding: Binding, reading: Reading, lead: Lead, portal: Portal, agencies: Sequence[Agency]
) -> Binding:
    """Withdraw agency or year of a binding where the file and its link disagree; what a person ruled stays."""
    if not binding.is_report or binding.is_ruled:
        return binding
    place, basis = portal.place, dict(binding.basis)
    file = claim_of_title(best_title(reading.identity.titles), "title", place)
    link = claim_of_link(lead.title, place)
    matched = [match_agency(one.name.text, agencies, place=place).agency for one in (file, link)]
    disputed = file.of_another_body(link) or any(one.code == "agency_conflict" for one in binding.findings)
    if disputed and (matched[0] is None or matched[0] != matched[1]):
        basis.pop("agency", None)
        binding = replace(binding, agency=None, report_kind=None, basis=basis, reason="agency_unbound")
    if file.is_of_another_year(replace(link, year=lead.year)):
        basis.pop("year", None)
        binding = replace(binding, year=None, basis=basis, reason="year_unbound")
    return binding
