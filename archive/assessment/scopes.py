"""Which listings speak for a duty, why, and since when that is known.

A listing speaks for an agency because the agency appeared on it before, because the portal's structure says so (the
address names the agency, or the column covers its kind), or because a person ruled so: for this agency, or for all
agencies of its kind. A listing of one year, be it declared or seen, speaks for no other year. What turned out to be no
listing (a preview of others) speaks for nobody, unless a person ruled that it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from archive.assessment.facts import ScopeEntry
from archive.assessment.folders import Appearances, Folders, Span, years_named
from storage.records import Agency, AgencyKind, Listing, ListingForm, Ruling, RulingKind


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
        self.listings, self.no_listings = listings, no_listings or {}
        self.folders = Folders({name: rows[-1] for name, rows in listings.items()}, appearances, kinds or {})
        self.rulings: dict[str, list[Ruling]] = defaultdict(list)
        for ruling in sorted(rulings, key=lambda ruling: (ruling.made_at, ruling.id)):
            if ruling.kind is RulingKind.SCOPE:
                self.rulings[ruling.subject].append(ruling)
        self._of: dict[str | None, set[str]] = defaultdict(set)  # whose own a listing is or was, None: everybody's
        for name, rows in listings.items():
            for row in rows:
                self._of[row.agency].add(name)

    def of(self, agency: Agency, year: int) -> tuple[ScopeEntry, ...]:
        """Give the listings that speak for the report of ``agency`` on ``year``, each with its reason and its times.

        For whom any other listing speaks, the folder of the year speaks as well, though it was never seen there: a new
        folder is where the report will stand. By itself (``proves``) it does so only beside folders of other years that
        showed the agency, once one of its kind, seen on those too, stands on it.
        """
        ruled_listings = (name for name, rulings in self.rulings.items() if any(_names(one, agency) for one in rulings))
        names = self._of[None] | self._of[agency.id] | self.folders.listings_of(agency.id) | {*ruled_listings}
        grounds = [
            _Grounds(self, name, agency, year)
            for name in sorted(names & self.listings.keys())
            if any(row.year in (None, year) for row in self.listings[name])
        ]
        alone = [one.entries(beside=False) for one in grounds]
        if any(alone):
            alone = [
                one.entries(beside=True) if one.is_folder else entries
                for one, entries in zip(grounds, alone, strict=True)
            ]
        return tuple(entry for entries in alone for entry in entries)


class _Grounds:
    """What bears on whether one listing speaks for one duty: its ``rows``, since when the agency was ``shown`` on it,
    the ``rulings`` on the kind and behind them those on the agency, while it was a folder of ``other_years``,
    ``outlived`` or known to be ``no_listing``. ``is_folder``: of the year; ``sister``: since when it is one of folders
    that showed the agency.
    """

    def __init__(self, scopes: Scopes, name: str, agency: Agency, year: int) -> None:
        self.agency, self.year, self.rows, folders = agency, year, scopes.listings[name], scopes.folders
        self.shown = folders.shown_since(name, agency.id)
        rulings = [one for one in scopes.rulings.get(name, ()) if _is_on(one, year)]
        on_kind = [one for one in rulings if not _names(one, agency) and one.decision.get("kind") == agency.kind]
        self.rulings = [*on_kind, *(one for one in rulings if _names(one, agency))]
        self.other_years = folders.of_other_years(name, agency.kind, year)
        self.outlived = folders.outlived(name, agency.kind, year)
        self.no_listing = scopes.no_listings.get(name, ())
        self.is_folder = self._is_folder(folders)
        self.sister = folders.sister_since(name, agency.id, agency.kind, year) if self.is_folder else None

    def _is_folder(self, folders: Folders) -> bool:
        """Whether a listing that says nothing of whom it is for is the folder of a year in which the report may stand
        (a label may name the year of publication), by its name or by what it showed.
        """
        row, year = self.rows[-1], self.year
        if row.agency is not None or row.covers or row.form is ListingForm.ADDRESSED:
            return False
        if row.year is not None:
            return row.year == year
        return bool({year, year + 1} & years_named(row.column)) or folders.shows_only(row.id, year)

    def entries(self, *, beside: bool) -> list[ScopeEntry]:
        """Cut time at each row, sighting, ruling and turn, say what holds in each piece, and join like neighbours.

        ``beside``: another listing speaks for the agency.
        """
        born = self.rows[0].recorded_at
        turns = {edge for span in (*self.other_years, *self.outlived, *self.no_listing) for edge in span}
        cuts = {edge for edge in (turns | {self.sister}) if edge is not None and edge > born}
        cuts |= {row.recorded_at for row in self.rows} | {ruling.made_at for ruling in self.rulings}
        pieces: list[ScopeEntry] = []
        for cut in sorted(cuts | ({self.shown} if self.shown is not None else set())):
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
        reason = self._reason(row, ruling, appeared=self.shown is not None and self.shown <= cut)
        proves = reason == "ruling" or not _any_holds(self.outlived, cut)
        if reason in ("appeared", "structure") and row.agency is None and _any_holds(self.other_years, cut):
            reason = None
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
            reason_since=self.shown if reason == "appeared" else None,
            listed_from=self.rows[0].recorded_at,
            proves=proves,
        )

    def _reason(self, row: Listing, ruling: Ruling | None, *, appeared: bool) -> str | None:
        if ruling is not None:
            # a body's own column is nobody else's
            own = row.agency in (None, self.agency.id) or "kind" not in ruling.decision
            return "ruling" if own and ruling.decision.get("covers", True) is not False else None
        if row.year is not None and row.year != self.year:
            return None
        if row.agency is not None:
            return "structure" if row.agency == self.agency.id else None
        if self.agency.kind in row.covers:
            return "structure"
        return "appeared" if appeared else None


def _names(ruling: Ruling, agency: Agency) -> bool:
    return ruling.decision.get("agency") == agency.id


def _is_on(ruling: Ruling, year: int) -> bool:
    first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
    return (not isinstance(first, int) or first <= year) and (not isinstance(last, int) or year <= last)


def _any_holds(spans: Iterable[Span], at: datetime) -> bool:
    return any(span.holds(at) for span in spans)
