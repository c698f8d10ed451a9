"""Find listings that hold one year's reports only, and listings that newer ones replaced, by what they showed.

What a listing showed is known from proofs, each with its time; so everything here holds from a time on, or for a span
of as-of time. A declared year (``Listing.year``) needs no such judgement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """A report of ``agency`` on ``year`` (None: any) was proven to stand on ``listing``; ``known_from`` is the time of
    the proof.
    """

    listing: str
    agency: str
    known_from: datetime
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A span of as-of time, half open; ``until`` None is unbounded."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether ``at`` lies in it."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class _OneYear:
    """The one year of which a listing showed reports, and while it showed no other."""

    year: int
    span: Span


def years_named(label: str) -> frozenset[int]:
    """Give the years that a label prints."""
    return frozenset(int(text) for text in _YEAR.findall(label))


def last_year_named(label: str) -> int | None:
    """Give the last year of those that a label says it holds (2021年及以前, 2016-2020年); None where it says no such
    thing.
    """
    found = _LAST.search(label)
    return int(found.group(1) or found.group(2)) if found else None


class Folders:
    """What the listings of one portal showed, of whom, of which years, and since when that is known.

    ``listings``: the rows that hold now; ``kinds``: of the portal's agencies.
    """

    def __init__(
        self,
        listings: Iterable[Listing] = (),
        appearances: Iterable[Appearance] = (),
        kinds: Mapping[str, AgencyKind] | None = None,
    ) -> None:
        self._rows = {row.id: row for row in listings}
        self._kinds = kinds or {}
        self._years: dict[str, dict[int, datetime]] = {}
        self._on: dict[str, dict[str, datetime]] = {}
        self._of: dict[str, list[Appearance]] = {}
        for one in appearances:
            shown = self._on.setdefault(one.listing, {})
            shown[one.agency] = min(one.known_from, shown.get(one.agency, one.known_from))
            if one.year is not None:
                years = self._years.setdefault(one.listing, {})
                years[one.year] = min(one.known_from, years.get(one.year, one.known_from))
                self._of.setdefault(one.agency, []).append(one)
        self.of_other_years = cache(self._of_other_years)
        self.outlived = cache(self._outlived)

    def shown_since(self, listing: str, year: int) -> datetime | None:
        """Since when ``listing`` is known to show somebody's report on ``year``."""
        return self._years.get(listing, {}).get(year)

    def shows_only(self, listing: str, year: int) -> bool:
        """Whether ``listing`` never showed a report of another year, and shares an agency with folders of others."""
        one = self._only_year(listing)
        on = self._on.get(listing, {})
        if one is None or one.year != year or one.span.until is not None:
            return False
        return any(
            (sister := self._folder(other)) is not None and sister.year != year and not on.keys().isdisjoint(shown)
            for other, shown in self._on.items()
            if other != listing
        )

    def _only_year(self, listing: str) -> _OneYear | None:
        row = self._rows.get(listing)
        if row is not None and row.year is not None:
            return _OneYear(row.year, Span(_ALWAYS, None))
        times = sorted((at, year) for year, at in self._years.get(listing, {}).items())
        if not times or (len(times) > 1 and times[0][0] == times[1][0]):
            return None
        return _OneYear(times[0][1], Span(times[0][0], times[1][0] if len(times) > 1 else None))

    def _folder(self, listing: str) -> _OneYear | None:
        """Say of which one year a listing is that is no agency's own."""
        row = self._rows.get(listing)
        if row is None or row.agency is not None or row.form is ListingForm.ADDRESSED:
            return None
        return self._only_year(listing)

    def _first_shown_of_kind(self, listing: str, kind: AgencyKind) -> dict[str, datetime]:
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
        last = last_year_named(row.column)
        if last is not None and (year > last or (year == last and self.shown_since(listing, year) is None)):
            return (Span(_ALWAYS, None),)  # a label may name the year of publication
        years = years_named(row.column)
        elsewhen = bool(years) and not {year, year + 1} & years  # a label may name the year of publication
        one = self._only_year(listing)
        if one is None:
            return (Span(_ALWAYS, None),) if elsewhen and not self._years.get(listing) else ()
        found = [Span(_ALWAYS, one.span.since)] if elsewhen else []
        if one.year == year:
            return tuple(found)
        in_address = years_named(_last_part(row.url))
        if (elsewhen and {one.year, one.year + 1} & years) or (not years and in_address == {one.year}):
            found.append(one.span)
        kin = self._first_shown_of_kind(listing, kind)
        for other in self._on:
            sister = self._folder(other) if other != listing else None
            shared = sister and [max(at, self._on[other][who]) for who, at in kin.items() if who in self._on[other]]
            if sister is None or not shared or sister.year == one.year:
                continue
            ends = [end for end in (one.span.until, sister.span.until) if end is not None]
            span = Span(max(min(shared), one.span.since, sister.span.since), min(ends, default=None))
            if span.until is None or span.since < span.until:
                found.append(span)
        return tuple(found)

    def _outlived(self, listing: str, kind: AgencyKind, year: int) -> tuple[Span, ...]:
        """While ``listing`` showed nothing as new as what an agency of ``kind``, met on it before, published elsewhere:
        up to ``year``, newer reports stand in another place, and its silence proves nothing by itself. So it is where
        the list calls itself one of the past, and where several agencies stand on it and for years none of them
        published there: a column that was left.
        """
        row = self._rows.get(listing)
        if row is not None and row.year is not None:
            return ()
        kin = self._first_shown_of_kind(listing, kind)
        times = sorted((at, shown) for shown, at in self._years.get(listing, {}).items())
        found, newest = [], 0
        for place, (since, shown) in enumerate(times):
            newest = max(newest, shown)
            until = times[place + 1][0] if place + 1 < len(times) else None
            later = [
                max(one.known_from, at)
                for who, at in kin.items()
                for one in self._of.get(who, ())
                if one.listing != listing and one.year is not None and newest < one.year <= year
            ]
            begins = max(since, min(later)) if later else None
            if newest < year and self._is_left(listing):
                left = (
                    since
                    if row is not None and _PAST.search(row.column)
                    else datetime(newest + _STOPPED, 1, 1, tzinfo=UTC)
                )
                begins = min(filter(None, (begins, max(since, left))))
            if begins is not None and (until is None or begins < until):
                found.append(Span(begins, until))
        return tuple(found)

    def _is_left(self, listing: str) -> bool:
        """Whether a listing that shows nothing new for years may be one that was left: one of the past by its label,
        or no agency's own, on which several stood.
        """
        row = self._rows.get(listing)
        if row is None or row.agency is not None or row.form is ListingForm.ADDRESSED:
            return False
        return bool(_PAST.search(row.column)) or len(self._on.get(listing, {})) >= _SHARED

    def sister_since(self, listing: str, agency: str, kind: AgencyKind, year: int) -> datetime | None:
        """Since when ``listing``, a folder of ``year``, is known to be where a report of ``agency`` would stand: a
        folder of another year showed the agency together with one of its kind that stands here now.
        """
        row = self._rows.get(listing)
        shown = self.shown_since(listing, year)
        if row is None or row.agency is not None or shown is None:
            return None
        kin = self._first_shown_of_kind(listing, kind)
        times = []
        for other, on in self._on.items():
            sister = self._folder(other) if other != listing and agency in on else None
            if sister is None or sister.year == year:
                continue
            times += [max(shown, at, on[who], on[agency]) for who, at in kin.items() if who in on and who != agency]
        return min(times, default=None)


def _last_part(url: str) -> str:
    parts = [part for part in urlsplit(url).path.split("/") if part and not part.startswith(("index", "list"))]
    return parts[-1] if parts else ""
