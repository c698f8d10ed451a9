"""Find agencies that the registry lacks but their own reports name, and agencies that it knows only from a link. Pure.

Portals list reports under plain titles (2025年政府信息公开工作年度报告) or short names (城关镇); then only the document
says whose it is. An agency is added to the registry if it is in the portal's own place, stands on a list of its kind or
of the whole portal, and two independent parts of a document name it (title, publisher, text, path of columns), one of
them with its place, and nothing contradicts. It is *guessed*, as every agency that no source attests. An agency that
could be a known one under another name, or that no longer reports, is left to people.

Some agencies in the registry are known only from links: titles on a list of many agencies, or files on a notice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, combinations
from typing import NamedTuple

from archive.identity import divisions, names
from archive.identity.addresses import same_address
from archive.identity.agency_csv import SELF_NAMED, id_from_name
from archive.identity.classification import column_agency
from archive.identity.evidence import publishers, stated_agencies, title_in_metadata, title_of
from archive.identity.matching import agree, are_similar, differ_by_one, is_one_name, shortens
from archive.identity.names import Name, is_publisher_of_all
from archive.projection.truth import PortalTruth
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    CaptureRole,
    IdentityEvidence,
    Lead,
    Listing,
    ListingForm,
    Portal,
    ReportKind,
)

_OPERATOR_IMPORT = "import of "  # begins the source of a row from an operator's list
_HARMLESS = frozenset({"agency_unknown", "agency_inferred", "year_slip"})
_TOWNS = frozenset({AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})
_BODIES = frozenset({AgencyKind.DEPARTMENT, AgencyKind.OTHER})
_LISTED_WITH = {
    **dict.fromkeys(_TOWNS, _TOWNS),
    **dict.fromkeys(_BODIES, _BODIES | {AgencyKind.OFFICE}),
}  # kind of an agency → kinds of the lists on which it may stand
# An office, branch or station of an agency owes no report of its own, even if it signs the agency's report.
_PART_OF_AGENCY = re.compile(
    "(?:局|委|委员会|厅|府|办事处|管委会|中心).{0,4}办公室$|(?:分局|大队|中队|所|站|科|股|室|队)$"
)
_MAX_TEXT_NAMES = 20  # in running text that are read
_MAX_YEARS_BEHIND = 1  # of an agency's newest report behind the portal's newest; otherwise it may have ended


class _NamedAgency(NamedTuple):
    """An agency as one report names it: its full name, the reporting year, and the report's address."""

    name: Name
    year: int
    url: str


def self_named(
    truth: PortalTruth,
    leads: Iterable[Lead],
    bindings: Sequence[Binding],
    evidence: Mapping[str, IdentityEvidence],
    *,
    now: datetime,
) -> tuple[Agency, ...]:
    """Return the agencies to be added to the registry, by name: those that the portal's own reports name beyond doubt,
    that cannot be a known one or each other under another name, and that have a recent report. None on the site of one
    department, or of no county. ``now`` (aware): when they became known. ``leads`` (judged links), ``bindings``: as
    judged from ``truth``. ``evidence``: digest of a document → what it says about itself.
    """
    rows, place = [*chain.from_iterable(truth.agency_history.values())], truth.portal.place
    # on the site of one department other agencies' reports are only copies
    is_site_of_one = len({row.id for row in rows}) == 1 and rows[-1].kind is not AgencyKind.GOVERNMENT
    if is_site_of_one or not divisions.place(place).county:
        return ()
    reports_at, leads_to = defaultdict[str, list[Binding]](list), defaultdict[str, list[Lead]](list)
    years_of = defaultdict[str | None, set[int | None]](set)
    for binding in bindings:
        years_of[binding.agency].add(binding.year)
        if binding.is_report:
            reports_at[same_address(binding.url)].append(binding)
    for lead in leads:
        leads_to[same_address(lead.url)].append(lead)
    page_of = {one.id: one.requested for one in truth.captures}
    for file in (one for one in truth.captures if one.role is CaptureRole.ATTACHMENT):
        # a list that links a notice shows the reports in the notice's files
        leads_to[same_address(file.url)] += leads_to[same_address(page_of.get(file.via or "", ""))]
    by_name = defaultdict[str, list[_NamedAgency]](list)
    for url, reports in sorted(reports_at.items()):
        if any(_is_unbound(one) for one in reports):
            documents = [evidence[one.document] for one in reports if one.document in evidence]
            for agency in _agency_named_at(reports, leads_to[url], documents, truth):
                by_name[agency.name.text].append(agency)
    row_names = [(row, text) for row in rows for text in (row.name, *row.aliases)]
    registry = [(names.complete(text, place), row.kind, years_of[row.id]) for row, text in row_names]
    new = {text: ones for text, ones in by_name.items() if not any(_may_be_one(ones, *one, place) for one in registry)}
    candidates = {text: (ones[0].name, names.kind_of(ones[0].name), _years(ones)) for text, ones in new.items()}
    pairs = [pair for pair in combinations(new, 2) if _may_be_one(new[pair[0]], *candidates[pair[1]], place)]
    newest = max((one.year for one in bindings if one.is_report and one.year is not None), default=0)
    return tuple(
        _agency(truth.portal, ones, now)
        for text, ones in sorted(new.items())
        if not any(text in pair for pair in pairs) and max(one.year for one in ones) >= newest - _MAX_YEARS_BEHIND
    )


def _is_unbound(report: Binding) -> bool:
    """True if a report names an agency and its year is known, but it is not bound to an agency."""
    is_named = bool(report.agency_name) and report.year is not None
    return is_named and report.agency is None and report.report_kind is not ReportKind.SYSTEM


def _years(reports: Iterable[_NamedAgency]) -> set[int | None]:
    return {one.year for one in reports}


def _full_name(name: Name, place: str) -> Name:
    """Return the agency's full name (for an office of a township the township's), empty if it is not of this place."""
    county = divisions.place(place).county
    if not divisions.same_division(name.county, county) or name.foreign:
        return Name()
    local = "" if name.township else name.local
    return names.complete(county + name.township + local, place)


def _agency_named_at(
    reports: Sequence[Binding], leads: Sequence[Lead], documents: Sequence[IdentityEvidence], truth: PortalTruth
) -> Iterator[_NamedAgency]:
    """Yield the agency that the ``documents`` at one address (a page and its files) name beyond doubt, if one does. Not
    if a ruling or the registry says whose they are, names or years differ, the reading is doubted, or no list with a
    link there (``leads``) may show such an agency. ``reports``: the bindings there, each of one document.
    """
    place = truth.portal.place
    for one in reports:
        is_doubted = any(finding.code not in _HARMLESS for finding in one.findings)
        if one.is_ruled or one.agency is not None or is_doubted:
            return
    full_names = [_full_name(names.complete(one.agency_name, place), place) for one in reports if one.agency_name]
    years = {one.year for one in reports if one.year is not None}
    if len({name.text for name in full_names}) != 1 or len(years) != 1:
        return
    name, kind = full_names[0], names.kind_of(full_names[0])
    if kind not in _LISTED_WITH or not names.looks_like_agency(name.text) or _PART_OF_AGENCY.search(name.local):
        return
    linked_names = [names.complete(lead.agency_name, place) for lead in leads if lead.agency_name]
    is_another = any(lead.agency is not None for lead in leads) or not all(agree(one, name) for one in linked_names)
    is_listed = any(_may_show(truth.listing_by_id.get(lead.listing), kind, truth.portal) for lead in leads)
    if is_listed and not is_another and _is_beyond_doubt(documents, name, place):
        yield _NamedAgency(name, years.pop(), min(one.url for one in reports))


def _may_show(listing: Listing | None, kind: AgencyKind, portal: Portal) -> bool:
    """True if a list is a shared column of this portal on which agencies of ``kind`` may stand."""
    if listing is None or listing.portal != portal.name or listing.form is not ListingForm.COLUMN:
        return False
    return listing.agency is None and (not listing.covers or bool(_LISTED_WITH[kind] & set(listing.covers)))


def _is_beyond_doubt(documents: Iterable[IdentityEvidence], name: Name, place: str) -> bool:
    """True if two parts of the documents name the agency, one of them with its place, and none names another."""
    parts: set[str] = set()
    parts_with_place: set[str] = set()
    for document in documents:
        own_names = [*_own_names(document, place)]
        if not all(agree(one, name) for _, one in own_names):
            return False
        parts |= {part for part, one in own_names if _full_name(one, place).text == name.text}
        printed = [(part, one) for part, one in _own_names(document, None) if one.county]
        printed += [("text", names.complete(text, None)) for text in document.running[:_MAX_TEXT_NAMES]]
        parts_with_place |= {part for part, one in printed if _full_name(one, place).text == name.text}
    return bool(parts_with_place) and len(parts | parts_with_place) > 1


def _own_names(document: IdentityEvidence, place: str | None) -> Iterator[tuple[str, Name]]:
    """Yield the agencies that a document names as its own, each with the part of the document that does. The title in
    the metadata counts as the title; the portal's own publisher, which is on every page, is left out.
    """
    for verdict in (title_of(document)[0], title_in_metadata(document)):
        if verdict is not None and verdict.agency:
            yield "title", names.complete(verdict.agency, place)
    yield from (("publisher", name) for name in publishers(document, place) if not is_publisher_of_all(name))
    yield from (("text", name) for name in stated_agencies(document, place))
    if column := column_agency(">".join(document.breadcrumb)):
        yield "column", names.complete(column, place)


def _may_be_one(
    reports: Sequence[_NamedAgency], other: Name, kind: AgencyKind, other_years: set[int | None], place: str
) -> bool:
    """True if the agency of some reports could be another one of ``kind`` with reports on ``other_years``: the names
    are similar in meaning, mean one township as 镇 and as 街道, or differ in one character (and in the years).
    """
    name = reports[0].name
    if are_similar(name.text, other.text, place, (None, kind)):
        return True
    if name.township and other.township and divisions.stem_of(name.township) == divisions.stem_of(other.township):
        return True
    return differ_by_one(name, other) and other_years.isdisjoint(_years(reports))


def _agency(portal: Portal, reports: Sequence[_NamedAgency], now: datetime) -> Agency:
    """Make the guessed registry row of an agency, with the address of its newest report as the source."""
    newest = max(reports, key=lambda one: (one.year, one.url))
    return Agency(
        id=f"{portal.name}/{id_from_name(newest.name.text)}",
        portal=portal.name,
        name=newest.name.text,
        kind=names.kind_of(newest.name),
        source=f"{SELF_NAMED}{newest.url}",
        guessed=True,
        recorded_at=now,
    )


# -------------------------------------------------------------------------------- agencies known only from links


def shared_lists(listings: Iterable[Listing]) -> frozenset[str]:
    """Return the addresses of lists that do not belong to a single agency."""
    return frozenset(same_address(one.url) for one in listings if one.agency is None)


def sourced_from(rows: Sequence[Agency], lists: Collection[str], place: str) -> datetime | None:
    """Return since when a source other than a link names an agency; None if none does. ``rows``: its registry rows,
    oldest first; ``lists``: from :func:`shared_lists`. A row rests on a link if its source is such a list, or if it is
    guessed and its source is the page with the link. A code or a column of its own shows that the portal knows the
    agency; and the ``place`` of the portal certainly has a government.
    """

    def is_sourced(row: Agency) -> bool:
        """True if a row rests on more than a link: its source is no shared list, nor a page on which it was guessed."""
        url = row.source[row.source.find("http") :] if "http" in row.source else ""
        if not url or row.code or row.source.startswith(_OPERATOR_IMPORT):
            return True
        if not row.guessed and same_address(url) not in lists:
            return True
        return row.kind is AgencyKind.GOVERNMENT and is_one_name(names.complete(row.name, place), names.complete(place))

    return min((row.recorded_at for row in rows if is_sourced(row)), default=None)


def everyday_names(histories: Mapping[str, Sequence[Agency]], lists: Collection[str], place: str) -> frozenset[str]:
    """Return the ids of agencies known only from a link, if their name is short for exactly one agency with a source.
    Example: 交通局 on a list, 交通运输局 in an operator's file. The short name is no second agency and owes no report.
    ``histories``: agency id → registry rows, oldest first.
    """
    sourced = {agency for agency, rows in histories.items() if sourced_from(rows, lists, place) is not None}
    current_rows = [histories[agency][-1] for agency in sourced]
    return frozenset(
        agency
        for agency, rows in histories.items()
        if agency not in sourced
        and sum(row.kind is rows[-1].kind and shortens(rows[-1].name, row.name, place) for row in current_rows) == 1
    )
