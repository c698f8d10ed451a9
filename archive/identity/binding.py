"""Bind a document at an address to its agency and year: reading + lead + listing + registry + rulings. Pure.

The title decides, then the column or address, then metadata; a ruling decides over all of them. A year whose report
could not yet exist when the document was shown is a finding, never a binding. One report may be that of several bodies
(a joint name, links of several bodies), and one page may hold the reports of several in its files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations

from archive.file_endings import ENDINGS
from archive.findings import finding
from archive.identity import addresses
from archive.identity.classification import agency_by_code, column_agency, kind_of_report
from archive.identity.divisions import place as read_place
from archive.identity.divisions import split
from archive.identity.evidence import Claim, best_title, claims, place_notes, title_of, year_of
from archive.identity.matching import abbreviates, agree, key, match_agency
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
_BETWEEN = re.compile("([、,;/和与及暨])")
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


@dataclass(frozen=True, slots=True)
class _Whose:
    """The agency found: its registry row, its name completed, the evidence that decided, and what disagrees."""

    agency: Agency | None = None
    name: Name = field(default_factory=Name)
    basis: str = ""
    findings: tuple[Finding, ...] = ()


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
        return _no_report(binding.document, binding.url, "ruling", {"report": "ruling"})
    basis, changed = dict(binding.basis), replace(binding, is_report=True)
    ruled, year, kind = (decision.get(name) for name in ("agency", "year", "report_kind"))
    if isinstance(ruled, str) and ruled:
        rows = [agency for agency in agencies if agency.id == ruled]
        agency = max(rows, key=lambda row: row.recorded_at, default=None)
        name = agency.name if agency else binding.agency_name
        kind_of_agency = kind_of_report(Name(), agency) if agency else binding.report_kind
        changed = replace(changed, agency=ruled, agency_name=name, report_kind=kind_of_agency)
        basis["agency"] = "ruling"
    if isinstance(year, int) and not isinstance(year, bool):
        changed = replace(changed, year=year)
        basis["year"] = "ruling"
    if isinstance(kind, str) and kind in tuple(ReportKind):
        changed = replace(changed, report_kind=ReportKind(kind))
        basis["report_kind"] = "ruling"
    whole = changed.agency is not None and changed.year is not None
    return replace(changed, basis=basis, reason="" if whole else changed.reason)


def _no_report(document: str, url: str, reason: str, basis: Mapping[str, str] | None = None) -> Binding:
    return Binding(
        document=document, url=url, is_report=False, reason=reason, agency=None, agency_name=None, year=None,
        report_kind=None, basis=basis or {},
    )  # fmt: skip


def _bind(case: _Case) -> Binding:
    """Bind by evidence alone."""
    nothing = _no_report(case.reading.document, case.url, _why_not(case))
    if nothing.reason:
        return nothing
    verdict, basis = title_of(case.reading.identity)
    if (verdict is None or not (verdict.agency or verdict.years)) and case.lead and judge(case.lead.title).could_be:
        verdict, basis = judge(case.lead.title), "listing"
    found = year_of(case.reading.identity, verdict, basis, _listed_years(case))
    year, notes = found.year, [*found.findings]
    if year is not None and not could_exist(year, case.shown_at):
        notes.append(finding("year_conflict", case="shown_before", basis=found.basis, found=year))
        year = None
    reasons = {"year": found.basis} if year is not None else {}
    if verdict and verdict.system:
        note = finding("system_report", found=verdict.agency)
        whose = _Whose(_leader_of_system(case, verdict), Name(verdict.agency), basis, (note,))
        kind: ReportKind | None = ReportKind.SYSTEM
        reasons["system"] = verdict.agency
    else:
        whose = _whose_report(case, verdict, basis, year)
        kind = kind_of_report(whose.name, whose.agency)
    if whose.agency or whose.name.text:
        reasons["agency"] = whose.basis
    unbound = "year_unbound" if year is None else "" if whose.agency else "agency_unbound"
    return replace(
        nothing,
        is_report=True,
        reason=unbound,
        agency=whose.agency.id if whose.agency else None,
        agency_name=whose.name.text or None,
        year=year,
        report_kind=kind,
        basis=reasons,
        findings=tuple(dict.fromkeys((*whose.findings, *notes))),
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
    titles = (*reading.identity.titles, reading.title, lead.title if lead else "")
    if any(judge(title).could_be for title in reading.identity.titles):
        return ""
    verdict = judge(next((title for title in titles if title.strip()), ""))
    never = verdict.reason in _NEVER or (verdict.reason in _NO_FORM and not reading.cells)
    return verdict.reason if never and not verdict.could_be else ""


def _listed_years(case: _Case) -> list[tuple[str, int]]:
    """Return the reporting years that the address, the listing and the link name."""
    named = [case.listing.year if case.listing else None, case.lead.year if case.lead else None]
    years = dict.fromkeys([addresses.read(case.url).report_year, *named])
    return [("listing", year) for year in years if year is not None]


# ------------------------------------------------------------------------------------------------------- whose it is


def _whose_report(case: _Case, verdict: TitleVerdict | None, basis: str, year: int | None) -> _Whose:
    """Return the agency: by the title, else the column or address, else metadata and statements."""
    found = claims(case.reading.identity, verdict, basis, case.portal.place)
    listed = list(_listing_claims(case))
    if found and found[0].basis == "title":
        whose, others = _by_title(found[0], listed[0] if listed else None, case, year), found[1:]
    else:
        generic = verdict is not None and verdict.generic and not case.reading.cells
        titles = (*case.reading.identity.titles, case.lead.title if case.lead else "")
        of_many = bool(listed) and any(names_bodies(squeeze(title)) for title in titles)
        if generic and (not listed or (of_many and is_publisher_of_all(listed[0][1]))):
            return _Whose()  # a notice with the reports of many, in the government's column or in none
        whose, others = _by_listing(listed), found
        if whose.agency is None:
            whose, others = _by_document(found, case, year), ()
    conflicts = [
        finding("agency_conflict", basis=claim.basis, found=claim.name.text, expected=whose.name.text)
        for claim in others
        if whose.name.text and not agree(whose.name, claim.name) and not claim.is_portal_wide
    ]
    return replace(whose, findings=tuple(dict.fromkeys((*whose.findings, *conflicts))))


def _listing_claims(case: _Case) -> Iterator[tuple[Agency, Name]]:
    """Yield the agencies named by the link's words, the listing's own address, the organ code, the column's path."""
    place, listing, agencies = case.portal.place, case.listing, case.agencies
    words = [judge(case.lead.title).agency if case.lead else "", column_agency(listing.column if listing else "")]
    link, column = (match_agency(text, agencies, place=place).agency if text else None for text in words)
    own = next((agency for agency in agencies if listing and agency.id == listing.agency), None)
    coded = agency_by_code(addresses.read(case.url).code, agencies)
    governments = {agency.id: agency for agency in agencies if agency.kind is AgencyKind.GOVERNMENT}
    of_government = listing is not None and listing.covers == (AgencyKind.GOVERNMENT,)
    only = next(iter(governments.values())) if of_government and len(governments) == 1 else None
    for agency in filter(None, (link, own, coded, column, only)):
        yield agency, complete(agency.name, place)


def _by_title(title: Claim, first: tuple[Agency, Name] | None, case: _Case, year: int | None) -> _Whose:
    """Return the agency the title prints, as the registry knows it; an unknown name may be settled by the address."""
    match = match_agency(title.name.text, case.agencies, place=case.portal.place, year=year)
    printed, listed = title.name.text, first[0] if first else None
    if match.agency:
        notes = [note for note in place_notes(title.name, case.portal.place) if note.code == "place_misread"]
        if match.how == "short":
            notes.append(finding("agency_short_name", found=printed, expected=match.agency.name))
        if first and first[0].id != match.agency.id and not agree(title.name, first[1]):
            notes.append(finding("agency_conflict", basis="listing", found=first[0].name, expected=match.agency.name))
        return _Whose(match.agency, title.name, title.basis, tuple(notes))
    if match.ambiguous:
        if first and first[0].id in match.ambiguous:
            return _Whose(first[0], first[1], "listing")
        note = finding("agency_ambiguous", found=printed, expected="、".join(match.ambiguous))
        return _Whose(None, title.name, title.basis, (note,))
    if first and listed and _is_akin(title.name, first[1]):
        note = finding("agency_conflict", basis=title.basis, found=printed, expected=listed.name)
        return _Whose(listed, first[1], "listing", (note,))
    if title.name.foreign:
        return _Whose(
            None, title.name, title.basis, (finding("foreign_report", found=printed, expected=case.portal.place),)
        )
    notes = [finding("agency_unknown", found=printed)]
    if listed:
        notes.append(finding("agency_conflict", basis="listing", found=listed.name, expected=printed))
    return _Whose(None, title.name, title.basis, tuple(notes))


def _is_akin(one: Name, other: Name) -> bool:
    """Whether two names are so near that an address settles which is meant (教育局, at that of 教育和体育局)."""
    if one.foreign or other.foreign or one.township or other.township:
        return False
    a, b = key(one), key(other)
    misprint = len(a) == len(b) >= 4 and sum(x != y for x, y in zip(a, b, strict=True)) == 1
    return misprint or abbreviates(a, b)


def _by_listing(listed: Sequence[tuple[Agency, Name]]) -> _Whose:
    """Return the agency that the link, the address or the column names first; another one named there is a finding."""
    if not listed:
        return _Whose()
    agency, name = listed[0]
    notes = [
        finding("agency_conflict", basis="listing", found=other.name, expected=agency.name)
        for other, other_name in listed[1:]
        if other.id != agency.id and not agree(name, other_name)
    ]
    return _Whose(agency, name, "listing", tuple(dict.fromkeys(notes)))


def _by_document(found: Sequence[Claim], case: _Case, year: int | None) -> _Whose:
    """Return what the metadata or the opening name, where no title and no column does; said as inferred."""
    named = [claim for claim in found if not claim.is_portal_wide]
    for claim in named:
        agency = match_agency(claim.name.text, case.agencies, place=case.portal.place, year=year).agency
        if agency:
            note = finding("agency_inferred", basis=claim.basis, found=agency.name)
            return _Whose(agency, claim.name, claim.basis, (note,))
    return _Whose(None, named[0].name, named[0].basis) if named else _Whose()


def _leader_of_system(case: _Case, verdict: TitleVerdict) -> Agency | None:
    """Return the body that leads a system ("规划和自然资源系统" → …局), if the registry knows exactly one."""
    stem = verdict.agency.removesuffix("系统")
    names = [stem + ending for ending in ("局", "委员会", "厅", "办公室")]
    found = {one.id: one for name in names for one in bodies_of(name, case.agencies, case.portal.place)}
    return next(iter(found.values())) if len(found) == 1 else None


# ------------------------------------------------------------------------------------------- reports of several bodies


def joined_names(printed: str, place: str) -> tuple[str, ...]:
    """Return the names that a printed name joins: 汶上县司法局、财政局, or 汶上县司法局汶上县财政局 without a sign.

    Return () for the name of one body, of which 和 may be a part (发展和改革局).
    """
    plain, found, begun = normalise(printed), [], ""
    for part in _BETWEEN.split(plain):
        begun = "" if not begun and _BETWEEN.fullmatch(part) else begun + part
        if looks_like_body(begun):
            found.append(begun)
            begun = ""
    if not begun and 1 < len(found) <= MAX_JOINED_NAMES:
        return tuple(found)
    county = read_place(place).county
    parts = [county + rest for rest in plain.split(county)[1:]] if county and plain.startswith(county) else []
    apart = all(looks_like_body(one) and not is_publisher_of_all(complete(one, place)) for one in parts)
    return tuple(parts) if apart and 1 < len(parts) <= MAX_JOINED_NAMES else ()


def name_two(title: str, other: str) -> bool:
    """Whether the titles of two entries name the reports of two bodies."""
    one, two = judge_in_column(title), judge_in_column(other)
    a, b = one.agency, two.agency
    return bool(a and b) and one.could_be and two.could_be and not (a.endswith(b) or b.endswith(a))


def bodies_of(printed: str, agencies: Sequence[Agency], place: str, year: int | None = None) -> tuple[Agency, ...]:
    """Return the agencies of the registry that a printed name names: one, or those whose names it joins."""

    def known(parts: Iterable[str]) -> tuple[Agency, ...]:
        found = (match_agency(part, agencies, place=place, year=year).agency for part in parts)
        return tuple({agency.id: agency for agency in found if agency is not None}.values())

    beside = re.fullmatch(r"([^()]{3,40})\(([^()]{3,40})\)", normalise(printed))  # 文化和旅游局(文物局)
    both = known(beside.groups()) if beside and split(beside[1])[1] else ()
    return both if len(both) > 1 else known((printed,)) or known(joined_names(printed, place))


def announced_agencies(lead: Lead, agencies: Sequence[Agency], place: str) -> tuple[str, ...]:
    """Return the ids of the agencies whose report a lead announces: one, or those whose names its title joins."""
    if lead.agency is not None:
        return (lead.agency,)
    if not lead.agency_name or not joined_names(lead.agency_name, place):
        return ()
    return tuple(agency.id for agency in bodies_of(lead.agency_name, agencies, place, lead.year))


def _share(case: _Case, binding: Binding) -> Binding:
    """Return a report's binding to all bodies that share it, where its text joins them or links of several lead to it.

    Those whom the text names share it; where it names none of those linked, all of them. ``covers`` of the binding
    holds them, ``agency`` is the first.
    """
    if not binding.is_report or binding.year is None or binding.report_kind is ReportKind.SYSTEM:
        return binding
    printed, authors = _joint_authors(case, binding)
    linked = _linked_agencies(case, binding.year)
    if not authors and len(linked) < 2:
        return binding
    authors += tuple(one for one in _named_among(linked, case, binding) if one not in authors)
    if len(authors) == 1 and not printed:
        return binding if binding.agency == authors[0].id else _bind_to(authors, binding)
    if not authors and binding.basis.get("agency") not in (None, "listing"):
        return binding  # the text names a body that none of the links names
    basis, sharing = ("title", authors) if authors else ("listing", linked)
    names = printed or "、".join(one.name for one in sharing)
    shared = _bind_to(sharing, binding)
    note = finding("shared_report", case="named" if authors else "listed", found=names)
    reasons = {**shared.basis, "agency": basis, SHARED: basis}
    return replace(shared, report_kind=ReportKind.SYSTEM, basis=reasons, findings=(*shared.findings, note))


def _joint_authors(case: _Case, binding: Binding) -> tuple[str, tuple[Agency, ...]]:
    """Return the name that a title or signature joins of several bodies, and those of them that the registry knows."""
    evidence, place = case.reading.identity, case.portal.place
    titled = [judge(title).agency for title in (*evidence.titles, evidence.meta.get("articletitle", ""))]
    for printed in dict.fromkeys((*titled, *evidence.statements)):
        if "(" not in printed and not joined_names(printed, place):
            continue  # nearly all
        found = bodies_of(printed, case.agencies, place, binding.year)
        is_one = len(found) == 1 and match_agency(printed, case.agencies, place=place).agency is not None
        if found and not is_one and (printed in titled or binding.agency in (None, *(one.id for one in found))):
            return printed, found
    return "", ()


def _linked_agencies(case: _Case, year: int) -> tuple[Agency, ...]:
    """Return the agencies under whose titles links lead to the report."""
    by_id = {agency.id: agency for agency in case.agencies}
    leads = [lead for lead in case.leads if lead.is_report and lead.year in (None, year)]
    found = dict.fromkeys(one for lead in leads for one in announced_agencies(lead, case.agencies, case.portal.place))
    return tuple(by_id[one] for one in found if one in by_id)


def _named_among(linked: Sequence[Agency], case: _Case, binding: Binding) -> list[Agency]:
    """Return those of the linked agencies that the text names as its own, whom its title names first."""
    place, statements = case.portal.place, case.reading.identity.statements
    named = {one.id for text in statements for one in bodies_of(text, case.agencies, place, binding.year)}
    titled = binding.agency if binding.basis.get("agency") == "title" else None
    by_title = [one for one in case.agencies if one.id == titled][-1:]
    return [*by_title, *(one for one in linked if one.id in named and one.id != titled)]


def _bind_to(agencies: Sequence[Agency], binding: Binding) -> Binding:
    """Return the binding to the first of the agencies, without doubts about which body it names."""
    first = agencies[0]
    return replace(
        binding,
        reason="",
        agency=first.id,
        agency_name=first.name,
        report_kind=kind_of_report(Name(), first),
        covers=tuple(one.id for one in agencies) if len(agencies) > 1 else (),
        basis={**binding.basis, "agency": "statement"},
        findings=tuple(one for one in binding.findings if one.code not in _UNSURE),
    )


def binding_of_each(binding: Binding, agencies: Iterable[Agency]) -> tuple[Binding, ...]:
    """Return the binding of a report once for each body whose it is."""
    if SHARED not in binding.basis:
        return (binding,)
    named = {agency.id: agency.name for agency in agencies}
    return tuple(replace(binding, agency=one, agency_name=named.get(one)) for one in binding.covers) or (binding,)


def linked_for_another(name: str, holder: str) -> Finding:
    """Return the finding for a body whose link leads to a page whose text names only another linked body."""
    return finding("shared_report", case="one_named", found=f"{holder}、{name}", holder=holder, name=name)


def linked_together(names: Sequence[str]) -> Finding:
    """Return the finding for bodies whose links lead to one file that could not be fetched."""
    return finding("shared_report", case="not_fetched", found="、".join(names))


# --------------------------------------------------------------------------------------- reports in the files of a page


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """Whose report something says it is, and on which year; None where it does not say."""

    name: Name | None = None
    year: int | None = None

    def of_another_body(self, other: OwnClaim) -> bool:
        """Whether the two are two bodies' own."""
        return self.name is not None and other.name is not None and not agree(self.name, other.name)

    def differs(self, other: OwnClaim) -> bool:
        """Whether the two cannot be one report."""
        years = self.year is not None and other.year is not None and self.year != other.year
        return years or self.of_another_body(other)


def title_of_link(text: str) -> str:
    """Return the words of a link to a file as a report's title ("附件1：司法局.docx" too); "" if they are none."""
    plain = _FILE_ENDING.sub("", text.strip())
    bare = normalise(_FILE_NUMBER.sub("", plain, count=1))
    if found := next((title for title in (plain, bare) if judge(title).could_be), ""):
        return found
    return bare + _REPORT_WORDS if looks_like_body(bare) and judge(bare + _REPORT_WORDS).agency == bare else ""


def names_many(title: str) -> bool:
    """Whether a title announces the reports of many bodies (汶上县2025年各部门政府信息公开工作年度报告)."""
    verdict = judge(title)
    return verdict.could_be and verdict.generic


def claim_of_link(text: str, place: str | None) -> OwnClaim:
    """Return the body and year that the words of a link name."""
    title = title_of_link(text)
    return _own_claim(judge(title), place) if title else OwnClaim()


def claim_of_file(reading: Reading, place: str | None) -> OwnClaim:
    """Return the body and year that the printed title of a file names."""
    return _own_claim(best_title(reading.identity.titles), place)


def _own_claim(verdict: TitleVerdict | None, place: str | None) -> OwnClaim:
    if verdict is None or not verdict.could_be:
        return OwnClaim()
    name = complete(verdict.agency, place) if verdict.agency and not verdict.system else Name()
    return OwnClaim(name if name.text else None, verdict.year)


def are_several(page: Reading, bound: Binding, files: Sequence[tuple[str, Reading]], place: str | None) -> bool:
    """Whether the files on a page are reports of different bodies, or years.

    ``files``: the words of each file's link, and its reading. A page with figures of its own is a report itself. Where
    the page names its own body and year, two files have to be other bodies', each by its title and its link.
    """
    read = [(claim_of_file(file, place), claim_of_link(text, place), file) for text, file in files if file.is_report]
    pairs = [(own, link) for own, link, file in read if own.name is not None or file.form is not None]
    if page.cells or not pairs:
        return False
    if bound.is_report and bound.agency is not None and bound.year is not None:
        page_own = OwnClaim(complete(bound.agency_name, place))
        agreed = [own for own, link in pairs if own.of_another_body(page_own) and link.of_another_body(page_own)]
        agreed = [own for own, link in pairs if own in agreed and not own.differs(link)]
        return _any_two(agreed, OwnClaim.of_another_body)
    linked = [claim_of_link(part.text, place) for part in page.parts if part.kind == "attachment"]
    merged = [OwnClaim(own.name or link.name, own.year or link.year) for own, link in pairs]
    return _any_two(merged, OwnClaim.differs) or _any_two(linked, OwnClaim.of_another_body)


def _any_two(found: Sequence[OwnClaim], differ: Callable[[OwnClaim, OwnClaim], bool]) -> bool:
    return any(differ(one, other) for one, other in combinations(found, 2))


def lead_to(url: str, text: str, page: Lead | None, portal: Portal) -> Lead:
    """Make the lead that a link on such a page is: its words, and the year that the page's own title names."""
    title = title_of_link(text)
    verdict = judge(title) if title else None
    year = (verdict.year if verdict else None) or (page.year if page else None)
    return Lead(
        portal=portal.name, listing=page.listing if page else "", url=url, title=title,
        listed=page.listed if page else None, is_report=verdict is not None, agency=None, agency_name=None, year=year,
        report_kind=None, confidence=0.6, reason="attachment",
    )  # fmt: skip


def withdraw_disputed(
    binding: Binding, reading: Reading, lead: Lead, portal: Portal, agencies: Sequence[Agency]
) -> Binding:
    """Withdraw agency or year of a binding where the file and its link disagree; what a person ruled stays."""
    if not binding.is_report or binding.is_ruled:
        return binding
    place = portal.place
    file, link = claim_of_file(reading, place), claim_of_link(lead.title, place)
    matched = [match_agency(one.name.text, agencies, place=place).agency for one in (file, link) if one.name]
    same = len(matched) == 2 and matched[0] is not None and matched[0] == matched[1]
    disputed = file.of_another_body(link) or any(one.code == "agency_conflict" for one in binding.findings)
    basis = dict(binding.basis)
    if disputed and not same:
        basis.pop("agency", None)
        binding = replace(binding, agency=None, report_kind=None, basis=basis, reason="agency_unbound")
    if file.year is not None and lead.year is not None and file.year != lead.year:
        basis.pop("year", None)
        binding = replace(binding, year=None, basis=basis, reason="year_unbound")
    return binding
