"""Bodies that the registry lacks, or knows from a link alone. Pure.

Portals list reports under plain titles (2025年政府信息公开工作年度报告) or short names (城关镇): then only the document
says whose it is. Taken into the registry is a body of the portal's own place, found on a list of its kind or of the
whole portal, that two parts of a document made independently of each other name (title, publisher, text, path of
columns), one of them with its place, and nothing contradicts. It is *guessed*, as every body that no source attests.
Who could be a body of the registry under another name, or has fallen silent since, is left to people.

Bodies that nothing but links names stand in the registry too: titles on a list of many bodies, or files on a notice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

from archive.identity import divisions, names
from archive.identity.addresses import same_address
from archive.identity.agency_csv import SELF_NAMED, id_from_name
from archive.identity.classification import column_agency
from archive.identity.evidence import publishers, stated_bodies, title_in_metadata, title_of
from archive.identity.matching import agree, are_similar, differ_by_one, is_one_name, shortens
from archive.identity.names import Name, is_publisher_of_all
from storage.records import (
    Agency,
    AgencyKind,
    Binding,
    IdentityEvidence,
    Lead,
    Listing,
    ListingForm,
    Portal,
    ReportKind,
)

_BY_AN_OPERATOR = "import of "  # begins the source of a row that an operator's list gave
_HARMLESS = frozenset({"agency_unknown", "agency_inferred", "year_slip"})
_TOWNS = frozenset({AgencyKind.TOWNSHIP, AgencyKind.SUBDISTRICT})
_BODIES = frozenset({AgencyKind.DEPARTMENT, AgencyKind.OTHER})
_LISTED_WITH = {
    **dict.fromkeys(_TOWNS, _TOWNS),
    **dict.fromkeys(_BODIES, _BODIES | {AgencyKind.OFFICE}),
}  # on lists of these kinds stands a body of this one, too
# An office, a branch or a station of a body owes no report beside it, though it signs the body's.
_PART = re.compile("(?:局|委|委员会|厅|府|办事处|管委会|中心).{0,4}办公室$|(?:分局|大队|中队|所|站|科|股|室|队)$")
_RUNNING = 20  # names in running text that are looked at
_SILENT = 1  # years that a body's newest report may lie behind the portal's newest: it may have ended since


class _NamedBody(NamedTuple):
    """A body as one report names it: its name in full, the reporting year, the report's address."""

    name: Name
    year: int
    url: str


class _Site(NamedTuple):
    """What names at a portal are held against: its place as written, the county or city of it, and its lists by id."""

    portal: Portal
    place: str
    county: str
    lists: Mapping[str, Listing]

    def body(self, name: Name) -> Name:
        """The body of a name in full, without higher divisions; of an office of a township the township's."""
        if not divisions.same_division(name.county, self.county) or name.foreign:
            return Name()
        local = "" if name.township else name.local
        return names.complete(self.county + name.township + local, self.place)


def self_named(
    portal: Portal,
    rows: Sequence[Agency],
    listings: Iterable[Listing],
    leads: Iterable[Lead],
    bindings: Sequence[Binding],
    evidence: Mapping[str, IdentityEvidence],
    *,
    now: datetime,
) -> tuple[Agency, ...]:
    """Give the bodies to be taken into the registry, by name; ``now`` (aware) is when they became known.

    ``rows``: every row of every agency of the portal, former ones included. ``leads``, ``bindings``: as judged with
    them. ``evidence``: what each document says of itself, by digest.
    """
    site = _Site(portal, portal.place, divisions.place(portal.place).county, {one.id: one for one in listings})
    reports = [one for one in bindings if one.is_report]
    unbound = {same_address(one.url) for one in reports if _is_nobodys(one)}
    # on the site of one department what else stands there is others', shown again
    is_site_of_one = len({row.id for row in rows}) == 1 and rows[-1].kind is not AgencyKind.GOVERNMENT
    if not site.county or not unbound or is_site_of_one:
        return ()
    at, linked = defaultdict[str, list[Binding]](list), defaultdict[str, list[Lead]](list)
    for binding in reports:
        at[same_address(binding.url)].append(binding)
    for lead in leads:
        linked[same_address(lead.url)].append(lead)
    by_name: dict[str, list[_NamedBody]] = {}
    for url in sorted(unbound):
        body = _body_named_at(at[url], linked.get(url, ()), evidence, site)
        if body is not None:
            by_name.setdefault(body.name.text, []).append(body)
    newest = max((one.year for one in reports if one.year is not None), default=0)
    new = {text: ones for text, ones in by_name.items() if not _is_known(ones, rows, bindings, site.place)}
    doubled = {text for pair in combinations(new, 2) if _are_similar(new[pair[0]], new[pair[1]], site) for text in pair}
    return tuple(
        _agency(portal, ones, now)
        for text, ones in sorted(new.items())
        if text not in doubled and max(one.year for one in ones) >= newest - _SILENT
    )


def _is_nobodys(report: Binding) -> bool:
    """Whether a report is bound to nobody, though it names a body and its year is known."""
    is_named = bool(report.agency_name) and report.year is not None
    return is_named and report.agency is None and report.report_kind is not ReportKind.SYSTEM


def _body_named_at(
    reports: Sequence[Binding], leads: Sequence[Lead], evidence: Mapping[str, IdentityEvidence], site: _Site
) -> _NamedBody | None:
    """Give the body that what stands at one address names beyond doubt (a page and its files are one report)."""
    for one in reports:
        is_doubted = any(finding.code not in _HARMLESS for finding in one.findings)
        if one.is_ruled or one.agency is not None or is_doubted:
            return None
    bodies = [site.body(names.complete(one.agency_name, site.place)) for one in reports if one.agency_name]
    years = {one.year for one in reports if one.year is not None}
    if len({name.text for name in bodies}) != 1 or len(years) != 1:
        return None
    name, documents = bodies[0], [evidence[one.document] for one in reports if one.document in evidence]
    kind = names.kind_of(name)
    if kind not in _LISTED_WITH or not names.looks_like_body(name.text) or _PART.search(name.local):
        return None
    if any(_is_anothers(lead, name, site) for lead in leads):
        return None
    is_listed = any(_may_show(site.lists.get(lead.listing), kind, site.portal) for lead in leads)
    if not is_listed or not _is_beyond_doubt(documents, name, site):
        return None
    return _NamedBody(name, years.pop(), min(one.url for one in reports))


def _is_anothers(lead: Lead, name: Name, site: _Site) -> bool:
    """Whether a link's own words name another body."""
    if lead.agency is not None:
        return True
    return bool(lead.agency_name) and not agree(names.complete(lead.agency_name, site.place), name)


def _may_show(listing: Listing | None, kind: AgencyKind, portal: Portal) -> bool:
    """Whether a list is one of many bodies, among them such of this kind."""
    if listing is None or listing.portal != portal.name or listing.form is not ListingForm.COLUMN:
        return False
    return listing.agency is None and (not listing.covers or bool(_LISTED_WITH[kind] & set(listing.covers)))


def _is_beyond_doubt(documents: Iterable[IdentityEvidence], name: Name, site: _Site) -> bool:
    """Whether two parts of the documents name the body, one of them with its place, and none names another."""
    parts: set[str] = set()
    full: set[str] = set()
    for document in documents:
        bodies = [*_bodies_named(document, site.place)]
        if not all(agree(one, name) for _, one in bodies):
            return False
        parts |= {part for part, one in bodies if site.body(one).text == name.text}
        printed = [(part, one) for part, one in _bodies_named(document, None) if one.county]
        printed += [("text", names.complete(text, None)) for text in document.running[:_RUNNING]]
        full |= {part for part, one in printed if site.body(one).text == name.text}
    return bool(full) and len(parts | full) > 1


def _bodies_named(document: IdentityEvidence, place: str | None) -> Iterator[tuple[str, Name]]:
    """Yield the bodies that a document gives as its own, with the part of it that does. The title in its metadata is
    the title again; the portal's own publisher, who stands on every page, is left out.
    """
    for verdict in (title_of(document)[0], title_in_metadata(document)):
        if verdict is not None and verdict.agency:
            yield "title", names.complete(verdict.agency, place)
    yield from (("publisher", name) for name in publishers(document, place) if not is_publisher_of_all(name))
    yield from (("text", name) for name in stated_bodies(document, place))
    if column := column_agency(">".join(document.breadcrumb)):
        yield "column", names.complete(column, place)


def _is_known(bodies: Sequence[_NamedBody], rows: Iterable[Agency], bindings: Iterable[Binding], place: str) -> bool:
    """Whether the registry has a body that could be this one: of a like name, now or formerly."""
    years = {one.year for one in bodies}
    beside = {binding.agency for binding in bindings if binding.year in years}
    return any(
        _may_be_one_body(bodies[0].name, names.complete(text, place), row.kind, place, beside=row.id in beside)
        for row in rows
        for text in (row.name, *row.aliases)
    )


def _are_similar(one: Sequence[_NamedBody], other: Sequence[_NamedBody], site: _Site) -> bool:
    beside = bool({met.year for met in one} & {met.year for met in other})
    return _may_be_one_body(one[0].name, other[0].name, names.kind_of(other[0].name), site.place, beside=beside)


def _may_be_one_body(name: Name, other: Name, kind: AgencyKind, place: str, *, beside: bool) -> bool:
    """Whether two names could be one body's: alike in matter, one township as 镇 and as 街道, or one character amiss
    (two that have reports on one year, ``beside`` each other, are two).
    """
    if are_similar(name.text, other.text, place, (None, kind)):
        return True
    if name.township and other.township and divisions.stem_of(name.township) == divisions.stem_of(other.township):
        return True
    return differ_by_one(name, other) and not beside


def _agency(portal: Portal, bodies: Sequence[_NamedBody], now: datetime) -> Agency:
    newest = max(bodies, key=lambda one: (one.year, one.url))
    return Agency(
        id=f"{portal.name}/{id_from_name(newest.name.text)}",
        portal=portal.name,
        name=newest.name.text,
        kind=names.kind_of(newest.name),
        source=f"{SELF_NAMED}{newest.url}",
        guessed=True,
        recorded_at=now,
    )


# -------------------------------------------------------------------------------- bodies by link only


def shared_lists(listings: Iterable[Listing]) -> frozenset[str]:
    """Return the addresses of lists that are not one body's own."""
    return frozenset(same_address(one.url) for one in listings if one.agency is None)


def sourced_from(rows: Sequence[Agency], lists: Collection[str], place: str) -> datetime | None:
    """Return since when a source other than a link names a body; None if none does.

    ``rows``: its registry rows, oldest first; ``lists``: as :func:`shared_lists` gives them. A row names a link where
    its source is one of these, or where it is guessed and its source is the page on which the link stands. A code or
    column of its own says that the portal knows the body, and the ``place`` of the portal has a government.
    """

    def is_sourced(row: Agency) -> bool:
        url = row.source[row.source.find("http") :] if "http" in row.source else ""
        if not url or row.code or row.source.startswith(_BY_AN_OPERATOR):
            return True
        if not row.guessed and same_address(url) not in lists:
            return True
        return row.kind is AgencyKind.GOVERNMENT and is_one_name(names.complete(row.name, place), names.complete(place))

    return min((row.recorded_at for row in rows if is_sourced(row)), default=None)


def everyday_names(histories: Mapping[str, Sequence[Agency]], lists: Collection[str], place: str) -> frozenset[str]:
    """Return the ids of bodies that are but the everyday name, in a link, of exactly one body that a source names
    (交通局 on a list, 交通运输局 in the operator's): these owe nothing beside it.

    ``histories``: the registry rows of each body, oldest first.
    """
    sourced = {name for name, rows in histories.items() if sourced_from(rows, lists, place) is not None}
    full = [histories[name][-1] for name in sourced]
    return frozenset(
        name
        for name, rows in histories.items()
        if name not in sourced
        and sum(row.kind is rows[-1].kind and shortens(rows[-1].name, row.name, place) for row in full) == 1
    )
