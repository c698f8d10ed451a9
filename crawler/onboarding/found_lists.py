"""Chooses from the lists that a probe read those worth keeping; finds their reports and agencies, each once. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archive.identity import divisions, names
from archive.identity.matching import is_one_name, key, shortens
from archive.identity.names import Name
from archive.identity.several_reports import joined_names, name_two, names_many
from crawler.items import ListingSnapshot
from crawler.lists.engine import address_key
from crawler.lists.labels import OPENNESS, REPORTS, body_in_label, kinds_in_label, latest_year, rule_for
from crawler.lists.walk import SURELY_NONE
from crawler.onboarding.addressed import body_name
from crawler.onboarding.probe_results import SILENT, ProbedAgency, ProbedListing
from storage.records import NOT_A_LISTING, AgencyKind, Lead, Listing, ListingForm, LookOutcome

MAX_NOTICES = 4
SEVERAL = 3  # a list with reports of so many agencies is not one agency's column
_UNTOLD = frozenset({"other_title", "cut_title", "notice"})  # reasons for links that may be reports all the same
Row = tuple[str, str, str]  # address, label, reason


@dataclass(frozen=True, slots=True)
class Read:
    """A look at a list in a probe, with its listing and the leads that its links are."""

    listing: Listing
    look: ListingSnapshot
    leads: tuple[Lead, ...]

    @property
    def labels(self) -> list[str]:
        """The labels of the links to the list, beginning with the first that names reports."""
        trail = self.listing.column.split(">")
        first = next((at for at, label in enumerate(trail) if (rule_for(label, OPENNESS) or ("",))[0] == REPORTS), 0)
        return [label for label in trail[first:] if label]

    @property
    def reports(self) -> list[Lead]:
        """The reports on the list; if there are none and a label names reports, the links that may be reports."""
        sure = [lead for lead in self.leads if lead.is_report]
        if sure or not self.labels:
            return sure
        return [lead for lead in self.leads if lead.reason in _UNTOLD and lead.confidence < SURELY_NONE]

    @property
    def is_whole(self) -> bool:
        """Whether the list was read to its end."""
        return self.look.outcome is LookOutcome.OK

    @property
    def why(self) -> str:
        """How the list was found: ``search``, by a ``label`` that names reports, or by its ``entries``."""
        if self.listing.form is ListingForm.SEARCHED:
            return "search"
        return "label" if self.labels else "entries"

    @property
    def own_body(self) -> str:
        """The agency that the list's labels name (县财政局政府信息公开年报); "" if they name none."""
        said = (body_in_label(label) for label in reversed(self.listing.column.split(">")))
        return next((text for text in said if text and body_name(text)), "")

    @property
    def year(self) -> int | None:
        """The reporting year of a column with a year as its label (2023年), if all its reports are of one year; else
        None. Not every column with reports of one year qualifies: next year it may show those of the next.
        """
        years = {lead.year for lead in self.reports}
        labelled = bool(self.labels) and latest_year(self.labels[-1]) is not None
        return years.pop() if labelled and len(years) == 1 else None


@dataclass(slots=True)
class KeptLists:
    """The lists worth keeping, and their ``leads`` by address; ``left``: the other lists by address, with reasons."""

    listings: list[ProbedListing] = field(default_factory=list)
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    left: dict[str, Row] = field(default_factory=dict)


def choose_lists(reads: Sequence[Read], place: str, body: str) -> KeptLists:
    """Return the lists with reports, without those that another complete list shows entirely. ``body``: the agency that
    has the whole site, "" if several share it.
    """
    kept = KeptLists()
    for one in reads:
        label, key = ">".join(one.labels), address_key(one.listing.url)
        is_untold = bool(one.labels) and one.look.outcome in SILENT | {LookOutcome.SCRIPT_ONLY}
        if not one.reports and (one.is_whole or one.look.reason in NOT_A_LISTING):
            continue  # a page that only leads to lists
        if not one.reports and not is_untold:
            if label:
                kept.left[key] = one.listing.url, label, one.look.reason or str(one.look.outcome)
        elif any(_shows_all(other, one, reads) for other in reads if other is not one):
            kept.left[key] = one.listing.url, label, "another_list_shows_it"
        else:
            _keep(kept, one, label, *_reporting_bodies(one, place, body))
    return kept


def _keep(kept: KeptLists, one: Read, label: str, agency: str, covers: tuple[str, ...]) -> None:
    listing = ProbedListing(
        url=one.listing.url, title=label or one.listing.column, form=str(one.listing.form), why=one.why,
        agency=agency, year=one.year, covers=covers, reports=len({lead.url for lead in one.reports}),
        outcome=str(one.look.outcome), reason=one.look.reason,
    )  # fmt: skip
    kept.listings.append(listing)
    for lead in one.reports:
        whose_report = lead.agency_name or agency or ("" if lead.is_report else body_name(lead.title)) or None
        row = {"title": lead.title, "url": lead.url, "agency": whose_report, "year": lead.year}
        held = kept.leads.get(lead.url)
        is_second = held is not None and name_two(held["title"], lead.title)
        key = f"{lead.url} {lead.title}" if is_second else lead.url
        kept.leads.setdefault(key, row | {"listing": one.listing.url})


def _reporting_bodies(one: Read, place: str, body: str) -> tuple[str, tuple[str, ...]]:
    """Return the one agency that a list belongs to ("" if several or unknown), and the kinds that its label names.

    A label that names the county (平度市政府信息公开年报) may stand for its government, or for all its agencies.
    """
    named = one.own_body
    printed = {names.complete(lead.agency_name, place or None).text for lead in one.reports if lead.agency_name}
    kind = names.kind_of(names.complete(named, place or None)) if named else None
    if named and (len(printed) < SEVERAL or kind is not AgencyKind.GOVERNMENT):
        return named, ()
    if kinds := next((kinds for label in reversed(one.labels) if (kinds := kinds_in_label(label))), ()):
        return "", tuple(str(kind) for kind in kinds)
    if body:
        return body, ()
    years = Counter(lead.year for lead in one.reports if lead.year is not None)
    unnamed = any(not lead.agency_name for lead in one.reports)
    of_many = any(names_many(lead.title) for lead in one.reports)  # 各单位2024年…: a page with reports of several
    of_several = unnamed and max(years.values(), default=0) > 1  # two reports on one year, not both with an agency
    is_of_one = len(printed) == 1 and len(one.reports) >= SEVERAL and not (of_many or of_several)
    return (printed.pop(), ()) if is_of_one else ("", ())


def _shows_all(other: Read, one: Read, reads: Sequence[Read]) -> bool:
    """Whether ``other`` was read to its end and shows all reports of the list ``one``; of equals, the first stays."""
    urls, shown = {lead.url for lead in one.reports}, {lead.url for lead in other.reports}
    if not other.is_whole or not urls or not urls <= shown:
        return False
    untold = {lead.url for lead in other.reports if not lead.agency_name}
    if urls & untold and one.own_body and not other.own_body:  # only this list tells the agency of these reports
        return False
    return urls < shown or (not one.is_whole, reads.index(one)) > (not other.is_whole, reads.index(other))


def notices_of(reads: Sequence[Read]) -> list[str]:
    """Return the addresses of the newest reports without an agency: they may be notices with the files of several."""
    leads = [lead for one in reads for lead in one.leads if lead.is_report or lead.confidence < SURELY_NONE]
    nobodys = {lead.url: lead for lead in leads if not lead.agency_name}
    years = {url: lead.year or (lead.listed.year - 1 if lead.listed else 0) for url, lead in nobodys.items()}
    return sorted(nobodys, key=lambda url: -years[url])[:MAX_NOTICES]


def agencies_of(place: str, given: Iterable[ProbedAgency], leads: Sequence[Mapping[str, Any]]) -> list[ProbedAgency]:
    """Return the agencies of a place, each once, with the page that names it. ``given``: those of lists and codes."""
    bodies = _Bodies(place)
    for one in given:
        bodies.put(one)
    for lead in leads:
        printed = str(lead["agency"] or "")
        for name in joined_names(printed) or (printed,):
            bodies.put(ProbedAgency(name, source=str(lead["listing"])), [int(lead["year"] or 0)])
    silent = (lead for lead in leads if not lead["agency"] and not names_many(str(lead["title"])))
    if place and (nobodys := next((str(lead["listing"]) for lead in silent), "")):  # mostly the government's reports
        bodies.put(ProbedAgency(names.complete(place).text, source=nobodys, guessed=True))
    return bodies.with_short_names()


class _Bodies:
    """Collects agencies by the first name that each was met under; ``place`` completes short names.

    A menu may omit divisions that titles print (江口镇人民政府, 重庆市武隆区江口镇人民政府). Both names must become one
    agency, else each of two would be called missing for the other's reports.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._county = names.complete(place or None).county
        self._alike: defaultdict[str, list[tuple[Name, str]]] = defaultdict(list)
        self._found: dict[str, ProbedAgency] = {}
        self._years: defaultdict[str, set[int]] = defaultdict(set)  # of the reports of each

    def put(self, printed: ProbedAgency, years: Iterable[int] = ()) -> None:
        """Add an agency as a page names it, unless it is of another place. ``years``: the years of its reports."""
        name = names.complete(body_name(printed.name), self._place or None)
        if not body_name(name.text) or (self._place and name.foreign):
            return
        known, text = self._known(name), self._in_full(name)
        self._years[known].update(years)
        held = self._found.get(known)
        if held is None:
            self._found[known] = replace(printed, name=text, kind=str(names.kind_of(name)))
            return
        spelt = (text,) if text not in (held.name, *held.aliases) else ()
        if printed.code and not held.code:
            held = replace(held, code=printed.code, source=printed.source)
        self._found[known] = replace(held, aliases=(*held.aliases, *spelt), guessed=held.guessed and printed.guessed)

    def with_short_names(self) -> list[ProbedAgency]:
        """Return the agencies; one with a short name becomes an alias of the only one with a longer form of it.

        Two names with a report on the same year stay two agencies; so does a short name that fits several.
        """
        made = dict(self._found)
        for short, body in self._found.items():
            others = (name for name, one in self._found.items() if name != short and one.kind == body.kind)
            longer = [name for name in others if shortens(short, name, self._place)]
            if len(longer) == 1 and longer[0] in made and not self._years[short] & self._years[longer[0]]:
                full = made[longer[0]]
                made[longer[0]] = replace(
                    full, code=full.code or body.code, aliases=(*full.aliases, short, *body.aliases),
                    guessed=full.guessed and body.guessed,
                )  # fmt: skip
                del made[short]
        return list(made.values())

    def _in_full(self, name: Name) -> str:
        """Return an agency's name with its autonomous county in full, which titles shorten (大通县审计局)."""
        own, county = name.county, self._county
        shortened = own and "自治" in county and len(own) < len(county) and divisions.same_division(own, county)
        return name.text.replace(own, county, 1) if shortened else name.text

    def _known(self, name: Name) -> str:
        """Return the first name under which this agency was met; names without a county must be equal to match."""
        for other, first in self._alike[key(name)]:
            if name.text == other.text or (name.county and other.county and is_one_name(name, other)):
                return first
        self._alike[key(name)].append((name, name.text))
        return name.text
