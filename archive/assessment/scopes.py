"""Find the listings in the scope of a duty: where its report should stand, why, and since when that is known.

A listing is in scope of an agency if the agency appeared on it before, if the portal's structure says so (the address
names the agency, or the column covers its kind), or if a person ruled so for the agency or all agencies of its kind. A
listing of one year, by its label or by what it showed, is in no scope of other years. What turned out to be no listing
(a preview of another list) is in no scope, except by a ruling.

What a listing showed tells whether it holds one year's reports only, and whether newer lists replaced it. Each report
shown is known from some time on, so such a conclusion holds for a span of as-of time. The rules L1 to L7 stand with
examples in ``docs/status-rules.md``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.assessment.facts import ALWAYS, ScopeEntry, keep_earliest
from storage.records import Agency, AgencyKind, Listing, ListingForm, Ruling, RulingKind

_YEAR = re.compile(r"(?<!\d)(20[0-2]\d)(?!\d)")
_LAST_YEAR = re.compile(  # 2021年及以前, 2016-2020年; 2021年前
    r"(?<!\d)(?:20[0-2]\d年?度?\s?(?:[-—–~～至到]|—{2})\s?)(20[0-2]\d)(?!\d)|(?<!\d)(20[0-2]\d)年?度?(?:[(（]含[)）])?[及和]?(?:其|之|以)?前"
)
_PAST = re.compile(r"往年|历史|以往|旧版|归档|存档|早期")
_MIN_SHARING = 3  # on one list: they do not all stop publishing at once
_ABANDONED_AFTER_YEARS = 3  # without a newer report on such a list
_ONE_OF_A_KIND = frozenset({AgencyKind.GOVERNMENT, AgencyKind.OFFICE})  # compared with agencies of all kinds


#: (listing, agency, year) → since when it is known that the listing showed this report.
Appearances = Mapping[tuple[str, str, int], datetime]


class Span(NamedTuple):
    """A half-open span of as-of time; ``until`` None: it has no end."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """True if ``at`` lies in the span."""
        return self.since <= at and (self.until is None or at < self.until)


_ALWAYS = Span(ALWAYS, None)


class _Grounds:
    """What decides whether one listing is in the scope of one duty."""

    def __init__(self, scopes: Scopes, name: str, agency: Agency, year: int) -> None:
        """Collect what is known of the listing (a portal's list) ``name`` for the report of ``agency`` on ``year``.
        ``rulings``: on the agency's kind, then those that name it, each oldest first: the last one made counts. A
        folder is a list of one year's reports; its sisters are those of other years.
        """
        self.agency, self.year, self.rows = agency, year, scopes.listings[name]
        rulings = [one for one in scopes.rulings.get(name, ()) if _includes_year(one, year)]
        on_kind = [one for one in rulings if not _names(one, agency) and one.decision.get("kind") == agency.kind]
        self.rulings = [*on_kind, *(one for one in rulings if _names(one, agency))]
        #: when the agency first appeared on it
        self.shown_since = scopes.agencies_on.get(name, {}).get(agency.id)
        #: while it was a folder of other years, was replaced by newer lists, or was known to be no listing
        self.other_years = scopes.spans_of_other_years(name, agency.kind, year)
        self.replaced = scopes.spans_replaced(name, agency.kind, year)
        self.no_listing = scopes.no_listings.get(name, ())
        self.is_year_folder = scopes.is_year_folder(name, year)
        self.sister_since = scopes.sister_since(name, agency, year) if self.is_year_folder else None

    def entries(self, *, beside_others: bool) -> list[ScopeEntry]:
        """Return the scope entries (each says that the report should stand on this list) over time: one for each
        stretch in which nothing changes. ``beside_others``: another listing is in the agency's scope, and this one is
        the folder of the year, so that it is in scope too.
        """
        first_recorded = self.rows[0].recorded_at
        edges = {edge for span in (*self.other_years, *self.replaced, *self.no_listing) for edge in span}
        cuts = {edge for edge in (edges | {self.sister_since}) if edge is not None and edge > first_recorded}
        cuts |= {row.recorded_at for row in self.rows} | {ruling.made_at for ruling in self.rulings}
        pieces: list[ScopeEntry] = []
        for cut in sorted(cuts | ({self.shown_since} if self.shown_since is not None else set())):
            entry = self._entry_at(cut, beside_others=beside_others)
            if pieces and pieces[-1].known_until is None:
                last = pieces[-1]
                if entry is not None and replace(entry, known_from=last.known_from) == last:
                    continue
                pieces[-1] = replace(last, known_until=cut)
            if entry is not None:
                pieces.append(entry)
        return pieces

    def _entry_at(self, cut: datetime, *, beside_others: bool) -> ScopeEntry | None:
        """Return the scope entry that holds from ``cut`` on, None if the listing (a portal's list) is not in scope, so
        that the report need not stand there. ``beside_others``: it is the folder of the year, and another listing is in
        scope: then it is, too. The entry ``proves``: absence from the listing means something by itself.
        """
        row = next((row for row in reversed(self.rows) if row.recorded_at <= cut), self.rows[0])
        ruling = next((ruling for ruling in reversed(self.rulings) if ruling.made_at <= cut), None)
        reason = self._reason(row, ruling, cut)
        proves = reason == "ruling" or not _any_holds(self.replaced, cut)  # a list that was left proves nothing alone
        if reason is None and ruling is None:
            proves = self.sister_since is not None and self.sister_since <= cut
            reason = "structure" if beside_others or proves else None
        if reason is None or (ruling is None and _any_holds(self.no_listing, cut)):
            return None
        ended = next(other.recorded_at for other in self.rows if other.ended_at == row.ended_at)
        return ScopeEntry(
            listing=row.id,
            reason=reason,
            known_from=cut,
            ended_at=row.ended_at,
            ended_known_from=None if row.ended_at is None else max(ended, row.ended_at),
            reason_since=self.shown_since if reason == "appeared" else None,
            listed_from=self.rows[0].recorded_at,
            proves=proves,
        )

    def _reason(self, row: Listing, ruling: Ruling | None, cut: datetime) -> str | None:
        """Return why the list should show the report: ``ruling``, ``structure`` (by its row), ``appeared``; or None."""
        if ruling is not None:
            # a ruling on a kind does not open one agency's own column for others
            may_apply = row.agency in (None, self.agency.id) or "kind" not in ruling.decision
            return "ruling" if may_apply and ruling.decision.get("covers", True) is not False else None
        if row.year is not None and row.year != self.year:
            return None
        if row.agency is not None:
            return "structure" if row.agency == self.agency.id else None
        if _any_holds(self.other_years, cut):
            return None
        if self.agency.kind in row.covers:
            return "structure"
        return "appeared" if self.shown_since is not None and self.shown_since <= cut else None


class _OneYearList(NamedTuple):
    """A shared listing that showed reports of one ``year`` only during ``span``; ``agencies``: since when shown."""

    listing: str
    year: int
    span: Span
    agencies: Mapping[str, datetime]


class Scopes:
    """The scopes of a portal's duties; ``entries_for`` returns that of one duty.
    ``listings``: id → every row, oldest first. ``rulings``: the latest one on a listing that names the agency counts
    before all other reasons; if none does, the latest that names its kind. ``kinds``: of the portal's agencies, by id.
    ``no_listings``: id of a listing that is none → while that is known.
    """

    def __init__(
        self,
        listings: Mapping[str, Sequence[Listing]],
        appearances: Appearances,
        rulings: Iterable[Ruling],
        kinds: Mapping[str, AgencyKind],
        no_listings: Mapping[str, tuple[Span, ...]],
    ) -> None:
        """Sort by agency and listing what is known. ``appearances``: (listing, agency, year) → since when it is known
        that the listing showed that report. ``_one_year_lists``: shared listings that for some time showed
        reports of one year only.
        """
        self.listings, self._kinds, self.no_listings = listings, kinds, no_listings
        self.rulings: dict[str, list[Ruling]] = defaultdict(list)
        for ruling in sorted(rulings, key=lambda ruling: (ruling.made_at, ruling.id)):
            if ruling.kind is RulingKind.SCOPE:
                self.rulings[ruling.subject].append(ruling)
        self._listings_of: dict[str | None, set[str]] = defaultdict(set)  # agency → its own listings; None: shared ones
        for name, rows in listings.items():
            for row in rows:
                self._listings_of[row.agency].add(name)
        self._years_on: dict[str, dict[int, datetime]] = defaultdict(dict)  # listing → years shown, since when known
        #: (listing, kind) → the same, only of reports by agencies of this kind
        self._years_of_kind: dict[tuple[str, AgencyKind | None], dict[int, datetime]] = defaultdict(dict)
        self.agencies_on: dict[str, dict[str, datetime]] = defaultdict(dict)  # listing → agencies shown, since when
        self._sightings: dict[str, list[tuple[str, int, datetime]]] = defaultdict(list)  # agency → listing, year, since
        years_of_portal: dict[int, datetime] = {}
        for (listing, agency, year), at in appearances.items():
            keep_earliest(self.agencies_on[listing], agency, at)
            keep_earliest(self._years_on[listing], year, at)
            keep_earliest(self._years_of_kind[listing, kinds.get(agency)], year, at)
            keep_earliest(years_of_portal, year, at)
            self._sightings[agency].append((listing, year, at))
        self._newest_of_portal = tuple(_newest_over_time(years_of_portal))
        shared = ((name, *self._first_year_while_alone(name)) for name in self.agencies_on if self._is_shared(name))
        self._one_year_lists = [
            _OneYearList(name, year, span, self.agencies_on[name]) for name, year, span in shared if year is not None
        ]
        self.spans_of_other_years, self.spans_replaced = cache(self._spans_of_other_years), cache(self._spans_replaced)

    def entries_for(self, agency: Agency, year: int) -> tuple[ScopeEntry, ...]:
        """Return the listings (lists) in scope of (expected to show) the report of ``agency`` on ``year``, each with
        its reason and times. The folder of the year is in scope of every agency that has another listing in scope, even
        if it never showed the agency: the new report will stand there. It ``proves`` something by itself only as
        ``sister_since`` says.
        """
        ruled = {name for name, rulings in self.rulings.items() if any(_names(one, agency) for one in rulings)}
        appeared = {listing for listing, _, _ in self._sightings.get(agency.id, ())}
        own_or_shared = self._listings_of[None] | self._listings_of[agency.id]
        names = sorted((own_or_shared | appeared | ruled) & self.listings.keys())
        names = [name for name in names if any(row.year in (None, year) for row in self.listings[name])]
        grounds = [_Grounds(self, name, agency, year) for name in names]
        scope = [one.entries(beside_others=False) for one in grounds]
        if any(scope):
            both = zip(grounds, scope, strict=True)
            scope = [one.entries(beside_others=True) if one.is_year_folder else entries for one, entries in both]
        return tuple(entry for entries in scope for entry in entries)

    def _row(self, listing: str) -> Listing | None:
        """Return the current row of a listing, None if there is none."""
        rows = self.listings.get(listing)
        return rows[-1] if rows else None

    def _is_shared(self, listing: str) -> bool:
        """True if a listing is a column that belongs to no single agency."""
        row = self._row(listing)
        return row is not None and row.agency is None and row.form is not ListingForm.ADDRESSED

    def is_year_folder(self, listing: str, year: int) -> bool:
        """True if a shared listing (a portal's list) without declared kinds is a folder of reports on ``year``: its row
        or label names it (a label may name the year of publication), or it showed reports of no other year and has an
        agency in common with folders of other years.
        """
        row = self._row(listing)
        if row is None or not self._is_shared(listing) or row.covers:
            return False
        if row.year is not None:
            return row.year == year
        if {year, year + 1} & years_named(row.column):
            return True
        (only, span), own_agencies = self._first_year_while_alone(listing), self.agencies_on.get(listing, {}).keys()
        sisters = self._other_shared_lists(listing) if only == year and span.until is None else ()
        return any(one.year != year and not own_agencies.isdisjoint(one.agencies) for one in sisters)

    def _first_year_while_alone(self, listing: str) -> tuple[int | None, Span]:
        """Return the year of which a listing showed reports first, and while it was the only one. A year in the
        listing's row always counts; the year is None if the listing showed nothing, or several years at once.
        """
        row, times = self._row(listing), sorted((at, year) for year, at in self._years_on.get(listing, {}).items())
        if row is not None and row.year is not None:
            return row.year, _ALWAYS
        if not times or (len(times) > 1 and times[0][0] == times[1][0]):
            return None, _ALWAYS
        return times[0][1], Span(times[0][0], times[1][0] if len(times) > 1 else None)

    def _other_shared_lists(self, listing: str) -> Iterator[_OneYearList]:
        """Yield every other shared listing of one year."""
        return (one for one in self._one_year_lists if one.listing != listing)

    def _shown_of_kind(self, listing: str, kind: AgencyKind) -> dict[str, datetime]:
        """Return the agencies of ``kind`` that a listing showed, and since when; of governments and offices: all."""
        agencies = self.agencies_on.get(listing, {})
        return {who: at for who, at in agencies.items() if kind in _ONE_OF_A_KIND or self._kinds.get(who) is kind}

    def _spans_of_other_years(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """Return the spans in which ``listing`` is known as a folder of other years: ``year`` is not expected (L2, L4).
        It showed reports of one other year only, and its label or address names that year, or a listing of one further
        year shares an agency of ``kind`` with it. While it has shown nothing, a label that names other years is enough.
        """
        row = self._row(listing)
        if row is None or row.year is not None:
            return ()
        years_shown, label_years = self._years_on.get(listing, {}), years_named(row.column)
        last_year, address_years = _last_year_named(row.column), years_named(_last_part(row.url))
        # a label may name the year of publication, which is the one after that of the reports
        if last_year is not None and (year > last_year or (year == last_year and year not in years_shown)):
            return (_ALWAYS,)
        names_others = bool(label_years) and not {year, year + 1} & label_years
        only, span = self._first_year_while_alone(listing)
        if only is None:
            return (_ALWAYS,) if names_others and not years_shown else ()
        spans = [Span(ALWAYS, span.since)] if names_others else []
        if only == year:
            return tuple(spans)
        if (names_others and {only, only + 1} & label_years) or (not label_years and address_years == {only}):
            spans.append(span)
        return (*spans, *self._spans_beside_sisters(listing, kind))

    def _spans_beside_sisters(self, listing: str, kind: AgencyKind) -> Iterator[Span]:
        """Yield the spans in which a shared listing of one other year had an agency of ``kind`` in common with
        ``listing`` while both showed one year only: such listings (portals' lists) are folders, one for each year.
        """
        only, span = self._first_year_while_alone(listing)
        own_agencies = self._shown_of_kind(listing, kind)
        for other in self._other_shared_lists(listing):
            shared = [max(at, other.agencies[who]) for who, at in own_agencies.items() if who in other.agencies]
            if shared and other.year != only:
                since = max(min(shared), span.since, other.span.since)
                until = min((end for end in (span.until, other.span.until) if end is not None), default=None)
                if until is None or since < until:
                    yield Span(since, until)

    def _spans_replaced(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """Return the spans in which ``listing`` was left, so that absence from it alone proves nothing (L5). An agency
        of ``kind`` that it showed has a newer report (up to ``year``) on another listing; or its label calls it a list
        of the past; or for years no list of the portal showed a newer report; or it showed several agencies, and for
        years no newer report of any of them. If it showed several of this kind, only they count: the government's list
        may go on after all departments have left it.
        """
        row = self._row(listing)
        if row is not None and row.year is not None:
            return ()
        own_agencies, is_shared = self._shown_of_kind(listing, kind), self._is_shared(listing)
        is_past = row is not None and is_shared and bool(_PAST.search(row.column))
        may_be_abandoned = is_shared and len(self.agencies_on.get(listing, {})) >= _MIN_SHARING
        has_several = kind not in _ONE_OF_A_KIND and len(own_agencies) >= _MIN_SHARING
        years_shown = self._years_of_kind[listing, kind] if has_several else self._years_on.get(listing, {})
        spans: list[Span] = []
        for span, newest in _newest_over_time(years_shown):
            begins = [*self._newer_elsewhere(listing, own_agencies, newest, year)]
            if is_past and newest < year:
                begins.append(span.since)
            elif may_be_abandoned and newest < year:
                begins.append(_when_abandoned(newest))
            spans += _from_first(begins, span)
        for span, newest in self._newest_of_portal:
            if _when_abandoned(newest) <= datetime(year + 1, 1, 1, tzinfo=UTC):  # before the report was due
                spans += _from_first([_when_abandoned(newest)], span)
        return tuple(spans)

    def _newer_elsewhere(
        self, listing: str, agencies: Mapping[str, datetime], newest: int, year: int
    ) -> Iterator[datetime]:
        """Yield since when other listings are known to show a report of these ``agencies`` (with the time since when
        they stand on ``listing``) on a year after ``newest``, up to ``year``.
        """
        for who, at in agencies.items():
            for other, published, known_from in self._sightings[who]:
                if other != listing and newest < published <= year:
                    yield max(known_from, at)

    def sister_since(self, listing: str, agency: Agency, year: int) -> datetime | None:
        """Return since when ``listing``, a folder of ``year``, is known to be where a report of ``agency`` would stand:
        it showed another agency of the same kind that a folder of another year shows beside this one (L3).
        """
        since = self._years_on.get(listing, {}).get(year)
        if since is None:
            return None
        sisters = {who: at for who, at in self._shown_of_kind(listing, agency.kind).items() if who != agency.id}
        times = [
            max(since, at, other.agencies[sister], other.agencies[agency.id])
            for other in self._other_shared_lists(listing)
            if other.year != year and agency.id in other.agencies
            for sister, at in sisters.items()
            if sister in other.agencies
        ]
        return min(times, default=None)


def _newest_over_time(years_shown: Mapping[int, datetime]) -> Iterator[tuple[Span, int]]:
    """Yield the spans from one shown year to the next (year → since when it is known), with the newest year in each."""
    times = sorted((at, year) for year, at in years_shown.items())
    newest = 0
    for index, (since, year) in enumerate(times, start=1):
        newest = max(newest, year)
        yield Span(since, times[index][0] if index < len(times) else None), newest


def _when_abandoned(newest: int) -> datetime:
    return datetime(newest + _ABANDONED_AFTER_YEARS, 1, 1, tzinfo=UTC)


def _from_first(begins: Sequence[datetime], span: Span) -> Iterator[Span]:
    """Yield what is left of a span from the first of ``begins`` on, if anything is."""
    since = max(span.since, min(begins)) if begins else None
    if since is not None and (span.until is None or since < span.until):
        yield Span(since, span.until)


def years_named(label: str) -> frozenset[int]:
    """Return the years that a label prints."""
    return frozenset(int(text) for text in _YEAR.findall(label))


def _last_year_named(label: str) -> int | None:
    """Return the last year of the range in a label (2021年及以前, 2016-2020年); None if it names no such range."""
    match = _LAST_YEAR.search(label)
    return int(match.group(1) or match.group(2)) if match else None


def _last_part(url: str) -> str:
    """Return the last folder of an address, without its index page."""
    parts = [part for part in urlsplit(url).path.split("/") if part and not part.startswith(("index", "list"))]
    return parts[-1] if parts else ""


def _names(ruling: Ruling, agency: Agency) -> bool:
    return ruling.decision.get("agency") == agency.id


def _includes_year(ruling: Ruling, year: int) -> bool:
    """True if a ruling's ``from_year`` and ``to_year``, where it has them, include ``year``."""
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    return (not isinstance(first, int) or first <= year) and (not isinstance(last, int) or year <= last)


def _any_holds(spans: Iterable[Span], at: datetime) -> bool:
    return any(span.holds(at) for span in spans)
