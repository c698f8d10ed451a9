"""Which listings speak for a duty, why, and since when that is known.

A listing speaks for an agency because the agency appeared on it before, because the portal's structure says so (the
address names the agency, or the column covers its kind), or because a person ruled so: for this agency, or for all
agencies of its kind. A listing of one year, be it declared or seen, speaks for no other year. What turned out to be no
listing (a preview of others) speaks for nobody, unless a person ruled that it does.

Which listings hold one year's reports only, and which newer ones replaced, is told by what they showed. That is known
from proofs, each with its time; so it holds from a time on, or for a span of as-of time.
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

from archive.assessment.facts import ALWAYS, ScopeEntry
from storage.records import Agency, AgencyKind, Listing, ListingForm, Ruling, RulingKind

_YEAR = re.compile(r"(?<!\d)(20[0-2]\d)(?!\d)")
_LAST = re.compile(  # 2021年及以前, 2016-2020年; 2021年前
    r"(?<!\d)(?:20[0-2]\d年?度?\s?(?:[-—–~～至到]|—{2})\s?)(20[0-2]\d)(?!\d)|(?<!\d)(20[0-2]\d)年?度?(?:[(（]含[)）])?[及和]?(?:其|之|以)?前"
)
_PAST = re.compile(r"往年|历史|以往|旧版|归档|存档|早期")
_SHARED = 3  # agencies of a list of which not all stop at once
_STOPPED = 3  # years after the newest report from which on such a list is one that nobody goes on with
_WHOLE = frozenset({AgencyKind.GOVERNMENT, AgencyKind.OFFICE})


#: Since when it is known that a report of an agency on a year was shown, by listing, agency and year.
Appearances = Mapping[tuple[str, str, int], datetime]


class Span(NamedTuple):
    """A span of as-of time, half open; ``until`` None is unbounded."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies in it."""
        return self.since <= at and (self.until is None or at < self.until)


_FOR_GOOD = Span(ALWAYS, None)


class _Grounds(NamedTuple):
    """What bears on whether one listing speaks for one duty: its ``rows``, since when the agency was shown on it,
    the ``rulings`` on the kind and behind them those on the agency, while it was a folder of ``other_years``,
    ``outlived`` or known to be ``no_listing``. ``sister``: since when it is one of folders that showed the agency.
    """

    agency: Agency
    year: int
    rows: Sequence[Listing]
    shown_since: datetime | None
    rulings: Sequence[Ruling]
    other_years: Sequence[Span]
    outlived: Sequence[Span]
    no_listing: Sequence[Span]
    sister: datetime | None

    def entries(self, *, beside: bool) -> list[ScopeEntry]:
        """Cut time at each row, sighting, ruling and turn, say what holds in each piece, and join like neighbours.

        ``beside``: another listing speaks for the agency, and this one is the folder of the year.
        """
        born = self.rows[0].recorded_at
        turns = {edge for span in (*self.other_years, *self.outlived, *self.no_listing) for edge in span}
        cuts = {edge for edge in (turns | {self.sister}) if edge is not None and edge > born}
        cuts |= {row.recorded_at for row in self.rows} | {ruling.made_at for ruling in self.rulings}
        pieces: list[ScopeEntry] = []
        for cut in sorted(cuts | ({self.shown_since} if self.shown_since is not None else set())):
            entry = self._entry_at(cut, beside=beside)
            if pieces and pieces[-1].known_until is None:
                last = pieces[-1]
                if entry is not None and replace(entry, known_from=last.known_from) == last:
                    continue
                pieces[-1] = replace(last, known_until=cut)
            if entry is not None:
                pieces.append(entry)
        return pieces

    def _entry_at(self, cut: datetime, *, beside: bool) -> ScopeEntry | None:
        """Say why the listing speaks for the agency from ``cut`` on; None if it does not."""
        row = next((row for row in reversed(self.rows) if row.recorded_at <= cut), self.rows[0])
        ruling = next((ruling for ruling in reversed(self.rulings) if ruling.made_at <= cut), None)
        reason = self._reason(row, ruling, cut)
        proves = reason == "ruling" or not _any_holds(self.outlived, cut)
        if reason is None and ruling is None:
            proves = self.sister is not None and self.sister <= cut
            reason = "structure" if beside or proves else None
        if reason is None or (ruling is None and _any_holds(self.no_listing, cut)):
            return None
        ended = next((other.recorded_at for other in self.rows if other.ended_at == row.ended_at), row.recorded_at)
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
        if ruling is not None:
            # a body's own column is nobody else's
            own = row.agency in (None, self.agency.id) or "kind" not in ruling.decision
            return "ruling" if own and ruling.decision.get("covers", True) is not False else None
        if row.year is not None and row.year != self.year:
            return None
        if row.agency is not None:
            return "structure" if row.agency == self.agency.id else None
        if _any_holds(self.other_years, cut):
            return None
        if self.agency.kind in row.covers:
            return "structure"
        return "appeared" if self.shown_since is not None and self.shown_since <= cut else None


class Scopes:
    """Which listings of a portal speak for its duties; asked duty by duty.

    ``listings``: every row of every listing, oldest first, by id. ``appearances``: where agencies appeared. The latest
    of the ``rulings`` on a listing that names an agency and year holds over the other reasons; where none names the
    agency, the latest that names its kind. ``kinds``: of the portal's agencies; ``no_listings``: ids of what is no
    listing, and while that is known.
    """

    def __init__(
        self,
        listings: Mapping[str, Sequence[Listing]],
        appearances: Appearances,
        rulings: Iterable[Ruling] = (),
        kinds: Mapping[str, AgencyKind] | None = None,
        no_listings: Mapping[str, tuple[Span, ...]] | None = None,
    ) -> None:
        self._listings, self._kinds, self._no_listings = listings, kinds or {}, no_listings or {}
        self._rulings: dict[str, list[Ruling]] = defaultdict(list)
        for ruling in sorted(rulings, key=lambda ruling: (ruling.made_at, ruling.id)):
            if ruling.kind is RulingKind.SCOPE:
                self._rulings[ruling.subject].append(ruling)
        self._of: dict[str | None, set[str]] = defaultdict(set)  # whose own a listing is or was, None: everybody's
        for name, rows in listings.items():
            for row in rows:
                self._of[row.agency].add(name)
        self._years: dict[str, dict[int, datetime]] = defaultdict(dict)  # by listing
        self._on: dict[str, dict[str, datetime]] = defaultdict(dict)  # by listing, the agencies that stood there
        self._shown: dict[str, list[tuple[str, int, datetime]]] = defaultdict(list)  # by agency: where, year, when
        for (listing, agency, year), at in appearances.items():
            agencies, years = self._on[listing], self._years[listing]
            agencies[agency] = min(at, agencies.get(agency, at))
            years[year] = min(at, years.get(year, at))
            self._shown[agency].append((listing, year, at))
        of_one_year = ((name, *self._only_year(name), on) for name, on in self._on.items() if self._is_shared(name))
        self._of_one_year = [(name, year, span, on) for name, year, span, on in of_one_year if year is not None]
        self._other_years, self._outlived = cache(self._while_of_other_years), cache(self._while_outlived)

    def of(self, agency: Agency, year: int) -> tuple[ScopeEntry, ...]:
        """Give the listings that speak for the report of ``agency`` on ``year``, each with its reason and its times.

        For whom any other listing speaks, the folder of the year speaks as well, though it was never seen there: a new
        folder is where the report will stand. By itself (``proves``) it does so only beside folders of other years that
        showed the agency, once one of its kind, seen on those too, stands on it.
        """
        ruled = {name for name, rulings in self._rulings.items() if any(_names(one, agency) for one in rulings)}
        appeared = {listing for listing, _, _ in self._shown.get(agency.id, ())}
        names = sorted((self._of[None] | self._of[agency.id] | appeared | ruled) & self._listings.keys())
        names = [name for name in names if any(row.year in (None, year) for row in self._listings[name])]
        grounds = [self._grounds(name, agency, year) for name in names]
        alone = [one.entries(beside=False) for one in grounds]
        if any(alone):
            alone = [
                one.entries(beside=True) if self._is_folder(name, year) else entries
                for name, one, entries in zip(names, grounds, alone, strict=True)
            ]
        return tuple(entry for entries in alone for entry in entries)

    def _grounds(self, name: str, agency: Agency, year: int) -> _Grounds:
        rulings = [one for one in self._rulings.get(name, ()) if _is_on(one, year)]
        on_kind = [one for one in rulings if not _names(one, agency) and one.decision.get("kind") == agency.kind]
        return _Grounds(
            agency=agency,
            year=year,
            rows=self._listings[name],
            shown_since=self._on.get(name, {}).get(agency.id),
            rulings=[*on_kind, *(one for one in rulings if _names(one, agency))],
            other_years=self._other_years(name, agency.kind, year),
            outlived=self._outlived(name, agency.kind, year),
            no_listing=self._no_listings.get(name, ()),
            sister=self._sister_since(name, agency, year) if self._is_folder(name, year) else None,
        )

    def _row(self, listing: str) -> Listing | None:
        """The row of a listing that holds now."""
        rows = self._listings.get(listing)
        return rows[-1] if rows else None

    def _is_shared(self, listing: str) -> bool:
        """Whether a listing is a column that is no agency's own."""
        row = self._row(listing)
        return row is not None and row.agency is None and row.form is not ListingForm.ADDRESSED

    def _is_folder(self, listing: str, year: int) -> bool:
        """Whether a listing that says nothing of whom it is for is the folder of a year in which the report may stand
        (a label may name the year of publication), by its name or by what it showed: it never showed a report of
        another year, and shares an agency with folders of others.
        """
        row = self._row(listing)
        if row is None or not self._is_shared(listing) or row.covers:
            return False
        if row.year is not None:
            return row.year == year
        if {year, year + 1} & years_named(row.column):
            return True
        (only, span), on = self._only_year(listing), self._on.get(listing, {}).keys()
        sisters = self._sisters(listing) if only == year and span.until is None else ()
        return any(other != year and not on.isdisjoint(agencies) for other, _, agencies in sisters)

    def _only_year(self, listing: str) -> tuple[int | None, Span]:
        """The one year of which a listing showed reports, and while it showed no other."""
        row, times = self._row(listing), sorted((at, year) for year, at in self._years.get(listing, {}).items())
        if row is not None and row.year is not None:
            return row.year, _FOR_GOOD
        if not times or (len(times) > 1 and times[0][0] == times[1][0]):
            return None, _FOR_GOOD
        return times[0][1], Span(times[0][0], times[1][0] if len(times) > 1 else None)

    def _sisters(self, listing: str) -> Iterator[tuple[int, Span, Mapping[str, datetime]]]:
        """The other listings of one year that are no agency's own, with whom they showed."""
        return ((year, span, on) for name, year, span, on in self._of_one_year if name != listing)

    def _shown_of_kind(self, listing: str, kind: AgencyKind) -> dict[str, datetime]:
        on = self._on.get(listing, {})
        return {agency: at for agency, at in on.items() if kind in _WHOLE or self._kinds.get(agency) is kind}

    def _while_of_other_years(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """While ``listing`` is the folder of another year than ``year`` and speaks for nobody's report on it.

        It showed reports of one other year alone, and either its label or address names that year, or a listing that
        showed one further year alone shares an agency of ``kind`` with it. A label that names other years alone is
        enough while nothing was seen there.
        """
        row = self._row(listing)
        if row is None or row.year is not None:
            return ()
        since_by_year, last, years = self._years.get(listing, {}), _last_year_named(row.column), years_named(row.column)
        if last is not None and (year > last or (year == last and year not in since_by_year)):
            return (_FOR_GOOD,)  # a label may name the year of publication
        elsewhen = bool(years) and not {year, year + 1} & years  # a label may name the year of publication
        only, span = self._only_year(listing)
        if only is None:
            return (_FOR_GOOD,) if elsewhen and not since_by_year else ()
        spans = [Span(ALWAYS, span.since)] if elsewhen else []
        if only == year:
            return tuple(spans)
        if (elsewhen and {only, only + 1} & years) or (not years and years_named(_last_part(row.url)) == {only}):
            spans.append(span)
        kin = self._shown_of_kind(listing, kind)
        for other, while_other, on in self._sisters(listing):
            shared = [max(at, on[who]) for who, at in kin.items() if who in on]
            if shared and other != only:
                since = max(min(shared), span.since, while_other.since)
                until = min((end for end in (span.until, while_other.until) if end is not None), default=None)
                spans += [Span(since, until)] if until is None or since < until else []
        return tuple(spans)

    def _while_outlived(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """While ``listing`` showed nothing as new as what an agency of ``kind``, met on it before, published elsewhere:
        up to ``year``, newer reports stand in another place, and its silence proves nothing by itself. So it is where
        the list calls itself one of the past, and where several agencies stand on it and for years none of them
        published there: a column that was left.
        """
        row = self._row(listing)
        if row is not None and row.year is not None:
            return ()
        kin = self._shown_of_kind(listing, kind)
        is_past = row is not None and self._is_shared(listing) and bool(_PAST.search(row.column))
        may_be_left = is_past or (self._is_shared(listing) and len(self._on.get(listing, {})) >= _SHARED)
        times = sorted((at, shown_year) for shown_year, at in self._years.get(listing, {}).items())
        spans, newest = [], 0
        for place, (since, shown_year) in enumerate(times):
            newest = max(newest, shown_year)
            until = times[place + 1][0] if place + 1 < len(times) else None
            begins = [
                max(known_from, at)
                for who, at in kin.items()
                for other, published, known_from in self._shown[who]
                if other != listing and newest < published <= year
            ]
            if may_be_left and newest < year:
                begins.append(since if is_past else datetime(newest + _STOPPED, 1, 1, tzinfo=UTC))
            if begins and (until is None or max(since, min(begins)) < until):
                spans.append(Span(max(since, min(begins)), until))
        return tuple(spans)

    def _sister_since(self, listing: str, agency: Agency, year: int) -> datetime | None:
        """Since when ``listing``, a folder of ``year``, is known to be where a report of ``agency`` would stand: a
        folder of another year showed the agency together with one of its kind that stands here now.
        """
        since = self._years.get(listing, {}).get(year)
        if since is None:
            return None
        times = [
            max(since, at, on[who], on[agency.id])
            for other, _, on in self._sisters(listing)
            for who, at in self._shown_of_kind(listing, agency.kind).items()
            if other != year and agency.id in on and who in on and who != agency.id
        ]
        return min(times, default=None)


def years_named(label: str) -> frozenset[int]:
    """Give the years that a label prints."""
    return frozenset(int(text) for text in _YEAR.findall(label))


def _last_year_named(label: str) -> int | None:
    """Give the last year of those that a label says it holds (2021年及以前, 2016-2020年); None where it says no such
    thing.
    """
    match = _LAST.search(label)
    return int(match.group(1) or match.group(2)) if match else None


def _last_part(url: str) -> str:
    parts = [part for part in urlsplit(url).path.split("/") if part and not part.startswith(("index", "list"))]
    return parts[-1] if parts else ""


def _names(ruling: Ruling, agency: Agency) -> bool:
    return ruling.decision.get("agency") == agency.id


def _is_on(ruling: Ruling, year: int) -> bool:
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    return (not isinstance(first, int) or first <= year) and (not isinstance(last, int) or year <= last)


def _any_holds(spans: Iterable[Span], at: datetime) -> bool:
    return any(span.holds(at) for span in spans)
