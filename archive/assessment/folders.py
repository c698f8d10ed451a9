"""Find listings that hold one year's reports only, and listings that newer ones replaced, by what they showed.

What a listing showed is known from proofs, each with its time; so everything here holds from a time on, or for a span
of as-of time. A declared year (``Listing.year``) needs no such judgement.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from storage.records import AgencyKind, Listing, ListingForm

_YEAR = re.compile(r"(?<!\d)(20[0-2]\d)(?!\d)")
_LAST = re.compile(  # 2021年及以前, 2016-2020年; 2021年前
    r"(?<!\d)(?:20[0-2]\d年?度?\s?(?:[-—–~～至到]|—{2})\s?)(20[0-2]\d)(?!\d)|(?<!\d)(20[0-2]\d)年?度?(?:[(（]含[)）])?[及和]?(?:其|之|以)?前"
)
_PAST = re.compile(r"往年|历史|以往|旧版|归档|存档|早期")
_SHARED = 3  # agencies of a list of which not all stop at once
_STOPPED = 3  # years after the newest report from which on such a list is one that nobody goes on with
_ALWAYS = datetime.min.replace(tzinfo=UTC)
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


def years_named(label: str) -> frozenset[int]:
    """Give the years that a label prints."""
    return frozenset(int(text) for text in _YEAR.findall(label))


def last_year_named(label: str) -> int | None:
    """Give the last year of those that a label says it holds (2021年及以前, 2016-2020年); None where it says no such
    thing.
    """
    match = _LAST.search(label)
    return int(match.group(1) or match.group(2)) if match else None


class Folders:
    """What the listings of one portal showed, of whom, of which years, and since when that is known.

    ``listings``: the rows that hold now, by id; ``kinds``: of the portal's agencies.
    """

    def __init__(
        self, listings: Mapping[str, Listing], appearances: Appearances, kinds: Mapping[str, AgencyKind]
    ) -> None:
        self._rows, self._kinds = listings, kinds
        self._years: dict[str, dict[int, datetime]] = defaultdict(dict)  # by listing
        self._on: dict[str, dict[str, datetime]] = defaultdict(dict)  # by listing, the agencies that stood there
        self._of: dict[str, list[tuple[str, int, datetime]]] = defaultdict(list)  # by agency: where, which year, when
        for (listing, agency, year), at in appearances.items():
            agencies, years = self._on[listing], self._years[listing]
            agencies[agency] = min(at, agencies.get(agency, at))
            years[year] = min(at, years.get(year, at))
            self._of[agency].append((listing, year, at))
        of_one_year = ((name, *self._only_year(name), on) for name, on in self._on.items() if self._is_shared(name))
        self._of_one_year = [(name, year, span, on) for name, year, span, on in of_one_year if year is not None]
        self.of_other_years = cache(self._of_other_years)
        self.outlived = cache(self._outlived)

    def listings_of(self, agency: str) -> set[str]:
        """Return the listings on which an agency appeared."""
        return {listing for listing, _, _ in self._of.get(agency, ())}

    def shown_since(self, listing: str, agency: str) -> datetime | None:
        """Return since when an agency is known to have appeared on a listing."""
        return self._on.get(listing, {}).get(agency)

    def shows_only(self, listing: str, year: int) -> bool:
        """Whether ``listing`` never showed a report of another year, and shares an agency with folders of others."""
        only, span = self._only_year(listing)
        if only != year or span.until is not None:
            return False
        on = self._on.get(listing, {}).keys()
        return any(other != year and not on.isdisjoint(agencies) for other, _, agencies in self._sisters(listing))

    def _only_year(self, listing: str) -> tuple[int | None, Span]:
        """The one year of which a listing showed reports, and while it showed no other."""
        row, times = self._rows.get(listing), sorted((at, year) for year, at in self._years.get(listing, {}).items())
        if row is not None and row.year is not None:
            return row.year, Span(_ALWAYS, None)
        if not times or (len(times) > 1 and times[0][0] == times[1][0]):
            return None, Span(_ALWAYS, None)
        return times[0][1], Span(times[0][0], times[1][0] if len(times) > 1 else None)

    def _is_shared(self, listing: str) -> bool:
        """Whether a listing is a column that is no agency's own."""
        row = self._rows.get(listing)
        return row is not None and row.agency is None and row.form is not ListingForm.ADDRESSED

    def _sisters(self, listing: str) -> Iterator[tuple[int, Span, Mapping[str, datetime]]]:
        """The other listings of one year that are no agency's own, with whom they showed."""
        return ((year, span, on) for name, year, span, on in self._of_one_year if name != listing)

    def _shown_of_kind(self, listing: str, kind: AgencyKind) -> dict[str, datetime]:
        on = self._on.get(listing, {})
        return {agency: at for agency, at in on.items() if kind in _WHOLE or self._kinds.get(agency) is kind}

    def _of_other_years(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """While ``listing`` is the folder of another year than ``year`` and speaks for nobody's report on it.

        It showed reports of one other year alone, and either its label or address names that year, or a listing that
        showed one further year alone shares an agency of ``kind`` with it. A label that names other years alone is
        enough while nothing was seen there.
        """
        row = self._rows.get(listing)
        if row is None or row.year is not None:
            return ()
        since_by_year, last, years = self._years.get(listing, {}), last_year_named(row.column), years_named(row.column)
        if last is not None and (year > last or (year == last and year not in since_by_year)):
            return (Span(_ALWAYS, None),)  # a label may name the year of publication
        elsewhen = bool(years) and not {year, year + 1} & years  # a label may name the year of publication
        only, span = self._only_year(listing)
        if only is None:
            return (Span(_ALWAYS, None),) if elsewhen and not since_by_year else ()
        spans = [Span(_ALWAYS, span.since)] if elsewhen else []
        if only == year:
            return tuple(spans)
        in_address = years_named(_last_part(row.url))
        if (elsewhen and {only, only + 1} & years) or (not years and in_address == {only}):
            spans.append(span)
        kin = self._shown_of_kind(listing, kind)
        for other, while_other, on in self._sisters(listing):
            shared = [max(at, on[who]) for who, at in kin.items() if who in on]
            if shared and other != only:
                since = max(min(shared), span.since, while_other.since)
                until = min((end for end in (span.until, while_other.until) if end is not None), default=None)
                spans += [Span(since, until)] if until is None or since < until else []
        return tuple(spans)

    def _outlived(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """While ``listing`` showed nothing as new as what an agency of ``kind``, met on it before, published elsewhere:
        up to ``year``, newer reports stand in another place, and its silence proves nothing by itself. So it is where
        the list calls itself one of the past, and where several agencies stand on it and for years none of them
        published there: a column that was left.
        """
        row = self._rows.get(listing)
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
                for other, published, known_from in self._of[who]
                if other != listing and newest < published <= year
            ]
            if may_be_left and newest < year:
                begins.append(since if is_past else datetime(newest + _STOPPED, 1, 1, tzinfo=UTC))
            if begins and (until is None or max(since, min(begins)) < until):
                spans.append(Span(max(since, min(begins)), until))
        return tuple(spans)

    def sister_since(self, listing: str, agency: str, kind: AgencyKind, year: int) -> datetime | None:
        """Since when ``listing``, a folder of ``year``, is known to be where a report of ``agency`` would stand: a
        folder of another year showed the agency together with one of its kind that stands here now.
        """
        row, since = self._rows.get(listing), self._years.get(listing, {}).get(year)
        if row is None or row.agency is not None or since is None:
            return None
        kin = self._shown_of_kind(listing, kind)
        times = [
            max(since, at, on[who], on[agency])
            for other, _, on in self._sisters(listing)
            for who, at in kin.items()
            if other != year and agency in on and who in on and who != agency
        ]
        return min(times, default=None)


def _last_part(url: str) -> str:
    parts = [part for part in urlsplit(url).path.split("/") if part and not part.startswith(("index", "list"))]
    return parts[-1] if parts else ""
