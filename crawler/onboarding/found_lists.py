"""Chooses from the lists that a probe read those worth keeping; finds their reports and agencies, each once. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archive.identity import divisions, names
from archive.identity.classification import classify
from archive.identity.matching import is_one_name, key, shortens
from archive.identity.names import Name
from archive.identity.several_reports import joined_names, names_many
from crawler.items import ListingSnapshot
from crawler.lists.engine import address_key
from crawler.lists.page import PageOfList
from crawler.lists.walk import SURELY_NONE, UNCLEAR
from crawler.lists.words import agency_in_label, kinds_in_label, labels_of, latest_year, leads_to_reports
from crawler.onboarding.found_portal import SILENT, Probe, ProbedAgency, ProbedListing
from crawler.onboarding.site_facts import agency_name_in
from storage.records import NOT_A_LISTING, AgencyKind, Lead, Listing, ListingForm, LookOutcome

SEVERAL = 3  # a list with reports of so many agencies is not one agency's column
_POSSIBLE_REPORTS = UNCLEAR | {"other_title"}  # reasons; the link may be a report all the same
Row = tuple[str, str, str]  # address, label, reason


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list that a probe read: its listing, its look, and the leads that its links are."""

    listing: Listing
    look: ListingSnapshot
    leads: tuple[Lead, ...]

    @property
    def labels(self) -> list[str]:
        """The labels of the links to the list, beginning with the first that names reports."""
        trail = self.listing.column.split(">")
        first = next((at for at, label in enumerate(trail) if leads_to_reports(label)), 0)
        return [label for label in trail[first:] if label]

    @property
    def likely_reports(self) -> list[Lead]:
        """The reports on the list; if there are none and a label names reports, the links that may be reports."""
        sure = [lead for lead in self.leads if lead.is_report]
        if sure or not self.labels:
            return sure
        return [lead for lead in self.leads if lead.reason in _POSSIBLE_REPORTS and lead.confidence < SURELY_NONE]

    @property
    def own_agency(self) -> str:
        """The agency that the list's labels name (县财政局政府信息公开年报); "" if they name none."""
        agencies = (agency_in_label(label) for label in reversed(self.listing.column.split(">")))
        return next((text for text in agencies if text and agency_name_in(text)), "")

    def probed_listing(self, place: str, site_agency: str) -> ProbedListing:
        """Return the list as found. ``site_agency``: the agency that has the whole site, "" if several share it."""
        labels, reports = self.labels, self.likely_reports
        is_search = self.listing.form is ListingForm.SEARCHED
        agency, covers = _reporting_agencies(self, place, site_agency)
        # not every column with reports of one year is that year's: next year it may show those of the next
        years = {lead.year for lead in reports} if labels and latest_year(labels[-1]) is not None else set()
        return ProbedListing(
            url=self.listing.url, title=">".join(labels) or self.listing.column, form=str(self.listing.form),
            why="search" if is_search else "label" if labels else "entries",
            agency=agency, year=years.pop() if len(years) == 1 else None, covers=covers,
            reports=len({lead.url for lead in reports}), outcome=str(self.look.outcome), reason=self.look.reason,
        )  # fmt: skip


def why_left_out(read: ReadList, reads: Sequence[ReadList]) -> str | None:
    """Return why a list is not kept: the code of a reason, or "" if nobody need know; None if it is worth keeping."""
    if read.likely_reports or (read.labels and read.look.outcome in SILENT | {LookOutcome.SCRIPT_ONLY}):
        in_whole_lists = (
            lead.url for one in reads if one.look.outcome is LookOutcome.OK for lead in one.likely_reports
        )
        is_divided = read.look.reason in NOT_A_LISTING and {lead.url for lead in read.likely_reports}.issubset(
            in_whole_lists
        )
        is_shown = is_divided or any(_shows_all(other, read, reads) for other in reads)
        return "another_list_shows_it" if is_shown else None
    is_way = read.look.outcome is LookOutcome.OK or read.look.reason in NOT_A_LISTING  # a page that only leads to lists
    return "" if is_way or not read.labels else read.look.reason or str(read.look.outcome)


def _shows_all(other: ReadList, this: ReadList, reads: Sequence[ReadList]) -> bool:
    """Whether ``other`` was read to its end and shows all reports of the list ``this``; of equals, the first stays."""
    urls, other_urls = {lead.url for lead in this.likely_reports}, {lead.url for lead in other.likely_reports}
    if other is this or other.look.outcome is not LookOutcome.OK or not urls or not urls <= other_urls:
        return False
    untold = {lead.url for lead in other.likely_reports if not lead.agency_name}
    if urls & untold and this.own_agency and not other.own_agency:  # only this list tells the agency of these reports
        return False
    return urls < other_urls or this.look.outcome is not LookOutcome.OK or reads.index(this) > reads.index(other)


def add_lists(site: Probe, reads: Sequence[ReadList], site_agency: str) -> Probe:
    """Return a probe (what a look round an unknown site found) with the lists worth keeping, their reports (each once)
    and agencies, and, as ``left``, the other lists with reasons. Without lists to keep, it has no content system.
    ``site_agency``: the agency that has the whole site, "" if several share it.
    """
    reasons = [(one, why_left_out(one, reads)) for one in reads]
    chosen = [(one, one.probed_listing(site.place, site_agency)) for one, why in reasons if why is None]
    rows = dict[str, dict[str, Any]]()
    for lead, listing in ((lead, listing) for one, listing in chosen for lead in one.likely_reports):
        own_name = "" if lead.is_report else agency_name_in(lead.title)
        row = {"title": lead.title, "url": lead.url, "agency": lead.agency_name or listing.agency or own_name or None}
        year = lead.year or latest_year(listing.title.rpartition(">")[2])  # of a mere name: that of the column
        rows.setdefault(lead.url, row | {"year": year, "listing": listing.url})
    return replace(
        site, family=site.family if chosen else "", listings=tuple(listing for _, listing in chosen),
        leads=tuple(rows.values()), first_year=min((row["year"] for row in rows.values() if row["year"]), default=2008),
        agencies=tuple(ProbedAgency(listing.agency, source=listing.url) for _, listing in chosen if listing.agency),
        left=tuple((one.listing.url, ">".join(one.labels), why) for one, why in reasons if why),
    )  # fmt: skip


def ways_left(pages: Iterable[PageOfList], asked: Iterable[str], refusal: Callable[[str], str | None]) -> list[Row]:
    """Return (address, label, reason) of links on ``pages`` to columns of annual reports that a probe could not or did
    not fetch, so that the operator can look there; each address once. The reason is what ``refusal`` has against the
    address (None: nothing), else ``not_asked`` if the address is not among those ``asked`` (fetched).
    """
    keys = {*map(address_key, asked)}
    rows = dict[str, Row]()
    for label, url in (row for page in pages for row in labels_of(page)):
        reason = refusal(url) or ("" if address_key(url) in keys else "not_asked")
        is_column = leads_to_reports(label) and not classify(label, url).is_report
        if reason and is_column:
            rows.setdefault(address_key(url), (url, label, reason))
    return list(rows.values())


def _reporting_agencies(read: ReadList, place: str, site_agency: str) -> tuple[str, tuple[str, ...]]:
    """Return the one agency that a list belongs to ("" if several or unknown), and the kinds that its label names,
    unless reports of several other agencies stand on it. A label that names the county (平度市政府信息公开年报) may
    stand for its government, or for all its agencies. ``place``: the portal's; ``site_agency``: the agency that has the
    whole site, "" if several share it.
    """
    own_agency, reports = read.own_agency, read.likely_reports
    printed = {names.complete(lead.agency_name, place or None).text for lead in reports if lead.agency_name}
    kind = names.kind_of(names.complete(own_agency, place or None)) if own_agency else None
    if own_agency and (len(printed) < SEVERAL or kind is not AgencyKind.GOVERNMENT):
        return own_agency, ()
    kinds = next((kinds for label in reversed(read.labels) if (kinds := kinds_in_label(label))), ())
    if kinds and sum(names.kind_of(names.complete(one, place or None)) not in kinds for one in printed) < SEVERAL:
        return "", tuple(map(str, kinds))
    if site_agency and len(printed) < SEVERAL:
        return site_agency, ()
    years = Counter(lead.year for lead in reports if lead.year is not None)
    unnamed = any(not lead.agency_name for lead in reports)
    of_many = any(names_many(lead.title) for lead in reports)  # 各单位2024年…: a page with reports of several
    of_several = unnamed and max(years.values(), default=0) > 1  # two reports on one year, not both with an agency
    # a notice in which other agencies may publish theirs (关于公布…年报的公告)
    publishes = any(lead.reason == "notice" and lead.confidence < SURELY_NONE for lead in read.leads)
    is_of_one = len(printed) == 1 and len(reports) >= SEVERAL and not (of_many or of_several or publishes)
    return (printed.pop() if is_of_one else "", ())


# ------------------------------------------------------------------------------------------------ agencies


def agencies_of(
    place: str, division: str | None, listed: Iterable[ProbedAgency], leads: Sequence[Mapping[str, Any]]
) -> list[ProbedAgency]:
    """Return the agencies of a place with its code, each once, with the page that names it. ``listed``: those of lists
    and codes.

    A menu may omit divisions that titles print (江口镇人民政府, 重庆市武隆区江口镇人民政府), and old titles have the
    place's former name (徐水县 of 徐水区). These names must become one agency, else each of two would be called missing
    for the other's reports. The government of a place with a code is among them even if no page names it or its office:
    it owes a report (条例 art. 50), which may stand on the city's site (内黄县's on www.anyang.gov.cn).
    """
    former_names = divisions.former_names(division) if division else ()
    by_name = dict[str, ProbedAgency]()  # by the first name that each was met under
    years = defaultdict[str, set[int]](set)  # of the reports of each
    by_key = defaultdict[str, list[Name]](list)
    printed = [(one, 0) for one in listed]
    for row in leads:
        whose = str(row["agency"] or "")
        names_in_row = joined_names(whose) or (whose,)
        printed += [(ProbedAgency(one, source=str(row["listing"])), int(row["year"] or 0)) for one in names_in_row]
    nobodys = (str(row["listing"]) for row in leads if not row["agency"] and not names_many(str(row["title"])))
    if place and (source := next(nobodys, "")):  # mostly the government's reports
        printed.append((ProbedAgency(names.complete(place).text, source=source, guessed=True), 0))
    for one, year in printed:
        probed, name = _under_present_name(one, place, former_names)
        if not agency_name_in(name.text) or (place and name.foreign):
            continue
        first = next((other for other in by_key[key(name)] if name.text == other.text or _is_one(name, other)), name)
        if first is name:
            by_key[key(name)].append(name)
        agency = replace(probed, name=_in_full(name, place), kind=str(names.kind_of(name)))
        earlier = by_name.get(first.text)
        by_name[first.text] = agency if earlier is None else _join(earlier, agency)
        years[first.text] |= {year} - {0}
    agencies = _without_short_names(by_name, years, place)
    if division and agencies and not any(names.is_publisher_of_all(one) for same in by_key.values() for one in same):
        agencies.append(ProbedAgency(names.complete(place).text, str(AgencyKind.GOVERNMENT), guessed=True))
    return agencies


def _under_present_name(probed: ProbedAgency, place: str, former_names: Collection[str]) -> tuple[ProbedAgency, Name]:
    """Return an agency and its whole name; for a name with a former one of its place today's, with that as an alias."""
    name = names.complete(agency_name_in(probed.name), place or None)
    if name.county not in former_names:
        return probed, name
    today = names.complete(name.text.replace(name.county, names.complete(place).county, 1), place)
    return replace(probed, aliases=(*probed.aliases, name.text)), today


def _is_one(name: Name, other: Name) -> bool:
    return bool(name.county and other.county) and is_one_name(name, other)


def _join(earlier: ProbedAgency, later: ProbedAgency) -> ProbedAgency:
    """Return two entries of an agency as one, with the name of the first and the code of either."""
    coded = later if later.code and not earlier.code else earlier
    aliases = dict.fromkeys((*earlier.aliases, later.name, *later.aliases))
    return replace(
        earlier, code=coded.code, source=coded.source, aliases=tuple(one for one in aliases if one != earlier.name),
        guessed=earlier.guessed and later.guessed,
    )  # fmt: skip


def _in_full(name: Name, place: str) -> str:
    """Return an agency's name with its autonomous county in full, which titles shorten (大通县审计局)."""
    own, county = name.county, names.complete(place or None).county
    shortened = own and "自治" in county and len(own) < len(county) and divisions.same_division(own, county)
    return name.text.replace(own, county, 1) if shortened else name.text


def _without_short_names(
    by_name: Mapping[str, ProbedAgency], years: Mapping[str, set[int]], place: str
) -> list[ProbedAgency]:
    """Return the agencies; one with a short name becomes an alias of the only one with a longer form of it.

    Two names with a report on the same year (``years``, by name) stay two, as does a short name that fits several.
    """
    agencies = dict(by_name)
    for short, agency in by_name.items():
        other_names = (name for name, one in by_name.items() if name != short and one.kind == agency.kind)
        longer = [name for name in other_names if shortens(short, name, place)]
        if len(longer) == 1 and longer[0] in agencies and not years[short] & years[longer[0]]:
            agencies[longer[0]] = _join(agencies[longer[0]], agencies.pop(short))
    return list(agencies.values())
