"""Which listing speaks for which duty, and since when that is known: structure, earlier appearance, or a ruling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.assessment.facts import ScopeEntry
from archive.projection.truth import PortalTruth
from storage.records import Agency, Listing, ListingForm, Ruling, RulingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """The scopes of a portal's listings, asked duty by duty."""

    truth: PortalTruth
    appeared: Mapping[tuple[str, str], datetime]
    rulings: Mapping[tuple[str, str], tuple[Ruling, ...]]

    def of(self, agency: Agency, year: int) -> tuple[ScopeEntry, ...]:
        """Give the listings that speak for ``agency`` in ``year``, one entry each, with the earliest known reason."""
        entries = (self._entry(listing, agency, year) for listing in self.truth.listings)
        return tuple(entry for entry in entries if entry is not None)

    def _entry(self, listing: Listing, agency: Agency, year: int) -> ScopeEntry | None:
        ruled = _ruled(self.rulings.get((listing.id, agency.id), ()), year)
        if ruled is not None and ruled.decision.get("covers") is False:
            return None
        reasons = []
        if listing.year in (None, year):
            if speaks_by_structure(listing, agency):
                reasons.append((self._structure_known(listing, agency), "structure"))
            if (listing.id, agency.id) in self.appeared:
                reasons.append((self.appeared[listing.id, agency.id], "appeared"))
        if ruled is not None:
            reasons.append((ruled.made_at, "ruling"))
        if not reasons:
            return None
        known_from, reason = min(reasons)
        return ScopeEntry(
            listing=listing.id,
            reason=reason,
            known_from=known_from,
            ended_at=listing.ended_at,
            addressed=listing.form is ListingForm.ADDRESSED,
        )

    def _structure_known(self, listing: Listing, agency: Agency) -> datetime:
        """Since when the listing has spoken for the agency without a break, by its rows."""
        known = listing.recorded_at
        for row in reversed(self.truth.listing_history.get(listing.id, ())):
            if not speaks_by_structure(row, agency) or row.year != listing.year:
                break
            known = row.recorded_at
        return known


def speaks_by_structure(listing: Listing, agency: Agency) -> bool:
    """Say whether the listing is the agency's own, or by the portal's structure one for agencies of its kind."""
    if listing.agency is not None:
        return listing.agency == agency.id
    return agency.kind in listing.covers


def scopes(truth: PortalTruth, appeared: Mapping[tuple[str, str], datetime]) -> Scopes:
    """Make the scopes; ``appeared``: (listing, agency) → when a report of the agency was first known to stand there."""
    return Scopes(truth=truth, appeared=appeared, rulings=_scope_rulings(truth.rulings))


def _scope_rulings(rulings: Iterable[Ruling]) -> dict[tuple[str, str], tuple[Ruling, ...]]:
    found: dict[tuple[str, str], tuple[Ruling, ...]] = {}
    for ruling in rulings:
        agency = ruling.decision.get("agency")
        if ruling.kind is RulingKind.SCOPE and isinstance(agency, str):
            found[ruling.subject, agency] = (*found.get((ruling.subject, agency), ()), ruling)
    return found


def _ruled(rulings: Iterable[Ruling], year: int) -> Ruling | None:
    """Give the newest ruling whose years include ``year``."""
    held = None
    for ruling in rulings:
        first, last = ruling.decision.get("from_year"), ruling.decision.get("to_year")
        if (first is None or int(first) <= year) and (last is None or year <= int(last)):
            held = ruling
    return held
